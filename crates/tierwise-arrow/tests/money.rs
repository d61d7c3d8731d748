//! Logs of money: in one currency, every line once, keys as they came.

#![allow(clippy::unwrap_used)]

use arrow_array::types::Int8Type;
use arrow_array::{ArrayRef, DictionaryArray, Float64Array, Int8Array, Int64Array, RecordBatch, StringArray};
use std::collections::BTreeMap;
use std::sync::Arc;
use tierwise::value::{Duplicates, LaterRows, RepeatedLine, RfmRules, SalesRules, b2b_rating};
use tierwise_arrow::{Keys, MoneyColumns, RfmColumns, Table};

/// Ann buys twice for 5 on day 10, ben for 7 on day 11, ann for 9 on day 12; in euros, and ben in dollars.
fn log() -> Table {
    let columns: [(&str, ArrayRef); 6] = [
        ("who", Arc::new(StringArray::from(vec!["ann", "ben", "ann", "ann"]))),
        ("day", Arc::new(Int64Array::from(vec![10, 11, 10, 12]))),
        ("paid", Arc::new(Float64Array::from(vec![5.0, 7.0, 5.0, 9.0]))),
        ("in", Arc::new(StringArray::from(vec!["EUR", "USD", "EUR", "EUR"]))),
        ("product", Arc::new(StringArray::from(vec!["tea", "tea", "tea", "cup"]))),
        ("line", Arc::new(StringArray::from(vec![Some("a"), Some(" "), None, Some("b")]))),
    ];
    // In two batches, so that rows are counted over both.
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true))).unwrap();
    Table::new(vec![batch.slice(0, 1), batch.slice(1, 3)])
}

fn money() -> MoneyColumns<'static> {
    MoneyColumns::new("who", "paid")
}

/// All money, by each way of reading it.
fn sums(money: &MoneyColumns<'_>) -> [tierwise::Result<f64>; 5] {
    let (log, sum) = (log(), |values: Vec<f64>| values.iter().sum::<f64>());
    let columns = RfmColumns { date: "day", margin: None, order: None, line: None };
    let rules = SalesRules::default();
    let (names, shares) = (["A".to_owned(), "B".to_owned()], [0.5, 0.5]);
    let asked = RecordBatch::try_from_iter([("who", Arc::new(StringArray::from(vec!["ben", "ann"])) as ArrayRef)]);
    let asked = Table::new(vec![asked.unwrap()]);
    let amounts = log.order_amounts(&b2b_rating(), money, "day", &asked, 20, LaterRows::Refuse);
    [
        log.rfm_by_rules(money, columns, &RfmRules::default(), 20).map(|found| sum(found.2.table.monetary)),
        log.sales_of_period(money, "day", None, (0, 20), &BTreeMap::new(), &rules).map(|found| found[0].1.sales),
        log.customers_by_products(money, "product", &names, &shares).map(|found| sum(found.2.customers.money)),
        amounts.map(sum),
        log.holdout(money, columns, &RfmRules::default(), 10, 20)
            .map(|(_, split)| sum(split.known.monetary) + sum(split.spend)),
    ]
}

#[test]
fn every_sum_of_money_checks_for_one_currency() {
    let mixed = MoneyColumns { currency: Some("in"), ..money() };
    for found in sums(&mixed) {
        let said = found.unwrap_err().to_string();
        assert!(said.starts_with("the currency at row 1 (`ben`) is `USD`, and the first row has `EUR`"), "{said}");
    }
    let rates = BTreeMap::from([("EUR".to_owned(), 1.0), ("USD".to_owned(), 0.5)]);
    let converted = sums(&MoneyColumns { rates: Some(&rates), ..mixed }).map(Result::unwrap);
    // A holdout knows ann only, for ben came later.
    assert_eq!(converted, [22.5, 22.5, 22.5, 22.5, 19.0]);
    for found in sums(&MoneyColumns { rates: Some(&rates), ..money() }) {
        assert!(found.unwrap_err().to_string().contains("`rates`"));
    }
    assert_eq!(sums(&money()).map(Result::unwrap), [26.0, 26.0, 26.0, 26.0, 19.0]);
}

