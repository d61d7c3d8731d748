//! The boosted additive card: that it learns what is there, keeps to its constraints, and is the same whatever runs it.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use std::ops::ControlFlow;
use tierwise::learn::{
    Additive, AdditiveModel, Direction, GradientHistogram, NumberLoss, NumberOutcome, Probability, probability,
    similar_records,
};
use tierwise::{Columns, Explain, Feature, Fit, Outcome, Score, Summary, Unknown, score};

/// Numbers in [0, 1) that look random and are the same for ever.
fn draws(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    };
    (0..count).map(|_| next()).collect()
}

struct Customers {
    features: Vec<Feature>,
    table: Vec<Vec<f64>>,
    happened: Vec<bool>,
}

/// A step in a number, levels, an interaction of two numbers that has no main effect, and noise.
fn customers(rows: usize, base: f64, seed: u64) -> Customers {
    let names = ["step", "left", "right", "noise"];
    let mut features: Vec<Feature> = names.map(|name| Feature::number(name).with_unknown(Unknown::Own)).into();
    features.push(Feature::category("level", ["a", "b", "c"]).with_unknown(Unknown::Own));
    let mut table: Vec<Vec<f64>> = (0..4).map(|column| draws(rows, seed + column)).collect();
    table.push(draws(rows, seed + 10).iter().map(|draw| (draw * 3.0).floor()).collect());
    for row in (0..rows).step_by(13) {
        table[0][row] = f64::NAN;
    }
    let luck = draws(rows, seed + 20);
    let happened = (0..rows)
        .map(|row| {
            let step = if table[0][row].is_nan() { 0.5 } else { 2.0 * f64::from(u8::from(table[0][row] > 0.6)) - 0.8 };
            let both = if (table[1][row] > 0.5) == (table[2][row] > 0.5) { 1.0 } else { -1.0 };
            luck[row] < probability(base + step + both + [0.0, 0.6, -0.6][table[4][row] as usize])
        })
        .collect();
    Customers { features, table, happened }
}

impl Customers {
    fn columns(&self) -> Columns<'_> {
        Columns::in_order(&self.features, self.table.iter().map(Vec::as_slice).collect()).unwrap()
    }

    fn fit(&self, learner: &Additive) -> AdditiveModel {
        learner.fit(&self.columns(), &Outcome::binary("happened", &self.happened)).unwrap().model
    }
}

/// The share of pairs of one who did and one who did not that the scores put in order.
fn auc(scores: &[f64], happened: &[bool]) -> f64 {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[a].total_cmp(&scores[b]));
    let (mut below, mut pairs) = (0.0, 0.0);
    for row in order {
        if happened[row] { pairs += below } else { below += 1.0 }
    }
    pairs / (below * (scores.len() as f64 - below))
}

#[test]
fn it_finds_steps_levels_unknowns_and_an_interaction_without_main_effects() {
    let (train, test) = (customers(4000, -0.5, 1), customers(4000, -0.5, 1000));
    let with = train.fit(&Additive::new().bags(4));
    let without = train.fit(&Additive::new().bags(4).pairs(0));
    let judged = |model: &AdditiveModel| auc(&score(model, &test.columns()).unwrap(), &test.happened);
    assert!(judged(&with) > 0.79, "{}", judged(&with));
    assert!(judged(&without) < judged(&with) - 0.06, "{}", judged(&without));
    let mut importance = with.importance();
    importance.sort_by(|a, b| b.1.total_cmp(&a.1));
    let first: Vec<&str> = importance.iter().take(3).map(|(name, _)| *name).collect();
    assert!(first.contains(&"left & right") && first.contains(&"step") && first.contains(&"level"), "{importance:?}");
    let last = importance.iter().position(|(name, _)| *name == "noise").unwrap();
    assert!(last >= 3 && importance[last].1 < 0.15, "{importance:?}");
}

