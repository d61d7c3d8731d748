//! What customers under contract will bring: margins of the periods to come, times the chance that they come, at today's worth.
//!
//! Fader and Hardie (2010), *Customer-base valuation in a contractual setting*, with a margin of its own for each period to
//! come. That the last margin of a list is held, and that periods may be paid for at their end, is inferred.

use super::contract::{MOST_PERIODS, ShiftedBetaGeometric};
use super::contract_interval::Spread;
use super::forecast_checks::LEAST_RATE;
use super::interval::{Interval, Scale, check_level};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// When a period is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payment {
    /// At the renewal that begins it, as Fader and Hardie (2010) count: the coming one is not discounted. The default.
    #[default]
    AtStart,
    /// When it is over: one period later, by whoever renewed.
    AtEnd,
}

/// Which periods to come count, and what they are worth today.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContractHorizon {
    /// So many periods, from the one that the coming renewal begins; all of them, without end, where there is none.
    #[serde(default)]
    pub periods: Option<u32>,
    /// Discount rate per period, such as 0.1. Without end it is 0.00001 or more.
    pub rate: f64,
    /// When a period is paid for.
    #[serde(default)]
    pub payment: Payment,
    /// Periods from today to the coming renewal: 0 just before it, 1 right after the last one. All is discounted over them.
    #[serde(default)]
    pub until_renewal: f64,
}

/// The margin of the periods to come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Margins<'a> {
    /// Of the period that the coming renewal begins, of the one after it, and so on, the same for all customers. The last one
    /// holds for all periods after; end the list with 0 where nothing comes after it.
    ByPeriod(&'a [f64]),
    /// One per customer, the same in all periods.
    ByCustomer(&'a [f64]),
}

impl ShiftedBetaGeometric {
    /// What each customer will bring at his renewals to come, at today's worth. `renewals` are those that he has made so far,
    /// one element per customer: the coming one is the next, and only those who make it bring its margin.
    ///
    /// The margin of the period that he is in is not in it, for it is paid; add it where it is not. Margins may be below 0.
    ///
    /// # Errors
    /// [`Error::WrongLength`]; [`Error::InvalidValue`] with the row for more than ten thousand renewals, for a margin that is
    /// not finite, and for a value that is not; [`Error::InvalidParameter`] for no margin or more than ten thousand, for no
    /// periods or more than ten thousand, for a rate that is not finite, 0 or more, and for one below 0.00001 without end,
    /// and for a time until the renewal that is not finite, 0 or more.
    ///
    /// ```
    /// use tierwise::value::{ContractHorizon, Margins, Payment, ShiftedBetaGeometric};
    /// let model = ShiftedBetaGeometric::new([0.704, 1.182])?;
    /// let endless = ContractHorizon { periods: None, rate: 0.1, payment: Payment::AtStart, until_renewal: 0.0 };
    /// let value = model.lifetime_value(&[0, 3], Margins::ByPeriod(&[100.0]), endless)?;
    /// assert!((value[0] - 100.0 * model.expected_residual_lifetime(1, 0.1)?).abs() < 1e-9);
    /// assert!(value[1] > value[0]); // who renewed three times is loyal
    /// let years = ContractHorizon { periods: Some(2), rate: 0.0, ..endless };
    /// let value = model.lifetime_value(&[0], Margins::ByPeriod(&[80.0, 120.0]), years)?;
    /// assert!((value[0] - 80.0 * model.survival(1)? - 120.0 * model.survival(2)?).abs() < 1e-9);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn lifetime_value(&self, renewals: &[u32], margins: Margins<'_>, horizon: ContractHorizon) -> Result<Vec<f64>> {
        let asked = Asked::new(renewals, margins, horizon)?;
        let of_tenures = asked.of_tenures(self);
        asked.by_customer(|tenure, margin| of_tenures[tenure] * margin)
    }

    /// As [`lifetime_value`](Self::lifetime_value), with an interval of that mean by the delta method: on the logarithm, or
    /// where margins of both signs follow each other as it is. What a customer will bring scatters far more.
    ///
    /// # Errors
    /// Those of [`lifetime_value`](Self::lifetime_value); [`Error::InvalidParameter`] for a level outside (0, 1);
    /// [`Error::NotEnoughData`] for a model without standard errors.
    pub fn lifetime_value_with_interval(
        &self,
        renewals: &[u32],
        margins: Margins<'_>,
        horizon: ContractHorizon,
        level: f64,
    ) -> Result<Vec<Interval>> {
        check_level(OF, level)?;
        let asked = Asked::new(renewals, margins, horizon)?;
        let intervals = Spread::of(self)?.intervals(|model| Ok(asked.of_tenures(model)), asked.scale, level)?;
        asked.intervals_by_customer(&intervals)
    }
}

