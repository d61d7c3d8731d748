//! What becomes of tiers: re-rating, and migration as a chain.

use crate::errors::{Raised, Result};
use crate::json::{read, write};
use crate::numbers::{codes, contiguous, floats, positions};
use crate::table::Table;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::BTreeMap;
use tierwise::value::{self, HeldTier, LaterRows, Rerating, TierRule, UnknownScore};
use tierwise::{Bands, Error, Hysteresis};
use tierwise_arrow::with_key;

type Floats<'py> = Bound<'py, PyArray1<f64>>;
type Codes<'py> = Bound<'py, PyArray1<i64>>;

/// Tiers held from one rating to the next, as arrays by name; days are floats, NaN for none. `customers` are the table and the
/// column of the keys, if there are any, for errors.
#[pyfunction]
#[pyo3(signature = (tiers, margins, grace_days, one_tier, hold_unknown, scores, previous, below_since, as_of, customers))]
#[allow(clippy::too_many_arguments)] // one argument per setting of the Python function
pub(crate) fn rerate<'py>(
    py: Python<'py>,
    tiers: &str,
    margins: (f64, f64),
    grace_days: u32,
    one_tier: (bool, bool),
    hold_unknown: bool,
    scores: PyReadonlyArray1<'py, f64>,
    previous: PyReadonlyArray1<'py, i64>,
    below_since: Option<PyReadonlyArray1<'py, f64>>,
    as_of: i32,
    customers: Option<(PyRef<'py, Table>, String)>,
) -> PyResult<Bound<'py, PyDict>> {
    let bands = Bands::new("the rating", read(tiers, "tiers")?).map_err(Raised)?;
    let policy = Rerating {
        hysteresis: Hysteresis::new(margins.0, margins.1).map_err(Raised)?,
        grace_days,
        one_tier_up: one_tier.0,
        one_tier_down: one_tier.1,
        unknown_score: if hold_unknown { UnknownScore::HoldTier } else { UnknownScore::NoTier },
    };
    let scores = contiguous(&scores);
    let held = held_tiers(&previous, below_since.as_ref())?;
    let rerated = py.detach(|| policy.rerate(&bands, &scores, &held, as_of));
    let rerated = rerated.map_err(|error| Raised(customers.map_or(error.clone(), |of| of_customer(error, &of))))?;
    let days = |of: &dyn Fn(&value::Rerated) -> Option<i32>| -> Codes<'py> {
        rerated.iter().map(|one| of(one).map_or(i64::MIN, i64::from)).collect::<Vec<_>>().into_pyarray(py)
    };
    let rule = |rule: TierRule| TierRule::ALL.iter().position(|&one| one == rule);
    let result = PyDict::new(py);
    result.set_item("score_tier", codes(py, rerated.iter().map(|one| one.score_tier)))?;
    result.set_item("tier", codes(py, rerated.iter().map(|one| one.tier)))?;
    result.set_item("rule", codes(py, rerated.iter().map(|one| rule(one.rule))))?;
    result.set_item("rules", TierRule::ALL.map(TierRule::name).to_vec())?;
    let (reason, reasons) = reasons(&rerated, bands.names());
    result.set_item("reason", codes(py, reason))?;
    result.set_item("reasons", reasons)?;
    result.set_item("below_since", days(&|one| one.below_since))?;
    result.set_item("grace_until", days(&|one| one.grace_until))?;
    Ok(result)
}

