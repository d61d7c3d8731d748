//! Under contract: who renews, how long, and what that is worth.
//!
//! Fader and Hardie (2007), *How to project customer retention*; (2010), *Customer-base valuation in a contractual setting: the
//! perils of ignoring heterogeneity*, for the discounted expected residual lifetime.

use super::forecast_checks::{LEAST_RATE, above_zero};
use super::maximum_likelihood::{Pace, highest};
use super::parameter::{Parameter, parameter};
use crate::model::Saved;
use crate::special::gamma::ln_beta;
use crate::special::jet::Jet;
use crate::special::variates::Variates;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

/// How many left at the end of each period, and how many were still there after it when last seen.
#[derive(Debug, Clone, Default)]
struct Contracts {
    left: Vec<f64>,
    there: Vec<f64>,
}

/// No contract is renewed more often.
const MOST_PERIODS: u32 = 10_000;

impl ShiftedBetaGeometric {
    /// A model with parameters α and β from elsewhere.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless both are finite numbers above 0.
    pub fn new(parameters: [f64; 2]) -> Result<Self> {
        above_zero("alpha", parameters[0])?;
        above_zero("beta", parameters[1])?;
        Ok(Self { parameters, covariance: None, report: None })
    }

    /// Learns from one cohort: all customers first, then those left after each period.
    ///
    /// # Errors
    /// [`Error::NotEnoughData`] for fewer than two periods, and when nobody left; [`Error::InvalidValue`] with the position
    /// for a number that is not finite, is below 0, or above the one before it.
    pub fn fit_survivors(survivors: &[f64]) -> Result<Self> {
        if survivors.len() < 3 {
            return Err(not_enough("periods after the start", 2, survivors.len().saturating_sub(1)));
        }
        let mut before = f64::INFINITY;
        for (row, &now) in survivors.iter().enumerate() {
            if !(0.0..f64::INFINITY).contains(&now) || now > before {
                return Err(Error::InvalidValue {
                    what: "the survivors".into(),
                    row,
                    key: None,
                    found: now.to_string(),
                    must_be: "they must be finite, 0 or more, and never rise: nobody comes back to a cohort".into(),
                });
            }
            before = now;
        }
        let left: Vec<f64> = survivors.windows(2).map(|two| two[0] - two[1]).collect();
        let mut there = vec![0.0; left.len()];
        if let (Some(there), Some(&last)) = (there.last_mut(), survivors.last()) {
            *there = last;
        }
        Self::fit_contracts(&Contracts { left, there })
    }

    /// Learns from single customers of any cohorts: the period at whose end each left (`left`), or after which he was still
    /// there when last seen; counted from 1. A customer who has not come to his first renewal has 0 periods and says
    /// nothing. Weights count each customer so many times.
    ///
    /// For segments there is [`fit_segments`](Self::fit_segments).
    ///
    /// # Errors
    /// [`Error::WrongLength`]; [`Error::InvalidValue`] with the row for more than ten thousand periods, for one who left
    /// after 0, and for a weight that is not finite or below 0; [`Error::NotEnoughData`] when nobody left, or all are in one
    /// and the same period.
    pub fn fit_customers(periods: &[u32], left: &[bool], weights: Option<&[f64]>) -> Result<Self> {
        let mut contracts = Contracts::default();
        read_customers(periods, left, weights, |_, period, left, weight| contracts.add(period, left, weight))?;
        Self::fit_contracts(&contracts)
    }

