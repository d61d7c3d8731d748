//! Lifetime models fitted to samples of the customers.

use crate::errors::Result;
use crate::fit::tell;
use crate::json;
use crate::lifetime::{Floats, Given, Histories, arrays, ends, left_of, purchase_fit, spend_columns, with_customer};
use crate::model::Model;
use crate::numbers::contiguous;
use crate::table::Table;
use pyo3::prelude::*;
use std::ops::ControlFlow;
use tierwise::Progress;
use tierwise::value::{
    ContractBootstrap, Forecast, GammaGamma, Interval, PaidAmounts, PurchaseBootstrap, ShiftedBetaGeometric,
    SpendBootstrap, Steps,
};

/// Fits samples while Python is told of it; what it raises, or Ctrl-C, comes before the error that the work was stopped.
fn watched<M>(
    progress: Option<&Py<PyAny>>,
    fit: impl FnOnce(&mut (dyn FnMut(Progress) -> ControlFlow<()> + Send)) -> Result<M>,
) -> PyResult<M> {
    let mut interrupted = None;
    let fitted = fit(&mut |step: Progress| tell(progress, step, &mut interrupted));
    match interrupted {
        Some(interrupted) => Err(interrupted),
        None => Ok(fitted?),
    }
}

/// Fits a model of purchases to samples of the customers.
#[pyfunction]
#[pyo3(signature = (process, days_per_period, horizon, covariates, histories, samples, seed, progress))]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn bootstrap_purchases(
    py: Python<'_>,
    process: &str,
    days_per_period: f64,
    horizon: f64,
    covariates: Vec<String>,
    histories: &Histories,
    samples: usize,
    seed: u64,
    progress: Option<Py<PyAny>>,
) -> PyResult<Model> {
    let fit = purchase_fit(process, days_per_period, horizon, &covariates)?;
    let sampled = watched(progress.as_ref(), |watch| {
        histories.with(py, |histories| fit.bootstrap_with(histories, samples, seed, watch))
    });
    Ok(Model::new(sampled?))
}

/// Fits a model of spend to samples of the customers.
#[pyfunction]
#[pyo3(signature = (table, weights, samples, seed, progress))]
pub(crate) fn bootstrap_spend(
    py: Python<'_>,
    table: &Table,
    weights: Option<Given<'_>>,
    samples: usize,
    seed: u64,
    progress: Option<Py<PyAny>>,
) -> PyResult<Model> {
    let weights = weights.as_ref().map(contiguous);
    let sampled = watched(progress.as_ref(), |watch| {
        let sampled = py.detach(|| {
            let (repeats, amounts) = spend_columns(table)?;
            GammaGamma::bootstrap_with(&repeats, &amounts, weights.as_deref(), samples, seed, watch)
        });
        Ok(sampled.map_err(|error| with_customer(error, table))?)
    });
    Ok(Model::new(sampled?))
}

/// Fits a model of contracts to samples of customers.
#[pyfunction]
#[pyo3(signature = (periods, left, weights, samples, seed))]
pub(crate) fn bootstrap_contracts(
    py: Python<'_>,
    periods: numpy::PyReadonlyArray1<'_, u32>,
    left: numpy::PyReadonlyArray1<'_, u8>,
    weights: Option<Given<'_>>,
    samples: usize,
    seed: u64,
) -> Result<Model> {
    let (periods, left, weights) = (contiguous(&periods), left_of(&left), weights.as_ref().map(contiguous));
    let sampled =
        py.detach(|| ShiftedBetaGeometric::bootstrap_customers(&periods, &left, weights.as_deref(), samples, seed));
    Ok(Model::new(sampled?))
}

/// Fits a model of contracts to samples of the customers of one cohort.
#[pyfunction]
pub(crate) fn bootstrap_survivors(py: Python<'_>, survivors: Given<'_>, samples: usize, seed: u64) -> Result<Model> {
    let survivors = contiguous(&survivors);
    let sampled = py.detach(|| ShiftedBetaGeometric::bootstrap_survivors(&survivors, samples, seed));
    Ok(Model::new(sampled?))
}

