//! Slopes and curvatures of a loss, added up by bin.

use crate::{Result, Summary};

/// The codes that one byte can hold.
pub(super) const CODES: usize = 256;

/// Slope and curvature of a loss by bin of a feature, with one byte per row for its bin: all that a step of boosting needs
/// to know of a table's rows.
///
/// Two of the same feature from two parts of a table merge to that of the whole, so that rounds can run where the rows
/// are.
///
/// ```
/// use tierwise::{Summary, learn::GradientHistogram};
/// let mut part = GradientHistogram::new();
/// part.add(&[0, 2, 2], &[[0.5, 0.25], [-0.5, 0.25], [-0.5, 0.25]]);
/// let mut other = GradientHistogram::new();
/// other.add(&[1], &[[0.5, 0.25]]);
/// part.merge(&other)?;
/// assert_eq!(part.sums()[..3], [[0.5, 0.25], [0.5, 0.25], [-1.0, 0.5]]);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct GradientHistogram {
    /// Odd rows go to a second half, so that rows in one bin that follow each other do not wait for each other.
    halves: Box<[[f64; 2]; 2 * CODES]>,
}

impl Default for GradientHistogram {
    fn default() -> Self {
        Self::new()
    }
}

impl GradientHistogram {
    /// No rows yet.
    pub fn new() -> Self {
        Self { halves: Box::new([[0.0; 2]; 2 * CODES]) }
    }

    /// Adds the slope and curvature of each row to the bin that its code names. Rows without a code, or without a
    /// gradient, are left out.
    pub fn add(&mut self, codes: &[u8], gradients: &[[f64; 2]]) {
        let (pairs, last) = gradients.as_chunks::<2>();
        let (code_pairs, last_code) = codes.as_chunks::<2>();
        let (even, odd) = self.halves.split_at_mut(CODES);
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

    /// Slope and curvature of each bin, by code.
    pub fn sums(&self) -> [[f64; 2]; CODES] {
        std::array::from_fn(|code| {
            let (even, odd) = (self.halves[code], self.halves[CODES + code]);
            [even[0] + odd[0], even[1] + odd[1]]
        })
    }

    pub(super) fn clear(&mut self) {
        self.halves.fill([0.0; 2]);
    }

    /// Adds another part's sums; no two histograms are of different sizes.
    pub(super) fn join(&mut self, other: &Self) {
        for (sum, more) in self.halves.iter_mut().zip(other.halves.iter()) {
            *sum = [sum[0] + more[0], sum[1] + more[1]];
        }
    }
}

impl Summary for GradientHistogram {
    fn merge(&mut self, other: &Self) -> Result<()> {
        self.join(other);
        Ok(())
    }
}
