//! Likeness to good customers: Gower's similarity by hand, a plain implementation beside ours, laws, and every error.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tierwise::lead::{LikenessScale, LookAlike, LookAlikeModel};
use tierwise::model::{self, Kinds, Model};
use tierwise::{Columns, Error, Explain, Feature, Score, Unknown, laws};

fn features() -> Vec<Feature> {
    vec![
        Feature::number("staff"),
        Feature::number("age").with_unknown(Unknown::Own),
        Feature::yes_no("exports"),
        Feature::category("trade", ["food", "toys", "steel"]),
    ]
}

fn bind<'a>(features: &'a [Feature], table: &'a [Vec<f64>]) -> Columns<'a> {
    Columns::in_order(features, table.iter().map(Vec::as_slice).collect()).unwrap()
}

const NONE: f64 = f64::NAN;

/// Five good customers and three others, with gaps, and a feature that weighs twice.
fn model(neighbours: Option<usize>, contrast: bool) -> LookAlikeModel {
    let features = features();
    let good = [
        vec![10.0, 50.0, 30.0, NONE, 10.0],
        vec![1.0, 9.0, NONE, 4.0, 5.0],
        vec![1.0, 1.0, 0.0, NONE, 1.0],
        vec![0.0, 1.0, 1.0, 2.0, 0.0],
    ];
    let others = [vec![500.0, 3.0, NONE], vec![1.0, 2.0, 2.0], vec![0.0, 0.0, NONE], vec![2.0, 2.0, 0.0]];
    let weights = vec![("exports".to_owned(), 2.0)];
    let settings = LookAlike { neighbours, weights, ..LookAlike::default() };
    let others = bind(&features, &others);
    settings.fit(&bind(&features, &good), contrast.then_some(&others)).unwrap()
}

laws!(look_alike, model(Some(3), false), [Score, Explain, Saved]);
laws!(look_alike_of_all_against_others, model(None, true), [Score, Explain, Saved]);

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>, code: &str, parts: &[&str]) {
    let error = result.unwrap_err();
    let message = error.to_string();
    assert_eq!(error.code(), code, "{message}");
    for part in parts {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
}

/// Two good customers, A (10, yes, food) and B (50, no, toys), so the range of staff is 40; a prospect (20, yes, toys).
/// To A: (1 - 10/40 + 1 + 0) / 3 = 0.58333; to B: (1 - 30/40 + 0 + 1) / 3 = 0.41667.
#[test]
fn gower_by_hand() {
    let features = [Feature::number("staff"), Feature::yes_no("exports"), Feature::category("trade", ["food", "toys"])];
    let good = [vec![10.0, 50.0], vec![1.0, 0.0], vec![0.0, 1.0]];
    let good = bind(&features, &good);
    let fit = |neighbours, least_compared| {
        let settings = LookAlike { neighbours, least_compared, scale: LikenessScale::Range, ..LookAlike::default() };
        settings.fit(&good, None).unwrap()
    };
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-15, "{found} is not {expected}");
    let prospect = [20.0, 1.0, 1.0];
    near(fit(Some(1), 0.0).score_row(&prospect), 1.75 / 3.0);
    near(fit(Some(2), 0.0).score_row(&prospect), 0.5);
    near(fit(Some(99), 0.0).score_row(&prospect), 0.5);
    near(fit(None, 0.0).score_row(&prospect), 0.5);
    let mut alike = [0.0; 3];
    fit(None, 0.0).contributions_row(&prospect, &mut alike);
    for (found, expected) in alike.into_iter().zip([1.0 / 6.0, 1.0 / 6.0, 1.0 / 6.0]) {
        near(found, expected);
    }
    // What is not known is left out of the mean; beyond the range nothing is alike.
    near(fit(Some(1), 0.0).score_row(&[20.0, NONE, NONE]), 0.75);
    near(fit(Some(1), 0.0).score_row(&[1000.0, NONE, NONE]), 0.0);
    // One of three facts is less than half of them, two are more.
    assert!(fit(Some(1), 0.5).score_row(&[20.0, NONE, NONE]).is_nan());
    near(fit(Some(1), 0.5).score_row(&[20.0, 1.0, NONE]), 0.875);
    assert!(fit(Some(1), 0.0).score_row(&[NONE; 3]).is_nan());
}

/// Of 100 customers with 1 to 99 of staff and one with 100000, the middle nine tenths spread over 90.
#[test]
fn one_giant_does_not_make_all_others_alike() {
    let features = [Feature::number("staff")];
    let staff: Vec<f64> = (1..=99).map(f64::from).chain([100_000.0]).collect();
    let good = bind(&features, std::slice::from_ref(&staff));
    let fit = |scale| {
        let settings = LookAlike { scale, neighbours: Some(1), ..LookAlike::default() };
        settings.fit(&good, None).unwrap()
    };
    // 135 is 36 away from the nearest.
    assert!((fit(LikenessScale::Robust).score_row(&[135.0]) - (1.0 - 36.0 / 91.0)).abs() < 0.005);
    assert!(fit(LikenessScale::Range).score_row(&[135.0]) > 0.999);
}

