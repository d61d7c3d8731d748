//! Weights of factors from people's answers: surveys of one or several panels, and pairwise comparisons.
//!
//! ```
//! use tierwise::lead::panel::{AnalysisSettings, PanelAnswers, PanelSettings, PanelSurvey};
//!
//! // Four sales people rate three factors from 1 to 5; one column per factor.
//! let factors = ["asked for a visit", "has a budget", "knows the brand"].map(String::from);
//! let answers = PanelAnswers::new(&factors, vec![&[5.0, 5.0, 4.0, 5.0], &[4.0, 3.0, 3.0, 4.0], &[1.0, 2.0, 1.0, 1.0]]);
//! let survey = PanelSurvey::new(&answers, &PanelSettings::default())?;
//! let report = survey.analyse(&AnalysisSettings { decimals: Some(1), ..AnalysisSettings::default() })?;
//! let weights: Vec<f64> = report.panels[0].weights.iter().map(|one| one.weight).collect();
//! assert_eq!(weights, [50.0, 36.9, 13.1]);
//! assert_eq!(report.panels[0].agreement.w, 1.0); // all four rank the factors alike
//! # Ok::<(), tierwise::Error>(())
//! ```

mod agreement;
mod analysis;
mod bootstrap;
mod card;
mod pairwise;
mod ratings;
mod recommend;

pub use agreement::{Comparison, Concordance, Difference, kendall_tau, kendall_w, spearman, weight_distance};
pub use analysis::{AnalysisSettings, FactorWeight, PanelReport, PanelResult};
pub use bootstrap::BootstrapSettings;
pub use card::card_with_weights;
pub use pairwise::{
    Inconsistency, Judgement, PairwiseMethod, PairwiseResult, PairwiseSettings, PairwiseWeights,
    pairwise_from_matrices, pairwise_weights,
};
pub use ratings::{Aggregation, round_to_hundred};
pub use recommend::{Reason, RecommendSettings, Recommendation, WhenPanelsAgree, recommend};

use crate::rank_correlation::mid_ranks;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// The most factors of a survey.
const MOST_FACTORS: usize = 1000;

/// The largest answer and the largest weight of a respondent, so that no sum overflows.
const LARGEST: f64 = 1e9;

/// The answers of a survey, one column per factor and one row per respondent.
#[derive(Debug, Clone)]
pub struct PanelAnswers<'a> {
    /// The names of the factors.
    pub factors: &'a [String],
    /// One column per factor; NaN where a respondent did not answer.
    pub columns: Vec<&'a [f64]>,
    /// The names of the respondents, for messages; without them a message gives the row.
    pub respondents: Option<&'a [String]>,
    /// The panel of each respondent, as a position in the list of names; without it all are one panel, `all`.
    pub panels: Option<(&'a [u32], &'a [String])>,
    /// A measure of how much a respondent's answer is worth listening to, such as deals per month.
    pub quality: Option<&'a [f64]>,
    /// How much each respondent counts; without it all count alike.
    pub weights: Option<&'a [f64]>,
}

impl<'a> PanelAnswers<'a> {
    /// Answers of one panel without names, quality or weights.
    pub fn new(factors: &'a [String], columns: Vec<&'a [f64]>) -> Self {
        Self { factors, columns, respondents: None, panels: None, quality: None, weights: None }
    }
}

/// What a respondent was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerForm {
    /// A rating per factor, such as 1 to 5: more is more important.
    #[default]
    Ratings,
    /// A rank per factor: 1 is the most important, tied factors share the mean of their places.
    Ranks,
    /// Points per factor, such as 100 to hand out. Each respondent's sum counts as the whole.
    Allocation,
}

/// What happens to a respondent who left a question open, or who said the same of every factor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnGap {
    /// An error names the respondent.
    #[default]
    Refuse,
    /// The respondent is left out and counted.
    LeaveOut,
}

/// How answers are read and who counts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PanelSettings {
    /// What was asked for.
    pub form: AnswerForm,
    /// What to do with a respondent who left a question open.
    pub unknown_answers: OnGap,
    /// What to do with a respondent who said the same of every factor, and so weighs none.
    pub constant_answers: OnGap,
    /// The least quality of a respondent who counts; needs a column of quality.
    pub minimum_quality: Option<f64>,
    /// The lowest and highest rating that could be given; a rating outside is refused.
    pub scale: Option<(f64, f64)>,
}

