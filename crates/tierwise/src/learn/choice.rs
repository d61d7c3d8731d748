//! Which learner: candidates judged out of fold, and the simplest that is as good as the best.

use super::additive::base_log_odds;
use super::split::{Fold, check_rows_of_folds, out_of_fold};
use super::{Additive, Learner, Logistic, WeightOfEvidence, probability, softplus};
use crate::evaluate::{AucScale, Bins, Bootstrap, Figure, roc_auc_interval};
use crate::{Columns, Error, Outcome, Progress, Result};
use serde::Serialize;
use std::ops::ControlFlow;

/// A figure with its interval at 95 %.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The figure.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// One candidate, judged by scores out of fold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// The name it was given.
    pub name: String,
    /// The mean log-loss.
    pub log_loss: Interval,
    /// The area under the ROC curve, with DeLong's interval.
    pub roc_auc: Interval,
    /// Average precision: the area under the precision-recall curve.
    pub average_precision: Interval,
    /// The expected calibration error over ten bins of equally many rows.
    pub calibration_error: Interval,
    /// How much higher its log-loss is than that of the best candidate, row by row.
    pub behind: f64,
    /// The standard error of that difference.
    pub standard_error: f64,
}

/// What [`choose`] found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Choice {
    /// The candidates in the order given, the simplest first.
    pub candidates: Vec<Judged>,
    /// The position of the one with the lowest log-loss.
    pub best: usize,
    /// The position of the simplest that is within one standard error of the best; none where there is no signal.
    pub chosen: Option<usize>,
    /// The log-loss of the base rate alone.
    pub null_log_loss: f64,
    /// Why, in a sentence.
    pub reason: String,
}

/// The learners that [`choose`] is usually asked about, the simplest first: logistic, weights of evidence, additive
/// without pairs, additive with pairs.
pub fn usual_candidates() -> Vec<(String, Learner)> {
    vec![
        ("logistic".into(), Logistic::new().standardize(true).into()),
        ("weight of evidence".into(), WeightOfEvidence::new().into()),
        ("additive".into(), Additive::new().pairs(0).into()),
        ("additive with pairs".into(), Additive::new().into()),
    ]
}

