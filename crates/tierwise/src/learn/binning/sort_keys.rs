//! A sort of whole numbers by their digits: for a column of many values several times faster than by comparison.

const BITS: u32 = 11;
const DIGITS: usize = 1 << BITS;
const PASSES: usize = u64::BITS.div_ceil(BITS) as usize;

/// Fewer numbers than these are sorted by comparison: counting digits has its price.
const FEW: usize = 4096;

/// Sorts, least digit first; digits that all numbers share are passed over.
pub(super) fn sort_keys(keys: &mut Vec<u64>) {
    if keys.len() < FEW {
        keys.sort_unstable();
        return;
    }
    let mut counts = vec![[0_usize; DIGITS]; PASSES];
    for &key in &*keys {
        for (pass, counts) in counts.iter_mut().enumerate() {
            counts[digit(key, pass)] += 1;
        }
    }
    let mut other = vec![0; keys.len()];
    for (pass, counts) in counts.iter_mut().enumerate() {
        if counts[digit(keys[0], pass)] == keys.len() {
            continue;
        }
        let mut before = 0;
        for count in counts.iter_mut() {
            before += std::mem::replace(count, before);
        }
        for &key in &*keys {
            let place = &mut counts[digit(key, pass)];
            other[*place] = key;
            *place += 1;
        }
        std::mem::swap(keys, &mut other);
    }
}

fn digit(key: u64, pass: usize) -> usize {
    (key >> (BITS * pass as u32)) as usize % DIGITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_sorts_as_comparison_does() {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state ^ (state >> 31)
        };
        for count in [0, 1, FEW - 1, FEW, 3 * FEW + 1] {
            for mask in [u64::MAX, 0xFF, 0xFFFF << 40, 1 << 63, 0] {
                let mut keys: Vec<u64> = (0..count).map(|_| next() & mask).collect();
                let mut expected = keys.clone();
                expected.sort_unstable();
                sort_keys(&mut keys);
                assert!(keys == expected, "{count} keys, mask {mask:x}");
            }
        }
    }
}
