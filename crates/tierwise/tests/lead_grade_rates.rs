//! Rates per grade: quantiles, shrinkage, order, tests, and what is refused. Reference values from scipy 1.x unless said.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use statrs::function::gamma::ln_gamma;
use tierwise::lead::{GradeCounts, GradeRates, Verdict, grade_rates};
use tierwise::rates::{rate, shrunken_rates};
use tierwise::{Outcome, Summary};

/// Counts through the public form, so that ten million deals need no loop.
fn counted(won: &[u64], closed: &[u64]) -> GradeCounts {
    let grades: Vec<String> = (0..won.len()).map(|at| format!("g{at}")).collect();
    let file = serde_json::json!({"grades": grades, "won": won, "closed": closed, "ungraded": 0});
    serde_json::from_value(file).unwrap()
}

fn rates(won: &[u64], closed: &[u64]) -> GradeRates {
    grade_rates(&counted(won, closed), 0.95, 0.95).unwrap()
}

fn close(found: f64, expected: f64, relative: f64) {
    assert!((found - expected).abs() <= relative * expected.abs(), "{found:e} where {expected:e} was expected");
}

#[test]
fn intervals_are_quantiles_of_beta_at_any_size() {
    // scipy.stats.beta.ppf(tail, events + 0.5, trials - events + 0.5)
    let expected = [
        (0.0, 1e6, 0.95, [0.0, 2.511_939_310_746_783_8e-6]),
        (0.0, 1e6, 0.999, [0.0, 6.057_812_710_118_454e-6]),
        (0.0, 1e7, 0.95, [0.0, 2.511_942_715_366_002_4e-7]),
        (1e6, 1e6, 0.95, [0.999_997_488_060_689_2, 1.0]),
        (1e7, 2e7, 0.95, [0.499_780_869_378_117_3, 0.500_219_130_621_882_7]),
        (1e7, 2e7, 0.999, [0.499_632_107_981_721_1, 0.500_367_892_018_278_9]),
        (0.0, 1.0, 0.95, [0.0, 0.853_253_683_690_424_8]),
        (0.5, 1.0, 0.95, [0.025, 0.975]),
        (1.0, 1e7, 0.95, [1.078_976_434_272_950_2e-8, 4.674_200_826_695_119e-7]),
        (1.0, 1e7, 0.999, [7.639_483_809_690_483e-10, 8.864_994_406_689_446e-7]),
        (30.0, 100.0, 0.95, [0.216_841_428_618_805, 0.394_546_506_630_773_23]),
        (3e7, 1e8, 0.95, [0.299_910_188_956_402_3, 0.300_089_822_620_821]),
    ];
    for (events, trials, confidence, [low, high]) in expected {
        let found = rate(events, trials, confidence).unwrap();
        close(found.low, low, 1e-9);
        close(found.high, high, 1e-9);
    }
    for trials in [1e-300, 1e-3, 1e20, 1e300] {
        let found = rate(0.5 * trials, trials, 0.95).unwrap();
        assert!(found.low <= 0.5 && 0.5 <= found.high, "{found:?}");
    }
}

/// The Beta-binomial log-likelihood up to a constant, written with gamma functions alone.
fn log_likelihood(events: &[f64], trials: &[f64], mean: f64, strength: f64) -> f64 {
    let ln_beta = |a: f64, b: f64| ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    let (a, b) = (mean * strength, (1.0 - mean) * strength);
    events.iter().zip(trials).map(|(k, n)| ln_beta(a + k, b + n - k) - ln_beta(a, b)).sum()
}

#[test]
fn the_prior_has_the_greatest_likelihood_of_a_grid() {
    let groups: [(&[f64], &[f64]); 4] = [
        (&[30.0, 20.0, 21.0, 2.0], &[50.0, 80.0, 90.0, 60.0]),
        (&[9.0, 1.0, 0.0], &[10.0, 10.0, 10.0]),
        (&[400.0, 30.0, 1.0, 0.0, 7.0], &[1000.0, 300.0, 5.0, 2.0, 9.0]),
        (&[5.0, 0.0], &[5.0, 5.0]),
    ];
    for (events, trials) in groups {
        let found = shrunken_rates(events, trials, 0.95).unwrap();
        let ours = log_likelihood(events, trials, found.mean, found.strength);
        let all: f64 = trials.iter().sum();
        for mean in (1..200).map(|at| f64::from(at) / 200.0) {
            for step in 0..=200 {
                let strength = 0.1 * (all / 0.1).powf(f64::from(step) / 200.0);
                assert!(log_likelihood(events, trials, mean, strength) <= ours + 1e-9, "{mean} {strength} {found:?}");
            }
        }
        for (one, (k, n)) in found.rates.iter().zip(events.iter().zip(trials)) {
            close(one.rate, (found.mean * found.strength + k) / (found.strength + n), 1e-12);
            assert!(one.low < one.rate && one.rate < one.high);
        }
    }
}

