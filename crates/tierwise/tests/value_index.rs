//! The value index and the purchase potential.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tierwise::value::{
    Direction, Normalisation, Uncertain, UnknownTerm, ValueIndex, ValueIndexSpec, ValueTerm, purchase_potential,
};
use tierwise::{Assign, Band, Columns, Error, Explain, Score};

fn message<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.unwrap_err().to_string()
}

fn index(terms: Vec<ValueTerm>) -> Result<ValueIndex, Error> {
    ValueIndex::new(ValueIndexSpec { terms, ..ValueIndexSpec::default() })
}

fn shares(normalise: &Normalisation, values: &[f64]) -> Vec<f64> {
    values.iter().map(|&value| normalise.share(value)).collect()
}

#[test]
fn each_normalisation_by_hand() {
    let min_max = Normalisation::MinMax { from: 10.0, to: 20.0 };
    assert_eq!(shares(&min_max, &[5.0, 10.0, 12.5, 20.0, 1e300]), [0.0, 0.0, 0.25, 1.0, 1.0]);
    let steps = Normalisation::Quantiles(vec![1.0, 2.0, 5.0, 9.0]);
    assert_eq!(shares(&steps, &[0.0, 1.0, 1.5, 2.0, 9.0, 99.0]), [0.0, 0.25, 0.25, 0.5, 1.0, 1.0]);
    let logistic = Normalisation::Logistic { middle: 3.0, scale: 2.0 };
    let found = shares(&logistic, &[3.0, 5.0, 1.0, -1e300, 1e300]);
    assert_eq!((found[0], found[3], found[4]), (0.5, 0.0, 1.0));
    assert!((found[1] - 0.731_058_578_630_004_9).abs() < 1e-15 && (found[1] + found[2] - 1.0).abs() < 1e-15);
    let anchors = Normalisation::Anchors(vec![(0.0, 0.1), (10.0, 0.9), (20.0, 0.5)]);
    assert_eq!(shares(&anchors, &[-5.0, 0.0, 5.0, 10.0, 15.0, 20.0, 99.0]), [0.1, 0.1, 0.5, 0.9, 0.7, 0.5, 0.5]);
    for normalise in [min_max, steps, logistic, anchors] {
        assert!(normalise.share(f64::NAN).is_nan());
    }
}

#[test]
fn limits_are_taken_from_known_customers() {
    let values = [4.0, f64::NAN, 1.0, 3.0, 2.0, 10.0];
    assert_eq!(Normalisation::min_max_of("x", &values).unwrap(), Normalisation::MinMax { from: 1.0, to: 10.0 });
    // numpy.mean and numpy.std(ddof=1) of 1, 2, 3, 4, 10
    let Normalisation::Logistic { middle, scale } = Normalisation::logistic_of("x", &values).unwrap() else {
        panic!("another normalisation")
    };
    assert!((middle - 4.0).abs() < 1e-14 && (scale - 3.535_533_905_932_738).abs() < 1e-14);
    assert_eq!(
        Normalisation::quantiles_of("x", &values, 5).unwrap(),
        Normalisation::Quantiles(vec![2.0, 3.0, 4.0, 10.0])
    );
    let ties = [1.0, 1.0, 1.0, 1.0, 2.0];
    assert_eq!(Normalisation::quantiles_of("x", &ties, 5).unwrap(), Normalisation::Quantiles(vec![2.0]));
    assert_eq!(Normalisation::logistic_of("x", &[1.0, 1.0]).unwrap_err().code(), "no_variation");
    assert_eq!(Normalisation::min_max_of("x", &[f64::NAN]).unwrap_err().code(), "no_variation");
    assert_eq!(Normalisation::min_max_of("x", &[]).unwrap_err().code(), "empty_table");
    assert_eq!(Normalisation::min_max_of("x", &[1.0, f64::INFINITY]).unwrap_err().code(), "not_finite");
    assert_eq!(Normalisation::logistic_of("x", &[-1e308, 1e308]).unwrap_err().code(), "no_variation");
    assert_eq!(Normalisation::quantiles_of("x", &values, 1).unwrap_err().code(), "invalid_parameter");
}

#[test]
fn weights_make_a_hundred_and_directions_turn() {
    let to_one = || Normalisation::MinMax { from: 0.0, to: 1.0 };
    let days = ValueTerm { direction: Direction::LowerIsBetter, ..ValueTerm::new("days", 1.0, to_one()) };
    let index = index(vec![ValueTerm::new("margin", 3.0, to_one()), days]).unwrap();
    let score = |row: [f64; 2]| index.score_row(&row);
    assert_eq!(
        (score([1.0, 0.0]), score([0.0, 1.0]), score([1.0, 1.0]), score([0.5, 0.25])),
        (100.0, 0.0, 75.0, 56.25)
    );
    assert!(score([f64::NAN, 0.0]).is_nan());
    assert_eq!(index.assign_row(&[1.0, 0.0]), None); // no tiers were asked for
}

