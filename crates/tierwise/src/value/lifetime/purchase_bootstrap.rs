//! How far parameters, forecasts and values vary from sample to sample of customers.

use super::bootstrap::{Bootstrap, Sampled, check_samples, weight_in_sample};
use super::covariates::Group;
use super::forecast::{Forecast, Steps};
use super::histories::{Histories, History};
use super::interval::{Interval, check_level, percentiles};
use super::lifetime_value::{PaidAmounts, lifetime_value};
use super::process::Process;
use super::purchase_fit::PurchaseFit;
use super::purchase_model::{PurchaseModel, of_parts, values_of};
use super::spend_bootstrap::SpendBootstrap;
use crate::special::variates::Variates;
use crate::{Progress, Result};
use std::ops::ControlFlow;

/// A model of purchases, fitted to samples of the customers too.
pub type PurchaseBootstrap = Bootstrap<PurchaseModel>;

impl Sampled for PurchaseModel {
    const BOOTSTRAP: &'static str = "purchase_bootstrap";

    fn estimates(&self) -> Vec<(&'static str, Option<String>, f64)> {
        let parameters = self.parameters().map(|one| (one.name, None, one.estimate));
        let coefficients =
            self.coefficients().into_iter().map(|one| (one.parameter, Some(one.covariate), one.estimate));
        parameters.into_iter().chain(coefficients).collect()
    }

    fn at(&self, unknowns: &[f64]) -> Result<Self> {
        self.with_unknowns(unknowns)
    }
}

impl PurchaseFit {
    /// Fits the customers, and then so many samples of them, each from where all of them led. The same seed gives the same
    /// samples on every machine.
    ///
    /// # Errors
    /// Those of [`fit`](Self::fit); [`Error::InvalidParameter`](crate::Error) unless the number of samples lies in [20, 10000];
    /// [`Error::NotConverged`](crate::Error) where the likelihood
    /// of more than one sample in ten is no number.
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
        self.bootstrap_with(histories, samples, seed, &mut |_| ControlFlow::Continue(()))
    }

    /// The same, telling `progress` from time to time how many samples are fitted; its objective is NaN.
    ///
    /// # Errors
    /// Those of [`bootstrap`](Self::bootstrap); [`Error::Cancelled`](crate::Error) when `progress` breaks.
    pub fn bootstrap_with(
        &self,
        histories: &Histories,
        samples: usize,
        seed: u64,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<PurchaseBootstrap> {
        check_samples(samples)?;
        let model = self.fit(histories)?;
        let groups = self.groups_of(histories)?;
        let start = model.unknowns();
        Bootstrap::draw(model, samples, [seed, 0], progress, |random| {
            let sampled: Vec<Group> = groups.iter().map(|group| sample_of(group, random)).collect();
            self.highest(&sampled, Some(&start))
        })
    }
}

/// The group with weights as one sample has them.
fn sample_of(group: &Group, random: &mut Variates) -> Group {
    let mut sample = group.clone();
    for weight in &mut sample.customers.weights {
        *weight = weight_in_sample(*weight, random);
    }
    sample
}

impl PurchaseBootstrap {
    /// What the model expects of each customer, with the middle `level` of what the samples' models expect.
    ///
    /// # Errors
    /// Those of [`PurchaseModel::forecast`]; [`Error::InvalidParameter`](crate::Error) for a level outside (0, 1).
    pub fn forecast(&self, histories: &Histories, forecast: Forecast, level: f64) -> Result<Vec<Interval>> {
        check_level("bootstrap", level)?;
        let estimates = self.model().forecast(histories, forecast)?;
        self.intervals(histories, estimates, level, |_, _, process, history| forecast.of(process, history))
    }

    /// What each customer will bring, as [`lifetime_value`] has it, with the middle `level` of what the samples' models of
    /// purchases and of spend make of it. The first sample of the one goes with the first of the other, and so on; where those of
    /// spend are fewer they begin again.
    ///
    /// # Errors
    /// Those of [`lifetime_value`]; [`Error::InvalidParameter`](crate::Error) for a level outside (0, 1).
    ///
    /// ```
    /// use tierwise::value::{GammaGamma, PaidAmounts, PurchaseFit, PurchaseModel, PurchaseProcess, Steps};
    /// let truth = PurchaseModel::new(PurchaseProcess::MbgNbd, [0.8, 6.0, 0.9, 1.8])?;
    /// let drawn = truth.simulate(&[30.0; 400], 1)?.histories();
    /// let purchases = PurchaseFit::new(PurchaseProcess::MbgNbd).bootstrap(&drawn, 100, 1)?;
    /// let means: Vec<f64> = (0..400).map(|row| 10.0 + f64::from(row * 37 % 90)).collect();
    /// let repeats: Vec<f64> = drawn.iter().map(|one| one.repeats).collect();
    /// let spend = GammaGamma::bootstrap(&repeats, &means, None, 100, 1)?;
    /// let year = Steps { steps: 52, periods: 1.0, rate: 0.002, after: 0.0 };
    /// let paid = PaidAmounts { purchases: &repeats, mean: &means };
    /// let value = purchases.lifetime_value(&spend, &drawn, paid, year, 0.3, 0.95)?[0];
    /// assert!(value.lower < value.estimate && value.estimate < value.upper);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn lifetime_value(
        &self,
        spend: &SpendBootstrap,
        histories: &Histories,
        paid: PaidAmounts<'_>,
        horizon: Steps,
        margin: f64,
        level: f64,
    ) -> Result<Vec<Interval>> {
        check_level("bootstrap", level)?;
        let estimates = lifetime_value(self.model(), spend.model(), histories, paid, horizon, margin)?;
        let (spends, discounted) = (spend.models()?, Forecast::DiscountedInSteps(horizon));
        self.intervals(histories, estimates, level, |row, sample, process, history| {
            let amount = spends[sample % spends.len()].expected_of(paid.purchases[row], paid.mean[row]);
            discounted.of(process, history) * amount * margin
        })
    }

    /// The estimate of each customer with the middle of what `value` gives for his row, the number of a sample, its process and
    /// his history in periods.
    fn intervals(
        &self,
        histories: &Histories,
        estimates: Vec<f64>,
        level: f64,
        value: impl Fn(usize, usize, &dyn Process, &History) -> f64 + Sync,
    ) -> Result<Vec<Interval>> {
        let model = self.model();
        let covariates = model.columns_of(histories)?;
        let processes = |z: &[f64]| -> Vec<Box<dyn Process>> {
            let of = |unknowns: &Vec<f64>| model.process().with(&model.parameters_by(unknowns, z));
            self.unknowns().iter().map(of).collect()
        };
        // Customers without covariates share them.
        let shared = covariates.is_empty().then(|| processes(&[]));
        let ends: Vec<(f64, f64)> = of_parts(histories.len(), |rows, ends| {
            for (row, ends) in rows.zip(ends) {
                let history = histories.history(row).in_unit(model.days_per_period());
                let own = if shared.is_none() { processes(&values_of(&covariates, row)) } else { Vec::new() };
                let processes = shared.as_ref().unwrap_or(&own).iter().enumerate();
                let mut values: Vec<f64> =
                    processes.map(|(sample, process)| value(row, sample, &**process, &history)).collect();
                *ends = percentiles(&mut values, level);
            }
        });
        let joined = estimates.into_iter().zip(ends);
        Ok(joined.map(|(estimate, (lower, upper))| Interval { estimate, lower, upper }).collect())
    }
}
