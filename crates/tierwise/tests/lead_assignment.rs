//! Assignment: brute force, laws, reasons, and every error.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use std::collections::BTreeMap;
use tierwise::lead::{Assignment, AssignmentTask, Balance, OpenLead, Rep, Unassigned};

fn lead(key: &str, value: f64) -> OpenLead {
    OpenLead { key: key.into(), value, ..OpenLead::default() }
}

fn rep(key: &str, capacity: i64) -> Rep {
    Rep { key: key.into(), capacity, ..Rep::default() }
}

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|&one| one.to_owned()).collect()
}

fn task<'a>(leads: &'a [OpenLead], reps: &'a [Rep]) -> AssignmentTask<'a> {
    AssignmentTask { leads, reps, pair_values: None }
}

/// May the rep have the lead, by the rules as the documentation words them, and at what value?
fn worth(lead: &OpenLead, rep: &Rep, given: Option<f64>) -> Option<f64> {
    let skilled = lead.skills.iter().all(|skill| rep.skills.contains(skill));
    let near = rep.territories.is_empty() || lead.territory.iter().all(|one| rep.territories.contains(one));
    let lowest = lead.skills.iter().filter_map(|skill| rep.proficiency.get(skill)).fold(f64::NAN, |a, &b| a.min(b));
    let all_rated = lead.skills.iter().all(|skill| rep.proficiency.contains_key(skill));
    let factor = if lowest.is_nan() {
        1.0
    } else if all_rated {
        lowest
    } else {
        lowest.min(1.0)
    };
    let value = given.unwrap_or(lead.value * rep.multiplier * factor);
    (skilled && near && !lead.excluded.contains(&rep.key) && value > 0.0).then_some(value)
}

/// The highest total of all ways to place the leads from `next` on.
fn best(leads: &[OpenLead], reps: &[Rep], pairs: Option<&[f64]>, chosen: &mut Vec<Option<usize>>) -> f64 {
    let next = chosen.len();
    if next == leads.len() {
        return 0.0;
    }
    chosen.push(None);
    let mut highest = best(leads, reps, pairs, chosen);
    for (column, rep) in reps.iter().enumerate() {
        let Some(value) = worth(&leads[next], rep, pairs.map(|pairs| pairs[next * reps.len() + column])) else {
            continue;
        };
        let held = |grade: Option<&String>| {
            let same = |&(row, &at): &(usize, &Option<usize>)| {
                at == Some(column) && (grade.is_none() || leads[row].grade.as_ref() == grade)
            };
            chosen.iter().enumerate().filter(same).count() as i64
        };
        let limit = leads[next].grade.as_ref().and_then(|grade| rep.grade_limits.get(grade));
        if held(None) < rep.capacity && limit.is_none_or(|&limit| held(leads[next].grade.as_ref()) < limit) {
            chosen[next] = Some(column);
            highest = highest.max(value + best(leads, reps, pairs, chosen));
            chosen[next] = None;
        }
    }
    chosen.pop();
    highest
}

/// What holds for every assignment.
fn check_laws(task: &AssignmentTask<'_>, result: &Assignment) {
    let mut held = vec![0_i64; task.reps.len()];
    let mut of_grade: BTreeMap<(usize, &String), i64> = BTreeMap::new();
    for (row, lead) in task.leads.iter().enumerate() {
        assert_eq!(result.rep[row].is_none(), result.reason[row].is_some(), "a rep or a reason");
        assert_eq!(result.rep[row].is_none(), result.value[row].is_none());
        if let Some(column) = result.rep[row] {
            held[column] += 1;
            let given = task.pair_values.map(|pairs| pairs[row * task.reps.len() + column]);
            assert_eq!(worth(lead, &task.reps[column], given), result.value[row]);
            if let Some(grade) = &lead.grade {
                *of_grade.entry((column, grade)).or_default() += 1;
            }
        }
    }
    for (column, rep) in task.reps.iter().enumerate() {
        assert!(held[column] <= rep.capacity && i64::from(result.loads[column].leads) == held[column]);
        for (grade, &limit) in &rep.grade_limits {
            assert!(of_grade.get(&(column, grade)).is_none_or(|&count| count <= limit));
        }
    }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * (1.0 + a.abs())
}

