//! Who moved between tiers from one date to another.

use crate::evaluate::checks::check_weights;
use crate::evaluate::rows::{parameter, two_sided};
use crate::rates::{Rate, check_confidence, rate, shares_of_row};
use crate::{Error, Result};
use serde::Serialize;

/// The same customers at two dates, by tier.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TierMigration {
    /// The tiers, best first.
    pub tiers: Vec<String>,
    /// How many went from the tier of the row to that of the column.
    pub counts: Vec<Vec<f64>>,
    /// The same as shares of the row, with Jeffreys intervals; none in the row of a tier that nobody was in.
    pub rates: Vec<Vec<Option<Rate>>>,
    /// Per tier, the customers who are in it now and had no tier; `new` in all.
    pub arrivals: Vec<f64>,
    /// Per tier, the customers who were in it and have no tier now; `lost` in all.
    pub departures: Vec<f64>,
    /// The share that is in a better tier now, of those whose tier is known at both dates. Where there are none, it is NaN in
    /// an interval from 0 to 1, as are `down` and `same`.
    pub up: Rate,
    /// The share that is in a worse tier now.
    pub down: Rate,
    /// The share that stayed.
    pub same: Rate,
    /// Customers whose tier was known and is not now: they left, or a value is missing.
    pub lost: f64,
    /// Customers whose tier is known now and was not.
    pub new: f64,
    /// Customers without a tier at either date.
    pub never: f64,
    /// More up than down, in standard errors (the sign test in its normal form); 0 where nobody moved.
    pub z: f64,
    /// The two-sided chance of that if up and down were equally likely.
    pub p_value: f64,
}

/// Counts who moved between tiers: one element per customer and date, positions in `tiers` (best first), `None` where unknown.
///
/// Where nobody's tier is known at both dates, all counts are 0, and arrivals and departures say what happened.
///
/// ```
/// use tierwise::evaluate::tier_migration;
/// let (then, now) = ([Some(0), Some(1), Some(1), Some(1), None], [Some(0), Some(0), Some(1), None, Some(1)]);
/// let moved = tier_migration(&["A", "B"], &then, &now, None, 0.95)?;
/// assert_eq!(moved.counts, [[1.0, 0.0], [1.0, 1.0]]);
/// assert_eq!((moved.up.events, moved.down.events, moved.same.events, moved.lost, moved.new), (1.0, 0.0, 2.0, 1.0, 1.0));
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] for no tiers, names that repeat, and a confidence outside (0, 1); [`Error::WrongLength`];
/// [`Error::InvalidValue`] with the row for a position outside the tiers and for a weight.
pub fn tier_migration(
    tiers: &[impl AsRef<str>],
    before: &[Option<u32>],
    after: &[Option<u32>],
    weights: Option<&[f64]>,
    confidence: f64,
) -> Result<TierMigration> {
    check_confidence("tier_migration", confidence)?;
    let tiers: Vec<String> = tiers.iter().map(|tier| tier.as_ref().to_owned()).collect();
    let distinct: std::collections::BTreeSet<&String> = tiers.iter().collect();
    if tiers.is_empty() || distinct.len() < tiers.len() {
        let must_be = "a list of distinct names, the best first";
        return Err(parameter("tier_migration", "tiers", must_be, &format!("{tiers:?}")));
    }
    if after.len() != before.len() {
        let what = "the tiers after".into();
        return Err(Error::WrongLength { what, expected: before.len(), found: after.len() });
    }
    check_weights("", before.len(), weights)?;
    let mut counts = vec![vec![0.0; tiers.len()]; tiers.len()];
    let (mut departures, mut arrivals, mut never) = (vec![0.0; tiers.len()], vec![0.0; tiers.len()], 0.0);
    for (row, (&from, &to)) in before.iter().zip(after).enumerate() {
        for place in [from, to].into_iter().flatten() {
            if place as usize >= tiers.len() {
                let must_be = format!("tiers are positions below {}", tiers.len());
                return Err(Error::invalid_value("the tier", row, f64::from(place), &must_be));
            }
        }
        let weight = weights.map_or(1.0, |weights| weights[row]);
        match (from, to) {
            (Some(from), Some(to)) => counts[from as usize][to as usize] += weight,
            (Some(from), None) => departures[from as usize] += weight,
            (None, Some(to)) => arrivals[to as usize] += weight,
            (None, None) => never += weight,
        }
    }
    let known: f64 = counts.iter().flatten().sum();
    let sum = |keep: fn(usize, usize) -> bool| -> f64 {
        let of_row = |(from, row): (usize, &Vec<f64>)| -> f64 {
            row.iter().enumerate().filter(|&(to, _)| keep(from, to)).map(|(_, count)| count).sum()
        };
        // Nothing at all sums to -0.
        counts.iter().enumerate().map(of_row).sum::<f64>() + 0.0
    };
    let (up, down, same) = (sum(|from, to| to < from), sum(|from, to| to > from), sum(|from, to| to == from));
    let z = if up + down > 0.0 { (up - down) / (up + down).sqrt() } else { 0.0 };
    let of_all = |events: f64| {
        if known == 0.0 {
            return Ok(Rate { events, trials: known, rate: f64::NAN, low: 0.0, high: 1.0 });
        }
        rate(events.min(known), known, confidence)
    };
    Ok(TierMigration {
        rates: counts.iter().map(|row| row_rates(row, confidence)).collect::<Result<_>>()?,
        up: of_all(up)?,
        down: of_all(down)?,
        same: of_all(same)?,
        tiers,
        counts,
        lost: departures.iter().sum(),
        new: arrivals.iter().sum(),
        never,
        arrivals,
        departures,
        z,
        p_value: two_sided(z),
    })
}

fn row_rates(row: &[f64], confidence: f64) -> Result<Vec<Option<Rate>>> {
    if row.iter().sum::<f64>() == 0.0 {
        return Ok(vec![None; row.len()]);
    }
    Ok(shares_of_row(row, confidence)?.into_iter().map(Some).collect())
}
