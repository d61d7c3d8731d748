//! Drift from counts that add up: the samples of days and partitions need never be in one place.

use super::cells::{CellCounts, DriftCells};
use super::column::{ColumnDrift, Side, level_names, of_counts};
use super::settings::{DriftSample, DriftSettings, check_ascending};
use super::table::{TableDrift, side};
use crate::{Error, Feature, Kind, Result, Summary};
use serde::{Deserialize, Serialize};

/// How many customers stand in each cell of each column. Cells are fixed when the counts of the reference are made; counts of
/// days and partitions over the same cells merge to those of the whole, exactly for whole weights.
///
/// The population stability index, the Jensen-Shannon distance, chi-square, unknown and unseen come out as
/// [`drift`](super::drift) gives them for the same cells. Distances without bins (Kolmogorov-Smirnov, Wasserstein) need the
/// values, and are none here.
///
/// ```
/// use tierwise::{Columns, Feature, Summary, evaluate::{DriftCounts, DriftSettings}};
/// let features = [Feature::number("score")];
/// let values: Vec<f64> = (0..1000).map(f64::from).collect();
/// let settings = DriftSettings::default();
/// let reference = DriftCounts::new(&Columns::new(&features, &[("score", &values)])?, &settings)?;
/// let mut today = reference.empty();
/// today.add(&Columns::new(&features, &[("score", &values[..500])])?)?;
/// let mut other = reference.empty();
/// other.add(&Columns::new(&features, &[("score", &values[500..])])?)?;
/// today.merge(&other)?;
/// assert_eq!(reference.drift(&today, &settings)?.columns[0].population_stability, 0.0);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredCounts", into = "StoredCounts")]
pub struct DriftCounts {
    columns: Vec<Counted>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counted {
    feature: Feature,
    cells: DriftCells,
    counts: CellCounts,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredCounts {
    columns: Vec<Counted>,
}

impl DriftCounts {
    /// Fixes the cells by a reference, and counts it.
    ///
    /// # Errors
    /// Those of [`drift`](super::drift).
    pub fn new<'a>(reference: impl Into<DriftSample<'a>>, settings: &DriftSettings) -> Result<Self> {
        settings.check("DriftCounts")?;
        let reference = reference.into().checked("reference")?;
        let counted = |index: usize| {
            let side = side(&reference, index);
            let cells = side.cells(f64::INFINITY, settings);
            let counts = side.counts(&cells);
            Counted { feature: reference.columns.features()[index].clone(), cells, counts }
        };
        Ok(Self { columns: crate::parallel::map((0..reference.columns.features().len()).collect(), counted) })
    }

    /// The same cells, with nothing in them.
    #[must_use]
    pub fn empty(&self) -> Self {
        let empty = |column: &Counted| Counted {
            counts: CellCounts { known: vec![0.0; column.cells.len()], ..CellCounts::default() },
            ..column.clone()
        };
        Self { columns: self.columns.iter().map(empty).collect() }
    }

    /// Counts one part of a sample; a part without rows is welcome.
    ///
    /// # Errors
    /// [`Error::CannotMerge`] where the columns have other names or kinds; [`Error::WrongLength`] and
    /// [`Error::InvalidValue`] for weights.
    pub fn add<'a>(&mut self, part: impl Into<DriftSample<'a>>) -> Result<()> {
        let part = part.into();
        if part.columns.rows() == 0 {
            return Ok(());
        }
        let part = part.checked("current")?;
        let features = part.columns.features();
        if features.len() != self.columns.len() {
            let reason = format!("{} columns were counted, this part has {}", self.columns.len(), features.len());
            return Err(Error::CannotMerge { reason });
        }
        for (column, feature) in self.columns.iter().zip(features) {
            let same_kind = std::mem::discriminant(&column.feature.kind()) == std::mem::discriminant(&feature.kind());
            if column.feature.name() != feature.name() || !same_kind {
                let reason = format!(
                    "column `{}` stands where `{}` was counted, or is of another kind",
                    feature.name(),
                    column.feature.name()
                );
                return Err(Error::CannotMerge { reason });
            }
        }
        for (index, column) in self.columns.iter_mut().enumerate() {
            column.add(&features[index], part.columns.column(index), part.weights);
        }
        Ok(())
    }

    /// The features that are counted, with the levels that the reference knew.
    pub fn features(&self) -> Vec<Feature> {
        self.columns.iter().map(|column| column.feature.clone()).collect()
    }

    /// How many customers were counted.
    pub fn rows(&self) -> f64 {
        self.columns.first().map_or(0.0, |column| column.counts.total())
    }

