//! Which rep gets which lead.

mod eligibility;
mod optimal;
mod result;
mod round_robin;
mod transport;

pub use result::{Assignment, Fairness, RepLoad, Unassigned};
pub use round_robin::Balance;

use crate::{Error, Result};
use eligibility::Eligible;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A lead that wants a rep.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OpenLead {
    /// Its key; every lead has another.
    pub key: String,
    /// What it is worth in any unit: expected money, win probability, score. NaN for unknown.
    #[serde(deserialize_with = "unknown_as_nan")]
    pub value: f64,
    /// What its rep must know, all of it.
    pub skills: Vec<String>,
    /// Where it is; `None` is served from anywhere.
    pub territory: Option<String>,
    /// Its grade, for reps who take only so many of one.
    pub grade: Option<String>,
    /// The rep it stays with, if that rep is among the reps, may have it and has room; set it to `None` to give the lead
    /// out anew.
    pub owner: Option<String>,
    /// Reps who must not get it, such as those who released it lately.
    pub excluded: Vec<String>,
}

/// A rep who takes leads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rep {
    /// The key; every rep has another.
    pub key: String,
    /// How many leads the rep can take, those kept included.
    pub capacity: i64,
    /// What the rep knows.
    #[serde(default)]
    pub skills: Vec<String>,
    /// Where the rep works; none stands for everywhere.
    #[serde(default)]
    pub territories: Vec<String>,
    /// What the rep makes of a lead's value, such as the own win rate over that of the team.
    #[serde(default = "one")]
    pub multiplier: f64,
    /// A further factor per skill, 1 where none is given. A lead that needs several skills gets the lowest (inferred).
    #[serde(default)]
    pub proficiency: BTreeMap<String, f64>,
    /// How many leads of a grade the rep takes at most, kept ones included.
    #[serde(default)]
    pub grade_limits: BTreeMap<String, i64>,
}

impl Default for Rep {
    fn default() -> Self {
        Self {
            key: String::new(),
            capacity: 0,
            skills: Vec::new(),
            territories: Vec::new(),
            multiplier: 1.0,
            proficiency: BTreeMap::new(),
            grade_limits: BTreeMap::new(),
        }
    }
}

/// Leads and reps, and what they are worth to each other.
///
/// A rep may have a lead when the rep has all skills that the lead needs, works in its territory, is not excluded, and
/// the pair is worth more than 0. The pair's value is `value × multiplier × proficiency`, or what `pair_values` says.
///
/// Leads are taken best first (by value, then by key as text), reps in the order of their keys; of equally good
/// assignments that decides which one comes out. So the order of the rows never matters.
///
/// ```
/// use tierwise::lead::{AssignmentTask, Balance, OpenLead, Rep, Unassigned};
///
/// let lead = |key: &str, value, skill: &str| OpenLead {
///     key: key.into(), value, skills: vec![skill.into()], ..OpenLead::default()
/// };
/// let rep = |key: &str, skills: &[&str]| Rep {
///     key: key.into(), capacity: 1, skills: skills.iter().map(|&skill| skill.into()).collect(), ..Rep::default()
/// };
/// let leads = [lead("l1", 90.0, "machines"), lead("l2", 80.0, "chemicals"), lead("l3", 10.0, "machines")];
/// let reps = [rep("ann", &["machines", "chemicals"]), rep("ben", &["machines"])];
/// let task = AssignmentTask { leads: &leads, reps: &reps, pair_values: None };
///
/// let best = task.optimal()?;
/// assert_eq!(best.rep, [Some(1), Some(0), None]); // ann alone knows chemicals, so ben takes the best lead
/// assert_eq!(best.reason[2], Some(Unassigned::Full));
/// assert_eq!((best.total_value, best.loads[1].shadow_price), (170.0, Some(10.0)));
///
/// let in_turn = task.round_robin(Balance::Turns, None)?;
/// assert_eq!(in_turn.rep, [Some(0), None, Some(1)]);
/// assert_eq!((in_turn.total_value, in_turn.next_turn.as_deref()), (100.0, Some("ann")));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct AssignmentTask<'a> {
    /// The leads.
    pub leads: &'a [OpenLead],
    /// The reps.
    pub reps: &'a [Rep],
    /// What each pair is worth, in place of values and multipliers: lead by lead, one number per rep. NaN, and what is
    /// not above 0, is never assigned; skills, territories and exclusions hold all the same.
    pub pair_values: Option<&'a [f64]>,
}

/// The most pairs of lead and rep in one task.
const MOST_PAIRS: usize = 50_000_000;
/// The most reps and grade limits in one task.
const MOST_PLACES: usize = 4_000;

