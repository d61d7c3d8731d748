//! Who is about to leave?
//!
//! [`Risk`] learns from customers of whom it is known whether they left, and gives each customer a probability of
//! leaving, a rank and reasons that add up.

mod risk;

pub use risk::{Risk, RiskModel};
