//! The model file: JSON that people can read and edit, with a format number, a kind and a fingerprint.
//!
//! ```json
//! { "format": 1, "kind": "scorecard", "name": "…", …, "fingerprint": "5f2c…" }
//! ```
//!
//! * `format` says how to read the file. Files of older formats keep loading.
//! * `kind` says what it holds. Kinds of other authors join through [`Kinds::with`].
//! * `fingerprint` (SHA-256 of the content, first 128 bits) tells which model gave a score. It is checked on loading:
//!   who edits a file by hand deletes that line, and so says that the change is meant.
//!
//! Numbers round-trip exactly, and every model is rebuilt through its checked constructor: a loaded model is valid or
//! not there.

use crate::learn::Probability;
use crate::{Assign, Error, Explain, Result, Score};
use serde::de::{DeserializeOwned, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;

/// The format that this version writes, and the newest that it reads.
pub const FORMAT: u32 = 1;

/// A model that can be saved and loaded. Implement it, and [`Model`] follows.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use tierwise::{Feature, Score, model::{self, Kinds, Saved}};
///
/// #[derive(Debug, Serialize, Deserialize)]
/// struct Visits { features: Vec<Feature>, weight: f64 }
/// impl Score for Visits {
///     fn features(&self) -> &[Feature] { &self.features }
///     fn score_row(&self, row: &[f64]) -> f64 { self.weight * row[0] }
/// }
/// impl Saved for Visits {
///     const KIND: &'static str = "acme.visits";
///     fn as_score(&self) -> Option<&dyn Score> { Some(self) }
/// }
///
/// let json = model::save(&Visits { features: vec![Feature::number("visits")], weight: 0.1 })?;
/// let again = Kinds::builtin().with::<Visits>().load(&json)?;
/// assert_eq!(again.as_score().unwrap().score_row(&[3.0]), 0.1 * 3.0);
/// # Ok::<(), tierwise::Error>(())
/// ```
pub trait Saved: Serialize + DeserializeOwned + fmt::Debug + Send + Sync + 'static {
    /// The kind in the file. Put your organisation's name in front: `acme.visits`.
    const KIND: &'static str;

    /// The model as a score, if it is one.
    fn as_score(&self) -> Option<&dyn Score> {
        None
    }

    /// The model as an explained score, if it is one.
    fn as_explain(&self) -> Option<&dyn Explain> {
        None
    }

    /// The model as an assignment, if it is one.
    fn as_assign(&self) -> Option<&dyn Assign> {
        None
    }

    /// The model as one whose score is log-odds, if it is one.
    fn as_probability(&self) -> Option<&dyn Probability> {
        None
    }

    /// Reads the model from the content of its file. Only a model that holds other models overrides this: `kinds` are
    /// those that the loader knows.
    ///
    /// # Errors
    /// [`Error::ModelField`] with the path of what is wrong.
    fn from_content(content: Map<String, Value>, kinds: &Kinds) -> Result<Self> {
        let _ = kinds;
        read_content(content)
    }
}

/// Any saved model, whatever its kind: what [`Kinds::load`] returns.
pub trait Model: fmt::Debug + Send + Sync + 'static {
    /// The kind in the file.
    fn kind(&self) -> &'static str;

    /// The content of the file, without format, kind and fingerprint.
    ///
    /// # Errors
    /// [`Error::ModelField`] when the model cannot be written as a JSON object.
    fn content(&self) -> Result<Map<String, Value>>;

    /// The model as a score, if it is one.
    fn as_score(&self) -> Option<&dyn Score>;

    /// The model as an explained score, if it is one.
    fn as_explain(&self) -> Option<&dyn Explain>;

    /// The model as an assignment, if it is one.
    fn as_assign(&self) -> Option<&dyn Assign>;

    /// The model as one whose score is log-odds, if it is one.
    fn as_probability(&self) -> Option<&dyn Probability>;

    /// For getting the concrete model back.
    fn as_any(&self) -> &dyn Any;
}

