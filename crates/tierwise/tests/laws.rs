//! The laws of the traits, over every model that comes with the library, and the laws of grading.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use tierwise::churn::{Risk, RiskModel};
use tierwise::cross_sell::{Propensity, PropensityModel};
use tierwise::lead::{
    CardSpec, Characteristic, Condition, Correction, CorrectionRow, PairCharacteristic, Prerequisite, WhileUnknown,
};
use tierwise::learn::{
    Additive, AdditiveModel, AdditiveNumberModel, Binner, Binning, Encoding, Logistic, LogisticModel, NumberLoss,
    NumberOutcome, Selection, WeightOfEvidence, WeightOfEvidenceModel,
};
use tierwise::value::{
    self, BonusItem, Covariate, Direction, Normalisation, PointBracket, PurchaseFit, PurchaseModel, PurchaseProcess,
    RatingRules, RatingSpec, RfmScorer, RfmSegments, Tiers, UnknownTerm, ValueIndex, ValueIndexSpec, ValueTerm,
    usual_segments,
};
use tierwise::{
    Assign, Band, Bands, Columns, Explain, Feature, Fit, Kind, Outcome, Score, Scorecard, Unknown, laws, lead,
};

laws!(supplier_prospects, lead::supplier_prospects(), [Score, Explain, Assign, Saved]);
laws!(card_with_every_condition, every_condition(), [Score, Explain, Assign, Saved]);
laws!(card_that_refuses_unknowns, refuses_unknowns(), [Score, Explain, Saved]);
laws!(card_with_pairs, every_pair(), [Score, Explain, Assign, Saved]);
laws!(card_of_pairs_that_refuses_unknowns, pairs_that_refuse_unknowns(), [Score, Explain, Saved]);

laws!(logistic, learned(Unknown::Own), [Score, Explain, Saved]);
laws!(logistic_that_refuses_unknowns, learned(Unknown::Error), [Score, Explain, Saved]);
laws!(propensity, propensity_model(), [Score, Explain, Saved]);
laws!(churn_risk, risk_model(), [Score, Explain, Saved]);
laws!(binned_number, binned(0, Unknown::Own), [Score, Explain, Saved]);
laws!(binned_category, binned(1, Unknown::Own), [Score, Explain, Saved]);
laws!(binned_yes_no, binned(2, Unknown::Own), [Score, Explain, Saved]);
laws!(binned_category_that_refuses_unknowns, binned(1, Unknown::Error), [Score, Explain, Saved]);
laws!(evidence, weighed(Encoding::WeightOfEvidence, Unknown::Own), [Score, Explain, Saved]);
laws!(evidence_on_indicators, weighed(Encoding::Indicators, Unknown::Own), [Score, Explain, Saved]);
laws!(evidence_that_refuses_unknowns, weighed(Encoding::WeightOfEvidence, Unknown::Error), [Score, Explain, Saved]);
laws!(additive, additive_model(Unknown::Own), [Score, Explain, Saved]);
laws!(additive_with_neutral_unknowns, additive_model(Unknown::Neutral), [Score, Explain, Saved]);
laws!(additive_that_refuses_unknowns, additive_model(Unknown::Error), [Score, Explain, Saved]);
laws!(additive_number, additive_number(), [Score, Explain, Saved]);
laws!(tiers, tiers_of_money(), [Assign, Saved]);
laws!(rfm_segments, segments(), [Assign, Saved]);
laws!(bg_nbd, purchases(PurchaseProcess::BgNbd), [Score, Saved]);
laws!(mbg_nbd, purchases(PurchaseProcess::MbgNbd), [Score, Saved]);
laws!(pareto_nbd, purchases(PurchaseProcess::ParetoNbd), [Score, Saved]);
laws!(bg_bb, purchases(PurchaseProcess::BgBb), [Score, Saved]);
laws!(pareto_nbd_with_covariates, purchases_by_channel(), [Score, Saved]);
laws!(b2b_rating, value::b2b_rating(), [Score, Explain, Assign, Saved]);
laws!(rating_with_points_for_unknown, rating_in_halves(), [Score, Explain, Assign, Saved]);
laws!(value_index, value_index_of(UnknownTerm::NoIndex), [Score, Explain, Assign, Saved]);
laws!(value_index_that_refuses_unknowns, value_index_of(UnknownTerm::Refuse), [Score, Explain, Assign, Saved]);
laws!(value_index_with_shares_for_unknown, value_index_of(UnknownTerm::Share(0.3)), [Score, Explain, Assign, Saved]);
laws!(profit_score, value::profit_score(), [Score, Explain, Saved]);
laws!(share_decision, value::share_decision(), [Assign, Saved]);

