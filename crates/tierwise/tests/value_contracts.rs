//! What customers under contract are worth: margins to come, discounts, ends, and how well that is known.

#![allow(clippy::unwrap_used)]

use tierwise::value::{ContractHorizon, Interval, Margins, Payment, RetentionEconomics, ShiftedBetaGeometric};

const TODAY: ContractHorizon =
    ContractHorizon { periods: None, rate: 0.1, payment: Payment::AtStart, until_renewal: 0.0 };

const SURVIVORS: [f64; 8] = [1000.0, 631.0, 468.0, 382.0, 326.0, 289.0, 262.0, 241.0];

fn close(found: f64, expected: f64, within: f64) {
    assert!((found - expected).abs() <= within * expected.abs(), "{found} is not {expected}");
}

fn model() -> ShiftedBetaGeometric {
    ShiftedBetaGeometric::new([0.704, 1.182]).unwrap()
}

/// By sums in decimal arithmetic of 60 digits, term by term until they are below 1e-55.
#[test]
fn values_are_those_of_long_arithmetic() {
    let renewals = [0, 3, 12];
    let later = |until_renewal| ContractHorizon { until_renewal, ..TODAY };
    let seven = ContractHorizon { periods: Some(7), ..TODAY };
    let cases: [(&[f64], ContractHorizon, [f64; 3]); 5] = [
        (&[100.0], TODAY, [296.466_214_613_203_15, 544.239_132_212_039_5, 776.954_760_031_707_9]),
        (
            &[-20.0, 50.0, 80.0],
            ContractHorizon { payment: Payment::AtEnd, ..later(0.25) },
            [143.430_157_229_327_2, 292.269_275_430_548_24, 445.589_763_590_631_66],
        ),
        (&[80.0, 120.0, 0.0], later(1.0), [92.572_536_725_626_48, 136.979_834_957_375_94, 158.733_299_560_675_6]),
        (
            &[80.0, 120.0, 90.0],
            ContractHorizon { payment: Payment::AtEnd, ..seven },
            [179.936_653_886_115_9, 301.827_827_383_524_2, 385.601_611_689_712_3],
        ),
        (
            &[80.0, 120.0, 90.0],
            ContractHorizon { rate: 0.0, until_renewal: 0.5, ..seven },
            [243.259_236_800_967_04, 418.065_573_440_961_94, 543.865_341_127_991_6],
        ),
    ];
    for (stream, horizon, expected) in cases {
        let found = model().lifetime_value(&renewals, Margins::ByPeriod(stream), horizon).unwrap();
        for (found, expected) in found.into_iter().zip(expected) {
            close(found, expected, 1e-13);
        }
    }
}

#[test]
fn values_keep_their_laws() {
    let (model, renewals) = (model(), [4, 0, 250, 0, 9_999]);
    let of = |margins: Margins<'_>, horizon| model.lifetime_value(&renewals, margins, horizon).unwrap();
    let one = of(Margins::ByPeriod(&[1.0]), TODAY);
    // Without end, of a constant margin: the residual lifetime times the margin.
    for (value, so_far) in of(Margins::ByPeriod(&[37.0]), TODAY).into_iter().zip(renewals) {
        close(value, 37.0 * model.expected_residual_lifetime(so_far + 1, 0.1).unwrap(), 1e-13);
    }
    // Linear in the margin, of customers and of streams.
    let margins = [10.0, 20.0, 0.0, -5.0, 3.5];
    for ((value, one), margin) in of(Margins::ByCustomer(&margins), TODAY).into_iter().zip(&one).zip(margins) {
        close(value, one * margin, 1e-14);
    }
    let (first, second) = ([5.0, -3.0, 8.0], [1.0, 7.0, 2.0]);
    let both: Vec<f64> = first.iter().zip(&second).map(|(one, two)| 2.0 * one + 3.0 * two).collect();
    let parts = of(Margins::ByPeriod(&first), TODAY).into_iter().zip(of(Margins::ByPeriod(&second), TODAY));
    for (whole, (first, second)) in of(Margins::ByPeriod(&both), TODAY).into_iter().zip(parts) {
        close(whole, 2.0 * first + 3.0 * second, 1e-12);
    }
    // Without a discount it is the sum of who is there.
    let five = ContractHorizon { periods: Some(5), rate: 0.0, ..TODAY };
    let there: f64 = (5..=9).map(|period| model.survival(period).unwrap() / model.survival(4).unwrap()).sum();
    close(of(Margins::ByPeriod(&[1.0]), five)[0], there, 1e-12);
    // A list goes on with its last margin, and ends where that is 0.
    assert_eq!(of(Margins::ByPeriod(&[7.0]), five), of(Margins::ByPeriod(&[7.0, 7.0, 7.0]), five));
    let (ended, two) = (of(Margins::ByPeriod(&[7.0, 9.0, 0.0]), TODAY), ContractHorizon { periods: Some(2), ..TODAY });
    for (ended, two) in ended.into_iter().zip(of(Margins::ByPeriod(&[7.0, 9.0]), two)) {
        close(ended, two, 1e-14);
    }
    // A long horizon is no end, and a later payment is worth less by one discount.
    let long = of(Margins::ByPeriod(&[1.0]), ContractHorizon { periods: Some(2_000), ..TODAY });
    let at_end = of(Margins::ByPeriod(&[1.0]), ContractHorizon { payment: Payment::AtEnd, ..TODAY });
    let later = of(Margins::ByPeriod(&[1.0]), ContractHorizon { until_renewal: 2.0, ..TODAY });
    for (row, &one) in one.iter().enumerate() {
        close(long[row], one, 1e-12);
        close(at_end[row] * 1.1, one, 1e-14);
        close(later[row] * 1.21, one, 1e-14);
    }
    assert_eq!(model.lifetime_value(&[], Margins::ByCustomer(&[]), TODAY).unwrap(), Vec::<f64>::new());
}

