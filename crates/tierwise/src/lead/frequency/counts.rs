//! Counts of won and lost leads by team, field and value.

use super::counts_file::CountsFile;
use super::spec::Role;
use super::{FrequencyModel, FrequencySpec, Smoothing};
use crate::feature::{Kind, position};
use crate::score::check_bound;
use crate::{Columns, Error, Feature, Outcome, Result, Summary};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Pairs of a team and a value that can be counted: 64 MB of counts.
const MOST_CELLS: usize = 1 << 22;

/// Lost and won, in this order.
pub(super) type Pair = [u64; 2];

/// Won and lost leads by team, field and value: everything that a [`FrequencyModel`] is made of.
///
/// Counts are whole numbers. [`observe`](Self::observe) adds a lead, [`reopen`](Self::reopen) takes one back exactly, and
/// merging the counts of parts gives those of the whole, in any order. Saved as kind `frequency_counts`.
///
/// ```
/// use tierwise::lead::{FrequencyCounts, FrequencySpec, Smoothing};
/// use tierwise::{Feature, Record, Score, learn::probability};
/// let mut counts = FrequencyCounts::new(FrequencySpec {
///     fields: vec![Feature::category("source", ["fair", "web"])],
///     stage: Some(Feature::category("stage", ["new", "offer"])),
///     ..FrequencySpec::default()
/// })?;
/// for (stage, source, won) in [("offer", "fair", true), ("new", "web", false), ("offer", "web", true), ("new", "web", false)] {
///     let features = counts.features().to_vec();
///     let mut lead = Record::new(&features);
///     lead.set("stage", stage)?.set("source", source)?;
///     counts.observe(lead.values(), won)?;
/// }
/// let model = counts.model(Smoothing::Fixed { level: 1.0, team: 10.0 })?;
/// assert!(model.score_row(&[1.0, 0.0]) > model.score_row(&[0.0, 1.0]));
/// assert_eq!(probability(model.score_row(&[f64::NAN, f64::NAN])), 0.5); // nothing known: the base rate
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "CountsFile", into = "CountsFile")]
pub struct FrequencyCounts {
    pub(super) spec: FrequencySpec,
    pub(super) features: Vec<Feature>,
    pub(super) roles: Vec<Role>,
    /// Leads by team; those without a team come first.
    pub(super) leads: Vec<Pair>,
    /// Counts of each feature; none for the team itself.
    pub(super) cells: Vec<Cells>,
}

/// How many leads with one value were won and lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrequencyCount {
    /// The field, stage, tag or team.
    pub field: String,
    /// Its value.
    pub value: String,
    /// Leads that were won.
    pub won: u64,
    /// Leads that were lost.
    pub lost: u64,
}

/// The counts of one feature: `counts[slot * width + level]`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cells {
    pub(super) width: usize,
    pub(super) counts: Vec<Pair>,
}

impl FrequencyCounts {
    /// Counts in which there is nothing yet.
    ///
    /// # Errors
    /// [`Error::InvalidFeature`] and [`Error::DuplicateFeature`] for fields that cannot be counted,
    /// [`Error::UnknownName`] for a won stage that is no stage, and [`Error::InvalidParameter`] when teams times values
    /// are more than 4 194 304.
    pub fn new(spec: FrequencySpec) -> Result<Self> {
        let (features, roles) = spec.features()?;
        check_size(&features, &roles)?;
        let slots = slots(&features, &roles);
        let cells = features.iter().zip(&roles).map(|(feature, &role)| Cells::empty(feature, role, slots)).collect();
        Ok(Self { spec, features, roles, leads: vec![[0; 2]; slots], cells })
    }

    /// What a record holds, in its order: team, stage, fields, tags.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The name of the positive class.
    pub fn positive(&self) -> &str {
        &self.spec.positive
    }

