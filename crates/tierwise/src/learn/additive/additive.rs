//! The additive learner and its settings.

use super::binned::MOST_BINS;
use super::loss::{HIGHEST, Loss, NumberLoss};
use super::model::{AdditiveFile, AdditiveModel};
use super::number_model::{AdditiveNumberFile, AdditiveNumberModel, NumberReport};
use super::step::Direction;
use super::target::Rows;
use crate::feature::{Kind, check_features, position};
use crate::learn::NumberOutcome;
use crate::{Columns, Error, Fit, FitReport, Fitted, Outcome, Progress, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Learns log-odds as a sum of step functions of one feature each, and of pairs of features: as accurate as boosted
/// trees, and every point has a reason.
///
/// Each feature is cut into bins. In rounds, every feature in turn moves its points a small step against the loss: the
/// mean of all single cuts, those that gain most weighing most (a category: each level by itself, drawn to nothing the
/// fewer rows it has), until rows held out say that it is enough (gradient boosting, Friedman 2001, cyclic over features
/// as in Lou, Caruana & Gehrke 2012; the mean of cuts is this library's). Then the pairs whose interaction is strongest
/// are boosted likewise, with the best cuts alone (GA2M, Lou, Caruana, Gehrke & Hooker 2013). All that is done for several
/// random bags of rows; the model is the mean of the bags.
///
/// Each bag chooses its pairs by itself, from the rows it learns from. So the rows it holds out have had no say in the
/// choice, and pairs that only noise suggests are chosen by few bags and fade in the mean.
///
/// # Unknown
/// By the feature's rule: `own` learns points for unknown, `neutral` gives it none, `error` was refused by [`Columns`].
///
/// # Weights
/// Count as customers in the loss, and are brought to mean 1 first. A row of weight 2 and two rows of weight 1 give
/// nearly, not exactly, the same model: rows fall into bags at random.
///
/// ```
/// use tierwise::{Columns, Explain, Feature, Fit, Outcome, Score, learn::Additive};
/// let features = [Feature::number("age"), Feature::yes_no("member")];
/// let age: Vec<f64> = (0..400).map(|row| f64::from(20 + row * 7 % 50)).collect();
/// let member: Vec<f64> = (0..400).map(|row| f64::from(row % 3 % 2)).collect();
/// let bought: Vec<bool> = (0..400).map(|row| (age[row] > 45.0) != (row % 11 == 0)).collect();
/// let columns = Columns::in_order(&features, vec![&age, &member])?;
///
/// let model = Additive::new().bags(4).fit(&columns, &Outcome::binary("bought", &bought))?.model;
/// assert!(model.score_row(&[60.0, 1.0]) > model.score_row(&[25.0, 1.0]));
/// let card = model.scorecard(); // the same sum
/// assert_eq!(card.score_row(&[60.0, 1.0]), model.score_row(&[60.0, 1.0]));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Additive {
    pub(super) pairs: Option<usize>,
    pub(super) bags: usize,
    pub(super) learning_rate: f64,
    pub(super) max_rounds: usize,
    pub(super) patience: usize,
    pub(super) held_out: f64,
    pub(super) max_bins: usize,
    pub(super) min_rows: usize,
    pub(super) smoothing: f64,
    pub(super) level_smoothing: f64,
    pub(super) monotone: BTreeMap<String, Direction>,
    pub(super) seed: u64,
}

impl Default for Additive {
    fn default() -> Self {
        Self {
            pairs: None,
            bags: 14,
            learning_rate: 0.2,
            max_rounds: 5000,
            patience: 40,
            held_out: 0.15,
            max_bins: 250,
            min_rows: 4,
            smoothing: 5.0,
            level_smoothing: 20.0,
            monotone: BTreeMap::new(),
            seed: 0,
        }
    }
}

/// More pairs do not fit into a card.
const MOST_PAIRS: usize = 50;

impl Additive {
    /// 14 bags, and half as many pairs again as there are features, but 10 to 40.
    pub fn new() -> Self {
        Self::default()
    }

    /// The most pairs of features, at most 50; 0 for none. Unless set, half as many again as there are features, but 10
    /// to 40, and no more than the card has room for.
    #[must_use]
    pub fn pairs(mut self, pairs: usize) -> Self {
        self.pairs = Some(pairs);
        self
    }

    /// The bags whose mean is the model, 1 to 1000; 14 unless set. With one there are no intervals.
    #[must_use]
    pub fn bags(mut self, bags: usize) -> Self {
        self.bags = bags;
        self
    }

    /// The share of a full Newton step that is gone at a time, above 0 and at most 1; 0.2 unless set.
    #[must_use]
    pub fn learning_rate(mut self, rate: f64) -> Self {
        self.learning_rate = rate;
        self
    }

