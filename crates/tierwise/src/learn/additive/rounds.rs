//! Rounds of boosting: every term in turn goes a small step, until the rows held out say that it is enough.

use super::bag::{BagRows, shuffle};
use super::step::newton_step;
use crate::parallel;
use rand_chacha::ChaCha8Rng;
use std::ops::{ControlFlow, Range};

/// What is boosted: terms, each a table of points that the rows look up.
pub(super) trait Terms: Sync {
    /// Slopes and curvatures by the places of a table.
    type Sums: Send + Sync;

    /// The number of terms.
    fn count(&self) -> usize;
    /// The places of the table of a term.
    fn places(&self, term: usize) -> usize;
    /// Sums of nothing.
    fn room() -> Self::Sums;
    /// Makes them sums of nothing again.
    fn clear(sums: &mut Self::Sums);
    /// Adds rows to the sums of a term.
    fn add(&self, term: usize, rows: Range<usize>, gradients: &[[f64; 2]], sums: &mut Self::Sums);
    /// Adds another part's sums.
    fn join(sums: &mut Self::Sums, other: &Self::Sums);
    /// Writes the step in full length; returns what it gains. Gains are measured in units of `dispersion`.
    fn step(&self, term: usize, sums: &Self::Sums, dispersion: f64, places: &mut [f64]) -> f64;
    /// Adds the points that the rows look up to their scores.
    fn apply(&self, term: usize, rows: Range<usize>, points: &[f64], scores: &mut [f64]);
}

/// How boosting goes about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// The share of a full step that is gone.
    pub(super) rate: f64,
    /// So many full steps, in sum, may rest on the same slopes.
    pub(super) together: f64,
    /// The share of the terms, those that gained most, that have a second turn in a round.
    pub(super) again: f64,
    /// A term that gained less than this share of what the strongest did rests until all are called again.
    pub(super) idle: f64,
    /// The most rounds.
    pub(super) rounds: usize,
    /// So many rounds without a gain worth mention on the rows held out, and it ends.
    pub(super) patience: usize,
    /// Whether the constant has a turn of its own in every round.
    pub(super) level: bool,
}

/// What boosting came to.
#[derive(Debug)]
pub(super) struct Boosted {
    /// The points of each term after the best round.
    pub(super) points: Vec<Vec<f64>>,
    /// What was added to all scores.
    pub(super) level: f64,
    /// The best round.
    pub(super) rounds: usize,
    /// Whether it ended because nothing was gained any more.
    pub(super) settled: bool,
}

/// Every so many rounds, terms that rest have a turn too.
const AWAKE: usize = 8;
/// The least share that must be gained, before patience ends, of the loss on the rows held out that no model is bound to
/// have.
const WORTH_IT: f64 = 1e-4;
/// Rows that are worked on while they are in cache.
const BLOCK: usize = 1024;
/// Rows of one part, where parts are worked on side by side. Fixed, so that the sums do not depend on threads.
const PART: usize = 32_768;
/// A round looks at no more rows than these, and the next round at the next ones: of more, each step would cost more
/// than it tells.
const WINDOW: usize = 200_000;

/// Boosts terms, starting from the scores of the bag's rows. `None` when `watch` breaks.
pub(super) fn boost<T: Terms>(
    terms: &T,
    rows: &BagRows,
    start: &[f64],
    pace: Pace,
    random: &mut ChaCha8Rng,
    watch: &mut dyn FnMut(usize, f64) -> ControlFlow<()>,
) -> Option<Boosted> {
    let mut boosting = Boosting::new(terms, rows, start, pace);
    let mut best = Boosted { points: boosting.points.clone(), level: 0.0, rounds: 0, settled: false };
    let no_less = boosting.least_possible();
    let mut least = boosting.held_out_loss();
    // The loss, and the round, from which the next gain that is worth a round is counted.
    let (mut mark, mut marked) = (least, 0);
    let mut order: Vec<usize> = (0..terms.count()).collect();
    for round in 1..=pace.rounds {
        shuffle(random, &mut order);
        boosting.dispersion = boosting.dispersion_at(least);
        boosting.round(round, &order);
        let loss = boosting.held_out_loss();
        if loss < least {
            least = loss;
            best.points.clone_from(&boosting.points);
            best.level = boosting.level;
            best.rounds = round;
        }
        if mark - least > WORTH_IT * (mark - no_less) {
            (mark, marked) = (least, round);
        } else if round - marked >= pace.patience {
            best.settled = true;
            break;
        }
        if watch(round, loss).is_break() {
            return None;
        }
    }
    Some(best)
}

