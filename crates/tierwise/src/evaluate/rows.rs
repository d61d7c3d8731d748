//! What is judged, checked once: outcomes, scores and weights of the same rows.

use super::falling::falling_key;
use crate::{Error, Outcome, Result, parallel};

/// Rows whose sum is formed in one go; the partition is fixed, so sums do not depend on the number of threads.
const BLOCK: usize = 1 << 14;

/// Outcomes, scores and weights of the same rows. A row of weight 0 counts for nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows<'a> {
    /// 1 for events and 0 for others, or amounts.
    pub(super) happened: &'a [f64],
    pub(super) scores: &'a [f64],
    weights: Option<&'a [f64]>,
    positive: &'a str,
}

impl<'a> Rows<'a> {
    /// Scores of any scale: every number but NaN.
    pub(super) fn ranked(of: &'static str, outcome: &'a Outcome<'_>, scores: &'a [f64]) -> Result<Self> {
        Self::ranked_as("the score", of, outcome, scores)
    }

    /// The same of one of several scores, which `what` names.
    pub(super) fn ranked_as(what: &str, of: &'static str, outcome: &'a Outcome<'_>, scores: &'a [f64]) -> Result<Self> {
        let must_be = "every row needs a score; fill it in or leave the row out";
        Self::checked(of, outcome, scores, what, must_be, |score| !score.is_nan())
    }

    /// Scores that are probabilities: numbers in [0, 1].
    pub(super) fn probable(of: &'static str, outcome: &'a Outcome<'_>, probabilities: &'a [f64]) -> Result<Self> {
        let must_be = "it must be a number in [0, 1]; turn log-odds into probabilities first";
        let within = |score: f64| (0.0..=1.0).contains(&score);
        Self::checked(of, outcome, probabilities, "the probability", must_be, within)
    }

    /// Amounts that came against amounts that were said.
    pub(super) fn numbers(actual: &'a [f64], predicted: &'a [f64], weights: Option<&'a [f64]>) -> Result<Self> {
        check_numbers("the outcome", actual, actual.len())?;
        check_numbers("the prediction", predicted, actual.len())?;
        if let Some(weights) = weights {
            Outcome::binary("outcome", &vec![false; actual.len()]).weights(weights)?.check_total_weight()?;
        }
        Ok(Self { happened: actual, scores: predicted, weights, positive: "" })
    }

    fn checked(
        of: &'static str,
        outcome: &'a Outcome<'_>,
        scores: &'a [f64],
        what: &str,
        must_be: &str,
        sound: impl Fn(f64) -> bool,
    ) -> Result<Self> {
        let happened = outcome.values();
        if happened.is_empty() {
            return Err(Error::EmptyTable { what: format!("the outcome `{}`", outcome.name()) });
        }
        if scores.len() != happened.len() {
            return Err(Error::WrongLength { what: what.into(), expected: happened.len(), found: scores.len() });
        }
        if outcome.row_offsets().is_some() {
            return Err(Error::InvalidParameter {
                of,
                name: "outcome",
                must_be: "an outcome without offsets: they belong into the score".into(),
                got: format!("`{}` with offsets", outcome.name()),
            });
        }
        if let Some(row) = scores.iter().position(|&score| !sound(score)) {
            return Err(Error::invalid_value(what, row, scores[row], must_be));
        }
        outcome.check_total_weight()?;
        Ok(Self { happened, scores, weights: outcome.row_weights(), positive: outcome.positive() })
    }

    /// The same rows with what else came of them.
    pub(super) fn with_outcome(self, happened: &'a [f64]) -> Self {
        Self { happened, ..self }
    }

    /// The same rows with another score.
    pub(super) fn with_scores(self, scores: &'a [f64]) -> Self {
        Self { scores, ..self }
    }

    /// The same rows when both outcomes carry weight among them, the lighter so much that it is not lost in rounding.
    pub(super) fn both_classes(self) -> Result<Self> {
        let [rows, events, weight, event_weight] = self.counts();
        if events == 0.0 || events == rows {
            let class = if events == 0.0 { "not " } else { "" };
            return Err(Error::OneClass { rows: rows as usize, found: format!("{class}`{}`", self.positive) });
        }
        let (least, lighter) = (1e-15 * weight, f64::from(u8::from(event_weight < weight / 2.0)));
        if event_weight < least || weight - event_weight < least {
            let light = |&row: &usize| self.happened[row] == lighter;
            let row = (0..self.len()).filter(light).max_by(|&one, &two| self.weight(one).total_cmp(&self.weight(two)));
            let must_be = "its outcome weighs too little beside the other, 1e-15 of all, to be told from rounding; \
                           check the weights";
            let row = row.unwrap_or_default();
            return Err(Error::invalid_value("the weight", row, self.weight(row), must_be));
        }
        Ok(self)
    }

