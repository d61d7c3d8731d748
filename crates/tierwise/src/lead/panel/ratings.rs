//! From one panel's answers to weights that sum to 100.

use super::{AnswerForm, Panel, parameter};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// How the answers of a panel become weights.
///
/// The choices by rank turn the place of a factor into a share; tied factors share the mean of the shares of their
/// places. `n` is the number of factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregation {
    /// The mean of each respondent's shares (answer by the sum of the respondent's answers). For ratings and
    /// allocations, and their default: everybody has the same say, however high they rate.
    MeanShares,
    /// The means of the answers, as shares. For ratings and allocations: who gives more has more say.
    MeanRatings,
    /// `2 (n + 1 - rank) / (n (n + 1))` (Stillwell, Seaver & Edwards 1981, *Organizational Behavior and Human
    /// Performance* 28).
    RankSum,
    /// `(1 / n) * sum of 1 / k for k from rank to n` (Barron & Barrett 1996, *Management Science* 42). The default for
    /// ranks: of the choices by rank it came nearest to true weights there.
    RankOrderCentroid,
    /// `(1 / rank) / sum of 1 / k for k from 1 to n` (Stillwell, Seaver & Edwards 1981).
    Reciprocal,
}

impl Aggregation {
    /// The default for a form of answers.
    pub(super) fn of(form: AnswerForm) -> Self {
        match form {
            AnswerForm::Ratings | AnswerForm::Allocation => Self::MeanShares,
            AnswerForm::Ranks => Self::RankOrderCentroid,
        }
    }

    pub(super) fn check(self, form: AnswerForm) -> Result<()> {
        if form == AnswerForm::Ranks && matches!(self, Self::MeanShares | Self::MeanRatings) {
            let must_be =
                "`rank_sum`, `rank_order_centroid` or `reciprocal` for ranks: of two ranks the lower counts more";
            let got = if self == Self::MeanShares { "`mean_shares`" } else { "`mean_ratings`" };
            return Err(parameter("PanelSurvey", "aggregation", must_be, got));
        }
        Ok(())
    }

    /// The share of each place, the first place first; they sum to 1.
    fn of_places(self, n: usize) -> Vec<f64> {
        let of_place: Vec<f64> = match self {
            Self::RankSum => (1..=n).map(|rank| (n + 1 - rank) as f64).collect(),
            Self::RankOrderCentroid => {
                let mut tail = 0.0;
                let mut shares: Vec<f64> = (1..=n)
                    .rev()
                    .map(|place| {
                        tail += 1.0 / place as f64;
                        tail
                    })
                    .collect();
                shares.reverse();
                shares
            }
            _ => (1..=n).map(|rank| 1.0 / rank as f64).collect(),
        };
        let sum: f64 = of_place.iter().sum();
        of_place.into_iter().map(|share| share / sum).collect()
    }
}

/// What each respondent of a panel says of each factor, one row per respondent, ready to be added up.
pub(super) fn votes(panel: &Panel, aggregation: Aggregation) -> Vec<Vec<f64>> {
    let n = panel.respondents.first().map_or(0, |one| one.answers.len());
    let of_places = aggregation.of_places(n);
    let vote = |one: &super::Respondent| match aggregation {
        Aggregation::MeanRatings => one.answers.clone(),
        Aggregation::MeanShares => {
            let sum: f64 = one.answers.iter().sum();
            one.answers.iter().map(|answer| answer / sum).collect()
        }
        _ => one.ranks.iter().map(|rank| share_of_rank(&one.ranks, *rank, &of_places)).collect(),
    };
    panel.respondents.iter().map(vote).collect()
}

/// The mean share of the places that the factors of this rank take together.
fn share_of_rank(ranks: &[f64], rank: f64, of_places: &[f64]) -> f64 {
    let before = ranks.iter().filter(|other| **other < rank).count();
    let tied = ranks.iter().filter(|other| **other == rank).count();
    of_places[before..before + tied].iter().sum::<f64>() / tied as f64
}

/// Weights that sum to 100, from votes and how often or how much each respondent counts.
pub(super) fn weights(votes: &[Vec<f64>], counts: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sums = vec![0.0; votes.first().map_or(0, Vec::len)];
    for (vote, count) in votes.iter().zip(counts) {
        sums.iter_mut().zip(vote).for_each(|(sum, vote)| *sum += count * vote);
    }
    let whole: f64 = sums.iter().sum();
    sums.into_iter().map(|sum| 100.0 * (sum / whole)).collect()
}

/// Weights brought to a sum of 100 and rounded to so many decimals so that the rounded ones sum to 100 too: all are
/// rounded down, and the units that are missing go to the largest remainders; of equal ones to the earlier.
///
/// The decimals sum to 100 exactly; their sum as binary numbers may be a last digit off.
///
/// ```
/// use tierwise::lead::panel::round_to_hundred;
/// assert_eq!(round_to_hundred(&[1.0, 1.0, 1.0], 1)?, [33.4, 33.3, 33.3]);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] for more than 9 decimals; [`Error::InvalidValue`] for a weight that is negative or not
/// finite, and when all are zero.
pub fn round_to_hundred(weights: &[f64], decimals: u32) -> Result<Vec<f64>> {
    if decimals > 9 {
        let got = decimals.to_string();
        return Err(parameter("round_to_hundred", "decimals", "a whole number in [0, 9]", &got));
    }
    let invalid = |row: usize, must_be: &str| Error::InvalidValue {
        what: "the weight".into(),
        row,
        key: None,
        found: weights[row].to_string(),
        must_be: must_be.into(),
    };
    if let Some(row) = weights.iter().position(|weight| !(0.0..=super::LARGEST).contains(weight)) {
        return Err(invalid(row, "weights must be numbers in [0, 1e9]"));
    }
    let whole: f64 = weights.iter().sum();
    if weights.is_empty() {
        return Err(Error::EmptyTable { what: "the list of weights".into() });
    }
    if whole == 0.0 {
        return Err(invalid(0, "at least one weight must be above 0"));
    }
    let unit = 10_f64.powi(decimals as i32);
    let scaled: Vec<f64> = weights.iter().map(|weight| weight / whole * (100.0 * unit)).collect();
    let mut units: Vec<f64> = scaled.iter().map(|weight| weight.floor()).collect();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by(|&a, &b| (scaled[b] - units[b]).total_cmp(&(scaled[a] - units[a])));
    // Fewer than one unit per weight is missing, but for rounding.
    let missing = (100.0 * unit - units.iter().sum::<f64>()).max(0.0) as usize;
    for &factor in by_remainder.iter().cycle().take(missing.min(weights.len())) {
        units[factor] += 1.0;
    }
    Ok(units.into_iter().map(|weight| weight / unit).collect())
}
