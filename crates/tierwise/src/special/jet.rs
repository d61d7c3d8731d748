//! Numbers that know their first and second derivatives by a few parameters.

use super::gamma::{digamma, ln_gamma, trigamma};
use std::ops::{Add, Mul, Sub};

/// A value with its gradient and Hessian by `N` parameters. What is computed with jets has exact derivatives, by the
/// chain rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Jet<const N: usize> {
    pub(crate) value: f64,
    pub(crate) gradient: [f64; N],
    pub(crate) hessian: [[f64; N]; N],
}

impl<const N: usize> Jet<N> {
    pub(crate) const ZERO: Self = Self { value: 0.0, gradient: [0.0; N], hessian: [[0.0; N]; N] };

    /// e to the power of the parameter at `index`: a number above 0 whatever the parameter is.
    pub(crate) fn exp_of_parameter(parameters: &[f64; N], index: usize) -> Self {
        let value = libm::exp(parameters[index]);
        let mut jet = Self { value, ..Self::ZERO };
        jet.gradient[index] = value;
        jet.hessian[index][index] = value;
        jet
    }

    /// f(self), from f and its first two derivatives at the value.
    #[inline]
    pub(crate) fn chain(&self, value: f64, slope: f64, bend: f64) -> Self {
        let mut result = Self { value, ..Self::ZERO };
        for i in 0..N {
            result.gradient[i] = slope * self.gradient[i];
            for j in 0..N {
                result.hessian[i][j] = slope * self.hessian[i][j] + bend * self.gradient[i] * self.gradient[j];
            }
        }
        result
    }

    /// f of `M` jets, from f and its derivatives by them.
    pub(crate) fn compose<const M: usize>(outer: &Jet<M>, inner: &[Self; M]) -> Self {
        let mut result = Self { value: outer.value, ..Self::ZERO };
        for (k, one) in inner.iter().enumerate() {
            let mut bend = [0.0; N];
            for (l, other) in inner.iter().enumerate() {
                for (sum, slope) in bend.iter_mut().zip(&other.gradient) {
                    *sum += outer.hessian[k][l] * slope;
                }
            }
            for i in 0..N {
                result.gradient[i] += outer.gradient[k] * one.gradient[i];
                for (j, bend) in bend.iter().enumerate() {
                    result.hessian[i][j] += outer.gradient[k] * one.hessian[i][j] + one.gradient[i] * bend;
                }
            }
        }
        result
    }

    pub(crate) fn ln(&self) -> Self {
        let inverse = 1.0 / self.value;
        self.chain(libm::log(self.value), inverse, -inverse * inverse)
    }

    pub(crate) fn ln_gamma(&self) -> Self {
        self.chain(ln_gamma(self.value), digamma(self.value), trigamma(self.value))
    }

    /// ln(e^self + e^other), without overflow.
    pub(crate) fn ln_add(&self, other: &Self) -> Self {
        let (larger, smaller) = if self.value >= other.value { (self, other) } else { (other, self) };
        let ratio = libm::exp(smaller.value - larger.value);
        let share = ratio / (1.0 + ratio);
        let mut result = Self { value: larger.value + libm::log1p(ratio), ..Self::ZERO };
        let gap: [f64; N] = std::array::from_fn(|i| smaller.gradient[i] - larger.gradient[i]);
        result.gradient = std::array::from_fn(|i| larger.gradient[i] + share * gap[i]);
        let spread = share * (1.0 - share);
        for i in 0..N {
            for j in 0..N {
                let bend = larger.hessian[i][j] + share * (smaller.hessian[i][j] - larger.hessian[i][j]);
                result.hessian[i][j] = bend + spread * gap[i] * gap[j];
            }
        }
        result
    }

    /// Adds a multiple of another jet.
    pub(crate) fn add_times(&mut self, factor: f64, other: &Self) {
        self.value += factor * other.value;
        for i in 0..N {
            self.gradient[i] += factor * other.gradient[i];
            for j in 0..N {
                self.hessian[i][j] += factor * other.hessian[i][j];
            }
        }
    }
}

impl<const N: usize> Add for Jet<N> {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self.add_times(1.0, &other);
        self
    }
}

impl<const N: usize> Sub for Jet<N> {
    type Output = Self;

    fn sub(mut self, other: Self) -> Self {
        self.add_times(-1.0, &other);
        self
    }
}

impl<const N: usize> Mul for Jet<N> {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        let mut result = Self { value: self.value * other.value, ..Self::ZERO };
        for i in 0..N {
            result.gradient[i] = self.value * other.gradient[i] + other.value * self.gradient[i];
            for j in 0..N {
                result.hessian[i][j] = self.value * other.hessian[i][j]
                    + other.value * self.hessian[i][j]
                    + self.gradient[i] * other.gradient[j]
                    + self.gradient[j] * other.gradient[i];
            }
        }
        result
    }
}

impl<const N: usize> Add<f64> for Jet<N> {
    type Output = Self;

    fn add(mut self, other: f64) -> Self {
        self.value += other;
        self
    }
}

impl<const N: usize> Mul<f64> for Jet<N> {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        let mut result = Self::ZERO;
        result.add_times(factor, &self);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(at: &[f64; 3]) -> Jet<3> {
        let [a, b, c] = std::array::from_fn(|index| Jet::exp_of_parameter(at, index));
        let left = (a + 2.5).ln_gamma() - b.ln() * a;
        left.ln_add(&((c * b + 0.1).ln() * 3.0)) * c
    }

    /// Derivatives agree with differences, composed ones too.
    #[test]
    fn derivatives_are_differences() {
        let at = [0.3, -0.7, 0.9];
        let jet = sample(&at);
        let args: [Jet<3>; 2] = std::array::from_fn(|index| Jet::exp_of_parameter(&at, index));
        let outer: [Jet<2>; 2] =
            std::array::from_fn(|index| Jet::exp_of_parameter(&[args[0].value, args[1].value], index));
        let composed = Jet::compose(&(outer[0] * outer[1]).ln(), &args);
        assert_eq!(composed.value, args[0].value + args[1].value);
        for i in 0..3 {
            let step = 1e-5;
            let shifted = |by: f64| std::array::from_fn(|index| at[index] + if index == i { by } else { 0.0 });
            let (up, down) = (sample(&shifted(step)), sample(&shifted(-step)));
            let slope = (up.value - down.value) / (2.0 * step);
            assert!((slope - jet.gradient[i]).abs() < 1e-8 * (1.0 + slope.abs()), "{slope} {}", jet.gradient[i]);
            for j in 0..3 {
                let bend = (up.gradient[j] - down.gradient[j]) / (2.0 * step);
                assert!((bend - jet.hessian[i][j]).abs() < 1e-8 * (1.0 + bend.abs()), "{bend} {}", jet.hessian[i][j]);
            }
            let sum = args[0] + args[1];
            assert!((composed.gradient[i] - sum.gradient[i]).abs() < 1e-12);
            assert!((composed.hessian[i][i] - sum.hessian[i][i]).abs() < 1e-12);
        }
    }
}
