//! tierwise's fit through linfa's traits, and against linfa-logistic's own fit.

#![allow(clippy::unwrap_used)] // a test may stop where it stands

use linfa::traits::{Fit, Predict};
use linfa::{Dataset, DatasetBase};
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2, ArrayView1, Axis, ShapeBuilder, array, s};
use tierwise::{Error, Explain, Score, learn};
use tierwise_linfa::{FitError, LinfaLogistic, Logistic};

const ROWS: usize = 1000;

/// Customers with four features and noise; the `positives` with the strongest signal are positive.
fn customers(positives: usize) -> (Array2<f64>, Vec<bool>) {
    // A Weyl sequence per column: even, without correlation, and the same everywhere.
    let uniform = |row: usize, step: f64| (row as f64 * step).fract();
    let steps = [2f64.sqrt(), 3f64.sqrt(), 5f64.sqrt(), 7f64.sqrt()];
    let records = Array2::from_shape_fn((ROWS, 4), |(row, column)| uniform(row + 1, steps[column]) * 2.0 - 1.0);
    let noise = |row: usize| {
        let even = uniform(row + 1, 11f64.sqrt()).clamp(1e-6, 1.0 - 1e-6);
        (even / (1.0 - even)).ln()
    };
    let signal = |row: usize| records.row(row).dot(&array![1.0, -0.7, 0.4, 0.0]) + noise(row);
    let mut order: Vec<usize> = (0..ROWS).collect();
    order.sort_by(|&one, &two| signal(two).total_cmp(&signal(one)));
    let mut positive = vec![false; ROWS];
    order[..positives].iter().for_each(|&row| positive[row] = true);
    (records, positive)
}

/// `Σ log-loss + alpha/2 · Σ coef²`, the objective of both.
fn objective(records: &Array2<f64>, positive: &[bool], alpha: f64, intercept: f64, coefficients: &[f64]) -> f64 {
    let coefficients = ArrayView1::from(coefficients);
    let losses = records.rows().into_iter().zip(positive).map(|(row, &positive)| {
        let margin = row.dot(&coefficients) + intercept;
        let against = if positive { -margin } else { margin };
        against.max(0.0) + (-against.abs()).exp().ln_1p()
    });
    losses.sum::<f64>() + alpha / 2.0 * coefficients.dot(&coefficients)
}

/// Both fits of the same data agree as far as linfa's gradient tolerance lets its own go, and ours is never the worse.
#[test]
fn coefficients_are_linfas() {
    for percent in [1, 10, 50, 90, 99] {
        let (mut records, mut positive) = customers(ROWS * percent / 100);
        for names in [["lost", "won"], ["won_not", "a_win"]] {
            for alpha in [0.1, 1.0, 10.0] {
                let labels: Array1<&str> = positive.iter().map(|&positive| names[usize::from(positive)]).collect();
                let data = Dataset::new(records.clone(), labels);
                let linfa = LogisticRegression::default()
                    .alpha(alpha)
                    .gradient_tolerance(1e-8)
                    .max_iterations(1000)
                    .fit(&data)
                    .unwrap();
                let features = (0..4).map(|index| {
                    tierwise::Feature::number(format!("feature_{index}")).with_unknown(tierwise::Unknown::Error)
                });
                let linfa = LinfaLogistic::new(&linfa, features.collect(), &names[1]).unwrap();
                let ours = Logistic::new(names[1]).learner(learn::Logistic::new().alpha(alpha)).fit(&data).unwrap();
                let model = ours.model();
                let coefficients: Vec<f64> = model.coefficients().iter().map(|one| one.estimate).collect();
                let place = format!("{percent} % {names:?} alpha {alpha}");
                let close = |ours: f64, linfa: f64, tolerance: f64| {
                    assert!(
                        (ours - linfa).abs() <= tolerance * linfa.abs().max(1.0),
                        "{place}: {ours} against {linfa}"
                    );
                };
                close(model.intercept().estimate, linfa.intercept(), 1e-6);
                for (&ours, &linfa) in coefficients.iter().zip(linfa.coefficients()) {
                    close(ours, linfa, 1e-6);
                }
                let at = |intercept, coefficients| objective(&records, &positive, alpha, intercept, coefficients);
                let our_objective = at(model.intercept().estimate, &coefficients);
                let linfas = at(linfa.intercept(), linfa.coefficients());
                assert!(our_objective <= linfas + 1e-10 * linfas, "{place}: {our_objective} against {linfas}");
                close(ours.report().objective, our_objective, 1e-9);
                let probabilities = ours.probabilities(&records).unwrap();
                for (row, probability) in records.rows().into_iter().zip(&probabilities) {
                    close(*probability, linfa.probability_row(&row.to_vec()), 1e-6);
                }
                let mean = probabilities.mean().unwrap();
                close(mean, percent as f64 / 100.0, 1e-6); // so it is at every optimum with a free intercept
            }
            // And once more with the rows turned around, so that the other class comes first.
            records.invert_axis(Axis(0));
            records = records.as_standard_layout().into_owned();
            positive.reverse();
        }
    }
}

