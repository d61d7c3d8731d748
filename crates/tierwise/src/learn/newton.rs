//! Newton's method with step halving for the penalised logistic objective, and the reasons when it cannot converge.

use super::cholesky::Cholesky;
use super::design::LogisticDesign;
use super::kernel::Block;
use super::logistic_step::LogisticStep;
use super::partition::{Partition, in_order};
use crate::error::PENALISE;
use crate::{Columns, Error, Outcome, Progress, Result};
use std::ops::ControlFlow;

/// The furthest that the last step may move any row's log-odds when the curvature is wanted.
const FURTHEST: f64 = 1e-6;

const STUCK: &str = "no step along the Newton direction lowers the objective; the columns are nearly collinear. Drop some, or raise `alpha`";
const TOO_FEW: &str = "the limit was reached first; raise `max_iterations`, or `alpha` if it is very small";
const TOO_LITTLE_PENALTY: &str =
    "the columns are collinear and `alpha` is too small to tell them apart. Drop some, or raise `alpha`";
const HUGE_OFFSETS: &str = "the offsets are so large or so far apart that rows are certain whatever the coefficients. Offsets are added to the log-odds; check their unit, and leave out rows that are certain";
const NEARLY_SINGULAR: &str = "the curvature vanished; the columns are nearly collinear or nearly separate the outcome. Drop some, or raise `alpha`";

/// One objective to be minimised.
#[derive(Debug, Clone, Copy)]
pub(super) struct Problem<'a> {
    pub(super) design: &'a LogisticDesign,
    pub(super) data: &'a Columns<'a>,
    pub(super) outcome: &'a Outcome<'a>,
    /// The intercept that gives the base rate.
    pub(super) start: f64,
    /// The mean weight. What is compared with a fixed number is in this unit, so that the scale of weights and
    /// penalty together does not matter.
    pub(super) unit: f64,
}

/// When to stop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) iterations: usize,
    /// The distance from the optimum in units of standard errors: root of `gradient' · curvature⁻¹ · gradient`.
    pub(super) tolerance: f64,
    /// Whether the curvature at the optimum is wanted as well.
    pub(super) curved: bool,
}

/// Where the objective is least.
#[derive(Debug, Clone)]
pub(super) struct Minimum {
    pub(super) point: Vec<f64>,
    /// The statistics before the last change of the point, which is within the tolerance.
    pub(super) step: LogisticStep,
    /// The factored curvature; that of `step` where the curvature was wanted.
    pub(super) factor: Cholesky,
    pub(super) iterations: usize,
}

/// Where to begin.
#[derive(Debug, Clone)]
struct Start {
    point: Vec<f64>,
    /// A sample's curvature, scaled up to the whole.
    factor: Option<Cholesky>,
}

/// A change of the point and what it promises.
#[derive(Debug)]
struct Direction {
    change: Vec<f64>,
    /// The root of the Newton decrement: the distance from the optimum in standard errors, were the mean weight 1.
    distance: f64,
}

