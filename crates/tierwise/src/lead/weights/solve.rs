//! The penalised fit of a card to deals, for one strength of the pull towards the expert's points.
//!
//! The unknowns, standardised, are the log-odds of the mean deal, the scale of the expert card (log-odds per standard
//! deviation of its score) and one slope per column (log-odds per standard deviation of its points).

use super::deals::Deals;
use crate::error::PENALISE;
use crate::learn::{DenseTable, inverse_of_free, log_odds, minimise_bounded};
use crate::{Error, Progress, Result};
use std::ops::{ControlFlow, Range};

/// The most Newton steps; a separated fit without any penalty takes about 40 to recognise, others under 15.
const MOST_STEPS: usize = 100;

/// How hard the slopes are pulled towards the scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Pull {
    /// All the way: the expert card, recalibrated.
    ToExpert,
    /// By this much information per squared standard deviation; 0 is maximum likelihood.
    By(f64),
}

/// What is minimised.
#[derive(Debug, Clone, Copy)]
pub(super) struct Problem<'a> {
    pub(super) deals: &'a Deals,
    /// Per column, whether its slope must not be negative.
    pub(super) non_negative: &'a [bool],
    /// The prior on the scale, in observations.
    pub(super) scale_prior: f64,
}

/// Where the objective is least.
#[derive(Debug, Clone)]
pub(super) struct Solution {
    pub(super) base: f64,
    pub(super) scale: f64,
    pub(super) slopes: Vec<f64>,
    /// Which slopes are held at 0 by their bound.
    pub(super) held: Vec<bool>,
    pub(super) log_likelihood: f64,
    pub(super) objective: f64,
    pub(super) gradient: f64,
    pub(super) iterations: usize,
    curvature: Vec<f64>,
    held_all: Vec<bool>,
    pull: Pull,
}

/// Value, gradient and curvature of the objective at a point.
struct Local {
    value: f64,
    log_likelihood: f64,
    gradient: Vec<f64>,
    curvature: Vec<f64>,
}

type Watch<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

