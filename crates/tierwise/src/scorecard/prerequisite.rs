//! Prerequisites: facts without which a grade does not hold, and what their absence does to it.
//!
//! The order of corrections: prerequisites are taken **in the order in which the card lists them**, each unmet one
//! changes the grade that the ones before it left. A card may state a table over the set of unmet prerequisites
//! instead; then that row alone decides.
//!
//! Whatever the rule, three laws hold, and a card that breaks one is refused: the final grade is never better than the
//! raw grade; meeting a further prerequisite never makes it worse; a better raw grade never gives a worse final one.

use super::characteristic::Condition;
use super::compile::codes_of;
use crate::feature::position;
use crate::wide::wide;
use crate::{Bands, Error, Feature, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A fact that a grade needs.
///
/// ```
/// use tierwise::scorecard::{Condition, Correction, Prerequisite};
/// let met = Prerequisite::new("met_key_person", Condition::Yes).correct(Correction::CapAt("C".into()));
/// assert_eq!(met.feature, "met_key_person");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prerequisite {
    /// The name shown as the binding prerequisite; unique within a card.
    pub name: String,
    /// The feature that tells whether it is met.
    pub feature: String,
    /// What it says in words, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The values for which it is met.
    pub met_when: Condition,
    /// How the final grade counts it while it is unknown. The best and worst grade, which are bounds, count it as met
    /// and as unmet.
    #[serde(default)]
    pub while_unknown: WhileUnknown,
    /// What its absence does to the grade; left out when the card has a table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction: Option<Correction>,
    /// What about it is inferred and does not come from a source, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inferred: Option<String>,
}

/// How an unknown prerequisite counts in the final grade.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhileUnknown {
    /// As unmet: a prerequisite wants proof.
    #[default]
    Unmet,
    /// As met: only a known absence counts.
    Met,
}

/// What an unmet prerequisite does to a grade.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Correction {
    /// No better than this grade.
    CapAt(String),
    /// So many grades worse, but no worse than the worst.
    NotchDown(usize),
    /// Grade by grade; grades that are not listed stay.
    Replace(BTreeMap<String, String>),
}

/// One row of a table over the set of unmet prerequisites.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectionRow {
    /// The names of exactly those prerequisites that are unmet.
    pub unmet: Vec<String>,
    /// What happens then.
    pub correction: Correction,
}

impl Prerequisite {
    /// A prerequisite that carries the name of its feature, without a correction yet.
    pub fn new(feature: impl Into<String>, met_when: Condition) -> Self {
        let feature = feature.into();
        Self {
            name: feature.clone(),
            feature,
            description: String::new(),
            met_when,
            while_unknown: WhileUnknown::Unmet,
            correction: None,
            inferred: None,
        }
    }

    /// Says what its absence does.
    #[must_use]
    pub fn correct(mut self, correction: Correction) -> Self {
        self.correction = Some(correction);
        self
    }

    /// Says how it counts while unknown.
    #[must_use]
    pub fn while_unknown(mut self, while_unknown: WhileUnknown) -> Self {
        self.while_unknown = while_unknown;
        self
    }
}

/// Which prerequisites a row fails: one bit each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Unmet {
    /// By the stated rule for unknown: decides the final grade.
    pub(crate) stated: usize,
    /// Known to be unmet: the best case.
    pub(crate) best: usize,
    /// Known to be unmet or unknown: the worst case.
    pub(crate) worst: usize,
}

/// Which prerequisites the rows of a block fail: one column per way to count what is unknown, as in [`Unmet`].
#[derive(Debug)]
pub(crate) struct UnmetColumns {
    pub(crate) stated: Vec<u32>,
    pub(crate) best: Vec<u32>,
    pub(crate) worst: Vec<u32>,
}

/// The corrections of a card, worked out for every raw grade and every set of unmet prerequisites.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Corrections {
    tests: Vec<Test>,
    grades: usize,
    /// `final_grades[unmet * grades + raw]`.
    final_grades: Vec<u8>,
    /// The binding prerequisite in the same places; [`NONE`] where the grade stays.
    binding: Vec<u8>,
}

/// The code for "no prerequisite binds" and "no grade".
pub(crate) const NONE: u8 = u8::MAX;

/// With more the table of all combinations would not fit a cache, and nobody could read the card.
const MOST: usize = 12;

#[derive(Debug, Clone, PartialEq)]
struct Test {
    feature: usize,
    codes: Codes,
    met_while_unknown: bool,
}

