//! BG/NBD and MBG/NBD: a customer buys at a steady rate and may leave after any purchase.
//!
//! Fader, Hardie and Lee (2005), *"Counting your customers" the easy way: an alternative to the Pareto/NBD model*; Batislam,
//! Denizel and Filiztekin (2007), *Empirical validation and comparison of models for customer base analysis*, for the
//! variant in which he may leave after the first purchase too.

use super::histories::{Distinct, History};
use super::process::{Likelihood, Logs, Process};
use crate::special::gamma::ln_gamma;
use crate::special::jet::Jet;
use crate::special::quadrature::{UnitPoint, beta_mean};

/// The likelihood; `FIRST` is 1 where a customer may leave after his first purchase already, else 0.
#[derive(Debug)]
pub(super) struct BetaGeometricLikelihood<const FIRST: u8>;

/// r, α, a, b as jets, and parts of the sum that hold none of the data.
#[derive(Debug)]
pub(super) struct Shared {
    r: Jet<4>,
    alpha: Jet<4>,
    ln_a: Jet<4>,
    b: Jet<4>,
    a_plus_b: Jet<4>,
    constant: Jet<4>,
}

impl<const FIRST: u8> Likelihood for BetaGeometricLikelihood<FIRST> {
    type Shared = Shared;

    fn shared(logs: &Logs, _: f64) -> Shared {
        let [r, alpha, a, b] = std::array::from_fn(|index| Jet::exp_of_parameter(logs, index));
        let a_plus_b = a + b;
        let constant = r * alpha.ln() - r.ln_gamma() + a_plus_b.ln_gamma() - b.ln_gamma();
        Shared { r, alpha, ln_a: a.ln(), b, a_plus_b, constant }
    }

    /// A1 · A2 of the appendix.
    fn count_part(shared: &Shared, repeats: f64) -> Jet<4> {
        let chances = repeats + f64::from(FIRST);
        shared.constant + (shared.r + repeats).ln_gamma() + (shared.b + chances).ln_gamma()
            - (shared.a_plus_b + chances).ln_gamma()
    }

    /// Either he is still there (A3), or he left with his last purchase (A4).
    fn history(shared: &Shared, count_part: &Jet<4>, history: &History) -> Jet<4> {
        let shape = shared.r + history.repeats;
        let stayed = shape * (shared.alpha + history.age).ln() * -1.0;
        let chances = history.repeats + f64::from(FIRST);
        if chances == 0.0 {
            return *count_part + stayed;
        }
        let leaves = shared.ln_a - (shared.b + (chances - 1.0)).ln();
        *count_part + stayed.ln_add(&(leaves - shape * (shared.alpha + history.last).ln()))
    }

    fn starts(distinct: &Distinct) -> Vec<Logs> {
        let rate = distinct.mean(|one| one.repeats).max(1e-3);
        let start = |r: f64, a: f64, b: f64| [r, r / rate, a, b].map(libm::log);
        vec![start(0.3, 0.8, 2.5), start(1.0, 1.0, 1.0), start(0.1, 0.3, 3.0), start(3.0, 0.5, 10.0)]
    }
}

/// The model with its parameters.
#[derive(Debug, Clone, Copy)]
pub(super) struct BetaGeometric {
    r: f64,
    alpha: f64,
    a: f64,
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
            d: self.shared_factor(),
        }
    }

    fn new_customer(&self) -> Alive {
        Alive { shape: self.r, rate: self.alpha, a: self.a, b: self.b + self.first, d: self.shared_factor() }
    }

    fn shared_factor(&self) -> f64 {
        self.a + self.b + self.first - 1.0 - self.r
    }
}

