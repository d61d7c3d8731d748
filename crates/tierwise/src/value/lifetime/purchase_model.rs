//! A model of purchases: its parameters, and what it expects of customers.

use super::beta_geometric::BetaGeometric;
use super::bg_bb::BgBb;
use super::covariates::{Covariate, CovariateEffect, Design, groups};
use super::histories::{Histories, History};
use super::interval::{Interval, Scale, check_covariance, interval};
use super::maximum_likelihood::Maximum;
use super::pareto_nbd::ParetoNbd;
use super::process::Process;
use super::purchase_fit::{PurchaseReport, log_likelihood_of};
use crate::model::Saved;
use crate::{Error, Feature, Result, Score, Unknown};
use serde::{Deserialize, Serialize};

/// The story that a model of purchases tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurchaseProcess {
    /// Buys at a steady rate, and may leave after every purchase but the first. Counts everybody who never came back as
    /// alive. Parameters r, α (rates), a, b (chances to leave).
    BgNbd,
    /// As [`BgNbd`](Self::BgNbd), but may leave after the first purchase too.
    MbgNbd,
    /// Buys at a steady rate, and may leave at any moment. Parameters r, α (rates of buying), s, β (rates of leaving).
    ParetoNbd,
    /// Buys in a period or does not, and may leave before each. Parameters α, β (chances to buy), γ, δ (chances to leave).
    BgBb,
}

impl PurchaseProcess {
    /// The names of the parameters, in their order.
    pub fn parameter_names(self) -> [&'static str; 4] {
        match self {
            Self::BgNbd | Self::MbgNbd => ["r", "alpha", "a", "b"],
            Self::ParetoNbd => ["r", "alpha", "s", "beta"],
            Self::BgBb => ["alpha", "beta", "gamma", "delta"],
        }
    }

    /// The name in the literature.
    pub fn name(self) -> &'static str {
        match self {
            Self::BgNbd => "BG/NBD",
            Self::MbgNbd => "MBG/NBD",
            Self::ParetoNbd => "Pareto/NBD",
            Self::BgBb => "BG/BB",
        }
    }

    pub(super) fn with(self, parameters: &[f64; 4]) -> Box<dyn Process> {
        match self {
            Self::BgNbd => Box::new(BetaGeometric::new(parameters, false)),
            Self::MbgNbd => Box::new(BetaGeometric::new(parameters, true)),
            Self::ParetoNbd => Box::new(ParetoNbd::new(parameters)),
            Self::BgBb => Box::new(BgBb::new(parameters)),
        }
    }
}

/// What can be asked of a customer's future. Times are in periods of the model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Forecast {
    /// The probability that he has not left for good `ahead` periods from today. BG/BB, in which customers leave between
    /// periods: that he will be there in the period after those.
    Alive {
        /// 0 for today.
        ahead: f64,
    },
    /// The mean number of purchases.
    Purchases {
        /// From so many periods from today on; 0 for from now on.
        after: f64,
        /// For so many periods.
        periods: f64,
    },
    /// The probability of exactly so many purchases in a stretch of time.
    Count {
        /// How many.
        count: u32,
        /// From so many periods from today on; 0 for from now on.
        after: f64,
        /// For so many periods.
        periods: f64,
    },
    /// The mean number of all future purchases, discounted continuously at this rate per period (BG/BB: once per period,
    /// a purchase in the next period by 1 + rate).
    Discounted {
        /// Above 0.
        rate: f64,
    },
    /// The mean number of purchases within a horizon, discounted at the end of each step.
    DiscountedInSteps(Steps),
}

/// A horizon of equal steps, each of which discounts once. It may begin at a later date, seen from there: what customers are
/// worth then, as far as it is known today.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// How many.
    pub steps: u32,
    /// Periods of the model per step.
    pub periods: f64,
    /// Discount rate per step: money at the end of step i is divided by (1 + rate)<sup>i</sup>.
    pub rate: f64,
    /// The horizon begins so many periods from today; 0 for now.
    #[serde(default)]
    pub after: f64,
}

/// Sums over counts end here.
const MOST_COUNTED: u32 = 100_000;

/// So do horizons in steps.
const MOST_STEPS: u32 = 100_000;

/// BG/BB adds up period by period, over no more than these.
const LONGEST: f64 = 1e6;

