//! What the uncertainty of α and β makes of what follows from them.

use super::contract::ShiftedBetaGeometric;
use super::interval::{Interval, Scale, check_level, interval};
use super::uncertainty::quadratic;
use crate::{Error, Result};

/// The model, and those a step of each parameter away.
pub(super) struct Spread<'a> {
    model: &'a ShiftedBetaGeometric,
    moved: [(ShiftedBetaGeometric, ShiftedBetaGeometric); 2],
    covariance: &'a [[f64; 2]; 2],
}

impl<'a> Spread<'a> {
    /// Differences are taken over a thousandth of a parameter.
    const STEP: f64 = 1e-3;

    pub(super) fn of(model: &'a ShiftedBetaGeometric) -> Result<Self> {
        let Some(covariance) = model.covariance() else {
            let what = "an interval: the shifted beta-geometric model has no standard errors".into();
            return Err(Error::NotEnoughData { what, needed: 1, found: 0 });
        };
        let moved = |index: usize, by: f64| {
            let mut unknowns = model.unknowns();
            unknowns[index] += by;
            ShiftedBetaGeometric::new(unknowns.map(libm::exp))
        };
        let pair = |index: usize| Ok::<_, Error>((moved(index, Self::STEP)?, moved(index, -Self::STEP)?));
        Ok(Self { model, moved: [pair(0)?, pair(1)?], covariance })
    }

    /// Intervals of numbers that follow from a model, by the delta method on a scale.
    pub(super) fn intervals(
        &self,
        of: impl Fn(&ShiftedBetaGeometric) -> Result<Vec<f64>>,
        scale: Scale,
        level: f64,
    ) -> Result<Vec<Interval>> {
        let slopes = |(up, down): &(ShiftedBetaGeometric, ShiftedBetaGeometric)| {
            let slope = |(up, down): (f64, f64)| {
                let difference = scale.of(up) - scale.of(down);
                // At an end of the scale nothing moves.
                if difference.is_finite() { difference / (2.0 * Self::STEP) } else { 0.0 }
            };
            Ok::<Vec<f64>, Error>(of(up)?.into_iter().zip(of(down)?).map(slope).collect())
        };
        let (by_alpha, by_beta) = (slopes(&self.moved[0])?, slopes(&self.moved[1])?);
        let estimates = of(self.model)?.into_iter().zip(by_alpha.into_iter().zip(by_beta));
        let of_one = |(estimate, (alpha, beta)): (f64, (f64, f64))| {
            interval(estimate, quadratic(&[alpha, beta], self.covariance).sqrt(), scale, level)
        };
        estimates.map(of_one).collect()
    }
}

impl ShiftedBetaGeometric {
    /// [`retention`](Self::retention) of each period from 1 to `periods`, with intervals by the delta method on the log-odds.
    ///
    /// # Errors
    /// Those of [`retention`](Self::retention); [`Error::InvalidParameter`] for a level outside (0, 1);
    /// [`Error::NotEnoughData`] for a model without standard errors.
    ///
    /// ```
    /// use tierwise::value::ShiftedBetaGeometric;
    /// let model = ShiftedBetaGeometric::fit_survivors(&[1000.0, 631.0, 468.0, 382.0, 326.0])?;
    /// let known = model.retention_with_interval(4, 0.95)?;
    /// assert!(known.iter().all(|one| one.lower < one.estimate && one.estimate < one.upper));
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn retention_with_interval(&self, periods: u32, level: f64) -> Result<Vec<Interval>> {
        check_level("retention", level)?;
        let of = |model: &Self| (1..=periods).map(|period| model.retention(period)).collect();
        Spread::of(self)?.intervals(of, Scale::LogOdds, level)
    }

    /// [`survival`](Self::survival) after each period from 1 to `periods`, with intervals by the delta method on the log-odds.
    ///
    /// # Errors
    /// Those of [`survival`](Self::survival); [`Error::InvalidParameter`] for a level outside (0, 1);
    /// [`Error::NotEnoughData`] for a model without standard errors.
    pub fn survival_with_interval(&self, periods: u32, level: f64) -> Result<Vec<Interval>> {
        check_level("survival", level)?;
        let of = |model: &Self| (1..=periods).map(|period| model.survival(period)).collect();
        Spread::of(self)?.intervals(of, Scale::LogOdds, level)
    }

    /// [`expected_residual_lifetime`](Self::expected_residual_lifetime), with an interval by the delta method on the logarithm.
    ///
    /// # Errors
    /// Those of [`expected_residual_lifetime`](Self::expected_residual_lifetime); [`Error::InvalidParameter`] for a level
    /// outside (0, 1); [`Error::NotEnoughData`] for a model without standard errors.
    pub fn expected_residual_lifetime_with_interval(&self, renewal: u32, rate: f64, level: f64) -> Result<Interval> {
        check_level("expected_residual_lifetime", level)?;
        let of = |model: &Self| Ok(vec![model.expected_residual_lifetime(renewal, rate)?]);
        Ok(Spread::of(self)?.intervals(of, Scale::Logarithm, level)?[0])
    }
}
