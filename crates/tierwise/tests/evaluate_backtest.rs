//! Refits over the past: who learns from what, who is judged by what, and what that says when the world moves or stands.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::ops::ControlFlow;
use tierwise::evaluate::{
    AucScale, Backtest, BacktestFigure, BacktestLevel, BacktestLimit, BacktestLimits, BacktestOutcome, BacktestScores,
    BacktestSettings, BacktestState, BacktestTerm, DriftSettings, PooledFigure, Refitting, RollingOrigin, TermKind,
    TopOfList, WindowFigure, backtest, backtest_learner, column_drift, log_loss, number_figures, recalibration,
    roc_auc_interval, spend_capture,
};
use tierwise::learn::{Additive, Learner, Logistic, WeightOfEvidence};
use tierwise::{Columns, Error, Feature, Outcome};

const RATES: [f64; 5] = [0.01, 0.1, 0.5, 0.9, 0.99];

fn days(count: i32) -> Vec<f64> {
    (0..count).map(f64::from).collect()
}

fn rows(rows: std::ops::RangeInclusive<usize>) -> Vec<usize> {
    rows.collect()
}

fn figure(figures: &[WindowFigure], figure: BacktestFigure) -> &WindowFigure {
    figures.iter().find(|one| one.figure == figure).unwrap()
}

fn pooled(figures: &[PooledFigure], figure: BacktestFigure) -> &PooledFigure {
    figures.iter().find(|one| one.figure == figure).unwrap()
}

fn refused<T: std::fmt::Debug>(result: Result<T, Error>, code: &str, says: &[&str]) {
    let error = result.unwrap_err();
    assert_eq!(error.code(), code, "{error}");
    for part in says {
        assert!(error.to_string().contains(part), "{error} without {part}");
    }
}

#[test]
fn a_schedule_is_what_its_settings_say() {
    let schedule = RollingOrigin {
        score_every: Some(10.0),
        horizon: Some(15.0),
        gap: 3.0,
        window: Some(20.0),
        outcome_known_after: 7.0,
        first: Some(40.0),
        ..RollingOrigin::every(30.0)
    };
    let refits = schedule.refits(&days(95)).unwrap();
    let told: Vec<_> = refits.iter().map(|refit| (refit.origin, refit.train.clone(), refit.not_known_yet)).collect();
    assert_eq!(told, [(40.0, rows(14..=33), 7), (70.0, rows(44..=63), 7)]);
    let windows: Vec<_> = refits
        .iter()
        .flat_map(|refit| &refit.windows)
        .map(|window| {
            (window.at, window.age, window.after, window.up_to, window.complete, window.overlaps, window.test.clone())
        })
        .collect();
    let expected = [
        (40.0, 0.0, 43.0, 58.0, true, false, rows(44..=58)),
        (50.0, 10.0, 53.0, 68.0, true, true, rows(54..=68)),
        (60.0, 20.0, 63.0, 78.0, true, true, rows(64..=78)),
        (70.0, 0.0, 73.0, 88.0, true, true, rows(74..=88)),
        (80.0, 10.0, 83.0, 98.0, false, true, rows(84..=94)),
        (90.0, 20.0, 93.0, 108.0, false, true, rows(94..=94)),
    ];
    assert_eq!(windows, expected);
}

#[test]
fn rows_need_not_stand_in_order_and_days_may_be_empty_or_instants() {
    let days = [3.0, 0.0, 2.5, 9.0, 0.0, 1.0];
    let refits = RollingOrigin { first: Some(1.0), ..RollingOrigin::every(2.0) }.refits(&days).unwrap();
    let told: Vec<_> = refits.iter().map(|refit| (refit.train.clone(), refit.windows[0].test.clone())).collect();
    let all_but_last = vec![0, 1, 2, 4, 5];
    assert_eq!(
        told,
        [
            (vec![1, 4, 5], vec![0, 2]),
            (all_but_last.clone(), vec![]),
            (all_but_last.clone(), vec![]),
            (all_but_last, vec![3])
        ]
    );
    // Without a first origin: the middle of all days, or the first full window.
    let first = |schedule: RollingOrigin| schedule.refits(&days).unwrap()[0].origin;
    assert_eq!(first(RollingOrigin::every(2.0)), 4.0);
    assert_eq!(first(RollingOrigin { window: Some(3.0), ..RollingOrigin::every(2.0) }), 2.0);
    let late = RollingOrigin { window: Some(3.0), outcome_known_after: 2.0, ..RollingOrigin::every(2.0) };
    assert_eq!(
        (first(late), late.refits(&days).unwrap()[0].train.clone()),
        (4.0, vec![1, 2, 4, 5].into_iter().filter(|&row| days[row] <= 2.0).collect())
    );
}

