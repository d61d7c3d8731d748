//! BG/BB: each period a customer either buys or does not, and may have left before.
//!
//! Fader, Hardie and Shang (2010), *Customer-base analysis in a discrete-time noncontractual setting*.

use super::distinct::Distinct;
use super::histories::History;
use super::process::{Likelihood, Logs, Process};
use crate::special::gamma::{ln_beta, ln_gamma};
use crate::special::jet::Jet;

/// The likelihood.
#[derive(Debug)]
pub(super) struct BgBbLikelihood;

/// ln Γ of each parameter plus 0, 1, …, as jets.
#[derive(Debug)]
pub(super) struct Shared {
    alpha: Vec<Jet<4>>,
    beta: Vec<Jet<4>>,
    both: Vec<Jet<4>>,
    delta: Vec<Jet<4>>,
    ends: Vec<Jet<4>>,
    ln_gamma: Jet<4>,
}

impl Shared {
    /// ln of B(α + x, β + m) / B(α, β).
    fn buys(&self, x: usize, m: usize) -> Jet<4> {
        self.alpha[x] + self.beta[m] - self.both[x + m] - (self.alpha[0] + self.beta[0] - self.both[0])
    }

    /// ln of B(γ, δ + n) / B(γ, δ): he stays for n periods.
    fn stays(&self, n: usize) -> Jet<4> {
        self.delta[n] - self.ends[n] - (self.delta[0] - self.ends[0])
    }

    /// ln of B(γ + 1, δ + n) / B(γ, δ): he stays for n periods and then leaves.
    fn leaves_after(&self, n: usize) -> Jet<4> {
        self.ln_gamma + self.delta[n] - self.ends[n + 1] - (self.delta[0] - self.ends[0])
    }

    /// Equation 1: he is still there, or he left after any period since his last purchase.
    fn history(&self, history: &History) -> Jet<4> {
        let [x, last, age] = [history.repeats, history.last, history.age].map(|one| one as usize);
        let mut sum = self.buys(x, age - x) + self.stays(age);
        for left in last..age {
            sum = sum.ln_add(&(self.buys(x, left - x) + self.leaves_after(left)));
        }
        sum
    }
}

impl Likelihood for BgBbLikelihood {
    type Shared = Shared;

    const PART: usize = 256;

    fn shared(logs: &Logs, longest: f64) -> Shared {
        let [alpha, beta, gamma, delta] = std::array::from_fn(|index| Jet::exp_of_parameter(logs, index));
        let table = |of: Jet<4>| (0..=longest as usize + 1).map(|n| (of + n as f64).ln_gamma()).collect();
        Shared {
            alpha: table(alpha),
            beta: table(beta),
            both: table(alpha + beta),
            delta: table(delta),
            ends: table(gamma + delta),
            ln_gamma: gamma.ln(),
        }
    }

    fn sum(shared: &Shared, histories: &[History], weights: &[f64]) -> Jet<4> {
        let mut sum = Jet::ZERO;
        for (history, &weight) in histories.iter().zip(weights) {
            sum.add_times(weight, &shared.history(history));
        }
        sum
    }

    fn starts(distinct: &Distinct) -> Vec<Logs> {
        let share = (distinct.mean(|one| one.repeats) / distinct.mean(|one| one.age)).clamp(1e-3, 0.9);
        let start =
            |size: f64, gamma: f64, delta: f64| [size * share, size * (1.0 - share), gamma, delta].map(libm::log);
        vec![start(2.0, 0.6, 3.0), start(1.0, 1.0, 1.0), start(5.0, 0.2, 5.0), start(0.5, 1.0, 10.0)]
    }
}

/// The model with its parameters.
#[derive(Debug, Clone, Copy)]
pub(super) struct BgBb {
    alpha: f64,
    beta: f64,
    gamma: f64,
    delta: f64,
}

impl BgBb {
    pub(super) fn new(&[alpha, beta, gamma, delta]: &[f64; 4]) -> Self {
        Self { alpha, beta, gamma, delta }
    }

    /// ln of B(α + x, β + m) / B(α, β).
    fn ln_buys(&self, x: f64, m: f64) -> f64 {
        ln_beta(self.alpha + x, self.beta + m) - ln_beta(self.alpha, self.beta)
    }

