//! The normal distribution.

use statrs::distribution::{ContinuousCDF, Normal};

/// The number of standard errors either way that holds `confidence` of a normal distribution.
pub(crate) fn normal_width(confidence: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + confidence / 2.0)
}