/// Minimises the objective.
///
/// A large table is first fitted on every 64th and every 8th block of rows, because a start that is a few standard
/// errors away saves passes over the whole. Should the fit from there fail, it is done again from the base rate, so
/// that an odd sample costs time but never the answer.
pub(super) fn minimise(
    problem: Problem<'_>,
    limits: Limits,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Minimum> {
    let start = problem.sampled_start();
    let sampled = start.factor.is_some();
    match problem.descend(start, limits, progress) {
        Err(error) if sampled && !matches!(error, Error::Cancelled { .. }) => {
            problem.descend(problem.base_rate(), limits, progress)
        }
        result => result,
    }
}

impl Problem<'_> {
    fn rows(&self) -> usize {
        self.outcome.values().len()
    }

    fn base_rate(&self) -> Start {
        let mut point = vec![0.0; self.design.width() + 1];
        point[0] = self.start;
        Start { point, factor: None }
    }

    pub(super) fn evaluate(&self, point: &[f64], stride: usize, curved: bool) -> Result<LogisticStep> {
        let partition = Partition::new(self.rows(), stride);
        LogisticStep::over(self.design, point, self.data, self.outcome, partition, curved)
    }

    /// The optimum of ever larger samples, to within their own sampling error.
    fn sampled_start(&self) -> Start {
        const STRIDES: [usize; 2] = [64, 8];
        const ROWS_PER_COLUMN: usize = 30;
        let mut start = self.base_rate();
        for stride in STRIDES {
            if self.rows() / stride >= 1024.max(ROWS_PER_COLUMN * start.point.len()) {
                // A sample may be separated or lack a level; then the start stays what it was.
                if let Some(better) = self.descend_sample(&start.point, stride) {
                    start = better;
                }
            }
        }
        start
    }

    fn descend_sample(&self, start: &[f64], stride: usize) -> Option<Start> {
        const STEPS: usize = 12;
        /// About as many rows of the rarer outcome.
        const ENOUGH: f64 = 30.0;
        let mut sampled = self.design.clone();
        sampled.penalties.iter_mut().for_each(|penalty| *penalty /= stride as f64);
        let problem = Problem { design: &sampled, ..*self };
        let mut step = problem.evaluate(start, stride, true).ok()?;
        for _ in 0..STEPS {
            if step.intercept_curvature() < ENOUGH * self.unit {
                return None;
            }
            let factor = step.factor(&sampled).ok()?;
            let direction = problem.direction(&step, &factor);
            if direction.distance < 1.0 {
                let point = moved(step.point(), &direction.change, 1.0);
                return Some(Start { point, factor: Some(factor.times(stride as f64)) });
            }
            step = problem.search(&step, &direction, stride, true).ok()??;
        }
        None
    }

    /// Newton's method on all rows. Where a pass over the rows is dear, a curvature serves several steps as long as
    /// each comes far closer to the optimum (the chord method).
    fn descend(
        &self,
        start: Start,
        limits: Limits,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Minimum> {
        let mut step = self.evaluate(&start.point, 1, start.factor.is_none())?;
        let mut factor = start.factor;
        let mut last: Option<Direction> = None;
        for iteration in 1..=limits.iterations {
            let objective = step.objective(self.design);
            if progress(Progress { step: iteration, limit: limits.iterations, objective }).is_break() {
                return Err(Error::Cancelled { steps: iteration - 1 });
            }
            let current = match factor.take().filter(|_| !step.is_curved()) {
                Some(factor) => factor,
                None => step.factor(self.design).map_err(|_| self.why_singular(&step, last.as_ref(), iteration))?,
            };
            let direction = self.direction(&step, &current);
            if step.is_curved() {
                self.check_separation(&step, &direction, iteration, limits.tolerance)?;
            }
            let rate = self.rate(&step, &direction, last.as_ref());
            if self.is_last(&step, &direction, rate, last.as_ref(), limits) {
                let point = moved(step.point(), &direction.change, 1.0);
                return Ok(Minimum { point, step, factor: current, iterations: iteration });
            }
            let curved = self.wants_curvature(&direction, rate, limits);
            step = match self.search(&step, &direction, 1, curved)? {
                Some(next) => next,
                None if !step.is_curved() => self.evaluate(step.point(), 1, true)?,
                None => return Err(self.stuck(&step, iteration, STUCK)),
            };
            factor = Some(current);
            last = Some(direction);
        }
        Err(self.stuck(&step, limits.iterations, TOO_FEW))
    }

    fn direction(&self, step: &LogisticStep, factor: &Cholesky) -> Direction {
        let gradient = step.gradient(self.design);
        let mut change = factor.solve(&gradient);
        for value in &mut change {
            *value = -*value;
        }
        let decrement: f64 = -gradient.iter().zip(&change).map(|(a, b)| a * b).sum::<f64>();
        Direction { change, distance: (decrement.max(0.0) / self.unit).sqrt() }
    }

    /// The share of the distance that will be left after this step: seen in the last one where the curvature is an
    /// older one, and otherwise the typical change of a row's log-odds, by which the curvature changes on the way.
    fn rate(&self, step: &LogisticStep, direction: &Direction, last: Option<&Direction>) -> f64 {
        match last {
            _ if step.is_curved() => direction.distance / (step.intercept_curvature() / self.unit).sqrt(),
            Some(last) => direction.distance / last.distance,
            None => 1.0,
        }
    }

    /// Whether the point after this step is close enough, so that nothing more need be computed there.
    fn is_last(
        &self,
        step: &LogisticStep,
        direction: &Direction,
        rate: f64,
        last: Option<&Direction>,
        limits: Limits,
    ) -> bool {
        // Standard errors are right to eight digits when the log-odds, by which the curvature changes, move no
        // more than this in the last step.
        const TYPICAL: f64 = 2e-8;
        let reach = self.design.reach(&direction.change);
        if limits.curved && !step.is_curved() {
            return false;
        }
        // Below what the objective resolves, a decrement that no longer falls is rounding.
        let objective = step.objective(self.design).abs() / self.unit;
        let at_rounding = direction.distance.powi(2) <= 4.0 * f64::EPSILON * objective
            && last.is_some_and(|last| direction.distance > 0.5 * last.distance);
        let left = direction.distance * if step.is_curved() { reach } else { rate };
        let settled = !limits.curved || (rate <= TYPICAL && reach <= FURTHEST);
        at_rounding || direction.distance <= limits.tolerance || (left <= limits.tolerance && settled)
    }

    /// Whether to compute the curvature at the next point: always when it is cheap or the old one leads on slowly,
    /// and when the next point is expected to be the last and its curvature is wanted.
    fn wants_curvature(&self, direction: &Direction, rate: f64, limits: Limits) -> bool {
        const CHEAP_ROWS: usize = 16_384;
        const SLOW: f64 = 1e-2;
        let (distance, reach) = (rate * direction.distance, rate * self.design.reach(&direction.change));
        let settles = reach <= FURTHEST && distance * reach <= limits.tolerance;
        self.rows() < CHEAP_ROWS || rate > SLOW || (limits.curved && settles)
    }

    /// Halves the step until the objective falls by a share of what was promised (Armijo's rule).
    fn search(
        &self,
        step: &LogisticStep,
        direction: &Direction,
        stride: usize,
        curved: bool,
    ) -> Result<Option<LogisticStep>> {
        const SHARE: f64 = 1e-4;
        const HALVINGS: i32 = 40;
        let objective = step.objective(self.design);
        let rounding = 64.0 * f64::EPSILON * objective.abs();
        for halving in 0..HALVINGS {
            let length = 0.5_f64.powi(halving);
            let next = self.evaluate(&moved(step.point(), &direction.change, length), stride, curved)?;
            let enough = objective - SHARE * length * direction.distance.powi(2) * self.unit;
            if next.objective(self.design) <= enough + rounding {
                return Ok(Some(next));
            }
        }
        Ok(None)
    }

    /// Refuses a fit whose objective has all but reached its infimum while some rows' log-odds still run away.
    ///
    /// The maximum likelihood estimate exists unless there is a direction along which no row's own outcome becomes
    /// less likely (Albert & Anderson 1984, *Biometrika* 71(1)). The Newton step becomes such a direction: it
    /// keeps moving the separated rows by about 1 while its promised decrease vanishes. The property itself is
    /// checked on all rows, so data that are merely close to separation are fitted.
    fn check_separation(
        &self,
        step: &LogisticStep,
        direction: &Direction,
        iteration: usize,
        tolerance: f64,
    ) -> Result<()> {
        const NEAR: f64 = 1e-2;
        const RUNS: f64 = 0.1;
        if self.design.is_penalised() || direction.distance > NEAR || self.design.reach(&direction.change) < RUNS {
            return Ok(());
        }
        let moves = self.moves(&direction.change);
        let runs = moves.forward.max(moves.backward) >= RUNS;
        let separates = moves.backward <= 1e-6 * moves.forward;
        if runs && !separates && direction.distance <= tolerance && self.has_huge_offsets() {
            return Err(self.stuck(step, iteration, HUGE_OFFSETS));
        }
        if runs && (separates || direction.distance <= tolerance) {
            return Err(self.separation(direction, moves.rows));
        }
        Ok(())
    }

    fn separation(&self, direction: &Direction, rows: usize) -> Error {
        const SHARE: f64 = 0.05;
        let slopes = &direction.change[1..];
        let largest = slopes.iter().fold(0.0, |largest: f64, slope| largest.max(slope.abs()));
        let running: Vec<usize> = (1..=slopes.len()).filter(|&at| slopes[at - 1].abs() > SHARE * largest).collect();
        Error::Separation { columns: self.design.names_of(&running), rows, advice: PENALISE.into() }
    }

    /// How a change of the point moves the rows: towards their own outcome, or away from it.
    fn moves(&self, change: &[f64]) -> Moves {
        let partition = Partition::new(self.rows(), 1);
        let per_task = in_order(
            partition.tasks(),
            || Block::new(change.len()),
            |block, task| {
                let mut moves = Vec::new();
                for rows in partition.blocks(task) {
                    self.design.fill(self.data, self.outcome, rows, block);
                    moves.extend(block.moves(change));
                }
                moves
            },
        );
        let moves = || per_task.iter().flatten();
        let forward = moves().fold(0.0, |most: f64, &by| most.max(by));
        let backward = moves().fold(0.0, |most: f64, &by| most.max(-by));
        Moves { forward, backward, rows: moves().filter(|&&by| by > 1e-6 * forward).count() }
    }

    /// Why the curvature is singular: at the base rate it shows the columns alone, and a dependency among them.
    fn why_singular(&self, step: &LogisticStep, last: Option<&Direction>, iteration: usize) -> Error {
        if self.design.is_penalised() || self.has_huge_offsets() {
            return self.stuck(step, iteration, TOO_LITTLE_PENALTY);
        }
        if let Err(error) = self.evaluate(&self.base_rate().point, 1, true).and_then(|step| step.factor(self.design)) {
            return error;
        }
        if let Some(last) = last {
            let moves = self.moves(&last.change);
            if moves.backward <= 1e-6 * moves.forward {
                return self.separation(last, moves.rows);
            }
        }
        self.stuck(step, iteration, NEARLY_SINGULAR)
    }

    /// Whether offsets are such that, at one intercept, some rows are certain to the last digit, or that the sum of
    /// the two has no digits left.
    fn has_huge_offsets(&self) -> bool {
        const CERTAIN: f64 = 36.0;
        const COARSE: f64 = 1e8;
        let Some(offsets) = self.outcome.row_offsets() else { return false };
        let counts = |row: usize| self.outcome.row_weights().is_none_or(|weights| weights[row] > 0.0);
        let counted = || offsets.iter().enumerate().filter(|&(row, _)| counts(row)).map(|(_, &offset)| offset);
        counted().any(|offset| (offset + self.start).abs() > CERTAIN || offset.abs() > COARSE)
    }

    fn stuck(&self, step: &LogisticStep, iterations: usize, reason: &str) -> Error {
        let reason = if self.has_huge_offsets() { HUGE_OFFSETS } else { reason };
        Error::NotConverged { iterations, gradient: largest(&step.gradient(self.design)), reason: reason.into() }
    }
}

/// How rows move along a direction, with weight above 0.
#[derive(Debug)]
struct Moves {
    /// The furthest towards the row's own outcome.
    forward: f64,
    /// The furthest away from it.
    backward: f64,
    /// Rows that move towards their outcome.
    rows: usize,
}

impl Block {
    fn moves(&self, change: &[f64]) -> Vec<f64> {
        let stride = self.outcome.len();
        let along =
            |row: usize| change.iter().enumerate().map(|(at, by)| by * self.columns()[at * stride + row]).sum::<f64>();
        let counted = (0..self.rows).filter(|&row| self.weight[row] > 0.0);
        counted.map(|row| if self.outcome[row] == 1.0 { along(row) } else { -along(row) }).collect()
    }
}

/// The largest absolute value.
pub(super) fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()))
}

fn moved(point: &[f64], change: &[f64], length: f64) -> Vec<f64> {
    point.iter().zip(change).map(|(value, change)| value + length * change).collect()
}
