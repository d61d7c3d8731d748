//! How strongly counts should be drawn towards given shares: the strength that makes them most likely.

use libm::{exp, lgamma, log};

/// Counts by value, and the shares they are drawn towards.
pub(super) type Group<'a> = (&'a [f64], &'a [f64]);

/// Evaluations of the likelihood: the interval shrinks by 0.618 in each.
const STEPS: usize = 40;

/// The strength that maximises the Dirichlet-multinomial likelihood of all groups, between 0.1 and a thousand times the
/// number of counts, which is as good as infinite. The counts do not say how often a tie of likelihoods is broken:
/// then the larger strength wins, the one that claims less.
pub(super) fn most_likely(groups: &[Group<'_>]) -> f64 {
    let total: f64 = groups.iter().map(|(counts, _)| counts.iter().sum::<f64>()).sum();
    let (mut low, mut high) = (log(0.1), log(1000.0 * total.max(1.0)));
    let golden = 0.618_033_988_749_894_9;
    let at = |position: f64| likelihood(groups, exp(position));
    let (mut left, mut right) = (high - golden * (high - low), low + golden * (high - low));
    let (mut at_left, mut at_right) = (at(left), at(right));
    for _ in 0..STEPS {
        if at_left > at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - golden * (high - low);
            at_left = at(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + golden * (high - low);
            at_right = at(right);
        }
    }
    exp(f64::midpoint(low, high))
}

/// The logarithm of the likelihood, but for a constant.
fn likelihood(groups: &[Group<'_>], strength: f64) -> f64 {
    let of_group = |&(counts, shares): &Group<'_>| {
        let total: f64 = counts.iter().sum();
        let values = counts.iter().zip(shares).filter(|&(&count, &share)| count > 0.0 && share > 0.0);
        let of_values: f64 = values.map(|(&count, &share)| rising(strength * share, count)).sum();
        of_values - rising(strength, total)
    };
    groups.iter().map(of_group).sum()
}

/// `ln Γ(start + count) - ln Γ(start)`. Where the start is large against the count, the difference of two huge numbers
/// would be noise, and the first terms of its series are exact enough.
fn rising(start: f64, count: f64) -> f64 {
    if start > 1e6 {
        count * log(start) + count * (count - 1.0) / (2.0 * start)
            - count * (count - 1.0) * (2.0 * count - 1.0) / (12.0 * start * start)
    } else {
        lgamma(start + count) - lgamma(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rising_factorial_is_a_product() {
        for (start, count) in [(0.3, 4), (17.0, 9), (1e5, 12), (2e6, 30), (1e9, 5)] {
            let product: f64 = (0..count).map(|step| log(start + f64::from(step))).sum();
            assert!((rising(start, f64::from(count)) / product - 1.0).abs() < 1e-11, "{start} {count}");
        }
    }

    #[test]
    fn equal_groups_are_pooled_and_opposite_ones_are_not() {
        let half = [0.5, 0.5];
        let alike = most_likely(&[(&[50.0, 50.0], &half), (&[70.0, 70.0], &half)]);
        assert!(alike > 1e5, "{alike}");
        let opposite = most_likely(&[(&[99.0, 1.0], &half), (&[1.0, 99.0], &half)]);
        assert!(opposite < 1.0, "{opposite}");
    }
}
