//! What is wrong with a table before anything is learned from it.
//!
//! [`check_data`] looks for columns that give the outcome away, rows that occur twice or on both sides of a split,
//! columns that say nothing or the same as another, a base rate that drifts, and too few events. What it finds are
//! values, [`Finding`]s; nothing is printed and nothing is changed.

mod association;
mod copies;
mod finding;
mod leaks;
mod over_time;
mod plain;
mod profile;
mod repeated_rows;

pub use finding::{Finding, Severity};

use crate::{Columns, Error, Outcome, Result, parallel};
use profile::{Profile, Target};
use std::borrow::Cow;

/// What to check besides the table and its outcome, and the limits.
///
/// The limits are this library's choice; `docs/learn/data-checks.md` has the table of what they find on real data.
#[derive(Debug, Clone)]
pub struct DataChecks<'a> {
    stop_auc: f64,
    warn_auc: f64,
    odds: f64,
    events_per_parameter: f64,
    test: Option<&'a Columns<'a>>,
    days: Option<Cow<'a, [f64]>>,
    as_of: Option<Cow<'a, [f64]>>,
    dates: Vec<String>,
    groups: Option<Cow<'a, [u32]>>,
    test_groups: Option<Cow<'a, [u32]>>,
}

impl Default for DataChecks<'_> {
    fn default() -> Self {
        Self {
            stop_auc: 0.95,
            warn_auc: 0.8,
            odds: 8.0,
            events_per_parameter: 10.0,
            test: None,
            days: None,
            as_of: None,
            dates: Vec::new(),
            groups: None,
            test_groups: None,
        }
    }
}

impl<'a> DataChecks<'a> {
    /// The table alone, with the limits that the setters name.
    pub fn new() -> Self {
        Self::default()
    }

    /// A column whose AUC alone is as high as this stops, above 0.5; 0.95 unless set.
    #[must_use]
    pub fn stop_auc(self, stop_auc: f64) -> Self {
        Self { stop_auc, ..self }
    }

    /// A column whose AUC alone is as high as this warns, above 0.5; 0.8 unless set.
    #[must_use]
    pub fn warn_auc(self, warn_auc: f64) -> Self {
        Self { warn_auc, ..self }
    }

    /// A column warns that multiplies the odds by so much for some rows and divides them by as much for others, above 1;
    /// 8 unless set.
    #[must_use]
    pub fn odds(self, odds: f64) -> Self {
        Self { odds, ..self }
    }

    /// Fewer rows of the rarer class than this per parameter warn, 0 or more; 10 unless set (Peduzzi and others 1996).
    #[must_use]
    pub fn events_per_parameter(self, events_per_parameter: f64) -> Self {
        Self { events_per_parameter, ..self }
    }

    /// The table on which the model will be judged, with the same features: do rows of it occur in the other one?
    #[must_use]
    pub fn test(self, test: &'a Columns<'a>) -> Self {
        Self { test: Some(test), ..self }
    }

    /// The day of each row, since 1970-01-01: does the base rate drift?
    #[must_use]
    pub fn days(self, days: impl Into<Cow<'a, [f64]>>) -> Self {
        Self { days: Some(days.into()), ..self }
    }

    /// The columns named hold days since 1970-01-01; `as_of` is the day from which each row is scored, or one day for
    /// all of them. Which of those columns know what came later?
    #[must_use]
    pub fn dates(
        mut self,
        columns: impl IntoIterator<Item = impl Into<String>>,
        as_of: impl Into<Cow<'a, [f64]>>,
    ) -> Self {
        self.dates = columns.into_iter().map(Into::into).collect();
        self.as_of = Some(as_of.into());
        self
    }

    /// Who each row is about, equal codes for the same customer: do customers occur more than once?
    #[must_use]
    pub fn groups(self, groups: impl Into<Cow<'a, [u32]>>) -> Self {
        Self { groups: Some(groups.into()), ..self }
    }

    /// Who each row of the test table is about, in the codes of [`groups`](Self::groups): do customers occur on both
    /// sides?
    #[must_use]
    pub fn test_groups(self, groups: impl Into<Cow<'a, [u32]>>) -> Self {
        Self { test_groups: Some(groups.into()), ..self }
    }

