//! Which rights a tier has at a step of the funnel.

use crate::errors::{Raised, Result};
use crate::json::{read, write};
use crate::model::Model;
use crate::numbers::positions;
use numpy::{IntoPyArray, PyReadonlyArray1};
use pyo3::prelude::*;
use tierwise::value::{Entitlement, EntitlementValue, Entitlements};

/// A checked table of rights from its parts (JSON).
#[pyfunction]
pub(crate) fn entitlements(spec: &str) -> Result<Model> {
    Ok(Model::new(Entitlements::new(read(spec, "")?)?))
}

/// The rights of one tier at one step (JSON).
#[pyfunction]
pub(crate) fn entitlements_of(table: &Model, tier: &str, step: &str) -> Result<String> {
    write(table.is::<Entitlements>()?.of(tier, step)?)
}

/// One column per right: floats (NaN for none) or a list of texts; -1 for unknown tiers and steps.
#[pyfunction]
pub(crate) fn entitlement_columns<'py>(
    py: Python<'py>,
    table: &Model,
    tiers: PyReadonlyArray1<'py, i64>,
    steps: PyReadonlyArray1<'py, i64>,
) -> PyResult<Vec<(String, &'static str, Bound<'py, PyAny>)>> {
    let table: &Entitlements = table.is()?;
    let (tiers, steps) = (positions(&tiers), positions(&steps));
    let column = |right: &Entitlement| {
        let values = table.column(&right.name, &tiers, &steps).map_err(Raised)?;
        let granted = || table.spec().grants.iter().find_map(|grant| grant.rights.get(&right.name));
        let kind = match granted() {
            Some(EntitlementValue::Text(_)) => "text",
            Some(EntitlementValue::YesNo(_)) => "yes_no",
            Some(EntitlementValue::Number(_)) | None => "number",
        };
        let text = |value: Option<&EntitlementValue>| match value {
            Some(EntitlementValue::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let number = |value: Option<&EntitlementValue>| match value {
            Some(EntitlementValue::Number(number)) => *number,
            Some(EntitlementValue::YesNo(yes)) => f64::from(u8::from(*yes)),
            Some(EntitlementValue::Text(_)) | None => f64::NAN,
        };
        let values = if kind == "text" {
            values.into_iter().map(text).collect::<Vec<_>>().into_pyobject(py)?.into_any()
        } else {
            values.into_iter().map(number).collect::<Vec<_>>().into_pyarray(py).into_any()
        };
        Ok((right.name.clone(), kind, values))
    };
    table.spec().rights.iter().map(column).collect()
}
