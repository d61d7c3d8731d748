//! Reports: the figures of the single functions, sentences that say them, and reasons where there are none.

#![allow(clippy::unwrap_used)]

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use tierwise::evaluate::{
    AucScale, Batch, BatchScores, Bins, Bootstrap, DriftLevel, Figure, GroupFigure, MonitoringOptions, Payoff, Ranking,
    Report, ReportGroups, ReportOptions, ScoreHistogram, brier, calibration_table, compare_roc_auc, cut_for_capacity,
    monitoring_report, number_figures, recalibration, report, report_numbers, spend_capture,
};
use tierwise::{Error, Outcome};

const RATES: [f64; 5] = [0.01, 0.1, 0.5, 0.9, 0.99];

fn chance(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// Labels and their true chances.
fn drawn(rate: f64, rows: usize, [positive, other]: [&'static str; 2]) -> (Vec<&'static str>, Vec<f64>) {
    let mut random = ChaCha8Rng::seed_from_u64((rate * 1000.0) as u64 + 1);
    let mut uniform = || random.next_u64() as f64 / 2.0_f64.powi(64);
    let base = (rate / (1.0 - rate)).ln();
    let row = |_| {
        let said = chance(base + 5.0 * (uniform() - 0.5));
        (if uniform() < said { positive } else { other }, said)
    };
    (0..rows).map(row).unzip()
}

#[test]
fn figures_are_those_of_the_single_functions_at_every_base_rate_and_in_either_order_of_labels() {
    for rate in RATES {
        for labels in [["bought", "not"], ["won", "lost"]] {
            let (happened, said) = drawn(rate, 3000, labels);
            let weights: Vec<f64> = (0..said.len()).map(|row| 1.0 + (row % 2) as f64).collect();
            let outcome = Outcome::labels("result", &happened, labels[0]).unwrap().weights(weights).unwrap();
            let old: Vec<f64> =
                said.iter().enumerate().map(|(row, said)| said.sqrt() - (row % 7) as f64 / 20.0).collect();
            let payoff = Payoff { true_positive: 90.0, false_positive: -10.0, ..Payoff::default() };
            let options = ReportOptions {
                capacity: Some(500.0),
                payoff: Some(payoff),
                champion: Some(&old),
                bootstrap: Some(Bootstrap::new(3).replicates(20)),
                ..ReportOptions::default()
            };
            let found = report(&outcome, &said, &options).unwrap();
            let ranking = Ranking::new(&outcome, &said).unwrap();
            let area = ranking.roc_auc_interval(0.95, AucScale::Logit).unwrap();
            assert_eq!(found.ranking.roc_auc_interval.known(), Some(&area));
            assert_eq!(found.ranking.average_precision, ranking.average_precision());
            let drawn = Bootstrap::new(3).replicates(20).interval(&outcome, &said, Figure::Brier).unwrap();
            let calibration = found.calibration.known().unwrap();
            let ends = calibration.brier_interval.as_ref().unwrap().known().unwrap();
            assert_eq!((ends.value, ends.low, ends.high), (drawn.value, drawn.low, drawn.high));
            assert_eq!(calibration.brier, brier(&outcome, &said).unwrap());
            assert_eq!(calibration.table, calibration_table(&outcome, &said, Bins::Quantile(10), 0.95).unwrap());
            assert_eq!(calibration.recalibration.known(), Some(&recalibration(&outcome, &said, 0.95).unwrap()));
            let tenth = ranking.lift_table(&[0.1]).unwrap()[0];
            assert_eq!((found.top.table[2].lift.value, found.top.table[2].events), (tenth.lift, tenth.events));
            let capacity = found.capacity.unwrap();
            assert_eq!(capacity.cut, cut_for_capacity(&said, outcome.row_weights(), 500.0).unwrap());
            assert_eq!(capacity.top.customers, 500.0);
            let profit = found.profit.unwrap();
            assert!(
                profit.best.value >= profit.break_even.unwrap().profit && profit.best.value >= profit.profit_of_all
            );
            let compared = compare_roc_auc(&outcome, &said, &old, 0.95).unwrap();
            assert_eq!(found.champion.unwrap().known().unwrap().roc_auc, compared);
        }
    }
}

#[test]
fn every_row_of_the_top_has_an_interval_that_holds_its_value() {
    for rate in RATES {
        let (happened, said) = drawn(rate, 1000, ["won", "lost"]);
        let outcome = Outcome::labels("result", &happened, "won").unwrap();
        let found = report(&outcome, &said, &ReportOptions::default()).unwrap();
        for row in &found.top.table {
            for (ends, most) in [(row.lift, 1.0 / row.share), (row.capture, 1.0)] {
                assert!(ends.low <= ends.value && ends.value <= ends.high && ends.high <= most + 1e-9, "{row:?}");
                assert!(ends.low >= 0.0, "{row:?}");
            }
            assert!(row.cut.is_some());
        }
        assert_eq!(found.top.table[11].lift.low, 1.0);
    }
}

#[test]
fn sentences_say_the_figures_and_doubts_what_speaks_against_them() {
    let (happened, said) = drawn(0.1, 4000, ["won", "lost"]);
    let outcome = Outcome::labels("result", &happened, "won").unwrap();
    let options = ReportOptions { happened: "bought", ..ReportOptions::default() };
    let found = report(&outcome, &said, &options).unwrap();
    let rate = 100.0 * found.top.table[2].rate.rate;
    assert!(found.top.words.says.contains(&format!("in the top tenth {rate:.0} bought")), "{}", found.top.words.says);
    assert!(found.top.words.doubts.is_empty() && found.ranking.words.doubts.is_empty());

    let turned: Vec<f64> = said.iter().map(|said| -said).collect();
    let found = report(&outcome, &turned, &options).unwrap();
    assert!(found.ranking.words.doubts[0].contains("wrong way"));
    assert!(matches!(&found.calibration, GroupFigure::Not(Error::InvalidValue { row: 0, .. })));

    let half: Vec<f64> = said.iter().map(|said| said / 2.0).collect();
    let calibration = report(&outcome, &half, &options).unwrap().calibration.known().unwrap().clone();
    assert!(calibration.words.says.ends_with("more than was said."), "{}", calibration.words.says);

    let constant = vec![0.1; said.len()];
    let found = report(&outcome, &constant, &options).unwrap();
    assert!(found.ranking.words.doubts.iter().any(|doubt| doubt.contains("no order")));
    assert!(found.top.words.doubts.iter().any(|doubt| doubt.contains("no clear end")));
    assert!(found.histogram.known().is_some());
}

#[test]
fn groups_are_compared_at_the_cut_that_is_used() {
    let (happened, said) = drawn(0.3, 2000, ["won", "lost"]);
    let outcome = Outcome::labels("result", &happened, "won").unwrap();
    let names = ["north".to_owned(), "south".to_owned()];
    let codes: Vec<u32> = said.iter().map(|&said| u32::from(said < 0.3)).collect();
    let groups = [ReportGroups { name: "region", names: &names, codes: &codes }];
    let found = report(&outcome, &said, &ReportOptions { groups: &groups, ..ReportOptions::default() }).unwrap();
    let found = &found.groups[0];
    assert_eq!(found.cut, Some(Ranking::new(&outcome, &said).unwrap().lift_table(&[0.1]).unwrap()[0].cut));
    let (few, many) = if found.groups[0].rows < found.groups[1].rows { (0, 1) } else { (1, 0) };
    let compared = found.groups[few].compared.as_ref().unwrap();
    assert_eq!(compared.reference, found.groups[many].group);
    let south = found.groups.iter().find(|one| one.group == "south").unwrap();
    assert_eq!(south.selection_rate.known().unwrap().events, 0.0);
}

#[test]
fn amounts_and_their_reasons() {
    let came: Vec<f64> = (0..300).map(|row| f64::from(row * 37 % 101)).collect();
    let said: Vec<f64> = came.iter().enumerate().map(|(row, came)| 0.5 * came + (row % 5) as f64).collect();
    let found = report_numbers(&came, &said, None, 0.9, Some(&Bootstrap::new(1).replicates(50))).unwrap();
    assert_eq!(found.figures, number_figures(&came, &said, None).unwrap());
    assert_eq!(found.capture.known().unwrap()[2], spend_capture(&came, &said, None, &[0.1]).unwrap()[0]);
    assert!(found.words.says.contains("too little is said"), "{}", found.words.says);
    assert!(found.words.doubts.iter().any(|doubt| doubt.contains("The total will be off")));
    let nothing = report_numbers(&[1.0, -1.0], &[1.0, 2.0], None, 0.95, None).unwrap();
    assert!(matches!(nothing.capture, GroupFigure::Not(Error::InvalidParameter { .. })));
    assert!(nothing.capture_words.is_none() && nothing.intervals.is_none());
}

#[test]
fn a_histogram_is_judged_as_its_rows_are() {
    let (happened, said) = drawn(0.3, 4000, ["won", "lost"]);
    let outcome = Outcome::labels("result", &happened, "won").unwrap();
    let edges: Vec<f64> = (1..1000).map(|edge| f64::from(edge) / 1000.0).collect();
    let mut histogram = ScoreHistogram::new(&edges).unwrap();
    histogram.add(&outcome, &said).unwrap();
    let options = MonitoringOptions::default();
    let rows = BatchScores::Rows { scores: &said, outcome: Some(&outcome) };
    let by_rows = monitoring_report(rows, &[Batch { name: "x", scores: rows, drift: None }], &options).unwrap();
    let counts = BatchScores::Histogram(&histogram);
    let by_counts = monitoring_report(counts, &[Batch { name: "x", scores: counts, drift: None }], &options).unwrap();
    assert_eq!((by_rows.level, by_counts.level), (DriftLevel::Stable, DriftLevel::Stable));
    let [one, two] =
        [&by_rows, &by_counts].map(|found| *found.batches[0].figures.roc_auc.as_ref().unwrap().known().unwrap());
    assert!((one.value - two.value).abs() < 1e-3 && (one.low - two.low).abs() < 1e-3, "{one:?} {two:?}");
    let [one, two] = [&by_rows, &by_counts].map(|found| found.batches[0].figures.calibration.clone().unwrap());
    assert!((one.mean_probability - two.mean_probability).abs() < 1e-12);
    assert!((one.slope.known().unwrap().value - two.slope.known().unwrap().value).abs() < 1e-2);
}

#[test]
fn what_is_asked_for_wrongly_is_refused() {
    let outcome = Outcome::binary("bought", &[true, false, true]);
    let refused = |scores: &[f64], options: &ReportOptions<'_>| report(&outcome, scores, options).unwrap_err().code();
    let plain = ReportOptions::default();
    assert_eq!(refused(&[0.1, f64::NAN, 0.2], &plain), "invalid_value");
    assert_eq!(refused(&[0.1], &plain), "wrong_length");
    assert_eq!(refused(&[0.1; 3], &ReportOptions { confidence: 1.0, ..plain.clone() }), "invalid_parameter");
    assert_eq!(
        refused(&[0.1; 3], &ReportOptions { capacity: Some(f64::INFINITY), ..plain.clone() }),
        "invalid_parameter"
    );
    assert_eq!(refused(&[2.0; 3], &ReportOptions { probabilities: Some(true), ..plain.clone() }), "invalid_value");
    assert_eq!(refused(&[0.1; 3], &ReportOptions { reference: Some(&[]), ..plain.clone() }), "empty_table");
    let one_class = report(&Outcome::binary("bought", &[true; 3]), &[0.1, 0.2, 0.3], &plain);
    assert_eq!(one_class.unwrap_err().code(), "one_class");
    let batch = Batch { name: "x", scores: BatchScores::None, drift: None };
    let twice = monitoring_report(BatchScores::None, &[batch.clone(), batch], &MonitoringOptions::default());
    assert_eq!(
        twice.unwrap_err().to_string(),
        "The `batches` of `monitoring_report` must be batches of different names. Got `x` twice."
    );
}

#[test]
fn a_report_is_plain_data() {
    fn is_data<T: serde::Serialize + Clone + PartialEq + Send + Sync>(_: &T) {}
    let outcome = Outcome::binary("bought", &[true, false, true, false]);
    let found: Report = report(&outcome, &[0.9, 0.2, 0.4, 0.6], &ReportOptions::default()).unwrap();
    is_data(&found);
}
