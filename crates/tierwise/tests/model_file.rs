//! The reader of model files against everything that can be wrong with a file: a table of mistakes that people make,
//! and files mutated at random, as text and as trees.
//!
//! `TIERWISE_FUZZ_CASES=200000 cargo test -p tierwise --test model_file --release` runs more cases than the few
//! thousand of every test run, with a new seed each time.

#![allow(clippy::unwrap_used)] // a test may stop where it stands

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use serde_json::{Value, json};
use std::cell::Cell;
use tierwise::churn::Risk;
use tierwise::cross_sell::Propensity;
use tierwise::lead::{CardFit, FittedCard};
use tierwise::learn::{
    Additive, BetaShape, Binner, Binning, Calibration, CalibrationMethod, Calibrator, Logistic, Selection,
    WeightOfEvidence,
};
use tierwise::model::{self, Kinds, Model};
use tierwise::value::{
    Direction, GammaGamma, PurchaseBootstrap, PurchaseFit, PurchaseModel, PurchaseProcess, RfmScorer, RfmSegment,
    RfmSegments, RfmValues, ShiftedBetaGeometric, SpendBootstrap, Tiers,
};
use tierwise::{Bands, Columns, Feature, Fit, Outcome, Scorecard, Unknown, lead};

/// A small card with every kind of question, condition and correction, as a person would write it.
const CARD: &str = r#"{
  "format": 1,
  "kind": "scorecard",
  "name": "small",
  "features": [
    {"name": "visits", "kind": "number", "unknown": "own"},
    {"name": "country", "kind": "category", "levels": ["DE", "FR", "US"], "unknown": "neutral"},
    {"name": "met", "kind": "yes_no", "unknown": "neutral"},
    {"name": "revenue", "kind": "number", "unknown": "error"}
  ],
  "initial": 5,
  "characteristics": [
    {"name": "visits", "feature": "visits", "attributes": [
      {"when": {"range": {"from": 3, "below": 5}}, "points": 7.5},
      {"when": "unknown", "points": 1},
      {"when": "otherwise", "points": 0}
    ]},
    {"name": "country", "feature": "country", "attributes": [
      {"when": {"level": "DE"}, "points": 4},
      {"when": {"any_of": ["FR", "US"]}, "points": 2}
    ]},
    {"name": "met", "feature": "met", "attributes": [
      {"when": "yes", "points": 6},
      {"when": "no", "points": 0}
    ]},
    {"name": "revenue", "feature": "revenue", "per_unit": {"points": 0.1, "up_to": 100}, "group": "size"}
  ],
  "grades": [
    {"name": "A", "from": 20},
    {"name": "B", "from": 10, "to": 20},
    {"name": "C", "to": 10}
  ],
  "prerequisites": [
    {"name": "met", "feature": "met", "met_when": "yes", "correction": {"cap_at": "B"}},
    {"name": "visited", "feature": "visits", "met_when": {"range": {"from": 1}}, "while_unknown": "met",
     "correction": {"notch_down": 1}},
    {"name": "country", "feature": "country", "met_when": {"level": "DE"}, "correction": {"replace": {"A": "B"}}}
  ]
}"#;

/// The card with one piece of text replaced, as an editor would.
fn edited(from: &str, to: &str) -> String {
    assert!(CARD.contains(from), "`{from}` is not in the card");
    CARD.replacen(from, to, 1)
}

/// Loads the text, which must be refused with this code and a message that holds all of `parts`.
#[track_caller]
fn refused(text: &str, code: &str, parts: &[&str]) {
    let error = Kinds::builtin().load(text).map(|_| ()).expect_err("it loads");
    let message = error.to_string();
    assert_eq!(error.code(), code, "{message}");
    for part in parts {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
}

/// One mistake: the text to replace, what stands there instead, the code and parts of the message.
type Mistake<'a> = (&'a str, &'a str, &'a str, &'a [&'a str]);

