//! Quantiles of values that nobody holds all at once: a sketch that merges and says how far off it may be.

use crate::{Error, Result, Summary};
use serde::{Deserialize, Serialize};

/// A summary of numbers that tells their quantiles to within a stated share of the rows, and merges: cut points for
/// [`BinCounts`](super::BinCounts) where the rows are spread over many parts.
///
/// Levels of buffers hold values that stand for 1, 2, 4, … rows each. A full buffer is sorted and every other value goes one
/// level up, from the first and the second in turn (Manku, Rajagopalan & Lindsay 1998; the levels of Karnin, Lang & Liberty
/// 2016, without chance). Each such step moves a rank by at most the weight of a value on its level, up or down in turn. The sketch
/// adds these up as it goes, so [`rank_error`](Self::rank_error) is a bound that always holds, for any values in any order and however
/// parts were merged. Up to `capacity` values it is exact.
///
/// Unknown (NaN) is counted apart. Rows are counted, not weighted.
///
/// ```
/// use tierwise::{Summary, learn::QuantileSketch};
/// let mut january = QuantileSketch::new(1024)?;
/// january.add_all(&(0..50_000).map(f64::from).collect::<Vec<_>>())?;
/// let mut february = QuantileSketch::new(1024)?;
/// february.add_all(&(50_000..100_000).map(f64::from).collect::<Vec<_>>())?;
/// january.merge(&february)?;
/// let median = january.quantile(0.5)?.unwrap_or(f64::NAN);
/// assert!(january.rank_error() < 0.01 && (median / 100_000.0 - 0.5).abs() <= january.rank_error() + 1e-5);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredSketch", into = "StoredSketch")]
pub struct QuantileSketch {
    content: StoredSketch,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredSketch {
    capacity: usize,
    /// Values of one level stand for twice as many rows as those of the level below.
    levels: Vec<Vec<f64>>,
    /// Whether the next step on a level takes the second, fourth, … value.
    odd: Vec<bool>,
    rows: u64,
    unknown: u64,
    /// By how many rows a rank may be too high, and too low.
    off: [u64; 2],
    /// Absent before the first value.
    range: Option<[f64; 2]>,
}

const CAPACITIES: std::ops::RangeInclusive<usize> = 8..=1_048_576;

impl QuantileSketch {
    /// An empty sketch whose buffers hold so many values, 8 to 1 048 576: about log₂(rows / capacity) / (2 · capacity) of the
    /// rows may a rank be off.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`].
    pub fn new(capacity: usize) -> Result<Self> {
        check_capacity(capacity)?;
        Ok(Self {
            content: StoredSketch {
                capacity,
                levels: vec![Vec::new()],
                odd: vec![false],
                rows: 0,
                unknown: 0,
                off: [0; 2],
                range: None,
            },
        })
    }

    /// Adds values; NaN is counted as unknown.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] with the row for an infinite value; then none is added.
    pub fn add_all(&mut self, values: &[f64]) -> Result<()> {
        if let Some(row) = values.iter().position(|value| value.is_infinite()) {
            let must_be = "values must be finite; infinity has no place between cut points".into();
            let (what, found) = ("the value".into(), values[row].to_string());
            return Err(Error::InvalidValue { what, row, key: None, found, must_be });
        }
        for &value in values {
            if value.is_nan() {
                self.content.unknown += 1;
            } else {
                self.add(value);
            }
        }
        Ok(())
    }

    fn add(&mut self, value: f64) {
        let content = &mut self.content;
        content.rows += 1;
        content.range = joined(content.range, Some([value, value]));
        content.levels[0].push(value);
        if content.levels[0].len() >= content.capacity {
            self.condense();
        }
    }

    /// The known values that were added.
    pub fn rows(&self) -> u64 {
        self.content.rows
    }

    /// The unknown ones.
    pub fn unknown(&self) -> u64 {
        self.content.unknown
    }

    /// By what share of the known rows the rank of a quantile may be off, at most; 0 while the sketch is exact.
    pub fn rank_error(&self) -> f64 {
        if self.content.rows == 0 {
            0.0
        } else {
            self.content.off[0].max(self.content.off[1]) as f64 / self.content.rows as f64
        }
    }

    /// The value below which about this share of the known rows lies: one that was added (the lower of two in between).
    /// `None` before any was.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a share outside [0, 1].
    pub fn quantile(&self, share: f64) -> Result<Option<f64>> {
        Ok(self.quantiles(&[share])?.map(|values| values[0]))
    }

    /// The quantiles of several shares, in one pass.
    ///
    /// # Errors
    /// Those of [`quantile`](Self::quantile).
    pub fn quantiles(&self, shares: &[f64]) -> Result<Option<Vec<f64>>> {
        if let Some(share) = shares.iter().find(|share| !(0.0..=1.0).contains(*share)) {
            let must_be = "a number in [0, 1]".into();
            return Err(Error::InvalidParameter { of: "quantile", name: "share", must_be, got: share.to_string() });
        }
        let Some([lowest, highest]) = self.content.range else { return Ok(None) };
        let ordered = self.ordered();
        let at = |share: f64| {
            if share == 0.0 {
                return lowest;
            }
            let wanted = (share * self.content.rows as f64).ceil() as u64;
            let place = ordered.partition_point(|&(_, rows)| rows < wanted);
            ordered.get(place).map_or(highest, |&(value, _)| value)
        };
        Ok(Some(shares.iter().map(|&share| at(share)).collect()))
    }

