//! Gamma-Gamma: how much a customer spends per purchase, apart from chance.
//!
//! Colombo and Jiang (1999), *A stochastic RFM model*; Fader and Hardie (2013), *The Gamma-Gamma model of monetary value*.

use super::forecast_checks::above_zero_of;
use super::interval::{Interval, Scale, check_level, interval};
use super::maximum_likelihood::{Maximum, Pace, highest};
use super::parameter::{Parameter, parameter};
use super::uncertainty::quadratic;
use crate::model::Saved;
use crate::special::jet::Jet;
use crate::special::variates::Variates;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// The mean amount of a customer's purchases, once it is known how many there are.
///
/// Amounts of one customer scatter around his mean (gamma, shape p); the means of customers scatter too (inverse gamma,
/// shape q and scale v). It takes for granted that how much a customer spends says nothing about how often he buys:
/// [`SpendReport::correlation`] shows whether that holds. q is kept above 1, for below it the mean over customers does not
/// exist.
///
/// ```
/// use tierwise::value::GammaGamma;
/// let spend = GammaGamma::new([6.25, 3.74, 15.44])?;
/// assert!((spend.expected(&[2.0], &[35.5])?[0] - 35.4494750656).abs() < 1e-9);
/// assert!((spend.expected(&[0.0], &[f64::NAN])?[0] - 35.2189781022).abs() < 1e-9); // nobody knows: the mean of all
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Content")]
pub struct GammaGamma {
    parameters: [f64; 3],
    /// Of ln p, ln(q − 1) and ln v.
    #[serde(skip_serializing_if = "Option::is_none")]
    covariance: Option<[[f64; 3]; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<SpendReport>,
}

/// How a fit of spend ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SpendReport {
    /// Customers with repeat purchases, each counted with his weight: those the fit rests on.
    pub customers: f64,
    /// The log-likelihood.
    pub log_likelihood: f64,
    /// Between the number of purchases and their mean amount; the model takes it for 0.
    pub correlation: f64,
    /// Whether the highest point was found.
    pub converged: bool,
    /// Rounds of Newton's method.
    pub rounds: usize,
    /// The largest derivative of the log-likelihood.
    pub gradient: f64,
    /// Sentences on what a reader should know before he trusts the model.
    pub findings: Vec<String>,
}

/// A customer with repeat purchases.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spender {
    count: f64,
    mean: f64,
    pub(super) weight: f64,
}

impl GammaGamma {
    /// A model with parameters p, q and v from elsewhere.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless p and v are finite numbers above 0 and q one above 1.
    pub fn new(parameters: [f64; 3]) -> Result<Self> {
        let [p, q, v] = parameters;
        above_zero_of("GammaGamma", "p", p)?;
        above_zero_of("GammaGamma", "v", v)?;
        if !(q > 1.0 && q < f64::INFINITY) {
            let must_be = "a number in (1, inf), for below it customers have no mean spend".into();
            return Err(Error::InvalidParameter { of: "GammaGamma", name: "q", must_be, got: q.to_string() });
        }
        Ok(Self { parameters, covariance: None, report: None })
    }

    /// Learns from repeat purchases and their mean amounts, one element per customer. Customers without repeat purchases
    /// say nothing and are passed over, whatever their amount is. Weights count each customer so many times.
    ///
    /// # Errors
    /// [`Error::WrongLength`]; [`Error::InvalidValue`] with the row for a count that is not a whole number, 0 or
    /// more, for a weight that is not a finite one, 0 or more, and for an amount that is not a finite number above 0; [`Error::NotEnoughData`] for fewer than five customers
    /// with repeat purchases.
    pub fn fit(repeats: &[f64], mean_amounts: &[f64], weights: Option<&[f64]>) -> Result<Self> {
        const FEWEST: usize = 5;
        let spenders = spenders(repeats, mean_amounts, weights)?;
        if spenders.len() < FEWEST {
            let what = "a fit of the Gamma-Gamma model (customers with repeat purchases)".into();
            return Err(Error::NotEnoughData { what, needed: FEWEST, found: spenders.len() });
        }
        let customers: f64 = spenders.iter().map(|one| one.weight).sum();
        let Some(found) = highest_of(&spenders, None) else {
            let reason = "the likelihood is not a number at any start; look for extreme amounts".into();
            return Err(Error::NotConverged { iterations: 0, gradient: f64::NAN, reason });
        };
        let [p, excess, v] = found.exponentials();
        let report = report(&spenders, customers, &found);
        Ok(Self { parameters: [p, 1.0 + excess, v], covariance: found.covariance_of(), report: Some(report) })
    }

