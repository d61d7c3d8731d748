//! The forecast of signings: columns and settings in, records out as JSON.

use crate::errors::Result;
use crate::json;
use crate::numbers::contiguous;
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use tierwise::lead::{self, ClassPlan, MonthlySignings, RateMethod, SigningForecast, TargetRule};

/// A history checked, as the forecasts take it.
#[pyclass(frozen, module = "tierwise._tierwise")]
pub(crate) struct SigningHistory(MonthlySignings);

#[pymethods]
impl SigningHistory {
    #[new]
    fn new(
        class_: Option<Vec<String>>,
        month: PyReadonlyArray1<'_, i32>,
        leads: PyReadonlyArray1<'_, f64>,
        signed: PyReadonlyArray1<'_, f64>,
    ) -> Result<Self> {
        let (month, leads, signed) = (contiguous(&month), contiguous(&leads), contiguous(&signed));
        Ok(Self(match class_ {
            Some(class) => MonthlySignings::new(&class, &month, &leads, &signed)?,
            None => MonthlySignings::without_classes(&month, &leads, &signed)?,
        }))
    }
}

/// The forecast of the next month.
#[pyfunction]
pub(crate) fn signing_forecast(
    py: Python<'_>,
    history: &SigningHistory,
    leads_next: Vec<(String, f64)>,
    method: &str,
    confidence: f64,
) -> Result<String> {
    let method: RateMethod = json::read(method, "method")?;
    json::write(&py.detach(|| lead::signing_forecast(&history.0, &leads_next, &method, confidence))?)
}

/// The errors of methods in the past.
#[pyfunction]
pub(crate) fn forecast_backtest(
    py: Python<'_>,
    history: &SigningHistory,
    methods: &str,
    confidence: f64,
) -> Result<String> {
    let methods: Vec<RateMethod> = json::read(methods, "methods")?;
    json::write(&py.detach(|| lead::forecast_backtest(&history.0, &methods, confidence))?)
}

/// The probability that fewer sign than the target.
#[pyfunction]
pub(crate) fn signings_below(forecast: &str, target: f64) -> Result<f64> {
    let forecast: SigningForecast = json::read(forecast, "forecast")?;
    Ok(forecast.count.probability_below(target)?)
}

/// The forecast against a target.
#[pyfunction]
pub(crate) fn signing_warning(forecast: &str, rule: &str, plan: Option<&str>) -> Result<String> {
    let forecast: SigningForecast = json::read(forecast, "forecast")?;
    let rule: TargetRule = json::read(rule, "rule")?;
    let plan: Option<Vec<ClassPlan>> = plan.map(|plan| json::read(plan, "plan")).transpose()?;
    json::write(&lead::signing_warning(&forecast, &rule, plan.as_deref())?)
}
