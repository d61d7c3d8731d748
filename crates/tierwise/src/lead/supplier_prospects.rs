//! The card that ships with the library.

use crate::model;
use crate::scorecard::Scorecard;
use std::sync::OnceLock;

/// The 17-row card of a B2B marketplace for prospective suppliers: 2 prerequisites and 15 weighted factors, 68.9 points
/// for customer behaviour and 30.9 for sales behaviour.
///
/// The factors and weights come from the marketplace's own deck; the cut points of the grades, the correction, and how
/// the two counts earn their points do not, and are marked as inferred in [`Scorecard::spec`].
///
/// ```
/// let card = tierwise::lead::supplier_prospects();
/// let (lowest, highest) = card.range();
/// assert_eq!((card.prerequisites().len(), card.spec().characteristics.len()), (2, 15));
/// assert!(lowest == 0.0 && (highest - 99.8).abs() < 1e-9);
/// ```
pub fn supplier_prospects() -> Scorecard {
    static CARD: OnceLock<Scorecard> = OnceLock::new();
    CARD.get_or_init(|| match model::load(include_str!("supplier_prospects.json")) {
        Ok(card) => card,
        Err(error) => unreachable!("the card that ships is tested: {error}"),
    })
    .clone()
}
