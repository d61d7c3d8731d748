//! Lifetime models: purchases, spend, contracts.

use crate::errors::Result;
use crate::json;
use crate::model::Model;
use crate::numbers::contiguous;
use crate::table::Table;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use serde::de::IntoDeserializer;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use tierwise::Error;
use tierwise::value::{
    self, Covariate, Forecast, GammaGamma, Interval, PaidAmounts, Parameter, PurchaseFit, PurchaseModel,
    PurchaseProcess, RetentionEconomics, ShiftedBetaGeometric, Steps,
};

pub(crate) type Floats<'py> = Bound<'py, PyArray1<f64>>;
pub(crate) type Given<'py> = PyReadonlyArray1<'py, f64>;
type Whole<'py> = Bound<'py, PyArray1<i64>>;
type YesNos<'py> = Bound<'py, PyArray1<bool>>;
type Column<'a> = Cow<'a, [f64]>;

/// The histories of customers: a table, and what of it counts.
#[pyclass(frozen, module = "tierwise._tierwise")]
pub(crate) struct Histories {
    table: Py<Table>,
    covariates: Vec<String>,
    weights: Option<Vec<f64>>,
}

#[pymethods]
impl Histories {
    /// From the columns `repeat_frequency`, `last_purchase_age` and `age` of a table, and those of covariates. A column
    /// `customer`, if there is one, names the rows in errors.
    #[new]
    #[pyo3(signature = (table, covariates, weights=None))]
    fn new(table: Py<Table>, covariates: Vec<String>, weights: Option<Given<'_>>) -> Self {
        Self { table, covariates, weights: weights.as_ref().map(contiguous) }
    }

    fn __len__(&self) -> usize {
        self.table.get().table.rows()
    }
}

impl Histories {
    /// Works on the histories, whose columns are lent where they are stored as numbers.
    pub(crate) fn with<R: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&value::Histories<'_>) -> tierwise::Result<R> + Send,
    ) -> Result<R> {
        let table = self.table.get();
        let done = py.detach(|| {
            let column = |name: &str| table.table.numbers(name);
            let columns = self.covariates.iter().map(|name| column(name)).collect::<tierwise::Result<Vec<_>>>()?;
            let named: Vec<(&str, &[f64])> =
                self.covariates.iter().zip(&columns).map(|(name, column)| (name.as_str(), &**column)).collect();
            let (repeats, last, age) = (column("repeat_frequency")?, column("last_purchase_age")?, column("age")?);
            let histories = value::Histories::new(&repeats, &last, &age)?.covariates(&named)?;
            work(&match &self.weights {
                Some(weights) => histories.weights(weights)?,
                None => histories,
            })
        });
        Ok(done.map_err(|error| with_customer(error, table))?)
    }
}

/// Puts the customer's name where only his row is known.
pub(crate) fn with_customer(error: Error, table: &Table) -> Error {
    let Error::InvalidValue { what, row, key: None, found, must_be } = &error else { return error };
    let Ok((codes, keys)) = table.table.keys("customer") else { return error };
    let key = codes.get(*row).and_then(|&code| keys.name(code as usize));
    Error::InvalidValue { what: what.clone(), row: *row, key, found: found.clone(), must_be: must_be.clone() }
}

fn process_from(name: &str) -> Result<PurchaseProcess> {
    let found = PurchaseProcess::deserialize(name.into_deserializer());
    Ok(found.map_err(|error: serde::de::value::Error| Error::InvalidSetting {
        path: "process".into(),
        reason: error.to_string(),
    })?)
}

/// Fits a model of purchases.
#[pyfunction]
pub(crate) fn fit_purchases(
    py: Python<'_>,
    process: &str,
    days_per_period: f64,
    horizon: f64,
    covariates: Vec<String>,
    histories: &Histories,
) -> Result<Model> {
    let fit = purchase_fit(process, days_per_period, horizon, &covariates)?;
    Ok(Model::new(histories.with(py, |histories| fit.fit(histories))?))
}

pub(crate) fn purchase_fit(
    process: &str,
    days_per_period: f64,
    horizon: f64,
    covariates: &[String],
) -> Result<PurchaseFit> {
    let names: Vec<&str> = covariates.iter().map(String::as_str).collect();
    let fit = PurchaseFit::new(process_from(process)?).days_per_period(days_per_period).horizon(horizon);
    Ok(fit.covariates(&names))
}

