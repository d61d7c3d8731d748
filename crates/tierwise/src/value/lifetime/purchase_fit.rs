//! Learning a model of purchases from histories, by maximum likelihood.

use super::beta_geometric::BetaGeometricLikelihood;
use super::bg_bb::BgBbLikelihood;
use super::histories::{Distinct, Histories};
use super::maximum_likelihood::{Maximum, climb, highest};
use super::pareto_nbd::ParetoNbdLikelihood;
use super::process::{Likelihood, Logs, log_likelihood};
use super::purchase_model::{PurchaseModel, PurchaseProcess};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Fits a model of purchases.
///
/// Maximum likelihood in the logarithms of the parameters, with exact first and second derivatives, from four starts; where
/// there are more than 250 distinct histories, the starts are compared on a part of them. Equal histories are
/// counted, not repeated. Time is measured in mean ages meanwhile, so that its unit does not reach the result.
///
/// ```
/// use tierwise::value::{Histories, PurchaseFit, PurchaseProcess};
/// let repeats: Vec<f64> = (0..60).map(|i| f64::from(i * 7 % 4)).collect();
/// let last: Vec<f64> = (0..60).map(|i| if i * 7 % 4 == 0 { 0.0 } else { f64::from(4 + i % 29) }).collect();
/// let model = PurchaseFit::new(PurchaseProcess::MbgNbd).fit(&Histories::new(&repeats, &last, &[40.0; 60])?)?;
/// assert!(model.report().unwrap().converged);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PurchaseFit {
    process: PurchaseProcess,
    days_per_period: f64,
    horizon: f64,
}

/// How a fit ended, and what is wrong with the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PurchaseReport {
    /// The customers, each counted with his weight.
    pub customers: f64,
    /// Histories that differ from one another.
    pub distinct_histories: usize,
    /// All purchases after the first ones.
    pub repeat_purchases: f64,
    /// At the parameters, times in periods, without the constant T<sup>x</sup>/x! that no parameter changes.
    pub log_likelihood: f64,
    /// Whether the highest point was found.
    pub converged: bool,
    /// Rounds of Newton's method after the starts were compared.
    pub rounds: usize,
    /// The largest derivative of the log-likelihood by the logarithm of a parameter.
    pub gradient: f64,
    /// Sentences on what a reader should know before he trusts the model.
    pub findings: Vec<String>,
}

/// Histories that differ, at the least: one more than parameters.
const FEWEST_HISTORIES: usize = 5;

/// The starts are compared on at most about so many histories.
const HISTORIES_TO_COMPARE: usize = 250;

impl PurchaseFit {
    /// A fit of this process. A period is one unit of the histories' times, and the model's score is what is expected within
    /// one period, until said otherwise.
    pub fn new(process: PurchaseProcess) -> Self {
        Self { process, days_per_period: 1.0, horizon: 1.0 }
    }

    /// So many units of the histories' times (days, in a table of [`rfm`](crate::value::rfm)) make one period: 7 for weeks.
    #[must_use]
    pub fn days_per_period(mut self, days: f64) -> Self {
        self.days_per_period = days;
        self
    }

    /// The model's score is the number of purchases expected within so many periods.
    #[must_use]
    pub fn horizon(mut self, periods: f64) -> Self {
        self.horizon = periods;
        self
    }

    /// Learns from histories.
    ///
    /// A fit that does not converge is a model whose [report](PurchaseModel::report) says so.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`]; [`Error::NotEnoughData`] for fewer than five distinct histories, and when nobody ever
    /// came back; [`Error::InvalidValue`] where the BG/BB model finds parts of periods or more purchases than periods.
    pub fn fit(&self, histories: &Histories) -> Result<PurchaseModel> {
        let blank = PurchaseModel::unfitted(self.process, self.days_per_period, self.horizon)?;
        if histories.is_empty() {
            return Err(Error::EmptyTable { what: "the table of histories".into() });
        }
        blank.check_histories(histories)?;
        let distinct = Distinct::of(&histories.in_unit(self.days_per_period));
        self.check_enough(&distinct)?;
        let found = match self.process {
            PurchaseProcess::BgNbd => maximise::<BetaGeometricLikelihood<0>>(&distinct, &[1]),
            PurchaseProcess::MbgNbd => maximise::<BetaGeometricLikelihood<1>>(&distinct, &[1]),
            PurchaseProcess::ParetoNbd => maximise::<ParetoNbdLikelihood>(&distinct, &[1, 3]),
            PurchaseProcess::BgBb => maximise::<BgBbLikelihood>(&distinct, &[]),
        };
        let Some(found) = found else {
            return Err(Error::NotConverged {
                iterations: 0,
                gradient: f64::NAN,
                reason: "the likelihood is not a number at any start; look for extreme ages or counts".into(),
            });
        };
        Ok(blank.fitted(&found.at, found.covariance, self.report(&distinct, &found)))
    }

