//! A card of weights of evidence: what binned features say when each is believed on its own.

use super::counts::BinnedOutcome;
use super::model::Binning;
use crate::scorecard::CardSpec;
use crate::{Error, Result, Scorecard};

/// A card that adds up the weights of evidence of several features: `offset + factor · (ln(events / others) + Σ weights)`.
///
/// With factor 1 and offset 0 the score is the log-odds of the positive class if the features were independent within
/// either class (naive Bayes). Features that say the same thing are counted twice: a fit on the weights mends that.
///
/// # Errors
/// [`Error::InvalidScorecard`] when a feature was binned against another outcome, other rows or a number, and what
/// [`Scorecard::new`] refuses.
///
/// ```
/// use tierwise::{Columns, Feature, Outcome, Score, learn::{Binner, evidence_card}};
/// let features = [Feature::yes_no("met"), Feature::number("visits")];
/// let met: Vec<f64> = (0..60).map(|row| f64::from(row % 2)).collect();
/// let visits: Vec<f64> = (0..60).map(|row| f64::from(row % 5)).collect();
/// let won: Vec<bool> = (0..60).map(|row| row % 2 + row % 5 > 2 + row % 3).collect();
/// let columns = Columns::in_order(&features, vec![&met, &visits])?;
/// let binnings = Binner::new().bin_columns(&columns, &Outcome::binary("won", &won))?;
/// let card = evidence_card("leads", &binnings, 1.0, 0.0)?;
/// assert!(card.score_row(&[1.0, 4.0]) > card.score_row(&[0.0, 0.0]));
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn evidence_card(name: &str, binnings: &[Binning], factor: f64, offset: f64) -> Result<Scorecard> {
    let Some(first) = binnings.first() else {
        return Err(refuse("characteristics", "there is none; bin at least one feature".into()));
    };
    let total = first.total();
    for binning in binnings {
        let place = format!("characteristic `{}`", binning.layout().feature().name());
        let BinnedOutcome::Binary { .. } = binning.outcome() else {
            return Err(refuse(&place, "it was binned against a number, which has no weights of evidence".into()));
        };
        let other = binning.total();
        // Weights may be added up in another order.
        let alike = |one: f64, other: f64| (one - other).abs() <= 1e-9 * one.abs();
        if binning.outcome() != first.outcome()
            || !alike(total.weight, other.weight)
            || !alike(total.outcome, other.outcome)
        {
            let reason = "it was binned against another outcome or other rows than the first; bin all on one table";
            return Err(refuse(&place, reason.into()));
        }
    }
    let log_odds = libm::log(total.outcome / (total.weight - total.outcome));
    Scorecard::new(CardSpec {
        name: name.to_owned(),
        features: binnings.iter().map(|binning| binning.layout().feature().clone()).collect(),
        initial: offset + factor * log_odds,
        characteristics: binnings.iter().map(|binning| binning.characteristic(factor)).collect(),
        ..CardSpec::default()
    })
}

fn refuse(place: &str, reason: String) -> Error {
    Error::InvalidScorecard { place: place.to_owned(), reason }
}
