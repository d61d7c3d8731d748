//! The logarithm of the gamma function and its derivatives, for arguments above 0.

/// ln Γ(x).
pub(crate) fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

/// ln B(a, b).
pub(crate) fn ln_beta(a: f64, b: f64) -> f64 {
    ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)
}

/// From here on the asymptotic series have full precision.
const ASYMPTOTIC: f64 = 12.0;

/// The derivative of ln Γ: Abramowitz and Stegun (1964), 6.3.5 and 6.3.18.
pub(crate) fn digamma(x: f64) -> f64 {
    let (mut x, mut below) = (x, 0.0);
    while x < ASYMPTOTIC {
        below += 1.0 / x;
        x += 1.0;
    }
    let w = 1.0 / (x * x);
    let series = w
        * (1.0 / 12.0
            - w * (1.0 / 120.0
                - w * (1.0 / 252.0 - w * (1.0 / 240.0 - w * (1.0 / 132.0 - w * (691.0 / 32_760.0 - w / 12.0))))));
    libm::log(x) - 0.5 / x - series - below
}

/// The second derivative of ln Γ: Abramowitz and Stegun (1964), 6.4.6 and 6.4.12.
pub(crate) fn trigamma(x: f64) -> f64 {
    let (mut x, mut below) = (x, 0.0);
    while x < ASYMPTOTIC {
        below += 1.0 / (x * x);
        x += 1.0;
    }
    let w = 1.0 / (x * x);
    let series = 1.0 / 6.0
        - w * (1.0 / 30.0
            - w * (1.0 / 42.0 - w * (1.0 / 30.0 - w * (5.0 / 66.0 - w * (691.0 / 2730.0 - w * (7.0 / 6.0))))));
    (1.0 + 0.5 / x + w * series) / x + below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        const EULER: f64 = 0.577_215_664_901_532_9;
        let sixth = std::f64::consts::PI.powi(2) / 6.0;
        for (found, expected) in [
            (digamma(1.0), -EULER),
            (digamma(0.5), -EULER - 2.0 * std::f64::consts::LN_2),
            (digamma(1e-3) + 1e3, -EULER + sixth * 1e-3 - 1.202_056_903_159_594e-6 + 1.08e-9),
            (trigamma(1.0), sixth),
            (trigamma(0.5), 3.0 * sixth),
            (ln_beta(2.0, 3.0), -12.0_f64.ln()),
        ] {
            assert!((found - expected).abs() < 2e-12 * (1.0 + expected.abs()), "{found} {expected}");
        }
    }

    #[test]
    fn derivatives_are_those_of_ln_gamma() {
        for x in [0.07, 0.9, 3.3, 11.99, 12.01, 250.0] {
            let step = 1e-4 * x;
            let slope = (ln_gamma(x + step) - ln_gamma(x - step)) / (2.0 * step);
            let bend = (digamma(x + step) - digamma(x - step)) / (2.0 * step);
            assert!((slope / digamma(x) - 1.0).abs() < 1e-6, "{x}");
            assert!((bend / trigamma(x) - 1.0).abs() < 1e-6, "{x}");
        }
    }
}
