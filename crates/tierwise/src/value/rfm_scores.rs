//! Recency, frequency and money as scores from 1 to 5, with thresholds that can be saved.

use super::cuts::{Direction, Ties};
use super::tiers::{Tiers, equal_shares};
use super::{Rfm, Tiered};
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
/// frequency bins fall together, and no customer gets the score between. [`findings`](Self::findings) says so.
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
    recency: Scale,
    frequency: Scale,
    monetary: Scale,
}

/// Tiers whose names are numbers, and the numbers.
#[derive(Debug, Clone, PartialEq)]
struct Scale {
    tiers: Tiers,
    scores: Vec<u8>,
}

impl RfmScorer {
    /// Thresholds that part these customers into `bins` equal shares by recency, frequency and money, where equal
    /// values stay together ([`Ties::Together`]).
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] when `bins` is not one of 2 to 9; [`Error::EmptyTable`]; [`Error::NotFinite`] for
    /// sums of money beyond the largest number; [`Error::NotEnoughData`] when all customers are equal in one of the
    /// three.
    pub fn fit<'a>(rfm: impl Into<RfmValues<'a>>, bins: u8) -> Result<Self> {
        Ok(rfm_scores(rfm, bins, Ties::Together)?.1)
    }

    /// Thresholds at the natural breaks of these customers ([`natural_breaks`](super::natural_breaks): Jenks, or
    /// *k*-means in one dimension), whatever the sizes of the classes.
    ///
    /// # Errors
    /// Those of [`RfmScorer::fit`]; [`Error::NotEnoughData`] when one of the three has fewer different values than there
    /// are bins.
    ///
    /// ```
    /// use tierwise::value::{RfmScorer, RfmValues};
    /// let (recency, frequency, monetary) = ([2.0, 3.0, 90.0], [9.0, 8.0, 1.0], [500.0, 20.0, 10.0]);
    /// let customers = RfmValues { recency: &recency, frequency: &frequency, monetary: &monetary };
    /// assert_eq!(RfmScorer::by_natural_breaks(customers, 2)?.score(customers)?.cells(), [222, 221, 111]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn by_natural_breaks<'a>(rfm: impl Into<RfmValues<'a>>, bins: u8) -> Result<Self> {
        let values: RfmValues<'a> = rfm.into();
        values.check()?;
        check_bins(bins)?;
        let scale = |name: &str, values: &[f64], direction| {
            let Tiered { tiers, assigned } = Tiers::by_natural_breaks(name, values, &score_names(bins), direction)?;
            known(&format!("the {name}"), assigned.iter().map(|tier| tier.map(|_| 0)))?;
            Scale::new(tiers)
        };
        Ok(Self {
            recency: scale("recency", values.recency, Direction::LowerIsBetter)?,
            frequency: scale("frequency", values.frequency, Direction::HigherIsBetter)?,
            monetary: scale("monetary", values.monetary, Direction::HigherIsBetter)?,
        })
    }

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
    /// [`Error::WrongLength`] for columns of different lengths.
    pub fn score<'a>(&self, rfm: impl Into<RfmValues<'a>>) -> Result<RfmScores> {
        let values: RfmValues<'a> = rfm.into();
        values.check()?;
        Ok(RfmScores {
            recency: self.recency.column("the recency", values.recency)?,
            frequency: self.frequency.column("the frequency", values.frequency)?,
            monetary: self.monetary.column("the money", values.monetary)?,
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

    /// What [`Tiers::findings`] says of the three.
    pub fn findings(&self) -> Vec<String> {
        let findings = |tiers: &Tiers| -> Vec<String> {
            tiers.findings().iter().map(|finding| format!("{}: {finding}", tiers.feature().name())).collect()
        };
        self.tiers().into_iter().flat_map(findings).collect()
    }
}

/// Scores customers by recency, frequency and money in `bins` equal shares, and gives the thresholds for others.
///
/// `ties` decides what happens to customers with equal values, and with it a great deal: see [`Ties`]. Under
/// [`Ties::Together`] the scores are those of [`RfmScorer::score`].
///
/// # Errors
/// Those of [`RfmScorer::fit`].
///
/// ```
/// use tierwise::value::{LaterRows, Ties, rfm, rfm_scores};
/// let table = rfm(&[0, 1, 2, 3], &[1, 2, 3, 3], &[5.0, 6.0, 7.0, 8.0], 9, LaterRows::Refuse)?;
/// // all four bought once: only row order can tell them apart by frequency
/// assert!(rfm_scores(&table, 2, Ties::Together).is_err());
/// # let table = rfm(&[0, 1, 2, 3, 3], &[1, 2, 3, 3, 4], &[5.0, 6.0, 7.0, 8.0, 1.0], 9, LaterRows::Refuse)?;
/// // with a second purchase of customer 3
/// assert_eq!(rfm_scores(&table, 2, Ties::Together)?.0.frequency, [1, 1, 1, 2]);
/// assert_eq!(rfm_scores(&table, 2, Ties::FirstCome)?.0.frequency, [1, 1, 2, 2]);
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn rfm_scores<'a>(rfm: impl Into<RfmValues<'a>>, bins: u8, ties: Ties) -> Result<(RfmScores, RfmScorer)> {
    let values: RfmValues<'a> = rfm.into();
    values.check()?;
    check_bins(bins)?;
    let (recency, recency_scale) = scale("recency", values.recency, bins, Direction::LowerIsBetter, ties)?;
    let (frequency, frequency_scale) = scale("frequency", values.frequency, bins, Direction::HigherIsBetter, ties)?;
    let (monetary, monetary_scale) = scale("monetary", values.monetary, bins, Direction::HigherIsBetter, ties)?;
    let scorer = RfmScorer { recency: recency_scale, frequency: frequency_scale, monetary: monetary_scale };
    Ok((RfmScores { recency, frequency, monetary }, scorer))
}

fn scale(name: &'static str, values: &[f64], bins: u8, direction: Direction, ties: Ties) -> Result<(Vec<u8>, Scale)> {
    let names = score_names(bins);
    let shares = equal_shares(names.len());
    let Tiered { tiers, assigned } = Tiers::split(name, values, &names, &shares, direction, ties)?;
    let scores = assigned.iter().map(|tier| tier.map(|tier| bins - tier as u8));
    let scores = known(&format!("the {name}"), scores)?;
    Ok((scores, Scale::new(tiers)?))
}

fn check_bins(bins: u8) -> Result<()> {
    if (2..=9).contains(&bins) {
        return Ok(());
    }
    Err(Error::InvalidParameter {
        of: "RfmScorer",
        name: "bins",
        must_be: "a whole number from 2 to 9, so that a score is one digit".into(),
        got: bins.to_string(),
    })
}

/// The scores as names of tiers, best first.
fn score_names(bins: u8) -> Vec<String> {
    (1..=bins).rev().map(|score| score.to_string()).collect()
}

fn known(what: &str, scores: impl Iterator<Item = Option<u8>>) -> Result<Vec<u8>> {
    let unknown = |row| Error::InvalidValue {
        what: what.to_owned(),
        row,
        key: None,
        found: "NaN".into(),
        must_be: "a score needs a known value".into(),
    };
    scores.enumerate().map(|(row, score)| score.ok_or_else(|| unknown(row))).collect()
}

impl Scale {
    fn new(tiers: Tiers) -> Result<Self> {
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

    fn column(&self, what: &str, values: &[f64]) -> Result<Vec<u8>> {
        known(what, values.iter().map(|&value| self.score(value)))
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
