//! Pareto/NBD: a customer buys at a steady rate and may leave at any moment.
//!
//! Schmittlein, Morrison and Colombo (1987), *Counting your customers: who are they and what will they do next?*; Fader and
//! Hardie (2005), *A note on deriving the Pareto/NBD model and related expressions*.

use super::departure::{Departures, LANES, Lanes, Rates, SUMS};
use super::distinct::Distinct;
use super::histories::{History, HistoryColumns};
use super::process::{Likelihood, Logs, Process, equal_counts};
use crate::special::gamma::ln_gamma;
use crate::special::jet::Jet;
use crate::special::portable::{Power, exp, ln, ln_1p};
use crate::special::quadrature::{UnitPoint, exponential_mean, unit_integral};
use crate::special::rising::{Derivatives, Rising};

/// The likelihood.
#[derive(Debug)]
pub(super) struct ParetoNbdLikelihood;

/// r, α, s, β as jets.
#[derive(Debug)]
pub(super) struct Shared {
    r: Jet<4>,
    alpha: Jet<4>,
    s: Jet<4>,
    beta: Jet<4>,
}

impl Likelihood for ParetoNbdLikelihood {
    type Shared = Shared;

    const PART: usize = 1024;

    fn shared(logs: &Logs, _: f64) -> Shared {
        let [r, alpha, s, beta] = std::array::from_fn(|index| Jet::exp_of_parameter(logs, index));
        Shared { r, alpha, s, beta }
    }

    /// Either he is still there, or he left at some time since his last purchase. Derivatives by r, α, s and β themselves
    /// are added up first.
    fn sum(shared: &Shared, histories: &[History], weights: &[f64]) -> Jet<4> {
        let &Shared { r, alpha, s, beta } = shared;
        let (mut rising, mut of_r, mut customers) = (Rising::new(r.value), Derivatives::default(), 0.0);
        for (histories, weights) in equal_counts(histories, weights) {
            let weight: f64 = weights.iter().sum();
            of_r.add_times(weight, rising.at(histories[0].repeats));
            customers += weight;
        }
        let rates = Rates::new(alpha.value, beta.value);
        let times = crate::wide::wide(
            #[inline(always)]
            || of_times(r.value, s.value, rates, histories, weights),
        );
        let (first, second) = rates.ordered([r, alpha], [s, beta]);
        (r * alpha.ln() + s * beta.ln()) * customers
            + r.chain(of_r.value, of_r.slope, of_r.bend)
            + Jet::compose(&times, &[first[0], first[1], second[0], second[1]])
    }

    fn starts(distinct: &Distinct) -> Vec<Logs> {
        let rate = distinct.mean(|one| one.repeats).max(1e-3);
        let start = |r: f64, s: f64, beta: f64| [r, r / rate, s, beta].map(libm::log);
        vec![start(0.5, 0.5, 0.5), start(1.0, 1.0, 1.0), start(2.0, 0.3, 0.1), start(0.3, 3.0, 10.0)]
    }
}

/// The weighted sum of what the times of customers add to their log-likelihoods, by the exponent of the smaller rate, that
/// rate, and the same of the larger one.
#[inline(always)]
fn of_times(r: f64, s: f64, rates: Rates, histories: &[History], weights: &[f64]) -> Jet<4> {
    let mut sums = [[0.0; LANES]; SUMS];
    for (histories, weights) in histories.chunks(LANES).zip(weights.chunks(LANES)) {
        // Lanes without a customer repeat the last one, and weigh nothing.
        let (mut shape, mut last, mut age, mut weight) = ([0.0; LANES], [0.0; LANES], [0.0; LANES], [0.0; LANES]);
        weight[..weights.len()].copy_from_slice(weights);
        for lane in 0..LANES {
            let history = &histories[lane.min(histories.len() - 1)];
            shape[lane] = r + history.repeats;
            last[lane] = history.last;
            age[lane] = history.age;
        }
        add_lanes(&shape, s, rates, &last, &age, &weight, &mut sums);
    }
    let [value, p, a, q, b, p_p, p_a, p_q, p_b, a_a, a_q, a_b, q_q, q_b, b_b] = sums.map(|lanes| lanes.iter().sum());
    Jet {
        value,
        gradient: [p, a, q, b],
        hessian: [[p_p, p_a, p_q, p_b], [p_a, a_a, a_q, a_b], [p_q, a_q, q_q, q_b], [p_b, a_b, q_b, b_b]],
    }
}

