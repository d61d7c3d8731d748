//! Weights onto a card.

use crate::scorecard::{CardSpec, check_no_pairs};
use crate::{Error, Result};

/// The card with its points scaled so that the most that each characteristic earns is its weight.
///
/// Characteristics are found by name. The answer that earns the most gets the weight itself; every other answer, the
/// neutral points and points per unit keep their ratio to it. So a yes-no question earns its weight for yes, and a count
/// earns it at `up_to`. Grades are not touched: their cut points are the author's.
///
/// ```
/// use tierwise::Feature;
/// use tierwise::lead::{CardSpec, Characteristic, panel::card_with_weights};
/// let card = CardSpec {
///     features: vec![Feature::yes_no("asked"), Feature::number("visits")],
///     characteristics: vec![
///         Characteristic::yes("asked", 1.0),
///         Characteristic::new("visits", "visits").per_unit(1.0, 4.0),
///     ],
///     ..CardSpec::default()
/// };
/// let weighted = card_with_weights(card, &[("asked", 60.0), ("visits", 40.0)])?;
/// assert_eq!(weighted.characteristics[0].attributes[0].points, 60.0);
/// assert_eq!(weighted.characteristics[1].per_unit.unwrap().points, 10.0);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::UnknownName`] for a weight of no characteristic; [`Error::InvalidValue`] for a weight that is negative or
/// not finite, given twice, or when all are zero; [`Error::InvalidScorecard`] for a characteristic without weight, or
/// none of whose answers earns points above 0, and for a card with pairs.
pub fn card_with_weights(mut card: CardSpec, weights: &[(&str, f64)]) -> Result<CardSpec> {
    check_no_pairs(
        &card,
        "weights are given to characteristics, and the pairs would keep their points; leave the pairs out",
    )?;
    for (row, (name, weight)) in weights.iter().enumerate() {
        if card.characteristics.iter().all(|one| one.name != *name) {
            let known = card.characteristics.iter().map(|one| one.name.clone()).collect();
            return Err(Error::UnknownName { what: "a weight".into(), row: Some(row), name: (*name).into(), known });
        }
        let twice = weights[..row].iter().any(|(other, _)| other == name);
        if twice || !(weight.is_finite() && *weight >= 0.0) {
            let found = if twice { "given twice".into() } else { weight.to_string() };
            return Err(invalid(row, name, found, "each weight is given once, finite and not negative"));
        }
    }
    if let Some((name, _)) = weights.first().filter(|_| weights.iter().all(|(_, weight)| *weight == 0.0)) {
        return Err(invalid(0, name, "0, as all are".into(), "at least one weight must be above 0"));
    }
    for one in &mut card.characteristics {
        let refuse = |reason: &str| Error::InvalidScorecard {
            place: format!("characteristic `{}`", one.name),
            reason: reason.into(),
        };
        let Some((_, weight)) = weights.iter().find(|(name, _)| *name == one.name) else {
            return Err(refuse("it has no weight; name one for every characteristic, 0 where it does not count"));
        };
        let most = one.attributes.iter().map(|answer| answer.points);
        let most = most.chain(one.per_unit.map(|rate| rate.points * rate.up_to)).fold(0.0, f64::max);
        if !(most > 0.0 && most.is_finite()) {
            return Err(refuse("none of its answers earns points above 0, so there is nothing to scale to its weight"));
        }
        for answer in &mut one.attributes {
            answer.points = if answer.points == most { *weight } else { answer.points / most * weight };
        }
        if let Some(rate) = &mut one.per_unit {
            rate.points = weight / rate.up_to;
        }
        one.neutral = if one.neutral == most { *weight } else { one.neutral / most * weight };
    }
    Ok(card)
}

fn invalid(row: usize, name: &str, found: String, must_be: &str) -> Error {
    Error::InvalidValue { what: "the weight".into(), row, key: Some(name.into()), found, must_be: must_be.into() }
}
