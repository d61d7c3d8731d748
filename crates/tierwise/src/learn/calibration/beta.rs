//! Beta calibration: log-odds `a · ln p - b · ln(1 - p) + c` of a probability `p`.
//!
//! Kull, Silva Filho & Flach 2017, *Beyond sigmoids: How to obtain well-calibrated probabilities from binary
//! classifiers with beta calibration*, Electronic Journal of Statistics 11(2), section 4. It holds the identity
//! (`a = b = 1`, `c = 0`), so scores that are calibrated already can stay as they are. The authors' midpoint `m` is in
//! `c = b · ln(1 - m) - a · ln m`.

use super::calibrator::ScoreScale;
use super::few_coefficients::{Case, End, Maximum, maximise};
use super::ties::Tie;
use crate::learn::softplus;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Which of the parameters of beta calibration are free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BetaShape {
    /// All three: skewed curves that cross the diagonal anywhere. The default.
    #[default]
    Abm,
    /// `a` and `b`, with 0.5 mapped to 0.5.
    Ab,
    /// `a = b`: a straight line in log-odds.
    Am,
}

/// The parameters, and which of them came out negative and were set to 0.
#[derive(Debug)]
pub(super) struct Fit {
    pub(super) a: f64,
    pub(super) b: f64,
    pub(super) c: f64,
    pub(super) dropped: Vec<&'static str>,
    pub(super) maximum: Maximum,
}

/// `ln p` and `-ln(1 - p)`, both rising.
pub(super) fn logarithms(scale: ScoreScale, score: f64) -> (f64, f64) {
    match scale {
        ScoreScale::Score => (-softplus(-score), softplus(score)),
        ScoreScale::Probability => (libm::log(score), -libm::log1p(-score)),
    }
}

pub(super) fn log_odds(a: f64, b: f64, c: f64, scale: ScoreScale, score: f64) -> f64 {
    if score.is_nan() {
        return f64::NAN;
    }
    let (rising, falling) = logarithms(scale, score);
    // A logarithm may be infinite, but what it is multiplied by may be 0.
    let part = |by: f64, value: f64| if by == 0.0 { 0.0 } else { by * value };
    part(a, rising) + part(b, falling) + c
}

/// Refuses certainty, whose logarithm is infinite.
pub(super) fn check(scores: &[f64], scale: ScoreScale) -> Result<()> {
    let certain = |score: &f64| scale == ScoreScale::Probability && (*score == 0.0 || *score == 1.0);
    match scores.iter().position(certain) {
        Some(row) => {
            let must_be =
                "beta calibration needs probabilities above 0 and below 1; pass log-odds, or calibrate with `isotonic`";
            Err(Error::invalid_value("the probability", row, scores[row], must_be))
        }
        None => Ok(()),
    }
}

/// The likeliest parameters with `a` and `b` not negative.
pub(super) fn fit(ties: &[Tie], scale: ScoreScale, shape: BetaShape) -> Result<Fit> {
    check_count(ties, scale, shape)?;
    let curve = |tie: &Tie| {
        let (rising, falling) = logarithms(scale, tie.score);
        match shape {
            BetaShape::Abm => vec![rising, falling],
            // `ln(2p)` and `-ln(2(1 - p))` are 0 in the middle, so no intercept is left.
            BetaShape::Ab => vec![rising + std::f64::consts::LN_2, falling - std::f64::consts::LN_2],
            BetaShape::Am => vec![rising + falling],
        }
    };
    let cases: Vec<Case> = ties.iter().map(|tie| Case { of: curve(tie), yes: tie.yes, no: tie.no }).collect();
    let constant = |at: usize| cases.iter().all(|case| case.of[at] == cases[0].of[at]);
    if (0..cases[0].of.len()).all(constant) {
        return Err(too_close());
    }
    let maximum = best(&cases, shape != BetaShape::Ab)?;
    let (a, b) = match &maximum.coefficients[..] {
        [both] => (*both, *both),
        [a, b, ..] => (*a, *b),
        [] => (0.0, 0.0),
    };
    let c = if shape == BetaShape::Ab { (a - b) * std::f64::consts::LN_2 } else { maximum.intercept };
    let names = [("a", a), ("b", b)];
    let dropped = names.into_iter().filter(|(_, value)| *value == 0.0).map(|(name, _)| name).collect();
    if !(a.is_finite() && b.is_finite() && c.is_finite()) {
        return Err(too_close());
    }
    Ok(Fit { a, b, c, dropped, maximum })
}

fn too_close() -> Error {
    let reason = "the scores differ by less than can be computed with; calibrate with `isotonic`".into();
    Error::NoVariation { columns: vec!["scores".into()], reason }
}

/// Refuses fewer distinct scores than there are parameters. Even odds, which `Ab` maps to themselves, tell it nothing.
fn check_count(ties: &[Tie], scale: ScoreScale, shape: BetaShape) -> Result<()> {
    let even = match scale {
        ScoreScale::Score => 0.0,
        ScoreScale::Probability => 0.5,
    };
    let (of, needed, found) = match shape {
        BetaShape::Abm => ("distinct scores", 3, ties.len()),
        BetaShape::Ab => {
            ("distinct scores other than even odds", 2, ties.iter().filter(|tie| tie.score != even).count())
        }
        BetaShape::Am => return Ok(()),
    };
    if found >= needed {
        return Ok(());
    }
    let what = format!("beta calibration of this shape ({of}); calibrate with `platt`, or state the shape `am`");
    Err(Error::NotEnoughData { what, needed, found })
}

/// The maximum over coefficients that are not negative.
///
/// The likelihood is concave: where a coefficient comes out negative, or runs to minus infinity, it is 0 at that maximum
/// (where both do, at least one of them is).
fn best(cases: &[Case], with_intercept: bool) -> Result<Maximum> {
    let end = maximise(cases, with_intercept)?;
    let course = match &end {
        End::Maximum(free) => &free.coefficients,
        End::Runs { towards, .. } => towards,
    };
    let negative: Vec<usize> = (0..course.len()).filter(|&at| course[at] < 0.0).collect();
    let mut found: Option<Maximum> = None;
    for &dropped in &negative {
        let maximum = without(cases, dropped, with_intercept)?;
        if found.as_ref().is_none_or(|found| maximum.objective < found.objective) {
            found = Some(maximum);
        }
    }
    found.map_or_else(|| end.maximum(), Ok)
}

/// The maximum where one coefficient is 0.
fn without(cases: &[Case], dropped: usize, with_intercept: bool) -> Result<Maximum> {
    let others = |case: &Case| {
        let of = case.of.iter().enumerate().filter(|(at, _)| *at != dropped).map(|(_, value)| *value).collect();
        Case { of, yes: case.yes, no: case.no }
    };
    let fewer: Vec<Case> = cases.iter().map(others).collect();
    let is_flat = fewer.iter().all(|case| case.of.is_empty());
    let mut maximum = if is_flat && !with_intercept { even_odds(cases) } else { best(&fewer, with_intercept)? };
    maximum.coefficients.insert(dropped, 0.0);
    Ok(maximum)
}

/// Where neither coefficient nor intercept is left.
fn even_odds(cases: &[Case]) -> Maximum {
    let weight: f64 = cases.iter().map(|case| case.yes + case.no).sum();
    let objective = weight * std::f64::consts::LN_2;
    Maximum { intercept: 0.0, coefficients: vec![], iterations: 0, objective, gradient: 0.0 }
}
