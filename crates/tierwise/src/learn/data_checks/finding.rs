//! What a check found.

use serde::Serialize;
use std::fmt;

/// How grave a finding is; the gravest is the least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A fit would be worthless or would look better than it is. Look into it first.
    Stop,
    /// Likely to do harm. Look into it.
    Warn,
    /// Good to know.
    Note,
}

impl Severity {
    /// `stop`, `warn` or `note`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Warn => "warn",
            Self::Note => "note",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// One thing that a check found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// What kind of thing, in `snake_case`; stable.
    pub code: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// The columns concerned; none where it is about rows.
    pub columns: Vec<String>,
    /// The numbers it rests on, by name.
    pub evidence: Vec<(&'static str, f64)>,
    /// One sentence: what, where, and what to do.
    pub message: String,
}

impl Finding {
    pub(super) fn new(code: &'static str, severity: Severity, message: String) -> Self {
        Self { code, severity, columns: Vec::new(), evidence: Vec::new(), message }
    }

    pub(super) fn about(mut self, column: &str) -> Self {
        self.columns.push(column.to_owned());
        self
    }

    pub(super) fn with(mut self, name: &'static str, number: f64) -> Self {
        self.evidence.push((name, number));
        self
    }

    /// A number of the evidence by its name.
    ///
    /// ```
    /// # use tierwise::{Columns, Feature, Outcome, learn::{DataChecks, check_data}};
    /// let features = [Feature::number("same")];
    /// let columns = Columns::in_order(&features, vec![&[7.0, 7.0]])?;
    /// let findings = check_data(&columns, &Outcome::binary("left", &[true, false]), &DataChecks::new())?;
    /// let constant = findings.iter().find(|finding| finding.code == "constant_column").unwrap();
    /// assert_eq!(constant.number("rows"), Some(2.0));
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn number(&self, name: &str) -> Option<f64> {
        self.evidence.iter().find(|(known, _)| *known == name).map(|&(_, number)| number)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.severity, self.message)
    }
}

/// A share as a percentage with at most one decimal: `7.2 %`.
pub(super) fn percent(share: f64) -> String {
    let tenths = (1000.0 * share).round() / 10.0;
    if share > 0.0 && tenths == 0.0 { "under 0.1 %".into() } else { format!("{tenths} %") }
}
