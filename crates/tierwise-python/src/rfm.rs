//! Logs read by rules, scores by cuts and natural breaks, named segments, and who moved.

use crate::errors::{Raised, Result};
use crate::json;
use crate::model::Model;
use crate::money::Money;
use crate::numbers::contiguous;
use crate::table::{Table, key_values};
use crate::value::rfm_arrays;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use tierwise::value::{
    self, RfmAt, RfmBins, RfmLineMoves, RfmLinesAt, RfmMove, RfmPlace, RfmRules, RfmScorer, RfmSegment, RfmSegments,
    RfmValues, encode_integers, encode_keys,
};
use tierwise::{Assign, Error, Feature};
use tierwise_arrow::{Keys, RfmColumns, with_key};

type Floats<'py> = Bound<'py, PyArray1<f64>>;

/// The migration of each line, the lines, the movers, the findings of each line.
type LineMoves<'py> = (Vec<String>, Py<PyAny>, Bound<'py, PyDict>, Vec<Vec<String>>);

/// Breaks, counts, means, goodness of fit, unknown values.
type Breaks<'py> = (Floats<'py>, Bound<'py, PyArray1<i64>>, Floats<'py>, f64, usize);

/// One row per customer, or per customer and line, by rules (JSON), as arrays by name; `columns` are the margin, the
/// order and the line, where there are such.
#[pyfunction]
pub(crate) fn rfm_by_rules<'py>(
    py: Python<'py>,
    orders: &Table,
    money: Money,
    date: &str,
    columns: [Option<String>; 3],
    rules: &str,
    as_of: i32,
) -> PyResult<Bound<'py, PyDict>> {
    let rules: RfmRules = json::read(rules, "")?;
    let [margin, order, line] = columns.each_ref().map(Option::as_deref);
    let (money, columns) = (money.columns()?, RfmColumns { date, margin, order, line });
    let read = py.detach(|| orders.table.rfm_by_rules(&money, columns, &rules, as_of));
    let (keys, lines, found) = read.map_err(Raised)?;
    let table = rfm_arrays(py, keys, found.table)?;
    if let (Some(keys), Some(lines)) = (lines, found.lines) {
        let (names, codes) = (key_values(py, keys)?, lines.into_iter().map(i64::from).collect::<Vec<_>>());
        table.set_item("line", (names, codes.into_pyarray(py)))?;
    }
    Ok(table)
}

/// Where a number breaks by itself.
#[pyfunction]
pub(crate) fn natural_breaks<'py>(
    py: Python<'py>,
    values: PyReadonlyArray1<'py, f64>,
    classes: usize,
) -> Result<Breaks<'py>> {
    let values = contiguous(&values);
    let found = py.detach(|| value::natural_breaks(&values, classes))?;
    let counts: Vec<i64> = found.counts.into_iter().map(|count| count as i64).collect();
    let (breaks, means) = (found.breaks.into_pyarray(py), found.means.into_pyarray(py));
    Ok((breaks, counts.into_pyarray(py), means, found.goodness_of_fit, found.unknown))
}

/// A scorer with a number of scores for each of the three, and whether it follows natural breaks.
#[pyfunction]
pub(crate) fn rfm_scorer_of_axes(
    py: Python<'_>,
    recency: PyReadonlyArray1<'_, f64>,
    frequency: PyReadonlyArray1<'_, f64>,
    monetary: PyReadonlyArray1<'_, f64>,
    axes: [(u8, bool); 3],
) -> Result<Model> {
    let axes = axes.map(|(bins, breaks)| if breaks { RfmBins::natural_breaks(bins) } else { RfmBins::quantiles(bins) });
    let (recency, frequency, monetary) = (contiguous(&recency), contiguous(&frequency), contiguous(&monetary));
    let values = RfmValues { recency: &recency, frequency: &frequency, monetary: &monetary };
    Ok(Model::new(py.detach(|| RfmScorer::fit_each(values, axes))?))
}

/// A scorer between fixed cuts.
#[pyfunction]
pub(crate) fn rfm_scorer_by_cuts(recency: Vec<f64>, frequency: Vec<f64>, monetary: Vec<f64>) -> Result<Model> {
    Ok(Model::new(RfmScorer::by_cuts(&recency, &frequency, &monetary)?))
}

