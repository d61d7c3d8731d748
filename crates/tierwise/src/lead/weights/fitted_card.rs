//! A card whose points were learned from outcomes: its score is the log-odds of winning.

use super::stretches::{Stretch, extremes, stretches};
use super::{Per, State};
use crate::learn::{Probability, probability, saved_probability};
use crate::rates::check_confidence;
use crate::scorecard::{Compiled, Scorecard};
use crate::special::normal::normal_width;
use crate::sum::{IsSum, Part, Shape, Sum};
use crate::{Columns, Error, Feature, FitReport, Result, Score, Term};
use serde::{Deserialize, Serialize};

/// An expert card fitted to outcomes; made by [`CardFit`](super::CardFit). Its score is the log-odds of the positive class.
///
/// The base is the log-odds of a lead about whom every question says nothing (its neutral points); a contribution is
/// what an answer adds to that.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "FittedCardFile", into = "FittedCardFile")]
pub struct FittedCard {
    file: FittedCardFile,
    stretches: Vec<Stretch>,
    terms: Vec<Term>,
    sum: Sum,
}

/// What a model file holds of a fitted card: the card, what was learned, and nothing that follows from them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FittedCardFile {
    pub(super) card: Scorecard,
    pub(super) outcome: String,
    pub(super) positive: String,
    pub(super) per: Per,
    /// In deals; absent for the expert card alone.
    pub(super) strength: Option<f64>,
    /// The number of folds; 0 where the strength was stated.
    pub(super) folds: usize,
    pub(super) path: Vec<PathPoint>,
    pub(super) learned: Learned,
    pub(super) report: FitReport,
}

/// What was learned, in log-odds per point of the expert card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Learned {
    /// The log-odds of a lead with the mean points of the deals.
    pub(super) base: f64,
    pub(super) scale: f64,
    pub(super) scale_standard_error: f64,
    /// One per stretch, in the order of [`stretches`].
    pub(super) multipliers: Vec<Multiplier>,
    /// Of the base and the multipliers.
    pub(super) covariance: Vec<Vec<f64>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Multiplier {
    /// The mean of the deals' points within the stretch.
    pub(super) mean: f64,
    /// Log-odds per point.
    pub(super) value: f64,
    pub(super) state: State,
}

/// One strength that was tried, and how well it predicted the deals left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathPoint {
    /// The strength in deals; absent for the expert card alone.
    pub strength: Option<f64>,
    /// The mean held-out log-loss.
    pub log_loss: f64,
    /// Its standard error over the deals.
    pub standard_error: f64,
    /// By how much the loss is above the least.
    pub above_best: f64,
    /// The standard error of that difference.
    pub above_best_standard_error: f64,
    /// Whether this strength was chosen.
    pub chosen: bool,
}

/// What one characteristic weighs: by the expert, and after the fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CardWeight {
    /// The characteristic.
    pub characteristic: String,
    /// Its share of the expert card: the difference between its best and worst answer, of the sum of these, in percent.
    pub expert_weight: f64,
    /// The same of the fitted card.
    pub fitted_weight: f64,
    /// Log-odds per point of the expert's; the mean over its points where each answer was fitted.
    pub multiplier: f64,
    /// The multiplier's standard error; 0 where it is held at 0.
    pub standard_error: f64,
    /// The lower end of its interval.
    pub lower: f64,
    /// The upper end of its interval.
    pub upper: f64,
    /// The multiplier in units of the scale: 1 where the expert was right, 0 where the answer says nothing. NaN when
    /// the scale is 0.
    pub relative: f64,
    /// Whether all of it, or some of its answers, are held at 0.
    pub at_bound: bool,
    /// Whether the deals say nothing about some of its points.
    pub unlearned: bool,
}

/// What one answer is worth: by the expert, and after the fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AnswerValue {
    /// The characteristic.
    pub characteristic: String,
    /// The answer in words.
    pub answer: String,
    /// The expert's points; for points in proportion to a number those of the highest.
    pub expert_points: f64,
    /// The log-odds that it adds, measured from 0 points.
    pub log_odds: f64,
}

/// The probability of one lead and the interval around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProbabilityInterval {
    /// The probability of the positive class.
    pub probability: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// The standard error of the log-odds.
    pub standard_error: f64,
}

/// The same for a table, one column each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProbabilityIntervals {
    /// The probability of the positive class.
    pub probability: Vec<f64>,
    /// The lower end.
    pub low: Vec<f64>,
    /// The upper end.
    pub high: Vec<f64>,
    /// The standard error of the log-odds.
    pub standard_error: Vec<f64>,
}

impl FittedCard {
    /// The expert card that was fitted.
    pub fn card(&self) -> &Scorecard {
        &self.file.card
    }

