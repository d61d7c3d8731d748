//! A log split on a day by the rules that a fit read it by, and a verdict that says no more than customers show.

#![allow(clippy::unwrap_used)]

use tierwise::value::{
    EarlyReturns, LaterRows, PurchaseModel, PurchaseProcess, Returns, RfmLog, RfmRules, holdout, rfm, tracking,
};

const WHO: [u32; 11] = [0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 3];
const DAYS: [i32; 11] = [1, 3, 12, 2, 13, 4, 12, 14, 15, 9, 14];
const PAID: [f64; 11] = [50.0, -50.0, 20.0, 30.0, -30.0, 10.0, 40.0, -15.0, 7.0, -6.0, 8.0];

fn log() -> RfmLog<'static> {
    RfmLog::new(&WHO, &DAYS, &PAID)
}

fn rules(returns: Returns) -> RfmRules {
    RfmRules { returns, ..RfmRules::default() }
}

#[test]
fn both_parts_are_read_by_the_same_rules() {
    // As purchases: what a refund does is a day with a purchase of less than nothing, and that is told.
    let split = holdout(&WHO, &DAYS, &PAID, 10, 20).unwrap();
    assert_eq!(split.purchases, [1.0, 1.0, 3.0, 1.0]);
    assert_eq!(split.spend, [20.0, -30.0, 32.0, 8.0]);
    assert_eq!(split.findings.len(), 1);
    let told = "4 rows with an amount below 0 are counted as purchases, 2 until the day and 2 after it; ";
    assert!(split.findings[0].starts_with(told), "{}", split.findings[0]);
    let known = rfm(&WHO, &DAYS, &PAID, 10, LaterRows::LeaveOut).unwrap();
    assert_eq!(format!("{:?}", split.known), format!("{known:?}")); // NaN equals nothing

    // Netted off: the refund of customer 1 goes with a purchase until the day, that of customer 2 with one after it. Customer
    // 3 has a return and no purchase until the day.
    let net_off = RfmRules { only_returns: LaterRows::LeaveOut, ..rules(Returns::NetOff) };
    let split = net_off.holdout(&log(), 10, 20).unwrap();
    assert_eq!(split.known.customer, [0, 1, 2]);
    assert_eq!(split.known.monetary, [0.0, 30.0, 10.0]);
    assert_eq!((split.purchases, split.spend), (vec![1.0, 0.0, 2.0], vec![20.0, 0.0, 32.0]));
    assert_eq!(split.findings, ["1 return after the day belongs to a purchase until it; it is in neither part"]);
    let known = RfmRules { later: LaterRows::LeaveOut, ..net_off }.rfm(&log(), 10).unwrap().table;
    assert_eq!(split.known.repeat_frequency, known.repeat_frequency);
    let refused = rules(Returns::NetOff).holdout(&log(), 10, 20).unwrap_err().to_string();
    assert!(
        refused.starts_with("the amount at row 9 (`3`) is -6; the customer has returns and no purchase"),
        "{refused}"
    );

    let split = rules(Returns::LeaveOut).holdout(&log(), 10, 20).unwrap();
    assert_eq!(split.known.monetary, [50.0, 30.0, 10.0]);
    assert_eq!((split.purchases, split.spend), (vec![1.0, 0.0, 2.0], vec![20.0, 0.0, 47.0]));
    assert!(split.findings.is_empty());

    let first = rules(Returns::Refuse).holdout(&log(), 2, 20).unwrap_err().to_string();
    assert!(first.starts_with("the amount at row 1 (`0`) is -50; returns are refused"), "{first}");
    // Whoever came after the day is passed over, whatever he sent back.
    let late = RfmLog::new(&[0, 1, 1], &[1, 12, 13], &[5.0, 6.0, -6.0]);
    assert_eq!(rules(Returns::Refuse).holdout(&late, 10, 20).unwrap().purchases, [0.0]);
    let early = RfmRules { early_returns: EarlyReturns::LeaveOut, ..rules(Returns::NetOff) };
    let log = RfmLog::new(&[0, 0, 0], &[1, 2, 12], &[-5.0, 9.0, -4.0]);
    assert_eq!(early.holdout(&log, 10, 20).unwrap().spend, [0.0]);
}

#[test]
fn money_of_both_parts_is_margin_where_there_is_one() {
    let margins: Vec<f64> = (0..11).map(f64::from).collect();
    let split = RfmRules::default().holdout(&RfmLog { margins: Some(&margins), ..log() }, 10, 20).unwrap();
    assert_eq!((split.known.monetary, split.spend), (vec![1.0, 3.0, 5.0, 9.0], vec![2.0, 4.0, 21.0, 10.0]));
    let split = RfmRules { margin_rate: Some(0.5), ..RfmRules::default() }.holdout(&log(), 10, 20).unwrap();
    assert_eq!(split.spend, [10.0, -15.0, 16.0, 4.0]);
    // Orders are counted in the first part; what is forecast are days with a purchase.
    let orders = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    let split = RfmRules::default().holdout(&RfmLog { orders: Some(&orders), ..log() }, 10, 20).unwrap();
    assert_eq!(split.purchases, [1.0, 1.0, 3.0, 1.0]);
    let lines = RfmRules::default().holdout(&RfmLog { lines: Some(&orders), ..log() }, 10, 20).unwrap_err();
    assert!(lines.to_string().contains("`lines` of `holdout`"), "{lines}");
}

