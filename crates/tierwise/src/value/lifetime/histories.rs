//! What lifetime models know of a customer: how often he came back, when last, and how long he has been one.

use crate::value::Rfm;
use crate::{Error, Result};

/// One customer's history, in the time unit of a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct History {
    /// Purchases after the first one (x).
    pub repeats: f64,
    /// Time from the first purchase to the last (t<sub>x</sub>); 0 for a customer who never came back.
    pub last: f64,
    /// Time from the first purchase to today (T).
    pub age: f64,
}

/// The histories of many customers, checked; one element per customer.
///
/// ```
/// use tierwise::value::Histories;
/// let histories = Histories::new(&[2.0, 0.0], &[30.43, 0.0], &[38.86, 38.86])?;
/// assert_eq!(histories.len(), 2);
/// let wrong = Histories::new(&[2.0], &[40.0], &[38.86]).unwrap_err();
/// assert_eq!(
///     wrong.to_string(),
///     "the last purchase (t_x) at row 0 is 40; it must not lie after the customer's age, which is 38.86: mend the dates"
/// );
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Histories {
    all: Vec<History>,
    weights: Option<Vec<f64>>,
}

impl Histories {
    /// From columns: purchases after the first (x, whole numbers), time of the last purchase and age, both since the first
    /// purchase and in one unit.
    ///
    /// # Errors
    /// [`Error::WrongLength`]; [`Error::InvalidValue`] with the row for a number that is not finite or below 0, for a last
    /// purchase after today, for a customer who came back at time 0, and for one who did not but has a last purchase.
    pub fn new(repeats: &[f64], last: &[f64], age: &[f64]) -> Result<Self> {
        for (what, found) in [("the times of the last purchase", last.len()), ("the ages", age.len())] {
            if found != repeats.len() {
                return Err(Error::WrongLength { what: what.into(), expected: repeats.len(), found });
            }
        }
        let columns = repeats.iter().zip(last).zip(age);
        let all: Vec<History> = columns.map(|((&repeats, &last), &age)| History { repeats, last, age }).collect();
        for (row, history) in all.iter().enumerate() {
            history.check(row)?;
        }
        Ok(Self { all, weights: None })
    }

    /// From a table of [`rfm`](crate::value::rfm), whose unit is days. The models of this module count a day as one
    /// unit then; they are told with [`PurchaseFit::days_per_period`](crate::value::PurchaseFit::days_per_period) that a period
    /// is longer.
    ///
    /// # Errors
    /// None for a table as [`rfm`](crate::value::rfm) makes it; those of [`Histories::new`], with the customer's code, for
    /// one that was changed.
    pub fn from_rfm(table: &Rfm) -> Result<Self> {
        let named = |error| match error {
            Error::InvalidValue { what, row, key: None, found, must_be } => {
                let key = table.customer.get(row).map(ToString::to_string);
                Error::InvalidValue { what, row, key, found, must_be }
            }
            other => other,
        };
        Self::new(&table.repeat_frequency, &table.last_purchase_age, &table.age).map_err(named)
    }

    /// Counts each customer so many times; weights of a sample work as well.
    ///
    /// # Errors
    /// [`Error::WrongLength`]; [`Error::InvalidValue`] for a weight that is not finite or below 0.
    pub fn weights(mut self, weights: &[f64]) -> Result<Self> {
        if weights.len() != self.all.len() {
            return Err(Error::WrongLength {
                what: "the weights".into(),
                expected: self.all.len(),
                found: weights.len(),
            });
        }
        if let Some(row) = weights.iter().position(|weight| !(0.0..f64::INFINITY).contains(weight)) {
            return Err(invalid("the weight", row, weights[row], "weights must be finite numbers, 0 or more"));
        }
        self.weights = Some(weights.to_vec());
        Ok(self)
    }

    /// The number of customers.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is no customer.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The customers, in their order.
    pub fn as_slice(&self) -> &[History] {
        &self.all
    }

    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }

    /// The same customers with times divided by `unit`.
    pub(super) fn in_unit(&self, unit: f64) -> Self {
        let all = self.all.iter().map(|one| one.in_unit(unit)).collect();
        Self { all, weights: self.weights.clone() }
    }
}

impl History {
    /// This history with times divided by `unit`.
    pub(super) fn in_unit(self, unit: f64) -> Self {
        Self { repeats: self.repeats, last: self.last / unit, age: self.age / unit }
    }