proptest! {
    #[test]
    fn no_row_after_the_origin_is_learned_from(
        days in prop::collection::vec(prop_oneof![0..60_i32, -20..80_i32].prop_map(f64::from), 2..60),
        every in 1.0..30.0_f64,
        part in prop::option::of(0.2..1.0_f64),
        horizon in prop::option::of(0.5..40.0_f64),
        gap in 0.0..10.0_f64,
        window in prop::option::of(1.0..40.0_f64),
        known in prop_oneof![Just(0.0), 0.0..20.0_f64],
        first in prop::option::of(-10.0..50.0_f64),
    ) {
        let schedule = RollingOrigin {
            score_every: part.map(|part| part * every),
            horizon,
            gap,
            window,
            outcome_known_after: known,
            first,
            ..RollingOrigin::every(every)
        };
        let Ok(refits) = schedule.refits(&days) else { return Ok(()) };
        let mut judged = vec![0; days.len()];
        for refit in &refits {
            prop_assert!(refit.train.iter().all(|&row| days[row] + known <= refit.origin + 1e-9));
            prop_assert!(refit.train.is_sorted());
            if window.is_none() {
                let seen = days.iter().filter(|&&day| day <= refit.origin).count();
                prop_assert_eq!(refit.train.len() + refit.not_known_yet, seen);
            }
            for one in &refit.windows {
                prop_assert!(one.at >= refit.origin && one.age < every);
                for row in 0..days.len() {
                    let inside = days[row] > one.after && days[row] <= one.up_to;
                    prop_assert_eq!(one.test.contains(&row), inside);
                    judged[row] += usize::from(inside);
                }
                prop_assert!(one.test.iter().all(|&row| days[row] > refit.origin + gap));
            }
        }
        // Windows that touch judge every later row exactly once.
        if horizon.is_none() && part.is_none() {
            let from = refits[0].origin + gap;
            for row in 0..days.len() {
                prop_assert_eq!(judged[row], usize::from(days[row] > from), "day {}", days[row]);
            }
        }
    }
}

/// A world of two traits. What they are worth turns with the days, by `turn` radians in all, and it begins at `start`.
struct World {
    days: Vec<f64>,
    traits: [Vec<f64>; 2],
    happened: Vec<bool>,
}

fn uniform(random: &mut ChaCha8Rng) -> f64 {
    random.next_u64() as f64 / 2.0_f64.powi(64)
}

fn world(rate: f64, turn: f64, start: f64, seed: u64) -> World {
    const DAYS: u32 = 500;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut world = World { days: Vec::new(), traits: [Vec::new(), Vec::new()], happened: Vec::new() };
    // The traits spread the log-odds, so that the base rate is a little nearer to a half.
    let base = (rate / (1.0 - rate)).ln() * 1.25;
    for day in 0..DAYS {
        for _ in 0..40 {
            let angle = start + turn * f64::from(day) / f64::from(DAYS);
            let [one, two] = [(); 2].map(|()| 6.0 * (uniform(&mut random) - 0.5));
            let log_odds = base + angle.cos() * one + angle.sin() * two;
            world.days.push(f64::from(day));
            world.traits[0].push(one);
            world.traits[1].push(two);
            world.happened.push(uniform(&mut random) < 1.0 / (1.0 + (-log_odds).exp()));
        }
    }
    world
}

impl World {
    fn outcome(&self, [positive, other]: [&str; 2]) -> Outcome<'static> {
        let labels: Vec<&str> = self.happened.iter().map(|&yes| if yes { positive } else { other }).collect();
        Outcome::labels("result", &labels, positive).unwrap()
    }

    fn backtest(&self, settings: &BacktestSettings, learner: &Learner, outcome: &Outcome<'_>) -> Backtest {
        let features = [Feature::number("one"), Feature::number("two")];
        let columns = Columns::in_order(&features, vec![&self.traits[0], &self.traits[1]]).unwrap();
        backtest_learner(settings, &self.days, learner, &columns, outcome, &mut |_| ControlFlow::Continue(())).unwrap()
    }
}

fn sliding() -> RollingOrigin {
    RollingOrigin { first: Some(99.0), window: Some(100.0), ..RollingOrigin::every(50.0) }
}

#[test]
fn where_the_world_turns_the_kept_model_decays_and_the_refitted_one_does_not() {
    for rate in RATES {
        for labels in [["won", "lost"], ["bought", "not"]] {
            let world = world(rate, 1.5, 0.0, (1000.0 * rate) as u64);
            let found = world.backtest(&sliding().into(), &Logistic::new().into(), &world.outcome(labels));
            assert_eq!((found.refits.len(), found.windows.len()), (8, 8));
            assert!(found.windows.iter().all(|window| window.state == BacktestState::Judged), "{rate}");
            assert_eq!(found.refitting, Refitting::Pays, "{rate} {}", found.refitting_reason);
            let gained = pooled(&found.against_first, BacktestFigure::RocAuc);
            assert!(gained.low.unwrap() > 0.0 && gained.value > 0.08 && gained.windows == 7, "{rate} {gained:?}");
            let area = |figures: &[WindowFigure]| figure(figures, BacktestFigure::RocAuc).value.unwrap();
            let last = &found.windows[7];
            assert!(area(&last.first_model) < 0.75 && area(&last.figures) > 0.78, "{rate} {last:?}");
            // The model of the refit before stands between the two.
            assert!(pooled(&found.against_before, BacktestFigure::RocAuc).value < gained.value, "{rate}");
            assert_ne!(found.verdict, BacktestLevel::NotEnoughData);
        }
    }
}

