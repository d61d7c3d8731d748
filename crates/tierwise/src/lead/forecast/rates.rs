//! The rate at which leads sign next month, as a weighted mean of the rates of the months before.

use super::history::Month;
use crate::{Error, Result};
use libm::pow;
use serde::{Deserialize, Serialize};

/// How the rates of the months before become the rate of the next month.
///
/// The source document computes "the mean of the last 3 months' rates" and leaves open whether it is the mean of the
/// ratios or the ratio of the sums; both are here by name, and [`forecast_backtest`](super::forecast_backtest) reports
/// both. Months without leads have no rate: they are passed over, not read as 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
pub enum RateMethod {
    /// The mean of the rates of the last `months` months that have leads: every month weighs the same.
    MeanOfRates {
        /// How many months.
        months: usize,
    },
    /// All signings over all leads of the last `months` months that have leads: every lead weighs the same.
    PooledRate {
        /// How many months.
        months: usize,
    },
    /// Simple exponential smoothing in which a month weighs (1 − α)^age times its leads, over the whole history; the
    /// age is counted in months from the last month that has leads.
    Smoothing {
        /// α in (0, 1]; at 1 the last rate is the forecast. Without it, the value of 0.01, 0.02, …, 1 is taken that had
        /// the least squared error one month ahead, weighted by leads and summed over the classes.
        alpha: Option<f64>,
    },
}

impl Default for RateMethod {
    /// The mean of the last three months' rates.
    fn default() -> Self {
        Self::MeanOfRates { months: 3 }
    }
}

impl RateMethod {
    /// The name of the method, in `snake_case`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::MeanOfRates { .. } => "mean_of_rates",
            Self::PooledRate { .. } => "pooled_rate",
            Self::Smoothing { .. } => "smoothing",
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        let parameter =
            |name, must_be: &str, got| Error::InvalidParameter { of: "RateMethod", name, must_be: must_be.into(), got };
        match *self {
            Self::MeanOfRates { months: 0 } | Self::PooledRate { months: 0 } => {
                Err(parameter("months", "a whole number of at least 1", "0".into()))
            }
            Self::Smoothing { alpha: Some(alpha) } if !(alpha > 0.0 && alpha <= 1.0) => {
                Err(parameter("alpha", "a number in (0, 1]", alpha.to_string()))
            }
            _ => Ok(()),
        }
    }

    /// How many months with leads a class must have.
    pub(super) fn least_months(&self) -> usize {
        match *self {
            Self::MeanOfRates { months } | Self::PooledRate { months } => months,
            Self::Smoothing { alpha: Some(_) } => 1,
            // One month to start from, and two errors, of which a single one would be followed blindly.
            Self::Smoothing { alpha: None } => 3,
        }
    }
}

/// The months with leads, each with its weight; the weights add up to 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Weighted {
    months: Vec<(f64, Month)>,
}

impl Weighted {
    /// The forecast rate.
    pub(super) fn rate(&self) -> f64 {
        // Weights add up to 1 but for rounding, and a rate must not leave [0, 1] by that.
        self.months.iter().map(|(weight, month)| weight * month.rate()).sum::<f64>().clamp(0.0, 1.0)
    }

    /// Σ w² / n: the variance of the rate in units of p(1 − p), if leads sign independently.
    pub(super) fn per_lead(&self) -> f64 {
        self.months.iter().map(|(weight, month)| weight * weight / month.leads).sum()
    }

    /// Σ w² (n − 1) / n: what over-dispersion adds to it.
    pub(super) fn per_month(&self) -> f64 {
        self.months.iter().map(|(weight, month)| weight * weight * (month.leads - 1.0) / month.leads).sum()
    }
}

impl Month {
    fn rate(&self) -> f64 {
        self.signed / self.leads
    }
}

