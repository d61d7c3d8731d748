//! Pareto/NBD: a customer buys at a steady rate and may leave at any moment.
//!
//! Schmittlein, Morrison and Colombo (1987), *Counting your customers: who are they and what will they do next?*; Fader and
//! Hardie (2005), *A note on deriving the Pareto/NBD model and related expressions*.

use super::histories::{Distinct, History};
use super::process::{Likelihood, Logs, Process};
use crate::special::gamma::ln_gamma;
use crate::special::jet::Jet;
use crate::special::quadrature::{gauss_legendre, unit_integral};

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
    ln_s: Jet<4>,
    constant: Jet<4>,
}

impl Likelihood for ParetoNbdLikelihood {
    type Shared = Shared;

    fn shared(logs: &Logs, _: f64) -> Shared {
        let [r, alpha, s, beta] = std::array::from_fn(|index| Jet::exp_of_parameter(logs, index));
        let constant = r * alpha.ln() - r.ln_gamma() + s * beta.ln();
        Shared { r, alpha, s, beta, ln_s: s.ln(), constant }
    }

    fn count_part(shared: &Shared, repeats: f64) -> Jet<4> {
        shared.constant + (shared.r + repeats).ln_gamma()
    }

    /// Either he is still there, or he left at some time since his last purchase: an integral of a positive function,
    /// which neither overflows nor cancels as the difference of two hypergeometric functions does.
    fn history(shared: &Shared, count_part: &Jet<4>, history: &History) -> Jet<4> {
        let shape = shared.r + history.repeats;
        let stayed = shape * (shared.alpha + history.age).ln() + shared.s * (shared.beta + history.age).ln();
        if history.last == history.age {
            return *count_part - stayed;
        }
        let inner = [shape, shared.alpha, shared.s + 1.0, shared.beta];
        let outer = Departure::of(&inner.map(|one| one.value), history).ln_integral_with_derivatives();
        *count_part + (stayed * -1.0).ln_add(&(shared.ln_s + Jet::compose(&outer, &inner)))
    }

    fn starts(distinct: &Distinct) -> Vec<Logs> {
        let rate = distinct.mean(|one| one.repeats).max(1e-3);
        let start = |r: f64, s: f64, beta: f64| [r, r / rate, s, beta].map(libm::log);
        vec![start(0.5, 0.5, 0.5), start(1.0, 1.0, 1.0), start(2.0, 0.3, 0.1), start(0.3, 3.0, 10.0)]
    }
}

/// ∫ (α + u)^−p (β + u)^−q du from the last purchase to today: all times at which he may have left.
#[derive(Debug, Clone, Copy)]
struct Departure {
    p: f64,
    alpha: f64,
    q: f64,
    beta: f64,
    last: f64,
    age: f64,
}

/// A time u at which he may have left: α + u, β + u, their logarithms, and how much this time counts.
#[derive(Debug, Clone, Copy)]
struct Point {
    alpha: f64,
    ln_alpha: f64,
    beta: f64,
    ln_beta: f64,
    weight: f64,
}

impl Departure {
    fn of(&[p, alpha, q, beta]: &[f64; 4], history: &History) -> Self {
        Self { p, alpha, q, beta, last: history.last, age: history.age }
    }

