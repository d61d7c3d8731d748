//! The known values of one column, sorted once: quantiles, cells and distances all come from here.

use crate::evaluate::falling::{falling_key, score_of};
use crate::special::quantile::between;

/// Known values that carry weight, ascending, as keys.
#[derive(Debug, Clone, Default)]
pub(super) struct Sorted {
    keys: Vec<u64>,
    /// The weight up to and including each value; none where every row counts once.
    up_to: Option<Vec<f64>>,
}

/// Whole numbers that rise with the value; 0 and -0 are the same.
pub(super) fn rising_key(value: f64) -> u64 {
    !falling_key(value)
}

fn value_of(key: u64) -> f64 {
    score_of(!key)
}

impl Sorted {
    pub(super) fn new(values: &[f64], weights: Option<&[f64]>) -> Self {
        let Some(weights) = weights else {
            let mut keys: Vec<u64> = values.iter().filter(|value| !value.is_nan()).map(|&v| rising_key(v)).collect();
            keys.sort_unstable();
            return Self { keys, up_to: None };
        };
        let counted = |&row: &usize| !values[row].is_nan() && weights[row] > 0.0;
        let mut rows: Vec<(u64, usize)> =
            (0..values.len()).filter(counted).map(|row| (rising_key(values[row]), row)).collect();
        rows.sort_unstable();
        let mut sum = 0.0;
        let add = |&(_, row): &(u64, usize)| {
            sum += weights[row];
            sum
        };
        let up_to = rows.iter().map(add).collect();
        Self { keys: rows.into_iter().map(|(key, _)| key).collect(), up_to: Some(up_to) }
    }

    pub(super) fn weight(&self) -> f64 {
        self.weight_of_first(self.keys.len())
    }

    pub(super) fn range(&self) -> Option<(f64, f64)> {
        Some((value_of(*self.keys.first()?), value_of(*self.keys.last()?)))
    }

    /// The weight of the values below an edge.
    pub(super) fn weight_below(&self, edge: f64) -> f64 {
        let edge = rising_key(edge);
        self.weight_of_first(self.keys.partition_point(|&key| key < edge))
    }

    /// The weight of one value.
    pub(super) fn weight_at(&self, value: f64) -> f64 {
        let sought = rising_key(value);
        let up_to = self.keys.partition_point(|&key| key <= sought);
        self.weight_of_first(up_to) - self.weight_below(value)
    }

    /// How many rows there are, and how many of one value.
    pub(super) fn rows(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn rows_at(&self, value: f64) -> usize {
        let sought = rising_key(value);
        self.keys.partition_point(|&key| key <= sought) - self.keys.partition_point(|&key| key < sought)
    }

    /// The next larger value there is.
    pub(super) fn next_above(&self, value: f64) -> Option<f64> {
        let sought = rising_key(value);
        self.keys.get(self.keys.partition_point(|&key| key <= sought)).map(|&key| value_of(key))
    }

    fn weight_of_first(&self, count: usize) -> f64 {
        match &self.up_to {
            None => count as f64,
            Some(up_to) => count.checked_sub(1).map_or(0.0, |last| up_to[last]),
        }
    }

    /// The distinct values if there are at most so many.
    pub(super) fn distinct(&self, most: usize) -> Option<Vec<f64>> {
        let mut distinct = Vec::new();
        let mut at = 0;
        while let Some(&key) = self.keys.get(at) {
            if distinct.len() == most {
                return None;
            }
            distinct.push(value_of(key));
            at += self.keys[at..].partition_point(|&other| other == key);
        }
        Some(distinct)
    }

    /// The quantile of a share, linear between neighbours; weights count rows.
    pub(super) fn quantile(&self, share: f64) -> f64 {
        let place = share * (self.weight() - 1.0).max(0.0);
        between(place, |number| self.at(number))
    }

    /// The value of the row with this number, counted from 0 with every row as often as it weighs.
    fn at(&self, number: f64) -> f64 {
        let last = self.keys.len() - 1;
        let index = match &self.up_to {
            None => number as usize,
            Some(up_to) => up_to.partition_point(|&sum| sum <= number),
        };
        value_of(self.keys[index.min(last)])
    }

    /// The standard deviation, of the population, of the values times `scale`.
    pub(super) fn deviation(&self, scale: f64) -> f64 {
        let (mut mean, mut weight, mut squares) = (0.0, 0.0, 0.0);
        for (at, &key) in self.keys.iter().enumerate() {
            let up_to = self.weight_of_first(at + 1);
            let value = value_of(key) * scale;
            let apart = value - mean;
            let own = up_to - weight;
            mean += apart * (own / up_to);
            squares += own * apart * (value - mean);
            weight = up_to;
        }
        (squares / weight).sqrt()
    }

    /// Walks through the distinct values of two samples, ascending: the value, and the weight of either up to and
    /// including it.
    pub(super) fn walk(&self, other: &Self, mut visit: impl FnMut(f64, f64, f64)) {
        let (mut one, mut two) = (0, 0);
        loop {
            let key = match (self.keys.get(one), other.keys.get(two)) {
                (Some(&a), Some(&b)) => a.min(b),
                (Some(&key), None) | (None, Some(&key)) => key,
                (None, None) => return,
            };
            while self.keys.get(one) == Some(&key) {
                one += 1;
            }
            while other.keys.get(two) == Some(&key) {
                two += 1;
            }
            visit(value_of(key), self.weight_of_first(one), other.weight_of_first(two));
        }
    }
}