    /// Whether it can be one at all.
    pub(super) fn is_sound(&self) -> bool {
        self.check(0).is_ok()
    }

    fn check(&self, row: usize) -> Result<()> {
        let &Self { repeats, last, age } = self;
        // One test for the many that are sound.
        let sound = repeats.is_finite() && age.is_finite() && repeats.fract() == 0.0;
        if sound && (repeats > 0.0 && last > 0.0 || repeats == 0.0 && last == 0.0) && last <= age {
            return Ok(());
        }
        for (what, value) in
            [("the repeat purchases (x)", repeats), ("the last purchase (t_x)", last), ("the age (T)", age)]
        {
            if !(0.0..f64::INFINITY).contains(&value) {
                return Err(invalid(
                    what,
                    row,
                    value,
                    "it must be a finite number, 0 or more: mend or leave out the customer",
                ));
            }
        }
        if repeats.fract() != 0.0 {
            return Err(invalid("the repeat purchases (x)", row, repeats, "purchases are counted in whole numbers"));
        }
        if last > age {
            let must_be = format!("it must not lie after the customer's age, which is {age}: mend the dates");
            return Err(invalid("the last purchase (t_x)", row, last, &must_be));
        }
        let must_be = if repeats > 0.0 {
            format!(
                "with {repeats} repeat purchases it must lie after the first purchase, above 0: merge purchases of one day"
            )
        } else {
            "a customer without repeat purchases has none, so it must be 0: count from the first purchase".into()
        };
        Err(invalid("the last purchase (t_x)", row, last, &must_be))
    }
}

fn invalid(what: &str, row: usize, found: f64, must_be: &str) -> Error {
    Error::InvalidValue { what: what.into(), row, key: None, found: found.to_string(), must_be: must_be.into() }
}

/// Equal histories together, in ascending order: what a fit reads.
#[derive(Debug, Clone)]
pub(super) struct Distinct {
    pub(super) histories: Vec<History>,
    pub(super) weights: Vec<f64>,
}

impl Distinct {
    /// Each distinct history with the weight of all that are equal. The sums run over rows in their order, so that a
    /// fit does not depend on the number of threads.
    pub(super) fn of(histories: &Histories) -> Self {
        // Numbers that are not negative are ordered as their bits.
        let mut keys: Vec<([u64; 3], u32)> = (0_u32..)
            .zip(&histories.all)
            .map(|(row, one)| ([one.repeats + 0.0, one.age + 0.0, one.last + 0.0].map(f64::to_bits), row))
            .collect();
        crate::parallel::sort(&mut keys);
        let mut distinct = Self { histories: Vec::new(), weights: Vec::new() };
        for equal in keys.chunk_by(|one, next| one.0 == next.0) {
            let weight = equal.iter().map(|&(_, row)| histories.weight(row as usize)).sum();
            if weight > 0.0 {
                distinct.histories.push(histories.all[equal[0].1 as usize]);
                distinct.weights.push(weight);
            }
        }
        distinct
    }

    /// About so many of them, evenly spread: half of them of customers who came back, however few these are. Weights stand
    /// for all.
    pub(super) fn part(&self, most: usize) -> Self {
        let mut part = Self { histories: Vec::new(), weights: Vec::new() };
        for came_back in [false, true] {
            let of: Vec<usize> =
                (0..self.histories.len()).filter(|&at| (self.histories[at].repeats > 0.0) == came_back).collect();
            let taken: Vec<usize> = of.iter().copied().step_by((2 * of.len()).div_ceil(most).max(1)).collect();
            let sum = |of: &[usize]| of.iter().map(|&at| self.weights[at]).sum::<f64>();
            let scale = sum(&of) / sum(&taken);
            part.histories.extend(taken.iter().map(|&at| self.histories[at]));
            part.weights.extend(taken.iter().map(|&at| self.weights[at] * scale));
        }
        part
    }

    /// The mean of a number over the customers.
    pub(super) fn mean(&self, of: impl Fn(&History) -> f64) -> f64 {
        self.sum(of) / self.total()
    }

    /// The sum of a number over the customers.
    pub(super) fn sum(&self, of: impl Fn(&History) -> f64) -> f64 {
        self.histories.iter().zip(&self.weights).map(|(one, weight)| weight * of(one)).sum()
    }

    pub(super) fn total(&self) -> f64 {
        self.weights.iter().sum()
    }
}
