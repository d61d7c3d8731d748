//! The logistic learner: its parameters, and the fit from table to model.

use super::design::{CoefficientOf, DesignColumn, LogisticDesign};
use super::design_summary::DesignSummary;
use super::logistic_model::{FittedCoefficient, LogisticFile, LogisticModel, log_odds, probability};
use super::newton::{Limits, Minimum, Problem, largest, minimise};
use crate::{Columns, Error, Fit, FitReport, Fitted, Outcome, Progress, Result};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// Learns the log-odds of an outcome as a sum over features (logistic regression, L2-penalised).
///
/// It minimises `Σ wᵢ · log-lossᵢ + alpha/2 · Σ coef²`; the intercept is not penalised. `alpha` is `1/C` of
/// scikit-learn; with `alpha(0.0)` it is the maximum likelihood fit. Weights count as repeated rows, offsets are
/// added to the log-odds. Weights and `alpha` times one factor give the same coefficients.
///
/// # Features
/// A number is one column; yes-no is 1 or 0; a category has one indicator per level, but with `alpha(0.0)` none for
/// the first level that occurs, to which the others then relate. Unknown, by the feature's rule: `neutral` counts as
/// the column's weighted mean, so that its contribution is exactly 0; `own` learns a coefficient for "unknown"
/// beside it (neutral when no row is unknown); `error` was refused by [`Columns`].
///
/// # Standard errors
/// They come from `(F + P)⁻¹ F (F + P)⁻¹`, with `F` the curvature of the log-likelihood at the estimate and `P` that
/// of the penalty: the sampling variance of the penalised estimate (le Cessie & van Houwelingen 1992, *Ridge
/// estimators in logistic regression*, Applied Statistics 41(1), section 3). With `alpha(0.0)` this is the usual
/// inverse information. With a penalty the estimates are drawn towards 0, and the intervals are about the estimate
/// so drawn: they say how much it would vary, not where the unpenalised coefficient lies.
///
/// # Convergence
/// Newton's method with step halving. Its last step is the one after which the distance from the optimum, in units
/// of standard errors (the root of the Newton decrement), is at most `tolerance`, taking the mean weight as 1. The report's objective and
/// gradient are those before this last step, and so a little above those of the model. A fit that cannot converge says why:
/// [`Error::Separation`], [`Error::Collinear`], [`Error::NoVariation`] name the columns.
///
/// ```
/// use tierwise::{Columns, Feature, Fit, Outcome, learn::Logistic};
/// let features = [Feature::number("age"), Feature::category("plan", ["basic", "plus"])];
/// let table = [("age", &[23.0, 31.0, 35.0, 41.0, 47.0, 58.0][..]), ("plan", &[0.0, 1.0, 0.0, 1.0, 0.0, f64::NAN][..])];
/// let columns = Columns::new(&features, &table)?;
/// let left = Outcome::binary("left", &[true, false, true, true, false, false]);
///
/// let model = Logistic::new().alpha(0.1).fit(&columns, &left)?.model;
/// let names: Vec<&str> = model.coefficients().iter().map(|coefficient| coefficient.name.as_str()).collect();
/// assert_eq!(names, ["age", "plan=basic", "plan=plus"]);
/// assert!(model.probability_row(&[25.0, 0.0]) > model.probability_row(&[55.0, 0.0]));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Logistic {
    alpha: f64,
    standardize: bool,
    max_iterations: usize,
    tolerance: f64,
    confidence: f64,
    standard_errors: bool,
}

impl Default for Logistic {
    fn default() -> Self {
        Self {
            alpha: 1.0,
            standardize: false,
            max_iterations: 100,
            tolerance: 1e-8,
            confidence: 0.95,
            standard_errors: true,
        }
    }
}

impl Logistic {
    /// `alpha` 1, not standardised, at most 100 iterations, intervals at 95 %.
    pub fn new() -> Self {
        Self::default()
    }

    /// Strength of the L2 penalty, 0 or more; 1 unless set. 0 gives the maximum likelihood fit.
    #[must_use]
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    /// Whether the penalty is on coefficients per standard deviation instead of per unit; false unless set. The
    /// coefficients reported are per unit either way.
    #[must_use]
    pub fn standardize(mut self, standardize: bool) -> Self {
        self.standardize = standardize;
        self
    }

