//! The sales equation against all 720 orders, levers, factors from a log; ABC classes, concentration, customers × products.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tierwise::evaluate::Bootstrap;
use tierwise::value::{
    GroupEffects, Returns, SalesFactors, SalesLog, SalesOfPeriod, SalesRules, TierMethod, Tiers, concentration,
    customers_by_products, gini, pareto, sales_of_period, sales_of_period_by_group, share_curve, share_peak,
    split_sales, split_sales_by_group,
};
use tierwise::{Result, model};

fn code<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    result.unwrap_err().code()
}

fn says<T: std::fmt::Debug>(result: Result<T>, words: &[&str]) {
    let said = result.unwrap_err().to_string();
    for word in words {
        assert!(said.contains(word), "`{word}` in: {said}");
    }
}

fn year() -> SalesFactors {
    SalesFactors::from_values([1000.0, 0.1, 50.0, 400.0, 0.6, 120.0])
}

// The split.

fn permutations(of: usize) -> Vec<Vec<usize>> {
    if of == 0 {
        return vec![vec![]];
    }
    let longer = |shorter: Vec<usize>| {
        (0..of).map(move |place| {
            let mut longer = shorter.clone();
            longer.insert(place, of - 1);
            longer
        })
    };
    permutations(of - 1).into_iter().flat_map(longer).collect()
}

/// The mean of what each player adds over all orders.
fn by_all_orders<const N: usize>(value: impl Fn([bool; N]) -> f64) -> [f64; N] {
    let orders = permutations(N);
    let mut effects = [0.0; N];
    for order in &orders {
        let mut changed = [false; N];
        for &player in order {
            let before = value(changed);
            changed[player] = true;
            effects[player] += value(changed) - before;
        }
    }
    effects.map(|effect| effect / orders.len() as f64)
}

fn factors() -> impl Strategy<Value = SalesFactors> {
    let rate = || prop_oneof![Just(0.0), Just(1.0), 0.0..1.0_f64];
    let people = || prop_oneof![Just(0.0), 1.0..1e6_f64];
    let money = || -10.0..1e4_f64;
    (people(), rate(), money(), people(), rate(), money())
        .prop_map(|(a, b, c, d, e, f)| SalesFactors::from_values([a, b, c, d, e, f]))
}

