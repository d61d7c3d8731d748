//! The rules by which events earn points, as they are written and as they are checked.

use super::compiled::{Bounds, CapStep, CompiledRule};
use super::decimal::{MOST_CAP, MOST_POINTS, billionths};
use crate::model::Saved;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A period of the calendar, so that the day on which a score is computed does not move its edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// A day.
    Day,
    /// A week from Monday to Sunday.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
    /// Blocks of so many days, the first of which begins on 1970-01-01.
    Days(i64),
    /// All days, as far as the window reaches.
    Ever,
}

/// Which events in the window count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// All of them. The default.
    #[default]
    EveryTime,
    /// One: the latest, so that with decay a lead that does it again is fresh again. For the earliest one see
    /// [`Counted::First`] with `n` 1 and [`Period::Ever`].
    Once,
    /// The earliest `n` of each period. A further event never changes what an earlier one earned.
    First {
        /// How many; at least 1.
        n: i64,
        /// Of which period.
        per: Period,
    },
    /// The latest `n` of each period.
    Last {
        /// How many; at least 1.
        n: i64,
        /// Of which period.
        per: Period,
    },
}

/// How an event loses points with its age, the whole days from the event to `as_of`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Decay {
    /// `points * max(0, 1 - age / gone_after)`: the same loss every day until nothing is left. A loss of 50 % a month
    /// of 30 days is `gone_after` 60.
    Linear {
        /// The age in days at which nothing is left; above 0.
        gone_after: f64,
    },
    /// `points * 2^(-age / days)`: half of it is left after so many days; above 0.
    HalfLife(f64),
}

/// One rule: what an event earns.
///
/// ```
/// use tierwise::lead::{Counted, Decay, EventRule, Period};
/// let rule = EventRule::new("email opened", 2.0)
///     .counted(Counted::First { n: 1, per: Period::Day })
///     .window(90)
///     .decay(Decay::HalfLife(30.0))
///     .maximum(10.0);
/// assert_eq!(rule.event(), "email opened");
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventRule {
    /// The name of the rule.
    pub name: String,
    /// The type of event that it reads; the name of the rule where absent. Several rules may read the same type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// What an event is worth on its day, up to a million; less than 0 for what speaks against a lead.
    pub points: f64,
    /// Which events count.
    #[serde(default, skip_serializing_if = "is_every_time")]
    pub counted: Counted,
    /// Events of the last so many days count, `as_of` included: an event counts while its age is below the window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<i64>,
    /// How what counts loses points with its age. A window beside it cuts off what decay has left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decay: Option<Decay>,
    /// The least that the rule gives, to leads without events too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// The most that the rule gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    /// The group in whose sum the rule stands; the total where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

fn is_every_time(counted: &Counted) -> bool {
    *counted == Counted::EveryTime
}

impl EventRule {
    /// Points for every event of the type that has the rule's name.
    pub fn new(name: &str, points: f64) -> Self {
        Self { name: name.to_owned(), points, ..Self::default() }
    }

    /// The type of event that the rule reads.
    pub fn event(&self) -> &str {
        self.event.as_deref().unwrap_or(&self.name)
    }

    /// The same rule for another type of event.
    #[must_use]
    pub fn of_event(self, event: &str) -> Self {
        Self { event: Some(event.to_owned()), ..self }
    }

    /// The same rule with another frequency cap.
    #[must_use]
    pub fn counted(self, counted: Counted) -> Self {
        Self { counted, ..self }
    }

    /// The same rule for the last so many days.
    #[must_use]
    pub fn window(self, days: i64) -> Self {
        Self { window: Some(days), ..self }
    }

    /// The same rule with decay.
    #[must_use]
    pub fn decay(self, decay: Decay) -> Self {
        Self { decay: Some(decay), ..self }
    }

    /// The same rule with a least sum.
    #[must_use]
    pub fn minimum(self, minimum: f64) -> Self {
        Self { minimum: Some(minimum), ..self }
    }

    /// The same rule with a largest sum.
    #[must_use]
    pub fn maximum(self, maximum: f64) -> Self {
        Self { maximum: Some(maximum), ..self }
    }

    /// The same rule in a group.
    #[must_use]
    pub fn group(self, group: &str) -> Self {
        Self { group: Some(group.to_owned()), ..self }
    }
}

/// A group of rules with a cap of its own.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventGroup {
    /// The name of the group.
    pub name: String,
    /// The least that the group gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// The most that the group gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    /// The group in whose sum this one stands; the total where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
}

/// Rules as they are written: plain data, the content of their model file. [`EventRules::new`] checks them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventRulesSpec {
    /// The name of the rules.
    #[serde(default)]
    pub name: String,
    /// What they say in words, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The rules.
    pub rules: Vec<EventRule>,
    /// The groups, in any order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<EventGroup>,
    /// The least score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// The largest score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
}

