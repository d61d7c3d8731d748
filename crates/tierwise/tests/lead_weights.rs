//! Weights from outcomes: limits that have a name, bounds, separation, rare outcomes, and what is refused.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tierwise::lead::{
    CardFit, CardSpec, Characteristic, Condition, Correction, FittedCard, NonNegative, Per, PointsScale, Prerequisite,
    Rule, Strength,
};
use tierwise::learn::{Logistic, log_odds, probability};
use tierwise::{Columns, Error, Explain, Feature, Fit, Outcome, Score, Scorecard, Unknown, laws};

laws!(fitted_card, fitted(), [Score, Explain, Saved]);
laws!(fitted_card_per_answer, fitted_per_answer(), [Score, Explain, Saved]);

/// Every kind of question; the last one has a neutral that is not 0.
fn card() -> Scorecard {
    let spec = CardSpec {
        name: "leads".into(),
        features: vec![
            Feature::yes_no("asked"),
            Feature::number("visits").with_unknown(Unknown::Own),
            Feature::category("country", ["DE", "FR", "US"]),
            Feature::number("size").with_unknown(Unknown::Error),
        ],
        initial: 5.0,
        characteristics: vec![
            Characteristic::yes("asked", 30.0),
            Characteristic::new("visits", "visits")
                .when(Condition::at_least(4.0), 20.0)
                .when(Condition::at_least(2.0), 10.0)
                .when(Condition::Unknown, 3.0)
                .when(Condition::Otherwise, 0.0),
            Characteristic::new("country", "country")
                .when(Condition::Level("DE".into()), 12.0)
                .when(Condition::Level("FR".into()), 7.0)
                .when(Condition::Otherwise, -4.0)
                .neutral(2.0),
            Characteristic::new("size", "size").per_unit(2.5, 6.0).neutral(5.0),
        ],
        ..CardSpec::default()
    };
    Scorecard::new(spec).unwrap()
}

