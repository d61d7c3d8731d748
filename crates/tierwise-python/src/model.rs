//! A model of any kind.

use crate::errors::{Raised, Result};
use crate::table::{Table, to_json};
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;
use tierwise::learn::{LogisticModel, Probability, similar_records};
use tierwise::model::{Kinds, Saved};
use tierwise::value::{RatingRules, RfmScorer, RfmSegments, Tiers, ValueIndex};
use tierwise::{Assign, Error, Explain, Feature, Score, Scorecard};

type Floats<'py> = Bound<'py, PyArray1<f64>>;
/// A coefficient's name, estimate, standard error, lower and upper end, z and p.
type CoefficientRow = (String, f64, f64, f64, f64, f64, f64);
/// Per place: the positions of the terms, their log-odds, their effects on the probability.
type ReasonTable<'py> = (Vec<Bound<'py, PyArray1<u32>>>, Vec<Floats<'py>>, Vec<Floats<'py>>);

/// Per place: rows of the pool, and distances.
type SimilarTable<'py> = (Vec<Bound<'py, PyArray1<i64>>>, Vec<Floats<'py>>);

/// A model of any kind that tierwise can load.
#[pyclass(frozen, module = "tierwise._tierwise")]
pub(crate) struct Model {
    model: Arc<dyn tierwise::model::Model>,
}

impl Model {
    pub(crate) fn new<M: Saved>(model: M) -> Self {
        Self { model: Arc::new(model) }
    }

    /// The model itself, for one that holds it.
    pub(crate) fn shared(&self) -> Arc<dyn tierwise::model::Model> {
        Arc::clone(&self.model)
    }

    pub(crate) fn of_shared(model: &Arc<dyn tierwise::model::Model>) -> Self {
        Self { model: Arc::clone(model) }
    }

    fn refuse(&self, what: &str) -> Raised {
        Raised(Error::ModelKind { found: self.model.kind().to_owned(), known: vec![what.to_owned()] })
    }

    fn score_view(&self) -> Result<&dyn Score> {
        self.model.as_score().ok_or_else(|| self.refuse("one that scores"))
    }

    pub(crate) fn explain_view(&self) -> Result<&dyn Explain> {
        self.model.as_explain().ok_or_else(|| self.refuse("one that explains"))
    }

    fn assign_view(&self) -> Result<&dyn Assign> {
        self.model.as_assign().ok_or_else(|| self.refuse("one that assigns"))
    }

    fn probability_view(&self) -> Result<&dyn Probability> {
        self.model.as_probability().ok_or_else(|| self.refuse("one whose score is log-odds"))
    }

    pub(crate) fn is<M: Saved>(&self) -> Result<&M> {
        self.model.as_any().downcast_ref().ok_or_else(|| self.refuse(M::KIND))
    }

    fn logistic(&self) -> Result<&LogisticModel> {
        let any = self.model.as_any();
        let propensity =
            any.downcast_ref().and_then(|model: &tierwise::cross_sell::PropensityModel| model.learned().as_logistic());
        let risk = || any.downcast_ref().and_then(|model: &tierwise::churn::RiskModel| model.learned().as_logistic());
        let evidence = || any.downcast_ref().map(tierwise::learn::WeightOfEvidenceModel::logistic);
        any.downcast_ref()
            .or(propensity)
            .or_else(risk)
            .or_else(evidence)
            .ok_or_else(|| self.refuse(LogisticModel::KIND))
    }

    fn feature_list(&self) -> &[Feature] {
        let scored = self.model.as_score().map(Score::features);
        scored.or_else(|| self.model.as_assign().map(Assign::features)).unwrap_or_default()
    }
}

#[pymethods]
impl Model {
    /// Loads the text of a model file.
    #[staticmethod]
    fn from_json(text: &str) -> Result<Self> {
        Ok(Self { model: Kinds::builtin().load(text)?.into() })
    }

    /// The text of the model file.
    fn to_json(&self) -> Result<String> {
        Ok(tierwise::model::save(&*self.model)?)
    }