/// A few customers with every kind of feature.
fn customers(unknown: Unknown) -> (Vec<Feature>, Vec<Vec<f64>>, Vec<bool>) {
    let features = vec![
        Feature::number("visits").with_unknown(unknown),
        Feature::category("country", ["DE", "FR", "US"]).with_unknown(unknown),
        Feature::yes_no("met").with_unknown(unknown),
    ];
    let gap = if unknown == Unknown::Error { 2.0 } else { f64::NAN };
    let visits = (0..60).map(|row| if row % 7 == 3 { gap } else { f64::from(row * 37 % 11) }).collect();
    let country = (0..60).map(|row| f64::from(row * 5 % 3)).collect();
    let met = (0..60).map(|row| f64::from(row * 13 % 7 % 2)).collect();
    (features, vec![visits, country, met], (0..60).map(|row| row * 29 % 11 % 3 == 0).collect())
}

fn fit<L: Fit>(learner: &L, unknown: Unknown) -> L::Model {
    let (features, table, happened) = customers(unknown);
    let columns = Columns::in_order(&features, table.iter().map(Vec::as_slice).collect()).unwrap();
    learner.fit(&columns, &Outcome::binary("happened", &happened)).unwrap().model
}

fn learned(unknown: Unknown) -> LogisticModel {
    fit(&Logistic::new(), unknown)
}

fn propensity_model() -> PropensityModel {
    fit(&Propensity::new("caravan policy", Logistic::new().alpha(0.5)), Unknown::Own)
}

fn risk_model() -> RiskModel {
    fit(&Risk::new(Logistic::new().standardize(true)), Unknown::Neutral)
}

fn binned(feature: usize, unknown: Unknown) -> Binning {
    let (features, table, happened) = customers(unknown);
    let special: &[f64] = if feature == 0 { &[9.0, -1.0] } else { &[] };
    let binner = Binner::new().special(special);
    binner.bin(&features[feature], &table[feature], &Outcome::binary("happened", &happened)).unwrap()
}

fn weighed(encoding: Encoding, unknown: Unknown) -> WeightOfEvidenceModel {
    fit(&WeightOfEvidence::new().encoding(encoding).selection(Selection::none()), unknown)
}

fn additive_model(unknown: Unknown) -> AdditiveModel {
    fit(&Additive::new().bags(2).pairs(3), unknown)
}

fn additive_number() -> AdditiveNumberModel {
    let (features, table, _) = customers(Unknown::Own);
    let columns = Columns::in_order(&features, table.iter().map(Vec::as_slice).collect()).unwrap();
    let counts: Vec<f64> = (0..60).map(|row| f64::from(row * 17 % 5)).collect();
    let learner = Additive::new().bags(2).pairs(1);
    learner.fit_number(&columns, &NumberOutcome::new("orders", &counts).unwrap(), NumberLoss::Poisson).unwrap()
}

/// Fitted to customers drawn from other parameters.
fn purchases(process: PurchaseProcess) -> PurchaseModel {
    let drawn = PurchaseModel::new(process, [1.0, 4.0, 0.9, 3.0]).unwrap().simulate(&[24.0; 120], 5).unwrap();
    PurchaseFit::new(process).horizon(6.0).fit(&drawn.histories()).unwrap()
}

fn purchases_by_channel() -> PurchaseModel {
    let coefficients =
        |name: &str, coefficients: [f64; 2]| Covariate { name: name.into(), coefficients: coefficients.into() };
    let covariates = vec![coefficients("web", [0.5, -0.2]), coefficients("first_order", [0.01, 0.03])];
    purchases(PurchaseProcess::ParetoNbd).with_covariates(covariates).unwrap()
}

fn tiers_of_money() -> Tiers {
    let money: Vec<f64> = (0..50).map(|row| f64::from(row * 17 % 23)).collect();
    Tiers::by_quantiles("money", &money, &["A", "B", "C"], Direction::HigherIsBetter).unwrap()
}

fn segments() -> RfmSegments {
    let scorer = RfmScorer::by_cuts(&[7.0, 30.0, 90.0, 365.0], &[2.0, 3.0, 5.0, 8.0], &[-5.0, 0.0, 50.0, 1e6]).unwrap();
    RfmSegments::new(scorer, usual_segments(), false).unwrap()
}

