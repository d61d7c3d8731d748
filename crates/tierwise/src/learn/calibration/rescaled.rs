//! An explained score moved along a straight line: still a sum, term by term.

use crate::model::Model;
use crate::{Columns, Explain, Feature, Score, Term};
use std::sync::Arc;

/// `offset + slope · score`, as the sum of the rescaled base and the rescaled contributions.
#[derive(Debug, Clone)]
pub(super) struct Rescaled {
    model: Arc<dyn Model>,
    slope: f64,
    offset: f64,
}

/// So many rows are explained at a time when a table is scored.
const ROWS: usize = 1024;

impl Rescaled {
    /// `None` for a model that does not explain itself.
    pub(super) fn new(model: &Arc<dyn Model>, (slope, offset): (f64, f64)) -> Option<Self> {
        model.as_explain()?;
        Some(Self { model: Arc::clone(model), slope, offset })
    }

    fn explain(&self) -> &dyn Explain {
        self.model.as_explain().unwrap_or(&NOTHING)
    }

    /// Times the slope; without a slope even an infinite contribution is nothing.
    fn rescale(&self, contribution: f64) -> f64 {
        if self.slope == 0.0 && !contribution.is_nan() { 0.0 } else { self.slope * contribution }
    }
}

impl Score for Rescaled {
    fn features(&self) -> &[Feature] {
        self.explain().features()
    }

    fn score_row(&self, row: &[f64]) -> f64 {
        let mut contributions = vec![0.0; self.terms().len()];
        self.contributions_row(row, &mut contributions);
        contributions.iter().fold(self.base(), |sum, contribution| sum + contribution)
    }

    fn score_columns(&self, columns: &Columns<'_>, scores: &mut [f64]) {
        assert_eq!(scores.len(), columns.rows(), "one score per row");
        let mut contributions = vec![vec![0.0; ROWS.min(columns.rows())]; self.terms().len()];
        for (part, scores) in scores.chunks_mut(ROWS).enumerate() {
            let rows = scores.len();
            let mut places: Vec<&mut [f64]> = contributions.iter_mut().map(|column| &mut column[..rows]).collect();
            self.contributions_columns(&columns.slice(part * ROWS..part * ROWS + rows), &mut places);
            scores.fill(self.base());
            for column in places {
                scores.iter_mut().zip(column).for_each(|(score, contribution)| *score += *contribution);
            }
        }
    }
}

impl Explain for Rescaled {
    fn base(&self) -> f64 {
        self.offset + self.rescale(self.explain().base())
    }

    fn terms(&self) -> &[Term] {
        self.explain().terms()
    }

    fn contributions_row(&self, row: &[f64], contributions: &mut [f64]) {
        self.explain().contributions_row(row, contributions);
        for contribution in contributions {
            *contribution = self.rescale(*contribution);
        }
    }

    fn contributions_columns(&self, columns: &Columns<'_>, contributions: &mut [&mut [f64]]) {
        self.explain().contributions_columns(columns, contributions);
        for contribution in contributions.iter_mut().flat_map(|column| column.iter_mut()) {
            *contribution = self.rescale(*contribution);
        }
    }
}

/// Stands in for a model that no longer explains itself, which no model does.
struct Nothing;
static NOTHING: Nothing = Nothing;

impl Score for Nothing {
    fn features(&self) -> &[Feature] {
        &[]
    }

    fn score_row(&self, _: &[f64]) -> f64 {
        f64::NAN
    }
}

impl Explain for Nothing {
    fn base(&self) -> f64 {
        f64::NAN
    }

    fn terms(&self) -> &[Term] {
        &[]
    }

    fn contributions_row(&self, _: &[f64], _: &mut [f64]) {}
}
