//! What lifetime models know of a customer: how often he came back, when last, and how long he has been one.

use crate::value::Rfm;
use crate::{Error, Result};
use std::borrow::Cow;

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

/// The histories of many customers, checked; one element per customer. Columns are lent:
/// [`into_owned`](Self::into_owned) keeps them.
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
pub struct Histories<'a> {
    repeats: Cow<'a, [f64]>,
    last: Cow<'a, [f64]>,
    age: Cow<'a, [f64]>,
    weights: Option<Cow<'a, [f64]>>,
    /// Names and columns.
    covariates: Vec<(String, Cow<'a, [f64]>)>,
}

impl<'a> Histories<'a> {
    /// From columns: purchases after the first (x, whole numbers), time of the last purchase and age, both since the first
    /// purchase and in one unit.
    ///
    /// # Errors
    /// [`Error::WrongLength`]; [`Error::InvalidValue`] with the row for a number that is not finite or below 0, for a last
    /// purchase after today, for a customer who came back at time 0, and for one who did not but has a last purchase.
    pub fn new(repeats: &'a [f64], last: &'a [f64], age: &'a [f64]) -> Result<Self> {
        for (what, found) in [("the times of the last purchase", last.len()), ("the ages", age.len())] {
            if found != repeats.len() {
                return Err(Error::WrongLength { what: what.into(), expected: repeats.len(), found });
            }
        }
        let histories =
            Self { repeats: repeats.into(), last: last.into(), age: age.into(), weights: None, covariates: Vec::new() };
        let parts: Vec<usize> = (0..repeats.len()).step_by(PART).collect();
        let sound = crate::parallel::map(parts, |from| {
            let columns = histories.columns(from..(from + PART).min(repeats.len()));
            crate::wide::wide(
                #[inline(always)]
                || columns.are_sound(),
            )
        });
        if let Some(part) = sound.iter().position(|sound| !sound) {
            let rows = part * PART..histories.len();
            rows.into_iter().try_for_each(|row| histories.history(row).check(row))?;
        }
        Ok(histories)
    }

    /// The same, with columns of its own.
    pub fn into_owned(self) -> Histories<'static> {
        let owned = |column: Cow<'a, [f64]>| Cow::Owned(column.into_owned());
        Histories {
            repeats: owned(self.repeats),
            last: owned(self.last),
            age: owned(self.age),
            weights: self.weights.map(owned),
            covariates: self.covariates.into_iter().map(|(name, column)| (name, owned(column))).collect(),
        }
    }

    /// From a table of [`rfm`](crate::value::rfm), whose unit is days. The models of this module count a day as one
    /// unit then; they are told with [`PurchaseFit::days_per_period`](crate::value::PurchaseFit::days_per_period) that a period
    /// is longer.
    ///
    /// # Errors
    /// None for a table as [`rfm`](crate::value::rfm) makes it; those of [`Histories::new`], with the customer's code, for
    /// one that was changed.
    pub fn from_rfm(table: &'a Rfm) -> Result<Self> {
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
    pub fn weights(mut self, weights: &'a [f64]) -> Result<Self> {
        if weights.len() != self.len() {
            return Err(Error::WrongLength { what: "the weights".into(), expected: self.len(), found: weights.len() });
        }
        if let Some(row) = weights.iter().position(|weight| !(0.0..f64::INFINITY).contains(weight)) {
            return Err(invalid("the weight", row, weights[row], "weights must be finite numbers, 0 or more"));
        }
        self.weights = Some(weights.into());
        Ok(self)
    }

    /// Adds columns of what else is known of the customers and does not change: the channel that won them (1 or 0), what
    /// their first order came to. Models with covariates find them by name.
    ///
    /// # Errors
    /// [`Error::WrongLength`]; [`Error::InvalidValue`] with the row for a number that is not finite;
    /// [`Error::InvalidParameter`] for a name that is there already.
    pub fn covariates(mut self, named: &[(&str, &'a [f64])]) -> Result<Self> {
        for &(name, column) in named {
            if column.len() != self.len() {
                let what = format!("the covariate `{name}`");
                return Err(Error::WrongLength { what, expected: self.len(), found: column.len() });
            }
            if let Some(row) = column.iter().position(|value| !value.is_finite()) {
                let must_be = "covariates must be known for every customer: fill in what stands for unknown, and add a column that says so";
                return Err(invalid(&format!("the covariate `{name}`"), row, column[row], must_be));
            }
            if self.covariates.iter().any(|(known, _)| known == name) {
                let must_be = "names that differ from one another".into();
                let (of, name_of, got) = ("Histories", "covariates", format!("`{name}` twice"));
                return Err(Error::InvalidParameter { of, name: name_of, must_be, got });
            }
            self.covariates.push((name.to_owned(), column.into()));
        }
        Ok(self)
    }

    /// The columns of covariates, in the order of their names.
    pub(super) fn covariates_named(&self, names: &[String]) -> Result<Vec<&[f64]>> {
        let column = |name: &String| {
            let found = self.covariates.iter().find(|(known, _)| known == name);
            found.map(|(_, column)| &**column).ok_or_else(|| Error::MissingColumn {
                column: name.clone(),
                available: self.covariates.iter().map(|(name, _)| name.clone()).collect(),
            })
        };
        names.iter().map(column).collect()
    }

    /// The number of customers.
    pub fn len(&self) -> usize {
        self.repeats.len()
    }

    /// Whether there is no customer.
    pub fn is_empty(&self) -> bool {
        self.repeats.is_empty()
    }

    /// The customers, in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = History> {
        (0..self.len()).map(|row| self.history(row))
    }

    /// The customer of a row.
    pub(super) fn history(&self, row: usize) -> History {
        History { repeats: self.repeats[row], last: self.last[row], age: self.age[row] }
    }

    /// Purchases after the first ones.
    pub fn repeats(&self) -> &[f64] {
        &self.repeats
    }

    /// The columns of some customers.
    pub(super) fn columns(&self, rows: std::ops::Range<usize>) -> HistoryColumns<'_> {
        HistoryColumns { repeats: &self.repeats[rows.clone()], last: &self.last[rows.clone()], age: &self.age[rows] }
    }

    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.as_ref().map_or(1.0, |weights| weights[row])
    }
}