const OF: &str = "lifetime_value";

/// What is asked of whom: customers of one tenure differ by a factor only.
pub(super) struct Asked<'a> {
    renewals: &'a [u32],
    margins: Margins<'a>,
    horizon: ContractHorizon,
    /// The different numbers of renewals, in ascending order.
    tenures: Vec<u32>,
    /// On which an interval is symmetric.
    pub(super) scale: Scale,
    /// −1 where all margins by period are losses, which a logarithm does not take, and else 1.
    turned: f64,
}

impl<'a> Asked<'a> {
    pub(super) fn new(renewals: &'a [u32], margins: Margins<'a>, horizon: ContractHorizon) -> Result<Self> {
        horizon.check()?;
        margins.check(renewals.len())?;
        if let Some(row) = renewals.iter().position(|&renewals| renewals > MOST_PERIODS) {
            let must_be = format!("at most {MOST_PERIODS}; count renewals, not days");
            return Err(Error::invalid_value("the renewals", row, renewals[row].into(), &must_be));
        }
        let mut tenures = renewals.to_vec();
        tenures.sort_unstable();
        tenures.dedup();
        let stream = margins.stream();
        let (gains, losses) = (stream.iter().all(|&margin| margin >= 0.0), stream.iter().all(|&margin| margin <= 0.0));
        let scale = if gains || losses { Scale::Logarithm } else { Scale::Plain };
        let turned = if losses && !gains { -1.0 } else { 1.0 };
        Ok(Self { renewals, margins, horizon, tenures, scale, turned })
    }

    /// What customers of each tenure are worth, losses only turned around.
    pub(super) fn of_tenures(&self, model: &ShiftedBetaGeometric) -> Vec<f64> {
        let (stream, rate) = (self.margins.stream(), self.horizon.rate);
        let (step, last) = (1.0 / (1.0 + rate), stream[stream.len() - 1]);
        let waiting = libm::pow(step, self.horizon.until_renewal);
        let start = self.turned * if self.horizon.payment == Payment::AtEnd { waiting * step } else { waiting };
        // Without end the periods of the list but the last come first, and then a constant margin.
        let summed = self.horizon.periods.unwrap_or(stream.len() as u32 - 1);
        let endless = self.horizon.periods.is_none().then(|| {
            let oldest = self.tenures.last().copied().unwrap_or_default();
            model.residual_lifetimes(oldest + stream.len() as u32, rate)
        });
        let of = |&tenure: &u32| {
            let (mut sum, mut worth) = (0.0, start);
            for period in 0..summed {
                worth *= model.renews(tenure + period + 1);
                sum += worth * stream.get(period as usize).copied().unwrap_or(last);
                worth *= step;
            }
            sum + endless.as_ref().map_or(0.0, |lifetimes| worth * last * lifetimes[(tenure + summed) as usize])
        };
        self.tenures.iter().map(of).collect()
    }

    pub(super) fn intervals_by_customer(&self, of_tenures: &[Interval]) -> Result<Vec<Interval>> {
        let value = |tenure: usize, margin: f64| {
            let (one, by) = (of_tenures[tenure], self.turned * margin);
            let ends = [one.lower * by, one.upper * by];
            Interval { estimate: one.estimate * by, lower: ends[0].min(ends[1]), upper: ends[0].max(ends[1]) }
        };
        self.by_row(|row| value(self.tenure_of(row), self.margin_of(row)), |one| one.estimate)
    }

