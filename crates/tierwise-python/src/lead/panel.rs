//! Weights from panels and pairwise comparisons.

use crate::errors::{Raised, Result};
use crate::json::{read, write};
use crate::table::Table;
use pyo3::prelude::*;
use tierwise::lead::panel::{self, Judgement, PairwiseSettings, PanelAnswers, PanelSettings};
use tierwise::{Columns, Feature, Scorecard};

use crate::model::Model;

#[pyclass(frozen, module = "tierwise._tierwise")]
pub(crate) struct PanelSurvey {
    survey: panel::PanelSurvey,
}

#[pymethods]
impl PanelSurvey {
    #[new]
    #[pyo3(signature = (table, factors, respondent, panel, quality, weight, settings))]
    #[allow(clippy::too_many_arguments)] // a private boundary: the public class takes them by keyword
    fn new(
        py: Python<'_>,
        table: &Table,
        factors: Vec<String>,
        respondent: Option<&str>,
        panel: Option<&str>,
        quality: Option<&str>,
        weight: Option<&str>,
        settings: &str,
    ) -> PyResult<Self> {
        let settings: PanelSettings = read(settings, "")?;
        let survey = py.detach(|| {
            let answers = numbers(table, factors.iter().map(String::as_str))?;
            let quality = numbers(table, quality)?.pop();
            let weights = numbers(table, weight)?.pop();
            let respondents = respondent.map(|column| names(table, column)).transpose()?;
            let respondents = respondents.map(|(codes, names)| {
                codes.into_iter().map(|code| names[code as usize].clone()).collect::<Vec<String>>()
            });
            let panels = panel.map(|column| names(table, column)).transpose()?;
            let answers = PanelAnswers {
                factors: &factors,
                columns: answers.iter().map(Vec::as_slice).collect(),
                respondents: respondents.as_deref(),
                panels: panels.as_ref().map(|(codes, names)| (codes.as_slice(), names.as_slice())),
                quality: quality.as_deref(),
                weights: weights.as_deref(),
            };
            panel::PanelSurvey::new(&answers, &settings)
        });
        Ok(Self { survey: survey.map_err(Raised)? })
    }

    fn sizes(&self) -> Result<String> {
        let sizes = self.survey.panels().iter().map(|one| (one.name(), one.respondents(), one.left_out()));
        write(&sizes.collect::<Vec<_>>())
    }

    fn analyse(&self, py: Python<'_>, settings: &str) -> Result<String> {
        let settings = read(settings, "")?;
        write(&py.detach(|| self.survey.analyse(&settings))?)
    }

    fn recommend(&self, py: Python<'_>, analysis: &str, settings: &str) -> Result<String> {
        let (analysis, settings) = (read(analysis, "")?, read(settings, "")?);
        let found = py.detach(|| panel::recommend(&self.survey.analyse(&analysis)?, &settings))?;
        let texts: Vec<String> = found.reasons.iter().map(panel::Reason::text).collect();
        write(&(found, texts))
    }
}

/// Columns of numbers by name.
fn numbers<'a>(table: &Table, names: impl IntoIterator<Item = &'a str>) -> tierwise::Result<Vec<Vec<f64>>> {
    let features: Vec<Feature> = names.into_iter().map(Feature::number).collect();
    let values = table.table.values(&features)?;
    Columns::in_order(&features, values.iter().map(Vec::as_slice).collect())?;
    Ok(values)
}

/// A column of names, by code.
fn names(table: &Table, column: &str) -> tierwise::Result<(Vec<u32>, Vec<String>)> {
    let (codes, keys) = table.table.keys(column)?;
    let names = (0..).map_while(|code| keys.name(code)).collect();
    Ok((codes, names))
}

#[pyfunction]
pub(crate) fn round_to_hundred(weights: Vec<f64>, decimals: u32) -> Result<Vec<f64>> {
    Ok(panel::round_to_hundred(&weights, decimals)?)
}

#[pyfunction]
pub(crate) fn card_with_weights(card: &Model, weights: Vec<(String, f64)>) -> Result<Model> {
    let weights: Vec<(&str, f64)> = weights.iter().map(|(name, weight)| (name.as_str(), *weight)).collect();
    let spec = panel::card_with_weights(card.is::<tierwise::Scorecard>()?.spec().clone(), &weights)?;
    Ok(Model::new(Scorecard::new(spec)?))
}

#[pyfunction]
pub(crate) fn pairwise_from_matrices(
    factors: Vec<String>,
    respondents: Vec<String>,
    matrices: Vec<Vec<f64>>,
    settings: &str,
) -> Result<String> {
    let settings: PairwiseSettings = read(settings, "")?;
    write(&panel::pairwise_from_matrices(&factors, &respondents, &matrices, &settings)?)
}

#[pyfunction]
#[pyo3(signature = (table, factors, first, second, value, respondent, settings))]
pub(crate) fn pairwise_weights(
    table: &Table,
    factors: Vec<String>,
    first: &str,
    second: &str,
    value: &str,
    respondent: Option<&str>,
    settings: &str,
) -> Result<String> {
    let settings: PairwiseSettings = read(settings, "")?;
    let values = numbers(table, [value])?.pop().unwrap_or_default();
    let texts = |column: &str| {
        let (codes, names) = names(table, column)?;
        Ok::<_, tierwise::Error>(codes.into_iter().map(move |code| names[code as usize].clone()).collect::<Vec<_>>())
    };
    let (first, second) = (texts(first)?, texts(second)?);
    let respondents = match respondent {
        Some(column) => texts(column)?,
        None => vec![String::new(); values.len()],
    };
    let named = first.into_iter().zip(second).zip(respondents).zip(values);
    let judgements: Vec<Judgement> =
        named.map(|(((first, second), respondent), value)| Judgement { respondent, first, second, value }).collect();
    write(&panel::pairwise_weights(&factors, &judgements, &settings)?)
}
