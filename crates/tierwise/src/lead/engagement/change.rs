//! What moved a score between two days: time, new events, or new rules.

use super::decimal::{billionths, points};
use super::events::{Checked, EventPolicy, Events};
use super::fold::{BoundRules, Levels, TooMuch, by_lead};
use super::rules::EventRules;
use crate::{Error, Result};

/// What a score, or a part of it, is in four states of which each differs from the one before in one thing. One element
/// per lead.
///
/// The differences between them are exact as decimals, and so add up to the whole change.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct ChangeLevels {
    /// On the first day, with the events up to it, by the old rules.
    pub before: Vec<f64>,
    /// On the second day, with the same events, by the old rules.
    pub aged: Vec<f64>,
    /// On the second day, with the events up to it, by the old rules.
    pub informed: Vec<f64>,
    /// On the second day, with the events up to it, by the new rules.
    pub after: Vec<f64>,
}

impl ChangeLevels {
    /// What ageing did: decay, and windows that events fell out of.
    pub fn ageing(&self) -> Vec<f64> {
        differences(&self.before, &self.aged)
    }

    /// What the events between the two days did.
    pub fn data(&self) -> Vec<f64> {
        differences(&self.aged, &self.informed)
    }

    /// What the new rules did.
    pub fn rules(&self) -> Vec<f64> {
        differences(&self.informed, &self.after)
    }
}

/// Exact where the levels are below nine million points.
fn differences(from: &[f64], to: &[f64]) -> Vec<f64> {
    from.iter().zip(to).map(|(&from, &to)| points(billionths(to) - billionths(from))).collect()
}

/// The change of each lead's score between two days, and that of its parts.
///
/// At each of the four states, `total` is the sum of all `rules` and `caps`, exactly as decimals.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct EngagementChange {
    /// The names of the rules: the old ones in their order, then those that only the new rules have. A rule that one
    /// side lacks has 0 points there.
    pub names: Vec<String>,
    /// One per name.
    pub rules: Vec<ChangeLevels>,
    /// What the caps of groups and of the total take (below 0) or give.
    pub caps: ChangeLevels,
    /// The engagement score.
    pub total: ChangeLevels,
}

impl EventRules {
    /// Splits the change of each lead's score between the days `from` and `to` into ageing, data and, where there are
    /// new rules, the change of rules, in this order.
    ///
    /// Each state is the score of a real situation, so each level can be checked with [`points`](EventRules::points).
    /// An event belongs to the data of the first day when its day is not after it; that it was entered later does not
    /// show in a log of days. New rules meet the old ones by name.
    ///
    /// # Errors
    /// Those of [`points`](EventRules::points) as of `to`, where a type of event is known when either rules read it, and
    /// [`Error::InvalidParameter`] when `to` lies before `from`.
    ///
    /// ```
    /// use tierwise::lead::{Decay, EventPolicy, EventRule, EventRules, EventRulesSpec, Events};
    /// let rule = EventRule::new("visit", 8.0).decay(Decay::HalfLife(10.0));
    /// let rules = EventRules::new(EventRulesSpec { rules: vec![rule], ..EventRulesSpec::default() })?;
    /// let names = ["visit".to_string()];
    /// let events = Events::new(&[0, 0], &[0, 0], &names, &[100, 110])?;
    /// let change = rules.change(&events, 1, 100, 110, None, EventPolicy::default())?;
    /// assert_eq!((change.total.before[0], change.total.after[0]), (8.0, 12.0));
    /// assert_eq!((change.total.ageing()[0], change.total.data()[0]), (-4.0, 8.0));
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn change(
        &self,
        events: &Events<'_>,
        leads: usize,
        from: i32,
        to: i32,
        new_rules: Option<&EventRules>,
        policy: EventPolicy,
    ) -> Result<EngagementChange> {
        if to < from {
            let must_be = format!("a day not before `from`, which is day {from}");
            return Err(Error::InvalidParameter { of: "change", name: "to", must_be, got: format!("day {to}") });
        }
        let new_rules = new_rules.unwrap_or(self);
        let mut known = [self.event_names(), new_rules.event_names()].concat();
        known.sort_unstable();
        known.dedup();
        let (checked, _) = Checked::new(*events, leads, to, &known, policy)?;
        let (old, new) = (BoundRules::new(self, events.names), BoundRules::new(new_rules, events.names));
        let names = names_of_both(self, new_rules);
        let places = [Places::new(&names, self), Places::new(&names, new_rules)];
        let width = names.len() + 2;
        let states = [(&old, from, from), (&old, from, to), (&old, to, to), (&new, to, to)];
        let columns = by_lead(&checked, &[&old, &new], from, 4 * width, |lines, scratch, row| {
            let mut levels = vec![0; old.width().max(new.width())];
            for (state, (row, (rules, known, as_of))) in row.chunks_exact_mut(width).zip(states).enumerate() {
                rules.levels(lines, known, as_of, scratch, &mut levels[..rules.width()])?;
                places[usize::from(state == 3)].write(&levels, row)?;
            }
            Ok(())
        })?;
        Ok(assemble(names, columns))
    }
}

fn names_of_both(old: &EventRules, new: &EventRules) -> Vec<String> {
    let mut names = old.rule_names();
    for name in new.rule_names() {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Where the levels of one version of the rules stand among those of both.
struct Places {
    rules: Vec<usize>,
    levels: Levels,
}

impl Places {
    fn new(names: &[String], rules: &EventRules) -> Self {
        let place = |name: String| names.iter().position(|known| *known == name).unwrap_or_default();
        Self { rules: rules.rule_names().into_iter().map(place).collect(), levels: Levels::of(rules) }
    }

    /// Writes rules, caps and total to the row of one state.
    fn write(&self, levels: &[i64], row: &mut [i64]) -> std::result::Result<(), TooMuch> {
        row.fill(0);
        for (&place, at) in self.rules.iter().zip(self.levels.rules.clone()) {
            row[place] = levels[at];
        }
        let caps = levels[self.levels.group_caps.clone()].iter().chain([&levels[self.levels.total_cap]]);
        let caps = caps.into_iter().try_fold(0_i64, |sum, &cap| sum.checked_add(cap));
        let last = row.len() - 1;
        row[last - 1] = caps.ok_or_else(|| TooMuch("the caps".into()))?;
        row[last] = levels[self.levels.total];
        Ok(())
    }
}

/// `columns` by state, and in each state by part.
fn assemble(names: Vec<String>, mut columns: Vec<Vec<f64>>) -> EngagementChange {
    let width = columns.len() / 4;
    let mut take = |part: usize| {
        let [before, aged, informed, after] =
            [0, 1, 2, 3].map(|state| std::mem::take(&mut columns[state * width + part]));
        ChangeLevels { before, aged, informed, after }
    };
    let rules = (0..names.len()).map(&mut take).collect();
    EngagementChange { caps: take(names.len()), total: take(names.len() + 1), names, rules }
}
