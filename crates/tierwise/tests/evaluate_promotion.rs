//! Champion against challenger: what is better takes over, what is not stays, and few rows say nothing.

#![allow(clippy::unwrap_used)]

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use tierwise::Outcome;
use tierwise::evaluate::{
    CheckState, DynamicsPolicy, Promotion, PromotionCheck, PromotionEvidence, PromotionGrades, PromotionPolicy,
    PromotionVerdict, StandardPolicy, TopOfList, compare_roc_auc, log_loss, promotion, recalibration,
};

const RATES: [f64; 5] = [0.01, 0.1, 0.5, 0.9, 0.99];

struct Drawn {
    labels: Vec<&'static str>,
    old: Vec<f64>,
    new: Vec<f64>,
    /// Ranks as the new one, but says three times the log-odds.
    loud: Vec<f64>,
}

fn chance(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// The new score is the true chance; the old one knows a part of it.
fn drawn(rate: f64, rows: usize, [positive, other]: [&'static str; 2]) -> Drawn {
    let mut random = ChaCha8Rng::seed_from_u64((rate * 1000.0) as u64);
    let mut uniform = || random.next_u64() as f64 / 2.0_f64.powi(64);
    let mut drawn = Drawn { labels: Vec::new(), old: Vec::new(), new: Vec::new(), loud: Vec::new() };
    let base = (rate / (1.0 - rate)).ln();
    for _ in 0..rows {
        let (known, hidden) = (3.0 * (uniform() - 0.5), 4.0 * (uniform() - 0.5));
        let log_odds = base + known + hidden;
        drawn.labels.push(if uniform() < chance(log_odds) { positive } else { other });
        drawn.old.push(chance(base + known));
        drawn.new.push(chance(log_odds));
        drawn.loud.push(chance(3.0 * log_odds));
    }
    drawn
}

/// At every base rate, with the positive label first and last in the alphabet.
fn everywhere(rows: usize, test: impl Fn(f64, &Drawn, &Outcome<'_>)) {
    for rate in RATES {
        for labels in [["bought", "not"], ["won", "lost"]] {
            let drawn = drawn(rate, rows, labels);
            test(rate, &drawn, &Outcome::labels("result", &drawn.labels, labels[0]).unwrap());
        }
    }
}

fn judged(outcome: &Outcome<'_>, champion: &[f64], challenger: &[f64]) -> Promotion {
    let evidence = PromotionEvidence { probabilities: true, ..PromotionEvidence::new(outcome, champion, challenger) };
    promotion(&evidence, &PromotionPolicy::default()).unwrap()
}

fn check<'a>(found: &'a Promotion, name: &str) -> &'a PromotionCheck {
    found.checks.iter().find(|check| check.name == name).unwrap()
}

#[test]
fn what_is_better_takes_over_and_what_is_equal_or_worse_does_not() {
    everywhere(20_000, |rate, drawn, outcome| {
        let found = judged(outcome, &drawn.old, &drawn.new);
        assert_eq!(found.verdict, PromotionVerdict::Promote, "{rate} {found:?}");
        assert!(found.checks.iter().all(|check| check.state == CheckState::Passed), "{rate} {found:?}");

        let equal = judged(outcome, &drawn.new, &drawn.new);
        assert_eq!(equal.verdict, PromotionVerdict::Keep, "{rate}");
        assert_eq!((check(&equal, "ranking").value, check(&equal, "ranking").high), (Some(0.0), Some(0.0)));
        assert_eq!(check(&equal, "top_of_list").value, Some(0.0));

        let worse = judged(outcome, &drawn.new, &drawn.old);
        assert_eq!(worse.verdict, PromotionVerdict::Keep, "{rate}");
        assert_eq!(check(&worse, "ranking").state, CheckState::Failed, "{rate}");
        assert!(worse.reason.contains("ranks worse"), "{}", worse.reason);
    });
}

#[test]
fn broken_calibration_keeps_the_champion_although_the_ranking_is_better() {
    everywhere(20_000, |rate, drawn, outcome| {
        let found = judged(outcome, &drawn.old, &drawn.loud);
        assert_eq!(found.verdict, PromotionVerdict::Keep, "{rate}");
        assert!(check(&found, "ranking").low.unwrap() > 0.0, "{rate}");
        let slope = check(&found, "calibration_slope");
        assert!(slope.state == CheckState::Failed && slope.high.unwrap() < 0.5, "{rate} {slope:?}");
        assert!(found.reason.contains("probabilities"), "{}", found.reason);
        // The same scores are fine where nobody says that they are probabilities.
        let evidence = PromotionEvidence::new(outcome, &drawn.old, &drawn.loud);
        let ranked = promotion(&evidence, &PromotionPolicy::default()).unwrap();
        assert_eq!(ranked.verdict, PromotionVerdict::Promote, "{rate}");
    });
}

#[test]
fn no_worse_and_better_calibrated_takes_over() {
    everywhere(20_000, |rate, drawn, outcome| {
        let found = judged(outcome, &drawn.loud, &drawn.new);
        assert_eq!(found.verdict, PromotionVerdict::Promote, "{rate} {found:?}");
        assert!(check(&found, "log_loss").high.unwrap() < 0.0 && found.reason.contains("ranks no worse"), "{rate}");
    });
}

#[test]
fn few_rows_are_not_enough_and_it_says_how_many_are() {
    everywhere(400, |rate, drawn, outcome| {
        let events = outcome.values().iter().sum::<f64>();
        let rarer = events.min(400.0 - events);
        let found = judged(outcome, &drawn.old, &drawn.new);
        if rarer < 100.0 {
            assert_eq!((found.verdict, found.checks.len()), (PromotionVerdict::NotEnoughData, 1), "{rate}");
            let needed = (rarer > 0.0).then(|| (400.0 * 100.0 / rarer).ceil());
            assert_eq!(found.rows_needed, needed, "{rate}");
        } else {
            assert_ne!(found.verdict, PromotionVerdict::NotEnoughData, "{rate}");
        }
    });
    let outcome = Outcome::binary("bought", &[false; 300]);
    let found = judged(&outcome, &[0.5; 300], &[0.5; 300]);
    assert_eq!((found.verdict, found.rows_needed), (PromotionVerdict::NotEnoughData, None));
}

#[test]
fn an_open_ranking_with_a_wide_interval_is_not_enough() {
    let mut random = ChaCha8Rng::seed_from_u64(3);
    let mut noise = || (0..400).map(|_| random.next_u64() as f64 / 2.0_f64.powi(64)).collect::<Vec<f64>>();
    let happened: Vec<bool> = (0..400).map(|row| row % 2 == 0).collect();
    let (old, new) = (noise(), noise());
    let outcome = Outcome::binary("bought", &happened);
    let evidence = PromotionEvidence::new(&outcome, &old, &new);
    let found = promotion(&evidence, &PromotionPolicy::default()).unwrap();
    let compared = compare_roc_auc(&outcome, &new, &old, 0.95).unwrap();
    let width = compared.high - compared.low;
    assert!(width > 0.1 && found.verdict == PromotionVerdict::NotEnoughData, "{found:?}");
    assert_eq!(found.rows_needed, Some((400.0 * (width / 0.1).powi(2)).ceil()));
    let wider = PromotionPolicy::Standard(StandardPolicy { widest: 0.5, ..StandardPolicy::default() });
    assert_eq!(promotion(&evidence, &wider).unwrap().verdict, PromotionVerdict::Keep);
}

#[test]
fn figures_are_those_of_the_single_functions_and_weights_count_customers() {
    let drawn = drawn(0.3, 3000, ["won", "lost"]);
    let weights: Vec<f64> = (0..3000).map(|row| f64::from(row % 3)).collect();
    let outcome = Outcome::labels("result", &drawn.labels, "won").unwrap().weights(&weights).unwrap();
    let found = judged(&outcome, &drawn.old, &drawn.new);
    let repeat = |of: &[f64]| -> Vec<f64> { (0..3000).flat_map(|row| vec![of[row]; row % 3]).collect() };
    let happened: Vec<bool> = repeat(outcome.values()).iter().map(|&one| one == 1.0).collect();
    let repeated = Outcome::binary("won", &happened);
    let (old, new) = (repeat(&drawn.old), repeat(&drawn.new));
    let other = judged(&repeated, &old, &new);
    for (one, two) in found.checks.iter().zip(&other.checks) {
        let near = |one: Option<f64>, two: Option<f64>| {
            one.zip(two).map_or(one.is_none() && two.is_none(), |(one, two)| (one - two).abs() < 1e-9)
        };
        assert!(near(one.value, two.value) && near(one.low, two.low) && near(one.high, two.high), "{one:?} {two:?}");
    }
    let loss = log_loss(&repeated, &new, 0.0).unwrap() - log_loss(&repeated, &old, 0.0).unwrap();
    assert!((check(&other, "log_loss").value.unwrap() - loss).abs() < 1e-12);
    let slope = recalibration(&repeated, &new, 0.95).unwrap().slope;
    assert_eq!(check(&other, "calibration_slope").value, Some(slope.value));
    let precision =
        |scores: &[f64]| tierwise::evaluate::Ranking::new(&repeated, scores).unwrap().precision_at(300).unwrap();
    let capacity = StandardPolicy { top: TopOfList::Capacity(300.0), ..StandardPolicy::default() };
    let evidence = PromotionEvidence::new(&repeated, &old, &new);
    let at = promotion(&evidence, &PromotionPolicy::Standard(capacity)).unwrap();
    let top = check(&at, "top_of_list");
    assert!((top.value.unwrap() - (precision(&new) - precision(&old))).abs() < 1e-12);
    assert!(top.low.unwrap() < top.value.unwrap() && top.value.unwrap() < top.high.unwrap());
}

#[test]
fn grades_in_a_wrong_order_and_a_drifted_score_keep_the_champion() {
    everywhere(20_000, |rate, drawn, outcome| {
        let mut sorted = drawn.new.clone();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = (sorted[7000], sorted[14_000]);
        let codes: Vec<Option<u32>> =
            drawn.new.iter().map(|&said| Some(u32::from(said < high) + u32::from(said < low))).collect();
        let with = |names: [&str; 3], codes: &[Option<u32>], reference: &[f64]| {
            let names = names.map(str::to_owned);
            let grades = Some(PromotionGrades { names: &names, codes });
            let evidence = PromotionEvidence::new(outcome, &drawn.old, &drawn.new);
            let evidence = PromotionEvidence { grades, reference: Some(reference), ..evidence };
            promotion(&evidence, &PromotionPolicy::default()).unwrap()
        };
        let sound = with(["A", "B", "C"], &codes, &drawn.new);
        assert_eq!(sound.verdict, PromotionVerdict::Promote, "{rate} {sound:?}");
        assert_eq!(check(&sound, "grades").state, CheckState::Passed, "{rate}");
        assert_eq!(check(&sound, "drift").value.map(f64::abs), Some(0.0), "{rate}");

        let swapped: Vec<Option<u32>> = codes.iter().map(|code| code.map(|code| [1, 0, 2][code as usize])).collect();
        let wrong = with(["A", "B", "C"], &swapped, &drawn.new);
        assert_eq!(wrong.verdict, PromotionVerdict::Keep, "{rate}");
        assert!(wrong.reason.contains("wrong order") && wrong.reason.contains("`A`"), "{}", wrong.reason);

        let moved: Vec<f64> = sorted[14_000..].to_vec();
        let drifted = with(["A", "B", "C"], &codes, &moved);
        assert_eq!((drifted.verdict, check(&drifted, "drift").state), (PromotionVerdict::Keep, CheckState::Failed));
    });
    let names = ["A".to_owned(), "B".to_owned()];
    let happened: Vec<bool> = (0..300).map(|row| row % 2 == 0).collect();
    let scores: Vec<f64> = (0..300).map(f64::from).collect();
    let outcome = Outcome::binary("won", &happened);
    let codes: Vec<Option<u32>> = (0..300).map(|row| (row > 0).then_some(u32::from(row % 50 == 0))).collect();
    let grades = Some(PromotionGrades { names: &names, codes: &codes });
    let evidence = PromotionEvidence { grades, ..PromotionEvidence::new(&outcome, &scores, &scores) };
    let found = promotion(&evidence, &PromotionPolicy::default()).unwrap();
    let grades = check(&found, "grades"); // five of five against half: within noise or not, but the wrong way
    assert!(grades.state != CheckState::Passed && grades.sentence.contains("1 customers have no grade"), "{grades:?}");
}

#[test]
fn dynamics_promotes_the_nearly_as_accurate_and_replaces_the_old() {
    let policy = PromotionPolicy::Dynamics(DynamicsPolicy::default());
    let reverse = |scores: &[f64]| scores.iter().map(|score| -score).collect::<Vec<f64>>();
    everywhere(20_000, |rate, drawn, outcome| {
        let evidence = PromotionEvidence::new(outcome, &drawn.new, &drawn.new);
        let found = promotion(&evidence, &policy).unwrap();
        assert_eq!((found.verdict, check(&found, "accuracy").value), (PromotionVerdict::Promote, Some(1.0)), "{rate}");
        let wrong = reverse(&drawn.new);
        let evidence = PromotionEvidence { age_months: Some(3.0), challenger: &wrong, ..evidence };
        let found = promotion(&evidence, &policy).unwrap();
        let accuracy = check(&found, "accuracy");
        assert!(accuracy.low.unwrap() <= accuracy.value.unwrap() && accuracy.value.unwrap() <= accuracy.high.unwrap());
        let strict = accuracy.value.unwrap() < 0.95; // at 99 % calling everybody is right
        let expected = if strict { PromotionVerdict::Keep } else { PromotionVerdict::Promote };
        assert!(found.verdict == expected && (strict || rate > 0.5), "{rate} {found:?}");
        let old = PromotionEvidence { age_months: Some(3.1), ..evidence };
        assert_eq!(promotion(&old, &policy).unwrap().verdict, PromotionVerdict::Promote, "{rate}");
    });
    let outcome = Outcome::binary("won", &[true, false, true, false]);
    let few = PromotionEvidence { age_months: Some(9.0), ..PromotionEvidence::new(&outcome, &[0.0; 4], &[0.0; 4]) };
    let found = promotion(&few, &policy).unwrap();
    assert_eq!((found.verdict, found.rows_needed), (PromotionVerdict::NotEnoughData, Some(80.0)));
}

#[test]
fn false_alarms_are_as_rare_as_said() {
    // Two scores that know equally much, of different things: neither may take over often.
    let mut promoted = 0;
    for seed in 0..200 {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut uniform = || random.next_u64() as f64 / 2.0_f64.powi(64);
        let (mut happened, mut old, mut new) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..1000 {
            let (one, two) = (uniform(), uniform());
            happened.push(uniform() < chance(2.0 * (one + two - 1.0)));
            old.push(one);
            new.push(two);
        }
        let outcome = Outcome::binary("won", &happened);
        let found = promotion(&PromotionEvidence::new(&outcome, &old, &new), &PromotionPolicy::default()).unwrap();
        promoted += u32::from(found.verdict == PromotionVerdict::Promote);
    }
    assert!((1..=12).contains(&promoted), "{promoted}"); // 2.5 % of 200 are 5
}

#[test]
fn what_does_not_fit_is_refused() {
    let outcome = Outcome::binary("won", &[true, false]);
    let names = ["A".to_owned(), "B".to_owned()];
    let sound = PromotionEvidence::new(&outcome, &[0.1, 0.2], &[0.3, 0.4]);
    let refused = |evidence: &PromotionEvidence<'_>| {
        let error = promotion(evidence, &PromotionPolicy::default()).unwrap_err();
        (error.code(), error.to_string())
    };
    let wrong = |code: &str, says: &str, evidence: PromotionEvidence<'_>| {
        let (found, message) = refused(&evidence);
        assert!(found == code && message.contains(says), "{found}: {message}");
    };
    wrong("wrong_length", "the champion's score", PromotionEvidence { champion: &[0.1], ..sound });
    wrong("wrong_length", "the challenger's score", PromotionEvidence { challenger: &[0.1], ..sound });
    wrong("invalid_value", "row 1", PromotionEvidence { challenger: &[0.1, f64::NAN], ..sound });
    let said = PromotionEvidence { probabilities: true, ..sound };
    wrong("invalid_value", "the champion's probability", PromotionEvidence { champion: &[0.1, 1.5], ..said });
    wrong("invalid_value", "the reference score", PromotionEvidence { reference: Some(&[f64::NAN]), ..sound });
    wrong("invalid_parameter", "age_months", PromotionEvidence { age_months: Some(-1.0), ..sound });
    let graded = |names, codes| PromotionEvidence { grades: Some(PromotionGrades { names, codes }), ..sound };
    wrong("wrong_length", "the grades", graded(&names, &[None]));
    wrong("invalid_value", "the grade", graded(&names, &[None, Some(2)]));
    wrong("invalid_parameter", "at least two grades", graded(&names[..1], &[None, None]));
    let nothing = Outcome::binary("won", &[]);
    wrong("empty_table", "won", PromotionEvidence::new(&nothing, &[], &[]));

    let usual = StandardPolicy::default;
    let happened: Vec<bool> = (0..400).map(|row| row % 2 == 0).collect();
    let (scores, outcome) = (vec![0.5; 400], Outcome::binary("won", &happened));
    for (name, policy) in [
        ("better_by", StandardPolicy { better_by: f64::NAN, ..usual() }),
        ("not_worse_by", StandardPolicy { not_worse_by: -0.1, ..usual() }),
        ("slope_low", StandardPolicy { slope_low: 2.0, ..usual() }),
        ("least", StandardPolicy { least: 1.0, ..usual() }),
        ("widest", StandardPolicy { widest: 0.0, ..usual() }),
        ("confidence", StandardPolicy { confidence: 1.0, ..usual() }),
        ("share", StandardPolicy { top: TopOfList::Share(1.5), ..usual() }),
        ("capacity", StandardPolicy { top: TopOfList::Capacity(401.0), ..usual() }),
    ] {
        let evidence = PromotionEvidence::new(&outcome, &scores, &scores);
        let error = promotion(&evidence, &PromotionPolicy::Standard(policy)).unwrap_err();
        assert!(error.code() == "invalid_parameter" && error.to_string().contains(name), "{error}");
    }
    let ratio = PromotionPolicy::Dynamics(DynamicsPolicy { ratio: 0.0, ..DynamicsPolicy::default() });
    assert_eq!(promotion(&sound, &ratio).unwrap_err().code(), "invalid_parameter");
}
