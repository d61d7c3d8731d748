//! From cells to cuts: which cuts are candidates, which course of the rates is taken, and a closer look around the
//! cuts that were chosen.

use super::binner::Trend;
use super::cells::Cells;
use super::free::solve_free;
use super::objective::Objective;
use super::optimum::{Candidates, Course, Limits, Optimum, Step};

/// The question put to the search.
pub(super) struct Search<'a> {
    pub(super) cells: &'a Cells,
    pub(super) objective: Objective,
    pub(super) limits: Limits,
    pub(super) trend: Trend,
    pub(super) pre_bins: usize,
}

/// The places of the chosen cuts among the cells, ascending, and the course that was taken.
pub(super) struct Found {
    pub(super) cuts: Vec<usize>,
    pub(super) trend: Trend,
}

const PEAK: Course = Course { first: Step::Up, then: Some(Step::Down) };
const VALLEY: Course = Course { first: Step::Down, then: Some(Step::Up) };

/// How much more a turn must be worth than one direction, for `auto` to take it.
const WORTH_A_TURN: f64 = 1.1;

/// Looks closer so many times at most.
const CLOSER_LOOKS: usize = 3;

/// A closer look reaches so many candidates of the last one to either side of a cut.
const ASIDE: usize = 4;

/// The surroundings of a stretch are so many stretches on either side.
const AROUND: usize = 5;

/// So many times as many cells are few where rates may take any course.
const FREE: usize = 4;

