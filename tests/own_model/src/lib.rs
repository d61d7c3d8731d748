//! How to write a model of your own, on an example: Acme scores how engaged a prospect is.
//!
//! The last visit counts less with every day that passes, and asking for a demo is worth more in some channels than in
//! others. That is no card (points that fade, a table over two features), but it is a sum of points, so it can explain
//! itself exactly. It takes five steps:
//!
//! 1. **Say what the file holds.** [`EngagementSpec`] is plain data; its fields are the fields of the model file.
//! 2. **Check it once.** [`Engagement::new`] is the only way to a model, for code and for files alike
//!    (`serde(try_from)`), and returns tierwise's own errors, which say what to mend.
//! 3. **Score.** [`Score`] is one function from a row of `f64` to an `f64`. Tables, Arrow and Python come with it.
//! 4. **Explain and assign** where it makes sense: [`Explain`] for a sum, [`Assign`] for named outcomes.
//! 5. **Give it a name.** [`Saved::KIND`] is what the model file says; `Kinds::with` teaches a loader to read it.
//!
//! Then one line in a test, `tierwise::laws!(…)`, checks all of it: see `tests/laws.rs`.
//!
//! ```
//! use acme_engagement::{Engagement, example};
//! use tierwise::{Assign, Explain, Record, Score, model::{self, Kinds}};
//!
//! let model = Engagement::new(example())?;
//! let mut prospect = Record::new(Score::features(&model));
//! prospect.set("days_since_last_visit", 14.0)?.set("channel", "fair")?.set("asked_for_demo", true)?;
//! assert_eq!(model.score_row(prospect.values()), 5.0 + 40.0 / 2.0 + 25.0);
//!
//! let json = model::save(&model)?;
//! let loaded = Kinds::builtin().with::<Engagement>().load(&json)?; // a `Box<dyn Model>` of any kind
//! assert_eq!(loaded.kind(), "acme.engagement");
//! let hot = loaded.as_assign().and_then(|model| model.assign_row(prospect.values()));
//! assert_eq!(hot.map(|outcome| model.outcomes()[outcome].as_str()), Some("hot"));
//! # Ok::<(), tierwise::Error>(())
//! ```

use serde::{Deserialize, Serialize};
use tierwise::feature::check_features;
use tierwise::model::Saved;
use tierwise::{Assign, Bands, Error, Explain, Feature, Result, Score, Term, Unknown};

/// The model as it is written: step 1, the content of its file.
///
/// `deny_unknown_fields` makes a misspelt field an error with its path instead of a silent default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EngagementSpec {
    /// Points of a prospect of whom nothing is known.
    pub base: f64,
    /// Points of a visit today.
    pub visit_today: f64,
    /// The days after which a visit counts half.
    pub half_life_days: f64,
    /// Points when there is no record of a visit: unknown has points of its own here, it is not "long ago".
    pub no_visit_known: f64,
    /// Points by channel and by what is known of the demo.
    pub channels: Vec<Channel>,
    /// How engaged a score is, best first; the outer bands are open.
    pub bands: Bands,
}

/// One row of the table: a channel, and the points for each answer to "asked for a demo?".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// The name of the channel, a level of the feature `channel`.
    pub name: String,
    /// Points when the prospect asked for a demo.
    pub asked: f64,
    /// Points when the prospect is known not to have asked.
    pub did_not_ask: f64,
    /// Points when nobody noted whether the prospect asked.
    pub not_noted: f64,
}

/// A checked model: step 2. Whoever holds one holds a valid one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "EngagementSpec", into = "EngagementSpec")]
pub struct Engagement {
    spec: EngagementSpec,
    features: Vec<Feature>,
    terms: Vec<Term>,
}

/// The positions of the features in a row, in one place, so that the row is never indexed by a bare number.
const DAYS: usize = 0;
const CHANNEL: usize = 1;
const DEMO: usize = 2;

impl Engagement {
    /// Checks a model and makes it ready.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for points that are not finite or a half-life that is not above 0;
    /// [`Error::InvalidFeature`] when there is no channel or one is listed twice; [`Error::InvalidBands`] when an outer
    /// band is not open, so that a score could fall outside all of them.
    pub fn new(spec: EngagementSpec) -> Result<Self> {
        check_numbers(&spec)?;
        if spec.bands.range() != (f64::NEG_INFINITY, f64::INFINITY) {
            return Err(Error::InvalidBands {
                what: "the engagement".into(),
                reason: "the outer bands must be open; leave out `to` of the highest and `from` of the lowest".into(),
            });
        }
        let channels = spec.channels.iter().map(|channel| channel.name.as_str());
        let features = vec![
            Feature::number("days_since_last_visit").with_unknown(Unknown::Own),
            Feature::category("channel", channels), // a channel that is not listed is neutral: it earns nothing
            Feature::yes_no("asked_for_demo").with_unknown(Unknown::Own),
        ];
        check_features(&features)?;
        let terms = vec![
            Term { name: "last visit".into(), features: vec![DAYS] },
            Term { name: "demo in channel".into(), features: vec![CHANNEL, DEMO] },
        ];
        Ok(Self { spec, features, terms })
    }

