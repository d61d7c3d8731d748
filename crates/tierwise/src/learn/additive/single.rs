//! Terms of one feature each.

use super::binned::BinnedTable;
use super::histogram::{CODES, GradientHistogram};
use super::rounds::Terms;
use super::step::{Caution, Direction, cut_step, level_step, newton_step};
use std::ops::Range;

/// The features of a bag.
#[derive(Debug)]
pub(super) struct Singles<'a> {
    table: &'a BinnedTable,
    codes: &'a [Vec<u8>],
    /// Rows to learn from, by code.
    rows: Vec<[f64; CODES]>,
    directions: &'a [Option<Direction>],
    caution: Caution,
}

impl<'a> Singles<'a> {
    pub(super) fn new(
        table: &'a BinnedTable,
        codes: &'a [Vec<u8>],
        learning: usize,
        directions: &'a [Option<Direction>],
        caution: Caution,
    ) -> Self {
        let count = |codes: &Vec<u8>| {
            let mut rows = [0.0; CODES];
            for &code in &codes[..learning] {
                rows[usize::from(code)] += 1.0;
            }
            rows
        };
        Self { table, codes, rows: codes.iter().map(count).collect(), directions, caution }
    }
}

impl Terms for Singles<'_> {
    type Sums = GradientHistogram;

    fn count(&self) -> usize {
        self.codes.len()
    }

    fn places(&self, _: usize) -> usize {
        CODES
    }

    fn room() -> GradientHistogram {
        GradientHistogram::new()
    }

    fn clear(sums: &mut GradientHistogram) {
        sums.clear();
    }

    fn add(&self, term: usize, rows: Range<usize>, gradients: &[[f64; 2]], sums: &mut GradientHistogram) {
        sums.add(&self.codes[term][rows], gradients);
    }

    fn join(sums: &mut GradientHistogram, other: &GradientHistogram) {
        sums.join(other);
    }

    fn step(&self, term: usize, sums: &GradientHistogram, dispersion: f64, places: &mut [f64]) -> f64 {
        let feature = &self.table.features[term];
        let sums = sums.sums();
        let mut full = [0.0; CODES];
        let known = &sums[..feature.bins];
        let gain = if feature.ordered {
            cut_step(known, &self.rows[term], self.caution, self.directions[term], dispersion, &mut full)
        } else {
            level_step(known, self.caution, &mut full)
        };
        let [slope, curvature] = sums[feature.bins];
        let unknown =
            if feature.unknown_counts { newton_step(slope, curvature + self.caution.level_smoothing) } else { 0.0 };
        places[..feature.bins].copy_from_slice(&full[..feature.bins]);
        places[feature.bins] = unknown;
        gain
    }

    fn apply(&self, term: usize, rows: Range<usize>, points: &[f64], scores: &mut [f64]) {
        let Some((points, _)) = points.split_first_chunk::<CODES>() else { return };
        for (score, &code) in scores.iter_mut().zip(&self.codes[term][rows]) {
            *score += points[usize::from(code)];
        }
    }
}
