//! The highest point of a log-likelihood whose parameters are all above 0, by Newton's method with a trust radius.

use crate::special::jet::Jet;

/// Parameters run in logarithms, and no farther than this: 100 000. Beyond it models no longer change, while differences of
/// ln Γ lose their digits.
const FARTHEST: f64 = 11.5;

/// No parameter changes by more than this factor, in logarithms, in one step.
const LONGEST_STEP: f64 = 1.5;

const MOST_ROUNDS: usize = 200;

/// A gain of the log-likelihood that no data could show.
const NO_GAIN: f64 = 1e-6;

/// After so many rounds without a gain the surface is flat as far as the digits go.
const ROUNDS_WITHOUT_GAIN: usize = 8;

/// The highest point found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Maximum<const N: usize> {
    /// Logarithms of the parameters.
    pub(super) at: [f64; N],
    pub(super) log_likelihood: f64,
    /// The largest derivative by the logarithm of a parameter.
    pub(super) gradient: f64,
    pub(super) rounds: usize,
    pub(super) converged: bool,
    /// The covariance of the logarithms; none where the point is no strict maximum. A parameter at the end of its range
    /// counts as known, with a variance of 0.
    pub(super) covariance: Option<[[f64; N]; N]>,
}

impl<const N: usize> Maximum<N> {
    /// Whether a parameter ran so far that its exact value says nothing any more.
    pub(super) fn is_at_edge(&self, parameter: usize) -> bool {
        self.at[parameter].abs() > FARTHEST - 1e-6
            || self.covariance.as_ref().is_none_or(|covariance| covariance[parameter][parameter] > 9.0)
    }
}

/// Climbs from each start and keeps the highest point.
pub(super) fn highest<const N: usize>(
    starts: &[[f64; N]],
    log_likelihood: impl Fn(&[f64; N]) -> Jet<N>,
) -> Option<Maximum<N>> {
    let climbed = starts.iter().map(|start| climb(start, &log_likelihood));
    climbed.fold(None, |best: Option<Maximum<N>>, one| match best {
        Some(best) if best.log_likelihood >= one.log_likelihood || one.log_likelihood.is_nan() => Some(best),
        _ => Some(one),
    })
}

/// Climbs from one start.
pub(super) fn climb<const N: usize>(start: &[f64; N], log_likelihood: &impl Fn(&[f64; N]) -> Jet<N>) -> Maximum<N> {
    let mut at = *start;
    let mut here = log_likelihood(&at);
    let (mut damping, mut rounds, mut without_gain, mut converged) = (1e-2, 0, 0, false);
    while rounds < MOST_ROUNDS && !converged {
        rounds += 1;
        let free = free(&at, &here.gradient);
        let Some(step) = damped_step(&here, &free, damping) else {
            damping *= 10.0;
            continue;
        };
        let gain: f64 = step.iter().zip(&here.gradient).map(|(step, slope)| step * slope).sum();
        let next = moved(&at, &step);
        let there = log_likelihood(&next);
        // Close to the top the differences are noise, and Newton's own steps are better than they.
        let settled = gain < NO_GAIN && damping < 1e-6;
        without_gain += usize::from(gain < NO_GAIN);
        converged = without_gain >= ROUNDS_WITHOUT_GAIN;
        if there.value > here.value || settled && there.value.is_finite() {
            let length = step.iter().fold(0.0, |most: f64, step| most.max(step.abs()));
            (at, here) = (next, there);
            damping *= 0.05;
            // An undamped step squares the distance, so that after a short one nothing is left.
            converged |= settled && length < 1e-7;
        } else if gain < NO_GAIN {
            // Nothing is higher within what the sum can tell.
            damping *= 0.05;
        } else {
            damping = (damping * 20.0).max(1e-8);
            if damping > 1e12 {
                break;
            }
        }
    }
    let free = free(&at, &here.gradient);
    let gradient = (0..N).filter(|&i| free[i]).fold(0.0, |most: f64, i| most.max(here.gradient[i].abs()));
    let covariance = covariance(&here, &free);
    Maximum { at, log_likelihood: here.value, gradient, rounds, converged, covariance }
}

/// Which parameters may move: those that do not press against an end of their range.
fn free<const N: usize>(at: &[f64; N], gradient: &[f64; N]) -> [bool; N] {
    std::array::from_fn(|i| at[i].abs() < FARTHEST || at[i] * gradient[i] < 0.0)
}

fn moved<const N: usize>(at: &[f64; N], step: &[f64; N]) -> [f64; N] {
    std::array::from_fn(|i| (at[i] + step[i]).clamp(-FARTHEST, FARTHEST))
}

