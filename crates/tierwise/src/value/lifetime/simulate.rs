//! Customers drawn from a model: to see what it says, and to test a fit on what is known.

use super::histories::Histories;
use super::purchase_model::{PurchaseModel, values_of};
use super::purchase_process::PurchaseProcess;
use crate::special::variates::Variates;
use crate::{Error, Result};

/// Purchases drawn from a model, in order of customer and time.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulatedPurchases {
    /// The customer: his position among the ages.
    pub customer: Vec<u32>,
    /// Time since his first purchase, which is the first row of each customer, at 0.
    pub time: Vec<f64>,
    ages: Vec<f64>,
}

/// More purchases than this are not drawn.
const MOST_PURCHASES: f64 = 1e8;

impl PurchaseModel {
    /// Draws the purchases of one customer per age, from his first purchase until he is as old. Ages and times are in the
    /// unit of the histories. The same seed gives the same customers on every machine.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] for an age that is not a finite number, 0 or more (BG/BB: of whole periods);
    /// [`Error::InvalidParameter`] where more than 100 million purchases are to be expected.
    ///
    /// ```
    /// use tierwise::value::{PurchaseFit, PurchaseModel, PurchaseProcess};
    /// let truth = PurchaseModel::new(PurchaseProcess::ParetoNbd, [0.6, 10.0, 0.6, 12.0])?;
    /// let drawn = truth.simulate(&[40.0; 500], 1)?.histories();
    /// let found = PurchaseFit::new(PurchaseProcess::ParetoNbd).fit(&drawn)?;
    /// let r = found.parameters()[0];
    /// assert!(r.lower < 0.6 && 0.6 < r.upper);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn simulate(&self, ages: &[f64], seed: u64) -> Result<SimulatedPurchases> {
        let zeros = vec![0.0; ages.len()];
        self.simulate_again(&Histories::new(&zeros, &zeros, ages)?, seed)
    }

    /// Draws customers who are as old and have the same covariates as others: from his first purchase on, whatever that one
    /// did.
    ///
    /// # Errors
    /// Those of [`simulate`](Self::simulate); [`Error::MissingColumn`] for a covariate that the histories lack.
    pub fn simulate_again(&self, like: &Histories, seed: u64) -> Result<SimulatedPurchases> {
        let ages: Vec<f64> = like.iter().map(|one| one.age).collect();
        let zeros = vec![0.0; ages.len()];
        self.check_histories(&Histories::new(&zeros, &zeros, &ages)?)?;
        let covariates = self.columns_of(like)?;
        let of = |row: usize| self.parameters_of(&values_of(&covariates, row));
        let unit = self.days_per_period();
        let expected: f64 = ages.iter().enumerate().fold(0.0, |sum, (row, age)| {
            let [shape, rate, ..] = of(row);
            sum + age / unit * if self.process() == PurchaseProcess::BgBb { 1.0 } else { shape / rate }
        });
        if expected.is_nan() || expected > MOST_PURCHASES {
            let must_be = format!("ages within which at most {MOST_PURCHASES:e} purchases are to be expected");
            let got = format!("{expected:e}");
            return Err(Error::InvalidParameter { of: "simulate", name: "ages", must_be, got });
        }
        let mut random = Variates::new(seed);
        let mut drawn = SimulatedPurchases { customer: Vec::new(), time: Vec::new(), ages: ages.clone() };
        for (customer, age) in (0_u32..).zip(ages) {
            let mut buy = |time: f64| {
                drawn.customer.push(customer);
                drawn.time.push(time * unit);
            };
            buy(0.0);
            draw(self.process(), &of(customer as usize), age / unit, &mut random, &mut buy);
        }
        Ok(drawn)
    }
}

impl SimulatedPurchases {
    /// What is known of each customer at his age.
    pub fn histories(&self) -> Histories<'static> {
        let mut repeats = vec![0.0; self.ages.len()];
        let mut last = vec![0.0; self.ages.len()];
        for (&customer, &time) in self.customer.iter().zip(&self.time) {
            if time > 0.0 {
                repeats[customer as usize] += 1.0;
                last[customer as usize] = time;
            }
        }
        // Divided by a unit and multiplied again, a time may exceed the age in the last bit.
        let last: Vec<f64> = last.iter().zip(&self.ages).map(|(last, &age)| f64::min(*last, age)).collect();
        match Histories::new(&repeats, &last, &self.ages) {
            Ok(histories) => histories.into_owned(),
            Err(error) => unreachable!("drawn histories are sound: {error}"),
        }
    }
}

fn draw(
    process: PurchaseProcess,
    &[one, two, three, four]: &[f64; 4],
    age: f64,
    random: &mut Variates,
    buy: &mut impl FnMut(f64),
) {
    match process {
        PurchaseProcess::BgNbd | PurchaseProcess::MbgNbd => {
            let (rate, leaves) = (random.gamma(one, two), random.beta(three, four));
            if process == PurchaseProcess::MbgNbd && random.uniform() < leaves {
                return;
            }
            let mut time = random.exponential() / rate;
            while time <= age {
                buy(time);
                if random.uniform() < leaves {
                    return;
                }
                time += random.exponential() / rate;
            }
        }
        PurchaseProcess::ParetoNbd => {
            let (rate, leaving) = (random.gamma(one, two), random.gamma(three, four));
            let until = age.min(random.exponential() / leaving);
            let mut time = random.exponential() / rate;
            while time <= until {
                buy(time);
                time += random.exponential() / rate;
            }
        }
        PurchaseProcess::BgBb => {
            let (buys, leaves) = (random.beta(one, two), random.beta(three, four));
            let mut period = 1.0;
            while period <= age && random.uniform() >= leaves {
                if random.uniform() < buys {
                    buy(period);
                }
                period += 1.0;
            }
        }
    }
}
