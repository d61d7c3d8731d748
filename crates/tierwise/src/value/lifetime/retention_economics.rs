//! What loyalty earns: the profit of a customer by year, after Reichheld.
//!
//! Reichheld and Sasser (1990), *Zero defections: quality comes to services*, for the parts of the profit; how they are put
//! together (when money comes, who still brings it) is inferred, and stated with each field.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// The parts of the profit that a customer brings in each year. A list holds one amount per year from the first on; its
/// last one holds for all years after; an empty list is 0, but neither `base_profit` nor `retention` may be empty.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionEconomics {
    /// What it costs to win a customer, at the start.
    pub acquisition_cost: f64,
    /// Profit of a plain customer per year; not empty.
    pub base_profit: Vec<f64>,
    /// Further profit because customers buy more with time.
    pub growth: Vec<f64>,
    /// Costs saved because the customer knows the product and we know him.
    pub savings: Vec<f64>,
    /// Profit from customers whom he brings.
    pub referrals: Vec<f64>,
    /// Profit because he no longer asks for discounts.
    pub premium: Vec<f64>,
    /// The share of the customers of each year who stay for the next one, in [0, 1].
    pub retention: Vec<f64>,
    /// Discount rate per year; money of year t comes at its end and is divided by (1 + rate)<sup>t</sup>.
    pub discount_rate: f64,
}

/// One year of a cohort, per customer won.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RetentionYear {
    /// From 1.
    pub year: u32,
    /// The share of the customers won who are there in this year.
    pub there: f64,
    /// Profit of a customer who is there.
    pub profit: f64,
    /// Profit per customer won: there × profit.
    pub expected_profit: f64,
    /// All so far, less the acquisition cost.
    pub cumulative: f64,
    /// The same at the worth of the start.
    pub discounted: f64,
}

/// What a cohort is worth, per customer won.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RetentionValue {
    /// Year by year.
    pub years: Vec<RetentionYear>,
    /// At the end of the last year, discounted, less the acquisition cost.
    pub value: f64,
    /// The first year at whose end the cumulative profit, not discounted, has paid for the acquisition; the discount rate does
    /// not move it.
    pub break_even_year: Option<u32>,
    /// The first year at whose end the discounted profit has.
    pub discounted_break_even_year: Option<u32>,
    /// By how much the value rises if one more customer in a hundred stays in every year (retention plus 0.01, at most 1).
    pub value_of_one_point: f64,
}

impl RetentionEconomics {
    /// The profit of so many years.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for an amount that is not finite, no base profit, a retention outside [0, 1] or missing, a discount rate
    /// or acquisition cost that is not a finite number, 0 or more, and years outside [1, 1000].
    ///
    /// ```
    /// use tierwise::value::RetentionEconomics;
    /// let card = RetentionEconomics {
    ///     acquisition_cost: 51.0,
    ///     base_profit: vec![30.0, 42.0, 44.0],
    ///     retention: vec![0.8],
    ///     ..RetentionEconomics::default()
    /// };
    /// let value = card.value(5)?;
    /// assert_eq!(value.years[0].cumulative, -21.0);
    /// assert_eq!(value.break_even_year, Some(2)); // 30 + 0.8 · 42 = 63.6
    /// assert!(value.value_of_one_point > 0.0);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn value(&self, years: u32) -> Result<RetentionValue> {
        const MOST: u32 = 1000;
        self.check()?;
        if !(1..=MOST).contains(&years) {
            return Err(refused("years", "a whole number in [1, 1000]", &years.to_string()));
        }
        let table = self.years(years, 0.0);
        let value = last_discounted(&table);
        let first =
            |has_paid: fn(&RetentionYear) -> bool| table.iter().find(|year| has_paid(year)).map(|year| year.year);
        let break_even_year = first(|year| year.cumulative >= 0.0);
        let discounted_break_even_year = first(|year| year.discounted >= 0.0);
        let value_of_one_point = last_discounted(&self.years(years, 0.01)) - value;
        Ok(RetentionValue { years: table, value, break_even_year, discounted_break_even_year, value_of_one_point })
    }

    fn years(&self, years: u32, more_retention: f64) -> Vec<RetentionYear> {
        let (mut there, mut worth) = (1.0, 1.0);
        let (mut cumulative, mut discounted) = (-self.acquisition_cost, -self.acquisition_cost);
        let parts = self.parts();
        let year = |year: u32| {
            let profit: f64 = parts.iter().map(|(_, part)| in_year(part, year)).sum();
            worth /= 1.0 + self.discount_rate;
            let expected_profit = there * profit;
            cumulative += expected_profit;
            discounted += expected_profit * worth;
            let row = RetentionYear { year, there, profit, expected_profit, cumulative, discounted };
            there *= (in_year(&self.retention, year) + more_retention).min(1.0);
            row
        };
        (1..=years).map(year).collect()
    }

    fn parts(&self) -> [(&'static str, &[f64]); 5] {
        [
            ("base_profit", &self.base_profit),
            ("growth", &self.growth),
            ("savings", &self.savings),
            ("referrals", &self.referrals),
            ("premium", &self.premium),
        ]
    }

    fn check(&self) -> Result<()> {
        for (name, value) in [("acquisition_cost", self.acquisition_cost), ("discount_rate", self.discount_rate)] {
            if !(0.0..f64::INFINITY).contains(&value) {
                return Err(refused(name, "a number in [0, inf)", &value.to_string()));
            }
        }
        for (name, part) in self.parts() {
            if let Some(amount) = part.iter().find(|amount| !amount.is_finite()) {
                return Err(refused(name, "finite amounts", &amount.to_string()));
            }
        }
        if self.base_profit.is_empty() {
            return Err(refused("base_profit", "at least one amount; 0 where there is none", "none"));
        }
        if self.retention.is_empty() {
            return Err(refused("retention", "at least one share in [0, 1]", "none"));
        }
        match self.retention.iter().find(|share| !(0.0..=1.0).contains(*share)) {
            Some(share) => Err(refused("retention", "shares in [0, 1]; divide per cent by 100", &share.to_string())),
            None => Ok(()),
        }
    }
}

fn in_year(part: &[f64], year: u32) -> f64 {
    part.get(year as usize - 1).or(part.last()).copied().unwrap_or_default()
}

fn last_discounted(years: &[RetentionYear]) -> f64 {
    years.last().map_or(0.0, |year| year.discounted)
}

fn refused(name: &'static str, must_be: &str, got: &str) -> Error {
    Error::InvalidParameter { of: "RetentionEconomics", name, must_be: must_be.into(), got: got.into() }
}
