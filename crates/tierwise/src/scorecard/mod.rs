//! A card: questions, answers, points, and — where it grades — bands and prerequisites.
//!
//! The score is `initial` plus the points of each characteristic and then of each pair, added in the order of the card. Cards written by
//! experts and cards learned from outcomes are the same thing here.

mod characteristic;
mod compile;
mod compile_pair;
mod extreme;
mod pair;
mod points_scale;
mod prerequisite;

pub use characteristic::{Attribute, Characteristic, Condition, PerUnit};
pub use pair::PairCharacteristic;
pub use points_scale::{PointsScale, ScaledCard};
pub use prerequisite::{Correction, CorrectionRow, Prerequisite, WhileUnknown};

pub(crate) use compile::Compiled;
pub(crate) use prerequisite::{Corrections, NONE, UnmetColumns};

use crate::feature::{check_features, position};
use crate::model::Saved;
use crate::sum::{IsSum, Part, Sum};
use crate::{Assign, Bands, Error, Explain, Feature, Record, Result, Score, Term};
use compile::Place;
use compile_pair::{CompiledPair, compile_pair};
use extreme::extreme;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A card as it is written: plain data, the content of its model file. [`Scorecard::new`] checks it.
///
/// ```
/// use tierwise::scorecard::{CardSpec, Characteristic, Condition, Correction, Prerequisite, Scorecard};
/// use tierwise::{Bands, Feature, Score};
/// let card = Scorecard::new(CardSpec {
///     name: "inbound leads".into(),
///     features: vec![Feature::yes_no("asked_for_a_visit"), Feature::number("visits"), Feature::yes_no("met_key_person")],
///     characteristics: vec![
///         Characteristic::yes("asked_for_a_visit", 40.0),
///         Characteristic::new("visits", "visits").per_unit(15.0, 4.0),
///     ],
///     grades: Some(Bands::falling("grades", &["A", "B", "C"], &[70.0, 40.0])?),
///     prerequisites: vec![Prerequisite::new("met_key_person", Condition::Yes).correct(Correction::CapAt("C".into()))],
///     ..CardSpec::default()
/// })?;
/// assert_eq!(card.score_row(&[1.0, 3.0, 1.0]), 40.0 + 45.0);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardSpec {
    /// The name of the card.
    pub name: String,
    /// What it says in words, for people: its source, and which parts of it are inferred.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What must be known of a customer, in the order of a row.
    pub features: Vec<Feature>,
    /// What the sum starts from.
    #[serde(default)]
    pub initial: f64,
    /// The points that reason codes are measured from, for characteristics that state none of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<f64>,
    /// The questions, in the order in which their points are added.
    pub characteristics: Vec<Characteristic>,
    /// The questions about two features at once, whose points are added after those of the characteristics.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<PairCharacteristic>,
    /// The bands of the score, best first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grades: Option<Bands>,
    /// What a grade needs, in the order in which corrections apply.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prerequisites: Vec<Prerequisite>,
    /// Corrections by the set of unmet prerequisites, instead of one by one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub correction_table: Vec<CorrectionRow>,
}

/// A checked card, ready to score, explain and grade.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "CardSpec", into = "CardSpec")]
pub struct Scorecard {
    spec: CardSpec,
    terms: Vec<Term>,
    compiled: Vec<Compiled>,
    pairs: Vec<CompiledPair>,
    sum: Sum,
    /// The same sum in which an unknown answer earns the most, or the least, that any answer earns.
    best: Sum,
    worst: Sum,
    /// The same terms with the position of the answer among the term's labels in the place of its points.
    answers: Sum,
    corrections: Option<Corrections>,
}