    /// The most iterations, at least 1; 100 unless set. Separation takes up to 40 to recognise, other fits under 15.
    #[must_use]
    pub fn max_iterations(mut self, max_iterations: usize) -> Self {
        self.max_iterations = max_iterations;
        self
    }

    /// How close to the optimum to come, in standard errors, above 0; 1e-8 unless set.
    #[must_use]
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// The confidence of the intervals, between 0 and 1; 0.95 unless set.
    #[must_use]
    pub fn confidence(mut self, confidence: f64) -> Self {
        self.confidence = confidence;
        self
    }

    /// Whether to compute standard errors and what rests on them; true unless set. Without, they are NaN.
    #[must_use]
    pub fn standard_errors(mut self, standard_errors: bool) -> Self {
        self.standard_errors = standard_errors;
        self
    }

    fn check(&self) -> Result<()> {
        let refuse = |name: &'static str, must_be: &str, got: String| {
            Err(Error::InvalidParameter { of: "Logistic", name, must_be: must_be.into(), got })
        };
        if !(self.alpha >= 0.0 && self.alpha.is_finite()) {
            return refuse("alpha", "a number in [0, inf)", self.alpha.to_string());
        }
        if !(self.tolerance > 0.0 && self.tolerance.is_finite()) {
            return refuse("tolerance", "a number in (0, inf)", self.tolerance.to_string());
        }
        if !(self.confidence > 0.0 && self.confidence < 1.0) {
            return refuse("confidence", "a number in (0, 1)", self.confidence.to_string());
        }
        if self.max_iterations == 0 {
            return refuse("max_iterations", "a whole number in [1, inf)", "0".into());
        }
        Ok(())
    }

    fn findings(&self, design: &LogisticDesign) -> Vec<String> {
        let mut findings = design.findings.clone();
        if self.alpha > 0.0 && !design.columns.is_empty() {
            findings.push(format!(
                "the penalty (`alpha` {}) draws the coefficients towards 0; standard errors and intervals are about the penalised estimate",
                self.alpha
            ));
        }
        findings
    }
}

impl Fit for Logistic {
    type Model = LogisticModel;

    fn fit_with(
        &self,
        data: &Columns<'_>,
        outcome: &Outcome<'_>,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Fitted<LogisticModel>> {
        self.check()?;
        outcome.check(data)?;
        crate::feature::check_features(data.features())?;
        let summary = DesignSummary::new(data, outcome)?;
        let design = LogisticDesign::new(&summary, self.alpha, self.standardize)?;
        let start = start(outcome, summary.base_rate(), summary.total_weight());
        let problem = Problem { design: &design, data, outcome, start, unit: mean_weight(outcome) };
        let limits =
            Limits { iterations: self.max_iterations, tolerance: self.tolerance, curved: self.standard_errors };
        let minimum = minimise(problem, limits, progress)?;
        let report = FitReport {
            rows: summary.rows(),
            positives: summary.positives(),
            total_weight: summary.total_weight(),
            converged: true,
            iterations: minimum.iterations,
            objective: minimum.step.objective(&design),
            log_likelihood: minimum.step.log_likelihood(),
            null_log_likelihood: null_log_likelihood(&summary, problem, limits)?,
            gradient: largest(&minimum.step.gradient(&design)),
            findings: self.findings(&design),
        };
        let (base, intercept_standard_error, coefficients) = per_unit(&design, &minimum, self.standard_errors);
        let file = LogisticFile {
            outcome: outcome.name().to_owned(),
            positive: outcome.positive().to_owned(),
            features: design.features,
            base,
            intercept_standard_error,
            coefficients,
            confidence: self.confidence,
            report: report.clone(),
        };
        Ok(Fitted { model: LogisticModel::try_from(file)?, report })
    }
}

/// The mean of the weights above 0.
fn mean_weight(outcome: &Outcome<'_>) -> f64 {
    outcome.row_weights().map_or(1.0, |weights| {
        let counted = weights.iter().filter(|&&weight| weight > 0.0).count() as f64;
        weights.iter().map(|weight| weight / counted).sum()
    })
}