#[test]
fn a_pair_holds_nothing_that_one_feature_does_alone() {
    let model = customers(2000, 0.0, 5).fit(&Additive::new().bags(3));
    let pairs: Vec<String> =
        model.importance().iter().map(|(name, _)| (*name).to_owned()).filter(|name| name.contains('&')).collect();
    assert!(!pairs.is_empty());
    for pair in pairs {
        let spec = model.scorecard().spec().pairs.iter().find(|one| one.name == pair).unwrap().clone();
        let cells = model.shape(&pair, 0.95).unwrap();
        let width = spec.columns.len();
        for row in 0..spec.rows.len() {
            let cells = &cells[row * width..(row + 1) * width];
            let weight: f64 = cells.iter().map(|cell| cell.weight).sum();
            let sum: f64 = cells.iter().map(|cell| cell.weight * cell.points).sum();
            assert!(weight == 0.0 || (sum / weight).abs() < 1e-6, "{pair}, row {row}: {}", sum / weight);
        }
    }
}

#[test]
fn probabilities_are_right_on_average_at_every_base_rate_and_in_either_order() {
    for base in [-5.4, -2.6, 0.0, 2.6, 5.4] {
        let customers = customers(3000, base, 77);
        let positives = customers.happened.iter().filter(|&&yes| yes).count();
        assert!(positives.min(3000 - positives) >= 10, "{positives}");
        let model = customers.fit(&Additive::new().bags(3));
        let scores = score(&model, &customers.columns()).unwrap();
        let mean = scores.iter().map(|&one| probability(one)).sum::<f64>() / 3000.0;
        assert!((mean - positives as f64 / 3000.0).abs() < 1e-9, "{mean}");
        assert!(auc(&scores, &customers.happened) > 0.7);
        assert_eq!(model.positive(), "true");

        // The same customers with the other class as the positive one: all signs turn.
        let other: Vec<bool> = customers.happened.iter().map(|yes| !yes).collect();
        let turned = Additive::new().bags(3).fit(&customers.columns(), &Outcome::binary("stayed", &other)).unwrap();
        let turned = score(&turned.model, &customers.columns()).unwrap();
        assert!(auc(&turned, &other) > 0.7);
        let mean = turned.iter().map(|&one| probability(one)).sum::<f64>() / 3000.0;
        assert!((mean - (1.0 - positives as f64 / 3000.0)).abs() < 1e-9, "{mean}");
    }
}

#[test]
fn the_number_of_threads_has_no_say() {
    let customers = customers(1500, 0.0, 3);
    let with_threads = |count| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build().unwrap();
        pool.install(|| tierwise::model::save(&customers.fit(&Additive::new().bags(3))).unwrap())
    };
    assert_eq!(with_threads(1), with_threads(3));
}

#[test]
fn seeds_make_bags_and_bags_make_intervals() {
    let customers = customers(1500, 0.0, 3);
    let learner = Additive::new().bags(4).pairs(0);
    let (one, other) = (customers.fit(&learner), customers.fit(&learner.clone().seed(1)));
    assert_ne!(tierwise::model::save(&one).unwrap(), tierwise::model::save(&other).unwrap());
    let steps = one.shape("step", 0.9).unwrap();
    assert!(steps.iter().all(|step| step.low <= step.points && step.points <= step.high));
    assert!(steps.iter().any(|step| step.high > step.low));
    let total: f64 = steps.iter().map(|step| step.weight).sum();
    assert!((total - 1500.0).abs() < 1e-6);
    let single = customers.fit(&Additive::new().bags(1).pairs(0)).shape("step", 0.9).unwrap();
    assert!(single.iter().all(|step| step.standard_error == 0.0));
}

#[test]
fn weights_count_customers_whatever_their_unit_and_zero_is_absent() {
    let customers = customers(1200, 0.0, 9);
    let weights: Vec<f64> = (0..1200).map(|row| f64::from(row % 3)).collect();
    let scaled: Vec<f64> = weights.iter().map(|weight| weight * 8.0).collect();
    let fit = |weights: &[f64]| {
        let outcome = Outcome::binary("happened", &customers.happened).weights(weights.to_vec()).unwrap();
        Additive::new().bags(2).fit(&customers.columns(), &outcome).unwrap().model
    };
    let (one, other) = (fit(&weights), fit(&scaled));
    assert_eq!(one.scorecard(), other.scorecard());
    let mut changed = customers.table[0].clone();
    (0..1200).filter(|row| row % 3 == 0).for_each(|row| changed[row] = 1e9);
    let mut table = customers.table.clone();
    table[0] = changed;
    let columns = Columns::in_order(&customers.features, table.iter().map(Vec::as_slice).collect()).unwrap();
    let outcome = Outcome::binary("happened", &customers.happened).weights(weights).unwrap();
    let without = Additive::new().bags(2).pairs(0).fit(&columns, &outcome).unwrap().model;
    let highest = without.shape("step", 0.95).unwrap().iter().filter_map(|step| step.from).fold(0.0, f64::max);
    assert!(highest < 1.0, "{highest}");
}

