//! What is a customer worth, and which service does that earn?
//!
//! | question | answer |
//! |---|---|
//! | Who bought last when, how often, for how much? | [`rfm`] turns a log of purchases into one row per customer |
//! | The log comes in parts, by day or by machine? | [`PurchaseDays`] of the parts merge to that of the whole |
//! | Who is an A customer, and who will be one next month? | [`Tiers`] cuts one number into named tiers and keeps the thresholds |
//! | Returns, margins, orders, product lines, currencies? | [`RfmRules`] states what happens to them; [`in_one_currency`] |
//! | The same line twice in the log? | [`repeated_lines`] finds them, [`left_out_lines`] says which [`Duplicates`] count |
//! | Recent, frequent and much, in one short code? | [`RfmScorer`] gives 1 to 5 for each, 5 is best |
//! | Where does a number break by itself? | [`natural_breaks`]: Jenks, and *k*-means in one dimension |
//! | Champion, at risk, asleep? | [`RfmSegments`] names the codes; [`rfm_moves`] says who moved and why, [`rfm_moves_by_line`] within each product line |
//! | What moved the sales, and what would? | [`split_sales`] among the six [`SalesFactors`], [`SalesFactors::levers`] |
//! | How few customers make 80 % of the money? | [`pareto`], [`share_curve`], [`gini`]; [`concentration`] with intervals |
//! | ABC classes, of customers and of products? | [`Tiers::by_share_of_money`], [`customers_by_products`] |
//! | Who will still buy, how often, and is he still there? | [`PurchaseFit`] learns a [`PurchaseModel`] |
//! | What will he spend, and what is he worth? | [`GammaGamma`], [`lifetime_value`] |
//! | Who renews a contract, and what does loyalty earn? | [`ShiftedBetaGeometric`], [`RetentionEconomics`] |
//! | Which tier do orders and evidence earn, and with which rights? | [`RatingRules`], [`Rerating`], [`TierChain`], [`Entitlements`] |
//! | Current and potential value in one number? | [`ValueIndex`], [`purchase_potential`] |
//! | Whose share of the wallet is worth raising? | [`ProfitScore`], [`share_of_wallet`], [`ShareDecision`] |
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

mod concentration;
mod concentration_draws;
mod currency;
mod customers_by_products;
mod cuts;
mod index;
mod lifetime;
mod natural_breaks;
mod pareto;
mod point_table;
mod profit;
mod purchase_days;
mod rating;
mod repeated_lines;
mod rfm;
mod rfm_fit;
mod rfm_moves;
mod rfm_rules;
mod rfm_scores;
mod rfm_segments;
mod rfm_usual_segments;
mod sales;
mod tiers;
mod tiers_from_data;

pub use crate::keys::{encode_integers, encode_keys};
pub use concentration::{Concentration, concentration};
pub use currency::in_one_currency;
pub use customers_by_products::{AbcClasses, CustomersByProducts, ProductOfTheBest, customers_by_products};
pub use cuts::{Direction, Ties};
pub use index::{
    Normalisation, PurchasePotential, Uncertain, UnknownTerm, ValueIndex, ValueIndexSpec, ValuePart, ValueTerm,
    purchase_potential,
};
pub use lifetime::{
    Bootstrap, BootstrapParameter, ContractBootstrap, ContractHorizon, ContractReport, CountFit, Covariate,
    CovariateEffect, Forecast, GammaGamma, Histories, History, Holdout, Interval, Judgement, Margins, PaidAmounts,
    Parameter, Payment, PurchaseBootstrap, PurchaseFit, PurchaseModel, PurchaseProcess, PurchaseReport,
    RetentionEconomics, RetentionValue, RetentionYear, Sampled, ShiftedBetaGeometric, SimulatedContracts,
    SimulatedPurchases, SpendBootstrap, SpendReport, Steps, Tracking, TrackingPoint, count_fit, holdout,
    lifetime_value, lifetime_value_with_interval, tracking,
};
pub use natural_breaks::{NaturalBreaks, natural_breaks};
pub use pareto::{Pareto, ShareCurve, gini, pareto, share_curve, share_peak};
pub use point_table::{PointBracket, PointTable};
pub use profit::{
    ProfitScore, ProfitScoreSpec, ShareCell, ShareDecision, ShareDecisionSpec, ShareMove, WalletShare, profit_score,
    share_decision, share_of_wallet,
};
pub use purchase_days::PurchaseDays;
pub use rating::{
    Absorption, BonusItem, BonusPer, Entitlement, EntitlementGrant, EntitlementOrder, EntitlementSpec,
    EntitlementValue, Entitlements, Evidence, EvidencePolicy, EvidenceStatus, HeldTier, PartChange, PartSteps,
    RatingCause, RatingChange, RatingLine, RatingMove, RatingMoveReason, RatingPart, RatingRules, RatingSpec,
    RatingStep, RatingSteps, Ratings, Rerated, Rerating, TierChain, TierRule, UnknownScore, b2b_rating, rating_movers,
};
pub use repeated_lines::{
    Duplicates, LineColumn, Lines, RepeatedLine, left_out_lines, repeated_lines, repeated_lines_finding,
};
pub use rfm::{LaterRows, Rfm, rfm};
pub use rfm_fit::{RfmBins, RfmMethod, rfm_scores};
pub use rfm_moves::{
    RfmAt, RfmCause, RfmLineMoves, RfmLinesAt, RfmMove, RfmMoves, RfmPlace, rfm_moves, rfm_moves_by_line,
};
pub use rfm_rules::{EarlyReturns, Monetary, Returns, RfmByRules, RfmLog, RfmRules};
pub use rfm_scores::{RfmScorer, RfmScores, RfmValues};
pub use rfm_segments::{RfmSegment, RfmSegments};
pub use rfm_usual_segments::{usual_segments, usual_segments_by_mean, usual_segments_of};
pub use sales::{
    GroupEffects, LeverEffect, LeverTarget, SalesFactors, SalesLog, SalesOfPeriod, SalesRules, SalesSplit,
    SalesSplitByGroup, sales_of_period, sales_of_period_by_group, split_sales, split_sales_by_group,
};
pub use tiers::{TierMethod, TierOrigin, Tiered, Tiers};
