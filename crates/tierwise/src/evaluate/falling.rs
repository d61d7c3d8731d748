//! Sorting of scores, the highest first: as whole numbers, in two steps of which the second runs in parallel.

use crate::parallel;

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

/// Below so many, one plain sort is fastest.
const FEW: usize = 1 << 15;

/// The bits by which values are first dealt out.
const BITS: u32 = 16;

/// Parts whose piles are sorted side by side.
const PARTS: usize = 64;

/// Sorts by ascending key, equal keys in the order of the rest of the values: deals out by the leading bits in which keys
/// differ, then sorts each pile. Values that are equal must be the same in every respect.
pub(super) fn sorted<T: Copy + Ord + Send>(mut values: Vec<T>, key: impl Fn(&T) -> u64) -> Vec<T> {
    let (least, greatest) =
        values.iter().map(&key).fold((u64::MAX, 0), |(least, most), key| (least.min(key), most.max(key)));
    if values.len() < FEW || least == greatest {
        values.sort_unstable();
        return values;
    }
    let shift = (u64::BITS - (greatest - least).leading_zeros()).saturating_sub(BITS);
    let pile = |value: &T| ((key(value) - least) >> shift) as usize;
    let mut ends = vec![0; 1 << BITS];
    for value in &values {
        ends[pile(value)] += 1;
    }
    let mut next = 0;
    for end in &mut ends {
        (next, *end) = (next + *end, next);
    }
    // Each end starts as the begin of its pile and moves to its end as values arrive.
    let mut dealt = values.clone();
    for value in &values {
        let end = &mut ends[pile(value)];
        dealt[*end] = *value;
        *end += 1;
    }
    let mut piles: Vec<&mut [T]> = Vec::with_capacity(PARTS);
    let (mut rest, mut begin) = (&mut dealt[..], 0);
    for part in ends.chunks(ends.len() / PARTS) {
        let (head, tail) = rest.split_at_mut(part[part.len() - 1] - begin);
        begin += head.len();
        piles.push(head);
        rest = tail;
    }
    let parts = piles.into_iter().zip(ends.chunks(ends.len() / PARTS)).collect();
    parallel::map(parts, |(mut values, ends): (&mut [T], &[usize])| {
        let last = ends[ends.len() - 1];
        let mut begin = last - values.len();
        for &end in ends {
            let (pile, rest) = values.split_at_mut(end - begin);
            pile.sort_unstable();
            (values, begin) = (rest, end);
        }
    });
    dealt
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

    #[test]
    fn two_steps_sort_as_one_does() {
        let mixed = |row: u64| row.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let kinds: [&dyn Fn(u64) -> u64; 6] = [
            &mixed,
            &|row| mixed(row) >> 40,
            &|row| mixed(row) % 3,
            &|row| u64::MAX - mixed(row) % 70_000,
            &|row| falling_key(mixed(row) as f64 / 1e18 - 9.0),
            &|row| if row == 7 { 0 } else { (1 << 40) + row % 1000 },
        ];
        for kind in kinds {
            for size in [0, 1, 1000, 100_000] {
                let values: Vec<(u64, usize)> = (0..size).map(|row| (kind(row as u64), row)).collect();
                let mut expected = values.clone();
                expected.sort_unstable();
                assert_eq!(sorted(values.clone(), |value| value.0), expected);
                let keys: Vec<u64> = values.iter().map(|value| value.0).collect();
                let expected: Vec<u64> = expected.iter().map(|value| value.0).collect();
                assert_eq!(sorted(keys, |key| *key), expected);
            }
        }
    }
}
