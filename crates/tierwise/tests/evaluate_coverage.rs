//! Intervals hold what they promise: drawn again and again from a known world, they hold its truth as often as stated.

#![allow(clippy::unwrap_used)]

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use tierwise::Outcome;
use tierwise::evaluate::{AucScale, Bootstrap, Figure, NumberFigure, compare_roc_auc, roc_auc_interval};

struct World(ChaCha8Rng);

impl World {
    fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.uniform()).ln()
    }

    /// Customers of whom a share has the event, and two scores that rank those with it equally well: exponential ones,
    /// of mean 3 with the event and 1 without, so that the area under the curve is 3 / (3 + 1).
    fn scored(&mut self, rows: usize, share: f64) -> (Vec<bool>, [Vec<f64>; 2]) {
        let happened: Vec<bool> = (0..rows).map(|_| self.uniform() < share).collect();
        let mut score = || happened.iter().map(|&one| self.exponential(if one { 3.0 } else { 1.0 })).collect();
        let scores = [score(), score()];
        (happened, scores)
    }
}

const TRUTH: f64 = 0.75;

/// How many customers give at least some fifty of the rarer kind.
const WORLDS: [(f64, usize); 5] = [(0.01, 6000), (0.1, 600), (0.5, 150), (0.9, 600), (0.99, 6000)];

#[test]
fn delong_covers_at_every_base_rate_and_in_both_orders() {
    for (share, rows) in WORLDS {
        let covered = |seed: u64, turned: bool| {
            let (happened, [score, _]) = World::new(seed).scored(rows, share);
            let (happened, score): (Vec<bool>, Vec<f64>) = if turned {
                (happened.iter().map(|one| !one).collect(), score.iter().map(|s| -s).collect())
            } else {
                (happened, score)
            };
            let found = roc_auc_interval(&Outcome::binary("y", &happened), &score, 0.9, AucScale::Logit).unwrap();
            found.low <= TRUTH && TRUTH <= found.high
        };
        for turned in [false, true] {
            let covered = (0..400).filter(|&seed| covered(seed, turned)).count();
            // 360 expected, with a standard deviation of 6.
            assert!((338..=380).contains(&covered), "{covered} of 400 at {share}");
        }
    }
}

#[test]
fn equally_good_scores_are_told_apart_as_often_as_stated() {
    for (share, rows) in WORLDS {
        let different = |seed: &u64| {
            let (happened, [first, second]) = World::new(*seed).scored(rows, share);
            compare_roc_auc(&Outcome::binary("y", &happened), &first, &second, 0.95).unwrap().p_value < 0.1
        };
        let different = (1000..1400).filter(different).count();
        assert!((20..=62).contains(&different), "{different} of 400 at {share}");
    }
}

#[test]
fn bootstraps_cover() {
    let covered = |seed: &u64| {
        let (happened, [score, _]) = World::new(*seed).scored(300, 0.3);
        let outcome = Outcome::binary("y", &happened);
        let found =
            Bootstrap::new(*seed).replicates(250).confidence(0.9).interval(&outcome, &score, Figure::RocAuc).unwrap();
        found.low <= TRUTH && TRUTH <= found.high
    };
    let covered = (2000..2300).filter(covered).count();
    // 270 expected, with a standard deviation of 5; percentiles fall a little short in small samples.
    assert!((250..=288).contains(&covered), "{covered} of 300");
}

#[test]
fn bootstraps_of_errors_cover() {
    let covered = |seed: &u64| {
        let mut world = World::new(*seed);
        let said = vec![1.0; 200];
        let spent: Vec<f64> = said.iter().map(|_| world.exponential(1.0)).collect();
        let bootstrap = Bootstrap::new(*seed).replicates(250).confidence(0.9);
        let found = bootstrap.number_interval(&spent, &said, None, NumberFigure::MeanAbsoluteError).unwrap();
        // The mean absolute deviation of the exponential distribution is 2 / e.
        let truth = 2.0 * (-1.0_f64).exp();
        found.low <= truth && truth <= found.high
    };
    let covered = (3000..3300).filter(covered).count();
    assert!((250..=288).contains(&covered), "{covered} of 300");
}
