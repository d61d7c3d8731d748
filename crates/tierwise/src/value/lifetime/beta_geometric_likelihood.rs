//! The likelihood of BG/NBD and MBG/NBD.
//!
//! Customers who bought equally often share all gamma functions, so that only ln(α + T), ln(α + t<sub>x</sub>) and the odds of having
//! left are worked out for each, several at once.

use super::distinct::Distinct;
use super::histories::History;
use super::process::{Likelihood, Logs, equal_counts};
use crate::special::jet::Jet;
use crate::special::portable::{exp, ln};
use crate::special::rising::{Derivatives, Rising};

/// The likelihood; `FIRST` is 1 where a customer may leave after his first purchase already, else 0.
#[derive(Debug)]
pub(super) struct BetaGeometricLikelihood<const FIRST: u8>;

/// r, α, a, b as jets.
#[derive(Debug)]
pub(super) struct Shared {
    r: Jet<4>,
    alpha: Jet<4>,
    a: Jet<4>,
    b: Jet<4>,
}

impl<const FIRST: u8> Likelihood for BetaGeometricLikelihood<FIRST> {
    type Shared = Shared;

    const PART: usize = 2048;

    fn shared(logs: &Logs, _: f64) -> Shared {
        let [r, alpha, a, b] = std::array::from_fn(|index| Jet::exp_of_parameter(logs, index));
        Shared { r, alpha, a, b }
    }

    /// A1 · A2 of the appendix for each count, then for each history: either he is still there (A3), or he left with his
    /// last purchase (A4).
    fn sum(shared: &Shared, histories: &[History], weights: &[f64]) -> Jet<4> {
        let &Shared { r, alpha, a, b } = shared;
        let (a_plus_b, ln_a) = (a + b, a.ln());
        let mut counts = [r, b, a_plus_b].map(|base| (Rising::new(base.value), Derivatives::default()));
        let mut columns = Columns::of(histories, weights);
        let (mut customers, mut row) = (0.0, 0);
        for (histories, weights) in equal_counts(histories, weights) {
            let repeats = histories[0].repeats;
            let chances = repeats + f64::from(FIRST);
            let weight: f64 = weights.iter().sum();
            customers += weight;
            for ((rising, sum), n) in counts.iter_mut().zip([repeats, chances, chances]) {
                sum.add_times(weight, rising.at(n));
            }
            let leaves = if chances > 0.0 {
                let before = b.value + (chances - 1.0);
                Leaves { log: ln_a.value - ln(before), by_b: -1.0 / before }
            } else {
                Leaves::CANNOT
            };
            columns.fill(row..row + histories.len(), r.value + repeats, leaves);
            row += histories.len();
        }
        let times = crate::wide::wide(
            #[inline(always)]
            || columns.sum(alpha.value),
        );
        let [(_, of_r), (_, of_b), (_, of_both)] = counts;
        let chain = |base: &Jet<4>, of: Derivatives| base.chain(of.value, of.slope, of.bend);
        r * alpha.ln() * customers + chain(&r, of_r) + chain(&b, of_b) - chain(&a_plus_b, of_both)
            + Jet::compose(&times, &[r, alpha, ln_a, b])
    }

    fn starts(distinct: &Distinct) -> Vec<Logs> {
        let rate = distinct.mean(|one| one.repeats).max(1e-3);
        let start = |r: f64, a: f64, b: f64| [r, r / rate, a, b].map(libm::log);
        vec![start(0.3, 0.8, 2.5), start(1.0, 1.0, 1.0), start(0.1, 0.3, 3.0), start(3.0, 0.5, 10.0)]
    }
}

/// ln of a / (b + chances − 1), the odds to have left with the last purchase, and its derivative by b; that by ln a is 1.
#[derive(Debug, Clone, Copy)]
struct Leaves {
    log: f64,
    by_b: f64,
}

impl Leaves {
    /// So small that it is nothing, while its products are numbers.
    const CANNOT: Self = Self { log: -1e300, by_b: 0.0 };
}

const LANES: usize = 16;

/// The value, four slopes and ten bends, by r, α, ln a and b.
const SUMS: usize = 15;

/// Customers by columns, in blocks that are worked on at once.
#[derive(Debug)]
struct Columns(Vec<Block>);

/// Those who are not there weigh nothing.
#[derive(Debug, Clone, Copy)]
struct Block {
    shape: [f64; LANES],
    leaves: [f64; LANES],
    leaves_by_b: [f64; LANES],
    age: [f64; LANES],
    last: [f64; LANES],
    weight: [f64; LANES],
}