/// Newton's step with the diagonal raised by `damping`, cut to a length that can be trusted; none where the surface does
/// not bend down.
fn damped_step<const N: usize>(here: &Jet<N>, free: &[bool; N], damping: f64) -> Option<[f64; N]> {
    let mut matrix = negative(&here.hessian);
    let mut right = here.gradient;
    for i in 0..N {
        matrix[i][i] += damping * (matrix[i][i].abs() + 1e-8);
        if !free[i] {
            right[i] = 0.0;
        }
    }
    hold(&mut matrix, free);
    let lower = cholesky(&matrix)?;
    let step = solve(&lower, &right);
    let longest = step.iter().fold(0.0, |most: f64, step| most.max(step.abs()));
    let factor = if longest > LONGEST_STEP { LONGEST_STEP / longest } else { 1.0 };
    longest.is_finite().then(|| step.map(|one| one * factor))
}

/// Takes the parameters that may not move out of a system of equations.
fn hold<const N: usize>(matrix: &mut [[f64; N]; N], free: &[bool; N]) {
    for i in (0..N).filter(|&i| !free[i]) {
        for row in matrix.iter_mut() {
            row[i] = 0.0;
        }
        matrix[i] = [0.0; N];
        matrix[i][i] = 1.0;
    }
}

fn covariance<const N: usize>(here: &Jet<N>, free: &[bool; N]) -> Option<[[f64; N]; N]> {
    let mut information = negative(&here.hessian);
    hold(&mut information, free);
    let mut covariance = inverse(&information)?;
    for i in (0..N).filter(|&i| !free[i]) {
        covariance[i][i] = 0.0;
    }
    Some(covariance)
}

fn negative<const N: usize>(matrix: &[[f64; N]; N]) -> [[f64; N]; N] {
    matrix.map(|row| row.map(|entry| -entry))
}

/// The lower triangle L with L Lᵀ = matrix; none unless the matrix is positive definite beyond rounding.
fn cholesky<const N: usize>(matrix: &[[f64; N]; N]) -> Option<[[f64; N]; N]> {
    let mut lower = [[0.0; N]; N];
    for i in 0..N {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| lower[i][k] * lower[j][k]).sum();
            let left = matrix[i][j] - sum;
            if i == j {
                if left.is_nan() || left <= 1e-13 * matrix[i][i].abs() {
                    return None;
                }
                lower[i][i] = left.sqrt();
            } else {
                lower[i][j] = left / lower[j][j];
            }
        }
    }
    Some(lower)
}

fn solve<const N: usize>(lower: &[[f64; N]; N], right: &[f64; N]) -> [f64; N] {
    let mut x = *right;
    for i in 0..N {
        let sum: f64 = (0..i).map(|k| lower[i][k] * x[k]).sum();
        x[i] = (x[i] - sum) / lower[i][i];
    }
    for i in (0..N).rev() {
        let sum: f64 = (i + 1..N).map(|k| lower[k][i] * x[k]).sum();
        x[i] = (x[i] - sum) / lower[i][i];
    }
    x
}

fn inverse<const N: usize>(matrix: &[[f64; N]; N]) -> Option<[[f64; N]; N]> {
    let lower = cholesky(matrix)?;
    let columns: [[f64; N]; N] =
        std::array::from_fn(|i| solve(&lower, &std::array::from_fn(|k| if k == i { 1.0 } else { 0.0 })));
    // Rounding makes both triangles differ in their last bits.
    Some(std::array::from_fn(|i| std::array::from_fn(|j| 0.5 * (columns[i][j] + columns[j][i]))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// −(a − 2)² − (ln b)² with a, b above 0, and a start far away.
    fn hill(at: &[f64; 2]) -> Jet<2> {
        let [a, b] = std::array::from_fn(|index| Jet::exp_of_parameter(at, index));
        let left = a + -2.0;
        (left * left + b.ln() * b.ln()) * -1.0
    }

    #[test]
    fn finds_the_top_of_a_hill() {
        let top = climb(&[-6.0, 9.0], &hill);
        assert!(top.converged);
        assert!((top.at[0] - 2.0_f64.ln()).abs() < 1e-14 && top.at[1].abs() < 1e-14, "{top:?}");
        // The Hessian by (ln a, ln b) is diag(−8, −2).
        let covariance = top.covariance.unwrap();
        assert!((covariance[0][0] - 0.125).abs() < 1e-12 && (covariance[1][1] - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_slope_without_a_top_ends_at_the_edge() {
        let endless = |at: &[f64; 2]| {
            let [a, b] = std::array::from_fn(|index| Jet::exp_of_parameter(at, index));
            (b.ln() * b.ln() + (a + 1.0).ln() * -1.0) * -1.0
        };
        let top = climb(&[0.0, 1.0], &endless);
        assert!(top.is_at_edge(0) && !top.is_at_edge(1));
        assert!((top.covariance.unwrap()[1][1] - 0.5).abs() < 1e-9);
    }
}
