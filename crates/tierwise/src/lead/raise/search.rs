//! The search for the cheapest changes: branch and bound over the facts.
//!
//! Points are a sum over features, and a grade never falls with more points or more prerequisites met. So a value of a
//! fact matters only when no other value gives as many points and meets as much; and what the facts that are still to
//! be decided can give at most bounds what they must cost at least.

use super::{Now, Question};
use std::cmp::Ordering;

/// The most steps of a search for one customer.
pub(super) const STEPS: usize = 1_000_000;

/// One changeable fact of one customer, with the values that matter.
struct Item {
    feature: usize,
    cost: f64,
    asked: usize,
    now: f64,
    choices: Vec<Choice>,
    /// The largest gain, at least 0.
    most: f64,
    /// Which prerequisites it can meet that are unmet now.
    can_meet: usize,
    /// Whether one value is at least as good as all others and the present one.
    only_helps: bool,
    /// The item before, when that one does exactly the same: then this one is only changed after it.
    twin: bool,
}

#[derive(Clone, Copy)]
struct Choice {
    value: f64,
    gain: f64,
    unmet: usize,
}

pub(super) struct Search<'q> {
    question: &'q Question<'q>,
    items: Vec<Item>,
    row: Vec<f64>,
    score: f64,
    unmet: usize,
    /// Items by cost per point and by points, the most useful first; only those that give points.
    by_ratio: Vec<usize>,
    by_gain: Vec<usize>,
    /// By so much a sum may be off through rounding.
    score_slack: f64,
    cost_slack: f64,
    /// What the items from a position on can meet, and the least that one of them costs.
    can_meet_from: Vec<usize>,
    least_from: Vec<f64>,
    /// The score that a set of unmet prerequisites needs.
    need: Vec<f64>,
    target: usize,
    taken: Vec<bool>,
    steps: usize,
    best: Option<Found>,
}

struct Found {
    cost: f64,
    count: usize,
    score: f64,
    features: Vec<usize>,
    row: Vec<f64>,
}

/// What has been decided so far.
#[derive(Clone, Copy)]
struct State {
    next: usize,
    cost: f64,
    count: usize,
    gain: f64,
    unmet: usize,
}

impl<'q> Search<'q> {
    pub(super) fn new(question: &'q Question<'q>, row: &[f64], now: &Now) -> Self {
        let mut row = row.to_vec();
        let mut items: Vec<Item> = Vec::new();
        let sum = question.card.sum();
        let rounding = |terms: usize, size: f64| 4.0 * f64::EPSILON * (terms + 2) as f64 * size;
        let score_slack = rounding(sum.parts().len(), sum.largest());
        for index in 0..question.moves.len() {
            items.extend(Item::new(question, index, &mut row, now.unmet, score_slack));
        }
        let ratio = |a: &Item, b: &Item| (a.cost / a.most).partial_cmp(&(b.cost / b.most)).unwrap_or(Ordering::Equal);
        // Facts that prerequisites ask about are decided first: then what is left is a sum of points alone.
        items.sort_by(|a, b| {
            let both = (a.asked == 0).cmp(&(b.asked == 0)).then(ratio(a, b)).then(b.most.total_cmp(&a.most));
            both.then(a.feature.cmp(&b.feature))
        });
        for index in 1..items.len() {
            let (a, b) = (&items[index - 1], &items[index]);
            items[index].twin = a.asked == 0 && b.asked == 0 && a.cost == b.cost && a.most == b.most;
        }
        let mut by_ratio: Vec<usize> = (0..items.len()).filter(|&index| items[index].most > 0.0).collect();
        let mut by_gain = by_ratio.clone();
        by_ratio.sort_by(|&a, &b| ratio(&items[a], &items[b]));
        by_gain.sort_by(|&a, &b| items[b].most.total_cmp(&items[a].most));
        let mut can_meet_from = vec![0; items.len() + 1];
        let mut least_from = vec![f64::INFINITY; items.len() + 1];
        for (index, item) in items.iter().enumerate().rev() {
            can_meet_from[index] = can_meet_from[index + 1] | item.can_meet;
            least_from[index] = least_from[index + 1].min(item.cost);
        }
        Self {
            score_slack,
            cost_slack: rounding(items.len(), items.iter().map(|item| item.cost).sum()),
            score: now.score,
            unmet: now.unmet,
            taken: vec![false; items.len()],
            question,
            row,
            by_ratio,
            by_gain,
            can_meet_from,
            least_from,
            items,
            need: Vec::new(),
            target: 0,
            steps: 0,
            best: None,
        }
    }