#[test]
fn where_the_world_stands_still_nothing_is_to_be_done() {
    for rate in RATES {
        for labels in [["won", "lost"], ["bought", "not"]] {
            let world = world(rate, 0.0, 0.5, (1000.0 * rate) as u64 + 1);
            let settings = RollingOrigin { window: None, ..sliding() };
            let found = world.backtest(&settings.into(), &Logistic::new().into(), &world.outcome(labels));
            assert_eq!(found.verdict, BacktestLevel::Stable, "{rate} {}", found.reason);
            assert!(found.reason.starts_with("Stable: ") && found.reason.contains("ROC AUC"), "{}", found.reason);
            assert!(
                matches!(found.refitting, Refitting::Little | Refitting::NotShown),
                "{rate} {}",
                found.refitting_reason
            );
            let large = pooled(&found.pooled, BacktestFigure::CalibrationInTheLarge);
            assert!(large.value.abs() < 0.2, "{rate} {large:?}");
            assert!(found.ranks.len() == 7 && found.ranks.iter().all(|ranks| ranks.spearman > Some(0.95)), "{rate}");
            assert!(found.terms.iter().all(|term| term.clear_sign_changes == Some(0)), "{rate}");
            assert_eq!(
                found.checks.iter().map(|check| check.name).collect::<Vec<_>>(),
                ["skill", "trend", "calibration", "coefficients", "ranks", "score_shift"]
            );
        }
    }
}

#[test]
fn which_label_is_positive_turns_the_figures_and_nothing_else() {
    let world = world(0.1, 1.0, 0.0, 3);
    let of = |labels: [&str; 2], positive: &str| {
        let labels: Vec<&str> = world.happened.iter().map(|&yes| labels[usize::from(!yes)]).collect();
        let outcome = Outcome::labels("result", &labels, positive).unwrap();
        world.backtest(&sliding().into(), &Logistic::new().into(), &outcome)
    };
    let (won, lost) = (of(["won", "lost"], "won"), of(["won", "lost"], "lost"));
    assert_eq!(won, of(["bought", "not"], "bought"));
    for (one, two) in won.windows.iter().zip(&lost.windows) {
        assert_eq!(one.judged.events.unwrap() + two.judged.events.unwrap(), one.judged.rows);
        for name in [BacktestFigure::RocAuc, BacktestFigure::LogLoss, BacktestFigure::CalibrationSlope] {
            let [one, two] = [one, two].map(|window| figure(&window.figures, name).value.unwrap());
            assert!((one - two).abs() < 1e-6, "{name:?} {one} {two}");
        }
    }
    assert_eq!((won.verdict, won.refitting), (lost.verdict, lost.refitting));
}

#[test]
fn a_coefficient_that_turns_is_seen() {
    let world = world(0.5, 3.0, -1.5, 4);
    let found = world.backtest(&sliding().into(), &Logistic::new().into(), &world.outcome(["a", "b"]));
    let two = found.terms.iter().find(|term| term.name == "two").unwrap();
    assert_eq!((two.sign_changes, found.term_kind), (1, Some(TermKind::Coefficient)));
    assert!(two.values[0].unwrap() < -0.5 && two.values[7].unwrap() > 0.5, "{two:?}");
    assert!(two.deviation_in_errors.unwrap() > 5.0, "{two:?}");
    // It passes through 0 slowly: no two successive models differ much.
    assert_eq!(two.clear_sign_changes, Some(1));
    assert_eq!(found.verdict, BacktestLevel::Watch, "{}", found.reason);
    assert!(found.reason.starts_with("Watch: beyond chance the sign turns of `two`."), "{}", found.reason);

    // Refitted seldom, the list is another one each time.
    let seldom = RollingOrigin { every: 200.0, score_every: Some(50.0), ..sliding() };
    let found = world.backtest(&seldom.into(), &Logistic::new().into(), &world.outcome(["a", "b"]));
    let ranks = found.checks.iter().find(|check| check.name == "ranks").unwrap();
    assert!(ranks.value < Some(0.7) && ranks.level == BacktestLevel::Act, "{ranks:?}");
    assert!(found.ranks[0].top_overlap < Some(0.7) && found.ranks[0].kendall_tau < found.ranks[0].spearman);
    assert!(found.verdict == BacktestLevel::Act && found.reason.starts_with("Act: "), "{}", found.reason);
}

#[test]
fn an_intercept_may_change_its_sign() {
    let (days, happened) = (days(600), (0..600).map(|row| row % 3 == 0).collect::<Vec<_>>());
    let outcome = Outcome::binary("won", &happened);
    let schedule = RollingOrigin { first: Some(99.0), ..RollingOrigin::every(100.0) };
    let turns = |turning: &str| {
        let mut sign = 1.0;
        let fit = |_: &[usize], test: &[usize]| {
            sign = -sign;
            let term = |name: &str| BacktestTerm {
                name: name.into(),
                value: if name == turning { sign } else { 1.0 },
                standard_error: Some(0.1),
            };
            let scores = test.iter().map(|row| (row * 7 % 10) as f64).collect();
            Ok(BacktestScores { scores, terms: vec![term("intercept"), term("visits")], kind: TermKind::Coefficient })
        };
        let found = backtest(&schedule.into(), &days, BacktestOutcome::Ranking(&outcome), fit).unwrap();
        let check = found.checks.iter().find(|check| check.name == "coefficients").unwrap();
        (found.terms.iter().map(|term| term.clear_sign_changes).collect::<Vec<_>>(), check.value, check.level)
    };
    assert_eq!(turns("intercept"), (vec![Some(4), Some(0)], Some(0.0), BacktestLevel::Stable));
    assert_eq!(turns("visits"), (vec![Some(0), Some(4)], Some(1.0), BacktestLevel::Watch));
}

