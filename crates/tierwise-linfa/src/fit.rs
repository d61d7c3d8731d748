//! tierwise's logistic fit as a linfa estimator.

use crate::linear::check_length;
use linfa::DatasetBase;
use linfa::dataset::AsSingleTargets;
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, ArrayBase, ArrayView2, Data, Ix2, Zip};
use std::borrow::Cow;
use std::fmt::Display;
use tierwise::learn::{self, LogisticModel};
use tierwise::{Columns, Error, Feature, FitReport, Outcome, Score};

/// What can go wrong when a fit is called through linfa.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// The data, the parameters, or a fit that cannot converge.
    #[error(transparent)]
    Tierwise(#[from] Error),
    /// An error of linfa itself; its `Fit` asks for this conversion.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),
}

/// [`tierwise::learn::Logistic`] as a linfa estimator, for outcomes with labels of any type.
///
/// `alpha` is linfa-logistic's: both minimise `Σ log-loss + alpha/2 · Σ coef²` without penalty on the intercept. What
/// is different: the positive class is named, the weights of the data set count, NaN means unknown (it contributes
/// nothing), and a fit that does not converge is an error that says why.
///
/// ```
/// use linfa::prelude::*;
/// use ndarray::{Array1, array};
/// use tierwise_linfa::Logistic;
///
/// let visits = array![[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]];
/// let result = Array1::from(vec!["lost", "lost", "won", "lost", "won", "won"]);
/// let data = Dataset::new(visits, result).with_feature_names(vec!["visits"]);
///
/// let fitted = Logistic::new("won").fit(&data).unwrap();
/// assert!(fitted.report().converged);
/// assert_eq!(fitted.predict(&array![[0.0], [5.0]]), array!["lost", "won"]);
/// assert!(fitted.probabilities(&array![[5.0]]).unwrap()[0] > 0.5); // of "won"
/// ```
#[derive(Debug, Clone)]
pub struct Logistic<C> {
    positive: C,
    learner: learn::Logistic,
}

/// A model that tierwise fitted for linfa: predicts labels, and gives the probability of the class named as positive.
#[derive(Debug, Clone)]
pub struct FittedLogistic<C> {
    model: LogisticModel,
    report: FitReport,
    positive: C,
    negative: C,
    threshold: f64,
}

impl<C> Logistic<C> {
    /// With the learner's defaults: `alpha` 1.
    pub fn new(positive: C) -> Self {
        Self { positive, learner: learn::Logistic::new() }
    }

    /// Uses this learner: its `alpha`, tolerance, confidence and the rest.
    #[must_use]
    pub fn learner(mut self, learner: learn::Logistic) -> Self {
        self.learner = learner;
        self
    }
}

impl<C, D, T> Fit<ArrayBase<D, Ix2>, T, FitError> for Logistic<C>
where
    C: PartialEq + Clone + Display,
    D: Data<Elem = f64>,
    T: AsSingleTargets<Elem = C>,
{
    type Object = FittedLogistic<C>;

    /// Fits on records of shape (customers, features) and one label per customer.
    ///
    /// Features take the data set's names, or `feature_0`, `feature_1`, … where it has none.
    ///
    /// # Errors
    /// [`FitError::Tierwise`] with [`Error::InvalidOutcome`] when the positive class does not occur or there are more
    /// than two, [`Error::WrongLength`], [`Error::NotFinite`], [`Error::EmptyTable`], and the reasons for which a fit
    /// cannot converge.
    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Self::Object, FitError> {
        let records = dataset.records();
        let targets = dataset.targets().as_single_targets();
        check_length("the list of labels", targets.len(), records.nrows())?;
        let labels: Vec<String> = targets.iter().map(ToString::to_string).collect();
        let positive = self.positive.to_string();
        let mut outcome = Outcome::labels("outcome", &labels, &positive)?;
        if let Some(weights) = dataset.weights() {
            outcome = outcome.weights(weights.iter().copied().map(f64::from).collect::<Vec<_>>())?;
        }
        let Some(negative) = targets.iter().find(|&label| *label != self.positive).cloned() else {
            return Err(Error::OneClass { rows: labels.len(), found: format!("`{positive}`") }.into());
        };
        let features = features_of(dataset.feature_names(), records.ncols())?;
        let values = values_of(&records.view());
        let columns = Columns::in_order(&features, values.iter().map(AsRef::as_ref).collect())?;
        let fitted = tierwise::Fit::fit(&self.learner, &columns, &outcome)?;
        Ok(FittedLogistic {
            model: fitted.model,
            report: fitted.report,
            positive: self.positive.clone(),
            negative,
            threshold: 0.5,
        })
    }
}

