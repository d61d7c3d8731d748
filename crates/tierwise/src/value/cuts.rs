//! Where to cut sorted values so that the parts hold given shares of them, and what happens to equal values.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Which end of a number is the good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better: money, frequency.
    HigherIsBetter,
    /// Less is better: days since the last purchase.
    LowerIsBetter,
}

/// What happens to equal values at the edge of a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ties {
    /// Equal values always share a tier, so sizes may differ from what was asked; the thresholds say all. The default.
    ///
    /// The edges are quantiles with linear interpolation (Hyndman and Fan 1996, type 7, as in `numpy.quantile`), and a
    /// value equal to an edge goes to the lower side, as `numpy.searchsorted(edges, values, side="left")` puts it.
    #[default]
    Together,
    /// Sizes are as asked to within one customer, because equal values are ranked in row order, the earlier row
    /// worse, as `pandas.qcut(goodness.rank(method="first"), n)` does, where goodness is the value, or its negative
    /// where lower is better. The split then depends on the order of the rows and no threshold can express it: new
    /// data is put into tiers by the thresholds of [`Ties::Together`].
    FirstCome,
}

/// Known values in ascending order, each with its row.
pub(super) struct Sorted {
    pub(super) values: Vec<(f64, usize)>,
    /// Rows whose value is unknown (NaN).
    pub(super) unknown: usize,
    rows: usize,
}

impl Sorted {
    /// Sorts; equal values stay in row order.
    pub(super) fn new(name: &str, values: &[f64]) -> Result<Self> {
        if values.is_empty() {
            return Err(Error::EmptyTable { what: format!("the column `{name}`") });
        }
        if let Some(row) = values.iter().position(|value| value.is_infinite()) {
            return Err(Error::NotFinite { column: name.to_owned(), row: Some(row), found: values[row] });
        }
        // Adding 0 turns -0 into 0, which is the same number but would sort before it.
        let known = values.iter().zip(0..).filter(|(value, _)| !value.is_nan());
        let mut sorted: Vec<(f64, usize)> = known.map(|(&value, row)| (value + 0.0, row)).collect();
        sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        Ok(Self { unknown: values.len() - sorted.len(), rows: values.len(), values: sorted })
    }

    /// For each edge, the number of customers below it when equal values may be parted. The edges are given as
    /// levels in (0, 1), ascending.
    ///
    /// The position of a quantile is `level · (n − 1)`, counted from 0; whoever stands at or before it is below.
    pub(super) fn ranks_below(&self, levels: &[f64]) -> Vec<usize> {
        const NEARLY: f64 = 1e-12; // 0.1 + 0.7 falls short of 0.8, but means it
        let last = self.values.len().saturating_sub(1) as f64;
        let position = |level: &f64| (level * last * (1.0 + NEARLY)).floor() as usize;
        levels.iter().map(|level| position(level).min(self.values.len().saturating_sub(1)) + 1).collect()
    }

    /// The lowest observed value above each edge, where equal values stay together; `None` where there is no higher
    /// one.
    ///
    /// The interpolated edge itself is not needed: it lies between the value at its position and the next one (or on
    /// the first), so a value is above the edge exactly when it is greater than the value at the position.
    pub(super) fn cuts(&self, levels: &[f64]) -> Vec<Option<f64>> {
        let above = |below: usize| {
            let edge = self.values[below - 1].0;
            let next = self.values.partition_point(|&(value, _)| value <= edge);
            self.values.get(next).map(|&(value, _)| value)
        };
        self.ranks_below(levels).into_iter().map(above).collect()
    }

    /// The position of each row's part, counted from the best; `None` where the value is unknown. `cuts` are those of
    /// the same shares.
    pub(super) fn assigned(
        &self,
        shares: &[f64],
        cuts: &[Option<f64>],
        direction: Direction,
        ties: Ties,
    ) -> Vec<Option<usize>> {
        let best_if_higher = |above: usize| match direction {
            Direction::HigherIsBetter => shares.len() - 1 - above,
            Direction::LowerIsBetter => above,
        };
        let mut parts = vec![None; self.rows];
        match ties {
            Ties::Together => {
                for &(value, row) in &self.values {
                    let above = cuts.iter().filter(|cut| cut.is_some_and(|cut| value >= cut)).count();
                    parts[row] = Some(best_if_higher(above));
                }
            }
            Ties::FirstCome => {
                let ranks = self.ranks_below(&levels(shares, Direction::HigherIsBetter));
                for (rank, row) in self.rows_from_worst(direction).into_iter().enumerate() {
                    let above = ranks.iter().filter(|&&below| rank >= below).count();
                    parts[row] = Some(shares.len() - 1 - above);
                }
            }
        }
        parts
    }

    /// The rows with the worst value first; of equal ones the earlier row first, whichever direction is better.
    fn rows_from_worst(&self, direction: Direction) -> Vec<usize> {
        let rows = |values: &[(f64, usize)]| -> Vec<usize> { values.iter().map(|&(_, row)| row).collect() };
        match direction {
            Direction::HigherIsBetter => rows(&self.values),
            Direction::LowerIsBetter => self.values.chunk_by(|a, b| a.0 == b.0).rev().flat_map(rows).collect(),
        }
    }

    pub(super) fn check_distinct(&self, name: &str, parts: usize) -> Result<()> {
        let distinct = match (self.values.first(), self.values.last()) {
            (Some(lowest), Some(highest)) => 1 + usize::from(lowest.0 < highest.0),
            _ => 0,
        };
        let needed = parts.min(2);
        if distinct >= needed {
            return Ok(());
        }
        Err(Error::NotEnoughData {
            what: format!("tiers of `{name}` (different known values)"),
            needed,
            found: distinct,
        })
    }
}

/// The levels of the edges between parts, ascending from the lowest values, for shares listed from best to worst.
pub(super) fn levels(shares: &[f64], direction: Direction) -> Vec<f64> {
    let mut sum = 0.0;
    let mut add = |share: &f64| {
        sum += share;
        sum
    };
    let mut levels: Vec<f64> = match direction {
        Direction::HigherIsBetter => shares.iter().rev().map(&mut add).collect(),
        Direction::LowerIsBetter => shares.iter().map(&mut add).collect(),
    };
    levels.pop();
    levels
}
