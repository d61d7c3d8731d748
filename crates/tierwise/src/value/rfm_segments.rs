//! Named segments of the scores of recency, frequency and money.

use super::RfmScorer;
use crate::model::Saved;
use crate::{Assign, Error, Feature, Result};
use serde::{Deserialize, Serialize};

/// A named block of scores: every customer whose scores lie within all the ranges given. A range includes both ends; one
/// that is left out allows every score.
///
/// ```
/// use tierwise::value::RfmSegment;
/// let champions = RfmSegment::new("Champions").recency(5, 5).frequency(4, 5);
/// assert_eq!(serde_json::to_string(&champions).unwrap(), r#"{"name":"Champions","recency":[5,5],"frequency":[4,5]}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RfmSegment {
    /// The name. A name may be listed several times: the segment is then all of its blocks together.
    pub name: String,
    /// The lowest and highest score of recency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recency: Option<[u8; 2]>,
    /// The lowest and highest score of frequency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency: Option<[u8; 2]>,
    /// The lowest and highest score of money.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monetary: Option<[u8; 2]>,
    /// The lowest and highest mean of the scores of frequency and money; it moves in steps of a half.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_of_frequency_and_monetary: Option<[f64; 2]>,
}

impl RfmSegment {
    /// A segment of all scores, to be narrowed.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            recency: None,
            frequency: None,
            monetary: None,
            mean_of_frequency_and_monetary: None,
        }
    }

    /// Narrows it to scores of recency.
    #[must_use]
    pub fn recency(self, lowest: u8, highest: u8) -> Self {
        Self { recency: Some([lowest, highest]), ..self }
    }

    /// Narrows it to scores of frequency.
    #[must_use]
    pub fn frequency(self, lowest: u8, highest: u8) -> Self {
        Self { frequency: Some([lowest, highest]), ..self }
    }

    /// Narrows it to scores of money.
    #[must_use]
    pub fn monetary(self, lowest: u8, highest: u8) -> Self {
        Self { monetary: Some([lowest, highest]), ..self }
    }

    /// Narrows it to means of the scores of frequency and money.
    #[must_use]
    pub fn mean_of_frequency_and_monetary(self, lowest: f64, highest: f64) -> Self {
        Self { mean_of_frequency_and_monetary: Some([lowest, highest]), ..self }
    }

    fn holds(&self, [recency, frequency, monetary]: [u8; 3]) -> bool {
        let within = |range: Option<[u8; 2]>, score: u8| range.is_none_or(|[from, to]| (from..=to).contains(&score));
        let mean = f64::midpoint(f64::from(frequency), f64::from(monetary));
        within(self.recency, recency)
            && within(self.frequency, frequency)
            && within(self.monetary, monetary)
            && self.mean_of_frequency_and_monetary.is_none_or(|[from, to]| (from..=to).contains(&mean))
    }

    fn check(&self, bins: [u8; 3]) -> Result<()> {
        let refuse = |reason: String| Err(invalid(format!("segment `{}`", self.name), reason));
        if self.name.trim().is_empty() {
            return refuse("it has no name".into());
        }
        let axes = [("recency", self.recency), ("frequency", self.frequency), ("monetary", self.monetary)];
        for ((axis, range), bins) in axes.into_iter().zip(bins) {
            if let Some([from, to]) = range
                && !(1 <= from && from <= to && to <= bins)
            {
                let more = if from <= to && to > bins {
                    format!(
                        ", and the scorer has {bins} of them; take a scorer with {to}, or segments for {bins} \
                         (usual ones are there for 3, 4 and 5)"
                    )
                } else {
                    String::new()
                };
                return refuse(format!("`{axis}` is {from} to {to}; it must rise within the scores 1 to {bins}{more}"));
            }
        }
        match self.mean_of_frequency_and_monetary {
            Some([from, to]) if !(from <= to && to.is_finite() && from.is_finite()) => refuse(format!(
                "`mean_of_frequency_and_monetary` is {from} to {to}; it must rise between two finite numbers"
            )),
            _ => Ok(()),
        }
    }
}

