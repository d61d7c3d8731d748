//! How far off predicted amounts are: spend, orders, days, whatever is a number.

use super::rows::{Rows, parameter, reaches};
use crate::{Error, Result};
use serde::Serialize;

/// The figures of predicted amounts, in one go. Amounts are in the unit of the outcome; percentages are shares, 0.1 for 10 %.
///
/// Where a figure is not defined it is `None`; the function of the same name says why.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NumberFigures {
    /// Rows that carry weight.
    pub rows: usize,
    /// Their weight: how many customers they stand for.
    pub weight: f64,
    /// The mean of the outcome.
    pub mean_actual: f64,
    /// The mean of the prediction.
    pub mean_predicted: f64,
    /// [`mean_absolute_error`].
    pub mean_absolute_error: f64,
    /// [`median_absolute_error`].
    pub median_absolute_error: f64,
    /// [`root_mean_squared_error`].
    pub root_mean_squared_error: f64,
    /// [`bias`].
    pub bias: f64,
    /// [`mean_absolute_percentage_error`]; not defined where an outcome is 0.
    pub mean_absolute_percentage_error: Option<f64>,
    /// [`weighted_absolute_percentage_error`]; not defined where all outcomes are 0.
    pub weighted_absolute_percentage_error: Option<f64>,
    /// [`r_squared`]; not defined where all outcomes are equal.
    pub r_squared: Option<f64>,
}

/// All figures of predicted amounts: see [`NumberFigures`].
///
/// `weights` say how many customers each row stands for; a row of weight 0 does not count.
///
/// ```
/// use tierwise::evaluate::number_figures;
/// let found = number_figures(&[0.0, 10.0, 40.0], &[5.0, 10.0, 30.0], None)?;
/// assert_eq!((found.mean_absolute_error, found.bias), (5.0, -5.0 / 3.0));
/// assert_eq!(found.weighted_absolute_percentage_error, Some(0.3));
/// assert_eq!(found.mean_absolute_percentage_error, None); // of an outcome of 0 there is no percentage
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::EmptyTable`]; [`Error::WrongLength`]; [`Error::InvalidValue`] with the row for an outcome or a prediction that is
/// unknown or beyond ±1e100; those of [`Outcome::weights`](crate::Outcome::weights).
pub fn number_figures(actual: &[f64], predicted: &[f64], weights: Option<&[f64]>) -> Result<NumberFigures> {
    let rows = Rows::numbers(actual, predicted, weights)?;
    let weight = total(&rows);
    let [mean_actual, mean_predicted] = rows.sums(|row| [actual[row], predicted[row]]).map(|sum| sum / weight);
    Ok(NumberFigures {
        rows: (0..rows.len()).filter(|&row| rows.weight(row) > 0.0).count(),
        weight,
        mean_actual,
        mean_predicted,
        mean_absolute_error: absolute(&rows),
        median_absolute_error: median(&rows),
        root_mean_squared_error: root_mean_squared(&rows),
        bias: signed(&rows),
        mean_absolute_percentage_error: percentage(&rows).ok(),
        weighted_absolute_percentage_error: of_sums(&rows).ok(),
        r_squared: explained(&rows).ok(),
    })
}

/// The mean of `|predicted − actual|` (MAE), in the unit of the outcome. The median is what makes it smallest.
///
/// ```
/// use tierwise::evaluate::mean_absolute_error;
/// assert_eq!(mean_absolute_error(&[1.0, 2.0, 6.0], &[2.0, 2.0, 2.0], None)?, 5.0 / 3.0);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`number_figures`].
pub fn mean_absolute_error(actual: &[f64], predicted: &[f64], weights: Option<&[f64]>) -> Result<f64> {
    Ok(absolute(&Rows::numbers(actual, predicted, weights)?))
}

/// The median of `|predicted − actual|`, which a few customers far off do not move; of two middle ones their mean.
///
/// ```
/// use tierwise::evaluate::median_absolute_error;
/// assert_eq!(median_absolute_error(&[1.0, 2.0, 600.0], &[2.0, 2.0, 2.0], None)?, 1.0);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`number_figures`].
pub fn median_absolute_error(actual: &[f64], predicted: &[f64], weights: Option<&[f64]>) -> Result<f64> {
    Ok(median(&Rows::numbers(actual, predicted, weights)?))
}

