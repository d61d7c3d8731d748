//! The public pool: decisions and claims worked out by hand, and every error.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use tierwise::Error;
use tierwise::lead::{
    Claim, ClaimLimit, Decision, Pool, PoolLead, PoolReason, PoolRules, PoolSpec, Refusal, Release, UnknownContact,
};

fn rules(spec: PoolSpec) -> PoolRules {
    PoolRules::new(spec).unwrap()
}

fn owned(key: &str, assigned: i32, contact: Option<i32>) -> PoolLead {
    PoolLead {
        key: key.into(),
        owner: Some("ann".into()),
        assigned_on: Some(assigned),
        last_contact_on: contact,
        ..PoolLead::default()
    }
}

fn free(key: &str) -> PoolLead {
    PoolLead { key: key.into(), ..PoolLead::default() }
}

fn release(lead: &str, rep: &str, on: i32) -> Release {
    Release { lead: lead.into(), rep: rep.into(), on }
}

fn one(spec: PoolSpec, lead: PoolLead, as_of: i32) -> (Decision, PoolReason, Option<i32>, Option<u32>) {
    let decided = rules(spec).decide(&Pool::new(&[lead], &[], as_of).unwrap());
    (decided[0].decision, decided[0].reason, decided[0].release_on, decided[0].days_left)
}

#[test]
fn days_run_from_the_later_of_contact_and_assignment() {
    use {Decision::*, PoolReason::*};
    let spec = PoolSpec::default;
    assert_eq!(one(spec(), owned("l", 100, Some(110)), 139), (Keep, InTime, Some(140), Some(1)));
    assert_eq!(one(spec(), owned("l", 100, Some(110)), 140), (Release, NoContact, Some(140), Some(0)));
    assert_eq!(one(spec(), owned("l", 100, Some(50)), 129), (Keep, InTime, Some(130), Some(1)));
    assert_eq!(one(spec(), owned("l", 100, None), 130), (Release, NoContactKnown, Some(130), Some(0)));
    let keep = PoolSpec { unknown_contact: UnknownContact::Keep, ..spec() };
    assert_eq!(one(keep, owned("l", 100, None), 900), (Keep, NoRule, None, None));
    assert_eq!(one(spec(), free("l"), 900), (Claimable, InPool, None, None));
}

#[test]
fn progress_protection_and_grades() {
    use {Decision::*, PoolReason::*};
    let spec = PoolSpec {
        release_after_days_without_progress: Some(20),
        protection_days: 7,
        days_without_contact_by_grade: BTreeMap::from([("A".to_owned(), 7)]),
        ..PoolSpec::default()
    };
    assert_eq!(one(spec.clone(), owned("l", 100, Some(119)), 120), (Release, NoProgress, Some(120), Some(0)));
    let a = PoolLead { grade: Some("A".into()), ..owned("l", 100, Some(101)) };
    assert_eq!(one(spec.clone(), a, 107), (Keep, InTime, Some(108), Some(1)));
    let moving = PoolLead { last_progress_on: Some(115), ..owned("l", 100, Some(101)) };
    assert_eq!(one(spec, moving, 120), (Keep, InTime, Some(131), Some(11)));
}

#[test]
fn above_the_limit_the_longest_without_contact_go_and_protected_ones_stay() {
    let spec = PoolSpec { most_leads_per_rep: Some(1), protection_days: 5, ..PoolSpec::default() };
    let leads = [owned("b", 100, Some(103)), owned("a", 100, Some(103)), owned("c", 108, Some(20))];
    let decided = rules(spec).decide(&Pool::new(&leads, &[], 110).unwrap());
    let reasons: Vec<_> = decided.iter().map(|one| one.reason).collect();
    assert_eq!(reasons, [PoolReason::OverLimit, PoolReason::OverLimit, PoolReason::InTime]);
    let spec = PoolSpec { most_leads_per_rep: Some(2), ..PoolSpec::default() };
    let decided = rules(spec).decide(&Pool::new(&leads, &[], 110).unwrap());
    let kept: Vec<_> = decided.iter().map(|one| one.decision).collect();
    assert_eq!(kept, [Decision::Keep, Decision::Release, Decision::Keep]);
}

