//! Rating by base and bonus: points, evidence, re-rating, migration, entitlements.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tierwise::value::{
    BonusItem, Duplicates, Entitlement, EntitlementGrant, EntitlementOrder, EntitlementSpec, EntitlementValue,
    Entitlements, Evidence, EvidencePolicy, EvidenceStatus, HeldTier, LaterRows, PointBracket, RatingPart, RatingRules,
    RatingSpec, Rerating, TierChain, TierRule, UnknownScore, b2b_rating,
};
use tierwise::{Assign, Band, Bands, Error, Hysteresis, Score};

fn bracket(from: Option<f64>, to: Option<f64>, points: f64) -> PointBracket {
    PointBracket { from, to, points }
}

fn band(name: &str, from: Option<f64>, to: Option<f64>) -> Band {
    Band { name: name.into(), from, to }
}

/// Base 0, 5 or 10; a referral is 4, three of them at most 10; a visit is 2 once and lasts ten days; at most 11 in all.
fn spec() -> RatingSpec {
    RatingSpec {
        base: vec![
            bracket(None, Some(100.0), 0.0),
            bracket(Some(100.0), Some(500.0), 5.0),
            bracket(Some(500.0), None, 10.0),
        ],
        bonus: vec![
            BonusItem::per_unit("referral", 4.0).maximum(10.0).expires_after(100).documented(),
            BonusItem::once("visit", 2.0).expires_after(10),
        ],
        bonus_maximum: Some(11.0),
        tiers: vec![band("A", Some(15.0), None), band("B", Some(7.0), Some(15.0)), band("C", None, Some(7.0))],
        ..RatingSpec::default()
    }
}

fn rules() -> RatingRules {
    RatingRules::new(spec()).unwrap()
}

/// A change that makes sound rules wrong, and words of the refusal.
type Case<'a, T> = (&'a dyn Fn(&mut T), &'a str);

fn message<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.unwrap_err().to_string()
}

// Points

#[test]
fn the_worked_example_of_the_source() {
    let rules = b2b_rating();
    let tier = |row: &[f64]| rules.outcomes()[rules.assign_row(row).unwrap()].clone();
    let plain = [500_000.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    assert_eq!((rules.score_row(&plain), tier(&plain)), (10.0, "E".into()));
    let with_bonus = [500_000.0, 2.0, 1.0, 1.0, 0.0, 0.0];
    assert_eq!((rules.score_row(&with_bonus), tier(&with_bonus)), (35.0, "D".into()));
}

#[test]
fn edges_of_brackets_belong_to_the_upper_one_and_unknown_is_not_zero() {
    let rules = rules();
    let score = |amount: f64| rules.score_row(&[amount, 0.0, 0.0]);
    assert_eq!([-50.0, 0.0, 99.99, 100.0, 499.0, 500.0].map(score), [0.0, 0.0, 0.0, 5.0, 5.0, 10.0]);
    assert!(score(f64::NAN).is_nan());
    assert_eq!(rules.assign_row(&[f64::NAN, 2.0, 1.0]), None);
    let stated = RatingRules::new(RatingSpec { unknown_amount: Some(3.0), ..spec() }).unwrap();
    assert_eq!(stated.score_row(&[f64::NAN, 1.0, f64::NAN]), 7.0);
}

#[test]
fn caps_of_an_item_and_of_all_items() {
    let rules = rules();
    let score = |referrals: f64, visit: f64| rules.score_row(&[0.0, referrals, visit]);
    assert_eq!([1.0, 2.0, 3.0, 1e9].map(|referrals| score(referrals, 0.0)), [4.0, 8.0, 10.0, 10.0]);
    assert_eq!(score(3.0, 1.0), 11.0); // 12 without the cap of all
    assert_eq!([-3.0, 0.5, 1.9, f64::NAN].map(|referrals| score(referrals, 0.0)), [0.0, 0.0, 4.0, 0.0]);
}

#[test]
fn rules_that_contradict_themselves_are_refused_by_name() {
    let refused = |change: &dyn Fn(&mut RatingSpec)| {
        let mut spec = spec();
        change(&mut spec);
        message(RatingRules::new(spec))
    };
    let cases: [Case<RatingSpec>; 12] = [
        (&|spec| spec.base[1].to = Some(400.0), "gap from 400 to 500"),
        (&|spec| spec.base[0].from = Some(0.0), "outermost"),
        (&|spec| spec.base[2].points = 0.1, "multiple of 1/1024"),
        (&|spec| spec.bonus[0].points = 0.0, "item `referral`"),
        (&|spec| spec.bonus[0].points = f64::NAN, "item `referral`"),
        (&|spec| spec.bonus[1].name = "referral".into(), "listed twice"),
        (&|spec| spec.bonus[1].name = "tier".into(), "column of every result"),
        (&|spec| spec.bonus[1].name = " ".into(), "bonus[1]"),
        (&|spec| spec.bonus[1].expires_after = Some(0), "item `visit`"),
        (&|spec| spec.bonus_maximum = Some(-1.0), "bonus_maximum"),
        (&|spec| spec.period_days = 0, "period_days"),
        (&|spec| spec.tiers[0].to = Some(40.0), "outermost"),
    ];
    for (change, words) in cases {
        let found = refused(change);
        assert!(found.contains(words), "{found}");
    }
}

// Evidence

/// Two referrals (one of 2 units) and three visits of customer 0, a referral of customer 1 without a reference.
const LOG: Evidence<'static> = Evidence {
    customer: &[0, 0, 1, 0, 0, 0],
    item: &[0, 0, 0, 1, 1, 1],
    day: &[950, 990, 990, 985, 991, 995],
    units: Some(&[1.0, 2.0, 1.0, 1.0, 1.0, 1.0]),
    reference: Some(&[Some(7), Some(8), None, None, None, None]),
    duplicate: None,
};

