//! Points as whole billionths.

/// Billionths of a point in a point.
const ONE: f64 = 1e9;

/// Points that one event may be worth at most, in size.
pub(super) const MOST_POINTS: f64 = 1e6;

/// A cap may lie this far from zero at most.
pub(super) const MOST_CAP: f64 = 1e9;

/// The whole billionths next to a number. What is a decimal with nine places comes out as that decimal, since numbers
/// within [`MOST_POINTS`] have fewer than 2^53 billionths.
pub(super) fn billionths(points: f64) -> i64 {
    (points * ONE).round() as i64
}

/// The double next to a decimal; beyond nine million points, within one unit in the last place of it.
pub(super) fn points(billionths: i64) -> f64 {
    billionths as f64 / ONE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_come_back_as_they_were() {
        for shown in [0.0, 0.1, -0.3, 2.5, 123_456.789_012_345, 1e6, -1e6, 1e9, 1e-9] {
            assert_eq!(points(billionths(shown)), shown);
        }
        assert_eq!(points(billionths(0.1) + billionths(0.2)), 0.3);
        assert_eq!(points(3 * billionths(0.1)), 0.3);
    }
}
