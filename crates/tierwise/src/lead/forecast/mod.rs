//! How many leads will sign next month, and is the target in danger?
//!
//! A forecast is the leads of each class times a rate learned from the months before. It comes with an interval, with
//! the error that the same method would have made in the past, and with a warning that names the class behind a
//! shortfall.

mod backtest;
mod history;
mod interval;
mod rates;
mod warning;

pub use backtest::{Backtest, BacktestRow, forecast_backtest};
pub use history::MonthlySignings;
pub use interval::SigningCount;
pub use rates::RateMethod;
pub use warning::{ClassPlan, Driver, SigningWarning, TargetRule, WarningReason, WarningRow, signing_warning};

use crate::rates::check_confidence;
use crate::{Error, Result};
use history::{Month, check_count};
use rates::{choose_alpha, overdispersion, weigh};
use serde::{Deserialize, Serialize};

/// The expected signings of the next month, in all and by class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SigningForecast {
    /// The month forecast, counted from January 1970.
    pub month: i32,
    /// The name of the method.
    pub method: String,
    /// The α of smoothing, given or chosen.
    pub alpha: Option<f64>,
    /// The probability with which signings lie within the intervals.
    pub confidence: f64,
    /// The distribution of all signings.
    pub count: SigningCount,
    /// All leads at the start of the month.
    pub leads: f64,
    /// The expected signings.
    pub expected: f64,
    /// The lower end of the interval, a whole number.
    pub low: f64,
    /// The upper end of the interval, a whole number.
    pub high: f64,
    /// The classes in ascending order.
    pub by_class: Vec<ClassForecast>,
}

/// The forecast of one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClassForecast {
    /// The class.
    pub class: String,
    /// Its leads at the start of the month forecast.
    pub leads: f64,
    /// The share of them expected to sign.
    pub rate: f64,
    /// The expected signings.
    pub expected: f64,
    /// The variance of the signings.
    pub variance: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
    /// How much more alike leads of one month are than leads of different months: 0 if not at all, 1 if all alike.
    pub overdispersion: f64,
    /// The mean leads per month of the history.
    pub usual_leads: f64,
    /// All signings over all leads of the history; 0 if there were no leads.
    pub usual_rate: f64,
}

/// Expected signings of the month after the history: Σ leads × rate over the classes, with a prediction interval.
///
/// The variance of a class with N leads and rate p is N p(1−p) [1 + (N−1)ρ] for the leads themselves, plus N² times the
/// variance of the rate, Σ w² p(1−p) [1 + (n−1)ρ] / n over the months with weights w and leads n. ρ is the class's
/// over-dispersion in the history (after Kleinman 1973). In the variance, and nowhere else, p is drawn towards ½ by one
/// lead's worth, so that a class without signings keeps some width. Classes are taken as independent, and the rate as
/// no different next month than in the months it was learned from: a trend or a season widens nothing. This layout is
/// inferred; the source documents give no interval.
///
/// # Errors
/// [`Error::InvalidParameter`] for a method, a confidence or `leads_next` out of range; [`Error::UnknownName`] for a
/// class without history; [`Error::InvalidValue`] for leads that are no count or for a class given twice;
/// [`Error::NotEnoughData`] for a class with fewer months with leads than the method needs.
///
/// ```
/// use tierwise::lead::{MonthlySignings, RateMethod, signing_forecast};
///
/// let history = MonthlySignings::new(
///     &["A", "A", "A", "B", "B", "B"],
///     &[672, 673, 674, 672, 673, 674],
///     &[10.0, 40.0, 50.0, 100.0, 100.0, 200.0],
///     &[5.0, 8.0, 15.0, 5.0, 3.0, 8.0],
/// )?;
/// let next = [("A", 40.0), ("B", 150.0)];
/// let forecast = signing_forecast(&history, &next, &RateMethod::MeanOfRates { months: 3 }, 0.9)?;
/// assert!((forecast.expected - (40.0 / 3.0 + 6.0)).abs() < 1e-12); // A: (0.5 + 0.2 + 0.3) / 3; B: 0.04
/// let pooled = signing_forecast(&history, &next, &RateMethod::PooledRate { months: 3 }, 0.9)?;
/// assert!((pooled.expected - (11.2 + 6.0)).abs() < 1e-12); // A: 28 of 100; B: 16 of 400
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn signing_forecast<S: AsRef<str>>(
    history: &MonthlySignings,
    leads_next: &[(S, f64)],
    method: &RateMethod,
    confidence: f64,
) -> Result<SigningForecast> {
    method.check()?;
    check_confidence("signing_forecast", confidence)?;
    let leads = leads_by_class(history, leads_next)?;
    let classes: Vec<Known<'_>> =
        (history.classes.iter().zip(leads)).map(|((class, months), leads)| Known { class, months, leads }).collect();
    forecast(history.last_month() + 1, &classes, method, confidence)
}

