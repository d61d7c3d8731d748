//! Where one fact can go: the values that make a difference to a card, and the smallest change that does it.

use super::{Change, To, is_same, refuse};
use crate::feature::{Kind, position};
use crate::scorecard::{Condition, Scorecard};
use crate::sum::{Part, Shape};
use crate::{Error, Feature, Result};

/// A changeable fact of a card.
pub(super) struct Move<'c> {
    pub(super) feature: usize,
    pub(super) cost: f64,
    /// The prerequisites that ask about it, as bits.
    pub(super) asked: usize,
    parts: Vec<&'c Part>,
    allowed: Allowed,
    whole: bool,
    /// Where anything that the card makes of the number may change, ascending.
    edges: Vec<f64>,
    /// Whether points grow with the number between two edges.
    has_line: bool,
}

enum Allowed {
    OneOf(Vec<f64>),
    Between(f64, f64),
    Up,
    Down,
}

/// Numbers between two edges that are allowed, both ends included.
struct Region {
    low: f64,
    high: f64,
}

impl<'c> Move<'c> {
    pub(super) fn new(card: &'c Scorecard, change: &Change) -> Result<Self> {
        let spec = card.spec();
        let index = position(&spec.features, &change.feature, "the changes")?;
        let feature = &spec.features[index];
        if !(change.cost >= 0.0 && change.cost.is_finite()) {
            let got = format!("{} for `{}`", change.cost, feature.name());
            return Err(refuse("cost", "a number in [0, inf)".into(), got));
        }
        if change.whole && feature.kind() != Kind::Number {
            return Err(refuse(
                "whole",
                "left out for what is no number".into(),
                format!("it for `{}`", feature.name()),
            ));
        }
        let asks = spec.prerequisites.iter().enumerate().filter(|(_, one)| one.feature == change.feature);
        let parts: Vec<&Part> =
            card.compiled().iter().map(|one| &one.part).filter(|part| part.feature == index).collect();
        let mut edges: Vec<f64> = parts.iter().flat_map(|part| edges_of(&part.shape)).collect();
        for (_, prerequisite) in asks.clone() {
            if let Condition::Range { from, below } = prerequisite.met_when {
                edges.extend([from, below].into_iter().flatten());
            }
        }
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        Ok(Self {
            feature: index,
            cost: change.cost,
            asked: asks.fold(0, |bits, (bit, _)| bits | 1 << bit),
            has_line: parts.iter().any(|part| matches!(part.shape, Shape::Line { .. })),
            parts,
            allowed: allowed(feature, &change.to)?,
            whole: change.whole,
            edges,
        })
    }

    /// The points that a value earns in all questions about the fact.
    pub(super) fn points(&self, value: f64) -> f64 {
        self.parts.iter().map(|part| part.points(value)).sum()
    }

    /// Whether no question about the fact earns less with one value than with another. Then no score is lower, whatever
    /// the rounding; of the points' sum that does not hold.
    pub(super) fn gives_as_much_in_all_parts(&self, value: f64, other: f64) -> bool {
        self.parts.iter().all(|part| part.points(value) >= part.points(other))
    }

    /// Values one of which is as good as any allowed value, nearest to the present one first.
    pub(super) fn candidates(&self, now: f64) -> Vec<f64> {
        let mut values: Vec<f64> = match &self.allowed {
            Allowed::OneOf(values) => values.clone(),
            _ => self
                .regions(now)
                .iter()
                .flat_map(|region| {
                    let near = self.nearest(region, now);
                    // What grows with the number is largest or smallest at an end.
                    if self.has_line { vec![near, region.low, region.high] } else { vec![near] }
                })
                .collect(),
        };
        values.retain(|&value| !is_same(value, now));
        values.sort_by(|&a, &b| distance(a, now).total_cmp(&distance(b, now)));
        values
    }

    /// The value nearest to the present one for which `reaches` holds; `None` where the nearest one is not to be looked
    /// for: levels have no distance.
    pub(super) fn smallest(&self, now: f64, mut reaches: impl FnMut(f64) -> bool) -> Option<f64> {
        if self.edges.is_empty() {
            return None;
        }
        if let Allowed::OneOf(_) = self.allowed {
            return self.candidates(now).into_iter().find(|&value| reaches(value));
        }
        let mut best: Option<f64> = None;
        for region in self.regions(now) {
            let near = self.nearest(&region, now);
            if best.is_some_and(|best| distance(best, now) <= distance(near, now)) {
                continue;
            }
            let found = if reaches(near) { Some(near) } else { self.smallest_within(&region, near, &mut reaches) };
            best = match (best, found) {
                (Some(best), Some(found)) if distance(found, now) >= distance(best, now) => Some(best),
                (best, found) => found.or(best),
            };
        }
        best
    }

