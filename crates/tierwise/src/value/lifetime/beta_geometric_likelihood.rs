//! The likelihood of BG/NBD and MBG/NBD.
//!
//! Customers who bought equally often share all gamma functions, so that only ln(α + T), ln(α + t<sub>x</sub>) and the odds of having
//! left are worked out for each, many at once; the derivatives by r and α come from fifteen sums.

use super::distinct::Distinct;
use super::histories::History;
use super::process::{Likelihood, Logs, equal_counts};
use crate::special::jet::Jet;
use crate::special::portable::{exp, ln};
use crate::special::rising::RisingLnGamma;

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

    const PART: usize = 2048;

    fn shared(logs: &Logs, _: f64) -> Shared {
        let [r, alpha, a, b] = std::array::from_fn(|index| Jet::exp_of_parameter(logs, index));
        let a_plus_b = a + b;
        let constant = r * alpha.ln() - r.ln_gamma() + a_plus_b.ln_gamma() - b.ln_gamma();
        Shared { r, alpha, ln_a: a.ln(), b, a_plus_b, constant }
    }

    /// A1 · A2 of the appendix for each count, then for each history: either he is still there (A3), or he left with his
    /// last purchase (A4).
    fn sum(shared: &Shared, histories: &[History], weights: &[f64]) -> Jet<4> {
        let [mut of_r, mut of_b, mut of_both] = [shared.r, shared.b, shared.a_plus_b].map(RisingLnGamma::new);
        let mut sum = Jet::ZERO;
        for (histories, weights) in equal_counts(histories, weights) {
            let repeats = histories[0].repeats;
            let chances = repeats + f64::from(FIRST);
            let counts = shared.constant + of_r.at(repeats) + of_b.at(chances) - of_both.at(chances);
            sum.add_times(weights.iter().sum(), &counts);
            let shape = shared.r.value + repeats;
            let leaves = if chances > 0.0 {
                shared.ln_a - (shared.b + (chances - 1.0)).ln()
            } else {
                // He cannot have left.
                Jet { value: f64::NEG_INFINITY, ..Jet::ZERO }
            };
            let times = of_times(shape, shared.alpha.value, leaves.value, histories, weights);
            sum = sum + Jet::compose(&times, &[shared.r, shared.alpha, leaves]);
        }
        sum
    }

    fn starts(distinct: &Distinct) -> Vec<Logs> {
        let rate = distinct.mean(|one| one.repeats).max(1e-3);
        let start = |r: f64, a: f64, b: f64| [r, r / rate, a, b].map(libm::log);
        vec![start(0.3, 0.8, 2.5), start(1.0, 1.0, 1.0), start(0.1, 0.3, 3.0), start(3.0, 0.5, 10.0)]
    }
}

const LANES: usize = 8;

/// The weighted sum over customers of the same shape p = r + x of what is left of their log-likelihoods,
/// −p ln(α + T) + ln(1 + e^D) with D = `leaves` + p · [ln(α + T) − ln(α + t<sub>x</sub>)], by r, α and `leaves`.
fn of_times(p: f64, alpha: f64, leaves: f64, histories: &[History], weights: &[f64]) -> Jet<3> {
    let sums = crate::wide::wide(
        #[inline(always)]
        || add_up(p, alpha, leaves.max(-1e300), histories, weights),
    );
    // Of ln(α + T), 1/(α + T), 1/(α + T)²; of ln(1 + e^D), and of its slope by D times 1 and the slopes of D by r, by α and by
    // α twice; of its bend by D times 1, the slopes of D, and their products.
    let [ln_age, by_age, by_age_squared, either, left, left_r, left_alpha, left_alpha_twice, bends @ ..] =
        sums.map(|lanes| lanes.iter().sum::<f64>());
    let [bend, bend_r, bend_alpha, bend_r_r, bend_r_alpha, bend_alpha_alpha] = bends;
    let r_alpha = left_alpha - by_age + p * bend_r_alpha;
    let alpha_twice = p * (by_age_squared + left_alpha_twice) + p * p * bend_alpha_alpha;
    let alpha_leaves = p * bend_alpha;
    Jet {
        value: either - p * ln_age,
        gradient: [left_r - ln_age, p * (left_alpha - by_age), left],
        hessian: [[bend_r_r, r_alpha, bend_r], [r_alpha, alpha_twice, alpha_leaves], [bend_r, alpha_leaves, bend]],
    }
}

/// One per sum of [`of_times`].
const SUMS: usize = 14;

/// The sums in lanes, which a caller adds up.
#[inline(always)]
fn add_up(shape: f64, alpha: f64, leaves: f64, histories: &[History], weights: &[f64]) -> [[f64; LANES]; SUMS] {
    let mut sums = [[0.0; LANES]; SUMS];
    let (chunks, rest) = histories.as_chunks::<LANES>();
    let (weight_chunks, weights_left) = weights.as_chunks::<LANES>();
    for (histories, weights) in chunks.iter().zip(weight_chunks) {
        add_lanes(shape, alpha, leaves, histories, weights, &mut sums);
    }
    if let Some(&any) = rest.first() {
        let (mut histories, mut weights) = ([any; LANES], [0.0; LANES]);
        histories[..rest.len()].copy_from_slice(rest);
        weights[..rest.len()].copy_from_slice(weights_left);
        add_lanes(shape, alpha, leaves, &histories, &weights, &mut sums);
    }
    sums
}

#[inline(always)]
fn add_lanes(
    shape: f64,
    alpha: f64,
    leaves: f64,
    histories: &[History; LANES],
    weights: &[f64; LANES],
    sums: &mut [[f64; LANES]; SUMS],
) {
    for lane in 0..LANES {
        let (age, last, weight) = (alpha + histories[lane].age, alpha + histories[lane].last, weights[lane]);
        let (ln_age, by_age, by_last) = (ln(age), 1.0 / age, 1.0 / last);
        let longer = ln_age - ln(last);
        let difference = leaves + shape * longer;
        let (less, more) = (exp(-difference.abs()), if difference > 0.0 { difference } else { 0.0 });
        let larger = 1.0 / (1.0 + less);
        let left = if difference > 0.0 { larger } else { less * larger };
        let bend = weight * (less * larger * larger);
        let left = weight * left;
        let slope = by_age - by_last;
        let terms = [
            weight * ln_age,
            weight * by_age,
            weight * (by_age * by_age),
            weight * (more + ln(1.0 + less)),
            left,
            left * longer,
            left * slope,
            left * (by_last * by_last - by_age * by_age),
            bend,
            bend * longer,
            bend * slope,
            bend * (longer * longer),
            bend * (longer * slope),
            bend * (slope * slope),
        ];
        for (sum, term) in sums.iter_mut().zip(terms) {
            sum[lane] += term;
        }
    }
}
