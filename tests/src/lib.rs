//! Golden files: a model, records, and the scores to the last bit, so that Rust, Python and every engine can be held
//! to the same answers. They stand in `tests/golden/*.json`:
//!
//! ```json
//! {
//!   "about": "what this file is for",
//!   "model": { "format": 1, "kind": "scorecard", … },
//!   "base_bits": "0000000000000000",
//!   "terms": ["visits", "country"],
//!   "records": [{ "visits": 4.0, "country": "DE", "met": true }, { "visits": null, "country": "XX", "met": null }],
//!   "expected": [{ "score_bits": "40534ccccccccccd", "contribution_bits": ["…", "…"], "graded": { … } }, …]
//! }
//! ```
//!
//! * `model` is a model file, whole, with its fingerprint.
//! * In `records`, null is unknown; a text that is no level of its category is unknown too.
//! * `…_bits` are the 16 hexadecimal digits of an IEEE 754 double, or `nan` for any NaN.
//! * `base_bits`, `terms` and `contribution_bits` are there when the model explains itself, `probability_bits` when its
//!   score is log-odds, `graded` when it is a card with grades.
//!
//! `cargo run -p tierwise-tests --example make_golden` writes the files anew. A difference in git is then a change of
//! somebody's scores: say why in the commit.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::path::PathBuf;
use tierwise::model::{self, Kinds, Model};
use tierwise::{Error, Feature, Record, Result, Scorecard, learn};

/// One golden file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    /// What the file is for.
    pub about: String,
    /// The model file.
    pub model: Map<String, Value>,
    /// What the sum starts from, for a model that explains itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_bits: Option<String>,
    /// The names of the terms in the order in which they are added, for a model that explains itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Vec<String>>,
    /// One object per customer: feature name to number, true or false, level, or null for unknown.
    pub records: Vec<Map<String, Value>>,
    /// One result per record.
    pub expected: Vec<Expected>,
}

/// What a model says of one record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// The score.
    pub score_bits: String,
    /// One contribution per term, for a model that explains itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contribution_bits: Option<Vec<String>>,
    /// The probability, for a model whose score is log-odds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probability_bits: Option<String>,
    /// The grade and what goes with it, for a card with grades.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub graded: Option<ExpectedGrade>,
}

/// What a card with grades says of one record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedGrade {
    /// The grade of the score alone.
    pub raw_grade: String,
    /// The grade after prerequisites.
    pub grade: String,
    /// The prerequisite that lowered the grade most, if any did.
    pub binding_prerequisite: Option<String>,
    /// The lowest score that unknown facts leave possible.
    pub worst_score_bits: String,
    /// The highest score that unknown facts leave possible.
    pub best_score_bits: String,
    /// The worst grade that unknown facts leave possible.
    pub worst_grade: String,
    /// The best grade that unknown facts leave possible.
    pub best_grade: String,
    /// The three strongest reasons, as `characteristic: answer`; fewer when fewer moved the score.
    pub reasons: Vec<String>,
}

impl Golden {
    /// Works out a golden file with the model as it computes today, one record at a time.
    ///
    /// # Errors
    /// What the model file or a record does wrong.
    pub fn make(about: &str, model: &dyn Model, records: Vec<Map<String, Value>>) -> Result<Self> {
        let text = model::save(model)?;
        let file = serde_json::from_str(&text).map_err(|error| foreign(&error))?;
        let explain = model.as_explain();
        let expected = records.iter().map(|record| expect(model, record)).collect::<Result<_>>()?;
        Ok(Self {
            about: about.to_owned(),
            model: file,
            base_bits: explain.map(|explain| bits(explain.base())),
            terms: explain.map(|explain| explain.terms().iter().map(|term| term.name.clone()).collect()),
            records,
            expected,
        })
    }

    /// The model of the file, loaded as any other.
    ///
    /// # Errors
    /// Those of [`Kinds::load`].
    pub fn load_model(&self) -> Result<Box<dyn Model>> {
        let text = serde_json::to_string(&self.model).map_err(|error| foreign(&error))?;
        Kinds::builtin().load(&text)
    }
}

/// Where the golden files stand.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden")
}

/// The 16 hexadecimal digits of a double, `nan` for any NaN: which NaN an operation yields differs from machine to
/// machine.
///
/// ```
/// assert_eq!(tierwise_tests::bits(77.2), "40534ccccccccccd");
/// ```
pub fn bits(value: f64) -> String {
    if value.is_nan() { "nan".into() } else { format!("{:016x}", value.to_bits()) }
}

/// A record as the library takes it, from one as the file holds it.
///
/// # Errors
/// Those of [`Record::set`], and [`Error::Foreign`] for JSON that is no value of a record.
pub fn read_record<'a>(features: &'a [Feature], values: &Map<String, Value>) -> Result<Record<'a>> {
    let mut record = Record::new(features);
    for (name, value) in values {
        let value = match value {
            Value::Null => tierwise::Value::Unknown,
            Value::Bool(yes) => tierwise::Value::YesNo(*yes),
            Value::String(level) => tierwise::Value::Level(level),
            Value::Number(number) => tierwise::Value::Number(number.as_f64().unwrap_or(f64::NAN)),
            Value::Array(_) | Value::Object(_) => return Err(foreign(&format!("`{name}` holds {value}"))),
        };
        record.set(name, value)?;
    }
    record.check(features)?;
    Ok(record)
}

fn expect(model: &dyn Model, record: &Map<String, Value>) -> Result<Expected> {
    let score = model.as_score().ok_or_else(|| foreign(&"the model is no score"))?;
    let record = read_record(score.features(), record)?;
    let contribution_bits = model.as_explain().map(|explain| {
        let mut contributions = vec![0.0; explain.terms().len()];
        explain.contributions_row(record.values(), &mut contributions);
        contributions.into_iter().map(bits).collect()
    });
    let card = model.as_any().downcast_ref::<Scorecard>().filter(|card| card.grades().is_some());
    let graded = card.map(|card| expect_grade(card, &record)).transpose()?;
    let score = score.score_row(record.values());
    let probability_bits = model.as_probability().map(|_| bits(learn::probability(score)));
    Ok(Expected { score_bits: bits(score), contribution_bits, probability_bits, graded })
}

fn expect_grade(card: &Scorecard, record: &Record<'_>) -> Result<ExpectedGrade> {
    let graded = card.grade(record)?;
    let reason = |reason: &tierwise::lead::Reason<'_>| format!("{}: {}", reason.characteristic, reason.answer);
    Ok(ExpectedGrade {
        raw_grade: graded.raw_grade.into(),
        grade: graded.grade.into(),
        binding_prerequisite: graded.binding_prerequisite.map(Into::into),
        worst_score_bits: bits(graded.worst_score),
        best_score_bits: bits(graded.best_score),
        worst_grade: graded.worst_grade.into(),
        best_grade: graded.best_grade.into(),
        reasons: graded.reasons.iter().map(reason).collect(),
    })
}

fn foreign(reason: &dyn std::fmt::Display) -> Error {
    Error::Foreign { model: "golden file".into(), reason: reason.to_string() }
}

/// The Rust snippets of pages, which run as this crate's documentation tests.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../docs/value/contracts.md")]
    mod contracts {}
    #[doc = include_str!("../../docs/value/rating.md")]
    mod rating {}
    #[doc = include_str!("../../docs/value/rfm.md")]
    mod rfm {}
    #[doc = include_str!("../../docs/value/sales.md")]
    mod sales {}
}
