//! A share of cases with its interval: so many of so many.

use crate::ordered_rates::quantile_of_log_odds;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use statrs::function::gamma::ln_gamma;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// How many of how many, and between which ends the true share lies.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rate {
    /// The cases in which it happened.
    pub events: f64,
    /// All cases.
    pub trials: f64,
    /// The estimate; `events / trials` unless it was shrunk.
    pub rate: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
}

/// The share of `events` in `trials` with its Jeffreys interval: the quantiles of Beta(events + ½, trials − events + ½),
/// with 0 as the lower end when nothing happened and 1 as the upper end when it always did (Brown, Cai & Das Gupta 2001,
/// *Statistical Science* 16, section 4.3).
///
/// # Errors
/// [`Error::InvalidParameter`] for a confidence outside (0, 1), for no trials, and for events outside `[0, trials]`.
///
/// ```
/// let rate = tierwise::rates::rate(7.0, 20.0, 0.95)?;
/// assert_eq!(rate.rate, 0.35);
/// assert!((rate.low - 0.1723).abs() < 1e-4 && (rate.high - 0.5678).abs() < 1e-4);
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn rate(events: f64, trials: f64, confidence: f64) -> Result<Rate> {
    check_confidence("rate", confidence)?;
    if !(trials > 0.0 && trials.is_finite()) {
        return Err(parameter("trials", "a number in (0, inf)", trials));
    }
    if !(0.0..=trials).contains(&events) {
        return Err(parameter("events", &format!("a number in [0, {trials}]"), events));
    }
    let (low, high) = beta_interval(events + 0.5, trials - events + 0.5, confidence)?;
    let low = if events == 0.0 { 0.0 } else { low };
    let high = if events == trials { 1.0 } else { high };
    Ok(Rate { events, trials, rate: events / trials, low, high })
}

/// The shares of counts in their sum, which is above 0, each as in [`rate`]. Equal counts, of which there are many in the
/// row of a large table, are worked out once.
pub(crate) fn shares_of_row(counts: &[f64], confidence: f64) -> Result<Vec<Rate>> {
    let total: f64 = counts.iter().sum();
    let mut found: BTreeMap<u64, Rate> = BTreeMap::new();
    let share = |&count: &f64| match found.entry(count.to_bits()) {
        Entry::Occupied(known) => Ok(*known.get()),
        Entry::Vacant(place) => Ok(*place.insert(rate(count.min(total), total, confidence)?)),
    };
    counts.iter().map(share).collect()
}

/// Rates of several groups, drawn towards each other, and the distribution from which they seem drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShrunkenRates {
    /// One per group; `rate` is the posterior mean.
    pub rates: Vec<Rate>,
    /// The mean of the prior.
    pub mean: f64,
    /// How many trials the prior counts for.
    pub strength: f64,
}

/// The rates of several groups, each drawn towards the mean of all by as much as the groups are alike
/// (Beta-binomial empirical Bayes; Carlin & Louis 2009, *Bayesian Methods for Data Analysis*, 3rd ed., section 5.3).
///
/// The rates are taken as drawn from Beta(mean · strength, (1 − mean) · strength), whose mean and strength maximise the
/// marginal likelihood; a group's rate is the mean of its posterior and its interval the posterior's quantiles. Groups
/// that do not vary more than chance have no finite maximum: **the strength is at most the number of all trials**, so
/// that no group borrows more than what was seen in all. It is at least 0.1. With fewer than two groups that have trials, or when
/// it happened never or always, nothing is known of the spread: the mean is that of the pool with Jeffreys' half a
/// case either way, and the strength 1 for a single group and all trials otherwise. A group without trials gets the prior.
///
/// ```
/// let shrunken = tierwise::rates::shrunken_rates(&[9.0, 20.0, 0.0], &[10.0, 100.0, 2.0], 0.95)?;
/// assert!(shrunken.rates[0].rate < 0.9 && shrunken.rates[2].rate > 0.0);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] for a confidence outside (0, 1); [`Error::WrongLength`]; [`Error::EmptyTable`] for no trials at
/// all; [`Error::InvalidValue`] with the group for trials that are negative or not finite, and events outside them.
pub fn shrunken_rates(events: &[f64], trials: &[f64], confidence: f64) -> Result<ShrunkenRates> {
    check_confidence("shrunken_rates", confidence)?;
    check_groups(events, trials)?;
    let (all_events, all_trials): (f64, f64) = (events.iter().sum(), trials.iter().sum());
    if all_trials == 0.0 {
        return Err(Error::EmptyTable { what: "the list of trials".into() });
    }
    let groups: Vec<(f64, f64)> =
        events.iter().copied().zip(trials.iter().copied()).filter(|(_, trials)| *trials > 0.0).collect();
    let pooled = (all_events + 0.5) / (all_trials + 1.0);
    let (mean, strength) = match groups.len() {
        1 => (pooled, 1.0),
        _ if all_events == 0.0 || all_events == all_trials => (pooled, all_trials.max(SMALLEST_STRENGTH)),
        _ => prior_of(&groups, all_trials),
    };
    let rate = |(&events, &trials): (&f64, &f64)| {
        let (a, b) = (mean * strength + events, (1.0 - mean) * strength + trials - events);
        let (low, high) = beta_interval(a, b, confidence)?;
        Ok(Rate { events, trials, rate: a / (a + b), low, high })
    };
    let rates = events.iter().zip(trials).map(rate).collect::<Result<_>>()?;
    Ok(ShrunkenRates { rates, mean, strength })
}

