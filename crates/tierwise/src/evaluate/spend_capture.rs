//! What the customers with the highest predicted amounts bring: the share of all, against the best possible, and by tenths.

use super::falling_sums::FallingSums;
use super::rows::{ROUNDING, Rows, parameter};
use crate::Result;
use serde::Serialize;

/// What the share of the customers with the highest predictions brings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct SpendCapture {
    /// The share of the customers, the highest predictions first; in a random order it would bring this share of the whole.
    pub share: f64,
    /// How many customers that are.
    pub weight: f64,
    /// The lowest prediction among them.
    pub cut: f64,
    /// What they brought.
    pub amount: f64,
    /// Their share of what all brought.
    pub capture: f64,
    /// The share that the same number would have brought, had the outcome been known: nobody can do better.
    pub oracle: f64,
    /// `capture / oracle`.
    pub of_oracle: f64,
    /// `capture / share`: how many times what a random order brings.
    pub lift: f64,
}

/// What the customers with the highest predicted amounts bring, for each of some shares of the customers.
///
/// Where a share ends among equal predictions, or within a customer, it gets its part of their amounts: the expected value
/// over a random order of the equals. Amounts may be negative (returned goods) as long as their sum is above 0.
///
/// ```
/// use tierwise::evaluate::spend_capture;
/// let top = spend_capture(&[60.0, 0.0, 30.0, 10.0], &[5.0, 1.0, 2.0, 3.0], None, &[0.5])?[0];
/// assert_eq!((top.amount, top.capture, top.oracle), (70.0, 0.7, 0.9));
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for a share outside (0, 1] and for amounts whose sum is not
/// above 0; those of [`number_figures`](super::number_figures).
pub fn spend_capture(
    actual: &[f64],
    predicted: &[f64],
    weights: Option<&[f64]>,
    shares: &[f64],
) -> Result<Vec<SpendCapture>> {
    let rows = Rows::numbers(actual, predicted, weights)?;
    let of = |row: usize| [1.0, actual[row]];
    let by_prediction = FallingSums::new(&rows, of);
    let by_outcome = FallingSums::new(&Rows::numbers(actual, actual, weights)?, of);
    let [weight, amount] = by_prediction.all();
    let [size] = rows.sums(|row| [actual[row].abs()]);
    if amount.is_nan() || amount <= ROUNDING * size {
        let must_be = "amounts whose sum is above 0: a share of it means nothing else";
        return Err(parameter("spend_capture", "outcome", must_be, &amount));
    }
    let row = |&share: &f64| {
        check_share("spend_capture", share)?;
        let (cut, [within, captured]) = by_prediction.up_to(0, share * weight);
        let (_, [_, best]) = by_outcome.up_to(0, share * weight);
        let (capture, oracle) = (captured / amount, best / amount);
        let (of_oracle, lift) = (capture / oracle, capture / share);
        Ok(SpendCapture { share, weight: within, cut, amount: captured, capture, oracle, of_oracle, lift })
    };
    shares.iter().map(row).collect()
}

pub(super) fn check_share(of: &'static str, share: f64) -> Result<()> {
    if share > 0.0 && share <= 1.0 {
        return Ok(());
    }
    Err(parameter(of, "shares", "a list of numbers in (0, 1]", &share))
}

/// One of equally large groups of customers by predicted amount.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DecileRow {
    /// 1 for the group with the highest predictions.
    pub group: usize,
    /// Its highest prediction.
    pub highest: f64,
    /// Its lowest prediction.
    pub lowest: f64,
    /// How many rows it holds; a part of a row where it ends within one.
    pub rows: f64,
    /// How many customers: the same in every group.
    pub weight: f64,
    /// What was said, in the mean.
    pub mean_predicted: f64,
    /// What came, in the mean.
    pub mean_actual: f64,
    /// What was said, in all.
    pub sum_predicted: f64,
    /// What came, in all.
    pub sum_actual: f64,
    /// The share of all that came which this group and those above it hold; NaN where nothing came in all, or
    /// as much went as came.
    pub cumulative_share: f64,
}

/// Predicted and actual amounts by equally large groups of customers, the highest predictions first: tenths, unless another
/// number is wanted. A good prediction has means that agree in each group and fall from group to group.
///
/// Groups are equally large by weight. Where one ends among equal predictions, each side gets its part of them: the expected
/// value over a random order of the equals.
///
/// ```
/// use tierwise::evaluate::decile_table;
/// let table = decile_table(&[60.0, 0.0, 30.0, 10.0], &[50.0, 1.0, 20.0, 30.0], None, 2)?;
/// let found: Vec<_> = table.iter().map(|row| (row.mean_predicted, row.mean_actual, row.cumulative_share)).collect();
/// assert_eq!(found, [(40.0, 35.0, 0.7), (10.5, 15.0, 1.0)]);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`](crate::Error::InvalidParameter) unless there are 1 to 100 000 groups and no more than
/// rows that carry weight; those of [`number_figures`](super::number_figures).
pub fn decile_table(
    actual: &[f64],
    predicted: &[f64],
    weights: Option<&[f64]>,
    groups: usize,
) -> Result<Vec<DecileRow>> {
    let rows = Rows::numbers(actual, predicted, weights)?;
    check_groups("decile_table", "groups", groups, &rows)?;
    let per_row = |row: usize| [1.0 / rows.weight(row), 1.0, predicted[row], actual[row]];
    let sums = FallingSums::new(&rows, per_row);
    let [.., all] = sums.all();
    let [size] = rows.sums(|row| [actual[row].abs()]);
    let share_of_all = |sum: f64| if all.abs() > ROUNDING * size { sum / all } else { f64::NAN };
    let mut cumulative = 0.0;
    let row = |(at, (highest, lowest, [rows, weight, said, came])): (usize, (f64, f64, [f64; 4]))| {
        cumulative += came;
        DecileRow {
            group: at + 1,
            highest,
            lowest,
            rows,
            weight,
            mean_predicted: said / weight,
            mean_actual: came / weight,
            sum_predicted: said,
            sum_actual: came,
            cumulative_share: share_of_all(cumulative),
        }
    };
    Ok(sums.parts(1, groups).into_iter().enumerate().map(row).collect())
}

/// So many groups of equal weight must have a row each, at least.
pub(super) fn check_groups(of: &'static str, name: &'static str, groups: usize, rows: &Rows<'_>) -> Result<()> {
    const MOST: usize = 100_000;
    let counted = (0..rows.len()).filter(|&row| rows.weight(row) > 0.0).count();
    if (1..=MOST.min(counted)).contains(&groups) {
        return Ok(());
    }
    let must_be = format!("a whole number in [1, {}], no more than rows that carry weight", MOST.min(counted));
    Err(parameter(of, name, &must_be, &groups))
}