    /// The most rounds; 5000 unless set.
    #[must_use]
    pub fn max_rounds(mut self, rounds: usize) -> Self {
        self.max_rounds = rounds;
        self
    }

    /// So many rounds that gain less than a ten-thousandth of the loss on the rows held out end a bag; 40 unless set.
    #[must_use]
    pub fn patience(mut self, rounds: usize) -> Self {
        self.patience = rounds;
        self
    }

    /// The share of its rows that a bag holds out, above 0 and below 1 (but at most 50 000 rows); 0.15 unless set.
    #[must_use]
    pub fn held_out(mut self, share: f64) -> Self {
        self.held_out = share;
        self
    }

    /// The most bins of a number, 2 to 255; 250 unless set. Rarer levels than so many share one. Tables of some hundred
    /// features have fewer, so that the answers of the card can be numbered.
    #[must_use]
    pub fn max_bins(mut self, bins: usize) -> Self {
        self.max_bins = bins;
        self
    }

    /// The least rows on either side of a cut; 4 unless set.
    #[must_use]
    pub fn min_rows(mut self, rows: usize) -> Self {
        self.min_rows = rows;
        self
    }

    /// Curvature added to either side of a cut, 0 or more; 5 unless set. (A row whose chance is even has 0.25.)
    #[must_use]
    pub fn smoothing(mut self, smoothing: f64) -> Self {
        self.smoothing = smoothing;
        self
    }

    /// Curvature added to each level of a category, and to unknown, 0 or more; 20 unless set.
    #[must_use]
    pub fn level_smoothing(mut self, smoothing: f64) -> Self {
        self.level_smoothing = smoothing;
        self
    }

    /// The points of this number (or yes-no, with no before yes) may only rise, or only fall. It takes part in no pair:
    /// then its course holds for every customer.
    #[must_use]
    pub fn monotone(mut self, feature: impl Into<String>, direction: Direction) -> Self {
        self.monotone.insert(feature.into(), direction);
        self
    }