    /// What a fit looks for: ln p, ln(q − 1) and ln v.
    pub(super) fn unknowns(&self) -> [f64; 3] {
        let [p, q, v] = self.parameters;
        [p, q - 1.0, v].map(libm::log)
    }

    /// The model that they make.
    pub(super) fn of_unknowns(unknowns: &[f64]) -> Result<Self> {
        let [p, excess, v] = std::array::from_fn(|index| libm::exp(unknowns[index]));
        Self::new([p, 1.0 + excess, v])
    }

    /// The parameters with standard errors.
    pub fn parameters(&self) -> [Parameter; 3] {
        let errors: [f64; 3] =
            std::array::from_fn(|i| self.covariance.map_or(f64::NAN, |covariance| covariance[i][i].sqrt()));
        let [p, q, v] = self.parameters;
        let excess = parameter("q", q - 1.0, errors[1]);
        let of_q = Parameter { estimate: q, lower: 1.0 + excess.lower, upper: 1.0 + excess.upper, ..excess };
        [parameter("p", p, errors[0]), of_q, parameter("v", v, errors[2])]
    }

    /// How the fit went; none for a model with parameters from elsewhere.
    pub fn report(&self) -> Option<&SpendReport> {
        self.report.as_ref()
    }

    /// The log-likelihood of customers under this model, given as to [`fit`](Self::fit).
    ///
    /// # Errors
    /// Those of [`fit`](Self::fit) on the data; [`Error::NotEnoughData`] where nobody has repeat purchases.
    pub fn log_likelihood(&self, repeats: &[f64], mean_amounts: &[f64], weights: Option<&[f64]>) -> Result<f64> {
        let spenders = spenders(repeats, mean_amounts, weights)?;
        if spenders.is_empty() {
            let what = "a log-likelihood of the Gamma-Gamma model (customers with repeat purchases)".into();
            return Err(Error::NotEnoughData { what, needed: 1, found: 0 });
        }
        Ok(log_likelihood(&spenders, &self.unknowns()).value)
    }

    /// The mean amount of each customer's purchases to come: between his own mean and that of all, the nearer to his own the
    /// more he bought. Without repeat purchases it is the mean of all.
    ///
    /// # Errors
    /// Those of [`fit`](Self::fit) on the data.
    pub fn expected(&self, repeats: &[f64], mean_amounts: &[f64]) -> Result<Vec<f64>> {
        check_columns(repeats, mean_amounts, None)?;
        Ok(repeats.iter().zip(mean_amounts).map(|(&count, &mean)| self.expected_of(count, mean)).collect())
    }

    /// E[M | x, m] = p (v + x m) / (p x + q − 1).
    pub(super) fn expected_of(&self, count: f64, mean: f64) -> f64 {
        let [p, q, v] = self.parameters;
        let own = if count > 0.0 { count * mean } else { 0.0 };
        p * (v + own) / (p * count + q - 1.0)
    }

    /// As [`expected`](Self::expected), with an interval of that mean by the delta method on the logarithm. What a single
    /// purchase costs scatters far more.
    ///
    /// # Errors
    /// Those of [`expected`](Self::expected); [`Error::NotEnoughData`] for a model without standard errors;
    /// [`Error::InvalidParameter`] for a level outside (0, 1).
    pub fn expected_with_interval(&self, repeats: &[f64], mean_amounts: &[f64], level: f64) -> Result<Vec<Interval>> {
        check_level("expected_with_interval", level)?;
        let spread = self.spread(repeats, mean_amounts)?;
        spread.into_iter().map(|(mean, error)| interval(mean, error, Scale::Logarithm, level)).collect()
    }

