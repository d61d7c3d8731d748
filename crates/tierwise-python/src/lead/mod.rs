//! The lead family.

pub(crate) mod card;
pub(crate) mod look_alike;
pub(crate) mod panel;
