//! The most valuable way to put items into places of limited capacity: the transportation problem, solved exactly.
//!
//! Successive shortest paths (Ahuja, Magnanti and Orlin, "Network Flows", 1993, section 9.7) over the **places** only:
//! items come one by one, each enters where its value minus the price of the place is highest, and pushes others on
//! along the cheapest chain of moves. Prices stand for "what it costs to free a place here" and only ever rise. There
//! are few places and many items, so a step costs places² and not items².
//!
//! Values are whole numbers, so that ties are ties and the prices prove the optimum to the last digit.

/// A pair that must not be.
pub(super) const NEVER: i64 = i64::MIN;
/// The price of what cannot be had. Values are at most 2⁶⁰, and so are all other prices.
const CLOSED: i64 = 1 << 62;
/// No item, no place.
const NONE: u32 = u32::MAX;

/// What may hold items: a rep, or one grade of a rep, which is a place inside of the rep's.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) capacity: u32,
    /// The rep.
    pub(super) column: usize,
    /// The larger place that an item here counts in, too.
    pub(super) parent: Option<usize>,
}

/// Items, places, and what each item is worth in each place.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) places: Vec<Place>,
    /// `[item × column]`: the place through which the item enters the column.
    pub(super) entries: Vec<u32>,
    /// The worth of each item in each column, above 0, or [`NEVER`].
    pub(super) values: Vec<i64>,
    pub(super) columns: usize,
}

/// An optimal assignment and its proof.
#[derive(Debug)]
pub(super) struct Solution {
    /// The column of each item.
    pub(super) column: Vec<Option<usize>>,
    /// What nothing can be worth more than, by the prices; equal to what all is worth.
    pub(super) bound: i128,
    /// What one more unit of capacity would add, per place.
    pub(super) one_more: Vec<i64>,
}

/// The next step on the cheapest way to free a place.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    /// There is room: it counts in the parent, or ends here when there is none.
    Up,
    /// An item of a place inside of this one makes room.
    Down(usize),
    /// This item moves to this place.
    Move(u32, usize),
    /// This item loses its place.
    Drop(u32),
}

impl Problem {
    fn items(&self) -> usize {
        self.values.len() / self.columns.max(1)
    }

    fn value(&self, item: usize, column: usize) -> i64 {
        self.values[item * self.columns + column]
    }

    fn entry(&self, item: usize, column: usize) -> usize {
        self.entries[item * self.columns + column] as usize
    }

    fn is_closed(&self, place: usize) -> bool {
        let place = &self.places[place];
        place.capacity == 0 || place.parent.is_some_and(|parent| self.places[parent].capacity == 0)
    }

    /// Takes the items in their order. Of equally good assignments, which one comes out depends on that order and on
    /// that of the columns, and on nothing else.
    pub(super) fn solve(&self) -> Solution {
        let mut state = State::new(self);
        for item in 0..self.items() {
            state.insert(item);
        }
        let (bound, one_more) = (state.bound(), state.one_more());
        debug_assert_eq!(state.value(), bound, "the prices prove the optimum");
        Solution { column: state.column, bound, one_more }
    }
}

struct State<'a> {
    problem: &'a Problem,
    /// The number of places.
    places: usize,
    column: Vec<Option<usize>>,
    members: Vec<Vec<u32>>,
    /// Items that count in the place.
    used: Vec<u32>,
    price: Vec<i64>,
    next: Vec<Step>,
    /// `[to × from]`: the member of `from` that gains most, or loses least, by moving to `to`, and its gain.
    best: Vec<(u32, i64)>,
    /// The member of each place that is worth least, and its worth.
    least: Vec<(u32, i64)>,
}

impl<'a> State<'a> {
    fn new(problem: &'a Problem) -> Self {
        let places = problem.places.len();
        Self {
            problem,
            places,
            column: vec![None; problem.items()],
            members: vec![Vec::new(); places],
            used: vec![0; places],
            price: (0..places).map(|place| if problem.is_closed(place) { CLOSED } else { 0 }).collect(),
            next: vec![Step::Up; places],
            best: vec![(NONE, NEVER); places * places],
            least: vec![(NONE, i64::MAX); places],
        }
    }