impl Problem<'_> {
    /// Minimises the objective over all deals but those of `without`, from `start` where there is one.
    ///
    /// # Errors
    /// [`Error::Separation`] and [`Error::Collinear`] where nothing is pulled, [`Error::Cancelled`].
    pub(super) fn solve(
        &self,
        pull: Pull,
        without: &Range<usize>,
        start: Option<&Solution>,
        tolerance: f64,
        watch: Watch<'_>,
    ) -> Result<Solution> {
        let ratios = self.ratios();
        let bounds = self.bounds(pull);
        let mut point = self.start(pull, start);
        let mut local = self.local(pull, &ratios, without, &point);
        for iteration in 1..=MOST_STEPS {
            if watch(Progress { step: iteration, limit: MOST_STEPS, objective: local.value }).is_break() {
                return Err(Error::Cancelled { steps: iteration - 1 });
            }
            let lower: Vec<f64> = bounds.iter().zip(&point).map(|(&bound, &value)| bound - value).collect();
            let Some(step) = minimise_bounded(&local.curvature, &local.gradient, &lower) else {
                return Err(self.undetermined(pull, &point, without));
            };
            let slope: f64 = local.gradient.iter().zip(&step.change).map(|(a, b)| a * b).sum();
            let distance = (-slope).max(0.0).sqrt();
            let next = (distance > tolerance)
                .then(|| self.search(pull, &ratios, without, &point, &step.change, &local, slope));
            match next {
                Some(Some((next_point, next_local))) => (point, local) = (next_point, next_local),
                Some(None) if distance > 1e-4 => return Err(stuck(&local, iteration)),
                Some(None) | None => {
                    self.check_settled(pull, &step.change, &point, without)?;
                    let point = moved(&point, &step.change, 1.0, &bounds);
                    return Ok(Self::solution(pull, &ratios, &point, local, step.held, iteration));
                }
            }
        }
        Err(stuck(&local, MOST_STEPS))
    }

    /// The slope of each column where the multipliers are all the same, for a scale of 1.
    fn ratios(&self) -> Vec<f64> {
        self.deals.varying.iter().map(|&stretch| self.deals.spreads[stretch] / self.deals.score_spread).collect()
    }

    /// The lower bound of each unknown. The scale is never negative: an expert card that is upside down is no prior.
    fn bounds(&self, pull: Pull) -> Vec<f64> {
        let of_slopes = self.non_negative.iter().map(|&bounded| if bounded { 0.0 } else { f64::NEG_INFINITY });
        match pull {
            Pull::ToExpert => vec![f64::NEG_INFINITY, 0.0],
            Pull::By(0.0) => [f64::NEG_INFINITY].into_iter().chain(of_slopes).collect(),
            Pull::By(_) => [f64::NEG_INFINITY, 0.0].into_iter().chain(of_slopes).collect(),
        }
    }

    fn start(&self, pull: Pull, from: Option<&Solution>) -> Vec<f64> {
        let (base, scale) = from.map_or((log_odds(self.deals.rate), 0.0), |from| (from.base, from.scale));
        let slopes = from.map_or_else(|| vec![0.0; self.non_negative.len()], |from| from.slopes.clone());
        match pull {
            Pull::ToExpert => vec![base, scale],
            Pull::By(0.0) => [base].into_iter().chain(slopes).collect(),
            Pull::By(_) => [base, scale].into_iter().chain(slopes).collect(),
        }
    }

    fn table(&self, pull: Pull) -> &DenseTable {
        if pull == Pull::ToExpert { &self.deals.score } else { &self.deals.table }
    }

    fn local(&self, pull: Pull, ratios: &[f64], without: &Range<usize>, point: &[f64]) -> Local {
        match pull {
            Pull::By(0.0) => {
                let step = self.table(pull).step(without, point, true);
                Local {
                    value: -step.log_likelihood,
                    log_likelihood: step.log_likelihood,
                    gradient: step.gradient,
                    curvature: step.curvature,
                }
            }
            Pull::ToExpert => {
                let step = self.table(pull).step(without, point, true);
                let prior = self.prior(point[1]);
                let mut local = Local {
                    value: prior.0 - step.log_likelihood,
                    log_likelihood: step.log_likelihood,
                    gradient: step.gradient,
                    curvature: step.curvature,
                };
                local.gradient[1] += prior.1;
                local.curvature[3] += prior.2;
                local
            }
            Pull::By(pull_by) => self.pulled(pull_by, ratios, without, point),
        }
    }

    /// The objective with a pull: the slopes' squared distance from the scaled card, and the prior on the scale.
    fn pulled(&self, pull: f64, ratios: &[f64], without: &Range<usize>, point: &[f64]) -> Local {
        let (scale, slopes) = (point[1], &point[2..]);
        let coefficients: Vec<f64> = [point[0]].into_iter().chain(slopes.iter().copied()).collect();
        let step = self.deals.table.step(without, &coefficients, true);
        let size = point.len();
        let inner = size - 1;
        let apart: Vec<f64> = slopes.iter().zip(ratios).map(|(slope, ratio)| slope - scale * ratio).collect();
        let prior = self.prior(scale);
        let squares = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>();
        let mut gradient = vec![step.gradient[0], prior.1];
        gradient[1] -= pull * apart.iter().zip(ratios).map(|(apart, ratio)| apart * ratio).sum::<f64>();
        gradient.extend(step.gradient[1..].iter().zip(&apart).map(|(slope, apart)| slope + pull * apart));
        let mut curvature = vec![0.0; size * size];
        // The place among the likelihood's unknowns, which know no scale.
        let place = |at: usize| if at == 0 { 0 } else { at - 1 };
        for row in (0..size).filter(|&row| row != 1) {
            for column in (0..size).filter(|&column| column != 1) {
                curvature[row * size + column] = step.curvature[place(row) * inner + place(column)];
            }
        }
        curvature[size + 1] = pull * squares(ratios) + prior.2;
        for (at, ratio) in ratios.iter().enumerate().map(|(at, ratio)| (at + 2, ratio)) {
            curvature[at * size + at] += pull;
            curvature[at * size + 1] = -pull * ratio;
            curvature[size + at] = -pull * ratio;
        }
        let value = 0.5 * pull * squares(&apart) + prior.0 - step.log_likelihood;
        Local { value, log_likelihood: step.log_likelihood, gradient, curvature }
    }

    /// Minus the logarithm of the log-F(m, m) density of the scale, up to a constant, with its two derivatives.
    fn prior(&self, scale: f64) -> (f64, f64, f64) {
        let decay = libm::exp(-scale.abs());
        let probability = if scale >= 0.0 { 1.0 / (1.0 + decay) } else { decay / (1.0 + decay) };
        let value = 0.5 * scale.abs() + libm::log1p(decay) - std::f64::consts::LN_2;
        let (first, second) = (probability - 0.5, decay / (1.0 + decay).powi(2));
        (self.scale_prior * value, self.scale_prior * first, self.scale_prior * second)
    }

    /// Halves the step until the objective falls by a share of what was promised (Armijo's rule).
    #[allow(clippy::too_many_arguments)] // one step of one loop
    fn search(
        &self,
        pull: Pull,
        ratios: &[f64],
        without: &Range<usize>,
        point: &[f64],
        change: &[f64],
        local: &Local,
        slope: f64,
    ) -> Option<(Vec<f64>, Local)> {
        const SHARE: f64 = 1e-4;
        let bounds = self.bounds(pull);
        let rounding = 16.0 * f64::EPSILON * local.value.abs();
        let mut length = 1.0;
        for _ in 0..40 {
            let next = moved(point, change, length, &bounds);
            let found = self.local(pull, ratios, without, &next);
            if found.value <= local.value + SHARE * length * slope + rounding {
                return Some((next, found));
            }
            length *= 0.5;
        }
        None
    }

    fn solution(
        pull: Pull,
        ratios: &[f64],
        point: &[f64],
        local: Local,
        held_all: Vec<bool>,
        iterations: usize,
    ) -> Solution {
        let (scale, slopes) = match pull {
            Pull::ToExpert => (point[1], ratios.iter().map(|ratio| ratio * point[1]).collect()),
            Pull::By(0.0) => {
                // The limit of ever weaker pulls.
                let slopes = point[1..].to_vec();
                let product: f64 = slopes.iter().zip(ratios).map(|(slope, ratio)| slope * ratio).sum();
                let squares: f64 = ratios.iter().map(|ratio| ratio * ratio).sum();
                ((product / squares).max(0.0), slopes)
            }
            Pull::By(_) => (point[1], point[2..].to_vec()),
        };
        let skipped = if pull == Pull::By(0.0) { 1 } else { 2 };
        let held = match pull {
            Pull::ToExpert => vec![false; slopes.len()],
            Pull::By(_) => held_all[skipped..].to_vec(),
        };
        let free = local.gradient.iter().zip(&held_all).filter(|(_, held)| !**held);
        Solution {
            base: point[0],
            scale,
            slopes,
            held,
            log_likelihood: local.log_likelihood,
            objective: local.value,
            gradient: free.fold(0.0, |largest: f64, (slope, _)| largest.max(slope.abs())),
            iterations,
            curvature: local.curvature,
            held_all,
            pull,
        }
    }

    fn is_free_to_run(&self, pull: Pull) -> bool {
        pull == Pull::By(0.0) || self.scale_prior == 0.0
    }

    /// Refuses a fit that is as good as it gets while its coefficients still run: won and lost are separated.
    fn check_settled(&self, pull: Pull, change: &[f64], point: &[f64], without: &Range<usize>) -> Result<()> {
        const RUNS: f64 = 1e-3;
        if self.is_free_to_run(pull) && change.iter().any(|change| change.abs() > RUNS) {
            return Err(self.separation(pull, point, without));
        }
        Ok(())
    }

    fn undetermined(&self, pull: Pull, point: &[f64], without: &Range<usize>) -> Error {
        const FAR: f64 = 8.0;
        if point.iter().any(|value| value.abs() > FAR) {
            return self.separation(pull, point, without);
        }
        Error::Collinear { columns: self.deals.names.clone() }
    }

    fn separation(&self, pull: Pull, point: &[f64], without: &Range<usize>) -> Error {
        const CERTAIN: f64 = 9.0;
        const SHARE: f64 = 0.05;
        let table = self.table(pull);
        // The likelihood knows no scale where there are slopes.
        let slopes = if matches!(pull, Pull::By(by) if by > 0.0) { &point[2..] } else { &point[1..] };
        let coefficients: Vec<f64> = [point[0]].into_iter().chain(slopes.iter().copied()).collect();
        let certain = |rows: Range<usize>| {
            let log_odds = table.log_odds(rows.clone(), &coefficients);
            log_odds
                .iter()
                .zip(rows)
                .filter(|(odds, row)| if table.outcome[*row] == 1.0 { **odds > CERTAIN } else { **odds < -CERTAIN })
                .count()
        };
        let rows = certain(0..without.start) + certain(without.end..table.rows());
        let largest = slopes.iter().fold(0.0, |largest: f64, slope| largest.max(slope.abs()));
        let runs = |slope: f64| slope.abs() > SHARE * largest;
        let mut columns: Vec<String> = match pull {
            Pull::ToExpert => self.deals.names.clone(),
            Pull::By(_) => {
                let pairs = self.deals.names.iter().zip(slopes);
                pairs.filter(|(_, slope)| runs(**slope)).map(|(name, _)| name.clone()).collect()
            }
        };
        columns.dedup();
        Error::Separation { columns, rows, advice: PENALISE.into() }
    }
}

