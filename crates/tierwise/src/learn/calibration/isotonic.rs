//! Isotonic calibration: the likeliest probabilities that never fall as the score rises.

use super::ties::{LARGEST, Tie};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// A stretch of scores that share one probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RateBlock {
    /// The lowest score seen in it.
    pub from: f64,
    /// The highest score seen in it.
    pub to: f64,
    /// The share of the positive class in it, by weight.
    pub probability: f64,
}

/// Ties that stand side by side, pooled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pool {
    /// The positions of the first and the last.
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) sums: Tie,
}

/// Pools neighbours until the rates rise from pool to pool ("pool adjacent violators": Ayer, Brunk, Ewing, Reid &
/// Silverman 1955, *An empirical distribution function for sampling with incomplete information*).
pub(super) fn pool_adjacent_violators(ties: &[Tie]) -> Vec<Pool> {
    let mut pools: Vec<Pool> = Vec::new();
    for (at, tie) in ties.iter().enumerate() {
        let mut next = Pool { first: at, last: at, sums: *tie };
        while let Some(before) = pools.pop_if(|before| before.sums.rate() >= next.sums.rate()) {
            next.first = before.first;
            next.sums.yes += before.sums.yes;
            next.sums.no += before.sums.no;
        }
        pools.push(next);
    }
    pools
}

pub(super) fn fit(ties: &[Tie]) -> Vec<RateBlock> {
    let block = |pool: Pool| RateBlock {
        from: ties[pool.first].score,
        to: ties[pool.last].score,
        probability: pool.sums.rate(),
    };
    pool_adjacent_violators(ties).into_iter().map(block).collect()
}

/// The block's probability, a straight line between blocks, and the outermost probabilities beyond them.
pub(super) fn probability_of(blocks: &[RateBlock], score: f64) -> f64 {
    if score.is_nan() {
        return f64::NAN;
    }
    let after = blocks.partition_point(|block| block.from <= score);
    match (after.checked_sub(1).map(|at| &blocks[at]), blocks.get(after)) {
        (Some(before), Some(next)) if score > before.to => {
            let share = (score - before.to) / (next.from - before.to);
            (before.probability + (next.probability - before.probability) * share).min(next.probability)
        }
        (Some(before), _) => before.probability,
        (None, Some(next)) => next.probability,
        (None, None) => f64::NAN,
    }
}

pub(super) fn check(blocks: &[RateBlock]) -> Result<()> {
    check_ends(blocks, |block| (block.from, block.to))?;
    for (at, block) in blocks.iter().enumerate() {
        let least = if at == 0 { 0.0 } else { blocks[at - 1].probability };
        if !(block.probability >= least && block.probability <= 1.0) {
            return Err(refused(at, "probability", "probabilities must lie between 0 and 1 and never fall"));
        }
    }
    Ok(())
}

/// Whether stretches of scores stand in ascending order, apart from each other, within what can be computed with.
pub(super) fn check_ends<B>(blocks: &[B], ends: impl Fn(&B) -> (f64, f64)) -> Result<()> {
    if blocks.is_empty() {
        return Err(Error::ModelField { path: "map.blocks".into(), reason: "at least one block is needed".into() });
    }
    for (at, block) in blocks.iter().enumerate() {
        let (from, to) = ends(block);
        let above = at == 0 || from > ends(&blocks[at - 1]).1;
        if !(from >= -LARGEST && from <= to && to <= LARGEST && above) {
            let reason = "each block must run from a lower to a higher score, above the block before it";
            return Err(refused(at, "from", reason));
        }
    }
    Ok(())
}

pub(super) fn refused(at: usize, field: &str, reason: &str) -> Error {
    Error::ModelField { path: format!("map.blocks[{at}].{field}"), reason: reason.into() }
}
