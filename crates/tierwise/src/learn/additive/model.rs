//! The additive model: a card of log-odds, with what is known of its points.

use super::card::TermEvidence;
use super::simplify::simplified;
use crate::learn::{Probability, saved_probability};
use crate::scorecard::{CardSpec, Condition, PointsScale, ScaledCard};
use crate::special::normal::normal_width;
use crate::sum::{IsSum, Sum};
use crate::{Bands, Error, Feature, FitReport, Result, Scorecard, Term};
use serde::{Deserialize, Serialize};

/// A fitted additive model. Its score is the log-odds of the positive class, and it *is* a card: the same sum, bit for
/// bit, as its [`scorecard`](Self::scorecard).
///
/// A row that earns nothing is the mean customer; contributions are measured from there. What a pair earns holds nothing
/// that either of its features does alone. Both do not hold of features whose unknown is neutral and occurs: there, a row
/// that earns nothing is the unknown customer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "AdditiveFile", into = "AdditiveFile")]
pub struct AdditiveModel {
    file: AdditiveFile,
    card: Scorecard,
}

/// The model file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AdditiveFile {
    pub(super) outcome: String,
    pub(super) positive: String,
    pub(super) card: CardSpec,
    pub(super) evidence: Vec<TermEvidence>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) held_out: Option<HeldOut>,
    pub(super) report: FitReport,
}

/// How the bags judged rows that they did not learn from. Slightly flattering: these rows said when to stop.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldOut {
    /// Rows that some bag held out.
    pub rows: usize,
    /// The mean log-loss of their mean score, or the mean loss of a number.
    pub loss: f64,
}

/// One step of the shape of a feature, or one cell of a pair.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShapeStep {
    /// The values, in words; of a pair the values of both features.
    pub label: String,
    /// What they earn.
    pub points: f64,
    /// The standard error of the points.
    pub standard_error: f64,
    /// The lower end of the pointwise interval.
    pub low: f64,
    /// The upper end of it.
    pub high: f64,
    /// The weight of the customers it was learned from.
    pub weight: f64,
    /// The lower end of the values of a number; absent where open, and for other kinds.
    pub from: Option<f64>,
    /// The upper end, not included.
    pub below: Option<f64>,
}

impl AdditiveModel {
    /// The card: questions, answers, points, to be printed, edited and graded.
    pub fn scorecard(&self) -> &Scorecard {
        &self.card
    }

    /// The card in points for people: each answer's points rounded, and how far that makes scores drift.
    ///
    /// # Errors
    /// Those of [`PointsScale::to_card`].
    pub fn to_card(&self, scale: PointsScale, rounding: f64, grades: Option<Bands>) -> Result<ScaledCard> {
        scale.to_card(&self.file.card, rounding, grades)
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

    /// What the model was learned from and how that went.
    pub fn report(&self) -> &FitReport {
        &self.file.report
    }

    /// How the bags judged rows that they did not learn from.
    pub fn held_out(&self) -> Option<HeldOut> {
        self.file.held_out
    }

    /// Each term with its importance: the mean size, in log-odds, of what a customer earns there. In the order of the
    /// terms.
    pub fn importance(&self) -> Vec<(&str, f64)> {
        importance(&self.card, &self.file.evidence)
    }

    /// The shape of a term: what each answer earns, how sure that is, and how many customers it rests on. The intervals
    /// are pointwise, normal, from the spread of the bags (delete-d jackknife); with one bag they have no width.
    ///
    /// # Errors
    /// [`Error::UnknownFeature`] lists the terms there are; [`Error::InvalidParameter`] for a confidence outside (0, 1).
    pub fn shape(&self, term: &str, confidence: f64) -> Result<Vec<ShapeStep>> {
        shape(&self.card, &self.file.evidence, term, confidence)
    }
}

impl IsSum for AdditiveModel {
    fn as_sum(&self) -> (&[Feature], &[Term], &Sum) {
        self.card.as_sum()
    }
}

impl Probability for AdditiveModel {
    fn positive(&self) -> &str {
        &self.file.positive
    }
}

saved_probability!(AdditiveModel, "additive");

impl TryFrom<AdditiveFile> for AdditiveModel {
    type Error = Error;

