//! Figures by group: each equals that of the group alone, and small groups are not judged.

#![allow(clippy::unwrap_used)]

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use tierwise::evaluate::{
    AucScale, FairnessSettings, GroupFigure, GroupFigures, by_group, confusion, rate_change, ratio_of_rates,
    recalibration, roc_auc_interval, wilson_rate,
};
use tierwise::{Error, Outcome};

const GROUPS: [&str; 3] = ["north", "south", "west"];

struct Drawn {
    happened: Vec<bool>,
    scores: Vec<f64>,
    groups: Vec<u32>,
}

/// The south is scored too low; the west has few customers.
fn drawn(rate: f64) -> Drawn {
    let mut random = ChaCha8Rng::seed_from_u64((rate * 1000.0) as u64);
    let mut uniform = || random.next_u64() as f64 / 2.0_f64.powi(64);
    let mut drawn = Drawn { happened: Vec::new(), scores: Vec::new(), groups: Vec::new() };
    for row in 0..3000 {
        let group = if row % 300 == 0 { 2 } else { u32::from(row % 3 == 0) };
        let log_odds = (rate / (1.0 - rate)).ln() + 2.0 * (uniform() - 0.5);
        let chance = |log_odds: f64| 1.0 / (1.0 + (-log_odds).exp());
        drawn.happened.push(uniform() < chance(log_odds));
        drawn.scores.push(chance(log_odds - if group == 1 { 0.5 } else { 0.0 }));
        drawn.groups.push(group);
    }
    drawn
}

fn of_group(drawn: &Drawn, group: u32) -> (Vec<bool>, Vec<f64>) {
    let rows = (0..drawn.groups.len()).filter(|&row| drawn.groups[row] == group);
    rows.map(|row| (drawn.happened[row], drawn.scores[row])).unzip()
}

#[test]
fn figures_are_those_of_the_group_alone() {
    for rate in [0.01, 0.1, 0.5, 0.9, 0.99] {
        let drawn = drawn(rate);
        let outcome = Outcome::binary("bought", &drawn.happened);
        let settings = FairnessSettings { probabilities: true, ..FairnessSettings::new(rate) };
        let found = by_group(&outcome, &drawn.scores, &drawn.groups, &GROUPS, &settings).unwrap();
        let mut counted = Vec::new();
        for (group, figures) in found.iter().enumerate().take(2) {
            let (happened, scores) = of_group(&drawn, group as u32);
            let own = Outcome::binary("bought", &happened);
            let four = confusion(&own, &scores, rate).unwrap();
            let events = four.true_positives + four.false_negatives;
            let others = four.false_positives + four.true_negatives;
            let expected = |events: f64, trials: f64| wilson_rate(events, trials, 0.95).unwrap();
            assert_eq!(figures.rows, four.total());
            assert_eq!(figures.base_rate.known(), Some(&expected(events, four.total())));
            assert_eq!(figures.selection_rate.known(), Some(&expected(four.called(), four.total())));
            if events >= 10.0 && others >= 10.0 {
                assert_eq!(figures.true_positive_rate.known(), Some(&expected(four.true_positives, events)));
                assert_eq!(figures.false_positive_rate.known(), Some(&expected(four.false_positives, others)));
                let auc = roc_auc_interval(&own, &scores, 0.95, AucScale::Logit).unwrap();
                let known = figures.roc_auc.known().unwrap();
                assert!((known.value - auc.value).abs() < 1e-12 && (known.low - auc.low).abs() < 1e-12);
                let bent = recalibration(&own, &scores, 0.95).unwrap();
                let known = *figures.calibration.as_ref().unwrap().known().unwrap();
                assert!((known.slope.value - bent.slope.value).abs() < 1e-9);
                assert!((known.in_the_large.low - bent.in_the_large.low).abs() < 1e-9);
            } else {
                assert_eq!(figures.roc_auc.known(), None);
            }
            counted.push((four, events));
        }
        let compared = found[1].compared.as_ref().unwrap();
        let [(north, north_events), (south, south_events)] = counted[..] else { panic!("two groups") };
        let ratio = ratio_of_rates((south.called(), south.total()), (north.called(), north.total()), 0.95).unwrap();
        assert_eq!(compared.selection_ratio, GroupFigure::Known(ratio));
        assert_eq!(compared.below_four_fifths, Some(ratio.value < 0.8));
        assert_eq!(found[0].compared, None);
        if let GroupFigure::Known(difference) = compared.opportunity_difference {
            let change = rate_change((north.true_positives, north_events), (south.true_positives, south_events), 0.95);
            assert_eq!(difference, change.unwrap().difference);
        }
    }
}

