//! Lifetime models with covariates, their bootstrap, and what single customers may do.

#![allow(clippy::unwrap_used)]

use tierwise::model::{load, save};
use tierwise::value::{
    Covariate, Forecast, Histories, PurchaseFit, PurchaseModel, PurchaseProcess, ShiftedBetaGeometric, Steps,
};
use tierwise::{Feature, Score};

/// A process, its parameters, and the coefficients of both covariates.
type Truth = (PurchaseProcess, [f64; 4], [&'static [f64]; 2]);

const TRUTHS: [Truth; 3] = [
    (PurchaseProcess::BgNbd, [0.8, 6.0, 0.8, 2.4], [&[0.6, -0.3, 0.2], &[-0.2, 0.1, 0.1]]),
    (PurchaseProcess::MbgNbd, [0.8, 6.0, 0.9, 1.8], [&[0.6, -0.3, 0.2], &[-0.2, 0.1, 0.1]]),
    (PurchaseProcess::ParetoNbd, [0.8, 8.0, 0.7, 12.0], [&[0.6, -0.5], &[-0.2, 0.3]]),
];

fn truth(at: usize) -> PurchaseModel {
    let (process, parameters, coefficients) = TRUTHS[at];
    let covariate =
        |(name, coefficients): (&str, &[f64])| Covariate { name: name.into(), coefficients: coefficients.to_vec() };
    let covariates = ["web", "size"].into_iter().zip(coefficients).map(covariate).collect();
    PurchaseModel::new(process, parameters).unwrap().with_covariates(covariates).unwrap()
}

fn web(row: usize) -> f64 {
    f64::from(u8::from(row * 7 % 5 < 2))
}

fn size(row: usize) -> f64 {
    (row * 31 % 17) as f64 / 4.0
}

/// Customers of a model, with their covariates; `size` may be measured in other units.
fn drawn(model: &PurchaseModel, customers: usize, seed: u64) -> [Vec<f64>; 5] {
    let ages: Vec<f64> = (0..customers).map(|row| 25.0 + (row % 30) as f64).collect();
    let zeros = vec![0.0; customers];
    let columns = [(0..customers).map(web).collect::<Vec<f64>>(), (0..customers).map(size).collect()];
    let like = Histories::new(&zeros, &zeros, &ages).unwrap();
    let like = like.covariates(&[("web", &columns[0]), ("size", &columns[1])]).unwrap();
    let known = model.simulate_again(&like, seed).unwrap().histories();
    let [web, size] = columns;
    [known.iter().map(|one| one.repeats).collect(), known.iter().map(|one| one.last).collect(), ages, web, size]
}

fn histories([repeats, last, age, web, size]: &[Vec<f64>; 5]) -> Histories<'_> {
    Histories::new(repeats, last, age).unwrap().covariates(&[("size", size), ("web", web)]).unwrap()
}

fn fit(process: PurchaseProcess) -> PurchaseFit {
    PurchaseFit::new(process).covariates(&["web", "size"])
}

/// Coefficients that customers were drawn with are found again, and the likelihood is no lower than the truth's or than
/// that of a model without covariates.
#[test]
fn coefficients_are_recovered() {
    for (at, (process, parameters, coefficients)) in TRUTHS.into_iter().enumerate() {
        let columns = drawn(&truth(at), 4000, 11);
        let known = histories(&columns);
        let found = fit(process).fit(&known).unwrap();
        let report = found.report().unwrap();
        assert!(report.converged && report.gradient < 1e-3, "{process:?} {report:?}");
        for (parameter, truth) in found.parameters().into_iter().zip(parameters) {
            let off = (parameter.estimate / truth).ln() * parameter.estimate / parameter.standard_error;
            assert!(off.abs() < 4.0, "{process:?} {parameter:?} {truth}");
        }
        let effects = found.coefficients();
        assert_eq!(effects.len(), coefficients.concat().len());
        for (effect, truth) in effects.iter().zip(coefficients.concat()) {
            let off = (effect.estimate - truth) / effect.standard_error;
            assert!(off.abs() < 4.0 && effect.standard_error < 1.0, "{process:?} {effect:?} {truth}");
            assert!(effect.lower < effect.estimate && effect.estimate < effect.upper);
        }
        // The first one on alpha is large enough to be seen.
        assert!(effects[0].lower > 0.0 && effects[0].parameter == "alpha" && effects[0].covariate == "web");
        let of_truth = truth(at).log_likelihood(&known).unwrap();
        assert!(report.log_likelihood >= of_truth && report.log_likelihood < of_truth + 20.0);
        let again = found.log_likelihood(&known).unwrap();
        assert!((again / report.log_likelihood - 1.0).abs() < 1e-12, "{process:?}: {again}");
        let plain = PurchaseFit::new(process).fit(&known).unwrap();
        assert!(plain.report().unwrap().log_likelihood < report.log_likelihood - 20.0);
    }
}

/// The unit and the zero of a covariate, and the unit of time, change the numbers but not the model.
#[test]
fn units_do_not_matter() {
    for (at, (process, ..)) in TRUTHS.into_iter().enumerate() {
        let columns = drawn(&truth(at), 2500, 5);
        let plain = fit(process).fit(&histories(&columns)).unwrap();
        let mut other = columns.clone();
        for size in &mut other[4] {
            *size = 1000.0 * *size + 5000.0;
        }
        for time in other[1..3].iter_mut().flatten() {
            *time *= 7.0;
        }
        let weekly = fit(process).days_per_period(7.0).fit(&histories(&other)).unwrap();
        let ask = Forecast::Purchases { after: 0.0, periods: 10.0 };
        let (one, two) = (plain.coefficients(), weekly.coefficients());
        let effects = one.len() / 2;
        for (index, (one, two)) in one.iter().zip(&two).enumerate() {
            let factor = if index < effects { 1.0 } else { 1000.0 };
            assert!((two.estimate * factor - one.estimate).abs() < 1e-7, "{process:?} {one:?} {two:?}");
            assert!(
                (two.standard_error * factor / one.standard_error - 1.0).abs() < 1e-5,
                "{process:?} {one:?} {two:?}"
            );
        }
        let one = plain.forecast_with_interval(&histories(&columns), ask, 0.9).unwrap();
        let two = weekly.forecast_with_interval(&histories(&other), ask, 0.9).unwrap();
        for (one, two) in one.iter().zip(two) {
            assert!((one.estimate / two.estimate - 1.0).abs() < 1e-7 && (one.upper / two.upper - 1.0).abs() < 1e-4);
        }
    }
}

/// A customer's forecast is that of the plain model at his covariates, intervals too; without coefficients it is that of the
/// plain model; and what is saved comes back.
#[test]
fn forecasts_follow_the_covariates() {
    let columns = drawn(&truth(2), 500, 3);
    let known = histories(&columns);
    let found = fit(PurchaseProcess::ParetoNbd).horizon(8.0).fit(&known).unwrap();
    let questions = [
        Forecast::Alive { ahead: 4.0 },
        Forecast::Purchases { after: 2.0, periods: 10.0 },
        Forecast::Count { count: 1, after: 0.0, periods: 10.0 },
    ];
    for row in [0, 3, 77] {
        let [x, last, age, web, size] = [0, 1, 2, 3, 4].map(|column: usize| [columns[column][row]]);
        let alone = Histories::new(&x, &last, &age).unwrap();
        let plain = found.at_covariates(&[web[0], size[0]]).unwrap();
        for question in questions {
            let together = found.forecast_with_interval(&known, question, 0.9).unwrap()[row];
            let apart = plain.forecast_with_interval(&alone, question, 0.9).unwrap()[0];
            for (one, two) in
                [(together.estimate, apart.estimate), (together.lower, apart.lower), (together.upper, apart.upper)]
            {
                assert!((one / two - 1.0).abs() < 1e-9, "{question:?}: {together:?} {apart:?}");
            }
        }
        let record = [x[0], last[0], age[0], web[0], size[0]];
        let expected = found.forecast(&known, Forecast::Purchases { after: 0.0, periods: 8.0 }).unwrap()[row];
        assert_eq!(found.score_row(&record), expected);
        assert!(found.score_row(&[x[0], last[0], age[0], f64::NAN, size[0]]).is_nan());
    }
    let saved = save(&found).unwrap();
    let again: PurchaseModel = load(&saved).unwrap();
    assert_eq!(again, found);
    assert_eq!(found.features().iter().map(Feature::name).collect::<Vec<_>>()[3..], ["web", "size"]);

    let zero = |name: &str| Covariate { name: name.into(), coefficients: vec![0.0; 2] };
    let plain = PurchaseModel::new(PurchaseProcess::ParetoNbd, [0.8, 8.0, 0.7, 12.0]).unwrap();
    let idle = plain.clone().with_covariates(vec![zero("web")]).unwrap();
    for question in questions {
        for (one, two) in idle.forecast(&known, question).unwrap().iter().zip(plain.forecast(&known, question).unwrap())
        {
            assert!((one / two - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn covariates_that_cannot_be_are_refused() {
    let columns = drawn(&truth(0), 60, 1);
    let known = histories(&columns);
    let refused = |names: &[&str], process| PurchaseFit::new(process).covariates(names).fit(&known).unwrap_err();
    let bg = PurchaseProcess::BgNbd;
    assert!(refused(&["web"], PurchaseProcess::BgBb).to_string().contains("fit its segments apart"));
    assert_eq!(refused(&["web", "web"], bg).code(), "invalid_parameter");
    assert_eq!(refused(&["age"], bg).code(), "invalid_parameter");
    assert_eq!(refused(&["colour"], bg).code(), "missing_column");
    let all = Histories::new(&columns[0], &columns[1], &columns[2]).unwrap();
    let same = all.clone().covariates(&[("web", &[1.0; 60])]).unwrap();
    let error = PurchaseFit::new(bg).covariates(&["web"]).fit(&same).unwrap_err();
    assert!(error.to_string().contains("covariate `web`"), "{error}");
    let mut unknown = columns[3].clone();
    unknown[7] = f64::NAN;
    let error = all.clone().covariates(&[("web", &unknown)]).unwrap_err();
    assert!(error.to_string().contains("the covariate `web` at row 7"), "{error}");
    assert_eq!(all.clone().covariates(&[("web", &[1.0])]).unwrap_err().code(), "wrong_length");
    let twice = all.clone().covariates(&[("web", &columns[3]), ("web", &columns[3])]);
    assert_eq!(twice.unwrap_err().code(), "invalid_parameter");
    let model = truth(0);
    assert_eq!(model.forecast(&all, Forecast::Alive { ahead: 0.0 }).unwrap_err().code(), "missing_column");
    assert!(model.expected_of_new(5.0).unwrap_err().to_string().contains("at_covariates"));
    assert!(model.at_covariates(&[1.0, 1.0]).unwrap().expected_of_new(5.0).unwrap() > 0.0);
    assert_eq!(model.at_covariates(&[1.0]).unwrap_err().code(), "wrong_length");
    assert_eq!(model.at_covariates(&[1e300, 0.0]).unwrap_err().code(), "invalid_parameter");
    let wrong = vec![Covariate { name: "web".into(), coefficients: vec![1.0] }];
    assert_eq!(model.with_covariates(wrong).unwrap_err().code(), "invalid_parameter");
    // Two that say the same have no coefficients of their own.
    let double = all.covariates(&[("web", &columns[3]), ("again", &columns[3])]).unwrap();
    let found = PurchaseFit::new(bg).covariates(&["web", "again"]).fit(&double).unwrap();
    let findings = found.report().unwrap().findings.join("\n");
    assert!(findings.contains("the coefficient of `again`"), "{findings}");
}

/// The samples of the bootstrap scatter about as the Hessian says, are the same for the same seed, and hold coefficients.
#[test]
fn bootstrap() {
    let columns = drawn(&truth(1), 3000, 2);
    let known = histories(&columns);
    let sampled = fit(PurchaseProcess::MbgNbd).bootstrap(&known, 60, 9).unwrap();
    assert_eq!(sampled.samples(), 60);
    assert!(sampled.failed() <= 2);
    let model = sampled.model();
    let found = sampled.parameters(0.95).unwrap();
    let bounds = model.parameters().map(|one| (one.lower, one.upper));
    let bounds = bounds.into_iter().chain(model.coefficients().into_iter().map(|one| (one.lower, one.upper)));
    assert_eq!(found.len(), 10);
    for (index, (one, (lower, upper))) in found.iter().zip(bounds).enumerate() {
        assert!(one.lower < one.estimate && one.estimate < one.upper, "{one:?}");
        let ratio = if index < 4 {
            (one.upper / one.lower).ln() / (upper / lower).ln()
        } else {
            (one.upper - one.lower) / (upper - lower)
        };
        assert!((0.6..1.6).contains(&ratio), "{one:?} against {lower} to {upper}");
    }
    assert_eq!(found[4].covariate.as_deref(), Some("web"));
    let ask = Forecast::Purchases { after: 0.0, periods: 10.0 };
    let (by_samples, by_hessian) =
        (sampled.forecast(&known, ask, 0.9).unwrap(), model.forecast_with_interval(&known, ask, 0.9).unwrap());
    for (one, two) in by_samples.iter().zip(by_hessian) {
        assert_eq!(one.estimate, two.estimate);
        let ratio = (one.upper - one.lower) / (two.upper - two.lower);
        assert!((0.5..2.0).contains(&ratio), "{one:?} {two:?}");
    }
    assert_eq!(sampled, fit(PurchaseProcess::MbgNbd).bootstrap(&known, 60, 9).unwrap());
    assert_ne!(sampled, fit(PurchaseProcess::MbgNbd).bootstrap(&known, 60, 10).unwrap());
    assert_eq!(sampled.parameters(1.0).unwrap_err().code(), "invalid_parameter");
    assert_eq!(fit(PurchaseProcess::MbgNbd).bootstrap(&known, 5, 1).unwrap_err().code(), "invalid_parameter");
}

/// Probabilities of counts add up to 1 and to the expected purchases, from today and from a later date.
#[test]
fn counts_of_single_customers() {
    let plain = [
        PurchaseModel::new(PurchaseProcess::BgNbd, [0.5, 6.0, 0.8, 2.4]).unwrap(),
        PurchaseModel::new(PurchaseProcess::MbgNbd, [0.8, 6.0, 0.9, 1.8]).unwrap(),
        PurchaseModel::new(PurchaseProcess::ParetoNbd, [0.8, 8.0, 0.7, 12.0]).unwrap(),
        PurchaseModel::new(PurchaseProcess::BgBb, [1.2, 0.75, 0.66, 2.8]).unwrap(),
    ];
    let customers = Histories::new(&[0.0, 2.0, 5.0], &[0.0, 9.0, 20.0], &[20.0, 20.0, 20.0]).unwrap();
    for model in plain {
        for after in [0.0, 6.0] {
            let of = |count: u32| model.forecast(&customers, Forecast::Count { count, after, periods: 8.0 }).unwrap();
            let chances: Vec<Vec<f64>> = (0..45).map(of).collect();
            let expected = model.forecast(&customers, Forecast::Purchases { after, periods: 8.0 }).unwrap();
            for (row, &expected) in expected.iter().enumerate() {
                let total: f64 = chances.iter().map(|chances| chances[row]).sum();
                let mean: f64 = (0_u32..).zip(&chances).map(|(count, chances)| f64::from(count) * chances[row]).sum();
                assert!((total - 1.0).abs() < 1e-8, "{model:?} {row} {after}: {total}");
                assert!((mean / expected - 1.0).abs() < 1e-6, "{model:?} {row} {after}: {mean} {expected}");
            }
        }
        let whole = Forecast::Count { count: 200_000, after: 0.0, periods: 1.0 };
        assert_eq!(model.forecast(&customers, whole).unwrap_err().code(), "invalid_parameter");
    }
}

/// A horizon that begins later is worth what the later part of a longer one is, seen from its beginning.
#[test]
fn value_at_a_later_date() {
    let model = PurchaseModel::new(PurchaseProcess::ParetoNbd, [0.8, 8.0, 0.7, 12.0]).unwrap();
    let customers = Histories::new(&[0.0, 2.0], &[0.0, 9.0], &[20.0, 20.0]).unwrap();
    let steps = |steps, after| Forecast::DiscountedInSteps(Steps { steps, periods: 2.0, rate: 0.05, after });
    let all = model.forecast(&customers, steps(10, 0.0)).unwrap();
    let first = model.forecast(&customers, steps(4, 0.0)).unwrap();
    let later = model.forecast(&customers, steps(6, 8.0)).unwrap();
    for row in 0..2 {
        let joined = first[row] + later[row] / 1.05_f64.powi(4);
        assert!((joined / all[row] - 1.0).abs() < 1e-12, "{joined} {}", all[row]);
    }
}

/// Sums that would be cut are refused.
#[test]
fn endless_sums_are_refused() {
    let bgbb = PurchaseModel::new(PurchaseProcess::BgBb, [1.2, 0.75, 0.66, 2.8]).unwrap();
    let donor = Histories::new(&[2.0], &[4.0], &[6.0]).unwrap();
    for wrong in [
        Forecast::Discounted { rate: 9e-6, after: 0.0 },
        Forecast::Purchases { after: 0.0, periods: 2e6 },
        Forecast::DiscountedInSteps(Steps { steps: 2000, periods: 1000.0, rate: 0.1, after: 0.0 }),
        Forecast::DiscountedInSteps(Steps { steps: 200_000, periods: 1.0, rate: 0.1, after: 0.0 }),
    ] {
        assert_eq!(bgbb.forecast(&donor, wrong).unwrap_err().code(), "invalid_parameter", "{wrong:?}");
    }
    assert!(bgbb.forecast(&donor, Forecast::Discounted { rate: 1e-5, after: 0.0 }).unwrap()[0] > 1.0);
    let contract = ShiftedBetaGeometric::new([0.7, 1.2]).unwrap();
    assert_eq!(contract.expected_residual_lifetime(1, 9e-6).unwrap_err().code(), "invalid_parameter");
    assert!(contract.expected_residual_lifetime(1, 1e-5).unwrap().is_finite());
}

#[test]
fn contracts_by_segment() {
    let periods = [1, 2, 3, 3, 1, 1, 2, 3];
    let left = [true, true, false, false, true, true, false, false];
    let segments = ["b", "b", "b", "b", "a", "a", "a", "a"];
    let models = ShiftedBetaGeometric::fit_segments(&periods, &left, Some(&[2.0; 8]), &segments).unwrap();
    let alone = ShiftedBetaGeometric::fit_customers(&periods[4..], &left[4..], Some(&[2.0; 4])).unwrap();
    assert_eq!(models[0], ("a".to_owned(), alone));
    assert_eq!(models.len(), 2);
    let refused = |periods: &[u32], segments: &[&str]| {
        ShiftedBetaGeometric::fit_segments(periods, &left, None, segments).unwrap_err()
    };
    assert_eq!(refused(&periods, &segments[1..]).code(), "wrong_length");
    let wrong = refused(&[1, 2, 3, 3, 1, 0, 2, 3], &segments);
    assert!(wrong.to_string().contains("row 5"), "{wrong}");
    let few = refused(&periods, &["b", "b", "b", "b", "a", "a", "a", "lonely"]);
    assert!(few.to_string().contains("segment `lonely`"), "{few}");
    let truth = ShiftedBetaGeometric::new([0.7, 1.2]).unwrap();
    let drawn = truth.simulate(&[0, 3, 9, 9], 4).unwrap();
    assert_eq!((drawn.periods[0], drawn.left[0]), (0, false));
    assert_eq!(drawn, truth.simulate(&[0, 3, 9, 9], 4).unwrap());
    assert_eq!(truth.simulate(&[1, 20_000], 4).unwrap_err().code(), "invalid_value");
}

/// A covariance that no numbers can have is not taken from a file.
#[test]
fn impossible_covariances_are_refused() {
    let with = |covariance: &str| {
        let text = format!(
            r#"{{"format": 1, "kind": "shifted_beta_geometric", "parameters": [0.7, 1.2], "covariance": {covariance}}}"#
        );
        load::<ShiftedBetaGeometric>(&text)
    };
    assert!(with("[[1.0, 0.5], [0.5, 1.0]]").is_ok());
    assert!(with("[[0.0, 0.0], [0.0, 1.0]]").is_ok());
    assert!(with("[[1.0, 1.0], [1.0, 1.0]]").is_ok());
    for wrong in [
        "[[1.0, 2.0], [2.0, 1.0]]",
        "[[0.0, 0.5], [0.5, 1.0]]",
        "[[-1.0, 0.0], [0.0, 1.0]]",
        "[[1.0, 0.5], [0.4, 1.0]]",
    ] {
        assert!(with(wrong).unwrap_err().to_string().contains("covariance"), "{wrong}");
    }
}
