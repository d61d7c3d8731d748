//! What would raise a grade: the optimum is that of going through all combinations.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tierwise::lead::{
    self, CardSpec, Change, Characteristic, Condition, Correction, Plan, Prerequisite, RaiseOutcome, To,
};
use tierwise::{Bands, Columns, Feature, Kind, Record, Scorecard, Unknown};

fn record<'a>(card: &'a Scorecard, row: &[f64]) -> Record<'a> {
    let mut record = card.record();
    for (feature, &value) in card.features().iter().zip(row) {
        record.set(feature.name(), value).unwrap();
    }
    record
}

fn grade_of(card: &Scorecard, row: &[f64]) -> (usize, f64) {
    let record = record(card, row);
    let graded = card.grade(&record).unwrap();
    (card.grades().unwrap().position(graded.grade).unwrap(), graded.score)
}

/// A card about six facts, with points and costs that sums hold exactly.
#[derive(Debug, Clone)]
struct Case {
    points: Vec<i32>,
    corrections: Vec<usize>,
    costs: Vec<u8>,
    row: Vec<f64>,
    target: Option<usize>,
    changeable: Vec<bool>,
}

const GRADES: [&str; 5] = ["A", "B", "C", "D", "E"];
const NUMBERS: [f64; 6] = [0.0, 1.0, 2.5, 4.0, 7.0, -3.0];

fn card(case: &Case) -> Scorecard {
    let points = |index: usize| f64::from(case.points[index]) / 4.0;
    let correction = |index: usize| match case.corrections[index] {
        0 => Correction::CapAt("C".into()),
        1 => Correction::NotchDown(1),
        2 => Correction::NotchDown(2),
        _ => Correction::CapAt("B".into()),
    };
    let spec = CardSpec {
        name: "random".into(),
        features: vec![
            Feature::yes_no("met"),
            Feature::yes_no("asked").with_unknown(Unknown::Own),
            Feature::category("country", ["DE", "FR", "US"]),
            Feature::number("visits"),
            Feature::number("orders"),
            Feature::yes_no("budget"),
        ],
        characteristics: vec![
            Characteristic::yes("met", points(0)),
            Characteristic::new("asked", "asked")
                .when(Condition::Yes, points(1))
                .when(Condition::Unknown, points(2))
                .when(Condition::No, points(3)),
            Characteristic::new("country", "country")
                .when(Condition::Level("DE".into()), points(4))
                .when(Condition::Level("FR".into()), points(5))
                .when(Condition::Otherwise, points(6)),
            Characteristic::new("visits", "visits").per_unit(points(7), 4.0),
            Characteristic::new("many visits", "visits")
                .when(Condition::at_least(2.5), points(8))
                .when(Condition::Otherwise, 0.0),
            Characteristic::new("orders", "orders")
                .when(Condition::Range { from: Some(1.0), below: Some(4.0) }, points(9))
                .when(Condition::Otherwise, points(10)),
        ],
        grades: Some(Bands::falling("grades", &GRADES, &[20.0, 12.0, 6.0, 1.0]).unwrap()),
        prerequisites: vec![
            Prerequisite::new("met", Condition::Yes).correct(correction(0)),
            Prerequisite::new("country", Condition::AnyOf(vec!["FR".into(), "US".into()])).correct(correction(1)),
            Prerequisite {
                name: "enough visits".into(),
                ..Prerequisite::new("visits", Condition::Range { from: Some(1.0), below: Some(5.0) })
                    .correct(correction(2))
            },
            Prerequisite::new("budget", Condition::Yes).correct(correction(3)),
        ],
        ..CardSpec::default()
    };
    Scorecard::new(spec).unwrap()
}

fn allowed(feature: &Feature) -> Vec<f64> {
    match feature.kind() {
        Kind::Number => NUMBERS.to_vec(),
        Kind::YesNo => vec![0.0, 1.0],
        Kind::Category(levels) => (0..levels.len()).map(|code| code as f64).collect(),
    }
}

