//! Checks of data before a fit: what must be found, and what must not.

#![allow(clippy::unwrap_used)] // a test may stop where it stands

use proptest::prelude::*;
use tierwise::learn::{DataChecks, Finding, Severity, check_data};
use tierwise::{Columns, Feature, Outcome};

const LEAKS: [&str; 5] =
    ["separates_outcome", "splits_outcome", "known_for_one_class", "value_of_one_class", "far_ahead"];
const BASE_RATES: [f64; 5] = [0.01, 0.1, 0.5, 0.9, 0.99];

/// Numbers in [0, 1) that look random and are the same for ever.
fn noise(rows: usize, salt: u64) -> Vec<f64> {
    let mixed = |row: usize| {
        let mut bits = (row as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ salt.wrapping_mul(0xd134_2543_de82_ef95);
        for _ in 0..2 {
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            bits ^= bits >> 31;
        }
        (bits >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..rows).map(mixed).collect()
}

fn happened(rows: usize, rate: f64, salt: u64) -> Vec<bool> {
    noise(rows, salt).into_iter().map(|chance| chance < rate).collect()
}

/// An outcome by two labels of which the first in the alphabet, or the other, is positive.
fn labelled(happened: &[bool], first_is_positive: bool) -> Outcome<'static> {
    let [yes, no] = if first_is_positive { ["a", "b"] } else { ["b", "a"] };
    let labels: Vec<&str> = happened.iter().map(|&happened| if happened { yes } else { no }).collect();
    Outcome::labels("left", &labels, yes).unwrap()
}

fn check(features: &[Feature], values: &[Vec<f64>], outcome: &Outcome<'_>, checks: &DataChecks<'_>) -> Vec<Finding> {
    let columns = Columns::in_order(features, values.iter().map(Vec::as_slice).collect()).unwrap();
    check_data(&columns, outcome, checks).unwrap()
}

fn numbers(names: &[&str]) -> Vec<Feature> {
    names.iter().map(|name| Feature::number(*name)).collect()
}

fn found<'f>(findings: &'f [Finding], code: &str, column: &str) -> Option<&'f Finding> {
    findings.iter().find(|finding| finding.code == code && finding.columns.first().is_some_and(|name| name == column))
}

#[test]
fn noise_leaks_nothing_at_any_base_rate() {
    const ROWS: usize = 4000;
    for (salt, rate) in (0..).zip(BASE_RATES) {
        for first in [true, false] {
            let outcome = labelled(&happened(ROWS, rate, 100 + salt), first);
            let levels = |count: usize| (0..count).map(|level| level.to_string()).collect::<Vec<_>>();
            let coded = |count: usize, salt: u64| -> Vec<f64> {
                noise(ROWS, salt).into_iter().map(|value| (value * count as f64).floor()).collect()
            };
            let sparse = noise(ROWS, 5).into_iter().map(|value| if value < 0.3 { f64::NAN } else { value }).collect();
            let features = [
                Feature::number("even"),
                Feature::number("sparse"),
                Feature::category("few", levels(5)),
                Feature::category("many", levels(500)),
                Feature::category("names rows", levels(ROWS)),
                Feature::yes_no("yes"),
            ];
            let values = [
                noise(ROWS, 1),
                sparse,
                coded(5, 2),
                coded(500, 3),
                (0..ROWS).map(|row| row as f64).collect(),
                coded(2, 4),
            ];
            let findings = check(&features, &values, &outcome, &DataChecks::new());
            assert!(findings.iter().all(|finding| !LEAKS.contains(&finding.code)), "{rate}: {findings:?}");
            assert_eq!(found(&findings, "identifier", "names rows").unwrap().severity, Severity::Warn);
            assert!(found(&findings, "many_levels", "many").is_some());
        }
    }
}

