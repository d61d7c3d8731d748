//! Bags: random parts of the rows, each with rows held out that say when to stop.

use super::binned::BinnedTable;
use super::coarse::{CELLS, CoarseFeature, CoarseTable, SIDE};
use super::double::PairOf;
use super::loss::Loss;
use super::target::Rows;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// More held-out rows than these tell nothing new about when to stop.
const MOST_HELD_OUT: f64 = 50_000.0;

/// The rows of one bag in random order: first those to learn from, then those held out.
#[derive(Debug, Clone)]
pub(super) struct Bag {
    pub(super) rows: Vec<usize>,
    pub(super) learning: usize,
}

impl Bag {
    /// Draws a bag; of yes or no both parts have the same base rate.
    pub(super) fn draw(rows: &Rows<'_>, counted: &[usize], held_out: f64, seed: u64, number: usize) -> Self {
        let mut random = stream(seed, number);
        let share = held_out.min(MOST_HELD_OUT / counted.len() as f64);
        let (mut learning, mut aside) = (Vec::with_capacity(counted.len()), Vec::new());
        let classes = if rows.loss == Loss::Log { 2 } else { 1 };
        for class in 0..classes {
            let of_class = |&row: &usize| classes == 1 || (rows.outcome[row] > 0.5) == (class == 1);
            let mut drawn: Vec<usize> = counted.iter().copied().filter(of_class).collect();
            shuffle(&mut random, &mut drawn);
            let held = ((share * drawn.len() as f64).round() as usize).clamp(1, drawn.len() - 1);
            aside.extend_from_slice(&drawn[..held]);
            learning.extend_from_slice(&drawn[held..]);
        }
        // A stretch of the rows is then a random sample of them.
        shuffle(&mut random, &mut learning);
        let count = learning.len();
        learning.extend(aside);
        Self { rows: learning, learning: count }
    }
}

/// The random numbers of one bag.
pub(super) fn stream(seed: u64, number: usize) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(number as u64);
    random
}

pub(super) fn shuffle<T>(random: &mut ChaCha8Rng, items: &mut [T]) {
    for last in (1..items.len()).rev() {
        let bound = last as u64 + 1;
        let other = ((u128::from(random.next_u64()) * u128::from(bound)) >> 64) as usize;
        items.swap(last, other);
    }
}

/// What of the rows of a bag a fit looks at, in the order of the bag.
#[derive(Debug)]
pub(super) struct BagRows {
    pub(super) loss: Loss,
    pub(super) outcome: Vec<f64>,
    pub(super) weights: Option<Vec<f64>>,
    pub(super) offsets: Vec<f64>,
    pub(super) learning: usize,
}

impl BagRows {
    pub(super) fn new(bag: &Bag, rows: &Rows<'_>) -> Self {
        let of = |values: &[f64]| bag.rows.iter().map(|&row| values[row]).collect();
        Self {
            loss: rows.loss,
            outcome: of(rows.outcome),
            weights: rows.weights().map(of),
            offsets: bag.rows.iter().map(|&row| rows.offset(row)).collect(),
            learning: bag.learning,
        }
    }

    /// The outcome of the rows held out, and their weights.
    pub(super) fn held_out(&self) -> (&[f64], Option<&[f64]>) {
        (&self.outcome[self.learning..], self.weights.as_ref().map(|weights| &weights[self.learning..]))
    }

    /// The constant score that is right on average over the rows to learn from.
    pub(super) fn level(&self) -> f64 {
        let learning = self.learning;
        let weights = self.weights.as_ref().map(|weights| &weights[..learning]);
        self.loss.level(&self.offsets[..learning], &self.outcome[..learning], weights)
    }
}

/// The codes of every feature for the rows of a bag.
pub(super) fn bin_codes(bag: &Bag, table: &BinnedTable) -> Vec<Vec<u8>> {
    table.codes.iter().map(|codes| bag.rows.iter().map(|&row| codes[row]).collect()).collect()
}

/// The cells of every feature for the rows of a bag, in the order that the bag itself finds for levels.
#[derive(Debug)]
pub(super) struct BagCells {
    pub(super) codes: Vec<Vec<u8>>,
    /// The cell of each place in the order.
    order: Vec<Vec<u8>>,
}

impl BagCells {
    pub(super) fn new(bag: &Bag, table: &CoarseTable, rows: &BagRows) -> Self {
        let learning = ..rows.learning;
        let weights = rows.weights.as_ref().map(|weights| &weights[learning]);
        let of = |(feature, codes): (&CoarseFeature, &Vec<u8>)| {
            let mut cells: Vec<u8> = bag.rows.iter().map(|&row| codes[row]).collect();
            let order = feature.order(&cells[learning], &rows.outcome[learning], weights);
            let mut place = vec![0; order.len()];
            for (at, &cell) in order.iter().enumerate() {
                place[usize::from(cell)] = at as u8;
            }
            for cell in &mut cells {
                *cell = place[usize::from(*cell)];
            }
            (cells, order)
        };
        let (codes, order) = table.features.iter().zip(&table.codes).map(of).unzip();
        Self { codes, order }
    }

    /// Points by place in the bag's order, brought to the cells that all bags share.
    pub(super) fn shared(&self, pair: PairOf, points: &[f64]) -> Vec<f64> {
        let [rows, columns] = pair.map(|feature| &self.order[feature]);
        let mut shared = vec![0.0; CELLS];
        for (at_row, &row) in rows.iter().enumerate() {
            for (at_column, &column) in columns.iter().enumerate() {
                shared[usize::from(row) * SIDE + usize::from(column)] = points[at_row * SIDE + at_column];
            }
        }
        shared
    }
}
