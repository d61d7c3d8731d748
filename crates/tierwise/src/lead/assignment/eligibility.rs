//! Which rep may have which lead, what the pair is worth, and why a lead finds nobody.

use super::{AssignmentTask, OpenLead, Rep, Unassigned};
use crate::{Error, Result};
use std::collections::BTreeMap;

/// A task in the order in which it is worked off: leads best first, reps by key.
pub(super) struct Eligible<'a> {
    pub(super) task: &'a AssignmentTask<'a>,
    /// The row of each lead, best lead first.
    pub(super) leads: Vec<usize>,
    /// The row of each rep, by key.
    pub(super) reps: Vec<usize>,
    /// `[lead × rep]` in these orders: the value of a pair, above 0, or NaN where the rep may not have the lead.
    pub(super) values: Vec<f64>,
    /// Why nobody may have the lead, in these orders; `None` where somebody may.
    pub(super) nobody: Vec<Option<Unassigned>>,
    /// The rep that keeps the lead, in these orders.
    pub(super) kept: Vec<Option<usize>>,
}

impl<'a> Eligible<'a> {
    pub(super) fn new(task: &'a AssignmentTask<'a>) -> Result<Self> {
        let mut reps: Vec<usize> = (0..task.reps.len()).collect();
        reps.sort_by_key(|&row| &task.reps[row].key);
        let place: BTreeMap<&str, usize> =
            reps.iter().enumerate().map(|(place, &row)| (task.reps[row].key.as_str(), place)).collect();
        let order = order_of_leads(task);
        let (mut values, mut nobody) = (Vec::with_capacity(order.len() * reps.len()), Vec::with_capacity(order.len()));
        for &lead in &order {
            nobody.push(pairs_of(task, lead, &reps, &mut values)?);
        }
        let mut eligible = Self { task, leads: order, reps, values, nobody, kept: Vec::new() };
        eligible.keep_owners(&place);
        Ok(eligible)
    }

    pub(super) fn value(&self, lead: usize, rep: usize) -> f64 {
        self.values[lead * self.reps.len() + rep]
    }

    pub(super) fn lead(&self, lead: usize) -> &'a OpenLead {
        &self.task.leads[self.leads[lead]]
    }

    pub(super) fn rep(&self, rep: usize) -> &'a Rep {
        &self.task.reps[self.reps[rep]]
    }

    /// Leads stay with their owners, the best first, as far as there is room.
    fn keep_owners(&mut self, place: &BTreeMap<&str, usize>) {
        let mut room = Room::new(self);
        self.kept = vec![None; self.leads.len()];
        for lead in 0..self.leads.len() {
            let owner = self.lead(lead).owner.as_deref().and_then(|owner| place.get(owner).copied());
            if let Some(rep) = owner.filter(|&rep| !self.value(lead, rep).is_nan() && room.is_free(self, lead, rep)) {
                room.take(self, lead, rep);
                self.kept[lead] = Some(rep);
            }
        }
    }
}

/// What is still free of the capacities and of the limits per grade.
#[derive(Clone)]
pub(super) struct Room<'a> {
    pub(super) capacity: Vec<i64>,
    pub(super) grades: Vec<BTreeMap<&'a str, i64>>,
}

impl<'a> Room<'a> {
    pub(super) fn new(eligible: &Eligible<'a>) -> Self {
        let reps = || (0..eligible.reps.len()).map(|rep| eligible.rep(rep));
        let limits = |rep: &'a Rep| rep.grade_limits.iter().map(|(grade, &limit)| (grade.as_str(), limit)).collect();
        Self { capacity: reps().map(|rep| rep.capacity).collect(), grades: reps().map(limits).collect() }
    }

    /// What is free once the leads that stay have been taken.
    pub(super) fn beside_kept(eligible: &Eligible<'a>) -> Self {
        let mut room = Self::new(eligible);
        for (lead, rep) in eligible.kept.iter().enumerate() {
            if let Some(rep) = rep {
                room.take(eligible, lead, *rep);
            }
        }
        room
    }

