//! Natural breaks, fixed cuts, named segments, moves between them, and logs read by rules.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use tierwise::value::{
    Direction, EarlyReturns, LaterRows, Monetary, Returns, RfmAt, RfmByRules, RfmLinesAt, RfmLog, RfmMove, RfmRules,
    RfmScorer, RfmSegment, RfmSegments, RfmValues, TierMethod, Tiers, in_one_currency, natural_breaks, rfm, rfm_moves,
    rfm_moves_by_line, usual_segments, usual_segments_by_mean, usual_segments_of,
};
use tierwise::{Assign, Result, model};

use Direction::{HigherIsBetter, LowerIsBetter};

fn code<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    result.unwrap_err().code()
}

fn says<T: std::fmt::Debug>(result: Result<T>, words: &[&str]) {
    let said = result.unwrap_err().to_string();
    for word in words {
        assert!(said.contains(word), "`{word}` in: {said}");
    }
}

// Natural breaks.

/// The least squares within classes over every way to part the values, by trying them all, with the values shifted so
/// that none is far from 0.
fn least_squares(sorted: &[f64], classes: usize) -> f64 {
    fn within(part: &[f64]) -> f64 {
        let mean = part.iter().map(|value| value - part[0]).sum::<f64>() / part.len() as f64;
        part.iter().map(|value| (value - part[0] - mean).powi(2)).sum()
    }
    if classes == 1 {
        return within(sorted);
    }
    let starts = classes - 1..sorted.len();
    starts.map(|start| least_squares(&sorted[..start], classes - 1) + within(&sorted[start..])).fold(f64::MAX, f64::min)
}

fn squares_of(sorted: &[f64], breaks: &[f64]) -> f64 {
    let class = |value: f64| breaks.iter().filter(|&&from| value >= from).count();
    sorted.chunk_by(|one, other| class(*one) == class(*other)).map(|part| least_squares(part, 1)).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn natural_breaks_are_the_optimum(
        mut values in prop::collection::vec(prop_oneof![(-9..9_i32).prop_map(f64::from), -1e9..1e9_f64, 0.0..1.0_f64], 1..11),
        classes in 1..5_usize,
    ) {
        let found = natural_breaks(&values, classes);
        values.sort_unstable_by(f64::total_cmp);
        let distinct: BTreeSet<u64> = values.iter().map(|value| (value + 0.0).to_bits()).collect();
        if distinct.len() < classes {
            prop_assert_eq!(found.unwrap_err().code(), "not_enough_data");
            return Ok(());
        }
        let found = found.unwrap();
        prop_assert_eq!(found.counts.iter().sum::<usize>(), values.len());
        prop_assert!(found.breaks.is_sorted() && found.breaks.len() == classes - 1);
        let (ours, least) = (squares_of(&values, &found.breaks), least_squares(&values, classes));
        prop_assert!(ours <= least * (1.0 + 1e-9) + 1e-15, "{} and {}", ours, least);
    }

    /// Neither order nor unit nor origin matters.
    #[test]
    fn natural_breaks_move_with_the_values(values in prop::collection::vec(-50..50_i32, 6..40)) {
        let as_floats = |of: fn(i32) -> f64| values.iter().map(|&value| of(value)).collect::<Vec<_>>();
        let Ok(plain) = natural_breaks(&as_floats(f64::from), 3) else { return Ok(()) };
        let moved = natural_breaks(&as_floats(|value| f64::from(value) * 1024.0 + 4096.0), 3).unwrap();
        let again: Vec<f64> = plain.breaks.iter().map(|value| value * 1024.0 + 4096.0).collect();
        prop_assert_eq!(moved.breaks, again);
        let mut reversed = as_floats(f64::from);
        reversed.reverse();
        prop_assert_eq!(natural_breaks(&reversed, 3).unwrap(), plain);
    }
}

#[test]
fn natural_breaks_of_small_numbers_beside_large_ones() {
    // The squares of 1e9 drown those of 0.1 in a float: 0.005 against 0.5.
    assert_eq!(natural_breaks(&[1.0, 1.1, 1e9, 1e9 + 1.0], 3).unwrap().breaks, [1e9, 1e9 + 1.0]);
    assert_eq!(natural_breaks(&[1.0, 2.1, 1e9, 1e9 + 1.0], 3).unwrap().breaks, [2.1, 1e9]);
    let found = natural_breaks(&[-1.7e308, -1.6e308, 1.7e308], 2).unwrap();
    assert_eq!((found.breaks, found.counts), (vec![1.7e308], vec![2, 1]));
    assert_eq!(natural_breaks(&[5e-324, 0.0, 1e-323], 3).unwrap().breaks, [5e-324, 1e-323]);
}

