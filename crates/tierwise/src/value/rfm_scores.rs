//! Recency, frequency and money as scores from 1 to 5, with thresholds that can be saved.

use super::Rfm;
use super::cuts::{Direction, Ties};
use super::tiers::{TierMethod, Tiers};
use crate::model::Saved;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// One score per customer for each of recency, frequency and money, from 1 to the number of bins; the highest is best
/// (recent, often, much).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RfmScores {
    /// How recently the customer bought.
    pub recency: Vec<u8>,
    /// On how many days the customer bought.
    pub frequency: Vec<u8>,
    /// How much money the customer brought.
    pub monetary: Vec<u8>,
}

impl RfmScores {
    /// The number of customers.
    pub fn len(&self) -> usize {
        self.recency.len()
    }

    /// Whether there is no customer.
    pub fn is_empty(&self) -> bool {
        self.recency.is_empty()
    }

    /// The three scores of each customer as the digits of one number: 555 is the best of five bins.
    pub fn cells(&self) -> Vec<u16> {
        let digits = self.recency.iter().zip(&self.frequency).zip(&self.monetary);
        digits.map(|((&r, &f), &m)| u16::from(r) * 100 + u16::from(f) * 10 + u16::from(m)).collect()
    }
}

/// The three columns that are scored, one element per customer; made from an [`Rfm`] or from columns of your own.
#[derive(Debug, Clone, Copy)]
pub struct RfmValues<'a> {
    /// Days since the last purchase; lower is better.
    pub recency: &'a [f64],
    /// How often the customer bought.
    pub frequency: &'a [f64],
    /// How much money the customer brought.
    pub monetary: &'a [f64],
}

impl<'a> From<&'a Rfm> for RfmValues<'a> {
    fn from(rfm: &'a Rfm) -> Self {
        Self { recency: &rfm.recency, frequency: &rfm.frequency, monetary: &rfm.monetary }
    }
}

impl RfmValues<'_> {
    pub(super) fn check(&self) -> Result<()> {
        for (what, column) in [("the frequency", self.frequency), ("the money", self.monetary)] {
            if column.len() != self.recency.len() {
                return Err(Error::WrongLength {
                    what: what.into(),
                    expected: self.recency.len(),
                    found: column.len(),
                });
            }
        }
        Ok(())
    }
}

/// The thresholds behind [`RfmScores`], to be applied to the customers of next month.
///
/// With many equal values a score may be missing: where more than half of all customers bought once, two of five
/// frequency bins fall together, and no customer gets the score between. Where all customers are equal by one of the three
/// (nobody came back), all get the same score of it. [`findings`](Self::findings) says so.
///
/// ```
/// use tierwise::value::{LaterRows, RfmScorer, rfm};
/// let log = |as_of| rfm(&[0, 1, 1, 2, 2, 2], &[3, 5, 8, 2, 6, 9], &[9.0, 8.0, 8.0, 30.0, 10.0, 5.0], as_of, LaterRows::Refuse);
/// let scorer = RfmScorer::fit(&log(10)?, 3)?;
/// assert_eq!(scorer.score(&log(10)?)?.cells(), [111, 222, 333]);
/// assert_eq!(scorer.score(&log(14)?)?.cells(), [111, 222, 233]); // the same thresholds, four days later
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct RfmScorer {
    pub(super) recency: Scale,
    pub(super) frequency: Scale,
    pub(super) monetary: Scale,
}

/// Tiers whose names are numbers, and the numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    tiers: Tiers,
    scores: Vec<u8>,
}

