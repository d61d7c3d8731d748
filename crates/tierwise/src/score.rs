//! The traits a model meets. Their laws stand in the doc comments; [`laws!`](crate::laws!) checks them for any model.

use crate::{Columns, Error, Feature, Result};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// Gives every customer a number.
///
/// Laws, for every implementation:
/// 1. [`score_columns`](Self::score_columns) equals [`score_row`](Self::score_row) on each row, **bit for bit** (any
///    NaN equals any NaN).
/// 2. Scoring the parts of a table and concatenating equals scoring the table; nothing is remembered.
/// 3. No `f64` makes it panic, NaN and infinities included. (On values that [`Columns`] would refuse the number
///    means nothing, and NaN is a fine answer.)
///
/// ```
/// use tierwise::{Columns, Feature, Score};
///
/// struct Visits(Vec<Feature>);
/// impl Score for Visits {
///     fn features(&self) -> &[Feature] { &self.0 }
///     fn score_row(&self, row: &[f64]) -> f64 { if row[0].is_nan() { 0.0 } else { 2.0 * row[0] } }
/// }
///
/// let model = Visits(vec![Feature::number("visits")]);
/// let columns = Columns::new(model.features(), &[("visits", &[1.0, 4.0, f64::NAN])])?;
/// assert_eq!(tierwise::score(&model, &columns)?, [2.0, 8.0, 0.0]);
/// # Ok::<(), tierwise::Error>(())
/// ```
pub trait Score: Send + Sync {
    /// What the model needs to know of a customer, in the order of a row.
    fn features(&self) -> &[Feature];

    /// The score of one customer; `row` holds one value per feature.
    fn score_row(&self, row: &[f64]) -> f64;

    /// The scores of a table. Override it where columns can be scored faster than rows.
    ///
    /// # Panics
    /// When `columns` is bound to another number of features or `scores` has another length than the table;
    /// [`score`] checks both.
    fn score_columns(&self, columns: &Columns<'_>, scores: &mut [f64]) {
        assert_eq!(scores.len(), columns.rows(), "one score per row");
        let mut row = vec![0.0; self.features().len()];
        for (index, score) in scores.iter_mut().enumerate() {
            columns.row_into(index, &mut row);
            *score = self.score_row(&row);
        }
    }
}

/// A score that is a sum, and says what of.
///
/// Law: [`base`](Self::base), plus the contributions added one by one in the order of [`terms`](Self::terms), equals
/// the score **exactly**, not nearly.
pub trait Explain: Score {
    /// What the sum starts from, in the unit of the score.
    fn base(&self) -> f64;

    /// The terms of the sum, in the order in which they are added.
    fn terms(&self) -> &[Term];

    /// Writes one contribution per term into `contributions`, in the unit of the score.
    ///
    /// # Panics
    /// When `contributions` is not as long as [`terms`](Self::terms).
    fn contributions_row(&self, row: &[f64], contributions: &mut [f64]);

    /// Writes the contributions of a table, one column per term: those of [`contributions_row`](Self::contributions_row),
    /// bit for bit. Override it where columns can be explained faster than rows.
    ///
    /// # Panics
    /// When there is not one column per term, or one of them has another length than the table.
    fn contributions_columns(&self, columns: &Columns<'_>, contributions: &mut [&mut [f64]]) {
        assert_eq!(contributions.len(), self.terms().len(), "one column of contributions per term");
        let mut row = vec![0.0; self.features().len()];
        let mut of_row = vec![0.0; contributions.len()];
        for index in 0..columns.rows() {
            columns.row_into(index, &mut row);
            self.contributions_row(&row, &mut of_row);
            for (column, &contribution) in contributions.iter_mut().zip(&of_row) {
                column[index] = contribution;
            }
        }
    }
}

/// One addend of an explained score: a characteristic of a card, a feature of a model, or a pair of features.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// The name under which its contribution is shown.
    pub name: String,
    /// The positions of the features it reads.
    pub features: Vec<usize>,
}

