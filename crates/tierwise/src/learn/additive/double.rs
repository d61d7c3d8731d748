//! Terms of two features each.

use super::coarse::{CELLS, CoarseFeature, CoarseTable, SIDE};
use super::pair_step::{CellSums, interaction, pair_step};
use super::rounds::Terms;
use super::step::Caution;
use std::ops::Range;

/// Two features by position, the lower first.
pub(super) type PairOf = [usize; 2];

/// The pairs of a bag.
#[derive(Debug)]
pub(super) struct Doubles<'a> {
    pub(super) table: &'a CoarseTable,
    pub(super) codes: &'a [Vec<u8>],
    pub(super) pairs: &'a [PairOf],
    pub(super) caution: Caution,
}

/// Rows that are looked at to rank pairs.
const RANKED_ON: usize = 100_000;

impl Doubles<'_> {
    /// How strong each pair's interaction is, given the slopes that single features leave.
    pub(super) fn strengths(&self, gradients: &[[f64; 2]]) -> Vec<f64> {
        let rows = 0..gradients.len().min(RANKED_ON);
        let mut sums = Self::room();
        let strength = |term: usize| {
            Self::clear(&mut sums);
            self.add(term, rows.clone(), &gradients[rows.clone()], &mut sums);
            interaction(&sums, self.size(term))
        };
        (0..self.pairs.len()).map(strength).collect()
    }

    fn features(&self, term: usize) -> [&CoarseFeature; 2] {
        self.pairs[term].map(|feature| &self.table.features[feature])
    }

    fn size(&self, term: usize) -> [usize; 2] {
        self.features(term).map(|feature| feature.cells)
    }

    fn columns(&self, term: usize, rows: Range<usize>) -> [&[u8]; 2] {
        self.pairs[term].map(|feature| &self.codes[feature][rows.clone()])
    }
}

/// The position of a cell; the remainders never apply and spare a check of the bounds.
#[inline(always)]
fn cell(row: u8, column: u8) -> usize {
    (usize::from(row) % SIDE) * SIDE + usize::from(column) % SIDE
}

impl Terms for Doubles<'_> {
    type Sums = Box<CellSums>;

    fn count(&self) -> usize {
        self.pairs.len()
    }

    fn places(&self, _: usize) -> usize {
        CELLS
    }

    fn room() -> Box<CellSums> {
        Box::new([[0.0; 2]; CELLS])
    }

    fn clear(sums: &mut Box<CellSums>) {
        sums.fill([0.0; 2]);
    }

    fn add(&self, term: usize, rows: Range<usize>, gradients: &[[f64; 2]], sums: &mut Box<CellSums>) {
        let [first, second] = self.columns(term, rows);
        for ((&row, &column), gradient) in first.iter().zip(second).zip(gradients) {
            let sum = &mut sums[cell(row, column)];
            *sum = [sum[0] + gradient[0], sum[1] + gradient[1]];
        }
    }

    fn join(sums: &mut Box<CellSums>, other: &Box<CellSums>) {
        for (sum, more) in sums.iter_mut().zip(other.iter()) {
            *sum = [sum[0] + more[0], sum[1] + more[1]];
        }
    }

    fn step(&self, term: usize, sums: &Box<CellSums>, _: f64, places: &mut [f64]) -> f64 {
        let Some((places, _)) = places.split_first_chunk_mut::<CELLS>() else { return 0.0 };
        let gain = pair_step(sums, self.size(term), self.caution, places);
        let [first, second] = self.features(term);
        if let (Some(row), true) = (first.unknown, first.unknown_is_neutral) {
            places[row * SIDE..(row + 1) * SIDE].fill(0.0);
        }
        if let (Some(column), true) = (second.unknown, second.unknown_is_neutral) {
            places.iter_mut().skip(column).step_by(SIDE).for_each(|place| *place = 0.0);
        }
        gain
    }

    fn apply(&self, term: usize, rows: Range<usize>, points: &[f64], scores: &mut [f64]) {
        let [first, second] = self.columns(term, rows);
        let Some((points, _)) = points.split_first_chunk::<CELLS>() else { return };
        for ((score, &row), &column) in scores.iter_mut().zip(first).zip(second) {
            *score += points[cell(row, column)];
        }
    }
}
