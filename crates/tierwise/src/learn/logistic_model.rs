//! The logistic model: log-odds as a base plus one centred contribution per feature.

use super::design::CoefficientOf;
use super::{Probability, saved_probability};
use crate::feature::{Kind, check_features, position};
use crate::special::normal::normal_width;
use crate::sum::{IsSum, Part, Shape, Sum};
use crate::{Columns, Error, Feature, FitReport, Result, Score, Term, Unknown};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

/// The probability that has these log-odds: `1 / (1 + e^-x)`.
///
/// Monotone, without overflow, exactly 0.5 at 0, and the same bits on every machine. NaN stays NaN.
///
/// ```
/// use tierwise::learn::{log_odds, probability};
/// assert_eq!((probability(0.0), probability(1e4), probability(-1e4)), (0.5, 1.0, 0.0));
/// assert!((probability(log_odds(0.3)) - 0.3).abs() < 1e-16);
/// ```
pub fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-log_odds))
}

/// The log-odds of a probability, `ln(p / (1 - p))`; infinite at 0 and 1, NaN outside.
///
/// ```
/// assert_eq!(tierwise::learn::log_odds(0.5), 0.0);
/// ```
pub fn log_odds(probability: f64) -> f64 {
    libm::log(probability) - libm::log1p(-probability)
}

/// `ln(1 + e^x)` without overflow: minus the logarithm of the probability whose log-odds are `-x`.
pub(crate) fn softplus(x: f64) -> f64 {
    x.max(0.0) + libm::log1p(libm::exp(-x.abs()))
}

/// One coefficient with its standard error, interval and test against 0.
///
/// Standard error, interval, `z` and `p_value` are NaN when they were not asked for, and when the data say nothing
/// about the coefficient (a level that no row has, a constant column): then it is 0.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Coefficient {
    /// `age`, `country=DE`, `income unknown`; `intercept` for the intercept.
    pub name: String,
    /// Change of the log-odds per unit of the feature.
    pub estimate: f64,
    /// How much the estimate varies from sample to sample.
    pub standard_error: f64,
    /// Lower end of the confidence interval.
    pub lower: f64,
    /// Upper end of the confidence interval.
    pub upper: f64,
    /// Estimate in units of its standard error.
    pub z: f64,
    /// Probability of a `z` at least as far from 0 when the coefficient is 0 (two-sided, normal).
    pub p_value: f64,
}

/// A fitted logistic model. Its score is the log-odds of the positive class.
///
/// The base is the log-odds of the mean customer, of whom all is known; every contribution is what a feature adds
/// to it. The log-odds are also [`intercept`](Self::intercept) + Σ coefficient · value, but for rounding.
///
/// ```
/// use tierwise::{Columns, Explain, Feature, Fit, Outcome, Score, learn::Logistic};
/// let features = [Feature::number("visits")];
/// let columns = Columns::new(&features, &[("visits", &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0])])?;
/// let outcome = Outcome::labels("result", &["lost", "lost", "won", "lost", "won", "won"], "won")?;
/// let model = Logistic::new().fit(&columns, &outcome)?.model;
///
/// assert_eq!(model.positive(), "won");
/// let mut contributions = [0.0];
/// model.contributions_row(&[2.5], &mut contributions);
/// assert_eq!(contributions, [0.0]); // 2.5 visits are the mean
/// assert_eq!(model.score_row(&[f64::NAN]), model.base()); // unknown is neutral
///
/// let json = serde_json::to_string(&model).map_err(|_| "no JSON").unwrap();
/// let loaded: tierwise::learn::LogisticModel = serde_json::from_str(&json).unwrap();
/// assert_eq!(loaded.score_row(&[4.0]).to_bits(), model.score_row(&[4.0]).to_bits());
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "LogisticFile", into = "LogisticFile")]
pub struct LogisticModel {
    file: LogisticFile,
    intercept: Coefficient,
    coefficients: Vec<Coefficient>,
    terms: Vec<Term>,
    sum: Sum,
}

/// What a model file holds of a logistic model: what was estimated, and nothing that follows from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LogisticFile {
    pub(super) outcome: String,
    pub(super) positive: String,
    pub(super) features: Vec<Feature>,
    /// Log-odds of the mean customer.
    pub(super) base: f64,
    pub(super) intercept_standard_error: Option<f64>,
    pub(super) coefficients: Vec<FittedCoefficient>,
    pub(super) confidence: f64,
    pub(super) report: FitReport,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FittedCoefficient {
    pub(super) feature: String,
    pub(super) of: CoefficientOf,
    pub(super) estimate: f64,
    pub(super) standard_error: Option<f64>,
    /// The mean of what the coefficient multiplies; a level's share.
    pub(super) mean: f64,
}

