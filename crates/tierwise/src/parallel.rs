//! One place that decides between threads and a plain loop. Parts are fixed by the caller and results come back in
//! their order, so nothing depends on the number of threads.

/// Applies `work` to every part: on rayon's pool with the feature `parallel`, in a loop without it. A single part stays on
/// this thread, for to wake another one takes longer than most of them do.
///
/// ```
/// let squares = tierwise::parallel::map(vec![1, 2, 3], |part| part * part);
/// assert_eq!(squares, [1, 4, 9]);
/// ```
pub fn map<T: Send, R: Send>(parts: Vec<T>, work: impl Fn(T) -> R + Sync + Send) -> Vec<R> {
    #[cfg(feature = "parallel")]
    if parts.len() > 1 {
        use rayon::prelude::*;
        return parts.into_par_iter().map(work).collect();
    }
    parts.into_iter().map(work).collect()
}

/// How many parts are worked on at once: the threads of rayon's pool, or 1 without the feature `parallel`. For how often
/// to tell of progress; a result must not depend on it.
pub fn width() -> usize {
    #[cfg(feature = "parallel")]
    {
        rayon::current_num_threads()
    }
    #[cfg(not(feature = "parallel"))]
    {
        1
    }
}

/// Sorts in ascending order; equal elements must not be told apart, for their order is open.
///
/// ```
/// let mut keys = [3, 1, 2];
/// tierwise::parallel::sort(&mut keys);
/// assert_eq!(keys, [1, 2, 3]);
/// ```
pub fn sort<T: Ord + Send>(values: &mut [T]) {
    /// Fewer are sorted before another thread is awake.
    #[cfg(feature = "parallel")]
    const MANY: usize = 1 << 14;
    #[cfg(feature = "parallel")]
    if values.len() >= MANY {
        use rayon::prelude::*;
        values.par_sort_unstable();
        return;
    }
    values.sort_unstable();
}
