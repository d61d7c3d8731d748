//! The bootstraps of spend, of contracts and of value, and what is saved of all of them.

#![allow(clippy::unwrap_used)]

use std::ops::ControlFlow;
use tierwise::model::{Kinds, fingerprint, load, save};
use tierwise::value::{
    ContractBootstrap, Forecast, GammaGamma, Histories, History, Interval, PaidAmounts, PurchaseBootstrap, PurchaseFit,
    PurchaseModel, PurchaseProcess, ShiftedBetaGeometric, SpendBootstrap, Steps, lifetime_value,
    lifetime_value_with_interval,
};

/// Purchases and mean amounts of customers, of whom every fifth never came back.
fn spenders(customers: u32, seed: u64) -> [Vec<f64>; 2] {
    let repeats: Vec<f64> = (0..customers).map(|row| f64::from(row % 5)).collect();
    let codes: Vec<u32> = (0..customers).flat_map(|row| std::iter::repeat_n(row, (row % 5) as usize)).collect();
    let amounts = GammaGamma::new([6.25, 3.74, 15.44]).unwrap().simulate(&codes, seed);
    let mut means = vec![0.0; customers as usize];
    for (&code, amount) in codes.iter().zip(amounts) {
        means[code as usize] += amount / repeats[code as usize];
    }
    [repeats, means]
}

/// How wide one interval is beside another, both by logarithms.
fn width_beside(one: (f64, f64), other: (f64, f64)) -> f64 {
    (one.1 / one.0).ln() / (other.1 / other.0).ln()
}

fn ends(one: &Interval) -> (f64, f64) {
    (one.lower, one.upper)
}

/// Where a model is true, samples scatter as the Hessian says.
#[test]
fn samples_of_spend_scatter_as_the_hessian_says() {
    let [repeats, means] = spenders(1500, 3);
    let sampled = GammaGamma::bootstrap(&repeats, &means, None, 120, 7).unwrap();
    let model = GammaGamma::fit(&repeats, &means, None).unwrap();
    assert_eq!((sampled.model(), sampled.samples(), sampled.failed()), (&model, 120, 0));
    for (one, by_hessian) in sampled.parameters(0.9).unwrap().iter().zip(model.parameters()) {
        assert!((one.name, one.estimate) == (by_hessian.name, by_hessian.estimate) && one.covariate.is_none());
        // 1.645 standard errors beside 1.96 of them; that of q is one of ln(q − 1).
        let bound = f64::from(u8::from(one.name == "q"));
        let of_samples = (one.lower - bound, one.upper - bound);
        let ratio = width_beside(of_samples, (by_hessian.lower - bound, by_hessian.upper - bound)) * 1.96 / 1.645;
        assert!((0.75..1.33).contains(&ratio), "{one:?} {by_hessian:?} {ratio}");
    }
    let by_samples = sampled.expected(&repeats, &means, 0.9).unwrap();
    for (one, two) in by_samples.iter().zip(model.expected_with_interval(&repeats, &means, 0.9).unwrap()) {
        assert_eq!(one.estimate, two.estimate);
        let ratio = width_beside(ends(one), ends(&two));
        assert!((0.7..1.4).contains(&ratio), "{one:?} {two:?}");
    }
    assert_eq!(sampled, GammaGamma::bootstrap(&repeats, &means, None, 120, 7).unwrap());
    assert_ne!(sampled, GammaGamma::bootstrap(&repeats, &means, None, 120, 8).unwrap());
    // A customer of weight 4 is one sample of four, not four times the same one.
    let weights: Vec<f64> = repeats.iter().map(|_| 4.0).collect();
    let heavy = GammaGamma::bootstrap(&repeats, &means, Some(&weights), 120, 7).unwrap();
    let of_new = |sampled: &SpendBootstrap| ends(&sampled.expected(&[0.0], &[f64::NAN], 0.9).unwrap()[0]);
    let ratio = width_beside(of_new(&heavy), of_new(&sampled));
    assert!((0.4..0.62).contains(&ratio), "{ratio}");
}

