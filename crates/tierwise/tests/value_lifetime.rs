//! Lifetime models against published and exact values, and in recovery of what was drawn.

#![allow(clippy::unwrap_used, clippy::excessive_precision)] // values stand as they are published

use tierwise::value::{
    Forecast, GammaGamma, Histories, History, PaidAmounts, PurchaseFit, PurchaseModel, PurchaseProcess,
    RetentionEconomics, ShiftedBetaGeometric, Steps, count_fit, holdout, lifetime_value, lifetime_value_with_interval,
    tracking,
};

const BG: [f64; 4] = [0.243, 4.414, 0.793, 2.426];
const PARETO: [f64; 4] = [0.553, 10.580, 0.606, 11.656];
const BGBB: [f64; 4] = [1.203_520_830_404_98, 0.749_714_243_061_896, 0.656_712_169_147_878, 2.783_408_016_358_98];

fn model(process: PurchaseProcess, parameters: [f64; 4]) -> PurchaseModel {
    PurchaseModel::new(process, parameters).unwrap()
}

fn one(model: &PurchaseModel, history: [f64; 3], forecast: Forecast) -> f64 {
    let [x, last, age] = history.map(|value| [value]);
    model.forecast(&Histories::new(&x, &last, &age).unwrap(), forecast).unwrap()[0]
}

fn alive(model: &PurchaseModel, history: [f64; 3]) -> f64 {
    one(model, history, Forecast::Alive { ahead: 0.0 })
}

fn purchases(model: &PurchaseModel, periods: f64, history: [f64; 3]) -> f64 {
    one(model, history, Forecast::Purchases { after: 0.0, periods })
}

#[track_caller]
fn close(found: f64, expected: f64, relative: f64) {
    assert!(
        (found / expected - 1.0).abs() < relative,
        "{found} is not {expected}: off by {:e}",
        found / expected - 1.0
    );
}

/// BTYD 2.4.3 at rounded parameters; twelve digits are printed.
#[test]
fn bg_nbd_at_published_parameters() {
    let bg = model(PurchaseProcess::BgNbd, BG);
    close(alive(&bg, [23.0, 39.0, 39.0]), 0.968_555_454_221, 1e-11);
    close(alive(&bg, [2.0, 30.43, 38.86]), 0.726_578_570_080_672_9, 1e-12);
    for (x, expected) in
        [(5.0, 0.705_626_847_158), (10.0, 0.571_551_734_243), (15.0, 0.375_091_892_890), (20.0, 0.196_820_444_467)]
    {
        close(alive(&bg, [x, 30.0, 39.0]), expected, 1e-10);
    }
    for (periods, expected) in [
        (1.0, 0.053_267_891_171_7),
        (2.0, 0.103_389_739_756_3),
        (5.0, 0.239_288_200_280_5),
        (10.0, 0.432_413_362_234_4),
        (52.0, 1.446_050_595_396_404),
    ] {
        close(bg.expected_of_new(periods).unwrap(), expected, 1e-10);
    }
    close(purchases(&bg, 39.0, [2.0, 30.43, 38.86]), 1.226_028_174_767_144, 1e-12);
    close(purchases(&bg, 2.0, [10.0, 35.0, 39.0]), 0.391_569_207_091, 1e-10);
    close(purchases(&bg, 52.0, [26.0, 30.86, 31.0]), 25.758_195_936_483_51, 1e-12);
    let count = |n, from, width| bg.probability_of_count(n, from, width).unwrap();
    close(count(10, 0.0, 2.0), 1.078_689_640_36e-7, 1e-10);
    close(count(0, 0.0, 39.0), 0.573_786_352_096, 1e-11);
    close(count(11, 0.0, 30.0), 0.001_999_521_447_479, 1e-11);
    close(count(0, 39.0, 39.0), 0.754_001_146_120_877, 1e-12);
    close(count(0, 1.0, 1.0), 0.954_362_318_388_572, 1e-12);
    close(bg.expected_of_new(78.0).unwrap() - bg.expected_of_new(39.0).unwrap(), 0.663_795_864_621_952, 1e-11);
}