#[test]
fn natural_breaks_of_published_values() {
    // The example in the README of jenkspy, which names the highest value of each class: 2.3, 5.0, 7.8.
    let values = [1.3, 7.1, 7.3, 2.3, 3.9, 4.1, 7.8, 1.2, 4.3, 7.3, 5.0, 4.3];
    let found = natural_breaks(&values, 3).unwrap();
    assert_eq!((found.breaks, found.counts), (vec![3.9, 7.1], vec![3, 5, 4]));
    assert!((found.means[0] - 1.6).abs() < 1e-12 && (found.goodness_of_fit - 0.971_670_449_323_995).abs() < 1e-12);
    let unknown = natural_breaks(&[1.0, f64::NAN, 5.0, 5.0], 2).unwrap();
    assert_eq!((unknown.counts, unknown.unknown, unknown.goodness_of_fit), (vec![1, 2], 1, 1.0));
}

#[test]
fn natural_breaks_refuse() {
    assert_eq!(code(natural_breaks(&[], 2)), "empty_table");
    assert_eq!(code(natural_breaks(&[1.0, f64::INFINITY], 1)), "not_finite");
    assert_eq!(code(natural_breaks(&[1.0], 0)), "invalid_parameter");
    assert_eq!(code(natural_breaks(&[f64::NAN], 1)), "not_enough_data");
    says(natural_breaks(&[1.0, 1.0, 2.0], 3), &["natural breaks of `values`", "2 where at least 3"]);
}

#[test]
fn tiers_of_natural_breaks_are_saved_with_how_they_were_made() {
    let tiered =
        Tiers::by_natural_breaks("money", &[1.0, 2.0, f64::NAN, 50.0, 51.0, 400.0], &["A", "B", "C"], HigherIsBetter);
    let tiered = tiered.unwrap();
    assert_eq!(tiered.assigned, [Some(2), Some(2), None, Some(1), Some(1), Some(0)]);
    let origin = tiered.tiers.origin().unwrap();
    assert_eq!((origin.method, &origin.shares[..]), (TierMethod::NaturalBreaks, &[0.2, 0.4, 0.4][..]));
    assert_eq!(tiered.tiers.findings(), ["1 of 6 customers have no tier, because their value is unknown"]);
    let again: Tiers = model::load(&model::save(&tiered.tiers).unwrap()).unwrap();
    assert_eq!(again, tiered.tiers);
    assert_eq!(code(Tiers::by_natural_breaks("money", &[1.0, 2.0], &["A", "A"], LowerIsBetter)), "invalid_bands");
    // What was saved before there were methods has none.
    let shares = Tiers::by_quantiles("x", &[1.0, 2.0], &["A", "B"], HigherIsBetter).unwrap();
    assert!(!serde_json::to_string(&shares).unwrap().contains("method"));
}

// Scores.

fn values<'a>(recency: &'a [f64], frequency: &'a [f64], monetary: &'a [f64]) -> RfmValues<'a> {
    RfmValues { recency, frequency, monetary }
}

#[test]
fn scores_by_cuts_and_by_natural_breaks_are_one_kind_of_model() {
    let by_cuts = RfmScorer::by_cuts(&[30.0, 90.0], &[2.0], &[10.0, 20.0, 30.0]).unwrap();
    assert_eq!(by_cuts.bins(), [3, 2, 4]);
    // A value equal to a cut lies above it: worse for days, better for the others.
    assert_eq!(by_cuts.score_one(30.0, 2.0, 10.0), [Some(2), Some(2), Some(2)]);
    assert_eq!(by_cuts.score_one(29.9, 1.9, 9.9), [Some(3), Some(1), Some(1)]);
    assert_eq!(by_cuts.score_one(f64::NAN, 0.0, 30.0), [None, Some(1), Some(4)]);
    let (days, times, money) = ([1.0, 2.0, 50.0, 55.0], [9.0, 1.0, 2.0, 8.0], [5.0, 6.0, 7.0, 700.0]);
    let customers = values(&days, &times, &money);
    let by_breaks = RfmScorer::by_natural_breaks(customers, 2).unwrap();
    assert_eq!(by_breaks.score(customers).unwrap().cells(), [221, 211, 111, 122]);
    for scorer in [by_cuts, by_breaks] {
        assert_eq!(model::load::<RfmScorer>(&model::save(&scorer).unwrap()).unwrap(), scorer);
    }
    for cuts in [&[][..], &[2.0, 1.0], &[1.0, 1.0], &[f64::NAN], &[f64::INFINITY], &[1.0; 9]] {
        says(RfmScorer::by_cuts(&[1.0], cuts, &[1.0]), &["`frequency` of `RfmScorer`", "1 to 8 finite cuts that rise"]);
    }
    says(
        RfmScorer::by_natural_breaks(values(&[1.0, f64::NAN, 2.0, 3.0], &times, &money), 2),
        &["the recency at row 1"],
    );
    assert_eq!(code(RfmScorer::by_natural_breaks(customers, 10)), "invalid_parameter");
}

// Segments.

fn five() -> RfmScorer {
    let cuts = [1.0, 2.0, 3.0, 4.0];
    RfmScorer::by_cuts(&cuts, &cuts, &cuts).unwrap()
}