/// So many customers who buy every ten days until day 100, and then as often as `later` says.
fn regulars(customers: u32, later: impl Fn(u32) -> i32, paid: f64) -> tierwise::value::Holdout {
    let (mut who, mut days, mut amounts) = (Vec::new(), Vec::new(), Vec::new());
    for customer in 0..customers {
        let after = (0..later(customer)).map(|purchase| (101 + purchase, paid * f64::from(customer + 1)));
        for (day, amount) in (0..=10).map(|purchase| (10 * purchase, 5.0)).chain(after) {
            who.push(customer);
            days.push(day);
            amounts.push(amount);
        }
    }
    holdout(&who, &days, &amounts, 100, 200).unwrap()
}

#[test]
fn a_winner_is_named_where_customers_show_one() {
    // The past rate expects 10 of each; half of them go on so, and the others have left.
    let split = regulars(60, |customer| if customer % 2 == 0 { 10 } else { 0 }, 1.0);
    let truth: Vec<f64> = (0..60).map(|customer| if customer % 2 == 0 { 10.0 } else { 0.0 }).collect();
    let judged = split.judge(&truth, &truth, 0.2, 1).unwrap();
    assert_eq!((judged.mean_absolute_error, judged.mean_absolute_error_of_rate, judged.error_gain), (0.0, 5.0, 5.0));
    let (lower, upper) = judged.error_gain_interval;
    // Of a mean of 60 halves: 5 ± 1.96 · 5 / √60.
    assert!((lower - 3.73).abs() < 0.5 && (upper - 6.27).abs() < 0.5, "{lower} {upper}");
    assert!(judged.verdict[1].starts_with("It forecasts counts better than past rates do: mean error 0.000"));
    let wrong: Vec<f64> = truth.iter().map(|actual| 20.0 - actual).collect();
    let judged = split.judge(&wrong, &wrong, 0.2, 1).unwrap();
    assert!(
        judged.error_gain_interval.1 < 0.0 && judged.verdict[1].starts_with("It forecasts counts worse"),
        "{judged:?}"
    );
    // As wrong as the rate, of one half or the other: no difference is shown, whichever mean is smaller.
    let other = vec![0.01; 60];
    let judged = split.judge(&other, &other, 0.2, 1).unwrap();
    assert!(judged.error_gain_interval.0 < 0.0 && judged.error_gain_interval.1 > 0.0);
    assert!(judged.verdict[1].starts_with("It forecasts counts no better than past rates do"), "{judged:?}");
    // Near each customer, and the total is off.
    let low: Vec<f64> = (0..60).map(|_| 2.0).collect();
    let most = regulars(60, |customer| if customer % 5 == 0 { 30 } else { 2 }, 1.0);
    let judged = most.judge(&low, &low, 0.2, 1).unwrap();
    assert!(judged.verdict[1].contains("but their total is farther off"), "{judged:?}");
}

#[test]
fn few_customers_have_no_winner() {
    for (customers, told) in [(1, "1 customer is too few"), (29, "29 customers are too few")] {
        let split = regulars(customers, |_| 3, 1.0);
        let right = vec![3.0; customers as usize];
        let judged = split.judge(&right, &right, 0.2, 1).unwrap();
        assert_eq!((judged.mean_absolute_error, judged.verdict.len()), (0.0, 1));
        assert!(judged.verdict[0].starts_with(told), "{judged:?}");
    }
    let enough = regulars(30, |_| 3, 1.0);
    assert_eq!(enough.judge(&[3.0; 30], &[3.0; 30], 0.2, 1).unwrap().verdict.len(), 2);
}

#[test]
fn without_money_the_counts_are_judged() {
    let split = regulars(40, |customer| (customer % 4) as i32, 0.0);
    let ones = vec![1.0; 40];
    let judged = split.judge(&ones, &ones, 0.2, 1).unwrap();
    assert_eq!(judged.mean_absolute_error, 1.0);
    assert!(judged.capture.is_nan() && judged.gain.is_nan() && judged.gain_interval.0.is_nan());
    assert_eq!(judged.verdict[0], "The ranking cannot be judged: nobody's later money is above 0.");
    assert!(judged.verdict[1].starts_with("It forecasts counts better"), "{judged:?}");
    let silent = regulars(40, |_| 0, 0.0).judge(&ones, &ones, 0.2, 1).unwrap_err();
    assert!(silent.to_string().contains("customers who bought after the day: 0"), "{silent}");
}

/// BG/BB is tracked where the log counts in its periods.
#[test]
fn whole_periods_are_tracked_by_their_numbers() {
    let model = PurchaseModel::new(PurchaseProcess::BgBb, [1.0, 2.0, 1.0, 9.0]).unwrap();
    let weekly = model.clone().with_days_per_period(7.0).unwrap();
    let (who, days) = ([0, 0, 1, 1, 2], [0, 15, 3, 30, 13]);
    let refused = tracking(&weekly, &who, &days, 20, 41, 7, &[]).unwrap_err().to_string();
    assert!(refused.starts_with("The `model` of `tracking`") && refused.contains("Number the periods"), "{refused}");
    let weeks: Vec<i32> = days.iter().map(|day| day / 7).collect();
    let found = tracking(&model, &who, &weeks, 2, 5, 1, &[]).unwrap();
    assert_eq!(found.points.iter().map(|point| point.actual).collect::<Vec<_>>(), [0.0, 1.0, 1.0, 2.0, 2.0]);
    // Of the customers who came in weeks 0, 0 and 1, what is expected by the end of week 1.
    let first = 2.0 * model.expected_of_new(1.0).unwrap();
    assert!((found.points[0].expected - first).abs() < 1e-12);
}
