//! Events to points: worked examples, every refusal, and laws on generated logs.

#![allow(clippy::unwrap_used)] // a test may stop where it stands

use proptest::prelude::*;
use std::collections::BTreeMap;
use tierwise::lead::{
    Counted, Decay, Duplicates, EventGroup, EventPoints, EventPolicy, EventRule, EventRules, EventRulesSpec, Events,
    FitEngagement, LineStatus, Period, Strays,
};
use tierwise::{Bands, Error, Result};

const LEAVE_OUT: EventPolicy = EventPolicy {
    later: Strays::LeaveOut,
    unknown_events: Strays::LeaveOut,
    other_leads: Strays::LeaveOut,
    duplicates: Duplicates::CountOnce,
};

fn rules(rules: Vec<EventRule>) -> EventRules {
    EventRules::new(EventRulesSpec { rules, ..EventRulesSpec::default() }).unwrap()
}

/// The total of lead 0, whose events of one type lie on these days.
fn total(rule: EventRule, days: &[i32], as_of: i32) -> f64 {
    let zeros = vec![0; days.len()];
    let names = [rule.event().to_owned()];
    let events = Events::new(&zeros, &zeros, &names, days).unwrap();
    rules(vec![rule]).points(&events, 1, as_of, LEAVE_OUT).unwrap().total[0]
}

fn billionths(points: f64) -> i64 {
    (points * 1e9).round() as i64
}

// Worked examples.

#[test]
fn a_window_holds_the_last_days_and_today() {
    let rule = || EventRule::new("visit", 5.0).window(30);
    assert_eq!([100, 71, 70, 101].map(|day| total(rule(), &[day], 100)), [5.0, 5.0, 0.0, 0.0]);
    assert_eq!(total(EventRule::new("visit", 5.0), &[i32::MIN], i32::MAX), 5.0);
    assert_eq!(total(rule().window(i64::MAX), &[i32::MIN], i32::MAX), 5.0);
}

#[test]
fn linear_decay_and_half_life() {
    // The published example: 50 % a month of 30 days is gone after two months.
    let linear = || EventRule::new("visit", 10.0).decay(Decay::Linear { gone_after: 60.0 });
    assert_eq!([0, 15, 30, 60, 61].map(|age| total(linear(), &[-age], 0)), [10.0, 7.5, 5.0, 0.0, 0.0]);
    let half = || EventRule::new("visit", -8.0).decay(Decay::HalfLife(10.0));
    assert_eq!([0, 10, 20, 30].map(|age| total(half(), &[-age], 0)), [-8.0, -4.0, -2.0, -1.0]);
    // 8 * 2^(-0.1) = 7.464263932294... and 8 * 2^(-0.9) = 4.287093850145..., by decimal arithmetic
    assert_eq!(total(half(), &[-1], 0), -7.464_263_932);
    assert_eq!(total(half().window(10), &[-10, -9], 0), -4.287_093_850, "8 * 2^(-0.9); the window cuts the other off");
    assert_eq!(total(half(), &[i32::MIN], i32::MAX), 0.0);
}

#[test]
fn frequency_caps() {
    let rule = |counted| EventRule::new("visit", 1.0).counted(counted);
    let first = |n, per| Counted::First { n, per };
    // 2024-12-30 (a Monday) is day 20087; 2025-01-01 is day 20089.
    let days = [20_086, 20_087, 20_087, 20_088, 20_089, 20_089, 20_089, 20_095];
    let at = |counted| total(rule(counted), &days, 20_100);
    assert_eq!(at(Counted::EveryTime), 8.0);
    assert_eq!(at(Counted::Once), 1.0);
    assert_eq!(at(first(1, Period::Day)), 5.0);
    assert_eq!(at(first(2, Period::Day)), 7.0);
    assert_eq!(at(first(1, Period::Week)), 3.0, "the week of 12-29 and before, that of 12-30, that of 01-06");
    assert_eq!(at(first(3, Period::Month)), 6.0);
    assert_eq!(at(first(1, Period::Year)), 2.0);
    assert_eq!(at(first(5, Period::Ever)), 5.0);
    assert_eq!(at(first(1, Period::Days(20_090))), 2.0);
    assert_eq!(at(first(i64::MAX, Period::Ever)), 8.0);
}

#[test]
fn which_event_counts_shows_in_decay() {
    let rule = |counted| EventRule::new("visit", 16.0).counted(counted).decay(Decay::HalfLife(10.0));
    let days = [60, 90, 80, 70, 100];
    let at = |counted| total(rule(counted), &days, 100);
    assert_eq!(at(Counted::Once), 16.0, "the latest");
    assert_eq!(at(Counted::First { n: 1, per: Period::Ever }), 1.0);
    assert_eq!(at(Counted::First { n: 2, per: Period::Ever }), 3.0);
    assert_eq!(at(Counted::Last { n: 1, per: Period::Ever }), 16.0);
    assert_eq!(at(Counted::Last { n: 2, per: Period::Ever }), 24.0);
    assert_eq!(at(Counted::Last { n: 1, per: Period::Days(50) }), 16.0 + 8.0);
}

