//! How models are learned: the outcome, the trait [`Fit`], its report, and statistics that add up.

use crate::{Columns, Error, Result, Score};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::ops::ControlFlow;

/// Learns a model from a table and an outcome.
///
/// ```
/// use tierwise::{Columns, Feature, Fit, Outcome, Score, learn::Logistic};
/// let features = [Feature::number("visits")];
/// let columns = Columns::new(&features, &[("visits", &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0])])?;
/// let outcome = Outcome::labels("result", &["lost", "lost", "won", "lost", "won", "won"], "won")?;
/// let fitted = Logistic::new().alpha(1.0).fit(&columns, &outcome)?;
/// assert!(fitted.report.converged);
/// assert!(fitted.model.score_row(&[5.0]) > fitted.model.score_row(&[0.0]));
/// # Ok::<(), tierwise::Error>(())
/// ```
pub trait Fit {
    /// What is learned.
    type Model: Score;

    /// Learns, telling `progress` after each step; when it breaks, the fit stops with [`Error::Cancelled`].
    ///
    /// # Errors
    /// What is wrong with the data or the parameters, or why the fit did not converge.
    fn fit_with(
        &self,
        data: &Columns<'_>,
        outcome: &Outcome<'_>,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Fitted<Self::Model>>;

    /// Learns without telling anyone.
    ///
    /// # Errors
    /// Those of [`fit_with`](Self::fit_with).
    fn fit(&self, data: &Columns<'_>, outcome: &Outcome<'_>) -> Result<Fitted<Self::Model>> {
        self.fit_with(data, outcome, &mut |_| ControlFlow::Continue(()))
    }
}

/// How far a fit has come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Steps done.
    pub step: usize,
    /// The most steps there can be.
    pub limit: usize,
    /// The objective now; it falls.
    pub objective: f64,
}

/// A model and the account of how it came to be.
#[derive(Debug, Clone)]
pub struct Fitted<M> {
    /// The model.
    pub model: M,
    /// What it was learned from and how that went.
    pub report: FitReport,
}

/// What a model was learned from and how that went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FitReport {
    /// Rows in the table.
    pub rows: usize,
    /// Rows whose outcome is the positive class.
    pub positives: usize,
    /// Sum of the weights; the number of rows where none were given.
    pub total_weight: f64,
    /// Whether the tolerance was reached.
    pub converged: bool,
    /// Iterations done.
    pub iterations: usize,
    /// The objective at the end: negative log-likelihood plus penalty.
    pub objective: f64,
    /// The log-likelihood at the end, without penalty.
    pub log_likelihood: f64,
    /// The log-likelihood of the model that knows only the base rate.
    pub null_log_likelihood: f64,
    /// The largest absolute component of the gradient at the end.
    pub gradient: f64,
    /// Things worth knowing that do not stop a fit, one sentence each.
    pub findings: Vec<String>,
}

/// What is to be predicted: yes or no per row, with the positive class named, and weights and offsets if any.
///
/// ```
/// use tierwise::Outcome;
/// let left = Outcome::labels("Churn", &["Yes", "No", "No"], "Yes")?.weights(&[1.0, 2.0, 1.0])?;
/// assert_eq!((left.positive(), left.values()), ("Yes", &[1.0, 0.0, 0.0][..]));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome<'a> {
    name: String,
    positive: String,
    values: Vec<f64>,
    weights: Option<Cow<'a, [f64]>>,
    offsets: Option<Cow<'a, [f64]>>,
}

impl<'a> Outcome<'a> {
    /// An outcome that is true where the row belongs to the positive class.
    pub fn binary(name: impl Into<String>, happened: &[bool]) -> Self {
        let values = happened.iter().map(|&yes| f64::from(u8::from(yes))).collect();
        Self { name: name.into(), positive: "true".into(), values, weights: None, offsets: None }
    }