impl<M: Saved> Model for M {
    fn kind(&self) -> &'static str {
        M::KIND
    }

    fn content(&self) -> Result<Map<String, Value>> {
        match serde_json::to_value(self) {
            Ok(Value::Object(content)) => Ok(content),
            Ok(_) => Err(field("$", "a model must be written as a JSON object")),
            Err(error) => Err(field("$", &error.to_string())),
        }
    }

    fn as_score(&self) -> Option<&dyn Score> {
        Saved::as_score(self)
    }

    fn as_explain(&self) -> Option<&dyn Explain> {
        Saved::as_explain(self)
    }

    fn as_assign(&self) -> Option<&dyn Assign> {
        Saved::as_assign(self)
    }

    fn as_probability(&self) -> Option<&dyn Probability> {
        Saved::as_probability(self)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Writes a model as the text of its file.
///
/// # Errors
/// [`Error::ModelField`] when the model cannot be written as a JSON object.
pub fn save(model: &dyn Model) -> Result<String> {
    let content = model.content()?;
    let fingerprint = fingerprint_of(model.kind(), &content);
    let mut file = Map::new();
    file.insert("format".into(), FORMAT.into());
    file.insert("kind".into(), model.kind().into());
    file.extend(content);
    file.insert("fingerprint".into(), fingerprint.into());
    serde_json::to_string_pretty(&file).map_err(|error| field("$", &error.to_string()))
}

/// The fingerprint of a model: 32 hexadecimal digits that change with anything in its file.
///
/// # Errors
/// [`Error::ModelField`] when the model cannot be written as a JSON object.
pub fn fingerprint(model: &dyn Model) -> Result<String> {
    Ok(fingerprint_of(model.kind(), &model.content()?))
}

/// Loads a model whose kind is known beforehand.
///
/// # Errors
/// Those of [`Kinds::load`].
pub fn load<M: Saved>(text: &str) -> Result<M> {
    let file = File::parse(text)?;
    if file.kind != M::KIND {
        return Err(Error::ModelKind { found: cut(&file.kind), known: vec![M::KIND.to_owned()] });
    }
    M::from_content(file.content, &Kinds::builtin())
}

/// The kinds of model that can be loaded, by name.
#[derive(Clone, Default)]
pub struct Kinds {
    loaders: BTreeMap<&'static str, Loader>,
}

type Loader = fn(Map<String, Value>, &Kinds) -> Result<Box<dyn Model>>;

impl Kinds {
    /// The kinds that come with tierwise.
    pub fn builtin() -> Self {
        Self::default()
            .with::<crate::scorecard::Scorecard>()
            .with::<crate::lead::LookAlikeModel>()
            .with::<crate::lead::LadderCard>()
            .with::<crate::lead::FittedCard>()
            .with::<crate::learn::LogisticModel>()
            .with::<crate::learn::AdditiveModel>()
            .with::<crate::learn::AdditiveNumberModel>()
            .with::<crate::learn::Binning>()
            .with::<crate::learn::WeightOfEvidenceModel>()
            .with::<crate::learn::Calibration>()
            .with::<crate::learn::CalibratedModel>()
            .with::<crate::cross_sell::PropensityModel>()
            .with::<crate::churn::RiskModel>()
            .with::<crate::lead::PoolRules>()
            .with::<crate::lead::EventRules>()
            .with::<crate::lead::FitEngagement>()
            .with::<crate::lead::FrequencyCounts>()
            .with::<crate::lead::FrequencyModel>()
            .with::<crate::value::Tiers>()
            .with::<crate::value::RfmScorer>()
            .with::<crate::value::RfmSegments>()
            .with::<crate::value::PurchaseModel>()
            .with::<crate::value::GammaGamma>()
            .with::<crate::value::ShiftedBetaGeometric>()
            .with::<crate::value::PurchaseBootstrap>()
            .with::<crate::value::SpendBootstrap>()
            .with::<crate::value::ContractBootstrap>()
            .with::<crate::value::RatingRules>()
            .with::<crate::value::Entitlements>()
            .with::<crate::value::ValueIndex>()
            .with::<crate::value::ProfitScore>()
            .with::<crate::value::ShareDecision>()
            .with::<crate::lead::MilestoneClasses>()
    }

    /// These kinds and one more.
    #[must_use]
    pub fn with<M: Saved>(mut self) -> Self {
        self.loaders.insert(M::KIND, |content, kinds| Ok(Box::new(M::from_content(content, kinds)?)));
        self
    }

    /// Loads a model of any of these kinds.
    ///
    /// # Errors
    /// [`Error::ModelSyntax`] with line and column, [`Error::ModelFormat`], [`Error::ModelKind`],
    /// [`Error::Fingerprint`], and [`Error::ModelField`] with the path of the field.
    pub fn load(&self, text: &str) -> Result<Box<dyn Model>> {
        let file = File::parse(text)?;
        self.load_content(&file.kind, file.content)
    }

    /// Loads a model that stands within the file of another: its fields and its kind, without an envelope of its own.
    pub(crate) fn load_nested(&self, mut content: Map<String, Value>) -> Result<Box<dyn Model>> {
        let kind = take_kind(&mut content)?;
        self.load_content(&kind, content)
    }

    fn load_content(&self, kind: &str, content: Map<String, Value>) -> Result<Box<dyn Model>> {
        match self.loaders.get(kind) {
            Some(load) => load(content, self),
            None => Err(Error::ModelKind {
                found: cut(kind),
                known: self.loaders.keys().map(|kind| (*kind).to_owned()).collect(),
            }),
        }
    }
}

impl fmt::Debug for Kinds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.loaders.keys()).finish()
    }
}

