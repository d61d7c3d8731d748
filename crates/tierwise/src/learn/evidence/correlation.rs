//! How alike two columns of evidence are.

use crate::Outcome;

/// A column less its mean, each row times the root of its weight, scaled to length 1; a correlation is a product of two.
pub(super) struct Unit(Vec<f64>);

impl Unit {
    /// None where the column is the same in every row that carries weight.
    pub(super) fn new(column: &[f64], outcome: &Outcome<'_>) -> Option<Self> {
        let weights = outcome.row_weights();
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
        let mut counted = (0..column.len()).filter(|&row| weight(row) > 0.0).map(|row| column[row]);
        let first = counted.next()?;
        if counted.all(|value| value == first) {
            return None;
        }
        // The largest weight as unit, so that no square overflows.
        let most = weights.map_or(1.0, |weights| weights.iter().copied().fold(0.0, f64::max));
        let (sum, total) = column.iter().enumerate().fold((0.0, 0.0), |(sum, total), (row, value)| {
            let share = weight(row) / most;
            (sum + share * (value - first), total + share)
        });
        let mean = first + sum / total;
        let mut unit: Vec<f64> =
            column.iter().enumerate().map(|(row, value)| (weight(row) / most).sqrt() * (value - mean)).collect();
        let length = product(&unit, &unit).sqrt();
        for value in &mut unit {
            *value /= length;
        }
        Some(Self(unit))
    }

    /// Pearson's correlation, each row with its weight.
    pub(super) fn correlation(&self, other: &Self) -> f64 {
        product(&self.0, &other.0).clamp(-1.0, 1.0)
    }
}

/// The sum of products, in eight sums side by side: the same on every machine.
fn product(one: &[f64], other: &[f64]) -> f64 {
    const LANES: usize = 8;
    let (chunks, others) = (one.chunks_exact(LANES), other.chunks_exact(LANES));
    let rest: f64 = chunks.remainder().iter().zip(others.remainder()).map(|(one, other)| one * other).sum();
    let mut sums = [0.0; LANES];
    for (one, other) in chunks.zip(others) {
        for lane in 0..LANES {
            sums[lane] += one[lane] * other[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}