/// Checked rules by which events earn points.
///
/// ```
/// use tierwise::lead::{Decay, EventGroup, EventPolicy, EventRule, EventRules, EventRulesSpec, Events};
/// let rules = EventRules::new(EventRulesSpec {
///     rules: vec![
///         EventRule::new("demo asked for", 30.0).window(365),
///         EventRule::new("page seen", 1.0).decay(Decay::HalfLife(30.0)).group("web"),
///         EventRule::new("download", 8.0).group("web"),
///     ],
///     groups: vec![EventGroup { name: "web".into(), maximum: Some(10.0), ..EventGroup::default() }],
///     maximum: Some(100.0),
///     ..EventRulesSpec::default()
/// })?;
/// let names = ["demo asked for", "page seen", "download"].map(String::from);
/// // lead 0 asks for a demo on day 100, and downloads twice; lead 1 sees a page on day 70
/// let (leads, events, days) = ([0, 0, 0, 1], [0, 2, 2, 1], [100, 90, 95, 70]);
/// let points = rules.points(&Events::new(&leads, &events, &names, &days)?, 3, 100, EventPolicy::default())?;
/// assert_eq!(points.total, [40.0, 0.5, 0.0]);
/// assert_eq!(points.rules[2], [16.0, 0.0, 0.0]);
/// assert_eq!(points.group_caps[0], [-6.0, 0.0, 0.0]);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "EventRulesSpec", into = "EventRulesSpec")]
pub struct EventRules {
    spec: EventRulesSpec,
    pub(super) compiled: Vec<CompiledRule>,
    /// The groups, inner ones before those they stand in, and the total at the end.
    pub(super) steps: Vec<CapStep>,
}

impl PartialEq for EventRules {
    fn eq(&self, other: &Self) -> bool {
        self.spec == other.spec
    }
}

impl EventRules {
    /// Checks rules and makes them ready.
    ///
    /// # Errors
    /// [`Error::InvalidRules`] that names the rule or group: no rule at all, a name that is empty, repeated or reserved
    /// (`engagement` and `caps` are columns of the result), a group that is not there, groups that stand in each other
    /// in a circle, a minimum above its maximum, a window, period, number or decay that is not above 0, and points or
    /// caps that are not finite, too large, or finer than a billionth.
    pub fn new(spec: EventRulesSpec) -> Result<Self> {
        check_names(&spec)?;
        let compiled = spec.rules.iter().map(compile).collect::<Result<Vec<_>>>()?;
        let steps = steps(&spec)?;
        Ok(Self { spec, compiled, steps })
    }

    /// The rules as they are written.
    pub fn spec(&self) -> &EventRulesSpec {
        &self.spec
    }

    /// The names of the rules, in the order in which [`EventPoints::rules`](super::EventPoints::rules) gives them.
    pub fn rule_names(&self) -> Vec<String> {
        self.spec.rules.iter().map(|rule| rule.name.clone()).collect()
    }

    /// The names of the groups, in the order in which [`EventPoints::groups`](super::EventPoints::groups) gives them.
    pub fn group_names(&self) -> Vec<String> {
        self.spec.groups.iter().map(|group| group.name.clone()).collect()
    }

    /// The types of event that a rule reads, sorted.
    pub fn event_names(&self) -> Vec<String> {
        let names: BTreeSet<&str> = self.spec.rules.iter().map(EventRule::event).collect();
        names.into_iter().map(ToOwned::to_owned).collect()
    }
}

impl Saved for EventRules {
    const KIND: &'static str = "event_rules";
}

impl TryFrom<EventRulesSpec> for EventRules {
    type Error = Error;

    fn try_from(spec: EventRulesSpec) -> Result<Self> {
        Self::new(spec)
    }
}

impl From<EventRules> for EventRulesSpec {
    fn from(rules: EventRules) -> Self {
        rules.spec
    }
}

fn refuse(place: String, reason: impl Into<String>) -> Error {
    Error::InvalidRules { rules: "event rules".into(), place, reason: reason.into() }
}

fn check_names(spec: &EventRulesSpec) -> Result<()> {
    if spec.rules.is_empty() {
        return Err(refuse("the list of rules".into(), "there is none; at least one is needed"));
    }
    let rules = spec.rules.iter().enumerate().map(|(at, rule)| (format!("rules[{at}]"), &rule.name));
    let groups = spec.groups.iter().enumerate().map(|(at, group)| (format!("groups[{at}]"), &group.name));
    let mut seen = BTreeMap::new();
    for (place, name) in rules.chain(groups) {
        if name.trim().is_empty() {
            return Err(refuse(place, "it has no name; name it"));
        }
        if ["engagement", "caps"].contains(&name.as_str()) {
            return Err(refuse(place, format!("`{name}` is a column of every result; choose another name")));
        }
        if let Some(first) = seen.insert(name, place.clone()) {
            let reason = format!("the name `{name}` is that of {first} too; rules and groups need names of their own");
            return Err(refuse(place, reason));
        }
    }
    match spec.rules.iter().position(|rule| rule.event().trim().is_empty()) {
        Some(at) => Err(refuse(format!("rules[{at}]"), "it reads an event without a name; name the type of event")),
        None => Ok(()),
    }
}

