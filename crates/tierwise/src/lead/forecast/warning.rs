//! Is the target in danger, how much is missing, and which class is behind it?

use super::{SigningForecast, place_of};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// When to warn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetRule {
    /// The signings wanted in the month.
    pub target: f64,
    /// Warn when fewer than target × (1 − tolerance) signings are expected.
    #[serde(default)]
    pub tolerance: f64,
    /// Warn also when the probability of missing the target is above this.
    #[serde(default)]
    pub most_risk: Option<f64>,
}

impl TargetRule {
    /// Warns when fewer signings are expected than wanted.
    pub fn new(target: f64) -> Self {
        Self { target, tolerance: 0.0, most_risk: None }
    }

    fn check(&self) -> Result<()> {
        let wrong = |name, must_be: &str, got: f64| {
            Err(Error::InvalidParameter { of: "TargetRule", name, must_be: must_be.into(), got: got.to_string() })
        };
        if !(self.target > 0.0 && self.target <= 1e15) {
            return wrong("target", "a number in (0, 1e15]", self.target);
        }
        if !(0.0..1.0).contains(&self.tolerance) {
            return wrong("tolerance", "a number in [0, 1)", self.tolerance);
        }
        match self.most_risk {
            Some(risk) if !(0.0..1.0).contains(&risk) => wrong("most_risk", "a number in [0, 1)", risk),
            _ => Ok(()),
        }
    }
}

/// What a class was planned to have: leads at the start of the month, and the share of them that sign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassPlan {
    /// The class.
    pub class: String,
    /// Leads at the start of the month; a mean may have a fraction.
    pub leads: f64,
    /// The share of them that sign.
    pub rate: f64,
}

/// Why the warning was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WarningReason {
    /// Fewer signings are expected than target × (1 − tolerance).
    ExpectedBelowTarget,
    /// The probability of missing the target is above the limit.
    RiskAboveLimit,
}

/// What is behind a class's part of a shortfall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Driver {
    /// Fewer leads than in the plan.
    Volume,
    /// A lower rate than in the plan.
    Rate,
}

/// One class against its plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WarningRow {
    /// The class.
    pub class: String,
    /// Leads forecast.
    pub leads: f64,
    /// Leads planned.
    pub planned_leads: f64,
    /// Rate forecast.
    pub rate: f64,
    /// Rate planned.
    pub planned_rate: f64,
    /// Signings more (or, below 0, less) than planned because of the number of leads.
    pub by_volume: f64,
    /// Signings more or less than planned because of the rate.
    pub by_rate: f64,
    /// The sum of both.
    pub difference: f64,
}

/// The forecast against the target.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SigningWarning {
    /// Whether to warn.
    pub warn: bool,
    /// Why; empty without a warning.
    pub reasons: Vec<WarningReason>,
    /// The signings wanted.
    pub target: f64,
    /// The signings expected.
    pub expected: f64,
    /// The lower end of the forecast's interval.
    pub low: f64,
    /// The upper end of the forecast's interval.
    pub high: f64,
    /// The probability of fewer signings than the target.
    pub probability_below: f64,
    /// Target − expected; below 0 where more is expected than wanted. It is `stretch` minus the classes' differences.
    pub shortfall: f64,
    /// Target − the signings of the plan: what the target asks for beyond the plan, and no class is to blame for.
    pub stretch: f64,
    /// The classes in ascending order.
    pub by_class: Vec<WarningRow>,
    /// The class that falls furthest below its plan, when there is a warning and one does.
    pub cause: Option<String>,
    /// Whether the leads or the rate of that class are further below.
    pub driver: Option<Driver>,
}

