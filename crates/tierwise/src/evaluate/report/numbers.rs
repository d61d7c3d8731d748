//! The report of predicted amounts.

use super::order::ends_of;
use super::{OF, ReportWords};
use crate::Result;
use crate::evaluate::before_after::Bounded;
use crate::evaluate::bootstrap::Bootstrap;
use crate::evaluate::fairness::GroupFigure;
use crate::evaluate::number_figures::{NumberFigures, number_figures};
use crate::evaluate::number_interval::NumberFigure;
use crate::evaluate::spend_capture::{DecileRow, SpendCapture, decile_table, spend_capture};
use crate::evaluate::words::{amount, between, count, percent};
use crate::rates::check_confidence;
use serde::Serialize;

const SHARES: [f64; 12] = [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
const TENTH: usize = 2;

/// How good predicted amounts are. Made by [`report_numbers`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NumberReport {
    /// How far off a customer is, and the total, in plain words.
    pub words: ReportWords,
    /// How much the intervals hold.
    pub confidence: f64,
    /// All figures.
    pub figures: NumberFigures,
    /// The intervals of some, where rows may be drawn anew.
    pub intervals: Option<NumberIntervals>,
    /// Whether those who bring the money are on top, in plain words.
    pub capture_words: Option<ReportWords>,
    /// What the top of the list brings; or why that means nothing.
    pub capture: GroupFigure<Vec<SpendCapture>>,
    /// The same by hundredths, for the curve.
    pub curve: GroupFigure<Vec<SpendCapture>>,
    /// What was said and what came, by tenths; or why there are none.
    pub deciles: GroupFigure<Vec<DecileRow>>,
}

/// Intervals by drawing rows anew; each may say why there is none.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NumberIntervals {
    /// Of the mean absolute error.
    pub mean_absolute_error: GroupFigure<Bounded>,
    /// Of the bias.
    pub bias: GroupFigure<Bounded>,
    /// Of the weighted absolute percentage error.
    pub weighted_absolute_percentage_error: GroupFigure<Bounded>,
    /// Of the capture of the top tenth.
    pub capture_of_top_tenth: GroupFigure<Bounded>,
}

/// Judges predicted amounts: spend, orders, days, whatever is a number.
///
/// ```
/// use tierwise::evaluate::report_numbers;
/// let came: Vec<f64> = (0..200).map(|row| f64::from(row * row % 97)).collect();
/// let said: Vec<f64> = came.iter().map(|amount| 1.2 * amount + 1.0).collect();
/// let found = report_numbers(&came, &said, None, 0.95, None)?;
/// assert!(found.figures.bias > 0.0 && found.words.says.contains("too much"));
/// assert!(found.capture.known().is_some_and(|rows| rows[2].capture == rows[2].oracle));
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`number_figures`](super::super::number_figures); [`Error::InvalidParameter`](crate::Error::InvalidParameter) for a confidence
/// outside (0, 1).
pub fn report_numbers(
    actual: &[f64],
    predicted: &[f64],
    weights: Option<&[f64]>,
    confidence: f64,
    bootstrap: Option<&Bootstrap>,
) -> Result<NumberReport> {
    check_confidence(OF, confidence)?;
    let figures = number_figures(actual, predicted, weights)?;
    let intervals = bootstrap.map(|bootstrap| {
        let bootstrap = bootstrap.clone().confidence(confidence);
        let of = |figure| {
            GroupFigure::of(bootstrap.number_interval(actual, predicted, weights, figure).map(|found| ends_of(&found)))
        };
        NumberIntervals {
            mean_absolute_error: of(NumberFigure::MeanAbsoluteError),
            bias: of(NumberFigure::Bias),
            weighted_absolute_percentage_error: of(NumberFigure::WeightedAbsolutePercentageError),
            capture_of_top_tenth: of(NumberFigure::SpendCapture { share: 0.1 }),
        }
    });
    let hundredths: Vec<f64> = (1..=100).map(|hundredth| f64::from(hundredth) / 100.0).collect();
    let capture = GroupFigure::of(spend_capture(actual, predicted, weights, &SHARES));
    Ok(NumberReport {
        words: errors_in_words(&figures, intervals.as_ref(), confidence),
        confidence,
        capture_words: capture.known().map(|rows| capture_in_words(&rows[TENTH], intervals.as_ref(), confidence)),
        curve: GroupFigure::of(spend_capture(actual, predicted, weights, &hundredths)),
        deciles: GroupFigure::of(decile_table(actual, predicted, weights, 10)),
        figures,
        intervals,
        capture,
    })
}

fn errors_in_words(figures: &NumberFigures, intervals: Option<&NumberIntervals>, confidence: f64) -> ReportWords {
    let bias = figures.bias;
    let side = if bias > 0.0 { "too much" } else { "too little" };
    let sure = intervals.and_then(|all| all.bias.known()).map_or_else(String::new, |ends| {
        format!(" ({} too much; below 0, too little)", between(confidence, ends, amount))
    });
    let total = if bias == 0.0 {
        "in all, what was said came".to_owned()
    } else {
        format!("on average {} {side} is said{sure}", amount(bias.abs()))
    };
    let of_sum = figures
        .weighted_absolute_percentage_error
        .map_or_else(String::new, |share| format!(", which is {} of what came", percent(share)));
    let says = format!(
        "Judged on {} customers, who brought {} on average. A customer is off by {} on average{of_sum}; {total}.",
        count(figures.weight),
        amount(figures.mean_actual),
        amount(figures.mean_absolute_error)
    );
    let mut doubts = Vec::new();
    if figures.rows < 100 {
        doubts.push(format!("There are {} rows only: one large customer changes every figure.", figures.rows));
    }
    if figures.root_mean_squared_error > 3.0 * figures.mean_absolute_error && figures.rows >= 10 {
        doubts
            .push("A few customers are off by very much: the root mean squared error and R² are theirs alone.".into());
    }
    if let Some(r_squared) = figures.r_squared.filter(|r_squared| *r_squared < 0.0) {
        doubts.push(format!("Saying the mean to all would have smaller squared errors (R² {r_squared:.2})."));
    }
    if intervals.and_then(|all| all.bias.known()).is_some_and(|ends| ends.low > 0.0 || ends.high < 0.0) {
        doubts.push("The total will be off: scale the amounts before you plan with them.".into());
    }
    let caution = "The next very large customer is not in the test. Read errors, bias and capture together: a model can rank well \
                   and promise double.";
    ReportWords::new(says, doubts, caution)
}

fn capture_in_words(tenth: &SpendCapture, intervals: Option<&NumberIntervals>, confidence: f64) -> ReportWords {
    let sure = intervals
        .and_then(|all| all.capture_of_top_tenth.known())
        .map_or_else(String::new, |ends| format!(" ({})", between(confidence, ends, percent)));
    let says = format!(
        "The top tenth by prediction brought {} of all{sure}; a tenth picked at random would bring 10 %, and with hindsight {} \
         could be had.",
        percent(tenth.capture),
        percent(tenth.oracle)
    );
    let mut doubts = Vec::new();
    if tenth.oracle > 0.8 {
        doubts.push("A tenth of the customers bring nearly all: a handful of them decide this figure.".into());
    }
    let caution = "Compare it with what a plain rule reaches, such as last year's money.";
    ReportWords::new(says, doubts, caution)
}
