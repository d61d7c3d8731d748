//! The forecast of signings: hand-computed cases, simulations with known truth, laws, and every error.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use statrs::distribution::{Binomial, DiscreteCDF};
use tierwise::lead::{
    ClassPlan, Driver, MonthlySignings, RateMethod, SigningCount, SigningForecast, TargetRule, WarningReason,
    forecast_backtest, signing_forecast, signing_warning,
};
use tierwise::{Error, Result};

const MEAN: RateMethod = RateMethod::MeanOfRates { months: 3 };
const POOLED: RateMethod = RateMethod::PooledRate { months: 3 };
const FITTED: RateMethod = RateMethod::Smoothing { alpha: None };

fn smoothing(alpha: f64) -> RateMethod {
    RateMethod::Smoothing { alpha: Some(alpha) }
}

fn code<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    result.unwrap_err().code()
}

/// One class over months that follow each other.
fn single(counts: &[(f64, f64)]) -> MonthlySignings {
    let months: Vec<i32> = (600..).take(counts.len()).collect();
    let (leads, signed): (Vec<f64>, Vec<f64>) = counts.iter().copied().unzip();
    MonthlySignings::without_classes(&months, &leads, &signed).unwrap()
}

fn of_all(history: &MonthlySignings, leads: f64, method: RateMethod) -> SigningForecast {
    signing_forecast(history, &[("all", leads)], &method, 0.9).unwrap()
}

fn rate(counts: &[(f64, f64)], method: RateMethod) -> f64 {
    of_all(&single(counts), 100.0, method).by_class[0].rate
}

fn assert_close(found: f64, expected: f64, within: f64) {
    assert!((found - expected).abs() <= within, "{found} is not {expected}");
}

fn uniform(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

fn signings(random: &mut ChaCha8Rng, leads: u32, rate: f64) -> f64 {
    f64::from((0..leads).map(|_| u32::from(uniform(random) < rate)).sum::<u32>())
}

/// A rate that is 0.2 plus or minus d with equal chances, so that ρ = d² / (0.2 × 0.8).
fn swinging(random: &mut ChaCha8Rng, rho: f64) -> f64 {
    let d = (rho * 0.16_f64).sqrt();
    if uniform(random) < 0.5 { 0.2 - d } else { 0.2 + d }
}

#[test]
fn the_two_readings_of_a_mean_rate_differ() {
    let counts = [(10.0, 5.0), (40.0, 8.0), (50.0, 15.0)];
    assert_close(rate(&counts, MEAN), (0.5 + 0.2 + 0.3) / 3.0, 1e-15);
    assert_close(rate(&counts, POOLED), 0.28, 1e-15);
}

#[test]
fn smoothing_lies_between_the_last_rate_and_the_pooled_one() {
    let counts = [(10.0, 5.0), (40.0, 8.0), (50.0, 15.0)];
    assert_eq!(rate(&counts, smoothing(1.0)), 0.3);
    assert_close(rate(&counts, smoothing(1e-9)), 0.28, 1e-7);
    // Weights 10/4, 40/2 and 50: (5/4 + 8/2 + 15) / 72.5.
    assert_close(rate(&counts, smoothing(0.5)), 20.25 / 72.5, 1e-15);
}

#[test]
fn months_without_leads_have_no_rate_and_are_passed_over() {
    let counts = [(10.0, 5.0), (0.0, 0.0), (40.0, 8.0), (50.0, 15.0), (0.0, 0.0)];
    assert_close(rate(&counts, MEAN), 1.0 / 3.0, 1e-15);
    assert_close(rate(&counts, POOLED), 0.28, 1e-15);
    assert_eq!(rate(&counts, smoothing(1.0)), 0.3);
    // The first month is three months older than the last one with leads, the second one month.
    assert_close(rate(&counts, smoothing(0.5)), (5.0 / 8.0 + 4.0 + 15.0) / (10.0 / 8.0 + 20.0 + 50.0), 1e-15);
}

#[test]
fn alpha_follows_a_step_and_ignores_noise() {
    let step: Vec<(f64, f64)> = (0..20).map(|month| (1000.0, if month < 10 { 100.0 } else { 300.0 })).collect();
    assert_eq!(of_all(&single(&step), 10.0, FITTED).alpha, Some(1.0));
    let noise: Vec<(f64, f64)> = (0..40).map(|month| (1000.0, if month % 2 == 0 { 190.0 } else { 210.0 })).collect();
    assert!(of_all(&single(&noise), 10.0, FITTED).alpha.unwrap() < 0.1);
}

#[test]
fn overdispersion_is_found_by_simulation() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    for rho in [0.0, 0.02, 0.1] {
        let counts: Vec<(f64, f64)> = (0..1000)
            .map(|month| {
                let leads = 40 + month % 5 * 40;
                let rate = swinging(&mut random, rho);
                (f64::from(leads), signings(&mut random, leads, rate))
            })
            .collect();
        let found = of_all(&single(&counts), 10.0, POOLED).by_class[0].overdispersion;
        assert_close(found, rho, 0.004 + rho * 0.05);
    }
}

