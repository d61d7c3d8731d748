//! The inner loops of a logistic fit over one block of rows, written once and compiled for each instruction set that
//! the processor may have.

#![allow(clippy::inline_always, reason = "code takes on the instruction set of what it is inlined into")]

use super::partition::BLOCK;
use pulp::{Simd, WithSimd};

/// Columns of one tile of the curvature. 4 × 3 sums and their operands fill the 16 registers of AVX2, 8 × 3 the 32
/// of AVX-512.
const TALL: usize = 4;
const TALLER: usize = 8;
const WIDE: usize = 3;

/// One block of rows of the standardised design, and what is known of its rows.
///
/// The columns lie one after the other, [`BLOCK`] values each; the first holds ones (the intercept). Rows past
/// `rows` are zero throughout and have no weight.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) size: usize,
    pub(super) rows: usize,
    /// `padded(size)` columns from `aligned` on; those past `size` are zero.
    store: Vec<f64>,
    aligned: usize,
    pub(super) outcome: [f64; BLOCK],
    pub(super) weight: [f64; BLOCK],
    /// In: the offset. Out: the log-odds.
    pub(super) log_odds: [f64; BLOCK],
}

/// The columns that the tiles reach, for `size` columns.
pub(super) fn padded(size: usize) -> usize {
    size.next_multiple_of(TALLER * WIDE)
}

impl Block {
    /// Room for blocks of `size` columns, the intercept included.
    pub(super) fn new(size: usize) -> Self {
        const CACHE_LINE: usize = 64;
        const SPARE: usize = CACHE_LINE / size_of::<f64>();
        let store = vec![0.0; padded(size) * BLOCK + SPARE];
        // Columns that start on a cache line are read at full speed; any other start is merely slower.
        let aligned = store.as_ptr().align_offset(CACHE_LINE).min(SPARE);
        Self { size, rows: 0, store, aligned, outcome: [0.0; BLOCK], weight: [0.0; BLOCK], log_odds: [0.0; BLOCK] }
    }

    /// All columns, one after the other; the first is the intercept's.
    pub(super) fn columns(&self) -> &[f64] {
        &self.store[self.aligned..][..padded(self.size) * BLOCK]
    }

    /// All columns, to be filled.
    pub(super) fn columns_mut(&mut self) -> &mut [f64] {
        &mut self.store[self.aligned..][..padded(self.size) * BLOCK]
    }
}

/// Writes `(value - mean) * inverse` for each value of a column, and 0 where it is unknown.
#[derive(Debug)]
pub(super) struct Standardise<'a> {
    pub(super) values: &'a [f64],
    pub(super) mean: f64,
    pub(super) inverse: f64,
    pub(super) target: &'a mut [f64],
}

impl WithSimd for Standardise<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (target, &value) in self.target.iter_mut().zip(self.values) {
            let standardised = (value - self.mean) * self.inverse;
            *target = if standardised.is_nan() { 0.0 } else { standardised };
        }
    }
}

/// Adds one block's statistics at the coefficients `point`; returns its log-likelihood.
///
/// Margin, gradient and curvature are computed while the block is in cache; afterwards the block's columns are
/// scaled by the root curvature and of no further use when `curvature` was asked for.
#[derive(Debug)]
pub(super) struct AddBlock<'a> {
    pub(super) block: &'a mut Block,
    pub(super) point: &'a [f64],
    /// Gradient of the negative log-likelihood, one per column.
    pub(super) gradient: &'a mut [f64],
    /// `padded(size)`² sums by rows, of which the lower triangle counts; empty when not wanted.
    pub(super) curvature: &'a mut [f64],
}