impl Scorecard {
    /// Checks a card and makes it ready.
    ///
    /// # Errors
    /// [`Error::DuplicateFeature`], [`Error::InvalidFeature`], [`Error::UnknownFeature`] for a question or prerequisite
    /// about no feature, [`Error::InvalidBands`] when the grades do not cover every attainable score, and
    /// [`Error::InvalidScorecard`] for the rest: it names the place and says how to mend it.
    pub fn new(spec: CardSpec) -> Result<Self> {
        check_features(&spec.features)?;
        check_names(&spec)?;
        let (compiled, pairs) = (compile_all(&spec)?, compile_pairs(&spec)?);
        let sum = Sum::new(spec.initial, compiled.iter().map(|one| one.part.clone()).collect());
        let sum = sum.with_pairs(pairs.iter().map(|one| one.pair.clone()).collect());
        check_sum_is_finite(&sum)?;
        let card = Self {
            terms: terms(&spec, &sum),
            best: extreme(&sum, &compiled, &pairs, f64::max),
            worst: extreme(&sum, &compiled, &pairs, f64::min),
            answers: answers(&compiled, &pairs),
            corrections: compile_corrections(&spec)?,
            compiled,
            pairs,
            sum,
            spec,
        };
        card.check_answers_can_be_numbered()?;
        card.check_features_used()?;
        card.check_grades_cover()?;
        Ok(card)
    }

    /// The card as it is written.
    pub fn spec(&self) -> &CardSpec {
        &self.spec
    }

    /// The name of the card.
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    /// What must be known of a customer, in the order of a row.
    pub fn features(&self) -> &[Feature] {
        &self.spec.features
    }

    /// An empty record of a customer, to be filled in by name.
    pub fn record(&self) -> Record<'_> {
        Record::new(&self.spec.features)
    }

    /// The grades, best first, if the card grades.
    pub fn grades(&self) -> Option<&Bands> {
        self.spec.grades.as_ref()
    }

    /// The prerequisites, in the order in which they correct.
    pub fn prerequisites(&self) -> &[Prerequisite] {
        &self.spec.prerequisites
    }

    /// The lowest and highest score that any customer can get. On a card with pairs these are bounds that may not be
    /// attained: the answer that earns most in one pair need not be the one that earns most elsewhere.
    pub fn range(&self) -> (f64, f64) {
        let unknown = vec![f64::NAN; self.spec.features.len()];
        (self.worst.row(&unknown), self.best.row(&unknown))
    }

    /// The groups in the order in which they first occur, each with the positions of its terms: characteristics, and
    /// after them pairs.
    pub fn groups(&self) -> Vec<(&str, Vec<usize>)> {
        let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
        let of_characteristics = self.spec.characteristics.iter().map(|one| one.group.as_deref());
        let of_pairs = self.spec.pairs.iter().map(|one| one.group.as_deref());
        for (index, group) in of_characteristics.chain(of_pairs).enumerate() {
            let Some(name) = group else { continue };
            match groups.iter_mut().find(|(known, _)| *known == name) {
                Some((_, terms)) => terms.push(index),
                None => groups.push((name, vec![index])),
            }
        }
        groups
    }

    pub(crate) fn terms(&self) -> &[Term] {
        &self.terms
    }

    pub(crate) fn sum(&self) -> &Sum {
        &self.sum
    }

    pub(crate) fn best(&self) -> &Sum {
        &self.best
    }

    pub(crate) fn worst(&self) -> &Sum {
        &self.worst
    }

    pub(crate) fn answers(&self) -> &Sum {
        &self.answers
    }

    pub(crate) fn compiled(&self) -> &[Compiled] {
        &self.compiled
    }

    /// The labels of the answers of a term.
    pub(crate) fn labels(&self, term: usize) -> &[String] {
        match self.compiled.get(term) {
            Some(one) => &one.labels,
            None => &self.pairs[term - self.compiled.len()].labels,
        }
    }

    /// The points from which a term is measured.
    pub(crate) fn neutral(&self, term: usize) -> f64 {
        match self.spec.characteristics.get(term) {
            Some(one) => one.neutral,
            None => self.spec.pairs[term - self.compiled.len()].neutral,
        }
    }

    /// Refuses a card with pairs where only cards without them can be worked on.
    pub(crate) fn check_no_pairs(&self, reason: &str) -> Result<()> {
        check_no_pairs(&self.spec, reason)
    }

    pub(crate) fn corrections(&self) -> Option<&Corrections> {
        self.corrections.as_ref()
    }

    fn check_answers_can_be_numbered(&self) -> Result<()> {
        let answers: usize = (0..self.terms.len()).map(|term| self.labels(term).len()).sum();
        if answers < usize::from(u16::MAX) {
            return Ok(());
        }
        Err(Error::InvalidScorecard {
            place: if self.pairs.is_empty() { "characteristics" } else { "pairs" }.into(),
            reason: format!(
                "{answers} answers in all, cells of pairs among them, are more than the {} that a card can have",
                u16::MAX - 1
            ),
        })
    }

    fn check_features_used(&self) -> Result<()> {
        let asked = self.terms.iter().flat_map(|term| term.features.iter().copied());
        let used: BTreeSet<usize> = asked.chain(self.corrections.iter().flat_map(Corrections::features)).collect();
        match (0..self.spec.features.len()).find(|index| !used.contains(index)) {
            None => Ok(()),
            Some(index) => Err(Error::InvalidScorecard {
                place: format!("feature `{}`", self.spec.features[index].name()),
                reason: "no characteristic, no pair and no prerequisite asks about it; remove it".into(),
            }),
        }
    }

    fn check_grades_cover(&self) -> Result<()> {
        let Some(grades) = &self.spec.grades else { return Ok(()) };
        let (lowest, highest) = self.range();
        let (from, to) = grades.range();
        let refuse = |reason| Err(Error::InvalidBands { what: "grades".into(), reason });
        if !grades.best_is_highest() {
            return refuse(
                "a higher score must not get a worse grade; list the grades from the highest score down".into(),
            );
        }
        if lowest < from || highest > to {
            return refuse(format!(
                "scores run from {lowest} to {highest}, but the grades only from {from} to {to}; widen the outer grades or leave their edges open"
            ));
        }
        Ok(())
    }
}