#[test]
fn a_leak_is_found_at_any_base_rate() {
    const ROWS: usize = 4000;
    for (salt, rate) in (0..).zip(BASE_RATES) {
        for first in [true, false] {
            let happened = happened(ROWS, rate, 200 + salt);
            let outcome = labelled(&happened, first);
            let score = happened.iter().zip(noise(ROWS, 6)).map(|(&yes, noise)| f64::from(u8::from(yes)) + 2.0 * noise);
            let turned =
                happened.iter().zip(noise(ROWS, 7)).map(|(&yes, noise)| noise - 2.0 * f64::from(u8::from(yes)));
            // High at both ends for the positive class: the ranks of the values do not show it.
            let ends = happened
                .iter()
                .zip(noise(ROWS, 8))
                .map(|(&yes, noise)| if yes { (noise - 0.5).signum() * 9.0 } else { noise });
            let values = [score.collect(), turned.collect(), ends.collect(), noise(ROWS, 9)];
            let features = numbers(&["score", "turned", "ends", "sound"]);
            let findings = check(&features, &values, &outcome, &DataChecks::new());
            for (column, severity) in [("score", Severity::Warn), ("turned", Severity::Stop), ("ends", Severity::Stop)]
            {
                let finding = found(&findings, "separates_outcome", column).unwrap();
                assert_eq!(finding.severity, severity, "{rate} {finding}");
            }
            assert!(found(&findings, "separates_outcome", "turned").unwrap().number("auc") == Some(1.0));
            assert!(found(&findings, "separates_outcome", "ends").unwrap().number("auc").unwrap() < 0.75);
            let accused = findings.iter().filter(|finding| LEAKS.contains(&finding.code)).count();
            assert_eq!(accused, 3);
        }
    }
}

#[test]
fn in_small_tables_chance_is_no_leak() {
    // Twelve rows that are ranked perfectly by chance are one in 924, and wide tables have many columns.
    let happened: Vec<bool> = (0..12).map(|row| row < 6).collect();
    let rows = |count: usize| (0..count).map(|row| row as f64).collect::<Vec<_>>();
    let findings = check(&numbers(&["x"]), &[rows(12)], &Outcome::binary("left", &happened), &DataChecks::new());
    assert!(found(&findings, "separates_outcome", "x").is_none());
    let happened: Vec<bool> = (0..60).map(|row| row < 30).collect();
    let findings = check(&numbers(&["x"]), &[rows(60)], &Outcome::binary("left", &happened), &DataChecks::new());
    assert!(found(&findings, "separates_outcome", "x").is_some());
}

#[test]
fn what_is_filled_in_afterwards_is_found() {
    const ROWS: usize = 1000;
    let happened = happened(ROWS, 0.2, 11);
    let outcome = Outcome::binary("left", &happened);
    let reason = happened
        .iter()
        .zip(noise(ROWS, 12))
        .map(|(&yes, noise)| if yes && noise < 0.4 { (4.0 * noise).floor() } else { f64::NAN });
    let status = happened
        .iter()
        .zip(noise(ROWS, 13))
        .map(|(&yes, noise)| if yes && noise < 0.3 { 2.0 } else { (2.0 * noise).floor() });
    let quality = happened.iter().zip(noise(ROWS, 14)).map(|(&yes, noise)| match (yes, noise) {
        (true, noise) if noise < 0.3 => 3.0,
        (false, noise) if noise < 0.3 => 0.0,
        (_, noise) => {
            1.0 + f64::from(u8::from(noise < 0.5)) + 2.0 * f64::from(u8::from(noise > 0.999))
                - f64::from(u8::from(noise > 0.997))
        }
    });
    let quality: Vec<f64> = quality.collect();
    let features = [
        Feature::category("reason", ["price", "service"]),
        Feature::category("status", ["new", "called", "closed"]),
        Feature::category("quality", ["worst", "low", "might be", "high"]),
    ];
    let findings = check(&features, &[reason.collect(), status.collect(), quality], &outcome, &DataChecks::new());
    let known = found(&findings, "known_for_one_class", "reason").unwrap();
    assert_eq!(known.severity, Severity::Warn);
    let expected = 0.8 * known.number("rows").unwrap();
    assert!((known.number("expected_of_other_class").unwrap() - expected).abs() < 0.1 * expected);
    let value = found(&findings, "value_of_one_class", "status").unwrap();
    assert!(value.message.contains("`status` is `closed` have the outcome `true`"), "{value}");
    let split = found(&findings, "splits_outcome", "quality").unwrap();
    assert!(split.number("odds_high").unwrap() >= 8.0 && split.number("odds_low").unwrap() >= 8.0);
}

