//! What a fit must know of every column before it starts: means, spreads and level weights, as sums that merge.

use super::partition::{BLOCK, Partition, in_order};
use crate::feature::Kind;
use crate::{Columns, Error, Feature, Outcome, Result, Summary};
use pulp::{Simd, WithSimd};
use std::ops::Range;

/// Weighted means, spreads and level weights of the columns of one part of a table, and its outcome totals.
///
/// Rows of weight 0 are as good as absent. The first of the two statistics that make a logistic fit
/// distributable; [`LogisticStep`](super::LogisticStep) is the second.
///
/// ```
/// use tierwise::{Columns, Feature, Outcome, Summary, learn::DesignSummary};
/// let features = [Feature::number("age")];
/// let outcome = |values: &[bool]| Outcome::binary("left", values);
/// let (age, left) = ([20.0, 30.0, 40.0, 70.0], [true, false, false, true]);
/// let whole = DesignSummary::new(&Columns::new(&features, &[("age", &age)])?, &outcome(&left))?;
///
/// let mut merged = DesignSummary::new(&Columns::new(&features, &[("age", &age[..1])])?, &outcome(&left[..1]))?;
/// merged.merge(&DesignSummary::new(&Columns::new(&features, &[("age", &age[1..])])?, &outcome(&left[1..]))?)?;
/// assert_eq!((whole.rows(), whole.mean(0)), (merged.rows(), merged.mean(0)));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DesignSummary {
    features: Vec<Feature>,
    rows: usize,
    positives: usize,
    weight: f64,
    positive_weight: f64,
    pub(super) columns: Vec<ColumnSummary>,
}

/// What is known of one feature's column.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct ColumnSummary {
    /// Weight of the rows where it is unknown.
    pub(super) unknown: f64,
    /// The known values of a number or yes-no.
    pub(super) moments: Moments,
    /// The weight of each level of a category.
    pub(super) levels: Vec<f64>,
}

/// Weighted moments of values: weight, mean, and the sum of weighted squared deviations.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Moments {
    pub(super) weight: f64,
    pub(super) mean: f64,
    pub(super) squares: f64,
    pub(super) smallest: f64,
    pub(super) largest: f64,
}

impl DesignSummary {
    /// Summarises one part of a table.
    ///
    /// # Errors
    /// [`Error::WrongLength`] when table and outcome differ in length.
    pub fn new(data: &Columns<'_>, outcome: &Outcome<'_>) -> Result<Self> {
        let rows = outcome.values().len();
        check_lengths(data, outcome)?;
        let partition = Partition::new(rows, 1);
        let parts = in_order(
            partition.tasks(),
            || (),
            |(), task| {
                let mut part = Self::empty(data.features());
                for block in partition.blocks(task) {
                    part.add_block(data, outcome, block);
                }
                part
            },
        );
        let mut whole = Self::empty(data.features());
        parts.iter().try_for_each(|part| whole.merge(part))?;
        Ok(whole)
    }

    /// The features the columns are bound to.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The number of rows, those of weight 0 included.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of rows of the positive class.
    pub fn positives(&self) -> usize {
        self.positives
    }

    /// The sum of the weights.
    pub fn total_weight(&self) -> f64 {
        self.weight
    }

    /// The weighted share of the positive class, between 0 and 1.
    pub fn base_rate(&self) -> f64 {
        self.positive_weight / self.weight
    }

    /// The weighted mean of the known values of a number or yes-no; NaN when there is none, and for a category.
    ///
    /// # Panics
    /// When there is no feature at `index`.
    pub fn mean(&self, index: usize) -> f64 {
        let moments = &self.columns[index].moments;
        if moments.weight > 0.0 { moments.mean } else { f64::NAN }
    }

    fn empty(features: &[Feature]) -> Self {
        let column =
            |feature: &Feature| ColumnSummary { levels: vec![0.0; feature.levels().len()], ..Default::default() };
        Self {
            features: features.to_vec(),
            rows: 0,
            positives: 0,
            weight: 0.0,
            positive_weight: 0.0,
            columns: features.iter().map(column).collect(),
        }
    }

    fn add_block(&mut self, data: &Columns<'_>, outcome: &Outcome<'_>, block: Range<usize>) {
        let values = &outcome.values()[block.clone()];
        let weights = outcome.row_weights().map(|weights| &weights[block.clone()]);
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
        self.rows += values.len();
        for (row, &value) in values.iter().enumerate() {
            self.positives += usize::from(value == 1.0);
            self.weight += weight(row);
            self.positive_weight += weight(row) * value;
        }
        for (index, column) in self.columns.iter_mut().enumerate() {
            let values = &data.column(index)[block.clone()];
            match self.features[index].kind() {
                Kind::Category(_) => column.add_codes(values, weight),
                Kind::Number | Kind::YesNo => column.add_numbers(values, weights),
            }
        }
    }
}

impl Summary for DesignSummary {
    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.features != other.features {
            return Err(Error::CannotMerge { reason: "they were made for different features".into() });
        }
        self.rows += other.rows;
        self.positives += other.positives;
        self.weight += other.weight;
        self.positive_weight += other.positive_weight;
        for (column, other) in self.columns.iter_mut().zip(&other.columns) {
            column.unknown += other.unknown;
            column.moments.merge(&other.moments);
            column.levels.iter_mut().zip(&other.levels).for_each(|(weight, other)| *weight += other);
        }
        Ok(())
    }
}

