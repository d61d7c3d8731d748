//! A learned map from scores to probabilities.

use super::beta;
use super::calibrated::CalibratedModel;
use super::calibrator::ScoreScale;
use super::isotonic::{self, RateBlock};
use super::platt;
use super::prior_shift;
use super::strict_isotonic::{self, Knot};
use super::ties::check_probabilities;
use super::venn_abers::{self, IntervalBlock};
use crate::learn::{log_odds, probability};
use crate::model::Saved;
use crate::{Error, FitReport, Result};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A map from scores to probabilities that never falls; made by [`Calibrator::fit`](super::Calibrator::fit) or
/// [`Calibration::prior_shift`].
///
/// An unknown score (NaN) has an unknown probability. Scores beyond those seen get the outermost probability (and,
/// after Venn-Abers, its interval), or, where the map has a slope, are followed along it. For ties among scores to stay the only ties, take `Platt`, `Beta` or
/// `StrictIsotonic`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "CalibrationFile", into = "CalibrationFile")]
pub struct Calibration {
    file: CalibrationFile,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CalibrationFile {
    positive: String,
    scale: ScoreScale,
    map: CalibrationMap,
    report: Option<FitReport>,
}

/// What was learned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum CalibrationMap {
    /// Log-odds `offset + slope · score`.
    Platt {
        /// Not negative; Platt's `-A`.
        slope: f64,
        /// Platt's `-B`.
        offset: f64,
    },
    /// Log-odds `a · ln p - b · ln(1 - p) + c`, with `p` the probability that is the score or whose log-odds the score is.
    Beta {
        /// Not negative.
        a: f64,
        /// Not negative.
        b: f64,
        /// `b · ln(1 - m) - a · ln m`, with `m` the probability that is mapped to 0.5.
        c: f64,
    },
    /// Blocks of one probability, joined by straight lines.
    Isotonic {
        /// From low to high scores.
        blocks: Vec<RateBlock>,
    },
    /// Centres of blocks, joined by lines that are straight in log-odds.
    StrictIsotonic {
        /// From low to high scores.
        knots: Vec<Knot>,
    },
    /// Blocks of one pair of probabilities.
    VennAbers {
        /// From low to high scores.
        blocks: Vec<IntervalBlock>,
    },
    /// Log-odds moved from one base rate to another.
    PriorShift {
        /// The base rate at which the log-odds hold.
        from_rate: f64,
        /// The one to which they are moved.
        to_rate: f64,
    },
}

impl Calibration {
    pub(super) fn new(
        positive: String,
        scale: ScoreScale,
        map: CalibrationMap,
        report: Option<FitReport>,
    ) -> Result<Self> {
        let file = CalibrationFile { positive, scale, map, report };
        check(&file.map)?;
        Ok(Self { file })
    }

    pub(super) fn with_report(mut self, report: FitReport) -> Self {
        self.file.report = Some(report);
        self
    }

    /// Moves log-odds of the class `positive` from the base rate at which they hold to another: the odds are multiplied
    /// by the ratio of the odds of the two rates (Saerens, Latinne & Decaestecker 2002, eq. 4).
    ///
    /// For a model learned on a sample with more or fewer positives than the customers it is used on. It is right where
    /// only the share of the classes differs, not the customers within a class.
    ///
    /// ```
    /// use tierwise::learn::Calibration;
    /// let shift = Calibration::prior_shift("bought", 0.5, 0.1)?;
    /// assert!((shift.probability(0.0) - 0.1).abs() < 1e-15);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a rate outside (0, 1).
    pub fn prior_shift(positive: impl Into<String>, from_rate: f64, to_rate: f64) -> Result<Self> {
        Self::new(positive.into(), ScoreScale::Score, CalibrationMap::PriorShift { from_rate, to_rate }, None)
    }

    /// The class whose probability it gives.
    pub fn positive(&self) -> &str {
        &self.file.positive
    }

    /// What the scores are.
    pub fn scale(&self) -> ScoreScale {
        self.file.scale
    }

    /// What was learned.
    pub fn map(&self) -> &CalibrationMap {
        &self.file.map
    }

    /// What it was learned from and how that went; `None` for a prior shift, which is not learned.
    pub fn report(&self) -> Option<&FitReport> {
        self.file.report.as_ref()
    }

    /// The log-odds of the positive class for one score; infinite where isotonic calibration is certain.
    pub fn log_odds(&self, score: f64) -> f64 {
        match &self.file.map {
            CalibrationMap::Platt { slope, offset } => platt::log_odds(*slope, *offset, score),
            CalibrationMap::Beta { a, b, c } => beta::log_odds(*a, *b, *c, self.file.scale, score),
            CalibrationMap::Isotonic { blocks } => log_odds(isotonic::probability_of(blocks, score)),
            CalibrationMap::StrictIsotonic { knots } => strict_isotonic::log_odds_of(knots, score),
            CalibrationMap::VennAbers { blocks } => venn_abers::log_odds(blocks, score),
            CalibrationMap::PriorShift { from_rate, to_rate } => score + prior_shift::offset(*from_rate, *to_rate),
        }
    }

    /// The probability of the positive class for one score: the one that has these [`log_odds`](Self::log_odds).
    pub fn probability(&self, score: f64) -> f64 {
        probability(self.log_odds(score))
    }

