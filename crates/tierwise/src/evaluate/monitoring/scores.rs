//! The figures of the scores of a batch, and how they moved.

use super::{Batch, BatchFigures, BatchScores, MonitoringOptions, OF};
use crate::evaluate::before_after::Bounded;
use crate::evaluate::delong::AucScale;
use crate::evaluate::drift::{DriftLevel, DriftSample, DriftSettings, compare_counts, drift as table_drift};
use crate::evaluate::fairness::GroupFigure;
use crate::evaluate::ranking::Ranking;
use crate::evaluate::recalibration::{Estimate, recalibration};
use crate::evaluate::rows::{Rows, parameter};
use crate::evaluate::score_histogram::ScoreHistogram;
use crate::rates::{Rate, rate};
use crate::{Columns, Error, Feature, Outcome, Result};
use serde::Serialize;

/// What came against what was said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BatchCalibration {
    /// What was said, in the mean.
    pub mean_probability: f64,
    /// What came over what was said, with the interval of the share of events taken as the only one in doubt (inferred).
    pub ratio: Bounded,
    /// The calibration slope; or why there is none. Of a histogram it is that of the means of its bins.
    pub slope: GroupFigure<Estimate>,
}

/// How the scores of a batch moved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BatchScoreShift {
    /// The population stability index.
    pub population_stability: f64,
    /// What chance alone makes of it.
    pub noise: Option<f64>,
    /// The chance of an index as large without a change.
    pub p_value: f64,
    /// The level of the score by itself.
    pub level: DriftLevel,
}

/// Scores with their outcome: rows, or the bins of a histogram as weighted rows.
pub(super) struct Scored<'a> {
    scores: std::borrow::Cow<'a, [f64]>,
    outcome: Option<std::borrow::Cow<'a, Outcome<'a>>>,
}

pub(super) fn figures<'a>(
    name: &str,
    scores: BatchScores<'a>,
    options: &MonitoringOptions,
) -> Result<(BatchFigures, Option<Scored<'a>>)> {
    let scored = match scores {
        BatchScores::None => {
            let none =
                BatchFigures { customers: None, mean_score: None, base_rate: None, roc_auc: None, calibration: None };
            return Ok((none, None));
        }
        BatchScores::Rows { scores, outcome } => {
            Scored { scores: scores.into(), outcome: outcome.map(std::borrow::Cow::Borrowed) }
        }
        BatchScores::Histogram(histogram) => of_bins(name, histogram)?,
    };
    let nobody = Outcome::binary("outcome", &vec![false; scored.scores.len()]);
    let outcome = scored.outcome.as_deref().unwrap_or(&nobody);
    let what = format!("the score of `{name}`");
    let rows = Rows::ranked_as(&what, OF, outcome, &scored.scores)?;
    let [customers, sum, events] = rows.sums(|row| [1.0, rows.scores[row], rows.happened[row]]);
    let mean_score = Some(sum / customers).filter(|mean| mean.is_finite());
    let mut found =
        BatchFigures { customers: Some(customers), mean_score, base_rate: None, roc_auc: None, calibration: None };
    if scored.outcome.is_some() {
        let share = rate(events.clamp(0.0, customers), customers, options.confidence)?;
        found.base_rate = Some(share);
        found.roc_auc = Some(GroupFigure::of(area(rows, options.confidence)));
        let within = scored.scores.iter().all(|score| (0.0..=1.0).contains(score));
        if options.probabilities.unwrap_or(within) {
            Rows::probable(OF, outcome, &scored.scores)?;
            found.calibration = calibration(outcome, &scored.scores, mean_score, &share, options.confidence);
        }
    }
    Ok((found, Some(scored)))
}