fn close(one: f64, other: f64, size: f64) -> bool {
    (one - other).abs() <= 1e-12 * size.max(1e-300)
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, value| f64::max(most, value.abs()))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn the_split_is_the_mean_over_all_720_orders(before in factors(), after in factors()) {
        let split = split_sales(&before, &after).unwrap();
        let (from, to) = (before.values(), after.values());
        let sales = |changed: [bool; 6]| {
            let mixed = std::array::from_fn(|place| if changed[place] { to[place] } else { from[place] });
            SalesFactors::from_values(mixed).sales().unwrap()
        };
        let expected = by_all_orders(sales);
        let size = largest(&expected).max(largest(&[split.before, split.after]));
        for (effect, expected) in split.effects.iter().zip(expected) {
            prop_assert!(close(*effect, expected, size * 10.0), "{} and {}", effect, expected);
        }
        prop_assert_eq!((split.before, split.after), (before.sales().unwrap(), after.sales().unwrap()));
    }

    /// Efficiency, dummy, antisymmetry.
    #[test]
    fn the_effects_sum_to_the_change(before in factors(), after in factors(), still in 0..6_usize) {
        let split = split_sales(&before, &after).unwrap();
        let sum: f64 = split.effects.iter().sum();
        prop_assert!(close(sum, split.change, 4.0 * largest(&split.effects)), "{} and {}", sum, split.change);
        prop_assert!(close(split.change, split.after - split.before, 4.0 * largest(&[split.before, split.after])));
        let back = split_sales(&after, &before).unwrap();
        for (there, back) in split.effects.iter().zip(back.effects) {
            prop_assert!(close(*there, -back, 4.0 * largest(&split.effects)));
        }
        let mut values = after.values();
        values[still] = before.values()[still];
        prop_assert_eq!(split_sales(&before, &SalesFactors::from_values(values)).unwrap().effects[still], 0.0);
    }

    #[test]
    fn the_split_by_group_is_the_mean_over_all_orders_of_eight(
        before in prop::collection::vec(factors(), 2),
        after in prop::collection::vec(factors(), 2),
    ) {
        let split = split_sales_by_group(&before, &after).unwrap();
        let all = |side: &[SalesFactors]| [side[0].new_customers + side[1].new_customers, side[0].existing_customers + side[1].existing_customers];
        let (from, to) = (all(&before), all(&after));
        // A share in nobody is taken over from the other side.
        let share = |mine: f64, mine_of: f64, other: f64, other_of: f64| match (mine_of > 0.0, other_of > 0.0) {
            (true, _) => mine / mine_of,
            (false, true) => other / other_of,
            (false, false) => 0.0,
        };
        let term = |changed: [bool; 4], term: usize| -> f64 {
            before.iter().zip(&after).map(|(old, new)| {
                let (old, new) = (&old.values()[3 * term..], &new.values()[3 * term..]);
                let shares = [share(old[0], from[term], new[0], to[term]), share(new[0], to[term], old[0], from[term])];
                let pick = |player: usize, old: f64, new: f64| if changed[player] { new } else { old };
                pick(0, from[term], to[term]) * pick(1, shares[0], shares[1]) * pick(2, old[1], new[1]) * pick(3, old[2], new[2])
            }).sum()
        };
        let expected = [by_all_orders(|changed| term(changed, 0)), by_all_orders(|changed| term(changed, 1))].concat();
        let of_groups = |group: &GroupEffects| largest(&group.values());
        let size = split.groups.iter().map(of_groups).fold(largest(&[split.before, split.after]), f64::max);
        for (effect, expected) in split.effects.values().iter().zip(&expected) {
            prop_assert!(close(*effect, *expected, size * 30.0), "{} and {}", effect, expected);
        }
        let sum: f64 = split.effects.values().iter().sum();
        prop_assert!(close(sum, split.change, size * 16.0));
        for ((group, old), new) in split.groups.iter().zip(&before).zip(&after) {
            let own: f64 = group.values().iter().sum();
            prop_assert!(close(own, new.sales().unwrap() - old.sales().unwrap(), size * 16.0));
        }
    }

    #[test]
    fn one_group_has_no_mix(before in factors(), after in factors()) {
        let whole = split_sales(&before, &after).unwrap();
        let one = split_sales_by_group(&[before], &[after]).unwrap();
        prop_assert_eq!((one.effects.new_mix, one.effects.existing_mix), (0.0, 0.0));
        let [a, _, b, c, d, _, e, f] = one.effects.values();
        for (one, other) in [a, b, c, d, e, f].into_iter().zip(whole.effects) {
            prop_assert!(close(one, other, 4.0 * largest(&whole.effects)));
        }
    }
}

#[test]
fn two_factors_that_change_alike_have_the_same_effect() {
    let before = SalesFactors::from_values([10.0, 0.5, 10.0, 0.0, 0.0, 0.0]);
    let split = split_sales(&before, &SalesFactors { new_customers: 20.0, purchase: 20.0, ..before }).unwrap();
    // 50 becomes 200; each of the two doubles.
    assert_eq!(split.effects, [75.0, 0.0, 75.0, 0.0, 0.0, 0.0]);
    assert_eq!((split.before, split.after, split.change), (50.0, 200.0, 150.0));
}

#[test]
fn what_nobody_knows_has_no_effect() {
    let none = SalesFactors::from_values([0.0, f64::NAN, f64::NAN, 0.0, f64::NAN, f64::NAN]);
    assert_eq!(none.sales().unwrap(), 0.0);
    assert_eq!(split_sales(&none, &year()).unwrap().effects, [5000.0, 0.0, 0.0, 28_800.0, 0.0, 0.0]);
    assert_eq!(split_sales(&none, &none).unwrap().effects, [0.0; 6]);
    let unsold = SalesFactors { conversion: 0.0, purchase: f64::NAN, ..year() };
    assert_eq!(split_sales(&unsold, &year()).unwrap().effects, [0.0, 5000.0, 0.0, 0.0, 0.0, 0.0]);
    says(
        SalesFactors { purchase: f64::NAN, ..year() }.sales(),
        &["`purchase` of `SalesFactors`", "known, unless", "Got unknown"],
    );
    says(SalesFactors { new_customers: f64::NAN, ..year() }.sales(), &["`new_customers`"]);
}