    /// ln of B(γ, δ + n) / B(γ, δ).
    fn ln_stays(&self, n: f64) -> f64 {
        ln_beta(self.gamma, self.delta + n) - ln_beta(self.gamma, self.delta)
    }

    /// The chance to stay one period more after n periods.
    fn stays_on(&self, n: f64) -> f64 {
        (self.delta + n) / (self.gamma + self.delta + n)
    }

    /// The odds of having left by today, against being there.
    fn odds_of_having_left(&self, history: &History) -> f64 {
        let here = self.ln_buys(history.repeats, history.age - history.repeats) + self.ln_stays(history.age);
        let (mut odds, mut left) = (0.0, history.last);
        while left < history.age {
            let leaves = self.ln_stays(left) + libm::log(self.gamma / (self.gamma + self.delta + left));
            odds += libm::exp(self.ln_buys(history.repeats, left - history.repeats) + leaves - here);
            left += 1.0;
        }
        odds
    }

    /// The chance to buy in a period of a customer who is there in it, by what is known of him.
    fn buys(&self, history: &History) -> f64 {
        (self.alpha + history.repeats) / (self.alpha + self.beta + history.age)
    }

    /// The mean number of periods that a customer who is there after `age` stays, each weighed by `discount` to the power of
    /// the periods until it; until the terms no longer count where `periods` is infinite.
    fn periods_left(&self, age: f64, periods: f64, discount: f64) -> f64 {
        // More than it takes at the lowest rate that is let in.
        const MOST: f64 = 1e7;
        let (mut sum, mut weight, mut n) = (0.0, 1.0, 0.0);
        while n < periods.min(MOST) && weight > 1e-17 * sum {
            weight *= discount * self.stays_on(age + n);
            sum += weight;
            n += 1.0;
        }
        sum
    }
}

impl Process for BgBb {
    /// The model lets a customer leave at the start of a period, so that "today" is the start of the next one: `ahead` = 0
    /// is the chance that he will be there in period n + 1, as in the paper.
    fn probability_alive(&self, history: &History, ahead: f64) -> f64 {
        let later = self.ln_stays(history.age + ahead + 1.0) - self.ln_stays(history.age);
        libm::exp(later) / (1.0 + self.odds_of_having_left(history))
    }

    fn expected_purchases(&self, history: &History, periods: f64) -> f64 {
        let coming = self.buys(history) * self.periods_left(history.age, periods, 1.0);
        coming / (1.0 + self.odds_of_having_left(history))
    }

    fn expected_of_new(&self, periods: f64) -> f64 {
        self.alpha / (self.alpha + self.beta) * self.periods_left(0.0, periods, 1.0)
    }

    fn if_here(&self, history: &History) -> (f64, Box<dyn Process>) {
        let here = Self {
            alpha: self.alpha + history.repeats,
            beta: self.beta + history.age - history.repeats,
            gamma: self.gamma,
            delta: self.delta + history.age,
        };
        (1.0 / (1.0 + self.odds_of_having_left(history)), Box::new(here))
    }

    fn probability_of_count(&self, count: u32, from: f64, width: f64) -> f64 {
        let x = f64::from(count);
        let choose = |n: f64| ln_gamma(n + 1.0) - ln_gamma(x + 1.0) - ln_gamma(n - x + 1.0);
        let within = |n: f64| if n < x { 0.0 } else { libm::exp(choose(n) + self.ln_buys(x, n - x)) };
        let gone = if count == 0 { 1.0 - libm::exp(self.ln_stays(from)) } else { 0.0 };
        let mut sum = gone + within(width) * libm::exp(self.ln_stays(from + width));
        let mut n = x;
        while n < width {
            sum += within(n) * libm::exp(self.ln_stays(from + n)) * (1.0 - self.stays_on(from + n));
            n += 1.0;
        }
        sum
    }

    /// Discounted by `rate` per period, a purchase in the next period once.
    fn discounted_purchases(&self, history: &History, rate: f64, after: f64) -> f64 {
        let then = history.age + after;
        let coming = self.buys(history) * self.periods_left(then, f64::INFINITY, 1.0 / (1.0 + rate));
        let stays = libm::exp(self.ln_stays(then) - self.ln_stays(history.age));
        stays * coming / (1.0 + self.odds_of_having_left(history))
    }
}
