//! How far the shares of cells lie apart, and how far chance alone would drive them.

use super::settings::{DriftSettings, EmptyCells, LogBase};
use crate::fit::check_total;
use crate::{Error, Result};
use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Pearson's chi-square test of independence, without correction: what `scipy.stats.chi2_contingency(correction=False)`
/// gives. A cell that is empty in both samples does not count.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ChiSquareTest {
    /// The statistic.
    pub statistic: f64,
    /// Cells less one; 0 where there is nothing to compare, and then the p-value is 1.
    pub degrees_of_freedom: f64,
    /// The chance of at least this much without a change.
    pub p_value: f64,
}

/// Two lists of counts of the same cells, compared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CountDrift {
    /// The population stability index: `Σ (q − p) ln(q / p)` over shares p of the reference and q of the current sample.
    pub population_stability: f64,
    /// The part of each cell.
    pub parts: Vec<f64>,
    /// The index that chance alone exceeds with the probability [`significance`](DriftSettings::significance); none where
    /// fewer than two cells are left to compare.
    pub noise: Option<f64>,
    /// The chance of an index at least as large without a change: under none, `index · nm / (n + m)` is about chi-square
    /// with one degree of freedom less than there are cells (Yurdakul & Naranjo 2020, *Journal of Risk Model Validation*
    /// 14(4)).
    pub p_value: f64,
    /// The Jensen-Shannon distance, which is the root of the divergence, to the base of the settings.
    pub jensen_shannon: f64,
    /// The Kullback-Leibler divergence `Σ p ln(p / q)` of the reference from the current sample, natural.
    pub kullback_leibler: f64,
    /// Pearson's test.
    pub chi_square: ChiSquareTest,
}

/// Compares two lists of counts of the same cells. Cells are taken as they are: none is joined.
///
/// ```
/// use tierwise::evaluate::{DriftSettings, compare_counts};
/// let found = compare_counts(&[60.0, 25.0, 15.0], &[50.0, 30.0, 20.0], &DriftSettings::default())?;
/// assert!((found.population_stability - 0.041_732_337_141_682_244).abs() < 1e-15);
/// assert!(found.p_value > 0.3); // of a hundred customers each, that is nothing
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::WrongLength`]; [`Error::InvalidValue`] with the cell for a count that is negative or not finite;
/// [`Error::EmptyTable`] where all counts of a sample are 0; [`Error::InvalidParameter`] for settings outside their range.
pub fn compare_counts(reference: &[f64], current: &[f64], settings: &DriftSettings) -> Result<CountDrift> {
    settings.check("compare_counts")?;
    if reference.len() != current.len() {
        let what = "the list of current counts".into();
        return Err(Error::WrongLength { what, expected: reference.len(), found: current.len() });
    }
    for (what, counts) in [("reference", reference), ("current", current)] {
        if let Some(row) = counts.iter().position(|count| !count.is_finite() || *count < 0.0) {
            let (what, found) = (format!("the {what} count"), counts[row].to_string());
            let must_be = "counts must be finite and not negative".into();
            return Err(Error::InvalidValue { what, row, key: None, found, must_be });
        }
        if counts.iter().all(|&count| count == 0.0) {
            return Err(Error::EmptyTable { what: format!("the {what} sample") });
        }
        check_total(&format!("the {what} count"), counts)?;
    }
    Ok(compared(reference, current, settings))
}

/// The same for counts that are sound.
pub(super) fn compared(reference: &[f64], current: &[f64], settings: &DriftSettings) -> CountDrift {
    let (n, m) = (reference.iter().sum::<f64>(), current.iter().sum::<f64>());
    let cells = || reference.iter().copied().zip(current.iter().copied());
    let share = |count: f64, total: f64| match settings.empty_cells {
        _ if count > 0.0 => count / total,
        EmptyCells::HalfRow => 0.5 / total,
        EmptyCells::Floor(share) => share,
    };
    let both_empty = |(r, c): (f64, f64)| r == 0.0 && c == 0.0;
    let shares = |(r, c): (f64, f64)| if both_empty((r, c)) { (1.0, 1.0) } else { (share(r, n), share(c, m)) };
    let parts: Vec<f64> = cells().map(shares).map(|(p, q)| (q - p) * libm::log(q / p)).collect();
    let population_stability = parts.iter().sum::<f64>();
    let kullback_leibler = cells().map(shares).map(|(p, q)| p * libm::log(p / q)).sum();
    let degrees_of_freedom = (cells().filter(|&cell| !both_empty(cell)).count() as f64 - 1.0).max(0.0);
    let harmonic = n * m / (n + m);
    let noise = chance(degrees_of_freedom).map(|chance| chance.inverse_cdf(1.0 - settings.significance) / harmonic);
    let statistic = cells().filter(|&cell| !both_empty(cell)).map(|cell| squares(cell, n, m)).sum();
    CountDrift {
        population_stability,
        parts,
        noise,
        p_value: beyond(population_stability * harmonic, degrees_of_freedom),
        jensen_shannon: jensen_shannon(cells().map(|(r, c)| (r / n, c / m)), settings.log_base),
        kullback_leibler,
        chi_square: ChiSquareTest { statistic, degrees_of_freedom, p_value: beyond(statistic, degrees_of_freedom) },
    }
}

fn squares((r, c): (f64, f64), n: f64, m: f64) -> f64 {
    let both = r + c;
    let (of_reference, of_current) = (both * n / (n + m), both * m / (n + m));
    (r - of_reference) * (r - of_reference) / of_reference + (c - of_current) * (c - of_current) / of_current
}

fn jensen_shannon(shares: impl Iterator<Item = (f64, f64)>, base: LogBase) -> f64 {
    let part = |p: f64, middle: f64| if p > 0.0 { p * libm::log(p / middle) } else { 0.0 };
    let parts = shares.map(|(p, q)| {
        let middle = f64::midpoint(p, q);
        f64::midpoint(part(p, middle), part(q, middle))
    });
    let divergence = parts.sum::<f64>().max(0.0);
    match base {
        LogBase::Natural => divergence.sqrt(),
        LogBase::Two => (divergence / std::f64::consts::LN_2).sqrt(),
    }
}

fn chance(degrees_of_freedom: f64) -> Option<ChiSquared> {
    if degrees_of_freedom > 0.0 { ChiSquared::new(degrees_of_freedom).ok() } else { None }
}

/// The chance that chi-square is at least so large.
fn beyond(statistic: f64, degrees_of_freedom: f64) -> f64 {
    chance(degrees_of_freedom).map_or(1.0, |chance| chance.sf(statistic.max(0.0)))
}
