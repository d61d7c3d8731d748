//! Expected against actual purchases: over time, and by count.

use super::covariates::Group;
use super::histories::Histories;
use super::process::Process;
use super::purchase_model::PurchaseModel;
use super::purchase_process::PurchaseProcess;
use crate::calendar::day_in_words;
use crate::value::rfm::check_lengths;
use crate::value::{LaterRows, Rfm, rfm};
use crate::{Error, Result};
use serde::Serialize;
use std::cmp::Ordering;

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
/// was learned on the days before shows after them whether it holds. Purchases of one day are one. Rows that are returns count as
/// purchases; leave them out where the model was learned without.
///
/// A model with covariates finds them by name among `covariates`: columns of the log, the same on all rows of a customer.
///
/// # Errors
/// [`Error::EmptyTable`]; [`Error::WrongLength`]; [`Error::InvalidParameter`] for a step of 0 days or one that makes more than
/// 100 000 points, for an `end` that is not after `known_until`, and for models of whole periods unless every step is one;
/// [`Error::MissingColumn`] for a covariate that is not given; [`Error::InvalidValue`] with row and customer for one that is
/// not finite or changes.
pub fn tracking(
    model: &PurchaseModel,
    customers: &[u32],
    days: &[i32],
    known_until: i32,
    end: i32,
    step_days: u32,
    covariates: &[(&str, &[f64])],
) -> Result<Tracking> {
    check_lengths(customers.len(), days.len(), customers.len())?;
    let zeros = vec![0.0; customers.len()];
    let known = rfm(customers, days, &zeros, known_until, LaterRows::LeaveOut)?;
    let Some(&first) = known.first_day.iter().min() else {
        let what = format!("tracking: customers who bought by {}", day_in_words(known_until));
        return Err(Error::NotEnoughData { what, needed: 1, found: 0 });
    };
    if end <= known_until {
        let must_be = format!("a day after `known_until`, which is {}", day_in_words(known_until));
        return Err(Error::InvalidParameter { of: "tracking", name: "end", must_be, got: day_in_words(end) });
    }
    let ends = ends_of_steps(first, end, step_days)?;
    let alike = Alike::of(model, &known, &constants(model, &known, customers, covariates)?);
    let repeats = repeats_until(end, &known, customers, days);
    let expected = crate::parallel::map(ends.clone(), |day| {
        alike.iter().try_fold(0.0, |sum, alike| Ok(sum + alike.expected_until(day, model)?))
    });
    let (mut points, mut before, mut actual_before) = (Vec::new(), 0.0, 0.0);
    for (day, expected) in ends.into_iter().zip(expected) {
        let expected = expected?;
        let actual = repeats.partition_point(|&one| one <= day) as f64;
        let (expected_in_step, actual_in_step) = (expected - before, actual - actual_before);
        points.push(TrackingPoint { day, expected, actual, expected_in_step, actual_in_step });
        (before, actual_before) = (expected, actual);
    }
    Ok(Tracking { points })
}

/// The last day of each step.
fn ends_of_steps(first: i32, end: i32, step_days: u32) -> Result<Vec<i32>> {
    const MOST_POINTS: i64 = 100_000;
    let span = i64::from(end) - i64::from(first);
    if step_days == 0 || span / i64::from(step_days) > MOST_POINTS {
        let must_be = format!("a whole number of days above 0 that makes at most {MOST_POINTS} steps until `end`");
        let got = step_days.to_string();
        return Err(Error::InvalidParameter { of: "tracking", name: "step_days", must_be, got });
    }
    let steps = (span + i64::from(step_days) - 1) / i64::from(step_days);
    let day = |step: i64| (i64::from(first) + step * i64::from(step_days)).min(i64::from(end)) as i32;
    Ok((1..=steps).map(day).collect())
}

/// The days of repeat purchases of the customers who are known, in ascending order.
fn repeats_until(end: i32, known: &Rfm, customers: &[u32], days: &[i32]) -> Vec<i32> {
    let mut purchases: Vec<(u32, i32)> = customers.iter().copied().zip(days.iter().copied()).collect();
    purchases.sort_unstable();
    purchases.dedup();
    let is_repeat = |&(customer, day): &(u32, i32)| {
        let row = known.customer.binary_search(&customer);
        day <= end && row.is_ok_and(|row| day > known.first_day[row])
    };
    let mut repeats: Vec<i32> = purchases.into_iter().filter(is_repeat).map(|(_, day)| day).collect();
    repeats.sort_unstable();
    repeats
}

/// What the rows of each known customer say of the model's covariates.
fn constants(
    model: &PurchaseModel,
    known: &Rfm,
    customers: &[u32],
    covariates: &[(&str, &[f64])],
) -> Result<Vec<Vec<f64>>> {
    let mut constants = vec![Vec::new(); known.len()];
    for name in model.covariate_names() {
        let Some((_, column)) = covariates.iter().find(|(given, _)| *given == name) else {
            let available = covariates.iter().map(|(name, _)| (*name).to_owned()).collect();
            return Err(Error::MissingColumn { column: name, available });
        };
        if column.len() != customers.len() {
            let (expected, found) = (customers.len(), column.len());
            return Err(Error::WrongLength { what: format!("the covariate `{name}`"), expected, found });
        }
        let mut values = vec![f64::NAN; known.len()];
        for (row, (customer, &value)) in customers.iter().zip(*column).enumerate() {
            let Ok(at) = known.customer.binary_search(customer) else { continue };
            if !value.is_finite() || !values[at].is_nan() && values[at] != value {
                return Err(Error::InvalidValue {
                    what: format!("the covariate `{name}`"),
                    row,
                    key: Some(customer.to_string()),
                    found: value.to_string(),
                    must_be:
                        "it must be a finite number, the same on all rows of a customer: what changes is no covariate"
                            .into(),
                });
            }
            values[at] = value;
        }
        for (constants, value) in constants.iter_mut().zip(values) {
            constants.push(value);
        }
    }
    Ok(constants)
}

