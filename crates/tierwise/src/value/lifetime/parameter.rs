//! Parameters and coefficients with their errors.

use super::covariates::{Covariate, CovariateEffect};
use super::purchase_model::PurchaseModel;
use serde::Serialize;

/// A parameter with its standard error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// The estimate.
    pub estimate: f64,
    /// By the inverse Hessian of the log-likelihood and the delta method; NaN where it is unknown.
    pub standard_error: f64,
    /// Lower end of the 95 % interval, which is symmetric in the logarithm.
    pub lower: f64,
    /// Upper end of the 95 % interval.
    pub upper: f64,
}

impl PurchaseModel {
    /// The parameters with standard errors; with covariates those of a customer whose covariates are all 0.
    pub fn parameters(&self) -> [Parameter; 4] {
        let (names, estimates) = (self.process().parameter_names(), self.parameters_of(&[]));
        std::array::from_fn(|index| parameter(names[index], estimates[index], self.error_of(index)))
    }

    /// The coefficients of the covariates with standard errors.
    pub fn coefficients(&self) -> Vec<CovariateEffect> {
        let moved = self.process().moved_by_covariates();
        let of_one = |(at, covariate): (usize, &Covariate)| {
            let name = covariate.name.clone();
            let coefficients = covariate.coefficients.iter().zip(moved).enumerate();
            let one = move |(effect, (&estimate, &parameter)): (usize, (&f64, &&'static str))| {
                let error = self.error_of(4 + at * moved.len() + effect);
                let reach = Z95 * error;
                CovariateEffect {
                    covariate: name.clone(),
                    parameter,
                    estimate,
                    standard_error: error,
                    lower: estimate - reach,
                    upper: estimate + reach,
                }
            };
            coefficients.map(one).collect::<Vec<_>>()
        };
        self.covariates().iter().enumerate().flat_map(of_one).collect()
    }

    /// The standard error of an unknown of the fit; NaN where it is not known.
    fn error_of(&self, unknown: usize) -> f64 {
        self.covariance().map_or(f64::NAN, |covariance| covariance[unknown][unknown].sqrt())
    }
}

const Z95: f64 = 1.959_963_984_540_054;

pub(super) fn parameter(name: &'static str, estimate: f64, error_of_log: f64) -> Parameter {
    // At the end of its range a parameter counts as known in a fit; that is not knowing it.
    let error_of_log = if error_of_log == 0.0 { f64::NAN } else { error_of_log };
    let factor = libm::exp(Z95 * error_of_log);
    Parameter {
        name,
        estimate,
        standard_error: estimate * error_of_log,
        lower: estimate / factor,
        upper: estimate * factor,
    }
}
