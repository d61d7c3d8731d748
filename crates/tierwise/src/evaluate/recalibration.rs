//! How probabilities would have to be bent to fit: the calibration slope and intercept, and calibration-in-the-large.

use super::rows::Rows;
use crate::learn::softplus;
use crate::rates::check_confidence;
use crate::special::normal::normal_width;
use crate::{Error, Outcome, Result};
use serde::Serialize;

/// Steps within which Newton's method converges many times over.
const STEPS: usize = 200;

/// A step of Newton's method of this size is the last: the one after it would be its square.
const NEAR: f64 = 1e-8;

/// What a sum of many logarithms is off by.
const ROUNDING: f64 = 1e-12;

/// An estimate with its standard error and interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The lower end of its interval (Wald).
    pub low: f64,
    /// The upper end of its interval.
    pub high: f64,
}

/// The logistic recalibration of probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Recalibration {
    /// By how much log-odds would have to be stretched: 1 is right, below 1 the probabilities are too extreme (a model that
    /// learned noise), above 1 too timid.
    pub slope: Estimate,
    /// What would have to be added to the stretched log-odds.
    pub intercept: Estimate,
    /// What would have to be added to the log-odds if they were not stretched: calibration-in-the-large. 0 is right, above 0
    /// it happens more often than was said.
    pub in_the_large: Estimate,
}

