//! What unknown answers can earn at most and at least.

use super::compile::Compiled;
use super::compile_pair::CompiledPair;
use crate::sum::{Pair, Part, Sum};

/// The sum in which an unknown answer earns the most (or the least) that any answer earns.
///
/// Characteristics about the same feature get the same answer; a pair is answered by itself, so that with pairs the
/// result is a bound.
pub(super) fn extreme(stated: &Sum, compiled: &[Compiled], pairs: &[CompiledPair], better: fn(f64, f64) -> f64) -> Sum {
    let unknowns = extreme_points(compiled, better);
    let parts = compiled.iter().zip(unknowns).map(|(one, unknown)| Part { unknown, ..one.part.clone() });
    let pairs = pairs.iter().map(|one| extreme_pair(&one.pair, better));
    Sum::new(stated.base(), parts.collect()).with_pairs(pairs.collect())
}

/// For each part the points of the answer that is best (or worst) for all parts: questions about the same
/// feature get the same answer. "Still unknown" is an answer too, so that the stated score always lies between.
fn extreme_points(compiled: &[Compiled], better: fn(f64, f64) -> f64) -> Vec<f64> {
    let total = |feature: usize, value: f64| -> f64 {
        compiled.iter().filter(|one| one.part.feature == feature).map(|one| one.part.points(value)).sum()
    };
    let extreme_answer = |feature: usize| {
        let related = compiled.iter().filter(|one| one.part.feature == feature);
        // Just below a cut of one question another one, in proportion to the number, may earn most.
        let known = related.flat_map(|one| &one.representatives).flat_map(|&value| [value, value.next_down()]);
        let answers = known.chain([f64::NAN]);
        let scored = answers.map(|answer| (answer, total(feature, answer))).filter(|(_, total)| !total.is_nan());
        scored.reduce(|kept, next| if kept.1 == next.1 || better(kept.1, next.1) == kept.1 { kept } else { next })
    };
    let points = |one: &Compiled| {
        let answer = extreme_answer(one.part.feature).map_or(f64::NAN, |(answer, _)| answer);
        one.part.points(answer)
    };
    compiled.iter().map(points).collect()
}

/// The cells for unknown get the extreme of what they may turn into: of their row, of their column, or of the table.
fn extreme_pair(pair: &Pair, better: fn(f64, f64) -> f64) -> Pair {
    let [rows, columns] = [pair.axes[0].known() + 1, pair.axes[1].known() + 1];
    let at = |row: usize, column: usize| pair.points[row * columns + column];
    let extreme = |cells: &mut dyn Iterator<Item = f64>| {
        cells.filter(|points| !points.is_nan()).reduce(better).unwrap_or(f64::NAN)
    };
    let mut points = pair.points.clone();
    for row in 0..rows - 1 {
        points[row * columns + columns - 1] = extreme(&mut (0..columns).map(|column| at(row, column)));
    }
    for column in 0..columns - 1 {
        points[(rows - 1) * columns + column] = extreme(&mut (0..rows).map(|row| at(row, column)));
    }
    points[rows * columns - 1] = extreme(&mut pair.points.iter().copied());
    Pair { points, ..pair.clone() }
}