#[test]
fn a_group_that_is_scored_too_low_is_found_and_a_small_one_not_judged() {
    let drawn = drawn(0.3);
    let outcome = Outcome::binary("bought", &drawn.happened);
    let settings = FairnessSettings { probabilities: true, least: 12.0, ..FairnessSettings::new(0.3) };
    let found = by_group(&outcome, &drawn.scores, &drawn.groups, &GROUPS, &settings).unwrap();
    let compared = found[1].compared.as_ref().unwrap();
    assert_eq!(compared.below_four_fifths, Some(true));
    assert!(compared.selection_ratio.known().unwrap().high < 0.8);
    assert!(compared.opportunity_difference.known().unwrap().high < 0.0);
    let auc = compared.roc_auc_difference.known().unwrap();
    assert!(auc.low < 0.0 && auc.high > 0.0); // it ranks as well
    let bent = found[1].calibration.as_ref().unwrap().known().unwrap();
    assert!(bent.in_the_large.low > 0.3 && bent.slope.low < 1.0 && bent.slope.high > 1.0);
    let west = &found[2];
    assert_eq!(west.rows, 10.0);
    let what = "a rate, customers of the group".into();
    assert_eq!(west.base_rate, GroupFigure::Not(Error::NotEnoughData { what, needed: 12, found: 10 }));
    assert_eq!(west.compared.as_ref().unwrap().below_four_fifths, None);
    let text = serde_json::to_value(west).unwrap();
    let sentence = "not enough data for a rate, customers of the group: 10 where at least 12 are needed";
    assert_eq!(text["base_rate"]["not"], sentence);
}

#[test]
fn weights_are_repeated_rows_and_the_reference_may_be_named() {
    let drawn = drawn(0.4);
    let weights: Vec<f64> = (0..drawn.groups.len()).map(|row| (row % 3) as f64).collect();
    let rows: Vec<usize> = (0..weights.len()).flat_map(|row| std::iter::repeat_n(row, weights[row] as usize)).collect();
    let settings = FairnessSettings { reference: Some(1), ..FairnessSettings::new(0.4) };
    let outcome = Outcome::binary("bought", &drawn.happened).weights(&weights).unwrap();
    let weighed = by_group(&outcome, &drawn.scores, &drawn.groups, &GROUPS, &settings).unwrap();
    let happened: Vec<bool> = rows.iter().map(|&row| drawn.happened[row]).collect();
    let scores: Vec<f64> = rows.iter().map(|&row| drawn.scores[row]).collect();
    let groups: Vec<u32> = rows.iter().map(|&row| drawn.groups[row]).collect();
    let repeated = by_group(&Outcome::binary("bought", &happened), &scores, &groups, &GROUPS, &settings).unwrap();
    let figures = |group: &GroupFigures| (group.rows, group.selection_rate.clone(), group.precision.clone());
    assert_eq!(weighed.iter().map(figures).collect::<Vec<_>>(), repeated.iter().map(figures).collect::<Vec<_>>());
    let auc = |group: &GroupFigures| group.roc_auc.known().map(|auc| (auc.low * 1e12).round());
    assert_eq!(auc(&weighed[0]), auc(&repeated[0]));
    assert_eq!((weighed[0].compared.as_ref().unwrap().reference.as_str(), &weighed[1].compared), ("south", &None));
}

#[test]
fn nobody_selected_is_below_four_fifths_and_what_does_not_fit_is_refused() {
    let outcome = Outcome::binary("bought", &[true, false, true, false]);
    let scores = [0.9, 0.8, 0.1, 0.2];
    let settings = FairnessSettings { least: 2.0, ..FairnessSettings::new(0.5) };
    let found = by_group(&outcome, &scores, &[0, 0, 1, 1], &["a", "b"], &settings).unwrap();
    let compared = found[1].compared.as_ref().unwrap();
    assert_eq!((compared.selection_ratio.known(), compared.below_four_fifths), (None, Some(true)));
    let refused = |groups: &[u32], settings: &FairnessSettings| {
        by_group(&outcome, &scores, groups, &["a", "b"], settings).unwrap_err().code()
    };
    assert_eq!(refused(&[0, 0, 1], &settings), "wrong_length");
    assert_eq!(refused(&[0, 0, 1, 2], &settings), "invalid_value");
    assert_eq!(refused(&[0; 4], &FairnessSettings { reference: Some(2), ..settings.clone() }), "invalid_parameter");
    assert_eq!(refused(&[0; 4], &FairnessSettings::new(f64::NAN)), "invalid_parameter");
    assert_eq!(refused(&[0; 4], &FairnessSettings { least: 1.0, ..settings }), "invalid_parameter");
}
