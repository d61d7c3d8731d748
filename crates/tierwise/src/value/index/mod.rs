//! One index of value from several terms, and what a prospect may be worth.

mod normalisation;
mod purchase_potential;
mod value_index;

pub use normalisation::Normalisation;
pub use purchase_potential::{PurchasePotential, Uncertain, purchase_potential};
pub use value_index::{UnknownTerm, ValueIndex, ValueIndexSpec, ValuePart, ValueTerm};
