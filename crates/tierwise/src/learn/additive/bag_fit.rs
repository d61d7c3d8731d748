//! The fit of the bags: single features first, then the pairs that a bag chooses for itself.

use super::additive::Additive;
use super::assemble::{Assembled, BagPoints};
use super::bag::{Bag, BagCells, BagRows, bin_codes, stream};
use super::binned::BinnedTable;
use super::coarse::{CoarseTable, SIDE};
use super::double::{Doubles, PairOf};
use super::model::HeldOut;
use super::rounds::{Pace, boost, scores_of};
use super::single::Singles;
use super::step::{Caution, Direction};
use super::target::Rows;
use crate::{Error, Progress, Result, parallel};
use std::ops::ControlFlow;

/// One bag, fitted.
pub(super) struct FittedBag {
    pub(super) points: BagPoints,
    /// Rows held out, and the score of each.
    pub(super) held_out: Vec<(usize, f64)>,
    pub(super) rounds: usize,
    pub(super) settled: bool,
}

pub(super) struct BagFit<'a> {
    pub(super) settings: &'a Additive,
    pub(super) table: &'a BinnedTable,
    pub(super) coarse: &'a CoarseTable,
    pub(super) rows: &'a Rows<'a>,
    pub(super) counted: &'a [usize],
    pub(super) directions: Vec<Option<Direction>>,
    pub(super) most_pairs: usize,
    pub(super) candidates: Vec<PairOf>,
}

/// Told the round and the loss on the rows held out; breaks to stop.
type Watch<'a> = &'a mut dyn FnMut(usize, f64) -> ControlFlow<()>;

impl BagFit<'_> {
    /// All bags, side by side; progress is told after each few of them, or, with one bag, after each round.
    pub(super) fn all(&self, progress: &mut dyn FnMut(Progress) -> ControlFlow<()>) -> Result<Vec<FittedBag>> {
        let bags = self.settings.bags;
        if bags == 1 {
            let (mut step, limit) = (0, 2 * self.settings.max_rounds);
            let mut watch = |_, objective| {
                step += 1;
                progress(Progress { step, limit, objective })
            };
            let fitted = self.one(0, &mut watch);
            return fitted.map(|bag| vec![bag]).ok_or(Error::Cancelled { steps: step });
        }
        let mut fitted = Vec::with_capacity(bags);
        while fitted.len() < bags {
            let next = fitted.len()..bags.min(fitted.len() + parallel::width());
            let more = parallel::map(next.collect(), |number| self.one(number, &mut |_, _| ControlFlow::Continue(())));
            fitted.extend(more.into_iter().flatten());
            let held_out = fitted.last().map_or(&[][..], |bag: &FittedBag| &bag.held_out);
            let scores: Vec<f64> = held_out.iter().map(|(_, score)| *score).collect();
            let outcome: Vec<f64> = held_out.iter().map(|(row, _)| self.rows.outcome[*row]).collect();
            let objective = self.rows.loss.total(&scores, &outcome, None) / scores.len().max(1) as f64;
            if progress(Progress { step: fitted.len(), limit: bags, objective }).is_break() {
                return Err(Error::Cancelled { steps: fitted.len() });
            }
        }
        Ok(fitted)
    }

    fn one(&self, number: usize, watch: Watch<'_>) -> Option<FittedBag> {
        let settings = self.settings;
        let bag = Bag::draw(self.rows, self.counted, settings.held_out, settings.seed, number);
        let rows = BagRows::new(&bag, self.rows);
        let mut random = stream(settings.seed ^ u64::MAX, number);
        let level = rows.level();
        let start: Vec<f64> = rows.offsets.iter().map(|offset| offset + level).collect();
        let codes = bin_codes(&bag, self.table);
        let singles = Singles::new(self.table, &codes, rows.learning, &self.directions, self.caution());
        let pace = Pace {
            rate: settings.learning_rate,
            together: 1.0,
            again: 0.2,
            idle: 0.1,
            rounds: settings.max_rounds,
            patience: settings.patience,
            level: self.some_earn_nothing(),
        };
        let of_singles = boost(&singles, &rows, &start, pace, &mut random, watch)?;
        let mut scores = scores_of(&singles, &start, &of_singles);
        let mut fitted = FittedBag {
            points: BagPoints { singles: of_singles.points, pairs: Vec::new() },
            held_out: Vec::new(),
            rounds: of_singles.rounds,
            settled: of_singles.settled,
        };
        if !self.candidates.is_empty() {
            let cells = BagCells::new(&bag, self.coarse, &rows);
            let chosen = self.choose(&cells.codes, &rows, &scores);
            let caution = Caution { smoothing: settings.smoothing, min_curvature: PAIR_CURVATURE, ..self.caution() };
            let doubles = Doubles { table: self.coarse, codes: &cells.codes, pairs: &chosen, caution };
            // Many pairs that say the same must not all go at once.
            let pace = Pace {
                rate: 0.75 * settings.learning_rate,
                together: 0.4,
                again: 0.0,
                idle: 0.5,
                patience: settings.patience.div_ceil(2) + 5,
                ..pace
            };
            let of_pairs = boost(&doubles, &rows, &scores, pace, &mut random, watch)?;
            scores = scores_of(&doubles, &scores, &of_pairs);
            fitted.settled &= of_pairs.settled;
            fitted.rounds += of_pairs.rounds;
            if of_pairs.rounds > 0 {
                let points = chosen.iter().zip(&of_pairs.points).map(|(&pair, points)| cells.shared(pair, points));
                fitted.points.pairs = chosen.iter().copied().zip(points).collect();
            }
        }
        fitted.held_out = bag.rows.iter().copied().zip(scores).skip(bag.learning).collect();
        Some(fitted)
    }

    /// Whether rows earn nothing where a feature is unknown. Then the constant must move with what the known rows earn;
    /// elsewhere the points of any feature make up for it.
    fn some_earn_nothing(&self) -> bool {
        self.coarse.features.iter().any(|feature| feature.unknown_is_neutral && feature.unknown.is_some())
    }

    fn caution(&self) -> Caution {
        Caution {
            smoothing: self.settings.smoothing,
            level_smoothing: self.settings.level_smoothing,
            min_rows: self.settings.min_rows as f64,
            min_curvature: LEAST_CURVATURE,
        }
    }

    /// The pairs with the strongest interaction in the rows that this bag learns from.
    fn choose(&self, cells: &[Vec<u8>], rows: &BagRows, scores: &[f64]) -> Vec<PairOf> {
        let learning = ..rows.learning;
        let weights = rows.weights.as_ref().map(|weights| &weights[learning]);
        let mut gradients = vec![[0.0; 2]; rows.learning];
        rows.loss.gradients(&scores[learning], &rows.outcome[learning], weights, &mut gradients);
        let doubles = Doubles { table: self.coarse, codes: cells, pairs: &self.candidates, caution: self.caution() };
        let strengths = doubles.strengths(&gradients);
        let mut order: Vec<usize> = (0..strengths.len()).filter(|&pair| strengths[pair] > 0.0).collect();
        order.sort_by(|&a, &b| strengths[b].total_cmp(&strengths[a]).then(a.cmp(&b)));
        order.truncate(self.most_pairs);
        order.into_iter().map(|pair| self.candidates[pair]).collect()
    }
}