/// The root of the mean of `(predicted − actual)²` (RMSE), in the unit of the outcome: a few large errors rule it. The mean
/// is what makes it smallest.
///
/// ```
/// use tierwise::evaluate::root_mean_squared_error;
/// assert_eq!(root_mean_squared_error(&[1.0, 2.0], &[4.0, 6.0], None)?, 12.5_f64.sqrt());
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`number_figures`].
pub fn root_mean_squared_error(actual: &[f64], predicted: &[f64], weights: Option<&[f64]>) -> Result<f64> {
    Ok(root_mean_squared(&Rows::numbers(actual, predicted, weights)?))
}

/// The mean of `predicted − actual`: above 0 where too much is promised, whoever gets it.
///
/// ```
/// use tierwise::evaluate::bias;
/// assert_eq!(bias(&[1.0, 3.0], &[2.0, 4.0], None)?, 1.0);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`number_figures`].
pub fn bias(actual: &[f64], predicted: &[f64], weights: Option<&[f64]>) -> Result<f64> {
    Ok(signed(&Rows::numbers(actual, predicted, weights)?))
}

/// The mean of `|predicted − actual| / |actual|` (MAPE), as a share. It punishes too much more than too little, so
/// the forecast that makes it smallest is too low (Gneiting 2011, *Making and evaluating point forecasts*, section 4).
///
/// ```
/// use tierwise::evaluate::mean_absolute_percentage_error;
/// assert_eq!(mean_absolute_percentage_error(&[10.0, 20.0], &[15.0, 15.0], None)?, 0.375);
/// let free = mean_absolute_percentage_error(&[10.0, 0.0], &[15.0, 15.0], None).unwrap_err();
/// assert!(free.to_string().starts_with("the outcome at row 1 is 0; "));
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidValue`] with the row for an outcome of 0, of which there is no percentage; those of [`number_figures`].
pub fn mean_absolute_percentage_error(actual: &[f64], predicted: &[f64], weights: Option<&[f64]>) -> Result<f64> {
    percentage(&Rows::numbers(actual, predicted, weights)?)
}

/// The sum of `|predicted − actual|` over the sum of `|actual|` (WAPE), as a share: customers count by their amount, and an
/// outcome of 0 does no harm (Kolassa & Schütz 2007, *Advantages of the MAD/Mean ratio over the MAPE*).
///
/// ```
/// use tierwise::evaluate::weighted_absolute_percentage_error;
/// assert_eq!(weighted_absolute_percentage_error(&[10.0, 0.0, 30.0], &[15.0, 5.0, 20.0], None)?, 0.5);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] where all outcomes are 0; those of [`number_figures`].
pub fn weighted_absolute_percentage_error(actual: &[f64], predicted: &[f64], weights: Option<&[f64]>) -> Result<f64> {
    of_sums(&Rows::numbers(actual, predicted, weights)?)
}

/// The share of the outcome's variance that the prediction explains (R²): 1 is perfect, 0 is as good as the mean of these
/// very rows, below 0 is worse.
///
/// ```
/// use tierwise::evaluate::r_squared;
/// assert_eq!(r_squared(&[1.0, 2.0, 3.0], &[1.0, 2.0, 2.0], None)?, 0.5);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] where all outcomes are equal; those of [`number_figures`].
pub fn r_squared(actual: &[f64], predicted: &[f64], weights: Option<&[f64]>) -> Result<f64> {
    explained(&Rows::numbers(actual, predicted, weights)?)
}

/// The loss of a predicted quantile (Koenker & Bassett 1978): `quantile · (actual − predicted)` where too little was said and
/// `(1 − quantile) · (predicted − actual)` where too much, in the mean. At 0.5 it is half the mean absolute error.
///
/// ```
/// use tierwise::evaluate::pinball_loss;
/// assert!((pinball_loss(&[1.0, 2.0], &[2.0, 0.0], None, 0.9)? - (0.1 + 1.8) / 2.0).abs() < 1e-15);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] for a quantile outside (0, 1); those of [`number_figures`].
pub fn pinball_loss(actual: &[f64], predicted: &[f64], weights: Option<&[f64]>, quantile: f64) -> Result<f64> {
    if !(quantile > 0.0 && quantile < 1.0) {
        return Err(parameter("pinball_loss", "quantile", "a number in (0, 1)", &quantile));
    }
    let rows = Rows::numbers(actual, predicted, weights)?;
    Ok(mean(&rows, |row| row_pinball(rows.error(row), quantile)))
}

pub(super) fn row_pinball(error: f64, quantile: f64) -> f64 {
    if error < 0.0 { -quantile * error } else { (1.0 - quantile) * error }
}