    /// Whether any changes reach the grade; `None` when that takes too long to tell.
    pub(super) fn is_reachable(&mut self, target: usize) -> Option<bool> {
        self.aim(target);
        let mut state = self.start();
        // What is in every way at least as good as the present value is simply taken.
        let certain: Vec<bool> = self.items.iter().map(|item| item.only_helps).collect();
        for index in (0..self.items.len()).filter(|&index| certain[index]) {
            state = self.take(state, index, 0);
        }
        let reachable = self.any(State { next: 0, ..state }, &certain);
        self.leave_all();
        reachable
    }

    /// The row after the cheapest changes, which must exist; `None` when the search takes too long.
    pub(super) fn cheapest(&mut self, target: usize) -> Option<Vec<f64>> {
        self.aim(target);
        self.best = None;
        self.descend(self.start())?;
        self.best.take().map(|found| found.row)
    }

    fn aim(&mut self, target: usize) {
        (self.target, self.steps) = (target, 0);
        let Question { grades, corrections, .. } = self.question;
        let count = grades.names().len();
        let need = |unmet: usize| {
            // A better raw grade never ends worse, so that those which suffice are the first ones.
            match (0..count).rev().find(|&raw| corrections.final_grade(raw, unmet) <= target) {
                None => f64::INFINITY,
                Some(raw) if raw + 1 == count => f64::NEG_INFINITY,
                Some(raw) => grades.cuts()[count - 2 - raw],
            }
        };
        self.need = (0..1usize << corrections.len()).map(need).collect();
    }

    fn start(&self) -> State {
        State { next: 0, cost: 0.0, count: 0, gain: 0.0, unmet: self.unmet }
    }

    fn take(&mut self, state: State, index: usize, choice: usize) -> State {
        let item = &self.items[index];
        let Choice { value, gain, unmet } = item.choices[choice];
        self.row[item.feature] = value;
        self.taken[index] = true;
        State {
            next: index + 1,
            cost: state.cost + item.cost,
            count: state.count + 1,
            gain: state.gain + gain,
            unmet: state.unmet & !item.asked | unmet,
        }
    }

    fn leave(&mut self, index: usize) {
        self.row[self.items[index].feature] = self.items[index].now;
        self.taken[index] = false;
    }

    fn leave_all(&mut self) {
        (0..self.items.len()).for_each(|index| self.leave(index));
    }

    /// Whether the grade is reached; asked of the card itself where the sums say that it may be.
    fn reached(&self, state: State) -> bool {
        let score = self.score + state.gain;
        score >= self.need[state.unmet] - self.score_slack && self.question.reaches(&self.row, self.target)
    }

    fn any(&mut self, state: State, certain: &[bool]) -> Option<bool> {
        self.steps += 1;
        if self.steps > STEPS {
            return None;
        }
        if self.reached(state) {
            return Some(true);
        }
        let Some(index) = (state.next..self.items.len()).find(|&index| !certain[index]) else { return Some(false) };
        for choice in 0..self.items[index].choices.len() {
            let next = self.take(state, index, choice);
            if self.any(next, certain)? {
                return Some(true);
            }
        }
        self.leave(index);
        self.any(State { next: index + 1, ..state }, certain)
    }

    fn descend(&mut self, state: State) -> Option<()> {
        self.steps += 1;
        if self.steps > STEPS {
            return None;
        }
        if self.reached(state) {
            self.offer(state);
            return Some(()); // further changes would only cost
        }
        if state.next == self.items.len() || self.is_hopeless(state) {
            return Some(());
        }
        let index = state.next;
        if !self.items[index].twin || self.taken[index - 1] {
            for choice in 0..self.items[index].choices.len() {
                let next = self.take(state, index, choice);
                self.descend(next)?;
            }
            self.leave(index);
        }
        self.descend(State { next: index + 1, ..state })
    }

    /// Whether nothing that is still to be decided leads to something better than the best found.
    fn is_hopeless(&self, state: State) -> bool {
        let need = self.need[state.unmet & !self.can_meet_from[state.next]];
        let gap = need - (self.score + state.gain) - self.score_slack;
        let Some((cost, count)) = self.least(state.next, gap) else { return true };
        let Some(best) = &self.best else { return false };
        // Nothing is reached yet, so that at least one more change is needed.
        let cost = state.cost + cost.max(self.least_from[state.next]);
        let count = state.count + count.max(1);
        if cost > best.cost + self.cost_slack {
            return true;
        }
        if cost < best.cost - self.cost_slack || count < best.count {
            return false;
        }
        count > best.count || self.score + state.gain + self.most(state, best) < best.score - self.score_slack
    }