    fn insert(&mut self, item: usize) {
        let mut chosen = None;
        let mut most = 0;
        for column in 0..self.problem.columns {
            let value = self.problem.value(item, column);
            if value != NEVER && value - self.price[self.problem.entry(item, column)] > most {
                chosen = Some(column);
                most = value - self.price[self.problem.entry(item, column)];
            }
        }
        if let Some(column) = chosen
            && self.push(item, self.problem.entry(item, column))
        {
            self.update_prices();
        }
    }

    /// Puts an item into a place and moves others along the chain; says whether prices may have changed.
    fn push(&mut self, item: usize, mut place: usize) -> bool {
        let mut changed = false;
        self.enter(item, place);
        loop {
            match self.next[place] {
                Step::Up => {
                    self.used[place] += 1;
                    changed |= self.used[place] >= self.problem.places[place].capacity;
                    match self.problem.places[place].parent {
                        Some(parent) => place = parent,
                        None => return changed,
                    }
                }
                Step::Down(child) => {
                    changed = true;
                    self.used[child] -= 1;
                    place = child;
                }
                Step::Move(moved, to) => {
                    changed = true;
                    self.leave(moved as usize, place);
                    self.enter(moved as usize, to);
                    place = to;
                }
                Step::Drop(dropped) => {
                    self.leave(dropped as usize, place);
                    self.column[dropped as usize] = None;
                    return true;
                }
            }
        }
    }

    fn enter(&mut self, item: usize, place: usize) {
        self.column[item] = Some(self.problem.places[place].column);
        self.members[place].push(item as u32);
        for column in 0..self.problem.columns {
            self.offer(item, place, column);
        }
        self.offer_least(item as u32, place);
    }

    fn leave(&mut self, item: usize, place: usize) {
        self.members[place].retain(|&member| member as usize != item);
        let members = std::mem::take(&mut self.members[place]);
        for to in 0..self.places {
            let slot = to * self.places + place;
            if self.best[slot].0 as usize == item {
                self.best[slot] = (NONE, NEVER);
                let column = self.problem.places[to].column;
                for &member in &members {
                    if self.problem.entry(member as usize, column) == to {
                        self.offer(member as usize, place, column);
                    }
                }
            }
        }
        if self.least[place].0 as usize == item {
            self.least[place] = (NONE, i64::MAX);
            for &member in &members {
                self.offer_least(member, place);
            }
        }
        self.members[place] = members;
    }

    /// Notes a member as the best to move to a column, if it is.
    fn offer(&mut self, item: usize, place: usize, column: usize) {
        let there = self.problem.value(item, column);
        if there == NEVER || column == self.problem.places[place].column {
            return;
        }
        let slot = &mut self.best[self.problem.entry(item, column) * self.places + place];
        let gain = there - self.problem.value(item, self.problem.places[place].column);
        if gain > slot.1 || gain == slot.1 && (item as u32) < slot.0 {
            *slot = (item as u32, gain);
        }
    }

    /// Notes a member as the one to drop, if it is. Of equals the later one goes, the lesser by the caller's order.
    fn offer_least(&mut self, item: u32, place: usize) {
        let worth = self.problem.value(item as usize, self.problem.places[place].column);
        let least = &mut self.least[place];
        if worth < least.1 || worth == least.1 && item > least.0 {
            *least = (item, worth);
        }
    }

    fn has_room(&self, place: usize) -> bool {
        self.used[place] < self.problem.places[place].capacity
    }

