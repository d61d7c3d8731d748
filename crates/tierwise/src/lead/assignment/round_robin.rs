//! Each lead to the next rep in turn.

use super::eligibility::{Eligible, Room};
use super::result::{Assignment, assignment};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// Who comes next among the reps who may have the lead and have room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Balance {
    /// The next in the order of the keys, after the one who got the lead before.
    #[default]
    Turns,
    /// The one whose leads, kept ones included, are worth least; of equals the one whose turn is sooner.
    Value,
    /// The one who has used the lowest share of the capacity; of equals the one whose turn is sooner.
    ShareOfCapacity,
}

pub(super) fn assign(eligible: &Eligible<'_>, balance: Balance, start_at: Option<&str>) -> Result<Assignment> {
    let reps = eligible.reps.len();
    let mut turn = first_turn(eligible, start_at)?;
    let mut room = Room::beside_kept(eligible);
    let mut worth = vec![0.0; reps];
    for (lead, rep) in eligible.kept.iter().enumerate() {
        if let Some(rep) = *rep {
            worth[rep] += eligible.value(lead, rep);
        }
    }
    let mut rep_of = eligible.kept.clone();
    for (lead, got) in rep_of.iter_mut().enumerate().filter(|(_, got)| got.is_none()) {
        let may = |&rep: &usize| !eligible.value(lead, rep).is_nan() && room.is_free(eligible, lead, rep);
        let in_turn = (0..reps).map(|step| (turn + step) % reps).filter(may);
        let used = |rep: usize| {
            let capacity = eligible.rep(rep).capacity as f64;
            (capacity - room.capacity[rep] as f64) / capacity
        };
        let chosen = match balance {
            Balance::Turns => { in_turn }.next(),
            Balance::Value => in_turn.min_by(|&a, &b| worth[a].total_cmp(&worth[b])),
            Balance::ShareOfCapacity => in_turn.min_by(|&a, &b| used(a).total_cmp(&used(b))),
        };
        if let Some(rep) = chosen {
            *got = Some(rep);
            room.take(eligible, lead, rep);
            worth[rep] += eligible.value(lead, rep);
            turn = (rep + 1) % reps;
        }
    }
    let mut result = assignment(eligible, &rep_of);
    result.next_turn = Some(eligible.rep(turn).key.clone());
    Ok(result)
}

fn first_turn(eligible: &Eligible<'_>, start_at: Option<&str>) -> Result<usize> {
    let Some(name) = start_at else { return Ok(0) };
    let keys = || (0..eligible.reps.len()).map(|rep| eligible.rep(rep).key.as_str());
    keys().position(|key| key == name).ok_or_else(|| Error::UnknownName {
        what: "`start_at`".into(),
        row: None,
        name: name.to_owned(),
        known: keys().map(str::to_owned).collect(),
    })
}
