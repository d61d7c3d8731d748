//! Discounted purchases seen from a later date, and models with covariates held against what happened.

#![allow(clippy::unwrap_used)]

use tierwise::value::{CountFit, LaterRows, Tracking};
use tierwise::value::{
    Covariate, Forecast, Histories, PurchaseFit, PurchaseModel, PurchaseProcess, count_fit, rfm, tracking,
};

fn models() -> [(PurchaseModel, [[f64; 3]; 2]); 4] {
    let of = |process, parameters| PurchaseModel::new(process, parameters).unwrap();
    let weeks = [[0.0, 0.0, 38.86], [2.0, 30.43, 38.86]];
    [
        (of(PurchaseProcess::BgNbd, [0.243, 4.414, 0.793, 2.426]), weeks),
        (of(PurchaseProcess::MbgNbd, [0.525, 6.183, 0.891, 1.614]), weeks),
        (of(PurchaseProcess::ParetoNbd, [0.553, 10.58, 0.606, 11.656]), weeks),
        (of(PurchaseProcess::BgBb, [1.204, 0.750, 0.657, 2.783]), [[0.0, 0.0, 6.0], [4.0, 5.0, 6.0]]),
    ]
}

fn one(model: &PurchaseModel, [x, last, age]: [f64; 3], forecast: Forecast) -> f64 {
    model.forecast(&Histories::new(&[x], &[last], &[age]).unwrap(), forecast).unwrap()[0]
}

fn close(found: f64, expected: f64, relative: f64) {
    assert!((found / expected - 1.0).abs() < relative, "{found} {expected}");
}

/// Integrals over the parameters and over time at 22 digits; the rate is 0.01 per week, and 0.1 per period of BG/BB.
#[test]
fn discounted_purchases_from_a_later_date() {
    const EXPECTED: [[[f64; 2]; 4]; 3] = [
        [
            [0.395_807_880_131_202_4, 2.261_603_247_064_832],
            [0.299_424_137_260_595_5, 2.255_495_605_447_922],
            [0.200_360_228_096_735_6, 2.724_370_635_078_349],
            [0.114_646_996_181_764_1, 3.196_167_404_509_834],
        ],
        [
            [0.359_074_585_494_399_3, 1.943_861_504_938_485],
            [0.265_591_573_648_803, 1.899_490_918_878_639],
            [0.173_486_279_542_856_9, 2.358_955_817_056_457],
            [0.060_130_216_218_774_49, 1.676_330_331_410_331],
        ],
        [
            [0.186_168_757_429_866_2, 0.777_075_756_888_987_9],
            [0.119_926_067_858_150_5, 0.674_024_723_833_950_4],
            [0.078_641_201_764_339_85, 1.069_312_921_178_142],
            [0.013_684_505_973_695_32, 0.381_501_246_405_111_7],
        ],
    ];
    for (after, expected) in [0.0, 26.0, 400.0].into_iter().zip(EXPECTED) {
        for ((model, customers), expected) in models().into_iter().zip(expected) {
            let rate = if model.process() == PurchaseProcess::BgBb { 0.1 } else { 0.01 };
            for (customer, expected) in customers.into_iter().zip(expected) {
                close(one(&model, customer, Forecast::Discounted { rate, after }), expected, 1e-11);
            }
        }
    }
    // So little within what the discount leaves, after so much, that no difference of two sums would show it.
    let far = Forecast::Discounted { rate: 5.0, after: 400.0 };
    let expected = [0.001_770_930_983_563_114, 0.001_559_964_444_495_444, 0.002_382_879_894_283_341];
    for ((model, [_, customer]), expected) in models().into_iter().zip(expected) {
        close(one(&model, customer, far), expected, 1e-11);
    }
}

/// What comes until a date and what comes after it are together what comes at all, each at its worth.
#[test]
fn worth_until_a_date_and_after_it() {
    const STEPS: u32 = 600;
    for (model, customers) in models() {
        let is_whole = model.process() == PurchaseProcess::BgBb;
        let (rate, after) = if is_whole { (0.1, 12.0) } else { (0.02, 30.0) };
        let steps = if is_whole { 12 } else { STEPS };
        let width = after / f64::from(steps);
        for customer in customers {
            let all = one(&model, customer, Forecast::Discounted { rate, after: 0.0 });
            let later = one(&model, customer, Forecast::Discounted { rate, after });
            let worth = |time: f64| if is_whole { (1.0 + rate).powf(-time) } else { (-rate * time).exp() };
            let until: f64 = (0..steps)
                .map(|step| {
                    let from = f64::from(step) * width;
                    let when = from + if is_whole { width } else { 0.5 * width };
                    worth(when) * one(&model, customer, Forecast::Purchases { after: from, periods: width })
                })
                .sum();
            close(until + worth(after) * later, all, if is_whole { 1e-12 } else { 1e-6 });
        }
    }
}

