//! The rules of a pool, checked against each other.

use crate::model::Saved;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The rules of a public pool, as they are written down. Every rule but the first two is off by default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PoolSpec {
    /// A lead is released this many days after its last contact, or after its assignment while there was none since.
    pub release_after_days_without_contact: Option<u32>,
    /// Other numbers of days for some grades.
    pub days_without_contact_by_grade: BTreeMap<String, u32>,
    /// What an unknown last contact means.
    pub unknown_contact: UnknownContact,
    /// A lead is released this many days after it last came a step further, or was assigned.
    pub release_after_days_without_progress: Option<u32>,
    /// For so many days after its assignment a lead is not released.
    pub protection_days: u32,
    /// How many leads a rep may have. Of those above, the ones longest without contact are released.
    pub most_leads_per_rep: Option<u32>,
    /// How many leads a rep may pick up in a period.
    pub claim_limit: Option<ClaimLimit>,
    /// For so many days after its release the same rep may not pick a lead up again.
    pub cooling_off_days: u32,
    /// After so many releases a manager decides about a lead.
    pub most_releases: Option<u32>,
    /// Ranking: points that each earlier release takes away. The sources leave open whether releases count against a
    /// lead; 0, the default, says no.
    pub points_per_release: f64,
    /// Ranking: points that each day since the last contact takes away.
    pub points_per_day_since_contact: f64,
    /// Ranking: days beyond which no more points are taken away.
    pub most_days_since_contact: u32,
}

impl Default for PoolSpec {
    fn default() -> Self {
        Self {
            release_after_days_without_contact: Some(30),
            days_without_contact_by_grade: BTreeMap::new(),
            unknown_contact: UnknownContact::FromAssignment,
            release_after_days_without_progress: None,
            protection_days: 0,
            most_leads_per_rep: None,
            claim_limit: None,
            cooling_off_days: 0,
            most_releases: None,
            points_per_release: 0.0,
            points_per_day_since_contact: 0.0,
            most_days_since_contact: 365,
        }
    }
}

/// What an unknown last contact means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownContact {
    /// The days count from the assignment, and the reason says that no contact is known.
    FromAssignment,
    /// The lead is not released for want of contact: perhaps there was one.
    Keep,
}

/// So many claims in so many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimLimit {
    /// How many leads a rep may pick up.
    pub most: u32,
    /// In how many days, the present one included.
    pub days: u32,
}

/// Checked rules of a public pool.
///
/// A rule of *n* days takes effect on the *n*-th day after: what was assigned on day 100 and needs contact within 30
/// days is released on day 130. Kind of the model file: `pool_rules`.
///
/// ```
/// use tierwise::lead::{Decision, Pool, PoolLead, PoolReason, PoolRules, PoolSpec};
///
/// let rules = PoolRules::new(PoolSpec { cooling_off_days: 14, ..PoolSpec::default() })?;
/// let ann = |key: &str, last_contact_on| PoolLead {
///     key: key.into(), owner: Some("ann".into()), assigned_on: Some(100), last_contact_on, ..PoolLead::default()
/// };
/// let leads = [ann("l1", None), ann("l2", Some(115))];
/// let decided = rules.decide(&Pool::new(&leads, &[], 131)?);
/// assert_eq!((decided[0].decision, decided[0].reason), (Decision::Release, PoolReason::NoContactKnown));
/// assert_eq!((decided[1].decision, decided[1].release_on, decided[1].days_left), (Decision::Keep, Some(145), Some(14)));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "PoolSpec", into = "PoolSpec")]
pub struct PoolRules {
    spec: PoolSpec,
}

/// The longest period: a hundred years. It keeps days within their range.
const MOST_DAYS: u32 = 36_525;

impl PoolRules {
    /// Checks rules.
    ///
    /// # Errors
    /// [`Error::InvalidRules`] when the rules contradict each other, such as a protection longer than the days after which
    /// a lead is released, or grades without a rule for the others; [`Error::InvalidParameter`] for a number out of range.
    pub fn new(spec: PoolSpec) -> Result<Self> {
        check_ranges(&spec)?;
        check_protection(&spec)?;
        if spec.release_after_days_without_contact.is_none() && !spec.days_without_contact_by_grade.is_empty() {
            return Err(contradiction(
                "days_without_contact_by_grade",
                "there are days for some grades and none for the others; set `release_after_days_without_contact`, too",
            ));
        }
        if let (Some(claims), Some(most)) = (spec.claim_limit, spec.most_leads_per_rep)
            && claims.most > most
        {
            let reason = format!("{} claims are allowed at once, but only {most} leads; lower it", claims.most);
            return Err(contradiction("claim_limit", &reason));
        }
        Ok(Self { spec })
    }

