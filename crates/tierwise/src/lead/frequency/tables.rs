//! Log-odds of every value, for the pool and for each team, from counts.

use super::FrequencyCounts;
use super::counts::Pair;
use super::smoothing::Smoothing;
use super::spec::Role;
use super::strength::most_likely;
use libm::log;

/// What a score is looked up in.
pub(super) struct Tables {
    /// Log-odds of winning: of the pool, then of each team.
    pub(super) prior: Vec<f64>,
    /// Per feature, the log-odds of its values, first of the pool and then of each team; empty for the team itself.
    pub(super) of: Vec<Vec<Vec<f64>>>,
}

/// The counts of one question among lost and won leads: by value, and of all who are asked.
#[derive(Clone)]
pub(super) struct Split {
    pub(super) by: [Vec<f64>; 2],
    pub(super) totals: [f64; 2],
}

/// The tables under the smoothings that shrink.
pub(super) fn shrunk(counts: &FrequencyCounts, smoothing: Smoothing) -> Tables {
    let pool = pool_leads(counts);
    let won_shares = [pool[0] / (pool[0] + pool[1]), pool[1] / (pool[0] + pool[1])];
    let of_teams: Vec<[f64; 2]> = counts.leads[1..].iter().map(|pair| pair.map(|count| count as f64)).collect();
    let strength = match smoothing {
        Smoothing::Fixed { team, .. } => team,
        _ => most_likely(&of_teams.iter().map(|pair| (&pair[..], &won_shares[..])).collect::<Vec<_>>()),
    };
    let prior = std::iter::once(log(pool[1] / pool[0])).chain(
        of_teams.iter().map(|team| log((team[1] + strength * won_shares[1]) / (team[0] + strength * won_shares[0]))),
    );
    let of = (0..counts.features.len()).map(|feature| of_feature(counts, feature, smoothing)).collect();
    Tables { prior: prior.collect(), of }
}

fn of_feature(counts: &FrequencyCounts, feature: usize, smoothing: Smoothing) -> Vec<Vec<f64>> {
    let role = counts.roles[feature];
    if role == Role::Team {
        return Vec::new();
    }
    let pool_pairs = counts.cells[feature].over_teams();
    let pool = split(role, &pool_pairs, pool_leads(counts));
    let slots = counts.leads.len();
    if role == Role::Tag && pool.by[0][0] + pool.by[1][0] < counts.spec.tag_support as f64 {
        return vec![vec![0.0]; slots];
    }
    let team = |slot: usize| {
        let leads = counts.leads[slot].map(|count| count as f64);
        split(role, counts.cells[feature].of_slot(slot), leads)
    };
    let teams: Vec<Split> = (1..slots).map(team).collect();
    let (level, team) = strengths(role, &pool, &teams, smoothing);
    let seen = [0, 1].map(|class| &pool.by[class]);
    let all = pool.totals[0] + pool.totals[1];
    let mean: Vec<f64> = seen[0].iter().zip(seen[1]).map(|(lost, won)| (lost + won) / all.max(1.0)).collect();
    let shares = shares(&pool, [&mean, &mean], level);
    // A tag is counted where it is yes; that it is not yes says nothing.
    let values = pool_pairs.len();
    let of_teams = teams.iter().map(|own| self::shares(own, [&shares[0], &shares[1]], team));
    std::iter::once(shares.clone()).chain(of_teams).map(|shares| ratios(&shares, values)).collect()
}

/// The strengths with which the pool is drawn towards no signal, and the teams towards the pool.
fn strengths(role: Role, pool: &Split, teams: &[Split], smoothing: Smoothing) -> (f64, f64) {
    if let Smoothing::Fixed { level, team } = smoothing {
        return (level, team);
    }
    // Stages are counted cumulatively; what varies by chance is the stage in which a lead ended.
    let plain = |split: &Split| match role {
        Role::Stage => ended(split),
        _ => split.clone(),
    };
    let pooled = plain(pool);
    let all: Vec<f64> = pooled.by[0].iter().zip(&pooled.by[1]).map(|(lost, won)| lost + won).collect();
    let total: f64 = all.iter().sum();
    let mean: Vec<f64> = all.iter().map(|count| count / total.max(1.0)).collect();
    let level = match role {
        Role::Stage => 1.0,
        _ => most_likely(&[(&pooled.by[0], &mean), (&pooled.by[1], &mean)]),
    };
    let plain_teams: Vec<Split> = teams.iter().map(plain).collect();
    let start = shares(&pooled, [&mean, &mean], level);
    let groups = plain_teams.iter().flat_map(|team| [0, 1].map(|class| (&team.by[class][..], &start[class][..])));
    (level, most_likely(&groups.collect::<Vec<_>>()))
}

/// `(n + strength * towards) / (N + strength)` for lost and won.
fn shares(split: &Split, towards: [&Vec<f64>; 2], strength: f64) -> [Vec<f64>; 2] {
    [0, 1].map(|class| {
        let total = split.totals[class] + strength;
        split.by[class].iter().zip(towards[class]).map(|(count, share)| (count + strength * share) / total).collect()
    })
}

/// The log-odds of the first `values` values; 0 for those that were never seen.
fn ratios(shares: &[Vec<f64>; 2], values: usize) -> Vec<f64> {
    let ratio = |(&lost, &won): (&f64, &f64)| if lost > 0.0 && won > 0.0 { log(won / lost) } else { 0.0 };
    shares[0].iter().zip(&shares[1]).take(values).map(ratio).collect()
}

/// Counts as the question of this role splits them.
pub(super) fn split(role: Role, pairs: &[Pair], leads: [f64; 2]) -> Split {
    let mut by = [0, 1].map(|class: usize| pairs.iter().map(|pair| pair[class] as f64).collect::<Vec<f64>>());
    match role {
        Role::Stage => {
            let lost: f64 = by[0].iter().sum();
            for level in (1..pairs.len()).rev() {
                by[0][level - 1] += by[0][level];
            }
            by[1].fill(leads[1]);
            Split { by, totals: [lost, leads[1]] }
        }
        Role::Tag => {
            for class in 0..2 {
                let others = leads[class] - by[class].iter().sum::<f64>();
                by[class].push(others);
            }
            Split { by, totals: leads }
        }
        Role::Field | Role::Team => {
            let totals = [0, 1].map(|class: usize| by[class].iter().sum());
            Split { by, totals }
        }
    }
}

/// Of cumulative stages: the lost leads that ended in each.
fn ended(split: &Split) -> Split {
    let reached = &split.by[0];
    let next = reached.iter().skip(1).chain(std::iter::once(&0.0));
    let ended: Vec<f64> = reached.iter().zip(next).map(|(here, further)| here - further).collect();
    let none = vec![0.0; ended.len()];
    Split { by: [ended, none], totals: [split.totals[0], 0.0] }
}

pub(super) fn pool_leads(counts: &FrequencyCounts) -> [f64; 2] {
    let (won, lost) = counts.leads();
    [lost as f64, won as f64]
}
