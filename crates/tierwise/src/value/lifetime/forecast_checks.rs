//! What a model of purchases can be asked, and of whom.

use super::forecast::{Forecast, Steps};
use super::histories::{Histories, History};
use super::purchase_model::PurchaseModel;
use super::purchase_process::PurchaseProcess;
use crate::{Error, Result};

/// Sums over counts end here.
const MOST_COUNTED: u32 = 100_000;

/// So do horizons in steps.
const MOST_STEPS: u32 = 100_000;

/// BG/BB adds up period by period, over no more than these.
const LONGEST: f64 = 1e6;

/// And its discounts end within a sum of reasonable length.
pub(super) const LEAST_RATE: f64 = 1e-5;

impl PurchaseModel {
    pub(super) fn check_histories(&self, histories: &Histories) -> Result<()> {
        if self.process() != PurchaseProcess::BgBb {
            return Ok(());
        }
        for (row, history) in histories.iter().enumerate() {
            if let Some((what, found, must_be)) = not_of_whole_periods(&history.in_unit(self.days_per_period())) {
                let (what, must_be) = (what.into(), must_be.into());
                return Err(Error::InvalidValue { what, row, key: None, found: found.to_string(), must_be });
            }
        }
        Ok(())
    }

    /// New customers have no covariates to look up.
    pub(super) fn check_plain(&self, of: &'static str) -> Result<()> {
        if self.covariates().is_empty() {
            return Ok(());
        }
        let must_be =
            "a model without covariates: take it at those of the customers in question first (`at_covariates`)";
        let got = self.covariates().iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ");
        Err(Error::InvalidParameter { of, name: "model", must_be: must_be.into(), got: format!("one with {got}") })
    }

    pub(super) fn check_forecast(&self, forecast: Forecast) -> Result<()> {
        match forecast {
            Forecast::Alive { ahead } => self.check_time("ahead", ahead),
            Forecast::Purchases { after, periods } => {
                self.check_time("after", after)?;
                self.check_time("periods", periods)
            }
            Forecast::Count { count, after, periods } => {
                self.check_time("after", after)?;
                self.check_time("periods", periods)?;
                check_count(count)
            }
            Forecast::Discounted { rate, after } => {
                self.check_time("after", after)?;
                above_zero("rate", rate)?;
                if self.process() == PurchaseProcess::BgBb && rate < LEAST_RATE {
                    let must_be =
                        format!("{LEAST_RATE} or more under BG/BB: below it the sum over periods is too long");
                    return Err(refused("rate", &must_be, &rate.to_string()));
                }
                Ok(())
            }
            Forecast::DiscountedInSteps(Steps { steps, periods, rate, after }) => {
                if !(1..=MOST_STEPS).contains(&steps) {
                    return Err(refused("steps", &format!("a whole number in [1, {MOST_STEPS}]"), &steps.to_string()));
                }
                self.check_time("after", after)?;
                above_zero("periods", periods)?;
                self.check_whole("periods", periods)?;
                self.check_whole("steps", f64::from(steps) * periods)?;
                if (0.0..f64::INFINITY).contains(&rate) {
                    return Ok(());
                }
                Err(refused("rate", "a number in [0, inf)", &rate.to_string()))
            }
        }
    }

    pub(super) fn check_time(&self, name: &'static str, time: f64) -> Result<()> {
        if !(0.0..f64::INFINITY).contains(&time) {
            return Err(refused(name, "a number of periods in [0, inf)", &time.to_string()));
        }
        self.check_whole(name, time)
    }

    pub(super) fn check_whole(&self, name: &'static str, time: f64) -> Result<()> {
        if self.process() == PurchaseProcess::BgBb && time.fract() != 0.0 {
            return Err(refused(name, "a whole number of periods under BG/BB", &time.to_string()));
        }
        if self.process() == PurchaseProcess::BgBb && time > LONGEST {
            return Err(refused(name, &format!("at most {LONGEST} periods under BG/BB"), &time.to_string()));
        }
        Ok(())
    }
}

/// What of a history, in periods, is not for a model of whole periods.
pub(super) fn not_of_whole_periods(history: &History) -> Option<(&'static str, f64, &'static str)> {
    const LONGEST: f64 = 100_000.0;
    let whole = "BG/BB counts whole periods; round up to the end of the period";
    if history.last.fract() != 0.0 {
        return Some(("the last purchase (t_x) in periods", history.last, whole));
    }
    if history.age.fract() != 0.0 {
        return Some(("the age (T) in periods", history.age, whole));
    }
    if history.age > LONGEST {
        return Some(("the age (T) in periods", history.age, "BG/BB counts at most 100000 periods; take longer ones"));
    }
    let most = "BG/BB counts periods with a purchase, of which there are at most as many as periods until the last one";
    (history.repeats > history.last).then_some(("the repeat purchases (x)", history.repeats, most))
}

pub(super) fn above_zero(name: &'static str, value: f64) -> Result<()> {
    above_zero_of("PurchaseModel", name, value)
}

pub(super) fn above_zero_of(of: &'static str, name: &'static str, value: f64) -> Result<()> {
    if value > 0.0 && value < f64::INFINITY {
        return Ok(());
    }
    Err(Error::InvalidParameter { of, name, must_be: "a number in (0, inf)".into(), got: value.to_string() })
}

pub(super) fn check_count(count: u32) -> Result<()> {
    if count <= MOST_COUNTED {
        return Ok(());
    }
    Err(refused("count", &format!("a whole number up to {MOST_COUNTED}"), &count.to_string()))
}

pub(super) fn refused(name: &'static str, must_be: &str, got: &str) -> Error {
    Error::InvalidParameter { of: "PurchaseModel", name, must_be: must_be.into(), got: got.into() }
}