#[test]
fn labels_of_any_type_and_records_of_any_layout() {
    let (records, positive) = customers(300);
    let by_column = {
        let mut copy = Array2::zeros((ROWS, 4).f());
        copy.assign(&records);
        copy
    };
    let mut padded = Array2::zeros((ROWS, 9));
    padded.slice_mut(s![.., ..;2]).slice_mut(s![.., ..4]).assign(&records);
    let strided = padded.slice(s![.., ..7;2]);
    let numbers: Array1<usize> = positive.iter().map(|&yes| usize::from(yes) * 7).collect();
    let first = Logistic::new(true).fit(&Dataset::new(records.clone(), Array1::from(positive.clone()))).unwrap();
    let second = Logistic::new(7).fit(&Dataset::new(by_column.clone(), numbers)).unwrap();
    let third = Logistic::new(true).fit(&DatasetBase::new(strided, Array1::from(positive))).unwrap();
    let expected = first.probabilities(&records).unwrap();
    assert_eq!(expected, second.probabilities(&by_column).unwrap());
    assert_eq!(expected, third.probabilities(&records).unwrap());
    let predicted = second.predict(&by_column);
    for (label, probability) in predicted.iter().zip(&expected) {
        assert_eq!(*label, if *probability >= 0.5 { 7 } else { 0 });
    }
    let strict = second.with_threshold(1.0).unwrap().predict(&by_column);
    assert!(strict.iter().all(|&label| label == 0));
}

#[test]
fn names_weights_and_unknowns_count() {
    let records = array![[0.0, 1.0], [1.0, f64::NAN], [2.0, 0.0], [3.0, 1.0], [4.0, 0.0], [5.0, 1.0]];
    let labels = Array1::from(vec!["n", "n", "y", "n", "y", "y"]);
    let data = Dataset::new(records.clone(), labels.clone()).with_feature_names(vec!["visits", "met"]);
    let fitted = Logistic::new("y").fit(&data).unwrap();
    let model = fitted.model();
    assert_eq!(model.features().iter().map(tierwise::Feature::name).collect::<Vec<_>>(), ["visits", "met"]);
    assert_eq!((fitted.positive(), fitted.negative(), model.positive()), (&"y", &"n", "y"));
    let mut contributions = [0.0; 2];
    model.contributions_row(&[5.0, f64::NAN], &mut contributions);
    assert_eq!(contributions[1], 0.0);
    let weighted = data.with_weights(array![2.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
    let weighted = Logistic::new("y").fit(&weighted).unwrap();
    let repeated = ndarray::concatenate![Axis(0), records.slice(s![..1, ..]), records];
    let twice = ndarray::concatenate![Axis(0), labels.slice(s![..1]), labels];
    let repeated = Logistic::new("y").fit(&Dataset::new(repeated, twice)).unwrap();
    let (one, two) = (weighted.model().score_row(&[2.5, 1.0]), repeated.model().score_row(&[2.5, 1.0]));
    assert!((one - two).abs() < 1e-9, "{one} {two}");
}

#[test]
fn bad_input_is_a_typed_error() {
    let records = array![[0.0], [1.0], [2.0], [3.0]];
    let fit = |records: Array2<f64>, labels: Vec<&'static str>, positive: &'static str| {
        let error = Logistic::new(positive).fit(&Dataset::new(records, Array1::from(labels))).unwrap_err();
        let FitError::Tierwise(error) = error else { panic!("{error}") };
        error.code()
    };
    assert_eq!(fit(records.clone(), vec!["a", "b", "a", "b"], "c"), "invalid_outcome");
    assert_eq!(fit(records.clone(), vec!["a", "b", "c", "b"], "a"), "invalid_outcome");
    assert_eq!(fit(records.clone(), vec!["a", "a", "a", "a"], "a"), "one_class");
    assert_eq!(fit(records.clone(), vec!["a", "b"], "a"), "wrong_length");
    assert_eq!(fit(Array2::zeros((0, 1)), vec![], "a"), "empty_table");
    assert_eq!(fit(array![[0.0], [f64::INFINITY]], vec!["a", "b"], "a"), "not_finite");
    let data = Dataset::new(records.clone(), Array1::from(vec!["a", "b", "a", "b"]));
    let negative = Logistic::new("a").learner(learn::Logistic::new().alpha(-1.0)).fit(&data).unwrap_err();
    assert_eq!(negative.to_string(), "The `alpha` of `Logistic` must be a number in [0, inf). Got -1.");
    let fitted = Logistic::new("a").fit(&data).unwrap();
    assert_eq!(fitted.probabilities(&array![[1.0, 2.0]]).unwrap_err().code(), "wrong_length");
    assert!(matches!(fitted.with_threshold(1.5), Err(Error::InvalidParameter { name: "threshold", .. })));
    let twice = Dataset::new(Array2::zeros((4, 2)), data.targets.clone()).with_feature_names(vec!["a", "a"]);
    let FitError::Tierwise(error) = Logistic::new("a").fit(&twice).unwrap_err() else { panic!("not ours") };
    assert_eq!(error.code(), "duplicate_feature");
}
