//! Integrals by rules that stay exact near the ends of their interval (double exponential; Takahasi and Mori 1974).

/// A point of the open unit interval, with the logarithms of its distances from both ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UnitPoint {
    pub(crate) at: f64,
    pub(crate) ln: f64,
    pub(crate) ln_complement: f64,
}

impl UnitPoint {
    pub(crate) fn of_log_odds(odds: f64) -> Self {
        let tail = libm::log1p(libm::exp(-odds.abs()));
        let (ln, ln_complement) = if odds >= 0.0 { (-tail, -odds - tail) } else { (odds - tail, -tail) };
        Self { at: libm::exp(ln), ln, ln_complement }
    }
}

/// The distance of two points of the rules.
const STEP: f64 = 1.0 / 20.0;

/// The mean of `of` over a beta distribution: exact to about 12 digits for functions that are smooth in ln p.
pub(crate) fn beta_mean(a: f64, b: f64, of: impl Fn(UnitPoint) -> f64) -> f64 {
    let centre = libm::log(a / b);
    let middle = UnitPoint::of_log_odds(centre);
    let width = (a * b / (a + b)).sqrt();
    let integrand = |point: UnitPoint| {
        let weight = libm::exp(a * (point.ln - middle.ln) + b * (point.ln_complement - middle.ln_complement));
        [weight, if weight == 0.0 { 0.0 } else { weight * of(point) }]
    };
    // The weights are divided by their own sum: for large a and b the beta function would cost digits.
    let [weights, sum] = over_log_odds(centre, std::f64::consts::PI / width.max(1.0), integrand);
    sum / weights
}

/// ∫₀¹ of(p) / (p (1 − p)) dp. `of` falls to 0 at both ends, is largest at the log-odds `peak`, and has its logarithm bend
/// by `bend` there, as a positive number. Points lie as dense as that asks for.
pub(crate) fn unit_integral(peak: f64, bend: f64, of: impl Fn(UnitPoint) -> f64) -> f64 {
    let [sum] = over_log_odds(peak, std::f64::consts::PI / bend.sqrt().max(1.0), |point| [of(point)]);
    sum
}

/// The integrals over the log-odds, whose points lie densest at `centre`.
fn over_log_odds<const N: usize>(centre: f64, scale: f64, of: impl Fn(UnitPoint) -> [f64; N]) -> [f64; N] {
    let value = |t: f64| {
        let point = UnitPoint::of_log_odds(centre + scale * libm::sinh(t));
        let stretched = libm::cosh(t);
        of(point).map(|one| one * stretched)
    };
    both_sides(value).map(|sum| sum * scale)
}

/// The integral of e^(−v) times `of` from 0 to infinity.
pub(crate) fn exponential_mean(of: impl Fn(f64) -> f64) -> f64 {
    let value = |t: f64| {
        let inner = libm::exp(-t);
        let v = libm::exp(t - inner);
        let weight = libm::exp(-v) * v * (1.0 + inner);
        [if weight == 0.0 { 0.0 } else { of(v) * weight }]
    };
    let [sum] = both_sides(value);
    sum
}

/// Adds up values at all multiples of the step, from 0 to either side, until they no longer count.
fn both_sides<const N: usize>(value: impl Fn(f64) -> [f64; N]) -> [f64; N] {
    const MOST: i32 = 400;
    /// Steps that must not count before the rest is given up: the peak may lie off the centre.
    const PATIENCE: i32 = 20;
    let mut sums = value(0.0);
    for side in [STEP, -STEP] {
        let mut idle = 0;
        for step in 1..MOST {
            let values = value(side * f64::from(step));
            let mut counts = false;
            for (sum, one) in sums.iter_mut().zip(values) {
                *sum += one;
                counts |= one.abs() > 1e-18 * sum.abs() || *sum == 0.0;
            }
            idle = if counts { 0 } else { idle + 1 };
            if idle > PATIENCE {
                break;
            }
        }
    }
    sums.map(|sum| sum * STEP)
}

/// Points on [0, 1] and weights of the Gauss–Legendre rule with 16 points; the other half mirrors it.
const HALF_OF_GAUSS_LEGENDRE: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_6),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_73),
    (0.755_404_408_355_003, 0.124_628_971_255_533_87),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_78),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_89),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_095),
];

/// Points on [−1, 1] and weights of the rule.
pub(crate) const GAUSS_LEGENDRE: [(f64, f64); 16] = {
    let mut rule = [(0.0, 0.0); 16];
    let mut at = 0;
    while at < rule.len() {
        let (point, weight) = HALF_OF_GAUSS_LEGENDRE[at / 2];
        rule[at] = (if at % 2 == 0 { -point } else { point }, weight);
        at += 1;
    }
    rule
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_the_beta_distribution() {
        for (a, b) in [(0.8, 2.4), (0.05, 0.05), (1.0, 1.0), (3.0, 2000.0), (1e5, 2e5), (0.2, 900.0)] {
            let mean = beta_mean(a, b, |p| p.at);
            let square = beta_mean(a, b, |p| p.at * p.at);
            assert!((beta_mean(a, b, |_| 1.0) - 1.0).abs() < 1e-12, "{a} {b}");
            assert!((mean / (a / (a + b)) - 1.0).abs() < 1e-11, "{a} {b} {mean}");
            assert!((square / (a * (a + 1.0) / ((a + b) * (a + b + 1.0))) - 1.0).abs() < 1e-11, "{a} {b}");
        }
    }

    #[test]
    fn plain_integrals() {
        assert!((unit_integral(0.0, 0.5, |p| p.at * libm::exp(p.ln_complement)) - 1.0).abs() < 1e-13);
        assert!((exponential_mean(|v| v * v) - 2.0).abs() < 1e-12);
        assert!((exponential_mean(|v| v / (1.0 + v)) - (1.0 - 0.596_347_362_323_194_1)).abs() < 1e-12);
        let sum: f64 = GAUSS_LEGENDRE.iter().map(|(x, weight)| weight * libm::exp(-2.0 * (2.0 + x))).sum();
        assert!((sum - 0.5 * (libm::exp(-2.0) - libm::exp(-6.0))).abs() < 1e-15);
    }
}
