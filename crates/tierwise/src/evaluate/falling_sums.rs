//! Sums over the rows down to each score, the highest first; where an amount ends among equal scores, a part of them.

use super::falling::score_of;
use super::rows::{Rows, add};

/// One entry per distinct score, the highest first: the weighted sums over the rows that score at least that much.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FallingSums<const N: usize> {
    pub(super) scores: Vec<f64>,
    pub(super) sums: Vec<[f64; N]>,
}

impl<const N: usize> FallingSums<N> {
    /// `of` says what a row adds for each customer whom it stands for.
    pub(super) fn new(rows: &Rows<'_>, of: impl Fn(usize) -> [f64; N]) -> Self {
        let order = rows.by_falling_score();
        let mut falling = Self { scores: Vec::new(), sums: Vec::new() };
        let mut sums = [0.0; N];
        for equals in order.chunk_by(|one, two| one.0 == two.0) {
            for &(_, row) in equals {
                add(&mut sums, &of(row).map(|value| rows.weight(row) * value));
            }
            falling.scores.push(score_of(equals[0].0));
            falling.sums.push(sums);
        }
        falling
    }

    /// The sums over all rows.
    pub(super) fn all(&self) -> [f64; N] {
        self.sums.last().copied().unwrap_or([f64::NAN; N])
    }

    /// The sums over the first rows, as [`sums_up_to`] has them, and the score at which they end.
    pub(super) fn up_to(&self, along: usize, amount: f64) -> (f64, [f64; N]) {
        let (place, sums) = sums_up_to(&self.sums, along, amount);
        (self.scores[place], sums)
    }

    /// The sums over each of `parts` parts in which the sum number `along` is equally large, the highest scores first,
    /// and the scores at which they begin and end.
    pub(super) fn parts(&self, along: usize, parts: usize) -> Vec<(f64, f64, [f64; N])> {
        let all = self.all();
        let mut before = [0.0; N];
        let mut from = self.scores[0];
        let part = |number: usize| {
            let amount = if number == parts { all[along] } else { all[along] * number as f64 / parts as f64 };
            let (to, up_to) = self.up_to(along, amount);
            let sums = std::array::from_fn(|one| up_to[one] - before[one]);
            let begin = std::mem::replace(&mut from, self.following(to, up_to[along], along));
            before = up_to;
            (begin, to, sums)
        };
        (1..=parts).map(part).collect()
    }

    /// The score with which the next part begins: the one at which a part ended, or the next where it was used up.
    fn following(&self, score: f64, amount: f64, along: usize) -> f64 {
        let next = self.sums.partition_point(|sums| sums[along] <= amount);
        self.scores.get(next).copied().unwrap_or(score)
    }
}

/// The sums over the first rows, up to where the sum number `along` reaches `amount`, and the place at which that is: of
/// equal scores the part that is expected in a random order of them.
pub(super) fn sums_up_to<const N: usize>(sums: &[[f64; N]], along: usize, amount: f64) -> (usize, [f64; N]) {
    let place = sums.partition_point(|sums| sums[along] < amount).min(sums.len() - 1);
    let before = place.checked_sub(1).map_or([0.0; N], |last| sums[last]);
    let here = sums[place];
    let share = ((amount - before[along]) / (here[along] - before[along])).clamp(0.0, 1.0);
    let part = |number: usize| {
        // Exactly what stands there where all of it is taken.
        if share == 1.0 { here[number] } else { before[number] + share * (here[number] - before[number]) }
    };
    (place, std::array::from_fn(part))
}
