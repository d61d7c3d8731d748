//! From a pair as written to the kernel that scores: each list of answers is compiled as the answers of a question are,
//! and the points are laid out cell by cell.

use super::characteristic::{Attribute, Characteristic, Condition};
use super::compile::{Compiled, Place, compile};
use super::pair::PairCharacteristic;
use crate::feature::position;
use crate::sum::{Axis, Pair, Shape};
use crate::{Error, Feature, Result, Unknown};

/// A pair, ready to score.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CompiledPair {
    pub(crate) pair: Pair,
    /// One label per cell, in the order of the points.
    pub(crate) labels: Vec<String>,
}

impl CompiledPair {
    /// The same cells with the position of their label in the place of points.
    pub(crate) fn answers(&self) -> Pair {
        let points = (0..self.labels.len()).map(|cell| cell as f64).collect();
        Pair { points, ..self.pair.clone() }
    }
}

pub(crate) fn compile_pair(written: &PairCharacteristic, features: &[Feature]) -> Result<CompiledPair> {
    let place = format!("pair `{}`", written.name);
    let [first, second] = &written.features;
    let [down, across] = [position(features, first, &place)?, position(features, second, &place)?];
    let refuse = |reason: String| Error::InvalidScorecard { place: place.clone(), reason };
    if down == across {
        let reason = format!("both features are `{first}`; a pair needs two, and one alone is a characteristic");
        return Err(refuse(reason));
    }
    check_points(written).map_err(refuse)?;
    let sides = [
        Side::new(written, "rows", &written.rows, down, &features[down])?,
        Side::new(written, "columns", &written.columns, across, &features[across])?,
    ];
    let cells = || sides[0].answers.iter().flat_map(|row| sides[1].answers.iter().map(move |column| (row, column)));
    let points = cells().map(|(row, column)| match (row.earns, column.earns) {
        (Earns::Listed(row), Earns::Listed(column)) => written.points[row][column],
        (Earns::Refused, _) | (_, Earns::Refused) => f64::NAN,
        _ => written.neutral,
    });
    let pair = Pair { features: [down, across], points: points.collect(), axes: sides.each_ref().map(Side::axis) };
    let labels = cells().map(|(row, column)| format!("{first} {}, {second} {}", row.label, column.label)).collect();
    Ok(CompiledPair { pair, labels })
}

/// What a cell is worth as far as one of its two answers goes.
#[derive(Clone, Copy)]
enum Earns {
    /// What stands at this place of the list.
    Listed(usize),
    /// The neutral points.
    Neutral,
    /// Nothing: unknown is refused.
    Refused,
}

/// One row or column of cells.
struct Cells {
    label: String,
    earns: Earns,
}

/// The answers about one of the two features, the last of them unknown.
struct Side {
    axis: Axis,
    answers: Vec<Cells>,
}

impl Side {
    fn new(
        written: &PairCharacteristic,
        name: &'static str,
        conditions: &[Condition],
        index: usize,
        feature: &Feature,
    ) -> Result<Self> {
        let place = format!("pair `{}`, {name}", written.name);
        let numbered = conditions.iter().enumerate().map(|(number, when)| Attribute {
            when: when.clone(),
            points: number as f64,
            reason_code: None,
        });
        let question = Characteristic {
            attributes: numbered.collect(),
            ..Characteristic::new(written.name.as_str(), feature.name())
        };
        let compiled = compile(&question, Place::conditions_of(&place), index, feature)?;
        let unknown = match feature.unknown() {
            Unknown::Own => Earns::Listed(compiled.part.unknown as usize),
            Unknown::Neutral => Earns::Neutral,
            Unknown::Error => Earns::Refused,
        };
        Ok(Self::known(&compiled, conditions).and_unknown(unknown))
    }

    /// Steps keep a cell each, levels of one condition share theirs.
    fn known(compiled: &Compiled, conditions: &[Condition]) -> Self {
        match &compiled.part.shape {
            Shape::Levels { points } => {
                let numbers: Vec<usize> = points.iter().map(|&number| number as usize).collect();
                let mut used = numbers.clone();
                used.sort_unstable();
                used.dedup();
                let cells_of = |&number: &usize| {
                    let mut levels = (0..numbers.len()).filter(|&level| numbers[level] == number);
                    let label = match (levels.next(), levels.next()) {
                        (Some(only), None) => compiled.labels[only].clone(),
                        _ => conditions[number].label(),
                    };
                    Cells { label, earns: Earns::Listed(number) }
                };
                let cell = |number: &usize| used.partition_point(|one| one < number);
                Self {
                    axis: Axis::Levels(numbers.iter().map(cell).collect()),
                    answers: used.iter().map(cells_of).collect(),
                }
            }
            Shape::Steps { cuts, points } => {
                let cells = points.iter().zip(&compiled.labels);
                let cells =
                    cells.map(|(&number, label)| Cells { label: label.clone(), earns: Earns::Listed(number as usize) });
                Self { axis: Axis::Steps(cuts.clone()), answers: cells.collect() }
            }
            Shape::Line { .. } => Self { axis: Axis::Levels(Vec::new()), answers: Vec::new() }, // conditions make none
        }
    }

    fn and_unknown(mut self, earns: Earns) -> Self {
        self.answers.push(Cells { label: "unknown".into(), earns });
        self
    }

    fn axis(&self) -> Axis {
        self.axis.clone()
    }
}

fn check_points(written: &PairCharacteristic) -> std::result::Result<(), String> {
    let PairCharacteristic { rows, columns, points, neutral, baseline, .. } = written;
    for (name, conditions) in [("rows", rows), ("columns", columns)] {
        if conditions.is_empty() {
            return Err(format!("`{name}` lists no condition; it needs at least one"));
        }
    }
    if points.len() != rows.len() {
        return Err(format!("`points` has {} lists, but there are {} rows", points.len(), rows.len()));
    }
    if let Some(row) = points.iter().position(|row| row.len() != columns.len()) {
        return Err(format!(
            "row {row} of `points` has {} numbers, but there are {} columns",
            points[row].len(),
            columns.len()
        ));
    }
    if let Some(points) = points.iter().flatten().chain([neutral]).chain(baseline).find(|points| !points.is_finite()) {
        return Err(format!("points must be finite, found {points}"));
    }
    if written.reason_code.as_deref().is_some_and(|code| code.trim().is_empty()) {
        return Err("the reason code is empty; leave it out, and the name of the pair stands".into());
    }
    Ok(())
}
