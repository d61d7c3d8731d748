//! Learning a model of purchases from histories, by maximum likelihood.

use super::beta_geometric_likelihood::BetaGeometricLikelihood;
use super::bg_bb::BgBbLikelihood;
use super::covariates::{Design, Group, Standard, groups, log_likelihood};
use super::distinct::Distinct;
use super::histories::Histories;
use super::maximum_likelihood::{Local, Maximum, Pace, highest, next_to_tops};
use super::pareto_nbd::ParetoNbdLikelihood;
use super::process::Likelihood;
use super::purchase_model::PurchaseModel;
use super::purchase_process::PurchaseProcess;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Fits a model of purchases.
///
/// Maximum likelihood in the logarithms of the parameters, with exact first and second derivatives, from four starts; where
/// there are more than 250 distinct histories, the starts are compared on a part of them. Equal histories are
/// counted, not repeated. Time is measured in mean ages meanwhile, so that its unit does not reach the result.
///
/// ```
/// use tierwise::value::{PurchaseFit, PurchaseModel, PurchaseProcess};
/// let truth = PurchaseModel::new(PurchaseProcess::MbgNbd, [0.8, 6.0, 0.9, 1.8])?;
/// let drawn = truth.simulate(&[30.0; 1000], 1)?.histories();
/// let model = PurchaseFit::new(PurchaseProcess::MbgNbd).fit(&drawn)?;
/// assert!(model.report().unwrap().converged);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PurchaseFit {
    process: PurchaseProcess,
    days_per_period: f64,
    horizon: f64,
    covariates: Vec<String>,
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

/// The starts are compared on at most about so many histories. With far fewer the likelihood may have no top.
const HISTORIES_TO_COMPARE: usize = 250;