    /// Between two edges points only rise or only fall with the number, so that halving finds the first that does it.
    fn smallest_within(&self, region: &Region, near: f64, reaches: &mut impl FnMut(f64) -> bool) -> Option<f64> {
        const HALVINGS: usize = 128;
        if !self.has_line {
            return None;
        }
        let (mut short, mut enough) = (near, [region.low, region.high].into_iter().find(|&end| reaches(end))?);
        for _ in 0..HALVINGS {
            let middle = short / 2.0 + enough / 2.0;
            let middle = if self.whole { middle.floor() } else { middle };
            if middle == short || middle == enough {
                break;
            }
            if reaches(middle) {
                enough = middle;
            } else {
                short = middle;
            }
        }
        Some(enough)
    }

    fn regions(&self, now: f64) -> Vec<Region> {
        let (low, high) = match self.allowed {
            Allowed::Between(low, high) => (low, high),
            Allowed::Up if !now.is_nan() => (now.next_up(), f64::MAX),
            Allowed::Down if !now.is_nan() => (f64::MIN, now.next_down()),
            _ => (f64::MIN, f64::MAX),
        };
        let starts = [f64::MIN].into_iter().chain(self.edges.iter().copied());
        let ends = self.edges.iter().map(|edge| edge.next_down()).chain([f64::MAX]);
        let regions = starts.zip(ends).filter_map(|(start, end)| {
            let (low, high) = (start.max(low), end.min(high));
            let region = if self.whole { Region { low: low.ceil(), high: high.floor() } } else { Region { low, high } };
            (region.low <= region.high).then_some(region)
        });
        regions.collect()
    }

    fn nearest(&self, region: &Region, now: f64) -> f64 {
        let now = if now.is_nan() { 0.0 } else { now };
        let within = now.clamp(region.low, region.high);
        // The ends are whole already, so that rounding does not leave the region.
        if self.whole { within.round() } else { within }
    }
}

/// How far a change goes; from unknown it is counted from 0.
fn distance(value: f64, now: f64) -> f64 {
    (value - if now.is_nan() { 0.0 } else { now }).abs()
}

fn edges_of(shape: &Shape) -> Vec<f64> {
    match shape {
        Shape::Steps { cuts, .. } => cuts.clone(),
        Shape::Levels { .. } => Vec::new(),
        Shape::Line { low, high, .. } => vec![*low, *high],
    }
}

fn allowed(feature: &Feature, to: &To) -> Result<Allowed> {
    let misfit = |found: &str| {
        let must_be = format!("of a kind that suits `{}`, which is {}", feature.name(), feature.expected());
        refuse("to", must_be, found.to_owned())
    };
    match (to, feature.kind()) {
        (To::Any, Kind::Number) => Ok(Allowed::Between(f64::MIN, f64::MAX)),
        (To::Any, Kind::YesNo) => Ok(Allowed::OneOf(vec![0.0, 1.0])),
        (To::Any, Kind::Category(levels)) => Ok(Allowed::OneOf((0..levels.len()).map(|code| code as f64).collect())),
        (To::Up, Kind::Number) => Ok(Allowed::Up),
        (To::Down, Kind::Number) => Ok(Allowed::Down),
        (To::Between { from, to }, Kind::Number) => {
            let (low, high) = (from.unwrap_or(f64::MIN), to.unwrap_or(f64::MAX));
            if low.is_finite() && high.is_finite() && low <= high {
                return Ok(Allowed::Between(low, high));
            }
            let must_be = format!("finite, the lowest not above the highest, for `{}`", feature.name());
            Err(refuse("to", must_be, format!("{low} to {high}")))
        }
        (To::Values(values), Kind::Number | Kind::YesNo) => {
            if let Some(value) = values.iter().find(|&&value| value.is_nan() || feature.check(value, None).is_err()) {
                return Err(misfit(&value.to_string()));
            }
            some_of(feature, values.clone())
        }
        (To::Levels(levels), Kind::Category(known)) => {
            let code = |level: &String| {
                known.iter().position(|one| one == level).map(|code| code as f64).ok_or_else(|| Error::UnknownName {
                    what: format!("a level to which `{}` can change", feature.name()),
                    row: None,
                    name: level.clone(),
                    known: known.to_vec(),
                })
            };
            some_of(feature, levels.iter().map(code).collect::<Result<_>>()?)
        }
        (To::Up | To::Down | To::Between { .. }, _) => Err(misfit("a direction or range of numbers")),
        (To::Values(_), Kind::Category(_)) => Err(misfit("numbers")),
        (To::Levels(_), _) => Err(misfit("levels")),
    }
}

fn some_of(feature: &Feature, values: Vec<f64>) -> Result<Allowed> {
    if values.is_empty() {
        return Err(refuse("to", format!("at least one value for `{}`", feature.name()), "an empty list".into()));
    }
    Ok(Allowed::OneOf(values))
}