    /// Each customer's mean amount and the standard error of its logarithm.
    pub(super) fn spread(&self, repeats: &[f64], mean_amounts: &[f64]) -> Result<Vec<(f64, f64)>> {
        check_columns(repeats, mean_amounts, None)?;
        let Some(covariance) = &self.covariance else {
            let what = "an interval: the Gamma-Gamma model has no standard errors".into();
            return Err(Error::NotEnoughData { what, needed: 1, found: 0 });
        };
        let [p, q, v] = self.parameters;
        let of = |(&count, &mean): (&f64, &f64)| {
            let estimate = self.expected_of(count, mean);
            let own = if count > 0.0 { count * mean } else { 0.0 };
            // The derivatives of ln p + ln(v + x m) − ln(p x + q − 1).
            let below = p * count + q - 1.0;
            let slopes = [1.0 - p * count / below, -(q - 1.0) / below, v / (v + own)];
            (estimate, quadratic(&slopes, covariance).sqrt())
        };
        Ok(repeats.iter().zip(mean_amounts).map(of).collect())
    }

    /// Draws an amount for each purchase; `customers` are codes from 0. Purchases of one customer scatter around a mean of
    /// his own.
    pub fn simulate(&self, customers: &[u32], seed: u64) -> Vec<f64> {
        let mut random = Variates::new(seed);
        let [p, q, v] = self.parameters;
        let most = customers.iter().max().map_or(0, |&code| code as usize + 1);
        let mut rates: Vec<Option<f64>> = vec![None; most];
        let mut draw = |&code: &u32| {
            let rate = *rates[code as usize].get_or_insert_with(|| random.gamma(q, v));
            random.gamma(p, rate)
        };
        customers.iter().map(&mut draw).collect()
    }
}

/// The highest point of the likelihood, climbing from one that is known to be near, if there is one; none where the likelihood
/// is no number. Money is measured in the mean amount meanwhile.
pub(super) fn highest_of(spenders: &[Spender], near: Option<[f64; 3]>) -> Option<Maximum> {
    let customers: f64 = spenders.iter().map(|one| one.weight).sum();
    let unit = spenders.iter().map(|one| one.weight * one.mean).sum::<f64>() / customers;
    let scaled: Vec<Spender> = spenders.iter().map(|one| Spender { mean: one.mean / unit, ..*one }).collect();
    let start = |p: f64, q: f64| [p, q - 1.0, (q - 1.0) / p].map(libm::log).to_vec();
    let (starts, pace) = match near {
        Some([p, excess, v]) => (vec![vec![p, excess, v - libm::log(unit)]], Pace::FROM_NEAR),
        None => (vec![start(1.0, 3.0), start(6.0, 3.5), start(3.0, 1.3), start(10.0, 10.0)], Pace::FROM_AFAR),
    };
    let found = highest(&starts, pace, |logs| log_likelihood(&scaled, &[logs[0], logs[1], logs[2]]).into());
    let mut found = found.filter(|found| found.log_likelihood.is_finite())?;
    found.at[2] += libm::log(unit);
    found.log_likelihood = log_likelihood(spenders, &[found.at[0], found.at[1], found.at[2]]).value;
    Some(found)
}

/// Equation 1a of the note, summed over customers.
fn log_likelihood(spenders: &[Spender], logs: &[f64; 3]) -> Jet<3> {
    let [p, excess, v] = std::array::from_fn(|index| Jet::exp_of_parameter(logs, index));
    let q = excess + 1.0;
    let shared = q * v.ln() - q.ln_gamma();
    let of = |spender: &Spender| {
        let shape = p * spender.count;
        shared + (shape + q).ln_gamma() - shape.ln_gamma() + shape * libm::log(spender.mean * spender.count)
            - (shape + q) * (v + spender.mean * spender.count).ln()
            + -libm::log(spender.mean)
    };
    let parts = crate::parallel::map(spenders.chunks(2048).collect(), |part| {
        let mut sum = Jet::ZERO;
        for spender in part {
            sum.add_times(spender.weight, &of(spender));
        }
        sum
    });
    parts.into_iter().fold(Jet::ZERO, |sum, part| sum + part)
}

