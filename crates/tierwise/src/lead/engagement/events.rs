//! A log of events, and what to do with rows that cannot count.

use crate::parts::map_parts;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;

/// What to do with rows that cannot count.
///
/// ```
/// use tierwise::lead::{EventPolicy, EventRule, EventRules, EventRulesSpec, Events, Strays};
/// let rules = EventRules::new(EventRulesSpec { rules: vec![EventRule::new("call", 6.0)], ..EventRulesSpec::default() })?;
/// let names = ["call".to_string()];
/// let events = Events::new(&[0, 0], &[0, 0], &names, &[10, 20])?;
/// // The second call lies after day 15, which a replay of that day has to leave out.
/// assert!(rules.points(&events, 1, 15, EventPolicy::default()).is_err());
/// let replay = EventPolicy { later: Strays::LeaveOut, ..EventPolicy::default() };
/// let points = rules.points(&events, 1, 15, replay)?;
/// assert_eq!((points.total[0], points.later), (6.0, 1));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strays {
    /// Refuse the log and name the first such row. The default.
    #[default]
    Refuse,
    /// Leave them out, and say how many they were.
    LeaveOut,
}

/// What to do with rows that repeat the id of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// Refuse the log and name the first such row. The default.
    #[default]
    Refuse,
    /// Count the event once. Rows of one id that differ in lead, type or day are refused all the same.
    CountOnce,
}

/// What to do with rows that cannot count, by the reason why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EventPolicy {
    /// Events after `as_of`. A replay of a past day leaves them out.
    pub later: Strays,
    /// Types of event that no rule reads.
    pub unknown_events: Strays,
    /// Events of leads that were not asked for.
    pub other_leads: Strays,
    /// Rows that repeat the id of an event.
    pub duplicates: Duplicates,
}

/// A log of events: one element of each slice per row, in any order.
#[derive(Debug, Clone, Copy)]
pub struct Events<'a> {
    pub(super) lead: &'a [u32],
    pub(super) event: &'a [u32],
    pub(super) names: &'a [String],
    pub(super) day: &'a [i32],
    pub(super) id: Option<&'a [u32]>,
}

impl<'a> Events<'a> {
    /// A log whose columns are equally long. `lead` holds codes from 0, `event` positions in `names`, the types of event,
    /// and `day` days since 1970-01-01. A log may be empty.
    ///
    /// # Errors
    /// [`Error::WrongLength`], and [`Error::InvalidValue`] with the row for an event that is no position in `names`.
    pub fn new(lead: &'a [u32], event: &'a [u32], names: &'a [String], day: &'a [i32]) -> Result<Self> {
        check_length("the column of event types", event.len(), lead.len())?;
        check_length("the column of days", day.len(), lead.len())?;
        let highest = map_parts(event.len(), |rows| event[rows].iter().max().copied());
        if highest.into_iter().flatten().any(|code| code as usize >= names.len()) {
            let row = event.iter().position(|&code| code as usize >= names.len()).unwrap_or_default();
            return Err(Error::InvalidValue {
                what: "the event type".into(),
                row,
                key: Some(lead[row].to_string()),
                found: event[row].to_string(),
                must_be: format!("event types are positions in the list of {} names", names.len()),
            });
        }
        Ok(Self { lead, event, names, day, id: None })
    }

    /// The same log with a code for the id of each event, by which duplicates are found.
    ///
    /// # Errors
    /// [`Error::WrongLength`].
    pub fn with_ids(self, id: &'a [u32]) -> Result<Self> {
        check_length("the column of event ids", id.len(), self.lead.len())?;
        Ok(Self { id: Some(id), ..self })
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.lead.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.lead.is_empty()
    }

    fn refuse(&self, row: usize, what: &str, found: String, must_be: String) -> Error {
        Error::invalid_value_of(self.lead[row], what, row, found, must_be)
    }
}

fn check_length(what: &str, found: usize, expected: usize) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(Error::WrongLength { what: what.into(), expected, found })
}

/// Why a row does not count, whatever its rule says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stray {
    Duplicate,
    OtherLead,
    UnknownEvent,
    Later,
}

/// In place of a number of leads: every code is one that was asked for.
pub(super) const ALL: usize = usize::MAX;

/// A log together with what makes a row a stray.
pub(super) struct Checked<'a> {
    pub(super) events: Events<'a>,
    pub(super) leads: usize,
    pub(super) as_of: i32,
    /// Whether a rule reads the type of event, by its code.
    known: Vec<bool>,
    /// Rows that repeat an id; empty where none does.
    repeats: Vec<bool>,
    /// Whether every row counts, so that none needs to be looked at again.
    pub(super) without_strays: bool,
}

/// Rows that cannot count, by the reason why. A row with several reasons is counted under the first of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LeftOut {
    /// Rows that repeat the id of an event.
    pub duplicates: usize,
    /// Rows whose lead was not asked for.
    pub other_leads: usize,
    /// Rows whose type no rule reads.
    pub unknown_events: usize,
    /// Rows after `as_of`.
    pub later: usize,
}

impl<'a> Checked<'a> {
    /// Checks the whole log against the policy. `known` are the types of event that some rule reads.
    pub(super) fn new(
        events: Events<'a>,
        leads: usize,
        as_of: i32,
        known: &[String],
        policy: EventPolicy,
    ) -> Result<(Self, LeftOut)> {
        if leads > 1 << 32 && leads != ALL {
            let must_be = "at most 2^32, for codes of leads are below it".into();
            return Err(Error::InvalidParameter { of: "EventRules", name: "leads", must_be, got: leads.to_string() });
        }
        let is_known = events.names.iter().map(|name| known.binary_search(name).is_ok()).collect();
        let repeats = repeats(&events)?;
        let mut checked = Self { events, leads, as_of, known: is_known, repeats, without_strays: false };
        let parts = map_parts(events.len(), |rows| checked.strays(rows));
        let mut left_out = LeftOut::default();
        for part in &parts {
            left_out.duplicates += part.duplicates;
            left_out.other_leads += part.other_leads;
            left_out.unknown_events += part.unknown_events;
            left_out.later += part.later;
        }
        checked.refuse(left_out, known, policy)?;
        checked.without_strays = left_out == LeftOut::default();
        Ok((checked, left_out))
    }

