//! Cards with pairs of features: what a cell earns, what is refused, and what every use of a card makes of them.

#![allow(clippy::unwrap_used)]

use tierwise::lead::{
    CardFit, CardSpec, Change, ChangePart, Characteristic, Comparison, Condition, PairCharacteristic, ReasonCodes,
    panel,
};
use tierwise::{
    Band, Bands, Columns, Error, Explain, Feature, Fit, Outcome, Record, Score, Scorecard, Unknown, explain, model,
};

const UNKNOWN: f64 = f64::NAN;

fn level(name: &str) -> Condition {
    Condition::Level(name.into())
}

fn from_to(from: f64, below: f64) -> Condition {
    Condition::Range { from: Some(from), below: Some(below) }
}

/// Tenure has a row of its own for unknown, the contract is neutral where it is unknown, the region must be known.
fn spec() -> CardSpec {
    CardSpec {
        name: "contracts".into(),
        features: vec![
            Feature::number("tenure").with_unknown(Unknown::Own),
            Feature::category("contract", ["monthly", "yearly", "other"]),
            Feature::category("region", ["north", "south"]).with_unknown(Unknown::Error),
        ],
        initial: 10.0,
        characteristics: vec![
            Characteristic::new("tenure", "tenure")
                .when(Condition::Unknown, 2.0)
                .when(Condition::at_least(12.0), 8.0)
                .when(Condition::Otherwise, 0.0)
                .group("account"),
        ],
        pairs: vec![
            PairCharacteristic::new("tenure and contract", "tenure", "contract")
                .columns([level("monthly"), Condition::Otherwise])
                .row(Condition::below(3.0), [-20.0, 1.0])
                .row(from_to(3.0, 12.0), [-7.0, 3.0])
                .row(Condition::Unknown, [-4.0, 0.5])
                .row(Condition::Otherwise, [-1.0, 6.0])
                .neutral(0.25)
                .group("account")
                .baseline(6.0)
                .reason_code("TC"),
            PairCharacteristic::new("region and contract", "region", "contract")
                .columns([Condition::AnyOf(vec!["yearly".into(), "other".into()]), Condition::Otherwise])
                .row(level("south"), [1.5, 0.5])
                .row(level("north"), [-1.5, -0.5]),
        ],
        grades: Some(Bands::falling("grades", &["A", "B", "C"], &[20.0, 5.0]).unwrap()),
        ..CardSpec::default()
    }
}

fn card() -> Scorecard {
    Scorecard::new(spec()).unwrap()
}

fn record<'a>(card: &'a Scorecard, row: &[f64]) -> Record<'a> {
    let mut record = card.record();
    for (feature, &value) in card.features().iter().zip(row) {
        record.set(feature.name(), value).unwrap();
    }
    record
}

#[test]
fn a_cell_earns_its_points_and_unknown_follows_the_rule_of_its_feature() {
    let card = card();
    let cases = [
        ([2.9, 0.0, 0.0], [0.0, -20.0, -0.5]),
        ([3.0, 0.0, 1.0], [0.0, -7.0, 0.5]),
        ([12.0, 2.0, 1.0], [8.0, 6.0, 1.5]),
        ([UNKNOWN, 1.0, 0.0], [2.0, 0.5, -1.5]),
        ([UNKNOWN, 0.0, 0.0], [2.0, -4.0, -0.5]),
        ([2.0, UNKNOWN, 1.0], [0.0, 0.25, 0.0]),
        ([UNKNOWN, UNKNOWN, 0.0], [2.0, 0.25, 0.0]),
    ];
    for (row, points) in cases {
        let mut contributions = [0.0; 3];
        card.contributions_row(&row, &mut contributions);
        assert_eq!(contributions, points, "{row:?}");
        assert_eq!(card.score_row(&row), 10.0 + points.iter().sum::<f64>());
    }
    // Refused before anything is scored, and NaN where it is asked for all the same.
    assert!(card.score_row(&[1.0, 0.0, UNKNOWN]).is_nan() && card.score_row(&[UNKNOWN; 3]).is_nan());
    let refused = Columns::in_order(card.features(), vec![&[1.0], &[0.0], &[UNKNOWN]]).unwrap_err();
    assert_eq!(refused.code(), "unknown_value");
    let terms: Vec<_> = card.terms().iter().map(|term| (term.name.as_str(), term.features.as_slice())).collect();
    assert_eq!(terms, [("tenure", &[0][..]), ("tenure and contract", &[0, 1]), ("region and contract", &[2, 1])]);
    assert_eq!(card.groups(), [("account", vec![0, 1])]);
}

