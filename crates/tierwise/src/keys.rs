//! Customer keys to dense codes: what a group-by does first.
//!
//! Codes follow the **sorted** order of the keys, so that neither the order of the rows nor the number of threads can
//! reach a result.

use crate::parts::{map_parts, map_rows};
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};

/// Numbers customers given by integer ids: the code of each row, and the id of each code, ascending.
///
/// Ids that lie close together (the largest minus the smallest at most 32 times the number of rows) are looked up in
/// a bitmap, others in a hash table; the result is the same.
///
/// # Panics
/// When there are more than 2³² different ids, which would be 34 GB of them.
///
/// ```
/// let (codes, ids) = tierwise::value::encode_integers(&[70, 12, 70, 35]);
/// assert_eq!((codes, ids), (vec![2, 0, 2, 1], vec![12, 35, 70]));
/// ```
pub fn encode_integers(keys: &[i64]) -> (Vec<u32>, Vec<i64>) {
    const BITS_PER_ROW: usize = 32;
    let Some((low, high)) = extremes(keys) else { return (Vec::new(), Vec::new()) };
    match usize::try_from(high.abs_diff(low)) {
        Ok(span) if span / BITS_PER_ROW <= keys.len().max(1024) => encode_close(keys, low, span + 1),
        _ => encode_hashed(keys),
    }
}

/// Numbers customers given by any keys that can be hashed and sorted, such as text: the code of each row, and the key
/// of each code, ascending.
///
/// # Panics
/// When there are more than 2³² different keys.
///
/// ```
/// let (codes, names) = tierwise::value::encode_keys(&["mia", "ben", "mia"]);
/// assert_eq!((codes, names), (vec![1, 0, 1], vec!["ben", "mia"]));
/// ```
pub fn encode_keys<K: Ord + Hash + Clone + Send + Sync>(keys: &[K]) -> (Vec<u32>, Vec<K>) {
    encode_hashed(keys)
}

/// A bit per possible id says whether it occurs; its code is the number of bits set before it. A log of ten million
/// rows and a few million possible ids thus needs tables of a few hundred kilobytes, which stay in the cache.
fn encode_close(keys: &[i64], low: i64, span: usize) -> (Vec<u32>, Vec<i64>) {
    let place = |key: i64| key.abs_diff(low) as usize;
    let marked = map_parts(keys.len(), |rows| {
        let mut words = vec![0_u64; span.div_ceil(64)];
        let mut last = usize::MAX;
        for &key in &keys[rows] {
            let place = place(key);
            // Runs of one customer are common, and writing the same word again and again is slow.
            if place != last {
                words[place / 64] |= 1 << (place % 64);
                last = place;
            }
        }
        words
    });
    let words = marked.into_iter().reduce(united).unwrap_or_default();
    let mut before = Vec::with_capacity(words.len());
    let mut ids = Vec::new();
    for (index, &word) in words.iter().enumerate() {
        before.push(ids.len());
        let mut rest = word;
        while rest != 0 {
            let place = index * 64 + rest.trailing_zeros() as usize;
            ids.push(low.wrapping_add_unsigned(place as u64));
            rest &= rest - 1;
        }
    }
    check_count(ids.len());
    let ranks: Vec<(u64, u32)> = words.into_iter().zip(before).map(|(word, before)| (word, before as u32)).collect();
    let codes = map_rows(keys, |&key| {
        let place = place(key);
        let (word, before) = ranks[place / 64];
        before + (word & ((1 << (place % 64)) - 1)).count_ones()
    });
    (codes, ids)
}

fn united(mut words: Vec<u64>, others: Vec<u64>) -> Vec<u64> {
    words.iter_mut().zip(others).for_each(|(word, other)| *word |= other);
    words
}

/// Collects the distinct keys of each part of the rows, sorts them, and looks every row up.
fn encode_hashed<K: Ord + Hash + Clone + Send + Sync>(keys: &[K]) -> (Vec<u32>, Vec<K>) {
    let parts = map_parts(keys.len(), |rows| {
        let mut table = Table::default();
        for index in rows.clone() {
            if index == rows.start || keys[index] != keys[index - 1] {
                table.insert(&keys[index]);
            }
        }
        table.keys
    });
    let mut distinct: Vec<K> = parts.into_iter().flatten().collect();
    distinct.sort_unstable();
    distinct.dedup();
    check_count(distinct.len());
    let mut table = Table::default();
    for key in &distinct {
        table.insert(key);
    }
    let codes = map_rows(keys, |key| table.code(key));
    (codes, distinct)
}