/// And its discounts end within a sum of reasonable length.
pub(super) const LEAST_RATE: f64 = 1e-5;

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
        Self { covariance: found.covariance.clone(), report: Some(report), ..self }
    }

    /// Sets the parameters and coefficients from the unknowns of a fit.
    pub(super) fn set_unknowns(&mut self, unknowns: &[f64]) {
        self.parameters = std::array::from_fn(|index| libm::exp(unknowns[index]));
        let effects = self.process.moved_by_covariates().len().max(1);
        for (covariate, coefficients) in self.covariates.iter_mut().zip(unknowns[4..].chunks(effects)) {
            covariate.coefficients = coefficients.to_vec();
        }
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

    /// The parameters with standard errors; with covariates those of a customer whose covariates are all 0.
    pub fn parameters(&self) -> [Parameter; 4] {
        let names = self.process.parameter_names();
        std::array::from_fn(|index| parameter(names[index], self.parameters[index], self.error_of(index)))
    }

    /// The covariates that move the parameters.
    pub fn covariates(&self) -> &[Covariate] {
        &self.covariates
    }

    /// Their coefficients with standard errors.
    pub fn coefficients(&self) -> Vec<CovariateEffect> {
        let moved = self.process.moved_by_covariates();
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
        self.covariates.iter().enumerate().flat_map(of_one).collect()
    }

    /// The standard error of an unknown of the fit; NaN where it is not known.
    fn error_of(&self, unknown: usize) -> f64 {
        self.covariance.as_ref().map_or(f64::NAN, |covariance| covariance[unknown][unknown].sqrt())
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
        Ok(Self { covariance, report: self.report.clone(), ..plain })
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

    /// The covariance of the logarithms of his parameters.
    fn covariance_of(&self, z: &[f64]) -> Option<[[f64; 4]; 4]> {
        self.covariance.as_ref().map(|covariance| self.design().covariance(covariance, z))
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
        if self.covariance.is_none() {
            let what = format!("an interval: the {} model has no standard errors", self.process.name());
            return Err(Error::NotEnoughData { what, needed: 1, found: 0 });
        }
        let covariates = self.columns_of(histories)?;
        // Customers without covariates share it.
        let shared = covariates.is_empty().then(|| Uncertain::of(self, &[]));
        Ok(of_parts(histories.len(), |rows, found| {
            for (row, found) in rows.zip(found) {
                let history = histories.history(row).in_unit(self.days_per_period);
                *found = match &shared {
                    Some(shared) => shared.spread(&history, forecast, scale),
                    None => Uncertain::of(self, &values_of(&covariates, row)).spread(&history, forecast, scale),
                };
            }
        }))
    }

    /// The columns of this model's covariates.
    pub(super) fn columns_of<'a>(&self, histories: &'a Histories) -> Result<Vec<&'a [f64]>> {
        let names: Vec<String> = self.covariates.iter().map(|one| one.name.clone()).collect();
        histories.covariates_named(&names)
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
        let names: Vec<String> = self.covariates.iter().map(|one| one.name.clone()).collect();
        let groups = groups(histories, &names, self.days_per_period)?;
        Ok(log_likelihood_of(self.process, self.design(), &groups, &self.unknowns()).value)
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

    pub(super) fn check_histories(&self, histories: &Histories) -> Result<()> {
        if self.process != PurchaseProcess::BgBb {
            return Ok(());
        }
        for (row, history) in histories.iter().enumerate() {
            if let Some((what, found, must_be)) = not_of_whole_periods(&history.in_unit(self.days_per_period)) {
                let (what, must_be) = (what.into(), must_be.into());
                return Err(Error::InvalidValue { what, row, key: None, found: found.to_string(), must_be });
            }
        }
        Ok(())
    }

    /// New customers have no covariates to look up.
    pub(super) fn check_plain(&self, of: &'static str) -> Result<()> {
        if self.covariates.is_empty() {
            return Ok(());
        }
        let must_be =
            "a model without covariates: take it at those of the customers in question first (`at_covariates`)";
        let got = self.covariates.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ");
        Err(Error::InvalidParameter { of, name: "model", must_be: must_be.into(), got: format!("one with {got}") })
    }

    pub(super) fn check_forecast(&self, forecast: Forecast) -> Result<()> {
        match forecast {
            Forecast::Alive { ahead } => self.check_time("ahead", ahead),
            Forecast::Purchases { after, periods } => {
                self.check_time("after", after)?;
                self.check_time("periods", periods)
            }
            Forecast::Count { count, after, periods } => {
                self.check_time("after", after)?;
                self.check_time("periods", periods)?;
                check_count(count)
            }
            Forecast::Discounted { rate } => {
                above_zero("rate", rate)?;
                if self.process == PurchaseProcess::BgBb && rate < LEAST_RATE {
                    let must_be =
                        format!("{LEAST_RATE} or more under BG/BB: below it the sum over periods is too long");
                    return Err(refused("rate", &must_be, &rate.to_string()));
                }
                Ok(())
            }
            Forecast::DiscountedInSteps(Steps { steps, periods, rate, after }) => {
                if !(1..=MOST_STEPS).contains(&steps) {
                    return Err(refused("steps", &format!("a whole number in [1, {MOST_STEPS}]"), &steps.to_string()));
                }
                self.check_time("after", after)?;
                above_zero("periods", periods)?;
                self.check_whole("periods", periods)?;
                self.check_whole("steps", f64::from(steps) * periods)?;
                if (0.0..f64::INFINITY).contains(&rate) {
                    return Ok(());
                }
                Err(refused("rate", "a number in [0, inf)", &rate.to_string()))
            }
        }
    }

    fn check_time(&self, name: &'static str, time: f64) -> Result<()> {
        if !(0.0..f64::INFINITY).contains(&time) {
            return Err(refused(name, "a number of periods in [0, inf)", &time.to_string()));
        }
        self.check_whole(name, time)
    }

    fn check_whole(&self, name: &'static str, time: f64) -> Result<()> {
        if self.process == PurchaseProcess::BgBb && time.fract() != 0.0 {
            return Err(refused(name, "a whole number of periods under BG/BB", &time.to_string()));
        }
        if self.process == PurchaseProcess::BgBb && time > LONGEST {
            return Err(refused(name, &format!("at most {LONGEST} periods under BG/BB"), &time.to_string()));
        }
        Ok(())
    }
}

