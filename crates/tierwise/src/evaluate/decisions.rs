//! Where to cut: who is called, what that hits and misses, and which cut is worth most.

use super::ranking::Ranking;
use super::rows::{Rows, parameter, reaches};
use crate::{Error, Outcome, Result};
use serde::Serialize;

/// Who was called and who bought: the four counts at a cut, as weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Confusion {
    /// Events that are called.
    pub true_positives: f64,
    /// Others that are called.
    pub false_positives: f64,
    /// Events that are not called.
    pub false_negatives: f64,
    /// Others that are not called.
    pub true_negatives: f64,
}

impl Confusion {
    /// How many are called.
    pub fn called(&self) -> f64 {
        self.true_positives + self.false_positives
    }

    /// All.
    pub fn total(&self) -> f64 {
        self.called() + self.false_negatives + self.true_negatives
    }

    /// The share that is called or left alone rightly; none of nobody.
    pub fn accuracy(&self) -> Option<f64> {
        share(self.true_positives + self.true_negatives, self.total())
    }

    /// The share of events among the called; none where nobody is called.
    pub fn precision(&self) -> Option<f64> {
        share(self.true_positives, self.called())
    }

    /// The share of the events that is called: recall, sensitivity, capture; none where there is no event.
    pub fn recall(&self) -> Option<f64> {
        share(self.true_positives, self.true_positives + self.false_negatives)
    }

    /// The share of the others that is not called; none where there are no others.
    pub fn specificity(&self) -> Option<f64> {
        share(self.true_negatives, self.true_negatives + self.false_positives)
    }

    /// The harmonic mean of precision and recall; 0 where nobody is called, and none where there is no event either.
    pub fn f1(&self) -> Option<f64> {
        share(2.0 * self.true_positives, 2.0 * self.true_positives + self.false_positives + self.false_negatives)
    }

    /// Youden's J (1950): recall plus specificity less 1; none without events, or without others.
    pub fn youden(&self) -> Option<f64> {
        Some(self.recall()? - share(self.false_positives, self.true_negatives + self.false_positives)?)
    }

    /// The correlation of Matthews (1975); none where all or none are called.
    pub fn matthews_correlation(&self) -> Option<f64> {
        let [tp, fp, fnr, tn] = [self.true_positives, self.false_positives, self.false_negatives, self.true_negatives];
        let below = ((tp + fp) * (tn + fnr)).sqrt() * ((tp + fnr) * (tn + fp)).sqrt();
        (below > 0.0).then(|| (tp * tn - fp * fnr) / below)
    }

    /// Cohen's kappa (1960): agreement of call and outcome beyond chance; none where chance alone agrees always.
    pub fn kappa(&self) -> Option<f64> {
        let total = self.total();
        let events = self.true_positives + self.false_negatives;
        let by_chance = (self.called() * events + (total - self.called()) * (total - events)) / total / total;
        share(self.accuracy()? - by_chance, 1.0 - by_chance)
    }

    /// What these calls earn.
    pub fn profit(&self, payoff: &Payoff) -> f64 {
        payoff.true_positive * self.true_positives
            + payoff.false_positive * self.false_positives
            + payoff.false_negative * self.false_negatives
            + payoff.true_negative * self.true_negatives
    }
}

fn share(part: f64, of: f64) -> Option<f64> {
    (of > 0.0).then(|| part / of)
}

/// What one customer earns in each of the four cases, in money; costs are negative.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Payoff {
    /// Called, and an event.
    pub true_positive: f64,
    /// Called for nothing.
    pub false_positive: f64,
    /// An event that was not called.
    pub false_negative: f64,
    /// Rightly left alone.
    pub true_negative: f64,
}

/// What a cut is to maximise.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Goal {
    /// The harmonic mean of precision and recall.
    F1,
    /// Recall plus specificity less 1.
    Youden,
    /// Money.
    Profit(Payoff),
}

/// The best cut and what it brings.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BestCut {
    /// Call all who score at least this much; infinite where it is best to call nobody.
    pub cut: f64,
    /// The figure that is maximised.
    pub value: f64,
    /// The four counts at this cut.
    pub confusion: Confusion,
}

