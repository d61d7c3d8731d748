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
    /// Cells of about equally many rows. Levels come in the order of their mean outcome, drawn to the overall mean, so
    /// that levels that are alike are neighbours and share a cell where there are too many of them.
    fn new(table: &BinnedTable, index: usize, rows: &Rows<'_>) -> Self {
        let feature = &table.features[index];
        let mut weight = vec![0.0; feature.bins + 1];
        let mut outcome = vec![0.0; feature.bins + 1];
        for (row, &bin) in table.codes[index].iter().enumerate() {
            weight[usize::from(bin)] += rows.weight(row);
            outcome[usize::from(bin)] += rows.weight(row) * rows.outcome[row];
        }
        let has_unknown = weight[feature.bins] > 0.0;
        let mut order: Vec<usize> = (0..feature.bins).collect();
        if !feature.ordered {
            const DRAWN: f64 = 2.0;
            let mean = outcome.iter().sum::<f64>() / weight.iter().sum::<f64>();
            let rate = |bin: usize| (outcome[bin] + DRAWN * mean) / (weight[bin] + DRAWN);
            order.sort_by(|&a, &b| rate(a).total_cmp(&rate(b)).then(a.cmp(&b)));
        }
        let mut cell_of = vec![0; feature.bins + 1];
        let known = share_evenly(&order, &weight, SIDE - usize::from(has_unknown), &mut cell_of);
        cell_of[feature.bins] = if has_unknown { known as u8 } else { 0 };
        Self {
            cells: known + usize::from(has_unknown),
            cell_of,
            unknown: has_unknown.then_some(known),
            unknown_is_neutral: !feature.unknown_counts,
        }
    }
}

/// Gives bins, in this order, to at most so many cells; returns how many.
fn share_evenly(order: &[usize], weight: &[f64], most: usize, cell_of: &mut [u8]) -> usize {
    if order.len() <= most {
        for (cell, &bin) in order.iter().enumerate() {
            cell_of[bin] = cell as u8;
        }
        return order.len();
    }
    let mut left: f64 = order.iter().map(|&bin| weight[bin]).sum();
    let (mut cell, mut inside) = (0, 0.0);
    for &bin in order {
        cell_of[bin] = cell as u8;
        inside += weight[bin];
        if cell + 1 < most && inside >= left / (most - cell) as f64 {
            left -= inside;
            inside = 0.0;
            cell += 1;
        }
    }
    order.last().map_or(0, |&bin| usize::from(cell_of[bin]) + 1)
}
