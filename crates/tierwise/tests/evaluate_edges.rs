//! Figures where rounding, weights of any size and borders between rows could mislead them.

#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;
use tierwise::evaluate::{
    AucScale, Bins, Bootstrap, Confusion, Figure, NumberFigure, Ranking, brier, calibration_table, compare_roc_auc,
    confusion, cut_for_capacity, decile_table, hosmer_lemeshow, median_absolute_error, recalibration, roc_auc_interval,
    spend_capture,
};
use tierwise::{Error, Outcome, Progress};

/// Events first or last, with one weight for all.
fn parted(others: usize, events: usize, weight: f64) -> (Outcome<'static>, Vec<f64>) {
    let happened: Vec<bool> = (0..others + events).map(|row| row >= others).collect();
    let scores = (0..others + events).map(|row| row as f64).collect();
    (Outcome::binary("y", &happened).weights(vec![weight; others + events]).unwrap(), scores)
}

#[test]
fn a_perfect_order_is_perfect_whatever_the_weights() {
    for weight in [0.1, 0.7, 1.0, 1.1, 1.0 / 3.0 + 1.0, 1e6 / 7.0] {
        for (others, events) in [(20, 10), (10, 20), (7, 93), (990, 10)] {
            let (outcome, scores) = parted(others, events, weight);
            let reversed: Vec<f64> = scores.iter().map(|score| -score).collect();
            let ranking = Ranking::new(&outcome, &scores).unwrap();
            assert_eq!((ranking.roc_auc(), ranking.gini(), ranking.kolmogorov_smirnov().value), (1.0, 1.0, 1.0));
            assert!(ranking.average_precision() <= 1.0 && ranking.partial_roc_auc(0.3).unwrap() <= 1.0);
            let wrong = Ranking::new(&outcome, &reversed).unwrap();
            assert_eq!((wrong.roc_auc(), wrong.kolmogorov_smirnov().value), (0.0, 1.0));
            if weight * events.min(others) as f64 <= 1.0 {
                continue;
            }
            for scale in [AucScale::Logit, AucScale::Plain] {
                let right = roc_auc_interval(&outcome, &scores, 0.95, scale).unwrap();
                let rarer = others.min(events) as f64 * weight;
                let low = 0.025_f64.powf(1.0 / rarer);
                assert!((right.low - low).abs() < 1e-9, "{weight} {others} {events}: {right:?}");
                assert_eq!((right.value, right.high, right.standard_error), (1.0, 1.0, 0.0));
                let wrong = roc_auc_interval(&outcome, &reversed, 0.95, scale).unwrap();
                assert_eq!((wrong.value, wrong.low), (0.0, 0.0));
                assert!((wrong.high - (1.0 - low)).abs() < 1e-9);
            }
            let compared = compare_roc_auc(&outcome, &scores, &reversed, 0.95).unwrap();
            assert_eq!((compared.first, compared.second, compared.standard_error), (1.0, 0.0, 0.0));
        }
    }
}

/// One pair in a million out of order is not perfect, though the area is near 1.
#[test]
fn nearly_perfect_is_not_perfect() {
    let (outcome, mut scores) = parted(1000, 1000, 1.1);
    scores.swap(999, 1000);
    let auc = roc_auc_interval(&outcome, &scores, 0.95, AucScale::Logit).unwrap();
    assert!(auc.value < 1.0 && auc.standard_error > 0.0 && auc.low < auc.value && auc.high > auc.value);
}

#[test]
fn a_group_of_certainties_that_came_true_costs_nothing() {
    for rows in [30_usize, 41, 100, 1000] {
        let happened: Vec<bool> = (0..=rows).map(|row| row > 0).collect();
        let said: Vec<f64> = (0..=rows).map(|row| if row > 0 { 1.0 } else { 0.2 }).collect();
        for groups in [3, 7, 10] {
            let test = hosmer_lemeshow(&Outcome::binary("y", &happened), &said, groups, false).unwrap();
            assert!(test.statistic.is_finite(), "{rows} {groups}: {test:?}");
            let never: Vec<bool> = happened.iter().map(|one| !one).collect();
            let turned: Vec<f64> = said.iter().map(|p| 1.0 - p).collect();
            let test = hosmer_lemeshow(&Outcome::binary("y", &never), &turned, groups, false).unwrap();
            assert!(test.statistic.is_finite(), "{rows} {groups}: {test:?}");
        }
    }
    let happened: Vec<bool> = (0..100).map(|row| row != 50).collect();
    let test = hosmer_lemeshow(&Outcome::binary("y", &happened), &[1.0; 100], 3, false).unwrap();
    assert_eq!((test.statistic, test.p_value), (f64::INFINITY, 0.0));
}