#[test]
fn each_figure_is_the_one_of_its_own_function() {
    let world = world(0.3, 1.0, 0.0, 5);
    let outcome = world.outcome(["yes", "no"]);
    let said: Vec<f64> = world.traits[0].iter().map(|one| 1.0 / (1.0 + (1.0 - one).exp())).collect();
    let mut asked = Vec::new();
    let settings = BacktestSettings { confidence: 0.9, top: TopOfList::Capacity(300.0), ..sliding().into() };
    let found = backtest(&settings, &world.days, BacktestOutcome::Probability(&outcome), |train, test| {
        asked.push((train.to_vec(), test.to_vec()));
        Ok(test.iter().map(|&row| said[row]).collect::<Vec<_>>().into())
    })
    .unwrap();
    // The first is asked for all that follows, the others for their own rows and those of the next.
    let tests: Vec<usize> = asked.iter().map(|(_, test)| test.len()).collect();
    assert_eq!(tests, [16_000, 4000, 4000, 4000, 4000, 4000, 4000, 2000]);
    let refits = sliding().refits(&world.days).unwrap();
    assert!(asked.iter().zip(&refits).all(|((train, _), refit)| *train == refit.train));
    let mut before: Option<Vec<f64>> = None;
    for (window, refit) in found.windows.iter().zip(&refits) {
        let test = &refit.windows[0].test;
        let outcome = outcome.take(test);
        let scores: Vec<f64> = test.iter().map(|&row| said[row]).collect();
        let value = |name| figure(&window.figures, name);
        let area = roc_auc_interval(&outcome, &scores, 0.9, AucScale::Logit).unwrap();
        let one = value(BacktestFigure::RocAuc);
        assert_eq!((one.value, one.low, one.high), (Some(area.value), Some(area.low), Some(area.high)));
        let loss = value(BacktestFigure::LogLoss);
        assert!((loss.value.unwrap() - log_loss(&outcome, &scores, 0.0).unwrap()).abs() < 1e-12);
        assert!(loss.low < loss.value && loss.value < loss.high);
        let line = recalibration(&outcome, &scores, 0.9).unwrap();
        assert_eq!(value(BacktestFigure::CalibrationSlope).high, Some(line.slope.high));
        assert_eq!(value(BacktestFigure::CalibrationIntercept).value, Some(line.intercept.value));
        let mut order: Vec<usize> = (0..test.len()).collect();
        order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
        let hits: f64 = order[..300].iter().map(|&row| outcome.values()[row]).sum();
        assert!((value(BacktestFigure::Precision).value.unwrap() - hits / 300.0).abs() < 1e-12);
        let lift = hits / 300.0 / window.judged.mean.unwrap();
        assert!((value(BacktestFigure::Lift).value.unwrap() - lift).abs() < 1e-12);
        // A rule that does not learn is the same as the one before and the first.
        assert!(window.first_model.is_empty() || window.first_model == window.figures);
        match (&before, &window.score_shift) {
            (None, None) => {}
            (Some(before), Some(shift)) => {
                let feature = Feature::number("score");
                let drift = column_drift(&feature, before, &scores, &DriftSettings::default()).unwrap();
                assert_eq!(shift.population_stability, drift.population_stability);
            }
            (before, shift) => panic!("{} {shift:?}", before.is_some()),
        }
        before = Some(scores);
    }
    assert!(found.ranks.iter().all(|ranks| ranks.spearman == Some(1.0) && ranks.top_overlap == Some(1.0)));
    let apart = pooled(&found.against_first, BacktestFigure::RocAuc);
    assert_eq!((apart.value, apart.low, found.refitting), (0.0, Some(0.0), Refitting::NotShown));
    assert_eq!((found.term_kind, found.terms.len()), (None, 0));
}