    /// Calls `visit` with points u and their weights, the weights divided by e to the power that is returned. Runs over the
    /// logarithm of the smaller of α + u and β + u, in which the function is smooth and log-concave, by stretches short enough
    /// for 16 points: long where the function hardly bends, short where it falls fast.
    fn visit(&self, mut visit: impl FnMut(Point)) -> f64 {
        let alpha_is_less = self.alpha <= self.beta;
        let (less, gap) =
            if alpha_is_less { (self.alpha, self.beta - self.alpha) } else { (self.beta, self.alpha - self.beta) };
        let (from, to) = (libm::log(less + self.last), libm::log(less + self.age));
        let (own, other) = if alpha_is_less { (self.p, self.q) } else { (self.q, self.p) };
        let stretch_at = |y: f64| {
            if self.p + self.q <= 20.0 / 3.0 {
                return 3.0;
            }
            // The larger sum falls the faster the more of it is the smaller one; a stretch of 1 further on bounds it.
            let fall = own + other / (1.0 + gap * libm::exp(-y - 1.0));
            (16.0 / fall).min(1.0)
        };
        let point = |y: f64| {
            let sum_of_less = libm::exp(y);
            let sum_of_more = gap + sum_of_less;
            let ln_of_more = libm::log(sum_of_more);
            let (own, other) = ((sum_of_less, y), (sum_of_more, ln_of_more));
            let ((alpha, ln_alpha), (beta, ln_beta)) = if alpha_is_less { (own, other) } else { (other, own) };
            Point { alpha, ln_alpha, beta, ln_beta, weight: y - self.p * ln_alpha - self.q * ln_beta }
        };
        let reference = point(from).weight.max(point(to).weight);
        let (mut sum, mut at) = (0.0, from);
        while at < to {
            let next = (at + stretch_at(at)).min(to);
            let mut of_stretch = 0.0;
            gauss_legendre(at, next, |y, weight| {
                let point = point(y);
                let weight = weight * libm::exp(point.weight - reference);
                of_stretch += weight;
                visit(Point { weight, ..point });
            });
            sum += of_stretch;
            // The function is log-concave, so that what has become small stays small; and a stretch too short to move on
            // holds nothing.
            if of_stretch < 1e-18 * sum || next <= at {
                break;
            }
            at = next;
        }
        reference
    }

    fn ln_integral(&self) -> f64 {
        let mut sum = 0.0;
        let reference = self.visit(|point| sum += point.weight);
        libm::log(sum) + reference
    }

    /// ln of the integral with its derivatives by p, α, q and β.
    fn ln_integral_with_derivatives(&self) -> Jet<4> {
        let mut sum = 0.0;
        let (mut slopes, mut squares, mut bends) = ([0.0; 4], [[0.0; 4]; 4], [0.0; 4]);
        let reference = self.visit(|Point { alpha, ln_alpha, beta, ln_beta, weight }| {
            let (by_alpha, by_beta) = (1.0 / alpha, 1.0 / beta);
            let slope = [-ln_alpha, -self.p * by_alpha, -ln_beta, -self.q * by_beta];
            let bend = [by_alpha, self.p * by_alpha * by_alpha, by_beta, self.q * by_beta * by_beta];
            sum += weight;
            for (i, squares) in squares.iter_mut().enumerate() {
                slopes[i] += weight * slope[i];
                bends[i] += weight * bend[i];
                for (square, other) in squares.iter_mut().zip(slope) {
                    *square += weight * slope[i] * other;
                }
            }
        });
        let mut result = Jet { value: libm::log(sum) + reference, ..Jet::ZERO };
        let [by_alpha, alpha_twice, by_beta, beta_twice] = bends.map(|bend| bend / sum);
        result.gradient = slopes.map(|slope| slope / sum);
        for (i, squares) in squares.iter().enumerate() {
            for (j, square) in squares.iter().enumerate() {
                result.hessian[i][j] = square / sum - result.gradient[i] * result.gradient[j];
            }
        }
        for (i, j, bend) in [(0, 1, -by_alpha), (1, 0, -by_alpha), (2, 3, -by_beta), (3, 2, -by_beta)] {
            result.hessian[i][j] += bend;
        }
        result.hessian[1][1] += alpha_twice;
        result.hessian[3][3] += beta_twice;
        result
    }
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

    fn discounted_purchases(&self, history: &History, rate: f64) -> f64 {
        let chance = self.probability_alive(history, 0.0) * (self.r + history.repeats) / (self.alpha + history.age);
        chance * crate::special::quadrature::exponential_mean(|v| self.time_left(history.age, v / rate))
    }
}