fn changes(card: &Scorecard, case: &Case, numbers: &To) -> Vec<Change> {
    let named = card.features().iter().zip(&case.costs).zip(&case.changeable).filter(|(_, changeable)| **changeable);
    named
        .map(|((feature, &cost), _)| {
            let to = if feature.kind() == Kind::Number { numbers.clone() } else { To::Any };
            Change::new(feature.name()).cost(f64::from(cost) / 2.0).to(to)
        })
        .collect()
}

/// What going through all combinations finds: cost, number of changes, score, changed features.
type Best = (f64, usize, f64, Vec<usize>);

/// The best combination, and the best grade of any.
fn by_trying_all(card: &Scorecard, case: &Case, target: usize) -> (Option<Best>, usize) {
    let mut rows = vec![(case.row.clone(), 0.0, Vec::new())];
    for (index, feature) in card.features().iter().enumerate().filter(|(index, _)| case.changeable[*index]) {
        for (row, cost, changed) in rows.clone() {
            for value in allowed(feature).into_iter().filter(|&value| value != case.row[index]) {
                let (mut row, mut changed) = (row.clone(), changed.clone());
                row[index] = value;
                changed.push(index);
                rows.push((row, cost + f64::from(case.costs[index]) / 2.0, changed));
            }
        }
    }
    let graded: Vec<_> = rows.into_iter().map(|(row, cost, changed)| (grade_of(card, &row), cost, changed)).collect();
    let best_grade = graded.iter().map(|((grade, _), ..)| *grade).min().unwrap();
    let reaching = graded.into_iter().filter(|((grade, _), ..)| *grade <= target);
    let best = reaching.map(|((_, score), cost, changed)| (cost, changed.len(), score, changed)).min_by(|a, b| {
        let numbers = a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(b.2.total_cmp(&a.2));
        numbers.then_with(|| a.3.cmp(&b.3))
    });
    (best, best_grade)
}

fn cases() -> impl Strategy<Value = Case> {
    let yes_no = || prop_oneof![Just(0.0), Just(1.0), Just(f64::NAN)];
    let number = || prop_oneof![prop::sample::select(&NUMBERS[..]), Just(3.25), Just(f64::NAN)];
    let country = prop_oneof![Just(0.0), Just(1.0), Just(2.0), Just(f64::NAN)];
    let row = (yes_no(), yes_no(), country, number(), number(), yes_no());
    let row = row.prop_map(|(a, b, c, d, e, f)| vec![a, b, c, d, e, f]);
    (
        prop::collection::vec(-12..28_i32, 11),
        prop::collection::vec(0..4_usize, 4),
        prop::collection::vec(0..4_u8, 6),
        row,
        prop::option::of(0..5_usize),
        prop::collection::vec(prop::bool::weighted(0.8), 6),
    )
        .prop_map(|(points, corrections, costs, row, target, changeable)| Case {
            points,
            corrections,
            costs,
            row,
            target,
            changeable,
        })
}

