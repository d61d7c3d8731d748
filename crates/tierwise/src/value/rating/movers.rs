//! Who is in another tier, and what his score has to say about it.

use super::change::RatingChange;
use crate::{Error, Result};

/// A customer whose tier differs between two days.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct RatingMove {
    /// The customer's code.
    pub customer: usize,
    /// The position of the tier on the first day; `None` where there was none.
    pub tier_before: Option<usize>,
    /// The position of the tier on the second day.
    pub tier_after: Option<usize>,
    /// The change of the score, to which the changes of the [parts](RatingChange::parts) add up; NaN where the score is unknown
    /// on either day.
    pub change: f64,
    /// What happened to the score.
    pub reason: RatingMoveReason,
}

/// What happened to the score of a customer who moved. A score is unknown where the order amount is, and the rules have no
/// points for that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RatingMoveReason {
    /// It changed; the parts say by what.
    ScoreChanged,
    /// It is what it was: a rule of re-rating moved the tier.
    ScoreUnchanged,
    /// The order amount was unknown on the first day and is known on the second.
    AmountBecameKnown,
    /// The order amount was known on the first day and is unknown on the second.
    AmountBecameUnknown,
    /// The order amount is unknown on both days.
    AmountUnknown,
}

impl RatingMoveReason {
    /// All of them, in the order in which codes count.
    pub const ALL: [Self; 5] = [
        Self::ScoreChanged,
        Self::ScoreUnchanged,
        Self::AmountBecameKnown,
        Self::AmountBecameUnknown,
        Self::AmountUnknown,
    ];

    /// The reason in words; `amount` is the name of the order amount in the rules.
    pub fn in_words(self, amount: &str) -> String {
        match self {
            Self::ScoreChanged => "the score changed".into(),
            Self::ScoreUnchanged => "the score is the same".into(),
            Self::AmountBecameKnown => format!("{amount} became known"),
            Self::AmountBecameUnknown => format!("{amount} became unknown"),
            Self::AmountUnknown => format!("{amount} unknown on both days"),
        }
    }

    fn of(before: f64, after: f64) -> Self {
        match (before.is_nan(), after.is_nan()) {
            (false, false) if before == after => Self::ScoreUnchanged,
            (false, false) => Self::ScoreChanged,
            (true, false) => Self::AmountBecameKnown,
            (false, true) => Self::AmountBecameUnknown,
            (true, true) => Self::AmountUnknown,
        }
    }
}

impl RatingChange {
    /// The customers whose tier differs, in order, with the reason. Pass the tiers that count: those of the scores are in
    /// [`before`](Self::before) and [`after`](Self::after), held ones come from [`Rerating`](super::Rerating), which also says
    /// which of its rules decided ([`Rerated::reason`](super::Rerated::reason)).
    ///
    /// ```
    /// use tierwise::value::{Evidence, EvidencePolicy, b2b_rating};
    /// let rules = b2b_rating();
    /// let amounts = (&[500_000.0, f64::NAN][..], &[90_000.0, 90_000.0][..]);
    /// let changed = rules.change(amounts, &Evidence::NONE, (800, 900), EvidencePolicy::default())?;
    /// let movers = changed.movers(&[Some(3), None], &changed.after.tier)?;
    /// let reasons: Vec<_> = movers.iter().map(|one| one.reason.in_words("order_amount")).collect();
    /// assert_eq!(reasons, ["the score changed", "order_amount became known"]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::WrongLength`].
    pub fn movers(&self, before: &[Option<usize>], after: &[Option<usize>]) -> Result<Vec<RatingMove>> {
        rating_movers((&self.before.score, &self.after.score), (before, after))
    }
}

/// [`RatingChange::movers`] from the scores and the tiers of the same customers on the two days.
///
/// # Errors
/// [`Error::WrongLength`].
pub fn rating_movers(scores: (&[f64], &[f64]), tiers: (&[Option<usize>], &[Option<usize>])) -> Result<Vec<RatingMove>> {
    let expected = scores.0.len();
    let lengths =
        [("the scores after", scores.1.len()), ("the tiers before", tiers.0.len()), ("the tiers after", tiers.1.len())];
    for (what, found) in lengths {
        if found != expected {
            return Err(Error::WrongLength { what: what.into(), expected, found });
        }
    }
    let moved = |&customer: &usize| tiers.0[customer] != tiers.1[customer];
    let mover = |customer: usize| {
        let (before, after) = (scores.0[customer], scores.1[customer]);
        RatingMove {
            customer,
            tier_before: tiers.0[customer],
            tier_after: tiers.1[customer],
            change: after - before,
            reason: RatingMoveReason::of(before, after),
        }
    };
    Ok((0..expected).filter(moved).map(mover).collect())
}
