//! What would raise a grade: the cheapest changes of facts that a team can change.
//!
//! The optimum is exact, not greedy: lowest total cost, then fewest changes, then the highest score that these changes
//! can give, then the order of the card. After that each number moves back as far as the grade allows, so that it says
//! the smallest change that does it.

mod moves;
mod search;

use crate::feature::Kind;
use crate::score::check_bound;
use crate::scorecard::{Corrections, NONE, Scorecard};
use crate::{Bands, Columns, Error, Feature, Record, Result, parallel};
use moves::Move;
use search::Search;
use serde::{Deserialize, Serialize};

/// A fact that can be changed: to which values, and at what cost.
///
/// ```
/// use tierwise::lead::{Change, To};
/// let visits = Change::new("visits").to(To::Up).whole().cost(2.0); // more visits can be made, none undone
/// assert_eq!(Change::new("met_key_person").cost, 1.0);
/// # assert_eq!(visits.feature, "visits");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The feature.
    pub feature: String,
    /// The values it can be given; a fact is never made unknown.
    #[serde(default)]
    pub to: To,
    /// What the change costs, however far it goes: 0 or more, in any unit.
    #[serde(default = "one")]
    pub cost: f64,
    /// For numbers: only whole ones.
    #[serde(default)]
    pub whole: bool,
}

/// The values that a fact can be given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum To {
    /// Any known value.
    #[default]
    Any,
    /// A number above the present one; any number where it is unknown.
    Up,
    /// A number below the present one; any number where it is unknown.
    Down,
    /// A number between two others, both included; an absent end is open.
    Between {
        /// The lowest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<f64>,
        /// The highest.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<f64>,
    },
    /// One of these numbers; for a yes-no 1 is yes and 0 is no.
    Values(Vec<f64>),
    /// One of these levels of a category.
    Levels(Vec<String>),
}

/// What would raise one customer's grade.
#[derive(Debug, Clone, PartialEq)]
pub struct Raise<'c> {
    /// The score as it is.
    pub score: f64,
    /// The grade of the score alone, as it is.
    pub raw_grade: &'c str,
    /// The grade after prerequisites, as it is.
    pub grade: &'c str,
    /// The prerequisite that binds now.
    pub binding_prerequisite: Option<&'c str>,
    /// The grade that was aimed at: the one named, or the next better one; `None` when there is none better.
    pub target: Option<&'c str>,
    /// Whether it can be reached, and how.
    pub outcome: RaiseOutcome<'c>,
}

/// Whether a better grade can be reached.
#[derive(Debug, Clone, PartialEq)]
pub enum RaiseOutcome<'c> {
    /// The grade is already the best, or as good as the one named.
    Already,
    /// These changes reach it.
    Reached(Plan<'c>),
    /// No change of these facts reaches it.
    Unreachable {
        /// The best grade that they do reach; it may be the present one.
        best_grade: &'c str,
    },
}

/// The cheapest changes that reach a grade, and what they lead to.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan<'c> {
    /// The changes, in the order of the card's features.
    pub changes: Vec<PlannedChange<'c>>,
    /// Their cost.
    pub cost: f64,
    /// The score after them.
    pub score: f64,
    /// The grade of that score alone.
    pub raw_grade: &'c str,
    /// The grade after prerequisites: the one aimed at, or a better one.
    pub grade: &'c str,
}

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedChange<'c> {
    /// The feature.
    pub feature: &'c Feature,
    /// Its present value; NaN for unknown.
    pub from: f64,
    /// Its value after the change.
    pub to: f64,
    /// The points that it gains; 0 or less where it is there for a prerequisite.
    pub points: f64,
    /// What it costs.
    pub cost: f64,
}

impl Change {
    /// A fact that can be given any value at a cost of 1.
    pub fn new(feature: impl Into<String>) -> Self {
        Self { feature: feature.into(), to: To::Any, cost: 1.0, whole: false }
    }

    /// Sets the values it can be given.
    #[must_use]
    pub fn to(mut self, to: To) -> Self {
        self.to = to;
        self
    }

    /// Sets the cost.
    #[must_use]
    pub fn cost(mut self, cost: f64) -> Self {
        self.cost = cost;
        self
    }

    /// Allows whole numbers only.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.whole = true;
        self
    }
}

impl PlannedChange<'_> {
    /// The change in words: `visits: 1 to 4`.
    pub fn label(&self) -> String {
        format!("{}: {} to {}", self.feature.name(), in_words(self.feature, self.from), in_words(self.feature, self.to))
    }

    /// The present value in words: a number, `yes`, a level, `unknown`.
    pub fn from_label(&self) -> String {
        in_words(self.feature, self.from)
    }

    /// The value after the change in words.
    pub fn to_label(&self) -> String {
        in_words(self.feature, self.to)
    }
}