/// The relative error of a row.
pub(super) fn row_percentage(rows: &Rows<'_>, row: usize) -> Result<f64> {
    if rows.happened[row] == 0.0 {
        let must_be = "of 0 there is no percentage; take `weighted_absolute_percentage_error`, which divides sums, or leave such rows out";
        return Err(Error::invalid_value("the outcome", row, 0.0, must_be));
    }
    Ok(rows.error(row).abs() / rows.happened[row].abs())
}

impl Rows<'_> {
    /// What was said less what came.
    pub(super) fn error(&self, row: usize) -> f64 {
        self.scores[row] - self.happened[row]
    }
}

pub(super) fn total(rows: &Rows<'_>) -> f64 {
    rows.sums(|_| [1.0])[0]
}

pub(super) fn mean(rows: &Rows<'_>, of: impl Fn(usize) -> f64 + Sync + Send) -> f64 {
    let [sum, weight] = rows.sums(|row| [of(row), 1.0]);
    sum / weight
}

fn absolute(rows: &Rows<'_>) -> f64 {
    mean(rows, |row| rows.error(row).abs())
}

fn signed(rows: &Rows<'_>) -> f64 {
    mean(rows, |row| rows.error(row))
}

fn root_mean_squared(rows: &Rows<'_>) -> f64 {
    mean(rows, |row| rows.error(row) * rows.error(row)).sqrt()
}

fn percentage(rows: &Rows<'_>) -> Result<f64> {
    let counted = (0..rows.len()).filter(|&row| rows.weight(row) > 0.0);
    if let Some(row) = counted.into_iter().find(|&row| rows.happened[row] == 0.0) {
        row_percentage(rows, row)?;
    }
    Ok(mean(rows, |row| rows.error(row).abs() / rows.happened[row].abs()))
}

fn of_sums(rows: &Rows<'_>) -> Result<f64> {
    let [errors, amounts] = rows.sums(|row| [rows.error(row).abs(), rows.happened[row].abs()]);
    if amounts == 0.0 {
        let must_be = "an outcome that is not 0 in every row: of 0 there is no percentage";
        return Err(parameter("weighted_absolute_percentage_error", "outcome", must_be, &"0 in every row"));
    }
    Ok(errors / amounts)
}

fn explained(rows: &Rows<'_>) -> Result<f64> {
    let centre = mean(rows, |row| rows.happened[row]);
    let first = (0..rows.len()).find(|&row| rows.weight(row) > 0.0).map_or(f64::NAN, |row| rows.happened[row]);
    let [errors, spread, other] = rows.sums(|row| {
        let away = rows.happened[row] - centre;
        [rows.error(row) * rows.error(row), away * away, f64::from(u8::from(rows.happened[row] != first))]
    });
    if other == 0.0 || spread == 0.0 {
        let must_be = "an outcome that is not the same in every row: there is no variance to explain";
        return Err(parameter("r_squared", "outcome", must_be, &format!("{first} in every row")));
    }
    Ok(1.0 - errors / spread)
}

fn median(rows: &Rows<'_>) -> f64 {
    let order = by_absolute_error(rows);
    let half = order.iter().map(|&(_, row)| rows.weight(row)).sum::<f64>() / 2.0;
    median_of(order.iter().map(|&(_, row)| (rows.error(row).abs(), rows.weight(row))), half)
}

/// The rows that carry weight by rising distance between outcome and prediction.
pub(super) fn by_absolute_error(rows: &Rows<'_>) -> Vec<(u64, usize)> {
    let counted = (0..rows.len()).filter(|&row| rows.weight(row) > 0.0);
    // Numbers from 0 upwards sort as their bits do.
    let mut order: Vec<_> = counted.map(|row| (rows.error(row).abs().to_bits(), row)).collect();
    crate::parallel::sort(&mut order);
    order
}

/// The value at which the weights of rising values reach `half` of them; the mean with the next where they reach it exactly.
pub(super) fn median_of(rising: impl Iterator<Item = (f64, f64)>, half: f64) -> f64 {
    let (mut up_to, mut at_half) = (0.0, None);
    for (value, weight) in rising.filter(|(_, weight)| *weight > 0.0) {
        if let Some(lower) = at_half {
            return f64::midpoint(lower, value);
        }
        up_to += weight;
        if !reaches(half, up_to) {
            return value;
        }
        at_half = reaches(up_to, half).then_some(value);
    }
    at_half.unwrap_or(f64::NAN)
}