#[test]
fn the_one_strong_column_among_weak_ones_is_pointed_out() {
    const ROWS: usize = 3000;
    let happened = happened(ROWS, 0.3, 15);
    let bell = |salt: u64| -> Vec<f64> {
        let parts: Vec<Vec<f64>> = (0..4).map(|part| noise(ROWS, 10 * salt + part)).collect();
        (0..ROWS).map(|row| parts.iter().map(|part| part[row]).sum()).collect()
    };
    let column = |weight: f64, salt: u64| -> Vec<f64> {
        happened.iter().zip(bell(salt)).map(|(&yes, noise)| noise + weight * f64::from(u8::from(yes))).collect()
    };
    let features = numbers(&["strong", "a", "b", "c", "d", "e"]);
    let outcome = Outcome::binary("left", &happened);
    let values =
        |next: f64| [column(0.66, 1), column(next, 2), column(0.1, 3), column(0.0, 4), column(0.0, 5), column(0.0, 6)];
    let findings = check(&features, &values(0.15), &outcome, &DataChecks::new());
    let ahead = found(&findings, "far_ahead", "strong").unwrap();
    assert!(ahead.number("auc").unwrap() > 0.75 && ahead.number("next_auc").unwrap() < 0.63, "{ahead:?}");
    assert!(found(&check(&features, &values(0.5), &outcome, &DataChecks::new()), "far_ahead", "strong").is_none());
}

#[test]
fn columns_that_say_the_same_are_found() {
    const ROWS: usize = 500;
    let minutes: Vec<f64> = noise(ROWS, 21).into_iter().map(|value| (3000.0 * value).round() / 10.0).collect();
    let charge: Vec<f64> = minutes.iter().map(|minutes| (17.0 * minutes).round() / 100.0).collect();
    let rest: Vec<f64> = minutes.iter().map(|minutes| 1e7 - minutes).collect();
    let plan: Vec<f64> = noise(ROWS, 22).into_iter().map(|value| (3.0 * value).floor()).collect();
    let renamed: Vec<f64> = plan.iter().map(|&plan| if plan == 2.0 { f64::NAN } else { 1.0 - plan }).collect();
    let other: Vec<f64> = noise(ROWS, 23).into_iter().map(|value| (3.0 * value).floor()).collect();
    let near: Vec<f64> = minutes.iter().zip(noise(ROWS, 24)).map(|(minutes, noise)| minutes + 10.0 * noise).collect();
    let features = [
        Feature::number("minutes"),
        Feature::number("charge"),
        Feature::number("rest"),
        Feature::number("again"),
        Feature::number("near"),
        Feature::category("plan", ["a", "b", "c"]),
        Feature::category("renamed", ["x", "y"]),
        Feature::category("other", ["a", "b", "c"]),
    ];
    let values = [minutes.clone(), charge, rest, minutes, near, plan, renamed, other];
    let outcome = Outcome::binary("left", &happened(ROWS, 0.4, 25));
    let findings = check(&features, &values, &outcome, &DataChecks::new());
    let pairs: Vec<(&str, Vec<&str>)> = findings
        .iter()
        .filter(|finding| finding.columns.len() == 2)
        .map(|finding| (finding.code, finding.columns.iter().map(String::as_str).collect()))
        .collect();
    let expected = [
        ("linear_copy", vec!["charge", "minutes"]),
        ("linear_copy", vec!["rest", "minutes"]),
        ("equal_columns", vec!["again", "minutes"]),
        ("recoded_copy", vec!["renamed", "plan"]),
    ];
    assert_eq!(pairs, expected);
    assert!(found(&findings, "linear_copy", "rest").unwrap().number("correlation").unwrap() < -0.9999);
}

#[test]
fn rows_that_occur_again_are_counted() {
    // 0 and 1 are equal, 2 and 3 too but for the outcome; 4 and 5 differ.
    let a = vec![1.0, 1.0, 2.0, 2.0, 3.0, 4.0];
    let b = vec![0.0, -0.0, f64::NAN, f64::NAN, 5.0, 5.0];
    let happened = [true, true, true, false, false, true];
    let features = numbers(&["a", "b"]);
    let (test_a, test_b) = ([3.0, 3.0, 9.0, 2.0], [5.0, 5.0, 5.0, f64::NAN]);
    let test = Columns::in_order(&features, vec![&test_a, &test_b]).unwrap();
    let checks = DataChecks::new().test(&test).groups(vec![0, 0, 1, 2, 3, 4]).test_groups(vec![4, 7, 8, 9]);
    let findings = check(&features, &[a, b], &Outcome::binary("left", &happened), &checks);
    let of = |code: &str, name: &str| findings.iter().find(|one| one.code == code).unwrap().number(name).unwrap();
    assert_eq!((of("duplicate_rows", "rows"), of("duplicate_rows", "distinctive_rows")), (1.0, 1.0));
    assert_eq!((of("conflicting_rows", "rows"), of("conflicting_rows", "sets")), (2.0, 1.0));
    assert_eq!((of("shared_rows", "rows"), of("shared_rows", "share")), (3.0, 0.75));
    assert_eq!(of("repeated_groups", "groups"), 5.0);
    assert_eq!(of("shared_groups", "rows"), 1.0);
}