/// The intercept from which to start: with the offsets, it gives the base rate.
///
/// The log-odds of the base rate less the mean offset, which is near where the offsets lie close together. Where they
/// do not, rows at the mean may all be certain, and the intercept is searched for between those that are too low and
/// too high for every row.
fn start(outcome: &Outcome<'_>, base_rate: f64, total_weight: f64) -> f64 {
    const CLOSE: f64 = 8.0;
    const HALVINGS: usize = 64;
    let level = log_odds(base_rate);
    let Some(offsets) = outcome.row_offsets() else { return level };
    let share = |row: usize| outcome.row_weights().map_or(1.0, |weights| weights[row]) / total_weight;
    let counted = || offsets.iter().enumerate().map(|(row, &offset)| (share(row), offset)).filter(|row| row.0 > 0.0);
    let mean: f64 = counted().map(|(share, offset)| share * offset).sum();
    let lowest = counted().fold(f64::INFINITY, |lowest, (_, offset)| offset.min(lowest));
    let highest = counted().fold(f64::NEG_INFINITY, |highest, (_, offset)| offset.max(highest));
    if highest - mean <= CLOSE && mean - lowest <= CLOSE {
        return level - mean;
    }
    let (mut low, mut high) = (level - highest, level - lowest);
    for _ in 0..HALVINGS {
        let middle = 0.5 * low + 0.5 * high;
        let rate: f64 = counted().map(|(share, offset)| share * probability(middle + offset)).sum();
        *(if rate < base_rate { &mut low } else { &mut high }) = middle;
        if high - low < 0.5 {
            break;
        }
    }
    0.5 * low + 0.5 * high
}

/// The log-likelihood of the model that knows the base rate and the offsets, and nothing else.
fn null_log_likelihood(summary: &DesignSummary, problem: Problem<'_>, limits: Limits) -> Result<f64> {
    if problem.outcome.row_offsets().is_none() {
        let rate = summary.base_rate();
        let part = |share: f64| share * share.ln();
        return Ok(summary.total_weight() * (part(rate) + part(1.0 - rate)));
    }
    let design = LogisticDesign::intercept_only();
    let limits = Limits { curved: false, ..limits };
    let problem = Problem { design: &design, ..problem };
    let minimum = minimise(problem, limits, &mut |_| ControlFlow::Continue(()))?;
    // The minimum's own statistics are those before the last step.
    Ok(problem.evaluate(&minimum.point, 1, false)?.log_likelihood())
}

/// Base, the intercept's standard error and the coefficients per unit, from a point on the standardised scale.
fn per_unit(
    design: &LogisticDesign,
    minimum: &Minimum,
    standard_errors: bool,
) -> (f64, Option<f64>, Vec<FittedCoefficient>) {
    let point = &minimum.point;
    // Without standard errors the last step need not hold a curvature, and the factor may be an older one.
    let deviation =
        |direction: &[f64]| standard_errors.then(|| minimum.step.variance(&minimum.factor, direction).max(0.0).sqrt());
    let coefficient = |column: &DesignColumn, estimate: f64, standard_error: Option<f64>| FittedCoefficient {
        feature: design.features[column.feature].name().to_owned(),
        of: column.of.clone(),
        estimate,
        standard_error,
        mean: column.mean,
    };
    let mut at_zero = vec![1.0]; // the intercept is the point's value where every column counts 0
    let mut base = point[0];
    let mut coefficients = Vec::new();
    for (column, &value) in design.columns.iter().zip(&point[1..]) {
        if column.of == CoefficientOf::Unknown {
            base -= value * (column.mean / column.scale);
        }
        let mut direction = vec![0.0; point.len()];
        direction[at_zero.len()] = 1.0;
        let standard_error = deviation(&direction).map(|standardised| standardised / column.scale);
        coefficients.push(coefficient(column, value / column.scale, standard_error));
        at_zero.push(-column.mean / column.scale);
    }
    coefficients.extend(design.idle.iter().map(|column| coefficient(column, 0.0, None)));
    (base, deviation(&at_zero), coefficients)
}