#[test]
fn factors_that_cannot_be_are_refused() {
    let with = |place: usize, value: f64| {
        let mut values = year().values();
        values[place] = value;
        SalesFactors::from_values(values)
    };
    for (place, values) in [
        (0, [-1.0, f64::INFINITY]),
        (1, [1.1, -0.1]),
        (2, [f64::INFINITY, f64::NEG_INFINITY]),
        (3, [-1.0, f64::INFINITY]),
        (4, [1.01, -1.0]),
    ] {
        for value in values {
            let refused = with(place, value);
            says(refused.sales(), &[&format!("`{}`", SalesFactors::NAMES[place])]);
            says(split_sales(&year(), &refused), &["SalesFactors"]);
            says(refused.levers(0.1), &["SalesFactors"]);
            says(refused.needed(1.0), &["SalesFactors"]);
        }
    }
    let huge = SalesFactors::from_values([1e300, 1.0, 1e300, 0.0, 0.0, 0.0]);
    says(huge.sales(), &["all sales are a finite number"]);
    // Each period can be told, but not what lies between them.
    let [one, other] =
        [[1e300, 1.0, 1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1e300, 0.0, 0.0, 0.0]].map(SalesFactors::from_values);
    says(split_sales(&one, &other), &["the effects are finite"]);
    assert_eq!(code(split_sales_by_group(&[], &[])), "empty_table");
    assert_eq!(code(split_sales_by_group(&[year()], &[])), "wrong_length");
}

// Levers.

#[test]
fn levers_move_what_they_say() {
    let levers = year().levers(0.01).unwrap();
    let effects: Vec<f64> = levers.iter().map(|lever| lever.effect).collect();
    let expected = [50.0, 50.0, 50.0, 288.0, 288.0, 288.0, 192.0];
    effects
        .iter()
        .zip(expected)
        .for_each(|(effect, expected)| assert!((effect - expected).abs() < 1e-9, "{effects:?}"));
    for (lever, moved) in levers.iter().zip(expected) {
        assert!((lever.elasticity - moved / 338.0).abs() < 1e-12, "{}", lever.lever);
        assert!(!lever.stopped);
    }
    assert_eq!((levers[6].lever, levers[6].value, levers[6].moved_to), ("churn", 0.4, 0.396));
    // Rates stop at 1.
    let much = year().levers(1.0).unwrap();
    assert_eq!((much[4].moved_to, much[4].stopped, much[6].moved_to), (1.0, true, 0.0));
    assert!((much[4].effect - 19_200.0).abs() < 1e-9 && (much[6].effect - 19_200.0).abs() < 1e-9);
    let less = year().levers(-0.5).unwrap();
    assert!((less[6].moved_to - 0.6).abs() < 1e-12 && less[6].effect < 0.0);
    assert_eq!(code(year().levers(-1.0)), "invalid_parameter");
    assert_eq!(code(year().levers(f64::NAN)), "invalid_parameter");
    let none = SalesFactors::from_values([0.0, f64::NAN, f64::NAN, 0.0, f64::NAN, f64::NAN]);
    let levers = none.levers(0.1).unwrap();
    assert!(levers.iter().all(|lever| lever.effect == 0.0 && lever.elasticity.is_nan()));
    assert!(levers[1].moved_to.is_nan() && levers[6].moved_to.is_nan() && !levers[1].stopped);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// What is needed reaches the target, and what a lever promises comes.
    #[test]
    fn levers_and_targets_are_the_equation(factors in factors(), change in -0.9..2.0_f64, grow in 0.2..2.0_f64) {
        let sales = factors.sales().unwrap();
        let moved = |lever: &str, to: f64| {
            let mut values = factors.values();
            match SalesFactors::NAMES.iter().position(|&name| name == lever) {
                Some(place) => values[place] = to,
                None => values[4] = 1.0 - to,
            }
            SalesFactors::from_values(values).sales().unwrap()
        };
        let scale = sales.abs() + largest(&[factors.new_customers * factors.purchase, factors.existing_customers * factors.repurchase]);
        for lever in factors.levers(change).unwrap() {
            prop_assert!(close(moved(lever.lever, lever.moved_to) - sales, lever.effect, 100.0 * scale * (1.0 + change.abs())), "{:?}", lever);
        }
        let target = sales * grow;
        for one in factors.needed(target).unwrap() {
            if let Some(needed) = one.needed {
                prop_assert!(close(moved(one.lever, needed), target, 1000.0 * (scale + target.abs())), "{:?}", one);
            }
        }
    }
}

