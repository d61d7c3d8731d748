//! Features in few cells, for what two of them do together.

use super::binned::BinnedTable;
use super::target::Rows;
use crate::parallel;

/// The most cells of one feature of a pair; two codes together count the cells of a table of `SIDE` by `SIDE`.
pub(super) const SIDE: usize = 32;
pub(super) const CELLS: usize = SIDE * SIDE;

/// How the bins of a feature fall into cells.
#[derive(Debug, Clone)]
pub(super) struct CoarseFeature {
    /// The cells, that of unknown included.
    pub(super) cells: usize,
    /// The cell of each bin; the last entry is that of unknown.
    pub(super) cell_of: Vec<u8>,
    /// The cell of unknown, where unknown occurs.
    pub(super) unknown: Option<usize>,
    /// Whether unknown earns no points.
    pub(super) unknown_is_neutral: bool,
    /// Whether neighbouring cells are neighbours in value.
    ordered: bool,
}

/// The whole table in cells.
#[derive(Debug)]
pub(super) struct CoarseTable {
    pub(super) features: Vec<CoarseFeature>,
    pub(super) codes: Vec<Vec<u8>>,
}

impl CoarseTable {
    pub(super) fn new(table: &BinnedTable, rows: &Rows<'_>) -> Self {
        let columns = (0..table.features.len()).collect();
        let coarse = parallel::map(columns, |index: usize| {
            let feature = CoarseFeature::new(table, index, rows);
            let codes = table.codes[index].iter().map(|&bin| feature.cell_of[usize::from(bin)]).collect();
            (feature, codes)
        });
        let (features, codes) = coarse.into_iter().unzip();
        Self { features, codes }
    }
}

impl CoarseFeature {
    /// Cells of about equally many rows; of a category one per level, and where there are too many the rarest share one.
    /// The outcome has no say: rows that a bag holds out must not have had one either.
    fn new(table: &BinnedTable, index: usize, rows: &Rows<'_>) -> Self {
        let feature = &table.features[index];
        let mut weight = vec![0.0; feature.bins + 1];
        for (row, &bin) in table.codes[index].iter().enumerate() {
            weight[usize::from(bin)] += rows.weight(row);
        }
        let has_unknown = weight[feature.bins] > 0.0;
        let most = SIDE - usize::from(has_unknown);
        let mut cell_of = vec![0; feature.bins + 1];
        let known = if feature.ordered {
            share_evenly(&weight[..feature.bins], most, &mut cell_of)
        } else {
            rarest_together(&weight[..feature.bins], most, &mut cell_of)
        };
        cell_of[feature.bins] = if has_unknown { known as u8 } else { 0 };
        Self {
            cells: known + usize::from(has_unknown),
            cell_of,
            unknown: has_unknown.then_some(known),
            unknown_is_neutral: !feature.unknown_counts,
            ordered: feature.ordered,
        }
    }

    /// The cells in the order of their mean outcome over the rows that a bag learns from, drawn to the overall mean, so
    /// that a cut parts what is low from what is high; those of an ordered feature as they are. Unknown stays last.
    pub(super) fn order(&self, codes: &[u8], outcome: &[f64], weights: Option<&[f64]>) -> Vec<u8> {
        const DRAWN: f64 = 2.0;
        let mut order: Vec<u8> = (0..self.cells as u8).collect();
        if self.ordered {
            return order;
        }
        let mut sums = vec![[0.0; 2]; self.cells];
        for (row, (&cell, &outcome)) in codes.iter().zip(outcome).enumerate() {
            let weight = weights.map_or(1.0, |weights| weights[row]);
            let sum = &mut sums[usize::from(cell)];
            *sum = [sum[0] + weight * outcome, sum[1] + weight];
        }
        let all = sums.iter().fold([0.0; 2], |all, one| [all[0] + one[0], all[1] + one[1]]);
        let rate = |cell: u8| {
            let [outcome, weight] = sums[usize::from(cell)];
            (outcome + DRAWN * all[0] / all[1]) / (weight + DRAWN)
        };
        let known = self.unknown.unwrap_or(self.cells);
        order[..known].sort_by(|&a, &b| rate(a).total_cmp(&rate(b)).then(a.cmp(&b)));
        order
    }
}

/// One cell for each of the most frequent bins, and one for all others where there are too many; returns how many.
fn rarest_together(weight: &[f64], most: usize, cell_of: &mut [u8]) -> usize {
    if weight.len() <= most {
        cell_of.iter_mut().take(weight.len()).enumerate().for_each(|(bin, cell)| *cell = bin as u8);
        return weight.len();
    }
    let mut order: Vec<usize> = (0..weight.len()).collect();
    order.sort_by(|&a, &b| weight[b].total_cmp(&weight[a]).then(a.cmp(&b)));
    for (place, bin) in order.into_iter().enumerate() {
        cell_of[bin] = place.min(most - 1) as u8;
    }
    most
}

/// Gives neighbouring bins to at most so many cells of about equally many rows; returns how many.
fn share_evenly(weight: &[f64], most: usize, cell_of: &mut [u8]) -> usize {
    if weight.len() <= most {
        cell_of.iter_mut().take(weight.len()).enumerate().for_each(|(bin, cell)| *cell = bin as u8);
        return weight.len();
    }
    let mut left: f64 = weight.iter().sum();
    let (mut cell, mut inside) = (0, 0.0);
    for (bin, &weight) in weight.iter().enumerate() {
        cell_of[bin] = cell as u8;
        inside += weight;
        if cell + 1 < most && inside >= left / (most - cell) as f64 {
            left -= inside;
            inside = 0.0;
            cell += 1;
        }
    }
    usize::from(cell_of[weight.len() - 1]) + 1
}
