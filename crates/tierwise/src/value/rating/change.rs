//! What moved a rating between two days: by part, and by what happened to the part.

use super::evidence::{Evidence, EvidencePolicy, Lines};
use super::rate::Ratings;
use super::rules::RatingRules;
use crate::calendar::day_in_words;
use crate::value::LaterRows;
use crate::{Error, Result};

/// What one part of the score did between two days, one element per customer.
///
/// `before + amount + came + expired + capped = after`, exactly and in any order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PartChange {
    /// `base`, the name of a bonus item, or `bonus_cap`.
    pub name: String,
    /// Points on the first day.
    pub before: Vec<f64>,
    /// By another order amount; other than 0 only for `base`.
    pub amount: Vec<f64>,
    /// By new evidence.
    pub came: Vec<f64>,
    /// By evidence that expired; 0 or less.
    pub expired: Vec<f64>,
    /// By what caps took on the second day and not on the first (below 0), or the other way round.
    pub capped: Vec<f64>,
    /// Points on the second day.
    pub after: Vec<f64>,
}

impl PartChange {
    /// `after - before`, one element per customer.
    pub fn change(&self) -> Vec<f64> {
        self.after.iter().zip(&self.before).map(|(after, before)| after - before).collect()
    }
}

/// The ratings of the same customers on two days, and what lies between.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RatingChange {
    /// On the first day.
    pub before: Ratings,
    /// On the second day.
    pub after: Ratings,
    /// The order amounts on the two days, as they were passed.
    pub amounts: (Vec<f64>, Vec<f64>),
    /// The parts, in the order base, bonus items, cap. Their changes add up to that of the score, exactly.
    pub parts: Vec<PartChange>,
}

impl RatingRules {
    /// Takes the change of each score between two days apart: what another order amount did, which bonus items came, which
    /// expired, and what caps did. Amounts are those of the periods that end on either day, by customer code; NaN where a
    /// customer's is unknown, and then the change of its base is NaN unless the rules have points for that.
    ///
    /// `evidence` is the whole log, that of the first day included.
    ///
    /// ```
    /// use tierwise::value::{Evidence, EvidencePolicy, b2b_rating};
    /// let rules = b2b_rating();
    /// // item 1, broad needs, counts for 730 days; item 2 is growth potential
    /// let evidence =
    ///     Evidence { customer: &[0, 0], item: &[1, 2], day: &[100, 900], units: None, ..Evidence::NONE };
    /// let amounts = (&[500_000.0][..], &[90_000.0][..]);
    /// let changed = rules.change(amounts, &evidence, (800, 900), EvidencePolicy::default())?;
    /// assert_eq!((changed.before.score[0], changed.after.score[0]), (20.0, 5.0));
    /// let by = |part: usize| changed.parts[part].change()[0];
    /// assert_eq!((by(0), by(2), by(3)), (-10.0, -10.0, 5.0)); // base, broad needs (expired), growth potential (came)
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`RatingRules::rate`]; [`Error::InvalidParameter`] when the first day is not before the second.
    pub fn change(
        &self,
        amounts: (&[f64], &[f64]),
        evidence: &Evidence<'_>,
        days: (i32, i32),
        policy: EvidencePolicy,
    ) -> Result<RatingChange> {
        let (from_day, to_day) = days;
        if from_day >= to_day {
            let must_be = format!("a day before `to_day`, which is {}", day_in_words(to_day));
            return Err(Error::InvalidParameter {
                of: "change",
                name: "from_day",
                must_be,
                got: day_in_words(from_day),
            });
        }
        if amounts.0.len() != amounts.1.len() {
            let what = "the order amounts on the second day".into();
            return Err(Error::WrongLength { what, expected: amounts.0.len(), found: amounts.1.len() });
        }
        let after = self.rate(amounts.1, evidence, to_day, policy)?;
        // What is later than the first day is what this is about.
        let before =
            self.rate(amounts.0, evidence, from_day, EvidencePolicy { later: LaterRows::LeaveOut, ..policy })?;
        let customers = amounts.0.len();
        let lines = Lines::new(self, *evidence, customers, to_day, policy)?;
        let mut expired = vec![vec![0.0; customers]; self.spec().bonus.len()];
        for (customer, item, rows) in lines.groups().filter(|&(customer, ..)| customer < customers) {
            expired[item][customer] = 0.0 - lines.expired(item, rows, from_day, to_day);
        }
        let zeros = || vec![0.0; customers];
        let part = |name: &str, before: &[f64], after: &[f64]| PartChange {
            name: name.into(),
            before: before.to_vec(),
            amount: zeros(),
            came: zeros(),
            expired: zeros(),
            capped: zeros(),
            after: after.to_vec(),
        };
        let base = part("base", &before.base, &after.base);
        let cap = part("bonus_cap", &before.bonus_cap, &after.bonus_cap);
        let mut parts = vec![PartChange { amount: base.change(), ..base }];
        for ((at, item), expired) in self.spec().bonus.iter().enumerate().zip(expired) {
            let one = part(&item.name, &before.items[at], &after.items[at]);
            let worth = |rated: &Ratings| rated.units[at].iter().map(|&units| item.worth(units)).collect::<Vec<_>>();
            let (then, now) = (worth(&before), worth(&after));
            let came = now.iter().zip(&then).zip(&expired).map(|((now, then), expired)| now - then - expired).collect();
            let beyond = |worth: &[f64], points: &[f64], row: usize| worth[row] - points[row];
            let capped = |row| beyond(&then, &one.before, row) - beyond(&now, &one.after, row);
            parts.push(PartChange { came, expired, capped: (0..customers).map(capped).collect(), ..one });
        }
        parts.push(PartChange { capped: cap.change(), ..cap });
        Ok(RatingChange { before, after, amounts: (amounts.0.to_vec(), amounts.1.to_vec()), parts })
    }
}