    fn try_from(file: AdditiveFile) -> Result<Self> {
        let card = Scorecard::new(file.card.clone())?;
        check_evidence(&file.card, &file.evidence)?;
        Ok(Self { file, card })
    }
}

impl From<AdditiveModel> for AdditiveFile {
    fn from(model: AdditiveModel) -> Self {
        model.file
    }
}

pub(super) fn importance<'a>(card: &'a Scorecard, evidence: &[TermEvidence]) -> Vec<(&'a str, f64)> {
    let names = card.as_sum().1.iter().map(|term| term.name.as_str());
    names.zip(evidence.iter().map(|one| one.importance)).collect()
}

pub(super) fn shape(
    card: &Scorecard,
    evidence: &[TermEvidence],
    term: &str,
    confidence: f64,
) -> Result<Vec<ShapeStep>> {
    crate::rates::check_confidence("shape", confidence)?;
    let names: Vec<&str> = card.as_sum().1.iter().map(|term| term.name.as_str()).collect();
    let Some(index) = names.iter().position(|name| *name == term) else {
        return Err(Error::UnknownFeature {
            name: term.to_owned(),
            place: "the terms of the model".into(),
            available: names.into_iter().map(str::to_owned).collect(),
        });
    };
    let width = normal_width(confidence);
    let answers = answers(card.spec(), index);
    let known = evidence[index].weights.iter().zip(&evidence[index].standard_errors);
    let steps = answers.into_iter().zip(known).map(|((label, points, ends), (&weight, &standard_error))| ShapeStep {
        label,
        points,
        standard_error,
        low: points - width * standard_error,
        high: points + width * standard_error,
        weight,
        from: ends[0],
        below: ends[1],
    });
    Ok(steps.collect())
}

type Answer = (String, f64, [Option<f64>; 2]);

/// The answers of a term in the order of its evidence: label, points, and the ends of a range.
fn answers(spec: &CardSpec, term: usize) -> Vec<Answer> {
    let ends = |when: &Condition| match when {
        Condition::Range { from, below } => [*from, *below],
        _ => [None; 2],
    };
    if let Some(characteristic) = spec.characteristics.get(term) {
        let attributes = characteristic.attributes.iter();
        return attributes.map(|one| (one.when.label(), one.points, ends(&one.when))).collect();
    }
    let pair = &spec.pairs[term - spec.characteristics.len()];
    let rows = pair.rows.iter().zip(&pair.points);
    rows.flat_map(|(row, points)| {
        pair.columns.iter().zip(points).map(move |(column, &points)| {
            let [first, second] = &pair.features;
            (format!("{first} {}, {second} {}", row.label(), column.label()), points, [None; 2])
        })
    })
    .collect()
}

/// Every term needs evidence for each of its answers.
pub(super) fn check_evidence(card: &CardSpec, evidence: &[TermEvidence]) -> Result<()> {
    let refuse = |path: String, reason: String| Err(Error::ModelField { path, reason });
    let terms = card.characteristics.len() + card.pairs.len();
    if evidence.len() != terms {
        return refuse("evidence".into(), format!("the card has {terms} terms, found evidence for {}", evidence.len()));
    }
    for (term, one) in evidence.iter().enumerate() {
        let answers = answers(card, term).len();
        let path = |field: &str| format!("evidence[{term}].{field}");
        for (field, list) in [("weights", &one.weights), ("standard_errors", &one.standard_errors)] {
            if list.len() != answers {
                return refuse(path(field), format!("the term has {answers} answers, found {}", list.len()));
            }
            if list.iter().any(|number| !(number.is_finite() && *number >= 0.0)) {
                return refuse(path(field), "every number must be finite and not negative".into());
            }
        }
        for (field, number) in [("importance", one.importance), ("unlisted", one.unlisted)] {
            if !(number.is_finite() && number >= 0.0) {
                return refuse(path(field), format!("must be finite and not negative, found {number}"));
            }
        }
    }
    Ok(())
}