/// The share of 1000 simulated histories of 24 months in which the next month lay within its 90 % interval.
fn coverage(rho: f64, leads: u32, method: RateMethod) -> f64 {
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let mut month = || {
        let rate = swinging(&mut random, rho);
        (f64::from(leads), signings(&mut random, leads, rate))
    };
    let covered = (0..1000).filter(|_| {
        let counts: Vec<(f64, f64)> = (0..24).map(|_| month()).collect();
        let (_, signed) = month();
        let forecast = of_all(&single(&counts), f64::from(leads), method);
        (forecast.low..=forecast.high).contains(&signed)
    });
    covered.count() as f64 / 1000.0
}

/// Whole-number ends hold a little more than 90 %; three standard errors of 1000 runs are 0.03.
#[test]
fn intervals_cover_what_they_promise() {
    for method in [MEAN, POOLED, smoothing(0.3)] {
        for (rho, leads, low, high) in [(0.0, 100, 0.88, 0.96), (0.0, 20, 0.88, 0.98), (0.03, 100, 0.86, 0.96)] {
            let covered = coverage(rho, leads, method);
            assert!((low..=high).contains(&covered), "{method:?}, ρ {rho}, {leads} leads: {covered}");
        }
    }
}

#[test]
fn a_count_of_binomial_moments_is_nearly_binomial() {
    for (leads, rate) in [(20_u32, 0.1), (100, 0.2), (1000, 0.02), (100_000, 0.3)] {
        let n = f64::from(leads);
        let count = SigningCount::new(n, n * rate, n * rate * (1.0 - rate)).unwrap();
        let binomial = Binomial::new(rate, leads.into()).unwrap();
        for share in [0.3, 0.6, 0.9, 1.0, 1.1, 1.5] {
            let target = (n * rate * share).round().max(1.0);
            let exact = binomial.cdf(target as u64 - 1);
            assert_close(count.probability_below(target).unwrap(), exact, if n * rate < 5.0 { 0.03 } else { 0.015 });
        }
    }
}

