//! How much the expert's points should weigh: the strength that predicts deals best that were left out of the fit.

use super::deals::Deals;
use super::solve::{Problem, Pull};
use super::{PathPoint, Rule};
use crate::learn::softplus;
use crate::{Error, Progress, Result};
use std::ops::ControlFlow;

/// The rarer outcome needs so many deals before a strength can be chosen from data.
pub(super) const FEWEST: usize = 3;

/// Strengths tried, per deal in the data; the first stands for "the expert card alone".
const GRID: [f64; 12] = [f64::INFINITY, 100.0, 30.0, 10.0, 3.0, 1.0, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001];

/// Standard errors from the optimum: what a held-out loss needs.
const TOLERANCE: f64 = 1e-4;

/// Sums over held-out deals of losses, their squares, and the products of their differences from the first strength's.
struct Losses {
    weight: f64,
    sums: Vec<f64>,
    squares: Vec<f64>,
    products: Vec<f64>,
}

/// Cross-validated log-loss for every strength of the grid, in falling order, and the place of the chosen one.
///
/// # Errors
/// [`Error::NotEnoughData`] when the rarer outcome has fewer than [`FEWEST`] deals; those of the fits.
pub(super) fn choose(
    problem: &Problem<'_>,
    rule: Rule,
    watch: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<(Vec<PathPoint>, usize)> {
    let deals = problem.deals;
    if deals.rarer < FEWEST {
        let what = "choosing the strength by cross-validation (deals of the rarer outcome; or state a `strength`)";
        return Err(Error::NotEnoughData { what: what.into(), needed: FEWEST, found: deals.rarer });
    }
    let strengths = GRID.map(|per_deal| per_deal * deals.total_weight);
    let mut losses = Losses::new(strengths.len());
    for fold in &deals.folds {
        let mut last = None;
        let mut columns = Vec::with_capacity(strengths.len());
        for strength in strengths {
            let solution = problem.solve(pull(strength, deals), fold, last.as_ref(), TOLERANCE, watch)?;
            let mut point = vec![solution.base];
            point.extend(&solution.slopes);
            columns.push(deals.table.log_odds(fold.clone(), &point));
            last = Some(solution);
        }
        losses.add(&columns, &deals.table.outcome[fold.clone()], &deals.table.weight[fold.clone()]);
    }
    Ok(losses.path(&strengths, rule))
}

/// The pull of a strength in deals: a deal carries `rate · (1 - rate)` of information per squared standard deviation.
pub(super) fn pull(strength: f64, deals: &Deals) -> Pull {
    if strength.is_infinite() { Pull::ToExpert } else { Pull::By(strength * deals.rate * (1.0 - deals.rate)) }
}

impl Losses {
    fn new(strengths: usize) -> Self {
        let zeros = || vec![0.0; strengths];
        Self { weight: 0.0, sums: zeros(), squares: zeros(), products: vec![0.0; strengths * strengths] }
    }

    fn add(&mut self, log_odds: &[Vec<f64>], outcome: &[f64], weight: &[f64]) {
        let size = self.sums.len();
        let mut apart = vec![0.0; size];
        for (row, (&won, &weight)) in outcome.iter().zip(weight).enumerate() {
            let signed = |log_odds: f64| if won == 1.0 { log_odds } else { -log_odds };
            let first = softplus(-signed(log_odds[0][row]));
            for (at, log_odds) in log_odds.iter().enumerate() {
                let loss = softplus(-signed(log_odds[row]));
                self.sums[at] += weight * loss;
                self.squares[at] += weight * loss * loss;
                apart[at] = loss - first;
            }
            for a in 0..size {
                for b in 0..=a {
                    self.products[a * size + b] += weight * apart[a] * apart[b];
                }
            }
            self.weight += weight;
        }
    }

    fn path(&self, strengths: &[f64], rule: Rule) -> (Vec<PathPoint>, usize) {
        let mean = |at: usize| self.sums[at] / self.weight;
        let best = (0..strengths.len()).fold(0, |best, at| if mean(at) < mean(best) { at } else { best });
        let root = |square: f64, mean: f64| (square - mean * mean).max(0.0).sqrt() / self.weight.sqrt();
        let point = |(at, &strength): (usize, &f64)| PathPoint {
            strength: Some(strength).filter(|strength| strength.is_finite()),
            log_loss: mean(at),
            standard_error: root(self.squares[at] / self.weight, mean(at)),
            above_best: mean(at) - mean(best),
            above_best_standard_error: root(self.square_apart(at, best) / self.weight, mean(at) - mean(best)),
            chosen: false,
        };
        let mut path: Vec<PathPoint> = strengths.iter().enumerate().map(point).collect();
        let near = |at: &usize| path[*at].above_best <= path[*at].above_best_standard_error;
        let chosen = match rule {
            Rule::Best => best,
            // The grid falls: the first is the strongest.
            Rule::OneStandardError => (0..best).find(near).unwrap_or(best),
        };
        path[chosen].chosen = true;
        (path, chosen)
    }

    /// The weighted sum of the squared differences between the losses of two strengths.
    fn square_apart(&self, a: usize, b: usize) -> f64 {
        let size = self.sums.len();
        self.products[a * size + a] + self.products[b * size + b] - 2.0 * self.products[a.max(b) * size + a.min(b)]
    }
}
