//! The cells of a column: bins of a number, its values, or levels; and what each of them holds.

use super::settings::{DriftBins, DriftSettings};
use super::sorted::{Sorted, rising_key};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The cells into which the known values of a column are put.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftCells {
    /// Right-open bins between ascending edges; below the first and from the last on are bins too.
    Edges(Vec<f64>),
    /// One cell per value, ascending, and one for all others.
    Values(Vec<f64>),
    /// One cell per level.
    Levels(Vec<String>),
}

impl DriftCells {
    /// The cells of a number, for samples of which the smaller holds so many known rows.
    pub(super) fn of_numbers(reference: &Sorted, smaller: f64, settings: &DriftSettings) -> Self {
        let Some((low, high)) = reference.range() else { return Self::Values(Vec::new()) };
        match &settings.bins {
            DriftBins::Edges(edges) => Self::Edges(edges.clone()),
            // Nothing else could tell values above a constant from it.
            DriftBins::EqualWidth(_) if low == high => Self::Values(vec![low]),
            DriftBins::EqualWidth(bins) => {
                let share = |edge: usize| edge as f64 / *bins as f64;
                Self::Edges(ascending((1..*bins).map(|edge| low * (1.0 - share(edge)) + high * share(edge))))
            }
            DriftBins::Quantiles(bins) => match reference.distinct(*bins) {
                Some(values) => Self::Values(values),
                None => Self::Edges(quantile_edges(reference, few_enough(*bins, smaller, settings))),
            },
        }
    }

    /// How many cells there are, the one for other values included.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Edges(edges) => edges.len() + 1,
            Self::Values(values) => values.len() + 1,
            Self::Levels(levels) => levels.len(),
        }
    }

    /// The cell of a known number.
    pub(super) fn place(&self, value: f64) -> usize {
        match self {
            Self::Edges(edges) => edges.partition_point(|&edge| edge <= value),
            Self::Values(values) => {
                let key = rising_key(value);
                values.binary_search_by_key(&key, |&value| rising_key(value)).unwrap_or(values.len())
            }
            Self::Levels(levels) => (value as usize).min(levels.len().saturating_sub(1)),
        }
    }

    /// What the cells hold of sorted numbers.
    pub(super) fn count(&self, sorted: &Sorted) -> Vec<f64> {
        let total = sorted.weight();
        match self {
            Self::Edges(edges) => {
                let below: Vec<f64> = edges.iter().map(|&edge| sorted.weight_below(edge)).chain([total]).collect();
                let before = std::iter::once(&0.0).chain(&below);
                below.iter().zip(before).map(|(to, from)| to - from).collect()
            }
            Self::Values(values) => {
                let mut counts: Vec<f64> = values.iter().map(|&value| sorted.weight_at(value)).collect();
                let rows: usize = values.iter().map(|&value| sorted.rows_at(value)).sum();
                // Where no row is left, what is left of the weight is rounding.
                let others = if rows == sorted.rows() { 0.0 } else { (total - counts.iter().sum::<f64>()).max(0.0) };
                counts.push(others);
                counts
            }
            Self::Levels(_) => Vec::new(),
        }
    }

    pub(super) fn names(&self) -> Vec<String> {
        match self {
            Self::Edges(edges) => edge_names(edges),
            Self::Values(values) => values.iter().map(ToString::to_string).chain(["other values".to_owned()]).collect(),
            Self::Levels(levels) => levels.clone(),
        }
    }

    /// The rule, in words.
    pub(super) fn rule(&self, settings: &DriftSettings) -> String {
        match (self, &settings.bins) {
            (Self::Levels(_), _) => "one cell per level".into(),
            (Self::Values(_), _) => "one cell per value of the reference, one for all others".into(),
            (Self::Edges(edges), DriftBins::Quantiles(_)) => {
                format!("{} right-open bins at quantiles of the reference", edges.len() + 1)
            }
            (Self::Edges(edges), DriftBins::EqualWidth(_)) => {
                format!("{} right-open bins of equal width over the reference", edges.len() + 1)
            }
            (Self::Edges(edges), DriftBins::Edges(_)) => {
                format!("{} right-open bins between given edges", edges.len() + 1)
            }
        }
    }
}