    /// The rules as they are written down.
    pub fn spec(&self) -> &PoolSpec {
        &self.spec
    }

    /// The days without contact after which a lead of this grade is released.
    pub(super) fn contact_days(&self, grade: Option<&str>) -> Option<u32> {
        let of_grade = grade.and_then(|grade| self.spec.days_without_contact_by_grade.get(grade).copied());
        of_grade.or(self.spec.release_after_days_without_contact)
    }
}

impl Saved for PoolRules {
    const KIND: &'static str = "pool_rules";
}

impl TryFrom<PoolSpec> for PoolRules {
    type Error = Error;

    fn try_from(spec: PoolSpec) -> Result<Self> {
        Self::new(spec)
    }
}

impl From<PoolRules> for PoolSpec {
    fn from(rules: PoolRules) -> Self {
        rules.spec
    }
}

fn check_ranges(spec: &PoolSpec) -> Result<()> {
    let claims = spec.claim_limit;
    let whole = [
        ("release_after_days_without_contact", spec.release_after_days_without_contact, 1, MOST_DAYS),
        ("days_without_contact_by_grade", spec.days_without_contact_by_grade.values().min().copied(), 1, MOST_DAYS),
        ("days_without_contact_by_grade", spec.days_without_contact_by_grade.values().max().copied(), 1, MOST_DAYS),
        ("release_after_days_without_progress", spec.release_after_days_without_progress, 1, MOST_DAYS),
        ("protection_days", Some(spec.protection_days), 0, MOST_DAYS),
        ("most_leads_per_rep", spec.most_leads_per_rep, 1, u32::MAX),
        ("claim_limit.most", claims.map(|claims| claims.most), 1, u32::MAX),
        ("claim_limit.days", claims.map(|claims| claims.days), 1, MOST_DAYS),
        ("cooling_off_days", Some(spec.cooling_off_days), 0, MOST_DAYS),
        ("most_releases", spec.most_releases, 1, u32::MAX),
        ("most_days_since_contact", Some(spec.most_days_since_contact), 0, MOST_DAYS),
    ];
    for (name, value, least, most) in whole {
        if let Some(value) = value.filter(|value| !(least..=most).contains(value)) {
            return Err(Error::InvalidParameter {
                of: "PoolRules",
                name,
                must_be: format!("a whole number in [{least}, {most}]"),
                got: value.to_string(),
            });
        }
    }
    let points = [
        ("points_per_release", spec.points_per_release),
        ("points_per_day_since_contact", spec.points_per_day_since_contact),
    ];
    for (name, value) in points {
        if !(0.0..=1e100).contains(&value) {
            let must_be = "a number in [0, 1e100], the points taken away".into();
            return Err(Error::InvalidParameter { of: "PoolRules", name, must_be, got: value.to_string() });
        }
    }
    Ok(())
}

/// A protection as long as the days before a release would make the release rule a dead letter for new leads.
fn check_protection(spec: &PoolSpec) -> Result<()> {
    let by_grade = spec.days_without_contact_by_grade.iter();
    let mut limits: Vec<(String, u32)> = by_grade
        .map(|(grade, &days)| (format!("a lead of grade `{grade}` is released without contact"), days))
        .collect();
    limits.extend(
        spec.release_after_days_without_contact.map(|days| ("a lead is released without contact".into(), days)),
    );
    limits.extend(
        spec.release_after_days_without_progress.map(|days| ("a lead is released without progress".into(), days)),
    );
    match limits.into_iter().find(|&(_, days)| spec.protection_days > days) {
        Some((what, days)) => {
            let protection = spec.protection_days;
            let reason = format!("it is {protection}, but {what} after {days} days; shorten the protection");
            Err(contradiction("protection_days", &reason))
        }
        None => Ok(()),
    }
}

fn contradiction(place: &str, reason: &str) -> Error {
    Error::InvalidRules { rules: "the pool rules".into(), place: format!("`{place}`"), reason: reason.into() }
}