/// A model file taken apart: its envelope is checked, its content not yet.
#[derive(Debug)]
struct File {
    kind: String,
    content: Map<String, Value>,
}

impl File {
    fn parse(text: &str) -> Result<Self> {
        // Some editors put a byte order mark in front; it says nothing, and nobody can see it.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let strict: Strict = serde_json::from_str(text).map_err(|error| Error::ModelSyntax {
            line: error.line(),
            column: error.column(),
            reason: without_position(&error),
        })?;
        let Value::Object(mut content) = strict.0 else {
            return Err(field("$", "expected an object with `format`, `kind` and the model's fields"));
        };
        match content.remove("format") {
            Some(Value::Number(format)) if format.as_u64() == Some(u64::from(FORMAT)) => {}
            Some(other) => return Err(Error::ModelFormat { found: in_short(&other), newest: FORMAT }),
            None => return Err(field("format", "missing; add `\"format\": 1`")),
        }
        let kind = take_kind(&mut content)?;
        let stored = content.remove("fingerprint");
        let file = Self { kind, content };
        file.check_fingerprint(stored)?;
        Ok(file)
    }

    fn check_fingerprint(&self, stored: Option<Value>) -> Result<()> {
        let computed = || fingerprint_of(&self.kind, &self.content);
        match stored {
            None => Ok(()),
            Some(Value::String(stored)) if stored == computed() => Ok(()),
            Some(Value::String(stored)) => Err(Error::Fingerprint { stored: cut(&stored), computed: computed() }),
            Some(other) => Err(field("fingerprint", &format!("expected a text, found {}", in_short(&other)))),
        }
    }
}

fn take_kind(content: &mut Map<String, Value>) -> Result<String> {
    match content.remove("kind") {
        Some(Value::String(kind)) => Ok(kind),
        Some(other) => Err(field("kind", &format!("expected a text, found {}", in_short(&other)))),
        None => Err(field("kind", "missing; add the kind of the model, such as `\"kind\": \"scorecard\"`")),
    }
}

/// Reads the fields of a model, naming by its path what is wrong.
pub(crate) fn read_content<T: DeserializeOwned>(content: Map<String, Value>) -> Result<T> {
    serde_path_to_error::deserialize(Value::Object(content)).map_err(|error| {
        let path = error.path().to_string();
        field(if path == "." { "$" } else { &path }, &error.inner().to_string())
    })
}

/// A value as a message shows it: what is long is only named.
fn in_short(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "an object".into(),
        Value::String(text) => Value::String(cut(text)).to_string(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// A text as a message shows it: a wrong one may be of any length.
fn cut(text: &str) -> String {
    const SHOWN: usize = 100;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn field(path: &str, reason: &str) -> Error {
    Error::ModelField { path: path.to_owned(), reason: reason.to_owned() }
}

/// The parser's message ends with the position, which the error carries in fields of its own.
fn without_position(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.rfind(" at line ") {
        Some(end) => message[..end].to_owned(),
        None => message,
    }
}

fn fingerprint_of(kind: &str, content: &Map<String, Value>) -> String {
    let mut hash = Sha256::new();
    hash.update(kind.as_bytes());
    hash_object(&mut hash, content);
    let mut fingerprint = String::with_capacity(32);
    for byte in hash.finalize().iter().take(16) {
        fingerprint.extend([byte >> 4, byte & 15].map(|half| char::from_digit(half.into(), 16).unwrap_or('0')));
    }
    fingerprint
}

/// Feeds a canonical form to the hash: keys sorted, no white space, numbers by their value, so that reordering or
/// reformatting a file does not change its fingerprint.
fn hash_value(hash: &mut Sha256, value: &Value) {
    match value {
        Value::Object(object) => hash_object(hash, object),
        Value::Array(items) => {
            hash.update(b"[");
            for item in items {
                hash_value(hash, item);
                hash.update(b",");
            }
            hash.update(b"]");
        }
        Value::Number(number) => match number.as_f64() {
            Some(float) => hash.update(format!("{float:?}").as_bytes()),
            None => hash.update(number.to_string().as_bytes()),
        },
        Value::Null | Value::Bool(_) | Value::String(_) => hash.update(value.to_string().as_bytes()),
    }
}

fn hash_object(hash: &mut Sha256, object: &Map<String, Value>) {
    let sorted: BTreeMap<&String, &Value> = object.iter().collect();
    hash.update(b"{");
    for (key, value) in sorted {
        hash.update(Value::String(key.clone()).to_string().as_bytes());
        hash.update(b":");
        hash_value(hash, value);
        hash.update(b",");
    }
    hash.update(b"}");
}

/// A JSON value in which no object has a key twice: in a hand-edited file the second would silently win.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> std::result::Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let Strict(value) = entries.next_value()?;
            if object.contains_key(&key) {
                return Err(serde::de::Error::custom(format!("the key `{key}` occurs twice in one object")));
            }
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}