#[test]
fn means_and_trends_over_windows_are_students() {
    // Errors of 1, 2, 4 and 9 in four windows of fifty days.
    let days = days(250);
    let error = |row: usize| [0.0, 1.0, 2.0, 4.0, 9.0][row / 50];
    let actual = vec![10.0; 250];
    let outcome = BacktestOutcome::Number { actual: &actual, weights: None };
    let schedule = RollingOrigin { first: Some(49.0), ..RollingOrigin::every(50.0) };
    let said = |rows: &[usize]| rows.iter().map(|&row| 10.0 + error(row)).collect::<Vec<f64>>();
    let found = backtest(&schedule.into(), &days, outcome, |_, test| Ok(said(test).into())).unwrap();
    let bias = pooled(&found.pooled, BacktestFigure::Bias);
    assert_eq!((bias.windows, bias.value), (4, 4.0));
    let deviation = (38.0_f64 / 3.0).sqrt();
    assert!((bias.standard_deviation.unwrap() - deviation).abs() < 1e-12);
    // t of 3 degrees of freedom at 97.5 % is 3.182446.
    assert!((bias.high.unwrap() - 4.0 - 3.182_446_305 * deviation / 2.0).abs() < 1e-7);
    let trend = found.trend.iter().find(|trend| trend.figure == BacktestFigure::Bias).unwrap();
    // Least squares on 0, 50, 100, 150: 1, 2, 4, 9 rise by 2.6 a step; residual squares 4.2, t of 2 is 4.302653.
    assert!((trend.per_30_days - 2.6 * 30.0 / 50.0).abs() < 1e-12);
    let width = 4.302_652_730 * (4.2_f64 / 2.0 / 5.0).sqrt() * 30.0 / 50.0;
    assert!((trend.high.unwrap() - trend.per_30_days - width).abs() < 1e-7, "{trend:?}");
    // Half of each window is new: four count as 2.5.
    let wide = RollingOrigin { horizon: Some(100.0), ..schedule };
    let found = backtest(&wide.into(), &days, outcome, |_, test| Ok(said(test).into())).unwrap();
    let bias = pooled(&found.pooled, BacktestFigure::Bias);
    let (value, deviation) = (bias.value, bias.standard_deviation.unwrap());
    assert_eq!(value, (1.5 + 3.0 + 6.5 + 9.0) / 4.0);
    assert!(bias.high.unwrap() - value > 3.182 * deviation / 2.0, "{bias:?}");
    assert!(found.findings.iter().any(|finding| finding.starts_with("3 of the windows begin before")));
}

#[test]
fn the_interval_over_windows_covers_where_windows_differ() {
    let mut random = ChaCha8Rng::seed_from_u64(6);
    let days = days(350);
    let actual = vec![0.0; 350];
    let outcome = BacktestOutcome::Number { actual: &actual, weights: None };
    let schedule = RollingOrigin { first: Some(49.0), ..RollingOrigin::every(50.0) };
    let mut held = 0;
    for _ in 0..600 {
        // Each window has an error of its own: rows of a window do not count as independent.
        let of_window: Vec<f64> = (0..7).map(|_| uniform(&mut random) + uniform(&mut random) - 1.0).collect();
        let said: Vec<f64> = (0..350).map(|row| of_window[row / 50] + 0.1 * (uniform(&mut random) - 0.5)).collect();
        let scores = |rows: &[usize]| rows.iter().map(|&row| said[row]).collect::<Vec<f64>>();
        let found = backtest(&schedule.into(), &days, outcome, |_, test| Ok(scores(test).into())).unwrap();
        let bias = pooled(&found.pooled, BacktestFigure::Bias);
        held += i32::from(bias.low < Some(0.0) && bias.high > Some(0.0));
    }
    assert!((552..=588).contains(&held), "{held} of 600");
}

#[test]
fn models_grow_old_between_refits() {
    let world = world(0.4, 1.5, 0.0, 7);
    let schedule = RollingOrigin { score_every: Some(25.0), ..RollingOrigin { every: 100.0, ..sliding() } };
    let found = world.backtest(&schedule.into(), &Logistic::new().into(), &world.outcome(["a", "b"]));
    assert_eq!(found.by_age.iter().map(|age| age.age).collect::<Vec<_>>(), [0.0, 25.0, 50.0, 75.0]);
    let area = |place: usize| pooled(&found.by_age[place].figures, BacktestFigure::RocAuc);
    assert_eq!(area(0).windows, 4);
    assert!(area(3).value < area(0).value - 0.01, "{:?}", found.by_age);
    let aging = found.aging.iter().find(|aging| aging.figure == BacktestFigure::RocAuc).unwrap();
    assert!(aging.high < Some(0.0) && aging.windows == 16, "{aging:?}");
    // All at one age: nothing to say.
    let found = world.backtest(&sliding().into(), &Logistic::new().into(), &world.outcome(["a", "b"]));
    assert_eq!((found.by_age.len(), found.aging.len()), (0, 0));
}

