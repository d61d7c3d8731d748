//! Thresholds for scores of recency, frequency and money from the customers at hand, for each in a way of its own.

use super::cuts::{Direction, Sorted, Ties};
use super::natural_breaks::breaks_of;
use super::rfm_scores::{Scale, check_known, score_names};
use super::tiers::equal_shares;
use super::{RfmScorer, RfmScores, RfmValues, Tiered, Tiers};
use crate::{Error, Result};

/// How many scores one of recency, frequency and money has, and what its thresholds follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RfmBins {
    /// The highest score, from 2 to 9.
    pub bins: u8,
    /// What the thresholds follow.
    pub method: RfmMethod,
}

/// What thresholds of scores follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RfmMethod {
    /// Equal shares of the customers; equal values stay together. The default.
    #[default]
    Quantiles,
    /// The gaps of the number itself: [`natural_breaks`](super::natural_breaks()).
    NaturalBreaks,
}

impl RfmBins {
    /// So many scores of equal shares of the customers.
    pub fn quantiles(bins: u8) -> Self {
        Self { bins, method: RfmMethod::Quantiles }
    }

    /// So many scores between the natural breaks.
    pub fn natural_breaks(bins: u8) -> Self {
        Self { bins, method: RfmMethod::NaturalBreaks }
    }
}

impl RfmScorer {
    /// Thresholds that part these customers into `bins` equal shares by recency, frequency and money, where equal
    /// values stay together ([`Ties::Together`]): see [`RfmScorer::fit_each`].
    ///
    /// # Errors
    /// Those of [`RfmScorer::fit_each`].
    pub fn fit<'a>(rfm: impl Into<RfmValues<'a>>, bins: u8) -> Result<Self> {
        Self::fit_each(rfm, [RfmBins::quantiles(bins); 3])
    }

    /// Thresholds at the natural breaks of these customers ([`natural_breaks`](super::natural_breaks()): Jenks, or
    /// *k*-means in one dimension), whatever the sizes of the classes: see [`RfmScorer::fit_each`].
    ///
    /// # Errors
    /// Those of [`RfmScorer::fit_each`].
    ///
    /// ```
    /// use tierwise::value::{RfmScorer, RfmValues};
    /// let (recency, frequency, monetary) = ([2.0, 3.0, 90.0], [9.0, 8.0, 1.0], [500.0, 20.0, 10.0]);
    /// let customers = RfmValues { recency: &recency, frequency: &frequency, monetary: &monetary };
    /// assert_eq!(RfmScorer::by_natural_breaks(customers, 2)?.score(customers)?.cells(), [222, 221, 111]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn by_natural_breaks<'a>(rfm: impl Into<RfmValues<'a>>, bins: u8) -> Result<Self> {
        Self::fit_each(rfm, [RfmBins::natural_breaks(bins); 3])
    }

    /// Thresholds with a number of scores and a method of its own for each of recency, frequency and money.
    ///
    /// **Fewer different values than scores.** Frequency often has two to four values, and one where nobody came back. Some
    /// scores are then given to nobody, and [`findings`](RfmScorer::findings) names them; the scores asked for stay the
    /// scale, so that named segments hold, and some of them are empty. By quantiles the shares decide which are missing. Between
    /// natural breaks each value is a class of its own, and the classes are spread evenly over the scale, the worst 1 and
    /// the best the highest: of five scores two classes have 1 and 5, three 1, 3 and 5, four 1, 2, 4 and 5 ("inferred").
    /// Customers who are all equal all have one score, by the rule of equal shares that a value at the edge lies below it:
    /// 1 of frequency and money, the highest of recency.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for bins that are not one of 2 to 9; [`Error::EmptyTable`]; [`Error::WrongLength`];
    /// [`Error::InvalidValue`] with the row for a value that is NaN; [`Error::NotFinite`] with the row.
    ///
    /// ```
    /// use tierwise::value::{RfmBins, RfmScorer, RfmValues};
    /// let (recency, frequency, monetary) = ([2.0, 30.0, 90.0, 9.0], [1.0, 1.0, 1.0, 2.0], [500.0, 20.0, 10.0, 70.0]);
    /// let customers = RfmValues { recency: &recency, frequency: &frequency, monetary: &monetary };
    /// let scorer =
    ///     RfmScorer::fit_each(customers, [RfmBins::quantiles(4), RfmBins::natural_breaks(3), RfmBins::quantiles(2)])?;
    /// assert_eq!(scorer.bins(), [4, 3, 2]);
    /// assert_eq!(scorer.score(customers)?.cells(), [412, 211, 111, 332]);
    /// assert_eq!(
    ///     scorer.findings(),
    ///     ["frequency: no customer can get the score 2 by threshold, because there are only 2 different values"]
    /// );
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn fit_each<'a>(rfm: impl Into<RfmValues<'a>>, axes: [RfmBins; 3]) -> Result<Self> {
        scored(rfm.into(), axes, Ties::Together).map(|(_, scorer)| scorer)
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
/// assert_eq!(rfm_scores(&table, 2, Ties::Together)?.0.frequency, [1, 1, 1, 1]);
/// assert_eq!(rfm_scores(&table, 2, Ties::FirstCome)?.0.frequency, [1, 1, 2, 2]);
/// # let table = rfm(&[0, 1, 2, 3, 3], &[1, 2, 3, 3, 4], &[5.0, 6.0, 7.0, 8.0, 1.0], 9, LaterRows::Refuse)?;
/// // with a second purchase of customer 3
/// assert_eq!(rfm_scores(&table, 2, Ties::Together)?.0.frequency, [1, 1, 1, 2]);
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn rfm_scores<'a>(rfm: impl Into<RfmValues<'a>>, bins: u8, ties: Ties) -> Result<(RfmScores, RfmScorer)> {
    scored(rfm.into(), [RfmBins::quantiles(bins); 3], ties)
}