    /// Leads won and lost.
    pub fn leads(&self) -> (u64, u64) {
        let sum = |class: usize| self.leads.iter().map(|pair| pair[class]).sum();
        (sum(1), sum(0))
    }

    /// What is counted, with the levels known by now.
    pub fn spec(&self) -> &FrequencySpec {
        &self.spec
    }

    /// Won and lost leads of every value over all teams, in the order of a record. For a stage: leads that ended in it.
    /// A yes-no has the values `no` and `yes`, a tag only `yes`.
    pub fn counted(&self) -> Vec<FrequencyCount> {
        let of_feature = |index: usize| {
            let (feature, role) = (&self.features[index], self.roles[index]);
            let pairs = if role == Role::Team { self.leads[1..].to_vec() } else { self.cells[index].over_teams() };
            let count = |(value, [lost, won]): (String, Pair)| FrequencyCount {
                field: feature.name().to_owned(),
                value,
                won,
                lost,
            };
            value_names(feature, role).into_iter().zip(pairs).map(count).collect::<Vec<_>>()
        };
        (0..self.features.len()).flat_map(of_feature).collect()
    }

    /// Leads with this value, won and lost: one line of [`counted`](Self::counted).
    ///
    /// # Errors
    /// [`Error::UnknownFeature`], and [`Error::UnknownName`] for a value that was never listed.
    pub fn of(&self, field: &str, value: &str) -> Result<(u64, u64)> {
        position(&self.features, field, "the counts")?;
        let all: Vec<FrequencyCount> = self.counted().into_iter().filter(|count| count.field == field).collect();
        match all.iter().find(|count| count.value == value) {
            Some(count) => Ok((count.won, count.lost)),
            None => Err(Error::UnknownName {
                what: format!("the value of `{field}`"),
                row: None,
                name: value.into(),
                known: all.into_iter().map(|count| count.value).collect(),
            }),
        }
    }

    /// Adds one lead. Unknown facts are not counted; nothing is allocated.
    ///
    /// # Errors
    /// [`Error::WrongLength`], and what [`Feature::check`] refuses; then nothing is counted.
    pub fn observe(&mut self, row: &[f64], won: bool) -> Result<()> {
        self.check_row(row)?;
        self.add(|feature| row[feature], won);
        Ok(())
    }

    /// Takes back one lead that was observed with this outcome: it is open again.
    ///
    /// # Errors
    /// Those of [`observe`](Self::observe), and [`Error::InvalidValue`] when no lead like it was ever observed; then
    /// nothing is changed.
    pub fn reopen(&mut self, row: &[f64], won: bool) -> Result<()> {
        self.check_row(row)?;
        self.take_back(|feature| row[feature], won, 0)
    }

    /// Adds the leads of a table.
    ///
    /// # Errors
    /// [`Error::WrongLength`] when the table is bound to other features or the outcome has another length,
    /// [`Error::InvalidParameter`] for an outcome with weights or offsets; then nothing is counted.
    pub fn observe_columns(&mut self, data: &Columns<'_>, outcome: &Outcome<'_>) -> Result<()> {
        self.check_table(data, outcome)?;
        for (row, &won) in outcome.values().iter().enumerate() {
            self.add(|feature| data.column(feature)[row], won == 1.0);
        }
        Ok(())
    }

    /// Takes back the leads of a table.
    ///
    /// # Errors
    /// Those of [`observe_columns`](Self::observe_columns) and [`reopen`](Self::reopen), with the row; then nothing is
    /// changed.
    pub fn reopen_columns(&mut self, data: &Columns<'_>, outcome: &Outcome<'_>) -> Result<()> {
        self.check_table(data, outcome)?;
        for (row, &won) in outcome.values().iter().enumerate() {
            let taken = self.take_back(|feature| data.column(feature)[row], won == 1.0, row);
            if taken.is_err() {
                for again in 0..row {
                    self.add(|feature| data.column(feature)[again], outcome.values()[again] == 1.0);
                }
                return taken;
            }
        }
        Ok(())
    }

