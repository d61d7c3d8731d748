//! What a rating says about its facts: reasons of movers, references, currencies, units, customers of the last rating.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use tierwise::value::{
    BonusItem, Duplicates, Evidence, EvidencePolicy, EvidenceStatus, HeldTier, LaterRows, Normalisation, PointBracket,
    RatingPart, RatingRules, RatingSpec, Rerating, SalesFactors, ShareDecision, ValueIndex, ValueIndexSpec, ValueTerm,
    b2b_rating, profit_score, share_decision,
};
use tierwise::{Assign, Band, Columns, Error, Score};

fn band(name: &str, from: Option<f64>, to: Option<f64>) -> Band {
    Band { name: name.into(), from, to }
}

/// Base 5 or 10; a referral is 4, at most 10, for 100 days; a visit is 2 once, for ten days; at most 11 in all.
fn spec() -> RatingSpec {
    let bracket = |from, to, points| PointBracket { from, to, points };
    RatingSpec {
        base: vec![bracket(None, Some(100.0), 5.0), bracket(Some(100.0), None, 10.0)],
        bonus: vec![
            BonusItem::per_unit("referral", 4.0).maximum(10.0).expires_after(100).documented(),
            BonusItem::once("visit", 2.0).expires_after(10),
        ],
        bonus_maximum: Some(11.0),
        tiers: vec![band("A", Some(15.0), None), band("B", None, Some(15.0))],
        ..RatingSpec::default()
    }
}

fn rules() -> RatingRules {
    RatingRules::new(spec()).unwrap()
}

fn message<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.unwrap_err().to_string()
}

/// The reasons of all customers, with the sum of the points of their causes.
fn reasons(rules: &RatingRules, amounts: (&[f64], &[f64]), log: &Evidence<'_>, days: (i32, i32)) -> Vec<(String, f64)> {
    let changed = rules.change(amounts, log, days, EvidencePolicy::default()).unwrap();
    let (all, none) = (vec![Some(0); amounts.0.len()], vec![None; amounts.0.len()]);
    let moved = changed.movers(&all, &none).unwrap();
    for one in &moved {
        let points: f64 = one.causes.iter().map(|cause| cause.points).sum();
        assert!(one.change.is_nan() || points == one.change, "{one:?}");
    }
    moved.iter().map(|one| (one.in_words("sales", None), one.change)).collect()
}

#[test]
fn reasons_name_the_facts_and_what_they_add() {
    let log = Evidence {
        customer: &[0, 0, 0, 0, 1, 1],
        item: &[0, 0, 0, 0, 1, 1],
        day: &[900, 950, 1040, 1045, 990, 1049],
        reference: Some(&[Some(1), Some(2), Some(3), Some(4), None, None]),
        ..Evidence::NONE
    };
    // Customer 0 had two referrals, of which one is out by 1049, and two came: three are 12, of which the cap takes 2. The
    // visit of customer 1 is gone and there again, which moved nothing.
    let found = reasons(&rules(), (&[50.0, 120.0], &[250.5, 90.0]), &log, (999, 1049));
    assert_eq!(
        found,
        [
            ("sales 50 -> 250.5 (+5); referral came (+8); referral expired (-4); cap of referral (-2)".into(), 7.0),
            ("sales 120 -> 90 (-5)".into(), -5.0)
        ]
    );
    // On day 1049 a visit beside the referrals brings the cap of all items in.
    let both = Evidence { customer: &[0; 6], ..log };
    let found = reasons(&rules(), (&[50.0], &[50.0]), &both, (989, 1049));
    let expected =
        "referral came (+8); referral expired (-4); cap of referral (-2); visit came (+2); cap of all bonus items (-1)";
    assert_eq!(found, [(expected.into(), 3.0)]);
}

