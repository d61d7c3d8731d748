//! Random numbers of the distributions that lifetime models are made of, from a seeded generator.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A source of random numbers that is the same for the same seed on every machine.
#[derive(Debug)]
pub(crate) struct Variates {
    source: ChaCha8Rng,
}

impl Variates {
    pub(crate) fn new(seed: u64) -> Self {
        Self { source: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// Uniform in (0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.source.next_u64() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// Exponential with a mean of 1.
    pub(crate) fn exponential(&mut self) -> f64 {
        -libm::log(self.uniform())
    }

    /// Standard normal (Marsaglia's polar method).
    pub(crate) fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 {
                return x * (-2.0 * libm::log(square) / square).sqrt();
            }
        }
    }

    /// The logarithm of a gamma variate with a scale of 1 (Marsaglia and Tsang 2000): small shapes do not underflow.
    pub(crate) fn ln_gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let of_more = self.ln_gamma(shape + 1.0);
            return of_more + libm::log(self.uniform()) / shape;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = 1.0 + c * x;
            if v <= 0.0 {
                continue;
            }
            let ln_cube = 3.0 * libm::log(v);
            if libm::log(self.uniform()) < 0.5 * x * x + d - d * v * v * v + d * ln_cube {
                return libm::log(d) + ln_cube;
            }
        }
    }

    /// Gamma with a rate.
    pub(crate) fn gamma(&mut self, shape: f64, rate: f64) -> f64 {
        libm::exp(self.ln_gamma(shape)) / rate
    }

    /// Beta.
    pub(crate) fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (one, other) = (self.ln_gamma(a), self.ln_gamma(b));
        1.0 / (1.0 + libm::exp(other - one))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Means and variances of many draws lie within five standard errors of the truth.
    #[test]
    fn moments() {
        const DRAWS: u32 = 40_000;
        let check = |seed: u64, draw: &dyn Fn(&mut Variates) -> f64, mean: f64, variance: f64| {
            let mut random = Variates::new(seed);
            let draws: Vec<f64> = (0..DRAWS).map(|_| draw(&mut random)).collect();
            let found = draws.iter().sum::<f64>() / f64::from(DRAWS);
            let spread = draws.iter().map(|one| (one - found).powi(2)).sum::<f64>() / f64::from(DRAWS);
            assert!((found - mean).abs() < 5.0 * (variance / f64::from(DRAWS)).sqrt(), "{found} {mean}");
            assert!((spread / variance - 1.0).abs() < 0.15, "{spread} {variance}");
        };
        check(1, &|random| random.normal(), 0.0, 1.0);
        check(2, &|random| random.exponential(), 1.0, 1.0);
        check(3, &|random| random.gamma(0.3, 2.0), 0.15, 0.075);
        check(4, &|random| random.gamma(7.0, 0.5), 14.0, 28.0);
        check(5, &|random| random.beta(0.8, 2.4), 0.25, 0.25 * 0.75 / 4.2);
    }
}