/// The segments that come with the library, as JSON.
#[pyfunction]
pub(crate) fn usual_segments(bins: u8, by_mean: bool) -> Result<String> {
    json::write(&value::usual_segments_of(bins, by_mean)?)
}

/// The highest score of recency, frequency and money.
#[pyfunction]
pub(crate) fn rfm_scorer_bins(scorer: &Model) -> Result<[u8; 3]> {
    let scorer: &RfmScorer = scorer.is()?;
    Ok(scorer.bins())
}

/// Segments (JSON) over the scores of a scorer.
#[pyfunction]
pub(crate) fn rfm_segments(scorer: &Model, segments: &str, ordered: bool) -> Result<Model> {
    let scorer: &RfmScorer = scorer.is()?;
    let segments: Vec<RfmSegment> = json::read(segments, "segments")?;
    Ok(Model::new(RfmSegments::new(scorer.clone(), segments, ordered)?))
}

/// The scorer of segments.
#[pyfunction]
pub(crate) fn rfm_segments_scorer(segments: &Model) -> Result<Model> {
    let segments: &RfmSegments = segments.is()?;
    Ok(Model::new(segments.scorer().clone()))
}

/// The name of the segment of three scores; `None` for scores that do not exist.
#[pyfunction]
pub(crate) fn rfm_segment_name(segments: &Model, recency: u8, frequency: u8, monetary: u8) -> Result<Option<String>> {
    let segments: &RfmSegments = segments.is()?;
    Ok(segments.name_of([recency, frequency, monetary]).map(ToOwned::to_owned))
}

/// The migration as JSON, the movers as arrays by name, and findings.
#[pyfunction]
pub(crate) fn rfm_moves<'py>(
    py: Python<'py>,
    segments: &Model,
    before: &Table,
    after: &Table,
    confidence: f64,
) -> PyResult<(String, Bound<'py, PyDict>, Vec<String>)> {
    let segments: &RfmSegments = segments.is().map_err(PyErr::from)?;
    let (found, keys) = py.detach(|| {
        let (customers, values) = (BothDates::of(before, after, "customer")?, values_of(segments, before, after)?);
        let [old, new] = [0, 1].map(|date| RfmAt { customer: &customers.codes[date], values: at(&values[date]) });
        let found = value::rfm_moves(segments, old, new, confidence);
        Ok::<_, Raised>((found.map_err(|error| with_key(error, &customers.keys))?, customers.keys))
    })?;
    let movers: Vec<&RfmMove> = found.movers.iter().collect();
    Ok((json::write(&found.migration)?, movers_by_name(py, &movers, &keys)?, found.findings))
}

/// The migration in each product line as JSON, the lines, the movers as arrays by name, with `line` as a position among
/// the lines, and the findings of each line.
#[pyfunction]
pub(crate) fn rfm_moves_by_line<'py>(
    py: Python<'py>,
    segments: &Model,
    before: &Table,
    after: &Table,
    line: &str,
    confidence: f64,
) -> PyResult<LineMoves<'py>> {
    let segments: &RfmSegments = segments.is().map_err(PyErr::from)?;
    let (found, keys, lines) = py.detach(|| {
        let (customers, lines) = (BothDates::of(before, after, "customer")?, BothDates::of(before, after, line)?);
        let values = values_of(segments, before, after)?;
        let [old, new] = [0, 1].map(|date| RfmLinesAt {
            customer: &customers.codes[date],
            line: &lines.codes[date],
            values: at(&values[date]),
        });
        let found = value::rfm_moves_by_line(segments, old, new, confidence);
        let found = found.map_err(|error| with_key(error, &customers.keys))?;
        Ok::<_, Raised>((found, customers.keys, lines.keys))
    })?;
    let migrations = found.iter().map(|one| json::write(&one.moves.migration)).collect::<Result<_>>()?;
    let of_line = |one: &RfmLineMoves| vec![i64::from(one.line); one.moves.movers.len()];
    let movers: Vec<&RfmMove> = found.iter().flat_map(|one| &one.moves.movers).collect();
    let result = movers_by_name(py, &movers, &keys)?;
    result.set_item("line", found.iter().flat_map(of_line).collect::<Vec<_>>().into_pyarray(py))?;
    let findings = found.into_iter().map(|one| one.moves.findings).collect();
    Ok((migrations, key_values(py, lines)?, result, findings))
}

