//! Weights from panels and pairwise comparisons: hand-computed and published cases, laws, and every error.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tierwise::Error;
use tierwise::Feature;
use tierwise::lead::panel::{
    Aggregation, AnalysisSettings, AnswerForm, BootstrapSettings, Judgement, LeftOut, OnGap, PairwiseMethod,
    PairwiseSettings, PanelAnswers, PanelReport, PanelSettings, PanelSurvey, Reason, RecommendSettings,
    WhenPanelsAgree, card_with_weights, kendall_tau, kendall_w, pairwise_from_matrices, pairwise_weights, recommend,
    round_to_hundred, spearman, weight_distance,
};
use tierwise::lead::{CardSpec, Characteristic, Condition};

fn names<const N: usize>(names: [&str; N]) -> Vec<String> {
    names.map(String::from).to_vec()
}

/// One column per factor from one row per respondent.
fn columns(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    (0..rows[0].len()).map(|factor| rows.iter().map(|row| row[factor]).collect()).collect()
}

fn lend(columns: &[Vec<f64>]) -> Vec<&[f64]> {
    columns.iter().map(Vec::as_slice).collect()
}

/// A survey of one panel about factors a, b, c, ...
fn survey(rows: &[Vec<f64>], settings: &PanelSettings) -> Result<PanelSurvey, Error> {
    let factors: Vec<String> = (0..rows[0].len()).map(|factor| format!("f{factor}")).collect();
    PanelSurvey::new(&PanelAnswers::new(&factors, lend(&columns(rows))), settings)
}

fn form(form: AnswerForm) -> PanelSettings {
    PanelSettings { form, ..PanelSettings::default() }
}

fn weights(rows: &[Vec<f64>], of: AnswerForm, aggregation: Option<Aggregation>) -> Vec<f64> {
    let bootstrap = BootstrapSettings { replicates: 0, ..BootstrapSettings::default() };
    let settings = AnalysisSettings { aggregation, bootstrap, ..AnalysisSettings::default() };
    of_first(&survey(rows, &form(of)).unwrap().analyse(&settings).unwrap())
}

fn of_first(report: &PanelReport) -> Vec<f64> {
    report.panels[0].weights.iter().map(|one| one.weight).collect()
}

fn near(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
    }
}