#[test]
fn a_number_that_never_varies_is_alike_only_where_equal() {
    let features = [Feature::number("staff")];
    let model = LookAlike::default().fit(&bind(&features, &[vec![7.0, 7.0, NONE]]), None).unwrap();
    assert_eq!((model.score_row(&[7.0]), model.score_row(&[7.5])), (1.0, 0.0));
}

/// The definition, pair by pair.
fn plainly(settings: &LookAlike, features: &[Feature], customers: &[Vec<f64>], scales: &[f64], row: &[f64]) -> f64 {
    let weight = |feature: usize| {
        settings.weights.iter().find(|(name, _)| name == features[feature].name()).map_or(1.0, |(_, weight)| *weight)
    };
    let all: f64 = (0..features.len()).map(weight).sum();
    let mut found = Vec::new();
    let rows = (0..customers[0].len()).map(|other| customers.iter().map(|column| column[other]).collect::<Vec<_>>());
    for other in rows {
        let (mut sum, mut known) = (0.0, 0.0);
        for (feature, &value) in row.iter().enumerate() {
            let theirs = other[feature];
            if value.is_nan() || theirs.is_nan() {
                continue;
            }
            let number = matches!(features[feature].kind(), tierwise::Kind::Number) && scales[feature] > 0.0;
            let alike = if number {
                (1.0 - (value - theirs).abs() / scales[feature]).max(0.0)
            } else {
                f64::from(u8::from(value == theirs))
            };
            sum += weight(feature) * alike;
            known += weight(feature);
        }
        if known > 0.0 && known / all > settings.least_compared - 1e-9 {
            found.push(sum / known);
        }
    }
    found.sort_by(|a, b| b.total_cmp(a));
    found.truncate(settings.neighbours.unwrap_or(usize::MAX));
    found.iter().sum::<f64>() / found.len() as f64
}

fn range(columns: &[&[Vec<f64>]], feature: usize) -> f64 {
    let values = columns.iter().flat_map(|table| &table[feature]).filter(|value| !value.is_nan());
    let (low, high) = values.fold((f64::MAX, f64::MIN), |(low, high), &value| (low.min(value), high.max(value)));
    if high > low { high - low } else { 0.0 }
}

fn table() -> impl Strategy<Value = Vec<Vec<f64>>> {
    let gap = |values: BoxedStrategy<f64>| prop_oneof![4 => values, 1 => Just(NONE)].boxed();
    (1usize..30).prop_flat_map(move |rows| {
        let columns = vec![
            gap((-50.0..50.0).boxed()),
            gap((0i32..5).prop_map(f64::from).boxed()),
            gap((0i32..2).prop_map(f64::from).boxed()),
            gap((0i32..3).prop_map(f64::from).boxed()),
        ];
        columns.into_iter().map(|column| prop::collection::vec(column, rows)).collect::<Vec<_>>()
    })
}

proptest! {
    #[test]
    fn scores_are_what_the_definition_says(
        good in table(),
        others in table(),
        prospects in table(),
        neighbours in prop::option::of(1usize..12),
        least in prop::sample::select(vec![0.0, 0.5, 0.75, 1.0]),
        double in 0.0f64..4.0,
    ) {
        let features = features();
        let weights = vec![("trade".to_owned(), double)];
        let settings = LookAlike { neighbours, least_compared: least, scale: LikenessScale::Range, weights };
        let model = settings.fit(&bind(&features, &good), Some(&bind(&features, &others))).unwrap();
        let scales: Vec<f64> = (0..4).map(|feature| range(&[&good, &others], feature)).collect();
        let scores = tierwise::score(&model, &bind(&features, &prospects)).unwrap();
        for (index, score) in scores.into_iter().enumerate() {
            let row: Vec<f64> = prospects.iter().map(|column| column[index]).collect();
            let of = |customers: &[Vec<f64>]| plainly(&settings, &features, customers, &scales, &row);
            let expected = of(&good) - of(&others);
            prop_assert!((score - expected).abs() < 1e-12 || score.is_nan() && expected.is_nan(), "{score} {expected}");
        }
    }

    #[test]
    fn the_order_of_the_customers_does_not_matter(good in table(), turn in 0usize..30, prospects in table()) {
        let turned: Vec<Vec<f64>> =
            good.iter().map(|column| column.iter().cycle().skip(turn).take(column.len()).copied().collect()).collect();
        let features = features();
        let fit = |good: &[Vec<f64>]| LookAlike::default().fit(&bind(&features, good), None).unwrap();
        let (one, two) = (fit(&good), fit(&turned));
        prop_assert_eq!(model::fingerprint(&one).unwrap(), model::fingerprint(&two).unwrap());
        let bits = |model: &LookAlikeModel| {
            let contributions = tierwise::explain(model, &bind(&features, &prospects)).unwrap().concat();
            contributions.into_iter().map(f64::to_bits).collect::<Vec<_>>()
        };
        prop_assert_eq!(bits(&one), bits(&two));
    }
}

