//! Who changed segment between two dates, and which of recency, frequency and money did it.

use super::{Rfm, RfmSegments, RfmValues};
use crate::evaluate::{TierMigration, tier_migration};
use crate::rates::check_confidence;
use crate::{Assign, Error, Result};
use std::collections::BTreeMap;

const AXES: [&str; 3] = ["recency", "frequency", "monetary"];

/// Customers at one date: their codes, each once, and what is known of them. Codes must mean the same customer at both
/// dates.
#[derive(Debug, Clone, Copy)]
pub struct RfmAt<'a> {
    /// The codes of the customers.
    pub customer: &'a [u32],
    /// Recency, frequency and money, one element per customer.
    pub values: RfmValues<'a>,
}

impl<'a> From<&'a Rfm> for RfmAt<'a> {
    fn from(rfm: &'a Rfm) -> Self {
        Self { customer: &rfm.customer, values: rfm.into() }
    }
}

/// Customers by product line at one date: a row per customer and line, each pair once. Codes must mean the same customer, and
/// the same line, at both dates.
#[derive(Debug, Clone, Copy)]
pub struct RfmLinesAt<'a> {
    /// The code of the customer of each row.
    pub customer: &'a [u32],
    /// The code of the product line of each row.
    pub line: &'a [u32],
    /// Recency, frequency and money of the customer in the line, one element per row.
    pub values: RfmValues<'a>,
}

/// Who changed segment within one product line.
#[derive(Debug, Clone, PartialEq)]
pub struct RfmLineMoves {
    /// The code of the line.
    pub line: u32,
    /// The moves of its customers; new and gone are those who came to the line and left it.
    pub moves: RfmMoves,
}

/// Who changed segment between two dates.
#[derive(Debug, Clone, PartialEq)]
pub struct RfmMoves {
    /// From each segment to each: counts, shares with intervals, customers lost and new. Up and down mean the order in
    /// which the segments are listed, so they say something only where that is from best to worst.
    pub migration: TierMigration,
    /// The customers whose segment is another one now, those who are new or gone among them, by code.
    pub movers: Vec<RfmMove>,
    /// A sentence where no customer is there at both dates: then the codes most often mean other customers.
    pub findings: Vec<String>,
}

/// One customer who changed segment.
#[derive(Debug, Clone, PartialEq)]
pub struct RfmMove {
    /// The code of the customer.
    pub customer: u32,
    /// What was known of him before; `None` for one who is new.
    pub before: Option<RfmPlace>,
    /// What is known of him after; `None` for one who is gone.
    pub after: Option<RfmPlace>,
    /// Which of recency, frequency and money had a part in the move: those that, changed alone in some company of the other
    /// two, change the segment. Empty for customers who are new or gone, or unknown at one date.
    pub causes: Vec<RfmCause>,
}

/// A customer at one date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RfmPlace {
    /// Recency, frequency and money.
    pub values: [f64; 3],
    /// Their scores; `None` where one of them is unknown.
    pub scores: Option<[u8; 3]>,
    /// The position of the segment; `None` as for the scores.
    pub segment: Option<usize>,
}

/// One of recency, frequency and money, and how it moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RfmCause {
    /// `recency`, `frequency` or `monetary`.
    pub axis: &'static str,
    /// The score before and after.
    pub scores: [u8; 2],
    /// The number itself before and after.
    pub values: [f64; 2],
}

impl RfmMove {
    /// The reason in words: `recency 5 -> 2 (12 -> 140)`, or `recency became unknown`; several are parted by `; `.
    pub fn reason(&self) -> String {
        let reasons: Vec<String> = match (&self.before, &self.after) {
            (None, _) => return "new".into(),
            (_, None) => return "gone".into(),
            (Some(before), Some(after)) if before.segment.is_none() || after.segment.is_none() => {
                let known = |place: &RfmPlace, axis: usize| !place.values[axis].is_nan();
                let became = |axis: &usize| known(before, *axis) != known(after, *axis);
                let word = |axis: usize| if known(after, axis) { "known" } else { "unknown" };
                (0..3).filter(became).map(|axis| format!("{} became {}", AXES[axis], word(axis))).collect()
            }
            _ => {
                let of = |cause: &RfmCause| {
                    let ([from, to], [old, new]) = (cause.scores, cause.values);
                    format!("{} {from} -> {to} ({} -> {})", cause.axis, Written(old), Written(new))
                };
                self.causes.iter().map(of).collect()
            }
        };
        reasons.join("; ")
    }
}