/// Holds a forecast against a target and divides what is missing among the classes.
///
/// Each class is compared with its `plan`; without one, with the history of the forecast: its mean leads per month and
/// its pooled rate. With N leads at rate p forecast and N₀ at p₀ planned, the difference Np − N₀p₀ is divided into
/// (N − N₀)(p + p₀)/2 for the volume and (p − p₀)(N + N₀)/2 for the rate, each change averaged over both orders in which
/// the two can be made (the Shapley value of two factors). The rule and the division are this library's (inferred).
///
/// # Errors
/// [`Error::InvalidParameter`] for a rule out of range or a plan without one of the classes; [`Error::UnknownName`] for
/// a class that was not forecast; [`Error::InvalidValue`] for a class planned twice, for leads outside [0, 10¹⁵] and for
/// a rate outside [0, 1].
///
/// ```
/// use tierwise::lead::{ClassPlan, MonthlySignings, RateMethod, TargetRule, signing_forecast, signing_warning};
///
/// let history = MonthlySignings::new(&["A", "B"], &[0, 0], &[100.0, 100.0], &[20.0, 5.0])?;
/// let method = RateMethod::PooledRate { months: 1 };
/// let forecast = signing_forecast(&history, &[("A", 60.0), ("B", 120.0)], &method, 0.9)?;
/// let warning = signing_warning(&forecast, &TargetRule::new(30.0), None)?;
/// assert!(warning.warn && (warning.shortfall - 12.0).abs() < 1e-12); // 60 × 0.2 + 120 × 0.05 = 18
/// assert!((warning.stretch - 5.0).abs() < 1e-12); // in a usual month 25 sign
/// assert_eq!(warning.cause.as_deref(), Some("A")); // 40 leads fewer: 8 signings
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn signing_warning(
    forecast: &SigningForecast,
    rule: &TargetRule,
    plan: Option<&[ClassPlan]>,
) -> Result<SigningWarning> {
    rule.check()?;
    let plan = match plan {
        Some(plan) => in_order(forecast, plan)?,
        None => forecast.by_class.iter().map(|class| (class.usual_leads, class.usual_rate)).collect(),
    };
    let planned: f64 = plan.iter().map(|(leads, rate)| leads * rate).sum();
    let by_class: Vec<WarningRow> = forecast
        .by_class
        .iter()
        .zip(plan)
        .map(|(class, (planned_leads, planned_rate))| {
            let by_volume = (class.leads - planned_leads) * (class.rate + planned_rate) / 2.0;
            let by_rate = (class.rate - planned_rate) * (class.leads + planned_leads) / 2.0;
            let difference = by_volume + by_rate;
            let (name, leads, rate) = (class.class.clone(), class.leads, class.rate);
            WarningRow { class: name, leads, planned_leads, rate, planned_rate, by_volume, by_rate, difference }
        })
        .collect();
    let probability_below = forecast.count.probability_below(rule.target)?;
    let reasons = reasons(forecast, rule, probability_below);
    let worst = by_class.iter().min_by(|a, b| a.difference.total_cmp(&b.difference));
    let worst = worst.filter(|row| row.difference < 0.0 && !reasons.is_empty());
    Ok(SigningWarning {
        warn: !reasons.is_empty(),
        reasons,
        target: rule.target,
        expected: forecast.expected,
        low: forecast.low,
        high: forecast.high,
        probability_below,
        shortfall: rule.target - forecast.expected,
        stretch: rule.target - planned,
        cause: worst.map(|row| row.class.clone()),
        driver: worst.map(|row| if row.by_volume <= row.by_rate { Driver::Volume } else { Driver::Rate }),
        by_class,
    })
}

fn reasons(forecast: &SigningForecast, rule: &TargetRule, probability_below: f64) -> Vec<WarningReason> {
    let below = forecast.expected < rule.target * (1.0 - rule.tolerance);
    let risky = rule.most_risk.is_some_and(|limit| probability_below > limit);
    [(below, WarningReason::ExpectedBelowTarget), (risky, WarningReason::RiskAboveLimit)]
        .into_iter()
        .filter_map(|(applies, reason)| applies.then_some(reason))
        .collect()
}

/// Leads and rate of the plan in the order of the forecast's classes.
fn in_order(forecast: &SigningForecast, plan: &[ClassPlan]) -> Result<Vec<(f64, f64)>> {
    let known: Vec<&str> = forecast.by_class.iter().map(|class| class.class.as_str()).collect();
    let mut ordered = vec![None; known.len()];
    for (row, ClassPlan { class, leads, rate }) in plan.iter().enumerate() {
        let wrong = |what: &str, found: String, must_be: &str| {
            Err(Error::InvalidValue {
                what: what.into(),
                row,
                key: Some(class.clone()),
                found,
                must_be: must_be.into(),
            })
        };
        let place = place_of(&known, "the class in the plan", row, class)?;
        if !(0.0..=1e15).contains(leads) {
            return wrong("`leads` of the plan", leads.to_string(), "a number in [0, 1e15] is needed");
        }
        if !(0.0..=1.0).contains(rate) {
            return wrong("`rate` of the plan", rate.to_string(), "a share in [0, 1] is needed, such as 0.05 for 5 %");
        }
        if ordered[place].replace((*leads, *rate)).is_some() {
            return wrong("the class in the plan", format!("`{class}` again"), "give every class once");
        }
    }
    let given = ordered.into_iter().zip(&forecast.by_class).map(|(planned, class)| {
        planned.ok_or_else(|| Error::InvalidParameter {
            of: "signing_warning",
            name: "plan",
            must_be: "leads and rate of every class forecast".into(),
            got: format!("none for class `{}`", class.class),
        })
    });
    given.collect()
}
