//! The card that was learned: points per bin in log-odds, with bins, coefficients and the account of the selection.

use super::encoding::Encoding;
use super::fate::FeatureFate;
use crate::learn::{BinnedOutcome, Binning, Coefficient, LogisticModel, Probability, saved_probability};
use crate::scorecard::{CardSpec, PointsScale, ScaledCard, Scorecard};
use crate::sum::{IsSum, Sum};
use crate::{Bands, Error, Feature, FitReport, Result, Term};
use serde::{Deserialize, Serialize};

/// A scorecard learned by [`WeightOfEvidence`](super::WeightOfEvidence). Its score is the log-odds of the positive class.
///
/// On weights of evidence the base is the intercept, and a contribution is coefficient times weight of evidence: 0 for a
/// bin in which the positive class is as frequent as in all rows. On indicators the base is the mean of the log-odds, and
/// contributions are measured from there. Either way a bin without rows earns 0.
///
/// The model is its [`scorecard`](Self::scorecard): the same sum, bit for bit.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "StoredEvidence", into = "StoredEvidence")]
pub struct WeightOfEvidenceModel {
    content: StoredEvidence,
    card: Scorecard,
}

/// What a model file holds: the bins, the fit on them, and how it came to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredEvidence {
    #[serde(default)]
    pub(super) encoding: Encoding,
    /// One per feature of the model, in the order in which points are added.
    pub(super) binnings: Vec<Binning>,
    /// The fit on what the bins say; its features are those of the binnings, encoded.
    pub(super) logistic: LogisticModel,
    pub(super) selection: Vec<FeatureFate>,
    pub(super) report: FitReport,
}

impl WeightOfEvidenceModel {
    /// The name of the outcome.
    pub fn outcome(&self) -> &str {
        self.content.logistic.outcome()
    }

    /// The class whose log-odds the score is.
    pub fn positive(&self) -> &str {
        self.content.logistic.positive()
    }

    /// What the logistic fit saw of the bins.
    pub fn encoding(&self) -> Encoding {
        self.content.encoding
    }

    /// The bins of each feature of the model, with counts, rates and their intervals.
    pub fn binnings(&self) -> &[Binning] {
        &self.content.binnings
    }

    /// The coefficients: one per feature, per unit of evidence; or one per bin.
    pub fn coefficients(&self) -> &[Coefficient] {
        self.content.logistic.coefficients()
    }

    /// The intercept of the fit: on weights of evidence the log-odds of a customer about whom no feature says anything.
    pub fn intercept(&self) -> &Coefficient {
        self.content.logistic.intercept()
    }

    /// The fit on what the bins say: its features are weights of evidence, or the positions of bins.
    pub fn logistic(&self) -> &LogisticModel {
        &self.content.logistic
    }

    /// What became of each feature of the table, in its order, and why.
    pub fn selection(&self) -> &[FeatureFate] {
        &self.content.selection
    }

    /// What the model was learned from and how that went.
    pub fn report(&self) -> &FitReport {
        &self.content.report
    }

    /// The card whose points are log-odds: the same sum as the model's.
    pub fn scorecard(&self) -> &Scorecard {
        &self.card
    }

    /// The card on a scale of points, each answer's points rounded to a multiple of `rounding`, and not rounded.
    ///
    /// ```
    /// use tierwise::{Columns, Feature, Fit, Outcome, Score, learn::WeightOfEvidence, scorecard::PointsScale};
    /// let features = [Feature::number("visits")];
    /// let visits: Vec<f64> = (0..200).map(|row| f64::from(row % 10)).collect();
    /// let won: Vec<bool> = (0..200).map(|row| row % 10 > 2 + row * 37 % 11).collect();
    /// let columns = Columns::in_order(&features, vec![&visits])?;
    /// let model = WeightOfEvidence::new().fit(&columns, &Outcome::binary("won", &won))?.model;
    /// let card = model.to_card(PointsScale::new(600.0, 1.0 / 19.0, 50.0)?, 1.0, None)?;
    /// let (rounded, exact) = (card.rounded.score_row(&[7.0]), card.unrounded.score_row(&[7.0]));
    /// assert_eq!(rounded, rounded.round());
    /// assert!((rounded - exact).abs() < card.largest_drift + 1e-9 && card.largest_drift <= 1.0);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`PointsScale::to_card`].
    pub fn to_card(&self, scale: PointsScale, rounding: f64, grades: Option<Bands>) -> Result<ScaledCard> {
        let mut spec = self.card.spec().clone();
        let words = scale.words(self.positive());
        spec.notes.push(format!("points learned from {} outcomes: {words}", self.report().rows));
        scale.to_card(&spec, rounding, grades)
    }
}

impl IsSum for WeightOfEvidenceModel {
    fn as_sum(&self) -> (&[Feature], &[Term], &Sum) {
        (self.card.features(), self.card.terms(), self.card.sum())
    }
}

impl Probability for WeightOfEvidenceModel {
    fn positive(&self) -> &str {
        self.content.logistic.positive()
    }
}

saved_probability!(WeightOfEvidenceModel, "weight_of_evidence");

impl TryFrom<StoredEvidence> for WeightOfEvidenceModel {
    type Error = Error;

    fn try_from(content: StoredEvidence) -> Result<Self> {
        check(&content)?;
        Ok(Self { card: card(&content)?, content })
    }
}

impl From<WeightOfEvidenceModel> for StoredEvidence {
    fn from(model: WeightOfEvidenceModel) -> Self {
        model.content
    }
}

fn check(content: &StoredEvidence) -> Result<()> {
    let refuse = |path: String, reason: &str| Err(Error::ModelField { path, reason: reason.into() });
    let logistic = &content.logistic;
    let about = BinnedOutcome::Binary { name: logistic.outcome().into(), positive: logistic.positive().into() };
    if let Some(at) = content.binnings.iter().position(|binning| *binning.outcome() != about) {
        return refuse(format!("binnings[{at}].outcome"), "it must be the outcome of the fit in `logistic`");
    }
    let encoded: Vec<Feature> = content.binnings.iter().map(|binning| content.encoding.feature(binning)).collect();
    if logistic.as_sum().0 != encoded {
        let reason = "they must be the features of `binnings` in their order: numbers for weights of evidence, categories whose levels are the labels of the bins for indicators";
        return refuse("logistic.features".into(), reason);
    }
    Ok(())
}

/// The card: per feature a question, whose answers are its bins.
fn card(content: &StoredEvidence) -> Result<Scorecard> {
    let logistic = &content.logistic;
    let (initial, factors) = match content.encoding {
        Encoding::WeightOfEvidence => (logistic.intercept().estimate, logistic.coefficients()),
        Encoding::Indicators => (logistic.sum().base(), &[][..]),
    };
    let question = |(at, binning): (usize, &Binning)| match content.encoding {
        // Adding 0 turns -0 into 0.
        Encoding::WeightOfEvidence => binning.question(|bin| factors[at].estimate * binning.points()[bin] + 0.0),
        Encoding::Indicators => binning.question(|bin| {
            let bin = binning.stands_for(bin);
            let seen = binning.tallies()[bin].rows > 0;
            if seen { logistic.sum().parts()[at].points(bin as f64) + 0.0 } else { 0.0 }
        }),
    };
    Scorecard::new(CardSpec {
        name: format!("evidence for {}", logistic.outcome()),
        features: content.binnings.iter().map(|binning| binning.layout().feature().clone()).collect(),
        initial,
        characteristics: content.binnings.iter().enumerate().map(question).collect(),
        ..CardSpec::default()
    })
}