#[test]
fn intervals_of_values_follow_the_sign_of_the_margin() {
    let model = ShiftedBetaGeometric::fit_survivors(&SURVIVORS).unwrap();
    let of = |margins: Margins<'_>| model.lifetime_value_with_interval(&[0, 3], margins, TODAY, 0.95).unwrap();
    let plain = of(Margins::ByPeriod(&[1.0]));
    assert!(plain.iter().all(|one| 0.0 < one.lower && one.lower < one.estimate && one.estimate < one.upper));
    // The interval of one customer is that of his residual lifetime.
    let own = model.expected_residual_lifetime_with_interval(1, 0.1, 0.95).unwrap();
    close(plain[0].lower, own.lower, 1e-9);
    close(plain[0].upper, own.upper, 1e-9);
    let turned = |one: &Interval, by: f64| [one.estimate * by, one.upper * by, one.lower * by];
    for (losses, plain) in
        [of(Margins::ByPeriod(&[-2.0])), of(Margins::ByCustomer(&[-2.0, -2.0]))].iter().zip([&plain; 2])
    {
        for (loss, one) in losses.iter().zip(plain) {
            let expected = turned(one, -2.0);
            for (found, expected) in [loss.estimate, loss.lower, loss.upper].into_iter().zip(expected) {
                close(found, expected, 1e-9);
            }
        }
    }
    // A first loss and gains after it: symmetric around the value, which may lie near 0.
    let mixed = of(Margins::ByPeriod(&[-150.0, 100.0, 20.0]));
    assert!(mixed[0].lower < mixed[0].estimate && mixed[0].estimate < mixed[0].upper);
    close(mixed[0].upper - mixed[0].estimate, mixed[0].estimate - mixed[0].lower, 1e-9);
    let nothing = of(Margins::ByPeriod(&[0.0]));
    assert_eq!([nothing[0].estimate, nothing[0].lower, nothing[0].upper], [0.0; 3]);
    // Curves: as the delta method by hand has it. Of the first period 1 − r = α / (α + β), so that the log-odds of r are
    // ln β − ln α, and their variance is that of a difference.
    let curve = model.retention_with_interval(1, 0.95).unwrap()[0];
    let spread = |one: Interval| {
        let odds = |share: f64| (share / (1.0 - share)).ln();
        (odds(one.upper) - odds(one.lower)) / (2.0 * 1.959_963_984_540_054)
    };
    // The first period has 369 of 1000 leave; its odds cannot be known better than they tell alone, nor much worse.
    let alone = (1.0_f64 / 369.0 + 1.0 / 631.0).sqrt();
    assert!(spread(curve) < alone && spread(curve) > 0.6 * alone, "{} {alone}", spread(curve));
}

/// Of 300 cohorts whose customers the model drew, about 95 in 100 intervals hold the truth.
#[test]
fn intervals_cover_the_truth() {
    let truth = ShiftedBetaGeometric::new([0.7, 1.2]).unwrap();
    let years = ContractHorizon { periods: Some(10), ..TODAY };
    let margins = Margins::ByPeriod(&[80.0, 100.0]);
    let true_value = truth.lifetime_value(&[2], margins, years).unwrap()[0];
    let [survival, retention] = [truth.survival(12).unwrap(), truth.retention(3).unwrap()];
    let residual = truth.expected_residual_lifetime(1, 0.1).unwrap();
    let mut held = [0; 4];
    for seed in 0..300 {
        let drawn = truth.simulate(&[7; 600], seed).unwrap();
        let found = ShiftedBetaGeometric::fit_customers(&drawn.periods, &drawn.left, None).unwrap();
        let intervals = [
            (found.lifetime_value_with_interval(&[2], margins, years, 0.95).unwrap()[0], true_value),
            (found.survival_with_interval(12, 0.95).unwrap()[11], survival),
            (found.retention_with_interval(3, 0.95).unwrap()[2], retention),
            (found.expected_residual_lifetime_with_interval(1, 0.1, 0.95).unwrap(), residual),
        ];
        for (held, (interval, truth)) in held.iter_mut().zip(intervals) {
            *held += u32::from(interval.lower < truth && truth < interval.upper);
        }
    }
    // 285 of 300 are expected; three standard deviations are 11.3.
    assert!(held.iter().all(|held| (273..=297).contains(held)), "{held:?}");
}