fn scored(values: RfmValues<'_>, axes: [RfmBins; 3], ties: Ties) -> Result<(RfmScores, RfmScorer)> {
    values.check()?;
    axes.iter().try_for_each(|axis| check_bins(axis.bins))?;
    let [of_recency, of_frequency, of_monetary] = axes;
    let (recency, recency_scale) = scale("recency", values.recency, of_recency, Direction::LowerIsBetter, ties)?;
    let (frequency, frequency_scale) =
        scale("frequency", values.frequency, of_frequency, Direction::HigherIsBetter, ties)?;
    let (monetary, monetary_scale) = scale("monetary", values.monetary, of_monetary, Direction::HigherIsBetter, ties)?;
    let scorer = RfmScorer { recency: recency_scale, frequency: frequency_scale, monetary: monetary_scale };
    Ok((RfmScores { recency, frequency, monetary }, scorer))
}

fn scale(
    axis: &'static str,
    values: &[f64],
    RfmBins { bins, method }: RfmBins,
    direction: Direction,
    ties: Ties,
) -> Result<(Vec<u8>, Scale)> {
    let names = score_names(bins);
    check_known(axis, values)?;
    let sorted = Sorted::new(axis, values)?;
    let Tiered { tiers, assigned } = match method {
        RfmMethod::Quantiles => {
            Tiers::split_sorted(axis, &sorted, &names, &equal_shares(names.len()), direction, ties)?
        }
        RfmMethod::NaturalBreaks => by_breaks(axis, &sorted, &names, direction)?,
    };
    Ok((assigned.into_iter().flatten().map(|tier| bins - tier as u8).collect(), Scale::new(tiers)?))
}

/// Classes between natural breaks, spread over the scores where there are fewer of them.
fn by_breaks(axis: &str, sorted: &Sorted, names: &[String], direction: Direction) -> Result<Tiered> {
    let distinct = sorted.values.chunk_by(|one, other| one.0 == other.0).count();
    let (classes, scores) = (distinct.min(names.len()), names.len());
    let breaks = breaks_of(axis, sorted, classes)?.breaks;
    // The scores counted from the lowest value, from 0, that the classes have.
    let place = |class: usize| (class * (scores - 1) + (classes - 1) / 2) / (classes - 1);
    let class_above = |cut: usize| (0..classes).find(|&class| place(class) > cut);
    let cuts: Vec<Option<f64>> = match classes {
        1 => vec![None; scores - 1],
        _ => (0..scores - 1).map(|cut| class_above(cut).map(|class| breaks[class - 1])).collect(),
    };
    Tiers::with_cuts(axis, sorted, names, None, direction, &cuts)
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