    /// The name of the outcome.
    pub fn outcome(&self) -> &str {
        &self.file.outcome
    }

    /// The class whose log-odds the score is.
    pub fn positive(&self) -> &str {
        &self.file.positive
    }

    /// How many deals the expert's proportions weigh as much as; infinite for the expert card alone.
    pub fn strength(&self) -> f64 {
        self.file.strength.unwrap_or(f64::INFINITY)
    }

    /// The strengths that were tried, strongest first; empty where it was stated.
    pub fn path(&self) -> &[PathPoint] {
        &self.file.path
    }

    /// The number of folds in which they were tried; 0 where the strength was stated.
    pub fn folds(&self) -> usize {
        self.file.folds
    }

    /// What a point of the expert card is worth in log-odds, all characteristics taken together.
    pub fn scale(&self) -> f64 {
        self.file.learned.scale
    }

    /// The standard error of the scale.
    pub fn scale_standard_error(&self) -> f64 {
        self.file.learned.scale_standard_error
    }

    /// The log-odds of a lead with 0 points for every characteristic.
    pub fn intercept(&self) -> f64 {
        let learned = &self.file.learned;
        learned.multipliers.iter().fold(learned.base, |base, one| base - one.value * one.mean)
    }

    /// What the model was learned from and how that went.
    pub fn report(&self) -> &FitReport {
        &self.file.report
    }

    /// The log-odds that so many of the expert's points for one characteristic add, measured from 0 points.
    pub(super) fn log_odds_of(&self, characteristic: usize, points: f64) -> f64 {
        let own = self.own(characteristic);
        own.fold(0.0, |sum, (stretch, multiplier)| sum + multiplier.value * stretch.within(points))
    }

    fn own(&self, characteristic: usize) -> impl Iterator<Item = (&Stretch, &Multiplier)> {
        own(&self.stretches, &self.file.learned, characteristic)
    }

    /// What each characteristic weighs, before and after the fit; intervals at `confidence`.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a confidence outside (0, 1).
    pub fn weights(&self, confidence: f64) -> Result<Vec<CardWeight>> {
        check_confidence("weights", confidence)?;
        let width = normal_width(confidence);
        let compiled = self.file.card.compiled();
        let spans: Vec<(f64, f64)> = compiled.iter().map(extremes).collect();
        let fitted: Vec<f64> = spans.iter().enumerate().map(|(at, span)| self.fitted_span(at, *span)).collect();
        let share = |part: f64, total: f64| if total > 0.0 { 100.0 * part / total } else { 0.0 };
        let expert_total: f64 = spans.iter().map(|(low, high)| high - low).sum();
        let fitted_total: f64 = fitted.iter().map(|span| span.abs()).sum();
        let names = self.file.card.spec().characteristics.iter().map(|one| &one.name);
        let weight = |(at, name): (usize, &String)| {
            let (low, high) = spans[at];
            let (multiplier, standard_error) = self.mean_multiplier(at, spans[at]);
            CardWeight {
                characteristic: name.clone(),
                expert_weight: share(high - low, expert_total),
                fitted_weight: share(fitted[at].abs(), fitted_total),
                multiplier,
                standard_error,
                lower: multiplier - width * standard_error,
                upper: multiplier + width * standard_error,
                relative: if self.scale() > 0.0 { multiplier / self.scale() } else { f64::NAN },
                at_bound: self.own(at).any(|(_, one)| one.state == State::AtBound),
                unlearned: self.own(at).any(|(_, one)| one.state == State::Unlearned),
            }
        };
        Ok(names.enumerate().map(weight).collect())
    }

    /// What each answer is worth, before and after the fit, in the order of the card; "unknown" where it has points.
    pub fn answers(&self) -> Vec<AnswerValue> {
        let mut answers = Vec::new();
        for (at, (one, compiled)) in
            self.file.card.spec().characteristics.iter().zip(self.file.card.compiled()).enumerate()
        {
            let mut points: Vec<f64> = match &compiled.part.shape {
                Shape::Steps { points, .. } | Shape::Levels { points } => points.clone(),
                Shape::Line { .. } => vec![extremes_of_line(compiled)],
            };
            points.push(compiled.part.unknown);
            for (label, points) in compiled.labels.iter().zip(points).filter(|(_, points)| !points.is_nan()) {
                answers.push(AnswerValue {
                    characteristic: one.name.clone(),
                    answer: label.clone(),
                    expert_points: points,
                    log_odds: self.log_odds_of(at, points),
                });
            }
        }
        answers
    }

