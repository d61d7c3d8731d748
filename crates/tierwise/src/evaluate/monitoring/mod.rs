//! Does it still work? A series of batches, each with a level, what was found, and what to do next.

mod findings;
mod scores;

pub use scores::{BatchCalibration, BatchScoreShift};

use super::before_after::Bounded;
use super::drift::{ColumnDrift, DriftLevel, DriftSettings, TableDrift, UnseenLevel};
use super::fairness::GroupFigure;
use super::rows::parameter;
use super::score_histogram::ScoreHistogram;
use super::words::{count, listed};
use crate::rates::{Rate, check_confidence};
use crate::{Error, Outcome, Result};
use serde::Serialize;

const OF: &str = "monitoring_report";

/// The scores of a batch, or of the reference.
#[derive(Debug, Clone, Copy)]
pub enum BatchScores<'a> {
    /// None: only columns are looked at.
    None,
    /// Row by row; the outcome where it is known by now.
    Rows {
        /// The scores.
        scores: &'a [f64],
        /// What happened.
        outcome: Option<&'a Outcome<'a>>,
    },
    /// Counts by score, such as days that were merged.
    Histogram(&'a ScoreHistogram),
}

/// One batch: a day, a month, a campaign.
#[derive(Debug, Clone)]
pub struct Batch<'a> {
    /// Its name or date.
    pub name: &'a str,
    /// Its scores.
    pub scores: BatchScores<'a>,
    /// What changed in its columns since the reference, by [`drift`](super::drift) or
    /// [`DriftCounts::drift`](super::DriftCounts::drift).
    pub drift: Option<TableDrift>,
}

/// From where on something is to be watched, or done. The limits of scores and columns are those of [`DriftSettings`]; the
/// others are inferred.
#[derive(Debug, Clone, PartialEq)]
pub struct MonitoringOptions {
    /// Whether scores are probabilities; they are taken for such where all lie within 0 and 1 unless it is said.
    pub probabilities: Option<bool>,
    /// How much the intervals hold; 0.95 by default.
    pub confidence: f64,
    /// A loss in ROC AUC below the reference by more than this, beyond chance, is to be acted on; one of at least a quarter of
    /// it, beyond chance, is to be watched; 0.05 by default.
    pub auc_loss: f64,
    /// Where what came is this much less or more than what was said (a ratio, beyond chance), something is to be done; a
    /// difference of at least a quarter of that (on the logarithm), beyond chance, is to be watched; 1.25 by default. A calibration slope, or a share of events against that
    /// of the reference, is to be watched where it is so many times off beyond chance.
    pub off_by: f64,
    /// A share of unknown values that rises by this much, beyond chance, is to be watched, by four times as much to be acted on;
    /// 0.05 by default.
    pub unknown_rise: f64,
    /// Unseen levels with this share are to be watched, with five times the share to be acted on; 0.01 by default.
    pub unseen_share: f64,
    /// How scores are compared, and the limits of scores and columns.
    pub drift: DriftSettings,
}

impl MonitoringOptions {
    /// Kinds of findings that a batch may have: ranking, calibration, slope, base rate, scores, columns. Chance is shared out
    /// among them (Bonferroni), so that one in twenty still batches is told of, and not one in twenty per kind.
    const KINDS: f64 = 6.0;

    /// How much the interval of one kind holds.
    fn shared_confidence(&self) -> f64 {
        1.0 - (1.0 - self.confidence) / Self::KINDS
    }

    /// The settings of drift with the significance of one kind.
    fn shared_drift(&self) -> DriftSettings {
        DriftSettings { significance: self.drift.significance / Self::KINDS, ..self.drift.clone() }
    }
}

impl Default for MonitoringOptions {
    fn default() -> Self {
        Self {
            probabilities: None,
            confidence: 0.95,
            auc_loss: 0.05,
            off_by: 1.25,
            unknown_rise: 0.05,
            unseen_share: 0.01,
            drift: DriftSettings::default(),
        }
    }
}

