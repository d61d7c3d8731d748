//! Likeness to good customers.

use crate::errors::{Raised, Result};
use crate::json::read;
use crate::model::Model;
use crate::table::{Table, features_from};
use pyo3::prelude::*;
use tierwise::lead::{self, LookAlikeModel};

#[pyfunction]
#[pyo3(signature = (settings, features, good, others))]
pub(crate) fn look_alike(
    py: Python<'_>,
    settings: &str,
    features: &str,
    good: &Table,
    others: Option<&Table>,
) -> Result<Model> {
    let settings: lead::LookAlike = read(settings, "")?;
    let features = features_from(features)?;
    let fitted: tierwise::Result<LookAlikeModel> = py.detach(|| {
        good.table.with_columns(&features, |good| match others {
            None => settings.fit(good, None),
            Some(others) => others.table.with_columns(&features, |others| settings.fit(good, Some(others))),
        })
    });
    Ok(Model::new(fitted.map_err(Raised)?))
}

#[pyfunction]
pub(crate) fn look_alike_sizes(model: &Model) -> Result<(usize, Option<usize>)> {
    let model = model.is::<tierwise::lead::LookAlikeModel>()?;
    Ok((model.good_customers(), model.other_customers()))
}