/// Puts the same customers into segments at two dates, and says who moved and why.
///
/// # Errors
/// [`Error::WrongLength`]; [`Error::NotFinite`] with the row; [`Error::InvalidValue`] with the row for a customer who occurs
/// twice at one date;
/// [`Error::InvalidParameter`] for a confidence outside (0, 1).
///
/// ```
/// use tierwise::value::{LaterRows, RfmScorer, RfmSegment, RfmSegments, rfm, rfm_moves};
/// let scorer = RfmScorer::by_cuts(&[30.0], &[2.0], &[100.0])?;
/// let active = vec![RfmSegment::new("active").recency(2, 2), RfmSegment::new("asleep").recency(1, 1)];
/// let segments = RfmSegments::new(scorer, active, true)?;
/// let log = |as_of| rfm(&[0, 1, 1], &[100, 95, 140], &[5.0, 7.0, 9.0], as_of, LaterRows::LeaveOut);
/// let moves = rfm_moves(&segments, &log(110)?, &log(150)?, 0.95)?;
/// assert_eq!(moves.migration.counts, [[1.0, 1.0], [0.0, 0.0]]);
/// assert_eq!(moves.movers[0].reason(), "recency 2 -> 1 (10 -> 50)");
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn rfm_moves<'a, 'b>(
    segments: &RfmSegments,
    before: impl Into<RfmAt<'a>>,
    after: impl Into<RfmAt<'b>>,
    confidence: f64,
) -> Result<RfmMoves> {
    check_confidence("rfm_moves", confidence)?;
    let (before, after) = (placed(segments, before.into(), None)?, placed(segments, after.into(), None)?);
    moves_of(segments, &keys_of(&before, &after), (&before, &after), confidence)
}

/// The same for each product line by itself, in ascending order of the lines: one matrix and one list of movers per line,
/// for tables with a row per customer and line (see [`RfmByRules::lines`](super::RfmByRules::lines)).
///
/// The segments, and the thresholds of their scorer, are the same for all lines.
///
/// # Errors
/// Those of [`rfm_moves`], where a customer may occur once per line.
///
/// ```
/// use tierwise::value::{RfmLinesAt, RfmScorer, RfmSegment, RfmSegments, RfmValues, rfm_moves_by_line};
/// let scorer = RfmScorer::by_cuts(&[30.0], &[2.0], &[100.0])?;
/// let active = vec![RfmSegment::new("active").recency(2, 2), RfmSegment::new("asleep").recency(1, 1)];
/// let segments = RfmSegments::new(scorer, active, true)?;
/// // customer 7 buys of lines 0 and 1, and goes to sleep in line 1 only
/// let (then, now) = ([10.0, 10.0], [20.0, 50.0]);
/// let at = |recency| RfmLinesAt {
///     customer: &[7, 7],
///     line: &[0, 1],
///     values: RfmValues { recency, frequency: &[1.0, 1.0], monetary: &[9.0, 9.0] },
/// };
/// let lines = rfm_moves_by_line(&segments, at(&then), at(&now), 0.95)?;
/// assert_eq!(lines[0].moves.movers, []);
/// assert_eq!((lines[1].line, lines[1].moves.movers[0].reason()), (1, "recency 2 -> 1 (10 -> 50)".into()));
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn rfm_moves_by_line(
    segments: &RfmSegments,
    before: RfmLinesAt<'_>,
    after: RfmLinesAt<'_>,
    confidence: f64,
) -> Result<Vec<RfmLineMoves>> {
    check_confidence("rfm_moves_by_line", confidence)?;
    let at = |RfmLinesAt { customer, line, values }: RfmLinesAt<'_>| {
        placed(segments, RfmAt { customer, values }, Some(line))
    };
    let (before, after) = (at(before)?, at(after)?);
    let keys = keys_of(&before, &after);
    let of_line = |keys: &[Key]| {
        Ok(RfmLineMoves { line: keys[0].0, moves: moves_of(segments, keys, (&before, &after), confidence)? })
    };
    keys.chunk_by(|one, next| one.0 == next.0).map(of_line).collect()
}

/// A product line (0 where there is none) and a customer.
type Key = (u32, u32);

/// Where each customer stands.
type Places = BTreeMap<Key, RfmPlace>;

