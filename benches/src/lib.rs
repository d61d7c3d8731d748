//! Generated data for the benches: the same numbers in every run, and nothing real about them.

use arrow_array::{ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch};
use std::sync::Arc;
use tierwise::{Feature, Kind};
use tierwise_arrow::Table;

/// Numbers that look random and are the same in every run.
#[derive(Debug, Clone)]
pub struct Numbers(u64);

impl Numbers {
    /// A sequence of its own for each seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number in [0, 1).
    pub fn uniform(&mut self) -> f64 {
        // SplitMix64
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// The next whole number in `0..below`.
    pub fn below(&mut self, below: u32) -> u32 {
        (self.uniform() * f64::from(below)) as u32
    }
}

/// How a table of prospects arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// Columns of 64-bit floats without nulls.
    Floats,
    /// The same with a tenth of the values NaN.
    FloatsWithNan,
    /// The same with a tenth of the values null.
    FloatsWithNulls,
    /// Yes-nos as booleans, counts as 64-bit integers.
    BooleansAndIntegers,
}

/// A table with a column for each feature: yes for two of five, counts below ten.
///
/// # Errors
/// When the columns make no batch, which no list of features brings about.
pub fn prospects(features: &[Feature], rows: usize, arrival: Arrival) -> Result<Table, Box<dyn std::error::Error>> {
    let mut numbers = Numbers::new(7);
    let columns = features.iter().map(|feature| {
        let yes_no = matches!(feature.kind(), Kind::YesNo);
        let mut answer = || if yes_no { f64::from(numbers.uniform() < 0.4) } else { f64::from(numbers.below(10)) };
        let values: Vec<f64> = (0..rows).map(|_| answer()).collect();
        (feature.name().to_owned(), column(values, yes_no, arrival, &mut numbers))
    });
    Ok(Table::new(vec![RecordBatch::try_from_iter(columns)?]))
}

fn column(values: Vec<f64>, yes_no: bool, arrival: Arrival, numbers: &mut Numbers) -> ArrayRef {
    let mut known = |value| (numbers.uniform() >= 0.1).then_some(value);
    match arrival {
        Arrival::Floats => Arc::new(Float64Array::from(values)),
        Arrival::FloatsWithNan => {
            let values = values.into_iter().map(|value| known(value).unwrap_or(f64::NAN));
            Arc::new(Float64Array::from_iter_values(values))
        }
        Arrival::FloatsWithNulls => Arc::new(values.into_iter().map(known).collect::<Float64Array>()),
        Arrival::BooleansAndIntegers if yes_no => {
            Arc::new(values.into_iter().map(|value| Some(value == 1.0)).collect::<BooleanArray>())
        }
        Arrival::BooleansAndIntegers => {
            Arc::new(Int64Array::from_iter_values(values.into_iter().map(|value| value as i64)))
        }
    }
}

/// The full size where time is taken, a small one where a bench is only tried out, as `cargo test` does.
pub fn size(full: usize) -> usize {
    let timed = std::env::args().any(|argument| argument == "--bench");
    if timed { full } else { full.div_ceil(1000) }
}