fn applied(card: &Scorecard, row: &[f64], plan: &Plan<'_>) -> Vec<f64> {
    let mut row = row.to_vec();
    for change in &plan.changes {
        let index = card.features().iter().position(|one| one == change.feature).unwrap();
        row[index] = change.to;
    }
    row
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_plan_is_the_best_of_all_combinations(case in cases()) {
        let card = card(&case);
        let changes = changes(&card, &case, &To::Values(NUMBERS.to_vec()));
        let raise = card.what_would_raise(&record(&card, &case.row), case.target.map(|one| GRADES[one]), &changes).unwrap();
        let (now, _) = grade_of(&card, &case.row);
        let target = case.target.or(now.checked_sub(1));
        prop_assert_eq!(raise.grade, GRADES[now]);
        prop_assert_eq!(raise.target, target.map(|one| GRADES[one]));
        let Some(target) = target.filter(|target| *target < now) else {
            prop_assert_eq!(raise.outcome, RaiseOutcome::Already);
            return Ok(());
        };
        match (by_trying_all(&card, &case, target), raise.outcome) {
            ((Some((cost, count, _, features)), _), RaiseOutcome::Reached(plan)) => {
                prop_assert_eq!((plan.cost, plan.changes.len()), (cost, count));
                let names: Vec<&str> = features.iter().map(|&index| card.features()[index].name()).collect();
                prop_assert_eq!(plan.changes.iter().map(|one| one.feature.name()).collect::<Vec<_>>(), names);
                let row = applied(&card, &case.row, &plan);
                prop_assert_eq!(grade_of(&card, &row), (card.grades().unwrap().position(plan.grade).unwrap(), plan.score));
                prop_assert!(grade_of(&card, &row).0 <= target);
                // No number could stay nearer while the others stand.
                for index in [3, 4] {
                    let now = if case.row[index].is_nan() { 0.0 } else { case.row[index] };
                    let moved = row[index].to_bits() != case.row[index].to_bits();
                    for value in NUMBERS.iter().filter(|value| moved && (*value - now).abs() < (row[index] - now).abs()) {
                        let mut nearer = row.clone();
                        nearer[index] = *value;
                        prop_assert!(grade_of(&card, &nearer).0 > target, "{} would do as {}", value, row[index]);
                    }
                }
            }
            ((None, best), RaiseOutcome::Unreachable { best_grade }) => prop_assert_eq!(best_grade, GRADES[best]),
            (tried, outcome) => prop_assert!(false, "all combinations: {:?}, search: {:?}", tried, outcome),
        }
    }

    /// With any number allowed the plan costs no more, holds when graded, and its numbers can go no less far.
    #[test]
    fn any_number_reaches_the_grade_and_no_smaller_change_does(case in cases(), whole in any::<bool>()) {
        let card = card(&case);
        let mut any_change = changes(&card, &case, &To::Any);
        for change in &mut any_change {
            change.whole = whole && ["visits", "orders"].contains(&change.feature.as_str());
        }
        let some = changes(&card, &case, &To::Values(NUMBERS.iter().copied().filter(|one| one.fract() == 0.0).collect()));
        let (record, target) = (record(&card, &case.row), case.target.map(|one| GRADES[one]));
        let raise = card.what_would_raise(&record, target, &any_change).unwrap();
        let restricted = card.what_would_raise(&record, target, &some).unwrap();
        let RaiseOutcome::Reached(plan) = raise.outcome else {
            prop_assert!(!matches!(restricted.outcome, RaiseOutcome::Reached(_)));
            return Ok(());
        };
        if let RaiseOutcome::Reached(restricted) = restricted.outcome {
            prop_assert!(plan.cost <= restricted.cost);
        }
        let row = applied(&card, &case.row, &plan);
        let aim = GRADES.iter().position(|one| Some(*one) == raise.target).unwrap();
        prop_assert!(grade_of(&card, &row).0 <= aim);
        for change in plan.changes.iter().filter(|one| one.feature.kind() == Kind::Number) {
            prop_assert!(!whole || change.to.fract() == 0.0);
            let index = card.features().iter().position(|one| one == change.feature).unwrap();
            let now = if change.from.is_nan() { 0.0 } else { change.from };
            for part in 0..64 {
                let mut nearer = row.clone();
                nearer[index] = now + (change.to - now) * f64::from(part) / 64.0;
                let reaches = grade_of(&card, &nearer).0 <= aim;
                prop_assert!(!reaches || nearer[index] == change.to || whole && nearer[index].fract() != 0.0);
            }
        }
    }
}