impl<C> FittedLogistic<C> {
    /// The model: score, explain, save and load it as any other.
    pub fn model(&self) -> &LogisticModel {
        &self.model
    }

    /// What it was learned from and how that went.
    pub fn report(&self) -> &FitReport {
        &self.report
    }

    /// The class that was named as positive.
    pub fn positive(&self) -> &C {
        &self.positive
    }

    /// The other class.
    pub fn negative(&self) -> &C {
        &self.negative
    }

    /// Sets the probability from which on the positive class is predicted; 0.5 unless set.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] when it is no number from 0 to 1.
    pub fn with_threshold(mut self, threshold: f64) -> Result<Self, Error> {
        if !(0.0..=1.0).contains(&threshold) {
            return Err(Error::InvalidParameter {
                of: "FittedLogistic",
                name: "threshold",
                must_be: "a number in [0, 1]".into(),
                got: threshold.to_string(),
            });
        }
        self.threshold = threshold;
        Ok(self)
    }

    /// The probability of the positive class for each row of records of shape (customers, features).
    ///
    /// # Errors
    /// [`Error::WrongLength`] for another number of columns, [`Error::NotFinite`] for an infinite number.
    pub fn probabilities<D: Data<Elem = f64>>(&self, records: &ArrayBase<D, Ix2>) -> Result<Array1<f64>, Error> {
        let values = values_of(&records.view());
        let columns = Columns::in_order(self.model.features(), values.iter().map(AsRef::as_ref).collect())?;
        Ok(Array1::from(self.model.probability(&columns)?))
    }
}

impl<C: Clone, D: Data<Elem = f64>> PredictInplace<ArrayBase<D, Ix2>, Array1<C>> for FittedLogistic<C> {
    /// Predicts the label of each row.
    ///
    /// # Panics
    /// linfa's trait has no way to return an error, so this panics as linfa's own models do: when the number of columns
    /// or of targets does not fit, or a number is infinite. [`FittedLogistic::probabilities`] returns the error.
    fn predict_inplace(&self, records: &ArrayBase<D, Ix2>, targets: &mut Array1<C>) {
        assert_eq!(records.nrows(), targets.len(), "one target per row");
        let probabilities = self.probabilities(records).unwrap_or_else(|error| panic!("{error}"));
        Zip::from(&probabilities).and(targets).for_each(|&probability, target| {
            *target = if probability >= self.threshold { self.positive.clone() } else { self.negative.clone() };
        });
    }

    fn default_target(&self, records: &ArrayBase<D, Ix2>) -> Array1<C> {
        Array1::from_elem(records.nrows(), self.negative.clone())
    }
}

/// Numbers under the data set's names.
fn features_of(names: &[String], columns: usize) -> Result<Vec<Feature>, Error> {
    if names.is_empty() {
        return Ok((0..columns).map(|index| Feature::number(format!("feature_{index}"))).collect());
    }
    check_length("the list of feature names", names.len(), columns)?;
    Ok(names.iter().map(Feature::number).collect())
}

/// One slice per column: borrowed where the columns lie in one piece, copied where rows do.
fn values_of<'a>(records: &ArrayView2<'a, f64>) -> Vec<Cow<'a, [f64]>> {
    let column = |index: usize| {
        let column = records.index_axis_move(ndarray::Axis(1), index);
        match column.to_slice() {
            Some(values) => Cow::Borrowed(values),
            None => Cow::Owned(column.to_vec()),
        }
    };
    (0..records.ncols()).map(column).collect()
}
