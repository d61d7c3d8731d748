//! What moved the sales from one period to another.

use super::SalesFactors;
use super::factors::parameter;
use super::shapley::of_product;
use crate::{Error, Result};

/// The change of the sales between two periods, split among the six factors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SalesSplit {
    /// The sales of the first period.
    pub before: f64,
    /// The sales of the second period.
    pub after: f64,
    /// The change.
    pub change: f64,
    /// What each factor adds to the change, in the order of [`SalesFactors::NAMES`].
    pub effects: [f64; 6],
}

/// Splits the change of the sales between two periods among the six factors: each gets its Shapley value (1953), the mean
/// of what it adds over all 720 orders in which the six could have changed one after the other.
///
/// No order is preferred and nothing is left over: the effects sum to the change, to within 1e-12 of the largest effect. A
/// factor that did not change has no effect; two factors of one product that changed alike have the same. The factors of
/// one product never meet those of the other, so four products per factor are enough. A factor that is unknown on one side
/// (the purchase of new customers, where there were none) takes the value of the other, so that it has no effect and the factor
/// that was 0 has all of it; unknown on both sides it counts as 0.
///
/// Equation: source 004; "inferred" are the split and the reading of the six factors in money.
///
/// # Errors
/// Those of [`SalesFactors::sales`], for the first period and for the second.
///
/// ```
/// use tierwise::value::{SalesFactors, split_sales};
/// let before = SalesFactors::from_values([1000.0, 0.1, 50.0, 400.0, 0.6, 120.0]);
/// let after = SalesFactors { retention: 0.5, ..before };
/// let split = split_sales(&before, &after)?;
/// assert!((split.effects[4] + 4800.0).abs() < 1e-9 && (split.change + 4800.0).abs() < 1e-9);
/// assert_eq!(split.effects[0], 0.0);
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn split_sales(before: &SalesFactors, after: &SalesFactors) -> Result<SalesSplit> {
    let ([old_new, old_existing], [new, existing]) = (before.terms()?, after.terms()?);
    let (from, to) = (before.values(), after.values());
    let half = |values: [f64; 6], start: usize| [values[start], values[start + 1], values[start + 2]];
    let [one, two, three] = of_product(half(from, 0), half(to, 0));
    let [four, five, six] = of_product(half(from, 3), half(to, 3));
    let effects = [one, two, three, four, five, six];
    check_finite(&effects, after)?;
    Ok(SalesSplit {
        before: old_new + old_existing,
        after: new + existing,
        change: (new - old_new) + (existing - old_existing),
        effects,
    })
}

/// The change of the sales split among eight effects: the six factors, and the mix of the groups among new and among
/// existing customers.
#[derive(Debug, Clone, PartialEq)]
pub struct SalesSplitByGroup {
    /// The sales of all groups in the first period.
    pub before: f64,
    /// The sales of all groups in the second period.
    pub after: f64,
    /// The change.
    pub change: f64,
    /// The effects of all groups together.
    pub effects: GroupEffects,
    /// The effects by group: each group's sum to the change of its own sales.
    pub groups: Vec<GroupEffects>,
}

/// Eight effects on the sales.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct GroupEffects {
    /// More or fewer new customers in all.
    pub new_customers: f64,
    /// Other shares of the groups among the new customers.
    pub new_mix: f64,
    /// Conversion within the groups.
    pub conversion: f64,
    /// Money per buyer within the groups.
    pub purchase: f64,
    /// More or fewer existing customers in all.
    pub existing_customers: f64,
    /// Other shares of the groups among the existing customers.
    pub existing_mix: f64,
    /// Retention within the groups.
    pub retention: f64,
    /// Money per existing customer who bought again, within the groups.
    pub repurchase: f64,
}

impl GroupEffects {
    /// The names of the effects, in the order of [`values`](Self::values).
    pub const NAMES: [&'static str; 8] = [
        "new_customers",
        "new_mix",
        "conversion",
        "purchase",
        "existing_customers",
        "existing_mix",
        "retention",
        "repurchase",
    ];

    /// The effects in the order of the names.
    pub fn values(&self) -> [f64; 8] {
        [
            self.new_customers,
            self.new_mix,
            self.conversion,
            self.purchase,
            self.existing_customers,
            self.existing_mix,
            self.retention,
            self.repurchase,
        ]
    }
}