/// So many bins that each would hold enough rows of the smaller sample; at least two.
fn few_enough(bins: usize, smaller: f64, settings: &DriftSettings) -> usize {
    if settings.least_expected == 0.0 {
        return bins;
    }
    bins.min((smaller / settings.least_expected) as usize).max(2)
}

/// Quantiles; a value that fills a bin by itself has a cell of its own, or what lies above it would be one with it.
fn quantile_edges(reference: &Sorted, bins: usize) -> Vec<f64> {
    let quantiles: Vec<f64> = (1..bins).map(|edge| reference.quantile(edge as f64 / bins as f64)).collect();
    let lowest = reference.range().map(|(low, _)| low);
    let fills_the_first = quantiles.first().copied().filter(|&edge| Some(edge) == lowest);
    let fills = quantiles.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).chain(fills_the_first);
    let above: Vec<f64> = fills.filter_map(|value| reference.next_above(value)).collect();
    ascending(quantiles.iter().copied().chain(above))
}

fn ascending(edges: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut edges: Vec<f64> = edges.collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    edges
}

fn edge_names(edges: &[f64]) -> Vec<String> {
    let (Some(first), Some(last)) = (edges.first(), edges.last()) else { return vec!["all".into()] };
    let inner = edges.windows(2).map(|pair| format!("[{}, {})", pair[0], pair[1]));
    std::iter::once(format!("< {first}")).chain(inner).chain([format!(">= {last}")]).collect()
}

/// What the cells of one column hold in one sample.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CellCounts {
    pub(super) known: Vec<f64>,
    pub(super) unknown: f64,
    /// Levels that have no cell.
    pub(super) unseen: BTreeMap<String, f64>,
}

impl CellCounts {
    /// Adds weights of levels by name; those without a cell are unseen.
    pub(super) fn add_levels(&mut self, with_cell: &[String], levels: &[(String, f64)]) {
        self.known.resize(with_cell.len(), 0.0);
        let places: BTreeMap<&String, usize> = with_cell.iter().zip(0..).collect();
        for (name, weight) in levels.iter().filter(|(_, weight)| *weight > 0.0) {
            match places.get(name) {
                Some(&place) => self.known[place] += weight,
                None => *self.unseen.entry(name.clone()).or_default() += weight,
            }
        }
    }

    pub(super) fn total(&self) -> f64 {
        self.known.iter().sum::<f64>() + self.unknown + self.unseen.values().sum::<f64>()
    }
}

/// A cell with its counts in both samples.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pair {
    pub(super) name: String,
    pub(super) reference: f64,
    pub(super) current: f64,
    /// Whether it is the cell of what is not known.
    pub(super) is_unknown: bool,
}

impl Pair {
    fn new(name: String, reference: f64, current: f64) -> Self {
        Self { name, reference, current, is_unknown: false }
    }
}

/// All cells of a column that hold something: the known ones, levels that have none, and unknown.
pub(super) fn pairs(cells: &DriftCells, reference: &CellCounts, current: &CellCounts) -> Vec<Pair> {
    let known = cells.names().into_iter().zip(reference.known.iter().zip(&current.known));
    let mut pairs: Vec<Pair> =
        known.map(|(name, (&reference, &current))| Pair::new(name, reference, current)).collect();
    let mut unseen: Vec<&String> = reference.unseen.keys().chain(current.unseen.keys()).collect();
    unseen.sort_unstable();
    unseen.dedup();
    let of = |counts: &CellCounts, level: &String| counts.unseen.get(level).copied().unwrap_or(0.0);
    pairs.extend(unseen.into_iter().map(|level| Pair::new(level.clone(), of(reference, level), of(current, level))));
    let is_taken = pairs.iter().any(|pair| pair.name == "unknown");
    let name = if is_taken { "unknown (no value)" } else { "unknown" }.to_owned();
    pairs.push(Pair { is_unknown: true, ..Pair::new(name, reference.unknown, current.unknown) });
    pairs.retain(|pair| pair.reference > 0.0 || pair.current > 0.0);
    pairs
}

