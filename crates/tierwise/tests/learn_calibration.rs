//! Calibration against published values, brute force, and the properties that hold for every method.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tierwise::learn::{
    BetaShape, CalibratedModel, Calibration, CalibrationMap, CalibrationMethod, Calibrator, Logistic, LogisticModel,
    ScoreScale, estimate_base_rate, log_odds, probabilities, probability, shift_probabilities,
};
use tierwise::model::{self, Kinds, Saved};
use tierwise::{Columns, Error, Explain, Feature, Fit, Outcome, Score, Unknown, laws};

const METHODS: [CalibrationMethod; 7] = [
    CalibrationMethod::Platt,
    CalibrationMethod::Beta(BetaShape::Abm),
    CalibrationMethod::Beta(BetaShape::Ab),
    CalibrationMethod::Beta(BetaShape::Am),
    CalibrationMethod::Isotonic,
    CalibrationMethod::StrictIsotonic,
    CalibrationMethod::VennAbers,
];

const SCORES: [f64; 12] = [0.1, 0.2, 0.3, 0.35, 0.4, 0.5, 0.55, 0.6, 0.7, 0.8, 0.85, 0.9];
const HAPPENED: [bool; 12] = [false, false, true, false, false, true, false, true, true, false, true, true];

fn fit(method: CalibrationMethod, scores: &[f64], happened: &[bool]) -> Calibration {
    Calibrator::new(method).fit(scores, &Outcome::binary("won", happened)).unwrap()
}

/// The twelve points as probabilities.
fn published(method: CalibrationMethod) -> Calibration {
    let calibrator = Calibrator::new(method).scale(ScoreScale::Probability);
    calibrator.fit(&SCORES, &Outcome::binary("won", &HAPPENED)).unwrap()
}

#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
}

