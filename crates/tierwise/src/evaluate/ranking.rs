//! A score sorted once: everything that depends only on its order comes from here.

use super::falling::{falling_key, score_of};
use super::rows::Rows;
use crate::{Outcome, Result, parallel};
use serde::Serialize;

/// How a score ranks an outcome: one entry per distinct score, the highest first, with the weight of the events and of the
/// others that score at least that much. All figures of ranking come from one of these, so that a score is sorted once.
///
/// Scores may be of any scale and may be infinite; 0 and -0 are equal. Rows of equal scores stand together: where a cut
/// falls among them, figures are **expected values over a random order of the equals**. Rows of weight 0 do not count.
///
/// ```
/// use tierwise::{Outcome, evaluate::Ranking};
/// let bought = Outcome::binary("bought", &[false, false, true, true]);
/// let ranking = Ranking::new(&bought, &[0.1, 0.4, 0.35, 0.8])?;
/// assert_eq!(ranking.roc_auc(), 0.75);
/// assert_eq!(ranking.gini(), 0.5);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    pub(super) scores: Vec<f64>,
    pub(super) events: Vec<f64>,
    pub(super) others: Vec<f64>,
}

/// The greatest distance between the distributions of the score among events and among others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct KolmogorovSmirnov {
    /// The distance, from 0 to 1.
    pub value: f64,
    /// The cut at which it is reached: rows that score at least this much against all others. Of several, the highest.
    pub cut: f64,
    /// The others score higher than the events there: the score points the wrong way.
    pub reversed: bool,
}

impl Ranking {
    /// Sorts the scores, by which nothing but their order is kept, and the outcomes with them.
    ///
    /// # Errors
    /// [`Error::EmptyTable`](crate::Error::EmptyTable); [`Error::WrongLength`](crate::Error::WrongLength);
    /// [`Error::InvalidValue`](crate::Error::InvalidValue) with the row for a score that is NaN, and with the heaviest row for
    /// weights that together lie outside [1e-15, 1e15], or of a class that weighs less than 1e-15 of all;
    /// [`Error::OneClass`](crate::Error::OneClass) when all rows that carry weight have the same outcome;
    /// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for an outcome with offsets.
    pub fn new(outcome: &Outcome<'_>, scores: &[f64]) -> Result<Self> {
        Ok(Self::of_rows(&Rows::ranked("Ranking", outcome, scores)?.both_classes()?))
    }

    /// One outcome may be missing.
    pub(super) fn of_rows(rows: &Rows<'_>) -> Self {
        if rows.is_weighted() { Self::of_weighted(rows) } else { Self::of_equal(rows) }
    }

    /// Without weights the two classes are sorted apart, keys only, and merged.
    fn of_equal(rows: &Rows<'_>) -> Self {
        let (mut events, mut others) = (Vec::new(), Vec::with_capacity(rows.len()));
        for (&score, &happened) in rows.scores.iter().zip(rows.happened) {
            let class = if happened == 1.0 { &mut events } else { &mut others };
            class.push(falling_key(score));
        }
        parallel::sort(&mut events);
        parallel::sort(&mut others);
        let mut ranking = Self::with_room(rows.len());
        let (mut event, mut other) = (0, 0);
        while event < events.len() || other < others.len() {
            let key = match (events.get(event), others.get(other)) {
                (Some(&one), Some(&two)) => one.min(two),
                (Some(&key), None) | (None, Some(&key)) => key,
                (None, None) => break,
            };
            while events.get(event) == Some(&key) {
                event += 1;
            }
            while others.get(other) == Some(&key) {
                other += 1;
            }
            ranking.push(key, event as f64, other as f64);
        }
        ranking
    }

    fn of_weighted(rows: &Rows<'_>) -> Self {
        let order = rows.by_falling_score();
        let mut ranking = Self::with_room(order.len());
        let (mut events, mut others) = (0.0, 0.0);
        for (place, &(key, row)) in order.iter().enumerate() {
            let weight = rows.weight(row);
            if rows.happened[row] == 1.0 {
                events += weight;
            } else {
                others += weight;
            }
            if order.get(place + 1).is_none_or(|(next, _)| *next != key) {
                ranking.push(key, events, others);
            }
        }
        ranking
    }

    fn with_room(rows: usize) -> Self {
        let room = || Vec::with_capacity(rows);
        Self { scores: room(), events: room(), others: room() }
    }

    fn push(&mut self, key: u64, events: f64, others: f64) {
        self.scores.push(score_of(key));
        self.events.push(events);
        self.others.push(others);
    }

    /// The distinct scores, the highest first.
    pub fn scores(&self) -> &[f64] {
        &self.scores
    }

    /// The weight of the events that score at least as much as each distinct score.
    pub fn events(&self) -> &[f64] {
        &self.events
    }

    /// The weight of the others that score at least as much as each distinct score.
    pub fn others(&self) -> &[f64] {
        &self.others
    }

    /// The weight of all events, of all others.
    pub fn totals(&self) -> (f64, f64) {
        let last = |weights: &[f64]| weights.last().copied().unwrap_or(f64::NAN);
        (last(&self.events), last(&self.others))
    }