/// Points in halves, one of them below 0, and points for an unknown amount.
fn rating_in_halves() -> RatingRules {
    RatingRules::new(RatingSpec {
        base: vec![
            PointBracket { from: None, to: Some(0.0), points: -2.5 },
            PointBracket { from: Some(0.0), to: None, points: 7.5 },
        ],
        unknown_amount: Some(1.5),
        bonus: vec![BonusItem::per_unit("referral", 0.5).maximum(2.0), BonusItem::once("growth", 3.0)],
        bonus_maximum: Some(4.5),
        tiers: two_tiers(5.0),
        ..RatingSpec::default()
    })
    .unwrap()
}

fn two_tiers(cut: f64) -> Vec<Band> {
    let band = |name: &str, from, to| Band { name: name.into(), from, to };
    vec![band("A", Some(cut), None), band("B", None, Some(cut))]
}

/// Every normalisation, in weights whose parts of 100 round.
fn value_index_of(unknown: UnknownTerm) -> ValueIndex {
    let term = |name: &str, weight, normalise| ValueTerm { unknown, ..ValueTerm::new(name, weight, normalise) };
    let falling = term("days", 1.0 / 3.0, Normalisation::Anchors(vec![(-1.0, 0.1), (0.5, 0.7), (9.0, 1.0)]));
    ValueIndex::new(ValueIndexSpec {
        terms: vec![
            term("margin", 0.7, Normalisation::MinMax { from: -3.0, to: 7.0 }),
            term("orders", 1.1, Normalisation::Quantiles(vec![0.0, 1.0, 4.0])),
            term("growth", 0.1, Normalisation::Logistic { middle: 1.0, scale: 0.3 }),
            ValueTerm { direction: Direction::LowerIsBetter, ..falling },
        ],
        tiers: two_tiers(50.0),
        ..ValueIndexSpec::default()
    })
    .unwrap()
}

/// Ranges in any order, levels, unknown with points of its own, a question in proportion, two questions about one
/// feature, and a table of corrections.
fn every_condition() -> Scorecard {
    let spec = CardSpec {
        name: "every condition".into(),
        features: vec![
            Feature::number("visits").with_unknown(Unknown::Own),
            Feature::category("country", ["DE", "FR", "US", "CN"]).with_unknown(Unknown::Own),
            Feature::yes_no("met"),
            Feature::number("revenue"),
        ],
        initial: 12.5,
        characteristics: vec![
            Characteristic::new("visits", "visits")
                .when(Condition::Range { from: Some(3.0), below: Some(5.0) }, 7.1)
                .when(Condition::at_least(1.0), 3.3)
                .when(Condition::Unknown, 1.7)
                .when(Condition::Otherwise, -2.9),
            Characteristic::new("country", "country")
                .when(Condition::Level("DE".into()), 4.1)
                .when(Condition::AnyOf(vec!["FR".into(), "US".into()]), 2.3)
                .when(Condition::Unknown, 0.4)
                .when(Condition::Otherwise, -1.1),
            Characteristic::new("revenue", "revenue").per_unit(0.013, 250.0).neutral(0.7).group("size"),
            Characteristic::new("large", "revenue")
                .when(Condition::below(100.0), 0.3)
                .when(Condition::Otherwise, -4.7)
                .group("size"),
            Characteristic::yes("met", 5.5),
        ],
        grades: Some(Bands::falling("grades", &["A", "B", "C", "D", "E"], &[25.0, 18.0, 12.0, 8.0]).unwrap()),
        prerequisites: vec![
            Prerequisite::new("met", Condition::Yes),
            Prerequisite::new("country", Condition::AnyOf(vec!["DE".into(), "CN".into()]))
                .while_unknown(WhileUnknown::Met),
        ],
        correction_table: vec![
            CorrectionRow { unmet: vec!["met".into()], correction: Correction::CapAt("C".into()) },
            CorrectionRow { unmet: vec!["country".into()], correction: Correction::NotchDown(1) },
            CorrectionRow {
                unmet: vec!["country".into(), "met".into()],
                correction: Correction::Replace(
                    [("A", "D"), ("B", "D"), ("C", "D"), ("D", "E")]
                        .map(|(raw, last)| (raw.into(), last.into()))
                        .into(),
                ),
            },
        ],
        ..CardSpec::default()
    };
    Scorecard::new(spec).unwrap()
}

