//! Points by bracket of one number.

use crate::{Band, Bands, Error, Result};
use serde::{Deserialize, Serialize};

/// Points are multiples of this: so few binary places that sums of points are exact, in any order.
const STEP: f64 = 1.0 / 1024.0;

/// Points may lie this far from zero at most.
const MOST_POINTS: f64 = 1e6;

/// One bracket, as it stands in a model file: `from <= value < to` earns the points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointBracket {
    /// The lower edge, which belongs to the bracket; absent for the lowest one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<f64>,
    /// The upper edge, which belongs to the next bracket; absent for the highest one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<f64>,
    /// What a value in the bracket earns: a multiple of 1/1024, such as 7, 2.5 or 0.125, up to a million in size.
    pub points: f64,
}

impl PointBracket {
    /// The bracket in words: `[100000, 500000)`.
    pub fn name(&self) -> String {
        let edge = |edge: Option<f64>, open: &str| edge.map_or_else(|| open.to_owned(), |edge| edge.to_string());
        let opening = if self.from.is_some() { '[' } else { '(' };
        format!("{opening}{}, {})", edge(self.from, "-inf"), edge(self.to, "inf"))
    }
}

/// Brackets over all numbers, each with its points, without gap or overlap.
///
/// ```
/// use tierwise::value::{PointBracket, PointTable};
/// let below = PointBracket { from: None, to: Some(500_000.0), points: 5.0 };
/// let above = PointBracket { from: Some(500_000.0), to: None, points: 10.0 };
/// let table = PointTable::new("order_amount", vec![below, above])?;
/// assert_eq!([-1.0, 499_999.99, 500_000.0].map(|amount| table.points(amount)), [5.0, 5.0, 10.0]);
/// assert!(table.points(f64::NAN).is_nan()); // unknown is not zero
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PointTable {
    brackets: Vec<PointBracket>,
    bands: Bands,
}

impl PointTable {
    /// Checks brackets, listed upwards or downwards; `what` is the number, for errors.
    ///
    /// # Errors
    /// [`Error::InvalidBands`] when there is none, they leave a gap or overlap, or an outermost one is not open;
    /// [`Error::InvalidRules`] for points that are no multiple of 1/1024 or larger than a million.
    pub fn new(what: &str, brackets: Vec<PointBracket>) -> Result<Self> {
        let name = format!("`{what}`");
        for bracket in &brackets {
            check_points(bracket.points)
                .map_err(|reason| refuse(&format!("the points of {name}"), bracket.name(), reason))?;
        }
        let band = |bracket: &PointBracket| Band { name: bracket.name(), from: bracket.from, to: bracket.to };
        let bands = open_bands(&name, &brackets.iter().map(band).collect::<Vec<_>>())?;
        Ok(Self { brackets, bands })
    }

    /// The points of a value; NaN for NaN.
    pub fn points(&self, value: f64) -> f64 {
        self.place(value).map_or(f64::NAN, |place| self.brackets[place].points)
    }

    /// The position of the bracket of a value; `None` for NaN.
    pub fn place(&self, value: f64) -> Option<usize> {
        self.bands.find(value)
    }

    /// The brackets as they are listed.
    pub fn brackets(&self) -> &[PointBracket] {
        &self.brackets
    }
}

/// Why points cannot be counted, if they cannot.
pub(super) fn check_points(points: f64) -> std::result::Result<(), String> {
    if !(-MOST_POINTS..=MOST_POINTS).contains(&points) {
        return Err(format!("points must be a number from {} to {MOST_POINTS}, got {points}", -MOST_POINTS));
    }
    if points % STEP != 0.0 {
        return Err(format!(
            "points must be a multiple of 1/1024, so that all sums are exact, got {points}; multiply all points and \
             cuts by ten, say"
        ));
    }
    Ok(())
}

pub(super) fn refuse(rules: &str, place: impl Into<String>, reason: impl Into<String>) -> Error {
    Error::InvalidRules { rules: rules.to_owned(), place: place.into(), reason: reason.into() }
}

/// Tiers of a score of which more is better: bands over all numbers, the highest first.
pub(super) fn open_tiers(what: &str, tiers: &[Band]) -> Result<Bands> {
    let bands = open_bands(what, tiers)?;
    if tiers.windows(2).all(|pair| pair[0].from >= pair[1].from) {
        return Ok(bands);
    }
    let last = &bands.names()[tiers.len() - 1];
    let reason =
        format!("they must be listed best first, which is the highest; turn the list round, so that `{last}` leads");
    Err(Error::InvalidBands { what: what.to_owned(), reason })
}

/// Bands over all numbers; `what` is the word for them in errors.
pub(super) fn open_bands(what: &str, bands: &[Band]) -> Result<Bands> {
    let bands = Bands::new(what, bands.to_vec())?;
    if bands.range() == (f64::NEG_INFINITY, f64::INFINITY) {
        return Ok(bands);
    }
    let reason = "the outermost ones must be open, so that every number has one; leave out the lowest `from` and the \
                  highest `to`";
    Err(Error::InvalidBands { what: what.to_owned(), reason: reason.into() })
}

/// A sentence for each tier that no score from the least to the most reaches.
pub(super) fn unreached_tiers(tiers: &[Band], (least, most): (f64, f64)) -> Vec<String> {
    let reached = |tier: &&Band| tier.from.is_none_or(|from| from <= most) && tier.to.is_none_or(|to| to > least);
    let say = |tier: &Band| {
        let interval = PointBracket { from: tier.from, to: tier.to, points: 0.0 }.name();
        format!("no score reaches tier `{}` {interval}: scores lie from {least} to {most}; check its cut", tier.name)
    };
    tiers.iter().filter(|tier| !reached(tier)).map(say).collect()
}

/// Refuses bands of a share of which one begins above 1, where no share lies: they are in per cent.
pub(super) fn check_shares(what: &str, begins: impl Iterator<Item = Option<f64>>) -> Result<()> {
    match begins.flatten().find(|&from| from > 1.0) {
        None => Ok(()),
        Some(from) => {
            let reason = format!("one begins at {from}, and a share is 1 at most; divide per cent by 100");
            Err(Error::InvalidBands { what: what.to_owned(), reason })
        }
    }
}