impl Forecast {
    pub(super) fn of(self, process: &dyn Process, history: &History) -> f64 {
        match self {
            Self::Alive { ahead } => process.probability_alive(history, ahead),
            Self::Purchases { after: 0.0, periods } => process.expected_purchases(history, periods),
            Self::Purchases { after, periods } => {
                let until = process.expected_purchases(history, after + periods);
                (until - process.expected_purchases(history, after)).max(0.0)
            }
            Self::Discounted { rate } => process.discounted_purchases(history, rate),
            Self::Count { count, after, periods } => {
                let (chance, here) = process.if_here(history);
                let gone = if count == 0 { 1.0 - chance } else { 0.0 };
                (gone + chance * here.probability_of_count(count, after, periods)).clamp(0.0, 1.0)
            }
            Self::DiscountedInSteps(Steps { steps, periods, rate, after }) => {
                let purchases_until =
                    |time: f64| if time > 0.0 { process.expected_purchases(history, time) } else { 0.0 };
                let (mut sum, mut before, mut worth) = (0.0, purchases_until(after), 1.0);
                for step in 1..=steps {
                    let until = purchases_until(after + f64::from(step) * periods);
                    worth /= 1.0 + rate;
                    sum += worth * (until - before).max(0.0);
                    before = until;
                }
                sum
            }
        }
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
            model.process.with(&parameters)
        };
        Self {
            process: model.process.with(&own),
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

impl Saved for PurchaseModel {
    const KIND: &'static str = "purchase_model";

    fn as_score(&self) -> Option<&dyn Score> {
        Some(self)
    }
}

/// The content of the file, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
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
        Ok(Self { covariance, report, ..model })
    }
}

/// What of a history, in periods, is not for a model of whole periods.
fn not_of_whole_periods(history: &History) -> Option<(&'static str, f64, &'static str)> {
    const LONGEST: f64 = 100_000.0;
    let whole = "BG/BB counts whole periods; round up to the end of the period";
    if history.last.fract() != 0.0 {
        return Some(("the last purchase (t_x) in periods", history.last, whole));
    }
    if history.age.fract() != 0.0 {
        return Some(("the age (T) in periods", history.age, whole));
    }
    if history.age > LONGEST {
        return Some(("the age (T) in periods", history.age, "BG/BB counts at most 100000 periods; take longer ones"));
    }
    let most = "BG/BB counts periods with a purchase, of which there are at most as many as periods until the last one";
    (history.repeats > history.last).then_some(("the repeat purchases (x)", history.repeats, most))
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

/// slopesᵀ · covariance · slopes.
pub(super) fn quadratic<const N: usize>(slopes: &[f64; N], covariance: &[[f64; N]; N]) -> f64 {
    let row = |i: usize| slopes[i] * covariance[i].iter().zip(slopes).map(|(entry, slope)| entry * slope).sum::<f64>();
    (0..N).map(row).sum::<f64>().max(0.0)
}

pub(super) fn above_zero(name: &'static str, value: f64) -> Result<()> {
    if value > 0.0 && value < f64::INFINITY {
        return Ok(());
    }
    Err(refused(name, "a number in (0, inf)", &value.to_string()))
}

fn check_count(count: u32) -> Result<()> {
    if count <= MOST_COUNTED {
        return Ok(());
    }
    Err(refused("count", &format!("a whole number up to {MOST_COUNTED}"), &count.to_string()))
}

fn refused(name: &'static str, must_be: &str, got: &str) -> Error {
    Error::InvalidParameter { of: "PurchaseModel", name, must_be: must_be.into(), got: got.into() }
}