    /// Finds the cheapest way to free each place: Dijkstra's algorithm from the outside in. The old prices make every
    /// step's cost non-negative, since moves were made only where they cost what the prices say.
    fn update_prices(&mut self) {
        let mut rise: Vec<i64> = vec![i64::MAX; self.places];
        let mut next = self.next.clone();
        for place in (0..self.places).filter(|&place| self.price[place] != CLOSED) {
            if self.problem.places[place].parent.is_none() && self.has_room(place) {
                (rise[place], next[place]) = (-self.price[place], Step::Up);
            } else if self.least[place].0 != NONE {
                (rise[place], next[place]) = (self.least[place].1 - self.price[place], Step::Drop(self.least[place].0));
            }
        }
        let mut open: Vec<usize> = (0..self.places).filter(|&place| self.price[place] != CLOSED).collect();
        while let Some(nearest) = (0..open.len()).min_by_key(|&index| (rise[open[index]], open[index])) {
            let to = open.swap_remove(nearest);
            if rise[to] == i64::MAX {
                break;
            }
            let through = self.price[to] + rise[to];
            let moves = &self.best[to * self.places..(to + 1) * self.places];
            for &from in &open {
                let (item, gain) = moves[from];
                let (cost, step) = if self.problem.places[from].parent == Some(to) && self.has_room(from) {
                    (0, Step::Up)
                } else if self.problem.places[to].parent == Some(from) && self.used[to] > 0 {
                    (0, Step::Down(to))
                } else if item != NONE {
                    (-gain, Step::Move(item, to))
                } else {
                    continue;
                };
                let candidate = cost + through - self.price[from];
                debug_assert!(candidate >= rise[to], "the old prices are fair");
                if candidate < rise[from] {
                    (rise[from], next[from]) = (candidate, step);
                }
            }
        }
        for (price, rise) in self.price.iter_mut().zip(rise) {
            if *price != CLOSED && rise != i64::MAX {
                *price += rise;
            }
        }
        self.next = next;
    }

    /// What all is worth.
    fn value(&self) -> i128 {
        let worth = |(item, column): (usize, &Option<usize>)| Some(i128::from(self.problem.value(item, (*column)?)));
        self.column.iter().enumerate().filter_map(worth).sum()
    }

    /// Every item is worth at most what it has left in its best place, plus that place's price; every place can be
    /// paid for as often as it has room. The sum bounds what any assignment is worth (weak duality).
    fn bound(&self) -> i128 {
        let left = |item: usize| {
            let in_column = |column| match self.problem.value(item, column) {
                NEVER => 0,
                value => value - self.price[self.problem.entry(item, column)],
            };
            (0..self.problem.columns).map(in_column).max().unwrap_or(0).max(0)
        };
        let items: i128 = (0..self.problem.items()).map(|item| i128::from(left(item))).sum();
        let places: i128 = self
            .problem
            .places
            .iter()
            .zip(&self.price)
            .map(|(place, &price)| {
                let of_parent = place.parent.map_or(0, |parent| self.price[parent]);
                i128::from(place.capacity) * i128::from(price - of_parent)
            })
            .sum();
        items + places
    }

    /// What one more unit of capacity adds: the best chain of moves that ends in the place and starts with an item that
    /// had none, or leaves a vacancy elsewhere (Bellman and Ford).
    fn one_more(&self) -> Vec<i64> {
        const UNREACHED: i64 = i64::MIN / 4;
        let mut gain = vec![UNREACHED; self.places];
        for (place, one) in self.problem.places.iter().enumerate() {
            if one.parent.is_none() && self.used[place] > 0 {
                gain[place] = 0;
            }
        }
        for item in (0..self.problem.items()).filter(|&item| self.column[item].is_none()) {
            for column in 0..self.problem.columns {
                let place = self.problem.entry(item, column);
                gain[place] = gain[place].max(self.problem.value(item, column).max(UNREACHED));
            }
        }
        // No chain is longer than there are places; most end after a few rounds.
        for _ in 0..=self.places {
            let before = gain.clone();
            for to in 0..self.places {
                if let Some(parent) = self.problem.places[to].parent {
                    if self.used[to] > 0 {
                        gain[to] = gain[to].max(gain[parent]);
                    }
                    if self.has_room(to) {
                        gain[parent] = gain[parent].max(gain[to]);
                    }
                }
                for from in 0..self.places {
                    let (item, more) = self.best[to * self.places + from];
                    if item != NONE && gain[from] > UNREACHED {
                        gain[to] = gain[to].max(gain[from] + more);
                    }
                }
            }
            if gain == before {
                break;
            }
        }
        gain.into_iter().map(|gain| gain.max(0)).collect()
    }
}
