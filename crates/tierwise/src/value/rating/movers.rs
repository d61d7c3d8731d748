//! Who is in another tier, and which facts moved the score.

use super::change::{PartChange, RatingChange};
use crate::{Error, Result};

/// A customer whose tier differs between two days; [`in_words`](Self::in_words) says why.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RatingMove {
    /// The customer's code.
    pub customer: usize,
    /// The position of the tier on the first day; `None` where there was none.
    pub tier_before: Option<usize>,
    /// The position of the tier on the second day.
    pub tier_after: Option<usize>,
    /// The change of the score; NaN where it is unknown on either day.
    pub change: f64,
    /// The order amounts on the two days; NaN where unknown.
    pub amounts: (f64, f64),
    /// What moved the score, in the order of the parts: their points add up to the change, exactly. A part that is worth what
    /// it was has none, and none has one where the score is unknown on either day.
    pub causes: Vec<RatingCause>,
    /// What happened to the score.
    pub reason: RatingMoveReason,
}

/// One fact that moved a score.
#[derive(Debug, Clone, PartialEq)]
pub struct RatingCause {
    /// The part of the score: `base`, the name of a bonus item, or `bonus_cap`.
    pub part: String,
    /// What happened to it.
    pub step: RatingStep,
    /// What that adds to the score, or below 0 takes from it.
    pub points: f64,
}

/// What can happen to a part of a score; the fields of [`PartChange`](super::PartChange).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RatingStep {
    /// The order amount is another one.
    Amount,
    /// Evidence came.
    Came,
    /// Evidence expired.
    Expired,
    /// A cap took more than before, or less.
    Capped,
}

impl RatingStep {
    const ALL: [Self; 4] = [Self::Amount, Self::Came, Self::Expired, Self::Capped];
}

/// What happened to the score of a customer who moved. A score is unknown where the order amount is, and the rules have no
/// points for that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RatingMoveReason {
    /// It changed.
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

impl RatingMove {
    /// The reason in words: the facts with what they add or take, `order_amount 500000 -> 2000000 (+20); referral expired (-5)`.
    /// Where the score is unknown on either day, or is what it was, they say so.
    ///
    /// `amount` is the name of the order amount in the rules, `currency` its currency if there is one.
    pub fn in_words(&self, amount: &str, currency: Option<&str>) -> String {
        let causes: Vec<String> =
            self.causes.iter().map(|cause| self.cause_in_words(cause, amount, currency)).collect();
        let causes = causes.join("; ");
        match self.reason {
            RatingMoveReason::ScoreChanged => causes,
            RatingMoveReason::ScoreUnchanged if causes.is_empty() => "the score is the same".into(),
            RatingMoveReason::ScoreUnchanged => format!("the score is the same: {causes}"),
            RatingMoveReason::AmountBecameKnown => format!("{amount} became known"),
            RatingMoveReason::AmountBecameUnknown => format!("{amount} became unknown"),
            RatingMoveReason::AmountUnknown => format!("{amount} unknown on both days"),
        }
    }

    fn cause_in_words(&self, cause: &RatingCause, amount: &str, currency: Option<&str>) -> String {
        let RatingCause { part, step, points } = cause;
        let fact = match step {
            RatingStep::Amount => {
                let (before, after) = as_people_write(self.amounts);
                let currency = currency.map(|currency| format!(" {currency}")).unwrap_or_default();
                format!("{amount} {before} -> {after}{currency}")
            }
            RatingStep::Came => format!("{part} came"),
            RatingStep::Expired => format!("{part} expired"),
            RatingStep::Capped if part == "bonus_cap" => "cap of all bonus items".into(),
            RatingStep::Capped => format!("cap of {part}"),
        };
        format!("{fact} ({points:+})")
    }
}

/// Two numbers in twelve digits, and in all of them only where they would look the same.
fn as_people_write((before, after): (f64, f64)) -> (String, String) {
    let written = |number: f64| match number {
        unknown if unknown.is_nan() => "unknown".into(),
        huge if huge.abs() >= 1e15 => format!("{huge:e}"),
        // What is read again from twelve digits is written in as few as needed.
        number => format!("{number:.11e}").parse().unwrap_or(number).to_string(),
    };
    let short = (written(before), written(after));
    if short.0 == short.1 { (before.to_string(), after.to_string()) } else { short }
}

