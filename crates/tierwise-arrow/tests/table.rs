//! Tables of every shape that engines hand over, against the same table as plain columns.

#![allow(clippy::unwrap_used)]

use arrow_array::types::{Int8Type, Int32Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, DictionaryArray, Float32Array, Float64Array, Int8Array, Int32Array,
    Int64Array, NullArray, RecordBatch, StringArray, StringViewArray, TimestampMillisecondArray, UInt8Array,
    UInt64Array,
};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use std::ops::Range;
use std::sync::Arc;
use tierwise::lead::{self, CardSpec, Characteristic, Condition, PART};
use tierwise::value::LaterRows;
use tierwise::{Columns, Feature, Kind, Scorecard, Unknown};
use tierwise_arrow::{EventColumns, Keys, Table};

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap()
}

fn card() -> Scorecard {
    let spec = CardSpec {
        name: "leads".into(),
        features: vec![
            Feature::number("visits").with_unknown(Unknown::Own),
            Feature::category("country", ["DE", "FR", "7"]).with_unknown(Unknown::Own),
            Feature::yes_no("met"),
        ],
        characteristics: vec![
            Characteristic::new("visits", "visits")
                .when(Condition::Unknown, 0.5)
                .when(Condition::at_least(2.0), 5.0)
                .when(Condition::Otherwise, 1.0),
            Characteristic::new("country", "country")
                .when(Condition::Level("DE".into()), 10.0)
                .when(Condition::Level("7".into()), 30.0)
                .when(Condition::Unknown, 40.0)
                .when(Condition::Otherwise, 20.0),
            Characteristic::yes("met", 100.0).neutral(50.0),
        ],
        ..CardSpec::default()
    };
    Scorecard::new(spec).unwrap()
}

/// The scores of a table in which one column is this array, and the others are always the same.
#[allow(clippy::needless_pass_by_value)] // reads better at every call
fn scores(name: &str, array: ArrayRef) -> tierwise::Result<Vec<f64>> {
    let rows = array.len();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("met", Arc::new(BooleanArray::from(vec![false; rows]))),
        ("country", Arc::new(StringArray::from(vec!["FR"; rows]))),
        ("visits", Arc::new(Float64Array::from(vec![0.0; rows]))),
    ];
    let replaced = columns.into_iter().map(|(other, kept)| (other, if other == name { array.clone() } else { kept }));
    Table::new(vec![batch(replaced.collect())]).score(&card())
}

#[test]
fn numbers_of_every_type_are_the_same_number() {
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(Float64Array::from(vec![1.0, 2.0])),
        Arc::new(Float32Array::from(vec![1.0, 2.0])),
        Arc::new(Int8Array::from(vec![1, 2])),
        Arc::new(Int64Array::from(vec![1, 2])),
        Arc::new(UInt8Array::from(vec![1, 2])),
        Arc::new(UInt64Array::from(vec![1, 2])),
        Arc::new(Date32Array::from(vec![1, 2])),
        Arc::new(TimestampMillisecondArray::from(vec![86_400_000, 172_800_000])),
    ];
    for array in arrays {
        assert_eq!(scores("visits", array.clone()).unwrap(), [21.0, 25.0], "{}", array.data_type());
    }
}

#[test]
fn levels_of_every_type_are_the_same_level() {
    let dictionary: DictionaryArray<Int32Type> = vec![Some("DE"), None, Some("XX")].into_iter().collect();
    let arrays: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(vec![Some("DE"), None, Some("XX")])),
        Arc::new(StringViewArray::from(vec![Some("DE"), None, Some("XX")])),
        Arc::new(dictionary),
    ];
    for array in arrays {
        assert_eq!(scores("country", array.clone()).unwrap(), [11.0, 41.0, 41.0], "{}", array.data_type());
    }
    // Whole numbers are levels by their text, never codes.
    assert_eq!(scores("country", Arc::new(Int32Array::from(vec![7, 0]))).unwrap(), [31.0, 41.0]);
}

