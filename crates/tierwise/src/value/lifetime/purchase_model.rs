//! A model of purchases: its parameters, and what it expects of customers.

use super::covariates::{Covariate, Design, Group, groups};
use super::forecast::Forecast;
use super::forecast_checks::{above_zero, check_count, not_of_whole_periods, refused};
use super::histories::{Histories, History};
use super::maximum_likelihood::Maximum;
use super::process::Process;
use super::purchase_fit::{PurchaseReport, log_likelihood_of};
use super::purchase_process::PurchaseProcess;
use super::saved_purchase_model::Content;
use crate::{Error, Feature, Result, Score, Unknown};
use serde::{Deserialize, Serialize};

/// Beyond these logarithms of its parameters a model no longer changes.
const FARTHEST_LOG: f64 = 35.0;

/// A fitted model of purchases, or one with parameters from elsewhere.
///
/// As a [`Score`] it takes the columns of [`rfm`](crate::value::rfm) and gives the purchases expected within its horizon;
/// NaN for a history that cannot be one. It is no sum, so that it has no exact reasons.
///
/// ```
/// use tierwise::value::{Forecast, Histories, PurchaseModel, PurchaseProcess};
/// let model = PurchaseModel::new(PurchaseProcess::BgNbd, [0.243, 4.414, 0.793, 2.426])?;
/// let customer = Histories::new(&[2.0], &[30.43], &[38.86])?;
/// let expected = model.forecast(&customer, Forecast::Purchases { after: 0.0, periods: 39.0 })?;
/// assert!((expected[0] - 1.226028174767144).abs() < 1e-10);
/// assert!((model.forecast(&customer, Forecast::Alive { ahead: 0.0 })?[0] - 0.72657857).abs() < 1e-8);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Content")]
pub struct PurchaseModel {
    process: PurchaseProcess,
    days_per_period: f64,
    horizon: f64,
    parameters: [f64; 4],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    covariates: Vec<Covariate>,
    /// Of the logarithms of the parameters and of the coefficients.
    #[serde(skip_serializing_if = "Option::is_none")]
    covariance: Option<Vec<Vec<f64>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<PurchaseReport>,
    #[serde(skip)]
    features: Vec<Feature>,
}

impl PurchaseModel {
    /// A model with parameters from elsewhere, in the order of [`PurchaseProcess::parameter_names`].
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a parameter that is not a finite number above 0.
    pub fn new(process: PurchaseProcess, parameters: [f64; 4]) -> Result<Self> {
        let mut model = Self::unfitted(process, 1.0, 1.0, &[])?;
        for (name, value) in process.parameter_names().into_iter().zip(parameters) {
            above_zero(name, value)?;
        }
        model.parameters = parameters;
        Ok(model)
    }

    /// The same model with periods of so many units of the histories' times.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless it is a finite number above 0.
    pub fn with_days_per_period(mut self, days: f64) -> Result<Self> {
        above_zero("days_per_period", days)?;
        self.days_per_period = days;
        Ok(self)
    }

    /// The same model with a score for so many periods.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless it is a finite number above 0.
    pub fn with_horizon(mut self, periods: f64) -> Result<Self> {
        above_zero("horizon", periods)?;
        self.check_whole("horizon", periods)?;
        self.horizon = periods;
        Ok(self)
    }

    /// The same model in which covariates move the parameters; those that it has are the ones of a customer whose covariates
    /// are all 0. It has no standard errors.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for BG/BB, for names that are not distinct or those of a history's columns, and for
    /// coefficients that are not finite or not as many as
    /// [`moved_by_covariates`](PurchaseProcess::moved_by_covariates) says.
    pub fn with_covariates(self, covariates: Vec<Covariate>) -> Result<Self> {
        let names: Vec<String> = covariates.iter().map(|one| one.name.clone()).collect();
        let moved = self.process.moved_by_covariates();
        for Covariate { name, coefficients } in &covariates {
            if coefficients.len() != moved.len() || coefficients.iter().any(|one| !one.is_finite()) {
                let must_be = format!("one finite coefficient for each of {} per covariate", moved.join(", "));
                return Err(refused("covariates", &must_be, &format!("{coefficients:?} for `{name}`")));
            }
        }
        let blank = Self::unfitted(self.process, self.days_per_period, self.horizon, &names)?;
        Ok(Self { parameters: self.parameters, covariates, ..blank })
    }

