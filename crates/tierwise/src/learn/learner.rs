//! Any learner of log-odds behind one type, so that propensity and churn take whichever the user picks.

use super::{
    Additive, AdditiveModel, Logistic, LogisticModel, Probability, WeightOfEvidence, WeightOfEvidenceModel,
    delegate_probability,
};
use crate::{Columns, Explain, Fit, FitReport, Fitted, Outcome, Progress, Result};
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

/// A learner whose models score log-odds. Made from the learner itself: `Logistic::new().into()`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[allow(clippy::large_enum_variant)] // there is one per fit, not one per row
pub enum Learner {
    /// The penalised logistic fit.
    Logistic(Logistic),
    /// A scorecard on weights of evidence.
    WeightOfEvidence(WeightOfEvidence),
    /// The boosted additive card.
    Additive(Additive),
}

/// What a [`Learner`] learned.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
#[allow(clippy::large_enum_variant)] // there is one per fit, not one per row
pub enum LearnedModel {
    /// A logistic model.
    Logistic(LogisticModel),
    /// A scorecard on weights of evidence.
    WeightOfEvidence(WeightOfEvidenceModel),
    /// An additive model.
    Additive(Box<AdditiveModel>),
}

impl From<Logistic> for Learner {
    fn from(learner: Logistic) -> Self {
        Self::Logistic(learner)
    }
}

impl From<WeightOfEvidence> for Learner {
    fn from(learner: WeightOfEvidence) -> Self {
        Self::WeightOfEvidence(learner)
    }
}

impl From<Additive> for Learner {
    fn from(learner: Additive) -> Self {
        Self::Additive(learner)
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
            Self::WeightOfEvidence(learner) => {
                let Fitted { model, report } = learner.fit_with(data, outcome, progress)?;
                Ok(Fitted { model: LearnedModel::WeightOfEvidence(model), report })
            }
            Self::Additive(learner) => {
                let Fitted { model, report } = learner.fit_with(data, outcome, progress)?;
                Ok(Fitted { model: LearnedModel::Additive(Box::new(model)), report })
            }
        }
    }
}

impl LearnedModel {
    /// What the model was learned from and how that went.
    pub fn report(&self) -> &FitReport {
        match self {
            Self::Logistic(model) => model.report(),
            Self::WeightOfEvidence(model) => model.report(),
            Self::Additive(model) => model.report(),
        }
    }

    /// The logistic fit, if there is one; of a scorecard on weights of evidence the fit on what the bins say.
    pub fn as_logistic(&self) -> Option<&LogisticModel> {
        match self {
            Self::Logistic(model) => Some(model),
            Self::WeightOfEvidence(model) => Some(model.logistic()),
            Self::Additive(_) => None,
        }
    }

    /// The additive model, if it is one.
    pub fn as_additive(&self) -> Option<&AdditiveModel> {
        match self {
            Self::Additive(model) => Some(model),
            Self::Logistic(_) | Self::WeightOfEvidence(_) => None,
        }
    }

    fn inner(&self) -> &dyn ExplainedProbability {
        match self {
            Self::Logistic(model) => model,
            Self::WeightOfEvidence(model) => model,
            Self::Additive(model) => model.as_ref(),
        }
    }
}

/// What every learned model is.
trait ExplainedProbability: Probability + Explain {}
impl<M: Probability + Explain> ExplainedProbability for M {}

delegate_probability!(LearnedModel, |learned| learned.inner());
