//! The lead family.

pub(crate) mod card;
