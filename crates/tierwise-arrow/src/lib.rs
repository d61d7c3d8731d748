//! Arrow tables in, scores and grades out, the same for every engine that speaks Arrow.
//!
//! A [`Table`] is bound to a model's features once: names, types and levels are checked there. It is then converted
//! part by part, right before a part is scored, so that memory does not grow with the table and a column of numbers
//! without nulls is never copied.
//!
//! Null and NaN are the same: unknown. What is under a null is never read.
//!
//! ```
//! use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
//! use std::sync::Arc;
//! use tierwise::{Feature, lead::{CardSpec, Characteristic, Condition, Scorecard}};
//! use tierwise_arrow::Table;
//!
//! let card = Scorecard::new(CardSpec {
//!     name: "leads".into(),
//!     features: vec![Feature::number("visits"), Feature::category("country", ["DE", "FR"])],
//!     characteristics: vec![
//!         Characteristic::new("visits", "visits").per_unit(2.0, 10.0),
//!         Characteristic::new("country", "country").when(Condition::Level("DE".into()), 5.0).when(Condition::Otherwise, 0.0),
//!     ],
//!     ..CardSpec::default()
//! })?;
//! let batch = RecordBatch::try_from_iter([
//!     ("country", Arc::new(StringArray::from(vec![Some("DE"), None])) as ArrayRef),
//!     ("visits", Arc::new(Float64Array::from(vec![3.0, 1.0])) as ArrayRef),
//! ])?;
//! assert_eq!(Table::new(vec![batch]).score(&card)?, [11.0, 2.0]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

mod bound;
mod class_log;
mod events;
mod infer;
mod iso_date;
mod log;
mod money;
mod read;
mod sales;
mod table;

pub use events::{EventColumns, EventTable};
pub use log::with_key;
pub use money::{LineId, MoneyColumns};
pub use sales::RfmColumns;
pub use table::{Keys, Table};