#[test]
fn offsets_are_taken_as_given() {
    let customers = customers(2000, 0.0, 4);
    let offsets: Vec<f64> = draws(2000, 99).iter().map(|draw| 4.0 * draw - 2.0).collect();
    let outcome = Outcome::binary("happened", &customers.happened).offsets(offsets.clone()).unwrap();
    let model = Additive::new().bags(2).fit(&customers.columns(), &outcome).unwrap().model;
    let scores = score(&model, &customers.columns()).unwrap();
    let mean = scores.iter().zip(&offsets).map(|(score, offset)| probability(score + offset)).sum::<f64>() / 2000.0;
    let rate = customers.happened.iter().filter(|&&yes| yes).count() as f64 / 2000.0;
    assert!((mean - rate).abs() < 1e-9, "{mean} {rate}");
}

#[test]
fn a_number_is_learned_by_either_loss() {
    let rows = 2000;
    let x = draws(rows, 1);
    let features = [Feature::number("x")];
    let columns = Columns::in_order(&features, vec![&x]).unwrap();
    let counts: Vec<f64> = x.iter().zip(draws(rows, 2)).map(|(x, luck)| (3.0 * x * luck * 2.0).round()).collect();
    let outcome = NumberOutcome::new("orders", &counts).unwrap();
    for loss in [NumberLoss::Squared, NumberLoss::Poisson] {
        let model = Additive::new().bags(3).fit_number(&columns, &outcome, loss).unwrap();
        let means = model.predict(&columns).unwrap();
        let (total, actual): (f64, f64) = (means.iter().sum(), counts.iter().sum());
        assert!((total - actual).abs() < 1e-6 * actual, "{loss:?}: {total} {actual}");
        assert!(model.report().loss < model.report().null_loss);
        assert!(model.predict_row(&[0.9]) > model.predict_row(&[0.1]) + 1.5);
    }
    // Large numbers, far from 0: the mean must be reached all the same.
    let spent: Vec<f64> = x.iter().map(|x| 2.5e6 + 1e5 * x).collect();
    let model = Additive::new()
        .bags(2)
        .fit_number(&columns, &NumberOutcome::new("spent", &spent).unwrap(), NumberLoss::Squared)
        .unwrap();
    let means = model.predict(&columns).unwrap();
    assert!(means.iter().zip(&spent).all(|(mean, spent)| (mean - spent).abs() < 2e4));
    let negative = NumberOutcome::new("orders", vec![-1.0; rows]).unwrap();
    let refused = Additive::new().fit_number(&columns, &negative, NumberLoss::Poisson).unwrap_err();
    assert_eq!(refused.code(), "invalid_value");
}

/// Euros or cents: the same customers, the same shapes.
#[test]
fn the_unit_of_a_number_has_no_say() {
    let rows = 1500;
    let (x, noise) = (draws(rows, 1), draws(rows, 2));
    let features = [Feature::number("x")];
    let columns = Columns::in_order(&features, vec![&x]).unwrap();
    let spent: Vec<f64> =
        (0..rows).map(|row| f64::from(u8::from(x[row] > 0.7)) + (6.0 * x[row]).sin() + noise[row]).collect();
    let predict = |unit: f64| {
        let outcome: Vec<f64> = spent.iter().map(|spent| spent * unit).collect();
        let outcome = NumberOutcome::new("spent", &outcome).unwrap();
        let model = Additive::new().bags(3).fit_number(&columns, &outcome, NumberLoss::Squared).unwrap();
        model.predict(&columns).unwrap().iter().map(|mean| mean / unit).collect::<Vec<f64>>()
    };
    let whole = predict(1.0);
    for unit in [1e-6, 1e6] {
        let far = predict(unit).iter().zip(&whole).fold(0.0, |far: f64, (a, b)| far.max((a - b).abs()));
        assert!(far < 1e-6, "unit {unit}: {far}");
    }
    let step = |at: f64| whole[x.iter().position(|x| (x - at).abs() < 5e-3).unwrap()];
    assert!(step(0.72) - step(0.68) > 0.5, "{} {}", step(0.68), step(0.72));
}