/// The most facts that can be named as changeable.
const MOST_CHANGES: usize = 256;

impl Scorecard {
    /// The cheapest changes that reach a grade: the one named, or the next better one than the present. Prerequisites
    /// count as ever, so that a change may be there for its points or to meet one.
    ///
    /// What is compared: total cost, then the number of changes, then the highest score that the same changes could
    /// give, then the order of the card's features. Then each changed number, in the order of the card, moves back
    /// towards its present value (from unknown: towards 0) as far as the grade is still reached while the others stay.
    /// Costs and scores that differ by less than their sums' rounding count as equal. The grade is that of
    /// [`Scorecard::grade`] for the changed record.
    ///
    /// ```
    /// use tierwise::lead::{self, Change, RaiseOutcome, To};
    /// let card = lead::supplier_prospects();
    /// let mut prospect = card.record();
    /// for feature in card.features() {
    ///     prospect.set(feature.name(), 1.0)?;
    /// }
    /// prospect.set("met_key_person", false)?;
    /// let raise = card.what_would_raise(&prospect, None, &[Change::new("met_key_person"), Change::new("visits_last_year")])?;
    /// assert_eq!((raise.grade, raise.target, raise.binding_prerequisite), ("C", Some("B"), Some("met_key_person")));
    /// let RaiseOutcome::Reached(plan) = raise.outcome else { unreachable!() };
    /// assert_eq!(plan.changes[0].label(), "met_key_person: no to yes");
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Scorecard::grade`]; [`Error::InvalidScorecard`] for a card with pairs: what a change gains there hangs
    /// on other facts; [`Error::UnknownName`] for a grade that the card does not have;
    /// [`Error::UnknownFeature`] and [`Error::InvalidParameter`] for changes that do not suit the features, for more
    /// than 256 of them, and when the cheapest are not found within 1 000 000 steps.
    pub fn what_would_raise<'c>(
        &'c self,
        record: &Record<'_>,
        grade: Option<&str>,
        changes: &[Change],
    ) -> Result<Raise<'c>> {
        record.check(&self.spec().features)?;
        Question::new(self, grade, changes)?.answer(record.values(), 0)
    }

    /// The same for every row of a table.
    ///
    /// # Errors
    /// Those of [`Scorecard::what_would_raise`], with the row, and [`Error::WrongLength`] when the columns are bound to
    /// other features.
    pub fn what_would_raise_columns<'c>(
        &'c self,
        columns: &Columns<'_>,
        grade: Option<&str>,
        changes: &[Change],
    ) -> Result<Vec<Raise<'c>>> {
        const ROWS: usize = 256;
        check_bound(&self.spec().features, columns)?;
        let question = Question::new(self, grade, changes)?;
        let starts = (0..columns.rows()).step_by(ROWS).collect();
        let parts = parallel::map(starts, |start: usize| {
            let mut row = vec![0.0; columns.features().len()];
            let rows = start..columns.rows().min(start + ROWS);
            let answer = |index| {
                columns.row_into(index, &mut row);
                question.answer(&row, index)
            };
            rows.map(answer).collect::<Result<Vec<_>>>()
        });
        Ok(parts.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }
}

/// What is asked of a card, the same for all customers.
struct Question<'c> {
    card: &'c Scorecard,
    grades: &'c Bands,
    corrections: &'c Corrections,
    grade: Option<usize>,
    moves: Vec<Move<'c>>,
}

impl<'c> Question<'c> {
    fn new(card: &'c Scorecard, grade: Option<&str>, changes: &[Change]) -> Result<Self> {
        let (grades, corrections) = card.grading()?;
        card.check_no_pairs(
            "what would raise a grade is searched one fact at a time, and what a fact gains in a pair hangs on the other one; ask a card without pairs, or grade the changed records themselves",
        )?;
        let named = |name: &str| {
            grades.position(name).ok_or_else(|| Error::UnknownName {
                what: "the grade to reach".into(),
                row: None,
                name: name.to_owned(),
                known: grades.names().to_vec(),
            })
        };
        let grade = grade.map(named).transpose()?;
        if changes.len() > MOST_CHANGES {
            return Err(refuse("changes", format!("at most {MOST_CHANGES} of them"), changes.len().to_string()));
        }
        let mut moves = changes.iter().map(|change| Move::new(card, change)).collect::<Result<Vec<_>>>()?;
        moves.sort_by_key(|one| one.feature);
        if let Some(twice) = moves.windows(2).find(|pair| pair[0].feature == pair[1].feature) {
            let name = card.spec().features[twice[0].feature].name();
            return Err(refuse("changes", "one change per feature".into(), format!("two of `{name}`")));
        }
        Ok(Self { card, grades, corrections, grade, moves })
    }

    fn answer(&self, row: &[f64], index: usize) -> Result<Raise<'c>> {
        let now = self.graded(row)?;
        let name = |grade: usize| self.grades.names()[grade].as_str();
        let target = self.grade.or_else(|| now.last.checked_sub(1));
        let outcome = match target {
            Some(target) if target < now.last => self.reach(row, index, &now, target)?,
            _ => RaiseOutcome::Already,
        };
        Ok(Raise {
            score: now.score,
            raw_grade: name(now.raw),
            grade: name(now.last),
            binding_prerequisite: match self.corrections.binding(now.raw, now.unmet) {
                NONE => None,
                bit => Some(&self.card.prerequisites()[usize::from(bit)].name),
            },
            target: target.map(name),
            outcome,
        })
    }

    fn reach(&self, row: &[f64], index: usize, now: &Now, target: usize) -> Result<RaiseOutcome<'c>> {
        let too_long = || {
            let must_be =
                format!("so few that the cheapest are found within {} steps; name fewer features", search::STEPS);
            refuse("changes", must_be, format!("{} features, and at row {index} it takes more", self.moves.len()))
        };
        let mut search = Search::new(self, row, now);
        if !search.is_reachable(target).ok_or_else(too_long)? {
            let mut best = now.last;
            for grade in target + 1..now.last {
                if search.is_reachable(grade).ok_or_else(too_long)? {
                    best = grade;
                    break;
                }
            }
            return Ok(RaiseOutcome::Unreachable { best_grade: &self.grades.names()[best] });
        }
        let mut changed = search.cheapest(target).ok_or_else(too_long)?;
        self.move_back(row, &mut changed, target);
        self.plan(row, &changed).map(RaiseOutcome::Reached)
    }

    /// Each changed number goes no further than it must.
    fn move_back(&self, row: &[f64], changed: &mut [f64], target: usize) {
        for one in &self.moves {
            if is_same(row[one.feature], changed[one.feature]) {
                continue;
            }
            let far = changed[one.feature];
            let near = one.smallest(row[one.feature], |value| {
                changed[one.feature] = value;
                self.reaches(changed, target)
            });
            changed[one.feature] = near.unwrap_or(far);
        }
    }

    fn plan(&self, row: &[f64], changed: &[f64]) -> Result<Plan<'c>> {
        let moved = self.moves.iter().filter(|one| !is_same(row[one.feature], changed[one.feature]));
        let changes: Vec<PlannedChange<'c>> = moved
            .map(|one| PlannedChange {
                feature: &self.card.spec().features[one.feature],
                from: row[one.feature],
                to: changed[one.feature],
                points: one.points(changed[one.feature]) - one.points(row[one.feature]),
                cost: one.cost,
            })
            .collect();
        let after = self.graded(changed)?;
        Ok(Plan {
            cost: changes.iter().map(|change| change.cost).sum(),
            changes,
            score: after.score,
            raw_grade: &self.grades.names()[after.raw],
            grade: &self.grades.names()[after.last],
        })
    }

    /// The grade of a row, by the arithmetic of [`Scorecard::grade`].
    fn graded(&self, row: &[f64]) -> Result<Now> {
        let score = self.card.sum().row(row);
        let unmet = self.corrections.unmet(row).stated;
        let raw = self.grades.find(score).ok_or_else(|| super::grade::outside(score))?;
        Ok(Now { score, raw, unmet, last: self.corrections.final_grade(raw, unmet) })
    }

    fn reaches(&self, row: &[f64], target: usize) -> bool {
        self.graded(row).is_ok_and(|now| now.last <= target)
    }
}

/// How a row is graded.
struct Now {
    score: f64,
    raw: usize,
    unmet: usize,
    last: usize,
}

fn is_same(a: f64, b: f64) -> bool {
    a == b || a.is_nan() && b.is_nan()
}

fn in_words(feature: &Feature, value: f64) -> String {
    match feature.kind() {
        _ if value.is_nan() => "unknown".into(),
        Kind::Number => value.to_string(),
        Kind::YesNo => if value == 1.0 { "yes" } else { "no" }.into(),
        Kind::Category(_) => feature.level_of(value).unwrap_or("unknown").into(),
    }
}

fn one() -> f64 {
    1.0
}

fn refuse(name: &'static str, must_be: String, got: String) -> Error {
    Error::InvalidParameter { of: "what_would_raise", name, must_be, got }
}
