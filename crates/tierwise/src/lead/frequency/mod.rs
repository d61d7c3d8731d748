//! The frequency model: naive Bayes on counts of won and lost leads, kept up to date lead by lead.
//!
//! Count with [`FrequencyCounts`] and make a [`FrequencyModel`] of the counts whenever one is wanted. The idea, and the
//! conformance mode [`Smoothing::Odoo`], are those of the predictive lead scoring of Odoo's `crm` module; how counts are
//! shrunk otherwise is stated at [`Smoothing`].

mod counts;
mod counts_file;
mod model;
mod odoo;
mod signal;
mod smoothing;
mod spec;
mod strength;
mod tables;

pub use counts::{FrequencyCount, FrequencyCounts};
pub use model::FrequencyModel;
pub use signal::{FrequencySignal, SignalVerdict, frequency_signal};
pub use smoothing::Smoothing;
pub use spec::FrequencySpec;
