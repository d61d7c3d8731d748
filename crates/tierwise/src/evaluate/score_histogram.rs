//! Events and others by score, as counts that add up: calibration and ranking without all rows in one place.

use super::decisions::Confusion;
use super::rows::{Rows, parameter};
use crate::{Error, Outcome, Result, Summary};
use serde::{Deserialize, Serialize};

/// How many events and others score within each bin. Parts over the same edges merge to the whole, exactly for whole weights.
///
/// ```
/// use tierwise::{Outcome, Summary, evaluate::ScoreHistogram};
/// let mut monday = ScoreHistogram::new(&[0.25, 0.5, 0.75])?;
/// monday.add(&Outcome::binary("bought", &[false, true, false]), &[0.1, 0.6, 0.55])?;
/// let mut tuesday = monday.empty();
/// tuesday.add(&Outcome::binary("bought", &[true, false]), &[0.9, 0.3])?;
/// monday.merge(&tuesday)?;
/// let area = monday.roc_auc()?; // one pair of scores shares a bin
/// assert_eq!((area.low, area.middle, area.high), (5.0 / 6.0, 5.5 / 6.0, 1.0));
/// assert_eq!(monday.bins()[2].rate, Some(0.5));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "StoredHistogram", into = "StoredHistogram")]
pub struct ScoreHistogram {
    content: StoredHistogram,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredHistogram {
    edges: Vec<f64>,
    events: Vec<f64>,
    others: Vec<f64>,
    sums: Vec<f64>,
}

/// One bin of a [`ScoreHistogram`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HistogramBin {
    /// The lower edge, which belongs to the bin; minus infinity in the first.
    pub from: f64,
    /// The upper edge, which does not; infinity in the last.
    pub to: f64,
    /// How many customers it holds.
    pub weight: f64,
    /// How many of them are events.
    pub events: f64,
    /// Their share; none in an empty bin.
    pub rate: Option<f64>,
    /// The mean score; none in an empty bin.
    pub mean_score: Option<f64>,
}

/// What a histogram knows of the area under the ROC curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AreaBounds {
    /// If within every bin all others scored higher than the events.
    pub low: f64,
    /// If all scores of a bin were equal.
    pub middle: f64,
    /// If within every bin all events scored higher.
    pub high: f64,
}

impl ScoreHistogram {
    /// An empty histogram of right-open bins between ascending edges; the outermost bins are open-ended.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for edges that are none, not finite or not ascending.
    pub fn new(edges: &[f64]) -> Result<Self> {
        check_edges(edges)?;
        let zeros = vec![0.0; edges.len() + 1];
        let (events, others, sums) = (zeros.clone(), zeros.clone(), zeros);
        Ok(Self { content: StoredHistogram { edges: edges.to_vec(), events, others, sums } })
    }

    /// The same edges, with nothing counted.
    #[must_use]
    pub fn empty(&self) -> Self {
        let zeros = vec![0.0; self.content.events.len()];
        let (events, others, sums) = (zeros.clone(), zeros.clone(), zeros);
        Self { content: StoredHistogram { edges: self.content.edges.clone(), events, others, sums } }
    }

    /// Counts the rows of one part.
    ///
    /// # Errors
    /// Those of [`log_loss`](super::log_loss) that concern the data; and [`Error::InvalidValue`] with the row for an infinite score.
    pub fn add(&mut self, outcome: &Outcome<'_>, scores: &[f64]) -> Result<()> {
        let rows = Rows::ranked("ScoreHistogram", outcome, scores)?;
        if let Some(row) = scores.iter().position(|score| score.is_infinite()) {
            return Err(Error::invalid_value(
                "the score",
                row,
                scores[row],
                "an infinite score has no mean; leave it out",
            ));
        }
        for row in 0..rows.len() {
            let (weight, score) = (rows.weight(row), rows.scores[row]);
            let bin = self.content.edges.partition_point(|&edge| edge <= score);
            self.content.events[bin] += weight * rows.happened[row];
            self.content.others[bin] += weight * (1.0 - rows.happened[row]);
            self.content.sums[bin] += weight * score;
        }
        Ok(())
    }