#[test]
fn what_lies_under_a_null_is_never_read() {
    let nulls = || Some(NullBuffer::from(vec![true, false]));
    let garbage = Float64Array::new(ScalarBuffer::from(vec![2.0, f64::INFINITY]), nulls());
    assert_eq!(scores("visits", Arc::new(garbage)).unwrap(), [25.0, 20.5]);
    let garbage = BooleanArray::new(vec![true, true].into(), nulls());
    assert_eq!(scores("met", Arc::new(garbage)).unwrap(), [121.0, 71.0]);
    let keys = Int32Array::new(ScalarBuffer::from(vec![0, 99]), nulls());
    let garbage = DictionaryArray::new(keys, Arc::new(StringArray::from(vec!["DE"])));
    assert_eq!(scores("country", Arc::new(garbage)).unwrap(), [11.0, 41.0]);
    assert_eq!(scores("visits", Arc::new(NullArray::new(1))).unwrap(), [20.5]);
    assert_eq!(scores("country", Arc::new(NullArray::new(1))).unwrap(), [41.0]);
}

#[test]
fn a_slice_is_scored_as_the_rows_it_shows() {
    let long = Float64Array::from(vec![Some(9.0), Some(1.0), None, Some(2.0), Some(9.0)]);
    assert_eq!(scores("visits", Arc::new(long.slice(1, 3))).unwrap(), [21.0, 20.5, 25.0]);
    let long = StringArray::from(vec![Some("FR"), Some("DE"), None]);
    assert_eq!(scores("country", Arc::new(long.slice(1, 2))).unwrap(), [11.0, 41.0]);
}

#[test]
fn a_column_of_the_wrong_type_is_refused() {
    let text: ArrayRef = Arc::new(StringArray::from(vec!["1"]));
    for (name, array) in [("visits", text.clone()), ("met", text)] {
        let error = scores(name, array).unwrap_err();
        assert_eq!(error.code(), "wrong_kind");
        assert!(error.to_string().contains(name) && error.to_string().contains("Utf8"), "{error}");
    }
    let boolean = Arc::new(BooleanArray::from(vec![true]));
    assert_eq!(scores("visits", boolean.clone()).unwrap_err().code(), "wrong_kind");
    assert_eq!(scores("country", boolean).unwrap_err().code(), "wrong_kind");
    assert_eq!(scores("country", Arc::new(Float64Array::from(vec![0.0]))).unwrap_err().code(), "wrong_kind");
}

#[test]
fn an_error_names_the_row_of_the_whole_table() {
    let row = PART + 3;
    let mut values = vec![1.0; row + 5];
    values[row] = f64::INFINITY;
    let error = scores("visits", Arc::new(Float64Array::from(values))).unwrap_err();
    assert_eq!((error.code(), error.to_string().contains(&format!("row {row} "))), ("not_finite", true));
}

#[test]
fn batches_of_any_length_are_scored_and_graded_as_one_table() {
    let card = lead::supplier_prospects();
    let rows = 2 * PART + 77;
    let value = |feature: usize, row: usize| match (row * 7919 + feature * 104_729) % 23 {
        0 => f64::NAN,
        kind => f64::from(u8::from(kind % 3 == 0)),
    };
    let table: Vec<Vec<f64>> = (0..17).map(|feature| (0..rows).map(|row| value(feature, row)).collect()).collect();
    let columns = Columns::in_order(card.features(), table.iter().map(Vec::as_slice).collect()).unwrap();
    let part = |range: Range<usize>| {
        let named = card.features().iter().zip(&table).map(|(feature, column)| {
            let values = &column[range.clone()];
            let array: ArrayRef = if feature.kind() == Kind::YesNo {
                let known = values.iter().map(|&value| (!value.is_nan()).then_some(value == 1.0));
                Arc::new(known.collect::<BooleanArray>())
            } else {
                Arc::new(Float64Array::from(values.to_vec()))
            };
            (feature.name(), array)
        });
        batch(named.collect())
    };
    let cuts = [0, 1, 1, PART / 2, PART + 9, rows];
    let table = Table::new(cuts.windows(2).map(|pair| part(pair[0]..pair[1])).collect());
    assert_eq!(table.grade(&card, 2).unwrap(), card.grade_columns(&columns, 2).unwrap());
    assert_eq!(table.score(&card).unwrap(), tierwise::score(&card, &columns).unwrap());
    assert_eq!(table.explain(&card).unwrap(), tierwise::explain(&card, &columns).unwrap());
}

#[test]
fn an_empty_table_has_no_scores_but_must_have_the_columns() {
    let none: ArrayRef = Arc::new(Float64Array::from(Vec::<f64>::new()));
    assert_eq!(scores("visits", none.clone()).unwrap(), Vec::<f64>::new());
    let error = Table::new(vec![batch(vec![("other", none)])]).score(&card()).unwrap_err();
    assert_eq!(error.code(), "missing_column");
}