fn refuses_unknowns() -> Scorecard {
    let spec = CardSpec {
        name: "refuses unknowns".into(),
        features: vec![Feature::number("visits").with_unknown(Unknown::Error), Feature::yes_no("met")],
        characteristics: vec![
            Characteristic::new("visits", "visits").per_unit(2.0, 10.0),
            Characteristic::yes("met", 1.0),
        ],
        ..CardSpec::default()
    };
    Scorecard::new(spec).unwrap()
}

/// The answers about a feature of [`every_pair`] and how many they are: some of levels or steps that share a row.
fn answers(feature: usize) -> Vec<Condition> {
    let range = |from, below| Condition::Range { from: Some(from), below: Some(below) };
    match feature {
        0 => vec![range(1.0, 3.0), Condition::below(0.0), Condition::Unknown, Condition::Otherwise],
        1 => (0..40)
            .map(|step| range(f64::from(step) / 8.0, f64::from(step + 1) / 8.0))
            .chain([Condition::Otherwise])
            .collect(),
        2 => vec![Condition::Unknown, Condition::AnyOf(vec!["DE".into(), "US".into()]), Condition::Otherwise],
        3 => vec![Condition::Level("red".into()), Condition::Otherwise],
        4 => vec![Condition::Yes, Condition::No, Condition::Unknown],
        _ => vec![Condition::No, Condition::Otherwise],
    }
}

/// Numbers, categories and yes-nos, each with and without points of its own for unknown, in pairs of every kind.
fn every_pair() -> Scorecard {
    let features = vec![
        Feature::number("visits").with_unknown(Unknown::Own),
        Feature::number("revenue"),
        Feature::category("country", ["DE", "FR", "US", "CN"]).with_unknown(Unknown::Own),
        Feature::category("colour", ["red", "blue"]),
        Feature::yes_no("met").with_unknown(Unknown::Own),
        Feature::yes_no("asked"),
    ];
    let kinds = [(0, 1), (0, 2), (2, 3), (3, 4), (4, 5), (5, 1), (2, 0), (1, 4)];
    let pairs = kinds.iter().map(|&(down, across)| {
        let columns = answers(across);
        let points = |row: usize| -> Vec<f64> {
            (0..columns.len()).map(|column| ((7 * row + 5 * column + down) % 13) as f64 * 0.37 - 2.1).collect()
        };
        let [first, second] = [features[down].name(), features[across].name()];
        let pair = PairCharacteristic::new(format!("{first} and {second}"), first, second);
        let rows = answers(down).into_iter().enumerate();
        rows.fold(pair.columns(columns.clone()).neutral(0.3), |pair, (row, when)| pair.row(when, points(row)))
    });
    let spec = CardSpec {
        name: "every pair".into(),
        initial: 1.5,
        characteristics: vec![
            Characteristic::new("visits", "visits")
                .when(Condition::below(2.0), 0.7)
                .when(Condition::Unknown, 0.1)
                .when(Condition::Otherwise, -0.9),
            Characteristic::new("revenue", "revenue").per_unit(0.013, 250.0),
        ],
        pairs: pairs.collect(),
        grades: Some(Bands::falling("grades", &["A", "B", "C", "D", "E"], &[4.0, 1.0, -1.0, -4.0]).unwrap()),
        prerequisites: vec![Prerequisite::new("met", Condition::Yes).correct(Correction::NotchDown(1))],
        features,
        ..CardSpec::default()
    };
    Scorecard::new(spec).unwrap()
}

/// No characteristics, pairs alone.
fn pairs_that_refuse_unknowns() -> Scorecard {
    let spec = CardSpec {
        name: "refuses unknowns".into(),
        features: vec![Feature::number("visits").with_unknown(Unknown::Error), Feature::yes_no("met")],
        pairs: vec![
            PairCharacteristic::new("visits and met", "visits", "met")
                .columns([Condition::Yes, Condition::No])
                .row(Condition::at_least(2.0), [3.0, 1.0])
                .row(Condition::Otherwise, [0.1, -0.2]),
        ],
        ..CardSpec::default()
    };
    Scorecard::new(spec).unwrap()
}

/// Corrections one by one, in the order of the card.
fn in_order() -> Scorecard {
    let mut spec = every_condition().spec().clone();
    spec.correction_table.clear();
    spec.prerequisites[0].correction = Some(Correction::NotchDown(2));
    spec.prerequisites[1].correction = Some(Correction::CapAt("B".into()));
    Scorecard::new(spec).unwrap()
}