/// Forty facts with points and costs of many sizes are decided; the steps stay within the limit.
#[test]
fn a_large_card_is_searched_and_a_table_gives_the_same_as_its_rows() {
    let names: Vec<String> = (0..40).map(|index| format!("fact {index}")).collect();
    let points = |index: usize| ((index * 37 + 11) % 41) as f64 + 0.5;
    let spec = CardSpec {
        name: "large".into(),
        features: names.iter().map(Feature::yes_no).collect(),
        characteristics: (0..40).map(|index| Characteristic::yes(&*names[index], points(index))).collect(),
        grades: Some(Bands::falling("grades", &["A", "B", "C"], &[500.0, 300.0]).unwrap()),
        ..CardSpec::default()
    };
    let card = Scorecard::new(spec).unwrap();
    let costs = |index: usize| ((index * 29 + 3) % 17) as f64 + 1.0;
    let priced: Vec<Change> = (0..40).map(|index| Change::new(&*names[index]).cost(costs(index))).collect();
    let equal: Vec<Change> = names.iter().map(Change::new).collect();
    let table: Vec<Vec<f64>> =
        (0..40).map(|one| (0..20).map(|row| f64::from((one * row) % 7 == 3)).collect()).collect();
    let columns = Columns::in_order(card.features(), table.iter().map(Vec::as_slice).collect()).unwrap();
    for changes in [priced, equal] {
        let raised = card.what_would_raise_columns(&columns, Some("A"), &changes).unwrap();
        for (row, raise) in raised.iter().enumerate() {
            let values: Vec<f64> = table.iter().map(|column| column[row]).collect();
            assert_eq!(card.what_would_raise(&record(&card, &values), Some("A"), &changes).unwrap(), *raise);
            let RaiseOutcome::Reached(plan) = &raise.outcome else { panic!("{raise:?}") };
            // As a covering problem with whole points in halves: the cheapest by dynamic programming.
            let score: f64 = (0..40).map(|one| values[one] * points(one)).sum();
            let need = ((500.0 - score) * 2.0) as usize;
            let mut cheapest = vec![f64::INFINITY; need + 1];
            cheapest[0] = 0.0;
            for one in (0..40).filter(|&one| values[one] == 0.0) {
                for filled in (0..=need).rev() {
                    let after = need.min(filled + (points(one) * 2.0) as usize);
                    cheapest[after] = cheapest[after].min(cheapest[filled] + changes[one].cost);
                }
            }
            assert_eq!(plan.cost, cheapest[need]);
        }
    }
}

/// Where visits stop to count, at 4, two questions about them earn 17 points; the last number below 4 seems to earn 17
/// as well, by rounding, yet in the card's sum it earns a bit less, and the grade needs that bit.
#[test]
fn a_number_whose_points_round_to_the_same_does_not_stand_for_a_better_one() {
    let spec = CardSpec {
        name: "visits".into(),
        features: vec![Feature::yes_no("asked"), Feature::number("visits")],
        characteristics: vec![
            Characteristic::new("asked", "asked").when(Condition::Yes, -5.0).when(Condition::Otherwise, 0.0),
            Characteristic::new("visits", "visits").per_unit(3.25, 4.0),
            Characteristic::new("many visits", "visits")
                .when(Condition::at_least(2.5), 4.0)
                .when(Condition::Otherwise, 0.0),
        ],
        grades: Some(Bands::falling("grades", &["A", "B"], &[12.0]).unwrap()),
        ..CardSpec::default()
    };
    let card = Scorecard::new(spec).unwrap();
    let raise = card.what_would_raise(&record(&card, &[1.0, 3.25]), None, &[Change::new("visits")]).unwrap();
    let RaiseOutcome::Reached(plan) = raise.outcome else { panic!("{raise:?}") };
    assert_eq!((plan.changes[0].to, plan.score), (4.0, 12.0));
}

