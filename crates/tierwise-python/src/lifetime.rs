//! Lifetime models: purchases, spend, contracts.

use crate::errors::{Raised, Result};
use crate::json;
use crate::model::Model;
use crate::numbers::contiguous;
use crate::table::Table;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use serde::Serialize;
use tierwise::Error;
use tierwise::value::{
    self, Forecast, GammaGamma, Interval, Parameter, PurchaseFit, PurchaseModel, PurchaseProcess, RetentionEconomics,
    ShiftedBetaGeometric, Steps,
};

type Floats<'py> = Bound<'py, PyArray1<f64>>;
type Given<'py> = PyReadonlyArray1<'py, f64>;

/// The histories of customers, checked.
#[pyclass(frozen, module = "tierwise._tierwise")]
pub(crate) struct Histories {
    histories: value::Histories,
}

#[pymethods]
impl Histories {
    /// From columns; `table` and `customer` say how a customer is called in an error.
    #[new]
    #[pyo3(signature = (repeats, last, age, weights=None, table=None, customer=None))]
    fn new(
        repeats: Given<'_>,
        last: Given<'_>,
        age: Given<'_>,
        weights: Option<Given<'_>>,
        table: Option<&Table>,
        customer: Option<&str>,
    ) -> Result<Self> {
        let (repeats, last, age) = (contiguous(&repeats), contiguous(&last), contiguous(&age));
        let named = |error| with_customer(error, table, customer);
        let mut histories = value::Histories::new(&repeats, &last, &age).map_err(named)?;
        if let Some(weights) = weights {
            histories = histories.weights(&contiguous(&weights))?;
        }
        Ok(Self { histories })
    }

    fn __len__(&self) -> usize {
        self.histories.len()
    }
}

/// Puts the customer's name where only his row is known.
fn with_customer(error: Error, table: Option<&Table>, customer: Option<&str>) -> Error {
    let (Error::InvalidValue { what, row, key: None, found, must_be }, Some(table), Some(customer)) =
        (&error, table, customer)
    else {
        return error;
    };
    let Ok((codes, keys)) = table.table.keys(customer) else { return error };
    let key = codes.get(*row).and_then(|&code| keys.name(code as usize));
    Error::InvalidValue { what: what.clone(), row: *row, key, found: found.clone(), must_be: must_be.clone() }
}

fn process_from(name: &str) -> Result<PurchaseProcess> {
    json::read(&format!("\"{name}\""), "process")
}

/// Fits a model of purchases.
#[pyfunction]
pub(crate) fn fit_purchases(
    py: Python<'_>,
    process: &str,
    days_per_period: f64,
    horizon: f64,
    histories: &Histories,
) -> Result<Model> {
    let fit = PurchaseFit::new(process_from(process)?).days_per_period(days_per_period).horizon(horizon);
    Ok(Model::new(py.detach(|| fit.fit(&histories.histories))?))
}

/// A model of purchases with parameters from elsewhere.
#[pyfunction]
pub(crate) fn purchase_model(process: &str, parameters: [f64; 4], days_per_period: f64, horizon: f64) -> Result<Model> {
    let model = PurchaseModel::new(process_from(process)?, parameters)?;
    Ok(Model::new(model.with_days_per_period(days_per_period)?.with_horizon(horizon)?))
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
    let columns = py.detach(|| match level {
        None => Ok(vec![model.forecast(&histories.histories, forecast)?]),
        Some(level) => Ok(ends(&model.forecast_with_interval(&histories.histories, forecast, level)?)),
    });
    Ok(arrays(py, columns.map_err(Raised)?))
}

/// Estimates, lower ends, upper ends.
fn ends(intervals: &[Interval]) -> Vec<Vec<f64>> {
    let column = |of: fn(&Interval) -> f64| intervals.iter().map(of).collect();
    vec![column(|one| one.estimate), column(|one| one.lower), column(|one| one.upper)]
}