#[test]
fn where_the_spread_is_unknown_the_stated_fallbacks_hold() {
    let one = shrunken_rates(&[3.0, 0.0], &[10.0, 0.0], 0.95).unwrap();
    close(one.mean, 3.5 / 11.0, 1e-15);
    assert_eq!(one.strength, 1.0);
    close(one.rates[1].rate, one.mean, 1e-15);
    let alike = shrunken_rates(&[20.0, 20.0, 20.0], &[50.0, 50.0, 50.0], 0.95).unwrap();
    close(alike.strength, 150.0, 1e-9);
    // Near the share of the pool; a prior of finite strength moves the likeliest mean a little towards one half.
    close(alike.mean, 0.4, 2e-3);
    let never = shrunken_rates(&[0.0, 0.0], &[10.0, 30.0], 0.95).unwrap();
    close(never.mean, 0.5 / 41.0, 1e-15);
    assert_eq!(never.strength, 40.0);
    let always = shrunken_rates(&[10.0, 30.0], &[10.0, 30.0], 0.95).unwrap();
    close(1.0 - always.mean, 0.5 / 41.0, 1e-12);
    // A group without trials is no evidence about the others.
    let (with, without) = (
        shrunken_rates(&[9.0, 0.0, 2.0], &[20.0, 0.0, 30.0], 0.95).unwrap(),
        shrunken_rates(&[9.0, 2.0], &[20.0, 30.0], 0.95).unwrap(),
    );
    assert_eq!((with.mean, with.strength), (without.mean, without.strength));
    close(with.rates[1].rate, with.mean, 1e-12);
}

/// Pools the first wrong pair of neighbours until there is none: the definition, without care for speed.
fn pooled(won: &[u64], closed: &[u64]) -> Vec<f64> {
    let mut blocks: Vec<(u64, u64, usize)> = won.iter().zip(closed).map(|(&won, &closed)| (won, closed, 1)).collect();
    let rises = |pair: &[(u64, u64, usize)]| pair[0].0 * pair[1].1 < pair[1].0 * pair[0].1;
    while let Some(at) = blocks.windows(2).position(rises) {
        let next = blocks.remove(at + 1);
        blocks[at] = (blocks[at].0 + next.0, blocks[at].1 + next.1, blocks[at].2 + next.2);
    }
    blocks.iter().flat_map(|&(won, closed, grades)| vec![won as f64 / closed as f64; grades]).collect()
}

proptest! {
    #[test]
    fn isotonic_rates_are_those_of_plain_pooling(pairs in prop::collection::vec((0_u64..50, 1_u64..50), 1..9)) {
        let won: Vec<u64> = pairs.iter().map(|(won, more)| won % (more + 1)).collect();
        let closed: Vec<u64> = pairs.iter().map(|(_, more)| *more).collect();
        let found = rates(&won, &closed);
        for (one, expected) in found.rates.iter().zip(pooled(&won, &closed)) {
            prop_assert!((one.isotonic - expected).abs() < 1e-12);
        }
        prop_assert!((0.0..=1.0).contains(&found.order_probability));
    }

    #[test]
    fn parts_merged_count_as_the_whole(deals in prop::collection::vec((prop::option::of(0_usize..3), any::<bool>()), 2..60), cut in 0.0..1.0_f64) {
        let grades = ["A", "B", "C"];
        let count = |part: &[(Option<usize>, bool)]| {
            let codes: Vec<Option<usize>> = part.iter().map(|deal| deal.0).collect();
            let won: Vec<bool> = part.iter().map(|deal| deal.1).collect();
            GradeCounts::from_codes(&grades, &codes, &Outcome::binary("won", &won)).unwrap()
        };
        let (left, right) = deals.split_at((cut * deals.len() as f64) as usize);
        let mut merged = count(left);
        merged.merge(&count(right)).unwrap();
        prop_assert_eq!(&merged, &count(&deals));
        let mut other_way = count(right);
        other_way.merge(&count(left)).unwrap();
        prop_assert_eq!(merged, other_way);
    }
}

#[test]
fn order_probabilities_are_the_integrals() {
    // scipy.integrate.quad of the middle density times the tails of the others
    close(rates(&[15, 22, 10], &[40, 90, 90]).order_probability, 0.925_471_163_696_864_1, 1e-9);
    close(rates(&[1, 2, 0], &[1, 5, 4]).order_probability, 0.776_401_878_739_933_9, 1e-9);
    close(rates(&[5; 4], &[20; 4]).order_probability, 1.0 / 24.0, 1e-10);
    close(rates(&[10_000_000; 2], &[20_000_000; 2]).order_probability, 0.5, 1e-9);
    assert_eq!(rates(&[3], &[7]).order_probability, 1.0);
}

