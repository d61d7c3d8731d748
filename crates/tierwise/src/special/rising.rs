//! ln of rising factorials, base · (base + 1) · … · (base + n − 1), for n that rises from call to call: a step up costs a
//! logarithm instead of three series.

use super::gamma::{digamma, ln_gamma, trigamma};
use super::portable::ln;

/// ln Γ(base + n) − ln Γ(base).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rising {
    base: f64,
    n: f64,
    at_n: Derivatives,
}

/// A value with its first and second derivative by the base.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Derivatives {
    pub(crate) value: f64,
    pub(crate) slope: f64,
    pub(crate) bend: f64,
}

impl Derivatives {
    /// Adds a multiple of others.
    pub(crate) fn add_times(&mut self, factor: f64, other: Self) {
        self.value += factor * other.value;
        self.slope += factor * other.slope;
        self.bend += factor * other.bend;
    }
}

impl Rising {
    /// From n = 0 on. The base is above 0 and not subnormal.
    pub(crate) fn new(base: f64) -> Self {
        Self { base, n: 0.0, at_n: Derivatives::default() }
    }

    /// At n, a whole number.
    pub(crate) fn at(&mut self, n: f64) -> Derivatives {
        /// Farther off the series are quicker.
        const NEAR: f64 = 12.0;
        if !(self.n..=self.n + NEAR).contains(&n) {
            let (from, to) = (self.base, self.base + n);
            self.n = n;
            self.at_n = Derivatives {
                value: ln_gamma(to) - ln_gamma(from),
                slope: digamma(to) - digamma(from),
                bend: trigamma(to) - trigamma(from),
            };
        }
        while self.n < n {
            let at = self.base + self.n;
            let inverse = 1.0 / at;
            let step = Derivatives { value: ln(at), slope: inverse, bend: -inverse * inverse };
            self.at_n.add_times(1.0, step);
            self.n += 1.0;
        }
        self.at_n
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_climb_ends_where_the_series_are() {
        for base in [0.003, 0.7, 4.2, 900.0] {
            let mut rising = Rising::new(base);
            for n in [0.0, 0.0, 1.0, 2.0, 9.0, 21.0, 22.0, 500.0, 501.0, 7.0] {
                let Derivatives { value, slope, bend } = rising.at(n);
                let close = |found: f64, of: fn(f64) -> f64| {
                    (found - (of(base + n) - of(base))).abs() < 1e-12 * (1.0 + of(base).abs() + of(base + n).abs())
                };
                assert!(close(value, ln_gamma) && close(slope, digamma) && close(bend, trigamma), "{base} {n}");
            }
        }
    }
}
