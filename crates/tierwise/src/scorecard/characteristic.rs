//! What a card asks about one feature, and the points for each answer.

use serde::{Deserialize, Serialize};

/// One question of a card: a feature and the points for each of its values.
///
/// Attributes are tried in order and **the first that matches earns its points**. They must cover every known value;
/// a card with a gap is refused when it is built.
///
/// ```
/// use tierwise::scorecard::{Characteristic, Condition};
/// let visits = Characteristic::new("visits", "visits_last_year")
///     .when(Condition::at_least(4.0), 10.0)
///     .when(Condition::at_least(1.0), 5.0)
///     .when(Condition::Otherwise, 0.0)
///     .group("sales behaviour");
/// assert_eq!(visits.attributes.len(), 3);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Characteristic {
    /// The name of the term in explanations; unique within a card.
    pub name: String,
    /// The feature it asks about.
    pub feature: String,
    /// What it says in words, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The group it belongs to, for subtotals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The points of a customer about whom this question says nothing: what unknown earns under the rule `neutral`,
    /// and what reasons are measured against.
    #[serde(default)]
    pub neutral: f64,
    /// The answers and their points, first match first. Empty when `per_unit` is given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// Points in proportion to a number, instead of attributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_unit: Option<PerUnit>,
    /// The points that reason codes are measured from; the card's where absent, and the neutral points where it has
    /// none either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<f64>,
    /// The reason code of the answers that have none of their own; the name of the characteristic where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// What about it is inferred and does not come from a source, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inferred: Option<String>,
}

/// One answer and its points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// The values it covers.
    pub when: Condition,
    /// The points it earns; may be negative.
    pub points: f64,
    /// Its reason code; that of the characteristic where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
}

/// Points in proportion to a number: `points * min(max(value, 0), up_to)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerUnit {
    /// Points for each unit.
    pub points: f64,
    /// The value from which more earns nothing.
    pub up_to: f64,
}

/// Which values an attribute covers, or when a prerequisite is met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// A yes-no that is yes.
    Yes,
    /// A yes-no that is no.
    No,
    /// One level of a category.
    Level(String),
    /// Any of several levels of a category.
    AnyOf(Vec<String>),
    /// A number with `from <= value < below`; an absent edge is open.
    #[serde(rename = "range")]
    Range {
        /// The lower edge, included.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<f64>,
        /// The upper edge, not included.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        below: Option<f64>,
    },
    /// The value is not known.
    Unknown,
    /// Every known value. Unknown is never covered by it: unknown is not "something else".
    Otherwise,
}

impl Characteristic {
    /// A question without answers yet.
    pub fn new(name: impl Into<String>, feature: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            feature: feature.into(),
            description: String::new(),
            group: None,
            neutral: 0.0,
            attributes: Vec::new(),
            per_unit: None,
            baseline: None,
            reason_code: None,
            inferred: None,
        }
    }

    /// A yes-no question that earns `points` for yes and nothing for no. Name and feature are the same.
    pub fn yes(feature: impl Into<String>, points: f64) -> Self {
        let feature = feature.into();
        Self::new(feature.clone(), feature).when(Condition::Yes, points).when(Condition::No, 0.0)
    }

    /// Adds an answer after those already there.
    #[must_use]
    pub fn when(mut self, when: Condition, points: f64) -> Self {
        self.attributes.push(Attribute { when, points, reason_code: None });
        self
    }

    /// Adds an answer with a reason code of its own after those already there.
    #[must_use]
    pub fn when_coded(mut self, when: Condition, points: f64, reason_code: impl Into<String>) -> Self {
        self.attributes.push(Attribute { when, points, reason_code: Some(reason_code.into()) });
        self
    }

    /// Gives points in proportion to a number, up to a value.
    #[must_use]
    pub fn per_unit(mut self, points: f64, up_to: f64) -> Self {
        self.per_unit = Some(PerUnit { points, up_to });
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

    /// Sets the reason code of the answers that have none of their own.
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

impl Condition {
    /// A number of at least `from`.
    pub fn at_least(from: f64) -> Self {
        Self::Range { from: Some(from), below: None }
    }

    /// A number below `below`.
    pub fn below(below: f64) -> Self {
        Self::Range { from: None, below: Some(below) }
    }

    /// The condition in words, as reasons show it.
    pub fn label(&self) -> String {
        match self {
            Self::Yes => "yes".into(),
            Self::No => "no".into(),
            Self::Level(level) => level.clone(),
            Self::AnyOf(levels) => levels.join(" or "),
            Self::Range { from: Some(from), below: Some(below) } => format!("{from} to below {below}"),
            Self::Range { from: Some(from), below: None } => format!("{from} or more"),
            Self::Range { from: None, below: Some(below) } => format!("below {below}"),
            Self::Range { from: None, below: None } => "any number".into(),
            Self::Unknown => "unknown".into(),
            Self::Otherwise => "otherwise".into(),
        }
    }
}
