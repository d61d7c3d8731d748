//! The rows of a log in as many parts as there are threads, or in one. What is computed of a part must not depend on
//! where the parts meet.

use std::ops::Range;

/// Rows below which a further thread does not pay.
#[cfg(feature = "parallel")]
const ROWS_PER_THREAD: usize = 1 << 17;

/// The number of parts for so many rows; at most eight, since some work is done once per part.
#[cfg(feature = "parallel")]
pub(crate) fn parts(rows: usize) -> usize {
    rayon::current_num_threads().min(rows / ROWS_PER_THREAD).clamp(1, 8)
}

/// What `of` makes of each part, in row order.
#[cfg(feature = "parallel")]
pub(crate) fn map_parts<T: Send>(rows: usize, of: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    use rayon::prelude::*;
    let parts = parts(rows);
    let size = rows.div_ceil(parts);
    (0..parts).into_par_iter().map(|part| of((part * size).min(rows)..((part + 1) * size).min(rows))).collect()
}

#[cfg(not(feature = "parallel"))]
pub(crate) fn map_parts<T>(rows: usize, of: impl Fn(Range<usize>) -> T) -> Vec<T> {
    vec![of(0..rows)]
}

/// What `of` makes of each row.
#[cfg(feature = "parallel")]
pub(crate) fn map_rows<K: Sync, T: Send>(rows: &[K], of: impl Fn(&K) -> T + Sync + Send) -> Vec<T> {
    use rayon::prelude::*;
    rows.par_iter().with_min_len(ROWS_PER_THREAD).map(of).collect()
}

#[cfg(not(feature = "parallel"))]
pub(crate) fn map_rows<K, T>(rows: &[K], of: impl Fn(&K) -> T) -> Vec<T> {
    rows.iter().map(of).collect()
}
