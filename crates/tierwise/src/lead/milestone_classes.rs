//! Classes of leads by milestones: the best class that the facts prove, and the best that they leave possible.

use super::milestone_rule::{DEEPEST, Fault, MOST_WAYS, MilestoneRule, Way, can_avoid, ways};
use crate::model::Saved;
use crate::score::check_bound;
use crate::{Assign, Columns, Error, Feature, Record, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The parts of [`MilestoneClasses`], to be read, edited and checked again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MilestoneSpec {
    /// The name of the scheme.
    pub name: String,
    /// Words for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The facts, each yes, no or unknown; at most [`MilestoneClasses::MOST_MILESTONES`].
    pub milestones: Vec<String>,
    /// The classes, best first: the first whose rule holds is the lead's.
    pub classes: Vec<MilestoneClass>,
    /// The name of the last class, for leads that prove none of the others.
    pub otherwise: String,
}

/// One class and what it asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MilestoneClass {
    /// Its name.
    pub name: String,
    /// What it asks of the milestones.
    pub when: MilestoneRule,
    /// Words for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What of it does not stand in its source, and why it is so here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inferred: Option<String>,
}

/// Classes of leads by milestones, best first.
///
/// Classes are tested from the best down, and the first whose rule holds is the lead's. An unknown fact is never read
/// as no: the **class** is the best that the known facts prove, the **best class** the best that they leave possible,
/// and the truth lies between the two, both included. The best class is attained by some answer to what is unknown; so
/// is the class, unless a rule asks for a milestone *not* to be reached.
///
/// As an [`Assign`] it gives the proven class.
///
/// ```
/// use tierwise::lead;
/// let classes = lead::schiffman();
/// let mut lead = classes.record();
/// lead.set("agreed_next_step", true)?.set("sound_proposal_given", true)?.set("next_plan_fixed", false)?;
/// lead.set("verbal_consent", false)?.set("contract_being_drafted", false)?.set("closed", false)?;
/// let found = classes.classify(&lead)?;
/// assert_eq!((found.class, found.best_class), ("25%", "25%")); // 50% wants the next plan fixed
/// assert_eq!(found.held_by, ["agreed_next_step"]);
/// assert_eq!(found.next_class, Some("50%"));
/// assert_eq!(found.missing, ["price_or_budget_discussed_with_key_person", "next_plan_fixed"]);
/// assert_eq!(found.unknown, ["price_or_budget_discussed_with_key_person"]); // ask about this, work on the other
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "MilestoneSpec", into = "MilestoneSpec")]
pub struct MilestoneClasses {
    spec: MilestoneSpec,
    features: Vec<Feature>,
    /// One per class, `otherwise` last.
    names: Vec<String>,
    /// The ways to reach each class; none for the last.
    ways: Vec<Vec<Way>>,
}

/// What the milestones of one lead say.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Classified<'c> {
    /// The best class that the known facts prove.
    pub class: &'c str,
    /// The best class that they leave possible.
    pub best_class: &'c str,
    /// The facts that hold the class, `not …` for one that must not be so; none for the last class.
    pub held_by: Vec<String>,
    /// The class above the proven one; `None` at the top.
    pub next_class: Option<&'c str>,
    /// What is not yet proven of the next class, along the way that needs the fewest further facts; ties go to the way
    /// named first in the rule.
    pub missing: Vec<String>,
    /// Those of `missing` that are unknown, and so may hold already.
    pub unknown: Vec<String>,
}

/// What the milestones of every row of a table say. Classes are positions, best first.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ClassifiedColumns {
    /// The proven classes.
    pub class: Vec<u8>,
    /// The best possible classes.
    pub best_class: Vec<u8>,
    /// The classes above the proven ones; [`ClassifiedColumns::NONE`] at the top.
    pub next_class: Vec<u8>,
    /// What holds the class, as a position in `labels`.
    pub held_by: Vec<u32>,
    /// What is missing for the next class, as a position in `labels`.
    pub missing: Vec<u32>,
    /// What of it is unknown, as a position in `labels`.
    pub unknown: Vec<u32>,
    /// Lists of facts, separated by commas; the first is empty.
    pub labels: Vec<String>,
}

impl ClassifiedColumns {
    /// Stands for "no next class".
    pub const NONE: u8 = u8::MAX;
}

/// Class, best class, and what holds and what misses, as positions.
struct Found {
    class: usize,
    best: usize,
    held_by: Way,
    missing: Way,
    unknown: Way,
}

impl MilestoneClasses {
    /// The most milestones of one scheme.
    pub const MOST_MILESTONES: usize = 20;
    /// The most classes of one scheme, with the last.
    pub const MOST_CLASSES: usize = 32;