#[test]
fn targets_out_of_reach_are_none() {
    let needed = year().needed(60_000.0).unwrap();
    assert_eq!((needed[4].needed, needed[6].needed, needed[6].relative_change), (None, None, None));
    assert!(
        (needed[0].needed.unwrap() - 6240.0).abs() < 1e-9 && (needed[0].relative_change.unwrap() - 5.24).abs() < 1e-12
    );
    assert!(year().needed(100.0).unwrap()[0].needed.is_none()); // fewer than nobody
    let none = SalesFactors::from_values([0.0, f64::NAN, f64::NAN, 0.0, f64::NAN, f64::NAN]);
    assert!(none.needed(10.0).unwrap().iter().all(|one| one.needed.is_none()));
    assert_eq!(code(year().needed(f64::INFINITY)), "invalid_parameter");
}

// From a log.

/// Before day 100: customers 0, 1 (last on day 20). In 100..=199: 0 buys twice and returns, 1 only returns, 2 is new, 3 only
/// returns and was never seen. After: 4.
fn log() -> (Vec<u32>, Vec<i32>, Vec<f64>) {
    let customers = vec![0, 1, 0, 0, 0, 1, 2, 3, 4];
    (
        customers,
        vec![60, 20, 110, 120, 130, 140, 199, 150, 200],
        vec![9.0, 9.0, 30.0, 12.0, -2.0, -5.0, 7.0, -1.0, 99.0],
    )
}

fn period(leads: Option<f64>, rules: SalesRules) -> Result<SalesOfPeriod> {
    let (customers, days, amounts) = log();
    sales_of_period(&SalesLog { customers: &customers, days: &days, amounts: &amounts }, 100, 199, leads, &rules)
}

#[test]
fn factors_of_a_log() {
    let rules = SalesRules::default();
    let found = period(Some(4.0), rules).unwrap();
    assert_eq!(found.factors.values(), [4.0, 0.25, 7.0, 2.0, 0.5, 40.0]);
    assert_eq!((found.new_buyers, found.retained, found.sales, found.returns_of_others), (1.0, 1.0, 47.0, -6.0));
    assert_eq!(found.factors.sales().unwrap(), found.sales);
    assert_eq!(period(None, rules).unwrap().factors.values()[..3], [1.0, 1.0, 7.0]);
    let without = period(None, SalesRules { returns: Returns::LeaveOut, ..rules }).unwrap();
    assert_eq!((without.sales, without.returns_of_others, without.factors.repurchase), (49.0, 0.0, 42.0));
    // As purchases, those who only return have bought: 1 again, 3 for the first time.
    let rows = period(None, SalesRules { returns: Returns::AsPurchases, ..rules }).unwrap();
    assert_eq!((rows.new_buyers, rows.retained, rows.sales, rows.returns_of_others), (2.0, 2.0, 41.0, 0.0));
    says(period(None, SalesRules { returns: Returns::Refuse, ..rules }), &["the amount at row 4 (`0`) is -2"]);
    // Looking back 40 days, 1 was no customer any more.
    let recent = period(None, SalesRules { lookback: Some(40), ..rules }).unwrap();
    assert_eq!((recent.factors.existing_customers, recent.factors.retention), (1.0, 1.0));
    assert_eq!(period(None, SalesRules { lookback: Some(39), ..rules }).unwrap().factors.existing_customers, 0.0);
    for leads in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        says(period(Some(leads), rules), &["`leads`", "at least that of the new buyers, 1"]);
    }
}

