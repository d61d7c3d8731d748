//! What a campaign brought, by customers who were left out of it at random.

use super::means::{MeanChange, Moments, enough, welch};
use super::proportions::{Bounded, RateChange, changed};
use crate::evaluate::checks::check_weights;
use crate::evaluate::rows::check_range;
use crate::evaluate::rows::parameter;
use crate::rates::check_confidence;
use crate::{Error, Outcome, Result};
use serde::Serialize;

/// What a campaign brought in customers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CampaignLift {
    /// The rate of the control group (`before`) and of the treated (`after`), their difference, which is the absolute lift, and
    /// their ratio.
    pub rates: RateChange,
    /// The ratio less 1, with its interval; none where either group has no event.
    pub relative_lift: Option<Bounded>,
    /// Events that would not have happened without the campaign: the difference times the number of the treated.
    pub incremental: Bounded,
    /// The cost of the campaign per such event; none without a cost, and where fewer bought than would have anyway. Its upper end
    /// is infinite where the interval of the difference reaches down to 0.
    pub cost_per_incremental: Option<Bounded>,
}

/// What a campaign brought in money.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CampaignRevenue {
    /// The mean per customer of the control group (`before`) and of the treated (`after`), and their difference.
    pub means: MeanChange,
    /// Revenue that would not have come without the campaign: the difference times the number of the treated.
    pub incremental: Bounded,
    /// The same less the cost; none without a cost.
    pub profit: Option<Bounded>,
}

/// Compares who bought among the treated with who bought in a control group that was drawn at random.
///
/// Intervals are those of [`rate_change`](super::rate_change). Without chance in who was treated the figures mean nothing: those
/// whom a sales rep picks would have bought more often anyway.
///
/// ```
/// use tierwise::{Outcome, evaluate::campaign_lift};
/// let treated: Vec<bool> = (0..2000).map(|row| row < 1000).collect();
/// let bought: Vec<bool> = (0..2000).map(|row| if row < 1000 { row % 10 == 0 } else { row % 20 == 0 }).collect();
/// let lift = campaign_lift(&Outcome::binary("bought", &bought), &treated, Some(5000.0), 0.95)?;
/// assert_eq!((lift.incremental.value, lift.relative_lift.map(|lift| lift.value)), (50.0, Some(1.0)));
/// assert_eq!(lift.cost_per_incremental.map(|cost| cost.value), Some(100.0));
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] for a confidence outside (0, 1), a cost that is negative or not finite, and an outcome with offsets;
/// [`Error::WrongLength`]; [`Error::NotEnoughData`] where a group has no customer.
pub fn campaign_lift(
    outcome: &Outcome<'_>,
    treated: &[bool],
    cost: Option<f64>,
    confidence: f64,
) -> Result<CampaignLift> {
    check("campaign_lift", cost, confidence)?;
    if outcome.row_offsets().is_some() {
        return Err(parameter("campaign_lift", "outcome", "an outcome without offsets", &outcome.name()));
    }
    outcome.check_total_weight()?;
    let happened = outcome.values();
    check_treated(treated.len(), happened.len())?;
    let mut counts = [(0.0, 0.0); 2];
    for (row, &treated) in treated.iter().enumerate() {
        let weight = outcome.row_weights().map_or(1.0, |weights| weights[row]);
        let (events, customers) = &mut counts[usize::from(treated)];
        *events += weight * happened[row];
        *customers += weight;
    }
    let [control, test] = counts;
    for (name, (_, customers)) in [("control", control), ("treated", test)] {
        if customers == 0.0 {
            let what = format!("the lift of a campaign, customers of the {name} group");
            return Err(Error::NotEnoughData { what, needed: 1, found: 0 });
        }
    }
    let rates = changed(control, test, confidence);
    let incremental = times(&rates.difference, test.1);
    Ok(CampaignLift {
        relative_lift: rates.ratio.map(|ratio| {
            let less_one = |end: f64| end - 1.0;
            Bounded { value: less_one(ratio.value), low: less_one(ratio.low), high: less_one(ratio.high) }
        }),
        cost_per_incremental: cost.and_then(|cost| per_event(cost, &incremental)),
        rates,
        incremental,
    })
}

/// Compares the mean revenue of the treated with that of a control group that was drawn at random; a customer without a purchase
/// counts with 0.
///
/// ```
/// use tierwise::evaluate::campaign_revenue;
/// let spent = [0.0, 20.0, 30.0, 10.0, 0.0, 5.0, 0.0, 15.0];
/// let treated = [true, true, true, true, false, false, false, false];
/// let found = campaign_revenue(&spent, &treated, None, Some(12.0), 0.95)?;
/// assert!((found.incremental.value - 40.0).abs() < 1e-9);
/// assert!(found.profit.is_some_and(|profit| (profit.value - 28.0).abs() < 1e-9));
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`campaign_lift`]; [`Error::InvalidValue`] with the row for revenue that is not finite and for a weight;
/// [`Error::NotEnoughData`] for fewer than two customers in a group.
pub fn campaign_revenue(
    revenue: &[f64],
    treated: &[bool],
    weights: Option<&[f64]>,
    cost: Option<f64>,
    confidence: f64,
) -> Result<CampaignRevenue> {
    check("campaign_revenue", cost, confidence)?;
    check_treated(treated.len(), revenue.len())?;
    check_range("the revenue", revenue)?;
    check_weights("", revenue.len(), weights)?;
    let moments = |which: bool| {
        let rows = (0..revenue.len()).filter(|&row| treated[row] == which);
        let found = Moments::of(rows.map(|row| (revenue[row], weights.map_or(1.0, |weights| weights[row]))));
        let name = if which { "treated" } else { "control" };
        enough(&found, &format!("the mean revenue of the {name} group")).map(|()| found)
    };
    let (control, test) = (moments(false)?, moments(true)?);
    let means = welch(&control, &test, confidence);
    let incremental = times(&means.difference, test.weight);
    let less = |cost: f64| Bounded {
        value: incremental.value - cost,
        low: incremental.low - cost,
        high: incremental.high - cost,
    };
    Ok(CampaignRevenue { means, incremental, profit: cost.map(less) })
}

fn check(of: &'static str, cost: Option<f64>, confidence: f64) -> Result<()> {
    check_confidence(of, confidence)?;
    match cost {
        Some(cost) if !(cost >= 0.0 && cost.is_finite()) => {
            Err(parameter(of, "cost", "a finite amount of money, not negative", &cost))
        }
        _ => Ok(()),
    }
}

fn check_treated(found: usize, expected: usize) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(Error::WrongLength { what: "`treated`".into(), expected, found })
}

fn times(difference: &Bounded, customers: f64) -> Bounded {
    Bounded { value: difference.value * customers, low: difference.low * customers, high: difference.high * customers }
}

fn per_event(cost: f64, incremental: &Bounded) -> Option<Bounded> {
    let dearest = if incremental.low > 0.0 { cost / incremental.low } else { f64::INFINITY };
    (incremental.value > 0.0).then(|| Bounded {
        value: cost / incremental.value,
        low: cost / incremental.high,
        high: dearest,
    })
}