/// Columns of histories, of equal length.
#[derive(Debug, Clone, Copy)]
pub(super) struct HistoryColumns<'a> {
    pub(super) repeats: &'a [f64],
    pub(super) last: &'a [f64],
    pub(super) age: &'a [f64],
}

impl HistoryColumns<'_> {
    /// Whether all of them can be histories.
    #[inline(always)]
    fn are_sound(&self) -> bool {
        let mut sound = true;
        for row in 0..self.repeats.len() {
            sound &= self.history(row).is_sound();
        }
        sound
    }

    /// Repeat purchases, last purchases and ages of the customers from a row on, times divided by `unit`; the last one
    /// stands in for those beyond the end.
    #[inline(always)]
    pub(super) fn lanes<const L: usize>(&self, from: usize, unit: f64) -> [[f64; L]; 3] {
        let end = (from + L).min(self.age.len());
        let row = |lane: usize| (from + lane).min(end - 1);
        [
            std::array::from_fn(|lane| self.repeats[row(lane)]),
            std::array::from_fn(|lane| self.last[row(lane)] / unit),
            std::array::from_fn(|lane| self.age[row(lane)] / unit),
        ]
    }

    /// The customer of a row.
    #[inline(always)]
    pub(super) fn history(&self, row: usize) -> History {
        History { repeats: self.repeats[row], last: self.last[row], age: self.age[row] }
    }
}

/// Rows that one thread takes at a time.
const PART: usize = 1 << 14;

impl History {
    /// This history with times divided by `unit`.
    pub(super) fn in_unit(self, unit: f64) -> Self {
        Self { repeats: self.repeats, last: self.last / unit, age: self.age / unit }
    }

    /// Whether it can be one at all.
    #[inline(always)]
    pub(super) fn is_sound(&self) -> bool {
        /// 2<sup>52</sup>: from here on all numbers are whole, and adding it to a smaller one rounds that.
        const WHOLE: f64 = 4_503_599_627_370_496.0;
        let &Self { repeats, last, age } = self;
        let whole = repeats >= WHOLE || (repeats + WHOLE) - WHOLE == repeats;
        let bought = repeats > 0.0 && last > 0.0 || repeats == 0.0 && last == 0.0;
        whole && bought && last <= age && repeats < f64::INFINITY && age < f64::INFINITY
    }

    fn check(&self, row: usize) -> Result<()> {
        let &Self { repeats, last, age } = self;
        if self.is_sound() {
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