/// The window comes first: an event outside it does not take the place of one inside.
#[test]
fn the_window_applies_before_the_frequency_cap() {
    let rule = EventRule::new("visit", 5.0).counted(Counted::First { n: 1, per: Period::Month }).window(10);
    // 2025-01-02 and 2025-01-20, seen from 2025-01-25.
    assert_eq!(total(rule, &[20_090, 20_108], 20_113), 5.0);
}

#[test]
fn caps_go_from_the_inside_out() {
    let group = |name: &str, minimum, maximum, within: Option<&str>| EventGroup {
        name: name.into(),
        minimum,
        maximum,
        within: within.map(Into::into),
    };
    let model = EventRules::new(EventRulesSpec {
        rules: vec![
            EventRule::new("a", 10.0).maximum(25.0).group("inner"),
            EventRule::new("b", 4.0).group("outer"),
            EventRule::new("c", -3.0).minimum(-5.0),
            EventRule::new("never", 1.0).minimum(2.0),
        ],
        groups: vec![group("outer", None, Some(24.0), None), group("inner", Some(1.0), Some(20.0), Some("outer"))],
        minimum: Some(0.5),
        maximum: Some(20.5),
        ..EventRulesSpec::default()
    })
    .unwrap();
    let names = ["a", "b", "c"].map(String::from);
    let (lead, event) = ([0, 0, 0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 1, 2, 2, 2]);
    let events = Events::new(&lead, &event, &names, &[0; 8]).unwrap();
    let points = model.points(&events, 3, 0, EventPolicy::default()).unwrap();
    assert_eq!(points.rules, [[25.0, 0.0, 0.0], [8.0, 0.0, 0.0], [0.0, -5.0, 0.0], [2.0, 2.0, 2.0]]);
    assert_eq!(points.groups, [[24.0, 1.0, 1.0], [20.0, 1.0, 1.0]], "the outer group holds the inner one");
    assert_eq!(points.group_caps, [[-4.0, 0.0, 0.0], [-5.0, 1.0, 1.0]]);
    assert_eq!(points.total_cap, [-5.5, 2.5, 0.0]);
    assert_eq!(points.total, [20.5, 0.5, 3.0]);
    let ledger = model.ledger(&events, &[1, 0], 0, EventPolicy::default()).unwrap();
    let caps: Vec<_> = ledger.lines.iter().filter(|line| line.row.is_none()).collect();
    let shown: Vec<_> =
        caps.iter().map(|line| (line.lead, line.status.name(), line.rule, line.group, line.points)).collect();
    assert_eq!(
        shown,
        [
            (1, "rule_cap", Some(2), None, 4.0),
            (1, "rule_cap", Some(3), None, 2.0),
            (1, "group_cap", None, Some(1), 1.0),
            (1, "total_cap", None, None, 2.5),
            (0, "rule_cap", Some(0), None, -5.0),
            (0, "rule_cap", Some(3), None, 2.0),
            (0, "group_cap", None, Some(1), -5.0),
            (0, "group_cap", None, Some(0), -4.0),
            (0, "total_cap", None, None, -5.5),
        ]
    );
}

#[test]
fn decimals_add_up_as_on_paper() {
    assert_eq!(total(EventRule::new("visit", 0.1), &[1, 1, 1], 1), 0.3);
    assert_eq!(total(EventRule::new("visit", 0.1), &[1; 10], 1), 1.0);
}

#[test]
fn several_rules_read_one_type() {
    let model = rules(vec![
        EventRule::new("first visit", 20.0).of_event("visit").counted(Counted::First { n: 1, per: Period::Ever }),
        EventRule::new("visit", 1.0),
    ]);
    let names = ["visit".to_owned()];
    let points = model.points(&Events::new(&[0; 3], &[0; 3], &names, &[1; 3]).unwrap(), 1, 1, LEAVE_OUT).unwrap();
    assert_eq!(points.rules, [[20.0], [3.0]]);
    assert_eq!(model.event_names(), ["visit"]);
}

