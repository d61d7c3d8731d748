//! Do the probabilities mean what they say?

use super::order::drawn;
use super::{Judged, ReportWords};
use crate::evaluate::before_after::Bounded;
use crate::evaluate::bootstrap::Figure;
use crate::evaluate::calibration::{Bins, CalibrationBin, calibration_error, calibration_table};
use crate::evaluate::fairness::GroupFigure;
use crate::evaluate::goodness::{Spiegelhalter, spiegelhalter};
use crate::evaluate::recalibration::{Recalibration, recalibration};
use crate::evaluate::words::{count, percent};
use crate::evaluate::{brier, log_loss};
use crate::{Error, Result};
use serde::Serialize;

const BINS: Bins = Bins::Quantile(10);

/// Whether the probabilities mean what they say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CalibrationReport {
    /// In plain words.
    pub words: ReportWords,
    /// What was said, in the mean.
    pub mean_probability: f64,
    /// Ten bins of about equal size, with Jeffreys' intervals.
    pub table: Vec<CalibrationBin>,
    /// By how much the probabilities would have to be bent; or why that is not known.
    pub recalibration: GroupFigure<Recalibration>,
    /// The log-loss; or the row that makes it infinite.
    pub log_loss: GroupFigure<f64>,
    /// Its interval, where rows may be drawn anew.
    pub log_loss_interval: Option<GroupFigure<Bounded>>,
    /// The log-loss of a model that knows the base rate only.
    pub log_loss_of_base_rate: f64,
    /// The Brier score.
    pub brier: f64,
    /// Its interval, where rows may be drawn anew.
    pub brier_interval: Option<GroupFigure<Bounded>>,
    /// By how much the Brier score is below that of the base rate, as a share of it; below 0 the model is worse.
    pub brier_skill: f64,
    /// The expected calibration error over the ten bins.
    pub calibration_error: f64,
    /// The test of Spiegelhalter; or why there is none.
    pub spiegelhalter: GroupFigure<Spiegelhalter>,
}

pub(super) fn calibration(judged: &Judged<'_>) -> Result<CalibrationReport> {
    let (outcome, said, confidence) = (judged.outcome, judged.scores, judged.confidence());
    let table = calibration_table(outcome, said, BINS, confidence)?;
    let bent = GroupFigure::of(recalibration(outcome, said, confidence));
    let (customers, events) = judged.totals();
    let rate = events / customers;
    let mean_probability = table.iter().map(|bin| bin.weight * bin.mean_probability).sum::<f64>() / customers;
    let brier = brier(outcome, said)?;
    Ok(CalibrationReport {
        words: words(judged, mean_probability, &table, &bent),
        mean_probability,
        recalibration: bent,
        log_loss: GroupFigure::of(finite_log_loss(judged)),
        log_loss_interval: drawn(judged, Figure::LogLoss { clip: 0.0 }),
        log_loss_of_base_rate: -(rate * libm::log(rate) + (1.0 - rate) * libm::log1p(-rate)),
        brier,
        brier_interval: drawn(judged, Figure::Brier),
        brier_skill: 1.0 - brier / (rate * (1.0 - rate)),
        calibration_error: calibration_error(outcome, said, BINS)?,
        spiegelhalter: GroupFigure::of(spiegelhalter(outcome, said)),
        table,
    })
}

fn finite_log_loss(judged: &Judged<'_>) -> Result<f64> {
    let loss = log_loss(judged.outcome, judged.scores, 0.0)?;
    if loss.is_finite() {
        return Ok(loss);
    }
    let rows = &judged.rows;
    let refuted = |&row: &usize| rows.weight(row) > 0.0 && (rows.happened[row] - judged.scores[row]).abs() == 1.0;
    let row = (0..rows.len()).find(refuted).unwrap_or_default();
    let must_be =
        "it was certain and turned out wrong, so that the log-loss is infinite; keep probabilities within 0 and 1";
    Err(Error::invalid_value("the probability", row, judged.scores[row], must_be))
}

fn words(judged: &Judged<'_>, mean: f64, table: &[CalibrationBin], bent: &GroupFigure<Recalibration>) -> ReportWords {
    let happened = judged.options.happened;
    let (customers, events) = judged.totals();
    let finding = match bent.known() {
        Some(found) if found.in_the_large.low > 0.0 => ": more than was said",
        Some(found) if found.in_the_large.high < 0.0 => ": fewer than was said",
        Some(_) => ": as many as was said, within chance",
        None => "",
    };
    let says = format!(
        "On average the model says {}, and {} {happened}{finding}.",
        percent(mean),
        percent(events / customers)
    );
    let mut doubts = Vec::new();
    match bent {
        GroupFigure::Known(found) if found.slope.high < 1.0 => doubts.push(format!(
            "The probabilities are too extreme (calibration slope {:.2}, below 1): high ones come true less often, low ones more \
             often. The usual cause is a model that was fitted too closely.",
            found.slope.value
        )),
        GroupFigure::Known(found) if found.slope.low > 1.0 => doubts.push(format!(
            "The probabilities are too timid (calibration slope {:.2}, above 1): high ones come true more often, low ones less \
             often.",
            found.slope.value
        )),
        GroupFigure::Known(_) => {}
        GroupFigure::Not(why) => doubts.push(format!("By how much they would have to be bent is not known: {why}.")),
    }
    if bent.known().is_some_and(|found| found.in_the_large.low > 0.0 || found.in_the_large.high < 0.0) {
        doubts.push(
            "Do not use them as amounts of risk or of money before they are calibrated on new customers; the order is \
                     not touched by this."
                .into(),
        );
    }
    let off = table.iter().filter(|bin| bin.mean_probability < bin.low || bin.mean_probability > bin.high).count();
    // Of ten bins that are right one is off by chance in 4 tests of 10, three hardly ever.
    if off > 2 {
        doubts
            .push(format!("In {off} of {} groups what was said lies outside the interval of what came.", table.len()));
    }
    if events.min(customers - events) < 100.0 {
        doubts.push(format!(
            "With {} customers of the rarer outcome a wrong probability would hardly be seen.",
            count(events.min(customers - events))
        ));
    }
    let caution = "A model may rank well and promise double, or be calibrated and useless: read this beside the ranking. A \
                   group of few customers says little: look at its interval.";
    ReportWords::new(says, doubts, caution)
}
