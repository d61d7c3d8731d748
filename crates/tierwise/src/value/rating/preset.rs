//! The rating that ships with the library.

use super::rules::RatingRules;
use crate::model;

/// A rating of business customers by base and bonus: order amount of a year, referrals, breadth of needs, growth potential,
/// relationship and business level; tiers A to E.
///
/// The items and one worked example come from the source (004: 500,000 in orders are 10 points and tier E; with two referrals,
/// broad needs and growth potential 35 points and tier D). **Every other bracket, cut, cap and expiry is inferred**, and marked so
/// in [`RatingRules::spec`]: take it as a form to fill in.
///
/// ```
/// let rules = tierwise::value::b2b_rating();
/// assert_eq!(rules.tiers().names(), ["A", "B", "C", "D", "E"]);
/// assert!(rules.spec().bonus.iter().all(|item| item.inferred.is_some()));
/// ```
pub fn b2b_rating() -> RatingRules {
    match model::load(include_str!("b2b_rating.json")) {
        Ok(rules) => rules,
        Err(error) => unreachable!("the rules that ship are tested: {error}"),
    }
}
