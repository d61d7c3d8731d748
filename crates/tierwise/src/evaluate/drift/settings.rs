//! How drift is measured and judged: bins, empty cells, limits.

use crate::evaluate::checks::check_weights;
use crate::evaluate::rows::parameter;
use crate::rates::check_confidence;
use crate::{Columns, Error, Result};
use serde::{Deserialize, Serialize};

/// How the values of a number are put into cells. Cells are right-open, and the outermost are open-ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftBins {
    /// So many bins of equal size in the reference, cut at its quantiles (linear between rows, as NumPy's). There are fewer
    /// where a sample has fewer than [`least_expected`](DriftSettings::least_expected) rows per bin. A number with no more
    /// distinct values than bins has one cell per value, and one for all others.
    Quantiles(usize),
    /// So many bins of equal width between the smallest and the largest value of the reference; where that is constant, one
    /// cell for its value and one for all others.
    EqualWidth(usize),
    /// Bins between these edges, ascending.
    Edges(Vec<f64>),
}

/// What stands for a share of 0, whose logarithm is infinite. Other shares stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmptyCells {
    /// Half a row: the smaller the sample, the less an empty cell says.
    HalfRow,
    /// This share, such as 0.0001.
    Floor(f64),
}

/// The base of the logarithm in the Jensen-Shannon distance. The population stability index is always natural: its customary
/// limits are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogBase {
    /// e: the distance is at most 0.83.
    Natural,
    /// 2: the distance is at most 1.
    Two,
}

/// How drift is measured and judged.
///
/// ```
/// use tierwise::evaluate::{DriftBins, DriftSettings};
/// let settings = DriftSettings { bins: DriftBins::EqualWidth(20), ..DriftSettings::default() };
/// assert_eq!((settings.watch, settings.act, settings.significance), (0.1, 0.25, 0.05));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriftSettings {
    /// The cells of numbers; 10 at quantiles by default.
    pub bins: DriftBins,
    /// What stands for a share of 0; half a row by default.
    pub empty_cells: EmptyCells,
    /// The base of the Jensen-Shannon distance; natural by default.
    pub log_base: LogBase,
    /// Cells in which the smaller sample would hold fewer rows than this if nothing had changed are joined to one; 5 by
    /// default, 0 joins none. Of sparse cells, as of hundreds of rare levels, every figure is large by chance.
    pub least_expected: f64,
    /// The population stability index from which a column is to be watched; 0.1 by custom (Siddiqi 2006, *Credit Risk
    /// Scorecards*).
    pub watch: f64,
    /// The index from which something is to be done; 0.25 by custom.
    pub act: f64,
    /// How likely chance may be: a limit counts only where an index as large has at most this probability without a change,
    /// among all columns that are looked at; 0.05 by default.
    pub significance: f64,
}

impl Default for DriftSettings {
    fn default() -> Self {
        Self {
            bins: DriftBins::Quantiles(10),
            empty_cells: EmptyCells::HalfRow,
            log_base: LogBase::Natural,
            least_expected: 5.0,
            watch: 0.1,
            act: 0.25,
            significance: 0.05,
        }
    }
}

impl DriftSettings {
    pub(super) fn check(&self, of: &'static str) -> Result<()> {
        match &self.bins {
            DriftBins::Quantiles(bins) | DriftBins::EqualWidth(bins) if !(2..=10_000).contains(bins) => {
                return Err(parameter(of, "bins", "a whole number in [2, 10000]", bins));
            }
            DriftBins::Edges(edges) => check_ascending(of, edges)?,
            DriftBins::Quantiles(_) | DriftBins::EqualWidth(_) => {}
        }
        if let EmptyCells::Floor(share) = self.empty_cells
            && !(share > 0.0 && share < 1.0)
        {
            return Err(parameter(of, "floor", "a number in (0, 1)", &share));
        }
        if !(0.0..1e9).contains(&self.least_expected) {
            return Err(parameter(of, "least_expected", "a number in [0, 1e9)", &self.least_expected));
        }
        if !(self.watch >= 0.0 && self.watch <= self.act && self.act.is_finite()) {
            let got = format!("{} and {}", self.watch, self.act);
            return Err(parameter(of, "watch", "a number in [0, act], with a finite `act`", &got));
        }
        check_confidence(of, 1.0 - self.significance)
            .map_err(|_| parameter(of, "significance", "a number in (0, 1)", &self.significance))
    }
}

pub(super) fn check_ascending(of: &'static str, edges: &[f64]) -> Result<()> {
    let sound = !edges.is_empty()
        && edges.iter().all(|edge| edge.is_finite())
        && edges.windows(2).all(|pair| pair[0] < pair[1]);
    if sound {
        Ok(())
    } else {
        Err(parameter(of, "edges", "finite numbers, each above the one before", &format!("{edges:?}")))
    }
}

/// A table, and how many customers each of its rows stands for.
#[derive(Debug, Clone, Copy)]
pub struct DriftSample<'a> {
    pub(super) columns: &'a Columns<'a>,
    pub(super) weights: Option<&'a [f64]>,
}

impl<'a> DriftSample<'a> {
    /// A table in which each row is one customer.
    pub fn new(columns: &'a Columns<'a>) -> Self {
        Self { columns, weights: None }
    }

    /// With weights: a row of weight 3 is three equal rows, a row of weight 0 none.
    #[must_use]
    pub fn weights(self, weights: &'a [f64]) -> Self {
        Self { weights: Some(weights), ..self }
    }

    /// Refuses a sample without rows, and weights that are none.
    pub(super) fn checked(self, what: &str) -> Result<Self> {
        let rows = self.columns.rows();
        if rows == 0 {
            return Err(Error::EmptyTable { what: format!("the {what} sample") });
        }
        let whose = format!(" of the {what} sample");
        check_weights(&whose, rows, self.weights)?;
        if self.weights.is_some_and(|weights| weights.iter().all(|&weight| weight == 0.0)) {
            return Err(Error::invalid_value(
                &format!("the weight{whose}"),
                0,
                0.0,
                "at least one row must have a weight above 0",
            ));
        }
        Ok(self)
    }
}

impl<'a> From<&'a Columns<'a>> for DriftSample<'a> {
    fn from(columns: &'a Columns<'a>) -> Self {
        Self::new(columns)
    }
}
