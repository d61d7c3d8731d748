//! One call for everything: how good a score is on a test set, as figures, tables and plain sentences.

mod beside;
mod calibration;
mod decisions;
mod histogram;
mod model_terms;
mod numbers;
mod order;

pub use crate::evaluate::words::ReportWords;
use crate::evaluate::words::{count, percent};
pub use beside::{ChampionReport, GroupsReport, ScoreDriftReport};
pub use calibration::CalibrationReport;
pub use decisions::{BreakEven, CapacityReport, DecisionReport, ProfitReport};
pub use histogram::{HistogramReport, HistogramReportBin};
pub use model_terms::{ModelReport, TermReport, UnknownShare, report_model};
pub use numbers::{NumberIntervals, NumberReport, report_numbers};
pub use order::{RankingReport, RocPoint, TopReport, TopRow};

use super::bootstrap::Bootstrap;
use super::decisions::Payoff;
use super::fairness::GroupFigure;
use super::ranking::Ranking;
use super::rows::{Rows, parameter};
use crate::rates::{Rate, check_confidence, rate};
use crate::{Error, Outcome, Result};
use serde::Serialize;

const OF: &str = "report";

/// What a report is to hold besides the figures that every score has.
///
/// ```
/// use tierwise::evaluate::ReportOptions;
/// let options = ReportOptions { capacity: Some(800.0), happened: "bought", ..ReportOptions::default() };
/// assert_eq!((options.confidence, options.probabilities), (0.95, None));
/// ```
#[derive(Debug, Clone)]
pub struct ReportOptions<'a> {
    /// Whether scores are probabilities, so that calibration is judged; they are taken for such where all lie within 0 and 1
    /// unless it is said.
    pub probabilities: Option<bool>,
    /// What the sentences say of events: "bought", "left"; "had the outcome" by default.
    pub happened: &'a str,
    /// How many customers can be called.
    pub capacity: Option<f64>,
    /// What each case earns.
    pub payoff: Option<Payoff>,
    /// Groups whose figures are given apart.
    pub groups: &'a [ReportGroups<'a>],
    /// The scores of other customers, such as those the model was learned from, to see whether these are others.
    pub reference: Option<&'a [f64]>,
    /// The score in use, of the same rows, which the judged one is to replace.
    pub champion: Option<&'a [f64]>,
    /// How much the intervals hold; 0.95 by default.
    pub confidence: f64,
    /// For the intervals that need rows to be drawn; none are given without it. Its own confidence is replaced.
    pub bootstrap: Option<Bootstrap>,
}

impl Default for ReportOptions<'_> {
    fn default() -> Self {
        Self {
            probabilities: None,
            happened: "had the outcome",
            capacity: None,
            payoff: None,
            groups: &[],
            reference: None,
            champion: None,
            confidence: 0.95,
            bootstrap: None,
        }
    }
}

/// The group of each row.
#[derive(Debug, Clone, Copy)]
pub struct ReportGroups<'a> {
    /// What tells the groups apart: "region".
    pub name: &'a str,
    /// The names of the groups.
    pub names: &'a [String],
    /// The position of each row's group.
    pub codes: &'a [u32],
}

/// How good a score is. Made by [`report`]; as JSON it is the numbers of the page that Python writes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// What was judged.
    pub overview: OverviewReport,
    /// Whether those who are looked for score higher.
    pub ranking: RankingReport,
    /// What the top of the list holds.
    pub top: TopReport,
    /// How the scores of events and others are spread.
    pub histogram: GroupFigure<HistogramReport>,
    /// Whether the probabilities mean what they say; or why that is not judged.
    pub calibration: GroupFigure<CalibrationReport>,
    /// How far the capacity reaches, where there is one.
    pub capacity: Option<CapacityReport>,
    /// Which cut earns most, where it is said what a call earns.
    pub profit: Option<ProfitReport>,
    /// At which prices it is worth to act on the probabilities.
    pub decision: GroupFigure<DecisionReport>,
    /// The figures by group.
    pub groups: Vec<GroupsReport>,
    /// Whether these are other customers than those of the reference.
    pub drift: Option<ScoreDriftReport>,
    /// Whether the score may replace the one in use.
    pub champion: Option<GroupFigure<ChampionReport>>,
}