/// More rows than one task takes, against the rows one by one.
#[test]
fn long_tables_are_scored_as_their_rows_are() {
    let model = model(Some(2), true);
    let features = features();
    let column = |step: usize, below: usize| (0..1000).map(|row| (row * step % 101 % below) as f64).collect();
    let table: Vec<Vec<f64>> = vec![column(37, 60), column(5, 9), column(13, 2), column(7, 3)];
    let columns = bind(&features, &table);
    let (scores, alike) = (tierwise::score(&model, &columns).unwrap(), tierwise::explain(&model, &columns).unwrap());
    for row in 0..1000 {
        let values: Vec<f64> = table.iter().map(|column| column[row]).collect();
        assert_eq!(scores[row].to_bits(), model.score_row(&values).to_bits());
        let sum = alike.iter().fold(model.base(), |sum, column| sum + column[row]);
        assert_eq!(sum.to_bits(), scores[row].to_bits());
    }
    assert_eq!((model.good_customers(), model.other_customers()), (5, Some(3)));
}

#[test]
fn wrong_settings_and_tables_are_refused() {
    let features = features();
    let table = vec![vec![1.0, 2.0], vec![1.0, 5.0], vec![1.0, 0.0], vec![0.0, 1.0]];
    let good = bind(&features, &table);
    let weigh = |weights: &[(&str, f64)]| LookAlike {
        weights: weights.iter().map(|(name, weight)| ((*name).to_owned(), *weight)).collect(),
        ..LookAlike::default()
    };
    refused(
        LookAlike { neighbours: Some(0), ..LookAlike::default() }.fit(&good, None),
        "invalid_parameter",
        &["neighbours"],
    );
    for least_compared in [-0.1, 1.1, f64::NAN] {
        let settings = LookAlike { least_compared, ..LookAlike::default() };
        refused(settings.fit(&good, None), "invalid_parameter", &["least_compared"]);
    }
    refused(weigh(&[("staff", -1.0)]).fit(&good, None), "invalid_parameter", &["weights", "-1 for `staff`"]);
    refused(weigh(&[("staff", f64::NAN)]).fit(&good, None), "invalid_parameter", &["NaN for `staff`"]);
    refused(weigh(&[("staff", 1.0), ("staff", 2.0)]).fit(&good, None), "invalid_parameter", &["`staff` twice"]);
    refused(weigh(&[("size", 1.0)]).fit(&good, None), "unknown_feature", &["`size`", "`trade`"]);
    let zero = [("staff", 0.0), ("age", 0.0), ("exports", 0.0), ("trade", 0.0)];
    refused(weigh(&zero).fit(&good, None), "invalid_parameter", &["sum to at least"]);
    refused(LookAlike::default().fit(&good.slice(0..0), None), "empty_table", &["good customers"]);
    refused(LookAlike::default().fit(&good, Some(&good.slice(0..0))), "empty_table", &["other customers"]);
    refused(LookAlike::default().fit(&Columns::in_order(&[], vec![]).unwrap(), None), "empty_table", &["features"]);
    let other_features = [Feature::number("staff")];
    let others = bind(&other_features, &table[..1]);
    refused(LookAlike::default().fit(&good, Some(&others)), "wrong_length", &[]);
    let huge = vec![vec![f64::MAX, f64::MIN]];
    refused(LookAlike::default().fit(&bind(&other_features, &huge), None), "invalid_feature", &["`staff`", "inf"]);
}

#[test]
fn edited_files_are_checked() {
    let text = model::save(&model(Some(3), false)).unwrap();
    let fingerprint = text.find(",\n  \"fingerprint\"").unwrap();
    let text = format!("{}\n}}", &text[..fingerprint]);
    for (from, to, part) in [
        ("\"neighbours\": 3", "\"neighbours\": 0", "neighbours"),
        ("\"least_compared\": 0.5", "\"least_compared\": 2", "least_compared"),
        ("\"weights\": [", "\"weights\": [7,", "weights"),
        ("\"scales\": [", "\"scales\": [-1,", "scales"),
        ("\"good\": [", "\"good\": [[1, 2, 1],", "row 0"),
        ("\"good\": [", "\"good\": [[1, 2, 0.5, 1],", "exports"),
    ] {
        assert!(text.contains(from), "{from}");
        let error = Kinds::builtin().load(&text.replacen(from, to, 1)).map(|_| ()).unwrap_err();
        assert_eq!(error.code(), "model_field");
        assert!(error.to_string().contains(part), "{error}");
    }
    let loaded = Kinds::builtin().load(&text).unwrap();
    assert_eq!(loaded.kind(), "look_alike");
    assert!(Model::as_explain(loaded.as_ref()).is_some());
}
