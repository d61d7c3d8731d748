//! What models of contracts are asked: curves, renewals to come, and what customers will bring, with intervals if wanted.

use crate::errors::Result;
use crate::json;
use crate::lifetime::{Floats, Given, arrays, ends};
use crate::model::Model;
use crate::numbers::contiguous;
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use tierwise::value::{ContractBootstrap, ContractHorizon, Margins, ShiftedBetaGeometric};

/// Retention rates, or survival, after periods 1 to `periods`: the estimates, and with a level the lower and upper ends too.
#[pyfunction]
#[pyo3(signature = (model, of_survival, periods, level))]
pub(crate) fn contract_curve<'py>(
    py: Python<'py>,
    model: &Model,
    of_survival: bool,
    periods: u32,
    level: Option<f64>,
) -> Result<Vec<Floats<'py>>> {
    let model: &ShiftedBetaGeometric = model.is()?;
    let at = |period| if of_survival { model.survival(period) } else { model.retention(period) };
    let columns = match level {
        None => vec![(1..=periods).map(at).collect::<tierwise::Result<_>>()?],
        Some(level) if of_survival => ends(&model.survival_with_interval(periods, level)?),
        Some(level) => ends(&model.retention_with_interval(periods, level)?),
    };
    Ok(arrays(py, columns))
}

/// Discounted renewals to come: the estimate, and with a level the lower and upper ends too.
#[pyfunction]
#[pyo3(signature = (model, renewal, rate, level))]
pub(crate) fn contract_residual(model: &Model, renewal: u32, rate: f64, level: Option<f64>) -> Result<Vec<f64>> {
    let model: &ShiftedBetaGeometric = model.is()?;
    let Some(level) = level else { return Ok(vec![model.expected_residual_lifetime(renewal, rate)?]) };
    let found = model.expected_residual_lifetime_with_interval(renewal, rate, level)?;
    Ok(vec![found.estimate, found.lower, found.upper])
}

/// What each customer will bring, of a model or of a bootstrap, by a horizon as JSON: the estimates, and with a level the
/// lower and upper ends too. Margins are by customer where there is such a column, and else by period.
#[pyfunction]
#[pyo3(signature = (model, renewals, by_customer, by_period, horizon, level))]
pub(crate) fn contract_value<'py>(
    py: Python<'py>,
    model: &Model,
    renewals: PyReadonlyArray1<'py, u32>,
    by_customer: Option<Given<'py>>,
    by_period: Vec<f64>,
    horizon: &str,
    level: Option<f64>,
) -> Result<Vec<Floats<'py>>> {
    let horizon: ContractHorizon = json::read(horizon, "horizon")?;
    let (renewals, by_customer) = (contiguous(&renewals), by_customer.as_ref().map(contiguous));
    let margins = by_customer.as_deref().map_or(Margins::ByPeriod(&by_period), Margins::ByCustomer);
    if let (Ok(sampled), Some(level)) = (model.is::<ContractBootstrap>(), level) {
        let found = py.detach(|| sampled.lifetime_value(&renewals, margins, horizon, level))?;
        return Ok(arrays(py, ends(&found)));
    }
    let model: &ShiftedBetaGeometric = model.is()?;
    let columns = py.detach(|| match level {
        None => Ok(vec![model.lifetime_value(&renewals, margins, horizon)?]),
        Some(level) => {
            Ok::<_, tierwise::Error>(ends(&model.lifetime_value_with_interval(&renewals, margins, horizon, level)?))
        }
    })?;
    Ok(arrays(py, columns))
}
