//! May this rep pick this lead up today, and if not, when?

use super::{Pool, PoolRules, check_not_later};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// A rep picked a lead up from the pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The rep.
    pub rep: String,
    /// The day.
    pub on: i32,
}

/// Why a rep may not pick a lead up. The tests are made in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// It has an owner.
    NotInPool,
    /// It was released as often as the rules allow.
    NeedsManager,
    /// The rep has as many leads as the rules allow.
    RepIsFull,
    /// The rep gave it back lately.
    CoolingOff,
    /// The rep has picked up as many leads in the period as the rules allow.
    ClaimLimit,
}

/// Whether a rep may pick a lead up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClaimAnswer {
    /// Whether it is allowed.
    pub allowed: bool,
    /// Why not; where both waiting times apply, the one that ends later.
    pub refusal: Option<Refusal>,
    /// The day from which it is allowed, where that is only a matter of time.
    pub allowed_from: Option<i32>,
}

impl PoolRules {
    /// Says whether a rep may pick a lead up on the day of the pool's records. `claims` are earlier ones, of any rep.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a lead that is not there; [`Error::InvalidValue`] for a claim after the day of the
    /// records; [`Error::InvalidParameter`] for a rep without a name.
    ///
    /// ```
    /// use tierwise::lead::{Pool, PoolLead, PoolRules, PoolSpec, Refusal, Release};
    /// let rules = PoolRules::new(PoolSpec { cooling_off_days: 14, ..PoolSpec::default() })?;
    /// let leads = [PoolLead { key: "l1".into(), ..PoolLead::default() }];
    /// let releases = [Release { lead: "l1".into(), rep: "ann".into(), on: 100 }];
    /// let pool = Pool::new(&leads, &releases, 110)?;
    /// let answer = rules.may_claim(&pool, "l1", "ann", &[])?;
    /// assert_eq!((answer.refusal, answer.allowed_from), (Some(Refusal::CoolingOff), Some(114)));
    /// assert!(rules.may_claim(&pool, "l1", "ben", &[])?.allowed);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn may_claim(&self, pool: &Pool<'_>, lead: &str, rep: &str, claims: &[Claim]) -> Result<ClaimAnswer> {
        for (row, claim) in claims.iter().enumerate() {
            check_not_later("the day of the claim", row, &claim.rep, Some(claim.on), pool.as_of)?;
        }
        if rep.is_empty() {
            let must_be = "the name of a rep".into();
            return Err(Error::InvalidParameter { of: "may_claim", name: "rep", must_be, got: "``".into() });
        }
        let row = pool.leads.iter().position(|one| one.key == lead).ok_or_else(|| Error::UnknownName {
            what: "the lead".into(),
            row: None,
            name: lead.to_owned(),
            known: pool.leads.iter().take(20).map(|lead| lead.key.clone()).collect(),
        })?;
        let refused = |refusal, allowed_from| ClaimAnswer { allowed: false, refusal: Some(refusal), allowed_from };
        if pool.leads[row].owner.is_some() {
            return Ok(refused(Refusal::NotInPool, None));
        }
        if self.is_for_manager(pool.releases[row].len() as u32) {
            return Ok(refused(Refusal::NeedsManager, None));
        }
        let held = pool.held().get(rep).copied().unwrap_or(0);
        if self.spec().most_leads_per_rep.is_some_and(|most| held >= most) {
            return Ok(refused(Refusal::RepIsFull, None));
        }
        let cooling = self.cooling_until(pool, row, rep).map(|day| (Refusal::CoolingOff, day));
        let limit = self.claims_from(rep, claims).map(|day| (Refusal::ClaimLimit, day));
        // Of equal days the first is named.
        let waits = limit.into_iter().chain(cooling).filter(|&(_, day)| day > pool.as_of);
        Ok(match waits.max_by_key(|&(_, day)| day) {
            Some((refusal, day)) => refused(refusal, Some(day)),
            None => ClaimAnswer { allowed: true, refusal: None, allowed_from: Some(pool.as_of) },
        })
    }

    /// The reps who gave each lead back so lately that they may not pick it up yet, for
    /// [`OpenLead::excluded`](crate::lead::OpenLead::excluded).
    pub fn cooling_off(&self, pool: &Pool<'_>) -> Vec<Vec<String>> {
        let cooling = |row: usize| {
            let mut reps: Vec<String> = pool.releases[row]
                .iter()
                .filter(|release| self.cooling_until(pool, row, &release.rep).is_some_and(|day| day > pool.as_of))
                .map(|release| release.rep.clone())
                .collect();
            reps.sort();
            reps.dedup();
            reps
        };
        (0..pool.leads.len()).map(cooling).collect()
    }

    /// The day from which the rep may have the lead again.
    fn cooling_until(&self, pool: &Pool<'_>, row: usize, rep: &str) -> Option<i32> {
        let last = pool.releases[row].iter().filter(|release| release.rep == rep).map(|release| release.on).max()?;
        Some(last.saturating_add(self.spec().cooling_off_days.cast_signed()))
    }

    /// The day from which the rep may pick up one lead more.
    fn claims_from(&self, rep: &str, claims: &[Claim]) -> Option<i32> {
        let limit = self.spec().claim_limit?;
        let mut days: Vec<i32> = claims.iter().filter(|claim| claim.rep == rep).map(|claim| claim.on).collect();
        days.sort_unstable();
        // Once this one has left the period, one fewer than allowed are in it.
        let oldest = days[days.len().checked_sub(limit.most as usize)?];
        Some(oldest.saturating_add(limit.days.cast_signed()))
    }
}
