//! What becomes of each lead today, why, and how long it has left.

use super::{Pool, PoolLead, PoolRules, UnknownContact};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// What becomes of a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It stays with its owner.
    Keep,
    /// It goes back to the pool today.
    Release,
    /// It lies in the pool and may be picked up.
    Claimable,
    /// It lies in the pool and was released too often: a manager decides.
    NeedsManager,
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PoolReason {
    /// The owner has days left.
    InTime,
    /// It would be due, or one too many, but was assigned only lately.
    Protected,
    /// No rule that could release it applies.
    NoRule,
    /// The last contact, or the assignment after it, is too long ago.
    NoContact,
    /// No contact is known, and the assignment is too long ago.
    NoContactKnown,
    /// It has not come further for too long.
    NoProgress,
    /// The owner has too many leads, and this one is among those longest without contact.
    OverLimit,
    /// It has no owner.
    InPool,
    /// It was released as often as the rules allow.
    TooManyReleases,
}

/// What becomes of one lead, on the day of the records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PoolDecision {
    /// What.
    pub decision: Decision,
    /// Why.
    pub reason: PoolReason,
    /// The day on which it goes back to the pool if nothing happens until then; `None` for one that does not, or that lies
    /// there. A release for too many leads falls on the day of the records.
    pub release_on: Option<i32>,
    /// The days until then; 0 for one that is released today.
    pub days_left: Option<u32>,
    /// How often it was released before.
    pub releases: u32,
}

impl Decision {
    /// All decisions.
    pub const ALL: [Self; 4] = [Self::Keep, Self::Release, Self::Claimable, Self::NeedsManager];

    /// The name of the decision, in `snake_case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Release => "release",
            Self::Claimable => "claimable",
            Self::NeedsManager => "needs_manager",
        }
    }
}

impl PoolReason {
    /// All reasons.
    pub const ALL: [Self; 9] = [
        Self::InTime,
        Self::Protected,
        Self::NoRule,
        Self::NoContact,
        Self::NoContactKnown,
        Self::NoProgress,
        Self::OverLimit,
        Self::InPool,
        Self::TooManyReleases,
    ];

    /// The name of the reason, in `snake_case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::InTime => "in_time",
            Self::Protected => "protected",
            Self::NoRule => "no_rule",
            Self::NoContact => "no_contact",
            Self::NoContactKnown => "no_contact_known",
            Self::NoProgress => "no_progress",
            Self::OverLimit => "over_limit",
            Self::InPool => "in_pool",
            Self::TooManyReleases => "too_many_releases",
        }
    }
}

/// When a lead is due, and by which rule.
type Due = (i32, PoolReason);

impl PoolRules {
    /// Decides about every lead, in the order of the pool.
    ///
    /// First the days: the earlier of the two days on which contact and progress are missed (contact on a tie), though
    /// not before the protection ends. Then the limit: of the leads that a rep keeps above the limit, those longest
    /// without contact are released (then by key); protected ones stay, even above the limit.
    pub fn decide(&self, pool: &Pool<'_>) -> Vec<PoolDecision> {
        let rows = pool.leads.iter().zip(&pool.releases);
        let mut decided: Vec<PoolDecision> =
            rows.map(|(lead, releases)| self.by_days(lead, releases.len() as u32, pool.as_of)).collect();
        if let Some(most) = self.spec().most_leads_per_rep {
            self.release_above(most as usize, pool, &mut decided);
        }
        decided
    }

    fn by_days(&self, lead: &PoolLead, releases: u32, as_of: i32) -> PoolDecision {
        let decision = |decision, reason, release_on: Option<i32>| PoolDecision {
            decision,
            reason,
            release_on,
            days_left: release_on.map(|day| day.saturating_sub(as_of).max(0).cast_unsigned()),
            releases,
        };
        let Some(assigned) = owned_since(lead) else {
            return if self.is_for_manager(releases) {
                decision(Decision::NeedsManager, PoolReason::TooManyReleases, None)
            } else {
                decision(Decision::Claimable, PoolReason::InPool, None)
            };
        };
        let Some((due, reason)) = self.due(lead, assigned) else {
            return decision(Decision::Keep, PoolReason::NoRule, None);
        };
        let release_on = due.max(self.protected_until(assigned));
        if release_on <= as_of {
            decision(Decision::Release, reason, Some(release_on))
        } else if due <= as_of {
            decision(Decision::Keep, PoolReason::Protected, Some(release_on))
        } else {
            decision(Decision::Keep, PoolReason::InTime, Some(release_on))
        }
    }

    pub(super) fn is_for_manager(&self, releases: u32) -> bool {
        self.spec().most_releases.is_some_and(|most| releases >= most)
    }

    fn due(&self, lead: &PoolLead, assigned: i32) -> Option<Due> {
        let after = |since: i32, days: u32| since.saturating_add(days.cast_signed());
        let contact = self.contact_days(lead.grade.as_deref()).and_then(|days| match lead.last_contact_on {
            Some(last) => Some((after(last.max(assigned), days), PoolReason::NoContact)),
            None if self.spec().unknown_contact == UnknownContact::Keep => None,
            None => Some((after(assigned, days), PoolReason::NoContactKnown)),
        });
        let progress = self.spec().release_after_days_without_progress.map(|days| {
            let since = lead.last_progress_on.map_or(assigned, |last| last.max(assigned));
            (after(since, days), PoolReason::NoProgress)
        });
        // Of equal days the first, which is that of the contact.
        contact.into_iter().chain(progress).min_by_key(|&(day, _)| day)
    }

    fn protected_until(&self, assigned: i32) -> i32 {
        assigned.saturating_add(self.spec().protection_days.cast_signed())
    }

    fn release_above(&self, most: usize, pool: &Pool<'_>, decided: &mut [PoolDecision]) {
        let mut of_rep: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (row, lead) in pool.leads.iter().enumerate() {
            if let (Decision::Keep, Some(owner)) = (decided[row].decision, lead.owner.as_deref()) {
                of_rep.entry(owner).or_default().push(row);
            }
        }
        for mut rows in of_rep.into_values().filter(|rows| rows.len() > most) {
            let too_many = rows.len() - most;
            // The longest without contact first; a contact before the assignment was somebody else's.
            rows.sort_by_key(|&row| {
                let lead = &pool.leads[row];
                (lead.last_contact_on.max(lead.assigned_on), Reverse(lead.last_contact_on.is_none()), &lead.key)
            });
            let protected = |row: usize| {
                owned_since(&pool.leads[row]).is_some_and(|assigned| self.protected_until(assigned) > pool.as_of)
            };
            let (spared, free): (Vec<usize>, Vec<usize>) = rows.into_iter().partition(|&row| protected(row));
            for &row in free.iter().take(too_many) {
                let one = &mut decided[row];
                one.decision = Decision::Release;
                one.reason = PoolReason::OverLimit;
                (one.release_on, one.days_left) = (Some(pool.as_of), Some(0));
            }
            for &row in spared.iter().take(too_many.saturating_sub(free.len())) {
                decided[row].reason = PoolReason::Protected;
            }
        }
    }
}

fn owned_since(lead: &PoolLead) -> Option<i32> {
    lead.owner.as_ref().and(lead.assigned_on)
}
