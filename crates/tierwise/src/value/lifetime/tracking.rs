//! Expected against actual purchases: over time, and by count.

use super::purchase_model::PurchaseModel;
use crate::value::rfm::check_lengths;
use crate::value::{LaterRows, rfm};
use crate::{Error, Result};
use serde::Serialize;

/// Repeat purchases of all customers over time, expected and actual.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tracking {
    /// One point per step, in order of time.
    pub points: Vec<TrackingPoint>,
}

/// The end of a step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TrackingPoint {
    /// The last day of the step, counted from 1970-01-01.
    pub day: i32,
    /// Repeat purchases up to this day that the model expects.
    pub expected: f64,
    /// Those that happened.
    pub actual: f64,
    /// Expected within the step.
    pub expected_in_step: f64,
    /// Happened within the step.
    pub actual_in_step: f64,
}

/// Follows the customers who had bought by `known_until` through a log of purchases, step by step until `end`: a model that
/// was learned on the days before shows after them whether it holds. Purchases of one day are one.
///
/// # Errors
/// [`Error::EmptyTable`]; [`Error::WrongLength`]; [`Error::InvalidParameter`] for a step of 0 days or one that makes more than
/// 100 000 points, for an `end` that is not after `known_until`, and for models of whole periods unless every step is one.
pub fn tracking(
    model: &PurchaseModel,
    customers: &[u32],
    days: &[i32],
    known_until: i32,
    end: i32,
    step_days: u32,
) -> Result<Tracking> {
    const MOST_POINTS: i64 = 100_000;
    model.check_plain("tracking")?;
    check_lengths(customers.len(), days.len(), customers.len())?;
    let zeros = vec![0.0; customers.len()];
    let known = rfm(customers, days, &zeros, known_until, LaterRows::LeaveOut)?;
    let Some(&first) = known.first_day.iter().min() else {
        let what = format!("tracking: customers who bought by day {known_until}");
        return Err(Error::NotEnoughData { what, needed: 1, found: 0 });
    };
    if end <= known_until {
        let must_be = format!("a day after `known_until` ({known_until})");
        return Err(Error::InvalidParameter { of: "tracking", name: "end", must_be, got: end.to_string() });
    }
    let span = i64::from(end) - i64::from(first);
    if step_days == 0 || span / i64::from(step_days) > MOST_POINTS {
        let must_be = format!("a whole number of days above 0 that makes at most {MOST_POINTS} steps until `end`");
        let got = step_days.to_string();
        return Err(Error::InvalidParameter { of: "tracking", name: "step_days", must_be, got });
    }
    let mut purchase_days: Vec<(u32, i32)> = customers.iter().copied().zip(days.iter().copied()).collect();
    purchase_days.sort_unstable();
    purchase_days.dedup();
    let mut repeats: Vec<i32> = Vec::new();
    for (customer, day) in purchase_days {
        if let Ok(row) = known.customer.binary_search(&customer)
            && day > known.first_day[row]
            && day <= end
        {
            repeats.push(day);
        }
    }
    repeats.sort_unstable();
    let mut starts = known.first_day.clone();
    starts.sort_unstable();
    let by_start: Vec<(i32, f64)> =
        starts.chunk_by(|one, next| one == next).map(|equal| (equal[0], equal.len() as f64)).collect();
    let (mut points, mut day, mut before, mut actual_before) = (Vec::new(), i64::from(first), 0.0, 0.0);
    while day < i64::from(end) {
        day = (day + i64::from(step_days)).min(i64::from(end));
        let mut expected = 0.0;
        for &(start, customers) in by_start.iter().take_while(|&&(start, _)| i64::from(start) < day) {
            let age = (day - i64::from(start)) as f64 / model.days_per_period();
            expected += customers * model.expected_of_new(age)?;
        }
        let actual = repeats.partition_point(|&one| i64::from(one) <= day) as f64;
        points.push(TrackingPoint {
            day: day as i32,
            expected,
            actual,
            expected_in_step: expected - before,
            actual_in_step: actual - actual_before,
        });
        (before, actual_before) = (expected, actual);
    }
    Ok(Tracking { points })
}

/// How many customers bought so often, expected and actual.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CountFit {
    /// Repeat purchases; the last row holds this many or more.
    pub repeats: u32,
    /// Customers whom the model expects to have so many, at their ages.
    pub expected: f64,
    /// Customers who had.
    pub actual: f64,
}

/// The frequency of purchases: how many customers had 0, 1, 2, … repeat purchases at their ages, and how many the model
/// expects; `most` or more are counted together.
///
/// # Errors
/// [`Error::InvalidParameter`] unless `most` is a whole number in [1, 1000], and for a model with covariates;
/// [`Error::EmptyTable`].
pub fn count_fit(model: &PurchaseModel, histories: &super::Histories, most: u32) -> Result<Vec<CountFit>> {
    if !(1..=1000).contains(&most) {
        let (of, name, must_be) = ("count_fit", "most", "a whole number in [1, 1000]".into());
        return Err(Error::InvalidParameter { of, name, must_be, got: most.to_string() });
    }
    if histories.is_empty() {
        return Err(Error::EmptyTable { what: "the table of histories".into() });
    }
    model.check_plain("count_fit")?;
    model.check_histories(histories)?;
    let mut rows: Vec<CountFit> = (0..=most).map(|repeats| CountFit { repeats, expected: 0.0, actual: 0.0 }).collect();
    for (row, history) in histories.iter().enumerate() {
        rows[history.repeats.min(f64::from(most)) as usize].actual += histories.weight(row);
    }
    let weighted = histories.iter().enumerate().map(|(row, one)| (one.age, histories.weight(row)));
    let mut ages: Vec<(f64, f64)> = weighted.collect();
    ages.sort_by(|one, two| one.0.total_cmp(&two.0));
    let by_age: Vec<&[(f64, f64)]> = ages.chunk_by(|one, next| one.0 == next.0).collect();
    let expected = crate::parallel::map(by_age, |equal| -> Result<Vec<f64>> {
        let age = equal[0].0 / model.days_per_period();
        let customers: f64 = equal.iter().map(|(_, weight)| weight).sum();
        let exactly: Vec<f64> =
            (0..most).map(|count| model.probability_of_count(count, 0.0, age)).collect::<Result<_>>()?;
        let more = (1.0 - exactly.iter().sum::<f64>()).max(0.0);
        Ok(exactly.into_iter().chain([more]).map(|share| customers * share).collect())
    });
    for of_age in expected {
        for (row, expected) in rows.iter_mut().zip(of_age?) {
            row.expected += expected;
        }
    }
    Ok(rows)
}
