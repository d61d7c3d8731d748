//! What is learned, row by row.

use super::loss::Loss;
use std::borrow::Cow;

/// The outcome of each row, its weight (of mean 1 where given) and a known part of its score.
#[derive(Debug)]
pub(super) struct Rows<'a> {
    pub(super) loss: Loss,
    pub(super) outcome: &'a [f64],
    pub(super) weights: Option<Cow<'a, [f64]>>,
    pub(super) offsets: Option<&'a [f64]>,
}

impl<'a> Rows<'a> {
    /// Weights are brought to mean 1 over the rows that have any: then no setting depends on their unit.
    pub(super) fn new(loss: Loss, outcome: &'a [f64], weights: Option<&[f64]>, offsets: Option<&'a [f64]>) -> Self {
        let weights = weights.map(|weights| {
            let counted = weights.iter().filter(|&&weight| weight > 0.0).count() as f64;
            let mean: f64 = weights.iter().map(|weight| weight / counted).sum();
            Cow::Owned(weights.iter().map(|weight| weight / mean).collect())
        });
        Self { loss, outcome, weights, offsets }
    }

    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }

    pub(super) fn offset(&self, row: usize) -> f64 {
        self.offsets.map_or(0.0, |offsets| offsets[row])
    }

    pub(super) fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    pub(super) fn total_weight(&self) -> f64 {
        (0..self.outcome.len()).map(|row| self.weight(row)).sum()
    }
}
