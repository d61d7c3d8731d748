//! Under contract: who renews, how long, and what that is worth.
//!
//! Fader and Hardie (2007), *How to project customer retention*; (2010), *Customer-base valuation in a contractual setting: the
//! perils of ignoring heterogeneity*, for the discounted expected residual lifetime.

use super::forecast_checks::{LEAST_RATE, above_zero_of};
use super::maximum_likelihood::Maximum;
use super::parameter::{Parameter, parameter};
use crate::model::Saved;
use crate::special::gamma::ln_beta;
use crate::special::variates::Variates;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Shifted beta-geometric: at the end of each period a customer leaves with a chance of his own, which does not change; the
/// chances of the customers are beta distributed. The retention rate of a cohort rises with its age, because those who stay
/// are the loyal ones.
///
/// ```
/// use tierwise::value::ShiftedBetaGeometric;
/// let survivors = [1000.0, 631.0, 468.0, 382.0, 326.0, 289.0, 262.0, 241.0];
/// let model = ShiftedBetaGeometric::fit_survivors(&survivors)?;
/// let [alpha, beta] = model.parameters();
/// assert!((alpha.estimate - 0.70407729847351621).abs() < 1e-9);
/// assert!((beta.estimate - 1.1820430262094757).abs() < 1e-9);
/// assert!((model.retention(1)? - 0.6267060541).abs() < 1e-9);
/// assert!((model.expected_residual_lifetime(1, 0.1)? - 2.96439927026).abs() < 1e-9);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Content")]
pub struct ShiftedBetaGeometric {
    parameters: [f64; 2],
    /// Of ln α and ln β.
    #[serde(skip_serializing_if = "Option::is_none")]
    covariance: Option<[[f64; 2]; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<ContractReport>,
}

/// How a fit of contracts ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ContractReport {
    /// The customers.
    pub customers: f64,
    /// Those of them who left.
    pub left: f64,
    /// The log-likelihood, without the multinomial constant.
    pub log_likelihood: f64,
    /// Whether the highest point was found.
    pub converged: bool,
    /// Rounds of Newton's method.
    pub rounds: usize,
    /// The largest derivative of the log-likelihood.
    pub gradient: f64,
    /// Sentences on what a reader should know before he trusts the model.
    pub findings: Vec<String>,
}

/// Drawn customers, in the form that [`ShiftedBetaGeometric::fit_customers`] takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulatedContracts {
    /// The period at whose end each left, or the last one seen.
    pub periods: Vec<u32>,
    /// Whether he left.
    pub left: Vec<bool>,
}

const OF: &str = "ShiftedBetaGeometric";

/// No contract is renewed more often.
pub(super) const MOST_PERIODS: u32 = 10_000;

impl ShiftedBetaGeometric {
    /// A model with parameters α and β from elsewhere.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless both are finite numbers above 0.
    pub fn new(parameters: [f64; 2]) -> Result<Self> {
        above_zero_of(OF, "alpha", parameters[0])?;
        above_zero_of(OF, "beta", parameters[1])?;
        Ok(Self { parameters, covariance: None, report: None })
    }

    pub(super) fn fitted(found: &Maximum, report: ContractReport) -> Self {
        Self { parameters: found.exponentials(), covariance: found.covariance_of(), report: Some(report) }
    }

    /// The logarithms of the parameters, which a fit looks for.
    pub(super) fn unknowns(&self) -> [f64; 2] {
        self.parameters.map(libm::log)
    }

    /// α and β with standard errors.
    pub fn parameters(&self) -> [Parameter; 2] {
        let error = |i: usize| self.covariance.map_or(f64::NAN, |covariance| covariance[i][i].sqrt());
        [parameter("alpha", self.parameters[0], error(0)), parameter("beta", self.parameters[1], error(1))]
    }

    /// Of the logarithms of the parameters.
    pub(super) fn covariance(&self) -> Option<&[[f64; 2]; 2]> {
        self.covariance.as_ref()
    }

    /// How the fit went; none for a model with parameters from elsewhere.
    pub fn report(&self) -> Option<&ContractReport> {
        self.report.as_ref()
    }

    /// The share of those who came to the end of period `period`, counted from 1, that renew there.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless the period is a whole number in [1, 10000].
    pub fn retention(&self, period: u32) -> Result<f64> {
        check_period("period", period, 1)?;
        Ok(self.renews(period))
    }

    /// The retention rate of a period.
    pub(super) fn renews(&self, period: u32) -> f64 {
        let ([alpha, beta], before) = (self.parameters, f64::from(period) - 1.0);
        (beta + before) / (alpha + beta + before)
    }

