//! The least value of a strictly convex quadratic under lower bounds: one Newton step of a constrained fit, exactly.

use super::cholesky::Cholesky;

/// What is solved, and what at its bound.
#[derive(Debug, Clone)]
pub(crate) struct BoundedMinimum {
    pub(crate) change: Vec<f64>,
    /// Whether the unknown is held at its bound, with the objective rising away from it.
    pub(crate) held: Vec<bool>,
}

/// Minimises `gradient · d + d' curvature d / 2` with `d >= lower` (each 0 or below; minus infinity where there is none)
/// by the primal active set method (Nocedal & Wright, *Numerical Optimization*, 2nd ed., algorithm 16.3, for bounds).
///
/// `None` when the curvature is singular.
pub(crate) fn minimise_bounded(curvature: &[f64], gradient: &[f64], lower: &[f64]) -> Option<BoundedMinimum> {
    let size = gradient.len();
    let mut change = vec![0.0; size];
    let mut held: Vec<bool> = (0..size).map(|at| lower[at] == 0.0 && gradient[at] > 0.0).collect();
    let largest = gradient.iter().fold(0.0, |largest: f64, one| largest.max(one.abs()));
    // Each step holds one more unknown or lets one go with a lower objective; far fewer than this are ever needed.
    for _ in 0..20 * (size + 5) {
        let target = solve_free(curvature, gradient, &change, &held)?;
        let (length, blocking) = longest(&change, &target, lower, &held);
        for at in (0..size).filter(|&at| !held[at]) {
            change[at] += length * (target[at] - change[at]);
        }
        if let Some(blocking) = blocking {
            change[blocking] = lower[blocking];
            held[blocking] = true;
            continue;
        }
        let slope = |at: usize| gradient[at] + row_times(curvature, at, &change);
        let worst = (0..size).filter(|&at| held[at]).min_by(|&a, &b| slope(a).total_cmp(&slope(b)));
        match worst {
            Some(at) if slope(at) < -1e-13 * largest => held[at] = false,
            _ => break,
        }
    }
    Some(BoundedMinimum { change, held })
}

/// The inverse of the curvature of the unknowns that are not held, as a full matrix with zeros for those that are.
pub(crate) fn inverse_of_free(curvature: &[f64], held: &[bool]) -> Option<Vec<f64>> {
    let size = held.len();
    let free: Vec<usize> = (0..size).filter(|&at| !held[at]).collect();
    let factor = factor_free(curvature, size, &free)?;
    let mut inverse = vec![0.0; size * size];
    for (column, &at) in free.iter().enumerate() {
        let mut unit = vec![0.0; free.len()];
        unit[column] = 1.0;
        for (&row, value) in free.iter().zip(factor.solve(&unit)) {
            inverse[row * size + at] = value;
        }
    }
    for row in 0..size {
        for column in 0..row {
            let mean = 0.5 * (inverse[row * size + column] + inverse[column * size + row]);
            inverse[row * size + column] = mean;
            inverse[column * size + row] = mean;
        }
    }
    Some(inverse)
}

/// Where the unknowns that are not held would go if they had no bounds.
fn solve_free(curvature: &[f64], gradient: &[f64], change: &[f64], held: &[bool]) -> Option<Vec<f64>> {
    let size = gradient.len();
    let free: Vec<usize> = (0..size).filter(|&at| !held[at]).collect();
    let mut target = change.to_vec();
    if free.is_empty() {
        return Some(target);
    }
    let pull = |&at: &usize| {
        let of_held: f64 =
            (0..size).filter(|&other| held[other]).map(|other| curvature[at * size + other] * change[other]).sum();
        -(gradient[at] + of_held)
    };
    let solved = factor_free(curvature, size, &free)?.solve(&free.iter().map(pull).collect::<Vec<f64>>());
    for (&at, value) in free.iter().zip(solved) {
        target[at] = value;
    }
    Some(target)
}

fn factor_free(curvature: &[f64], size: usize, free: &[usize]) -> Option<Cholesky> {
    const ROUNDING: f64 = 1e-15;
    let entries = free.iter().flat_map(|&row| free.iter().map(move |&column| curvature[row * size + column]));
    Cholesky::new(&entries.collect::<Vec<f64>>(), free.len(), ROUNDING).ok()
}

/// How far the change may go towards the target, and which bound stops it.
fn longest(change: &[f64], target: &[f64], lower: &[f64], held: &[bool]) -> (f64, Option<usize>) {
    let mut found = (1.0, None);
    for at in (0..change.len()).filter(|&at| !held[at] && target[at] < lower[at]) {
        let length = ((lower[at] - change[at]) / (target[at] - change[at])).max(0.0);
        if length < found.0 {
            found = (length, Some(at));
        }
    }
    found
}

fn row_times(matrix: &[f64], row: usize, vector: &[f64]) -> f64 {
    matrix[row * vector.len()..][..vector.len()].iter().zip(vector).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every set of unknowns at their bounds is tried; the best feasible point is the answer.
    fn by_enumeration(curvature: &[f64], gradient: &[f64], lower: &[f64]) -> Vec<f64> {
        let size = gradient.len();
        let value =
            |d: &[f64]| (0..size).map(|at| d[at] * (gradient[at] + 0.5 * row_times(curvature, at, d))).sum::<f64>();
        let mut best = (f64::INFINITY, Vec::new());
        for set in 0..1_usize << size {
            let held: Vec<bool> = (0..size).map(|at| set & (1 << at) != 0).collect();
            let change: Vec<f64> = (0..size).map(|at| if held[at] { lower[at] } else { 0.0 }).collect();
            let point = solve_free(curvature, gradient, &change, &held).unwrap();
            if (0..size).all(|at| point[at] >= lower[at] - 1e-12) && value(&point) < best.0 {
                best = (value(&point), point);
            }
        }
        best.1
    }

    #[test]
    fn finds_what_trying_every_set_of_bounds_finds() {
        const SIZE: usize = 5;
        for case in 0..200_u64 {
            let number = |at: u64| ((case * 7919 + at * 104_729 + case * at * 31) % 1009) as f64 / 1009.0 - 0.5;
            let root: Vec<f64> = (0..25).map(number).collect();
            let curvature: Vec<f64> = (0..25)
                .map(|at| {
                    let (row, column) = (at / SIZE, at % SIZE);
                    let product: f64 = (0..SIZE).map(|k| root[row * SIZE + k] * root[column * SIZE + k]).sum();
                    product + if row == column { 0.05 } else { 0.0 }
                })
                .collect();
            let gradient: Vec<f64> = (30..35).map(number).collect();
            let bounds = [0.0, f64::NEG_INFINITY, -0.3, 0.0, -0.01];
            let found = minimise_bounded(&curvature, &gradient, &bounds).unwrap();
            // Enumeration cannot hold what has no bound.
            let finite: Vec<f64> = bounds.iter().map(|bound| bound.max(-1e6)).collect();
            let expected = by_enumeration(&curvature, &gradient, &finite);
            for (found, expected) in found.change.iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-9, "case {case}: {found} {expected}");
            }
        }
    }

    #[test]
    fn the_inverse_leaves_out_what_is_held() {
        let inverse = inverse_of_free(&[2.0, 1.0, 0.5, 1.0, 3.0, 0.1, 0.5, 0.1, 4.0], &[false, true, false]).unwrap();
        let determinant = 2.0 * 4.0 - 0.25;
        let expected =
            [4.0 / determinant, 0.0, -0.5 / determinant, 0.0, 0.0, 0.0, -0.5 / determinant, 0.0, 2.0 / determinant];
        for (found, expected) in inverse.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-15);
        }
    }
}