    /// The least cost and the fewest changes that close a gap; `None` when all together do not. For the cost a change may
    /// be made in part, so that it is a bound.
    fn least(&self, from: usize, gap: f64) -> Option<(f64, usize)> {
        if gap == f64::INFINITY {
            return None;
        }
        let (mut cost, mut left) = (0.0, gap);
        for item in self.by_ratio.iter().filter(|&&index| index >= from).map(|&index| &self.items[index]) {
            if left <= 0.0 {
                break;
            }
            cost += item.cost * (left / item.most).min(1.0);
            left -= item.most;
        }
        if left > self.score_slack {
            return None;
        }
        let (mut count, mut left) = (0, gap);
        for item in self.by_gain.iter().filter(|&&index| index >= from).map(|&index| &self.items[index]) {
            if left <= self.score_slack {
                break;
            }
            count += 1;
            left -= item.most;
        }
        Some((cost - self.cost_slack, count))
    }

    /// The most points that can still be gained at the cost and with the number of changes of the best found.
    fn most(&self, state: State, best: &Found) -> f64 {
        let places = best.count.saturating_sub(state.count);
        let gains = |order: &[usize]| {
            let items = order.iter().filter(|&&index| index >= state.next).map(|&index| &self.items[index]);
            items.map(|item| (item.cost, item.most)).collect::<Vec<_>>()
        };
        let by_count: f64 = gains(&self.by_gain).iter().take(places).map(|(_, gain)| gain).sum();
        let (mut by_cost, mut budget) = (0.0, best.cost - state.cost + 2.0 * self.cost_slack);
        for (cost, gain) in gains(&self.by_ratio) {
            if cost > budget {
                by_cost += gain * (budget / cost).max(0.0);
                break;
            }
            by_cost += gain;
            budget -= cost;
        }
        by_count.min(by_cost)
    }

    fn offer(&mut self, state: State) {
        let changed = (0..self.items.len()).filter(|&index| self.taken[index]);
        let mut features: Vec<usize> = changed.map(|index| self.items[index].feature).collect();
        features.sort_unstable();
        let score = self.question.card.sum().row(&self.row);
        let is_better = self.best.as_ref().is_none_or(|best| {
            let by_cost = ordered(state.cost, best.cost, self.cost_slack).then(state.count.cmp(&best.count));
            let by_score = by_cost.then(ordered(best.score, score, self.score_slack));
            by_score.then_with(|| features.cmp(&best.features)) == Ordering::Less
        });
        if is_better {
            self.best = Some(Found { cost: state.cost, count: state.count, score, features, row: self.row.clone() });
        }
    }
}

impl Item {
    /// `None` for a fact whose change would not help.
    fn new(question: &Question<'_>, index: usize, row: &mut [f64], unmet: usize, slack: f64) -> Option<Self> {
        let one = &question.moves[index];
        let now = row[one.feature];
        let points = one.points(now);
        let present = Choice { value: now, gain: 0.0, unmet: unmet & one.asked };
        let is_as_good = |a: &Choice, b: &Choice| {
            let gives_as_much = a.gain > b.gain + slack || one.gives_as_much_in_all_parts(a.value, b.value);
            gives_as_much && a.unmet & !b.unmet == 0
        };
        let mut choices: Vec<Choice> = Vec::new();
        for value in one.candidates(now) {
            row[one.feature] = value;
            let unmet = question.corrections.unmet(row).stated & one.asked;
            let choice = Choice { value, gain: one.points(value) - points, unmet };
            if !is_as_good(&present, &choice) && !choices.iter().any(|kept| is_as_good(kept, &choice)) {
                choices.retain(|kept| !is_as_good(&choice, kept));
                choices.push(choice);
            }
        }
        row[one.feature] = now;
        choices.sort_by(|a, b| b.gain.total_cmp(&a.gain));
        let best = choices.first()?.gain;
        let can_meet = choices.iter().fold(0, |bits, choice| bits | present.unmet & !choice.unmet);
        Some(Self {
            feature: one.feature,
            cost: one.cost,
            asked: one.asked,
            now,
            only_helps: matches!(&choices[..], [only] if is_as_good(only, &present)),
            choices,
            most: best.max(0.0),
            can_meet,
            twin: false,
        })
    }
}

/// Numbers that differ by no more than rounding are equal.
fn ordered(a: f64, b: f64, slack: f64) -> Ordering {
    if (a - b).abs() <= slack { Ordering::Equal } else { a.total_cmp(&b) }
}