/// A model of purchases with parameters, and coefficients of covariates as pairs of a name and numbers, from elsewhere.
#[pyfunction]
pub(crate) fn purchase_model(
    process: &str,
    parameters: [f64; 4],
    days_per_period: f64,
    horizon: f64,
    covariates: Vec<(String, Vec<f64>)>,
) -> Result<Model> {
    let model = PurchaseModel::new(process_from(process)?, parameters)?;
    let covariates = covariates.into_iter().map(|(name, coefficients)| Covariate { name, coefficients }).collect();
    let model = model.with_days_per_period(days_per_period)?.with_horizon(horizon)?;
    Ok(Model::new(model.with_covariates(covariates)?))
}

/// The model at values of its covariates.
#[pyfunction]
pub(crate) fn model_at_covariates(model: &Model, values: Vec<f64>) -> Result<Model> {
    Ok(Model::new(model.is::<PurchaseModel>()?.at_covariates(&values)?))
}

/// The names of a model's covariates.
#[pyfunction]
pub(crate) fn purchase_covariates(model: &Model) -> Result<Vec<String>> {
    Ok(model.is::<PurchaseModel>()?.covariates().iter().map(|one| one.name.clone()).collect())
}

/// The coefficients of a model's covariates, as JSON.
#[pyfunction]
pub(crate) fn purchase_coefficients(model: &Model) -> Result<String> {
    json::write(&model.is::<PurchaseModel>()?.coefficients())
}

/// The log-likelihood of customers under a model.
#[pyfunction]
pub(crate) fn purchase_log_likelihood(py: Python<'_>, model: &Model, histories: &Histories) -> Result<f64> {
    let model: &PurchaseModel = model.is()?;
    histories.with(py, |histories| model.log_likelihood(histories))
}

/// What Python shows of a fitted model.
#[derive(Serialize)]
struct Shown<'a, R> {
    parameters: &'a [Parameter],
    report: Option<&'a R>,
}

/// The parameters and the report of a model of this module, as JSON.
#[pyfunction]
pub(crate) fn lifetime_report(model: &Model) -> Result<String> {
    if let Ok(model) = model.is::<PurchaseModel>() {
        return json::write(&Shown { parameters: &model.parameters(), report: model.report() });
    }
    if let Ok(model) = model.is::<GammaGamma>() {
        return json::write(&Shown { parameters: &model.parameters(), report: model.report() });
    }
    let model = model.is::<ShiftedBetaGeometric>()?;
    json::write(&Shown { parameters: &model.parameters(), report: model.report() })
}

/// The process, the days per period and the horizon of a model.
#[pyfunction]
pub(crate) fn purchase_settings(model: &Model) -> Result<(String, f64, f64)> {
    let model: &PurchaseModel = model.is()?;
    let process = json::write(&model.process())?.trim_matches('"').to_owned();
    Ok((process, model.days_per_period(), model.horizon()))
}

/// A forecast (JSON) of each customer: the estimates, and with a level the lower and upper ends too.
#[pyfunction]
#[pyo3(signature = (model, histories, forecast, level))]
pub(crate) fn purchase_forecast<'py>(
    py: Python<'py>,
    model: &Model,
    histories: &Histories,
    forecast: &str,
    level: Option<f64>,
) -> Result<Vec<Floats<'py>>> {
    let model: &PurchaseModel = model.is()?;
    let forecast: Forecast = json::read(forecast, "forecast")?;
    let columns = histories.with(py, |histories| match level {
        None => Ok(vec![model.forecast(histories, forecast)?]),
        Some(level) => Ok(ends(&model.forecast_with_interval(histories, forecast, level)?)),
    })?;
    Ok(arrays(py, columns))
}

/// Estimates, lower ends, upper ends.
pub(crate) fn ends(intervals: &[Interval]) -> Vec<Vec<f64>> {
    let column = |of: fn(&Interval) -> f64| intervals.iter().map(of).collect();
    vec![column(|one| one.estimate), column(|one| one.lower), column(|one| one.upper)]
}

