//! Platt's calibration: log-odds that are a straight line of the score.

use super::few_coefficients::{Case, Maximum, maximise};
use super::ties::{Tie, totals};
use crate::{Error, Result};

/// Targets that are never certain, 1 and 0 moved as if one more case of either class had been seen: (yes, no).
///
/// Lin, Lin & Weng 2007, *A note on Platt's probabilistic outputs for support vector machines*, Machine Learning 68,
/// eq. 5.
pub(super) fn targets(yes: f64, no: f64) -> (f64, f64) {
    ((yes + 1.0) / (yes + 2.0), 1.0 / (no + 2.0))
}

/// Slope and offset of the log-odds. Platt's `A` and `B` are these with the other sign.
pub(super) fn fit(ties: &[Tie]) -> Result<(f64, f64, Maximum)> {
    let (yes, no) = totals(ties);
    let (high, low) = targets(yes, no);
    let case = |tie: &Tie| Case {
        of: vec![tie.score],
        yes: tie.yes * high + tie.no * low,
        no: tie.yes * (1.0 - high) + tie.no * (1.0 - low),
    };
    let cases: Vec<Case> = ties.iter().map(case).collect();
    let maximum = maximise(&cases, true)?.maximum()?;
    let slope = maximum.coefficients[0];
    if slope < 0.0 {
        // The likelihood is concave: where its maximum has a negative slope, the best one that does not fall has 0.
        let flat: Vec<Case> = cases.into_iter().map(|case| Case { of: vec![], ..case }).collect();
        let maximum = maximise(&flat, true)?.maximum()?;
        return Ok((0.0, maximum.intercept, maximum));
    }
    if !(slope.is_finite() && maximum.intercept.is_finite()) {
        let reason = "the scores differ by less than can be computed with; multiply them by a large number".into();
        return Err(Error::NoVariation { columns: vec!["scores".into()], reason });
    }
    Ok((slope, maximum.intercept, maximum))
}

/// `offset + slope · score`; without a slope even an infinite score says nothing.
pub(super) fn log_odds(slope: f64, offset: f64, score: f64) -> f64 {
    if slope == 0.0 && !score.is_nan() { offset } else { offset + slope * score }
}
