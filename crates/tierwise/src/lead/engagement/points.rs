//! The engagement score of each lead on one day.

use super::decimal::{billionths, points};
use super::events::{Checked, Duplicates, EventPolicy, Events, LeftOut, Strays};
use super::fold::{BoundRules, Levels, by_lead};
use super::rules::EventRules;
use crate::{Result, parallel};

/// Points by lead, one element per lead code, in the order of the codes.
///
/// For each lead, `total` is the sum of all `rules`, all `group_caps` and `total_cap`, exactly as decimals.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EventPoints {
    /// The engagement score, after all caps.
    pub total: Vec<f64>,
    /// One column per rule: its points after its own cap.
    pub rules: Vec<Vec<f64>>,
    /// One column per group: its points after its cap.
    pub groups: Vec<Vec<f64>>,
    /// One column per group: what its cap takes (below 0) or its minimum gives.
    pub group_caps: Vec<Vec<f64>>,
    /// What the cap of the total takes or its minimum gives.
    pub total_cap: Vec<f64>,
    /// The day on which the points hold, counted from 1970-01-01; events of that day count.
    pub as_of: i32,
    /// Rows left out because they lie after `as_of`.
    pub later: usize,
    /// Rows left out because no rule reads their type.
    pub unknown_events: usize,
    /// Rows left out because their lead was not asked for.
    pub other_leads: usize,
    /// Rows left out because they repeat the id of an event.
    pub duplicates: usize,
}

impl EventPoints {
    /// What all caps of groups and of the total take together (below 0) or give: for each lead, the sum of its rules and
    /// this is its score. Exact where points are below nine million.
    pub fn caps(&self) -> Vec<f64> {
        const PIECE: usize = 1 << 15;
        let mut caps = vec![0.0; self.total_cap.len()];
        let pieces = caps.chunks_mut(PIECE).zip((0..).step_by(PIECE)).collect();
        parallel::map(pieces, |(caps, start): (&mut [f64], usize)| {
            for (row, cap) in (start..).zip(caps) {
                let columns = self.group_caps.iter().chain([&self.total_cap]);
                let sum = columns.fold(0_i64, |sum, column| sum.saturating_add(billionths(column[row])));
                *cap = points(sum);
            }
        });
        caps
    }
}

impl EventRules {
    /// Turns events into points, for the leads with codes below `leads`, on the day `as_of` (days since 1970-01-01).
    ///
    /// A lead without events gets 0, kept within the caps. The result does not depend on the order of the events; with
    /// `later` left out, that of a past day is what it was on that day, provided that the log is complete.
    ///
    /// Needs 8 bytes per event that counts beside the result.
    ///
    /// # Errors
    /// For what the policy refuses: [`Error::UnknownName`](crate::Error::UnknownName) with the row for a type of event
    /// that no rule reads, and [`Error::InvalidValue`](crate::Error::InvalidValue) with row and lead for an event after
    /// `as_of`, of a lead that was not asked for, or with the id of another row. Whatever the policy,
    /// `Error::InvalidValue` for rows of one id that differ, and for points beyond nine billion.
    pub fn points(&self, events: &Events<'_>, leads: usize, as_of: i32, policy: EventPolicy) -> Result<EventPoints> {
        let (checked, left_out) = Checked::new(*events, leads, as_of, &self.event_names(), policy)?;
        let bound = BoundRules::new(self, events.names);
        let columns = by_lead(&checked, &[&bound], as_of, bound.width(), |lines, scratch, row| {
            bound.levels(lines, as_of, as_of, scratch, row)
        })?;
        let at = Levels::of(self);
        let mut columns = columns.into_iter();
        let mut next = |count: usize| columns.by_ref().take(count).collect::<Vec<_>>();
        let (rules, groups, group_caps) = (next(at.rules.len()), next(at.groups.len()), next(at.group_caps.len()));
        Ok(EventPoints {
            total_cap: next(1).swap_remove(0),
            total: next(1).swap_remove(0),
            rules,
            groups,
            group_caps,
            as_of,
            later: left_out.later,
            unknown_events: left_out.unknown_events,
            other_leads: left_out.other_leads,
            duplicates: left_out.duplicates,
        })
    }

    /// Counts the rows that [`EventRules::points`] would refuse or leave out, by the reason why.
    ///
    /// # Errors
    /// Those of [`EventRules::points`] that do not depend on the policy.
    ///
    /// ```
    /// use tierwise::lead::{EventRule, EventRules, EventRulesSpec, Events};
    /// let rules = EventRules::new(EventRulesSpec { rules: vec![EventRule::new("call", 6.0)], ..EventRulesSpec::default() })?;
    /// let names = ["call".to_string(), "typo".to_string()];
    /// let events = Events::new(&[0, 0, 1, 7], &[0, 1, 0, 0], &names, &[10, 12, 40, 9])?;
    /// let left_out = rules.left_out(&events, 2, 15)?;
    /// assert_eq!((left_out.other_leads, left_out.unknown_events, left_out.later), (1, 1, 1));
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn left_out(&self, events: &Events<'_>, leads: usize, as_of: i32) -> Result<LeftOut> {
        let policy = EventPolicy {
            later: Strays::LeaveOut,
            unknown_events: Strays::LeaveOut,
            other_leads: Strays::LeaveOut,
            duplicates: Duplicates::CountOnce,
        };
        let (_, left_out) = Checked::new(*events, leads, as_of, &self.event_names(), policy)?;
        Ok(left_out)
    }
}