#[test]
fn too_little_is_told_and_not_dropped() {
    use BacktestState::{Judged, TooFewToJudge, TooFewToLearn};
    let days: Vec<f64> = (0..600).map(|row| f64::from(row / 2)).collect();
    // No event at all on days 100 to 149, and none of the others on days 200 to 249.
    let happened: Vec<bool> =
        (0..600).map(|row| (400..500).contains(&row) || !(200..300).contains(&row) && row % 3 == 0).collect();
    let outcome = Outcome::binary("won", &happened);
    let outcome = BacktestOutcome::Ranking(&outcome);
    let schedule = RollingOrigin { first: Some(-1.0), ..RollingOrigin::every(50.0) };
    let mut fits = 0;
    let found = backtest(&schedule.into(), &days, outcome, |_, test| {
        fits += 1;
        Ok(test.iter().map(|row| (row * 7 % 10) as f64).collect::<Vec<_>>().into())
    })
    .unwrap();
    let states: Vec<BacktestState> = found.windows.iter().map(|window| window.state).collect();
    assert_eq!(states, [TooFewToLearn, Judged, TooFewToJudge, Judged, TooFewToJudge, Judged]);
    assert_eq!((fits, found.refits[0].state), (5, TooFewToLearn));
    let reason = |at: usize| found.windows[at].reason.as_deref().unwrap();
    assert_eq!(reason(0), "0 rows to learn from where at least 50 are asked for");
    assert_eq!(reason(2), "0 events to judge by where at least 10 are asked for");
    assert_eq!(reason(4), "0 rows without the event to judge by where at least 10 are asked for");
    assert_eq!(pooled(&found.pooled, BacktestFigure::RocAuc).windows, 3);
    // The windows of the first refit have no first model yet, and the third has one before it.
    assert!(found.windows[1].first_model.is_empty() && !found.windows[3].first_model.is_empty());

    let strict = BacktestSettings {
        limits: BacktestLimits { least_windows: 4, ..BacktestLimits::default() },
        ..BacktestSettings::new(schedule)
    };
    let found = backtest(&strict, &days, outcome, |_, test| Ok(vec![1.0; test.len()].into())).unwrap();
    assert_eq!(found.verdict, BacktestLevel::NotEnoughData);
    assert_eq!(found.reason, "Not enough data: 3 windows could be judged, and 4 are asked for.");
    // A score that is the same for all has no order to be compared.
    assert!(found.ranks.iter().all(|ranks| ranks.spearman.is_none() && ranks.top_overlap > Some(0.999)));

    let gaps: Vec<f64> = days.iter().map(|day| if *day < 100.0 { *day } else { day + 500.0 }).collect();
    let found = backtest(&schedule.into(), &gaps, outcome, |_, test| Ok(vec![1.0; test.len()].into())).unwrap();
    assert_eq!(found.windows.iter().filter(|window| window.state == BacktestState::NoRows).count(), 10);
    assert!(found.findings.contains(&"10 of the windows hold no row.".into()), "{:?}", found.findings);
}