/// Splits the change of the sales of several groups (segments, regions): the equation of each group is written with its
/// share, `all new customers × share × conversion × purchase + all existing × share × retention × repurchase`, and each of
/// the eight factors gets its Shapley value, all groups changing it at once.
///
/// So a falling conversion of the whole is told apart into groups that convert worse and a mix that moved to groups which
/// always did. With one group the mix has no effect and the others are those of [`split_sales`].
///
/// # Errors
/// [`Error::EmptyTable`]; [`Error::WrongLength`] unless there is one element per group in both; those of
/// [`SalesFactors::sales`].
///
/// ```
/// use tierwise::value::{SalesFactors, split_sales_by_group};
/// let of = |leads, conversion| SalesFactors::from_values([leads, conversion, 10.0, 0.0, f64::NAN, f64::NAN]);
/// // both groups convert as before, and more of the leads are of the group that hardly does
/// let split = split_sales_by_group(&[of(50.0, 0.4), of(50.0, 0.2)], &[of(20.0, 0.4), of(80.0, 0.2)])?;
/// assert!((split.change + 60.0).abs() < 1e-9 && (split.effects.new_mix + 60.0).abs() < 1e-9);
/// assert_eq!((split.effects.conversion, split.effects.new_customers), (0.0, 0.0));
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn split_sales_by_group(before: &[SalesFactors], after: &[SalesFactors]) -> Result<SalesSplitByGroup> {
    if before.is_empty() {
        return Err(Error::EmptyTable { what: "the list of groups".into() });
    }
    if before.len() != after.len() {
        let what = "the factors after".into();
        return Err(Error::WrongLength { what, expected: before.len(), found: after.len() });
    }
    let sales = |factors: &[SalesFactors]| factors.iter().map(SalesFactors::sales).sum::<Result<f64>>();
    let (old, new) = (sales(before)?, sales(after)?);
    let people = |factors: &[SalesFactors]| {
        let sum = |of: fn(&SalesFactors) -> f64| factors.iter().map(of).sum::<f64>();
        [sum(|one| one.new_customers), sum(|one| one.existing_customers)]
    };
    let (all_before, all_after) = (people(before), people(after));
    let mut groups = Vec::with_capacity(before.len());
    for (from, to) in before.iter().zip(after) {
        let [[new_customers, new_mix, conversion, purchase], [existing_customers, existing_mix, retention, repurchase]] =
            std::array::from_fn(|term| of_product(with_share(from, all_before, term), with_share(to, all_after, term)));
        let effects = GroupEffects {
            new_customers,
            new_mix,
            conversion,
            purchase,
            existing_customers,
            existing_mix,
            retention,
            repurchase,
        };
        check_finite(&effects.values(), to)?;
        groups.push(effects);
    }
    Ok(SalesSplitByGroup { before: old, after: new, change: new - old, effects: total(&groups), groups })
}

/// A product of the equation of a group, with all customers and the share of the group.
fn with_share(factors: &SalesFactors, all: [f64; 2], term: usize) -> [f64; 4] {
    let values = factors.values();
    // 0 / 0 is unknown, as the share in nobody is.
    [all[term], values[3 * term] / all[term], values[3 * term + 1], values[3 * term + 2]]
}

fn total(groups: &[GroupEffects]) -> GroupEffects {
    let sum = |of: fn(&GroupEffects) -> f64| groups.iter().map(of).sum::<f64>();
    GroupEffects {
        new_customers: sum(|one| one.new_customers),
        new_mix: sum(|one| one.new_mix),
        conversion: sum(|one| one.conversion),
        purchase: sum(|one| one.purchase),
        existing_customers: sum(|one| one.existing_customers),
        existing_mix: sum(|one| one.existing_mix),
        retention: sum(|one| one.retention),
        repurchase: sum(|one| one.repurchase),
    }
}

fn check_finite(effects: &[f64], after: &SalesFactors) -> Result<()> {
    if effects.iter().sum::<f64>().is_finite() {
        return Ok(());
    }
    let (name, value) = if after.purchase.abs() >= after.repurchase.abs() {
        ("purchase", after.purchase)
    } else {
        ("repurchase", after.repurchase)
    };
    Err(parameter(name, "so small that the effects are finite numbers", value))
}
