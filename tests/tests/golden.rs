//! Rust against the golden files: record by record, as a table, cut into parts, and explained.

#![allow(clippy::unwrap_used)] // a test may stop where it stands

use std::fs;
use tierwise::model::Model;
use tierwise::{Columns, Explain, Feature, Score, Scorecard, lead};
use tierwise_tests::{Expected, ExpectedGrade, Golden, bits, folder, read_record};

/// Every golden file with its name, in order.
fn golden() -> Vec<(String, Golden)> {
    let mut files: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    let read = |path: std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let golden: Golden =
            serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(golden.records.len(), golden.expected.len(), "{name}: one result per record");
        (name, golden)
    };
    files.into_iter().map(read).collect()
}

/// The records as columns, repeated until they fill more than one block of every batch path.
fn table(features: &[Feature], golden: &Golden) -> Vec<Vec<f64>> {
    const ROWS: usize = 2500;
    let rows: Vec<Vec<f64>> =
        golden.records.iter().map(|record| read_record(features, record).unwrap().values().to_vec()).collect();
    let column = |feature| rows.iter().cycle().take(ROWS).map(|row| row[feature]).collect();
    (0..features.len()).map(column).collect()
}

#[test]
fn the_files_are_there() {
    let names: Vec<String> = golden().into_iter().map(|(name, _)| name).collect();
    for needed in ["supplier_prospects.json", "every_condition.json", "corrections_in_order.json"] {
        assert!(names.iter().any(|name| name == needed), "{needed} is missing from {names:?}");
    }
}

#[test]
fn the_card_that_ships_is_the_golden_one() {
    let (_, golden) = golden().into_iter().find(|(name, _)| name == "supplier_prospects.json").unwrap();
    let model = golden.load_model().unwrap();
    assert_eq!(model.as_any().downcast_ref::<Scorecard>(), Some(&lead::supplier_prospects()));
}

#[test]
fn record_by_record() {
    for (name, golden) in golden() {
        let model = golden.load_model().unwrap_or_else(|error| panic!("{name}: {error}"));
        let now = Golden::make(&golden.about, model.as_ref(), golden.records.clone()).unwrap();
        for (index, (now, expected)) in now.expected.iter().zip(&golden.expected).enumerate() {
            assert_eq!(now, expected, "{name}, record {index}: {:?}", golden.records[index]);
        }
        assert_eq!(now, golden, "{name}");
    }
}

#[test]
fn as_a_table() {
    for (name, golden) in golden() {
        let model = golden.load_model().unwrap();
        let score = model.as_score().unwrap();
        let table = table(score.features(), &golden);
        let columns = Columns::in_order(score.features(), table.iter().map(Vec::as_slice).collect()).unwrap();
        let found: Vec<String> = tierwise::score(score, &columns).unwrap().into_iter().map(bits).collect();
        for (row, (found, expected)) in found.iter().zip(golden.expected.iter().cycle()).enumerate() {
            assert_eq!(found, &expected.score_bits, "{name}, row {row}");
        }
        check_parts(&name, score, &columns, &found);
        if let Some(explain) = model.as_explain() {
            check_explained(&name, explain, &columns, &golden);
        }
        check_graded(&name, model.as_ref(), &columns, &golden);
    }
}

/// Uneven parts, as an engine would cut them.
fn check_parts(name: &str, score: &dyn Score, columns: &Columns<'_>, whole: &[String]) {
    let borders = [0, 1, 7, 1024, 1500, columns.rows()];
    for border in borders.windows(2) {
        let part = tierwise::score(score, &columns.slice(border[0]..border[1])).unwrap();
        let part: Vec<String> = part.into_iter().map(bits).collect();
        assert_eq!(part, whole[border[0]..border[1]], "{name}, rows {border:?}");
    }
}

fn check_explained(name: &str, explain: &dyn Explain, columns: &Columns<'_>, golden: &Golden) {
    let table = tierwise::explain(explain, columns).unwrap();
    assert_eq!(Some(bits(explain.base())), golden.base_bits, "{name}");
    let terms: Vec<String> = explain.terms().iter().map(|term| term.name.clone()).collect();
    assert_eq!(Some(terms), golden.terms, "{name}");
    for (row, expected) in (0..columns.rows()).zip(golden.expected.iter().cycle()) {
        let contributions: Vec<String> = table.iter().map(|column| bits(column[row])).collect();
        assert_eq!(Some(contributions), expected.contribution_bits, "{name}, row {row}");
        let sum = table.iter().fold(explain.base(), |sum, column| sum + column[row]);
        assert_eq!(bits(sum), expected.score_bits, "{name}, row {row}: base + contributions");
    }
}

fn check_graded(name: &str, model: &dyn Model, columns: &Columns<'_>, golden: &Golden) {
    let Some(card) = model.as_any().downcast_ref::<Scorecard>().filter(|card| card.grades().is_some()) else {
        assert!(golden.expected.iter().all(|expected| expected.graded.is_none()), "{name}: only a card has grades");
        return;
    };
    let graded = card.grade_columns(columns, 3).unwrap();
    let names = card.grades().unwrap().names();
    let grade = |code: u8| names[usize::from(code)].clone();
    let labels = card.reason_labels();
    let case = |extreme: &Option<Vec<f64>>, row: usize| bits(extreme.as_ref().unwrap_or(&graded.score)[row]);
    for (row, expected) in (0..columns.rows()).zip(golden.expected.iter().cycle()) {
        let Expected { graded: Some(expected), .. } = expected else {
            panic!("{name}, row {row}: no grade in the file")
        };
        let binding = card.prerequisites().get(usize::from(graded.binding_prerequisite[row]));
        let reasons = graded.reasons.iter().filter_map(|column| labels.get(usize::from(column[row])).cloned());
        let found = ExpectedGrade {
            raw_grade: grade(graded.raw_grade[row]),
            grade: grade(graded.grade[row]),
            binding_prerequisite: binding.map(|prerequisite| prerequisite.name.clone()),
            worst_score_bits: case(&graded.worst_score, row),
            best_score_bits: case(&graded.best_score, row),
            worst_grade: grade(graded.worst_grade[row]),
            best_grade: grade(graded.best_grade[row]),
            reasons: reasons.collect(),
        };
        assert_eq!(&found, expected, "{name}, row {row}");
    }
}
