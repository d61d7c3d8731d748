//! The finest grouping there can be: one cell per distinct value or per level, with running sums.

use super::sort_keys::sort_keys;
use super::target::Rows;

/// Distinct values in ascending order, and running sums over them: one element more than there are values.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cells {
    pub(super) values: Vec<f64>,
    /// Events, or deviations from the overall mean.
    pub(super) first: Vec<f64>,
    /// Others, or weight.
    pub(super) second: Vec<f64>,
}

impl Cells {
    /// Cells of the values that are known and no special code, over rows that carry weight.
    pub(super) fn of_numbers(values: &[f64], special: &[f64], rows: &Rows<'_>) -> Self {
        let ordinary = |value: f64| !value.is_nan() && !special.contains(&value);
        if let (None, true) = (rows.weights, rows.is_binary()) {
            return Self::of_two_classes(values, rows.outcome, ordinary);
        }
        let known = values.iter().enumerate().filter(|&(row, &value)| ordinary(value) && rows.weight(row) > 0.0);
        let mut sorted: Vec<(u64, f64, f64)> = known
            .map(|(row, &value)| {
                let [first, second] = rows.contribution(row);
                (sortable(value), first, second)
            })
            .collect();
        // Equal values are sorted further, so that sums do not depend on the order of the rows.
        sorted.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2)));
        let mut cells = Self::empty();
        for same in sorted.chunk_by(|a, b| a.0 == b.0) {
            let sums = same.iter().fold([0.0, 0.0], |[first, second], row| [first + row.1, second + row.2]);
            cells.push(number(same[0].0), sums);
        }
        cells
    }

    /// Two short sorts of plain numbers, and a merge that counts.
    fn of_two_classes(values: &[f64], outcome: &[f64], ordinary: impl Fn(f64) -> bool) -> Self {
        let mut classes = [Vec::new(), Vec::new()];
        for (&value, &outcome) in values.iter().zip(outcome) {
            if ordinary(value) {
                classes[usize::from(outcome != 1.0)].push(sortable(value));
            }
        }
        for class in &mut classes {
            sort_keys(class);
        }
        let mut places = [0, 0];
        let mut cells = Self::empty();
        loop {
            let next = [0, 1].into_iter().filter_map(|class| classes[class].get(places[class])).min();
            let Some(&lowest) = next else { return cells };
            let counts = [0, 1].map(|class: usize| {
                let same = classes[class][places[class]..].iter().take_while(|&&value| value == lowest).count();
                places[class] += same;
                same as f64
            });
            cells.push(number(lowest), counts);
        }
    }

    /// Cells in a given order; their values are their places.
    pub(super) fn in_order(sums: impl IntoIterator<Item = [f64; 2]>) -> Self {
        let mut cells = Self::empty();
        sums.into_iter().enumerate().for_each(|(place, sums)| cells.push(place as f64, sums));
        cells
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    fn empty() -> Self {
        Self { values: Vec::new(), first: vec![0.0], second: vec![0.0] }
    }

    fn push(&mut self, value: f64, [first, second]: [f64; 2]) {
        self.first.push(self.first[self.values.len()] + first);
        self.second.push(self.second[self.values.len()] + second);
        self.values.push(value);
    }
}

const SIGN: u64 = 1 << 63;

/// Whole numbers sort faster than floats; -0 becomes 0, the same number.
fn sortable(value: f64) -> u64 {
    let bits = (value + 0.0).to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

fn number(key: u64) -> f64 {
    f64::from_bits(if key & SIGN == 0 { !key } else { key & !SIGN })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sortable_keys_keep_the_order_and_come_back() {
        let ascending = [-f64::MAX, -1.5, -f64::MIN_POSITIVE, 0.0, 5e-324, 1.0, 1.5, f64::MAX];
        assert!(ascending.map(sortable).is_sorted());
        assert_eq!(ascending.map(sortable).map(number), ascending);
        assert_eq!(sortable(-0.0), sortable(0.0));
    }
}
