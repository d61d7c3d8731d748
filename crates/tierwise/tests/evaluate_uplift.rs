//! Figures of uplift against published values, repetition of rows, simulation, and any number of threads.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tierwise::Outcome;
use tierwise::evaluate::{Bootstrap, EmptyArm, Normalisation, Places, UpliftFigure, UpliftRanking};

const BOUGHT: [f64; 12] = [0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0];
const PREDICTED: [f64; 12] = [0.9, 0.8, 0.75, 0.7, 0.6, 0.55, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05];
const TREATED: [bool; 12] = [true, true, false, true, false, true, false, false, true, false, false, true];
const NORMALISATIONS: [Normalisation; 4] =
    [Normalisation::Perfect, Normalisation::PerfectWithoutHarm, Normalisation::Overall, Normalisation::PerCustomer];

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs().max(1.0), "{found} is not {expected}");
}

fn all_close(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).for_each(|(&found, &expected)| close(found, expected));
}

fn twelve() -> UpliftRanking {
    UpliftRanking::new(&BOUGHT, &PREDICTED, &Outcome::binary("mail", &TREATED)).unwrap()
}

/// scikit-uplift 0.5.1 and causalml 0.18 on the same twelve rows.
#[test]
fn twelve_rows_as_the_peers_have_them() {
    let ranking = twelve();
    let radcliffe = [0.0, 0.0, 1.0, 1.0, 2.0, 0.5, 0.0, -2.0 / 3.0, 0.0, -0.5, -1.0, -0.5, 0.0];
    all_close(&ranking.qini_curve(EmptyArm::Zero).gains, &radcliffe);
    let causal = [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0, 2.0, 0.5, 0.0, -2.0 / 3.0, 0.0, -0.5, -1.0, -0.5, 0.0];
    all_close(&ranking.qini_curve(EmptyArm::Interpolate).gains, &causal);
    let uplift = [0.0, 0.0, 1.0, 1.5, 8.0 / 3.0, 5.0 / 6.0, 0.0, -7.0 / 6.0, 0.0, -0.9, -2.0, -1.1, 0.0];
    let curve = ranking.uplift_curve(EmptyArm::Zero);
    all_close(&curve.gains, &uplift);
    all_close(&curve.customers, &(0..=12).map(f64::from).collect::<Vec<_>>());
    close(ranking.qini(Normalisation::Perfect).unwrap().value, 0.067_901_234_567_901_24);
    close(ranking.auuc(Normalisation::Perfect).unwrap().value, 0.020_576_131_687_242_81);
    close(ranking.uplift_at(0.5, Places::Overall, 0.95).unwrap().uplift, 0.0);
    close(ranking.weighted_average_uplift(3, Places::Overall).unwrap(), 0.222_222_222_222_222_24);
    close(ranking.qini(Normalisation::PerCustomer).unwrap().value, 0.141_025_641_025_641);
    close(ranking.auuc(Normalisation::PerCustomer).unwrap().value, 0.051_282_051_282_051_31);
    // scikit-uplift says infinite and causalml NaN: the mail had no effect on the whole.
    close(ranking.overall(), 0.0);
    let harm = ranking.qini(Normalisation::PerfectWithoutHarm).unwrap_err().to_string();
    assert_eq!(
        harm,
        "The `normalisation` of `qini` must be one that these rows allow, such as `per_customer`: the treatment did not \
         help on the whole, so that the perfect curve encloses no area. Got `perfect_without_harm`."
    );
    for refused in [ranking.qini(Normalisation::Overall), ranking.auuc(Normalisation::Overall)] {
        assert!(refused.unwrap_err().to_string().contains("no effect on the whole"));
    }
}

/// scikit-uplift's own two rows: the best order and the worst.
#[test]
fn two_rows() {
    let one = UpliftRanking::new(&[0.0, 1.0], &[0.1, 0.3], &Outcome::binary("mail", &[true, false])).unwrap();
    close(one.auuc(Normalisation::Perfect).unwrap().value, 0.0);
    close(one.qini(Normalisation::Perfect).unwrap().value, 1.0);
    let two = UpliftRanking::new(&[1.0, 0.0], &[0.1, 0.3], &Outcome::binary("mail", &[false, true])).unwrap();
    close(two.auuc(Normalisation::Perfect).unwrap().value, 1.0);
    close(two.qini(Normalisation::Perfect).unwrap().value, 1.0);
}

