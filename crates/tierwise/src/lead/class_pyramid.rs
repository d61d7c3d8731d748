//! The class pyramid: how many leads stand in each class, and what share of them is won.

use super::class_history::{ClassHistory, Stay, check_classes};
use crate::rates::{Rate, check_confidence, rate};
use crate::{Error, Result};
use serde::Serialize;

/// How many leads stand in each class, and what share of them is won.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ClassPyramid {
    /// One row per class, best first.
    pub classes: Vec<PyramidRow>,
    /// All leads whose class is known.
    pub leads: usize,
    /// Leads whose class is unknown; they are in no row.
    pub unknown: usize,
}

/// One class of a pyramid.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PyramidRow {
    /// The class.
    pub class: String,
    /// Leads in it.
    pub leads: usize,
    /// Their share of all leads whose class is known.
    pub share: f64,
    /// How many of how many were won, with the Jeffreys interval; `None` where there is no lead to tell it by.
    pub close_rate: Option<Rate>,
}

/// The pyramid of a snapshot: per lead its class (a position) and whether it was won later: 1 yes, 0 no, NaN not decided
/// yet. Leads not decided are counted as leads and not in the rate; so let all have had the same time to be won, or the
/// rate flatters the quick ones. [`ClassHistory::pyramid`] sees to that itself.
///
/// ```
/// use tierwise::lead::class_pyramid;
/// let names = ["hot", "cold"].map(String::from);
/// let pyramid = class_pyramid(&[Some(0), Some(1), Some(1), None], &[1.0, 0.0, f64::NAN, 1.0], &names, 0.9)?;
/// assert_eq!((pyramid.classes[1].leads, pyramid.unknown), (2, 1));
/// assert_eq!(pyramid.classes[1].close_rate.unwrap().trials, 1.0);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::EmptyTable`]; [`Error::WrongLength`]; [`Error::InvalidValue`] with the row for a class that is not there and
/// for a `won` that is neither 1, 0 nor NaN; [`Error::InvalidParameter`] for classes that repeat and for a confidence
/// outside (0, 1).
pub fn class_pyramid(class: &[Option<u32>], won: &[f64], names: &[String], confidence: f64) -> Result<ClassPyramid> {
    check_classes("class_pyramid", "names", names)?;
    check_confidence("class_pyramid", confidence)?;
    if class.is_empty() {
        return Err(Error::EmptyTable { what: "the table of leads".into() });
    }
    if won.len() != class.len() {
        return Err(Error::WrongLength { what: "`won`".into(), expected: class.len(), found: won.len() });
    }
    let mut tallies = vec![Tally::default(); names.len()];
    for (row, (&class, &won)) in class.iter().zip(won).enumerate() {
        let refuse = |what: &str, found: String, must_be: String| {
            Err(Error::InvalidValue { what: what.into(), row, key: None, found, must_be })
        };
        if !(won == 0.0 || won == 1.0 || won.is_nan()) {
            return refuse("`won`", won.to_string(), "it must be 1 for won, 0 for not, or unknown".into());
        }
        let Some(class) = class else { continue };
        let Some(tally) = tallies.get_mut(class as usize) else {
            return refuse("the class", class.to_string(), format!("classes are positions below {}", names.len()));
        };
        tally.leads += 1;
        if !won.is_nan() {
            tally.entered += 1.0;
            tally.won += won;
        }
    }
    pyramid(names, &tallies, class.iter().filter(|class| class.is_none()).count(), confidence)
}

impl ClassHistory {
    /// The pyramid on the day of the history, with close rates from a cohort that had time to close.
    ///
    /// The rate of a class looks at the leads that entered it in the `window` days that ended `horizon` days ago, from
    /// `as_of − horizon − window` (not included) to `as_of − horizon` (included), each lead once, by its first entry in
    /// that window; won are those that entered `closed` within `horizon` days of that entry. So every lead in the rate
    /// had the same time, and none is censored. `closed` and `lost` have no rate.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a window or horizon below 1 and for a confidence outside (0, 1).
    ///
    /// ```
    /// use tierwise::lead::{ClassHistory, ClassHistorySettings};
    /// let settings = ClassHistorySettings {
    ///     classes: ["closed", "hot"].map(String::from).to_vec(),
    ///     closed: "closed".into(),
    ///     lost: None,
    ///     as_of: 100,
    ///     leave_out_later: false,
    /// };
    /// // all enter on day 50; lead 0 closes after 10 days, lead 1 after 40 days, lead 2 not yet; lead 3 enters too late
    /// let history = ClassHistory::new(&[0, 0, 1, 1, 2, 3], &[1, 0, 1, 0, 1, 1], &[50, 60, 50, 90, 50, 95], settings)?;
    /// let hot = &history.pyramid(90, 30, 0.9)?.classes[1];
    /// assert_eq!((hot.leads, hot.share), (2, 0.5));
    /// let rate = hot.close_rate.unwrap();
    /// assert_eq!((rate.events, rate.trials), (1.0, 3.0));
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn pyramid(&self, window: u32, horizon: u32, confidence: f64) -> Result<ClassPyramid> {
        check_confidence("pyramid", confidence)?;
        for (name, days) in [("window", window), ("horizon", horizon)] {
            if days == 0 {
                let must_be = "a whole number of days in [1, inf)".into();
                return Err(Error::InvalidParameter { of: "pyramid", name, must_be, got: "0".into() });
            }
        }
        let last = i64::from(self.as_of()) - i64::from(horizon);
        let first = last - i64::from(window) + 1;
        let mut tallies = vec![Tally::default(); self.classes().len()];
        // The lead that was counted last in each class.
        let mut counted = vec![None; self.classes().len()];
        for stays in self.stays().chunk_by(|a, b| a.lead == b.lead) {
            let mut closings = stays.iter().enumerate().filter(|(_, stay)| stay.class == self.closed()).peekable();
            for (index, stay) in stays.iter().enumerate() {
                let class = stay.class as usize;
                tallies[class].leads += usize::from(stay.to.is_none());
                while closings.next_if(|(closing, _)| *closing <= index).is_some() {}
                let from = i64::from(stay.from);
                if counted[class] == Some(stay.lead) || !(first..=last).contains(&from) || !self.is_open(stay.class) {
                    continue;
                }
                counted[class] = Some(stay.lead);
                let in_time = |(_, closing): &(usize, &Stay)| i64::from(closing.from) <= from + i64::from(horizon);
                tallies[class].entered += 1.0;
                tallies[class].won += f64::from(u8::from(closings.peek().is_some_and(in_time)));
            }
        }
        pyramid(self.classes(), &tallies, 0, confidence)
    }
}

#[derive(Clone, Default)]
struct Tally {
    leads: usize,
    entered: f64,
    won: f64,
}

fn pyramid(names: &[String], tallies: &[Tally], unknown: usize, confidence: f64) -> Result<ClassPyramid> {
    let leads: usize = tallies.iter().map(|tally| tally.leads).sum();
    let rows = names.iter().zip(tallies).map(|(name, tally)| {
        let close_rate = (tally.entered > 0.0).then(|| rate(tally.won, tally.entered, confidence)).transpose()?;
        let share = tally.leads as f64 / leads.max(1) as f64;
        Ok(PyramidRow { class: name.clone(), leads: tally.leads, share, close_rate })
    });
    Ok(ClassPyramid { classes: rows.collect::<Result<_>>()?, leads, unknown })
}
