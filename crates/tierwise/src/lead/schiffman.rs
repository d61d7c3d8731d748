//! Schiffman's six classes of prospects.

use super::milestone_classes::MilestoneClasses;
use crate::model;
use std::sync::OnceLock;

/// Stephan Schiffman's six classes of prospects by milestones, best first: `closed`, `90%`, `50%`, `25%`, `first visit`,
/// `no contact`.
///
/// The classes and milestones come from the deck of a marketplace; the order of the tests and the AND or OR within a
/// class do not, and are marked as inferred in [`MilestoneClasses::spec`]. The percentages are names, not probabilities.
///
/// ```
/// let classes = tierwise::lead::schiffman();
/// let nothing_known = classes.classify(&classes.record())?;
/// assert_eq!((nothing_known.class, nothing_known.best_class), ("no contact", "closed"));
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn schiffman() -> MilestoneClasses {
    static CLASSES: OnceLock<MilestoneClasses> = OnceLock::new();
    CLASSES
        .get_or_init(|| match model::load(include_str!("schiffman.json")) {
            Ok(classes) => classes,
            Err(error) => unreachable!("the classes that ship are tested: {error}"),
        })
        .clone()
}
