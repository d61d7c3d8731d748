//! How well one column alone tells the classes apart.

use super::profile::{FEW_ROWS, FOLDS, Run, Target};
use crate::ordered_rates::quantile_of_log_odds;

/// The area under the ROC curve of the values themselves, in the better direction, with unknown below or above all
/// others, whichever is better. Equal values count half (Mann and Whitney 1947).
pub(super) fn auc_of_values(runs: &[Run], target: &Target) -> f64 {
    let (mut events, mut others, mut pairs) = (0.0, 0.0, 0.0);
    for run in runs {
        pairs += run.events * (others + 0.5 * run.others);
        events += run.events;
        others += run.others;
    }
    // What is left are the rows whose value is unknown; rounding must not make it negative.
    let unknown_events = (target.events - events).max(0.0);
    let unknown_others = (target.others - others).max(0.0);
    let among = 0.5 * unknown_events * unknown_others;
    let below = pairs + events * unknown_others + among;
    let above = pairs + unknown_events * others + among;
    let all = target.events * target.others;
    [below, above]
        .map(|pairs| (pairs / all).clamp(0.0, 1.0))
        .map(|auc| auc.max(1.0 - auc))
        .into_iter()
        .fold(0.5, f64::max)
}

/// The area under the ROC curve of the rate of each row's group, computed on the folds that the row is not in, so that
/// a group with few rows cannot look telling by knowing its own.
pub(super) fn auc_of_groups(group_of_row: &[u32], groups: usize, target: &Target) -> f64 {
    /// Rows of the base rate that are added to each group.
    const PRIOR: f64 = 1.0;
    let mut cells = vec![[0.0; 2]; groups * FOLDS];
    for (row, &group) in group_of_row.iter().enumerate() {
        let cell = &mut cells[group as usize * FOLDS + target.fold[row] as usize];
        cell[usize::from(target.positive[row])] += target.weight[row];
    }
    let mut scored: Vec<(f64, [f64; 2])> = Vec::with_capacity(cells.len());
    for group in cells.chunks(FOLDS) {
        for (fold, &cell) in group.iter().enumerate() {
            let rest = group.iter().enumerate().filter(|(other, _)| *other != fold).map(|(_, cell)| cell);
            let [others, events] = rest.fold([0.0; 2], |sum, cell| [sum[0] + cell[0], sum[1] + cell[1]]);
            let rate = (events + PRIOR * target.base_rate()) / (events + others + PRIOR);
            if cell[0] + cell[1] > 0.0 {
                scored.push((rate, cell));
            }
        }
    }
    scored.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut below, mut pairs) = (0.0, 0.0);
    for tied in scored.chunk_by(|one, other| one.0 == other.0) {
        let [others, events] = tied.iter().fold([0.0; 2], |sum, (_, cell)| [sum[0] + cell[0], sum[1] + cell[1]]);
        pairs += events * (below + 0.5 * others);
        below += others;
    }
    (pairs / (target.events * target.others)).clamp(0.0, 1.0)
}

/// The most by which a group of at least 30 rows and 1 % of all multiplies the odds of all rows, and the most by which
/// another divides them; the ends of intervals of Jeffreys at 95 % that lie nearer to 1, and at least 1.
pub(super) fn odds_range(group_of_row: &[u32], groups: usize, target: &Target) -> (f64, f64) {
    const TAIL: f64 = 0.025;
    let mut cells = vec![(0_usize, [0.0; 2]); groups];
    for (row, &group) in group_of_row.iter().enumerate().filter(|(row, _)| target.weight[*row] > 0.0) {
        let cell = &mut cells[group as usize];
        cell.0 += 1;
        cell.1[usize::from(target.positive[row])] += target.weight[row];
    }
    let rows: usize = cells.iter().map(|cell| cell.0).sum();
    let all = libm::log(target.events / target.others);
    let (mut high, mut low) = (0.0_f64, 0.0_f64);
    for (_, [others, events]) in cells.into_iter().filter(|cell| cell.0 >= FEW_ROWS.max(rows.div_ceil(100))) {
        let (a, b) = (events + 0.5, others + 0.5);
        if libm::log(a / b) > all {
            high = high.max(quantile_of_log_odds(a, b, TAIL) - all);
        } else {
            low = low.max(all - quantile_of_log_odds(a, b, 1.0 - TAIL));
        }
    }
    (libm::exp(high), libm::exp(low))
}
