//! The roundest number between two neighbouring values: an edge that costs nothing and can be read aloud.

/// The decimal with the fewest digits in `(below, from]`; of several the one that ends in 5 (or 0), then the one nearest
/// the middle. All values up to `below` stay below it and `from` does not, so it parts the data as `from` does.
pub(in crate::learn) fn round_edge(below: f64, from: f64) -> f64 {
    if below < 0.0 && from >= 0.0 {
        return 0.0;
    }
    let width = from - below;
    if !(width > 0.0 && width.is_finite()) {
        return from;
    }
    // A step as wide as the gap always has a multiple in it; wider steps may, up to the size of the numbers.
    let widest = libm::ceil(libm::log10(from.abs().max(below.abs()))) as i32;
    let narrowest = libm::floor(libm::log10(width)) as i32 - 1;
    let steps = (narrowest..=widest).rev().flat_map(|power| [(1, power), (5, power - 1), (1, power - 1)]);
    for (times, power) in steps {
        if let Some(edge) = multiple_within(below, from, times, power) {
            return edge;
        }
    }
    from
}

/// The multiple of `times · 10^power` in `(below, from]` that is nearest the middle.
fn multiple_within(below: f64, from: f64, times: i64, power: i32) -> Option<f64> {
    const EXACT: f64 = 9e15; // beyond, whole numbers are no longer told apart
    let step = times as f64 * libm::pow(10.0, f64::from(power));
    let (lowest, highest) = (libm::floor(below / step), libm::floor(from / step));
    if !(step > 0.0 && step.is_finite() && lowest.abs() < EXACT && highest.abs() < EXACT) {
        return None;
    }
    let middle = libm::round(f64::midpoint(below / step, from / step));
    // A quotient may be off by rounding, so neighbours are tried too, and each is compared with the ends.
    let tried = [middle, middle - 1.0, middle + 1.0, highest, lowest + 1.0, highest + 1.0];
    tried.into_iter().map(|count| decimal(count as i64 * times, power)).find(|&edge| below < edge && edge <= from)
}

/// The float that is written so; `count · 10^power` computed would often be its neighbour.
fn decimal(count: i64, power: i32) -> f64 {
    format!("{count}e{power}").parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::round_edge;

    #[test]
    fn the_roundest_number_of_the_gap() {
        for (below, from, edge) in [
            (37.0, 42.0, 40.0),
            (11.0, 12.0, 12.0),
            (8.0, 9.0, 9.0),
            (0.31, 0.37, 0.35),
            (0.1, 0.3, 0.2),
            (953.0, 956.0, 955.0),
            (999.0, 1001.0, 1000.0),
            (-42.0, -37.0, -40.0),
            (-1.0, 1.0, 0.0),
            (-1.0, 0.0, 0.0),
            (0.0, 1.0, 1.0),
            (0.0, 5e-324, 5e-324),
            (17.3, 17.4, 17.4),
            (1234.567, 1234.9, 1234.7),
            (1e300, 2e300, 2e300),
        ] {
            assert_eq!(round_edge(below, from), edge, "{below} to {from}");
        }
    }

    #[test]
    fn neighbouring_floats_are_still_parted() {
        for value in [1.0, 0.1, 123_456.789, 1e-300, -7.25, f64::MAX, f64::MIN, f64::MIN_POSITIVE] {
            let (below, from) = (value.next_down(), value);
            if below.is_finite() {
                assert_eq!(round_edge(below, from), from);
            }
        }
    }
}
