//! The way of leads through classes: stays, dwell times, transitions, stale leads and the pyramid.

#![allow(clippy::unwrap_used)] // a test may stop where it stands

use proptest::prelude::*;
use tierwise::lead::{ClassHistory, ClassHistorySettings, ClassPyramid, StaleLimit, class_pyramid};
use tierwise::{Error, Result};

const WON: u32 = 0;
const HOT: u32 = 1;
const COLD: u32 = 2;
const LOST: u32 = 3;

fn settings() -> ClassHistorySettings {
    ClassHistorySettings {
        classes: ["won", "hot", "cold", "lost"].map(String::from).to_vec(),
        closed: "won".into(),
        lost: Some("lost".into()),
        as_of: 100,
        leave_out_later: false,
    }
}

fn read(entries: &[Entry], settings: ClassHistorySettings) -> Result<ClassHistory> {
    let lead: Vec<u32> = entries.iter().map(|entry| entry.0).collect();
    let class: Vec<u32> = entries.iter().map(|entry| entry.1).collect();
    let day: Vec<i32> = entries.iter().map(|entry| entry.2).collect();
    ClassHistory::new(&lead, &class, &day, settings)
}

fn history(entries: &[Entry]) -> ClassHistory {
    read(entries, settings()).unwrap()
}

/// Lead, class and day.
type Entry = (u32, u32, i32);
/// Lead, class, first day, last day and next class.
type Row = (u32, u32, i32, Option<i32>, Option<u32>);

fn stays(history: &ClassHistory) -> Vec<Row> {
    history.stays().iter().map(|stay| (stay.lead, stay.class, stay.from, stay.to, stay.next)).collect()
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T>, code: &str, parts: &[&str]) -> Error {
    let error = result.unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    for part in parts {
        assert!(error.to_string().contains(part), "`{part}` is not in: {error}");
    }
    error
}

#[test]
fn a_lead_that_comes_back_begins_a_new_stay() {
    let found = history(&[(7, COLD, 0), (7, HOT, 10), (7, COLD, 15), (7, HOT, 40), (7, WON, 70)]);
    assert_eq!(
        stays(&found),
        [
            (7, COLD, 0, Some(10), Some(HOT)),
            (7, HOT, 10, Some(15), Some(COLD)),
            (7, COLD, 15, Some(40), Some(HOT)),
            (7, HOT, 40, Some(70), Some(WON)),
            (7, WON, 70, None, None),
        ]
    );
    let dwell = found.dwell(&[]).unwrap();
    let summary: Vec<_> = dwell.iter().map(|one| (one.class.as_str(), one.completed, one.mean_completed)).collect();
    assert_eq!(summary, [("hot", 2, Some(17.5)), ("cold", 2, Some(17.5))]);
    assert_eq!((dwell[0].median_completed, dwell[0].median), (Some(17.5), Some(5.0)));
}

#[test]
fn snapshots_and_duplicates_are_merged_and_counted() {
    let found = history(&[(1, COLD, 0), (1, COLD, 30), (1, COLD, 30), (1, HOT, 60), (1, HOT, 90)]);
    assert_eq!(stays(&found), [(1, COLD, 0, Some(60), Some(HOT)), (1, HOT, 60, None, None)]);
    assert_eq!((found.merged(), found.left_out()), (3, 0));
}

#[test]
fn entries_of_one_day_go_from_worst_to_best_then_lost_then_won() {
    let found = history(&[(1, WON, 5), (1, LOST, 5), (1, HOT, 5), (1, COLD, 5)]);
    let order: Vec<u32> = found.stays().iter().map(|stay| stay.class).collect();
    assert_eq!(order, [COLD, HOT, LOST, WON]);
    assert!(found.stays()[..3].iter().all(|stay| stay.to == Some(5)));
}

#[test]
fn entries_after_as_of_are_refused_or_left_out_and_counted() {
    let entries = [(4, COLD, 0), (4, HOT, 100), (9, HOT, 101)];
    let error = refused(read(&entries, settings()), "invalid_value", &["the day", "row 2", "day 101", "day 100"]);
    assert!(matches!(error, Error::InvalidValue { row: 2, key: Some(key), .. } if key == "9"));
    let past = read(&entries, ClassHistorySettings { leave_out_later: true, ..settings() }).unwrap();
    assert_eq!((past.left_out(), past.merged(), past.as_of()), (1, 0, 100));
    assert_eq!(stays(&past), stays(&history(&entries[..2])));
    let nothing = read(&entries, ClassHistorySettings { leave_out_later: true, as_of: -1, ..settings() });
    refused(nothing, "empty_table", &["as_of"]);
}

