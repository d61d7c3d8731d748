//! Which rows to learn from and which to judge on: by lot, by customer, by time.
//!
//! Every split is a list of [`Fold`]s. A split by lot depends on its seed and on nothing else: not on the machine, nor
//! on the number of threads. [`out_of_fold`] scores every row by a model that did not see it.

mod grouped;
mod out_of_fold;
mod stratified;
mod time;

pub use grouped::{grouped_folds, grouped_split};
pub(super) use out_of_fold::check_rows_of_folds;
pub use out_of_fold::out_of_fold;
pub(crate) use out_of_fold::scores_of_rows;
pub use stratified::{stratified_folds, train_test_split};
pub use time::{TimeFolds, time_split};

pub(super) use stratified::folds_by_lot;

use crate::{Error, Result};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// The rows to learn from and the rows to judge on, each ascending; no row is in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// Rows to learn from.
    pub train: Vec<usize>,
    /// Rows to judge on.
    pub test: Vec<usize>,
}

/// The folds of an assignment of rows to `folds` parts: each part is the test of one fold, all others its training.
fn folds_of(part_of_row: &[u32], folds: usize) -> impl Iterator<Item = Fold> {
    (0..folds as u32).map(|part| {
        let (test, train) = (0..part_of_row.len()).partition(|&row| part_of_row[row] == part);
        Fold { train, test }
    })
}

/// A source of lots for one repetition: repetitions of one seed do not overlap.
fn lots(seed: u64, repetition: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(repetition);
    random
}

/// Puts items in an order drawn by lot (Fisher and Yates, as in Durstenfeld 1964).
fn shuffle<T>(items: &mut [T], random: &mut ChaCha8Rng) {
    for last in (1..items.len()).rev() {
        let other = ((u128::from(random.next_u64()) * (last as u128 + 1)) >> 64) as usize;
        items.swap(last, other);
    }
}

fn check_folds(of: &'static str, folds: usize, repeats: usize) -> Result<()> {
    if folds < 2 {
        return Err(invalid(of, "folds", "a whole number of at least 2", folds.to_string()));
    }
    if repeats == 0 {
        return Err(invalid(of, "repeats", "a whole number of at least 1", "0".into()));
    }
    Ok(())
}

fn check_share(of: &'static str, share: f64) -> Result<()> {
    if share > 0.0 && share < 1.0 {
        return Ok(());
    }
    Err(invalid(of, "share", "a number in (0, 1)", share.to_string()))
}

fn invalid(of: &'static str, name: &'static str, must_be: &str, got: String) -> Error {
    Error::InvalidParameter { of, name, must_be: must_be.into(), got }
}