fn compile(rule: &EventRule) -> Result<CompiledRule> {
    let place = || format!("rule `{}`", rule.name);
    if !(-MOST_POINTS..=MOST_POINTS).contains(&rule.points) {
        let reason = format!("points must be a number from {} to {MOST_POINTS}, got {}", -MOST_POINTS, rule.points);
        return Err(refuse(place(), reason));
    }
    if rule.points != 0.0 && billionths(rule.points) == 0 {
        return Err(refuse(place(), format!("points are counted in billionths, got {}", rule.points)));
    }
    if let Some(window) = rule.window
        && window < 1
    {
        return Err(refuse(place(), format!("the window must be at least 1 day, got {window}")));
    }
    if let Counted::First { n, per } | Counted::Last { n, per } = rule.counted {
        if n < 1 {
            return Err(refuse(place(), format!("at least 1 event per period must count, got {n}")));
        }
        if let Period::Days(days) = per
            && days < 1
        {
            return Err(refuse(place(), format!("a period must have at least 1 day, got {days}")));
        }
    }
    let (what, days) = match rule.decay {
        None => ("decay", 1.0),
        Some(Decay::Linear { gone_after }) => ("`gone_after` of the linear decay", gone_after),
        Some(Decay::HalfLife(days)) => ("half-life", days),
    };
    if !(days > 0.0 && days.is_finite()) {
        return Err(refuse(place(), format!("the {what} must be a number of days above 0, got {days}")));
    }
    Ok(CompiledRule::new(rule, bounds(rule.minimum, rule.maximum, place)?))
}

fn bounds(minimum: Option<f64>, maximum: Option<f64>, place: impl Fn() -> String) -> Result<Bounds> {
    for (what, cap) in [("minimum", minimum), ("maximum", maximum)] {
        if let Some(cap) = cap
            && !(-MOST_CAP..=MOST_CAP).contains(&cap)
        {
            return Err(refuse(place(), format!("the {what} must be a number up to {MOST_CAP} in size, got {cap}")));
        }
    }
    if let (Some(minimum), Some(maximum)) = (minimum, maximum)
        && minimum > maximum
    {
        return Err(refuse(place(), format!("the minimum, {minimum}, is above the maximum, {maximum}")));
    }
    Ok(Bounds { minimum: minimum.map_or(i64::MIN, billionths), maximum: maximum.map_or(i64::MAX, billionths) })
}

/// The groups, each after those that stand in it, and the total at the end.
fn steps(spec: &EventRulesSpec) -> Result<Vec<CapStep>> {
    let position: BTreeMap<&str, usize> = spec.groups.iter().map(|group| group.name.as_str()).zip(0..).collect();
    let find = |name: &Option<String>, place: String| match name {
        None => Ok(None),
        Some(name) => match position.get(name.as_str()) {
            Some(&at) => Ok(Some(at)),
            None => Err(refuse(place, format!("there is no group `{name}`; add it to the groups, or mend the name"))),
        },
    };
    let mut all = Vec::with_capacity(spec.groups.len() + 1);
    for group in &spec.groups {
        all.push(bounds(group.minimum, group.maximum, || format!("group `{}`", group.name))?);
    }
    all.push(bounds(spec.minimum, spec.maximum, || "the total".into())?);
    let mut steps: Vec<CapStep> = all.into_iter().enumerate().map(|(at, bounds)| CapStep::new(at, bounds)).collect();
    let total = spec.groups.len();
    for (at, rule) in spec.rules.iter().enumerate() {
        let group = find(&rule.group, format!("rule `{}`", rule.name))?;
        steps[group.unwrap_or(total)].rules.push(at);
    }
    let mut parents = Vec::with_capacity(spec.groups.len());
    for group in &spec.groups {
        parents.push(find(&group.within, format!("group `{}`", group.name))?);
    }
    for (at, parent) in parents.iter().enumerate() {
        steps[parent.unwrap_or(total)].groups.push(at);
    }
    let depths = depths(spec, &parents)?;
    steps.sort_by_key(|step| std::cmp::Reverse(depths.get(step.group).map_or(0, |depth| depth + 1)));
    Ok(steps)
}

/// How many groups each group stands in.
fn depths(spec: &EventRulesSpec, parents: &[Option<usize>]) -> Result<Vec<usize>> {
    let mut depths: Vec<Option<usize>> = vec![None; parents.len()];
    for start in 0..parents.len() {
        // Up to the first group whose depth is known, then down again.
        let mut path = Vec::new();
        let mut at = Some(start);
        while let Some(group) = at.filter(|&group| depths[group].is_none()) {
            if path.len() > parents.len() {
                let reason = "it stands within itself, by way of other groups or directly; mend one `within`";
                return Err(refuse(format!("group `{}`", spec.groups[group].name), reason));
            }
            path.push(group);
            at = parents[group];
        }
        let first = at.and_then(|group| depths[group]).map_or(0, |depth| depth + 1);
        for (depth, group) in (first..).zip(path.into_iter().rev()) {
            depths[group] = Some(depth);
        }
    }
    Ok(depths.into_iter().map(Option::unwrap_or_default).collect())
}