#[test]
fn claims() {
    let spec = PoolSpec {
        cooling_off_days: 10,
        most_releases: Some(2),
        most_leads_per_rep: Some(3),
        claim_limit: Some(ClaimLimit { most: 2, days: 7 }),
        ..PoolSpec::default()
    };
    let full = ["x", "y", "z"].map(|key| PoolLead { owner: Some("max".into()), ..owned(key, 100, None) });
    let leads = [vec![free("once"), free("twice"), owned("held", 100, None)], full.to_vec()].concat();
    let releases = [release("once", "ann", 95), release("twice", "ann", 50), release("twice", "ben", 70)];
    let pool = Pool::new(&leads, &releases, 100).unwrap();
    let claims = [("ben", 94), ("ben", 97), ("ann", 99), ("ben", 60)].map(|(rep, on)| Claim { rep: rep.into(), on });
    let answer = |lead: &str, rep: &str| {
        let answer = rules(spec.clone()).may_claim(&pool, lead, rep, &claims).unwrap();
        (answer.refusal, answer.allowed_from)
    };
    assert_eq!(answer("held", "ben"), (Some(Refusal::NotInPool), None));
    assert_eq!(answer("twice", "ben"), (Some(Refusal::NeedsManager), None));
    assert_eq!(answer("once", "max"), (Some(Refusal::RepIsFull), None));
    assert_eq!(answer("once", "ann"), (Some(Refusal::CoolingOff), Some(105)));
    assert_eq!(answer("once", "ben"), (Some(Refusal::ClaimLimit), Some(101)));
    assert_eq!(answer("once", "zoe"), (None, Some(100)));
    let ranked = rules(spec.clone()).rank(&pool, &[1.0; 6]).unwrap();
    assert_eq!(ranked.cooling_off[0], ["ann"]);
    assert_eq!(ranked.rank, [Some(1), None, None, None, None, None]);
    assert_eq!(rules(spec.clone()).may_claim(&pool, "no", "ann", &[]).unwrap_err().code(), "unknown_name");
    let late = [Claim { rep: "ann".into(), on: 101 }];
    assert_eq!(rules(spec).may_claim(&pool, "once", "ann", &late).unwrap_err().code(), "invalid_value");
}

#[test]
fn the_ranking_adds_up() {
    let spec = PoolSpec {
        points_per_release: 0.3,
        points_per_day_since_contact: 0.07,
        most_days_since_contact: 30,
        ..PoolSpec::default()
    };
    let contact = |key: &str, on| PoolLead { last_contact_on: on, ..free(key) };
    let leads = [contact("a", Some(90)), contact("b", Some(0)), contact("c", None), contact("d", None)];
    let releases = [release("a", "ann", 80), release("a", "ben", 85)];
    let pool = Pool::new(&leads, &releases, 100).unwrap();
    let ranked = rules(spec.clone()).rank(&pool, &[5.1, 6.2, f64::NAN, 5.0]).unwrap();
    assert_eq!(ranked.for_releases, [-0.6, 0.0, 0.0, 0.0]);
    assert_eq!(ranked.for_contact, [-0.07 * 10.0, -0.07 * 30.0, 0.0, 0.0]);
    assert_eq!(ranked.corrected[0], (5.1 - 0.6) - 0.07 * 10.0);
    assert_eq!(ranked.rank, [Some(3), Some(2), Some(4), Some(1)]);
    assert_eq!(rules(spec.clone()).rank(&pool, &[1.0]).unwrap_err().code(), "wrong_length");
    assert_eq!(rules(spec).rank(&pool, &[1.0, f64::INFINITY, 1.0, 1.0]).unwrap_err().code(), "not_finite");
}

#[test]
fn contradictions_and_bad_records() {
    let refused = |spec: PoolSpec, code: &str, part: &str| {
        let error = PoolRules::new(spec).unwrap_err();
        assert!(error.code() == code && error.to_string().contains(part), "{error}");
    };
    let spec = PoolSpec::default;
    refused(PoolSpec { protection_days: 31, ..spec() }, "invalid_rules", "after 30 days");
    let by_grade = BTreeMap::from([("A".to_owned(), 3)]);
    let a = PoolSpec { days_without_contact_by_grade: by_grade, ..spec() };
    refused(PoolSpec { protection_days: 4, ..a.clone() }, "invalid_rules", "grade `A`");
    refused(PoolSpec { release_after_days_without_contact: None, ..a }, "invalid_rules", "none for the others");
    let claim_limit = Some(ClaimLimit { most: 5, days: 7 });
    refused(PoolSpec { claim_limit, most_leads_per_rep: Some(4), ..spec() }, "invalid_rules", "only 4 leads");
    refused(PoolSpec { most_releases: Some(0), ..spec() }, "invalid_parameter", "most_releases");
    refused(PoolSpec { cooling_off_days: 40_000, ..spec() }, "invalid_parameter", "cooling_off_days");
    refused(PoolSpec { points_per_release: -1.0, ..spec() }, "invalid_parameter", "points_per_release");
    refused(PoolSpec { points_per_release: f64::NAN, ..spec() }, "invalid_parameter", "NaN");

    let code = |leads: &[PoolLead], releases: &[Release]| -> Error { Pool::new(leads, releases, 100).unwrap_err() };
    assert_eq!(code(&[owned("l", 101, None)], &[]).code(), "invalid_value");
    assert!(code(&[owned("l", 90, Some(101))], &[]).to_string().contains("last contact at row 0 (`l`) is day 101"));
    assert!(code(&[PoolLead { assigned_on: None, ..owned("l", 1, None) }], &[]).to_string().contains("since when"));
    assert_eq!(code(&[free("l"), free("l")], &[]).code(), "invalid_value");
    assert_eq!(code(&[free("l")], &[release("m", "ann", 1)]).code(), "unknown_name");
    assert_eq!(code(&[free("l")], &[release("l", "ann", 101)]).code(), "invalid_value");
    assert!(code(&[owned("l", 90, None)], &[release("l", "ann", 95)]).to_string().contains("since day 90"));
    let extreme = owned("l", i32::MAX, None);
    let pool = [extreme];
    assert_eq!(rules(spec()).decide(&Pool::new(&pool, &[], i32::MAX).unwrap())[0].decision, Decision::Release);
}