impl PurchaseFit {
    /// A fit of this process. A period is one unit of the histories' times, and the model's score is what is expected within
    /// one period, until said otherwise.
    pub fn new(process: PurchaseProcess) -> Self {
        Self { process, days_per_period: 1.0, horizon: 1.0, covariates: Vec::new() }
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

    /// The parameters depend on these covariates, which the histories hold under their names.
    #[must_use]
    pub fn covariates(mut self, names: &[&str]) -> Self {
        self.covariates = names.iter().map(ToString::to_string).collect();
        self
    }

    /// Learns from histories.
    ///
    /// A fit that does not converge is a model whose [report](PurchaseModel::report) says so.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`]; [`Error::NotEnoughData`] for fewer than five distinct histories, when nobody ever came
    /// back, and for a covariate that is the same for all; [`Error::InvalidParameter`] for one that hardly differs from a
    /// huge number; [`Error::MissingColumn`] for one that the histories lack;
    /// [`Error::InvalidValue`] where the BG/BB model finds parts of periods or more purchases than periods.
    pub fn fit(&self, histories: &Histories) -> Result<PurchaseModel> {
        let blank = self.blank(histories)?;
        let groups = self.groups_of(histories)?;
        self.check_enough(&groups)?;
        let found = self.highest(&groups, None)?;
        let Some(found) = found else {
            return Err(Error::NotConverged {
                iterations: 0,
                gradient: f64::NAN,
                reason: "the likelihood is not a number at any start; look for extreme ages or counts".into(),
            });
        };
        if found.at[..4].iter().any(|log| log.abs() > 700.0) {
            let must_be = "columns with values near 0, compared with how much they differ: subtract their mean".into();
            let got = self.covariates.join(", ");
            return Err(Error::InvalidParameter { of: "PurchaseFit", name: "covariates", must_be, got });
        }
        let report = self.report(&groups, &found);
        Ok(blank.fitted(&found, report))
    }

    /// The model that a fit fills, with everything checked that does not need one.
    fn blank(&self, histories: &Histories) -> Result<PurchaseModel> {
        let blank = PurchaseModel::unfitted(self.process, self.days_per_period, self.horizon, &self.covariates)?;
        if histories.is_empty() {
            return Err(Error::EmptyTable { what: "the table of histories".into() });
        }
        blank.check_histories(histories)?;
        Ok(blank)
    }

    /// The maximum, climbing from a point that is known to be near, if there is one; none where the likelihood is no number.
    pub(super) fn highest(&self, groups: &[Group], near: Option<&[f64]>) -> Result<Option<Maximum>> {
        let design = Design::new(self.process, self.covariates.len());
        let standard = Standard::of(groups, &self.covariates)?;
        let times: &[usize] = match self.process {
            PurchaseProcess::BgNbd | PurchaseProcess::MbgNbd => &[1],
            PurchaseProcess::ParetoNbd => &[1, 3],
            PurchaseProcess::BgBb => &[],
        };
        let task = Task { design, standard, groups, times, near };
        Ok(match self.process {
            PurchaseProcess::BgNbd => maximise::<BetaGeometricLikelihood<0>>(&task),
            PurchaseProcess::MbgNbd => maximise::<BetaGeometricLikelihood<1>>(&task),
            PurchaseProcess::ParetoNbd => maximise::<ParetoNbdLikelihood>(&task),
            PurchaseProcess::BgBb => maximise::<BgBbLikelihood>(&task),
        })
    }

    /// The customers as the fit reads them.
    pub(super) fn groups_of(&self, histories: &Histories) -> Result<Vec<Group>> {
        groups(histories, &self.covariates, self.days_per_period)
    }

    fn check_enough(&self, groups: &[Group]) -> Result<()> {
        let name = self.process.name();
        let needs = |what: &str, needed: usize, found: usize| {
            let what = format!("a fit of the {name} model ({what})");
            Err(Error::NotEnoughData { what, needed, found })
        };
        if !groups.iter().any(|group| group.customers.histories.iter().any(|one| one.repeats > 0.0)) {
            return needs(
                "customers who came back: all bought once, and nothing tells how often they would return",
                1,
                0,
            );
        }
        let (needed, found) = (FEWEST_HISTORIES + self.covariates.len(), distinct_histories(groups));
        if found < needed {
            return needs("customers whose histories differ", needed, found);
        }
        Ok(())
    }

    fn report(&self, groups: &[Group], found: &Maximum) -> PurchaseReport {
        const FEW: f64 = 200.0;
        let sum = |of: fn(&Distinct) -> f64| groups.iter().map(|group| of(&group.customers)).sum::<f64>();
        let customers = sum(Distinct::total);
        let repeats = sum(|customers| customers.sum(|one| one.repeats));
        let returned = sum(|customers| customers.sum(|one| if one.repeats > 0.0 { 1.0 } else { 0.0 })) / customers;
        let mut findings = Vec::new();
        let names = self.process.parameter_names();
        for (index, name) in names.iter().enumerate().filter(|&(index, _)| found.is_at_edge[index]) {
            findings.push(format!(
                "`{name}` is not determined by the data ({:.3e}): customers differ too little in what it describes, or are too few; what depends on it alone means nothing",
                libm::exp(found.at[index])
            ));
        }
        let effects = self.process.moved_by_covariates();
        for (index, covariate) in self.covariates.iter().enumerate() {
            let first = names.len() + index * effects.len();
            for (at, effect) in effects.iter().enumerate().filter(|&(at, _)| found.is_at_edge[first + at]) {
                findings.push(format!(
                    "the coefficient of `{covariate}` on `{effect}` is not determined by the data ({:.3e}): the covariate hardly varies or follows from others, or `{effect}` itself is not determined",
                    found.at[first + at]
                ));
            }
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
            findings.push(if found.is_at_edge.contains(&true) {
                "the likelihood has no highest point: it still rises where those parameters run away. Forecasts hardly hang on how far they ran; for how sure they are ask `bootstrap`".into()
            } else {
                format!("the fit did not converge after {} rounds; look for customers with extreme counts", found.rounds)
            });
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
            distinct_histories: distinct_histories(groups),
            repeat_purchases: repeats,
            log_likelihood: found.log_likelihood,
            converged: found.converged,
            rounds: found.rounds,
            gradient: found.gradient,
            findings,
        }
    }
}

fn distinct_histories(groups: &[Group]) -> usize {
    groups.iter().map(|group| group.customers.histories.len()).sum()
}

/// What is to be maximised.
#[derive(Debug)]
struct Task<'a> {
    design: Design,
    standard: Standard,
    groups: &'a [Group],
    /// The parameters that are times.
    times: &'a [usize],
    /// Where to start, if that is known.
    near: Option<&'a [f64]>,
}