/// The scores of all rows of a bag under a start and what boosting came to.
pub(super) fn scores_of<T: Terms>(terms: &T, start: &[f64], boosted: &Boosted) -> Vec<f64> {
    let mut scores: Vec<f64> = start.iter().map(|score| score + boosted.level).collect();
    add_points(terms, &(0..terms.count()).collect::<Vec<_>>(), &boosted.points, 0, &mut scores);
    scores
}

/// Calls `apply` for the terms and their points, block by block and, where there are many rows, side by side.
fn add_points<T: Terms, P: AsRef<[f64]> + Sync>(
    terms: &T,
    which: &[usize],
    points: &[P],
    first_row: usize,
    scores: &mut [f64],
) {
    let work = |(part, scores): (usize, &mut [f64])| {
        for (block, scores) in scores.chunks_mut(BLOCK).enumerate() {
            let from = first_row + part * PART + block * BLOCK;
            for (&term, points) in which.iter().zip(points) {
                terms.apply(term, from..from + scores.len(), points.as_ref(), scores);
            }
        }
    };
    if scores.len() <= PART {
        work((0, scores));
    } else {
        parallel::map(scores.chunks_mut(PART).enumerate().collect(), work);
    }
}

/// The rows that a round looks at. All windows are equally long, so that each is as much evidence as any other; a row or
/// two may be in none.
fn window_of(round: usize, rows: usize) -> Range<usize> {
    let windows = rows.div_ceil(WINDOW).max(1);
    let length = rows / windows;
    let first = round % windows * length;
    first..first + length
}

struct Boosting<'a, T: Terms> {
    terms: &'a T,
    rows: &'a BagRows,
    start: &'a [f64],
    pace: Pace,
    /// The points of each term so far, and the constant.
    points: Vec<Vec<f64>>,
    level: f64,
    /// What each term gained when it last had its turn.
    gains: Vec<f64>,
    /// The rows that this round looks at, and their scores.
    window: Range<usize>,
    scores: Vec<f64>,
    held_out_scores: Vec<f64>,
    /// The variance of what is left to learn, where the loss has units; else 1.
    dispersion: f64,
    /// Working memory: the sums of the terms of a turn, and their steps.
    sums: Vec<T::Sums>,
    steps: Vec<Vec<f64>>,
}

impl<'a, T: Terms> Boosting<'a, T> {
    fn new(terms: &'a T, rows: &'a BagRows, start: &'a [f64], pace: Pace) -> Self {
        let points: Vec<Vec<f64>> = (0..terms.count()).map(|term| vec![0.0; terms.places(term)]).collect();
        let window = window_of(0, rows.learning);
        Self {
            terms,
            rows,
            start,
            pace,
            gains: vec![f64::INFINITY; points.len()],
            points,
            level: 0.0,
            scores: start[window.clone()].to_vec(),
            window,
            held_out_scores: start[rows.learning..].to_vec(),
            dispersion: 1.0,
            sums: Vec::new(),
            steps: Vec::new(),
        }
    }

    fn held_out_loss(&self) -> f64 {
        let (outcome, weights) = self.rows.held_out();
        self.rows.loss.total(&self.held_out_scores, outcome, weights)
    }

    /// The loss of the rows held out if every score were right.
    fn least_possible(&self) -> f64 {
        let (outcome, weights) = self.rows.held_out();
        self.rows.loss.least(outcome, weights)
    }

    /// The dispersion of the rows held out when they have this loss.
    fn dispersion_at(&self, loss: f64) -> f64 {
        let (outcome, weights) = self.rows.held_out();
        self.rows.loss.dispersion(loss, weights.map_or(outcome.len() as f64, |weights| weights.iter().sum()))
    }

    fn round(&mut self, round: usize, order: &[usize]) {
        self.open_window(round);
        if self.pace.level {
            self.move_level();
        }
        let mut turns = order.to_vec();
        if round > 1 {
            let mut strongest = order.to_vec();
            strongest.sort_by(|&a, &b| self.gains[b].total_cmp(&self.gains[a]));
            let again = (order.len() as f64 * self.pace.again).ceil() as usize;
            turns.extend_from_slice(&strongest[..again.min(order.len())]);
        }
        if round % AWAKE != 1 {
            let most = self.gains.iter().copied().fold(0.0, f64::max);
            turns.retain(|&term| self.gains[term] >= self.pace.idle * most);
        }
        let at_once = ((self.pace.together / self.pace.rate) as usize).max(1);
        for turn in turns.chunks(at_once) {
            self.turn(turn);
        }
    }

