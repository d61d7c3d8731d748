//! The best way to join neighbouring cells into bins where rates may take any course: then the best binning up to a cut
//! does not depend on what its last bin is, and many more cells can be searched.

use super::objective::Objective;
use super::optimum::{Limits, Optimum, at, worth};

/// The best binning of the cells; `None` where even all of them together break a limit.
pub(super) fn solve_free(first: &[f64], second: &[f64], objective: &Objective, limits: &Limits) -> Option<Optimum> {
    let cells = first.len() - 1;
    let mut values = vec![f64::NEG_INFINITY; cells * (cells + 1) / 2];
    // How many starts each end allows: the later ones make bins that are too small.
    let mut starts = vec![0; cells + 1];
    for end in 1..=cells {
        for start in 0..end {
            let Some(value) = worth([first, second], (start, end), objective, limits) else { break };
            values[at(start, end)] = value;
            starts[end] = start + 1;
        }
    }
    let bins = Bins { values, starts };
    let mut total = bins.nothing();
    let mut from = vec![0; cells + 1];
    for end in 1..=cells {
        (total[end], from[end]) = bins.best_to(end, &total);
    }
    let free = trace(&[from], cells, |_| 0);
    if total[cells] == f64::NEG_INFINITY {
        return None;
    }
    if free.len() < limits.max_bins {
        return Some(Optimum { cuts: free, value: total[cells] });
    }
    bins.with_at_most(limits.max_bins)
}

struct Bins {
    values: Vec<f64>,
    starts: Vec<usize>,
}

impl Bins {
    /// The totals before any bin: nothing is worth 0 where nothing is covered.
    fn nothing(&self) -> Vec<f64> {
        let mut total = vec![f64::NEG_INFINITY; self.starts.len()];
        total[0] = 0.0;
        total
    }

    /// The best total up to a cut, and where its last bin starts.
    fn best_to(&self, end: usize, before: &[f64]) -> (f64, u16) {
        let values = &self.values[at(0, end)..][..self.starts[end]];
        let mut best = (f64::NEG_INFINITY, 0);
        for (start, (value, before)) in values.iter().zip(before).enumerate() {
            let total = value + before;
            if total > best.0 {
                best = (total, start as u16);
            }
        }
        best
    }

    /// One more table per number of bins.
    fn with_at_most(&self, most: usize) -> Option<Optimum> {
        let cells = self.starts.len() - 1;
        let mut before = self.nothing();
        let mut layers: Vec<Vec<u16>> = Vec::with_capacity(most);
        let mut best: Option<Optimum> = None;
        for layer in 0..most {
            let (mut total, mut from) = (vec![f64::NEG_INFINITY; cells + 1], vec![0; cells + 1]);
            for end in 1..=cells {
                (total[end], from[end]) = self.best_to(end, &before);
            }
            layers.push(from);
            let value = total[cells];
            if value > best.as_ref().map_or(f64::NEG_INFINITY, |best| best.value) {
                best = Some(Optimum { cuts: trace(&layers, cells, |bins_after| layer - bins_after), value });
            }
            before = total;
        }
        best
    }
}

/// Follows the starts of last bins back from the last cut; `layer` gives the table after so many bins.
fn trace(from: &[Vec<u16>], cells: usize, layer: impl Fn(usize) -> usize) -> Vec<usize> {
    let mut cuts = Vec::new();
    let mut end = usize::from(from[layer(0)][cells]);
    while end > 0 {
        cuts.push(end);
        end = usize::from(from[layer(cuts.len())][end]);
    }
    cuts.reverse();
    cuts
}
