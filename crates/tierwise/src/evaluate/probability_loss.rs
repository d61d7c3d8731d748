//! What wrong probabilities cost: log-loss and the Brier score.

use super::rows::{Rows, parameter};
use crate::{Outcome, Result};

/// The mean of `−ln p` of what happened, with `p` the probability that was given to it; 0 is perfect, and a model that
/// knows only the base rate `r` gets `−r ln r − (1 − r) ln (1 − r)`.
///
/// Each `probabilities[row]` is the probability of the positive class. `clip` keeps them within `[clip, 1 − clip]`. With
/// 0 nothing is clipped, and one certainty that turned out wrong makes the loss **infinite**, which is what it is;
/// scikit-learn clips at 2.2e-16, so that such a row costs 36.04 instead. One outcome alone is enough, of booleans and of ones and zeros; of labels the positive
/// one must occur.
///
/// ```
/// use tierwise::{Outcome, evaluate::log_loss};
/// let bought = Outcome::binary("bought", &[true, false, true]);
/// assert!((log_loss(&bought, &[0.9, 0.2, 0.5], 0.0)? - 0.3405504).abs() < 1e-6);
/// assert_eq!(log_loss(&bought, &[0.9, 1.0, 0.5], 0.0)?, f64::INFINITY);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::EmptyTable`](crate::Error::EmptyTable); [`Error::WrongLength`](crate::Error::WrongLength);
/// [`Error::InvalidValue`](crate::Error::InvalidValue) with the row for a probability outside [0, 1], and with the
/// heaviest row for weights that together lie outside [1e-15, 1e15];
/// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for `clip` outside [0, 0.5).
pub fn log_loss(outcome: &Outcome<'_>, probabilities: &[f64], clip: f64) -> Result<f64> {
    check_clip("log_loss", clip)?;
    let rows = Rows::probable("log_loss", outcome, probabilities)?;
    let [loss, weight] = rows.sums(|row| [row_log_loss(rows.happened[row], rows.scores[row], clip), 1.0]);
    Ok(loss / weight)
}

/// The mean squared difference between probability and outcome (Brier 1950, for two classes, from 0 to 1).
///
/// ```
/// use tierwise::{Outcome, evaluate::brier};
/// let bought = Outcome::binary("bought", &[true, false, true]);
/// assert!((brier(&bought, &[0.9, 0.2, 0.5])? - 0.1).abs() < 1e-15);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`log_loss`] that concern the data.
pub fn brier(outcome: &Outcome<'_>, probabilities: &[f64]) -> Result<f64> {
    let rows = Rows::probable("brier", outcome, probabilities)?;
    let [loss, weight] = rows.sums(|row| [row_brier(rows.happened[row], rows.scores[row]), 1.0]);
    Ok(loss / weight)
}

pub(super) fn check_clip(of: &'static str, clip: f64) -> Result<()> {
    if (0.0..0.5).contains(&clip) {
        return Ok(());
    }
    Err(parameter(of, "clip", "a number in [0, 0.5)", &clip))
}

#[inline]
pub(super) fn row_log_loss(happened: f64, probability: f64, clip: f64) -> f64 {
    let clipped = probability.clamp(clip, 1.0 - clip);
    // 0 is taken from 0, so that a certainty that came true costs 0 and not -0.
    0.0 - if happened == 1.0 {
        libm::log(clipped)
    } else if probability > 1.0 - clip {
        libm::log(clip) // 1 − (1 − clip) would be another number
    } else {
        libm::log1p(-clipped)
    }
}

#[inline]
pub(super) fn row_brier(happened: f64, probability: f64) -> f64 {
    (probability - happened) * (probability - happened)
}