#[test]
fn pareto_nbd_at_published_parameters() {
    let pareto = model(PurchaseProcess::ParetoNbd, PARETO);
    close(alive(&pareto, [0.0, 0.0, 39.0]), 0.294_273_166_085_025_9, 1e-12);
    close(alive(&pareto, [2.0, 30.43, 38.86]), 0.869_134_560_246_004_4, 1e-12);
    for (x, expected) in
        [(5.0, 0.810_787_684_449), (10.0, 0.693_682_615_127), (15.0, 0.528_338_262_792), (20.0, 0.344_414_947_367)]
    {
        close(alive(&pareto, [x, 30.0, 39.0]), expected, 1e-10);
    }
    for (periods, expected) in [
        (1.0, 0.050_968_820_723_6),
        (2.0, 0.099_551_474_202_0),
        (5.0, 0.233_503_146_601_4),
        (10.0, 0.427_444_141_945_6),
        (52.0, 1.472_160_269_83),
    ] {
        close(pareto.expected_of_new(periods).unwrap(), expected, 1e-10);
    }
    close(purchases(&pareto, 52.0, [26.0, 30.86, 31.0]), 25.455_705_018_841_79, 1e-12);
    close(purchases(&pareto, 52.0, [0.0, 0.0, 39.0]), 0.135_405_489_152_299_8, 1e-12);
    close(purchases(&pareto, 2.0, [10.0, 35.0, 39.0]), 0.388_610_472_492, 1e-10);
    for (x, expected) in [
        (5.0, 0.134_860_787_060_3),
        (10.0, 0.136_512_088_736_0),
        (15.0, 0.071_256_312_676_7),
        (20.0, 0.025_602_856_184_2),
    ] {
        close(purchases(&pareto, 2.0, [x, 25.0, 39.0]), expected, 1e-10);
    }
    let count = |n, from, width| pareto.probability_of_count(n, from, width).unwrap();
    close(count(10, 0.0, 2.0), 1.887_144_098_6e-9, 1e-10);
    close(count(0, 0.0, 39.0), 0.593_756_127_735, 1e-10);
    close(count(11, 0.0, 30.0), 0.001_905_776_294_718, 1e-11);
    close(count(2, 5.0, 39.0), 0.071_379_919_072_296_1, 1e-12);
    // Of those who bought very often it is known well when they left: at 40 digits.
    for (repeats, n, from, expected) in [
        (500.0, 100, 0.0, 0.000_888_578_474_615_326_3),
        (2000.0, 500, 0.0, 0.000_208_574_703_700_614_5),
        (2000.0, 2500, 0.0, 2.763_799_799_944e-55),
        (10_000.0, 1000, 0.0, 0.000_051_047_671_137_022_84),
        (10_000.0, 5000, 0.0, 0.000_031_280_346_308_615_7),
        (10_000.0, 5000, 10.0, 0.000_025_613_041_282_237_54),
    ] {
        let often = model(PurchaseProcess::ParetoNbd, [0.553 + repeats, 49.58, 0.606, 50.656]);
        close(often.probability_of_count(n, from, 39.0).unwrap(), expected, 1e-10);
    }
    let rate = Forecast::Discounted { rate: 0.0027, after: 0.0 };
    close(one(&pareto, [7.0, 35.0, 77.86], rate), 0.892_432_639_081_916, 1e-11);
    for (x, expected) in
        [(7.0, 0.359_133_062_259_789_9), (8.0, 0.211_787_495_979_257_5), (9.0, 0.121_110_434_525_590_5)]
    {
        close(one(&pareto, [x, 30.0, 77.86], rate), expected, 1e-11);
    }
}

#[test]
fn bg_bb_at_published_parameters() {
    let bgbb = model(PurchaseProcess::BgBb, BGBB);
    for (history, expected) in [
        ([0.0, 0.0, 6.0], 0.108_133_276_03),
        ([4.0, 5.0, 6.0], 0.696_801_087_548),
        ([6.0, 6.0, 6.0], 0.930_433_918_611),
    ] {
        close(alive(&bgbb, history), expected, 1e-10);
    }
    close(purchases(&bgbb, 10.0, [0.0, 0.0, 6.0]), 0.130_218_150_049, 1e-10);
    close(purchases(&bgbb, 10.0, [4.0, 5.0, 6.0]), 3.627_978_180_37, 1e-10);
    close(purchases(&bgbb, 5.0, [6.0, 6.0, 6.0]), 3.752_548_975_657_6, 1e-12);
    close(bgbb.expected_of_new(10.0).unwrap(), 3.179_832_159_61, 1e-10);
    let counts = [
        0.311_138_781_520_9,
        0.170_087_511_572_4,
        0.121_476_933_752_5,
        0.100_268_086_207_7,
        0.091_671_612_921_9,
        0.092_504_186_422_1,
        0.112_852_887_602_4,
    ];
    for (n, expected) in (0..).zip(counts) {
        close(bgbb.probability_of_count(n, 0.0, 6.0).unwrap(), expected, 1e-11);
    }
    let rate = Forecast::Discounted { rate: 0.1, after: 0.0 };
    close(one(&bgbb, [6.0, 6.0, 6.0], rate), 5.909_910_053_223_819, 1e-12);
    close(one(&bgbb, [0.0, 0.0, 6.0], rate), 0.114_752_853_252_987_2, 1e-12);
    close(one(&bgbb, [4.0, 5.0, 6.0], rate), 3.197_103_073_424_061, 1e-12);
}

/// Where customers hardly differ in how often they buy, or hardly in how soon they leave. (By the trapezoid rule with two
/// million points.)
#[test]
fn corners_of_pareto_nbd() {
    for (parameters, history, expected) in [
        ([1e5, 1e6, 0.6, 10.0], [2.0, 2.0, 40.0], 0.0364),
        ([1e5, 1e6, 0.6, 1.0], [0.0, 0.0, 40.0], 0.0030),
        ([1e5, 2e6, 0.5, 1e-3], [0.0, 0.0, 100.0], 2.16e-5),
    ] {
        let found = one(&model(PurchaseProcess::ParetoNbd, parameters), history, Forecast::Alive { ahead: 0.0 });
        assert!((found / expected - 1.0).abs() < 0.02, "{parameters:?}: {found}, not {expected}");
    }
}

