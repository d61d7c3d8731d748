//! One rule ready to be applied: points by age, the events that count, and the caps.

use super::decimal::billionths;
use super::rules::{Counted, Decay, EventRule, Period};
use crate::calendar::Date;

/// Ages whose points are kept in a table; of older events they are worked out when needed.
const AGES: usize = 4096;

/// A least and a largest sum, in billionths.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) minimum: i64,
    pub(super) maximum: i64,
}

impl Bounds {
    pub(super) fn keep(self, sum: i64) -> i64 {
        sum.clamp(self.minimum, self.maximum)
    }
}

/// A group, or the total: what it adds up and keeps within its bounds.
#[derive(Debug, Clone)]
pub(super) struct CapStep {
    /// The position of the group; the number of groups for the total.
    pub(super) group: usize,
    pub(super) rules: Vec<usize>,
    pub(super) groups: Vec<usize>,
    pub(super) bounds: Bounds,
}

impl CapStep {
    pub(super) fn new(group: usize, bounds: Bounds) -> Self {
        Self { group, rules: Vec::new(), groups: Vec::new(), bounds }
    }
}

/// How the events of a rule are picked, and how that is done fastest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pick {
    /// Every one: nothing needs to be remembered.
    All,
    /// The earliest or the latest of all: its day is remembered.
    Earliest,
    Latest,
    /// Some of each period: the days must be put in order.
    Some {
        n: usize,
        per: Period,
        latest: bool,
    },
}

impl Pick {
    fn new(counted: Counted) -> Self {
        match counted {
            Counted::EveryTime => Self::All,
            Counted::Once | Counted::Last { n: 1, per: Period::Ever } => Self::Latest,
            Counted::First { n: 1, per: Period::Ever } => Self::Earliest,
            Counted::First { n, per } => Self::Some { n: count(n), per, latest: false },
            Counted::Last { n, per } => Self::Some { n: count(n), per, latest: true },
        }
    }

    /// Calls `take` with the position of each of `count` events that counts. `day` gives the day of an event by its
    /// position; days do not fall.
    pub(super) fn each(self, count: usize, day: impl Fn(usize) -> i32, mut take: impl FnMut(usize)) {
        let (n, per, latest) = match self {
            Self::All => return (0..count).for_each(take),
            Self::Earliest => (1, Period::Ever, false),
            Self::Latest => (1, Period::Ever, true),
            Self::Some { n, per, latest } => (n, per, latest),
        };
        if count <= n {
            return (0..count).for_each(take);
        }
        let mut current = None;
        let mut taken = 0;
        for place in 0..count {
            let at = if latest { count - 1 - place } else { place };
            let period = Some(period(per, day(at)));
            if period != current {
                (current, taken) = (period, 0);
            }
            if taken < n {
                take(at);
            }
            taken += 1;
        }
    }
}

fn count(n: i64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

/// The number of the calendar period in which a day lies.
fn period(per: Period, day: i32) -> i64 {
    let count = i64::from(day);
    match per {
        Period::Day => count,
        Period::Week => (count + 3).div_euclid(7), // 1970-01-01 was a Thursday
        Period::Month => {
            let Date { year, month, .. } = Date::of(day);
            12 * year + month
        }
        Period::Year => Date::of(day).year,
        Period::Days(length) => count.div_euclid(length),
        Period::Ever => 0,
    }
}

/// One rule, checked and ready.
#[derive(Debug, Clone)]
pub(super) struct CompiledRule {
    points: f64,
    decay: Option<Decay>,
    /// Events count while their age is below this; at most 2^33, beyond every age.
    pub(super) reach: i64,
    pub(super) pick: Pick,
    pub(super) bounds: Bounds,
    /// Billionths by age, for the first ages.
    table: Vec<i64>,
}

impl CompiledRule {
    pub(super) fn new(rule: &EventRule, bounds: Bounds) -> Self {
        const BEYOND_EVERY_AGE: i64 = 1 << 33;
        let reach = rule.window.unwrap_or(BEYOND_EVERY_AGE).min(BEYOND_EVERY_AGE);
        let mut compiled = Self {
            points: rule.points,
            decay: rule.decay,
            reach,
            pick: Pick::new(rule.counted),
            bounds,
            table: Vec::new(),
        };
        let ages = reach.min(AGES as i64);
        compiled.table = (0..ages).map(|age| compiled.worked_out(age)).collect();
        compiled
    }

    /// The billionths that are left at an age of 0 or more.
    #[inline]
    pub(super) fn at_age(&self, age: i64) -> i64 {
        match self.table.get(age as usize) {
            Some(&billionths) => billionths,
            None => self.worked_out(age),
        }
    }

    fn worked_out(&self, age: i64) -> i64 {
        let age = age as f64;
        billionths(match self.decay {
            None => self.points,
            Some(Decay::Linear { gone_after }) => self.points * (1.0 - age / gone_after).max(0.0),
            Some(Decay::HalfLife(days)) => self.points * libm::exp2(-age / days),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday() {
        // 2024-12-30 was a Monday.
        assert_ne!(period(Period::Week, 20_086), period(Period::Week, 20_087));
        assert_eq!(period(Period::Week, 20_087), period(Period::Week, 20_093));
    }

    #[test]
    fn months_and_years_begin_where_the_calendar_says() {
        // 2024-02-29, 2024-12-31 and the days after.
        assert_eq!([19_782, 19_783].map(|day| period(Period::Month, day) - 12 * 2024), [2, 3]);
        assert_eq!([20_088, 20_089].map(|day| period(Period::Year, day)), [2024, 2025]);
        assert_eq!(period(Period::Month, 20_089) - period(Period::Month, 20_088), 1);
    }

    #[test]
    fn the_table_and_the_formula_agree() {
        let rule = EventRule::new("visit", 10.0).decay(Decay::HalfLife(30.0));
        let rule = CompiledRule::new(&rule, Bounds { minimum: i64::MIN, maximum: i64::MAX });
        assert_eq!([0, 30, 60].map(|age| rule.at_age(age)), [10_000_000_000, 5_000_000_000, 2_500_000_000]);
        assert!((0..5000).all(|age| rule.at_age(age) == rule.worked_out(age) && rule.at_age(age) >= 0));
        assert_eq!(rule.at_age(1 << 32), 0);
    }
}
