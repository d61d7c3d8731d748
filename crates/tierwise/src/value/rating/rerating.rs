//! Tiers that are held between two ratings: by hysteresis, by a grace period, one tier at a time.

use crate::calendar::day_in_words;
use crate::value::LaterRows;
use crate::{Bands, Error, Hysteresis, Result};
use serde::{Deserialize, Serialize};

/// When a customer moves to another tier.
///
/// 1. The score must pass the edge by a margin ([`Hysteresis`]); until then nothing happens.
/// 2. Who falls keeps the tier for `grace_days` after the first rating at which the score called for a worse one. Who is
///    back within the margin before that starts anew.
/// 3. Then the tier changes, at once or by one step per rating. After a step down the grace period starts again.
///
/// A customer without a tier gets that of the score. Whoever is not rated, because the score is unknown, keeps the tier and
/// his grace period, which goes on by date: that a number is missing says nothing about the customer ([`UnknownScore`]).
/// The source (004) asks for regular re-rating and leaves all of this open, so it is inferred; the default moves everybody at
/// once who is rated.
///
/// ```
/// use tierwise::value::{HeldTier, Rerating, TierRule, b2b_rating};
/// let rules = b2b_rating();
/// let policy = Rerating { grace_days: 90, ..Rerating::default() };
/// let held = |tier, below_since| HeldTier { tier: Some(tier), below_since };
/// // 15 points are tier E (4); the customer was in D (3)
/// let first = policy.rerate(rules.tiers(), &[15.0], &[held(3, None)], 1000)?[0];
/// assert_eq!((first.tier, first.rule, first.grace_until), (Some(3), TierRule::Grace, Some(1090)));
/// let later = policy.rerate(rules.tiers(), &[15.0], &[held(3, first.below_since)], 1090)?[0];
/// assert_eq!((later.tier, later.rule), (Some(4), TierRule::Down));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rerating {
    /// The margins of the score towards a better and towards a worse tier.
    pub hysteresis: Hysteresis,
    /// For so many days a customer whose score fell keeps the tier.
    pub grace_days: u32,
    /// Whether a customer rises by one tier per rating at most.
    pub one_tier_up: bool,
    /// Whether a customer falls by one tier per rating at most.
    pub one_tier_down: bool,
    /// What becomes of the tier of a customer whose score is unknown.
    pub unknown_score: UnknownScore,
}

/// What becomes of the tier of a customer whose score is unknown at a rating. Both are inferred.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownScore {
    /// The tier is held, and a grace period goes on by date; where it runs out meanwhile, the next known score decides.
    /// The default.
    #[default]
    HoldTier,
    /// There is no tier, and whoever is rated again starts anew.
    NoTier,
}

/// What is held of a customer from one rating to the next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HeldTier {
    /// The position of the tier, best first; `None` for a new customer.
    pub tier: Option<usize>,
    /// The day of the first rating at which the score called for a worse tier, while it still does.
    pub below_since: Option<i32>,
}

impl HeldTier {
    /// What is held of the customers with the codes `0..customers`, from a table of the last rating with one row per customer,
    /// in any order. A customer whom it does not list is new, and nothing is held of him. Further codes are customers who are
    /// not rated any more; they are refused unless left out on purpose.
    ///
    /// ```
    /// use tierwise::value::{HeldTier, LaterRows};
    /// let of = |tier| HeldTier { tier: Some(tier), below_since: None };
    /// let held = HeldTier::of_customers(&[2, 0], &[of(1), of(3)], 3, LaterRows::Refuse)?;
    /// assert_eq!(held, [of(3), HeldTier::default(), of(1)]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::WrongLength`]; [`Error::InvalidValue`] with row and customer for one who is listed twice, and for one who is
    /// not rated any more.
    pub fn of_customers(customer: &[u32], held: &[Self], customers: usize, gone: LaterRows) -> Result<Vec<Self>> {
        if held.len() != customer.len() {
            let what = "what is held of the last rating".into();
            return Err(Error::WrongLength { what, expected: customer.len(), found: held.len() });
        }
        let mut rows = vec![None; customers];
        for (row, &code) in customer.iter().enumerate() {
            let refuse = |found: String, must_be: &str| {
                Err(Error::invalid_value_of(code, "the customer of the last rating", row, found, must_be))
            };
            match rows.get_mut(code as usize) {
                Some(place) => {
                    if let Some(first) = place.replace(row) {
                        return refuse(
                            format!("that of row {first} too"),
                            "a customer has one tier; drop one of the rows",
                        );
                    }
                }
                None if gone == LaterRows::Refuse => {
                    let must_be = "add the customer with an unknown score, which holds the tier; or state for \
                                   `other_customers` that those are to be left out";
                    return refuse("none of those that are rated".into(), must_be);
                }
                None => {}
            }
        }
        Ok(rows.into_iter().map(|row| row.map_or(Self::default(), |row: usize| held[row])).collect())
    }
}