impl WithSimd for AddBlock<'_> {
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        let Block { size, store, aligned, outcome, weight, log_odds, .. } = self.block;
        let columns = &mut store[*aligned..][..padded(*size) * BLOCK];
        for (column, &coefficient) in columns.chunks_exact(BLOCK).zip(self.point) {
            add_scaled(simd, log_odds, column, coefficient);
        }
        let mut residual = [0.0; BLOCK];
        let mut root_curvature = [0.0; BLOCK];
        let log_likelihood = fitted(outcome, weight, log_odds, &mut residual, &mut root_curvature);
        for (column, sum) in columns.chunks_exact(BLOCK).zip(self.gradient) {
            *sum += dot(simd, column, &residual);
        }
        if !self.curvature.is_empty() {
            for column in columns.chunks_exact_mut(BLOCK).take(*size) {
                multiply(simd, column, &root_curvature);
            }
            if S::F64_LANES >= 8 {
                add_gram::<S, TALLER>(simd, columns, *size, self.curvature);
            } else {
                add_gram::<S, TALL>(simd, columns, *size, self.curvature);
            }
        }
        log_likelihood
    }
}

/// Residual (weight times fitted minus actual) and root curvature of each row, from its log-odds.
#[inline(always)]
fn fitted(
    outcome: &[f64; BLOCK],
    weight: &[f64; BLOCK],
    log_odds: &[f64; BLOCK],
    residual: &mut [f64; BLOCK],
    root_curvature: &mut [f64; BLOCK],
) -> f64 {
    const LANES: usize = 8;
    let mut log_likelihood = [0.0; LANES];
    for start in (0..BLOCK).step_by(LANES) {
        for (lane, log_likelihood) in log_likelihood.iter_mut().enumerate() {
            let row = start + lane;
            let (actual, weight, log_odds) = (outcome[row], weight[row], log_odds[row]);
            let decay = exp(-log_odds.abs());
            let larger = 1.0 / (1.0 + decay);
            let smaller = decay * larger;
            let probability = if log_odds >= 0.0 { larger } else { smaller };
            residual[row] = weight * (probability - actual);
            root_curvature[row] = (weight * larger * smaller).sqrt();
            // ln p(actual) = min(s·log-odds, 0) - ln(1 + e^-|log-odds|), with s = ±1
            let signed = if actual > 0.5 { log_odds } else { -log_odds };
            let linear = if signed < 0.0 { signed } else { 0.0 };
            *log_likelihood += weight * (linear - ln_one_plus(decay));
        }
    }
    log_likelihood.iter().sum()
}

/// `e^x` for x <= 0, to about one unit in the last place; below -708 it is 0 to within 1e-307.
///
/// Without branches or table, so that it is computed in lanes. Scoring uses the portable `libm` instead.
#[inline(always)]
pub(super) fn exp(x: f64) -> f64 {
    const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1; // its last 32 bits are zero
    const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 · 2^52: adding it rounds to an integer in the low bits
    const INVERSE_FACTORIALS: [f64; 12] = [
        1.0 / 6_227_020_800.0,
        1.0 / 479_001_600.0,
        1.0 / 39_916_800.0,
        1.0 / 3_628_800.0,
        1.0 / 362_880.0,
        1.0 / 40_320.0,
        1.0 / 5_040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
    ];
    let x = if x < -708.0 { -708.0 } else { x };
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let power = shifted - ROUND;
    let rest = (x - power * LN_2_HIGH) - power * LN_2_LOW;
    let mut sum = INVERSE_FACTORIALS[0];
    for factor in &INVERSE_FACTORIALS[1..] {
        sum = sum * rest + factor;
    }
    let scale = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    (1.0 + (rest + rest * rest * sum)) * scale
}

/// `ln(1 + t)` for t in [0, 1], to a few units in the last place: 2 artanh(t / (2 + t)) by its series.
#[inline(always)]
pub(super) fn ln_one_plus(t: f64) -> f64 {
    const TERMS: u32 = 16;
    let s = t / (2.0 + t);
    let square = s * s;
    let mut sum = 1.0 / f64::from(2 * TERMS + 1);
    for term in (0..TERMS).rev() {
        sum = sum * square + 1.0 / f64::from(2 * term + 1);
    }
    2.0 * s * sum
}

