//! Dated evidence for bonus items, and which of it counts on a day.

use super::rules::{BonusItem, BonusPer, MOST_UNITS, RatingRules};
use crate::calendar::day_in_words;
use crate::value::{Duplicates, LaterRows};
use crate::{Error, Result};
use std::collections::BTreeMap;

/// A log of evidence: one element of each slice per line, in any order.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The customer's code.
    pub customer: &'a [u32],
    /// The position of the bonus item in [`RatingRules::item_names`].
    pub item: &'a [u32],
    /// The day, counted from 1970-01-01.
    pub day: &'a [i32],
    /// Whole units from 0 to a million that the line shows; one per line where absent. A line of 0 units shows nothing.
    pub units: Option<&'a [f64]>,
    /// The code of the reference of each line, the same for the same reference; `None` for a line without one. It may be
    /// absent where no line is of an item that needs one.
    pub reference: Option<&'a [Option<u32>]>,
    /// Whether the line says the same as an earlier one and does not count; every line counts where absent. See
    /// [`left_out_lines`](crate::value::left_out_lines).
    pub duplicate: Option<&'a [bool]>,
}

impl Evidence<'_> {
    /// No evidence at all.
    pub const NONE: Self = Self { customer: &[], item: &[], day: &[], units: None, reference: None, duplicate: None };
}

/// What to do with lines that cannot count on the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EvidencePolicy {
    /// Lines after the day.
    pub later: LaterRows,
    /// Lines of customers who were not asked for.
    pub other_customers: LaterRows,
    /// Lines of one customer that refer to the same for an item that counts per unit: one proof is one referral. They are
    /// refused unless stated; where they count once, the oldest line does. An item that counts once is renewed by them.
    pub duplicates: Option<Duplicates>,
}

/// What became of a line of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EvidenceStatus {
    /// It earned its points.
    Counted,
    /// The item's own maximum took some of its points, or all.
    Capped,
    /// Newer evidence for an item that counts once stands in its place.
    Renewed,
    /// It is too old.
    Expired,
    /// The item asks for a reference, and the line has none.
    NoReference,
    /// It lies after the day.
    Later,
    /// It is of a customer who was not asked for.
    OtherCustomer,
    /// It says the same as an earlier line, or refers to the same.
    Duplicate,
}

impl EvidenceStatus {
    /// All of them, in the order in which codes count.
    pub const ALL: [Self; 8] = [
        Self::Counted,
        Self::Capped,
        Self::Renewed,
        Self::Expired,
        Self::NoReference,
        Self::Later,
        Self::OtherCustomer,
        Self::Duplicate,
    ];

    /// The name in `snake_case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Counted => "counted",
            Self::Capped => "capped",
            Self::Renewed => "renewed",
            Self::Expired => "expired",
            Self::NoReference => "no_reference",
            Self::Later => "later",
            Self::OtherCustomer => "other_customer",
            Self::Duplicate => "duplicate",
        }
    }
}

/// A checked log for a number of customers, in the order customer, item, day, row.
pub(super) struct Lines<'a> {
    log: Evidence<'a>,
    rules: &'a RatingRules,
    order: Vec<usize>,
    customers: usize,
    /// Rows that refer to what an older line refers to, ascending.
    repeated: Vec<usize>,
}

/// What one item of one customer has to show on a day.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Shown {
    /// Units that count.
    pub(super) units: f64,
    /// Points before the cap of the item.
    pub(super) worth: f64,
}

impl<'a> Lines<'a> {
    pub(super) fn new(
        rules: &'a RatingRules,
        log: Evidence<'a>,
        customers: usize,
        as_of: i32,
        policy: EvidencePolicy,
    ) -> Result<Self> {
        check_lengths(&log)?;
        for row in 0..log.customer.len() {
            check_line(&log, row, &rules.spec().bonus)?;
            check_policy(&log, row, customers, as_of, policy)?;
        }
        // Sorted with their keys beside them: to look the keys up would miss the cache at every comparison.
        let keyed = |row: usize| (log.customer[row], log.item[row], log.day[row], row);
        let mut lines: Vec<(u32, u32, i32, usize)> = (0..log.customer.len()).map(keyed).collect();
        lines.sort_unstable();
        let order = lines.into_iter().map(|(.., row)| row).collect();
        let mut lines = Self { log, rules, order, customers, repeated: Vec::new() };
        lines.repeated = lines.repeated_references(policy.duplicates)?;
        Ok(lines)
    }

