//! Grades set by hand, kept apart from the computed ones: by whom, why, and until when.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A grade that somebody set by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Override {
    /// The lead.
    pub lead: String,
    /// The grade it is to have.
    pub grade: String,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub author: String,
    /// The first day on which it holds, in days since 1970-01-01.
    pub set_on: i32,
    /// The first day on which it no longer holds; without one it holds until it is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<i32>,
}

/// Whether a lead's override holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OverrideState {
    /// There is none.
    #[default]
    None,
    /// It holds.
    Active,
    /// It held once; none is set for later.
    Expired,
    /// It is set for a later day.
    NotYet,
}

/// The grade of one lead with its overrides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EffectiveGrade {
    /// The grade that counts: the one set by hand while it holds, else the computed one. A position among the grades.
    pub grade: Option<usize>,
    /// The computed grade.
    pub computed: Option<usize>,
    /// Whether an override holds.
    pub state: OverrideState,
    /// The position of the override that the state speaks of: the active one, else the next to come, else the last that
    /// expired.
    pub by: Option<usize>,
}

impl Override {
    /// Whether it holds on a day.
    pub fn state(&self, as_of: i32) -> OverrideState {
        match self.expires_on {
            _ if as_of < self.set_on => OverrideState::NotYet,
            Some(end) if as_of >= end => OverrideState::Expired,
            _ => OverrideState::Active,
        }
    }
}

/// Puts overrides over computed grades, as of a day. `computed` holds positions among `grades`, one per lead; leads may
/// repeat. Overrides of leads that are not listed are checked and otherwise left alone, since a list of overrides is
/// often longer than the table at hand; a lead may have several whose days do not overlap, past and future ones
/// included.
///
/// ```
/// use tierwise::lead::{Override, OverrideState, apply_overrides};
/// let by_hand = Override {
///     lead: "acme".into(), grade: "A".into(), reason: "met the owner".into(), author: "mia".into(),
///     set_on: 100, expires_on: Some(130),
/// };
/// let grades = ["A", "B", "C"];
/// let on = |day| apply_overrides(&grades, &["acme", "zeta"], &[Some(2), Some(1)], &[by_hand.clone()], day).unwrap();
/// assert_eq!((on(129)[0].grade, on(129)[0].computed, on(129)[0].state), (Some(0), Some(2), OverrideState::Active));
/// assert_eq!((on(130)[0].grade, on(130)[0].state), (Some(2), OverrideState::Expired));
/// assert_eq!(on(129)[1].state, OverrideState::None);
/// ```
///
/// # Errors
/// [`Error::WrongLength`] when there is not one computed grade per lead; [`Error::UnknownName`] with the row for an
/// override to a grade that is not listed; [`Error::InvalidValue`] with row and lead for a computed grade out of range,
/// an override without lead, reason or author, one that expires on or before the day it is set, and for two of one lead
/// that share a day, be it before or after `as_of`.
pub fn apply_overrides(
    grades: &[impl AsRef<str>],
    leads: &[impl AsRef<str>],
    computed: &[Option<usize>],
    overrides: &[Override],
    as_of: i32,
) -> Result<Vec<EffectiveGrade>> {
    if leads.len() != computed.len() {
        return Err(Error::WrongLength {
            what: "the computed grades".into(),
            expected: leads.len(),
            found: computed.len(),
        });
    }
    let by_lead = by_lead(grades, overrides, as_of)?;
    let rows = leads.iter().zip(computed).enumerate().map(|(row, (lead, &computed))| {
        let lead = lead.as_ref();
        if let Some(position) = computed.filter(|&position| position >= grades.len()) {
            let must_be = format!("there are {} grades, counted from 0", grades.len());
            return Err(invalid("the computed grade", row, lead, format!("position {position}"), must_be));
        }
        let Some(&(by, set)) = by_lead.get(lead) else {
            return Ok(EffectiveGrade { grade: computed, computed, ..EffectiveGrade::default() });
        };
        let state = overrides[by].state(as_of);
        let grade = if state == OverrideState::Active { Some(set) } else { computed };
        Ok(EffectiveGrade { grade, computed, state, by: Some(by) })
    });
    rows.collect()
}