/// Scores and order amounts of the same customers on two days, and what lies between, column by column: what a
/// [`RatingChange`] holds, for [`rating_movers`].
#[derive(Debug, Clone)]
pub struct RatingSteps<'a> {
    /// The order amounts before and after.
    pub amounts: (&'a [f64], &'a [f64]),
    /// The scores before and after.
    pub scores: (&'a [f64], &'a [f64]),
    /// Per part, in the order base, bonus items, cap.
    pub parts: Vec<PartSteps<'a>>,
}

/// What happened to one part of the scores, one element per customer: fields of a [`PartChange`](super::PartChange).
#[derive(Debug, Clone, Copy)]
pub struct PartSteps<'a> {
    /// `base`, the name of a bonus item, or `bonus_cap`.
    pub name: &'a str,
    /// By another order amount, by new evidence, by evidence that expired, by caps.
    pub steps: [&'a [f64]; 4],
}

impl<'a> PartSteps<'a> {
    fn of(part: &'a PartChange) -> Self {
        Self { name: &part.name, steps: [&part.amount, &part.came, &part.expired, &part.capped] }
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
    /// let amounts = (&[500_000.0, f64::NAN][..], &[2_000_000.0, 90_000.0][..]);
    /// let changed = rules.change(amounts, &Evidence::NONE, (800, 900), EvidencePolicy::default())?;
    /// let movers = changed.movers(&[Some(4), None], &changed.after.tier)?;
    /// let reasons: Vec<_> = movers.iter().map(|one| one.in_words("order_amount", None)).collect();
    /// assert_eq!(reasons, ["order_amount 500000 -> 2000000 (+20)", "order_amount became known"]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::WrongLength`].
    pub fn movers(&self, before: &[Option<usize>], after: &[Option<usize>]) -> Result<Vec<RatingMove>> {
        let steps = RatingSteps {
            amounts: (&self.amounts.0, &self.amounts.1),
            scores: (&self.before.score, &self.after.score),
            parts: self.parts.iter().map(PartSteps::of).collect(),
        };
        rating_movers(&steps, (before, after))
    }
}

/// [`RatingChange::movers`] from its columns and the tiers of the same customers on the two days.
///
/// # Errors
/// [`Error::WrongLength`].
pub fn rating_movers(steps: &RatingSteps<'_>, tiers: (&[Option<usize>], &[Option<usize>])) -> Result<Vec<RatingMove>> {
    let expected = steps.scores.0.len();
    let lengths = [
        ("the scores after", steps.scores.1.len()),
        ("the order amounts before", steps.amounts.0.len()),
        ("the order amounts after", steps.amounts.1.len()),
        ("the tiers before", tiers.0.len()),
        ("the tiers after", tiers.1.len()),
    ];
    let of_parts = steps.parts.iter().flat_map(|part| part.steps.map(|step| ("the steps of a part", step.len())));
    for (what, found) in lengths.into_iter().chain(of_parts) {
        if found != expected {
            return Err(Error::WrongLength { what: what.into(), expected, found });
        }
    }
    let moved = |&customer: &usize| tiers.0[customer] != tiers.1[customer];
    let mover = |customer: usize| {
        let (before, after) = (steps.scores.0[customer], steps.scores.1[customer]);
        let change = after - before;
        RatingMove {
            customer,
            tier_before: tiers.0[customer],
            tier_after: tiers.1[customer],
            change,
            amounts: (steps.amounts.0[customer], steps.amounts.1[customer]),
            causes: if change.is_nan() { Vec::new() } else { causes(&steps.parts, customer) },
            reason: RatingMoveReason::of(before, after),
        }
    };
    Ok((0..expected).filter(moved).map(mover).collect())
}

fn causes(parts: &[PartSteps<'_>], customer: usize) -> Vec<RatingCause> {
    let of_part = |part: &PartSteps<'_>| {
        let steps = part.steps.map(|step| step[customer]);
        let cause = |(step, points)| RatingCause { part: part.name.to_owned(), step, points };
        let causes = RatingStep::ALL.into_iter().zip(steps).filter(|&(_, points)| points != 0.0).map(cause);
        // A part that is worth what it was, such as evidence renewed in time, moved nothing.
        if steps.iter().sum::<f64>() == 0.0 { Vec::new() } else { causes.collect() }
    };
    parts.iter().flat_map(of_part).collect()
}
