//! Figures of evaluation against counting all pairs, published values, repetition of rows, and any number of threads.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tierwise::evaluate::{
    AucScale, Bins, Bootstrap, Figure, Goal, Payoff, Ranking, average_precision, brier, brier_parts, calibration_error,
    calibration_table, compare_roc_auc, confusion, cut_for_capacity, decision_curve, hosmer_lemeshow, log_loss,
    recalibration, roc_auc, roc_auc_interval, spiegelhalter,
};
use tierwise::{Error, Outcome};

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
}

const SCORES: [f64; 12] = [0.1, 0.2, 0.3, 0.35, 0.4, 0.5, 0.55, 0.6, 0.7, 0.8, 0.85, 0.9];

fn twelve() -> Outcome<'static> {
    Outcome::numbers("y", &[0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0], None).unwrap()
}

/// scikit-learn 1.9 on the same twelve points.
#[test]
fn twelve_points_as_scikit_learn_has_them() {
    let (outcome, ranking) = (twelve(), Ranking::new(&twelve(), &SCORES).unwrap());
    close(roc_auc(&outcome, &SCORES).unwrap(), 0.777_777_777_777_777_8, 1e-15);
    close(average_precision(&outcome, &SCORES).unwrap(), 0.810_714_285_714_285_6, 1e-15);
    close(brier(&outcome, &SCORES).unwrap(), 0.191_458_333_333_333_3, 1e-15);
    close(log_loss(&outcome, &SCORES, 0.0).unwrap(), 0.559_213_184_435_713_2, 1e-15);
    close(ranking.gini(), 0.555_555_555_555_555_6, 1e-15);
    close(ranking.kolmogorov_smirnov().value, 0.5, 1e-15);
    close(ranking.ndcg_at(None).unwrap(), 0.929_248_823_993_761_6, 1e-15);
    close(ranking.ndcg_at(Some(5)).unwrap(), 0.830_419_897_363_191_9, 1e-15);
    let half = confusion(&outcome, &SCORES, 0.5).unwrap();
    close(half.matthews_correlation().unwrap(), 0.507_092_552_837_11, 1e-14);
    close(half.kappa().unwrap(), 0.5, 1e-15);
    let table = calibration_table(&outcome, &SCORES, Bins::Uniform(5), 0.95).unwrap();
    let rates: Vec<f64> = table.iter().map(|bin| bin.rate).collect();
    assert_eq!(rates, [0.0, 1.0 / 3.0, 2.0 / 3.0, 0.5, 1.0]);
    let table = calibration_table(&outcome, &SCORES, Bins::Quantile(4), 0.95).unwrap();
    let rates: Vec<f64> = table.iter().map(|bin| bin.rate).collect();
    assert_eq!(rates, [1.0 / 3.0, 1.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0]);
}

/// Rows with few distinct scores, any outcomes and whole weights.
fn rows() -> impl Strategy<Value = Vec<(bool, f64, u8)>> {
    let score = prop_oneof![
        (0_i32..8).prop_map(f64::from),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(-0.0),
        Just(5e-324),
        -1e308..1e308
    ];
    prop::collection::vec((any::<bool>(), score, 0_u8..4), 2..60)
}

fn split(rows: &[(bool, f64, u8)]) -> (Vec<bool>, Vec<f64>, Vec<f64>) {
    (
        rows.iter().map(|row| row.0).collect(),
        rows.iter().map(|row| row.1).collect(),
        rows.iter().map(|row| f64::from(row.2)).collect(),
    )
}

fn repeated(rows: &[(bool, f64, u8)]) -> (Vec<bool>, Vec<f64>) {
    rows.iter().flat_map(|&(happened, score, count)| std::iter::repeat_n((happened, score), count.into())).unzip()
}

fn by_pairs(happened: &[bool], scores: &[f64]) -> f64 {
    let (mut sum, mut pairs) = (0.0, 0.0);
    for (event, one) in happened.iter().zip(scores).filter(|(event, _)| **event) {
        for (_, other) in happened.iter().zip(scores).filter(|(other, _)| *other != event) {
            pairs += 1.0;
            sum += if one > other { 1.0 } else { f64::from(u8::from(one == other)) / 2.0 };
        }
    }
    sum / pairs
}

