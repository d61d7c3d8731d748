//! Loops over rows, compiled for each instruction set that a processor may have; the widest one at hand runs.
//!
//! Only loops whose rows do not depend on each other belong here: then every path does the same additions and
//! comparisons for a row, in the same order, and gives the same bits.

/// Rows that are worked on side by side where a row takes several steps: what they need stays in registers.
pub(crate) const LANES: usize = 16;

/// Runs `work`. The closure and the functions it calls need `#[inline(always)]`: what is not inlined is compiled for
/// the oldest processor only.
pub(crate) fn wide<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}

/// Calls `work` with each full chunk of [`LANES`] values and their places, and `rest` with each one that is left.
#[inline(always)]
pub(crate) fn in_lanes<V, P>(
    values: &[V],
    places: &mut [P],
    work: impl Fn(&[V; LANES], &mut [P; LANES]),
    rest: impl Fn(&V, &mut P),
) {
    let (chunks, left) = values.as_chunks::<LANES>();
    let (place_chunks, places_left) = places.as_chunks_mut::<LANES>();
    for (values, places) in chunks.iter().zip(place_chunks) {
        work(values, places);
    }
    for (value, place) in left.iter().zip(places_left) {
        rest(value, place);
    }
}