    fn check(&self, data: &Columns<'_>) -> Result<()> {
        let must = |name: &'static str, ok: bool, must_be: &str, got: String| {
            let wrong = || Error::InvalidParameter { of: "DataChecks", name, must_be: must_be.into(), got };
            if ok { Ok(()) } else { Err(wrong()) }
        };
        let auc = |auc: f64| auc > 0.5 && auc <= 1.0;
        must("stop_auc", auc(self.stop_auc), "a number in (0.5, 1]", self.stop_auc.to_string())?;
        must("warn_auc", auc(self.warn_auc), "a number in (0.5, 1]", self.warn_auc.to_string())?;
        must("odds", self.odds > 1.0 && self.odds.is_finite(), "a number in (1, inf)", self.odds.to_string())?;
        let events = self.events_per_parameter;
        must("events_per_parameter", events >= 0.0 && events.is_finite(), "a number in [0, inf)", events.to_string())?;
        if let Some(test) = self.test {
            let same = test.features() == data.features();
            must("test", same, "a table of the same features", format!("{} features", test.features().len()))?;
        }
        let of_length = |what: &str, found: Option<usize>, expected: usize| match found {
            Some(found) if found != expected => Err(Error::WrongLength { what: what.into(), expected, found }),
            _ => Ok(()),
        };
        of_length("the list of days", self.days.as_ref().map(|days| days.len()), data.rows())?;
        let one_for_all = self.as_of.as_ref().is_some_and(|as_of| as_of.len() == 1);
        of_length("`as_of`", self.as_of.as_ref().filter(|_| !one_for_all).map(|as_of| as_of.len()), data.rows())?;
        of_length("the groups", self.groups.as_ref().map(|groups| groups.len()), data.rows())?;
        let apart = self.test_groups.is_some() && (self.groups.is_none() || self.test.is_none());
        must("test_groups", !apart, "left out where `groups` or `test` is not given", "groups of the test".into())?;
        let tested = self.test.map_or(0, Columns::rows);
        of_length("the groups of the test", self.test_groups.as_ref().map(|groups| groups.len()), tested)
    }
}

/// Checks a table that is to be learned from.
///
/// Findings come with the gravest first. None means that none of these checks found anything, not that the table is
/// sound: whether a column is known at the time of scoring is for those to say who fill it in.
///
/// Rows of weight 0 do not count against the outcome; offsets are not looked at.
///
/// ```
/// use tierwise::learn::{DataChecks, Severity, check_data};
/// use tierwise::{Columns, Feature, Outcome};
/// let left: Vec<bool> = (0..200).map(|row| row % 4 == 0).collect();
/// let visits: Vec<f64> = (0..200).map(|row| f64::from(row * 7 % 13)).collect();
/// let called_back: Vec<f64> = left.iter().map(|&left| if left { 1.0 } else { f64::NAN }).collect();
/// let features = [Feature::number("visits"), Feature::number("called_back")];
/// let columns = Columns::in_order(&features, vec![&visits, &called_back])?;
///
/// let findings = check_data(&columns, &Outcome::binary("left", &left), &DataChecks::new())?;
/// assert_eq!((findings[0].code, findings[0].severity), ("known_for_one_class", Severity::Stop));
/// assert_eq!(findings[0].columns, ["called_back"]);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::EmptyTable`], [`Error::WrongLength`], [`Error::OneClass`], [`Error::InvalidParameter`] for limits out of range
/// and a test table of other features, [`Error::UnknownFeature`] for a date column that is none, and
/// [`Error::InvalidValue`] with the row for a day that is not known.
pub fn check_data(data: &Columns<'_>, outcome: &Outcome<'_>, checks: &DataChecks<'_>) -> Result<Vec<Finding>> {
    outcome.check(data)?;
    checks.check(data)?;
    let target = Target::new(outcome);
    let columns: Vec<usize> = (0..data.features().len()).collect();
    let profiles =
        parallel::map(columns, |column| Profile::new(&data.features()[column], data.column(column), &target));

    let copies = copies::find(data, &profiles);
    let mut findings = leaks::find(&profiles, &copies, outcome.positive(), checks);
    findings.extend(plain::find(&profiles));
    findings.extend(copies.iter().map(|copy| copy.finding(data)));
    findings.extend(repeated_rows::find(data, outcome, &profiles, &copies, checks.test));
    findings.extend(repeated_rows::find_groups(checks.groups.as_deref(), checks.test_groups.as_deref()));
    findings.extend(plain::few_events(&profiles, &copies, outcome, checks.events_per_parameter));
    if let Some(days) = &checks.days {
        findings.extend(over_time::drift(days, &target)?);
    }
    if let Some(as_of) = &checks.as_of {
        findings.extend(over_time::dated_after(data, &checks.dates, as_of)?);
    }
    findings.sort_by_key(|finding| finding.severity);
    Ok(findings)
}