fn movers_by_name<'py>(py: Python<'py>, movers: &[&RfmMove], keys: &Keys) -> PyResult<Bound<'py, PyDict>> {
    let result = PyDict::new(py);
    let at = || movers.iter().map(|one| one.customer as usize);
    let customers = match keys {
        Keys::Integers(keys) => Keys::Integers(at().map(|place| keys[place]).collect()),
        Keys::Texts(keys) => Keys::Texts(at().map(|place| keys[place].clone()).collect()),
    };
    result.set_item("customer", key_values(py, customers)?)?;
    for (name, of) in [("before", before_of as fn(&RfmMove) -> Option<&RfmPlace>), ("after", after_of)] {
        let places = || movers.iter().map(|one| of(one));
        let segment = |place: Option<&RfmPlace>| place.and_then(|at| at.segment).map_or(-1, |segment| segment as i64);
        result.set_item(format!("segment_{name}"), places().map(segment).collect::<Vec<_>>().into_pyarray(py))?;
        for (axis, what) in ["recency", "frequency", "monetary"].into_iter().enumerate() {
            let score = |place: Option<&RfmPlace>| place.and_then(|at| at.scores).map(|scores| f64::from(scores[axis]));
            let score = |place| score(place).unwrap_or(f64::NAN);
            let value = |place: Option<&RfmPlace>| place.map_or(f64::NAN, |at| at.values[axis]);
            result
                .set_item(format!("{what}_score_{name}"), places().map(score).collect::<Vec<_>>().into_pyarray(py))?;
            result.set_item(format!("{what}_{name}"), places().map(value).collect::<Vec<_>>().into_pyarray(py))?;
        }
    }
    result.set_item("reason", movers.iter().map(|one| one.reason()).collect::<Vec<_>>())?;
    Ok(result)
}

fn before_of(one: &RfmMove) -> Option<&RfmPlace> {
    one.before.as_ref()
}

fn after_of(one: &RfmMove) -> Option<&RfmPlace> {
    one.after.as_ref()
}

/// A column of keys of two tables, by codes that mean the same in both.
struct BothDates {
    codes: [Vec<u32>; 2],
    keys: Keys,
}

impl BothDates {
    fn of(before: &Table, after: &Table, column: &str) -> std::result::Result<Self, Raised> {
        let (codes_before, keys_before) = before.table.keys(column)?;
        let (codes_after, keys_after) = after.table.keys(column)?;
        let first_after = keys_before.len();
        let (places, keys) = together(keys_before, keys_after, column)?;
        let of = |codes: Vec<u32>, first: usize| -> Vec<u32> {
            codes.into_iter().map(|code| places[first + code as usize]).collect()
        };
        Ok(Self { codes: [of(codes_before, 0), of(codes_after, first_after)], keys })
    }
}

fn values_of(segments: &RfmSegments, before: &Table, after: &Table) -> std::result::Result<[Vec<Vec<f64>>; 2], Raised> {
    let features: Vec<Feature> = segments.features().to_vec();
    Ok([before.table.values(&features)?, after.table.values(&features)?])
}

fn at(values: &[Vec<f64>]) -> RfmValues<'_> {
    RfmValues { recency: &values[0], frequency: &values[1], monetary: &values[2] }
}

/// The keys of two tables in one list: the place in it of every key of the first, then of every key of the second.
fn together(first: Keys, second: Keys, column: &str) -> std::result::Result<(Vec<u32>, Keys), Error> {
    Ok(match (first, second) {
        (Keys::Integers(first), Keys::Integers(second)) => {
            let (places, keys) = encode_integers(&[first, second].concat());
            (places, Keys::Integers(keys))
        }
        (Keys::Texts(first), Keys::Texts(second)) => {
            let (places, keys) = encode_keys(&[first, second].concat());
            (places, Keys::Texts(keys))
        }
        // Of a table without rows nobody can tell what its keys are.
        (none, keys) | (keys, none) if none.is_empty() => ((0..keys.len() as u32).collect(), keys),
        (first, second) => {
            return Err(Error::WrongKind {
                column: column.to_owned(),
                row: None,
                expected: format!("keys as at the earlier date, {}", first.kind()),
                found: format!("{} at the later date", second.kind()),
            });
        }
    })
}
