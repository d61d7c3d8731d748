//! The way of leads through classes: how long they stay, where they go, and which have stood still for too long.

use super::dwell::{ClassDwell, Stays};
use crate::rates::{Rate, check_confidence, rate};
use crate::{Error, Result};
use serde::Serialize;
use std::collections::BTreeMap;

/// How a history is read.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassHistorySettings {
    /// The classes, best first.
    pub classes: Vec<String>,
    /// The class of leads that were won; its dwell time means nothing, and no lead in it is stale.
    pub closed: String,
    /// The class of leads that were lost, where there is one; as `closed`.
    pub lost: Option<String>,
    /// The day on which the history is read, counted from 1970-01-01; entries on that day count.
    pub as_of: i32,
    /// Whether entries after `as_of` are left out and counted; otherwise they are refused.
    pub leave_out_later: bool,
}

/// The stays of leads in classes, from dated entries.
///
/// * Entries come in any order. The same entry twice, and an entry into the class in which the lead already is (as in
///   monthly snapshots), begin no new stay: they are merged and counted in [`merged`](Self::merged).
/// * Of several entries of one lead on one day the worst class comes first and the best last, then `lost`, then
///   `closed`: a lead that passes through classes in one day stays 0 days in each.
/// * A lead that comes back to a class begins a new stay there.
///
/// These rules are inferred; no source states them.
///
/// ```
/// use tierwise::lead::{ClassHistory, ClassHistorySettings, StaleLimit};
/// let settings = ClassHistorySettings {
///     classes: ["closed", "hot", "cold"].map(String::from).to_vec(),
///     closed: "closed".into(),
///     lost: None,
///     as_of: 100,
///     leave_out_later: false,
/// };
/// // lead 0 is cold on day 0, hot on day 10 and closed on day 30; lead 1 is cold since day 40
/// let history = ClassHistory::new(&[0, 0, 0, 1], &[2, 1, 0, 2], &[0, 10, 30, 40], settings)?;
/// let dwell = history.dwell(&[])?;
/// assert_eq!((dwell[1].class.as_str(), dwell[1].completed, dwell[1].ongoing), ("cold", 1, 1));
/// assert_eq!((dwell[1].mean_completed, dwell[1].median), (Some(10.0), Some(10.0)));
/// let stale = history.stale(&StaleLimit::Days(vec![Some(30.0); 3]))?;
/// assert_eq!((stale[0].lead, stale[0].days), (1, 60));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ClassHistory {
    classes: Vec<String>,
    closed: u32,
    lost: Option<u32>,
    as_of: i32,
    stays: Vec<Stay>,
    merged: usize,
    left_out: usize,
}

/// One stay of a lead in a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stay {
    /// The lead's code.
    pub lead: u32,
    /// The position of the class.
    pub class: u32,
    /// The day on which it began.
    pub from: i32,
    /// The day on which the lead entered another class; `None` while it is there.
    pub to: Option<i32>,
    /// That class.
    pub next: Option<u32>,
}

/// How often leads went from one class to another.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Transition {
    /// The class left.
    pub from: String,
    /// The class entered.
    pub to: String,
    /// The share of the completed stays that ended this way, with its interval.
    pub rate: Rate,
}

/// From how many days on a lead is stale.
#[derive(Debug, Clone, PartialEq)]
pub enum StaleLimit {
    /// After so many days, per class in the order of the classes; `None` for a class without a limit.
    Days(Vec<Option<f64>>),
    /// After the days within which this share of the stays in the class is over (Kaplan-Meier, see
    /// [`ClassDwell::quantiles`]); a class in which so many never were over has no limit.
    Quantile(f64),
}

/// A lead that has been in its class for longer than the limit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StaleLead {
    /// The lead's code.
    pub lead: u32,
    /// Its class.
    pub class: String,
    /// The day on which it entered the class.
    pub since: i32,
    /// Days in the class.
    pub days: i64,
    /// The limit of the class.
    pub limit: f64,
}

/// One entry before it is a stay; sorts by lead, day, and the order within a day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    lead: u32,
    day: i32,
    place: u32,
    class: u32,
}

