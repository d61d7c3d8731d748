//! The error that a method would have made: each past month forecast from the months before it.

use super::history::{Month, MonthlySignings};
use super::{ClassForecast, Known, RateMethod, SigningForecast, forecast};
use crate::rates::check_confidence;
use crate::{Error, Result};
use serde::Serialize;

/// The errors of each method over the same months, and how many months could not be forecast.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Backtest {
    /// Months forecast: those for which every method had enough history in every class.
    pub months: usize,
    /// Months left out because some method had not enough history in some class.
    pub skipped: usize,
    /// Per method, in the order given: the total first, then the classes in ascending order. No method is picked.
    pub rows: Vec<BacktestRow>,
}

/// The errors of one method, in total or for one class. What cannot be computed is NaN.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BacktestRow {
    /// The name of the method.
    pub method: String,
    /// The class; `None` for the total.
    pub class: Option<String>,
    /// Signings over all months forecast.
    pub signed: f64,
    /// Expected signings over all months forecast.
    pub expected: f64,
    /// Mean of |expected − signed| / signed over the months with signings (0.1 is 10 %); NaN if there are none.
    pub mean_relative_error: f64,
    /// Months without signings, which have no relative error.
    pub months_without_signings: usize,
    /// Σ |expected − signed| / Σ signed; NaN if nothing was signed.
    pub weighted_relative_error: f64,
    /// Mean absolute difference of the forecast and the actual rate, in percentage points, over the months with leads.
    pub rate_error_points: f64,
    /// Months without leads, which have no rate.
    pub months_without_leads: usize,
    /// Mean of expected − signed per month: above 0 the method promises too much.
    pub bias: f64,
    /// The share of months whose signings lay within the interval.
    pub coverage: f64,
}

/// Forecasts every past month from the months before it only, with the leads that the month actually had at its start,
/// and sums up the errors of each method. The α of smoothing is chosen anew for every month.
///
/// "An error of about 10 %" can be relative or in points of the rate; the source leaves it open, and both are here. Leads
/// at the start are known on the first day of the month, so nothing later than that enters.
///
/// # Errors
/// [`Error::InvalidParameter`] for no method, and for a method or confidence out of range; [`Error::NotEnoughData`] when
/// no month can be forecast by every method.
///
/// ```
/// use tierwise::lead::{MonthlySignings, RateMethod, forecast_backtest};
///
/// let (months, leads) = ([0, 1, 2], [100.0, 100.0, 200.0]);
/// let history = MonthlySignings::without_classes(&months, &leads, &[10.0, 20.0, 25.0])?;
/// let backtest = forecast_backtest(&history, &[RateMethod::MeanOfRates { months: 1 }], 0.9)?;
/// let total = &backtest.rows[0];
/// assert_eq!((backtest.months, backtest.skipped), (2, 1));
/// assert_eq!(total.mean_relative_error, (10.0 / 20.0 + 15.0 / 25.0) / 2.0); // expected 10 and 40
/// assert_eq!(total.bias, 2.5);
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn forecast_backtest(history: &MonthlySignings, methods: &[RateMethod], confidence: f64) -> Result<Backtest> {
    check_confidence("forecast_backtest", confidence)?;
    if methods.is_empty() {
        let (must_be, got) = ("at least one method".into(), "none".into());
        return Err(Error::InvalidParameter { of: "forecast_backtest", name: "methods", must_be, got });
    }
    methods.iter().try_for_each(RateMethod::check)?;
    let needed = methods.iter().map(RateMethod::least_months).max().unwrap_or(1);
    let all = history.months();
    let origins: Vec<i32> = all.clone().filter(|&month| can_forecast(history, month, needed)).collect();
    if origins.is_empty() {
        let found = history.classes.iter().map(|(_, months)| months_with_leads(months)).min().unwrap_or(0);
        let what = "a backtest (months with leads in every class, the last month not counted)".into();
        let found = found.min(needed.saturating_sub(1));
        return Err(Error::NotEnoughData { what, needed, found });
    }
    let mut rows = Vec::new();
    for method in methods {
        rows.extend(rows_of(history, method, &origins, confidence)?);
    }
    Ok(Backtest { months: origins.len(), skipped: all.count() - origins.len(), rows })
}