#[test]
fn samples_of_contracts_scatter_as_the_hessian_says() {
    let drawn = ShiftedBetaGeometric::new([0.7, 1.2]).unwrap().simulate(&[7; 3000], 5).unwrap();
    let sampled = ShiftedBetaGeometric::bootstrap_customers(&drawn.periods, &drawn.left, None, 300, 2).unwrap();
    let by_hessian = sampled.model().parameters();
    for (one, other) in sampled.parameters(0.95).unwrap().iter().zip(by_hessian) {
        let ratio = width_beside((one.lower, one.upper), (other.lower, other.upper));
        assert!((0.8..1.25).contains(&ratio), "{one:?} {other:?}");
    }
    // A cohort is its customers.
    let left_after =
        |period: u32| drawn.periods.iter().zip(&drawn.left).filter(move |&(&one, &left)| left && one <= period);
    let survivors: Vec<f64> = (0..=7).map(|period| 3000.0 - left_after(period).count() as f64).collect();
    assert_eq!(sampled, ShiftedBetaGeometric::bootstrap_survivors(&survivors, 300, 2).unwrap());
    for period in [1, 5, 20] {
        for (found, expected) in [
            (sampled.retention(period, 0.9).unwrap(), sampled.model().retention(period).unwrap()),
            (sampled.survival(period, 0.9).unwrap(), sampled.model().survival(period).unwrap()),
        ] {
            assert!(found.estimate == expected && found.lower < expected && expected < found.upper, "{found:?}");
        }
    }
    assert_eq!(sampled.survival(0, 0.9).unwrap(), Interval { estimate: 1.0, lower: 1.0, upper: 1.0 });
    assert_eq!(sampled.survival(1, 1.0).unwrap_err().code(), "invalid_parameter");
    assert_eq!(sampled.retention(0, 0.9).unwrap_err().code(), "invalid_parameter");
    assert_eq!(sampled.expected_residual_lifetime(1, 0.0, 0.9).unwrap_err().code(), "invalid_parameter");
}

/// Intervals hold what the customers were drawn from about as often as they say, beyond the periods that were seen too.
#[test]
fn intervals_of_contracts_cover() {
    let truth = ShiftedBetaGeometric::new([0.7, 1.2]).unwrap();
    let (mut held, mut asked) = (0, 0);
    for seed in 0..60 {
        let drawn = truth.simulate(&[6; 400], seed).unwrap();
        let sampled = ShiftedBetaGeometric::bootstrap_customers(&drawn.periods, &drawn.left, None, 60, seed).unwrap();
        for (found, truth) in [
            (sampled.survival(3, 0.9).unwrap(), truth.survival(3).unwrap()),
            (sampled.survival(15, 0.9).unwrap(), truth.survival(15).unwrap()),
            (
                sampled.expected_residual_lifetime(2, 0.1, 0.9).unwrap(),
                truth.expected_residual_lifetime(2, 0.1).unwrap(),
            ),
        ] {
            asked += 1;
            held += u32::from(found.lower <= truth && truth <= found.upper);
        }
    }
    let share = f64::from(held) / f64::from(asked);
    assert!((0.8..=0.97).contains(&share), "{share} of intervals of 90 %");
}

fn purchases_and_spend() -> (PurchaseBootstrap, SpendBootstrap, Histories<'static>, [Vec<f64>; 2]) {
    let truth = PurchaseModel::new(PurchaseProcess::MbgNbd, [0.8, 6.0, 0.9, 1.8]).unwrap();
    let known = truth.simulate(&[60.0; 1200], 2).unwrap().histories();
    let repeats: Vec<f64> = known.iter().map(|one| one.repeats).collect();
    let codes: Vec<u32> =
        (0..1200).flat_map(|row: u32| std::iter::repeat_n(row, repeats[row as usize] as usize)).collect();
    let mut means = vec![0.0; 1200];
    for (&code, amount) in codes.iter().zip(GammaGamma::new([6.25, 3.74, 15.44]).unwrap().simulate(&codes, 4)) {
        means[code as usize] += amount / repeats[code as usize];
    }
    let purchases = PurchaseFit::new(PurchaseProcess::MbgNbd).bootstrap(&known, 100, 9).unwrap();
    let spend = GammaGamma::bootstrap(&repeats, &means, None, 60, 9).unwrap();
    (purchases, spend, known, [repeats, means])
}

