//! Student's t.

use crate::evaluate::rows::two_sided;
use crate::ordered_rates::quantile_of_log_odds;
use crate::special::normal::normal_width;
use statrs::function::beta::checked_beta_reg;

/// Above so many degrees of freedom t is normal to more digits than are printed.
const MANY: f64 = 1e7;

/// The chance that t lies at least so far from 0, on either side.
pub(super) fn p_value(t: f64, degrees_of_freedom: f64) -> f64 {
    if degrees_of_freedom > MANY || t.is_infinite() {
        return two_sided(t);
    }
    let share = degrees_of_freedom / (degrees_of_freedom + t * t);
    checked_beta_reg(degrees_of_freedom / 2.0, 0.5, share).unwrap_or_else(|_| two_sided(t))
}

/// The number of standard errors either way that holds `confidence`.
pub(in crate::evaluate) fn width(confidence: f64, degrees_of_freedom: f64) -> f64 {
    if degrees_of_freedom > MANY {
        return normal_width(confidence);
    }
    // ν / (ν + t²) is Beta(ν / 2, ½), whose log-odds are ln(ν / t²).
    let log_odds = quantile_of_log_odds(degrees_of_freedom / 2.0, 0.5, 1.0 - confidence);
    (degrees_of_freedom * libm::exp(-log_odds)).sqrt()
}
