//! What columns of amounts and weights must be.

use crate::{Error, Result};

/// Weights count customers: one per row, finite and not negative. `whose` completes "the weights".
pub(super) fn check_weights(whose: &str, rows: usize, weights: Option<&[f64]>) -> Result<()> {
    let Some(weights) = weights else { return Ok(()) };
    if weights.len() != rows {
        return Err(Error::WrongLength { what: format!("the weights{whose}"), expected: rows, found: weights.len() });
    }
    match weights.iter().position(|weight| !weight.is_finite() || *weight < 0.0) {
        None => Ok(()),
        Some(row) => {
            let must_be = "weights must be finite and not negative";
            Err(Error::invalid_value(&format!("the weight{whose}"), row, weights[row], must_be))
        }
    }
}

/// Amounts are finite numbers, one per row.
pub(super) fn check_values(what: &str, values: &[f64]) -> Result<()> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(row) => {
            Err(Error::invalid_value(what, row, values[row], "it must be a finite number; leave out what is not known"))
        }
    }
}
