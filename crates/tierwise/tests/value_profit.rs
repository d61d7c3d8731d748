//! Profit score, share of wallet, and the decision to raise, hold or control.

#![allow(clippy::unwrap_used)]

use tierwise::value::{
    PointBracket, ProfitScore, ProfitScoreSpec, ShareDecision, ShareDecisionSpec, ShareMove, profit_score,
    share_decision, share_of_wallet,
};
use tierwise::{Assign, Columns, Error, Feature, Score, rank};

fn message<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn both_tables_give_0_to_20_and_edges_belong_to_the_upper_bracket() {
    let score = profit_score();
    let of = |margin: f64, collection: f64| score.score_row(&[margin, collection]);
    assert_eq!((of(1.0, 1.0), of(-0.1, 0.0), of(0.5, 0.0), of(0.499, 0.0)), (40.0, 0.0, 20.0, 17.0));
    assert_eq!((of(-1.0, 0.95), of(-1.0, 0.949), of(0.0, 0.0)), (20.0, 18.0, 3.0));
    assert!(of(f64::NAN, 1.0).is_nan() && of(1.0, f64::NAN).is_nan());
}

#[test]
fn totals_of_the_source_rank_with_a_tie() {
    // Accounts that the inferred tables put at these totals, in the order of the source.
    let score = profit_score();
    let accounts = [[0.25, 0.92], [0.32, 0.85], [0.35, 0.75], [0.28, 0.6], [0.22, 0.55]];
    let totals = accounts.map(|account| score.score_row(&account));
    assert_eq!(totals, [29.0, 28.0, 24.0, 17.0, 17.0]);
    assert_eq!(rank(&totals), [1, 2, 3, 4, 4]);
}

#[test]
fn tables_that_cannot_be_are_refused() {
    let spec = profit_score().spec().clone();
    let with = |gross_margin: Vec<PointBracket>| ProfitScore::new(ProfitScoreSpec { gross_margin, ..spec.clone() });
    let bracket = |from, to, points| PointBracket { from, to, points };
    assert!(message(with(vec![bracket(None, None, 21.0)])).contains("`gross_margin`, bracket (-inf, inf)"));
    assert!(message(with(vec![bracket(None, None, -1.0)])).contains("[0, 20]"));
    assert!(message(with(vec![bracket(Some(0.0), None, 1.0)])).contains("outermost"));
    assert!(message(with(vec![])).contains("at least one is needed"));
    assert!(message(with(vec![bracket(None, Some(0.1), 1.0), bracket(Some(0.2), None, 2.0)])).contains("gap"));
    let in_per_cent = message(with(vec![bracket(None, Some(40.0), 1.0), bracket(Some(40.0), None, 2.0)]));
    assert!(in_per_cent.contains("`gross_margin`") && in_per_cent.contains("divide per cent by 100"), "{in_per_cent}");
    // An edge at 1 is one that a share can reach.
    assert!(with(vec![bracket(None, Some(1.0), 1.0), bracket(Some(1.0), None, 2.0)]).is_ok());
}

#[test]
fn per_cent_in_place_of_shares_are_refused_with_the_row() {
    let refused = |features: &[Feature], columns: &[(&str, &[f64])]| message(Columns::new(features, columns));
    let score = profit_score();
    let said = refused(score.features(), &[("gross_margin", &[0.4, 1.0, 40.0]), ("payment_collection", &[0.9; 3])]);
    assert!(said.contains("column `gross_margin` at row 2 holds 40 where a share, 1 at most"), "{said}");
    assert!(said.contains("divide per cent by 100"), "{said}");
    let said = refused(score.features(), &[("gross_margin", &[-3.0]), ("payment_collection", &[92.0])]);
    assert!(said.contains("column `payment_collection` at row 0"), "{said}");
    let (table, profit) = (share_decision(), [29.0, 5.0]);
    let said = refused(Assign::features(&table), &[("profit_score", &profit), ("share", &[f64::NAN, 13.0])]);
    assert!(said.contains("column `share` at row 1 holds 13"), "{said}");
    // 1 and a rounding error is a share, unknown is none, a loss is a margin below 0, and the profit score is no share.
    let sound =
        [("gross_margin", &[1.0 + f64::EPSILON, f64::NAN, -2.0][..]), ("payment_collection", &[1.0, 0.0, f64::NAN])];
    assert!(Columns::new(score.features(), &sound).is_ok());
    let infinite =
        Columns::new(score.features(), &[("gross_margin", &[f64::INFINITY]), ("payment_collection", &[0.0])]);
    assert_eq!(infinite.unwrap_err().code(), "not_finite");
}