#[test]
fn a_column_that_occurs_twice_is_refused() {
    let array: ArrayRef = Arc::new(Float64Array::from(vec![1.0]));
    let error = Table::new(vec![batch(vec![("visits", array.clone()), ("visits", array)])]).score(&card()).unwrap_err();
    assert_eq!(error.code(), "duplicate_column");
}

#[test]
fn features_are_inferred_from_types() {
    let table = Table::new(vec![batch(vec![
        ("visits", Arc::new(Int32Array::from(vec![1, 2, 3]))),
        ("area", Arc::new(Int32Array::from(vec![415, 408, 415]))),
        ("country", Arc::new(StringArray::from(vec![Some("FR"), None, Some("DE")]))),
        ("met", Arc::new(BooleanArray::from(vec![true, false, true]))),
        ("won", Arc::new(StringArray::from(vec!["yes", "no", "no"]))),
    ])]);
    let features = table.infer_features(&["won".into()], &["area".into()]).unwrap();
    let expected = [
        Feature::number("visits"),
        Feature::category("area", ["408", "415"]),
        Feature::category("country", ["DE", "FR"]),
        Feature::yes_no("met"),
    ];
    assert_eq!(features, expected.map(|feature| feature.with_unknown(Unknown::Own)));
    assert_eq!(table.infer_features(&["lost".into()], &[]).unwrap_err().code(), "missing_column");
    let names: Vec<String> = (0..300).map(|row| format!("customer {row}")).collect();
    let table = Table::new(vec![batch(vec![("id", Arc::new(StringArray::from(names)))])]);
    assert_eq!(table.infer_features(&[], &[]).unwrap_err().code(), "invalid_feature");
}

#[test]
fn keys_are_numbered_in_their_order() {
    let keys = |array: ArrayRef| Table::new(vec![batch(vec![("id", array)])]).keys("id");
    let numbers = keys(Arc::new(Int32Array::from(vec![70, 12, 70]))).unwrap();
    assert_eq!(numbers, (vec![1, 0, 1], Keys::Integers(vec![12, 70])));
    let texts = keys(Arc::new(StringArray::from(vec!["bob", "ann"]))).unwrap();
    assert_eq!(texts, (vec![1, 0], Keys::Texts(vec!["ann".into(), "bob".into()])));
    assert_eq!(keys(Arc::new(StringArray::from(vec![None::<&str>]))).unwrap_err().code(), "invalid_value");
}

#[test]
fn a_log_becomes_one_row_per_customer_and_its_errors_name_the_customer() {
    let log = |days: Vec<Option<i32>>, amounts: Vec<f64>| {
        Table::new(vec![batch(vec![
            ("paid", Arc::new(Float64Array::from(amounts))),
            ("id", Arc::new(StringArray::from(vec!["bob", "ann", "bob"]))),
            ("day", Arc::new(Date32Array::from(days))),
        ])])
    };
    let rfm = |table: &Table| table.rfm("id", "day", "paid", 30, LaterRows::Refuse);
    let (keys, table) = rfm(&log(vec![Some(10), Some(12), Some(20)], vec![5.0, 7.0, 9.0])).unwrap();
    assert_eq!(keys, Keys::Texts(vec!["ann".into(), "bob".into()]));
    assert_eq!((table.customer, table.monetary, table.recency), (vec![0, 1], vec![7.0, 14.0], vec![18.0, 10.0]));
    let days = || vec![Some(10), Some(12), Some(20)];
    for (table, row, key) in [
        (log(vec![Some(10), None, Some(20)], vec![5.0, 7.0, 9.0]), 1, "ann"),
        (log(vec![Some(10), Some(12), Some(19_970_101)], vec![5.0, 7.0, 9.0]), 2, "bob"),
        (log(vec![Some(10), Some(31), Some(20)], vec![5.0, 7.0, 9.0]), 1, "ann"),
        (log(days(), vec![5.0, 7.0, f64::INFINITY]), 2, "bob"),
    ] {
        let error = rfm(&table).unwrap_err();
        let message = error.to_string();
        assert_eq!(error.code(), "invalid_value");
        assert!(message.contains(&format!("row {row} (`{key}`)")), "{message}");
    }
}

