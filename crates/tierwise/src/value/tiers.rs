//! Named tiers of one number, with thresholds that can be saved and applied to new customers.

use super::cuts::{Direction, Sorted, Ties, levels};
use crate::feature::Kind;
use crate::model::Saved;
use crate::{Assign, Bands, Columns, Error, Feature, Result};
use serde::{Deserialize, Serialize};

/// Named tiers of one number, best first.
///
/// A tier is a half-open interval `[from, to)` of the number; the outermost ones are open, so every known number has
/// a tier, and an unknown one (NaN) has none. The thresholds are values that occurred: the lowest value of the
/// higher tier of two. All constructors but [`by_cuts`](Self::by_cuts) leave unknown values out and count them.
///
/// ```
/// use tierwise::value::{Direction, Tiers};
/// let money = [10.0, 900.0, 40.0, 75.0, 20.0, 300.0, 10.0, 55.0, 30.0, 60.0];
/// let tiers = Tiers::by_share("monetary", &money, &["A", "B", "C"], &[0.1, 0.3, 0.6], Direction::HigherIsBetter)?;
/// assert_eq!(tiers.bands().cuts(), [60.0, 900.0]);
/// assert_eq!(tiers.name_of(61.0), Some("B"));
/// assert_eq!(tiers.name_of(f64::NAN), None);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Tiers {
    /// One feature; a list because [`Assign::features`] gives a list.
    features: Vec<Feature>,
    bands: Bands,
    origin: Option<TierOrigin>,
}

/// Tiers, and the tier of each row they were made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Tiered {
    /// The tiers, to be saved and applied to new data.
    pub tiers: Tiers,
    /// The position of each row's tier **in the names as they were passed**, best first; `None` where the value is
    /// unknown.
    pub assigned: Vec<Option<usize>>,
}

/// How tiers came to be, when they were made from data. Nothing is computed from it; it is there to be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierOrigin {
    /// The names asked for, best first; among the tiers, those are missing to which no value belongs.
    pub names: Vec<String>,
    /// The share asked for, per name: of the customers, or of the money; under natural breaks the share found.
    pub shares: Vec<f64>,
    /// What the shares are shares of.
    #[serde(default, skip_serializing_if = "TierMethod::is_default")]
    pub method: TierMethod,
    /// What happened to equal values.
    pub ties: Ties,
    /// The customers that each name got.
    pub counts: Vec<usize>,
    /// Customers left out because their value is unknown.
    pub unknown: usize,
}

/// What tiers that are made from data follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TierMethod {
    /// Given shares of the customers: [`Tiers::split`].
    #[default]
    SharesOfCustomers,
    /// Given shares of the money: [`Tiers::by_share_of_money`].
    SharesOfMoney,
    /// The gaps of the number itself: [`Tiers::by_natural_breaks`].
    NaturalBreaks,
}

impl TierMethod {
    #[allow(clippy::trivially_copy_pass_by_ref)] // serde asks with a reference
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl TierOrigin {
    pub(super) fn new(
        names: Vec<String>,
        shares: &[f64],
        method: TierMethod,
        ties: Ties,
        assigned: &[Option<usize>],
        unknown: usize,
    ) -> Self {
        let mut counts = vec![0; names.len()];
        assigned.iter().flatten().for_each(|&tier| counts[tier] += 1);
        Self { names, shares: shares.to_vec(), method, ties, counts, unknown }
    }
}

impl Tiers {
    /// Tiers that hold given shares of the customers, best first, such as 5 %, 15 %, 30 % and 50 %; equal values stay
    /// together ([`Ties::Together`]).
    ///
    /// One element of `values` per customer, one of `shares` per name. `feature` is the name of the number.
    ///
    /// # Errors
    /// Those of [`Tiers::split`].
    pub fn by_share(
        feature: &str,
        values: &[f64],
        names: &[impl AsRef<str>],
        shares: &[f64],
        direction: Direction,
    ) -> Result<Self> {
        Self::split(feature, values, names, shares, direction, Ties::Together).map(|tiered| tiered.tiers)
    }