#[test]
fn a_ledger_says_why() {
    let model = rules(vec![
        EventRule::new("visit", 4.0)
            .counted(Counted::First { n: 1, per: Period::Day })
            .window(50)
            .decay(Decay::HalfLife(10.0)),
        EventRule::new("call", 7.0),
    ]);
    let names = ["visit", "call", "fax"].map(String::from);
    let (lead, event) = ([9; 8], [0, 0, 0, 0, 1, 2, 1, 1]);
    let days = [90, 90, 40, 101, 100, 70, 100, 95];
    let events = Events::new(&lead, &event, &names, &days).unwrap().with_ids(&[0, 1, 2, 3, 4, 5, 4, 7]).unwrap();
    let ledger = model.ledger(&events, &[9, 3], 100, LEAVE_OUT).unwrap();
    let shown: Vec<_> =
        ledger.lines.iter().map(|line| (line.row.unwrap(), line.rule, line.age, line.points, line.status)).collect();
    assert_eq!(
        shown,
        [
            (2, Some(0), Some(60), 0.0, LineStatus::OutOfWindow),
            (5, None, None, 0.0, LineStatus::UnknownEvent),
            (0, Some(0), Some(10), 2.0, LineStatus::Counted),
            (1, Some(0), Some(10), 0.0, LineStatus::OverFrequency),
            (7, Some(1), Some(5), 7.0, LineStatus::Counted),
            (4, Some(1), Some(0), 7.0, LineStatus::Counted),
            (6, None, None, 0.0, LineStatus::Duplicate),
            (3, None, None, 0.0, LineStatus::Later),
        ]
    );
    let points = model.points(&events, 10, 100, LEAVE_OUT).unwrap();
    assert_eq!(points.total[9], 16.0);
    assert_eq!((points.duplicates, points.unknown_events, points.later, points.other_leads), (1, 1, 1, 0));
    assert_eq!(LineStatus::ALL.map(LineStatus::name)[8], "total_cap");
}

#[test]
fn a_change_is_split_in_three() {
    let old = rules(vec![
        EventRule::new("visit", 8.0).decay(Decay::HalfLife(10.0)),
        EventRule::new("mail", 1.0).window(5),
        EventRule::new("gone", 2.0).of_event("mail"),
    ]);
    let new = rules(vec![
        EventRule::new("visit", 16.0).decay(Decay::HalfLife(10.0)).maximum(20.0),
        EventRule::new("new", 3.0).of_event("mail"),
    ]);
    let names = ["visit", "mail"].map(String::from);
    let events = Events::new(&[0, 0, 0, 1], &[0, 0, 1, 1], &names, &[100, 110, 98, 110]).unwrap();
    let change = old.change(&events, 2, 100, 110, Some(&new), EventPolicy::default()).unwrap();
    assert_eq!(change.names, ["visit", "mail", "gone", "new"]);
    assert_eq!(change.total.before, [11.0, 0.0]);
    assert_eq!(change.total.ageing(), [-5.0, 0.0], "the visit fades by 4, the mail leaves its window");
    assert_eq!(change.total.data(), [8.0, 3.0]);
    assert_eq!(change.total.rules(), [9.0, 0.0]);
    assert_eq!(change.total.after, [23.0, 3.0]);
    assert_eq!(
        (change.rules[0].rules(), change.rules[2].rules(), change.rules[3].rules()),
        (vec![8.0, 0.0], vec![-2.0, -2.0], vec![3.0, 3.0])
    );
    assert_eq!(change.caps.after, [0.0, 0.0]);
    let backwards = old.change(&events, 2, 110, 100, None, LEAVE_OUT).unwrap_err().to_string();
    assert_eq!(backwards, "The `to` of `change` must be a day not before `from`, which is day 110. Got day 100.");
}

// Refusals.

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T>, message: &str) {
    let error = result.unwrap_err();
    assert!(error.to_string().starts_with(message), "{error}");
}

#[test]
fn rules_that_contradict_themselves() {
    let one = |rule: EventRule| EventRules::new(EventRulesSpec { rules: vec![rule], ..EventRulesSpec::default() });
    let visit = || EventRule::new("visit", 5.0);
    let start = "event rules, rule `visit`: ";
    for (rule, reason) in [
        (EventRule::new("visit", f64::NAN), "points must be a number from -1000000 to 1000000, got NaN"),
        (EventRule::new("visit", 1e7), "points must be a number from"),
        (EventRule::new("visit", 1e-12), "points are counted in billionths, got 0.000000000001"),
        (visit().window(-3), "the window must be at least 1 day, got -3"),
        (visit().window(0), "the window must be at least 1 day, got 0"),
        (visit().decay(Decay::HalfLife(-10.0)), "the half-life must be a number of days above 0, got -10"),
        (visit().decay(Decay::HalfLife(f64::INFINITY)), "the half-life must be a number of days above 0, got inf"),
        (visit().decay(Decay::Linear { gone_after: 0.0 }), "the `gone_after` of the linear decay must be a number of"),
        (visit().counted(Counted::First { n: 0, per: Period::Day }), "at least 1 event per period must count, got 0"),
        (visit().counted(Counted::Last { n: 1, per: Period::Days(-7) }), "a period must have at least 1 day, got -7"),
        (visit().minimum(3.0).maximum(2.0), "the minimum, 3, is above the maximum, 2"),
        (visit().maximum(f64::INFINITY), "the maximum must be a number up to 1000000000 in size, got inf"),
        (visit().group("web"), "there is no group `web`; add it to the groups, or mend the name"),
    ] {
        refused(one(rule), &format!("{start}{reason}"));
    }
    refused(one(EventRule::new(" ", 1.0)), "event rules, rules[0]: it has no name");
    refused(one(EventRule::new("caps", 1.0)), "event rules, rules[0]: `caps` is a column of every result");
    refused(one(visit().of_event("")), "event rules, rules[0]: it reads an event without a name");
    refused(EventRules::new(EventRulesSpec::default()), "event rules, the list of rules: there is none");
    let twice = EventRulesSpec { rules: vec![visit(), visit()], ..EventRulesSpec::default() };
    refused(EventRules::new(twice), "event rules, rules[1]: the name `visit` is that of rules[0] too");
    let total =
        EventRulesSpec { rules: vec![visit()], minimum: Some(1.0), maximum: Some(0.0), ..EventRulesSpec::default() };
    refused(EventRules::new(total), "event rules, the total: the minimum, 1, is above the maximum, 0");
}

