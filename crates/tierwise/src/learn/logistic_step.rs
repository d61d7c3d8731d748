//! Gradient and curvature of a logistic fit over one part of a table, as sums that merge.

use super::cholesky::{Cholesky, symmetric_times};
use super::design::LogisticDesign;
use super::design_summary::check_lengths;
use super::kernel::{AddBlock, Block, padded};
use super::partition::{Partition, in_order};
use crate::{Columns, Error, Outcome, Result, Summary};
use std::ops::Range;

/// A scaled pivot below this means that a column is a linear combination of others to twelve digits.
const COLLINEAR: f64 = 1e-12;

/// With a penalty the solution is unique however small the pivots; only rounding can spoil it.
const ROUNDING: f64 = 1e-15;

/// The statistics of one Newton step over one part of a table: log-likelihood, gradient and curvature at a point.
///
/// Parts computed at the same point merge into the statistics of the whole; the merged step is then solved once.
/// The in-memory fit does exactly this with its blocks of rows; across machines:
///
/// ```
/// use tierwise::{Columns, Feature, Outcome, Summary};
/// use tierwise::learn::{DesignSummary, LogisticDesign, LogisticStep};
/// let features = [Feature::number("visits")];
/// let outcome = |won: &[bool]| Outcome::binary("won", won);
/// let (visits, won) = ([0.0, 1.0, 2.0, 3.0, 4.0, 5.0], [false, false, true, false, true, true]);
/// let parts = [
///     (Columns::new(&features, &[("visits", &visits[..2])])?, outcome(&won[..2])),
///     (Columns::new(&features, &[("visits", &visits[2..])])?, outcome(&won[2..])),
/// ];
/// let mut summary = DesignSummary::new(&parts[0].0, &parts[0].1)?;
/// summary.merge(&DesignSummary::new(&parts[1].0, &parts[1].1)?)?;
/// let design = LogisticDesign::new(&summary, 1.0, false)?;
///
/// let mut point = vec![0.0; 1 + design.width()];
/// for _ in 0..8 {
///     let mut step = LogisticStep::new(&design, &point, &parts[0].0, &parts[0].1)?;
///     step.merge(&LogisticStep::new(&design, &point, &parts[1].0, &parts[1].1)?)?;
///     let change = step.solve(&design)?;
///     point.iter_mut().zip(change).for_each(|(value, change)| *value += change);
/// }
/// let slope = point[1] / design.scale(0);
///
/// use tierwise::{Fit, learn::Logistic};
/// let at_once = Logistic::new().fit(&Columns::new(&features, &[("visits", &visits)])?, &outcome(&won))?;
/// assert!((slope - at_once.model.coefficients()[0].estimate).abs() < 1e-12);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticStep {
    rows: usize,
    weight: f64,
    log_likelihood: f64,
    point: Vec<f64>,
    gradient: Vec<f64>,
    curvature: Vec<f64>,
}

impl LogisticStep {
    /// The statistics of one part of a table at `point`: the intercept and one coefficient per column of the
    /// design, on its standardised scale. The penalty is not part of it; [`solve`](Self::solve) adds it once.
    ///
    /// # Errors
    /// [`Error::WrongLength`] when table and outcome differ in length, or the point does not fit the design;
    /// [`Error::CannotMerge`] when the table is bound to other features than the design's.
    pub fn new(design: &LogisticDesign, point: &[f64], data: &Columns<'_>, outcome: &Outcome<'_>) -> Result<Self> {
        check_lengths(data, outcome)?;
        if point.len() != design.width() + 1 {
            return Err(Error::WrongLength {
                what: "the point".into(),
                expected: design.width() + 1,
                found: point.len(),
            });
        }
        if data.features() != design.features {
            return Err(Error::CannotMerge { reason: "the table is bound to other features than the design".into() });
        }
        Self::over(design, point, data, outcome, Partition::new(outcome.values().len(), 1), true)
    }

    /// As [`new`](Self::new) for some blocks of a table that is known to fit; the curvature only if wanted.
    pub(super) fn over(
        design: &LogisticDesign,
        point: &[f64],
        data: &Columns<'_>,
        outcome: &Outcome<'_>,
        partition: Partition,
        curved: bool,
    ) -> Result<Self> {
        let task = |block: &mut Block, task: usize| {
            let mut part = Self::empty(point, curved);
            part.add_blocks(design, data, outcome, partition.blocks(task), block);
            part
        };
        let parts = in_order(partition.tasks(), || Block::new(point.len()), task);
        let mut whole = Self::empty(point, curved);
        parts.iter().try_for_each(|part| whole.merge(part))?;
        Ok(whole)
    }