fn check(mistakes: &[Mistake<'_>]) {
    for (from, to, code, parts) in mistakes {
        refused(&edited(from, to), code, parts);
    }
}

#[test]
fn the_card_itself_loads() {
    let card: Scorecard = model::load(CARD).unwrap();
    assert_eq!(card.range(), (5.0, 32.5));
}

#[test]
fn text_that_is_no_json() {
    refused("", "model_syntax", &["line 1, column 0", "EOF"]);
    refused("   \n", "model_syntax", &["line 2, column 0", "EOF"]);
    refused("format: 1\nkind: scorecard", "model_syntax", &["line 1, column"]);
    refused("<model/>", "model_syntax", &["line 1, column 1"]);
    refused(&format!("{CARD} trailing"), "model_syntax", &["line 39", "trailing characters"]);
    for cut in [1, 20, CARD.len() / 2, CARD.len() - 1] {
        refused(&CARD[..cut], "model_syntax", &["line ", "EOF"]);
    }
    let utf16: Vec<u8> = CARD.encode_utf16().flat_map(u16::to_le_bytes).collect();
    refused(&String::from_utf8_lossy(&utf16), "model_syntax", &["line 1, column 2"]);
    refused(&"[".repeat(100_000), "model_syntax", &["line 1, column 128", "recursion limit"]);
    refused(&"{\"format\":".repeat(100_000), "model_syntax", &["recursion limit"]);
    check(&[
        ("\"name\": \"small\",", "\"name\": \"small\"", "model_syntax", &["line 5, column 3", "expected `,`"]),
        ("\"name\": \"small\",", "'name': 'small',", "model_syntax", &["line 4, column 3", "key must be a string"]),
        ("\"name\": \"small\",", "\"name\": \"small\", // mine", "model_syntax", &["line 4, column 20"]),
        ("\"to\": 10}\n  ]", "\"to\": 10},\n  ]", "model_syntax", &["line 32, column 3", "trailing comma"]),
        ("\"points\": 7.5", "\"points\": 7,5", "model_syntax", &["line 14"]),
        ("\"points\": 7.5", "\"points\": NaN", "model_syntax", &["line 14"]),
        ("\"points\": 7.5", "\"points\": Infinity", "model_syntax", &["line 14"]),
        ("\"points\": 7.5", "\"points\": 1e999", "model_syntax", &["line 14", "number out of range"]),
        ("\"points\": 7.5", "\"points\": .5", "model_syntax", &["line 14"]),
        ("\"points\": 7.5", "\"points\": 07.5", "model_syntax", &["line 14", "invalid number"]),
        ("small", "sm\tall", "model_syntax", &["line 4", "control character"]),
        ("small", "sm\\xall", "model_syntax", &["line 4", "invalid escape"]),
    ]);
}

#[test]
fn a_key_that_stands_twice() {
    check(&[
        ("\"initial\": 5", "\"initial\": 5, \"initial\": 6", "model_syntax", &["line 11", "`initial` occurs twice"]),
        ("\"format\": 1", "\"format\": 1, \"format\": 1", "model_syntax", &["line 2", "`format` occurs twice"]),
        ("\"points\": 7.5", "\"points\": 7, \"points\": 8", "model_syntax", &["line 14", "`points` occurs twice"]),
        ("\"A\": \"B\"", "\"A\": \"B\", \"A\": \"C\"", "model_syntax", &["line 37", "`A` occurs twice"]),
    ]);
}

#[test]
fn an_envelope_that_is_wrong() {
    for text in ["1", "null", "\"scorecard\"", "[]", "[{\"format\": 1}]"] {
        refused(text, "model_field", &["at `$`", "expected an object"]);
    }
    refused("{}", "model_field", &["at `format`", "add `\"format\": 1`"]);
    refused("{\"format\": 1}", "model_field", &["at `kind`", "missing"]);
    check(&[
        ("\"format\": 1,", "", "model_field", &["at `format`", "missing"]),
        ("\"format\": 1", "\"format\": 2", "model_format", &["format 2", "1 to 1"]),
        ("\"format\": 1", "\"format\": 0", "model_format", &["format 0"]),
        ("\"format\": 1", "\"format\": 1.5", "model_format", &["format 1.5"]),
        ("\"format\": 1", "\"format\": -1", "model_format", &["format -1"]),
        ("\"format\": 1", "\"format\": \"1\"", "model_format", &["format \"1\""]),
        ("\"format\": 1", "\"format\": null", "model_format", &["format null"]),
        ("\"format\": 1", "\"format\": 18446744073709551616", "model_format", &["format 1.8446744073709552e+19"]),
        ("\"kind\": \"scorecard\",", "", "model_field", &["at `kind`", "missing"]),
        ("\"kind\": \"scorecard\"", "\"kind\": \"scorcard\"", "model_kind", &["`scorcard`", "`logistic`"]),
        ("\"kind\": \"scorecard\"", "\"kind\": \"Scorecard\"", "model_kind", &["`Scorecard`"]),
        ("\"kind\": \"scorecard\"", "\"kind\": \"\"", "model_kind", &["kind ``"]),
        ("\"kind\": \"scorecard\"", "\"kind\": 7", "model_field", &["at `kind`", "found 7"]),
        ("\"kind\"", "\"knd\"", "model_field", &["at `kind`", "missing"]),
        ("\"initial\": 5", "\"fingerprint\": 5", "model_field", &["at `fingerprint`", "found 5"]),
        ("\"initial\": 5", "\"fingerprint\": null", "model_field", &["at `fingerprint`", "found null"]),
    ]);
}

#[test]
fn a_wrong_value_in_the_envelope_is_not_repeated_at_length() {
    let long = format!("\"kind\": [{}1]", "1, ".repeat(10_000));
    refused(&edited("\"kind\": \"scorecard\"", &long), "model_field", &["at `kind`", "found a list"]);
    let text = edited("\"kind\": \"scorecard\"", &format!("\"kind\": \"{}\"", "k".repeat(10_000)));
    assert!(Kinds::builtin().load(&text).unwrap_err().to_string().len() < 700);
}

#[test]
fn fields_that_are_missing_misspelt_or_of_another_type() {
    check(&[
        ("\"name\": \"small\",", "", "model_field", &["at `$`", "missing field `name`"]),
        ("\"name\": \"small\"", "\"nmae\": \"small\"", "model_field", &["at `nmae`", "unknown field `nmae`"]),
        ("\"initial\"", "\"intial\"", "model_field", &["at `intial`", "expected one of", "`initial`"]),
        ("\"initial\": 5", "\"initial\": \"5\"", "model_field", &["at `initial`", "string \"5\""]),
        ("\"initial\": 5", "\"initial\": null", "model_field", &["at `initial`", "null"]),
        ("\"initial\": 5", "\"initial\": [5]", "model_field", &["at `initial`", "sequence"]),
        ("\"small\"", "5", "model_field", &["at `name`", "expected a string"]),
        ("\"unknown\": \"own\"", "\"unknown\": \"zero\"", "model_field", &["features[0].unknown", "`neutral`"]),
        (", \"unknown\": \"own\"", "", "model_field", &["features[0]", "missing field `unknown`"]),
        ("\"kind\": \"number\"", "\"kind\": \"numeric\"", "model_field", &["features[0].kind", "`yes_no`"]),
        ("\"levels\": [\"DE\"", "\"levels\": [7", "model_field", &["features[1].levels[0]", "expected a string"]),
        (
            "\"points\": 7.5",
            "\"points\": \"many\"",
            "model_field",
            &["characteristics[0].attributes[0].points", "many"],
        ),
        (", \"points\": 7.5", "", "model_field", &["characteristics[0].attributes[0]", "missing field `points`"]),
        ("\"when\": \"yes\"", "\"when\": \"ja\"", "model_field", &["characteristics[2].attributes[0].when", "`ja`"]),
        ("\"from\": 3", "\"from\": true", "model_field", &["characteristics[0].attributes[0].when", "boolean"]),
        ("\"from\": 3", "\"form\": 3", "model_field", &["characteristics[0].attributes[0].when", "`form`"]),
        ("{\"level\": \"DE\"}", "{\"level\": 1}", "model_field", &["characteristics[1].attributes[0].when", "integer"]),
        ("{\"level\": \"DE\"}", "{}", "model_field", &["characteristics[1].attributes[0].when"]),
        ("{\"level\": \"DE\"}", "{\"level\": \"DE\", \"no\": 1}", "model_field", &["attributes[0].when"]),
        ("\"up_to\"", "\"upto\"", "model_field", &["characteristics[3].per_unit", "`upto`"]),
        ("\"notch_down\": 1", "\"notch_down\": -1", "model_field", &["prerequisites[1].correction", "`-1`"]),
        ("\"notch_down\": 1", "\"notch_down\": 1.5", "model_field", &["prerequisites[1].correction", "1.5"]),
        ("\"notch_down\"", "\"notch\"", "model_field", &["prerequisites[1].correction", "`notch_down`"]),
        (
            "\"while_unknown\": \"met\"",
            "\"while_unknown\": \"yes\"",
            "model_field",
            &["prerequisites[1].while_unknown"],
        ),
        ("\"to\": 10}", "\"until\": 10}", "model_field", &["grades[2].until", "unknown field"]),
    ]);
}

#[test]
fn cards_that_contradict_themselves() {
    let card = "model_field"; // and the message is that of the card's own error
    check(&[
        (
            "\"name\": \"met\", \"kind\"",
            "\"name\": \"visits\", \"kind\"",
            card,
            &["feature `visits` is defined more than"],
        ),
        ("\"name\": \"visits\", \"kind\"", "\"name\": \" \", \"kind\"", card, &["its name is empty"]),
        ("\"DE\", \"FR\", \"US\"", "\"DE\", \"FR\", \"US\", \"DE\"", card, &["`country`", "listed twice"]),
        ("[\"DE\", \"FR\", \"US\"]", "[]", card, &["`country`", "at least one level"]),
        ("\"kind\": \"category\"", "\"kind\": \"number\"", card, &["`country`", "only a category has levels"]),
        (
            "\"feature\": \"visits\", \"attributes\"",
            "\"feature\": \"visit\", \"attributes\"",
            card,
            &["`visit` in characteristic `visits` is not a feature", "`revenue`"],
        ),
        (
            "\"feature\": \"met\", \"met_when\"",
            "\"feature\": \"meet\", \"met_when\"",
            card,
            &["`meet` in prerequisite `met` is not a feature"],
        ),
        ("{\"level\": \"DE\"}", "{\"level\": \"GB\"}", card, &["characteristic `country`", "`GB` is not a level"]),
        ("[\"FR\", \"US\"]", "[]", card, &["characteristic `country`", "`any_of` lists no level"]),
        ("[\"FR\", \"US\"]", "[\"FR\"]", card, &["characteristic `country`", "no attribute covers `US`"]),
        ("\"when\": \"otherwise\"", "\"when\": \"yes\"", card, &["characteristic `visits`", "does not suit"]),
        ("\"from\": 3, \"below\": 5", "\"from\": 5, \"below\": 5", card, &["the range from 5 to below 5 is empty"]),
        ("{\"when\": \"unknown\", \"points\": 1},", "", card, &["characteristic `visits`", "\"when\": \"unknown\""]),
        (
            "{\"when\": \"no\", \"points\": 0}",
            "{\"when\": \"yes\", \"points\": 0}",
            card,
            &["no attribute covers `no`"],
        ),
        ("\"up_to\": 100", "\"up_to\": 0", card, &["characteristic `revenue`", "`up_to` above 0"]),
        (
            "\"per_unit\": {\"points\": 0.1, \"up_to\": 100}",
            "\"attributes\": []",
            card,
            &["characteristic `revenue`", "either `attributes` or `per_unit`"],
        ),
        (
            "\"name\": \"country\", \"feature\"",
            "\"name\": \"visits\", \"feature\"",
            card,
            &["characteristic `visits`", "used twice"],
        ),
        ("\"name\": \"visited\"", "\"name\": \"met\"", card, &["prerequisite `met`", "used twice"]),
        ("\"name\": \"visited\"", "\"name\": \"\"", card, &["prerequisites", "has no name"]),
        ("\"cap_at\": \"B\"", "\"cap_at\": \"AA\"", card, &["prerequisite `met`", "`AA` is not a grade", "A, B, C"]),
        ("{\"A\": \"B\"}", "{\"A\": \"Z\"}", card, &["prerequisite `country`", "`Z` is not a grade"]),
        ("{\"A\": \"B\"}", "{\"B\": \"A\"}", card, &["which is better; a correction may only lower"]),
        ("{\"A\": \"B\"}", "{\"A\": \"C\"}", card, &["the better raw grade `A` would end below `B`"]),
        (", \"correction\": {\"cap_at\": \"B\"}", "", card, &["prerequisite `met`", "no `correction`"]),
        (
            "\"met_when\": \"yes\"",
            "\"met_when\": \"otherwise\"",
            card,
            &["prerequisite `met`", "cannot be `otherwise`"],
        ),
        (
            "\"met_when\": \"yes\"",
            "\"met_when\": {\"range\": {}}",
            card,
            &["prerequisite `met`", "does not suit `met`"],
        ),
        (
            "\"prerequisites\"",
            "\"correction_table\": [{\"unmet\": [\"no\"], \"correction\": {\"notch_down\": 1}}], \"prerequisites\"",
            card,
            &["prerequisite `met`", "but the card has a table"],
        ),
        ("\"from\": 10, \"to\": 20", "\"from\": 11, \"to\": 20", "model_field", &["at `grades`", "gap from 10 to 11"]),
        (
            "\"from\": 10, \"to\": 20",
            "\"from\": 9, \"to\": 20",
            "model_field",
            &["at `grades`", "overlap from 9 to 10"],
        ),
        ("\"from\": 10, \"to\": 20", "\"from\": 10", "model_field", &["at `grades`", "open edge"]),
        ("\"from\": 10, \"to\": 20", "\"from\": 20, \"to\": 10", "model_field", &["at `grades`", "`B` is empty"]),
        ("{\"name\": \"A\", \"from\": 20}", "{\"name\": \"B\", \"from\": 20}", "model_field", &["`B` is listed twice"]),
        ("\"A\", \"from\": 20", "\"A\", \"from\": 20, \"to\": 30", card, &["scores run from 5 to 32.5", "-inf to 30"]),
    ]);
    let without_grades = {
        let (start, end) = (CARD.find("\"grades\"").unwrap(), CARD.find("\"prerequisites\"").unwrap());
        format!("{}{}", &CARD[..start], &CARD[end..])
    };
    refused(&without_grades, card, &["prerequisites correct grades, but the card has none"]);
    let unused = edited(
        "{\"name\": \"met\", \"kind\"",
        "{\"name\": \"spare\", \"kind\": \"number\", \"unknown\": \"own\"}, {\"name\": \"met\", \"kind\"",
    );
    refused(&unused, card, &["feature `spare`", "no prerequisite asks about it"]);
}

#[test]
fn numbers_that_are_too_large() {
    let card = "model_field";
    check(&[
        ("\"points\": 0.1, \"up_to\": 100", "\"points\": 1e300, \"up_to\": 1e300", card, &["finite points"]),
        ("\"points\": 7.5", "\"points\": 1e309", "model_syntax", &["line 14", "number out of range"]),
        ("\"notch_down\": 1", "\"notch_down\": 18446744073709551616", card, &["prerequisites[1].correction"]),
    ]);
    // Beyond 2^64 an integer is read as the nearest double; and a notch beyond the worst grade ends there.
    let huge = edited("\"up_to\": 100", "\"up_to\": 100000000000000000000000");
    assert!(model::load::<Scorecard>(&huge).is_ok());
    let notch = edited("\"notch_down\": 1", "\"notch_down\": 18446744073709551615");
    assert!(model::load::<Scorecard>(&notch).is_ok());
}

#[test]
fn points_whose_sum_overflows() {
    let text = edited("\"points\": 7.5", "\"points\": 1.7e308").replacen("\"points\": 6", "\"points\": 1.7e308", 1);
    refused(&text, "model_field", &["the points add up to"]);
}

#[test]
fn a_file_that_was_changed_under_its_fingerprint() {
    let card: Scorecard = model::load(CARD).unwrap();
    let saved = model::save(&card).unwrap();
    refused(&saved.replacen("7.5", "7.6", 1), "fingerprint", &[&model::fingerprint(&card).unwrap(), "delete the"]);
    refused(&saved.replacen("small", "Small", 1), "fingerprint", &["was changed after it was saved"]);
    refused(&saved.replacen("\"fingerprint\": \"", "\"fingerprint\": \"0", 1), "fingerprint", &["carries"]);
    let reformatted = serde_json::to_string(&serde_json::from_str::<Value>(&saved).unwrap()).unwrap();
    assert_eq!(model::load::<Scorecard>(&reformatted).unwrap(), card, "white space is no change");
}

/// Editors on Windows put a byte order mark in front of a file; it says nothing and is passed over.
#[test]
fn a_byte_order_mark() {
    assert!(model::load::<Scorecard>(&format!("\u{feff}{CARD}")).is_ok());
    refused(&format!("{CARD}\u{feff}"), "model_syntax", &["line 39", "trailing characters"]);
}

// Fuzzing.

/// Runs `law` on generated cases: always the same ones, unless more are asked for.
fn fuzz<S: Strategy>(strategy: &S, law: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let asked = std::env::var("TIERWISE_FUZZ_CASES").ok().map(|cases| cases.parse().expect("a number of cases"));
    let config = Config { cases: asked.unwrap_or(4000), failure_persistence: None, ..Config::default() };
    let mut runner = match asked {
        Some(_) => TestRunner::new(config),
        None => TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha)),
    };
    if let Err(broken) = runner.run(strategy, law) {
        panic!("{broken}");
    }
}

