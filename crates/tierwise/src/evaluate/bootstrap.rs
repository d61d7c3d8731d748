//! Intervals by drawing rows anew: sorted once, each replicate is one pass over the rows.

use super::calibration::{Bins, Tally, bin_of, error_of};
use super::falling::score_of;
use super::poisson::Poisson;
use super::probability_loss::{check_clip, row_brier, row_log_loss};
use super::ranking::Ranking;
use super::rows::{Rows, enough, more_than_one, parameter};
use super::{brier, calibration_error, log_loss};
use crate::rates::check_confidence;
use crate::special::quantile::quantile;
use crate::{Error, Outcome, Progress, Result, parallel};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::ops::ControlFlow;

/// A figure that can be given an interval by [`Bootstrap`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Figure {
    /// [`roc_auc`](super::roc_auc).
    RocAuc,
    /// [`average_precision`](super::average_precision).
    AveragePrecision,
    /// [`log_loss`], with its `clip`.
    LogLoss {
        /// Probabilities are kept within `[clip, 1 − clip]`.
        clip: f64,
    },
    /// [`brier`](super::brier).
    Brier,
    /// [`calibration_error`]; quantile bins keep the edges of the rows at hand.
    CalibrationError(Bins),
}

/// Draws rows with replacement and keeps the middle share of the results: the percentile interval (Efron & Tibshirani
/// 1993, section 13.3), with independent Poisson counts in the place of multinomial ones (Oza & Russell 2001; Chamandy
/// et al. 2012), so that the number of rows drawn varies a little too.
///
/// A row is drawn as often as a Poisson number with its weight as mean says: weights count customers. Each replicate has a
/// stream of random numbers of its own, so results do not depend on the number of threads. A replicate in which a ranking has
/// one outcome only is drawn again.
///
/// ```
/// use tierwise::{Outcome, evaluate::{Bootstrap, Figure}};
/// let bought = Outcome::binary("bought", &[false, false, true, true, false, true, false, true]);
/// let scores = [0.1, 0.4, 0.35, 0.8, 0.2, 0.6, 0.5, 0.3];
/// let auc = Bootstrap::new(1).interval(&bought, &scores, Figure::RocAuc)?;
/// assert!(auc.low < auc.value && auc.value < auc.high && auc.replicates.len() == 1000);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Bootstrap {
    seed: u64,
    replicates: usize,
    confidence: f64,
}

/// A figure with its interval by bootstrap.
#[derive(Debug, Clone, PartialEq)]
pub struct BootstrapInterval {
    /// The figure of the rows at hand.
    pub value: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
    /// The standard deviation of the replicates.
    pub standard_error: f64,
    /// How much the interval is to hold.
    pub confidence: f64,
    /// The figure of each replicate, in the order in which they were drawn.
    pub replicates: Vec<f64>,
}

impl Bootstrap {
    /// 1000 replicates and 95 %; the same seed gives the same interval.
    pub fn new(seed: u64) -> Self {
        Self { seed, replicates: 1000, confidence: 0.95 }
    }

    /// How often rows are drawn anew, 2 to 1 000 000; below some hundreds the ends are rough.
    #[must_use]
    pub fn replicates(self, replicates: usize) -> Self {
        Self { replicates, ..self }
    }

    /// The share of the replicates between the ends.
    #[must_use]
    pub fn confidence(self, confidence: f64) -> Self {
        Self { confidence, ..self }
    }

    /// The interval of a figure.
    ///
    /// # Errors
    /// Those of the figure; [`Error::InvalidParameter`](crate::Error::InvalidParameter) for replicates or a confidence
    /// outside their range; [`Error::InvalidValue`](crate::Error::InvalidValue) with the row for a log-loss that is
    /// infinite and for weights that sum to more than 2e9; [`Error::NotEnoughData`](crate::Error::NotEnoughData) unless the
    /// weights sum to more than 1, and of a ranking those of either outcome: less than a customer cannot be drawn anew.
    pub fn interval(&self, outcome: &Outcome<'_>, scores: &[f64], figure: Figure) -> Result<BootstrapInterval> {
        self.interval_with(outcome, scores, figure, &mut |_| ControlFlow::Continue(()))
    }

