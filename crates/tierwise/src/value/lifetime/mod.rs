//! What a customer will still buy, and what that is worth: models of purchases and of spend, and contracts.

mod beta_geometric;
mod beta_geometric_likelihood;
mod beta_geometric_series;
mod bg_bb;
mod bootstrap;
mod contract;
mod covariates;
mod departure;
mod distinct;
mod gamma_gamma;
mod histories;
mod holdout;
mod interval;
mod lifetime_value;
mod maximum_likelihood;
mod pareto_nbd;
mod process;
mod purchase_fit;
mod purchase_model;
mod retention_economics;
mod simulate;
mod tracking;

pub use bootstrap::{BootstrapParameter, PurchaseBootstrap};
pub use contract::{ContractReport, ShiftedBetaGeometric, SimulatedContracts};
pub use covariates::{Covariate, CovariateEffect};
pub use gamma_gamma::{GammaGamma, SpendReport};
pub use histories::{Histories, History};
pub use holdout::{Holdout, Judgement, holdout};
pub use interval::Interval;
pub use lifetime_value::{lifetime_value, lifetime_value_with_interval};
pub use purchase_fit::{PurchaseFit, PurchaseReport};
pub use purchase_model::{Forecast, Parameter, PurchaseModel, PurchaseProcess, Steps};
pub use retention_economics::{RetentionEconomics, RetentionValue, RetentionYear};
pub use simulate::SimulatedPurchases;
pub use tracking::{CountFit, Tracking, TrackingPoint, count_fit, tracking};
