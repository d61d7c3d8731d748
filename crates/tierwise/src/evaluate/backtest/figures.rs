//! What is measured in a window, whatever the outcome is.

use super::{BacktestOutcome, OF};
use crate::evaluate::before_after::wilson;
use crate::evaluate::delong::AucScale;
use crate::evaluate::probability_loss::row_log_loss;
use crate::evaluate::promotion::TopOfList;
use crate::evaluate::ranking::Ranking;
use crate::evaluate::recalibration::{Estimate, recalibration};
use crate::evaluate::rows::Rows;
use crate::evaluate::spend_capture::spend_capture;
use crate::special::normal::normal_width;
use crate::{Error, Outcome, Result};
use serde::Serialize;

/// Probabilities nearer to 0 or 1 are moved there: one certainty that turned out wrong would make the loss infinite.
const CLIP: f64 = 1e-12;

/// What is measured in each window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BacktestFigure {
    /// The area under the ROC curve, with DeLong's interval.
    RocAuc,
    /// The mean log-loss of probabilities kept 1e-12 from 0 and 1.
    LogLoss,
    /// The slope of [`recalibration`](crate::evaluate::recalibration): below 1 too extreme.
    CalibrationSlope,
    /// Its intercept.
    CalibrationIntercept,
    /// Calibration-in-the-large: above 0 it happens more often than was said.
    CalibrationInTheLarge,
    /// The share of events in the top of the list, with Wilson's interval for the list as it is.
    Precision,
    /// That share over the share among all; the interval takes the latter as given.
    Lift,
    /// MAE, in the unit of the outcome.
    MeanAbsoluteError,
    /// WAPE, a share.
    WeightedAbsolutePercentageError,
    /// The mean of what was said less what came.
    Bias,
    /// The share of the whole that the top of the list brings. It has no interval.
    SpendCapture,
}

impl BacktestFigure {
    /// Its name, as in Python.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RocAuc => "roc_auc",
            Self::LogLoss => "log_loss",
            Self::CalibrationSlope => "calibration_slope",
            Self::CalibrationIntercept => "calibration_intercept",
            Self::CalibrationInTheLarge => "calibration_in_the_large",
            Self::Precision => "precision",
            Self::Lift => "lift",
            Self::MeanAbsoluteError => "mean_absolute_error",
            Self::WeightedAbsolutePercentageError => "weighted_absolute_percentage_error",
            Self::Bias => "bias",
            Self::SpendCapture => "spend_capture",
        }
    }
}

/// A figure of one window with the interval of its rows; a figure that cannot be known says why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WindowFigure {
    /// Which figure.
    pub figure: BacktestFigure,
    /// Its value.
    pub value: Option<f64>,
    /// The lower end.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// Why there is no value.
    pub reason: Option<String>,
}

impl WindowFigure {
    fn new(figure: BacktestFigure, found: Result<(f64, f64, f64)>) -> Self {
        match found {
            Ok((value, low, high)) => {
                let known = |number: f64| (!number.is_nan()).then_some(number);
                Self { figure, value: known(value), low: known(low), high: known(high), reason: None }
            }
            Err(error) => Self { figure, value: None, low: None, high: None, reason: Some(error.to_string()) },
        }
    }
}

/// The rows of one side of a window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct WindowRows {
    /// Rows that carry weight.
    pub rows: usize,
    /// Events among them; none for amounts.
    pub events: Option<usize>,
    /// The base rate, or the mean amount, by weight; none without rows.
    pub mean: Option<f64>,
}

/// How a backtest judges.
pub(super) struct Judge<'a> {
    pub(super) outcome: BacktestOutcome<'a>,
    pub(super) confidence: f64,
    pub(super) top: TopOfList,
}