impl Search<'_> {
    /// `None` where even one bin of all cells breaks a limit.
    pub(super) fn run(&self) -> Option<Found> {
        let mut grid = self.first_grid();
        let (trend, mut best) = self.best_trend(&grid)?;
        let mut chosen: Vec<usize> = best.cuts.iter().map(|&cut| grid[cut]).collect();
        for _ in 0..CLOSER_LOOKS {
            let closer = self.grid_around(&grid, &chosen);
            if chosen.is_empty() || closer == grid {
                break;
            }
            let Some((_, found)) = self.solve(&closer, trend) else { break };
            // All cuts chosen so far are candidates again, so that nothing is lost but by rounding.
            if found.value > best.value {
                chosen = found.cuts.iter().map(|&cut| closer[cut]).collect();
                best = found;
            }
            grid = closer;
        }
        Some(Found { cuts: chosen, trend })
    }

    /// Running sums at the cuts of a grid.
    fn sums(&self, grid: &[usize]) -> [Vec<f64>; 2] {
        let at = |sums: &[f64]| grid.iter().map(|&cell| sums[cell]).collect();
        [at(&self.cells.first), at(&self.cells.second)]
    }

    fn solve(&self, grid: &[usize], trend: Trend) -> Option<(Trend, Optimum)> {
        let [first, second] = self.sums(grid);
        let found = if self.is_free() {
            solve_free(&first, &second, &self.objective, &self.limits)
        } else {
            Candidates::new(&first, &second, &self.objective, self.limits).solve(course(trend))
        };
        Some((trend, found?))
    }

    /// Whether neighbouring bins have nothing to do with each other.
    fn is_free(&self) -> bool {
        self.trend == Trend::None && self.limits.min_difference == 0.0
    }

    fn best_trend(&self, grid: &[usize]) -> Option<(Trend, Optimum)> {
        if !matches!(self.trend, Trend::Auto | Trend::Either) {
            return self.solve(grid, self.trend);
        }
        let [first, second] = self.sums(grid);
        let candidates = Candidates::new(&first, &second, &self.objective, self.limits);
        let better_of = |one: Trend, other: Trend| {
            let (first, second) = (candidates.solve(course(one))?, candidates.solve(course(other))?);
            Some(if second.value > first.value { (other, second) } else { (one, first) })
        };
        let straight = better_of(Trend::Ascending, Trend::Descending)?;
        if self.trend == Trend::Either {
            return Some(straight);
        }
        let turning = better_of(Trend::Peak, Trend::Valley)?;
        let is_worth_it = turning.1.value > straight.1.value.max(0.0) * WORTH_A_TURN;
        Some(if is_worth_it { turning } else { straight })
    }

    /// All cuts between cells where they are few. Else two from each of many stretches that hold even shares of the
    /// weight: those before and after which the rate differs most, up and down. A cut between two bins pays most there.
    fn first_grid(&self) -> Vec<usize> {
        let cells = self.cells.len();
        if cells <= self.pre_bins * if self.is_free() { FREE } else { 1 } {
            return (0..=cells).collect();
        }
        let ends = self.even_cuts((self.pre_bins / 2).max(1));
        let mut grid = vec![0, cells];
        grid.extend(self.smallest_bins(0, cells));
        for (place, stretch) in ends.windows(2).enumerate() {
            let around = [place.saturating_sub(AROUND), (place + 1 + AROUND).min(ends.len() - 1)].map(|end| ends[end]);
            grid.extend(self.turns(stretch[0], stretch[1], around));
        }
        grid.sort_unstable();
        grid.dedup();
        grid
    }

    /// The cuts in a stretch that lie farthest above and below the straight line through its surroundings, in running
    /// sums.
    fn turns(&self, from: usize, to: usize, [low, high]: [usize; 2]) -> [usize; 2] {
        let (first, second) = (&self.cells.first, &self.cells.second);
        let slope = (first[high] - first[low]) / (second[high] - second[low]);
        // Without others (or weight) around there is no slope, and any cut is as good.
        let slope = if slope.is_finite() { slope } else { 0.0 };
        let above = |cut: usize| first[cut] - slope * second[cut];
        let extreme = |better: fn(f64, f64) -> bool| {
            (from + 1..to).fold((from, above(from)), |best, cut| {
                let next = above(cut);
                if better(next, best.1) { (cut, next) } else { best }
            })
        };
        [extreme(|next, best| next > best).0, extreme(|next, best| next < best).0]
    }

    /// Cuts that part the weight evenly into at most so many parts, with both ends.
    fn even_cuts(&self, parts: usize) -> Vec<usize> {
        let (cells, weight) = (self.cells.len(), |cut: usize| self.objective_weight(cut));
        let total = weight(cells);
        let mut cuts = vec![0];
        for part in 1..parts {
            let wanted = total * part as f64 / parts as f64;
            let cut = first_cut(cells, |cut| weight(cut) >= wanted);
            if cut > cuts[cuts.len() - 1] && cut < cells {
                cuts.push(cut);
            }
        }
        cuts.push(cells);
        cuts
    }

    fn objective_weight(&self, cut: usize) -> f64 {
        self.objective.weight(self.cells.first[cut], self.cells.second[cut])
    }

    /// The chosen cuts and, around each, those where a cut between its two neighbours would pay most, and those that
    /// leave a bin no larger than it must be.
    fn grid_around(&self, grid: &[usize], chosen: &[usize]) -> Vec<usize> {
        let each = (self.pre_bins / 4 / chosen.len().max(1)).max(2);
        let mut closer = vec![0, self.cells.len()];
        for (index, &cut) in chosen.iter().enumerate() {
            let before = index.checked_sub(1).map_or(0, |index| chosen[index]);
            let after = chosen.get(index + 1).copied().unwrap_or(self.cells.len());
            let place = grid.partition_point(|&other| other < cut);
            let from = grid[place.saturating_sub(ASIDE)].max(before);
            let to = grid[(place + ASIDE).min(grid.len() - 1)].min(after);
            closer.push(cut);
            closer.extend(self.smallest_bins(before, after));
            for part in 0..each {
                let [start, end] = [part, part + 1].map(|part| from + (to - from) * part / each);
                closer.extend(self.turns(start, end, [before, after]));
            }
        }
        closer.sort_unstable();
        closer.dedup();
        closer
    }

    /// The cuts that make the bin after `before`, and the bin up to `after`, as small as a bin may be.
    fn smallest_bins(&self, before: usize, after: usize) -> [usize; 2] {
        let least = self.limits.min_weight;
        let from = self.objective_weight(before) + least;
        let to = self.objective_weight(after) - least;
        let first = first_cut(self.cells.len(), |cut| self.objective_weight(cut) >= from);
        let last = first_cut(self.cells.len(), |cut| self.objective_weight(cut) > to).saturating_sub(1);
        [first, last]
    }
}

/// The first cut from which on `reached` holds.
fn first_cut(cells: usize, reached: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, cells);
    while low < high {
        let middle = usize::midpoint(low, high);
        if reached(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

fn course(trend: Trend) -> Course {
    let straight = |first| Course { first, then: None };
    match trend {
        Trend::Ascending => straight(Step::Up),
        Trend::Descending => straight(Step::Down),
        Trend::Peak => PEAK,
        Trend::Valley => VALLEY,
        Trend::Auto | Trend::Either | Trend::None => straight(Step::Any),
    }
}
