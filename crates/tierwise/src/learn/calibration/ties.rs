//! What every method learns from: the distinct scores in ascending order, with the weight of either class.

use super::calibrator::ScoreScale;
use crate::learn::softplus;
use crate::{Columns, Error, Outcome, Result};

/// Sums and differences of larger scores could overflow.
pub(super) const LARGEST: f64 = 1e100;

/// All rows that have one score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tie {
    pub(super) score: f64,
    /// The weight of the positive class.
    pub(super) yes: f64,
    /// The weight of the other class.
    pub(super) no: f64,
}

impl Tie {
    pub(super) fn rate(&self) -> f64 {
        self.yes / (self.yes + self.no)
    }
}

/// The weights of either class, over all ties.
pub(super) fn totals(ties: &[Tie]) -> (f64, f64) {
    ties.iter().fold((0.0, 0.0), |(yes, no), tie| (yes + tie.yes, no + tie.no))
}

/// The log-likelihood of ties whose log-odds `log_odds` gives; a class without weight in a tie adds nothing, however
/// unlikely it is.
pub(super) fn log_likelihood(ties: &[Tie], log_odds: impl Fn(f64) -> f64) -> f64 {
    let of = |weight: f64, log_odds: f64| if weight > 0.0 { -weight * softplus(-log_odds) } else { 0.0 };
    let one = |tie: &Tie| {
        let log_odds = log_odds(tie.score);
        of(tie.yes, log_odds) + of(tie.no, -log_odds)
    };
    ties.iter().map(one).sum()
}

/// Pools the rows by score.
pub(super) fn pool(scores: &[f64], outcome: &Outcome<'_>, scale: ScoreScale) -> Result<Vec<Tie>> {
    check(scores, outcome, scale)?;
    let weight = |row: usize| outcome.row_weights().map_or(1.0, |weights| weights[row]);
    let mut order: Vec<usize> = (0..scores.len()).filter(|&row| weight(row) > 0.0).collect();
    order.sort_by(|&one, &other| (scores[one] + 0.0).total_cmp(&(scores[other] + 0.0)));
    let mut ties: Vec<Tie> = Vec::new();
    for row in order {
        let score = scores[row] + 0.0; // -0 is 0
        if ties.last().is_none_or(|tie| tie.score != score) {
            ties.push(Tie { score, yes: 0.0, no: 0.0 });
        }
        if let Some(tie) = ties.last_mut() {
            *(if outcome.values()[row] == 1.0 { &mut tie.yes } else { &mut tie.no }) += weight(row);
        }
    }
    if ties.len() < 2 {
        let reason = "all scores are equal, so there is nothing to calibrate. Check the model and the column".into();
        return Err(Error::NoVariation { columns: vec!["scores".into()], reason });
    }
    Ok(ties)
}

fn check(scores: &[f64], outcome: &Outcome<'_>, scale: ScoreScale) -> Result<()> {
    let rows = outcome.values().len();
    if scores.len() != rows {
        return Err(Error::WrongLength { what: "the scores".into(), expected: rows, found: scores.len() });
    }
    if outcome.row_offsets().is_some() {
        let must_be = "left out; add them to the scores where these are log-odds".into();
        return Err(Error::InvalidParameter { of: "Calibrator", name: "offsets", must_be, got: "offsets".into() });
    }
    outcome.check(&Columns::in_order(&[], Vec::new())?)?;
    outcome.check_total_weight()?;
    if let Some(row) = scores.iter().position(|score| score.is_infinite()) {
        return Err(Error::NotFinite { column: "scores".into(), row: Some(row), found: scores[row] });
    }
    if let Some(row) = scores.iter().position(|score| score.is_nan() || score.abs() > LARGEST) {
        let must_be = format!("every row needs a score within {LARGEST:e}; leave out rows without one");
        return Err(Error::invalid_value("the score", row, scores[row], &must_be));
    }
    if scale == ScoreScale::Probability {
        check_probabilities(scores)?;
    }
    Ok(())
}

/// Refuses what is neither a probability nor unknown.
pub(super) fn check_probabilities(probabilities: &[f64]) -> Result<()> {
    match probabilities.iter().position(|value| !value.is_nan() && !(0.0..=1.0).contains(value)) {
        Some(row) => {
            let must_be = "probabilities lie between 0 and 1; state another scale where scores are log-odds or points";
            Err(Error::invalid_value("the probability", row, probabilities[row], must_be))
        }
        None => Ok(()),
    }
}
