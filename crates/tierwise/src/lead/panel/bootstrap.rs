//! How far weights, ranks and agreement would move with other respondents of the same kind.

use super::{Aggregation, Panel, parameter, ratings};
use crate::rank_correlation::{doubled, mid_ranks};
use crate::{Result, parallel};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};

/// The most numbers that the replicates of one panel may hold.
const MOST_NUMBERS: usize = 10_000_000;

/// Replicates that share a stream of random numbers, whatever thread works on them.
const BLOCK: usize = 64;

/// How intervals are made: respondents are drawn with replacement, and the middle share of the results is kept (the
/// percentile interval of Efron & Tibshirani 1993, section 13.3).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BootstrapSettings {
    /// How often respondents are drawn anew; 0 for no intervals.
    pub replicates: usize,
    /// The share of replicates between the ends of an interval.
    pub confidence: f64,
    /// The seed of the random numbers: the same seed gives the same intervals.
    pub seed: u64,
}

impl Default for BootstrapSettings {
    fn default() -> Self {
        Self { replicates: 1000, confidence: 0.95, seed: 0 }
    }
}

impl BootstrapSettings {
    pub(super) fn check(&self, factors: usize) -> Result<()> {
        crate::rates::check_confidence("BootstrapSettings", self.confidence)?;
        let most = MOST_NUMBERS / factors.max(1);
        if self.replicates != 0 && !(2..=most).contains(&self.replicates) {
            let must_be = format!("0, or a whole number in [2, {most}] for {factors} factors");
            return Err(parameter("BootstrapSettings", "replicates", &must_be, &self.replicates.to_string()));
        }
        Ok(())
    }
}

/// What came out of the replicates of one panel.
#[derive(Debug, Clone)]
pub(super) struct Draws {
    /// The weights of each replicate.
    pub(super) weights: Vec<Vec<f64>>,
    /// Kendall's W of each replicate in which it is defined.
    pub(super) w: Vec<f64>,
}

/// Draws respondents anew. `stream` keeps the draws of panels apart.
pub(super) fn draw(panel: &Panel, aggregation: Aggregation, settings: &BootstrapSettings, stream: usize) -> Draws {
    let votes = ratings::votes(panel, aggregation);
    let ranks: Vec<Vec<i64>> = panel.respondents.iter().map(|one| doubled(&one.ranks)).collect();
    let blocks: Vec<usize> = (0..settings.replicates.div_ceil(BLOCK)).collect();
    let drawn = parallel::map(blocks, |block| {
        let mut random = ChaCha8Rng::seed_from_u64(settings.seed);
        random.set_stream(((stream as u64) << 32) | block as u64);
        let size = BLOCK.min(settings.replicates - block * BLOCK);
        let mut counts = vec![0_u32; votes.len()];
        let replicate = |_| {
            draw_counts(&mut random, &mut counts);
            let counted = panel.respondents.iter().zip(&counts).map(|(one, &count)| one.weight * f64::from(count));
            (ratings::weights(&votes, counted), concordance(&ranks, &counts))
        };
        (0..size).map(replicate).collect::<Vec<_>>()
    });
    let (weights, w): (Vec<_>, Vec<_>) = drawn.into_iter().flatten().unzip();
    Draws { weights, w: w.into_iter().flatten().collect() }
}

/// How often each respondent is drawn.
fn draw_counts(random: &mut ChaCha8Rng, counts: &mut [u32]) {
    counts.fill(0);
    for _ in 0..counts.len() {
        let drawn = (u128::from(random.next_u64()) * counts.len() as u128) >> 64;
        counts[drawn as usize] += 1;
    }
}

/// Kendall's W of a replicate, from its mean correlation between two different respondents (`(m W - 1) / (m - 1)`,
/// exact with ties too). A respondent who was drawn twice agrees with himself; counting such pairs would make every
/// replicate of a small panel agree better than the panel does. None when only one respondent was drawn.
fn concordance(ranks: &[Vec<i64>], counts: &[u32]) -> Option<f64> {
    let mut sums = vec![0.0; ranks.first().map_or(0, Vec::len)];
    let (mut own, mut squares, mut same) = (0.0, 0.0, 0.0);
    for (one, count) in ranks.iter().zip(counts).filter(|(_, count)| **count > 0) {
        let count = f64::from(*count);
        let square = one.iter().map(|&rank| rank as f64 * rank as f64).sum::<f64>();
        sums.iter_mut().zip(one).for_each(|(sum, &rank)| *sum += count * rank as f64);
        own += count * count * square;
        squares += count * square;
        same += count * count;
    }
    let m = ranks.len() as f64;
    let pairs = m * m - same;
    let between = sums.iter().map(|sum| sum * sum).sum::<f64>() - own;
    let mean = between / pairs / (squares / m);
    (pairs > 0.0).then(|| ((1.0 + (m - 1.0) * mean) / m).clamp(0.0, 1.0))
}

/// The ends between which the middle `confidence` of the values lies, interpolated between neighbours. None for fewer
/// than two values.
pub(super) fn interval(mut values: Vec<f64>, confidence: f64) -> Option<(f64, f64)> {
    if values.len() < 2 {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let tail = (1.0 - confidence) / 2.0;
    let at = |share: f64| {
        let place = share * (values.len() - 1) as f64;
        let below = (place.floor() as usize).min(values.len() - 2);
        values[below] + (values[below + 1] - values[below]) * (place - below as f64)
    };
    Some((at(tail), at(1.0 - tail)))
}

impl Draws {
    /// The interval of each factor's weight.
    pub(super) fn of_weights(&self, factor: usize, confidence: f64) -> Option<(f64, f64)> {
        interval(self.weights.iter().map(|weights| weights[factor]).collect(), confidence)
    }

    /// The interval of each factor's rank, widened to whole ranks.
    pub(super) fn of_ranks(&self, factors: usize, confidence: f64) -> Vec<Option<(f64, f64)>> {
        let mut ranks = vec![Vec::with_capacity(self.weights.len()); factors];
        for weights in &self.weights {
            ranks.iter_mut().zip(mid_ranks(weights)).for_each(|(of_factor, rank)| of_factor.push(rank));
        }
        let whole = |(low, high): (f64, f64)| (low.floor(), high.ceil());
        ranks.into_iter().map(|of_factor| interval(of_factor, confidence).map(whole)).collect()
    }
}
