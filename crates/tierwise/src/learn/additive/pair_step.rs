//! One step of boosting for a pair of features, and how strong a pair is.

use super::coarse::{CELLS, SIDE};
use super::step::{Caution, newton_step, worth};

/// Slope and curvature by cell, `SIDE` cells to a row.
pub(super) type CellSums = [[f64; 2]; CELLS];

/// The sums of every rectangle that begins in the first cell.
struct Corners {
    sums: Vec<[f64; 2]>,
}

#[derive(Clone, Copy)]
struct Box2 {
    rows: [usize; 2],
    columns: [usize; 2],
}

impl Corners {
    fn new(cells: &CellSums, rows: usize, columns: usize) -> Self {
        let mut sums = vec![[0.0; 2]; (SIDE + 1) * (SIDE + 1)];
        for row in 0..rows {
            let mut run = [0.0; 2];
            for column in 0..columns {
                let cell = cells[row * SIDE + column];
                run = [run[0] + cell[0], run[1] + cell[1]];
                let above = sums[row * (SIDE + 1) + column + 1];
                sums[(row + 1) * (SIDE + 1) + column + 1] = [above[0] + run[0], above[1] + run[1]];
            }
        }
        Self { sums }
    }

    #[inline(always)]
    fn corner(&self, row: usize, column: usize) -> [f64; 2] {
        self.sums[row * (SIDE + 1) + column]
    }

    fn within(&self, area: Box2) -> [f64; 2] {
        let Box2 { rows: [top, bottom], columns: [left, right] } = area;
        let [a, b, c, d] =
            [self.corner(bottom, right), self.corner(top, right), self.corner(bottom, left), self.corner(top, left)];
        [a[0] - b[0] - c[0] + d[0], a[1] - b[1] - c[1] + d[1]]
    }
}

/// A cut across one feature, and on either side of it a cut across the other (0 for none).
#[derive(Clone, Copy, Default)]
struct Tree {
    gain: f64,
    first_by_rows: bool,
    first: usize,
    second: [usize; 2],
}

/// The step in full length for each cell: the best cut across one feature and, on either side, the best across the
/// other (Lou, Caruana, Gehrke & Hooker 2013, section 4, grown by second-order gain).
pub(super) fn pair_step(cells: &CellSums, [rows, columns]: [usize; 2], caution: Caution, places: &mut [f64; CELLS]) {
    let corners = Corners::new(cells, rows, columns);
    let all = Box2 { rows: [0, rows], columns: [0, columns] };
    let by_rows = best_tree(&corners, rows, columns, caution, true);
    let by_columns = best_tree(&corners, columns, rows, caution, false);
    let tree = if by_columns.gain > by_rows.gain { by_columns } else { by_rows };
    let mut fill = |area: Box2| {
        let [slope, curvature] = corners.within(area);
        let step = newton_step(slope, curvature + caution.smoothing);
        for row in area.rows[0]..area.rows[1] {
            places[row * SIDE + area.columns[0]..row * SIDE + area.columns[1]].fill(step);
        }
    };
    if tree.gain <= 0.0 {
        fill(all);
        return;
    }
    for (side, second) in tree.second.into_iter().enumerate() {
        let across = if tree.first_by_rows { rows } else { columns };
        let along = if tree.first_by_rows { columns } else { rows };
        let outer = if side == 0 { [0, tree.first] } else { [tree.first, across] };
        for inner in [[0, second], [second, along]] {
            if inner[0] < inner[1] {
                fill(if tree.first_by_rows {
                    Box2 { rows: outer, columns: inner }
                } else {
                    Box2 { rows: inner, columns: outer }
                });
            }
        }
    }
}

/// The best tree whose first cut goes across the rows (or, turned, the columns).
fn best_tree(corners: &Corners, across: usize, along: usize, caution: Caution, first_by_rows: bool) -> Tree {
    let corner = |outer: usize, inner: usize| {
        if first_by_rows { corners.corner(outer, inner) } else { corners.corner(inner, outer) }
    };
    let smoothing = caution.smoothing;
    let worth = |sum: [f64; 2]| worth(sum[0], sum[1] + smoothing);
    let less = |a: [f64; 2], b: [f64; 2]| [a[0] - b[0], a[1] - b[1]];
    let total = corner(across, along);
    let mut best = Tree { first_by_rows, ..Tree::default() };
    for first in 1..across {
        let sides = [corner(first, along), less(total, corner(first, along))];
        if sides.iter().any(|side| side[1] < caution.min_curvature) {
            continue;
        }
        let mut worths = sides.map(worth);
        let mut second = [0; 2];
        for cut in 1..along {
            let low = corner(first, cut);
            let parts = [low, less(corner(across, cut), low)];
            for side in 0..2 {
                let rest = less(sides[side], parts[side]);
                if parts[side][1] >= caution.min_curvature && rest[1] >= caution.min_curvature {
                    let both = worth(parts[side]) + worth(rest);
                    if both > worths[side] {
                        (worths[side], second[side]) = (both, cut);
                    }
                }
            }
        }
        let gain = worths[0] + worths[1] - worth(total);
        if gain > best.gain {
            best = Tree { gain, first, second, ..best };
        }
    }
    best
}

/// How strong the best single interaction of a pair is: the largest chi-square, on one degree of freedom, of the
/// contrast of the four quarters that a cut across either feature leaves. What either feature does alone cancels out of
/// it. (After the ranking by four quarters of Lou et al. 2013, section 4.1; the contrast is this library's.)
pub(super) fn interaction(cells: &CellSums, [rows, columns]: [usize; 2]) -> f64 {
    const LEAST: f64 = 0.5; // curvature of a quarter; a few rows say nothing
    let corners = Corners::new(cells, rows, columns);
    let all = corners.corner(rows, columns);
    let mut best = 0.0;
    for row in 1..rows {
        let above = corners.corner(row, columns);
        for column in 1..columns {
            let (left, quarter) = (corners.corner(rows, column), corners.corner(row, column));
            let part = |index: usize| {
                let (q, a, l) = (quarter[index], above[index], left[index]);
                [q, a - q, l - q, all[index] - a - l + q]
            };
            let (slopes, curvatures) = (part(0), part(1));
            if curvatures.iter().any(|&curvature| curvature < LEAST) {
                continue;
            }
            let mean = |quarter: usize| slopes[quarter] / curvatures[quarter];
            let contrast = mean(0) - mean(1) - mean(2) + mean(3);
            let variance: f64 = curvatures.iter().map(|curvature| 1.0 / curvature).sum();
            let strength = contrast * contrast / variance;
            best = if strength > best { strength } else { best };
        }
    }
    best
}