/// The error with the key of the customer in the row.
fn of_customer(error: Error, (table, column): &(PyRef<'_, Table>, String)) -> Error {
    match (error, table.table.keys(column)) {
        (Error::InvalidValue { what, row, key: None, found, must_be }, Ok((codes, keys))) => {
            let key = codes.get(row).and_then(|&code| keys.name(code as usize));
            Error::InvalidValue { what, row, key, found, must_be }
        }
        (error, _) => error,
    }
}

/// The reason of each as a position among the distinct ones: there are few, and a million texts are slow.
fn reasons(rerated: &[value::Rerated], tiers: &[String]) -> (Vec<Option<usize>>, Vec<String>) {
    let (mut places, mut reasons) = (BTreeMap::new(), Vec::new());
    let mut place = |one: &value::Rerated| {
        let alike = (one.rule.name(), one.score_tier, one.grace_until, one.ended_grace);
        Some(*places.entry(alike).or_insert_with(|| {
            reasons.push(one.reason(tiers));
            reasons.len() - 1
        }))
    };
    let codes = rerated.iter().map(&mut place).collect();
    (codes, reasons)
}

/// Tiers by position and days of the last rating side by side.
fn held_tiers(
    tiers: &PyReadonlyArray1<'_, i64>,
    below_since: Option<&PyReadonlyArray1<'_, f64>>,
) -> Result<Vec<HeldTier>> {
    let tiers = positions(tiers);
    let since = below_since.map_or_else(|| vec![f64::NAN; tiers.len()], contiguous);
    if since.len() != tiers.len() {
        let what = "`below_since`".into();
        return Err(Raised(Error::WrongLength { what, expected: tiers.len(), found: since.len() }));
    }
    let held = |(tier, since): (Option<usize>, f64)| HeldTier {
        tier,
        below_since: (!since.is_nan()).then_some(since.floor() as i32),
    };
    Ok(tiers.into_iter().zip(since).map(held).collect())
}

/// What is held of the customers of one table from another of the last rating, by key: the positions of the tiers, -1 for
/// none, and the days, NaN for none.
#[pyfunction]
pub(crate) fn held_of_customers<'py>(
    py: Python<'py>,
    customers: &Table,
    last: &Table,
    customer: &str,
    tiers: PyReadonlyArray1<'py, i64>,
    below_since: Option<PyReadonlyArray1<'py, f64>>,
    leave_out_others: bool,
) -> PyResult<(Codes<'py>, Bound<'py, PyArray1<f64>>)> {
    let held = held_tiers(&tiers, below_since.as_ref())?;
    let gone = if leave_out_others { LaterRows::LeaveOut } else { LaterRows::Refuse };
    let found = last.table.keys_among(customer, &customers.table).and_then(|(codes, keys, count)| {
        HeldTier::of_customers(&codes, &held, count, gone).map_err(|error| with_key(error, &keys))
    });
    let found = found.map_err(Raised)?;
    let since: Vec<f64> = found.iter().map(|one| one.below_since.map_or(f64::NAN, f64::from)).collect();
    Ok((codes(py, found.iter().map(|one| one.tier)), since.into_pyarray(py)))
}

/// The names of the rules that hold a tier.
#[pyfunction]
pub(crate) fn holding_rules() -> Vec<&'static str> {
    TierRule::ALL.iter().filter(|rule| rule.holds()).map(|rule| rule.name()).collect()
}

/// Moves between tiers as a Markov chain.
#[pyclass(frozen, module = "tierwise._tierwise")]
pub(crate) struct TierChain {
    chain: value::TierChain,
}

#[pymethods]
impl TierChain {
    /// Of the same customers at two dates; -1 for no tier.
    #[staticmethod]
    #[pyo3(signature = (tiers, before, after, outside, confidence))]
    fn between(
        tiers: Vec<String>,
        before: PyReadonlyArray1<'_, i64>,
        after: PyReadonlyArray1<'_, i64>,
        outside: Option<&str>,
        confidence: f64,
    ) -> Result<Self> {
        let places = |codes: &PyReadonlyArray1<'_, i64>| -> Vec<Option<u32>> {
            contiguous(codes).into_iter().map(|code| u32::try_from(code).ok()).collect()
        };
        let chain = value::TierChain::between(&tiers, &places(&before), &places(&after), outside, confidence)?;
        Ok(Self { chain })
    }

    /// Of counted moves.
    #[staticmethod]
    #[pyo3(signature = (tiers, counts, outside, confidence))]
    fn from_counts(tiers: Vec<String>, counts: Vec<Vec<f64>>, outside: Option<&str>, confidence: f64) -> Result<Self> {
        Ok(Self { chain: value::TierChain::from_counts(&tiers, &counts, outside, confidence)? })
    }

    /// States, counts and rates (JSON).
    fn to_json(&self) -> Result<String> {
        write(&self.chain)
    }

    fn after<'py>(&self, py: Python<'py>, start: PyReadonlyArray1<'py, f64>, periods: u32) -> Result<Floats<'py>> {
        let start = contiguous(&start);
        Ok(py.detach(|| self.chain.after(&start, periods))?.into_pyarray(py))
    }

    fn outlook<'py>(&self, py: Python<'py>, periods: u32) -> Result<Vec<Floats<'py>>> {
        Ok(floats(py, py.detach(|| self.chain.outlook(periods))?))
    }

    fn mean_place(&self, distribution: PyReadonlyArray1<'_, f64>) -> Result<Option<f64>> {
        Ok(self.chain.mean_place(&contiguous(&distribution))?)
    }

    fn steady_state<'py>(&self, py: Python<'py>) -> Result<Floats<'py>> {
        Ok(py.detach(|| self.chain.steady_state())?.into_pyarray(py))
    }

    /// Closed sets, transient states, shares and periods (JSON).
    fn absorption(&self, py: Python<'_>) -> Result<String> {
        write(&py.detach(|| self.chain.absorption()))
    }
}