fn message<T: std::fmt::Debug>(result: Result<T, Error>) -> (&'static str, String) {
    let error = result.unwrap_err();
    (error.code(), error.to_string())
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>, code: &str, parts: &[&str]) {
    let (found, message) = message(result);
    assert_eq!(found, code, "{message}");
    for part in parts {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
}

/// Shares (1/2, 1/3, 1/6) and (4/5, 1/5, 0): means 0.65, 4/15, 1/12. Means of ratings: 3.5, 1.5, 0.5 of 5.5.
#[test]
fn ratings_become_weights() {
    let rows = [vec![3.0, 2.0, 1.0], vec![4.0, 1.0, 0.0]];
    let expected = [65.0, 400.0 / 15.0, 100.0 / 12.0];
    near(&weights(&rows, AnswerForm::Ratings, None), &expected, 1e-12);
    near(&weights(&rows, AnswerForm::Allocation, None), &expected, 1e-12);
    let by_ratings = weights(&rows, AnswerForm::Ratings, Some(Aggregation::MeanRatings));
    near(&by_ratings, &[700.0 / 11.0, 300.0 / 11.0, 100.0 / 11.0], 1e-12);
}

/// For four factors: rank-order centroids .5208, .2708, .1458, .0625 and rank sums .4, .3, .2, .1 (Barron & Barrett
/// 1996, table 1); reciprocals .48, .24, .16, .12.
#[test]
fn ranks_become_weights() {
    let rows = [vec![1.0, 2.0, 3.0, 4.0], vec![1.0, 2.0, 3.0, 4.0]];
    let ranks = |aggregation| weights(&rows, AnswerForm::Ranks, aggregation);
    near(&ranks(None), &[52.08, 27.08, 14.58, 6.25], 0.006);
    near(&ranks(Some(Aggregation::RankSum)), &[40.0, 30.0, 20.0, 10.0], 1e-12);
    near(&ranks(Some(Aggregation::Reciprocal)), &[48.0, 24.0, 16.0, 12.0], 1e-12);
    // Two factors that share the first two places share their points.
    let tied = [vec![1.5, 1.5, 3.0], vec![1.5, 1.5, 3.0]];
    near(
        &weights(&tied, AnswerForm::Ranks, Some(Aggregation::RankSum)),
        &[125.0 / 3.0, 125.0 / 3.0, 50.0 / 3.0],
        1e-12,
    );
    // Ratings can be read as ranks.
    let rated = [vec![9.0, 7.0, 2.0, 1.0], vec![5.0, 4.0, 3.0, 2.0]];
    near(&weights(&rated, AnswerForm::Ratings, Some(Aggregation::RankSum)), &[40.0, 30.0, 20.0, 10.0], 1e-12);
}

#[test]
fn respondents_count_by_their_weight() {
    let (factors, columns) = (names(["a", "b"]), [vec![1.0, 3.0, 1.0], vec![3.0, 1.0, 1.0]]);
    let answers = PanelAnswers { weights: Some(&[3.0, 1.0, 0.0]), ..PanelAnswers::new(&factors, lend(&columns)) };
    let survey = PanelSurvey::new(&answers, &PanelSettings::default()).unwrap();
    near(&of_first(&survey.analyse(&AnalysisSettings::default()).unwrap()), &[37.5, 62.5], 1e-12);
    // Who weighs nothing may say the same of everything: nobody reads it.
    assert_eq!(survey.panels()[0].left_out(), LeftOut { no_weight: 1, ..LeftOut::default() });
}

#[test]
fn weights_are_rounded_by_largest_remainder() {
    assert_eq!(round_to_hundred(&[33.4, 33.3, 33.3], 0).unwrap(), [34.0, 33.0, 33.0]);
    assert_eq!(round_to_hundred(&[2.0, 2.0, 2.0, 0.0], 2).unwrap(), [33.34, 33.33, 33.33, 0.0]);
    assert_eq!(round_to_hundred(&[14.5, 14.5, 14.5, 14.5, 14.0, 14.0, 14.0], 0).unwrap().iter().sum::<f64>(), 100.0);
    refused(round_to_hundred(&[0.0, 0.0], 1), "invalid_value", &["at least one weight must be above 0"]);
    refused(round_to_hundred(&[1.0, -1.0], 1), "invalid_value", &["row 1", "-1"]);
    refused(round_to_hundred(&[f64::NAN], 1), "invalid_value", &["NaN"]);
    refused(round_to_hundred(&[], 1), "empty_table", &[]);
    refused(round_to_hundred(&[1.0], 10), "invalid_parameter", &["decimals", "10"]);
}

/// Three judges, four objects, the first judge ties two: R = (4.5, 6.5, 7, 12), S = 30.5, T = 6, so
/// W = 12 * 30.5 / (9 * 60 - 3 * 6) = 366 / 522.
#[test]
fn kendall_w_by_hand() {
    let ranks = [vec![1.5, 1.5, 3.0, 4.0], vec![1.0, 3.0, 2.0, 4.0], vec![2.0, 2.0, 2.0, 4.0]];
    let w = kendall_w(&[ranks[0].clone(), ranks[1].clone(), vec![2.0, 1.0, 3.0, 4.0]]).unwrap();
    let sums = [4.5_f64, 5.5, 8.0, 12.0];
    let s: f64 = sums.iter().map(|sum| (sum - 7.5) * (sum - 7.5)).sum();
    assert!((w.w - 12.0 * s / (9.0 * 60.0 - 3.0 * 6.0)).abs() < 1e-15);
    assert!((w.chi_square - 9.0 * w.w).abs() < 1e-12 && w.degrees_of_freedom == 3);
    let tied_thrice = kendall_w(&[ranks[0].clone(), ranks[1].clone(), ranks[2].clone()]).unwrap();
    let s: f64 = [4.5_f64, 6.5, 7.0, 12.0].iter().map(|sum| (sum - 7.5) * (sum - 7.5)).sum();
    assert!((tied_thrice.w - 12.0 * s / (9.0 * 60.0 - 3.0 * 30.0)).abs() < 1e-15);
}

/// Exact probabilities of Friedman's statistic as tabulated (Siegel & Castellan 1988, table M): for three factors and
/// three respondents .028 at 6.0, .194 at 4.67; with four respondents .0046 at 8.0 and .042 at 6.5.
#[test]
fn exact_p_values_of_small_panels() {
    let p = |rows: &[[f64; 3]]| {
        let ranks: Vec<Vec<f64>> = rows.iter().map(|row| row.to_vec()).collect();
        let w = kendall_w(&ranks).unwrap();
        (w.chi_square, w.exact_p_value.unwrap())
    };
    let (up, swapped) = ([1.0, 2.0, 3.0], [1.0, 3.0, 2.0]);
    for (rows, chi_square, expected) in [
        (vec![up, up, up], 6.0, 0.028),
        (vec![up, up, swapped], 14.0 / 3.0, 0.194),
        (vec![up, up, up, up], 8.0, 0.0046),
        (vec![up, up, up, swapped], 6.5, 0.042),
    ] {
        let (found, p) = p(&rows);
        assert!((found - chi_square).abs() < 1e-12, "{found}");
        assert!((p - expected).abs() < 0.0006, "{p} is not {expected}");
    }
    assert_eq!(kendall_w(&vec![vec![1.0, 2.0]; 11]).unwrap().exact_p_value, None);
}

#[test]
fn kendall_w_refuses_what_are_no_ranks() {
    refused(kendall_w(&[]), "not_enough_data", &["respondents", "0"]);
    refused(kendall_w(&[vec![1.0, 2.0]]), "not_enough_data", &["respondents", "1"]);
    refused(kendall_w(&[vec![1.0], vec![1.0]]), "not_enough_data", &["factors"]);
    refused(kendall_w(&[vec![1.0, 2.0], vec![1.0]]), "wrong_length", &["row 1"]);
    for wrong in [[1.0, 3.0], [0.0, 1.0], [1.5, 1.5], [f64::NAN, 1.0], [f64::INFINITY, 1.0]] {
        refused(kendall_w(&[vec![1.0, 2.0], wrong.to_vec()]), "invalid_value", &["row 1", "ranks run from 1 to 2"]);
    }
}

#[test]
fn rank_correlations_and_distances() {
    let (a, b) = ([50.0, 30.0, 15.0, 5.0], [30.0, 50.0, 5.0, 15.0]);
    assert!((spearman(&a, &b).unwrap().unwrap() - 0.6).abs() < 1e-15);
    assert!((kendall_tau(&a, &b).unwrap().unwrap() - 1.0 / 3.0).abs() < 1e-15);
    assert_eq!(weight_distance(&a, &b).unwrap(), 30.0);
    assert_eq!((spearman(&a, &[25.0; 4]).unwrap(), kendall_tau(&a, &[25.0; 4]).unwrap()), (None, None));
    refused(spearman(&a, &b[..3]), "wrong_length", &["4", "3"]);
    refused(kendall_tau(&[1.0], &[1.0]), "not_enough_data", &[]);
    refused(weight_distance(&a, &[1.0, 2.0, f64::NAN, 3.0]), "invalid_value", &["row 2"]);
}

#[test]
fn tau_by_sorting_equals_tau_by_all_pairs() {
    let sign = |a: f64, b: f64| f64::from(i8::from(a > b) - i8::from(a < b));
    for (rows, ties) in [(2, 7), (3, 2), (97, 5), (200, 1000)] {
        let first: Vec<f64> = (0..rows).map(|row| f64::from(row * row * 31 % 1009 % ties)).collect();
        let second: Vec<f64> = (0..rows).map(|row| f64::from(row * 57 % 211 % ties) - 1.0).collect();
        let mut sums = [0.0; 3];
        for i in 0..first.len() {
            for j in 0..i {
                let (a, b) = (sign(first[i], first[j]), sign(second[i], second[j]));
                sums = [sums[0] + a * b, sums[1] + a * a, sums[2] + b * b];
            }
        }
        let tau = kendall_tau(&first, &second).unwrap();
        assert_eq!(tau, (sums[1] * sums[2] > 0.0).then(|| sums[0] / (sums[1] * sums[2]).sqrt()), "{rows} {ties}");
    }
    assert_eq!(
        kendall_tau(&[0.0, -0.0, 1.0], &[2.0, 1.0, 3.0]).unwrap(),
        kendall_tau(&[0.0, 0.0, 1.0], &[2.0, 1.0, 3.0]).unwrap()
    );
}

#[test]
fn who_does_not_count_is_counted() {
    let factors = names(["a", "b"]);
    let columns = [vec![5.0, 5.0, 5.0, 4.0, f64::NAN, 3.0, -7.0], vec![1.0, 2.0, 1.0, 2.0, 1.0, 3.0, 1.0]];
    let quality = [3.0, 5.0, f64::NAN, 4.0, 9.0, 9.0, 2.9];
    let answers = PanelAnswers { quality: Some(&quality), ..PanelAnswers::new(&factors, lend(&columns)) };
    let settings = PanelSettings {
        unknown_answers: OnGap::LeaveOut,
        constant_answers: OnGap::LeaveOut,
        minimum_quality: Some(3.0),
        ..PanelSettings::default()
    };
    let survey = PanelSurvey::new(&answers, &settings).unwrap();
    let panel = &survey.panels()[0];
    let expected =
        LeftOut { unknown_quality: 1, low_quality: 1, no_weight: 0, unknown_answers: 1, constant_answers: 1 };
    assert_eq!((panel.name(), panel.respondents(), panel.left_out()), ("all", 3, expected));
    let refuse = |unknown_answers, constant_answers| {
        PanelSurvey::new(&answers, &PanelSettings { unknown_answers, constant_answers, ..settings.clone() })
    };
    refused(refuse(OnGap::Refuse, OnGap::LeaveOut), "invalid_value", &["`a`", "row 4", "unknown"]);
    refused(refuse(OnGap::LeaveOut, OnGap::Refuse), "invalid_value", &["row 5", "3 for every factor"]);
}

#[test]
fn answers_that_are_none_are_refused() {
    let refuse = |rows: &[Vec<f64>], settings: &PanelSettings, code, parts: &[&str]| {
        refused(survey(rows, settings), code, parts);
    };
    let good = vec![1.0, 2.0, 3.0];
    let with = |bad: [f64; 3]| [good.clone(), bad.to_vec(), good.clone()];
    let ratings = PanelSettings { scale: Some((1.0, 5.0)), ..PanelSettings::default() };
    refuse(&with([1.0, 55.0, 2.0]), &ratings, "invalid_value", &["`f1`", "row 1", "55", "from 1 to 5"]);
    for of in [AnswerForm::Ratings, AnswerForm::Allocation] {
        refuse(&with([1.0, -2.0, 4.0]), &form(of), "invalid_value", &["`f1`", "row 1", "-2"]);
        refuse(&with([0.0, 0.0, 0.0]), &form(of), "invalid_value", &["row 1", "0 for every factor"]);
        refuse(&with([1e300, 0.0, 0.0]), &form(of), "invalid_value", &["1e9"]);
    }
    for bad in [[0.0, 1.0, 2.0], [1.0, 1.0, 3.0], [1.0, 2.0, 4.0], [1.0, 2.5, 2.4]] {
        refuse(&with(bad), &form(AnswerForm::Ranks), "invalid_value", &["row 1", "ranks run from 1"]);
    }
    refuse(&with([2.0, 2.0, 2.0]), &form(AnswerForm::Ranks), "invalid_value", &["2 for every factor"]);
    refuse(&with([1.0, f64::INFINITY, 2.0]), &PanelSettings::default(), "not_finite", &["`f1`", "row 1"]);
    refuse(
        std::slice::from_ref(&good),
        &PanelSettings::default(),
        "not_enough_data",
        &["panel `all`", "1 where at least 2"],
    );
    refuse(&[vec![1.0], vec![2.0]], &PanelSettings::default(), "invalid_parameter", &["factors", "Got 1"]);
    let scale = PanelSettings { scale: Some((5.0, 1.0)), ..PanelSettings::default() };
    refuse(&with([1.0, 2.0, 4.0]), &scale, "invalid_parameter", &["scale", "5 to 1"]);
    let quality = PanelSettings { minimum_quality: Some(3.0), ..PanelSettings::default() };
    refuse(&with([1.0, 2.0, 4.0]), &quality, "invalid_parameter", &["minimum_quality", "3 without a column"]);
    let shares = AnalysisSettings { aggregation: Some(Aggregation::MeanShares), ..AnalysisSettings::default() };
    let ranked = survey(&with([3.0, 2.0, 1.0]), &form(AnswerForm::Ranks)).unwrap();
    refused(ranked.analyse(&shares), "invalid_parameter", &["aggregation", "mean_shares"]);
    for (replicates, confidence) in [(1, 0.95), (10_000_000, 0.95), (100, 1.0), (100, f64::NAN)] {
        let bootstrap = BootstrapSettings { replicates, confidence, seed: 0 };
        let settings = AnalysisSettings { bootstrap, ..AnalysisSettings::default() };
        refused(ranked.analyse(&settings), "invalid_parameter", &["BootstrapSettings"]);
    }
}

#[test]
fn tables_of_the_wrong_shape_are_refused() {
    let (one, two) = (vec![1.0, 2.0], vec![3.0, 1.0]);
    let new = |answers: &PanelAnswers<'_>| PanelSurvey::new(answers, &PanelSettings::default());
    let factors = names(["a", "b"]);
    refused(new(&PanelAnswers::new(&factors, vec![&one])), "wrong_length", &["columns"]);
    refused(new(&PanelAnswers::new(&factors, vec![&one, &two[..1]])), "wrong_length", &["b", "1"]);
    refused(new(&PanelAnswers::new(&factors, vec![&[], &[]])), "empty_table", &[]);
    refused(new(&PanelAnswers::new(&names(["a", "a"]), vec![&one, &two])), "invalid_parameter", &["`a` twice"]);
    refused(new(&PanelAnswers::new(&names(["a", " "]), vec![&one, &two])), "invalid_parameter", &["empty name"]);
    let answers = PanelAnswers::new(&factors, vec![&one, &two]);
    let weights = |weights| PanelAnswers { weights: Some(weights), ..answers.clone() };
    refused(new(&weights(&[1.0])), "wrong_length", &["weights"]);
    refused(new(&weights(&[0.0, 0.0])), "invalid_value", &["at least one respondent"]);
    refused(new(&weights(&[1.0, -1.0])), "invalid_value", &["weight", "row 1"]);
    refused(new(&weights(&[1.0, f64::NAN])), "invalid_value", &["weight", "row 1", "NaN"]);
    let labels = names(["sales"]);
    refused(new(&PanelAnswers { panels: Some((&[0, 1], &labels)), ..answers.clone() }), "invalid_value", &["panel"]);
    let two_panels = names(["sales", "experts"]);
    let split = PanelAnswers { panels: Some((&[0, 1], &two_panels)), ..answers.clone() };
    refused(new(&split), "not_enough_data", &["panel `experts`"]);
}

/// Sales people in two panels and experts; `shift` is what the experts say otherwise.
fn panels(shift: f64) -> PanelSurvey {
    let factors = names(["a", "b", "c", "d"]);
    let labels = names(["many sales", "sales", "experts"]);
    let mut codes = Vec::new();
    let mut rows = Vec::new();
    for (code, size) in [(0, 60), (1, 20), (2, 12)] {
        for one in 0..size {
            let noise = f64::from(one * 7 % 3);
            let expert = if code == 2 { shift } else { 0.0 };
            codes.push(code);
            rows.push(vec![9.0 - noise, 6.0 + noise / 2.0, 4.0 + expert, 1.0 + expert / 2.0 + f64::from(one % 2)]);
        }
    }
    let columns = columns(&rows);
    let answers = PanelAnswers { panels: Some((&codes, &labels)), ..PanelAnswers::new(&factors, lend(&columns)) };
    PanelSurvey::new(&answers, &PanelSettings::default()).unwrap()
}

#[test]
fn panels_that_agree_are_told_from_panels_that_do_not() {
    let settings = RecommendSettings::default();
    let report = panels(0.0).analyse(&AnalysisSettings::default()).unwrap();
    let found = recommend(&report, &settings).unwrap();
    assert_eq!(found.panel.as_deref(), Some("experts")); // the smallest of three that agree
    assert!(matches!(found.reasons[0], Reason::PanelsAgree { .. }), "{:?}", found.reasons);
    assert!(matches!(found.reasons[1], Reason::Smallest { respondents: 12, .. }), "{:?}", found.reasons);

    let costs = [("experts", 900.0), ("sales", 50.0), ("many sales", 80.0)];
    let costs = costs.into_iter().map(|(name, cost)| (name.to_owned(), cost)).collect();
    let found = recommend(&report, &RecommendSettings { costs, ..settings.clone() }).unwrap();
    assert_eq!(found.panel.as_deref(), Some("sales"));

    let pooled = RecommendSettings { when_panels_agree: WhenPanelsAgree::Pooled, ..settings.clone() };
    let found = recommend(&report, &pooled).unwrap();
    assert_eq!((found.panel, found.result.respondents), (None, 92));

    let few = RecommendSettings { minimum_respondents: 50, ..settings.clone() };
    let found = recommend(&report, &few).unwrap();
    assert_eq!(found.panel.as_deref(), Some("many sales"));
    assert!(found.reasons.contains(&Reason::OnlyOne { panel: "many sales".into() }));
    let none = RecommendSettings { minimum_respondents: 1000, ..settings.clone() };
    refused(recommend(&report, &none), "not_enough_data", &["60 where at least 1000"]);

    let report = panels(8.0).analyse(&AnalysisSettings::default()).unwrap();
    let found = recommend(&report, &settings).unwrap();
    assert!(
        matches!(&found.reasons[0], Reason::PanelsDiffer { second, .. } if second == "many sales" || second == "sales")
    );
    let best = report.panels.iter().map(|panel| panel.w_low.unwrap()).fold(0.0, f64::max);
    assert!(found.result.w_high.unwrap() >= best);
    assert!(found.reasons.iter().all(|reason| !reason.text().is_empty()));
}

#[test]
fn settings_of_a_recommendation_are_checked() {
    let report = panels(8.0).analyse(&AnalysisSettings::default()).unwrap();
    let settings = RecommendSettings::default;
    let with = |name: &str, cost| RecommendSettings { costs: [(name.to_owned(), cost)].into(), ..settings() };
    for (settings, part) in [
        (RecommendSettings { minimum_respondents: 1, ..settings() }, "minimum_respondents"),
        (RecommendSettings { least_spearman: f64::NAN, ..settings() }, "least_spearman"),
        (RecommendSettings { most_distance: -1.0, ..settings() }, "most_distance"),
        (RecommendSettings { alpha: 2.0, ..settings() }, "alpha"),
        (with("sales", 1.0), "every panel or for none"),
    ] {
        refused(recommend(&report, &settings), "invalid_parameter", &[part]);
    }
    refused(recommend(&report, &with("nobody", 1.0)), "unknown_name", &["nobody", "experts"]);
    let bootstrap = BootstrapSettings { replicates: 0, ..BootstrapSettings::default() };
    let report = panels(8.0).analyse(&AnalysisSettings { bootstrap, ..AnalysisSettings::default() }).unwrap();
    refused(recommend(&report, &settings()), "invalid_parameter", &["replicates"]);
}

#[test]
fn agreement_by_chance_is_said_so() {
    let orders = [[1.0, 2.0, 3.0], [2.0, 3.0, 1.0], [3.0, 1.0, 2.0], [3.0, 2.0, 1.0], [2.0, 1.0, 3.0], [1.0, 3.0, 2.0]];
    let rows: Vec<Vec<f64>> = orders.iter().chain(&orders).map(|row| row.to_vec()).collect();
    let report = survey(&rows, &form(AnswerForm::Ranks)).unwrap().analyse(&AnalysisSettings::default()).unwrap();
    assert_eq!((report.panels[0].agreement.w, report.panels[0].agreement.p_value), (0.0, 1.0));
    let found = recommend(&report, &RecommendSettings::default()).unwrap();
    assert!(found.reasons.contains(&Reason::NoBetterThanChance { panel: "all".into(), p_value: 1.0 }));
}

/// With two respondents, a replicate either has both, and then the panel's W, or one of them twice.
#[test]
fn a_bootstrap_of_two_keeps_the_agreement_of_the_two() {
    let rows = [vec![1.0, 2.0, 3.0, 4.0], vec![2.0, 1.0, 4.0, 3.0]];
    let report = survey(&rows, &form(AnswerForm::Ranks)).unwrap().analyse(&AnalysisSettings::default()).unwrap();
    let panel = &report.panels[0];
    assert!((panel.agreement.w - 0.8).abs() < 1e-15);
    near(&[panel.w_low.unwrap(), panel.w_high.unwrap()], &[0.8, 0.8], 1e-12);
}

/// The intervals of a mean of shares against its standard error: for 400 respondents who split their points evenly
/// between two answers the weight has a standard error of 20 / 20 = 1 point.
#[test]
fn intervals_have_the_width_of_the_standard_error() {
    let rows: Vec<Vec<f64>> =
        (0..400).map(|one| if one % 2 == 0 { vec![80.0, 20.0] } else { vec![40.0, 60.0] }).collect();
    let bootstrap = BootstrapSettings { replicates: 4000, ..BootstrapSettings::default() };
    let survey = survey(&rows, &form(AnswerForm::Allocation)).unwrap();
    let report = survey.analyse(&AnalysisSettings { bootstrap, ..AnalysisSettings::default() }).unwrap();
    let first = &report.panels[0].weights[0];
    near(&[first.weight, first.low.unwrap(), first.high.unwrap()], &[60.0, 58.04, 61.96], 0.15);
    assert_eq!((first.rank_low, first.rank_high), (Some(1.0), Some(1.0)));
}

fn rating_rows() -> impl Strategy<Value = Vec<Vec<f64>>> {
    let row = |n: usize| prop::collection::vec((1u8..8).prop_map(f64::from), n);
    (2usize..7).prop_flat_map(move |n| prop::collection::vec(row(n), 3..20)).prop_filter("two who weigh", |rows| {
        rows.iter().filter(|row| row.iter().any(|one| *one != row[0])).count() >= 2
    })
}

fn lenient(of: AnswerForm) -> PanelSettings {
    PanelSettings { constant_answers: OnGap::LeaveOut, ..form(of) }
}

fn quick(decimals: Option<u32>, aggregation: Aggregation) -> AnalysisSettings {
    let bootstrap = BootstrapSettings { replicates: 70, ..BootstrapSettings::default() };
    AnalysisSettings { decimals, aggregation: Some(aggregation), bootstrap }
}

const EVERY: [Aggregation; 5] = [
    Aggregation::MeanShares,
    Aggregation::MeanRatings,
    Aggregation::RankSum,
    Aggregation::RankOrderCentroid,
    Aggregation::Reciprocal,
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn weights_sum_to_hundred(rows in rating_rows(), way in 0usize..5, decimals in 0u32..5) {
        let survey = survey(&rows, &lenient(AnswerForm::Ratings)).unwrap();
        let plain = of_first(&survey.analyse(&quick(None, EVERY[way])).unwrap());
        prop_assert!((plain.iter().sum::<f64>() - 100.0).abs() < 1e-9);
        let unit = 10_f64.powi(decimals as i32);
        let rounded = of_first(&survey.analyse(&quick(Some(decimals), EVERY[way])).unwrap());
        let units: i64 = rounded.iter().map(|weight| (weight * unit).round() as i64).sum();
        prop_assert_eq!(units, 100 * unit as i64);
        for (rounded, plain) in rounded.iter().zip(&plain) {
            prop_assert!((rounded - plain).abs() < 1.0 / unit + 1e-9);
        }
    }

    #[test]
    fn the_order_of_the_respondents_does_not_matter(rows in rating_rows(), turn in 1usize..5) {
        let turned: Vec<_> = rows.iter().cycle().skip(turn).take(rows.len()).cloned().collect();
        let report = |rows: &[Vec<f64>]| {
            survey(rows, &lenient(AnswerForm::Ratings)).unwrap().analyse(&quick(None, Aggregation::MeanShares)).unwrap()
        };
        prop_assert_eq!(report(&rows), report(&turned));
    }

    #[test]
    fn who_rates_higher_throughout_has_no_more_say(rows in rating_rows()) {
        let stretched: Vec<Vec<f64>> = rows.iter().enumerate()
            .map(|(row, one)| one.iter().map(|answer| answer * (1.0 + row as f64)).collect()).collect();
        let of = |rows: &[Vec<f64>]| {
            let survey = survey(rows, &lenient(AnswerForm::Allocation)).unwrap();
            of_first(&survey.analyse(&quick(None, Aggregation::MeanShares)).unwrap())
        };
        for (plain, stretched) in of(&rows).into_iter().zip(of(&stretched)) {
            prop_assert!((plain - stretched).abs() < 1e-9);
        }
    }

    #[test]
    fn kendall_w_lies_between_0_and_1_and_follows_mean_correlation(rows in rating_rows()) {
        let survey = survey(&rows, &lenient(AnswerForm::Ratings)).unwrap();
        let report = survey.analyse(&quick(None, Aggregation::MeanShares)).unwrap();
        let w = report.panels[0].agreement.w;
        prop_assert!((0.0..=1.0 + 1e-12).contains(&w));
        prop_assert!((0.0..=1.0).contains(&report.panels[0].agreement.p_value));
        // Without ties W is the mean rank correlation of two respondents, moved from [-1 / (m - 1), 1] to [0, 1].
        let distinct: Vec<&Vec<f64>> =
            rows.iter().filter(|row| (1..row.len()).all(|one| !row[..one].contains(&row[one]))).collect();
        if distinct.len() >= 2 {
            let m = distinct.len() as f64;
            let mut sum = 0.0;
            for (place, first) in distinct.iter().enumerate() {
                for second in &distinct[..place] {
                    sum += spearman(first, second).unwrap().unwrap();
                }
            }
            let ranks: Vec<Vec<f64>> = distinct.iter().map(|row| {
                row.iter().map(|one| 1.0 + row.iter().filter(|other| *other > one).count() as f64).collect()
            }).collect();
            let expected = (1.0 + (m - 1.0) * sum / (m * (m - 1.0) / 2.0)) / m;
            prop_assert!((kendall_w(&ranks).unwrap().w - expected).abs() < 1e-9);
        }
    }

    #[test]
    fn consistent_comparisons_give_back_their_weights(
        importance in prop::collection::vec(0.05f64..9.0, 2..9),
        geometric in any::<bool>(),
    ) {
        let n = importance.len();
        let factors: Vec<String> = (0..n).map(|factor| factor.to_string()).collect();
        let matrix: Vec<f64> = (0..n * n).map(|at| importance[at / n] / importance[at % n]).collect();
        let method = if geometric { PairwiseMethod::GeometricMean } else { PairwiseMethod::Eigenvector };
        let settings = PairwiseSettings { method, ..PairwiseSettings::default() };
        let result = pairwise_from_matrices(&factors, &names(["ann"]), &[matrix], &settings).unwrap();
        let sum: f64 = importance.iter().sum();
        for (weight, importance) in result.group.weights.iter().zip(&importance) {
            prop_assert!((weight - 100.0 * importance / sum).abs() < 1e-7);
        }
        prop_assert!(result.group.consistent && result.group.consistency_ratio < 1e-9);
    }
}

fn says(respondent: &str, first: &str, second: &str, value: f64) -> Judgement {
    Judgement { respondent: respondent.into(), first: first.into(), second: second.into(), value }
}

/// Saaty's wealth of nations (Saaty 1977, *Journal of Mathematical Psychology* 15): weights .427, .230, .021, .052, .052,
/// .123, .094; lambda max 7.608, C.I. .10, C.R. .08.
#[test]
fn saatys_wealth_of_nations() {
    let factors = names(["US", "USSR", "China", "France", "UK", "Japan", "W. Germany"]);
    #[rustfmt::skip]
    let upper = [
        1.0, 4.0, 9.0, 6.0,       6.0,       5.0,       5.0,
        0.0, 1.0, 7.0, 5.0,       5.0,       3.0,       4.0,
        0.0, 0.0, 1.0, 1.0 / 5.0, 1.0 / 5.0, 1.0 / 7.0, 1.0 / 5.0,
        0.0, 0.0, 0.0, 1.0,       1.0,       1.0 / 3.0, 1.0 / 3.0,
        0.0, 0.0, 0.0, 0.0,       1.0,       1.0 / 3.0, 1.0 / 3.0,
        0.0, 0.0, 0.0, 0.0,       0.0,       1.0,       2.0,
        0.0, 0.0, 0.0, 0.0,       0.0,       0.0,       1.0,
    ];
    let matrix = upper.map(|value| if value == 0.0 { f64::NAN } else { value }).to_vec();
    let result = pairwise_from_matrices(&factors, &names(["one"]), &[matrix], &PairwiseSettings::default()).unwrap();
    let found = result.group;
    near(&found.weights, &[42.7, 23.0, 2.1, 5.2, 5.2, 12.3, 9.4], 0.06);
    near(&[found.largest_eigenvalue, found.consistency_index, found.consistency_ratio], &[7.608, 0.10, 0.08], 0.005);
    assert!(found.consistent);
}

/// Saaty's choice of a school (Saaty 1980; 1990, *European Journal of Operational Research* 48): weights .32, .14, .03,
/// .13, .24, .14. He prints 7.49 as the eigenvalue; the matrix as printed has 7.42.
#[test]
fn saatys_choice_of_a_school() {
    let factors = names(["learning", "friends", "school life", "vocational", "college", "music"]);
    #[rustfmt::skip]
    let matrix = vec![
        1.0,       4.0,       3.0, 1.0,       3.0,       4.0,
        1.0 / 4.0, 1.0,       7.0, 3.0,       1.0 / 5.0, 1.0,
        1.0 / 3.0, 1.0 / 7.0, 1.0, 1.0 / 5.0, 1.0 / 5.0, 1.0 / 6.0,
        1.0,       1.0 / 3.0, 5.0, 1.0,       1.0,       1.0 / 3.0,
        1.0 / 3.0, 5.0,       5.0, 1.0,       1.0,       3.0,
        1.0 / 4.0, 1.0,       6.0, 3.0,       1.0 / 3.0, 1.0,
    ];
    let result = pairwise_from_matrices(&factors, &names(["one"]), &[matrix], &PairwiseSettings::default()).unwrap();
    let found = result.group;
    near(&found.weights, &[32.0, 14.0, 3.0, 13.0, 24.0, 14.0], 0.55);
    near(&[found.largest_eigenvalue], &[7.42], 0.005);
    assert!(!found.consistent);
    let worst = found.most_inconsistent.unwrap();
    assert!(worst.ratio_after < found.consistency_ratio, "{worst:?}");
}

#[test]
fn respondents_are_taken_together_by_geometric_means() {
    let factors = names(["a", "b"]);
    let judgements = [says("ann", "a", "b", 8.0), says("bob", "b", "a", 2.0)];
    let result = pairwise_weights(&factors, &judgements, &PairwiseSettings::default()).unwrap();
    // 8 and 1/2: the mean judgement is 2.
    near(&result.group.weights, &[200.0 / 3.0, 100.0 / 3.0], 1e-9);
    assert_eq!(result.respondents, ["ann", "bob"]);
    near(&result.individual[0].weights, &[800.0 / 9.0, 100.0 / 9.0], 1e-9);
    assert!(result.group.consistent && result.group.most_inconsistent.is_none());
}

/// 0.33 is what people write for 1/3; the 3 is what they mean.
#[test]
fn rounded_reciprocals_are_understood() {
    let (factors, ann) = (names(["a", "b"]), names(["ann"]));
    let solve = |matrix: [f64; 4], tolerance| {
        let settings = PairwiseSettings { tolerance, ..PairwiseSettings::default() };
        pairwise_from_matrices(&factors, &ann, &[matrix.to_vec()], &settings)
    };
    near(&solve([1.0, 3.0, 0.33, 1.0], 0.02).unwrap().group.weights, &[75.0, 25.0], 1e-9);
    near(&solve([1.0, 0.33, 3.0, 1.0], 0.02).unwrap().group.weights, &[25.0, 75.0], 1e-9);
    near(&solve([f64::NAN, 3.0, f64::NAN, f64::NAN], 0.0).unwrap().group.weights, &[75.0, 25.0], 1e-9);
    refused(solve([1.0, 3.0, 0.33, 1.0], 0.001), "invalid_value", &["`b` against `a`", "ann", "the reverse is 3"]);
    refused(solve([1.0, 3.0, 3.0, 1.0], 0.02), "invalid_value", &["the reverse is 3"]);
    refused(solve([2.0, 3.0, f64::NAN, 1.0], 0.02), "invalid_value", &["as important as itself"]);
    refused(solve([1.0, -3.0, f64::NAN, 1.0], 0.02), "invalid_value", &["-3"]);
    refused(solve([1.0, f64::INFINITY, 0.0, 1.0], 0.02), "invalid_value", &["inf"]);
    refused(solve([1.0, f64::NAN, f64::NAN, 1.0], 0.02), "not_enough_data", &["ann", "0 where at least 1"]);
    refused(solve([1.0, 3.0, 0.33, 1.0], 1.0), "invalid_parameter", &["tolerance"]);
}

#[test]
fn comparisons_that_are_none_are_refused() {
    let settings = PairwiseSettings::default();
    let factors = names(["a", "b", "c"]);
    let solve = |judgements: &[Judgement]| pairwise_weights(&factors, judgements, &settings);
    refused(solve(&[]), "empty_table", &[]);
    refused(solve(&[says("ann", "a", "x", 2.0)]), "unknown_name", &["row 0", "`x`", "`c`"]);
    refused(solve(&[says("ann", "a", "a", 1.0)]), "invalid_value", &["different factors"]);
    refused(solve(&[says("ann", "a", "b", 2.0), says("ann", "a", "b", 2.0)]), "invalid_value", &["row 1", "twice"]);
    refused(solve(&[says("ann", "a", "b", 0.0)]), "invalid_value", &["[0.001, 1000]"]);
    refused(solve(&[says("ann", "a", "b", f64::NAN)]), "invalid_value", &["NaN"]);
    refused(solve(&[says("ann", "a", "b", 2.0)]), "not_enough_data", &["`ann`", "1 where at least 3"]);
    let many: Vec<String> = (0..16).map(|factor| factor.to_string()).collect();
    refused(pairwise_weights(&many, &[], &settings), "invalid_parameter", &["factors", "16"]);
    refused(pairwise_weights(&many[..1], &[], &settings), "invalid_parameter", &["factors"]);
    let matrix = vec![1.0; 8];
    refused(pairwise_from_matrices(&factors, &names(["ann"]), &[matrix], &settings), "wrong_length", &["ann", "9"]);
    refused(pairwise_from_matrices(&factors, &[], &[vec![1.0; 9]], &settings), "wrong_length", &[]);
}

/// Contradictions as strong as the scale allows still have weights.
#[test]
fn the_strongest_contradictions_converge() {
    for n in 3..=15 {
        let factors: Vec<String> = (0..n).map(|factor| factor.to_string()).collect();
        let value = |i: usize, j: usize| {
            if i == j {
                1.0
            } else if (i + j).is_multiple_of(3) {
                1000.0
            } else {
                0.001
            }
        };
        let matrix: Vec<f64> =
            (0..n * n).map(|at| if at / n <= at % n { value(at / n, at % n) } else { f64::NAN }).collect();
        let result = pairwise_from_matrices(&factors, &names(["x"]), &[matrix], &PairwiseSettings::default()).unwrap();
        assert!((result.group.weights.iter().sum::<f64>() - 100.0).abs() < 1e-9);
        assert!(result.group.weights.iter().all(|weight| *weight > 0.0));
    }
}

#[test]
fn a_card_takes_the_weights_as_its_most_points() {
    let card = CardSpec {
        features: vec![Feature::yes_no("asked"), Feature::number("visits"), Feature::category("size", ["S", "L"])],
        characteristics: vec![
            Characteristic::yes("asked", 11.2),
            Characteristic::new("visits", "visits").per_unit(3.0, 4.0).neutral(6.0),
            Characteristic::new("size", "size").when(Condition::Level("L".into()), 8.0).when(Condition::Otherwise, 2.0),
        ],
        ..CardSpec::default()
    };
    let weighted = card_with_weights(card.clone(), &[("size", 20.4), ("asked", 49.6), ("visits", 30.0)]).unwrap();
    assert_eq!(weighted.characteristics[0].attributes[0].points, 49.6);
    assert_eq!(
        (weighted.characteristics[1].per_unit.unwrap().points, weighted.characteristics[1].neutral),
        (7.5, 15.0)
    );
    let of_size: Vec<f64> = weighted.characteristics[2].attributes.iter().map(|one| one.points).collect();
    near(&of_size, &[20.4, 5.1], 1e-12);
    let (low, high) = tierwise::Scorecard::new(weighted).unwrap().range();
    assert!(low == 0.0 && (high - 100.0).abs() < 1e-9);

    let with = |weights: &[(&str, f64)]| card_with_weights(card.clone(), weights);
    refused(with(&[("asked", 1.0), ("budget", 1.0)]), "unknown_name", &["budget", "row 1", "visits"]);
    refused(with(&[("asked", 1.0)]), "invalid_scorecard", &["`visits`", "no weight"]);
    refused(with(&[("asked", 1.0), ("asked", 2.0)]), "invalid_value", &["twice"]);
    refused(with(&[("asked", 0.0), ("visits", 0.0), ("size", 0.0)]), "invalid_value", &["at least one weight"]);
    refused(with(&[("asked", f64::NAN)]), "invalid_value", &["NaN"]);
    let mut flat = card;
    flat.characteristics[0] = Characteristic::yes("asked", 0.0);
    let weights = [("asked", 50.0), ("visits", 30.0), ("size", 20.0)];
    refused(card_with_weights(flat, &weights), "invalid_scorecard", &["`asked`", "nothing to scale"]);
}
