//! A multinomial linfa-logistic model as one score per class.

use crate::linear::{check_columns, check_finite, check_length, position_of};
use linfa_logistic::MultiFittedLogisticRegression;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt::Display;
use tierwise::learn::probability;
use tierwise::model::Saved;
use tierwise::{Assign, Error, Feature, Result, Score};

/// A fitted multinomial `linfa-logistic` model, as the score of one of its classes.
///
/// The score is the **log-odds of that class against all others**, `ln(p / (1 − p))` with `p` from the softmax: so
/// ranking customers by it ranks them by the probability of the class, which the linear predictor of the class alone
/// does not. The price is that it is no sum of points: there is no exact explanation, and so no `Explain`. As an
/// `Assign` it gives the most probable class.
///
/// ```
/// use linfa::prelude::*;
/// use linfa_logistic::MultiLogisticRegression;
/// use ndarray::{Array1, Array2};
/// use tierwise::{Assign, Feature, Score, Unknown};
/// use tierwise_linfa::LinfaMultinomial;
///
/// let size = Array2::from_shape_vec((6, 1), vec![0.0, 1.0, 4.0, 5.0, 9.0, 10.0]).unwrap();
/// let plan = Array1::from(vec!["basic", "basic", "plus", "plus", "pro", "pro"]);
/// let fitted = MultiLogisticRegression::default().fit(&Dataset::new(size, plan)).unwrap();
///
/// let features = vec![Feature::number("size").with_unknown(Unknown::Error)];
/// let pro = LinfaMultinomial::new(&fitted, features, &"pro")?;
/// assert!(pro.score_row(&[10.0]) > 0.0 && pro.score_row(&[0.0]) < 0.0);
/// let basic = pro.for_class("basic")?;
/// assert!(basic.probability_row(&[0.0]) > 0.5);
/// assert_eq!(pro.assign_row(&[10.0]).map(|class| pro.outcomes()[class].as_str()), Some("pro"));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "File", into = "File")]
pub struct LinfaMultinomial {
    names: Vec<String>,
    centers: Vec<f64>,
    positive: usize,
    file: File,
}

/// What the model file holds: plain data of our own, so that it does not change with linfa's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    positive: String,
    features: Vec<Feature>,
    /// Absent when unknown is refused everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    centers: Option<Vec<f64>>,
    classes: Vec<Class>,
}

/// One class and its linear predictor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Class {
    name: String,
    intercept: f64,
    coefficients: Vec<f64>,
}

impl LinfaMultinomial {
    /// Takes over a fitted model as the score of the class `positive`. `features` describe its columns, in order;
    /// unknown is refused, so their rule must be [`Unknown::Error`](tierwise::Unknown::Error).
    ///
    /// # Errors
    /// [`Error::InvalidOutcome`] when the model does not know the class or has fewer than two, [`Error::WrongLength`]
    /// when there is not one feature per column, [`Error::InvalidFeature`] for a category or another rule for unknown,
    /// [`Error::DuplicateFeature`], and [`Error::InvalidValue`] when the fit left a coefficient that is not finite.
    pub fn new<C: PartialOrd + Clone + Display>(
        fitted: &MultiFittedLogisticRegression<f64, C>,
        features: Vec<Feature>,
        positive: &C,
    ) -> Result<Self> {
        Self::take_over(fitted, features, None, positive)
    }

    /// As [`new`](Self::new), with the values that stand for unknown: the means of the training data, usually.
    ///
    /// # Errors
    /// Those of [`new`](Self::new); [`Error::WrongLength`] also when there is not one center per feature.
    pub fn centered<C: PartialOrd + Clone + Display>(
        fitted: &MultiFittedLogisticRegression<f64, C>,
        features: Vec<Feature>,
        centers: &[f64],
        positive: &C,
    ) -> Result<Self> {
        Self::take_over(fitted, features, Some(centers.to_vec()), positive)
    }

    fn take_over<C: PartialOrd + Clone + Display>(
        fitted: &MultiFittedLogisticRegression<f64, C>,
        features: Vec<Feature>,
        centers: Option<Vec<f64>>,
        positive: &C,
    ) -> Result<Self> {
        let class = |(index, name): (usize, &C)| Class {
            name: name.to_string(),
            intercept: fitted.intercept()[index],
            coefficients: fitted.params().column(index).to_vec(),
        };
        let classes = fitted.classes().iter().enumerate().map(class).collect();
        Self::try_from(File { positive: positive.to_string(), features, centers, classes })
    }

