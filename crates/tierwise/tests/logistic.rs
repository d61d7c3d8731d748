//! The logistic fit against other implementations, its laws, and what it refuses.
//!
//! The table is made by integer formulas (see `Table::small`), so that other software can make the same.

#![allow(
    clippy::excessive_precision,
    clippy::unreadable_literal,
    reason = "reference values stay as they were printed"
)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use proptest::prelude::*;
use std::ops::ControlFlow;
use tierwise::learn::{
    Coefficient, DesignSummary, Logistic, LogisticDesign, LogisticModel, LogisticStep, log_odds, probability,
};
use tierwise::{Columns, Error, Explain, Feature, Fit, Fitted, Outcome, Result, Score, Summary, Unknown};

struct Table {
    features: Vec<Feature>,
    columns: Vec<Vec<f64>>,
    happened: Vec<bool>,
}

impl Table {
    /// 120 customers: two numbers, a yes-no, a category of three levels, and an outcome that depends on all.
    fn small() -> Self {
        let rows = 0..120_u32;
        let age = |i: u32| f64::from(20 + (i * 37) % 41);
        let income = |i: u32| f64::from((i * 53) % 97) / 7.0;
        let met = |i: u32| f64::from(u8::from((i * 7) % 5 < 2));
        let plan = |i: u32| f64::from((i * 29) % 3);
        let noise = |i: u32| f64::from((i * i * 31 + i * 17) % 11) - 5.0;
        let lost = |i: u32| if plan(i) == 2.0 { 3.0 } else { 0.0 };
        let bought = |i: u32| (age(i) - 40.0) / 4.0 + income(i) - 7.0 + 2.0 * met(i) - lost(i) + noise(i) > 0.0;
        Self {
            features: vec![
                Feature::number("age"),
                Feature::number("income"),
                Feature::yes_no("met"),
                Feature::category("plan", ["basic", "plus", "max"]),
            ],
            columns: vec![
                rows.clone().map(age).collect(),
                rows.clone().map(income).collect(),
                rows.clone().map(met).collect(),
                rows.clone().map(plan).collect(),
            ],
            happened: rows.map(bought).collect(),
        }
    }

    fn numbers(columns: &[(&str, Vec<f64>)], happened: Vec<bool>) -> Self {
        Self {
            features: columns.iter().map(|(name, _)| Feature::number(*name)).collect(),
            columns: columns.iter().map(|(_, column)| column.clone()).collect(),
            happened,
        }
    }

    /// `rows` customers with two numbers; about `rate` of them with the outcome. Not separated.
    fn at_rate(rows: u32, rate: f64) -> Self {
        let scatter = |i: u32, by: u64, modulus: u64| ((u64::from(i) * by) % modulus) as f64 / modulus as f64;
        let x: Vec<f64> = (0..rows).map(|i| scatter(i, 7919, 100_003)).collect();
        let z: Vec<f64> = (0..rows).map(|i| scatter(i, 104_729, 100_019)).collect();
        let happened = (0..rows).map(|i| scatter(i, 1_299_709, 99_991) < rate * (0.5 + x[i as usize])).collect();
        Self::numbers(&[("x", x), ("z", z)], happened)
    }

    fn data(&self) -> Columns<'_> {
        Columns::in_order(&self.features, self.columns.iter().map(Vec::as_slice).collect()).unwrap()
    }

    fn outcome(&self) -> Outcome<'static> {
        Outcome::binary("bought", &self.happened)
    }

    fn fit(&self, learner: &Logistic) -> Result<Fitted<LogisticModel>> {
        learner.fit(&self.data(), &self.outcome())
    }
}

/// Something of the intercept and of each coefficient.
fn all(model: &LogisticModel, of: impl Fn(&Coefficient) -> f64) -> Vec<f64> {
    std::iter::once(model.intercept()).chain(model.coefficients()).map(of).collect()
}

fn estimates(model: &LogisticModel) -> Vec<f64> {
    all(model, |coefficient| coefficient.estimate)
}

fn errors(model: &LogisticModel) -> Vec<f64> {
    all(model, |coefficient| coefficient.standard_error)
}

fn bits(model: &LogisticModel) -> Vec<u64> {
    estimates(model).iter().map(|value| value.to_bits()).collect()
}

fn names(model: &LogisticModel) -> Vec<&str> {
    model.coefficients().iter().map(|coefficient| coefficient.name.as_str()).collect()
}

#[track_caller]
fn assert_close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (at, (&found, &expected)) in found.iter().zip(expected).enumerate() {
        let off = (found - expected).abs();
        assert!(off <= tolerance * expected.abs(), "value {at}: {found} instead of {expected}");
    }
}

