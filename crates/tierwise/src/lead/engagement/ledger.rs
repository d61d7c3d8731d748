//! Where did this score come from? One line per event and rule, and one per cap that holds.

use super::decimal::points;
use super::events::{ALL, Checked, EventPolicy, Events, Stray};
use super::fold::{BoundRules, TooMuch, too_much};
use super::rules::EventRules;
use crate::{Error, Result};
use serde::Serialize;

/// What became of an event, or which cap holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LineStatus {
    /// The event counts.
    Counted,
    /// The event is older than the window of the rule.
    OutOfWindow,
    /// Other events of its period count instead.
    OverFrequency,
    /// The row repeats the id of an earlier one.
    Duplicate,
    /// The event lies after `as_of`.
    Later,
    /// No rule reads the type of event.
    UnknownEvent,
    /// What the cap of a rule takes, or its minimum gives.
    RuleCap,
    /// What the cap of a group takes, or its minimum gives.
    GroupCap,
    /// What the cap of the total takes, or its minimum gives.
    TotalCap,
}

impl LineStatus {
    /// All of them, in the order in which they are listed here.
    pub const ALL: [Self; 9] = [
        Self::Counted,
        Self::OutOfWindow,
        Self::OverFrequency,
        Self::Duplicate,
        Self::Later,
        Self::UnknownEvent,
        Self::RuleCap,
        Self::GroupCap,
        Self::TotalCap,
    ];

    /// Its name in `snake_case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::OutOfWindow => "out_of_window",
            Self::OverFrequency => "over_frequency",
            Self::Duplicate => "duplicate",
            Self::Later => "later",
            Self::UnknownEvent => "unknown_event",
            Self::RuleCap => "rule_cap",
            Self::GroupCap => "group_cap",
            Self::TotalCap => "total_cap",
        }
    }
}

/// One line: an event under a rule, or a cap.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LedgerLine {
    /// The code of the lead.
    pub lead: u32,
    /// The row of the event in the log; `None` for a cap.
    pub row: Option<usize>,
    /// The position of the rule; `None` for events that do not reach a rule, and for caps of groups and of the total.
    pub rule: Option<usize>,
    /// The position of the group, for its cap.
    pub group: Option<usize>,
    /// The whole days from the event to `as_of`, for events under a rule.
    pub age: Option<i64>,
    /// What the line adds to the score.
    pub points: f64,
    /// What became of the event, or which cap holds.
    pub status: LineStatus,
}

/// The lines of some leads, one lead after the other: its events by day, row and rule, then its caps.
///
/// The points of a lead's lines add up to its score exactly, as decimals.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Ledger {
    /// The lines.
    pub lines: Vec<LedgerLine>,
}

impl EventRules {
    /// Lists what each event of some leads is worth on `as_of`, and why, and what the caps do.
    ///
    /// `leads` are codes, each listed once; events of other leads are passed over. Everything else goes as in
    /// [`points`](EventRules::points), and what the policy leaves out is listed with its reason.
    ///
    /// # Errors
    /// Those of [`points`](EventRules::points), and [`Error::InvalidValue`] for a lead that is listed twice.
    pub fn ledger(&self, events: &Events<'_>, leads: &[u32], as_of: i32, policy: EventPolicy) -> Result<Ledger> {
        let (checked, _) = Checked::new(*events, ALL, as_of, &self.event_names(), policy)?;
        let bound = BoundRules::new(self, events.names);
        let mut ledger = Ledger::default();
        for (lead, rows) in leads.iter().zip(rows_of(events, leads)?) {
            let account = Account { bound: &bound, checked: &checked, lead: *lead };
            let lines = account.lines(rows);
            ledger.lines.extend(lines.map_err(|TooMuch(what)| too_much(events, *lead as usize, &what))?);
        }
        Ok(ledger)
    }
}

/// The rows of each of the leads, by day.
fn rows_of(events: &Events<'_>, leads: &[u32]) -> Result<Vec<Vec<usize>>> {
    let mut sorted: Vec<(u32, usize)> = leads.iter().copied().zip(0..).collect();
    sorted.sort_unstable();
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        return Err(Error::InvalidValue {
            what: "the lead asked for".into(),
            row: pair[1].1,
            key: Some(pair[1].0.to_string()),
            found: "listed twice".into(),
            must_be: "list each lead once".into(),
        });
    }
    let mut rows = vec![Vec::new(); leads.len()];
    for (row, lead) in events.lead.iter().enumerate() {
        if let Ok(at) = sorted.binary_search_by_key(lead, |&(lead, _)| lead) {
            rows[sorted[at].1].push(row);
        }
    }
    for rows in &mut rows {
        rows.sort_by_key(|&row| events.day[row]);
    }
    Ok(rows)
}