impl Judge<'_> {
    pub(super) fn count(&self, rows: &[usize]) -> WindowRows {
        let (values, weights) = self.outcome.parts();
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
        let (mut counted, mut events, mut sum, mut total) = (0, 0, 0.0, 0.0);
        for &row in rows.iter().filter(|&&row| weight(row) > 0.0) {
            counted += 1;
            events += usize::from(values[row] == 1.0);
            sum += weight(row) * values[row];
            total += weight(row);
        }
        let events = (!matches!(self.outcome, BacktestOutcome::Number { .. })).then_some(events);
        WindowRows { rows: counted, events, mean: (counted > 0).then(|| sum / total) }
    }

    /// The weights of some rows, where there are any.
    pub(super) fn weights(&self, rows: &[usize]) -> Option<Vec<f64>> {
        let (_, weights) = self.outcome.parts();
        weights.map(|weights| rows.iter().map(|&row| weights[row]).collect())
    }

    /// All figures of some rows and their scores.
    pub(super) fn figures(&self, rows: &[usize], scores: &[f64]) -> Vec<WindowFigure> {
        match self.outcome {
            BacktestOutcome::Probability(outcome) => {
                let outcome = outcome.take(rows);
                let mut figures = self.of_order(&outcome, scores);
                figures.extend(self.of_probability(&outcome, scores));
                figures
            }
            BacktestOutcome::Ranking(outcome) => self.of_order(&outcome.take(rows), scores),
            BacktestOutcome::Number { actual, weights } => {
                let of = |column: &[f64]| rows.iter().map(|&row| column[row]).collect::<Vec<f64>>();
                self.of_amounts(&of(actual), scores, weights.map(of).as_deref())
            }
        }
    }

    fn of_order(&self, outcome: &Outcome<'_>, scores: &[f64]) -> Vec<WindowFigure> {
        let ranking = Ranking::new(outcome, scores);
        let area = ranking.clone().and_then(|ranking| {
            let found = ranking.roc_auc_interval(self.confidence, AucScale::Logit)?;
            Ok((found.value, found.low, found.high))
        });
        let top = ranking.and_then(|ranking| {
            let (events, others) = ranking.totals();
            let row = ranking.lift_table(&[self.share(events + others)?])?.remove(0);
            let bounded = wilson(row.events, row.weight, self.confidence);
            let base = events / (events + others);
            Ok([(row.rate, bounded.low, bounded.high), (row.lift, bounded.low / base, bounded.high / base)])
        });
        let of_top = |place: usize| top.clone().map(|top| top[place]);
        vec![
            WindowFigure::new(BacktestFigure::RocAuc, area),
            WindowFigure::new(BacktestFigure::Precision, of_top(0)),
            WindowFigure::new(BacktestFigure::Lift, of_top(1)),
        ]
    }

    fn of_probability(&self, outcome: &Outcome<'_>, scores: &[f64]) -> Vec<WindowFigure> {
        let loss = Rows::probable(OF, outcome, scores)
            .map(|rows| self.mean(&rows, |row| row_log_loss(rows.happened[row], rows.scores[row], CLIP)));
        let within: Vec<f64> = scores.iter().map(|said| said.clamp(CLIP, 1.0 - CLIP)).collect();
        let line = recalibration(outcome, &within, self.confidence);
        let of_line = |estimate: fn(&crate::evaluate::Recalibration) -> Estimate| {
            line.as_ref().map(estimate).map(|found| (found.value, found.low, found.high)).map_err(Error::clone)
        };
        vec![
            WindowFigure::new(BacktestFigure::LogLoss, loss),
            WindowFigure::new(BacktestFigure::CalibrationSlope, of_line(|line| line.slope)),
            WindowFigure::new(BacktestFigure::CalibrationIntercept, of_line(|line| line.intercept)),
            WindowFigure::new(BacktestFigure::CalibrationInTheLarge, of_line(|line| line.in_the_large)),
        ]
    }

    fn of_amounts(&self, actual: &[f64], scores: &[f64], weights: Option<&[f64]>) -> Vec<WindowFigure> {
        let figures = Rows::numbers(actual, scores, weights).map(|rows| {
            let absolute = self.mean(&rows, |row| rows.error(row).abs());
            let bias = self.mean(&rows, |row| rows.error(row));
            (absolute, self.relative_error(&rows), bias, self.share(rows.sums(|_| [1.0])[0]))
        });
        let (absolute, relative, bias, share) = match figures {
            Ok((absolute, relative, bias, share)) => (Ok(absolute), relative, Ok(bias), share),
            Err(error) => (Err(error.clone()), Err(error.clone()), Err(error.clone()), Err(error)),
        };
        let capture = share.and_then(|share| {
            let found = spend_capture(actual, scores, weights, &[share])?.remove(0);
            Ok((found.capture, f64::NAN, f64::NAN))
        });
        vec![
            WindowFigure::new(BacktestFigure::MeanAbsoluteError, absolute),
            WindowFigure::new(BacktestFigure::WeightedAbsolutePercentageError, relative),
            WindowFigure::new(BacktestFigure::Bias, bias),
            WindowFigure::new(BacktestFigure::SpendCapture, capture),
        ]
    }

    /// WAPE, with an interval by the delta method: the ratio moves as the mean of what a row adds to it does.
    fn relative_error(&self, rows: &Rows<'_>) -> Result<(f64, f64, f64)> {
        let [errors, amounts, weight] = rows.sums(|row| [rows.error(row).abs(), rows.happened[row].abs(), 1.0]);
        if amounts == 0.0 {
            return Err(Error::NotEnoughData { what: "a relative error: amounts".into(), needed: 1, found: 0 });
        }
        let share = errors / amounts;
        let adds = |row: usize| (rows.error(row).abs() - share * rows.happened[row].abs()) * weight / amounts;
        let (_, low, high) = self.mean(rows, adds);
        Ok((share, share + low, share + high))
    }

    /// The mean of what each row has, with a normal interval.
    fn mean(&self, rows: &Rows<'_>, of: impl Fn(usize) -> f64 + Sync + Send) -> (f64, f64, f64) {
        let [sum, weight] = rows.sums(|row| [of(row), 1.0]);
        let value = sum / weight;
        let [squares] = rows.sums(|row| [(of(row) - value) * (of(row) - value)]);
        let width = normal_width(self.confidence) * (squares / (weight - 1.0) / weight).sqrt();
        (value, value - width, value + width)
    }

    /// The top of a list of so many customers, as a share of them.
    fn share(&self, all: f64) -> Result<f64> {
        match self.top {
            TopOfList::Share(share) => Ok(share),
            TopOfList::Capacity(long) if long <= all => Ok(long / all),
            TopOfList::Capacity(long) => Err(Error::NotEnoughData {
                what: "the top of the list: customers".into(),
                needed: long as usize,
                found: all as usize,
            }),
        }
    }
}
