//! Which states of a chain lead to which: what is left for good, what is never left, what goes round in a cycle.

use super::chain::Absorption;
use crate::{Error, Result};

/// The communicating classes of a chain.
pub(super) struct Classes {
    /// The sets of states that nobody leaves.
    closed: Vec<Vec<usize>>,
    /// The other states.
    transient: Vec<usize>,
    /// The one-step moves that occur.
    edges: Vec<Vec<usize>>,
}

impl Classes {
    pub(super) fn of(probabilities: &[Vec<f64>]) -> Self {
        let goes = |row: &Vec<f64>| (0..row.len()).filter(|&to| row[to] > 0.0).collect();
        let edges: Vec<Vec<usize>> = probabilities.iter().map(goes).collect();
        // Per state, the states that it leads to in some number of steps, itself included.
        let leads_to: Vec<Vec<bool>> = (0..edges.len()).map(|from| reached(&edges, from)).collect();
        let mutual = |a: usize, b: usize| leads_to[a][b] && leads_to[b][a];
        let is_closed = |state: &usize| (0..edges.len()).all(|to| !leads_to[*state][to] || leads_to[to][*state]);
        let (lasting, transient): (Vec<usize>, Vec<usize>) = (0..edges.len()).partition(is_closed);
        let mut closed: Vec<Vec<usize>> = Vec::new();
        for state in lasting {
            match closed.iter_mut().find(|class| mutual(class[0], state)) {
                Some(class) => class.push(state),
                None => closed.push(vec![state]),
            }
        }
        Self { closed, transient, edges }
    }

    pub(super) fn check_ergodic(&self, names: &[String]) -> Result<()> {
        let closed = || self.closed.iter().map(|class| named(class, names)).collect();
        let refuse = |reason: String| {
            Err(Error::NotErgodic { closed: closed(), transient: named(&self.transient, names), reason })
        };
        if !self.transient.is_empty() || self.closed.len() > 1 {
            return refuse(self.in_words(names));
        }
        match period(&self.edges) {
            1 => Ok(()),
            period => refuse(format!(
                "customers go round in a cycle of {period} periods, so the shares never settle; look at `after` for one \
                 period more and one less"
            )),
        }
    }

    fn in_words(&self, names: &[String]) -> String {
        let listed = |states: &[usize]| {
            named(states, names).iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        };
        let sets: Vec<String> = self.closed.iter().map(|class| listed(class)).collect();
        let never = format!("nobody leaves {}", sets.join(", nor "));
        let left = match &self.transient[..] {
            [] => "which state is reached depends on the start".into(),
            transient => format!("nobody returns to {}", listed(transient)),
        };
        format!("{never}, and {left}; ask for the absorption instead")
    }

    /// Shares and times from `(I - Q) x = r`, where Q holds the moves among transient states.
    pub(super) fn absorption(&self, names: &[String], probabilities: &[Vec<f64>]) -> Absorption {
        let mut system = Vec::with_capacity(self.transient.len());
        for (at, &state) in self.transient.iter().enumerate() {
            let row = &probabilities[state];
            // What leaves the state, summed rather than taken from 1, so that nothing cancels.
            let leaving: f64 = (0..row.len()).filter(|&to| to != state).map(|to| row[to]).sum();
            let mut line: Vec<f64> = self.transient.iter().map(|&to| -row[to]).collect();
            line[at] = leaving;
            line.extend(self.closed.iter().map(|class| class.iter().map(|&to| row[to]).sum::<f64>()));
            line.push(1.0);
            system.push(line);
        }
        eliminate(&mut system);
        let size = self.transient.len();
        let shares = system.iter().map(|line| line[size..line.len() - 1].to_vec()).collect();
        let periods = system.iter().map(|line| line[line.len() - 1]).collect();
        Absorption {
            closed: self.closed.iter().map(|class| named(class, names)).collect(),
            transient: named(&self.transient, names),
            shares,
            periods,
        }
    }
}

/// Gauss-Jordan; the matrix of those who leave is diagonally dominant, which needs no exchange of rows.
fn eliminate(system: &mut [Vec<f64>]) {
    for at in 0..system.len() {
        let pivot = system[at][at];
        system[at].iter_mut().for_each(|value| *value /= pivot);
        let line = system[at].clone();
        for (row, other) in system.iter_mut().enumerate() {
            let factor = other[at];
            if row != at && factor != 0.0 {
                other.iter_mut().zip(&line).for_each(|(value, pivot)| *value -= factor * pivot);
            }
        }
    }
}

fn reached(edges: &[Vec<usize>], from: usize) -> Vec<bool> {
    let mut seen = vec![false; edges.len()];
    seen[from] = true;
    let mut open = vec![from];
    while let Some(state) = open.pop() {
        for &to in &edges[state] {
            if !seen[to] {
                seen[to] = true;
                open.push(to);
            }
        }
    }
    seen
}

/// The greatest common divisor of the lengths of all cycles of an irreducible chain: of what every move differs from one
/// step in a search by breadth.
fn period(edges: &[Vec<usize>]) -> usize {
    let mut depth: Vec<Option<usize>> = vec![None; edges.len()];
    depth[0] = Some(0);
    let mut open = std::collections::VecDeque::from([(0, 0_usize)]);
    let mut period = 0;
    while let Some((state, at)) = open.pop_front() {
        for &to in &edges[state] {
            if let Some(known) = depth[to] {
                period = greatest_common_divisor(period, (at + 1).abs_diff(known));
            } else {
                depth[to] = Some(at + 1);
                open.push_back((to, at + 1));
            }
        }
    }
    period
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

fn named(states: &[usize], names: &[String]) -> Vec<String> {
    states.iter().map(|&state| names[state].clone()).collect()
}