/// Where a prerequisite is met: a range of numbers and codes of levels, as plain data.
#[derive(Debug, Clone, PartialEq)]
enum Codes {
    Range(f64, f64),
    OneOf(Vec<f64>),
}

impl Corrections {
    pub(crate) fn new(
        prerequisites: &[Prerequisite],
        table: &[CorrectionRow],
        grades: &Bands,
        features: &[Feature],
    ) -> Result<Self> {
        if prerequisites.len() > MOST {
            return Err(refuse(
                "prerequisites",
                format!("{} are more than the {MOST} that a card can have", prerequisites.len()),
            ));
        }
        let count = grades.names().len();
        if count >= usize::from(NONE) {
            return Err(Error::InvalidBands {
                what: "grades".into(),
                reason: format!("{count} grades are more than the {} that a card can have", NONE - 1),
            });
        }
        let tests = prerequisites.iter().map(|one| Test::new(one, features)).collect::<Result<Vec<_>>>()?;
        let rule = Rule::new(prerequisites, table, grades)?;
        let mut corrections = Self { tests, grades: count, final_grades: Vec::new(), binding: Vec::new() };
        for unmet in 0..1usize << prerequisites.len() {
            corrections.final_grades.extend((0..count).map(|raw| rule.apply(raw, unmet) as u8));
        }
        corrections.check_laws(prerequisites, grades)?;
        corrections.find_binding(prerequisites.len());
        Ok(corrections)
    }

    /// The features that prerequisites read.
    pub(crate) fn features(&self) -> impl Iterator<Item = usize> {
        self.tests.iter().map(|test| test.feature)
    }

    #[inline]
    pub(crate) fn unmet(&self, row: &[f64]) -> Unmet {
        let mut unmet = Unmet { stated: 0, best: 0, worst: 0 };
        for (bit, test) in self.tests.iter().enumerate() {
            test.mark(row[test.feature], 1 << bit, &mut unmet);
        }
        unmet
    }

    /// Marks one prerequisite for a block of rows; `values` is its feature's column. Best and worst case are only marked
    /// when a prerequisite `may_be_unknown`; otherwise they are what is stated.
    pub(crate) fn mark_block(
        &self,
        prerequisite: usize,
        values: &[f64],
        may_be_unknown: bool,
        unmet: &mut UnmetColumns,
    ) {
        let test = &self.tests[prerequisite];
        let bit = 1 << prerequisite;
        match &test.codes {
            // Nearly every prerequisite is a fact that must be yes.
            Codes::OneOf(codes) if codes.len() == 1 => {
                let code = codes[0];
                unmet.mark(test, bit, values, may_be_unknown, |value| value == code);
            }
            codes => unmet.mark(test, bit, values, may_be_unknown, |value| codes.contain(value)),
        }
    }

    pub(crate) fn feature_of(&self, prerequisite: usize) -> usize {
        self.tests[prerequisite].feature
    }

    pub(crate) fn len(&self) -> usize {
        self.tests.len()
    }

    #[inline]
    pub(crate) fn final_grade(&self, raw: usize, unmet: usize) -> usize {
        usize::from(self.final_grades[unmet * self.grades + raw])
    }

    /// The final grades of a block.
    pub(crate) fn final_grades(&self, raw: &[u32], unmet: &[u32], places: &mut [u8]) {
        for ((place, &raw), &unmet) in places.iter_mut().zip(raw).zip(unmet) {
            *place = self.final_grades[unmet as usize * self.grades + raw as usize];
        }
    }

    /// The binding prerequisites of a block.
    pub(crate) fn bindings(&self, raw: &[u32], unmet: &[u32], places: &mut [u8]) {
        for ((place, &raw), &unmet) in places.iter_mut().zip(raw).zip(unmet) {
            *place = self.binding[unmet as usize * self.grades + raw as usize];
        }
    }

    /// The prerequisite whose being met would raise the grade most; [`NONE`] when nothing was corrected.
    #[inline]
    pub(crate) fn binding(&self, raw: usize, unmet: usize) -> u8 {
        self.binding[unmet * self.grades + raw]
    }