#[test]
fn maximum_likelihood_equals_statsmodels() {
    // statsmodels 0.15.0, Logit(y, const + age, income, met, plan==plus, plan==max), method="newton", tol=1e-14
    let fitted = Table::small().fit(&Logistic::new().alpha(0.0)).unwrap();
    let model = &fitted.model;
    assert_eq!(names(model), ["age", "income", "met", "plan=plus", "plan=max"]);
    let expected = [
        -1.4820241130384304e+01,
        2.1143203390217660e-01,
        7.0159071454774746e-01,
        1.8329397125421132e+00,
        1.0109468242744566e+00,
        -9.9472352617742943e-01,
    ];
    let standard_errors = [
        3.0368435814614938e+00,
        4.5332375185709525e-02,
        1.5489145291741011e-01,
        6.9711543145868904e-01,
        7.8092155027017762e-01,
        7.6362196514932879e-01,
    ];
    let p_values = [
        1.0600714380815282e-06,
        3.1006031495387772e-06,
        5.9105591218820714e-06,
        8.5555751266202310e-03,
        1.9547337481356664e-01,
        1.9269813800536928e-01,
    ];
    assert_close(&estimates(model), &expected, 1e-9);
    assert_close(&errors(model), &standard_errors, 1e-8);
    assert_close(&all(model, |coefficient| coefficient.p_value), &p_values, 1e-7);
    let age = &model.coefficients()[0];
    assert_close(&[age.lower, age.upper], &[1.2258221120452868e-01, 3.0028185659982454e-01], 1e-8);
    assert_close(&[fitted.report.log_likelihood], &[-33.08802717659535], 1e-12);
    // Exact; statsmodels' `llnull` is the result of an optimiser and right to ten digits.
    let null = 50.0 * (50.0_f64 / 120.0).ln() + 70.0 * (70.0_f64 / 120.0).ln();
    assert_close(&[fitted.report.null_log_likelihood], &[null], 1e-14);
    assert_eq!((fitted.report.rows, fitted.report.positives, fitted.report.converged), (120, 50, true));
}

#[test]
fn weights_and_offsets_equal_statsmodels() {
    // statsmodels 0.15.0, GLM(..., Binomial(), freq_weights=1 + i % 3, offset=((19 i) % 7 - 3) / 5), tol=1e-15
    let table = Table::small();
    let weights: Vec<f64> = (0..120_u32).map(|i| f64::from(1 + i % 3)).collect();
    let offsets: Vec<f64> = (0..120_u32).map(|i| (f64::from((i * 19) % 7) - 3.0) / 5.0).collect();
    let outcome = table.outcome().weights(weights).unwrap().offsets(offsets).unwrap();
    let fitted = Logistic::new().alpha(0.0).fit(&table.data(), &outcome).unwrap();
    let expected = [
        -1.4355858782131257e+01,
        2.0245246563725799e-01,
        6.7833077102206119e-01,
        1.9683345344138048e+00,
        9.8178268148438008e-01,
        -9.5928293790560015e-01,
    ];
    let standard_errors = [
        2.0718415915113795e+00,
        3.1015901185791957e-02,
        1.0030313130697835e-01,
        4.9186940134570012e-01,
        6.1408144801292230e-01,
        6.5125448372209316e-01,
    ];
    assert_close(&estimates(&fitted.model), &expected, 1e-9);
    assert_close(&errors(&fitted.model), &standard_errors, 1e-8);
    assert_close(&[fitted.report.log_likelihood], &[-68.95948465828621], 1e-12);
    assert_close(&[fitted.report.null_log_likelihood], &[-165.84503542444003], 1e-12);
    assert_eq!(fitted.report.total_weight, 240.0);
}

#[test]
fn penalised_equals_scikit_learn() {
    // scikit-learn 1.9.1, LogisticRegression(C=2, solver="newton-cholesky", tol=1e-14) on age, income, met and three
    // indicators; the standard errors by numpy from (F + P)^-1 F (F + P)^-1.
    let model = Table::small().fit(&Logistic::new().alpha(0.5)).unwrap().model;
    assert_eq!(names(&model), ["age", "income", "met", "plan=basic", "plan=plus", "plan=max"]);
    let expected = [
        -1.3788379809251436e+01,
        1.9788228579479861e-01,
        6.5849494861836588e-01,
        1.4484265865606529e+00,
        -6.7815012393033442e-03,
        8.2415424649368363e-01,
        -8.1737274525438075e-01,
    ];
    let standard_errors = [
        2.6398198286974019e+00,
        4.0783815881472209e-02,
        1.4078199796213700e-01,
        5.3399847327721317e-01,
        3.7013992275061791e-01,
        3.8768478448479132e-01,
        3.8181504085236673e-01,
    ];
    assert_close(&estimates(&model), &expected, 1e-9);
    assert_close(&errors(&model), &standard_errors, 1e-8);
}

#[test]
fn standardised_penalty_equals_scikit_learn_on_scaled_columns() {
    // scikit-learn 1.9.1 as above after (x - mean) / population sd; coefficients divided by sd again.
    let model = Table::small().fit(&Logistic::new().alpha(0.5).standardize(true)).unwrap().model;
    let expected = [
        -1.1999151326718854e+01,
        1.7138370742926351e-01,
        5.6244872626597320e-01,
        1.5181028257527192e+00,
        1.2186045246443664e-02,
        8.2229493942134180e-01,
        -8.3448098466778886e-01,
    ];
    assert_close(&estimates(&model), &expected, 1e-9);
}