#[test]
fn periods_and_groups_of_a_log() {
    let (customers, days, amounts) = log();
    let log = SalesLog { customers: &customers, days: &days, amounts: &amounts };
    let rules = SalesRules::default();
    let by_group =
        |groups: &[u32], leads: Option<&[f64]>| sales_of_period_by_group(&log, groups, 2, (100, 199), leads, &rules);
    let groups = [0, 1, 0, 0, 0, 1, 1, 1, 0];
    let found = by_group(&groups, Some(&[0.0, 10.0])).unwrap();
    assert_eq!(found[0].factors.values()[3..], [1.0, 1.0, 40.0]);
    assert!(found[0].factors.conversion.is_nan() && found[0].factors.purchase.is_nan());
    assert_eq!((found[1].factors.conversion, found[1].factors.retention, found[1].returns_of_others), (0.1, 0.0, -6.0));
    assert!(found[1].factors.repurchase.is_nan());
    assert_eq!(found.iter().map(|one| one.factors.sales().unwrap()).sum::<f64>(), 47.0);
    says(by_group(&[0, 1, 1, 0, 0, 1, 1, 1, 0], None), &["the group at row 2 (`0`)", "one group in all rows"]);
    says(by_group(&[2; 9], None), &["the group at row 0 (`0`) is 2"]);
    assert_eq!(code(by_group(&groups, Some(&[1.0]))), "wrong_length");
    assert_eq!(code(by_group(&[0], None)), "wrong_length");
    says(sales_of_period(&log, 199, 100, None, &rules), &["`last_day`", "not before the first"]);
    let bad = SalesLog { amounts: &[f64::NAN; 9], ..log };
    assert_eq!(code(sales_of_period(&bad, 100, 199, None, &rules)), "invalid_value");
    let empty = SalesLog { customers: &[], days: &[], amounts: &[] };
    assert_eq!(code(sales_of_period(&empty, 100, 199, None, &rules)), "empty_table");
    let extreme = SalesLog { customers: &[7, 7], days: &[i32::MIN, i32::MAX], amounts: &[1.0, 2.0] };
    let all = SalesRules { lookback: Some(u32::MAX), ..rules };
    assert_eq!(sales_of_period(&extreme, i32::MAX, i32::MAX, None, &all).unwrap().factors.existing_customers, 1.0);
}

// Pareto.

#[test]
fn the_set_of_eighty_per_cent_with_losses() {
    let profit = [100.0, 60.0, 40.0, -20.0, -80.0]; // 100 in all, 200 before losses
    let set = pareto(&profit, 0.8).unwrap();
    assert_eq!((set.rows, set.share_of_money), (vec![0], 1.0)); // one of five makes as much as all together
    let curve = share_curve(&profit).unwrap();
    assert_eq!((curve.money(), curve.peak()), (&[0.0, 1.0, 1.6, 2.0, 1.8, 1.0][..], (3, 2.0)));
    assert_eq!(share_curve(&[3.0, 1.0, 0.0]).unwrap().peak(), (2, 1.0));
}