#[test]
fn columns_that_name_rows_do_not_hide_repeated_ones() {
    let number: Vec<f64> = (0..100).map(|row| f64::from(row) + 1.0).collect();
    let value: Vec<f64> = (0..100).map(|row| f64::from(row % 50) + 0.5).collect();
    let other: Vec<f64> = (0..100).map(|row| f64::from(row % 50 * 7 % 50) + 0.25).collect();
    let happened: Vec<bool> = (0..100).map(|row| row % 50 < 20).collect();
    let outcome = Outcome::binary("left", &happened);
    // One column that coincides does not make a copy, nor do two that say the same.
    let twice = value.iter().map(|value| 2.0 * value).collect();
    let alike = [number.clone(), value.clone(), twice];
    let alike = check(&numbers(&["number", "value", "twice"]), &alike, &outcome, &DataChecks::new());
    let alike = alike.iter().find(|finding| finding.code == "duplicate_rows").unwrap();
    assert_eq!((alike.number("rows"), alike.severity), (Some(50.0), Severity::Note));
    let findings =
        check(&numbers(&["number", "value", "other"]), &[number, value, other], &outcome, &DataChecks::new());
    assert_eq!(found(&findings, "row_number", "number").unwrap().severity, Severity::Note);
    let twice = findings.iter().find(|finding| finding.code == "duplicate_rows").unwrap();
    assert_eq!((twice.number("rows"), twice.severity), (Some(50.0), Severity::Warn));
}

#[test]
fn a_base_rate_that_drifts_is_found() {
    const ROWS: usize = 5000;
    let days: Vec<f64> = (0..ROWS).map(|row| (row * 577 % ROWS) as f64 / 10.0).collect();
    let outcome = |rise: f64| -> Vec<bool> {
        noise(ROWS, 31).iter().zip(&days).map(|(noise, day)| *noise < 0.1 + rise * day / 500.0).collect()
    };
    let features = numbers(&["x"]);
    let drift = |rise: f64| {
        let findings = check(
            &features,
            &[noise(ROWS, 32)],
            &Outcome::binary("left", &outcome(rise)),
            &DataChecks::new().days(&days),
        );
        findings.into_iter().find(|finding| finding.code == "base_rate_drift")
    };
    let finding = drift(0.2).unwrap();
    assert_eq!(finding.severity, Severity::Warn);
    assert!((finding.number("first_rate").unwrap() - 0.12).abs() < 0.03);
    assert!((finding.number("last_rate").unwrap() - 0.28).abs() < 0.03);
    // Cochran and Armitage by their formula, over the five fifths.
    let happened = outcome(0.2);
    let fifth = |fifth: usize| (0..ROWS).filter(move |row| (row * 577 % ROWS) / 1000 == fifth);
    let events: Vec<f64> = (0..5).map(|index| fifth(index).filter(|&row| happened[row]).count() as f64).collect();
    let rate = events.iter().sum::<f64>() / 5000.0;
    let covered: f64 = (0..5).map(|index| (index as f64 - 2.0) * events[index]).sum();
    let z = covered / (rate * (1.0 - rate) * 1000.0 * 10.0).sqrt();
    assert!((finding.number("trend_z").unwrap() - z).abs() < 1e-9);
    let expected: f64 =
        events.iter().map(|events| (events - 1000.0 * rate).powi(2) / (1000.0 * rate * (1.0 - rate))).sum();
    assert!((finding.number("chi_squared").unwrap() - expected).abs() < 1e-9);
    assert!(drift(0.0).is_none());
}