#[test]
fn unknown_has_no_index_or_a_stated_share_or_is_refused() {
    let with = |unknown| {
        let term = ValueTerm { unknown, ..ValueTerm::new("margin", 1.0, Normalisation::MinMax { from: 0.0, to: 1.0 }) };
        index(vec![term]).unwrap()
    };
    assert!(with(UnknownTerm::NoIndex).score_row(&[f64::NAN]).is_nan());
    assert_eq!(with(UnknownTerm::Share(0.25)).score_row(&[f64::NAN]), 25.0);
    // A share for unknown is that of the good end, whatever the direction.
    let falling = ValueTerm {
        unknown: UnknownTerm::Share(0.25),
        direction: Direction::LowerIsBetter,
        ..ValueTerm::new("days", 1.0, Normalisation::MinMax { from: 0.0, to: 1.0 })
    };
    assert_eq!(index(vec![falling]).unwrap().score_row(&[f64::NAN]), 25.0);
    let refuses = with(UnknownTerm::Refuse);
    let refused = Columns::new(Score::features(&refuses), &[("margin", &[1.0, f64::NAN])]).unwrap_err();
    assert!(refused.to_string().contains("`margin` at row 1 is unknown"), "{refused}");
}

#[test]
fn tiers_cut_the_index() {
    let band = |name: &str, from, to| Band { name: name.into(), from, to };
    let spec = |tiers| ValueIndexSpec {
        terms: vec![ValueTerm::new("margin", 1.0, Normalisation::MinMax { from: 0.0, to: 200.0 })],
        tiers,
        ..ValueIndexSpec::default()
    };
    let made = ValueIndex::new(spec(vec![band("A", Some(50.0), None), band("B", None, Some(50.0))])).unwrap();
    assert_eq!([100.0, 99.9, f64::NAN].map(|margin| made.assign_row(&[margin])), [Some(0), Some(1), None]);
    let closed = ValueIndex::new(spec(vec![band("A", Some(50.0), Some(100.0)), band("B", None, Some(50.0))]));
    assert!(message(closed).contains("outermost"));
}

#[test]
fn terms_that_cannot_be_are_refused_by_name() {
    let sound = || Normalisation::MinMax { from: 0.0, to: 1.0 };
    let refused = |weight, normalise, unknown| {
        message(index(vec![ValueTerm { unknown, ..ValueTerm::new("margin", weight, normalise) }]))
    };
    for weight in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(refused(weight, sound(), UnknownTerm::NoIndex).contains("term `margin`: the weight"));
    }
    for (normalise, words) in [
        (Normalisation::MinMax { from: 1.0, to: 1.0 }, "`from` below `to`"),
        (Normalisation::MinMax { from: -1e308, to: 1e308 }, "`from` below `to`"),
        (Normalisation::MinMax { from: f64::NAN, to: 1.0 }, "`from` below `to`"),
        (Normalisation::Quantiles(vec![]), "at least one threshold"),
        (Normalisation::Quantiles(vec![2.0, 2.0]), "rising"),
        (Normalisation::Logistic { middle: 0.0, scale: 0.0 }, "`scale` above 0"),
        (Normalisation::Anchors(vec![(0.0, 0.0)]), "at least two points"),
        (Normalisation::Anchors(vec![(0.0, 0.0), (0.0, 1.0)]), "rising x"),
        (Normalisation::Anchors(vec![(0.0, 0.0), (1.0, 1.1)]), "from 0 to 1"),
    ] {
        let found = refused(1.0, normalise, UnknownTerm::NoIndex);
        assert!(found.contains(words), "{found}");
    }
    assert!(refused(1.0, sound(), UnknownTerm::Share(1.5)).contains("[0, 1]"));
    assert!(message(index(vec![])).contains("at least one is needed"));
    let twice = || ValueTerm::new("margin", 1.0, sound());
    assert_eq!(index(vec![twice(), twice()]).unwrap_err().code(), "duplicate_feature");
}

proptest! {
    #[test]
    fn the_index_stays_within_its_scale_and_its_parts_add_up(
        weights in prop::collection::vec(0.001..1000.0, 1..9),
        ones in prop::collection::vec(0.0..=1.0, 9),
    ) {
        let term = |(at, &weight): (usize, &f64)| {
            ValueTerm::new(&format!("x{at}"), weight, Normalisation::MinMax { from: 0.0, to: 1.0 })
        };
        let index = index(weights.iter().enumerate().map(term).collect()).unwrap();
        prop_assert_eq!(index.score_row(&vec![1.0; weights.len()]), 100.0);
        prop_assert_eq!(index.score_row(&vec![0.0; weights.len()]), 0.0);
        let row = &ones[..weights.len()];
        let score = index.score_row(row);
        prop_assert!((0.0..=100.0).contains(&score));
        let mut parts = vec![0.0; row.len()];
        index.contributions_row(row, &mut parts);
        prop_assert_eq!(parts.iter().fold(0.0, |sum, part| sum + part), score);
        let total: f64 = weights.iter().sum();
        let plain: f64 = weights.iter().zip(row).map(|(weight, share)| 100.0 * weight / total * share).sum();
        prop_assert!((plain - score).abs() < 1e-9);
    }
}

