//! What changed in one column.

use super::cells::{CellCounts, DriftCells, join_rare, pairs};
use super::distance::{NumberDistances, distances};
use super::divergence::{ChiSquareTest, compared};
use super::settings::DriftSettings;
use super::sorted::Sorted;
use crate::evaluate::rows::two_sided;
use crate::{Feature, Kind};
use serde::Serialize;

/// Whether something is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftLevel {
    /// No shift, or none that chance does not make as large.
    Stable,
    /// The index is at least the limit `watch`, and more than chance.
    Watch,
    /// The index is at least the limit `act`, and more than chance.
    Act,
}

impl DriftLevel {
    /// `stable`, `watch` or `act`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Watch => "watch",
            Self::Act => "act",
        }
    }

    /// What an index of this size and likelihood means.
    pub(in crate::evaluate) fn of(index: f64, p_value: f64, settings: &DriftSettings) -> Self {
        if p_value > settings.significance || index < settings.watch {
            Self::Stable
        } else if index < settings.act {
            Self::Watch
        } else {
            Self::Act
        }
    }
}

/// The shares of one cell.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DriftCell {
    /// The bin, value or level; `unknown`; or how many rare cells were joined.
    pub name: String,
    /// Its share in the reference.
    pub reference: f64,
    /// Its share in the current sample.
    pub current: f64,
    /// Its part of the population stability index.
    pub part: f64,
}

/// A level that the reference does not have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnseenLevel {
    /// The level.
    pub level: String,
    /// Its share of the current sample.
    pub share: f64,
}

/// How the share of unknown values changed: the test of two proportions with a pooled error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct UnknownChange {
    /// The share in the reference.
    pub reference: f64,
    /// The share in the current sample.
    pub current: f64,
    /// The current share less that of the reference.
    pub difference: f64,
    /// The difference over its standard error; 0 where nothing, or everything, is unknown in both.
    pub z: f64,
    /// Two-sided.
    pub p_value: f64,
}

/// What changed in one column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnDrift {
    /// The name of the column.
    pub column: String,
    /// `number`, `yes_no` or `category`.
    pub kind: &'static str,
    /// How many customers the reference holds.
    pub reference_rows: f64,
    /// How many customers the current sample holds.
    pub current_rows: f64,
    /// How the cells were made, in words.
    pub rule: String,
    /// The cells as they were compared. Unknown is a cell of its own.
    pub cells: Vec<DriftCell>,
    /// The population stability index over the cells, natural: see [`CountDrift`](super::CountDrift).
    pub population_stability: f64,
    /// The index that chance alone exceeds with the probability `significance`. Where it is above the limits, the samples are
    /// too small, or the cells too many, to see a shift of that size.
    pub noise: Option<f64>,
    /// The chance of an index as large without a change.
    pub p_value: f64,
    /// The same, adjusted for how many columns were looked at (Benjamini & Hochberg 1995).
    pub adjusted_p_value: f64,
    /// Distances without bins; for numbers that are known in both samples.
    pub distances: Option<NumberDistances>,
    /// The Jensen-Shannon distance over the cells.
    pub jensen_shannon: f64,
    /// Pearson's test over the cells.
    pub chi_square: ChiSquareTest,
    /// How the share of unknown values changed.
    pub unknown: UnknownChange,
    /// Levels that the reference does not have, the most frequent first.
    pub unseen: Vec<UnseenLevel>,
    /// Whether something is to be done.
    pub level: DriftLevel,
}

/// One column of one sample, counted or sorted once.
#[derive(Debug, Clone)]
pub(super) struct Side {
    known: Known,
    unknown: f64,
    total: f64,
}

#[derive(Debug, Clone)]
enum Known {
    Numbers(Sorted),
    /// Names with their weights.
    Levels(Vec<(String, f64)>),
}

impl Side {
    pub(super) fn new(feature: &Feature, values: &[f64], weights: Option<&[f64]>) -> Self {
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
        let (unknown, total) = match weights {
            None => (values.iter().filter(|value| value.is_nan()).count() as f64, values.len() as f64),
            Some(weights) => {
                let unknown = values.iter().zip(weights).filter(|(value, _)| value.is_nan()).map(|(_, weight)| weight);
                (unknown.sum(), weights.iter().sum())
            }
        };
        let known = match feature.kind() {
            Kind::Number => Known::Numbers(Sorted::new(values, weights)),
            Kind::YesNo | Kind::Category(_) => {
                let names = level_names(feature);
                let mut counts = vec![0.0; names.len()];
                for (row, &code) in values.iter().enumerate().filter(|(_, code)| !code.is_nan()) {
                    counts[code as usize] += weight(row);
                }
                Known::Levels(names.into_iter().zip(counts).collect())
            }
        };
        Self { known, unknown, total }
    }

