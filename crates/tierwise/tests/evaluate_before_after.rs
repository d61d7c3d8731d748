//! Before and after against statsmodels 0.15, scipy 1.17 and repetition of rows.

#![allow(clippy::unwrap_used)]

use tierwise::evaluate::{
    DifferenceErrors, campaign_lift, campaign_revenue, difference_in_differences, mean_change, rate_change,
    ratio_of_rates, wilson_rate,
};
use tierwise::{Error, Outcome};

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
}

/// `proportion_confint(method="wilson")`, `confint_proportions_2indep(method="newcomb")`, `proportions_ztest`.
#[test]
fn rates_are_those_of_statsmodels() {
    let rate = wilson_rate(7.0, 20.0, 0.95).unwrap();
    close(rate.low, 0.181_191_824_101_082_03, 1e-13);
    close(rate.high, 0.567_145_723_314_763_8, 1e-13);
    let change = rate_change((60.0, 400.0), (38.0, 410.0), 0.95).unwrap();
    close(change.difference.low, NEWCOMBE[0], 1e-12);
    close(change.difference.high, NEWCOMBE[1], 1e-12);
    close(change.z, NEWCOMBE[2], 1e-12);
    close(change.p_value, NEWCOMBE[3], 1e-12);
    let never = rate_change((0.0, 50.0), (0.0, 60.0), 0.9).unwrap();
    assert_eq!((never.z, never.p_value, never.ratio), (0.0, 1.0, None));
    assert!(never.difference.low < 0.0 && never.difference.high > 0.0);
    assert_eq!((never.before.low, wilson_rate(5.0, 5.0, 0.9).unwrap().high), (0.0, 1.0));
    let ratio = ratio_of_rates((30.0, 100.0), (50.0, 100.0), 0.95).unwrap();
    close(ratio.low, KATZ[0], 1e-12);
    close(ratio.high, KATZ[1], 1e-12);
    let turned = ratio_of_rates((50.0, 100.0), (30.0, 100.0), 0.95).unwrap();
    close(turned.low * ratio.high, 1.0, 1e-14);
    assert_eq!(ratio_of_rates((0.0, 9.0), (1.0, 9.0), 0.95).unwrap_err().code(), "not_enough_data");
}

/// Newcombe's interval covers at about the stated rate, at base rates of 1 to 99 %: exactly, over all outcomes.
#[test]
fn the_interval_of_a_difference_covers() {
    let binomial = |n: u32, p: f64| -> Vec<f64> {
        let mut chances = vec![(1.0 - p).powi(n as i32)];
        for k in 0..n {
            chances.push(chances[k as usize] * f64::from(n - k) / f64::from(k + 1) * p / (1.0 - p));
        }
        chances
    };
    for rate in [0.01, 0.1, 0.5, 0.9, 0.99] {
        let (one, two) = (binomial(60, rate), binomial(80, 0.9 * rate));
        let mut covered = 0.0;
        for (k, p) in one.iter().enumerate() {
            for (l, q) in two.iter().enumerate() {
                let found = rate_change((k as f64, 60.0), (l as f64, 80.0), 0.95).unwrap().difference;
                covered += if (found.low..=found.high).contains(&(-0.1 * rate)) { p * q } else { 0.0 };
            }
        }
        assert!((0.93..=1.0).contains(&covered), "{rate}: {covered}");
    }
}