impl AssignmentTask<'_> {
    /// The assignment of the highest total value that the capacities allow.
    ///
    /// It is exact: each pair's value is rounded to a multiple of 2⁻⁵⁹ of the highest or finer, and from there on nothing
    /// is rounded. [`Assignment::bound`] is the proof, by the prices of linear programming; [`RepLoad::shadow_price`] says
    /// what one more place would add. Time grows with leads × reps². Method: successive shortest paths (Ahuja, Magnanti
    /// and Orlin, "Network Flows", 1993, section 9.7).
    ///
    /// # Errors
    /// [`Error::EmptyTable`] without reps; [`Error::InvalidValue`] with row and key for a key that is empty or repeated, a
    /// capacity or limit below 0, a multiplier or proficiency below 0, a pair's value that is infinite;
    /// [`Error::NotFinite`] for an infinite value of a lead; [`Error::WrongLength`] when there is not one pair value per
    /// lead and rep; [`Error::InvalidParameter`] for more than 50 million pairs, or 4000 reps and grade limits.
    pub fn optimal(&self) -> Result<Assignment> {
        let eligible = self.eligible()?;
        Ok(optimal::assign(&eligible))
    }

    /// Gives each lead, best first, to the next rep who may have it and has room.
    ///
    /// `start_at` is the rep whose turn it is; pass the last batch's [`Assignment::next_turn`].
    ///
    /// # Errors
    /// Those of [`optimal`](Self::optimal), and [`Error::UnknownName`] when `start_at` is not among the reps.
    pub fn round_robin(&self, balance: Balance, start_at: Option<&str>) -> Result<Assignment> {
        let eligible = self.eligible()?;
        round_robin::assign(&eligible, balance, start_at)
    }

    fn eligible(&self) -> Result<Eligible<'_>> {
        self.check_size()?;
        check_keys("the lead", self.leads.iter().map(|lead| lead.key.as_str()))?;
        check_keys("the rep", self.reps.iter().map(|rep| rep.key.as_str()))?;
        for (row, lead) in self.leads.iter().enumerate() {
            if lead.value.is_infinite() {
                return Err(Error::NotFinite { column: "value".into(), row: Some(row), found: lead.value });
            }
        }
        for (row, rep) in self.reps.iter().enumerate() {
            check_rep(row, rep)?;
        }
        Eligible::new(self)
    }

    fn check_size(&self) -> Result<()> {
        if self.reps.is_empty() {
            return Err(Error::EmptyTable { what: "the table of reps".into() });
        }
        let pairs = self.leads.len().saturating_mul(self.reps.len());
        let places = self.reps.iter().fold(self.reps.len(), |places, rep| places + rep.grade_limits.len());
        let too_many = |name, most: usize, of: &str, got: usize| Error::InvalidParameter {
            of: "assign",
            name,
            must_be: format!("tables that make at most {most} {of}; assign in parts, such as one territory at a time"),
            got: got.to_string(),
        };
        if pairs > MOST_PAIRS {
            return Err(too_many("leads", MOST_PAIRS, "pairs of lead and rep", pairs));
        }
        if places > MOST_PLACES {
            return Err(too_many("reps", MOST_PLACES, "reps and grade limits", places));
        }
        match self.pair_values {
            Some(values) if values.len() != pairs => {
                Err(Error::WrongLength { what: "`pair_values`".into(), expected: pairs, found: values.len() })
            }
            _ => Ok(()),
        }
    }
}

pub(super) fn check_keys<'a>(what: &str, keys: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for (row, key) in keys.enumerate() {
        let refuse = |found: &str, must_be: &str| Error::InvalidValue {
            what: what.to_owned(),
            row,
            key: Some(key.to_owned()),
            found: found.into(),
            must_be: must_be.into(),
        };
        if key.is_empty() {
            return Err(refuse("an empty key", "every row needs a key; fill it in"));
        }
        if !seen.insert(key) {
            return Err(refuse("there twice", "every key stands in one row; merge or drop the others"));
        }
    }
    Ok(())
}

fn check_rep(row: usize, rep: &Rep) -> Result<()> {
    let refuse = |what: String, found: String, must_be: &str| {
        Err(Error::InvalidValue { what, row, key: Some(rep.key.clone()), found, must_be: must_be.into() })
    };
    let whole = "it must be a whole number in [0, 2^32); a rep who takes none has 0";
    let fits = |number: i64| u32::try_from(number).is_ok();
    if !fits(rep.capacity) {
        return refuse("the capacity".into(), rep.capacity.to_string(), whole);
    }
    if let Some((grade, &limit)) = rep.grade_limits.iter().find(|&(_, &limit)| !fits(limit)) {
        return refuse(format!("the limit for grade `{grade}`"), limit.to_string(), whole);
    }
    let factor = "it must be a finite number of at least 0; 1 changes nothing";
    let fits = |number: f64| number.is_finite() && number >= 0.0;
    if !fits(rep.multiplier) {
        return refuse("the multiplier".into(), rep.multiplier.to_string(), factor);
    }
    match rep.proficiency.iter().find(|&(_, &number)| !fits(number)) {
        Some((skill, number)) => refuse(format!("the proficiency in `{skill}`"), number.to_string(), factor),
        None => Ok(()),
    }
}

fn one() -> f64 {
    1.0
}

fn unknown_as_nan<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}