    pub(super) fn of_grade(&self, rep: usize, grade: Option<&str>) -> Option<i64> {
        grade.and_then(|grade| self.grades[rep].get(grade).copied())
    }

    pub(super) fn is_free(&self, eligible: &Eligible<'_>, lead: usize, rep: usize) -> bool {
        let grade = eligible.lead(lead).grade.as_deref();
        self.capacity[rep] > 0 && self.of_grade(rep, grade).is_none_or(|left| left > 0)
    }

    pub(super) fn take(&mut self, eligible: &Eligible<'_>, lead: usize, rep: usize) {
        self.capacity[rep] -= 1;
        if let Some(left) = eligible.lead(lead).grade.as_deref().and_then(|grade| self.grades[rep].get_mut(grade)) {
            *left -= 1;
        }
    }
}

/// Best lead first, then by key. With values per pair, a lead is as good as its best pair.
fn order_of_leads(task: &AssignmentTask<'_>) -> Vec<usize> {
    let worth: Vec<f64> = match task.pair_values {
        None => task.leads.iter().map(|lead| lead.value).collect(),
        Some(pairs) => pairs.chunks(task.reps.len()).map(|row| row.iter().copied().fold(f64::NAN, f64::max)).collect(),
    };
    let sortable = |row: usize| if worth[row].is_nan() { f64::NEG_INFINITY } else { worth[row] + 0.0 };
    let mut order: Vec<usize> = (0..task.leads.len()).collect();
    order.sort_by(|&a, &b| sortable(b).total_cmp(&sortable(a)).then_with(|| task.leads[a].key.cmp(&task.leads[b].key)));
    order
}

/// Adds the values of a lead's pairs; says why there is none, by the first test that leaves nobody.
fn pairs_of(
    task: &AssignmentTask<'_>,
    row: usize,
    reps: &[usize],
    values: &mut Vec<f64>,
) -> Result<Option<Unassigned>> {
    let lead = &task.leads[row];
    let mut furthest = Unassigned::NoRepWithSkill;
    let mut found = false;
    for &rep_row in reps {
        let rep = &task.reps[rep_row];
        let value = match task.pair_values {
            None => lead.value * rep.multiplier * proficiency(lead, rep),
            Some(pairs) => pairs[row * task.reps.len() + rep_row],
        };
        if value.is_infinite() {
            return Err(Error::InvalidValue {
                what: format!("the value of the lead to the rep `{}`", rep.key),
                row,
                key: Some(lead.key.clone()),
                found: value.to_string(),
                must_be: "it must be finite; choose a larger unit".into(),
            });
        }
        let obstacle = obstacle(lead, rep, value);
        found |= obstacle.is_none();
        values.push(if obstacle.is_none() { value } else { f64::NAN });
        furthest = furthest.max(obstacle.unwrap_or(furthest));
    }
    let unknown = task.pair_values.is_none() && lead.value.is_nan();
    Ok((!found).then_some(if unknown { Unassigned::ValueUnknown } else { furthest }))
}

/// What keeps the rep from the lead, in the order of the tests.
fn obstacle(lead: &OpenLead, rep: &Rep, value: f64) -> Option<Unassigned> {
    if !lead.skills.iter().all(|skill| rep.skills.contains(skill)) {
        return Some(Unassigned::NoRepWithSkill);
    }
    let serves = |territory: &String| rep.territories.is_empty() || rep.territories.contains(territory);
    if !lead.territory.as_ref().is_none_or(serves) {
        return Some(Unassigned::NoRepInTerritory);
    }
    if lead.excluded.contains(&rep.key) {
        return Some(Unassigned::Excluded);
    }
    if value.is_nan() || value <= 0.0 {
        return Some(Unassigned::ValueNotPositive);
    }
    None
}

/// The lowest proficiency among the skills that the lead needs.
fn proficiency(lead: &OpenLead, rep: &Rep) -> f64 {
    let factors = lead.skills.iter().map(|skill| rep.proficiency.get(skill).copied().unwrap_or(1.0));
    factors.reduce(f64::min).unwrap_or(1.0)
}