#[test]
fn dates_after_as_of_are_found() {
    let day = vec![10.0, 20.0, f64::NAN, 40.0];
    let happened = [true, false, true, false];
    let features = numbers(&["signed", "planned"]);
    let columns = [day, vec![5.0; 4]];
    let outcome = Outcome::binary("left", &happened);
    let one = check(&features, &columns, &outcome, &DataChecks::new().dates(["signed", "planned"], vec![20.0]));
    assert_eq!(found(&one, "dated_after_as_of", "signed").unwrap().number("rows"), Some(1.0));
    assert!(found(&one, "dated_after_as_of", "planned").is_none());
    let each = DataChecks::new().dates(["signed"], vec![5.0, 30.0, 1.0, 39.0]);
    let each = check(&features, &columns, &outcome, &each);
    assert_eq!(found(&each, "dated_after_as_of", "signed").unwrap().number("rows"), Some(2.0));
}

#[test]
fn too_few_events_are_counted_per_parameter() {
    const ROWS: usize = 200;
    let happened: Vec<bool> = (0..ROWS).map(|row| row % 8 == 0).collect();
    let plan: Vec<f64> = noise(ROWS, 41).into_iter().map(|value| (3.0 * value).floor()).collect();
    let sparse: Vec<f64> =
        noise(ROWS, 42).into_iter().map(|value| if value < 0.2 { f64::NAN } else { value }).collect();
    let features =
        [Feature::category("plan", ["a", "b", "c", "never"]), Feature::number("sparse"), Feature::number("same")];
    let findings =
        check(&features, &[plan, sparse, vec![1.0; ROWS]], &Outcome::binary("left", &happened), &DataChecks::new());
    let few = findings.iter().find(|finding| finding.code == "few_events").unwrap();
    // Two levels more than the first, the number, and unknown; the constant column does not count.
    assert_eq!((few.number("events"), few.number("parameters")), (Some(25.0), Some(4.0)));
    assert!(found(&findings, "constant_column", "same").is_some());
}

#[test]
fn findings_do_not_depend_on_threads_and_come_gravest_first() {
    const ROWS: usize = 3000;
    let happened = happened(ROWS, 0.2, 51);
    let leak = happened.iter().map(|&yes| f64::from(u8::from(yes))).collect::<Vec<_>>();
    let mut values: Vec<Vec<f64>> = (0..12).map(|salt| noise(ROWS, 60 + salt)).collect();
    values.push(leak);
    values.push(values[3].clone());
    let names: Vec<String> = (0..values.len()).map(|column| format!("column {column}")).collect();
    let features: Vec<Feature> = names.iter().map(Feature::number).collect();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| check(&features, &values, &Outcome::binary("left", &happened), &DataChecks::new()))
    };
    let findings = run(1);
    assert_eq!(findings, run(4));
    assert!(findings.is_sorted_by_key(|finding| finding.severity) && findings[0].severity == Severity::Stop);
    assert!(findings.iter().any(|finding| finding.code == "equal_columns"));
}