    /// The bins: a calibration table where scores are probabilities.
    pub fn bins(&self) -> Vec<HistogramBin> {
        let content = &self.content;
        let bin = |at: usize| {
            let weight = content.events[at] + content.others[at];
            let per_row = |sum: f64| (weight > 0.0).then(|| sum / weight);
            HistogramBin {
                from: at.checked_sub(1).map_or(f64::NEG_INFINITY, |edge| content.edges[edge]),
                to: content.edges.get(at).copied().unwrap_or(f64::INFINITY),
                weight,
                events: content.events[at],
                rate: per_row(content.events[at]),
                mean_score: per_row(content.sums[at]),
            }
        };
        (0..content.events.len()).map(bin).collect()
    }

    /// Between which bounds the area under the ROC curve lies.
    ///
    /// # Errors
    /// [`Error::OneClass`] before there are events and others.
    pub fn roc_auc(&self) -> Result<AreaBounds> {
        let (events, others) = (self.content.events.iter().sum::<f64>(), self.content.others.iter().sum::<f64>());
        if events == 0.0 || others == 0.0 {
            let found = if events == 0.0 { "not positive" } else { "positive" };
            return Err(Error::OneClass { rows: (events + others) as usize, found: found.into() });
        }
        let (mut below, mut in_order, mut within) = (0.0, 0.0, 0.0);
        for (event, other) in self.content.events.iter().zip(&self.content.others) {
            in_order += event * below;
            within += event * other;
            below += other;
        }
        let pairs = events * others;
        let area = |share: f64| (in_order + share * within) / pairs;
        Ok(AreaBounds { low: area(0.0), middle: area(0.5), high: area(1.0) })
    }

    /// The four counts when all are called who score at least an edge.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a cut that is no edge: within a bin the counts are not known.
    pub fn confusion(&self, cut: f64) -> Result<Confusion> {
        let Some(edge) = self.content.edges.iter().position(|&edge| edge == cut) else {
            return Err(parameter("ScoreHistogram", "cut", "one of its edges", &cut));
        };
        let split = |counts: &[f64]| (counts[edge + 1..].iter().sum(), counts[..=edge].iter().sum());
        let (true_positives, false_negatives) = split(&self.content.events);
        let (false_positives, true_negatives) = split(&self.content.others);
        Ok(Confusion { true_positives, false_positives, false_negatives, true_negatives })
    }
}

fn check_edges(edges: &[f64]) -> Result<()> {
    let sound = edges.iter().all(|edge| edge.is_finite()) && edges.windows(2).all(|pair| pair[0] < pair[1]);
    if sound && !edges.is_empty() {
        return Ok(());
    }
    let must_be = "finite numbers, each above the one before";
    Err(parameter("ScoreHistogram", "edges", must_be, &format!("{edges:?}")))
}

impl Summary for ScoreHistogram {
    fn merge(&mut self, other: &Self) -> Result<()> {
        let (content, more) = (&mut self.content, &other.content);
        if content.edges != more.edges {
            return Err(Error::CannotMerge { reason: "the histograms have different edges".into() });
        }
        for (sums, more) in
            [(&mut content.events, &more.events), (&mut content.others, &more.others), (&mut content.sums, &more.sums)]
        {
            sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        }
        Ok(())
    }
}

/// The counts of two parts at the same cut add up; that it is the same, the caller knows.
impl Summary for Confusion {
    fn merge(&mut self, other: &Self) -> Result<()> {
        self.true_positives += other.true_positives;
        self.false_positives += other.false_positives;
        self.false_negatives += other.false_negatives;
        self.true_negatives += other.true_negatives;
        Ok(())
    }
}

impl TryFrom<StoredHistogram> for ScoreHistogram {
    type Error = Error;

    fn try_from(content: StoredHistogram) -> Result<Self> {
        check_edges(&content.edges)?;
        let lists = [&content.events, &content.others, &content.sums];
        let refuse = |reason: &str| Err(Error::ModelField { path: "histogram".into(), reason: reason.into() });
        if lists.iter().any(|list| list.len() != content.edges.len() + 1) {
            return refuse("there must be one count per bin, which is one more than there are edges");
        }
        if lists.iter().copied().flatten().any(|value| !value.is_finite())
            || content.events.iter().chain(&content.others).any(|count| *count < 0.0)
        {
            return refuse("counts must be finite and not negative");
        }
        Ok(Self { content })
    }
}

impl From<ScoreHistogram> for StoredHistogram {
    fn from(histogram: ScoreHistogram) -> Self {
        histogram.content
    }
}
