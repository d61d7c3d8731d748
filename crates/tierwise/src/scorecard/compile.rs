//! From the card as written to the kernel that scores: each characteristic becomes one part of a sum, with a label
//! for every answer and the highest and lowest points that an answer can earn.

use super::characteristic::{Characteristic, Condition, PerUnit};
use crate::feature::Kind;
use crate::sum::{Part, Shape};
use crate::{Error, Feature, Result, Unknown};

/// A characteristic, ready to score.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Compiled {
    pub(crate) part: Part,
    /// The position in `labels` of the answer that a value gives, computed by the same kernel as the points.
    pub(crate) answers: Part,
    /// One label per answer of the part (level or step, or one for all of a line), then one for unknown.
    pub(crate) labels: Vec<String>,
    /// The attribute behind each label; none for a line, and for an unknown without points of its own.
    pub(crate) attributes: Vec<Option<usize>>,
    /// One value of the feature per distinct answer, so that every attainable number of points is attained by one.
    pub(crate) representatives: Vec<f64>,
}

/// Where a list of answers stands, for errors.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) name: &'a str,
    /// What one entry of the list is called.
    pub(super) entry: &'a str,
    /// What stands before the condition of an entry.
    pub(super) key: &'a str,
}

impl<'a> Place<'a> {
    pub(super) fn attributes_of(name: &'a str) -> Self {
        Self { name, entry: "attribute", key: "\"when\": " }
    }

    pub(super) fn conditions_of(name: &'a str) -> Self {
        Self { name, entry: "condition", key: "" }
    }
}

pub(super) fn compile(
    characteristic: &Characteristic,
    place: Place<'_>,
    index: usize,
    feature: &Feature,
) -> Result<Compiled> {
    let compiler = Compiler { characteristic, place, feature };
    compiler.check_points()?;
    let unknown = compiler.unknown_points()?;
    let (shape, mut labels, mut attributes, representatives) = match (&characteristic.per_unit, feature.kind()) {
        (Some(per_unit), Kind::Number) => compiler.line(*per_unit)?,
        (Some(_), _) => {
            return Err(compiler.refuse(format!("`per_unit` needs a number, but `{}` is not", feature.name())));
        }
        (None, Kind::Number) => compiler.steps()?,
        (None, Kind::YesNo) => compiler.levels(&[Answer::No, Answer::Yes])?,
        (None, Kind::Category(levels)) => {
            compiler.levels(&levels.iter().map(|level| Answer::Level(level)).collect::<Vec<_>>())?
        }
    };
    let answers = Part { feature: index, shape: positions(&shape), unknown: labels.len() as f64 };
    labels.push("unknown".into());
    attributes.push(characteristic.attributes.iter().position(|attribute| attribute.when == Condition::Unknown));
    Ok(Compiled { part: Part { feature: index, shape, unknown }, answers, labels, attributes, representatives })
}

/// The same shape with positions in the place of points.
fn positions(shape: &Shape) -> Shape {
    let count = |points: &[f64]| (0..points.len()).map(|position| position as f64).collect();
    match shape {
        Shape::Steps { cuts, points } => Shape::Steps { cuts: cuts.clone(), points: count(points) },
        Shape::Levels { points } => Shape::Levels { points: count(points) },
        Shape::Line { .. } => Shape::Steps { cuts: Vec::new(), points: vec![0.0] },
    }
}

/// The codes of the yes-no or category answers that a condition names; none for a condition on numbers.
///
/// # Errors
/// [`Error::InvalidScorecard`] at `place` when the condition does not suit the feature's kind.
pub(crate) fn codes_of(condition: &Condition, feature: &Feature, place: &str) -> Result<Vec<f64>> {
    check_condition(condition, feature)
        .map_err(|reason| Error::InvalidScorecard { place: place.to_owned(), reason })?;
    Ok(match condition {
        Condition::Yes => vec![1.0],
        Condition::No => vec![0.0],
        Condition::Level(level) => position_of(feature, level).into_iter().collect(),
        Condition::AnyOf(levels) => levels.iter().filter_map(|level| position_of(feature, level)).collect(),
        Condition::Range { .. } | Condition::Unknown | Condition::Otherwise => Vec::new(),
    })
}

