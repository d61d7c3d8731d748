//! The named segments that most of the trade uses, for three, four and five scores.

use super::RfmSegment;
use crate::{Error, Result};

/// The ten segments of recency × frequency that most of the trade uses, for five scores each. Money has no say.
///
/// "Inferred": there is no standard. This is the grid that circulates with the names below, in the one form of it that
/// has neither gap nor overlap; rows are scores of recency (5 is most recent), columns scores of frequency. For three and
/// four scores see [`usual_segments_of`].
///
/// | | 1 | 2 | 3 | 4 | 5 |
/// |---|---|---|---|---|---|
/// | **5** | New Customers | Potential Loyalists | Potential Loyalists | Champions | Champions |
/// | **4** | Promising | Potential Loyalists | Potential Loyalists | Loyal Customers | Loyal Customers |
/// | **3** | About to Sleep | About to Sleep | Need Attention | Loyal Customers | Loyal Customers |
/// | **2** | Hibernating | Hibernating | At Risk | At Risk | Can't Lose Them |
/// | **1** | Hibernating | Hibernating | At Risk | At Risk | Can't Lose Them |
pub fn usual_segments() -> Vec<RfmSegment> {
    by_frequency(&FIVE)
}

/// The segments of [`usual_segments`] where the mean of the scores of frequency and money, a half rounded up, takes the
/// place of frequency. "Inferred", as those.
pub fn usual_segments_by_mean() -> Vec<RfmSegment> {
    by_mean(&FIVE)
}

/// The usual segments for three, four or five scores of each of recency and frequency; `mean` puts the mean of the scores of
/// frequency and money, a half rounded up, in the place of frequency.
///
/// Those for five are [`usual_segments`] and [`usual_segments_by_mean`]. Nothing circulates for three and four: these keep
/// the names and the meaning of the corners and edges of the five ("inferred").
///
/// | four | 1 | 2 | 3 | 4 |
/// |---|---|---|---|---|
/// | **4** | New Customers | Potential Loyalists | Champions | Champions |
/// | **3** | Promising | Potential Loyalists | Loyal Customers | Loyal Customers |
/// | **2** | About to Sleep | Need Attention | At Risk | Can't Lose Them |
/// | **1** | Hibernating | Hibernating | At Risk | Can't Lose Them |
///
/// | three | 1 | 2 | 3 |
/// |---|---|---|---|
/// | **3** | New Customers | Potential Loyalists | Champions |
/// | **2** | About to Sleep | Need Attention | Loyal Customers |
/// | **1** | Hibernating | At Risk | Can't Lose Them |
///
/// # Errors
/// [`Error::InvalidParameter`] for another number of scores.
///
/// ```
/// use tierwise::value::{RfmScorer, RfmSegments, usual_segments_of};
/// let scorer = RfmScorer::by_cuts(&[30.0, 90.0], &[2.0, 5.0], &[100.0])?;
/// let segments = RfmSegments::new(scorer, usual_segments_of(3, false)?, false)?;
/// assert_eq!(segments.name_of([3, 3, 1]), Some("Champions"));
/// assert_eq!(usual_segments_of(6, false).unwrap_err().code(), "invalid_parameter");
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn usual_segments_of(scores: u8, mean: bool) -> Result<Vec<RfmSegment>> {
    let blocks: &[Block] = match scores {
        3 => &THREE,
        4 => &FOUR,
        5 => &FIVE,
        _ => {
            return Err(Error::InvalidParameter {
                of: "usual_segments",
                name: "bins",
                must_be: "3, 4 or 5 scores; for others list segments of your own".into(),
                got: scores.to_string(),
            });
        }
    };
    Ok(if mean { by_mean(blocks) } else { by_frequency(blocks) })
}

/// A name, and the lowest and highest score of recency and of frequency.
type Block = (&'static str, [u8; 2], [u8; 2]);

const FIVE: [Block; 10] = [
    ("Champions", [5, 5], [4, 5]),
    ("Loyal Customers", [3, 4], [4, 5]),
    ("Potential Loyalists", [4, 5], [2, 3]),
    ("New Customers", [5, 5], [1, 1]),
    ("Promising", [4, 4], [1, 1]),
    ("Need Attention", [3, 3], [3, 3]),
    ("About to Sleep", [3, 3], [1, 2]),
    ("Can't Lose Them", [1, 2], [5, 5]),
    ("At Risk", [1, 2], [3, 4]),
    ("Hibernating", [1, 2], [1, 2]),
];

const FOUR: [Block; 10] = [
    ("Champions", [4, 4], [3, 4]),
    ("Loyal Customers", [3, 3], [3, 4]),
    ("Potential Loyalists", [3, 4], [2, 2]),
    ("New Customers", [4, 4], [1, 1]),
    ("Promising", [3, 3], [1, 1]),
    ("Need Attention", [2, 2], [2, 2]),
    ("About to Sleep", [2, 2], [1, 1]),
    ("Can't Lose Them", [1, 2], [4, 4]),
    ("At Risk", [1, 2], [3, 3]),
    ("Hibernating", [1, 1], [1, 2]),
];

const THREE: [Block; 9] = [
    ("Champions", [3, 3], [3, 3]),
    ("Loyal Customers", [2, 2], [3, 3]),
    ("Potential Loyalists", [3, 3], [2, 2]),
    ("New Customers", [3, 3], [1, 1]),
    ("Need Attention", [2, 2], [2, 2]),
    ("About to Sleep", [2, 2], [1, 1]),
    ("Can't Lose Them", [1, 1], [3, 3]),
    ("At Risk", [1, 1], [2, 2]),
    ("Hibernating", [1, 1], [1, 1]),
];

fn by_frequency(blocks: &[Block]) -> Vec<RfmSegment> {
    let segment =
        |&(name, [low, high], [least, most]): &Block| RfmSegment::new(name).recency(low, high).frequency(least, most);
    blocks.iter().map(segment).collect()
}

fn by_mean(blocks: &[Block]) -> Vec<RfmSegment> {
    let segment = |&(name, [low, high], [least, most]): &Block| {
        let least = if least == 1 { 1.0 } else { f64::from(least) - 0.5 };
        RfmSegment::new(name).recency(low, high).mean_of_frequency_and_monetary(least, f64::from(most))
    };
    blocks.iter().map(segment).collect()
}
