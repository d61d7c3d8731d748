//! The tables as Odoo computes them: see [`Smoothing::Odoo`](super::Smoothing::Odoo).

use super::FrequencyCounts;
use super::counts::Pair;
use super::spec::Role;
use super::tables::{Split, Tables, pool_leads, split};
use libm::log;

/// What a pair of counts starts with.
const START: f64 = 0.1;

pub(super) fn tables(counts: &FrequencyCounts) -> Tables {
    let slots = counts.leads.len();
    let mut of = vec![Vec::with_capacity(slots); counts.features.len()];
    let mut prior = Vec::with_capacity(slots);
    for slot in 0..slots {
        let own = slot > 0 && counts.leads[slot].iter().all(|&count| count > 0);
        let leads = if own { counts.leads[slot].map(|count| count as f64) } else { pool_leads(counts) };
        let pairs = |feature: usize| {
            if own { counts.cells[feature].of_slot(slot).to_vec() } else { counts.cells[feature].over_teams() }
        };
        of_slot(counts, leads, pairs, &mut prior, &mut of);
    }
    Tables { prior, of }
}

fn of_slot(
    counts: &FrequencyCounts,
    leads: [f64; 2],
    pairs: impl Fn(usize) -> Vec<Pair>,
    prior: &mut Vec<f64>,
    of: &mut [Vec<Vec<f64>>],
) {
    let features = 0..counts.features.len();
    let tags: Vec<Pair> = features.clone().filter(|&one| counts.roles[one] == Role::Tag).flat_map(&pairs).collect();
    let of_tags = field(&split(Role::Field, &tags, leads));
    let mut tag = 0;
    let mut totals = leads;
    for feature in features {
        let role = counts.roles[feature];
        let log_odds = match role {
            Role::Team => continue,
            Role::Stage => {
                let reached = split(role, &pairs(feature), leads);
                totals = reached.totals;
                stage(&reached)
            }
            Role::Field => field(&split(role, &pairs(feature), leads)),
            Role::Tag => {
                let support = tags[tag][0] + tags[tag][1];
                tag += 1;
                vec![if support < counts.spec.tag_support { 0.0 } else { of_tags[tag - 1] }]
            }
        };
        of[feature].push(log_odds);
    }
    prior.push(log((totals[1] + START) / (totals[0] + START)));
}

/// Shares are of the sum over the values that occur, with their starts.
fn field(split: &Split) -> Vec<f64> {
    let values = split.by[0].iter().zip(&split.by[1]);
    let occurring = values.clone().filter(|(lost, won)| *lost + *won > 0.0).count() as f64;
    let [lost_total, won_total] = split.totals.map(|total| total + START * occurring);
    let ratio = |(&lost, &won): (&f64, &f64)| {
        if lost + won > 0.0 { log((won + START) / won_total) - log((lost + START) / lost_total) } else { 0.0 }
    };
    values.map(ratio).collect()
}

/// Shares are of the leads that reached the first stage.
fn stage(split: &Split) -> Vec<f64> {
    let lost_total = split.totals[0] + START;
    split.by[0].iter().map(|&lost| -log((lost + START) / lost_total)).collect()
}
