//! How far respondents agree within a panel, and panels with each other.

use super::Panel;
use crate::rank_correlation::{self, doubled, mid_ranks};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ChiSquared, ContinuousCDF};
use std::collections::BTreeMap;

/// How far the respondents of a panel rank the factors alike.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Concordance {
    /// The number of respondents, *m*.
    pub respondents: usize,
    /// The number of factors, *n*.
    pub factors: usize,
    /// Kendall's W, corrected for ties: 0 when nothing is agreed on, 1 when everybody ranks alike.
    pub w: f64,
    /// `m (n - 1) W`: Friedman's statistic.
    pub chi_square: f64,
    /// Its degrees of freedom, `n - 1`.
    pub degrees_of_freedom: usize,
    /// How probable so large a W is when everybody ranks at random, by the chi-square approximation; rough for small
    /// panels.
    pub p_value: f64,
    /// The same exactly, over all orders of each respondent's ranks; for at most 4 factors and 10 respondents.
    pub exact_p_value: Option<f64>,
}

/// Kendall's coefficient of concordance, from one list of ranks per respondent (tied factors share the mean of their
/// places; the direction does not matter).
///
/// With `R_j` the sum of the ranks of factor `j`, `S` the sum of squares of `R_j` around their mean, and `T` the sum
/// of `t³ - t` over each respondent's groups of `t` tied factors, summed over respondents:
/// `W = 12 S / (m² (n³ - n) - m T)` (Kendall & Babington Smith 1939; ties as in Siegel & Castellan 1988, section 9.6).
/// Weights of respondents do not enter.
///
/// ```
/// let w = tierwise::lead::panel::kendall_w(&[vec![1.0, 2.0, 3.0], vec![1.0, 2.0, 3.0], vec![1.0, 2.0, 3.0]])?;
/// assert_eq!((w.w, w.chi_square), (1.0, 6.0));
/// assert_eq!(w.exact_p_value, Some(1.0 / 36.0)); // 6 of the 216 ways in which three people can rank three factors
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotEnoughData`] for fewer than two respondents or factors, [`Error::WrongLength`], and
/// [`Error::InvalidValue`] for what are no ranks and for a respondent who ranks all factors alike.
pub fn kendall_w(ranks: &[Vec<f64>]) -> Result<Concordance> {
    let n = ranks.first().map_or(0, Vec::len);
    for (what, found) in [("Kendall's W (respondents)", ranks.len()), ("Kendall's W (factors)", n)] {
        if found < 2 {
            return Err(Error::NotEnoughData { what: what.into(), needed: 2, found });
        }
    }
    for (row, of_one) in ranks.iter().enumerate() {
        if of_one.len() != n {
            return Err(Error::WrongLength {
                what: format!("the ranks at row {row}"),
                expected: n,
                found: of_one.len(),
            });
        }
        let turned: Vec<f64> = of_one.iter().map(|rank| -rank).collect();
        let constant = of_one.iter().all(|rank| *rank == of_one[0]);
        if of_one.iter().any(|rank| rank.is_nan()) || mid_ranks(&turned) != *of_one || constant {
            return Err(Error::InvalidValue {
                what: "the list of ranks".into(),
                row,
                key: None,
                found: format!("{of_one:?}"),
                must_be: format!("ranks run from 1 to {n}, tied ones share the mean of their places, not all are tied"),
            });
        }
    }
    let ranks: Vec<&[f64]> = ranks.iter().map(Vec::as_slice).collect();
    Ok(concordance(&ranks))
}

/// Kendall's W of a checked panel.
pub(super) fn of_panel(panel: &Panel) -> Concordance {
    let ranks: Vec<&[f64]> = panel.respondents.iter().map(|one| one.ranks.as_slice()).collect();
    concordance(&ranks)
}

/// Works with twice the ranks, less their mean: whole numbers, so that W is exact to its last division.
fn concordance(ranks: &[&[f64]]) -> Concordance {
    let (m, n) = (ranks.len(), ranks[0].len());
    let doubled: Vec<Vec<i64>> = ranks.iter().map(|one| doubled(one)).collect();
    let mut sums = vec![0; n];
    let mut squares = 0;
    for one in &doubled {
        sums.iter_mut().zip(one).for_each(|(sum, rank)| *sum += rank);
        squares += one.iter().map(|rank| rank * rank).sum::<i64>();
    }
    // The sum of squares of a respondent's ranks is (n³ - n - T) / 12, so m times their sum is the denominator.
    let w = square_sum(&sums) / (m as f64 * squares as f64);
    let chi_square = m as f64 * (n - 1) as f64 * w;
    let p_value = ChiSquared::new((n - 1) as f64).map_or(f64::NAN, |chi| chi.sf(chi_square));
    let exact_p_value = (n <= 4 && m <= 10).then(|| exact_p_value(&doubled, square_sum(&sums)));
    Concordance { respondents: m, factors: n, w, chi_square, degrees_of_freedom: n - 1, p_value, exact_p_value }
}

/// The sum of squares, as a number: the square of a sum of many ranks may be too large for an integer.
fn square_sum(sums: &[i64]) -> f64 {
    sums.iter().map(|&sum| sum as f64 * sum as f64).sum()
}

/// The probability of sums of ranks that are at least as far apart, when each respondent's ranks stand in any order.
/// Sums are kept sorted: what is added next comes in every order anyway, so that only the set of sums matters.
fn exact_p_value(doubled: &[Vec<i64>], observed: f64) -> f64 {
    let mut first = doubled[0].clone();
    first.sort_unstable();
    let mut states = BTreeMap::from([(first, 1.0)]);
    for one in &doubled[1..] {
        let orders = orders(one);
        let share = 1.0 / orders.len() as f64;
        let mut next: BTreeMap<Vec<i64>, f64> = BTreeMap::new();
        for (sums, probability) in &states {
            for order in &orders {
                let mut sums: Vec<i64> = sums.iter().zip(order).map(|(sum, rank)| sum + rank).collect();
                sums.sort_unstable();
                *next.entry(sums).or_insert(0.0) += probability * share;
            }
        }
        states = next;
    }
    let p_value: f64 =
        states.iter().filter(|(sums, _)| square_sum(sums) >= observed).map(|(_, probability)| probability).sum();
    p_value.min(1.0)
}

/// Every order of a few values; equal ones as often as they can be exchanged.
fn orders(values: &[i64]) -> Vec<Vec<i64>> {
    if values.len() <= 1 {
        return vec![values.to_vec()];
    }
    let mut all = Vec::new();
    for (place, &value) in values.iter().enumerate() {
        let rest: Vec<i64> = values[..place].iter().chain(&values[place + 1..]).copied().collect();
        for mut order in orders(&rest) {
            order.push(value);
            all.push(order);
        }
    }
    all
}

/// How two panels' weights compare.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// One panel.
    pub first: String,
    /// The other.
    pub second: String,
    /// Spearman's rank correlation of the weights; none where all weights of a panel are equal.
    pub spearman: Option<f64>,
    /// Kendall's tau-b of the weights; none where all weights of a panel are equal.
    pub kendall_tau: Option<f64>,
    /// Half the sum of the absolute differences: how many of the 100 points the panels place differently.
    pub distance: f64,
    /// The lower end of the interval of the distance; none without a bootstrap.
    pub distance_low: Option<f64>,
    /// The upper end.
    pub distance_high: Option<f64>,
    /// The root of the sum of squared differences.
    pub euclidean: f64,
    /// The factors by how far the panels differ on them, furthest first.
    pub differences: Vec<Difference>,
}

/// How far two panels differ on one factor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The factor.
    pub factor: String,
    /// Its weight in the first panel.
    pub first: f64,
    /// Its weight in the second panel.
    pub second: f64,
    /// First less second.
    pub difference: f64,
}

pub(super) fn compare(factors: &[String], first: (&str, &[f64]), second: (&str, &[f64])) -> Comparison {
    let pairs = || factors.iter().zip(first.1.iter().zip(second.1));
    let mut differences: Vec<Difference> = pairs()
        .map(|(factor, (&a, &b))| Difference { factor: factor.clone(), first: a, second: b, difference: a - b })
        .collect();
    differences.sort_by(|a, b| b.difference.abs().total_cmp(&a.difference.abs()));
    Comparison {
        first: first.0.into(),
        second: second.0.into(),
        spearman: rank_correlation::spearman(first.1, second.1),
        kendall_tau: rank_correlation::kendall_tau(first.1, second.1),
        distance: weight_distance_of(first.1, second.1),
        distance_low: None,
        distance_high: None,
        euclidean: pairs().map(|(_, (a, b))| (a - b) * (a - b)).sum::<f64>().sqrt(),
        differences,
    }
}

/// Spearman's rank correlation: Pearson's of the ranks, tied values sharing the mean of their places. None where one
/// of the lists is constant.
///
/// # Errors
/// [`Error::WrongLength`], [`Error::NotEnoughData`] for fewer than two values, [`Error::InvalidValue`] for one that is
/// not finite.
pub fn spearman(first: &[f64], second: &[f64]) -> Result<Option<f64>> {
    check_pair("Spearman's rank correlation", first, second)?;
    Ok(rank_correlation::spearman(first, second))
}

/// Kendall's tau-b: pairs in the same order less pairs in opposite order, by the root of the pairs not tied in the
/// first times those not tied in the second (Kendall 1945). None where one of the lists is constant.
///
/// # Errors
/// Those of [`spearman`].
pub fn kendall_tau(first: &[f64], second: &[f64]) -> Result<Option<f64>> {
    check_pair("Kendall's tau", first, second)?;
    Ok(rank_correlation::kendall_tau(first, second))
}

/// How many of 100 points two lists of weights place differently: half the sum of the absolute differences.
///
/// # Errors
/// Those of [`spearman`].
pub fn weight_distance(first: &[f64], second: &[f64]) -> Result<f64> {
    check_pair("the distance of weights", first, second)?;
    Ok(weight_distance_of(first, second))
}

pub(super) fn weight_distance_of(first: &[f64], second: &[f64]) -> f64 {
    first.iter().zip(second).map(|(a, b)| (a - b).abs()).sum::<f64>() / 2.0
}

fn check_pair(what: &str, first: &[f64], second: &[f64]) -> Result<()> {
    if first.len() != second.len() {
        let what = format!("the second list for {what}");
        return Err(Error::WrongLength { what, expected: first.len(), found: second.len() });
    }
    if first.len() < 2 {
        return Err(Error::NotEnoughData { what: what.into(), needed: 2, found: first.len() });
    }
    for values in [first, second] {
        if let Some(row) = values.iter().position(|value| !value.is_finite()) {
            let found = values[row].to_string();
            let must_be = "values must be finite numbers".into();
            return Err(Error::InvalidValue { what: format!("a value for {what}"), row, key: None, found, must_be });
        }
    }
    Ok(())
}
