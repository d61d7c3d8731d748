//! Raise, hold or control the share of an account: a table of profit by share.

use super::profit_score::MOST_PROFIT;
use crate::model::{self, Saved};
use crate::value::point_table::{check_shares, open_bands, refuse};
use crate::{Assign, Band, Bands, Error, Feature, Result, Unknown};
use serde::{Deserialize, Serialize};

/// What the errors call the table.
const RULES: &str = "share decision";

/// What to do about the share of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShareMove {
    /// Win a larger share.
    Raise,
    /// Keep the share.
    Hold,
    /// Take no more business on, or less.
    Control,
}

impl ShareMove {
    const ALL: [Self; 3] = [Self::Raise, Self::Hold, Self::Control];

    /// The name in `snake_case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raise => "raise",
            Self::Hold => "hold",
            Self::Control => "control",
        }
    }
}

/// One cell of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareCell {
    /// The band of the profit score.
    pub profit: String,
    /// The band of the share.
    pub share: String,
    /// What to do.
    pub decision: ShareMove,
}

/// The table as it is written: plain data, the content of its model file. [`ShareDecision::new`] checks it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareDecisionSpec {
    /// The name of the table.
    #[serde(default)]
    pub name: String,
    /// What it says in words, for people: its source, and which parts of it are inferred.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The bands of the profit score, best first.
    pub profit: Vec<Band>,
    /// The bands of the share of wallet, highest first.
    pub share: Vec<Band>,
    /// One entry per pair of bands, in any order.
    pub cells: Vec<ShareCell>,
}

/// A checked decision table: every pair of a profit band and a share band has one decision.
///
/// It reads `profit_score` and `share`, and refuses a table with a share outside 0 to 1 (one above 1 is in per cent) or a
/// profit score outside 0 to 40; where one is unknown there is no decision. Kind of the model file: `share_decision`.
///
/// ```
/// use tierwise::value::{ShareMove, share_decision};
/// let table = share_decision();
/// assert_eq!(table.decide(29.0, 0.13), Some(ShareMove::Raise));
/// assert_eq!(table.decide(17.0, 0.37), Some(ShareMove::Control));
/// assert_eq!(table.decide(f64::NAN, 0.37), None);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ShareDecisionSpec", into = "ShareDecisionSpec")]
pub struct ShareDecision {
    spec: ShareDecisionSpec,
    profit: Bands,
    share: Bands,
    /// For each profit band and, within it, each share band.
    decisions: Vec<ShareMove>,
    features: Vec<Feature>,
    outcomes: Vec<String>,
}

impl ShareDecision {
    /// Checks a table.
    ///
    /// # Errors
    /// [`Error::InvalidBands`] for bands that leave a gap, overlap, are not open outwards, or begin above a share of 1
    /// or a profit score of 40;
    /// [`Error::InvalidRules`] for a pair of bands that is missing, listed twice or unknown.
    pub fn new(spec: ShareDecisionSpec) -> Result<Self> {
        let profit = open_bands("the profit score", &spec.profit)?;
        check_profit(&spec.profit)?;
        let share = open_bands("the share", &spec.share)?;
        check_shares("the share", spec.share.iter().map(|band| band.from))?;
        let width = share.names().len();
        let mut decisions = vec![None; profit.names().len() * width];
        for (at, cell) in spec.cells.iter().enumerate() {
            let find = |what: &str, name: &str, bands: &Bands| {
                bands.position(name).ok_or_else(|| {
                    let known = bands.names().join(", ");
                    refuse(
                        RULES,
                        format!("cells[{at}]"),
                        format!("there is no {what} band `{name}`; there are {known}"),
                    )
                })
            };
            let place = find("profit", &cell.profit, &profit)? * width + find("share", &cell.share, &share)?;
            if decisions[place].replace(cell.decision).is_some() {
                let reason = format!("profit `{}`, share `{}` is decided twice", cell.profit, cell.share);
                return Err(refuse(RULES, format!("cells[{at}]"), reason));
            }
        }
        let decided = |(place, decision): (usize, Option<ShareMove>)| {
            decision.ok_or_else(|| {
                let (profit, share) = (&profit.names()[place / width], &share.names()[place % width]);
                refuse(
                    RULES,
                    format!("profit `{profit}`, share `{share}`"),
                    "it has no decision; list it among the cells",
                )
            })
        };
        let decisions = decisions.into_iter().enumerate().map(decided).collect::<Result<_>>()?;
        let features = [Feature::points("profit_score", MOST_PROFIT), Feature::share("share")];
        let features = features.map(|feature| feature.with_unknown(Unknown::Own)).to_vec();
        let outcomes = ShareMove::ALL.iter().map(|decision| decision.name().to_owned()).collect();
        Ok(Self { spec, profit, share, decisions, features, outcomes })
    }

    /// The table as it is written.
    pub fn spec(&self) -> &ShareDecisionSpec {
        &self.spec
    }

    /// What to do about an account; `None` where its profit score or share is unknown. Nothing is checked here: tables of
    /// many accounts ([`Columns`](crate::Columns)) are.
    pub fn decide(&self, profit_score: f64, share: f64) -> Option<ShareMove> {
        let (profit, share) = (self.profit.find(profit_score)?, self.share.find(share)?);
        Some(self.decisions[profit * self.share.names().len() + share])
    }
}

impl Assign for ShareDecision {
    fn features(&self) -> &[Feature] {
        &self.features
    }

    fn outcomes(&self) -> &[String] {
        &self.outcomes
    }

    fn is_ordered(&self) -> bool {
        false
    }

    fn assign_row(&self, row: &[f64]) -> Option<usize> {
        self.decide(row[0], row[1]).map(|decision| decision as usize)
    }
}

impl Saved for ShareDecision {
    const KIND: &'static str = "share_decision";

    fn as_assign(&self) -> Option<&dyn Assign> {
        Some(self)
    }
}

impl TryFrom<ShareDecisionSpec> for ShareDecision {
    type Error = Error;

    fn try_from(spec: ShareDecisionSpec) -> Result<Self> {
        Self::new(spec)
    }
}

impl From<ShareDecision> for ShareDecisionSpec {
    fn from(table: ShareDecision) -> Self {
        table.spec
    }
}

/// Refuses bands of which one begins above what a profit score can be.
fn check_profit(bands: &[Band]) -> Result<()> {
    match bands.iter().filter_map(|band| band.from).find(|&from| from > f64::from(MOST_PROFIT)) {
        None => Ok(()),
        Some(from) => {
            let reason = format!("one begins at {from}, and a profit score is {MOST_PROFIT} at most; lower it");
            Err(Error::InvalidBands { what: "the profit score".into(), reason })
        }
    }
}

/// The table that ships with the library. The source (001) raises the share of two accounts with high profit scores and
/// controls that of one with a low score; **the bands, and all cells beyond that, are inferred**.
pub fn share_decision() -> ShareDecision {
    match model::load(include_str!("share_decision.json")) {
        Ok(table) => table,
        Err(error) => unreachable!("the table that ships is tested: {error}"),
    }
}