#[test]
fn worst_and_best_case_take_the_extreme_over_what_is_unknown() {
    let card = card();
    let bounds = |row: &[f64]| {
        let record = record(&card, row);
        let graded = card.grade(&record).unwrap();
        (graded.worst_score - 10.0, graded.best_score - 10.0)
    };
    assert_eq!(bounds(&[4.0, 0.0, 0.0]), (-7.5, -7.5));
    // The contract may turn out monthly or not, or stay unknown: -7 or 3 or 0.25, and -0.5 or -1.5 or 0.
    assert_eq!(bounds(&[4.0, UNKNOWN, 0.0]), (-7.0 - 1.5, 3.0));
    // Tenure: 0 to 8, and in the column of yearly 0.5 to 6.
    assert_eq!(bounds(&[UNKNOWN, 1.0, 1.0]), (0.0 + 0.5 + 1.5, 8.0 + 6.0 + 1.5));
    // All of the table. No customer has 8 for a long tenure and -20 for a short one: a bound, not attained.
    assert_eq!(bounds(&[UNKNOWN, UNKNOWN, 1.0]), (-20.0, 8.0 + 6.0 + 1.5));
    assert_eq!(card.range(), (10.0 - 20.0 - 1.5, 10.0 + 8.0 + 6.0 + 1.5));
    // Grades must cover the range, that of the pairs included.
    let narrow = |best: f64| {
        let band = |name: &str, from, to| Band { name: name.into(), from, to };
        let bands = Bands::new("grades", vec![band("A", Some(0.0), Some(best)), band("B", None, Some(0.0))]).unwrap();
        Scorecard::new(CardSpec { grades: Some(bands), ..spec() })
    };
    assert!(narrow(25.5).is_ok());
    assert!(matches!(narrow(25.4), Err(Error::InvalidBands { .. })));
}

#[test]
fn reasons_name_both_answers() {
    let card = card();
    let prospect = record(&card, &[4.0, 0.0, 1.0]);
    let graded = card.grade(&prospect).unwrap();
    let reasons: Vec<_> =
        graded.reasons.iter().map(|one| (one.characteristic, one.answer, one.points, one.above_neutral)).collect();
    assert_eq!(
        reasons,
        [
            ("tenure and contract", "tenure 3 to below 12, contract monthly", -7.0, -7.25),
            ("region and contract", "region south, contract monthly", 0.5, 0.5),
        ]
    );
    let columns = Columns::in_order(card.features(), vec![&[4.0, UNKNOWN], &[0.0, 2.0], &[1.0, 1.0]]).unwrap();
    let graded = card.grade_columns(&columns, 3).unwrap();
    let labels = card.reason_labels();
    let label = |place: usize, row: usize| labels[usize::from(graded.reasons[place][row])].as_str();
    assert_eq!(label(0, 0), "tenure and contract: tenure 3 to below 12, contract monthly");
    assert_eq!(label(0, 1), "tenure: unknown");
    // Two levels share the column and its label.
    assert_eq!(label(1, 1), "region and contract: region south, contract yearly or other");
    assert_eq!(label(2, 1), "tenure and contract: tenure unknown, contract otherwise");
}