    /// The share of a cohort that is there after so many periods; 1 after 0.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless the period is a whole number in [0, 10000].
    pub fn survival(&self, period: u32) -> Result<f64> {
        check_period("period", period, 0)?;
        let [alpha, beta] = self.parameters;
        Ok(libm::exp(ln_beta(alpha, beta + f64::from(period)) - ln_beta(alpha, beta)))
    }

    /// The renewals to be expected of a customer who stands before his `renewal`-th one (counted from 1), discounted at
    /// `rate` per period: the coming one counts in full if it happens, the next one is divided by 1 + rate, and so on. Times
    /// the margin of a period it is the customer's residual value.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless the renewal is a whole number in [1, 10000] and the rate finite and 0.00001 or
    /// more.
    pub fn expected_residual_lifetime(&self, renewal: u32, rate: f64) -> Result<f64> {
        check_period("renewal", renewal, 1)?;
        let of = "expected_residual_lifetime";
        above_zero_of(of, "rate", rate)?;
        if rate < LEAST_RATE {
            let must_be = format!("{LEAST_RATE} or more: below it the sum over renewals is too long");
            return Err(Error::InvalidParameter { of, name: "rate", must_be, got: rate.to_string() });
        }
        Ok(self.residual_lifetime(renewal, rate))
    }

    /// The same of a renewal and a rate that are known to be sound.
    pub(super) fn residual_lifetime(&self, renewal: u32, rate: f64) -> f64 {
        const MOST: u32 = 10_000_000;
        let [alpha, beta] = self.parameters;
        let (mut sum, mut term) = (0.0, 1.0 + rate);
        for t in 0..MOST {
            let before = f64::from(renewal - 1) + f64::from(t);
            term *= (beta + before) / (alpha + beta + before) / (1.0 + rate);
            sum += term;
            if term < 1e-17 * sum {
                break;
            }
        }
        sum
    }

    /// Draws customers of whom so many contract periods are seen, one per element: after how many each left, or that he was
    /// still there. The same seed gives the same customers on every machine.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for more than ten thousand periods.
    ///
    /// ```
    /// use tierwise::value::ShiftedBetaGeometric;
    /// let truth = ShiftedBetaGeometric::new([0.7, 1.2])?;
    /// let drawn = truth.simulate(&[7; 5000], 1)?;
    /// let found = ShiftedBetaGeometric::fit_customers(&drawn.periods, &drawn.left, None)?;
    /// let [alpha, beta] = found.parameters();
    /// assert!(alpha.lower < 0.7 && 0.7 < alpha.upper && beta.lower < 1.2 && 1.2 < beta.upper);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn simulate(&self, seen: &[u32], seed: u64) -> Result<SimulatedContracts> {
        let mut random = Variates::new(seed);
        let [alpha, beta] = self.parameters;
        let mut drawn = SimulatedContracts { periods: Vec::new(), left: Vec::new() };
        for (row, &seen) in seen.iter().enumerate() {
            if seen > MOST_PERIODS {
                let (what, found) = ("the number of periods".into(), seen.to_string());
                let must_be = format!("at most {MOST_PERIODS} contract periods are drawn");
                return Err(Error::InvalidValue { what, row, key: None, found, must_be });
            }
            let leaves = random.beta(alpha, beta);
            let stays = (1..=seen).find(|_| random.uniform() < leaves);
            drawn.periods.push(stays.unwrap_or(seen));
            drawn.left.push(stays.is_some());
        }
        Ok(drawn)
    }
}

fn check_period(name: &'static str, period: u32, least: u32) -> Result<()> {
    if (least..=MOST_PERIODS).contains(&period) {
        return Ok(());
    }
    let must_be = format!("a whole number in [{least}, {MOST_PERIODS}]");
    Err(Error::InvalidParameter { of: OF, name, must_be, got: period.to_string() })
}

impl Saved for ShiftedBetaGeometric {
    const KIND: &'static str = "shifted_beta_geometric";
}

/// The content of the file, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    parameters: [f64; 2],
    covariance: Option<[[f64; 2]; 2]>,
    report: Option<ContractReport>,
}

impl TryFrom<Content> for ShiftedBetaGeometric {
    type Error = Error;

    fn try_from(Content { parameters, covariance, report }: Content) -> Result<Self> {
        super::interval::check_covariance(OF, covariance.as_ref().map(<[_; 2]>::as_slice), 2)?;
        Ok(Self { covariance, report, ..Self::new(parameters)? })
    }
}