    fn fitted_span(&self, characteristic: usize, (low, high): (f64, f64)) -> f64 {
        self.log_odds_of(characteristic, high) - self.log_odds_of(characteristic, low)
    }

    /// The mean multiplier between the lowest and the highest points, with its standard error.
    fn mean_multiplier(&self, characteristic: usize, (low, high): (f64, f64)) -> (f64, f64) {
        let mut direction = vec![0.0; self.stretches.len() + 1];
        let own: Vec<usize> =
            (0..self.stretches.len()).filter(|&at| self.stretches[at].characteristic == characteristic).collect();
        for &at in &own {
            let stretch = &self.stretches[at];
            let length = stretch.within(high) - stretch.within(low);
            direction[at + 1] = if own.len() == 1 { 1.0 } else { length / (high - low) };
        }
        let mean = own.iter().map(|&at| direction[at + 1] * self.file.learned.multipliers[at].value).sum();
        (mean, self.deviation(&direction))
    }

    /// The probability of one lead with its interval; `row` holds one value per feature.
    ///
    /// The interval is computed on the log-odds, by the delta method with the inverse curvature of the penalised
    /// objective as covariance: approximately the central interval of the posterior under the penalty as prior. It is
    /// about the probability of such a lead, not about the one outcome. Multipliers held at 0 count as known, and the strength
    /// as given, so that it is a little too narrow where these were close calls.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a confidence outside (0, 1), [`Error::WrongLength`] for a row of another length.
    pub fn interval_row(&self, row: &[f64], confidence: f64) -> Result<ProbabilityInterval> {
        check_confidence("interval", confidence)?;
        let expected = self.features().len();
        if row.len() != expected {
            return Err(Error::WrongLength { what: "the row".into(), expected, found: row.len() });
        }
        Ok(self.interval_of(row, normal_width(confidence), &mut Vec::new()))
    }

    /// The probability of every lead with its interval: see [`interval_row`](Self::interval_row).
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a confidence outside (0, 1), [`Error::WrongLength`] when the columns are bound to
    /// the features of another model.
    pub fn interval(&self, columns: &Columns<'_>, confidence: f64) -> Result<ProbabilityIntervals> {
        check_confidence("interval", confidence)?;
        crate::score::check_bound(self.features(), columns)?;
        let width = normal_width(confidence);
        let mut table = ProbabilityIntervals::default();
        let (mut row, mut room) = (vec![0.0; self.features().len()], Vec::new());
        for index in 0..columns.rows() {
            columns.row_into(index, &mut row);
            let one = self.interval_of(&row, width, &mut room);
            table.probability.push(one.probability);
            table.low.push(one.low);
            table.high.push(one.high);
            table.standard_error.push(one.standard_error);
        }
        Ok(table)
    }

    fn interval_of(&self, row: &[f64], width: f64, direction: &mut Vec<f64>) -> ProbabilityInterval {
        let parts = self.file.card.sum().parts();
        let points = |stretch: &Stretch| {
            let part = &parts[stretch.characteristic];
            part.points(row[part.feature])
        };
        direction.clear();
        direction.push(1.0);
        let pairs = self.stretches.iter().zip(&self.file.learned.multipliers);
        direction.extend(pairs.map(|(stretch, multiplier)| stretch.within(points(stretch)) - multiplier.mean));
        let log_odds = self.score_row(row);
        let standard_error = self.deviation(direction);
        ProbabilityInterval {
            probability: probability(log_odds),
            low: probability(log_odds - width * standard_error),
            high: probability(log_odds + width * standard_error),
            standard_error,
        }
    }

    /// The standard deviation of a combination of base and multipliers.
    fn deviation(&self, direction: &[f64]) -> f64 {
        let rows = self.file.learned.covariance.iter().zip(direction);
        let product = |row: &[f64]| row.iter().zip(direction).map(|(a, b)| a * b).sum::<f64>();
        rows.map(|(row, by)| if *by == 0.0 { 0.0 } else { by * product(row) }).sum::<f64>().max(0.0).sqrt()
    }
}

impl IsSum for FittedCard {
    fn as_sum(&self) -> (&[Feature], &[Term], &Sum) {
        (self.file.card.features(), &self.terms, &self.sum)
    }
}

impl Probability for FittedCard {
    fn positive(&self) -> &str {
        &self.file.positive
    }
}

saved_probability!(FittedCard, "fitted_card");

impl TryFrom<FittedCardFile> for FittedCard {
    type Error = Error;

