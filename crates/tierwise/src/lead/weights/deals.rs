//! Closed deals laid out for fitting: points within each stretch, standardised, the folds one after the other.

use super::stretches::Stretch;
use crate::learn::DenseTable;
use crate::scorecard::Scorecard;
use crate::{Columns, Error, Outcome, Result};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::ops::Range;

/// The deals that carry weight, in an order that follows from what they hold and not from the order of the rows.
#[derive(Debug)]
pub(super) struct Deals {
    /// One standardised column per stretch whose points vary.
    pub(super) table: DenseTable,
    /// The standardised score of the expert card, as a table of one column.
    pub(super) score: DenseTable,
    /// The rows of each fold.
    pub(super) folds: Vec<Range<usize>>,
    /// The stretch of each column.
    pub(super) varying: Vec<usize>,
    /// The characteristic of each column, for messages.
    pub(super) names: Vec<String>,
    /// Mean and standard deviation of the points within each stretch; the deviation is 0 where they are all the same.
    pub(super) means: Vec<f64>,
    pub(super) spreads: Vec<f64>,
    /// The standard deviation of the expert card's score.
    pub(super) score_spread: f64,
    /// The share of the positive class.
    pub(super) rate: f64,
    pub(super) total_weight: f64,
    /// Deals of the rarer outcome.
    pub(super) rarer: usize,
}

/// Lays the deals out in `folds` folds, or as many as the rarer outcome has deals.
///
/// # Errors
/// [`Error::NoVariation`] when the card gives every deal the same score.
pub(super) fn lay_out(
    card: &Scorecard,
    stretches: &[Stretch],
    data: &Columns<'_>,
    outcome: &Outcome<'_>,
    folds: usize,
    seed: u64,
) -> Result<Deals> {
    let points = points_of(card, data);
    let weight = |row: usize| outcome.row_weights().map_or(1.0, |weights| weights[row]);
    let rows = canonical_order(&points, outcome, weight);
    let rarer = rows.iter().filter(|&&row| outcome.values()[row] == 1.0).count();
    let rarer = rarer.min(rows.len() - rarer);
    let (rows, folds) = in_folds(rows, outcome.values(), folds.min(rarer).max(1), seed);

    let weights: Vec<f64> = rows.iter().map(|&row| weight(row)).collect();
    let outcomes: Vec<f64> = rows.iter().map(|&row| outcome.values()[row]).collect();
    let total_weight: f64 = weights.iter().sum();
    let rate = weights.iter().zip(&outcomes).map(|(weight, won)| weight * won).sum::<f64>() / total_weight;
    let mut deals = Deals {
        table: DenseTable { columns: Vec::new(), outcome: outcomes.clone(), weight: weights.clone() },
        score: DenseTable { columns: Vec::new(), outcome: outcomes, weight: weights },
        folds,
        varying: Vec::new(),
        names: Vec::new(),
        means: Vec::with_capacity(stretches.len()),
        spreads: Vec::with_capacity(stretches.len()),
        score_spread: 0.0,
        rate,
        total_weight,
        rarer,
    };
    let mut score = vec![0.0; rows.len()];
    for (index, stretch) in stretches.iter().enumerate() {
        let points = &points[stretch.characteristic];
        let column: Vec<f64> = rows.iter().map(|&row| stretch.within(points[row])).collect();
        score.iter_mut().zip(&column).for_each(|(sum, points)| *sum += points);
        let name = &card.spec().characteristics[stretch.characteristic].name;
        deals.add(index, name, column);
    }
    let (mean, spread) = deals.moments(&score);
    if spread == 0.0 {
        return Err(no_variation(card));
    }
    deals.score_spread = spread;
    deals.score.columns.push(score.into_iter().map(|score| (score - mean) / spread).collect());
    Ok(deals)
}

impl Deals {
    fn add(&mut self, stretch: usize, name: &str, column: Vec<f64>) {
        let (mean, spread) = self.moments(&column);
        self.means.push(mean);
        self.spreads.push(spread);
        if spread > 0.0 {
            self.varying.push(stretch);
            self.names.push(name.to_owned());
            self.table.columns.push(column.into_iter().map(|points| (points - mean) / spread).collect());
        }
    }

    /// Weighted mean and standard deviation; a spread that is rounding only is 0.
    fn moments(&self, column: &[f64]) -> (f64, f64) {
        const ROUNDING: f64 = 1e-12;
        let share = |weight: &f64| weight / self.total_weight;
        let pairs = || column.iter().zip(&self.table.weight);
        let mean: f64 = pairs().map(|(points, weight)| points * share(weight)).sum();
        let variance: f64 = pairs().map(|(points, weight)| (points - mean).powi(2) * share(weight)).sum();
        let largest = column.iter().fold(0.0, |largest: f64, points| largest.max(points.abs()));
        let spread = variance.sqrt();
        (mean, if spread > ROUNDING * largest && spread.is_normal() { spread } else { 0.0 })
    }
}

/// The points of every row, one column per characteristic.
fn points_of(card: &Scorecard, data: &Columns<'_>) -> Vec<Vec<f64>> {
    let columns = card.sum().parts().iter().map(|part| {
        let mut points = vec![0.0; data.rows()];
        part.for_each(data.column(part.feature), &mut points, |place, points| *place = points);
        points
    });
    columns.collect()
}

/// The rows with weight, by a hash of what they hold: rows that change places are either alike or sorted back.
fn canonical_order(points: &[Vec<f64>], outcome: &Outcome<'_>, weight: impl Fn(usize) -> f64) -> Vec<usize> {
    let mut keys: Vec<u64> = (0..outcome.values().len())
        .map(|row| mixed(mixed(outcome.values()[row].to_bits()) ^ weight(row).to_bits()))
        .collect();
    for column in points {
        keys.iter_mut().zip(column).for_each(|(key, points)| *key = mixed(*key ^ points.to_bits()));
    }
    let mut rows: Vec<usize> = (0..keys.len()).filter(|&row| weight(row) > 0.0).collect();
    rows.sort_by_key(|&row| keys[row]);
    rows
}

/// A one-to-one scrambling of 64 bits (Steele, Lea & Flood 2014, *Fast splittable pseudorandom number generators*).
fn mixed(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Deals the rows of each outcome out to the folds in turn, in an order drawn by lot.
fn in_folds(mut rows: Vec<usize>, outcome: &[f64], folds: usize, seed: u64) -> (Vec<usize>, Vec<Range<usize>>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for last in (1..rows.len()).rev() {
        let other = ((u128::from(random.next_u64()) * (last as u128 + 1)) >> 64) as usize;
        rows.swap(last, other);
    }
    let mut dealt: Vec<Vec<usize>> = vec![Vec::new(); folds];
    for class in [1.0, 0.0] {
        let members = rows.iter().filter(|&&row| outcome[row] == class);
        members.enumerate().for_each(|(place, &row)| dealt[place % folds].push(row));
    }
    let mut ranges = Vec::with_capacity(folds);
    let mut start = 0;
    for fold in &dealt {
        ranges.push(start..start + fold.len());
        start += fold.len();
    }
    (dealt.concat(), ranges)
}

fn no_variation(card: &Scorecard) -> Error {
    Error::NoVariation {
        columns: card.spec().characteristics.iter().map(|one| one.name.clone()).collect(),
        reason: "the card gives every deal the same score, so nothing can be learned about its points. Check the data, or the card".into(),
    }
}
