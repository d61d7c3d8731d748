//! Another base rate: moving probabilities to it, and estimating it where no outcome is known yet.
//!
//! Saerens, Latinne & Decaestecker 2002, *Adjusting the outputs of a classifier to new a priori probabilities: a simple
//! procedure*, Neural Computation 14(1). Both rest on one assumption: among customers of one class, features are spread
//! as before, and only the share of the classes has changed.

use super::ties::check_probabilities;
use crate::learn::{log_odds, probability};
use crate::{Error, Result};
use statrs::distribution::{ContinuousCDF, Normal};

/// What is added to the log-odds: the odds are multiplied by the ratio of the odds of the base rates (eq. 4).
pub(super) fn offset(from_rate: f64, to_rate: f64) -> f64 {
    log_odds(to_rate) - log_odds(from_rate)
}

pub(super) fn check(from_rate: f64, to_rate: f64) -> Result<()> {
    for (name, rate) in [("from_rate", from_rate), ("to_rate", to_rate)] {
        check_rate("prior_shift", name, rate)?;
    }
    Ok(())
}

fn check_rate(of: &'static str, name: &'static str, rate: f64) -> Result<()> {
    if rate > 0.0 && rate < 1.0 {
        return Ok(());
    }
    Err(Error::InvalidParameter { of, name, must_be: "a number in (0, 1)".into(), got: rate.to_string() })
}

/// Moves probabilities from the base rate at which they hold to another one. Unknown stays unknown.
///
/// ```
/// use tierwise::learn::shift_probabilities;
/// // Learned on as many buyers as others; in the field one in ten buys. Even odds become 1 to 9.
/// let shifted = shift_probabilities(&[0.5, 0.9, 0.0], 0.5, 0.1)?;
/// assert!((shifted[0] - 0.1).abs() < 1e-15 && (shifted[1] - 0.5).abs() < 1e-15 && shifted[2] == 0.0);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] for a rate outside (0, 1), [`Error::InvalidValue`] with the row for what is no probability.
pub fn shift_probabilities(probabilities: &[f64], from_rate: f64, to_rate: f64) -> Result<Vec<f64>> {
    check(from_rate, to_rate)?;
    check_probabilities(probabilities)?;
    let by = offset(from_rate, to_rate);
    Ok(probabilities.iter().map(|&value| probability(log_odds(value) + by)).collect())
}

/// The base rate of customers whose outcome is not known yet.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct BaseRateEstimate {
    /// The likeliest base rate, in [0, 1].
    pub base_rate: f64,
    /// How much it varies from sample to sample; it means nothing where the rate is 0 or 1.
    pub standard_error: f64,
    /// Twice the difference in log-likelihood between this rate and the old one (section 2.3 of the paper).
    pub likelihood_ratio: f64,
    /// The chance of such a ratio where the base rate has not changed (chi-square with one degree of freedom).
    pub p_value: f64,
}

/// Estimates the base rate among new customers from their probabilities, which hold at the base rate `base_rate`.
///
/// It is the rate to which the EM procedure of the paper converges, found by Newton's method. The probabilities must be
/// calibrated at the old rate: what is wrong with them ends up in the estimate.
///
/// ```
/// use tierwise::learn::estimate_base_rate;
/// let estimate = estimate_base_rate(&[0.9, 0.8, 0.7, 0.9, 0.02, 0.6, 0.8, 0.02], 0.3)?;
/// assert!((estimate.base_rate - 0.75).abs() < 0.01 && estimate.p_value < 0.05);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::EmptyTable`]; [`Error::InvalidParameter`] for a rate outside (0, 1); [`Error::InvalidValue`] with the row for
/// what is no probability or unknown; [`Error::NoVariation`] when all probabilities equal the base rate.
pub fn estimate_base_rate(probabilities: &[f64], base_rate: f64) -> Result<BaseRateEstimate> {
    check_rate("estimate_base_rate", "base_rate", base_rate)?;
    check_probabilities(probabilities)?;
    if probabilities.is_empty() {
        return Err(Error::EmptyTable { what: "the list of probabilities".into() });
    }
    if let Some(row) = probabilities.iter().position(|value| value.is_nan()) {
        let must_be = "every row needs a probability; leave out rows without one";
        return Err(Error::invalid_value("the probability", row, f64::NAN, must_be));
    }
    // At the rate `r` a row is 1 + (r - base rate) · pull times as likely as at the old rate.
    let pulls: Vec<f64> =
        probabilities.iter().map(|&value| (value - base_rate) / (base_rate * (1.0 - base_rate))).collect();
    if pulls.iter().all(|pull| *pull == 0.0) {
        let reason = "every probability equals the base rate, so they fit any rate equally well".into();
        return Err(Error::NoVariation { columns: vec!["probabilities".into()], reason });
    }
    let likelihood = Likelihood { pulls, base_rate };
    let found = likelihood.maximum();
    let (_, curvature) = likelihood.slopes(found);
    let likelihood_ratio = (2.0 * likelihood.log_ratio(found)).max(0.0);
    Ok(BaseRateEstimate {
        base_rate: found,
        standard_error: 1.0 / curvature.sqrt(),
        likelihood_ratio,
        p_value: 2.0 * Normal::standard().cdf(-likelihood_ratio.sqrt()),
    })
}

struct Likelihood {
    pulls: Vec<f64>,
    base_rate: f64,
}

impl Likelihood {
    /// The concave log-likelihood rises to the left of its maximum and falls to the right of it.
    fn maximum(&self) -> f64 {
        const LIMIT: usize = 200;
        let (mut low, mut high) = (0.0, 1.0);
        if self.slopes(low).0 <= 0.0 {
            return low;
        }
        if self.slopes(high).0 >= 0.0 {
            return high;
        }
        let mut rate = self.base_rate;
        for _ in 0..LIMIT {
            let (slope, curvature) = self.slopes(rate);
            *(if slope > 0.0 { &mut low } else { &mut high }) = rate;
            let newton = rate + slope / curvature;
            let next = if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
            if slope == 0.0 || (next - rate).abs() <= f64::EPSILON * rate {
                return rate;
            }
            rate = next;
        }
        rate
    }

    /// First derivative, and the second with its sign turned.
    fn slopes(&self, rate: f64) -> (f64, f64) {
        let by = rate - self.base_rate;
        let one = |(slope, curvature): (f64, f64), pull: &f64| {
            let part = pull / ratio(*pull, by);
            (slope + part, curvature + part * part)
        };
        self.pulls.iter().fold((0.0, 0.0), one)
    }

    fn log_ratio(&self, rate: f64) -> f64 {
        self.pulls.iter().map(|pull| libm::log(ratio(*pull, rate - self.base_rate))).sum()
    }
}

/// How many times as likely a row becomes. Rounding must not make it negative: a row of the wrong class at rate 0 or 1
/// has 0.
fn ratio(pull: f64, by: f64) -> f64 {
    (1.0 + by * pull).max(0.0)
}