/// A series of batches, judged. Made by [`monitoring_report`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MonitoringReport {
    /// How it stands, in plain words.
    pub says: String,
    /// When not to trust it.
    pub caution: &'static str,
    /// The level of the last batch.
    pub level: DriftLevel,
    /// The reference.
    pub reference: BatchFigures,
    /// The batches in their order.
    pub batches: Vec<BatchReport>,
    /// How much the intervals hold.
    pub confidence: f64,
    /// The population stability index from which on scores and columns are watched.
    pub watch: f64,
    /// That from which on they are acted on.
    pub act: f64,
    /// The rise of a share of unknown values that is watched.
    pub unknown_rise: f64,
}

/// One batch, judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BatchReport {
    /// Its name.
    pub name: String,
    /// The worst level of its findings.
    pub level: DriftLevel,
    /// How it stands, in plain words.
    pub says: String,
    /// What was found, the worst first.
    pub findings: Vec<Finding>,
    /// Its figures.
    pub figures: BatchFigures,
    /// How its scores moved since the reference; none where either has none.
    pub score: Option<BatchScoreShift>,
    /// Its columns, the one that moved most first.
    pub columns: Vec<BatchColumn>,
}

/// What was found, and what to do next.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Finding {
    /// Whether to watch or to act.
    pub level: DriftLevel,
    /// What was found.
    pub says: String,
    /// What to do next.
    pub next: String,
}

/// The figures of one batch; none where it has no scores, or no outcomes yet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BatchFigures {
    /// How many customers it holds.
    pub customers: Option<f64>,
    /// The mean score; none of infinite ones.
    pub mean_score: Option<f64>,
    /// The share of events, with Jeffreys' interval.
    pub base_rate: Option<Rate>,
    /// The ROC AUC with DeLong's interval, or why there is none; of a histogram that of its bins.
    pub roc_auc: Option<GroupFigure<Bounded>>,
    /// What came against what was said, where scores are probabilities.
    pub calibration: Option<BatchCalibration>,
}

/// What moved in a column.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BatchColumn {
    /// The column.
    pub name: String,
    /// The population stability index.
    pub population_stability: f64,
    /// What chance alone makes of it.
    pub noise: Option<f64>,
    /// Adjusted for the number of columns.
    pub adjusted_p_value: f64,
    /// Its level by itself.
    pub level: DriftLevel,
    /// The share of unknown values then.
    pub unknown_before: f64,
    /// The share of unknown values now.
    pub unknown_now: f64,
    /// Levels that the reference does not have.
    pub unseen: Vec<UnseenLevel>,
}