#[test]
fn own_rule_learns_unknown_beside_the_mean() {
    // statsmodels 0.15.0, Logit on age, income with its mean where i % 6 == 1, and an indicator of these rows.
    let small = Table::small();
    let columns = [("age", small.columns[0].clone()), ("income", small.columns[1].clone())];
    let mut table = Table::numbers(&columns, small.happened);
    table.features[1] = Feature::number("income").with_unknown(Unknown::Own);
    (0..120).filter(|i| i % 6 == 1).for_each(|i| table.columns[1][i] = f64::NAN);
    let model = table.fit(&Logistic::new().alpha(0.0)).unwrap().model;
    assert_eq!(names(&model), ["age", "income", "income unknown"]);
    let expected = [-1.1001375413062032e+01, 1.6569621909360771e-01, 5.6203097267063085e-01, -8.9810791010920621e-01];
    assert_close(&estimates(&model), &expected, 1e-9);
    let mut contributions = [0.0; 2];
    model.contributions_row(&[30.0, f64::NAN], &mut contributions);
    assert_eq!(contributions[1], model.coefficients()[2].estimate);
}

#[test]
fn neutral_unknown_contributes_exactly_nothing() {
    let mut table = Table::small();
    (0..120).filter(|i| i % 7 == 2).for_each(|i| table.columns[i % 4][i] = f64::NAN);
    for alpha in [0.0, 1.0] {
        let model = table.fit(&Logistic::new().alpha(alpha)).unwrap().model;
        let mut contributions = [1.0; 4];
        model.contributions_row(&[f64::NAN; 4], &mut contributions);
        assert_eq!(contributions, [0.0; 4]);
        assert_eq!(model.score_row(&[f64::NAN; 4]), model.base());
    }
}

#[test]
fn log_odds_are_intercept_plus_coefficients() {
    let table = Table::small();
    let model = table.fit(&Logistic::new()).unwrap().model;
    let values = estimates(&model);
    let score = values[0] + 33.0 * values[1] + 5.5 * values[2] + values[3] + values[6];
    assert!((model.score_row(&[33.0, 5.5, 1.0, 2.0]) - score).abs() < 1e-12);
}

#[test]
fn gradient_equals_finite_differences() {
    let mut table = Table::small();
    table.columns[1][5] = f64::NAN;
    let (data, outcome) = (table.data(), table.outcome());
    let design = LogisticDesign::new(&DesignSummary::new(&data, &outcome).unwrap(), 0.3, false).unwrap();
    let mut point: Vec<f64> = (0..=design.width()).map(|at| 0.3 - 0.1 * at as f64).collect();
    let objective = |point: &[f64]| LogisticStep::new(&design, point, &data, &outcome).unwrap().objective(&design);
    let gradient = LogisticStep::new(&design, &point, &data, &outcome).unwrap().gradient(&design);
    for at in 0..point.len() {
        let (here, width) = (point[at], 1e-5);
        point[at] = here + width;
        let above = objective(&point);
        point[at] = here - width;
        let below = objective(&point);
        point[at] = here;
        assert!((gradient[at] - (above - below) / (2.0 * width)).abs() < 1e-7);
    }
}

#[test]
fn merged_parts_equal_the_whole() {
    let table = Table::at_rate(5000, 0.4);
    let data = table.data();
    let outcome = |range: std::ops::Range<usize>| Outcome::binary("y", &table.happened[range]);
    let cuts = [0, 1, 700, 3333, 5000];
    let parts: Vec<_> = cuts.windows(2).map(|cut| (data.slice(cut[0]..cut[1]), outcome(cut[0]..cut[1]))).collect();
    let mut summary = DesignSummary::new(&parts[0].0, &parts[0].1).unwrap();
    for (data, outcome) in &parts[1..] {
        summary.merge(&DesignSummary::new(data, outcome).unwrap()).unwrap();
    }
    let whole = DesignSummary::new(&data, &outcome(0..5000)).unwrap();
    assert_close(&[summary.mean(0), summary.mean(1)], &[whole.mean(0), whole.mean(1)], 1e-14);

    let design = LogisticDesign::new(&summary, 0.0, false).unwrap();
    let point = vec![0.1; design.width() + 1];
    let mut step = LogisticStep::new(&design, &point, &parts[0].0, &parts[0].1).unwrap();
    for (data, outcome) in &parts[1..] {
        step.merge(&LogisticStep::new(&design, &point, data, outcome).unwrap()).unwrap();
    }
    let at_once = LogisticStep::new(&design, &point, &data, &outcome(0..5000)).unwrap();
    assert_eq!((step.rows(), step.total_weight()), (5000, 5000.0));
    assert_close(&step.solve(&design).unwrap(), &at_once.solve(&design).unwrap(), 1e-10);
    let elsewhere = LogisticStep::new(&design, &vec![0.2; point.len()], &data, &outcome(0..5000)).unwrap();
    assert_eq!(step.merge(&elsewhere).unwrap_err().code(), "cannot_merge");
}

