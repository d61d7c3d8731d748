//! How the scores of events and of others are spread.

use super::{Judged, ReportWords};
use crate::evaluate::score_histogram::ScoreHistogram;
use crate::evaluate::words::{amount, percent};
use crate::{Error, Result};
use serde::Serialize;

const BINS: usize = 24;

/// How the scores are spread.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HistogramReport {
    /// In plain words.
    pub words: ReportWords,
    /// Bins of equal width over the middle 98 % of the scores; the outermost hold the rest too.
    pub bins: Vec<HistogramReportBin>,
    /// The mean score of events.
    pub mean_of_events: f64,
    /// The mean score of others.
    pub mean_of_others: f64,
}

/// Customers by score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HistogramReportBin {
    /// Where the bin is drawn from; the first has no lower end.
    pub from: f64,
    /// Where it is drawn to; the last has no upper end.
    pub to: f64,
    /// Events in it.
    pub events: f64,
    /// Others in it.
    pub others: f64,
}

pub(super) fn histogram(judged: &Judged<'_>) -> Result<HistogramReport> {
    let edges = edges(judged)?;
    let mut counts = ScoreHistogram::new(&edges[1..edges.len() - 1])?;
    counts.add(judged.outcome, judged.scores)?;
    let found = counts.bins();
    let bins = found.iter().zip(edges.windows(2)).map(|(bin, ends)| HistogramReportBin {
        from: ends[0],
        to: ends[1],
        events: bin.events,
        others: (bin.weight - bin.events).max(0.0),
    });
    let rows = &judged.rows;
    let [events, of_events, of_others] = rows.sums(|row| {
        let (happened, score) = (rows.happened[row], rows.scores[row]);
        [happened, happened * score, (1.0 - happened) * score]
    });
    let (customers, _) = judged.totals();
    let (mean_of_events, mean_of_others) = (of_events / events, of_others / (customers - events));
    let told = |score: f64| if judged.probabilities { percent(score) } else { amount(score) };
    let says = format!(
        "Those who {} score {} on average, the others {}.",
        judged.options.happened,
        told(mean_of_events),
        told(mean_of_others)
    );
    let caution = "A score separates well where the two heaps lie apart, whatever their heights.";
    Ok(HistogramReport {
        words: ReportWords::new(says, Vec::new(), caution),
        bins: bins.collect(),
        mean_of_events,
        mean_of_others,
    })
}

/// Ends of the bins as they are drawn.
fn edges(judged: &Judged<'_>) -> Result<Vec<f64>> {
    let mut sorted: Vec<f64> = judged.scores.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    if let Some(&score) = [sorted[0], sorted[sorted.len() - 1]].iter().find(|score| !(-1e100..=1e100).contains(*score))
    {
        let row = judged.scores.iter().position(|one| *one == score).unwrap_or_default();
        let must_be = "scores beyond ±1e100 cannot be drawn on one scale";
        return Err(Error::invalid_value("the score", row, score, must_be));
    }
    let last = sorted.len() - 1;
    let (mut low, mut high) = (sorted[last / 100], sorted[last - last / 100]);
    if low == high {
        (low, high) = (sorted[0], sorted[last]);
    }
    if high - low <= 1e-9 * low.abs().max(high.abs()) {
        let margin = if low == 0.0 { 0.5 } else { 0.05 * low.abs() };
        return Ok(vec![low - margin, low, low + margin]);
    }
    Ok((0..=BINS).map(|edge| low + (high - low) * edge as f64 / BINS as f64).collect())
}