/// Which rule decided about a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TierRule {
    /// The customer had no tier.
    New,
    /// The score lies in the tier that the customer has.
    Same,
    /// The score rose, and the tier with it.
    Up,
    /// The score rose by several tiers, the customer by one.
    OneTierUp,
    /// The score fell, and the tier with it.
    Down,
    /// The score fell by several tiers, the customer by one.
    OneTierDown,
    /// Held: the score is above the edge, but not by the margin.
    MarginAbove,
    /// Held: the score is below the edge, but not by the margin.
    MarginBelow,
    /// Held: the grace period is not over.
    Grace,
    /// Held: the score is unknown.
    NotRated,
    /// The score is unknown, and there is no tier to hold, or none is to be held.
    Unknown,
}

impl TierRule {
    /// All of them, in the order in which codes count.
    pub const ALL: [Self; 11] = [
        Self::New,
        Self::Same,
        Self::Up,
        Self::OneTierUp,
        Self::Down,
        Self::OneTierDown,
        Self::MarginAbove,
        Self::MarginBelow,
        Self::Grace,
        Self::NotRated,
        Self::Unknown,
    ];

    /// Whether the rule held the tier: margins, grace, or an unknown score.
    pub fn holds(self) -> bool {
        matches!(self, Self::MarginAbove | Self::MarginBelow | Self::Grace | Self::NotRated)
    }

    /// The name in `snake_case`.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Same => "same",
            Self::Up => "up",
            Self::OneTierUp => "one_tier_up",
            Self::Down => "down",
            Self::OneTierDown => "one_tier_down",
            Self::MarginAbove => "margin_above",
            Self::MarginBelow => "margin_below",
            Self::Grace => "grace",
            Self::NotRated => "not_rated",
            Self::Unknown => "unknown",
        }
    }
}

/// The tier of a customer after a rating, and why; [`Rerated::reason`] says it in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rerated {
    /// The day of the rating.
    pub day: i32,
    /// The position of the tier before, best first; `None` for a new customer.
    pub tier_before: Option<usize>,
    /// The position of the tier; `None` where the score is unknown and no tier was held.
    pub tier: Option<usize>,
    /// The tier of the score alone.
    pub score_tier: Option<usize>,
    /// Which rule decided.
    pub rule: TierRule,
    /// **What to pass the next time**, beside the tier.
    pub below_since: Option<i32>,
    /// The day from which on the customer can fall, while a grace period runs.
    pub grace_until: Option<i32>,
    /// Of a grace period that is over and no longer held the tier: the day on which it began, and that from which on the
    /// customer could fall.
    pub ended_grace: Option<(i32, i32)>,
}

/// The longest grace period: a hundred years.
const MOST_DAYS: u32 = 36_525;