    /// Checks a scheme.
    ///
    /// # Errors
    /// [`Error::InvalidRules`] names the class or milestone: no class, too many, names that are empty or occur twice,
    /// a rule that names a milestone that is not listed, a milestone that no rule names, an empty list, more than 8
    /// nested lists or 64 ways to one class, a rule that contradicts itself, and a class that no lead can be in because
    /// a better one always holds.
    pub fn new(spec: MilestoneSpec) -> Result<Self> {
        let mut names: Vec<String> = spec.classes.iter().map(|class| class.name.clone()).collect();
        names.push(spec.otherwise.clone());
        check_names(&spec, "class", &names, Self::MOST_CLASSES)?;
        check_names(&spec, "milestone", &spec.milestones, Self::MOST_MILESTONES)?;
        if spec.classes.is_empty() {
            return Err(invalid(&spec, "classes", "there is none; add at least one class with a rule"));
        }
        let mut all = Vec::new();
        for class in &spec.classes {
            let ways = ways_of(&spec, class)?;
            check_reachable(&spec, &class.name, &ways, &all)?;
            all.push(ways);
        }
        check_reachable(&spec, &spec.otherwise, &[Way { yes: 0, no: 0 }], &all)?;
        all.push(Vec::new());
        check_used(&spec, &all)?;
        let features = spec.milestones.iter().map(Feature::yes_no).collect();
        Ok(Self { spec, features, names, ways: all })
    }

    /// The scheme as it was built.
    pub fn spec(&self) -> &MilestoneSpec {
        &self.spec
    }

    /// The milestones as features.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The names of the classes, best first.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// A lead of which nothing is known yet.
    pub fn record(&self) -> Record<'_> {
        Record::new(&self.features)
    }

    /// The class of one lead, with its reasons.
    ///
    /// # Errors
    /// [`Error::WrongLength`] when the record was made for other features.
    pub fn classify(&self, record: &Record<'_>) -> Result<Classified<'_>> {
        record.check(&self.features)?;
        let found = self.find(known(record.values()));
        Ok(Classified {
            class: &self.names[found.class],
            best_class: &self.names[found.best],
            held_by: self.facts(found.held_by),
            next_class: found.class.checked_sub(1).map(|next| self.names[next].as_str()),
            missing: self.facts(found.missing),
            unknown: self.facts(found.unknown),
        })
    }

    /// The classes of a table, with their reasons; the same as one by one.
    ///
    /// # Errors
    /// [`Error::WrongLength`] when the columns are bound to other features.
    pub fn classify_columns(&self, columns: &Columns<'_>) -> Result<ClassifiedColumns> {
        check_bound(&self.features, columns)?;
        let mut result = ClassifiedColumns { labels: vec![String::new()], ..ClassifiedColumns::default() };
        let mut places = BTreeMap::from([((0, 0), 0_u32)]);
        let mut row = vec![0.0; self.features.len()];
        for index in 0..columns.rows() {
            columns.row_into(index, &mut row);
            let found = self.find(known(&row));
            let mut place = |way: Way| {
                *places.entry((way.yes, way.no)).or_insert_with(|| {
                    result.labels.push(self.facts(way).join(", "));
                    result.labels.len() as u32 - 1
                })
            };
            result.held_by.push(place(found.held_by));
            result.missing.push(place(found.missing));
            result.unknown.push(place(found.unknown));
            result.class.push(found.class as u8);
            result.best_class.push(found.best as u8);
            result.next_class.push(found.class.checked_sub(1).map_or(ClassifiedColumns::NONE, |next| next as u8));
        }
        Ok(result)
    }

    fn find(&self, known: Way) -> Found {
        let last = self.names.len() - 1;
        let first =
            |test: &dyn Fn(&Way) -> bool| self.ways.iter().position(|ways| ways.iter().any(test)).unwrap_or(last);
        let class = first(&|way| way.is_proven(known));
        let best = first(&|way| way.is_possible(known));
        let held_by = self.ways[class].iter().find(|way| way.is_proven(known)).copied();
        let lacking = |way: &Way| Way { yes: way.yes & !known.yes, no: way.no & !known.no };
        let next = class.checked_sub(1).map(|next| &self.ways[next]).into_iter().flatten();
        let missing = next.map(lacking).min_by_key(|way| way.yes.count_ones() + way.no.count_ones());
        let missing = missing.unwrap_or(Way { yes: 0, no: 0 });
        let unknown = Way { yes: missing.yes & !known.no, no: missing.no & !known.yes };
        Found { class, best, held_by: held_by.unwrap_or(Way { yes: 0, no: 0 }), missing, unknown }
    }

    fn facts(&self, way: Way) -> Vec<String> {
        let facts = self.spec.milestones.iter().enumerate().filter_map(|(at, name)| {
            let bit = 1 << at;
            let negated = || (way.no & bit != 0).then(|| format!("not {name}"));
            (way.yes & bit != 0).then(|| name.clone()).or_else(negated)
        });
        facts.collect()
    }
}