    /// Makes room for further levels of a field or of the team. Where any is new, all levels then stand in sorted order:
    /// **codes change**, so make records anew. Stages cannot be added: their order is a decision.
    ///
    /// # Errors
    /// [`Error::UnknownFeature`], [`Error::InvalidFeature`] for what does not grow, [`Error::InvalidParameter`] when
    /// there would be too many.
    pub fn add_levels<S: AsRef<str>>(&mut self, field: &str, levels: &[S]) -> Result<()> {
        let index = position(&self.features, field, "the counts")?;
        let known: BTreeSet<&str> = self.features[index].levels().iter().map(String::as_str).collect();
        let new: BTreeSet<&str> = levels.iter().map(AsRef::as_ref).filter(|level| !known.contains(level)).collect();
        if new.is_empty() {
            return Ok(());
        }
        if self.roles[index] == Role::Stage || !matches!(self.features[index].kind(), Kind::Category(_)) {
            let reason = "only a category that is no stage can be given levels; for other stages, count anew".into();
            return Err(Error::InvalidFeature { feature: field.into(), reason });
        }
        let all: Vec<String> = known.union(&new).map(|level| (*level).to_owned()).collect();
        let grown = Feature::category(field, all).with_unknown(self.features[index].unknown());
        let mut features = self.features.clone();
        features[index] = grown;
        check_size(&features, &self.roles)?;
        self.relabel(index, features);
        Ok(())
    }

    /// A model of what was counted so far.
    ///
    /// # Errors
    /// [`Error::NotEnoughData`] while no lead was won or none was lost, and [`Error::InvalidParameter`] for a strength
    /// out of its range.
    pub fn model(&self, smoothing: Smoothing) -> Result<FrequencyModel> {
        FrequencyModel::of(self, smoothing)
    }

    fn check_row(&self, row: &[f64]) -> Result<()> {
        if row.len() != self.features.len() {
            return Err(Error::WrongLength {
                what: "the record".into(),
                expected: self.features.len(),
                found: row.len(),
            });
        }
        self.features.iter().zip(row).try_for_each(|(feature, &value)| feature.check(value, None))
    }

    fn check_table(&self, data: &Columns<'_>, outcome: &Outcome<'_>) -> Result<()> {
        check_bound(&self.features, data)?;
        if outcome.values().len() != data.rows() {
            let what = format!("the outcome `{}`", outcome.name());
            return Err(Error::WrongLength { what, expected: data.rows(), found: outcome.values().len() });
        }
        if outcome.row_weights().is_some() || outcome.row_offsets().is_some() {
            let must_be = "left out: leads are counted one by one".into();
            let name = if outcome.row_weights().is_some() { "weights" } else { "offsets" };
            return Err(Error::InvalidParameter { of: "FrequencyCounts", name, must_be, got: "some".into() });
        }
        Ok(())
    }

    fn add(&mut self, value: impl Fn(usize) -> f64, won: bool) {
        let class = usize::from(won);
        let slot = self.slot(&value);
        self.leads[slot][class] += 1;
        for feature in usize::from(self.spec.team.is_some())..self.features.len() {
            if let Some(place) = self.cells[feature].place(self.roles[feature], slot, value(feature)) {
                self.cells[feature].counts[place][class] += 1;
            }
        }
    }

