//! Quantiles by linear interpolation between neighbours (Hyndman and Fan 1996, type 7, as in `numpy.quantile`).

/// The quantile of a share in [0, 1] of values in ascending order, of which there is one at the least.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len() - 1;
    between(share * last as f64, |place| sorted[(place as usize).min(last)])
}

/// What stands at a place between two whole ones, of which `at` gives the values.
pub(crate) fn between(place: f64, at: impl Fn(f64) -> f64) -> f64 {
    let below = place.floor();
    let (low, high, share) = (at(below), at(below + 1.0), place - below);
    let apart = high - low;
    if apart.is_infinite() {
        return low * (1.0 - share) + high * share;
    }
    // The nearer end is the one that is started from, as NumPy does, so that the ends are met exactly.
    if share < 0.5 { low + apart * share } else { high - apart * (1.0 - share) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those of NumPy, and of numbers so far apart that their difference is none.
    #[test]
    fn quantiles_between_neighbours() {
        let sorted = [1.0, 2.0, 4.0, 8.0];
        for (share, expected) in [(0.0, 1.0), (0.25, 1.75), (0.5, 3.0), (0.9, 6.8), (1.0, 8.0)] {
            assert!((quantile(&sorted, share) - expected).abs() < 1e-14, "{share}");
        }
        assert_eq!(quantile(&[5.0], 0.3), 5.0);
        assert_eq!(quantile(&[-f64::MAX, f64::MAX], 0.5), 0.0);
    }
}