    /// An outcome given as two labels, one of which is named as positive.
    ///
    /// # Errors
    /// [`Error::EmptyTable`]; [`Error::InvalidOutcome`] when the positive label does not occur or there are more
    /// than two labels.
    pub fn labels<S: AsRef<str>>(name: impl Into<String>, labels: &[S], positive: &str) -> Result<Self> {
        Self::from_labels(name.into(), labels.iter().map(AsRef::as_ref), positive)
    }

    /// An outcome given as positions in a list of labels, as dictionaries hold it; labels that no row has do not count.
    ///
    /// ```
    /// use tierwise::Outcome;
    /// let left = Outcome::coded("churn", &[2, 0, 0], &["No", "Perhaps", "Yes"], "Yes")?;
    /// assert_eq!(left, Outcome::labels("churn", &["Yes", "No", "No"], "Yes")?);
    /// let outside = Outcome::coded("churn", &[0, 3], &["No", "Yes"], "Yes").unwrap_err();
    /// assert_eq!(outside.to_string(), "the outcome `churn` at row 1 is 3; there are 2 labels");
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Outcome::labels`], and [`Error::InvalidValue`] with the row for a position outside the list.
    pub fn coded<S: AsRef<str>>(name: impl Into<String>, codes: &[u32], labels: &[S], positive: &str) -> Result<Self> {
        let name = name.into();
        if let Some(row) = codes.iter().position(|&code| code as usize >= labels.len()) {
            let must_be = format!("there are {} labels", labels.len());
            return Err(Error::invalid_value(&format!("the outcome `{name}`"), row, f64::from(codes[row]), &must_be));
        }
        Self::from_labels(name, codes.iter().map(|&code| labels[code as usize].as_ref()), positive)
    }

    /// An outcome given as numbers, of which one is positive. It may be left out for ones and zeros, where it is 1; of
    /// those either may be missing. Of other numbers the positive one must occur.
    ///
    /// ```
    /// use tierwise::Outcome;
    /// assert_eq!(Outcome::numbers("paid", &[2.0, 1.0, 2.0], Some(2.0))?.values(), [1.0, 0.0, 1.0]);
    /// assert_eq!(Outcome::numbers("paid", &[0.0, 0.0], None)?.values(), [0.0, 0.0]);
    /// assert!(Outcome::numbers("paid", &[2.0, 1.0], None).is_err());
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidValue`] with the row for NaN; [`Error::InvalidOutcome`] where none is named and there are others
    /// than ones and zeros; otherwise those of [`Outcome::labels`].
    pub fn numbers(name: impl Into<String>, numbers: &[f64], positive: Option<f64>) -> Result<Self> {
        let name = name.into();
        if let Some(row) = numbers.iter().position(|number| number.is_nan()) {
            let must_be = "every row needs an outcome; leave out rows whose outcome is not known yet";
            return Err(Error::invalid_value(&format!("the outcome `{name}`"), row, f64::NAN, must_be));
        }
        let one = positive.unwrap_or(1.0);
        let zero_or_one = |number: f64| number == 0.0 || number == 1.0;
        let all_yes_no = zero_or_one(one) && numbers.iter().all(|&number| zero_or_one(number));
        if numbers.is_empty() || !all_yes_no {
            let labels: Vec<String> = numbers.iter().map(f64::to_string).collect();
            let outcome = Self::labels(name, &labels, &one.to_string());
            return if positive.is_some() || numbers.is_empty() { outcome } else { Err(unnamed(numbers)) };
        }
        let values = numbers.iter().map(|&number| f64::from(u8::from(number == one))).collect();
        Ok(Self { name, positive: one.to_string(), values, weights: None, offsets: None })
    }

    fn from_labels<'l>(name: String, labels: impl Iterator<Item = &'l str>, positive: &str) -> Result<Self> {
        const LISTED: usize = 10;
        // Two labels are expected, and a message lists ten: a short list is searched faster than a set.
        let mut distinct: Vec<(&str, f64)> = Vec::new();
        let mut values = Vec::with_capacity(labels.size_hint().0);
        for label in labels {
            let known = distinct.iter().find(|(known, _)| std::ptr::eq(*known, label) || *known == label);
            let value = known.map_or_else(|| f64::from(u8::from(label == positive)), |(_, value)| *value);
            if known.is_none() && (distinct.len() < LISTED || value == 1.0) {
                distinct.push((label, value));
            }
            values.push(value);
        }
        distinct.sort_unstable_by_key(|(label, _)| *label);
        let refuse = |reason: &str| Error::InvalidOutcome {
            positive: positive.to_owned(),
            labels: distinct.iter().take(LISTED).map(|(label, _)| (*label).to_owned()).collect(),
            reason: reason.to_owned(),
        };
        if values.is_empty() {
            return Err(Error::EmptyTable { what: format!("the outcome `{name}`") });
        }
        if distinct.iter().all(|(label, _)| *label != positive) {
            return Err(refuse("no row has it; check its spelling"));
        }
        if distinct.len() > 2 {
            return Err(refuse(
                "there are more than two labels; say yourself which rows are positive and pass true and false",
            ));
        }
        Ok(Self { name, positive: positive.to_owned(), values, weights: None, offsets: None })
    }

    /// Weights per row: how many customers a row stands for. Finite, not negative, not all zero.
    ///
    /// # Errors
    /// [`Error::WrongLength`], [`Error::InvalidValue`] with the row.
    pub fn weights(mut self, weights: impl Into<Cow<'a, [f64]>>) -> Result<Self> {
        let weights = weights.into();
        self.check_length("the weights", weights.len())?;
        if let Some(row) = weights.iter().position(|weight| !weight.is_finite() || *weight < 0.0) {
            return Err(Error::invalid_value(
                "the weight",
                row,
                weights[row],
                "weights must be finite and not negative",
            ));
        }
        if !weights.is_empty() && weights.iter().all(|&weight| weight == 0.0) {
            return Err(Error::invalid_value("the weight", 0, 0.0, "at least one row must have a weight above 0"));
        }
        self.weights = Some(weights);
        Ok(self)
    }

    /// A known part of the log-odds per row, which the fit takes as given.
    ///
    /// # Errors
    /// [`Error::WrongLength`], [`Error::InvalidValue`] with the row.
    pub fn offsets(mut self, offsets: impl Into<Cow<'a, [f64]>>) -> Result<Self> {
        let offsets = offsets.into();
        self.check_length("the offsets", offsets.len())?;
        if let Some(row) = offsets.iter().position(|offset| !offset.is_finite()) {
            return Err(Error::invalid_value("the offset", row, offsets[row], "offsets must be finite log-odds"));
        }
        self.offsets = Some(offsets);
        Ok(self)
    }

    /// The name of the outcome.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The positive class.
    pub fn positive(&self) -> &str {
        &self.positive
    }

    /// 1 for the positive class and 0 for the other, per row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The weights, where given.
    pub fn row_weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// The offsets, where given.
    pub fn row_offsets(&self) -> Option<&[f64]> {
        self.offsets.as_deref()
    }

    /// Copies some rows, in the order given, with their weights and offsets.
    ///
    /// ```
    /// use tierwise::Outcome;
    /// let left = Outcome::binary("left", &[true, false, true]).weights(&[1.0, 2.0, 3.0])?;
    /// let some = left.take(&[2, 1]);
    /// assert_eq!((some.values(), some.row_weights()), (&[1.0, 0.0][..], Some(&[3.0, 2.0][..])));
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn take(&self, rows: &[usize]) -> Outcome<'static> {
        let of = |values: &[f64]| rows.iter().map(|&row| values[row]).collect::<Vec<f64>>();
        Outcome {
            name: self.name.clone(),
            positive: self.positive.clone(),
            values: of(&self.values),
            weights: self.row_weights().map(|weights| of(weights).into()),
            offsets: self.row_offsets().map(|offsets| of(offsets).into()),
        }
    }

    /// The same outcome without its offsets: what is judged is a score that holds them already.
    pub(crate) fn without_offsets(mut self) -> Self {
        self.offsets = None;
        self
    }

    /// Whether the outcome goes with this table and can be learned at all.
    ///
    /// # Errors
    /// [`Error::EmptyTable`], [`Error::WrongLength`], and [`Error::OneClass`] when all rows that carry weight have
    /// the same outcome.
    pub fn check(&self, data: &Columns<'_>) -> Result<()> {
        if self.values.is_empty() {
            return Err(Error::EmptyTable { what: format!("the table for the outcome `{}`", self.name) });
        }
        if !data.features().is_empty() && data.rows() != self.values.len() {
            return Err(Error::WrongLength {
                what: format!("the outcome `{}`", self.name),
                expected: data.rows(),
                found: self.values.len(),
            });
        }
        let weight = |row: usize| self.weights.as_ref().map_or(1.0, |weights| weights[row]);
        let counted = (0..self.values.len()).filter(|&row| weight(row) > 0.0);
        let (rows, positives) =
            counted.fold((0, 0), |(rows, positives), row| (rows + 1, positives + usize::from(self.values[row] == 1.0)));
        if positives == 0 || positives == rows {
            let class = if positives == 0 { "not " } else { "" };
            return Err(Error::OneClass { rows, found: format!("{class}`{}`", self.positive) });
        }
        Ok(())
    }

    /// Whether the weights sum to what can be computed with: from 1e-15 to 1e15. Beyond it a row of weight 1 is lost in
    /// rounding, and products of sums run out of the range of numbers.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] with the heaviest row.
    pub(crate) fn check_total_weight(&self) -> Result<()> {
        self.row_weights().map_or(Ok(()), |weights| check_total("the weight", weights))
    }

    fn check_length(&self, what: &str, found: usize) -> Result<()> {
        if found == self.values.len() {
            return Ok(());
        }
        Err(Error::WrongLength { what: what.into(), expected: self.values.len(), found })
    }
}