#[test]
fn quantile_bins_of_light_rows_hold_equal_weight() {
    let said: Vec<f64> = (1..=1000).map(|row| f64::from(row) / 1001.0).collect();
    let happened: Vec<bool> = (0..1000).map(|row| row % 3 == 0).collect();
    for weight in [1.0 / 2000.0, 0.013, 0.5, 1.5] {
        let outcome = Outcome::binary("y", &happened).weights(vec![weight; 1000]).unwrap();
        let table = calibration_table(&outcome, &said, Bins::Quantile(10), 0.95).unwrap();
        let rows: Vec<usize> = table.iter().map(|bin| bin.rows).collect();
        assert_eq!(rows, [100; 10], "{weight}");
    }
}

#[test]
fn too_little_weight_cannot_be_drawn_from() {
    let (outcome, scores) = parted(600, 600, 1.0 / 2000.0);
    let said: Vec<f64> = scores.iter().map(|score| score / 1200.0).collect();
    for figure in [Figure::RocAuc, Figure::AveragePrecision] {
        let error = Bootstrap::new(1).interval(&outcome, &said, figure).unwrap_err();
        assert_eq!(
            error.to_string(),
            "not enough data for a bootstrap, the weight of the events: 0 where at least 2 are needed"
        );
    }
    for figure in [Figure::Brier, Figure::LogLoss { clip: 1e-9 }, Figure::CalibrationError(Bins::Uniform(5))] {
        assert!(
            Bootstrap::new(1).replicates(50).interval(&outcome, &said, figure).is_err() == (1200.0 / 2000.0 <= 1.0)
        );
    }
    let error = Bootstrap::new(1).interval(&outcome, &said, Figure::Brier).unwrap_err();
    assert_eq!(
        error.to_string(),
        "not enough data for a bootstrap, the weight of the rows: 0 where at least 2 are needed"
    );
    // A single outcome is enough for a loss.
    let (all, said) = (Outcome::binary("y", &[true; 20]), [0.75; 20]);
    assert_eq!(Bootstrap::new(1).replicates(50).interval(&all, &said, Figure::Brier).unwrap().value, 0.0625);
}

#[test]
fn weights_beyond_what_can_be_computed_with_are_refused_with_the_heaviest_row() {
    let scores = [0.1, 0.4, 0.35, 0.8];
    let weighted =
        |weights: [f64; 4]| Outcome::binary("y", &[false, false, true, true]).weights(weights.to_vec()).unwrap();
    for heavy in [1e16, 1e200, f64::MAX] {
        let outcome = weighted([1.0, 1.0, heavy, 1.0]);
        let error = brier(&outcome, &scores).unwrap_err();
        assert!(matches!(error, Error::InvalidValue { row: 2, .. }), "{error}");
        assert!(error.to_string().contains("divide all of them by one number"), "{error}");
        assert_eq!(confusion(&outcome, &scores, 0.4).unwrap_err().code(), "invalid_value");
    }
    for light in [1e-16, 1e-200, 5e-324] {
        let outcome = weighted([light / 2.0, light, light / 2.0, light / 2.0]);
        let error = brier(&outcome, &scores).unwrap_err();
        assert!(matches!(error, Error::InvalidValue { row: 1, .. }), "{error}");
        assert!(error.to_string().contains("multiply all of them by one number"), "{error}");
        // So light an outcome has no rank among heavy others either.
        let error = Ranking::new(&weighted([light, light, 1.0, 1.0]), &scores).unwrap_err();
        assert_eq!(error.code(), "invalid_value");
    }
    for fine in [1e-14, 1.0, 2e14] {
        let ranking = Ranking::new(&weighted([fine; 4]), &scores).unwrap();
        let kappa = ranking.confusion(0.4).unwrap().kappa();
        assert_eq!((ranking.roc_auc(), ranking.kolmogorov_smirnov().value, kappa), (0.75, 0.5, Some(0.0)));
    }
    // A rare outcome among very many others.
    let rare = weighted([1e14, 1.0, 0.5, 0.5]);
    assert!(confusion(&rare, &scores, 0.35).unwrap().kappa().unwrap() > 0.0);
}