impl RfmScorer {
    /// Fixed thresholds: the cuts between the scores of recency (days), frequency and money, each list rising; one cut
    /// fewer than scores, so that the three may have different numbers of scores.
    ///
    /// A value equal to a cut lies above it: with the cut 30, a recency of 30 days has the worse score, a frequency of 30
    /// the better one.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a list of no cuts or more than 8, or one that does not rise.
    ///
    /// ```
    /// let scorer = tierwise::value::RfmScorer::by_cuts(&[30.0, 90.0], &[2.0, 5.0], &[100.0, 1000.0])?;
    /// assert_eq!(scorer.score_one(29.0, 5.0, 99.0), [Some(3), Some(3), Some(1)]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn by_cuts(recency: &[f64], frequency: &[f64], monetary: &[f64]) -> Result<Self> {
        let scale = |name: &'static str, cuts: &[f64], direction| {
            let rising = cuts.windows(2).all(|pair| pair[0] < pair[1]) && cuts.iter().all(|cut| cut.is_finite());
            if !(1..=8).contains(&cuts.len()) || !rising {
                return Err(Error::InvalidParameter {
                    of: "RfmScorer",
                    name,
                    must_be: "a list of 1 to 8 finite cuts that rise".into(),
                    got: format!("{cuts:?}"),
                });
            }
            let mut cuts = cuts.to_vec();
            if direction == Direction::HigherIsBetter {
                cuts.reverse();
            }
            Scale::new(Tiers::by_cuts(name, &score_names(cuts.len() as u8 + 1), &cuts, direction)?)
        };
        Ok(Self {
            recency: scale("recency", recency, Direction::LowerIsBetter)?,
            frequency: scale("frequency", frequency, Direction::HigherIsBetter)?,
            monetary: scale("monetary", monetary, Direction::HigherIsBetter)?,
        })
    }

    /// The highest score of recency, frequency and money, whether or not a customer can get it.
    pub fn bins(&self) -> [u8; 3] {
        [&self.recency, &self.frequency, &self.monetary].map(|scale| {
            let asked = scale.tiers.origin().map_or(0, |origin| origin.names.len() as u8);
            scale.scores.iter().copied().fold(asked, u8::max)
        })
    }

    /// The scores that customers can get, the best first, of recency, frequency and money.
    pub(super) fn reachable(&self) -> [&[u8]; 3] {
        [&self.recency.scores, &self.frequency.scores, &self.monetary.scores]
    }

    /// The scores of these customers by the thresholds.
    ///
    /// # Errors
    /// [`Error::InvalidValue`] with the row for a value that is NaN ([`rfm`](super::rfm) makes none);
    /// [`Error::NotFinite`] with the row; [`Error::WrongLength`] for columns of different lengths.
    pub fn score<'a>(&self, rfm: impl Into<RfmValues<'a>>) -> Result<RfmScores> {
        let values: RfmValues<'a> = rfm.into();
        values.check()?;
        Ok(RfmScores {
            recency: self.recency.column("recency", values.recency)?,
            frequency: self.frequency.column("frequency", values.frequency)?,
            monetary: self.monetary.column("monetary", values.monetary)?,
        })
    }

    /// The scores of one customer, in the order recency, frequency, money; `None` for what is unknown (NaN).
    pub fn score_one(&self, recency: f64, frequency: f64, monetary: f64) -> [Option<u8>; 3] {
        [self.recency.score(recency), self.frequency.score(frequency), self.monetary.score(monetary)]
    }

    /// The tiers of recency, frequency and money; each name is a score.
    pub fn tiers(&self) -> [&Tiers; 3] {
        [&self.recency.tiers, &self.frequency.tiers, &self.monetary.tiers]
    }

    /// What is worth knowing about how the customers fell into the scores, one sentence each: scores that no customer can
    /// get, and those that many more or fewer have than were asked for.
    pub fn findings(&self) -> Vec<String> {
        self.tiers().into_iter().flat_map(findings).collect()
    }
}