// Purchase potential

fn potential(chance: (f64, f64, f64), value: (f64, f64, f64), cost: f64) -> (f64, f64, f64) {
    let found = purchase_potential(
        Uncertain { estimate: &[chance.1], interval: Some((&[chance.0], &[chance.2])) },
        Uncertain { estimate: &[value.1], interval: Some((&[value.0], &[value.2])) },
        Some(&[cost]),
    )
    .unwrap();
    let (low, high) = found.interval.unwrap();
    (low[0], found.expected[0], high[0])
}

#[test]
fn a_certain_factor_leaves_the_relative_interval_of_the_other() {
    let (low, expected, high) = potential((0.25, 0.5, 0.6), (1000.0, 1000.0, 1000.0), 100.0);
    assert!((low - 150.0).abs() < 1e-9 && expected == 400.0 && (high - 500.0).abs() < 1e-9);
    // Both uncertain: wider than one of them, narrower than the product of the ends.
    let (low, _, high) = potential((0.25, 0.5, 0.6), (800.0, 1000.0, 1200.0), 0.0);
    assert!(low < 250.0 && low > 200.0 && high > 600.0 && high < 720.0);
}

#[test]
fn chances_of_nothing_and_unknown_ones() {
    assert_eq!(potential((0.0, 0.0, 0.1), (5.0, 10.0, 20.0), 1.0), (-1.0, -1.0, 1.0));
    assert_eq!(potential((0.0, 0.2, 0.4), (5.0, 10.0, 20.0), 0.0).0, 0.0);
    let unknown = purchase_potential(Uncertain::exact(&[f64::NAN]), Uncertain::exact(&[10.0]), None).unwrap();
    assert!(unknown.expected[0].is_nan() && unknown.interval.is_none());
    let (low, expected, high) = potential((f64::NAN, 0.2, f64::NAN), (5.0, 10.0, 20.0), 0.0);
    assert!(low.is_nan() && expected == 2.0 && high.is_nan());
}

#[test]
fn an_interval_of_one_factor_alone_asks_for_the_other() {
    let chance = Uncertain { estimate: &[0.2], interval: Some((&[0.1], &[0.3])) };
    let value = Uncertain { estimate: &[10.0], interval: Some((&[5.0], &[20.0])) };
    let found = message(purchase_potential(chance, Uncertain::exact(&[10.0]), None));
    assert!(found.contains("`value_interval`") && found.contains("pass it as both ends"), "{found}");
    let found = message(purchase_potential(Uncertain::exact(&[0.2]), value, None));
    assert!(found.contains("`chance_interval`") && found.contains("where the chance is certain"), "{found}");
}

#[test]
fn an_interval_of_the_product_covers() {
    // 20,000 prospects whose estimates err by 10 % and 20 % on the log scale; seeded, so the share is fixed.
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore, SeedableRng};
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let mut normal = || {
        let mut uniform = || (f64::from(random.next_u32()) + 0.5) / 4_294_967_296.0;
        (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos()
    };
    let (p, v, z) = (0.3, 5000.0, 1.959_963_984_540_054);
    let covered = (0..20_000)
        .filter(|_| {
            let estimate = |truth: f64, error: f64, z_error: f64| {
                let at = truth * (error * z_error).exp();
                (at * (-z * error).exp(), at, at * (z * error).exp())
            };
            let chance = estimate(p, 0.1, normal());
            let (low, _, high) = potential(chance, estimate(v, 0.2, normal()), 0.0);
            (low..=high).contains(&(p * v))
        })
        .count();
    assert!((18_800..=19_200).contains(&covered), "{covered} of 20,000");
}

#[test]
fn what_cannot_be_is_refused_by_row() {
    let of = |chance: &[f64], value: &[f64], cost: Option<&[f64]>| {
        purchase_potential(Uncertain::exact(chance), Uncertain::exact(value), cost)
    };
    assert!(message(of(&[0.1, 1.5], &[1.0, 1.0], None)).contains("the chance to win at row 1"));
    assert!(message(of(&[0.1], &[-1.0], None)).contains("the value if won at row 0"));
    assert!(message(of(&[0.1], &[f64::INFINITY], None)).contains("the value if won at row 0"));
    assert!(message(of(&[0.1], &[1.0], Some(&[-1.0]))).contains("the cost at row 0"));
    assert_eq!(of(&[0.1], &[1.0, 2.0], None).unwrap_err().code(), "wrong_length");
    let outside = Uncertain { estimate: &[0.1], interval: Some((&[0.2], &[0.3])) };
    let certain = Uncertain { estimate: &[1.0], interval: Some((&[1.0], &[1.0])) };
    let found = message(purchase_potential(outside, certain, None));
    assert!(found.contains("within its interval, 0.2 to 0.3"), "{found}");
}