proptest! {
    /// A row of weight 3 is three rows, and one of weight 0 is none.
    #[test]
    fn weights_count_as_repeated_rows(rows in prop::collection::vec((0_u8..12, any::<bool>(), 0_usize..4), 60..200)) {
        let values: Vec<f64> = rows.iter().map(|&(value, yes, _)| if value == 11 { f64::NAN } else { f64::from(value) + 4.0 * f64::from(u8::from(yes)) }).collect();
        let happened: Vec<bool> = rows.iter().map(|row| row.1).collect();
        let weights: Vec<f64> = rows.iter().map(|row| row.2 as f64).collect();
        let weighted = Outcome::binary("left", &happened).weights(weights).unwrap();
        let expand = |row: usize| std::iter::repeat_n(row, rows[row].2);
        let repeated: Vec<usize> = (0..rows.len()).flat_map(expand).collect();
        let features = numbers(&["x"]);
        let columns = Columns::in_order(&features, vec![&values]).unwrap();
        let checks = DataChecks::new().warn_auc(0.51).stop_auc(0.52);
        let auc = |columns: &Columns<'_>, outcome: &Outcome<'_>| {
            let findings = check_data(columns, outcome, &checks)?;
            Ok::<_, tierwise::Error>(found(&findings, "separates_outcome", "x").and_then(|finding| finding.number("auc")))
        };
        let unweighted: Vec<bool> = repeated.iter().map(|&row| happened[row]).collect();
        let taken = columns.take(&repeated);
        let (one, other) = (auc(&columns, &weighted), auc(&taken.columns(), &Outcome::binary("left", &unweighted)));
        match (one, other) {
            (Ok(Some(one)), Ok(Some(other))) => prop_assert!((one - other).abs() < 1e-12),
            (Err(one), Err(other)) => prop_assert_eq!(one.code(), other.code()),
            // A column is accused only where chance is out of the question, which depends on the number of rows.
            _ => {}
        }
    }

    /// Whatever the numbers are, a check neither fails nor says anything that is not a number.
    #[test]
    fn any_table_can_be_checked(
        rows in prop::collection::vec((any::<f64>(), prop::sample::select(vec![0.0, -0.0, f64::MAX, f64::MIN, 5e-324, f64::NAN]), any::<bool>()), 2..60)
    ) {
        let finite = |value: f64| if value.is_finite() { value } else { f64::NAN };
        let values = [rows.iter().map(|row| finite(row.0)).collect::<Vec<_>>(), rows.iter().map(|row| row.1).collect()];
        let happened: Vec<bool> = rows.iter().map(|row| row.2).collect();
        let days: Vec<f64> = (0..rows.len()).map(|row| row as f64).collect();
        let features = numbers(&["x", "y"]);
        let columns = Columns::in_order(&features, vec![&values[0], &values[1]]).unwrap();
        let checks = DataChecks::new().test(&columns).days(&days).dates(["x"], vec![0.0]);
        match check_data(&columns, &Outcome::binary("left", &happened), &checks) {
            Ok(findings) => for finding in findings {
                prop_assert!(finding.evidence.iter().all(|(_, number)| number.is_finite()), "{:?}", finding);
            },
            Err(error) => prop_assert_eq!(error.code(), "one_class"),
        }
    }
}

#[test]
fn what_cannot_be_checked_says_so() {
    let features = numbers(&["x"]);
    let columns = Columns::in_order(&features, vec![&[1.0, 2.0, 3.0]]).unwrap();
    let outcome = Outcome::binary("left", &[true, false, true]);
    let code = |checks: &DataChecks<'_>| check_data(&columns, &outcome, checks).unwrap_err().code();
    assert_eq!(code(&DataChecks::new().stop_auc(0.5)), "invalid_parameter");
    assert_eq!(code(&DataChecks::new().warn_auc(f64::NAN)), "invalid_parameter");
    assert_eq!(code(&DataChecks::new().odds(1.0)), "invalid_parameter");
    assert_eq!(code(&DataChecks::new().events_per_parameter(-1.0)), "invalid_parameter");
    assert_eq!(code(&DataChecks::new().days(vec![1.0])), "wrong_length");
    assert_eq!(code(&DataChecks::new().days(vec![1.0, f64::NAN, 2.0])), "invalid_value");
    assert_eq!(code(&DataChecks::new().dates(["y"], vec![1.0])), "unknown_feature");
    assert_eq!(code(&DataChecks::new().dates(["x"], vec![1.0, 2.0])), "wrong_length");
    assert_eq!(code(&DataChecks::new().dates(["x"], vec![f64::NAN])), "invalid_value");
    assert_eq!(code(&DataChecks::new().groups(vec![1])), "wrong_length");
    assert_eq!(code(&DataChecks::new().test_groups(vec![1])), "invalid_parameter");
    let same = Columns::in_order(&features, vec![&[1.0, 2.0]]).unwrap();
    let grouped = DataChecks::new().test(&same).groups(vec![1, 2, 3]);
    assert_eq!(code(&grouped.clone().test_groups(vec![1])), "wrong_length");
    assert_eq!(code(&DataChecks::new().groups(vec![1, 2, 3]).test_groups(vec![1, 2])), "invalid_parameter");
    let others = numbers(&["y"]);
    let test = Columns::in_order(&others, vec![&[1.0]]).unwrap();
    assert_eq!(code(&DataChecks::new().test(&test)), "invalid_parameter");
    let always = Outcome::binary("left", &[true; 3]);
    assert_eq!(check_data(&columns, &always, &DataChecks::new()).unwrap_err().code(), "one_class");
    let short = Outcome::binary("left", &[true, false]);
    assert_eq!(check_data(&columns, &short, &DataChecks::new()).unwrap_err().code(), "wrong_length");
}