/// One model of every kind that comes with the library.
fn every_kind() -> Vec<Box<dyn Model>> {
    let money: Vec<f64> = (0..50).map(|row| f64::from(row * 17 % 23)).collect();
    let customers = RfmValues { recency: &money, frequency: &money, monetary: &money };
    vec![
        Box::new(lead::supplier_prospects()),
        Box::new(look_alike()),
        Box::new(ladder_card()),
        Box::new(event_rules()),
        Box::new(fit_engagement()),
        Box::new(learned(&Logistic::new())),
        Box::new(learned(&Propensity::new("insurance", Logistic::new()))),
        Box::new(learned(&Risk::new(Logistic::new()))),
        Box::new(Tiers::by_quantiles("money", &money, &["A", "B", "C"], Direction::HigherIsBetter).unwrap()),
        Box::new(RfmScorer::fit(customers, 3).unwrap()),
        Box::new(segments()),
        Box::new(purchases(PurchaseProcess::ParetoNbd)),
        Box::new(purchases(PurchaseProcess::BgBb)),
        Box::new(GammaGamma::fit(&[2.0; 9], &[5.0, 7.0, 4.0, 9.0, 12.0, 3.0, 8.0, 6.0, 30.0], None).unwrap()),
        Box::new(ShiftedBetaGeometric::fit_survivors(&[100.0, 60.0, 45.0, 38.0]).unwrap()),
        Box::new(purchase_bootstrap()),
        Box::new(spend_bootstrap()),
        Box::new(ShiftedBetaGeometric::bootstrap_survivors(&[100.0, 60.0, 45.0, 38.0], 20, 1).unwrap()),
        Box::new(fitted_card()),
        Box::new(lead::PoolRules::new(lead::PoolSpec::default()).unwrap()),
        Box::new(lead::schiffman()),
        Box::new(counted()),
        Box::new(counted().model(lead::Smoothing::EmpiricalBayes).unwrap()),
        Box::new(binned(&Feature::number("visits"))),
        Box::new(learned(&Additive::new().bags(2).pairs(2))),
        Box::new(learned(&WeightOfEvidence::new().selection(Selection::none()))),
        Box::new(binned(&Feature::category("country", ["DE", "FR", "US"]))),
        Box::new(calibration(CalibrationMethod::Beta(BetaShape::Abm))),
        Box::new(calibration(CalibrationMethod::Isotonic)),
        Box::new(calibration(CalibrationMethod::StrictIsotonic)),
        Box::new(calibration(CalibrationMethod::VennAbers)),
        Box::new(calibration(CalibrationMethod::Platt).apply(lead::supplier_prospects()).unwrap()),
        Box::new(Calibration::prior_shift("true", 0.5, 0.1).unwrap().apply(learned(&Logistic::new())).unwrap()),
    ]
}