#[test]
fn reasons_write_numbers_as_people_do() {
    let stated = RatingRules::new(RatingSpec { unknown_amount: Some(0.125), ..spec() }).unwrap();
    let (then, now) = ([0.1 + 0.2, f64::NAN, 1e300, 99.999_999_999_999_99], [1e6, 100.0, -5.0, 100.0]);
    let found = reasons(&stated, (&then, &now), &Evidence::NONE, (5, 9));
    let words: Vec<&str> = found.iter().map(|(words, _)| words.as_str()).collect();
    assert_eq!(
        words,
        [
            "sales 0.3 -> 1000000 (+5)",
            "sales unknown -> 100 (+9.875)",
            "sales 1e300 -> -5 (-5)",
            "sales 99.99999999999999 -> 100 (+5)", // in twelve digits they would look the same
        ]
    );
    let changed = stated.change((&[5.0], &[500.0]), &Evidence::NONE, (5, 9), EvidencePolicy::default()).unwrap();
    let moved = changed.movers(&[Some(1)], &[Some(0)]).unwrap();
    assert_eq!(moved[0].in_words("sales", Some("EUR")), "sales 5 -> 500 EUR (+5)");
}

#[test]
fn one_reference_is_one_unit() {
    let log = Evidence {
        customer: &[0, 0, 1, 0, 0],
        item: &[0, 0, 0, 1, 1],
        day: &[97, 95, 96, 95, 99],
        reference: Some(&[Some(1), Some(1), Some(1), Some(2), Some(2)]),
        ..Evidence::NONE
    };
    let rules = rules();
    let rate =
        |duplicates| rules.rate(&[0.0, 0.0], &log, 100, EvidencePolicy { duplicates, ..EvidencePolicy::default() });
    for refused in [None, Some(Duplicates::Refuse)] {
        let found = message(rate(refused));
        assert!(
            found.starts_with("the reference of the evidence at row 0 (`0`) is that of row 1, for the same `referral`")
        );
        assert!(found.contains("`duplicates`"), "{found}");
    }
    // Another customer's counts, and the visit that is shown again is renewed.
    let once = rate(Some(Duplicates::CountOnce)).unwrap();
    assert_eq!((&once.items[0][..], &once.items[1][..]), (&[4.0, 4.0][..], &[2.0, 0.0][..]));
    assert_eq!(rate(Some(Duplicates::Keep)).unwrap().items[0], [8.0, 4.0]);
    let policy = EvidencePolicy { duplicates: Some(Duplicates::CountOnce), ..EvidencePolicy::default() };
    let statement = rules.statement(&[0.0, 0.0], &log, 100, policy).unwrap();
    let status = |row: usize| {
        statement.iter().find_map(|line| match line.part {
            RatingPart::Evidence { row: of, status, .. } if of == row => Some(status),
            _ => None,
        })
    };
    // The oldest counts, so that nobody makes a proof younger than it is.
    assert_eq!((status(0), status(1)), (Some(EvidenceStatus::Duplicate), Some(EvidenceStatus::Counted)));
    // A line of no units shows nothing twice.
    let empty = Evidence { units: Some(&[0.0, 1.0, 1.0, 1.0, 1.0]), ..log };
    assert_eq!(rules.rate(&[0.0, 0.0], &empty, 100, EvidencePolicy::default()).unwrap().items[0], [4.0, 4.0]);
}

#[test]
fn tables_with_units_that_are_none_are_refused_by_row() {
    let rules = b2b_rating();
    let check = |units: f64| {
        let columns = [&[5e5, 5e5][..], &[0.0, units], &[0.0; 2], &[0.0; 2], &[0.0; 2], &[0.0; 2]];
        Columns::in_order(Score::features(&rules), columns.to_vec()).map(|_| ())
    };
    assert!(check(1e6).is_ok() && check(f64::NAN).is_ok() && check(-0.0).is_ok());
    for units in [2.9, -3.0, 1e6 + 1.0, f64::INFINITY] {
        let found = message(check(units));
        assert!(found.contains("`referral` at row 1"), "{found}");
    }
    assert!(message(check(2.9)).contains("a whole number of units from 0 to 1000000"));
}

