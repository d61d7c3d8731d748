//! BG/NBD and MBG/NBD: a customer buys at a steady rate and may leave after any purchase.
//!
//! Fader, Hardie and Lee (2005), *"Counting your customers" the easy way: an alternative to the Pareto/NBD model*; Batislam,
//! Denizel and Filiztekin (2007), *Empirical validation and comparison of models for customer base analysis*, for the
//! variant in which he may leave after the first purchase too.

use super::beta_geometric_series::{self as series, Series};
use super::histories::{History, HistoryColumns};
use super::process::Process;
use crate::special::gamma::ln_gamma;
use crate::special::quadrature::{GAUSS_LEGENDRE, UnitPoint, beta_mean};

/// The model with its parameters.
#[derive(Debug, Clone, Copy)]
pub(super) struct BetaGeometric {
    pub(super) r: f64,
    pub(super) alpha: f64,
    pub(super) a: f64,
    b: f64,
    /// 1 where a customer may leave after his first purchase already, else 0.
    first: f64,
}

impl BetaGeometric {
    pub(super) fn new(parameters: &[f64; 4], leaves_after_first: bool) -> Self {
        let &[r, alpha, a, b] = parameters;
        Self { r, alpha, a, b, first: if leaves_after_first { 1.0 } else { 0.0 } }
    }

    /// The share of customers who stay after their first purchase.
    fn stays(&self) -> f64 {
        if self.first == 0.0 { 1.0 } else { self.b / (self.a + self.b) }
    }

    /// What is known of the customer who is still there: the distributions of his rate and of his chance to leave.
    fn if_alive(&self, history: &History) -> Alive {
        Alive {
            shape: self.r + history.repeats,
            rate: self.alpha + history.age,
            a: self.a,
            b: self.b + history.repeats + self.first,
            d: self.d(),
        }
    }

    fn new_customer(&self) -> Alive {
        self.if_alive(&History { repeats: 0.0, last: 0.0, age: 0.0 })
    }

    /// The odds that a customer left with his last purchase, once he has had so many; none where he had no chance to.
    pub(super) fn odds_to_have_left(&self, repeats: f64) -> Option<f64> {
        let chances = repeats + self.first;
        (chances > 0.0).then(|| self.a / (self.b + chances - 1.0))
    }

    /// c of the series: a + b − 1 of a customer who is there.
    pub(super) fn c(&self, repeats: f64) -> f64 {
        self.a + (self.b + repeats + self.first) - 1.0
    }

    /// d of the series: a + b − 1 − shape, which is the same for all customers.
    fn d(&self) -> f64 {
        self.a + self.b + self.first - 1.0 - self.r
    }

    /// z of the series.
    pub(super) fn share(&self, age: f64, periods: f64) -> f64 {
        share(self.alpha + age, periods)
    }

    pub(super) fn series(&self, repeats: f64) -> Series {
        Series::new(self.a, self.c(repeats), self.d())
    }
}

impl Process for BetaGeometric {
    fn probability_alive(&self, history: &History, ahead: f64) -> f64 {
        let alive = self.if_alive(history);
        let now = self.odds_to_have_left(history.repeats).map_or(1.0, |odds| {
            let [now] = series::alive(odds, alive.shape, &[self.alpha + history.last], &[alive.rate]);
            now
        });
        if ahead == 0.0 { now } else { now * alive.stays(ahead) }
    }

    fn expected_purchases(&self, history: &History, periods: f64) -> f64 {
        self.probability_alive(history, 0.0) * self.if_alive(history).purchases(periods)
    }

    fn expected_purchases_until(&self, history: &History, times: &[f64]) -> Vec<f64> {
        let (now, alive) = (self.probability_alive(history, 0.0), self.if_alive(history));
        let mut series = alive.series();
        times.iter().map(|&periods| now * alive.purchases_by(&mut series, periods)).collect()
    }

    fn expected_purchases_of(&self, histories: HistoryColumns<'_>, unit: f64, periods: f64, expected: &mut [f64]) {
        if periods > 0.0 && self.new_customer().may_have_series() {
            return series::expected_of(self, histories, unit, periods, expected);
        }
        for (row, expected) in expected.iter_mut().enumerate() {
            *expected = self.expected_purchases(&histories.history(row).in_unit(unit), periods);
        }
    }

    fn expected_of_new(&self, periods: f64) -> f64 {
        self.stays() * self.new_customer().purchases(periods)
    }