    /// Rows that carry weight, those of them that are events, and the weight of either.
    pub(super) fn counts(&self) -> [f64; 4] {
        self.plain_sums(|row| {
            let (weight, happened) = (self.weight(row), self.happened[row]);
            let counted = f64::from(u8::from(weight > 0.0));
            [counted, counted * happened, weight, weight * happened]
        })
    }

    pub(super) fn len(&self) -> usize {
        self.happened.len()
    }

    pub(super) fn is_weighted(&self) -> bool {
        self.weights.is_some()
    }

    #[inline]
    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row])
    }

    /// Weighted sums over all rows that carry weight.
    pub(super) fn sums<const N: usize>(&self, of: impl Fn(usize) -> [f64; N] + Sync + Send) -> [f64; N] {
        self.plain_sums(|row| {
            let weight = self.weight(row);
            // What is infinite where nothing is weighed would make the sum NaN.
            if weight == 0.0 { [0.0; N] } else { of(row).map(|value| weight * value) }
        })
    }

    fn plain_sums<const N: usize>(&self, of: impl Fn(usize) -> [f64; N] + Sync + Send) -> [f64; N] {
        let starts = (0..self.len()).step_by(BLOCK).collect();
        let parts = parallel::map(starts, |start: usize| {
            let mut sums = [0.0; N];
            for row in start..self.len().min(start + BLOCK) {
                add(&mut sums, &of(row));
            }
            sums
        });
        parts.iter().fold([0.0; N], |mut total, part| {
            add(&mut total, part);
            total
        })
    }

    /// The rows that carry weight by falling score; rows of equal scores in their own order.
    pub(super) fn by_falling_score(&self) -> Vec<(u64, usize)> {
        let counted = (0..self.len()).filter(|&row| self.weight(row) > 0.0);
        let mut order: Vec<_> = counted.map(|row| (falling_key(self.scores[row]), row)).collect();
        parallel::sort(&mut order);
        order
    }
}

/// Amounts whose squares can be summed.
pub(super) fn check_numbers(what: &str, numbers: &[f64], rows: usize) -> Result<()> {
    if rows == 0 {
        return Err(Error::EmptyTable { what: what.into() });
    }
    if numbers.len() != rows {
        return Err(Error::WrongLength { what: what.into(), expected: rows, found: numbers.len() });
    }
    check_range(what, numbers)
}

/// The same for a column of any length.
pub(super) fn check_range(what: &str, numbers: &[f64]) -> Result<()> {
    const MOST: f64 = 1e100;
    let beyond = |number: &f64| !(-MOST..=MOST).contains(number);
    match numbers.iter().position(beyond) {
        Some(row) => {
            let must_be = format!("it must be a number in [-{MOST:e}, {MOST:e}]; fill it in or leave the row out");
            Err(Error::invalid_value(what, row, numbers[row], &must_be))
        }
        None => Ok(()),
    }
}

pub(super) fn add<const N: usize>(sums: &mut [f64; N], values: &[f64; N]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

pub(super) fn parameter(of: &'static str, name: &'static str, must_be: &str, got: &dyn std::fmt::Display) -> Error {
    Error::InvalidParameter { of, name, must_be: must_be.into(), got: got.to_string() }
}

/// What is left of a sum that should be nothing, as a share of what was added up.
pub(super) const ROUNDING: f64 = 1e-12;

/// Whether a sum of weights comes up to what is wanted. A share of a sum, and a sum of fractions, is off by rounding: what
/// lacks less than a millionth of a millionth lacks nothing.
pub(super) fn reaches(sum: f64, wanted: f64) -> bool {
    sum >= wanted * (1.0 - ROUNDING)
}

/// Refuses classes of which a variance cannot be known.
pub(super) fn enough(of: &str, events: f64, others: f64) -> Result<()> {
    let class = if reaches(others, events) { "events" } else { "others" };
    more_than_one(of, class, events.min(others))
}

/// Refuses a single customer.
pub(super) fn more_than_one(of: &str, who: &str, weight: f64) -> Result<()> {
    if weight > 1.0 {
        return Ok(());
    }
    Err(Error::NotEnoughData { what: format!("{of}, the weight of the {who}"), needed: 2, found: weight as usize })
}

/// The chance that a standard normal number lies at least as far from 0, on either side.
pub(super) fn two_sided(z: f64) -> f64 {
    libm::erfc(z.abs() * std::f64::consts::FRAC_1_SQRT_2)
}