impl Rerating {
    /// The tiers of customers on the day `as_of`, from their scores and what is held of the last rating.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a grace period beyond a hundred years; [`Error::WrongLength`]; [`Error::NotFinite`] with
    /// the row for an infinite score; [`Error::InvalidValue`] with the row for a previous tier that is not there, and for a
    /// `below_since` after `as_of` or without a tier.
    pub fn rerate(&self, tiers: &Bands, scores: &[f64], held: &[HeldTier], as_of: i32) -> Result<Vec<Rerated>> {
        if self.grace_days > MOST_DAYS {
            let must_be = format!("a whole number in [0, {MOST_DAYS}]");
            let got = self.grace_days.to_string();
            return Err(Error::InvalidParameter { of: "Rerating", name: "grace_days", must_be, got });
        }
        if scores.len() != held.len() {
            let what = "what is held of the last rating".into();
            return Err(Error::WrongLength { what, expected: scores.len(), found: held.len() });
        }
        if let Some(row) = scores.iter().position(|score| score.is_infinite()) {
            return Err(Error::NotFinite { column: "score".into(), row: Some(row), found: scores[row] });
        }
        let previous: Vec<Option<usize>> = held.iter().map(|held| held.tier).collect();
        let targets = self.hysteresis.hold_all(tiers, scores, &previous)?;
        let rerate = |(row, held): (usize, &HeldTier)| {
            check_since(held, row, as_of)?;
            Ok(self.decide(tiers.find(scores[row]), targets[row], held, as_of))
        };
        held.iter().enumerate().map(rerate).collect()
    }

    /// `plain` is the tier of the score, `target` that behind the margins.
    fn decide(&self, plain: Option<usize>, target: Option<usize>, held: &HeldTier, as_of: i32) -> Rerated {
        let settled = |tier, rule| Rerated {
            day: as_of,
            tier_before: held.tier,
            tier,
            score_tier: plain,
            rule,
            below_since: None,
            grace_until: None,
            ended_grace: None,
        };
        let running = |since: i32| self.grace_end(since).filter(|&until| as_of < until);
        let ended = |since: i32| self.grace_end(since).filter(|&until| as_of >= until).map(|until| (since, until));
        let (Some(score_tier), Some(target)) = (plain, target) else {
            return match held.tier.filter(|_| self.unknown_score == UnknownScore::HoldTier) {
                None => settled(None, TierRule::Unknown),
                tier => Rerated {
                    below_since: held.below_since,
                    grace_until: held.below_since.and_then(running),
                    ended_grace: held.below_since.and_then(ended),
                    ..settled(tier, TierRule::NotRated)
                },
            };
        };
        let Some(tier) = held.tier else { return settled(plain, TierRule::New) };
        // Positions count from the best: a smaller one is better.
        if target == tier {
            let rule = match score_tier.cmp(&tier) {
                std::cmp::Ordering::Equal => TierRule::Same,
                std::cmp::Ordering::Less => TierRule::MarginAbove,
                std::cmp::Ordering::Greater => TierRule::MarginBelow,
            };
            return settled(Some(tier), rule);
        }
        if target < tier {
            let one = self.one_tier_up && target + 1 < tier;
            return if one {
                settled(Some(tier - 1), TierRule::OneTierUp)
            } else {
                settled(Some(target), TierRule::Up)
            };
        }
        let since = held.below_since.unwrap_or(as_of);
        if let grace_until @ Some(_) = running(since) {
            return Rerated { below_since: Some(since), grace_until, ..settled(Some(tier), TierRule::Grace) };
        }
        let ended_grace = ended(since);
        if self.one_tier_down && tier + 1 < target {
            let below_since = Some(as_of);
            return Rerated { below_since, ended_grace, ..settled(Some(tier + 1), TierRule::OneTierDown) };
        }
        Rerated { ended_grace, ..settled(Some(target), TierRule::Down) }
    }

    /// The day from which on a customer can fall whose score fell on the day `since`; `None` without a grace period.
    fn grace_end(&self, since: i32) -> Option<i32> {
        (self.grace_days > 0).then(|| since.saturating_add_unsigned(self.grace_days))
    }
}

fn check_since(held: &HeldTier, row: usize, as_of: i32) -> Result<()> {
    let Some(since) = held.below_since else { return Ok(()) };
    let must_be = match held.tier {
        None => "a customer without a tier has not fallen; leave it unknown".into(),
        Some(_) if since > as_of => format!("it must not lie after `as_of`, which is {}", day_in_words(as_of)),
        Some(_) => return Ok(()),
    };
    Err(Error::InvalidValue { what: "`below_since`".into(), row, key: None, found: day_in_words(since), must_be })
}
