//! Where the values of one feature stand among all cuts that any term makes: found once for a block of rows, whatever
//! the number of terms that ask.

use super::{Axis, Shape};
use crate::wide::{LANES, in_lanes, wide};

/// The distinct positions of a feature's values. The one after the known positions is for unknown.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Grid {
    /// The number of cuts that are `<=` the value.
    Steps(Cuts),
    /// The code of a level, of so many.
    Levels(usize),
}

/// Ascending cuts, and for each of many equally wide buckets the number of cuts before it.
///
/// A value is put into a bucket by arithmetic that never falls when the value rises, whatever is rounded on the way. So
/// all cuts of an earlier bucket are `<=` the value and all cuts of a later one are above it, and only those of its own
/// bucket are compared.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cuts {
    /// The cuts, and then so many NaN (which no value reaches) that no comparison runs past the end.
    cuts: Vec<f64>,
    count: usize,
    low: f64,
    scale: f64,
    /// The number of cuts before each bucket.
    before: Vec<u32>,
    /// How often the cuts of the fullest bucket are halved until one place is left.
    halvings: u32,
}

/// Buckets per cut: enough that a bucket has few cuts where they do not stand evenly.
const BUCKETS_PER_CUT: usize = 4;
const MOST_BUCKETS: usize = 4096;

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
            Self::Steps(cuts) => cuts.count + 1,
            Self::Levels(levels) => *levels,
        }
    }

    /// One value for every position, NaN for unknown.
    pub(super) fn representatives(&self) -> Vec<f64> {
        let known: Vec<f64> = match self {
            Self::Steps(cuts) => [f64::NEG_INFINITY].iter().chain(&cuts.cuts[..cuts.count]).copied().collect(),
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

impl Cuts {
    fn new(mut cuts: Vec<f64>) -> Self {
        cuts.sort_by(f64::total_cmp);
        cuts.dedup(); // of 0 and -0, which compare alike, too
        let count = cuts.len();
        let buckets = (BUCKETS_PER_CUT * count).next_power_of_two().min(MOST_BUCKETS);
        let (low, high) = (cuts.first().copied().unwrap_or(0.0), cuts.last().copied().unwrap_or(0.0));
        let scale = buckets as f64 / (high - low);
        let is_usable = low.is_finite() && scale > 0.0 && scale.is_finite();
        let mut all = Self {
            low: if is_usable { low } else { 0.0 },
            scale: if is_usable { scale } else { 0.0 },
            before: vec![0; if is_usable { buckets } else { 1 }],
            cuts,
            count,
            halvings: 0,
        };
        all.fill_buckets();
        all
    }

    fn fill_buckets(&mut self) {
        let top = self.top();
        let mut held = vec![0_u32; self.before.len()];
        for &cut in &self.cuts {
            held[self.bucket(cut, top) as usize] += 1;
        }
        let mut before = 0;
        for (place, held) in self.before.iter_mut().zip(&held) {
            *place = before;
            before += held;
        }
        let most = held.iter().max().copied().unwrap_or(0);
        self.halvings = u32::BITS - most.leading_zeros();
        self.cuts.resize(self.count + (1 << self.halvings), f64::NAN);
    }

    fn top(&self) -> f64 {
        (self.before.len() - 1) as f64
    }

    /// The bucket of a value; that of NaN means nothing.
    #[inline(always)]
    fn bucket(&self, value: f64, top: f64) -> u32 {
        // Above 2^52 the last bits of a number are its whole part, rounded: quicker than a conversion, and it never
        // falls either.
        const WHOLE: f64 = 4_503_599_627_370_496.0;
        let at = (value - self.low) * self.scale;
        let at = if at > 0.0 { at } else { 0.0 };
        let at = if at < top { at } else { top };
        (at + WHOLE).to_bits() as u32
    }

    fn find(&self, values: &[f64], positions: &mut [u32], unknown: u32) {
        let top = self.top();
        let known = |position: u32, value: f64| if value.is_nan() { unknown } else { position };
        wide(
            #[inline(always)]
            || {
                in_lanes(
                    values,
                    positions,
                    #[inline(always)]
                    |values, positions| {
                        let mut reached = [0_u32; LANES];
                        for lane in 0..LANES {
                            reached[lane] = self.bucket(values[lane], top);
                        }
                        for reached in &mut reached {
                            *reached = self.before[*reached as usize];
                        }
                        for halving in (0..self.halvings).rev() {
                            let half = 1_u32 << halving;
                            let cuts = &self.cuts[half as usize - 1..];
                            for lane in 0..LANES {
                                let step = if cuts[reached[lane] as usize] <= values[lane] { half } else { 0 };
                                reached[lane] += step;
                            }
                        }
                        for lane in 0..LANES {
                            positions[lane] = known(reached[lane], values[lane]);
                        }
                    },
                    #[inline(always)]
                    |&value, position| {
                        let reached = self.cuts[..self.count].partition_point(|&cut| cut <= value);
                        *position = known(reached as u32, value);
                    },
                );
            },
        );
    }
}