proptest! {
    #[test]
    fn the_area_is_the_share_of_pairs_in_order_and_weights_are_repetition(rows in rows()) {
        let (happened, scores, weights) = split(&rows);
        let (many, many_scores) = repeated(&rows);
        let weighted = Ranking::new(&Outcome::binary("y", &happened).weights(&weights[..]).or_else(|_| {
            Ok::<_, Error>(Outcome::binary("y", &happened))
        }).unwrap(), &scores);
        if many.is_empty() {
            return Ok(());
        }
        let plain = Ranking::new(&Outcome::binary("y", &many), &many_scores);
        let one_class = many.iter().all(|&one| one) || many.iter().all(|&one| !one);
        prop_assert_eq!(one_class, matches!(plain, Err(Error::OneClass { .. })));
        prop_assert_eq!(&weighted.is_ok(), &plain.is_ok());
        if let (Ok(weighted), Ok(plain)) = (weighted, plain) {
            prop_assert_eq!(&weighted, &plain);
            prop_assert!((plain.roc_auc() - by_pairs(&many, &many_scores)).abs() < 1e-12);
            let flipped: Vec<bool> = many.iter().map(|one| !one).collect();
            let reverse: Vec<f64> = many_scores.iter().map(|one| -one).collect();
            let mirrored = Ranking::new(&Outcome::binary("y", &flipped), &reverse).unwrap();
            prop_assert!((mirrored.roc_auc() - plain.roc_auc()).abs() < 1e-12);
            let all = plain.lift_table(&[1.0]).unwrap()[0];
            prop_assert_eq!((all.capture, all.lift), (1.0, 1.0));
            for ranking in [plain.best_cut(Goal::F1), plain.best_cut(Goal::Youden)] {
                prop_assert!((0.0..=1.0).contains(&ranking.unwrap().value));
            }
        }
    }

    #[test]
    fn paired_and_single_standard_errors_agree(rows in rows()) {
        let (happened, scores, _) = split(&rows);
        let outcome = Outcome::binary("y", &happened);
        let constant = vec![0.0; scores.len()];
        if let Ok(single) = roc_auc_interval(&outcome, &scores, 0.9, AucScale::Plain) {
            // A constant score has no variance, so the difference has that of the other score.
            let paired = compare_roc_auc(&outcome, &scores, &constant, 0.9).unwrap();
            prop_assert!((paired.standard_error - single.standard_error).abs() < 1e-12);
            prop_assert!((paired.difference - (single.value - 0.5)).abs() < 1e-12);
            prop_assert!(single.low <= single.value && single.value <= single.high);
        }
    }

    #[test]
    fn figures_of_probabilities_stay_within_their_bounds(
        rows in prop::collection::vec((any::<bool>(), prop_oneof![0.0..=1.0, Just(0.0), Just(1.0), Just(5e-324)]), 1..60),
        bins in 1_usize..12,
    ) {
        let (happened, said): (Vec<bool>, Vec<f64>) = rows.into_iter().unzip();
        let outcome = Outcome::binary("y", &happened);
        prop_assert!((0.0..=1.0).contains(&brier(&outcome, &said).unwrap()));
        prop_assert!(log_loss(&outcome, &said, 0.0).unwrap() >= 0.0);
        for bins in [Bins::Uniform(bins), Bins::Quantile(bins)] {
            prop_assert!((0.0..=1.0).contains(&calibration_error(&outcome, &said, bins).unwrap()));
            let parts = brier_parts(&outcome, &said, bins).unwrap();
            let sum = parts.reliability - parts.resolution + parts.uncertainty;
            prop_assert!((sum + parts.within_bin_variance - parts.within_bin_covariance - parts.brier).abs() < 1e-13);
            let table = calibration_table(&outcome, &said, bins, 0.9).unwrap();
            prop_assert_eq!(table.iter().map(|bin| bin.rows).sum::<usize>(), said.len());
        }
        match recalibration(&outcome, &said, 0.95) {
            Ok(found) => prop_assert!(found.slope.value.is_finite() && found.in_the_large.value.is_finite()),
            Err(error) => prop_assert!(
                matches!(error.code(), "invalid_value" | "one_class" | "no_variation" | "separation" | "not_converged")
            ),
        }
        if let Ok(test) = hosmer_lemeshow(&outcome, &said, 3, false) {
            prop_assert!((0.0..=1.0).contains(&test.p_value));
        }
    }
}

fn many_rows(size: u32) -> (Vec<bool>, Vec<f64>) {
    let uniform = |row: u32| {
        let mixed = u64::from(row).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed >> 40) as f64 / f64::from(1_u32 << 24)
    };
    (0..size).map(|row| (uniform(row + size) < 0.1 + 0.5 * uniform(row), uniform(row))).unzip()
}

