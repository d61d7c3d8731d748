//! How much of what a customer spends is spent with us.

use crate::{Error, Result};

/// Shares of wallet, one element per customer.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct WalletShare {
    /// Own spend by all spend; NaN where one is unknown.
    pub share: Vec<f64>,
    /// All spend × (target share − share): what is missing to the target; below 0 where the share is beyond it. `None`
    /// without a target.
    pub headroom: Option<Vec<f64>>,
}

/// The share of wallet: what a customer spends with us, by what it spends with all suppliers in the same period; and
/// the headroom up to a target share (source 001).
///
/// ```
/// use tierwise::value::share_of_wallet;
/// // one account's spend of 3 billion with five suppliers (source 001, in 100 millions)
/// let found = share_of_wallet(&[11.0, 6.0, 5.0, 4.0, 4.0], &[30.0; 5], Some(&[0.4; 5]))?;
/// let percent: Vec<f64> = found.share.iter().map(|share| (share * 100.0).round()).collect();
/// assert_eq!(percent, [37.0, 20.0, 17.0, 13.0, 13.0]);
/// assert!((found.headroom.unwrap()[0] - 1.0).abs() < 1e-12);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::WrongLength`]; [`Error::InvalidValue`] with the row for own spend above all spend, a negative or infinite spend, a
/// customer who spends nothing (there is no share), and a target outside [0, 1].
pub fn share_of_wallet(own: &[f64], total: &[f64], target: Option<&[f64]>) -> Result<WalletShare> {
    let none = vec![f64::NAN; own.len()];
    let targets = target.unwrap_or(&none);
    for (what, found) in [("all spend", total.len()), ("the target share", targets.len())] {
        if found != own.len() {
            return Err(Error::WrongLength { what: what.into(), expected: own.len(), found });
        }
    }
    for (row, ((&own, &total), &target)) in own.iter().zip(total).zip(targets).enumerate() {
        check_row(row, own, total, target)?;
    }
    let share = own.iter().zip(total).map(|(own, total)| own / total).collect();
    // The same as total × (target − share), with one rounding less.
    let headroom = |target: &[f64]| (0..own.len()).map(|row| total[row] * target[row] - own[row]).collect();
    Ok(WalletShare { share, headroom: target.map(headroom) })
}

/// Comparisons with NaN are false: what is unknown passes.
fn check_row(row: usize, own: f64, total: f64, target: f64) -> Result<()> {
    let spend = "spend must be a finite number, 0 or more, or unknown; take returns off before the call";
    if own < 0.0 || own.is_infinite() {
        return Err(Error::invalid_value("own spend", row, own, spend));
    }
    if total < 0.0 || total.is_infinite() {
        return Err(Error::invalid_value("all spend", row, total, spend));
    }
    if own > total {
        let must_be = format!(
            "it must not be above all spend, which is {total}; take both for the same period, products and currency"
        );
        return Err(Error::invalid_value("own spend", row, own, &must_be));
    }
    if total == 0.0 {
        let must_be = "a customer who spends nothing has no share of wallet; leave the row out, or make it unknown";
        return Err(Error::invalid_value("all spend", row, total, must_be));
    }
    if !target.is_nan() && !(0.0..=1.0).contains(&target) {
        return Err(Error::invalid_value(
            "the target share",
            row,
            target,
            "it must be a share from 0 to 1 (divide per cent by 100), or unknown",
        ));
    }
    Ok(())
}