/// Customers with the same covariates: their process, and how many of them came on which day, in ascending order.
struct Alike {
    process: Box<dyn Process>,
    by_start: Vec<(i32, f64)>,
}

impl Alike {
    fn of(model: &PurchaseModel, known: &Rfm, covariates: &[Vec<f64>]) -> Vec<Self> {
        let compare = |one: usize, other: usize| {
            let pairs = covariates[one].iter().zip(&covariates[other]);
            pairs.fold(Ordering::Equal, |so_far, (one, other)| so_far.then(one.total_cmp(other)))
        };
        let mut rows: Vec<usize> = (0..known.len()).collect();
        rows.sort_by(|&one, &other| compare(one, other).then(known.first_day[one].cmp(&known.first_day[other])));
        let alike = rows.chunk_by(|&one, &next| compare(one, next).is_eq());
        let of = |rows: &[usize]| {
            let days = rows.chunk_by(|&one, &next| known.first_day[one] == known.first_day[next]);
            Self {
                process: model.process_of(&covariates[rows[0]]),
                by_start: days.map(|rows| (known.first_day[rows[0]], rows.len() as f64)).collect(),
            }
        };
        alike.map(of).collect()
    }

    /// The repeat purchases to be expected of all of them up to a day.
    fn expected_until(&self, day: i32, model: &PurchaseModel) -> Result<f64> {
        let mut expected = 0.0;
        for &(start, customers) in self.by_start.iter().take_while(|&&(start, _)| start < day) {
            let age = (f64::from(day) - f64::from(start)) / model.days_per_period();
            if model.process() == PurchaseProcess::BgBb && age.fract() != 0.0 {
                return Err(not_of_whole_periods(age));
            }
            model.check_time("periods", age)?;
            expected += customers * self.process.expected_of_new(age);
        }
        Ok(expected)
    }
}

fn not_of_whole_periods(age: f64) -> Error {
    let must_be = "one that is asked for whole periods: BG/BB counts no parts of them, and customers come on any day. Number the periods, take these numbers for the days of the log and for `known_until` and `end`, with `days_per_period` and `step_days` of 1".into();
    let got = format!("BG/BB, and a customer who is {age:.3} periods old at the end of a step");
    Error::InvalidParameter { of: "tracking", name: "model", must_be, got }
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
/// expects, each by his own covariates; `most` or more are counted together.
///
/// # Errors
/// [`Error::InvalidParameter`] unless `most` is a whole number in [1, 1000]; [`Error::EmptyTable`]; [`Error::MissingColumn`]
/// for a covariate that the histories lack; [`Error::InvalidValue`] for a history that BG/BB cannot have.
pub fn count_fit(model: &PurchaseModel, histories: &Histories, most: u32) -> Result<Vec<CountFit>> {
    if !(1..=1000).contains(&most) {
        let (of, name, must_be) = ("count_fit", "most", "a whole number in [1, 1000]".into());
        return Err(Error::InvalidParameter { of, name, must_be, got: most.to_string() });
    }
    if histories.is_empty() {
        return Err(Error::EmptyTable { what: "the table of histories".into() });
    }
    model.check_histories(histories)?;
    let mut rows: Vec<CountFit> = (0..=most).map(|repeats| CountFit { repeats, expected: 0.0, actual: 0.0 }).collect();
    for (row, history) in histories.iter().enumerate() {
        rows[history.repeats.min(f64::from(most)) as usize].actual += histories.weight(row);
    }
    let groups = model.groups_of(histories)?;
    let processes: Vec<Box<dyn Process>> = groups.iter().map(|group| model.process_of(&group.z)).collect();
    let of_age: Vec<(&dyn Process, f64, f64)> = groups
        .iter()
        .zip(&processes)
        .flat_map(|(group, process)| {
            by_age(group).into_iter().map(move |(age, customers)| (&**process, age, customers))
        })
        .collect();
    let expected = crate::parallel::map(of_age, |(process, age, customers)| -> Vec<f64> {
        let exactly = |count| process.probability_of_count(count, 0.0, age).clamp(0.0, 1.0);
        let exactly: Vec<f64> = (0..most).map(exactly).collect();
        let more = (1.0 - exactly.iter().sum::<f64>()).max(0.0);
        exactly.into_iter().chain([more]).map(|share| customers * share).collect()
    });
    for of_age in expected {
        for (row, expected) in rows.iter_mut().zip(of_age) {
            row.expected += expected;
        }
    }
    Ok(rows)
}

/// The customers of a group by age.
fn by_age(group: &Group) -> Vec<(f64, f64)> {
    let mut ages: Vec<(f64, f64)> = group
        .customers
        .histories
        .iter()
        .zip(&group.customers.weights)
        .map(|(one, &weight)| (one.age, weight))
        .collect();
    ages.sort_by(|one, two| one.0.total_cmp(&two.0));
    let equal = ages.chunk_by(|one, next| one.0 == next.0);
    equal.map(|equal| (equal[0].0, equal.iter().map(|(_, weight)| weight).sum())).collect()
}
