//! Intervals on the scale on which an estimate is closest to normal.

use crate::special::normal::normal_width;
use crate::special::quantile::quantile;
use crate::{Error, Result};
use serde::Serialize;

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
    /// For numbers of either sign.
    Plain,
}

impl Scale {
    /// Onto the scale; infinite at its ends.
    pub(super) fn of(self, value: f64) -> f64 {
        match self {
            Self::Logarithm => libm::log(value),
            Self::LogOdds => libm::log(value) - libm::log1p(-value),
            Self::Plain => value,
        }
    }
}

/// The interval of an estimate with a standard error on a scale.
pub(super) fn interval(estimate: f64, error: f64, scale: Scale, level: f64) -> Result<Interval> {
    check_level("interval", level)?;
    let reach = error * normal_width(level);
    let (lower, upper) = match scale {
        Scale::Logarithm => (estimate * libm::exp(-reach), estimate * libm::exp(reach)),
        Scale::LogOdds => {
            let moved = |by: f64| estimate / (estimate + (1.0 - estimate) * libm::exp(-by));
            (moved(-reach), moved(reach))
        }
        Scale::Plain => (estimate - reach, estimate + reach),
    };
    // At 0 and at 1 nothing is uncertain.
    let bound = |end: f64| if end.is_finite() { end } else { estimate };
    Ok(Interval { estimate, lower: bound(lower), upper: bound(upper) })
}

/// The middle `level` of values, between the nearest ones where no value stands at its end.
pub(super) fn percentiles(values: &mut [f64], level: f64) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    (quantile(values, 0.5 - 0.5 * level), quantile(values, 0.5 + 0.5 * level))
}

/// Checks the level of an interval.
pub(super) fn check_level(of: &'static str, level: f64) -> Result<()> {
    if level > 0.0 && level < 1.0 {
        return Ok(());
    }
    let must_be = "a share in (0, 1), such as 0.95; divide per cent by 100".into();
    Err(Error::InvalidParameter { of, name: "level", must_be, got: level.to_string() })
}

/// Checks the covariance of a model file: of so many parameters, symmetric, finite, and one that numbers can have.
pub(super) fn check_covariance<R: AsRef<[f64]>>(of: &'static str, covariance: Option<&[R]>, size: usize) -> Result<()> {
    let Some(rows) = covariance else { return Ok(()) };
    let rows: Vec<&[f64]> = rows.iter().map(AsRef::as_ref).collect();
    let square = rows.len() == size && rows.iter().all(|row| row.len() == size);
    let fits = |i: usize, j: usize| rows[i][j].is_finite() && rows[i][j] == rows[j][i];
    if square && (0..size).all(|i| (0..size).all(|j| fits(i, j))) && is_positive_semidefinite(&rows) {
        return Ok(());
    }
    let must_be = format!("a symmetric matrix of {size} × {size} finite numbers without a negative eigenvalue");
    Err(Error::InvalidParameter { of, name: "covariance", must_be, got: "another one".into() })
}

/// By elimination of one parameter after the other; what is left of a variance must not be below 0 but for rounding, and where
/// nothing is left of it, nothing may be left of its covariances.
fn is_positive_semidefinite(rows: &[&[f64]]) -> bool {
    const ROUNDING: f64 = 1e-9;
    let mut left: Vec<Vec<f64>> = rows.iter().map(|row| row.to_vec()).collect();
    let size = rows.len();
    for k in 0..size {
        let (pivot, own) = (left[k][k], rows[k][k]);
        if pivot < -ROUNDING * own.abs() {
            return false;
        }
        if pivot <= ROUNDING * own {
            let bound = |i: usize| ROUNDING.sqrt() * (own * rows[i][i].abs()).sqrt();
            if (k + 1..size).any(|i| left[i][k].abs() > bound(i)) {
                return false;
            }
            continue;
        }
        let eliminated = left[k].clone();
        for row in &mut left[k + 1..] {
            let factor = row[k] / pivot;
            for (one, above) in row.iter_mut().zip(&eliminated) {
                *one -= factor * above;
            }
        }
    }
    true
}
