//! ln Γ along a ladder of arguments that differ by whole numbers: a step up costs a logarithm instead of three series.

use super::gamma::{digamma, ln_gamma, trigamma};
use super::jet::Jet;

/// ln Γ(base + n) and its first two derivatives, for n that rises from call to call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RisingLnGamma<const N: usize> {
    base: Jet<N>,
    n: f64,
    value: f64,
    slope: f64,
    bend: f64,
}

impl<const N: usize> RisingLnGamma<N> {
    pub(crate) fn new(base: Jet<N>) -> Self {
        Self { base, n: f64::NEG_INFINITY, value: 0.0, slope: 0.0, bend: 0.0 }
    }

    /// ln Γ(base + n).
    pub(crate) fn at(&mut self, n: f64) -> Jet<N> {
        /// Farther off the series are quicker.
        const NEAR: f64 = 12.0;
        if !(self.n..=self.n + NEAR).contains(&n) {
            let at = self.base.value + n;
            (self.n, self.value, self.slope, self.bend) = (n, ln_gamma(at), digamma(at), trigamma(at));
        }
        while self.n < n {
            let at = self.base.value + self.n;
            let inverse = 1.0 / at;
            self.value += libm::log(at);
            self.slope += inverse;
            self.bend -= inverse * inverse;
            self.n += 1.0;
        }
        self.base.chain(self.value, self.slope, self.bend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_climb_ends_where_the_series_are() {
        for base in [0.003, 0.7, 4.2, 900.0] {
            let base = Jet::<1>::exp_of_parameter(&[libm::log(base)], 0);
            let mut rising = RisingLnGamma::new(base);
            for n in [0.0, 0.0, 1.0, 2.0, 9.0, 21.0, 22.0, 500.0, 501.0, 7.0] {
                let (found, expected) = (rising.at(n), (base + n).ln_gamma());
                let close = |found: f64, expected: f64| (found - expected).abs() < 1e-12 * (1.0 + expected.abs());
                assert!(close(found.value, expected.value), "{} {n}", base.value);
                assert!(close(found.gradient[0], expected.gradient[0]), "{} {n}", base.value);
                assert!(close(found.hessian[0][0], expected.hessian[0][0]), "{} {n}", base.value);
            }
        }
    }
}