/// Two rows per bin: so many events and so many others, with the mean of its scores.
fn of_bins<'a>(name: &str, histogram: &ScoreHistogram) -> Result<Scored<'a>> {
    let (mut scores, mut happened, mut weights) = (Vec::new(), Vec::new(), Vec::new());
    for bin in histogram.bins() {
        let Some(mean) = bin.mean_score else { continue };
        for (event, weight) in [(true, bin.events), (false, bin.weight - bin.events)] {
            scores.push(mean);
            happened.push(event);
            weights.push(weight.max(0.0));
        }
    }
    if scores.is_empty() {
        return Err(Error::EmptyTable { what: format!("the histogram of `{name}`") });
    }
    let outcome = Outcome::binary("outcome", &happened).weights(weights)?;
    Ok(Scored { scores: scores.into(), outcome: Some(std::borrow::Cow::Owned(outcome)) })
}

fn area(rows: Rows<'_>, confidence: f64) -> Result<Bounded> {
    let auc = Ranking::of_rows(&rows.both_classes()?).roc_auc_interval(confidence, AucScale::Logit)?;
    Ok(Bounded { value: auc.value, low: auc.low, high: auc.high })
}

fn calibration(
    outcome: &Outcome<'_>,
    said: &[f64],
    mean: Option<f64>,
    came: &Rate,
    confidence: f64,
) -> Option<BatchCalibration> {
    // Where 0 is said of all, whatever came is beyond measure more.
    let mean_probability = mean?.max(1e-12);
    let ratio = Bounded {
        value: came.rate / mean_probability,
        low: came.low / mean_probability,
        high: came.high / mean_probability,
    };
    let slope = GroupFigure::of(recalibration(outcome, said, confidence).map(|found| found.slope));
    Some(BatchCalibration { mean_probability, ratio, slope })
}

pub(super) fn shift(
    reference: BatchScores<'_>,
    batch: &Batch<'_>,
    (then, now): (&Option<Scored<'_>>, &Option<Scored<'_>>),
    settings: &DriftSettings,
) -> Result<Option<BatchScoreShift>> {
    match (reference, batch.scores) {
        (BatchScores::None, _) | (_, BatchScores::None) => Ok(None),
        (BatchScores::Histogram(then), BatchScores::Histogram(now)) => {
            let (then, now) = (then.bins(), now.bins());
            if then.len() != now.len() || then.iter().zip(&now).any(|(one, two)| one.to != two.to) {
                let reason = format!("the histogram of `{}` has other edges than that of the reference", batch.name);
                return Err(Error::CannotMerge { reason });
            }
            let weights =
                |bins: &[crate::evaluate::HistogramBin]| bins.iter().map(|bin| bin.weight).collect::<Vec<f64>>();
            let found = compare_counts(&weights(&then), &weights(&now), settings)?;
            Ok(Some(BatchScoreShift {
                population_stability: found.population_stability,
                noise: found.noise,
                p_value: found.p_value,
                level: DriftLevel::of(found.population_stability, found.p_value, settings),
            }))
        }
        (BatchScores::Rows { .. }, BatchScores::Rows { .. }) => {
            let (Some(then), Some(now)) = (then, now) else { return Ok(None) };
            let features = [Feature::number(format!("score of {}", batch.name))];
            let one = Columns::in_order(&features, vec![&*then.scores])?;
            let two = Columns::in_order(&features, vec![&*now.scores])?;
            let found = table_drift(then.sample(&one), now.sample(&two), settings)?.columns.remove(0);
            Ok(Some(BatchScoreShift {
                population_stability: found.population_stability,
                noise: found.noise,
                p_value: found.p_value,
                level: found.level,
            }))
        }
        _ => {
            let must_be = "all of one sort: rows in the reference and in every batch, or histograms";
            Err(parameter(OF, "batches", must_be, &format!("`{}` of another sort than the reference", batch.name)))
        }
    }
}

impl Scored<'_> {
    fn sample<'b>(&'b self, columns: &'b Columns<'b>) -> DriftSample<'b> {
        let sample = DriftSample::new(columns);
        match self.outcome.as_deref().and_then(Outcome::row_weights) {
            Some(weights) => sample.weights(weights),
            None => sample,
        }
    }
}
