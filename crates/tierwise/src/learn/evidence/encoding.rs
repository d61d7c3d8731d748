//! From values to bins, and from bins to what the logistic fit sees.

use super::super::{BinLayout, Binning};
use crate::feature::Kind;
use crate::{Feature, Result};
use serde::{Deserialize, Serialize};

/// What the logistic fit sees of a feature in bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// The weight of evidence of the bin: one column and one coefficient per feature. The default.
    #[default]
    WeightOfEvidence,
    /// One column and one coefficient per bin. More freedom, and more to learn it from is needed.
    Indicators,
}

/// Bins of one feature that are taken as they are, and only counted.
///
/// ```
/// use tierwise::learn::GivenBins;
/// let age = GivenBins::edges([26.0, 35.0]);
/// let purpose = GivenBins::groups([vec!["car"], vec!["radio", "television"]]);
/// assert!(age != purpose);
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GivenBins {
    edges: Vec<f64>,
    groups: Vec<Vec<String>>,
    special: Vec<f64>,
}

impl GivenBins {
    /// Bins between edges: each edge begins a bin.
    pub fn edges(edges: impl Into<Vec<f64>>) -> Self {
        Self { edges: edges.into(), ..Self::default() }
    }

    /// Groups of the levels of a category.
    pub fn groups<S: Into<String>>(groups: impl IntoIterator<Item = Vec<S>>) -> Self {
        let groups = groups.into_iter().map(|levels| levels.into_iter().map(Into::into).collect());
        Self { groups: groups.collect(), ..Self::default() }
    }

    /// Codes among the numbers that are no numbers; each is a bin of its own.
    #[must_use]
    pub fn special(self, special: impl Into<Vec<f64>>) -> Self {
        Self { special: special.into(), ..self }
    }

    /// The layout of these bins for a feature.
    pub(super) fn layout(&self, feature: &Feature) -> Result<BinLayout> {
        let Self { edges, groups, special } = self.clone();
        // Edges of a category, and groups of a number, are refused there.
        match feature.kind() {
            Kind::Category(_) if edges.is_empty() && special.is_empty() => BinLayout::groups(feature.clone(), groups),
            _ if !groups.is_empty() => BinLayout::groups(feature.clone(), groups),
            _ => BinLayout::numbers(feature.clone(), edges, special),
        }
    }
}

impl From<&BinLayout> for GivenBins {
    fn from(layout: &BinLayout) -> Self {
        Self {
            edges: layout.edges().to_vec(),
            groups: layout.level_groups().to_vec(),
            special: layout.special().to_vec(),
        }
    }
}

impl Encoding {
    /// The feature that the logistic fit sees in the place of a feature in bins.
    pub(super) fn feature(self, binning: &Binning) -> Feature {
        let name = binning.layout().feature().name();
        match self {
            Self::WeightOfEvidence => Feature::number(name),
            Self::Indicators => Feature::category(name, distinct_labels(binning)),
        }
    }

    /// The column that the logistic fit sees, one value per row.
    pub(super) fn column(self, binning: &Binning, values: &[f64]) -> Vec<f64> {
        let codes = binning.codes(values).into_iter();
        match self {
            Self::WeightOfEvidence => codes.map(|code| binning.points()[code as usize]).collect(),
            Self::Indicators => codes.map(f64::from).collect(),
        }
    }
}

/// What each bin holds, in words; a label that occurs before is told apart by the position of its bin.
fn distinct_labels(binning: &Binning) -> Vec<String> {
    let mut labels = binning.layout().labels();
    for bin in 1..labels.len() {
        while labels[..bin].contains(&labels[bin]) {
            labels[bin] = format!("{} (bin {bin})", labels[bin]);
        }
    }
    labels
}