impl Block {
    const NOBODY: Self = Self {
        shape: [1.0; LANES],
        leaves: [0.0; LANES],
        leaves_by_b: [0.0; LANES],
        age: [0.0; LANES],
        last: [0.0; LANES],
        weight: [0.0; LANES],
    };
}

impl Columns {
    fn of(histories: &[History], weights: &[f64]) -> Self {
        let block = |(histories, weights): (&[History], &[f64])| {
            let mut block = Block::NOBODY;
            block.weight[..weights.len()].copy_from_slice(weights);
            for (lane, history) in histories.iter().enumerate() {
                block.age[lane] = history.age;
                block.last[lane] = history.last;
            }
            block
        };
        Self(histories.chunks(LANES).zip(weights.chunks(LANES)).map(block).collect())
    }

    /// Customers who bought equally often share this.
    fn fill(&mut self, rows: std::ops::Range<usize>, shape: f64, leaves: Leaves) {
        let mut from = rows.start;
        while from < rows.end {
            let (block, lane) = (&mut self.0[from / LANES], from % LANES);
            let end = (lane + rows.end - from).min(LANES);
            block.shape[lane..end].fill(shape);
            block.leaves[lane..end].fill(leaves.log);
            block.leaves_by_b[lane..end].fill(leaves.by_b);
            from += end - lane;
        }
    }

    /// The weighted sum of what the times of customers add to their log-likelihoods, by r, α, ln a and b:
    /// −p ln(α + T) + ln(1 + e^D) with p = r + x and
    /// D = ln a − ln(b + chances − 1) + p · [ln(α + T) − ln(α + t<sub>x</sub>)].
    #[inline(always)]
    fn sum(&self, alpha: f64) -> Jet<4> {
        let mut sums = [[0.0; LANES]; SUMS];
        for block in &self.0 {
            add_lanes(alpha, block, &mut sums);
        }
        let [value, r, alpha, ln_a, b, r_r, r_alpha, r_a, r_b, alpha_alpha, alpha_a, alpha_b, a_a, a_b, b_b] =
            sums.map(|lanes| lanes.iter().sum());
        Jet {
            value,
            gradient: [r, alpha, ln_a, b],
            hessian: [
                [r_r, r_alpha, r_a, r_b],
                [r_alpha, alpha_alpha, alpha_a, alpha_b],
                [r_a, alpha_a, a_a, a_b],
                [r_b, alpha_b, a_b, b_b],
            ],
        }
    }
}

#[inline(always)]
fn add_lanes(alpha: f64, block: &Block, sums: &mut [[f64; LANES]; SUMS]) {
    for lane in 0..LANES {
        let (age, last) = (alpha + block.age[lane], alpha + block.last[lane]);
        let (p, weight, by_b) = (block.shape[lane], block.weight[lane], block.leaves_by_b[lane]);
        let (ln_age, by_age, by_last) = (ln(age), 1.0 / age, 1.0 / last);
        // The derivatives of D by r and by α.
        let longer = ln_age - ln(last);
        let slope = p * (by_age - by_last);
        let difference = block.leaves[lane] + p * longer;
        let (less, more) = (exp(-difference.abs()), if difference > 0.0 { difference } else { 0.0 });
        let larger = 1.0 / (1.0 + less);
        // The derivatives of ln(1 + e^D) by D.
        let left = weight * if difference > 0.0 { larger } else { less * larger };
        let bend = weight * (less * larger * larger);
        let (bend_longer, bend_slope, bend_b) = (bend * longer, bend * slope, bend * by_b);
        let (by_age_squared, by_last_squared) = (by_age * by_age, by_last * by_last);
        let terms = [
            weight * (more + ln(1.0 + less) - p * ln_age),
            left * longer - weight * ln_age,
            left * slope - weight * (p * by_age),
            left,
            left * by_b,
            bend_longer * longer,
            bend_longer * slope + left * (by_age - by_last) - weight * by_age,
            bend_longer,
            bend_longer * by_b,
            bend_slope * slope + p * (weight * by_age_squared + left * (by_last_squared - by_age_squared)),
            bend_slope,
            bend_slope * by_b,
            bend,
            bend_b,
            (bend + left) * (by_b * by_b),
        ];
        for (sum, term) in sums.iter_mut().zip(terms) {
            sum[lane] += term;
        }
    }
}
