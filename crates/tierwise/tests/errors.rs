//! Every error message, rendered once into `errors.txt`, so that a change of words is seen and read by someone.
//!
//! `TIERWISE_UPDATE=1 cargo test -p tierwise --test errors` writes the file anew. To add a variant, add an example to
//! `examples`; the tests fail until there is one.

#![allow(clippy::unwrap_used)] // a test may stop where it stands

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use tierwise::Error;

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/errors.txt");

/// At least one of every variant; a second one where the message has an optional part.
#[allow(clippy::too_many_lines)] // a list
fn examples() -> Vec<Error> {
    let text = |text: &str| text.to_owned();
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    vec![
        Error::InvalidParameter {
            of: "Logistic",
            name: "alpha",
            must_be: text("a number in [0, inf)"),
            got: text("-1"),
        },
        Error::MissingColumn { column: text("tenure"), available: list(&["age", "plan"]) },
        Error::MissingColumn { column: text("tenure"), available: Vec::new() },
        Error::MissingColumn {
            column: text("tenure"),
            available: (0..23).map(|index| format!("column_{index}")).collect(),
        },
        Error::UnknownFeature { name: text("visit"), place: text("the record"), available: list(&["visits", "met"]) },
        Error::DuplicateColumn { column: text("age") },
        Error::DuplicateFeature { feature: text("age") },
        Error::InvalidFeature { feature: text("plan"), reason: text("a category needs at least one level") },
        Error::WrongLength { what: text("column `age`"), expected: 100, found: 99 },
        Error::WrongKind {
            column: text("age"),
            row: Some(7),
            expected: text("a number"),
            found: text("the text `old`"),
        },
        Error::WrongKind { column: text("age"), row: None, expected: text("a number"), found: text("text") },
        Error::NotFinite { column: text("amount"), row: Some(3), found: f64::INFINITY },
        Error::NotFinite { column: text("amount"), row: None, found: f64::NEG_INFINITY },
        Error::UnknownValue { column: text("met"), row: Some(0) },
        Error::UnknownValue { column: text("met"), row: None },
        Error::UnseenLevel { column: text("country"), row: Some(12), level: text("XX"), levels: list(&["DE", "FR"]) },
        Error::EmptyTable { what: text("the order log") },
        Error::InvalidValue {
            what: text("the amount"),
            row: 5,
            key: Some(text("customer 17")),
            found: text("-3"),
            must_be: text("amounts must not be negative; net refunds first"),
        },
        Error::InvalidValue {
            what: text("the weight"),
            row: 5,
            key: None,
            found: text("-3"),
            must_be: text("weights must be finite and not negative"),
        },
        Error::InvalidBands { what: text("grades"), reason: text("`B` and `A` leave a gap from 20 to 25") },
        Error::InvalidScorecard {
            place: text("characteristic `visits`"),
            reason: text("no attribute covers numbers below 1"),
        },
        Error::InvalidRules {
            rules: text("event rules"),
            place: text("rule `webinar`"),
            reason: text("it belongs to the group `events`, which is not defined"),
        },
        Error::UnknownName {
            what: text("the event type"),
            row: Some(4),
            name: text("webinr"),
            known: list(&["webinar", "visit"]),
        },
        Error::UnknownName { what: text("the grade"), row: None, name: text("E"), known: list(&["A", "B"]) },
        Error::InvalidOutcome {
            positive: text("yes"),
            labels: list(&["No", "Yes"]),
            reason: text("no row has it; check its spelling"),
        },
        Error::OneClass { rows: 40, found: text("not `won`") },
        Error::NotEnoughData { what: text("ten bins"), needed: 100, found: 12 },
        Error::NotErgodic {
            closed: vec![list(&["lost"])],
            transient: list(&["A", "B"]),
            reason: text("nobody leaves `lost`, and nobody returns to `A`, `B`; ask for the absorption instead"),
        },
        Error::NoVariation {
            columns: list(&["region"]),
            reason: text("its known values are all the same. Drop it, or penalise with `alpha` > 0"),
        },
        Error::Collinear { columns: list(&["total", "net", "tax"]) },
        Error::Separation {
            columns: list(&["cancelled_on"]),
            rows: 31,
            advice: text("Look for a column that leaks the outcome, or penalise (`alpha` of a model)"),
        },
        Error::NotConverged { iterations: 100, gradient: 0.25, reason: text("raise `max_iterations`") },
        Error::NotConverged {
            iterations: 60,
            gradient: f64::NAN,
            reason: text("9 of 60 samples have no highest point"),
        },
        Error::ModelSyntax { line: 4, column: 20, reason: text("trailing comma") },
        Error::ModelFormat { found: text("7"), newest: 1 },
        Error::ModelKind { found: text("scorcard"), known: list(&["logistic", "scorecard"]) },
        Error::ModelField {
            path: text("characteristics[2].attributes[0].points"),
            reason: text("invalid type: string \"many\", expected f64"),
        },
        Error::InvalidSetting {
            path: text("bonus[0].points"),
            reason: text("invalid type: string \"many\", expected f64"),
        },
        Error::Fingerprint { stored: text("0f3a"), computed: text("77c1") },
        Error::CannotMerge { reason: text("one was made with 3 columns, the other with 4") },
        Error::Cancelled { steps: 12 },
        Error::OneOfSeveral {
            place: text("candidate `additive`"),
            cause: Box::new(Error::EmptyTable { what: text("the training table") }),
        },
        Error::Foreign { model: text("acme.engagement"), reason: text("the database is away") },
    ]
}

