//! Reason codes: the published sample, and the sums that must come out.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tierwise::lead::{
    self, Algorithm, CardSpec, Characteristic, CodeTies, Condition, Keep, ReasonCodeColumns, ReasonCodes,
};
use tierwise::{Columns, Explain, Feature, Score, Scorecard, Unknown, laws, model};

/// The sample scorecard of the PMML specification, in which the ages from 18 to 29 have a reason code of their own.
/// Published results of two engines for (engineering, 25 to 29, 500): score 29, reasons `RC2_3`, `RC1`, and no third.
fn sample() -> Scorecard {
    let own = |feature: Feature| feature.with_unknown(Unknown::Own);
    let spec = CardSpec {
        name: "SampleScorecard".into(),
        features: vec![
            own(Feature::category("department", ["marketing", "engineering", "business", "other"])),
            own(Feature::number("age")),
            own(Feature::number("income")),
        ],
        characteristics: vec![
            Characteristic::new("departmentScore", "department")
                .when(Condition::Unknown, -9.0)
                .when(Condition::Level("marketing".into()), 19.0)
                .when(Condition::Level("engineering".into()), 3.0)
                .when(Condition::Level("business".into()), 6.0)
                .when(Condition::Otherwise, 0.0)
                .baseline(19.0)
                .reason_code("RC1"),
            Characteristic::new("ageScore", "age")
                .when_coded(Condition::Unknown, -1.0, "RC2_1")
                .when_coded(Condition::below(19.0), -3.0, "RC2_2")
                .when_coded(Condition::below(30.0), 0.0, "RC2_3")
                .when_coded(Condition::below(40.0), 12.0, "RC2_4")
                .when_coded(Condition::Otherwise, 18.0, "RC2_5")
                .baseline(18.0)
                .reason_code("RC2"),
            Characteristic::new("incomeScore", "income")
                .when(Condition::Unknown, 5.0)
                .when(Condition::below(1000.5), 26.0)
                .when(Condition::below(2500.5), 5.0)
                .when(Condition::Otherwise, -3.0)
                .baseline(10.0)
                .reason_code("RC3"),
        ],
        ..CardSpec::default()
    };
    Scorecard::new(spec).unwrap()
}

fn codes(card: &Scorecard, row: &[f64], settings: &ReasonCodes) -> Vec<(String, f64)> {
    let mut record = card.record();
    for (feature, &value) in card.features().iter().zip(row) {
        record.set(feature.name(), value).unwrap();
    }
    let codes = card.reason_codes(&record, settings).unwrap();
    codes.into_iter().map(|one| (one.code.to_owned(), one.difference)).collect()
}

fn owned(codes: &[(&str, f64)]) -> Vec<(String, f64)> {
    codes.iter().map(|&(code, difference)| (code.to_owned(), difference)).collect()
}

#[test]
fn the_published_sample() {
    let card = sample();
    let engineer = [1.0, 29.0, 500.0];
    assert_eq!(card.score_row(&engineer), 29.0);
    let settings = ReasonCodes::default();
    assert_eq!(codes(&card, &engineer, &settings), owned(&[("RC2_3", 18.0), ("RC1", 16.0)]));
    let all = ReasonCodes { keep: Keep::All, ..ReasonCodes::default() };
    assert_eq!(codes(&card, &engineer, &all), owned(&[("RC2_3", 18.0), ("RC1", 16.0), ("RC3", -16.0)]));
    let above = ReasonCodes { algorithm: Algorithm::PointsAbove, ..ReasonCodes::default() };
    assert_eq!(codes(&card, &engineer, &above), owned(&[("RC3", 16.0)]));
    // Business and 35 are 13 and 6 below their baselines.
    assert_eq!(codes(&card, &[2.0, 35.0, 500.0], &settings), owned(&[("RC1", 13.0), ("RC2_4", 6.0)]));
    // Unknown facts take their own points: 28, 19 and 5 below.
    let unknown = codes(&card, &[f64::NAN; 3], &settings);
    assert_eq!(unknown, owned(&[("RC1", 28.0), ("RC2_1", 19.0), ("RC3", 5.0)]));
}

/// Codes that are shared and summed, ties, differences of nothing, and a card whose baseline is its own or neutral.
fn shared(baseline: Option<f64>) -> Scorecard {
    let yes = |name: &str, points: f64| Characteristic::yes(name, points).neutral(1.0);
    let spec = CardSpec {
        name: "shared".into(),
        features: ["a", "b", "c", "d", "e"].map(Feature::yes_no).into(),
        initial: 7.0,
        baseline,
        characteristics: vec![
            yes("a", 4.0).reason_code("Z"),
            yes("b", 3.0).reason_code("shared"),
            yes("c", 2.0).reason_code("shared"),
            yes("d", 4.0).reason_code("A"),
            yes("e", 1.0),
        ],
        ..CardSpec::default()
    };
    Scorecard::new(spec).unwrap()
}