    /// Moves on to the next rows, where there are too many to look at all of them in every round.
    fn open_window(&mut self, round: usize) {
        if self.scores.len() >= self.rows.learning {
            return;
        }
        self.window = window_of(round, self.rows.learning);
        for (score, start) in self.scores.iter_mut().zip(&self.start[self.window.clone()]) {
            *score = start + self.level;
        }
        let all: Vec<usize> = (0..self.terms.count()).collect();
        add_points(self.terms, &all, &self.points, self.window.start, &mut self.scores);
    }

    /// The constant goes a step, as a term that every row looks up.
    fn move_level(&mut self) {
        let rows = self.window.clone();
        let weights = self.rows.weights.as_ref().map(|weights| &weights[rows.clone()]);
        let mut gradients = vec![[0.0; 2]; self.scores.len()];
        self.rows.loss.gradients(&self.scores, &self.rows.outcome[rows], weights, &mut gradients);
        let [slope, curvature] = gradients.iter().fold([0.0; 2], |sum, one| [sum[0] + one[0], sum[1] + one[1]]);
        let step = self.pace.rate * newton_step(slope, curvature);
        self.level += step;
        self.scores.iter_mut().chain(&mut self.held_out_scores).for_each(|score| *score += step);
    }

    /// Some terms go a step each, on the slopes of the same scores.
    fn turn(&mut self, turn: &[usize]) {
        self.add_up(turn);
        while self.steps.len() < turn.len() {
            self.steps.push(Vec::new());
        }
        for (place, &term) in turn.iter().enumerate() {
            let step = &mut self.steps[place];
            step.clear();
            step.resize(self.terms.places(term), 0.0);
            self.gains[term] = self.terms.step(term, &self.sums[place], self.dispersion, step);
            for (points, step) in self.points[term].iter_mut().zip(step) {
                *step *= self.pace.rate;
                *points += *step;
            }
        }
        let steps = &self.steps[..turn.len()];
        add_points(self.terms, turn, steps, self.window.start, &mut self.scores);
        add_points(self.terms, turn, steps, self.rows.learning, &mut self.held_out_scores);
    }

    /// The slopes and curvatures of the window's rows, added up for the terms of a turn.
    fn add_up(&mut self, turn: &[usize]) {
        while self.sums.len() < turn.len() {
            self.sums.push(T::room());
        }
        let mut sums = std::mem::take(&mut self.sums);
        let length = self.window.len();
        let first = PART.min(length);
        self.add_rows(turn, 0..first, &mut sums);
        let parts = (first..length).step_by(PART).map(|from| from..(from + PART).min(length));
        let others = parallel::map(parts.collect(), |part| {
            let mut sums: Vec<T::Sums> = turn.iter().map(|_| T::room()).collect();
            self.add_rows(turn, part, &mut sums);
            sums
        });
        for other in others {
            for (sum, more) in sums.iter_mut().zip(&other) {
                T::join(sum, more);
            }
        }
        self.sums = sums;
    }

    fn add_rows(&self, turn: &[usize], part: Range<usize>, sums: &mut [T::Sums]) {
        let mut gradients = [[0.0; 2]; BLOCK];
        sums.iter_mut().for_each(T::clear);
        for from in part.clone().step_by(BLOCK) {
            let scores = &self.scores[from..(from + BLOCK).min(part.end)];
            let rows = self.window.start + from..self.window.start + from + scores.len();
            let weights = self.rows.weights.as_ref().map(|weights| &weights[rows.clone()]);
            let gradients = &mut gradients[..scores.len()];
            self.rows.loss.gradients(scores, &self.rows.outcome[rows.clone()], weights, gradients);
            for (&term, sums) in turn.iter().zip(&mut *sums) {
                self.terms.add(term, rows.clone(), gradients, sums);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_the_rows_in_turn() {
        for rows in [0, 1, 7, WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW - 1, 2 * WINDOW + 1, 1_000_003] {
            let windows = rows.div_ceil(WINDOW).max(1);
            let mut seen = 0;
            for round in 0..windows {
                let window = window_of(round, rows);
                assert_eq!(window.start, seen, "{rows} rows, round {round}");
                assert!(window.len() <= WINDOW);
                seen = window.end;
            }
            assert!(rows - seen < windows, "{rows} rows, {seen} seen");
            assert_eq!(window_of(windows, rows), window_of(0, rows));
        }
    }
}
