//! What a model knows about one property of a customer: its name, its kind, and what unknown means for it.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One property of a customer, as a model sees it.
///
/// A value is always one `f64`: a number itself, 1 or 0 for yes or no, the position of the level for a category.
/// **Unknown is NaN, and unknown is never "no".** Null, NaN, a missing key and a level that is not listed all
/// mean unknown, and [`Unknown`] says what the model does then.
///
/// ```
/// use tierwise::{Feature, Unknown};
/// let country = Feature::category("country", ["DE", "FR"]).with_unknown(Unknown::Neutral);
/// assert_eq!(country.encode("FR")?, 1.0);
/// assert!(country.encode("XX")?.is_nan()); // not a level: unknown, by the rule
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    name: String,
    kind: KindName,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    levels: Vec<String>,
    unknown: Unknown,
    /// What a number may be, beside finite.
    #[serde(default, skip_serializing_if = "Numbers::is_any")]
    numbers: Numbers,
}

/// The most that a share may be: one of two sums can be 1 and a rounding error.
const MOST_SHARE: f64 = 1.0 + 1e-9;

/// What the numbers of a feature can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Numbers {
    /// Anything finite.
    #[default]
    Any,
    /// What is left of a whole: 1 at most, and below 0 where more was lost.
    Margin,
    /// A part of a whole: from 0 to 1.
    Share,
    /// Points from 0 to so many.
    Points(u32),
    /// Whole units from 0 to so many.
    Units(u32),
}

impl Numbers {
    #[allow(clippy::trivially_copy_pass_by_ref)] // what serde asks for
    fn is_any(&self) -> bool {
        *self == Self::Any
    }

    /// The least and the most, and whether it must be whole.
    fn limits(self) -> Limits {
        let (least, most) = match self {
            Self::Any => (-f64::MAX, f64::MAX),
            Self::Margin => (-f64::MAX, MOST_SHARE),
            Self::Share => (0.0, MOST_SHARE),
            Self::Points(most) | Self::Units(most) => (0.0, f64::from(most)),
        };
        Limits { least, most, whole: matches!(self, Self::Units(_)) }
    }
}

/// Between what a number may lie.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) least: f64,
    pub(crate) most: f64,
    pub(crate) whole: bool,
}

/// The kinds of value a feature can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind<'a> {
    /// A finite number; a date is the number of days since 1970-01-01.
    Number,
    /// 1 for yes, 0 for no.
    YesNo,
    /// The position of a level in this list.
    Category(&'a [String]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindName {
    Number,
    YesNo,
    Category,
}

/// What a model does with an unknown value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// Unknown has points of its own, stated in a card or learned in a fit.
    Own,
    /// Unknown neither adds nor takes: the term contributes its neutral points.
    Neutral,
    /// Unknown is refused with [`Error::UnknownValue`] or [`Error::UnseenLevel`] before anything is scored.
    Error,
}

