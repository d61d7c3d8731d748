//! The lead family.

pub(crate) mod assignment;
pub(crate) mod card;
pub(crate) mod card_changes;
pub(crate) mod classes;
pub(crate) mod engagement;
pub(crate) mod forecast;
pub(crate) mod frequency;
pub(crate) mod look_alike;
pub(crate) mod panel;
pub(crate) mod weights;
