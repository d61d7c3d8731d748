//! What bins are formed against: yes or no, or a number.

use crate::{Error, Feature, Outcome, Result};
use std::borrow::Cow;

/// Squares of larger numbers, added up, overflow.
pub(super) const LARGEST: f64 = 1e140;

/// A number that is to be explained, one per row, with weights if any.
///
/// ```
/// use tierwise::learn::NumberOutcome;
/// let spent = NumberOutcome::new("spent", &[12.0, 0.0, 7.5])?.weights(&[1.0, 2.0, 1.0])?;
/// assert_eq!((spent.name(), spent.values().len()), ("spent", 3));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct NumberOutcome<'a> {
    name: String,
    values: Cow<'a, [f64]>,
    weights: Option<Cow<'a, [f64]>>,
}

impl<'a> NumberOutcome<'a> {
    /// A number per row; every one must be known and within 1e140.
    ///
    /// # Errors
    /// [`Error::EmptyTable`] and [`Error::InvalidValue`] with the row.
    pub fn new(name: impl Into<String>, values: impl Into<Cow<'a, [f64]>>) -> Result<Self> {
        let (name, values) = (name.into(), values.into());
        if values.is_empty() {
            return Err(Error::EmptyTable { what: format!("the outcome `{name}`") });
        }
        if let Some(row) = values.iter().position(|value| value.is_nan() || value.abs() > LARGEST) {
            let must_be = format!("every row needs a number within {LARGEST:e}; fill it in or leave the row out");
            return Err(Error::invalid_value(&format!("the outcome `{name}`"), row, values[row], &must_be));
        }
        Ok(Self { name, values, weights: None })
    }

    /// Weights per row: how many customers a row stands for. Finite, not negative, not all zero.
    ///
    /// # Errors
    /// [`Error::WrongLength`], [`Error::InvalidValue`] with the row.
    pub fn weights(mut self, weights: impl Into<Cow<'a, [f64]>>) -> Result<Self> {
        let weights = weights.into();
        if weights.len() != self.values.len() {
            let what = "the weights".into();
            return Err(Error::WrongLength { what, expected: self.values.len(), found: weights.len() });
        }
        if let Some(row) = weights.iter().position(|weight| !weight.is_finite() || *weight < 0.0) {
            return Err(Error::invalid_value(
                "the weight",
                row,
                weights[row],
                "weights must be finite and not negative",
            ));
        }
        if weights.iter().all(|&weight| weight == 0.0) {
            return Err(Error::invalid_value("the weight", 0, 0.0, "at least one row must have a weight above 0"));
        }
        self.weights = Some(weights);
        Ok(self)
    }

    /// The name of the outcome.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The numbers.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The weights, where given.
    pub fn row_weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }
}

/// What bins are formed against; made from a reference to an [`Outcome`] or a [`NumberOutcome`].
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// Yes or no, with the positive class named.
    Binary(&'a Outcome<'a>),
    /// A number.
    Number(&'a NumberOutcome<'a>),
}

impl<'a> From<&'a Outcome<'a>> for Target<'a> {
    fn from(outcome: &'a Outcome<'a>) -> Self {
        Self::Binary(outcome)
    }
}

impl<'a> From<&'a NumberOutcome<'a>> for Target<'a> {
    fn from(outcome: &'a NumberOutcome<'a>) -> Self {
        Self::Number(outcome)
    }
}

impl<'a> Target<'a> {
    /// The outcomes as the binning reads them, checked against one column.
    pub(super) fn rows(self, feature: &Feature, values: &[f64]) -> Result<Rows<'a>> {
        let rows = match self {
            Self::Binary(outcome) => {
                if outcome.row_offsets().is_some() {
                    return Err(Error::InvalidParameter {
                        of: "Binner",
                        name: "outcome",
                        must_be: "an outcome without offsets: weights of evidence have none".into(),
                        got: format!("`{}` with offsets", outcome.name()),
                    });
                }
                Rows { outcome: outcome.values(), weights: outcome.row_weights(), mean: None }
            }
            Self::Number(outcome) => {
                let weights = outcome.row_weights();
                let mean = mean(outcome.values(), weights);
                Rows { outcome: outcome.values(), weights, mean: Some(mean) }
            }
        };
        if rows.outcome.len() != values.len() {
            let what = format!("column `{}`", feature.name());
            return Err(Error::WrongLength { what, expected: rows.outcome.len(), found: values.len() });
        }
        Ok(rows)
    }
}

/// The mean by its deviations from a first guess, so that a large common part does not drown the differences.
fn mean(values: &[f64], weights: Option<&[f64]>) -> f64 {
    let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
    let total: f64 = (0..values.len()).map(weight).sum();
    let around =
        |guess: f64| values.iter().enumerate().map(|(row, value)| weight(row) / total * (value - guess)).sum::<f64>();
    let guess = around(0.0);
    guess + around(guess)
}

/// The outcome of each row, its weight, and the overall mean of a number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'a> {
    pub(super) outcome: &'a [f64],
    pub(super) weights: Option<&'a [f64]>,
    pub(super) mean: Option<f64>,
}

impl Rows<'_> {
    pub(super) fn is_binary(&self) -> bool {
        self.mean.is_none()
    }

    #[inline]
    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// What a row adds to the two sums of its cell: event and other, or deviation and weight.
    #[inline]
    pub(super) fn contribution(&self, row: usize) -> [f64; 2] {
        let (outcome, weight) = (self.outcome[row], self.weight(row));
        match self.mean {
            Some(mean) => [weight * (outcome - mean), weight],
            None => [weight * outcome, weight * (1.0 - outcome)],
        }
    }
}