/// The weights of one class. `alpha` is the one chosen, where the method is smoothing.
pub(super) fn weigh(method: &RateMethod, alpha: f64, class: &str, months: &[Month]) -> Result<Weighted> {
    let usable: Vec<Month> = months.iter().copied().filter(|month| month.leads > 0.0).collect();
    let needed = method.least_months();
    if usable.len() < needed {
        let what = format!("the rate of class `{class}` by {} (months with leads)", method.name());
        return Err(Error::NotEnoughData { what, needed, found: usable.len() });
    }
    let weights: Vec<(f64, Month)> = match *method {
        RateMethod::MeanOfRates { months } => usable[usable.len() - months..].iter().map(|&m| (1.0, m)).collect(),
        RateMethod::PooledRate { months } => usable[usable.len() - months..].iter().map(|&m| (m.leads, m)).collect(),
        RateMethod::Smoothing { .. } => {
            let last = usable[usable.len() - 1].at;
            usable.iter().map(|&m| (pow(1.0 - alpha, f64::from(last - m.at)) * m.leads, m)).collect()
        }
    };
    let total: f64 = weights.iter().map(|(weight, _)| weight).sum();
    Ok(Weighted { months: weights.into_iter().map(|(weight, month)| (weight / total, month)).collect() })
}

/// The α of the method: the one given, or the one with the least squared error; NaN where the method has none.
pub(super) fn choose_alpha(method: &RateMethod, classes: &[&[Month]]) -> f64 {
    match *method {
        RateMethod::Smoothing { alpha: Some(alpha) } => alpha,
        RateMethod::Smoothing { alpha: None } => {
            let errors = (1..=100).map(|hundredths| {
                let alpha = f64::from(hundredths) / 100.0;
                (classes.iter().map(|months| squared_error(alpha, months)).sum::<f64>(), alpha)
            });
            // Of equal errors the smaller α, which remembers more months.
            errors.reduce(|best, next| if next.0 < best.0 { next } else { best }).map_or(1.0, |(_, alpha)| alpha)
        }
        _ => f64::NAN,
    }
}

/// Σ n (rate − forecast of the month before)²: the sums of signings and leads fade by 1 − α a month.
fn squared_error(alpha: f64, months: &[Month]) -> f64 {
    let (mut signed, mut leads, mut error) = (0.0, 0.0, 0.0);
    let mut last = None;
    for month in months.iter().filter(|month| month.leads > 0.0) {
        if let Some(last) = last {
            let off = month.rate() - signed / leads;
            error += month.leads * off * off;
            let faded = pow(1.0 - alpha, f64::from(month.at - last));
            signed *= faded;
            leads *= faded;
        }
        signed += month.signed;
        leads += month.leads;
        last = Some(month.at);
    }
    error
}

/// How much more alike the leads of one month are than leads of different months: the moment estimate of the
/// correlation ρ within a month (after Kleinman 1973, *JASA* 68, with the number of leads as weights), within [0, 1].
///
/// With X² = Σ n (r − p)² / (p (1 − p)) over m months, E X² = (m − 1) + ρ Σ (n − 1)(1 − n/N).
pub(super) fn overdispersion(months: &[Month]) -> f64 {
    let usable: Vec<&Month> = months.iter().filter(|month| month.leads > 0.0).collect();
    let total: f64 = usable.iter().map(|month| month.leads).sum();
    let pooled = usable.iter().map(|month| month.signed).sum::<f64>() / total;
    let room: f64 = usable.iter().map(|month| (month.leads - 1.0) * (1.0 - month.leads / total)).sum();
    let spread = pooled * (1.0 - pooled);
    // Written so that NaN, which comes of no leads at all, counts as no spread.
    if !(spread > 0.0 && room > 0.0) {
        return 0.0;
    }
    let squares: f64 = usable.iter().map(|month| month.leads * (month.rate() - pooled) * (month.rate() - pooled)).sum();
    ((squares / spread - (usable.len() as f64 - 1.0)) / room).clamp(0.0, 1.0)
}
