//! What each bin holds: statistics that can be taken on the parts of a table and merged.

use super::layout::BinLayout;
use super::target::{Rows, Target};
use crate::{Columns, Error, Result, Summary};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a bin holds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Rows that carry weight.
    pub rows: u64,
    /// The sum of their weights.
    pub weight: f64,
    /// The weight of those of the positive class, or the mean of a number.
    pub outcome: f64,
    /// The weighted sum of squared deviations from the mean of a number; 0 for yes or no.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub squares: f64,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde hands over a reference
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

/// What a binning is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum BinnedOutcome {
    /// Yes or no.
    Binary {
        /// The name of the outcome.
        name: String,
        /// The positive class: the event.
        positive: String,
    },
    /// A number.
    Number {
        /// The name of the outcome.
        name: String,
    },
}

impl BinnedOutcome {
    /// Whether it is yes or no.
    pub fn is_binary(&self) -> bool {
        matches!(self, Self::Binary { .. })
    }
}

impl From<Target<'_>> for BinnedOutcome {
    fn from(target: Target<'_>) -> Self {
        match target {
            Target::Binary(outcome) => {
                Self::Binary { name: outcome.name().into(), positive: outcome.positive().into() }
            }
            Target::Number(outcome) => Self::Number { name: outcome.name().into() },
        }
    }
}

/// Counts per bin of one feature. Take them on each part of a table, merge them, and make a
/// [`Binning`](super::Binning) of the whole with [`Binner::join`](super::Binner::join) or
/// [`Binner::keep`](super::Binner::keep).
///
/// ```
/// use tierwise::{Feature, Outcome, Summary, learn::{BinCounts, BinLayout, Binner}};
/// let layout = BinLayout::numbers(Feature::number("visits"), vec![1.0, 2.0, 3.0], vec![])?;
/// let part = |visits: &[f64], won: &[bool]| BinCounts::new(layout.clone(), visits, &Outcome::binary("won", won));
/// let mut all = part(&[0.0, 0.0, 1.0, 2.0], &[false, true, false, true])?;
/// all.merge(&part(&[3.0, 3.0, 1.0, 2.0], &[true, true, false, false])?)?;
/// assert_eq!(all.tallies()[1].rows, 2);
/// assert_eq!(Binner::new().keep(&all)?.bins()[2].rate, 0.5);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct BinCounts {
    layout: BinLayout,
    outcome: BinnedOutcome,
    tallies: Vec<Tally>,
}

impl BinCounts {
    /// Counts one column; one value and one outcome per row. One class alone is welcome: another part may have the other.
    ///
    /// # Errors
    /// [`Error::WrongLength`], and what [`Columns`] refuses, with the row.
    pub fn new<'a>(layout: BinLayout, values: &[f64], target: impl Into<Target<'a>>) -> Result<Self> {
        let target = target.into();
        let rows = target.rows(layout.feature(), values)?;
        Columns::in_order(std::slice::from_ref(layout.feature()), vec![values])?;
        Ok(Self::of_checked(layout, values, target, &rows))
    }

    pub(super) fn of_checked(layout: BinLayout, values: &[f64], target: Target<'_>, rows: &Rows<'_>) -> Self {
        let codes = layout.codes(values);
        let mut tallies = vec![Tally::default(); layout.bins()];
        for (row, &code) in codes.iter().enumerate() {
            let weight = rows.weight(row);
            let tally = &mut tallies[code as usize];
            tally.rows += u64::from(weight > 0.0);
            tally.weight += weight;
            tally.outcome += weight * rows.outcome[row];
        }
        if !rows.is_binary() {
            finish_means(&mut tallies, &codes, rows);
        }
        Self { layout, outcome: target.into(), tallies }
    }

    /// The same counts for a layout whose bins are made of whole bins of this one.
    pub(super) fn joined(&self, layout: BinLayout) -> Self {
        let mut tallies = vec![Tally::default(); layout.bins()];
        let binary = self.outcome.is_binary();
        let (of_special, unknown) = (self.layout.ordinary(), self.layout.bins() - 1);
        let groups = layout.level_groups().iter().zip(0..);
        let group_of: BTreeMap<&String, usize> =
            groups.flat_map(|(levels, group)| levels.iter().map(move |level| (level, group))).collect();
        for (bin, tally) in self.tallies.iter().enumerate() {
            let place = if bin == unknown {
                layout.bins() - 1
            } else if bin >= of_special {
                layout.ordinary() + bin - of_special
            } else if let Some(levels) = self.layout.level_groups().get(bin) {
                let group = levels.first().and_then(|level| group_of.get(level));
                group.copied().unwrap_or(layout.bins() - 1)
            } else {
                let from = bin.checked_sub(1).map_or(f64::NEG_INFINITY, |edge| self.layout.edges()[edge]);
                layout.edges().partition_point(|&edge| edge <= from)
            };
            tallies[place].add(tally, binary);
        }
        Self { layout, outcome: self.outcome.clone(), tallies }
    }

    /// Where the bins begin and end.
    pub fn layout(&self) -> &BinLayout {
        &self.layout
    }

    /// What is counted.
    pub fn outcome(&self) -> &BinnedOutcome {
        &self.outcome
    }

    /// What each bin holds, in the order of the layout.
    pub fn tallies(&self) -> &[Tally] {
        &self.tallies
    }
}

/// Turns sums into means, then adds up the squared deviations from them.
fn finish_means(tallies: &mut [Tally], codes: &[u32], rows: &Rows<'_>) {
    for tally in tallies.iter_mut() {
        tally.outcome = if tally.weight > 0.0 { tally.outcome / tally.weight } else { 0.0 };
    }
    for (row, &code) in codes.iter().enumerate() {
        let tally = &mut tallies[code as usize];
        let deviation = rows.outcome[row] - tally.outcome;
        tally.squares += rows.weight(row) * deviation * deviation;
    }
}

impl Summary for BinCounts {
    fn merge(&mut self, other: &Self) -> Result<()> {
        let differs = |what: &str| {
            let feature = self.layout.feature().name();
            Err(Error::CannotMerge { reason: format!("the bin counts of `{feature}` have different {what}") })
        };
        if self.layout != other.layout {
            return differs("features, edges, groups or special codes");
        }
        if self.outcome != other.outcome {
            return differs("outcomes");
        }
        let binary = self.outcome.is_binary();
        for (tally, other) in self.tallies.iter_mut().zip(&other.tallies) {
            tally.add(other, binary);
        }
        Ok(())
    }
}

impl Tally {
    /// Adds another tally (for means: Chan, Golub & `LeVeque` 1979).
    pub(super) fn add(&mut self, other: &Self, binary: bool) {
        let weight = self.weight + other.weight;
        if binary {
            self.outcome += other.outcome;
        } else if weight > 0.0 {
            let apart = other.outcome - self.outcome;
            self.squares += other.squares + apart * apart * self.weight * (other.weight / weight);
            self.outcome += apart * (other.weight / weight);
        }
        self.weight = weight;
        self.rows += other.rows;
    }
}