#[test]
fn fisher_and_trend_against_hand_values() {
    // The lady tasting tea: (16 + 1) / 70.
    close(rates(&[3, 1], &[4, 4]).pairs[0].p_value, 17.0 / 70.0, 1e-12);
    close(rates(&[7, 5], &[9, 16]).pairs[0].p_value, 0.033_495_759_860_008_065, 1e-10);
    close(rates(&[0, 5], &[9, 16]).pairs[0].p_value, 1.0, 1e-12);
    // The trend statistic is the correlation of grade and outcome times the root of the deals.
    let found = rates(&[30, 20, 21], &[50, 80, 90]);
    close(found.trend_z, 4.067_659_996_177_396_5, 1e-12);
    close(found.trend_p_value, 0.5 * libm::erfc(found.trend_z / std::f64::consts::SQRT_2), 1e-9);
    assert!(rates(&[0, 0], &[5, 9]).trend_z.is_nan());
}

#[test]
fn very_many_deals_and_hardly_any() {
    let many = rates(&[3_010_000, 3_000_000], &[10_000_000, 10_000_000]);
    assert_eq!(many.order_holds, Verdict::Holds);
    close(many.rates[0].rate, 0.301, 2e-4);
    assert!(many.rates[0].low > many.rates[1].high);
    assert!(many.pairs[0].p_value < 1e-5 && many.trend_z > 4.8);
    let against = rates(&[3_000_000, 3_010_000], &[10_000_000, 10_000_000]);
    assert_eq!((against.pairs[0].verdict, against.order_holds), (Verdict::Contradicted, Verdict::Contradicted));
    let none = rates(&[0, 0], &[10_000_000, 1]);
    assert!(none.rates.iter().all(|one| one.low >= 0.0 && one.high < 1e-6), "{none:?}");
    let tiny = rates(&[1, 0], &[1, 1]);
    assert_eq!(tiny.order_holds, Verdict::NotShown);
    let empty = rates(&[1, 0, 0], &[1, 0, 4]);
    assert!(empty.rates[1].observed.is_nan() && empty.rates[1].rate.is_finite());
    assert!(empty.pairs.iter().all(|pair| pair.verdict == Verdict::NotShown));
}

#[test]
fn refusals_say_what_and_where() {
    let said = |events: &[f64], trials: &[f64]| shrunken_rates(events, trials, 0.95).unwrap_err();
    assert_eq!(said(&[1.0], &[1.0, 2.0]).code(), "wrong_length");
    assert_eq!(said(&[], &[]).code(), "empty_table");
    assert_eq!(said(&[0.0], &[0.0]).code(), "empty_table");
    for (events, trials) in [(3.0, 2.0), (-1.0, 2.0), (f64::NAN, 2.0), (1.0, f64::INFINITY), (0.0, -1.0)] {
        let error = said(&[0.0, events], &[1.0, trials]);
        assert_eq!(error.code(), "invalid_value");
        assert!(error.to_string().contains("row 1"), "{error}");
    }
    for confidence in [0.0, 1.0, f64::NAN] {
        assert_eq!(rate(1.0, 2.0, confidence).unwrap_err().code(), "invalid_parameter");
        assert_eq!(grade_rates(&counted(&[1], &[2]), confidence, 0.9).unwrap_err().code(), "invalid_parameter");
    }
    assert!(rate(3.0, 2.0, 0.9).unwrap_err().to_string().contains("`events`"));
    assert!(rate(0.0, 0.0, 0.9).unwrap_err().to_string().contains("`trials`"));
    assert!(grade_rates(&counted(&[1], &[2]), 0.9, 0.5).unwrap_err().to_string().contains("`certainty`"));
    assert_eq!(grade_rates(&counted(&[0], &[0]), 0.9, 0.9).unwrap_err().code(), "empty_table");
    assert_eq!(GradeCounts::new(&[""; 0]).unwrap_err().code(), "invalid_parameter");
    assert!(GradeCounts::new(&["A", "A"]).unwrap_err().to_string().contains("`A` twice"));
    let mut counts = GradeCounts::new(&["A", "B"]).unwrap();
    assert_eq!(counts.observe("C", true).unwrap_err().code(), "unknown_name");
    assert_eq!(counts.merge(&GradeCounts::new(&["B", "A"]).unwrap()).unwrap_err().code(), "cannot_merge");
    let won = Outcome::binary("won", &[true, false]);
    let from =
        |codes: &[Option<usize>], won: &Outcome<'_>| GradeCounts::from_codes(&["A", "B"], codes, won).unwrap_err();
    assert_eq!(from(&[Some(0)], &won).code(), "wrong_length");
    assert_eq!(from(&[Some(0), Some(2)], &won).code(), "invalid_value");
    assert!(from(&[None, None], &won.clone().weights(vec![1.0, 2.0]).unwrap()).to_string().contains("`weights`"));
}
