//! Venn-Abers calibration: two probabilities, one of which is calibrated whatever the model.
//!
//! The customer at hand joins the isotonic fit twice, once as no (`low`) and once as yes (`high`). Vovk, Petej &
//! Fedorova 2015, *Large-scale probabilistic predictors with and without guarantees of validity*, NIPS 28: the
//! inductive predictor and its algorithms (section 3 and appendix), and the one probability that costs least in the
//! worst case of log loss, `high / (1 - low + high)` (eq. 5).

use super::isotonic::{check_ends, refused};
use super::ties::Tie;
use crate::Result;
use serde::{Deserialize, Serialize};

/// A stretch of scores that share one pair of probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct IntervalBlock {
    /// The lowest score seen in it.
    pub from: f64,
    /// The highest score seen in it.
    pub to: f64,
    /// The probability if the customer at hand were a no.
    pub low: f64,
    /// The probability if it were a yes.
    pub high: f64,
}

pub(super) fn fit(ties: &[Tie]) -> Vec<IntervalBlock> {
    let high = rates_with_a_yes(ties);
    // Read from the other end, with the classes exchanged, a no is a yes.
    let mirrored: Vec<Tie> = ties.iter().rev().map(|tie| Tie { score: -tie.score, yes: tie.no, no: tie.yes }).collect();
    let low = rates_with_a_yes(&mirrored).into_iter().rev().map(|other| 1.0 - other);
    let mut blocks: Vec<IntervalBlock> = Vec::new();
    for ((tie, low), high) in ties.iter().zip(low).zip(high) {
        match blocks.last_mut() {
            Some(last) if last.low == low && last.high == high => last.to = tie.score,
            _ => blocks.push(IntervalBlock { from: tie.score, to: tie.score, low, high }),
        }
    }
    blocks
}

/// For each tie, the isotonic rate of a further yes of weight 1 that has its score. The rates never fall.
///
/// The isotonic rate is the slope of the greatest convex minorant of the cumulative sums (weight, weight of yes). For
/// the tie at hand the new yes comes just before it. From tie to tie only one corner of the path of sums changes: the
/// end of the yes becomes the end of the tie that it changed places with. So one stack of corners, of which each is pushed
/// once and popped once, gives all rates.
fn rates_with_a_yes(ties: &[Tie]) -> Vec<f64> {
    let corners = cumulative(ties);
    let mut stack: Vec<Point> = Vec::new();
    for corner in corners[1..].iter().rev() {
        push_convex(&mut stack, *corner);
    }
    push_convex(&mut stack, Point { weight: -1.0, yes: -1.0 });
    let mut rates = Vec::with_capacity(ties.len());
    let mut least = 0.0_f64;
    for corner in &corners[1..] {
        let [.., next, top] = stack[..] else { break };
        let rate = top.slope_to(next);
        least = least.max(rate).min(1.0);
        rates.push(least);
        let moved = Point { weight: corner.weight - 1.0, yes: corner.yes - 1.0 };
        // Above the line it is no corner of the minorant.
        if moved.yes - top.yes <= rate * (moved.weight - top.weight) {
            stack.pop();
            push_convex(&mut stack, moved);
        }
    }
    rates
}

/// A corner of the path of cumulative sums.
#[derive(Debug, Clone, Copy)]
struct Point {
    weight: f64,
    yes: f64,
}

impl Point {
    fn slope_to(self, next: Self) -> f64 {
        (next.yes - self.yes) / (next.weight - self.weight)
    }
}

fn cumulative(ties: &[Tie]) -> Vec<Point> {
    let mut sums = Point { weight: 0.0, yes: 0.0 };
    let mut corners = vec![sums];
    for tie in ties {
        sums = Point { weight: sums.weight + tie.yes + tie.no, yes: sums.yes + tie.yes };
        corners.push(sums);
    }
    corners
}

/// Puts a point to the left of a convex path whose leftmost corner is on top.
fn push_convex(stack: &mut Vec<Point>, point: Point) {
    while let [.., second, top] = stack[..] {
        if point.slope_to(top) < top.slope_to(second) {
            break;
        }
        stack.pop();
    }
    stack.push(point);
}

/// The two probabilities. Between two scores that were seen, a further no pools with what lies below and a further yes
/// with what lies above.
///
/// A score beyond those seen counts as the outermost one. By the book a further no above all would pool with nothing, and
/// the interval open up to 1: a new best customer would jump to another probability by a hair's breadth of score.
pub(super) fn interval(blocks: &[IntervalBlock], score: f64) -> (f64, f64) {
    let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else { return (f64::NAN, f64::NAN) };
    if score.is_nan() {
        return (f64::NAN, f64::NAN);
    }
    let score = score.clamp(first.from, last.to);
    let after = blocks.partition_point(|block| block.from <= score);
    match after.checked_sub(1).map(|at| &blocks[at]) {
        Some(block) if score <= block.to => (block.low, block.high),
        before => (before.map_or(0.0, |block| block.low), blocks.get(after).map_or(1.0, |block| block.high)),
    }
}

/// The log-odds of `high / (1 - low + high)`.
pub(super) fn log_odds(blocks: &[IntervalBlock], score: f64) -> f64 {
    let (low, high) = interval(blocks, score);
    libm::log(high) - libm::log1p(-low)
}

pub(super) fn check(blocks: &[IntervalBlock]) -> Result<()> {
    check_ends(blocks, |block| (block.from, block.to))?;
    for (at, block) in blocks.iter().enumerate() {
        let (low, high) = if at == 0 { (0.0, 0.0) } else { (blocks[at - 1].low, blocks[at - 1].high) };
        if !(block.low >= low && block.low < 1.0) {
            return Err(refused(at, "low", "it must lie in [0, 1) and never fall from block to block"));
        }
        if !(block.high >= high && block.high > 0.0 && block.high <= 1.0 && block.high >= block.low) {
            return Err(refused(
                at,
                "high",
                "it must lie in (0, 1], not below `low`, and never fall from block to block",
            ));
        }
    }
    Ok(())
}