#[test]
fn groups_that_contradict_each_other() {
    let with = |groups: &[(&str, Option<&str>)]| {
        let group = |&(name, within): &(&str, Option<&str>)| EventGroup {
            name: name.into(),
            within: within.map(Into::into),
            ..EventGroup::default()
        };
        EventRules::new(EventRulesSpec {
            rules: vec![EventRule::new("visit", 5.0)],
            groups: groups.iter().map(group).collect(),
            ..EventRulesSpec::default()
        })
    };
    let circle = "it stands within itself, by way of other groups or directly; mend one `within`";
    refused(with(&[("a", Some("a"))]), &format!("event rules, group `a`: {circle}"));
    refused(with(&[("a", None), ("b", Some("c")), ("c", Some("d")), ("d", Some("b"))]), "event rules, group `");
    refused(with(&[("a", Some("b"))]), "event rules, group `a`: there is no group `b`");
    refused(with(&[("visit", None)]), "event rules, groups[0]: the name `visit` is that of rules[0] too");
    assert!(with(&[("c", Some("b")), ("b", Some("a")), ("a", None)]).is_ok());
    let chain: Vec<(String, Option<String>)> =
        (0..2000).map(|at| (format!("g{at}"), (at > 0).then(|| format!("g{}", at - 1)))).collect();
    let chain: Vec<(&str, Option<&str>)> = chain.iter().map(|(name, within)| (&name[..], within.as_deref())).collect();
    assert!(with(&chain).is_ok());
}

#[test]
fn rows_that_cannot_count() {
    let model = rules(vec![EventRule::new("visit", 5.0), EventRule::new("call", 5.0)]);
    let names = ["visit", "fax"].map(String::from);
    let at = |lead: &[u32], event: &[u32], day: &[i32], id: Option<&[u32]>| {
        let events = Events::new(lead, event, &names, day)?;
        let events = id.map_or(Ok(events), |id| events.with_ids(id))?;
        model.points(&events, 2, 10, EventPolicy::default())
    };
    refused(at(&[0], &[0, 0], &[1], None), "the column of event types has 2 values where 1 are needed");
    refused(at(&[0], &[0], &[], None), "the column of days has 0 values where 1 are needed");
    refused(at(&[0], &[0], &[1], Some(&[])), "the column of event ids has 0 values where 1 are needed");
    refused(at(&[0, 1], &[0, 2], &[1, 1], None), "the event type at row 1 (`1`) is 2; event types are positions");
    refused(
        at(&[0, 1], &[0, 0], &[1, 11], None),
        "the event at row 1 (`1`) is of day 11 since 1970-01-01; events must not",
    );
    refused(
        at(&[0, 1], &[0, 1], &[1, 1], None),
        "the event type at row 1 is `fax`, which is not known; known are `call`, `visit`",
    );
    refused(at(&[0, 7], &[0, 0], &[1, 1], None), "the lead at row 1 (`7`) is not among those asked for");
    refused(at(&[0, 0], &[0, 0], &[1, 1], Some(&[3, 3])), "the event id at row 1 (`0`) is that of an earlier row");
    refused(
        at(&[0, 1], &[0, 0], &[1, 1], Some(&[3, 3])),
        "the event id at row 1 (`1`) is that of row 0, which has another",
    );
    refused(
        at(&[0, 0], &[0, 0], &[1, 2], Some(&[u32::MAX, u32::MAX])),
        "the event id at row 1 (`0`) is that of row 0, which",
    );
    let empty = at(&[], &[], &[], None).unwrap();
    assert_eq!(empty.total, [0.0, 0.0]);
    let events = Events::new(&[], &[], &names, &[]).unwrap();
    assert!(matches!(
        model.points(&events, 1 << 40, 10, LEAVE_OUT),
        Err(Error::InvalidParameter { name: "leads", .. })
    ));
    refused(model.ledger(&events, &[4, 5, 4], 10, LEAVE_OUT), "the lead asked for at row 2 (`4`) is listed twice");
    // Rows that differ are no repetition, whatever the policy.
    let events = Events::new(&[0, 0], &[0, 0], &names, &[1, 2]).unwrap().with_ids(&[3, 3]).unwrap();
    assert!(model.points(&events, 1, 10, LEAVE_OUT).is_err());
}