#[test]
fn what_a_fit_refuses_for_its_data_is_told_and_what_is_wrong_stops() {
    let world = world(0.5, 0.0, 0.0, 8);
    let constant: Vec<f64> =
        world.days.iter().zip(&world.traits[0]).map(|(&day, &one)| if day < 150.0 { 1.0 } else { one }).collect();
    let features = [Feature::number("one"), Feature::number("two")];
    let columns = Columns::in_order(&features, vec![&constant, &world.traits[1]]).unwrap();
    let outcome = world.outcome(["a", "b"]);
    let quiet = &mut |_| ControlFlow::Continue(());
    let unpenalised = Logistic::new().alpha(0.0).into();
    let found = backtest_learner(&sliding().into(), &world.days, &unpenalised, &columns, &outcome, quiet);
    let found = found.unwrap();
    assert_eq!(found.refits[0].state, BacktestState::NotLearned);
    assert!(found.windows[0].reason.as_ref().unwrap().contains("`one` cannot be learned from"));
    assert_eq!(found.windows[2].state, BacktestState::Judged);
    assert_eq!(found.terms[1].values[..2], [None, None]);

    let judged = BacktestOutcome::Probability(&outcome);
    let with = |said: &dyn Fn(usize) -> Result<Vec<f64>, Error>| {
        backtest(&sliding().into(), &world.days, judged, |_, test| Ok(said(test.len())?.into()))
    };
    refused(with(&|rows| Ok(vec![0.5; rows - 1])), "wrong_length", &["refit of day 99", "the scores"]);
    refused(with(&|rows| Ok(vec![1.5; rows])), "invalid_value", &["the score at row 4000", "[0, 1]"]);
    refused(with(&|rows| Ok(vec![f64::NAN; rows])), "invalid_value", &["refit of day 99"]);
    refused(with(&|_| Err(Error::EmptyTable { what: "the shelf".into() })), "empty_table", &["refit of day 99"]);
    refused(with(&|_| Err(Error::Cancelled { steps: 3 })), "cancelled", &[]);
    let mut told = Vec::new();
    let stopped =
        backtest_learner(&sliding().into(), &world.days, &Logistic::new().into(), &columns, &outcome, &mut |step| {
            told.push(step.step);
            if step.step == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
    refused(stopped, "cancelled", &[]);
    assert!(told.is_sorted() && told.ends_with(&[2]), "{told:?}");
}

#[test]
fn settings_and_data_that_cannot_be_are_refused() {
    let days = days(200);
    let happened: Vec<bool> = (0..200).map(|row| row % 2 == 0).collect();
    let outcome = Outcome::binary("won", &happened);
    let usual = RollingOrigin::every(20.0);
    let with = |settings: BacktestSettings, days: &[f64]| {
        backtest(&settings, days, BacktestOutcome::Ranking(&outcome), |_, test| Ok(vec![0.5; test.len()].into()))
    };
    let schedules = [
        (RollingOrigin::every(0.0), "every"),
        (RollingOrigin::every(f64::NAN), "every"),
        (RollingOrigin::every(f64::INFINITY), "every"),
        (RollingOrigin::every(1e-4), "score_every"),
        (RollingOrigin { score_every: Some(-1.0), ..usual }, "score_every"),
        (RollingOrigin { score_every: Some(21.0), ..usual }, "score_every"),
        (RollingOrigin { horizon: Some(0.0), ..usual }, "horizon"),
        (RollingOrigin { window: Some(f64::NAN), ..usual }, "window"),
        (RollingOrigin { gap: -1.0, ..usual }, "gap"),
        (RollingOrigin { outcome_known_after: f64::INFINITY, ..usual }, "outcome_known_after"),
        (RollingOrigin { first: Some(f64::NAN), ..usual }, "first"),
        (RollingOrigin { first: Some(-1e300), ..usual }, "score_every"),
    ];
    for (schedule, name) in schedules {
        refused(with(schedule.into(), &days), "invalid_parameter", &[name]);
    }
    refused(with(RollingOrigin { first: Some(199.0), ..usual }.into(), &days), "not_enough_data", &["day 199"]);
    refused(with(usual.into(), &days[..199]), "wrong_length", &["the days"]);
    let mut unknown = days.clone();
    unknown[7] = f64::NAN;
    refused(with(usual.into(), &unknown), "invalid_value", &["the day at row 7"]);
    let settings = BacktestSettings::new(usual);
    refused(with(BacktestSettings { confidence: 1.0, ..settings }, &days), "invalid_parameter", &["confidence"]);
    refused(with(BacktestSettings { top: TopOfList::Share(0.0), ..settings }, &days), "invalid_parameter", &["share"]);
    refused(
        with(BacktestSettings { top: TopOfList::Capacity(-1.0), ..settings }, &days),
        "invalid_parameter",
        &["capacity"],
    );
    let limits = BacktestLimits::default();
    let turned = BacktestLimit { watch: 0.2, act: 0.1 };
    for (limits, name) in [
        (BacktestLimits { ranking_lost: turned, ..limits }, "ranking_lost"),
        (BacktestLimits { error_grown: turned, ..limits }, "error_grown"),
        (BacktestLimits { calibration_off: BacktestLimit { watch: f64::NAN, act: 1.0 }, ..limits }, "calibration_off"),
        (BacktestLimits { rank_agreement: BacktestLimit { watch: 0.5, act: 0.6 }, ..limits }, "rank_agreement"),
        (BacktestLimits { refitting_gain: f64::NAN, ..limits }, "refitting_gain"),
        (BacktestLimits { refitting_error: 1.0, ..limits }, "refitting_error"),
        (BacktestLimits { least_windows: 1, ..limits }, "least_windows"),
    ] {
        refused(with(BacktestSettings { limits, ..settings }, &days), "invalid_parameter", &[name]);
    }
    let number = |actual: &[f64], weights: Option<&[f64]>, days: &[f64]| {
        backtest(&usual.into(), days, BacktestOutcome::Number { actual, weights }, |_, test| {
            Ok(vec![1.0; test.len()].into())
        })
    };
    refused(number(&[], None, &[]), "empty_table", &[]);
    refused(number(&[1.0, f64::NAN], None, &days[..2]), "invalid_value", &["the outcome at row 1"]);
    refused(number(&[1.0, 2.0], Some(&[1.0, -1.0]), &days[..2]), "invalid_value", &["row 1"]);
    let offsets = Outcome::binary("won", &happened).offsets(vec![0.0; 200]).unwrap();
    let found =
        backtest(&usual.into(), &days, BacktestOutcome::Ranking(&offsets), |_, test| Ok(vec![0.5; test.len()].into()));
    refused(found, "invalid_parameter", &["offsets"]);
    // A list longer than the window has no top, and says so.
    let found = with(
        BacktestSettings { top: TopOfList::Capacity(50.0), ..RollingOrigin { least_rows: 10, ..usual }.into() },
        &days,
    );
    let found = found.unwrap();
    let precision = figure(&found.windows[0].figures, BacktestFigure::Precision);
    assert!(precision.value.is_none() && precision.reason.as_ref().unwrap().contains("20 where at least 50"));
}

#[test]
fn amounts_are_judged_as_amounts() {
    let mut random = ChaCha8Rng::seed_from_u64(9);
    let days: Vec<f64> = (0..4000).map(|row| f64::from(row / 10)).collect();
    let spends: Vec<f64> = (0..4000).map(|_| 100.0 * uniform(&mut random)).collect();
    // Prices rise: who keeps the first mean is ever further off.
    let actual: Vec<f64> = days.iter().zip(&spends).map(|(day, spend)| spend * (1.0 + day / 200.0)).collect();
    let outcome = BacktestOutcome::Number { actual: &actual, weights: None };
    let schedule = RollingOrigin { window: Some(50.0), first: Some(99.0), ..RollingOrigin::every(50.0) };
    let found = backtest(&schedule.into(), &days, outcome, |train, test| {
        let [came, known] = [&actual, &spends].map(|of| train.iter().map(|&row| of[row]).sum::<f64>());
        Ok(BacktestScores {
            scores: test.iter().map(|&row| spends[row] * came / known).collect(),
            terms: vec![BacktestTerm { name: "price".into(), value: came / known, standard_error: None }],
            kind: TermKind::Coefficient,
        })
    })
    .unwrap();
    assert_eq!(found.refitting, Refitting::Pays, "{}", found.refitting_reason);
    assert!(found.refitting_reason.contains("relative error"), "{}", found.refitting_reason);
    let window = &found.windows[2];
    let refit = &schedule.refits(&days).unwrap()[2];
    let of = |values: &[f64]| refit.windows[0].test.iter().map(|&row| values[row]).collect::<Vec<f64>>();
    let price = found.terms[0].values[2].unwrap();
    let said: Vec<f64> = of(&spends).iter().map(|spend| spend * price).collect();
    let figures = number_figures(&of(&actual), &said, None).unwrap();
    let value = |name| figure(&window.figures, name).value;
    assert_eq!(value(BacktestFigure::MeanAbsoluteError), Some(figures.mean_absolute_error));
    assert_eq!(value(BacktestFigure::Bias), Some(figures.bias));
    assert_eq!(value(BacktestFigure::WeightedAbsolutePercentageError), figures.weighted_absolute_percentage_error);
    let capture = spend_capture(&of(&actual), &said, None, &[0.1]).unwrap()[0].capture;
    assert_eq!(value(BacktestFigure::SpendCapture), Some(capture));
    assert!(found.terms[0].values.is_sorted() && found.terms[0].clear_sign_changes.is_none());
    assert!(found.checks.iter().all(|check| check.name != "coefficients"));
}

#[test]
fn a_weight_is_so_many_rows() {
    let mut random = ChaCha8Rng::seed_from_u64(10);
    let count: Vec<usize> = (0..1500).map(|_| (3.0 * uniform(&mut random)) as usize).collect();
    let happened: Vec<bool> = (0..1500).map(|_| uniform(&mut random) < 0.4).collect();
    let said: Vec<f64> =
        happened.iter().map(|&yes| 0.3 * f64::from(u8::from(yes)) + 0.6 * uniform(&mut random) + 0.05).collect();
    let days: Vec<f64> = (0..1500).map(|row| f64::from(row / 10)).collect();
    let schedule = RollingOrigin { first: Some(59.0), ..RollingOrigin::every(30.0) };
    let judged = |rows: &[usize], weights: Option<Vec<f64>>| {
        let of = |values: &[f64]| rows.iter().map(|&row| values[row]).collect::<Vec<f64>>();
        let (days, said) = (of(&days), of(&said));
        let mut outcome = Outcome::binary("won", &rows.iter().map(|&row| happened[row]).collect::<Vec<_>>());
        if let Some(weights) = weights {
            outcome = outcome.weights(weights).unwrap();
        }
        backtest(&schedule.into(), &days, BacktestOutcome::Probability(&outcome), |_, test| {
            Ok(test.iter().map(|&row| said[row]).collect::<Vec<_>>().into())
        })
        .unwrap()
    };
    let weighted = judged(&rows(0..=1499), Some(count.iter().map(|&count| count as f64).collect()));
    let repeated: Vec<usize> = (0..1500).flat_map(|row| std::iter::repeat_n(row, count[row])).collect();
    let repeated = judged(&repeated, None);
    for (one, two) in weighted.windows.iter().zip(&repeated.windows) {
        assert_eq!(one.judged.mean, two.judged.mean);
        for (one, two) in one.figures.iter().zip(&two.figures) {
            assert!((one.low.unwrap() - two.low.unwrap()).abs() < 1e-9, "{one:?} {two:?}");
        }
        let shift = |window: &Option<tierwise::evaluate::ScoreShift>| window.as_ref().map(|shift| shift.p_value);
        assert_eq!(shift(&one.score_shift), shift(&two.score_shift));
    }
}

#[test]
fn offsets_are_learned_with_and_judged_with() {
    let world = world(0.3, 0.0, 0.5, 11);
    let features = [Feature::number("one")];
    let columns = Columns::in_order(&features, vec![&world.traits[0]]).unwrap();
    let outcome = world.outcome(["a", "b"]);
    let judged = |outcome: &Outcome<'_>| {
        let quiet = &mut |_| ControlFlow::Continue(());
        backtest_learner(&sliding().into(), &world.days, &Logistic::new().into(), &columns, outcome, quiet).unwrap()
    };
    let without = judged(&outcome);
    let known: Vec<f64> = world.traits[1].iter().map(|two| 0.5_f64.sin() * two).collect();
    let with = judged(&outcome.clone().offsets(known).unwrap());
    let area = |found: &Backtest| pooled(&found.pooled, BacktestFigure::RocAuc).value;
    assert!(area(&with) > area(&without) + 0.01, "{} {}", area(&with), area(&without));
}

#[test]
fn every_learner_has_terms() {
    let world = world(0.4, 0.0, 0.8, 12);
    let schedule = RollingOrigin { every: 200.0, ..sliding() };
    let additive = Additive::new().bags(2);
    let learners: [(Learner, TermKind); 2] =
        [(WeightOfEvidence::new().into(), TermKind::Coefficient), (additive.into(), TermKind::Importance)];
    for (learner, kind) in learners {
        let found = world.backtest(&schedule.into(), &learner, &world.outcome(["a", "b"]));
        assert_eq!(found.term_kind, Some(kind));
        for name in ["one", "two"] {
            let term = found.terms.iter().find(|term| term.name == name).unwrap();
            assert!(term.values.iter().all(|value| value.is_some_and(|value| value.abs() > 0.2)), "{term:?}");
        }
        assert!(pooled(&found.pooled, BacktestFigure::RocAuc).value > 0.75);
    }
}