fn usual() -> RfmSegments {
    RfmSegments::new(five(), usual_segments(), false).unwrap()
}

/// The table in the documentation of `usual_segments`.
#[test]
fn the_usual_segments_are_the_grid_that_is_documented() {
    let grid = [
        ["Hibernating", "Hibernating", "At Risk", "At Risk", "Can't Lose Them"],
        ["Hibernating", "Hibernating", "At Risk", "At Risk", "Can't Lose Them"],
        ["About to Sleep", "About to Sleep", "Need Attention", "Loyal Customers", "Loyal Customers"],
        ["Promising", "Potential Loyalists", "Potential Loyalists", "Loyal Customers", "Loyal Customers"],
        ["New Customers", "Potential Loyalists", "Potential Loyalists", "Champions", "Champions"],
    ];
    let (by_frequency, by_mean) = (usual(), RfmSegments::new(five(), usual_segments_by_mean(), false).unwrap());
    for (recency, row) in (1..).zip(grid) {
        for (frequency, name) in (1..).zip(row) {
            for money in 1..=5 {
                assert_eq!(by_frequency.name_of([recency, frequency, money]), Some(name));
                let mean = (frequency + money).div_ceil(2); // a half is rounded up
                assert_eq!(
                    by_mean.name_of([recency, frequency, money]),
                    Some(grid[usize::from(recency) - 1][usize::from(mean) - 1])
                );
            }
        }
    }
    assert_eq!(by_frequency.outcomes().len(), 10);
    assert_eq!((by_frequency.name_of([0, 1, 1]), by_frequency.name_of([1, 6, 1])), (None, None));
}

/// The tables in the documentation of `usual_segments_of`.
#[test]
fn usual_segments_for_three_and_four_scores_are_the_grids_that_are_documented() {
    let four = [
        ["Hibernating", "Hibernating", "At Risk", "Can't Lose Them"],
        ["About to Sleep", "Need Attention", "At Risk", "Can't Lose Them"],
        ["Promising", "Potential Loyalists", "Loyal Customers", "Loyal Customers"],
        ["New Customers", "Potential Loyalists", "Champions", "Champions"],
    ];
    let three = [
        ["Hibernating", "At Risk", "Can't Lose Them"],
        ["About to Sleep", "Need Attention", "Loyal Customers"],
        ["New Customers", "Potential Loyalists", "Champions"],
    ];
    let grids: [(u8, Vec<&[&str]>); 2] =
        [(4, four.iter().map(<[&str; 4]>::as_slice).collect()), (3, three.iter().map(<[&str; 3]>::as_slice).collect())];
    for (scores, grid) in grids {
        let cuts: Vec<f64> = (1..scores).map(f64::from).collect();
        let scorer = || RfmScorer::by_cuts(&cuts, &cuts, &cuts).unwrap();
        let of = |mean| RfmSegments::new(scorer(), usual_segments_of(scores, mean).unwrap(), false).unwrap();
        let (by_frequency, by_mean) = (of(false), of(true));
        for (recency, row) in (1..).zip(grid) {
            for frequency in 1..=scores {
                for money in 1..=scores {
                    let cell = [recency, frequency, money];
                    let mean = (frequency + money).div_ceil(2); // a half is rounded up
                    assert_eq!(by_frequency.name_of(cell), Some(row[usize::from(frequency) - 1]));
                    assert_eq!(by_mean.name_of(cell), Some(row[usize::from(mean) - 1]));
                }
            }
        }
    }
    assert_eq!(usual_segments_of(5, false).unwrap(), usual_segments());
    assert_eq!(usual_segments_of(5, true).unwrap(), usual_segments_by_mean());
    says(usual_segments_of(6, true), &["`bins` of `usual_segments` must be 3, 4 or 5"]);
    let three = RfmScorer::by_cuts(&[1.0, 2.0], &[1.0, 2.0], &[1.0, 2.0]).unwrap();
    says(
        RfmSegments::new(three, usual_segments(), false),
        &["`Champions`", "the scorer has 3 of them; take a scorer with 5, or segments for 3"],
    );
}

