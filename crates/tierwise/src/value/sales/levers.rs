//! Which lever moves the sales, and how far each would have to be moved.

use super::SalesFactors;
use super::factors::product_of;
use crate::{Error, Result};

/// What moving one lever does to the sales, all others standing still.
///
/// Source 004 names four levers: more traffic is `new_customers`, larger purchases are `purchase`, larger repurchases are
/// `repurchase`, and less churn is `churn`, which is 1 − retention. The other factors stand beside them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeverEffect {
    /// A factor of [`SalesFactors::NAMES`], or `churn`.
    pub lever: &'static str,
    /// The factor as it is; NaN where it is unknown.
    pub value: f64,
    /// The factor when it is moved; a rate stops at 1.
    pub moved_to: f64,
    /// Whether the rate stopped at 1 (churn at 0) before the whole change.
    pub stopped: bool,
    /// What that adds to the sales.
    pub effect: f64,
    /// By how many per cent the sales grow per per cent of the factor (of churn: less of it); NaN where there are no sales.
    pub elasticity: f64,
}

/// How far one lever would have to be moved to reach a target, all others standing still.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeverTarget {
    /// A factor of [`SalesFactors::NAMES`], or `churn`.
    pub lever: &'static str,
    /// The factor as it is; NaN where it is unknown.
    pub value: f64,
    /// The factor that reaches the target; `None` where no possible one does: it would be negative (people, a rate,
    /// money per head) or a rate above 1, or it multiplies 0.
    pub needed: Option<f64>,
    /// That relative to the factor as it is: 0.1 is ten per cent more. `None` also where it is 0 or unknown.
    pub relative_change: Option<f64>,
}

impl SalesFactors {
    /// What a relative change of each factor does to the sales: 0.01 is one per cent more of it, and one per cent less
    /// churn. Six factors in order, then churn.
    ///
    /// # Errors
    /// Those of [`sales`](Self::sales); [`Error::InvalidParameter`] for a change that is not above -1 and finite.
    ///
    /// ```
    /// use tierwise::value::SalesFactors;
    /// let year = SalesFactors::from_values([1000.0, 0.1, 50.0, 400.0, 0.6, 120.0]);
    /// let levers = year.levers(0.01)?;
    /// assert_eq!(levers[2].lever, "purchase");
    /// assert!((levers[2].effect - 50.0).abs() < 1e-9); // 1 % of 5000
    /// assert!((levers[6].effect - 192.0).abs() < 1e-9); // churn of 40 % falls to 39.6 %: 400 × 0.004 × 120
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn levers(&self, change: f64) -> Result<Vec<LeverEffect>> {
        if !(change > -1.0 && change.is_finite()) {
            return Err(Error::InvalidParameter {
                of: "SalesFactors",
                name: "change",
                must_be: "a finite number above -1".into(),
                got: change.to_string(),
            });
        }
        let sales = self.sales()?;
        let of_factor = |place: usize| {
            let value = self.values()[place];
            let wanted = value * (1.0 + change);
            let most = if place % 3 == 1 { 1.0 } else { f64::INFINITY };
            let slope = self.others(place);
            let moved_to = if wanted > most { most } else { wanted };
            lever(Self::NAMES[place], [value, moved_to], wanted > most, slope, sales, value)
        };
        let mut levers: Vec<LeverEffect> = (0..6).map(of_factor).collect();
        let churn = 1.0 - self.retention;
        let wanted = churn * (1.0 - change);
        let moved = wanted.clamp(0.0, 1.0);
        let stopped = moved != wanted && !wanted.is_nan();
        levers.push(lever("churn", [churn, moved], stopped, -self.others(4), sales, -churn));
        Ok(levers)
    }

    /// What each lever would have to be for the sales to reach a target, in the order of [`levers`](Self::levers).
    ///
    /// # Errors
    /// Those of [`sales`](Self::sales); [`Error::InvalidParameter`] for a target that is not finite.
    ///
    /// ```
    /// use tierwise::value::SalesFactors;
    /// let year = SalesFactors::from_values([1000.0, 0.1, 50.0, 400.0, 0.6, 120.0]);
    /// let needed = year.needed(38_600.0)?;
    /// assert!((needed[4].needed.unwrap() - 0.7).abs() < 1e-12); // retention
    /// assert!((needed[6].relative_change.unwrap() + 0.25).abs() < 1e-12); // a quarter less churn
    /// assert_eq!(year.needed(60_000.0)?[4].needed, None); // not with retention alone
    /// assert_eq!(year.needed(0.0)?[2].needed, None); // no purchase is below 0
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn needed(&self, target: f64) -> Result<Vec<LeverTarget>> {
        if !target.is_finite() {
            return Err(Error::InvalidParameter {
                of: "SalesFactors",
                name: "target",
                must_be: "a finite number".into(),
                got: target.to_string(),
            });
        }
        let terms = self.terms()?;
        let solved = |place: usize| {
            let needed = (target - terms[1 - place / 3]) / self.others(place);
            let most = if place % 3 == 1 { 1.0 } else { f64::MAX };
            Some(needed).filter(|needed| (0.0..=most).contains(needed))
        };
        let of = |lever: &'static str, value: f64, needed: Option<f64>| {
            let change = needed.map(|needed| needed / value - 1.0).filter(|change| change.is_finite());
            LeverTarget { lever, value, needed, relative_change: change }
        };
        let mut targets: Vec<LeverTarget> =
            (0..6).map(|place| of(Self::NAMES[place], self.values()[place], solved(place))).collect();
        targets.push(of("churn", 1.0 - self.retention, solved(4).map(|retention| 1.0 - retention)));
        Ok(targets)
    }

    /// The product of the other two factors of the same product: what one unit more of a factor adds to the sales. 0 where
    /// one of them is unknown, for then another is 0.
    fn others(&self, place: usize) -> f64 {
        let values = self.values();
        let start = place / 3 * 3;
        let others: Vec<f64> = (start..start + 3).filter(|&other| other != place).map(|other| values[other]).collect();
        let product = product_of(&others);
        if product.is_nan() { 0.0 } else { product }
    }
}

/// What moving a lever from a value to another does, where one unit more of it adds `slope` to the sales. `weight` is the
/// value, of churn less it, for less of it is more.
fn lever(
    lever: &'static str,
    [value, moved_to]: [f64; 2],
    stopped: bool,
    slope: f64,
    sales: f64,
    weight: f64,
) -> LeverEffect {
    // Nothing is known of a factor that multiplies 0, but what it does: nothing.
    let by = |times: f64| if slope == 0.0 { 0.0 } else { slope * times };
    LeverEffect {
        lever,
        value,
        moved_to,
        stopped,
        effect: by(moved_to - value),
        elasticity: if sales == 0.0 { f64::NAN } else { by(weight) / sales },
    }
}
