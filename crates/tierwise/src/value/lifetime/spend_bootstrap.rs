//! How far amounts vary from sample to sample of customers.

use super::bootstrap::{Bootstrap, Sampled, check_samples, weight_in_sample};
use super::gamma_gamma::{GammaGamma, highest_of, spenders};
use super::interval::{Interval, check_level, percentiles};
use super::purchase_model::of_parts;
use crate::{Progress, Result};
use std::ops::ControlFlow;

/// A model of spend, fitted to samples of the customers too.
pub type SpendBootstrap = Bootstrap<GammaGamma>;

/// Keeps the samples apart from those of a model of purchases with the same seed: what is drawn for a customer here has
/// nothing to do with what is drawn for him there.
const STREAM: u64 = 0x5bd1_e995_0000_0000;

impl Sampled for GammaGamma {
    const BOOTSTRAP: &'static str = "spend_bootstrap";

    fn estimates(&self) -> Vec<(&'static str, Option<String>, f64)> {
        self.parameters().map(|one| (one.name, None, one.estimate)).into()
    }

    fn at(&self, unknowns: &[f64]) -> Result<Self> {
        Self::of_unknowns(unknowns)
    }
}

impl GammaGamma {
    /// Learns from customers as [`fit`](Self::fit) does, and then from so many samples of them, each from where all of them
    /// led. The same seed gives the same samples on every machine.
    ///
    /// # Errors
    /// Those of [`fit`](Self::fit); [`Error::InvalidParameter`](crate::Error) unless the number of samples lies in [20, 10000];
    /// [`Error::NotConverged`](crate::Error) where the likelihood
    /// of more than one sample in ten is no number.
    ///
    /// ```
    /// use tierwise::value::GammaGamma;
    /// let amounts = GammaGamma::new([6.25, 3.74, 15.44])?.simulate(&(0..500).collect::<Vec<u32>>(), 1);
    /// let sampled = GammaGamma::bootstrap(&[1.0; 500], &amounts, None, 100, 1)?;
    /// let mean = sampled.expected(&[0.0], &[f64::NAN], 0.95)?[0];
    /// assert!(mean.lower < 35.22 && 35.22 < mean.upper);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn bootstrap(
        repeats: &[f64],
        mean_amounts: &[f64],
        weights: Option<&[f64]>,
        samples: usize,
        seed: u64,
    ) -> Result<SpendBootstrap> {
        Self::bootstrap_with(repeats, mean_amounts, weights, samples, seed, &mut |_| ControlFlow::Continue(()))
    }

    /// The same, telling `progress` from time to time how many samples are fitted; its objective is NaN.
    ///
    /// # Errors
    /// Those of [`bootstrap`](Self::bootstrap); [`Error::Cancelled`](crate::Error) when `progress` breaks.
    pub fn bootstrap_with(
        repeats: &[f64],
        mean_amounts: &[f64],
        weights: Option<&[f64]>,
        samples: usize,
        seed: u64,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<SpendBootstrap> {
        check_samples(samples)?;
        let model = Self::fit(repeats, mean_amounts, weights)?;
        let (spenders, start) = (spenders(repeats, mean_amounts, weights)?, model.unknowns());
        Bootstrap::draw(model, samples, [seed, STREAM], progress, |random| {
            let mut sample = spenders.clone();
            for one in &mut sample {
                one.weight = weight_in_sample(one.weight, random);
            }
            Ok(highest_of(&sample, Some(start)))
        })
    }
}

impl SpendBootstrap {
    /// The mean amount of each customer's purchases to come, as [`GammaGamma::expected`] has it, with the middle `level` of what
    /// the samples' models expect.
    ///
    /// # Errors
    /// Those of [`GammaGamma::expected`]; [`Error::InvalidParameter`](crate::Error) for a level outside (0, 1).
    pub fn expected(&self, repeats: &[f64], mean_amounts: &[f64], level: f64) -> Result<Vec<Interval>> {
        check_level("bootstrap", level)?;
        let (estimates, models) = (self.model().expected(repeats, mean_amounts)?, self.models()?);
        let ends: Vec<(f64, f64)> = of_parts(repeats.len(), |rows, ends| {
            for (row, ends) in rows.zip(ends) {
                let of = |model: &GammaGamma| model.expected_of(repeats[row], mean_amounts[row]);
                *ends = percentiles(&mut models.iter().map(of).collect::<Vec<f64>>(), level);
            }
        });
        let joined = estimates.into_iter().zip(ends);
        Ok(joined.map(|(estimate, (lower, upper))| Interval { estimate, lower, upper }).collect())
    }
}
