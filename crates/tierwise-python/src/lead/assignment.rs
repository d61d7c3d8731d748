//! Leads to reps, and the public pool: records come as JSON, results go back as JSON.

use crate::errors::Result;
use crate::json;
use crate::model::Model;
use crate::numbers::contiguous;
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use serde::{Deserialize, Serialize};
use tierwise::lead::{AssignmentTask, Balance, Claim, OpenLead, Pool, PoolLead, PoolRules, PoolSpec, Release, Rep};

/// Assigns leads (JSON) to reps (JSON); without `balance` (JSON) at the highest total value. The result is JSON.
#[pyfunction]
pub(crate) fn assign_leads(
    py: Python<'_>,
    leads: &str,
    reps: &str,
    pair_values: Option<PyReadonlyArray1<'_, f64>>,
    balance: Option<&str>,
    start_at: Option<&str>,
) -> Result<String> {
    let pairs = pair_values.as_ref().map(contiguous);
    py.detach(|| {
        let leads: Vec<OpenLead> = json::read(leads, "leads")?;
        let reps: Vec<Rep> = json::read(reps, "reps")?;
        let task = AssignmentTask { leads: &leads, reps: &reps, pair_values: pairs.as_deref() };
        let result = match balance {
            Some(balance) => task.round_robin(json::read::<Balance>(balance, "balance")?, start_at)?,
            None => task.optimal()?,
        };
        json::write(&result)
    })
}

/// Checked rules of a pool.
#[pyfunction]
pub(crate) fn pool_rules(spec: &str) -> Result<Model> {
    Ok(Model::new(PoolRules::new(json::read::<PoolSpec>(spec, "")?)?))
}

/// The records of one day.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Records {
    leads: Vec<PoolLead>,
    releases: Vec<Release>,
    as_of: i32,
}

impl Records {
    fn pool(&self) -> Result<Pool<'_>> {
        Ok(Pool::new(&self.leads, &self.releases, self.as_of)?)
    }
}

#[derive(Serialize)]
struct Ranked {
    for_releases: Vec<f64>,
    for_contact: Vec<f64>,
    corrected: Vec<f64>,
    rank: Vec<Option<u32>>,
    cooling_off: Vec<Vec<String>>,
}

/// What becomes of each lead of the records (JSON), as JSON.
#[pyfunction]
pub(crate) fn pool_decide(py: Python<'_>, rules: &Model, records: &str) -> Result<String> {
    let rules = rules.is::<PoolRules>()?;
    py.detach(|| {
        let records: Records = json::read(records, "leads")?;
        json::write(&rules.decide(&records.pool()?))
    })
}

/// Whether a rep may pick a lead up, as JSON.
#[pyfunction]
pub(crate) fn pool_may_claim(rules: &Model, records: &str, lead: &str, rep: &str, claims: &str) -> Result<String> {
    let records: Records = json::read(records, "leads")?;
    let claims: Vec<Claim> = json::read(claims, "claims")?;
    json::write(&rules.is::<PoolRules>()?.may_claim(&records.pool()?, lead, rep, &claims)?)
}

/// The ranking of a pool, as JSON.
#[pyfunction]
pub(crate) fn pool_rank(
    py: Python<'_>,
    rules: &Model,
    records: &str,
    scores: PyReadonlyArray1<'_, f64>,
) -> Result<String> {
    let (rules, scores) = (rules.is::<PoolRules>()?, contiguous(&scores));
    py.detach(|| {
        let records: Records = json::read(records, "leads")?;
        let ranked = rules.rank(&records.pool()?, &scores)?;
        let tierwise::lead::PoolRank { for_releases, for_contact, corrected, rank, cooling_off, .. } = ranked;
        json::write(&Ranked { for_releases, for_contact, corrected, rank, cooling_off })
    })
}