#[test]
fn a_decision_by_shares_in_per_cent_is_refused() {
    let mut spec = share_decision().spec().clone();
    for band in &mut spec.share {
        (band.from, band.to) = (band.from.map(|edge| edge * 100.0), band.to.map(|edge| edge * 100.0));
    }
    let said = message(ShareDecision::new(spec));
    assert!(said.contains("the share") && said.contains("divide per cent by 100"), "{said}");
}

#[test]
fn shares_of_the_source() {
    let own = [11.0, 6.0, 5.0, 4.0, 4.0];
    let found = share_of_wallet(&own, &[30.0; 5], None).unwrap();
    let percent: Vec<f64> = found.share.iter().map(|share| (share * 100.0).round()).collect();
    assert_eq!(percent, [37.0, 20.0, 17.0, 13.0, 13.0]);
    assert!((found.share.iter().sum::<f64>() - 1.0).abs() < 1e-15);
    assert_eq!(found.headroom, None);
}

#[test]
fn headroom_is_what_is_missing_to_the_target() {
    let found = share_of_wallet(&[10.0, 60.0, f64::NAN], &[100.0; 3], Some(&[0.5, 0.5, 0.5])).unwrap();
    let headroom = found.headroom.unwrap();
    assert_eq!((found.share[0], headroom[0], headroom[1]), (0.1, 40.0, -10.0));
    assert!(found.share[2].is_nan() && headroom[2].is_nan());
}

#[test]
fn wallets_that_cannot_be_are_refused_by_row() {
    let of =
        |own: f64, total: f64, target: f64| message(share_of_wallet(&[1.0, own], &[2.0, total], Some(&[0.5, target])));
    assert!(of(3.0, 2.0, 0.5).contains("own spend at row 1 is 3; it must not be above all spend, which is 2"));
    assert!(of(-1.0, 2.0, 0.5).contains("own spend at row 1"));
    assert!(of(0.0, 0.0, 0.5).contains("has no share of wallet"));
    assert!(of(1.0, f64::INFINITY, 0.5).contains("all spend at row 1"));
    assert!(of(1.0, 2.0, 1.5).contains("the target share at row 1"));
    assert_eq!(share_of_wallet(&[1.0], &[2.0, 3.0], None).unwrap_err().code(), "wrong_length");
}

#[test]
fn the_decisions_of_the_source() {
    let table = share_decision();
    for share in [0.13, 0.2, 0.37] {
        assert_eq!(table.decide(29.0, share), Some(ShareMove::Raise));
        assert_eq!(table.decide(28.0, share), Some(ShareMove::Raise));
    }
    assert_eq!(table.decide(17.0, 0.37), Some(ShareMove::Control));
    assert_eq!(table.assign_row(&[17.0, 0.37]), Some(2));
    assert_eq!((table.decide(f64::NAN, 0.2), table.decide(20.0, f64::NAN)), (None, None));
}

#[test]
fn tables_with_a_hole_or_an_overlap_are_refused() {
    let refused = |change: &dyn Fn(&mut ShareDecisionSpec)| {
        let mut spec = share_decision().spec().clone();
        change(&mut spec);
        message(ShareDecision::new(spec))
    };
    assert!(refused(&|spec| drop(spec.cells.pop())).contains("profit `low`, share `low`: it has no decision"));
    assert!(refused(&|spec| spec.cells[1] = spec.cells[0].clone()).contains("cells[1]"));
    assert!(refused(&|spec| spec.cells[1].profit = "best".into()).contains("no profit band `best`"));
    assert!(refused(&|spec| spec.cells[1].share = "all".into()).contains("no share band `all`"));
    assert!(refused(&|spec| spec.profit[1].from = Some(21.0)).contains("gap from 20 to 21"));
    assert!(refused(&|spec| spec.share[0].to = Some(1.0)).contains("outermost"));
}