    fn add_blocks(
        &mut self,
        design: &LogisticDesign,
        data: &Columns<'_>,
        outcome: &Outcome<'_>,
        blocks: impl Iterator<Item = Range<usize>>,
        block: &mut Block,
    ) {
        let size = self.point.len();
        let width = padded(size);
        let mut sums = vec![0.0; if self.is_curved() { width * width } else { 0 }];
        for rows in blocks {
            design.fill(data, outcome, rows, block);
            self.rows += block.rows;
            self.weight += block.weight[..block.rows].iter().sum::<f64>();
            let work = AddBlock { block, point: &self.point, gradient: &mut self.gradient, curvature: &mut sums };
            self.log_likelihood += pulp::Arch::new().dispatch(work);
        }
        for (target, sums) in self.curvature.chunks_exact_mut(size).zip(sums.chunks_exact(width)) {
            target.copy_from_slice(&sums[..size]);
        }
    }

    fn empty(point: &[f64], curved: bool) -> Self {
        Self {
            rows: 0,
            weight: 0.0,
            log_likelihood: 0.0,
            point: point.to_vec(),
            gradient: vec![0.0; point.len()],
            curvature: vec![0.0; if curved { point.len() * point.len() } else { 0 }],
        }
    }

    /// Whether the curvature was computed.
    pub(super) fn is_curved(&self) -> bool {
        !self.curvature.is_empty()
    }

    /// The curvature of the log-likelihood in the intercept: the sum of `w p (1 - p)`.
    pub(super) fn intercept_curvature(&self) -> f64 {
        self.curvature.first().copied().unwrap_or(f64::NAN)
    }

    /// The number of rows summed over.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The sum of the weights of the rows.
    pub fn total_weight(&self) -> f64 {
        self.weight
    }

    /// The log-likelihood at the point, without penalty.
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// The point at which the statistics were computed.
    pub fn point(&self) -> &[f64] {
        &self.point
    }

    /// The objective at the point: negative log-likelihood plus penalty. To be asked of the merged step.
    pub fn objective(&self, design: &LogisticDesign) -> f64 {
        design.penalty(&self.point) - self.log_likelihood
    }

    /// The gradient of the objective at the point. To be asked of the merged step.
    pub fn gradient(&self, design: &LogisticDesign) -> Vec<f64> {
        let penalties = design.penalties.iter().zip(&self.point);
        self.gradient.iter().zip(penalties).map(|(sum, (penalty, value))| sum + penalty * value).collect()
    }

    /// The Newton step from the point: minus the inverse curvature times the gradient, penalty included. To be
    /// asked of the merged step.
    ///
    /// # Errors
    /// [`Error::Collinear`] with the names of the columns that depend on each other.
    pub fn solve(&self, design: &LogisticDesign) -> Result<Vec<f64>> {
        let factor = self.factor(design)?;
        let gradient = self.gradient(design);
        Ok(factor.solve(&gradient).into_iter().map(|change| -change).collect())
    }

    /// The factored curvature of the objective.
    pub(super) fn factor(&self, design: &LogisticDesign) -> Result<Cholesky> {
        let size = self.point.len();
        let mut curvature = self.curvature.clone();
        for (at, penalty) in design.penalties.iter().enumerate() {
            curvature[at * size + at] += penalty;
        }
        Cholesky::new(&curvature, size, if design.is_penalised() { ROUNDING } else { COLLINEAR })
            .map_err(|dependency| Error::Collinear { columns: design.names_of(&dependency.0) })
    }

    /// The variance of `direction · point` at the optimum: `v' F v` with `v = (F + P)⁻¹ direction`, where `F` is the
    /// curvature of the likelihood and `P` the penalty's.
    pub(super) fn variance(&self, factor: &Cholesky, direction: &[f64]) -> f64 {
        let solved = factor.solve(direction);
        let product = symmetric_times(&self.curvature, &solved);
        solved.iter().zip(product).map(|(a, b)| a * b).sum()
    }
}

impl Summary for LogisticStep {
    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.point != other.point {
            return Err(Error::CannotMerge { reason: "they were computed at different coefficients".into() });
        }
        self.rows += other.rows;
        self.weight += other.weight;
        self.log_likelihood += other.log_likelihood;
        self.gradient.iter_mut().zip(&other.gradient).for_each(|(sum, other)| *sum += other);
        self.curvature.iter_mut().zip(&other.curvature).for_each(|(sum, other)| *sum += other);
        Ok(())
    }
}