#[test]
fn profits_and_shares_that_cannot_be_are_refused_by_row() {
    let (score, table) = (profit_score(), share_decision());
    let of_score = |margin: f64, collection: f64| {
        Columns::in_order(Score::features(&score), vec![&[0.2, margin], &[0.9, collection]]).map(|_| ())
    };
    assert!(of_score(-0.3, 0.0).is_ok() && of_score(f64::NAN, 1.0).is_ok());
    assert!(message(of_score(0.2, -3.0)).contains("`payment_collection` at row 1 holds -3"));
    assert!(message(of_score(20.0, 0.3)).contains("`gross_margin` at row 1 holds 20"));
    let of_table = |profit: f64, share: f64| {
        Columns::in_order(Assign::features(&table), vec![&[20.0, profit], &[0.1, share]]).map(|_| ())
    };
    assert!(of_table(0.0, 0.0).is_ok() && of_table(40.0, 1.0).is_ok() && of_table(f64::NAN, f64::NAN).is_ok());
    assert!(message(of_table(20.0, -0.1)).contains("`share` at row 1 holds -0.1 where a share from 0 to 1"));
    for profit in [400.0, 40.5, -1.0] {
        assert!(message(of_table(profit, 0.1)).contains("a number of points from 0 to 40"));
    }
    let mut high = table.spec().clone();
    (high.profit[0].from, high.profit[1].to) = (Some(80.0), Some(80.0));
    assert!(message(ShareDecision::new(high)).contains("a profit score is 40 at most"));
}

#[test]
fn amounts_are_in_the_currency_of_the_brackets() {
    let euros = RatingRules::new(RatingSpec { currency: Some("EUR".into()), ..spec() }).unwrap();
    let (names, key) = (["USD".to_owned(), "EUR".to_owned()], |row: usize| ["ann", "bob", "cid"][row].to_owned());
    let amounts = [f64::NAN, 5.0, 7.0];
    euros.check_currency(&amounts, &[None, Some(1), Some(1)], &names, key).unwrap();
    let found = message(euros.check_currency(&amounts, &[None, Some(1), Some(0)], &names, key));
    assert!(found.starts_with("the currency at row 2 (`cid`) is `USD`; the brackets are in `EUR`"), "{found}");
    let found = message(euros.check_currency(&amounts, &[None, None, Some(1)], &names, key));
    assert!(found.starts_with("the currency at row 1 (`bob`) is unknown"), "{found}");
    assert_eq!(euros.check_currency(&amounts, &[], &names, key).unwrap_err().code(), "wrong_length");
    // Rules that state none take any, but one.
    rules().check_currency(&amounts, &[Some(1), Some(0), Some(0)], &names, key).unwrap();
    let found = message(rules().check_currency(&amounts, &[None, Some(1), Some(0)], &names, key));
    assert!(found.contains("row 1 has `EUR`"), "{found}");

    let rates = |pairs: &[(&str, f64)]| pairs.iter().map(|&(name, rate)| (name.to_owned(), rate)).collect();
    let check = |rates: BTreeMap<String, f64>| euros.check_rates(&rates);
    check(rates(&[("EUR", 1.0), ("USD", 0.9)])).unwrap();
    assert!(message(check(rates(&[("EUR", 1.1), ("USD", 1.0)]))).contains("Got 1.1 for `EUR`"));
    assert!(message(check(rates(&[("USD", 1.0)]))).contains("Got no `EUR`"));
    rules().check_rates(&rates(&[("USD", 2.0)])).unwrap();

    let blank = RatingRules::new(RatingSpec { currency: Some(" ".into()), ..spec() });
    assert!(message(blank).contains("currency"));
    let saved = tierwise::model::save(&euros).unwrap();
    assert_eq!(tierwise::model::load::<RatingRules>(&saved).unwrap().spec().currency.as_deref(), Some("EUR"));
    let silent = tierwise::model::save(&rules()).unwrap();
    assert!(!silent.contains("currency"), "rules without one look as they did");
}