    fn try_from(file: FittedCardFile) -> Result<Self> {
        let stretches = stretches(&file.card, file.per)?;
        check(&file, stretches.len())?;
        let mut base = file.learned.base;
        for (stretch, multiplier) in stretches.iter().zip(&file.learned.multipliers) {
            let neutral = neutral(&file.card, stretch.characteristic);
            base += multiplier.value * (stretch.within(neutral) - multiplier.mean);
        }
        let compiled = file.card.compiled().iter().enumerate();
        let parts: Vec<Part> = compiled.map(|(at, one)| part(at, one, &file, &stretches)).collect();
        let largest = parts.iter().map(Part::largest).fold(base.abs(), |sum, points| sum + points);
        if !largest.is_finite() {
            return refuse("learned", "the log-odds add up to more than a number can hold");
        }
        let terms = file.card.terms().to_vec();
        Ok(Self { stretches, terms, sum: Sum::new(base, parts), file })
    }
}

impl From<FittedCard> for FittedCardFile {
    fn from(model: FittedCard) -> Self {
        model.file
    }
}

/// The points from which the contributions of a characteristic are measured.
fn neutral(card: &Scorecard, characteristic: usize) -> f64 {
    card.spec().characteristics[characteristic].neutral
}

fn own<'a>(
    stretches: &'a [Stretch],
    learned: &'a Learned,
    characteristic: usize,
) -> impl Iterator<Item = (&'a Stretch, &'a Multiplier)> {
    stretches.iter().zip(&learned.multipliers).filter(move |(stretch, _)| stretch.characteristic == characteristic)
}

fn extremes_of_line(compiled: &Compiled) -> f64 {
    match &compiled.part.shape {
        Shape::Line { slope, center, high, .. } => slope * (high - center),
        Shape::Steps { .. } | Shape::Levels { .. } => 0.0,
    }
}

/// The expert's part with log-odds in the place of points, 0 at the neutral points.
fn part(characteristic: usize, compiled: &Compiled, file: &FittedCardFile, stretches: &[Stretch]) -> Part {
    let neutral = neutral(&file.card, characteristic);
    let log_odds = |points: f64| {
        let own = own(stretches, &file.learned, characteristic);
        let sum =
            own.fold(0.0, |sum, (stretch, one)| sum + one.value * (stretch.within(points) - stretch.within(neutral)));
        if points.is_nan() { f64::NAN } else { sum }
    };
    let all = |points: &[f64]| points.iter().map(|&points| log_odds(points)).collect::<Vec<f64>>();
    let shape = match &compiled.part.shape {
        Shape::Steps { cuts, points } => Shape::Steps { cuts: cuts.clone(), points: all(points) },
        Shape::Levels { points } => Shape::Levels { points: all(points) },
        Shape::Line { slope, low, high, .. } if *slope != 0.0 => {
            let multiplier = own(stretches, &file.learned, characteristic).map(|(_, one)| one.value).sum::<f64>();
            Shape::Line { slope: multiplier * slope, center: neutral / slope, low: *low, high: *high }
        }
        Shape::Line { .. } => Shape::Steps { cuts: Vec::new(), points: vec![log_odds(0.0)] },
    };
    Part { feature: compiled.part.feature, shape, unknown: log_odds(compiled.part.unknown) }
}

fn refuse<T>(path: &str, reason: &str) -> Result<T> {
    Err(Error::ModelField { path: path.into(), reason: reason.into() })
}

fn check(file: &FittedCardFile, stretches: usize) -> Result<()> {
    let Learned { base, scale, scale_standard_error, multipliers, covariance } = &file.learned;
    if multipliers.len() != stretches {
        return refuse(
            "learned.multipliers",
            &format!("the card has {stretches} of them, found {}", multipliers.len()),
        );
    }
    let numbers =
        multipliers.iter().flat_map(|one| [one.mean, one.value]).chain([*base, *scale, *scale_standard_error]);
    if numbers.into_iter().any(|number| !number.is_finite()) || *scale < 0.0 || *scale_standard_error < 0.0 {
        return refuse("learned", "its numbers must be finite, and scale and standard error not negative");
    }
    let sized = covariance.len() == stretches + 1 && covariance.iter().all(|row| row.len() == stretches + 1);
    let symmetric = || (0..=stretches).all(|a| (0..a).all(|b| covariance[a][b] == covariance[b][a]));
    let finite = || covariance.iter().flatten().all(|entry| entry.is_finite());
    if !(sized && finite() && symmetric() && (0..=stretches).all(|at| covariance[at][at] >= 0.0)) {
        return refuse(
            "learned.covariance",
            "it must be a symmetric table of finite numbers, one row for the base and one per multiplier, with no negative variance",
        );
    }
    if file.strength.is_some_and(|strength| !(strength >= 0.0 && strength.is_finite())) {
        return refuse("strength", "it must be a number of deals that is not negative, or null");
    }
    Ok(())
}