/// The same for weights, or counts, of which one is called `what`.
///
/// # Errors
/// [`Error::InvalidValue`] with the heaviest row.
pub(crate) fn check_total(what: &str, weights: &[f64]) -> Result<()> {
    const LEAST: f64 = 1e-15;
    const MOST: f64 = 1e15;
    let total: f64 = weights.iter().sum();
    let heaviest = weights.iter().copied().enumerate().max_by(|one, two| one.1.total_cmp(&two.1));
    let Some((row, weight)) = heaviest.filter(|_| !(LEAST..=MOST).contains(&total)) else { return Ok(()) };
    let how = if total > MOST { "divide" } else { "multiply" };
    let must_be =
        format!("all together must lie in [{LEAST:e}, {MOST:e}], here {total:e}; {how} all of them by one number");
    Err(Error::invalid_value(what, row, weight, &must_be))
}

fn unnamed(numbers: &[f64]) -> Error {
    const LISTED: usize = 10;
    let mut labels: Vec<String> = Vec::new();
    for label in numbers.iter().map(f64::to_string) {
        if labels.len() < LISTED && !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels.sort_unstable();
    let reason = "there are others than ones and zeros; name the one that is positive".into();
    Error::InvalidOutcome { positive: "1".into(), labels, reason }
}

/// Statistics that can be computed on the parts of a table and merged: what makes a fit distributable.
///
/// Laws: merging is commutative and associative (exactly for counts, to rounding for sums), and merging the
/// summaries of the parts equals the summary of the whole.
pub trait Summary: Sized {
    /// Adds another part's statistics to these.
    ///
    /// # Errors
    /// [`Error::CannotMerge`] when the two were made for different questions.
    fn merge(&mut self, other: &Self) -> Result<()>;
}
