//! Pareto/NBD: a customer buys at a steady rate and may leave at any moment.
//!
//! Schmittlein, Morrison and Colombo (1987), *Counting your customers: who are they and what will they do next?*; Fader and
//! Hardie (2005), *A note on deriving the Pareto/NBD model and related expressions*.

use super::departure::Departure;
use super::distinct::Distinct;
use super::histories::History;
use super::process::{Likelihood, Logs, Process, equal_counts};
use crate::special::gamma::ln_gamma;
use crate::special::jet::Jet;
use crate::special::portable::ln;
use crate::special::quadrature::{exponential_mean, unit_integral};
use crate::special::rising::RisingLnGamma;

/// The likelihood.
#[derive(Debug)]
pub(super) struct ParetoNbdLikelihood;

/// r, α, s, β as jets, and parts of the sum that hold none of the data.
#[derive(Debug)]
pub(super) struct Shared {
    r: Jet<4>,
    alpha: Jet<4>,
    s: Jet<4>,
    beta: Jet<4>,
    constant: Jet<4>,
}

impl Likelihood for ParetoNbdLikelihood {
    type Shared = Shared;

    const PART: usize = 256;

    fn shared(logs: &Logs, _: f64) -> Shared {
        let [r, alpha, s, beta] = std::array::from_fn(|index| Jet::exp_of_parameter(logs, index));
        let constant = r * alpha.ln() - r.ln_gamma() + s * beta.ln();
        Shared { r, alpha, s, beta, constant }
    }

    /// Either he is still there, or he left at some time since his last purchase. Derivatives by r, α, s and β themselves
    /// are added up first.
    fn sum(shared: &Shared, histories: &[History], weights: &[f64]) -> Jet<4> {
        let mut of_r = RisingLnGamma::new(shared.r);
        let parameters = [shared.r, shared.alpha, shared.s, shared.beta];
        let mut sum = Jet::ZERO;
        for (histories, weights) in equal_counts(histories, weights) {
            let repeats = histories[0].repeats;
            sum.add_times(weights.iter().sum(), &(shared.constant + of_r.at(repeats)));
            let [r, alpha, s, beta] = parameters.map(|one| one.value);
            let mut of_times = Jet::ZERO;
            for (history, &weight) in histories.iter().zip(weights) {
                of_times.add_times(weight, &either([r + repeats, alpha, s, beta], history));
            }
            sum = sum + Jet::compose(&of_times, &parameters);
        }
        sum
    }

    fn starts(distinct: &Distinct) -> Vec<Logs> {
        let rate = distinct.mean(|one| one.repeats).max(1e-3);
        let start = |r: f64, s: f64, beta: f64| [r, r / rate, s, beta].map(libm::log);
        vec![start(0.5, 0.5, 0.5), start(1.0, 1.0, 1.0), start(2.0, 0.3, 0.1), start(0.3, 3.0, 10.0)]
    }
}

/// What the times of a customer add to the log-likelihood, by p = r + x, α, s and β.
fn either([p, alpha, s, beta]: [f64; 4], history: &History) -> Jet<4> {
    let (by_alpha, by_beta) = (1.0 / (alpha + history.age), 1.0 / (beta + history.age));
    let (ln_alpha, ln_beta) = (ln(alpha + history.age), ln(beta + history.age));
    let mut stayed = Jet {
        value: -p * ln_alpha - s * ln_beta,
        gradient: [-ln_alpha, -p * by_alpha, -ln_beta, -s * by_beta],
        ..Jet::ZERO
    };
    stayed.hessian[0][1] = -by_alpha;
    stayed.hessian[1][0] = -by_alpha;
    stayed.hessian[1][1] = p * by_alpha * by_alpha;
    stayed.hessian[2][3] = -by_beta;
    stayed.hessian[3][2] = -by_beta;
    stayed.hessian[3][3] = s * by_beta * by_beta;
    if history.last == history.age {
        return stayed;
    }
    let mut left = Departure::of(&[p, alpha, s + 1.0, beta], history).ln_integral_with_derivatives();
    left.value += ln(s);
    left.gradient[2] += 1.0 / s;
    left.hessian[2][2] -= 1.0 / (s * s);
    stayed.ln_add(&left)
}

