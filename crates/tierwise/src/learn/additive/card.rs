//! The card of an additive model: bins and cells in words, with neighbours that earn the same written once.

use super::assemble::{Assembled, Points};
use super::binned::BinnedFeature;
use super::binned::BinnedTable;
use super::coarse::CoarseTable;
use super::coarse::{CoarseFeature, SIDE};
use super::double::PairOf;
use crate::feature::Kind;
use crate::scorecard::{Attribute, Characteristic, Condition, PairCharacteristic};
use crate::{Feature, Unknown};
use serde::{Deserialize, Serialize};

/// What is known of a term besides its points: how important it is, how many customers earn which points, and how sure
/// the points are. The lists stand in the order of the card's attributes, or of its cells, row by row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermEvidence {
    /// The mean size of the points that a customer earns.
    pub importance: f64,
    /// The weight of the customers that earn them.
    pub weights: Vec<f64>,
    /// The standard errors of the points; 0 where a single bag leaves them unknown.
    pub standard_errors: Vec<f64>,
    /// The weight of the customers that no answer of the list is true of: unknown where that earns nothing.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unlisted: f64,
}

/// The questions of a card, and what is known of each.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) characteristics: Vec<Characteristic>,
    pub(super) pairs: Vec<PairCharacteristic>,
    pub(super) evidence: Vec<TermEvidence>,
}

/// Writes down what was learned about these features.
pub(super) fn write(
    features: &[Feature],
    table: &BinnedTable,
    coarse: &CoarseTable,
    assembled: &Assembled,
    used: &[usize],
) -> Written {
    let mut written = Written::default();
    for &index in used {
        let steps = steps_of(&features[index], &table.features[index], &assembled.singles[index]);
        let mut characteristic = Characteristic::new(features[index].name(), features[index].name());
        let mut evidence = TermEvidence::new(&assembled.singles[index]);
        for step in steps {
            characteristic.attributes.push(Attribute { when: step.when, points: step.points, reason_code: None });
            evidence.list(step.weight, step.error);
        }
        written.characteristics.push(characteristic);
        written.evidence.push(evidence);
    }
    for (pair, points) in &assembled.pairs {
        let (mut written_pair, evidence) = write_pair(features, table, coarse, *pair, points);
        written_pair.name = unused(written_pair.name, &written);
        written.pairs.push(written_pair);
        written.evidence.push(evidence);
    }
    written
}

/// Names may hold an `&` themselves; every term needs one of its own.
fn unused(name: String, written: &Written) -> String {
    let taken = |name: &str| {
        written.characteristics.iter().any(|one| one.name == name) || written.pairs.iter().any(|one| one.name == name)
    };
    let others = (2_usize..).map(|number| format!("{name} ({number})"));
    std::iter::once(name.clone()).chain(others).find(|name| !taken(name)).unwrap_or(name)
}

#[allow(clippy::trivially_copy_pass_by_ref)] // what serde asks for
fn is_zero(weight: &f64) -> bool {
    *weight == 0.0
}

impl TermEvidence {
    fn new(points: &Points) -> Self {
        let unlisted = points.weight.iter().sum();
        Self { importance: points.importance, weights: Vec::new(), standard_errors: Vec::new(), unlisted }
    }

    fn list(&mut self, weight: f64, standard_error: f64) {
        self.weights.push(weight);
        self.standard_errors.push(standard_error);
        // Weights are sums in another order; what is left of them by rounding is no customer.
        let left = self.unlisted - weight;
        self.unlisted = if left > 1e-6 { left } else { 0.0 };
    }
}

struct Step {
    when: Condition,
    points: f64,
    error: f64,
    weight: f64,
}

fn steps_of(feature: &Feature, binned: &BinnedFeature, points: &Points) -> Vec<Step> {
    let step = |bins: std::ops::Range<usize>, when: Condition| {
        let weight: f64 = points.weight[bins.clone()].iter().sum();
        let spread: f64 = bins.clone().map(|bin| points.error[bin] * points.weight[bin]).sum();
        let error = if weight > 0.0 { spread / weight } else { points.error[bins.start] };
        Step { when, points: points.mean[bins.start], error, weight }
    };
    let mut steps = Vec::new();
    let mut start = 0;
    for end in 1..=binned.bins {
        let joined =
            matches!(feature.kind(), Kind::Number) && end < binned.bins && points.mean[end] == points.mean[start];
        if !joined {
            steps.push(step(start..end, condition(feature, binned, start..end)));
            start = end;
        }
    }
    if feature.unknown() == Unknown::Own {
        steps.push(step(binned.bins..binned.bins + 1, Condition::Unknown));
    }
    steps
}