/// The model of all customers; how many samples have a fit, and how many have not.
#[pyfunction]
pub(crate) fn bootstrap_parts(sampled: &Model) -> Result<(Model, usize, usize)> {
    if let Ok(sampled) = sampled.is::<PurchaseBootstrap>() {
        return Ok((Model::new(sampled.model().clone()), sampled.samples(), sampled.failed()));
    }
    if let Ok(sampled) = sampled.is::<SpendBootstrap>() {
        return Ok((Model::new(sampled.model().clone()), sampled.samples(), sampled.failed()));
    }
    let sampled = sampled.is::<ContractBootstrap>()?;
    Ok((Model::new(sampled.model().clone()), sampled.samples(), sampled.failed()))
}

/// Parameters and coefficients, as JSON.
#[pyfunction]
pub(crate) fn bootstrap_parameters(sampled: &Model, level: f64) -> Result<String> {
    if let Ok(sampled) = sampled.is::<PurchaseBootstrap>() {
        return json::write(&sampled.parameters(level)?);
    }
    if let Ok(sampled) = sampled.is::<SpendBootstrap>() {
        return json::write(&sampled.parameters(level)?);
    }
    json::write(&sampled.is::<ContractBootstrap>()?.parameters(level)?)
}

/// A forecast (JSON) of each customer: estimates, lower and upper ends.
#[pyfunction]
pub(crate) fn bootstrap_forecast<'py>(
    py: Python<'py>,
    sampled: &Model,
    histories: &Histories,
    forecast: &str,
    level: f64,
) -> Result<Vec<Floats<'py>>> {
    let sampled: &PurchaseBootstrap = sampled.is()?;
    let forecast: Forecast = json::read(forecast, "forecast")?;
    Ok(arrays(py, ends(&histories.with(py, |histories| sampled.forecast(histories, forecast, level))?)))
}

/// What each customer will bring: estimates, lower and upper ends.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn bootstrap_value<'py>(
    py: Python<'py>,
    purchases: &Model,
    spend: &Model,
    histories: &Histories,
    table: &Table,
    horizon: &str,
    margin: f64,
    level: f64,
) -> Result<Vec<Floats<'py>>> {
    let (purchases, spend) = (purchases.is::<PurchaseBootstrap>()?, spend.is::<SpendBootstrap>()?);
    let horizon: Steps = json::read(horizon, "horizon")?;
    let found = histories.with(py, |histories| {
        let (counts, means) = spend_columns(table)?;
        let paid = PaidAmounts { purchases: &counts, mean: &means };
        purchases.lifetime_value(spend, histories, paid, horizon, margin, level)
    })?;
    Ok(arrays(py, ends(&found)))
}

/// The mean amount of each customer: estimates, lower and upper ends.
#[pyfunction]
pub(crate) fn bootstrap_expected_spend<'py>(
    py: Python<'py>,
    sampled: &Model,
    table: &Table,
    level: f64,
) -> Result<Vec<Floats<'py>>> {
    let sampled: &SpendBootstrap = sampled.is()?;
    let found = py.detach(|| {
        let (repeats, amounts) = spend_columns(table)?;
        sampled.expected(&repeats, &amounts, level)
    });
    Ok(arrays(py, ends(&found.map_err(|error| with_customer(error, table))?)))
}

/// Retention rates, or survival, after periods 1 to `periods`: estimates, lower and upper ends.
#[pyfunction]
pub(crate) fn bootstrap_curve<'py>(
    py: Python<'py>,
    sampled: &Model,
    of_survival: bool,
    periods: u32,
    level: f64,
) -> Result<Vec<Floats<'py>>> {
    let sampled: &ContractBootstrap = sampled.is()?;
    let of = if of_survival { ContractBootstrap::survival } else { ContractBootstrap::retention };
    let found =
        py.detach(|| (1..=periods).map(|period| of(sampled, period, level)).collect::<tierwise::Result<Vec<_>>>());
    Ok(arrays(py, ends(&found?)))
}

/// Discounted renewals to come: estimate, lower and upper end.
#[pyfunction]
pub(crate) fn bootstrap_residual(sampled: &Model, renewal: u32, rate: f64, level: f64) -> Result<(f64, f64, f64)> {
    let sampled: &ContractBootstrap = sampled.is()?;
    let Interval { estimate, lower, upper } = sampled.expected_residual_lifetime(renewal, rate, level)?;
    Ok((estimate, lower, upper))
}
