//! The quantile sketch: its bound holds for any values, in any order, however parts are merged.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tierwise::Summary;
use tierwise::learn::QuantileSketch;

fn sketch(capacity: usize, values: &[f64]) -> QuantileSketch {
    let mut sketch = QuantileSketch::new(capacity).unwrap();
    sketch.add_all(values).unwrap();
    sketch
}

/// By what share of the rows the rank of `value` misses `share`; 0 where its ties reach it.
fn miss(values: &[f64], value: f64, share: f64) -> f64 {
    let rows = values.len() as f64;
    let below = values.iter().filter(|one| **one < value).count() as f64 / rows;
    let up_to = values.iter().filter(|one| **one <= value).count() as f64 / rows;
    (below - share).max(share - up_to).max(0.0)
}

const SHARES: [f64; 7] = [0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0];

fn check(values: &[f64], sketch: &QuantileSketch) -> Result<(), TestCaseError> {
    prop_assert_eq!(sketch.rows() as usize, values.len());
    for (share, value) in SHARES.iter().zip(sketch.quantiles(&SHARES).unwrap().unwrap()) {
        let missed = miss(values, value, *share);
        prop_assert!(missed <= sketch.rank_error() + 1e-12, "{share}: {missed} > {}", sketch.rank_error());
        prop_assert!(values.contains(&value));
    }
    Ok(())
}

proptest! {
    #[test]
    fn the_bound_holds_however_parts_are_merged(
        values in prop::collection::vec(prop_oneof![(-5i32..5).prop_map(f64::from), -1e300f64..1e300], 1..600),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        reversed: bool,
        sorted: bool,
    ) {
        let mut values = values;
        if sorted {
            values.sort_unstable_by(f64::total_cmp);
        }
        let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(values.len())).chain([0, values.len()]).collect();
        ends.sort_unstable();
        let mut parts: Vec<QuantileSketch> = ends.windows(2).map(|pair| sketch(8, &values[pair[0]..pair[1]])).collect();
        if reversed {
            parts.reverse();
        }
        let mut whole = parts.remove(0);
        for part in &parts {
            whole.merge(part).unwrap();
        }
        check(&values, &whole)?;
        check(&values, &sketch(16, &values))?;
        let text = serde_json::to_string(&whole).unwrap();
        prop_assert_eq!(serde_json::from_str::<QuantileSketch>(&text).unwrap(), whole);
    }
}

#[test]
fn up_to_its_capacity_it_is_exact_and_beyond_it_stays_small() {
    let values: Vec<f64> = (0..100).map(|row| f64::from(row * 37 % 100)).collect();
    let exact = sketch(128, &values);
    assert_eq!(
        (exact.rank_error(), exact.quantile(0.5).unwrap(), exact.quantile(0.0).unwrap()),
        (0.0, Some(49.0), Some(0.0))
    );
    let many: Vec<f64> = (0..1_000_000_u32).map(|row| f64::from(row.wrapping_mul(2_654_435_761) >> 8)).collect();
    let small = sketch(4096, &many);
    assert!(small.rank_error() < 0.0015, "{}", small.rank_error());
    assert!(serde_json::to_string(&small).unwrap().len() < 1_000_000);
    assert!(miss(&many, small.quantile(0.9).unwrap().unwrap(), 0.9) <= small.rank_error());
}

#[test]
fn cuts_part_the_rows_evenly_and_ties_not_at_all() {
    let mut values: Vec<f64> = (0..1000).map(f64::from).collect();
    values.extend(vec![0.0; 3000]);
    let cuts = sketch(8192, &values).cuts(8).unwrap();
    assert_eq!(cuts, [499.0]); // three quarters of the rows are 0, and nothing lies below
    assert!(sketch(64, &[]).cuts(8).unwrap().is_empty());
}

#[test]
fn what_it_cannot_hold_is_refused() {
    assert_eq!(QuantileSketch::new(7).unwrap_err().code(), "invalid_parameter");
    let mut some = sketch(8, &[1.0, f64::NAN]);
    assert_eq!((some.rows(), some.unknown()), (1, 1));
    let infinite = some.add_all(&[2.0, f64::INFINITY]).unwrap_err();
    assert_eq!((infinite.code(), some.rows()), ("invalid_value", 1));
    assert!(infinite.to_string().contains("row 1"), "{infinite}");
    assert_eq!(some.merge(&sketch(16, &[])).unwrap_err().code(), "cannot_merge");
    assert_eq!(some.quantile(1.5).unwrap_err().code(), "invalid_parameter");
    assert_eq!(some.cuts(0).unwrap_err().code(), "invalid_parameter");
    assert_eq!(sketch(8, &[]).quantile(0.5).unwrap(), None);
    for (from, to) in
        [("\"rows\":1", "\"rows\":2"), ("[[1.0]]", "[[5.0]]"), ("[[1.0]]", "[]"), ("\"capacity\":8", "\"capacity\":1")]
    {
        let text = serde_json::to_string(&sketch(8, &[1.0])).unwrap();
        assert!(text.contains(from), "{text}");
        assert!(serde_json::from_str::<QuantileSketch>(&text.replace(from, to)).is_err(), "{to}");
    }
}
