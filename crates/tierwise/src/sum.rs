//! The scoring kernel: a base plus one part per term. Cards, logistic models and learned additive models all compile
//! to it, so that they share one arithmetic and one explanation.
//!
//! Parts are added in order, one plain addition each, so that a row, a column and another machine give the same bits.

use crate::wide::{LANES, in_lanes, wide};
use crate::{Columns, Explain, Feature, Score, Term};

/// A base and the parts that are added to it, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Sum {
    base: f64,
    parts: Vec<Part>,
}

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

/// A model that is a sum. Implement it, and [`Score`] and [`Explain`] follow: one kernel, one exact explanation.
///
/// ```
/// use tierwise::sum::{IsSum, Part, Shape, Sum};
/// use tierwise::{Explain, Feature, Score, Term};
///
/// struct Doubled { features: Vec<Feature>, terms: Vec<Term>, sum: Sum }
/// impl IsSum for Doubled {
///     fn as_sum(&self) -> (&[Feature], &[Term], &Sum) { (&self.features, &self.terms, &self.sum) }
/// }
///
/// let shape = Shape::Line { slope: 2.0, center: 0.0, low: f64::NEG_INFINITY, high: f64::INFINITY };
/// let model = Doubled {
///     features: vec![Feature::number("visits")],
///     terms: vec![Term { name: "visits".into(), features: vec![0] }],
///     sum: Sum::new(1.0, vec![Part { feature: 0, shape, unknown: 0.0 }]),
/// };
/// assert_eq!((model.score_row(&[3.0]), model.base()), (7.0, 1.0));
/// ```
pub trait IsSum: Send + Sync {
    /// The features, the terms, and the sum, whose parts stand in the order of the terms.
    fn as_sum(&self) -> (&[Feature], &[Term], &Sum);
}

impl<M: IsSum> Score for M {
    fn features(&self) -> &[Feature] {
        self.as_sum().0
    }

    fn score_row(&self, row: &[f64]) -> f64 {
        self.as_sum().2.row(row)
    }

    fn score_columns(&self, columns: &Columns<'_>, scores: &mut [f64]) {
        self.as_sum().2.columns(columns, scores);
    }
}

impl<M: IsSum> Explain for M {
    fn base(&self) -> f64 {
        self.as_sum().2.base()
    }

    fn terms(&self) -> &[Term] {
        self.as_sum().1
    }

    fn contributions_row(&self, row: &[f64], contributions: &mut [f64]) {
        self.as_sum().2.contributions(row, contributions);
    }

    fn contributions_columns(&self, columns: &Columns<'_>, contributions: &mut [&mut [f64]]) {
        self.as_sum().2.contributions_columns(columns, contributions);
    }
}

/// Rows per block: a block of scores and of one column stay in the first-level cache together.
const BLOCK: usize = 1024;

/// So many cuts or levels are gone through one by one.
const FEW: usize = 16;

impl Sum {
    /// A sum; parts are added in the order given.
    pub fn new(base: f64, parts: Vec<Part>) -> Self {
        Self { base, parts }
    }

    /// What the sum starts from.
    pub fn base(&self) -> f64 {
        self.base
    }

    /// The parts in the order in which they are added.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The sum for one row.
    pub fn row(&self, row: &[f64]) -> f64 {
        self.parts.iter().fold(self.base, |sum, part| sum + part.points(row[part.feature]))
    }

    /// The points of every part for one row.
    ///
    /// # Panics
    /// When there is not one place per part, or the row is shorter than the parts expect.
    pub fn contributions(&self, row: &[f64], contributions: &mut [f64]) {
        assert_eq!(contributions.len(), self.parts.len(), "one contribution per term");
        for (contribution, part) in contributions.iter_mut().zip(&self.parts) {
            *contribution = part.points(row[part.feature]);
        }
    }

    /// The points of every part for a table, one column each.
    ///
    /// # Panics
    /// When there is not one column of places per part, each as long as the table, or the table has too few columns.
    pub fn contributions_columns(&self, columns: &Columns<'_>, contributions: &mut [&mut [f64]]) {
        assert_eq!(contributions.len(), self.parts.len(), "one column of contributions per term");
        for (column, part) in contributions.iter_mut().zip(&self.parts) {
            assert_eq!(column.len(), columns.rows(), "one contribution per row");
            part.for_each(columns.column(part.feature), column, |place, points| *place = points);
        }
    }

    /// The sums for a table: the same additions in the same order as [`Sum::row`].
    ///
    /// # Panics
    /// When there is not one place per row, or the table has fewer columns than the parts expect.
    pub fn columns(&self, columns: &Columns<'_>, sums: &mut [f64]) {
        assert_eq!(sums.len(), columns.rows(), "one score per row");
        for (block, sums) in sums.chunks_mut(BLOCK).enumerate() {
            sums.fill(self.base);
            for part in &self.parts {
                let values = &columns.column(part.feature)[block * BLOCK..][..sums.len()];
                part.for_each(values, sums, |sum, points| *sum += points);
            }
        }
    }
}

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