pub(crate) fn arrays(py: Python<'_>, columns: Vec<Vec<f64>>) -> Vec<Floats<'_>> {
    columns.into_iter().map(|column| column.into_pyarray(py)).collect()
}

/// The mean number of purchases of a new customer.
#[pyfunction]
pub(crate) fn purchases_of_new(model: &Model, periods: f64) -> Result<f64> {
    Ok(model.is::<PurchaseModel>()?.expected_of_new(periods)?)
}

/// The probability of a number of purchases of a new customer.
#[pyfunction]
pub(crate) fn purchase_probability(model: &Model, count: u32, after: f64, width: f64) -> Result<f64> {
    Ok(model.is::<PurchaseModel>()?.probability_of_count(count, after, width)?)
}

/// Drawn purchases of customers who are as old and have the same covariates as those given: positions and times.
#[pyfunction]
pub(crate) fn simulate_purchases<'py>(
    py: Python<'py>,
    model: &Model,
    like: &Histories,
    seed: u64,
) -> Result<(Whole<'py>, Floats<'py>)> {
    let model: &PurchaseModel = model.is()?;
    let drawn = like.with(py, |like| model.simulate_again(like, seed))?;
    let customers: Vec<i64> = drawn.customer.into_iter().map(i64::from).collect();
    Ok((customers.into_pyarray(py), drawn.time.into_pyarray(py)))
}

/// Purchases and their mean amounts: the columns `repeat_frequency` and `mean_repeat_amount` of a table.
pub(crate) fn spend_columns(table: &Table) -> tierwise::Result<(Column<'_>, Column<'_>)> {
    Ok((table.table.numbers("repeat_frequency")?, table.table.numbers("mean_repeat_amount")?))
}

/// Fits a model of spend.
#[pyfunction]
#[pyo3(signature = (table, weights=None))]
pub(crate) fn fit_spend(py: Python<'_>, table: &Table, weights: Option<Given<'_>>) -> Result<Model> {
    let weights = weights.as_ref().map(contiguous);
    let fitted = py.detach(|| {
        let (repeats, amounts) = spend_columns(table)?;
        GammaGamma::fit(&repeats, &amounts, weights.as_deref())
    });
    Ok(Model::new(fitted.map_err(|error| with_customer(error, table))?))
}

/// The log-likelihood of customers under a model of spend.
#[pyfunction]
#[pyo3(signature = (model, table, weights=None))]
pub(crate) fn spend_log_likelihood(model: &Model, table: &Table, weights: Option<Given<'_>>) -> Result<f64> {
    let weights = weights.as_ref().map(contiguous);
    let (repeats, amounts) = spend_columns(table)?;
    let found = model.is::<GammaGamma>()?.log_likelihood(&repeats, &amounts, weights.as_deref());
    Ok(found.map_err(|error| with_customer(error, table))?)
}

/// A model of spend with parameters from elsewhere.
#[pyfunction]
pub(crate) fn spend_model(parameters: [f64; 3]) -> Result<Model> {
    Ok(Model::new(GammaGamma::new(parameters)?))
}

/// The mean amount of each customer: the estimates, and with a level the lower and upper ends too.
#[pyfunction]
#[pyo3(signature = (model, table, level))]
pub(crate) fn expected_spend<'py>(
    py: Python<'py>,
    model: &Model,
    table: &Table,
    level: Option<f64>,
) -> Result<Vec<Floats<'py>>> {
    let model: &GammaGamma = model.is()?;
    let columns = py.detach(|| {
        let (repeats, amounts) = spend_columns(table)?;
        match level {
            None => Ok(vec![model.expected(&repeats, &amounts)?]),
            Some(level) => Ok(ends(&model.expected_with_interval(&repeats, &amounts, level)?)),
        }
    });
    Ok(arrays(py, columns.map_err(|error| with_customer(error, table))?))
}

/// Drawn amounts, one per purchase.
#[pyfunction]
pub(crate) fn simulate_spend<'py>(
    py: Python<'py>,
    model: &Model,
    customers: PyReadonlyArray1<'py, u32>,
    seed: u64,
) -> Result<Floats<'py>> {
    Ok(model.is::<GammaGamma>()?.simulate(&contiguous(&customers), seed).into_pyarray(py))
}

