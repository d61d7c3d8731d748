//! Customer value: hand-computed cases, laws, and every error.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use std::collections::BTreeSet;
use tierwise::value::{
    Direction, LaterRows, PurchaseDays, Rfm, RfmBins, RfmScorer, RfmValues, Tiers, Ties, encode_integers, encode_keys,
    gini, pareto, rfm, rfm_scores, share_curve,
};
use tierwise::{Assign, Columns, Error, Summary};

use Direction::{HigherIsBetter, LowerIsBetter};

fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    result.unwrap_err().code()
}

/// Three customers (codes 0, 1 and 3) on a log that is not in time order.
///
/// 0: day 10 (20), day 14 (5 + 7), day 30 (8); 1: day 12 (50); 3: day 20 (4), day 25 (10 − 4).
fn log() -> (Vec<u32>, Vec<i32>, Vec<f64>) {
    let customers = vec![0, 3, 1, 0, 0, 3, 0, 3];
    let days = vec![10, 25, 12, 14, 30, 20, 14, 25];
    let amounts = vec![20.0, 10.0, 50.0, 5.0, 8.0, 4.0, 7.0, -4.0];
    (customers, days, amounts)
}

/// Equal, where NaN equals NaN.
fn assert_same(a: &Rfm, b: &Rfm) {
    assert_eq!(format!("{a:?}"), format!("{b:?}"));
}

#[test]
fn rfm_of_a_small_log() {
    let (customers, days, amounts) = log();
    let table = rfm(&customers, &days, &amounts, 30, LaterRows::Refuse).unwrap();
    assert_eq!(table.customer, [0, 1, 3]);
    assert_eq!(table.recency, [0.0, 18.0, 5.0]);
    assert_eq!(table.frequency, [3.0, 1.0, 2.0]);
    assert_eq!(table.monetary, [40.0, 50.0, 10.0]);
    assert_eq!(table.age, [20.0, 18.0, 10.0]);
    assert_eq!(table.repeat_frequency, [2.0, 0.0, 1.0]);
    assert_eq!(table.last_purchase_age, [20.0, 0.0, 5.0]);
    assert_eq!((table.mean_repeat_amount[0], table.mean_repeat_amount[2]), (10.0, 6.0));
    assert!(table.mean_repeat_amount[1].is_nan());
    assert_eq!((&table.first_day[..], &table.last_day[..]), (&[10, 12, 20][..], &[30, 12, 25][..]));
    assert_eq!((table.rows, table.rows_left_out, table.as_of, table.len()), (8, 0, 30, 3));
}

#[test]
fn later_rows_are_counted_and_never_silently_dropped() {
    let (customers, days, amounts) = log();
    let table = rfm(&customers, &days, &amounts, 19, LaterRows::LeaveOut).unwrap();
    assert_eq!((table.rows, table.rows_left_out), (4, 4));
    assert_eq!((table.customer, table.frequency), (vec![0, 1], vec![2.0, 1.0]));
    let none = rfm(&customers, &days, &amounts, 9, LaterRows::LeaveOut).unwrap();
    assert!(none.is_empty() && none.rows_left_out == 8);
    let error = rfm(&customers, &days, &amounts, 19, LaterRows::Refuse).unwrap_err().to_string();
    assert!(error.starts_with("the day at row 1 (`3`) is 1970-01-26 (day 25)"), "{error}");
    assert_eq!(LaterRows::default(), LaterRows::Refuse);
}

#[test]
fn rfm_refuses_what_it_cannot_count() {
    assert_eq!(code(rfm(&[], &[], &[], 0, LaterRows::Refuse)), "empty_table");
    assert_eq!(code(rfm(&[1], &[], &[1.0], 0, LaterRows::Refuse)), "wrong_length");
    assert_eq!(code(rfm(&[1], &[1], &[1.0, 2.0], 0, LaterRows::Refuse)), "wrong_length");
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        // A bad amount is refused even on a row that would be left out.
        let error = rfm(&[1, 7], &[1, 99], &[1.0, bad], 5, LaterRows::LeaveOut).unwrap_err();
        assert_eq!(error.code(), "invalid_value");
        assert!(error.to_string().starts_with("the amount at row 1 (`7`) is "), "{error}");
    }
}

