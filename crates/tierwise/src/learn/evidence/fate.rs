//! What became of each feature, and why.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What became of one feature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureFate {
    /// Its name.
    pub feature: String,
    /// What its bins say by themselves: see [`Binning::information_value`](crate::learn::Binning::information_value).
    pub information_value: f64,
    /// Bins that hold rows.
    pub bins: usize,
    /// Why it is not in the model; absent where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dropped: Option<Dropped>,
}

/// Why a feature is not in the model, with the figures that decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Dropped {
    /// Its information value is below the limit, or its bins all say the same.
    LittleInformation {
        /// The limit.
        limit: f64,
    },
    /// Its weights of evidence go with those of a feature that says more.
    Correlated {
        /// That feature.
        with: String,
        /// The correlation of the two.
        correlation: f64,
        /// The limit.
        limit: f64,
    },
    /// Beside the other features its evidence counted the wrong way round.
    Reversed {
        /// Its coefficient, below 0.
        coefficient: f64,
        /// The coefficient in standard errors.
        z: f64,
    },
    /// The test of its coefficient against 0.
    Insignificant {
        /// What the test found.
        p_value: f64,
        /// The limit.
        limit: f64,
    },
    /// Akaike's criterion is no worse without it.
    NoBetterFit {
        /// The criterion with it.
        aic_with: f64,
        /// The criterion without it.
        aic_without: f64,
    },
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LittleInformation { limit } => write!(f, "information value below {limit}, or the same in every row"),
            Self::Correlated { with, correlation, limit } => {
                write!(f, "correlation of {correlation:.3} with `{with}`, which says more; the limit is {limit}")
            }
            Self::Reversed { coefficient, z } => {
                write!(f, "evidence reversed beside the others: coefficient {coefficient:.3}, z {z:.2}")
            }
            Self::Insignificant { p_value, limit } => write!(f, "p-value {p_value:.3} above {limit}"),
            Self::NoBetterFit { aic_with, aic_without } => {
                write!(f, "AIC {aic_without:.2} without it, {aic_with:.2} with it")
            }
        }
    }
}