/// Few different values, so that ties abound; negative ones and zeros too.
fn leads(most: usize) -> impl Strategy<Value = Vec<OpenLead>> {
    let one = (-1..12_i32, 0..4_usize, 0..3_usize, 0..3_usize, 0..8_usize);
    prop::collection::vec(one, 0..=most).prop_map(|rows| {
        let skills = [&[][..], &["x"], &["y"], &["x", "y"]];
        let lead =
            |(row, (value, skill, territory, grade, excluded)): (usize, (i32, usize, usize, usize, usize))| OpenLead {
                key: format!("l{}", (row * 7 + 3) % 11),
                value: f64::from(value) * 0.3,
                skills: texts(skills[skill]),
                territory: [None, Some("north"), Some("south")][territory].map(Into::into),
                grade: [None, Some("A"), Some("B")][grade].map(Into::into),
                owner: None,
                excluded: if excluded < 2 { vec![format!("r{excluded}")] } else { Vec::new() },
            };
        rows.into_iter().enumerate().map(lead).collect()
    })
}

fn reps(most: usize) -> impl Strategy<Value = Vec<Rep>> {
    let one = (0..4_i64, 0..6_usize, 0..4_usize, 1..4_i32, -1..3_i64, 0..3_usize);
    prop::collection::vec(one, 1..=most).prop_map(|rows| {
        let rep = |(row, (capacity, skills, place, multiplier, limit, rated)): (
            usize,
            (i64, usize, usize, i32, i64, usize),
        )| Rep {
            key: format!("r{}", (row * 3 + 1) % 5),
            capacity,
            skills: texts([&["x", "y"][..], &["x", "y"], &["x", "y"], &["x"], &["y"], &[]][skills]),
            territories: texts([&[][..], &[], &["north"], &["south", "north"]][place]),
            multiplier: f64::from(multiplier) * 0.5,
            proficiency: [("x".to_owned(), 0.7), ("y".to_owned(), 1.4)].into_iter().take(rated).collect(),
            grade_limits: if limit < 0 { BTreeMap::new() } else { BTreeMap::from([("A".to_owned(), limit)]) },
        };
        rows.into_iter().enumerate().map(rep).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn optimal_is_what_brute_force_finds(leads in leads(6), reps in reps(4)) {
        let task = task(&leads, &reps);
        let result = task.optimal().unwrap();
        check_laws(&task, &result);
        let highest = best(&leads, &reps, None, &mut Vec::new());
        prop_assert!(close(result.total_value, highest), "{} against {highest}", result.total_value);
        prop_assert!(close(result.bound.unwrap(), highest));
    }

    #[test]
    fn optimal_with_values_of_pairs(leads in leads(5), reps in reps(4), pairs in prop::collection::vec(-2..20_i32, 20)) {
        let pairs: Vec<f64> = pairs.iter().map(|&pair| if pair == 0 { f64::NAN } else { f64::from(pair) }).collect();
        let pairs = &pairs[..leads.len() * reps.len()];
        let task = AssignmentTask { leads: &leads, reps: &reps, pair_values: Some(pairs) };
        let result = task.optimal().unwrap();
        check_laws(&task, &result);
        prop_assert_eq!(result.total_value, best(&leads, &reps, Some(pairs), &mut Vec::new()));
    }

    #[test]
    fn a_shadow_price_is_what_one_more_place_adds(leads in leads(10), reps in reps(4)) {
        let before = task(&leads, &reps).optimal().unwrap();
        for column in 0..reps.len() {
            let mut more = reps.clone();
            more[column].capacity += 1;
            let after = task(&leads, &more).optimal().unwrap();
            let price = before.loads[column].shadow_price.unwrap();
            prop_assert!(close(after.total_value - before.total_value, price), "{column}: {price}");
            prop_assert!(price == 0.0 || i64::from(before.loads[column].leads) == reps[column].capacity);
        }
    }

    #[test]
    fn round_robin_obeys_the_rules_and_never_beats_the_optimum(leads in leads(11), reps in reps(4), owned in 0..3_usize) {
        let mut leads = leads;
        for lead in leads.iter_mut().take(owned) {
            lead.owner = Some(reps[0].key.clone());
        }
        let task = task(&leads, &reps);
        let highest = task.optimal().unwrap();
        check_laws(&task, &highest);
        for balance in [Balance::Turns, Balance::Value, Balance::ShareOfCapacity] {
            let result = task.round_robin(balance, None).unwrap();
            check_laws(&task, &result);
            prop_assert!(result.total_value <= highest.total_value + 1e-9);
            prop_assert_eq!(&result.kept, &highest.kept);
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(leads in leads(11), reps in reps(4), turn in 0..11_usize, owned in 0..2_usize) {
        let mut leads = leads;
        for lead in leads.iter_mut().take(owned) {
            lead.owner = Some(reps[0].key.clone());
        }
        let (mut other_leads, mut other_reps) = (leads.clone(), reps.clone());
        other_leads.rotate_left(turn.min(leads.len()));
        other_reps.reverse();
        let by_key = |leads: &[OpenLead], reps: &[Rep]| {
            [task(leads, reps).optimal(), task(leads, reps).round_robin(Balance::Turns, None)].map(|result| {
                let result = result.unwrap();
                let rep_of: BTreeMap<String, (Option<String>, Option<Unassigned>)> = leads.iter().enumerate().map(|(row, lead)| {
                    (lead.key.clone(), (result.rep[row].map(|rep| reps[rep].key.clone()), result.reason[row]))
                }).collect();
                (rep_of, result.total_value.to_bits(), result.next_turn)
            })
        };
        prop_assert_eq!(by_key(&leads, &reps), by_key(&other_leads, &other_reps));
    }
}

#[test]
fn large_and_full_of_ties_is_still_proven() {
    let leads: Vec<OpenLead> = (0..1500_u64)
        .map(|row| OpenLead {
            skills: if row % 3 == 0 { texts(&["x"]) } else { Vec::new() },
            grade: Some(["A", "B", "C"][row as usize % 3].into()),
            ..lead(&format!("l{row:04}"), (row * 7919 % 97) as f64)
        })
        .collect();
    let reps: Vec<Rep> = (0..20)
        .map(|row| Rep {
            skills: if row % 2 == 0 { texts(&["x"]) } else { Vec::new() },
            multiplier: 0.5 + f64::from(row % 7) / 10.0,
            grade_limits: BTreeMap::from([("A".to_owned(), i64::from(row % 4) * 10)]),
            ..rep(&format!("r{row:02}"), i64::from(row) * 6)
        })
        .collect();
    let task = task(&leads, &reps);
    let result = task.optimal().unwrap();
    check_laws(&task, &result);
    assert!(close(result.total_value, result.bound.unwrap()));
    assert!(result.total_value > task.round_robin(Balance::Turns, None).unwrap().total_value * 1.01);
}

#[test]
fn values_of_any_size() {
    for scale in [f64::MIN_POSITIVE, 1e-200, 1.0, 1e200] {
        let leads = [lead("a", 3.0 * scale), lead("b", 2.0 * scale), lead("c", 1.0 * scale)];
        let reps = [rep("r", 2)];
        let result = task(&leads, &reps).optimal().unwrap();
        assert_eq!(result.rep, [Some(0), Some(0), None]);
        assert_eq!(result.loads[0].shadow_price, Some(scale));
    }
    let leads = [lead("a", f64::MAX), lead("b", f64::MIN_POSITIVE)];
    assert_eq!(task(&leads, &[rep("r", 2)]).optimal().unwrap().rep, [Some(0), Some(0)]);
}

#[test]
fn each_reason() {
    let reps = [
        Rep {
            skills: texts(&["x"]),
            territories: texts(&["north"]),
            grade_limits: BTreeMap::from([("A".to_owned(), 1)]),
            ..rep("ann", 2)
        },
        Rep { skills: texts(&["y"]), multiplier: 0.0, ..rep("ben", 9) },
    ];
    let x = |key: &str, value| OpenLead { skills: texts(&["x"]), ..lead(key, value) };
    let leads = [
        lead("unknown", f64::NAN),
        OpenLead { skills: texts(&["x", "y"]), ..lead("skill", 5.0) },
        OpenLead { territory: Some("south".into()), ..x("territory", 5.0) },
        OpenLead { excluded: texts(&["ann"]), ..x("excluded", 5.0) },
        x("value", -1.0),
        OpenLead { skills: texts(&["y"]), ..lead("multiplier", 5.0) },
        OpenLead { grade: Some("A".into()), ..x("first A", 9.0) },
        OpenLead { grade: Some("A".into()), ..x("second A", 8.0) },
    ];
    let result = task(&leads, &reps).optimal().unwrap();
    assert_eq!(
        result.reason,
        [
            Some(Unassigned::ValueUnknown),
            Some(Unassigned::NoRepWithSkill),
            Some(Unassigned::NoRepInTerritory),
            Some(Unassigned::Excluded),
            Some(Unassigned::ValueNotPositive),
            Some(Unassigned::ValueNotPositive),
            None,
            Some(Unassigned::GradeLimit),
        ]
    );
    assert_eq!(result.eligible_reps, [0, 0, 0, 0, 0, 0, 1, 1]);
    assert_eq!(Unassigned::ALL.map(Unassigned::name)[5], "grade_limit");
    let full = task(&leads, &[rep("zoe", 0)]).optimal().unwrap();
    assert_eq!(full.reason[6], Some(Unassigned::NoRepWithSkill));
    let leads = [lead("a", 1.0)];
    let full = task(&leads, &[rep("zoe", 0)]).optimal().unwrap();
    assert_eq!((full.reason[0], full.loads[0].shadow_price), (Some(Unassigned::Full), Some(1.0)));
    assert_eq!((full.loads[0].share_of_capacity, full.fairness.gini_of_leads), (None, None));
}

#[test]
fn turns_go_on_where_the_last_batch_stopped() {
    let reps = [rep("c", 9), rep("a", 9), rep("b", 9)];
    let leads: Vec<OpenLead> = (0..4).map(|row| lead(&format!("l{row}"), 10.0 - f64::from(row))).collect();
    let first = task(&leads, &reps).round_robin(Balance::Turns, None).unwrap();
    assert_eq!(first.rep, [Some(1), Some(2), Some(0), Some(1)]);
    assert_eq!(first.next_turn.as_deref(), Some("b"));
    let second = task(&leads, &reps).round_robin(Balance::Turns, first.next_turn.as_deref()).unwrap();
    assert_eq!(second.rep, [Some(2), Some(0), Some(1), Some(2)]);
}

#[test]
fn balance_by_value_and_by_share() {
    let leads = [lead("l0", 10.0), lead("l1", 4.0), lead("l2", 3.0), lead("l3", 2.0)];
    let reps = [rep("a", 3), rep("b", 9)];
    let by_value = task(&leads, &reps).round_robin(Balance::Value, None).unwrap();
    assert_eq!(by_value.rep, [Some(0), Some(1), Some(1), Some(1)]);
    let by_share = task(&leads, &reps).round_robin(Balance::ShareOfCapacity, None).unwrap();
    assert_eq!(by_share.rep, [Some(0), Some(1), Some(1), Some(1)]);
    assert_eq!(by_share.fairness.lowest_share_of_capacity, Some(1.0 / 3.0));
    // Gini of two amounts a <= b is (b - a) / (2 (a + b)): leads 1 and 3, values 9 and 10.
    assert_eq!(by_share.fairness.gini_of_leads, Some(0.25));
    assert!(close(by_share.fairness.gini_of_value.unwrap(), 1.0 / 38.0));
}

#[test]
fn owners_keep_their_leads_as_far_as_there_is_room() {
    let own = |key: &str, value, owner: &str| OpenLead { owner: Some(owner.into()), ..lead(key, value) };
    let leads = [own("l1", 1.0, "ann"), own("l2", 2.0, "ann"), own("l3", 9.0, "left the firm"), lead("l4", 8.0)];
    let reps = [Rep { multiplier: 0.1, ..rep("ann", 1) }, rep("ben", 2)];
    let result = task(&leads, &reps).optimal().unwrap();
    assert_eq!(result.rep, [None, Some(0), Some(1), Some(1)]);
    assert_eq!(result.kept, [false, true, false, false]);
    assert_eq!((result.loads[0].kept, result.loads[1].kept), (1, 0));
    assert!(close(result.bound.unwrap(), result.total_value));
}

#[test]
fn errors_say_where() {
    let says = |leads: &[OpenLead], reps: &[Rep], pairs: Option<&[f64]>, code: &str, parts: &[&str]| {
        let error = AssignmentTask { leads, reps, pair_values: pairs }.optimal().unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(parts.iter().all(|part| error.to_string().contains(part)), "{error}");
    };
    let (one, ann) = ([lead("l", 1.0)], [rep("ann", 1)]);
    says(&one, &[], None, "empty_table", &["reps"]);
    says(&one, &[rep("ann", 1), rep("ben", -1)], None, "invalid_value", &["capacity at row 1 (`ben`) is -1"]);
    says(&one, &[rep("ann", 1 << 32)], None, "invalid_value", &["4294967296"]);
    says(&one, &[rep("ann", 1), rep("ann", 1)], None, "invalid_value", &["the rep at row 1 (`ann`)"]);
    says(&[lead("", 1.0)], &ann, None, "invalid_value", &["the lead at row 0", "empty key"]);
    says(&[lead("a", f64::INFINITY)], &ann, None, "not_finite", &["`value` at row 0"]);
    says(&[lead("a", f64::MAX)], &[Rep { multiplier: 2.0, ..rep("ann", 1) }], None, "invalid_value", &["larger unit"]);
    says(&one, &[Rep { multiplier: -0.5, ..rep("ann", 1) }], None, "invalid_value", &["the multiplier", "-0.5"]);
    let rated = BTreeMap::from([("x".to_owned(), f64::NAN)]);
    says(&one, &[Rep { proficiency: rated, ..rep("ann", 1) }], None, "invalid_value", &["proficiency in `x`"]);
    let limits = BTreeMap::from([("A".to_owned(), -3)]);
    says(&one, &[Rep { grade_limits: limits, ..rep("ann", 1) }], None, "invalid_value", &["limit for grade `A`"]);
    says(&one, &ann, Some(&[1.0, 2.0]), "wrong_length", &["2 values where 1"]);
    says(&one, &ann, Some(&[f64::INFINITY]), "invalid_value", &["the rep `ann`"]);
    let crowd: Vec<Rep> = (0..4001).map(|row| rep(&format!("r{row}"), 1)).collect();
    says(&one, &crowd, None, "invalid_parameter", &["at most 4000", "4001"]);
    let error = task(&one, &ann).round_robin(Balance::Turns, Some("zoe")).unwrap_err();
    assert_eq!(error.code(), "unknown_name", "{error}");
    assert!(task(&[], &ann).optimal().unwrap().rep.is_empty());
}
