//! When customers may have left, under Pareto/NBD: ∫ (α + u)^−p (β + u)^−q du from the last purchase to today.
//!
//! An integral of a positive function, which neither overflows nor cancels as the difference of two hypergeometric functions
//! does. It is worked out for several customers at once, each with the bits of one alone.

use crate::special::portable::{exp, ln};
use crate::special::quadrature::GAUSS_LEGENDRE;

/// Customers who are worked on at once.
pub(super) const LANES: usize = 8;

/// One number per customer.
pub(super) type Lanes = [f64; LANES];

/// α and β, the smaller one first: the function is smooth in the logarithm of α + u or β + u, whichever is less.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rates {
    pub(super) alpha_is_less: bool,
    pub(super) less: f64,
    /// What the larger one has beyond the smaller one.
    pub(super) gap: f64,
}

impl Rates {
    pub(super) fn new(alpha: f64, beta: f64) -> Self {
        let alpha_is_less = alpha <= beta;
        let (less, gap) = if alpha_is_less { (alpha, beta - alpha) } else { (beta, alpha - beta) };
        Self { alpha_is_less, less, gap }
    }

    /// What belongs to α and to β, in the order of the rates; and the other way round.
    pub(super) fn ordered<T>(&self, of_alpha: T, of_beta: T) -> (T, T) {
        if self.alpha_is_less { (of_alpha, of_beta) } else { (of_beta, of_alpha) }
    }
}

/// The integrals of some customers.
///
/// They run over the logarithm y of the smaller sum, in which the function is smooth and log-concave, by stretches short
/// enough for 16 points: long where the function hardly bends, short where it falls fast.
#[derive(Debug, Clone, Copy)]
pub(super) struct Departures {
    rates: Rates,
    /// Exponents of the smaller and of the larger sum.
    of_less: Lanes,
    of_more: Lanes,
    /// y at both ends of the time.
    from: Lanes,
    to: Lanes,
    /// The larger value of the logarithm of the function at the two ends.
    pub(super) reference: Lanes,
}

/// Weighted sums over the time of 1, of y, 1/e^y, z and 1/e^z, z being the logarithm of the larger sum, and of their products.
pub(super) const SUMS: usize = 15;

impl Departures {
    #[inline(always)]
    pub(super) fn of(rates: Rates, of_less: Lanes, of_more: Lanes, last: &Lanes, age: &Lanes) -> Self {
        let zeros = [0.0; LANES];
        let mut found = Self { rates, of_less, of_more, from: zeros, to: zeros, reference: zeros };
        for lane in 0..LANES {
            let (from, to) = (rates.less + last[lane], rates.less + age[lane]);
            let (y, z) = (ln(from), ln(to));
            let at_first = y - of_less[lane] * y - of_more[lane] * ln(rates.gap + from);
            let at_last = z - of_less[lane] * z - of_more[lane] * ln(rates.gap + to);
            found.from[lane] = y;
            found.to[lane] = z;
            found.reference[lane] = if at_first > at_last { at_first } else { at_last };
        }
        found
    }

    /// The integrals, divided by e to the power of `reference`.
    #[inline(always)]
    pub(super) fn integrals(&self) -> Lanes {
        let mut sums = [0.0; LANES];
        self.visit(
            #[inline(always)]
            |points| {
                for (sum, weight) in sums.iter_mut().zip(points.weight) {
                    *sum += weight;
                }
            },
        );
        sums
    }

    /// The integrals and what their derivatives follow from, divided by e to the power of `reference`.
    #[inline(always)]
    pub(super) fn moments(&self) -> [Lanes; SUMS] {
        let mut sums = [[0.0; LANES]; SUMS];
        self.visit(
            #[inline(always)]
            |points| {
                for lane in 0..LANES {
                    let (y, z, weight) = (points.ln_less[lane], points.ln_more[lane], points.weight[lane]);
                    let (by_less, by_more) = (1.0 / points.less[lane], 1.0 / points.more[lane]);
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
                        sum[lane] += term;
                    }
                }
            },
        );
        sums
    }

    /// Calls `visit` with each point of each stretch.
    #[inline(always)]
    fn visit(&self, mut visit: impl FnMut(&Points)) {
        let (mut sum, mut at) = ([0.0; LANES], self.from);
        loop {
            let (mut middle, mut half, mut next) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
            for lane in 0..LANES {
                let end = at[lane] + self.stretch_at(lane, at[lane]);
                next[lane] = if end < self.to[lane] { end } else { self.to[lane] };
                middle[lane] = 0.5 * (at[lane] + next[lane]);
                half[lane] = 0.5 * (next[lane] - at[lane]);
            }
            let mut of_stretch = [0.0; LANES];
            for (at, weight) in GAUSS_LEGENDRE {
                let points = self.points(at, weight, &middle, &half);
                for (sum, weight) in of_stretch.iter_mut().zip(points.weight) {
                    *sum += weight;
                }
                visit(&points);
            }
            let mut more = false;
            for lane in 0..LANES {
                sum[lane] += of_stretch[lane];
                // The function is log-concave, so that what has become small stays small; and a stretch too short to move
                // on holds nothing. Who is done has stretches of no length from there.
                let done = of_stretch[lane] < 1e-18 * sum[lane] || next[lane] <= at[lane];
                at[lane] = if done { self.to[lane] } else { next[lane] };
                more |= at[lane] < self.to[lane];
            }
            if !more {
                return;
            }
        }
    }

    #[inline(always)]
    fn stretch_at(&self, lane: usize, y: f64) -> f64 {
        let (of_less, of_more) = (self.of_less[lane], self.of_more[lane]);
        // The larger sum falls the faster the more of it is the smaller one; a stretch of 1 further on bounds it.
        let fall = of_less + of_more / (1.0 + self.rates.gap * exp(-y - 1.0));
        let short = if fall > 16.0 { 16.0 / fall } else { 1.0 };
        if of_less + of_more <= 20.0 / 3.0 { 3.0 } else { short }
    }

    #[inline(always)]
    fn points(&self, at: f64, weight: f64, middle: &Lanes, half: &Lanes) -> Points {
        let zeros = [0.0; LANES];
        let mut points = Points { less: zeros, ln_less: zeros, more: zeros, ln_more: zeros, weight: zeros };
        for lane in 0..LANES {
            let y = middle[lane] + half[lane] * at;
            let less = exp(y);
            let more = self.rates.gap + less;
            let z = ln(more);
            let log = y - self.of_less[lane] * y - self.of_more[lane] * z - self.reference[lane];
            points.less[lane] = less;
            points.ln_less[lane] = y;
            points.more[lane] = more;
            points.ln_more[lane] = z;
            points.weight[lane] = half[lane] * weight * exp(log);
        }
        points
    }
}

/// One point of each customer's stretch: the smaller and the larger sum, their logarithms, and how much this time counts.
#[derive(Debug, Clone, Copy)]
struct Points {
    less: Lanes,
    ln_less: Lanes,
    more: Lanes,
    ln_more: Lanes,
    weight: Lanes,
}