/// Counts of thousands, whose loss is far from 0 whatever is learned.
#[test]
fn large_counts_are_learned_as_closely_as_small_ones() {
    let rows = 1500;
    let x = draws(rows, 1);
    let features = [Feature::number("x")];
    let columns = Columns::in_order(&features, vec![&x]).unwrap();
    for scale in [5.0, 5e5] {
        let counts: Vec<f64> = x.iter().map(|x| (scale * (1.0 + x)).round()).collect();
        let outcome = NumberOutcome::new("orders", &counts).unwrap();
        let model = Additive::new().bags(3).fit_number(&columns, &outcome, NumberLoss::Poisson).unwrap();
        let means = model.predict(&columns).unwrap();
        let wrong =
            means.iter().zip(&counts).map(|(mean, count)| (mean - count).abs() / scale).sum::<f64>() / rows as f64;
        assert!(wrong < 0.04, "scale {scale}: {wrong}");
    }
}

#[test]
fn what_cannot_be_learned_is_refused_by_name() {
    let customers = customers(300, 0.0, 4);
    let outcome = Outcome::binary("happened", &customers.happened);
    let code = |learner: &Additive| learner.fit(&customers.columns(), &outcome).unwrap_err().code();
    for learner in [
        Additive::new().bags(0),
        Additive::new().pairs(51),
        Additive::new().learning_rate(0.0),
        Additive::new().held_out(1.0),
        Additive::new().max_bins(1),
        Additive::new().max_bins(256),
        Additive::new().patience(0),
        Additive::new().smoothing(f64::NAN),
        Additive::new().monotone("level", Direction::Ascending),
    ] {
        assert_eq!(code(&learner), "invalid_parameter");
    }
    assert_eq!(code(&Additive::new().monotone("nobody", Direction::Ascending)), "unknown_feature");
    let constant = [Feature::number("one")];
    let ones = vec![1.0; 300];
    let columns = Columns::in_order(&constant, vec![&ones]).unwrap();
    assert_eq!(Additive::new().fit(&columns, &outcome).unwrap_err().code(), "no_variation");
    let rare: Vec<bool> = (0..300).map(|row| row < 3).collect();
    let outcome = Outcome::binary("rare", &rare);
    assert_eq!(Additive::new().fit(&customers.columns(), &outcome).unwrap_err().code(), "not_enough_data");
}

#[test]
fn a_fit_tells_how_far_it_is_and_stops_when_asked() {
    let customers = customers(600, 0.0, 4);
    let outcome = Outcome::binary("happened", &customers.happened);
    for bags in [1, 5] {
        let mut told = 0;
        let mut watch = |_| {
            told += 1;
            ControlFlow::Break(())
        };
        let stopped = Additive::new().bags(bags).fit_with(&customers.columns(), &outcome, &mut watch).unwrap_err();
        assert_eq!((stopped.code(), told), ("cancelled", 1));
    }
}

#[test]
fn a_constant_column_takes_no_part() {
    let mut customers = customers(600, 0.0, 4);
    customers.features.push(Feature::number("constant"));
    customers.table.push(vec![3.0; 600]);
    let fitted = Additive::new().bags(2).fit(&customers.columns(), &Outcome::binary("h", &customers.happened)).unwrap();
    assert!(fitted.model.features().iter().all(|feature| feature.name() != "constant"));
    assert!(fitted.report.findings.iter().any(|finding| finding.contains("`constant`")));
}

#[test]
fn more_rows_than_a_round_looks_at_are_learned_from_all_the_same() {
    let customers = customers(260_000, 0.0, 6);
    let model = customers.fit(&Additive::new().bags(1).pairs(1).learning_rate(0.2).patience(5));
    assert!(auc(&score(&model, &customers.columns()).unwrap(), &customers.happened) > 0.8);
}