fn report(spenders: &[Spender], customers: f64, found: &Maximum) -> SpendReport {
    let correlation = correlation(spenders, customers);
    let mut findings = Vec::new();
    if correlation.abs() > 0.3 {
        findings.push(format!(
            "how much customers spend goes with how often they buy (correlation {correlation:.2}); the model takes both for unrelated, so values of frequent buyers are off"
        ));
    }
    if libm::exp(found.at[1]) < 0.05 {
        findings.push(
            "q is hardly above 1: a few large spenders rule the mean; look for orders that belong elsewhere".to_owned(),
        );
    }
    for (index, name) in ["p", "q", "v"].iter().enumerate().filter(|&(index, _)| found.is_at_edge[index]) {
        let value = libm::exp(found.at[index]);
        findings.push(format!(
            "`{name}` is not determined by the data ({value:.3e}): amounts differ too little, or customers are too few"
        ));
    }
    if !found.converged {
        findings.push(format!("the fit did not converge after {} rounds; look for extreme amounts", found.rounds));
    }
    SpendReport {
        customers,
        log_likelihood: found.log_likelihood,
        correlation,
        converged: found.converged,
        rounds: found.rounds,
        gradient: found.gradient,
        findings,
    }
}

/// Pearson's correlation of counts and means; 0 where one of them is the same for all.
fn correlation(spenders: &[Spender], customers: f64) -> f64 {
    let mean = |of: &dyn Fn(&Spender) -> f64| spenders.iter().map(|one| one.weight * of(one)).sum::<f64>() / customers;
    let (count, amount) = (mean(&|one| one.count), mean(&|one| one.mean));
    let together = mean(&|one| (one.count - count) * (one.mean - amount));
    let spreads = mean(&|one| (one.count - count).powi(2)) * mean(&|one| (one.mean - amount).powi(2));
    if spreads > 0.0 { together / spreads.sqrt() } else { 0.0 }
}

pub(super) fn spenders(repeats: &[f64], mean_amounts: &[f64], weights: Option<&[f64]>) -> Result<Vec<Spender>> {
    check_columns(repeats, mean_amounts, weights)?;
    let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
    let rows = repeats.iter().zip(mean_amounts).enumerate();
    let all = rows.map(|(row, (&count, &mean))| Spender { count, mean, weight: weight(row) });
    Ok(all.filter(|one| one.count > 0.0 && one.weight > 0.0).collect())
}

fn check_columns(repeats: &[f64], mean_amounts: &[f64], weights: Option<&[f64]>) -> Result<()> {
    let lengths = [("the mean amounts", Some(mean_amounts.len())), ("the weights", weights.map(<[f64]>::len))];
    for (what, found) in lengths {
        if let Some(found) = found.filter(|&found| found != repeats.len()) {
            return Err(Error::WrongLength { what: what.into(), expected: repeats.len(), found });
        }
    }
    let invalid = |what: &str, row: usize, found: f64, must_be: &str| {
        let (what, must_be) = (what.into(), must_be.into());
        Err(Error::InvalidValue { what, row, key: None, found: found.to_string(), must_be })
    };
    for (row, (&count, &mean)) in repeats.iter().zip(mean_amounts).enumerate() {
        if !(0.0..f64::INFINITY).contains(&count) || count.fract() != 0.0 {
            return invalid("the repeat purchases (x)", row, count, "it must be a whole number, 0 or more");
        }
        if count > 0.0 && !(mean > 0.0 && mean < f64::INFINITY) {
            let must_be = "the model takes amounts above 0 only: net returns against the purchase, leave out free ones";
            return invalid("the mean amount", row, mean, must_be);
        }
        let weight = weights.map_or(1.0, |weights| weights[row]);
        if !(0.0..f64::INFINITY).contains(&weight) {
            return invalid("the weight", row, weight, "weights must be finite numbers, 0 or more");
        }
    }
    Ok(())
}

impl Saved for GammaGamma {
    const KIND: &'static str = "gamma_gamma";
}

/// The content of the file, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    parameters: [f64; 3],
    covariance: Option<[[f64; 3]; 3]>,
    report: Option<SpendReport>,
}

impl TryFrom<Content> for GammaGamma {
    type Error = Error;

    fn try_from(Content { parameters, covariance, report }: Content) -> Result<Self> {
        super::interval::check_covariance("GammaGamma", covariance.as_ref().map(<[_; 3]>::as_slice), 3)?;
        Ok(Self { covariance, report, ..Self::new(parameters)? })
    }
}
