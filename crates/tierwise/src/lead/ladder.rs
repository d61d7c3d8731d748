//! Grade arithmetic: a ladder of grades, steps up and down, and cards whose criteria are steps.

use crate::model::Saved;
use crate::scorecard::{CardSpec, Characteristic, Condition, Scorecard};
use crate::sum::{IsSum, Sum};
use crate::{Assign, Bands, Error, Explain, Feature, Result, Score, Term, Unknown};
use serde::{Deserialize, Serialize};

/// Grades in order, from the lowest to the highest rung, and the rung on which a lead starts.
///
/// ```
/// use tierwise::lead::Ladder;
/// let ladder = Ladder::thirds();
/// assert_eq!(ladder.start(), "D");
/// assert_eq!(ladder.distance("D", "A+")?, 10);
/// assert_eq!(ladder.step("D", 3)?, "C");
/// assert_eq!(ladder.step("B+", -100)?, "F"); // the ends hold
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Rungs", into = "Rungs")]
pub struct Ladder {
    rungs: Vec<String>,
    start: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rungs {
    rungs: Vec<String>,
    start: String,
}

impl Ladder {
    /// A ladder; `rungs` from the lowest to the highest.
    ///
    /// # Errors
    /// [`Error::InvalidBands`] when there is no rung, or a name is empty or listed twice; [`Error::UnknownName`] when
    /// `start` is no rung.
    pub fn new(rungs: &[impl AsRef<str>], start: &str) -> Result<Self> {
        let rungs: Vec<String> = rungs.iter().map(|rung| rung.as_ref().to_owned()).collect();
        let mut ladder = Self { rungs, start: 0 };
        ladder.bands()?;
        ladder.start = ladder.rung("the start of the ladder", start)?;
        Ok(ladder)
    }

    /// The published ladder of thirds: F, D-, D, D+, ... A-, A, A+, starting at D. Source: the grading of Salesforce's
    /// Account Engagement (Pardot); that F is one rung wide is inferred.
    pub fn thirds() -> Self {
        let letters = ["D", "C", "B", "A"].into_iter();
        let thirds = letters.flat_map(|letter| ["-", "", "+"].map(|third| format!("{letter}{third}")));
        Self { rungs: ["F".to_owned()].into_iter().chain(thirds).collect(), start: 2 }
    }

    /// The rungs, from the lowest to the highest.
    pub fn rungs(&self) -> &[String] {
        &self.rungs
    }

    /// The rung on which a lead starts.
    pub fn start(&self) -> &str {
        &self.rungs[self.start]
    }

    /// The rung so many steps above (or, negative, below) another; the ends of the ladder hold.
    ///
    /// # Errors
    /// [`Error::UnknownName`] when `from` is no rung.
    pub fn step(&self, from: &str, steps: i64) -> Result<&str> {
        let from = self.rung("the rung", from)? as i64;
        let top = self.rungs.len() as i64 - 1;
        Ok(&self.rungs[from.saturating_add(steps).clamp(0, top) as usize])
    }

    /// How many steps it is from one rung to another; negative downwards.
    ///
    /// # Errors
    /// [`Error::UnknownName`] when one of them is no rung.
    pub fn distance(&self, from: &str, to: &str) -> Result<i64> {
        Ok(self.rung("the rung", to)? as i64 - self.rung("the rung", from)? as i64)
    }

    fn rung(&self, what: &str, name: &str) -> Result<usize> {
        self.rungs.iter().position(|rung| rung == name).ok_or_else(|| Error::UnknownName {
            what: what.to_owned(),
            row: None,
            name: name.to_owned(),
            known: self.rungs.clone(),
        })
    }

    /// The rungs as bands of their number, best first: rung `k` from `k` on, the lowest and the highest open.
    fn bands(&self) -> Result<Bands> {
        let names: Vec<&String> = self.rungs.iter().rev().collect();
        let cuts: Vec<f64> = (1..self.rungs.len()).rev().map(|rung| rung as f64).collect();
        Bands::falling("the ladder", &names, &cuts)
    }
}

impl TryFrom<Rungs> for Ladder {
    type Error = Error;

    fn try_from(Rungs { rungs, start }: Rungs) -> Result<Self> {
        Self::new(&rungs, &start)
    }
}

impl From<Ladder> for Rungs {
    fn from(ladder: Ladder) -> Self {
        let start = ladder.start().to_owned();
        Self { rungs: ladder.rungs, start }
    }
}

/// One criterion: steps up when it is met, down when it is not, none while it is unknown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// The name of the term in explanations; unique within a card.
    pub name: String,
    /// The feature it asks about.
    pub feature: String,
    /// What it says in words, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The values for which it is met.
    pub met_when: Condition,
    /// Steps up when it is met.
    pub up: u32,
    /// Steps down when it is known not to be met.
    #[serde(default)]
    pub down: u32,
}

/// A ladder card as it is written: the content of its model file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LadderSpec {
    /// The name of the card.
    pub name: String,
    /// What it says in words, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What must be known of a customer, in the order of a row.
    pub features: Vec<Feature>,
    /// The ladder.
    pub ladder: Ladder,
    /// The criteria.
    pub criteria: Vec<Criterion>,
}