/// The interval of a later date holds the estimate, and a file from before there were later dates still asks for today.
#[test]
fn later_dates_have_intervals() {
    let truth = PurchaseModel::new(PurchaseProcess::ParetoNbd, [0.8, 8.0, 0.7, 12.0]).unwrap();
    let known = truth.simulate(&[30.0; 600], 4).unwrap().histories();
    let model = PurchaseFit::new(PurchaseProcess::ParetoNbd).fit(&known).unwrap();
    let later = Forecast::Discounted { rate: 0.02, after: 20.0 };
    let (today, then) = (model.forecast(&known, Forecast::Discounted { rate: 0.02, after: 0.0 }).unwrap(), later);
    let intervals = model.forecast_with_interval(&known, then, 0.9).unwrap();
    for (one, today) in intervals.iter().zip(today) {
        assert!(one.lower < one.estimate && one.estimate < one.upper && one.estimate < today, "{one:?} {today}");
    }
    let old: Forecast = serde_json::from_str(r#"{"discounted": {"rate": 0.02}}"#).unwrap();
    assert_eq!(old, Forecast::Discounted { rate: 0.02, after: 0.0 });
    for after in [-1.0, f64::NAN, f64::INFINITY] {
        let error = model.forecast(&known, Forecast::Discounted { rate: 0.02, after }).unwrap_err();
        assert!(error.to_string().contains("`after`"), "{error}");
    }
    let [.., (whole, [_, donor])] = models();
    let donor = Histories::new(&[donor[0]], &[donor[1]], &[donor[2]]).unwrap().into_owned();
    assert!(whole.forecast(&donor, Forecast::Discounted { rate: 0.1, after: 0.5 }).is_err());
}

const DAYS: i32 = 400;

/// Purchases of customers with two covariates, drawn from a model of which both move the parameters, and the model.
fn log_of_two_channels() -> (PurchaseModel, Vec<u32>, Vec<i32>, [Vec<f64>; 2]) {
    let covariate =
        |name: &str, coefficients: &[f64]| Covariate { name: name.into(), coefficients: coefficients.into() };
    let truth = PurchaseModel::new(PurchaseProcess::ParetoNbd, [0.8, 60.0, 0.7, 90.0]).unwrap();
    let truth = truth.with_covariates(vec![covariate("web", &[1.2, -0.5]), covariate("size", &[-0.4, 0.2])]).unwrap();
    let customers = 900;
    let web: Vec<f64> = (0..customers).map(|row| f64::from(row % 3 / 2)).collect();
    let size: Vec<f64> = (0..customers).map(|row| f64::from(row % 4)).collect();
    let start = |row: usize| (row * 37 % 90) as i32;
    let ages: Vec<f64> = (0..customers as usize).map(|row| f64::from(DAYS - start(row))).collect();
    let zeros = vec![0.0; ages.len()];
    let like = Histories::new(&zeros, &zeros, &ages).unwrap().covariates(&[("web", &web), ("size", &size)]).unwrap();
    let drawn = truth.simulate_again(&like, 21).unwrap();
    let days = drawn.customer.iter().zip(&drawn.time).map(|(&one, time)| start(one as usize) + time.ceil() as i32);
    let days = days.collect();
    let of_rows = |column: &[f64]| drawn.customer.iter().map(|&one| column[one as usize]).collect::<Vec<f64>>();
    let columns = [of_rows(&web), of_rows(&size)];
    (truth, drawn.customer, days, columns)
}

fn named([web, size]: &[Vec<f64>; 2]) -> [(&str, &[f64]); 2] {
    [("size", size), ("web", web)]
}

/// The curve of a model with covariates is the sum of those of the plain models of its kinds of customers, and runs along
/// with what was drawn.
#[test]
fn tracking_sums_over_covariates() {
    let (truth, customers, days, columns) = log_of_two_channels();
    let all = tracking(&truth, &customers, &days, 200, DAYS, 50, &named(&columns)).unwrap();
    let mut sum = Tracking { points: Vec::new() };
    for (web, size) in (0..2).flat_map(|web| (0..4).map(move |size| (f64::from(web), f64::from(size)))) {
        let rows: Vec<usize> =
            (0..days.len()).filter(|&row| columns[0][row] == web && columns[1][row] == size).collect();
        let customers: Vec<u32> = rows.iter().map(|&row| customers[row]).collect();
        let days: Vec<i32> = rows.iter().map(|&row| days[row]).collect();
        let plain = truth.at_covariates(&[web, size]).unwrap();
        let part = tracking(&plain, &customers, &days, 200, DAYS, 1, &[]).unwrap();
        let at = |day: i32| *part.points.iter().find(|point| point.day == day).unwrap();
        for (index, point) in all.points.iter().enumerate() {
            let part = at(point.day);
            match sum.points.get_mut(index) {
                Some(sum) => (sum.expected, sum.actual) = (sum.expected + part.expected, sum.actual + part.actual),
                None => sum.points.push(part),
            }
        }
    }
    for (all, sum) in all.points.iter().zip(&sum.points) {
        close(all.expected, sum.expected, 1e-12);
        assert_eq!(all.actual, sum.actual);
    }
    let last = all.points.last().unwrap();
    close(last.expected, last.actual, 0.08);
    // If all were of one kind, it would be off.
    let apart = truth.at_covariates(&[1.0, 0.0]).unwrap();
    let apart = tracking(&apart, &customers, &days, 200, DAYS, 50, &[]).unwrap();
    assert!((apart.points.last().unwrap().expected / last.actual - 1.0).abs() > 0.2);
}

#[test]
fn covariates_of_a_log_are_checked() {
    let (truth, customers, days, columns) = log_of_two_channels();
    let of = |columns: &[(&str, &[f64])]| tracking(&truth, &customers, &days, 200, DAYS, 50, columns).unwrap_err();
    assert_eq!(of(&[("web", &columns[0])]).code(), "missing_column");
    assert_eq!(of(&[("web", &columns[0]), ("size", &[1.0])]).code(), "wrong_length");
    let again = (1..days.len()).find(|&row| customers[row] == customers[row - 1] && days[row - 1] <= 200).unwrap();
    for wrong in [f64::NAN, f64::INFINITY, columns[1][again] + 1.0] {
        let mut size = columns[1].clone();
        size[again] = wrong;
        let error = of(&named(&[columns[0].clone(), size]));
        let expected = format!("the covariate `size` at row {again}");
        assert!(error.to_string().contains(&expected) && error.code() == "invalid_value", "{error}");
    }
    // Customers who came later are passed over, whatever stands in their rows.
    let mut late = (customers.clone(), days.clone(), columns.clone());
    late.0.push(5000);
    late.1.push(DAYS - 1);
    late.2.iter_mut().for_each(|column| column.push(f64::NAN));
    assert_eq!(
        tracking(&truth, &late.0, &late.1, 200, DAYS, 50, &named(&late.2)).unwrap(),
        tracking(&truth, &customers, &days, 200, DAYS, 50, &named(&columns)).unwrap()
    );
}

/// Counts expected of a model with covariates are the sums of those of the plain models, whole in number, and near to what was
/// drawn.
#[test]
fn counts_sum_over_covariates() {
    let (truth, customers, days, columns) = log_of_two_channels();
    let table = rfm(&customers, &days, &vec![1.0; days.len()], DAYS, LaterRows::Refuse).unwrap();
    let histories = Histories::from_rfm(&table).unwrap();
    let of_customer = |column: &[f64]| {
        let value = |one: &u32| column[customers.iter().position(|other| other == one).unwrap()];
        table.customer.iter().map(value).collect::<Vec<f64>>()
    };
    let [web, size] = columns.each_ref().map(|column| of_customer(column));
    let weights: Vec<f64> = (0..table.len()).map(|row| 1.0 + (row % 3) as f64).collect();
    let all = histories.covariates(&[("web", &web), ("size", &size)]).unwrap().weights(&weights).unwrap();
    let found = count_fit(&truth, &all, 5).unwrap();
    let mut sum: Vec<CountFit> = (0..=5).map(|repeats| CountFit { repeats, expected: 0.0, actual: 0.0 }).collect();
    for (row, history) in all.iter().enumerate() {
        let alone = Histories::new(&[history.repeats], &[history.last], &[history.age]).unwrap().into_owned();
        let plain = truth.at_covariates(&[web[row], size[row]]).unwrap();
        for (sum, one) in sum.iter_mut().zip(count_fit(&plain, &alone, 5).unwrap()) {
            (sum.expected, sum.actual) =
                (sum.expected + weights[row] * one.expected, sum.actual + weights[row] * one.actual);
        }
    }
    for (found, sum) in found.iter().zip(&sum) {
        close(found.expected, sum.expected, 1e-11);
        assert_eq!(found.actual, sum.actual);
        assert!((found.expected - found.actual).abs() < 5.0 * found.actual.sqrt() * 3.0_f64.sqrt(), "{found:?}");
    }
    let customers: f64 = weights.iter().sum();
    close(found.iter().map(|one| one.expected).sum(), customers, 1e-9);
    let bare = Histories::from_rfm(&table).unwrap();
    assert_eq!(count_fit(&truth, &bare, 5).unwrap_err().code(), "missing_column");
}
