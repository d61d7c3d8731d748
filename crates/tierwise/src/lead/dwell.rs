//! How long leads stay in a class, with those that are still there counted for what they tell.

use serde::Serialize;

/// How long leads stay in one class.
///
/// The mean and the median of completed stays look back on those that left, and are too short while many are still
/// there. `median` and `quantiles` are those of the product-limit estimator of Kaplan and Meier (1958, *JASA* 53), in
/// which an ongoing stay counts for the days it has lasted: the first day by which the estimated share still in the
/// class is at most 1 − q. `None` where too many stays are ongoing to tell.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ClassDwell {
    /// The class.
    pub class: String,
    /// Stays that are over.
    pub completed: usize,
    /// Stays that are not.
    pub ongoing: usize,
    /// Mean days of the completed stays.
    pub mean_completed: Option<f64>,
    /// Median days of the completed stays (the mean of the two in the middle of an even number).
    pub median_completed: Option<f64>,
    /// Median days of all stays.
    pub median: Option<f64>,
    /// Days by which these shares of all stays are over, in the order asked for.
    pub quantiles: Vec<(f64, Option<f64>)>,
}

/// The durations of the stays in one class, shortest first; of equal ones the completed first.
pub(super) struct Stays(Vec<(f64, bool)>);

impl Stays {
    pub(super) fn new(mut stays: Vec<(f64, bool)>) -> Self {
        stays.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        Self(stays)
    }

    pub(super) fn summary(&self, class: &str, quantiles: &[f64]) -> ClassDwell {
        let completed: Vec<f64> = self.0.iter().filter(|(_, over)| *over).map(|(days, _)| *days).collect();
        let count = completed.len();
        let middle = (count > 0).then(|| f64::midpoint(completed[(count - 1) / 2], completed[count / 2]));
        ClassDwell {
            class: class.to_owned(),
            completed: count,
            ongoing: self.0.len() - count,
            mean_completed: (count > 0).then(|| completed.iter().sum::<f64>() / count as f64),
            median_completed: middle,
            median: self.quantile(0.5),
            quantiles: quantiles.iter().map(|&quantile| (quantile, self.quantile(quantile))).collect(),
        }
    }

    /// The first day by which the share `quantile` of the stays is over.
    pub(super) fn quantile(&self, quantile: f64) -> Option<f64> {
        // 3/4 · 2/3 is to count as one half, whatever its last bit.
        const ROUNDING: f64 = 1e-12;
        let mut staying = 1.0;
        let mut index = 0;
        while index < self.0.len() {
            let (days, at_risk) = (self.0[index].0, self.0.len() - index);
            let same_day = self.0[index..].iter().take_while(|stay| stay.0 == days);
            let (mut over, mut all) = (0, 0);
            for stay in same_day {
                over += usize::from(stay.1);
                all += 1;
            }
            staying *= 1.0 - over as f64 / at_risk as f64;
            if staying <= 1.0 - quantile + ROUNDING {
                return Some(days);
            }
            index += all;
        }
        None
    }
}