/// Numbers in [0, 1) that depend on place alone.
fn noise(row: usize, column: usize) -> f64 {
    let mut bits =
        (row as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (column as u64 + 1).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    for _ in 0..3 {
        bits = (bits ^ (bits >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
    }
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

fn table(rows: usize) -> Vec<Vec<f64>> {
    let column =
        |of: fn(f64, f64) -> f64, at: usize| (0..rows).map(|row| of(noise(row, at), noise(row, at + 10))).collect();
    vec![
        column(|u, _| f64::from(u8::from(u < 0.4)), 0),
        column(|u, v| if v < 0.1 { f64::NAN } else { (u * 7.0).floor() }, 1),
        column(|u, v| if v < 0.1 { f64::NAN } else { (u * 3.0).floor() }, 2),
        column(|u, _| u * 8.0, 3),
    ]
}

/// Deals won with the log-odds `base + Σ slope · points`.
fn outcomes(card: &Scorecard, table: &[Vec<f64>], base: f64, slopes: [f64; 4]) -> Vec<bool> {
    (0..table[0].len())
        .map(|row| {
            let values: Vec<f64> = table.iter().map(|column| column[row]).collect();
            let mut points = [0.0; 4];
            card.contributions_row(&values, &mut points);
            let log_odds = points.iter().zip(slopes).fold(base, |sum, (points, slope)| sum + slope * points);
            noise(row, 99) < probability(log_odds)
        })
        .collect()
}

fn columns<'a>(card: &'a Scorecard, table: &'a [Vec<f64>]) -> Columns<'a> {
    Columns::in_order(card.features(), table.iter().map(Vec::as_slice).collect()).unwrap()
}

fn fit(fit: &CardFit, card: &Scorecard, rows: usize, base: f64, slopes: [f64; 4]) -> FittedCard {
    let table = table(rows);
    let won = outcomes(card, &table, base, slopes);
    fit.fit(&columns(card, &table), &Outcome::binary("won", &won)).unwrap().model
}

fn fitted() -> FittedCard {
    fit(&CardFit::new(card()), &card(), 300, -2.0, [0.05, 0.02, 0.08, 0.05])
}

fn fitted_per_answer() -> FittedCard {
    fit(&CardFit::new(card()).per(Per::Answer).strength(Strength::Deals(20.0)), &card(), 300, -2.0, [0.05; 4])
}

fn multipliers(model: &FittedCard) -> Vec<f64> {
    model.weights(0.95).unwrap().iter().map(|one| one.multiplier).collect()
}

/// The points of the characteristics as features of their own, for the plain logistic fit.
fn as_features(card: &Scorecard, table: &[Vec<f64>]) -> Vec<Vec<f64>> {
    tierwise::explain(card, &columns(card, table)).unwrap()
}

#[test]
fn without_strength_it_is_the_maximum_likelihood_fit_on_the_points() {
    let (card, table) = (card(), table(800));
    let won = outcomes(&card, &table, -2.0, [0.05, -0.03, 0.08, 0.05]);
    let outcome = Outcome::binary("won", &won);
    let learner = CardFit::new(card.clone()).strength(Strength::Deals(0.0)).non_negative(NonNegative::None);
    let model = learner.fit(&columns(&card, &table), &outcome).unwrap().model;
    let features: Vec<Feature> = (0..4).map(|at| Feature::number(format!("x{at}"))).collect();
    let points = as_features(&card, &table);
    let data = Columns::in_order(&features, points.iter().map(Vec::as_slice).collect()).unwrap();
    let logistic = Logistic::new().alpha(0.0).fit(&data, &outcome).unwrap().model;
    for (weight, coefficient) in model.weights(0.95).unwrap().iter().zip(logistic.coefficients()) {
        assert!((weight.multiplier - coefficient.estimate).abs() < 1e-9, "{weight:?} {coefficient:?}");
        assert!((weight.standard_error - coefficient.standard_error).abs() < 1e-7, "{weight:?} {coefficient:?}");
        assert!((weight.lower - coefficient.lower).abs() < 1e-6);
    }
    assert!((model.intercept() - logistic.intercept().estimate).abs() < 1e-8);
    assert!((model.report().log_likelihood - logistic.report().log_likelihood).abs() < 1e-8);
}

#[test]
fn the_expert_alone_is_the_logistic_fit_on_the_score() {
    let (card, table) = (card(), table(400));
    let won = outcomes(&card, &table, -2.0, [0.05, -0.03, 0.08, 0.05]);
    let outcome = Outcome::binary("won", &won);
    let learner = CardFit::new(card.clone()).strength(Strength::ExpertOnly).scale_prior(0.0);
    let model = learner.fit(&columns(&card, &table), &outcome).unwrap().model;
    let score = tierwise::score(&card, &columns(&card, &table)).unwrap();
    let features = [Feature::number("score")];
    let data = Columns::new(&features, &[("score", &score)]).unwrap();
    let logistic = Logistic::new().alpha(0.0).fit(&data, &outcome).unwrap().model;
    let slope = &logistic.coefficients()[0];
    assert!((model.scale() - slope.estimate).abs() < 1e-10);
    assert!((model.scale_standard_error() - slope.standard_error).abs() < 1e-8);
    for (index, score) in score.iter().enumerate().take(20) {
        let row: Vec<f64> = table.iter().map(|column| column[index]).collect();
        assert!((model.score_row(&row) - logistic.score_row(&[*score])).abs() < 1e-9);
        // The variance of a + b·score, from the 2 × 2 information computed by hand.
        let interval = model.interval_row(&row, 0.95).unwrap();
        assert!((probability(model.score_row(&row)) - interval.probability).abs() < 1e-15);
    }
    // A very strong pull comes to the same.
    let strong = CardFit::new(card.clone()).strength(Strength::Deals(1e9)).scale_prior(0.0);
    let strong = strong.fit(&columns(&card, &table), &outcome).unwrap().model;
    for multiplier in multipliers(&strong) {
        assert!((multiplier - model.scale()).abs() < 1e-6, "{multiplier} {}", model.scale());
    }
}

#[test]
fn bounds_are_kept_exactly_and_the_conditions_of_an_optimum_hold() {
    let free =
        fit(&CardFit::new(card()).non_negative(NonNegative::None), &card(), 3000, -2.0, [0.05, -0.1, 0.08, 0.05]);
    assert!(multipliers(&free)[1] < 0.0);
    let bounded = fit(&CardFit::new(card()), &card(), 3000, -2.0, [0.05, -0.1, 0.08, 0.05]);
    let weights = bounded.weights(0.95).unwrap();
    assert_eq!((weights[1].multiplier, weights[1].standard_error, weights[1].at_bound), (0.0, 0.0, true));
    assert!(weights.iter().enumerate().all(|(at, one)| at == 1 || one.multiplier > 0.0 && !one.at_bound));
    assert!(bounded.report().gradient < 1e-6, "{}", bounded.report().gradient);
    assert!(bounded.report().findings.iter().any(|finding| finding.contains("`visits`")));
    let named = CardFit::new(card()).non_negative(NonNegative::Named(vec!["asked".into()]));
    assert!(multipliers(&fit(&named, &card(), 3000, -2.0, [0.05, -0.1, 0.08, 0.05]))[1] < 0.0);
}

#[test]
fn many_deals_overrule_the_expert_and_few_do_not() {
    let slopes = [0.10, 0.02, 0.05, 0.0];
    let many = fit(&CardFit::new(card()), &card(), 60_000, -2.5, slopes);
    for (found, true_slope) in multipliers(&many).iter().zip(slopes) {
        assert!((found - true_slope).abs() < 0.01, "{found} {true_slope}");
    }
    assert!(many.strength() < 6000.0, "{}", many.strength());
    let few = fit(&CardFit::new(card()), &card(), 60, -2.5, [0.05; 4]);
    assert!(few.strength() > 60.0, "{}", few.strength());
}

#[test]
fn rare_and_common_outcomes_and_labels_in_either_order() {
    let (card, table) = (card(), table(3000));
    for rate in [0.01, 0.1, 0.5, 0.9, 0.99] {
        let won = outcomes(&card, &table, log_odds(rate) - 1.2, [0.05, 0.05, 0.02, 0.03]);
        let share = won.iter().filter(|&&won| won).count() as f64 / 3000.0;
        let names = |won: &[bool]| won.iter().map(|&won| if won { "won" } else { "lost" }).collect::<Vec<_>>();
        let data = columns(&card, &table);
        let model = CardFit::new(card.clone())
            .fit(&data, &Outcome::labels("result", &names(&won), "won").unwrap())
            .unwrap()
            .model;
        assert_eq!(model.positive(), "won");
        let mean = model.interval(&data, 0.9).unwrap().probability.iter().sum::<f64>() / 3000.0;
        assert!((mean - share).abs() < 1e-9, "{mean} {share}");
        assert!(model.scale() > 0.0);
        // Asked for the other class, free of signs and with the proportions of the card, all signs turn.
        let either = CardFit::new(card.clone()).strength(Strength::Deals(0.0)).non_negative(NonNegative::None);
        let of =
            |positive| either.fit(&data, &Outcome::labels("result", &names(&won), positive).unwrap()).unwrap().model;
        let (won, lost) = (of("won"), of("lost"));
        for (a, b) in multipliers(&won).iter().zip(multipliers(&lost)) {
            assert!((a + b).abs() < 1e-8);
        }
    }
}

#[test]
fn separation_stays_finite_with_the_prior_and_is_named_without() {
    let (card, table) = (card(), table(100));
    let score = tierwise::score(&card, &columns(&card, &table)).unwrap();
    let won: Vec<bool> = score.iter().map(|&score| score > 45.0).collect();
    let (data, outcome) = (columns(&card, &table), Outcome::binary("won", &won));
    for strength in [Strength::CrossValidated, Strength::ExpertOnly, Strength::Deals(1e-3)] {
        let model = CardFit::new(card.clone()).strength(strength).fit(&data, &outcome).unwrap().model;
        let intervals = model.interval(&data, 0.95).unwrap();
        assert!(
            intervals.low.iter().zip(&intervals.high).all(|(low, high)| low <= high && *low >= 0.0 && *high <= 1.0)
        );
        assert!(model.scale().is_finite() && model.scale() > 0.0);
    }
    let bare = CardFit::new(card.clone()).strength(Strength::ExpertOnly).scale_prior(0.0).fit(&data, &outcome);
    assert_eq!(bare.unwrap_err().code(), "separation");
    let bare = CardFit::new(card.clone()).strength(Strength::Deals(0.0)).fit(&data, &outcome).unwrap_err();
    assert_eq!(bare.code(), "separation", "{bare}");
}

#[test]
fn an_upside_down_card_has_no_scale() {
    let model = fit(&CardFit::new(card()), &card(), 500, 2.0, [-0.1; 4]);
    assert_eq!((model.scale(), multipliers(&model)), (0.0, vec![0.0; 4]));
    assert!(model.report().findings.iter().any(|finding| finding.contains("does not tell won from lost")));
    assert!(model.weights(0.95).unwrap()[0].relative.is_nan());
}

#[test]
fn what_does_not_vary_keeps_the_experts_proportion() {
    let (card, mut table) = (card(), table(400));
    table[0].fill(1.0);
    let won = outcomes(&card, &table, -3.0, [0.05, 0.03, 0.08, 0.05]);
    let model = CardFit::new(card.clone()).fit(&columns(&card, &table), &Outcome::binary("won", &won)).unwrap().model;
    let weight = &model.weights(0.95).unwrap()[0];
    assert!(weight.unlearned && (weight.multiplier - model.scale()).abs() < 1e-15);
    assert!((weight.standard_error - model.scale_standard_error()).abs() < 1e-12);
    // A lead unlike all deals is less certain.
    let known = model.interval_row(&[1.0, 3.0, 1.0, 3.0], 0.95).unwrap();
    let unlike = model.interval_row(&[0.0, 3.0, 1.0, 3.0], 0.95).unwrap();
    assert!(unlike.standard_error > known.standard_error);
}

#[test]
fn an_answer_of_its_own_keeps_the_experts_order() {
    // The middle answer is in truth as good as the best one, and unknown as bad as nothing.
    let (card, table) = (card(), table(20_000));
    let value = |points: f64| if points >= 10.0 { 2.0 } else { 0.0 };
    let points = as_features(&card, &table);
    let won: Vec<bool> = (0..20_000).map(|row| noise(row, 99) < probability(-1.5 + value(points[1][row]))).collect();
    let learner = CardFit::new(card.clone()).per(Per::Answer);
    let model = learner.fit(&columns(&card, &table), &Outcome::binary("won", &won)).unwrap().model;
    let answers = model.answers();
    let of = |answer: &str| {
        answers.iter().find(|one| one.characteristic == "visits" && one.answer == answer).unwrap().log_odds
    };
    assert!((of("4 or more") - of("otherwise") - 2.0).abs() < 0.15);
    assert!((of("2 or more") - of("4 or more")).abs() < 0.15, "{answers:?}");
    assert!((of("unknown") - of("otherwise")).abs() < 0.3, "{answers:?}");
    assert!(of("otherwise") <= of("unknown") && of("unknown") <= of("2 or more"));
}

#[test]
fn to_points_rounded_and_not() {
    let model = fitted();
    let scale = PointsScale::default();
    let scaled = model.to_card(scale, 1.0, None).unwrap();
    let table = table(300);
    let card = card();
    let data = columns(&card, &table);
    let log_odds = tierwise::score(&model, &data).unwrap();
    let bind = |card: &Scorecard| {
        tierwise::score(card, &Columns::in_order(card.features(), table.iter().map(Vec::as_slice).collect()).unwrap())
            .unwrap()
    };
    let (rounded, unrounded) = (bind(&scaled.rounded), bind(&scaled.unrounded));
    for ((log_odds, rounded), unrounded) in log_odds.iter().zip(&rounded).zip(&unrounded) {
        assert!((scale.points(*log_odds) - unrounded).abs() < 1e-9);
        assert!((rounded - unrounded).abs() <= scaled.largest_drift + 1e-9);
    }
    assert!(scaled.largest_drift > 0.0 && scaled.largest_drift <= 0.5 * 5.0);
    for one in &scaled.rounded.spec().characteristics {
        assert!(one.attributes.iter().all(|attribute| attribute.points == attribute.points.round()), "{one:?}");
    }
    assert!((scale.log_odds(scale.points(0.3)) - 0.3).abs() < 1e-12);
}

#[test]
fn a_scaled_card_grades_by_win_rate_and_keeps_prerequisites() {
    let mut spec = card().spec().clone();
    spec.features.push(Feature::yes_no("met"));
    spec.grades = Some(tierwise::Bands::falling("grades", &["A", "B"], &[40.0]).unwrap());
    spec.prerequisites = vec![Prerequisite::new("met", Condition::Yes).correct(Correction::CapAt("B".into()))];
    let card = Scorecard::new(spec).unwrap();
    let mut table = table(300);
    let won = outcomes(&card, &table, -2.0, [0.05; 4]);
    table.push(vec![1.0; 300]);
    let model = CardFit::new(card.clone()).fit(&columns(&card, &table), &Outcome::binary("won", &won)).unwrap().model;
    let scale = PointsScale::default();
    let grades = scale.grades(&["A", "B"], &[0.4]).unwrap();
    let graded = model.to_card(scale, 1.0, Some(grades)).unwrap().unrounded;
    let mut record = graded.record();
    record
        .set("size", 3.0)
        .unwrap()
        .set("asked", true)
        .unwrap()
        .set("visits", 5.0)
        .unwrap()
        .set("country", "DE")
        .unwrap();
    let result = graded.grade(&record).unwrap();
    let row: Vec<f64> = record.values().to_vec();
    assert_eq!(result.raw_grade, if probability(model.score_row(&row)) >= 0.4 { "A" } else { "B" });
    assert_eq!(result.grade, "B"); // nobody knows whether the key person was met
    // Without grades neither the prerequisite nor its feature is left.
    assert_eq!(model.to_card(scale, 1.0, None).unwrap().rounded.features().len(), 4);
    let wrong = scale.grades(&["X", "Y"], &[0.4]).unwrap();
    assert_eq!(model.to_card(scale, 1.0, Some(wrong)).unwrap_err().code(), "invalid_scorecard");
    assert_eq!(scale.grades(&["A", "B"], &[1.5]).unwrap_err().code(), "invalid_bands");
}

#[test]
fn the_order_of_rows_and_the_split_of_weights_play_no_part() {
    let (card, table) = (card(), table(500));
    let won = outcomes(&card, &table, -2.0, [0.05, 0.03, 0.08, 0.02]);
    let model = CardFit::new(card.clone()).fit(&columns(&card, &table), &Outcome::binary("won", &won)).unwrap().model;
    let order: Vec<usize> = (0..500).map(|row| (row * 37 + 11) % 500).collect();
    let shuffled: Vec<Vec<f64>> = table.iter().map(|column| order.iter().map(|&row| column[row]).collect()).collect();
    let won_shuffled: Vec<bool> = order.iter().map(|&row| won[row]).collect();
    let again = CardFit::new(card.clone())
        .fit(&columns(&card, &shuffled), &Outcome::binary("won", &won_shuffled))
        .unwrap()
        .model;
    let bits = |model: &FittedCard| tierwise::model::fingerprint(model).unwrap();
    assert_eq!(bits(&model), bits(&again));
    // A weight of 2 is the row twice, one of 0 no row.
    let weights: Vec<f64> = (0..500).map(|row| f64::from(row % 3)).collect();
    let repeated: Vec<usize> = (0..500).flat_map(|row| vec![row; row % 3]).collect();
    let twice: Vec<Vec<f64>> = table.iter().map(|column| repeated.iter().map(|&row| column[row]).collect()).collect();
    let won_twice: Vec<bool> = repeated.iter().map(|&row| won[row]).collect();
    let stated = CardFit::new(card.clone()).strength(Strength::Deals(50.0));
    let weighted =
        stated.fit(&columns(&card, &table), &Outcome::binary("won", &won).weights(weights).unwrap()).unwrap().model;
    let twice = stated.fit(&columns(&card, &twice), &Outcome::binary("won", &won_twice)).unwrap().model;
    for (a, b) in multipliers(&weighted).iter().zip(multipliers(&twice)) {
        assert!((a - b).abs() < 1e-10);
    }
}

#[test]
fn the_path_says_what_was_chosen_and_why() {
    let model = fitted();
    let path = model.path();
    assert_eq!((path.len(), model.folds()), (12, 5));
    assert_eq!(path.iter().filter(|point| point.chosen).count(), 1);
    let chosen = path.iter().find(|point| point.chosen).unwrap();
    assert_eq!(chosen.strength.unwrap_or(f64::INFINITY), model.strength());
    assert!(chosen.above_best <= chosen.above_best_standard_error);
    let least = path.iter().map(|point| point.log_loss).fold(f64::INFINITY, f64::min);
    assert!(path.iter().all(|point| (point.log_loss - point.above_best - least).abs() < 1e-12));
    // Every stronger one loses by more than its standard error.
    let stronger = path.iter().take_while(|point| !point.chosen);
    assert!(stronger.into_iter().all(|point| point.above_best > point.above_best_standard_error));
    let best = fit(&CardFit::new(card()).rule(Rule::Best), &card(), 300, -2.0, [0.05, 0.02, 0.08, 0.05]);
    assert_eq!(best.path().iter().find(|point| point.chosen).unwrap().above_best, 0.0);
}

#[test]
fn refusals_say_what_and_where() {
    let (card, table) = (card(), table(40));
    let data = columns(&card, &table);
    let one_won: Vec<bool> = (0..40).map(|row| row < 2).collect();
    let few = CardFit::new(card.clone()).fit(&data, &Outcome::binary("won", &one_won)).unwrap_err();
    assert!(matches!(few, Error::NotEnoughData { needed: 3, found: 2, .. }), "{few}");
    assert!(
        CardFit::new(card.clone())
            .strength(Strength::Deals(10.0))
            .fit(&data, &Outcome::binary("won", &one_won))
            .is_ok()
    );
    let three: Vec<bool> = (0..40).map(|row| row < 3).collect();
    assert_eq!(CardFit::new(card.clone()).fit(&data, &Outcome::binary("won", &three)).unwrap().model.folds(), 3);
    let all = Outcome::binary("won", &[true; 40]);
    assert_eq!(CardFit::new(card.clone()).fit(&data, &all).unwrap_err().code(), "one_class");
    let half: Vec<bool> = (0..40).map(|row| row % 2 == 0).collect();
    let outcome = Outcome::binary("won", &half);
    let refused = |fit: CardFit| fit.fit(&data, &outcome).unwrap_err().to_string();
    let new = || CardFit::new(card.clone());
    assert_eq!(
        refused(new().strength(Strength::Deals(-1.0))),
        "The `strength` of `CardFit` must be a number of deals in [0, inf). Got -1."
    );
    assert!(refused(new().folds(1)).contains("`folds`"));
    assert!(refused(new().scale_prior(f64::NAN)).contains("`scale_prior`"));
    assert!(refused(new().non_negative(NonNegative::Named(vec!["askd".into()]))).contains("`askd`"));
    let offset = outcome.clone().offsets(vec![0.0; 40]).unwrap();
    assert!(new().fit(&data, &offset).unwrap_err().to_string().contains("`offsets`"));
    let same: Vec<Vec<f64>> = table.iter().map(|column| vec![column[5]; 40]).collect();
    assert_eq!(new().fit(&columns(&card, &same), &outcome).unwrap_err().code(), "no_variation");
    let model = fitted();
    assert_eq!(model.interval_row(&[1.0], 0.9).unwrap_err().code(), "wrong_length");
    assert_eq!(model.weights(1.0).unwrap_err().code(), "invalid_parameter");
    assert_eq!(model.to_card(PointsScale::default(), 0.0, None).unwrap_err().code(), "invalid_parameter");
    assert!(PointsScale::new(600.0, -1.0, 50.0).unwrap_err().to_string().contains("`odds`"));
}

#[test]
fn intervals_cover_the_true_probability_about_as_often_as_they_say() {
    let card = card();
    let slopes = [0.05, 0.02, 0.06, 0.04];
    let (mut covered, mut all) = (0, 0);
    for case in 0..60 {
        let whole = table(60 * 400);
        let part: Vec<Vec<f64>> = whole.iter().map(|column| column[case * 400..(case + 1) * 400].to_vec()).collect();
        let whole_won = outcomes(&card, &whole, -2.0, slopes);
        let won = &whole_won[case * 400..(case + 1) * 400];
        let learner = CardFit::new(card.clone()).strength(Strength::Deals(0.0)).non_negative(NonNegative::None);
        let model = learner.fit(&columns(&card, &part), &Outcome::binary("won", won)).unwrap().model;
        for row in [[1.0, 5.0, 0.0, 3.0], [0.0, 1.0, 2.0, 0.5], [0.0, f64::NAN, 1.0, 6.0]] {
            let mut points = [0.0; 4];
            card.contributions_row(&row, &mut points);
            let truth = probability(points.iter().zip(slopes).fold(-2.0, |sum, (points, slope)| sum + slope * points));
            let interval = model.interval_row(&row, 0.9).unwrap();
            covered += usize::from(interval.low <= truth && truth <= interval.high);
            all += 1;
        }
    }
    // 90 % of 180 is 162, with a standard deviation of 4 if they were independent.
    assert!((150..=175).contains(&covered), "{covered} of {all}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_deals_give_a_model_or_a_typed_error(
        rows in prop::collection::vec((0_u8..3, 0_u8..9, 0_u8..4, -2.0..9.0_f64, any::<bool>(), 0.0..3.0_f64), 1..40),
        strength in prop_oneof![Just(Strength::CrossValidated), Just(Strength::ExpertOnly), (0.0..100.0_f64).prop_map(Strength::Deals)],
        per in prop_oneof![Just(Per::Characteristic), Just(Per::Answer)],
    ) {
        let code = |value: u8, levels: u8| if value == levels { f64::NAN } else { f64::from(value) };
        let table: Vec<Vec<f64>> = vec![
            rows.iter().map(|row| code(row.0, 2)).collect(),
            rows.iter().map(|row| code(row.1, 8)).collect(),
            rows.iter().map(|row| code(row.2, 3)).collect(),
            rows.iter().map(|row| row.3).collect(),
        ];
        let card = card();
        let won: Vec<bool> = rows.iter().map(|row| row.4).collect();
        let weights: Vec<f64> = rows.iter().map(|row| row.5).collect();
        let Ok(outcome) = Outcome::binary("won", &won).weights(weights) else { return Ok(()) };
        let data = columns(&card, &table);
        match CardFit::new(card.clone()).strength(strength).per(per).fit(&data, &outcome) {
            Ok(fitted) => {
                let model = fitted.model;
                prop_assert!(multipliers(&model).iter().all(|one| one.is_finite() && *one >= 0.0));
                let intervals = model.interval(&data, 0.95).unwrap();
                for ((low, middle), high) in intervals.low.iter().zip(&intervals.probability).zip(&intervals.high) {
                    prop_assert!(0.0 <= *low && low <= middle && middle <= high && *high <= 1.0);
                }
            }
            Err(error) => prop_assert!(
                ["one_class", "not_enough_data", "no_variation", "separation", "collinear"].contains(&error.code()),
                "{}", error
            ),
        }
    }
}
