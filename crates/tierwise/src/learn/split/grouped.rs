//! Splits that keep all rows of a customer on one side.

use super::{Fold, check_folds, check_share, folds_of, lots, shuffle};
use crate::keys::encode_keys;
use crate::{Error, Outcome, Result};
use std::hash::Hash;

/// Deals whole groups out to folds, so that no customer is both learned from and judged on. Folds are made as equal in
/// rows as the groups allow, and with an outcome as equal in rows of either class.
///
/// The largest groups are dealt first, groups of one size in an order drawn by lot, each to the fold that so far has the
/// least of what the group is made of. Folds depend on which rows the groups have, not on the order of the rows.
///
/// ```
/// use tierwise::learn::grouped_folds;
/// let customers = ["mia", "ben", "mia", "zoe", "ben", "mia", "kai"];
/// let folds = grouped_folds(&customers, None, 2, 0)?;
/// for fold in &folds {
///     assert!(fold.train.iter().all(|&row| fold.test.iter().all(|&other| customers[row] != customers[other])));
/// }
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] for fewer than 2 folds, [`Error::WrongLength`] for an outcome of another length,
/// [`Error::NotEnoughData`] for fewer groups than folds.
pub fn grouped_folds<K>(groups: &[K], outcome: Option<&Outcome<'_>>, folds: usize, seed: u64) -> Result<Vec<Fold>>
where
    K: Ord + Hash + Clone + Send + Sync,
{
    check_folds("grouped_folds", folds, 1)?;
    let part_of_row = dealt(groups, outcome, &vec![1.0 / folds as f64; folds], seed)?;
    Ok(folds_of(&part_of_row, folds).collect())
}

/// Sets whole groups aside for a test, with about `share` of the rows and, with an outcome, of either class.
///
/// ```
/// use tierwise::learn::grouped_split;
/// let customers: Vec<i64> = (0..100).map(|row| row / 4).collect();
/// let split = grouped_split(&customers, None, 0.2, 0)?;
/// assert_eq!(split.test.len(), 20);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] for a share outside (0, 1), [`Error::WrongLength`] for an outcome of another length,
/// [`Error::NotEnoughData`] for fewer than 2 groups, or when no group fits on one of the sides.
pub fn grouped_split<K>(groups: &[K], outcome: Option<&Outcome<'_>>, share: f64, seed: u64) -> Result<Fold>
where
    K: Ord + Hash + Clone + Send + Sync,
{
    check_share("grouped_split", share)?;
    let part_of_row = dealt(groups, outcome, &[1.0 - share, share], seed)?;
    let (test, train): (Vec<usize>, Vec<usize>) = (0..part_of_row.len()).partition(|&row| part_of_row[row] == 1);
    if test.is_empty() || train.is_empty() {
        let what = format!("a test with a share of {share} of the rows in whole groups: rows on the smaller side");
        return Err(Error::NotEnoughData { what, needed: 1, found: 0 });
    }
    Ok(Fold { train, test })
}

/// The part of each row. The sum over parts and classes of (rows / rows of the class)² / share is least when every
/// part has its share of every class; each group goes where it adds least to that sum.
fn dealt<K>(groups: &[K], outcome: Option<&Outcome<'_>>, shares: &[f64], seed: u64) -> Result<Vec<u32>>
where
    K: Ord + Hash + Clone + Send + Sync,
{
    let (codes, keys) = encode_keys(groups);
    let needed = shares.len();
    if keys.len() < needed {
        return Err(Error::NotEnoughData { what: "a split by groups: groups".into(), needed, found: keys.len() });
    }
    let counts = counted(&codes, keys.len(), outcome)?;
    let totals = counts.iter().fold([0.0; 2], |sum, group| [sum[0] + group[0], sum[1] + group[1]]);
    let mut order: Vec<usize> = (0..keys.len()).collect();
    shuffle(&mut order, &mut lots(seed, 0));
    order.sort_by(|&one, &other| size(&counts[other]).total_cmp(&size(&counts[one])));

    let mut parts = vec![[0.0; 2]; shares.len()];
    let mut part_of_group = vec![0_u32; keys.len()];
    for group in order {
        let added = |part: usize| -> f64 {
            let class = |class: usize| {
                let (have, more) = (parts[part][class], counts[group][class]);
                // A class that does not occur asks for nothing.
                more * (2.0 * have + more) / totals[class].max(1.0).powi(2)
            };
            (class(0) + class(1)) / shares[part]
        };
        let better = |&one: &usize, &other: &usize| {
            let full = |part: usize| size(&parts[part]) / shares[part];
            added(one).total_cmp(&added(other)).then(full(one).total_cmp(&full(other)))
        };
        let part = (0..shares.len()).min_by(better).unwrap_or_default();
        parts[part].iter_mut().zip(&counts[group]).for_each(|(have, more)| *have += more);
        part_of_group[group] = part as u32;
    }
    Ok(codes.into_iter().map(|code| part_of_group[code as usize]).collect())
}

/// The rows of each group, by class; without an outcome all are of one class.
fn counted(codes: &[u32], groups: usize, outcome: Option<&Outcome<'_>>) -> Result<Vec<[f64; 2]>> {
    let values = outcome.map(Outcome::values);
    if let Some(values) = values
        && values.len() != codes.len()
    {
        return Err(Error::WrongLength { what: "the outcome".into(), expected: codes.len(), found: values.len() });
    }
    let mut counts = vec![[0.0; 2]; groups];
    for (row, &code) in codes.iter().enumerate() {
        let class = usize::from(values.is_some_and(|values| values[row] == 1.0));
        counts[code as usize][class] += 1.0;
    }
    Ok(counts)
}

fn size(rows: &[f64; 2]) -> f64 {
    rows[0] + rows[1]
}