impl ClassHistory {
    /// Reads dated entries into classes: one element of each slice per entry, leads by code, classes by position,
    /// days since 1970-01-01.
    ///
    /// # Errors
    /// [`Error::EmptyTable`]; [`Error::WrongLength`]; [`Error::UnknownName`] when `closed` or `lost` is no class;
    /// [`Error::InvalidParameter`] for classes that repeat or are none; [`Error::InvalidValue`] with the row and the
    /// lead's code for a class that is not there, and for a day after `as_of` unless such entries are left out.
    pub fn new(lead: &[u32], class: &[u32], day: &[i32], settings: ClassHistorySettings) -> Result<Self> {
        let ClassHistorySettings { classes, closed, lost, as_of, leave_out_later } = settings;
        check_classes("ClassHistory", "classes", &classes)?;
        let position = |what: &str, name: &String| position_of(&classes, what, name);
        let (closed, lost) = (position("`closed`", &closed)?, lost.map(|lost| position("`lost`", &lost)).transpose()?);
        if lost == Some(closed) {
            let must_be = "another class than `closed`".into();
            return Err(Error::InvalidParameter {
                of: "ClassHistory",
                name: "lost",
                must_be,
                got: classes[closed as usize].clone(),
            });
        }
        for (what, found) in [("the classes", class.len()), ("the days", day.len())] {
            if found != lead.len() {
                return Err(Error::WrongLength { what: what.into(), expected: lead.len(), found });
            }
        }
        let place = |class: u32| match class {
            class if class == closed => u32::MAX,
            class if Some(class) == lost => u32::MAX - 1,
            class => classes.len() as u32 - class,
        };
        let mut entries = Vec::with_capacity(lead.len());
        for (row, ((&lead, &class), &day)) in lead.iter().zip(class).zip(day).enumerate() {
            if class as usize >= classes.len() {
                let must_be = format!("classes are positions below {}; mend it", classes.len());
                return Err(refused("the class", row, lead, class.to_string(), must_be));
            }
            if day <= as_of {
                entries.push(Entry { lead, day, place: place(class), class });
            } else if !leave_out_later {
                let must_be = format!(
                    "entries must not lie after `as_of`, which is day {as_of}; mend the date, or leave later ones out on purpose"
                );
                return Err(refused("the day", row, lead, format!("day {day} since 1970-01-01"), must_be));
            }
        }
        if entries.is_empty() {
            return Err(Error::EmptyTable { what: "the history of classes up to `as_of`".into() });
        }
        let (left_out, counted) = (lead.len() - entries.len(), entries.len());
        let stays = stays_of(entries);
        Ok(Self { merged: counted - stays.len(), classes, closed, lost, as_of, stays, left_out })
    }

    /// All stays, by lead and day.
    pub fn stays(&self) -> &[Stay] {
        &self.stays
    }

    /// The classes, best first.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// Entries that began no new stay.
    pub fn merged(&self) -> usize {
        self.merged
    }

    /// Entries after `as_of`.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// The day on which the history is read.
    pub fn as_of(&self) -> i32 {
        self.as_of
    }

    pub(super) fn closed(&self) -> u32 {
        self.closed
    }

    /// Whether leads in the class are still being worked on.
    pub(super) fn is_open(&self, class: u32) -> bool {
        class != self.closed && Some(class) != self.lost
    }

    /// How long leads stay in each open class; see [`ClassDwell`].
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a quantile outside (0, 1).
    pub fn dwell(&self, quantiles: &[f64]) -> Result<Vec<ClassDwell>> {
        quantiles.iter().try_for_each(|&quantile| check_quantile(quantile))?;
        let summary = |(class, stays): (usize, Stays)| stays.summary(&self.classes[class], quantiles);
        Ok(self.stays_by_class().map(summary).collect())
    }

    /// How often leads went from which class to which, with the share of the completed stays in the class left and its
    /// Jeffreys interval; in the order of the classes. Ongoing stays count in neither.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a confidence outside (0, 1).
    pub fn transitions(&self, confidence: f64) -> Result<Vec<Transition>> {
        check_confidence("transitions", confidence)?;
        let mut counts: BTreeMap<(u32, u32), f64> = BTreeMap::new();
        let mut completed = vec![0.0; self.classes.len()];
        for stay in &self.stays {
            if let Some(next) = stay.next {
                *counts.entry((stay.class, next)).or_default() += 1.0;
                completed[stay.class as usize] += 1.0;
            }
        }
        let name = |class: u32| self.classes[class as usize].clone();
        let transition = |((from, to), count): ((u32, u32), f64)| {
            let rate = rate(count, completed[from as usize], confidence)?;
            Ok(Transition { from: name(from), to: name(to), rate })
        };
        counts.into_iter().map(transition).collect()
    }

    /// The leads that have been in an open class for longer than its limit, the furthest beyond it first, then by lead.
    ///
    /// # Errors
    /// [`Error::WrongLength`] when there is not one limit per class; [`Error::InvalidParameter`] for a limit that is not
    /// 0 or more, or a quantile outside (0, 1).
    pub fn stale(&self, limit: &StaleLimit) -> Result<Vec<StaleLead>> {
        let limits = self.limits(limit)?;
        let mut stale: Vec<StaleLead> = Vec::new();
        for stay in self.stays.iter().filter(|stay| stay.to.is_none() && self.is_open(stay.class)) {
            let days = i64::from(self.as_of) - i64::from(stay.from);
            if let Some(limit) = limits[stay.class as usize]
                && days as f64 > limit
            {
                let class = self.classes[stay.class as usize].clone();
                stale.push(StaleLead { lead: stay.lead, class, since: stay.from, days, limit });
            }
        }
        let beyond = |one: &StaleLead| one.days as f64 - one.limit;
        stale.sort_by(|a, b| beyond(b).total_cmp(&beyond(a)).then(a.lead.cmp(&b.lead)));
        Ok(stale)
    }

