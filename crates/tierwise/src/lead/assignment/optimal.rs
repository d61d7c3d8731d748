//! The assignment of the highest total value.

use super::eligibility::{Eligible, Room};
use super::result::{Assignment, assignment};
use super::transport::{NEVER, Place, Problem};

/// Whole values have this many bits, so that sums along a chain of moves fit into 64.
const BITS: i32 = 60;

pub(super) fn assign(eligible: &Eligible<'_>) -> Assignment {
    let open: Vec<usize> = (0..eligible.leads.len()).filter(|&lead| eligible.kept[lead].is_none()).collect();
    let scale = scale(eligible, &open);
    let solution = problem(eligible, &open, scale).solve();
    let mut rep_of = eligible.kept.clone();
    for (&lead, &rep) in open.iter().zip(&solution.column) {
        rep_of[lead] = rep;
    }
    let mut result = assignment(eligible, &rep_of);
    for (rep, &row) in eligible.reps.iter().enumerate() {
        // The places of the reps come first, in the order of the reps.
        let price = solution.one_more[rep];
        result.loads[row].shadow_price = Some(libm::ldexp(price as f64, -scale));
    }
    // The leads that stay are worth what they are worth; the prices bound the others.
    let kept: f64 =
        eligible.kept.iter().enumerate().filter_map(|(lead, rep)| Some(eligible.value(lead, (*rep)?))).sum();
    result.bound = Some(kept + libm::ldexp(solution.bound as f64, -scale));
    result
}

/// The power of two that makes whole numbers of the values.
fn scale(eligible: &Eligible<'_>, open: &[usize]) -> i32 {
    let reps = 0..eligible.reps.len();
    let highest = open.iter().flat_map(|&lead| reps.clone().map(move |rep| eligible.value(lead, rep)));
    let (_, exponent) = libm::frexp(highest.fold(0.0, f64::max));
    BITS - exponent
}

/// One place per rep, in the order of the reps; behind them one per limit of a grade.
fn problem(eligible: &Eligible<'_>, open: &[usize], scale: i32) -> Problem {
    let room = Room::beside_kept(eligible);
    let columns = eligible.reps.len();
    let place = |column: usize, left: i64, parent| Place { capacity: left.max(0) as u32, column, parent };
    let mut places: Vec<Place> = room.capacity.iter().enumerate().map(|(rep, &left)| place(rep, left, None)).collect();
    let mut of_grade = vec![std::collections::BTreeMap::new(); columns];
    for (rep, grades) in room.grades.iter().enumerate() {
        for (&grade, &left) in grades {
            of_grade[rep].insert(grade, places.len());
            places.push(place(rep, left, Some(rep)));
        }
    }
    let mut entries = Vec::with_capacity(open.len() * columns);
    let mut values = Vec::with_capacity(open.len() * columns);
    for &lead in open {
        let grade = eligible.lead(lead).grade.as_deref();
        for (rep, limited) in of_grade.iter().enumerate() {
            let entry = grade.and_then(|grade| limited.get(grade).copied()).unwrap_or(rep);
            entries.push(entry as u32);
            values.push(whole(eligible.value(lead, rep), scale));
        }
    }
    Problem { places, entries, values, columns }
}

/// What is worth anything is worth at least one unit.
fn whole(value: f64, scale: i32) -> i64 {
    if value.is_nan() { NEVER } else { (libm::rint(libm::ldexp(value, scale)) as i64).max(1) }
}