impl LogisticModel {
    /// The name of the outcome.
    pub fn outcome(&self) -> &str {
        &self.file.outcome
    }

    /// The class whose log-odds the score is.
    pub fn positive(&self) -> &str {
        &self.file.positive
    }

    /// The coefficients in feature order; log-odds per unit.
    pub fn coefficients(&self) -> &[Coefficient] {
        &self.coefficients
    }

    /// The intercept: the log-odds where every number and indicator is 0.
    pub fn intercept(&self) -> &Coefficient {
        &self.intercept
    }

    /// The confidence of the intervals.
    pub fn confidence(&self) -> f64 {
        self.file.confidence
    }

    /// What the model was learned from and how that went.
    pub fn report(&self) -> &FitReport {
        &self.file.report
    }

    /// The scoring kernel the model compiles to.
    pub fn sum(&self) -> &Sum {
        &self.sum
    }

    /// The probability of the positive class for one customer; `row` holds one value per feature.
    pub fn probability_row(&self, row: &[f64]) -> f64 {
        probability(self.score_row(row))
    }

    /// The probability of the positive class for every row.
    ///
    /// # Errors
    /// [`Error::WrongLength`] when the columns are bound to the features of another model.
    pub fn probability(&self, columns: &Columns<'_>) -> Result<Vec<f64>> {
        let mut probabilities = crate::score(self, columns)?;
        for value in &mut probabilities {
            *value = probability(*value);
        }
        Ok(probabilities)
    }
}

impl IsSum for LogisticModel {
    fn as_sum(&self) -> (&[Feature], &[Term], &Sum) {
        (&self.file.features, &self.terms, &self.sum)
    }
}

impl Probability for LogisticModel {
    fn positive(&self) -> &str {
        &self.file.positive
    }
}

saved_probability!(LogisticModel, "logistic");

impl TryFrom<LogisticFile> for LogisticModel {
    type Error = Error;

    fn try_from(mut file: LogisticFile) -> Result<Self> {
        check_features(&file.features)?;
        check_numbers(&file)?;
        check_coefficients(&file)?;
        file.coefficients.sort_by_key(|coefficient| file_order(&file.features, coefficient));
        let parts = file.features.iter().enumerate().map(|(index, feature)| part(index, feature, &file)).collect();
        let term =
            |(index, feature): (usize, &Feature)| Term { name: feature.name().to_owned(), features: vec![index] };
        let normal = Normal::standard();
        let width = normal_width(file.confidence);
        let shown = |name: String, estimate: f64, standard_error: Option<f64>| {
            let standard_error = standard_error.unwrap_or(f64::NAN);
            let z = estimate / standard_error;
            Coefficient {
                name,
                estimate,
                standard_error,
                lower: estimate - width * standard_error,
                upper: estimate + width * standard_error,
                z,
                p_value: if z.is_nan() { f64::NAN } else { 2.0 * normal.cdf(-z.abs()) },
            }
        };
        let list = file.coefficients.iter();
        let coefficients = list.clone().map(|one| shown(one.name(), one.estimate, one.standard_error)).collect();
        let means = list.filter(|one| one.of != CoefficientOf::Unknown).map(|one| one.estimate * one.mean);
        let intercept = shown("intercept".into(), file.base - means.sum::<f64>(), file.intercept_standard_error);
        let terms = file.features.iter().enumerate().map(term).collect();
        Ok(Self { sum: Sum::new(file.base, parts), intercept, coefficients, terms, file })
    }
}

impl From<LogisticModel> for LogisticFile {
    fn from(model: LogisticModel) -> Self {
        model.file
    }
}

impl FittedCoefficient {
    fn name(&self) -> String {
        match &self.of {
            CoefficientOf::Value => self.feature.clone(),
            CoefficientOf::Level(level) => format!("{}={level}", self.feature),
            CoefficientOf::Unknown => format!("{} unknown", self.feature),
        }
    }
}