    /// The seed of the bags; 0 unless set. The same seed gives the same model, whatever the number of threads.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Learns a number instead of yes or no: its mean ([`NumberLoss::Squared`]), or the logarithm of the mean of a count
    /// ([`NumberLoss::Poisson`]).
    ///
    /// # Errors
    /// Those of a fit; [`Error::InvalidValue`] with the row for a negative count.
    ///
    /// ```
    /// use tierwise::{Columns, Feature, Score, learn::{Additive, NumberLoss, NumberOutcome}};
    /// let features = [Feature::number("visits")];
    /// let visits: Vec<f64> = (0..300).map(|row| f64::from(row % 10)).collect();
    /// let spent: Vec<f64> = (0..300).map(|row| f64::from(row % 10 * 3 + row % 4)).collect();
    /// let columns = Columns::in_order(&features, vec![&visits])?;
    /// let model = Additive::new().bags(3).fit_number(&columns, &NumberOutcome::new("spent", &spent)?, NumberLoss::Squared)?;
    /// assert!((model.predict_row(&[9.0]) - 28.5).abs() < 3.0);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn fit_number(
        &self,
        data: &Columns<'_>,
        outcome: &NumberOutcome<'_>,
        loss: NumberLoss,
    ) -> Result<AdditiveNumberModel> {
        self.fit_number_with(data, outcome, loss, &mut |_| ControlFlow::Continue(()))
    }

    /// As [`fit_number`](Self::fit_number), telling `progress` after each bag.
    ///
    /// # Errors
    /// Those of [`fit_number`](Self::fit_number), and [`Error::Cancelled`].
    pub fn fit_number_with(
        &self,
        data: &Columns<'_>,
        outcome: &NumberOutcome<'_>,
        loss: NumberLoss,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<AdditiveNumberModel> {
        self.check(data)?;
        let values = outcome.values();
        if values.len() != data.rows() {
            let what = format!("the outcome `{}`", outcome.name());
            return Err(Error::WrongLength { what, expected: data.rows(), found: values.len() });
        }
        let loss_of_rows = match loss {
            NumberLoss::Squared => Loss::Squared,
            NumberLoss::Poisson => Loss::Poisson,
        };
        if loss == NumberLoss::Poisson {
            check_counts(outcome)?;
        }
        if values.iter().all(|value| *value == values[0]) {
            return Err(Error::NoVariation {
                columns: vec![outcome.name().to_owned()],
                reason: "the outcome is the same in every row, so there is nothing to learn".into(),
            });
        }
        let rows = Rows::new(loss_of_rows, values, outcome.row_weights(), None);
        let learned = self.learn(data, &rows, progress)?;
        let total_weight = outcome.row_weights().map_or(values.len() as f64, |weights| weights.iter().sum());
        let report = NumberReport {
            rows: values.len(),
            total_weight,
            converged: learned.settled,
            rounds: learned.rounds,
            loss: learned.loss / rows.total_weight(),
            null_loss: learned.null_loss / rows.total_weight(),
            findings: learned.findings,
        };
        let (card, evidence) = (learned.card, learned.evidence);
        let (outcome, held_out) = (outcome.name().to_owned(), learned.held_out);
        AdditiveNumberModel::try_from(AdditiveNumberFile { outcome, loss, card, evidence, held_out, report })
    }

    fn check(&self, data: &Columns<'_>) -> Result<()> {
        let refuse = |name: &'static str, must_be: &str, got: String| {
            Err(Error::InvalidParameter { of: "Additive", name, must_be: must_be.into(), got })
        };
        if !(1..=1000).contains(&self.bags) {
            return refuse("bags", "a whole number in [1, 1000]", self.bags.to_string());
        }
        if !(self.learning_rate > 0.0 && self.learning_rate <= 1.0) {
            return refuse("learning_rate", "a number in (0, 1]", self.learning_rate.to_string());
        }
        if !(self.held_out > 0.0 && self.held_out < 1.0) {
            return refuse("held_out", "a number in (0, 1)", self.held_out.to_string());
        }
        if !(2..=MOST_BINS).contains(&self.max_bins) {
            return refuse("max_bins", "a whole number in [2, 255]", self.max_bins.to_string());
        }
        if let Some(pairs) = self.pairs.filter(|&pairs| pairs > MOST_PAIRS) {
            let must_be = "a whole number in [0, 50]: a card numbers its answers, and a pair has up to a thousand";
            return refuse("pairs", must_be, pairs.to_string());
        }
        for (name, number) in
            [("max_rounds", self.max_rounds), ("patience", self.patience), ("min_rows", self.min_rows)]
        {
            if number == 0 {
                return refuse(name, "a whole number in [1, inf)", number.to_string());
            }
        }
        for (name, number) in [("smoothing", self.smoothing), ("level_smoothing", self.level_smoothing)] {
            if !(number >= 0.0 && number.is_finite()) {
                return refuse(name, "a number in [0, inf)", number.to_string());
            }
        }
        check_features(data.features())?;
        for name in self.monotone.keys() {
            let index = position(data.features(), name, "the monotone features of `Additive`")?;
            if let Kind::Category(_) = data.features()[index].kind() {
                let must_be = "numbers and yes-nos: the levels of a category have no order";
                return refuse("monotone", must_be, format!("`{name}`"));
            }
        }
        Ok(())
    }
}

impl Fit for Additive {
    type Model = AdditiveModel;

    fn fit_with(
        &self,
        data: &Columns<'_>,
        outcome: &Outcome<'_>,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Fitted<AdditiveModel>> {
        self.check(data)?;
        outcome.check(data)?;
        let rows = Rows::new(Loss::Log, outcome.values(), outcome.row_weights(), outcome.row_offsets());
        let learned = self.learn(data, &rows, progress)?;
        let total_weight = outcome.row_weights().map_or(data.rows() as f64, |weights| weights.iter().sum());
        let scale = total_weight / rows.total_weight();
        let report = FitReport {
            rows: data.rows(),
            positives: outcome.values().iter().filter(|&&value| value == 1.0).count(),
            total_weight,
            converged: learned.settled,
            iterations: learned.rounds,
            objective: learned.loss * scale,
            log_likelihood: -learned.loss * scale,
            null_log_likelihood: -learned.null_loss * scale,
            gradient: learned.slope.abs() * scale,
            findings: learned.findings,
        };
        let file = AdditiveFile {
            outcome: outcome.name().to_owned(),
            positive: outcome.positive().to_owned(),
            card: learned.card,
            evidence: learned.evidence,
            held_out: learned.held_out,
            report: report.clone(),
        };
        Ok(Fitted { model: AdditiveModel::try_from(file)?, report })
    }
}

fn check_counts(outcome: &NumberOutcome<'_>) -> Result<()> {
    let most = libm::exp(HIGHEST);
    let Some(row) = outcome.values().iter().position(|value| !(0.0..=most).contains(value)) else { return Ok(()) };
    Err(Error::InvalidValue {
        what: format!("the outcome `{}`", outcome.name()),
        row,
        key: None,
        found: outcome.values()[row].to_string(),
        must_be: format!("a count must be in [0, {most:.0}]; learn other numbers with the squared loss"),
    })
}
