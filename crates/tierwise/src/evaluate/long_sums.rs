//! Sums over the places of a list, as long as the list may be: term by term where it is short, by an integral where not.

/// Places up to which terms bend too much for an integral.
const BENT: usize = 1000;

/// `Σ 1 / log₂(place + 1)` over the places `from..=to`, to about 14 digits.
///
/// Beyond the first places it is the integral from half a place before to half a place after, less the first term of the
/// formula of Euler and Maclaurin for midpoints.
pub(super) fn discounts(from: usize, to: usize) -> f64 {
    const SHORT: usize = 64;
    let term = |place: f64| 1.0 / libm::log2(place + 1.0);
    let terms = |from: usize, to: usize| (from..=to).map(|place| term(place as f64)).sum::<f64>();
    let direct = to.min(BENT.max(from.saturating_add(SHORT)));
    let start = terms(from, direct);
    if direct >= to {
        return start;
    }
    let (low, high) = (direct as f64 + 0.5, to as f64 + 0.5);
    let slope = |place: f64| {
        let logarithm = libm::log(place + 1.0);
        -std::f64::consts::LN_2 / ((place + 1.0) * logarithm * logarithm)
    };
    start + integral_by_doubling(term, low, high) - (slope(high) - slope(low)) / 24.0
}

/// The chance that none of `events` is among the `drawn` of `all`, each as likely as the others: hypergeometric.
pub(super) fn chance_of_none(drawn: f64, events: f64, all: f64) -> f64 {
    /// So many terms are multiplied one by one.
    const FEW: f64 = 10_000.0;
    /// `e^-746` is 0.
    const NOTHING: f64 = -746.0;
    // The fewer are looked for among the more: Π (1 − more / (all − one)) over the fewer.
    let (fewer, more) = (drawn.min(events), drawn.max(events));
    if fewer + more > all {
        return 0.0;
    }
    let logarithm = |one: f64| libm::log1p(-more / (all - one));
    if fewer <= FEW {
        return (0..fewer as usize).map(|one| 1.0 - more / (all - one as f64)).product();
    }
    if fewer * logarithm(0.0) < NOTHING {
        return 0.0;
    }
    // Here `more` is a small part of all, so the terms hardly bend.
    libm::exp(integral(logarithm, -0.5, fewer - 0.5))
}

/// Of a function that bends on the scale of its argument.
fn integral_by_doubling(of: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let (mut sum, mut from) = (0.0, low);
    while from < high {
        let to = high.min(2.0 * from);
        sum += integral(&of, from, to);
        from = to;
    }
    sum
}

/// By the ten points of Gauss and Legendre.
fn integral(of: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    const POINTS: [(f64, f64); 5] = [
        (0.148_874_338_981_631_2, 0.295_524_224_714_752_87),
        (0.433_395_394_129_247_2, 0.269_266_719_309_996_35),
        (0.679_409_568_299_024_4, 0.219_086_362_515_982_04),
        (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
        (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
    ];
    let (middle, half) = (f64::midpoint(low, high), (high - low) / 2.0);
    let pair = |&(at, weight): &(f64, f64)| weight * (of(middle - half * at) + of(middle + half * at));
    half * POINTS.iter().map(pair).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_sums_are_those_of_their_terms() {
        let places = [1, 2, 63, 64, 65, 900, 999, 1000, 1001, 1064, 1500, 40_000, 1_000_000];
        for (at, &from) in places.iter().enumerate() {
            for &to in &places[at..] {
                let terms = (from..=to).map(|place| 1.0 / libm::log2(place as f64 + 1.0)).sum::<f64>();
                assert!((discounts(from, to) / terms - 1.0).abs() < 1e-12, "{from} {to}");
            }
        }
        assert_eq!(discounts(5, 4), 0.0);
    }

    #[test]
    fn long_products_are_those_of_their_factors() {
        for (drawn, events, all) in [
            (12_000_u32, 15_000, 100_000_000_u32),
            (10_001, 10_001, 400_000_000),
            (20_000, 30_000_000, 900_000_000),
            (10_001, 10_001, 25_000_000),
        ] {
            let factor = |one: u32| f64::from(all - events - one) / f64::from(all - one);
            let product: f64 = (0..drawn).map(factor).product();
            let found = chance_of_none(f64::from(drawn), f64::from(events), f64::from(all));
            assert!((found - product).abs() <= 1e-11 * product, "{found} {product}");
            assert_eq!(found, chance_of_none(f64::from(events), f64::from(drawn), f64::from(all)));
        }
        assert_eq!((chance_of_none(3.0, 2.0, 4.0), chance_of_none(1e14, 1e14, 4e14)), (0.0, 0.0));
    }
}
