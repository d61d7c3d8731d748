//! Equal histories together: what a fit reads.

use super::histories::{Histories, History};

/// Histories that differ, in ascending order of counts, ages and last purchases, each with the weight of all that are equal.
#[derive(Debug, Clone)]
pub(super) struct Distinct {
    pub(super) histories: Vec<History>,
    pub(super) weights: Vec<f64>,
}

/// Numbers that are not negative are ordered as their bits.
type Key = [u64; 3];

fn key(history: &History) -> Key {
    [history.repeats + 0.0, history.age + 0.0, history.last + 0.0].map(f64::to_bits)
}

/// 96 bits in the order of keys: 24 of the count, which are all up to 8191, and 36 of each time. Whole keys compared part by
/// part cost several times as much to sort.
fn short([repeats, age, last]: &Key) -> u128 {
    u128::from(repeats >> 40) << 72 | u128::from(age >> 28) << 36 | u128::from(last >> 28)
}

impl Distinct {
    /// Of some rows, times divided by `unit`. Weights are added in the order of rows, so that a fit does not depend on the
    /// number of threads.
    pub(super) fn of(histories: &Histories, rows: impl Iterator<Item = usize>, unit: f64) -> Self {
        let mut seen = Seen::new();
        for row in rows {
            seen.add(key(&histories.history(row).in_unit(unit)), histories.weight(row));
        }
        seen.sorted()
    }

    /// Those of several groups together.
    pub(super) fn merged<'a>(groups: impl Iterator<Item = &'a Self>) -> Self {
        let mut seen = Seen::new();
        for group in groups {
            for (history, weight) in group.histories.iter().zip(&group.weights) {
                seen.add(key(history), *weight);
            }
        }
        seen.sorted()
    }

    /// About so many of them, evenly spread: half of them of customers who came back, however few these are. Weights stand
    /// for all.
    pub(super) fn part(&self, most: usize) -> Self {
        let mut part = Self { histories: Vec::new(), weights: Vec::new() };
        for came_back in [false, true] {
            let of: Vec<usize> =
                (0..self.histories.len()).filter(|&at| (self.histories[at].repeats > 0.0) == came_back).collect();
            let taken: Vec<usize> = of.iter().copied().step_by((2 * of.len()).div_ceil(most).max(1)).collect();
            let sum = |of: &[usize]| of.iter().map(|&at| self.weights[at]).sum::<f64>();
            let scale = sum(&of) / sum(&taken);
            part.histories.extend(taken.iter().map(|&at| self.histories[at]));
            part.weights.extend(taken.iter().map(|&at| self.weights[at] * scale));
        }
        part
    }

    /// Times divided by `unit`.
    pub(super) fn in_unit(&self, unit: f64) -> Self {
        let histories = self.histories.iter().map(|one| one.in_unit(unit)).collect();
        Self { histories, weights: self.weights.clone() }
    }

    /// The mean of a number over the customers.
    pub(super) fn mean(&self, of: impl Fn(&History) -> f64) -> f64 {
        self.sum(of) / self.total()
    }

    /// The sum of a number over the customers.
    pub(super) fn sum(&self, of: impl Fn(&History) -> f64) -> f64 {
        self.histories.iter().zip(&self.weights).map(|(one, weight)| weight * of(one)).sum()
    }

    pub(super) fn total(&self) -> f64 {
        self.weights.iter().sum()
    }
}

/// Keys with their weights, brought together as they come. Where most of them differ that is given up, as the sort that
/// follows does it at less cost.
#[derive(Debug)]
struct Seen {
    keys: Vec<Key>,
    /// Per key, in the order in which they came.
    weights: Vec<f64>,
    /// Places in `keys`, by the key's hash and the next free slot; empty when given up.
    slots: Vec<u32>,
    rows: usize,
}

const FREE: u32 = u32::MAX;

impl Seen {
    fn new() -> Self {
        Self { keys: Vec::new(), weights: Vec::new(), slots: vec![FREE; 1024], rows: 0 }
    }

