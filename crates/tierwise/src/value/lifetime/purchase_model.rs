//! A model of purchases: its parameters, and what it expects of customers.

use super::beta_geometric::BetaGeometric;
use super::bg_bb::BgBb;
use super::histories::{Histories, History};
use super::interval::{Interval, Scale, check_covariance, interval};
use super::pareto_nbd::ParetoNbd;
use super::process::Process;
use super::purchase_fit::PurchaseReport;
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

    fn with(self, parameters: &[f64; 4]) -> Box<dyn Process> {
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
    /// The mean number of all future purchases, discounted continuously at this rate per period (BG/BB: once per period,
    /// a purchase in the next period by 1 + rate).
    Discounted {
        /// Above 0.
        rate: f64,
    },
    /// The mean number of purchases within a horizon, discounted at the end of each step.
    DiscountedInSteps(Steps),
}

/// A horizon of equal steps, each of which discounts once.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// How many.
    pub steps: u32,
    /// Periods of the model per step.
    pub periods: f64,
    /// Discount rate per step: money at the end of step i is divided by (1 + rate)<sup>i</sup>.
    pub rate: f64,
}

/// Sums over counts end here.
const MOST_COUNTED: u32 = 100_000;

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
    #[serde(skip_serializing_if = "Option::is_none")]
    covariance: Option<[[f64; 4]; 4]>,
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
        let mut model = Self::unfitted(process, 1.0, 1.0)?;
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

    pub(super) fn unfitted(process: PurchaseProcess, days_per_period: f64, horizon: f64) -> Result<Self> {
        above_zero("days_per_period", days_per_period)?;
        above_zero("horizon", horizon)?;
        // Without his history a customer has no forecast.
        let feature = |name| Feature::number(name).with_unknown(Unknown::Error);
        let model = Self {
            process,
            days_per_period,
            horizon,
            parameters: [1.0; 4],
            covariance: None,
            report: None,
            features: ["repeat_frequency", "last_purchase_age", "age"].map(feature).to_vec(),
        };
        model.check_whole("horizon", horizon)?;
        Ok(model)
    }

    pub(super) fn fitted(self, logs: &[f64; 4], covariance: Option<[[f64; 4]; 4]>, report: PurchaseReport) -> Self {
        Self { parameters: logs.map(libm::exp), covariance, report: Some(report), ..self }
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

    /// The covariance of the logarithms of the parameters; none where it is unknown.
    pub fn covariance_of_logarithms(&self) -> Option<&[[f64; 4]; 4]> {
        self.covariance.as_ref()
    }

    /// The parameters with standard errors.
    pub fn parameters(&self) -> [Parameter; 4] {
        let names = self.process.parameter_names();
        std::array::from_fn(|index| {
            let of_log = self.covariance.map_or(f64::NAN, |covariance| covariance[index][index].sqrt());
            parameter(names[index], self.parameters[index], of_log)
        })
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
        let process = self.process.with(&self.parameters);
        Ok(self.of_parts(histories, |part| match forecast {
            Forecast::Purchases { after: 0.0, periods } => process.expected_purchases_of(part, periods),
            _ => part.iter().map(|history| forecast.of(&*process, history)).collect(),
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
        let scale = if let Forecast::Alive { .. } = forecast { Scale::LogOdds } else { Scale::Logarithm };
        let spread = self.spread(histories, forecast, scale)?;
        spread.into_iter().map(|(estimate, error)| interval(estimate, error, scale, level)).collect()
    }

    /// Each customer's forecast and its standard error on a scale.
    pub(super) fn spread(&self, histories: &Histories, forecast: Forecast, scale: Scale) -> Result<Vec<(f64, f64)>> {
        const STEP: f64 = 1e-3;
        self.check_forecast(forecast)?;
        self.check_histories(histories)?;
        let Some(covariance) = &self.covariance else {
            let what = format!("an interval: the {} model has no standard errors", self.process.name());
            return Err(Error::NotEnoughData { what, needed: 1, found: 0 });
        };
        let process = self.process.with(&self.parameters);
        let moved = |index: usize, by: f64| {
            let mut parameters = self.parameters;
            parameters[index] *= libm::exp(by);
            self.process.with(&parameters)
        };
        let pairs: [_; 4] = std::array::from_fn(|index| (moved(index, STEP), moved(index, -STEP)));
        let one = |history: &History| {
            let estimate = forecast.of(&*process, history);
            let slopes: [f64; 4] = std::array::from_fn(|index| {
                let (up, down) = &pairs[index];
                let difference = scale.of(forecast.of(&**up, history)) - scale.of(forecast.of(&**down, history));
                difference / (2.0 * STEP)
            });
            (estimate, quadratic(&slopes, covariance).sqrt())
        };
        Ok(self.of_parts(histories, |part| part.iter().map(one).collect()))
    }

    /// The mean number of purchases of a new customer within his first `periods`, the first one not counted.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a time that is not a finite number, 0 or more.
    pub fn expected_of_new(&self, periods: f64) -> Result<f64> {
        self.check_time("periods", periods)?;
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
        if count > MOST_COUNTED {
            return Err(refused("count", &format!("a whole number up to {MOST_COUNTED}"), &count.to_string()));
        }
        Ok(self.process.with(&self.parameters).probability_of_count(count, from, width).clamp(0.0, 1.0))
    }

    pub(super) fn values(&self) -> &[f64; 4] {
        &self.parameters
    }

    /// What `of` makes of the histories, in periods, part by part.
    fn of_parts<T: Send>(&self, histories: &Histories, of: impl Fn(&[History]) -> Vec<T> + Sync + Send) -> Vec<T> {
        const PART: usize = 1024;
        let parts = histories.as_slice().chunks(PART).collect();
        let in_periods = |part: &[History]| -> Vec<History> {
            part.iter().map(|history| history.in_unit(self.days_per_period)).collect()
        };
        crate::parallel::map(parts, |part: &[History]| of(&in_periods(part))).into_iter().flatten().collect()
    }

    pub(super) fn check_histories(&self, histories: &Histories) -> Result<()> {
        if self.process != PurchaseProcess::BgBb {
            return Ok(());
        }
        for (row, history) in histories.as_slice().iter().enumerate() {
            if let Some((what, found, must_be)) = not_of_whole_periods(&history.in_unit(self.days_per_period)) {
                let (what, must_be) = (what.into(), must_be.into());
                return Err(Error::InvalidValue { what, row, key: None, found: found.to_string(), must_be });
            }
        }
        Ok(())
    }

    fn check_forecast(&self, forecast: Forecast) -> Result<()> {
        match forecast {
            Forecast::Alive { ahead } => self.check_time("ahead", ahead),
            Forecast::Purchases { after, periods } => {
                self.check_time("after", after)?;
                self.check_time("periods", periods)
            }
            Forecast::Discounted { rate } => above_zero("rate", rate),
            Forecast::DiscountedInSteps(Steps { steps, periods, rate }) => {
                if steps == 0 {
                    return Err(refused("steps", "a whole number above 0", "0"));
                }
                above_zero("periods", periods)?;
                self.check_whole("periods", periods)?;
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
        Ok(())
    }
}

impl Forecast {
    fn of(self, process: &dyn Process, history: &History) -> f64 {
        match self {
            Self::Alive { ahead } => process.probability_alive(history, ahead),
            Self::Purchases { after: 0.0, periods } => process.expected_purchases(history, periods),
            Self::Purchases { after, periods } => {
                let until = process.expected_purchases(history, after + periods);
                (until - process.expected_purchases(history, after)).max(0.0)
            }
            Self::Discounted { rate } => process.discounted_purchases(history, rate),
            Self::DiscountedInSteps(Steps { steps, periods, rate }) => {
                let (mut sum, mut before, mut worth) = (0.0, 0.0, 1.0);
                for step in 1..=steps {
                    let until = process.expected_purchases(history, f64::from(step) * periods);
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
        self.process.with(&self.parameters).expected_purchases(&in_periods, self.horizon)
    }
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
    covariance: Option<[[f64; 4]; 4]>,
    report: Option<PurchaseReport>,
}

impl TryFrom<Content> for PurchaseModel {
    type Error = Error;

    fn try_from(content: Content) -> Result<Self> {
        let Content { process, days_per_period, horizon, parameters, covariance, report } = content;
        let model = Self::new(process, parameters)?.with_days_per_period(days_per_period)?.with_horizon(horizon)?;
        check_covariance("PurchaseModel", covariance.as_ref())?;
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
    if history.age.fract() != 0.0 || history.age > LONGEST {
        return Some(("the age (T) in periods", history.age, whole));
    }
    let most = "BG/BB counts periods with a purchase, of which there are at most as many as periods until the last one";
    (history.repeats > history.last).then_some(("the repeat purchases (x)", history.repeats, most))
}

pub(super) fn parameter(name: &'static str, estimate: f64, error_of_log: f64) -> Parameter {
    const Z95: f64 = 1.959_963_984_540_054;
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

fn refused(name: &'static str, must_be: &str, got: &str) -> Error {
    Error::InvalidParameter { of: "PurchaseModel", name, must_be: must_be.into(), got: got.into() }
}