struct Compiler<'a> {
    characteristic: &'a Characteristic,
    place: Place<'a>,
    feature: &'a Feature,
}

/// One known answer to a question that has a list of them.
#[derive(Clone, Copy)]
enum Answer<'a> {
    Yes,
    No,
    Level(&'a str),
}

type Answers = (Shape, Vec<String>, Vec<Option<usize>>, Vec<f64>);

impl Compiler<'_> {
    fn refuse(&self, reason: String) -> Error {
        Error::InvalidScorecard { place: self.place.name.to_owned(), reason }
    }

    fn gap(&self, values: &str) -> Error {
        let Place { entry, key, .. } = self.place;
        self.refuse(format!("no {entry} covers {values}; add one, or `{key}\"otherwise\"` at the end"))
    }

    fn check_points(&self) -> Result<()> {
        let Characteristic { neutral, baseline, attributes, per_unit, .. } = self.characteristic;
        if attributes.is_empty() == per_unit.is_none() {
            return Err(self.refuse("it needs either `attributes` or `per_unit`".into()));
        }
        let all = attributes.iter().map(|attribute| attribute.points).chain([*neutral]).chain(*baseline);
        if let Some(points) = all.into_iter().find(|points| !points.is_finite()) {
            return Err(self.refuse(format!("points must be finite, found {points}")));
        }
        for attribute in attributes {
            check_condition(&attribute.when, self.feature).map_err(|reason| self.refuse(reason))?;
        }
        let codes = attributes.iter().filter_map(|attribute| attribute.reason_code.as_deref());
        if codes.chain(self.characteristic.reason_code.as_deref()).any(|code| code.trim().is_empty()) {
            return Err(
                self.refuse("a reason code is empty; leave it out, and the name of the characteristic stands".into())
            );
        }
        Ok(())
    }

    fn unknown_points(&self) -> Result<f64> {
        let stated = self.characteristic.attributes.iter().find(|attribute| attribute.when == Condition::Unknown);
        let (name, Place { entry, key, .. }) = (self.feature.name(), self.place);
        match (self.feature.unknown(), stated) {
            (Unknown::Own, Some(attribute)) => Ok(attribute.points),
            (Unknown::Own, None) => Err(self.refuse(format!(
                "`{name}` says that unknown has points of its own, but no {entry} has `{key}\"unknown\"`; add one, or make the feature's rule `neutral` or `error`"
            ))),
            (Unknown::Neutral | Unknown::Error, Some(_)) => Err(self.refuse(format!(
                "there is one {entry} for unknown, but the rule of `{name}` is not `own`; remove the {entry} or change the rule"
            ))),
            (Unknown::Neutral, None) => Ok(self.characteristic.neutral),
            (Unknown::Error, None) => Ok(f64::NAN),
        }
    }

    fn line(&self, PerUnit { points, up_to }: PerUnit) -> Result<Answers> {
        if !(points.is_finite() && up_to.is_finite() && up_to > 0.0 && (points * up_to).is_finite()) {
            return Err(self.refuse(format!(
                "`per_unit` needs finite points and an `up_to` above 0, found {points} up to {up_to}"
            )));
        }
        let shape = Shape::Line { slope: points, center: 0.0, low: 0.0, high: up_to };
        Ok((shape, vec![format!("{points} per unit up to {up_to}")], vec![None], vec![0.0, up_to]))
    }

    fn levels(&self, answers: &[Answer<'_>]) -> Result<Answers> {
        let mut points = Vec::with_capacity(answers.len());
        let mut labels = Vec::with_capacity(answers.len());
        let mut attributes = Vec::with_capacity(answers.len());
        for &answer in answers {
            let name = match answer {
                Answer::Yes => "yes",
                Answer::No => "no",
                Answer::Level(level) => level,
            };
            let position =
                self.characteristic.attributes.iter().position(|attribute| match (&attribute.when, answer) {
                    (Condition::Otherwise, _) | (Condition::Yes, Answer::Yes) | (Condition::No, Answer::No) => true,
                    (Condition::Level(level), Answer::Level(name)) => level == name,
                    (Condition::AnyOf(levels), Answer::Level(name)) => levels.iter().any(|level| level == name),
                    _ => false,
                });
            let Some(position) = position else {
                return Err(self.gap(&format!("`{name}`")));
            };
            points.push(self.characteristic.attributes[position].points);
            labels.push(name.to_owned());
            attributes.push(Some(position));
        }
        let representatives = (0..points.len()).map(|code| code as f64).collect();
        Ok((Shape::Levels { points }, labels, attributes, representatives))
    }

    /// Cuts the number line at every edge of a range; between two cuts the first attribute that matches holds.
    fn steps(&self) -> Result<Answers> {
        let mut cuts: Vec<f64> = Vec::new();
        for attribute in &self.characteristic.attributes {
            if let Condition::Range { from, below } = &attribute.when {
                cuts.extend([from, below].into_iter().flatten());
            }
        }
        cuts.sort_by(f64::total_cmp);
        cuts.dedup();
        let starts: Vec<f64> = [f64::NEG_INFINITY].into_iter().chain(cuts.iter().copied()).collect();
        let mut points = Vec::with_capacity(starts.len());
        let mut labels = Vec::with_capacity(starts.len());
        let mut attributes = Vec::with_capacity(starts.len());
        for &start in &starts {
            let position = self.characteristic.attributes.iter().position(|attribute| match attribute.when {
                Condition::Otherwise => true,
                Condition::Range { from, below } => {
                    from.is_none_or(|from| from <= start) && below.is_none_or(|below| start < below)
                }
                _ => false,
            });
            let Some(position) = position else {
                return Err(self.gap(&interval(start, &cuts)));
            };
            let attribute = &self.characteristic.attributes[position];
            points.push(attribute.points);
            labels.push(attribute.when.label());
            attributes.push(Some(position));
        }
        let representatives = representatives(&cuts);
        Ok((Shape::Steps { cuts, points }, labels, attributes, representatives))
    }
}