/// What rows held out say must be what new rows say, also where a category of many levels invites a fit to noise.
#[test]
fn held_out_rows_judge_as_new_rows_do() {
    let rows = 3000;
    let levels: Vec<String> = (0..200).map(|level| format!("l{level}")).collect();
    let features = [Feature::category("town", levels.clone()), Feature::category("street", levels)];
    let table =
        |seed: u64| [0, 1].map(|side| draws(rows, seed + side).iter().map(|draw| (draw * 200.0).floor()).collect());
    let luck = |seed| -> Vec<bool> { draws(rows, seed).iter().map(|draw| *draw < 0.5).collect() };
    let [town, street]: [Vec<f64>; 2] = table(1);
    let columns = Columns::in_order(&features, vec![&town, &street]).unwrap();
    let model = Additive::new().bags(6).fit(&columns, &Outcome::binary("y", &luck(7))).unwrap().model;
    let [town, street]: [Vec<f64>; 2] = table(100);
    let columns = Columns::in_order(&features, vec![&town, &street]).unwrap();
    let fresh = tierwise::evaluate::log_loss(
        &Outcome::binary("y", &luck(107)),
        &score(&model, &columns).unwrap().iter().map(|&one| probability(one)).collect::<Vec<_>>(),
        0.0,
    );
    let (fresh, held_out) = (fresh.unwrap(), model.held_out().unwrap().loss);
    assert!((held_out - fresh).abs() < 0.01, "held out {held_out}, new {fresh}");
}

/// Who is unknown in all features earns nothing there; then the constant must be what such customers do.
#[test]
fn where_unknown_earns_nothing_the_constant_is_right_for_the_unknown() {
    let rows = 8000;
    let features = ["a", "b"].map(|name| Feature::number(name).with_unknown(Unknown::Neutral));
    let known: [Vec<f64>; 2] = [1, 2].map(|seed| {
        let mut values = draws(rows, seed);
        draws(rows, seed + 50)
            .iter()
            .zip(&mut values)
            .filter(|(draw, _)| **draw < 0.5)
            .for_each(|(_, v)| *v = f64::NAN);
        values
    });
    let earns = |value: f64| if value.is_nan() { 0.0 } else { 1.0 + value };
    let luck = draws(rows, 9);
    let happened: Vec<bool> =
        (0..rows).map(|row| luck[row] < probability(-2.0 + earns(known[0][row]) + earns(known[1][row]))).collect();
    let columns = Columns::in_order(&features, known.iter().map(Vec::as_slice).collect()).unwrap();
    let model = Additive::new().bags(4).pairs(0).fit(&columns, &Outcome::binary("y", &happened)).unwrap().model;
    let unknown = model.score_row(&[f64::NAN, f64::NAN]);
    assert!((unknown + 2.0).abs() < 0.25, "{unknown}");
    // A term left out gives its mean to the constant.
    let short = model.simplified(3, Some(1)).unwrap();
    let mean = |card: &dyn Score, columns| score(card, columns).unwrap().iter().sum::<f64>() / rows as f64;
    let of_short = Columns::in_order(short.features(), vec![&known[usize::from(short.features()[0].name() == "b")]]);
    let (of_short, of_all) = (mean(&short, &of_short.unwrap()), mean(&model, &columns));
    assert!((of_short - of_all).abs() < 1e-6, "{of_short} {of_all}");
}

#[test]
fn without_caution_points_stay_finite() {
    let customers = customers(500, -2.0, 8);
    let model = customers.fit(&Additive::new().bags(3).smoothing(0.0).level_smoothing(0.0));
    assert!(score(&model, &customers.columns()).unwrap().iter().all(|one| one.is_finite()));
}

#[test]
fn names_of_pairs_are_unique_whatever_features_are_called() {
    let mut customers = customers(2000, 0.0, 5);
    customers.features[3] = Feature::number("left & right").with_unknown(Unknown::Own);
    let model = customers.fit(&Additive::new().bags(3));
    let pair = model.importance().iter().find(|(name, _)| *name == "left & right (2)").copied();
    assert!(pair.is_some_and(|(_, importance)| importance > 0.3), "{:?}", model.importance());
}

