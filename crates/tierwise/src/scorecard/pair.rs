//! What a card asks about two features at once, and the points for each pair of answers.

use super::characteristic::Condition;
use serde::{Deserialize, Serialize};

/// Points in a table: the answer about one feature chooses the row, the answer about another the column.
///
/// In each list **the first condition that matches holds**. The conditions must cover every known value; a card with a
/// gap is refused when it is built. Unknown follows the rule of each feature:
///
/// | rule | an unknown value |
/// |---|---|
/// | `own` | has a row (or column) of its own: the list needs [`Condition::Unknown`] |
/// | `neutral` | earns `neutral`, whatever the other answer is |
/// | `error` | is refused |
///
/// ```
/// use tierwise::scorecard::{CardSpec, Condition, PairCharacteristic, Scorecard};
/// use tierwise::{Feature, Score};
/// let card = Scorecard::new(CardSpec {
///     name: "contracts".into(),
///     features: vec![Feature::number("tenure"), Feature::category("contract", ["monthly", "yearly"])],
///     pairs: vec![
///         PairCharacteristic::new("tenure and contract", "tenure", "contract")
///             .columns([Condition::Level("monthly".into()), Condition::Level("yearly".into())])
///             .row(Condition::below(12.0), [-20.0, 5.0])
///             .row(Condition::at_least(12.0), [-5.0, 10.0]),
///     ],
///     ..CardSpec::default()
/// })?;
/// assert_eq!(card.score_row(&[3.0, 0.0]), -20.0);
/// assert_eq!(card.score_row(&[f64::NAN, 0.0]), 0.0); // neutral
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairCharacteristic {
    /// The name of the term in explanations; unique among the characteristics and pairs of a card.
    pub name: String,
    /// The two features it asks about: first the one of the rows, then the one of the columns.
    pub features: [String; 2],
    /// What it says in words, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The group it belongs to, for subtotals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The points of a customer about whom this table says nothing: what an unknown value earns under the rule
    /// `neutral`, and what reasons are measured against.
    #[serde(default)]
    pub neutral: f64,
    /// The answers about the first feature, first match first.
    pub rows: Vec<Condition>,
    /// The answers about the second feature, first match first.
    pub columns: Vec<Condition>,
    /// The points: one list per row, one number per column.
    pub points: Vec<Vec<f64>>,
    /// The points that reason codes are measured from; the card's where absent, and the neutral points where it has
    /// none either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<f64>,
    /// Its reason code; its name where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// What about it is inferred and does not come from a source, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inferred: Option<String>,
}

impl PairCharacteristic {
    /// A table without rows and columns yet.
    pub fn new(name: impl Into<String>, of_rows: impl Into<String>, of_columns: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            features: [of_rows.into(), of_columns.into()],
            description: String::new(),
            group: None,
            neutral: 0.0,
            rows: Vec::new(),
            columns: Vec::new(),
            points: Vec::new(),
            baseline: None,
            reason_code: None,
            inferred: None,
        }
    }

    /// Sets the answers about the second feature.
    #[must_use]
    pub fn columns(mut self, columns: impl Into<Vec<Condition>>) -> Self {
        self.columns = columns.into();
        self
    }

    /// Adds an answer about the first feature, with its points for every column, after those already there.
    #[must_use]
    pub fn row(mut self, when: Condition, points: impl Into<Vec<f64>>) -> Self {
        self.rows.push(when);
        self.points.push(points.into());
        self
    }

    /// Puts it into a group.
    #[must_use]
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// Sets the points that reason codes are measured from.
    #[must_use]
    pub fn baseline(mut self, points: f64) -> Self {
        self.baseline = Some(points);
        self
    }

    /// Sets its reason code.
    #[must_use]
    pub fn reason_code(mut self, code: impl Into<String>) -> Self {
        self.reason_code = Some(code.into());
        self
    }

    /// Sets the neutral points.
    #[must_use]
    pub fn neutral(mut self, points: f64) -> Self {
        self.neutral = points;
        self
    }
}