/// Puts every customer into one of a list of named outcomes: a grade, a tier, a segment.
///
/// Laws: columns equal rows; parts equal the whole; the result is a position in [`outcomes`](Self::outcomes) or
/// `None` where it cannot be computed; no `f64` makes it panic.
pub trait Assign: Send + Sync {
    /// What must be known of a customer, in the order of a row.
    fn features(&self) -> &[Feature];

    /// The names of the outcomes; best first when [`is_ordered`](Self::is_ordered).
    fn outcomes(&self) -> &[String];

    /// Whether the outcomes run from best to worst.
    fn is_ordered(&self) -> bool;

    /// The position of one customer's outcome; `None` when what it rests on is unknown.
    fn assign_row(&self, row: &[f64]) -> Option<usize>;

    /// The outcomes of a table.
    ///
    /// # Panics
    /// When `columns` is bound to another number of features or `outcomes` has another length than the table.
    fn assign_columns(&self, columns: &Columns<'_>, outcomes: &mut [Option<usize>]) {
        assert_eq!(outcomes.len(), columns.rows(), "one outcome per row");
        let mut row = vec![0.0; self.features().len()];
        for (index, outcome) in outcomes.iter_mut().enumerate() {
            columns.row_into(index, &mut row);
            *outcome = self.assign_row(&row);
        }
    }
}

/// Scores a table with any model.
///
/// # Errors
/// [`Error::WrongLength`] when the columns are bound to the features of another model.
pub fn score(model: &dyn Score, columns: &Columns<'_>) -> Result<Vec<f64>> {
    check_bound(model.features(), columns)?;
    let mut scores = vec![0.0; columns.rows()];
    model.score_columns(columns, &mut scores);
    Ok(scores)
}

/// Explains a table: one column of contributions per term. For each row, `model.base()` plus its contributions in
/// term order is the score, exactly.
///
/// # Errors
/// [`Error::WrongLength`] when the columns are bound to the features of another model.
pub fn explain(model: &dyn Explain, columns: &Columns<'_>) -> Result<Vec<Vec<f64>>> {
    check_bound(model.features(), columns)?;
    let mut table = vec![vec![0.0; columns.rows()]; model.terms().len()];
    let mut places: Vec<&mut [f64]> = table.iter_mut().map(Vec::as_mut_slice).collect();
    model.contributions_columns(columns, &mut places);
    Ok(table)
}

/// Each customer's place when called in order of score: 1 for the highest. Equal scores share the better place, NaN
/// comes last ("standard competition ranking").
///
/// ```
/// assert_eq!(tierwise::rank(&[0.2, 0.9, f64::NAN, 0.9, 0.1]), [3, 1, 5, 1, 4]);
/// ```
pub fn rank(scores: &[f64]) -> Vec<usize> {
    let descending = |&a: &usize, &b: &usize| match (scores[a].is_nan(), scores[b].is_nan()) {
        (false, false) => scores[b].partial_cmp(&scores[a]).unwrap_or(Ordering::Equal),
        (a_unknown, b_unknown) => a_unknown.cmp(&b_unknown),
    };
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(descending);
    let mut ranks = vec![0; scores.len()];
    for (place, &row) in order.iter().enumerate() {
        let tied = place > 0 && descending(&order[place - 1], &row) == Ordering::Equal;
        ranks[row] = if tied { ranks[order[place - 1]] } else { place + 1 };
    }
    ranks
}

/// The most reasons per row of a table: each is a column of its own, and nobody reads more.
pub(crate) const MOST_REASONS: usize = 255;

pub(crate) fn check_reasons(of: &'static str, name: &'static str, reasons: usize) -> Result<()> {
    if reasons <= MOST_REASONS {
        return Ok(());
    }
    let must_be = format!("a whole number in [0, {MOST_REASONS}]");
    Err(Error::InvalidParameter { of, name, must_be, got: reasons.to_string() })
}

pub(crate) fn check_bound(features: &[Feature], columns: &Columns<'_>) -> Result<()> {
    if std::ptr::eq(features, columns.features()) || features == columns.features() {
        return Ok(());
    }
    Err(Error::WrongLength {
        what: "the table (its columns are bound to the features of another model)".into(),
        expected: features.len(),
        found: columns.features().len(),
    })
}