impl Feature {
    /// A number; unknown is neutral until [`with_unknown`](Self::with_unknown) says otherwise.
    pub fn number(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: KindName::Number,
            levels: Vec::new(),
            unknown: Unknown::Neutral,
            numbers: Numbers::Any,
        }
    }

    /// What is left of a whole, such as a margin: not above 1, so that per cent in its place are refused; below 0 for a loss.
    pub(crate) fn margin(name: impl Into<String>) -> Self {
        Self { numbers: Numbers::Margin, ..Self::number(name) }
    }

    /// A part of a whole, from 0 to 1: per cent in its place are refused.
    pub(crate) fn share(name: impl Into<String>) -> Self {
        Self { numbers: Numbers::Share, ..Self::number(name) }
    }

    /// Points from 0 to so many.
    pub(crate) fn points(name: impl Into<String>, most: u32) -> Self {
        Self { numbers: Numbers::Points(most), ..Self::number(name) }
    }

    /// Whole units from 0 to so many.
    pub(crate) fn units(name: impl Into<String>, most: u32) -> Self {
        Self { numbers: Numbers::Units(most), ..Self::number(name) }
    }

    /// A fact that is yes (1), no (0) or unknown (NaN).
    pub fn yes_no(name: impl Into<String>) -> Self {
        Self { kind: KindName::YesNo, ..Self::number(name) }
    }

    /// A category; the code of a level is its position in `levels`.
    pub fn category<L: Into<String>>(name: impl Into<String>, levels: impl IntoIterator<Item = L>) -> Self {
        let levels = levels.into_iter().map(Into::into).collect();
        Self { kind: KindName::Category, levels, ..Self::number(name) }
    }

    /// The same feature with another rule for unknown.
    #[must_use]
    pub fn with_unknown(mut self, unknown: Unknown) -> Self {
        self.unknown = unknown;
        self
    }

    /// The name that columns and records use.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Number, yes-no, or category with its levels.
    pub fn kind(&self) -> Kind<'_> {
        match self.kind {
            KindName::Number => Kind::Number,
            KindName::YesNo => Kind::YesNo,
            KindName::Category => Kind::Category(&self.levels),
        }
    }

    /// The rule for unknown.
    pub fn unknown(&self) -> Unknown {
        self.unknown
    }

    /// The levels of a category; empty for the other kinds.
    pub fn levels(&self) -> &[String] {
        &self.levels
    }

    /// The code of a level; NaN for one that is not listed.
    ///
    /// # Errors
    /// [`Error::UnseenLevel`] when the level is not listed and the rule for unknown is [`Unknown::Error`];
    /// [`Error::WrongKind`] when this feature is no category.
    pub fn encode(&self, level: &str) -> Result<f64> {
        if self.kind != KindName::Category {
            return Err(self.wrong_kind(None, format!("the text `{level}`")));
        }
        match self.levels.iter().position(|known| known == level) {
            Some(code) => Ok(code as f64),
            None if self.unknown == Unknown::Error => Err(Error::UnseenLevel {
                column: self.name.clone(),
                row: None,
                level: level.to_owned(),
                levels: self.levels.clone(),
            }),
            None => Ok(f64::NAN),
        }
    }

    /// Whether one value may stand in a column of this feature.
    ///
    /// # Errors
    /// [`Error::UnknownValue`] for NaN where the rule refuses it, [`Error::NotFinite`] for an infinite number,
    /// [`Error::WrongKind`] for a yes-no that is neither 0 nor 1, for a code that no level has, and for a share, points
    /// or units out of range.
    pub fn check(&self, value: f64, row: Option<usize>) -> Result<()> {
        if value.is_nan() {
            return match self.unknown {
                Unknown::Error => Err(Error::UnknownValue { column: self.name.clone(), row }),
                Unknown::Own | Unknown::Neutral => Ok(()),
            };
        }
        match self.kind {
            KindName::Number if value.is_infinite() => {
                Err(Error::NotFinite { column: self.name.clone(), row, found: value })
            }
            KindName::Number if !self.is_sound_number(value) => Err(self.wrong_kind(row, value.to_string())),
            KindName::YesNo if value != 0.0 && value != 1.0 => Err(self.wrong_kind(row, value.to_string())),
            KindName::Category if self.level_of(value).is_none() => {
                Err(self.wrong_kind(row, format!("the code {value}")))
            }
            KindName::Number | KindName::YesNo | KindName::Category => Ok(()),
        }
    }

    /// What a value of this feature must be, in words.
    pub fn expected(&self) -> String {
        match self.kind {
            KindName::Number => match self.numbers {
                Numbers::Any => "a number".into(),
                Numbers::Margin => "a share, 1 at most (divide per cent by 100),".into(),
                Numbers::Share => "a share from 0 to 1 (divide per cent by 100)".into(),
                Numbers::Points(most) => format!("a number of points from 0 to {most}"),
                Numbers::Units(most) => format!("a whole number of units from 0 to {most}"),
            },
            KindName::YesNo => "yes or no (1, 0 or unknown)".into(),
            KindName::Category => {
                let first: Vec<&str> = self.levels.iter().take(5).map(String::as_str).collect();
                let more = if self.levels.len() > first.len() { ", ..." } else { "" };
                format!("one of its {} levels (`{}`{more})", self.levels.len(), first.join("`, `"))
            }
        }
    }

    /// The error for a value or column of another kind.
    pub fn wrong_kind(&self, row: Option<usize>, found: String) -> Error {
        Error::WrongKind { column: self.name.clone(), row, expected: self.expected(), found }
    }

    /// Between what its numbers lie; all of them are finite.
    pub(crate) fn limits(&self) -> Limits {
        self.numbers.limits()
    }

    /// Whether a number is finite and within the limits.
    pub(crate) fn is_sound_number(&self, value: f64) -> bool {
        let Limits { least, most, whole } = self.limits();
        (least..=most).contains(&value) && (!whole || value.fract() == 0.0)
    }

    /// The level behind a code, if there is one.
    pub fn level_of(&self, code: f64) -> Option<&str> {
        let index = code as usize;
        if index as f64 == code { self.levels.get(index).map(String::as_str) } else { None }
    }

    fn check_itself(&self) -> Result<()> {
        let invalid = |reason: &str| Error::InvalidFeature { feature: self.name.clone(), reason: reason.into() };
        if self.name.trim().is_empty() {
            return Err(invalid("its name is empty; give it the name of its column"));
        }
        if self.kind == KindName::Category && self.levels.is_empty() {
            return Err(invalid("a category needs at least one level"));
        }
        if self.kind != KindName::Category && !self.levels.is_empty() {
            return Err(invalid("only a category has levels; remove them or make its kind `category`"));
        }
        let distinct: BTreeSet<&String> = self.levels.iter().collect();
        if distinct.len() < self.levels.len() {
            return Err(invalid("a level is listed twice"));
        }
        Ok(())
    }
}

/// Checks a model's list of features: sound ones, and no name twice. Constructors of models call it.
///
/// # Errors
/// [`Error::InvalidFeature`] and [`Error::DuplicateFeature`].
pub fn check_features(features: &[Feature]) -> Result<()> {
    let mut names = BTreeSet::new();
    for feature in features {
        feature.check_itself()?;
        if !names.insert(feature.name()) {
            return Err(Error::DuplicateFeature { feature: feature.name.clone() });
        }
    }
    Ok(())
}

/// The position of a feature by name.
///
/// # Errors
/// [`Error::UnknownFeature`] names `place` and lists what exists.
pub fn position(features: &[Feature], name: &str, place: &str) -> Result<usize> {
    features.iter().position(|feature| feature.name == name).ok_or_else(|| Error::UnknownFeature {
        name: name.to_owned(),
        place: place.to_owned(),
        available: features.iter().map(|feature| feature.name.clone()).collect(),
    })
}