/// What was judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OverviewReport {
    /// In plain words.
    pub words: ReportWords,
    /// The name of the outcome.
    pub outcome: String,
    /// The label that is meant by yes.
    pub positive: String,
    /// What the sentences say of events.
    pub happened: String,
    /// Rows that carry weight.
    pub rows: f64,
    /// The customers they stand for.
    pub customers: f64,
    /// The share of events, with the interval of Jeffreys.
    pub base_rate: Rate,
    /// Whether scores are judged as probabilities.
    pub probabilities: bool,
    /// How much the intervals hold.
    pub confidence: f64,
}

/// Judges a score: every section as figures, as tables and as a plain sentence with what speaks against it.
///
/// The figures are those of the functions of this module: nothing is computed in another way here, except for the interval of
/// a lift, which follows from the ratio of the rates in and below the top of the list ([`ratio_of_rates`](super::ratio_of_rates),
/// Katz et al. 1978; inferred). What cannot be computed says why ([`GroupFigure`]).
///
/// ```
/// use tierwise::{Outcome, evaluate::{ReportOptions, report}};
/// let bought: Vec<bool> = (0..2000).map(|row| (row * 7) % 100 < row % 100).collect();
/// let chance: Vec<f64> = (0..2000).map(|row| f64::from(row % 100) / 100.0).collect();
/// let options = ReportOptions { capacity: Some(300.0), happened: "bought", ..ReportOptions::default() };
/// let found = report(&Outcome::binary("bought", &bought), &chance, &options)?;
/// assert_eq!(found.top.table[2].share, 0.1);
/// assert!(found.top.words.says.starts_with("Of 100 customers in the top tenth 100 bought"), "{}", found.top.words.says);
/// assert_eq!(found.capacity.map(|capacity| capacity.top.customers), Some(300.0));
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::OneClass`] where nothing can be told apart; [`Error::InvalidValue`] with the row for an unknown score, and for one
/// outside [0, 1] where `probabilities` is true; [`Error::WrongLength`] and [`Error::EmptyTable`];
/// [`Error::InvalidParameter`] for options outside their range; those of [`by_group`](super::by_group),
/// [`column_drift`](super::column_drift) and [`promotion`](super::promotion) for what is given to them.
pub fn report(outcome: &Outcome<'_>, scores: &[f64], options: &ReportOptions<'_>) -> Result<Report> {
    check_confidence(OF, options.confidence)?;
    let judged = Judged::new(outcome, scores, options)?;
    Ok(Report {
        overview: judged.overview()?,
        ranking: order::ranking(&judged),
        top: order::top_of_list(&judged)?,
        histogram: GroupFigure::of(histogram::histogram(&judged)),
        calibration: match judged.probable() {
            Ok(()) => GroupFigure::Known(calibration::calibration(&judged)?),
            Err(why) => GroupFigure::Not(why),
        },
        capacity: options.capacity.map(|capacity| decisions::capacity(&judged, capacity)).transpose()?,
        profit: options.payoff.map(|payoff| decisions::profit(&judged, payoff)).transpose()?,
        decision: match judged.probable() {
            Ok(()) => GroupFigure::Known(decisions::decision(&judged)?),
            Err(why) => GroupFigure::Not(why),
        },
        groups: options.groups.iter().map(|groups| beside::groups(&judged, groups)).collect::<Result<_>>()?,
        drift: options.reference.map(|reference| beside::drift(&judged, reference)).transpose()?,
        champion: options.champion.map(|champion| if_enough(beside::champion(&judged, champion))).transpose()?,
    })
}

/// Sound rows, sorted once.
struct Judged<'a> {
    outcome: &'a Outcome<'a>,
    scores: &'a [f64],
    rows: Rows<'a>,
    ranking: Ranking,
    probabilities: bool,
    options: &'a ReportOptions<'a>,
}

impl<'a> Judged<'a> {
    fn new(outcome: &'a Outcome<'a>, scores: &'a [f64], options: &'a ReportOptions<'a>) -> Result<Self> {
        let rows = if options.probabilities == Some(true) {
            Rows::probable(OF, outcome, scores)?
        } else {
            Rows::ranked(OF, outcome, scores)?
        };
        let ranking = Ranking::of_rows(&rows.both_classes()?);
        let within = scores.iter().all(|score| (0.0..=1.0).contains(score));
        Ok(Self { outcome, scores, rows, ranking, probabilities: options.probabilities.unwrap_or(within), options })
    }

    fn confidence(&self) -> f64 {
        self.options.confidence
    }

    /// Customers, and events among them.
    fn totals(&self) -> (f64, f64) {
        let (events, others) = self.ranking.totals();
        (events + others, events)
    }

    /// Customers of the rarer outcome.
    fn rarer(&self) -> f64 {
        let (events, others) = self.ranking.totals();
        events.min(others)
    }

    /// A share of customers with the interval of Jeffreys; of shared customers there may be more events by rounding.
    fn rate(&self, events: f64, customers: f64) -> Result<Rate> {
        rate(events.clamp(0.0, customers), customers, self.confidence())
    }

    fn probable(&self) -> Result<()> {
        if self.probabilities {
            return Ok(());
        }
        match self.scores.iter().position(|score| !(0.0..=1.0).contains(score)) {
            Some(row) => {
                let must_be = "it must be a number in [0, 1] for calibration to be judged; turn it into a probability";
                Err(Error::invalid_value("the score", row, self.scores[row], must_be))
            }
            None => Err(parameter(OF, "probabilities", "true for calibration to be judged", &"false")),
        }
    }

    fn overview(&self) -> Result<OverviewReport> {
        let (customers, events) = self.totals();
        let base_rate = self.rate(events, customers)?;
        let happened = self.options.happened;
        let says = format!(
            "Judged on {} customers, of whom {} {happened}: {} ({} between {} and {}).",
            count(customers),
            count(events),
            percent(base_rate.rate),
            percent(self.confidence()),
            percent(base_rate.low),
            percent(base_rate.high),
        );
        let rarer = self.rarer();
        let kind = if rarer == events {
            format!("who {happened}")
        } else {
            format!("of whom it is not true that they {happened}")
        };
        let doubts = if rarer < 10.0 {
            vec![format!("There are {} customers {kind}: too few for any figure below to be relied on.", count(rarer))]
        } else if rarer < 100.0 {
            vec![format!(
                "There are {} customers {kind}: figures move much from one test set to the next. A hundred are the customary least.",
                count(rarer)
            )]
        } else {
            Vec::new()
        };
        let caution = "The customers must be new to the model, and like those it will be used for: on the rows it was \
                       learned from, every model looks better than it is, and next year may differ from this one.";
        Ok(OverviewReport {
            words: ReportWords::new(says, doubts, caution),
            outcome: self.outcome.name().to_owned(),
            positive: self.outcome.positive().to_owned(),
            happened: happened.to_owned(),
            rows: (0..self.rows.len()).filter(|&row| self.rows.weight(row) > 0.0).count() as f64,
            customers,
            base_rate,
            probabilities: self.probabilities,
            confidence: self.confidence(),
        })
    }
}

/// A part of the page that too few customers leave out; other errors are the caller's to mend.
fn if_enough<T>(found: Result<T>) -> Result<GroupFigure<T>> {
    match found {
        Err(error @ Error::NotEnoughData { .. }) => Ok(GroupFigure::Not(error)),
        found => found.map(GroupFigure::Known),
    }
}