#[test]
fn wrong_histories_say_where() {
    refused(read(&[], settings()), "empty_table", &[]);
    refused(read(&[(1, COLD, 0), (8, 4, 0)], settings()), "invalid_value", &["the class", "row 1", "`8`", "below 4"]);
    refused(ClassHistory::new(&[1], &[], &[0], settings()), "wrong_length", &["classes"]);
    refused(ClassHistory::new(&[1], &[0], &[0, 0], settings()), "wrong_length", &["days"]);
    let with = |change: fn(&mut ClassHistorySettings)| {
        let mut settings = settings();
        change(&mut settings);
        read(&[(1, COLD, 0)], settings)
    };
    refused(with(|one| one.closed = "done".into()), "unknown_name", &["`closed`", "`done`", "`won`"]);
    refused(with(|one| one.lost = Some("gone".into())), "unknown_name", &["`lost`", "`gone`"]);
    refused(with(|one| one.lost = Some("won".into())), "invalid_parameter", &["lost", "closed"]);
    refused(
        with(|one| one.classes[1] = "cold".into()),
        "invalid_parameter",
        &["`classes` of `ClassHistory`", "`cold` twice"],
    );
    refused(with(|one| one.classes[1] = " ".into()), "invalid_parameter", &["empty name"]);
    refused(with(|one| one.classes.clear()), "invalid_parameter", &["none"]);
}

#[test]
fn the_furthest_days_do_not_overflow() {
    let long = ClassHistorySettings { as_of: i32::MAX, ..settings() };
    let found = read(&[(u32::MAX, COLD, i32::MIN), (0, HOT, i32::MIN), (0, WON, i32::MAX)], long).unwrap();
    let span = f64::from(u32::MAX);
    let stale = found.stale(&StaleLimit::Days(vec![Some(0.0); 4])).unwrap();
    assert_eq!((stale[0].lead, stale[0].days), (u32::MAX, i64::from(u32::MAX)));
    assert_eq!(found.dwell(&[]).unwrap()[0].mean_completed, Some(span));
    assert_eq!(found.pyramid(u32::MAX, u32::MAX, 0.9).unwrap().leads, 2);
}

#[test]
fn dwell_times_and_transitions_by_hand() {
    // cold: over after 10 and 30 days, lasting for 60 and 40; hot: over after 20, 10 and 4
    let found = history(&[
        (0, COLD, 0),
        (0, HOT, 10),
        (0, WON, 30),
        (1, COLD, 40),
        (2, COLD, 20),
        (2, HOT, 50),
        (2, COLD, 60),
        (3, HOT, 5),
        (3, LOST, 9),
    ]);
    let dwell = found.dwell(&[0.25, 0.5, 0.75]).unwrap();
    assert_eq!((dwell[0].completed, dwell[0].ongoing, dwell[0].median), (3, 0, Some(10.0)));
    assert_eq!((dwell[1].completed, dwell[1].ongoing), (2, 2));
    assert_eq!((dwell[1].mean_completed, dwell[1].median_completed), (Some(20.0), Some(20.0)));
    assert_eq!(dwell[1].quantiles, [(0.25, Some(10.0)), (0.5, Some(30.0)), (0.75, None)]);
    let steps = found.transitions(0.95).unwrap();
    let steps: Vec<_> =
        steps.iter().map(|one| (one.from.as_str(), one.to.as_str(), one.rate.events, one.rate.trials)).collect();
    assert_eq!(
        steps,
        [("hot", "won", 1.0, 3.0), ("hot", "cold", 1.0, 3.0), ("hot", "lost", 1.0, 3.0), ("cold", "hot", 2.0, 2.0)]
    );
}

