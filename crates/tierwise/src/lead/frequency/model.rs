//! The model that counts make: log-odds as a sum that is looked up.

use super::spec::Role;
use super::tables::{Tables, shrunk};
use super::{FrequencyCounts, Smoothing, odoo};
use crate::feature::{Kind, check_features};
use crate::learn::{Probability, probability, saved_probability};
use crate::score::check_bound;
use crate::{Columns, Error, Explain, Feature, Result, Score, Term};
use serde::{Deserialize, Serialize};

/// Rows per block: their scores stay in the first-level cache while one fact after the other is added.
const BLOCK: usize = 1024;

/// A frozen frequency model. Its score is the log-odds of winning: those of all leads, plus what the team's own rate
/// adds, plus one contribution for each fact that is known. Unknown facts and values never seen add 0.
///
/// Made by [`FrequencyCounts::model`]; saved as kind `frequency`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "FrequencyFile", into = "FrequencyFile")]
pub struct FrequencyModel {
    file: FrequencyFile,
    terms: Vec<Term>,
}

/// What a model file holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FrequencyFile {
    positive: String,
    smoothing: Smoothing,
    /// What `log_odds` were multiplied by, for people to read.
    #[serde(default = "untempered", skip_serializing_if = "is_untempered")]
    temper: f64,
    features: Vec<Feature>,
    roles: Vec<Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    won_stage: Option<String>,
    base: f64,
    /// Per feature: what its values add, one list for the pool and one for each team; for the team, one list.
    log_odds: Vec<Vec<Vec<f64>>>,
}

fn untempered() -> f64 {
    1.0
}

#[allow(clippy::trivially_copy_pass_by_ref)] // what serde calls
fn is_untempered(temper: &f64) -> bool {
    *temper == untempered()
}

impl FrequencyModel {
    pub(super) fn of(counts: &FrequencyCounts, smoothing: Smoothing) -> Result<Self> {
        smoothing.check()?;
        let (won, lost) = counts.leads();
        for (leads, class) in [(won, "won"), (lost, "lost")] {
            if leads == 0 {
                let what = format!("the frequency model, {class} leads");
                return Err(Error::NotEnoughData { what, needed: 1, found: 0 });
            }
        }
        let Tables { prior, of } = match smoothing {
            Smoothing::Odoo => odoo::tables(counts),
            Smoothing::EmpiricalBayes | Smoothing::Fixed { .. } => shrunk(counts, smoothing),
        };
        let base = prior[0];
        let mut file = FrequencyFile {
            positive: counts.spec.positive.clone(),
            smoothing,
            temper: untempered(),
            features: Vec::new(),
            roles: Vec::new(),
            won_stage: counts.spec.won_stage.clone(),
            base,
            log_odds: Vec::new(),
        };
        let described = counts.features.iter().zip(&counts.roles).zip(of);
        for ((feature, &role), of) in described.filter(|((one, _), _)| one.kind() != Kind::Category(&[])) {
            file.features.push(feature.clone());
            file.roles.push(role);
            let of_team = || vec![prior[1..].iter().map(|log_odds| log_odds - base).collect()];
            file.log_odds.push(if role == Role::Team { of_team() } else { of });
        }
        Self::try_from(file)
    }

    /// The probability of winning in per cent as Odoo shows it: rounded to two places and kept within 0.01 and 99.99;
    /// 0 where the stage is unknown, 100 in the won stage.
    ///
    /// `row` holds one value per feature; one that is too short gives NaN.
    pub fn percent(&self, row: &[f64]) -> f64 {
        if row.len() != self.file.features.len() {
            return f64::NAN;
        }
        if let Some(stage) = self.file.roles.iter().position(|&role| role == Role::Stage) {
            match self.file.features[stage].level_of(row[stage]) {
                None => return 0.0,
                Some(name) if self.file.won_stage.as_deref() == Some(name) => return 100.0,
                Some(_) => {}
            }
        }
        let hundredths = (probability(self.score_row(row)) * 10_000.0).round_ties_even();
        (hundredths / 100.0).clamp(0.01, 99.99)
    }

    /// The same for every row of a table.
    ///
    /// # Errors
    /// [`Error::WrongLength`] when the columns are bound to the features of another model.
    pub fn percent_columns(&self, columns: &Columns<'_>) -> Result<Vec<f64>> {
        check_bound(&self.file.features, columns)?;
        let mut row = vec![0.0; self.file.features.len()];
        let percent = |index| {
            columns.row_into(index, &mut row);
            self.percent(&row)
        };
        Ok((0..columns.rows()).map(percent).collect())
    }

    /// This model with all that facts add multiplied by `factor`, at most 1. Facts that go together are counted as if
    /// they did not, so that the chances of a frequency model are more extreme than they should be;
    /// [`frequency_signal`](super::frequency_signal) finds a factor. The base stays.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a factor outside `[0, 1]`.
    pub fn tempered(&self, factor: f64) -> Result<Self> {
        if !(0.0..=1.0).contains(&factor) {
            let must_be = "a number in [0, 1]".into();
            return Err(Error::InvalidParameter {
                of: "FrequencyModel",
                name: "temper",
                must_be,
                got: factor.to_string(),
            });
        }
        let mut tempered = self.clone();
        tempered.file.temper *= factor;
        tempered.file.log_odds.iter_mut().flatten().flatten().for_each(|log_odds| *log_odds *= factor);
        Ok(tempered)
    }

    /// By what the log-odds that facts add were multiplied: 1 unless the model was [`tempered`](Self::tempered).
    pub fn temper(&self) -> f64 {
        self.file.temper
    }

    /// How the counts were smoothed.
    pub fn smoothing(&self) -> Smoothing {
        self.file.smoothing
    }

