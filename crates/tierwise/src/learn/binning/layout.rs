//! Where the bins of a feature begin and end.

use crate::feature::{Kind, check_features};
use crate::scorecard::Condition;
use crate::sum::{Part, Shape};
use crate::{Error, Feature, Result, Unknown};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// More special codes than this are values.
pub(super) const MOST_SPECIAL: usize = 100;

/// Where the bins of a feature begin and end: edges of a number, groups of levels, and special codes.
///
/// Bins are counted in this order: those between edges (or the groups), one for each special code, and unknown last.
/// A bin holds `from <= value < below`; the outermost are open. A special code never counts as a number.
///
/// ```
/// use tierwise::{Feature, learn::BinLayout};
/// let layout = BinLayout::numbers(Feature::number("months"), vec![12.0, 36.0], vec![-9.0])?;
/// assert_eq!(layout.labels(), ["below 12", "12 to below 36", "36 or more", "code -9", "unknown"]);
/// assert_eq!([5.0, 12.0, -9.0, f64::NAN].map(|months| layout.code(months)), [0, 1, 3, 4]);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredLayout", into = "StoredLayout")]
pub struct BinLayout {
    feature: Feature,
    edges: Vec<f64>,
    groups: Vec<Vec<String>>,
    special: Vec<f64>,
    /// The code of each value.
    codes: Part,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredLayout {
    feature: Feature,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    edges: Vec<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<Vec<String>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    special: Vec<f64>,
}

impl BinLayout {
    /// Bins of a number, or of a yes-no, whose only edge can be 1. Unknown has a bin of its own, unless the feature
    /// refuses it.
    ///
    /// # Errors
    /// [`Error::InvalidFeature`] for a category or a feature without a name; [`Error::InvalidParameter`] for edges that
    /// are not finite and ascending, and for more than 100 special codes, or any that is not finite or occurs twice.
    pub fn numbers(feature: Feature, edges: Vec<f64>, special: Vec<f64>) -> Result<Self> {
        if let Kind::Category(_) = feature.kind() {
            return Err(invalid(&feature, "a category has no edges; give groups of its levels"));
        }
        if let Some(edge) = edges.iter().find(|edge| !edge.is_finite()) {
            return Err(parameter("edges", "finite numbers", edge.to_string()));
        }
        if let Some((edge, next)) = edges.iter().zip(edges.iter().skip(1)).find(|(edge, next)| edge >= next) {
            return Err(parameter("edges", "ascending numbers", format!("{edge} before {next}")));
        }
        let outside = |edge: &f64| !(*edge > 0.0 && *edge <= 1.0);
        if feature.kind() == Kind::YesNo && (edges.len() > 1 || edges.iter().any(outside) || !special.is_empty()) {
            return Err(parameter("edges", "1 or none for a yes-no, without special codes", format!("{edges:?}")));
        }
        // Adding 0 turns -0 into 0; one sign of it would do for a comparison, but not for a file.
        let special: Vec<f64> = special.into_iter().map(|code| code + 0.0).collect();
        let distinct: BTreeSet<u64> = special.iter().map(|code| code.to_bits()).collect();
        if special.len() > MOST_SPECIAL {
            return Err(parameter("special", &format!("at most {MOST_SPECIAL} codes"), special.len().to_string()));
        }
        if distinct.len() < special.len() || special.iter().any(|code| !code.is_finite() || code.abs() == f64::MAX) {
            return Err(parameter("special", "finite numbers, none of them twice", format!("{special:?}")));
        }
        Self::new(StoredLayout { feature, edges, groups: Vec::new(), special })
    }

    /// Bins of a category: each a group of its levels. A level in no group, and one that is not listed at all, is
    /// unseen; see [`Unseen`](super::Unseen).
    ///
    /// # Errors
    /// [`Error::InvalidFeature`] when the feature is no category; [`Error::UnknownName`] for a level that it does not
    /// list; [`Error::InvalidParameter`] for an empty group and for a level in two.
    pub fn groups(feature: Feature, groups: Vec<Vec<String>>) -> Result<Self> {
        let Kind::Category(levels) = feature.kind() else {
            return Err(invalid(&feature, "only a category has groups of levels; give edges"));
        };
        let known: BTreeSet<&String> = levels.iter().collect();
        let mut seen = BTreeSet::new();
        for level in groups.iter().flatten() {
            if !known.contains(level) {
                let what = format!("a level in the groups of `{}`", feature.name());
                return Err(Error::UnknownName { what, row: None, name: level.clone(), known: levels.to_vec() });
            }
            if !seen.insert(level) {
                return Err(parameter("groups", "groups in which no level occurs twice", format!("`{level}` twice")));
            }
        }
        if groups.iter().any(Vec::is_empty) {
            return Err(parameter("groups", "groups of at least one level", "an empty one".into()));
        }
        Self::new(StoredLayout { feature, edges: Vec::new(), groups, special: Vec::new() })
    }

    fn new(StoredLayout { feature, edges, groups, mut special }: StoredLayout) -> Result<Self> {
        let rule = if feature.unknown() == Unknown::Error { Unknown::Error } else { Unknown::Own };
        let feature = feature.with_unknown(rule);
        check_features(std::slice::from_ref(&feature))?;
        special.sort_by(f64::total_cmp);
        let mut layout = Self {
            codes: Part { feature: 0, shape: Shape::Levels { points: Vec::new() }, unknown: f64::NAN },
            feature,
            edges,
            groups,
            special,
        };
        let points: Vec<f64> = (0..layout.bins()).map(|code| code as f64).collect();
        layout.codes = layout.part(&points);
        Ok(layout)
    }