#[test]
fn reason_codes_count_a_pair_as_one_more_characteristic() {
    let card = card();
    let prospect = record(&card, &[4.0, 0.0, 0.0]);
    let settings = ReasonCodes::default();
    let codes = card.reason_codes(&prospect, &settings).unwrap();
    let codes: Vec<_> = codes.iter().map(|one| (one.code, one.difference)).collect();
    assert_eq!(codes, [("TC", 13.0), ("region and contract", 0.5)]);
    let columns = Columns::in_order(card.features(), vec![&[4.0], &[0.0], &[0.0]]).unwrap();
    let table = card.reason_code_columns(&columns, &settings).unwrap();
    assert_eq!(table.names, ["tenure", "TC", "region and contract"]);
    assert_eq!((table.code, &table.difference[0][..]), (vec![vec![1], vec![2], vec![u32::MAX]], &[13.0][..]));
}

#[test]
fn changes_of_scores_have_a_term_for_each_pair() {
    let card = card();
    let before = Columns::in_order(card.features(), vec![&[2.0], &[0.0], &[0.0]]).unwrap();
    let after = Columns::in_order(card.features(), vec![&[4.0], &[1.0], &[0.0]]).unwrap();
    let mut spec = spec();
    spec.pairs.remove(1);
    spec.features.remove(2);
    let new = Scorecard::new(spec).unwrap();
    let later = Columns::in_order(new.features(), vec![&[4.0], &[1.0]]).unwrap();
    let comparison = Comparison { new_card: Some((&new, &later)), ages: &["tenure"], days: 1.0 };
    let change = card.change(&before, &after, comparison).unwrap();
    let names: Vec<_> = change.terms.iter().map(|term| term.characteristic.as_deref()).collect();
    assert_eq!(names, [None, Some("tenure"), Some("tenure and contract"), Some("region and contract")]);
    assert_eq!((change.terms[2].in_new, change.terms[3].in_new), (true, false));
    assert_eq!(change.part(ChangePart::Ageing), [[0.0], [0.0], [13.0], [0.0]]);
    assert_eq!(change.part(ChangePart::Data), [[0.0], [0.0], [10.0], [-1.0]]);
    assert_eq!(change.part(ChangePart::Card), [[0.0], [0.0], [0.0], [1.5]]);
    assert_eq!(change.change(), [23.5]);
}

#[test]
fn what_cannot_be_asked_of_pairs_is_refused_by_name() {
    let card = card();
    let refused = |error: Error| {
        assert_eq!(error.code(), "invalid_scorecard");
        assert!(error.to_string().contains("scorecard, pairs: "), "{error}");
    };
    let prospect = record(&card, &[4.0, 0.0, 0.0]);
    refused(card.what_would_raise(&prospect, None, &[Change::new("tenure")]).unwrap_err());
    let columns = Columns::in_order(card.features(), vec![&[4.0, 1.0], &[0.0, 1.0], &[0.0, 1.0]]).unwrap();
    refused(CardFit::new(card.clone()).fit(&columns, &Outcome::binary("won", &[true, false])).unwrap_err());
    refused(panel::card_with_weights(spec(), &[("tenure", 1.0)]).unwrap_err());
}

