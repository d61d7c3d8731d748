//! The value index: 0 to 100 from terms of current and potential value.

use super::normalisation::Normalisation;
use crate::model::Saved;
use crate::value::Direction;
use crate::value::point_table::{open_tiers, refuse, unreached_tiers};
use crate::{Assign, Band, Bands, Error, Explain, Feature, Result, Score, Term, Unknown};
use serde::{Deserialize, Serialize};

/// What the errors call it.
const RULES: &str = "value index";

/// What an unknown value of a term means. Never 0 by itself: that would be the answer "worth nothing".
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownTerm {
    /// The customer has no index. The default.
    #[default]
    NoIndex,
    /// The table is refused.
    Refuse,
    /// It counts as this share of the term, 0 to 1.
    Share(f64),
}

/// Whether a term tells of what a customer is worth today, or of what he may become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValuePart {
    /// What he brings now: margin, orders.
    Current,
    /// What he may bring: growth, needs that others still serve.
    Potential,
}

/// One term of the index.
///
/// ```
/// use tierwise::value::{Normalisation, ValueTerm};
/// let margin = ValueTerm::new("margin", 3.0, Normalisation::MinMax { from: 0.0, to: 50_000.0 });
/// assert_eq!(margin.weight, 3.0);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueTerm {
    /// The column.
    pub feature: String,
    /// Its weight beside those of the others; above 0. The index makes 100 of their sum.
    pub weight: f64,
    /// How it becomes a number from 0 to 1.
    pub normalise: Normalisation,
    /// Which end is the good one.
    #[serde(default = "higher")]
    pub direction: Direction,
    /// What unknown means.
    #[serde(default)]
    pub unknown: UnknownTerm,
    /// Which side of value it tells of, if that is to be looked at by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<ValuePart>,
    /// What about it is inferred and does not come from a source, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inferred: Option<String>,
}

fn higher() -> Direction {
    Direction::HigherIsBetter
}

impl ValueTerm {
    /// A term of which more is better; a customer of whom it is unknown has no index.
    pub fn new(feature: &str, weight: f64, normalise: Normalisation) -> Self {
        let (direction, unknown) = (Direction::HigherIsBetter, UnknownTerm::NoIndex);
        Self { feature: feature.to_owned(), weight, normalise, direction, unknown, part: None, inferred: None }
    }

    /// The same term, of current or of potential value.
    #[must_use]
    pub fn part(self, part: ValuePart) -> Self {
        Self { part: Some(part), ..self }
    }

    /// The least and the most of [`share`](Self::share).
    fn range(&self) -> (f64, f64) {
        let (least, most) = self.normalise.range();
        let (least, most) =
            if self.direction == Direction::HigherIsBetter { (least, most) } else { (1.0 - most, 1.0 - least) };
        match self.unknown {
            UnknownTerm::Share(share) => (least.min(share), most.max(share)),
            UnknownTerm::NoIndex | UnknownTerm::Refuse => (least, most),
        }
    }

    /// The number from 0 to 1, the good end at 1; NaN where there is no index.
    fn share(&self, value: f64) -> f64 {
        if value.is_nan() {
            return match self.unknown {
                UnknownTerm::NoIndex | UnknownTerm::Refuse => f64::NAN,
                UnknownTerm::Share(share) => share,
            };
        }
        let share = self.normalise.share(value);
        if self.direction == Direction::HigherIsBetter { share } else { 1.0 - share }
    }
}

/// The index as it is written: plain data, the content of its model file. [`ValueIndex::new`] checks it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValueIndexSpec {
    /// The name of the index.
    #[serde(default)]
    pub name: String,
    /// What it says in words, for people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The terms.
    pub terms: Vec<ValueTerm>,
    /// The tiers of the index, best first, the outermost open; none where the index is not cut.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<Band>,
}

