//! How far two distributions of a number lie apart, without bins.

use super::kolmogorov::p_value;
use super::sorted::Sorted;
use serde::Serialize;

/// The two-sample test of Kolmogorov and Smirnov.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TwoSampleKolmogorovSmirnov {
    /// The greatest distance between the two distribution functions, from 0 to 1.
    pub value: f64,
    /// The value at which it is reached: that share more of the one sample lies at or below it. Of several, the lowest.
    pub at: f64,
    /// Above 0 where the current values are lower there.
    pub sign: f64,
    /// The two-sided chance of so great a distance without a change, by the limit distribution at the rounded harmonic size
    /// `nm / (n + m)`: what `scipy.stats.ks_2samp(method="asymp")` gives. It is not the exact one.
    pub p_value: f64,
}

/// How far apart numbers lie: Kolmogorov-Smirnov, and the mean distance by which values moved.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NumberDistances {
    /// The greatest distance of the distribution functions.
    pub kolmogorov_smirnov: TwoSampleKolmogorovSmirnov,
    /// Wasserstein's distance of order 1, in the unit of the column: the area between the distribution functions. Infinite where
    /// it is above the largest number.
    pub wasserstein: f64,
    /// The same in standard deviations of the reference (of the population); none where that is constant.
    pub wasserstein_in_deviations: Option<f64>,
}

/// None where a sample has no known value.
pub(super) fn distances(reference: &Sorted, current: &Sorted) -> Option<NumberDistances> {
    let (n, m) = (reference.weight(), current.weight());
    if n == 0.0 || m == 0.0 {
        return None;
    }
    let scale = scale_of([reference, current]);
    let (mut widest, mut at, mut area) = (0.0_f64, f64::NAN, 0.0);
    let mut before: Option<(f64, f64)> = None;
    reference.walk(current, |value, of_reference, of_current| {
        if let Some((from, apart)) = before {
            area += apart.abs() * (value * scale - from * scale);
        }
        let apart = of_current / m - of_reference / n;
        if apart.abs() > widest.abs() || at.is_nan() {
            (widest, at) = (apart, value);
        }
        before = Some((value, apart));
    });
    let spread = reference.deviation(scale);
    Some(NumberDistances {
        kolmogorov_smirnov: TwoSampleKolmogorovSmirnov {
            value: widest.abs(),
            at,
            sign: if widest == 0.0 { 0.0 } else { widest.signum() },
            p_value: p_value(widest.abs(), n * m / (n + m)),
        },
        wasserstein: area / scale,
        wasserstein_in_deviations: (spread > 0.0).then(|| area / spread),
    })
}

/// A power of two by which values can be multiplied so that neither they nor their squares leave the range of numbers.
fn scale_of(samples: [&Sorted; 2]) -> f64 {
    const FAR: f64 = 1e150;
    let ends = samples.into_iter().filter_map(Sorted::range).flat_map(|(low, high)| [low.abs(), high.abs()]);
    match ends.fold(0.0, f64::max) {
        largest if largest > FAR => libm::scalbn(1.0, -600),
        largest if largest > 0.0 && largest < 1.0 / FAR => libm::scalbn(1.0, 600),
        _ => 1.0,
    }
}
