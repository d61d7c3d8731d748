//! Who got what, why others got none, and how evenly it went.

use super::eligibility::{Eligible, Room};
use serde::Serialize;

/// Why a lead has no rep. The tests are made in this order (an unknown value before all others), each among the reps
/// that the ones before have left; the first that leaves nobody is the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unassigned {
    /// Its value is unknown.
    ValueUnknown,
    /// No rep has all the skills.
    NoRepWithSkill,
    /// No rep with the skills works in the territory.
    NoRepInTerritory,
    /// All such reps are excluded, by cooling-off for instance.
    Excluded,
    /// To none of those left is it worth more than 0.
    ValueNotPositive,
    /// There are reps who may have it; one has room, but none of them for this grade.
    GradeLimit,
    /// All reps who may have it are full, of leads that came first or that are worth more.
    Full,
}

impl Unassigned {
    /// All reasons, in the order of the tests.
    pub const ALL: [Self; 7] = [
        Self::ValueUnknown,
        Self::NoRepWithSkill,
        Self::NoRepInTerritory,
        Self::Excluded,
        Self::ValueNotPositive,
        Self::GradeLimit,
        Self::Full,
    ];

    /// The name of the reason, in `snake_case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ValueUnknown => "value_unknown",
            Self::NoRepWithSkill => "no_rep_with_skill",
            Self::NoRepInTerritory => "no_rep_in_territory",
            Self::Excluded => "excluded",
            Self::ValueNotPositive => "value_not_positive",
            Self::GradeLimit => "grade_limit",
            Self::Full => "full",
        }
    }
}

/// An assignment. Sequences have one element per lead, in the order of the leads as they were passed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Assignment {
    /// The position of the lead's rep in the reps as they were passed.
    pub rep: Vec<Option<usize>>,
    /// Why it has none; `None` where it has one.
    pub reason: Vec<Option<Unassigned>>,
    /// What lead and rep are worth together; `None` where it has no rep.
    pub value: Vec<Option<f64>>,
    /// Whether it stays with its owner.
    pub kept: Vec<bool>,
    /// How many reps might have had it.
    pub eligible_reps: Vec<u32>,
    /// The sum of the values.
    pub total_value: f64,
    /// Of an optimal assignment: what no assignment with these kept leads can exceed. Equal to `total_value` up to the
    /// rounding of the sums.
    pub bound: Option<f64>,
    /// What each rep has now, in the order of the reps as they were passed.
    pub loads: Vec<RepLoad>,
    /// How evenly leads and value are spread.
    pub fairness: Fairness,
    /// Of turns: the rep whose turn is next.
    pub next_turn: Option<String>,
}

/// What one rep has.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RepLoad {
    /// The rep.
    pub key: String,
    /// How many leads the rep can take.
    pub capacity: u32,
    /// How many the rep has, kept ones included.
    pub leads: u32,
    /// How many of them were the rep's before.
    pub kept: u32,
    /// What they are worth together.
    pub value: f64,
    /// `leads / capacity`; `None` without capacity.
    pub share_of_capacity: Option<f64>,
    /// Of an optimal assignment: by how much the total would rise if the rep could take one lead more; 0 while there is
    /// room.
    pub shadow_price: Option<f64>,
}

/// How evenly it went, among the reps with a capacity above 0; each is `None` where there is nothing to compare.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Fairness {
    /// The Gini coefficient of the leads per rep: 0 when all have as many, towards 1 when one has all.
    pub gini_of_leads: Option<f64>,
    /// The Gini coefficient of the value per rep.
    pub gini_of_value: Option<f64>,
    /// The lowest share of a capacity that is used.
    pub lowest_share_of_capacity: Option<f64>,
    /// The highest share of a capacity that is used.
    pub highest_share_of_capacity: Option<f64>,
}

/// Puts a result together; `rep_of` holds the rep of each lead in the order of work.
pub(super) fn assignment(eligible: &Eligible<'_>, rep_of: &[Option<usize>]) -> Assignment {
    let leads = rep_of.len();
    let mut room = Room::new(eligible);
    let mut loads = empty_loads(eligible);
    let (mut rep, mut reason, mut value) = (vec![None; leads], vec![None; leads], vec![None; leads]);
    let (mut kept, mut eligible_reps) = (vec![false; leads], vec![0; leads]);
    let mut total_value = 0.0;
    for (lead, &chosen) in rep_of.iter().enumerate() {
        let row = eligible.leads[lead];
        eligible_reps[row] = (0..eligible.reps.len()).filter(|&rep| !eligible.value(lead, rep).is_nan()).count() as u32;
        let Some(chosen) = chosen else { continue };
        let worth = eligible.value(lead, chosen);
        rep[row] = Some(eligible.reps[chosen]);
        value[row] = Some(worth);
        kept[row] = eligible.kept[lead].is_some();
        total_value += worth;
        room.take(eligible, lead, chosen);
        let load = &mut loads[eligible.reps[chosen]];
        load.leads += 1;
        load.kept += u32::from(kept[row]);
        load.value += worth;
    }
    for (lead, _) in rep_of.iter().enumerate().filter(|(_, chosen)| chosen.is_none()) {
        reason[eligible.leads[lead]] = Some(eligible.nobody[lead].unwrap_or_else(|| shut_out(eligible, &room, lead)));
    }
    for load in &mut loads {
        load.share_of_capacity = (load.capacity > 0).then(|| f64::from(load.leads) / f64::from(load.capacity));
    }
    let fairness = fairness(&loads);
    Assignment { rep, reason, value, kept, eligible_reps, total_value, bound: None, loads, fairness, next_turn: None }
}

fn empty_loads(eligible: &Eligible<'_>) -> Vec<RepLoad> {
    let load = |rep: &super::Rep| RepLoad {
        key: rep.key.clone(),
        capacity: rep.capacity as u32,
        leads: 0,
        kept: 0,
        value: 0.0,
        share_of_capacity: None,
        shadow_price: None,
    };
    eligible.task.reps.iter().map(load).collect()
}

fn shut_out(eligible: &Eligible<'_>, room: &Room<'_>, lead: usize) -> Unassigned {
    let may = |rep: &usize| !eligible.value(lead, *rep).is_nan();
    let has_room = (0..eligible.reps.len()).filter(may).any(|rep| room.capacity[rep] > 0);
    if has_room { Unassigned::GradeLimit } else { Unassigned::Full }
}

fn fairness(loads: &[RepLoad]) -> Fairness {
    let working = || loads.iter().filter(|load| load.capacity > 0);
    let shares = || working().filter_map(|load| load.share_of_capacity);
    Fairness {
        gini_of_leads: gini(working().map(|load| f64::from(load.leads)).collect()),
        gini_of_value: gini(working().map(|load| load.value).collect()),
        lowest_share_of_capacity: shares().reduce(f64::min),
        highest_share_of_capacity: shares().reduce(f64::max),
    }
}

/// `Σ (2i − n − 1) x_i / (n Σ x_i)` over the ascending amounts; `None` when they sum to 0.
fn gini(mut amounts: Vec<f64>) -> Option<f64> {
    amounts.sort_by(f64::total_cmp);
    let count = amounts.len() as f64;
    let total: f64 = amounts.iter().sum();
    let weighted: f64 = amounts.iter().zip(1..).map(|(amount, i)| (2.0 * f64::from(i) - count - 1.0) * amount).sum();
    (total > 0.0 && total.is_finite()).then(|| weighted / (count * total))
}
