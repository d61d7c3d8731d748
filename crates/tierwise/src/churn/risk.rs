//! The probability that a customer leaves.

use crate::learn::{LearnedModel, Learner, delegate_probability};
use crate::{Columns, Fit, Fitted, Outcome, Progress, Result};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// Learns who leaves.
///
/// The probability is about the same span of time as the outcome it learned from: whoever builds the outcome decides
/// what "left" means and within how many days.
///
/// ```
/// use tierwise::churn::Risk;
/// use tierwise::learn::{Logistic, probabilities};
/// use tierwise::{Columns, Feature, Fit, Outcome};
/// let features = [Feature::number("tenure_months")];
/// let columns = Columns::new(&features, &[("tenure_months", &[1.0, 2.0, 30.0, 60.0, 3.0, 40.0])])?;
/// let left = Outcome::labels("churn", &["Yes", "Yes", "No", "No", "No", "Yes"], "Yes")?;
/// let model = Risk::new(Logistic::new()).fit(&columns, &left)?.model;
/// let probability = probabilities(&model, &columns)?;
/// assert!(probability[0] > probability[3]);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Risk {
    learner: Learner,
}

/// Who leaves: scores are log-odds of leaving.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RiskModel {
    model: LearnedModel,
}

impl Risk {
    /// A learner of risk.
    pub fn new(learner: impl Into<Learner>) -> Self {
        Self { learner: learner.into() }
    }
}

impl Fit for Risk {
    type Model = RiskModel;

    fn fit_with(
        &self,
        data: &Columns<'_>,
        outcome: &Outcome<'_>,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Fitted<RiskModel>> {
        let Fitted { model, report } = self.learner.fit_with(data, outcome, progress)?;
        Ok(Fitted { model: RiskModel { model }, report })
    }
}

impl RiskModel {
    /// The learned model inside.
    pub fn learned(&self) -> &LearnedModel {
        &self.model
    }
}

delegate_probability!(RiskModel, "churn_risk", |risk| risk.model);