#[test]
fn evidence_counts_while_it_is_young_and_documented() {
    let rules = rules();
    let rated = rules.rate(&[100.0, 500.0], &LOG, 1000, EvidencePolicy::default()).unwrap();
    assert_eq!(rated.units, [[3.0, 0.0], [1.0, 0.0]]);
    assert_eq!((&rated.base[..], &rated.bonus_cap[..]), (&[5.0, 10.0][..], &[-1.0, 0.0][..]));
    assert_eq!((&rated.score[..], &rated.tier[..]), (&[16.0, 10.0][..], &[Some(0), Some(1)][..]));

    let statement = rules.statement(&[100.0, 500.0], &LOG, 1000, EvidencePolicy::default()).unwrap();
    let lines: Vec<_> = statement
        .iter()
        .map(|line| match line.part {
            RatingPart::Base => (line.customer, "base", line.points),
            RatingPart::BonusCap => (line.customer, "cap", line.points),
            RatingPart::Evidence { status, .. } => (line.customer, status.name(), line.points),
        })
        .collect();
    let expected = [
        (0, "base", 5.0),
        (0, "counted", 4.0),
        (0, "capped", 6.0), // two referrals are 8, of which 6 are left below the maximum of 10
        (0, "expired", 0.0),
        (0, "renewed", 0.0),
        (0, "counted", 2.0),
        (0, "cap", -1.0),
        (1, "base", 10.0),
        (1, "no_reference", 0.0),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn evidence_expires_on_the_day_that_the_rule_says() {
    let rules = rules();
    let one = Evidence { customer: &[0], item: &[1], day: &[100], units: None, ..Evidence::NONE };
    let later = EvidencePolicy { later: LaterRows::LeaveOut, ..EvidencePolicy::default() };
    let score = |as_of| rules.rate(&[0.0], &one, as_of, later).unwrap().score[0];
    assert_eq!([99, 100, 109, 110].map(score), [0.0, 2.0, 2.0, 0.0]);
    let found = message(rules.rate(&[0.0], &one, 99, EvidencePolicy::default()));
    assert!(found.contains("row 0 (`0`) is 1970-04-11 (day 100)") && found.contains("1970-04-10 (day 99)"), "{found}");
}

#[test]
fn strays_are_refused_or_told() {
    let rules = rules();
    let stray = Evidence { customer: &[7], item: &[1], day: &[100], units: None, ..Evidence::NONE };
    let found = message(rules.rate(&[0.0], &stray, 100, EvidencePolicy::default()));
    assert!(found.contains("none of those that were asked for"), "{found}");
    let leave = EvidencePolicy { other_customers: LaterRows::LeaveOut, ..EvidencePolicy::default() };
    assert_eq!(rules.rate(&[0.0], &stray, 100, leave).unwrap().other_customers, 1);
    let statement = rules.statement(&[0.0], &stray, 100, leave).unwrap();
    assert_eq!(
        (statement[1].customer, statement[1].part),
        (7, RatingPart::Evidence { item: 1, row: 0, status: EvidenceStatus::OtherCustomer })
    );
    for (units, item, words) in [(0.5, 1, "whole numbers"), (-1.0, 1, "whole numbers"), (1.0, 9, "2 items")] {
        let wrong = Evidence { item: &[item], units: Some(&[units]), ..stray };
        assert!(message(rules.rate(&[0.0; 9], &wrong, 100, leave)).contains(words));
    }
    let short = Evidence { day: &[], ..stray };
    assert_eq!(rules.rate(&[0.0], &short, 100, leave).unwrap_err().code(), "wrong_length");
    let infinite = rules.rate(&[0.0, f64::INFINITY], &Evidence::NONE, 100, leave).unwrap_err();
    assert!(infinite.to_string().contains("`order_amount` at row 1"), "{infinite}");
}

#[test]
fn order_amounts_are_those_of_the_period() {
    let rules = RatingRules::new(RatingSpec { period_days: 10, ..spec() }).unwrap();
    let (customer, day) = ([0, 0, 0, 1, 5], [90, 91, 100, 101, 95]);
    let amount = [1.0, 2.0, -0.5, 8.0, 9.0];
    let sums = rules.order_amounts(&customer, &day, &amount, 3, 100, LaterRows::LeaveOut).unwrap();
    assert_eq!(sums, [1.5, 0.0, 0.0]);
    let found = message(rules.order_amounts(&customer, &day, &amount, 3, 100, LaterRows::Refuse));
    assert!(found.contains("row 3 (`1`)"), "{found}");
    let found = message(rules.order_amounts(&[4], &[90], &[f64::NAN], 5, 100, LaterRows::Refuse));
    assert!(found.contains("row 0 (`4`) is unknown"), "{found}");
}

// Change

#[test]
fn the_change_of_a_score_is_taken_apart_by_what_happened() {
    let rules = rules();
    // On day 960 only the first referral counts; by 1050 it is expired and three units came, of which 0.5 are capped.
    let changed = rules.change((&[500.0, 0.0], &[50.0, 0.0]), &LOG, (960, 1049), EvidencePolicy::default()).unwrap();
    assert_eq!((changed.before.score[0], changed.after.score[0]), (14.0, 10.0));
    let referral = &changed.parts[1];
    assert_eq!((referral.before[0], referral.came[0], referral.expired[0], referral.capped[0]), (4.0, 8.0, 0.0, -2.0));
    assert_eq!(changed.parts[0].amount[0], -10.0);
    let later = rules.change((&[500.0, 0.0], &[50.0, 0.0]), &LOG, (960, 1050), EvidencePolicy::default()).unwrap();
    let referral = &later.parts[1];
    assert_eq!((referral.came[0], referral.expired[0], referral.capped[0], referral.after[0]), (8.0, -4.0, 0.0, 8.0));
    assert_eq!(later.movers(&later.before.tier, &later.after.tier).unwrap(), []); // 14 and 8 are B
    let moved = later.movers(&[Some(0), None], &[Some(1), None]).unwrap();
    assert_eq!((moved.len(), moved[0].customer, moved[0].change), (1, 0, -6.0));
    assert_eq!((moved[0].tier_before, moved[0].tier_after), (Some(0), Some(1)));
    assert_eq!(later.movers(&[None, Some(1)], &[None, None]).unwrap()[0].customer, 1);
    assert_eq!(later.movers(&[None], &[None, None]).unwrap_err().code(), "wrong_length");
    assert_eq!(
        rules.change((&[1.0], &[1.0]), &Evidence::NONE, (5, 5), EvidencePolicy::default()).unwrap_err().code(),
        "invalid_parameter"
    );
}

#[test]
fn movers_without_a_score_say_what_became_known() {
    let rules = rules();
    let (then, now) = ([f64::NAN, 600.0, 600.0, f64::NAN, 50.0], [600.0, f64::NAN, 50.0, f64::NAN, 50.0]);
    let changed = rules.change((&then, &now), &Evidence::NONE, (5, 9), EvidencePolicy::default()).unwrap();
    let of_scores = changed.movers(&changed.before.tier, &changed.after.tier).unwrap();
    assert_eq!(of_scores.iter().map(|one| one.customer).collect::<Vec<_>>(), [0, 1, 2]);
    assert!(of_scores[0].change.is_nan() && of_scores[1].change.is_nan());
    // Held tiers move everybody from A to B.
    let moved = changed.movers(&[Some(0); 5], &[Some(1); 5]).unwrap();
    let reasons: Vec<String> = moved.iter().map(|one| one.in_words("sales", None)).collect();
    let expected = [
        "sales became known",
        "sales became unknown",
        "sales 600 -> 50 (-10)",
        "sales unknown on both days",
        "the score is the same",
    ];
    assert_eq!(reasons, expected);
}

proptest! {
    #[test]
    fn parts_statement_and_changes_add_up_exactly(
        amounts in prop::collection::vec((0.0..1000.0, 0.0..1000.0), 1..6),
        log in prop::collection::vec((0_u32..8, 0_u32..2, 0_i32..260, 0_u32..5, any::<bool>()), 0..40),
        first in 0_i32..200,
        length in 1_i32..60,
    ) {
        let mut spec = spec();
        spec.bonus[0].points = 3.125;
        spec.bonus[1].points = 0.375;
        let rules = RatingRules::new(spec).unwrap();
        let (customer, item): (Vec<u32>, Vec<u32>) = log.iter().map(|line| (line.0, line.1)).unzip();
        let day: Vec<i32> = log.iter().map(|line| line.2).collect();
        let units: Vec<f64> = log.iter().map(|line| f64::from(line.3)).collect();
        let references: Vec<Option<u32>> = (0..).zip(&log).map(|(row, line)| line.4.then_some(row / 2)).collect();
        let evidence =
            Evidence { customer: &customer, item: &item, day: &day, units: Some(&units), reference: Some(&references), ..Evidence::NONE };
        let duplicates = Some(Duplicates::CountOnce);
        let policy = EvidencePolicy { later: LaterRows::LeaveOut, other_customers: LaterRows::LeaveOut, duplicates };
        let (then, now): (Vec<f64>, Vec<f64>) = amounts.into_iter().unzip();
        let changed = rules.change((&then, &now), &evidence, (first, first + length), policy).unwrap();
        let statement = rules.statement(&now, &evidence, first + length, policy).unwrap();
        for one in changed.movers(&vec![None; now.len()], &vec![Some(0); now.len()]).unwrap() {
            prop_assert_eq!(one.causes.iter().map(|cause| cause.points).sum::<f64>(), one.change);
        }
        for row in 0..now.len() {
            let rated = &changed.after;
            let parts = rated.base[row] + rated.items.iter().map(|item| item[row]).sum::<f64>() + rated.bonus_cap[row];
            prop_assert_eq!(parts, rated.score[row]);
            let facts: Vec<f64> = [now[row]].into_iter().chain(rated.units.iter().map(|units| units[row])).collect();
            prop_assert_eq!(rules.score_row(&facts), rated.score[row]);
            prop_assert_eq!(rules.assign_row(&facts), rated.tier[row]);
            let stated = statement.iter().filter(|line| line.customer == row as u32);
            prop_assert_eq!(stated.map(|line| line.points).sum::<f64>(), rated.score[row]);
            for part in &changed.parts {
                let sum = part.before[row] + part.amount[row] + part.came[row] + part.expired[row] + part.capped[row];
                prop_assert_eq!(sum, part.after[row]);
                prop_assert!(part.came[row] >= 0.0 && part.expired[row] <= 0.0);
            }
            let change: f64 = changed.parts.iter().map(|part| part.change()[row]).sum();
            prop_assert_eq!(change, changed.after.score[row] - changed.before.score[row]);
        }
    }

    #[test]
    fn neither_order_of_lines_nor_parts_of_the_table_matter(
        log in prop::collection::vec((0_u32..4, 0_u32..2, 0_i32..200, 0_u32..4), 0..30),
    ) {
        let rules = rules();
        let of = |log: &[(u32, u32, i32, u32)]| {
            let (customer, item): (Vec<u32>, Vec<u32>) = log.iter().map(|line| (line.0, line.1)).unzip();
            let (day, units): (Vec<i32>, Vec<f64>) = log.iter().map(|line| (line.2, f64::from(line.3))).unzip();
            let references: Vec<_> = (0..log.len() as u32).map(Some).collect();
            let evidence =
                Evidence { customer: &customer, item: &item, day: &day, units: Some(&units), reference: Some(&references), ..Evidence::NONE };
            rules.rate(&[0.0, 200.0, 600.0, f64::NAN], &evidence, 200, EvidencePolicy::default()).unwrap()
        };
        let reversed: Vec<_> = log.iter().rev().copied().collect();
        let (one, other) = (of(&log), of(&reversed));
        prop_assert_eq!(&one.units, &other.units);
        prop_assert_eq!(&one.score[..3], &other.score[..3]);
        prop_assert!(one.score[3].is_nan() && one.tier[3].is_none());
    }
}

// Re-rating

fn tiers() -> Bands {
    Bands::falling("tiers", &["A", "B", "C", "D"], &[80.0, 60.0, 40.0]).unwrap()
}

fn rerate(policy: Rerating, score: f64, tier: Option<usize>, below_since: Option<i32>) -> (Option<usize>, TierRule) {
    let rerated = policy.rerate(&tiers(), &[score], &[HeldTier { tier, below_since }], 1000).unwrap()[0];
    (rerated.tier, rerated.rule)
}

#[test]
fn without_rules_everybody_moves_at_once() {
    let policy = Rerating::default();
    for (score, tier, expected) in [
        (90.0, None, (Some(0), TierRule::New)),
        (90.0, Some(0), (Some(0), TierRule::Same)),
        (90.0, Some(3), (Some(0), TierRule::Up)),
        (10.0, Some(0), (Some(3), TierRule::Down)),
        (f64::NAN, Some(0), (Some(0), TierRule::NotRated)),
        (f64::NAN, None, (None, TierRule::Unknown)),
    ] {
        assert_eq!(rerate(policy, score, tier, None), expected);
    }
}

#[test]
fn margins_hold_on_either_side() {
    let policy = Rerating { hysteresis: Hysteresis::new(3.0, 5.0).unwrap(), ..Rerating::default() };
    assert_eq!(rerate(policy, 82.9, Some(1), None), (Some(1), TierRule::MarginAbove));
    assert_eq!(rerate(policy, 83.0, Some(1), None), (Some(0), TierRule::Up));
    assert_eq!(rerate(policy, 75.0, Some(0), None), (Some(0), TierRule::MarginBelow));
    assert_eq!(rerate(policy, 74.9, Some(0), None), (Some(1), TierRule::Down));
}

#[test]
fn a_grace_period_counts_from_the_first_rating_below_and_starts_anew_after_a_recovery() {
    let policy = Rerating { grace_days: 90, ..Rerating::default() };
    let mut held = HeldTier { tier: Some(0), below_since: None };
    let mut seen = Vec::new();
    for (day, score) in [(0, 70.0), (60, 70.0), (80, 85.0), (100, 50.0), (189, 50.0), (190, 50.0)] {
        let rerated = policy.rerate(&tiers(), &[score], &[held], day).unwrap()[0];
        seen.push((rerated.tier.unwrap(), rerated.rule, rerated.grace_until));
        held = HeldTier { tier: rerated.tier, below_since: rerated.below_since };
    }
    let expected = [
        (0, TierRule::Grace, Some(90)),
        (0, TierRule::Grace, Some(90)),
        (0, TierRule::Same, None),
        (0, TierRule::Grace, Some(190)),
        (0, TierRule::Grace, Some(190)),
        (2, TierRule::Down, None),
    ];
    assert_eq!(seen, expected);
}

/// Ratings of one customer, the first in tier A: the tier and the reason of each.
fn history(policy: Rerating, ratings: &[(i32, f64)]) -> Vec<(Option<usize>, String)> {
    let mut held = HeldTier { tier: Some(0), below_since: None };
    let mut seen = Vec::new();
    for &(day, score) in ratings {
        let rerated = policy.rerate(&tiers(), &[score], &[held], day).unwrap()[0];
        assert_eq!((rerated.day, rerated.tier_before), (day, held.tier));
        seen.push((rerated.tier, rerated.reason(tiers().names())));
        held = HeldTier { tier: rerated.tier, below_since: rerated.below_since };
    }
    seen
}

#[test]
fn a_missing_score_ends_neither_tier_nor_grace() {
    let policy = Rerating { grace_days: 90, ..Rerating::default() };
    let unknown = f64::NAN;
    let seen = history(policy, &[(0, 85.0), (10, unknown), (20, 70.0), (60, unknown), (110, unknown), (120, 70.0)]);
    let expected = [
        (0, "the score is in `A`"),
        (0, "held: not rated on 1970-01-11"),
        (0, "held by grace until 1970-04-21: the score is in `B`"),
        (0, "held: not rated on 1970-03-02; grace goes on until 1970-04-21"),
        (0, "held: not rated on 1970-04-21; grace was over on 1970-04-21, the next rating decides"),
        (1, "lowered after grace (from 1970-01-21 to 1970-04-21): the score is in `B`"),
    ];
    assert_eq!(seen, expected.map(|(tier, reason)| (Some(tier), reason.to_owned())));
    // A recovery ends the grace period, whether or not a rating is missing between.
    let back = history(policy, &[(20, 70.0), (60, unknown), (110, 85.0), (120, 70.0)]);
    assert_eq!(back[3], (Some(0), "held by grace until 1970-07-30: the score is in `B`".into()));
}

#[test]
fn a_missing_score_ends_the_tier_if_asked() {
    let policy = Rerating { grace_days: 90, unknown_score: UnknownScore::NoTier, ..Rerating::default() };
    let seen = history(policy, &[(20, 70.0), (60, f64::NAN), (61, 70.0)]);
    assert_eq!(seen[1], (None, "no tier: not rated on 1970-03-02".into()));
    assert_eq!(seen[2], (Some(1), "new: there was no tier".into()));
    let read: Rerating = serde_json::from_str("{\"unknown_score\": \"no_tier\", \"grace_days\": 90}").unwrap();
    assert_eq!(read, policy);
}

#[test]
fn the_reason_names_the_rule_that_decided() {
    let reason = |policy: Rerating, score: f64, tier: usize, below_since| {
        let held = HeldTier { tier: Some(tier), below_since };
        policy.rerate(&tiers(), &[score], &[held], 1000).unwrap()[0].reason(tiers().names())
    };
    let margins = Rerating { hysteresis: Hysteresis::new(3.0, 5.0).unwrap(), ..Rerating::default() };
    assert_eq!(
        reason(margins, 82.0, 1, None),
        "held by hysteresis: the score is in `A`, but not beyond the edge by the margin"
    );
    assert_eq!(
        reason(margins, 76.0, 0, None),
        "held by hysteresis: the score is in `B`, but not beyond the edge by the margin"
    );
    assert_eq!(reason(margins, 90.0, 1, None), "raised: the score is in `A`");
    assert_eq!(reason(margins, 10.0, 1, None), "lowered: the score is in `D`");
    let steps = Rerating { one_tier_up: true, one_tier_down: true, grace_days: 30, ..Rerating::default() };
    assert_eq!(reason(steps, 90.0, 3, None), "raised by one tier, the most at one rating: the score is in `A`");
    let down = reason(steps, 10.0, 0, Some(970));
    assert_eq!(
        down,
        "lowered by one tier, the most at one rating after grace (from 1972-08-28 to 1972-09-27): the score is in `D`"
    );
    let holds = TierRule::ALL.map(TierRule::holds).into_iter().filter(|&holds| holds).count();
    assert_eq!(holds, 4);
}

#[test]
fn one_tier_at_a_time_if_asked() {
    let policy = Rerating { one_tier_up: true, one_tier_down: true, ..Rerating::default() };
    assert_eq!(rerate(policy, 90.0, Some(3), None), (Some(2), TierRule::OneTierUp));
    assert_eq!(rerate(policy, 90.0, Some(1), None), (Some(0), TierRule::Up));
    assert_eq!(rerate(policy, 10.0, Some(0), None), (Some(1), TierRule::OneTierDown));
    assert_eq!(rerate(policy, 50.0, Some(1), None), (Some(2), TierRule::Down));
    let slow = Rerating { grace_days: 30, ..policy };
    let step = slow.rerate(&tiers(), &[10.0], &[HeldTier { tier: Some(0), below_since: Some(970) }], 1000).unwrap()[0];
    assert_eq!((step.tier, step.below_since), (Some(1), Some(1000)));
    let next = HeldTier { tier: step.tier, below_since: step.below_since };
    assert_eq!(slow.rerate(&tiers(), &[10.0], &[next], 1029).unwrap()[0].rule, TierRule::Grace);
}

#[test]
fn held_tiers_that_cannot_be_are_refused() {
    let policy = Rerating::default();
    let refused =
        |tier, below_since| message(policy.rerate(&tiers(), &[50.0], &[HeldTier { tier, below_since }], 1000));
    assert!(refused(Some(4), None).contains("there are 4 bands"));
    assert!(refused(Some(1), Some(1001)).contains("must not lie after"));
    assert!(refused(None, Some(900)).contains("has not fallen"));
    assert_eq!(policy.rerate(&tiers(), &[50.0], &[], 1000).unwrap_err().code(), "wrong_length");
}

// Migration

#[test]
fn a_chain_of_two_by_hand() {
    // From A 3 of 4 stay, from B 1 of 2 rises: the steady state is (2/3, 1/3).
    let (then, now) = ([0, 0, 0, 0, 1, 1].map(Some), [0, 0, 0, 1, 0, 1].map(Some));
    let chain = TierChain::between(&["A", "B"], &then, &now, None, 0.95).unwrap();
    assert_eq!(chain.counts(), [[3.0, 1.0], [1.0, 1.0]]);
    assert_eq!(chain.probabilities(), [[0.75, 0.25], [0.5, 0.5]]);
    assert_eq!(chain.outlook(2).unwrap(), [[0.6875, 0.3125], [0.625, 0.375]]);
    assert_eq!(chain.after(&[8.0, 4.0], 1).unwrap(), [8.0, 4.0]);
    assert_eq!(chain.after(&[8.0, 4.0], 0).unwrap(), [8.0, 4.0]);
    let steady = chain.steady_state().unwrap();
    assert!((steady[0] - 2.0 / 3.0).abs() < 1e-15 && (steady[1] - 1.0 / 3.0).abs() < 1e-15);
    assert_eq!(chain.mean_place(&[0.75, 0.25]).unwrap(), Some(1.25));
    assert!(chain.rates()[0][0].low < 0.75 && chain.rates()[0][0].high > 0.75);
}

#[test]
fn many_periods_are_as_exact_as_few() {
    // From A a tenth falls, from B a fifth rises: after n periods 0.7^n of the way to (2/3, 1/3) is left.
    let chain = TierChain::from_counts(&["A", "B"], &[vec![9.0, 1.0], vec![2.0, 8.0]], None, 0.95).unwrap();
    for periods in [0, 1, 2, 3, 7, 20, 100, 100_000] {
        let left = 0.7_f64.powi(periods);
        let exact = [2.0 / 3.0 + left / 3.0, 1.0 / 3.0 - left / 3.0];
        let rows = chain.outlook(periods as u32).unwrap();
        let after = chain.after(&[1.0, 0.0], periods as u32).unwrap();
        for state in 0..2 {
            assert!((rows[0][state] - exact[state]).abs() < 1e-14, "{periods}: {rows:?}");
            assert!((after[state] - exact[state]).abs() < 1e-14, "{periods}: {after:?}");
        }
    }
    // Round and round: shares are 0 and 1, and stay so.
    let turn = [vec![0.0, 1.0, 0.0], vec![0.0, 0.0, 1.0], vec![1.0, 0.0, 0.0]];
    let chain = TierChain::from_counts(&["A", "B", "C"], &turn, None, 0.95).unwrap();
    assert_eq!(chain.outlook(100_000).unwrap(), turn); // 100,000 is one more than a multiple of three
    assert_eq!(chain.after(&[5.0, 7.0, 11.0], 99_999).unwrap(), [5.0, 7.0, 11.0]);
}

#[test]
fn powers_and_steps_lead_to_the_same() {
    let names: Vec<String> = (0..9).map(|state| state.to_string()).collect();
    let count =
        |from: usize, to: usize| if from.abs_diff(to) < 3 { (1 + (7 * from + 3 * to) % 11) as f64 } else { 0.0 };
    let counts: Vec<Vec<f64>> = (0..9).map(|from| (0..9).map(|to| count(from, to)).collect()).collect();
    let chain = TierChain::from_counts(&names, &counts, None, 0.95).unwrap();
    let start: Vec<f64> = (0..9).map(|state| f64::from(state * state)).collect();
    let mut stepped = start.clone();
    for periods in 1..=200 {
        stepped = chain.after(&stepped, 1).unwrap();
        let rows = chain.outlook(periods).unwrap();
        let at_once = chain.after(&start, periods).unwrap();
        for to in 0..9 {
            let by_rows: f64 = (0..9).map(|from| start[from] * rows[from][to]).sum();
            assert!((at_once[to] - stepped[to]).abs() < 1e-11 && (by_rows - stepped[to]).abs() < 1e-11);
        }
    }
}

#[test]
fn a_large_chain_over_the_longest_time() {
    // A step costs states squared, 100,000 of them for each of 120 states 170 billion products; squares need 40 million.
    let names: Vec<String> = (0..120).map(|state| state.to_string()).collect();
    let row = |from: usize| (0..120).map(|to| f64::from(u8::from(from.abs_diff(to) < 2))).collect();
    let counts: Vec<Vec<f64>> = (0..120).map(row).collect();
    let chain = TierChain::from_counts(&names, &counts, None, 0.95).unwrap();
    let (rows, steady) = (chain.outlook(100_000).unwrap(), chain.steady_state().unwrap());
    for row in rows {
        assert!((row.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        row.iter().zip(&steady).for_each(|(share, steady)| assert!((share - steady).abs() < 1e-8));
    }
}

#[test]
fn a_small_share_keeps_its_digits() {
    let chain = TierChain::from_counts(&["A", "B"], &[vec![1e15 - 1.0, 1.0], vec![1.0, 0.0]], None, 0.95).unwrap();
    let steady = chain.steady_state().unwrap();
    let exact = 1e-15 / (1.0 + 1e-15);
    assert!((steady[1] / exact - 1.0).abs() < 1e-14, "{steady:?}");
}

#[test]
fn customers_lost_are_a_state_if_asked() {
    let (then, now) = ([Some(0), Some(0), Some(1), Some(1)], [Some(0), Some(1), Some(1), None]);
    let chain = TierChain::between(&["A", "B"], &then, &now, Some("lost"), 0.95).unwrap();
    assert_eq!(chain.states(), ["A", "B", "lost"]);
    assert_eq!(chain.probabilities(), [[0.5, 0.5, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 1.0]]);
    let refused = chain.steady_state().unwrap_err();
    assert_eq!(refused.code(), "not_ergodic");
    assert!(refused.to_string().contains("nobody leaves `lost`, and nobody returns to `A`, `B`"), "{refused}");
    // From B half leave each period: 2 periods; from A two more.
    let end = chain.absorption();
    assert_eq!((end.transient, end.closed), (vec!["A".into(), "B".into()], vec![vec!["lost".to_string()]]));
    assert_eq!((end.periods, end.shares), (vec![4.0, 2.0], vec![vec![1.0], vec![1.0]]));
    assert_eq!(chain.mean_place(&[0.0, 0.0, 1.0]).unwrap(), None);
    assert_eq!(chain.mean_place(&[1.0, 1.0, 8.0]).unwrap(), Some(1.5));
    // Nobody was outside to show what becomes of those: no count, and an interval that says nothing.
    assert_eq!(chain.counts()[2], [0.0; 3]);
    assert!(chain.rates()[2].iter().all(|rate| (rate.low, rate.high) == (0.0, 1.0)));
    let counted = |outside| TierChain::from_counts(chain.states(), chain.counts(), outside, 0.95);
    assert_eq!(counted(Some("lost")).unwrap(), chain);
    assert_eq!(counted(Some("gone")).unwrap_err().code(), "unknown_name");
    assert_eq!(counted(None).unwrap_err().code(), "not_enough_data");
}

#[test]
fn a_gamblers_ruin() {
    // States 0 to 4, a fair coin: from state k the share that ends in 4 is k / 4, after k (4 - k) tosses.
    let names = ["0", "1", "2", "3", "4"];
    let mut counts = vec![vec![0.0; 5]; 5];
    (counts[0][0], counts[4][4]) = (1.0, 1.0);
    (1..4).for_each(|k| (counts[k][k - 1], counts[k][k + 1]) = (1.0, 1.0));
    let end = TierChain::from_counts(&names, &counts, None, 0.95).unwrap().absorption();
    for (k, (shares, periods)) in (1..4).zip(end.shares.iter().zip(&end.periods)) {
        assert!((shares[1] - f64::from(k) / 4.0).abs() < 1e-14);
        assert!((shares[0] + shares[1] - 1.0).abs() < 1e-14);
        assert!((periods - f64::from(k * (4 - k))).abs() < 1e-13);
    }
}

#[test]
fn what_has_no_steady_state_says_why() {
    let steady =
        |counts: &[Vec<f64>]| message(TierChain::from_counts(&["A", "B"], counts, None, 0.95).unwrap().steady_state());
    assert!(steady(&[vec![0.0, 1.0], vec![1.0, 0.0]]).contains("cycle of 2 periods"));
    let apart = steady(&[vec![1.0, 0.0], vec![0.0, 1.0]]);
    assert!(apart.contains("nobody leaves `A`, nor `B`, and which state is reached depends on the start"), "{apart}");
}

#[test]
fn chains_of_nobody_name_the_tier_that_is_empty() {
    let (nobody, all) = ([None, None], [Some(0), Some(1)]);
    for outside in [None, Some("lost")] {
        let chain = TierChain::between(&["A", "B"], &nobody, &all, outside, 0.95);
        let found = message(chain);
        assert!(found.contains("the moves from `A`"), "{found}");
    }
}

#[test]
fn chains_that_cannot_be_are_refused() {
    let chain = |counts: &[Vec<f64>]| TierChain::from_counts(&["A", "B"], counts, None, 0.95);
    let empty = message(chain(&[vec![1.0, 1.0], vec![0.0, 0.0]]));
    assert!(empty.contains("from `B`"), "{empty}");
    assert_eq!(chain(&[vec![1.0, 1.0]]).unwrap_err().code(), "wrong_length");
    assert_eq!(chain(&[vec![1.0], vec![1.0, 0.0]]).unwrap_err().code(), "wrong_length");
    assert_eq!(chain(&[vec![1.0, -1.0], vec![1.0, 0.0]]).unwrap_err().code(), "invalid_value");
    assert_eq!(chain(&[vec![1.0, f64::NAN], vec![1.0, 0.0]]).unwrap_err().code(), "invalid_value");
    let twice = TierChain::from_counts(&["A", "A"], &[vec![1.0, 1.0], vec![1.0, 1.0]], None, 0.95);
    assert_eq!(twice.unwrap_err().code(), "invalid_parameter");
    let sound = chain(&[vec![1.0, 1.0], vec![1.0, 1.0]]).unwrap();
    assert_eq!(sound.after(&[1.0], 1).unwrap_err().code(), "wrong_length");
    assert_eq!(sound.after(&[1.0, -1.0], 1).unwrap_err().code(), "invalid_value");
    assert_eq!(sound.after(&[1.0, 1.0], 200_000).unwrap_err().code(), "invalid_parameter");
    assert_eq!(
        TierChain::between(&["A"], &[Some(1)], &[Some(0)], Some("lost"), 0.95).unwrap_err().code(),
        "invalid_value"
    );
}

proptest! {
    #[test]
    fn the_steady_state_stays_and_is_where_all_starts_lead(
        counts in prop::collection::vec(prop::collection::vec(0.05..10.0, 4), 4),
    ) {
        let chain = TierChain::from_counts(&["A", "B", "C", "D"], &counts, None, 0.95).unwrap();
        let steady = chain.steady_state().unwrap();
        prop_assert!((steady.iter().sum::<f64>() - 1.0).abs() < 1e-14);
        for (stays, share) in chain.after(&steady, 1).unwrap().iter().zip(&steady) {
            prop_assert!((stays - share).abs() < 1e-14);
        }
        for row in chain.outlook(2000).unwrap() {
            for (reached, share) in row.iter().zip(&steady) {
                prop_assert!((reached - share).abs() < 1e-9);
            }
        }
    }
}

// Entitlements

fn entitlements() -> EntitlementSpec {
    let grant = |tier: &str, step: &str, discount: Option<f64>, hours: f64, plan: Option<&str>| {
        let mut rights = vec![("sla_hours", EntitlementValue::Number(hours))];
        rights.extend(discount.map(|discount| ("discount", EntitlementValue::Number(discount))));
        rights.extend(plan.map(|plan| ("plan", EntitlementValue::Text(plan.into()))));
        let rights = rights.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        EntitlementGrant { tier: tier.into(), step: step.into(), rights }
    };
    let right = |name: &str, better| Entitlement { name: name.into(), better, may_fall: false };
    EntitlementSpec {
        tiers: vec!["A".into(), "B".into(), "C".into()],
        steps: vec!["contract".into(), "service".into()],
        rights: vec![
            right("discount", Some(EntitlementOrder::Higher)),
            right("sla_hours", Some(EntitlementOrder::Lower)),
            right("plan", None),
        ],
        grants: vec![
            grant("A", "contract", Some(0.1), 4.0, Some("named")),
            grant("A", "service", None, 4.0, Some("named")),
            grant("B", "contract", Some(0.05), 8.0, None),
            grant("B", "service", None, 8.0, Some("desk")),
            grant("C", "contract", None, 24.0, None),
            grant("C", "service", None, 24.0, None),
        ],
        ..EntitlementSpec::default()
    }
}

#[test]
fn rights_are_looked_up_by_tier_and_step() {
    let table = Entitlements::new(entitlements()).unwrap();
    assert_eq!(table.of("B", "contract").unwrap()["discount"], EntitlementValue::Number(0.05));
    assert!(!table.of("C", "contract").unwrap().contains_key("discount"));
    let found = message(table.of("Z", "contract"));
    assert!(found.contains("the tier is `Z`"), "{found}");
    let column =
        table.column("plan", &[Some(0), Some(1), Some(2), None], &[Some(0), Some(1), Some(1), Some(0)]).unwrap();
    let texts: Vec<_> = column.into_iter().map(Option::<&EntitlementValue>::cloned).collect();
    assert_eq!(
        texts,
        [Some(EntitlementValue::Text("named".into())), Some(EntitlementValue::Text("desk".into())), None, None]
    );
    assert_eq!(table.column("plan", &[Some(3)], &[Some(0)]).unwrap_err().code(), "invalid_value");
    assert_eq!(table.column("plan", &[Some(0)], &[]).unwrap_err().code(), "wrong_length");
    let found = message(table.column("gift", &[Some(0)], &[Some(0)]));
    assert!(found.contains("the right is `gift`") && found.contains("`sla_hours`"), "{found}");
    let again: EntitlementSpec = serde_json::from_str(&serde_json::to_string(&table).unwrap()).unwrap();
    assert_eq!(Entitlements::new(again).unwrap(), table);
}

#[test]
fn tables_with_a_hole_or_a_slip_are_refused_by_place() {
    let refused = |change: &dyn Fn(&mut EntitlementSpec)| {
        let mut spec = entitlements();
        change(&mut spec);
        message(Entitlements::new(spec))
    };
    let number = |grant: &mut EntitlementGrant, name: &str, value: f64| {
        grant.rights.insert(name.into(), EntitlementValue::Number(value));
    };
    let cases: [Case<EntitlementSpec>; 11] = [
        (&|spec| drop(spec.grants.remove(3)), "tier `B`, step `service`: it is missing"),
        (&|spec| spec.grants[3] = spec.grants[2].clone(), "grants[2] too"),
        (&|spec| spec.grants[1].tier = "Z".into(), "no tier `Z`"),
        (&|spec| spec.grants[1].step = "x".into(), "no step `x`"),
        (&|spec| number(&mut spec.grants[1], "gift", 1.0), "no right `gift`"),
        (&|spec| number(&mut spec.grants[0], "discount", 0.04), "tier `A`, step `contract`: it has less"),
        (&|spec| number(&mut spec.grants[4], "discount", 0.06), "tier `B`, step `contract`: it has less"),
        (&|spec| number(&mut spec.grants[1], "sla_hours", 9.0), "than the worse tier `B`"),
        (&|spec| drop(spec.grants[0].rights.remove("discount")), "less of right `discount`"),
        (&|spec| number(&mut spec.grants[0], "plan", 1.0), "elsewhere"),
        (&|spec| spec.rights[2].better = Some(EntitlementOrder::Higher), "no order"),
    ];
    for (change, words) in cases {
        let found = refused(change);
        assert!(found.contains(words), "{found}");
    }
    let mut on_purpose = entitlements();
    number(&mut on_purpose.grants[0], "discount", 0.04);
    on_purpose.rights[0].may_fall = true;
    assert!(Entitlements::new(on_purpose).is_ok());
}

#[test]
fn evidence_of_an_item_that_needs_a_reference_asks_for_references() {
    let (rules, policy) = (rules(), EvidencePolicy::default());
    let silent = Evidence { customer: &[0, 0], item: &[1, 0], day: &[95, 95], ..Evidence::NONE };
    let refused = message(rules.rate(&[0.0], &silent, 100, policy));
    assert!(refused.starts_with("The `reference` of `RatingRules` must be given"), "{refused}");
    assert!(refused.contains("evidence of `referral` (row 1)"), "{refused}");
    // Who says that there is no reference has no points, and evidence of other items needs none.
    let stated = Evidence { reference: Some(&[None, None]), ..silent };
    assert_eq!(rules.rate(&[0.0], &stated, 100, policy).unwrap().score, [2.0]);
    let visit = Evidence { customer: &[0], item: &[1], day: &[95], ..Evidence::NONE };
    assert_eq!(rules.rate(&[0.0], &visit, 100, policy).unwrap().score, [2.0]);
}

#[test]
fn a_duplicate_counts_for_nothing_and_is_told() {
    let log = Evidence {
        customer: &[0, 0, 0],
        item: &[0, 0, 0],
        day: &[90, 90, 91],
        reference: Some(&[Some(1), Some(1), Some(2)]),
        ..Evidence::NONE
    };
    let (rules, policy) = (rules(), EvidencePolicy::default());
    let keep = EvidencePolicy { duplicates: Some(Duplicates::Keep), ..policy };
    assert_eq!(rules.rate(&[0.0], &log, 100, keep).unwrap().units[0], [3.0]);
    let once = Evidence { duplicate: Some(&[false, true, false]), ..log };
    assert_eq!(rules.rate(&[0.0], &once, 100, policy).unwrap().units[0], [2.0]);
    let lines = rules.statement(&[0.0], &once, 100, policy).unwrap();
    let status = |row: usize| {
        lines.iter().find_map(|line| match line.part {
            RatingPart::Evidence { row: of, status, .. } if of == row => Some((status, line.points)),
            _ => None,
        })
    };
    assert_eq!(status(0), Some((EvidenceStatus::Counted, 4.0)));
    assert_eq!(status(1), Some((EvidenceStatus::Duplicate, 0.0)));
    assert_eq!(status(2), Some((EvidenceStatus::Counted, 4.0)));
    let short = Evidence { duplicate: Some(&[true]), ..log };
    assert_eq!(rules.rate(&[0.0], &short, 100, policy).unwrap_err().code(), "wrong_length");
}