#[test]
fn a_short_card_is_short_in_its_pairs_too() {
    let customers = customers(2000, 0.0, 5);
    let model = customers.fit(&Additive::new().bags(3));
    let short = model.simplified(3, Some(4)).unwrap();
    assert!(!short.spec().pairs.is_empty());
    for pair in &short.spec().pairs {
        assert!(
            pair.rows.len() <= 4 && pair.columns.len() <= 4,
            "{} rows, {} columns",
            pair.rows.len(),
            pair.columns.len()
        );
    }
    assert!(auc(&score(&short, &in_order_of(&short, &customers)).unwrap(), &customers.happened) > 0.78);
    // With answers enough nothing is joined.
    assert_eq!(model.simplified(1000, None).unwrap().spec(), model.scorecard().spec());
}

fn in_order_of<'a>(card: &'a tierwise::Scorecard, customers: &'a Customers) -> Columns<'a> {
    let place = |feature: &Feature| customers.features.iter().position(|other| other.name() == feature.name()).unwrap();
    let columns = card.features().iter().map(|feature| customers.table[place(feature)].as_slice()).collect();
    Columns::in_order(card.features(), columns).unwrap()
}

#[test]
fn a_card_has_room_for_so_many_answers() {
    let rows = 400;
    let happened: Vec<bool> = draws(rows, 3).iter().map(|draw| *draw < 0.5).collect();
    let outcome = Outcome::binary("y", &happened);
    let levels = |count: usize| (0..count).map(|level| format!("l{level}")).collect::<Vec<_>>();
    let values: Vec<f64> = draws(rows, 1).iter().map(|draw| (draw * 100.0).floor()).collect();
    let fit = |learner: Additive, count: usize| {
        let features = [Feature::category("town", levels(count)), Feature::number("age")];
        learner.bags(2).fit(&Columns::in_order(&features, vec![&values, &values]).unwrap(), &outcome)
    };
    // As many pairs as there is room for, unless more are asked for.
    assert!(fit(Additive::new(), 60_000).is_ok());
    let refused = fit(Additive::new().pairs(10), 60_000).unwrap_err().to_string();
    assert!(refused.contains("must be at most 4 for this table"), "{refused}");
    let refused = fit(Additive::new(), 66_000).unwrap_err().to_string();
    assert!(refused.contains("`town`"), "{refused}");
}

#[test]
fn large_offsets_and_large_counts() {
    let customers = customers(1000, 0.0, 4);
    let offsets = vec![-400.0; 1000];
    let outcome = Outcome::binary("happened", &customers.happened).offsets(offsets).unwrap();
    let model = Additive::new().bags(2).pairs(0).fit(&customers.columns(), &outcome).unwrap().model;
    let without = customers.fit(&Additive::new().bags(2).pairs(0));
    let row = [0.7, 0.2, 0.3, 0.5, 1.0];
    assert!((model.score_row(&row) - 400.0 - without.score_row(&row)).abs() < 1e-6);

    let x = draws(300, 1);
    let features = [Feature::number("x")];
    let columns = Columns::in_order(&features, vec![&x]).unwrap();
    let mut counts: Vec<f64> = x.iter().map(|x| (x * 5.0).round()).collect();
    counts[17] = 1e14;
    let refused = Additive::new()
        .fit_number(&columns, &NumberOutcome::new("orders", &counts).unwrap(), NumberLoss::Poisson)
        .unwrap_err();
    assert!(refused.code() == "invalid_value" && refused.to_string().contains("17"), "{refused}");
    let same = NumberOutcome::new("orders", vec![3.0; 300]).unwrap();
    let refused = Additive::new().fit_number(&columns, &same, NumberLoss::Squared).unwrap_err();
    assert_eq!(refused.code(), "no_variation");
}

#[test]
fn a_fit_too_short_to_tell_says_so() {
    let customers = customers(600, 0.0, 4);
    let findings = |learner: Additive| {
        let fitted = learner.bags(1).fit(&customers.columns(), &Outcome::binary("h", &customers.happened)).unwrap();
        fitted.report.findings.join(" ")
    };
    assert!(findings(Additive::new().max_rounds(20)).contains("must be above `patience` (40)"));
    assert!(findings(Additive::new().max_rounds(45).learning_rate(0.001)).contains("raise `max_rounds`"));
}