    fn if_here(&self, history: &History) -> (f64, Box<dyn Process>) {
        let Alive { shape, rate, a, b, .. } = self.if_alive(history);
        (self.probability_alive(history, 0.0), Box::new(Self { r: shape, alpha: rate, a, b, first: 0.0 }))
    }

    fn probability_of_count(&self, count: u32, from: f64, width: f64) -> f64 {
        let new = self.new_customer();
        let stays = self.stays();
        if count == 0 {
            // He has left before, or he has not and does not buy for so long.
            let gone = 1.0 - stays * new.stays(from);
            return gone + stays * new.buys_no_more(from, width);
        }
        let n = f64::from(count);
        let of = |p: UnitPoint| {
            let rate = self.alpha + p.at * from;
            let there = libm::exp(self.r * libm::log(self.alpha / rate));
            let exactly = Counts { shape: self.r, rate, width };
            let stays_on = libm::exp(n * p.ln_complement) * exactly.probability(n);
            let leaves = libm::exp(p.ln + (n - 1.0) * p.ln_complement) * exactly.at_least(count);
            there * (stays_on + leaves)
        };
        stays * beta_mean(new.a, new.b, of)
    }

    fn discounted_purchases(&self, history: &History, rate: f64, after: f64) -> f64 {
        self.probability_alive(history, 0.0) * self.if_alive(history).discounted(rate, after)
    }
}

/// z of the series: the share of the time to come in all time, the prior's included.
fn share(rate: f64, periods: f64) -> f64 {
    periods / (rate + periods)
}

/// A customer who is there: his rate of buying is gamma distributed, his chance to leave with each purchase beta.
#[derive(Debug, Clone, Copy)]
struct Alive {
    shape: f64,
    rate: f64,
    a: f64,
    b: f64,
    /// a + b − 1 − shape, which is the same for all customers.
    d: f64,
}

impl Alive {
    /// The mean number of purchases in the next `periods`.
    fn purchases(&self, periods: f64) -> f64 {
        self.purchases_by(&mut self.series(), periods)
    }

    /// The same, with a series whose coefficients other times may have asked for.
    fn purchases_by(&self, series: &mut Series, periods: f64) -> f64 {
        if periods <= 0.0 {
            return 0.0;
        }
        match series::class(share(self.rate, periods)) {
            Some(class) if self.may_have_series() => {
                let [purchases] = series::purchases(series.up_to(class), self.a, self.c(), &[self.rate], periods);
                purchases
            }
            _ => self.purchases_by_integral(periods),
        }
    }

    /// c of the series.
    fn c(&self) -> f64 {
        self.a + self.b - 1.0
    }

    /// The series, of which nothing is worked out yet.
    fn series(&self) -> Series {
        Series::new(self.a, self.c(), self.d)
    }

    /// Elsewhere terms of the series change sign or cancel with the rest, or there are too many; the integral is exact.
    fn may_have_series(&self) -> bool {
        self.d > -8.0 && self.d < 60.0 && self.a < 60.0
    }

    fn purchases_by_integral(&self, periods: f64) -> f64 {
        beta_mean(self.a, self.b, |p| {
            let grown = self.shape * libm::log1p(p.at * periods / self.rate);
            if p.at > 0.0 { -libm::expm1(-grown) / p.at } else { self.shape * periods / self.rate }
        })
    }

    /// The mean number of purchases that are more than `after` periods away, discounted from then on: the integral of
    /// E[shape / rate (1 + p t / rate)^−(shape + 1)] over the time t, at its worth.
    fn discounted(&self, rate: f64, after: f64) -> f64 {
        let times = self.discounted_times(rate, after);
        let bought = beta_mean(self.a, self.b, |p| {
            let at = |&(time, worth): &(f64, f64)| {
                worth * libm::exp(-(self.shape + 1.0) * libm::log1p(p.at * time / self.rate))
            };
            times.iter().map(at).sum()
        });
        bought * self.shape / self.rate
    }

    /// Points of time after `after`, and what a purchase at a steady rate of 1 around each of them is worth then.
    fn discounted_times(&self, rate: f64, after: f64) -> Vec<(f64, f64)> {
        /// e to the power of minus this no longer counts.
        const LONGEST: f64 = 45.0;
        // With v = rate · (t − after) = scale · (e^y − 1) the power of a share p is one of 1 − p + c · e^y, which is smooth in y.
        let scale = (rate * (self.rate + after)).max(1e-300);
        let end = libm::log1p(LONGEST / scale);
        let (mut from, mut width) = (0.0, 8.0 / (self.shape + 1.0 + scale));
        let mut times = Vec::new();
        while from < end {
            let to = end.min(from + width.min(2.0));
            let (middle, half) = (0.5 * (from + to), 0.5 * (to - from));
            times.extend(GAUSS_LEGENDRE.map(|(point, weight)| {
                let y = middle + half * point;
                let v = scale * libm::expm1(y);
                (after + v / rate, half * weight * libm::exp(y - v) * scale / rate)
            }));
            (from, width) = (to, 2.0 * width);
        }
        times
    }