fn cards() -> [Scorecard; 5] {
    [lead::supplier_prospects(), every_condition(), in_order(), equal_points(), every_pair()]
}

/// Few sizes of points, so that reasons tie; some are losses, and one neutral answer makes a gain of the same size.
fn equal_points() -> Scorecard {
    let points = [5.0, 5.0, 7.0, -5.0, 7.0, 5.0, 3.0, -7.0];
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let spec = CardSpec {
        name: "equal points".into(),
        features: names.map(Feature::yes_no).into(),
        characteristics: names.iter().zip(points).map(|(name, points)| Characteristic::yes(*name, points)).collect(),
        grades: Some(Bands::falling("grades", &["A", "B"], &[10.0]).unwrap()),
        ..CardSpec::default()
    };
    Scorecard::new(spec).unwrap()
}

fn position(card: &Scorecard, grade: &str) -> usize {
    card.grades().unwrap().position(grade).unwrap()
}

fn record<'a>(card: &'a Scorecard, row: &[f64]) -> tierwise::Record<'a> {
    let mut record = card.record();
    for (feature, &value) in card.features().iter().zip(row) {
        record.set(feature.name(), value).unwrap();
    }
    record
}

fn one_row(card: usize) -> impl Strategy<Value = Vec<f64>> {
    cards()[card].features().iter().map(laws::values).collect::<Vec<_>>()
}

fn card_and_row() -> impl Strategy<Value = (usize, Vec<f64>)> {
    (0usize..5).prop_flat_map(|card| one_row(card).prop_map(move |row| (card, row)))
}

proptest! {
    #[test]
    fn the_final_grade_is_never_better_than_the_raw_one((card, row) in card_and_row()) {
        let card = &cards()[card];
        let graded = card.grade(&record(card, &row)).unwrap();
        prop_assert!(position(card, graded.grade) >= position(card, graded.raw_grade));
        prop_assert_eq!(graded.binding_prerequisite.is_some(), graded.grade != graded.raw_grade);
        prop_assert_eq!(card.assign_row(&row), Some(position(card, graded.grade)));
    }

    #[test]
    fn worst_and_best_case_enclose_what_is_stated((card, row) in card_and_row()) {
        let card = &cards()[card];
        let graded = card.grade(&record(card, &row)).unwrap();
        prop_assert!(graded.worst_score <= graded.score && graded.score <= graded.best_score);
        prop_assert!(position(card, graded.worst_grade) >= position(card, graded.grade));
        prop_assert!(position(card, graded.best_grade) <= position(card, graded.grade));
        if row.iter().all(|value| !value.is_nan()) {
            prop_assert_eq!(graded.worst_score, graded.score);
            prop_assert_eq!(graded.best_score, graded.score);
            prop_assert_eq!(graded.worst_grade, graded.best_grade);
        }
    }

    /// Filling in any unknown fact keeps the result within the worst and best case stated before.
    #[test]
    fn no_answer_escapes_worst_and_best_case((card, row, answers) in (0usize..5).prop_flat_map(|card| (Just(card), one_row(card), one_row(card)))) {
        let card = &cards()[card];
        let before = card.grade(&record(card, &row)).unwrap();
        let known: Vec<f64> = row.iter().zip(&answers).map(|(&value, &answer)| if value.is_nan() { answer } else { value }).collect();
        let after = card.grade(&record(card, &known)).unwrap();
        prop_assert!(before.worst_score <= after.score && after.score <= before.best_score, "{before:?} {after:?}");
        prop_assert!(position(card, before.worst_grade) >= position(card, after.grade));
        prop_assert!(position(card, before.best_grade) <= position(card, after.grade));
    }

    #[test]
    fn meeting_a_further_prerequisite_never_makes_a_grade_worse((card, row) in card_and_row()) {
        let card = &cards()[card];
        let before = card.grade(&record(card, &row)).unwrap();
        for prerequisite in card.prerequisites() {
            let feature = card.features().iter().position(|feature| feature.name() == prerequisite.feature).unwrap();
            let by_pair = card.spec().pairs.iter().any(|pair| pair.features.contains(&prerequisite.feature));
            let asked_for_points =
                by_pair || card.spec().characteristics.iter().any(|one| one.feature == prerequisite.feature);
            if asked_for_points {
                continue; // meeting it may then also cost points, which is the card's own doing
            }
            let mut met = row.clone();
            met[feature] = 1.0;
            let after = card.grade(&record(card, &met)).unwrap();
            prop_assert!(position(card, after.grade) <= position(card, before.grade));
        }
    }

    #[test]
    fn more_points_never_make_a_grade_worse((card, row, more) in (0usize..5).prop_flat_map(|card| (Just(card), one_row(card), one_row(card)))) {
        let card = &cards()[card];
        let prerequisites: Vec<&str> = card.prerequisites().iter().map(|one| one.feature.as_str()).collect();
        let mut other = more;
        for (index, feature) in card.features().iter().enumerate() {
            if prerequisites.contains(&feature.name()) {
                other[index] = row[index];
            }
        }
        let (one, two) = (card.grade(&record(card, &row)).unwrap(), card.grade(&record(card, &other)).unwrap());
        let (low, high) = if one.score <= two.score { (one, two) } else { (two, one) };
        prop_assert!(position(card, high.raw_grade) <= position(card, low.raw_grade));
        prop_assert!(position(card, high.grade) <= position(card, low.grade));
    }

    #[test]
    fn a_table_is_graded_as_its_rows_are((card, table) in (0usize..5).prop_flat_map(|card| (Just(card), laws::tables(cards()[card].features())))) {
        graded_as_its_rows_are(&cards()[card], &table)?;
    }
}