    /// What changed from these counts to others over the same cells.
    ///
    /// # Errors
    /// [`Error::CannotMerge`] for other cells; [`Error::EmptyTable`] where either counted nothing;
    /// [`Error::InvalidParameter`] for settings.
    pub fn drift(&self, current: &Self, settings: &DriftSettings) -> Result<TableDrift> {
        settings.check("DriftCounts")?;
        self.check_same_cells(current)?;
        for (what, counts) in [("reference", self), ("current", current)] {
            if counts.rows() == 0.0 {
                return Err(Error::EmptyTable { what: format!("the {what} sample") });
            }
        }
        let column = |(one, two): (&Counted, &Counted)| {
            let drift = of_counts(&one.feature, &one.cells, &one.counts, &two.counts, settings);
            match &one.cells {
                // How they were cut is not known any more.
                DriftCells::Edges(edges) => {
                    let rule = format!("{} right-open bins fixed with the reference", edges.len() + 1);
                    ColumnDrift { rule, ..drift }
                }
                DriftCells::Values(_) | DriftCells::Levels(_) => drift,
            }
        };
        Ok(TableDrift::new(self.columns.iter().zip(&current.columns).map(column).collect(), settings))
    }

    fn check_same_cells(&self, other: &Self) -> Result<()> {
        let same =
            |(one, two): (&Counted, &Counted)| one.feature.name() == two.feature.name() && one.cells == two.cells;
        if self.columns.len() == other.columns.len() && self.columns.iter().zip(&other.columns).all(same) {
            return Ok(());
        }
        Err(Error::CannotMerge { reason: "they were counted over different columns or cells".into() })
    }
}

impl Counted {
    fn add(&mut self, feature: &Feature, values: &[f64], weights: Option<&[f64]>) {
        if let DriftCells::Levels(with_cell) = &self.cells {
            let side = Side::new(feature, values, weights);
            let own = side.counts(&DriftCells::Levels(level_names(feature)));
            let levels: Vec<(String, f64)> = level_names(feature).into_iter().zip(own.known).collect();
            self.counts.add_levels(with_cell, &levels);
            self.counts.unknown += own.unknown;
            return;
        }
        for (row, &value) in values.iter().enumerate() {
            let weight = weights.map_or(1.0, |weights| weights[row]);
            if value.is_nan() {
                self.counts.unknown += weight;
            } else {
                self.counts.known[self.cells.place(value)] += weight;
            }
        }
    }
}

impl Summary for DriftCounts {
    fn merge(&mut self, other: &Self) -> Result<()> {
        self.check_same_cells(other)?;
        for (column, more) in self.columns.iter_mut().zip(&other.columns) {
            column.counts.known.iter_mut().zip(&more.counts.known).for_each(|(sum, count)| *sum += count);
            column.counts.unknown += more.counts.unknown;
            for (level, weight) in &more.counts.unseen {
                *column.counts.unseen.entry(level.clone()).or_default() += weight;
            }
        }
        Ok(())
    }
}

impl TryFrom<StoredCounts> for DriftCounts {
    type Error = Error;

    fn try_from(StoredCounts { columns }: StoredCounts) -> Result<Self> {
        let features: Vec<Feature> = columns.iter().map(|column| column.feature.clone()).collect();
        crate::feature::check_features(&features)?;
        for (index, column) in columns.iter().enumerate() {
            let refuse = |reason: &str| {
                Err(Error::ModelField { path: format!("columns[{index}].counts"), reason: reason.into() })
            };
            match &column.cells {
                DriftCells::Edges(edges) | DriftCells::Values(edges) if !edges.is_empty() => {
                    check_ascending("DriftCounts", edges)?;
                }
                _ => {}
            }
            let of_levels = matches!(column.cells, DriftCells::Levels(_));
            if of_levels == (column.feature.kind() == Kind::Number) {
                return refuse("a number needs edges or values, and any other column levels");
            }
            if column.counts.known.len() != column.cells.len() {
                return refuse("there must be one count per cell");
            }
            let counts = &column.counts;
            let mut all = counts.known.iter().chain(counts.unseen.values()).chain([&counts.unknown]);
            if !all.all(|count| count.is_finite() && *count >= 0.0) {
                return refuse("counts must be finite and not negative");
            }
        }
        Ok(Self { columns })
    }
}

impl From<DriftCounts> for StoredCounts {
    fn from(counts: DriftCounts) -> Self {
        Self { columns: counts.columns }
    }
}
