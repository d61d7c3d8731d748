//! The normal distribution.

use statrs::distribution::{ContinuousCDF, Normal};

/// The number of standard errors either way that holds `confidence` of a normal distribution.
pub(crate) fn normal_width(confidence: f64) -> f64 {
    normal_quantile(0.5 + confidence / 2.0)
}

/// The number below which a standard normal number lies with this chance.
pub(crate) fn normal_quantile(chance: f64) -> f64 {
    Normal::standard().inverse_cdf(chance)
}

/// The chance that a standard normal number lies above `z`.
pub(crate) fn normal_above(z: f64) -> f64 {
    libm::erfc(z * std::f64::consts::FRAC_1_SQRT_2) / 2.0
}
