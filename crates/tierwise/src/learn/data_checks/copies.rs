//! Columns that say the same as another: equal, a linear copy, or the same levels under other names.

use super::finding::{Finding, Severity};
use super::profile::Profile;
use super::repeated_rows::bits;
use crate::keys::encode_keys;
use crate::{Columns, parallel};

/// From this correlation on two numbers are one.
const LINEAR: f64 = 0.9999;

/// Rows on which a pair is looked at before all rows are, and the correlation that it must have there.
const SAMPLE: usize = 2000;
const LIKELY: f64 = 0.99;

/// More levels than this are no category, and levels that hardly repeat match by chance.
const MOST_LEVELS: usize = 1000;
const ROWS_PER_LEVEL: usize = 2;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Likeness {
    Equal,
    Linear(f64),
    Recoded,
}

/// A column and the first column that says the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Copy {
    pub(super) column: usize,
    pub(super) of: usize,
    likeness: Likeness,
    rows: usize,
}

/// Per column the first one before it that says the same, if there is one. Constant columns are not looked at.
pub(super) fn find(data: &Columns<'_>, profiles: &[Profile]) -> Vec<Copy> {
    let sample = Sample::new(data, profiles);
    let columns = (0..profiles.len()).filter(|&column| !profiles[column].is_constant()).collect();
    let first = parallel::map(columns, |column: usize| {
        (0..column).filter(|&of| !profiles[of].is_constant()).find_map(|of| {
            let (likeness, rows) = likeness(data, profiles, &sample, of, column)?;
            Some(Copy { column, of, likeness, rows })
        })
    });
    first.into_iter().flatten().collect()
}

fn likeness(
    data: &Columns<'_>,
    profiles: &[Profile],
    sample: &Sample,
    of: usize,
    column: usize,
) -> Option<(Likeness, usize)> {
    let (one, other) = (&profiles[of], &profiles[column]);
    if one.is_category || other.is_category {
        return recoded(data, one, other, of, column).then_some((Likeness::Recoded, data.rows()));
    }
    if sample.correlation(of, column)?.abs() < LIKELY {
        return None;
    }
    let (x, y) = (data.column(of), data.column(column));
    if x.iter().zip(y).all(|(x, y)| x == y || x.is_nan() && y.is_nan()) {
        return Some((Likeness::Equal, data.rows()));
    }
    let (r, rows) = correlation(x, y)?;
    let mostly_known = rows * 2 >= one.rows - one.unknown.max(other.unknown);
    (r.abs() > LINEAR && mostly_known).then_some((Likeness::Linear(r), rows))
}

/// Every tenth, hundredth, ... row of the columns that are no categories.
struct Sample {
    columns: Vec<Vec<f64>>,
}

impl Sample {
    fn new(data: &Columns<'_>, profiles: &[Profile]) -> Self {
        let step = data.rows().div_ceil(SAMPLE).max(1);
        let sampled = |column: usize| {
            let numbers = !profiles[column].is_category && !profiles[column].is_constant();
            if numbers { data.column(column).iter().copied().step_by(step).collect() } else { Vec::new() }
        };
        Self { columns: (0..profiles.len()).map(sampled).collect() }
    }

    /// None where the sample says nothing; a pair that hardly varies in it is let through.
    fn correlation(&self, one: usize, other: usize) -> Option<f64> {
        let (x, y) = (&self.columns[one], &self.columns[other]);
        if x.is_empty() || y.is_empty() {
            return None;
        }
        Some(correlation(x, y).map_or(1.0, |(r, _)| r))
    }
}

/// The correlation over the rows where both are known, and their number; none where one of the two does not vary.
fn correlation(x: &[f64], y: &[f64]) -> Option<(f64, usize)> {
    let known = || x.iter().zip(y).filter(|(x, y)| !x.is_nan() && !y.is_nan());
    let (rows, largest_x, largest_y) = known().fold((0, 0.0_f64, 0.0_f64), |(rows, largest_x, largest_y), (x, y)| {
        (rows + 1, largest_x.max(x.abs()), largest_y.max(y.abs()))
    });
    if rows < 2 || largest_x == 0.0 || largest_y == 0.0 {
        return None;
    }
    // Scaled, so that squares neither overflow nor vanish.
    let scaled = || known().map(|(x, y)| (x / largest_x, y / largest_y));
    let count = f64::from(u32::try_from(rows).unwrap_or(u32::MAX));
    let (mean_x, mean_y) = scaled().fold((0.0, 0.0), |sum, (x, y)| (sum.0 + x / count, sum.1 + y / count));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (x, y) in scaled() {
        let (dx, dy) = (x - mean_x, y - mean_y);
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    let r = xy / (xx.sqrt() * yy.sqrt());
    (xx > 1e-24 * count && yy > 1e-24 * count).then_some((r, rows))
}

/// Whether every level of one goes with one level of the other and the other way round; unknown counts as a level.
fn recoded(data: &Columns<'_>, one: &Profile, other: &Profile, of: usize, column: usize) -> bool {
    let levels = |profile: &Profile| profile.distinct + usize::from(profile.unknown > 0);
    let (count, most) = (levels(one), MOST_LEVELS.min(data.rows() / ROWS_PER_LEVEL));
    if count != levels(other) || count > most || one.most_common.1 != other.most_common.1 {
        return false;
    }
    let pairs: Vec<(u64, u64)> =
        data.column(of).iter().zip(data.column(column)).map(|(&x, &y)| (bits(x), bits(y))).collect();
    encode_keys(&pairs).1.len() == count
}

impl Copy {
    pub(super) fn finding(&self, data: &Columns<'_>) -> Finding {
        let (name, of) = (data.features()[self.column].name(), data.features()[self.of].name());
        let (code, how, r) = match self.likeness {
            Likeness::Equal => ("equal_columns", "is equal to".to_owned(), 1.0),
            Likeness::Linear(r) => ("linear_copy", format!("is a linear copy (r = {r:.6}) of"), r),
            Likeness::Recoded => ("recoded_copy", "has the same levels under other names as".to_owned(), 1.0),
        };
        let message = format!(
            "column `{name}` {how} `{of}`: keep one of the two, or their points are shared out between them at will"
        );
        let finding = Finding::new(code, Severity::Warn, message).about(name).about(of).with("rows", self.rows as f64);
        if matches!(self.likeness, Likeness::Linear(_)) { finding.with("correlation", r) } else { finding }
    }
}