fn segments() -> RfmSegments {
    let scorer = RfmScorer::by_cuts(&[30.0], &[2.0], &[100.0, 1000.0]).unwrap();
    let rest = RfmSegment::new("rest").recency(1, 1).mean_of_frequency_and_monetary(1.0, 2.5);
    RfmSegments::new(scorer, vec![RfmSegment::new("active").recency(2, 2), rest], true).unwrap()
}

fn purchases(process: PurchaseProcess) -> PurchaseModel {
    let drawn = PurchaseModel::new(process, [1.0, 4.0, 0.9, 3.0]).unwrap().simulate(&[24.0; 80], 5).unwrap();
    PurchaseFit::new(process).fit(&drawn.histories()).unwrap()
}

fn purchase_bootstrap() -> PurchaseBootstrap {
    let truth = PurchaseModel::new(PurchaseProcess::MbgNbd, [1.0, 4.0, 0.9, 3.0]).unwrap();
    let drawn = truth.simulate(&[24.0; 200], 5).unwrap();
    PurchaseFit::new(PurchaseProcess::MbgNbd).bootstrap(&drawn.histories(), 20, 1).unwrap()
}

fn spend_bootstrap() -> SpendBootstrap {
    let amounts = GammaGamma::new([6.25, 3.74, 15.44]).unwrap().simulate(&(0..400).collect::<Vec<u32>>(), 1);
    let means: Vec<f64> = (0..200).map(|row| 0.5 * (amounts[row] + amounts[row + 200])).collect();
    GammaGamma::bootstrap(&[2.0; 200], &means, None, 20, 1).unwrap()
}