/// A reason that a stronger one displaces stays ahead of those that equal it.
#[test]
fn equal_reasons_keep_the_order_of_the_card() {
    let card = equal_points();
    let yes = [1.0];
    let columns = Columns::in_order(card.features(), vec![&yes; 8]).unwrap();
    let graded = card.grade_columns(&columns, 8).unwrap();
    let labels = card.reason_labels();
    let found: Vec<&str> = graded.reasons.iter().map(|column| labels[usize::from(column[0])].as_str()).collect();
    assert_eq!(found, ["c: yes", "e: yes", "h: yes", "a: yes", "b: yes", "d: yes", "f: yes", "g: yes"]);
}

#[test]
fn a_table_has_no_more_reasons_than_anyone_reads() {
    let card = lead::supplier_prospects();
    let row = [1.0];
    let columns = Columns::in_order(card.features(), vec![&row; card.features().len()]).unwrap();
    assert_eq!(card.grade_columns(&columns, 255).unwrap().reasons.len(), 255);
    let model = learned(Unknown::Own);
    let bound = Columns::in_order(model.features(), vec![&row; 3]).unwrap();
    for most in [256, usize::MAX / 16, usize::MAX] {
        let error = card.grade_columns(&columns, most).unwrap_err();
        assert_eq!(error.code(), "invalid_parameter");
        let error = tierwise::learn::reason_columns(&model, &bound, most).unwrap_err();
        assert_eq!(error.code(), "invalid_parameter");
    }
    assert!(tierwise::learn::reasons(&model, &[1.0; 3], usize::MAX).len() <= model.terms().len());
    let mut one = lead::Graded::default();
    card.grade_into(&record(&card, &vec![1.0; card.features().len()]), usize::MAX, &mut one).unwrap();
}

#[test]
fn too_many_grades_are_counted_before_they_are_corrected() {
    let mut spec = equal_points().spec().clone();
    let names: Vec<String> = (0..300).map(|grade| format!("g{grade}")).collect();
    let cuts: Vec<f64> = (0..299).rev().map(f64::from).collect();
    spec.grades = Some(Bands::falling("grades", &names, &cuts).unwrap());
    spec.prerequisites = vec![Prerequisite::new("a", Condition::Yes).correct(Correction::CapAt("g9".into()))];
    let error = Scorecard::new(spec).unwrap_err();
    assert_eq!(error.code(), "invalid_bands");
    assert!(error.to_string().contains("300 grades are more than the 254"), "{error}");
}

