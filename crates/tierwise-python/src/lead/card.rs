//! Cards.

use crate::errors::Result;
use crate::json::read;
use crate::model::Model;
use pyo3::prelude::*;
use tierwise::lead::CardSpec;
use tierwise::{Bands, Scorecard};

/// A card from its parts (JSON). A file that contradicts itself is a bad field of the file; a card that does so has the
/// error of its own constructor.
#[pyfunction]
#[pyo3(signature = (spec, grades))]
pub(crate) fn scorecard(spec: &str, grades: Option<&str>) -> Result<Model> {
    let mut spec: CardSpec = read(spec, "")?;
    if let Some(grades) = grades {
        spec.grades = Some(Bands::new("the grades", read(grades, "grades")?)?);
    }
    Ok(Model::new(Scorecard::new(spec)?))
}

/// The 17-row card that ships with the library.
#[pyfunction]
pub(crate) fn supplier_prospects() -> Model {
    Model::new(tierwise::lead::supplier_prospects())
}