/// Many customers are compared by a part of them; with few who came back the part must not lose these. The same customers a
/// moment apart are as likely.
#[test]
fn the_highest_top_is_found_however_few_came_back() {
    let (mut few, mut weights, mut many) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..190_u32 {
        let age = 20.0 + f64::from(row * 7919 % 600) / 10.0;
        few.push([0.0, 0.0, age]);
        weights.push(50.0);
        many.extend((0..50).map(|moment| [0.0, 0.0, age + 1e-9 * f64::from(moment)]));
    }
    for row in 0..50_u32 {
        let age = 20.0 + f64::from(row * 6007 % 600) / 10.0;
        let last = age * (0.01 + f64::from(row * 4421 % 98) / 100.0);
        few.push([f64::from(1 + row * 31 % 14), last, age]);
        weights.push(1.0);
    }
    many.extend_from_slice(&few[190..]);
    let histories = |rows: &[[f64; 3]]| {
        let column = |at: usize| rows.iter().map(|row| row[at]).collect::<Vec<f64>>();
        Histories::new(&column(0), &column(1), &column(2)).unwrap().into_owned()
    };
    for process in [PurchaseProcess::BgNbd, PurchaseProcess::MbgNbd, PurchaseProcess::ParetoNbd] {
        let of =
            |histories: &Histories| PurchaseFit::new(process).fit(histories).unwrap().report().unwrap().log_likelihood;
        let (all, part) = (of(&histories(&few).weights(&weights).unwrap()), of(&histories(&many)));
        assert!((all - part).abs() < 0.01, "{process:?}: {all} {part}");
    }
}

/// Purchases by the hundreds neither overflow nor lose digits.
#[test]
fn stress_points() {
    let pareto = model(PurchaseProcess::ParetoNbd, [0.553, 10.578, 0.606, 11.669]);
    close(purchases(&pareto, 10.0, [132.0, 200.0, 200.0]), 6.206_825_521_841_326, 1e-12);
    close(purchases(&pareto, 10.0, [133.0, 200.0, 200.0]), 6.253_650_757_949_459, 1e-12);
    let bg = model(PurchaseProcess::BgNbd, BG);
    close(purchases(&bg, 10.0, [132.0, 200.0, 200.0]), 6.311_653_625_652_395, 1e-12);
    close(purchases(&bg, 10.0, [133.0, 200.0, 200.0]), 6.359_648_089_498_334, 1e-12);
    close(purchases(&bg, 10.0, [500.0, 300.0, 300.0]), 16.198_242_284_791_16, 1e-12);
    close(purchases(&bg, 10.0, [2000.0, 1000.0, 1000.0]), 19.828_597_932_259_81, 1e-12);
    for (x, time, pareto_log, bg_log) in [
        (132.0, 200.0, Some(-196.358_883_587_462_6), -195.525_168_799_277_5),
        (133.0, 200.0, Some(-196.821_757_152_820_4), -195.966_600_786_339_9),
        (500.0, 300.0, None, -259.175_140_904_385_2),
        (2000.0, 1000.0, None, -631.543_206_084_020_2),
    ] {
        let (repeats, times) = ([x], [time]);
        let customer = Histories::new(&repeats, &times, &times).unwrap();
        close(bg.log_likelihood(&customer).unwrap(), bg_log, 1e-12);
        if let Some(expected) = pareto_log {
            close(pareto.log_likelihood(&customer).unwrap(), expected, 1e-12);
        }
    }
    for model in [pareto, bg, model(PurchaseProcess::MbgNbd, BG)] {
        for history in [[2000.0, 1000.0, 3000.0], [2000.0, 3000.0, 3000.0], [1e5, 1.0, 1e4], [0.0, 0.0, 1e9]] {
            for ahead in [0.0, 50.0] {
                let chance = one(&model, history, Forecast::Alive { ahead });
                assert!((0.0..=1.0).contains(&chance), "{model:?} {history:?} {chance}");
            }
            for forecast in
                [Forecast::Purchases { after: 5.0, periods: 1e4 }, Forecast::Discounted { rate: 1e-5, after: 0.0 }]
            {
                let expected = one(&model, history, forecast);
                assert!(expected.is_finite() && expected >= 0.0, "{model:?} {history:?} {expected}");
            }
        }
    }
}

/// Fader, Hardie and Shang's donations: 22 distinct histories of 11 104 donors, and how many have each.
const DONATIONS: [[f64; 3]; 22] = [
    [0.0, 0.0, 3464.0],
    [1.0, 1.0, 1091.0],
    [1.0, 2.0, 277.0],
    [1.0, 3.0, 129.0],
    [1.0, 4.0, 78.0],
    [1.0, 5.0, 119.0],
    [1.0, 6.0, 129.0],
    [2.0, 2.0, 613.0],
    [2.0, 3.0, 255.0],
    [2.0, 4.0, 155.0],
    [2.0, 5.0, 173.0],
    [2.0, 6.0, 234.0],
    [3.0, 3.0, 322.0],
    [3.0, 4.0, 181.0],
    [3.0, 5.0, 225.0],
    [3.0, 6.0, 357.0],
    [4.0, 4.0, 240.0],
    [4.0, 5.0, 284.0],
    [4.0, 6.0, 512.0],
    [5.0, 5.0, 335.0],
    [5.0, 6.0, 728.0],
    [6.0, 6.0, 1203.0],
];

