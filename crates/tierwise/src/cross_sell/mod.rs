//! What will they buy next?
//!
//! [`Propensity`] learns from customers who were offered or could have bought a product, and gives each customer a
//! probability, a rank and reasons that add up.

mod propensity;

pub use propensity::{Propensity, PropensityModel};
