//! The probability that a customer buys a product.

use crate::learn::{LearnedModel, Learner, delegate_probability};
use crate::{Columns, Fit, Fitted, Outcome, Progress, Result};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// Learns who buys one product.
///
/// ```
/// use tierwise::cross_sell::Propensity;
/// use tierwise::learn::{Logistic, probabilities, reasons};
/// use tierwise::{Columns, Feature, Fit, Outcome, rank};
/// let features = [Feature::number("policies"), Feature::yes_no("owns_car")];
/// let columns = Columns::new(&features, &[
///     ("policies", &[0.0, 1.0, 2.0, 3.0, 1.0, 4.0]),
///     ("owns_car", &[0.0, 0.0, 1.0, 1.0, 1.0, 0.0]),
/// ])?;
/// let bought = Outcome::binary("bought", &[false, false, true, true, false, true]);
/// let model = Propensity::new("caravan policy", Logistic::new()).fit(&columns, &bought)?.model;
///
/// let probability = probabilities(&model, &columns)?;
/// assert_eq!(rank(&probability)[0], 6); // the first customer is called last
/// let why = reasons(&model, &[4.0, 0.0], 1);
/// assert_eq!(why[0].term, 0); // four policies are the reason
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Propensity {
    product: String,
    learner: Learner,
}

/// Who buys one product: scores are log-odds of buying.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PropensityModel {
    product: String,
    model: LearnedModel,
}

impl Propensity {
    /// A learner for the product.
    pub fn new(product: impl Into<String>, learner: impl Into<Learner>) -> Self {
        Self { product: product.into(), learner: learner.into() }
    }
}

impl Fit for Propensity {
    type Model = PropensityModel;

    fn fit_with(
        &self,
        data: &Columns<'_>,
        outcome: &Outcome<'_>,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Fitted<PropensityModel>> {
        let Fitted { model, report } = self.learner.fit_with(data, outcome, progress)?;
        Ok(Fitted { model: PropensityModel { product: self.product.clone(), model }, report })
    }
}

impl PropensityModel {
    /// The product.
    pub fn product(&self) -> &str {
        &self.product
    }

    /// The learned model inside.
    pub fn learned(&self) -> &LearnedModel {
        &self.model
    }
}

delegate_probability!(PropensityModel, "propensity", |propensity| propensity.model);