#[test]
fn histograms_of_parts_merge_to_that_of_the_whole() {
    let codes: Vec<u8> = (0..100_u32).map(|row| (row * 7 % 5) as u8).collect();
    let gradients: Vec<[f64; 2]> = (0..100).map(|row| [f64::from(row % 9) - 4.0, 0.25]).collect();
    let mut whole = GradientHistogram::new();
    whole.add(&codes, &gradients);
    let mut parts = GradientHistogram::new();
    parts.add(&codes[..37], &gradients[..37]);
    let mut rest = GradientHistogram::new();
    rest.add(&codes[37..], &gradients[37..]);
    parts.merge(&rest).unwrap();
    for (part, sum) in parts.sums().iter().zip(whole.sums()) {
        assert!((part[0] - sum[0]).abs() < 1e-12 && part[1] == sum[1]); // quarters add up exactly
    }
    let by_hand: f64 = codes.iter().zip(&gradients).filter(|(code, _)| **code == 3).map(|(_, one)| one[0]).sum();
    assert_eq!(whole.sums()[3][0], by_hand);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// The course that was asked for holds between any two values, whatever else is known of the customer.
    #[test]
    fn monotone_means_monotone(seed in 0u64..1000, rising: bool, values in prop::collection::vec(-0.2f64..1.2, 8)) {
        let customers = customers(400, 0.0, seed);
        let direction = if rising { Direction::Ascending } else { Direction::Descending };
        let learner = Additive::new().bags(2).max_rounds(60).monotone("step", direction).monotone("left", direction);
        let model = customers.fit(&learner);
        let mut values = values;
        values.sort_unstable_by(f64::total_cmp);
        for feature in [0, 1] {
            let mut row = vec![0.3, 0.7, 0.2, 0.9, 1.0];
            let scores: Vec<f64> = values.iter().map(|&value| { row[feature] = value; model.score_row(&row) }).collect();
            let steps = scores.windows(2).map(|pair| if rising { pair[1] - pair[0] } else { pair[0] - pair[1] });
            for step in steps {
                prop_assert!(step >= -1e-12, "{scores:?}");
            }
        }
    }

    /// The card is the model: the same bits, and the same reasons.
    #[test]
    fn the_card_is_the_model(seed in 0u64..1000) {
        let customers = customers(300, 0.0, seed);
        let model = customers.fit(&Additive::new().bags(2).max_rounds(40));
        let columns = customers.columns();
        let (scores, by_card) = (score(&model, &columns).unwrap(), score(model.scorecard(), &columns).unwrap());
        prop_assert!(scores.iter().zip(&by_card).all(|(one, other)| one.to_bits() == other.to_bits()));
        prop_assert_eq!(Explain::base(&model).to_bits(), Explain::base(model.scorecard()).to_bits());
    }
}

#[test]
fn the_nearest_records_are_those_of_looking_at_all() {
    let customers = customers(400, 0.0, 8);
    let model = customers.fit(&Additive::new().bags(2));
    let columns = customers.columns();
    let asked = columns.slice(10..13);
    let near = similar_records(&model, &columns, &asked, 7).unwrap();
    let points = tierwise::explain(&model, &columns).unwrap();
    let scores = score(&model, &columns).unwrap();
    for (record, near) in near.iter().enumerate() {
        let far = |row: usize| points.iter().map(|term| (term[row] - term[10 + record]).abs()).sum::<f64>();
        let mut all: Vec<(f64, usize)> = (0..400).map(|row| (far(row), row)).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        assert_eq!(near[0].distance, 0.0);
        for (found, (distance, row)) in near.iter().zip(all) {
            assert_eq!((found.row, found.distance), (row, distance));
            assert!((scores[found.row] - scores[10 + record]).abs() <= found.distance + 1e-12);
        }
    }
    assert_eq!(similar_records(&model, &asked, &columns, 7).unwrap()[0].len(), 3);
    assert_eq!(similar_records(&model, &columns, &asked, 0).unwrap_err().code(), "invalid_parameter");
}