    /// The feature.
    pub fn feature(&self) -> &Feature {
        &self.feature
    }

    /// The lower ends of all bins of a number but the lowest, ascending.
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    /// The groups of levels of a category.
    pub fn level_groups(&self) -> &[Vec<String>] {
        &self.groups
    }

    /// The special codes, ascending.
    pub fn special(&self) -> &[f64] {
        &self.special
    }

    /// The number of bins, the one for unknown included.
    pub fn bins(&self) -> usize {
        self.ordinary() + self.special.len() + 1
    }

    /// The number of bins between edges, or of groups.
    pub fn ordinary(&self) -> usize {
        match self.feature.kind() {
            Kind::Category(_) => self.groups.len(),
            Kind::Number | Kind::YesNo => self.edges.len() + 1,
        }
    }

    /// The position of the bin of a value; NaN and codes without a level are in the last one.
    pub fn code(&self, value: f64) -> usize {
        self.codes.points(value) as usize
    }

    /// The positions of the bins of a column.
    pub fn codes(&self, values: &[f64]) -> Vec<u32> {
        let mut codes = vec![0; values.len()];
        self.codes.for_each(values, &mut codes, |place, code| *place = code as u32);
        codes
    }

    /// What each bin holds, in words.
    pub fn labels(&self) -> Vec<String> {
        let special = self.special.iter().map(|code| format!("code {code}"));
        let ordinary = (0..self.ordinary()).map(|bin| self.condition(bin).label());
        ordinary.chain(special).chain(["unknown".into()]).collect()
    }

    /// What each bin holds, as a card asks for it; a special code is the range from itself to the next number there is.
    pub fn condition(&self, bin: usize) -> Condition {
        if bin + 1 >= self.bins() {
            return Condition::Unknown;
        }
        if let Some(code) = bin.checked_sub(self.ordinary()).map(|place| self.special[place]) {
            return Condition::Range { from: Some(code), below: Some(code.next_up()) };
        }
        let edge = |place: usize| self.edges.get(place).copied();
        match self.feature.kind() {
            Kind::Category(_) => match self.groups[bin].as_slice() {
                [level] => Condition::Level(level.clone()),
                levels => Condition::AnyOf(levels.to_vec()),
            },
            Kind::YesNo if self.edges.is_empty() => Condition::Otherwise,
            Kind::YesNo if bin == 0 => Condition::No,
            Kind::YesNo => Condition::Yes,
            Kind::Number => Condition::Range { from: bin.checked_sub(1).and_then(edge), below: edge(bin) },
        }
    }

    /// The part of a sum that gives each bin its points.
    pub(super) fn part(&self, points: &[f64]) -> Part {
        let unknown = points[self.bins() - 1];
        let shape = match self.feature.kind() {
            Kind::Category(levels) => Shape::Levels { points: self.level_points(levels, points) },
            Kind::Number | Kind::YesNo => self.steps(points),
        };
        Part { feature: 0, shape, unknown }
    }

    fn level_points(&self, levels: &[String], points: &[f64]) -> Vec<f64> {
        let mut places: Vec<(&String, usize)> = levels.iter().zip(0..).collect();
        places.sort_unstable();
        let mut of_level = vec![points[self.bins() - 1]; levels.len()];
        for (group, &points) in self.groups.iter().zip(points) {
            for level in group {
                if let Ok(place) = places.binary_search_by(|(known, _)| (*known).cmp(level)) {
                    of_level[places[place].1] = points;
                }
            }
        }
        of_level
    }

    /// Steps between edges, with a step of its own, one number wide, for each special code.
    fn steps(&self, points: &[f64]) -> Shape {
        let of_codes = self.special.iter().flat_map(|&code| [code, code.next_up()]);
        let mut cuts: Vec<f64> = self.edges.iter().copied().chain(of_codes).collect();
        cuts.sort_unstable_by(f64::total_cmp);
        cuts.dedup();
        let of_step = |from: f64| match self.special.iter().position(|&code| code == from) {
            Some(place) => points[self.ordinary() + place],
            None => points[self.edges.partition_point(|&edge| edge <= from)],
        };
        let points = std::iter::once(points[0]).chain(cuts.iter().map(|&cut| of_step(cut))).collect();
        Shape::Steps { cuts, points }
    }
}

impl TryFrom<StoredLayout> for BinLayout {
    type Error = Error;

    fn try_from(stored: StoredLayout) -> Result<Self> {
        let StoredLayout { feature, edges, groups, special } = stored;
        match feature.kind() {
            Kind::Category(_) if !edges.is_empty() || !special.is_empty() => {
                Err(invalid(&feature, "a category has neither edges nor special codes"))
            }
            Kind::Category(_) => Self::groups(feature, groups),
            _ if !groups.is_empty() => Err(invalid(&feature, "only a category has groups of levels")),
            _ => Self::numbers(feature, edges, special),
        }
    }
}

impl From<BinLayout> for StoredLayout {
    fn from(layout: BinLayout) -> Self {
        let BinLayout { feature, edges, groups, special, .. } = layout;
        Self { feature, edges, groups, special }
    }
}

fn invalid(feature: &Feature, reason: &str) -> Error {
    Error::InvalidFeature { feature: feature.name().to_owned(), reason: reason.into() }
}

fn parameter(name: &'static str, must_be: &str, got: String) -> Error {
    Error::InvalidParameter { of: "BinLayout", name, must_be: must_be.into(), got }
}
