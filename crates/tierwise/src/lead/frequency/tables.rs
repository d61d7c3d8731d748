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
    let seen = [0, 1].map(|class| &pool.by[class]);
    let all = pool.totals[0] + pool.totals[1];
    let mean: Vec<f64> = seen[0].iter().zip(seen[1]).map(|(lost, won)| (lost + won) / all.max(1.0)).collect();
    let pooled = shares(&pool, [&mean, &mean], level_strength(role, &pool, &mean, smoothing));
    let (starts, strength) = match (smoothing, role) {
        (Smoothing::Fixed { team, .. }, _) => (vec![pooled.clone(); teams.len()], team),
        (_, Role::Stage) => (vec![pooled.clone(); teams.len()], stage_strength(&pool, &teams)),
        _ => as_in_teams(&teams, &mean, &pooled),
    };
    // A tag is counted where it is yes; that it is not yes says nothing.
    let values = pool_pairs.len();
    let of_teams = teams.iter().zip(&starts).map(|(own, start)| shares(own, [&start[0], &start[1]], strength));
    std::iter::once(pooled).chain(of_teams).map(|shares| ratios(&shares, values)).collect()
}

/// The strength with which the pool is drawn towards no signal.
fn level_strength(role: Role, pool: &Split, mean: &[f64], smoothing: Smoothing) -> f64 {
    match (smoothing, role) {
        (Smoothing::Fixed { level, .. }, _) => level,
        (_, Role::Stage) => 1.0,
        _ => most_likely(&[(&pool.by[0], mean), (&pool.by[1], mean)]),
    }
}

/// The strength with which the stages of teams are drawn towards those of the pool. They are counted cumulatively; what
/// varies by chance is the stage in which a lost lead ended.
fn stage_strength(pool: &Split, teams: &[Split]) -> f64 {
    let lost = ended(pool);
    let total: f64 = lost.iter().sum();
    let shares: Vec<f64> = lost.iter().map(|count| count / total.max(1.0)).collect();
    let teams: Vec<Vec<f64>> = teams.iter().map(ended).collect();
    most_likely(&teams.iter().map(|team| (&team[..], &shares[..])).collect::<Vec<_>>())
}

/// What teams start from, and the strength of it. Teams differ in which values they meet, as offices do in their
/// countries; that is no difference in what a value says. So a team starts from its own shares of won and lost leads
/// together, changed by the pool's ratios, and the strength is that of the differences beyond.
fn as_in_teams(teams: &[Split], mean: &[f64], pooled: &[Vec<f64>; 2]) -> (Vec<[Vec<f64>; 2]>, f64) {
    let met = |team: &Split| -> Vec<f64> { team.by[0].iter().zip(&team.by[1]).map(|(lost, won)| lost + won).collect() };
    let met: Vec<Vec<f64>> = teams.iter().map(met).collect();
    let spread = most_likely(&met.iter().map(|met| (&met[..], mean)).collect::<Vec<_>>());
    let start = |met: &Vec<f64>| {
        let total = met.iter().sum::<f64>() + spread;
        let own = met.iter().zip(mean).map(|(count, share)| (count + spread * share) / total);
        let own: Vec<f64> = own.collect();
        [0, 1].map(|class: usize| {
            let changed = own.iter().zip(&pooled[class]).zip(mean);
            let changed = changed.map(|((own, share), mean)| if *mean > 0.0 { own * share / mean } else { 0.0 });
            let changed: Vec<f64> = changed.collect();
            let sum: f64 = changed.iter().sum();
            changed.into_iter().map(|share| if sum > 0.0 { share / sum } else { 0.0 }).collect::<Vec<f64>>()
        })
    };
    let starts: Vec<[Vec<f64>; 2]> = met.iter().map(start).collect();
    let groups = teams.iter().zip(&starts);
    let groups = groups.flat_map(|(team, start)| [0, 1].map(|class| (&team.by[class][..], &start[class][..])));
    let strength = most_likely(&groups.collect::<Vec<_>>());
    (starts, strength)
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
fn ended(split: &Split) -> Vec<f64> {
    let reached = &split.by[0];
    let next = reached.iter().skip(1).chain(std::iter::once(&0.0));
    reached.iter().zip(next).map(|(here, further)| here - further).collect()
}

pub(super) fn pool_leads(counts: &FrequencyCounts) -> [f64; 2] {
    let (won, lost) = counts.leads();
    [lost as f64, won as f64]
}
