//! The best way to join neighbouring cells into bins, by dynamic programming over pairs of neighbouring bins: exact for
//! every trend, every limit and every number of bins.
//!
//! A state is the last bin, from one cut to another. What may stand before it depends on nothing but its rate, so the
//! bins that end at a cut are sorted by rate once, and the best of those with a lower (or higher) rate is a running
//! maximum. That makes `O(n² log n)` for the sorting and `O(n²)` per number of bins for `n` cells.

use super::objective::Objective;

/// How the rates of neighbouring bins must follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Up,
    Down,
    Any,
}

/// One or two stretches of bins: a peak goes up, then down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Course {
    pub(super) first: Step,
    pub(super) then: Option<Step>,
}

/// What every bin must hold, and what a bin costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Limits {
    pub(super) min_weight: f64,
    /// Least events and others of a bin; not asked for a number.
    pub(super) min_counts: [f64; 2],
    pub(super) max_bins: usize,
    pub(super) penalty: f64,
    /// How far the rates of neighbours must lie apart.
    pub(super) min_difference: f64,
}

/// The chosen cuts, ascending, as positions among the cells, and what the objective less the penalties is there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Optimum {
    pub(super) cuts: Vec<usize>,
    pub(super) value: f64,
}

/// A bin more must be worth more than rounding, so that of equally good binnings the shorter one wins.
const ROUNDING: f64 = 1e-12;

/// All bins that could be formed of `n` cells, and what may stand before which.
pub(super) struct Candidates {
    cells: usize,
    limits: Limits,
    /// The worth of the bin from cut `i` to cut `j` at [`at`]`(i, j)`; negative infinity where it breaks a limit.
    value: Vec<f64>,
    rate: Vec<f64>,
    /// For each cut the starts of the bins that end there, by ascending rate, in the block of that cut.
    by_rate: Vec<u16>,
    allowed: Vec<usize>,
    /// For each bin, how many of the bins that end where it starts have a rate low enough to precede it in a rise, and
    /// where those begin that have one high enough to precede it in a fall.
    lower: Vec<u16>,
    higher: Vec<u16>,
}

/// The place of the bin from cut `i` to cut `j`: bins that end together stand together.
pub(super) fn at(i: usize, j: usize) -> usize {
    j * (j - 1) / 2 + i
}

/// What the bin from one cut to another is worth, less its cost; `None` where it is too small.
pub(super) fn worth(
    [first, second]: [&[f64]; 2],
    (start, end): (usize, usize),
    objective: &Objective,
    limits: &Limits,
) -> Option<f64> {
    const NEARLY: f64 = 1.0 - 1e-12; // 0.1 of 30 customers is 3, though 0.1 * 30 is a little more
    let (one, other) = (first[end] - first[start], second[end] - second[start]);
    let counted = matches!(objective, Objective::Information { .. });
    let too_small = objective.weight(one, other) < limits.min_weight * NEARLY
        || counted && (one < limits.min_counts[0] * NEARLY || other < limits.min_counts[1] * NEARLY);
    if too_small { None } else { Some(objective.value(one, other) - limits.penalty - ROUNDING) }
}

/// The best totals that end with each bin, for either stretch of the course.
type Totals = [Vec<f64>; 2];

/// Where the bins before a bin are looked up.
enum From<'a> {
    /// Nowhere: tables of one bin.
    Nothing,
    /// In the table of one bin fewer.
    Shorter(&'a Totals),
    /// In the same table, where the number of bins is free: what ends at a cut is complete before what starts there is
    /// looked at.
    Same,
}

impl Candidates {
    /// `first` and `second` are running sums: one element more than there are cells.
    pub(super) fn new(first: &[f64], second: &[f64], objective: &Objective, limits: Limits) -> Self {
        let cells = first.len() - 1;
        let bins = cells * (cells + 1) / 2;
        let mut candidates = Self {
            cells,
            limits,
            value: vec![f64::NEG_INFINITY; bins],
            rate: vec![0.0; bins],
            by_rate: vec![0; bins],
            allowed: vec![0; cells + 1],
            lower: vec![0; bins],
            higher: vec![0; bins],
        };
        candidates.weigh(first, second, objective);
        candidates.sort();
        candidates.compare();
        candidates
    }

