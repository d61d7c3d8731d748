//! What changed in a table: every column, and what of it is more than chance among so many columns.

use super::column::{ColumnDrift, DriftLevel, Side, compare};
use super::settings::{DriftSample, DriftSettings};
use crate::{Columns, Error, Feature, Result, parallel};
use serde::Serialize;

/// What changed in a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableDrift {
    /// One per column, in their order.
    pub columns: Vec<ColumnDrift>,
}

impl TableDrift {
    /// The worst level of all columns.
    pub fn level(&self) -> DriftLevel {
        self.columns.iter().map(|column| column.level).max().unwrap_or(DriftLevel::Stable)
    }

    /// Adjusts the p-values for the number of columns, and the levels with them.
    pub(super) fn new(mut columns: Vec<ColumnDrift>, settings: &DriftSettings) -> Self {
        let adjusted = benjamini_hochberg(&columns.iter().map(|column| column.p_value).collect::<Vec<_>>());
        for (column, adjusted) in columns.iter_mut().zip(adjusted) {
            column.adjusted_p_value = adjusted;
            column.level = DriftLevel::of(column.population_stability, adjusted, settings);
        }
        Self { columns }
    }
}

/// Compares two tables of the same columns, such as the one a model was learned from and the one of this month.
///
/// An alarm needs both: an index above a limit, and one that chance does not make as large in samples of these sizes
/// (p-value, adjusted by Benjamini and Hochberg for the number of columns). So neither does a large table always alarm, nor a
/// small one at random. Without a change a single column of a hundred rows either side alarms in about 6 of 100 cases, of a
/// thousand rows in none.
///
/// ```
/// use tierwise::{Columns, Feature, evaluate::{DriftLevel, DriftSettings, drift}};
/// let features = [Feature::number("age"), Feature::category("plan", ["basic", "plus"])];
/// let (age, plan): (Vec<f64>, Vec<f64>) = (0..1000).map(|row| (f64::from(row % 71), f64::from(row % 2))).unzip();
/// let older: Vec<f64> = age.iter().map(|age| age + 20.0).collect();
/// let then = Columns::new(&features, &[("age", &age), ("plan", &plan)])?;
/// let now = Columns::new(&features, &[("age", &older), ("plan", &plan)])?;
/// let found = drift(&then, &now, &DriftSettings::default())?;
/// assert_eq!(found.columns[0].level, DriftLevel::Act);
/// assert_eq!(found.columns[0].distances.map(|apart| apart.wasserstein.round()), Some(20.0));
/// assert_eq!(found.columns[1].level, DriftLevel::Stable);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::EmptyTable`] for a sample without rows; [`Error::WrongLength`] where the two are not bound to the same features,
/// and for weights; [`Error::InvalidValue`] with the row for a weight; [`Error::InvalidParameter`] for settings outside their
/// range.
pub fn drift<'a>(
    reference: impl Into<DriftSample<'a>>,
    current: impl Into<DriftSample<'a>>,
    settings: &DriftSettings,
) -> Result<TableDrift> {
    settings.check("drift")?;
    let (reference, current) = (reference.into().checked("reference")?, current.into().checked("current")?);
    check_features(&reference, &current)?;
    let columns = parallel::map((0..reference.columns.features().len()).collect(), |index| {
        let feature = &reference.columns.features()[index];
        compare(feature, &side(&reference, index), &side(&current, index), settings)
    });
    Ok(TableDrift::new(columns, settings))
}

/// Compares two samples of one column: a score, say. No adjustment is needed.
///
/// ```
/// use tierwise::{Feature, evaluate::{DriftSettings, column_drift}};
/// let then: Vec<f64> = (1..=1000).map(|row| f64::from(row) / 1000.0).collect();
/// let now: Vec<f64> = then.iter().map(|score| score.powf(1.3)).collect();
/// let found = column_drift(&Feature::number("score"), &then, &now, &DriftSettings::default())?;
/// assert!((found.population_stability - 0.059_767).abs() < 1e-6); // below 0.1: nothing to do, though not chance
/// assert!(found.p_value < 1e-3 && found.level.as_str() == "stable");
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`drift`], and what [`Columns`] refuses, with the row.
pub fn column_drift(
    feature: &Feature,
    reference: &[f64],
    current: &[f64],
    settings: &DriftSettings,
) -> Result<ColumnDrift> {
    let features = std::slice::from_ref(feature);
    let reference = Columns::in_order(features, vec![reference])?;
    let current = Columns::in_order(features, vec![current])?;
    let mut found = drift(&reference, &current, settings)?;
    Ok(found.columns.remove(0))
}

pub(super) fn side(sample: &DriftSample<'_>, index: usize) -> Side {
    Side::new(&sample.columns.features()[index], sample.columns.column(index), sample.weights)
}

pub(super) fn check_features(reference: &DriftSample<'_>, current: &DriftSample<'_>) -> Result<()> {
    let (expected, found) = (reference.columns.features(), current.columns.features());
    if std::ptr::eq(expected, found) || expected == found {
        return Ok(());
    }
    let what = "the current table (its columns are bound to other features than those of the reference)".into();
    Err(Error::WrongLength { what, expected: expected.len(), found: found.len() })
}

/// The smallest false discovery rate at which each would be found (Benjamini & Hochberg 1995).
pub(super) fn benjamini_hochberg(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&one, &two| p_values[one].total_cmp(&p_values[two]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least = 1.0_f64;
    for (place, &column) in order.iter().enumerate().rev() {
        least = least.min(p_values[column] * (p_values.len() as f64 / (place as f64 + 1.0)));
        adjusted[column] = least;
    }
    adjusted
}