    /// Tiers of equal shares, best first: three names make thirds, five make quintiles; equal values stay together
    /// ([`Ties::Together`]).
    ///
    /// # Errors
    /// Those of [`Tiers::split`].
    ///
    /// ```
    /// use tierwise::value::{Direction, Tiers};
    /// let days = [3.0, 250.0, 17.0, 90.0, 31.0, 120.0];
    /// let tiers = Tiers::by_quantiles("recency", &days, &["fresh", "cooling", "cold"], Direction::LowerIsBetter)?;
    /// assert_eq!(tiers.name_of(20.0), Some("fresh"));
    /// assert_eq!(tiers.name_of(400.0), Some("cold"));
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn by_quantiles(
        feature: &str,
        values: &[f64],
        names: &[impl AsRef<str>],
        direction: Direction,
    ) -> Result<Self> {
        Self::by_share(feature, values, names, &equal_shares(names.len()), direction)
    }

    /// Tiers with fixed thresholds, best first. Each cut is the lower edge of the higher of two tiers and belongs to
    /// it; cuts fall where higher is better, and rise where lower is better.
    ///
    /// # Errors
    /// [`Error::InvalidBands`] when there is not one cut fewer than names, a cut is not finite or out of order, or a
    /// name is empty or repeated; [`Error::InvalidFeature`] for a feature without a name.
    ///
    /// ```
    /// use tierwise::value::{Direction, Tiers};
    /// let tiers = Tiers::by_cuts("monetary", &["A", "B", "C"], &[1000.0, 100.0], Direction::HigherIsBetter)?;
    /// assert_eq!(tiers.assign(&[1000.0, 99.0, f64::NAN]), [Some(0), Some(2), None]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn by_cuts(feature: &str, names: &[impl AsRef<str>], cuts: &[f64], direction: Direction) -> Result<Self> {
        let what = format!("the tiers of `{feature}`");
        let bands = match direction {
            Direction::HigherIsBetter => Bands::falling(&what, names, cuts)?,
            Direction::LowerIsBetter => Bands::rising(&what, names, cuts)?,
        };
        Self::new(Feature::number(feature), bands, None)
    }