/// How many respondents of a panel do not count, by the first reason that applies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Their quality is not known.
    pub unknown_quality: usize,
    /// Their quality is below the minimum.
    pub low_quality: usize,
    /// Their weight is 0.
    pub no_weight: usize,
    /// They left a question open.
    pub unknown_answers: usize,
    /// They said the same of every factor.
    pub constant_answers: usize,
}

impl LeftOut {
    /// All of them.
    pub fn total(&self) -> usize {
        self.unknown_quality + self.low_quality + self.no_weight + self.unknown_answers + self.constant_answers
    }
}

/// One panel of a checked survey: the respondents who count.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    name: String,
    left_out: LeftOut,
    /// In an order that depends on what they said only, so that no result depends on the order of the rows.
    respondents: Vec<Respondent>,
}

#[derive(Debug, Clone, PartialEq)]
struct Respondent {
    answers: Vec<f64>,
    /// 1 for the most important factor, tied ones share the mean of their places.
    ranks: Vec<f64>,
    weight: f64,
}

impl Panel {
    /// The label of the panel.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many respondents count.
    pub fn respondents(&self) -> usize {
        self.respondents.len()
    }

    /// How many do not, and why.
    pub fn left_out(&self) -> LeftOut {
        self.left_out
    }
}

/// A checked survey: at least two respondents in each panel, and nothing that cannot be weighed.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelSurvey {
    factors: Vec<String>,
    form: AnswerForm,
    panels: Vec<Panel>,
}

impl PanelSurvey {
    /// Checks answers, leaves out who does not count, and sorts the rest into their panels.
    ///
    /// Quality is looked at first: the answers of a respondent who does not count are not read.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for fewer than two factors, a factor twice, or a quality without minimum;
    /// [`Error::WrongLength`]; [`Error::EmptyTable`]; [`Error::UnknownValue`], [`Error::NotFinite`] and
    /// [`Error::InvalidValue`] with row and respondent for an answer that is none: negative, off the scale, ranks that
    /// are no ranks, the same for every factor; [`Error::NotEnoughData`] for a panel of fewer than two respondents.
    pub fn new(answers: &PanelAnswers<'_>, settings: &PanelSettings) -> Result<Self> {
        let rows = check_shape(answers, settings)?;
        let one_panel = ["all".to_owned()];
        let names = answers.panels.map_or(&one_panel[..], |(_, names)| names);
        let mut panels: Vec<Panel> = names
            .iter()
            .map(|name| Panel { name: name.clone(), left_out: LeftOut::default(), respondents: Vec::new() })
            .collect();
        for row in 0..rows {
            let code = answers.panels.map_or(0, |(codes, _)| codes[row] as usize);
            let panel = panels.get_mut(code).ok_or_else(|| Error::InvalidValue {
                what: "the panel".into(),
                row,
                key: None,
                found: code.to_string(),
                must_be: format!("there are {} panels", names.len()),
            })?;
            let read = Line { answers, settings, row }.read(&mut panel.left_out)?;
            if let Some(respondent) = read {
                panel.respondents.push(respondent);
            }
        }
        // A label that no row has is no panel.
        panels.retain(|panel| panel.respondents.len() + panel.left_out.total() > 0);
        panels.sort_by(|a, b| a.name.cmp(&b.name));
        for panel in &mut panels {
            panel.check_size()?;
            panel.respondents.sort_by(Respondent::compare);
        }
        Ok(Self { factors: answers.factors.to_vec(), form: settings.form, panels })
    }

    /// The names of the factors.
    pub fn factors(&self) -> &[String] {
        &self.factors
    }

    /// The panels, in the order of their names.
    pub fn panels(&self) -> &[Panel] {
        &self.panels
    }

    /// All respondents as one panel.
    fn pooled(&self) -> Panel {
        let mut left_out = LeftOut::default();
        for panel in &self.panels {
            left_out.unknown_quality += panel.left_out.unknown_quality;
            left_out.low_quality += panel.left_out.low_quality;
            left_out.no_weight += panel.left_out.no_weight;
            left_out.unknown_answers += panel.left_out.unknown_answers;
            left_out.constant_answers += panel.left_out.constant_answers;
        }
        let mut respondents: Vec<Respondent> =
            self.panels.iter().flat_map(|panel| panel.respondents.iter().cloned()).collect();
        respondents.sort_by(Respondent::compare);
        Panel { name: "pooled".into(), left_out, respondents }
    }
}

