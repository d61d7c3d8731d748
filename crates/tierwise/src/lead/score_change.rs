//! Why a score changed between two dates or two cards: ageing, new data, and the new card, per characteristic.

use super::GradedColumns;
use crate::feature::position;
use crate::scorecard::Scorecard;
use crate::{Columns, Error, Explain, Kind, Result};

/// What to compare besides the data.
#[derive(Debug, Clone, Copy, Default)]
pub struct Comparison<'a> {
    /// The card that grades after the change, with the later data bound to its features; without one the card stays.
    pub new_card: Option<(&'a Scorecard, &'a Columns<'a>)>,
    /// The features that are ages in days, and so grow by themselves.
    pub ages: &'a [&'a str],
    /// The days between the two dates.
    pub days: f64,
}

/// The change of each row's score, in four levels of which each is a real score:
///
/// | level | card | facts |
/// |---|---|---|
/// | `before` | old | earlier |
/// | `aged` | old | earlier, ages grown by the days between |
/// | `data` | old | later |
/// | `card` | new | later |
///
/// **Exactness.** The contributions of a level, added to its initial points in the order of its card, are the score that
/// the card gives, bit for bit. The parts are differences of levels, `ageing` = aged - before, `data` = data - aged,
/// `card` = card - data, so that they telescope: their sum is the whole change, apart from the rounding of each single
/// difference (and exactly where points are whole numbers or other multiples of one power of two).
#[derive(Debug, Clone, PartialEq)]
pub struct ScoreChange {
    /// The initial points, and then every characteristic and pair: those of the old card in its order, then those that
    /// only the new card has. Cards are matched by the names of characteristics and pairs.
    pub terms: Vec<ChangedTerm>,
    /// The levels: before, aged, data, card.
    pub levels: [Level; 4],
}

/// One row of the attribution: the initial points, a characteristic or a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedTerm {
    /// The characteristic or pair; `None` for the initial points.
    pub characteristic: Option<String>,
    /// Whether the old card has it.
    pub in_old: bool,
    /// Whether the new card has it.
    pub in_new: bool,
}

/// The table on one level.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// The scores.
    pub score: Vec<f64>,
    /// One column per term; 0 for a characteristic that the card of this level does not have.
    pub contributions: Vec<Vec<f64>>,
    /// The grades; `None` when the card of this level does not grade. Their positions are those of its own grades and
    /// prerequisites.
    pub grades: Option<GradedColumns>,
}

/// The parts into which a change is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangePart {
    /// Facts that are ages grew by the days between.
    Ageing,
    /// Facts changed otherwise.
    Data,
    /// The card changed.
    Card,
}

impl ScoreChange {
    /// One part of the change, one column per term.
    pub fn part(&self, part: ChangePart) -> Vec<Vec<f64>> {
        let [from, to] = self.ends(part);
        from.contributions.iter().zip(&to.contributions).map(|(from, to)| differences(from, to)).collect()
    }

    /// One part of the change of the whole score.
    pub fn total(&self, part: ChangePart) -> Vec<f64> {
        let [from, to] = self.ends(part);
        differences(&from.score, &to.score)
    }

    /// The whole change of the score.
    pub fn change(&self) -> Vec<f64> {
        differences(&self.levels[0].score, &self.levels[3].score)
    }

    fn ends(&self, part: ChangePart) -> [&Level; 2] {
        let first = match part {
            ChangePart::Ageing => 0,
            ChangePart::Data => 1,
            ChangePart::Card => 2,
        };
        [&self.levels[first], &self.levels[first + 1]]
    }
}