/// Finite amounts can add up to infinity.
#[test]
fn rfm_refuses_a_sum_that_is_not_finite() {
    let expected = "the sum of the amounts of the customer first seen at row 1 (`7`) is inf; ";
    for (days, other) in [([1, 2, 3], 1), ([1, 2, 2], 1), ([1, 2, 3], u32::MAX)] {
        let error = rfm(&[other, 7, 7], &days, &[1.0, 1e308, 1e308], 5, LaterRows::Refuse).unwrap_err();
        assert_eq!(error.code(), "invalid_value");
        assert!(error.to_string().starts_with(expected), "{error}");
        let purchases = PurchaseDays::new(&[1, 7, 7], &days, &[1.0, 1e308, 1e308]).unwrap();
        let error = purchases.rfm(5, LaterRows::Refuse).unwrap_err();
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}

#[test]
fn gini_of_huge_and_tiny_amounts() {
    assert_eq!(gini(&[1e308, 0.0, 0.0]).unwrap(), 2.0 / 3.0);
    assert_eq!(gini(&[5e-324, 0.0, 0.0, 0.0]).unwrap(), 0.75);
}

#[test]
fn codes_with_gaps_and_far_days_are_fine() {
    let customers = [u32::MAX, 5, u32::MAX];
    let table = rfm(&customers, &[i32::MIN, 0, i32::MAX], &[1.0, 2.0, 4.0], i32::MAX, LaterRows::Refuse).unwrap();
    assert_eq!(table.customer, [5, u32::MAX]);
    assert_eq!(table.monetary, [2.0, 5.0]);
    assert_eq!(table.age[1], f64::from(u32::MAX));
}

#[test]
fn large_logs_in_any_order_agree() {
    // Long enough for several threads and blocks.
    let rows = 300_000_u32;
    let customers: Vec<u32> = (0..rows).map(|row| row.wrapping_mul(2_654_435_761) % 5000).collect();
    let days: Vec<i32> = (0..rows).map(|row| (row / 600).cast_signed()).collect();
    let amounts: Vec<f64> = (0..rows).map(|row| f64::from(row % 97)).collect();
    let ordered = rfm(&customers, &days, &amounts, 600, LaterRows::Refuse).unwrap();
    let (customers, days): (Vec<u32>, Vec<i32>) = customers.into_iter().zip(days).rev().unzip();
    let backwards: Vec<f64> = amounts.iter().rev().copied().collect();
    assert_same(&ordered, &rfm(&customers, &days, &backwards, 600, LaterRows::Refuse).unwrap());
    assert_eq!(ordered.monetary.iter().sum::<f64>(), amounts.iter().sum::<f64>());
}

#[test]
fn purchase_days_keep_one_amount_per_day() {
    let log = PurchaseDays::new(&[9, -4, 9, 9], &[3, 1, 3, 2], &[1.0, 2.0, 4.0, 8.0]).unwrap();
    assert_eq!((log.ids(), log.days()), (&[-4, 9, 9][..], &[1, 2, 3][..]));
    assert_eq!((log.amounts(), log.rows()), (&[2.0, 8.0, 5.0][..], 4));
    assert_eq!(code(PurchaseDays::new(&[], &[], &[])), "empty_table");
    assert_eq!(code(PurchaseDays::new(&[1], &[1, 2], &[1.0])), "wrong_length");
    assert_eq!(code(PurchaseDays::new(&[1], &[1], &[f64::NAN])), "invalid_value");
    let error = log.rfm(2, LaterRows::Refuse).unwrap_err().to_string();
    assert!(error.starts_with("the day at row 2 (`9`) is 1970-01-04 (day 3)"), "{error}");
    let (ids, table) = log.rfm(2, LaterRows::LeaveOut).unwrap();
    assert_eq!((ids, table.monetary, table.rows_left_out), (vec![-4, 9], vec![2.0, 8.0], 1));
}

#[test]
fn purchase_days_are_checked_when_loaded() {
    let log = PurchaseDays::new(&[2, 1], &[3, 4], &[0.1, 0.2]).unwrap();
    let text = serde_json::to_string(&log).unwrap();
    assert_eq!(text, r#"{"ids":[1,2],"days":[4,3],"amounts":[0.2,0.1],"rows":2}"#);
    assert_eq!(serde_json::from_str::<PurchaseDays>(&text).unwrap(), log);
    for (bad, why) in [
        (r#"{"ids":[2,1],"days":[4,3],"amounts":[0.2,0.1],"rows":2}"#, "must ascend"),
        (r#"{"ids":[1,1],"days":[4,4],"amounts":[0.2,0.1],"rows":2}"#, "must ascend"),
        (r#"{"ids":[1,2],"days":[4],"amounts":[0.2,0.1],"rows":2}"#, "column of days"),
        (r#"{"ids":[1,2],"days":[4,3],"amounts":[0.2,0.1],"rows":1}"#, "`rows` of `PurchaseDays`"),
        (r#"{"ids":[],"days":[],"amounts":[],"rows":0}"#, "is empty"),
        (r#"{"ids":[1],"days":[4],"amounts":[0.2],"rows":1,"x":0}"#, "unknown field"),
    ] {
        let error = serde_json::from_str::<PurchaseDays>(bad).unwrap_err().to_string();
        assert!(error.contains(why), "{bad}: {error}");
    }
}

#[test]
fn tiers_by_share_find_the_best() {
    let values: Vec<f64> = (1..=100).map(f64::from).collect();
    let (names, shares) = (["A", "B", "C", "D"], [0.05, 0.15, 0.3, 0.5]);
    let tiers = Tiers::by_share("monetary", &values, &names, &shares, HigherIsBetter).unwrap();
    assert_eq!(tiers.bands().cuts(), [51.0, 81.0, 96.0]);
    assert_eq!(tiers.origin().unwrap().counts, [5, 15, 30, 50]);
    assert!(tiers.findings().is_empty());
    let falling = Tiers::by_share("recency", &values, &names, &shares, LowerIsBetter).unwrap();
    assert_eq!(falling.bands().cuts(), [6.0, 21.0, 51.0]);
    assert_eq!((falling.name_of(5.0), falling.name_of(6.0)), (Some("A"), Some("B")));
}

#[test]
fn quantile_edges_are_those_of_linear_interpolation() {
    // Quintile edges of 1..=11 are 3, 5, 7 and 9 exactly; who equals an edge stands below it.
    let values: Vec<f64> = (1..=11).map(f64::from).collect();
    let tiers = Tiers::by_quantiles("x", &values, &["5", "4", "3", "2", "1"], HigherIsBetter).unwrap();
    assert_eq!(tiers.bands().cuts(), [4.0, 6.0, 8.0, 10.0]);
    // 0.1 + 0.7 is 0.7999999999999999, but the position is 8 of 10 all the same.
    let tiers = Tiers::by_share("x", &values, &["A", "B", "C"], &[0.2, 0.7, 0.1], HigherIsBetter).unwrap();
    assert_eq!(tiers.bands().cuts(), [3.0, 10.0]);
}

#[test]
fn ties_stay_together_or_come_first() {
    let orders = [1.0, 1.0, 3.0, 1.0, 1.0, 2.0];
    let names = ["A", "B", "C"];
    let split = |ties| Tiers::split("orders", &orders, &names, &[1.0 / 3.0; 3], HigherIsBetter, ties).unwrap();
    // The edges are 1 and 1.333…, and no value lies between.
    let together = split(Ties::Together);
    assert_eq!(together.assigned, [Some(2), Some(2), Some(0), Some(2), Some(2), Some(0)]);
    assert_eq!(together.tiers.outcomes(), ["A", "C"]);
    let findings = together.tiers.findings();
    assert_eq!(findings.len(), 2);
    assert!(findings[0].contains("can reach tier `B`") && findings[1].contains("`C` holds 66.7 %"), "{findings:?}");
    let first_come = split(Ties::FirstCome);
    assert_eq!(first_come.assigned, [Some(2), Some(2), Some(0), Some(1), Some(1), Some(0)]);
    assert_eq!(first_come.tiers.bands(), together.tiers.bands());
    assert_eq!(first_come.tiers.origin().unwrap().counts, [2, 2, 2]);
    // Where lower is better, the earlier of two equal rows is the worse one as well.
    let days = [5.0, 5.0, 5.0, 5.0, 9.0];
    let tiered = Tiers::split("days", &days, &["A", "B"], &[0.4, 0.6], LowerIsBetter, Ties::FirstCome).unwrap();
    assert_eq!(tiered.assigned, [Some(1), Some(1), Some(0), Some(0), Some(1)]);
}

#[test]
fn unknown_values_have_no_tier_and_are_counted() {
    let values = [1.0, f64::NAN, 2.0, -0.0, 0.0];
    let tiers = Tiers::by_quantiles("x", &values, &["A", "B"], HigherIsBetter).unwrap();
    assert_eq!(tiers.assign(&values), [Some(0), None, Some(0), Some(1), Some(1)]);
    assert_eq!(tiers.origin().unwrap().unknown, 1);
    assert_eq!(tiers.findings(), ["1 of 5 customers have no tier, because their value is unknown"]);
    assert_eq!(tiers.assign(&[f64::INFINITY, f64::NEG_INFINITY]), [Some(0), Some(1)]);
}

#[test]
fn tiers_refuse_bad_input() {
    let names = ["A", "B"];
    let by_share = |values: &[f64], shares: &[f64]| Tiers::by_share("x", values, &names, shares, HigherIsBetter);
    assert_eq!(code(by_share(&[], &[0.5, 0.5])), "empty_table");
    assert_eq!(code(by_share(&[1.0, f64::INFINITY], &[0.5, 0.5])), "not_finite");
    assert_eq!(code(by_share(&[1.0, 2.0], &[1.0])), "wrong_length");
    for shares in [[0.5, 0.4], [1.5, -0.5], [1.0, 0.0], [f64::NAN, 0.5]] {
        assert_eq!(code(by_share(&[1.0, 2.0], &shares)), "invalid_parameter");
    }
    assert_eq!(code(by_share(&[2.0, 2.0], &[0.5, 0.5])), "not_enough_data");
    assert_eq!(code(by_share(&[f64::NAN], &[0.5, 0.5])), "not_enough_data");
    assert_eq!(code(Tiers::by_quantiles("x", &[1.0, 2.0], &["A", "A"], HigherIsBetter)), "invalid_bands");
    assert_eq!(code(Tiers::by_quantiles("x", &[1.0, 2.0], &[] as &[&str], HigherIsBetter)), "invalid_parameter");
    assert_eq!(code(Tiers::by_quantiles(" ", &[1.0, 2.0], &names, HigherIsBetter)), "invalid_feature");
    assert_eq!(code(Tiers::by_cuts("x", &names, &[1.0, 2.0], HigherIsBetter)), "invalid_bands");
    assert_eq!(code(Tiers::by_cuts("x", &["A", "B", "C"], &[1.0, 2.0], HigherIsBetter)), "invalid_bands");
    assert_eq!(code(Tiers::by_cuts("x", &names, &[f64::NAN], LowerIsBetter)), "invalid_bands");
}

#[test]
fn tiers_survive_saving_and_are_checked_when_loaded() {
    let tiers = Tiers::by_quantiles("recency", &[0.1, 0.2, 0.3], &["A", "B"], LowerIsBetter).unwrap();
    let text = serde_json::to_string(&tiers).unwrap();
    assert_eq!(serde_json::from_str::<Tiers>(&text).unwrap(), tiers);
    let fixed = Tiers::by_cuts("x", &["A", "B"], &[7.5], HigherIsBetter).unwrap();
    let plain = concat!(
        r#"{"feature":{"name":"x","kind":"number","unknown":"neutral"},"#,
        r#""tiers":[{"name":"A","from":7.5},{"name":"B","to":7.5}]}"#
    );
    assert_eq!(serde_json::to_string(&fixed).unwrap(), plain);
    let origin = r#"}],"origin":{"names":["A"],"shares":[],"ties":"together","counts":[1],"unknown":0}}"#;
    for (from, to, why) in [
        ("number", "yes_no", "tiers need a number"),
        (r#""name":"x""#, r#""name":"""#, "has no name"),
        (r#""from":7.5"#, r#""from":8"#, "leave a gap"),
        (r#""from":7.5"#, r#""from":7.5,"to":9"#, "outermost tiers must be open"),
        (r#""to":7.5"#, r#""to":7.5,"from":0"#, "outermost tiers must be open"),
        (r#"{"feature""#, r#"{"colour":1,"feature""#, "unknown field"),
        ("}]}", origin, "`shares`"),
    ] {
        let error = serde_json::from_str::<Tiers>(&plain.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(why), "{why}: {error}");
    }
}

#[test]
fn tiers_assign_rows_and_columns_alike() {
    let tiers = Tiers::by_cuts("x", &["A", "B", "C"], &[5.0, 2.0], HigherIsBetter).unwrap();
    let values = [1.0, 2.0, 5.0, f64::NAN, 4.9];
    let columns = Columns::new(tiers.features(), &[("x", &values)]).unwrap();
    let mut outcomes = [None; 5];
    tiers.assign_columns(&columns, &mut outcomes);
    assert_eq!(outcomes, [Some(2), Some(1), Some(0), None, Some(1)]);
    assert!(values.iter().zip(outcomes).all(|(&value, outcome)| tiers.assign_row(&[value]) == outcome));
    assert!(tiers.is_ordered());
}

/// Customer k bought on the days 1 to k + 1, for 1 each.
fn five_customers() -> Rfm {
    let customers = [0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4];
    let days = [1, 1, 2, 1, 2, 3, 1, 2, 3, 4, 1, 2, 3, 4, 5];
    rfm(&customers, &days, &[1.0; 15], 10, LaterRows::Refuse).unwrap()
}

#[test]
fn scores_run_from_one_to_the_number_of_bins() {
    let table = five_customers();
    for ties in [Ties::Together, Ties::FirstCome] {
        let (scores, scorer) = rfm_scores(&table, 5, ties).unwrap();
        assert_eq!(scores.cells(), [111, 222, 333, 444, 555]);
        assert_eq!((scores.len(), scores.is_empty()), (5, false));
        assert_eq!(scorer.score(&table).unwrap(), scores);
        let text = serde_json::to_string(&scorer).unwrap();
        assert_eq!(serde_json::from_str::<RfmScorer>(&text).unwrap(), scorer);
    }
    let scorer = RfmScorer::fit(&table, 5).unwrap();
    assert_eq!(scorer.score_one(0.0, 100.0, f64::NAN), [Some(5), Some(5), None]);
    assert!(scorer.findings().is_empty());
    assert_eq!(scorer.tiers()[0].feature().name(), "recency");
}

#[test]
fn a_score_that_nobody_reaches_is_reported() {
    // Five customers bought once, one twice, one three times.
    let customers = [0, 1, 2, 3, 4, 5, 5, 6, 6, 6];
    let days = [1, 2, 3, 4, 5, 1, 6, 1, 2, 7];
    let amounts = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0];
    let table = rfm(&customers, &days, &amounts, 8, LaterRows::Refuse).unwrap();
    let (scores, scorer) = rfm_scores(&table, 5, Ties::Together).unwrap();
    assert_eq!(scores.frequency, [1, 1, 1, 1, 1, 5, 5]);
    let findings = scorer.findings();
    let equal = "no customer can get the score 2 by threshold, because too many customers have equal values";
    assert!(findings.contains(&format!("frequency: {equal}")), "{findings:?}");
    assert!(findings.iter().all(|finding| finding.starts_with("frequency: ")), "{findings:?}");
    assert!(
        findings.contains(&"frequency: 71.4 % of the customers have the score 1 where 20.0 % were asked for".into())
    );
    // Counted off by row order, customers do have the score 2, which no threshold can give.
    let (scores, scorer) = rfm_scores(&table, 5, Ties::FirstCome).unwrap();
    assert!(scores.frequency.contains(&2));
    let by_order = format!("frequency: {equal}; 1 got it here by the order of the rows");
    assert!(scorer.findings().contains(&by_order), "{:?}", scorer.findings());
}

#[test]
fn customers_who_are_all_equal_have_one_score() {
    // Nobody came back, all bought on one day, for one price.
    let table = rfm(&[0, 1, 2], &[5, 5, 5], &[9.0, 9.0, 9.0], 9, LaterRows::Refuse).unwrap();
    for axes in [[RfmBins::quantiles(5); 3], [RfmBins::natural_breaks(5); 3]] {
        let scorer = RfmScorer::fit_each(&table, axes).unwrap();
        assert_eq!(scorer.score(&table).unwrap().cells(), [511; 3]);
        assert_eq!((scorer.bins(), scorer.score_one(99.0, 7.0, 0.0)), ([5; 3], [Some(5), Some(1), Some(1)]));
        assert_eq!(serde_json::from_str::<RfmScorer>(&serde_json::to_string(&scorer).unwrap()).unwrap(), scorer);
        let findings = scorer.findings();
        assert_eq!(findings.len(), 3);
        assert!(
            findings[1].starts_with("frequency: all 3 customers are equal") && findings[1].contains("the score 1;")
        );
    }
    assert_eq!(rfm_scores(&table, 3, Ties::FirstCome).unwrap().0.cells(), [111, 222, 333]);
    let three = RfmValues { recency: &[1.0, 2.0, 3.0], frequency: &[1.0, 2.0, 3.0], monetary: &[1.0, 2.0, 3.0] };
    let findings = RfmScorer::fit(three, 5).unwrap().findings();
    assert!(findings.iter().all(|finding| finding.ends_with("because there are only 3 customers")), "{findings:?}");
}

#[test]
fn fewer_values_than_scores_between_natural_breaks_are_spread_over_them() {
    let days = [9.0, 8.0, 7.0, 6.0];
    for (money, cells) in [
        ([1.0, 1.0, 7.0, 7.0], [111, 211, 455, 555]),
        ([1.0, 7.0, 7.0, 9.0], [111, 233, 433, 555]),
        ([1.0, 2.0, 3.0, 9.0], [111, 222, 444, 555]),
    ] {
        let customers = RfmValues { recency: &days, frequency: &money, monetary: &money };
        let scorer = RfmScorer::by_natural_breaks(customers, 5).unwrap();
        assert_eq!((scorer.score(customers).unwrap().cells(), scorer.bins()), (cells.to_vec(), [5; 3]));
        let loaded: RfmScorer = serde_json::from_str(&serde_json::to_string(&scorer).unwrap()).unwrap();
        assert_eq!((loaded.findings(), &loaded), (scorer.findings(), &scorer));
        let missing = 5 - money.map(f64::to_bits).into_iter().collect::<std::collections::BTreeSet<_>>().len();
        assert_eq!(
            scorer.findings().iter().filter(|finding| finding.starts_with("frequency: no customer")).count(),
            missing
        );
    }
}

#[test]
fn scores_refuse_bad_input() {
    let table = five_customers();
    assert_eq!(code(rfm_scores(&table, 1, Ties::Together)), "invalid_parameter");
    assert_eq!(code(rfm_scores(&table, 10, Ties::Together)), "invalid_parameter");
    let nobody = rfm(&[0], &[9], &[1.0], 1, LaterRows::LeaveOut).unwrap();
    assert_eq!(code(rfm_scores(&nobody, 5, Ties::Together)), "empty_table");
    let scorer = RfmScorer::fit(&table, 5).unwrap();
    let mut unknown = table;
    unknown.recency[2] = f64::NAN;
    assert_eq!(code(scorer.score(&unknown)), "invalid_value");
    assert_eq!(code(RfmScorer::fit(&unknown, 2)), "invalid_value");
    unknown.recency[2] = f64::INFINITY;
    assert_eq!(code(scorer.score(&unknown)), "not_finite");
    assert_eq!(code(RfmScorer::fit(&unknown, 2)), "not_finite");
    unknown.recency = vec![f64::NAN; 5];
    assert_eq!(code(RfmScorer::fit(&unknown, 2)), "invalid_value");
    let text = serde_json::to_string(&scorer).unwrap();
    for (from, to) in
        [(r#""name":"5""#, r#""name":"best""#), (r#""name":"5""#, r#""name":"0""#), ("\"recency\":", "\"r\":")]
    {
        assert!(text.contains(from) && serde_json::from_str::<RfmScorer>(&text.replace(from, to)).is_err());
    }
}

#[test]
fn pareto_is_the_smallest_set() {
    let found = pareto(&[5.0, 10.0, 5.0, 70.0, 10.0], 0.8).unwrap();
    assert_eq!((&found.rows[..], found.threshold), (&[3, 1][..], 10.0));
    assert_eq!((found.money, found.share_of_money, found.total), (80.0, 0.8, 100.0));
    assert_eq!((found.customers, found.share_of_customers, found.share), (2, 0.4, 0.8));
    // Of equal customers the earlier come first; 0.55 × 100 is a little more than 55, but means 55.
    assert_eq!(pareto(&[1.0; 100], 0.55).unwrap().customers, 55);
    assert_eq!(pareto(&[1.0; 4], 0.5).unwrap().rows, [0, 1]);
    // Customers without money are not needed for all of it, and a loss is made up for by the others.
    assert_eq!(pareto(&[0.0, 3.0, 1.0, -0.0], 1.0).unwrap().rows, [1, 2]);
    assert_eq!(pareto(&[6.0, 5.0, -1.0], 1.0).unwrap().rows, [0, 1]);
}

#[test]
fn concentration_refuses_bad_input() {
    for share in [0.0, -0.1, 1.1, f64::NAN] {
        assert_eq!(code(pareto(&[1.0], share)), "invalid_parameter");
    }
    assert_eq!(code(pareto(&[], 0.8)), "empty_table");
    assert_eq!(code(pareto(&[1.0, f64::NAN], 0.8)), "invalid_value");
    assert_eq!(code(pareto(&[1.0, -1.0], 0.8)), "invalid_parameter");
    assert_eq!(code(pareto(&[f64::MAX, f64::MAX], 0.8)), "invalid_parameter");
    assert_eq!(code(share_curve(&[])), "empty_table");
    assert_eq!(code(share_curve(&[0.0])), "invalid_parameter");
    assert_eq!(code(share_curve(&[f64::INFINITY])), "invalid_value");
    assert_eq!(code(gini(&[])), "empty_table");
    assert_eq!(code(gini(&[0.0, 0.0])), "invalid_parameter");
    assert_eq!(code(gini(&[2.0, -1.0])), "invalid_value");
    assert_eq!(code(gini(&[f64::NAN])), "invalid_value");
    let curve = share_curve(&[1.0, 2.0]).unwrap();
    assert_eq!(code(curve.at(1.1)), "invalid_parameter");
    assert_eq!(code(curve.at(f64::NAN)), "invalid_parameter");
    assert_eq!(code(curve.points(0)), "invalid_parameter");
    assert_eq!(curve.points(2).unwrap(), [(0.0, 0.0), (0.5, 2.0 / 3.0), (1.0, 1.0)]);
    assert_eq!((curve.customers(), curve.total()), (2, 3.0));
}

/// A row of a log: customer, day, amount.
type Row = (i64, i32, f64);

/// Rows whose amounts are whole, so that every sum is exact in any order.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((-6_i64..20, 0..40, (-5..60).prop_map(f64::from)), 1..120)
}

fn columns(rows: &[Row]) -> (Vec<i64>, Vec<i32>, Vec<f64>) {
    (
        rows.iter().map(|row| row.0).collect(),
        rows.iter().map(|row| row.1).collect(),
        rows.iter().map(|row| row.2).collect(),
    )
}

fn table(rows: &[Row], as_of: i32) -> (Vec<i64>, Rfm) {
    let (ids, days, amounts) = columns(rows);
    let (codes, ids) = encode_integers(&ids);
    (ids, rfm(&codes, &days, &amounts, as_of, LaterRows::LeaveOut).unwrap())
}

fn purchase_days(rows: &[Row]) -> PurchaseDays {
    let (ids, days, amounts) = columns(rows);
    PurchaseDays::new(&ids, &days, &amounts).unwrap()
}

/// Few different values, so that ties are common, and some unknown ones.
fn values() -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![9 => (0..25).prop_map(|value| f64::from(value) / 3.0), 1 => Just(f64::NAN)];
    prop::collection::vec(value, 1..80)
}

proptest! {
    #[test]
    fn codes_lead_back_to_keys(keys in prop::collection::vec(any::<i64>(), 0..200)) {
        let (codes, ids) = encode_integers(&keys);
        prop_assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert!(codes.iter().zip(&keys).all(|(&code, &key)| ids[code as usize] == key));
        prop_assert_eq!(encode_keys(&keys), (codes, ids));
    }

    #[test]
    fn the_order_of_rows_does_not_matter(rows in rows(), as_of in 0..45) {
        let (ids, given) = table(&rows, as_of);
        let mut sorted = rows.clone();
        sorted.sort_by_key(|row| row.1);
        let mut backwards = rows;
        backwards.reverse();
        for other in [sorted, backwards] {
            let (other_ids, other) = table(&other, as_of);
            prop_assert_eq!(&ids, &other_ids);
            assert_same(&given, &other);
        }
    }

    #[test]
    fn rfm_counts_what_a_plain_loop_counts(rows in rows(), as_of in 0..45) {
        let (ids, table) = table(&rows, as_of);
        for (index, &code) in table.customer.iter().enumerate() {
            let own: Vec<_> = rows.iter().filter(|row| row.0 == ids[code as usize] && row.1 <= as_of).collect();
            let days: BTreeSet<i32> = own.iter().map(|row| row.1).collect();
            let (first, last) = (*days.first().unwrap(), *days.last().unwrap());
            prop_assert_eq!((table.first_day[index], table.last_day[index]), (first, last));
            prop_assert_eq!(table.frequency[index], days.len() as f64);
            prop_assert_eq!(table.monetary[index], own.iter().map(|row| row.2).sum::<f64>());
            prop_assert_eq!(table.age[index], table.recency[index] + table.last_purchase_age[index]);
            let repeated = own.iter().filter(|row| row.1 > first).map(|row| row.2).sum::<f64>();
            let mean = repeated / (days.len() - 1) as f64;
            prop_assert!(table.mean_repeat_amount[index] == mean || days.len() == 1);
        }
        prop_assert_eq!(table.rows + table.rows_left_out, rows.len());
    }

    #[test]
    fn parts_merge_to_the_whole(rows in rows(), cut in 0.0..1.0, as_of in 0..45) {
        let cut = ((rows.len() as f64 * cut) as usize).clamp(1, rows.len());
        let whole = purchase_days(&rows);
        let mut merged = purchase_days(&rows[..cut]);
        if cut < rows.len() {
            let rest = purchase_days(&rows[cut..]);
            let mut other_way = rest.clone();
            other_way.merge(&merged).unwrap();
            merged.merge(&rest).unwrap();
            prop_assert_eq!(&other_way, &merged);
        }
        prop_assert_eq!(&merged, &whole);
        let (_, direct) = table(&rows, as_of);
        let (_, mut through_days) = whole.rfm(as_of, LaterRows::LeaveOut).unwrap();
        // Rows of one day are one entry here.
        (through_days.rows, through_days.rows_left_out) = (direct.rows, direct.rows_left_out);
        assert_same(&direct, &through_days);
    }

    #[test]
    fn a_better_value_is_never_in_a_worse_tier(values in values(), tiers in 1_usize..6, lower in any::<bool>()) {
        let names: Vec<String> = (0..tiers).map(|tier| format!("tier {tier}")).collect();
        let shares = vec![1.0 / tiers as f64; tiers];
        let direction = if lower { LowerIsBetter } else { HigherIsBetter };
        for ties in [Ties::Together, Ties::FirstCome] {
            let Ok(tiered) = Tiers::split("x", &values, &names, &shares, direction, ties) else { continue };
            for (&value, &tier) in values.iter().zip(&tiered.assigned) {
                prop_assert_eq!(tier.is_none(), value.is_nan());
                for (&other, &other_tier) in values.iter().zip(&tiered.assigned) {
                    let better = (value > other && !lower) || (value < other && lower);
                    prop_assert!(!better || tier <= other_tier);
                    prop_assert!(ties == Ties::FirstCome || value != other || tier == other_tier);
                }
            }
            let origin = tiered.tiers.origin().unwrap();
            let known = values.iter().filter(|value| !value.is_nan()).count();
            prop_assert_eq!(origin.counts.iter().sum::<usize>(), known);
            if ties == Ties::FirstCome {
                let even = known as f64 / tiers as f64;
                prop_assert!(origin.counts.iter().all(|&count| (count as f64 - even).abs() <= 1.0));
                continue;
            }
            let again = tiered.tiers.assign(&values);
            let name = |tier: &Option<usize>| tier.map(|tier| &origin.names[tier]);
            let name_again = |tier: &Option<usize>| tier.map(|tier| &tiered.tiers.outcomes()[tier]);
            prop_assert!(tiered.assigned.iter().map(name).eq(again.iter().map(name_again)));
            for (name, &count) in origin.names.iter().zip(&origin.counts) {
                prop_assert_eq!(count > 0, tiered.tiers.outcomes().contains(name));
            }
        }
    }

    #[test]
    fn money_is_spread_as_the_laws_say(
        values in prop::collection::vec((0..1000).prop_map(f64::from), 1..60),
        share in 0.01..1.0,
    ) {
        prop_assume!(values.iter().sum::<f64>() > 0.0);
        let curve = share_curve(&values).unwrap();
        let money = curve.money();
        prop_assert_eq!((money[0], *money.last().unwrap()), (0.0, 1.0));
        prop_assert!(money.windows(3).all(|step| step[1] - step[0] >= step[2] - step[1] - 1e-12));
        let index = gini(&values).unwrap();
        let n = values.len() as f64;
        prop_assert!((-1e-12..=(n - 1.0) / n + 1e-12).contains(&index));
        // Twice the area between the share curve and the diagonal.
        let area = money.windows(2).map(|step| f64::midpoint(step[0], step[1]) / n).sum::<f64>();
        prop_assert!((index - (2.0 * area - 1.0)).abs() < 1e-12);
        let scaled: Vec<f64> = values.iter().map(|value| value * 8.0).collect();
        prop_assert_eq!(gini(&scaled).unwrap(), index);
        let found = pareto(&values, share).unwrap();
        prop_assert!(found.money >= share * found.total * (1.0 - 1e-12));
        prop_assert!(found.money - found.threshold < share * found.total);
        prop_assert_eq!(found.rows.iter().map(|&row| values[row]).sum::<f64>(), found.money);
        prop_assert!((0..values.len()).all(|row| found.rows.contains(&row) || values[row] <= found.threshold));
    }
}
