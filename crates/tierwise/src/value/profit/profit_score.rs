//! The profit score: points for gross margin and for payment collection.

use crate::model::{self, Saved};
use crate::value::point_table::{PointBracket, PointTable, check_shares, refuse};
use crate::{Error, Explain, Feature, Result, Score, Term, Unknown};
use serde::{Deserialize, Serialize};

/// The most points of each of the two tables.
const MOST: f64 = 20.0;

/// The most points of a profit score.
pub(super) const MOST_PROFIT: u32 = 40;

/// The score as it is written: plain data, the content of its model file. [`ProfitScore::new`] checks it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfitScoreSpec {
    /// The name of the score.
    #[serde(default)]
    pub name: String,
    /// What it says in words, for people: its source, and which parts of it are inferred.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Points by gross margin, a share of the sales.
    pub gross_margin: Vec<PointBracket>,
    /// Points by payment collection, the share of what was due that was paid in time.
    pub payment_collection: Vec<PointBracket>,
}

/// A profit score from 0 to 40: gross margin and payment collection, 0 to 20 points each.
///
/// A customer of whom one of the two is unknown has no score. A table of which one is above 1 is refused: it holds per
/// cent; so is a payment collection below 0, while a margin below 0 is a loss. [`rank`](crate::rank) ranks: 1 for the highest, equal scores share the better place, unknown comes last. Kind
/// of the model file: `profit_score`.
///
/// ```
/// use tierwise::{Score, rank, value};
/// let score = value::profit_score();
/// let customers = [[0.45, 0.9], [0.1, 0.6], [0.35, 0.99], [0.3, f64::NAN]];
/// let scores = customers.map(|customer| score.score_row(&customer));
/// assert_eq!(scores[..3], [35.0, 13.0, 34.0]);
/// assert_eq!(rank(&scores), [1, 3, 2, 4]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ProfitScoreSpec", into = "ProfitScoreSpec")]
pub struct ProfitScore {
    spec: ProfitScoreSpec,
    tables: [PointTable; 2],
    features: Vec<Feature>,
    terms: Vec<Term>,
}

impl ProfitScore {
    /// Checks a score.
    ///
    /// # Errors
    /// [`Error::InvalidBands`] for brackets that leave a gap, overlap, are not open outwards or begin above 1 (both
    /// numbers are shares), [`Error::InvalidRules`] for points outside 0 to 20 or no multiple of 1/1024.
    pub fn new(spec: ProfitScoreSpec) -> Result<Self> {
        let table = |name: &str, brackets: &Vec<PointBracket>| {
            let table = PointTable::new(name, brackets.clone())?;
            check_shares(&format!("`{name}`"), brackets.iter().map(|bracket| bracket.from))?;
            match brackets.iter().find(|bracket| !(0.0..=MOST).contains(&bracket.points)) {
                None => Ok(table),
                Some(bracket) => {
                    let reason = format!("points must be a number in [0, {MOST}], got {}", bracket.points);
                    Err(refuse("profit score", format!("`{name}`, bracket {}", bracket.name()), reason))
                }
            }
        };
        let names = ["gross_margin", "payment_collection"];
        let tables = [table(names[0], &spec.gross_margin)?, table(names[1], &spec.payment_collection)?];
        let features = [Feature::margin(names[0]), Feature::share(names[1])];
        let features = features.map(|feature| feature.with_unknown(Unknown::Own)).to_vec();
        let terms = names.iter().zip(0..).map(|(name, at)| Term { name: (*name).into(), features: vec![at] }).collect();
        Ok(Self { spec, tables, features, terms })
    }

    /// The score as it is written.
    pub fn spec(&self) -> &ProfitScoreSpec {
        &self.spec
    }
}

impl Score for ProfitScore {
    fn features(&self) -> &[Feature] {
        &self.features
    }

    fn score_row(&self, row: &[f64]) -> f64 {
        self.tables[0].points(row[0]) + self.tables[1].points(row[1])
    }
}

impl Explain for ProfitScore {
    fn base(&self) -> f64 {
        0.0
    }

    fn terms(&self) -> &[Term] {
        &self.terms
    }

    fn contributions_row(&self, row: &[f64], contributions: &mut [f64]) {
        assert_eq!(contributions.len(), 2, "one contribution per term");
        for ((place, table), &value) in contributions.iter_mut().zip(&self.tables).zip(row) {
            *place = table.points(value);
        }
    }
}

impl Saved for ProfitScore {
    const KIND: &'static str = "profit_score";

    fn as_score(&self) -> Option<&dyn Score> {
        Some(self)
    }

    fn as_explain(&self) -> Option<&dyn Explain> {
        Some(self)
    }
}

impl TryFrom<ProfitScoreSpec> for ProfitScore {
    type Error = Error;

    fn try_from(spec: ProfitScoreSpec) -> Result<Self> {
        Self::new(spec)
    }
}

impl From<ProfitScore> for ProfitScoreSpec {
    fn from(score: ProfitScore) -> Self {
        score.spec
    }
}

/// The profit score that ships with the library: the form is that of a telecom supplier (source 001), **the brackets and their
/// points are inferred**, for the source's tables are lost.
pub fn profit_score() -> ProfitScore {
    match model::load(include_str!("profit_score.json")) {
        Ok(score) => score,
        Err(error) => unreachable!("the score that ships is tested: {error}"),
    }
}
