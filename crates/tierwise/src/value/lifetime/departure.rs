//! When a customer may have left, under Pareto/NBD: ∫ (α + u)^−p (β + u)^−q du from his last purchase to today.
//!
//! An integral of a positive function, which neither overflows nor cancels as the difference of two hypergeometric functions
//! does.

use super::histories::History;
use crate::special::jet::Jet;
use crate::special::portable::{exp, ln};
use crate::special::quadrature::{GAUSS_POINTS, gauss_legendre};

/// The integral, over u from `last` to `age`.
///
/// It runs over the logarithm of the smaller of α + u and β + u, in which the function is smooth and log-concave, by
/// stretches short enough for 16 points: long where the function hardly bends, short where it falls fast.
#[derive(Debug, Clone, Copy)]
pub(super) struct Departure {
    /// Whether α is the smaller one.
    alpha_is_less: bool,
    /// What the larger of α and β has beyond the smaller one.
    gap: f64,
    /// Their exponents.
    of_less: f64,
    of_more: f64,
    /// Logarithms of the smaller sum at both ends of the time.
    from: f64,
    to: f64,
    /// The larger value of the logarithm of the function at the two ends.
    reference: f64,
}

/// Points of a stretch: the smaller and the larger sum, their logarithms, and how much this time counts.
#[derive(Debug, Clone, Copy)]
struct Points {
    less: [f64; GAUSS_POINTS],
    ln_less: [f64; GAUSS_POINTS],
    more: [f64; GAUSS_POINTS],
    ln_more: [f64; GAUSS_POINTS],
    weight: [f64; GAUSS_POINTS],
}

impl Departure {
    pub(super) fn of(&[p, alpha, q, beta]: &[f64; 4], history: &History) -> Self {
        let alpha_is_less = alpha <= beta;
        let (less, gap) = if alpha_is_less { (alpha, beta - alpha) } else { (beta, alpha - beta) };
        let (of_less, of_more) = if alpha_is_less { (p, q) } else { (q, p) };
        let end = |time: f64| {
            let y = ln(less + time);
            (y, y - of_less * y - of_more * ln(gap + (less + time)))
        };
        let ((from, first), (to, last)) = (end(history.last), end(history.age));
        Self { alpha_is_less, gap, of_less, of_more, from, to, reference: first.max(last) }
    }

    /// The logarithm of the integral.
    pub(super) fn ln_integral(&self) -> f64 {
        let mut sum = [0.0; GAUSS_POINTS];
        self.visit(
            #[inline(always)]
            |points| {
                for (sum, weight) in sum.iter_mut().zip(points.weight) {
                    *sum += weight;
                }
            },
        );
        libm::log(sum.iter().sum()) + self.reference
    }

    /// ln of the integral with its derivatives by p, α, q and β.
    pub(super) fn ln_integral_with_derivatives(&self) -> Jet<4> {
        // Weighted sums of 1, of the logarithms and inverses of both sums, and of their products.
        let mut sums = [[0.0; GAUSS_POINTS]; 15];
        self.visit(
            #[inline(always)]
            |points| {
                for at in 0..GAUSS_POINTS {
                    let (y, z, weight) = (points.ln_less[at], points.ln_more[at], points.weight[at]);
                    let (by_less, by_more) = (1.0 / points.less[at], 1.0 / points.more[at]);
                    let (wy, wz, w_less, w_more) = (weight * y, weight * z, weight * by_less, weight * by_more);
                    let terms = [
                        weight,
                        wy,
                        w_less,
                        wz,
                        w_more,
                        wy * y,
                        wy * by_less,
                        wy * z,
                        wy * by_more,
                        w_less * by_less,
                        w_less * z,
                        w_less * by_more,
                        wz * z,
                        wz * by_more,
                        w_more * by_more,
                    ];
                    for (sum, term) in sums.iter_mut().zip(terms) {
                        sum[at] += term;
                    }
                }
            },
        );
        let sums = sums.map(|lanes| lanes.iter().sum::<f64>());
        let total = sums[0];
        let [_, y, less, z, more, yy, y_less, yz, y_more, less_less, less_z, less_more, zz, z_more, more_more] =
            sums.map(|sum| sum / total);
        let (p, q) = (self.of_less, self.of_more);
        // The slopes of ln f by its own exponent and sum, then by those of the larger one: −y, −p/less, −z, −q/more.
        let gradient = [-y, -p * less, -z, -q * more];
        let squares = [
            [yy, p * y_less, yz, q * y_more],
            [p * y_less, p * p * less_less, p * less_z, p * q * less_more],
            [yz, p * less_z, zz, q * z_more],
            [q * y_more, p * q * less_more, q * z_more, q * q * more_more],
        ];
        let mut hessian = [[0.0; 4]; 4];
        for i in 0..4 {
            for j in 0..4 {
                hessian[i][j] = squares[i][j] - gradient[i] * gradient[j];
            }
        }
        for (i, j, bend) in [(0, 1, -less), (1, 0, -less), (2, 3, -more), (3, 2, -more)] {
            hessian[i][j] += bend;
        }
        hessian[1][1] += p * less_less;
        hessian[3][3] += q * more_more;
        let value = libm::log(total) + self.reference;
        if self.alpha_is_less {
            return Jet { value, gradient, hessian };
        }
        let swapped = |i: usize| (i + 2) % 4;
        Jet {
            value,
            gradient: std::array::from_fn(|i| gradient[swapped(i)]),
            hessian: std::array::from_fn(|i| std::array::from_fn(|j| hessian[swapped(i)][swapped(j)])),
        }
    }

    /// Calls `visit` with the points of each stretch, the weights divided by e to the power of `reference`.
    fn visit(&self, mut visit: impl FnMut(&Points)) {
        let (mut sum, mut at) = (0.0, self.from);
        while at < self.to {
            let next = (at + self.stretch_at(at)).min(self.to);
            let points = crate::wide::wide(
                #[inline(always)]
                || {
                    let points = self.points(at, next);
                    visit(&points);
                    points
                },
            );
            let of_stretch: f64 = points.weight.iter().sum();
            sum += of_stretch;
            // The function is log-concave, so that what has become small stays small; and a stretch too short to move on
            // holds nothing.
            if of_stretch < 1e-18 * sum || next <= at {
                break;
            }
            at = next;
        }
    }

    fn stretch_at(&self, y: f64) -> f64 {
        if self.of_less + self.of_more <= 20.0 / 3.0 {
            return 3.0;
        }
        // The larger sum falls the faster the more of it is the smaller one; a stretch of 1 further on bounds it.
        let fall = self.of_less + self.of_more / (1.0 + self.gap * exp(-y - 1.0));
        (16.0 / fall).min(1.0)
    }

    #[inline(always)]
    fn points(&self, from: f64, to: f64) -> Points {
        let (ln_less, mut weight) = gauss_legendre(from, to);
        let (mut less, mut more, mut ln_more) = ([0.0; GAUSS_POINTS], [0.0; GAUSS_POINTS], [0.0; GAUSS_POINTS]);
        for at in 0..GAUSS_POINTS {
            let y = ln_less[at];
            less[at] = exp(y);
            more[at] = self.gap + less[at];
            ln_more[at] = ln(more[at]);
            weight[at] *= exp(y - self.of_less * y - self.of_more * ln_more[at] - self.reference);
        }
        Points { less, ln_less, more, ln_more, weight }
    }
}