#[test]
fn what_cannot_be_valued_is_refused() {
    let model = model();
    let refused = |renewals: &[u32], margins: Margins<'_>, horizon| {
        model.lifetime_value(renewals, margins, horizon).unwrap_err().to_string()
    };
    let hundred = Margins::ByPeriod(&[100.0]);
    let said = [
        refused(&[0, 10_001], hundred, TODAY),
        refused(&[0], Margins::ByPeriod(&[]), TODAY),
        refused(&[0], Margins::ByPeriod(&[1.0, f64::NAN]), TODAY),
        refused(&[0, 1], Margins::ByCustomer(&[1.0, f64::INFINITY]), TODAY),
        refused(&[0, 1], Margins::ByCustomer(&[1.0]), TODAY),
        refused(&[0], Margins::ByPeriod(&[f64::MAX]), TODAY),
        refused(&[0], hundred, ContractHorizon { periods: Some(0), ..TODAY }),
        refused(&[0], hundred, ContractHorizon { rate: 0.0, ..TODAY }),
        refused(&[0], hundred, ContractHorizon { rate: -0.1, periods: Some(3), ..TODAY }),
        refused(&[0], hundred, ContractHorizon { until_renewal: f64::NAN, ..TODAY }),
        model.lifetime_value_with_interval(&[0], hundred, TODAY, 95.0).unwrap_err().to_string(),
        model.lifetime_value_with_interval(&[0], hundred, TODAY, 0.95).unwrap_err().to_string(),
        model.survival_with_interval(0, 0.95).unwrap_err().to_string(),
        model.expected_residual_lifetime(1, 0.0).unwrap_err().to_string(),
        ShiftedBetaGeometric::new([-1.0, 1.0]).unwrap_err().to_string(),
    ];
    let starts = [
        "the renewals at row 1 is 10001; at most 10000",
        "The `margin` of `lifetime_value` must be 1 to 10000 amounts. Got 0.",
        "The `margin` of `lifetime_value` must be finite amounts. Got NaN.",
        "the margin at row 1 is inf; margins must be known",
        "the margins",
        "the value at row 0 is inf; values must be finite",
        "The `periods` of `lifetime_value` must be a whole number in [1, 10000]. Got 0.",
        "The `rate` of `lifetime_value` must be 0.00001 or more without end",
        "The `rate` of `lifetime_value` must be a number in [0, inf). Got -0.1.",
        "The `until_renewal` of `lifetime_value` must be a number in [0, inf). Got NaN.",
        "The `level` of `lifetime_value` must be a share in (0, 1)",
        "",
        "",
        "The `rate` of `expected_residual_lifetime` must be a number in (0, inf). Got 0.",
        "The `alpha` of `ShiftedBetaGeometric` must be a number in (0, inf). Got -1.",
    ];
    for (said, start) in said.iter().zip(starts) {
        assert!(said.starts_with(start), "{said}");
    }
    assert!(said[11].contains("has no standard errors") && said[12].contains("has no standard errors"));
}

#[test]
fn a_discount_moves_the_year_that_pays() {
    let card = |discount_rate| {
        let base_profit = vec![30.0];
        let card = RetentionEconomics {
            acquisition_cost: 50.0,
            base_profit,
            retention: vec![0.9],
            discount_rate,
            ..RetentionEconomics::default()
        };
        card.value(6).unwrap()
    };
    // 30, then 27, then 24.3: 57 after two years; at 15 % 26.09 + 20.42 = 46.5, and 15.98 more in the third.
    assert_eq!((card(0.15).break_even_year, card(0.15).discounted_break_even_year), (Some(2), Some(3)));
    assert_eq!((card(0.0).break_even_year, card(0.0).discounted_break_even_year), (Some(2), Some(2)));
    assert_eq!(card(2.0).discounted_break_even_year, None);
    let empty = RetentionEconomics { retention: vec![0.9], ..RetentionEconomics::default() };
    assert!(empty.value(3).unwrap_err().to_string().contains("`base_profit`"));
}