#[test]
fn the_last_rating_is_found_by_customer() {
    let held = |tier, below_since| HeldTier { tier: Some(tier), below_since };
    let last = [held(1, None), held(0, Some(900))];
    let found = HeldTier::of_customers(&[2, 0], &last, 3, LaterRows::Refuse).unwrap();
    assert_eq!(found, [held(0, Some(900)), HeldTier::default(), held(1, None)]);
    let gone = HeldTier::of_customers(&[2, 0], &last, 2, LaterRows::Refuse);
    let found = message(gone);
    assert!(
        found.starts_with("the customer of the last rating at row 0 (`2`) is none of those that are rated"),
        "{found}"
    );
    let left = HeldTier::of_customers(&[2, 0], &last, 2, LaterRows::LeaveOut).unwrap();
    assert_eq!(left, [held(0, Some(900)), HeldTier::default()]);
    let found = message(HeldTier::of_customers(&[0, 0], &last, 1, LaterRows::LeaveOut));
    assert!(found.contains("at row 1 (`0`) is that of row 0 too"), "{found}");
    assert_eq!(HeldTier::of_customers(&[0], &last, 1, LaterRows::Refuse).unwrap_err().code(), "wrong_length");
}

#[test]
fn errors_of_rerating_are_in_its_own_words() {
    let (rules, policy) = (rules(), Rerating::default());
    let rerate = |scores: &[f64], held: &[HeldTier]| policy.rerate(rules.tiers(), scores, held, 19_914);
    let found = message(rerate(&[5.0], &[]));
    assert!(found.starts_with("what is held of the last rating has 0 values where 1 are needed"), "{found}");
    let found = message(rerate(&[5.0, f64::INFINITY], &[HeldTier::default(); 2]));
    assert!(found.contains("`score` at row 1 is inf"), "{found}");
    let found = message(rerate(&[5.0], &[HeldTier { tier: Some(0), below_since: Some(19_915) }]));
    assert!(found.contains("is 2024-07-11 (day 19915)") && found.contains("2024-07-10 (day 19914)"), "{found}");
}

#[test]
fn no_money_per_head_below_zero_is_a_target() {
    let year = SalesFactors::from_values([1000.0, 0.1, 50.0, 400.0, 0.6, 120.0]);
    for one in year.needed(0.0).unwrap() {
        assert_eq!(one.needed, None, "{one:?}");
    }
    let half = year.needed(28_800.0).unwrap();
    assert_eq!(half[2].needed, Some(0.0)); // what existing customers bring alone
    assert!((half[5].needed.unwrap() - 23_800.0 / 240.0).abs() < 1e-9);
}

#[test]
fn tiers_that_nobody_can_reach_are_told() {
    let tiers = vec![band("A", Some(500.0), None), band("B", Some(5.0), Some(500.0)), band("C", None, Some(5.0))];
    let found = RatingRules::new(RatingSpec { tiers: tiers.clone(), ..spec() }).unwrap().findings();
    assert_eq!(
        found,
        [
            "no score reaches tier `A` [500, inf): scores lie from 5 to 21; check its cut",
            "no score reaches tier `C` (-inf, 5): scores lie from 5 to 21; check its cut"
        ]
    );
    assert!(rules().findings().is_empty());
    let exact = vec![band("A", Some(21.0), None), band("B", None, Some(21.0))];
    assert!(RatingRules::new(RatingSpec { tiers: exact, ..spec() }).unwrap().findings().is_empty());
    let anchors = Normalisation::Anchors(vec![(0.0, 0.25), (10.0, 0.75)]);
    let terms = vec![ValueTerm::new("m", 1.0, anchors)];
    let index = ValueIndex::new(ValueIndexSpec { terms, tiers, ..ValueIndexSpec::default() }).unwrap();
    assert_eq!(index.findings().len(), 2);
    assert!(index.findings()[1].contains("scores lie from 25 to 75"));
}

#[test]
fn limits_of_a_constant_say_that_it_is_one() {
    let found = message(Normalisation::min_max_of("m", &[3.0, 3.0, f64::NAN]));
    assert!(found.starts_with("column `m` cannot be learned from: limits need two different known values"), "{found}");
}