#[test]
fn any_base_rate_and_either_label_order() {
    for rate in [0.01, 0.1, 0.5, 0.9, 0.99] {
        let table = Table::at_rate(4000, f64::min(rate, 1.0 - rate));
        let labels: Vec<&str> =
            table.happened.iter().map(|&yes| if yes == (rate <= 0.5) { "Yes" } else { "No" }).collect();
        let fit = |positive| {
            Logistic::new().fit(&table.data(), &Outcome::labels("left", &labels, positive).unwrap()).unwrap().model
        };
        let (yes, no) = (fit("Yes"), fit("No"));
        assert_eq!((yes.positive(), no.positive()), ("Yes", "No"));
        let share = labels.iter().filter(|&&label| label == "Yes").count() as f64 / 4000.0;
        assert!((share - rate).abs() < 0.02, "{share} {rate}");
        // A fit with an intercept reproduces the base rate; the other class has the complement.
        let mean = yes.probability(&table.data()).unwrap().iter().sum::<f64>() / 4000.0;
        assert!((mean - share).abs() < 1e-10);
        for (a, b) in estimates(&yes).iter().zip(estimates(&no)) {
            assert!((a + b).abs() < 1e-8 * (1.0 + a.abs()));
        }
    }
}

#[test]
fn separation_names_the_column_that_leaks() {
    let complete: Vec<f64> = (0..40).map(|i| f64::from(i / 20) * 3.0 + f64::from(i % 7) / 7.0).collect();
    let other: Vec<f64> = (0..40).map(|i| f64::from((i * 7) % 40)).collect();
    let table = Table::numbers(&[("paid", complete), ("visits", other.clone())], (0..40).map(|i| i >= 20).collect());
    match table.fit(&Logistic::new().alpha(0.0)).unwrap_err() {
        Error::Separation { columns, rows, advice } => {
            assert!(advice.contains("penalise (`alpha` of a model"), "{advice}");
            assert!(columns.contains(&"paid".into()), "{columns:?}");
            assert_eq!(rows, 40);
        }
        error => panic!("{error}"),
    }
    assert!(table.fit(&Logistic::new().alpha(1e-3)).unwrap().report.converged);

    // Quasi-complete: every customer of the plan "vip" bought, the others are mixed.
    let mut table = Table::numbers(&[("visits", other)], (0..40).map(|i| i % 8 == 0 || i % 3 == 1).collect());
    table.features.push(Feature::category("plan", ["basic", "vip"]));
    table.columns.push((0..40).map(|i| f64::from(u8::from(i % 8 == 0))).collect());
    table.columns[1][0] = 1.0;
    table.columns[1][1] = 0.0;
    let error = table.fit(&Logistic::new().alpha(0.0)).unwrap_err();
    assert!(matches!(error, Error::Separation { columns, rows: 5, .. } if columns == ["plan=vip"]));
}

#[test]
fn nearly_separated_is_fitted() {
    let mut x: Vec<f64> = (0..400).map(f64::from).collect();
    x.swap(199, 200);
    let table = Table::numbers(&[("x", x)], (0..400).map(|i| i >= 200).collect());
    let fitted = table.fit(&Logistic::new().alpha(0.0)).unwrap();
    assert!(fitted.report.converged && fitted.report.log_likelihood < -1e-3);
}

#[test]
fn collinear_columns_are_named() {
    let small = Table::small();
    let (age, income, met) = (small.columns[0].clone(), small.columns[1].clone(), small.columns[2].clone());
    let total = age.iter().zip(&income).map(|(a, b)| a + 3.0 * b - 7.0).collect();
    let table = Table::numbers(&[("age", age), ("met", met), ("income", income), ("total", total)], small.happened);
    let error = table.fit(&Logistic::new().alpha(0.0)).unwrap_err();
    assert_eq!(error, Error::Collinear { columns: vec!["age".into(), "income".into(), "total".into()] });
    assert!(table.fit(&Logistic::new().alpha(1.0)).unwrap().report.converged);
}

#[test]
fn columns_without_variation() {
    let small = Table::small();
    let columns = [("age", small.columns[0].clone()), ("year", vec![2024.0; 120])];
    let mut table = Table::numbers(&columns, small.happened);
    let refused = |reason: &str| Error::NoVariation { columns: vec!["year".into()], reason: reason.into() };
    let error = table.fit(&Logistic::new().alpha(0.0)).unwrap_err();
    assert_eq!(error, refused("its known values are all the same. Drop it, or penalise with `alpha` > 0"));
    let fitted = table.fit(&Logistic::new()).unwrap();
    assert_eq!(fitted.model.coefficients()[1].estimate, 0.0);
    assert!(fitted.report.findings.iter().any(|finding| finding.contains("`year` is the same in every row")));

    table.columns[1].fill(f64::NAN);
    for alpha in [0.0, 1.0] {
        let error = table.fit(&Logistic::new().alpha(alpha)).unwrap_err();
        assert_eq!(error, refused("unknown in every row. Drop it"));
    }
}

