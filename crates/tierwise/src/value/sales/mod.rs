//! The sales equation: new customers × conversion × purchase + existing customers × retention × repurchase; what moved
//! the sales between two periods, and which lever moves them next.

mod factors;
mod from_log;
mod levers;
mod shapley;
mod split;

pub use factors::SalesFactors;
pub use from_log::{SalesLog, SalesOfPeriod, SalesRules, sales_of_period, sales_of_period_by_group};
pub use levers::{LeverEffect, LeverTarget};
pub use split::{GroupEffects, SalesSplit, SalesSplitByGroup, split_sales, split_sales_by_group};