#[test]
fn abc_classes() {
    let names = ["A", "B", "C"];
    let shares = [0.8, 0.15, 0.05];
    // Equal amounts stay together: one of the 75 is needed for 80 %, and the others come along.
    let tied = Tiers::by_share_of_money("sales", &[800.0, 75.0, 75.0, 75.0, 10.0], &names, &shares).unwrap();
    assert_eq!(tied.assigned, [0, 0, 0, 0, 2].map(Some));
    let sales = [500.0, 300.0, 75.0, 75.0, 75.0, 10.0];
    let classed = Tiers::by_share_of_money("sales", &sales, &names, &shares).unwrap();
    let by_hand = [0, 0, 0, 0, 0, 2];
    let by_set = |share: f64| pareto(&sales, share).unwrap().threshold;
    let expected: Vec<Option<usize>> =
        sales.iter().map(|&value| Some(usize::from(value < by_set(0.8)) + usize::from(value < by_set(0.95)))).collect();
    assert_eq!(classed.assigned, expected);
    assert_eq!(expected, by_hand.map(Some));
    // Nobody is left for B, so that it is left out and said to be.
    assert_eq!((classed.tiers.bands().names().len(), classed.tiers.findings().len()), (2, 1));
    assert_eq!(classed.tiers.origin().unwrap().method, TierMethod::SharesOfMoney);
    assert_eq!(model::load::<Tiers>(&model::save(&classed.tiers).unwrap()).unwrap(), classed.tiers);
    // With losses: complete where the share is first reached, losses last.
    let losses =
        Tiers::by_share_of_money("profit", &[100.0, 60.0, 40.0, -20.0, -80.0], &names, &[0.5, 0.6 - 0.1, 1e-12])
            .unwrap();
    assert_eq!(losses.assigned, [0, 2, 2, 2, 2].map(Some));
    for bad in [&[0.8, 0.1][..], &[0.8, 0.1, 0.2], &[0.8, 0.2, 0.0]] {
        let refused = Tiers::by_share_of_money("x", &[1.0], &names, bad).unwrap_err();
        assert!(refused.to_string().contains("shares"), "{refused}");
    }
    let of = |values: &[f64]| Tiers::by_share_of_money("x", values, &names, &shares);
    assert_eq!(
        [code(of(&[])), code(of(&[f64::NAN])), code(of(&[-1.0]))],
        ["empty_table", "invalid_value", "invalid_parameter"]
    );
    assert_eq!(code(Tiers::by_share_of_money("x", &[-1.0], &["A"], &[1.0])), "invalid_parameter");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// Each class is the smallest that reaches its share: without its last amount it would not.
    #[test]
    fn class_a_is_the_smallest_set(values in prop::collection::vec(-5..100_i32, 1..30)) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let total: f64 = values.iter().sum();
        let Ok(classed) = Tiers::by_share_of_money("x", &values, &["A", "B", "C"], &[0.5, 0.3, 0.2]) else {
            prop_assert!(total <= 0.0);
            return Ok(());
        };
        for (class, share) in [(0, 0.5), (1, 0.8)] {
            let within: Vec<f64> = values.iter().zip(&classed.assigned).filter(|(_, one)| one.unwrap() <= class).map(|(value, _)| *value).collect();
            let (money, least) = (within.iter().sum::<f64>(), within.iter().copied().fold(f64::MAX, f64::min));
            let above: f64 = within.iter().filter(|&&value| value > least).sum();
            prop_assert!(money.max(total) >= share * total * (1.0 - 1e-9) && above < share * total);
        }
    }
}

#[test]
fn concentration_with_intervals() {
    let values: Vec<f64> = (1..=200_i32).map(|rank| 1000.0 / f64::from(rank)).collect();
    let bootstrap = Bootstrap::new(3).replicates(300);
    let found = concentration(&values, 0.2, &bootstrap).unwrap();
    let top = share_curve(&values).unwrap().at(0.2).unwrap();
    let index: f64 = values.iter().map(|value| (value / found.total).powi(2)).sum();
    let (coefficient, herfindahl) = (found.gini.unwrap(), found.herfindahl.unwrap());
    assert_eq!((found.top_share.value, coefficient.value), (top, gini(&values).unwrap()));
    assert!(
        (herfindahl.value - index).abs() < 1e-15 && (found.effective_customers.unwrap() * index - 1.0).abs() < 1e-12
    );
    for figure in [found.top_share, coefficient, herfindahl] {
        assert!(figure.low < figure.value && figure.value < figure.high && figure.standard_error > 0.0);
        assert!(0.0 < figure.low && figure.high <= 1.0 && figure.replicates.len() == 300);
    }
    // The same seed, the same interval; rows in another order draw others, but no other figure.
    let again = concentration(&values, 0.2, &bootstrap).unwrap();
    assert_eq!(again, concentration(&values, 0.2, &bootstrap).unwrap());
    let losses = concentration(&[5.0, 9.0, -1.0, 4.0, 8.0, 7.0], 0.5, &bootstrap).unwrap();
    assert!(losses.gini.is_none() && losses.herfindahl.is_none() && losses.effective_customers.is_none());
    assert!(losses.top_share.value == 0.75 && losses.top_share.low >= 0.5 && losses.top_share.high > 0.75);
}

/// The interval holds what the whole population has, about as often as it says.
#[test]
fn the_interval_of_the_top_share_covers() {
    let population: Vec<f64> = (0..4000_u32).map(|one| libm::exp(f64::from(one) / 1000.0)).collect();
    let truth = share_curve(&population).unwrap().at(0.2).unwrap();
    let mut state = 7_u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        population[(state >> 33) as usize % population.len()]
    };
    let held = (0..200)
        .filter(|_| {
            let sample: Vec<f64> = (0..150).map(|_| draw()).collect();
            let found =
                concentration(&sample, 0.2, &Bootstrap::new(1).replicates(100).confidence(0.9)).unwrap().top_share;
            found.low <= truth && truth <= found.high
        })
        .count();
    assert!((165..=195).contains(&held), "{held} of 200 hold it, where 180 should");
}