/// `ttest_ind(usevar="unequal")` and `CompareMeans.tconfint_diff`.
#[test]
fn welch_is_that_of_statsmodels() {
    let (before, after) = ([10.0, 12.0, 9.0, 11.0, 30.0], [14.0, 13.0, 15.0, 12.0]);
    let change = mean_change(&before, &after, [None, None], 0.95).unwrap();
    close(change.t, WELCH[0], 1e-12);
    close(change.p_value, WELCH[1], 1e-12);
    close(change.degrees_of_freedom, WELCH[2], 1e-12);
    close(change.difference.low, WELCH[3], 1e-10);
    close(change.difference.high, WELCH[4], 1e-10);
    let weights = [2.0, 1.0, 3.0, 0.0, 1.0];
    let repeated = [10.0, 10.0, 12.0, 9.0, 9.0, 9.0, 30.0];
    let (one, two) = (
        mean_change(&before, &after, [Some(&weights), None], 0.95).unwrap(),
        mean_change(&repeated, &after, [None, None], 0.95).unwrap(),
    );
    close(one.difference.low, two.difference.low, 1e-12);
    close(one.p_value, two.p_value, 1e-14);
    let flat = mean_change(&[1.0, 1.0], &[1.0, 1.0], [None, None], 0.95).unwrap();
    assert_eq!((flat.t, flat.p_value, flat.difference.low), (0.0, 1.0, 0.0));
    let apart = mean_change(&[1.0, 1.0], &[2.0, 2.0], [None, None], 0.95).unwrap();
    assert_eq!((apart.t, apart.p_value), (f64::INFINITY, 0.0));
    assert_eq!(mean_change(&[1.0], &[1.0, 2.0], [None, None], 0.95).unwrap_err().code(), "not_enough_data");
    assert_eq!(mean_change(&[1.0, f64::NAN], &[1.0], [None, None], 0.95).unwrap_err().code(), "invalid_value");
}

fn panel() -> (Vec<f64>, Vec<bool>, Vec<bool>, Vec<u32>) {
    let rows = 0..80_u32;
    let value = |row: u32| f64::from((row * 37) % 23) + if row % 4 == 3 { 4.0 } else { 0.0 };
    (
        rows.clone().map(value).collect(),
        rows.clone().map(|row| row % 2 == 1).collect(),
        rows.clone().map(|row| row % 4 >= 2).collect(),
        rows.map(|row| row / 4 * 2 + row % 2).collect(), // each customer before and after
    )
}

/// The interaction of `smf.ols("y ~ treated * after")`, plain, `cov_type="HC1"`, and grouped by customer.
#[test]
fn difference_in_differences_is_the_interaction_of_least_squares() {
    let (value, treated, after, customer) = panel();
    let plain = |errors| difference_in_differences(&value, &treated, &after, None, None, errors, 0.95).unwrap();
    let pooled = plain(DifferenceErrors::Pooled);
    close(pooled.effect.value, OLS[0], 1e-11);
    close(pooled.standard_error, OLS[1], 1e-11);
    close(pooled.effect.low, OLS[2], 1e-10);
    close(pooled.p_value, OLS[3], 1e-11);
    close(plain(DifferenceErrors::Robust).standard_error, OLS[4], 1e-11);
    let by_customer =
        difference_in_differences(&value, &treated, &after, None, Some(&customer), DifferenceErrors::Robust, 0.95)
            .unwrap();
    close(by_customer.standard_error, OLS[5], 1e-11);
    assert_eq!((by_customer.customers, by_customer.degrees_of_freedom), (Some(40), 39.0));
}

#[test]
fn weights_of_differences_are_repeated_rows() {
    let (value, treated, after, customer) = panel();
    let weights: Vec<f64> = (0..80).map(|row| f64::from(row % 3 + u32::from(row < 8))).collect();
    let rows: Vec<usize> = (0..80).flat_map(|row| std::iter::repeat_n(row, weights[row] as usize)).collect();
    let of = |row: &usize| (value[*row], treated[*row], after[*row], customer[*row]);
    let repeated: Vec<_> = rows.iter().map(of).collect();
    let values: Vec<f64> = repeated.iter().map(|row| row.0).collect();
    let sides: Vec<bool> = repeated.iter().map(|row| row.1).collect();
    let periods: Vec<bool> = repeated.iter().map(|row| row.2).collect();
    let whom: Vec<u32> = repeated.iter().map(|row| row.3).collect();
    for (errors, grouped) in
        [(DifferenceErrors::Pooled, false), (DifferenceErrors::Robust, false), (DifferenceErrors::Robust, true)]
    {
        let (one, two) = (grouped.then_some(&customer[..]), grouped.then_some(&whom[..]));
        let weighed = difference_in_differences(&value, &treated, &after, Some(&weights), one, errors, 0.9).unwrap();
        let expected = difference_in_differences(&values, &sides, &periods, None, two, errors, 0.9).unwrap();
        close(weighed.effect.low, expected.effect.low, 1e-12);
        close(weighed.standard_error, expected.standard_error, 1e-12);
    }
}

