//! A term of one feature.

use crate::wide::{LANES, in_lanes, wide};

/// One addend: a function of one feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The position of the feature in the row.
    pub feature: usize,
    /// The points of a known value.
    pub shape: Shape,
    /// The points of an unknown value (NaN, or a code without a level); NaN where unknown is refused.
    pub unknown: f64,
}

/// How points depend on a known value.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// `points[k]` where `k` is the number of `cuts` that are `<=` the value. Cuts ascend; one point more than cuts.
    Steps {
        /// The lower ends of all steps but the first.
        cuts: Vec<f64>,
        /// The points of each step.
        points: Vec<f64>,
    },
    /// `points[code]`; yes-no is the case of two levels, no first.
    Levels {
        /// The points of each level.
        points: Vec<f64>,
    },
    /// `slope * (min(max(value, low), high) - center)`.
    Line {
        /// Points per unit.
        slope: f64,
        /// The value that earns nothing.
        center: f64,
        /// Values below count as this.
        low: f64,
        /// Values above count as this.
        high: f64,
    },
}

/// So many cuts or levels are gone through one by one.
pub(super) const FEW: usize = 16;

impl Part {
    /// The points of one value.
    pub fn points(&self, value: f64) -> f64 {
        match &self.shape {
            Shape::Steps { cuts, points } => step(cuts, points, self.unknown, value),
            Shape::Levels { points } => level(points, self.unknown, value),
            Shape::Line { slope, center, low, high } => line(*slope, *center, *low, *high, self.unknown, value),
        }
    }

    /// The largest size of the points that any value earns.
    pub(crate) fn largest(&self) -> f64 {
        let unknown = if self.unknown.is_nan() { 0.0 } else { self.unknown.abs() };
        match &self.shape {
            Shape::Steps { points, .. } | Shape::Levels { points } => {
                points.iter().fold(unknown, |largest, points| largest.max(points.abs()))
            }
            Shape::Line { slope, center, low, high } => {
                let ends = [slope * (low - center), slope * (high - center)];
                ends.into_iter().fold(unknown, |largest, points| largest.max(points.abs()))
            }
        }
    }

    /// Calls `take` with each row's target and points; the shape is looked at once, so that the loop inside is tight.
    pub(crate) fn for_each<T>(&self, values: &[f64], targets: &mut [T], take: impl Fn(&mut T, f64)) {
        wide(
            #[inline(always)]
            || self.for_each_wide(values, targets, take),
        );
    }

    #[inline(always)]
    fn for_each_wide<T>(&self, values: &[f64], targets: &mut [T], take: impl Fn(&mut T, f64)) {
        let unknown = self.unknown;
        match &self.shape {
            Shape::Levels { points } if points.len() == 2 => {
                let [no, yes] = [points[0], points[1]];
                for (target, &value) in targets.iter_mut().zip(values) {
                    take(target, yes_no(no, yes, unknown, value));
                }
            }
            Shape::Levels { points } if points.len() <= FEW => each_level(points, unknown, values, targets, take),
            Shape::Levels { points } => {
                for (target, &value) in targets.iter_mut().zip(values) {
                    take(target, level(points, unknown, value));
                }
            }
            Shape::Steps { cuts, points } if cuts.len() <= FEW => {
                each_step(cuts, points, unknown, values, targets, take);
            }
            Shape::Steps { cuts, points } => {
                for (target, &value) in targets.iter_mut().zip(values) {
                    take(target, step(cuts, points, unknown, value));
                }
            }
            Shape::Line { slope, center, low, high } => {
                let [slope, center, low, high] = [*slope, *center, *low, *high];
                for (target, &value) in targets.iter_mut().zip(values) {
                    take(target, line(slope, center, low, high, unknown, value));
                }
            }
        }
    }
}

/// Compares all rows of a chunk with one level after the other: for a few levels cheaper than to look each row up.
#[inline(always)]
fn each_level<T>(points: &[f64], unknown: f64, values: &[f64], targets: &mut [T], take: impl Fn(&mut T, f64)) {
    in_lanes(
        values,
        targets,
        #[inline(always)]
        |values, targets| {
            let mut earned = [unknown; LANES];
            for (code, &points) in points.iter().enumerate() {
                let code = code as f64;
                for lane in 0..LANES {
                    earned[lane] = if values[lane] == code { points } else { earned[lane] };
                }
            }
            for lane in 0..LANES {
                take(&mut targets[lane], earned[lane]);
            }
        },
        #[inline(always)]
        |&value, target| take(target, level(points, unknown, value)),
    );
}

/// Compares all rows of a chunk with one cut after the other; the last cut that a value reaches decides.
#[inline(always)]
fn each_step<T>(
    cuts: &[f64],
    points: &[f64],
    unknown: f64,
    values: &[f64],
    targets: &mut [T],
    take: impl Fn(&mut T, f64),
) {
    in_lanes(
        values,
        targets,
        #[inline(always)]
        |values, targets| {
            let mut earned = [points[0]; LANES];
            for (&cut, &points) in cuts.iter().zip(&points[1..]) {
                for lane in 0..LANES {
                    earned[lane] = if cut <= values[lane] { points } else { earned[lane] };
                }
            }
            for lane in 0..LANES {
                take(&mut targets[lane], if values[lane].is_nan() { unknown } else { earned[lane] });
            }
        },
        #[inline(always)]
        |&value, target| take(target, step(cuts, points, unknown, value)),
    );
}

#[inline(always)]
fn yes_no(no: f64, yes: f64, unknown: f64, value: f64) -> f64 {
    let other = if value == 0.0 { no } else { unknown };
    if value == 1.0 { yes } else { other }
}

#[inline(always)]
fn level(points: &[f64], unknown: f64, value: f64) -> f64 {
    let code = value as usize; // saturates: NaN and negatives become 0 and then fail the comparison
    match points.get(code) {
        Some(&points) if code as f64 == value => points,
        _ => unknown,
    }
}

#[inline(always)]
fn step(cuts: &[f64], points: &[f64], unknown: f64, value: f64) -> f64 {
    if value.is_nan() {
        return unknown;
    }
    // A handful of cuts is counted faster than searched, and the count has no branch to mispredict.
    let index = if cuts.len() <= FEW {
        cuts.iter().map(|&cut| usize::from(cut <= value)).sum()
    } else {
        cuts.partition_point(|&cut| cut <= value)
    };
    points[index]
}

#[inline(always)]
fn line(slope: f64, center: f64, low: f64, high: f64, unknown: f64, value: f64) -> f64 {
    let at_least = if value < low { low } else { value };
    let within = if at_least > high { high } else { at_least };
    if value.is_nan() { unknown } else { slope * (within - center) }
}