#[test]
fn a_log_of_events_is_the_same_in_every_type() {
    let leads: [ArrayRef; 3] = [
        Arc::new(StringArray::from(vec!["bob", "ann", "bob"])),
        Arc::new(StringViewArray::from(vec!["bob", "ann", "bob"])),
        Arc::new(DictionaryArray::<Int8Type>::from_iter(["bob", "ann", "bob"])),
    ];
    let types: [ArrayRef; 3] = [
        Arc::new(StringArray::from(vec!["call", "mail", "call"])),
        Arc::new(StringViewArray::from(vec!["call", "mail", "call"])),
        Arc::new(DictionaryArray::<Int32Type>::from_iter(["call", "mail", "call"])),
    ];
    let ticks = [-1, 1, 20 * 86_400_000 + 1];
    let days: [ArrayRef; 3] = [
        Arc::new(Date32Array::from(vec![-1, 0, 20])),
        Arc::new(TimestampMillisecondArray::from(ticks.to_vec())),
        Arc::new(Float64Array::from(vec![-0.5, 0.5, 20.0])),
    ];
    let columns = EventColumns { lead: "lead", event: "type", date: "day", id: None };
    for ((lead, event), day) in leads.into_iter().zip(types).zip(days) {
        let whole = batch(vec![("lead", lead), ("type", event), ("day", day)]);
        for batches in [vec![whole.clone()], vec![whole.slice(0, 1), whole.slice(1, 2)]] {
            let table = Table::new(batches);
            let log = table.events(columns).unwrap();
            assert_eq!(log.keys(), &Keys::Texts(vec!["ann".into(), "bob".into()]));
            assert_eq!((log.event_codes(), log.names()), (&[0, 1, 0][..], &["call".to_string(), "mail".into()][..]));
            assert_eq!((log.leads(), log.days()), (2, &[-1, 0, 20][..]));
        }
    }
}

#[test]
fn a_log_of_events_says_what_is_unknown() {
    let columns = EventColumns { lead: "lead", event: "type", date: "day", id: None };
    let log = |lead: Option<&str>, event: Option<&str>, day: Option<i64>| {
        let table = Table::new(vec![batch(vec![
            ("lead", Arc::new(StringArray::from(vec![Some("ann"), lead]))),
            ("type", Arc::new(DictionaryArray::<Int8Type>::from_iter([Some("call"), event]))),
            ("day", Arc::new(TimestampMillisecondArray::from(vec![Some(0), day]))),
        ])]);
        table.events(columns).map(|_| ()).unwrap_err().to_string()
    };
    let beyond = 200_000 * 86_400_000;
    for (message, part) in [
        (log(None, Some("call"), Some(0)), "the key `lead` at row 1"),
        (log(Some("bob"), None, Some(0)), "the event type `type` at row 1"),
        (log(Some("bob"), Some("call"), None), "the date `day` at row 1 (`bob`)"),
        (log(Some("bob"), Some("call"), Some(beyond)), "day 200000"),
        (log(Some("bob"), Some("call"), Some(-beyond)), "day -200000"),
    ] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn labels_of_every_type_become_codes() {
    let codes = |arrays: Vec<ArrayRef>| {
        Table::new(arrays.into_iter().map(|array| batch(vec![("won", array)])).collect()).label_codes("won")
    };
    let named = |labels: [&str; 2]| labels.map(String::from).to_vec();
    let texts =
        codes(vec![Arc::new(StringArray::from(vec!["no", "yes", "no"])), Arc::new(StringArray::from(vec!["yes"]))]);
    assert_eq!(texts.unwrap(), (vec![0, 1, 0, 1], named(["no", "yes"])));
    let yes_nos =
        codes(vec![Arc::new(BooleanArray::from(vec![true, false])), Arc::new(BooleanArray::from(vec![false]))]);
    assert_eq!(yes_nos.unwrap(), (vec![0, 1, 1], named(["true", "false"])));
    let numbers = codes(vec![Arc::new(Float64Array::from(vec![-0.0, 1.0, 0.0])), Arc::new(Int8Array::from(vec![1]))]);
    assert_eq!(numbers.unwrap(), (vec![0, 1, 0, 1], named(["0", "1"])));
    let many = codes(vec![Arc::new(Int64Array::from_iter_values(0..500))]).unwrap();
    assert_eq!((many.0.len(), many.1.len()), (500, 500));
    for array in [
        Arc::new(Float64Array::from(vec![0.0, f64::NAN])) as ArrayRef,
        Arc::new(BooleanArray::from(vec![Some(true), None])),
        Arc::new(StringArray::from(vec![Some("yes"), None])),
    ] {
        let error = codes(vec![array]).unwrap_err();
        assert_eq!((error.code(), error.to_string().contains("row 1 ")), ("invalid_value", true));
    }
}
