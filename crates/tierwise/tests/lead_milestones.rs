//! Classes by milestones: the six that ship, schemes of users, and schemes that contradict themselves.

#![allow(clippy::unwrap_used)] // a test may stop where it stands

use proptest::prelude::*;
use tierwise::lead::{self, ClassifiedColumns, MilestoneClass, MilestoneClasses, MilestoneRule, MilestoneSpec};
use tierwise::model::{self, Kinds};
use tierwise::{Assign, Columns, laws};

laws!(schiffmans_classes, lead::schiffman(), [Assign, Saved]);

fn holds(name: &str) -> MilestoneRule {
    MilestoneRule::Holds(name.into())
}

fn not(name: &str) -> MilestoneRule {
    MilestoneRule::Not(name.into())
}

fn scheme(milestones: &[&str], classes: Vec<(&str, MilestoneRule)>) -> tierwise::Result<MilestoneClasses> {
    let class = |(name, when): (&str, MilestoneRule)| MilestoneClass {
        name: name.into(),
        when,
        description: None,
        inferred: None,
    };
    MilestoneClasses::new(MilestoneSpec {
        name: "mine".into(),
        notes: Vec::new(),
        milestones: milestones.iter().map(|&name| name.to_owned()).collect(),
        classes: classes.into_iter().map(class).collect(),
        otherwise: "rest".into(),
    })
}

#[track_caller]
fn refused(scheme: tierwise::Result<MilestoneClasses>, parts: &[&str]) {
    let error = scheme.unwrap_err();
    assert_eq!(error.code(), "invalid_rules");
    for part in parts {
        assert!(error.to_string().contains(part), "`{part}` is not in: {error}");
    }
}

#[test]
fn each_of_the_six_classes_is_reached_by_its_milestones() {
    let classes = lead::schiffman();
    assert_eq!(classes.names(), ["closed", "90%", "50%", "25%", "first visit", "no contact"]);
    let class = |yes: &[&str]| {
        let mut record = classes.record();
        for feature in classes.features() {
            record.set(feature.name(), yes.contains(&feature.name())).unwrap();
        }
        let found = classes.classify(&record).unwrap();
        assert_eq!(found.class, found.best_class); // all is known
        found.class.to_owned()
    };
    assert_eq!(class(&[]), "no contact");
    assert_eq!(class(&["first_visit_with_key_person"]), "first visit");
    assert_eq!(class(&["two_or_more_calls_positive"]), "first visit");
    assert_eq!(class(&["agreed_next_step"]), "25%");
    let proposal = ["sound_proposal_given", "price_or_budget_discussed_with_key_person", "next_plan_fixed"];
    assert_eq!(class(&proposal), "50%");
    assert_eq!(class(&proposal[..2]), "no contact");
    assert_eq!(class(&["verbal_consent"]), "90%");
    assert_eq!(class(&["contract_being_drafted", "agreed_next_step"]), "90%");
    assert_eq!(class(&["closed"]), "closed");
}

#[test]
fn schemes_that_contradict_themselves_are_refused_with_the_place() {
    let (a, b) = (|| holds("a"), || holds("b"));
    assert!(scheme(&["a", "b"], vec![("top", a()), ("mid", b())]).is_ok());
    refused(scheme(&["a"], vec![]), &["classes", "there is none"]);
    refused(scheme(&["a", "a"], vec![("top", a())]), &["milestone `a`", "twice"]);
    refused(scheme(&["a", " "], vec![("top", a())]), &["milestone 2", "empty"]);
    refused(scheme(&["a"], vec![("rest", a())]), &["class `rest`", "twice"]);
    refused(scheme(&["a"], vec![("top", b())]), &["class `top`", "`b`", "not among the milestones"]);
    refused(scheme(&["a", "b"], vec![("top", a())]), &["milestone `b`", "no class depends on it"]);
    refused(scheme(&["a"], vec![("top", MilestoneRule::AllOf(vec![]))]), &["class `top`", "empty list"]);
    let both = MilestoneRule::AllOf(vec![a(), not("a")]);
    refused(scheme(&["a"], vec![("top", both)]), &["class `top`", "contradicts itself"]);
    // Whoever has both has one of them.
    let narrow = MilestoneRule::AllOf(vec![a(), b()]);
    refused(scheme(&["a", "b"], vec![("top", a()), ("mid", narrow)]), &["class `mid`", "a better class holds"]);
    // Together the two classes take everybody.
    let all = vec![("top", a()), ("mid", not("a"))];
    refused(scheme(&["a"], all), &["class `rest`", "no lead can be in it"]);
    let deep = (0..20).fold(a(), |rule, _| MilestoneRule::AnyOf(vec![rule]));
    refused(scheme(&["a"], vec![("top", deep)]), &["nests more than 8"]);
    let names: Vec<String> = (0..14).map(|at| format!("m{at}")).collect();
    let pairs = names.chunks(2).map(|pair| MilestoneRule::AnyOf(vec![holds(&pair[0]), holds(&pair[1])]));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    refused(scheme(&names, vec![("top", MilestoneRule::AllOf(pairs.collect()))]), &["more than 64 ways"]);
    let many: Vec<String> = (0..21).map(|at| format!("m{at}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    refused(scheme(&many, vec![("top", holds("m0"))]), &["there are 21", "at most 20"]);
}

#[test]
fn a_model_file_keeps_the_scheme_and_refuses_what_it_does_not_know() {
    let original = scheme(
        &["a", "b", "c"],
        vec![
            ("top", MilestoneRule::AllOf(vec![holds("a"), not("b")])),
            ("mid", MilestoneRule::AnyOf(vec![holds("b"), holds("c")])),
        ],
    )
    .unwrap();
    let text = model::save(&original).unwrap();
    assert!(text.contains("\"not\": \"b\""), "{text}");
    assert_eq!(model::load::<MilestoneClasses>(&text).unwrap(), original);
    let start = text.find("  \"fingerprint\"").unwrap();
    let open = format!("{}\n}}", text[..start].trim_end().trim_end_matches(','));
    for (from, to, word) in [
        ("\"not\": \"b\"", "\"nor\": \"b\"", "nor"),
        ("\"not\": \"b\"", "\"not\": \"z\"", "`z`"),
        ("\"mid\"", "\"top\"", "twice"),
        ("\"otherwise\"", "\"else\"", "else"),
    ] {
        let error = Kinds::builtin().load(&open.replacen(from, to, 1)).unwrap_err();
        assert_eq!(error.code(), "model_field");
        assert!(error.to_string().contains(word), "{error}");
    }
}

fn three_valued() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(1.0), Just(f64::NAN)]
}