#[test]
fn equal_facts_do_not_blow_up_and_the_first_ones_are_named() {
    let names: Vec<String> = (0..200).map(|index| format!("fact {index}")).collect();
    let spec = CardSpec {
        name: "equal".into(),
        features: names.iter().map(Feature::yes_no).collect(),
        characteristics: names.iter().map(|name| Characteristic::yes(&**name, 0.1)).collect(),
        grades: Some(Bands::falling("grades", &["A", "B"], &[9.95]).unwrap()),
        ..CardSpec::default()
    };
    let card = Scorecard::new(spec).unwrap();
    let changes: Vec<Change> = names.iter().rev().map(Change::new).collect();
    let raise = card.what_would_raise(&card.record(), None, &changes).unwrap();
    let RaiseOutcome::Reached(plan) = raise.outcome else { panic!() };
    let changed: Vec<&str> = plan.changes.iter().map(|one| one.feature.name()).collect();
    assert_eq!(changed, names[..100].iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn a_number_goes_no_further_than_it_must() {
    let spec = CardSpec {
        name: "visits".into(),
        features: vec![Feature::number("visits"), Feature::yes_no("met")],
        characteristics: vec![Characteristic::new("visits", "visits").per_unit(3.0, 10.0)],
        grades: Some(Bands::falling("grades", &["A", "B", "C"], &[25.0, 10.0]).unwrap()),
        prerequisites: vec![Prerequisite::new("met", Condition::Yes).correct(Correction::CapAt("C".into()))],
        ..CardSpec::default()
    };
    let card = Scorecard::new(spec).unwrap();
    let lead = record(&card, &[2.0, f64::NAN]);
    let both = [Change::new("visits"), Change::new("met")];
    let plan = |changes: &[Change]| match card.what_would_raise(&lead, None, changes).unwrap().outcome {
        RaiseOutcome::Reached(plan) => plan,
        other => panic!("{other:?}"),
    };
    let labels = |plan: &Plan<'_>| plan.changes.iter().map(lead::PlannedChange::label).collect::<Vec<_>>();
    let any = plan(&both);
    assert!((any.changes[0].to - 10.0 / 3.0).abs() < 1e-12 && any.score >= 10.0, "{any:?}");
    let whole = plan(&[Change::new("visits").whole(), Change::new("met")]);
    assert_eq!(labels(&whole), ["visits: 2 to 4", "met: unknown to yes"]);
    assert_eq!((whole.cost, whole.score, whole.raw_grade, whole.grade), (2.0, 12.0, "B", "B"));
    let outcome = |changes: &[Change]| card.what_would_raise(&lead, None, changes).unwrap().outcome;
    assert_eq!(outcome(&both[..1]), RaiseOutcome::Unreachable { best_grade: "C" });
    assert_eq!(
        outcome(&[both[0].clone().to(To::Down), both[1].clone()]),
        RaiseOutcome::Unreachable { best_grade: "C" }
    );
    assert_eq!(outcome(&[]), RaiseOutcome::Unreachable { best_grade: "C" });
    let a = card.what_would_raise(
        &lead,
        Some("A"),
        &[both[0].clone().to(To::Between { from: None, to: Some(8.0) }), both[1].clone()],
    );
    assert_eq!(a.unwrap().outcome, RaiseOutcome::Unreachable { best_grade: "B" });
    assert_eq!(card.what_would_raise(&lead, Some("C"), &both).unwrap().outcome, RaiseOutcome::Already);
}

#[test]
fn changes_that_do_not_suit_are_refused() {
    let case = Case {
        points: vec![1; 11],
        corrections: vec![0; 4],
        costs: vec![1; 6],
        row: vec![f64::NAN; 6],
        target: None,
        changeable: vec![true; 6],
    };
    let card = card(&case);
    let code = |grade: Option<&str>, changes: &[Change]| {
        let error = card.what_would_raise(&card.record(), grade, changes).unwrap_err();
        (error.code(), error.to_string())
    };
    let visits = || Change::new("visits");
    let cases = [
        (visits().cost(-1.0), "Got -1 for `visits`"),
        (visits().cost(f64::NAN), "Got NaN"),
        (visits().to(To::Values(vec![])), "an empty list"),
        (visits().to(To::Values(vec![f64::INFINITY])), "Got inf"),
        (visits().to(To::Levels(vec!["DE".into()])), "Got levels"),
        (visits().to(To::Between { from: Some(3.0), to: Some(1.0) }), "3 to 1"),
        (visits().to(To::Between { from: Some(f64::NAN), to: None }), "NaN"),
        (Change::new("met").to(To::Up), "a direction"),
        (Change::new("met").whole(), "`whole`"),
        (Change::new("met").to(To::Values(vec![2.0])), "Got 2"),
        (Change::new("country").to(To::Values(vec![1.0])), "Got numbers"),
    ];
    for (change, words) in cases {
        let (code, message) = code(None, &[change]);
        assert!(code == "invalid_parameter" && message.contains(words), "{message}");
    }
    assert_eq!(code(Some("Z"), &[]).0, "unknown_name");
    assert_eq!(code(None, &[Change::new("nobody")]).0, "unknown_feature");
    assert_eq!(code(None, &[Change::new("country").to(To::Levels(vec!["XX".into()]))]).0, "unknown_name");
    assert!(code(None, &[visits(), visits()]).1.contains("two of `visits`"));
    assert!(code(None, &vec![visits(); 300]).1.contains("300"));
}