#[test]
fn counts_at_their_ends() {
    let none = SigningCount::new(0.0, 0.0, 0.0).unwrap();
    assert_eq!((none.interval(0.9).unwrap(), none.probability_below(1.0).unwrap()), ((0.0, 0.0), 1.0));
    let sure = SigningCount::new(50.0, 50.0, 0.0).unwrap();
    assert_eq!(sure.interval(0.9).unwrap(), (49.0, 50.0)); // the Beta keeps a little width at its end
    let huge = SigningCount::new(1e15, 2e14, 1.6e14).unwrap();
    let (low, high) = huge.interval(0.9).unwrap();
    assert_close((high - low) / 2.0 / 1.6e14_f64.sqrt(), 1.6449, 1e-3);
    assert_close(f64::midpoint(high, low), 2e14, 1e4);
    let coin = SigningCount::new(10.0, 5.0, 1e6).unwrap();
    assert_eq!(coin.interval(0.9).unwrap(), (0.0, 10.0));
    assert_eq!(coin.probability_below(f64::INFINITY).unwrap(), 1.0);
    assert_eq!(coin.probability_below(0.0).unwrap(), 0.0);
    assert_eq!(code(coin.probability_below(f64::NAN)), "invalid_parameter");
    for (leads, mean, variance) in [(-1.0, 0.0, 1.0), (1.5, 1.0, 1.0), (3.0, 4.0, 1.0), (3.0, 1.0, f64::NAN)] {
        assert_eq!(code(SigningCount::new(leads, mean, variance)), "invalid_parameter");
    }
    assert!(serde_json::from_str::<SigningCount>(r#"{"leads": 3, "mean": 4, "variance": 1}"#).is_err());
}

#[test]
fn no_signings_yet_are_no_certainty() {
    let forecast = of_all(&single(&[(20.0, 0.0); 3]), 100.0, POOLED);
    assert_eq!((forecast.expected, forecast.low), (0.0, 0.0));
    assert!(forecast.high >= 2.0);
}

fn two_classes() -> MonthlySignings {
    let class = ["A", "A", "A", "A", "B", "B", "B", "B"];
    let month = [0, 1, 2, 3, 0, 1, 2, 3];
    let leads = [10.0, 20.0, 10.0, 0.0, 100.0, 50.0, 100.0, 100.0];
    MonthlySignings::new(&class, &month, &leads, &[2.0, 2.0, 0.0, 0.0, 10.0, 10.0, 10.0, 30.0]).unwrap()
}

/// Mean of the last month's rate and of the last two, by hand.
#[test]
fn backtest_by_hand() {
    let methods = [RateMethod::MeanOfRates { months: 1 }, RateMethod::MeanOfRates { months: 2 }];
    let backtest = forecast_backtest(&two_classes(), &methods, 0.9).unwrap();
    assert_eq!((backtest.months, backtest.skipped, backtest.rows.len()), (2, 2, 6));
    let [total, a, b] = &backtest.rows[..3] else { panic!() };
    // A: expected 10 × 0.1 = 1 and 0, signed 0 and 0. B: 100 × 0.2 = 20 and 100 × 0.1 = 10, signed 10 and 30.
    assert_eq!((total.class.as_deref(), a.class.as_deref(), b.class.as_deref()), (None, Some("A"), Some("B")));
    assert_close(b.mean_relative_error, f64::midpoint(1.0, 2.0 / 3.0), 1e-12);
    assert_close(b.weighted_relative_error, 30.0 / 40.0, 1e-12);
    assert_close(b.rate_error_points, 15.0, 1e-12);
    assert_close(b.bias, -5.0, 1e-12);
    assert!(a.mean_relative_error.is_nan() && a.weighted_relative_error.is_nan());
    assert_eq!((a.months_without_signings, a.months_without_leads), (2, 1));
    assert_close(a.rate_error_points, 10.0, 1e-12);
    // Total: 21 and 10 expected, 10 and 30 signed, of 110 and 100 leads.
    assert_close(total.mean_relative_error, f64::midpoint(11.0 / 10.0, 20.0 / 30.0), 1e-12);
    assert_close(total.rate_error_points, f64::midpoint(10.0, 20.0), 1e-12);
    assert_eq!((total.expected, total.signed), (31.0, 40.0));
}

/// What the backtest says of a month is what a forecast on the day would have said.
#[test]
fn backtest_looks_at_nothing_later() {
    let counts = [(30.0, 6.0), (50.0, 4.0), (20.0, 7.0), (40.0, 9.0), (60.0, 10.0), (35.0, 2.0)];
    for method in [MEAN, POOLED, FITTED, smoothing(0.4)] {
        let first = if method == smoothing(0.4) { 1 } else { 3 };
        let backtest = forecast_backtest(&single(&counts), &[method], 0.9).unwrap();
        let expected: f64 = (first..6).map(|at| of_all(&single(&counts[..at]), counts[at].0, method).expected).sum();
        assert_eq!(backtest.rows[0].expected, expected);
        assert_eq!(backtest.skipped, first);
        assert_eq!(backtest.rows[0].expected, backtest.rows[1].expected);
    }
}

#[test]
fn a_warning_names_the_class_and_what_is_behind_it() {
    let next = [("A", 10.0), ("B", 100.0)];
    let forecast = signing_forecast(&two_classes(), &next, &MEAN, 0.9).unwrap();
    let plan = [
        ClassPlan { class: "B".into(), leads: 100.0, rate: 0.3 },
        ClassPlan { class: "A".into(), leads: 20.0, rate: 0.1 },
    ];
    let warning = signing_warning(&forecast, &TargetRule::new(35.0), Some(&plan)).unwrap();
    // A: 10 × 0.1 = 1, planned 2. B: 100 × 0.2 = 20, planned 30.
    assert!(warning.warn);
    assert_eq!(warning.reasons, [WarningReason::ExpectedBelowTarget]);
    assert_close(warning.shortfall, 14.0, 1e-12);
    assert_close(warning.stretch, 3.0, 1e-12);
    assert_eq!((warning.cause.as_deref(), warning.driver), (Some("B"), Some(Driver::Rate)));
    assert_close(warning.by_class[0].by_volume, -1.0, 1e-12);
    assert_close(warning.by_class[1].by_rate, -10.0, 1e-12);
}

#[test]
fn tolerance_and_risk_decide_on_the_warning() {
    let forecast = of_all(&single(&[(100.0, 20.0); 3]), 100.0, POOLED);
    let warning = |target, tolerance, most_risk| {
        signing_warning(&forecast, &TargetRule { target, tolerance, most_risk }, None).unwrap()
    };
    assert!(warning(21.0, 0.0, None).warn && !warning(21.0, 0.1, None).warn);
    assert!(!warning(20.0, 0.0, None).warn);
    let risky = warning(20.0, 0.0, Some(0.2));
    assert_eq!(risky.reasons, [WarningReason::RiskAboveLimit]);
    assert_eq!((risky.cause, risky.driver), (None, None)); // all as usual: nobody to blame
    assert!(!warning(20.0, 0.0, Some(0.9)).warn);
    assert_eq!(warning(20.0, 0.0, None).probability_below, forecast.count.probability_below(20.0).unwrap());
}

#[test]
fn histories_that_are_refused() {
    let new = |class: &[&str], month: &[i32], leads: &[f64], signed: &[f64]| {
        MonthlySignings::new(class, month, leads, signed).unwrap_err()
    };
    let says = |error: Error, row: usize, part: &str| {
        assert!(error.to_string().contains(part), "{error}");
        assert!(matches!(error, Error::InvalidValue { row: found, key: Some(_), .. } if found == row));
    };
    says(new(&["A", "A"], &[5, 5], &[1.0, 1.0], &[0.0, 0.0]), 1, "at row 0 already");
    says(new(&["A"], &[5], &[1.0], &[2.0]), 0, "or use longer months");
    for bad in [-1.0, 0.5, f64::NAN, f64::INFINITY, 2e9] {
        says(new(&["A"], &[5], &[bad], &[0.0]), 0, "whole number");
        says(new(&["A"], &[5], &[10.0], &[bad]), 0, "whole number");
    }
    says(new(&["A", "A"], &[674, 672], &[1.0, 1.0], &[0.0, 0.0]), 0, "2026-02 is missing");
    says(new(&["A", "A", "B"], &[4, 5, 4], &[1.0; 3], &[0.0; 3]), 2, "go on to 1970-06");
    says(new(&["A"], &[202_603], &[1.0], &[0.0]), 0, "since January 1970");
    for extreme in [i32::MIN, i32::MAX] {
        says(new(&["A"], &[extreme], &[1.0], &[0.0]), 0, "since January 1970");
    }
    let months: Vec<i32> = (0..1201).collect();
    let many = MonthlySignings::without_classes(&months, &[1.0; 1201], &[0.0; 1201]);
    assert!(many.unwrap_err().to_string().contains("at most 1200 months"));
    assert_eq!(code(MonthlySignings::new(&["A"], &[1, 2], &[1.0], &[1.0])), "wrong_length");
    assert_eq!(code(MonthlySignings::without_classes(&[], &[], &[])), "empty_table");
}

#[test]
fn forecasts_that_are_refused() {
    let history = two_classes();
    let next = [("A", 10.0), ("B", 100.0)];
    let with = |next: &[(&str, f64)], method, confidence| code(signing_forecast(&history, next, &method, confidence));
    assert_eq!(with(&next, RateMethod::MeanOfRates { months: 4 }, 0.9), "not_enough_data");
    assert_eq!(with(&next, RateMethod::PooledRate { months: usize::MAX }, 0.9), "not_enough_data");
    assert_eq!(with(&next, RateMethod::PooledRate { months: 0 }, 0.9), "invalid_parameter");
    assert_eq!(with(&next, smoothing(0.0), 0.9), "invalid_parameter");
    assert_eq!(with(&next, smoothing(f64::NAN), 0.9), "invalid_parameter");
    assert_eq!(with(&next, MEAN, 1.0), "invalid_parameter");
    assert_eq!(with(&next[..1], MEAN, 0.9), "invalid_parameter");
    assert_eq!(with(&[("A", 1.0), ("A", 1.0), ("B", 1.0)], MEAN, 0.9), "invalid_value");
    assert_eq!(with(&[("A", 0.5), ("B", 1.0)], MEAN, 0.9), "invalid_value");
    assert_eq!(with(&[("A", 1.0), ("C", 1.0)], MEAN, 0.9), "unknown_name");
    assert_eq!(code(forecast_backtest(&history, &[], 0.9)), "invalid_parameter");
    assert_eq!(
        code(forecast_backtest(&history, &[MEAN, RateMethod::PooledRate { months: 9 }], 0.9)),
        "not_enough_data"
    );
    let empty = single(&[(0.0, 0.0); 5]);
    assert_eq!(code(signing_forecast(&empty, &[("all", 1.0)], &smoothing(0.5), 0.9)), "not_enough_data");
}

#[test]
fn targets_and_plans_that_are_refused() {
    let forecast = of_all(&single(&[(100.0, 20.0); 3]), 100.0, POOLED);
    let rule = |target, tolerance, most_risk| TargetRule { target, tolerance, most_risk };
    for wrong in [
        rule(0.0, 0.0, None),
        rule(f64::NAN, 0.0, None),
        rule(10.0, 1.0, None),
        rule(10.0, -0.1, None),
        rule(10.0, 0.0, Some(1.0)),
    ] {
        assert_eq!(code(signing_warning(&forecast, &wrong, None)), "invalid_parameter");
    }
    let plan = |class: &str, leads, rate| ClassPlan { class: class.into(), leads, rate };
    let with = |plan: &[ClassPlan]| code(signing_warning(&forecast, &TargetRule::new(9.0), Some(plan)));
    assert_eq!(with(&[]), "invalid_parameter");
    assert_eq!(with(&[plan("B", 1.0, 0.1)]), "unknown_name");
    assert_eq!(with(&[plan("all", 1.0, 20.0)]), "invalid_value");
    assert_eq!(with(&[plan("all", f64::NAN, 0.1)]), "invalid_value");
    assert_eq!(with(&[plan("all", 1.0, 0.1), plan("all", 1.0, 0.1)]), "invalid_value");
}

/// Rows of up to four classes over up to eight months, each with leads at most 50.
fn rows() -> impl Strategy<Value = Vec<(String, i32, f64, f64)>> {
    (1..4_usize, 4..9_usize)
        .prop_flat_map(|(classes, months)| {
            let cell = (1..50_u32, 0.0..=1.0)
                .prop_map(|(leads, share): (u32, f64)| (f64::from(leads), (f64::from(leads) * share).floor()));
            (Just(months), prop::collection::vec(cell, classes * months))
        })
        .prop_map(|(months, cells)| {
            let name = |place: usize| ((b'A' + (place / months) as u8) as char).to_string();
            let row =
                |(place, (leads, signed)): (usize, (f64, f64))| (name(place), (place % months) as i32, leads, signed);
            cells.into_iter().enumerate().map(row).collect()
        })
}

fn history_of(rows: &[(String, i32, f64, f64)]) -> MonthlySignings {
    let class: Vec<&str> = rows.iter().map(|row| row.0.as_str()).collect();
    let month: Vec<i32> = rows.iter().map(|row| row.1).collect();
    let leads: Vec<f64> = rows.iter().map(|row| row.2).collect();
    let signed: Vec<f64> = rows.iter().map(|row| row.3).collect();
    MonthlySignings::new(&class, &month, &leads, &signed).unwrap()
}

proptest! {
    #[test]
    fn order_of_rows_does_not_matter(rows in rows(), seed in any::<u64>()) {
        let mut shuffled = rows.clone();
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        for place in (1..shuffled.len()).rev() {
            shuffled.swap(place, (random.next_u64() % (place as u64 + 1)) as usize);
        }
        prop_assert_eq!(history_of(&rows), history_of(&shuffled));
    }

    #[test]
    fn forecasts_stay_in_range_and_shortfalls_add_up(
        rows in rows(), next in 0..200_u32, target in 1.0..300.0, method in 0..4_usize, planned in 0.0..1.0
    ) {
        let history = history_of(&rows);
        let next: Vec<(&str, f64)> = history.classes().into_iter().map(|class| (class, f64::from(next))).collect();
        let method = [MEAN, POOLED, FITTED, smoothing(0.3)][method];
        let forecast = signing_forecast(&history, &next, &method, 0.8).unwrap();
        prop_assert!(0.0 <= forecast.low && forecast.low <= forecast.high && forecast.high <= forecast.leads);
        prop_assert!(forecast.by_class.iter().all(|class| (0.0..=1.0).contains(&class.rate)));
        let wider = signing_forecast(&history, &next, &method, 0.95).unwrap();
        prop_assert!(wider.low <= forecast.low && forecast.high <= wider.high);
        let plan: Vec<ClassPlan> = history.classes().into_iter()
            .map(|class| ClassPlan { class: class.into(), leads: 40.5, rate: planned }).collect();
        for plan in [None, Some(&plan[..])] {
            let warning = signing_warning(&forecast, &TargetRule::new(target), plan).unwrap();
            let parts: f64 = warning.by_class.iter().map(|row| row.by_volume + row.by_rate).sum();
            prop_assert!((warning.stretch - parts - warning.shortfall).abs() < 1e-12 * (1.0 + target + forecast.leads));
            let least = warning.by_class.iter().map(|row| row.difference).fold(f64::INFINITY, f64::min);
            match &warning.cause {
                Some(cause) => prop_assert!(warning.by_class.iter().any(|row| row.class == *cause && row.difference == least)),
                None => prop_assert!(!warning.warn || least >= 0.0),
            }
        }
    }
}