#[track_caller]
fn line(calibration: &Calibration) -> (f64, f64) {
    match calibration.map() {
        CalibrationMap::Platt { slope, offset } => (*slope, *offset),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn beta(calibration: &Calibration) -> (f64, f64, f64) {
    match calibration.map() {
        CalibrationMap::Beta { a, b, c } => (*a, *b, *c),
        other => panic!("{other:?}"),
    }
}

// ---- published values -------------------------------------------------------------------------------------------

/// Solved to 18 digits from the equations of Lin, Lin & Weng; the second set is scikit-learn's own test, whose file
/// carries -0.2026135 and 0.6523631.
#[test]
fn platt_of_lin_lin_and_weng() {
    let (slope, offset) = line(&published(CalibrationMethod::Platt));
    close(slope, 3.206_453_202_834_963_7, 1e-13);
    close(offset, -1.671_071_820_329_540_6, 1e-13);
    let (slope, offset) = line(&fit(CalibrationMethod::Platt, &[5.0, -4.0, 1.0], &[true, false, false]));
    close(slope, 0.202_614_489_618_475_6, 1e-15);
    close(offset, -0.652_366_638_998_449_1, 1e-15);
}

#[test]
fn isotonic_pools_and_joins_as_scikit_learn_does() {
    let third = 1.0 / 3.0;
    let expected = [0.0, 0.0, third, third, third, 0.5, 0.5, 2.0 * third, 2.0 * third, 2.0 * third, 1.0, 1.0];
    let isotonic = published(CalibrationMethod::Isotonic);
    for (score, expected) in SCORES.into_iter().zip(expected) {
        close(isotonic.probability(score), expected, 2e-16);
    }
    for (score, expected) in [(0.05, 0.0), (0.25, third / 2.0), (0.325, third), (0.95, 1.0)] {
        close(isotonic.probability(score), expected, 3e-16);
    }
    assert_eq!((isotonic.log_odds(0.15), isotonic.log_odds(0.87)), (f64::NEG_INFINITY, f64::INFINITY));
}

/// betacal 1.1.0, whose optimiser stops early: ours must come close, and be likelier. To the last digits the same
/// equations solved by a few lines of NumPy.
#[test]
fn beta_against_its_authors() {
    let published_values = [
        (BetaShape::Abm, 1.904_181_162_5, 0.246_494_686_7, 0.483_048_284_9),
        (BetaShape::Ab, 1.762_223_991_8, 0.369_835_088_0, 0.5),
        (BetaShape::Am, 0.991_021_602_7, 0.991_021_602_7, 0.527_700_045_7),
    ];
    for (shape, a, b, m) in published_values {
        let calibration = published(CalibrationMethod::Beta(shape));
        let found = beta(&calibration);
        let c = b * (1.0_f64 - m).ln() - a * m.ln();
        for (found, expected) in [(found.0, a), (found.1, b), (found.2, c)] {
            close(found, expected, 5e-3);
        }
        let likelihood = |a: f64, b: f64, c: f64| -> f64 {
            let one = |(p, happened): (&f64, &bool)| {
                let log_odds = a * p.ln() - b * (1.0 - p).ln() + c;
                -(if *happened { -log_odds } else { log_odds }).exp().ln_1p()
            };
            SCORES.iter().zip(&HAPPENED).map(one).sum()
        };
        let ours = likelihood(found.0, found.1, found.2);
        assert!(ours >= likelihood(a, b, c), "{shape:?}");
        close(calibration.report().unwrap().log_likelihood, ours, 1e-13);
        // The likelihood falls on all sides, by the square of the distance.
        for step in [[1e-4, 0.0, 0.0], [0.0, 1e-4, 0.0], [0.0, 0.0, 1e-4]] {
            let both =
                |sign: f64| likelihood(found.0 + sign * step[0], found.1 + sign * step[1], found.2 + sign * step[2]);
            if shape == BetaShape::Abm {
                assert!(both(1.0) < ours && both(-1.0) < ours);
            }
        }
    }
    let calibration = published(CalibrationMethod::Beta(BetaShape::Abm));
    close(calibration.probability(0.1), 0.041_660_460_229, 2e-4);
    close(calibration.probability(0.9), 0.830_597_555_542, 2e-4);
    let solved = [
        (BetaShape::Abm, 1.903_531_195_646_445_8, 0.246_617_130_922_672_5, 1.222_543_339_550_743_2),
        (BetaShape::Ab, 1.766_297_503_958_634_8, 0.368_058_970_789_340_2, 0.969_185_097_016_570_1),
        (BetaShape::Am, 0.991_518_093_859_051_2, 0.991_518_093_859_051_2, -0.110_020_937_300_766_2),
    ];
    for (shape, a, b, c) in solved {
        let found = beta(&published(CalibrationMethod::Beta(shape)));
        for (found, expected) in [(found.0, a), (found.1, b), (found.2, c)] {
            close(found, expected, 1e-12);
        }
    }
}

/// Log-odds and the probabilities that have them are two ways to say the same.
#[test]
fn beta_of_log_odds_is_beta_of_probabilities() {
    let log_odds: Vec<f64> = SCORES.iter().map(|&p| log_odds(p)).collect();
    for shape in [BetaShape::Abm, BetaShape::Ab, BetaShape::Am] {
        let (one, other) =
            (published(CalibrationMethod::Beta(shape)), fit(CalibrationMethod::Beta(shape), &log_odds, &HAPPENED));
        for (p, z) in SCORES.into_iter().zip(&log_odds) {
            close(one.probability(p), other.probability(*z), 1e-12);
        }
    }
    // A straight line in log-odds, but without Platt's targets.
    let (a, b, c) = beta(&fit(CalibrationMethod::Beta(BetaShape::Am), &log_odds, &HAPPENED));
    assert_eq!(a, b);
    let steep = fit(CalibrationMethod::Platt, &log_odds, &HAPPENED);
    assert!(line(&steep).0 < a && c.is_finite());
}

// ---- Venn-Abers by its definition ---------------------------------------------------------------------------------

/// The isotonic rate at `at` by min-max: no stack, no pooling.
fn min_max(points: &[(f64, f64, f64)], at: f64) -> f64 {
    let mut ties: Vec<(f64, f64, f64)> = Vec::new();
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (score, yes, weight) in sorted {
        match ties.last_mut() {
            Some(last) if last.0 == score => (last.1, last.2) = (last.1 + yes, last.2 + weight),
            _ => ties.push((score, yes, weight)),
        }
    }
    let place = ties.iter().position(|tie| tie.0 == at).unwrap();
    let mean = |from: usize, to: usize| {
        let (yes, weight) = ties[from..=to].iter().fold((0.0, 0.0), |sum, tie| (sum.0 + tie.1, sum.1 + tie.2));
        yes / weight
    };
    let least = |from: usize| (place..ties.len()).map(|to| mean(from, to)).fold(f64::INFINITY, f64::min);
    (0..=place).map(least).fold(f64::NEG_INFINITY, f64::max)
}

fn both_classes(rows: &[(f64, bool)]) -> bool {
    rows.iter().any(|row| row.1) && rows.iter().any(|row| !row.1) && rows.iter().any(|row| row.0 != rows[0].0)
}

fn rows_of_integers() -> impl Strategy<Value = Vec<(f64, bool)>> {
    prop::collection::vec((0i32..8, any::<bool>()), 2..24)
        .prop_map(|rows| rows.into_iter().map(|(score, yes)| (f64::from(score), yes)).collect::<Vec<_>>())
        .prop_filter("two classes and two scores", |rows| both_classes(rows))
}

/// Rows of a base rate from 1 to 99 %, likelier to be positive where the score is high.
fn rows_of_a_base_rate() -> impl Strategy<Value = Vec<(f64, bool)>> {
    let rate = prop::sample::select(vec![0.01, 0.1, 0.5, 0.9, 0.99]);
    (rate, prop::collection::vec((-30i32..30, 0.0..1.0), 3..300)).prop_map(|(rate, rows)| {
        let shift = log_odds(rate);
        let row = |(score, chance): (i32, f64)| {
            let score = f64::from(score) / 10.0;
            (score, chance < probability(score + shift))
        };
        rows.into_iter().map(row).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn venn_abers_is_two_isotonic_fits(rows in rows_of_integers(), weights in prop::collection::vec(1u32..4, 24)) {
        let (scores, happened): (Vec<f64>, Vec<bool>) = rows.iter().copied().unzip();
        let weights: Vec<f64> = (0..rows.len()).map(|row| f64::from(weights[row])).collect();
        let outcome = Outcome::binary("won", &happened).weights(&weights[..]).unwrap();
        let calibration = Calibrator::new(CalibrationMethod::VennAbers).fit(&scores, &outcome).unwrap();
        // A score beyond those seen counts as the outermost one.
        let ends = scores.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |ends, &s| [ends[0].min(s), ends[1].max(s)]);
        for given in (-3..19).map(|half| f64::from(half) / 2.0) {
            let at = given.clamp(ends[0], ends[1]);
            let mut points: Vec<(f64, f64, f64)> =
                rows.iter().zip(&weights).map(|((score, yes), weight)| (*score, weight * f64::from(u8::from(*yes)), *weight)).collect();
            points.push((at, 0.0, 1.0));
            let low = min_max(&points, at);
            points.last_mut().unwrap().1 = 1.0;
            let high = min_max(&points, at);
            let found = calibration.interval(given).unwrap();
            prop_assert!((found.0 - low).abs() < 1e-13 && (found.1 - high).abs() < 1e-13, "{found:?} is not {low}, {high} at {at}");
            prop_assert!((calibration.probability(given) - high / (1.0 - low + high)).abs() < 1e-14);
        }
    }

    #[test]
    fn isotonic_is_the_min_max_formula(rows in rows_of_integers()) {
        let (scores, happened): (Vec<f64>, Vec<bool>) = rows.iter().copied().unzip();
        let calibration = fit(CalibrationMethod::Isotonic, &scores, &happened);
        let points: Vec<_> = rows.iter().map(|(score, yes)| (*score, f64::from(u8::from(*yes)), 1.0)).collect();
        for score in scores {
            prop_assert!((calibration.probability(score) - min_max(&points, score)).abs() < 1e-14);
        }
    }

    /// Also far outside the scores that were seen, and between them.
    #[test]
    fn no_method_ever_falls(rows in rows_of_a_base_rate(), reversed in any::<bool>()) {
        prop_assume!(both_classes(&rows));
        let (scores, happened): (Vec<f64>, Vec<bool>) = rows.iter().map(|(score, yes)| (*score, *yes != reversed)).unzip();
        let mut at: Vec<f64> = (-400..400).map(|step| f64::from(step) / 97.0).collect();
        at.extend([f64::NEG_INFINITY, -1e300, -1e30, -800.0, -40.0, 40.0, 800.0, 1e30, 1e300, f64::INFINITY]);
        at.sort_by(f64::total_cmp);
        for method in METHODS {
            match Calibrator::new(method).fit(&scores, &Outcome::binary("won", &happened)) {
                Ok(calibration) => {
                    let found = calibration.log_odds_of(&at).unwrap();
                    prop_assert!(found.iter().all(|value| !value.is_nan()), "{method:?}");
                    for (at, pair) in at.windows(2).zip(found.windows(2)) {
                        prop_assert!(pair[1] >= pair[0], "{method:?} falls from {pair:?} at {at:?}");
                    }
                }
                Err(error) => {
                    let fine = matches!(error, Error::Separation { .. } | Error::NotEnoughData { .. });
                    prop_assert!(fine && matches!(method, CalibrationMethod::Beta(_)), "{method:?}: {error}");
                }
            }
        }
    }

    #[test]
    fn weights_are_repeated_rows_and_the_order_is_nothing(rows in rows_of_a_base_rate(), weights in prop::collection::vec(0u32..4, 300)) {
        let repeated: Vec<(f64, bool)> = rows.iter().zip(&weights)
            .flat_map(|(row, weight)| std::iter::repeat_n(*row, *weight as usize)).rev().collect();
        prop_assume!(!repeated.is_empty() && both_classes(&repeated));
        let (scores, happened): (Vec<f64>, Vec<bool>) = rows.iter().copied().unzip();
        let weights: Vec<f64> = weights[..rows.len()].iter().map(|weight| f64::from(*weight)).collect();
        let weighted = Outcome::binary("won", &happened).weights(&weights[..]).unwrap();
        let (again, happened): (Vec<f64>, Vec<bool>) = repeated.into_iter().unzip();
        let repeated = Outcome::binary("won", &happened);
        for method in METHODS {
            let (one, other) = (Calibrator::new(method).fit(&scores, &weighted), Calibrator::new(method).fit(&again, &repeated));
            let (Ok(one), Ok(other)) = (&one, &other) else {
                prop_assert!(one.is_err() && other.is_err(), "{method:?}");
                continue;
            };
            // Whole weights add up exactly in any order.
            prop_assert_eq!(one.map(), other.map());
        }
    }

    /// The unit and the zero of the scores are nothing, save to beta calibration, which knows what log-odds are.
    #[test]
    fn a_line_through_the_scores_changes_nothing(rows in rows_of_a_base_rate(), by in 0.001..1000.0, shift in -100.0..100.0) {
        prop_assume!(both_classes(&rows));
        let (scores, happened): (Vec<f64>, Vec<bool>) = rows.iter().copied().unzip();
        let moved: Vec<f64> = scores.iter().map(|score| by * score + shift).collect();
        for method in METHODS.into_iter().filter(|method| !matches!(method, CalibrationMethod::Beta(_))) {
            let (one, other) = (fit(method, &scores, &happened), fit(method, &moved, &happened));
            for (score, moved) in scores.iter().zip(&moved) {
                let (one, other) = (one.probability(*score), other.probability(*moved));
                prop_assert!((one - other).abs() < 1e-8, "{method:?}: {one} {other}");
            }
        }
    }

    /// Both labels may be the positive one; turning scores and labels round turns probabilities round.
    #[test]
    fn either_class_may_be_positive(rows in rows_of_a_base_rate()) {
        prop_assume!(both_classes(&rows));
        let labels: Vec<&str> = rows.iter().map(|row| if row.1 { "b" } else { "a" }).collect();
        let (scores, turned): (Vec<f64>, Vec<f64>) = rows.iter().map(|row| (row.0, -row.0)).unzip();
        let (b, a) = (Outcome::labels("won", &labels, "b").unwrap(), Outcome::labels("won", &labels, "a").unwrap());
        for method in METHODS {
            let (b, a) = (Calibrator::new(method).fit(&scores, &b), Calibrator::new(method).fit(&turned, &a));
            let (Ok(b), Ok(a)) = (&b, &a) else {
                prop_assert!(a.is_err() && b.is_err(), "{method:?}");
                continue;
            };
            prop_assert_eq!((b.positive(), a.positive()), ("b", "a"));
            for score in (-400..400).map(|step| f64::from(step) / 97.0) {
                let (b, a) = (b.probability(score), a.probability(-score));
                prop_assert!((a + b - 1.0).abs() < 1e-7, "{method:?}: {b} and {a} at {score}");
            }
        }
    }

    /// Whoever calibrates expects as many positives as there were (for Platt: as there are among its targets).
    #[test]
    fn the_mean_probability_is_the_base_rate(rows in rows_of_a_base_rate()) {
        prop_assume!(both_classes(&rows));
        let (scores, happened): (Vec<f64>, Vec<bool>) = rows.iter().copied().unzip();
        let positives = happened.iter().filter(|yes| **yes).count() as f64;
        let negatives = happened.len() as f64 - positives;
        let targets = positives * (positives + 1.0) / (positives + 2.0) + negatives / (negatives + 2.0);
        let sum = |method: CalibrationMethod| fit(method, &scores, &happened).probabilities(&scores).unwrap().iter().sum::<f64>();
        prop_assert!((sum(CalibrationMethod::Platt) - targets).abs() < 1e-9);
        prop_assert!((sum(CalibrationMethod::Isotonic) - positives).abs() < 1e-9);
        if let Ok(beta) = Calibrator::new(CalibrationMethod::Beta(BetaShape::Abm)).fit(&scores, &Outcome::binary("won", &happened)) {
            prop_assert!((beta.probabilities(&scores).unwrap().iter().sum::<f64>() - positives).abs() < 1e-7);
        }
    }

    #[test]
    fn strict_isotonic_keeps_the_ranking_and_is_never_certain(rows in rows_of_a_base_rate()) {
        prop_assume!(both_classes(&rows));
        let (mut scores, happened): (Vec<f64>, Vec<bool>) = rows.iter().copied().unzip();
        let isotonic = fit(CalibrationMethod::StrictIsotonic, &scores, &happened);
        let CalibrationMap::StrictIsotonic { knots } = isotonic.map() else { panic!("{isotonic:?}") };
        prop_assume!(knots.len() > 1);
        scores.extend([-9.0, -5.0, 5.0, 9.0]);
        scores.sort_by(f64::total_cmp);
        scores.dedup();
        let found = isotonic.log_odds_of(&scores).unwrap();
        prop_assert!(found.windows(2).all(|pair| pair[0] < pair[1]), "{found:?}");
        prop_assert!(found.iter().all(|value| value.is_finite()));
    }

    #[test]
    fn the_saved_map_is_the_map(rows in rows_of_a_base_rate()) {
        prop_assume!(both_classes(&rows));
        let (scores, happened): (Vec<f64>, Vec<bool>) = rows.iter().copied().unzip();
        for method in METHODS {
            if let Ok(calibration) = Calibrator::new(method).fit(&scores, &Outcome::binary("won", &happened)) {
                let loaded: Calibration = model::load(&model::save(&calibration).unwrap()).unwrap();
                prop_assert_eq!(loaded, calibration);
            }
        }
    }

    /// The rate to which the procedure of the paper converges.
    #[test]
    fn the_base_rate_is_that_of_em(chances in prop::collection::vec(0.05f64..0.95, 5..60), old in prop::sample::select(vec![0.01, 0.1, 0.5, 0.9, 0.99])) {
        let estimate = estimate_base_rate(&chances, old).unwrap();
        let mut rate = old;
        for _ in 0..20_000 {
            let shifted = shift_probabilities(&chances, old, rate).unwrap();
            let next = shifted.iter().sum::<f64>() / shifted.len() as f64;
            if next <= 0.0 || next >= 1.0 || next == rate {
                break;
            }
            rate = next;
        }
        // Where the likelihood is all but flat EM is still on its way.
        let likelihood = |rate: f64| chances.iter().map(|p| (p * rate / old + (1.0 - p) * (1.0 - rate) / (1.0 - old)).ln()).sum::<f64>();
        prop_assert!(likelihood(estimate.base_rate) >= likelihood(rate) - 1e-9);
        if estimate.base_rate > 0.01 && estimate.base_rate < 0.99 {
            prop_assert!((estimate.base_rate - rate).abs() < 1e-3, "{} {rate}", estimate.base_rate);
        }
        prop_assert!((estimate.likelihood_ratio - 2.0 * likelihood(estimate.base_rate)).abs() < 1e-8);
        prop_assert!((0.0..=1.0).contains(&estimate.p_value));
    }
}

// ---- what cannot be calibrated --------------------------------------------------------------------------------------

#[test]
fn scores_that_separate_the_outcome() {
    let scores: Vec<f64> = (0..40).map(f64::from).collect();
    let happened: Vec<bool> = (0..40).map(|row| row >= 20).collect();
    let platt = fit(CalibrationMethod::Platt, &scores, &happened);
    // The targets of 20 and 20 rows are 21/22 and 1/22: no probability needs to go far beyond them.
    assert!(platt.probability(0.0) > 1e-6 && platt.probability(39.0) < 1.0 - 1e-6);
    assert!(platt.report().unwrap().gradient < 1e-12);
    for shape in [BetaShape::Abm, BetaShape::Ab, BetaShape::Am] {
        let error = Calibrator::new(CalibrationMethod::Beta(shape)).fit(&scores, &Outcome::binary("won", &happened));
        if shape == BetaShape::Ab {
            continue; // every score is above even odds, where this shape cannot part them
        }
        assert_eq!(error.unwrap_err().code(), "separation", "{shape:?}");
    }
    assert_eq!(fit(CalibrationMethod::Isotonic, &scores, &happened).probability(19.5), 0.5);
    let (low, high) = fit(CalibrationMethod::VennAbers, &scores, &happened).interval(100.0).unwrap();
    close(low, 20.0 / 21.0, 1e-15);
    assert_eq!(high, 1.0);
}

#[test]
fn scores_that_run_against_the_outcome() {
    let turned: Vec<f64> = SCORES.iter().map(|score| -20.0 * score).collect();
    for method in METHODS {
        let calibration = fit(method, &turned, &HAPPENED);
        let found = calibration.probabilities(&turned).unwrap();
        assert!(found[0] >= found[11], "{method:?}");
        let findings = &calibration.report().unwrap().findings;
        let is_flat = findings.iter().any(|finding| finding.contains("every score gets the same probability"));
        let curved = matches!(method, CalibrationMethod::VennAbers | CalibrationMethod::Beta(BetaShape::Ab));
        assert!(is_flat || curved, "{method:?}: {findings:?}");
    }
    let flat = fit(CalibrationMethod::Platt, &turned, &HAPPENED);
    close(flat.probability(3.0), 0.5, 1e-15);
    assert_eq!(line(&flat).0, 0.0);
    assert_eq!(flat.log_odds(f64::INFINITY), flat.log_odds(0.0));
}

/// The likelihood without limits would run to a falling curve that parts the classes; the best one that does not fall
/// is level, or leaves one part out.
#[test]
fn scores_that_separate_the_outcome_the_wrong_way_round() {
    let happened = [true, true, true, false, false, false];
    for shape in [BetaShape::Abm, BetaShape::Am] {
        let calibration = fit(CalibrationMethod::Beta(shape), &[-2.0, -1.5, -1.0, 1.0, 1.5, 2.0], &happened);
        let (a, b, c) = beta(&calibration);
        assert!(a == 0.0 && b == 0.0 && c.abs() < 1e-15, "{shape:?}: {a} {b} {c}");
        assert!(calibration.report().unwrap().findings.iter().any(|finding| finding.contains("every score gets")));
    }
    // One positive in the middle: only a curve that falls again parts it from the others.
    let middle = fit(
        CalibrationMethod::Beta(BetaShape::Abm),
        &[-2.0, -1.0, 0.0, 1.0, 2.0, 3.0],
        &[false, false, true, false, false, false],
    );
    let (a, b, _) = beta(&middle);
    assert!(a >= 0.0 && b >= 0.0 && (a == 0.0 || b == 0.0), "{a} {b}");
    close(middle.probabilities(&[-2.0, -1.0, 0.0, 1.0, 2.0, 3.0]).unwrap().iter().sum(), 1.0, 1e-9);
}

/// One of beta's two parts is dropped where it would make the map fall; what is left is the best map that does not.
#[test]
fn a_negative_part_of_beta_is_dropped() {
    // Rising from the middle on, but falling at the low end.
    let scores: [f64; 8] = [0.01, 0.01, 0.02, 0.3, 0.5, 0.6, 0.9, 0.95];
    let happened = [true, false, true, false, false, false, true, true];
    let calibrator = Calibrator::new(CalibrationMethod::Beta(BetaShape::Abm)).scale(ScoreScale::Probability);
    let calibration = calibrator.fit(&scores, &Outcome::binary("won", &happened)).unwrap();
    let (a, b, c) = beta(&calibration);
    assert!(a == 0.0 && b > 0.0, "{a} {b}");
    assert!(calibration.report().unwrap().findings.iter().any(|finding| finding.contains("`a`")));
    let likelihood = |a: f64, b: f64, c: f64| -> f64 {
        let one = |(p, yes): (&f64, &bool)| {
            let log_odds = a * p.ln() - b * (-p).ln_1p() + c;
            -(if *yes { -log_odds } else { log_odds }).exp().ln_1p()
        };
        scores.iter().zip(&happened).map(one).sum()
    };
    let best = likelihood(a, b, c);
    for (other_a, other_b, other_c) in [(0.01, b, c), (0.01, b, c + 0.02), (0.0, b + 0.01, c), (0.0, b, c - 0.01)] {
        assert!(likelihood(other_a, other_b, other_c) < best);
    }
    assert!(likelihood(-0.01, b, c - 0.02) > best, "without the limit the other sign would be better");
}

#[test]
fn scores_far_out_in_the_tails() {
    // So far out, one of the two logarithms of beta calibration is 0 for every row.
    for center in [-2000.0, 2000.0] {
        let scores: Vec<f64> = SCORES.iter().map(|score| center + 10.0 * score).collect();
        for method in METHODS {
            if method == CalibrationMethod::Beta(BetaShape::Ab) {
                continue; // without an intercept it cannot leave the tail
            }
            let calibration = fit(method, &scores, &HAPPENED);
            let found = calibration.probability(center + 5.0);
            assert!(found > 0.2 && found < 0.8, "{method:?}: {found} at {center}");
        }
    }
}

#[test]
fn what_is_no_score_is_refused_with_its_row() {
    let outcome = Outcome::binary("won", &[true, false, true]);
    let message = |scale: ScoreScale, scores: &[f64], outcome: &Outcome<'_>, method: CalibrationMethod| {
        let error = Calibrator::new(method).scale(scale).fit(scores, outcome).unwrap_err();
        (error.code(), error.to_string())
    };
    for method in METHODS {
        let check = |scale, scores: &[f64], code: &str, part: &str| {
            let (found, message) = message(scale, scores, &outcome, method);
            assert!(found == code && message.contains(part), "{found}: {message}");
        };
        check(ScoreScale::Score, &[1.0, f64::NAN, 2.0], "invalid_value", "row 1");
        check(ScoreScale::Score, &[1.0, 2.0, f64::NEG_INFINITY], "not_finite", "row 2");
        check(ScoreScale::Score, &[1.0, 2.0, 1e101], "invalid_value", "within 1e100");
        check(ScoreScale::Probability, &[0.5, 1.5, 0.2], "invalid_value", "row 1 is 1.5");
        check(ScoreScale::Probability, &[0.5, 0.3, -0.2], "invalid_value", "row 2 is -0.2");
        check(ScoreScale::Score, &[1.0, 1.0, 1.0], "no_variation", "all scores are equal");
        check(ScoreScale::Score, &[-0.0, 0.0, 0.0], "no_variation", "all scores are equal");
        check(ScoreScale::Score, &[1.0, 2.0], "wrong_length", "3");
    }
    let beta = CalibrationMethod::Beta(BetaShape::Abm);
    let (code, text) = message(ScoreScale::Probability, &[0.5, 0.3, 1.0], &outcome, beta);
    assert!(code == "invalid_value" && text.contains("row 2 is 1; beta calibration needs"), "{text}");
    let (code, text) = message(ScoreScale::Score, &[0.5, 0.3, 0.5], &outcome, beta);
    assert!(code == "not_enough_data" && text.contains("distinct scores"), "{text}");
    let one_class = Outcome::binary("won", &[true, true, true]);
    assert_eq!(message(ScoreScale::Score, &[1.0, 2.0, 3.0], &one_class, beta).0, "one_class");
    let weightless = Outcome::binary("won", &[true, false, true]).weights(&[1.0, 0.0, 1.0][..]).unwrap();
    assert_eq!(message(ScoreScale::Score, &[1.0, 2.0, 3.0], &weightless, beta).0, "one_class");
    let offset = Outcome::binary("won", &[true, false, true]).offsets(&[1.0, 0.0, 1.0][..]).unwrap();
    assert_eq!(message(ScoreScale::Score, &[1.0, 2.0, 3.0], &offset, beta).0, "invalid_parameter");
    for heavy in [1e16, 1e308] {
        let heavy = Outcome::binary("won", &[true, false, true]).weights(vec![heavy, heavy, 1.0]).unwrap();
        let (code, text) = message(ScoreScale::Score, &[1.0, 2.0, 3.0], &heavy, beta);
        assert!(
            code == "invalid_value" && text.contains("the weight at row 1") && text.contains("divide all of them"),
            "{text}"
        );
    }
    for method in [BetaShape::Abm, BetaShape::Ab, BetaShape::Am].map(CalibrationMethod::Beta) {
        let (code, text) = message(ScoreScale::Score, &[1e-300, 2e-300, 3e-300], &outcome, method);
        assert!(code == "no_variation" && text.contains("less than can be computed"), "{text}");
    }
    let empty = Outcome::binary("won", &[]);
    assert_eq!(message(ScoreScale::Score, &[], &empty, beta).0, "empty_table");

    let platt = published(CalibrationMethod::Platt);
    assert_eq!(platt.probabilities(&[0.5, 1.5]).unwrap_err().code(), "invalid_value");
    assert!(platt.probabilities(&[f64::NAN]).unwrap()[0].is_nan(), "unknown stays unknown");
    for method in METHODS {
        let calibration = published(method);
        assert!(calibration.log_odds(f64::NAN).is_nan());
        assert_eq!(calibration.interval(0.5).is_some(), method == CalibrationMethod::VennAbers);
    }
}

#[test]
fn isotonic_says_when_rows_are_few() {
    let findings = |method| fit(method, &SCORES, &HAPPENED).report().unwrap().findings.join(" ");
    assert!(findings(CalibrationMethod::Isotonic).contains("here are 12, and 1000 are advised"));
    assert_eq!(findings(CalibrationMethod::Platt), "");
    let scores: Vec<f64> = (0..1000).map(f64::from).collect();
    let happened: Vec<bool> = (0..1000).map(|row| row % 3 == 0 || row > 700).collect();
    assert!(fit(CalibrationMethod::Isotonic, &scores, &happened).report().unwrap().findings.is_empty());
}

// ---- another base rate ---------------------------------------------------------------------------------------------

#[test]
fn a_prior_shift_multiplies_the_odds() {
    let shift = Calibration::prior_shift("won", 0.5, 0.01).unwrap();
    for p in [1e-9, 0.1, 0.5, 0.9] {
        // Bayes' rule, by hand (eq. 4).
        let expected = (0.01 / 0.5 * p) / (0.01 / 0.5 * p + 0.99 / 0.5 * (1.0 - p));
        close(shift.probability(log_odds(p)), expected, 1e-15);
        close(shift_probabilities(&[p], 0.5, 0.01).unwrap()[0], expected, 1e-15);
        let back = Calibration::prior_shift("won", 0.01, 0.5).unwrap();
        close(back.probability(shift.log_odds(log_odds(p))), p, 1e-15);
    }
    for (from, to) in [(0.0, 0.5), (1.0, 0.5), (0.5, 0.0), (0.5, 1.0), (f64::NAN, 0.5), (0.5, -1.0)] {
        assert_eq!(Calibration::prior_shift("won", from, to).unwrap_err().code(), "invalid_parameter");
        assert_eq!(shift_probabilities(&[0.5], from, to).unwrap_err().code(), "invalid_parameter");
    }
}

/// Two features, one per class, whose probabilities are known: among 100 customers, 80 look like the positive class.
#[test]
fn a_base_rate_that_can_be_solved_by_hand() {
    // P(looks positive | positive) = 0.9, P(looks positive | other) = 0.2, at a base rate of 0.5.
    let (looks, other) = (0.9 / 1.1, 0.1 / 0.9);
    let chances: Vec<f64> = (0..100).map(|row| if row < 80 { looks } else { other }).collect();
    let estimate = estimate_base_rate(&chances, 0.5).unwrap();
    close(estimate.base_rate, (0.8 - 0.2) / (0.9 - 0.2), 1e-14);
    // The binomial likelihood of 80 in 100, at 0.8 and at the old 0.5 · 0.9 + 0.5 · 0.2 = 0.55.
    let ratio = 2.0 * (80.0 * (0.8_f64 / 0.55).ln() + 20.0 * (0.2_f64 / 0.45).ln());
    close(estimate.likelihood_ratio, ratio, 1e-11);
    // That of a share, sqrt(0.8 · 0.2 / 100), per unit of the base rate.
    close(estimate.standard_error, 0.04 / 0.7, 1e-13);
    assert!(estimate.p_value < 1e-6);
    let unchanged = estimate_base_rate(&[0.2, 0.8], 0.5).unwrap();
    close(unchanged.base_rate, 0.5, 1e-15);
    close(unchanged.p_value, 1.0, 1e-7);
}

#[test]
fn base_rates_at_the_ends_and_without_an_answer() {
    assert_eq!(estimate_base_rate(&[0.1, 0.2, 0.05], 0.5).unwrap().base_rate, 0.0);
    assert_eq!(estimate_base_rate(&[0.9, 0.8, 1.0], 0.5).unwrap().base_rate, 1.0);
    close(estimate_base_rate(&[0.0, 1.0, 1.0, 1.0], 0.1).unwrap().base_rate, 0.75, 1e-15);
    let code = |chances: &[f64], rate: f64| estimate_base_rate(chances, rate).unwrap_err().code();
    assert_eq!(code(&[], 0.5), "empty_table");
    assert_eq!(code(&[0.5, 0.5], 0.5), "no_variation");
    assert_eq!(code(&[0.5, f64::NAN], 0.5), "invalid_value");
    assert_eq!(code(&[0.5, 2.0], 0.5), "invalid_value");
    assert_eq!(code(&[0.5, 0.2], 0.0), "invalid_parameter");
    assert_eq!(code(&[0.5, 0.2], f64::NAN), "invalid_parameter");
}

// ---- a model with a calibration behind it -----------------------------------------------------------------------------

fn logistic() -> LogisticModel {
    let features = [Feature::number("visits").with_unknown(Unknown::Own), Feature::yes_no("met")];
    let visits: Vec<f64> = (0..40).map(|row| if row % 9 == 4 { f64::NAN } else { f64::from(row * 7 % 11) }).collect();
    let met: Vec<f64> = (0..40).map(|row| f64::from(row * 5 % 3 % 2)).collect();
    let won: Vec<bool> = (0..40).map(|row| row * 7 % 11 + row % 4 > 6).collect();
    let columns = Columns::new(&features, &[("visits", &visits), ("met", &met)]).unwrap();
    Logistic::new().fit(&columns, &Outcome::binary("won", &won)).unwrap().model
}

fn calibrated(method: CalibrationMethod, scale: ScoreScale) -> CalibratedModel {
    let scores: Vec<f64> = (0..60).map(|row| f64::from(row % 13) / 3.0 - 2.0).collect();
    let scores = match scale {
        ScoreScale::Score => scores,
        ScoreScale::Probability => scores.into_iter().map(probability).collect(),
    };
    let won: Vec<bool> = (0..60).map(|row| row % 13 + row % 5 > 8).collect();
    let calibration = Calibrator::new(method).scale(scale).fit(&scores, &Outcome::binary("won", &won)).unwrap();
    calibration.apply(logistic()).unwrap()
}

#[test]
fn every_calibrated_model_obeys_the_laws() {
    for method in METHODS {
        for scale in [ScoreScale::Score, ScoreScale::Probability] {
            let model = calibrated(method, scale);
            laws::score(&model);
            laws::saved(&model);
            let explains = method == CalibrationMethod::Platt && scale == ScoreScale::Score;
            match Saved::as_explain(&model) {
                Some(explained) if explains => laws::explain(explained),
                explained => assert!(explained.is_none() && !explains, "{method:?} {scale:?}"),
            }
        }
    }
}

#[test]
fn a_calibrated_model_gives_the_calibrated_probability() {
    let inner = logistic();
    for method in METHODS {
        for scale in [ScoreScale::Score, ScoreScale::Probability] {
            let model = calibrated(method, scale);
            for row in [[0.0, 0.0], [3.0, 1.0], [10.0, 1.0], [f64::NAN, 0.0], [1e9, f64::NAN]] {
                let score = inner.score_row(&row);
                let score = if scale == ScoreScale::Score { score } else { probability(score) };
                close(probability(model.score_row(&row)), model.calibration().probability(score), 1e-14);
                assert_eq!(model.interval_row(&row), model.calibration().interval(score));
            }
        }
    }
}

/// Longer than what is explained at a time.
#[test]
fn a_long_table_is_scored_as_its_rows_are() {
    let model = calibrated(CalibrationMethod::Platt, ScoreScale::Score);
    let visits: Vec<f64> = (0..5000).map(|row| if row % 7 == 3 { f64::NAN } else { f64::from(row % 97) }).collect();
    let met: Vec<f64> = (0..5000).map(|row| f64::from(row % 2)).collect();
    let columns = Columns::new(model.features(), &[("visits", &visits), ("met", &met)]).unwrap();
    let scores = tierwise::score(&model, &columns).unwrap();
    for (row, score) in scores.iter().enumerate() {
        assert_eq!(score.to_bits(), model.score_row(&[visits[row], met[row]]).to_bits());
    }
    assert!(probabilities(&model, &columns).unwrap().iter().all(|p| (0.0..=1.0).contains(p)));
}

#[test]
fn a_shift_moves_the_base_and_nothing_else() {
    let inner = logistic();
    let shifted = Calibration::prior_shift("true", 0.5, 0.1).unwrap().apply(inner.clone()).unwrap();
    let explained = Saved::as_explain(&shifted).unwrap();
    laws::explain(explained);
    laws::saved(&shifted);
    let (mut ours, mut theirs) = ([0.0; 2], [0.0; 2]);
    explained.contributions_row(&[3.0, 1.0], &mut ours);
    inner.contributions_row(&[3.0, 1.0], &mut theirs);
    assert_eq!(ours, theirs);
    assert_eq!(explained.base(), log_odds(0.1) - log_odds(0.5) + inner.base());
    // One after the other: Platt, and then the other base rate.
    let twice = Calibration::prior_shift("true", 0.5, 0.1).unwrap();
    let twice = twice.apply(calibrated(CalibrationMethod::Platt, ScoreScale::Score)).unwrap();
    laws::explain(Saved::as_explain(&twice).unwrap());
    laws::saved(&twice);
}

#[test]
fn a_card_of_points_is_calibrated_too() {
    let card = tierwise::lead::supplier_prospects();
    let scores: Vec<f64> = (0..40).map(f64::from).collect();
    let won: Vec<bool> = (0..40).map(|row| row * 7 % 40 < row).collect();
    let outcome = Outcome::binary("won", &won);
    let platt = Calibrator::new(CalibrationMethod::Platt).fit(&scores, &outcome).unwrap();
    let model = platt.apply(card.clone()).unwrap();
    laws::explain(Saved::as_explain(&model).unwrap());
    // Points are no log-odds.
    for calibration in [
        Calibrator::new(CalibrationMethod::Beta(BetaShape::Am)).fit(&scores, &outcome).unwrap(),
        Calibration::prior_shift("true", 0.5, 0.1).unwrap(),
        published(CalibrationMethod::Isotonic),
    ] {
        let error = calibration.apply(card.clone()).unwrap_err();
        assert!(error.to_string().contains("one whose score is log-odds"), "{error}");
    }
}

#[test]
fn models_that_do_not_fit_are_refused() {
    let platt = published(CalibrationMethod::Platt);
    let tiers = tierwise::value::Tiers::by_cuts(
        "money",
        &["A".to_owned(), "B".to_owned()],
        &[10.0],
        tierwise::value::Direction::HigherIsBetter,
    );
    let error = platt.apply(tiers.unwrap()).unwrap_err();
    assert!(error.to_string().contains("must be one that scores. Got a model of kind `tiers`"), "{error}");
    let other = Outcome::labels("won", &HAPPENED.map(|yes| if yes { "lost" } else { "won" }), "lost").unwrap();
    let error = Calibrator::default().fit(&SCORES, &other).unwrap().apply(logistic()).unwrap_err();
    assert_eq!(error.code(), "invalid_outcome");
    assert!(error.to_string().contains("`lost`") && error.to_string().contains("another class"), "{error}");
}

/// A kind of another author.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Visits {
    features: Vec<Feature>,
    weight: f64,
}

impl Score for Visits {
    fn features(&self) -> &[Feature] {
        &self.features
    }

    fn score_row(&self, row: &[f64]) -> f64 {
        self.weight * row[0]
    }
}

impl Saved for Visits {
    const KIND: &'static str = "acme.visits";

    fn as_score(&self) -> Option<&dyn Score> {
        Some(self)
    }
}

#[test]
fn a_kind_of_another_author_is_saved_inside() {
    let visits = Visits { features: vec![Feature::number("visits")], weight: 0.1 };
    let model = fit(CalibrationMethod::Platt, &SCORES, &HAPPENED).apply(visits).unwrap();
    assert!(Saved::as_explain(&model).is_none(), "it is no sum");
    let text = model::save(&model).unwrap();
    let loaded = Kinds::builtin().with::<Visits>().load(&text).unwrap();
    assert_eq!(loaded.as_score().unwrap().score_row(&[3.0]), model.score_row(&[3.0]));
    let error = Kinds::builtin().load(&text).unwrap_err();
    assert!(error.code() == "model_kind" && error.to_string().contains("acme.visits"), "{error}");
}

#[test]
fn mistakes_in_a_file_are_named_by_their_path() {
    let refused = |model: &dyn model::Model, from: &str, to: &str, parts: &[&str]| {
        let text = model::save(model).unwrap();
        let fingerprint = model::fingerprint(model).unwrap();
        assert!(text.contains(from), "`{from}` is not in {text}");
        let text = text.replacen(from, to, 1).replace(&format!(",\n  \"fingerprint\": \"{fingerprint}\""), "");
        let error = Kinds::builtin().load(&text).map(|_| ()).unwrap_err();
        for part in parts {
            assert!(error.to_string().contains(part), "`{part}` is not in: {error}");
        }
    };
    let model = calibrated(CalibrationMethod::Platt, ScoreScale::Score);
    refused(&model, "\"slope\": ", "\"slope\": -", &["calibration", "map.platt.slope", "not negative"]);
    refused(&model, "\"kind\": \"logistic\"", "\"kind\": \"logistics\"", &["logistics", "known kinds are"]);
    refused(&model, "\"confidence\": 0.95", "\"confidence\": \"high\"", &["model.confidence", "expected f64"]);
    refused(&model, "\"kind\": \"logistic\",", "", &["model.kind", "missing"]);
    refused(&model, "\"positive\": \"true\"", "\"positive\": \"no\"", &["`calibration.positive`", "another class"]);
    let isotonic = fit(CalibrationMethod::Isotonic, &SCORES, &HAPPENED);
    refused(&isotonic, "\"probability\": 0.0", "\"probability\": 0.9", &["map.blocks[1].probability", "never fall"]);
    refused(&isotonic, "\"to\": 0.2", "\"to\": 0.7", &["map.blocks[1].from", "above the block before it"]);
    let strict = fit(CalibrationMethod::StrictIsotonic, &SCORES, &HAPPENED);
    refused(&strict, "\"score\": 0.15", "\"score\": 5.0", &["map.knots[1]", "must rise"]);
    let venn_abers = fit(CalibrationMethod::VennAbers, &SCORES, &HAPPENED);
    refused(&venn_abers, "\"low\": 0.0", "\"low\": 1.0", &["map.blocks[0].low", "[0, 1)"]);
    let shift = Calibration::prior_shift("won", 0.5, 0.25).unwrap();
    refused(&shift, "\"to_rate\": 0.25", "\"to_rate\": 1.25", &["to_rate", "(0, 1)", "1.25"]);
}

// ---- Where a score, a weight or an order is out of the ordinary ----------------------------------------------------

/// A new best customer must not jump by a hair's breadth of score.
#[test]
fn venn_abers_stays_level_beyond_the_scores_seen() {
    for (happened, weight) in
        [(vec![false, false, true, false, true, true], 1.0), (vec![true, false, true, false], 7.5)]
    {
        let scores: Vec<f64> = (0..happened.len()).map(|row| row as f64).collect();
        let outcome = Outcome::binary("won", &happened).weights(vec![weight; happened.len()]).unwrap();
        let found = Calibrator::new(CalibrationMethod::VennAbers).fit(&scores, &outcome).unwrap();
        let highest = scores[scores.len() - 1];
        for beyond in [highest + 1e-9, highest + 1.0, 1e100, f64::INFINITY] {
            assert_eq!(found.interval(beyond), found.interval(highest));
            assert_eq!(found.log_odds(beyond), found.log_odds(highest));
        }
        for below in [-1e-9, -1.0, -1e100, f64::NEG_INFINITY] {
            assert_eq!(found.interval(below), found.interval(0.0));
            assert_eq!(found.log_odds(below), found.log_odds(0.0));
        }
        let (low, high) = found.interval(highest).unwrap();
        assert!(low > 0.0 && low < high, "{low} {high}");
    }
}

#[test]
fn a_score_that_runs_against_the_outcome_is_reported_by_every_method() {
    let happened: Vec<bool> = (0..2000).map(|row| row < 800).collect();
    let rising: Vec<f64> = (0..2000).map(f64::from).collect();
    let falling: Vec<f64> = rising.iter().map(|score| -score).collect();
    let outcome = Outcome::binary("won", &happened);
    for method in [
        CalibrationMethod::Platt,
        CalibrationMethod::Isotonic,
        CalibrationMethod::StrictIsotonic,
        CalibrationMethod::VennAbers,
    ] {
        let findings =
            |scores: &[f64]| Calibrator::new(method).fit(scores, &outcome).unwrap().report().unwrap().findings.clone();
        assert!(findings(&rising).iter().any(|one| one.contains("or run against it")), "{method:?}");
        assert!(findings(&falling).is_empty(), "{method:?}: {:?}", findings(&falling));
    }
}

/// A row of weight 100 is a hundred rows, and one of weight 0 none.
#[test]
fn few_rows_are_counted_by_weight() {
    let happened: Vec<bool> = (0..40).map(|row| row % 3 == 0 || row > 30).collect();
    let scores: Vec<f64> = (0..40).map(f64::from).collect();
    for (weight, few) in [(100.0, false), (25.0, false), (24.0, true), (0.5, true)] {
        let outcome = Outcome::binary("won", &happened).weights(vec![weight; 40]).unwrap();
        for method in [CalibrationMethod::Isotonic, CalibrationMethod::StrictIsotonic] {
            let found = Calibrator::new(method).fit(&scores, &outcome).unwrap();
            let findings = &found.report().unwrap().findings;
            assert_eq!(findings.iter().any(|one| one.contains("where rows are few")), few, "{weight}: {findings:?}");
        }
    }
    let many: Vec<f64> = (0..2000).map(|row| f64::from(row % 40)).collect();
    let outcome = Outcome::binary("won", &(0..2000).map(|row| row % 7 == 0).collect::<Vec<_>>());
    let outcome = outcome.weights((0..2000).map(|row| f64::from(u8::from(row < 40))).collect::<Vec<_>>()).unwrap();
    let found = Calibrator::new(CalibrationMethod::Isotonic).fit(&many, &outcome).unwrap();
    assert!(found.report().unwrap().findings[0].contains("here are 40,"));
}

#[test]
fn what_separates_is_told_what_helps_here() {
    let outcome = Outcome::binary("won", &[false, false, true, true]);
    let method = CalibrationMethod::Beta(BetaShape::Abm);
    let error = Calibrator::new(method).fit(&[-2.0, -1.0, 1.0, 2.0], &outcome).unwrap_err();
    assert_eq!(error.code(), "separation");
    assert!(!error.to_string().contains("alpha") && error.to_string().contains("`platt`"), "{error}");
}