#[test]
fn segments_must_hold_every_cell_once() {
    let two = || RfmScorer::by_cuts(&[1.0], &[1.0], &[1.0]).unwrap();
    let new = |segments| RfmSegments::new(two(), segments, false);
    let a = || RfmSegment::new("a").recency(1, 1);
    let b = || RfmSegment::new("b").recency(2, 2).frequency(1, 1);
    says(new(vec![a(), b()]), &["segments, cells 221, 222: no segment holds them"]);
    says(new(vec![a(), RfmSegment::new("all")]), &["cells 111, 112, 121, 122: `a` and `all` both hold them"]);
    says(new(vec![]), &["it is empty"]);
    says(new(vec![RfmSegment::new(" ")]), &["has no name"]);
    says(new(vec![RfmSegment::new("x").monetary(1, 3)]), &["`x`", "`monetary` is 1 to 3", "scores 1 to 2"]);
    says(new(vec![RfmSegment::new("x").frequency(0, 1)]), &["`frequency` is 0 to 1"]);
    says(new(vec![RfmSegment::new("x").recency(2, 1)]), &["`recency` is 2 to 1"]);
    says(new(vec![RfmSegment::new("x").mean_of_frequency_and_monetary(1.0, f64::NAN)]), &["must rise"]);
    says(RfmSegments::new(five(), vec![a()], false), &["cells 211, 212", "and 90 more"]);
    // One name, two blocks; and means that leave out the half are named.
    let corners = new(vec![a(), b(), RfmSegment::new("a").recency(2, 2).frequency(2, 2)]).unwrap();
    assert_eq!((corners.outcomes(), corners.name_of([2, 2, 1])), (&["a".to_owned(), "b".to_owned()][..], Some("a")));
    let mean = |from, to| RfmSegment::new(&format!("from {from}")).mean_of_frequency_and_monetary(from, to);
    says(new(vec![mean(1.0, 1.0), mean(2.0, 2.0)]), &["cells 112, 121, 212, 221: no segment"]);
    assert!(new(vec![mean(1.0, 1.0), mean(1.5, 2.0)]).is_ok());
}

#[test]
fn a_file_of_segments_is_checked_when_loaded() {
    let segments = usual();
    let text = model::save(&segments).unwrap();
    assert_eq!(model::load::<RfmSegments>(&text).unwrap(), segments);
    let open = text.replacen(
        r#""frequency": [
        4,
        5
      ]"#,
        r#""frequency": [
        5,
        5
      ]"#,
        1,
    );
    assert_ne!(open, text);
    let without_fingerprint =
        |text: &str| text.lines().filter(|line| !line.contains("fingerprint")).collect::<Vec<_>>().join("\n");
    let open = without_fingerprint(&open).replacen("\"ordered\": false,", "\"ordered\": false", 1);
    says(model::load::<RfmSegments>(&open), &["the model file is not valid", "no segment holds them"]);
}

#[test]
fn unknown_is_no_segment() {
    let segments = usual();
    assert_eq!(segments.assign_row(&[0.0, 9.0, 0.0]), segments.position_of([5, 5, 1]));
    for row in [[f64::NAN, 1.0, 1.0], [1.0, f64::NAN, 1.0], [1.0, 1.0, f64::NAN]] {
        assert_eq!(segments.assign_row(&row), None);
    }
    assert_eq!(
        segments.features().iter().map(tierwise::Feature::name).collect::<Vec<_>>(),
        ["recency", "frequency", "monetary"]
    );
}

#[test]
fn segments_that_nobody_can_reach_are_found() {
    // Most customers bought once, so that there is no frequency of 2.
    let times = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 5.0];
    let different: Vec<f64> = (0..10).map(f64::from).collect();
    let scorer = RfmScorer::fit(values(&different, &times, &different), 5).unwrap();
    assert_eq!(scorer.bins(), [5, 5, 5]);
    let only_two = vec![
        RfmSegment::new("one").frequency(1, 1),
        RfmSegment::new("two").frequency(2, 2),
        RfmSegment::new("more").frequency(3, 5),
    ];
    let findings = RfmSegments::new(scorer, only_two, true).unwrap().findings();
    assert!(findings.iter().any(|finding| finding.starts_with("no customer can be in `two`")), "{findings:?}");
    assert!(!findings.iter().any(|finding| finding.contains("`one`") || finding.contains("`more`")));
}

// Moves.

