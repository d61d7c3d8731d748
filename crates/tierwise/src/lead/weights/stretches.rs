//! From the points of a card to the columns whose weights are learned.
//!
//! A stretch is a range of the points that one characteristic gives. Per characteristic there is one, of all points;
//! per answer there is one between each two neighbouring numbers of points, so that a multiplier of 0 or more on
//! each of them keeps the expert's order of the answers.

use super::Per;
use crate::scorecard::{Compiled, Scorecard};
use crate::sum::Shape;
use crate::{Error, Result};

/// More multipliers than this are refused: the curvature grows with their square.
const MOST: usize = 1000;

/// A range of the points of one characteristic; its column holds the points that lie within it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stretch {
    pub(super) characteristic: usize,
    pub(super) from: f64,
    pub(super) to: f64,
}

impl Stretch {
    /// The part of so many points that lies within the stretch, counted from 0 points. Over the stretches of a
    /// characteristic these add up to the points.
    pub(super) fn within(&self, points: f64) -> f64 {
        let clip = |points: f64| points.max(self.from).min(self.to);
        clip(points) - clip(0.0)
    }
}

/// The stretches of a card, by characteristic and then by points.
///
/// # Errors
/// [`Error::InvalidParameter`] when there are more than can be learned, [`Error::InvalidScorecard`] for a card with pairs.
pub(super) fn stretches(card: &Scorecard, per: Per) -> Result<Vec<Stretch>> {
    card.check_no_pairs(
        "outcomes multiply the points of characteristics, and no multiplier is defined for a pair of features; leave the pairs out of the card that is fitted",
    )?;
    let mut all = Vec::new();
    for (characteristic, compiled) in card.compiled().iter().enumerate() {
        let inner = if per == Per::Answer { inner_edges(compiled) } else { Vec::new() };
        let edges: Vec<f64> = [f64::NEG_INFINITY].into_iter().chain(inner).chain([f64::INFINITY]).collect();
        all.extend(edges.windows(2).map(|edge| Stretch { characteristic, from: edge[0], to: edge[1] }));
    }
    if all.len() <= MOST {
        return Ok(all);
    }
    let must_be = format!("such that there are at most {MOST} multipliers to learn");
    Err(Error::InvalidParameter { of: "CardFit", name: "per", must_be, got: format!("{} of them", all.len()) })
}

/// The lowest and the highest points that a characteristic gives.
pub(super) fn extremes(compiled: &Compiled) -> (f64, f64) {
    let points = distinct_points(compiled);
    (points.first().copied().unwrap_or(0.0), points.last().copied().unwrap_or(0.0))
}

/// The numbers of points at which one stretch ends and the next begins: all but the lowest and the highest.
fn inner_edges(compiled: &Compiled) -> Vec<f64> {
    if matches!(compiled.part.shape, Shape::Line { .. }) {
        return Vec::new();
    }
    let points = distinct_points(compiled);
    points[1.min(points.len())..points.len().saturating_sub(1).max(1).min(points.len())].to_vec()
}

fn distinct_points(compiled: &Compiled) -> Vec<f64> {
    let mut points = match &compiled.part.shape {
        Shape::Steps { points, .. } | Shape::Levels { points } => points.clone(),
        Shape::Line { slope, center, low, high } => vec![slope * (low - center), slope * (high - center)],
    };
    points.extend(Some(compiled.part.unknown).filter(|unknown| !unknown.is_nan()));
    // -0 and 0 are the same number of points.
    for points in &mut points {
        *points += 0.0;
    }
    points.sort_by(f64::total_cmp);
    points.dedup();
    points
}
