//! Did it change, and was it us? A rate or a mean before and after, against a control group, and what a campaign brought.

mod campaign;
mod differences;
mod means;
mod proportions;
mod student;

pub use campaign::{CampaignLift, CampaignRevenue, campaign_lift, campaign_revenue};
pub use differences::{DifferenceErrors, DifferenceInDifferences, difference_in_differences};
pub use means::{MeanChange, mean_change};
pub use proportions::{Bounded, RateChange, rate_change, ratio_of_rates, wilson_rate};

pub(super) use proportions::{changed, ratio, wilson};
pub(super) use student::width as student_width;
