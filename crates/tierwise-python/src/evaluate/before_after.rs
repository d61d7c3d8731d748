//! Before and after, results as JSON.

use super::Outcome;
use crate::errors::Result;
use crate::json;
use crate::numbers::contiguous;
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use tierwise::evaluate::{self, DifferenceErrors};

type Floats<'py> = PyReadonlyArray1<'py, f64>;

/// A rate with Wilson's interval.
#[pyfunction]
pub(crate) fn wilson_rate(events: f64, trials: f64, confidence: f64) -> Result<String> {
    json::write(&evaluate::wilson_rate(events, trials, confidence)?)
}

/// A ratio of two rates.
#[pyfunction]
pub(crate) fn ratio_of_rates(numerator: (f64, f64), denominator: (f64, f64), confidence: f64) -> Result<String> {
    json::write(&evaluate::ratio_of_rates(numerator, denominator, confidence)?)
}

/// The change of a rate.
#[pyfunction]
pub(crate) fn rate_change(before: (f64, f64), after: (f64, f64), confidence: f64) -> Result<String> {
    json::write(&evaluate::rate_change(before, after, confidence)?)
}

/// The change of a mean.
#[pyfunction]
#[pyo3(signature = (before, after, before_weights, after_weights, confidence))]
pub(crate) fn mean_change(
    before: Floats<'_>,
    after: Floats<'_>,
    before_weights: Option<Floats<'_>>,
    after_weights: Option<Floats<'_>>,
    confidence: f64,
) -> Result<String> {
    let (before, after) = (contiguous(&before), contiguous(&after));
    let weights = [before_weights, after_weights].map(|weights| weights.as_ref().map(contiguous));
    let found = evaluate::mean_change(&before, &after, [weights[0].as_deref(), weights[1].as_deref()], confidence)?;
    json::write(&found)
}

/// The change of the treated less that of the others.
#[pyfunction]
#[pyo3(signature = (values, treated, after, weights, customers, pooled, confidence))]
pub(crate) fn difference_in_differences(
    values: Floats<'_>,
    treated: Vec<bool>,
    after: Vec<bool>,
    weights: Option<Floats<'_>>,
    customers: Option<PyReadonlyArray1<'_, u32>>,
    pooled: bool,
    confidence: f64,
) -> Result<String> {
    let (values, weights) = (contiguous(&values), weights.as_ref().map(contiguous));
    let customers = customers.as_ref().map(contiguous);
    let errors = if pooled { DifferenceErrors::Pooled } else { DifferenceErrors::Robust };
    json::write(&evaluate::difference_in_differences(
        &values,
        &treated,
        &after,
        weights.as_deref(),
        customers.as_deref(),
        errors,
        confidence,
    )?)
}

/// What a campaign brought in customers.
#[pyfunction]
#[pyo3(signature = (outcome, treated, cost, confidence))]
pub(crate) fn campaign_lift(
    outcome: &Outcome,
    treated: Vec<bool>,
    cost: Option<f64>,
    confidence: f64,
) -> Result<String> {
    json::write(&evaluate::campaign_lift(&outcome.outcome, &treated, cost, confidence)?)
}

/// What a campaign brought in money.
#[pyfunction]
#[pyo3(signature = (revenue, treated, weights, cost, confidence))]
pub(crate) fn campaign_revenue(
    revenue: Floats<'_>,
    treated: Vec<bool>,
    weights: Option<Floats<'_>>,
    cost: Option<f64>,
    confidence: f64,
) -> Result<String> {
    let (revenue, weights) = (contiguous(&revenue), weights.as_ref().map(contiguous));
    json::write(&evaluate::campaign_revenue(&revenue, &treated, weights.as_deref(), cost, confidence)?)
}
