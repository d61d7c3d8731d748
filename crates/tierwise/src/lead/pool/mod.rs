//! The public pool: leads that nobody works come back to all, and who may pick them up.

mod claim;
mod decide;
mod rank;
mod rules;

pub use claim::{Claim, ClaimAnswer, Refusal};
pub use decide::{Decision, PoolDecision, PoolReason};
pub use rank::PoolRank;
pub use rules::{ClaimLimit, PoolRules, PoolSpec, UnknownContact};

use super::assignment::check_keys;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A lead as the records know it. Days are whole days since 1970-01-01.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PoolLead {
    /// Its key; every lead has another.
    pub key: String,
    /// The rep who has it; `None` while it lies in the pool.
    pub owner: Option<String>,
    /// When the owner got it; every lead with an owner needs one.
    pub assigned_on: Option<i32>,
    /// The last contact with anyone, when one is known. A contact before the assignment was somebody else's.
    pub last_contact_on: Option<i32>,
    /// When the lead last came a step further, when that is known.
    pub last_progress_on: Option<i32>,
    /// Its grade.
    pub grade: Option<String>,
}

/// A rep gave a lead back, or it was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The lead.
    pub lead: String,
    /// The rep who had it.
    pub rep: String,
    /// The day.
    pub on: i32,
}

/// All leads and their releases on one day, checked.
///
/// ```
/// use tierwise::lead::{Pool, PoolLead};
/// let leads = [PoolLead { key: "l1".into(), owner: Some("ann".into()), assigned_on: Some(120), ..PoolLead::default() }];
/// let error = Pool::new(&leads, &[], 100).unwrap_err();
/// assert!(error.to_string().starts_with("the day of assignment at row 0 (`l1`) is day 120"));
/// ```
#[derive(Debug, Clone)]
pub struct Pool<'a> {
    leads: &'a [PoolLead],
    as_of: i32,
    /// The releases of each lead, the latest last.
    releases: Vec<Vec<&'a Release>>,
}

impl<'a> Pool<'a> {
    /// Checks the records of one day.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] with row and key for a key that is empty or repeated, a day after `as_of`, a lead with an
    /// owner and no day of assignment, or released after it was assigned to the rep who has it;
    /// [`Error::UnknownName`] for a release of a lead that is not there.
    pub fn new(leads: &'a [PoolLead], releases: &'a [Release], as_of: i32) -> Result<Self> {
        check_keys("the lead", leads.iter().map(|lead| lead.key.as_str()))?;
        for (row, lead) in leads.iter().enumerate() {
            check_days(row, lead, as_of)?;
        }
        let place: BTreeMap<&str, usize> =
            leads.iter().enumerate().map(|(row, lead)| (lead.key.as_str(), row)).collect();
        let mut of_lead = vec![Vec::new(); leads.len()];
        for (row, release) in releases.iter().enumerate() {
            check_not_later("the day of release", row, &release.lead, Some(release.on), as_of)?;
            let lead = *place.get(release.lead.as_str()).ok_or_else(|| Error::UnknownName {
                what: "the released lead".into(),
                row: Some(row),
                name: release.lead.clone(),
                known: leads.iter().take(20).map(|lead| lead.key.clone()).collect(),
            })?;
            if let (Some(owner), Some(assigned)) = (&leads[lead].owner, leads[lead].assigned_on)
                && release.on > assigned
            {
                return Err(Error::InvalidValue {
                    what: "the day of release".into(),
                    row,
                    key: Some(release.lead.clone()),
                    found: format!("day {}", release.on),
                    must_be: format!("`{owner}` has had the lead since day {assigned}; correct the owner or the day"),
                });
            }
            of_lead[lead].push(release);
        }
        for releases in &mut of_lead {
            releases.sort_by(|a, b| (a.on, &a.rep).cmp(&(b.on, &b.rep)));
        }
        Ok(Self { leads, as_of, releases: of_lead })
    }

    /// The day on which the records hold.
    pub fn as_of(&self) -> i32 {
        self.as_of
    }

    /// How many leads each rep has.
    fn held(&self) -> BTreeMap<&'a str, u32> {
        let mut held = BTreeMap::new();
        for owner in self.leads.iter().filter_map(|lead| lead.owner.as_deref()) {
            *held.entry(owner).or_default() += 1;
        }
        held
    }
}

fn check_days(row: usize, lead: &PoolLead, as_of: i32) -> Result<()> {
    check_not_later("the last contact", row, &lead.key, lead.last_contact_on, as_of)?;
    check_not_later("the last progress", row, &lead.key, lead.last_progress_on, as_of)?;
    check_not_later("the day of assignment", row, &lead.key, lead.assigned_on, as_of)?;
    match (&lead.owner, lead.assigned_on) {
        (Some(owner), None) => Err(Error::InvalidValue {
            what: "the day of assignment".into(),
            row,
            key: Some(lead.key.clone()),
            found: "unknown".into(),
            must_be: format!("the lead belongs to `{owner}`; say since when"),
        }),
        _ => Ok(()),
    }
}

fn check_not_later(what: &str, row: usize, key: &str, day: Option<i32>, as_of: i32) -> Result<()> {
    match day {
        Some(day) if day > as_of => Err(Error::InvalidValue {
            what: what.into(),
            row,
            key: Some(key.to_owned()),
            found: format!("day {day}"),
            must_be: format!("it must not lie after `as_of`, day {as_of}; leave out what came later"),
        }),
        _ => Ok(()),
    }
}