    /// What stands before each distinct score and what up to it: `([events, others], [events, others])`.
    pub(super) fn steps(&self) -> impl Iterator<Item = ([f64; 2], [f64; 2])> + '_ {
        let up_to = self.events.iter().zip(&self.others).map(|(&events, &others)| [events, others]);
        let before = std::iter::once([0.0, 0.0]).chain(up_to.clone());
        before.zip(up_to)
    }

    /// 1 where every event scores higher than every other, 0 where every other scores higher: decided by order, for sums of
    /// weights round.
    fn perfect_area(&self) -> Option<f64> {
        let (events, others) = self.totals();
        let all_before = |class: &[f64], total: f64, rest: &[f64]| {
            rest.get(class.partition_point(|&up_to| up_to < total)).is_some_and(|&above| above == 0.0)
        };
        if all_before(&self.events, events, &self.others) {
            return Some(1.0);
        }
        all_before(&self.others, others, &self.events).then_some(0.0)
    }

    /// The area under the ROC curve: the chance that an event scores higher than another, equal scores counted as half
    /// (Hanley & McNeil 1982; the statistic of Mann and Whitney over the number of pairs).
    ///
    /// It is 1 exactly where every event scores higher than every other.
    pub fn roc_auc(&self) -> f64 {
        if let Some(area) = self.perfect_area() {
            return area;
        }
        let (events, others) = self.totals();
        let twice: f64 = self.steps().map(|(before, up_to)| (up_to[1] - before[1]) * (up_to[0] + before[0])).sum();
        (twice / 2.0 / events / others).clamp(0.0, 1.0)
    }

    /// The Gini coefficient of a score, also called accuracy ratio or Somers' D: `2 · ROC AUC − 1`.
    ///
    /// ```
    /// use tierwise::{Outcome, evaluate::Ranking};
    /// let bought = Outcome::binary("bought", &[false, true, false, true]);
    /// assert_eq!(Ranking::new(&bought, &[0.1, 0.4, 0.35, 0.8])?.gini(), 1.0); // every buyer scores higher
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn gini(&self) -> f64 {
        2.0 * self.roc_auc() - 1.0
    }

    /// The statistic of Kolmogorov and Smirnov of two samples, and where it is reached.
    ///
    /// ```
    /// use tierwise::{Outcome, evaluate::Ranking};
    /// let bought = Outcome::binary("bought", &[false, false, true, true]);
    /// let found = Ranking::new(&bought, &[0.1, 0.4, 0.35, 0.8])?.kolmogorov_smirnov();
    /// assert_eq!((found.value, found.cut, found.reversed), (0.5, 0.8, false)); // half of the buyers, none of the others
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn kolmogorov_smirnov(&self) -> KolmogorovSmirnov {
        let (events, others) = self.totals();
        let (mut greatest, mut cut, mut value) = (0.0_f64, f64::INFINITY, 0.0);
        for ((&score, &event), &other) in self.scores.iter().zip(&self.events).zip(&self.others) {
            // Not divided, so that counts are compared exactly.
            let difference = event * others - other * events;
            if difference.abs() > greatest.abs() {
                (greatest, cut) = (difference, score);
                value = (event / events - other / others).abs();
            }
        }
        KolmogorovSmirnov { value, cut, reversed: greatest < 0.0 }
    }

    /// The area under the precision-recall curve as average precision: `Σ (recallₖ − recallₖ₋₁) · precisionₖ` over the
    /// distinct scores (as scikit-learn; no interpolation, which would flatter; Davis & Goadrich 2006).
    ///
    /// A score without any worth gets the share of events, not ½.
    pub fn average_precision(&self) -> f64 {
        let (events, _) = self.totals();
        let step = |(before, up_to): ([f64; 2], [f64; 2])| (up_to[0] - before[0]) * up_to[0] / (up_to[0] + up_to[1]);
        (self.steps().map(step).sum::<f64>() / events).min(1.0)
    }
}

/// The area under the ROC curve: see [`Ranking::roc_auc`].
///
/// ```
/// use tierwise::{Outcome, evaluate};
/// let bought = Outcome::binary("bought", &[false, true, false, true, true]);
/// assert_eq!(evaluate::roc_auc(&bought, &[0.5, 0.5, 0.5, 0.7, 0.2])?, 0.5);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`Ranking::new`].
pub fn roc_auc(outcome: &Outcome<'_>, scores: &[f64]) -> Result<f64> {
    Ok(Ranking::new(outcome, scores)?.roc_auc())
}

/// The area under the precision-recall curve: see [`Ranking::average_precision`].
///
/// ```
/// use tierwise::{Outcome, evaluate};
/// let bought = Outcome::binary("bought", &[false, false, true, true]);
/// assert!((evaluate::average_precision(&bought, &[0.1, 0.4, 0.35, 0.8])? - 0.8333).abs() < 1e-4);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`Ranking::new`].
pub fn average_precision(outcome: &Outcome<'_>, scores: &[f64]) -> Result<f64> {
    Ok(Ranking::new(outcome, scores)?.average_precision())
}