impl Process for BetaGeometric {
    fn probability_alive(&self, history: &History, ahead: f64) -> f64 {
        let alive = self.if_alive(history);
        let chances = history.repeats + self.first;
        let now = if chances == 0.0 {
            1.0
        } else {
            let longer = libm::log((self.alpha + history.age) / (self.alpha + history.last));
            1.0 / (1.0 + self.a / (self.b + chances - 1.0) * libm::exp(alive.shape * longer))
        };
        if ahead == 0.0 || now == 0.0 { now } else { now * alive.stays(ahead) }
    }

    fn expected_purchases(&self, history: &History, periods: f64) -> f64 {
        self.probability_alive(history, 0.0) * self.if_alive(history).purchases(periods)
    }

    fn expected_purchases_of(&self, histories: &[History], periods: f64) -> Vec<f64> {
        let mut expected = Vec::with_capacity(histories.len());
        let (lanes, rest) = histories.as_chunks::<LANES>();
        let mut series = Vec::new();
        for histories in lanes {
            let alive = histories.each_ref().map(|history| self.if_alive(history));
            if periods > 0.0 && alive.iter().all(|one| one.has_series(periods)) {
                let purchases = purchases_of_lanes(&alive, periods, &mut series);
                let chance = |(history, purchases)| self.probability_alive(history, 0.0) * purchases;
                expected.extend(histories.iter().zip(purchases).map(chance));
            } else {
                expected.extend(histories.iter().map(|history| self.expected_purchases(history, periods)));
            }
        }
        expected.extend(rest.iter().map(|history| self.expected_purchases(history, periods)));
        expected
    }