/// Segments over the scores of an [`RfmScorer`], checked to hold every combination of scores exactly once.
///
/// It is one model file: from recency, frequency and money as they are, by the scorer's thresholds, to the name of the
/// segment. A customer of whom one of the three is unknown has no segment.
///
/// ```
/// use tierwise::value::{RfmScorer, RfmSegments, usual_segments};
/// let scorer = RfmScorer::by_cuts(&[30.0, 60.0, 120.0, 240.0], &[2.0, 3.0, 5.0, 9.0], &[50.0, 100.0, 200.0, 500.0])?;
/// let segments = RfmSegments::new(scorer, usual_segments(), false)?;
/// assert_eq!(segments.name_of([5, 4, 1]), Some("Champions"));
/// assert_eq!(segments.name_of([2, 5, 3]), Some("Can't Lose Them"));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct RfmSegments {
    scorer: RfmScorer,
    segments: Vec<RfmSegment>,
    ordered: bool,
    features: Vec<Feature>,
    names: Vec<String>,
    bins: [u8; 3],
    /// Per cell, the scores of recency slowest and of money fastest: the position of its name.
    places: Vec<usize>,
}

impl RfmSegments {
    /// Segments over a scorer's scores. `ordered` says that they are listed from best to worst.
    ///
    /// # Errors
    /// [`Error::InvalidRules`] when there is none, a segment has no name or a range outside the scores, and with the cells
    /// (three digits: recency, frequency, money) that no segment holds or that more than one does.
    pub fn new(scorer: RfmScorer, segments: Vec<RfmSegment>, ordered: bool) -> Result<Self> {
        let bins = scorer.bins();
        if segments.is_empty() {
            return Err(invalid("the list".into(), "it is empty; list at least one segment".into()));
        }
        segments.iter().try_for_each(|segment| segment.check(bins))?;
        let holders = holders(&segments, bins);
        check_total(&holders, bins)?;
        check_apart(&segments, &holders, bins)?;
        let mut names: Vec<String> = Vec::new();
        for segment in &segments {
            if !names.contains(&segment.name) {
                names.push(segment.name.clone());
            }
        }
        let place = |held: &Vec<usize>| names.iter().position(|name| *name == segments[held[0]].name).unwrap_or(0);
        let places = holders.iter().map(place).collect();
        let features = scorer.tiers().map(|tiers| tiers.feature().clone()).to_vec();
        Ok(Self { scorer, segments, ordered, features, names, bins, places })
    }

    /// The scorer whose thresholds it uses.
    pub fn scorer(&self) -> &RfmScorer {
        &self.scorer
    }

    /// The blocks as listed.
    pub fn segments(&self) -> &[RfmSegment] {
        &self.segments
    }

    /// The position of the segment of three scores (recency, frequency, money) among the
    /// [`outcomes`](Assign::outcomes); `None` for scores that do not exist.
    pub fn position_of(&self, scores: [u8; 3]) -> Option<usize> {
        let exists = scores.iter().zip(self.bins).all(|(&score, bins)| (1..=bins).contains(&score));
        exists.then(|| self.places[cell(scores, self.bins)])
    }

    /// The name of the segment of three scores; `None` for scores that do not exist.
    pub fn name_of(&self, scores: [u8; 3]) -> Option<&str> {
        self.position_of(scores).map(|place| self.names[place].as_str())
    }

    /// The scores of a customer, and the position of his segment; `None` where something is unknown.
    pub fn place(&self, recency: f64, frequency: f64, monetary: f64) -> Option<([u8; 3], usize)> {
        let [Some(recency), Some(frequency), Some(monetary)] = self.scorer.score_one(recency, frequency, monetary)
        else {
            return None;
        };
        let scores = [recency, frequency, monetary];
        self.position_of(scores).map(|place| (scores, place))
    }

