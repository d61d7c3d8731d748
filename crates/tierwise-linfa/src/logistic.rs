//! A binary linfa-logistic model as an explained score.

use crate::linear::{check_columns, check_finite, check_length, position_of};
use linfa_logistic::FittedLogisticRegression;
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use tierwise::learn::{Probability, probability};
use tierwise::model::Saved;
use tierwise::sum::{IsSum, Part, Shape, Sum};
use tierwise::{Error, Explain, Feature, Result, Score, Term, Unknown};

/// A fitted binary `linfa-logistic` model. The score is the log-odds of the class that you name as positive.
///
/// The base is the log-odds at the centers (at zero, where none are given); every feature contributes
/// `coefficient · (value − center)`.
///
/// ```
/// use linfa::prelude::*;
/// use linfa_logistic::LogisticRegression;
/// use ndarray::{Array1, Array2};
/// use tierwise::{Feature, Score, Unknown};
/// use tierwise_linfa::LinfaLogistic;
///
/// let visits = Array2::from_shape_vec((6, 1), vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
/// let bought = Array1::from(vec![false, false, false, true, false, true]);
/// let fitted = LogisticRegression::default().fit(&Dataset::new(visits, bought)).unwrap();
///
/// let features = vec![Feature::number("visits").with_unknown(Unknown::Error)];
/// let model = LinfaLogistic::new(&fitted, features, &true)?;
/// assert!(model.score_row(&[5.0]) > model.score_row(&[0.0])); // who visits more is likelier to buy
/// assert!(model.probability_row(&[0.0]) < 0.5); // linfa itself answers with the majority, "did not buy"
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "File", into = "File")]
pub struct LinfaLogistic {
    terms: Vec<Term>,
    sum: Sum,
    file: File,
}

/// What the model file holds: plain data of our own, so that it does not change with linfa's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    positive: String,
    negative: String,
    features: Vec<Feature>,
    /// Absent when unknown is refused everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    centers: Option<Vec<f64>>,
    intercept: f64,
    coefficients: Vec<f64>,
}

impl LinfaLogistic {
    /// Takes over a fitted model. `features` describe its columns, in order; unknown is refused, so their rule must be
    /// [`Unknown::Error`].
    ///
    /// # Errors
    /// [`Error::InvalidOutcome`] when the model does not know the class `positive`, [`Error::WrongLength`] when there is
    /// not one feature per column, [`Error::InvalidFeature`] for a category or another rule for unknown,
    /// [`Error::DuplicateFeature`], and [`Error::InvalidValue`] when the fit left a coefficient that is not finite.
    pub fn new<C: PartialOrd + Clone + Display>(
        fitted: &FittedLogisticRegression<f64, C>,
        features: Vec<Feature>,
        positive: &C,
    ) -> Result<Self> {
        Self::take_over(fitted, features, None, positive)
    }

    /// As [`new`](Self::new), with the values at which a feature contributes nothing: the means of the training data,
    /// usually. An unknown value of a feature with the rule [`Unknown::Neutral`] then counts as its center.
    ///
    /// # Errors
    /// Those of [`new`](Self::new); [`Error::WrongLength`] also when there is not one center per feature.
    pub fn centered<C: PartialOrd + Clone + Display>(
        fitted: &FittedLogisticRegression<f64, C>,
        features: Vec<Feature>,
        centers: &[f64],
        positive: &C,
    ) -> Result<Self> {
        Self::take_over(fitted, features, Some(centers.to_vec()), positive)
    }

    fn take_over<C: PartialOrd + Clone + Display>(
        fitted: &FittedLogisticRegression<f64, C>,
        features: Vec<Feature>,
        centers: Option<Vec<f64>>,
        positive: &C,
    ) -> Result<Self> {
        // linfa's `pos` is the class that its probability is about: the majority, not the one asked for.
        let labels = fitted.labels();
        let classes = [labels.pos.class.to_string(), labels.neg.class.to_string()];
        let asked = position_of(&positive.to_string(), &classes)?;
        let sign = if asked == 0 { 1.0 } else { -1.0 };
        let [linfa_positive, linfa_negative] = classes;
        let (positive, negative) =
            if asked == 0 { (linfa_positive, linfa_negative) } else { (linfa_negative, linfa_positive) };
        Self::try_from(File {
            positive,
            negative,
            features,
            centers,
            intercept: sign * fitted.intercept(),
            coefficients: fitted.params().iter().map(|coefficient| sign * coefficient).collect(),
        })
    }

    /// The class whose log-odds the score is.
    pub fn positive(&self) -> &str {
        &self.file.positive
    }

    /// The other class.
    pub fn negative(&self) -> &str {
        &self.file.negative
    }

    /// The log-odds of the positive class where every feature is 0.
    pub fn intercept(&self) -> f64 {
        self.file.intercept
    }

    /// Change of the log-odds of the positive class per unit, in feature order.
    pub fn coefficients(&self) -> &[f64] {
        &self.file.coefficients
    }

    /// The probability of the positive class for one customer; `row` holds one value per feature.
    pub fn probability_row(&self, row: &[f64]) -> f64 {
        probability(self.score_row(row))
    }
}

impl TryFrom<File> for LinfaLogistic {
    type Error = Error;

    fn try_from(file: File) -> Result<Self> {
        let centers = check_columns(&file.features, file.centers.as_deref(), file.coefficients.len())?;
        check_length("the list of coefficients", file.coefficients.len(), file.features.len())?;
        check_finite("the coefficient", &file.coefficients)?;
        let at_centers = |sum: f64, (coefficient, center): (&f64, &f64)| sum + coefficient * center;
        let base = file.coefficients.iter().zip(&centers).fold(file.intercept, at_centers);
        check_finite("the intercept", &[file.intercept, base])?;
        if file.positive == file.negative {
            return Err(Error::InvalidOutcome {
                positive: file.positive.clone(),
                labels: vec![file.positive, file.negative],
                reason: "both classes have the same name".into(),
            });
        }
        let part = |(index, feature): (usize, &Feature)| Part {
            feature: index,
            shape: Shape::Line {
                slope: file.coefficients[index],
                center: centers[index],
                low: f64::NEG_INFINITY,
                high: f64::INFINITY,
            },
            unknown: if feature.unknown() == Unknown::Error { f64::NAN } else { 0.0 },
        };
        let sum = Sum::new(base, file.features.iter().enumerate().map(part).collect());
        let term =
            |(index, feature): (usize, &Feature)| Term { name: feature.name().to_owned(), features: vec![index] };
        let terms = file.features.iter().enumerate().map(term).collect();
        Ok(Self { terms, sum, file })
    }
}

impl From<LinfaLogistic> for File {
    fn from(model: LinfaLogistic) -> Self {
        model.file
    }
}

impl IsSum for LinfaLogistic {
    fn as_sum(&self) -> (&[Feature], &[Term], &Sum) {
        (&self.file.features, &self.terms, &self.sum)
    }
}

impl Probability for LinfaLogistic {
    fn positive(&self) -> &str {
        &self.file.positive
    }
}

impl Saved for LinfaLogistic {
    const KIND: &'static str = "linfa_logistic";

    fn as_score(&self) -> Option<&dyn Score> {
        Some(self)
    }

    fn as_explain(&self) -> Option<&dyn Explain> {
        Some(self)
    }

    fn as_probability(&self) -> Option<&dyn Probability> {
        Some(self)
    }
}