fn donations() -> Histories<'static> {
    let column = |index: usize| DONATIONS.map(|row| row[index]);
    Histories::new(&column(0), &column(1), &[6.0; 22]).unwrap().weights(&column(2)).unwrap().into_owned()
}

#[test]
fn bg_bb_on_donations() {
    let model = PurchaseFit::new(PurchaseProcess::BgBb).fit(&donations()).unwrap();
    let published = self::model(PurchaseProcess::BgBb, BGBB);
    close(published.log_likelihood(&donations()).unwrap(), -33_225.581_274_4, 1e-11);
    let expected = [
        (1.203_522_351_601_913_9, 0.069_391_4),
        (0.749_716_358_172_938_9, 0.029_447_7),
        (0.656_718_208_441_832_4, 0.051_009_9),
        (2.783_442_232_577_380_7, 0.320_819_0),
    ];
    for (found, (estimate, error)) in model.parameters().into_iter().zip(expected) {
        close(found.estimate, estimate, 1e-9);
        close(found.standard_error, error, 1e-5);
    }
    close(model.report().unwrap().log_likelihood, -33_225.581_274_347_006_8, 1e-12);
    let forecast = model.forecast(&donations(), Forecast::Purchases { after: 0.0, periods: 5.0 }).unwrap();
    assert_eq!(model.report().unwrap().customers, 11_104.0);
    let total: f64 = forecast.iter().zip(DONATIONS).map(|(expected, [.., donors])| expected * donors).sum();
    close(total, 12_884.156_963_749_24, 1e-6);
    let counted: f64 = count_fit(&model, &donations(), 6).unwrap().iter().map(|row| row.actual).sum();
    assert_eq!(counted, 11_104.0);
}

const TRUTHS: [(PurchaseProcess, [f64; 4]); 4] = [
    (PurchaseProcess::BgNbd, [0.5, 6.0, 0.8, 2.4]),
    (PurchaseProcess::MbgNbd, [0.8, 6.0, 0.9, 1.8]),
    (PurchaseProcess::ParetoNbd, [0.8, 8.0, 0.7, 12.0]),
    (PurchaseProcess::BgBb, [1.2, 0.75, 0.66, 2.8]),
];

/// What is drawn from a model is found again: within four standard errors, with a likelihood no lower than the truth's.
#[test]
fn parameters_are_recovered() {
    for (process, truth) in TRUTHS {
        let ages: Vec<f64> = (0..3000).map(|customer| f64::from(20 + customer % 30)).collect();
        let drawn = model(process, truth).simulate(&ages, 7).unwrap().histories();
        let found = PurchaseFit::new(process).fit(&drawn).unwrap();
        assert!(found.report().unwrap().converged, "{process:?}");
        for (parameter, truth) in found.parameters().into_iter().zip(truth) {
            let off = (parameter.estimate / truth).ln() * parameter.estimate / parameter.standard_error;
            assert!(off.abs() < 4.0, "{process:?} {parameter:?}, drawn with {truth}");
        }
        let expected: f64 =
            found.forecast(&drawn, Forecast::Purchases { after: 0.0, periods: 10.0 }).unwrap().iter().sum();
        let by_truth: f64 = model(process, truth)
            .forecast(&drawn, Forecast::Purchases { after: 0.0, periods: 10.0 })
            .unwrap()
            .iter()
            .sum();
        close(expected, by_truth, 0.1);
    }
}

/// What a model expects of its own customers is what they do: in counts, in time, and at a later date.
#[test]
fn forecasts_are_means_of_what_is_drawn() {
    for (process, truth) in TRUTHS {
        let model = model(process, truth);
        let drawn = model.simulate(&vec![30.0; 8_000], 3).unwrap();
        let mut early: Vec<(f64, f64)> = vec![(0.0, 0.0); 8_000];
        let mut later = [vec![0.0; 8_000], vec![0.0; 8_000]];
        for (&customer, &time) in drawn.customer.iter().zip(&drawn.time).filter(|&(_, &time)| time > 0.0) {
            let known = &mut early[customer as usize];
            match time {
                time if time <= 10.0 => *known = (known.0 + 1.0, time),
                time if time <= 20.0 => later[0][customer as usize] += 1.0,
                _ => later[1][customer as usize] += 1.0,
            }
        }
        let (repeats, last): (Vec<f64>, Vec<f64>) = early.into_iter().unzip();
        let ages = vec![10.0; 8_000];
        let known = Histories::new(&repeats, &last, &ages).unwrap();
        for (after, later) in [0.0, 10.0].into_iter().zip(&later) {
            let expected = model.forecast(&known, Forecast::Purchases { after, periods: 10.0 }).unwrap();
            let off: Vec<f64> = expected.iter().zip(later).map(|(expected, actual)| actual - expected).collect();
            let error = off.iter().map(|one| one * one).sum::<f64>().sqrt();
            assert!(off.iter().sum::<f64>().abs() < 4.0 * error, "{process:?} {after}: {error}");
            assert!(error < 0.05 * expected.iter().sum::<f64>(), "{process:?} {after}: {error}");
        }
        let counts = count_fit(&model, &known, 4).unwrap();
        assert_eq!(counts.iter().map(|row| row.actual).sum::<f64>(), 8_000.0);
        for row in counts {
            assert!((row.expected - row.actual).abs() < 5.0 * row.expected.sqrt(), "{process:?} {row:?}");
        }
    }
}

