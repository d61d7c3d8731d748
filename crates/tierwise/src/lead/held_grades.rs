//! Grades that do not flip at an edge: the raw grade is held, then prerequisites correct it as ever.

use crate::score::check_bound;
use crate::scorecard::{NONE, Scorecard};
use crate::{Columns, Hysteresis, Result, parallel};

/// Rows that one task works on.
const PART: usize = 4096;

/// Grades of a table of which the raw ones are held. Grades are positions in the card's list, best first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HeldGrades {
    /// The scores.
    pub score: Vec<f64>,
    /// The grades of the scores alone, not held.
    pub raw_grade: Vec<usize>,
    /// The raw grades as held: **what to pass as `previous` the next time**.
    pub held_grade: Vec<usize>,
    /// The held grades after prerequisites.
    pub grade: Vec<usize>,
    /// The positions of the binding prerequisites; `None` where the held grade was not corrected.
    pub binding_prerequisite: Vec<Option<usize>>,
}

impl Scorecard {
    /// Grades a table in which a score keeps its raw grade until it passes the edge by a margin. Facts are not held: a
    /// prerequisite that is met or lost changes the grade at once.
    ///
    /// `previous` are the **held** grades of the last time, one per row, `None` for a new lead; neither the raw nor the
    /// final grades, which would hold what a prerequisite did.
    ///
    /// ```
    /// use tierwise::{Columns, Hysteresis, Score, lead};
    /// let card = lead::supplier_prospects();
    /// let yes = [1.0];
    /// let columns = Columns::in_order(card.features(), vec![&yes[..]; card.features().len()])?;
    /// let held = card.hold_grades(&columns, &[None], &Hysteresis::new(1.0, 1.0)?)?;
    /// assert_eq!(held.held_grade, held.raw_grade);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidScorecard`](crate::Error::InvalidScorecard) when the card has no grades,
    /// [`WrongLength`](crate::Error::WrongLength) when the columns are bound to other features or `previous` is not one
    /// per row, and [`InvalidValue`](crate::Error::InvalidValue) for a previous grade that the card does not have.
    pub fn hold_grades(
        &self,
        columns: &Columns<'_>,
        previous: &[Option<usize>],
        hysteresis: &Hysteresis,
    ) -> Result<HeldGrades> {
        check_bound(&self.spec().features, columns)?;
        let (grades, corrections) = self.grading()?;
        let score = crate::score(self, columns)?;
        let held = hysteresis.hold_all(grades, &score, previous)?;
        let starts = (0..columns.rows()).step_by(PART).collect();
        let parts = parallel::map(starts, |start: usize| {
            let rows = start..columns.rows().min(start + PART);
            let mut part = HeldGrades::default();
            let mut row = vec![0.0; columns.features().len()];
            for index in rows {
                let outside = || super::grade::outside(score[index]);
                let (raw, held) = (grades.find(score[index]).ok_or_else(outside)?, held[index].ok_or_else(outside)?);
                columns.row_into(index, &mut row);
                let unmet = corrections.unmet(&row).stated;
                let binding = corrections.binding(held, unmet);
                part.raw_grade.push(raw);
                part.held_grade.push(held);
                part.grade.push(corrections.final_grade(held, unmet));
                part.binding_prerequisite.push((binding != NONE).then_some(usize::from(binding)));
            }
            Ok(part)
        });
        let mut result = HeldGrades::default();
        for part in parts {
            let part = part?;
            result.raw_grade.extend(part.raw_grade);
            result.held_grade.extend(part.held_grade);
            result.grade.extend(part.grade);
            result.binding_prerequisite.extend(part.binding_prerequisite);
        }
        result.score = score;
        Ok(result)
    }
}
