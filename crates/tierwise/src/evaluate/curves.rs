//! The curves of a ranking: true against false positives, precision against recall, and the part of an area that counts.

use super::ranking::Ranking;
use super::rows::parameter;
use crate::Result;

/// The ROC curve: what share of the events and of the others scores at least as much as each cut.
#[derive(Debug, Clone, PartialEq)]
pub struct RocCurve {
    /// The cuts, falling; the first is infinite, and nobody scores as much even if some score is infinite.
    pub cuts: Vec<f64>,
    /// The share of the others at or above each cut.
    pub false_positive_rates: Vec<f64>,
    /// The share of the events at or above each cut: recall, capture.
    pub true_positive_rates: Vec<f64>,
}

/// The precision-recall curve, one entry per distinct score, the highest first.
#[derive(Debug, Clone, PartialEq)]
pub struct PrecisionRecallCurve {
    /// The cuts, falling.
    pub cuts: Vec<f64>,
    /// The share of events among those at or above each cut.
    pub precisions: Vec<f64>,
    /// The share of the events at or above each cut.
    pub recalls: Vec<f64>,
}

impl Ranking {
    /// The ROC curve, from (0, 0) to (1, 1).
    ///
    /// With `drop_intermediate`, as in scikit-learn, points are left out that lie amid a straight line of equal steps, which
    /// changes neither the look of the curve nor the area below it.
    ///
    /// ```
    /// use tierwise::{Outcome, evaluate::Ranking};
    /// let bought = Outcome::binary("bought", &[false, false, true, true]);
    /// let curve = Ranking::new(&bought, &[0.1, 0.4, 0.35, 0.8])?.roc_curve(false);
    /// assert_eq!(curve.cuts, [f64::INFINITY, 0.8, 0.4, 0.35, 0.1]);
    /// assert_eq!(curve.true_positive_rates, [0.0, 0.5, 0.5, 1.0, 1.0]);
    /// assert_eq!(curve.false_positive_rates, [0.0, 0.0, 0.5, 0.5, 1.0]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn roc_curve(&self, drop_intermediate: bool) -> RocCurve {
        let (events, others) = self.totals();
        let last = self.scores.len() - 1;
        let bends = |weights: &[f64], at: usize| weights[at + 1] - weights[at] != weights[at] - weights[at - 1];
        let kept = (0..=last).filter(|&at| {
            !drop_intermediate || at == 0 || at == last || bends(&self.events, at) || bends(&self.others, at)
        });
        let kept: Vec<usize> = kept.collect();
        let from = |first: f64, of: &dyn Fn(usize) -> f64| {
            std::iter::once(first).chain(kept.iter().map(|&at| of(at))).collect::<Vec<f64>>()
        };
        RocCurve {
            cuts: from(f64::INFINITY, &|at| self.scores[at]),
            false_positive_rates: from(0.0, &|at| self.others[at] / others),
            true_positive_rates: from(0.0, &|at| self.events[at] / events),
        }
    }

    /// The precision-recall curve.
    ///
    /// ```
    /// use tierwise::{Outcome, evaluate::Ranking};
    /// let bought = Outcome::binary("bought", &[false, false, true, true]);
    /// let curve = Ranking::new(&bought, &[0.1, 0.4, 0.35, 0.8])?.precision_recall_curve();
    /// assert_eq!(curve.recalls, [0.5, 0.5, 1.0, 1.0]);
    /// assert_eq!(curve.precisions, [1.0, 0.5, 2.0 / 3.0, 0.5]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn precision_recall_curve(&self) -> PrecisionRecallCurve {
        let (events, _) = self.totals();
        let precision = |(event, other): (&f64, &f64)| event / (event + other);
        PrecisionRecallCurve {
            cuts: self.scores.clone(),
            precisions: self.events.iter().zip(&self.others).map(precision).collect(),
            recalls: self.events.iter().map(|event| event / events).collect(),
        }
    }

    /// The area under the ROC curve up to a false positive rate, standardised by McClish (1989) so that ½ is a coin and 1
    /// is perfect: for those who call only a few (scikit-learn's `max_fpr`).
    ///
    /// # Errors
    /// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for a rate outside (0, 1].
    ///
    /// ```
    /// use tierwise::{Outcome, evaluate::Ranking};
    /// let bought = Outcome::binary("bought", &[false, false, true, true]);
    /// let ranking = Ranking::new(&bought, &[0.1, 0.4, 0.35, 0.8])?;
    /// assert_eq!(ranking.partial_roc_auc(0.5)?, 2.0 / 3.0);
    /// assert_eq!(ranking.partial_roc_auc(1.0)?, ranking.roc_auc());
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn partial_roc_auc(&self, max_false_positive_rate: f64) -> Result<f64> {
        let most = max_false_positive_rate;
        if !(most > 0.0 && most <= 1.0) {
            return Err(parameter("partial_roc_auc", "max_false_positive_rate", "a number in (0, 1]", &most));
        }
        if most == 1.0 {
            return Ok(self.roc_auc());
        }
        let (events, others) = self.totals();
        let mut area = 0.0;
        for (before, up_to) in self.steps() {
            let [from, to] = [before[1] / others, up_to[1] / others];
            let [low, high] = [before[0] / events, up_to[0] / events];
            if to > most {
                let share = (most - from) / (to - from);
                let end = low + (high - low) * share;
                area += (most - from) * f64::midpoint(low, end);
                break;
            }
            area += (to - from) * f64::midpoint(low, high);
        }
        let least = most * most / 2.0;
        Ok(f64::midpoint(1.0, (area - least) / (most - least)).min(1.0))
    }
}