fn look_alike() -> lead::LookAlikeModel {
    let features = [Feature::number("visits"), Feature::category("country", ["DE", "FR"]), Feature::yes_no("met")];
    let (visits, country, met) = ([1.0, 4.0, f64::NAN], [0.0, f64::NAN, 1.0], [1.0, 0.0, 1.0]);
    let good = Columns::in_order(&features, vec![&visits, &country, &met]).unwrap();
    let others = good.slice(1..2);
    lead::LookAlike { neighbours: Some(2), ..lead::LookAlike::default() }.fit(&good, Some(&others)).unwrap()
}

fn ladder_card() -> lead::LadderCard {
    let criterion = |name: &str, met_when, up| lead::Criterion {
        name: name.into(),
        feature: name.into(),
        description: String::new(),
        met_when,
        up,
        down: 1,
    };
    let spec = lead::LadderSpec {
        name: "fit".into(),
        notes: vec!["steps are thirds".into()],
        features: vec![Feature::yes_no("decides"), Feature::number("employees").with_unknown(Unknown::Own)],
        ladder: lead::Ladder::thirds(),
        criteria: vec![
            criterion("decides", lead::Condition::Yes, 3),
            criterion("employees", lead::Condition::at_least(50.0), 2),
        ],
    };
    lead::LadderCard::new(spec).unwrap()
}