    /// The same model as the score of another class.
    ///
    /// # Errors
    /// [`Error::InvalidOutcome`] when the model does not know it.
    pub fn for_class(&self, positive: &str) -> Result<Self> {
        let mut model = self.clone();
        model.positive = position_of(positive, &model.names)?;
        positive.clone_into(&mut model.file.positive);
        Ok(model)
    }

    /// The class whose log-odds the score is.
    pub fn positive(&self) -> &str {
        &self.file.positive
    }

    /// The probability of the positive class for one customer; `row` holds one value per feature.
    pub fn probability_row(&self, row: &[f64]) -> f64 {
        probability(self.score_row(row))
    }

    /// The probabilities of all classes for one customer, in the order of the classes; they add up to 1.
    pub fn probabilities_row(&self, row: &[f64]) -> Vec<f64> {
        let largest = self.predictors(row).fold(f64::NEG_INFINITY, f64::max);
        let odds: Vec<f64> = self.predictors(row).map(|value| libm::exp(value - largest)).collect();
        let total: f64 = odds.iter().sum();
        odds.into_iter().map(|odds| odds / total).collect()
    }

    /// The linear predictor of every class.
    fn predictors<'a>(&'a self, row: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
        self.file.classes.iter().map(|class| self.predictor(class, row))
    }

    fn predictor(&self, class: &Class, row: &[f64]) -> f64 {
        let columns = class.coefficients.iter().zip(row).zip(&self.centers).zip(&self.file.features);
        columns.fold(class.intercept, |sum, (((coefficient, &value), &center), feature)| {
            let neutral = value.is_nan() && feature.unknown() == tierwise::Unknown::Neutral;
            sum + coefficient * if neutral { center } else { value }
        })
    }
}

impl TryFrom<File> for LinfaMultinomial {
    type Error = Error;

    fn try_from(file: File) -> Result<Self> {
        let centers = check_columns(&file.features, file.centers.as_deref(), file.features.len())?;
        for class in &file.classes {
            let what = format!("the list of coefficients of the class `{}`", class.name);
            check_length(&what, class.coefficients.len(), file.features.len())?;
            check_finite("the coefficient", &class.coefficients)?;
            check_finite("the intercept", &[class.intercept])?;
        }
        let names: Vec<String> = file.classes.iter().map(|class| class.name.clone()).collect();
        let distinct: BTreeSet<&String> = names.iter().collect();
        if names.len() < 2 || distinct.len() < names.len() {
            return Err(Error::InvalidOutcome {
                positive: file.positive,
                labels: names.into_iter().take(10).collect(),
                reason: "a model needs at least two classes, and each a name of its own".into(),
            });
        }
        let positive = position_of(&file.positive, &names)?;
        Ok(Self { names, centers, positive, file })
    }
}

impl From<LinfaMultinomial> for File {
    fn from(model: LinfaMultinomial) -> Self {
        model.file
    }
}

impl Score for LinfaMultinomial {
    fn features(&self) -> &[Feature] {
        &self.file.features
    }

    fn score_row(&self, row: &[f64]) -> f64 {
        let own = self.predictor(&self.file.classes[self.positive], row);
        let others = || self.file.classes.iter().enumerate().filter(|(class, _)| *class != self.positive);
        let predictors = || others().map(|(_, class)| self.predictor(class, row));
        // Taking out the largest keeps the exponentials from overflowing.
        let largest = predictors().fold(f64::NEG_INFINITY, f64::max);
        let rest: f64 = predictors().map(|value| libm::exp(value - largest)).sum();
        own - (largest + libm::log(rest))
    }
}

/// The most probable class; of equal ones the first.
impl Assign for LinfaMultinomial {
    fn features(&self) -> &[Feature] {
        &self.file.features
    }

    fn outcomes(&self) -> &[String] {
        &self.names
    }

    fn is_ordered(&self) -> bool {
        false
    }

    fn assign_row(&self, row: &[f64]) -> Option<usize> {
        let mut best = None;
        for (class, value) in self.predictors(row).enumerate() {
            if value.is_nan() {
                return None;
            }
            if best.is_none_or(|(_, highest)| value > highest) {
                best = Some((class, value));
            }
        }
        best.map(|(class, _)| class)
    }
}

impl Saved for LinfaMultinomial {
    const KIND: &'static str = "linfa_multinomial";

    fn as_score(&self) -> Option<&dyn Score> {
        Some(self)
    }

    fn as_assign(&self) -> Option<&dyn Assign> {
        Some(self)
    }
}