/// For each lead the override that counts, and the position of its grade.
fn by_lead<'o>(
    grades: &[impl AsRef<str>],
    overrides: &'o [Override],
    as_of: i32,
) -> Result<BTreeMap<&'o str, (usize, usize)>> {
    let mut by_lead: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let positions = overrides.iter().enumerate().map(|(row, one)| checked(one, row, grades));
    let positions = positions.collect::<Result<Vec<usize>>>()?;
    refuse_overlaps(overrides)?;
    for (row, (one, &grade)) in overrides.iter().zip(&positions).enumerate() {
        let kept = by_lead.get(one.lead.as_str()).map(|&(kept, _)| precedence(&overrides[kept], as_of));
        if kept.is_none_or(|kept| precedence(one, as_of) > kept) {
            by_lead.insert(&one.lead, (row, grade));
        }
    }
    Ok(by_lead)
}

/// Two overrides of a lead never share a day, whatever day is asked about: a list that is fine today is fine tomorrow.
fn refuse_overlaps(overrides: &[Override]) -> Result<()> {
    let mut order: Vec<usize> = (0..overrides.len()).collect();
    order.sort_by_key(|&row| (&overrides[row].lead, overrides[row].set_on, row));
    for pair in order.windows(2) {
        let (earlier, later) = (&overrides[pair[0]], &overrides[pair[1]]);
        if earlier.lead == later.lead && earlier.expires_on.is_none_or(|end| later.set_on < end) {
            let (first, row) = (pair[0].min(pair[1]), pair[0].max(pair[1]));
            let Override { grade, author, .. } = &overrides[first];
            let must_be = format!(
                "another one, at row {first}, holds at the same time (grade `{grade}`, by {author}). Let the earlier one \
                 expire by day {}, on which the later one begins",
                later.set_on
            );
            let found = format!("`{}`", overrides[row].grade);
            return Err(invalid("an override", row, &later.lead, found, must_be));
        }
    }
    Ok(())
}

/// The active one first, then the next to come, then the last that expired.
fn precedence(one: &Override, as_of: i32) -> (u8, i64) {
    match one.state(as_of) {
        OverrideState::Active => (3, 0),
        OverrideState::NotYet => (2, -i64::from(one.set_on)),
        OverrideState::Expired => (1, one.expires_on.map_or(0, i64::from)),
        OverrideState::None => (0, 0),
    }
}

/// The position of the grade of an override that is complete.
fn checked(one: &Override, row: usize, grades: &[impl AsRef<str>]) -> Result<usize> {
    for (what, text) in [("lead", &one.lead), ("reason", &one.reason), ("author", &one.author)] {
        if text.trim().is_empty() {
            let must_be = "an override needs a lead, a reason and an author; fill it in".into();
            return Err(invalid(&format!("the {what} of an override"), row, &one.lead, "missing".into(), must_be));
        }
    }
    if let Some(end) = one.expires_on.filter(|&end| end <= one.set_on) {
        let must_be = format!("it must come after the day on which the override is set, {}", one.set_on);
        return Err(invalid("the expiry of an override", row, &one.lead, format!("day {end}"), must_be));
    }
    grades.iter().position(|grade| grade.as_ref() == one.grade).ok_or_else(|| Error::UnknownName {
        what: format!("the grade of the override of `{}`", one.lead),
        row: Some(row),
        name: one.grade.clone(),
        known: grades.iter().map(|grade| grade.as_ref().to_owned()).collect(),
    })
}

fn invalid(what: &str, row: usize, lead: &str, found: String, must_be: String) -> Error {
    Error::invalid_value_of(lead, what, row, found, must_be)
}