/// The log-likelihood of customers by the unknowns of a model.
pub(super) fn log_likelihood_of(process: PurchaseProcess, design: Design, groups: &[Group], unknowns: &[f64]) -> Local {
    match process {
        PurchaseProcess::BgNbd => log_likelihood::<BetaGeometricLikelihood<0>>(design, groups, unknowns),
        PurchaseProcess::MbgNbd => log_likelihood::<BetaGeometricLikelihood<1>>(design, groups, unknowns),
        PurchaseProcess::ParetoNbd => log_likelihood::<ParetoNbdLikelihood>(design, groups, unknowns),
        PurchaseProcess::BgBb => log_likelihood::<BgBbLikelihood>(design, groups, unknowns),
    }
}

/// The maximum, in the units of the data.
fn maximise<L: Likelihood>(task: &Task<'_>) -> Option<Maximum> {
    let Task { design, standard, groups, times, near } = task;
    let total: f64 = groups.iter().map(|group| group.customers.total()).sum();
    let ages: f64 = groups.iter().map(|group| group.customers.sum(|one| one.age)).sum();
    // Time is measured in mean ages, covariates in their spreads, so that units do not reach the result.
    let unit = if times.is_empty() { 1.0 } else { ages / total };
    let scale = |group: &Group| {
        let mut scaled = Group { z: group.z.clone(), customers: group.customers.in_unit(unit) };
        standard.apply(&mut scaled);
        scaled
    };
    let scaled: Vec<Group> = groups.iter().map(scale).collect();
    let mut found = match (near, &scaled[..]) {
        (Some(near), scaled) => {
            let mut start = near.to_vec();
            standard.redo(*design, &mut start);
            for &time in *times {
                start[time] -= libm::log(unit);
            }
            highest(&[start], Pace::FROM_NEAR, |unknowns| log_likelihood::<L>(*design, scaled, unknowns))?
        }
        (None, [group]) if group.z.is_empty() => highest_of_plain::<L>(*design, group)?,
        (None, scaled) => {
            // All start as customers without covariates, who are alike.
            let alike =
                Group { z: Vec::new(), customers: Distinct::merged(scaled.iter().map(|group| &group.customers)) };
            let mut start = highest_of_plain::<L>(design.without_covariates(), &alike)?.at;
            start.resize(design.size(), 0.0);
            highest(&[start], Pace::FROM_AFAR, |unknowns| log_likelihood::<L>(*design, scaled, unknowns))?
        }
    };
    if !found.log_likelihood.is_finite() {
        return None;
    }
    for &time in *times {
        found.at[time] += libm::log(unit);
    }
    standard.undo(*design, &mut found.at, found.covariance.as_mut());
    // With a unit of its own the sum is exact to its last digits, which a conversion would cost.
    found.log_likelihood = log_likelihood::<L>(*design, groups, &found.at).value;
    Some(found)
}

/// The highest point for customers without covariates.
fn highest_of_plain<L: Likelihood>(design: Design, group: &Group) -> Option<Maximum> {
    let starts: Vec<Vec<f64>> = L::starts(&group.customers).iter().map(|start| start.to_vec()).collect();
    let of = |group: &Group, unknowns: &[f64]| log_likelihood::<L>(design, std::slice::from_ref(group), unknowns);
    if group.customers.histories.len() <= HISTORIES_TO_COMPARE {
        return highest(&starts, Pace::FROM_AFAR, |unknowns| of(group, unknowns));
    }
    // A part of the histories says about where there are tops; which is the highest, only all of them.
    let part = Group { z: Vec::new(), customers: group.customers.part(HISTORIES_TO_COMPARE) };
    let tops = next_to_tops(starts, |unknowns| of(&part, unknowns));
    highest(&tops, Pace::FROM_NEAR, |unknowns| of(group, unknowns))
}