#[test]
fn leads_are_stale_beyond_the_limit_and_only_in_open_classes() {
    let found = history(&[(1, COLD, 70), (2, COLD, 69), (3, HOT, 10), (4, WON, 0), (5, LOST, 0), (6, COLD, 69)]);
    let stale = |limit: &StaleLimit| -> Vec<(u32, i64)> {
        found.stale(limit).unwrap().iter().map(|one| (one.lead, one.days)).collect()
    };
    assert_eq!(stale(&StaleLimit::Days(vec![Some(30.0); 4])), [(3, 90), (2, 31), (6, 31)]);
    assert_eq!(stale(&found.days_by_class(&[("cold".into(), 30.5)]).unwrap()), [(2, 31), (6, 31)]);
    assert_eq!(stale(&StaleLimit::Days(vec![None; 4])), []);
    // nobody ever left: there is no quantile, and so no limit
    assert_eq!(stale(&StaleLimit::Quantile(0.5)), []);
    refused(found.stale(&StaleLimit::Days(vec![Some(1.0); 3])), "wrong_length", &["limits"]);
    for limit in [-1.0, f64::NAN, f64::INFINITY] {
        refused(found.stale(&StaleLimit::Days(vec![Some(limit); 4])), "invalid_parameter", &["limit"]);
    }
    for quantile in [0.0, 1.0, -0.5, f64::NAN] {
        refused(found.stale(&StaleLimit::Quantile(quantile)), "invalid_parameter", &["quantile"]);
        refused(found.dwell(&[0.5, quantile]), "invalid_parameter", &["quantile"]);
    }
    refused(found.days_by_class(&[("warm".into(), 3.0)]), "unknown_name", &["`warm`", "`cold`"]);
}

/// Events and trials of a rate, where there is one.
type Counts = Option<(f64, f64)>;

fn hot_rate(pyramid: &ClassPyramid) -> Counts {
    pyramid.classes[HOT as usize].close_rate.map(|rate| (rate.events, rate.trials))
}

#[test]
fn the_cohort_of_the_pyramid_ends_where_it_says() {
    // a window of 60 days that ended 20 days before day 100: entries from day 21 to day 80
    let cases: [(&[Entry], Counts); 9] = [
        (&[(1, HOT, 20)], None),
        (&[(1, HOT, 21)], Some((0.0, 1.0))),
        (&[(1, HOT, 80)], Some((0.0, 1.0))),
        (&[(1, HOT, 81)], None),
        (&[(1, HOT, 50), (1, WON, 70)], Some((1.0, 1.0))),
        (&[(1, HOT, 50), (1, WON, 71)], Some((0.0, 1.0))),
        // by its first entry in the window, once
        (&[(1, HOT, 10), (1, COLD, 15), (1, HOT, 30), (1, COLD, 40), (1, HOT, 55), (1, WON, 60)], Some((0.0, 1.0))),
        // a contract before the entry is another one
        (&[(1, WON, 40), (1, HOT, 50)], Some((0.0, 1.0))),
        (&[(1, WON, 40), (1, HOT, 50), (1, WON, 60)], Some((1.0, 1.0))),
    ];
    for (entries, wanted) in cases {
        assert_eq!(hot_rate(&history(entries).pyramid(60, 20, 0.9).unwrap()), wanted, "{entries:?}");
    }
    let all = history(&[(1, HOT, 0), (1, WON, 3), (2, LOST, 0), (3, COLD, 98)]).pyramid(1, 1, 0.9).unwrap();
    assert_eq!(all.classes.iter().map(|row| row.leads).collect::<Vec<_>>(), [1, 0, 1, 1]);
    assert!(all.classes.iter().all(|row| row.close_rate.is_none()));
    refused(history(&[(1, HOT, 0)]).pyramid(0, 1, 0.9), "invalid_parameter", &["window"]);
    refused(history(&[(1, HOT, 0)]).pyramid(1, 0, 0.9), "invalid_parameter", &["horizon"]);
    refused(history(&[(1, HOT, 0)]).pyramid(1, 1, 1.0), "invalid_parameter", &["confidence"]);
}

#[test]
fn snapshots_that_are_wrong_say_where() {
    let names = ["hot", "cold"].map(String::from);
    refused(class_pyramid(&[], &[], &names, 0.9), "empty_table", &[]);
    refused(class_pyramid(&[Some(0)], &[], &names, 0.9), "wrong_length", &["won"]);
    refused(class_pyramid(&[None, Some(2)], &[1.0, 1.0], &names, 0.9), "invalid_value", &["class", "row 1"]);
    refused(class_pyramid(&[None, None], &[1.0, 0.5], &names, 0.9), "invalid_value", &["won", "row 1"]);
    refused(class_pyramid(&[None], &[1.0], &names, 0.0), "invalid_parameter", &["confidence"]);
    refused(class_pyramid(&[None], &[1.0], &[], 0.9), "invalid_parameter", &["`names` of `class_pyramid`"]);
    let nobody = class_pyramid(&[None], &[1.0], &names, 0.9).unwrap();
    assert_eq!((nobody.leads, nobody.unknown), (0, 1));
    assert!(nobody.classes.iter().all(|row| row.share.abs() < f64::EPSILON && row.close_rate.is_none()));
}

