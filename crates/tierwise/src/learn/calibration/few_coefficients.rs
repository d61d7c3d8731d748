//! The logistic fit of two or three coefficients, to the last digits that the data determine.
//!
//! [`Logistic`](crate::learn::Logistic) is made for many columns and stops within a tolerance. Here there are few, the
//! targets may be fractions (Platt), and the intercept may be missing (beta calibration with its midpoint fixed).

use crate::learn::cholesky::Cholesky;
use crate::learn::{probability, softplus};
use crate::{Error, Result};

/// One observation: what the coefficients multiply, and the weights of yes and no.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub(super) of: Vec<f64>,
    pub(super) yes: f64,
    pub(super) no: f64,
}

/// How a fit ends.
#[derive(Debug, Clone)]
pub(super) enum End {
    /// The likelihood has a maximum.
    Maximum(Maximum),
    /// It grows for ever in a direction, because that parts yes from no.
    Runs {
        /// What the coefficients run to, up to a factor.
        towards: Vec<f64>,
        /// How many cases become certain.
        cases: usize,
    },
}

impl End {
    /// # Errors
    /// [`Error::Separation`] where there is no maximum.
    pub(super) fn maximum(self) -> Result<Maximum> {
        match self {
            Self::Maximum(maximum) => Ok(maximum),
            Self::Runs { cases, .. } => Err(separation(cases)),
        }
    }
}

/// The maximum of the likelihood.
#[derive(Debug, Clone)]
pub(super) struct Maximum {
    /// 0 where there is none.
    pub(super) intercept: f64,
    pub(super) coefficients: Vec<f64>,
    pub(super) iterations: usize,
    /// The negative log-likelihood.
    pub(super) objective: f64,
    /// The largest absolute component of its gradient, per unit of the largest value in a column.
    pub(super) gradient: f64,
}

const LIMIT: usize = 200;

/// Maximises the likelihood of `log-odds = intercept + Σ coefficient · value`, by Newton's method with step halving.
/// A column that is constant gets the coefficient 0.
pub(super) fn maximise(cases: &[Case], with_intercept: bool) -> Result<End> {
    let scaled = Scaled::new(cases, with_intercept);
    let weight: f64 = cases.iter().map(|case| case.yes + case.no).sum();
    let mut point = scaled.start();
    let mut state = scaled.state(&point);
    let mut last_decrement = f64::INFINITY;
    for iteration in 1..=LIMIT {
        let Ok(factor) = Cholesky::new(&state.curvature, point.len(), 1e-13) else {
            return Err(why_singular(&state, iteration));
        };
        let change: Vec<f64> = factor.solve(&state.gradient).iter().map(|value| -value).collect();
        let decrement = -state.gradient.iter().zip(&change).map(|(a, b)| a * b).sum::<f64>();
        let moves = scaled.moves(&change);
        if moves.separate() && decrement <= 1e-6 * weight {
            return Ok(End::Runs { towards: scaled.coefficients(&change), cases: moves.cases });
        }
        let near = decrement <= 1e-10 * weight && moves.reach() <= 1e-4;
        // From here on every step doubles the digits, until rounding stops them.
        if decrement <= 0.0 || near && decrement >= 0.25 * last_decrement {
            return Ok(End::Maximum(scaled.maximum(&point, &state, iteration)));
        }
        last_decrement = if near { decrement } else { f64::INFINITY };
        match scaled.search(&point, &state, &change, decrement) {
            Some(next) => (point, state) = next,
            None if near => return Ok(End::Maximum(scaled.maximum(&point, &state, iteration))),
            None => return Err(not_converged(iteration, &state)),
        }
    }
    Err(not_converged(LIMIT, &state))
}

fn why_singular(state: &State, iteration: usize) -> Error {
    const CERTAIN: f64 = 25.0;
    let certain = state.log_odds.iter().filter(|log_odds| log_odds.abs() > CERTAIN).count();
    if certain > 0 {
        return separation(certain);
    }
    not_converged(iteration, state)
}

fn separation(rows: usize) -> Error {
    let advice = "Check that the model was not fitted on these rows, or calibrate with `platt`, which holds the line";
    Error::Separation { columns: vec!["scores".into()], rows, advice: advice.into() }
}

fn not_converged(iterations: usize, state: &State) -> Error {
    let reason =
        "the scores all but separate the outcome, or differ too little to be told apart. Calibrate with `platt`";
    Error::NotConverged { iterations, gradient: largest(&state.gradient), reason: reason.into() }
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()))
}

/// The cases with every column centred (where there is an intercept) and divided by its largest value: neither the
/// unit of the scores nor where they lie changes the course of the fit.
struct Scaled<'a> {
    cases: &'a [Case],
    with_intercept: bool,
    /// The columns that vary, with their centres and units.
    columns: Vec<(usize, f64, f64)>,
    /// One row per case, a leading 1 for the intercept.
    values: Vec<Vec<f64>>,
}

struct State {
    log_odds: Vec<f64>,
    objective: f64,
    gradient: Vec<f64>,
    /// By rows.
    curvature: Vec<f64>,
}

