//! Powers of a matrix of moves, whose rows are shares.

type Matrix = [Vec<f64>];

/// `start` times the matrix, so many times: step by step, or by its squares where that is less work.
pub(super) fn after(start: &[f64], moves: &Matrix, periods: u32) -> Vec<f64> {
    let squarings = periods.checked_ilog2().unwrap_or(0);
    // A step costs the square of the states, a squaring the cube.
    if u64::from(periods) <= u64::from(squarings) * moves.len() as u64 {
        return (0..periods).fold(start.to_vec(), |now, _| step(&now, moves));
    }
    by_squares(start.to_vec(), moves, periods, |now, square| step(&now, square))
}

/// The matrix to the power of `periods`.
pub(super) fn power(moves: &Matrix, periods: u32) -> Vec<Vec<f64>> {
    let unit = |state: usize| (0..moves.len()).map(|other| f64::from(u8::from(other == state))).collect();
    let nothing_yet: Vec<Vec<f64>> = (0..moves.len()).map(unit).collect();
    by_squares(nothing_yet, moves, periods, |now, square| product(&now, square))
}

/// Applies the squares of the matrix, and their squares, that make up so many periods.
fn by_squares<T>(now: T, moves: &Matrix, mut periods: u32, apply: impl Fn(T, &Matrix) -> T) -> T {
    let (mut now, mut square) = (now, moves.to_vec());
    while periods > 0 {
        if periods % 2 == 1 {
            now = apply(now, &square);
        }
        periods /= 2;
        if periods > 0 {
            square = squared(&square);
        }
    }
    now
}

/// The square, with rows that add up to one again: what rounding took from them would double with every squaring.
fn squared(moves: &Matrix) -> Vec<Vec<f64>> {
    let mut square = product(moves, moves);
    for row in &mut square {
        let total: f64 = row.iter().sum();
        for share in row {
            *share /= total;
        }
    }
    square
}

fn product(first: &Matrix, second: &Matrix) -> Vec<Vec<f64>> {
    first.iter().map(|row| step(row, second)).collect()
}

fn step(now: &[f64], moves: &Matrix) -> Vec<f64> {
    let mut next = vec![0.0; now.len()];
    for (share, row) in now.iter().zip(moves) {
        next.iter_mut().zip(row).for_each(|(next, probability)| *next += share * probability);
    }
    next
}
