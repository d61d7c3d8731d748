//! Events grouped by lead, and the levels that the rules make of each lead's events.
//!
//! Rows are dealt into buckets of neighbouring leads, and each bucket is sorted by lead while it fits into the cache.
//! That takes 8 bytes per event. A bucket is worked on by one thread, and points are whole billionths, so neither the
//! order of the rows nor the number of threads reaches a result.

use super::compiled::{CapStep, Pick};
use super::decimal::points;
use super::events::{Checked, Events};
use super::rules::EventRules;
use crate::parts::map_parts;
use crate::{Error, Result, parallel};
use std::ops::Range;

/// An event of a known lead: its type above, its day below. While it is dealt, what tells its lead apart stands on top.
pub(super) type Line = u64;

#[inline]
fn line(event: u32, day: i32) -> Line {
    u64::from(event) << 32 | u64::from(day.cast_unsigned())
}

#[inline]
fn day_of(line: Line) -> i32 {
    (line as u32).cast_signed()
}

/// A rule or sum whose points are beyond all bounds, by its name.
pub(super) struct TooMuch(pub(super) String);

/// Rules bound to the types of event of a log.
pub(super) struct BoundRules<'a> {
    pub(super) rules: &'a EventRules,
    /// Where the rules of each type of event begin and end in `readers`.
    by_event: Vec<(u32, u32)>,
    readers: Vec<u32>,
}

impl<'a> BoundRules<'a> {
    pub(super) fn new(rules: &'a EventRules, names: &[String]) -> Self {
        let mut readers = Vec::new();
        let by_event = names.iter().map(|name| {
            let begin = readers.len() as u32;
            let reading = (0_u32..).zip(&rules.spec().rules).filter(|(_, rule)| rule.event() == name);
            readers.extend(reading.map(|(at, _)| at));
            (begin, readers.len() as u32)
        });
        Self { by_event: by_event.collect(), rules, readers }
    }

    /// The rules that read a type of event.
    #[inline]
    pub(super) fn readers(&self, event: u32) -> &[u32] {
        let (begin, end) = self.by_event[event as usize];
        &self.readers[begin as usize..end as usize]
    }

    /// For each type of event, the oldest age at which some rule counts it.
    fn reach(&self) -> Vec<i64> {
        let of = |event: u32| self.readers(event).iter().map(|&rule| self.rules.compiled[rule as usize].reach).max();
        (0..self.by_event.len()).map(|event| of(event as u32).unwrap_or(0)).collect()
    }

    /// How many levels a lead has: see [`Levels`].
    pub(super) fn width(&self) -> usize {
        self.rules.compiled.len() + 2 * (self.rules.steps.len() - 1) + 2
    }

    /// Writes the levels of one lead: what the events known up to a day are worth on `as_of`.
    pub(super) fn levels(
        &self,
        lines: &[Line],
        known: i32,
        as_of: i32,
        scratch: &mut Scratch,
        levels: &mut [i64],
    ) -> std::result::Result<(), TooMuch> {
        let (sums, _) = levels.split_at_mut(self.rules.compiled.len());
        sums.fill(0);
        scratch.picked.clear();
        scratch.picked.resize(sums.len(), None);
        scratch.some.clear();
        for &line in lines {
            let day = day_of(line);
            if day > known {
                continue;
            }
            let age = i64::from(as_of) - i64::from(day);
            for &at in self.readers((line >> 32) as u32) {
                let rule = &self.rules.compiled[at as usize];
                if age >= rule.reach {
                    continue;
                }
                let picked = &mut scratch.picked[at as usize];
                match rule.pick {
                    // The events of a rule all push its sum the same way, so that stopping at the end of the range
                    // does not depend on their order.
                    Pick::All => sums[at as usize] = sums[at as usize].saturating_add(rule.at_age(age)),
                    Pick::Latest => *picked = Some(picked.map_or(day, |other| other.max(day))),
                    Pick::Earliest => *picked = Some(picked.map_or(day, |other| other.min(day))),
                    // Flipping the sign bit puts the days in order.
                    Pick::Some { .. } => scratch.some.push(self::line(at, day ^ i32::MIN)),
                }
            }
        }
        self.add_picked(as_of, scratch, sums);
        self.cap(levels)
    }

    fn add_picked(&self, as_of: i32, scratch: &mut Scratch, sums: &mut [i64]) {
        let worth = |rule: usize, day: i32| self.rules.compiled[rule].at_age(i64::from(as_of) - i64::from(day));
        for (rule, day) in scratch.picked.iter().enumerate().filter_map(|(rule, day)| Some((rule, (*day)?))) {
            sums[rule] = worth(rule, day);
        }
        scratch.some.sort_unstable();
        for lines in scratch.some.chunk_by(|a, b| a >> 32 == b >> 32) {
            let rule = (lines[0] >> 32) as usize;
            let day = |at: usize| day_of(lines[at]) ^ i32::MIN;
            let pick = self.rules.compiled[rule].pick;
            pick.each(lines.len(), day, |at| sums[rule] = sums[rule].saturating_add(worth(rule, day(at))));
        }
    }

