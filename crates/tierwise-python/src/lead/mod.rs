//! The lead family.

pub(crate) mod card;
pub(crate) mod frequency;