/// A card whose criteria move a lead up and down a ladder.
///
/// All steps are added, and **only the sum is held at the ends of the ladder**: a lead that would rise above the top and
/// then fall by one ends one below where the sum puts it, whatever the order of the criteria. (Sources do not say when
/// the ends hold; this is inferred.) The score is the number of the rung before that, the lowest rung being 0; it may
/// lie outside the ladder, and its explanation is the steps of each criterion from the start.
///
/// ```
/// use tierwise::lead::{Criterion, Ladder, LadderCard, LadderSpec};
/// use tierwise::{Assign, Explain, Feature, Score, scorecard::Condition};
/// let criterion = |name: &str, met_when| {
///     Criterion { name: name.into(), feature: name.into(), description: String::new(), met_when, up: 3, down: 1 }
/// };
/// let card = LadderCard::new(LadderSpec {
///     name: "fit".into(),
///     notes: vec![],
///     features: vec![Feature::yes_no("decides"), Feature::number("employees")],
///     ladder: Ladder::thirds(),
///     criteria: vec![criterion("decides", Condition::Yes), criterion("employees", Condition::at_least(50.0))],
/// })?;
/// let grade = |row: &[f64]| card.outcomes()[card.assign_row(row).unwrap()].clone();
/// assert_eq!(grade(&[1.0, f64::NAN]), "C"); // three up, unknown moves nothing
/// assert_eq!(grade(&[0.0, 10.0]), "F");
/// assert_eq!((card.base(), card.score_row(&[1.0, 80.0])), (2.0, 8.0));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "LadderSpec", into = "LadderSpec")]
pub struct LadderCard {
    spec: LadderSpec,
    /// The same as a card whose points are steps.
    card: Scorecard,
}

impl LadderCard {
    /// Checks a ladder card and makes it ready.
    ///
    /// # Errors
    /// Those of [`Scorecard::new`]; [`Error::InvalidScorecard`] for a criterion that is met by `unknown` or `otherwise`.
    pub fn new(spec: LadderSpec) -> Result<Self> {
        let characteristics = spec.criteria.iter().map(|one| one.as_characteristic(&spec.features));
        let card = Scorecard::new(CardSpec {
            name: spec.name.clone(),
            features: spec.features.clone(),
            initial: spec.ladder.start as f64,
            characteristics: characteristics.collect::<Result<_>>()?,
            grades: Some(spec.ladder.bands()?),
            ..CardSpec::default()
        })?;
        Ok(Self { spec, card })
    }

    /// The card as it is written.
    pub fn spec(&self) -> &LadderSpec {
        &self.spec
    }

    /// The ladder.
    pub fn ladder(&self) -> &Ladder {
        &self.spec.ladder
    }
}

impl Criterion {
    fn as_characteristic(&self, features: &[Feature]) -> Result<Characteristic> {
        if matches!(self.met_when, Condition::Unknown | Condition::Otherwise) {
            return Err(Error::InvalidScorecard {
                place: format!("criterion `{}`", self.name),
                reason: format!("`met_when` cannot be `{}`; name the values that meet it", self.met_when.label()),
            });
        }
        let steps = Characteristic::new(&self.name, &self.feature)
            .when(self.met_when.clone(), f64::from(self.up))
            .when(Condition::Otherwise, 0.0 - f64::from(self.down));
        let own = |feature: &Feature| feature.name() == self.feature && feature.unknown() == Unknown::Own;
        Ok(if features.iter().any(own) { steps.when(Condition::Unknown, 0.0) } else { steps })
    }
}

impl PartialEq for LadderCard {
    fn eq(&self, other: &Self) -> bool {
        self.spec == other.spec
    }
}

impl TryFrom<LadderSpec> for LadderCard {
    type Error = Error;

    fn try_from(spec: LadderSpec) -> Result<Self> {
        Self::new(spec)
    }
}

impl From<LadderCard> for LadderSpec {
    fn from(card: LadderCard) -> Self {
        card.spec
    }
}

impl IsSum for LadderCard {
    fn as_sum(&self) -> (&[Feature], &[Term], &Sum) {
        self.card.as_sum()
    }
}

/// The rungs as grades, best first.
impl Assign for LadderCard {
    fn features(&self) -> &[Feature] {
        &self.spec.features
    }

    fn outcomes(&self) -> &[String] {
        self.card.outcomes()
    }

    fn is_ordered(&self) -> bool {
        true
    }

    fn assign_row(&self, row: &[f64]) -> Option<usize> {
        self.card.assign_row(row)
    }
}

impl Saved for LadderCard {
    const KIND: &'static str = "ladder_card";

    fn as_score(&self) -> Option<&dyn Score> {
        Some(self)
    }

    fn as_explain(&self) -> Option<&dyn Explain> {
        Some(self)
    }

    fn as_assign(&self) -> Option<&dyn Assign> {
        Some(self)
    }
}