    fn take_back(&mut self, value: impl Fn(usize) -> f64, won: bool, row: usize) -> Result<()> {
        let class = usize::from(won);
        let slot = self.slot(&value);
        let nothing = |found: String| Error::InvalidValue {
            what: "the lead to reopen".into(),
            row,
            key: None,
            found,
            must_be: "only a lead that was observed with this outcome can be taken back".into(),
        };
        let outcome = if won { "won" } else { "lost" };
        if self.leads[slot][class] == 0 {
            return Err(nothing(format!("{outcome}, and no {outcome} lead of its team was observed")));
        }
        for (feature, cells) in self.cells.iter().enumerate() {
            if let Some(place) = cells.place(self.roles[feature], slot, value(feature))
                && cells.counts[place][class] == 0
            {
                let name = self.features[feature].name();
                return Err(nothing(format!("{outcome}, and no {outcome} lead with its `{name}` was observed")));
            }
        }
        self.leads[slot][class] -= 1;
        for (feature, cells) in self.cells.iter_mut().enumerate() {
            if let Some(place) = cells.place(self.roles[feature], slot, value(feature)) {
                cells.counts[place][class] -= 1;
            }
        }
        Ok(())
    }

    /// Where the lead's team is counted: 0 without one.
    fn slot(&self, value: impl Fn(usize) -> f64) -> usize {
        match self.roles.first() {
            Some(Role::Team) if !value(0).is_nan() => value(0) as usize + 1,
            _ => 0,
        }
    }

    /// Moves the counts of one feature to where its levels are among those of `features`.
    fn relabel(&mut self, index: usize, features: Vec<Feature>) {
        let (old, new) = (self.features[index].levels(), features[index].levels());
        let places: Vec<usize> = old.iter().map(|level| new.binary_search(level).unwrap_or_default()).collect();
        let width = new.len();
        if self.roles[index] == Role::Team {
            let places: Vec<usize> = std::iter::once(0).chain(places.iter().map(|place| place + 1)).collect();
            self.leads = moved(&self.leads, 1, &places, width + 1);
            for cells in &mut self.cells {
                cells.counts = moved(&cells.counts, cells.width, &places, width + 1);
            }
        } else {
            let cells = &mut self.cells[index];
            let mut counts = vec![[0; 2]; self.leads.len() * width];
            for slot in 0..self.leads.len() {
                for (level, &place) in places.iter().enumerate() {
                    counts[slot * width + place] = cells.counts[slot * cells.width + level];
                }
            }
            *cells = Cells { width, counts };
        }
        let grown = &features[index];
        match self.roles[index] {
            Role::Team => self.spec.team = Some(grown.clone()),
            _ => self
                .spec
                .fields
                .iter_mut()
                .filter(|field| field.name() == grown.name())
                .for_each(|field| *field = grown.clone()),
        }
        self.features = features;
    }
}

impl Summary for FrequencyCounts {
    /// Adds the counts of another part. Levels that only one of them knows are kept.
    fn merge(&mut self, other: &Self) -> Result<()> {
        let differs = |reason: String| Err(Error::CannotMerge { reason });
        let shape = |one: &Self| {
            let named = one
                .features
                .iter()
                .map(|feature| (feature.name().to_owned(), matches!(feature.kind(), Kind::YesNo), feature.unknown()));
            (named.collect::<Vec<_>>(), one.roles.clone(), one.spec.tag_support, one.spec.won_stage.clone())
        };
        if self.spec.positive != other.spec.positive {
            return differs(format!(
                "the positive class is `{}` in one and `{}` in the other",
                self.spec.positive, other.spec.positive
            ));
        }
        if shape(self) != shape(other) || self.spec.stage != other.spec.stage {
            return differs("they count other fields, tags or stages, or with another minimum support".into());
        }
        let (mut sum, mut other) = (self.clone(), other.clone());
        for index in (0..self.features.len()).filter(|&index| self.roles[index] != Role::Stage) {
            let (own, others) = (sum.features[index].levels().to_vec(), other.features[index].levels().to_vec());
            if own != others {
                let name = sum.features[index].name().to_owned();
                let all: BTreeSet<&String> = own.iter().chain(&others).collect();
                let feature = Feature::category(&name, all.into_iter().cloned());
                for counts in [&mut sum, &mut other] {
                    let mut features = counts.features.clone();
                    features[index] = feature.clone().with_unknown(features[index].unknown());
                    check_size(&features, &counts.roles)?;
                    counts.relabel(index, features);
                }
            }
        }
        let added = |into: &mut [Pair], from: &[Pair]| {
            into.iter_mut().flatten().zip(from.iter().flatten()).all(|(into, from)| {
                into.checked_add(*from).is_some_and(|total| {
                    *into = total;
                    total <= MOST_LEADS
                })
            })
        };
        let mut fits = added(&mut sum.leads, &other.leads);
        for (into, from) in sum.cells.iter_mut().zip(&other.cells) {
            fits &= added(&mut into.counts, &from.counts);
        }
        if !fits {
            return differs("together they count more than 2^53 leads".into());
        }
        *self = sum;
        Ok(())
    }
}

