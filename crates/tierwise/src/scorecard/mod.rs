//! A card: questions, answers, points, and — where it grades — bands and prerequisites.
//!
//! The score is `initial` plus the points of each characteristic, added in the order of the card. Cards written by
//! experts and cards learned from outcomes are the same thing here.

mod characteristic;
mod compile;
mod points_scale;
mod prerequisite;

pub use characteristic::{Attribute, Characteristic, Condition, PerUnit};
pub use points_scale::{PointsScale, ScaledCard};
pub use prerequisite::{Correction, CorrectionRow, Prerequisite, WhileUnknown};

pub(crate) use compile::Compiled;
pub(crate) use prerequisite::{Corrections, NONE, UnmetColumns};

use crate::feature::{check_features, position};
use crate::model::Saved;
use crate::sum::{IsSum, Sum};
use crate::{Assign, Bands, Error, Explain, Feature, Record, Result, Score, Term};
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
    sum: Sum,
    /// The same sum in which an unknown answer earns the most, or the least, that any answer earns.
    best: Sum,
    worst: Sum,
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
        let compiled = compile_all(&spec)?;
        check_sum_is_finite(spec.initial, &compiled)?;
        let parts = |unknowns: Vec<f64>| {
            let with_unknown = compiled.iter().zip(unknowns).map(|(one, unknown)| {
                let mut part = one.part.clone();
                part.unknown = unknown;
                part
            });
            Sum::new(spec.initial, with_unknown.collect())
        };
        let stated = compiled.iter().map(|one| one.part.unknown).collect();
        let (sum, best, worst) =
            (parts(stated), parts(extreme_points(&compiled, f64::max)), parts(extreme_points(&compiled, f64::min)));
        let corrections = compile_corrections(&spec)?;
        let terms = spec.characteristics.iter().zip(&compiled);
        let terms = terms.map(|(one, compiled)| Term { name: one.name.clone(), features: vec![compiled.part.feature] });
        let card = Self { terms: terms.collect(), compiled, sum, best, worst, corrections, spec };
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

    /// The lowest and highest score that any customer can get.
    pub fn range(&self) -> (f64, f64) {
        let unknown = vec![f64::NAN; self.spec.features.len()];
        (self.worst.row(&unknown), self.best.row(&unknown))
    }

    /// The groups in the order in which they first occur, each with the positions of its terms.
    pub fn groups(&self) -> Vec<(&str, Vec<usize>)> {
        let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
        for (index, characteristic) in self.spec.characteristics.iter().enumerate() {
            let Some(name) = characteristic.group.as_deref() else { continue };
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

    pub(crate) fn compiled(&self) -> &[Compiled] {
        &self.compiled
    }

    pub(crate) fn corrections(&self) -> Option<&Corrections> {
        self.corrections.as_ref()
    }

    fn check_answers_can_be_numbered(&self) -> Result<()> {
        let answers: usize = self.compiled.iter().map(|one| one.labels.len()).sum();
        if answers < usize::from(u16::MAX) {
            return Ok(());
        }
        Err(Error::InvalidScorecard {
            place: "characteristics".into(),
            reason: format!("{answers} answers in all are more than the {} that a card can have", u16::MAX - 1),
        })
    }

    fn check_features_used(&self) -> Result<()> {
        let asked = self.compiled.iter().map(|one| one.part.feature);
        let used: BTreeSet<usize> = asked.chain(self.corrections.iter().flat_map(Corrections::features)).collect();
        match (0..self.spec.features.len()).find(|index| !used.contains(index)) {
            None => Ok(()),
            Some(index) => Err(Error::InvalidScorecard {
                place: format!("feature `{}`", self.spec.features[index].name()),
                reason: "no characteristic and no prerequisite asks about it; remove it".into(),
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
    if spec.characteristics.is_empty() {
        return refuse("characteristics", "there is none; a card needs at least one");
    }
    if !spec.initial.is_finite() {
        return refuse("initial", "the initial score must be finite");
    }
    if spec.baseline.is_some_and(|points| !points.is_finite()) {
        return refuse("baseline", "the baseline must be finite");
    }
    let characteristics = spec.characteristics.iter().map(|one| ("characteristic", &one.name));
    let prerequisites = spec.prerequisites.iter().map(|one| ("prerequisite", &one.name));
    let mut seen = BTreeSet::new();
    for (what, name) in characteristics.chain(prerequisites) {
        if name.trim().is_empty() {
            return refuse(&format!("{what}s"), "one of them has no name");
        }
        if !seen.insert((what, name)) {
            return refuse(&format!("{what} `{name}`"), "the name is used twice; names must be unique");
        }
    }
    Ok(())
}

/// A sum that overflows on the way is no score, whatever is subtracted later.
fn check_sum_is_finite(initial: f64, compiled: &[Compiled]) -> Result<()> {
    let largest = compiled.iter().map(|one| one.part.largest()).fold(initial.abs(), |sum, points| sum + points);
    if largest.is_finite() {
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
        compile::compile(characteristic, index, &spec.features[index])
    };
    spec.characteristics.iter().map(compile_one).collect()
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

/// For each part the points of the answer that is best (or worst) for the whole card: questions about the same
/// feature get the same answer. "Still unknown" is an answer too, so that the stated score always lies between.
fn extreme_points(compiled: &[Compiled], better: fn(f64, f64) -> f64) -> Vec<f64> {
    let total = |feature: usize, value: f64| -> f64 {
        compiled.iter().filter(|one| one.part.feature == feature).map(|one| one.part.points(value)).sum()
    };
    let extreme_answer = |feature: usize| {
        let related = compiled.iter().filter(|one| one.part.feature == feature);
        // Just below a cut of one question another one, in proportion to the number, may earn most.
        let known = related.flat_map(|one| &one.representatives).flat_map(|&value| [value, value.next_down()]);
        let answers = known.chain([f64::NAN]);
        let scored = answers.map(|answer| (answer, total(feature, answer))).filter(|(_, total)| !total.is_nan());
        scored.reduce(|kept, next| if kept.1 == next.1 || better(kept.1, next.1) == kept.1 { kept } else { next })
    };
    let points = |one: &Compiled| {
        let answer = extreme_answer(one.part.feature).map_or(f64::NAN, |(answer, _)| answer);
        one.part.points(answer)
    };
    compiled.iter().map(points).collect()
}
