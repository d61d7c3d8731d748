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

/// A log-likelihood at a point, with its derivatives there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Local {
    pub(super) value: f64,
    pub(super) gradient: Vec<f64>,
    /// By rows.
    pub(super) hessian: Vec<f64>,
}

impl<const N: usize> From<Jet<N>> for Local {
    fn from(jet: Jet<N>) -> Self {
        Self { value: jet.value, gradient: jet.gradient.to_vec(), hessian: jet.hessian.as_flattened().to_vec() }
    }
}

/// The highest point found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Maximum {
    /// The parameters as they run: logarithms, but for coefficients.
    pub(super) at: Vec<f64>,
    pub(super) log_likelihood: f64,
    /// The largest derivative by a parameter.
    pub(super) gradient: f64,
    pub(super) rounds: usize,
    pub(super) converged: bool,
    /// The covariance of the parameters; none where the point is no strict maximum. A parameter at the end of its range
    /// counts as known, with a variance of 0.
    pub(super) covariance: Option<Vec<Vec<f64>>>,
    /// Whether a parameter ran so far that its exact value says nothing any more.
    pub(super) is_at_edge: Vec<bool>,
}

impl Maximum {
    /// The parameters e<sup>at</sup>, where there are as many as the caller knows.
    pub(super) fn exponentials<const N: usize>(&self) -> [f64; N] {
        std::array::from_fn(|index| libm::exp(self.at[index]))
    }

    /// The covariance, where there are as many parameters as the caller knows.
    pub(super) fn covariance_of<const N: usize>(&self) -> Option<[[f64; N]; N]> {
        let covariance = self.covariance.as_ref()?;
        Some(std::array::from_fn(|i| std::array::from_fn(|j| covariance[i][j])))
    }
}

/// How a climb begins and ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// How far the first step is from Newton's own, which leads astray far from a top.
    damping: f64,
    /// It ends where no more than this is to be gained.
    enough: f64,
}

impl Pace {
    /// From anywhere.
    pub(super) const FROM_AFAR: Self = Self { damping: 1e-2, enough: 0.0 };

    /// From next to a top.
    pub(super) const FROM_NEAR: Self = Self { damping: 1e-7, enough: 0.0 };

    /// From anywhere, no farther than next to a top.
    const ROUGHLY: Self = Self { damping: 1e-2, enough: 0.1 };
}

/// Climbs from each start and keeps the highest point.
pub(super) fn highest(starts: &[Vec<f64>], pace: Pace, log_likelihood: impl Fn(&[f64]) -> Local) -> Option<Maximum> {
    let climbed = starts.iter().map(|start| climb(start, pace, &log_likelihood));
    climbed.fold(None, |best: Option<Maximum>, one| match best {
        Some(best) if best.log_likelihood >= one.log_likelihood || one.log_likelihood.is_nan() => Some(best),
        _ => Some(one),
    })
}

/// Points next to the tops to which the starts lead, each top once. Where a parameter runs away it is the start itself, so
/// that others, who determine it, may begin where this one began.
pub(super) fn next_to_tops(starts: Vec<Vec<f64>>, log_likelihood: impl Fn(&[f64]) -> Local) -> Vec<Vec<f64>> {
    let (mut tops, mut endless): (Vec<Vec<f64>>, _) = (Vec::new(), Vec::new());
    for start in starts {
        let is_known = |at: &[f64]| tops.iter().any(|top| is_next_to(top, at));
        let top = climb_until(&start, Pace::ROUGHLY, &log_likelihood, is_known).at;
        if top.iter().any(|at| at.abs() > FARTHEST - 1.0) {
            endless.push(start);
        } else if !is_known(&top) {
            tops.push(top);
        }
    }
    tops.append(&mut endless);
    tops
}

/// Whether a climb from one point would end at the other, if that is a top.
fn is_next_to(top: &[f64], at: &[f64]) -> bool {
    const NEAR: f64 = 0.3;
    top.iter().zip(at).all(|(one, other)| (one - other).abs() < NEAR)
}

/// Climbs from one start.
fn climb(start: &[f64], pace: Pace, log_likelihood: &impl Fn(&[f64]) -> Local) -> Maximum {
    climb_until(start, pace, log_likelihood, |_| false)
}

