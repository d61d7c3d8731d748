//! Isotonic calibration that keeps the ranking: no two different scores get the same probability.
//!
//! The blocks of the isotonic fit are joined at their centres, as in centred isotonic regression (Oron & Flournoy 2017,
//! *Centered isotonic regression: point and interval estimation for dose-response studies*, Statistics in
//! Biopharmaceutical Research 9(3)). Three things are this library's: outcomes count as Platt's targets do, so that no
//! block is certain; the lines are straight in log-odds; and beyond the outermost centres the log-odds go on with their
//! average slope.

use super::isotonic::pool_adjacent_violators;
use super::platt::targets;
use super::ties::{LARGEST, Tie, totals};
use crate::learn::log_odds;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// The centre of a block.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Knot {
    /// The mean score of the block, by weight.
    pub score: f64,
    /// The log-odds of the block.
    pub log_odds: f64,
}

pub(super) fn fit(ties: &[Tie]) -> Vec<Knot> {
    let (yes, no) = totals(ties);
    let (high, low) = targets(yes, no);
    let mut knots: Vec<Knot> = Vec::new();
    for pool in pool_adjacent_violators(ties) {
        let ties = &ties[pool.first..=pool.last];
        let weight = pool.sums.yes + pool.sums.no;
        let mean: f64 = ties.iter().map(|tie| (tie.yes + tie.no) / weight * tie.score).sum();
        let knot = Knot {
            // Rounding must not carry a centre out of its block.
            score: mean.clamp(ties[0].score, ties[ties.len() - 1].score),
            // Isotonic rates of moved outcomes are the isotonic rates, moved.
            log_odds: log_odds(low + (high - low) * pool.sums.rate()),
        };
        match knots.last_mut() {
            // Rates so close that their log-odds are the same number.
            Some(last) if last.log_odds >= knot.log_odds => last.score = f64::midpoint(last.score, knot.score),
            _ => knots.push(knot),
        }
    }
    knots
}

pub(super) fn log_odds_of(knots: &[Knot], score: f64) -> f64 {
    let (Some(first), Some(last)) = (knots.first(), knots.last()) else { return f64::NAN };
    if score.is_nan() || knots.len() == 1 {
        return if score.is_nan() { f64::NAN } else { first.log_odds };
    }
    let slope = (last.log_odds - first.log_odds) / (last.score - first.score);
    if score < first.score {
        return first.log_odds - slope * (first.score - score);
    }
    if score > last.score {
        return last.log_odds + slope * (score - last.score);
    }
    let after = knots.partition_point(|knot| knot.score <= score).clamp(1, knots.len() - 1);
    let (before, next) = (&knots[after - 1], &knots[after]);
    let share = (score - before.score) / (next.score - before.score);
    (before.log_odds + (next.log_odds - before.log_odds) * share).min(next.log_odds)
}

pub(super) fn check(knots: &[Knot]) -> Result<()> {
    let refuse = |path: String, reason: &str| Err(Error::ModelField { path, reason: reason.into() });
    if knots.is_empty() {
        return refuse("map.knots".into(), "at least one knot is needed");
    }
    for (at, knot) in knots.iter().enumerate() {
        if !(knot.score.abs() <= LARGEST && knot.log_odds.is_finite()) {
            return refuse(format!("map.knots[{at}]"), "scores must lie within 1e100, and log-odds be finite");
        }
        if at > 0 && !(knot.score > knots[at - 1].score && knot.log_odds > knots[at - 1].log_odds) {
            return refuse(format!("map.knots[{at}]"), "scores and log-odds must rise from knot to knot");
        }
    }
    Ok(())
}