    /// The cells by which others are compared to this one.
    pub(super) fn cells(&self, smaller: f64, settings: &DriftSettings) -> DriftCells {
        match &self.known {
            Known::Numbers(sorted) => DriftCells::of_numbers(sorted, smaller, settings),
            Known::Levels(levels) => {
                let held = levels.iter().filter(|(_, weight)| *weight > 0.0);
                DriftCells::Levels(held.map(|(name, _)| name.clone()).collect())
            }
        }
    }

    fn known_weight(&self) -> f64 {
        match &self.known {
            Known::Numbers(sorted) => sorted.weight(),
            Known::Levels(levels) => levels.iter().map(|(_, weight)| weight).sum(),
        }
    }

    pub(super) fn counts(&self, cells: &DriftCells) -> CellCounts {
        let mut counts = CellCounts { unknown: self.unknown, ..CellCounts::default() };
        match (&self.known, cells) {
            (Known::Levels(levels), DriftCells::Levels(with_cell)) => {
                counts.add_levels(with_cell, levels);
            }
            (Known::Numbers(sorted), cells) => counts.known = cells.count(sorted),
            (Known::Levels(_), _) => {}
        }
        counts
    }
}

/// The names of a category's levels, and `no` and `yes`.
pub(super) fn level_names(feature: &Feature) -> Vec<String> {
    match feature.kind() {
        Kind::Category(levels) => levels.to_vec(),
        Kind::YesNo => vec!["no".into(), "yes".into()],
        Kind::Number => Vec::new(),
    }
}

pub(super) fn compare(feature: &Feature, reference: &Side, current: &Side, settings: &DriftSettings) -> ColumnDrift {
    let smaller = reference.known_weight().min(current.known_weight());
    let cells = reference.cells(if smaller > 0.0 { smaller } else { f64::INFINITY }, settings);
    let mut drift = of_counts(feature, &cells, &reference.counts(&cells), &current.counts(&cells), settings);
    (drift.reference_rows, drift.current_rows) = (reference.total, current.total);
    if let (Known::Numbers(reference), Known::Numbers(current)) = (&reference.known, &current.known) {
        drift.distances = distances(reference, current);
    }
    drift
}

/// All that counts tell.
pub(super) fn of_counts(
    feature: &Feature,
    cells: &DriftCells,
    reference: &CellCounts,
    current: &CellCounts,
    settings: &DriftSettings,
) -> ColumnDrift {
    let (n, m) = (reference.total(), current.total());
    let all = pairs(cells, reference, current);
    let mut unseen: Vec<UnseenLevel> = match cells {
        DriftCells::Levels(_) => {
            let new = all.iter().filter(|pair| pair.reference == 0.0 && !pair.is_unknown);
            new.map(|pair| UnseenLevel { level: pair.name.clone(), share: pair.current / m }).collect()
        }
        DriftCells::Edges(_) | DriftCells::Values(_) => Vec::new(),
    };
    unseen.sort_by(|one, two| two.share.total_cmp(&one.share).then_with(|| one.level.cmp(&two.level)));
    let pairs = join_rare(all, settings.least_expected, matches!(cells, DriftCells::Levels(_)));
    let of = |which: fn(&super::cells::Pair) -> f64| pairs.iter().map(which).collect::<Vec<f64>>();
    let found = compared(&of(|pair| pair.reference), &of(|pair| pair.current), settings);
    let cell = |(pair, &part): (&super::cells::Pair, &f64)| DriftCell {
        name: pair.name.clone(),
        reference: pair.reference / n,
        current: pair.current / m,
        part,
    };
    ColumnDrift {
        column: feature.name().to_owned(),
        kind: match feature.kind() {
            Kind::Number => "number",
            Kind::YesNo => "yes_no",
            Kind::Category(_) => "category",
        },
        reference_rows: n,
        current_rows: m,
        rule: cells.rule(settings),
        cells: pairs.iter().zip(&found.parts).map(cell).collect(),
        population_stability: found.population_stability,
        noise: found.noise,
        p_value: found.p_value,
        adjusted_p_value: found.p_value,
        distances: None,
        jensen_shannon: found.jensen_shannon,
        chi_square: found.chi_square,
        unknown: unknown_change(reference.unknown, n, current.unknown, m),
        unseen,
        level: DriftLevel::of(found.population_stability, found.p_value, settings),
    }
}

fn unknown_change(reference: f64, n: f64, current: f64, m: f64) -> UnknownChange {
    let (before, after) = (reference / n, current / m);
    let pooled = (reference + current) / (n + m);
    let error = (pooled * (1.0 - pooled) * (1.0 / n + 1.0 / m)).sqrt();
    let difference = after - before;
    let z = if error > 0.0 { difference / error } else { 0.0 };
    UnknownChange { reference: before, current: after, difference, z, p_value: two_sided(z) }
}
