//! What the uncertainty of the parameters makes of a forecast.

use super::forecast::Forecast;
use super::histories::{Histories, History};
use super::interval::{Interval, Scale, check_level, interval};
use super::process::Process;
use super::purchase_model::{PurchaseModel, of_parts, values_of};
use crate::{Error, Result};

impl PurchaseModel {
    /// What the model expects of each customer, with an interval of that mean: what the parameters' uncertainty makes of it,
    /// by the delta method (on the logarithm; a probability on its log-odds). What a customer will do scatters far more.
    /// Differences of parameters are taken over a thousandth of them.
    ///
    /// # Errors
    /// Those of [`forecast`](Self::forecast); [`Error::InvalidParameter`] for a level outside (0, 1);
    /// [`Error::NotEnoughData`] for a model without standard errors.
    pub fn forecast_with_interval(
        &self,
        histories: &Histories,
        forecast: Forecast,
        level: f64,
    ) -> Result<Vec<Interval>> {
        check_level("forecast_with_interval", level)?;
        let scale = match forecast {
            Forecast::Alive { .. } | Forecast::Count { .. } => Scale::LogOdds,
            _ => Scale::Logarithm,
        };
        let spread = self.spread(histories, forecast, scale)?;
        spread.into_iter().map(|(estimate, error)| interval(estimate, error, scale, level)).collect()
    }

    /// Each customer's forecast and its standard error on a scale.
    pub(super) fn spread(&self, histories: &Histories, forecast: Forecast, scale: Scale) -> Result<Vec<(f64, f64)>> {
        self.check_forecast(forecast)?;
        self.check_histories(histories)?;
        if self.covariance().is_none() {
            let what = format!("an interval: the {} model has no standard errors", self.process().name());
            return Err(Error::NotEnoughData { what, needed: 1, found: 0 });
        }
        let covariates = self.columns_of(histories)?;
        // Customers without covariates share it.
        let shared = covariates.is_empty().then(|| Uncertain::of(self, &[]));
        Ok(of_parts(histories.len(), |rows, found| {
            for (row, found) in rows.zip(found) {
                let history = histories.history(row).in_unit(self.days_per_period());
                *found = match &shared {
                    Some(shared) => shared.spread(&history, forecast, scale),
                    None => Uncertain::of(self, &values_of(&covariates, row)).spread(&history, forecast, scale),
                };
            }
        }))
    }

    /// The covariance of the logarithms of the parameters of a customer with these covariates.
    pub(super) fn covariance_of(&self, z: &[f64]) -> Option<[[f64; 4]; 4]> {
        self.covariance().map(|covariance| self.design().covariance(covariance, z))
    }
}

/// The process of customers whose parameters are not known exactly, and those a step of each parameter away.
struct Uncertain {
    process: Box<dyn Process>,
    moved: [(Box<dyn Process>, Box<dyn Process>); 4],
    covariance: [[f64; 4]; 4],
}

impl Uncertain {
    /// Differences are taken over a thousandth of a parameter.
    const STEP: f64 = 1e-3;

    fn of(model: &PurchaseModel, z: &[f64]) -> Self {
        let own = model.parameters_of(z);
        let moved = |index: usize, by: f64| {
            let mut parameters = own;
            parameters[index] *= libm::exp(by);
            model.process().with(&parameters)
        };
        Self {
            process: model.process().with(&own),
            moved: std::array::from_fn(|index| (moved(index, Self::STEP), moved(index, -Self::STEP))),
            covariance: model.covariance_of(z).unwrap_or_default(),
        }
    }

    /// The forecast and its standard error on a scale.
    fn spread(&self, history: &History, forecast: Forecast, scale: Scale) -> (f64, f64) {
        let slopes: [f64; 4] = self.moved.each_ref().map(|(up, down)| {
            let difference = scale.of(forecast.of(&**up, history)) - scale.of(forecast.of(&**down, history));
            // At an end of the scale nothing moves.
            if difference.is_finite() { difference / (2.0 * Self::STEP) } else { 0.0 }
        });
        (forecast.of(&*self.process, history), quadratic(&slopes, &self.covariance).sqrt())
    }
}

/// slopesᵀ · covariance · slopes.
pub(super) fn quadratic<const N: usize>(slopes: &[f64; N], covariance: &[[f64; N]; N]) -> f64 {
    let row = |i: usize| slopes[i] * covariance[i].iter().zip(slopes).map(|(entry, slope)| entry * slope).sum::<f64>();
    (0..N).map(row).sum::<f64>().max(0.0)
}