/// The variants as the source declares them: the enum is open to additions, so no match outside the crate can be
/// complete, and the source is asked instead.
fn declared() -> Vec<String> {
    let source = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/error.rs")).unwrap();
    let start = source.find("pub enum Error {").expect("the enum");
    let body = &source[start..start + source[start..].find("\n}").expect("its end")];
    let variant = |line: &str| {
        let name = line.strip_prefix("    ")?;
        let end = name.find(|letter: char| !letter.is_ascii_alphanumeric())?;
        name.starts_with(|letter: char| letter.is_ascii_uppercase()).then(|| name[..end].to_owned())
    };
    body.lines().skip(1).filter_map(variant).collect()
}

fn variant_of(error: &Error) -> String {
    let shown = format!("{error:?}");
    shown[..shown.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(shown.len())].to_owned()
}

/// `InvalidParameter` as `invalid_parameter`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[test]
fn every_variant_has_an_example() {
    let declared = declared();
    assert!(declared.len() >= 30, "the source was not understood: {declared:?}");
    let shown: BTreeSet<String> = examples().iter().map(variant_of).collect();
    let missing: Vec<&String> = declared.iter().filter(|variant| !shown.contains(*variant)).collect();
    assert!(missing.is_empty(), "add an example of {missing:?} to `examples` in tests/errors.rs");
}

/// The code follows from the variant's name, so it is unique, and renaming a variant is seen to change the code. One of
/// several failures has the code of its cause.
#[test]
fn codes_follow_the_names() {
    for error in examples() {
        let error = error.cause();
        assert_eq!(error.code(), snake_case(&variant_of(error)));
    }
}

/// Codes are a promise to those who match on them: these never go away.
#[test]
fn codes_that_were_given_stay() {
    let now: BTreeSet<&str> = examples().iter().map(Error::code).collect();
    let snapshot = fs::read_to_string(SNAPSHOT).unwrap();
    for code in snapshot.lines().filter_map(|line| line.strip_suffix(':')) {
        assert!(now.contains(code), "the code `{code}` is gone, but services and Python classes rest on it");
    }
}

#[test]
fn messages_are_the_ones_in_the_snapshot() {
    let mut now = String::new();
    for error in examples() {
        writeln!(now, "{}:\n    {error}", error.code()).unwrap();
    }
    if std::env::var_os("TIERWISE_UPDATE").is_some() {
        fs::write(SNAPSHOT, &now).unwrap();
        return;
    }
    let before = fs::read_to_string(SNAPSHOT).unwrap();
    let changes = difference(&before, &now);
    assert!(
        changes.is_empty(),
        "messages changed; read them and, if they are good, run with TIERWISE_UPDATE=1:\n{changes}"
    );
}

/// Lines that went and lines that came.
fn difference(before: &str, now: &str) -> String {
    let only_in = |one: &str, other: &str, sign: char| -> Vec<String> {
        let known: BTreeSet<&str> = other.lines().collect();
        one.lines().filter(|line| !known.contains(line)).map(|line| format!("{sign} {line}")).collect()
    };
    let mut changes = only_in(before, now, '-');
    changes.extend(only_in(now, before, '+'));
    if changes.is_empty() && before != now {
        changes.push("the same lines in another order".into());
    }
    changes.join("\n")
}

#[test]
fn messages_are_sentences_for_people() {
    for error in examples() {
        let message = error.to_string();
        assert!(!message.contains('\n') && !message.contains("  "), "{message}");
        assert!(!message.contains("Some(") && !message.contains("None"), "{message}");
        assert!(!message.contains('{') && !message.contains('}'), "{message}");
    }
}
