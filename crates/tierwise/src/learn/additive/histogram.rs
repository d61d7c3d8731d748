//! Slopes and curvatures of a loss, added up by bin.

use crate::{Error, Result, Summary};

/// Slope and curvature of a loss by bin of a feature: all that a step of boosting needs to know of a table's rows.
///
/// Two of the same feature from two parts of a table merge to that of the whole, so that rounds can run where the rows
/// are.
///
/// ```
/// use tierwise::{Summary, learn::GradientHistogram};
/// let mut part = GradientHistogram::new(3);
/// part.add(&[0, 2, 2], &[[0.5, 0.25], [-0.5, 0.25], [-0.5, 0.25]]);
/// let mut other = GradientHistogram::new(3);
/// other.add(&[1], &[[0.5, 0.25]]);
/// part.merge(&other)?;
/// assert_eq!(part.sums(), [[0.5, 0.25], [0.5, 0.25], [-1.0, 0.5]]);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct GradientHistogram {
    sums: Vec<[f64; 2]>,
}

impl GradientHistogram {
    /// Nothing yet, in so many bins.
    pub fn new(bins: usize) -> Self {
        Self { sums: vec![[0.0; 2]; bins] }
    }

    /// Adds the slope and curvature of each row to the bin that its code names.
    ///
    /// # Panics
    /// When a code names no bin.
    pub fn add(&mut self, codes: &[u8], gradients: &[[f64; 2]]) {
        for (&code, gradient) in codes.iter().zip(gradients) {
            let sum = &mut self.sums[usize::from(code)];
            *sum = [sum[0] + gradient[0], sum[1] + gradient[1]];
        }
    }

    /// Slope and curvature of each bin.
    pub fn sums(&self) -> &[[f64; 2]] {
        &self.sums
    }
}

impl Summary for GradientHistogram {
    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.sums.len() != other.sums.len() {
            let reason = format!("one histogram has {} bins, the other {}", self.sums.len(), other.sums.len());
            return Err(Error::CannotMerge { reason });
        }
        for (sum, more) in self.sums.iter_mut().zip(&other.sums) {
            *sum = [sum[0] + more[0], sum[1] + more[1]];
        }
        Ok(())
    }
}

/// The codes that one byte can hold.
pub(super) const CODES: usize = 256;

/// The histogram of one feature while it is filled: odd rows go to a second half, so that rows in one bin that follow
/// each other do not wait for each other.
#[derive(Debug, Clone)]
pub(super) struct Halves {
    sums: Box<[[f64; 2]; 2 * CODES]>,
}

impl Halves {
    pub(super) fn new() -> Self {
        Self { sums: Box::new([[0.0; 2]; 2 * CODES]) }
    }

    pub(super) fn clear(&mut self) {
        self.sums.fill([0.0; 2]);
    }

    pub(super) fn add(&mut self, codes: &[u8], gradients: &[[f64; 2]]) {
        let (pairs, last) = gradients.as_chunks::<2>();
        let (code_pairs, last_code) = codes.as_chunks::<2>();
        let (even, odd) = self.sums.split_at_mut(CODES);
        for ([a, b], [first, second]) in pairs.iter().zip(code_pairs) {
            let sum = &mut even[usize::from(*first)];
            *sum = [sum[0] + a[0], sum[1] + a[1]];
            let sum = &mut odd[usize::from(*second)];
            *sum = [sum[0] + b[0], sum[1] + b[1]];
        }
        if let (Some(a), Some(&code)) = (last.first(), last_code.first()) {
            let sum = &mut even[usize::from(code)];
            *sum = [sum[0] + a[0], sum[1] + a[1]];
        }
    }

    /// Adds another part's sums.
    pub(super) fn join(&mut self, other: &Self) {
        for (sum, more) in self.sums.iter_mut().zip(other.sums.iter()) {
            *sum = [sum[0] + more[0], sum[1] + more[1]];
        }
    }

    /// The sums of both halves, for so many codes.
    pub(super) fn sums(&self, codes: usize) -> [[f64; 2]; CODES] {
        let mut sums = [[0.0; 2]; CODES];
        for (code, sum) in sums.iter_mut().enumerate().take(codes) {
            let (even, odd) = (self.sums[code], self.sums[CODES + code]);
            *sum = [even[0] + odd[0], even[1] + odd[1]];
        }
        sums
    }
}
