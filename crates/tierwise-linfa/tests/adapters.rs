//! linfa-logistic models behind tierwise's traits, at every base rate and with the labels in both orders.

#![allow(clippy::unwrap_used)] // a test may stop where it stands

use linfa::Dataset;
use linfa::traits::Fit;
use linfa_logistic::{
    FittedLogisticRegression, LogisticRegression, MultiFittedLogisticRegression, MultiLogisticRegression,
};
use ndarray::{Array1, Array2};
use tierwise::{Error, Explain, Feature, Score, Unknown, laws, model};
use tierwise_linfa::{LinfaLogistic, LinfaMultinomial, kinds};

laws!(binary, binary(), [Score, Explain, Saved]);
laws!(binary_with_centers, binary_with_centers(), [Score, Explain, Saved]);
laws!(multinomial, multinomial(), [Score, Assign, Saved]);

fn features() -> Vec<Feature> {
    ["age", "visits"].map(|name| Feature::number(name).with_unknown(Unknown::Error)).into()
}

/// 400 customers; `visits` speaks for the positive class. `positives` of them are positive, those with the highest
/// signal and some noise.
fn customers(positives: usize) -> (Array2<f64>, Vec<bool>) {
    const ROWS: usize = 400;
    let noise = |row: usize, step: usize| ((row * step) % 97) as f64 / 97.0;
    let records = Array2::from_shape_fn((ROWS, 2), |(row, column)| noise(row, [31, 57][column]) * 2.0 - 1.0);
    let mut order: Vec<usize> = (0..ROWS).collect();
    let signal = |row: usize| records[[row, 1]] + 1.5 * noise(row, 13);
    order.sort_by(|&one, &two| signal(two).total_cmp(&signal(one)));
    let mut positive = vec![false; ROWS];
    order[..positives].iter().for_each(|&row| positive[row] = true);
    (records, positive)
}

/// A fit on labels, with the rows turned around when asked, so that another class comes first.
fn fit(
    positives: usize,
    names: [&'static str; 2],
    turned: bool,
) -> (FittedLogisticRegression<f64, &'static str>, Array2<f64>, Vec<bool>) {
    let (mut records, mut positive) = customers(positives);
    if turned {
        records.invert_axis(ndarray::Axis(0));
        positive.reverse();
    }
    let labels: Array1<&str> = positive.iter().map(|&positive| names[usize::from(positive)]).collect();
    let fitted = LogisticRegression::default().fit(&Dataset::new(records.clone(), labels)).unwrap();
    (fitted, records, positive)
}

fn binary() -> LinfaLogistic {
    LinfaLogistic::new(&fit(120, ["lost", "won"], false).0, features(), &"won").unwrap()
}

fn binary_with_centers() -> LinfaLogistic {
    let features = vec![Feature::number("age"), Feature::yes_no("visits").with_unknown(Unknown::Error)];
    LinfaLogistic::centered(&fit(120, ["lost", "won"], false).0, features, &[0.25, 0.5], &"won").unwrap()
}

fn multi() -> MultiFittedLogisticRegression<f64, &'static str> {
    let (records, _) = customers(100);
    let plan = records.rows().into_iter().map(|row| match row[1] + 0.3 * row[0] {
        high if high > 0.4 => "pro",
        low if low < -0.3 => "basic",
        _ => "plus",
    });
    let plan: Array1<&str> = plan.collect();
    MultiLogisticRegression::default().fit(&Dataset::new(records, plan)).unwrap()
}

fn multinomial() -> LinfaMultinomial {
    LinfaMultinomial::new(&multi(), features(), &"plus").unwrap()
}

/// linfa's probability is that of the majority; ours is that of the class we named, whatever is frequent and whatever
/// comes first by row or by alphabet.
#[test]
fn the_score_is_about_the_class_that_was_named() {
    for percent in [1, 10, 50, 90, 99] {
        for names in [["lost", "won"], ["won_not", "a_win"]] {
            for turned in [false, true] {
                let (fitted, records, positive) = fit(400 * percent / 100, names, turned);
                let model = LinfaLogistic::new(&fitted, features(), &names[1]).unwrap();
                let other = LinfaLogistic::new(&fitted, features(), &names[0]).unwrap();
                let place = format!("{percent} % {names:?} turned {turned}");
                assert!(model.coefficients()[1] > 0.0, "{place}: visits speak for the positive class");
                let probabilities: Vec<f64> =
                    records.rows().into_iter().map(|row| model.probability_row(&row.to_vec())).collect();
                let mean = probabilities.iter().sum::<f64>() / 400.0;
                assert!((mean - percent as f64 / 100.0).abs() < 0.01, "{place}: mean {mean}");
                let majority = fitted.predict_probabilities(&records);
                for (row, probability) in records.rows().into_iter().zip(&probabilities) {
                    let row = row.to_vec();
                    assert_eq!(other.score_row(&row), -model.score_row(&row), "{place}");
                    assert!((other.probability_row(&row) + probability - 1.0).abs() < 1e-12, "{place}");
                }
                let is_majority = fitted.labels().pos.class == names[1];
                for (ours, linfa) in probabilities.iter().zip(&majority) {
                    let linfa = if is_majority { *linfa } else { 1.0 - linfa };
                    assert!((ours - linfa).abs() < 1e-12, "{place}: {ours} {linfa}");
                }
                assert_eq!(positive.iter().filter(|&&positive| positive).count(), 4 * percent);
            }
        }
    }
}

