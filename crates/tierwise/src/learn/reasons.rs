//! Probabilities and what moved them, for any model whose score is log-odds.

use super::probability;
use crate::score::{check_bound, check_reasons};
use crate::{Columns, Explain, Result, Score};

/// A model whose score is the log-odds of a named class. Most such models are also [`Explain`]; where they are, their
/// [`reasons`] say what moved the probability.
pub trait Probability: Score {
    /// The class whose probability it gives.
    fn positive(&self) -> &str;
}

/// What one term did to one customer's probability.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProbabilityReason {
    /// The position of the term in [`Explain::terms`].
    pub term: usize,
    /// What it adds to the log-odds: exact, and together with base and the other terms the score.
    pub log_odds: f64,
    /// By how much the probability would fall without it: `p(score) - p(score - log_odds)`. These do not add up.
    ///
    /// Never NaN. Where score and term are both infinite (a coefficient times a huge value can overflow), the score
    /// without the term is summed anew from the other terms; where even that, or the score itself, is no number, the
    /// effect is 0.
    pub effect: f64,
}

/// The strongest reasons of a table, one column per place.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReasonColumns {
    /// The position of the term; [`ReasonColumns::NO_REASON`] where nothing more moved the probability.
    pub term: Vec<Vec<u32>>,
    /// See [`ProbabilityReason::log_odds`]; 0 where there is no reason.
    pub log_odds: Vec<Vec<f64>>,
    /// See [`ProbabilityReason::effect`]; 0 where there is no reason.
    pub effect: Vec<Vec<f64>>,
}

impl ReasonColumns {
    /// Room for so many rows, each with so many reasons, none of them given yet.
    ///
    /// # Errors
    /// [`InvalidParameter`](crate::Error::InvalidParameter) for more than 255 reasons.
    pub fn zeroed(rows: usize, most: usize) -> Result<Self> {
        check_reasons("reason_columns", "most", most)?;
        let zeros = || vec![vec![0.0; rows]; most];
        Ok(Self { term: vec![vec![Self::NO_REASON; rows]; most], log_odds: zeros(), effect: zeros() })
    }

    /// Stands for "no further reason".
    pub const NO_REASON: u32 = u32::MAX;
}

/// The probability of every row.
///
/// # Errors
/// [`WrongLength`](crate::Error::WrongLength) when the columns are bound to the features of another model.
pub fn probabilities(model: &dyn Probability, columns: &Columns<'_>) -> Result<Vec<f64>> {
    let mut probabilities = crate::score(model, columns)?;
    for value in &mut probabilities {
        *value = probability(*value);
    }
    Ok(probabilities)
}

/// The reasons of one customer, by the size of their effect on the probability, largest first; equal ones in term
/// order. Terms that add nothing are left out. The score of the model must be log-odds: see [`Probability`].
///
/// ```
/// use tierwise::learn::{Logistic, probability, reasons};
/// use tierwise::{Columns, Explain, Feature, Fit, Outcome, Score};
/// let features = [Feature::number("visits"), Feature::yes_no("met")];
/// let columns = Columns::new(&features, &[("visits", &[0.0, 1.0, 2.0, 3.0]), ("met", &[0.0, 1.0, 0.0, 1.0])])?;
/// let outcome = Outcome::binary("won", &[false, true, false, true]);
/// let model = Logistic::new().fit(&columns, &outcome)?.model;
/// let reasons = reasons(&model, &[3.0, 1.0], 2);
/// let score = model.score_row(&[3.0, 1.0]);
/// assert_eq!(reasons[0].effect, probability(score) - probability(score - reasons[0].log_odds));
/// assert!(reasons[0].effect >= reasons[1].effect);
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn reasons(model: &dyn Explain, row: &[f64], most: usize) -> Vec<ProbabilityReason> {
    let mut contributions = vec![0.0; model.terms().len()];
    model.contributions_row(row, &mut contributions);
    let mut reasons = Vec::new();
    strongest(model.base(), model.score_row(row), &contributions, most, &mut reasons);
    reasons
}

/// The reasons of every row: see [`reasons`].
///
/// # Errors
/// [`WrongLength`](crate::Error::WrongLength) when the columns are bound to the features of another model,
/// [`InvalidParameter`](crate::Error::InvalidParameter) when `most` is above 255.
pub fn reason_columns(model: &dyn Explain, columns: &Columns<'_>, most: usize) -> Result<ReasonColumns> {
    check_bound(model.features(), columns)?;
    let mut table = ReasonColumns::zeroed(columns.rows(), most)?;
    let mut row = vec![0.0; model.features().len()];
    let mut contributions = vec![0.0; model.terms().len()];
    let mut reasons = Vec::new();
    for index in 0..columns.rows() {
        columns.row_into(index, &mut row);
        model.contributions_row(&row, &mut contributions);
        strongest(model.base(), model.score_row(&row), &contributions, most, &mut reasons);
        for (place, reason) in reasons.iter().enumerate() {
            table.term[place][index] = reason.term as u32;
            table.log_odds[place][index] = reason.log_odds;
            table.effect[place][index] = reason.effect;
        }
    }
    Ok(table)
}

fn strongest(base: f64, score: f64, contributions: &[f64], most: usize, reasons: &mut Vec<ProbabilityReason>) {
    reasons.clear();
    let now = probability(score);
    for (term, &log_odds) in contributions.iter().enumerate() {
        if log_odds != 0.0 {
            let mut without = score - log_odds;
            if without.is_nan() {
                let others = contributions.iter().enumerate().filter(|(other, _)| *other != term);
                without = others.fold(base, |sum, (_, log_odds)| sum + log_odds);
            }
            let effect = now - probability(without);
            reasons.push(ProbabilityReason { term, log_odds, effect: if effect.is_nan() { 0.0 } else { effect } });
        }
    }
    // Where the probability is so near 0 or 1 that no effect shows, the log-odds still tell.
    reasons
        .sort_by(|a, b| b.effect.abs().total_cmp(&a.effect.abs()).then(b.log_odds.abs().total_cmp(&a.log_odds.abs())));
    reasons.truncate(most);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_effect_is_a_number_whatever_the_score() {
        const FAR: f64 = f64::INFINITY;
        let effects = |contributions: &[f64]| {
            let mut reasons = Vec::new();
            let score = contributions.iter().fold(0.5, |sum, one| sum + one);
            strongest(0.5, score, contributions, 9, &mut reasons);
            reasons.iter().map(|reason| (reason.term, reason.effect)).collect::<Vec<_>>()
        };
        assert_eq!(effects(&[1.0, FAR, 0.0]), [(1, 1.0 - probability(1.5)), (0, 0.0)]);
        assert_eq!(effects(&[-FAR, 1.0]), [(0, -probability(1.5)), (1, 0.0)]);
        assert_eq!(effects(&[FAR, FAR]), [(0, 0.0), (1, 0.0)]); // either alone is enough
        assert_eq!(effects(&[FAR, -FAR, 1.0]), [(0, 0.0), (1, 0.0), (2, 0.0)]); // the score is no number
    }
}
