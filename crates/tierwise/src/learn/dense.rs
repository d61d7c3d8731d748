//! Log-likelihood, gradient and curvature of a logistic model whose columns lie ready in memory: for fits that are
//! constrained, or repeated on parts of a table, and so do not go through a design.

use super::kernel::{AddBlock, Block, padded};
use super::partition::{BLOCK, in_order};
use std::ops::Range;

/// Columns of equal length, and per row the outcome (1 or 0) and its weight.
#[derive(Debug, Clone)]
pub(crate) struct DenseTable {
    pub(crate) columns: Vec<Vec<f64>>,
    pub(crate) outcome: Vec<f64>,
    pub(crate) weight: Vec<f64>,
}

/// What a table says at one point, the intercept first.
#[derive(Debug, Clone)]
pub(crate) struct DenseStep {
    pub(crate) log_likelihood: f64,
    /// Of the negative log-likelihood.
    pub(crate) gradient: Vec<f64>,
    /// Of the negative log-likelihood, by rows, symmetric; empty when not asked for.
    pub(crate) curvature: Vec<f64>,
}

impl DenseTable {
    pub(crate) fn rows(&self) -> usize {
        self.outcome.len()
    }

    /// The statistics of all rows but those of `without`.
    pub(crate) fn step(&self, without: &Range<usize>, point: &[f64], curved: bool) -> DenseStep {
        const BLOCKS_PER_TASK: usize = 16;
        let size = point.len();
        let width = padded(size);
        let blocks: Vec<Range<usize>> =
            blocks_of(0..without.start).chain(blocks_of(without.end..self.rows())).collect();
        let tasks: Vec<&[Range<usize>]> = blocks.chunks(BLOCKS_PER_TASK.max(blocks.len().div_ceil(64))).collect();
        let parts = in_order(
            tasks.len(),
            || Block::new(size),
            |block, task| {
                let mut gradient = vec![0.0; size];
                let mut curvature = vec![0.0; if curved { width * width } else { 0 }];
                let mut log_likelihood = 0.0;
                for rows in tasks[task] {
                    self.fill(rows.clone(), block);
                    let work = AddBlock { block, point, gradient: &mut gradient, curvature: &mut curvature };
                    log_likelihood += pulp::Arch::new().dispatch(work);
                }
                (log_likelihood, gradient, curvature)
            },
        );
        let mut whole = DenseStep {
            log_likelihood: 0.0,
            gradient: vec![0.0; size],
            curvature: vec![0.0; if curved { size * size } else { 0 }],
        };
        for (log_likelihood, gradient, curvature) in parts {
            whole.log_likelihood += log_likelihood;
            whole.gradient.iter_mut().zip(gradient).for_each(|(sum, part)| *sum += part);
            for (target, part) in whole.curvature.chunks_exact_mut(size).zip(curvature.chunks_exact(width)) {
                target.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
            }
        }
        whole.mirror();
        whole
    }

    /// The log-odds of each row of `rows` at a point.
    pub(crate) fn log_odds(&self, rows: Range<usize>, point: &[f64]) -> Vec<f64> {
        let mut log_odds = vec![point[0]; rows.len()];
        for (column, &coefficient) in self.columns.iter().zip(&point[1..]) {
            let pairs = log_odds.iter_mut().zip(&column[rows.clone()]);
            pairs.for_each(|(sum, value)| *sum += coefficient * value);
        }
        log_odds
    }

    fn fill(&self, rows: Range<usize>, block: &mut Block) {
        let count = rows.len();
        block.rows = count;
        let padded_copy = |from: &[f64], to: &mut [f64]| {
            to[..count].copy_from_slice(from);
            to[count..].fill(0.0);
        };
        padded_copy(&self.outcome[rows.clone()], &mut block.outcome);
        padded_copy(&self.weight[rows.clone()], &mut block.weight);
        block.log_odds.fill(0.0);
        let (ones, targets) = block.columns_mut().split_at_mut(BLOCK);
        ones[..count].fill(1.0);
        ones[count..].fill(0.0);
        for (column, target) in self.columns.iter().zip(targets.chunks_exact_mut(BLOCK)) {
            padded_copy(&column[rows.clone()], target);
        }
    }
}

impl DenseStep {
    /// Copies the lower triangle, which is what is summed, to the upper one.
    fn mirror(&mut self) {
        if self.curvature.is_empty() {
            return;
        }
        let size = self.gradient.len();
        for row in 0..size {
            for column in 0..row {
                self.curvature[column * size + row] = self.curvature[row * size + column];
            }
        }
    }
}

fn blocks_of(rows: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    rows.clone().step_by(BLOCK).map(move |start| start..(start + BLOCK).min(rows.end))
}