#[test]
fn nothing_depends_on_the_number_of_threads() {
    let (happened, scores) = many_rows(60_000);
    let weights: Vec<f64> = scores.iter().map(|score| 0.5 + (score * 7.0).fract()).collect();
    let all = |weighted: bool| {
        let outcome = Outcome::binary("y", &happened);
        let outcome = if weighted { outcome.weights(&weights[..]).unwrap() } else { outcome };
        let ranking = Ranking::new(&outcome, &scores).unwrap();
        let settings = Bootstrap::new(3).replicates(40);
        let drawn = |figure| settings.interval(&outcome, &scores, figure).unwrap().replicates;
        let bent = recalibration(&outcome, &scores.iter().map(|p| p.clamp(1e-9, 1.0 - 1e-9)).collect::<Vec<_>>(), 0.95);
        vec![
            vec![ranking.roc_auc(), brier(&outcome, &scores).unwrap(), log_loss(&outcome, &scores, 1e-12).unwrap()],
            vec![bent.unwrap().slope.value, brier_parts(&outcome, &scores, Bins::Quantile(7)).unwrap().reliability],
            drawn(Figure::RocAuc),
            drawn(Figure::AveragePrecision),
            drawn(Figure::CalibrationError(Bins::Uniform(10))),
        ]
    };
    for weighted in [false, true] {
        let on =
            |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| all(weighted));
        assert_eq!(on(1), on(3));
    }
}

#[test]
fn a_bootstrap_agrees_with_delong() {
    let (happened, scores) = many_rows(3000);
    let outcome = Outcome::binary("y", &happened);
    let exact = roc_auc_interval(&outcome, &scores, 0.95, AucScale::Logit).unwrap();
    let drawn = Bootstrap::new(1).replicates(2000).interval(&outcome, &scores, Figure::RocAuc).unwrap();
    assert!((drawn.standard_error / exact.standard_error - 1.0).abs() < 0.08);
    assert!((drawn.low - exact.low).abs() < 0.2 * exact.standard_error + 1e-3);
    assert_eq!(drawn.value, exact.value);
}

#[test]
fn money_and_capacity_by_hand() {
    let outcome = twelve();
    let ranking = Ranking::new(&outcome, &SCORES).unwrap();
    let call = Payoff { true_positive: 9.0, false_positive: -1.0, ..Payoff::default() };
    let best = ranking.best_cut(Goal::Profit(call)).unwrap();
    assert_eq!((best.cut, best.value), (0.3, 9.0 * 6.0 - 4.0));
    let curve = ranking.profit_curve(&call).unwrap();
    assert_eq!((curve[0].profit, curve[1].profit, curve[12].profit), (0.0, 9.0, 48.0));
    let reach = cut_for_capacity(&SCORES, None, 3.5).unwrap();
    assert_eq!((reach.cut, reach.called, reach.next_score, reach.spare), (0.8, 3.0, Some(0.7), 0.5));
    let rows = decision_curve(&outcome, &SCORES, &[0.25]).unwrap();
    close(rows[0].net_benefit, 6.0 / 12.0 - 4.0 / 12.0 / 3.0, 1e-15);
}

#[test]
fn what_is_refused_says_where() {
    let outcome = twelve();
    let mut broken = SCORES;
    broken[4] = f64::NAN;
    let message = |result: tierwise::Result<f64>| result.unwrap_err().to_string();
    assert_eq!(
        message(roc_auc(&outcome, &broken)),
        "the score at row 4 is NaN; every row needs a score; fill it in or leave the row out"
    );
    broken[4] = 1.25;
    assert_eq!(
        message(brier(&outcome, &broken)),
        "the probability at row 4 is 1.25; it must be a number in [0, 1]; turn log-odds into probabilities first"
    );
    assert_eq!(roc_auc(&outcome, &SCORES[1..]).unwrap_err().code(), "wrong_length");
    let same = Outcome::binary("y", &[true; 12]);
    assert_eq!(roc_auc(&same, &SCORES).unwrap_err().code(), "one_class");
    assert!(brier(&same, &SCORES).is_ok());
    let with_offsets = twelve().offsets(&[0.5; 12][..]).unwrap();
    assert_eq!(roc_auc(&with_offsets, &SCORES).unwrap_err().code(), "invalid_parameter");
    assert_eq!(spiegelhalter(&outcome, &[0.5; 12]).unwrap_err().code(), "no_variation");
    assert_eq!(roc_auc(&Outcome::binary("y", &[]), &[]).unwrap_err().code(), "empty_table");
    let infinite = Bootstrap::new(1).interval(&outcome, &[1.0; 12], Figure::LogLoss { clip: 0.0 });
    assert_eq!(infinite.unwrap_err().code(), "invalid_value");
}