/// One class as known at the start of the month forecast.
struct Known<'a> {
    class: &'a str,
    months: &'a [Month],
    leads: f64,
}

fn forecast(month: i32, classes: &[Known<'_>], method: &RateMethod, confidence: f64) -> Result<SigningForecast> {
    let months: Vec<&[Month]> = classes.iter().map(|known| known.months).collect();
    let alpha = choose_alpha(method, &months);
    let by_class = classes.iter().map(|known| class_forecast(known, method, alpha, confidence));
    let by_class = by_class.collect::<Result<Vec<ClassForecast>>>()?;
    let sum = |of: fn(&ClassForecast) -> f64| by_class.iter().map(of).sum::<f64>();
    let leads = sum(|class| class.leads);
    let expected = sum(|class| class.expected).min(leads);
    let count = SigningCount::new(leads, expected, sum(|class| class.variance))?;
    let (low, high) = count.interval(confidence)?;
    let alpha = (!alpha.is_nan()).then_some(alpha);
    Ok(SigningForecast {
        month,
        method: method.name().into(),
        alpha,
        confidence,
        count,
        leads,
        expected,
        low,
        high,
        by_class,
    })
}

fn class_forecast(known: &Known<'_>, method: &RateMethod, alpha: f64, confidence: f64) -> Result<ClassForecast> {
    let Known { class, months, leads } = *known;
    let weighted = weigh(method, alpha, class, months)?;
    let rate = weighted.rate();
    let overdispersion = overdispersion(months);
    // As many leads of one month would determine the rate as well as the months do.
    let leads_worth = 1.0 / weighted.per_lead();
    let p = (rate * leads_worth + 0.5) / (leads_worth + 1.0);
    let of_leads = leads * (1.0 + (leads - 1.0) * overdispersion);
    let of_rate = leads * leads * (weighted.per_lead() + overdispersion * weighted.per_month());
    let variance = if leads > 0.0 { p * (1.0 - p) * (of_leads + of_rate) } else { 0.0 };
    let expected = leads * rate;
    let (low, high) = SigningCount::new(leads, expected, variance)?.interval(confidence)?;
    let (all_leads, all_signed) =
        months.iter().fold((0.0, 0.0), |(leads, signed), month| (leads + month.leads, signed + month.signed));
    Ok(ClassForecast {
        class: class.into(),
        leads,
        rate,
        expected,
        variance,
        low,
        high,
        overdispersion,
        usual_leads: all_leads / months.len() as f64,
        usual_rate: if all_leads > 0.0 { all_signed / all_leads } else { 0.0 },
    })
}

/// The leads of the next month in the order of the classes: every class once.
fn leads_by_class<S: AsRef<str>>(history: &MonthlySignings, leads_next: &[(S, f64)]) -> Result<Vec<f64>> {
    let known = history.classes();
    let mut leads = vec![None; known.len()];
    for (row, (class, count)) in leads_next.iter().enumerate() {
        let class = class.as_ref();
        let place = place_of(&known, "the class in `leads_next`", row, class)?;
        check_count("`leads_next`", row, class, *count)?;
        if leads[place].replace(*count).is_some() {
            let (what, found) = ("the class in `leads_next`".into(), format!("`{class}` again"));
            let must_be = "give every class once".into();
            return Err(Error::InvalidValue { what, row, key: Some(class.into()), found, must_be });
        }
    }
    let given = leads.iter().zip(&history.classes).map(|(count, (class, _))| {
        count.ok_or_else(|| Error::InvalidParameter {
            of: "signing_forecast",
            name: "leads_next",
            must_be: "a number of leads for every class of the history, 0 where there are none".into(),
            got: format!("none for class `{class}`"),
        })
    });
    given.collect()
}

/// The position of a class among the known ones, which stand in ascending order.
fn place_of(known: &[&str], what: &str, row: usize, class: &str) -> Result<usize> {
    known.binary_search(&class).map_err(|_| Error::UnknownName {
        what: what.into(),
        row: Some(row),
        name: class.into(),
        known: known.iter().map(|&name| name.to_owned()).collect(),
    })
}