#[test]
fn time_units_weights_and_copies_do_not_matter() {
    for (process, truth) in TRUTHS {
        let drawn = model(process, truth).simulate(&[25.0; 400], 5).unwrap().histories();
        let column = |of: fn(&History) -> f64| drawn.iter().map(|one| of(&one)).collect::<Vec<f64>>();
        let (x, last, age) = (column(|one| one.repeats), column(|one| one.last), column(|one| one.age));
        let fitted = |histories: &Histories, fit: PurchaseFit| fit.fit(histories).unwrap();
        let plain = fitted(&drawn, PurchaseFit::new(process));
        let same = |other: &PurchaseModel, what: &str| {
            for (one, two) in plain.parameters().into_iter().zip(other.parameters()) {
                assert!((one.estimate / two.estimate - 1.0).abs() < 1e-10, "{process:?} {what}: {one:?} {two:?}");
            }
        };
        let days = |column: &[f64]| column.iter().map(|time| time * 7.0).collect::<Vec<f64>>();
        let in_days = Histories::new(&x, &days(&last), &days(&age)).unwrap().into_owned();
        if process != PurchaseProcess::BgBb {
            same(&fitted(&in_days, PurchaseFit::new(process).days_per_period(7.0)), "weeks of days");
            let of_days = fitted(&in_days, PurchaseFit::new(process));
            close(of_days.parameters()[1].estimate, 7.0 * plain.parameters()[1].estimate, 1e-12);
        }
        let twice = |column: &[f64]| column.iter().chain(column).copied().collect::<Vec<f64>>();
        let copied =
            fitted(&Histories::new(&twice(&x), &twice(&last), &twice(&age)).unwrap(), PurchaseFit::new(process));
        same(&copied, "copies");
        let weighted = drawn.clone().weights(&[2.0; 400]).unwrap();
        let weighted = fitted(&weighted, PurchaseFit::new(process));
        same(&weighted, "weights");
        close(weighted.parameters()[0].standard_error, copied.parameters()[0].standard_error, 1e-6);
        close(plain.parameters()[0].standard_error, 2.0_f64.sqrt() * copied.parameters()[0].standard_error, 1e-6);
    }
}

/// Intervals hold the truth about as often as they say, over samples of customers.
#[test]
fn intervals_cover() {
    let truth = model(PurchaseProcess::MbgNbd, [0.8, 6.0, 0.9, 1.8]);
    let customer = Histories::new(&[2.0, 0.0], &[15.0, 0.0], &[20.0, 20.0]).unwrap();
    let questions = [Forecast::Purchases { after: 0.0, periods: 20.0 }, Forecast::Alive { ahead: 0.0 }];
    let (mut held, mut asked) = (0, 0);
    for seed in 0..60 {
        let drawn = truth.simulate(&[30.0; 500], seed).unwrap().histories();
        let found = PurchaseFit::new(PurchaseProcess::MbgNbd).fit(&drawn).unwrap();
        for question in questions {
            let intervals = found.forecast_with_interval(&customer, question, 0.9).unwrap();
            for (interval, truth) in intervals.into_iter().zip(truth.forecast(&customer, question).unwrap()) {
                assert!(interval.lower < interval.estimate && interval.estimate < interval.upper);
                asked += 1;
                held += u32::from(interval.lower <= truth && truth <= interval.upper);
            }
        }
    }
    let share = f64::from(held) / f64::from(asked);
    assert!((0.82..=0.97).contains(&share), "{share} of intervals of 90 %");
}

#[test]
fn gamma_gamma_recovers_spend() {
    let truth = GammaGamma::new([6.25, 3.74, 15.44]).unwrap();
    let customers: Vec<u32> = (0..9000).map(|row| row % 3000).collect();
    let amounts = truth.simulate(&customers, 11);
    let mean: Vec<f64> =
        (0..3000).map(|one| (amounts[one] + amounts[one + 3000] + amounts[one + 6000]) / 3.0).collect();
    let found = GammaGamma::fit(&vec![3.0; 3000], &mean, None).unwrap();
    for (parameter, truth) in found.parameters().into_iter().zip([6.25, 3.74, 15.44]) {
        assert!((parameter.estimate - truth).abs() < 4.0 * parameter.standard_error, "{parameter:?} {truth}");
    }
    let cents: Vec<f64> = mean.iter().map(|one| one * 100.0).collect();
    let in_cents = GammaGamma::fit(&vec![3.0; 3000], &cents, None).unwrap();
    close(in_cents.parameters()[2].estimate, 100.0 * found.parameters()[2].estimate, 1e-9);
    close(in_cents.parameters()[1].estimate, found.parameters()[1].estimate, 1e-10);
    let of_one = truth.log_likelihood(&[2.0], &[35.5], None).unwrap();
    close(of_one.exp(), 0.016_217_486_705_9, 1e-11);
    assert_eq!(truth.log_likelihood(&[0.0], &[1.0], None).unwrap_err().code(), "not_enough_data");
    let at_found = found.log_likelihood(&vec![3.0; 3000], &mean, None).unwrap();
    close(at_found, found.report().unwrap().log_likelihood, 1e-13);
    let published = truth.expected(&[2.0, 1.0, 0.0], &[22.35, 11.77, f64::NAN]).unwrap();
    for (found, expected) in published.into_iter().zip([24.663_713_910_8, 18.916_852_057_8, 35.218_978_102_2]) {
        close(found, expected, 1e-11);
    }
    let spread = found.expected_with_interval(&[3.0, 0.0], &[30.0, f64::NAN], 0.95).unwrap();
    assert!(spread.iter().all(|one| one.lower < one.estimate && one.estimate < one.upper));
}