    /// The findings of the scorer, and the segments that no customer can get because scores are missing.
    pub fn findings(&self) -> Vec<String> {
        let [recency, frequency, monetary] = self.scorer.reachable();
        let mut reached = vec![false; self.names.len()];
        for &recency in recency {
            for &frequency in frequency {
                for &monetary in monetary {
                    reached[self.places[cell([recency, frequency, monetary], self.bins)]] = true;
                }
            }
        }
        let missing = self.names.iter().zip(reached).filter(|(_, reached)| !reached).map(|(name, _)| {
            format!("no customer can be in `{name}`, because no customer can get the scores it needs")
        });
        self.scorer.findings().into_iter().chain(missing).collect()
    }
}

/// Every cell in the order of [`cell`].
fn cells(bins: [u8; 3]) -> impl Iterator<Item = [u8; 3]> {
    let [recency, frequency, monetary] = bins;
    (1..=recency).flat_map(move |r| (1..=frequency).flat_map(move |f| (1..=monetary).map(move |m| [r, f, m])))
}

fn cell(scores: [u8; 3], [_, frequency, monetary]: [u8; 3]) -> usize {
    let [r, f, m] = scores.map(|score| usize::from(score) - 1);
    (r * usize::from(frequency) + f) * usize::from(monetary) + m
}

/// Per cell: the blocks that hold it.
fn holders(segments: &[RfmSegment], bins: [u8; 3]) -> Vec<Vec<usize>> {
    let held = |cell| (0..segments.len()).filter(|&index| segments[index].holds(cell)).collect();
    cells(bins).map(held).collect()
}

fn check_total(holders: &[Vec<usize>], bins: [u8; 3]) -> Result<()> {
    let open: Vec<[u8; 3]> =
        cells(bins).zip(holders).filter(|(_, held)| held.is_empty()).map(|(cell, _)| cell).collect();
    if open.is_empty() {
        return Ok(());
    }
    let reason = "no segment holds them; widen one or add one (digits: recency, frequency, money)";
    Err(invalid(format!("cells {}", listed(&open)), reason.into()))
}

fn check_apart(segments: &[RfmSegment], holders: &[Vec<usize>], bins: [u8; 3]) -> Result<()> {
    let Some(both) = holders.iter().find(|held| held.len() > 1) else { return Ok(()) };
    let (one, other) = (both[0], both[1]);
    let shared: Vec<[u8; 3]> = cells(bins)
        .zip(holders)
        .filter(|(_, held)| held.contains(&one) && held.contains(&other))
        .map(|(cell, _)| cell)
        .collect();
    let reason = format!(
        "`{}` and `{}` both hold them; narrow one of the two (digits: recency, frequency, money)",
        segments[one].name, segments[other].name
    );
    Err(invalid(format!("cells {}", listed(&shared)), reason))
}

fn listed(cells: &[[u8; 3]]) -> String {
    const SHOWN: usize = 10;
    let shown: Vec<String> = cells.iter().take(SHOWN).map(|[r, f, m]| format!("{r}{f}{m}")).collect();
    match cells.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => format!("{} and {more} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}

fn invalid(place: String, reason: String) -> Error {
    Error::InvalidRules { rules: "segments".into(), place, reason }
}

impl Assign for RfmSegments {
    fn features(&self) -> &[Feature] {
        &self.features
    }

    fn outcomes(&self) -> &[String] {
        &self.names
    }

    fn is_ordered(&self) -> bool {
        self.ordered
    }

    fn assign_row(&self, row: &[f64]) -> Option<usize> {
        self.place(row[0], row[1], row[2]).map(|(_, place)| place)
    }
}

impl Saved for RfmSegments {
    const KIND: &'static str = "rfm_segments";

    fn as_assign(&self) -> Option<&dyn Assign> {
        Some(self)
    }
}

/// The form in a model file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    scorer: RfmScorer,
    segments: Vec<RfmSegment>,
    ordered: bool,
}

impl TryFrom<Stored> for RfmSegments {
    type Error = Error;

    fn try_from(Stored { scorer, segments, ordered }: Stored) -> Result<Self> {
        Self::new(scorer, segments, ordered)
    }
}

impl From<RfmSegments> for Stored {
    fn from(RfmSegments { scorer, segments, ordered, .. }: RfmSegments) -> Self {
        Self { scorer, segments, ordered }
    }
}