impl Panel {
    fn check_size(&self) -> Result<()> {
        let found = self.respondents.len();
        if found >= 2 {
            return Ok(());
        }
        let what = match self.left_out.total() {
            0 => format!("the weights of panel `{}` (respondents)", self.name),
            left_out => format!("the weights of panel `{}` (respondents; {left_out} more were left out)", self.name),
        };
        Err(Error::NotEnoughData { what, needed: 2, found })
    }
}

impl Respondent {
    fn compare(&self, other: &Self) -> Ordering {
        let answers = self.answers.iter().zip(&other.answers).map(|(a, b)| a.total_cmp(b));
        answers.fold(Ordering::Equal, Ordering::then).then(self.weight.total_cmp(&other.weight))
    }
}

/// One respondent's line of the table on its way in.
struct Line<'a> {
    answers: &'a PanelAnswers<'a>,
    settings: &'a PanelSettings,
    row: usize,
}

impl Line<'_> {
    /// The respondent, or none where one does not count; then the reason is counted.
    fn read(&self, left_out: &mut LeftOut) -> Result<Option<Respondent>> {
        let weight = self.weight()?;
        if let (Some(quality), Some(minimum)) = (self.answers.quality, self.settings.minimum_quality) {
            let quality = quality[self.row];
            if quality.is_nan() {
                left_out.unknown_quality += 1;
                return Ok(None);
            }
            if quality < minimum {
                left_out.low_quality += 1;
                return Ok(None);
            }
        }
        if weight == 0.0 {
            left_out.no_weight += 1;
            return Ok(None);
        }
        let answers: Vec<f64> = self.answers.columns.iter().map(|column| column[self.row] + 0.0).collect();
        if let Some(factor) = answers.iter().position(|answer| answer.is_nan()) {
            if self.settings.unknown_answers == OnGap::Refuse {
                let must_be = "ask again, or leave such respondents out with `unknown_answers`";
                return Err(self.invalid(Some(factor), "unknown".into(), must_be.into()));
            }
            left_out.unknown_answers += 1;
            return Ok(None);
        }
        self.check_answers(&answers)?;
        if answers.iter().all(|answer| *answer == answers[0]) {
            if self.settings.constant_answers == OnGap::Refuse {
                let must_be = "that weighs nothing; ask again, or leave such respondents out with `constant_answers`";
                return Err(self.invalid(None, format!("{} for every factor", answers[0]), must_be.into()));
            }
            left_out.constant_answers += 1;
            return Ok(None);
        }
        let ranks = if self.settings.form == AnswerForm::Ranks { answers.clone() } else { mid_ranks(&answers) };
        Ok(Some(Respondent { answers, ranks, weight }))
    }

    fn weight(&self) -> Result<f64> {
        let Some(weights) = self.answers.weights else { return Ok(1.0) };
        let weight = weights[self.row];
        if (0.0..=LARGEST).contains(&weight) {
            return Ok(weight);
        }
        Err(Error::InvalidValue {
            what: "the weight of the respondent".into(),
            row: self.row,
            key: self.key(),
            found: weight.to_string(),
            must_be: "weights must be numbers in [0, 1e9]".into(),
        })
    }

    fn check_answers(&self, answers: &[f64]) -> Result<()> {
        for (factor, &answer) in answers.iter().enumerate() {
            if answer.is_infinite() {
                let column = self.answers.factors[factor].clone();
                return Err(Error::NotFinite { column, row: Some(self.row), found: answer });
            }
            let off_scale = self.settings.scale.filter(|(low, high)| !(*low..=*high).contains(&answer));
            if let (AnswerForm::Ratings, Some((low, high))) = (self.settings.form, off_scale) {
                let must_be = format!("the scale runs from {low} to {high}");
                return Err(self.invalid(Some(factor), answer.to_string(), must_be));
            }
            if !(0.0..=LARGEST).contains(&answer) {
                return Err(self.invalid(Some(factor), answer.to_string(), "answers must lie in [0, 1e9]".into()));
            }
        }
        if self.settings.form == AnswerForm::Ranks {
            // Counted from the other end: the smallest rank is the most important one.
            let turned: Vec<f64> = answers.iter().map(|answer| -answer).collect();
            let ranks = mid_ranks(&turned);
            if let Some(factor) = (0..answers.len()).find(|&factor| ranks[factor] != answers[factor]) {
                let must_be = format!(
                    "ranks run from 1 for the most important to {}, and tied factors share the mean of their places \
                     (here {})",
                    answers.len(),
                    ranks[factor]
                );
                return Err(self.invalid(Some(factor), answers[factor].to_string(), must_be));
            }
        }
        Ok(())
    }

    fn invalid(&self, factor: Option<usize>, found: String, must_be: String) -> Error {
        let what = factor.map_or_else(
            || "the answer of the respondent".into(),
            |factor| format!("the answer about `{}`", self.answers.factors[factor]),
        );
        Error::InvalidValue { what, row: self.row, key: self.key(), found, must_be }
    }

    fn key(&self) -> Option<String> {
        self.answers.respondents.map(|names| names[self.row].clone())
    }
}