#[test]
fn contracts_by_survivors_and_by_customers() {
    let survivors = [1000.0, 631.0, 468.0, 382.0, 326.0, 289.0, 262.0, 241.0];
    let model = ShiftedBetaGeometric::fit_survivors(&survivors).unwrap();
    let [alpha, beta] = model.parameters();
    close(alpha.estimate, 0.704_077_298_473_516_2, 1e-12);
    close(beta.estimate, 1.182_043_026_209_475_7, 1e-12);
    close(model.report().unwrap().log_likelihood, -1_680.265_188_463_287, 1e-12);
    for (period, expected) in (1..).zip([0.626_706_054_1, 0.756_047_143_1, 0.818_822_568_6, 0.855_902_587_0]) {
        close(model.retention(period).unwrap(), expected, 1e-9);
    }
    close(model.survival(12).unwrap(), 0.170_037_452_8, 1e-9);
    for (renewal, expected) in (1..).zip([2.964_399_270_26, 4.103_139_775_08, 4.869_804_652_52, 5.442_058_466_74]) {
        close(model.expected_residual_lifetime(renewal, 0.1).unwrap(), expected, 1e-11);
    }
    // The same cohort, customer by customer.
    let (mut periods, mut left) = (Vec::new(), Vec::new());
    for (period, two) in (1..).zip(survivors.windows(2)) {
        for _ in 0..(two[0] - two[1]) as u32 {
            periods.push(period);
            left.push(true);
        }
    }
    periods.resize(1000, 7);
    left.resize(1000, false);
    let again = ShiftedBetaGeometric::fit_customers(&periods, &left, None).unwrap();
    close(again.parameters()[0].estimate, alpha.estimate, 1e-12);
    close(again.parameters()[0].standard_error, alpha.standard_error, 1e-9);
    assert!(alpha.standard_error > 0.05 && alpha.standard_error < 0.2);
}

#[test]
fn loyalty_pays() {
    let card = RetentionEconomics {
        acquisition_cost: 100.0,
        base_profit: vec![40.0],
        growth: vec![0.0, 10.0, 20.0],
        savings: vec![0.0, 2.0],
        referrals: vec![0.0, 0.0, 5.0],
        premium: vec![0.0, 0.0, 0.0, 8.0],
        retention: vec![0.7, 0.8, 0.9],
        discount_rate: 0.1,
    };
    let value = card.value(4).unwrap();
    let profits: Vec<f64> = value.years.iter().map(|year| year.profit).collect();
    assert_eq!(profits, [40.0, 52.0, 67.0, 75.0]);
    let there = [1.0, 0.7, 0.7 * 0.8, 0.7 * 0.8 * 0.9];
    let mut cumulative = -100.0;
    let mut discounted = -100.0;
    for ((year, there), profit) in value.years.iter().zip(there).zip(profits) {
        cumulative += there * profit;
        discounted += there * profit / 1.1_f64.powi(year.year as i32);
        close(year.there, there, 1e-14);
        close(year.cumulative, cumulative, 1e-12);
        close(year.discounted, discounted, 1e-12);
    }
    assert_eq!(value.break_even_year, Some(3));
    close(value.value, discounted, 1e-12);
    let better = RetentionEconomics { retention: vec![0.71, 0.81, 0.91], ..card.clone() };
    close(value.value_of_one_point, better.value(4).unwrap().value - value.value, 1e-12);
    let faithful = RetentionEconomics { retention: vec![1.0], ..card.clone() };
    assert_eq!(faithful.value(4).unwrap().value_of_one_point, 0.0);
    assert!(RetentionEconomics { retention: vec![], ..card.clone() }.value(4).is_err());
    assert!(RetentionEconomics { retention: vec![1.2], ..card }.value(4).is_err());
}