    /// The kind of model.
    fn kind(&self) -> &'static str {
        self.model.kind()
    }

    /// 32 hexadecimal digits that change with anything in the file.
    fn fingerprint(&self) -> Result<String> {
        Ok(tierwise::model::fingerprint(&*self.model)?)
    }

    /// The features in the order of a row, as JSON.
    fn features(&self) -> String {
        to_json(self.feature_list())
    }

    /// The scores.
    fn score<'py>(&self, py: Python<'py>, table: &Table) -> Result<Floats<'py>> {
        let model = self.score_view()?;
        Ok(py.detach(|| table.table.score(model))?.into_pyarray(py))
    }

    /// What the score starts from.
    fn base(&self) -> Result<f64> {
        Ok(self.explain_view()?.base())
    }

    /// The names of the terms, in the order in which they are added.
    fn terms(&self) -> Result<Vec<String>> {
        Ok(self.explain_view()?.terms().iter().map(|term| term.name.clone()).collect())
    }

    /// One array of contributions per term.
    fn explain<'py>(&self, py: Python<'py>, table: &Table) -> Result<Vec<Floats<'py>>> {
        let model = self.explain_view()?;
        let columns = py.detach(|| table.table.explain(model))?;
        Ok(columns.into_iter().map(|column| column.into_pyarray(py)).collect())
    }

    /// The names of the outcomes, best first where they are ordered.
    fn outcomes(&self) -> Result<Vec<String>> {
        Ok(self.assign_view()?.outcomes().to_vec())
    }

    /// The positions of the outcomes; -1 for unknown.
    fn assign<'py>(&self, py: Python<'py>, table: &Table) -> Result<Bound<'py, PyArray1<i64>>> {
        let model = self.assign_view()?;
        let outcomes = py.detach(|| table.table.assign(model))?;
        let codes: Vec<i64> = outcomes.into_iter().map(|outcome| outcome.map_or(-1, |code| code as i64)).collect();
        Ok(codes.into_pyarray(py))
    }

    /// The positive class of a model whose score is log-odds.
    fn positive(&self) -> Result<String> {
        Ok(self.probability_view()?.positive().to_owned())
    }

    /// The probabilities of the positive class.
    fn probability<'py>(&self, py: Python<'py>, table: &Table) -> Result<Floats<'py>> {
        let model = self.probability_view()?;
        Ok(py.detach(|| table.table.probability(model))?.into_pyarray(py))
    }

    /// The strongest reasons; 4294967295 stands for none.
    fn reasons<'py>(&self, py: Python<'py>, table: &Table, most: usize) -> Result<ReasonTable<'py>> {
        self.probability_view()?;
        let model = self.explain_view()?;
        let reasons = py.detach(|| table.table.reasons(model, most))?;
        let floats = |columns: Vec<Vec<f64>>| columns.into_iter().map(|column| column.into_pyarray(py)).collect();
        let terms = reasons.term.into_iter().map(|column| column.into_pyarray(py)).collect();
        Ok((terms, floats(reasons.log_odds), floats(reasons.effect)))
    }

    /// Per place: the rows of the most similar records of a pool, and how far they are.
    fn similar<'py>(&self, py: Python<'py>, pool: &Table, records: &Table, most: usize) -> Result<SimilarTable<'py>> {
        let model = self.explain_view()?;
        let features = model.features();
        let found = py.detach(|| {
            pool.table.with_columns(features, |pool| {
                records.table.with_columns(features, |records| similar_records(model, pool, records, most))
            })
        })?;
        let places = 0..found.first().map_or(0, Vec::len);
        let rows = places.clone().map(|place| found.iter().map(|near| near[place].row as i64).collect::<Vec<_>>());
        let distances = places.map(|place| found.iter().map(|near| near[place].distance).collect::<Vec<_>>());
        Ok((rows.map(|one| one.into_pyarray(py)).collect(), distances.map(|one| one.into_pyarray(py)).collect()))
    }

    /// The intercept and the coefficients of a logistic model.
    fn coefficients(&self) -> Result<Vec<CoefficientRow>> {
        let model = self.logistic()?;
        let rows = std::iter::once(model.intercept()).chain(model.coefficients());
        let row = |one: &tierwise::learn::Coefficient| {
            (one.name.clone(), one.estimate, one.standard_error, one.lower, one.upper, one.z, one.p_value)
        };
        Ok(rows.map(row).collect())
    }

    /// The grades of a card, as arrays by name; `worst_score` and `best_score` only where something is unknown.
    fn grade<'py>(&self, py: Python<'py>, table: &Table, reasons: usize) -> PyResult<Bound<'py, PyDict>> {
        let card = self.is::<Scorecard>()?;
        let graded = py.detach(|| table.table.grade(card, reasons)).map_err(Raised)?;
        let result = PyDict::new(py);
        result.set_item("score", graded.score.into_pyarray(py))?;
        result.set_item("raw_grade", graded.raw_grade.into_pyarray(py))?;
        result.set_item("grade", graded.grade.into_pyarray(py))?;
        result.set_item("binding_prerequisite", graded.binding_prerequisite.into_pyarray(py))?;
        if let (Some(worst), Some(best)) = (graded.worst_score, graded.best_score) {
            result.set_item("worst_score", worst.into_pyarray(py))?;
            result.set_item("best_score", best.into_pyarray(py))?;
        }
        result.set_item("worst_grade", graded.worst_grade.into_pyarray(py))?;
        result.set_item("best_grade", graded.best_grade.into_pyarray(py))?;
        let reasons: Vec<_> = graded.reasons.into_iter().map(|column| column.into_pyarray(py)).collect();
        result.set_item("reasons", reasons)?;
        Ok(result)
    }

    /// The labels that the reasons of a card point to.
    fn reason_labels(&self) -> Result<Vec<String>> {
        Ok(self.is::<Scorecard>()?.reason_labels())
    }

    /// The lowest and highest score of a card.
    fn range(&self) -> Result<(f64, f64)> {
        Ok(self.is::<Scorecard>()?.range())
    }

    /// Sentences on tiers that turned out otherwise than asked, or that nobody can reach.
    fn findings(&self) -> Result<Vec<String>> {
        if let Ok(scorer) = self.is::<RfmScorer>() {
            return Ok(scorer.findings());
        }
        if let Ok(rules) = self.is::<RatingRules>() {
            return Ok(rules.findings());
        }
        if let Ok(index) = self.is::<ValueIndex>() {
            return Ok(index.findings());
        }
        match self.is::<RfmSegments>() {
            Ok(segments) => Ok(segments.findings()),
            Err(_) => Ok(self.is::<Tiers>()?.findings()),
        }
    }
}

/// Places by score: 1 for the highest; equal scores share the better place.
#[pyfunction]
pub(crate) fn rank<'py>(py: Python<'py>, scores: PyReadonlyArray1<'py, f64>) -> Bound<'py, PyArray1<i64>> {
    let scores: Vec<f64> = scores.as_array().iter().copied().collect();
    let ranks: Vec<i64> = tierwise::rank(&scores).into_iter().map(|rank| rank as i64).collect();
    ranks.into_pyarray(py)
}