/// Everybody who is there at either date, in ascending order.
fn keys_of(before: &Places, after: &Places) -> Vec<Key> {
    let mut keys: Vec<Key> = before.keys().chain(after.keys()).copied().collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn moves_of(
    segments: &RfmSegments,
    keys: &[Key],
    (before, after): (&Places, &Places),
    confidence: f64,
) -> Result<RfmMoves> {
    let side = |at: &Places| -> Vec<Option<u32>> {
        let segment = |key| at.get(key).and_then(|place| place.segment).map(|segment| segment as u32);
        keys.iter().map(segment).collect()
    };
    let migration = tier_migration(segments.outcomes(), &side(before), &side(after), None, confidence)?;
    let moved = |key: &Key| {
        let (from, to) = (before.get(key).copied(), after.get(key).copied());
        let same = from.and_then(|place| place.segment) == to.and_then(|place| place.segment);
        (!same || from.is_some() != to.is_some()).then(|| RfmMove {
            customer: key.1,
            before: from,
            after: to,
            causes: causes(segments, from, to),
        })
    };
    let there = |at: &Places| keys.iter().filter(|key| at.contains_key(key)).count();
    let (then, now) = (there(before), there(after));
    let strangers = then > 0 && now > 0 && then + now == keys.len();
    let finding = || {
        format!(
            "no customer is there at both dates: all {then} of the first are gone, and all {now} of the second are new. Check \
             that the customers have the same keys at both dates"
        )
    };
    let findings = strangers.then(finding).into_iter().collect();
    Ok(RfmMoves { migration, movers: keys.iter().filter_map(moved).collect(), findings })
}

/// A number as people write it: without what rounding left of a sum beyond its twelfth digit.
struct Written(f64);

impl std::fmt::Display for Written {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let rounded = format!("{:.11e}", self.0).parse().unwrap_or(self.0);
        write!(formatter, "{rounded}")
    }
}

fn placed(segments: &RfmSegments, at: RfmAt<'_>, lines: Option<&[u32]>) -> Result<Places> {
    let RfmValues { recency, frequency, monetary } = at.values;
    at.values.check()?;
    let expected = recency.len();
    for (what, found) in [("the customers", Some(at.customer.len())), ("the product lines", lines.map(<[u32]>::len))] {
        if let Some(found) = found.filter(|&found| found != expected) {
            return Err(Error::WrongLength { what: what.into(), expected, found });
        }
    }
    let mut places = Places::new();
    for (row, &customer) in at.customer.iter().enumerate() {
        let values = [recency[row], frequency[row], monetary[row]];
        if let Some(axis) = values.iter().position(|value| value.is_infinite()) {
            return Err(Error::NotFinite { column: AXES[axis].into(), row: Some(row), found: values[axis] });
        }
        let place = segments.place(values[0], values[1], values[2]);
        let place =
            RfmPlace { values, scores: place.map(|(scores, _)| scores), segment: place.map(|(_, segment)| segment) };
        if places.insert((lines.map_or(0, |lines| lines[row]), customer), place).is_some() {
            return Err(twice(row, customer, lines.is_some()));
        }
    }
    Ok(places)
}

fn twice(row: usize, customer: u32, by_line: bool) -> Error {
    let must_be = if by_line {
        "a table by product line holds each customer once per line; drop one of the rows"
    } else {
        "a table of customers holds each once; drop one of the rows, or ask for the moves by product line"
    };
    Error::InvalidValue {
        what: "the customer".into(),
        row,
        key: Some(customer.to_string()),
        found: "there a second time".into(),
        must_be: must_be.into(),
    }
}

fn causes(segments: &RfmSegments, from: Option<RfmPlace>, to: Option<RfmPlace>) -> Vec<RfmCause> {
    let (Some(from), Some(to)) = (from, to) else { return Vec::new() };
    let (Some(old), Some(new)) = (from.scores, to.scores) else { return Vec::new() };
    let matters = |axis: usize| {
        // Every company of the other two, each as it was or as it is.
        (0..8_usize).filter(|company| company & (1 << axis) == 0).any(|company| {
            let mixed: [u8; 3] =
                std::array::from_fn(|other| if company & (1 << other) == 0 { old[other] } else { new[other] });
            let mut changed = mixed;
            changed[axis] = new[axis];
            segments.position_of(mixed) != segments.position_of(changed)
        })
    };
    let cause = |axis: usize| RfmCause {
        axis: AXES[axis],
        scores: [old[axis], new[axis]],
        values: [from.values[axis], to.values[axis]],
    };
    (0..3).filter(|&axis| matters(axis)).map(cause).collect()
}
