//! Grading one prospect.

use crate::scorecard::{Corrections, NONE, Scorecard};
use crate::{Bands, Error, Record, Result, Term};

/// What a card says of one prospect.
///
/// Keep one and pass it to [`Scorecard::grade_into`] again and again: then nothing is allocated.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Graded<'c> {
    /// The sum of the points.
    pub score: f64,
    /// The grade of the score alone.
    pub raw_grade: &'c str,
    /// The grade after prerequisites; never better than the raw one.
    pub grade: &'c str,
    /// The unmet prerequisite whose being met would raise the grade most; `None` when the grade was not corrected.
    pub binding_prerequisite: Option<&'c str>,
    /// The lowest score that the unknown facts leave possible; the score itself when all is known.
    pub worst_score: f64,
    /// The highest score that the unknown facts leave possible.
    pub best_score: f64,
    /// A bound: no answer to what is unknown makes the grade worse than this. Where one unknown fact is both asked for
    /// points and a prerequisite, the answer with the fewest points may be the one that meets it; then the worst points
    /// and the unmet prerequisite do not come together, and no answer may give a grade as bad as the bound.
    pub worst_grade: &'c str,
    /// A bound: no answer to what is unknown makes the grade better than this. It need not be attained, as for
    /// [`worst_grade`](Self::worst_grade).
    pub best_grade: &'c str,
    /// The characteristics that moved the score most, measured from their neutral points; those that did not move it
    /// are left out, equal ones stand in the order of the card.
    pub reasons: Vec<Reason<'c>>,
}

/// One characteristic, or one pair, and what it did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reason<'c> {
    /// The name of the characteristic or pair.
    pub characteristic: &'c str,
    /// The answer that earned the points: `yes`, a level, a range, `unknown`; for a pair both, as in
    /// `tenure 3 to below 12, contract monthly`.
    pub answer: &'c str,
    /// The points it earned.
    pub points: f64,
    /// The points minus the characteristic's neutral points: what the reason is ranked by, largest size first.
    pub above_neutral: f64,
}

/// How many reasons [`Scorecard::grade`] gives.
const REASONS: usize = 3;

impl Scorecard {
    /// Grades one prospect, with the three strongest reasons.
    ///
    /// ```
    /// use tierwise::lead;
    /// let card = lead::supplier_prospects();
    /// let mut prospect = card.record();
    /// prospect.set("met_key_person", false)?.set("wants_overseas_markets", true)?.set("visits_last_year", 4.0)?;
    /// let graded = card.grade(&prospect)?;
    /// assert_eq!((graded.score, graded.raw_grade, graded.grade), (2.9, "D", "D"));
    /// assert_eq!((graded.best_grade, graded.worst_grade), ("C", "D")); // so much is still unknown
    /// assert_eq!(graded.reasons[0].characteristic, "visits_last_year");
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidScorecard`] when the card has no grades, [`Error::UnknownValue`] when a fact is unknown that the
    /// card refuses to do without, [`Error::WrongLength`] when the record was made for other features.
    pub fn grade<'c>(&'c self, record: &Record<'_>) -> Result<Graded<'c>> {
        let mut graded = Graded::default();
        self.grade_into(record, REASONS, &mut graded)?;
        Ok(graded)
    }

    /// Grades one prospect into a result that is reused; after the first call nothing is allocated.
    ///
    /// # Errors
    /// Those of [`Scorecard::grade`].
    pub fn grade_into<'c>(&'c self, record: &Record<'_>, reasons: usize, graded: &mut Graded<'c>) -> Result<()> {
        record.check(&self.spec().features)?;
        let (grades, corrections) = self.grading()?;
        let row = record.values();
        let unmet = corrections.unmet(row);
        let score = self.sum().row(row);
        let has_unknown = row.iter().any(|value| value.is_nan());
        // Rounding may put the extreme sums an ulp inside the score where two questions share a feature.
        let worst_score = if has_unknown { self.worst().row(row).min(score) } else { score };
        let best_score = if has_unknown { self.best().row(row).max(score) } else { score };
        let grade = |score: f64| grades.find(score).ok_or_else(|| outside(score));
        let (raw, worst, best) = (grade(score)?, grade(worst_score)?, grade(best_score)?);
        let name = |grade: usize| grades.names()[grade].as_str();
        graded.score = score;
        graded.raw_grade = name(raw);
        graded.grade = name(corrections.final_grade(raw, unmet.stated));
        graded.binding_prerequisite = match corrections.binding(raw, unmet.stated) {
            NONE => None,
            bit => Some(&self.prerequisites()[usize::from(bit)].name),
        };
        graded.worst_score = worst_score;
        graded.best_score = best_score;
        graded.worst_grade = name(corrections.final_grade(worst, unmet.worst));
        graded.best_grade = name(corrections.final_grade(best, unmet.best));
        self.strongest_reasons(row, reasons, &mut graded.reasons);
        Ok(())
    }

    pub(super) fn grading(&self) -> Result<(&Bands, &Corrections)> {
        self.grades().zip(self.corrections()).ok_or_else(|| Error::InvalidScorecard {
            place: "grades".into(),
            reason: "this card has no grades, so it scores but cannot grade; add `grades`".into(),
        })
    }

    /// Keeps a short sorted list while it goes through the card: cheaper than sorting all of it.
    fn strongest_reasons<'c>(&'c self, row: &[f64], most: usize, reasons: &mut Vec<Reason<'c>>) {
        reasons.clear();
        for (term, Term { name, .. }) in self.terms().iter().enumerate() {
            let points = self.sum().points(term, row);
            let above_neutral = points - self.neutral(term);
            if above_neutral == 0.0 {
                continue;
            }
            let place = reasons.iter().take_while(|kept| kept.above_neutral.abs() >= above_neutral.abs()).count();
            if place < most {
                reasons.truncate(most - 1);
                let answer = self.labels(term)[self.answers().points(term, row) as usize].as_str();
                reasons.insert(place, Reason { characteristic: name, answer, points, above_neutral });
            }
        }
    }
}

pub(super) fn outside(score: f64) -> Error {
    Error::InvalidValue {
        what: "the score".into(),
        row: 0,
        key: None,
        found: score.to_string(),
        must_be: "it lies outside all grades; check the record".into(),
    }
}