/// One lead of the ledger.
struct Account<'a> {
    bound: &'a BoundRules<'a>,
    checked: &'a Checked<'a>,
    lead: u32,
}

impl Account<'_> {
    /// `rows` by day.
    fn lines(&self, rows: Vec<usize>) -> std::result::Result<Vec<LedgerLine>, TooMuch> {
        let rules = self.bound.rules;
        let mut lines = Vec::new();
        let mut read_by: Vec<Vec<usize>> = vec![Vec::new(); rules.compiled.len()];
        for row in rows {
            match self.checked.stray(row) {
                Some(stray) => lines.extend(self.stray(row, stray)),
                None => {
                    for &rule in self.bound.readers(self.checked.events.event[row]) {
                        read_by[rule as usize].push(row);
                    }
                }
            }
        }
        let mut levels = Vec::with_capacity(rules.compiled.len());
        let mut caps = Vec::new();
        for (rule, rows) in read_by.into_iter().enumerate() {
            let sum = self.rule(rule, &rows, &mut lines);
            let sum = sum.ok_or_else(|| TooMuch(format!("rule `{}`", rules.spec().rules[rule].name)))?;
            let level = rules.compiled[rule].bounds.keep(sum);
            levels.push(level);
            // A sum below zero and a minimum above it differ by more than either, but by far less than the range.
            caps.extend(self.cap(Some(rule), None, level.saturating_sub(sum), LineStatus::RuleCap));
        }
        let day = |line: &LedgerLine| line.row.map(|row| self.checked.events.day[row]);
        lines.sort_by_key(|line| (day(line), line.row, line.rule));
        lines.extend(caps);
        self.group_caps(&levels, &mut lines)?;
        Ok(lines)
    }

    fn line(&self, row: usize, points: f64, status: LineStatus) -> LedgerLine {
        LedgerLine { lead: self.lead, row: Some(row), rule: None, group: None, age: None, points, status }
    }

    fn stray(&self, row: usize, stray: Stray) -> Option<LedgerLine> {
        let status = match stray {
            Stray::OtherLead => return None,
            Stray::Duplicate => LineStatus::Duplicate,
            Stray::UnknownEvent => LineStatus::UnknownEvent,
            Stray::Later => LineStatus::Later,
        };
        Some(self.line(row, 0.0, status))
    }

    /// The lines of one rule, and their sum; `None` when that is beyond all bounds.
    fn rule(&self, at: usize, rows: &[usize], lines: &mut Vec<LedgerLine>) -> Option<i64> {
        let rule = &self.bound.rules.compiled[at];
        let day = |row: usize| self.checked.events.day[row];
        let age = |row: usize| i64::from(self.checked.as_of) - i64::from(day(row));
        let (old, inside) = rows.split_at(rows.partition_point(|&row| age(row) >= rule.reach));
        let mut status = vec![LineStatus::OverFrequency; inside.len()];
        rule.pick.each(inside.len(), |place| day(inside[place]), |place| status[place] = LineStatus::Counted);
        let old = old.iter().map(|&row| (row, LineStatus::OutOfWindow));
        let mut sum = 0_i64;
        for (row, status) in old.chain(inside.iter().copied().zip(status)) {
            let worth = if status == LineStatus::Counted { rule.at_age(age(row)) } else { 0 };
            sum = sum.checked_add(worth)?;
            lines.push(LedgerLine { rule: Some(at), age: Some(age(row)), ..self.line(row, points(worth), status) });
        }
        Some(sum)
    }

    fn cap(&self, rule: Option<usize>, group: Option<usize>, cap: i64, status: LineStatus) -> Option<LedgerLine> {
        let line = LedgerLine { lead: self.lead, row: None, rule, group, age: None, points: points(cap), status };
        (cap != 0).then_some(line)
    }

    fn group_caps(&self, rules: &[i64], lines: &mut Vec<LedgerLine>) -> std::result::Result<(), TooMuch> {
        let mut groups = vec![0_i64; self.bound.rules.steps.len() - 1];
        let count = groups.len();
        self.bound.cap_groups(rules, &mut groups, |step, _, cap| {
            let group = (step.group < count).then_some(step.group);
            let status = if group.is_some() { LineStatus::GroupCap } else { LineStatus::TotalCap };
            lines.extend(self.cap(None, group, cap, status));
        })
    }
}