    fn check_enough(&self, distinct: &Distinct) -> Result<()> {
        let name = self.process.name();
        let needs = |what: &str, needed: usize, found: usize| {
            let what = format!("a fit of the {name} model ({what})");
            Err(Error::NotEnoughData { what, needed, found })
        };
        if !distinct.histories.iter().any(|one| one.repeats > 0.0) {
            return needs(
                "customers who came back: all bought once, and nothing tells how often they would return",
                1,
                0,
            );
        }
        if distinct.histories.len() < FEWEST_HISTORIES {
            return needs("customers whose histories differ", FEWEST_HISTORIES, distinct.histories.len());
        }
        Ok(())
    }

    fn report(&self, distinct: &Distinct, found: &Maximum<4>) -> PurchaseReport {
        const FEW: f64 = 200.0;
        let customers = distinct.total();
        let repeats = distinct.sum(|one| one.repeats);
        let returned = distinct.mean(|one| if one.repeats > 0.0 { 1.0 } else { 0.0 });
        let mut findings = Vec::new();
        let names = self.process.parameter_names();
        for (index, name) in names.iter().enumerate().filter(|&(index, _)| found.is_at_edge(index)) {
            findings.push(format!(
                "`{name}` is not determined by the data ({:.3e}): customers differ too little in what it describes, or are too few; what depends on it alone means nothing",
                libm::exp(found.at[index])
            ));
        }
        if customers < FEW {
            findings.push(format!(
                "only {customers} customers: parameters of so few are rough; look at the standard errors"
            ));
        }
        if returned < 0.02 {
            findings.push(format!("only {:.2} % of the customers ever came back", 100.0 * returned));
        }
        if !found.converged {
            findings.push(format!(
                "the fit did not converge after {} rounds; look for customers with extreme counts",
                found.rounds
            ));
        }
        if self.process == PurchaseProcess::BgNbd {
            let once = 1.0 - returned;
            findings.push(format!(
                "BG/NBD counts every customer who never came back as alive: {:.0} % here. For early warning take MBG/NBD or Pareto/NBD",
                100.0 * once
            ));
        }
        PurchaseReport {
            customers,
            distinct_histories: distinct.histories.len(),
            repeat_purchases: repeats,
            log_likelihood: found.log_likelihood,
            converged: found.converged,
            rounds: found.rounds,
            gradient: found.gradient,
            findings,
        }
    }
}

/// The maximum; `times` are the parameters that are times.
fn maximise<L: Likelihood>(distinct: &Distinct, times: &[usize]) -> Option<Maximum<4>> {
    let unit = if times.is_empty() { 1.0 } else { distinct.mean(|one| one.age) };
    let scaled = if times.is_empty() {
        distinct.clone()
    } else {
        let histories = distinct.histories.iter().map(|one| one.in_unit(unit)).collect();
        Distinct { histories, weights: distinct.weights.clone() }
    };
    let of = |distinct: &Distinct, logs: &Logs| log_likelihood::<L>(distinct, logs);
    let starts = L::starts(&scaled);
    let mut found = if scaled.histories.len() <= HISTORIES_TO_COMPARE {
        highest(&starts, |logs| of(&scaled, logs))?
    } else {
        // A part of the histories says where there are tops; which is the highest, only all of them.
        let part = scaled.part(HISTORIES_TO_COMPARE);
        let tops = starts.iter().map(|start| climb(start, &|logs: &Logs| of(&part, logs)).at);
        highest(&distinct_tops(tops), |logs| of(&scaled, logs))?
    };
    if !found.log_likelihood.is_finite() {
        return None;
    }
    for &time in times {
        found.at[time] += libm::log(unit);
    }
    // With a unit of its own the sum is exact to its last digits, which a conversion would cost.
    found.log_likelihood = of(distinct, &found.at).value;
    Some(found)
}

/// Tops that are not the same but for rounding.
fn distinct_tops(tops: impl Iterator<Item = Logs>) -> Vec<Logs> {
    const APART: f64 = 1e-3;
    let mut distinct: Vec<Logs> = Vec::new();
    for top in tops {
        let is_known = |known: &Logs| known.iter().zip(&top).all(|(one, other)| (one - other).abs() < APART);
        if !distinct.iter().any(is_known) {
            distinct.push(top);
        }
    }
    distinct
}
