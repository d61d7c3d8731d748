//! Does it still work? What changed between two samples, and whether that is more than chance.

mod cells;
mod characteristics;
mod column;
mod counts;
mod distance;
mod divergence;
mod kolmogorov;
mod migration;
mod settings;
mod sorted;
mod table;
mod windows;

pub use cells::DriftCells;
pub use characteristics::{CharacteristicShift, CharacteristicStability, characteristic_stability};
pub use column::{ColumnDrift, DriftCell, DriftLevel, UnknownChange, UnseenLevel};
pub use counts::DriftCounts;
pub use distance::{NumberDistances, TwoSampleKolmogorovSmirnov};
pub use divergence::{ChiSquareTest, CountDrift, compare_counts};
pub use migration::{TierMigration, tier_migration};
pub use settings::{DriftBins, DriftSample, DriftSettings, EmptyCells, LogBase};
pub use table::{TableDrift, column_drift, drift};
pub use windows::{DriftWindow, drift_windows};