/// What each customer will bring: the estimates, and with a level the lower and upper ends too.
#[pyfunction]
#[pyo3(signature = (purchases, spend, histories, table, horizon, margin, level))]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn lifetime_value<'py>(
    py: Python<'py>,
    purchases: &Model,
    spend: &Model,
    histories: &Histories,
    table: &Table,
    horizon: &str,
    margin: f64,
    level: Option<f64>,
) -> Result<Vec<Floats<'py>>> {
    let (purchases, spend) = (purchases.is::<PurchaseModel>()?, spend.is::<GammaGamma>()?);
    let horizon: Steps = json::read(horizon, "horizon")?;
    let columns = histories.with(py, |customers| {
        let (counts, means) = spend_columns(table)?;
        let paid = PaidAmounts { purchases: &counts, mean: &means };
        match level {
            None => Ok(vec![value::lifetime_value(purchases, spend, customers, paid, horizon, margin)?]),
            Some(level) => {
                let with_interval = value::lifetime_value_with_interval;
                Ok(ends(&with_interval(purchases, spend, customers, paid, horizon, margin, level)?))
            }
        }
    })?;
    Ok(arrays(py, columns))
}

/// Who left, of 1 for yes and 0 for no.
pub(crate) fn left_of(left: &PyReadonlyArray1<'_, u8>) -> Vec<bool> {
    contiguous(left).iter().map(|&left| left != 0).collect()
}

/// Fits a model of contracts to customers.
#[pyfunction]
#[pyo3(signature = (periods, left, weights=None))]
pub(crate) fn fit_contracts(
    periods: PyReadonlyArray1<'_, u32>,
    left: PyReadonlyArray1<'_, u8>,
    weights: Option<Given<'_>>,
) -> Result<Model> {
    let left = left_of(&left);
    let weights = weights.as_ref().map(contiguous);
    Ok(Model::new(ShiftedBetaGeometric::fit_customers(&contiguous(&periods), &left, weights.as_deref())?))
}

/// Fits one model of contracts per segment.
#[pyfunction]
#[pyo3(signature = (periods, left, segments, weights=None))]
pub(crate) fn fit_contract_segments(
    periods: PyReadonlyArray1<'_, u32>,
    left: PyReadonlyArray1<'_, u8>,
    segments: Vec<String>,
    weights: Option<Given<'_>>,
) -> Result<Vec<(String, Model)>> {
    let left = left_of(&left);
    let weights = weights.as_ref().map(contiguous);
    let names: Vec<&str> = segments.iter().map(String::as_str).collect();
    let models = ShiftedBetaGeometric::fit_segments(&contiguous(&periods), &left, weights.as_deref(), &names)?;
    Ok(models.into_iter().map(|(name, model)| (name, Model::new(model))).collect())
}

/// Drawn contracts: periods, and who left.
#[pyfunction]
pub(crate) fn simulate_contracts<'py>(
    py: Python<'py>,
    model: &Model,
    seen: PyReadonlyArray1<'py, u32>,
    seed: u64,
) -> Result<(Whole<'py>, YesNos<'py>)> {
    let drawn = model.is::<ShiftedBetaGeometric>()?.simulate(&contiguous(&seen), seed)?;
    let periods: Vec<i64> = drawn.periods.into_iter().map(i64::from).collect();
    Ok((periods.into_pyarray(py), drawn.left.into_pyarray(py)))
}

/// Fits a model of contracts to the survivors of one cohort.
#[pyfunction]
pub(crate) fn fit_survivors(survivors: Given<'_>) -> Result<Model> {
    Ok(Model::new(ShiftedBetaGeometric::fit_survivors(&contiguous(&survivors))?))
}

/// A model of contracts with parameters from elsewhere.
#[pyfunction]
pub(crate) fn contract_model(parameters: [f64; 2]) -> Result<Model> {
    Ok(Model::new(ShiftedBetaGeometric::new(parameters)?))
}

/// What loyalty earns: settings and result as JSON.
#[pyfunction]
pub(crate) fn retention_economics(settings: &str, years: u32) -> Result<String> {
    let settings: RetentionEconomics = json::read(settings, "settings")?;
    json::write(&settings.value(years)?)
}

/// How many customers bought so often, as JSON.
#[pyfunction]
pub(crate) fn count_fit(py: Python<'_>, model: &Model, histories: &Histories, most: u32) -> Result<String> {
    let model: &PurchaseModel = model.is()?;
    json::write(&histories.with(py, |histories| value::count_fit(model, histories, most))?)
}
