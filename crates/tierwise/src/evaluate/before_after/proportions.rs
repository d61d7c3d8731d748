//! Rates of two periods or groups: Wilson's interval of each, Newcombe's of their difference, Katz's of their ratio.

use crate::evaluate::rows::{parameter, two_sided};
use crate::rates::{Rate, check_confidence};
use crate::special::normal::normal_width;
use crate::{Error, Result};
use serde::Serialize;

/// A figure with the ends of its interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bounded {
    /// The estimate.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The change of a rate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RateChange {
    /// The rate before, with Wilson's interval.
    pub before: Rate,
    /// The rate after.
    pub after: Rate,
    /// After less before, with Newcombe's interval.
    pub difference: Bounded,
    /// After over before, with the interval of Katz et al.; none where either rate is 0.
    pub ratio: Option<Bounded>,
    /// The difference over its pooled standard error; 0 where it happened never, or always, in both.
    pub z: f64,
    /// Two-sided.
    pub p_value: f64,
}

/// The share of `events` in `trials` with Wilson's interval (1927), the inverse of the score test: what
/// `statsmodels.stats.proportion.proportion_confint(method="wilson")` gives.
///
/// ```
/// let rate = tierwise::evaluate::wilson_rate(7.0, 20.0, 0.95)?;
/// assert!((rate.low - 0.1812).abs() < 1e-4 && (rate.high - 0.5671).abs() < 1e-4);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] for a confidence outside (0, 1), for no trials, and for events outside `[0, trials]`.
pub fn wilson_rate(events: f64, trials: f64, confidence: f64) -> Result<Rate> {
    check_confidence("wilson_rate", confidence)?;
    check_counts("wilson_rate", events, trials)?;
    Ok(wilson(events, trials, confidence))
}

/// The same for counts that are sound.
pub(in crate::evaluate) fn wilson(events: f64, trials: f64, confidence: f64) -> Rate {
    let (rate, z2) = (events / trials, normal_width(confidence).powi(2));
    let middle = (events + z2 / 2.0) / (trials + z2);
    // Of parts of rows there may be more events than trials, by rounding.
    let spread = (rate * (1.0 - rate)).max(0.0) / trials;
    let width = (z2 * (spread + z2 / (4.0 * trials * trials))).sqrt() / (1.0 + z2 / trials);
    let low = if events == 0.0 { 0.0 } else { (middle - width).max(0.0) };
    let high = if events == trials { 1.0 } else { (middle + width).min(1.0) };
    Rate { events, trials, rate, low, high }
}

pub(super) fn check_counts(of: &'static str, events: f64, trials: f64) -> Result<()> {
    if !(trials > 0.0 && trials <= 1e15) {
        return Err(parameter(of, "trials", "a number in (0, 1e15]", &trials));
    }
    if (0.0..=trials).contains(&events) {
        return Ok(());
    }
    Err(parameter(of, "events", &format!("a number in [0, {trials}]"), &events))
}

/// The change of a rate from one period to another: `(events, trials)` of either.
///
/// The interval of the difference is Newcombe's (1998, *Statistics in Medicine* 17, 873-890, method 10), made of Wilson's
/// two: it covers well for rates near 0 and for few customers, and what `statsmodels` calls `newcomb`. The customers of the two
/// periods are taken as independent; for the same customers at both dates see
/// [`tier_migration`](crate::evaluate::tier_migration).
///
/// ```
/// let change = tierwise::evaluate::rate_change((60.0, 400.0), (38.0, 410.0), 0.95)?; // churn fell from 15 % to 9 %
/// assert!(change.difference.high < 0.0 && change.p_value < 0.05);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`wilson_rate`].
pub fn rate_change(before: (f64, f64), after: (f64, f64), confidence: f64) -> Result<RateChange> {
    check_confidence("rate_change", confidence)?;
    for (events, trials) in [before, after] {
        check_counts("rate_change", events, trials)?;
    }
    Ok(changed(before, after, confidence))
}

/// The same for counts that are sound.
pub(in crate::evaluate) fn changed(before: (f64, f64), after: (f64, f64), confidence: f64) -> RateChange {
    let (one, two) = (wilson(before.0, before.1, confidence), wilson(after.0, after.1, confidence));
    let difference = two.rate - one.rate;
    let below = (two.rate - two.low).hypot(one.high - one.rate);
    let above = (two.high - two.rate).hypot(one.rate - one.low);
    let pooled = (before.0 + after.0) / (before.1 + after.1);
    let error = (pooled * (1.0 - pooled) * (1.0 / before.1 + 1.0 / after.1)).sqrt();
    let z = if error > 0.0 { difference / error } else { 0.0 };
    RateChange {
        before: one,
        after: two,
        difference: Bounded { value: difference, low: difference - below, high: difference + above },
        ratio: ratio(after, before, confidence),
        z,
        p_value: two_sided(z),
    }
}

/// The ratio of two rates with the interval of Katz, Baptista, Azen & Pike (1978, *Biometrics* 34), symmetric in its logarithm;
/// `(events, trials)` of either.
///
/// ```
/// let ratio = tierwise::evaluate::ratio_of_rates((30.0, 100.0), (50.0, 100.0), 0.95)?;
/// assert!(ratio.value == 0.6 && ratio.low > 0.41 && ratio.high < 0.87);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`wilson_rate`]; [`Error::NotEnoughData`] where either has no event.
pub fn ratio_of_rates(numerator: (f64, f64), denominator: (f64, f64), confidence: f64) -> Result<Bounded> {
    check_confidence("ratio_of_rates", confidence)?;
    for (events, trials) in [numerator, denominator] {
        check_counts("ratio_of_rates", events, trials)?;
    }
    let what = "a ratio of rates, events in either group".into();
    ratio(numerator, denominator, confidence).ok_or(Error::NotEnoughData { what, needed: 1, found: 0 })
}

pub(in crate::evaluate) fn ratio(numerator: (f64, f64), denominator: (f64, f64), confidence: f64) -> Option<Bounded> {
    let ((a, n), (b, m)) = (numerator, denominator);
    if a == 0.0 || b == 0.0 {
        return None;
    }
    let value = (a / n) / (b / m);
    // Of rates of 1 the variance is 0, and rounding must not make it less.
    let variance = (1.0 / a - 1.0 / n + 1.0 / b - 1.0 / m).max(0.0);
    let factor = libm::exp(normal_width(confidence) * variance.sqrt());
    Some(Bounded { value, low: value / factor, high: value * factor })
}