/// Climbs from one start, no farther than a point at which it is known how it goes on.
fn climb_until(
    start: &[f64],
    pace: Pace,
    log_likelihood: &impl Fn(&[f64]) -> Local,
    is_known: impl Fn(&[f64]) -> bool,
) -> Maximum {
    let mut at = start.to_vec();
    let mut here = log_likelihood(&at);
    let (mut damping, mut rounds, mut without_gain, mut converged) = (pace.damping, 0, 0, false);
    while rounds < MOST_ROUNDS && !converged && !is_known(&at) {
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
        without_gain = if gain < NO_GAIN { without_gain + 1 } else { 0 };
        converged = without_gain >= ROUNDS_WITHOUT_GAIN;
        if there.value > here.value || settled && there.value.is_finite() {
            let length = step.iter().fold(0.0, |most: f64, step| most.max(step.abs()));
            (at, here) = (next, there);
            damping *= 0.05;
            // An undamped step squares the distance, so that after a short one nothing is left.
            converged |= settled && length < 1e-7 || gain < pace.enough && damping < 1e-3;
        } else if gain < NO_GAIN {
            // Nothing is higher within what the sum can tell.
            damping *= 0.05;
        } else {
            damping = (damping * 20.0).max(1e-4);
            if damping > 1e12 {
                break;
            }
        }
    }
    let free = free(&at, &here.gradient);
    let pairs = here.gradient.iter().zip(&free);
    let gradient = pairs.filter(|&(_, &free)| free).fold(0.0, |most: f64, (slope, _)| most.max(slope.abs()));
    let covariance = covariance(&here, &free);
    let unsure = |i: usize| covariance.as_ref().is_none_or(|covariance| covariance[i][i] > 9.0);
    let is_at_edge = (0..at.len()).map(|i| at[i].abs() > FARTHEST - 1e-6 || unsure(i)).collect();
    // What is highest at the end of the range has no top.
    converged &= !at.iter().any(|at| at.abs() > FARTHEST - 1e-6);
    Maximum { at, log_likelihood: here.value, gradient, rounds, converged, covariance, is_at_edge }
}

/// Which parameters may move: those that do not press against an end of their range.
fn free(at: &[f64], gradient: &[f64]) -> Vec<bool> {
    at.iter().zip(gradient).map(|(at, slope)| at.abs() < FARTHEST || at * slope < 0.0).collect()
}

fn moved(at: &[f64], step: &[f64]) -> Vec<f64> {
    at.iter().zip(step).map(|(at, step)| (at + step).clamp(-FARTHEST, FARTHEST)).collect()
}

/// Newton's step with the diagonal raised by `damping`, cut to a length that can be trusted; none where the surface does
/// not bend down.
fn damped_step(here: &Local, free: &[bool], damping: f64) -> Option<Vec<f64>> {
    let size = free.len();
    let mut matrix: Vec<f64> = here.hessian.iter().map(|entry| -entry).collect();
    let mut right = here.gradient.clone();
    for i in 0..size {
        matrix[i * size + i] += damping * (matrix[i * size + i].abs() + 1e-8);
        if !free[i] {
            right[i] = 0.0;
        }
    }
    hold(&mut matrix, free);
    let lower = cholesky(&matrix, size)?;
    let mut step = solve(&lower, right);
    let longest = step.iter().fold(0.0, |most: f64, step| most.max(step.abs()));
    if longest > LONGEST_STEP {
        for one in &mut step {
            *one *= LONGEST_STEP / longest;
        }
    }
    longest.is_finite().then_some(step)
}

/// Takes the parameters that may not move out of a system of equations.
fn hold(matrix: &mut [f64], free: &[bool]) {
    let size = free.len();
    for i in (0..size).filter(|&i| !free[i]) {
        for k in 0..size {
            matrix[k * size + i] = 0.0;
            matrix[i * size + k] = 0.0;
        }
        matrix[i * size + i] = 1.0;
    }
}