/// What it brings to call all down to a score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ProfitRow {
    /// Call all who score at least this much; infinite in the first row, where nobody is called.
    pub cut: f64,
    /// How many are called.
    pub called: f64,
    /// The share of all that is called.
    pub share: f64,
    /// What that earns in all.
    pub profit: f64,
}

impl Ranking {
    /// The four counts when all are called who score at least `cut`; at an infinite cut, nobody is.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a cut that is NaN.
    ///
    /// ```
    /// use tierwise::{Outcome, evaluate::Ranking};
    /// let bought = Outcome::binary("bought", &[false, false, true, true]);
    /// let called = Ranking::new(&bought, &[0.1, 0.4, 0.35, 0.8])?.confusion(0.4)?;
    /// assert_eq!((called.true_positives, called.false_positives, called.precision()), (1.0, 1.0, Some(0.5)));
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn confusion(&self, cut: f64) -> Result<Confusion> {
        if cut.is_nan() {
            return Err(parameter("confusion", "cut", "a number", &cut));
        }
        if cut == f64::INFINITY {
            return Ok(self.confusion_of([0.0; 2]));
        }
        let places = self.scores.partition_point(|&score| score >= cut);
        let up_to = places.checked_sub(1).map_or([0.0; 2], |last| [self.events[last], self.others[last]]);
        Ok(self.confusion_of(up_to))
    }

    /// The cut that maximises a goal on these rows; of several, the one that calls fewest. It was chosen because it looks
    /// best here, so on other rows it will do a little worse. Where the best cut is a score that is itself infinite, only
    /// the four counts say that somebody is called.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a payoff that is not finite.
    ///
    /// ```
    /// use tierwise::{Outcome, evaluate::{Goal, Payoff, Ranking}};
    /// let bought = Outcome::binary("bought", &[false, false, true, true]);
    /// let ranking = Ranking::new(&bought, &[0.1, 0.4, 0.35, 0.8])?;
    /// let call = Payoff { true_positive: 90.0, false_positive: -10.0, ..Payoff::default() };
    /// let best = ranking.best_cut(Goal::Profit(call))?;
    /// assert_eq!((best.cut, best.value), (0.35, 170.0));
    /// assert_eq!(ranking.best_cut(Goal::Youden)?.cut, 0.8);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn best_cut(&self, goal: Goal) -> Result<BestCut> {
        if let Goal::Profit(payoff) = &goal {
            payoff.check("best_cut")?;
        }
        let value = |confusion: &Confusion| match &goal {
            Goal::F1 => confusion.f1().unwrap_or(0.0),
            Goal::Youden => confusion.youden().unwrap_or(0.0),
            Goal::Profit(payoff) => confusion.profit(payoff),
        };
        let nobody = self.confusion_of([0.0; 2]);
        let mut best = BestCut { cut: f64::INFINITY, value: value(&nobody), confusion: nobody };
        for (&score, (_, up_to)) in self.scores.iter().zip(self.steps()) {
            let confusion = self.confusion_of(up_to);
            let value = value(&confusion);
            if value > best.value {
                best = BestCut { cut: score, value, confusion };
            }
        }
        Ok(best)
    }

    /// What it brings to call all down to each distinct score, the first row for calling nobody.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a payoff that is not finite.
    ///
    /// ```
    /// use tierwise::{Outcome, evaluate::{Payoff, Ranking}};
    /// let bought = Outcome::binary("bought", &[false, false, true, true]);
    /// let call = Payoff { true_positive: 90.0, false_positive: -10.0, ..Payoff::default() };
    /// let curve = Ranking::new(&bought, &[0.1, 0.4, 0.35, 0.8])?.profit_curve(&call)?;
    /// let profits: Vec<f64> = curve.iter().map(|row| row.profit).collect();
    /// assert_eq!(profits, [0.0, 90.0, 80.0, 170.0, 160.0]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn profit_curve(&self, payoff: &Payoff) -> Result<Vec<ProfitRow>> {
        payoff.check("profit_curve")?;
        let row = |cut: f64, up_to: [f64; 2]| {
            let confusion = self.confusion_of(up_to);
            let called = confusion.called();
            ProfitRow { cut, called, share: called / confusion.total(), profit: confusion.profit(payoff) }
        };
        let rows = self.scores.iter().zip(self.steps()).map(|(&score, (_, up_to))| row(score, up_to));
        Ok(std::iter::once(row(f64::INFINITY, [0.0; 2])).chain(rows).collect())
    }

    fn confusion_of(&self, [events, others]: [f64; 2]) -> Confusion {
        let (all_events, all_others) = self.totals();
        Confusion {
            true_positives: events,
            false_positives: others,
            false_negatives: all_events - events,
            true_negatives: all_others - others,
        }
    }
}

