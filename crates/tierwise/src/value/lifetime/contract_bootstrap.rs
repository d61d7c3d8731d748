//! How far renewals vary from sample to sample of customers.

use super::bootstrap::{Bootstrap, Sampled, check_samples, weight_in_sample};
use super::contract::ShiftedBetaGeometric;
use super::contract_fit::Contracts;
use super::contract_value::{Asked, ContractHorizon, Margins};
use super::interval::{Interval, check_level, percentiles};
use super::maximum_likelihood::Pace;
use crate::Result;
use std::ops::ControlFlow;

/// A model of contracts, fitted to samples of the customers too.
pub type ContractBootstrap = Bootstrap<ShiftedBetaGeometric>;

/// Keeps the samples apart from those of other models with the same seed.
const STREAM: u64 = 0xa076_1d64_0000_0000;

impl Sampled for ShiftedBetaGeometric {
    const BOOTSTRAP: &'static str = "contract_bootstrap";

    fn estimates(&self) -> Vec<(&'static str, Option<String>, f64)> {
        self.parameters().map(|one| (one.name, None, one.estimate)).into()
    }

    fn at(&self, unknowns: &[f64]) -> Result<Self> {
        Self::new([libm::exp(unknowns[0]), libm::exp(unknowns[1])])
    }
}

impl ShiftedBetaGeometric {
    /// Learns from customers as [`fit_customers`](Self::fit_customers) does, and then from so many samples of them, each from
    /// where all of them led. The same seed gives the same samples on every machine. Of segments, sample each alone.
    ///
    /// # Errors
    /// Those of [`fit_customers`](Self::fit_customers); [`Error::InvalidParameter`](crate::Error) unless the number of
    /// samples lies in [20, 10000]; [`Error::NotConverged`](crate::Error) where the likelihood
    /// of more than one sample in ten is no number.
    ///
    /// ```
    /// use tierwise::value::ShiftedBetaGeometric;
    /// let drawn = ShiftedBetaGeometric::new([0.7, 1.2])?.simulate(&[7; 2000], 1)?;
    /// let sampled = ShiftedBetaGeometric::bootstrap_customers(&drawn.periods, &drawn.left, None, 100, 1)?;
    /// let alpha = &sampled.parameters(0.95)?[0];
    /// assert!(alpha.lower < 0.7 && 0.7 < alpha.upper);
    /// let renewals = sampled.expected_residual_lifetime(1, 0.1, 0.95)?;
    /// assert!(renewals.lower < renewals.estimate && renewals.estimate < renewals.upper);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn bootstrap_customers(
        periods: &[u32],
        left: &[bool],
        weights: Option<&[f64]>,
        samples: usize,
        seed: u64,
    ) -> Result<ContractBootstrap> {
        check_samples(samples)?;
        sampled(&Contracts::of_customers(periods, left, weights)?, samples, seed)
    }

    /// Learns from one cohort as [`fit_survivors`](Self::fit_survivors) does, and then from samples of its customers.
    ///
    /// # Errors
    /// Those of [`fit_survivors`](Self::fit_survivors) and of [`bootstrap_customers`](Self::bootstrap_customers).
    pub fn bootstrap_survivors(survivors: &[f64], samples: usize, seed: u64) -> Result<ContractBootstrap> {
        check_samples(samples)?;
        sampled(&Contracts::of_survivors(survivors)?, samples, seed)
    }
}

fn sampled(contracts: &Contracts, samples: usize, seed: u64) -> Result<ContractBootstrap> {
    let model = contracts.fit()?;
    let start = model.unknowns();
    // A cohort is a few counts, so that thousands of samples are fitted before anybody would ask.
    let on = &mut |_| ControlFlow::Continue(());
    Bootstrap::draw(model, samples, [seed, STREAM], on, |random| {
        let mut sample = contracts.clone();
        for count in sample.left.iter_mut().chain(&mut sample.there).filter(|count| **count > 0.0) {
            *count = weight_in_sample(*count, random);
        }
        Ok(sample.highest(&[start.to_vec()], Pace::FROM_NEAR))
    })
}

impl ContractBootstrap {
    /// [`ShiftedBetaGeometric::retention`] with the middle `level` of what the samples' models make of it.
    ///
    /// # Errors
    /// Those of [`ShiftedBetaGeometric::retention`]; [`Error::InvalidParameter`](crate::Error) for a level outside (0, 1).
    pub fn retention(&self, period: u32, level: f64) -> Result<Interval> {
        self.interval(level, |model| model.retention(period))
    }

    /// [`ShiftedBetaGeometric::survival`] with the middle `level` of what the samples' models make of it.
    ///
    /// # Errors
    /// Those of [`ShiftedBetaGeometric::survival`]; [`Error::InvalidParameter`](crate::Error) for a level outside (0, 1).
    pub fn survival(&self, period: u32, level: f64) -> Result<Interval> {
        self.interval(level, |model| model.survival(period))
    }

    /// [`ShiftedBetaGeometric::expected_residual_lifetime`] with the middle `level` of what the samples' models make of it.
    ///
    /// # Errors
    /// Those of [`ShiftedBetaGeometric::expected_residual_lifetime`]; [`Error::InvalidParameter`](crate::Error) for a
    /// level outside (0, 1).
    pub fn expected_residual_lifetime(&self, renewal: u32, rate: f64, level: f64) -> Result<Interval> {
        self.interval(level, |model| model.expected_residual_lifetime(renewal, rate))
    }

    /// [`ShiftedBetaGeometric::lifetime_value`] with the middle `level` of what the samples' models make of it.
    ///
    /// # Errors
    /// Those of [`ShiftedBetaGeometric::lifetime_value`]; [`Error::InvalidParameter`](crate::Error) for a level outside
    /// (0, 1).
    ///
    /// ```
    /// use tierwise::value::{ContractHorizon, Margins, Payment, ShiftedBetaGeometric};
    /// let sampled = ShiftedBetaGeometric::bootstrap_survivors(&[1000.0, 631.0, 468.0, 382.0, 326.0], 50, 1)?;
    /// let years = ContractHorizon { periods: Some(5), rate: 0.1, payment: Payment::AtEnd, until_renewal: 0.0 };
    /// let value = sampled.lifetime_value(&[0, 2], Margins::ByCustomer(&[100.0, 80.0]), years, 0.95)?;
    /// assert!(value.iter().all(|one| one.lower < one.estimate && one.estimate < one.upper));
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn lifetime_value(
        &self,
        renewals: &[u32],
        margins: Margins<'_>,
        horizon: ContractHorizon,
        level: f64,
    ) -> Result<Vec<Interval>> {
        check_level("lifetime_value", level)?;
        let asked = Asked::new(renewals, margins, horizon)?;
        let samples: Vec<Vec<f64>> = self.models()?.iter().map(|model| asked.of_tenures(model)).collect();
        let of_tenure = |(tenure, estimate): (usize, f64)| {
            let mut values: Vec<f64> = samples.iter().map(|sample| sample[tenure]).collect();
            let (lower, upper) = percentiles(&mut values, level);
            Interval { estimate, lower, upper }
        };
        let intervals: Vec<Interval> = asked.of_tenures(self.model()).into_iter().enumerate().map(of_tenure).collect();
        asked.intervals_by_customer(&intervals)
    }
}
