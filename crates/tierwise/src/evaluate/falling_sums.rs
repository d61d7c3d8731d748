//! Sums over the rows down to each score, the highest first; where an amount ends among equal scores, a part of them.

use super::falling::score_of;
use super::rows::{Rows, add, reaches};

/// One entry per distinct score, the highest first: the weighted sums over the rows that score at least that much.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FallingSums<const N: usize> {
    pub(super) scores: Vec<f64>,
    pub(super) sums: Vec<[f64; N]>,
    /// The sums over the rows of each score alone: what a part of the list holds must not be a difference of large sums.
    own: Vec<[f64; N]>,
}

impl<const N: usize> FallingSums<N> {
    /// `of` says what a row adds for each customer whom it stands for.
    pub(super) fn new(rows: &Rows<'_>, of: impl Fn(usize) -> [f64; N]) -> Self {
        let order = rows.by_falling_score();
        let mut falling = Self { scores: Vec::new(), sums: Vec::new(), own: Vec::new() };
        let mut sums = [0.0; N];
        for equals in order.chunk_by(|one, two| one.0 == two.0) {
            let mut own = [0.0; N];
            for &(_, row) in equals {
                let values = of(row).map(|value| rows.weight(row) * value);
                add(&mut own, &values);
                add(&mut sums, &values);
            }
            falling.own.push(own);
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
        let all = self.all()[along];
        let mut from = End { place: 0, share: 0.0 };
        let part = |number: usize| {
            let to = if number == parts {
                End { place: self.scores.len() - 1, share: 1.0 }
            } else {
                End::of(&self.sums, along, all * number as f64 / parts as f64)
            };
            let begin = std::mem::replace(&mut from, to);
            // Where a score was used up, the next part begins with the one after it.
            let first = begin.place + usize::from(begin.share == 1.0 && begin.place < to.place);
            (self.scores[first], self.scores[to.place], self.between(begin, to))
        };
        (1..=parts).map(part).collect()
    }

    /// The sums over the rows from one end to another.
    fn between(&self, from: End, to: End) -> [f64; N] {
        if from.place == to.place {
            return self.own[to.place].map(|sum| (to.share - from.share) * sum);
        }
        let mut sums = self.own[from.place].map(|sum| (1.0 - from.share) * sum);
        for own in &self.own[from.place + 1..to.place] {
            add(&mut sums, own);
        }
        add(&mut sums, &self.own[to.place].map(|sum| to.share * sum));
        sums
    }
}

/// Where a part of the list ends: at a score, of which a share belongs to it.
#[derive(Debug, Clone, Copy)]
struct End {
    place: usize,
    share: f64,
}

impl End {
    /// Where the sum number `along` reaches `amount`.
    fn of<const N: usize>(sums: &[[f64; N]], along: usize, amount: f64) -> Self {
        let place = sums.partition_point(|sums| !reaches(sums[along], amount)).min(sums.len() - 1);
        let here = sums[place][along];
        let before = place.checked_sub(1).map_or(0.0, |last| sums[last][along]);
        let share = if reaches(amount, here) { 1.0 } else { ((amount - before) / (here - before)).clamp(0.0, 1.0) };
        Self { place, share }
    }
}

/// The sums over the first rows, up to where the sum number `along` reaches `amount`, and the place at which that is: of
/// equal scores the part that is expected in a random order of them.
pub(super) fn sums_up_to<const N: usize>(sums: &[[f64; N]], along: usize, amount: f64) -> (usize, [f64; N]) {
    let End { place, share } = End::of(sums, along, amount);
    let before = place.checked_sub(1).map_or([0.0; N], |last| sums[last]);
    let here = sums[place];
    let part = |number: usize| {
        // Exactly what stands there where all of it is taken.
        if share == 1.0 { here[number] } else { before[number] + share * (here[number] - before[number]) }
    };
    (place, std::array::from_fn(part))
}
