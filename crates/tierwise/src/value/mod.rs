//! What is a customer worth, and which service does that earn?
//!
//! | question | answer |
//! |---|---|
//! | Who bought last when, how often, for how much? | [`rfm`] turns a log of purchases into one row per customer |
//! | The log comes in parts, by day or by machine? | [`PurchaseDays`] of the parts merge to that of the whole |
//! | Who is an A customer, and who will be one next month? | [`Tiers`] cuts one number into named tiers and keeps the thresholds |
//! | Recent, frequent and much, in one short code? | [`RfmScorer`] gives 1 to 5 for each, 5 is best |
//! | How few customers make 80 % of the money? | [`pareto`], [`share_curve`], [`gini`] |
//! | Who will still buy, how often, and is he still there? | [`PurchaseFit`] learns a [`PurchaseModel`] |
//! | What will he spend, and what is he worth? | [`GammaGamma`], [`lifetime_value`] |
//! | Who renews a contract, and what does loyalty earn? | [`ShiftedBetaGeometric`], [`RetentionEconomics`] |
//! | Would past figures have done as well? | [`holdout`], [`tracking`], [`count_fit`] |
//!
//! ```
//! use tierwise::value::{Direction, LaterRows, Tiers, encode_integers, rfm};
//! let (codes, ids) = encode_integers(&[70, 12, 70, 35]);
//! let customers = rfm(&codes, &[100, 101, 105, 90], &[20.0, 5.0, 30.0, 9.0], 110, LaterRows::Refuse)?;
//! assert_eq!(ids, [12, 35, 70]);
//! assert_eq!(customers.monetary, [5.0, 9.0, 50.0]);
//! let tiers = Tiers::by_share("monetary", &customers.monetary, &["A", "B"], &[0.4, 0.6], Direction::HigherIsBetter)?;
//! assert_eq!(tiers.name_of(50.0), Some("A"));
//! # Ok::<(), tierwise::Error>(())
//! ```

mod cuts;
mod lifetime;
mod pareto;
mod purchase_days;
mod rfm;
mod rfm_scores;
mod tiers;

pub use crate::keys::{encode_integers, encode_keys};
pub use cuts::{Direction, Ties};
pub use lifetime::{
    BootstrapParameter, ContractReport, CountFit, Covariate, CovariateEffect, Forecast, GammaGamma, Histories, History,
    Holdout, Interval, Judgement, Parameter, PurchaseBootstrap, PurchaseFit, PurchaseModel, PurchaseProcess,
    PurchaseReport, RetentionEconomics, RetentionValue, RetentionYear, ShiftedBetaGeometric, SimulatedContracts,
    SimulatedPurchases, SpendReport, Steps, Tracking, TrackingPoint, count_fit, holdout, lifetime_value,
    lifetime_value_with_interval, tracking,
};
pub use pareto::{Pareto, ShareCurve, gini, pareto, share_curve};
pub use purchase_days::PurchaseDays;
pub use rfm::{LaterRows, Rfm, rfm};
pub use rfm_scores::{RfmScorer, RfmScores, RfmValues, rfm_scores};
pub use tiers::{TierOrigin, Tiered, Tiers};
