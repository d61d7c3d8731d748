//! A share of cases with its interval: so many of so many.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use statrs::distribution::{Beta, ContinuousCDF};

/// How many of how many, and between which ends the true share lies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// The cases in which it happened.
    pub events: f64,
    /// All cases.
    pub trials: f64,
    /// The estimate; `events / trials` unless it was shrunk.
    pub rate: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
}

/// The share of `events` in `trials` with its Jeffreys interval: the quantiles of Beta(events + ½, trials − events + ½),
/// with 0 as the lower end when nothing happened and 1 as the upper end when it always did (Brown, Cai & Das Gupta 2001,
/// *Statistical Science* 16, section 4.3).
///
/// # Errors
/// [`Error::InvalidParameter`] for a confidence outside (0, 1), for no trials, and for events outside `[0, trials]`.
///
/// ```
/// let rate = tierwise::rates::rate(7.0, 20.0, 0.95)?;
/// assert_eq!(rate.rate, 0.35);
/// assert!((rate.low - 0.1723).abs() < 1e-4 && (rate.high - 0.5678).abs() < 1e-4);
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn rate(events: f64, trials: f64, confidence: f64) -> Result<Rate> {
    check_confidence("rate", confidence)?;
    if !(trials > 0.0 && trials.is_finite()) {
        return Err(parameter("trials", "a number in (0, inf)", trials));
    }
    if !(0.0..=trials).contains(&events) {
        return Err(parameter("events", &format!("a number in [0, {trials}]"), events));
    }
    let (low, high) = beta_interval(events + 0.5, trials - events + 0.5, confidence)?;
    let low = if events == 0.0 { 0.0 } else { low };
    let high = if events == trials { 1.0 } else { high };
    Ok(Rate { events, trials, rate: events / trials, low, high })
}

/// The central interval of Beta(a, b) that holds `confidence` of it.
pub(crate) fn beta_interval(a: f64, b: f64, confidence: f64) -> Result<(f64, f64)> {
    let beta = Beta::new(a, b).map_err(|_| parameter("trials", "a number for which Beta is defined", a + b))?;
    let tail = (1.0 - confidence) / 2.0;
    Ok((beta.inverse_cdf(tail), beta.inverse_cdf(1.0 - tail)))
}

/// Refuses a confidence that is no share strictly between 0 and 1.
pub(crate) fn check_confidence(of: &'static str, confidence: f64) -> Result<()> {
    if confidence > 0.0 && confidence < 1.0 {
        return Ok(());
    }
    let must_be = "a number in (0, 1)".into();
    Err(Error::InvalidParameter { of, name: "confidence", must_be, got: confidence.to_string() })
}

fn parameter(name: &'static str, must_be: &str, got: f64) -> Error {
    Error::InvalidParameter { of: "rate", name, must_be: must_be.into(), got: got.to_string() }
}
