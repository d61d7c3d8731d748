//! How far estimates vary from sample to sample of customers: what the bootstraps of all models of this module share.

use super::interval::{Interval, check_level, percentiles};
use super::maximum_likelihood::Maximum;
use crate::model::Saved;
use crate::special::variates::Variates;
use crate::{Error, Progress, Result};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// A fit, repeated on samples of the customers: intervals that do not take the likelihood for a parabola.
///
/// The samples are those of the Bayesian bootstrap (Rubin 1981): each customer counts not once but an exponentially
/// distributed number of times, once on average. So no sample lacks a kind of customers altogether, and weights need not be
/// whole numbers. It can be saved, as models can.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Content<M>", bound = "M: Sampled")]
pub struct Bootstrap<M: Sampled> {
    model: M,
    /// The unknowns of each sample's fit.
    samples: Vec<Vec<f64>>,
    failed: usize,
}

/// A model of which a [`Bootstrap`] can be made.
pub trait Sampled: Saved + Clone {
    /// The kind in the file of its bootstrap.
    const BOOTSTRAP: &'static str;

    /// Names, covariates and estimates: the parameters, then the coefficients of each covariate.
    fn estimates(&self) -> Vec<(&'static str, Option<String>, f64)>;

    /// The model with other unknowns of its fit, and without a report.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] where one of them makes a parameter that the model cannot have.
    fn at(&self, unknowns: &[f64]) -> Result<Self>;
}

/// A parameter or coefficient with the middle of what samples gave.
#[derive(Debug, Clone, PartialEq, Serialize)]
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

const FEWEST: usize = 20;
const MOST: usize = 10_000;

/// Checks how many samples are asked for.
pub(super) fn check_samples(samples: usize) -> Result<()> {
    if (FEWEST..=MOST).contains(&samples) {
        return Ok(());
    }
    let (must_be, got) = (format!("a whole number in [{FEWEST}, {MOST}]"), samples.to_string());
    Err(Error::InvalidParameter { of: "bootstrap", name: "samples", must_be, got })
}

/// What a customer weighs in a sample, or customers who are equal: of exponentially distributed numbers, as many as they are.
pub(super) fn weight_in_sample(weight: f64, random: &mut Variates) -> f64 {
    // A weight of 0 would make a customer of none.
    random.gamma(weight, 1.0).max(f64::MIN_POSITIVE)
}

impl<M: Sampled> Bootstrap<M> {
    /// Fits so many samples beside the model of all customers. `fit` draws the weights of one and gives the highest point of its
    /// likelihood, if it found one; `stream` keeps the numbers of different models apart. `progress` is told from time to time
    /// how many samples are fitted.
    pub(super) fn draw(
        model: M,
        samples: usize,
        [seed, stream]: [u64; 2],
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
        fit: impl Fn(&mut Variates) -> Result<Option<Maximum>> + Sync + Send,
    ) -> Result<Self> {
        /// Samples between two words on the progress, per thread.
        const AT_ONCE: usize = 16;
        let seed = seed.wrapping_mul(MOST as u64).wrapping_add(stream);
        let numbers: Vec<u64> = (0..samples as u64).collect();
        let (mut found, mut step): (Vec<Maximum>, usize) = (Vec::new(), 0);
        for wave in numbers.chunks(AT_ONCE * crate::parallel::width()) {
            let fits = crate::parallel::map(wave.to_vec(), |sample| {
                let found = fit(&mut Variates::new(seed.wrapping_add(sample)))?;
                // What the model cannot have is no number any more.
                Ok(found.filter(|found| model.at(&found.at).is_ok()))
            });
            found.extend(fits.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten());
            step += wave.len();
            if progress(Progress { step, limit: samples, objective: f64::NAN }).is_break() {
                return Err(Error::Cancelled { steps: step });
            }
        }
        if 10 * found.len() < 9 * samples {
            let reason = format!(
                "the likelihood of {} of {samples} samples of the customers is not a number; look for extreme ages or counts",
                samples - found.len()
            );
            return Err(Error::NotConverged { iterations: 0, gradient: f64::NAN, reason });
        }
        let failed = samples - found.iter().filter(|found| found.converged).count();
        Ok(Self { model, samples: found.into_iter().map(|found| found.at).collect(), failed })
    }

    /// The model of all customers.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// Samples of which there are estimates.
    pub fn samples(&self) -> usize {
        self.samples.len()
    }

    /// Samples whose likelihood has no highest point, as a parameter runs away. Their estimates are those of where the climb
    /// ended: so far out forecasts hardly move any more, and to leave such samples out would make every interval too
    /// narrow. Where they are many, only forecasts mean anything, and not the parameters.
    pub fn failed(&self) -> usize {
        self.failed
    }

    /// The parameters, then the coefficients of each covariate, with the middle `level` of the samples.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a level outside (0, 1).
    pub fn parameters(&self, level: f64) -> Result<Vec<BootstrapParameter>> {
        check_level("bootstrap", level)?;
        let samples: Vec<_> = self.models()?.iter().map(M::estimates).collect();
        let with_interval = |(at, (name, covariate, estimate)): (usize, (&'static str, Option<String>, f64))| {
            let (lower, upper) = percentiles(&mut samples.iter().map(|sample| sample[at].2).collect::<Vec<_>>(), level);
            BootstrapParameter { name, covariate, estimate, lower, upper }
        };
        Ok(self.model.estimates().into_iter().enumerate().map(with_interval).collect())
    }

    /// A number that follows from a model, with the middle `level` of what the samples' models make of it.
    pub(super) fn interval(&self, level: f64, of: impl Fn(&M) -> Result<f64>) -> Result<Interval> {
        check_level("bootstrap", level)?;
        let estimate = of(&self.model)?;
        let mut values = self.models()?.iter().map(of).collect::<Result<Vec<f64>>>()?;
        let (lower, upper) = percentiles(&mut values, level);
        Ok(Interval { estimate, lower, upper })
    }

    /// The unknowns of each sample's fit.
    pub(super) fn unknowns(&self) -> &[Vec<f64>] {
        &self.samples
    }

    /// The models of the samples.
    pub(super) fn models(&self) -> Result<Vec<M>> {
        self.samples.iter().map(|unknowns| self.model.at(unknowns)).collect()
    }
}

impl<M: Sampled> Saved for Bootstrap<M> {
    const KIND: &'static str = M::BOOTSTRAP;
}

/// The content of the file, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, bound = "M: Sampled")]
struct Content<M> {
    model: M,
    samples: Vec<Vec<f64>>,
    failed: usize,
}

impl<M: Sampled> TryFrom<Content<M>> for Bootstrap<M> {
    type Error = Error;

    fn try_from(Content { model, samples, failed }: Content<M>) -> Result<Self> {
        let unknowns = model.estimates().len();
        if samples.is_empty() || samples.iter().any(|sample| sample.len() != unknowns) {
            let must_be = format!("one sample at the least, each of {unknowns} numbers");
            return Err(Error::InvalidParameter { of: "bootstrap", name: "samples", must_be, got: "others".into() });
        }
        let sampled = Self { model, samples, failed };
        sampled.models()?;
        Ok(sampled)
    }
}