/// Newcombe 1998, table II, case (a) of method 10: 56/70 against 48/80.
#[test]
fn an_interval_of_a_difference_of_rates() {
    let arm = |yes: usize, no: usize| std::iter::repeat_n(1.0, yes).chain(std::iter::repeat_n(0.0, no));
    let bought: Vec<f64> = arm(56, 14).chain(arm(48, 32)).collect();
    let treated: Vec<bool> = (0..150).map(|row| row < 70).collect();
    let ranking = UpliftRanking::new(&bought, &[0.0; 150], &Outcome::binary("mail", &treated)).unwrap();
    let all = ranking.uplift_at(1.0, Places::Overall, 0.95).unwrap();
    close(all.uplift, 0.2);
    assert!((all.low - 0.0524).abs() < 5e-5 && (all.high - 0.3339).abs() < 5e-5, "{} {}", all.low, all.high);
    close(all.standard_error, (0.8 * 0.2 / 70.0 + 0.6 * 0.4 / 80.0_f64).sqrt());
}

/// Rows of a trial with few distinct predictions: outcome, prediction, arm, weight.
fn trial(largest: i32) -> impl Strategy<Value = Vec<(i32, i32, bool, usize)>> {
    prop::collection::vec((0..=largest, 0_i32..6, any::<bool>(), 0_usize..4), 2..40)
}

type Figures = Vec<Result<f64, String>>;

fn figures(ranking: &UpliftRanking) -> Figures {
    let text = |error: tierwise::Error| error.to_string();
    let mut all = Vec::new();
    for normalisation in NORMALISATIONS {
        all.push(ranking.qini(normalisation).map(|found| found.value).map_err(text));
        all.push(ranking.auuc(normalisation).map(|found| found.value).map_err(text));
    }
    for places in [Places::Overall, Places::ByArm] {
        let top = ranking.uplift_at(0.4, places, 0.9);
        all.push(top.clone().map(|row| row.uplift).map_err(text));
        all.push(top.map(|row| row.low + row.high + row.standard_error).map_err(text));
        all.push(ranking.weighted_average_uplift(1, places).map_err(text));
    }
    all
}

proptest! {
    #[test]
    fn weights_are_repetition(rows in trial(1), numbers in trial(5)) {
        for rows in [rows, numbers] {
            let bought: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
            let predicted: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
            let treated: Vec<bool> = rows.iter().map(|row| row.2).collect();
            let weights: Vec<f64> = rows.iter().map(|row| row.3 as f64).collect();
            let repeated: Vec<usize> = (0..rows.len()).flat_map(|row| std::iter::repeat_n(row, rows[row].3)).collect();
            let take = |values: &[f64]| repeated.iter().map(|&row| values[row]).collect::<Vec<f64>>();
            let many: Vec<bool> = repeated.iter().map(|&row| treated[row]).collect();
            let Ok(treatment) = Outcome::binary("mail", &treated).weights(&weights[..]) else { return Ok(()) };
            let one = UpliftRanking::new(&bought, &predicted, &treatment);
            let two = UpliftRanking::new(&take(&bought), &take(&predicted), &Outcome::binary("mail", &many));
            match (one, two) {
                (Ok(one), Ok(two)) => {
                    for (one, two) in figures(&one).into_iter().zip(figures(&two)) {
                        match (one, two) {
                            (Ok(one), Ok(two)) => close(one, two),
                            (one, two) => prop_assert_eq!(one, two),
                        }
                    }
                    if let Ok(qini) = two.qini(Normalisation::Perfect) {
                        let curve = two.qini_curve(EmptyArm::Zero);
                        let slices = curve.customers.windows(2).zip(curve.gains.windows(2));
                        let area: f64 = slices.map(|(x, y)| (x[1] - x[0]) * (y[0] + y[1]) / 2.0).sum();
                        let all = curve.customers.len() - 1;
                        close(qini.area, area - curve.customers[all] * curve.gains[all] / 2.0);
                        close(curve.random[all], curve.gains[all]);
                    }
                }
                (one, two) => prop_assert_eq!(one.unwrap_err(), two.unwrap_err()),
            }
        }
    }
}

