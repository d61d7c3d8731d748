//! The backtest of a learner of log-odds.

use super::{Backtest, BacktestOutcome, BacktestScores, BacktestSettings, BacktestTerm, OF, TermKind, backtest};
use crate::evaluate::rows::parameter;
use crate::learn::{LearnedModel, Learner, probability, scores_of_rows};
use crate::{Columns, Fit, Fitted, Outcome, Progress, Result};
use std::ops::ControlFlow;

/// The backtest of a learner: see [`backtest`]. Weights and offsets of the outcome are learned with, weights count customers in
/// the figures, and offsets are part of the score that is judged. Terms are the coefficients of logistic models and models
/// of evidence, and the importance of the terms of additive ones.
///
/// `progress` is told after each step of each fit: `step` counts the fits that were tried and `limit` the number of steps of its fit. When it
/// breaks, the backtest stops with [`Error::Cancelled`](crate::Error::Cancelled).
///
/// ```
/// use std::ops::ControlFlow;
/// use tierwise::evaluate::{Refitting, RollingOrigin, backtest_learner};
/// use tierwise::{Columns, Feature, Outcome, learn::Logistic};
/// let rows = 0..3000;
/// let days: Vec<f64> = rows.clone().map(|row| f64::from(row / 10)).collect();
/// let visits: Vec<f64> = rows.clone().map(|row| f64::from(row * 7 % 20)).collect();
/// let calls: Vec<f64> = rows.clone().map(|row| f64::from(row * 11 % 13)).collect();
/// // Visits sell until day 150, calls afterwards: a model that is kept goes blind.
/// let won: Vec<bool> = rows.map(|row| {
///     let sells = if row < 1500 { row * 7 % 20 } else { 3 * (row * 11 % 13) / 2 };
///     sells + row * 13 % 31 > 30
/// }).collect();
/// let features = [Feature::number("visits"), Feature::number("calls")];
/// let columns = Columns::new(&features, &[("visits", &visits), ("calls", &calls)])?;
///
/// let schedule = RollingOrigin { first: Some(149.0), window: Some(60.0), ..RollingOrigin::every(30.0) };
/// let outcome = Outcome::binary("won", &won);
/// let quiet = &mut |_| ControlFlow::Continue(());
/// let found = backtest_learner(&schedule.into(), &days, &Logistic::new().into(), &columns, &outcome, quiet)?;
/// assert_eq!(found.refitting, Refitting::Pays);
/// assert_eq!(found.terms[1].name, "visits");
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`backtest`] and of the learner.
pub fn backtest_learner(
    settings: &BacktestSettings,
    days: &[f64],
    learner: &Learner,
    data: &Columns<'_>,
    outcome: &Outcome<'_>,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Backtest> {
    outcome.check(data)?;
    if data.rows() != outcome.values().len() {
        return Err(parameter(OF, "data", "a table with at least one feature", &"none"));
    }
    let judged = outcome.clone().without_offsets();
    let mut refit = 0;
    backtest(settings, days, BacktestOutcome::Probability(&judged), |train, test| {
        refit += 1;
        let mut of_refit = |step: Progress| progress(Progress { step: refit - 1, ..step });
        let learned = data.take(train);
        let Fitted { model, .. } = learner.fit_with(&learned.columns(), &outcome.take(train), &mut of_refit)?;
        let mut scores = scores_of_rows(&model, data, test)?;
        if let Some(offsets) = outcome.row_offsets() {
            scores.iter_mut().zip(test).for_each(|(score, &row)| *score += offsets[row]);
        }
        let (terms, kind) = terms(&model);
        Ok(BacktestScores { scores: scores.into_iter().map(probability).collect(), terms, kind })
    })
}

fn terms(model: &LearnedModel) -> (Vec<BacktestTerm>, TermKind) {
    if let Some(model) = model.as_additive() {
        let term = |(name, value): (&str, f64)| BacktestTerm { name: name.to_owned(), value, standard_error: None };
        return (model.importance().into_iter().map(term).collect(), TermKind::Importance);
    }
    let logistic = model.as_logistic();
    let coefficients =
        logistic.into_iter().flat_map(|model| std::iter::once(model.intercept()).chain(model.coefficients()));
    let terms = coefficients.map(|one| BacktestTerm {
        name: one.name.clone(),
        value: one.estimate,
        standard_error: one.standard_error.is_finite().then_some(one.standard_error),
    });
    (terms.collect(), TermKind::Coefficient)
}
