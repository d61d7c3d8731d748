//! What is found at the top of the list: lift, gain and capture of any share, and the figures of a list of `k`.

use super::long_sums::{chance_of_none, discounts};
use super::ranking::Ranking;
use super::rows::{ROUNDING, parameter, reaches};
use crate::{Error, Result};
use serde::Serialize;

/// What the best-scoring share of the customers holds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LiftRow {
    /// The share of the customers, the highest scores first.
    pub share: f64,
    /// How many customers that are.
    pub weight: f64,
    /// The lowest score among them.
    pub cut: f64,
    /// How many events are expected among them.
    pub events: f64,
    /// The share of events among them: precision.
    pub rate: f64,
    /// The share of all events that is among them: gain, capture, recall.
    pub capture: f64,
    /// Their rate over the rate of all.
    pub lift: f64,
}

impl Ranking {
    /// What the best-scoring shares hold. Where a share ends among equal scores, or within a customer, it gets its part of
    /// their events: the expected value over a random order of the equals.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a share outside (0, 1].
    ///
    /// ```
    /// use tierwise::{Outcome, evaluate::Ranking};
    /// let bought = Outcome::binary("bought", &[true, true, false, false, false]);
    /// let table = Ranking::new(&bought, &[9.0, 7.0, 7.0, 2.0, 1.0])?.lift_table(&[0.2, 0.4, 1.0])?;
    /// let found: Vec<_> = table.iter().map(|row| (row.events, row.capture, row.lift)).collect();
    /// assert_eq!(found, [(1.0, 0.5, 2.5), (1.5, 0.75, 1.875), (2.0, 1.0, 1.0)]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn lift_table(&self, shares: &[f64]) -> Result<Vec<LiftRow>> {
        let (all_events, all_others) = self.totals();
        let total = all_events + all_others;
        let row = |&share: &f64| {
            if !(share > 0.0 && share <= 1.0) {
                return Err(parameter("lift_table", "shares", "a list of numbers in (0, 1]", &share));
            }
            let weight = whole_if_near(share * total);
            let (place, events) = self.top(weight);
            let rate = events / weight;
            let (capture, lift) = (events / all_events, rate / (all_events / total));
            Ok(LiftRow { share, weight, cut: self.scores[place], events, rate, capture, lift })
        };
        shares.iter().map(row).collect()
    }

    /// The share of events among the `k` customers with the highest scores: precision@k. Equal scores at the cut as in
    /// [`lift_table`](Self::lift_table).
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless `k` is above 0 and at most the number of customers.
    ///
    /// ```
    /// use tierwise::{Outcome, evaluate::Ranking};
    /// let bought = Outcome::binary("bought", &[true, true, false, false, false]);
    /// let ranking = Ranking::new(&bought, &[9.0, 7.0, 7.0, 2.0, 1.0])?;
    /// assert_eq!((ranking.precision_at(1)?, ranking.precision_at(2)?), (1.0, 0.75));
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn precision_at(&self, k: usize) -> Result<f64> {
        self.check_length("precision_at", k)?;
        Ok(self.top(k as f64).1 / k as f64)
    }

    /// Whether the `k` customers with the highest scores hold at least one event: success@k, 0 or 1, and the chance of it
    /// where equal scores at the cut leave it open (hypergeometric).
    ///
    /// # Errors
    /// As [`precision_at`](Self::precision_at), and for weights that are no whole numbers, for half a customer has no place
    /// in a list.
    ///
    /// ```
    /// use tierwise::{Outcome, evaluate::Ranking};
    /// let bought = Outcome::binary("bought", &[false, true, false, false]);
    /// let ranking = Ranking::new(&bought, &[9.0, 7.0, 7.0, 2.0])?;
    /// assert_eq!([1, 2, 3].map(|k| ranking.success_at(k).unwrap()), [0.0, 0.5, 1.0]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn success_at(&self, k: usize) -> Result<f64> {
        self.check_length("success_at", k)?;
        self.check_whole("success_at")?;
        let ([before, others_before], [up_to, others_up_to]) = self.around(self.place(k as f64));
        if before > 0.0 {
            return Ok(1.0);
        }
        let (others, all) = (others_up_to - others_before, up_to + others_up_to - others_before);
        Ok(1.0 - chance_of_none(k as f64 - others_before, all - others, all))
    }

    /// The normalised discounted cumulative gain of the first `k`, or of all: events count `1 / log₂(place + 1)`, over what
    /// the perfect order would get (Järvelin & Kekäläinen 2002). Equal scores share their places (McSherry & Najork 2008),
    /// as in scikit-learn.
    ///
    /// # Errors
    /// Those of [`success_at`](Self::success_at).
    ///
    /// ```
    /// use tierwise::{Outcome, evaluate::Ranking};
    /// let bought = Outcome::binary("bought", &[true, false, false, true]);
    /// let ranking = Ranking::new(&bought, &[9.0, 7.0, 5.0, 2.0])?;
    /// assert_eq!(ranking.ndcg_at(Some(1))?, 1.0); // the first is a buyer
    /// assert!((ranking.ndcg_at(None)? - 0.8772).abs() < 1e-4); // but the other buyer comes last
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn ndcg_at(&self, k: Option<usize>) -> Result<f64> {
        let (events, others) = self.totals();
        self.check_whole("ndcg_at")?;
        let k = k.unwrap_or((events + others) as usize);
        self.check_length("ndcg_at", k)?;
        let (mut gain, mut place) = (0.0, 1);
        for (before, up_to) in self.steps() {
            let [event, other] = [up_to[0] - before[0], up_to[1] - before[1]];
            let end = k.min((up_to[0] + up_to[1]) as usize);
            gain += event / (event + other) * discounts(place, end);
            place = end + 1;
            if end == k {
                break;
            }
        }
        Ok((gain / discounts(1, k.min(events as usize))).min(1.0))
    }

    /// Where the first so many customers end, and the events expected among them.
    fn top(&self, weight: f64) -> (usize, f64) {
        let place = self.place(weight);
        let (before, up_to) = self.around(place);
        let [event, other] = [up_to[0] - before[0], up_to[1] - before[1]];
        let share = ((weight - before[0] - before[1]) / (event + other)).min(1.0);
        (place, before[0] + share * event)
    }

    /// The first distinct score down to which there are so many customers.
    fn place(&self, weight: f64) -> usize {
        let (mut low, mut high) = (0, self.scores.len() - 1);
        while low < high {
            let middle = usize::midpoint(low, high);
            if reaches(self.events[middle] + self.others[middle], weight) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    fn around(&self, place: usize) -> ([f64; 2], [f64; 2]) {
        let up_to = |place: usize| [self.events[place], self.others[place]];
        (place.checked_sub(1).map_or([0.0; 2], up_to), up_to(place))
    }

    fn check_length(&self, of: &'static str, k: usize) -> Result<()> {
        let (events, others) = self.totals();
        let most = ((events + others) * (1.0 + ROUNDING)).floor() as usize;
        if (1..=most).contains(&k) {
            return Ok(());
        }
        Err(parameter(of, "k", &format!("a whole number in [1, {most}], the number of customers"), &k))
    }

    fn check_whole(&self, of: &'static str) -> Result<()> {
        match self.events.iter().chain(&self.others).find(|weight| weight.fract() != 0.0) {
            None => Ok(()),
            Some(weight) => Err(Error::InvalidParameter {
                of,
                name: "weights",
                must_be: "whole numbers, for half a customer has no place in a list".into(),
                got: format!("weights that sum to {weight}"),
            }),
        }
    }
}

/// A share of whole customers, without the rounding of the share.
fn whole_if_near(weight: f64) -> f64 {
    let whole = weight.round();
    if whole > 0.0 && (weight - whole).abs() <= 4.0 * f64::EPSILON * whole { whole } else { weight }
}
