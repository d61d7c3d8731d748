//! A table in which every value is the number of its bin: one byte per value, whatever it was.

use crate::feature::Kind;
use crate::learn::binning::round_edge;
use crate::{Columns, Feature, Unknown, parallel};

/// The most bins of a feature; one more code stands for unknown.
pub(super) const MOST_BINS: usize = 255;

/// Cut points come from at most so many rows, evenly spread over the table.
const SAMPLE: usize = 200_000;

/// How the values of one feature fall into bins.
#[derive(Debug, Clone)]
pub(super) struct BinnedFeature {
    /// Bins of known values; unknown has the code after the last.
    pub(super) bins: usize,
    /// Whether neighbouring bins are neighbours in value.
    pub(super) ordered: bool,
    /// Whether unknown earns points of its own; otherwise it earns none.
    pub(super) unknown_counts: bool,
    /// The lower ends of all bins of a number but the lowest.
    pub(super) cuts: Vec<f64>,
    /// The bin of each level of a category.
    pub(super) level_bins: Vec<u8>,
}

/// The table in bins, column by column.
#[derive(Debug)]
pub(super) struct BinnedTable {
    pub(super) features: Vec<BinnedFeature>,
    pub(super) codes: Vec<Vec<u8>>,
}

impl BinnedTable {
    /// Bins every column; rows without weight have no say in the cuts.
    pub(super) fn new(data: &Columns<'_>, weights: Option<&[f64]>, most: usize) -> Self {
        let columns = (0..data.features().len()).collect();
        let binned = parallel::map(columns, |index: usize| {
            let values = data.column(index);
            let feature = BinnedFeature::new(&data.features()[index], values, weights, most.min(MOST_BINS));
            let codes = values.iter().map(|&value| feature.code(value)).collect();
            (feature, codes)
        });
        let (features, codes) = binned.into_iter().unzip();
        Self { features, codes }
    }
}

impl BinnedFeature {
    fn new(feature: &Feature, values: &[f64], weights: Option<&[f64]>, most: usize) -> Self {
        let unknown_counts = feature.unknown() == Unknown::Own;
        let of = |bins, ordered, cuts, level_bins| Self { bins, ordered, unknown_counts, cuts, level_bins };
        match feature.kind() {
            Kind::YesNo => of(2, true, vec![0.5], Vec::new()),
            Kind::Number => {
                let cuts = cuts(sample(values, weights), most);
                of(cuts.len() + 1, true, cuts, Vec::new())
            }
            Kind::Category(levels) => {
                let level_bins = level_bins(levels.len(), values, weights, most);
                let bins = level_bins.iter().max().map_or(1, |&bin| usize::from(bin) + 1);
                of(bins, levels.len() <= 2, Vec::new(), level_bins)
            }
        }
    }

    fn code(&self, value: f64) -> u8 {
        if value.is_nan() {
            return self.bins as u8;
        }
        if self.level_bins.is_empty() {
            return self.cuts.partition_point(|&cut| cut <= value) as u8;
        }
        self.level_bins[value as usize]
    }
}

/// Known values in ascending order, of at most [`SAMPLE`] rows.
fn sample(values: &[f64], weights: Option<&[f64]>) -> Vec<f64> {
    let stride = values.len().div_ceil(SAMPLE).max(1);
    let rows = (0..values.len()).step_by(stride);
    let counted = rows.filter(|&row| !values[row].is_nan() && weights.is_none_or(|weights| weights[row] > 0.0));
    let mut known: Vec<f64> = counted.map(|row| values[row]).collect();
    known.sort_unstable_by(f64::total_cmp);
    known
}

/// A cut between any two distinct values where there are few; else cuts that leave about equally many rows in each bin,
/// a value that many rows have standing alone.
fn cuts(sorted: Vec<f64>, most: usize) -> Vec<f64> {
    let rows = sorted.len();
    let mut distinct: Vec<(f64, usize)> = Vec::new();
    for value in sorted {
        match distinct.last_mut() {
            Some((last, count)) if *last == value => *count += 1,
            _ => distinct.push((value, 1)),
        }
    }
    let between = |index: usize| round_edge(distinct[index].0, distinct[index + 1].0);
    if distinct.len() <= most {
        return (0..distinct.len().saturating_sub(1)).map(between).collect();
    }
    let mut cuts = Vec::with_capacity(most);
    let (mut left, mut bins_left, mut inside) = (rows, most, 0);
    for index in 0..distinct.len() - 1 {
        inside += distinct[index].1;
        let share = left as f64 / bins_left as f64;
        let next = distinct[index + 1].1 as f64;
        let stands_alone = next > share && inside as f64 + 0.5 * next >= share;
        if inside as f64 >= share || stands_alone {
            cuts.push(between(index));
            left -= inside;
            inside = 0;
            bins_left -= 1;
            if bins_left == 1 {
                break;
            }
        }
    }
    cuts
}

/// One bin per level; where there are too many, the rarest share the last bin.
fn level_bins(levels: usize, values: &[f64], weights: Option<&[f64]>, most: usize) -> Vec<u8> {
    if levels <= most {
        return (0..levels).map(|level| level as u8).collect();
    }
    let mut counts = vec![0.0; levels];
    for (row, &value) in values.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
        counts[value as usize] += weights.map_or(1.0, |weights| weights[row]);
    }
    let mut order: Vec<usize> = (0..levels).collect();
    order.sort_by(|&a, &b| counts[b].total_cmp(&counts[a]).then(a.cmp(&b)));
    let mut bins = vec![(most - 1) as u8; levels];
    for (bin, &level) in order.iter().take(most - 1).enumerate() {
        bins[level] = bin as u8;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_values_are_bins_of_their_own() {
        let cuts = cuts(vec![1.0, 1.0, 2.0, 5.0], 4);
        assert_eq!(cuts.len(), 2);
        assert!(1.0 < cuts[0] && cuts[0] <= 2.0 && 2.0 < cuts[1] && cuts[1] <= 5.0);
    }

    #[test]
    fn many_values_are_shared_evenly_and_a_frequent_one_stands_alone() {
        let mut values: Vec<f64> = (0..1000).map(f64::from).collect();
        values.extend(vec![400.0; 500]);
        values.sort_unstable_by(f64::total_cmp);
        let cuts = cuts(values, 20);
        assert!(cuts.len() <= 19 && cuts.len() > 10, "{cuts:?}");
        let alone = cuts.windows(2).any(|pair| 399.0 < pair[0] && pair[0] <= 400.0 && pair[1] <= 401.0);
        assert!(alone, "{cuts:?}");
    }

    #[test]
    fn the_rarest_levels_share_a_bin() {
        let values: Vec<f64> = (0..600).map(|row| f64::from(if row < 300 { row } else { row % 5 })).collect();
        let bins = level_bins(300, &values, None, 255);
        let shared: Vec<usize> = (0..300).filter(|&level| bins[level] == 254).collect();
        assert_eq!(shared.len(), 300 - 254);
        assert!((0..5).all(|level| bins[level] < 5));
    }
}
