//! What columns of weights must be.

use crate::fit::check_total;
use crate::{Error, Result};

/// Weights count customers: one per row, finite and not negative, of a sum that can be computed with.
/// `whose` completes "the weights".
pub(super) fn check_weights(whose: &str, rows: usize, weights: Option<&[f64]>) -> Result<()> {
    let Some(weights) = weights else { return Ok(()) };
    if weights.len() != rows {
        return Err(Error::WrongLength { what: format!("the weights{whose}"), expected: rows, found: weights.len() });
    }
    let what = format!("the weight{whose}");
    if let Some(row) = weights.iter().position(|weight| !weight.is_finite() || *weight < 0.0) {
        return Err(Error::invalid_value(&what, row, weights[row], "weights must be finite and not negative"));
    }
    // Nobody at all is for the callers to refuse, or to count as nothing.
    if weights.iter().all(|&weight| weight == 0.0) { Ok(()) } else { check_total(&what, weights) }
}
