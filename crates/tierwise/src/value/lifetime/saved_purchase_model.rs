//! The file of a model of purchases.

use super::covariates::Covariate;
use super::interval::check_covariance;
use super::purchase_fit::PurchaseReport;
use super::purchase_model::PurchaseModel;
use super::purchase_process::PurchaseProcess;
use crate::model::Saved;
use crate::{Error, Result, Score};
use serde::Deserialize;

impl Saved for PurchaseModel {
    const KIND: &'static str = "purchase_model";

    fn as_score(&self) -> Option<&dyn Score> {
        Some(self)
    }
}

/// The content of the file, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Content {
    process: PurchaseProcess,
    days_per_period: f64,
    horizon: f64,
    parameters: [f64; 4],
    #[serde(default)]
    covariates: Vec<Covariate>,
    covariance: Option<Vec<Vec<f64>>>,
    report: Option<PurchaseReport>,
}

impl TryFrom<Content> for PurchaseModel {
    type Error = Error;

    fn try_from(content: Content) -> Result<Self> {
        let Content { process, days_per_period, horizon, parameters, covariates, covariance, report } = content;
        let model = Self::new(process, parameters)?.with_days_per_period(days_per_period)?.with_horizon(horizon)?;
        let model = model.with_covariates(covariates)?;
        check_covariance("PurchaseModel", covariance.as_deref(), model.design().size())?;
        Ok(model.with_fit(covariance, report))
    }
}