/// A standard normal number per call, the same numbers in every run (Box and Muller).
fn normals() -> impl FnMut() -> f64 {
    let mut state = 11_u64;
    let mut uniform = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    };
    move || (-2.0 * uniform().ln()).sqrt() * (std::f64::consts::TAU * uniform()).cos()
}

/// Of lognormal amounts with a logarithm's deviation of 1, plain percentile intervals of 100 customers hold the Gini
/// coefficient of all customers in 81 of 100 cases and the index of Herfindahl in 57.
#[test]
fn intervals_of_concentration_cover_heavy_tails() {
    let mut normal = normals();
    // Aitchison and Brown 1957: 2 Φ(1 / √2) − 1, Φ(1 − Φ⁻¹(0.8)), e.
    let truths = [0.520_499_877_8, 0.562_920_827_7, std::f64::consts::E / 100.0];
    let mut held = [0; 3];
    for seed in 0..100 {
        let amounts: Vec<f64> = (0..100).map(|_| normal().exp()).collect();
        let found = concentration(&amounts, 0.2, &Bootstrap::new(seed).replicates(200)).unwrap();
        let intervals = [found.gini.unwrap(), found.top_share, found.herfindahl.unwrap()];
        for ((held, one), truth) in held.iter_mut().zip(intervals).zip(truths) {
            *held += u8::from(one.low <= truth && truth <= one.high);
        }
    }
    assert!(held.iter().all(|held| (86..=100).contains(held)), "{held:?} of 100 hold it, where 95 should");
}

/// Money in another unit, or from other customers in other rows, hangs on as few.
#[test]
fn concentration_knows_no_unit_and_no_order() {
    let mut normal = normals();
    let amounts: Vec<f64> = (0..300).map(|_| normal().exp()).collect();
    let of = |amounts: &[f64]| concentration(amounts, 0.1, &Bootstrap::new(5).replicates(50)).unwrap();
    let found = of(&amounts);
    let mut turned: Vec<f64> = amounts.iter().map(|amount| amount * 1024.0).collect();
    turned.reverse();
    let again = of(&turned);
    assert_eq!(
        (again.gini.unwrap().high, again.top_share.high),
        (found.gini.clone().unwrap().high, found.top_share.high)
    );
    assert_eq!(again.herfindahl.unwrap().low, found.herfindahl.unwrap().low);
    assert!(found.findings.is_empty(), "{:?}", found.findings);
    // From very small to very large: nothing overflows, and the index is at most 1.
    let wide: Vec<f64> = (-100..100).map(|power| 10_f64.powi(power)).collect();
    let wide = of(&wide);
    let index = wide.herfindahl.unwrap();
    assert!(index.high <= 1.0 && index.low > 0.0 && wide.gini.unwrap().high <= 1.0);
    assert!(
        wide.findings[0].starts_with("the tail is heavy") && wide.findings[0].contains("200 customers hold 0.00 of"),
        "{:?}",
        wide.findings
    );
}

#[test]
fn concentration_of_few_of_equals_and_with_losses() {
    let of = |amounts: &[f64]| concentration(amounts, 0.2, &Bootstrap::new(1).replicates(100)).unwrap();
    for equal in [&[7.0; 60][..], &[0.1; 2]] {
        let found = of(equal);
        let index = found.herfindahl.unwrap();
        assert!(
            (index.low, index.high) == (index.value, index.value) && index.value * equal.len() as f64 - 1.0 < 1e-15
        );
        assert_eq!((found.gini.unwrap().high, found.top_share.low, found.top_share.high), (0.0, 0.2, 0.2));
    }
    let two = of(&[1.0, 0.0]);
    assert!(two.gini.unwrap().high <= 1.0 && two.herfindahl.unwrap().low >= 0.5 && two.top_share.low >= 0.2);
    let mut normal = normals();
    let profits: Vec<f64> = (0..80).map(|_| normal().exp() - 0.8).collect();
    let found = of(&profits);
    assert!(found.gini.is_none() && found.findings.is_empty());
    assert!(found.top_share.low < found.top_share.value && found.top_share.value < found.top_share.high);
    let mostly_none: Vec<f64> = (0..3000).map(|row| if row < 4 { 5.0 + f64::from(row) } else { 0.0 }).collect();
    assert!(of(&mostly_none).herfindahl.unwrap().high > 0.25);
}