#[test]
fn levels_that_do_not_occur_are_zero_and_said() {
    let mut table = Table::small();
    table.features[3] = Feature::category("plan", ["free", "plus", "max", "team"]);
    table.columns[3].iter_mut().for_each(|code| *code = if *code == 0.0 { 1.0 } else { *code });
    for alpha in [0.0, 1.0] {
        let fitted = table.fit(&Logistic::new().alpha(alpha)).unwrap();
        for level in ["plan=free", "plan=team"] {
            let coefficient = fitted.model.coefficients().iter().find(|one| one.name == level).unwrap();
            assert!(coefficient.estimate == 0.0 && coefficient.standard_error.is_nan());
        }
        assert!(fitted.report.findings.iter().any(|finding| finding.contains("no row has `free`, `team`")));
    }
}

#[test]
fn parameters_are_checked_in_one_sentence() {
    let error = Table::small().fit(&Logistic::new().alpha(-1.0)).unwrap_err();
    assert_eq!(error.to_string(), "The `alpha` of `Logistic` must be a number in [0, inf). Got -1.");
    for learner in [
        Logistic::new().alpha(f64::NAN),
        Logistic::new().tolerance(0.0),
        Logistic::new().confidence(1.0),
        Logistic::new().max_iterations(0),
    ] {
        assert_eq!(Table::small().fit(&learner).unwrap_err().code(), "invalid_parameter");
    }
}

#[test]
fn too_few_iterations_and_cancelling() {
    let table = Table::small();
    let error = table.fit(&Logistic::new().max_iterations(2)).unwrap_err();
    assert!(matches!(error, Error::NotConverged { iterations: 2, .. }));
    let mut objectives = Vec::new();
    let mut progress = |progress: tierwise::Progress| {
        objectives.push(progress.objective);
        if progress.step == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let error = Logistic::new().fit_with(&table.data(), &table.outcome(), &mut progress).unwrap_err();
    assert_eq!(error, Error::Cancelled { steps: 2 });
    assert!(objectives.is_sorted_by(|a, b| a >= b));
}

#[test]
fn units_do_not_matter_without_penalty() {
    let plain = Table::small().fit(&Logistic::new().alpha(0.0)).unwrap().model;
    let mut scaled = Table::small();
    scaled.columns[0].iter_mut().for_each(|age| *age *= 1e-8);
    scaled.columns[1].iter_mut().for_each(|income| *income = *income * 1e8 + 3e8);
    let scaled = scaled.fit(&Logistic::new().alpha(0.0)).unwrap().model;
    let (a, b) = (plain.coefficients(), scaled.coefficients());
    assert_close(&[b[0].estimate * 1e-8, b[1].estimate * 1e8], &[a[0].estimate, a[1].estimate], 1e-9);
    let standard_errors = [b[0].standard_error * 1e-8, b[2].standard_error];
    assert_close(&standard_errors, &[a[0].standard_error, a[2].standard_error], 1e-8);
}

#[test]
fn extreme_scales_converge_or_say_why() {
    for scale in [1e-300, 1e-150, 1e-8, 1e8, 1e150, 1e300] {
        for alpha in [0.0, 1.0] {
            let mut table = Table::small();
            table.columns[0].iter_mut().for_each(|age| *age *= scale);
            match table.fit(&Logistic::new().alpha(alpha)) {
                Ok(fitted) => assert!(fitted.model.coefficients()[0].estimate.is_finite()),
                Err(error) => assert_eq!(error.code(), "no_variation", "{error} at {scale}"),
            }
        }
    }
}

#[test]
fn a_large_fit_does_not_depend_on_threads_and_equals_a_plain_one() {
    let table = Table::at_rate(150_000, 0.3);
    let fit = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| table.fit(&Logistic::new()).unwrap())
    };
    let (one, three) = (fit(1), fit(3));
    assert_eq!(bits(&one.model), bits(&three.model));
    assert_eq!(one.report, three.report);
    // Every row twice with half the weight is the same objective, by another path.
    let twice: Vec<Vec<f64>> = table.columns.iter().map(|column| column.repeat(2)).collect();
    let data = Columns::in_order(&table.features, twice.iter().map(Vec::as_slice).collect()).unwrap();
    let outcome = Outcome::binary("y", &table.happened.repeat(2)).weights(vec![0.5; 300_000]).unwrap();
    let again = Logistic::new().fit(&data, &outcome).unwrap().model;
    assert_close(&estimates(&again), &estimates(&one.model), 1e-8);
    assert_close(&errors(&again), &errors(&one.model), 1e-8);
    let without = table.fit(&Logistic::new().standard_errors(false)).unwrap().model;
    assert_close(&estimates(&without), &estimates(&one.model), 1e-8);
    assert!(without.coefficients()[0].standard_error.is_nan());
}

#[test]
fn sorted_data_are_fitted_too() {
    // All positives at the end: the sample for the start is still spread over the table.
    let table = Table::at_rate(80_000, 0.2);
    let mut order: Vec<usize> = (0..80_000).collect();
    order.sort_by_key(|&row| table.happened[row]);
    let sort = |column: &Vec<f64>| order.iter().map(|&row| column[row]).collect();
    let sorted = Table {
        features: table.features.clone(),
        columns: table.columns.iter().map(sort).collect(),
        happened: order.iter().map(|&row| table.happened[row]).collect(),
    };
    let (a, b) = (table.fit(&Logistic::new()).unwrap(), sorted.fit(&Logistic::new()).unwrap());
    assert_close(&estimates(&b.model), &estimates(&a.model), 1e-7);
}