#[test]
fn movers_and_their_reasons() {
    let segments = usual();
    let before = values(&[0.0, 0.0, 2.0, 0.0], &[4.0, 4.0, 0.0, 0.0], &[1.0, 1.0, 1.0, 0.0]);
    let after = values(&[3.0, 0.0, 2.5, 0.0], &[4.0, 4.0, 3.0, f64::NAN], &[3.0, 9.0, 1.0, 0.0]);
    let at = |customer: &'static [u32], values| RfmAt { customer, values };
    let moves = rfm_moves(&segments, at(&[1, 2, 3, 4], before), at(&[1, 2, 5, 4], after), 0.95).unwrap();
    let found: BTreeMap<u32, String> = moves.movers.iter().map(|one| (one.customer, one.reason())).collect();
    // 1: money moved too, but has no say; 2 stayed; 3 left and 5 came; 4 is unknown now.
    let expected = [(1, "recency 5 -> 2 (0 -> 3)"), (3, "gone"), (4, "frequency became unknown"), (5, "new")];
    assert_eq!(found, BTreeMap::from(expected.map(|(customer, reason)| (customer, reason.to_owned()))));
    assert_eq!((moves.migration.lost, moves.migration.new), (2.0, 1.0));
    let place = |name| segments.outcomes().iter().position(|one| one == name).unwrap();
    assert_eq!(moves.migration.counts[place("Champions")][place("Can't Lose Them")], 1.0);
    assert_eq!(moves.migration.counts[place("Champions")][place("Champions")], 1.0);
    let twice = rfm_moves(&segments, at(&[1, 2, 1, 4], before), at(&[1, 2, 3, 4], after), 0.95);
    says(twice, &["the customer at row 2 (`1`)", "holds each once"]);
    let infinite = values(&[0.0, 0.0, f64::INFINITY, 0.0], &[1.0; 4], &[1.0; 4]);
    says(
        rfm_moves(&segments, at(&[1, 2, 3, 4], before), at(&[1, 2, 3, 4], infinite), 0.95),
        &["`recency` at row 2 is inf"],
    );
    assert_eq!(code(rfm_moves(&segments, at(&[1], before), at(&[1, 2, 3, 4], after), 0.95)), "wrong_length");
    // Nobody is there at both dates: all are gone or new. Customer 8 is unknown and has no segment to come to.
    let others = rfm_moves(&segments, at(&[1, 2, 3, 4], before), at(&[5, 6, 7, 8], after), 0.95).unwrap();
    assert!(others.migration.counts.iter().flatten().all(|&count| count == 0.0));
    assert_eq!((others.migration.lost, others.migration.new), (4.0, 3.0));
    assert_eq!(others.migration.departures[place("Champions")], 2.0);
    let reasons: Vec<String> = others.movers.iter().map(RfmMove::reason).collect();
    assert_eq!(reasons, ["gone", "gone", "gone", "gone", "new", "new", "new", "new"]);
    assert!(
        others.findings[0].starts_with("no customer is there at both dates: all 4 of the first are gone, and all 4 of")
    );
    assert!(moves.findings.is_empty());
    let none = values(&[], &[], &[]);
    let nobody = rfm_moves(&segments, at(&[], none), at(&[], none), 0.95).unwrap();
    assert!(nobody.movers.is_empty() && nobody.findings.is_empty());
    assert!(rfm_moves(&segments, at(&[], none), at(&[1, 2, 3, 4], after), 0.95).unwrap().findings.is_empty());
    says(rfm_moves(&segments, at(&[], none), at(&[], none), 2.0), &["`confidence` of `rfm_moves`"]);
}

#[test]
fn reasons_hold_numbers_as_people_write_them() {
    let segments = RfmSegments::new(five(), usual_segments_by_mean(), false).unwrap();
    let reason = |from: f64, to: f64| {
        let (from, to) = ([from], [to]);
        let [old, new] = [&from, &to].map(|money| RfmAt { customer: &[7], values: values(&[0.0], &[0.0], money) });
        rfm_moves(&segments, old, new, 0.95).unwrap().movers[0].reason()
    };
    assert_eq!(reason(0.1 + 0.2, 71.1), "monetary 1 -> 5 (0.3 -> 71.1)");
    assert_eq!(reason(-1_234_567.89, 4.0), "monetary 1 -> 5 (-1234567.89 -> 4)");
}

#[test]
fn movers_without_a_segment_say_what_became_known() {
    const NAN: f64 = f64::NAN;
    let segments = usual();
    let before = values(&[NAN, 0.0, NAN], &[1.0, 1.0, NAN], &[NAN, 1.0, 1.0]);
    let after = values(&[0.0, NAN, 0.0], &[1.0, 1.0, NAN], &[1.0, NAN, 1.0]);
    let at = |values| RfmAt { customer: &[1, 2, 3], values };
    let moves = rfm_moves(&segments, at(before), at(after), 0.95).unwrap();
    let reasons: Vec<String> = moves.movers.iter().map(RfmMove::reason).collect();
    // Of the third the frequency is unknown at both dates: he has no segment to move from or to.
    assert_eq!(
        reasons,
        ["recency became known; monetary became known", "recency became unknown; monetary became unknown"]
    );
}

#[test]
fn moves_by_product_line_are_those_of_each_line_alone() {
    let segments = usual();
    // Customer 1 goes to sleep in line 7 and not in line 9; 2 comes to line 7, 3 leaves line 9; line 8 is new, 5 is gone.
    let before = RfmLinesAt {
        customer: &[1, 1, 3, 4],
        line: &[7, 9, 9, 5],
        values: values(&[0.0, 0.0, 2.0, 0.0], &[4.0; 4], &[1.0; 4]),
    };
    let after = RfmLinesAt {
        customer: &[2, 1, 1, 2],
        line: &[7, 7, 9, 8],
        values: values(&[0.0, 3.0, 0.5, 1.0], &[4.0; 4], &[1.0; 4]),
    };
    let found = rfm_moves_by_line(&segments, before, after, 0.95).unwrap();
    let reasons: Vec<(u32, Vec<(u32, String)>)> = found
        .iter()
        .map(|one| (one.line, one.moves.movers.iter().map(|mover| (mover.customer, mover.reason())).collect()))
        .collect();
    let expected = [
        (5, vec![(4, "gone".to_owned())]),
        (7, vec![(1, "recency 5 -> 2 (0 -> 3)".to_owned()), (2, "new".to_owned())]),
        (8, vec![(2, "new".to_owned())]),
        (9, vec![(3, "gone".to_owned())]),
    ];
    assert_eq!(reasons, expected);
    let line_7 = rfm_moves(
        &segments,
        RfmAt { customer: &[1], values: values(&[0.0], &[4.0], &[1.0]) },
        RfmAt { customer: &[2, 1], values: values(&[0.0, 3.0], &[4.0; 2], &[1.0; 2]) },
        0.95,
    );
    assert_eq!(found[1].moves.migration.counts, line_7.unwrap().migration.counts);
    assert_eq!((found[0].moves.migration.lost, found[2].moves.migration.new), (1.0, 1.0));
}