#[test]
fn errors_of_sums_are_in_the_names_of_the_function_called() {
    let loss = [1.0, -2.0];
    let sum = "numbers with a finite sum above 0. Got a sum of -1";
    says(concentration(&loss, 0.2, &Bootstrap::new(1)), &["`values` of `concentration`", sum]);
    says(share_peak(&loss), &["`values` of `share_peak`", sum]);
    says(Tiers::by_share_of_money("sales", &loss, &["A"], &[1.0]), &["`values` of `by_share_of_money`", sum]);
    let of = |amounts: &[f64]| customers_by_products(&[5, 6], &[1, 2], amounts, &["A"], &[1.0]);
    says(of(&loss), &["`amounts` of `customers_by_products`", sum]);
    says(
        customers_by_products(&[6, 5, 5], &[1, 1, 1], &[1.0, 1e308, 1e308], &["A"], &[1.0]),
        &["the money of the customer `5`, first seen at row 1 is inf", "sums must be finite"],
    );
    says(concentration(&[5.0], 0.2, &Bootstrap::new(1)), &["an interval of concentration, customers (or products): 1"]);
}

#[test]
fn concentration_refuses() {
    let of = |values: &[f64]| concentration(values, 0.2, &Bootstrap::new(1));
    let found = [of(&[]), of(&[1.0]), of(&[1.0, f64::NAN]), of(&[1.0, -2.0]), of(&[1e200, 1.0])].map(code);
    assert_eq!(found, ["empty_table", "not_enough_data", "invalid_value", "invalid_parameter", "invalid_value"]);
    for top in [0.0, 1.1, f64::NAN] {
        says(concentration(&[1.0, 2.0], top, &Bootstrap::new(1)), &["`top` of `concentration`"]);
    }
    assert_eq!(code(concentration(&[1.0, 2.0], 0.5, &Bootstrap::new(1).replicates(1))), "invalid_parameter");
}

#[test]
fn customers_meet_products() {
    // Customer 5 makes 70 with product 1 and 20 with product 2; 3 makes 8 with product 2, 9 makes 2 with product 4.
    let (customers, products, amounts) = ([5, 5, 3, 9, 5], [1, 2, 2, 4, 1], [40.0, 20.0, 8.0, 2.0, 30.0]);
    let view = customers_by_products(&customers, &products, &amounts, &["A", "B", "C"], &[0.8, 0.15, 0.05]).unwrap();
    assert_eq!((view.customers.codes, view.customers.money), (vec![3, 5, 9], vec![8.0, 90.0, 2.0]));
    assert_eq!(view.customers.classes.assigned, [1, 0, 2].map(Some));
    assert_eq!((view.products.codes, view.products.classes.assigned), (vec![1, 2, 4], vec![Some(0), Some(0), Some(2)]));
    assert_eq!(view.money, [[90.0, 0.0, 0.0], [8.0, 0.0, 0.0], [0.0, 0.0, 2.0]]);
    let first = view.products_of_the_best[0];
    assert_eq!((first.product, first.money, first.customers), (1, 70.0, 1));
    assert_eq!((first.share_of_the_best, first.share_of_all), (70.0 / 90.0, 0.7));
    assert_eq!(view.products_of_the_best.len(), 2);
    let of = |customers: &[u32], products: &[u32], amounts: &[f64]| {
        customers_by_products(customers, products, amounts, &["A", "B"], &[0.8, 0.2])
    };
    assert_eq!(code(of(&[], &[], &[])), "empty_table");
    assert_eq!([code(of(&[1], &[], &[1.0])), code(of(&[1], &[1], &[]))], ["wrong_length"; 2]);
    says(of(&[7], &[1], &[f64::NAN]), &["the amount at row 0 (`7`)"]);
    assert_eq!(code(of(&[7], &[1], &[-1.0])), "invalid_parameter");
}