    fn by_customer(&self, of: impl Fn(usize, f64) -> f64) -> Result<Vec<f64>> {
        self.by_row(|row| of(self.tenure_of(row), self.turned * self.margin_of(row)), |&value| value)
    }

    fn by_row<T>(&self, of: impl Fn(usize) -> T, estimate: impl Fn(&T) -> f64) -> Result<Vec<T>> {
        let values: Vec<T> = (0..self.renewals.len()).map(of).collect();
        match values.iter().position(|value| !estimate(value).is_finite()) {
            None => Ok(values),
            Some(row) => {
                let must_be =
                    "values must be finite numbers; the margins are too large, so mend them or change their unit";
                Err(Error::invalid_value("the value", row, estimate(&values[row]), must_be))
            }
        }
    }

    fn tenure_of(&self, row: usize) -> usize {
        self.tenures.partition_point(|&tenure| tenure < self.renewals[row])
    }

    fn margin_of(&self, row: usize) -> f64 {
        match self.margins {
            Margins::ByPeriod(_) => 1.0,
            Margins::ByCustomer(margins) => margins[row],
        }
    }
}

impl ShiftedBetaGeometric {
    /// The discounted renewals to come of customers before each renewal from the first on, and one more. From the last one
    /// back: who makes a renewal has it, and then those before the next.
    fn residual_lifetimes(&self, most: u32, rate: f64) -> Vec<f64> {
        let mut lifetimes = vec![self.residual_lifetime(most + 1, rate)];
        for renewal in (1..=most).rev() {
            let next = lifetimes[lifetimes.len() - 1];
            lifetimes.push(self.renews(renewal) * (1.0 + next / (1.0 + rate)));
        }
        lifetimes.reverse();
        lifetimes
    }
}

impl Margins<'_> {
    /// The margins by period that all customers share.
    fn stream(&self) -> &[f64] {
        match self {
            Self::ByPeriod(stream) => stream,
            Self::ByCustomer(_) => &[1.0],
        }
    }

    fn check(&self, customers: usize) -> Result<()> {
        let not_finite = |margins: &[f64]| margins.iter().position(|margin| !margin.is_finite());
        match self {
            Self::ByPeriod(margins) if margins.is_empty() || margins.len() > MOST_PERIODS as usize => {
                Err(refused("margin", &format!("1 to {MOST_PERIODS} amounts"), &margins.len().to_string()))
            }
            Self::ByPeriod(margins) => not_finite(margins)
                .map_or(Ok(()), |place| Err(refused("margin", "finite amounts", &margins[place].to_string()))),
            Self::ByCustomer(margins) if margins.len() != customers => {
                Err(Error::WrongLength { what: "the margins".into(), expected: customers, found: margins.len() })
            }
            Self::ByCustomer(margins) => not_finite(margins).map_or(Ok(()), |row| {
                let must_be = "margins must be known, finite amounts; leave the customer out or mend it";
                Err(Error::invalid_value("the margin", row, margins[row], must_be))
            }),
        }
    }
}

impl ContractHorizon {
    fn check(&self) -> Result<()> {
        if let Some(periods) = self.periods
            && !(1..=MOST_PERIODS).contains(&periods)
        {
            return Err(refused("periods", &format!("a whole number in [1, {MOST_PERIODS}]"), &periods.to_string()));
        }
        for (name, number) in [("rate", self.rate), ("until_renewal", self.until_renewal)] {
            if !(0.0..f64::INFINITY).contains(&number) {
                return Err(refused(name, "a number in [0, inf)", &number.to_string()));
            }
        }
        if self.periods.is_none() && self.rate < LEAST_RATE {
            let must_be = format!("{LEAST_RATE} or more without end; state how many `periods` count");
            return Err(refused("rate", &must_be, &self.rate.to_string()));
        }
        Ok(())
    }
}

fn refused(name: &'static str, must_be: &str, got: &str) -> Error {
    Error::InvalidParameter { of: OF, name, must_be: must_be.into(), got: got.into() }
}