/// The value has the uncertainty of purchases and of amounts, as that by the Hessians has.
#[test]
fn value_by_samples_of_both_models() {
    let (purchases, spend, all, [_, means]) = purchases_and_spend();
    let some: Vec<_> = all.iter().take(90).collect();
    let column = |of: fn(&History) -> f64| some.iter().map(of).collect::<Vec<f64>>();
    let (x, last, age) = (column(|one| one.repeats), column(|one| one.last), column(|one| one.age));
    let known = Histories::new(&x, &last, &age).unwrap();
    let paid = PaidAmounts { purchases: &x, mean: &means[..90] };
    let horizon = Steps { steps: 20, periods: 1.0, rate: 0.01, after: 4.0 };
    let found = purchases.lifetime_value(&spend, &known, paid, horizon, 0.3, 0.9).unwrap();
    let (models, by_hessian) = ((purchases.model(), spend.model()), lifetime_value_with_interval);
    let value = lifetime_value(models.0, models.1, &known, paid, horizon, 0.3).unwrap();
    let by_hessian = by_hessian(models.0, models.1, &known, paid, horizon, 0.3, 0.9).unwrap();
    let ask = Forecast::DiscountedInSteps(horizon);
    let counts = purchases.forecast(&known, ask, 0.9).unwrap();
    let (mut wider, mut ratios) = (0, 0.0);
    for row in 0..known.len() {
        let one = &found[row];
        assert!(one.estimate == value[row] && one.lower < one.estimate && one.estimate < one.upper);
        let ratio = width_beside(ends(one), ends(&by_hessian[row]));
        assert!((0.4..3.0).contains(&ratio), "{one:?} {:?}", by_hessian[row]);
        ratios += ratio;
        wider += usize::from(width_beside(ends(one), ends(&counts[row])) > 1.0);
    }
    assert!((0.8..1.25).contains(&(ratios / 90.0)), "{}", ratios / 90.0);
    // Two uncertain numbers are less certain than one of them, but for chance.
    assert!(wider > 70, "{wider}");
    let later = purchases.forecast(&known, Forecast::Discounted { rate: 0.01, after: 4.0 }, 0.9).unwrap();
    assert!(later.iter().all(|one| one.lower < one.estimate && one.estimate < one.upper));
    let short = PaidAmounts { mean: &means[1..90], ..paid };
    let few = PaidAmounts { purchases: &x[1..], mean: &means[1..90] };
    for (paid, margin, level, code) in [
        (paid, 0.3, 1.0, "invalid_parameter"),
        (paid, 0.0, 0.9, "invalid_parameter"),
        (short, 0.3, 0.9, "wrong_length"),
        (few, 0.3, 0.9, "wrong_length"),
    ] {
        let error = purchases.lifetime_value(&spend, &known, paid, horizon, margin, level).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
    }
}

/// What is saved comes back, by name and among all kinds; a file that was changed to nonsense does not.
#[test]
fn bootstraps_are_saved() {
    let (purchases, spend, _, [repeats, means]) = purchases_and_spend();
    let contracts = ShiftedBetaGeometric::bootstrap_survivors(&[100.0, 60.0, 45.0, 38.0], 30, 1).unwrap();
    let ask = Forecast::Purchases { after: 0.0, periods: 10.0 };
    let again: PurchaseBootstrap = load(&save(&purchases).unwrap()).unwrap();
    let one = Histories::new(&[2.0], &[9.0], &[30.0]).unwrap();
    assert_eq!(again.forecast(&one, ask, 0.9).unwrap(), purchases.forecast(&one, ask, 0.9).unwrap());
    let again: SpendBootstrap = load(&save(&spend).unwrap()).unwrap();
    assert_eq!(again.expected(&repeats, &means, 0.9).unwrap(), spend.expected(&repeats, &means, 0.9).unwrap());
    assert_eq!(load::<ContractBootstrap>(&save(&contracts).unwrap()).unwrap(), contracts);
    for text in [save(&purchases).unwrap(), save(&spend).unwrap(), save(&contracts).unwrap()] {
        let any = Kinds::builtin().load(&text).unwrap();
        assert_eq!(save(&*any).unwrap(), text);
        let mut file: serde_json::Value = serde_json::from_str(&text).unwrap();
        file.as_object_mut().unwrap().remove("fingerprint");
        let unknowns = file["samples"][0].as_array().unwrap().len();
        for wrong in [
            serde_json::json!([]),
            serde_json::json!([[1.0]]),
            serde_json::json!([vec![1e9; unknowns]]),
            serde_json::json!([vec![-1e9; unknowns]]),
            serde_json::json!([vec![serde_json::Value::Null; unknowns]]),
        ] {
            file["samples"] = wrong;
            let error = Kinds::builtin().load(&file.to_string()).unwrap_err();
            assert_eq!(error.code(), "model_field", "{error}");
        }
    }
    assert_ne!(fingerprint(&purchases).unwrap(), fingerprint(purchases.model()).unwrap());
}