    fn weigh(&mut self, first: &[f64], second: &[f64], objective: &Objective) {
        for j in 1..=self.cells {
            for i in 0..j {
                // Bins that start later are smaller still.
                let Some(value) = worth([first, second], (i, j), objective, &self.limits) else { break };
                self.value[at(i, j)] = value;
                self.rate[at(i, j)] = objective.rate(first[j] - first[i], second[j] - second[i]);
            }
        }
    }

    fn sort(&mut self) {
        for j in 1..=self.cells {
            let block = at(0, j)..at(0, j) + j;
            let (values, rates) = (&self.value[block.clone()], &self.rate[block.clone()]);
            let order = &mut self.by_rate[block];
            let mut allowed = 0;
            for (start, value) in values.iter().enumerate() {
                if *value > f64::NEG_INFINITY {
                    order[allowed] = start as u16;
                    allowed += 1;
                }
            }
            order[..allowed]
                .sort_unstable_by(|&a, &b| rates[usize::from(a)].total_cmp(&rates[usize::from(b)]).then(a.cmp(&b)));
            self.allowed[j] = allowed;
        }
    }

    fn compare(&mut self) {
        let mut rates: Vec<f64> = Vec::with_capacity(self.cells);
        for i in 1..self.cells {
            rates.clear();
            rates.extend(self.before(i).iter().map(|&start| self.rate[at(usize::from(start), i)]));
            for j in i + 1..=self.cells {
                let place = at(i, j);
                if self.value[place] == f64::NEG_INFINITY {
                    continue;
                }
                let rate = self.rate[place];
                self.lower[place] = rates.partition_point(|&before| self.follows(Step::Up, before, rate)) as u16;
                self.higher[place] = rates.partition_point(|&before| !self.follows(Step::Down, before, rate)) as u16;
            }
        }
    }

    /// The starts of the bins that end at a cut, by ascending rate.
    fn before(&self, cut: usize) -> &[u16] {
        &self.by_rate[at(0, cut)..][..self.allowed[cut]]
    }

    fn follows(&self, step: Step, before: f64, rate: f64) -> bool {
        let apart = if self.limits.min_difference > 0.0 { self.limits.min_difference - ROUNDING } else { 0.0 };
        match step {
            Step::Up => rate - before >= apart,
            Step::Down => before - rate >= apart,
            Step::Any => (rate - before).abs() >= apart,
        }
    }

    /// The best binning of this course; `None` where even all cells together break a limit.
    pub(super) fn solve(&self, course: Course) -> Option<Optimum> {
        let mut totals = self.nothing(course);
        self.fill(course, &mut totals, &From::Same);
        let free = self.trace(course, std::slice::from_ref(&totals), None)?;
        if free.cuts.len() < self.limits.max_bins {
            return Some(free);
        }
        // The limit on the number of bins binds: once more, with one table per number of bins.
        let mut layers: Vec<Totals> = Vec::with_capacity(self.limits.max_bins);
        for _ in 0..self.limits.max_bins {
            let mut totals = self.nothing(course);
            self.fill(course, &mut totals, &layers.last().map_or(From::Nothing, From::Shorter));
            layers.push(totals);
        }
        let best = (0..layers.len()).filter_map(|last| self.trace(course, &layers, Some(last)));
        best.reduce(|kept, next| if next.value > kept.value { next } else { kept })
    }

    fn nothing(&self, course: Course) -> Totals {
        let empty = || vec![f64::NEG_INFINITY; self.value.len()];
        [empty(), if course.then.is_some() { empty() } else { Vec::new() }]
    }

