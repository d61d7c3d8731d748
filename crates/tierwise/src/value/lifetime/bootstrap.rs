//! How far parameters and forecasts vary from sample to sample of customers.

use super::covariates::Group;
use super::forecast::Forecast;
use super::histories::Histories;
use super::interval::{Interval, check_level, percentiles};
use super::process::Process;
use super::purchase_fit::PurchaseFit;
use super::purchase_model::{PurchaseModel, of_parts, values_of};
use crate::special::variates::Variates;
use crate::{Error, Result};

/// A fit, repeated on samples of the customers: intervals that do not take the likelihood for a parabola.
///
/// The samples are those of the Bayesian bootstrap (Rubin 1981): each customer counts not once but an exponentially
/// distributed number of times, once on average. So no sample lacks a kind of customers altogether, and weights need not be
/// whole numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct PurchaseBootstrap {
    model: PurchaseModel,
    /// The unknowns of each sample's fit.
    samples: Vec<Vec<f64>>,
    failed: usize,
}

/// A parameter or coefficient with the middle of what samples gave.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct BootstrapParameter {
    /// The name of the parameter.
    pub name: &'static str,
    /// The covariate whose coefficient on it this is; none for the parameter itself.
    pub covariate: Option<String>,
    /// The estimate from all customers.
    pub estimate: f64,
    /// Lower end of the interval.
    pub lower: f64,
    /// Its upper end.
    pub upper: f64,
}

impl PurchaseFit {
    /// Fits the customers, and then so many samples of them, each from where all of them led. The same seed gives the same
    /// samples on every machine.
    ///
    /// # Errors
    /// Those of [`fit`](Self::fit); [`Error::InvalidParameter`] unless the number of samples lies in [20, 10000];
    /// [`Error::NotConverged`] where fewer than nine in ten samples had a highest point.
    ///
    /// ```
    /// use tierwise::value::{Forecast, Histories, PurchaseFit, PurchaseModel, PurchaseProcess};
    /// let truth = PurchaseModel::new(PurchaseProcess::MbgNbd, [0.8, 6.0, 0.9, 1.8])?;
    /// let drawn = truth.simulate(&[30.0; 400], 1)?.histories();
    /// let sampled = PurchaseFit::new(PurchaseProcess::MbgNbd).bootstrap(&drawn, 100, 1)?;
    /// let r = &sampled.parameters(0.95)?[0];
    /// assert!(r.lower < 0.8 && 0.8 < r.upper);
    /// let customer = Histories::new(&[2.0], &[15.0], &[20.0])?;
    /// let alive = sampled.forecast(&customer, Forecast::Alive { ahead: 0.0 }, 0.95)?[0];
    /// assert!(alive.lower < alive.estimate && alive.estimate < alive.upper);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn bootstrap(&self, histories: &Histories, samples: usize, seed: u64) -> Result<PurchaseBootstrap> {
        const FEWEST: usize = 20;
        const MOST: usize = 10_000;
        if !(FEWEST..=MOST).contains(&samples) {
            let must_be = format!("a whole number in [{FEWEST}, {MOST}]");
            let (of, got) = ("bootstrap", samples.to_string());
            return Err(Error::InvalidParameter { of, name: "samples", must_be, got });
        }
        let model = self.fit(histories)?;
        let groups = self.groups_of(histories)?;
        let start = model.unknowns();
        let fits = crate::parallel::map((0..samples as u64).collect(), |sample| {
            let mut random = Variates::new(seed.wrapping_mul(MOST as u64).wrapping_add(sample));
            let sampled: Vec<Group> = groups.iter().map(|group| sample_of(group, &mut random)).collect();
            let found = self.highest(&sampled, Some(&start))?;
            Ok(found.filter(|found| found.converged).map(|found| found.at))
        });
        let fits = fits.into_iter().collect::<Result<Vec<_>>>()?;
        let found: Vec<Vec<f64>> = fits.into_iter().flatten().collect();
        let failed = samples - found.len();
        if 10 * failed > samples {
            let reason = format!(
                "{failed} of {samples} samples of the customers have no highest point; the data do not determine the parameters"
            );
            return Err(Error::NotConverged { iterations: samples, gradient: f64::NAN, reason });
        }
        Ok(PurchaseBootstrap { model, samples: found, failed })
    }
}

/// The group with weights as one sample has them: of exponentially distributed numbers, as many as customers are equal.
fn sample_of(group: &Group, random: &mut Variates) -> Group {
    let mut sample = group.clone();
    for weight in &mut sample.customers.weights {
        // A weight of 0 would make a history of none.
        *weight = random.gamma(*weight, 1.0).max(f64::MIN_POSITIVE);
    }
    sample
}

impl PurchaseBootstrap {
    /// The model of all customers.
    pub fn model(&self) -> &PurchaseModel {
        &self.model
    }

    /// Samples whose fit converged; the rest is left out.
    pub fn samples(&self) -> usize {
        self.samples.len()
    }

    /// Samples whose fit did not converge.
    pub fn failed(&self) -> usize {
        self.failed
    }

    /// The parameters, then the coefficients of each covariate, with the middle `level` of the samples.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a level outside (0, 1).
    pub fn parameters(&self, level: f64) -> Result<Vec<BootstrapParameter>> {
        check_level("bootstrap", level)?;
        let names = self.model.process().parameter_names();
        let of_model = names.iter().zip(self.model.parameters()).map(|(&name, one)| (name, None, one.estimate));
        let coefficients = self.model.coefficients().into_iter();
        let of_covariates = coefficients.map(|one| (one.parameter, Some(one.covariate), one.estimate));
        let with_interval = |(at, (name, covariate, estimate)): (usize, (&'static str, Option<String>, f64))| {
            let on_scale = |one: f64| if covariate.is_none() { libm::exp(one) } else { one };
            let mut values: Vec<f64> = self.samples.iter().map(|sample| on_scale(sample[at])).collect();
            let (lower, upper) = percentiles(&mut values, level);
            BootstrapParameter { name, covariate, estimate, lower, upper }
        };
        Ok(of_model.chain(of_covariates).enumerate().map(with_interval).collect())
    }

    /// What the model expects of each customer, with the middle `level` of what the samples' models expect.
    ///
    /// # Errors
    /// Those of [`PurchaseModel::forecast`]; [`Error::InvalidParameter`] for a level outside (0, 1).
    pub fn forecast(&self, histories: &Histories, forecast: Forecast, level: f64) -> Result<Vec<Interval>> {
        check_level("bootstrap", level)?;
        let estimates = self.model.forecast(histories, forecast)?;
        let covariates = self.model.columns_of(histories)?;
        let processes = |z: &[f64]| -> Vec<Box<dyn Process>> {
            let process = self.model.process();
            self.samples.iter().map(|sample| process.with(&self.model.parameters_by(sample, z))).collect()
        };
        // Customers without covariates share them.
        let shared = covariates.is_empty().then(|| processes(&[]));
        let ends: Vec<(f64, f64)> = of_parts(histories.len(), |rows, ends| {
            for (row, ends) in rows.zip(ends) {
                let history = histories.history(row).in_unit(self.model.days_per_period());
                let own = if shared.is_none() { processes(&values_of(&covariates, row)) } else { Vec::new() };
                let processes = shared.as_ref().unwrap_or(&own);
                let mut values: Vec<f64> = processes.iter().map(|one| forecast.of(&**one, &history)).collect();
                *ends = percentiles(&mut values, level);
            }
        });
        let joined = estimates.into_iter().zip(ends);
        Ok(joined.map(|(estimate, (lower, upper))| Interval { estimate, lower, upper }).collect())
    }
}
