//! From the points of all bags to one card: pairs without what either feature does alone, means over bags, and how far
//! the bags differ.

use super::binned::BinnedTable;
use super::coarse::{CELLS, CoarseTable, SIDE};
use super::double::PairOf;
use super::histogram::CODES;
use super::target::Rows;
use crate::parallel;
use std::collections::BTreeSet;

/// What one bag learned.
#[derive(Debug)]
pub(super) struct BagPoints {
    /// The points of each bin of each feature.
    pub(super) singles: Vec<Vec<f64>>,
    /// The points of each cell of each pair it chose.
    pub(super) pairs: Vec<(PairOf, Vec<f64>)>,
}

/// Points, how sure they are, and how many rows earn them.
#[derive(Debug, Clone)]
pub(super) struct Points {
    pub(super) mean: Vec<f64>,
    /// The standard errors; all zero with a single bag.
    pub(super) error: Vec<f64>,
    pub(super) weight: Vec<f64>,
    /// The mean size of the points that a row earns.
    pub(super) importance: f64,
}

/// All terms, put together from all bags.
#[derive(Debug)]
pub(super) struct Assembled {
    pub(super) singles: Vec<Points>,
    pub(super) pairs: Vec<(PairOf, Points)>,
}

/// Puts the bags together and keeps at most so many pairs, the most important ones, in order of importance.
pub(super) fn assemble(
    table: &BinnedTable,
    coarse: &CoarseTable,
    rows: &Rows<'_>,
    mut bags: Vec<BagPoints>,
    most_pairs: usize,
    learning_share: f64,
) -> Assembled {
    let chosen: BTreeSet<PairOf> = bags.iter().flat_map(|bag| bag.pairs.iter().map(|(pair, _)| *pair)).collect();
    let chosen: Vec<PairOf> = chosen.into_iter().collect();
    let bin_weights: Vec<Vec<f64>> = parallel::map((0..table.codes.len()).collect(), |feature: usize| {
        weights_by(&table.codes[feature], CODES, rows, |&code| usize::from(code))
    });
    let cell_weights: Vec<Vec<f64>> = parallel::map(chosen.clone(), |pair| cell_weights(coarse, pair, rows));
    for bag in &mut bags {
        for (pair, points) in &mut bag.pairs {
            let Ok(index) = chosen.binary_search(pair) else { continue };
            purify(points, &cell_weights[index], *pair, coarse, table, &mut bag.singles);
        }
        for (feature, points) in bag.singles.iter_mut().enumerate() {
            centre(points, &bin_weights[feature], table.features[feature].bins, table.features[feature].unknown_counts);
        }
    }
    let spread = jackknife(learning_share);
    let singles = (0..table.codes.len())
        .map(|feature| {
            let of_bags: Vec<Option<&[f64]>> = bags.iter().map(|bag| Some(bag.singles[feature].as_slice())).collect();
            Points::new(&of_bags, CODES, bin_weights[feature].clone(), spread)
        })
        .collect();
    let mut pairs: Vec<(PairOf, Points)> = chosen
        .iter()
        .zip(cell_weights)
        .map(|(pair, weight)| {
            let of_bag = |bag: &'_ BagPoints| bag.pairs.iter().position(|(other, _)| other == pair);
            let of_bags: Vec<Option<&[f64]>> =
                bags.iter().map(|bag| of_bag(bag).map(|index| bag.pairs[index].1.as_slice())).collect();
            (*pair, Points::new(&of_bags, CELLS, weight, spread))
        })
        .filter(|(_, points)| points.importance > 0.0)
        .collect();
    pairs.sort_by(|a, b| b.1.importance.total_cmp(&a.1.importance).then(a.0.cmp(&b.0)));
    pairs.truncate(most_pairs);
    Assembled { singles, pairs }
}

/// Weights of the rows by what `place` makes of their code.
fn weights_by<C>(codes: &[C], places: usize, rows: &Rows<'_>, place: impl Fn(&C) -> usize) -> Vec<f64> {
    let mut weights = vec![0.0; places];
    for (row, code) in codes.iter().enumerate() {
        weights[place(code)] += rows.weight(row);
    }
    weights
}

