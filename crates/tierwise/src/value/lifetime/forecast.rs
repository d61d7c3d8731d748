//! What can be asked of a customer's future, and what a process answers.

use super::histories::History;
use super::process::Process;
use serde::{Deserialize, Serialize};

/// What can be asked of a customer's future. Times are in periods of the model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Forecast {
    /// The probability that he has not left for good `ahead` periods from today. BG/BB, in which customers leave between
    /// periods: that he will be there in the period after those.
    Alive {
        /// 0 for today.
        ahead: f64,
    },
    /// The mean number of purchases.
    Purchases {
        /// From so many periods from today on; 0 for from now on.
        after: f64,
        /// For so many periods.
        periods: f64,
    },
    /// The probability of exactly so many purchases in a stretch of time.
    Count {
        /// How many.
        count: u32,
        /// From so many periods from today on; 0 for from now on.
        after: f64,
        /// For so many periods.
        periods: f64,
    },
    /// The mean number of all purchases from a date on, discounted continuously at this rate per period (BG/BB: once per
    /// period, a purchase in the next period by 1 + rate).
    Discounted {
        /// Above 0.
        rate: f64,
        /// The date lies so many periods from today; 0 for now. Discounts run from it, as those of [`Steps::after`] do: what
        /// customers are worth then, as far as it is known today. Whoever has left by then is worth nothing.
        #[serde(default)]
        after: f64,
    },
    /// The mean number of purchases within a horizon, discounted at the end of each step.
    DiscountedInSteps(Steps),
}

/// A horizon of equal steps, each of which discounts once. It may begin at a later date, seen from there: what customers are
/// worth then, as far as it is known today.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// How many.
    pub steps: u32,
    /// Periods of the model per step.
    pub periods: f64,
    /// Discount rate per step: money at the end of step i is divided by (1 + rate)<sup>i</sup>.
    pub rate: f64,
    /// The horizon begins so many periods from today; 0 for now.
    #[serde(default)]
    pub after: f64,
}

impl Forecast {
    pub(super) fn of(self, process: &dyn Process, history: &History) -> f64 {
        match self {
            Self::Alive { ahead } => process.probability_alive(history, ahead),
            Self::Purchases { after: 0.0, periods } => process.expected_purchases(history, periods),
            Self::Purchases { after, periods } => {
                let until = process.expected_purchases_until(history, &[after, after + periods]);
                (until[1] - until[0]).max(0.0)
            }
            Self::Discounted { rate, after } => process.discounted_purchases(history, rate, after),
            Self::Count { count, after, periods } => {
                let (chance, here) = process.if_here(history);
                let gone = if count == 0 { 1.0 - chance } else { 0.0 };
                (gone + chance * here.probability_of_count(count, after, periods)).clamp(0.0, 1.0)
            }
            Self::DiscountedInSteps(Steps { steps, periods, rate, after }) => {
                let times: Vec<f64> = (0..=steps).map(|step| after + f64::from(step) * periods).collect();
                let until = process.expected_purchases_until(history, &times);
                let (mut sum, mut worth) = (0.0, 1.0);
                for step in until.windows(2) {
                    worth /= 1.0 + rate;
                    sum += worth * (step[1] - step[0]).max(0.0);
                }
                sum
            }
        }
    }
}
