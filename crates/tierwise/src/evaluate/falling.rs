//! Scores as whole numbers, which are sorted faster.

/// A whole number that falls where the score rises, so that sorting whole numbers sorts scores, the highest first. 0 and
/// -0 are the same score.
#[inline]
pub(super) fn falling_key(score: f64) -> u64 {
    let bits = (score + 0.0).to_bits();
    let rising = if bits >> 63 == 1 { !bits } else { bits | (1 << 63) };
    !rising
}

/// The score of a key.
#[inline]
pub(super) fn score_of(key: u64) -> f64 {
    let rising = !key;
    f64::from_bits(if rising >> 63 == 1 { rising & !(1 << 63) } else { !rising })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_order_all_scores_and_give_them_back() {
        let tiny = f64::MIN_POSITIVE / 4.0;
        let rising = [f64::NEG_INFINITY, -1e308, -1.0, -tiny, 0.0, 5e-324, 1e-310, 1.0, f64::INFINITY];
        assert!(rising.windows(2).all(|pair| falling_key(pair[0]) > falling_key(pair[1])));
        assert!(rising.iter().all(|&score| score_of(falling_key(score)) == score));
        assert_eq!(falling_key(-0.0), falling_key(0.0));
    }
}