/// Fits `log-odds of the outcome = intercept + slope · log-odds of the probability` by maximum likelihood (Cox 1958), and the
/// intercept alone with the slope held at 1.
///
/// ```
/// use tierwise::{Outcome, evaluate::recalibration};
/// let left = Outcome::binary("left", &[false, true, false, false, true, true, false, true]);
/// let said = [0.02, 0.03, 0.1, 0.4, 0.5, 0.9, 0.97, 0.99];
/// let found = recalibration(&left, &said, 0.95)?;
/// assert!(found.slope.value < 0.5); // the probabilities are too extreme
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidValue`] with the row for a probability that is not strictly between 0 and 1, whose log-odds are infinite;
/// [`Error::OneClass`]; [`Error::NoVariation`] when all probabilities are equal; [`Error::Separation`] when they part the
/// outcomes without overlap, so that the slope is infinite; and those of [`log_loss`](super::log_loss) that concern the data.
pub fn recalibration(outcome: &Outcome<'_>, probabilities: &[f64], confidence: f64) -> Result<Recalibration> {
    check_confidence("recalibration", confidence)?;
    let rows = Rows::probable("recalibration", outcome, probabilities)?.both_classes()?;
    let certain = |&row: &usize| rows.weight(row) > 0.0 && (rows.scores[row] == 0.0 || rows.scores[row] == 1.0);
    if let Some(row) = (0..rows.len()).find(certain) {
        let must_be = "its log-odds are infinite; keep probabilities strictly within 0 and 1";
        return Err(Error::invalid_value("the probability", row, rows.scores[row], must_be));
    }
    let log_odds: Vec<f64> = probabilities.iter().map(|&p| libm::log(p) - libm::log1p(-p)).collect();
    check_overlap(&rows, &log_odds)?;
    let [mean, weight] = rows.sums(|row| [log_odds[row], 1.0]);
    let mean = mean / weight;
    let [spread] = rows.sums(|row| [(log_odds[row] - mean) * (log_odds[row] - mean)]);
    let spread = (spread / weight).sqrt();
    let scaled: Vec<f64> = log_odds.iter().map(|one| (one - mean) / spread).collect();
    let ([center, steep], [in_center, both, in_steep]) = fit_line(&rows, &scaled)?;
    let shift = mean / spread;
    let width = normal_width(confidence);
    let estimate = |value: f64, variance: f64| {
        let standard_error = variance.sqrt();
        Estimate { value, standard_error, low: value - width * standard_error, high: value + width * standard_error }
    };
    let (large, information) = fit_shift(&rows, &log_odds);
    Ok(Recalibration {
        slope: estimate(steep / spread, in_steep / spread / spread),
        intercept: estimate(center - steep * shift, in_center - 2.0 * shift * both + shift * shift * in_steep),
        in_the_large: estimate(large, 1.0 / information),
    })
}

fn check_overlap(rows: &Rows<'_>, log_odds: &[f64]) -> Result<()> {
    let mut ends = [[f64::INFINITY, f64::NEG_INFINITY]; 2];
    for row in (0..rows.len()).filter(|&row| rows.weight(row) > 0.0) {
        let [low, high] = &mut ends[usize::from(rows.happened[row] == 1.0)];
        (*low, *high) = (low.min(log_odds[row]), high.max(log_odds[row]));
    }
    let [[lowest_other, highest_other], [lowest_event, highest_event]] = ends;
    if lowest_other.min(lowest_event) == highest_other.max(highest_event) {
        let reason = "all probabilities are equal, so there is no slope; look at calibration-in-the-large only".into();
        return Err(Error::NoVariation { columns: vec!["probability".into()], reason });
    }
    if lowest_event < highest_other && lowest_other < highest_event {
        return Ok(());
    }
    Err(Error::Separation {
        columns: vec!["probability".into()],
        rows: rows.counts()[0] as usize,
        advice: "Check that the probabilities were not learned on these rows, or judge them on more rows".into(),
    })
}

/// The greatest likelihood of a line in `x`, whose mean is 0: centre and steepness, and their variances and covariance.
fn fit_line(rows: &Rows<'_>, x: &[f64]) -> Result<([f64; 2], [f64; 3])> {
    let likelihood = |line: [f64; 2]| -> f64 {
        rows.sums(|row| [log_likelihood(rows.happened[row], line[0] + line[1] * x[row])])[0]
    };
    let mut line = [0.0; 2];
    let mut now = likelihood(line);
    let mut largest = f64::INFINITY;
    for _ in 0..STEPS {
        let sums = rows.sums(|row| {
            let (chance, rest) = chances(line[0] + line[1] * x[row]);
            // Of what is nearly certain, 1 − p by subtraction would have no digits.
            let error = if rows.happened[row] == 1.0 { rest } else { -chance };
            let spread = chance * rest;
            [error, error * x[row], spread, spread * x[row], spread * x[row] * x[row]]
        });
        let [gradient, gradient_x, flat, tilted, steep] = sums;
        let determinant = flat * steep - tilted * tilted;
        let variances = [steep / determinant, -tilted / determinant, flat / determinant];
        let step =
            [variances[0] * gradient + variances[1] * gradient_x, variances[1] * gradient + variances[2] * gradient_x];
        largest = gradient.abs().max(gradient_x.abs());
        let size = step[0].abs().max(step[1].abs());
        if size <= NEAR * line[0].abs().max(line[1].abs()).max(1.0) {
            return Ok(([line[0] + step[0], line[1] + step[1]], variances));
        }
        let (mut share, mut next, mut value) = (1.0, line, f64::NEG_INFINITY);
        // Near the end a step changes the likelihood by less than its rounding: that is no reason to shorten it.
        while value < now - ROUNDING * now.abs() && share > 1e-10 {
            next = [line[0] + share * step[0], line[1] + share * step[1]];
            value = likelihood(next);
            share /= 2.0;
        }
        (line, now) = (next, value);
    }
    let reason = "the probabilities hardly overlap, and the slope runs towards infinity".into();
    Err(Error::NotConverged { iterations: STEPS, gradient: largest, reason })
}

/// The shift at which as many events are expected as there were, and the information on it. The difference falls with the
/// shift, so that it is always kept between two ends.
fn fit_shift(rows: &Rows<'_>, log_odds: &[f64]) -> (f64, f64) {
    let at = |shift: f64| {
        rows.sums(|row| {
            let (chance, rest) = chances(log_odds[row] + shift);
            [if rows.happened[row] == 1.0 { rest } else { -chance }, chance * rest]
        })
    };
    let (mut low, mut high) = (-2000.0, 2000.0); // log-odds of numbers are within 745, and base rates within 40 of 0
    let mut shift = 0.0;
    for _ in 0..STEPS {
        let [gradient, information] = at(shift);
        if gradient > 0.0 {
            low = shift;
        } else {
            high = shift;
        }
        let newton = shift + gradient / information;
        let next = if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
        let near = (next - shift).abs() <= NEAR * shift.abs().max(1.0);
        shift = next;
        if near {
            break;
        }
    }
    (shift, at(shift)[1])
}

fn chances(log_odds: f64) -> (f64, f64) {
    let small = libm::exp(-log_odds.abs());
    let (less, more) = (small / (1.0 + small), 1.0 / (1.0 + small));
    if log_odds < 0.0 { (less, more) } else { (more, less) }
}

fn log_likelihood(happened: f64, log_odds: f64) -> f64 {
    -softplus(if happened == 1.0 { -log_odds } else { log_odds })
}
