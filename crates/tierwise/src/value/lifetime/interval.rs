//! Intervals on the scale on which an estimate is closest to normal.

use crate::{Error, Result};
use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal};

/// An estimate with the interval in which its mean lies, as far as the parameters are known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The estimate.
    pub estimate: f64,
    /// Its lower end.
    pub lower: f64,
    /// Its upper end.
    pub upper: f64,
}

/// Where an interval is symmetric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    /// For numbers above 0.
    Logarithm,
    /// For probabilities.
    LogOdds,
}

impl Scale {
    /// Onto the scale. Numbers so small that their logarithm is not finite have no slope.
    pub(super) fn of(self, value: f64) -> f64 {
        let on_scale = match self {
            Self::Logarithm => libm::log(value),
            Self::LogOdds => libm::log(value) - libm::log1p(-value),
        };
        if on_scale.is_finite() { on_scale } else { 0.0 }
    }
}

/// The interval of an estimate with a standard error on a scale.
pub(super) fn interval(estimate: f64, error: f64, scale: Scale, level: f64) -> Result<Interval> {
    let reach = error * normal_quantile(level)?;
    let (lower, upper) = match scale {
        Scale::Logarithm => (estimate * libm::exp(-reach), estimate * libm::exp(reach)),
        Scale::LogOdds => {
            let moved = |by: f64| estimate / (estimate + (1.0 - estimate) * libm::exp(-by));
            (moved(-reach), moved(reach))
        }
    };
    // At 0 and at 1 nothing is uncertain.
    let bound = |end: f64| if end.is_finite() { end } else { estimate };
    Ok(Interval { estimate, lower: bound(lower), upper: bound(upper) })
}

/// How many standard errors an interval of this level reaches to either side.
fn normal_quantile(level: f64) -> Result<f64> {
    if level > 0.0 && level < 1.0 {
        return Ok(Normal::standard().inverse_cdf(0.5 + 0.5 * level));
    }
    let (of, name, must_be) = ("forecast_with_interval", "level", "a number in (0, 1)".into());
    Err(Error::InvalidParameter { of, name, must_be, got: level.to_string() })
}

/// Checks the covariance of a model file: symmetric, finite, no variance below 0.
pub(super) fn check_covariance<const N: usize>(of: &'static str, covariance: Option<&[[f64; N]; N]>) -> Result<()> {
    let sound = |matrix: &[[f64; N]; N]| {
        let fits = |i: usize, j: usize| matrix[i][j].is_finite() && matrix[i][j] == matrix[j][i];
        (0..N).all(|i| matrix[i][i] >= 0.0 && (0..N).all(|j| fits(i, j)))
    };
    if covariance.is_none_or(sound) {
        return Ok(());
    }
    let must_be = "a symmetric matrix of finite numbers with a diagonal of 0 or more".into();
    Err(Error::InvalidParameter { of, name: "covariance", must_be, got: "another one".into() })
}