#[test]
fn points_beyond_nine_billion() {
    let model = rules(vec![EventRule::new("visit", 1e6)]);
    let names = ["visit".to_owned()];
    let lead: Vec<u32> = (0..10_000).map(|row| u32::from(row > 0)).collect();
    let zeros = vec![0; lead.len()];
    let days = vec![0; lead.len()];
    let events = Events::new(&lead, &zeros, &names, &days).unwrap();
    let message = "the sum of the points of rule `visit` for the lead first seen at row 1 (`1`) is beyond nine billion";
    refused(model.points(&events, 2, 0, LEAVE_OUT), message);
    refused(model.ledger(&events, &[1], 0, LEAVE_OUT), message);
    let nine = Events::new(&lead[..9001], &zeros[..9001], &names, &days[..9001]).unwrap();
    assert_eq!(model.points(&nine, 2, 0, LEAVE_OUT).unwrap().total, [1e6, 9e9]);
}

// The matrix.

#[test]
fn a_cell_for_every_pair_of_scores() {
    let bands = |names: &[&str], cuts: &[f64]| Bands::falling("bands", names, cuts).unwrap();
    let matrix =
        FitEngagement::new(bands(&["A", "B", "C"], &[70.0, 40.0]), bands(&["1", "2", "3"], &[50.0, 10.0])).unwrap();
    assert_eq!(matrix.labels(), ["A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2", "C3"]);
    assert_eq!(matrix.label(70.0, 50.0), Some("A1"));
    assert_eq!(matrix.label(-1e300, 9.999), Some("C3"));
    let found = matrix.positions(&[70.0, 69.0, f64::NAN], &[0.0, f64::NAN, 5.0]).unwrap();
    assert_eq!(found, [Some(2), None, None]);
    refused(matrix.positions(&[1.0], &[]), "column `engagement` has 0 values where 1 are needed");
    refused(matrix.positions(&[f64::INFINITY], &[0.0]), "column `fit` at row 0 is inf");
    refused(
        FitEngagement::new(bands(&["A", "A1"], &[5.0]), bands(&["11", "1"], &[5.0])),
        "the bands of fit and engagement are not valid: two cells would have the label `A11`",
    );
    let closed = Bands::new("fit", vec![tierwise::Band { name: "A".into(), from: Some(0.0), to: None }]).unwrap();
    refused(
        FitEngagement::new(closed, bands(&["1"], &[])),
        "the bands of fit are not valid: the outermost bands must be open",
    );
}

// Laws.

const NAMES: [&str; 4] = ["visit", "mail", "call", "fax"];

fn names() -> Vec<String> {
    NAMES.map(String::from).to_vec()
}

fn counted() -> impl Strategy<Value = Counted> {
    let per = prop_oneof![
        Just(Period::Day),
        Just(Period::Week),
        Just(Period::Month),
        Just(Period::Year),
        (1_i64..40).prop_map(Period::Days),
        Just(Period::Ever)
    ];
    prop_oneof![
        Just(Counted::EveryTime),
        Just(Counted::Once),
        (1_i64..4, per.clone()).prop_map(|(n, per)| Counted::First { n, per }),
        (1_i64..4, per).prop_map(|(n, per)| Counted::Last { n, per }),
    ]
}

fn decay() -> impl Strategy<Value = Option<Decay>> {
    prop_oneof![
        Just(None),
        (0.5_f64..200.0).prop_map(|gone_after| Some(Decay::Linear { gone_after })),
        (0.5_f64..100.0).prop_map(|days| Some(Decay::HalfLife(days))),
    ]
}

fn cap() -> impl Strategy<Value = (Option<f64>, Option<f64>)> {
    prop_oneof![
        Just((None, None)),
        (-9.0_f64..9.0).prop_map(|minimum| (Some(minimum), None)),
        (-9.0_f64..30.0).prop_map(|maximum| (None, Some(maximum))),
        (-9.0_f64..9.0, 0.0_f64..20.0).prop_map(|(minimum, span)| (Some(minimum), Some(minimum + span))),
    ]
}