/// A value index from 0 to 100: each term, brought to 0 to 1 by saved limits, times its weight.
///
/// The contributions add up to the index exactly, in term order, and the index never leaves 0 to 100. Source 000 names a function
/// of current and potential value with an index and tiers, and leaves the function open: **terms, weights and limits are yours**.
/// Kind of the model file: `value_index`.
///
/// ```
/// use tierwise::value::{Normalisation, ValueIndex, ValueIndexSpec, ValueTerm};
/// use tierwise::{Explain, Score};
/// let index = ValueIndex::new(ValueIndexSpec {
///     terms: vec![
///         ValueTerm::new("margin", 3.0, Normalisation::MinMax { from: 0.0, to: 50_000.0 }),
///         ValueTerm::new("potential", 1.0, Normalisation::Anchors(vec![(0.0, 0.0), (10.0, 0.8), (100.0, 1.0)])),
///     ],
///     ..ValueIndexSpec::default()
/// })?;
/// let mut parts = [0.0; 2];
/// index.contributions_row(&[25_000.0, 10.0], &mut parts);
/// assert_eq!(parts, [37.5, 20.0]);
/// assert_eq!(index.score_row(&[25_000.0, 10.0]), 57.5);
/// assert!(index.score_row(&[25_000.0, f64::NAN]).is_nan());
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "ValueIndexSpec", into = "ValueIndexSpec")]
pub struct ValueIndex {
    spec: ValueIndexSpec,
    /// What each term adds at most; in order they add up to 100, exactly.
    most: Vec<f64>,
    features: Vec<Feature>,
    terms: Vec<Term>,
    tiers: Option<Bands>,
    names: Vec<String>,
}

impl ValueIndex {
    /// Checks an index.
    ///
    /// # Errors
    /// [`Error::InvalidRules`] that names the term for a weight, normalisation or share out of range, and for no terms at all;
    /// [`Error::DuplicateFeature`]; [`Error::InvalidBands`] for tiers that leave a gap, overlap or are not open outwards.
    pub fn new(spec: ValueIndexSpec) -> Result<Self> {
        if spec.terms.is_empty() {
            return Err(refuse(RULES, "the list of terms", "there is none; at least one is needed"));
        }
        spec.terms.iter().try_for_each(check_term)?;
        let feature = |term: &ValueTerm| {
            let refused = term.unknown == UnknownTerm::Refuse;
            Feature::number(&term.feature).with_unknown(if refused { Unknown::Error } else { Unknown::Own })
        };
        let features: Vec<Feature> = spec.terms.iter().map(feature).collect();
        crate::feature::check_features(&features)?;
        let term = |(at, term): (usize, &ValueTerm)| Term { name: term.feature.clone(), features: vec![at] };
        let terms = spec.terms.iter().enumerate().map(term).collect();
        let tiers = (!spec.tiers.is_empty()).then(|| open_tiers("the value index", &spec.tiers)).transpose()?;
        let names = tiers.as_ref().map_or_else(Vec::new, |tiers| tiers.names().to_vec());
        Ok(Self { most: most(&spec.terms), spec, features, terms, tiers, names })
    }

    /// The index as it is written.
    pub fn spec(&self) -> &ValueIndexSpec {
        &self.spec
    }

    /// The tiers; `None` where the index is not cut.
    pub fn tiers(&self) -> Option<&Bands> {
        self.tiers.as_ref()
    }

    /// The index of current or of potential value alone, from 0 to 100, without tiers: the terms of that part at the weights that
    /// they have here.
    ///
    /// ```
    /// use tierwise::Score;
    /// use tierwise::value::{Normalisation, ValueIndex, ValueIndexSpec, ValuePart, ValueTerm};
    /// let up_to = |to| Normalisation::MinMax { from: 0.0, to };
    /// let index = ValueIndex::new(ValueIndexSpec {
    ///     terms: vec![
    ///         ValueTerm::new("margin", 3.0, up_to(50_000.0)).part(ValuePart::Current),
    ///         ValueTerm::new("growth", 1.0, up_to(0.2)).part(ValuePart::Potential),
    ///     ],
    ///     ..ValueIndexSpec::default()
    /// })?;
    /// assert_eq!(index.score_row(&[25_000.0, 0.2]), 62.5);
    /// assert_eq!(index.part(ValuePart::Current)?.score_row(&[25_000.0]), 50.0);
    /// assert_eq!(index.part(ValuePart::Potential)?.score_row(&[0.2]), 100.0);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidRules`] when no term is of that part.
    pub fn part(&self, part: ValuePart) -> Result<Self> {
        let terms: Vec<ValueTerm> = self.spec.terms.iter().filter(|term| term.part == Some(part)).cloned().collect();
        if terms.is_empty() {
            let name = if part == ValuePart::Current { "current" } else { "potential" };
            return Err(refuse(RULES, "the list of terms", format!("no term says that its `part` is `{name}`")));
        }
        Self::new(ValueIndexSpec { terms, tiers: Vec::new(), ..self.spec.clone() })
    }

