//! Who they are beside what they do: two scores, and the cell of the matrix in which a lead stands.

use crate::model::Saved;
use crate::{Assign, Band, Bands, Columns, Error, Feature, Result};
use serde::{Deserialize, Serialize};

/// A matrix of fit bands by engagement bands, with labels such as A1 to C3.
///
/// The label is the name of the fit band followed by that of the engagement band. Cells are numbered row by row: all
/// engagement bands of the best fit first, each best first (A1, A2, A3, B1, ...). The numbers are positions, not a
/// ranking: whether B1 comes before A3 is for the business to say. An unknown score has no label.
///
/// Convention: fit as a letter and engagement as a digit, as in `HubSpot`'s combined score.
///
/// ```
/// use tierwise::{Bands, lead::FitEngagement};
/// let matrix = FitEngagement::new(
///     Bands::falling("fit", &["A", "B", "C"], &[70.0, 40.0])?,
///     Bands::falling("engagement", &["1", "2", "3"], &[50.0, 10.0])?,
/// )?;
/// assert_eq!(matrix.label(85.0, 12.0), Some("A2"));
/// assert_eq!(matrix.label(85.0, f64::NAN), None);
/// assert_eq!(matrix.labels()[..4], ["A1", "A2", "A3", "B1"]);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct FitEngagement {
    features: Vec<Feature>,
    fit: Bands,
    engagement: Bands,
    labels: Vec<String>,
}

impl FitEngagement {
    /// A matrix of two lists of bands, best first.
    ///
    /// # Errors
    /// [`Error::InvalidBands`] when the outermost bands are not open, so that a score might have no label, or when two
    /// cells would have the same label.
    pub fn new(fit: Bands, engagement: Bands) -> Result<Self> {
        for (what, bands) in [("fit", &fit), ("engagement", &engagement)] {
            if bands.range() != (f64::NEG_INFINITY, f64::INFINITY) {
                let reason = "the outermost bands must be open, so that every score has a label; leave out the lowest \
                              `from` and the highest `to`";
                return Err(Error::InvalidBands { what: what.into(), reason: reason.into() });
            }
        }
        let cells = fit.names().iter().flat_map(|fit| engagement.names().iter().map(move |digit| (fit, digit)));
        let labels: Vec<String> = cells.map(|(fit, digit)| format!("{fit}{digit}")).collect();
        let mut sorted: Vec<&String> = labels.iter().collect();
        sorted.sort_unstable();
        if let Some(at) = (1..sorted.len()).find(|&at| sorted[at - 1] == sorted[at]) {
            let reason = format!("two cells would have the label `{}`; choose other names", sorted[at]);
            return Err(Error::InvalidBands { what: "fit and engagement".into(), reason });
        }
        Ok(Self { features: vec![Feature::number("fit"), Feature::number("engagement")], fit, engagement, labels })
    }

    /// The bands of the fit score.
    pub fn fit(&self) -> &Bands {
        &self.fit
    }

    /// The bands of the engagement score.
    pub fn engagement(&self) -> &Bands {
        &self.engagement
    }

    /// The labels of all cells, row by row.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// The position of the cell; `None` where a score is NaN, unknown.
    pub fn position(&self, fit: f64, engagement: f64) -> Option<usize> {
        Some(self.fit.find(fit)? * self.engagement.names().len() + self.engagement.find(engagement)?)
    }

    /// The label of the cell; `None` where a score is NaN, unknown.
    pub fn label(&self, fit: f64, engagement: f64) -> Option<&str> {
        self.position(fit, engagement).map(|at| self.labels[at].as_str())
    }

    /// The positions of the cells of many leads, one element of each slice per lead; `None` where a score is NaN.
    ///
    /// # Errors
    /// [`Error::WrongLength`], and [`Error::NotFinite`] with the row for an infinite score.
    pub fn positions(&self, fit: &[f64], engagement: &[f64]) -> Result<Vec<Option<usize>>> {
        let columns = Columns::in_order(&self.features, vec![fit, engagement])?;
        let mut positions = vec![None; columns.rows()];
        self.assign_columns(&columns, &mut positions);
        Ok(positions)
    }
}

impl Saved for FitEngagement {
    const KIND: &'static str = "fit_engagement";

    fn as_assign(&self) -> Option<&dyn Assign> {
        Some(self)
    }
}

impl Assign for FitEngagement {
    fn features(&self) -> &[Feature] {
        &self.features
    }

    fn outcomes(&self) -> &[String] {
        &self.labels
    }

    fn is_ordered(&self) -> bool {
        false
    }

    fn assign_row(&self, row: &[f64]) -> Option<usize> {
        self.position(row[0], row[1])
    }

    fn assign_columns(&self, columns: &Columns<'_>, outcomes: &mut [Option<usize>]) {
        assert_eq!(outcomes.len(), columns.rows(), "one outcome per row");
        for ((outcome, &fit), &engagement) in outcomes.iter_mut().zip(columns.column(0)).zip(columns.column(1)) {
            *outcome = self.position(fit, engagement);
        }
    }
}

/// The form in a model file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    fit: Vec<Band>,
    engagement: Vec<Band>,
}

impl TryFrom<Stored> for FitEngagement {
    type Error = Error;

    fn try_from(Stored { fit, engagement }: Stored) -> Result<Self> {
        Self::new(Bands::new("fit", fit)?, Bands::new("engagement", engagement)?)
    }
}

impl From<FitEngagement> for Stored {
    fn from(matrix: FitEngagement) -> Self {
        Self { fit: matrix.fit.list(), engagement: matrix.engagement.list() }
    }
}
