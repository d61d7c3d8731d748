//! Where the values of one feature stand among all cuts that any term makes: found once for a block of rows, whatever
//! the number of terms that ask.

use super::cuts::Cuts;
use super::{Axis, Shape};
use crate::wide::wide;

/// The distinct positions of a feature's values. The one after the known positions is for unknown.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Grid {
    /// The number of cuts that are `<=` the value.
    Steps(Cuts),
    /// The code of a level, of so many.
    Levels(usize),
}

impl Grid {
    /// The grid over which all these terms of one feature are tables. There is none for terms that are no tables, for
    /// cuts that are no numbers, and where some terms read numbers and others read levels.
    pub(super) fn new(shapes: &[&Shape], axes: &[&Axis]) -> Option<Self> {
        let steps_of = |shape: &&Shape| if let Shape::Steps { cuts, .. } = shape { Some(cuts.clone()) } else { None };
        let levels_of = |shape: &&Shape| if let Shape::Levels { points } = shape { Some(points.len()) } else { None };
        let axis_steps = |axis: &&Axis| if let Axis::Steps(cuts) = axis { Some(cuts.clone()) } else { None };
        let axis_levels = |axis: &&Axis| if let Axis::Levels(cells) = axis { Some(cells.len()) } else { None };
        let steps = shapes.iter().filter_map(steps_of).chain(axes.iter().filter_map(axis_steps));
        let steps = steps.reduce(|mut all, more| {
            all.extend(more);
            all
        });
        let levels = shapes.iter().filter_map(levels_of).chain(axes.iter().filter_map(axis_levels)).max();
        match (steps, levels) {
            (Some(cuts), None) if cuts.iter().all(|cut| !cut.is_nan()) => Some(Self::Steps(Cuts::new(cuts))),
            (None, Some(levels)) => Some(Self::Levels(levels)),
            _ => None,
        }
    }

    /// The number of positions of known values.
    pub(super) fn known(&self) -> usize {
        match self {
            Self::Steps(cuts) => cuts.all().len() + 1,
            Self::Levels(levels) => *levels,
        }
    }

    /// One value for every position, NaN for unknown.
    pub(super) fn representatives(&self) -> Vec<f64> {
        let known: Vec<f64> = match self {
            Self::Steps(cuts) => [f64::NEG_INFINITY].iter().chain(cuts.all()).copied().collect(),
            Self::Levels(levels) => (0..*levels).map(|code| code as f64).collect(),
        };
        known.into_iter().chain([f64::NAN]).collect()
    }

    /// The positions of values.
    pub(super) fn find(&self, values: &[f64], positions: &mut [u32]) {
        let unknown = self.known() as u32;
        match self {
            Self::Steps(cuts) => cuts.find(values, positions, unknown),
            Self::Levels(_) => wide(
                #[inline(always)]
                || {
                    for (position, &value) in positions.iter_mut().zip(values) {
                        let code = value as u32; // saturates: NaN and negatives become 0 and then fail the comparison
                        let is_code = f64::from(code) == value && code < unknown;
                        *position = if is_code { code } else { unknown };
                    }
                },
            ),
        }
    }
}