/// Judges candidates on the same folds and chooses the simplest whose log-loss is within one standard error of the best.
///
/// The standard error is that of the difference to the best, row by row: both were wrong about the same customers, and
/// what they share cancels. (The rule is that of Breiman, Friedman, Olshen & Stone 1984, section 3.4.3; the paired
/// standard error is this library's.) Where not even the best beats the base rate clearly (one-sided, at 5 %), there is
/// **no signal**, and nothing is chosen.
///
/// Rows that no fold tests are left out of the figures. Weights count customers, in standard errors too. Offsets are part
/// of every score that is judged, and of that of the base rate. A winner was chosen because it did well on these rows: expect a
/// little less on new ones.
///
/// ```
/// use tierwise::learn::{Logistic, WeightOfEvidence, choose, stratified_folds};
/// use tierwise::{Columns, Feature, Outcome};
/// let features = [Feature::number("visits")];
/// let visits: Vec<f64> = (0..200).map(|row| f64::from(row * 7 % 20)).collect();
/// let won: Vec<bool> = (0..200).map(|row| row * 7 % 20 + row * 3 % 11 > 15).collect();
/// let (columns, won) = (Columns::in_order(&features, vec![&visits])?, Outcome::binary("won", &won));
/// let candidates = [("logistic".into(), Logistic::new().into()), ("evidence".into(), WeightOfEvidence::new().into())];
/// let choice = choose(&candidates, &columns, &won, &stratified_folds(&won, 5, 1, 0)?, 0, &mut |_| std::ops::ControlFlow::Continue(()))?;
/// assert!(choice.chosen.is_some() && choice.candidates[0].roc_auc.value > 0.9);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] for no candidate and those of [`out_of_fold`].
pub fn choose(
    candidates: &[(String, Learner)],
    data: &Columns<'_>,
    outcome: &Outcome<'_>,
    folds: &[Fold],
    seed: u64,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Choice> {
    if candidates.is_empty() {
        let must_be = "at least one".into();
        return Err(Error::InvalidParameter { of: "choose", name: "candidates", must_be, got: "none".into() });
    }
    outcome.check(data)?;
    check_rows_of_folds("choose", folds, outcome.values().len())?;
    let mut scores = Vec::with_capacity(candidates.len());
    for (index, (name, learner)) in candidates.iter().enumerate() {
        let mut watch = |step: Progress| {
            let (done, all) = (index * folds.len() + step.step, candidates.len() * folds.len());
            progress(Progress { step: done, limit: all, ..step })
        };
        let judged = out_of_fold(learner, data, outcome, folds, &mut watch);
        scores.push(judged.map_err(|cause| cause.of(format!("candidate `{name}`")))?);
    }
    let tested: Vec<usize> = (0..scores[0].len()).filter(|&row| !scores[0][row].is_nan()).collect();
    let rows = Tested::new(outcome, &tested);
    let losses: Vec<Vec<f64>> = scores.iter().map(|scores| rows.losses(scores, &tested)).collect();
    let means: Vec<f64> = losses.iter().map(|losses| rows.mean(losses)).collect();
    let best = (0..means.len()).min_by(|&a, &b| means[a].total_cmp(&means[b])).unwrap_or(0);
    let mut judged = Vec::with_capacity(candidates.len());
    for ((name, _), (scores, losses_of_one)) in candidates.iter().zip(scores.iter().zip(&losses)) {
        let scores: Vec<f64> = tested.iter().map(|&row| scores[row]).collect();
        judged.push(rows.judge(name, &scores, rows.difference(losses_of_one, &losses[best]), seed)?);
    }
    let null = rows.null_losses();
    let gain = rows.difference(&null, &losses[best]);
    Ok(decide(judged, best, rows.mean(&null), gain))
}

/// Chooses, and says why.
fn decide(candidates: Vec<Judged>, best: usize, null_log_loss: f64, gain: (f64, f64)) -> Choice {
    const CLEAR: f64 = 1.645; // 5 % of a normal lie above
    let name = |index: usize| &candidates[index].name;
    let within = |one: &Judged| one.behind <= one.standard_error;
    let simplest = candidates.iter().position(within).unwrap_or(best);
    let (chosen, reason) = if gain.0 <= CLEAR * gain.1 {
        let sentence = format!(
            "no signal: the best candidate, `{}`, lowers the log-loss of the base rate by {:.4} with a standard error of {:.4}",
            name(best),
            gain.0,
            gain.1
        );
        (None, sentence)
    } else if simplest == best {
        (
            Some(best),
            format!("`{}` has the lowest log-loss, and nothing simpler comes within one standard error", name(best)),
        )
    } else {
        let one = &candidates[simplest];
        let sentence = format!(
            "`{}` is simpler than `{}` and behind it by {:.4} in log-loss, within one standard error ({:.4})",
            one.name,
            name(best),
            one.behind,
            one.standard_error
        );
        (Some(simplest), sentence)
    };
    Choice { candidates, best, chosen, null_log_loss, reason }
}

/// Chances are at least that far from 0 and 1: one row that nobody could foresee must not decide alone.
const CLIP: f64 = f64::EPSILON;

/// The log-loss of one row.
fn row_loss(log_odds: f64, actual: f64) -> f64 {
    let against = if actual > 0.5 { -log_odds } else { log_odds };
    softplus(against).min(-libm::log(CLIP))
}

/// The rows that some fold tests.
struct Tested {
    outcome: Outcome<'static>,
    weights: Vec<f64>,
    offsets: Vec<f64>,
}

impl Tested {
    fn new(outcome: &Outcome<'_>, rows: &[usize]) -> Self {
        let of = |values: Option<&[f64]>, otherwise: f64| -> Vec<f64> {
            rows.iter().map(|&row| values.map_or(otherwise, |values| values[row])).collect()
        };
        Self {
            weights: of(outcome.row_weights(), 1.0),
            offsets: of(outcome.row_offsets(), 0.0),
            outcome: outcome.take(rows).without_offsets(),
        }
    }

    /// The log-loss of each row, its offset included.
    fn losses(&self, scores: &[f64], rows: &[usize]) -> Vec<f64> {
        let loss =
            |(index, &row): (usize, &usize)| row_loss(scores[row] + self.offsets[index], self.outcome.values()[index]);
        rows.iter().enumerate().map(loss).collect()
    }

    fn null_losses(&self) -> Vec<f64> {
        let base = base_log_odds(&self.offsets, self.outcome.values(), &self.weights);
        let actual = self.outcome.values().iter();
        actual.zip(&self.offsets).map(|(&actual, offset)| row_loss(base + offset, actual)).collect()
    }

    fn mean(&self, values: &[f64]) -> f64 {
        let total: f64 = self.weights.iter().sum();
        values.iter().zip(&self.weights).map(|(value, weight)| value * weight).sum::<f64>() / total
    }

    /// The mean of the differences, and its standard error.
    fn difference(&self, of: &[f64], from: &[f64]) -> (f64, f64) {
        let differences: Vec<f64> = of.iter().zip(from).map(|(of, from)| of - from).collect();
        let mean = self.mean(&differences);
        let squares: Vec<f64> = differences.iter().map(|one| (one - mean) * (one - mean)).collect();
        let total: f64 = self.weights.iter().sum();
        (mean, (self.mean(&squares) / total).sqrt())
    }

    fn judge(&self, name: &str, scores: &[f64], (behind, standard_error): (f64, f64), seed: u64) -> Result<Judged> {
        const REPLICATES: usize = 500;
        const CONFIDENCE: f64 = 0.95;
        let shifted: Vec<f64> = scores.iter().zip(&self.offsets).map(|(score, offset)| score + offset).collect();
        let chances: Vec<f64> = shifted.iter().map(|&score| probability(score)).collect();
        let bootstrap = Bootstrap::new(seed).replicates(REPLICATES).confidence(CONFIDENCE);
        let of = |figure: Figure| -> Result<Interval> {
            let found = bootstrap.interval(&self.outcome, &chances, figure)?;
            Ok(Interval { value: found.value, low: found.low, high: found.high })
        };
        let auc = roc_auc_interval(&self.outcome, &shifted, CONFIDENCE, AucScale::Logit)?;
        Ok(Judged {
            name: name.to_owned(),
            log_loss: of(Figure::LogLoss { clip: CLIP })?,
            roc_auc: Interval { value: auc.value, low: auc.low, high: auc.high },
            average_precision: of(Figure::AveragePrecision)?,
            calibration_error: of(Figure::CalibrationError(Bins::Quantile(10)))?,
            behind,
            standard_error,
        })
    }
}