/// The place of a coefficient in the list: by feature, then value and levels before unknown.
fn file_order(features: &[Feature], coefficient: &FittedCoefficient) -> (Option<usize>, usize) {
    let feature = features.iter().position(|feature| feature.name() == coefficient.feature);
    let levels = feature.map_or(&[][..], |index| features[index].levels());
    let within = match &coefficient.of {
        CoefficientOf::Value => 0,
        CoefficientOf::Level(level) => levels.iter().position(|known| known == level).unwrap_or(levels.len()),
        CoefficientOf::Unknown => levels.len() + 1,
    };
    (feature, within)
}

fn refuse<T>(path: String, reason: &str) -> Result<T> {
    Err(Error::ModelField { path, reason: reason.into() })
}

fn check_numbers(file: &LogisticFile) -> Result<()> {
    if !file.base.is_finite() {
        return refuse("base".into(), "it must be a finite number");
    }
    if !(file.confidence > 0.0 && file.confidence < 1.0) {
        return refuse("confidence".into(), "it must lie between 0 and 1");
    }
    let is_error = |value: &Option<f64>| value.is_none_or(|value| value.is_finite() && value >= 0.0);
    if !is_error(&file.intercept_standard_error) {
        return refuse("intercept_standard_error".into(), "it must be finite and not negative, or null");
    }
    for (at, coefficient) in file.coefficients.iter().enumerate() {
        if !is_error(&coefficient.standard_error) {
            return refuse(format!("coefficients[{at}].standard_error"), "it must be finite and not negative, or null");
        }
        if !coefficient.estimate.is_finite() {
            return refuse(format!("coefficients[{at}].estimate"), "it must be a finite number");
        }
        if !coefficient.mean.is_finite() {
            return refuse(format!("coefficients[{at}].mean"), "it must be a finite number");
        }
    }
    Ok(())
}

fn check_coefficients(file: &LogisticFile) -> Result<()> {
    for (at, coefficient) in file.coefficients.iter().enumerate() {
        let path = format!("coefficients[{at}]");
        let feature = &file.features[position(&file.features, &coefficient.feature, &path)?];
        let fits = match (&coefficient.of, feature.kind()) {
            (CoefficientOf::Value, Kind::Number | Kind::YesNo) => true,
            (CoefficientOf::Level(level), Kind::Category(levels)) => levels.contains(level),
            (CoefficientOf::Unknown, _) => feature.unknown() == Unknown::Own,
            _ => false,
        };
        if !fits {
            return refuse(
                path,
                "a number or yes-no has a coefficient of its `value`, a category one per `level` that it lists, and `unknown` has one only where the rule is `own`",
            );
        }
        if file.coefficients[..at]
            .iter()
            .any(|other| other.of == coefficient.of && other.feature == coefficient.feature)
        {
            return refuse(path, "this coefficient is listed twice");
        }
    }
    for feature in &file.features {
        let has_value =
            file.coefficients.iter().any(|one| one.feature == feature.name() && one.of == CoefficientOf::Value);
        if !has_value && !matches!(feature.kind(), Kind::Category(_)) {
            return refuse(
                "coefficients".into(),
                &format!("feature `{}` has no coefficient of its `value`", feature.name()),
            );
        }
    }
    Ok(())
}

/// One feature's part of the sum, centred so that the mean customer gets 0.
fn part(index: usize, feature: &Feature, file: &LogisticFile) -> Part {
    let own = || file.coefficients.iter().filter(|one| one.feature == feature.name());
    let find = |of: &CoefficientOf| own().find(|one| one.of == *of);
    let unknown = match feature.unknown() {
        Unknown::Error => f64::NAN,
        Unknown::Neutral => 0.0,
        Unknown::Own => find(&CoefficientOf::Unknown).map_or(0.0, |one| one.estimate),
    };
    let (slope, mean) = find(&CoefficientOf::Value).map_or((0.0, 0.0), |one| (one.estimate, one.mean));
    let shape = match feature.kind() {
        Kind::Number => Shape::Line { slope, center: mean, low: f64::NEG_INFINITY, high: f64::INFINITY },
        Kind::YesNo => Shape::Levels { points: vec![slope * -mean, slope * (1.0 - mean)] },
        Kind::Category(levels) => {
            let center: f64 =
                own().filter(|one| one.of != CoefficientOf::Unknown).map(|one| one.estimate * one.mean).sum();
            let estimate = |level: &String| find(&CoefficientOf::Level(level.clone())).map_or(0.0, |one| one.estimate);
            Shape::Levels { points: levels.iter().map(|level| estimate(level) - center).collect() }
        }
    };
    Part { feature: index, shape, unknown }
}