    /// What is worth knowing about the index, one sentence each: tiers that no index can reach.
    ///
    /// ```
    /// use tierwise::Band;
    /// use tierwise::value::{Normalisation, ValueIndex, ValueIndexSpec, ValueTerm};
    /// let tiers = vec![
    ///     Band { name: "A".into(), from: Some(150.0), to: None },
    ///     Band { name: "B".into(), from: None, to: Some(150.0) },
    /// ];
    /// let terms = vec![ValueTerm::new("margin", 1.0, Normalisation::MinMax { from: 0.0, to: 50_000.0 })];
    /// let index = ValueIndex::new(ValueIndexSpec { terms, tiers, ..ValueIndexSpec::default() })?;
    /// assert_eq!(index.findings(), ["no score reaches tier `A` [150, inf): scores lie from 0 to 100; check its cut"]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn findings(&self) -> Vec<String> {
        let ends = self.spec.terms.iter().zip(&self.most).map(|(term, most)| {
            let (least, greatest) = term.range();
            (most * least, most * greatest)
        });
        let range = ends.fold((0.0, 0.0), |sum, ends| (sum.0 + ends.0, sum.1 + ends.1));
        unreached_tiers(&self.spec.tiers, range)
    }

    fn contribution(&self, term: usize, value: f64) -> f64 {
        self.most[term] * self.spec.terms[term].share(value)
    }
}

impl Score for ValueIndex {
    fn features(&self) -> &[Feature] {
        &self.features
    }

    fn score_row(&self, row: &[f64]) -> f64 {
        row.iter().enumerate().fold(0.0, |sum, (term, &value)| sum + self.contribution(term, value))
    }
}

impl Explain for ValueIndex {
    fn base(&self) -> f64 {
        0.0
    }

    fn terms(&self) -> &[Term] {
        &self.terms
    }

    fn contributions_row(&self, row: &[f64], contributions: &mut [f64]) {
        assert_eq!(contributions.len(), self.terms.len(), "one contribution per term");
        for (term, (place, &value)) in contributions.iter_mut().zip(row).enumerate() {
            *place = self.contribution(term, value);
        }
    }
}

impl Assign for ValueIndex {
    fn features(&self) -> &[Feature] {
        &self.features
    }

    fn outcomes(&self) -> &[String] {
        &self.names
    }

    fn is_ordered(&self) -> bool {
        true
    }

    fn assign_row(&self, row: &[f64]) -> Option<usize> {
        self.tiers.as_ref()?.find(self.score_row(row))
    }
}

impl Saved for ValueIndex {
    const KIND: &'static str = "value_index";

    fn as_score(&self) -> Option<&dyn Score> {
        Some(self)
    }

    fn as_explain(&self) -> Option<&dyn Explain> {
        Some(self)
    }

    fn as_assign(&self) -> Option<&dyn Assign> {
        self.tiers.is_some().then_some(self as &dyn Assign)
    }
}

impl TryFrom<ValueIndexSpec> for ValueIndex {
    type Error = Error;

    fn try_from(spec: ValueIndexSpec) -> Result<Self> {
        Self::new(spec)
    }
}

impl From<ValueIndex> for ValueIndexSpec {
    fn from(index: ValueIndex) -> Self {
        index.spec
    }
}

/// The weights as parts of 100. The last is what is missing to 100, so that rounding neither leaves a gap nor goes beyond: a
/// sum of smaller parts is never larger, since adding rounds without changing an order.
fn most(terms: &[ValueTerm]) -> Vec<f64> {
    let total: f64 = terms.iter().map(|term| term.weight).sum();
    let mut most: Vec<f64> = terms.iter().map(|term| term.weight / total * 100.0).collect();
    let last = most.len() - 1;
    most[last] = 100.0 - most[..last].iter().sum::<f64>();
    most
}

fn check_term(term: &ValueTerm) -> Result<()> {
    const MOST_WEIGHT: f64 = 1e9;
    let place = || format!("term `{}`", term.feature);
    if !(1.0 / MOST_WEIGHT..=MOST_WEIGHT).contains(&term.weight) {
        let reason = format!("the weight must be a number above 0, from 1e-9 to 1e9, got {}", term.weight);
        return Err(refuse(RULES, place(), reason));
    }
    term.normalise.check().map_err(|reason| refuse(RULES, place(), reason))?;
    match term.unknown {
        UnknownTerm::Share(share) if !(0.0..=1.0).contains(&share) => Err(refuse(
            RULES,
            place(),
            format!("the share of an unknown value must be {}, got {share}", crate::error::SHARE),
        )),
        _ => Ok(()),
    }
}