#[test]
fn a_card_that_contradicts_itself_says_where() {
    type Change = fn(&mut CardSpec);
    let changed = |change: Change| {
        let mut spec = spec();
        change(&mut spec);
        Scorecard::new(spec).unwrap_err().to_string()
    };
    let cases: [(Change, &str); 16] = [
        (|spec| spec.pairs[0].name = "tenure".into(), "pair `tenure`: the name is used twice"),
        (|spec| spec.pairs[0].name = " ".into(), "pairs: one of them has no name"),
        (|spec| spec.pairs[0].features[1] = "tenure".into(), "pair `tenure and contract`: both features are `tenure`"),
        (|spec| spec.pairs[0].features[1] = "colour".into(), "pair `tenure and contract`"),
        (|spec| spec.pairs[0].rows.clear(), "`rows` lists no condition"),
        (|spec| spec.pairs[0].columns.clear(), "`columns` lists no condition"),
        (|spec| spec.pairs[0].points.truncate(3), "`points` has 3 lists, but there are 4 rows"),
        (|spec| spec.pairs[0].points[1].push(0.0), "row 1 of `points` has 3 numbers, but there are 2 columns"),
        (|spec| spec.pairs[0].points[1][1] = f64::NAN, "points must be finite, found NaN"),
        (|spec| spec.pairs[0].baseline = Some(f64::INFINITY), "points must be finite, found inf"),
        (|spec| spec.pairs[0].reason_code = Some(String::new()), "the reason code is empty"),
        (
            |spec| {
                spec.pairs[0].rows[0] = Condition::below(2.0);
                spec.pairs[0].rows[3] = Condition::at_least(12.0);
            },
            "pair `tenure and contract`, rows: no condition covers numbers from 2 to below 3; add one, or `\"otherwise\"` at the end",
        ),
        (
            |spec| spec.pairs[0].columns[1] = level("other"),
            "pair `tenure and contract`, columns: no condition covers `yearly`",
        ),
        (
            |spec| spec.pairs[0].rows[2] = from_to(50.0, 60.0),
            "rows: `tenure` says that unknown has points of its own, but no condition has `\"unknown\"`",
        ),
        (
            |spec| spec.pairs[0].columns[0] = Condition::Unknown,
            "columns: there is one condition for unknown, but the rule of `contract` is not `own`; remove the condition",
        ),
        (
            |spec| spec.pairs.iter_mut().flat_map(|pair| &mut pair.points).for_each(|row| row.fill(f64::MAX)),
            "the points add up to more than a number can hold",
        ),
    ];
    for (change, message) in cases {
        let text = changed(change);
        assert!(text.contains(message), "{text}");
    }
    let unasked = changed(|spec| {
        spec.pairs.remove(1);
    });
    assert!(unasked.contains("feature `region`: no characteristic, no pair and no prerequisite asks"), "{unasked}");
    let empty = changed(|spec| {
        spec.characteristics.clear();
        spec.pairs.clear();
    });
    assert!(empty.contains("a card needs at least one, or a pair"), "{empty}");
    let many = changed(|spec| {
        let rows: Vec<Condition> =
            (0..700).map(|row| from_to(f64::from(row), f64::from(row + 1))).chain([Condition::Otherwise]).collect();
        spec.features = vec![Feature::number("a"), Feature::number("b")];
        spec.characteristics.clear();
        let points = vec![vec![0.0; rows.len()]; rows.len()];
        spec.pairs = vec![PairCharacteristic {
            rows: rows.clone(),
            columns: rows,
            points,
            ..PairCharacteristic::new("a and b", "a", "b")
        }];
    });
    assert!(many.contains("pairs: 494209 answers in all, cells of pairs among them"), "{many}");
}

#[test]
fn a_card_keeps_its_pairs_in_its_file_and_a_card_without_them_does_not_mention_them() {
    let card = card();
    let text = model::save(&card).unwrap();
    let again: Scorecard = model::load(&text).unwrap();
    assert_eq!(again, card);
    assert_eq!(model::fingerprint(&again).unwrap(), model::fingerprint(&card).unwrap());
    let columns = Columns::in_order(card.features(), vec![&[4.0, UNKNOWN], &[0.0, UNKNOWN], &[1.0, 1.0]]).unwrap();
    assert_eq!(explain(&again, &columns).unwrap(), explain(&card, &columns).unwrap());
    let mut without = spec();
    without.pairs.clear();
    without.features.truncate(1);
    let text = model::save(&Scorecard::new(without).unwrap()).unwrap();
    assert!(!text.contains("pairs"), "{text}");
}