prop_compose! {
    fn rule()(
        event in 0..3_usize, points in -9.0_f64..9.0, counted in counted(), window in prop::option::of(1_i64..120),
        decay in decay(), (minimum, maximum) in cap(), group in prop::option::of(0..3_usize),
    ) -> EventRule {
        let event = Some(NAMES[event].to_owned());
        let group = group.map(|group| format!("group {group}"));
        EventRule { name: String::new(), event, points, counted, window, decay, minimum, maximum, group }
    }
}

/// Up to five rules in three groups, of which the last may stand in the first, and a cap on the total.
fn model() -> impl Strategy<Value = EventRules> {
    (prop::collection::vec(rule(), 1..6), [cap(), cap(), cap(), cap()], any::<bool>()).prop_map(
        |(mut rules, caps, nested)| {
            rules.iter_mut().enumerate().for_each(|(at, rule)| rule.name = format!("rule {at}"));
            let groups = (0..3).map(|at| EventGroup {
                name: format!("group {at}"),
                minimum: caps[at].0,
                maximum: caps[at].1,
                within: (nested && at == 2).then(|| "group 0".to_owned()),
            });
            let (minimum, maximum) = caps[3];
            let groups = groups.collect();
            EventRules::new(EventRulesSpec { rules, groups, minimum, maximum, ..EventRulesSpec::default() }).unwrap()
        },
    )
}

/// Lead, type and day.
type Row = (u32, u32, i32);

fn log() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((0..4_u32, 0..4_u32, 19_900..20_120_i32), 0..60)
}

const AS_OF: i32 = 20_060;

fn columns(log: &[Row]) -> (Vec<u32>, Vec<u32>, Vec<i32>) {
    (
        log.iter().map(|row| row.0).collect(),
        log.iter().map(|row| row.1).collect(),
        log.iter().map(|row| row.2).collect(),
    )
}

fn points_of(model: &EventRules, log: &[Row], as_of: i32) -> EventPoints {
    let (lead, event, day) = columns(log);
    model.points(&Events::new(&lead, &event, &names(), &day).unwrap(), 4, as_of, LEAVE_OUT).unwrap()
}

fn bits(points: &EventPoints) -> Vec<u64> {
    let columns = points.rules.iter().chain(&points.groups).chain(&points.group_caps);
    columns.chain([&points.total_cap, &points.total]).flatten().map(|value| value.to_bits()).collect()
}

/// The rules once more, as slowly and plainly as they are stated: one lead, in doubles.
fn plainly(model: &EventRules, log: &[Row], lead: u32, as_of: i32) -> f64 {
    let clamp = |sum: f64, minimum: Option<f64>, maximum: Option<f64>| {
        sum.max(minimum.unwrap_or(f64::NEG_INFINITY)).min(maximum.unwrap_or(f64::INFINITY))
    };
    let spec = model.spec();
    let mut of_group: BTreeMap<Option<String>, f64> = BTreeMap::new();
    for rule in &spec.rules {
        let mine = log.iter().filter(|row| row.0 == lead && NAMES[row.1 as usize] == rule.event() && row.2 <= as_of);
        let mut days: Vec<i32> = mine.map(|row| row.2).collect();
        days.retain(|day| rule.window.is_none_or(|window| i64::from(as_of - day) < window));
        days.sort_unstable();
        let (n, per, latest) = match rule.counted {
            Counted::EveryTime => (i64::MAX, Period::Ever, false),
            Counted::Once => (1, Period::Ever, true),
            Counted::First { n, per } => (n, per, false),
            Counted::Last { n, per } => (n, per, true),
        };
        if latest {
            days.reverse();
        }
        let mut seen: BTreeMap<String, i64> = BTreeMap::new();
        days.retain(|&day| {
            let count = seen.entry(period_name(per, day)).or_default();
            *count += 1;
            *count <= n
        });
        let worth = |day: i32| {
            let age = f64::from(as_of - day);
            match rule.decay {
                None => rule.points,
                Some(Decay::Linear { gone_after }) => rule.points * (1.0 - age / gone_after).max(0.0),
                Some(Decay::HalfLife(half)) => rule.points * (-age / half * std::f64::consts::LN_2).exp(),
            }
        };
        let sum = days.into_iter().map(worth).sum();
        *of_group.entry(rule.group.clone()).or_default() += clamp(sum, rule.minimum, rule.maximum);
    }
    for at in [2, 1, 0] {
        let group = &spec.groups[at];
        let sum = of_group.remove(&Some(group.name.clone())).unwrap_or_default();
        *of_group.entry(group.within.clone()).or_default() += clamp(sum, group.minimum, group.maximum);
    }
    clamp(of_group.remove(&None).unwrap_or_default(), spec.minimum, spec.maximum)
}