/// The model with its parameters.
#[derive(Debug, Clone, Copy)]
pub(super) struct ParetoNbd {
    r: f64,
    alpha: f64,
    s: f64,
    beta: f64,
}

impl ParetoNbd {
    pub(super) fn new(&[r, alpha, s, beta]: &[f64; 4]) -> Self {
        Self { r, alpha, s, beta }
    }

    /// ∫₀ᵗ E[e^(−μ u)] du for a customer who has been there for `age`.
    fn time_left(&self, age: f64, periods: f64) -> f64 {
        let (rate, excess) = (self.beta + age, self.s - 1.0);
        let grown = libm::log1p(periods / rate);
        // −((…)^(1 − s) − 1) / (s − 1), which is a logarithm at s = 1.
        rate * if excess == 0.0 { grown } else { -libm::expm1(-excess * grown) / excess }
    }

    /// The probability that a new customer is still there after `periods`.
    fn stays(&self, periods: f64) -> f64 {
        libm::exp(-self.s * libm::log1p(periods / self.beta))
    }
}

impl Process for ParetoNbd {
    fn probability_alive(&self, history: &History, ahead: f64) -> f64 {
        let shape = self.r + history.repeats;
        let later = libm::exp(-self.s * libm::log1p(ahead / (self.beta + history.age)));
        if history.last == history.age {
            return later;
        }
        let departed = Departure::of(&[shape, self.alpha, self.s + 1.0, self.beta], history).ln_integral();
        let stayed = shape * libm::log(self.alpha + history.age) + self.s * libm::log(self.beta + history.age);
        later / (1.0 + self.s * libm::exp(departed + stayed))
    }

    fn expected_purchases(&self, history: &History, periods: f64) -> f64 {
        let rate = (self.r + history.repeats) / (self.alpha + history.age);
        self.probability_alive(history, 0.0) * rate * self.time_left(history.age, periods)
    }

    fn expected_of_new(&self, periods: f64) -> f64 {
        self.r / self.alpha * self.time_left(0.0, periods)
    }

    fn if_here(&self, history: &History) -> (f64, Box<dyn Process>) {
        let here = Self {
            r: self.r + history.repeats,
            alpha: self.alpha + history.age,
            s: self.s,
            beta: self.beta + history.age,
        };
        (self.probability_alive(history, 0.0), Box::new(here))
    }

    fn probability_of_count(&self, count: u32, from: f64, width: f64) -> f64 {
        let n = f64::from(count);
        let ln_choose = ln_gamma(self.r + n) - ln_gamma(self.r) - ln_gamma(n + 1.0) + self.r * libm::log(self.alpha);
        let ln_in = |time: f64| {
            let power = if count == 0 { 0.0 } else { n * libm::log(time) };
            ln_choose + power - (self.r + n) * libm::log(self.alpha + time)
        };
        let gone = if count == 0 { 1.0 - self.stays(from) } else { 0.0 };
        if width == 0.0 {
            return gone + if count == 0 { self.stays(from) } else { 0.0 };
        }
        let throughout = libm::exp(ln_in(width)) * self.stays(from + width);
        // He may leave within the stretch, after the last of his purchases in it.
        let leaves = unit_integral(|p| {
            let time = width * p.at;
            let power = if count == 0 { 0.0 } else { n * (libm::log(width) + p.ln) };
            let counted = ln_choose + power - (self.r + n) * libm::log(self.alpha + time);
            let departs = -(self.s + 1.0) * libm::log1p((from + time) / self.beta);
            libm::exp(counted + departs + p.ln + p.ln_complement) * width * self.s / self.beta
        });
        gone + throughout + leaves
    }

    /// How fast he buys says nothing about how long he stays, so that of the later date only his age is new.
    fn discounted_purchases(&self, history: &History, rate: f64, after: f64) -> f64 {
        let chance = self.probability_alive(history, after) * (self.r + history.repeats) / (self.alpha + history.age);
        chance * exponential_mean(|v| self.time_left(history.age + after, v / rate))
    }
}