    /// The interval of a figure, telling `progress` from time to time how many of the replicates are drawn; its objective
    /// is the figure of the rows at hand. What comes out does not depend on when it is told.
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use tierwise::{Outcome, evaluate::{Bootstrap, Figure}};
    /// let bought = Outcome::binary("bought", &[false, false, true, true, false, true, false, true]);
    /// let scores = [0.1, 0.4, 0.35, 0.8, 0.2, 0.6, 0.5, 0.3];
    /// let mut stop = |_| ControlFlow::Break(());
    /// let stopped = Bootstrap::new(1).interval_with(&bought, &scores, Figure::RocAuc, &mut stop);
    /// assert_eq!(stopped.unwrap_err().code(), "cancelled");
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`interval`](Self::interval); [`Error::Cancelled`] when `progress` breaks.
    pub fn interval_with(
        &self,
        outcome: &Outcome<'_>,
        scores: &[f64],
        figure: Figure,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<BootstrapInterval> {
        self.check()?;
        let value = figure.of(outcome, scores)?;
        let rows = Rows::ranked("Bootstrap", outcome, scores)?;
        let order = rows.by_falling_score();
        let pass = Pass::new(figure, &rows, &order)?;
        figure.check_weight(&rows)?;
        self.around(value, &rows, &order, &|counts| pass.figure(counts), progress)
    }

    /// What `of` makes of each replicate: it is given how often each of the things was drawn, as often as a Poisson number
    /// with its weight as mean says. A draw of which it makes nothing is drawn again.
    pub(crate) fn draws_of<T: Send>(
        &self,
        weights: &[f64],
        of: &(impl Fn(&[u32]) -> Option<T> + Sync),
    ) -> Result<Vec<T>> {
        self.check()?;
        self.draw(of, &Poisson::of_means(weights), weights.len(), &mut |_| ControlFlow::Continue(()))
    }

    /// The share of the replicates left out at either end.
    pub(crate) fn tail(&self) -> f64 {
        (1.0 - self.confidence) / 2.0
    }

    /// How much an interval is to hold.
    pub(crate) fn level(&self) -> f64 {
        self.confidence
    }

    /// Whether the settings lie in their range.
    pub(crate) fn check(&self) -> Result<()> {
        const MOST: usize = 1_000_000;
        check_confidence("Bootstrap", self.confidence)?;
        if !(2..=MOST).contains(&self.replicates) {
            let must_be = format!("a whole number in [2, {MOST}]");
            return Err(parameter("Bootstrap", "replicates", &must_be, &self.replicates));
        }
        Ok(())
    }

    /// The interval of a figure that is computed from how often each row of `order` is drawn; where it comes out NaN, rows
    /// are drawn again.
    pub(super) fn around(
        &self,
        value: f64,
        rows: &Rows<'_>,
        order: &[(u64, usize)],
        figure: &(impl Fn(&[u32]) -> f64 + Sync),
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<BootstrapInterval> {
        let mut told = |step: usize| progress(Progress { step, limit: self.replicates, objective: value });
        let defined = |counts: &[u32]| Some(figure(counts)).filter(|value| !value.is_nan());
        let replicates = self.draw(&defined, &Poisson::new(rows, order)?, order.len(), &mut told)?;
        let mut sorted = replicates.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        Ok(BootstrapInterval {
            value,
            low: quantile(&sorted, self.tail()),
            high: quantile(&sorted, 1.0 - self.tail()),
            standard_error: deviation(&replicates),
            confidence: self.confidence,
            replicates,
        })
    }

    fn draw<T: Send>(
        &self,
        figure: &(impl Fn(&[u32]) -> Option<T> + Sync),
        counts_of: &Poisson,
        rows: usize,
        told: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<Vec<T>> {
        /// Replicates that share memory for their counts.
        const BLOCK: usize = 16;
        let blocks: Vec<usize> = (0..self.replicates).step_by(BLOCK).collect();
        let mut drawn = Vec::with_capacity(self.replicates);
        for wave in blocks.chunks(2 * parallel::width()) {
            let parts: Vec<Result<Vec<T>>> = parallel::map(wave.to_vec(), |start: usize| {
                let mut counts = vec![0; rows];
                let replicates = start..self.replicates.min(start + BLOCK);
                replicates.map(|replicate| self.draw_one(replicate, figure, counts_of, &mut counts)).collect()
            });
            for part in parts {
                drawn.extend(part?);
            }
            if told(drawn.len()).is_break() {
                return Err(Error::Cancelled { steps: drawn.len() });
            }
        }
        Ok(drawn)
    }

    /// Draws until the figure is defined. What is drawn from weighs more than 1, so that at least four draws in ten hold
    /// a row, and both outcomes or arms where both are needed; a figure may have wants of its own.
    fn draw_one<T>(
        &self,
        replicate: usize,
        figure: &impl Fn(&[u32]) -> Option<T>,
        counts_of: &Poisson,
        counts: &mut [u32],
    ) -> Result<T> {
        const TRIES: usize = 1000;
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        random.set_stream(replicate as u64);
        for _ in 0..TRIES {
            counts_of.draw(&mut random, counts);
            if let Some(found) = figure(counts) {
                return Ok(found);
            }
        }
        let what =
            format!("a bootstrap: in {TRIES} draws of the rows the figure was not defined once; rows that differ");
        Err(Error::NotEnoughData { what, needed: 2, found: 1 })
    }
}

impl Figure {
    fn check_weight(self, rows: &Rows<'_>) -> Result<()> {
        let [_, _, weight, events] = rows.counts();
        match self {
            Self::RocAuc | Self::AveragePrecision => enough("a bootstrap", events, weight - events),
            Self::LogLoss { .. } | Self::Brier | Self::CalibrationError(_) => {
                more_than_one("a bootstrap", "rows", weight)
            }
        }
    }

    fn of(self, outcome: &Outcome<'_>, scores: &[f64]) -> Result<f64> {
        match self {
            Self::RocAuc => Ok(Ranking::new(outcome, scores)?.roc_auc()),
            Self::AveragePrecision => Ok(Ranking::new(outcome, scores)?.average_precision()),
            Self::LogLoss { clip } => log_loss(outcome, scores, clip),
            Self::Brier => brier(outcome, scores),
            Self::CalibrationError(bins) => calibration_error(outcome, scores, bins),
        }
    }
}

/// What a pass needs of each row, by falling score. NaN comes out where a figure is not defined.
#[derive(Debug)]
enum Pass {
    /// All bits set for events; where each run of equal scores ends, unless all scores differ.
    RocAuc {
        events: Vec<u32>,
        ends: Option<Vec<usize>>,
    },
    AveragePrecision {
        events: Vec<u32>,
        ends: Vec<usize>,
    },
    Mean {
        losses: Vec<f64>,
    },
    CalibrationError {
        happened: Vec<f64>,
        probabilities: Vec<f64>,
        ends: Vec<usize>,
    },
}

impl Pass {
    fn new(figure: Figure, rows: &Rows<'_>, order: &[(u64, usize)]) -> Result<Self> {
        let in_order = |of: &dyn Fn(usize) -> f64| order.iter().map(|&(_, row)| of(row)).collect::<Vec<f64>>();
        let events = || order.iter().map(|&(_, row)| if rows.happened[row] == 1.0 { u32::MAX } else { 0 }).collect();
        Ok(match figure {
            Figure::RocAuc => {
                let ends = ends_of(order, |one, two| one.0 == two.0);
                Self::RocAuc { events: events(), ends: (ends.len() < order.len()).then_some(ends) }
            }
            Figure::AveragePrecision => {
                Self::AveragePrecision { events: events(), ends: ends_of(order, |one, two| one.0 == two.0) }
            }
            Figure::LogLoss { clip } => {
                check_clip("log_loss", clip)?;
                let loss = |row: usize| row_log_loss(rows.happened[row], rows.scores[row], clip);
                if let Some(&(_, row)) = order.iter().find(|(_, row)| loss(*row) == f64::INFINITY) {
                    let must_be = "its outcome was the other, so its loss is infinite; set `clip` above 0";
                    return Err(Error::invalid_value("the probability", row, rows.scores[row], must_be));
                }
                Self::Mean { losses: in_order(&loss) }
            }
            Figure::Brier => Self::Mean { losses: in_order(&|row| row_brier(rows.happened[row], rows.scores[row])) },
            Figure::CalibrationError(bins) => {
                let edges = bins.edges("calibration_error", rows)?;
                let bin = |key: u64| bin_of(&edges, score_of(key));
                Self::CalibrationError {
                    happened: in_order(&|row| rows.happened[row]),
                    probabilities: in_order(&|row| rows.scores[row]),
                    ends: ends_of(order, |one, two| bin(one.0) == bin(two.0)),
                }
            }
        })
    }

    fn figure(&self, counts: &[u32]) -> f64 {
        match self {
            Self::RocAuc { events, ends: None } => roc_auc_of_distinct(events, counts),
            Self::RocAuc { events, ends: Some(ends) } => roc_auc_of_runs(events, ends, counts),
            Self::AveragePrecision { events, ends } => average_precision_of_runs(events, ends, counts),
            Self::Mean { losses } => mean(losses, counts),
            Self::CalibrationError { happened, probabilities, ends } => error(happened, probabilities, ends, counts),
        }
    }
}

pub(super) fn ends_of(order: &[(u64, usize)], alike: impl Fn(&(u64, usize), &(u64, usize)) -> bool) -> Vec<usize> {
    let mut end = 0;
    let up_to = |run: &[_]| {
        end += run.len();
        end
    };
    order.chunk_by(alike).map(up_to).collect()
}

fn roc_auc_of_distinct(events: &[u32], counts: &[u32]) -> f64 {
    let (mut all, mut above, mut pairs) = (0, 0, 0);
    for (&event, &count) in events.iter().zip(counts) {
        let happened = u64::from(count & event);
        all += u64::from(count);
        above += happened;
        pairs += u64::from(count & !event) * above;
    }
    (pairs as f64 / above as f64 / (all - above) as f64).clamp(0.0, 1.0)
}

fn roc_auc_of_runs(events: &[u32], ends: &[usize], counts: &[u32]) -> f64 {
    let (mut all, mut above, mut twice) = (0, 0, 0);
    for_each_run(ends, events, counts, |event, other| {
        all += event + other;
        twice += other * (2 * above + event);
        above += event;
    });
    (twice as f64 / 2.0 / above as f64 / (all - above) as f64).clamp(0.0, 1.0)
}

fn average_precision_of_runs(events: &[u32], ends: &[usize], counts: &[u32]) -> f64 {
    let (mut all, mut above, mut sum) = (0, 0, 0.0);
    for_each_run(ends, events, counts, |event, other| {
        all += event + other;
        above += event;
        if event > 0 {
            sum += event as f64 * (above as f64 / all as f64);
        }
    });
    if above == all { f64::NAN } else { sum / above as f64 }
}

#[inline(always)]
fn for_each_run(ends: &[usize], events: &[u32], counts: &[u32], mut take: impl FnMut(u64, u64)) {
    let mut start = 0;
    for &end in ends {
        let (mut event, mut other) = (0, 0);
        for (&mask, &count) in events[start..end].iter().zip(&counts[start..end]) {
            event += u64::from(count & mask);
            other += u64::from(count & !mask);
        }
        take(event, other);
        start = end;
    }
}

fn mean(losses: &[f64], counts: &[u32]) -> f64 {
    let (mut sum, mut all) = (0.0, 0);
    for (&loss, &count) in losses.iter().zip(counts) {
        sum += loss * f64::from(count);
        all += u64::from(count);
    }
    sum / all as f64
}

fn error(happened: &[f64], probabilities: &[f64], ends: &[usize], counts: &[u32]) -> f64 {
    let mut start = 0;
    let tally = |&end: &usize| {
        let mut one = Tally::default();
        for row in start..end {
            let count = f64::from(counts[row]);
            one.weight += count;
            one.events += count * happened[row];
            one.probability += count * probabilities[row];
        }
        start = end;
        one
    };
    error_of(&ends.iter().map(tally).collect::<Vec<_>>())
}

fn deviation(values: &[f64]) -> f64 {
    let size = values.len() as f64;
    let mean = values.iter().sum::<f64>() / size;
    (values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (size - 1.0)).sqrt()
}