/// The product-limit estimator by its definition, day by day.
fn kaplan_meier(stays: &[(i32, bool)], quantile: f64) -> Option<f64> {
    let mut staying = 1.0;
    for day in 0..=stays.iter().map(|stay| stay.0).max()? {
        let at_risk = stays.iter().filter(|stay| stay.0 >= day).count();
        let over = stays.iter().filter(|stay| stay.0 == day && stay.1).count();
        if at_risk > 0 {
            staying *= (at_risk - over) as f64 / at_risk as f64;
        }
        if staying <= 1.0 - quantile + 1e-9 {
            return Some(f64::from(day));
        }
    }
    None
}

proptest! {
    #[test]
    fn quantiles_are_those_of_kaplan_and_meier(
        durations in prop::collection::vec((0..25_i32, any::<bool>()), 1..60),
        quantile in 0.02..0.98_f64,
    ) {
        let mut entries = Vec::new();
        for (lead, &(days, is_over)) in durations.iter().enumerate() {
            let lead = lead as u32;
            entries.push((lead, COLD, 100 - days));
            if is_over {
                entries.push((lead, HOT, 100));
            }
        }
        let found = history(&entries);
        let dwell = &found.dwell(&[quantile]).unwrap()[1];
        prop_assert_eq!(dwell.quantiles[0].1, kaplan_meier(&durations, quantile));
        prop_assert_eq!(dwell.median, kaplan_meier(&durations, 0.5));
        let limits = found.limits(&StaleLimit::Quantile(quantile)).unwrap();
        prop_assert_eq!(limits[COLD as usize], dwell.quantiles[0].1);
        prop_assert_eq!((limits[WON as usize], limits[LOST as usize]), (None, None));
    }

    #[test]
    fn the_order_of_the_rows_reaches_no_result(
        entries in prop::collection::vec((0..6_u32, 0..4_u32, 0..100_i32), 1..50),
        seed in prop::collection::vec(any::<u32>(), 50),
    ) {
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by_key(|&row| seed[row]);
        let shuffled: Vec<_> = order.iter().map(|&row| entries[row]).collect();
        let (one, other) = (history(&entries), history(&shuffled));
        prop_assert_eq!(&one, &other);
        prop_assert_eq!(one.merged() + one.stays().len(), entries.len());
        // every lead goes on where it stopped, and one stay of it lasts
        for stays in one.stays().chunk_by(|a, b| a.lead == b.lead) {
            for pair in stays.windows(2) {
                prop_assert_eq!((pair[0].to, pair[0].next), (Some(pair[1].from), Some(pair[1].class)));
                prop_assert!(pair[0].from <= pair[1].from && pair[0].class != pair[1].class);
            }
            prop_assert_eq!(stays.iter().filter(|stay| stay.to.is_none()).count(), 1);
        }
    }

    #[test]
    fn the_pyramid_counts_as_a_plain_search_does(
        entries in prop::collection::vec((0..5_u32, 0..4_u32, 0..100_i32), 1..60),
        window in 1..80_i32,
        horizon in 1..60_i32,
    ) {
        let found = history(&entries);
        let pyramid = found.pyramid(window as u32, horizon as u32, 0.9).unwrap();
        let cohort = (100 - horizon - window + 1)..=(100 - horizon);
        for class in [HOT, COLD] {
            let (mut won, mut counted) = (0.0, 0.0);
            for lead in 0..5 {
                let own: Vec<_> = found.stays().iter().filter(|stay| stay.lead == lead).collect();
                let Some(at) = own.iter().position(|stay| stay.class == class && cohort.contains(&stay.from)) else {
                    continue;
                };
                let until = own[at].from + horizon;
                counted += 1.0;
                won += f64::from(u8::from(own[at..].iter().any(|stay| stay.class == WON && stay.from <= until)));
            }
            let rate = pyramid.classes[class as usize].close_rate;
            prop_assert_eq!(rate.map_or((0.0, 0.0), |rate| (rate.events, rate.trials)), (won, counted));
        }
        prop_assert_eq!(pyramid.leads, found.stays().iter().filter(|stay| stay.to.is_none()).count());
    }
}