impl Scorecard {
    /// Splits the change of the scores between two tables, row by row, into ageing, data and card.
    ///
    /// ```
    /// use tierwise::lead::{CardSpec, ChangePart, Characteristic, Comparison, Scorecard};
    /// use tierwise::{Columns, Feature, Score};
    /// let card = Scorecard::new(CardSpec {
    ///     name: "leads".into(),
    ///     features: vec![Feature::number("days_silent"), Feature::number("visits")],
    ///     characteristics: vec![
    ///         Characteristic::new("silence", "days_silent").per_unit(-0.5, 60.0),
    ///         Characteristic::new("visits", "visits").per_unit(4.0, 5.0),
    ///     ],
    ///     ..CardSpec::default()
    /// })?;
    /// let before = Columns::in_order(card.features(), vec![&[10.0], &[1.0]])?;
    /// let after = Columns::in_order(card.features(), vec![&[3.0], &[2.0]])?; // a visit, 3 days ago
    /// let change = card.change(&before, &after, Comparison { ages: &["days_silent"], days: 30.0, ..Comparison::default() })?;
    /// assert_eq!((change.total(ChangePart::Ageing), change.total(ChangePart::Data)), (vec![-15.0], vec![22.5]));
    /// assert_eq!((change.part(ChangePart::Data), change.change()), (vec![vec![0.0], vec![18.5], vec![4.0]], vec![7.5]));
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::WrongLength`] when the tables are bound to other features or differ in their rows,
    /// [`Error::UnknownFeature`] and [`Error::InvalidParameter`] for ages that are no numbers, are named twice, or grow
    /// beyond what a number can hold, and for days that are negative or not finite.
    pub fn change(&self, before: &Columns<'_>, after: &Columns<'_>, comparison: Comparison<'_>) -> Result<ScoreChange> {
        let Comparison { new_card, ages, days } = comparison;
        let rows = before.rows();
        for later in [Some(after), new_card.map(|(_, columns)| columns)].into_iter().flatten() {
            if later.rows() != rows {
                let what = "the later table".into();
                return Err(Error::WrongLength { what, expected: rows, found: later.rows() });
            }
        }
        let aged = aged(self, before, ages, days)?;
        let aged: Vec<&[f64]> = aged.iter().map(Vec::as_slice).collect();
        let aged = Columns::in_order(&self.spec().features, aged)?;
        let (new, later) = new_card.unwrap_or((self, after));
        let terms = terms(self, new);
        let levels = [
            level(self, before, &terms)?,
            level(self, &aged, &terms)?,
            level(self, after, &terms)?,
            level(new, later, &terms)?,
        ];
        Ok(ScoreChange { terms, levels })
    }
}

fn differences(from: &[f64], to: &[f64]) -> Vec<f64> {
    from.iter().zip(to).map(|(from, to)| to - from).collect()
}

/// The columns with the days between added to the ages; unknown stays unknown.
fn aged(card: &Scorecard, before: &Columns<'_>, ages: &[&str], days: f64) -> Result<Vec<Vec<f64>>> {
    crate::score::check_bound(&card.spec().features, before)?;
    let refuse =
        |name, must_be: &str, got: String| Error::InvalidParameter { of: "change", name, must_be: must_be.into(), got };
    if !(days >= 0.0 && days.is_finite()) {
        return Err(refuse("days", "a number in [0, inf)", days.to_string()));
    }
    let features = &card.spec().features;
    let mut columns: Vec<Vec<f64>> = (0..features.len()).map(|index| before.column(index).to_vec()).collect();
    for (index, age) in ages.iter().enumerate() {
        if ages[..index].contains(age) {
            return Err(refuse("ages", "different features", format!("`{age}` twice")));
        }
        let feature = position(features, age, "the ages")?;
        if features[feature].kind() != Kind::Number {
            return Err(refuse(
                "ages",
                "numbers of days",
                format!("`{age}`, which is {}", features[feature].expected()),
            ));
        }
        columns[feature].iter_mut().for_each(|value| *value += days);
        if let Some(row) = columns[feature].iter().position(|value| value.is_infinite()) {
            return Err(refuse("days", "so few that ages stay finite", format!("{days}, for `{age}` at row {row}")));
        }
    }
    Ok(columns)
}

fn terms(old: &Scorecard, new: &Scorecard) -> Vec<ChangedTerm> {
    let has = |card: &Scorecard, name: &str| card.terms().iter().any(|term| term.name == name);
    let old_terms = old.terms().iter().map(|term| (&term.name, true, has(new, &term.name)));
    let new_terms = new.terms().iter().map(|term| (&term.name, false, true)).filter(|(name, ..)| !has(old, name));
    let initial = ChangedTerm { characteristic: None, in_old: true, in_new: true };
    let named = old_terms.chain(new_terms).map(|(name, in_old, in_new)| ChangedTerm {
        characteristic: Some(name.clone()),
        in_old,
        in_new,
    });
    [initial].into_iter().chain(named).collect()
}

fn level(card: &Scorecard, columns: &Columns<'_>, terms: &[ChangedTerm]) -> Result<Level> {
    let mut explained = crate::explain(card, columns)?;
    let column = |term: &ChangedTerm| {
        let Some(name) = &term.characteristic else { return vec![card.base(); columns.rows()] };
        let place = card.terms().iter().position(|one| one.name == *name);
        place.map_or_else(|| vec![0.0; columns.rows()], |place| std::mem::take(&mut explained[place]))
    };
    Ok(Level {
        contributions: terms.iter().map(column).collect(),
        score: crate::score(card, columns)?,
        grades: card.grades().map(|_| card.grade_columns(columns, 0)).transpose()?,
    })
}
