//! Learning a model of contracts, by maximum likelihood, from a cohort or from single customers.

use super::contract::{ContractReport, MOST_PERIODS, ShiftedBetaGeometric};
use super::maximum_likelihood::{Maximum, Pace, highest};
use crate::special::jet::Jet;
use crate::{Error, Result};
use std::collections::BTreeMap;

/// How many left at the end of each period, and how many were still there after it when last seen.
#[derive(Debug, Clone, Default)]
pub(super) struct Contracts {
    pub(super) left: Vec<f64>,
    pub(super) there: Vec<f64>,
}

impl ShiftedBetaGeometric {
    /// Learns from one cohort: all customers first, then those left after each period.
    ///
    /// # Errors
    /// [`Error::NotEnoughData`] for fewer than two periods, and when nobody left; [`Error::InvalidValue`] with the position
    /// for a number that is not finite, is below 0, or above the one before it.
    pub fn fit_survivors(survivors: &[f64]) -> Result<Self> {
        Contracts::of_survivors(survivors)?.fit()
    }

    /// Learns from single customers of any cohorts: the period at whose end each left (`left`), or after which he was still
    /// there when last seen; counted from 1. A customer who has not come to his first renewal has 0 periods and says
    /// nothing. Weights count each customer so many times.
    ///
    /// For segments there is [`fit_segments`](Self::fit_segments).
    ///
    /// # Errors
    /// [`Error::WrongLength`]; [`Error::InvalidValue`] with the row for more than ten thousand periods, for one who left
    /// after 0, and for a weight that is not finite or below 0; [`Error::NotEnoughData`] when nobody left, or all are in one
    /// and the same period.
    pub fn fit_customers(periods: &[u32], left: &[bool], weights: Option<&[f64]>) -> Result<Self> {
        Contracts::of_customers(periods, left, weights)?.fit()
    }

    /// Learns one model per segment from customers as [`fit_customers`](Self::fit_customers) takes them; in order of the
    /// segments' names.
    ///
    /// # Errors
    /// Those of [`fit_customers`](Self::fit_customers), with the row among all customers, and the segment where its customers
    /// are too few.
    ///
    /// ```
    /// use tierwise::value::ShiftedBetaGeometric;
    /// let (periods, left) = ([1, 2, 3, 3, 1, 1, 2, 3], [true, true, false, false, true, true, false, false]);
    /// let segments = ["web", "web", "web", "web", "fair", "fair", "fair", "fair"];
    /// let models = ShiftedBetaGeometric::fit_segments(&periods, &left, None, &segments)?;
    /// assert_eq!(models.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["fair", "web"]);
    /// assert!(models[0].1.survival(2)? < models[1].1.survival(2)?);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn fit_segments(
        periods: &[u32],
        left: &[bool],
        weights: Option<&[f64]>,
        segments: &[&str],
    ) -> Result<Vec<(String, Self)>> {
        if segments.len() != periods.len() {
            let what = "the segments".into();
            return Err(Error::WrongLength { what, expected: periods.len(), found: segments.len() });
        }
        let mut by_segment: BTreeMap<&str, Contracts> =
            segments.iter().map(|&name| (name, Contracts::default())).collect();
        read_customers(periods, left, weights, |row, period, left, weight| {
            if let Some(contracts) = by_segment.get_mut(segments[row]) {
                contracts.add(period, left, weight);
            }
        })?;
        let named = |name: &str, error: Error| match error {
            Error::NotEnoughData { what, needed, found } => {
                Error::NotEnoughData { what: format!("{what} in segment `{name}`"), needed, found }
            }
            other => other,
        };
        let fit = |(name, contracts): (&str, Contracts)| match contracts.fit() {
            Ok(model) => Ok((name.to_owned(), model)),
            Err(error) => Err(named(name, error)),
        };
        by_segment.into_iter().map(fit).collect()
    }
}

/// Calls `read` with the row, the period counted from 0, whether he left, and the weight of each customer who came to a
/// renewal.
fn read_customers(
    periods: &[u32],
    left: &[bool],
    weights: Option<&[f64]>,
    mut read: impl FnMut(usize, usize, bool, f64),
) -> Result<()> {
    let lengths = [("the column of who left", Some(left.len())), ("the weights", weights.map(<[f64]>::len))];
    for (what, found) in lengths {
        if let Some(found) = found.filter(|&found| found != periods.len()) {
            return Err(Error::WrongLength { what: what.into(), expected: periods.len(), found });
        }
    }
    for (row, (&period, &left)) in periods.iter().zip(left).enumerate() {
        let invalid = |what: &str, found: String, must_be: &str| {
            Err(Error::InvalidValue { what: what.into(), row, key: None, found, must_be: must_be.into() })
        };
        if period > MOST_PERIODS || left && period == 0 {
            let must_be = "who left did so at the end of a period from 1 to 10000; count contract periods, not days";
            return invalid("the number of periods", period.to_string(), must_be);
        }
        let weight = weights.map_or(1.0, |weights| weights[row]);
        if !(0.0..f64::INFINITY).contains(&weight) {
            return invalid("the weight", weight.to_string(), "weights must be finite numbers, 0 or more");
        }
        if period > 0 {
            read(row, period as usize - 1, left, weight);
        }
    }
    Ok(())
}