    pub(super) fn unfitted(
        process: PurchaseProcess,
        days_per_period: f64,
        horizon: f64,
        covariates: &[String],
    ) -> Result<Self> {
        above_zero("days_per_period", days_per_period)?;
        above_zero("horizon", horizon)?;
        let moved = process.moved_by_covariates();
        if moved.is_empty() && !covariates.is_empty() {
            let must_be = format!("none, for the {} model takes no covariates: fit its segments apart", process.name());
            return Err(refused("covariates", &must_be, &covariates.join(", ")));
        }
        let columns = ["repeat_frequency", "last_purchase_age", "age"];
        let names: Vec<&str> = columns.into_iter().chain(covariates.iter().map(String::as_str)).collect();
        for (at, name) in names.iter().enumerate() {
            if name.is_empty() || names[..at].contains(name) {
                let must_be = format!("names that differ from one another and from {}", columns.join(", "));
                return Err(refused("covariates", &must_be, &format!("`{name}`")));
            }
        }
        // Without his history a customer has no forecast.
        let feature = |name: &str| Feature::number(name).with_unknown(Unknown::Error);
        let covariate = |name: &String| Covariate { name: name.clone(), coefficients: vec![0.0; moved.len()] };
        let model = Self {
            process,
            days_per_period,
            horizon,
            parameters: [1.0; 4],
            covariates: covariates.iter().map(covariate).collect(),
            covariance: None,
            report: None,
            features: names.into_iter().map(feature).collect(),
        };
        model.check_whole("horizon", horizon)?;
        Ok(model)
    }

    pub(super) fn fitted(mut self, found: &Maximum, report: PurchaseReport) -> Self {
        self.set_unknowns(&found.at);
        self.with_fit(found.covariance.clone(), Some(report))
    }

    pub(super) fn with_fit(self, covariance: Option<Vec<Vec<f64>>>, report: Option<PurchaseReport>) -> Self {
        Self { covariance, report, ..self }
    }

    /// Sets the parameters and coefficients from the unknowns of a fit.
    pub(super) fn set_unknowns(&mut self, unknowns: &[f64]) {
        self.parameters = std::array::from_fn(|index| libm::exp(unknowns[index]));
        let effects = self.process.moved_by_covariates().len().max(1);
        for (covariate, coefficients) in self.covariates.iter_mut().zip(unknowns[4..].chunks(effects)) {
            covariate.coefficients = coefficients.to_vec();
        }
    }

    /// The model with other parameters and coefficients, and without what is known of its own.
    pub(super) fn with_unknowns(&self, unknowns: &[f64]) -> Result<Self> {
        let mut model = self.clone().with_fit(None, None);
        model.set_unknowns(unknowns);
        for (name, value) in self.process.parameter_names().into_iter().zip(model.parameters) {
            above_zero(name, value)?;
        }
        Ok(model)
    }

    pub(super) fn unknowns(&self) -> Vec<f64> {
        let coefficients = self.covariates.iter().flat_map(|one| one.coefficients.iter().copied());
        self.parameters.iter().map(|&one| libm::log(one)).chain(coefficients).collect()
    }

    pub(super) fn design(&self) -> Design {
        Design::new(self.process, self.covariates.len())
    }

    /// The story.
    pub fn process(&self) -> PurchaseProcess {
        self.process
    }

    /// Units of the histories' times per period.
    pub fn days_per_period(&self) -> f64 {
        self.days_per_period
    }

    /// The periods that the score looks ahead.
    pub fn horizon(&self) -> f64 {
        self.horizon
    }

    /// How the fit went; none for a model with parameters from elsewhere.
    pub fn report(&self) -> Option<&PurchaseReport> {
        self.report.as_ref()
    }