    /// Learns one model per segment from customers as [`fit_customers`](Self::fit_customers) takes them; in order of the
    /// segments' names.
    ///
    /// # Errors
    /// Those of [`fit_customers`](Self::fit_customers), with the row among all customers, and the segment where its customers
    /// are too few.
    ///
    /// ```
    /// use tierwise::value::ShiftedBetaGeometric;
    /// let (periods, left) = ([1, 2, 3, 3, 1, 1, 2, 3], [true, true, false, false, true, true, false, false]);
    /// let segments = ["web", "web", "web", "web", "fair", "fair", "fair", "fair"];
    /// let models = ShiftedBetaGeometric::fit_segments(&periods, &left, None, &segments)?;
    /// assert_eq!(models.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["fair", "web"]);
    /// assert!(models[0].1.survival(2)? < models[1].1.survival(2)?);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn fit_segments(
        periods: &[u32],
        left: &[bool],
        weights: Option<&[f64]>,
        segments: &[&str],
    ) -> Result<Vec<(String, Self)>> {
        if segments.len() != periods.len() {
            let what = "the segments".into();
            return Err(Error::WrongLength { what, expected: periods.len(), found: segments.len() });
        }
        let mut by_segment: BTreeMap<&str, Contracts> =
            segments.iter().map(|&name| (name, Contracts::default())).collect();
        read_customers(periods, left, weights, |row, period, left, weight| {
            if let Some(contracts) = by_segment.get_mut(segments[row]) {
                contracts.add(period, left, weight);
            }
        })?;
        let named = |name: &str, error: Error| match error {
            Error::NotEnoughData { what, needed, found } => {
                Error::NotEnoughData { what: format!("{what} in segment `{name}`"), needed, found }
            }
            other => other,
        };
        let fit = |(name, contracts): (&str, Contracts)| match Self::fit_contracts(&contracts) {
            Ok(model) => Ok((name.to_owned(), model)),
            Err(error) => Err(named(name, error)),
        };
        by_segment.into_iter().map(fit).collect()
    }

    fn fit_contracts(contracts: &Contracts) -> Result<Self> {
        let (left, there): (f64, f64) = (contracts.left.iter().sum(), contracts.there.iter().sum());
        if left == 0.0 {
            return Err(not_enough("customers who left", 1, 0));
        }
        let used = (0..contracts.left.len()).filter(|&t| contracts.left[t] + contracts.there[t] > 0.0).count();
        if contracts.left.len() < 2 || used < 2 {
            return Err(not_enough("periods with customers", 2, used));
        }
        let churn = left / (left + there);
        let starts =
            [(0.7, 1.2), (1.0, 3.0), (0.2, 1.0), (5.0 * churn, 5.0)].map(|(a, b)| vec![libm::log(a), libm::log(b)]);
        let Some(found) =
            highest(&starts, Pace::FROM_AFAR, |logs| contracts.log_likelihood(&[logs[0], logs[1]]).into())
        else {
            return Err(not_enough("customers who left", 1, 0));
        };
        let mut findings = Vec::new();
        for (index, name) in ["alpha", "beta"].iter().enumerate().filter(|&(index, _)| found.is_at_edge[index]) {
            findings.push(format!(
                "`{name}` is not determined by the data ({:.3e}): customers differ too little in how loyal they are, or too few periods are known; the retention rate hardly rises",
                libm::exp(found.at[index])
            ));
        }
        if there == 0.0 {
            findings.push("everybody has left: the model knows nothing of those who stay".to_owned());
        }
        if !found.converged {
            findings.push(format!("the fit did not converge after {} rounds", found.rounds));
        }
        let report = ContractReport {
            customers: left + there,
            left,
            log_likelihood: found.log_likelihood,
            converged: found.converged,
            rounds: found.rounds,
            gradient: found.gradient,
            findings,
        };
        Ok(Self { parameters: found.exponentials(), covariance: found.covariance_of(), report: Some(report) })
    }

    /// α and β with standard errors.
    pub fn parameters(&self) -> [Parameter; 2] {
        let error = |i: usize| self.covariance.map_or(f64::NAN, |covariance| covariance[i][i].sqrt());
        [parameter("alpha", self.parameters[0], error(0)), parameter("beta", self.parameters[1], error(1))]
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
        let [alpha, beta] = self.parameters;
        let t = f64::from(period);
        Ok((beta + t - 1.0) / (alpha + beta + t - 1.0))
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
        const MOST: u32 = 10_000_000;
        check_period("renewal", renewal, 1)?;
        above_zero("rate", rate)?;
        if rate < LEAST_RATE {
            let must_be = format!("{LEAST_RATE} or more: below it the sum over renewals is too long");
            let (of, got) = ("ShiftedBetaGeometric", rate.to_string());
            return Err(Error::InvalidParameter { of, name: "rate", must_be, got });
        }
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
        Ok(sum)
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

/// Calls `read` with the row, the period counted from 0, whether he left, and the weight of each customer who came to a
/// renewal.
fn read_customers(
    periods: &[u32],
    left: &[bool],
    weights: Option<&[f64]>,
    mut read: impl FnMut(usize, usize, bool, f64),
) -> Result<()> {
    let lengths = [("the column of who left", Some(left.len())), ("the weights", weights.map(<[f64]>::len))];
    for (what, found) in lengths {
        if let Some(found) = found.filter(|&found| found != periods.len()) {
            return Err(Error::WrongLength { what: what.into(), expected: periods.len(), found });
        }
    }
    for (row, (&period, &left)) in periods.iter().zip(left).enumerate() {
        let invalid = |what: &str, found: String, must_be: &str| {
            Err(Error::InvalidValue { what: what.into(), row, key: None, found, must_be: must_be.into() })
        };
        if period > MOST_PERIODS || left && period == 0 {
            let must_be = "who left did so at the end of a period from 1 to 10000; count contract periods, not days";
            return invalid("the number of periods", period.to_string(), must_be);
        }
        let weight = weights.map_or(1.0, |weights| weights[row]);
        if !(0.0..f64::INFINITY).contains(&weight) {
            return invalid("the weight", weight.to_string(), "weights must be finite numbers, 0 or more");
        }
        if period > 0 {
            read(row, period as usize - 1, left, weight);
        }
    }
    Ok(())
}

impl Contracts {
    fn add(&mut self, period: usize, left: bool, weight: f64) {
        if period >= self.left.len() {
            self.left.resize(period + 1, 0.0);
            self.there.resize(period + 1, 0.0);
        }
        if left {
            self.left[period] += weight;
        } else {
            self.there[period] += weight;
        }
    }

    /// Equation 7: who left at the end of period t renewed t − 1 times before, with the recursions of the appendix.
    fn log_likelihood(&self, logs: &[f64; 2]) -> Jet<2> {
        let [alpha, beta] = std::array::from_fn(|index| Jet::exp_of_parameter(logs, index));
        let (mut sum, mut survives) = (Jet::ZERO, Jet::ZERO);
        for (t, (&left, &there)) in self.left.iter().zip(&self.there).enumerate() {
            let before = t as f64;
            let ends = (alpha + beta + before).ln();
            if left > 0.0 {
                sum.add_times(left, &(survives + alpha.ln() - ends));
            }
            survives = survives + (beta + before).ln() - ends;
            if there > 0.0 {
                sum.add_times(there, &survives);
            }
        }
        sum
    }
}

fn check_period(name: &'static str, period: u32, least: u32) -> Result<()> {
    if (least..=MOST_PERIODS).contains(&period) {
        return Ok(());
    }
    let must_be = format!("a whole number in [{least}, {MOST_PERIODS}]");
    Err(Error::InvalidParameter { of: "ShiftedBetaGeometric", name, must_be, got: period.to_string() })
}

fn not_enough(what: &str, needed: usize, found: usize) -> Error {
    Error::NotEnoughData { what: format!("a fit of the shifted beta-geometric model ({what})"), needed, found }
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
        super::interval::check_covariance("ShiftedBetaGeometric", covariance.as_ref().map(<[_; 2]>::as_slice), 2)?;
        Ok(Self { covariance, report, ..Self::new(parameters)? })
    }
}