    /// Why a row does not count; the first reason that holds.
    #[inline]
    pub(super) fn stray(&self, row: usize) -> Option<Stray> {
        if self.repeats.get(row).is_some_and(|&repeats| repeats) {
            return Some(Stray::Duplicate);
        }
        if self.events.lead[row] as usize >= self.leads {
            return Some(Stray::OtherLead);
        }
        if !self.known[self.events.event[row] as usize] {
            return Some(Stray::UnknownEvent);
        }
        (self.events.day[row] > self.as_of).then_some(Stray::Later)
    }

    fn strays(&self, rows: Range<usize>) -> LeftOut {
        let mut left_out = LeftOut::default();
        if self.seem_clean(rows.clone()) {
            return left_out;
        }
        for row in rows {
            match self.stray(row) {
                None => {}
                Some(Stray::Duplicate) => left_out.duplicates += 1,
                Some(Stray::OtherLead) => left_out.other_leads += 1,
                Some(Stray::UnknownEvent) => left_out.unknown_events += 1,
                Some(Stray::Later) => left_out.later += 1,
            }
        }
        left_out
    }

    /// Whether no row can be a stray, by what is seen fastest: the extremes of the columns.
    fn seem_clean(&self, rows: Range<usize>) -> bool {
        let last_lead = self.events.lead[rows.clone()].iter().fold(0, |last, &lead| last.max(lead));
        let last_day = self.events.day[rows].iter().fold(i32::MIN, |last, &day| last.max(day));
        let all_known = self.repeats.is_empty() && self.known.iter().all(|&known| known);
        all_known && (last_lead as usize) < self.leads && last_day <= self.as_of
    }

    fn refuse(&self, left_out: LeftOut, known: &[String], policy: EventPolicy) -> Result<()> {
        let refused = |stray| match stray {
            Stray::Duplicate => left_out.duplicates > 0 && policy.duplicates == Duplicates::Refuse,
            Stray::OtherLead => left_out.other_leads > 0 && policy.other_leads == Strays::Refuse,
            Stray::UnknownEvent => left_out.unknown_events > 0 && policy.unknown_events == Strays::Refuse,
            Stray::Later => left_out.later > 0 && policy.later == Strays::Refuse,
        };
        if ![Stray::Duplicate, Stray::OtherLead, Stray::UnknownEvent, Stray::Later].into_iter().any(refused) {
            return Ok(());
        }
        let is_refused = |&row: &usize| self.stray(row).is_some_and(refused);
        let Some(row) = (0..self.events.len()).find(is_refused) else { return Ok(()) };
        let events = &self.events;
        Err(match self.stray(row) {
            Some(Stray::UnknownEvent) => Error::UnknownName {
                what: "the event type".into(),
                row: Some(row),
                name: events.names[events.event[row] as usize].clone(),
                known: known.to_vec(),
            },
            Some(Stray::OtherLead) => events.refuse(
                row,
                "the lead",
                "not among those asked for".into(),
                "list the lead too, or leave events of other leads out on purpose".into(),
            ),
            Some(Stray::Duplicate) => events.refuse(
                row,
                "the event id",
                "that of an earlier row".into(),
                "an event must stand in one row; drop the repetition, or count duplicates once on purpose".into(),
            ),
            Some(Stray::Later) | None => events.refuse(
                row,
                "the event",
                format!("of day {} since 1970-01-01", events.day[row]),
                format!(
                    "events must not lie after `as_of`, which is day {}; mend the date, or leave later events out on \
                     purpose",
                    self.as_of
                ),
            ),
        })
    }
}

/// Which rows repeat the id of an earlier row; empty where none does.
fn repeats(events: &Events<'_>) -> Result<Vec<bool>> {
    let Some(ids) = events.id else { return Ok(Vec::new()) };
    let mut repeats = Vec::new();
    let mut see = |row: usize, first: usize| {
        let same = |column: &[u32]| column[row] == column[first];
        if !same(events.lead) || !same(events.event) || events.day[row] != events.day[first] {
            return Err(events.refuse(
                row,
                "the event id",
                format!("that of row {first}, which has another lead, type or day"),
                "an event has one lead, one type and one day; mend the rows before the call".into(),
            ));
        }
        if repeats.is_empty() {
            repeats = vec![false; ids.len()];
        }
        repeats[row] = true;
        Ok(())
    };
    let size = ids.iter().max().map_or(0, |&id| id as usize + 1);
    if size / 8 <= ids.len().max(1024) {
        const NONE: u32 = u32::MAX;
        let mut first = vec![NONE; size];
        for (row, &id) in ids.iter().enumerate() {
            match first[id as usize] {
                NONE => first[id as usize] = row as u32,
                first => see(row, first as usize)?,
            }
        }
    } else {
        // Codes with wide gaps: a place for each possible code could take more memory than there is.
        let mut first = BTreeMap::new();
        for (row, &id) in ids.iter().enumerate() {
            match first.get(&id) {
                None => drop(first.insert(id, row)),
                Some(&first) => see(row, first)?,
            }
        }
    }
    Ok(repeats)
}
