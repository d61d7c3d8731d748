//! What moves a model's scores on a table, and what of the table is unknown.

use super::ReportWords;
use crate::evaluate::checks::check_weights;
use crate::evaluate::words::{listed, percent};
use crate::{Columns, Error, Explain, Result, explain};
use serde::Serialize;

/// What moves a model's scores. Made by [`report_model`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelReport {
    /// In plain words.
    pub words: ReportWords,
    /// The terms, the one that moves scores most first.
    pub terms: Vec<TermReport>,
    /// The features, the one that is unknown most often first.
    pub unknown: Vec<UnknownShare>,
}

/// What one term does to the scores.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TermReport {
    /// The term.
    pub name: String,
    /// Its points, in the mean.
    pub mean_points: f64,
    /// How far a customer's points are from that mean, in the mean: what the term does to tell customers apart.
    pub mean_distance: f64,
    /// Its share of the distances of all terms.
    pub share: f64,
}

/// How often a feature is unknown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnknownShare {
    /// The feature.
    pub feature: String,
    /// The share of the customers.
    pub share: f64,
}

/// Says what moves the scores of a table, term by term, and how often each feature is unknown. No outcome is needed, so a large
/// term may still be a wrong one. `weights` say how many customers each row stands for.
///
/// ```
/// use tierwise::{evaluate::report_model, lead, Columns};
/// let card = lead::supplier_prospects();
/// let unknown = [f64::NAN; 2];
/// let columns = Columns::in_order(card.features(), vec![&unknown; card.features().len()])?;
/// let found = report_model(&card, &columns, None)?;
/// assert!(found.unknown.iter().all(|one| one.share == 1.0) && found.terms.iter().all(|one| one.mean_distance == 0.0));
/// # use tierwise::Score;
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::EmptyTable`]; [`Error::WrongLength`] where the table is not bound to the features of the model;
/// [`Error::InvalidValue`] with the row for weights and for contributions that are not finite.
pub fn report_model(model: &dyn Explain, columns: &Columns<'_>, weights: Option<&[f64]>) -> Result<ModelReport> {
    if columns.rows() == 0 {
        return Err(Error::EmptyTable { what: "the table".into() });
    }
    check_weights("", columns.rows(), weights)?;
    let mean = |of: &dyn Fn(usize) -> f64| {
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
        let rows = 0..columns.rows();
        rows.clone().map(|row| weight(row) * of(row)).sum::<f64>() / rows.map(weight).sum::<f64>()
    };
    let points = explain(model, columns)?;
    let mut terms = Vec::with_capacity(points.len());
    for (term, points) in model.terms().iter().zip(&points) {
        if let Some(row) = points.iter().position(|points| !points.is_finite()) {
            let what = format!("the contribution of `{}`", term.name);
            return Err(Error::invalid_value(
                &what,
                row,
                points[row],
                "it must be finite; look at the record of that row",
            ));
        }
        let mean_points = mean(&|row| points[row]);
        let mean_distance = mean(&|row| (points[row] - mean_points).abs());
        terms.push(TermReport { name: term.name.clone(), mean_points, mean_distance, share: 0.0 });
    }
    let all: f64 = terms.iter().map(|term| term.mean_distance).sum();
    for term in &mut terms {
        term.share = if all > 0.0 { term.mean_distance / all } else { 0.0 };
    }
    terms.sort_by(|one, two| two.mean_distance.total_cmp(&one.mean_distance));
    let unknown_share = |(at, feature): (usize, &crate::Feature)| UnknownShare {
        feature: feature.name().to_owned(),
        share: mean(&|row| f64::from(u8::from(columns.column(at)[row].is_nan()))),
    };
    let mut unknown: Vec<UnknownShare> = model.features().iter().enumerate().map(unknown_share).collect();
    unknown.sort_by(|one, two| two.share.total_cmp(&one.share));
    Ok(ModelReport { words: words(&terms, &unknown), terms, unknown })
}

fn words(terms: &[TermReport], unknown: &[UnknownShare]) -> ReportWords {
    let first: Vec<&str> =
        terms.iter().take(3).filter(|term| term.share > 0.0).map(|term| term.name.as_str()).collect();
    let share: f64 = terms.iter().take(3).map(|term| term.share).sum();
    let says = if first.is_empty() {
        "No term tells these customers apart.".to_owned()
    } else {
        format!(
            "What tells these customers apart is mostly {}: {} of what all terms do.",
            listed(&first),
            percent(share)
        )
    };
    let mut doubts = Vec::new();
    if let Some(term) = terms.first().filter(|term| term.share > 0.6 && terms.len() > 2) {
        doubts.push(format!("`{}` alone does {}: is it known before the outcome?", term.name, percent(term.share)));
    }
    let often: Vec<&str> =
        unknown.iter().filter(|one| one.share > 0.2).take(5).map(|one| one.feature.as_str()).collect();
    if !often.is_empty() {
        doubts.push(format!("Unknown of more than a fifth of the customers: {}.", listed(&often)));
    }
    let caution = "This is what the model looks at, not what makes customers act: of two columns that go together either may get the \
                   points.";
    ReportWords::new(says, doubts, caution)
}