impl Payoff {
    fn check(&self, of: &'static str) -> Result<()> {
        let all = [self.true_positive, self.false_positive, self.false_negative, self.true_negative];
        match all.into_iter().find(|one| !one.is_finite()) {
            None => Ok(()),
            Some(one) => Err(parameter(of, "payoff", "four finite amounts of money", &one)),
        }
    }
}

/// The four counts when all are called who score at least `cut`: see [`Ranking::confusion`].
///
/// # Errors
/// Those of [`Ranking::new`] and [`Ranking::confusion`].
///
/// ```
/// use tierwise::{Outcome, evaluate::confusion};
/// let bought = Outcome::binary("bought", &[false, false, true, true]);
/// assert_eq!(confusion(&bought, &[0.1, 0.4, 0.35, 0.8], 0.3)?.recall(), Some(1.0));
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn confusion(outcome: &Outcome<'_>, scores: &[f64], cut: f64) -> Result<Confusion> {
    Ranking::new(outcome, scores)?.confusion(cut)
}

/// How far a capacity reaches down a list.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CapacityCut {
    /// Call all who score at least this much; infinite where even the highest score is shared by more than can be called.
    pub cut: f64,
    /// How many that are, at most the capacity.
    pub called: f64,
    /// The next score below the cut, if there is one.
    pub next_score: Option<f64>,
    /// How many share it.
    pub tied: f64,
    /// How many of them could still be called: choose by something other than this score.
    pub spare: f64,
}

/// The cut for a capacity, such as "we can call 800": all who score at least that much can be called, and with the next
/// score it would be too many. No outcome is needed. `weights` say how many customers each row stands for.
///
/// ```
/// use tierwise::evaluate::cut_for_capacity;
/// let cut = cut_for_capacity(&[0.9, 0.8, 0.8, 0.8, 0.1], None, 2.0)?;
/// assert_eq!((cut.cut, cut.called, cut.next_score, cut.tied, cut.spare), (0.9, 1.0, Some(0.8), 3.0, 1.0));
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::EmptyTable`]; [`Error::InvalidValue`] with the row for a score that is NaN; [`Error::InvalidParameter`] for a
/// capacity that is not above 0; those of [`Outcome::weights`].
pub fn cut_for_capacity(scores: &[f64], weights: Option<&[f64]>, capacity: f64) -> Result<CapacityCut> {
    if capacity.is_nan() || capacity <= 0.0 {
        return Err(parameter("cut_for_capacity", "capacity", "a number above 0", &capacity));
    }
    if scores.is_empty() {
        return Err(Error::EmptyTable { what: "the score".into() });
    }
    let nobody = Outcome::binary("called", &vec![false; scores.len()]);
    let outcome = match weights {
        Some(weights) => nobody.weights(weights)?,
        None => nobody,
    };
    let ranking = Ranking::of_rows(&Rows::ranked("cut_for_capacity", &outcome, scores)?);
    let places = ranking.others.partition_point(|&up_to| reaches(capacity, up_to));
    let called = places.checked_sub(1).map_or(0.0, |last| ranking.others[last]);
    let next = ranking.scores.get(places).copied();
    Ok(CapacityCut {
        cut: places.checked_sub(1).map_or(f64::INFINITY, |last| ranking.scores[last]),
        called,
        next_score: next,
        tied: next.map_or(0.0, |_| ranking.others[places] - called),
        spare: next.map_or(0.0, |_| (capacity - called).max(0.0)),
    })
}
