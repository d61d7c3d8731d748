//! Concordance of censored durations against counting all pairs, published values and repetition of rows.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tierwise::Outcome;
use tierwise::evaluate::{AucScale, Censoring, Concordance, concordance, concordance_ipcw, roc_auc, roc_auc_interval};

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-11 * expected.abs().max(1.0), "{found} is not {expected}");
}

/// A row: duration, whether the event happened, risk, weight.
type Row = (u8, bool, i8, u8);

/// The definition: concordant, discordant, tied in risk, tied in time, the index and its standard error.
fn by_pairs(rows: &[Row], weight: impl Fn(&Row) -> f64) -> [f64; 6] {
    let mut counts = [0.0; 4];
    for (at, one) in rows.iter().enumerate() {
        for (other_at, other) in rows.iter().enumerate() {
            if let Some(place) = pair(*one, *other) {
                counts[place] += weight(one);
            } else if at < other_at && one.0 == other.0 && one.1 && other.1 {
                counts[3] += 1.0;
            }
        }
    }
    let [concordant, discordant, tied, ..] = counts;
    let compared = concordant + discordant + tied;
    let index = (concordant + tied / 2.0) / compared;
    let moved = |row: &Row| {
        let of = |first: &Row, second: &Row| match pair(*first, *second) {
            Some(place) => weight(first) * ([1.0, 0.0, 0.5][place] - index),
            None => 0.0,
        };
        rows.iter().map(|other| of(row, other) + of(other, row)).sum::<f64>() / compared
    };
    let variance: f64 = rows.iter().map(|row| moved(row) * moved(row)).sum();
    [concordant, discordant, tied, counts[3], index, variance.sqrt()]
}

/// 0 for a pair in which the first had the event first and the higher risk, 1 for the lower, 2 for an equal one.
fn pair(first: Row, second: Row) -> Option<usize> {
    let compared = first.1 && (first.0 < second.0 || (first.0 == second.0 && !second.1));
    compared.then(|| if first.2 > second.2 { 0 } else { 1 + usize::from(first.2 == second.2) })
}

struct Columns {
    duration: Vec<f64>,
    left: Vec<bool>,
    risk: Vec<f64>,
    weights: Vec<f64>,
}

fn columns(rows: &[Row]) -> Columns {
    Columns {
        duration: rows.iter().map(|row| f64::from(row.0)).collect(),
        left: rows.iter().map(|row| row.1).collect(),
        risk: rows.iter().map(|row| f64::from(row.2)).collect(),
        weights: rows.iter().map(|row| f64::from(row.3)).collect(),
    }
}

fn same(found: &Concordance, expected: [f64; 6]) {
    let all = [found.concordant, found.discordant, found.tied_risk, found.tied_time, found.value, found.standard_error];
    all.iter().zip(expected).for_each(|(&found, expected)| close(found, expected));
    assert!((0.0..=1.0).contains(&found.low) && found.low <= found.value && found.value <= found.high);
}

proptest! {
    #[test]
    fn all_pairs_and_weights_as_repetition(rows in prop::collection::vec((0_u8..9, any::<bool>(), -3_i8..4, 0_u8..4), 1..40)) {
        let repeated: Vec<Row> = rows.iter().flat_map(|row| std::iter::repeat_n(*row, row.3.into())).collect();
        let (some, many) = (columns(&rows), columns(&repeated));
        let Ok(event) = Outcome::binary("left", &some.left).weights(&some.weights[..]) else { return Ok(()) };
        let weighted = concordance(&some.duration, &event, &some.risk, 0.95);
        let plain = concordance(&many.duration, &Outcome::binary("left", &many.left), &many.risk, 0.95);
        prop_assert_eq!(weighted.is_ok(), plain.is_ok());
        let expected = by_pairs(&repeated, |_| 1.0);
        prop_assert_eq!(plain.is_ok(), expected[4].is_finite());
        if let (Ok(weighted), Ok(plain)) = (weighted, plain) {
            same(&weighted, expected);
            same(&plain, expected);
        }
        // The same with Uno's weights, as far as somebody is seen.
        let censoring = Censoring::estimate(&some.duration, &event).unwrap();
        let squared = |row: &Row| {
            let seen = censoring.at(row.0.into()).unwrap();
            if row.0 < 6 { 1.0 / (seen * seen) } else { 0.0 }
        };
        if let Ok(found) = concordance_ipcw(&some.duration, &event, &some.risk, &censoring, Some(6.0), 0.95) {
            let expected = by_pairs(&repeated, squared);
            same(&found, expected);
        }
    }

    #[test]
    fn without_censoring_and_two_times_it_is_the_area_under_the_roc_curve(
        rows in prop::collection::vec((any::<bool>(), -3_i8..4), 4..60)
    ) {
        let rows: Vec<Row> = rows.into_iter().map(|(soon, risk)| (if soon { 1 } else { 2 }, true, risk, 1)).collect();
        let given = columns(&rows);
        let soon: Vec<bool> = given.duration.iter().map(|&one| one == 1.0).collect();
        let soon = Outcome::binary("soon", &soon);
        let Ok(area) = roc_auc(&soon, &given.risk) else { return Ok(()) };
        let left = Outcome::binary("left", &given.left);
        let found = concordance(&given.duration, &left, &given.risk, 0.95).unwrap();
        close(found.value, area);
        // DeLong's variance divides by one less than the customers of each class.
        if let Ok(delong) = roc_auc_interval(&soon, &given.risk, 0.95, AucScale::Logit) {
            prop_assert!(found.standard_error <= delong.standard_error + 1e-12);
        }
        let censoring = Censoring::estimate(&given.duration, &left).unwrap();
        close(concordance_ipcw(&given.duration, &left, &given.risk, &censoring, None, 0.95).unwrap().value, area);
    }
}

