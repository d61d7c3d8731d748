//! Whether a frequency model knows more than the base rate, judged by leads that it had not seen.

use super::{FrequencyCounts, FrequencyModel, Smoothing};
use crate::learn::softplus;
use crate::rates::check_confidence;
use crate::score::check_bound;
use crate::special::normal::normal_width;
use crate::{Columns, Error, Explain, Outcome, Result, Score};
use libm::sqrt;
use serde::{Deserialize, Serialize};

/// A model is made anew so many times on the way through a table.
const BLOCKS: usize = 100;

/// Fewer leads than this say nothing either way.
const FEWEST: usize = 50;

/// What a frequency model is worth against the base rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalVerdict {
    /// The whole interval of the gain lies above 0.
    Better,
    /// It does not: call in any order you like, or look for better facts.
    NoBetterThanTheBaseRate,
}

/// What [`frequency_signal`] finds. Log-losses are means over the leads predicted, in nats.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrequencySignal {
    /// Whether the model is worth using.
    pub verdict: SignalVerdict,
    /// Leads that were predicted; not those before the first won and lost ones were known.
    pub leads: u64,
    /// Of predicting the rate of won leads so far.
    pub base_log_loss: f64,
    /// Of the model as it is.
    pub log_loss: f64,
    /// Of the model with the factor that had been best until then: see [`FrequencyModel::tempered`].
    pub tempered_log_loss: f64,
    /// `base_log_loss - tempered_log_loss`.
    pub gain: f64,
    /// The lower end of the interval of the gain.
    pub low: f64,
    /// The upper end of the interval of the gain.
    pub high: f64,
    /// Of the interval.
    pub confidence: f64,
    /// The factor, in `[0, 1]`, that would have been best over all leads predicted; use it for new leads.
    pub temper: f64,
}

/// Predicts the leads of a table one after the other, each from those before it (and from `start`), and compares the
/// log-loss with that of the rate of won leads so far. **Rows must stand in the order in which outcomes became known.**
///
/// The table is read in 100 blocks; before each, a model is made of what was counted until then, tempered by the factor
/// that was best for all earlier predictions. As every prediction uses earlier leads only (A. P. Dawid, "Present
/// position and potential developments: the prequential approach", 1984), differences between the losses are
/// uncorrelated around their expectation, and the interval of their mean is the normal one.
///
/// ```
/// use tierwise::lead::{FrequencyCounts, FrequencySpec, Smoothing, SignalVerdict, frequency_signal};
/// use tierwise::{Columns, Feature, Outcome};
/// let start = FrequencyCounts::new(FrequencySpec { fields: vec![Feature::yes_no("asked")], ..FrequencySpec::default() })?;
/// let asked: Vec<f64> = (0..400).map(|lead| f64::from(lead % 3 == 0)).collect();
/// let won: Vec<bool> = (0..400).map(|lead| lead % 3 == 0 || lead % 7 == 0).collect();
/// let leads = Columns::in_order(start.features(), vec![&asked])?;
/// let signal = frequency_signal(&start, &leads, &Outcome::binary("won", &won), Smoothing::EmpiricalBayes, 0.95)?;
/// assert_eq!(signal.verdict, SignalVerdict::Better);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`FrequencyCounts::observe_columns`] and [`FrequencyCounts::model`], [`Error::InvalidParameter`] for a
/// confidence outside (0, 1), and [`Error::NotEnoughData`] when fewer than 50 leads can be predicted.
pub fn frequency_signal(
    start: &FrequencyCounts,
    leads: &Columns<'_>,
    outcome: &Outcome<'_>,
    smoothing: Smoothing,
    confidence: f64,
) -> Result<FrequencySignal> {
    check_confidence("frequency_signal", confidence)?;
    smoothing.check()?;
    check_bound(start.features(), leads)?;
    start.clone().observe_columns(leads, outcome)?;
    let won = outcome.values();
    let size = leads.rows().div_ceil(BLOCKS).max(1);
    let mut counts = start.clone();
    let mut told = Predictions::default();
    for first in (0..leads.rows()).step_by(size) {
        let block = first..(first + size).min(leads.rows());
        let part = leads.slice(block.clone());
        let (so_far_won, so_far_lost) = counts.leads();
        if so_far_won > 0 && so_far_lost > 0 {
            told.add(&counts.model(smoothing)?, &part, &won[block.clone()]);
        }
        let happened: Vec<bool> = won[block].iter().map(|&won| won == 1.0).collect();
        counts.observe_columns(&part, &Outcome::binary(outcome.name(), &happened))?;
    }
    told.judged(confidence)
}

/// Predictions so far: base, what the facts add, the outcome, and the gain with the factor of the time.
#[derive(Default)]
struct Predictions {
    made: Vec<Prediction>,
    gains: Vec<f64>,
}

struct Prediction {
    base: f64,
    added: f64,
    won: bool,
}

impl Predictions {
    fn add(&mut self, model: &FrequencyModel, leads: &Columns<'_>, won: &[f64]) {
        let temper = best_temper(&self.made);
        let mut scores = vec![0.0; leads.rows()];
        model.score_columns(leads, &mut scores);
        for (score, &won) in scores.into_iter().zip(won) {
            let (base, won) = (model.base(), won == 1.0);
            let one = Prediction { base, added: score - base, won };
            self.gains.push(one.loss(0.0) - one.loss(temper));
            self.made.push(one);
        }
    }

    fn judged(&self, confidence: f64) -> Result<FrequencySignal> {
        let leads = self.made.len();
        if leads < FEWEST {
            let what = "a verdict on the frequency model, leads predicted".into();
            return Err(Error::NotEnoughData { what, needed: FEWEST, found: leads });
        }
        let rows = leads as f64;
        let loss = |temper: f64| self.made.iter().map(|one| one.loss(temper)).sum::<f64>() / rows;
        let gain = self.gains.iter().sum::<f64>() / rows;
        let squares: f64 = self.gains.iter().map(|one| (one - gain) * (one - gain)).sum();
        let margin = normal_width(confidence) * sqrt(squares / (rows - 1.0) / rows);
        let better = gain - margin > 0.0;
        Ok(FrequencySignal {
            verdict: if better { SignalVerdict::Better } else { SignalVerdict::NoBetterThanTheBaseRate },
            leads: leads as u64,
            base_log_loss: loss(0.0),
            log_loss: loss(1.0),
            tempered_log_loss: loss(0.0) - gain,
            gain,
            low: gain - margin,
            high: gain + margin,
            confidence,
            temper: best_temper(&self.made),
        })
    }
}

impl Prediction {
    /// `ln(1 + e^-z)` of the log-odds of what happened.
    fn loss(&self, temper: f64) -> f64 {
        let log_odds = self.base + temper * self.added;
        softplus(if self.won { -log_odds } else { log_odds })
    }

    /// How the loss changes with the factor.
    fn slope(&self, temper: f64) -> f64 {
        let chance = crate::learn::probability(self.base + temper * self.added);
        self.added * (chance - if self.won { 1.0 } else { 0.0 })
    }
}

/// The factor in `[0, 1]` with the least loss, which is convex in it; 1 while nothing was predicted.
fn best_temper(made: &[Prediction]) -> f64 {
    const HALVINGS: usize = 20;
    let slope = |temper: f64| made.iter().map(|one| one.slope(temper)).sum::<f64>();
    if slope(1.0) <= 0.0 {
        return 1.0;
    }
    if slope(0.0) >= 0.0 {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if slope(middle) > 0.0 { high = middle } else { low = middle }
    }
    f64::midpoint(low, high)
}