/// As the documentation says: one fact cannot both lose the points and lack what the grade needs.
#[test]
fn a_worst_grade_is_a_bound_that_no_answer_may_reach() {
    let spec = CardSpec {
        name: "a question that is a prerequisite too".into(),
        features: vec![Feature::yes_no("met")],
        initial: 10.0,
        characteristics: vec![Characteristic::yes("met", -5.0)],
        grades: Some(Bands::falling("grades", &["A", "B", "C"], &[10.0, 5.0]).unwrap()),
        prerequisites: vec![Prerequisite::new("met", Condition::Yes).correct(Correction::NotchDown(1))],
        ..CardSpec::default()
    };
    let card = Scorecard::new(spec).unwrap();
    let unknown = card.grade(&card.record()).unwrap();
    assert_eq!((unknown.best_grade, unknown.worst_grade), ("A", "C"));
    let grade = |met: f64| card.grade(&record(&card, &[met])).unwrap().grade;
    assert_eq!((grade(0.0), grade(1.0)), ("B", "B"));
}

/// Unknown is NaN inside, and NaN is not itself; a card is.
#[test]
fn a_card_that_refuses_unknowns_equals_itself() {
    assert_eq!(refuses_unknowns(), refuses_unknowns());
    assert_ne!(refuses_unknowns(), every_condition());
}

/// Longer than what is graded at once, with something unknown in a few stretches only.
#[test]
fn a_long_table_is_graded_as_its_rows_are() {
    const ROWS: usize = 10_000;
    let stretches = [0..7, 1_500..1_600, 4_090..4_100, 9_990..ROWS];
    for card in cards() {
        let column = |(place, feature): (usize, &Feature)| -> Vec<f64> {
            let answers = match feature.kind() {
                Kind::Number => 400,
                Kind::YesNo => 2,
                Kind::Category(levels) => levels.len(),
            };
            let value = |row: usize| {
                let mixed = (row * 7919 + place * 104_729) % 7_907;
                let unknown = mixed.is_multiple_of(3) && stretches.iter().any(|stretch| stretch.contains(&row));
                if unknown { f64::NAN } else { (mixed % answers) as f64 }
            };
            (0..ROWS).map(value).collect()
        };
        let table: Vec<Vec<f64>> = card.features().iter().enumerate().map(column).collect();
        graded_as_its_rows_are(&card, &table).unwrap();
        let columns = Columns::in_order(card.features(), table.iter().map(Vec::as_slice).collect()).unwrap();
        let scores = tierwise::score(&card, &columns).unwrap();
        let graded = card.grade_columns(&columns, 0).unwrap();
        assert!(scores.iter().zip(&graded.score).all(|(one, other)| one.to_bits() == other.to_bits()));
    }
}

fn graded_as_its_rows_are(card: &Scorecard, table: &[Vec<f64>]) -> Result<(), TestCaseError> {
    (1..=4).try_for_each(|most| graded_with_reasons(card, table, most))
}

fn graded_with_reasons(card: &Scorecard, table: &[Vec<f64>], most: usize) -> Result<(), TestCaseError> {
    let columns = Columns::in_order(card.features(), table.iter().map(Vec::as_slice).collect()).unwrap();
    let graded = card.grade_columns(&columns, most).unwrap();
    let labels = card.reason_labels();
    let names = card.grades().unwrap().names();
    for at in 0..columns.rows() {
        let row: Vec<f64> = table.iter().map(|column| column[at]).collect();
        let mut one = lead::Graded::default();
        card.grade_into(&record(card, &row), most, &mut one).unwrap();
        prop_assert_eq!(graded.score[at].to_bits(), one.score.to_bits());
        let worst = graded.worst_score.as_ref().map_or(graded.score[at], |column| column[at]);
        let best = graded.best_score.as_ref().map_or(graded.score[at], |column| column[at]);
        prop_assert_eq!((worst.to_bits(), best.to_bits()), (one.worst_score.to_bits(), one.best_score.to_bits()));
        let name = |code: u8| names[usize::from(code)].as_str();
        prop_assert_eq!(
            (
                name(graded.raw_grade[at]),
                name(graded.grade[at]),
                name(graded.worst_grade[at]),
                name(graded.best_grade[at])
            ),
            (one.raw_grade, one.grade, one.worst_grade, one.best_grade)
        );
        let binding =
            card.prerequisites().get(usize::from(graded.binding_prerequisite[at])).map(|one| one.name.as_str());
        prop_assert_eq!(binding, one.binding_prerequisite);
        let reasons: Vec<&str> = graded
            .reasons
            .iter()
            .filter_map(|column| labels.get(usize::from(column[at])))
            .map(String::as_str)
            .collect();
        let expected: Vec<String> =
            one.reasons.iter().map(|reason| format!("{}: {}", reason.characteristic, reason.answer)).collect();
        prop_assert_eq!(reasons, expected);
    }
    Ok(())
}