    /// Cut points that leave about equally many rows in each of so many bins, ascending and distinct: edges for a
    /// [`BinLayout`](super::BinLayout). Fewer where many rows share a value.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for no bin.
    pub fn cuts(&self, bins: usize) -> Result<Vec<f64>> {
        if bins == 0 {
            let must_be = "a whole number in [1, inf)".into();
            return Err(Error::InvalidParameter { of: "cuts", name: "bins", must_be, got: "0".into() });
        }
        let shares: Vec<f64> = (1..bins).map(|bin| bin as f64 / bins as f64).collect();
        let mut cuts = self.quantiles(&shares)?.unwrap_or_default();
        cuts.dedup();
        cuts.retain(|&cut| self.content.range.is_some_and(|[lowest, _]| cut > lowest)); // nothing lies below the lowest
        Ok(cuts)
    }

    /// Moves full buffers up until none is full.
    fn condense(&mut self) {
        let content = &mut self.content;
        let mut level = 0;
        while level < content.levels.len() {
            if content.levels[level].len() >= content.capacity {
                if level + 1 == content.levels.len() {
                    content.levels.push(Vec::new());
                    content.odd.push(false);
                }
                let mut values = std::mem::take(&mut content.levels[level]);
                values.sort_unstable_by(f64::total_cmp);
                // One value without a partner stays where it is, and loses nothing.
                if values.len() % 2 == 1 {
                    content.levels[level].extend(values.pop());
                }
                let first = usize::from(content.odd[level]);
                content.odd[level] = !content.odd[level];
                let kept: Vec<f64> = values.iter().skip(first).step_by(2).copied().collect();
                content.levels[level + 1].extend(kept);
                // Of a pair around a rank the first counts for both, which is one too many, or the second, which is one too few.
                content.off[first] += 1 << level;
            }
            level += 1;
        }
    }

    /// All values in ascending order, with the rows up to and including each.
    fn ordered(&self) -> Vec<(f64, u64)> {
        let levels = self.content.levels.iter().enumerate();
        let mut ordered: Vec<(f64, u64)> =
            levels.flat_map(|(level, values)| values.iter().map(move |&value| (value, 1 << level))).collect();
        ordered.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut rows = 0;
        for (_, weight) in &mut ordered {
            rows += *weight;
            *weight = rows;
        }
        ordered
    }
}

impl Summary for QuantileSketch {
    /// The bounds of the parts add up, in rows, and joining may cost a little more.
    fn merge(&mut self, other: &Self) -> Result<()> {
        let (content, more) = (&mut self.content, &other.content);
        if content.capacity != more.capacity {
            let reason = format!("one sketch has a capacity of {}, the other of {}", content.capacity, more.capacity);
            return Err(Error::CannotMerge { reason });
        }
        while content.levels.len() < more.levels.len() {
            content.levels.push(Vec::new());
            content.odd.push(false);
        }
        for (level, values) in content.levels.iter_mut().zip(&more.levels) {
            level.extend_from_slice(values);
        }
        content.rows += more.rows;
        content.unknown += more.unknown;
        content.off = [content.off[0] + more.off[0], content.off[1] + more.off[1]];
        content.range = joined(content.range, more.range);
        self.condense();
        Ok(())
    }
}

fn joined(range: Option<[f64; 2]>, more: Option<[f64; 2]>) -> Option<[f64; 2]> {
    match (range, more) {
        (Some([low, high]), Some([lower, higher])) => Some([low.min(lower), high.max(higher)]),
        (range, more) => range.or(more),
    }
}

fn check_capacity(capacity: usize) -> Result<()> {
    if CAPACITIES.contains(&capacity) {
        return Ok(());
    }
    let must_be = "a whole number in [8, 1048576]".into();
    Err(Error::InvalidParameter { of: "QuantileSketch", name: "capacity", must_be, got: capacity.to_string() })
}

impl TryFrom<StoredSketch> for QuantileSketch {
    type Error = Error;

    fn try_from(content: StoredSketch) -> Result<Self> {
        const MOST_LEVELS: usize = 60; // 2^60 rows
        check_capacity(content.capacity)?;
        let refuse = |path: &str, reason: &str| Err(Error::ModelField { path: path.into(), reason: reason.into() });
        if content.levels.is_empty() || content.levels.len() > MOST_LEVELS || content.odd.len() != content.levels.len()
        {
            return refuse("levels", "there must be 1 to 60 levels, and as many entries of `odd`");
        }
        let finite = content.levels.iter().flatten().all(|value| value.is_finite());
        if !finite || content.levels.iter().any(|level| level.len() >= content.capacity) {
            return refuse("levels", "every value must be finite, and every level shorter than the capacity");
        }
        let held: u64 = content.levels.iter().enumerate().map(|(level, values)| (values.len() as u64) << level).sum();
        if held != content.rows {
            return refuse("rows", "the values of the levels must stand for as many rows");
        }
        let [lowest, highest] = content.range.unwrap_or([f64::INFINITY, f64::NEG_INFINITY]);
        let inside = content.levels.iter().flatten().all(|value| (lowest..=highest).contains(value));
        if content.range.is_some() != (content.rows > 0) || !inside {
            return refuse("range", "all values must lie within it, and it must be absent without rows");
        }
        Ok(Self { content })
    }
}

impl From<QuantileSketch> for StoredSketch {
    fn from(sketch: QuantileSketch) -> Self {
        sketch.content
    }
}