const SMALLEST_STRENGTH: f64 = 0.1;

fn check_groups(events: &[f64], trials: &[f64]) -> Result<()> {
    if events.len() != trials.len() {
        return Err(Error::WrongLength { what: "the trials".into(), expected: events.len(), found: trials.len() });
    }
    for (row, (&events, &trials)) in events.iter().zip(trials).enumerate() {
        let invalid = |what: &str, found: f64, must_be: String| {
            Err(Error::InvalidValue { what: what.into(), row, key: None, found: found.to_string(), must_be })
        };
        if !(0.0..=1e15).contains(&trials) {
            return invalid("the number of trials", trials, "it must be a number in [0, 1e15]".into());
        }
        if !(0.0..=trials).contains(&events) {
            return invalid("the number of events", events, format!("it must be a number in [0, {trials}]"));
        }
    }
    Ok(())
}

/// Mean and strength of the Beta prior with the greatest marginal likelihood.
fn prior_of(groups: &[(f64, f64)], all_trials: f64) -> (f64, f64) {
    let best_mean = |strength: f64| {
        let log_odds = least(-18.0, 18.0, |t| -marginal(groups, 1.0 / (1.0 + libm::exp(-t)), strength));
        1.0 / (1.0 + libm::exp(-log_odds))
    };
    let (low, high) = (libm::log(SMALLEST_STRENGTH), libm::log(all_trials.max(1.0)));
    let value = |log_strength: f64| {
        let strength = libm::exp(log_strength);
        -marginal(groups, best_mean(strength), strength)
    };
    let inside = least(low, high, value);
    let at_end = value(high) <= value(inside);
    let strength = libm::exp(if at_end { high } else { inside });
    (best_mean(strength), strength)
}

/// The Beta-binomial log-likelihood, up to a constant.
fn marginal(groups: &[(f64, f64)], mean: f64, strength: f64) -> f64 {
    let (a, b) = (mean * strength, (1.0 - mean) * strength);
    let of = |&(events, trials): &(f64, f64)| rising(a, events) + rising(b, trials - events) - rising(strength, trials);
    groups.iter().map(of).sum()
}

/// `ln Γ(x + n) − ln Γ(x)`, summed term by term where that is short: the difference of two huge numbers is rounding.
fn rising(x: f64, n: f64) -> f64 {
    const SHORT: f64 = 64.0;
    if n <= SHORT && n == n.trunc() {
        return (0..n as u32).map(|step| libm::log(x + f64::from(step))).sum();
    }
    ln_gamma(x + n) - ln_gamma(x)
}

/// Where a function with one valley is least: golden section search after a coarse look.
fn least(low: f64, high: f64, of: impl Fn(f64) -> f64) -> f64 {
    const STEPS: usize = 24;
    const SHARE: f64 = 0.618_033_988_749_894_9;
    let grid = |at: usize| low + (high - low) * at as f64 / STEPS as f64;
    let values: Vec<f64> = (0..=STEPS).map(|at| of(grid(at))).collect();
    let best = (0..=STEPS).fold(0, |best, at| if values[at] < values[best] { at } else { best });
    let (mut from, mut to) = (grid(best.saturating_sub(1)), grid((best + 1).min(STEPS)));
    let mut inner = [to - SHARE * (to - from), from + SHARE * (to - from)];
    let mut found = inner.map(&of);
    for _ in 0..60 {
        if found[0] <= found[1] {
            to = inner[1];
            (inner[1], found[1]) = (inner[0], found[0]);
            inner[0] = to - SHARE * (to - from);
            found[0] = of(inner[0]);
        } else {
            from = inner[0];
            (inner[0], found[0]) = (inner[1], found[1]);
            inner[1] = from + SHARE * (to - from);
            found[1] = of(inner[1]);
        }
    }
    0.5 * (from + to)
}

/// The central interval of Beta(a, b) that holds `confidence` of it.
pub(crate) fn beta_interval(a: f64, b: f64, confidence: f64) -> Result<(f64, f64)> {
    let sound = |shape: f64| shape > 0.0 && shape.is_finite();
    if !(sound(a) && sound(b)) {
        return Err(parameter("trials", "a number for which Beta is defined", a + b));
    }
    let tail = (1.0 - confidence) / 2.0;
    let share = |log_odds: f64| 1.0 / (1.0 + libm::exp(-log_odds));
    // The upper end is the lower end of the opposite.
    Ok((share(quantile_of_log_odds(a, b, tail)), share(-quantile_of_log_odds(b, a, tail))))
}

/// Refuses a confidence that is no share strictly between 0 and 1.
pub(crate) fn check_confidence(of: &'static str, confidence: f64) -> Result<()> {
    if confidence > 0.0 && confidence < 1.0 {
        return Ok(());
    }
    let must_be = "a number in (0, 1)".into();
    Err(Error::InvalidParameter { of, name: "confidence", must_be, got: confidence.to_string() })
}

fn parameter(name: &'static str, must_be: &str, got: f64) -> Error {
    Error::InvalidParameter { of: "rate", name, must_be: must_be.into(), got: got.to_string() }
}
