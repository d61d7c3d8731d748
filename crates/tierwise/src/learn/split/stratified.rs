//! Rows drawn by lot so that every part has its share of either class.

use super::{Fold, check_folds, check_share, folds_of, lots, shuffle};
use crate::{Error, Outcome, Result};
use rand_chacha::ChaCha8Rng;

/// Deals the rows out to folds by lot, either class as evenly as can be: the rows of a class differ by at most one
/// between folds, and so do all rows together. With `repeats` this is done again with other lots, and the folds of all
/// repetitions follow one another.
///
/// Every row is tested exactly once per repetition. Which class is named positive makes no difference; weights are not
/// looked at.
///
/// ```
/// use tierwise::{Outcome, learn::stratified_folds};
/// let left: Vec<bool> = (0..103).map(|row| row % 10 == 0).collect();
/// let folds = stratified_folds(&Outcome::binary("left", &left), 5, 1, 0)?;
/// assert_eq!(folds.len(), 5);
/// for fold in &folds {
///     let events = fold.test.iter().filter(|&&row| left[row]).count();
///     assert!((2..=3).contains(&events) && (20..=21).contains(&fold.test.len()));
/// }
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] for fewer than 2 folds or no repetition, [`Error::EmptyTable`], and
/// [`Error::NotEnoughData`] when a class has fewer rows than there are folds.
pub fn stratified_folds(outcome: &Outcome<'_>, folds: usize, repeats: usize, seed: u64) -> Result<Vec<Fold>> {
    check_folds("stratified_folds", folds, repeats)?;
    let classes = classes(outcome)?;
    for rows in &classes {
        if rows.len() < folds {
            let what = format!("{folds} folds of the outcome `{}`: rows of {}", outcome.name(), class(outcome, rows));
            return Err(Error::NotEnoughData { what, needed: folds, found: rows.len() });
        }
    }
    let all = (0..repeats as u64).flat_map(|repetition| {
        let part_of_row = dealt(classes.clone(), outcome.values().len(), folds, &mut lots(seed, repetition));
        folds_of(&part_of_row, folds).collect::<Vec<_>>()
    });
    Ok(all.collect())
}

/// The part of each row, dealt out by lot as for [`stratified_folds`], however few rows a class has.
pub(in crate::learn) fn folds_by_lot(outcome: &Outcome<'_>, folds: usize, seed: u64) -> Vec<u32> {
    let classes = classes(outcome).unwrap_or_default();
    dealt(classes, outcome.values().len(), folds, &mut lots(seed, 0))
}

/// Sets a share of the rows aside for a test, the same share of either class to the nearest row, by lot.
///
/// ```
/// use tierwise::{Outcome, learn::train_test_split};
/// let left: Vec<bool> = (0..200).map(|row| row % 20 == 0).collect();
/// let split = train_test_split(&Outcome::binary("left", &left), 0.2, 0)?;
/// assert_eq!((split.train.len(), split.test.len()), (160, 40));
/// assert_eq!(split.test.iter().filter(|&&row| left[row]).count(), 2);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] for a share outside (0, 1), [`Error::EmptyTable`], and [`Error::NotEnoughData`] when a
/// class has fewer than two rows: one is needed on either side.
pub fn train_test_split(outcome: &Outcome<'_>, share: f64, seed: u64) -> Result<Fold> {
    check_share("train_test_split", share)?;
    let mut random = lots(seed, 0);
    let mut part_of_row = vec![0; outcome.values().len()];
    for mut rows in classes(outcome)? {
        if rows.len() < 2 {
            let what = format!("a split of the outcome `{}`: rows of {}", outcome.name(), class(outcome, &rows));
            return Err(Error::NotEnoughData { what, needed: 2, found: rows.len() });
        }
        shuffle(&mut rows, &mut random);
        let tested = (share * rows.len() as f64).round().clamp(1.0, rows.len() as f64 - 1.0);
        rows[..tested as usize].iter().for_each(|&row| part_of_row[row] = 1);
    }
    let (test, train) = (0..part_of_row.len()).partition(|&row| part_of_row[row] == 1);
    Ok(Fold { train, test })
}

/// The rows of either class, the class of the first row first, so that it does not matter which one is positive.
fn classes(outcome: &Outcome<'_>) -> Result<Vec<Vec<usize>>> {
    let values = outcome.values();
    let Some(&first) = values.first() else {
        return Err(Error::EmptyTable { what: format!("the outcome `{}`", outcome.name()) });
    };
    let (like_first, others): (Vec<_>, Vec<_>) = (0..values.len()).partition(|&row| values[row] == first);
    Ok(vec![like_first, others])
}

/// Goes on with the second class where the first one ended, so that the parts differ by at most one row in all.
fn dealt(classes: Vec<Vec<usize>>, rows: usize, folds: usize, random: &mut ChaCha8Rng) -> Vec<u32> {
    let mut order: Vec<u32> = (0..folds as u32).collect();
    shuffle(&mut order, random);
    let mut part_of_row = vec![0; rows];
    let mut next = order.iter().copied().cycle();
    for mut rows in classes {
        shuffle(&mut rows, random);
        for (row, part) in rows.into_iter().zip(&mut next) {
            part_of_row[row] = part;
        }
    }
    part_of_row
}

/// What the rows have in common, in words.
fn class(outcome: &Outcome<'_>, rows: &[usize]) -> String {
    let positive = match rows.first() {
        Some(&row) => outcome.values()[row] == 1.0,
        // No row at all: the class that does not occur is the other one.
        None => outcome.values().first() != Some(&1.0),
    };
    format!("{}`{}`", if positive { "" } else { "not " }, outcome.positive())
}