    /// The row of the tables for a team: 0, the pool's, where there is none.
    #[inline]
    fn slot(&self, value: f64) -> usize {
        let code = value as usize;
        if code as f64 == value && code < self.file.features[0].levels().len() { code + 1 } else { 0 }
    }

    fn has_team(&self) -> bool {
        self.file.roles.first() == Some(&Role::Team)
    }

    #[inline]
    fn contribution(&self, term: usize, slot: usize, value: f64) -> f64 {
        let values = match self.file.roles[term] {
            Role::Team => &self.file.log_odds[term][0],
            Role::Tag => return if value == 1.0 { self.file.log_odds[term][slot][0] } else { 0.0 },
            Role::Stage | Role::Field => &self.file.log_odds[term][slot],
        };
        look_up(values, value)
    }

    fn slot_of(&self, row: &[f64]) -> usize {
        if self.has_team() { self.slot(row[0]) } else { 0 }
    }
}

#[inline(always)]
fn look_up(values: &[f64], value: f64) -> f64 {
    let code = value as usize; // saturates: NaN and negatives become 0 and then fail the comparison
    match values.get(code) {
        Some(&log_odds) if code as f64 == value => log_odds,
        _ => 0.0,
    }
}

impl Score for FrequencyModel {
    fn features(&self) -> &[Feature] {
        &self.file.features
    }

    fn score_row(&self, row: &[f64]) -> f64 {
        let slot = self.slot_of(row);
        let terms = row.iter().take(self.terms.len()).enumerate();
        terms.fold(self.file.base, |sum, (term, &value)| sum + self.contribution(term, slot, value))
    }

    fn score_columns(&self, columns: &Columns<'_>, scores: &mut [f64]) {
        assert_eq!(scores.len(), columns.rows(), "one score per row");
        let mut slots = [0; BLOCK];
        for (block, scores) in scores.chunks_mut(BLOCK).enumerate() {
            let values = |term: usize| &columns.column(term)[block * BLOCK..][..scores.len()];
            if self.has_team() {
                slots.iter_mut().zip(values(0)).for_each(|(slot, &team)| *slot = self.slot(team));
            }
            let columns: Vec<&[f64]> = (0..self.terms.len()).map(values).collect();
            scores.fill(self.file.base);
            for (term, values) in columns.into_iter().enumerate() {
                for ((score, &value), &slot) in scores.iter_mut().zip(values).zip(&slots) {
                    *score += self.contribution(term, slot, value);
                }
            }
        }
    }
}

impl Explain for FrequencyModel {
    fn base(&self) -> f64 {
        self.file.base
    }

    fn terms(&self) -> &[Term] {
        &self.terms
    }

    fn contributions_row(&self, row: &[f64], contributions: &mut [f64]) {
        assert_eq!(contributions.len(), self.terms.len(), "one contribution per term");
        let slot = self.slot_of(row);
        for (term, place) in contributions.iter_mut().enumerate() {
            *place = self.contribution(term, slot, row[term]);
        }
    }
}

impl Probability for FrequencyModel {
    fn positive(&self) -> &str {
        &self.file.positive
    }
}

saved_probability!(FrequencyModel, "frequency");

impl From<FrequencyModel> for FrequencyFile {
    fn from(model: FrequencyModel) -> Self {
        model.file
    }
}

impl TryFrom<FrequencyFile> for FrequencyModel {
    type Error = Error;

    fn try_from(file: FrequencyFile) -> Result<Self> {
        check_features(&file.features)?;
        file.smoothing.check()?;
        let invalid = |path: &str, reason: &str| Err(Error::ModelField { path: path.into(), reason: reason.into() });
        if file.roles.len() != file.features.len() || file.log_odds.len() != file.features.len() {
            return invalid("roles", "there must be one role and one table of log-odds per feature");
        }
        let has_team = file.roles.first() == Some(&Role::Team);
        let slots = if has_team { file.features[0].levels().len() + 1 } else { 1 };
        for (index, (feature, &role)) in file.features.iter().zip(&file.roles).enumerate() {
            let (rows, width) = match (role, feature.kind()) {
                (Role::Team, Kind::Category(teams)) if index == 0 => (1, teams.len()),
                (Role::Stage, Kind::Category(stages)) if index == usize::from(has_team) => (slots, stages.len()),
                (Role::Field, Kind::Category(levels)) => (slots, levels.len()),
                (Role::Field, Kind::YesNo) => (slots, 2),
                (Role::Tag, Kind::YesNo) => (slots, 1),
                _ => return invalid(&format!("roles[{index}]"), "this role does not go with its feature or its place"),
            };
            let table = &file.log_odds[index];
            let path = format!("log_odds[{index}]");
            if table.len() != rows || table.iter().any(|values| values.len() != width) {
                return invalid(&path, &format!("expected {rows} lists of {width} numbers"));
            }
            if table.iter().flatten().any(|value| value.is_nan() || value.abs() > MOST_LOG_ODDS) {
                return invalid(&path, "log-odds must lie within -1000000 and 1000000");
            }
        }
        if !(0.0..=1.0).contains(&file.temper) {
            return invalid("temper", "expected a number in [0, 1]");
        }
        if file.base.is_nan() || file.base.abs() > MOST_LOG_ODDS {
            return invalid("base", "log-odds must lie within -1000000 and 1000000");
        }
        let terms = file.features.iter().zip(&file.roles).enumerate().map(|(index, (feature, &role))| {
            let reads_team = has_team && role != Role::Team;
            Term { name: feature.name().into(), features: if reads_team { vec![0, index] } else { vec![index] } }
        });
        Ok(Self { terms: terms.collect(), file })
    }
}

/// Far beyond what counts can give; sums of so many stay finite.
const MOST_LOG_ODDS: f64 = 1e6;