    /// As [`by_share`](Self::by_share), with a choice of what happens to equal values, and the tier of each row.
    ///
    /// The cut between two tiers lies at the quantile (linear interpolation) at the share of customers below it. A
    /// value equal to the quantile belongs to the lower side, the worse tier where higher is better, so the threshold
    /// is the next higher value that occurred. A tier that no value can reach because equal values fill its
    /// neighbours is left out of [`bands`](Self::bands), and [`findings`](Self::findings) says so.
    ///
    /// # Errors
    /// [`Error::EmptyTable`]; [`Error::NotFinite`] with the row; [`Error::WrongLength`] when there is not one share per
    /// name; [`Error::InvalidParameter`] when shares are not above 0 or do not sum to 1; [`Error::InvalidBands`] for
    /// names that are empty or repeated; [`Error::NotEnoughData`] when there are not two different known values.
    ///
    /// ```
    /// use tierwise::value::{Direction, Ties, Tiers};
    /// let orders = [1.0, 1.0, 1.0, 4.0];
    /// let split = |ties| Tiers::split("orders", &orders, &["A", "B"], &[0.5, 0.5], Direction::HigherIsBetter, ties);
    /// assert_eq!(split(Ties::Together)?.assigned, [Some(1), Some(1), Some(1), Some(0)]);
    /// assert_eq!(split(Ties::FirstCome)?.assigned, [Some(1), Some(1), Some(0), Some(0)]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn split(
        feature: &str,
        values: &[f64],
        names: &[impl AsRef<str>],
        shares: &[f64],
        direction: Direction,
        ties: Ties,
    ) -> Result<Tiered> {
        check_shares(names.len(), shares)?;
        let sorted = Sorted::new(feature, values)?;
        sorted.check_distinct(feature, names.len())?;
        Self::split_sorted(feature, &sorted, names, shares, direction, ties)
    }

    /// The same of one known value or more, of which there is at least one; all equal, they have one tier.
    pub(super) fn split_sorted(
        feature: &str,
        sorted: &Sorted,
        names: &[impl AsRef<str>],
        shares: &[f64],
        direction: Direction,
        ties: Ties,
    ) -> Result<Tiered> {
        let cuts = sorted.cuts(&levels(shares, direction));
        let assigned = sorted.assigned(shares, &cuts, direction, ties);
        let names = names.iter().map(|name| name.as_ref().to_owned()).collect();
        let origin = TierOrigin::new(names, shares, TierMethod::SharesOfCustomers, ties, &assigned, sorted.unknown);
        Self::of_origin(feature, origin, &cuts, direction, assigned)
    }

    /// Tiers that say how they were made, and the tier of each row.
    pub(super) fn of_origin(
        feature: &str,
        origin: TierOrigin,
        cuts: &[Option<f64>],
        direction: Direction,
        assigned: Vec<Option<usize>>,
    ) -> Result<Tiered> {
        let tiers = Self::reachable(feature, &origin, cuts, direction)?;
        Ok(Tiered { tiers: Self { origin: Some(origin), ..tiers }, assigned })
    }

    /// Tiers with the cuts found, lowest first, without the tiers that no value reaches.
    fn reachable(feature: &str, origin: &TierOrigin, cuts: &[Option<f64>], direction: Direction) -> Result<Self> {
        // Checks the names that may be left out below, too.
        let all: Vec<f64> = (1..origin.names.len()).map(|cut| cut as f64).collect();
        Bands::rising(&format!("the tiers of `{feature}`"), &origin.names, &all)?;
        let mut rising: Vec<&String> = origin.names.iter().collect();
        if direction == Direction::HigherIsBetter {
            rising.reverse();
        }
        let mut names = Vec::new();
        let mut kept = Vec::new();
        for (index, name) in rising.into_iter().enumerate() {
            let from = index.checked_sub(1).map(|index| cuts[index]);
            let to = cuts.get(index).copied().flatten();
            // No value reaches a tier that begins above the highest value or where it ends.
            if from == Some(None) || from.flatten().is_some() && from.flatten() == to {
                continue;
            }
            names.push(name);
            kept.extend(from.flatten());
        }
        if direction == Direction::HigherIsBetter {
            names.reverse();
            kept.reverse();
        }
        Self::by_cuts(feature, &names, &kept, direction)
    }

    fn new(feature: Feature, bands: Bands, origin: Option<TierOrigin>) -> Result<Self> {
        let refuse = |reason: &str| Error::InvalidFeature { feature: feature.name().to_owned(), reason: reason.into() };
        if feature.kind() != Kind::Number {
            return Err(refuse("tiers need a number; give it the kind `number`"));
        }
        if feature.name().trim().is_empty() {
            return Err(refuse("it has no name; name the column the tiers are made of"));
        }
        if bands.range() != (f64::NEG_INFINITY, f64::INFINITY) {
            return Err(Error::InvalidBands {
                what: format!("the tiers of `{}`", feature.name()),
                reason: "the outermost tiers must be open, so that every number has a tier; leave out the lowest `from` and the highest `to`".into(),
            });
        }
        if let Some(origin) = &origin {
            for (what, found) in [("shares", origin.shares.len()), ("counts", origin.counts.len())] {
                if found != origin.names.len() {
                    let what = format!("`{what}` in the origin of the tiers");
                    return Err(Error::WrongLength { what, expected: origin.names.len(), found });
                }
            }
        }
        Ok(Self { features: vec![feature], bands, origin })
    }

    /// The number the tiers are made of.
    pub fn feature(&self) -> &Feature {
        &self.features[0]
    }

    /// The names and thresholds.
    pub fn bands(&self) -> &Bands {
        &self.bands
    }

    /// How the tiers were made; `None` for fixed cuts.
    pub fn origin(&self) -> Option<&TierOrigin> {
        self.origin.as_ref()
    }

    /// The position of a value's tier, best first; `None` for NaN.
    pub fn position_of(&self, value: f64) -> Option<usize> {
        self.bands.find(value)
    }

    /// The name of a value's tier; `None` for NaN.
    pub fn name_of(&self, value: f64) -> Option<&str> {
        self.position_of(value).map(|tier| self.bands.names()[tier].as_str())
    }

    /// The positions of the tiers of many values, best first; `None` for NaN.
    pub fn assign(&self, values: &[f64]) -> Vec<Option<usize>> {
        values.iter().map(|&value| self.position_of(value)).collect()
    }

    /// What is worth knowing about how the customers fell into the tiers, one sentence each: tiers left out because
    /// no value reaches them, and shares that differ from those asked for by more than five percentage
    /// points and one customer.
    pub fn findings(&self) -> Vec<String> {
        let Some(origin) = &self.origin else { return Vec::new() };
        let left_out = origin.names.iter().filter(|name| self.bands.position(name).is_none()).map(|name| {
            format!(
                "no value of `{}` can reach tier `{name}`, because too many customers have equal values; it is left out",
                self.feature().name()
            )
        });
        let uneven = self.uneven_shares().into_iter().map(|(name, found, asked)| {
            format!(
                "tier `{name}` holds {:.1} % of the customers where {:.1} % were asked for",
                found * 100.0,
                asked * 100.0
            )
        });
        let mut findings: Vec<String> = left_out.chain(uneven).collect();
        if origin.unknown > 0 {
            let all = origin.counts.iter().sum::<usize>() + origin.unknown;
            findings
                .push(format!("{} of {all} customers have no tier, because their value is unknown", origin.unknown));
        }
        findings
    }

    /// The tiers whose share of the customers differs notably from the one asked for, with both.
    pub(super) fn uneven_shares(&self) -> Vec<(&str, f64, f64)> {
        const NOTABLE: f64 = 0.05;
        let of_customers = |origin: &&TierOrigin| origin.method == TierMethod::SharesOfCustomers;
        let Some(origin) = self.origin.as_ref().filter(of_customers) else { return Vec::new() };
        let known = origin.counts.iter().sum::<usize>() as f64;
        let tiers = origin.names.iter().zip(&origin.shares).zip(&origin.counts);
        tiers
            .filter(|((name, _), _)| self.bands.position(name).is_some())
            .filter(|((_, asked), count)| (**count as f64 - **asked * known).abs() > (NOTABLE * known).max(1.0))
            .map(|((name, &asked), &count)| (name.as_str(), count as f64 / known, asked))
            .collect()
    }
}