    /// The lines of one item of one customer after the other, the oldest first.
    pub(super) fn groups(&self) -> impl Iterator<Item = (usize, usize, &[usize])> {
        let key = |row: usize| (self.log.customer[row], self.log.item[row]);
        let groups = self.order.chunk_by(move |&one, &next| key(one) == key(next));
        groups.map(move |rows| (key(rows[0]).0 as usize, key(rows[0]).1 as usize, rows))
    }

    /// What a group has to show on a day.
    pub(super) fn shown(&self, item: usize, rows: &[usize], as_of: i32) -> Shown {
        let rule = self.item(item);
        let counts = |row: &&usize| self.barred(rule, **row, as_of).is_none();
        let units: f64 = rows.iter().filter(counts).map(|&row| self.units(row)).sum();
        let units = if rule.per == BonusPer::Once { f64::from(u8::from(units > 0.0)) } else { units.min(MOST_UNITS) };
        Shown { units, worth: rule.worth(units) }
    }

    /// What a group had to show on the first of two days and no longer has on the second: points before the cap.
    pub(super) fn expired(&self, item: usize, rows: &[usize], from_day: i32, to_day: i32) -> f64 {
        let rule = self.item(item);
        let (then, now) = (self.shown(item, rows, from_day), self.shown(item, rows, to_day));
        match rule.per {
            BonusPer::Once if now.units > 0.0 => 0.0,
            BonusPer::Once => then.worth,
            BonusPer::Unit => {
                let lost = |row: &&usize| {
                    self.barred(rule, **row, from_day).is_none() && self.barred(rule, **row, to_day).is_some()
                };
                rule.worth(rows.iter().filter(lost).map(|&row| self.units(row)).sum())
            }
        }
    }

    /// The status of each line of a group and the points that it earns, oldest first: a cap takes from the newest.
    pub(super) fn judged(&self, item: usize, rows: &[usize], as_of: i32) -> Vec<(EvidenceStatus, f64)> {
        let rule = self.item(item);
        let newest =
            rows.iter().rev().copied().find(|&row| self.barred(rule, row, as_of).is_none() && self.units(row) > 0.0);
        let mut units = 0.0;
        let mut earned = 0.0;
        let judge = |&row: &usize| {
            if let Some(status) = self.barred(rule, row, as_of) {
                return (status, 0.0);
            }
            if rule.per == BonusPer::Once && newest.is_some_and(|newest| newest != row) {
                return (EvidenceStatus::Renewed, 0.0);
            }
            let before = (units, earned);
            units += self.units(row);
            earned = rule.earned(units);
            let (face, points) = (rule.worth(units) - rule.worth(before.0), earned - before.1);
            (if points < face { EvidenceStatus::Capped } else { EvidenceStatus::Counted }, points)
        };
        rows.iter().map(judge).collect()
    }

    /// The rows that are left out because an older line of the same customer and item has their reference.
    fn repeated_references(&self, duplicates: Option<Duplicates>) -> Result<Vec<usize>> {
        let Some(references) = self.log.reference.filter(|_| duplicates != Some(Duplicates::Keep)) else {
            return Ok(Vec::new());
        };
        let mut repeated = Vec::new();
        let several = |group: &(usize, usize, &[usize])| {
            group.0 < self.customers && group.2.len() > 1 && self.item(group.1).per == BonusPer::Unit
        };
        for (_, _, rows) in self.groups().filter(several) {
            let mut first = BTreeMap::new();
            let shows = |row: &&usize| self.units(**row) > 0.0 && !self.is_duplicate(**row);
            for &row in rows.iter().filter(shows) {
                let Some(reference) = references[row] else { continue };
                let first_row = *first.entry(reference).or_insert(row);
                if first_row != row {
                    repeated.push((row, first_row));
                }
            }
        }
        repeated.sort_unstable();
        match repeated.first() {
            Some(&(row, first_row)) if duplicates != Some(Duplicates::CountOnce) => {
                let item = &self.item(self.log.item[row] as usize).name;
                let found = format!("that of row {first_row}, for the same `{item}`");
                let must_be = "one reference counts once per customer and item: mend it, or write several units into \
                               one line; or state for `duplicates` whether such lines are to be counted once or kept";
                Err(refused(&self.log, row, "the reference of the evidence", found, must_be.into()))
            }
            _ => Ok(repeated.into_iter().map(|(row, _)| row).collect()),
        }
    }

