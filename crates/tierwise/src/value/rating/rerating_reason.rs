//! Which rule of re-rating decided, in words.

use super::rerating::{Rerated, TierRule};
use crate::calendar::iso_date;

impl Rerated {
    /// The rule that decided, in words for the service team.
    ///
    /// `tiers` are the names of the tiers, best first.
    ///
    /// ```
    /// use tierwise::value::{HeldTier, Rerating, b2b_rating};
    /// let rules = b2b_rating();
    /// let policy = Rerating { grace_days: 90, ..Rerating::default() };
    /// let mut held = HeldTier { tier: Some(3), below_since: None };
    /// // 15 points are tier E; not rated on day 19950
    /// let reasons: Vec<String> = [(15.0, 19_904), (f64::NAN, 19_950), (15.0, 19_994)]
    ///     .map(|(score, day)| {
    ///         let rerated = policy.rerate(rules.tiers(), &[score], &[held], day).unwrap()[0];
    ///         held = HeldTier { tier: rerated.tier, below_since: rerated.below_since };
    ///         rerated.reason(rules.tiers().names())
    ///     })
    ///     .into();
    /// assert_eq!(reasons[0], "held by grace until 2024-09-28: the score is in `E`");
    /// assert_eq!(reasons[1], "held: not rated on 2024-08-15; grace goes on until 2024-09-28");
    /// assert_eq!(reasons[2], "lowered after grace (from 2024-06-30 to 2024-09-28): the score is in `E`");
    /// ```
    pub fn reason(&self, tiers: &[impl AsRef<str>]) -> String {
        let tier = self.score_tier.and_then(|tier| tiers.get(tier)).map_or("no tier", AsRef::as_ref);
        let in_tier = format!("the score is in `{tier}`");
        let ended = |words: fn(String, String) -> String| {
            self.ended_grace.map(|(from, to)| words(iso_date(from), iso_date(to))).unwrap_or_default()
        };
        let after_grace = ended(|from, to| format!(" after grace (from {from} to {to})"));
        match self.rule {
            TierRule::New => "new: there was no tier".into(),
            TierRule::Same => in_tier,
            TierRule::Up => format!("raised: {in_tier}"),
            TierRule::OneTierUp => format!("raised by one tier, the most at one rating: {in_tier}"),
            TierRule::Down => format!("lowered{after_grace}: {in_tier}"),
            TierRule::OneTierDown => format!("lowered by one tier, the most at one rating{after_grace}: {in_tier}"),
            TierRule::MarginAbove | TierRule::MarginBelow => {
                format!("held by hysteresis: {in_tier}, but not beyond the edge by the margin")
            }
            TierRule::Grace => match self.grace_until {
                Some(until) => format!("held by grace until {}: {in_tier}", iso_date(until)),
                None => format!("held by grace: {in_tier}"),
            },
            TierRule::NotRated => {
                let running = self.grace_until.map(|until| format!("; grace goes on until {}", iso_date(until)));
                let over = ended(|_, to| format!("; grace was over on {to}, the next rating decides"));
                format!("held: not rated on {}{}", iso_date(self.day), running.unwrap_or(over))
            }
            TierRule::Unknown => format!("no tier: not rated on {}", iso_date(self.day)),
        }
    }
}