    /// The model as it is written.
    pub fn spec(&self) -> &EngagementSpec {
        &self.spec
    }

    /// Portable `exp2`, not the platform's, so that every machine computes the same bits.
    fn last_visit(&self, days: f64) -> f64 {
        if days.is_nan() {
            return self.spec.no_visit_known;
        }
        // A visit that lies in the future is one that happened today.
        self.spec.visit_today * libm::exp2(-days.max(0.0) / self.spec.half_life_days)
    }

    fn demo_in_channel(&self, channel: f64, demo: f64) -> f64 {
        let level = self.features[CHANNEL].level_of(channel);
        let Some(channel) = self.spec.channels.iter().find(|known| Some(known.name.as_str()) == level) else {
            return 0.0;
        };
        match demo {
            1.0 => channel.asked,
            0.0 => channel.did_not_ask,
            _ => channel.not_noted,
        }
    }

    /// Every term in the order of `terms`: the score and the explanation share it, so they cannot disagree.
    fn contributions(&self, row: &[f64]) -> [f64; 2] {
        [self.last_visit(row[DAYS]), self.demo_in_channel(row[CHANNEL], row[DEMO])]
    }
}

/// Step 3. `score_columns` has a correct default; override it only where columns can be scored faster than rows.
impl Score for Engagement {
    fn features(&self) -> &[Feature] {
        &self.features
    }

    fn score_row(&self, row: &[f64]) -> f64 {
        self.contributions(row).into_iter().fold(self.spec.base, |sum, points| sum + points)
    }
}

/// Step 4: base plus contributions, added in the order of the terms, is the score to the last bit.
impl Explain for Engagement {
    fn base(&self) -> f64 {
        self.spec.base
    }

    fn terms(&self) -> &[Term] {
        &self.terms
    }

    fn contributions_row(&self, row: &[f64], contributions: &mut [f64]) {
        contributions.copy_from_slice(&self.contributions(row));
    }
}

/// Step 4: the score has names that a sales team uses.
impl Assign for Engagement {
    fn features(&self) -> &[Feature] {
        &self.features
    }

    fn outcomes(&self) -> &[String] {
        self.spec.bands.names()
    }

    fn is_ordered(&self) -> bool {
        true
    }

    fn assign_row(&self, row: &[f64]) -> Option<usize> {
        self.spec.bands.find(self.score_row(row))
    }
}

/// Step 5: your organisation's name in front keeps kinds of different authors apart.
impl Saved for Engagement {
    const KIND: &'static str = "acme.engagement";

    fn as_score(&self) -> Option<&dyn Score> {
        Some(self)
    }

    fn as_explain(&self) -> Option<&dyn Explain> {
        Some(self)
    }

    fn as_assign(&self) -> Option<&dyn Assign> {
        Some(self)
    }
}

/// From the file to the model, through the check.
impl TryFrom<EngagementSpec> for Engagement {
    type Error = Error;

    fn try_from(spec: EngagementSpec) -> Result<Self> {
        Self::new(spec)
    }
}

/// From the model to the file.
impl From<Engagement> for EngagementSpec {
    fn from(model: Engagement) -> Self {
        model.spec
    }
}

/// A small model with round numbers, invented for this example.
///
/// # Panics
/// Never: its bands are valid.
pub fn example() -> EngagementSpec {
    let channel =
        |name: &str, asked, did_not_ask, not_noted| Channel { name: name.into(), asked, did_not_ask, not_noted };
    let bands = Bands::falling("the engagement", &["hot", "warm", "cold"], &[45.0, 20.0]);
    EngagementSpec {
        base: 5.0,
        visit_today: 40.0,
        half_life_days: 14.0,
        no_visit_known: 2.5,
        channels: vec![
            channel("web", 10.0, 0.0, 1.0),
            channel("fair", 25.0, -5.0, 0.0),
            channel("partner", 30.0, 5.0, 7.5),
        ],
        bands: bands.unwrap_or_else(|error| unreachable!("{error}")),
    }
}

/// Beyond this a sum of points could overflow, and a score must be a number.
const MOST: f64 = 1e300;

fn check_numbers(spec: &EngagementSpec) -> Result<()> {
    let table = spec.channels.iter().flat_map(|channel| [channel.asked, channel.did_not_ask, channel.not_noted]);
    let points = [spec.base, spec.visit_today, spec.no_visit_known].into_iter().chain(table);
    let invalid = |name, must_be: &str, got: f64| Error::InvalidParameter {
        of: "Engagement",
        name,
        must_be: must_be.into(),
        got: got.to_string(),
    };
    if let Some(points) = points.into_iter().find(|points| points.is_nan() || points.abs() > MOST) {
        return Err(invalid("points", "numbers of at most 1e300", points));
    }
    if !(spec.half_life_days > 0.0 && spec.half_life_days.is_finite()) {
        return Err(invalid("half_life_days", "a number in (0, inf)", spec.half_life_days));
    }
    Ok(())
}
