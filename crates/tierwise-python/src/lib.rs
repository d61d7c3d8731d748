//! The compiled half of the Python package: conversions and names, no arithmetic.
//!
//! Python sees it as `tierwise._tierwise`; what users type stands in `python/src/tierwise`.

#![allow(clippy::needless_pass_by_value)] // PyO3 hands arguments over by value

mod binning;
mod capsule;
mod errors;
mod fit;
mod json;
mod lead;
mod model;
mod numbers;
mod table;
mod value;

/// Compiled parts of tierwise; use the package `tierwise`.
#[pyo3::pymodule(gil_used = false)]
mod _tierwise {
    #[pymodule_export]
    use crate::binning::{bin_codes, bin_columns, bin_table, evidence_card, keep_bins};
    #[pymodule_export]
    use crate::fit::fit;
    #[pymodule_export]
    use crate::lead::card::{scorecard, supplier_prospects};
    #[pymodule_export]
    use crate::model::{Model, rank};
    #[pymodule_export]
    use crate::table::Table;
    #[pymodule_export]
    use crate::value::{gini, pareto, rfm, rfm_scorer, rfm_scores, share_curve, tiers_by_cuts, tiers_split};
}