    /// The two probabilities of Venn-Abers calibration, lower first; `None` for the other methods.
    ///
    /// One of the two is calibrated, whatever the model, as long as rows come in random order: that of the class which the
    /// customer turns out to belong to. The closer they are, the more is known about scores like this one. A score beyond
    /// those seen has the interval of the outermost one.
    pub fn interval(&self, score: f64) -> Option<(f64, f64)> {
        match &self.file.map {
            CalibrationMap::VennAbers { blocks } => Some(venn_abers::interval(blocks, score)),
            _ => None,
        }
    }

    /// The probabilities of many scores.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] with the row of a score outside [0, 1] where the scale is that of probabilities.
    pub fn probabilities(&self, scores: &[f64]) -> Result<Vec<f64>> {
        self.check_scores(scores)?;
        Ok(scores.iter().map(|&score| self.probability(score)).collect())
    }

    /// The log-odds of many scores.
    ///
    /// # Errors
    /// Those of [`probabilities`](Self::probabilities).
    pub fn log_odds_of(&self, scores: &[f64]) -> Result<Vec<f64>> {
        self.check_scores(scores)?;
        Ok(scores.iter().map(|&score| self.log_odds(score)).collect())
    }

    /// The two probabilities of Venn-Abers calibration for many scores, lower ones first; `None` for the other methods.
    ///
    /// # Errors
    /// Those of [`probabilities`](Self::probabilities).
    pub fn intervals(&self, scores: &[f64]) -> Result<Option<(Vec<f64>, Vec<f64>)>> {
        self.check_scores(scores)?;
        Ok(scores
            .iter()
            .map(|&score| self.interval(score))
            .collect::<Option<Vec<_>>>()
            .map(|pairs| pairs.into_iter().unzip()))
    }

    /// The model with this calibration behind it: see [`CalibratedModel::new`].
    ///
    /// # Errors
    /// Those of [`CalibratedModel::new`].
    pub fn apply(&self, model: impl Saved) -> Result<CalibratedModel> {
        CalibratedModel::new(Arc::new(model), self.clone())
    }

    fn check_scores(&self, scores: &[f64]) -> Result<()> {
        if self.file.scale == ScoreScale::Probability { check_probabilities(scores) } else { Ok(()) }
    }

    /// Whether the scores must be log-odds or probabilities for the map to mean anything.
    pub(super) fn needs_probability(&self) -> bool {
        let of_log_odds = matches!(self.file.map, CalibrationMap::Beta { .. } | CalibrationMap::PriorShift { .. });
        of_log_odds || self.file.scale == ScoreScale::Probability
    }

    /// Slope and offset, where the map is a straight line from score to log-odds.
    pub(super) fn line(&self) -> Option<(f64, f64)> {
        match self.file.map {
            CalibrationMap::Platt { slope, offset } => Some((slope, offset)),
            CalibrationMap::PriorShift { from_rate, to_rate } => Some((1.0, prior_shift::offset(from_rate, to_rate))),
            _ => None,
        }
    }

    pub(super) fn is_flat(&self) -> bool {
        match &self.file.map {
            CalibrationMap::Platt { slope, .. } => *slope == 0.0,
            CalibrationMap::Beta { a, b, .. } => *a == 0.0 && *b == 0.0,
            CalibrationMap::Isotonic { blocks } => blocks.len() == 1,
            CalibrationMap::StrictIsotonic { knots } => knots.len() == 1,
            CalibrationMap::VennAbers { .. } | CalibrationMap::PriorShift { .. } => false,
        }
    }
}

impl Saved for Calibration {
    const KIND: &'static str = "calibration";
}

impl TryFrom<CalibrationFile> for Calibration {
    type Error = Error;

    fn try_from(file: CalibrationFile) -> Result<Self> {
        Self::new(file.positive, file.scale, file.map, file.report)
    }
}

impl From<Calibration> for CalibrationFile {
    fn from(calibration: Calibration) -> Self {
        calibration.file
    }
}

fn check(map: &CalibrationMap) -> Result<()> {
    match map {
        CalibrationMap::Platt { slope, offset } => {
            check_numbers(&[("platt.slope", *slope, 0.0), ("platt.offset", *offset, f64::MIN)])
        }
        CalibrationMap::Beta { a, b, c } => {
            check_numbers(&[("beta.a", *a, 0.0), ("beta.b", *b, 0.0), ("beta.c", *c, f64::MIN)])
        }
        CalibrationMap::Isotonic { blocks } => isotonic::check(blocks),
        CalibrationMap::StrictIsotonic { knots } => strict_isotonic::check(knots),
        CalibrationMap::VennAbers { blocks } => venn_abers::check(blocks),
        CalibrationMap::PriorShift { from_rate, to_rate } => prior_shift::check(*from_rate, *to_rate),
    }
}

/// Whether numbers are finite and not below their least value.
fn check_numbers(numbers: &[(&str, f64, f64)]) -> Result<()> {
    match numbers.iter().find(|(_, value, least)| !(value.is_finite() && value >= least)) {
        Some((name, _, least)) => {
            let reason =
                if *least == 0.0 { "it must be finite and not negative" } else { "it must be a finite number" };
            Err(Error::ModelField { path: format!("map.{name}"), reason: reason.into() })
        }
        None => Ok(()),
    }
}
