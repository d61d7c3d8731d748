//! How many of so many leads sign, as a distribution over whole numbers.

use crate::rates::check_confidence;
use crate::{Error, Result};
use libm::{erfc, exp, lgamma, log, log1p, sqrt};
use serde::{Deserialize, Serialize};

/// The distribution of a number of signings, of which the mean and the variance are known.
///
/// Counts 0 … n are read off a Beta distribution on [0, n + 1] of mean μ + ½ and variance V + 1/12, the moments of the
/// count plus a uniform part of one: P(X ≤ k) = F((k + 1)/(n + 1)). The family is a choice of this library (inferred);
/// a plain normal would give negative signings where rates are small. Where the count is binomial, its probabilities are
/// met within 0.015, and within 0.03 where fewer than five signings are expected (tested).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct SigningCount {
    leads: f64,
    mean: f64,
    variance: f64,
}

/// A count as read, not yet checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    leads: f64,
    mean: f64,
    variance: f64,
}

impl TryFrom<Unchecked> for SigningCount {
    type Error = Error;

    fn try_from(read: Unchecked) -> Result<Self> {
        Self::new(read.leads, read.mean, read.variance)
    }
}

impl SigningCount {
    /// Of `leads` leads, `mean` sign on average with this variance.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless leads are a whole number from 0 to 10¹⁵, the mean lies in [0, leads] and the
    /// variance is finite and not negative.
    pub fn new(leads: f64, mean: f64, variance: f64) -> Result<Self> {
        let wrong = |name, must_be: String, got: f64| {
            Err(Error::InvalidParameter { of: "SigningCount", name, must_be, got: got.to_string() })
        };
        if !((0.0..=1e15).contains(&leads) && leads.fract() == 0.0) {
            return wrong("leads", "a whole number in [0, 1e15]".into(), leads);
        }
        if !(0.0..=leads).contains(&mean) {
            return wrong("mean", format!("a number in [0, {leads}]"), mean);
        }
        if !(variance >= 0.0 && variance.is_finite()) {
            return wrong("variance", "a number in [0, inf)".into(), variance);
        }
        Ok(Self { leads, mean, variance })
    }

    /// The whole numbers between which the signings lie with this probability, or a little more; the tails are equal.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a confidence outside (0, 1).
    ///
    /// ```
    /// let count = tierwise::lead::SigningCount::new(100.0, 20.0, 16.0)?;
    /// assert_eq!(count.interval(0.9)?, (14.0, 27.0)); // as of the binomial with 100 leads and rate 0.2
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn interval(&self, confidence: f64) -> Result<(f64, f64)> {
        check_confidence("SigningCount", confidence)?;
        let tail = (1.0 - confidence) / 2.0;
        Ok((self.quantile(tail), self.quantile(1.0 - tail)))
    }

    /// The probability of fewer signings than the target.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a target that is not a number.
    pub fn probability_below(&self, target: f64) -> Result<f64> {
        if target.is_nan() {
            let (must_be, got) = ("a number".into(), "NaN".into());
            return Err(Error::InvalidParameter { of: "probability_below", name: "target", must_be, got });
        }
        Ok(self.at_most(target.ceil() - 1.0))
    }

    /// The smallest count that is not exceeded with at least this probability.
    fn quantile(&self, probability: f64) -> f64 {
        let (mut low, mut high) = (0_u64, self.leads as u64);
        while low < high {
            let middle = low.midpoint(high);
            if self.at_most(middle as f64) >= probability {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low as f64
    }

    /// P(X ≤ count).
    fn at_most(&self, count: f64) -> f64 {
        if count < 0.0 {
            return 0.0;
        }
        if count >= self.leads {
            return 1.0;
        }
        // What lies between 0 and `leads`, as a share of the n + 1 unit steps.
        let width = self.leads + 1.0;
        let mean = (self.mean + 0.5) / width;
        let spread = (self.variance + 1.0 / 12.0) / (width * width);
        // No distribution on [0, 1] spreads further than a coin between its ends; stop shortly before that.
        let size = (mean * (1.0 - mean) / spread - 1.0).max(0.01);
        beta_cdf(size * mean, size * (1.0 - mean), (count + 1.0) / width)
    }
}

/// The regularised incomplete beta function I(x; a, b) by its continued fraction (DLMF 8.17.22), evaluated by Lentz's
/// method. The one in `statrs` stops after 140 steps, too few for shapes above some thousands; they need some √max(a, b).
fn beta_cdf(a: f64, b: f64, x: f64) -> f64 {
    // Above this, the skewness that the normal curve leaves out moves no probability by more than 1e-4.
    const NORMAL_FROM: f64 = 1e7;
    if x <= 0.0 || x >= 1.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    if a.min(b) > NORMAL_FROM {
        let mean = a / (a + b);
        let deviation = sqrt(mean * (1.0 - mean) / (a + b + 1.0));
        return 0.5 * erfc((mean - x) / (deviation * std::f64::consts::SQRT_2));
    }
    if x > (a + 1.0) / (a + b + 2.0) { 1.0 - fraction(b, a, 1.0 - x) } else { fraction(a, b, x) }
}

fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const MOST_STEPS: u32 = 200_000;
    let away_from_zero = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for step in 1..=MOST_STEPS {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for numerator in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + numerator * d);
            c = away_from_zero(1.0 + numerator / c);
            change = c * d;
            value *= change;
        }
        if (change - 1.0).abs() < 1e-15 {
            break;
        }
    }
    let logarithm = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x);
    (exp(logarithm) * value / a).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::beta_cdf;

    /// Values of `scipy.special.betainc`.
    #[test]
    fn incomplete_beta_agrees_with_scipy() {
        for (a, b, x, expected) in [
            (2.0, 3.0, 0.4, 0.5248),
            (0.5, 0.5, 0.25, 1.0 / 3.0),
            (20.0, 80.0, 0.25, 0.890_609_461_827_150_5),
            (20_000.0, 80_000.0, 0.201, 0.785_575_636_885_669_8),
            (3.0, 1_000_000.0, 3e-6, 0.576_811_599_176_769_8),
        ] {
            let found = beta_cdf(a, b, x);
            assert!((found - expected).abs() < 1e-9, "I({x}; {a}, {b}) = {found}, not {expected}");
        }
    }
}