#[test]
fn large_tables_with_rare_outcomes_dependencies_and_leaks() {
    let rare = Table::at_rate(200_000, 0.0003);
    let fitted = rare.fit(&Logistic::new()).unwrap();
    let mean = fitted.model.probability(&rare.data()).unwrap().iter().sum::<f64>();
    assert!((mean - fitted.report.positives as f64).abs() < 1e-6);

    let mut collinear = Table::at_rate(100_000, 0.3);
    collinear.features.push(Feature::number("both"));
    collinear
        .columns
        .push((0..100_000).map(|row| collinear.columns[0][row] - 2.0 * collinear.columns[1][row]).collect());
    let error = collinear.fit(&Logistic::new().alpha(0.0)).unwrap_err();
    assert_eq!(error, Error::Collinear { columns: vec!["x".into(), "z".into(), "both".into()] });

    let mut leak = Table::at_rate(100_000, 0.3);
    leak.features.push(Feature::yes_no("refund"));
    leak.columns.push((0..100_000).map(|row| f64::from(u8::from(leak.happened[row] && row % 3 == 0))).collect());
    let rows = leak.columns[2].iter().filter(|&&refund| refund == 1.0).count();
    let error = leak.fit(&Logistic::new().alpha(0.0)).unwrap_err();
    assert!(matches!(error, Error::Separation { columns, rows: found, .. } if columns == ["refund"] && found == rows));
}

/// The maximum of the likelihood does not depend on the scale of the weights, nor that of a penalised fit if `alpha`
/// goes with it. Factors that are powers of four do not even round.
#[test]
fn the_scale_of_the_weights_does_not_matter() {
    let large = Table::at_rate(20_000, 0.3);
    let middling = Table::at_rate(5000, 0.3);
    for (table, alpha) in [(&middling, 0.0), (&Table::small(), 0.0), (&Table::small(), 2.0), (&large, 0.0)] {
        let rows = table.happened.len();
        let fit = |factor: f64| {
            let outcome = table.outcome().weights(vec![factor; rows]).unwrap();
            Logistic::new().alpha(alpha * factor).fit(&table.data(), &outcome).unwrap()
        };
        let one = fit(1.0);
        for power in [-200, -54, -20, 20, 100] {
            let factor = 2.0_f64.powi(power);
            let other = fit(factor);
            assert_eq!(bits(&other.model), bits(&one.model), "2^{power}");
            assert_eq!(other.report.iterations, one.report.iterations);
            assert_close(&[other.report.log_likelihood / factor], &[one.report.log_likelihood], 1e-15);
            let scaled: Vec<f64> = errors(&other.model).iter().map(|error| error * factor.sqrt()).collect();
            assert_close(&scaled, &errors(&one.model), 1e-12);
        }
        for factor in [1e-16, 1e-14, 1e-3, 7.0, 1e12] {
            assert_close(&estimates(&fit(factor).model), &estimates(&one.model), 1e-9);
        }
    }
}

#[test]
fn separation_is_seen_at_any_scale_of_the_weights() {
    let x = (0..40).map(f64::from).collect();
    let table = Table::numbers(&[("x", x)], (0..40).map(|i| i >= 20).collect());
    for factor in [1e-16, 1.0, 1e16] {
        let outcome = table.outcome().weights(vec![factor; 40]).unwrap();
        let error = Logistic::new().alpha(0.0).fit(&table.data(), &outcome).unwrap_err();
        assert!(matches!(error, Error::Separation { .. }), "{factor}: {error}");
    }
}

/// Whatever stands in a row of weight 0.
#[test]
fn rows_of_weight_zero_are_as_good_as_absent() {
    for alpha in [0.0, 1.0] {
        let learner = Logistic::new().alpha(alpha);
        let expected = Table::small().fit(&learner).unwrap().model;
        for wild in [1e200, -1e308, f64::MAX] {
            let mut table = Table::small();
            for (column, value) in table.columns.iter_mut().zip([wild, -wild, 1.0, 2.0]) {
                column.push(value);
            }
            table.happened.push(true);
            let mut weights = vec![1.0; 121];
            weights[120] = 0.0;
            let outcome = table.outcome().weights(weights).unwrap();
            let found = learner.fit(&table.data(), &outcome).unwrap().model;
            assert_close(&estimates(&found), &estimates(&expected), 1e-12);
            assert_close(&errors(&found), &errors(&expected), 1e-12);
        }
    }
}