/// The findings of one of the three, in words of scores.
fn findings(tiers: &Tiers) -> Vec<String> {
    let Some(origin) = tiers.origin() else { return Vec::new() };
    let (axis, given) = (tiers.feature().name(), tiers.bands().names());
    let customers: usize = origin.counts.iter().sum();
    if let [only] = given {
        let by_order = if origin.ties == Ties::FirstCome { " by threshold" } else { "" };
        return vec![format!(
            "{axis}: all {customers} customers are equal, so that {axis} tells nobody apart: everybody, whatever comes later, \
             has the score {only}{by_order}; fit again once they differ, or set cuts by hand"
        )];
    }
    let mut findings = Vec::new();
    let missing = origin.names.iter().zip(&origin.counts).filter(|(name, _)| tiers.bands().position(name).is_none());
    for (score, count) in missing {
        let reason = match origin.method {
            TierMethod::NaturalBreaks => format!("there are only {} different values", given.len()),
            _ if customers < origin.names.len() => format!("there are only {customers} customers"),
            _ => "too many customers have equal values".into(),
        };
        let by_order = match count {
            0 => String::new(),
            count => format!("; {count} got it here by the order of the rows"),
        };
        findings
            .push(format!("{axis}: no customer can get the score {score} by threshold, because {reason}{by_order}"));
    }
    let shares = tiers.uneven_shares().into_iter();
    findings.extend(shares.map(|(score, found, asked)| {
        format!(
            "{axis}: {:.1} % of the customers have the score {score} where {:.1} % were asked for",
            found * 100.0,
            asked * 100.0
        )
    }));
    findings
}

/// Refuses unknown values and infinite ones.
pub(super) fn check_known(axis: &str, values: &[f64]) -> Result<()> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(row) if values[row].is_nan() => Err(Error::invalid_value(
            &format!("the {axis}"),
            row,
            values[row],
            "a score needs a known value; fill it in or leave the customer out",
        )),
        Some(row) => Err(Error::NotFinite { column: axis.to_owned(), row: Some(row), found: values[row] }),
    }
}

/// The scores as names of tiers, best first.
pub(super) fn score_names(bins: u8) -> Vec<String> {
    (1..=bins).rev().map(|score| score.to_string()).collect()
}

impl Scale {
    pub(super) fn new(tiers: Tiers) -> Result<Self> {
        let score = |name: &String| match name.as_bytes() {
            [digit @ b'1'..=b'9'] => Ok(digit - b'0'),
            _ => Err(Error::InvalidBands {
                what: format!("the scores of `{}`", tiers.feature().name()),
                reason: format!("`{name}` is not a score; the names must be digits from 1 to 9"),
            }),
        };
        let scores: Vec<u8> = tiers.bands().names().iter().map(score).collect::<Result<_>>()?;
        if let Some(index) = (1..scores.len()).find(|&index| scores[index - 1] <= scores[index]) {
            return Err(Error::InvalidBands {
                what: format!("the scores of `{}`", tiers.feature().name()),
                reason: format!(
                    "{} is listed before {}; list the best, the highest, first",
                    scores[index - 1],
                    scores[index]
                ),
            });
        }
        Ok(Self { tiers, scores })
    }

    fn score(&self, value: f64) -> Option<u8> {
        self.tiers.position_of(value).map(|tier| self.scores[tier])
    }

    fn column(&self, axis: &str, values: &[f64]) -> Result<Vec<u8>> {
        check_known(axis, values)?;
        Ok(values.iter().filter_map(|&value| self.score(value)).collect())
    }
}

/// The form in a model file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    recency: Tiers,
    frequency: Tiers,
    monetary: Tiers,
}

impl Saved for RfmScorer {
    const KIND: &'static str = "rfm_scorer";
}

impl TryFrom<Stored> for RfmScorer {
    type Error = Error;

    fn try_from(Stored { recency, frequency, monetary }: Stored) -> Result<Self> {
        let [recency, frequency, monetary] = [Scale::new(recency)?, Scale::new(frequency)?, Scale::new(monetary)?];
        Ok(Self { recency, frequency, monetary })
    }
}

impl From<RfmScorer> for Stored {
    fn from(RfmScorer { recency, frequency, monetary }: RfmScorer) -> Self {
        Self { recency: recency.tiers, frequency: frequency.tiers, monetary: monetary.tiers }
    }
}
