//! The additive model of a number.

use super::card::TermEvidence;
use super::loss::NumberLoss;
use super::model::{HeldOut, ShapeStep, check_evidence, importance, shape};
use super::simplify::simplified;
use crate::model::Saved;
use crate::scorecard::CardSpec;
use crate::sum::{IsSum, Sum};
use crate::{Columns, Error, Explain, Feature, Result, Score, Scorecard, Term};
use serde::{Deserialize, Serialize};

/// A fitted additive model of a number. Its score is the mean, or of a Poisson loss the logarithm of the mean, and is
/// the sum of its [`scorecard`](Self::scorecard).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "AdditiveNumberFile", into = "AdditiveNumberFile")]
pub struct AdditiveNumberModel {
    file: AdditiveNumberFile,
    card: Scorecard,
}

/// The model file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdditiveNumberFile {
    pub(super) outcome: String,
    pub(super) loss: NumberLoss,
    pub(super) card: CardSpec,
    pub(super) evidence: Vec<TermEvidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) held_out: Option<HeldOut>,
    pub(super) report: NumberReport,
}

/// What a model of a number was learned from and how that went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberReport {
    /// Rows in the table.
    pub rows: usize,
    /// Sum of the weights; the number of rows where none were given.
    pub total_weight: f64,
    /// Whether every bag ended because nothing was gained any more.
    pub converged: bool,
    /// The most rounds of a bag.
    pub rounds: usize,
    /// The mean loss of the model on the rows it was learned from.
    pub loss: f64,
    /// The mean loss of the model that knows only the mean.
    pub null_loss: f64,
    /// Things worth knowing, one sentence each.
    pub findings: Vec<String>,
}

impl AdditiveNumberModel {
    /// The card: questions, answers, points.
    pub fn scorecard(&self) -> &Scorecard {
        &self.card
    }

    /// A card that a person can read: at most `answers` answers about a number, unknown not counted, and the `terms` most
    /// important terms (all where none is given). Neighbouring answers are joined so that points change least.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for no answer or no term.
    pub fn simplified(&self, answers: usize, terms: Option<usize>) -> Result<Scorecard> {
        simplified(&self.file.card, &self.file.evidence, answers, terms)
    }

    /// The name of the outcome.
    pub fn outcome(&self) -> &str {
        &self.file.outcome
    }

    /// What was made small.
    pub fn loss(&self) -> NumberLoss {
        self.file.loss
    }

    /// What the model was learned from and how that went.
    pub fn report(&self) -> &NumberReport {
        &self.file.report
    }

    /// How the bags judged rows that they did not learn from.
    pub fn held_out(&self) -> Option<HeldOut> {
        self.file.held_out
    }

    /// Each term with its importance: the mean size of what a customer earns there.
    pub fn importance(&self) -> Vec<(&str, f64)> {
        importance(&self.card, &self.file.evidence)
    }

    /// The shape of a term.
    ///
    /// # Errors
    /// As [`AdditiveModel::shape`](super::AdditiveModel::shape).
    pub fn shape(&self, term: &str, confidence: f64) -> Result<Vec<ShapeStep>> {
        shape(&self.card, &self.file.evidence, term, confidence)
    }

    /// The predicted mean of one row.
    pub fn predict_row(&self, row: &[f64]) -> f64 {
        self.mean(self.score_row(row))
    }

    /// The predicted mean of every row.
    ///
    /// # Errors
    /// [`Error::WrongLength`] when the columns are bound to the features of another model.
    pub fn predict(&self, columns: &Columns<'_>) -> Result<Vec<f64>> {
        Ok(crate::score(self, columns)?.into_iter().map(|score| self.mean(score)).collect())
    }

    fn mean(&self, score: f64) -> f64 {
        match self.file.loss {
            NumberLoss::Squared => score,
            NumberLoss::Poisson => libm::exp(score),
        }
    }
}

impl IsSum for AdditiveNumberModel {
    fn as_sum(&self) -> (&[Feature], &[Term], &Sum) {
        self.card.as_sum()
    }
}

impl Saved for AdditiveNumberModel {
    const KIND: &'static str = "additive_number";

    fn as_score(&self) -> Option<&dyn Score> {
        Some(self)
    }

    fn as_explain(&self) -> Option<&dyn Explain> {
        Some(self)
    }
}

impl TryFrom<AdditiveNumberFile> for AdditiveNumberModel {
    type Error = Error;

    fn try_from(file: AdditiveNumberFile) -> Result<Self> {
        let card = Scorecard::new(file.card.clone())?;
        check_evidence(&file.card, &file.evidence)?;
        Ok(Self { file, card })
    }
}

impl From<AdditiveNumberModel> for AdditiveNumberFile {
    fn from(model: AdditiveNumberModel) -> Self {
        model.file
    }
}