impl Contracts {
    pub(super) fn of_customers(periods: &[u32], left: &[bool], weights: Option<&[f64]>) -> Result<Self> {
        let mut contracts = Self::default();
        read_customers(periods, left, weights, |_, period, left, weight| contracts.add(period, left, weight))?;
        Ok(contracts)
    }

    pub(super) fn of_survivors(survivors: &[f64]) -> Result<Self> {
        if survivors.len() < 3 {
            return Err(not_enough("periods after the start", 2, survivors.len().saturating_sub(1)));
        }
        let mut before = f64::INFINITY;
        for (row, &now) in survivors.iter().enumerate() {
            if !(0.0..f64::INFINITY).contains(&now) || now > before {
                return Err(Error::InvalidValue {
                    what: "the survivors".into(),
                    row,
                    key: None,
                    found: now.to_string(),
                    must_be: "they must be finite, 0 or more, and never rise: nobody comes back to a cohort".into(),
                });
            }
            before = now;
        }
        let left: Vec<f64> = survivors.windows(2).map(|two| two[0] - two[1]).collect();
        let mut there = vec![0.0; left.len()];
        if let (Some(there), Some(&last)) = (there.last_mut(), survivors.last()) {
            *there = last;
        }
        Ok(Self { left, there })
    }

    pub(super) fn fit(&self) -> Result<ShiftedBetaGeometric> {
        let (left, there): (f64, f64) = (self.left.iter().sum(), self.there.iter().sum());
        if left == 0.0 {
            return Err(not_enough("customers who left", 1, 0));
        }
        let used = (0..self.left.len()).filter(|&t| self.left[t] + self.there[t] > 0.0).count();
        if self.left.len() < 2 || used < 2 {
            return Err(not_enough("periods with customers", 2, used));
        }
        let churn = left / (left + there);
        let starts =
            [(0.7, 1.2), (1.0, 3.0), (0.2, 1.0), (5.0 * churn, 5.0)].map(|(a, b)| vec![libm::log(a), libm::log(b)]);
        let Some(found) = self.highest(&starts, Pace::FROM_AFAR) else {
            return Err(not_enough("customers who left", 1, 0));
        };
        let mut findings = Vec::new();
        for (index, name) in ["alpha", "beta"].iter().enumerate().filter(|&(index, _)| found.is_at_edge[index]) {
            findings.push(format!(
                "`{name}` is not determined by the data ({:.3e}): customers differ too little in how loyal they are, or too few periods are known; the retention rate hardly rises",
                libm::exp(found.at[index])
            ));
        }
        if there == 0.0 {
            findings.push("everybody has left: the model knows nothing of those who stay".to_owned());
        }
        if !found.converged {
            findings.push(format!("the fit did not converge after {} rounds", found.rounds));
        }
        let report = ContractReport {
            customers: left + there,
            left,
            log_likelihood: found.log_likelihood,
            converged: found.converged,
            rounds: found.rounds,
            gradient: found.gradient,
            findings,
        };
        Ok(ShiftedBetaGeometric::fitted(&found, report))
    }

    /// The highest point of the likelihood that the starts lead to.
    pub(super) fn highest(&self, starts: &[Vec<f64>], pace: Pace) -> Option<Maximum> {
        highest(starts, pace, |logs| self.log_likelihood(&[logs[0], logs[1]]).into())
    }

    fn add(&mut self, period: usize, left: bool, weight: f64) {
        if period >= self.left.len() {
            self.left.resize(period + 1, 0.0);
            self.there.resize(period + 1, 0.0);
        }
        if left {
            self.left[period] += weight;
        } else {
            self.there[period] += weight;
        }
    }

    /// Equation 7: who left at the end of period t renewed t − 1 times before, with the recursions of the appendix.
    fn log_likelihood(&self, logs: &[f64; 2]) -> Jet<2> {
        let [alpha, beta] = std::array::from_fn(|index| Jet::exp_of_parameter(logs, index));
        let (mut sum, mut survives) = (Jet::ZERO, Jet::ZERO);
        for (t, (&left, &there)) in self.left.iter().zip(&self.there).enumerate() {
            let before = t as f64;
            let ends = (alpha + beta + before).ln();
            if left > 0.0 {
                sum.add_times(left, &(survives + alpha.ln() - ends));
            }
            survives = survives + (beta + before).ln() - ends;
            if there > 0.0 {
                sum.add_times(there, &survives);
            }
        }
        sum
    }
}

fn not_enough(what: &str, needed: usize, found: usize) -> Error {
    Error::NotEnoughData { what: format!("a fit of the shifted beta-geometric model ({what})"), needed, found }
}