impl Saved for Tiers {
    const KIND: &'static str = "tiers";

    fn as_assign(&self) -> Option<&dyn Assign> {
        Some(self)
    }
}

impl Assign for Tiers {
    fn features(&self) -> &[Feature] {
        &self.features
    }

    fn outcomes(&self) -> &[String] {
        self.bands.names()
    }

    fn is_ordered(&self) -> bool {
        true
    }

    fn assign_row(&self, row: &[f64]) -> Option<usize> {
        self.position_of(row[0])
    }

    fn assign_columns(&self, columns: &Columns<'_>, outcomes: &mut [Option<usize>]) {
        assert_eq!(outcomes.len(), columns.rows(), "one outcome per row");
        for (outcome, &value) in outcomes.iter_mut().zip(columns.column(0)) {
            *outcome = self.position_of(value);
        }
    }
}

/// `count` shares that sum to 1, as near as can be.
pub(super) fn equal_shares(count: usize) -> Vec<f64> {
    vec![1.0 / count as f64; count]
}

pub(super) fn check_shares(names: usize, shares: &[f64]) -> Result<()> {
    const NEARLY: f64 = 1e-9;
    let refuse = |must_be: &str, got: String| {
        Err(Error::InvalidParameter { of: "Tiers", name: "shares", must_be: must_be.into(), got })
    };
    if names != shares.len() {
        return Err(Error::WrongLength { what: "the list of shares".into(), expected: names, found: shares.len() });
    }
    if shares.is_empty() {
        return refuse("a list of at least one share", "none".into());
    }
    if let Some(share) = shares.iter().find(|share| !(**share > 0.0 && **share <= 1.0)) {
        return refuse("numbers in (0, 1] (divide per cent by 100)", share.to_string());
    }
    let sum = shares.iter().sum::<f64>();
    if (sum - 1.0).abs() > NEARLY {
        return refuse("numbers that sum to 1", format!("a sum of {sum}"));
    }
    Ok(())
}

/// The form in a model file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    feature: Feature,
    tiers: Bands,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    origin: Option<TierOrigin>,
}

impl TryFrom<Stored> for Tiers {
    type Error = Error;

    fn try_from(Stored { feature, tiers, origin }: Stored) -> Result<Self> {
        Self::new(feature, tiers, origin)
    }
}

impl From<Tiers> for Stored {
    fn from(Tiers { mut features, bands, origin }: Tiers) -> Self {
        Self { feature: features.remove(0), tiers: bands, origin }
    }
}
