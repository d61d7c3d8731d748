//! The lead family.

pub(crate) mod assignment;
pub(crate) mod card;