    /// The covariance of the logarithms of the parameters and, after them, of the coefficients of each covariate; none where
    /// it is unknown.
    pub fn covariance(&self) -> Option<&[Vec<f64>]> {
        self.covariance.as_deref()
    }

    /// The covariates that move the parameters.
    pub fn covariates(&self) -> &[Covariate] {
        &self.covariates
    }

    /// The model of customers with these covariates, in the order of [`covariates`](Self::covariates): one without any, which
    /// can be asked of new customers.
    ///
    /// # Errors
    /// [`Error::WrongLength`]; [`Error::InvalidParameter`] for a value that is not finite, and for one so extreme that a
    /// parameter leaves the range of numbers.
    pub fn at_covariates(&self, values: &[f64]) -> Result<Self> {
        if values.len() != self.covariates.len() {
            let what = "the values of the covariates".into();
            return Err(Error::WrongLength { what, expected: self.covariates.len(), found: values.len() });
        }
        if let Some(wrong) = values.iter().find(|value| !value.is_finite()) {
            return Err(refused("covariates", "finite numbers", &wrong.to_string()));
        }
        if self.design().logs(&self.unknowns(), values).iter().any(|log| log.abs() > FARTHEST_LOG) {
            let must_be =
                "values at which the parameters are numbers still; the covariates are beyond all that was learned";
            return Err(refused("covariates", must_be, &format!("{values:?}")));
        }
        let plain = Self::new(self.process, self.parameters_of(values))?;
        let plain = plain.with_days_per_period(self.days_per_period)?.with_horizon(self.horizon)?;
        let covariance = self.covariance_of(values).map(|covariance| covariance.map(Vec::from).to_vec());
        Ok(plain.with_fit(covariance, self.report.clone()))
    }

    /// The parameters of a customer with these covariates.
    pub(super) fn parameters_of(&self, z: &[f64]) -> [f64; 4] {
        if z.is_empty() { self.parameters } else { self.parameters_by(&self.unknowns(), z) }
    }

    /// The same by other unknowns of a fit. Where covariates are so extreme that a parameter leaves all that makes a difference,
    /// it stays at its end.
    pub(super) fn parameters_by(&self, unknowns: &[f64], z: &[f64]) -> [f64; 4] {
        self.design().logs(unknowns, z).map(|log| libm::exp(log.clamp(-FARTHEST_LOG, FARTHEST_LOG)))
    }

    /// What the model expects of each customer.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a time or rate that is not a finite number above 0 (0 is a time too where it counts
    /// from today), and for parts of periods under BG/BB, which knows whole ones only; [`Error::InvalidValue`] for a
    /// history that BG/BB cannot have.
    pub fn forecast(&self, histories: &Histories, forecast: Forecast) -> Result<Vec<f64>> {
        self.check_forecast(forecast)?;
        self.check_histories(histories)?;
        let (unit, covariates) = (self.days_per_period, self.columns_of(histories)?);
        let process = self.process.with(&self.parameters);
        Ok(of_parts(histories.len(), |rows, found| {
            let columns = histories.columns(rows.clone());
            match forecast {
                _ if !covariates.is_empty() => {
                    for (row, found) in rows.zip(found) {
                        let process = self.process.with(&self.parameters_of(&values_of(&covariates, row)));
                        *found = forecast.of(&*process, &histories.history(row).in_unit(unit));
                    }
                }
                Forecast::Purchases { after: 0.0, periods } => {
                    process.expected_purchases_of(columns, unit, periods, found);
                }
                _ => {
                    for (row, found) in found.iter_mut().enumerate() {
                        *found = forecast.of(&*process, &columns.history(row).in_unit(unit));
                    }
                }
            }
        }))
    }