/// Returns the number of rows.
fn check_shape(answers: &PanelAnswers<'_>, settings: &PanelSettings) -> Result<usize> {
    check_factors("PanelSurvey", answers.factors)?;
    let expected = answers.factors.len();
    if answers.columns.len() != expected {
        let what = "the list of columns of answers".into();
        return Err(Error::WrongLength { what, expected, found: answers.columns.len() });
    }
    let rows = answers.columns[0].len();
    let lengths = answers.factors.iter().zip(&answers.columns).map(|(factor, column)| (factor.as_str(), column.len()));
    let others = [
        ("the respondents", answers.respondents.map(<[String]>::len)),
        ("the panels", answers.panels.map(|(codes, _)| codes.len())),
        ("the quality", answers.quality.map(<[f64]>::len)),
        ("the weights", answers.weights.map(<[f64]>::len)),
    ];
    let others = others.into_iter().filter_map(|(what, length)| Some((what, length?)));
    if let Some((what, found)) = lengths.chain(others).find(|(_, length)| *length != rows) {
        return Err(Error::WrongLength { what: what.into(), expected: rows, found });
    }
    if rows == 0 {
        return Err(Error::EmptyTable { what: "the table of answers".into() });
    }
    if answers.quality.is_some() != settings.minimum_quality.is_some() {
        let got = settings.minimum_quality.map_or("a column of quality without it".into(), |minimum| {
            format!("{minimum} without a column of quality")
        });
        return Err(parameter("PanelSurvey", "minimum_quality", "given together with a column of quality", &got));
    }
    if let Some(minimum) = settings.minimum_quality.filter(|minimum| !minimum.is_finite()) {
        return Err(parameter("PanelSurvey", "minimum_quality", "a finite number", &minimum.to_string()));
    }
    if let Some((low, high)) = settings.scale
        && (settings.form != AnswerForm::Ratings || !(0.0 <= low && low < high && high <= LARGEST))
    {
        let must_be = "for ratings, the lowest and the highest, with 0 <= lowest < highest <= 1e9";
        return Err(parameter("PanelSurvey", "scale", must_be, &format!("{low} to {high}")));
    }
    if answers.weights.is_some_and(|weights| weights.iter().all(|&weight| weight == 0.0)) {
        return Err(Error::InvalidValue {
            what: "the weight of the respondent".into(),
            row: 0,
            key: answers.respondents.map(|names| names[0].clone()),
            found: "0, as all are".into(),
            must_be: "at least one respondent must have a weight above 0".into(),
        });
    }
    Ok(rows)
}

/// At least two factors, each with a name of its own.
fn check_factors(of: &'static str, factors: &[String]) -> Result<()> {
    let must_be = format!("2 to {MOST_FACTORS} different names");
    if !(2..=MOST_FACTORS).contains(&factors.len()) {
        return Err(parameter(of, "factors", &must_be, &factors.len().to_string()));
    }
    let mut seen = BTreeSet::new();
    match factors.iter().find(|name| name.trim().is_empty() || !seen.insert(name.as_str())) {
        None => Ok(()),
        Some(name) if name.trim().is_empty() => Err(parameter(of, "factors", &must_be, "an empty name")),
        Some(name) => Err(parameter(of, "factors", &must_be, &format!("`{name}` twice"))),
    }
}

fn parameter(of: &'static str, name: &'static str, must_be: &str, got: &str) -> Error {
    Error::InvalidParameter { of, name, must_be: must_be.into(), got: got.into() }
}
