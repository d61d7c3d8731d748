//! Scorecards learned on weights of evidence: every feature in bins, a logistic fit on what the bins say, and points.
//!
//! [`WeightOfEvidence`] is the learner, [`Selection`] says which features may stay, [`WeightOfEvidenceModel`] is the card
//! that comes out, with the account of what was left out and why.

mod correlation;
mod encoding;
mod fate;
mod learner;
mod model;
mod selection;

pub use encoding::{Encoding, GivenBins};
pub use fate::{Dropped, FeatureFate};
pub use learner::WeightOfEvidence;
pub use model::WeightOfEvidenceModel;
pub use selection::{Elimination, Selection};
