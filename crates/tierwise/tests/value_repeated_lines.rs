//! Lines of a log that repeat an earlier one.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tierwise::value::{
    Duplicates, LineColumn, Lines, RepeatedLine, left_out_lines, repeated_lines, repeated_lines_finding,
};

fn repeat(row: usize, first_row: usize) -> RepeatedLine {
    RepeatedLine { row, first_row }
}

fn lines<'a>(customers: &'a [u32], columns: Vec<LineColumn<'a>>) -> Lines<'a> {
    Lines { customers, columns, ids: None, one_line_per_id: true }
}

#[test]
fn every_column_and_the_customer_tell_lines_apart() {
    let (days, amounts, products) = ([1, 1, 1, 2, 1, 1], [5.0, 5.0, 6.0, 5.0, 5.0, 5.0], [0, 0, 0, 0, 1, 0]);
    let columns = vec![LineColumn::Integers(&days), LineColumn::Numbers(&amounts), LineColumn::Codes(&products)];
    let customers = [0, 0, 0, 0, 0, 1];
    assert_eq!(repeated_lines(&lines(&customers, columns.clone())).unwrap(), [repeat(1, 0)]);
    assert_eq!(
        repeated_lines(&lines(&customers, columns[1..].to_vec())).unwrap(),
        [repeat(1, 0), repeat(3, 0)],
        "without the day"
    );
}

#[test]
fn unknown_equals_unknown_and_no_zero_differs_from_another() {
    let numbers = [f64::NAN, 0.0, -f64::NAN, -0.0];
    let found = repeated_lines(&lines(&[3; 4], vec![LineColumn::Numbers(&numbers)])).unwrap();
    assert_eq!(found, [repeat(2, 0), repeat(3, 1)]);
}

#[test]
fn nothing_repeats_in_an_empty_log_and_lengths_are_checked() {
    assert!(repeated_lines(&lines(&[], vec![])).unwrap().is_empty());
    let short = lines(&[0, 0], vec![LineColumn::Codes(&[1])]);
    assert_eq!(repeated_lines(&short).unwrap_err().code(), "wrong_length");
    let no_ids = Lines { ids: Some(&[None]), ..lines(&[0, 0], vec![]) };
    assert_eq!(repeated_lines(&no_ids).unwrap_err().code(), "wrong_length");
}

#[test]
fn an_id_stands_for_one_line_unless_it_is_said_to_be_of_something_else() {
    let amounts = [5.0, 5.0, 6.0, 5.0];
    let log = Lines {
        ids: Some(&[Some(8), Some(9), Some(8), Some(8)]),
        ..lines(&[4, 4, 4, 4], vec![LineColumn::Numbers(&amounts)])
    };
    let error = repeated_lines(&log).unwrap_err();
    assert_eq!(error.code(), "invalid_value");
    let said = error.to_string();
    assert!(said.starts_with("the id of the line at row 2 (`4`) is that of row 0, which has another"), "{said}");
    // A contract of which two amounts are evidence; the line that says the same twice is still found.
    assert_eq!(repeated_lines(&Lines { one_line_per_id: false, ..log.clone() }).unwrap(), [repeat(3, 0)]);
    // Another customer with the id of a line is no less wrong.
    let two = Lines { ids: Some(&[Some(8), Some(8)]), ..lines(&[4, 5], vec![LineColumn::Numbers(&[1.0, 1.0])]) };
    assert!(repeated_lines(&two).is_err());
}

#[test]
fn what_is_stated_decides_and_else_whether_there_is_an_id() {
    let amounts = [5.0, 5.0, 7.0, 7.0];
    let plain = lines(&[2; 4], vec![LineColumn::Numbers(&amounts)]);
    let some = Lines { ids: Some(&[None, None, Some(1), Some(1)]), ..plain.clone() };
    let other = Lines { ids: Some(&[None, None, Some(1), Some(2)]), ..plain.clone() };
    let row_of = |log: &Lines<'_>, duplicates| {
        let said = left_out_lines(log, duplicates).unwrap_err().to_string();
        assert!(said.contains("(`2`)") && said.contains("`duplicates`"), "{said}");
        said.split("row ").nth(1).unwrap().chars().next().unwrap()
    };
    assert!(left_out_lines(&plain, None).unwrap().is_empty());
    assert_eq!(row_of(&plain, Some(Duplicates::Refuse)), '1');
    assert_eq!(left_out_lines(&plain, Some(Duplicates::CountOnce)).unwrap(), [false, true, false, true]);
    assert_eq!(row_of(&some, None), '3', "the line without an id is kept, the one with an id is not");
    assert_eq!(row_of(&some, Some(Duplicates::Refuse)), '1');
    assert_eq!(left_out_lines(&some, Some(Duplicates::CountOnce)).unwrap(), [false, true, false, true]);
    assert!(left_out_lines(&some, Some(Duplicates::Keep)).unwrap().is_empty());
    assert!(left_out_lines(&other, None).unwrap().is_empty());
    assert_eq!(left_out_lines(&other, Some(Duplicates::CountOnce)).unwrap(), [false, true, false, false]);
}

#[test]
fn the_finding_counts_all_and_names_the_first() {
    let name = |row: usize| format!("customer {row}");
    assert_eq!(repeated_lines_finding(&[], name), None);
    let many: Vec<RepeatedLine> = (1..=7).map(|row| repeat(row, 0)).collect();
    let found = repeated_lines_finding(&many, name).unwrap();
    assert!(
        found.starts_with("7 lines say the same as an earlier one: row 1 as row 0 (`customer 1`), row 2"),
        "{found}"
    );
    assert!(found.contains("row 5 as row 0 (`customer 5`) and 2 more."), "{found}");
}

proptest! {
    /// The hash finds what comparing all pairs finds, with few values so that much repeats.
    #[test]
    fn as_by_comparing_all_pairs(rows in prop::collection::vec((0_u32..3, 0_i64..3, 0_u8..3), 0..60)) {
        let customers: Vec<u32> = rows.iter().map(|row| row.0).collect();
        let days: Vec<i64> = rows.iter().map(|row| row.1).collect();
        let amounts: Vec<f64> = rows.iter().map(|row| f64::from(row.2) / 3.0).collect();
        let found =
            repeated_lines(&lines(&customers, vec![LineColumn::Integers(&days), LineColumn::Numbers(&amounts)])).unwrap();
        let expected: Vec<RepeatedLine> = (0..rows.len())
            .filter_map(|row| rows.iter().position(|one| *one == rows[row]).map(|first| repeat(row, first)))
            .filter(|one| one.row != one.first_row)
            .collect();
        prop_assert_eq!(found, expected);
    }
}