/// A scheme with rules that ask for milestones not to be reached.
fn with_negation() -> MilestoneClasses {
    let lost = || not("d");
    scheme(
        &["a", "b", "c", "d"],
        vec![
            ("top", MilestoneRule::AllOf(vec![holds("a"), holds("b"), lost()])),
            ("high", MilestoneRule::AllOf(vec![MilestoneRule::AnyOf(vec![holds("a"), holds("c")]), lost()])),
            ("low", MilestoneRule::AnyOf(vec![holds("c"), not("b")])),
        ],
    )
    .unwrap()
}

/// The best and the worst class over every answer to what is unknown.
fn extremes(classes: &MilestoneClasses, row: &[f64]) -> (usize, usize) {
    let open: Vec<usize> = (0..row.len()).filter(|&at| row[at].is_nan()).collect();
    let answers = (0..1_u32 << open.len()).map(|answer| {
        let mut row = row.to_vec();
        open.iter().enumerate().for_each(|(bit, &at)| row[at] = f64::from(answer >> bit & 1));
        classes.assign_row(&row).unwrap()
    });
    let all: Vec<usize> = answers.collect();
    (*all.iter().min().unwrap(), *all.iter().max().unwrap())
}

proptest! {
    #[test]
    fn the_truth_lies_between_the_proven_and_the_best_class(row in prop::collection::vec(three_valued(), 9)) {
        let classes = lead::schiffman();
        let columns: Vec<&[f64]> = row.iter().map(std::slice::from_ref).collect();
        let found = classes.classify_columns(&Columns::in_order(classes.features(), columns).unwrap()).unwrap();
        // Without negation both ends are attained.
        prop_assert_eq!((usize::from(found.best_class[0]), usize::from(found.class[0])), extremes(&classes, &row));
        prop_assert_eq!(classes.assign_row(&row), Some(usize::from(found.class[0])));
        let row = &row[..4];
        let classes = with_negation();
        let columns: Vec<&[f64]> = row.iter().map(std::slice::from_ref).collect();
        let found = classes.classify_columns(&Columns::in_order(classes.features(), columns).unwrap()).unwrap();
        let (best, worst) = extremes(&classes, row);
        prop_assert_eq!(usize::from(found.best_class[0]), best);
        prop_assert!(usize::from(found.class[0]) >= worst);
    }

    #[test]
    fn what_is_missing_leads_to_the_next_class_or_above(row in prop::collection::vec(three_valued(), 9)) {
        let classes = lead::schiffman();
        let mut record = classes.record();
        for (feature, &value) in classes.features().iter().zip(&row) {
            record.set(feature.name(), value).unwrap();
        }
        let before = classes.assign_row(&row).unwrap();
        let found = classes.classify(&record).unwrap();
        let (missing, unknown) = (found.missing.clone(), found.unknown.clone());
        prop_assert_eq!(missing.is_empty(), before == 0);
        for name in &missing {
            let at = classes.features().iter().position(|feature| feature.name() == name).unwrap();
            prop_assert_eq!(unknown.contains(name), row[at].is_nan());
            prop_assert!(row[at] != 1.0);
            record.set(name, true).unwrap();
        }
        let after = classes.assign_row(record.values()).unwrap();
        prop_assert!(before == 0 || after < before, "{before} {after}");
    }

    #[test]
    fn a_table_says_what_its_rows_say(rows in prop::collection::vec(prop::collection::vec(three_valued(), 9), 0..20)) {
        let classes = lead::schiffman();
        let columns: Vec<Vec<f64>> = (0..9).map(|at| rows.iter().map(|row| row[at]).collect()).collect();
        let columns = Columns::in_order(classes.features(), columns.iter().map(Vec::as_slice).collect()).unwrap();
        let table = classes.classify_columns(&columns).unwrap();
        for (index, row) in rows.iter().enumerate() {
            let mut record = classes.record();
            for (feature, &value) in classes.features().iter().zip(row) {
                record.set(feature.name(), value).unwrap();
            }
            let one = classes.classify(&record).unwrap();
            prop_assert_eq!(one.class, &classes.names()[usize::from(table.class[index])]);
            prop_assert_eq!(one.best_class, &classes.names()[usize::from(table.best_class[index])]);
            let next = (table.next_class[index] != ClassifiedColumns::NONE)
                .then(|| classes.names()[usize::from(table.next_class[index])].as_str());
            prop_assert_eq!(one.next_class, next);
            prop_assert_eq!(one.held_by.join(", "), &table.labels[table.held_by[index] as usize][..]);
            prop_assert_eq!(one.missing.join(", "), &table.labels[table.missing[index] as usize][..]);
            prop_assert_eq!(one.unknown.join(", "), &table.labels[table.unknown[index] as usize][..]);
        }
    }
}