impl Assign for MilestoneClasses {
    fn features(&self) -> &[Feature] {
        &self.features
    }

    fn outcomes(&self) -> &[String] {
        &self.names
    }

    fn is_ordered(&self) -> bool {
        true
    }

    fn assign_row(&self, row: &[f64]) -> Option<usize> {
        Some(self.find(known(row)).class)
    }
}

impl Saved for MilestoneClasses {
    const KIND: &'static str = "milestone_classes";

    fn as_assign(&self) -> Option<&dyn Assign> {
        Some(self)
    }
}

impl TryFrom<MilestoneSpec> for MilestoneClasses {
    type Error = Error;

    fn try_from(spec: MilestoneSpec) -> Result<Self> {
        Self::new(spec)
    }
}

impl From<MilestoneClasses> for MilestoneSpec {
    fn from(classes: MilestoneClasses) -> Self {
        classes.spec
    }
}

/// What is known of a row; a value that is neither 1 nor 0 is unknown.
fn known(row: &[f64]) -> Way {
    let set = |wanted: f64| row.iter().enumerate().fold(0, |set, (at, &value)| set | u32::from(value == wanted) << at);
    Way { yes: set(1.0), no: set(0.0) }
}

fn ways_of(spec: &MilestoneSpec, class: &MilestoneClass) -> Result<Vec<Way>> {
    let position = |name: &str| spec.milestones.iter().position(|known| known == name).map(|at| at as u32);
    let place = format!("class `{}`", short(&class.name));
    let ways = ways(&class.when, &position).map_err(|fault| {
        let reason = match fault {
            Fault::UnknownMilestone(name) => {
                format!("its rule names `{}`, which is not among the milestones; add it or mend the name", short(&name))
            }
            Fault::Empty => "its rule holds an empty list; name at least one milestone".into(),
            Fault::TooDeep => format!("its rule nests more than {DEEPEST} lists; write it flatter"),
            Fault::TooManyWays => format!("there are more than {MOST_WAYS} ways to reach it; split the class"),
        };
        invalid(spec, &place, &reason)
    })?;
    if ways.is_empty() {
        return Err(invalid(
            spec,
            &place,
            "its rule contradicts itself: it asks that a milestone is reached and is not",
        ));
    }
    Ok(ways)
}

fn check_reachable(spec: &MilestoneSpec, name: &str, ways: &[Way], better: &[Vec<Way>]) -> Result<()> {
    let better: Vec<Way> = better.iter().flatten().copied().collect();
    if ways.iter().any(|&way| can_avoid(way, &better)) {
        return Ok(());
    }
    let reason = "no lead can be in it: whenever it holds, a better class holds, too; drop it or move it up";
    Err(invalid(spec, &format!("class `{}`", short(name)), reason))
}

fn check_used(spec: &MilestoneSpec, ways: &[Vec<Way>]) -> Result<()> {
    let used = ways.iter().flatten().fold(0, |used, way| used | way.yes | way.no);
    match spec.milestones.iter().enumerate().find(|(at, _)| used & (1 << at) == 0) {
        None => Ok(()),
        Some((_, name)) => {
            let place = format!("milestone `{}`", short(name));
            Err(invalid(spec, &place, "no class depends on it; use it in a rule or drop it"))
        }
    }
}

fn check_names(spec: &MilestoneSpec, what: &str, names: &[String], most: usize) -> Result<()> {
    if names.len() > most {
        return Err(invalid(spec, what, &format!("there are {}, and at most {most} are allowed", names.len())));
    }
    for (index, name) in names.iter().enumerate() {
        if name.trim().is_empty() {
            return Err(invalid(spec, &format!("{what} {}", index + 1), "its name is empty; give it one"));
        }
        if names[..index].contains(name) {
            let place = format!("{what} `{}`", short(name));
            return Err(invalid(spec, &place, "it is listed twice; names must be unique"));
        }
    }
    Ok(())
}

fn invalid(spec: &MilestoneSpec, place: &str, reason: &str) -> Error {
    let rules = format!("the milestone classes `{}`", short(&spec.name));
    Error::InvalidRules { rules, place: place.to_owned(), reason: reason.to_owned() }
}

/// A name as a message shows it.
fn short(name: &str) -> String {
    const SHOWN: usize = 60;
    match name.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}