fn covariance(here: &Local, free: &[bool]) -> Option<Vec<Vec<f64>>> {
    let size = free.len();
    let mut information: Vec<f64> = here.hessian.iter().map(|entry| -entry).collect();
    hold(&mut information, free);
    let lower = cholesky(&information, size)?;
    let unit = |i: usize| (0..size).map(|k| if k == i { 1.0 } else { 0.0 }).collect();
    let columns: Vec<Vec<f64>> = (0..size).map(|i| solve(&lower, unit(i))).collect();
    // Rounding makes both triangles differ in their last bits.
    let entry = |i: usize, j: usize| if i == j && !free[i] { 0.0 } else { 0.5 * (columns[i][j] + columns[j][i]) };
    Some((0..size).map(|i| (0..size).map(|j| entry(i, j)).collect()).collect())
}

/// The lower triangle L with L Lᵀ = matrix; none unless the matrix is positive definite beyond rounding.
pub(super) fn cholesky(matrix: &[f64], size: usize) -> Option<Vec<f64>> {
    let mut lower = vec![0.0; size * size];
    for i in 0..size {
        for j in 0..=i {
            let sum: f64 = (0..j).map(|k| lower[i * size + k] * lower[j * size + k]).sum();
            let left = matrix[i * size + j] - sum;
            if i == j {
                if left.is_nan() || left <= 1e-13 * matrix[i * size + i].abs() {
                    return None;
                }
                lower[i * size + i] = left.sqrt();
            } else {
                lower[i * size + j] = left / lower[j * size + j];
            }
        }
    }
    Some(lower)
}

/// Solves L Lᵀ x = right.
fn solve(lower: &[f64], right: Vec<f64>) -> Vec<f64> {
    let (mut x, size) = (right, lower.len().isqrt());
    for i in 0..size {
        let sum: f64 = (0..i).map(|k| lower[i * size + k] * x[k]).sum();
        x[i] = (x[i] - sum) / lower[i * size + i];
    }
    for i in (0..size).rev() {
        let sum: f64 = (i + 1..size).map(|k| lower[k * size + i] * x[k]).sum();
        x[i] = (x[i] - sum) / lower[i * size + i];
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    /// −(a − 2)² − (ln b)² with a, b above 0, and a start far away.
    fn hill(at: &[f64]) -> Local {
        let [a, b] = std::array::from_fn(|index| Jet::<2>::exp_of_parameter(&[at[0], at[1]], index));
        let left = a + -2.0;
        ((left * left + b.ln() * b.ln()) * -1.0).into()
    }

    #[test]
    fn finds_the_top_of_a_hill() {
        let top = climb(&[-6.0, 9.0], Pace::FROM_AFAR, &hill);
        assert!(top.converged);
        assert!((top.at[0] - 2.0_f64.ln()).abs() < 1e-14 && top.at[1].abs() < 1e-14, "{top:?}");
        // The Hessian by (ln a, ln b) is diag(−8, −2).
        let covariance = top.covariance.unwrap();
        assert!((covariance[0][0] - 0.125).abs() < 1e-12 && (covariance[1][1] - 0.5).abs() < 1e-12);
    }

    /// ln(1 + a) − (ln b)².
    fn endless(at: &[f64]) -> Local {
        let [a, b] = std::array::from_fn(|index| Jet::<2>::exp_of_parameter(&[at[0], at[1]], index));
        ((b.ln() * b.ln() + (a + 1.0).ln() * -1.0) * -1.0).into()
    }

    #[test]
    fn a_rough_climb_ends_next_to_the_top_or_where_it_began() {
        let near = next_to_tops(vec![vec![-6.0, 9.0]], hill);
        let off = (near[0][0] - 2.0_f64.ln()).abs().max(near[0][1].abs());
        assert!(off < 0.1 && off > 1e-14, "{near:?}");
        assert_eq!(next_to_tops(vec![vec![0.0, 1.0]], endless), [[0.0, 1.0]]);
    }

    #[test]
    fn a_slope_without_a_top_ends_at_the_edge() {
        let top = climb(&[0.0, 1.0], Pace::FROM_AFAR, &endless);
        assert_eq!(top.is_at_edge, [true, false]);
        assert!((top.covariance.unwrap()[1][1] - 0.5).abs() < 1e-9);
    }
}