#[inline(always)]
fn add_lanes(shape: &Lanes, s: f64, rates: Rates, last: &Lanes, age: &Lanes, weight: &Lanes, sums: &mut [Lanes; SUMS]) {
    let (p_leaves, q_leaves) = rates.ordered(*shape, [s + 1.0; LANES]);
    let (p_stays, q_stays) = rates.ordered(*shape, [s; LANES]);
    let (by_p, by_q) = rates.ordered(0.0, 1.0 / s);
    let departures = Departures::of(rates, p_leaves, q_leaves, last, age);
    let moments = departures.moments();
    for lane in 0..LANES {
        let (p, q, weight) = (p_leaves[lane], q_leaves[lane], weight[lane]);
        // Who bought today cannot have left since.
        let (integral, can) = if moments[0][lane] > 0.0 { (moments[0][lane], true) } else { (1.0, false) };
        let by_integral = 1.0 / integral;
        let y = moments[1][lane] * by_integral;
        let less = moments[2][lane] * by_integral;
        let z = moments[3][lane] * by_integral;
        let more = moments[4][lane] * by_integral;
        let less_less = moments[9][lane] * by_integral;
        let more_more = moments[14][lane] * by_integral;
        // The slopes of the logarithm of the integral, with the sign turned, and its bends: a covariance of the slopes of the
        // logarithm of the function, −y, −p / less, −z, −q / more, and the mean of their own.
        let (a, b) = (p * less, q * more);
        let bends = [
            moments[5][lane] * by_integral - y * y - by_p * by_p,
            p * moments[6][lane] * by_integral - y * a - less,
            moments[7][lane] * by_integral - y * z,
            q * moments[8][lane] * by_integral - y * b,
            p * p * less_less - a * a + p * less_less,
            p * moments[10][lane] * by_integral - a * z,
            p * q * moments[11][lane] * by_integral - a * b,
            moments[12][lane] * by_integral - z * z - by_q * by_q,
            q * moments[13][lane] * by_integral - z * b - more,
            q * q * more_more - b * b + q * more_more,
        ];
        // The same of a customer who stayed.
        let (sum, larger_sum) = (rates.less + age[lane], rates.gap + (rates.less + age[lane]));
        let (ln_sum, ln_larger, by_sum, by_larger) = (ln(sum), ln(larger_sum), 1.0 / sum, 1.0 / larger_sum);
        let (p, q) = (p_stays[lane], q_stays[lane]);
        let stays = -p * ln_sum - q * ln_larger;
        let slopes = [-ln_sum, -p * by_sum, -ln_larger, -q * by_larger];
        let stays_bends =
            [0.0, -by_sum, 0.0, 0.0, p * by_sum * by_sum, 0.0, 0.0, 0.0, -by_larger, q * by_larger * by_larger];
        let difference = ln(integral) + departures.reference[lane] + ln(s) - stays;
        let difference = if can { difference } else { -1e300 };
        let (rest, excess) = (exp(-difference.abs()), if difference > 0.0 { difference } else { 0.0 });
        let larger = 1.0 / (1.0 + rest);
        // The chance to have left, and its slope by the difference.
        let left = if difference > 0.0 { larger } else { rest * larger };
        let spread = weight * (rest * larger * larger);
        let gaps = [by_p - y - slopes[0], -a - slopes[1], by_q - z - slopes[2], -b - slopes[3]];
        sums[0][lane] += weight * (stays + excess + ln(1.0 + rest));
        let mut at = 1 + gaps.len();
        for i in 0..gaps.len() {
            sums[1 + i][lane] += weight * (slopes[i] + left * gaps[i]);
            for j in i..gaps.len() {
                let bend = stays_bends[at - 5] + left * (bends[at - 5] - stays_bends[at - 5]);
                sums[at][lane] += weight * bend + spread * (gaps[i] * gaps[j]);
                at += 1;
            }
        }
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
    #[inline(always)]
    fn time_left(&self, age: f64, periods: f64) -> f64 {
        let (rate, excess) = (self.beta + age, self.s - 1.0);
        let share = periods / rate;
        let grown = ln_1p(if share < 1e300 { share } else { 1e300 });
        // −((…)^(1 − s) − 1) / (s − 1), which is a logarithm at s = 1.
        rate * if excess == 0.0 { grown } else { -Power::of(-excess * grown).minus_one() / excess }
    }

    /// The probability that a new customer is still there after `periods`.
    fn stays(&self, periods: f64) -> f64 {
        libm::exp(-self.s * libm::log1p(periods / self.beta))
    }

    /// The probability that customers have not left by today.
    #[inline(always)]
    fn alive(&self, repeats: &Lanes, last: &Lanes, age: &Lanes) -> Lanes {
        let mut shape = [0.0; LANES];
        for lane in 0..LANES {
            shape[lane] = self.r + repeats[lane];
        }
        let rates = Rates::new(self.alpha, self.beta);
        let (of_less, of_more) = rates.ordered(shape, [self.s + 1.0; LANES]);
        let departures = Departures::of(rates, of_less, of_more, last, age);
        let integrals = departures.integrals();
        let mut alive = [1.0; LANES];
        for lane in 0..LANES {
            let stayed = shape[lane] * ln(self.alpha + age[lane]) + self.s * ln(self.beta + age[lane]);
            let odds = self.s * integrals[lane] * exp(departures.reference[lane] + stayed);
            alive[lane] = 1.0 / (1.0 + odds);
        }
        alive
    }

    /// The mean number of purchases in the next `periods`.
    #[inline(always)]
    fn purchases(&self, repeats: &Lanes, last: &Lanes, age: &Lanes, periods: f64) -> Lanes {
        let mut purchases = self.alive(repeats, last, age);
        for lane in 0..LANES {
            let rate = (self.r + repeats[lane]) / (self.alpha + age[lane]);
            purchases[lane] *= rate * self.time_left(age[lane], periods);
        }
        purchases
    }
}

impl ParetoNbd {
    /// When within a stretch one who bought `n` times in it is most likely to leave, as the log-odds of the part that has
    /// passed, and how the logarithm of the density by these bends there. With many purchases that time is known well.
    fn likeliest_departure(&self, n: f64, from: f64, width: f64) -> (f64, f64) {
        const FARTHEST: f64 = 700.0;
        const HALVINGS: usize = 60;
        let terms = [(self.r + n, self.alpha), (self.s + 1.0, self.beta + from)];
        let slope = |p: UnitPoint| {
            let falls = terms.map(|(power, rate)| power * width * p.at / (rate + width * p.at));
            n + 1.0 - libm::exp(p.ln - p.ln_complement) - falls[0] - falls[1]
        };
        // It only falls, from n + 1 to −∞.
        let (mut low, mut high) = (-FARTHEST, FARTHEST);
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if slope(UnitPoint::of_log_odds(middle)) > 0.0 { low = middle } else { high = middle }
        }
        let p = UnitPoint::of_log_odds(low);
        let falls = terms.map(|(power, rate)| power * width * rate / ((rate + width * p.at) * (rate + width * p.at)));
        (low, p.at + p.at * libm::exp(2.0 * p.ln_complement) * (falls[0] + falls[1]))
    }
}