/// Whether every class has the month, and enough months with leads before it.
fn can_forecast(history: &MonthlySignings, month: i32, needed: usize) -> bool {
    history
        .classes
        .iter()
        .all(|(_, months)| split(months, month).is_some_and(|(before, _)| months_with_leads(before) >= needed))
}

fn months_with_leads(months: &[Month]) -> usize {
    months.iter().filter(|month| month.leads > 0.0).count()
}

/// The months before, and the month itself.
fn split(months: &[Month], month: i32) -> Option<(&[Month], Month)> {
    let place = usize::try_from(month - months.first()?.at).ok()?;
    Some((&months[..place], *months.get(place)?))
}

fn rows_of(
    history: &MonthlySignings,
    method: &RateMethod,
    origins: &[i32],
    confidence: f64,
) -> Result<Vec<BacktestRow>> {
    let mut errors = vec![Errors::default(); history.classes.len() + 1];
    for &origin in origins {
        let split = history.classes.iter().filter_map(|(class, months)| Some((class, split(months, origin)?)));
        let (known, actual): (Vec<Known<'_>>, Vec<Month>) =
            split.map(|(class, (months, actual))| (Known { class, months, leads: actual.leads }, actual)).unzip();
        let forecast = forecast(origin, &known, method, confidence)?;
        errors[0].add(Made::from(&forecast), actual.iter().map(|month| month.signed).sum());
        for ((errors, made), actual) in errors[1..].iter_mut().zip(&forecast.by_class).zip(actual) {
            errors.add(Made::from(made), actual.signed);
        }
    }
    let classes = std::iter::once(None).chain(history.classes.iter().map(|(class, _)| Some(class.clone())));
    Ok(classes.zip(errors).map(|(class, errors)| errors.row(method.name(), class)).collect())
}

/// What a forecast said of a month.
#[derive(Clone, Copy)]
struct Made {
    leads: f64,
    expected: f64,
    low: f64,
    high: f64,
}

impl From<&SigningForecast> for Made {
    fn from(made: &SigningForecast) -> Self {
        Self { leads: made.leads, expected: made.expected, low: made.low, high: made.high }
    }
}

impl From<&ClassForecast> for Made {
    fn from(made: &ClassForecast) -> Self {
        Self { leads: made.leads, expected: made.expected, low: made.low, high: made.high }
    }
}

#[derive(Debug, Clone, Default)]
struct Errors {
    months: f64,
    signed: f64,
    expected: f64,
    absolute: f64,
    relative: f64,
    months_with_signings: f64,
    points: f64,
    months_with_leads: f64,
    covered: f64,
}

impl Errors {
    fn add(&mut self, made: Made, signed: f64) {
        let off = (made.expected - signed).abs();
        self.months += 1.0;
        self.signed += signed;
        self.expected += made.expected;
        self.absolute += off;
        if signed > 0.0 {
            self.relative += off / signed;
            self.months_with_signings += 1.0;
        }
        if made.leads > 0.0 {
            self.points += 100.0 * off / made.leads;
            self.months_with_leads += 1.0;
        }
        self.covered += f64::from((made.low..=made.high).contains(&signed));
    }

    /// Divisions of 0 by 0 give the NaN that stands for "cannot be computed".
    fn row(&self, method: &str, class: Option<String>) -> BacktestRow {
        BacktestRow {
            method: method.into(),
            class,
            signed: self.signed,
            expected: self.expected,
            mean_relative_error: self.relative / self.months_with_signings,
            months_without_signings: (self.months - self.months_with_signings) as usize,
            weighted_relative_error: if self.signed > 0.0 { self.absolute / self.signed } else { f64::NAN },
            rate_error_points: self.points / self.months_with_leads,
            months_without_leads: (self.months - self.months_with_leads) as usize,
            bias: (self.expected - self.signed) / self.months,
            coverage: self.covered / self.months,
        }
    }
}