/// Cards are equal when they are written alike: all else follows from that, and holds NaN where unknown is refused.
impl PartialEq for Scorecard {
    fn eq(&self, other: &Self) -> bool {
        self.spec == other.spec
    }
}

impl TryFrom<CardSpec> for Scorecard {
    type Error = Error;

    fn try_from(spec: CardSpec) -> Result<Self> {
        Self::new(spec)
    }
}

impl From<Scorecard> for CardSpec {
    fn from(card: Scorecard) -> Self {
        card.spec
    }
}

impl IsSum for Scorecard {
    fn as_sum(&self) -> (&[Feature], &[Term], &Sum) {
        (&self.spec.features, &self.terms, &self.sum)
    }
}

/// The final grade, corrected by prerequisites; a card without grades has no outcomes and assigns none.
impl Assign for Scorecard {
    fn features(&self) -> &[Feature] {
        &self.spec.features
    }

    fn outcomes(&self) -> &[String] {
        self.spec.grades.as_ref().map_or(&[], Bands::names)
    }

    fn is_ordered(&self) -> bool {
        true
    }

    fn assign_row(&self, row: &[f64]) -> Option<usize> {
        let (grades, corrections) = (self.spec.grades.as_ref()?, self.corrections.as_ref()?);
        let raw = grades.find(self.sum.row(row))?;
        Some(corrections.final_grade(raw, corrections.unmet(row).stated))
    }
}

impl Saved for Scorecard {
    const KIND: &'static str = "scorecard";

    fn as_score(&self) -> Option<&dyn Score> {
        Some(self)
    }

    fn as_explain(&self) -> Option<&dyn Explain> {
        Some(self)
    }

    fn as_assign(&self) -> Option<&dyn Assign> {
        self.spec.grades.is_some().then_some(self as &dyn Assign)
    }
}

