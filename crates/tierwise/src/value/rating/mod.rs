//! Rating by base and bonus, from the order amount and dated evidence to a tier, and what becomes of tiers.

mod chain;
mod chain_classes;
mod change;
mod entitlements;
mod evidence;
mod movers;
mod powers;
mod preset;
mod rate;
mod rerating;
mod rerating_reason;
mod rules;

pub use chain::{Absorption, TierChain};
pub use change::{PartChange, RatingChange};
pub use entitlements::{
    Entitlement, EntitlementGrant, EntitlementOrder, EntitlementSpec, EntitlementValue, Entitlements,
};
pub use evidence::{Evidence, EvidencePolicy, EvidenceStatus};
pub use movers::{RatingMove, RatingMoveReason, rating_movers};
pub use preset::b2b_rating;
pub use rate::{RatingLine, RatingPart, Ratings};
pub use rerating::{HeldTier, Rerated, Rerating, TierRule, UnknownScore};
pub(super) use rerating_reason::iso_date;
pub use rules::{BonusItem, BonusPer, RatingRules, RatingSpec};
