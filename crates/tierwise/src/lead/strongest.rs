//! The strongest reasons of a block of rows, kept sorted without a branch.

use crate::wide::LANES;
use pulp::{Simd, WithSimd};

/// One more reason per row, sunk through the lists of the strongest ones so far.
///
/// `kept` holds, for each [`LANES`] rows, level by level, their sizes and then their labels: what an exchange touches
/// lies together. Labels travel as `f64`, so that the exchange of a pair is two selections of the same width.
#[derive(Debug)]
pub(super) struct Sink<'a> {
    pub(super) neutral: f64,
    pub(super) points: &'a [f64],
    pub(super) answers: &'a [f64],
    pub(super) kept: &'a mut [f64],
    pub(super) levels: usize,
}

impl WithSimd for Sink<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let rows = self.points.chunks_exact(LANES).zip(self.answers.chunks_exact(LANES));
        for ((points, answers), kept) in rows.zip(self.kept.chunks_exact_mut(2 * LANES * self.levels)) {
            let ((points, _), (answers, _)) = (S::as_simd_f64s(points), S::as_simd_f64s(answers));
            let (kept, _) = S::as_mut_simd_f64s(kept);
            let width = points.len();
            for (at, (&points, &answer)) in points.iter().zip(answers).enumerate() {
                let mut sinking = simd.abs_f64s(simd.sub_f64s(points, simd.splat_f64s(self.neutral)));
                let mut name = answer;
                let mut passed = simd.less_than_f64s(sinking, sinking); // nowhere yet
                for level in kept.chunks_exact_mut(2 * width) {
                    let (size, label) = (level[at], level[width + at]);
                    // Equal ones do not pass: they stay behind earlier ones. From the first exchange on, what sinks is
                    // an earlier one itself, and belongs before all that follows, its equals too.
                    passed = simd.or_m64s(passed, simd.greater_than_f64s(sinking, size));
                    level[at] = simd.select_f64s(passed, sinking, size);
                    level[width + at] = simd.select_f64s(passed, name, label);
                    sinking = simd.select_f64s(passed, size, sinking);
                    name = simd.select_f64s(passed, label, name);
                }
            }
        }
    }
}