impl Process for ParetoNbd {
    fn probability_alive(&self, history: &History, ahead: f64) -> f64 {
        let [now, ..] = crate::wide::wide(
            #[inline(always)]
            || self.alive(&[history.repeats; LANES], &[history.last; LANES], &[history.age; LANES]),
        );
        now * libm::exp(-self.s * libm::log1p(ahead / (self.beta + history.age)))
    }

    fn expected_purchases(&self, history: &History, periods: f64) -> f64 {
        let [purchases, ..] = crate::wide::wide(
            #[inline(always)]
            || self.purchases(&[history.repeats; LANES], &[history.last; LANES], &[history.age; LANES], periods),
        );
        purchases
    }

    fn expected_purchases_until(&self, history: &History, times: &[f64]) -> Vec<f64> {
        let alive = self.probability_alive(history, 0.0);
        let rate = (self.r + history.repeats) / (self.alpha + history.age);
        times.iter().map(|&periods| alive * (rate * self.time_left(history.age, periods))).collect()
    }

    fn expected_purchases_of(&self, histories: HistoryColumns<'_>, unit: f64, periods: f64, expected: &mut [f64]) {
        crate::wide::wide(
            #[inline(always)]
            || {
                for (at, expected) in expected.chunks_mut(LANES).enumerate() {
                    let [repeats, last, age] = histories.lanes(at * LANES, unit);
                    let purchases = self.purchases(&repeats, &last, &age, periods);
                    expected.copy_from_slice(&purchases[..expected.len()]);
                }
            },
        );
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
        let (peak, bend) = self.likeliest_departure(n, from, width);
        let leaves = unit_integral(peak, bend, |p| {
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
