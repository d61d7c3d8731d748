//! A model of another author lives in the same file format, next to the kinds that come with tierwise.

#![allow(clippy::unwrap_used)] // a test may stop where it stands

use acme_engagement::{Engagement, EngagementSpec, example};
use tierwise::model::{self, Kinds};
use tierwise::{Bands, Columns, Error, Score, lead};

fn engagement() -> Engagement {
    Engagement::new(example()).unwrap()
}

/// The file with one piece of text replaced, as an editor would, and without the fingerprint, as an honest one would.
fn edited(from: &str, to: &str) -> String {
    let file = model::save(&engagement()).unwrap();
    assert!(file.contains(from), "`{from}` is not in the file:\n{file}");
    let end = file.rfind(",\n  \"fingerprint\"").unwrap();
    format!("{}\n}}", &file[..end]).replacen(from, to, 1)
}

fn refused(text: &str) -> Error {
    Kinds::builtin().with::<Engagement>().load(text).unwrap_err()
}

#[test]
fn one_loader_reads_both_kinds() {
    let kinds = Kinds::builtin().with::<Engagement>();
    for model in [model::save(&engagement()), model::save(&lead::supplier_prospects())] {
        let text = model.unwrap();
        let loaded = kinds.load(&text).unwrap();
        assert_eq!(model::save(loaded.as_ref()).unwrap(), text);
        assert!(loaded.as_explain().is_some() && loaded.as_assign().is_some());
    }
}

#[test]
fn the_concrete_model_comes_back() {
    let text = model::save(&engagement()).unwrap();
    let loaded = Kinds::default().with::<Engagement>().load(&text).unwrap();
    assert_eq!(loaded.as_any().downcast_ref::<Engagement>(), Some(&engagement()));
}

#[test]
fn a_loader_that_does_not_know_the_kind_says_so() {
    let error = Kinds::builtin().load(&model::save(&engagement()).unwrap()).unwrap_err();
    assert_eq!(error.code(), "model_kind");
    assert!(error.to_string().contains("`acme.engagement`"), "{error}");
    assert!(error.to_string().contains("Kinds::with"), "{error}");
}

#[test]
fn what_the_constructor_refuses_the_file_refuses_too() {
    let cases: [(&str, &str, &str); 4] = [
        ("\"half_life_days\": 14.0", "\"half_life_days\": 0.0", "The `half_life_days` of `Engagement` must be"),
        ("\"web\"", "\"fair\"", "a level is listed twice"),
        ("\"name\": \"cold\"", "\"name\": \"cold\", \"from\": 0.0", "the outer bands must be open"),
        ("\"visit_today\": 40.0", "\"visit_today\": 1e301", "numbers of at most 1e300"),
    ];
    for (from, to, reason) in cases {
        let error = refused(&edited(from, to));
        assert_eq!(error.code(), "model_field", "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn mistakes_in_the_file_are_named_with_their_path() {
    let cases = [
        ("\"half_life_days\"", "\"half_life\"", "half_life", "unknown field `half_life`"),
        ("\"asked\": 25.0", "\"asked\": \"many\"", "channels[1].asked", "invalid type: string"),
        ("\"no_visit_known\": 2.5,", "", "$", "missing field `no_visit_known`"),
        ("\"from\": 45.0", "\"from\": 50.0", "bands", "leave a gap from 45 to 50"),
    ];
    for (from, to, path, reason) in cases {
        let error = refused(&edited(from, to));
        let Error::ModelField { path: found, reason: why } = &error else { panic!("{error}") };
        assert_eq!(found, path, "{error}");
        assert!(why.contains(reason), "{error}");
    }
}

#[test]
fn a_change_under_the_fingerprint_is_noticed() {
    let text = model::save(&engagement()).unwrap().replacen("14.0", "15.0", 1);
    assert_eq!(refused(&text).code(), "fingerprint");
}

#[test]
fn a_constructor_returns_typed_errors() {
    let with = |change: fn(&mut EngagementSpec)| {
        let mut spec = example();
        change(&mut spec);
        Engagement::new(spec).unwrap_err().code()
    };
    assert_eq!(with(|spec| spec.half_life_days = f64::NAN), "invalid_parameter");
    assert_eq!(with(|spec| spec.base = f64::INFINITY), "invalid_parameter");
    assert_eq!(with(|spec| spec.channels.clear()), "invalid_feature");
    assert_eq!(with(|spec| spec.channels[0].name = "fair".into()), "invalid_feature");
    assert_eq!(with(|spec| spec.bands = closed_below()), "invalid_bands");
}

fn closed_below() -> Bands {
    let mut bands = example().bands.list();
    bands[2].from = Some(0.0);
    Bands::new("the engagement", bands).unwrap()
}

#[test]
fn unknown_follows_the_rule_of_each_feature() {
    let model = engagement();
    let unknown = f64::NAN;
    assert_eq!(model.score_row(&[unknown, unknown, unknown]), 5.0 + 2.5); // no visit known, no channel: nothing more
    assert_eq!(model.score_row(&[unknown, 2.0, unknown]), 5.0 + 2.5 + 7.5); // not noted at a partner
    assert_eq!(model.score_row(&[unknown, 2.0, 0.0]), 5.0 + 2.5 + 5.0); // and "no" is something else
}

#[test]
fn a_table_is_bound_by_name() {
    let model = engagement();
    let (days, channel, demo) = ([0.0, 28.0], [1.0, 0.0], [0.0, 1.0]);
    let columns = [("channel", &channel[..]), ("asked_for_demo", &demo), ("days_since_last_visit", &days)];
    let columns = Columns::new(Score::features(&model), &columns).unwrap();
    assert_eq!(tierwise::score(&model, &columns).unwrap(), [40.0, 25.0]);
}