#[test]
fn multinomial_probabilities_are_linfas() {
    let (fitted, model) = (multi(), multinomial());
    let (records, _) = customers(100);
    let expected = fitted.predict_probabilities(&records);
    for (row, expected) in records.rows().into_iter().zip(expected.rows()) {
        let row = row.to_vec();
        let found = model.probabilities_row(&row);
        for (class, (found, expected)) in found.iter().zip(expected).enumerate() {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
            let of_class = model.for_class(fitted.classes()[class]).unwrap();
            assert!((of_class.probability_row(&row) - expected).abs() < 1e-12);
        }
    }
    assert_eq!(model.for_class("gold").unwrap_err().code(), "invalid_outcome");
}

#[test]
fn unknown_counts_as_the_center_where_the_rule_is_neutral() {
    let model = binary_with_centers();
    assert_eq!(model.score_row(&[f64::NAN, 1.0]), model.score_row(&[0.25, 1.0]));
    assert_eq!(model.score_row(&[0.25, 0.5]), model.base());
    assert!(model.score_row(&[0.25, f64::NAN]).is_nan(), "and is refused where the rule is `error`");
    let neutral = vec![Feature::number("age"), Feature::number("visits")];
    let multi = LinfaMultinomial::centered(&multi(), neutral, &[0.25, 0.5], &"pro").unwrap();
    assert_eq!(multi.score_row(&[f64::NAN, f64::NAN]), multi.score_row(&[0.25, 0.5]));
}

#[test]
fn what_does_not_fit_is_refused() {
    let (fitted, _, _) = fit(120, ["lost", "won"], false);
    let refused = |features: Vec<Feature>, centers: Option<&[f64]>, positive: &'static str| {
        let model = match centers {
            Some(centers) => LinfaLogistic::centered(&fitted, features, centers, &positive),
            None => LinfaLogistic::new(&fitted, features, &positive),
        };
        model.unwrap_err().code()
    };
    let two = |one: Feature| vec![one, Feature::number("visits").with_unknown(Unknown::Error)];
    assert_eq!(refused(features(), None, "Won"), "invalid_outcome");
    assert_eq!(refused(features()[..1].to_vec(), None, "won"), "wrong_length");
    assert_eq!(refused(features(), Some(&[0.0]), "won"), "wrong_length");
    assert_eq!(refused(features(), Some(&[0.0, f64::NAN]), "won"), "invalid_value");
    assert_eq!(refused(two(Feature::number("age")), None, "won"), "invalid_feature");
    assert_eq!(
        refused(two(Feature::number("age").with_unknown(Unknown::Own)), Some(&[0.0, 0.0]), "won"),
        "invalid_feature"
    );
    assert_eq!(
        refused(two(Feature::category("age", ["old"]).with_unknown(Unknown::Error)), None, "won"),
        "invalid_feature"
    );
    assert_eq!(refused(two(Feature::number("visits").with_unknown(Unknown::Error)), None, "won"), "duplicate_feature");
}

#[test]
fn both_live_in_the_model_file() {
    let saved = [model::save(&binary()).unwrap(), model::save(&multinomial()).unwrap()];
    for text in &saved {
        let loaded = kinds().load(text).unwrap();
        assert_eq!(&model::save(loaded.as_ref()).unwrap(), text);
        assert!(loaded.as_score().is_some());
    }
    let edit = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "{from} is not in {text}");
        let end = text.rfind(",\n  \"fingerprint\"").unwrap();
        kinds().load(&format!("{}\n}}", text[..end].replacen(from, to, 1))).unwrap_err()
    };
    let cases = [
        (0, "\"visits\"", "\"age\"", "feature `age` is defined more than once"),
        (0, "\"negative\": \"lost\"", "\"negative\": \"won\"", "the same name"),
        (0, "\"coefficients\": [", "\"coefficients\": [1.0, ", "where 3 are needed"),
        (0, "\"intercept\"", "\"itercept\"", "unknown field `itercept`"),
        (1, "\"positive\": \"plus\"", "\"positive\": \"gold\"", "`basic`, `plus`, `pro`"),
        (1, "\"name\": \"basic\"", "\"name\": \"pro\"", "each a name of its own"),
        (1, "\"coefficients\": [", "\"coefficients\": [1.0, ", "of the class `basic` has 3 values where 2"),
    ];
    for (file, from, to, reason) in cases {
        let error = edit(&saved[file], from, to);
        assert!(matches!(&error, Error::ModelField { .. }), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}