#[test]
fn shares_of_whole_customers_end_at_whole_customers() {
    let happened: Vec<bool> = (0..100).map(|row| row % 2 == 1).collect();
    let falling: Vec<f64> = (0..100).map(|row| f64::from(100 - row)).collect();
    let cuts = |outcome: &Outcome<'_>, shares: &[f64]| -> Vec<f64> {
        let table = Ranking::new(outcome, &falling).unwrap().lift_table(shares).unwrap();
        table.iter().map(|row| row.cut).collect()
    };
    let plain = Outcome::binary("y", &happened);
    assert_eq!(cuts(&plain, &[0.55, 0.07, 0.14, 0.28]), [46.0, 94.0, 87.0, 73.0]);
    let shares: Vec<f64> = (1..=100).map(|share| f64::from(share) / 100.0).collect();
    assert_eq!(cuts(&plain, &shares), falling);
    for weight in [0.1, 1.1, 1.0 / 3.0] {
        assert_eq!(cuts(&plain.clone().weights(vec![weight; 100]).unwrap(), &shares), falling, "{weight}");
    }
    let table = Ranking::new(&plain, &falling).unwrap().lift_table(&[0.55]).unwrap();
    assert_eq!((table[0].weight, table[0].events, table[0].rate), (55.0, 27.0, 27.0 / 55.0));
}

/// `Σ 1 / log₂(place + 1)` over very many places, against the sum of each.
#[test]
fn lists_of_many_customers_are_summed_in_no_time() {
    let gain = |from: u32, to: u32| (from..=to).map(|place| 1.0 / libm::log2(f64::from(place) + 1.0)).sum::<f64>();
    let scores = [3.0, 2.0, 1.0];
    for [others, events, rest] in [[5.0, 100.0, 3.0], [900.0, 2_000.0, 4.0], [70_000.0, 150_000.0, 1e6]] {
        let outcome = Outcome::binary("y", &[false, true, false]).weights(vec![others, events, rest]).unwrap();
        let found = Ranking::new(&outcome, &scores).unwrap().ndcg_at(None).unwrap();
        let expected = gain(others as u32 + 1, (others + events) as u32) / gain(1, events as u32);
        assert!((found / expected - 1.0).abs() < 1e-12, "{found} {expected}");
    }
    let outcome = Outcome::binary("y", &[true, false, true]).weights(vec![1e14, 3e14, 1e14]).unwrap();
    let ranking = Ranking::new(&outcome, &[2.0, 2.0, 1.0]).unwrap();
    let found = ranking.ndcg_at(None).unwrap();
    assert!(found > 0.5 && found < 1.0);
    assert_eq!(ranking.success_at(100_000_000_000_000).unwrap(), 1.0);
    // 4 of 10^14 hold the event with the chance 4 · 10^-14, about.
    let outcome = Outcome::binary("y", &[true, false]).weights(vec![1.0, 1e14 - 1.0]).unwrap();
    let ranking = Ranking::new(&outcome, &[1.0, 1.0]).unwrap();
    assert!((ranking.success_at(50_000_000_000_000).unwrap() - 0.5).abs() < 1e-9);
}

#[test]
fn errors_name_the_score_the_function_and_what_helps() {
    let outcome = Outcome::binary("y", &[false, true, false, true]);
    let (good, bad) = ([0.1, 0.2, 0.3, 0.4], [0.1, 0.2, f64::NAN, 0.4]);
    let message =
        |first: &[f64], second: &[f64]| compare_roc_auc(&outcome, first, second, 0.95).unwrap_err().to_string();
    assert!(message(&bad, &good).starts_with("the first score at row 2 is NaN"), "{}", message(&bad, &good));
    assert!(message(&good, &bad).starts_with("the second score at row 2 is NaN"), "{}", message(&good, &bad));
    assert!(message(&good[1..], &good).starts_with("the first score has 3 values"));
    assert!(message(&good, &good[1..]).starts_with("the second score has 3 values"));
    let error = calibration_table(&outcome, &good, Bins::Uniform(2), 2.0).unwrap_err();
    assert!(error.to_string().contains("`confidence` of `calibration_table`"), "{error}");
    let error = recalibration(&outcome, &[0.1, 0.8, 0.2, 0.9], 0.95).unwrap_err();
    assert_eq!(error.code(), "separation");
    assert!(!error.to_string().contains("alpha") && error.to_string().contains("more rows"), "{error}");
}