/// Where customers are few some samples have no highest point. They count, with what is forecast far out, as without them
/// intervals would be those of the samples that are less extreme.
#[test]
fn samples_without_a_top_count() {
    let truth = PurchaseModel::new(PurchaseProcess::MbgNbd, [0.8, 6.0, 0.9, 1.8]).unwrap();
    let known = truth.simulate(&[30.0; 250], 2).unwrap().histories().into_owned();
    let sampled = PurchaseFit::new(PurchaseProcess::MbgNbd).bootstrap(&known, 60, 1).unwrap();
    assert_eq!(sampled.samples(), 60);
    assert!(sampled.failed() > 20, "{}", sampled.failed());
    let some = Histories::new(&[0.0, 2.0, 9.0], &[0.0, 15.0, 29.0], &[30.0; 3]).unwrap();
    for ask in [Forecast::Purchases { after: 0.0, periods: 10.0 }, Forecast::Alive { ahead: 0.0 }] {
        let by_truth = truth.forecast(&some, ask).unwrap();
        for (one, expected) in sampled.forecast(&some, ask, 0.99).unwrap().iter().zip(by_truth) {
            assert!(one.lower < one.estimate && one.estimate < one.upper, "{one:?}");
            assert!(one.lower < expected && expected < one.upper, "{one:?} {expected}");
        }
    }
}

/// What is told of the progress ends a bootstrap where it breaks, and changes nothing where it does not.
#[test]
fn a_bootstrap_can_be_watched_and_stopped() {
    let [repeats, means] = spenders(100, 1);
    let mut told = Vec::new();
    let watched = GammaGamma::bootstrap_with(&repeats, &means, None, 200, 1, &mut |step| {
        told.push(step.step);
        ControlFlow::Continue(())
    });
    assert_eq!(watched.unwrap(), GammaGamma::bootstrap(&repeats, &means, None, 200, 1).unwrap());
    assert!(told.len() > 1 && told.is_sorted() && told.ends_with(&[200]), "{told:?}");
    let stopped = GammaGamma::bootstrap_with(&repeats, &means, None, 200, 1, &mut |_| ControlFlow::Break(()));
    assert_eq!(stopped.unwrap_err().code(), "cancelled");
}

#[test]
fn samples_that_cannot_be_are_refused() {
    let [repeats, means] = spenders(50, 1);
    for samples in [0, 19, 10_001] {
        let error = GammaGamma::bootstrap(&repeats, &means, None, samples, 1).unwrap_err();
        assert!(error.to_string().contains("[20, 10000]"), "{error}");
        assert!(ShiftedBetaGeometric::bootstrap_survivors(&[9.0, 5.0, 3.0], samples, 1).is_err());
    }
    assert_eq!(GammaGamma::bootstrap(&repeats[..3], &means[..3], None, 20, 1).unwrap_err().code(), "not_enough_data");
    assert_eq!(GammaGamma::bootstrap(&repeats, &means[1..], None, 20, 1).unwrap_err().code(), "wrong_length");
    let never = ShiftedBetaGeometric::bootstrap_customers(&[3, 2], &[false, false], None, 20, 1);
    assert_eq!(never.unwrap_err().code(), "not_enough_data");
}