    /// The probability to be there still after `periods`: E[(1 + p t / rate)^−shape].
    fn stays(&self, periods: f64) -> f64 {
        self.buys_no_more(periods, 0.0)
    }

    /// The probability to be there after `periods` and then to buy nothing for `width`.
    fn buys_no_more(&self, periods: f64, width: f64) -> f64 {
        if periods == 0.0 {
            return libm::exp(-self.shape * libm::log1p(width / self.rate));
        }
        beta_mean(self.a, self.b, |p| libm::exp(-self.shape * libm::log1p((p.at * periods + width) / self.rate)))
    }
}

/// How many purchases fall into a stretch of time: a negative binomial distribution.
#[derive(Debug, Clone, Copy)]
struct Counts {
    shape: f64,
    rate: f64,
    width: f64,
}

impl Counts {
    fn probability(&self, n: f64) -> f64 {
        let ln_choose = ln_gamma(self.shape + n) - ln_gamma(self.shape) - ln_gamma(n + 1.0);
        let none = -self.shape * libm::log1p(self.width / self.rate);
        libm::exp(ln_choose + none + n * libm::log(self.width / (self.rate + self.width)))
    }

    /// The probability of `n` purchases or more; a sum of terms above 0 that begins at `n` and runs away from the mean.
    fn at_least(&self, n: u32) -> f64 {
        const MOST: u32 = 1_000_000;
        let share = self.width / (self.rate + self.width);
        let n = f64::from(n);
        let upward = n > self.shape * self.width / self.rate;
        let mut j = if upward { n } else { n - 1.0 };
        let (mut sum, mut term) = (0.0, if j < 0.0 { 0.0 } else { self.probability(j) });
        for _ in 0..MOST {
            if term <= 1e-18 * sum {
                break;
            }
            sum += term;
            if upward {
                term *= (self.shape + j) / (j + 1.0) * share;
                j += 1.0;
            } else if j == 0.0 {
                break;
            } else {
                term *= j / ((self.shape + j - 1.0) * share);
                j -= 1.0;
            }
        }
        if upward { sum } else { 1.0 - sum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ways to the same mean agree wherever both hold.
    #[test]
    fn series_and_integral_agree() {
        for (shape, rate, a, b) in [
            (0.243, 4.414, 0.793, 2.426),
            (2.243, 43.3, 0.793, 4.426),
            (60.2, 40.0, 0.793, 62.4),
            (0.2, 3.0, 1.0, 0.4),
            (0.2, 3.0, 0.3, 0.4),
            (5.0, 3.0, 1.0 + 1e-9, 6.0),
            (3.0, 50.0, 20.0, 30.0),
        ] {
            let alive = Alive { shape, rate, a, b, d: a + b - 1.0 - shape };
            for periods in [0.01, 1.0, 39.0, 8.0 * rate] {
                if series::class(share(rate, periods)).is_none() {
                    continue;
                }
                assert!(alive.may_have_series());
                let series = alive.purchases(periods);
                let integral = alive.purchases_by_integral(periods);
                assert!((series / integral - 1.0).abs() < 1e-10, "{alive:?} {periods}: {series} {integral}");
            }
        }
    }

    #[test]
    fn counts_are_a_distribution() {
        let counts = Counts { shape: 0.4, rate: 3.0, width: 9.0 };
        let head: f64 = (0..7).map(|n| counts.probability(f64::from(n))).sum();
        assert!((head + counts.at_least(7) - 1.0).abs() < 1e-14);
        for n in 1..=80 {
            let below: f64 = (0..n).map(|n| counts.probability(f64::from(n))).sum();
            assert!((below + counts.at_least(n) - 1.0).abs() < 1e-13, "{n}");
        }
        // Far above the mean, where the chance of none is below every number.
        let many = Counts { shape: 1000.0, rate: 1000.0, width: 1500.0 };
        assert!(many.at_least(2500) < 1e-30 && (many.at_least(500) - 1.0).abs() < 1e-14);
        assert!((many.at_least(1500) - 0.5).abs() < 0.02);
    }
}