    /// The limit of each class in days; `None` where there is none.
    ///
    /// # Errors
    /// Those of [`ClassHistory::stale`].
    pub fn limits(&self, limit: &StaleLimit) -> Result<Vec<Option<f64>>> {
        match limit {
            StaleLimit::Days(days) if days.len() != self.classes.len() => {
                Err(Error::WrongLength { what: "the limits".into(), expected: self.classes.len(), found: days.len() })
            }
            StaleLimit::Days(days) => {
                match days.iter().flatten().find(|limit| !(**limit >= 0.0 && limit.is_finite())) {
                    None => Ok(days.clone()),
                    Some(got) => Err(Error::InvalidParameter {
                        of: "stale",
                        name: "limit",
                        must_be: "a number of days in [0, inf)".into(),
                        got: got.to_string(),
                    }),
                }
            }
            StaleLimit::Quantile(quantile) => {
                check_quantile(*quantile)?;
                let mut limits = vec![None; self.classes.len()];
                self.stays_by_class().for_each(|(class, stays)| limits[class] = stays.quantile(*quantile));
                Ok(limits)
            }
        }
    }

    /// The limit of some classes by their names; the others have none.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that is no class.
    pub fn days_by_class(&self, days: &[(String, f64)]) -> Result<StaleLimit> {
        let places: BTreeMap<&str, usize> = self.classes.iter().map(String::as_str).zip(0..).collect();
        let mut limits = vec![None; self.classes.len()];
        for (name, days) in days {
            match places.get(name.as_str()) {
                Some(&class) => limits[class] = Some(*days),
                None => position_of(&self.classes, "a class with a limit", name).map(drop)?,
            }
        }
        Ok(StaleLimit::Days(limits))
    }

    /// The durations of the stays in each open class, in the order of the classes.
    fn stays_by_class(&self) -> impl Iterator<Item = (usize, Stays)> {
        let mut durations: Vec<Vec<(f64, bool)>> = vec![Vec::new(); self.classes.len()];
        for stay in &self.stays {
            let until = stay.to.unwrap_or(self.as_of);
            let days = (i64::from(until) - i64::from(stay.from)) as f64;
            durations[stay.class as usize].push((days, stay.to.is_some()));
        }
        let open = durations.into_iter().enumerate().filter(|(class, _)| self.is_open(*class as u32));
        open.map(|(class, durations)| (class, Stays::new(durations)))
    }
}

/// Sorts the entries and joins those that begin no new stay.
fn stays_of(mut entries: Vec<Entry>) -> Vec<Stay> {
    entries.sort_unstable();
    let mut stays: Vec<Stay> = Vec::with_capacity(entries.len());
    for entry in entries {
        if let Some(last) = stays.last_mut()
            && last.lead == entry.lead
        {
            if last.class == entry.class {
                continue;
            }
            (last.to, last.next) = (Some(entry.day), Some(entry.class));
        }
        stays.push(Stay { lead: entry.lead, class: entry.class, from: entry.day, to: None, next: None });
    }
    stays
}

pub(super) fn check_classes(of: &'static str, name: &'static str, classes: &[String]) -> Result<()> {
    let refuse = |got: String| {
        let must_be = "at least one name, each not empty and only once".into();
        Err(Error::InvalidParameter { of, name, must_be, got })
    };
    if classes.is_empty() {
        return refuse("none".into());
    }
    let mut sorted: Vec<&String> = classes.iter().collect();
    sorted.sort_unstable();
    let twice = sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| format!("`{}` twice", pair[0]));
    let empty = sorted.iter().any(|name| name.trim().is_empty()).then(|| "an empty name".to_owned());
    twice.or(empty).map_or(Ok(()), refuse)
}

pub(super) fn position_of(classes: &[String], what: &str, name: &str) -> Result<u32> {
    let found = classes.iter().position(|class| class == name).map(|at| at as u32);
    found.ok_or_else(|| Error::UnknownName {
        what: what.to_owned(),
        row: None,
        name: name.to_owned(),
        known: classes.to_vec(),
    })
}

fn check_quantile(quantile: f64) -> Result<()> {
    if quantile > 0.0 && quantile < 1.0 {
        return Ok(());
    }
    let must_be = "a number in (0, 1)".into();
    Err(Error::InvalidParameter { of: "ClassHistory", name: "quantile", must_be, got: quantile.to_string() })
}

fn refused(what: &str, row: usize, lead: u32, found: String, must_be: String) -> Error {
    Error::invalid_value_of(lead, what, row, found, must_be)
}