/// Judges a series of batches against a reference: the test set of the model, or its first month.
///
/// A finding needs both a size that matters and more than chance, which is shared out among the six kinds of findings; only
/// levels that the reference lacks are told of by their share alone. A batch has the worst level of its findings.
///
/// ```
/// use tierwise::{Outcome, evaluate::{Batch, BatchScores, DriftLevel, MonitoringOptions, monitoring_report}};
/// let scores: Vec<f64> = (0..2000).map(|row| f64::from(row % 100) / 100.0).collect();
/// let (then, now): (Vec<bool>, Vec<bool>) =
///     (0..2000).map(|row| ((row * 7) % 100 < row % 100, (row * 7) % 200 < row % 100)).unzip();
/// let (then, now) = (Outcome::binary("bought", &then), Outcome::binary("bought", &now));
/// let batch = Batch { name: "May", scores: BatchScores::Rows { scores: &scores, outcome: Some(&now) }, drift: None };
/// let reference = BatchScores::Rows { scores: &scores, outcome: Some(&then) };
/// let found = monitoring_report(reference, &[batch], &MonitoringOptions::default())?;
/// assert_eq!(found.level, DriftLevel::Act); // only half as many buy as was said
/// assert!(found.batches[0].findings.iter().any(|one| one.says == "50 % was said on average, and 24 % came."));
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::EmptyTable`] for no batches and for scores of nobody; [`Error::InvalidParameter`] for two batches of one name, a
/// histogram beside rows, and options outside their range; [`Error::CannotMerge`] for histograms with other edges;
/// [`Error::WrongLength`]; [`Error::InvalidValue`] with the row for scores and outcomes; [`Error::NotFinite`] for infinite
/// scores where a reference is compared.
pub fn monitoring_report(
    reference: BatchScores<'_>,
    batches: &[Batch<'_>],
    options: &MonitoringOptions,
) -> Result<MonitoringReport> {
    check(batches, options)?;
    let (then, then_rows) = scores::figures("the reference", reference, options)?;
    let settings = options.shared_drift();
    let mut judged = Vec::with_capacity(batches.len());
    for batch in batches {
        let (figures, rows) = scores::figures(batch.name, batch.scores, options)?;
        let score = scores::shift(reference, batch, (&then_rows, &rows), &settings)?;
        let columns = batch.drift.iter().flat_map(|drift| &drift.columns);
        let mut columns: Vec<BatchColumn> = columns.map(|found| column(found, &settings)).collect();
        columns.sort_by(|one, two| {
            two.level.cmp(&one.level).then(two.population_stability.total_cmp(&one.population_stability))
        });
        let drift = batch.drift.as_ref();
        let found = findings::findings(&then, &figures, score.as_ref(), drift, options, &settings);
        judged.push(batch_report(batch.name, found, figures, score, columns));
    }
    let last = &judged[judged.len() - 1];
    let of = |level: DriftLevel| judged.iter().filter(|batch| batch.level == level).count();
    let says = format!(
        "{} Of {} batches {} are stable, {} to be watched, {} to be acted on.",
        last.says,
        judged.len(),
        of(DriftLevel::Stable),
        of(DriftLevel::Watch),
        of(DriftLevel::Act)
    );
    let caution = "Of twenty batches in which nothing changed, one may be expected to look as if something had. Where outcomes come \
                   late, ranking and calibration of the last batches are not known yet, or rest on those who acted early.";
    Ok(MonitoringReport {
        says,
        caution,
        level: last.level,
        reference: then,
        confidence: options.confidence,
        watch: options.drift.watch,
        act: options.drift.act,
        unknown_rise: options.unknown_rise,
        batches: judged,
    })
}

fn check(batches: &[Batch<'_>], options: &MonitoringOptions) -> Result<()> {
    check_confidence(OF, options.confidence)?;
    for (name, value, low, high) in [
        ("auc_loss", options.auc_loss, 0.0, 1.0),
        ("off_by", options.off_by, 1.0, 1e9),
        ("unknown_rise", options.unknown_rise, 0.0, 1.0),
        ("unseen_share", options.unseen_share, 0.0, 1.0),
    ] {
        if !(low..=high).contains(&value) {
            return Err(parameter(OF, name, &format!("a number in [{low}, {high}]"), &value));
        }
    }
    if batches.is_empty() {
        return Err(Error::EmptyTable { what: "the list of batches".into() });
    }
    let twice =
        batches.iter().enumerate().find(|(at, one)| batches[..*at].iter().any(|before| before.name == one.name));
    match twice {
        Some((_, batch)) => {
            Err(parameter(OF, "batches", "batches of different names", &format!("`{}` twice", batch.name)))
        }
        None => Ok(()),
    }
}

fn column(found: &ColumnDrift, settings: &DriftSettings) -> BatchColumn {
    BatchColumn {
        name: found.column.clone(),
        population_stability: found.population_stability,
        noise: found.noise,
        adjusted_p_value: found.adjusted_p_value,
        level: DriftLevel::of(found.population_stability, found.adjusted_p_value, settings),
        unknown_before: found.unknown.reference,
        unknown_now: found.unknown.current,
        unseen: found.unseen.clone(),
    }
}

fn batch_report(
    name: &str,
    mut findings: Vec<Finding>,
    figures: BatchFigures,
    score: Option<BatchScoreShift>,
    columns: Vec<BatchColumn>,
) -> BatchReport {
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    let level = findings.first().map_or(DriftLevel::Stable, |finding| finding.level);
    let whose = figures.customers.map_or_else(String::new, |customers| format!(" ({} customers)", count(customers)));
    let says = match (level, findings.first()) {
        (DriftLevel::Act, Some(finding)) => format!("{}{whose}: act. {}", listed(&[name]), finding.says),
        (DriftLevel::Watch, Some(finding)) => format!("{}{whose}: watch. {}", listed(&[name]), finding.says),
        _ => format!("{}{whose}: stable, as far as can be seen.", listed(&[name])),
    };
    BatchReport { name: name.to_owned(), level, says, findings, figures, score, columns }
}