    /// From the sums of the rules to their points, those of the groups and the total.
    fn cap(&self, levels: &mut [i64]) -> std::result::Result<(), TooMuch> {
        let (rules, rest) = levels.split_at_mut(self.rules.compiled.len());
        for (at, rule) in self.rules.compiled.iter().enumerate() {
            if matches!(rules[at], i64::MAX | i64::MIN) {
                return Err(TooMuch(format!("rule `{}`", self.rules.spec().rules[at].name)));
            }
            rules[at] = rule.bounds.keep(rules[at]);
        }
        let count = self.rules.steps.len() - 1;
        let (groups, rest) = rest.split_at_mut(count);
        self.cap_groups(rules, groups, |step, level, cap| {
            rest[step.group] = cap;
            if step.group == count {
                rest[count + 1] = level;
            }
        })
    }

    /// From the points of the rules to those of the groups, inner ones first, and at last the total. `capped` gets each
    /// group, or the total, with its points and what its cap takes or gives.
    pub(super) fn cap_groups(
        &self,
        rules: &[i64],
        groups: &mut [i64],
        mut capped: impl FnMut(&CapStep, i64, i64),
    ) -> std::result::Result<(), TooMuch> {
        for step in &self.rules.steps {
            let inner = step.groups.iter().map(|&group| groups[group]);
            let sum = step.rules.iter().map(|&rule| rules[rule]).chain(inner).try_fold(0, i64::checked_add);
            let kept = sum.map(|sum| (step.bounds.keep(sum), sum));
            let level_and_cap = kept.and_then(|(level, sum)| Some((level, level.checked_sub(sum)?)));
            let (level, cap) = level_and_cap.ok_or_else(|| {
                let group = self.rules.spec().groups.get(step.group);
                TooMuch(group.map_or("the total".into(), |group| format!("group `{}`", group.name)))
            })?;
            if let Some(place) = groups.get_mut(step.group) {
                *place = level;
            }
            capped(step, level, cap);
        }
        Ok(())
    }
}

/// The places of the levels of a lead: the points of each rule after its cap, of each group after its cap, what each
/// group's cap takes or gives, what the cap of the total takes or gives, and the total.
pub(super) struct Levels {
    pub(super) rules: Range<usize>,
    pub(super) groups: Range<usize>,
    pub(super) group_caps: Range<usize>,
    pub(super) total_cap: usize,
    pub(super) total: usize,
}

impl Levels {
    pub(super) fn of(rules: &EventRules) -> Self {
        let (count, groups) = (rules.compiled.len(), rules.steps.len() - 1);
        Self {
            rules: 0..count,
            groups: count..count + groups,
            group_caps: count + groups..count + 2 * groups,
            total_cap: count + 2 * groups,
            total: count + 2 * groups + 1,
        }
    }
}

/// Room for the work on one lead, used for one after the other.
#[derive(Default)]
pub(super) struct Scratch {
    picked: Vec<Option<i32>>,
    some: Vec<u64>,
}