#[test]
fn a_campaign_is_worth_what_the_control_group_says() {
    let treated: Vec<bool> = (0..3000).map(|row| row % 3 > 0).collect();
    for rate in [1, 10, 50, 90, 99] {
        let bought: Vec<bool> =
            (0..3000).map(|row| (row * 7919) % 100 < rate + i32::from(row % 3 > 0 && rate < 99)).collect();
        let outcome = Outcome::binary("bought", &bought);
        let lift = campaign_lift(&outcome, &treated, Some(100.0), 0.95).unwrap();
        let change = lift.rates;
        close(lift.incremental.value, change.difference.value * 2000.0, 1e-9);
        close(lift.incremental.low, change.difference.low * 2000.0, 1e-9);
        close(lift.relative_lift.unwrap().value, change.after.rate / change.before.rate - 1.0, 1e-12);
        match lift.cost_per_incremental {
            Some(cost) => {
                close(cost.value, 100.0 / lift.incremental.value, 1e-12);
                assert_eq!(cost.high == f64::INFINITY, lift.incremental.low <= 0.0);
            }
            None => assert!(lift.incremental.value <= 0.0),
        }
        let weights = vec![2.0; 3000];
        let twice = campaign_lift(&outcome.clone().weights(weights).unwrap(), &treated, None, 0.95).unwrap();
        close(twice.incremental.value, 2.0 * lift.incremental.value, 1e-9);
        assert!(twice.rates.difference.high < change.difference.high);
    }
    let revenue: Vec<f64> = (0..3000).map(|row| f64::from((row * 7919) % 100)).collect();
    let found = campaign_revenue(&revenue, &treated, None, Some(50.0), 0.95).unwrap();
    close(found.profit.unwrap().low, found.incremental.low - 50.0, 1e-9);
    close(found.incremental.value, found.means.difference.value * 2000.0, 1e-9);
}

#[test]
fn what_says_nothing_is_refused() {
    let outcome = Outcome::binary("bought", &[true, false]);
    let error = campaign_lift(&outcome, &[true, true], None, 0.95).unwrap_err();
    let what = "the lift of a campaign, customers of the control group".into();
    assert_eq!(error, Error::NotEnoughData { what, needed: 1, found: 0 });
    assert_eq!(campaign_lift(&outcome, &[true], None, 0.95).unwrap_err().code(), "wrong_length");
    assert_eq!(campaign_lift(&outcome, &[true, false], Some(-1.0), 0.95).unwrap_err().code(), "invalid_parameter");
    assert_eq!(rate_change((5.0, 4.0), (1.0, 4.0), 0.95).unwrap_err().code(), "invalid_parameter");
    assert_eq!(rate_change((1.0, 4.0), (1.0, 4.0), 1.0).unwrap_err().code(), "invalid_parameter");
    assert_eq!(wilson_rate(0.0, 0.0, 0.95).unwrap_err().code(), "invalid_parameter");
    let (value, treated, after, _) = panel();
    let refused = |customers: Option<&[u32]>, treated: &[bool]| {
        difference_in_differences(&value, treated, &after, None, customers, DifferenceErrors::Robust, 0.95).unwrap_err()
    };
    assert_eq!(refused(None, &[true; 80]).code(), "not_enough_data");
    assert_eq!(refused(Some(&[1; 80]), &treated).code(), "not_enough_data");
    assert_eq!(refused(Some(&[1; 9]), &treated).code(), "wrong_length");
}

// What the functions named above give.
#[allow(clippy::unreadable_literal)]
const NEWCOMBE: [f64; 4] = [-0.10274740513006173, -0.012323622024943102, -2.500894689487522, 0.012388000934385357];
#[allow(clippy::unreadable_literal)]
const KATZ: [f64; 2] = [0.41951145274354046, 0.8581410534698285];
#[allow(clippy::unreadable_literal)]
const WELCH: [f64; 5] =
    [-0.22587223335077358, 0.8318353908512802, 4.2144340038348105, -11.744398688007488, 9.944398688007487];
#[allow(clippy::unreadable_literal)]
const OLS: [f64; 6] = [
    3.9999999999999964,
    3.0581642240162052,
    -2.090861920768308,
    0.1948245057471251,
    3.058164224016205,
    3.2518680399099633,
];
