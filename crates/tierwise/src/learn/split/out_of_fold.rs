//! Scores by models that did not see the row.

use super::{Fold, invalid};
use crate::{Columns, Error, Fit, Fitted, Outcome, Progress, Result, Score};
use std::ops::ControlFlow;

/// The score of each row by a model that was fitted without it: what calibration, thresholds and honest figures need.
///
/// Each fold's model is fitted on its training rows, with their weights and offsets, and scores its test rows. A row that
/// is tested several times gets the mean of its scores; a row that is never tested is NaN. Scores are without offsets,
/// as those of any model.
///
/// `progress` is told after each step of each fit: `step` is the fold and `limit` the number of folds. When it breaks,
/// the fit stops with [`Error::Cancelled`].
///
/// ```
/// use std::ops::ControlFlow;
/// use tierwise::learn::{Logistic, out_of_fold, stratified_folds};
/// use tierwise::{Columns, Feature, Outcome};
/// let visits: Vec<f64> = (0..60).map(|row| f64::from(row % 6)).collect();
/// let won: Vec<bool> = (0..60).map(|row| row % 6 + row % 4 > 4).collect();
/// let features = [Feature::number("visits")];
/// let (columns, won) = (Columns::new(&features, &[("visits", &visits)])?, Outcome::binary("won", &won));
///
/// let folds = stratified_folds(&won, 5, 1, 0)?;
/// let scores = out_of_fold(&Logistic::new(), &columns, &won, &folds, &mut |_| ControlFlow::Continue(()))?;
/// assert!(scores[5] > scores[0] && scores.iter().all(|score| score.is_finite()));
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::WrongLength`] for an outcome of another length than the table, [`Error::InvalidParameter`] for no fold or a
/// fold that names a row the table does not have or tests what it learns from, and what a fit refuses, as
/// [`Error::OneOfSeveral`] with the fold.
pub fn out_of_fold<L: Fit>(
    learner: &L,
    data: &Columns<'_>,
    outcome: &Outcome<'_>,
    folds: &[Fold],
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Vec<f64>> {
    outcome.check(data)?;
    check_rows_of_folds("out_of_fold", folds, outcome.values().len())?;
    let mut sums = vec![0.0; outcome.values().len()];
    let mut times = vec![0_u32; sums.len()];
    for (index, fold) in folds.iter().enumerate() {
        let mut of_folds = |step: Progress| progress(Progress { step: index, limit: folds.len(), ..step });
        let train = data.take(&fold.train);
        let fitted = learner.fit_with(&train.columns(), &outcome.take(&fold.train), &mut of_folds);
        let Fitted { model, report } = fitted.map_err(|cause| cause.of(format!("fold {index}")))?;
        for (&row, score) in fold.test.iter().zip(scores_of_rows(&model, data, &fold.test)?) {
            sums[row] += score;
            times[row] += 1;
        }
        let done = Progress { step: index + 1, limit: folds.len(), objective: report.objective };
        if progress(done).is_break() {
            return Err(Error::Cancelled { steps: index + 1 });
        }
    }
    // 0 / 0 is NaN: never tested, not known.
    Ok(sums.into_iter().zip(times).map(|(sum, times)| sum / f64::from(times)).collect())
}

/// A model may know fewer features than it was given to learn from: columns are found by name.
pub(crate) fn scores_of_rows(model: &impl Score, data: &Columns<'_>, rows: &[usize]) -> Result<Vec<f64>> {
    let taken = data.take(rows);
    let columns = taken.columns();
    let names = columns.features().iter().enumerate();
    let named: Vec<(&str, &[f64])> = names.map(|(index, feature)| (feature.name(), columns.column(index))).collect();
    crate::score(model, &Columns::new(model.features(), &named)?)
}

/// Refuses folds that the function `of` cannot judge on.
pub(in crate::learn) fn check_rows_of_folds(of: &'static str, folds: &[Fold], rows: usize) -> Result<()> {
    if folds.is_empty() {
        return Err(invalid(of, "folds", "at least one fold", "none".into()));
    }
    for (index, fold) in folds.iter().enumerate() {
        if let Some(row) = fold.train.iter().chain(&fold.test).find(|&&row| row >= rows) {
            let must_be = format!("rows below {rows}, the length of the table");
            return Err(invalid(of, "folds", &must_be, format!("row {row} in fold {index}")));
        }
        let mut learned = vec![false; rows];
        fold.train.iter().for_each(|&row| learned[row] = true);
        if let Some(row) = fold.test.iter().find(|&&row| learned[row]) {
            let must_be = "folds that do not test the rows they learn from";
            return Err(invalid(of, "folds", must_be, format!("row {row} on both sides of fold {index}")));
        }
    }
    Ok(())
}
