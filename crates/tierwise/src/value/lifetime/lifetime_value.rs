//! Money: purchases to come, times what they bring, at today's worth.

use super::forecast::{Forecast, Steps};
use super::gamma_gamma::GammaGamma;
use super::histories::Histories;
use super::interval::{Interval, Scale, check_level, interval};
use super::purchase_model::PurchaseModel;
use crate::{Error, Result};

/// What customers paid so far, counted as the model of spend counted it: most often in repeat purchases, but it may be in
/// all purchases, or in those that cost anything.
#[derive(Debug, Clone, Copy)]
pub struct PaidAmounts<'a> {
    /// In how many purchases each customer paid; 0 where nothing is known of him.
    pub purchases: &'a [f64],
    /// The mean amount of these; anything for a customer without.
    pub mean: &'a [f64],
}

/// What each customer will bring within a horizon, at its worth when the horizon begins: discounted purchases × mean amount × margin.
///
/// Purchases and amounts are taken for unrelated, as Gamma-Gamma does. The first purchase of new customers is not in it, nor is what it cost to win them.
///
/// # Errors
/// Those of [`PurchaseModel::forecast`] and [`GammaGamma::expected`]; [`Error::InvalidParameter`] unless the
/// margin is a share in (0, 1].
///
/// ```
/// use tierwise::value::{GammaGamma, Histories, PaidAmounts, PurchaseModel, PurchaseProcess, Steps, lifetime_value};
/// let purchases = PurchaseModel::new(PurchaseProcess::ParetoNbd, [0.553, 10.58, 0.606, 11.656])?;
/// let spend = GammaGamma::new([6.25, 3.74, 15.44])?;
/// let customers = Histories::new(&[2.0, 0.0], &[30.43, 0.0], &[38.86, 38.86])?;
/// let year = Steps { steps: 52, periods: 1.0, rate: 0.002, after: 0.0 };
/// let paid = PaidAmounts { purchases: customers.repeats(), mean: &[22.35, f64::NAN] };
/// let value = lifetime_value(&purchases, &spend, &customers, paid, year, 0.3)?;
/// assert!(value[0] > 10.0 && value[0] < 15.0 && value[1] < 2.0);
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn lifetime_value(
    purchases: &PurchaseModel,
    spend: &GammaGamma,
    histories: &Histories,
    paid: PaidAmounts<'_>,
    horizon: Steps,
    margin: f64,
) -> Result<Vec<f64>> {
    check_margin(margin)?;
    paid.check(histories)?;
    let amounts = spend.expected(paid.purchases, paid.mean)?;
    let counts = purchases.forecast(histories, Forecast::DiscountedInSteps(horizon))?;
    Ok(counts.into_iter().zip(amounts).map(|(count, amount)| count * amount * margin).collect())
}

/// As [`lifetime_value`], with an interval of that mean: the standard errors of both models' logarithms, by the delta method,
/// add as squares. What a customer will bring scatters far more.
///
/// # Errors
/// Those of [`lifetime_value`]; [`Error::NotEnoughData`] for a model without standard errors;
/// [`Error::InvalidParameter`] for a level outside (0, 1).
pub fn lifetime_value_with_interval(
    purchases: &PurchaseModel,
    spend: &GammaGamma,
    histories: &Histories,
    paid: PaidAmounts<'_>,
    horizon: Steps,
    margin: f64,
    level: f64,
) -> Result<Vec<Interval>> {
    check_level("lifetime_value", level)?;
    check_margin(margin)?;
    paid.check(histories)?;
    let amounts = spend.spread(paid.purchases, paid.mean)?;
    let counts = purchases.spread(histories, Forecast::DiscountedInSteps(horizon), Scale::Logarithm)?;
    let both = counts.into_iter().zip(amounts);
    let value = |((count, of_count), (amount, of_amount)): ((f64, f64), (f64, f64))| {
        interval(count * amount * margin, libm::hypot(of_count, of_amount), Scale::Logarithm, level)
    };
    both.map(value).collect()
}

impl PaidAmounts<'_> {
    fn check(&self, histories: &Histories) -> Result<()> {
        let (expected, found) = (histories.len(), self.purchases.len());
        if expected == found {
            return Ok(());
        }
        Err(Error::WrongLength { what: "the amounts that customers paid".into(), expected, found })
    }
}

/// What of the money is left is not more than the money.
fn check_margin(margin: f64) -> Result<()> {
    if margin > 0.0 && margin <= 1.0 {
        return Ok(());
    }
    let must_be = "a share in (0, 1]; divide per cent by 100".into();
    Err(Error::InvalidParameter { of: "lifetime_value", name: "margin", must_be, got: margin.to_string() })
}