/// Whether table and outcome are equally long; a table without columns goes with any outcome.
pub(super) fn check_lengths(data: &Columns<'_>, outcome: &Outcome<'_>) -> Result<()> {
    let (expected, found) = (data.rows(), outcome.values().len());
    if data.features().is_empty() || expected == found {
        return Ok(());
    }
    Err(Error::WrongLength { what: format!("the outcome `{}`", outcome.name()), expected, found })
}

impl ColumnSummary {
    fn add_codes(&mut self, codes: &[f64], weight: impl Fn(usize) -> f64) {
        for (row, &code) in codes.iter().enumerate() {
            if code.is_nan() {
                self.unknown += weight(row);
            } else {
                self.levels[code as usize] += weight(row);
            }
        }
    }

    fn add_numbers(&mut self, values: &[f64], weights: Option<&[f64]>) {
        let (moments, unknown) = if let (None, Ok(values)) = (weights, <&[f64; BLOCK]>::try_from(values)) {
            pulp::Arch::new().dispatch(BlockMoments { values, weights: &[1.0; BLOCK] })
        } else {
            let (mut padded, mut padded_weights) = ([f64::NAN; BLOCK], [0.0; BLOCK]);
            padded[..values.len()].copy_from_slice(values);
            match weights {
                Some(weights) => padded_weights[..values.len()].copy_from_slice(weights),
                None => padded_weights[..values.len()].fill(1.0),
            }
            pulp::Arch::new().dispatch(BlockMoments { values: &padded, weights: &padded_weights })
        };
        self.moments.merge(&moments);
        self.unknown += unknown;
    }
}

impl Default for Moments {
    fn default() -> Self {
        Self { weight: 0.0, mean: 0.0, squares: 0.0, smallest: f64::INFINITY, largest: f64::NEG_INFINITY }
    }
}

impl Moments {
    /// Chan, Golub & Le Veque (1983), *Algorithms for computing the sample variance*, equation 2.1.
    fn merge(&mut self, other: &Self) {
        self.smallest = self.smallest.min(other.smallest);
        self.largest = self.largest.max(other.largest);
        let weight = self.weight + other.weight;
        if other.weight == 0.0 {
            return;
        }
        let apart = other.mean - self.mean;
        self.squares += other.squares + apart * apart * (self.weight * other.weight / weight);
        self.mean += apart * (other.weight / weight);
        self.weight = weight;
    }

    /// The weighted standard deviation (of the population, as for standardising).
    pub(super) fn deviation(&self) -> f64 {
        (self.squares / self.weight).sqrt()
    }

    /// Whether all known values are the same.
    pub(super) fn is_constant(&self) -> bool {
        self.smallest >= self.largest
    }
}

/// Moments of the known values of weight > 0 in a block of one column, in two passes while it is in cache, and the
/// weight of the unknown ones.
struct BlockMoments<'a> {
    values: &'a [f64; BLOCK],
    weights: &'a [f64; BLOCK],
}

impl WithSimd for BlockMoments<'_> {
    type Output = (Moments, f64);

    #[allow(clippy::inline_always, reason = "code takes on the instruction set of what it is inlined into")]
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> (Moments, f64) {
        let (values, weights) = (S::as_simd_f64s(self.values).0, S::as_simd_f64s(self.weights).0);
        let zero = simd.splat_f64s(0.0);
        let (infinity, negative_infinity) = (simd.splat_f64s(f64::INFINITY), simd.splat_f64s(f64::NEG_INFINITY));
        let (mut known, mut all, mut sum) = (zero, zero, zero);
        let (mut smallest, mut largest) = (infinity, negative_infinity);
        for (&value, &weight) in values.iter().zip(weights) {
            let is_known = simd.equal_f64s(value, value);
            let known_weight = simd.select_f64s(is_known, weight, zero);
            known = simd.add_f64s(known, known_weight);
            all = simd.add_f64s(all, weight);
            let counts = simd.less_than_f64s(zero, known_weight);
            let value = simd.select_f64s(counts, value, zero);
            sum = simd.add_f64s(sum, simd.mul_f64s(known_weight, value));
            smallest = simd.min_f64s(smallest, simd.select_f64s(counts, value, infinity));
            largest = simd.max_f64s(largest, simd.select_f64s(counts, value, negative_infinity));
        }
        let weight = simd.reduce_sum_f64s(known);
        let mean = if weight > 0.0 { simd.reduce_sum_f64s(sum) / weight } else { 0.0 };
        let center = simd.splat_f64s(mean);
        let mut squares = zero;
        for (&value, &weight) in values.iter().zip(weights) {
            let apart = simd.sub_f64s(value, center);
            let square = simd.mul_f64s(weight, simd.mul_f64s(apart, apart));
            // Without weight even an infinite square counts nothing.
            let counts = simd.and_m64s(simd.equal_f64s(value, value), simd.less_than_f64s(zero, weight));
            squares = simd.add_f64s(squares, simd.select_f64s(counts, square, zero));
        }
        let moments = Moments {
            weight,
            mean,
            squares: simd.reduce_sum_f64s(squares),
            smallest: simd.reduce_min_f64s(smallest),
            largest: simd.reduce_max_f64s(largest),
        };
        (moments, simd.reduce_sum_f64s(all) - weight)
    }
}