/// One value per step: something below the first cut, then the cuts themselves.
fn representatives(cuts: &[f64]) -> Vec<f64> {
    let below = cuts.first().map_or(0.0, |&first| (first - 1.0).min(first.next_down()));
    [below].into_iter().chain(cuts.iter().copied()).collect()
}

fn interval(start: f64, cuts: &[f64]) -> String {
    match (start.is_finite(), cuts.iter().find(|&&cut| cut > start)) {
        (true, Some(end)) => format!("numbers from {start} to below {end}"),
        (true, None) => format!("numbers from {start}"),
        (false, Some(end)) => format!("numbers below {end}"),
        (false, None) => "any number".into(),
    }
}

fn position_of(feature: &Feature, level: &str) -> Option<f64> {
    feature.levels().iter().position(|known| known == level).map(|code| code as f64)
}

fn check_condition(condition: &Condition, feature: &Feature) -> std::result::Result<(), String> {
    let name = feature.name();
    match (condition, feature.kind()) {
        (Condition::Otherwise | Condition::Unknown, _) | (Condition::Yes | Condition::No, Kind::YesNo) => Ok(()),
        (Condition::Range { from, below }, Kind::Number) => check_range(*from, *below),
        (Condition::Level(level), Kind::Category(_)) => check_level(feature, level),
        (Condition::AnyOf(levels), Kind::Category(_)) => {
            if levels.is_empty() {
                return Err("`any_of` lists no level".into());
            }
            levels.iter().try_for_each(|level| check_level(feature, level))
        }
        _ => Err(format!(
            "the condition `{}` does not suit `{name}`, which is {}",
            condition.label(),
            feature.expected()
        )),
    }
}

fn check_range(from: Option<f64>, below: Option<f64>) -> std::result::Result<(), String> {
    if let Some(edge) = [from, below].into_iter().flatten().find(|edge| !edge.is_finite()) {
        return Err(format!("the range has the edge {edge}; leave the edge out for a range that is open"));
    }
    match (from, below) {
        (Some(from), Some(below)) if from >= below => Err(format!("the range from {from} to below {below} is empty")),
        _ => Ok(()),
    }
}

fn check_level(feature: &Feature, level: &str) -> std::result::Result<(), String> {
    match position_of(feature, level) {
        Some(_) => Ok(()),
        None => {
            Err(format!("`{level}` is not a level of `{}`, which has {}", feature.name(), feature.levels().join(", ")))
        }
    }
}