#[test]
fn a_customer_is_listed_once_per_line() {
    let segments = usual();
    let three = values(&[1.0; 3], &[1.0; 3], &[1.0; 3]);
    let twice = RfmLinesAt { customer: &[1, 1, 1], line: &[0, 1, 0], values: three };
    says(rfm_moves_by_line(&segments, twice, twice, 0.95), &["the customer at row 2 (`1`)", "once per line"]);
    let plain = RfmAt { customer: twice.customer, values: three };
    says(rfm_moves(&segments, plain, plain, 0.95), &["row 1 (`1`)", "by product line"]);
    let short = RfmLinesAt { line: &[0], ..twice };
    assert_eq!(code(rfm_moves_by_line(&segments, short, twice, 0.95)), "wrong_length");
    let none = RfmLinesAt { customer: &[], line: &[], values: values(&[], &[], &[]) };
    assert!(rfm_moves_by_line(&segments, none, none, 0.95).unwrap().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// A cause is one without which, in some company, the segment would be another; whoever moved has one.
    #[test]
    fn whoever_moves_has_a_cause(old in prop::array::uniform3(0.0..5.0_f64), new in prop::array::uniform3(0.0..5.0_f64)) {
        let segments = RfmSegments::new(five(), usual_segments_by_mean(), false).unwrap();
        let side = |of: [f64; 3]| of.map(|value| vec![value]);
        let ([r, f, m], [r2, f2, m2]) = (side(old), side(new));
        let at = |values| RfmAt { customer: &[7], values };
        let moves = rfm_moves(&segments, at(values(&r, &f, &m)), at(values(&r2, &f2, &m2)), 0.9).unwrap();
        prop_assert_eq!(moves.movers.is_empty(), segments.assign_row(&old) == segments.assign_row(&new));
        for one in &moves.movers {
            prop_assert!(!one.causes.is_empty());
            prop_assert!(one.causes.iter().all(|cause| cause.scores[0] != cause.scores[1]));
        }
    }
}

// Logs by rules.

/// Customer 1 sends back on day 5 what he bought before the log, buys on day 10 twice (60), on day 20 (30), returns 25 on
/// day 26; customer 2 only returns; customer 3 buys once.
fn log() -> (Vec<u32>, Vec<i32>, Vec<f64>) {
    let customers = vec![1, 1, 2, 1, 3, 1, 1];
    let days = vec![10, 10, 12, 20, 21, 26, 5];
    (customers, days, vec![40.0, 20.0, -9.0, 30.0, 7.0, -25.0, -4.0])
}

fn by_rules(rules: RfmRules) -> Result<RfmByRules> {
    let (customers, days, amounts) = log();
    rules.rfm(&RfmLog::new(&customers, &days, &amounts), 30)
}

#[test]
fn the_default_rules_are_rfm() {
    let (customers, days, amounts) = log();
    let found = by_rules(RfmRules::default()).unwrap();
    let plain = rfm(&customers, &days, &amounts, 30, LaterRows::Refuse).unwrap();
    assert_eq!(format!("{:?}", found.table), format!("{plain:?}"));
    assert_eq!((found.returns, found.returns_left_out, found.lines), (3, 0, None));
}

#[test]
fn returns_by_rule() {
    let net = RfmRules { returns: Returns::NetOff, ..RfmRules::default() };
    says(by_rules(net), &["the amount at row 2 (`2`) is -9", "returns and no purchase"]);
    let net = RfmRules { only_returns: LaterRows::LeaveOut, ..net };
    says(by_rules(net), &["the amount at row 6 (`1`) is -4", "before the first purchase"]);
    let netted = by_rules(RfmRules { early_returns: EarlyReturns::NetOff, ..net }).unwrap();
    let table = &netted.table;
    assert_eq!((&table.customer[..], &table.frequency[..]), (&[1, 3][..], &[2.0, 1.0][..]));
    assert_eq!((&table.monetary[..], &table.recency[..]), (&[61.0, 7.0][..], &[10.0, 9.0][..]));
    assert_eq!((table.mean_repeat_amount[0], table.age[0]), (5.0, 20.0)); // 30 − 25; from day 10 on
    assert_eq!((netted.returns, netted.returns_left_out, &netted.customers_left_out[..]), (3, 1, &[2][..]));
    assert_eq!((table.rows, table.rows_left_out), (6, 1));
    let left_out = by_rules(RfmRules { early_returns: EarlyReturns::LeaveOut, ..net }).unwrap();
    assert_eq!((&left_out.table.monetary[..], left_out.returns_left_out), (&[65.0, 7.0][..], 2));
    let without = by_rules(RfmRules { returns: Returns::LeaveOut, ..RfmRules::default() }).unwrap();
    assert_eq!((&without.table.monetary[..], without.returns_left_out), (&[90.0, 7.0][..], 3));
    assert_eq!((without.customers_left_out, without.table.rows_left_out), (vec![2], 3));
    let refused = by_rules(RfmRules { returns: Returns::Refuse, ..RfmRules::default() });
    says(refused, &["the amount at row 2 (`2`) is -9", "returns are refused"]);
    let none = RfmRules { returns: Returns::LeaveOut, ..RfmRules::default() };
    let empty = none.rfm(&RfmLog::new(&[4], &[1], &[-1.0]), 30).unwrap();
    assert!(empty.table.is_empty() && empty.customers_left_out == [4]);
}

#[test]
fn money_by_rule() {
    let (customers, days, amounts) = log();
    let mean = by_rules(RfmRules { monetary: Monetary::MeanPerPurchase, ..RfmRules::default() }).unwrap();
    let plain = by_rules(RfmRules::default()).unwrap().table;
    assert_eq!(mean.table.monetary, [61.0 / 4.0, -9.0, 7.0]);
    let rate = by_rules(RfmRules { margin_rate: Some(0.5), ..RfmRules::default() }).unwrap();
    assert_eq!(rate.table.monetary, [30.5, -4.5, 3.5]);
    let margins = [4.0, -1.0, -2.0, 0.0, 1.0, 3.0, 0.0];
    let log = RfmLog { margins: Some(&margins), ..RfmLog::new(&customers, &days, &amounts) };
    let own = RfmRules::default().rfm(&log, 30).unwrap();
    assert_eq!((own.table.monetary, own.table.frequency), (vec![6.0, -2.0, 1.0], plain.frequency));
    let both = RfmRules { margin_rate: Some(0.5), ..RfmRules::default() };
    says(both.rfm(&log, 30), &["`margin_rate`", "left out where there is a column"]);
    for rate in [f64::NAN, f64::NEG_INFINITY, 1.01, 40.0] {
        says(by_rules(RfmRules { margin_rate: Some(rate), ..both }), &["`margin_rate`", "divide per cent by 100"]);
    }
    assert!(by_rules(RfmRules { margin_rate: Some(1.0), ..both }).is_ok());
    let bad = RfmLog { margins: Some(&[f64::NAN; 7]), ..log };
    assert_eq!(code(RfmRules::default().rfm(&bad, 30)), "invalid_value");
    assert_eq!(code(RfmRules::default().rfm(&RfmLog { margins: Some(&[1.0]), ..log }, 30)), "wrong_length");
}

#[test]
fn orders_are_purchases_where_they_are_given() {
    let (customers, days, amounts) = log();
    // Two orders of customer 1 on day 10.
    let orders = [100, 101, 7, 102, 103, 102, 100];
    let log = RfmLog { orders: Some(&orders), ..RfmLog::new(&customers, &days, &amounts) };
    let rules = RfmRules { monetary: Monetary::MeanPerPurchase, returns: Returns::LeaveOut, ..RfmRules::default() };
    let found = rules.rfm(&log, 30).unwrap().table;
    assert_eq!((found.frequency, found.monetary), (vec![3.0, 1.0], vec![30.0, 7.0]));
    assert_eq!(found.repeat_frequency, [1.0, 0.0]); // by day
    let mixed = [100, 101, 7, 102, 102, 102, 100];
    let log = RfmLog { orders: Some(&mixed), ..log };
    says(rules.rfm(&log, 30), &["the order at row 4 (`3`)", "another customer at row 3"]);
}

#[test]
fn a_row_per_customer_and_line() {
    let (customers, days, amounts) = log();
    let lines = [8, 9, 9, 9, 8, 9, 9];
    let log = RfmLog { lines: Some(&lines), ..RfmLog::new(&customers, &days, &amounts) };
    let found = RfmRules::default().rfm(&log, 30).unwrap();
    assert_eq!((found.table.customer, found.lines), (vec![1, 1, 2, 3], Some(vec![8, 9, 9, 8])));
    assert_eq!((found.table.monetary, found.table.frequency), (vec![40.0, 21.0, -9.0, 7.0], vec![1.0, 4.0, 1.0, 1.0]));
    let late = RfmRules { returns: Returns::NetOff, ..RfmRules::default() };
    says(late.rfm(&log, 30), &["row 2 (`2`)"]);
    // The row is that of the log, though rows before it were left out.
    let large = [f64::MAX; 3];
    let log = RfmLog { lines: Some(&[1, 1, 1]), ..RfmLog::new(&[5, 6, 6], &[40, 2, 2], &large) };
    let rules = RfmRules { later: LaterRows::LeaveOut, ..RfmRules::default() };
    says(rules.rfm(&log, 30), &["first seen at row 1 (`6`)", "sums must be finite"]);
    says(RfmRules::default().rfm(&log, 30), &["the day at row 0 (`5`)"]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    /// Netting returns moves money among days and loses none of it; leaving them out is the same as never having had them.
    #[test]
    fn no_money_is_lost(rows in prop::collection::vec((0..4_u32, 0..40_i32, -20..60_i32), 1..60)) {
        let customers: Vec<u32> = rows.iter().map(|row| row.0).collect();
        let days: Vec<i32> = rows.iter().map(|row| row.1).collect();
        let amounts: Vec<f64> = rows.iter().map(|row| f64::from(row.2)).collect();
        let log = RfmLog::new(&customers, &days, &amounts);
        let net = RfmRules {
            returns: Returns::NetOff,
            early_returns: EarlyReturns::NetOff,
            only_returns: LaterRows::LeaveOut,
            ..RfmRules::default()
        };
        let netted = net.rfm(&log, 50).unwrap();
        let gone: f64 = customers.iter().zip(&amounts).filter(|(one, _)| netted.customers_left_out.contains(one)).map(|(_, amount)| amount).sum();
        prop_assert_eq!(netted.table.monetary.iter().sum::<f64>() + gone, amounts.iter().sum::<f64>());
        let bought: Vec<usize> = (0..rows.len()).filter(|&row| amounts[row] >= 0.0).collect();
        let left_out = RfmRules { returns: Returns::LeaveOut, ..RfmRules::default() }.rfm(&log, 50).unwrap();
        prop_assert_eq!(left_out.returns, rows.len() - bought.len());
        if bought.is_empty() {
            prop_assert!(left_out.table.is_empty());
            return Ok(());
        }
        let pick = |row: &usize| *row;
        let plain = rfm(
            &bought.iter().map(pick).map(|row| customers[row]).collect::<Vec<_>>(),
            &bought.iter().map(pick).map(|row| days[row]).collect::<Vec<_>>(),
            &bought.iter().map(pick).map(|row| amounts[row]).collect::<Vec<_>>(),
            50,
            LaterRows::Refuse,
        ).unwrap();
        prop_assert_eq!(&left_out.table.monetary, &plain.monetary);
        // Purchases, and so frequency, recency and age, are the same under both rules.
        prop_assert_eq!(&netted.table.frequency, &plain.frequency);
        prop_assert_eq!(&netted.table.recency, &plain.recency);
        prop_assert_eq!(&netted.table.age, &plain.age);
    }
}

#[test]
fn mixed_currencies_are_named() {
    let names = ["EUR".to_owned(), "USD".to_owned(), "CNY".to_owned()];
    let customer = |row: usize| format!("customer {row}");
    let mixed = in_one_currency(&[1, 1, 0, 1], &names, &[1.0; 4], None, customer);
    says(
        mixed,
        &[
            "the currency at row 2 (`customer 2`) is `EUR`, and the first row has `USD`",
            "`EUR` in 1 row, `USD` in 3 rows;",
        ],
    );
    assert_eq!(in_one_currency(&[2, 2], &names, &[1.0, 2.0], None, customer).unwrap(), [1.0, 2.0]);
    let rates = BTreeMap::from([("EUR".to_owned(), 2.0)]);
    assert_eq!(in_one_currency(&[0, 0], &names, &[1.0, -3.0], Some(&rates), customer).unwrap(), [2.0, -6.0]);
    says(
        in_one_currency(&[0, 1], &names, &[1.0, 2.0], Some(&rates), customer),
        &["the currency at row 1 (`customer 1`) is `USD`, which has no rate; `rates` has `EUR`;"],
    );
    let none = BTreeMap::new();
    says(
        in_one_currency(&[0], &names, &[1.0], Some(&none), customer),
        &["`EUR`, which has no rate; `rates` has none;"],
    );
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let rates = BTreeMap::from([("EUR".to_owned(), rate)]);
        says(in_one_currency(&[0], &names, &[1.0], Some(&rates), customer), &["`rates`", "above 0", "`EUR`"]);
    }
    assert_eq!(code(in_one_currency(&[0], &names, &[], None, customer)), "wrong_length");
    assert_eq!(code(in_one_currency(&[3], &names, &[1.0], None, customer)), "invalid_value");
    assert_eq!(code(in_one_currency(&[0], &names, &[f64::NAN], None, customer)), "invalid_value");
    assert_eq!(in_one_currency(&[], &names, &[], None, customer).unwrap(), [0.0; 0]);
}