    /// The columns of this model's covariates.
    pub(super) fn columns_of<'a>(&self, histories: &'a Histories) -> Result<Vec<&'a [f64]>> {
        histories.covariates_named(&self.covariate_names())
    }

    /// Customers with the same covariates together, times in periods.
    pub(super) fn groups_of(&self, histories: &Histories) -> Result<Vec<Group>> {
        groups(histories, &self.covariate_names(), self.days_per_period)
    }

    pub(super) fn covariate_names(&self) -> Vec<String> {
        self.covariates.iter().map(|one| one.name.clone()).collect()
    }

    /// The process of customers with these covariates.
    pub(super) fn process_of(&self, z: &[f64]) -> Box<dyn Process> {
        self.process.with(&self.parameters_of(z))
    }

    /// The log-likelihood of customers under this model, times in periods, without the constant T<sup>x</sup>/x! that no
    /// parameter changes: to compare models on customers that none of them was learned on.
    ///
    /// # Errors
    /// [`Error::EmptyTable`]; [`Error::MissingColumn`] for a covariate that the histories lack; [`Error::InvalidValue`] for a
    /// history that BG/BB cannot have.
    ///
    /// ```
    /// use tierwise::value::{Histories, PurchaseModel, PurchaseProcess};
    /// let model = PurchaseModel::new(PurchaseProcess::ParetoNbd, [0.553, 10.58, 0.606, 11.656])?;
    /// let customer = Histories::new(&[2.0], &[30.43], &[38.86])?;
    /// assert!((model.log_likelihood(&customer)? + 9.554763578303971).abs() < 1e-12);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn log_likelihood(&self, histories: &Histories) -> Result<f64> {
        if histories.is_empty() {
            return Err(Error::EmptyTable { what: "the table of histories".into() });
        }
        self.check_histories(histories)?;
        Ok(log_likelihood_of(self.process, self.design(), &self.groups_of(histories)?, &self.unknowns()).value)
    }

    /// The mean number of purchases of a new customer within his first `periods`, the first one not counted.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a time that is not a finite number, 0 or more.
    pub fn expected_of_new(&self, periods: f64) -> Result<f64> {
        self.check_time("periods", periods)?;
        self.check_plain("expected_of_new")?;
        Ok(self.process.with(&self.parameters).expected_of_new(periods))
    }

    /// The probability that a new customer makes `count` purchases in the `width` periods that begin `from` periods after
    /// his first one.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a time that is not a finite number, 0 or more.
    pub fn probability_of_count(&self, count: u32, from: f64, width: f64) -> Result<f64> {
        self.check_time("from", from)?;
        self.check_time("width", width)?;
        self.check_plain("probability_of_count")?;
        check_count(count)?;
        Ok(self.process.with(&self.parameters).probability_of_count(count, from, width).clamp(0.0, 1.0))
    }
}

impl Score for PurchaseModel {
    fn features(&self) -> &[Feature] {
        &self.features
    }

    fn score_row(&self, row: &[f64]) -> f64 {
        let history = History { repeats: row[0], last: row[1], age: row[2] };
        let in_periods = history.in_unit(self.days_per_period);
        let fits = self.process != PurchaseProcess::BgBb || not_of_whole_periods(&in_periods).is_none();
        if !history.is_sound() || !fits {
            return f64::NAN;
        }
        if row[3..].iter().any(|value| !value.is_finite()) {
            return f64::NAN;
        }
        self.process.with(&self.parameters_of(&row[3..])).expected_purchases(&in_periods, self.horizon)
    }
}

/// Fills a column part by part, on all threads.
pub(super) fn of_parts<T: Send + Clone + Default>(
    rows: usize,
    fill: impl Fn(std::ops::Range<usize>, &mut [T]) + Sync + Send,
) -> Vec<T> {
    const PART: usize = 1 << 14;
    let mut found = vec![T::default(); rows];
    let parts: Vec<(usize, &mut [T])> = found.chunks_mut(PART).enumerate().collect();
    crate::parallel::map(parts, |(part, found)| {
        let from = part * PART;
        fill(from..from + found.len(), found);
    });
    found
}

/// One customer's values of the covariates.
pub(super) fn values_of(columns: &[&[f64]], row: usize) -> Vec<f64> {
    columns.iter().map(|column| column[row]).collect()
}