/// Draws a trial: the treatment raises the rate by `0.3 · prediction · effect`.
fn drawn(size: u64, effect: f64, seed: u64) -> (Vec<f64>, Vec<f64>, Vec<bool>) {
    let uniform = |row: u64| {
        let mixed = row.wrapping_add(seed << 32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    };
    let row = |row: u64| {
        let (predicted, treated) = (uniform(3 * row), uniform(3 * row + 1) < 0.5);
        let rate = 0.3 + if treated { 0.1 + 0.3 * effect * predicted } else { 0.0 };
        (f64::from(u8::from(uniform(3 * row + 2) < rate)), predicted, treated)
    };
    let mut rows = (Vec::new(), Vec::new(), Vec::new());
    for (bought, predicted, treated) in (0..size).map(row) {
        rows.0.push(bought);
        rows.1.push(predicted);
        rows.2.push(treated);
    }
    rows
}

#[test]
fn the_test_of_no_heterogeneity_keeps_its_level_and_finds_differences() {
    let rejected = |effect: f64| {
        let one = |seed: u64| {
            let (bought, predicted, treated) = drawn(1000, effect, seed);
            let ranking = UpliftRanking::new(&bought, &predicted, &Outcome::binary("mail", &treated)).unwrap();
            ranking.heterogeneity(5, Places::Overall).unwrap().p_value < 0.05
        };
        (1..=400).filter(|&seed| one(seed)).count()
    };
    let (level, power) = (rejected(0.0), rejected(1.0));
    assert!((10..=32).contains(&level), "{level} of 400");
    assert!(power > 200, "{power} of 400");
}

#[test]
fn cochrans_q_by_hand() {
    let (bought, predicted, treated) = drawn(900, 1.0, 5);
    let ranking = UpliftRanking::new(&bought, &predicted, &Outcome::binary("mail", &treated)).unwrap();
    let table = ranking.uplift_table(3, Places::Overall, 0.95).unwrap();
    let found = ranking.heterogeneity(3, Places::Overall).unwrap();
    let weights: Vec<f64> = table.iter().map(|row| 1.0 / (row.standard_error * row.standard_error)).collect();
    let sum: f64 = weights.iter().sum();
    let mean = table.iter().zip(&weights).map(|(row, weight)| row.uplift * weight).sum::<f64>() / sum;
    let q: f64 =
        table.iter().zip(&weights).map(|(row, weight)| weight * (row.uplift - mean) * (row.uplift - mean)).sum();
    close(found.statistic, q);
    // Two degrees of freedom: the chance is exp(−Q / 2).
    close(found.p_value, (-q / 2.0).exp());
    close(found.first_less_last, table[0].uplift - table[2].uplift);
    assert!(table[0].highest >= table[0].lowest && table[0].lowest >= table[1].highest);
}

#[test]
fn bootstrap_intervals_cover() {
    // The true uplift of the top half is 0.1 + 0.3 · 0.75.
    let figure = UpliftFigure::UpliftAt { share: 0.5, places: Places::Overall };
    let covered = (1..=200).filter(|&seed| {
        let (bought, predicted, treated) = drawn(400, 1.0, seed);
        let treatment = Outcome::binary("mail", &treated);
        let drawn =
            Bootstrap::new(seed).replicates(200).uplift_interval(&bought, &predicted, &treatment, figure).unwrap();
        drawn.low <= 0.325 && 0.325 <= drawn.high
    });
    let covered = covered.count();
    assert!((178..=199).contains(&covered), "{covered} of 200");
}

#[test]
fn nothing_depends_on_the_number_of_threads() {
    let (bought, predicted, treated) = drawn(30_000, 1.0, 3);
    let weights: Vec<f64> = predicted.iter().map(|one| 0.5 + (one * 7.0).fract()).collect();
    let treatment = Outcome::binary("mail", &treated).weights(&weights[..]).unwrap();
    let spend: Vec<f64> = bought.iter().zip(&predicted).map(|(yes, one)| yes * (10.0 + 30.0 * one)).collect();
    let all = || {
        let drawn = |outcome: &[f64], figure| {
            Bootstrap::new(3)
                .replicates(10)
                .uplift_interval(outcome, &predicted, &treatment, figure)
                .unwrap()
                .replicates
        };
        let qini = UpliftFigure::Qini(Normalisation::Perfect);
        let auuc = UpliftFigure::Auuc(Normalisation::Overall);
        let ranking = UpliftRanking::new(&spend, &predicted, &treatment).unwrap();
        (ranking, drawn(&bought, qini), drawn(&spend, qini), drawn(&bought, auuc))
    };
    let on = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(all);
    assert_eq!(on(1), on(3));
}

#[test]
fn what_is_refused_says_where() {
    let treatment = Outcome::labels("segment", &["mail"; 12], "mail").unwrap();
    let alone = UpliftRanking::new(&BOUGHT, &PREDICTED, &treatment).unwrap_err().to_string();
    assert_eq!(
        alone,
        "not enough data for uplift, the control arm (`segment` is not `mail`): 0 where at least 1 are needed"
    );
    let mut broken = BOUGHT;
    broken[3] = f64::NAN;
    let treatment = Outcome::binary("mail", &TREATED);
    let error = UpliftRanking::new(&broken, &PREDICTED, &treatment).unwrap_err().to_string();
    assert!(error.starts_with("the outcome at row 3 is NaN"), "{error}");
    assert_eq!(UpliftRanking::new(&BOUGHT[1..], &PREDICTED, &treatment).unwrap_err().code(), "wrong_length");
    let ranking = twelve();
    let error = ranking.uplift_at(0.1, Places::Overall, 0.95).unwrap_err().to_string();
    assert_eq!(
        error,
        "not enough data for the uplift of the top 0.1, the control arm; take fewer groups or a larger share: 0 where at \
         least 1 are needed"
    );
    assert_eq!(ranking.uplift_table(13, Places::Overall, 0.95).unwrap_err().code(), "invalid_parameter");
    assert_eq!(ranking.heterogeneity(1, Places::Overall).unwrap_err().code(), "invalid_parameter");
    assert_eq!(ranking.uplift_at(1.5, Places::Overall, 0.95).unwrap_err().code(), "invalid_parameter");
    let spend: Vec<f64> = BOUGHT.iter().map(|one| one * 9.5).collect();
    let ranking = UpliftRanking::new(&spend, &PREDICTED, &treatment).unwrap();
    assert!(ranking.auuc(Normalisation::Perfect).unwrap_err().to_string().contains("no definition"));
    // The Qini coefficient does not depend on the unit.
    close(ranking.qini(Normalisation::Perfect).unwrap().value, 0.067_901_234_567_901_24);
    let plain =
        UpliftRanking::new(&BOUGHT, &PREDICTED, &Outcome::binary("mail", &[false; 12])).unwrap_err().to_string();
    assert!(plain.contains("the treated arm (`mail` is `true`)"), "{plain}");
}

/// One large customer at the top must not spoil what is known of the others, nor a row that counts for nothing say what kind
/// of outcome it is.
#[test]
fn groups_stand_by_themselves() {
    let spent: Vec<f64> = (0..400_u32).map(|row| if row == 0 { 1e10 } else { f64::from(row * 7919 % 101) }).collect();
    let predicted: Vec<f64> = (0..400).rev().map(f64::from).collect();
    let treated: Vec<bool> = (0..400).map(|row| row % 2 == 0).collect();
    let errors = |spent: &[f64]| -> Vec<f64> {
        let ranking = UpliftRanking::new(spent, &predicted, &Outcome::binary("mail", &treated)).unwrap();
        ranking.uplift_table(4, Places::Overall, 0.95).unwrap().iter().map(|row| row.standard_error).collect()
    };
    let (with, mut usual) = (errors(&spent), spent.clone());
    usual[0] = 3.0;
    let without = errors(&usual);
    (1..4).for_each(|group| assert!((with[group] / without[group] - 1.0).abs() < 1e-3, "{with:?} {without:?}"));

    let bought = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 7.0];
    let predicted = [6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0];
    let treated = [true, true, false, true, false, false, true];
    let weights = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0];
    let treatment = Outcome::binary("mail", &treated).weights(&weights[..]).unwrap();
    assert!(UpliftRanking::new(&bought, &predicted, &treatment).unwrap().auuc(Normalisation::Perfect).is_ok());
}
