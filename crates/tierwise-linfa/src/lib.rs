//! tierwise and linfa, both ways.
//!
//! * A fitted `linfa-logistic` model becomes a tierwise score: [`LinfaLogistic`] for two classes,
//!   [`LinfaMultinomial`] for more. They score records and tables, go into the model file, and the binary one explains
//!   itself exactly.
//! * tierwise's own fit becomes a linfa estimator: [`Logistic`] implements linfa's `Fit`, [`FittedLogistic`] its
//!   `Predict`.
//!
//! # Which class a probability is about
//!
//! `linfa-logistic` 0.8.1 as released returns the probability of the class that is **more frequent** in the training
//! data, whatever the order of the labels (rust-ml/linfa#393, mended upstream after that release). With 10 % buyers,
//! `predict_probabilities` is the probability of *not* buying. Nothing here infers a positive class: you name it, the
//! labels that the fitted model carries are read, and the signs turned where they must be. That holds for later releases
//! too.
//!
//! # Unknown
//!
//! linfa refuses NaN when it fits, so its models cannot say what unknown means. Features must therefore have the rule
//! [`Unknown::Error`](tierwise::Unknown::Error), or `Neutral` when you pass the `centers` (the means of the training
//! data, usually) at which a feature earns nothing.
#![forbid(unsafe_code)]

mod fit;
mod linear;
mod logistic;
mod multinomial;

pub use fit::{FitError, FittedLogistic, Logistic};
pub use logistic::LinfaLogistic;
pub use multinomial::LinfaMultinomial;

/// tierwise's own kinds of model and those of this crate, for loading a model file of any of them.
///
/// ```
/// assert!(format!("{:?}", tierwise_linfa::kinds()).contains("linfa_logistic"));
/// ```
pub fn kinds() -> tierwise::model::Kinds {
    tierwise::model::Kinds::builtin().with::<LinfaLogistic>().with::<LinfaMultinomial>()
}
