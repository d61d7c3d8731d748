//! When a challenger takes over: rules as data.

use crate::Result;
use crate::evaluate::rows::parameter;
use crate::rates::check_confidence;
use serde::{Deserialize, Serialize};

/// The rules of [`promotion`](super::promotion).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PromotionPolicy {
    /// Better, or not worse and better calibrated, and no failed check. The default.
    Standard(StandardPolicy),
    /// The rule of Dynamics 365 Sales.
    Dynamics(DynamicsPolicy),
}

impl Default for PromotionPolicy {
    fn default() -> Self {
        Self::Standard(StandardPolicy::default())
    }
}

/// How far down the list is looked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TopOfList {
    /// This share of the customers, in (0, 1].
    Share(f64),
    /// So many customers: "we can call 800".
    Capacity(f64),
}

impl TopOfList {
    pub(in crate::evaluate) fn check(self, of: &'static str) -> Result<()> {
        match self {
            Self::Share(share) if !(share > 0.0 && share <= 1.0) => {
                Err(parameter(of, "share", "a number in (0, 1]", &share))
            }
            Self::Capacity(long) if long.is_nan() || long <= 0.0 => {
                Err(parameter(of, "capacity", "a number above 0", &long))
            }
            _ => Ok(()),
        }
    }
}

/// The challenger is promoted when no check failed and either it ranks better (the lower end of the interval of the
/// difference in ROC AUC is above `better_by`), or it ranks not worse (that end is above `-not_worse_by`) and its
/// log-loss is lower beyond noise. The margins are inferred; set them to what a change of model costs you.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandardPolicy {
    /// The gain in ROC AUC that the interval must lie above; 0 by default.
    pub better_by: f64,
    /// The loss in ROC AUC that still counts as not worse; 0.01 by default.
    pub not_worse_by: f64,
    /// The least calibration slope of the challenger; 0.8 by default.
    pub slope_low: f64,
    /// The greatest; 1.25 by default.
    pub slope_high: f64,
    /// The top of the list; the best tenth by default.
    pub top: TopOfList,
    /// How much the intervals hold, and how certain a wrong order of grades must be; 0.95 by default.
    pub confidence: f64,
    /// Fewer events, or fewer others, are not enough; 100 by default (Vergouwe et al. 2005; Collins, Ogundimu & Altman 2016).
    pub least: f64,
    /// Where the ranking is undecided and the interval of the difference in ROC AUC is wider than this, the rows are not
    /// enough; 0.1 by default.
    pub widest: f64,
}

impl Default for StandardPolicy {
    fn default() -> Self {
        Self {
            better_by: 0.0,
            not_worse_by: 0.01,
            slope_low: 0.8,
            slope_high: 1.25,
            top: TopOfList::Share(0.1),
            confidence: 0.95,
            least: 100.0,
            widest: 0.1,
        }
    }
}

impl StandardPolicy {
    pub(super) fn check(&self) -> Result<()> {
        check_confidence(OF, self.confidence)?;
        check_least(self.least)?;
        for (name, margin) in [("better_by", self.better_by), ("not_worse_by", self.not_worse_by)] {
            if !(0.0..1.0).contains(&margin) {
                return Err(parameter(OF, name, "a number in [0, 1)", &margin));
            }
        }
        if !(self.slope_low >= 0.0 && self.slope_low < self.slope_high && self.slope_high.is_finite()) {
            let got = format!("{} with `slope_high` {}", self.slope_low, self.slope_high);
            return Err(parameter(OF, "slope_low", "a number in [0, slope_high), with a finite `slope_high`", &got));
        }
        if !(self.widest > 0.0 && self.widest.is_finite()) {
            return Err(parameter(OF, "widest", "a number in (0, inf)", &self.widest));
        }
        self.top.check(OF)
    }
}

/// The challenger is promoted when its accuracy is at least `ratio` of the champion's, or when the champion is older than
/// `oldest_months` (Microsoft, *Configure predictive lead scoring*). So it may take over although it is a little worse.
/// What accuracy is measured at is inferred: the share of rows that are right at the cut with the greatest F1, which each score
/// has for itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DynamicsPolicy {
    /// The least accuracy, as a share of the champion's; 0.95.
    pub ratio: f64,
    /// The age in months above which the champion goes in any case; 3.
    pub oldest_months: f64,
    /// Fewer events, or fewer others, are not enough; 40.
    pub least: f64,
    /// How much the interval of the ratio holds; it is for reading, the rule does not use it.
    pub confidence: f64,
}

impl Default for DynamicsPolicy {
    fn default() -> Self {
        Self { ratio: 0.95, oldest_months: 3.0, least: 40.0, confidence: 0.95 }
    }
}

impl DynamicsPolicy {
    pub(super) fn check(&self) -> Result<()> {
        check_confidence(OF, self.confidence)?;
        check_least(self.least)?;
        for (name, limit) in [("ratio", self.ratio), ("oldest_months", self.oldest_months)] {
            if !(limit > 0.0 && limit.is_finite()) {
                return Err(parameter(OF, name, "a number in (0, inf)", &limit));
            }
        }
        Ok(())
    }
}

pub(super) const OF: &str = "promotion";

fn check_least(least: f64) -> Result<()> {
    if least >= 2.0 && least.is_finite() {
        return Ok(());
    }
    Err(parameter(OF, "least", "a number of at least 2", &least))
}
