//! The frequency model: the published case, and what counting promises.
#![allow(clippy::unwrap_used)]

use tierwise::lead::{FrequencyCounts, FrequencyModel, FrequencySpec, Smoothing};
use tierwise::{Feature, Summary, laws, model};

const U: f64 = f64::NAN;

/// Stage, country, state, email, phone, source; won. Leads that give the counts of Odoo's own test.
const LEADS: [([f64; 6], bool); 5] = [
    ([1.0, 0.0, 0.0, 0.0, 0.0, 1.0], true),
    ([1.0, 1.0, 0.0, 0.0, 0.0, U], true),
    ([1.0, 0.0, 1.0, 0.0, 0.0, 0.0], false),
    ([0.0, U, U, 0.0, 1.0, 0.0], false),
    ([0.0, U, U, 0.0, 1.0, U], false),
];

fn spec() -> FrequencySpec {
    let two = |name: &str| Feature::category(name, ["a", "b"]);
    FrequencySpec {
        fields: ["country", "state", "email", "phone", "source"].map(two).into(),
        stage: Some(Feature::category("stage", ["new", "qualified", "won"])),
        won_stage: Some("won".into()),
        ..FrequencySpec::default()
    }
}

fn counted(leads: &[([f64; 6], bool)]) -> FrequencyCounts {
    let mut counts = FrequencyCounts::new(spec()).unwrap();
    for (row, won) in leads {
        counts.observe(row, *won).unwrap();
    }
    counts
}

fn published() -> FrequencyModel {
    counted(&LEADS).model(Smoothing::Odoo).unwrap()
}

fn shrunk() -> FrequencyModel {
    counted(&LEADS).model(Smoothing::EmpiricalBayes).unwrap()
}

laws!(odoo, published(), [Score, Explain, Saved]);
laws!(empirical_bayes, shrunk(), [Score, Explain, Saved]);

/// Recomputed from the counts in Odoo's test of its predictive lead scoring.
#[test]
fn the_published_case_comes_out() {
    let model = published();
    assert_eq!(model.percent(&[1.0, 0.0, 0.0, 0.0, 0.0, 0.0]), 74.30);
    assert_eq!(model.percent(&[U; 6]), 0.0);
    assert_eq!(model.percent(&[2.0, U, U, U, U, U]), 100.0);
}

#[test]
fn reopening_takes_back_exactly_and_only_what_was_there() {
    let mut counts = counted(&LEADS);
    counts.observe(&[0.0, 1.0, U, U, 1.0, 1.0], false).unwrap();
    counts.reopen(&[0.0, 1.0, U, U, 1.0, 1.0], false).unwrap();
    assert_eq!(counts, counted(&LEADS));
    let refused = counts.reopen(&[0.0, 1.0, U, U, 1.0, 1.0], true).unwrap_err();
    assert_eq!(refused.code(), "invalid_value");
    assert_eq!(counts, counted(&LEADS));
}

#[test]
fn parts_merge_to_the_whole_in_any_order() {
    for cut in 0..=LEADS.len() {
        let (mut a, mut b) = (counted(&LEADS[..cut]), counted(&LEADS[cut..]));
        let first = a.clone();
        a.merge(&b).unwrap();
        b.merge(&first).unwrap();
        assert_eq!(a, counted(&LEADS));
        assert_eq!(b, a);
    }
}

#[test]
fn without_won_or_lost_leads_there_is_no_model() {
    let only_lost = counted(&LEADS[2..]).model(Smoothing::EmpiricalBayes).unwrap_err();
    assert_eq!(only_lost.code(), "not_enough_data");
}

#[test]
fn the_model_file_holds_the_model() {
    let text = model::save(&published()).unwrap();
    let again: FrequencyModel = model::load(&text).unwrap();
    assert_eq!(again.percent(&[1.0, 0.0, 0.0, 0.0, 0.0, 0.0]), 74.30);
}