/// scikit-survival 0.28 and lifelines 0.30.3 on the same rows.
#[test]
fn ten_rows_as_the_peers_have_them() {
    let duration = [5.0, 3.0, 9.0, 8.0, 1.0, 3.0, 7.0, 5.0, 4.0, 9.0];
    let left = [true, true, false, true, true, false, true, false, true, false];
    let risk = [0.5, 0.7, 0.1, 0.5, 0.4, 0.2, 0.6, 0.3, 0.8, 0.2];
    let event = Outcome::binary("left", &left);
    let found = concordance(&duration, &event, &risk, 0.95).unwrap();
    assert_eq!((found.concordant, found.discordant, found.tied_risk), (25.0, 7.0, 1.0));
    close(found.value, 25.5 / 33.0);
    let censoring = Censoring::estimate(&duration, &event).unwrap();
    let uno = |until| concordance_ipcw(&duration, &event, &risk, &censoring, until, 0.95).unwrap().value;
    close(uno(None), 0.803_594_351_732_991);
    close(uno(Some(6.0)), 0.750_136_091_453_456_7);
}

#[test]
fn many_rows_take_no_time_and_do_not_depend_on_threads() {
    let size = 60_000_u32;
    let mixed = |row: u32, by: u32| f64::from(row.wrapping_mul(by) >> 8 & 0xFFFF);
    let duration: Vec<f64> = (0..size).map(|row| mixed(row, 2_654_435_761)).collect();
    let risk: Vec<f64> = (0..size).map(|row| mixed(row, 40_503) - duration[row as usize]).collect();
    let left: Vec<bool> = (0..size).map(|row| row % 3 > 0).collect();
    let event = Outcome::binary("left", &left);
    let all = || concordance(&duration, &event, &risk, 0.95).unwrap();
    let on = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(all);
    let found = on(1);
    assert_eq!(found, on(3));
    assert!(found.value > 0.7 && found.standard_error < 0.01);
}

#[test]
fn what_is_refused_says_where() {
    let event = Outcome::binary("left", &[true, false, true]);
    let message = |result: tierwise::Result<Concordance>| result.unwrap_err().to_string();
    let negative = message(concordance(&[1.0, -2.0, 3.0], &event, &[1.0; 3], 0.95));
    assert_eq!(negative, "the duration at row 1 is -2; it must be a finite number from 0 upwards");
    let unknown = message(concordance(&[1.0, 2.0, 3.0], &event, &[1.0, f64::NAN, 2.0], 0.95));
    assert!(unknown.starts_with("the risk at row 1 is NaN"), "{unknown}");
    let nobody =
        message(concordance(&[1.0, 2.0, 3.0], &Outcome::binary("left", &[false, false, true]), &[1.0; 3], 0.95));
    assert!(nobody.starts_with("not enough data for concordance, pairs"), "{nobody}");
    assert_eq!(concordance(&[1.0, 2.0], &event, &[1.0; 3], 0.95).unwrap_err().code(), "wrong_length");
    // All who are left at 3 are lost from sight there, so that nothing is known of the event at 4.
    let lost = Outcome::binary("left", &[true, false, false]);
    let censoring = Censoring::estimate(&[1.0, 3.0, 3.0], &lost).unwrap();
    let later = Outcome::binary("left", &[true, true, true]);
    let error = message(concordance_ipcw(&[1.0, 4.0, 5.0], &later, &[3.0, 2.0, 1.0], &censoring, None, 0.95));
    assert!(error.contains("`until`") && error.contains("at most 3") && error.contains("row 2"), "{error}");
    assert!(concordance_ipcw(&[1.0, 4.0, 5.0], &later, &[3.0, 2.0, 1.0], &censoring, Some(3.0), 0.95).is_ok());
}

#[test]
fn a_perfect_order_is_perfect_whatever_the_weights() {
    let rows = 2000;
    let durations: Vec<f64> = (1..=rows).map(f64::from).collect();
    let risks: Vec<f64> = durations.iter().map(|duration| -duration).collect();
    let weights: Vec<f64> = (0..rows).map(|row| f64::from(1 + row * 7919 % 997) / 331.0).collect();
    let left = Outcome::binary("left", &vec![true; durations.len()]).weights(&weights[..]).unwrap();
    let right = concordance(&durations, &left, &risks, 0.95).unwrap();
    assert_eq!((right.value, right.discordant, right.high), (1.0, 0.0, 1.0));
    assert!(right.low < 1.0);
    let wrong = concordance(&durations, &left, &durations, 0.95).unwrap();
    assert_eq!((wrong.value, wrong.concordant), (0.0, 0.0));
}