    fn add(&mut self, key: Key, weight: f64) {
        const ROWS_TO_JUDGE: usize = 8192;
        self.rows += 1;
        if self.slots.is_empty() {
            self.push(key, weight);
            return;
        }
        let slot = self.slot(&key);
        match self.slots[slot] {
            FREE => {
                self.slots[slot] = self.keys.len() as u32;
                self.push(key, weight);
                if self.rows >= ROWS_TO_JUDGE && 2 * self.keys.len() > self.rows {
                    self.slots = Vec::new();
                } else if 2 * self.keys.len() > self.slots.len() {
                    self.grow();
                }
            }
            place => self.weights[place as usize] += weight,
        }
    }

    fn push(&mut self, key: Key, weight: f64) {
        self.keys.push(key);
        self.weights.push(weight);
    }

    /// The slot of a key: where it is, or where it can go.
    fn slot(&self, key: &Key) -> usize {
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        let hash = key.iter().fold(0_u64, |hash, part| (hash ^ part).wrapping_mul(ODD).rotate_left(29));
        let mut slot = (hash.wrapping_mul(ODD) >> 32) as usize & (self.slots.len() - 1);
        while self.slots[slot] != FREE && self.keys[self.slots[slot] as usize] != *key {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        slot
    }

    fn sorted(self) -> Distinct {
        let Self { keys, weights, .. } = self;
        let mut order: Vec<u128> = keys.iter().zip(0..).map(|(key, place)| short(key) << 32 | place).collect();
        crate::parallel::sort(&mut order);
        let (histories, sums) = (Vec::with_capacity(keys.len()), Vec::with_capacity(keys.len()));
        let mut distinct = Distinct { histories, weights: sums };
        let mut places: Vec<u32> = Vec::new();
        for alike in order.chunk_by(|one, next| one >> 32 == next >> 32) {
            places.clear();
            places.extend(alike.iter().map(|&one| one as u32));
            let key = |place: &u32| &keys[*place as usize];
            if !places.iter().all(|place| key(place) == key(&places[0])) {
                places.sort_unstable_by_key(|place| (key(place), *place));
            }
            for equal in places.chunk_by(|one, next| key(one) == key(next)) {
                let weight = equal.iter().map(|&place| weights[place as usize]).sum();
                if weight > 0.0 {
                    let [repeats, age, last] = key(&equal[0]).map(f64::from_bits);
                    distinct.histories.push(History { repeats, last, age });
                    distinct.weights.push(weight);
                }
            }
        }
        distinct
    }

    fn grow(&mut self) {
        self.slots = vec![FREE; 4 * self.slots.len()];
        for place in 0..self.keys.len() {
            let slot = self.slot(&self.keys[place]);
            self.slots[slot] = place as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What differs in its last bit only is kept apart, in ascending order.
    #[test]
    fn almost_equal_histories_stay_apart() {
        let age: Vec<f64> = (0..600).map(|row| f64::from_bits(39.0_f64.to_bits() + row * 7919 % 100)).collect();
        let zeros = vec![0.0; age.len()];
        let found = Distinct::of(&Histories::new(&zeros, &zeros, &age).unwrap(), 0..age.len(), 1.0);
        assert_eq!(found.weights, [6.0; 100]);
        assert!(found.histories.windows(2).all(|two| two[0].age < two[1].age));
    }

    /// Whether equal rows are met early, late or never, they are counted once, in ascending order.
    #[test]
    fn equal_histories_are_counted_once() {
        for different in [3_u32, 700, 9000, 30_000] {
            let rows = 40_000_u32;
            let of = |row: u32| f64::from(row * 7919 % different);
            let age: Vec<f64> = (0..rows).map(|row| 5.0 + of(row)).collect();
            let zeros = vec![0.0; rows as usize];
            let weights: Vec<f64> = (0..rows).map(|row| f64::from(row % 3)).collect();
            let histories = Histories::new(&zeros, &zeros, &age).unwrap().weights(&weights).unwrap();
            let found = Distinct::of(&histories, 0..rows as usize, 1.0);
            assert!(found.histories.windows(2).all(|two| two[0].age < two[1].age), "{different}");
            assert_eq!(found.total(), weights.iter().sum::<f64>());
            let mut expected = vec![0.0; different as usize];
            for (age, weight) in age.iter().zip(&weights) {
                expected[(age - 5.0) as usize] += weight;
            }
            expected.retain(|&weight| weight > 0.0);
            assert_eq!(found.weights, expected);
        }
    }
}
