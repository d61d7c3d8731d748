//! What is odd about rules that are sound.

use super::rules::RatingRules;
use crate::value::point_table::unreached_tiers;

impl RatingRules {
    /// What is worth knowing about the rules, one sentence each: tiers that no score can reach.
    ///
    /// ```
    /// use tierwise::Band;
    /// use tierwise::value::{RatingRules, RatingSpec, b2b_rating};
    /// let tiers = vec![
    ///     Band { name: "A".into(), from: Some(500.0), to: None },
    ///     Band { name: "B".into(), from: None, to: Some(500.0) },
    /// ];
    /// let rules = RatingRules::new(RatingSpec { tiers, ..b2b_rating().spec().clone() })?;
    /// assert_eq!(rules.findings(), ["no score reaches tier `A` [500, inf): scores lie from 0 to 100; check its cut"]);
    /// assert!(b2b_rating().findings().is_empty());
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn findings(&self) -> Vec<String> {
        let spec = self.spec();
        let base = spec.base.iter().map(|bracket| bracket.points).chain(spec.unknown_amount);
        let (least, most) = base.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), points| {
            (f64::min(least, points), f64::max(most, points))
        });
        let bonus: f64 = spec.bonus.iter().map(|item| item.earned(super::rules::MOST_UNITS)).sum();
        unreached_tiers(&spec.tiers, (least, most + (bonus + self.capped(bonus))))
    }
}