impl<'a> Scaled<'a> {
    fn new(cases: &'a [Case], with_intercept: bool) -> Self {
        let width = cases.first().map_or(0, |case| case.of.len());
        let weight: f64 = cases.iter().map(|case| case.yes + case.no).sum();
        let column = |at: usize| {
            let mean = cases.iter().map(|case| (case.yes + case.no) / weight * case.of[at]).sum::<f64>();
            let center = if with_intercept { mean } else { 0.0 };
            (at, center, cases.iter().fold(0.0, |most: f64, case| most.max((case.of[at] - center).abs())))
        };
        // Around its mean a constant column is not 0 but a rounding error away from it.
        let varies = |at: &usize| !with_intercept || cases.iter().any(|case| case.of[*at] != cases[0].of[*at]);
        let columns: Vec<(usize, f64, f64)> =
            (0..width).filter(varies).map(column).filter(|(.., unit)| *unit > 0.0).collect();
        let row = |case: &Case| {
            let scaled = columns.iter().map(|(at, center, unit)| (case.of[*at] - center) / unit);
            with_intercept.then_some(1.0).into_iter().chain(scaled).collect()
        };
        let values = cases.iter().map(row).collect();
        Self { cases, with_intercept, columns, values }
    }

    /// The base rate.
    fn start(&self) -> Vec<f64> {
        let mut point = vec![0.0; self.columns.len() + usize::from(self.with_intercept)];
        if self.with_intercept {
            let (yes, no) = self.cases.iter().fold((0.0, 0.0), |(yes, no), case| (yes + case.yes, no + case.no));
            point[0] = libm::log(yes / no);
        }
        point
    }

    fn state(&self, point: &[f64]) -> State {
        let width = point.len();
        let mut state = State {
            log_odds: Vec::with_capacity(self.cases.len()),
            objective: 0.0,
            gradient: vec![0.0; width],
            curvature: vec![0.0; width * width],
        };
        for (case, values) in self.cases.iter().zip(&self.values) {
            let log_odds: f64 = values.iter().zip(point).map(|(value, by)| value * by).sum();
            let chance = probability(log_odds);
            let other = probability(-log_odds);
            state.log_odds.push(log_odds);
            state.objective += case.yes * softplus(-log_odds) + case.no * softplus(log_odds);
            let pull = case.no * chance - case.yes * other;
            let curve = (case.yes + case.no) * chance * other;
            for (at, value) in values.iter().enumerate() {
                state.gradient[at] += pull * value;
                for (place, other) in values.iter().enumerate() {
                    state.curvature[at * width + place] += curve * value * other;
                }
            }
        }
        state
    }

    /// Halves the step until the objective falls by a share of what was promised (Armijo's rule).
    fn search(&self, point: &[f64], state: &State, change: &[f64], decrement: f64) -> Option<(Vec<f64>, State)> {
        let rounding = 64.0 * f64::EPSILON * state.objective;
        (0..60).find_map(|halving| {
            let length = 0.5_f64.powi(halving);
            let next: Vec<f64> = point.iter().zip(change).map(|(value, by)| value + length * by).collect();
            let there = self.state(&next);
            (there.objective <= state.objective - 1e-4 * length * decrement + rounding).then_some((next, there))
        })
    }

    fn moves(&self, change: &[f64]) -> Moves {
        let mut moves = Moves { forward: 0.0, backward: 0.0, cases: 0 };
        for (case, values) in self.cases.iter().zip(&self.values) {
            let by: f64 = values.iter().zip(change).map(|(value, by)| value * by).sum();
            let (up, down) = (by.max(0.0), (-by).max(0.0));
            if case.yes > 0.0 {
                moves.forward = moves.forward.max(up);
                moves.backward = moves.backward.max(down);
            }
            if case.no > 0.0 {
                moves.forward = moves.forward.max(down);
                moves.backward = moves.backward.max(up);
            }
            moves.cases += usize::from(up.max(down) > 1e-6);
        }
        moves
    }

    /// The coefficients of the columns as they were given.
    fn coefficients(&self, point: &[f64]) -> Vec<f64> {
        let mut coefficients = vec![0.0; self.cases.first().map_or(0, |case| case.of.len())];
        for ((at, _, unit), slope) in self.columns.iter().zip(&point[usize::from(self.with_intercept)..]) {
            coefficients[*at] = slope / unit;
        }
        coefficients
    }

    fn maximum(&self, point: &[f64], state: &State, iterations: usize) -> Maximum {
        let coefficients = self.coefficients(point);
        let (intercept, slopes) = point.split_at(usize::from(self.with_intercept));
        let moved = self.columns.iter().zip(slopes).map(|((_, center, unit), slope)| slope * (center / unit));
        let intercept = intercept.first().map_or(0.0, |intercept| moved.fold(*intercept, |sum, by| sum - by));
        let (objective, gradient) = (state.objective, largest(&state.gradient));
        Maximum { intercept, coefficients, iterations, objective, gradient }
    }
}

/// How the cases move along a step: towards their outcome, or away from it.
struct Moves {
    forward: f64,
    backward: f64,
    cases: usize,
}

impl Moves {
    fn reach(&self) -> f64 {
        self.forward.max(self.backward)
    }

    /// Along such a direction no case becomes less likely (Albert & Anderson 1984), so there is no maximum.
    fn separate(&self) -> bool {
        self.forward >= 0.1 && self.backward <= 1e-6 * self.forward
    }
}