/// Drawn customers in a log: the model that drew them beats past figures in counts; ranks that are noise are called so.
#[test]
fn judged_out_of_time() {
    let truth = model(PurchaseProcess::ParetoNbd, [0.55, 10.6, 0.6, 11.7]).with_days_per_period(7.0).unwrap();
    let drawn = truth.simulate(&vec![546.0; 2000], 2).unwrap();
    let days: Vec<i32> =
        drawn.time.iter().zip(&drawn.customer).map(|(time, customer)| *time as i32 + (customer % 80) as i32).collect();
    let amounts = GammaGamma::new([6.25, 3.74, 15.44]).unwrap().simulate(&drawn.customer, 3);
    let split = holdout(&drawn.customer, &days, &amounts, 273, 546).unwrap();
    assert_eq!((split.known.len(), split.days), (2000, 273.0));
    let known = Histories::from_rfm(&split.known).unwrap();
    let fitted = PurchaseFit::new(PurchaseProcess::ParetoNbd).days_per_period(7.0).fit(&known).unwrap();
    let expected = fitted.forecast(&known, Forecast::Purchases { after: 0.0, periods: 39.0 }).unwrap();
    let judged = split.judge(&expected, &expected, 0.2, 1).unwrap();
    assert!(judged.mean_absolute_error < judged.mean_absolute_error_of_rate, "{judged:?}");
    assert!((judged.total_ratio - 1.0).abs() < (judged.total_ratio_of_rate - 1.0).abs(), "{judged:?}");
    assert!(judged.capture <= judged.capture_of_oracle && judged.capture > 0.4, "{judged:?}");
    assert!(judged.verdict[1].starts_with("It forecasts counts better"), "{judged:?}");
    let mut below = expected.clone();
    below[3] = -0.1;
    assert_eq!(split.judge(&below, &expected, 0.2, 1).unwrap_err().code(), "invalid_value");
    assert!(split.judge(&expected, &below, 0.2, 1).is_ok(), "money may be lost on a customer");
    let noise: Vec<f64> = (0..2000).map(|row| f64::from(row * 7919 % 2003)).collect();
    let blind = split.judge(&noise, &noise, 0.2, 1).unwrap();
    assert!((blind.capture - 0.2).abs() < 0.06 && blind.gain_interval.1 < 0.0, "{blind:?}");
    assert!(blind.verdict[0].starts_with("The model ranks worse"));

    let track = tracking(&fitted, &drawn.customer, &days, 273, 546, 7, &[]).unwrap();
    let last = track.points.last().unwrap();
    assert_eq!((track.points.len(), last.day), (78, 546));
    close(last.expected, last.actual, 0.1);
    assert!(track.points.windows(2).all(|two| two[1].expected >= two[0].expected && two[1].actual >= two[0].actual));
    let total: f64 = track.points.iter().map(|point| point.actual_in_step).sum();
    assert_eq!(total, last.actual);
}

#[test]
fn value_is_purchases_times_spend_times_margin() {
    let truth = model(PurchaseProcess::ParetoNbd, [0.8, 8.0, 0.7, 12.0]);
    let drawn = truth.simulate(&[40.0; 800], 9).unwrap();
    let known = drawn.histories();
    let amounts = GammaGamma::new([6.25, 3.74, 15.44]).unwrap().simulate(&drawn.customer, 4);
    let mut sums = vec![0.0; 800];
    for ((&customer, &time), amount) in drawn.customer.iter().zip(&drawn.time).zip(amounts) {
        sums[customer as usize] += if time > 0.0 { amount } else { 0.0 };
    }
    let counts: Vec<f64> = known.iter().map(|one| one.repeats).collect();
    let means: Vec<f64> = sums.iter().zip(&counts).map(|(sum, count)| sum / count).collect();
    let purchases = PurchaseFit::new(PurchaseProcess::ParetoNbd).fit(&known).unwrap();
    let spend = GammaGamma::fit(&counts, &means, None).unwrap();
    let once = Steps { steps: 1, periods: 10.0, rate: 0.0, after: 0.0 };
    let paid = PaidAmounts { purchases: &counts, mean: &means };
    let value = lifetime_value(&purchases, &spend, &known, paid, once, 0.3).unwrap();
    let expected = purchases.forecast(&known, Forecast::Purchases { after: 0.0, periods: 10.0 }).unwrap();
    let mean = spend.expected(&counts, &means).unwrap();
    for row in 0..800 {
        close(value[row], expected[row] * mean[row] * 0.3, 1e-12);
    }
    // Discounting makes it less, and small steps come close to a continuous rate.
    let some: Vec<History> = known.iter().take(40).collect();
    let column = |of: fn(&History) -> f64| some.iter().map(of).collect::<Vec<f64>>();
    let (x, last, age) = (column(|one| one.repeats), column(|one| one.last), column(|one| one.age));
    let some = Histories::new(&x, &last, &age).unwrap();
    let in_steps = |steps: u32| {
        let periods = 400.0 / f64::from(steps);
        Forecast::DiscountedInSteps(Steps { steps, periods, rate: (0.05 * periods).exp_m1(), after: 0.0 })
    };
    let coarse = purchases.forecast(&some, in_steps(400)).unwrap();
    let fine = purchases.forecast(&some, in_steps(4000)).unwrap();
    let continuous = purchases.forecast(&some, Forecast::Discounted { rate: 0.05, after: 0.0 }).unwrap();
    for row in 0..40 {
        assert!(coarse[row] < fine[row] && fine[row] < continuous[row]);
        close(fine[row], continuous[row], 4e-3);
    }
    let intervals = lifetime_value_with_interval(&purchases, &spend, &known, paid, once, 0.3, 0.9).unwrap();
    for (interval, value) in intervals.iter().zip(value) {
        assert!(interval.lower < value && value < interval.upper && interval.estimate == value);
    }
}