/// Groups the events that count by lead, and calls `work` with the lines of each lead to fill its row of `width`
/// numbers in billionths. Returns them as columns of points.
///
/// Events that are too old for all of `rules` on `from`, the earliest day asked about, are passed over.
pub(super) fn by_lead(
    checked: &Checked<'_>,
    rules: &[&BoundRules<'_>],
    from: i32,
    width: usize,
    work: impl Fn(&[Line], &mut Scratch, &mut [i64]) -> std::result::Result<(), TooMuch> + Sync + Send,
) -> Result<Vec<Vec<f64>>> {
    let event_bits = usize::BITS - checked.events.names.len().saturating_sub(1).leading_zeros();
    let shift = shift(checked.leads, event_bits);
    let oldest = oldest(rules, checked.events.names.len(), from);
    let dealt = map_parts(checked.events.len(), |rows| {
        let (event, day) = (&checked.events.event, &checked.events.day);
        let is_young = |row: usize| i64::from(day[row]) >= oldest[event[row] as usize];
        if checked.without_strays {
            Dealt::new(checked, rows, shift, event_bits, is_young)
        } else {
            Dealt::new(checked, rows, shift, event_bits, |row| is_young(row) && checked.stray(row).is_none())
        }
    });
    // One by one, since a copy of zeros would be written where a new column need not be touched.
    let mut columns: Vec<Vec<f64>> = (0..width).map(|_| vec![0.0; checked.leads]).collect();
    let mut places: Vec<Vec<&mut [f64]>> = Vec::new();
    places.resize_with(checked.leads.div_ceil(1 << shift), Vec::new);
    for column in &mut columns {
        places.iter_mut().zip(column.chunks_mut(1 << shift)).for_each(|(places, part)| places.push(part));
    }
    let buckets = places.into_iter().enumerate().collect();
    let done = parallel::map(buckets, |(bucket, mut places): (usize, Vec<&mut [f64]>)| {
        let leads = places.first().map_or(0, |place| place.len());
        let sorted = Sorted::new(&dealt, bucket, leads, event_bits);
        let mut scratch = Scratch::default();
        let mut row = vec![0; width];
        for lead in 0..leads {
            work(sorted.lines(lead), &mut scratch, &mut row)
                .map_err(|TooMuch(what)| too_much(&checked.events, (bucket << shift) + lead, &what))?;
            places.iter_mut().zip(&row).for_each(|(place, &value)| place[lead] = points(value));
        }
        Ok(())
    });
    done.into_iter().collect::<Result<()>>()?;
    Ok(columns)
}

/// The refusal of a lead whose points are beyond what can be counted.
pub(super) fn too_much(events: &Events<'_>, lead: usize, what: &str) -> Error {
    Error::InvalidValue {
        what: format!("the sum of the points of {what} for the lead first seen"),
        row: events.lead.iter().position(|&code| code as usize == lead).unwrap_or_default(),
        key: Some(lead.to_string()),
        found: "beyond nine billion".into(),
        must_be: "sums must stay below that; give the rule fewer points, or mend the log".into(),
    }
}

/// The bits of a lead's code that tell it apart within its bucket: at most 256 buckets, of at least 2048 leads each,
/// unless there are so many types of event that they and those bits do not fit side by side.
fn shift(leads: usize, event_bits: u32) -> u32 {
    (usize::BITS - (leads >> 8).leading_zeros()).max(11).min(32_u32.saturating_sub(event_bits))
}

/// For each type of event, the first day that can still count.
fn oldest(rules: &[&BoundRules<'_>], events: usize, from: i32) -> Vec<i64> {
    let mut oldest = vec![i64::MAX; events];
    for rules in rules {
        for (oldest, reach) in oldest.iter_mut().zip(rules.reach()) {
            *oldest = (*oldest).min(i64::from(from) - reach + 1);
        }
    }
    oldest
}

/// The rows of one part of the log that count, by bucket.
struct Dealt {
    lines: Vec<Line>,
    /// Where each bucket ends.
    ends: Vec<usize>,
}

impl Dealt {
    fn new(
        checked: &Checked<'_>,
        rows: Range<usize>,
        shift: u32,
        event_bits: u32,
        counts: impl Fn(usize) -> bool,
    ) -> Self {
        let events = &checked.events;
        let mask = (1 << shift) - 1;
        let bucket = |row: usize| (u64::from(events.lead[row]) >> shift) as usize;
        let mut ends = vec![0_usize; checked.leads.div_ceil(1 << shift)];
        for row in rows.clone().filter(|&row| counts(row)) {
            ends[bucket(row)] += 1;
        }
        let total = ends_to_begins(&mut ends);
        let mut lines = vec![0; total];
        for row in rows.filter(|&row| counts(row)) {
            let end = &mut ends[bucket(row)];
            let lead = (u64::from(events.lead[row]) & mask) << event_bits;
            lines[*end] = lead << 32 | line(events.event[row], events.day[row]);
            *end += 1;
        }
        Self { lines, ends }
    }

    fn bucket(&self, bucket: usize) -> &[Line] {
        let begin = bucket.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.lines[begin..self.ends[bucket]]
    }
}

/// Turns counts into the places at which each begins; returns their sum.
fn ends_to_begins(counts: &mut [usize]) -> usize {
    counts.iter_mut().fold(0, |begin, count| begin + std::mem::replace(count, begin))
}

/// The lines of one bucket, by lead.
struct Sorted {
    lines: Vec<Line>,
    ends: Vec<usize>,
}

impl Sorted {
    fn new(dealt: &[Dealt], bucket: usize, leads: usize, event_bits: u32) -> Self {
        let all = || dealt.iter().flat_map(|dealt| dealt.bucket(bucket));
        let lead = |line: Line| ((line >> 32) >> event_bits) as usize;
        let own = (1_u64 << event_bits << 32).wrapping_sub(1);
        let mut ends = vec![0_usize; leads];
        all().for_each(|&line| ends[lead(line)] += 1);
        let mut lines = vec![0; ends_to_begins(&mut ends)];
        for &line in all() {
            let end = &mut ends[lead(line)];
            lines[*end] = line & own;
            *end += 1;
        }
        Self { lines, ends }
    }

    fn lines(&self, lead: usize) -> &[Line] {
        let begin = lead.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.lines[begin..self.ends[lead]]
    }
}
