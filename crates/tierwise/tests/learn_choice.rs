//! The choice of a learner: the simplest that is as good as the best, and none where there is nothing to learn.

#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;
use tierwise::learn::{Additive, Choice, Learner, Logistic, choose, stratified_folds, usual_candidates};
use tierwise::{Columns, Feature, Outcome};

fn candidates() -> Vec<(String, Learner)> {
    let additive = Additive::new().bags(3);
    vec![
        ("logistic".into(), Logistic::new().into()),
        ("additive".into(), additive.clone().pairs(0).into()),
        ("additive with pairs".into(), additive.pairs(3).into()),
    ]
}

/// Two numbers that look random, and a constant one that additive models leave out.
fn table(rows: usize) -> [Vec<f64>; 3] {
    let number = |by: usize| (0..rows).map(|row| (row * by % 997) as f64 / 997.0).collect();
    [number(271), number(613), vec![1.0; rows]]
}

fn choice(happened: &[bool], names: &[&str; 3]) -> Choice {
    let features = names.map(Feature::number);
    let table = table(happened.len());
    let used = if names[2].is_empty() { 2 } else { 3 };
    let columns = table.iter().take(used).map(Vec::as_slice).collect();
    let columns = Columns::in_order(&features[..used], columns).unwrap();
    let outcome = Outcome::binary("happened", happened);
    let folds = stratified_folds(&outcome, 4, 1, 1).unwrap();
    choose(&candidates(), &columns, &outcome, &folds, 1, &mut |_| ControlFlow::Continue(())).unwrap()
}

fn luck(row: usize) -> f64 {
    (row * 7919 % 1009) as f64 / 1009.0
}

#[test]
fn a_straight_line_needs_no_more_than_a_line() {
    let [x, _, _] = table(1500);
    let happened: Vec<bool> = (0..1500).map(|row| luck(row) < 1.0 / (1.0 + (2.0 - 4.0 * x[row]).exp())).collect();
    let choice = choice(&happened, &["x", "y", ""]);
    assert_eq!(choice.chosen, Some(0), "{}", choice.reason);
    assert!(choice.candidates[choice.best].behind == 0.0 && choice.null_log_loss > choice.candidates[0].log_loss.value);
}

#[test]
fn an_interaction_needs_pairs() {
    let [x, y, _] = table(1500);
    let happened: Vec<bool> =
        (0..1500).map(|row| luck(row) < if (x[row] > 0.5) == (y[row] > 0.5) { 0.8 } else { 0.2 }).collect();
    let choice = choice(&happened, &["x", "y", ""]);
    assert_eq!((choice.chosen, choice.best), (Some(2), 2), "{}", choice.reason);
    let judged = &choice.candidates[2];
    assert!(judged.roc_auc.low < judged.roc_auc.value && judged.roc_auc.value < judged.roc_auc.high);
    assert!(judged.calibration_error.low <= judged.calibration_error.high);
}

#[test]
fn where_there_is_no_signal_nothing_is_chosen() {
    let happened: Vec<bool> = (0..1500).map(|row| luck(row) < 0.3).collect();
    let choice = choice(&happened, &["x", "y", ""]);
    assert_eq!(choice.chosen, None);
    assert!(choice.reason.starts_with("no signal"), "{}", choice.reason);
}

