//! What a fit makes small, row by row: its value, its slope and its curvature in the score.

use crate::learn::kernel::{exp, ln_one_plus};
use crate::wide::wide;
use serde::{Deserialize, Serialize};

/// What is made small. Of yes or no it is the log-loss; a number has a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NumberLoss {
    /// Half the squared difference; the score is the mean. The default.
    #[default]
    Squared,
    /// The Poisson deviance; the score is the logarithm of the mean. For counts and other numbers from 0 up.
    Poisson,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    Log,
    Squared,
    Poisson,
}

/// Scores of a Poisson loss stay below: e^30 events in a row are not a rate.
pub(super) const HIGHEST: f64 = 30.0;

impl Loss {
    /// Slope and curvature of each row.
    pub(super) fn gradients(self, scores: &[f64], outcome: &[f64], weights: Option<&[f64]>, places: &mut [[f64; 2]]) {
        match self {
            Self::Log => wide(
                #[inline(always)]
                || {
                    for ((place, &score), &actual) in places.iter_mut().zip(scores).zip(outcome) {
                        let decay = exp(-score.abs());
                        let larger = 1.0 / (1.0 + decay);
                        let smaller = decay * larger;
                        let chance = if score >= 0.0 { larger } else { smaller };
                        *place = [chance - actual, larger * smaller];
                    }
                },
            ),
            Self::Squared => {
                for ((place, &score), &actual) in places.iter_mut().zip(scores).zip(outcome) {
                    *place = [score - actual, 1.0];
                }
            }
            Self::Poisson => {
                for ((place, &score), &actual) in places.iter_mut().zip(scores).zip(outcome) {
                    let mean = libm::exp(score.min(HIGHEST));
                    *place = [mean - actual, mean];
                }
            }
        }
        if let Some(weights) = weights {
            for (place, &weight) in places.iter_mut().zip(weights) {
                *place = [place[0] * weight, place[1] * weight];
            }
        }
    }

    /// The loss of all rows together. The Poisson loss leaves out what does not depend on the score.
    pub(super) fn total(self, scores: &[f64], outcome: &[f64], weights: Option<&[f64]>) -> f64 {
        let mut sum = 0.0;
        wide(
            #[inline(always)]
            || {
                for (row, (&score, &actual)) in scores.iter().zip(outcome).enumerate() {
                    let weight = weights.map_or(1.0, |weights| weights[row]);
                    sum += weight * self.of_row(score, actual);
                }
            },
        );
        sum
    }

    #[inline(always)]
    fn of_row(self, score: f64, actual: f64) -> f64 {
        match self {
            Self::Log => {
                let against = if actual > 0.5 { -score } else { score };
                (if against > 0.0 { against } else { 0.0 }) + ln_one_plus(exp(-score.abs()))
            }
            Self::Squared => 0.5 * (score - actual) * (score - actual),
            Self::Poisson => libm::exp(score.min(HIGHEST)) - actual * score,
        }
    }

    /// The loss where every score is right.
    pub(super) fn least(self, outcome: &[f64], weights: Option<&[f64]>) -> f64 {
        let of_row = |(row, &actual): (usize, &f64)| {
            weights.map_or(1.0, |weights| weights[row]) * (actual - actual * libm::log(actual.max(f64::MIN_POSITIVE)))
        };
        match self {
            Self::Log | Self::Squared => 0.0,
            Self::Poisson => outcome.iter().enumerate().map(of_row).sum(),
        }
    }

    /// What a gain is measured in, so that the unit of an outcome has no say: of a square the variance that is left. A
    /// log-likelihood has no unit.
    pub(super) fn dispersion(self, loss: f64, weight: f64) -> f64 {
        match self {
            Self::Squared if loss > 0.0 => 2.0 * loss / weight,
            Self::Log | Self::Squared | Self::Poisson => 1.0,
        }
    }

    /// The sum of the slopes of all rows: 0 where the scores are right on average.
    pub(super) fn slope(self, scores: &[f64], outcome: &[f64], weights: Option<&[f64]>) -> f64 {
        let mut gradients = vec![[0.0; 2]; scores.len()];
        self.gradients(scores, outcome, weights, &mut gradients);
        gradients.iter().map(|one| one[0]).sum()
    }

    /// The constant that, added to all scores, makes them right on average: Newton's method.
    pub(super) fn level(self, scores: &[f64], outcome: &[f64], weights: Option<&[f64]>) -> f64 {
        const STEPS: usize = 100;
        // Scores may lie far from 0, as offsets do; the steps below are small.
        let mut level = -scores.iter().sum::<f64>() / scores.len().max(1) as f64;
        let mut moved = vec![0.0; scores.len()];
        let mut gradients = vec![[0.0; 2]; scores.len()];
        for _ in 0..STEPS {
            for (place, &score) in moved.iter_mut().zip(scores) {
                *place = score + level;
            }
            self.gradients(&moved, outcome, weights, &mut gradients);
            let [slope, curvature] = gradients.iter().fold([0.0; 2], |sum, one| [sum[0] + one[0], sum[1] + one[1]]);
            let full = slope / curvature.max(f64::MIN_POSITIVE);
            // Far from the optimum the curvature of a log-loss or of a rate says little; a square is the same everywhere.
            let step = if self == Self::Squared { full } else { full.clamp(-2.0, 2.0) };
            level -= step;
            if step.abs() <= 1e-12 * (1.0 + level.abs()) {
                break;
            }
        }
        level
    }
}