#[test]
fn every_sum_of_money_reads_repeated_lines_as_stated() {
    let stated = |duplicates| MoneyColumns { duplicates: Some(duplicates), ..money() };
    for found in sums(&stated(Duplicates::Refuse)) {
        let said = found.unwrap_err().to_string();
        assert!(said.starts_with("the line at row 2 (`ann`) is the same as row 0"), "{said}");
    }
    assert_eq!(sums(&stated(Duplicates::CountOnce)).map(Result::unwrap), [21.0, 21.0, 21.0, 21.0, 14.0]);
    assert_eq!(sums(&stated(Duplicates::Keep)).map(Result::unwrap), [26.0, 26.0, 26.0, 26.0, 19.0]);
    // The blank id is none, so that the two lines of ann differ by theirs.
    let with_id = MoneyColumns { id: Some("line"), ..stated(Duplicates::CountOnce) };
    assert_eq!(sums(&with_id).map(Result::unwrap), [26.0, 26.0, 26.0, 26.0, 19.0]);
}

#[test]
fn errors_after_a_line_was_left_out_name_the_row_of_the_table() {
    let once = MoneyColumns { duplicates: Some(Duplicates::CountOnce), ..money() };
    let columns = RfmColumns { date: "day", margin: None, order: None, line: None };
    let said = log().rfm_by_rules(&once, columns, &RfmRules::default(), 11).unwrap_err().to_string();
    assert!(said.starts_with("the day at row 3 (`ann`) is 1970-01-13 (day 12)"), "{said}");
}

#[test]
fn repeated_lines_are_listed() {
    let (codes, keys, found) = log().repeated_lines("who", &["day", "paid"], None).unwrap();
    assert_eq!(found, [RepeatedLine { row: 2, first_row: 0 }]);
    assert_eq!(keys.name(codes[2] as usize).unwrap(), "ann");
    assert!(log().repeated_lines("who", &["day", "paid"], Some("line")).unwrap().2.is_empty());
    // Texts differ as texts.
    assert_eq!(log().repeated_lines("who", &["product"], None).unwrap().2.len(), 1);
    let said = log().repeated_lines("who", &["day"], Some("product")).unwrap_err().to_string();
    assert!(said.starts_with("the id of the line at row 1 (`ben`) is that of row 0"), "{said}");
}

#[test]
fn an_unknown_currency_is_told_as_one() {
    for unknown in [None, Some(" ")] {
        let columns: [(&str, ArrayRef); 3] = [
            ("who", Arc::new(Int64Array::from(vec![7, 8]))),
            ("paid", Arc::new(Float64Array::from(vec![5.0, 7.0]))),
            ("in", Arc::new(StringArray::from(vec![Some("EUR"), unknown]))),
        ];
        let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, array)| (name, array, true))).unwrap();
        let money = MoneyColumns { currency: Some("in"), ..money() };
        let said = Table::new(vec![batch]).customers_by_products(&money, "who", &[], &[]).unwrap_err().to_string();
        assert!(said.starts_with("the currency `in` at row 1 (`8`) is unknown; every amount needs one"), "{said}");
    }
}

#[test]
fn whole_numbers_in_a_dictionary_stay_whole_numbers_as_keys() {
    let dictionary = |keys: Int8Array, levels: Vec<i64>| -> Table {
        let array = DictionaryArray::<Int8Type>::new(keys, Arc::new(Int64Array::from(levels)));
        Table::new(vec![RecordBatch::try_from_iter([("id", Arc::new(array) as ArrayRef)]).unwrap()])
    };
    let found = dictionary(Int8Array::from(vec![2, 0, 1, 2]), vec![10, 9, 100]).keys("id").unwrap();
    assert_eq!(found, (vec![2, 1, 0, 2], Keys::Integers(vec![9, 10, 100])));
    let unknown = dictionary(Int8Array::from(vec![Some(0), None]), vec![10]).keys("id").unwrap_err();
    assert!(unknown.to_string().contains("the key `id` at row 1 is unknown"), "{unknown}");
    // As a category it has levels named by their text.
    let features = dictionary(Int8Array::from(vec![0, 1]), vec![10, 9]).infer_features(&[], &[]).unwrap();
    assert_eq!(features[0].levels(), ["10", "9"]);
}