#[test]
fn advice_about_a_column_fits_its_trouble() {
    let happened = || vec![true, false, true, false, true, true, false, false];
    let column = |of: &dyn Fn(f64) -> f64| -> Vec<f64> { (0..8).map(|i| of(f64::from(i))).collect() };
    let cases: [(Vec<f64>, f64, &str); 5] = [
        (vec![f64::NAN; 8], 1.0, "unknown in every row. Drop it"),
        (vec![f64::NAN; 8], 0.0, "unknown in every row. Drop it"),
        (vec![3.0; 8], 0.0, "all the same. Drop it, or penalise with `alpha` > 0"),
        (column(&|i| i * 1e200), 1.0, "too small or too large to compute with. Change its unit"),
        (column(&|i| i * 1e-160), 1.0, "overflows. Change its unit, or penalise with `standardize`"),
    ];
    for (values, alpha, advice) in cases {
        let error = Table::numbers(&[("x", values)], happened()).fit(&Logistic::new().alpha(alpha)).unwrap_err();
        assert!(matches!(&error, Error::NoVariation { columns, .. } if columns == &["x"]), "{error}");
        assert!(error.to_string().ends_with(advice), "{error}");
    }
    let expected = Table::numbers(&[("x", column(&|i| i))], happened());
    for unit in [1e-150, 1e-100, 1e100, 1e150] {
        let scaled = Table::numbers(&[("x", column(&|i| i * unit))], happened());
        for learner in [Logistic::new().standardize(true), Logistic::new().alpha(0.0)] {
            let (scaled, expected) = (scaled.fit(&learner).unwrap().model, expected.fit(&learner).unwrap().model);
            let per_unit = |values: Vec<f64>| vec![values[0], values[1] * unit];
            assert_close(&per_unit(estimates(&scaled)), &estimates(&expected), 1e-9);
            assert_close(&per_unit(errors(&scaled)), &errors(&expected), 1e-9);
        }
        scaled.fit(&Logistic::new()).unwrap();
    }
}

#[test]
fn large_offsets_move_the_intercept_and_nothing_else() {
    let x = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
    let table = Table::numbers(&[("x", x)], vec![false, true, false, false, true, false, true, true]);
    for learner in [Logistic::new(), Logistic::new().alpha(0.0)] {
        let plain = table.fit(&learner).unwrap();
        for offset in [3.0, 40.0, -40.0, 700.0, -5000.0] {
            let outcome = table.outcome().offsets(vec![offset; 8]).unwrap();
            let moved = learner.fit(&table.data(), &outcome).unwrap();
            let (found, expected) = (estimates(&moved.model), estimates(&plain.model));
            assert!((found[0] + offset - expected[0]).abs() < 1e-9, "{offset}: {found:?}");
            assert!((found[1] - expected[1]).abs() < 1e-9, "{offset}: {found:?}");
            let null = (moved.report.null_log_likelihood, plain.report.null_log_likelihood);
            assert!((null.0 - null.1).abs() < 1e-9, "{null:?}");
        }
    }
}

/// Only the rows of one of the two offsets have anything to say about `x`; between them no row is uncertain.
#[test]
fn offsets_far_apart_are_fitted() {
    let x = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
    let happened = vec![false, true, false, true, true, false, true, true];
    let plain = Table::numbers(&[("x", x.clone())], happened.clone()).fit(&Logistic::new().alpha(0.0)).unwrap().model;
    let apart = Table::numbers(&[("x", [x.clone(), x].concat())], [happened, vec![false; 8]].concat());
    let outcome = apart.outcome().offsets([[500.0; 8], [-500.0; 8]].concat()).unwrap();
    let found = estimates(&Logistic::new().alpha(0.0).fit(&apart.data(), &outcome).unwrap().model);
    let expected = estimates(&plain);
    assert!((found[0] + 500.0 - expected[0]).abs() < 1e-7, "{found:?}");
    assert!((found[1] - expected[1]).abs() < 1e-7, "{found:?}");
}

#[test]
fn offsets_that_leave_nothing_to_fit_are_named() {
    let x = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
    let table = Table::numbers(&[("x", x)], vec![false, true, false, false, true, false, false, true]);
    for learner in [Logistic::new(), Logistic::new().alpha(0.0)] {
        for offsets in [vec![1e300; 8], vec![-1e17; 8]] {
            match learner.fit(&table.data(), &table.outcome().offsets(offsets.clone()).unwrap()) {
                Err(Error::NotConverged { reason, .. }) => assert!(reason.contains("offsets"), "{reason}"),
                other => panic!("{offsets:?}: {other:?}"),
            }
        }
    }
}

#[test]
fn no_features_leave_the_base_rate() {
    let data = Columns::in_order(&[], vec![]).unwrap();
    let outcome = Outcome::binary("y", &[true, false, false, false]);
    let model = Logistic::new().fit(&data, &outcome).unwrap().model;
    assert!((model.probability_row(&[]) - 0.25).abs() < 1e-12);
}