#[test]
fn a_model_that_leaves_a_column_out_is_judged_on_the_right_columns() {
    let [x, y, _] = table(1500);
    let happened: Vec<bool> =
        (0..1500).map(|row| luck(row) < if x[row] > 0.5 { 0.9 } else { 0.1 + 0.2 * y[row] }).collect();
    let features = ["one", "x", "y"].map(Feature::number);
    let ones = vec![1.0; 1500];
    let columns = Columns::in_order(&features, vec![&ones, &x, &y]).unwrap();
    let outcome = Outcome::binary("happened", &happened);
    let folds = stratified_folds(&outcome, 4, 1, 1).unwrap();
    let additive = vec![("additive".into(), Additive::new().bags(2).into())];
    let choice = choose(&additive, &columns, &outcome, &folds, 1, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(choice.candidates[0].roc_auc.value > 0.8, "{choice:?}");
}

/// Two rows of a customer or one of weight 2: the same figures and the same standard errors. And a known part of the
/// log-odds is nothing to be proud of.
#[test]
fn weights_count_customers_and_offsets_belong_to_the_base_rate() {
    let [x, _, _] = table(1200);
    let features = [Feature::number("x")];
    let columns = Columns::in_order(&features, vec![&x]).unwrap();
    let happened: Vec<bool> = (0..1200).map(|row| luck(row) < 1.0 / (1.0 + (1.0 - 2.0 * x[row]).exp())).collect();
    let logistic: Vec<(String, Learner)> = vec![("logistic".into(), Logistic::new().into())];
    let judge = |outcome: &Outcome<'_>| {
        let folds = stratified_folds(outcome, 4, 1, 1).unwrap();
        choose(&logistic, &columns, outcome, &folds, 1, &mut |_| ControlFlow::Continue(())).unwrap()
    };
    let plain = judge(&Outcome::binary("y", &happened));
    let double = judge(&Outcome::binary("y", &happened).weights(vec![2.0; 1200]).unwrap());
    assert!((plain.null_log_loss - double.null_log_loss).abs() < 1e-12);
    let width = |choice: &Choice| choice.candidates[0].roc_auc.high - choice.candidates[0].roc_auc.low;
    assert!((width(&plain) / width(&double) - 2.0_f64.sqrt()).abs() < 0.02);

    // All that there is to know is known: nothing is left to learn.
    let known: Vec<f64> = x.iter().map(|x| 2.0 * x - 1.0).collect();
    let lot: Vec<f64> = (0..1200).map(|row| f64::from((row * 389) % 997)).collect();
    let noise = Columns::in_order(&features, vec![&lot]).unwrap();
    let outcome = Outcome::binary("y", &happened).offsets(&known).unwrap();
    let folds = stratified_folds(&outcome, 4, 1, 1).unwrap();
    let choice = choose(&logistic, &noise, &outcome, &folds, 1, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(choice.chosen, None, "{}", choice.reason);
    assert!(choice.null_log_loss < plain.null_log_loss - 0.02 && choice.candidates[0].roc_auc.value > 0.6);
}

#[test]
fn what_fails_is_named() {
    let [x, _, _] = table(300);
    let features = [Feature::number("x"), Feature::number("same")];
    let same: Vec<f64> = (0..300).map(|row| f64::from(u8::from(row < 75))).collect();
    let columns = Columns::in_order(&features, vec![&x, &same]).unwrap();
    let happened: Vec<bool> = (0..300).map(|row| luck(row) < x[row]).collect();
    let outcome = Outcome::binary("happened", &happened);
    let mut folds = stratified_folds(&outcome, 3, 1, 1).unwrap();
    folds[1].train.retain(|row| happened[*row]);
    let candidates = vec![("plain".into(), Logistic::new().into())];
    let failed = choose(&candidates, &columns, &outcome, &folds, 1, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!(failed.code(), "one_class");
    assert!(failed.to_string().starts_with("candidate `plain`: fold 1: "), "{failed}");
    folds[1].test.push(300);
    let refused = choose(&candidates, &columns, &outcome, &folds, 1, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(refused.to_string().contains("`folds` of `choose`"), "{refused}");
}

#[test]
fn no_candidate_is_refused_and_a_stop_is_heard() {
    let [x, _, _] = table(300);
    let features = [Feature::number("x")];
    let columns = Columns::in_order(&features, vec![&x]).unwrap();
    let happened: Vec<bool> = (0..300).map(|row| luck(row) < x[row]).collect();
    let outcome = Outcome::binary("happened", &happened);
    let folds = stratified_folds(&outcome, 3, 1, 1).unwrap();
    let none = choose(&[], &columns, &outcome, &folds, 1, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!(none.code(), "invalid_parameter");
    let stopped = choose(&usual_candidates(), &columns, &outcome, &folds, 1, &mut |_| ControlFlow::Break(()));
    assert_eq!(stopped.unwrap_err().code(), "cancelled");
}