#[test]
fn what_the_standard_leaves_open_is_a_setting() {
    let card = shared(Some(1.0));
    let settings = |keep, ties, padding: Option<&str>| ReasonCodes {
        algorithm: Algorithm::PointsAbove,
        most: 5,
        keep,
        padding: padding.map(str::to_owned),
        ties,
    };
    let row = [1.0; 5];
    let plain = codes(&card, &row, &settings(Keep::Positive, CodeTies::Card, None));
    assert_eq!(plain, owned(&[("Z", 3.0), ("shared", 3.0), ("A", 3.0)]));
    let by_name = codes(&card, &row, &settings(Keep::Positive, CodeTies::Name, None));
    assert_eq!(by_name, owned(&[("A", 3.0), ("Z", 3.0), ("shared", 3.0)]));
    let zero = codes(&card, &row, &settings(Keep::NotNegative, CodeTies::Card, None));
    assert_eq!(zero[3..], owned(&[("e", 0.0)]));
    let padded = codes(&card, &row, &settings(Keep::Positive, CodeTies::Card, Some("none")));
    assert_eq!(padded[3..], owned(&[("none", 0.0), ("none", 0.0)]));
    // Neutral points stand in for a baseline that nobody states.
    assert_eq!(codes(&shared(None), &row, &settings(Keep::Positive, CodeTies::Card, None)), plain);
    let far = codes(&shared(Some(-10.0)), &row, &settings(Keep::Positive, CodeTies::Card, None));
    assert_eq!(far[0], ("shared".to_owned(), 25.0));
}

#[test]
fn settings_out_of_range_and_baselines_that_are_no_number_are_refused() {
    let card = sample();
    let code = |settings: &ReasonCodes| card.reason_codes(&card.record(), settings).unwrap_err().to_string();
    assert!(code(&ReasonCodes { most: 256, ..ReasonCodes::default() }).contains("Got 256."));
    assert!(code(&ReasonCodes { padding: Some(" ".into()), ..ReasonCodes::default() }).contains("`padding`"));
    let mut spec = card.spec().clone();
    spec.baseline = Some(f64::INFINITY);
    assert_eq!(Scorecard::new(spec.clone()).unwrap_err().code(), "invalid_scorecard");
    spec.baseline = None;
    spec.characteristics[1].baseline = Some(f64::NAN);
    assert!(Scorecard::new(spec.clone()).unwrap_err().to_string().contains("`ageScore`"));
    spec.characteristics[1].baseline = None;
    spec.characteristics[1].attributes[0].reason_code = Some(String::new());
    assert!(Scorecard::new(spec).unwrap_err().to_string().contains("a reason code is empty"));
}

/// New fields that nobody uses leave the file and its fingerprint as they were.
#[test]
fn cards_without_codes_keep_their_files() {
    let text = model::save(&lead::supplier_prospects()).unwrap();
    assert!(!text.contains("reason_code") && !text.contains("baseline"));
    let again: Scorecard = model::load(&model::save(&sample()).unwrap()).unwrap();
    assert_eq!(again, sample());
}

proptest! {
    #[test]
    fn all_differences_sum_to_the_score_above_its_baselines(
        rows in prop::collection::vec(sample().features().iter().map(laws::values).collect::<Vec<_>>(), 1..20),
        below in any::<bool>(),
    ) {
        let card = sample();
        let algorithm = if below { Algorithm::PointsBelow } else { Algorithm::PointsAbove };
        let settings = ReasonCodes { algorithm, most: 10, keep: Keep::All, ..ReasonCodes::default() };
        let table: Vec<Vec<f64>> = (0..3).map(|index| rows.iter().map(|row| row[index]).collect()).collect();
        let columns = Columns::in_order(card.features(), table.iter().map(Vec::as_slice).collect()).unwrap();
        let all = card.reason_code_columns(&columns, &settings).unwrap();
        for (index, row) in rows.iter().enumerate() {
            let given = codes(&card, row, &settings);
            let sum: f64 = given.iter().map(|(_, difference)| difference).sum();
            let above = card.score_row(row) - card.base() - (19.0 + 18.0 + 10.0);
            // Whole points: the sums are exact.
            prop_assert_eq!(sum, if below { -above } else { above });
            prop_assert!(given.windows(2).all(|pair| pair[0].1 >= pair[1].1));
            for place in 0..10 {
                let (code, difference) = (all.code[place][index], all.difference[place][index]);
                match given.get(place) {
                    Some((name, given)) => prop_assert_eq!((&all.names[code as usize], difference), (name, *given)),
                    None => prop_assert!(code == ReasonCodeColumns::NONE && difference.is_nan()),
                }
            }
        }
    }
}

/// Longer than the parts in which it is worked on.
#[test]
fn a_long_table_has_the_codes_of_its_rows() {
    let card = tierwise::lead::supplier_prospects();
    let values: Vec<f64> = (0..9001).map(|row| [0.0, 1.0, f64::NAN][row * row % 7 % 3]).collect();
    let columns = Columns::in_order(card.features(), vec![&values[..]; card.features().len()]).unwrap();
    let settings = ReasonCodes::default();
    let table = card.reason_code_columns(&columns, &settings).unwrap();
    let held = card.hold_grades(&columns, &vec![None; 9001], &tierwise::Hysteresis::default()).unwrap();
    assert!(table.code.iter().all(|column| column.len() == 9001) && held.grade.len() == 9001);
    for row in [0, 4095, 4096, 8191, 8192, 9000] {
        let one = card.reason_code_columns(&columns.slice(row..row + 1), &settings).unwrap();
        assert_eq!(table.code.iter().map(|column| column[row]).collect::<Vec<_>>(), one.code.concat());
        let one = card.hold_grades(&columns.slice(row..row + 1), &[None], &tierwise::Hysteresis::default()).unwrap();
        assert_eq!(
            (held.grade[row], held.held_grade[row], held.score[row]),
            (one.grade[0], one.held_grade[0], one.score[0])
        );
    }
}