/// Joins the cells in which the smaller sample would hold fewer rows than `least` if nothing had changed, and the next
/// larger one to them while they are still too few together. A cell in which the smaller sample does hold four times as many,
/// or half of itself, is no matter of chance and stays, however rare it is in the other.
///
/// Of levels, those that the reference lacks are joined by themselves where together they are more than chance brings.
pub(super) fn join_rare(pairs: Vec<Pair>, least: f64, levels: bool) -> Vec<Pair> {
    let (n, m) = pairs.iter().fold((0.0, 0.0), |(n, m), pair| (n + pair.reference, m + pair.current));
    let expected = |pair: &Pair| (pair.reference + pair.current) * (n.min(m) / (n + m));
    let held = |pair: &Pair| if m <= n { pair.current } else { pair.reference };
    let too_many_for_chance = (4.0 * least).min(n.min(m) / 2.0);
    let is_rare = |pair: &Pair| expected(pair) < least && held(pair) < too_many_for_chance;
    let (mut rare, mut kept): (Vec<Pair>, Vec<Pair>) = pairs.into_iter().partition(is_rare);
    let is_enough = |pair: &Pair| expected(pair) >= least || held(pair) >= too_many_for_chance;
    if levels {
        kept.extend(taken_apart(&mut rare, [n, m], is_enough));
    }
    while !rare.is_empty() && rare.iter().map(expected).sum::<f64>() < least {
        let common = (0..kept.len()).filter(|&at| expected(&kept[at]) >= least);
        let Some(next) = common.min_by(|&one, &two| expected(&kept[one]).total_cmp(&expected(&kept[two]))) else {
            break;
        };
        rare.push(kept.remove(next));
    }
    if rare.len() > 1 {
        rare = vec![joined(format!("{} rare cells", rare.len()), &rare)];
    }
    kept.append(&mut rare);
    kept
}

fn joined(name: String, pairs: &[Pair]) -> Pair {
    let sum = |of: fn(&Pair) -> f64| pairs.iter().map(of).sum();
    Pair::new(name, sum(|pair| pair.reference), sum(|pair| pair.current))
}

/// Takes the levels that the reference lacks out of the rare ones, where they hold more rows than chance brings. Of such
/// levels are, in the mean, as many rows of a sample as the reference has of levels that occur once in it (Good 1953, *The
/// population frequencies of species*; the variance, from those that occur once or twice, after Robbins 1968).
fn taken_apart(rare: &mut Vec<Pair>, [n, m]: [f64; 2], is_enough: impl Fn(&Pair) -> bool) -> Option<Pair> {
    const CLEAR: f64 = 3.3; // one in two thousand
    let is_lacking = |pair: &Pair| pair.reference == 0.0 && !pair.is_unknown;
    let (lacking, others): (Vec<Pair>, Vec<Pair>) = std::mem::take(rare).into_iter().partition(is_lacking);
    let up_to = |most: f64| others.iter().filter(|pair| pair.reference <= most).map(|pair| pair.reference).sum::<f64>();
    let (once, once_or_twice) = (up_to(1.0), up_to(2.0));
    let found = joined(format!("{} levels the reference lacks", lacking.len()), &lacking);
    // Nobody may stand for a few.
    let chance = (once.max(1.0) / n, once_or_twice.max(1.0) / (n * n));
    let is_clear = found.current / m - chance.0 > CLEAR * (chance.1 + chance.0 / m).sqrt();
    *rare = others;
    if is_clear && is_enough(&found) {
        return Some(found);
    }
    rare.extend(lacking);
    None
}