fn fitted_card() -> FittedCard {
    let card: Scorecard = model::load(CARD).unwrap();
    let features = card.features().to_vec();
    let column = |step: i32, levels: i32| (0..60).map(|row| f64::from(row * step % 11 % levels)).collect::<Vec<_>>();
    let table: Vec<Vec<f64>> = features
        .iter()
        .zip([37, 13, 5, 29])
        .map(|(one, step)| column(step, one.levels().len().max(2) as i32))
        .collect();
    let columns = Columns::in_order(&features, table.iter().map(Vec::as_slice).collect()).unwrap();
    let happened: Vec<bool> = (0..60).map(|row| row * 29 % 11 % 3 == 0).collect();
    CardFit::new(card).fit(&columns, &Outcome::binary("happened", &happened)).unwrap().model
}

fn event_rules() -> lead::EventRules {
    let group = |name: &str, within: Option<&str>| lead::EventGroup {
        name: name.into(),
        minimum: Some(-5.0),
        maximum: Some(20.0),
        within: within.map(String::from),
    };
    let rules = vec![
        lead::EventRule::new("page", 0.1).window(30).decay(lead::Decay::HalfLife(7.5)).group("pages"),
        lead::EventRule::new("mail", -2.0).counted(lead::Counted::First { n: 2, per: lead::Period::Days(14) }),
        lead::EventRule::new("demo", 9.0).of_event("page").decay(lead::Decay::Linear { gone_after: 60.0 }).maximum(9.0),
    ];
    let groups = vec![group("web", None), group("pages", Some("web"))];
    let spec = lead::EventRulesSpec { name: "events".into(), rules, groups, ..lead::EventRulesSpec::default() };
    lead::EventRules::new(spec).unwrap()
}

fn fit_engagement() -> lead::FitEngagement {
    let fit = Bands::falling("fit", &["A", "B"], &[50.0]).unwrap();
    lead::FitEngagement::new(fit, Bands::falling("engagement", &["1", "2", "3"], &[20.0, 5.0]).unwrap()).unwrap()
}

fn counted() -> lead::FrequencyCounts {
    let mut counts = lead::FrequencyCounts::new(lead::FrequencySpec {
        fields: vec![Feature::category("source", ["fair", "web"]), Feature::yes_no("asked")],
        stage: Some(Feature::category("stage", ["new", "offer", "won"])),
        won_stage: Some("won".into()),
        tags: vec!["urgent".into()],
        tag_support: 3,
        team: Some(Feature::category("team", ["north", "south"])),
        ..lead::FrequencySpec::default()
    })
    .unwrap();
    for row in 0..60 {
        let codes =
            [(7, 2), (5, 3), (11, 2), (13, 2), (17, 2)].map(|(step, levels)| f64::from(row * step % 19 % levels));
        counts.observe(&codes, row * 29 % 11 % 3 == 0).unwrap();
    }
    counts
}

fn calibration(method: CalibrationMethod) -> Calibration {
    let scores: Vec<f64> = (0..60).map(|row| f64::from(row * 37 % 23) / 4.0 - 2.0).collect();
    let happened: Vec<bool> = (0..60).map(|row| row * 37 % 23 + row % 7 > 14).collect();
    Calibrator::new(method).fit(&scores, &Outcome::binary("happened", &happened)).unwrap()
}

fn binned(feature: &Feature) -> Binning {
    let values: Vec<f64> = (0..60).map(|row| if row % 9 == 4 { f64::NAN } else { f64::from(row * 37 % 3) }).collect();
    let happened: Vec<bool> = (0..60).map(|row| row * 29 % 11 % 3 == 0).collect();
    let special: &[f64] = if feature.levels().is_empty() { &[2.0] } else { &[] };
    Binner::new().special(special).bin(feature, &values, &Outcome::binary("happened", &happened)).unwrap()
}

fn learned<L: Fit>(learner: &L) -> L::Model {
    let features = [
        Feature::number("visits").with_unknown(Unknown::Own),
        Feature::category("country", ["DE", "FR"]),
        Feature::yes_no("met"),
    ];
    let column = |step: i32, levels: i32| (0..60).map(|row| f64::from(row * step % 11 % levels)).collect::<Vec<_>>();
    let (visits, country, met) = (column(37, 11), column(5, 2), column(13, 2));
    let columns = Columns::in_order(&features, vec![&visits, &country, &met]).unwrap();
    let happened: Vec<bool> = (0..60).map(|row| row * 29 % 11 % 3 == 0).collect();
    learner.fit(&columns, &Outcome::binary("happened", &happened)).unwrap().model
}

#[test]
fn every_kind_loads_by_its_name() {
    for original in every_kind() {
        let loaded = Kinds::builtin().load(&model::save(original.as_ref()).unwrap()).unwrap();
        assert_eq!(loaded.kind(), original.kind());
    }
}

/// The files that are mutated: one of every kind and the small card, without fingerprints, so that mutants get past
/// that check.
fn originals() -> Vec<Value> {
    let saved: Vec<String> = every_kind().iter().map(|model| model::save(model.as_ref()).unwrap()).collect();
    let texts = saved.iter().map(String::as_str).chain([CARD]);
    let files = texts.map(|text| {
        let mut file: Value = serde_json::from_str(text).unwrap();
        file.as_object_mut().unwrap().shift_remove("fingerprint");
        file
    });
    files.collect()
}