fn arrays(py: Python<'_>, columns: Vec<Vec<f64>>) -> Vec<Floats<'_>> {
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

/// Drawn purchases: positions of customers and times.
#[pyfunction]
pub(crate) fn simulate_purchases<'py>(
    py: Python<'py>,
    model: &Model,
    ages: Given<'py>,
    seed: u64,
) -> Result<(Bound<'py, PyArray1<i64>>, Floats<'py>)> {
    let drawn = model.is::<PurchaseModel>()?.simulate(&contiguous(&ages), seed)?;
    let customers: Vec<i64> = drawn.customer.into_iter().map(i64::from).collect();
    Ok((customers.into_pyarray(py), drawn.time.into_pyarray(py)))
}

/// Fits a model of spend.
#[pyfunction]
#[pyo3(signature = (repeats, amounts, weights=None, table=None, customer=None))]
pub(crate) fn fit_spend(
    py: Python<'_>,
    repeats: Given<'_>,
    amounts: Given<'_>,
    weights: Option<Given<'_>>,
    table: Option<&Table>,
    customer: Option<&str>,
) -> Result<Model> {
    let (repeats, amounts) = (contiguous(&repeats), contiguous(&amounts));
    let weights = weights.as_ref().map(contiguous);
    let fitted = py.detach(|| GammaGamma::fit(&repeats, &amounts, weights.as_deref()));
    Ok(Model::new(fitted.map_err(|error| with_customer(error, table, customer))?))
}

/// A model of spend with parameters from elsewhere.
#[pyfunction]
pub(crate) fn spend_model(parameters: [f64; 3]) -> Result<Model> {
    Ok(Model::new(GammaGamma::new(parameters)?))
}

/// The mean amount of each customer: the estimates, and with a level the lower and upper ends too.
#[pyfunction]
#[pyo3(signature = (model, repeats, amounts, level))]
pub(crate) fn expected_spend<'py>(
    py: Python<'py>,
    model: &Model,
    repeats: Given<'py>,
    amounts: Given<'py>,
    level: Option<f64>,
) -> Result<Vec<Floats<'py>>> {
    let model: &GammaGamma = model.is()?;
    let (repeats, amounts) = (contiguous(&repeats), contiguous(&amounts));
    let columns = match level {
        None => vec![model.expected(&repeats, &amounts)?],
        Some(level) => ends(&model.expected_with_interval(&repeats, &amounts, level)?),
    };
    Ok(arrays(py, columns))
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
#[pyo3(signature = (purchases, spend, histories, amounts, horizon, margin, level))]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
pub(crate) fn lifetime_value<'py>(
    py: Python<'py>,
    purchases: &Model,
    spend: &Model,
    histories: &Histories,
    amounts: Given<'py>,
    horizon: &str,
    margin: f64,
    level: Option<f64>,
) -> Result<Vec<Floats<'py>>> {
    let (purchases, spend) = (purchases.is::<PurchaseModel>()?, spend.is::<GammaGamma>()?);
    let horizon: Steps = json::read(horizon, "horizon")?;
    let (histories, amounts) = (&histories.histories, contiguous(&amounts));
    let columns = py.detach(|| match level {
        None => Ok(vec![value::lifetime_value(purchases, spend, histories, &amounts, horizon, margin)?]),
        Some(level) => {
            let with_interval = value::lifetime_value_with_interval;
            Ok(ends(&with_interval(purchases, spend, histories, &amounts, horizon, margin, level)?))
        }
    });
    Ok(arrays(py, columns.map_err(Raised)?))
}

/// Fits a model of contracts to customers.
#[pyfunction]
#[pyo3(signature = (periods, left, weights=None))]
pub(crate) fn fit_contracts(
    periods: PyReadonlyArray1<'_, u32>,
    left: PyReadonlyArray1<'_, u8>,
    weights: Option<Given<'_>>,
) -> Result<Model> {
    let left: Vec<bool> = contiguous(&left).into_iter().map(|left| left != 0).collect();
    let weights = weights.as_ref().map(contiguous);
    Ok(Model::new(ShiftedBetaGeometric::fit_customers(&contiguous(&periods), &left, weights.as_deref())?))
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

/// Retention rates and survival after periods 1 to `periods`.
#[pyfunction]
pub(crate) fn contract_curves<'py>(py: Python<'py>, model: &Model, periods: u32) -> Result<(Floats<'py>, Floats<'py>)> {
    let model: &ShiftedBetaGeometric = model.is()?;
    let retention: Vec<f64> = (1..=periods).map(|period| model.retention(period)).collect::<tierwise::Result<_>>()?;
    let survival: Vec<f64> = (1..=periods).map(|period| model.survival(period)).collect::<tierwise::Result<_>>()?;
    Ok((retention.into_pyarray(py), survival.into_pyarray(py)))
}

/// Discounted renewals to come.
#[pyfunction]
pub(crate) fn contract_residual(model: &Model, renewal: u32, rate: f64) -> Result<f64> {
    Ok(model.is::<ShiftedBetaGeometric>()?.expected_residual_lifetime(renewal, rate)?)
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
    json::write(&py.detach(|| value::count_fit(model, &histories.histories, most))?)
}
