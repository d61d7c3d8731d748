//! The stories that models of purchases tell.

use super::beta_geometric::BetaGeometric;
use super::bg_bb::BgBb;
use super::pareto_nbd::ParetoNbd;
use super::process::Process;
use serde::{Deserialize, Serialize};

/// The story that a model of purchases tells. Gamma distributions have a shape and a rate, not a scale; periods are those of
/// the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurchaseProcess {
    /// Buys at a steady rate, and may leave after every purchase but the first. Counts everybody who never came back as
    /// alive. Parameters r, α (purchases per period are gamma distributed over customers: shape r, rate α, mean r / α), a, b
    /// (chances to leave are beta distributed: mean a / (a + b)).
    BgNbd,
    /// As [`BgNbd`](Self::BgNbd), but may leave after the first purchase too.
    MbgNbd,
    /// Buys at a steady rate, and may leave at any moment. Parameters r, α (purchases per period: gamma of shape r and rate α,
    /// mean r / α), s, β (rates of leaving: gamma of shape s and rate β, mean s / β).
    ParetoNbd,
    /// Buys in a period or does not, and may leave before each. Parameters α, β (chances to buy: beta, mean α / (α + β)), γ, δ
    /// (chances to leave: beta, mean γ / (γ + δ)). A log of days has to be counted in periods first: number them, and take these
    /// numbers for the days.
    BgBb,
}

impl PurchaseProcess {
    /// The names of the parameters, in their order.
    pub fn parameter_names(self) -> [&'static str; 4] {
        match self {
            Self::BgNbd | Self::MbgNbd => ["r", "alpha", "a", "b"],
            Self::ParetoNbd => ["r", "alpha", "s", "beta"],
            Self::BgBb => ["alpha", "beta", "gamma", "delta"],
        }
    }

    /// The name in the literature.
    pub fn name(self) -> &'static str {
        match self {
            Self::BgNbd => "BG/NBD",
            Self::MbgNbd => "MBG/NBD",
            Self::ParetoNbd => "Pareto/NBD",
            Self::BgBb => "BG/BB",
        }
    }

    pub(super) fn with(self, parameters: &[f64; 4]) -> Box<dyn Process> {
        match self {
            Self::BgNbd => Box::new(BetaGeometric::new(parameters, false)),
            Self::MbgNbd => Box::new(BetaGeometric::new(parameters, true)),
            Self::ParetoNbd => Box::new(ParetoNbd::new(parameters)),
            Self::BgBb => Box::new(BgBb::new(parameters)),
        }
    }
}