    fn check_laws(&self, prerequisites: &[Prerequisite], grades: &Bands) -> Result<()> {
        let name = |grade: usize| &grades.names()[grade];
        for unmet in 0..1usize << prerequisites.len() {
            let place = || format!("corrections, with {} unmet", names_of(prerequisites, unmet));
            for raw in 0..self.grades {
                let result = self.final_grade(raw, unmet);
                if result < raw {
                    return Err(refuse(
                        &place(),
                        format!(
                            "raw grade `{}` would become `{}`, which is better; a correction may only lower",
                            name(raw),
                            name(result)
                        ),
                    ));
                }
                if raw > 0 && self.final_grade(raw - 1, unmet) > result {
                    return Err(refuse(
                        &place(),
                        format!("the better raw grade `{}` would end below `{}`", name(raw - 1), name(raw)),
                    ));
                }
                for bit in (0..prerequisites.len()).filter(|bit| unmet & (1 << bit) != 0) {
                    let met = self.final_grade(raw, unmet & !(1 << bit));
                    if met > result {
                        return Err(refuse(
                            &place(),
                            format!(
                                "meeting `{}` as well would make the grade worse: `{}` instead of `{}`",
                                prerequisites[bit].name,
                                name(met),
                                name(result)
                            ),
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    fn find_binding(&mut self, prerequisites: usize) {
        for unmet in 0..1usize << prerequisites {
            for raw in 0..self.grades {
                let binding = if self.final_grade(raw, unmet) == raw { NONE } else { self.most_binding(raw, unmet) };
                self.binding.push(binding);
            }
        }
    }

    /// First the one whose being met gains most; where no single one helps, the one that alone would lower the grade
    /// most; then the one listed first.
    fn most_binding(&self, raw: usize, unmet: usize) -> u8 {
        let rank = |&bit: &u8| {
            let without = self.final_grade(raw, unmet & !(1 << bit));
            let alone = self.final_grade(raw, 1 << bit);
            (without, std::cmp::Reverse(alone), bit)
        };
        (0..self.tests.len() as u8).filter(|bit| unmet & (1 << bit) != 0).min_by_key(rank).unwrap_or(NONE)
    }
}

impl Test {
    fn new(prerequisite: &Prerequisite, features: &[Feature]) -> Result<Self> {
        let place = format!("prerequisite `{}`", prerequisite.name);
        let index = position(features, &prerequisite.feature, &place)?;
        let feature = &features[index];
        if matches!(prerequisite.met_when, Condition::Unknown | Condition::Otherwise) {
            return Err(refuse(
                &place,
                format!("`met_when` cannot be `{}`; name the values that meet it", prerequisite.met_when.label()),
            ));
        }
        let named = codes_of(&prerequisite.met_when, feature, &place)?;
        let codes = match prerequisite.met_when {
            Condition::Range { from, below } => {
                Codes::Range(from.unwrap_or(f64::NEG_INFINITY), below.unwrap_or(f64::INFINITY))
            }
            _ => Codes::OneOf(named),
        };
        Ok(Self { feature: index, codes, met_while_unknown: prerequisite.while_unknown == WhileUnknown::Met })
    }

    #[inline]
    fn mark(&self, value: f64, bit: usize, unmet: &mut Unmet) {
        if value.is_nan() {
            unmet.worst |= bit;
            unmet.stated |= bit * usize::from(!self.met_while_unknown);
        } else if !self.codes.contain(value) {
            unmet.worst |= bit;
            unmet.stated |= bit;
            unmet.best |= bit;
        }
    }
}

impl UnmetColumns {
    /// Room for so many rows, all of which fail nothing.
    pub(crate) fn new(rows: usize) -> Self {
        Self { stated: vec![0; rows], best: vec![0; rows], worst: vec![0; rows] }
    }

    pub(crate) fn forget(&mut self) {
        for column in [&mut self.stated, &mut self.best, &mut self.worst] {
            column.fill(0);
        }
    }

    fn mark(&mut self, test: &Test, bit: u32, values: &[f64], may_be_unknown: bool, met: impl Fn(f64) -> bool) {
        let unmet_while_unknown = u32::from(!test.met_while_unknown);
        let rows = values.iter().zip(&mut self.stated);
        wide(
            #[inline(always)]
            || {
                if !may_be_unknown {
                    for (&value, stated) in rows {
                        *stated |= bit * u32::from(!met(value));
                    }
                    return;
                }
                for (((&value, stated), best), worst) in rows.zip(&mut self.best).zip(&mut self.worst) {
                    let (unmet, known) = (u32::from(!met(value)), u32::from(!value.is_nan()));
                    *stated |= bit * (unmet & (known | unmet_while_unknown));
                    *best |= bit * (unmet & known);
                    *worst |= bit * unmet;
                }
            },
        );
    }
}

impl Codes {
    #[inline]
    fn contain(&self, value: f64) -> bool {
        match self {
            Self::Range(from, below) => value >= *from && (value < *below || *below == f64::INFINITY),
            Self::OneOf(codes) => codes.contains(&value),
        }
    }
}

/// The corrections of a card as functions on grades.
enum Rule {
    InOrder(Vec<Vec<usize>>),
    Table(Vec<Vec<usize>>),
}

impl Rule {
    fn new(prerequisites: &[Prerequisite], table: &[CorrectionRow], grades: &Bands) -> Result<Self> {
        if table.is_empty() {
            let steps = prerequisites.iter().map(|prerequisite| {
                let place = format!("prerequisite `{}`", prerequisite.name);
                let missing = || refuse(&place, "it has no `correction`; add one, or a table for the card".into());
                map_of(prerequisite.correction.as_ref().ok_or_else(missing)?, grades, &place)
            });
            return Ok(Self::InOrder(steps.collect::<Result<_>>()?));
        }
        if let Some(both) = prerequisites.iter().find(|prerequisite| prerequisite.correction.is_some()) {
            let place = format!("prerequisite `{}`", both.name);
            return Err(refuse(
                &place,
                "it has a `correction` of its own, but the card has a table; remove one of the two".into(),
            ));
        }
        let sets = 1usize << prerequisites.len();
        let mut maps: Vec<Option<Vec<usize>>> = vec![None; sets];
        maps[0] = Some((0..grades.names().len()).collect());
        for (index, row) in table.iter().enumerate() {
            let place = format!("correction_table[{index}]");
            let set = set_of(&row.unmet, prerequisites, &place)?;
            if maps[set].is_some() {
                let which = if set == 0 { "no unmet prerequisite" } else { "this set a second time" };
                return Err(refuse(&place, format!("it lists {which}; each non-empty set may stand once")));
            }
            maps[set] = Some(map_of(&row.correction, grades, &place)?);
        }
        let complete = maps.into_iter().enumerate().map(|(set, map)| {
            map.ok_or_else(|| {
                refuse(
                    "correction_table",
                    format!("no row for the unmet set {}; every set needs one", names_of(prerequisites, set)),
                )
            })
        });
        Ok(Self::Table(complete.collect::<Result<_>>()?))
    }

    fn apply(&self, raw: usize, unmet: usize) -> usize {
        match self {
            Self::Table(maps) => maps[unmet][raw],
            Self::InOrder(steps) => {
                let in_force = steps.iter().enumerate().filter(|(bit, _)| unmet & (1 << bit) != 0);
                in_force.fold(raw, |grade, (_, step)| step[grade])
            }
        }
    }
}

/// A correction as a map from grade to grade.
fn map_of(correction: &Correction, grades: &Bands, place: &str) -> Result<Vec<usize>> {
    let count = grades.names().len();
    let find = |name: &str| {
        grades.position(name).ok_or_else(|| {
            refuse(place, format!("`{name}` is not a grade; the grades are {}", grades.names().join(", ")))
        })
    };
    match correction {
        Correction::CapAt(grade) => {
            let cap = find(grade)?;
            Ok((0..count).map(|raw| raw.max(cap)).collect())
        }
        Correction::NotchDown(notches) => {
            Ok((0..count).map(|raw| raw.saturating_add(*notches).min(count - 1)).collect())
        }
        Correction::Replace(pairs) => {
            let mut map: Vec<usize> = (0..count).collect();
            for (raw, result) in pairs {
                map[find(raw)?] = find(result)?;
            }
            Ok(map)
        }
    }
}

fn set_of(names: &[String], prerequisites: &[Prerequisite], place: &str) -> Result<usize> {
    names.iter().try_fold(0, |set, name| {
        let bit = prerequisites.iter().position(|prerequisite| prerequisite.name == *name);
        bit.map(|bit| set | (1 << bit))
            .ok_or_else(|| refuse(place, format!("`{name}` is not a prerequisite of this card")))
    })
}

fn names_of(prerequisites: &[Prerequisite], set: usize) -> String {
    let unmet = prerequisites.iter().enumerate().filter(|(bit, _)| set & (1 << bit) != 0);
    unmet.map(|(_, prerequisite)| format!("`{}`", prerequisite.name)).collect::<Vec<_>>().join(", ")
}

fn refuse(place: &str, reason: String) -> Error {
    Error::InvalidScorecard { place: place.to_owned(), reason }
}