fn cell_weights(coarse: &CoarseTable, pair: PairOf, rows: &Rows<'_>) -> Vec<f64> {
    let [first, second] = pair.map(|feature| &coarse.codes[feature]);
    let mut weights = vec![0.0; CELLS];
    for (row, (&a, &b)) in first.iter().zip(second).enumerate() {
        weights[usize::from(a) * SIDE + usize::from(b)] += rows.weight(row);
    }
    weights
}

/// Takes out of a pair what either feature does alone and gives it to the features: the sum stays the same for every
/// row (Lengerich, Tan, Chang, Hooker & Caruana 2020, *Purifying interaction effects with the functional ANOVA*,
/// algorithm 1). Where unknown earns nothing, that would no longer hold, and the pair stays as it is.
fn purify(
    points: &mut [f64],
    weights: &[f64],
    pair: PairOf,
    coarse: &CoarseTable,
    table: &BinnedTable,
    singles: &mut [Vec<f64>],
) {
    const ROUNDS: usize = 100;
    let features = pair.map(|feature| &coarse.features[feature]);
    if features.iter().any(|feature| feature.unknown.is_some() && feature.unknown_is_neutral) {
        return;
    }
    let sizes = features.map(|feature| feature.cells);
    let place =
        |side: usize, outer: usize, inner: usize| if side == 0 { outer * SIDE + inner } else { inner * SIDE + outer };
    let mut moved = [vec![0.0; sizes[0]], vec![0.0; sizes[1]]];
    for _ in 0..ROUNDS {
        let mut largest: f64 = 0.0;
        for side in 0..2 {
            for (outer, moved) in moved[side].iter_mut().enumerate() {
                let cells = (0..sizes[1 - side]).map(|inner| place(side, outer, inner));
                let (weight, sum) = cells.clone().fold((0.0, 0.0), |(weight, sum), cell| {
                    (weight + weights[cell], sum + weights[cell] * points[cell])
                });
                if weight > 0.0 {
                    let mean = sum / weight;
                    largest = largest.max(mean.abs());
                    *moved += mean;
                    cells.for_each(|cell| points[cell] -= mean);
                }
            }
        }
        if largest < 1e-12 {
            break;
        }
    }
    for (side, feature) in pair.into_iter().enumerate() {
        let cells = &features[side].cell_of[..=table.features[feature].bins];
        let known = if features[side].unknown.is_some() { cells.len() } else { cells.len() - 1 };
        for (point, &cell) in singles[feature].iter_mut().zip(&cells[..known]) {
            *point += moved[side][usize::from(cell)];
        }
    }
}

/// Makes the mean row earn nothing. Where unknown rows earn nothing already, that stays.
fn centre(points: &mut [f64], weights: &[f64], bins: usize, unknown_counts: bool) {
    if !unknown_counts && weights[bins] > 0.0 {
        return;
    }
    let total: f64 = weights.iter().sum();
    let mean = points.iter().zip(weights).map(|(point, weight)| point * weight).sum::<f64>() / total;
    let last = bins + usize::from(weights[bins] > 0.0);
    points[..last].iter_mut().for_each(|point| *point -= mean);
}

/// What the variance between bags is multiplied by to be that of the estimate: each bag learns from this share of the
/// rows (delete-d jackknife, Shao & Wu 1989, equation 2.5).
fn jackknife(learning_share: f64) -> f64 {
    learning_share / (1.0 - learning_share)
}

impl Points {
    /// The mean over bags; a bag that did not choose a term has nothing there.
    fn new(bags: &[Option<&[f64]>], places: usize, weight: Vec<f64>, spread: f64) -> Self {
        let count = bags.len() as f64;
        let of = |bag: Option<&[f64]>, place: usize| bag.map_or(0.0, |points| points[place]);
        let mean: Vec<f64> =
            (0..places).map(|place| bags.iter().map(|&bag| of(bag, place)).sum::<f64>() / count).collect();
        let square = |place: usize| -> f64 {
            bags.iter().map(|&bag| (of(bag, place) - mean[place]) * (of(bag, place) - mean[place])).sum()
        };
        let error = (0..places).map(|place| (spread * square(place) / count).sqrt()).collect();
        let total: f64 = weight.iter().sum();
        let importance = mean.iter().zip(&weight).map(|(point, weight)| point.abs() * weight).sum::<f64>() / total;
        Self { mean, error, weight, importance }
    }
}
