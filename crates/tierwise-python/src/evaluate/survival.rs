//! Concordance of censored durations.

use super::Outcome;
use crate::errors::{Raised, Result};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use tierwise::evaluate::{Censoring, Concordance, concordance as harrell, concordance_ipcw as uno};

/// Value, standard error, ends of the interval; concordant, discordant, tied in risk, tied in time.
type Found = (f64, f64, f64, f64, f64, f64, f64, f64);

/// Harrell's concordance.
#[pyfunction]
pub(crate) fn concordance(
    py: Python<'_>,
    duration: PyReadonlyArray1<'_, f64>,
    event: &Outcome,
    risk: PyReadonlyArray1<'_, f64>,
    confidence: f64,
) -> PyResult<Found> {
    let (duration, risk) = (duration.as_slice()?, risk.as_slice()?);
    let result: Result<_> = py.detach(|| harrell(duration, &event.outcome, risk, confidence).map_err(Raised));
    Ok(found(&result?))
}

/// Uno's concordance; the censoring is estimated from durations and events of its own.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a private boundary: the public function takes them by keyword
#[pyo3(signature = (duration, event, risk, censoring_duration, censoring_event, until, confidence))]
pub(crate) fn concordance_ipcw(
    py: Python<'_>,
    duration: PyReadonlyArray1<'_, f64>,
    event: &Outcome,
    risk: PyReadonlyArray1<'_, f64>,
    censoring_duration: PyReadonlyArray1<'_, f64>,
    censoring_event: &Outcome,
    until: Option<f64>,
    confidence: f64,
) -> PyResult<Found> {
    let (duration, risk, known) = (duration.as_slice()?, risk.as_slice()?, censoring_duration.as_slice()?);
    let result: Result<_> = py.detach(|| {
        let censoring = Censoring::estimate(known, &censoring_event.outcome).map_err(Raised)?;
        uno(duration, &event.outcome, risk, &censoring, until, confidence).map_err(Raised)
    });
    Ok(found(&result?))
}

fn found(one: &Concordance) -> Found {
    let counts = (one.concordant, one.discordant, one.tied_risk, one.tied_time);
    (one.value, one.standard_error, one.low, one.high, counts.0, counts.1, counts.2, counts.3)
}