fn check_names(spec: &CardSpec) -> Result<()> {
    let refuse =
        |place: &str, reason: &str| Err(Error::InvalidScorecard { place: place.into(), reason: reason.into() });
    if spec.characteristics.is_empty() && spec.pairs.is_empty() {
        return refuse("characteristics", "there is none; a card needs at least one, or a pair");
    }
    if !spec.initial.is_finite() {
        return refuse("initial", "the initial score must be finite");
    }
    if spec.baseline.is_some_and(|points| !points.is_finite()) {
        return refuse("baseline", "the baseline must be finite");
    }
    let characteristics = spec.characteristics.iter().map(|one| ("characteristic", &one.name));
    let pairs = spec.pairs.iter().map(|one| ("pair", &one.name));
    let prerequisites = spec.prerequisites.iter().map(|one| ("prerequisite", &one.name));
    let mut seen = BTreeSet::new();
    for (what, name) in characteristics.chain(pairs).chain(prerequisites) {
        if name.trim().is_empty() {
            return refuse(&format!("{what}s"), "one of them has no name");
        }
        // Terms share their names, since explanations show them side by side.
        if !seen.insert((what == "prerequisite", name)) {
            return refuse(&format!("{what} `{name}`"), "the name is used twice; names must be unique");
        }
    }
    Ok(())
}

/// A sum that overflows on the way is no score, whatever is subtracted later.
fn check_sum_is_finite(sum: &Sum) -> Result<()> {
    if sum.largest().is_finite() {
        return Ok(());
    }
    Err(Error::InvalidScorecard {
        place: "characteristics".into(),
        reason: "the points add up to more than a number can hold; make them smaller".into(),
    })
}

fn compile_all(spec: &CardSpec) -> Result<Vec<Compiled>> {
    let compile_one = |characteristic: &Characteristic| {
        let place = format!("characteristic `{}`", characteristic.name);
        let index = position(&spec.features, &characteristic.feature, &place)?;
        compile::compile(characteristic, Place::attributes_of(&place), index, &spec.features[index])
    };
    spec.characteristics.iter().map(compile_one).collect()
}

fn compile_pairs(spec: &CardSpec) -> Result<Vec<CompiledPair>> {
    spec.pairs.iter().map(|one| compile_pair(one, &spec.features)).collect()
}

fn terms(spec: &CardSpec, sum: &Sum) -> Vec<Term> {
    let of_parts = spec.characteristics.iter().zip(sum.parts());
    let of_parts = of_parts.map(|(one, part)| Term { name: one.name.clone(), features: vec![part.feature] });
    let of_pairs = spec.pairs.iter().zip(sum.pairs());
    let of_pairs = of_pairs.map(|(one, pair)| Term { name: one.name.clone(), features: pair.features.to_vec() });
    of_parts.chain(of_pairs).collect()
}

fn answers(compiled: &[Compiled], pairs: &[CompiledPair]) -> Sum {
    let parts: Vec<Part> = compiled.iter().map(|one| one.answers.clone()).collect();
    Sum::new(0.0, parts).with_pairs(pairs.iter().map(CompiledPair::answers).collect())
}

/// Refuses a card with pairs where only cards without them can be worked on; `reason` says why and what to do.
pub(crate) fn check_no_pairs(spec: &CardSpec, reason: &str) -> Result<()> {
    if spec.pairs.is_empty() {
        return Ok(());
    }
    Err(Error::InvalidScorecard { place: "pairs".into(), reason: reason.into() })
}

fn compile_corrections(spec: &CardSpec) -> Result<Option<Corrections>> {
    match &spec.grades {
        Some(grades) => Corrections::new(&spec.prerequisites, &spec.correction_table, grades, &spec.features).map(Some),
        None if spec.prerequisites.is_empty() && spec.correction_table.is_empty() => Ok(None),
        None => Err(Error::InvalidScorecard {
            place: "grades".into(),
            reason: "prerequisites correct grades, but the card has none; add `grades`".into(),
        }),
    }
}