#[test]
fn a_bootstrap_tells_how_far_it_is_and_stops_when_asked() {
    let (outcome, scores) = parted(30, 30, 1.0);
    let scores: Vec<f64> = scores.iter().map(|score| (score * 7.0) % 11.0).collect();
    let settings = Bootstrap::new(5).replicates(500);
    let whole = settings.interval(&outcome, &scores, Figure::RocAuc).unwrap();
    let mut told = Vec::new();
    let mut watch = |step: Progress| {
        told.push(step);
        ControlFlow::Continue(())
    };
    assert_eq!(settings.interval_with(&outcome, &scores, Figure::RocAuc, &mut watch).unwrap(), whole);
    assert!(told.is_sorted_by(|one, two| one.step < two.step) && told.len() > 1);
    assert_eq!(told.last(), Some(&Progress { step: 500, limit: 500, objective: whole.value }));
    let mut calls = 0;
    let mut stop = |_: Progress| {
        calls += 1;
        if calls == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let error = settings.interval_with(&outcome, &scores, Figure::RocAuc, &mut stop).unwrap_err();
    assert!(matches!(error, Error::Cancelled { steps } if steps < 500), "{error}");
    assert_eq!(calls, 2);
}

/// Sums of tenths are off by rounding; tenths of a customer count as whole ones do.
#[test]
fn tenths_of_customers_are_judged_as_whole_ones() {
    let tenths = |count: usize| vec![0.1; count];
    let capacity = cut_for_capacity(&[5.0, 4.0, 3.0, 2.0], Some(&tenths(4)), 0.3).unwrap();
    assert_eq!((capacity.cut, capacity.spare), (3.0, 0.0));
    assert!((capacity.tied - 0.1).abs() < 1e-12);
    let happened: Vec<bool> = (0..100).map(|row| row % 2 == 0).collect();
    let scores: Vec<f64> = (0..100).map(f64::from).collect();
    let outcome = Outcome::binary("y", &happened).weights(tenths(100)).unwrap();
    assert!((Ranking::new(&outcome, &scores).unwrap().precision_at(10).unwrap() - 0.5).abs() < 1e-12);
    let errors: Vec<f64> = (1..=10).map(f64::from).collect();
    assert_eq!(median_absolute_error(&[0.0; 10], &errors, Some(&tenths(10))).unwrap(), 5.5);
    let falling: Vec<f64> = (1..=10).rev().map(f64::from).collect();
    let table = decile_table(&[1.0; 10], &falling, Some(&tenths(10)), 10).unwrap();
    assert!(table.iter().all(|row| row.highest == row.lowest && (row.rows - 1.0).abs() < 1e-12), "{table:?}");
    let falling: Vec<f64> = (1..=100).rev().map(f64::from).collect();
    let top = spend_capture(&[1.0; 100], &falling, None, &[0.07]).unwrap()[0];
    assert_eq!((top.cut, top.weight), (94.0, 7.0));
}

/// What cancels leaves rounding, of which nothing is a share.
#[test]
fn a_share_of_what_cancels_is_none() {
    let (came, said) = ([0.1, 0.2, -0.3], [3.0, 2.0, 1.0]);
    assert_eq!(spend_capture(&came, &said, None, &[0.5]).unwrap_err().code(), "invalid_parameter");
    assert!(decile_table(&came, &said, None, 3).unwrap().iter().all(|row| row.cumulative_share.is_nan()));
    // Draws in which nobody buys, or all do the same, define no figure; they are drawn again.
    let draws = Bootstrap::new(1);
    let (came, said) = ([0.0, 0.0, 0.0, 0.0, 5.0], [1.0, 1.0, 1.0, 1.0, 4.0]);
    let found = draws.number_interval(&came, &said, None, NumberFigure::WeightedAbsolutePercentageError).unwrap();
    assert!(found.high.is_finite() && found.standard_error.is_finite(), "{found:?}");
    let (mut came, mut said) = (vec![0.1; 30], vec![0.2; 30]);
    came.extend([7.3, 9.1]);
    said.extend([6.0, 5.0]);
    let found = draws.number_interval(&came, &said, None, NumberFigure::RSquared).unwrap();
    assert!(found.low > -1e6, "{found:?}");
    let refused = draws.number_interval(&came, &said, None, NumberFigure::SpendCapture { share: 2.0 }).unwrap_err();
    assert!(refused.to_string().contains("`share` of `number_interval`"), "{refused}");
}

#[test]
fn figures_of_nobody_are_none() {
    let nobody = Confusion { true_positives: 0.0, false_positives: 0.0, false_negatives: 0.0, true_negatives: 0.0 };
    assert_eq!((nobody.accuracy(), nobody.recall(), nobody.f1(), nobody.kappa()), (None, None, None, None));
    let events = Confusion { true_positives: 5.0, ..nobody };
    assert_eq!((events.recall(), events.specificity(), events.youden()), (Some(1.0), None, None));
}
