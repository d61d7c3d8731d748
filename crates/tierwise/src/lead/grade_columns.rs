//! Grading a table: the same results as one by one, a block of rows at a time.
//!
//! A block's scores stay in the first-level cache while the columns stream through, and best and worst case are only
//! computed from the first column on in which the block has something unknown.

use super::grade::outside;
use super::strongest::Sink;
use crate::score::{MOST_REASONS, check_bound, check_reasons};
use crate::scorecard::{Corrections, NONE, Scorecard, UnmetColumns};
use crate::sum::Places;
use crate::wide::{LANES, wide};
use crate::{Bands, Columns, Result, Term, parallel};
use std::ops::Range;

/// What a card says of every row of a table. Grades are positions in the card's list, best first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GradedColumns {
    /// The sums of the points.
    pub score: Vec<f64>,
    /// The grades of the scores alone.
    pub raw_grade: Vec<u8>,
    /// The grades after prerequisites.
    pub grade: Vec<u8>,
    /// The positions of the binding prerequisites; [`GradedColumns::NONE`] where the grade was not corrected.
    pub binding_prerequisite: Vec<u8>,
    /// The lowest scores that unknown facts leave possible; `None` when nothing in the table is unknown and they equal
    /// the scores.
    pub worst_score: Option<Vec<f64>>,
    /// The highest scores that unknown facts leave possible; `None` as for `worst_score`.
    pub best_score: Option<Vec<f64>>,
    /// Bounds: no answer to what is unknown makes the grades worse than these. They need not be attained: see
    /// [`Graded::worst_grade`](super::Graded::worst_grade).
    pub worst_grade: Vec<u8>,
    /// Bounds: no answer to what is unknown makes the grades better than these. They need not be attained.
    pub best_grade: Vec<u8>,
    /// One column per reason, strongest first: positions in [`Scorecard::reason_labels`], or
    /// [`GradedColumns::NO_REASON`] where nothing more moved the score.
    pub reasons: Vec<Vec<u16>>,
}

/// The places for the results of one part of a table.
#[derive(Debug)]
pub struct GradedPart<'a> {
    score: &'a mut [f64],
    raw_grade: &'a mut [u8],
    grade: &'a mut [u8],
    binding_prerequisite: &'a mut [u8],
    worst_score: &'a mut [f64],
    best_score: &'a mut [f64],
    worst_grade: &'a mut [u8],
    best_grade: &'a mut [u8],
    reasons: Vec<&'a mut [u16]>,
    has_unknown: bool,
}

/// Rows per block: what is computed per row of a block fits the first-level cache.
const BLOCK: usize = 1024;

/// Rows per part: enough to be worth handing to a thread, few enough that 17 columns, checked and then scored, stay
/// in its second-level cache in between.
pub const PART: usize = 4 * BLOCK;