/// A calendar made by counting up day by day from 2024-01-01, day 19723, a Monday.
fn period_name(per: Period, day: i32) -> String {
    let (mut year, mut month, mut left) = (2024, 0, day - 19_723);
    loop {
        let february = if year % 4 == 0 { 29 } else { 28 };
        let length = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month];
        if left < length {
            break;
        }
        left -= length;
        month += 1;
        if month == 12 {
            (year, month) = (year + 1, 0);
        }
    }
    match per {
        Period::Day => day.to_string(),
        Period::Week => ((day - 19_723) / 7).to_string(),
        Period::Month => format!("{year}-{month}"),
        Period::Year => year.to_string(),
        Period::Days(days) => (i64::from(day) / days).to_string(),
        Period::Ever => String::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn as_the_rules_are_stated(model in model(), log in log()) {
        let points = points_of(&model, &log, AS_OF);
        for lead in 0..4 {
            let expected = plainly(&model, &log, lead, AS_OF);
            let found = points.total[lead as usize];
            prop_assert!((found - expected).abs() < 1e-6, "{found} where {expected} is due");
        }
    }

    #[test]
    fn the_order_of_the_events_says_nothing(model in model(), log in log().prop_flat_map(|log| (Just(log.clone()), Just(log).prop_shuffle()))) {
        prop_assert_eq!(bits(&points_of(&model, &log.0, AS_OF)), bits(&points_of(&model, &log.1, AS_OF)));
    }

    #[test]
    fn everything_shown_adds_up(model in model(), log in log()) {
        let points = points_of(&model, &log, AS_OF);
        for lead in 0..4 {
            let parts = points.rules.iter().chain(&points.group_caps).chain([&points.total_cap]);
            let sum: i64 = parts.map(|column| billionths(column[lead])).sum();
            prop_assert_eq!(sum, billionths(points.total[lead]));
        }
    }

    #[test]
    fn caps_hold(model in model(), log in log()) {
        let points = points_of(&model, &log, AS_OF);
        let spec = model.spec();
        let within = |column: &[f64], minimum: Option<f64>, maximum: Option<f64>| {
            let (low, high) = (minimum.map_or(i64::MIN, billionths), maximum.map_or(i64::MAX, billionths));
            column.iter().all(|&value| (low..=high).contains(&billionths(value)))
        };
        for (rule, column) in spec.rules.iter().zip(&points.rules) {
            prop_assert!(within(column, rule.minimum, rule.maximum));
        }
        for (group, column) in spec.groups.iter().zip(&points.groups) {
            prop_assert!(within(column, group.minimum, group.maximum));
        }
        prop_assert!(within(&points.total, spec.minimum, spec.maximum));
    }

    /// One more event never lowers a rule of positive points, unless it takes the place of a fresher one.
    #[test]
    fn one_more_event_never_hurts(mut rule in rule(), log in log(), more in (0..4_u32, 0..4_u32, 19_900..AS_OF)) {
        rule.points = rule.points.abs();
        rule.group = None;
        rule.name = "one".into();
        if let (Counted::First { n, per }, true) = (rule.counted, rule.decay.is_some()) {
            rule.counted = Counted::Last { n, per };
        }
        let model = rules(vec![rule]);
        let before = points_of(&model, &log, AS_OF);
        let after = points_of(&model, &[&log[..], &[more]].concat(), AS_OF);
        prop_assert!(before.total.iter().zip(&after.total).all(|(before, after)| before <= after));
    }

    /// What was computed on a day, when later events did not exist yet, is what a replay of that day gives.
    #[test]
    fn a_past_day_is_replayed_exactly(model in model(), log in log()) {
        let then: Vec<Row> = log.iter().copied().filter(|row| row.2 <= AS_OF).collect();
        prop_assert_eq!(bits(&points_of(&model, &then, AS_OF)), bits(&points_of(&model, &log, AS_OF)));
    }

    #[test]
    fn leads_do_not_touch_each_other(model in model(), log in log()) {
        let all = points_of(&model, &log, AS_OF);
        for lead in 0..4 {
            let own: Vec<Row> = log.iter().copied().filter(|row| row.0 == lead).collect();
            prop_assert_eq!(points_of(&model, &own, AS_OF).total[lead as usize].to_bits(), all.total[lead as usize].to_bits());
        }
    }

    #[test]
    fn duplicates_count_once(model in model(), log in log(), again in prop::collection::vec(any::<prop::sample::Index>(), 0..20), sparse in any::<bool>()) {
        prop_assume!(!log.is_empty());
        let again: Vec<usize> = again.into_iter().map(|index| index.index(log.len())).collect();
        let repeated: Vec<Row> = log.iter().copied().chain(again.iter().map(|&at| log[at])).collect();
        let step = if sparse { 1 << 25 } else { 1 };
        let ids: Vec<u32> = (0..log.len()).chain(again.iter().copied()).map(|at| at as u32 * step).collect();
        let (lead, event, day) = columns(&repeated);
        let names = names();
        let events = Events::new(&lead, &event, &names, &day).unwrap().with_ids(&ids).unwrap();
        let points = model.points(&events, 4, AS_OF, LEAVE_OUT).unwrap();
        prop_assert_eq!(points.duplicates, again.len());
        prop_assert_eq!(bits(&points), bits(&points_of(&model, &log, AS_OF)));
        let refused = model.points(&events, 4, AS_OF, EventPolicy { duplicates: Duplicates::Refuse, ..LEAVE_OUT });
        prop_assert_eq!(refused.is_err(), !again.is_empty());
    }

    #[test]
    fn a_ledger_adds_up_to_the_score(model in model(), log in log()) {
        let points = points_of(&model, &log, AS_OF);
        let (lead, event, day) = columns(&log);
        let names = names();
        let events = Events::new(&lead, &event, &names, &day).unwrap();
        let ledger = model.ledger(&events, &[2, 0, 1, 3], AS_OF, LEAVE_OUT).unwrap();
        for lead in 0..4_u32 {
            let mine = || ledger.lines.iter().filter(|line| line.lead == lead);
            let sum: i64 = mine().map(|line| billionths(line.points)).sum();
            prop_assert_eq!(sum, billionths(points.total[lead as usize]));
            for (rule, column) in points.rules.iter().enumerate() {
                let sum: i64 = mine().filter(|line| line.rule == Some(rule)).map(|line| billionths(line.points)).sum();
                prop_assert_eq!(sum, billionths(column[lead as usize]));
            }
            // Every row of the lead is listed, once per rule that reads it or once without.
            let rows: std::collections::BTreeSet<usize> = mine().filter_map(|line| line.row).collect();
            prop_assert_eq!(rows.len(), log.iter().filter(|row| row.0 == lead).count());
        }
    }

    /// Each level is the score of a state that can be had by itself, and the differences add up.
    #[test]
    fn a_change_is_exact(old in model(), new in model(), log in log(), from in 19_950..AS_OF) {
        let (lead, event, day) = columns(&log);
        let names = names();
        let events = Events::new(&lead, &event, &names, &day).unwrap();
        let change = old.change(&events, 4, from, AS_OF, Some(&new), LEAVE_OUT).unwrap();
        let then: Vec<Row> = log.iter().copied().filter(|row| row.2 <= from).collect();
        prop_assert_eq!(&change.total.before, &points_of(&old, &then, from).total);
        prop_assert_eq!(&change.total.aged, &points_of(&old, &then, AS_OF).total);
        prop_assert_eq!(&change.total.informed, &points_of(&old, &log, AS_OF).total);
        prop_assert_eq!(&change.total.after, &points_of(&new, &log, AS_OF).total);
        let parts = change.rules.iter().chain([&change.caps]);
        let steps = |levels: &tierwise::lead::ChangeLevels, lead: usize| {
            [levels.ageing()[lead], levels.data()[lead], levels.rules()[lead]].map(billionths)
        };
        for lead in 0..4 {
            let whole = steps(&change.total, lead);
            prop_assert_eq!(billionths(change.total.before[lead]) + whole.iter().sum::<i64>(), billionths(change.total.after[lead]));
            let mut sums = [0; 3];
            for part in parts.clone() {
                let steps = steps(part, lead);
                (0..3).for_each(|at| sums[at] += steps[at]);
            }
            prop_assert_eq!(sums, whole);
        }
    }
}