/// What is wrong is said, with the row and what to do.
#[test]
fn bad_input() {
    let refused = |x: f64, last: f64, age: f64| Histories::new(&[1.0, x], &[2.0, last], &[9.0, age]).unwrap_err();
    for (error, words) in [
        (refused(2.0, 10.0, 9.0), "must not lie after the customer's age"),
        (refused(2.0, 0.0, 9.0), "must lie after the first purchase"),
        (refused(0.0, 3.0, 9.0), "a customer without repeat purchases has none"),
        (refused(1.5, 3.0, 9.0), "counted in whole numbers"),
        (refused(-1.0, 0.0, 9.0), "a finite number, 0 or more"),
        (refused(1.0, f64::NAN, 9.0), "a finite number, 0 or more"),
        (refused(1.0, 3.0, f64::INFINITY), "a finite number, 0 or more"),
    ] {
        assert_eq!(error.code(), "invalid_value");
        assert!(error.to_string().contains("at row 1") && error.to_string().contains(words), "{error}");
    }
    let fit = |x: &[f64], last: &[f64], age: &[f64]| {
        PurchaseFit::new(PurchaseProcess::BgNbd).fit(&Histories::new(x, last, age).unwrap()).unwrap_err()
    };
    assert_eq!(fit(&[], &[], &[]).code(), "empty_table");
    assert_eq!(fit(&[3.0], &[4.0], &[9.0]).code(), "not_enough_data");
    let once = fit(&[0.0; 9], &[0.0; 9], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
    assert!(once.to_string().contains("all bought once"), "{once}");
    let halves = Histories::new(&[1.0], &[1.5], &[4.0]).unwrap();
    let bgbb = model(PurchaseProcess::BgBb, BGBB);
    let ask = Forecast::Purchases { after: 0.0, periods: 2.0 };
    assert!(bgbb.forecast(&halves, ask).unwrap_err().to_string().contains("whole periods"));
    let crowded = Histories::new(&[3.0], &[2.0], &[4.0]).unwrap();
    assert!(bgbb.forecast(&crowded, ask).unwrap_err().to_string().contains("at most as many"));
    let sound = Histories::new(&[1.0], &[2.0], &[4.0]).unwrap();
    for wrong in [
        Forecast::Purchases { after: 0.0, periods: 1.5 },
        Forecast::Purchases { after: -1.0, periods: 1.0 },
        Forecast::Discounted { rate: 0.0, after: 0.0 },
        Forecast::DiscountedInSteps(Steps { steps: 0, periods: 1.0, rate: 0.0, after: 0.0 }),
        Forecast::Alive { ahead: f64::NAN },
    ] {
        assert_eq!(bgbb.forecast(&sound, wrong).unwrap_err().code(), "invalid_parameter");
    }
    assert_eq!(bgbb.forecast_with_interval(&sound, ask, 0.9).unwrap_err().code(), "not_enough_data");
    let spend = |x: &[f64], mean: &[f64]| GammaGamma::fit(x, mean, None).unwrap_err().to_string();
    assert!(spend(&[1.0, 2.0], &[5.0, -3.0]).contains("row 1"));
    assert!(spend(&[1.0, 2.0], &[5.0, 3.0]).contains("at least 5"));
    assert!(GammaGamma::new([1.0, 1.0, 1.0]).unwrap_err().to_string().contains("(1, inf)"));
    assert!(ShiftedBetaGeometric::fit_survivors(&[10.0, 8.0, 9.0]).unwrap_err().to_string().contains("never rise"));
    assert_eq!(ShiftedBetaGeometric::fit_survivors(&[10.0, 10.0, 10.0]).unwrap_err().code(), "not_enough_data");
    assert_eq!(ShiftedBetaGeometric::fit_customers(&[0], &[true], None).unwrap_err().code(), "invalid_value");
}

/// A report says what the numbers do not.
#[test]
fn findings() {
    let bg = model(PurchaseProcess::BgNbd, [0.5, 6.0, 0.8, 2.4]).simulate(&[30.0; 100], 1).unwrap().histories();
    let found = PurchaseFit::new(PurchaseProcess::BgNbd).fit(&bg).unwrap();
    let findings = found.report().unwrap().findings.join("\n");
    assert!(findings.contains("only 100 customers") && findings.contains("as alive"), "{findings}");
    // Customers who never leave: b runs away, or a to 0.
    let loyal = model(PurchaseProcess::BgNbd, [2.0, 6.0, 1e-7, 10.0]).simulate(&[30.0; 300], 1).unwrap().histories();
    let found = PurchaseFit::new(PurchaseProcess::BgNbd).fit(&loyal).unwrap();
    let findings = found.report().unwrap().findings.join("\n");
    assert!(findings.contains("is not determined by the data"), "{findings} {:?}", found.parameters());
}