/// The largest whole number up to which every one is a float.
pub(super) const MOST_LEADS: u64 = 1 << 53;

impl Cells {
    fn empty(feature: &Feature, role: Role, slots: usize) -> Self {
        let width = width(feature, role);
        Self { width, counts: vec![[0; 2]; slots * width] }
    }

    /// Where a value is counted, if it is.
    #[inline]
    fn place(&self, role: Role, slot: usize, value: f64) -> Option<usize> {
        let level = match role {
            Role::Tag => return (value == 1.0).then_some(slot),
            Role::Team => return None,
            Role::Stage | Role::Field => value as usize,
        };
        (!value.is_nan()).then_some(slot * self.width + level)
    }

    /// The counts by level, summed over all teams.
    pub(super) fn over_teams(&self) -> Vec<Pair> {
        let mut sums = vec![[0; 2]; self.width];
        for (place, pair) in self.counts.iter().enumerate() {
            let sum: &mut Pair = &mut sums[place % self.width];
            *sum = [sum[0] + pair[0], sum[1] + pair[1]];
        }
        sums
    }

    /// The counts by level of one team.
    pub(super) fn of_slot(&self, slot: usize) -> &[Pair] {
        &self.counts[slot * self.width..(slot + 1) * self.width]
    }
}

/// How many values of a feature are counted.
fn width(feature: &Feature, role: Role) -> usize {
    match (role, feature.kind()) {
        (Role::Team, _) => 0,
        (Role::Tag, _) => 1,
        (_, Kind::Category(levels)) => levels.len(),
        (_, Kind::YesNo | Kind::Number) => 2,
    }
}

/// The names of what is counted of a feature.
pub(super) fn value_names(feature: &Feature, role: Role) -> Vec<String> {
    match (role, feature.kind()) {
        (Role::Tag, _) => vec!["yes".into()],
        (_, Kind::Category(levels)) => levels.to_vec(),
        (_, Kind::YesNo | Kind::Number) => vec!["no".into(), "yes".into()],
    }
}

fn slots(features: &[Feature], roles: &[Role]) -> usize {
    if roles.first() == Some(&Role::Team) { features[0].levels().len() + 1 } else { 1 }
}

fn check_size(features: &[Feature], roles: &[Role]) -> Result<()> {
    let widths: usize = features.iter().zip(roles).map(|(feature, &role)| width(feature, role)).sum();
    let cells = slots(features, roles).saturating_mul(widths);
    if cells <= MOST_CELLS {
        return Ok(());
    }
    let must_be = format!("at most {MOST_CELLS} pairs of a team and a value; group rare values or teams");
    Err(Error::InvalidParameter { of: "FrequencyCounts", name: "levels", must_be, got: cells.to_string() })
}

/// Rows of `width` pairs, each moved to its place among `rows`.
fn moved(pairs: &[Pair], width: usize, places: &[usize], rows: usize) -> Vec<Pair> {
    let mut result = vec![[0; 2]; rows * width];
    for (row, &place) in places.iter().enumerate() {
        result[place * width..(place + 1) * width].copy_from_slice(&pairs[row * width..(row + 1) * width]);
    }
    result
}