    /// Adds each bin to the best that may stand before it.
    fn fill(&self, course: Course, totals: &mut Totals, from: &From<'_>) {
        if !matches!(from, From::Shorter(_)) {
            for j in 1..=self.cells {
                totals[0][at(0, j)] = self.value[at(0, j)];
            }
        }
        if matches!(from, From::Nothing) {
            return;
        }
        let (mut first, mut then) = (Reach::default(), Reach::default());
        for i in 1..self.cells {
            let order = self.before(i);
            let source = if let From::Shorter(shorter) = from { shorter } else { &*totals };
            let block = at(0, i)..at(0, i) + i;
            let begun = &source[0][block.clone()];
            first.look_back(order, |start| begun[start]);
            if course.then.is_some() {
                let turned = &source[1][block];
                then.look_back(order, |start| begun[start].max(turned[start]));
            }
            for j in i + 1..=self.cells {
                let place = at(i, j);
                let value = self.value[place];
                if value == f64::NEG_INFINITY {
                    continue;
                }
                totals[0][place] = value + self.best_before(course.first, &first, place);
                if let Some(step) = course.then {
                    totals[1][place] = value + self.best_before(step, &then, place);
                }
            }
        }
    }

    fn best_before(&self, step: Step, reach: &Reach, place: usize) -> f64 {
        let up = || reach.up_to[usize::from(self.lower[place])];
        let down = || reach.down_from[usize::from(self.higher[place])];
        match step {
            Step::Up => up(),
            Step::Down => down(),
            Step::Any => up().max(down()),
        }
    }

    /// Follows the best total back to its first bin. Without `last` there is one table for any number of bins.
    fn trace(&self, course: Course, layers: &[Totals], last: Option<usize>) -> Option<Optimum> {
        let mut layer = last.unwrap_or(0);
        let ends = |start: usize, stretch: usize| layers[layer][stretch].get(at(start, self.cells)).copied();
        let bins = (0..self.cells).flat_map(|start| [(start, 0), (start, 1)]);
        let totals = bins.filter_map(|(start, stretch)| Some((start, stretch, ends(start, stretch)?)));
        let (mut start, mut stretch, value) = totals.reduce(|kept, next| if next.2 > kept.2 { next } else { kept })?;
        if value == f64::NEG_INFINITY {
            return None;
        }
        let mut cuts = Vec::new();
        let mut end = self.cells;
        while start > 0 {
            layer = if last.is_some() { layer.checked_sub(1)? } else { layer };
            let (before, from) = self.predecessor(course, &layers[layer], (start, end), stretch)?;
            cuts.push(start);
            (start, end, stretch) = (before, start, from);
        }
        cuts.reverse();
        Some(Optimum { cuts, value })
    }

    /// The bin before this one, and the stretch that it belongs to.
    fn predecessor(
        &self,
        course: Course,
        totals: &Totals,
        (start, end): (usize, usize),
        stretch: usize,
    ) -> Option<(usize, usize)> {
        let step = if stretch == 0 { course.first } else { course.then? };
        let rate = self.rate[at(start, end)];
        let mut best: Option<(usize, usize, f64)> = None;
        for (from, totals) in totals.iter().enumerate().take(stretch + 1) {
            for before in 0..start {
                let place = at(before, start);
                let total = totals[place];
                if total == f64::NEG_INFINITY || !self.follows(step, self.rate[place], rate) {
                    continue;
                }
                if best.is_none_or(|(_, _, known)| total > known) {
                    best = Some((before, from, total));
                }
            }
        }
        best.map(|(before, from, _)| (before, from))
    }
}

/// Running maxima over the bins that end at a cut, by rate: of the lowest so many, and from so many on.
#[derive(Default)]
struct Reach {
    up_to: Vec<f64>,
    down_from: Vec<f64>,
}

impl Reach {
    fn look_back(&mut self, order: &[u16], total: impl Fn(usize) -> f64) {
        let count = order.len();
        self.up_to.clear();
        self.up_to.push(f64::NEG_INFINITY);
        self.down_from.clear();
        self.down_from.resize(count + 1, f64::NEG_INFINITY);
        let mut best = f64::NEG_INFINITY;
        for &start in order {
            best = best.max(total(usize::from(start)));
            self.up_to.push(best);
        }
        best = f64::NEG_INFINITY;
        for (place, &start) in order.iter().enumerate().rev() {
            best = best.max(total(usize::from(start)));
            self.down_from[place] = best;
        }
    }
}