#[test]
fn a_stored_model_gives_the_same_bits() {
    let mut table = Table::small();
    table.features[1] = Feature::number("income").with_unknown(Unknown::Own);
    table.columns[1][3] = f64::NAN;
    table.columns[1][4] = f64::NAN;
    for learner in [Logistic::new(), Logistic::new().alpha(0.1), Logistic::new().standard_errors(false)] {
        let model = table.fit(&learner).unwrap().model;
        let text = serde_json::to_string_pretty(&model).unwrap();
        let loaded: LogisticModel = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string_pretty(&loaded).unwrap(), text);
        assert_eq!(bits(&loaded), bits(&model));
        let (a, b) =
            (tierwise::score(&model, &table.data()).unwrap(), tierwise::score(&loaded, &table.data()).unwrap());
        assert!(a.iter().zip(&b).all(|(a, b)| a.to_bits() == b.to_bits()));
        let stored: Logistic = serde_json::from_str(&serde_json::to_string(&learner).unwrap()).unwrap();
        assert_eq!(stored, learner);
    }
}

#[test]
fn an_edited_model_file_is_checked() {
    let model = Table::small().fit(&Logistic::new()).unwrap().model;
    let text = serde_json::to_string(&model).unwrap();
    let edits = [
        (r#""feature":"income""#, r#""feature":"incom""#, "is not a feature"),
        (r#""of":"value""#, r#""of":"unknown""#, "only where the rule is `own`"),
        (r#"{"level":"plus"}"#, r#"{"level":"pls"}"#, "one per `level` that it lists"),
        (r#"{"level":"plus"}"#, r#"{"level":"basic"}"#, "listed twice"),
        (r#""confidence":0.95"#, r#""confidence":95"#, "between 0 and 1"),
        (r#""base":"#, r#""bas":"#, "unknown field"),
    ];
    for (from, to, says) in edits {
        assert!(text.contains(from), "{from}");
        let error = serde_json::from_str::<LogisticModel>(&text.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn probability_is_monotone_and_never_overflows() {
    let mut last = -1.0;
    for step in -80_000..=80_000 {
        let now = probability(f64::from(step) / 100.0);
        assert!(now >= last && (0.0..=1.0).contains(&now));
        last = now;
    }
    let near: Vec<f64> = (0..2000).map(|step| probability(f64::from(step - 1000) * f64::EPSILON / 4.0)).collect();
    assert!(near.is_sorted());
    assert_eq!((probability(f64::INFINITY), probability(f64::NEG_INFINITY)), (1.0, 0.0));
    assert!(probability(f64::NAN).is_nan() && log_odds(1.5).is_nan());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn weights_are_repeated_rows(
        counts in proptest::collection::vec(0_usize..4, 120),
        alpha in prop_oneof![Just(0.3), Just(2.0)],
    ) {
        let table = Table::small();
        let weights: Vec<f64> = counts.iter().map(|&count| count as f64).collect();
        let repeat = |column: &Vec<f64>| -> Vec<f64> {
            column.iter().zip(&counts).flat_map(|(&value, &count)| std::iter::repeat_n(value, count)).collect()
        };
        let happened = table.happened.iter().zip(&counts);
        let repeated = Table {
            features: table.features.clone(),
            columns: table.columns.iter().map(repeat).collect(),
            happened: happened.flat_map(|(&yes, &count)| std::iter::repeat_n(yes, count)).collect(),
        };
        let learner = Logistic::new().alpha(alpha);
        let weighted = learner.fit(&table.data(), &table.outcome().weights(weights).unwrap()).unwrap();
        let repeated = repeated.fit(&learner).unwrap();
        for (a, b) in estimates(&weighted.model).iter().zip(estimates(&repeated.model)) {
            prop_assert!((a - b).abs() <= 1e-9 * (1.0 + b.abs()));
        }
        prop_assert!((weighted.report.log_likelihood - repeated.report.log_likelihood).abs() < 1e-9);
    }

    #[test]
    fn reasons_add_up_and_columns_equal_rows(
        values in proptest::collection::vec((any::<f64>(), 0_u8..3, 0_u8..4), 1..300),
    ) {
        let mut table = Table::small();
        table.features[1] = Feature::number("income").with_unknown(Unknown::Own);
        table.columns[1][7] = f64::NAN;
        let model = table.fit(&Logistic::new()).unwrap().model;
        let known = |code: u8, codes: u8| if code == codes { f64::NAN } else { f64::from(code) };
        let number = |value: f64| if value.is_infinite() { 1e300 } else { value };
        let columns: [Vec<f64>; 4] = [
            values.iter().map(|row| number(row.0)).collect(),
            values.iter().map(|row| number(row.0 * 0.5)).collect(),
            values.iter().map(|row| known(row.1, 2)).collect(),
            values.iter().map(|row| known(row.2, 3)).collect(),
        ];
        let data = Columns::in_order(model.features(), columns.iter().map(Vec::as_slice).collect()).unwrap();
        let scores = tierwise::score(&model, &data).unwrap();
        let mut row = [0.0; 4];
        let mut contributions = [0.0; 4];
        for (index, score) in scores.iter().enumerate() {
            data.row_into(index, &mut row);
            model.contributions_row(&row, &mut contributions);
            let sum = contributions.iter().fold(model.base(), |sum, contribution| sum + contribution);
            prop_assert!(sum.to_bits() == score.to_bits() || (sum.is_nan() && score.is_nan()));
            prop_assert!(model.score_row(&row).to_bits() == score.to_bits() || score.is_nan());
        }
    }
}