/// The values of neighbouring bins (of a category: of one bin) in words.
fn condition(feature: &Feature, binned: &BinnedFeature, bins: std::ops::Range<usize>) -> Condition {
    match feature.kind() {
        Kind::Number => Condition::Range {
            from: bins.start.checked_sub(1).map(|cut| binned.cuts[cut]),
            below: binned.cuts.get(bins.end - 1).copied(),
        },
        Kind::YesNo => [Condition::No, Condition::Yes][bins.start].clone(),
        Kind::Category(_) => levels(feature, binned, &[bins.start]),
    }
}

fn levels(feature: &Feature, binned: &BinnedFeature, bins: &[usize]) -> Condition {
    let inside = |level: &usize| bins.contains(&usize::from(binned.level_bins[*level]));
    let mut names: Vec<String> =
        (0..feature.levels().len()).filter(inside).map(|level| feature.levels()[level].clone()).collect();
    if names.len() == 1 { Condition::Level(names.remove(0)) } else { Condition::AnyOf(names) }
}

/// A run of neighbouring cells of one feature of a pair, or unknown.
struct Run {
    when: Condition,
    /// The cells; none for an unknown that was not there to learn from.
    cells: Vec<usize>,
}

fn write_pair(
    features: &[Feature],
    table: &BinnedTable,
    coarse: &CoarseTable,
    pair: PairOf,
    points: &Points,
) -> (PairCharacteristic, TermEvidence) {
    let at =
        |side: usize, outer: usize, inner: usize| if side == 0 { outer * SIDE + inner } else { inner * SIDE + outer };
    let runs: [Vec<Run>; 2] = [0, 1].map(|side| {
        let other = coarse.features[pair[1 - side]].cells;
        let alike = |a: usize, b: usize| {
            (0..other).all(|inner| points.mean[at(side, a, inner)] == points.mean[at(side, b, inner)])
        };
        let index = pair[side];
        runs_of(&features[index], &table.features[index], &coarse.features[index], alike)
    });
    let mut evidence = TermEvidence::new(points);
    let names = pair.map(|feature| features[feature].name());
    let mut written = PairCharacteristic::new(format!("{} & {}", names[0], names[1]), names[0], names[1]);
    written.columns = runs[1].iter().map(|run| run.when.clone()).collect();
    for row in &runs[0] {
        let mut earned = Vec::with_capacity(runs[1].len());
        for column in &runs[1] {
            let cells = row.cells.iter().flat_map(|&a| column.cells.iter().map(move |&b| a * SIDE + b));
            let weight: f64 = cells.clone().map(|cell| points.weight[cell]).sum();
            let spread: f64 = cells.clone().map(|cell| points.error[cell] * points.weight[cell]).sum();
            let first = cells.clone().next();
            let error = if weight > 0.0 { spread / weight } else { first.map_or(0.0, |cell| points.error[cell]) };
            earned.push(first.map_or(0.0, |cell| points.mean[cell]));
            evidence.list(weight, error);
        }
        written.rows.push(row.when.clone());
        written.points.push(earned);
    }
    (written, evidence)
}

fn runs_of(
    feature: &Feature,
    binned: &BinnedFeature,
    coarse: &CoarseFeature,
    alike: impl Fn(usize, usize) -> bool,
) -> Vec<Run> {
    let known = coarse.unknown.unwrap_or(coarse.cells);
    let mut runs = Vec::new();
    let mut start = 0;
    for end in 1..=known {
        if end < known && alike(start, end) {
            continue;
        }
        let bins: Vec<usize> =
            (0..binned.bins).filter(|&bin| (start..end).contains(&usize::from(coarse.cell_of[bin]))).collect();
        let when = match feature.kind() {
            Kind::Category(_) => levels(feature, binned, &bins),
            Kind::YesNo if bins.len() > 1 => Condition::Otherwise,
            // The bins of a number in neighbouring cells are neighbours.
            Kind::Number | Kind::YesNo => condition(feature, binned, bins[0]..bins[bins.len() - 1] + 1),
        };
        runs.push(Run { when, cells: (start..end).collect() });
        start = end;
    }
    if feature.unknown() == Unknown::Own {
        runs.push(Run { when: Condition::Unknown, cells: coarse.unknown.into_iter().collect() });
    }
    runs
}