impl Scorecard {
    /// Grades every row of a table, with the strongest `reasons` reasons per row. The results are those of
    /// [`Scorecard::grade`], bit for bit.
    ///
    /// ```
    /// use tierwise::{Columns, Score, lead};
    /// let card = lead::supplier_prospects();
    /// let yes = [1.0, 1.0];
    /// let met = [1.0, 0.0];
    /// let columns = card.features().iter().map(|feature| {
    ///     if feature.name() == "met_key_person" { &met[..] } else { &yes[..] }
    /// });
    /// let columns = Columns::in_order(card.features(), columns.collect())?;
    /// let graded = card.grade_columns(&columns, 1)?;
    /// let names = card.grades().unwrap().names();
    /// assert_eq!((&names[graded.raw_grade[1] as usize], &names[graded.grade[1] as usize]), (&"A".into(), &"C".into()));
    /// assert_eq!(card.reason_labels()[graded.reasons[0][0] as usize], "asked_for_contact: yes");
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidScorecard`](crate::Error::InvalidScorecard) when the card has no grades,
    /// [`WrongLength`](crate::Error::WrongLength) when the columns are bound to other features,
    /// [`InvalidParameter`](crate::Error::InvalidParameter) for more than [`GradedColumns::MOST_REASONS`].
    pub fn grade_columns(&self, columns: &Columns<'_>, reasons: usize) -> Result<GradedColumns> {
        check_bound(&self.spec().features, columns)?;
        let mut graded = GradedColumns::zeroed(columns.rows(), reasons)?;
        let parts = graded.parts(PART).into_iter().enumerate();
        let parts = parts.map(|(index, part)| (columns.slice(index * PART..index * PART + part.score.len()), part));
        let unknown = parallel::map(parts.collect(), |(columns, mut part)| {
            self.grade_part(&columns, &mut part)?;
            Ok(part.has_unknown)
        });
        graded.finish(&unknown.into_iter().collect::<Result<Vec<_>>>()?, PART);
        Ok(graded)
    }

    /// Grades one part of a table into its places: for adapters that convert and grade a long table part by part.
    ///
    /// # Errors
    /// Those of [`Scorecard::grade_columns`], and [`WrongLength`](crate::Error::WrongLength) when the part has another
    /// number of rows.
    pub fn grade_part(&self, columns: &Columns<'_>, part: &mut GradedPart<'_>) -> Result<()> {
        check_bound(&self.spec().features, columns)?;
        if columns.rows() != part.score.len() {
            return Err(crate::Error::WrongLength {
                what: "the part of the table".into(),
                expected: part.score.len(),
                found: columns.rows(),
            });
        }
        let (grades, corrections) = self.grading()?;
        let mut scratch = Scratch::new(part.reasons.len());
        let mut places = self.sum().places(columns);
        for start in (0..columns.rows()).step_by(BLOCK) {
            let rows = BLOCK.min(columns.rows() - start);
            let block = Block { card: self, columns, start, rows };
            places.move_to(block.range());
            let unknown = block.score(part, &mut places, &mut scratch);
            let unknown_prerequisite = block.find_unmet(corrections, &mut scratch);
            block.grade(grades, corrections, part, &mut scratch)?;
            if unknown || unknown_prerequisite {
                let unknown = Unknown { points: unknown, prerequisite: unknown_prerequisite };
                block.grade_extremes(grades, corrections, part, &mut scratch, unknown)?;
            } else {
                block.repeat_grade(part);
            }
            part.has_unknown |= unknown;
        }
        Ok(())
    }

    /// The reasons that [`GradedColumns::reasons`] points to: `characteristic: answer`.
    pub fn reason_labels(&self) -> Vec<String> {
        let terms = self.terms().iter().enumerate();
        let labels =
            terms.flat_map(|(term, one)| self.labels(term).iter().map(move |label| format!("{}: {label}", one.name)));
        labels.collect()
    }
}

impl GradedColumns {
    /// Stands for "no prerequisite".
    pub const NONE: u8 = NONE;
    /// Stands for "no further reason".
    pub const NO_REASON: u16 = u16::MAX;
    /// The most reasons per row that [`Scorecard::grade_columns`] takes; adapters should take no more.
    pub const MOST_REASONS: usize = MOST_REASONS;

    /// Room for so many rows, each with so many reasons.
    ///
    /// # Errors
    /// [`InvalidParameter`](crate::Error::InvalidParameter) for more than [`MOST_REASONS`](Self::MOST_REASONS).
    pub fn zeroed(rows: usize, reasons: usize) -> Result<Self> {
        check_reasons("grade_columns", "reasons", reasons)?;
        Ok(Self {
            score: vec![0.0; rows],
            raw_grade: vec![0; rows],
            grade: vec![0; rows],
            binding_prerequisite: vec![0; rows],
            worst_score: Some(vec![0.0; rows]),
            best_score: Some(vec![0.0; rows]),
            worst_grade: vec![0; rows],
            best_grade: vec![0; rows],
            reasons: vec![vec![0; rows]; reasons],
        })
    }

    /// The places, in parts of `rows` rows; the last may be shorter.
    ///
    /// # Panics
    /// When `rows` is 0.
    pub fn parts(&mut self, rows: usize) -> Vec<GradedPart<'_>> {
        let mut reasons: Vec<_> = self.reasons.iter_mut().map(|column| column.chunks_mut(rows)).collect();
        let mut raw_grade = self.raw_grade.chunks_mut(rows);
        let mut grade = self.grade.chunks_mut(rows);
        let mut binding = self.binding_prerequisite.chunks_mut(rows);
        let mut worst_score = self.worst_score.as_deref_mut().unwrap_or_default().chunks_mut(rows);
        let mut best_score = self.best_score.as_deref_mut().unwrap_or_default().chunks_mut(rows);
        let mut worst_grade = self.worst_grade.chunks_mut(rows);
        let mut best_grade = self.best_grade.chunks_mut(rows);
        let part = |score| GradedPart {
            score,
            raw_grade: raw_grade.next().unwrap_or_default(),
            grade: grade.next().unwrap_or_default(),
            binding_prerequisite: binding.next().unwrap_or_default(),
            worst_score: worst_score.next().unwrap_or_default(),
            best_score: best_score.next().unwrap_or_default(),
            worst_grade: worst_grade.next().unwrap_or_default(),
            best_grade: best_grade.next().unwrap_or_default(),
            reasons: reasons.iter_mut().map(|column| column.next().unwrap_or_default()).collect(),
            has_unknown: false,
        };
        self.score.chunks_mut(rows).map(part).collect()
    }

    /// Completes the worst and best scores of parts in which nothing was unknown, or drops both columns when that holds
    /// for all of them. `has_unknown` is [`GradedPart::has_unknown`] of each part, `rows` the size of a part.
    pub fn finish(&mut self, has_unknown: &[bool], rows: usize) {
        if !has_unknown.contains(&true) {
            (self.worst_score, self.best_score) = (None, None);
            return;
        }
        for column in [&mut self.worst_score, &mut self.best_score].into_iter().flatten() {
            let parts = column.chunks_mut(rows).zip(self.score.chunks(rows)).zip(has_unknown);
            for ((part, score), _) in parts.filter(|(_, has_unknown)| !**has_unknown) {
                part.copy_from_slice(score);
            }
        }
    }
}

impl GradedPart<'_> {
    /// Whether anything in the part was unknown.
    pub fn has_unknown(&self) -> bool {
        self.has_unknown
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.score.len()
    }
}

/// What a block computes on the way; kept from block to block.
struct Scratch {
    points: Vec<f64>,
    answers: Vec<f64>,
    unmet: UnmetColumns,
    raw: Vec<u32>,
    /// How many reasons are kept per row.
    levels: usize,
    /// The strongest reasons so far: see [`Sink`].
    kept: Vec<f64>,
}

impl Scratch {
    fn new(reasons: usize) -> Self {
        Self {
            points: vec![0.0; BLOCK],
            answers: vec![0.0; BLOCK],
            unmet: UnmetColumns::new(BLOCK),
            raw: vec![0; BLOCK],
            levels: reasons,
            kept: vec![0.0; 2 * BLOCK * reasons],
        }
    }
}

/// What may be unknown in a block.
#[derive(Clone, Copy)]
struct Unknown {
    points: bool,
    prerequisite: bool,
}

struct Block<'a> {
    card: &'a Scorecard,
    columns: &'a Columns<'a>,
    start: usize,
    rows: usize,
}

impl Block<'_> {
    fn values(&self, feature: usize) -> &[f64] {
        &self.columns.column(feature)[self.range()]
    }

    fn range(&self) -> Range<usize> {
        self.start..self.start + self.rows
    }

    /// Whether a feature is unknown anywhere in the block.
    fn is_unknown(&self, feature: usize) -> bool {
        self.columns.may_be_unknown(feature) && has_nan(self.values(feature))
    }

    /// Adds up the points; returns whether anything was unknown, and only then fills worst and best scores.
    fn score(&self, part: &mut GradedPart<'_>, places: &mut Places<'_>, scratch: &mut Scratch) -> bool {
        let range = self.range();
        let score = &mut part.score[range.clone()];
        let worst = &mut part.worst_score[range.clone()];
        let best = &mut part.best_score[range.clone()];
        let mut diverged = false;
        let mut first_label = 0.0;
        scratch.forget_reasons();
        score.fill(self.card.sum().base());
        for (term, Term { features, .. }) in self.card.terms().iter().enumerate() {
            if !diverged && features.iter().any(|&feature| self.is_unknown(feature)) {
                worst.copy_from_slice(score);
                best.copy_from_slice(score);
                diverged = true;
            }
            if diverged {
                self.card.worst().for_each(term, places, worst, |sum, points| *sum += points);
                self.card.best().for_each(term, places, best, |sum, points| *sum += points);
            }
            if part.reasons.is_empty() {
                self.card.sum().for_each(term, places, score, |sum, points| *sum += points);
            } else {
                let points = &mut scratch.points[..self.rows];
                self.card.sum().for_each(term, places, points, |place, points| *place = points);
                score.iter_mut().zip(&*points).for_each(|(sum, points)| *sum += points);
                let answers = &mut scratch.answers[..self.rows];
                self.card.answers().for_each(term, places, answers, |place, answer| *place = first_label + answer);
                scratch.keep_strongest(self.rows, self.card.neutral(term));
                first_label += self.card.labels(term).len() as f64;
            }
        }
        if diverged {
            // As for one record: rounding may put an extreme an ulp inside the score.
            worst.iter_mut().zip(&*score).for_each(|(worst, &score)| *worst = worst.min(score));
            best.iter_mut().zip(&*score).for_each(|(best, &score)| *best = best.max(score));
        } else if self.columns.any_may_be_unknown() {
            // Another block of the part may have something unknown, and then the whole part needs both columns.
            worst.copy_from_slice(score);
            best.copy_from_slice(score);
        }
        for (level, column) in part.reasons.iter_mut().enumerate() {
            scratch.labels(level, &mut column[range.clone()]);
        }
        diverged
    }

    /// Returns whether a prerequisite may be unknown.
    fn find_unmet(&self, corrections: &Corrections, scratch: &mut Scratch) -> bool {
        scratch.unmet.forget();
        let feature = |prerequisite| corrections.feature_of(prerequisite);
        let may_be_unknown = (0..corrections.len()).any(|one| self.columns.may_be_unknown(feature(one)));
        for prerequisite in 0..corrections.len() {
            let values = self.values(feature(prerequisite));
            corrections.mark_block(prerequisite, values, may_be_unknown, &mut scratch.unmet);
        }
        may_be_unknown
    }

    fn grade(
        &self,
        grades: &Bands,
        corrections: &Corrections,
        part: &mut GradedPart<'_>,
        scratch: &mut Scratch,
    ) -> Result<()> {
        let (range, raw) = (self.range(), &mut scratch.raw[..self.rows]);
        find_all(grades, &part.score[range.clone()], raw)?;
        part.raw_grade[range.clone()].iter_mut().zip(&*raw).for_each(|(place, &raw)| *place = raw as u8);
        corrections.final_grades(raw, &scratch.unmet.stated, &mut part.grade[range.clone()]);
        corrections.bindings(raw, &scratch.unmet.stated, &mut part.binding_prerequisite[range]);
        Ok(())
    }

    /// The worst and best grades of a block with something unknown.
    fn grade_extremes(
        &self,
        grades: &Bands,
        corrections: &Corrections,
        part: &mut GradedPart<'_>,
        scratch: &mut Scratch,
        unknown: Unknown,
    ) -> Result<()> {
        let (range, raw) = (self.range(), &mut scratch.raw[..self.rows]);
        let UnmetColumns { stated, best, worst } = &scratch.unmet;
        let (best, worst) = if unknown.prerequisite { (best, worst) } else { (stated, stated) };
        if unknown.points {
            find_all(grades, &part.worst_score[range.clone()], raw)?;
        }
        corrections.final_grades(raw, worst, &mut part.worst_grade[range.clone()]);
        if unknown.points {
            find_all(grades, &part.best_score[range.clone()], raw)?;
        }
        corrections.final_grades(raw, best, &mut part.best_grade[range]);
        Ok(())
    }

    /// Where all is known, the worst and best grade are the grade.
    fn repeat_grade(&self, part: &mut GradedPart<'_>) {
        let grade = &part.grade[self.range()];
        part.worst_grade[self.range()].copy_from_slice(grade);
        part.best_grade[self.range()].copy_from_slice(grade);
    }
}

impl Scratch {
    fn forget_reasons(&mut self) {
        let (lanes, _) = self.kept.as_chunks_mut::<LANES>();
        for pair in lanes.chunks_exact_mut(2) {
            pair[0].fill(0.0);
            pair[1].fill(f64::from(GradedColumns::NO_REASON));
        }
    }

    /// The labels of one level.
    fn labels(&self, level: usize, places: &mut [u16]) {
        let (lanes, _) = self.kept.as_chunks::<LANES>();
        for (places, chunk) in places.chunks_mut(LANES).zip(lanes.chunks_exact(2 * self.levels)) {
            places.iter_mut().zip(&chunk[2 * level + 1]).for_each(|(place, &label)| *place = label as u16);
        }
    }

    /// Sinks this characteristic's reasons into the lists, strongest first; equal ones stay behind earlier ones.
    fn keep_strongest(&mut self, rows: usize, neutral: f64) {
        let Self { points, answers, kept, levels, .. } = self;
        let chunks = rows.div_ceil(LANES); // the last one may be filled up with rows that nobody asks for
        let (points, answers) = (&points[..chunks * LANES], &answers[..chunks * LANES]);
        pulp::Arch::new().dispatch(Sink { neutral, points, answers, kept, levels: *levels });
    }
}

/// The grades of the scores of a block.
fn find_all(grades: &Bands, scores: &[f64], places: &mut [u32]) -> Result<()> {
    match grades.find_all(scores, places) {
        None => Ok(()),
        Some(score) => Err(outside(score)),
    }
}

fn has_nan(values: &[f64]) -> bool {
    wide(
        #[inline(always)]
        || {
            let mut found = 0_u64;
            for &value in values {
                found |= u64::from(value.is_nan());
            }
            found != 0
        },
    )
}