/// The least curvature on either side of a cut; of a row whose chance is even it is 0.25.
const LEAST_CURVATURE: f64 = 0.5;
const PAIR_CURVATURE: f64 = 2.0;

/// The mean score of each row over the bags that held it out, judged.
pub(super) fn judge(bags: &[FittedBag], rows: &Rows<'_>) -> Option<HeldOut> {
    let mut sums = vec![(0.0, 0_u32); rows.outcome.len()];
    for &(row, score) in bags.iter().flat_map(|bag| &bag.held_out) {
        sums[row] = (sums[row].0 + score, sums[row].1 + 1);
    }
    let judged: Vec<usize> = (0..sums.len()).filter(|&row| sums[row].1 > 0).collect();
    let scores: Vec<f64> = judged.iter().map(|&row| sums[row].0 / f64::from(sums[row].1)).collect();
    let outcome: Vec<f64> = judged.iter().map(|&row| rows.outcome[row]).collect();
    let weights: Vec<f64> = judged.iter().map(|&row| rows.weight(row)).collect();
    let total: f64 = weights.iter().sum();
    let loss = rows.loss.total(&scores, &outcome, Some(&weights)) / total;
    (!judged.is_empty()).then_some(HeldOut { rows: judged.len(), loss })
}

/// What every row of the table earns, its offset included.
pub(super) fn scores(table: &BinnedTable, coarse: &CoarseTable, assembled: &Assembled, rows: &Rows<'_>) -> Vec<f64> {
    let mut scores: Vec<f64> = (0..rows.outcome.len()).map(|row| rows.offset(row)).collect();
    for (codes, points) in table.codes.iter().zip(&assembled.singles) {
        for (score, &code) in scores.iter_mut().zip(codes) {
            *score += points.mean[usize::from(code)];
        }
    }
    for (pair, points) in &assembled.pairs {
        let [first, second] = pair.map(|feature| &coarse.codes[feature]);
        for ((score, &a), &b) in scores.iter_mut().zip(first).zip(second) {
            *score += points.mean[usize::from(a) * SIDE + usize::from(b)];
        }
    }
    scores
}