    /// Whether the log says that the line repeats another.
    fn is_duplicate(&self, row: usize) -> bool {
        self.log.duplicate.is_some_and(|duplicate| duplicate[row])
    }

    /// Why a line does not count on the day, whatever others say.
    fn barred(&self, rule: &BonusItem, row: usize, as_of: i32) -> Option<EvidenceStatus> {
        let age = i64::from(as_of) - i64::from(self.log.day[row]);
        let has_reference = self.log.reference.is_some_and(|references| references[row].is_some());
        if self.log.customer[row] as usize >= self.customers {
            Some(EvidenceStatus::OtherCustomer)
        } else if self.is_duplicate(row) || self.repeated.binary_search(&row).is_ok() {
            Some(EvidenceStatus::Duplicate)
        } else if age < 0 {
            Some(EvidenceStatus::Later)
        } else if rule.needs_reference && !has_reference {
            Some(EvidenceStatus::NoReference)
        } else if rule.expires_after.is_some_and(|days| age >= i64::from(days)) {
            Some(EvidenceStatus::Expired)
        } else {
            None
        }
    }

    fn item(&self, item: usize) -> &'a BonusItem {
        &self.rules.spec().bonus[item]
    }

    fn units(&self, row: usize) -> f64 {
        self.log.units.map_or(1.0, |units| units[row])
    }
}

fn check_lengths(log: &Evidence<'_>) -> Result<()> {
    let expected = log.customer.len();
    let lengths = [
        ("the items of the evidence", Some(log.item.len())),
        ("the days of the evidence", Some(log.day.len())),
        ("the units of the evidence", log.units.map(<[f64]>::len)),
        ("the references of the evidence", log.reference.map(<[_]>::len)),
        ("the duplicates of the evidence", log.duplicate.map(<[bool]>::len)),
    ];
    for (what, found) in lengths {
        if let Some(found) = found.filter(|&found| found != expected) {
            return Err(Error::WrongLength { what: what.into(), expected, found });
        }
    }
    Ok(())
}

fn check_line(log: &Evidence<'_>, row: usize, items: &[BonusItem]) -> Result<()> {
    let Some(item) = items.get(log.item[row] as usize) else {
        let must_be = format!("the rules have {} items, counted from 0", items.len());
        return Err(refused(log, row, "the item of the evidence", log.item[row].to_string(), must_be));
    };
    if item.needs_reference && log.reference.is_none() {
        let must_be = format!(
            "given, for evidence of `{}` (row {row}) counts with a reference only; name the column of references, or \
             drop `needs_reference` from the item",
            item.name
        );
        return Err(Error::InvalidParameter { of: "RatingRules", name: "reference", must_be, got: "none".into() });
    }
    let units = log.units.map_or(1.0, |units| units[row]);
    if !(0.0..=MOST_UNITS).contains(&units) || units.fract() != 0.0 {
        let must_be =
            "units must be whole numbers from 0 to a million; leave the column out where each line is one".into();
        return Err(refused(log, row, "the units of the evidence", units.to_string(), must_be));
    }
    Ok(())
}

fn check_policy(log: &Evidence<'_>, row: usize, customers: usize, as_of: i32, policy: EvidencePolicy) -> Result<()> {
    let (customer, day) = (log.customer[row], log.day[row]);
    if policy.other_customers == LaterRows::Refuse && customer as usize >= customers {
        let found = "none of those that were asked for".into();
        let must_be = "add the customer, or state for `other_customers` that the evidence of others is to be left out";
        return Err(refused(log, row, "the customer of the evidence", found, must_be.into()));
    }
    if policy.later == LaterRows::Refuse && day > as_of {
        let must_be = format!(
            "evidence must not lie after the day of the rating, {}; mend the date, or state for `later` that such lines are \
             to be left out",
            day_in_words(as_of)
        );
        return Err(refused(log, row, "the date of the evidence", day_in_words(day), must_be));
    }
    Ok(())
}

fn refused(log: &Evidence<'_>, row: usize, what: &str, found: String, must_be: String) -> Error {
    Error::invalid_value_of(log.customer[row], what, row, found, must_be)
}