/// Enough rows for several threads and several buckets.
#[test]
fn many_rows_and_leads() {
    let model = rules(vec![
        EventRule::new("visit", 1.5).counted(Counted::First { n: 2, per: Period::Week }).window(200),
        EventRule::new("mail", 3.0).decay(Decay::HalfLife(30.0)),
        EventRule::new("call", 7.0).counted(Counted::Once).decay(Decay::Linear { gone_after: 90.0 }),
    ]);
    let mut state = 1_u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut log: Vec<Row> =
        (0..400_000).map(|_| (random(30_011) as u32, random(3) as u32, 19_700 + random(361) as i32)).collect();
    let points = |log: &[Row]| {
        let (lead, event, day) = columns(log);
        model
            .points(&Events::new(&lead, &event, &names(), &day).unwrap(), 30_012, AS_OF, EventPolicy::default())
            .unwrap()
    };
    let found = points(&log);
    assert_eq!(found.total.len(), 30_012);
    assert_eq!(found.total[30_011], 0.0);
    log.sort_unstable();
    assert_eq!(points(&log), found);
    let ones: Vec<Row> = log.iter().copied().filter(|row| row.0 == 20_480).map(|row| (0, row.1, row.2)).collect();
    assert_eq!(points_of(&model, &ones, AS_OF).total[0].to_bits(), found.total[20_480].to_bits());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap();
    assert_eq!(pool.install(|| points(&log)), found);
}