    fn expected_of_new(&self, periods: f64) -> f64 {
        self.stays() * self.new_customer().purchases(periods)
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
}

/// Customers whose series are added up at once, in the registers of the processor.
const LANES: usize = 8;

/// Terms that are this much smaller than the sum do not change it.
const NEGLIGIBLE: f64 = 1e-17;

const MOST_TERMS: f64 = 2000.0;

/// The part of the ratio of two terms that is the same for all customers.
#[inline(always)]
fn factor(a: f64, d: f64, k: f64) -> f64 {
    (a - 1.0 + k) * (d + k) / (k + 1.0)
}

/// [`Alive::purchases_by_series`] of many, term by term for all: `factors` keeps what they share from one call to the
/// next. Further terms do not change a sum that is done.
fn purchases_of_lanes(alive: &[Alive; LANES], periods: f64, factors: &mut Vec<f64>) -> [f64; LANES] {
    const TERMS_BETWEEN_LOOKS: usize = 16;
    let (a, d) = (alive[0].a, alive[0].d);
    let z = alive.map(|one| one.share(periods));
    let c = alive.map(|one| one.a + one.b - 1.0);
    let mut terms: [f64; LANES] = std::array::from_fn(|lane| d * z[lane]);
    let mut sums = terms;
    let mut k = 1;
    while k < MOST_TERMS as usize {
        for next in factors.len() + 1..k + TERMS_BETWEEN_LOOKS {
            factors.push(factor(a, d, next as f64));
        }
        let shared = &factors[k - 1..k - 1 + TERMS_BETWEEN_LOOKS];
        crate::wide::wide(
            #[inline(always)]
            || add_terms(shared, k as f64, &z, &c, &mut terms, &mut sums),
        );
        k += TERMS_BETWEEN_LOOKS;
        if (0..LANES).all(|lane| terms[lane].abs() <= NEGLIGIBLE * sums[lane].abs()) {
            break;
        }
    }
    std::array::from_fn(|lane| alive[lane].purchases_of_sum(z[lane], sums[lane]))
}

/// Adds the next terms of all lanes.
#[inline(always)]
fn add_terms(
    shared: &[f64],
    first: f64,
    z: &[f64; LANES],
    c: &[f64; LANES],
    terms: &mut [f64; LANES],
    sums: &mut [f64; LANES],
) {
    let (mut own_terms, mut own_sums) = (*terms, *sums);
    let mut k = first;
    for &shared in shared {
        for lane in 0..LANES {
            own_terms[lane] *= shared * z[lane] / (c[lane] + k);
            own_sums[lane] += own_terms[lane];
        }
        k += 1.0;
    }
    (*terms, *sums) = (own_terms, own_sums);
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
    /// The mean number of purchases in the next `periods`: E[(1 − (1 + p t / rate)^−shape) / p].
    ///
    /// With c = a + b − 1 and z = t / (rate + t) that is
    /// c / (a − 1) · [1 − (1 − z)^(a − 1) ₂F₁(a − 1, a + b − 1 − shape; c; z)]: equation 10 of the paper after Euler's
    /// transformation, whose series needs no large powers. Written so that a = 1 and c = 0 are no exceptions.
    fn purchases(&self, periods: f64) -> f64 {
        if periods <= 0.0 {
            return 0.0;
        }
        if self.has_series(periods) { self.purchases_by_series(periods) } else { self.purchases_by_integral(periods) }
    }

    /// Elsewhere terms of the series change sign or cancel with the rest, or there are too many; the integral is exact.
    fn has_series(&self, periods: f64) -> bool {
        self.share(periods) < 0.9 && self.d > -8.0 && self.d < 60.0 && self.a < 60.0
    }

    /// z of the series.
    fn share(&self, periods: f64) -> f64 {
        periods / (self.rate + periods)
    }

    fn purchases_by_series(&self, periods: f64) -> f64 {
        let z = self.share(periods);
        let c = self.a + self.b - 1.0;
        // The sum over k ≥ 1 of (a)_(k−1) (d)_k / ((c + 1)_(k−1) k!) z^k.
        let mut term = self.d * z;
        let mut sum = term;
        let mut k = 1.0;
        while term.abs() > NEGLIGIBLE * sum.abs() && k < MOST_TERMS {
            term *= factor(self.a, self.d, k) * z / (c + k);
            sum += term;
            k += 1.0;
        }
        self.purchases_of_sum(z, sum)
    }

    fn purchases_of_sum(&self, z: f64, sum: f64) -> f64 {
        let excess = self.a - 1.0;
        let ln_rest = libm::log1p(-z);
        // (1 − z)^(a − 1) − 1, over a − 1: a logarithm at a = 1.
        let grown = libm::expm1(excess * ln_rest);
        let slope = if excess == 0.0 { -ln_rest } else { -grown / excess };
        // Near −1 it has lost the digits of the power.
        let power = if grown > -0.5 { 1.0 + grown } else { libm::exp(excess * ln_rest) };
        ((self.a + self.b - 1.0) * slope - power * sum).max(0.0)
    }

    fn purchases_by_integral(&self, periods: f64) -> f64 {
        beta_mean(self.a, self.b, |p| {
            let grown = self.shape * libm::log1p(p.at * periods / self.rate);
            if p.at > 0.0 { -libm::expm1(-grown) / p.at } else { self.shape * periods / self.rate }
        })
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
                let series = alive.purchases_by_series(periods);
                let integral = alive.purchases_by_integral(periods);
                assert!((series / integral - 1.0).abs() < 1e-10, "{alive:?} {periods}: {series} {integral}");
            }
        }
    }

    /// Many customers at once get the bits of one by one.
    #[test]
    fn lanes_equal_rows() {
        let model = BetaGeometric::new(&[0.243, 4.414, 0.793, 2.426], false);
        let history = |row: u32| {
            let repeats = f64::from(row % 9 * (row % 4));
            let age = 20.0 + f64::from(row % 37);
            History { repeats, last: if repeats > 0.0 { age * 0.8 } else { 0.0 }, age }
        };
        let histories: Vec<History> = (0..101).map(history).collect();
        for periods in [0.5, 39.0, 200.0, 1000.0] {
            let together = model.expected_purchases_of(&histories, periods);
            let one_by_one: Vec<f64> =
                histories.iter().map(|history| model.expected_purchases(history, periods)).collect();
            assert_eq!(together, one_by_one, "{periods}");
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