/// Whatever is in a file, the reader answers: with a typed error that people can read, or with a model that keeps its
/// promises. Returns whether it loaded.
fn answers(text: &str) -> Result<bool, TestCaseError> {
    let model = match Kinds::builtin().load(text) {
        Ok(model) => model,
        Err(error) => {
            let message = error.to_string();
            let known = ["model_syntax", "model_format", "model_kind", "model_field", "fingerprint"];
            prop_assert!(known.contains(&error.code()), "{}: {message}", error.code());
            prop_assert!(message.len() < 4000, "a message of {} bytes: {message}", message.len());
            return Ok(false);
        }
    };
    let saved = model::save(model.as_ref()).map_err(broken)?;
    let again = Kinds::builtin().load(&saved).map_err(broken)?;
    prop_assert_eq!(model::save(again.as_ref()).map_err(broken)?, saved);
    prop_assert_eq!(
        model::fingerprint(again.as_ref()).map_err(broken)?,
        model::fingerprint(model.as_ref()).map_err(broken)?
    );
    works(model.as_ref())?;
    Ok(true)
}

/// A model that loaded scores, explains, assigns and grades: nothing known, all zero, all one, and the extremes.
fn works(model: &dyn Model) -> Result<(), TestCaseError> {
    let card = model.as_any().downcast_ref::<Scorecard>();
    for value in [f64::NAN, 0.0, 1.0, f64::MAX, f64::MIN] {
        if let Some(assign) = model.as_assign() {
            let outcome = assign.assign_row(&vec![value; assign.features().len()]);
            prop_assert!(outcome.is_none_or(|outcome| outcome < assign.outcomes().len()));
        }
        let Some(score) = model.as_score() else { continue };
        let row = vec![value; score.features().len()];
        let found = score.score_row(&row);
        let allowed = score.features().iter().all(|feature| feature.check(value, None).is_ok());
        prop_assert!(card.is_none() || !allowed || found.is_finite(), "the score of {value} is {found}");
        let Some(explain) = model.as_explain() else { continue };
        let mut contributions = vec![0.0; explain.terms().len()];
        explain.contributions_row(&row, &mut contributions);
        let sum = contributions.iter().fold(explain.base(), |sum, points| sum + points);
        prop_assert!(sum.to_bits() == found.to_bits() || sum.is_nan() && found.is_nan(), "{sum} is not {found}");
    }
    card.map_or(Ok(()), grades)
}

/// A customer of whom nothing is known gets the same grade alone and in a table.
fn grades(card: &Scorecard) -> Result<(), TestCaseError> {
    let unknown = [f64::NAN];
    let one = card.grade(&card.record());
    let Ok(columns) = Columns::in_order(card.features(), vec![&unknown[..]; card.features().len()]) else {
        prop_assert!(one.is_err(), "the record holds what the table refuses: {one:?}");
        return Ok(());
    };
    let table = card.grade_columns(&columns, 3);
    prop_assert_eq!(one.is_ok(), card.grades().is_some(), "{:?}", one);
    prop_assert_eq!(table.is_ok(), one.is_ok());
    if let (Ok(one), Ok(table)) = (one, table) {
        prop_assert_eq!(one.score.to_bits(), table.score[0].to_bits());
    }
    Ok(())
}

#[allow(clippy::needless_pass_by_value)] // for `map_err`
fn broken(error: tierwise::Error) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

#[derive(Debug, Clone)]
enum TextChange {
    Replace(Index, u8),
    Insert(Index, u8),
    Remove(Index, Index),
    Repeat(Index, Index),
    Truncate(Index),
}

fn text_change() -> impl Strategy<Value = TextChange> {
    // Bytes that mean something in JSON, and any others.
    let byte = || prop_oneof![prop::sample::select(b"{}[]\",:-+.0123456789eE\\ntu\xef\xff".to_vec()), any::<u8>()];
    prop_oneof![
        6 => (any::<Index>(), byte()).prop_map(|(at, byte)| TextChange::Replace(at, byte)),
        4 => (any::<Index>(), byte()).prop_map(|(at, byte)| TextChange::Insert(at, byte)),
        2 => (any::<Index>(), any::<Index>()).prop_map(|(from, to)| TextChange::Remove(from, to)),
        2 => (any::<Index>(), any::<Index>()).prop_map(|(from, to)| TextChange::Repeat(from, to)),
        1 => any::<Index>().prop_map(TextChange::Truncate),
    ]
}

fn change_text(text: &mut Vec<u8>, change: &TextChange) {
    /// Long cuts and repeats leave nothing of interest.
    const LONGEST: usize = 200;
    let range = |from: &Index, length: &Index, size: usize| {
        let from = from.index(size);
        from..(from + length.index(LONGEST)).min(size)
    };
    if text.is_empty() {
        return;
    }
    match change {
        TextChange::Replace(at, byte) => {
            let at = at.index(text.len());
            text[at] = *byte;
        }
        TextChange::Insert(at, byte) => text.insert(at.index(text.len()), *byte),
        TextChange::Remove(from, length) => drop(text.drain(range(from, length, text.len()))),
        TextChange::Repeat(from, length) => {
            let range = range(from, length, text.len());
            let copy = text[range.clone()].to_vec();
            text.splice(range.end..range.end, copy);
        }
        TextChange::Truncate(at) => text.truncate(at.index(text.len())),
    }
}

#[test]
fn any_text_gets_an_answer() {
    fuzz(&prop::collection::vec(any::<u8>(), 0..200), |bytes| answers(&String::from_utf8_lossy(&bytes)).map(|_| ()));
}

