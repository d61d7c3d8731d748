//! Dense linear algebra for a few hundred unknowns: a rank-revealing Cholesky factor and what is solved with it.

/// `A = S P' L L' P S` for a symmetric positive definite `A`, with `S` its root diagonal and `P` the pivot order.
///
/// Scaling to a unit diagonal makes the pivots free of units: after the pivots before it, a pivot is the share of a
/// column's variance that the columns before it leave unexplained (1 - R²). See Higham, *Accuracy and Stability of
/// Numerical Algorithms*, 2nd ed., section 10.3.
#[derive(Debug, Clone)]
pub(super) struct Cholesky {
    size: usize,
    /// Row `k` of `L` belongs to unknown `order[k]`; rows are `size` apart.
    lower: Vec<f64>,
    order: Vec<usize>,
    /// 1 / root diagonal, per unknown.
    scale: Vec<f64>,
}

/// The unknowns that take part in a linear dependency, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dependency(pub(super) Vec<usize>);

impl Cholesky {
    /// Factors the lower triangle of `matrix` (`size` × `size`, by rows). The first unknown is the first pivot.
    ///
    /// # Errors
    /// The first dependency found, when a scaled pivot is not above `tolerance`.
    pub(super) fn new(matrix: &[f64], size: usize, tolerance: f64) -> Result<Self, Dependency> {
        let scale: Vec<f64> = (0..size).map(|i| 1.0 / matrix[i * size + i].sqrt()).collect();
        if let Some(bad) = scale.iter().position(|scale| !scale.is_finite()) {
            return Err(Dependency(vec![bad]));
        }
        let mut factor = Self { size, lower: vec![0.0; size * size], order: (0..size).collect(), scale };
        let mut left = vec![1.0; size];
        for step in 0..size {
            let pivot = if step == 0 { 0 } else { largest(&left, step) };
            factor.swap(&mut left, step, pivot);
            let below = left[step] <= tolerance;
            if below || left[step].is_nan() {
                return Err(factor.dependency(step));
            }
            factor.eliminate(matrix, &mut left, step);
        }
        Ok(factor)
    }

    /// The factor of `times · A`.
    pub(super) fn times(mut self, times: f64) -> Self {
        self.scale.iter_mut().for_each(|scale| *scale /= times.sqrt());
        self
    }

    /// Solves `A x = right`.
    pub(super) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let mut work: Vec<f64> = self.order.iter().map(|&unknown| right[unknown] * self.scale[unknown]).collect();
        for k in 0..self.size {
            let row = self.row(k);
            work[k] = (work[k] - dot(&row[..k], &work[..k])) / row[k];
        }
        self.solve_upper(&mut work, self.size);
        let mut solution = vec![0.0; self.size];
        for (&unknown, value) in self.order.iter().zip(work) {
            solution[unknown] = value * self.scale[unknown];
        }
        solution
    }

    /// Solves `L' x = work` in place for the leading `size` unknowns, in pivot order.
    fn solve_upper(&self, work: &mut [f64], size: usize) {
        for k in (0..size).rev() {
            let row = self.row(k);
            let value = work[k] / row[k];
            work[k] = value;
            for (work, factor) in work[..k].iter_mut().zip(row) {
                *work -= factor * value;
            }
        }
    }

    fn eliminate(&mut self, matrix: &[f64], left: &mut [f64], step: usize) {
        let size = self.size;
        let unknown = self.order[step];
        let root = left[step].sqrt();
        let (done, rest) = self.lower.split_at_mut((step + 1) * size);
        let pivot_row = &mut done[step * size..];
        pivot_row[step] = root;
        for (offset, row) in rest.chunks_exact_mut(size).enumerate() {
            let other = self.order[step + 1 + offset];
            let (high, low) = (unknown.max(other), unknown.min(other));
            let entry = matrix[high * size + low] * self.scale[high] * self.scale[low];
            let value = (entry - dot(&row[..step], &pivot_row[..step])) / root;
            row[step] = value;
            left[step + 1 + offset] -= value * value;
        }
    }

    /// The unknown at `step` is a combination of the pivots before it: which ones, and with what share?
    fn dependency(&self, step: usize) -> Dependency {
        const SHARE: f64 = 1e-5;
        let mut shares = self.row(step)[..step].to_vec();
        self.solve_upper(&mut shares, step);
        let largest = shares.iter().fold(0.0, |largest: f64, share| largest.max(share.abs()));
        let mut members = vec![self.order[step]];
        members.extend((0..step).filter(|&k| shares[k].abs() > SHARE * largest).map(|k| self.order[k]));
        members.sort_unstable();
        Dependency(members)
    }

    fn swap(&mut self, left: &mut [f64], a: usize, b: usize) {
        if a == b {
            return;
        }
        left.swap(a, b);
        self.order.swap(a, b);
        for k in 0..a {
            self.lower.swap(a * self.size + k, b * self.size + k);
        }
    }

    fn row(&self, k: usize) -> &[f64] {
        &self.lower[k * self.size..][..self.size]
    }
}

fn largest(left: &[f64], from: usize) -> usize {
    (from..left.len()).fold(from, |best, k| if left[k] > left[best] { k } else { best })
}

/// A dot product in eight partial sums, so that the processor's lanes are used.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a_head, a_tail) = a.as_chunks::<8>();
    let (b_head, b_tail) = b.as_chunks::<8>();
    for (a, b) in a_head.iter().zip(b_head) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let tail: f64 = a_tail.iter().zip(b_tail).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + tail
}

/// `matrix · vector` for a symmetric matrix given by its lower triangle.
pub(super) fn symmetric_times(matrix: &[f64], vector: &[f64]) -> Vec<f64> {
    let size = vector.len();
    let mut product = vec![0.0; size];
    for i in 0..size {
        let row = &matrix[i * size..][..i];
        product[i] += dot(row, &vector[..i]) + matrix[i * size + i] * vector[i];
        for (sum, entry) in product[..i].iter_mut().zip(row) {
            *sum += entry * vector[i];
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lower triangle of `X'X` for columns `x`.
    fn gram(columns: &[Vec<f64>]) -> Vec<f64> {
        let size = columns.len();
        (0..size * size).map(|at| dot(&columns[at / size], &columns[at % size])).collect()
    }

    fn columns() -> Vec<Vec<f64>> {
        let value = |row: usize, column: usize| ((row * 7919 + column * 104_729) % 1009) as f64 / 1009.0 - 0.5;
        (0..6).map(|column| (0..40).map(|row| value(row, column)).collect()).collect()
    }

    #[test]
    fn solves_what_it_factors() {
        let mut columns = columns();
        columns[3].iter_mut().for_each(|value| *value *= 1e8); // scaling must not matter
        let matrix = gram(&columns);
        let right = symmetric_times(&matrix, &[1.0, -2.0, 3.0, 4e-8, 0.0, 6.0]);
        let solution = Cholesky::new(&matrix, 6, 1e-12).unwrap().solve(&right);
        for (found, expected) in solution.iter().zip([1.0, -2.0, 3.0, 4e-8, 0.0, 6.0]) {
            assert!((found - expected).abs() <= 1e-12 * (1.0 + expected.abs()), "{found} {expected}");
        }
    }

    #[test]
    fn names_the_dependency_and_nothing_else() {
        let mut columns = columns();
        columns[4] = columns[1].iter().zip(&columns[2]).map(|(a, b)| 2.0 * a - 0.5 * b).collect();
        assert_eq!(Cholesky::new(&gram(&columns), 6, 1e-12).unwrap_err(), Dependency(vec![1, 2, 4]));
    }
}
