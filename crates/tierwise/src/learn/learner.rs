//! Any learner of log-odds behind one type, so that propensity and churn take whichever the user picks.

use super::{Logistic, LogisticModel, Probability, delegate_probability};
use crate::{Columns, Explain, Fit, FitReport, Fitted, Outcome, Progress, Result};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// A learner whose models score log-odds. Made from the learner itself: `Logistic::new().into()`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Learner {
    /// The penalised logistic fit.
    Logistic(Logistic),
}

/// What a [`Learner`] learned.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LearnedModel {
    /// A logistic model.
    Logistic(LogisticModel),
}

impl From<Logistic> for Learner {
    fn from(learner: Logistic) -> Self {
        Self::Logistic(learner)
    }
}

impl Fit for Learner {
    type Model = LearnedModel;

    fn fit_with(
        &self,
        data: &Columns<'_>,
        outcome: &Outcome<'_>,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Fitted<LearnedModel>> {
        match self {
            Self::Logistic(learner) => {
                let Fitted { model, report } = learner.fit_with(data, outcome, progress)?;
                Ok(Fitted { model: LearnedModel::Logistic(model), report })
            }
        }
    }
}

impl LearnedModel {
    /// What the model was learned from and how that went.
    pub fn report(&self) -> &FitReport {
        match self {
            Self::Logistic(model) => model.report(),
        }
    }

    /// The logistic model, if it is one.
    pub fn as_logistic(&self) -> Option<&LogisticModel> {
        match self {
            Self::Logistic(model) => Some(model),
        }
    }

    fn inner(&self) -> &dyn ExplainedProbability {
        match self {
            Self::Logistic(model) => model,
        }
    }
}

/// What every learned model is.
trait ExplainedProbability: Probability + Explain {}
impl<M: Probability + Explain> ExplainedProbability for M {}

delegate_probability!(LearnedModel, |learned| learned.inner());