/// An open-addressing table that numbers keys as they come. The codes depend on nothing but the order of insertion;
/// the standard map would do, but its iteration order is random, and this project keeps it out.
struct Table<K> {
    /// The upper half of the hash, and code + 1 below it; 0 is free.
    slots: Vec<u64>,
    keys: Vec<K>,
}

impl<K> Default for Table<K> {
    fn default() -> Self {
        Self { slots: vec![0; 1024], keys: Vec::new() }
    }
}

impl<K: Hash + Eq + Clone> Table<K> {
    fn insert(&mut self, key: &K) {
        if let Err(slot) = self.find(key) {
            self.keys.push(key.clone());
            self.slots[slot] = tagged(hash(key), self.keys.len());
            if self.keys.len() * 2 > self.slots.len() {
                self.grow();
            }
        }
    }

    /// The code of a key that was inserted.
    fn code(&self, key: &K) -> u32 {
        self.find(key).unwrap_or_default() as u32
    }

    /// The code of the key, or the slot in which it would stand.
    fn find(&self, key: &K) -> Result<usize, usize> {
        let hash = hash(key);
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let entry = self.slots[slot];
            if entry == 0 {
                return Err(slot);
            }
            let code = (entry & u64::from(u32::MAX)) as usize - 1;
            if entry >> 32 == hash >> 32 && self.keys[code] == *key {
                return Ok(code);
            }
            slot = (slot + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let mask = self.slots.len() * 2 - 1;
        self.slots = vec![0; mask + 1];
        for (code, key) in self.keys.iter().enumerate() {
            let hash = hash(key);
            let mut slot = hash as usize & mask;
            while self.slots[slot] != 0 {
                slot = (slot + 1) & mask;
            }
            self.slots[slot] = tagged(hash, code + 1);
        }
    }
}

fn tagged(hash: u64, code_from_one: usize) -> u64 {
    (hash & !u64::from(u32::MAX)) | code_from_one as u64
}

fn hash<K: Hash>(key: &K) -> u64 {
    BuildHasherDefault::<Mixer>::default().hash_one(key)
}

/// Multiply-and-fold for the words of a key, with the finaliser of Steele, Lea and Flood (`SplitMix`, 2014) at the
/// end; fixed, so that a log is always processed in the same way.
#[derive(Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    fn write_i64(&mut self, word: i64) {
        self.write_u64(word.cast_unsigned());
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }

    fn finish(&self) -> u64 {
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }
}

fn check_count(keys: usize) {
    assert!(u32::try_from(keys).is_ok(), "at most 2^32 different keys can be numbered");
}

fn extremes(keys: &[i64]) -> Option<(i64, i64)> {
    let parts = map_parts(keys.len(), |rows| {
        keys[rows].iter().fold((i64::MAX, i64::MIN), |(low, high), &key| (low.min(key), high.max(key)))
    });
    parts.into_iter().filter(|(low, high)| low <= high).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bitmap_and_table_agree() {
        let keys: Vec<i64> = (0..5000).map(|row: i64| row * row % 977 - 400).collect();
        assert_eq!(encode_integers(&keys), encode_hashed(&keys));
        let spread: Vec<i64> = keys.iter().map(|key| key.wrapping_mul(1 << 50)).collect();
        let (codes, ids) = encode_integers(&spread);
        assert!(ids.is_sorted() && codes.iter().zip(&spread).all(|(&code, &key)| ids[code as usize] == key));
    }

    #[test]
    fn extreme_ids_do_not_overflow() {
        let (codes, ids) = encode_integers(&[i64::MAX, i64::MIN, 0, i64::MIN]);
        assert_eq!((codes, ids), (vec![2, 0, 1, 0], vec![i64::MIN, 0, i64::MAX]));
        assert_eq!(encode_integers(&[]), (vec![], vec![]));
    }

    #[test]
    fn text_longer_than_a_word() {
        let (codes, names) = encode_keys(&["customer-0002".to_owned(), String::new(), "customer-0001".to_owned()]);
        assert_eq!(codes, [2, 0, 1]);
        assert_eq!(names, ["", "customer-0001", "customer-0002"]);
    }
}