impl Solution {
    /// The covariance of base and scale and slopes: the inverse curvature of the objective, without what is held.
    /// `None` when that is singular.
    pub(super) fn covariance(&self, ratios: &[f64]) -> Option<Vec<f64>> {
        let inner = inverse_of_free(&self.curvature, &self.held_all)?;
        let size = self.slopes.len() + 2;
        let narrow = self.held_all.len();
        // Each unknown as a combination of those that were solved for.
        let combination = |at: usize| -> Vec<(usize, f64)> {
            match (self.pull, at) {
                (_, 0) => vec![(0, 1.0)],
                (Pull::ToExpert | Pull::By(_), 1) if self.pull != Pull::By(0.0) => vec![(1, 1.0)],
                (Pull::ToExpert, at) => vec![(1, ratios[at - 2])],
                (Pull::By(0.0), 1) => {
                    let squares: f64 = ratios.iter().map(|ratio| ratio * ratio).sum();
                    ratios.iter().enumerate().map(|(place, ratio)| (place + 1, ratio / squares)).collect()
                }
                (Pull::By(0.0), at) => vec![(at - 1, 1.0)],
                (Pull::By(_), at) => vec![(at, 1.0)],
            }
        };
        let combinations: Vec<Vec<(usize, f64)>> = (0..size).map(combination).collect();
        let mut covariance = vec![0.0; size * size];
        for row in 0..size {
            for column in 0..size {
                covariance[row * size + column] = combinations[row]
                    .iter()
                    .flat_map(|&(a, times)| combinations[column].iter().map(move |&(b, also)| (a, b, times * also)))
                    .map(|(a, b, times)| times * inner[a * narrow + b])
                    .sum();
            }
        }
        Some(covariance)
    }
}

/// A point moved by a share of a change, and not past its bounds by rounding.
fn moved(point: &[f64], change: &[f64], length: f64, bounds: &[f64]) -> Vec<f64> {
    point.iter().zip(change).zip(bounds).map(|((value, change), bound)| (value + length * change).max(*bound)).collect()
}

fn stuck(local: &Local, iterations: usize) -> Error {
    let gradient = local.gradient.iter().fold(0.0, |largest: f64, slope| largest.max(slope.abs()));
    let reason = "no step lowers the objective any more; check the weights for values that are very far apart".into();
    Error::NotConverged { iterations, gradient, reason }
}