#[inline(always)]
fn add_scaled<S: Simd>(simd: S, sum: &mut [f64; BLOCK], column: &[f64], factor: f64) {
    let factor = simd.splat_f64s(factor);
    let (sums, _) = S::as_mut_simd_f64s(sum);
    let (values, _) = S::as_simd_f64s(column);
    for (sum, &value) in sums.iter_mut().zip(values) {
        *sum = simd.mul_add_e_f64s(factor, value, *sum);
    }
}

#[inline(always)]
fn multiply<S: Simd>(simd: S, column: &mut [f64], factors: &[f64; BLOCK]) {
    let (values, _) = S::as_mut_simd_f64s(column);
    let (factors, _) = S::as_simd_f64s(factors);
    for (value, &factor) in values.iter_mut().zip(factors) {
        *value = simd.mul_f64s(*value, factor);
    }
}

#[inline(always)]
fn dot<S: Simd>(simd: S, column: &[f64], other: &[f64; BLOCK]) -> f64 {
    let (a, _) = S::as_simd_f64s(column);
    let (b, _) = S::as_simd_f64s(other);
    let mut sums = [simd.splat_f64s(0.0); 4];
    for (a, b) in a.as_chunks::<4>().0.iter().zip(b.as_chunks::<4>().0) {
        for lane in 0..4 {
            sums[lane] = simd.mul_add_e_f64s(a[lane], b[lane], sums[lane]);
        }
    }
    let sum = simd.add_f64s(simd.add_f64s(sums[0], sums[1]), simd.add_f64s(sums[2], sums[3]));
    simd.reduce_sum_f64s(sum)
}

/// Adds the products of all pairs of columns: tiles of `T` × 3 pairs on and below the diagonal.
#[inline(always)]
fn add_gram<S: Simd, const T: usize>(simd: S, columns: &[f64], size: usize, gram: &mut [f64]) {
    let width = padded(size);
    for tall in (0..size).step_by(T) {
        for wide in (0..(tall + T).min(size)).step_by(WIDE) {
            let sums = tile::<S, T>(simd, &columns[tall * BLOCK..], &columns[wide * BLOCK..]);
            for (i, row) in sums.iter().enumerate() {
                for (j, &sum) in row.iter().enumerate() {
                    gram[(tall + i) * width + wide + j] += simd.reduce_sum_f64s(sum);
                }
            }
        }
    }
}

#[inline(always)]
fn tile<S: Simd, const T: usize>(simd: S, tall: &[f64], wide: &[f64]) -> [[S::f64s; WIDE]; T] {
    let talls: [&[S::f64s]; T] = std::array::from_fn(|i| S::as_simd_f64s(&tall[i * BLOCK..][..BLOCK]).0);
    let wides: [&[S::f64s]; WIDE] = std::array::from_fn(|j| S::as_simd_f64s(&wide[j * BLOCK..][..BLOCK]).0);
    let length = BLOCK / S::F64_LANES;
    let talls = talls.map(|column| &column[..length]);
    let wides = wides.map(|column| &column[..length]);
    let mut sums = [[simd.splat_f64s(0.0); WIDE]; T];
    for at in 0..length {
        let right: [S::f64s; WIDE] = std::array::from_fn(|j| wides[j][at]);
        for i in 0..T {
            let left = talls[i][at];
            for j in 0..WIDE {
                sums[i][j] = simd.mul_add_e_f64s(left, right[j], sums[i][j]);
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_and_log_are_close_to_exact() {
        for step in 0..4000 {
            let x = -f64::from(step) * 0.01;
            assert!((exp(x) / libm::exp(x) - 1.0).abs() < 1e-15, "exp({x})");
            let t = libm::exp(x);
            assert!((ln_one_plus(t) / libm::log1p(t) - 1.0).abs() < 2e-15, "ln(1 + {t})");
        }
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(-1e9) < 1e-300 && exp(f64::NEG_INFINITY) < 1e-300);
    }
}
