//! A model with a calibration behind it.

use super::calibrator::ScoreScale;
use super::map::Calibration;
use super::rescaled::Rescaled;
use crate::learn::{Probability, probability};
use crate::model::{Kinds, Model, Saved, read_content};
use crate::{Columns, Error, Explain, Feature, Result, Score};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};
use std::sync::Arc;

/// A model whose score goes through a [`Calibration`]. Its score is the log-odds of the calibrated probability.
///
/// The model inside may be of any kind that scores, of other authors' kinds too, and is saved with it. Where the
/// calibration is a straight line from score to log-odds (Platt, prior shift) and the model explains itself, so does this
/// one, exactly: base and contributions are those of the model, times the slope. A curved calibration leaves no sum, and
/// then [`as_explain`](Saved::as_explain) is `None`: explain the model inside.
///
/// ```
/// use tierwise::learn::{CalibrationMethod, Calibrator, Logistic, probabilities};
/// use tierwise::model::{Kinds, Saved, save};
/// use tierwise::{Columns, Feature, Fit, Outcome, Score, score};
/// let features = [Feature::number("visits")];
/// let (visits, won) = ([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [false, false, true, false, true, true]);
/// let columns = Columns::new(&features, &[("visits", &visits)])?;
/// let model = Logistic::new().fit(&columns, &Outcome::binary("won", &won))?.model;
///
/// // Other customers than the model was learned from.
/// let (visits, won) = ([0.0, 1.0, 1.0, 3.0, 4.0, 4.0], [false, true, false, false, true, true]);
/// let columns = Columns::new(&features, &[("visits", &visits)])?;
/// let held_out = Outcome::binary("won", &won);
/// let calibration = Calibrator::new(CalibrationMethod::Platt).fit(&score(&model, &columns)?, &held_out)?;
/// let calibrated = calibration.apply(model)?;
/// assert!(probabilities(&calibrated, &columns)?[5] > 0.5);
/// assert!(Saved::as_explain(&calibrated).is_some());
///
/// let loaded = Kinds::builtin().load(&save(&calibrated)?)?;
/// assert_eq!(loaded.as_score().unwrap().score_row(&[2.5]), calibrated.score_row(&[2.5]));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CalibratedModel {
    model: Arc<dyn Model>,
    calibration: Calibration,
    /// The sum, where there is one.
    sum: Option<Rescaled>,
}

/// What the file holds: the model without an envelope of its own, but with its kind.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CalibratedFile {
    calibration: Calibration,
    model: Map<String, Value>,
}

impl CalibratedModel {
    /// Puts the calibration behind the model.
    ///
    /// Where the calibration's scale is that of probabilities, it gets the model's probability, else its score.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] when the model does not score, or its score is not log-odds and the calibration needs
    /// these (beta, prior shift, and all that were learned from probabilities); [`Error::InvalidOutcome`] when the two are
    /// about different classes.
    pub fn new(model: Arc<dyn Model>, calibration: Calibration) -> Result<Self> {
        let refuse = |must_be: &str| Error::InvalidParameter {
            of: "CalibratedModel",
            name: "model",
            must_be: must_be.into(),
            got: format!("a model of kind `{}`", model.kind()),
        };
        if model.as_score().is_none() {
            return Err(refuse("one that scores"));
        }
        match model.as_probability() {
            Some(inner) if inner.positive() != calibration.positive() => {
                return Err(Error::InvalidOutcome {
                    positive: calibration.positive().to_owned(),
                    labels: vec![inner.positive().to_owned()],
                    reason: "the model gives the probability of another class than the calibration; name the same one"
                        .into(),
                });
            }
            None if calibration.needs_probability() => {
                return Err(refuse("one whose score is log-odds, for this calibration"));
            }
            _ => {}
        }
        let line = calibration.line().filter(|_| calibration.scale() == ScoreScale::Score);
        let sum = line.and_then(|line| Rescaled::new(&model, line));
        Ok(Self { model, calibration, sum })
    }

    /// The model inside.
    pub fn model(&self) -> &Arc<dyn Model> {
        &self.model
    }

    /// The calibration.
    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// The two probabilities of Venn-Abers calibration for one customer; `None` for the other methods.
    pub fn interval_row(&self, row: &[f64]) -> Option<(f64, f64)> {
        self.calibration.interval(self.scaled(self.model.as_score()?.score_row(row)))
    }

    /// The model's score on the scale of the calibration.
    fn scaled(&self, score: f64) -> f64 {
        match self.calibration.scale() {
            ScoreScale::Score => score,
            ScoreScale::Probability => probability(score),
        }
    }

    fn from_file(file: CalibratedFile, kinds: &Kinds) -> Result<Self> {
        let within = |error: Error| match error {
            Error::ModelField { path, reason } => Error::ModelField { path: format!("model.{path}"), reason },
            other => other,
        };
        let model = kinds.load_nested(file.model).map_err(within)?;
        Self::new(model.into(), file.calibration).map_err(|error| match error {
            Error::InvalidOutcome { .. } => refused("calibration.positive", &error),
            other => refused("model", &other),
        })
    }
}

fn refused(path: &str, error: &Error) -> Error {
    Error::ModelField { path: path.into(), reason: error.to_string() }
}

impl Score for CalibratedModel {
    fn features(&self) -> &[Feature] {
        self.model.as_score().map_or(&[], Score::features)
    }

    fn score_row(&self, row: &[f64]) -> f64 {
        match (&self.sum, self.model.as_score()) {
            (Some(sum), _) => sum.score_row(row),
            (None, Some(model)) => self.calibration.log_odds(self.scaled(model.score_row(row))),
            (None, None) => f64::NAN,
        }
    }

    fn score_columns(&self, columns: &Columns<'_>, scores: &mut [f64]) {
        match (&self.sum, self.model.as_score()) {
            (Some(sum), _) => sum.score_columns(columns, scores),
            (None, Some(model)) => {
                model.score_columns(columns, scores);
                for score in scores {
                    *score = self.calibration.log_odds(self.scaled(*score));
                }
            }
            (None, None) => scores.fill(f64::NAN),
        }
    }
}

impl Probability for CalibratedModel {
    fn positive(&self) -> &str {
        self.calibration.positive()
    }
}

impl Saved for CalibratedModel {
    const KIND: &'static str = "calibrated";

    fn as_score(&self) -> Option<&dyn Score> {
        Some(self)
    }

    fn as_explain(&self) -> Option<&dyn Explain> {
        self.sum.as_ref().map(|sum| sum as &dyn Explain)
    }

    fn as_probability(&self) -> Option<&dyn Probability> {
        Some(self)
    }

    fn from_content(content: Map<String, Value>, kinds: &Kinds) -> Result<Self> {
        Self::from_file(read_content(content)?, kinds)
    }
}

impl Serialize for CalibratedModel {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut model = Map::new();
        model.insert("kind".into(), self.model.kind().into());
        model.extend(self.model.content().map_err(serde::ser::Error::custom)?);
        CalibratedFile { calibration: self.calibration.clone(), model }.serialize(serializer)
    }
}

/// Knows the built-in kinds only; [`Kinds::load`] knows those that were registered too.
impl<'de> Deserialize<'de> for CalibratedModel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let file = CalibratedFile::deserialize(deserializer)?;
        Self::from_file(file, &Kinds::builtin()).map_err(serde::de::Error::custom)
    }
}