#[test]
fn mutated_text_gets_an_answer() {
    let originals: Vec<String> = originals().iter().map(|file| serde_json::to_string_pretty(file).unwrap()).collect();
    let changes = prop::collection::vec(text_change(), 1..4);
    let loaded = Cell::new(0);
    fuzz(&(0..originals.len(), changes), |(original, changes)| {
        let mut text = originals[original].clone().into_bytes();
        for change in &changes {
            change_text(&mut text, change);
        }
        let ok = answers(&String::from_utf8_lossy(&text))?;
        loaded.set(loaded.get() + usize::from(ok));
        Ok(())
    });
    assert!(loaded.get() > 20, "only {} mutants loaded: the test is too coarse to say much", loaded.get());
}

#[derive(Debug, Clone)]
enum TreeChange {
    Delete(Index),
    Duplicate(Index),
    Retype(Index, Value),
    Swap(Index, Index),
    Rename(Index, &'static str),
    Nudge(Index, f64),
}

fn tree_change() -> impl Strategy<Value = TreeChange> {
    let odd = prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(""),
        json!("yes"),
        json!("otherwise"),
        json!("A"),
        json!([]),
        json!({}),
        json!([[1]]),
        json!({"range": {}}),
        json!({"notch_down": 3}),
        json!(0),
        json!(-0.0),
        json!(-1),
        json!(u64::MAX),
        json!(f64::MAX),
        json!(f64::MIN),
        json!(5e-324),
    ]);
    let name = prop::sample::select(vec!["", "name", "points", "initial", "Übergröße", "unknown", "fingerprint"]);
    prop_oneof![
        3 => any::<Index>().prop_map(TreeChange::Delete),
        3 => any::<Index>().prop_map(TreeChange::Duplicate),
        4 => (any::<Index>(), odd).prop_map(|(at, value)| TreeChange::Retype(at, value)),
        3 => (any::<Index>(), any::<Index>()).prop_map(|(one, two)| TreeChange::Swap(one, two)),
        1 => (any::<Index>(), name).prop_map(|(at, name)| TreeChange::Rename(at, name)),
        4 => (any::<Index>(), prop_oneof![-50.0..50.0, prop::num::f64::NORMAL]).prop_map(|(at, value)| TreeChange::Nudge(at, value)),
    ]
}

/// The JSON pointers of all nodes but the root, in order.
fn pointers(value: &Value, pointer: &str, found: &mut Vec<String>) {
    let mut visit = |key: &str, value: &Value| {
        let pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
        found.push(pointer.clone());
        pointers(value, &pointer, found);
    };
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| visit(key, value)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| visit(&index.to_string(), value));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn change_tree(file: &mut Value, change: &TreeChange) {
    let mut all = Vec::new();
    pointers(file, "", &mut all);
    if all.is_empty() {
        return;
    }
    match change {
        TreeChange::Delete(at) => drop(take(file, &all[at.index(all.len())])),
        TreeChange::Duplicate(at) => {
            let pointer = &all[at.index(all.len())];
            let copy = file.pointer(pointer).cloned().unwrap();
            insert(file, pointer, "again", copy);
        }
        TreeChange::Retype(at, value) => *file.pointer_mut(&all[at.index(all.len())]).unwrap() = value.clone(),
        TreeChange::Swap(one, two) => {
            let [one, two] = [one, two].map(|at| &all[at.index(all.len())]);
            let [left, right] = [one, two].map(|pointer| file.pointer(pointer).cloned().unwrap());
            *file.pointer_mut(one).unwrap() = right;
            // The second place is gone when it lay inside the first.
            if let Some(place) = file.pointer_mut(two) {
                *place = left;
            }
        }
        TreeChange::Rename(at, name) => {
            let pointer = &all[at.index(all.len())];
            if let Some(value) = take(file, pointer) {
                insert(file, pointer, name, value);
            }
        }
        TreeChange::Nudge(at, value) => {
            let numbers: Vec<&String> =
                all.iter().filter(|pointer| file.pointer(pointer).unwrap().is_number()).collect();
            if let Some(&pointer) = numbers.get(at.index(numbers.len().max(1))) {
                *file.pointer_mut(pointer).unwrap() = json!(value);
            }
        }
    }
}

/// The parent of a node, and the node's key in it.
fn parent<'a>(file: &'a mut Value, pointer: &str) -> (&'a mut Value, String) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    (file.pointer_mut(parent).unwrap(), key.replace("~1", "/").replace("~0", "~"))
}

fn take(file: &mut Value, pointer: &str) -> Option<Value> {
    match parent(file, pointer) {
        (Value::Object(object), key) => object.shift_remove(&key),
        (Value::Array(items), index) => Some(items.remove(index.parse().ok()?)),
        _ => None,
    }
}

fn insert(file: &mut Value, pointer: &str, name: &str, value: Value) {
    match parent(file, pointer) {
        (Value::Object(object), _) => drop(object.insert(name.to_owned(), value)),
        (Value::Array(items), index) => items.insert(index.parse().unwrap(), value),
        _ => unreachable!("a parent is an object or a list"),
    }
}

#[test]
fn mutated_trees_get_an_answer() {
    let originals = originals();
    let changes = prop::collection::vec(tree_change(), 1..4);
    let loaded = Cell::new(0);
    fuzz(&(0..originals.len(), changes), |(original, changes)| {
        let mut file = originals[original].clone();
        for change in &changes {
            change_tree(&mut file, change);
        }
        let ok = answers(&file.to_string())?;
        loaded.set(loaded.get() + usize::from(ok));
        Ok(())
    });
    assert!(loaded.get() > 200, "only {} mutants loaded: the test is too coarse to say much", loaded.get());
}
