//! Whom do we call? By capacity, by money, and by price.

use super::order::{TopRow, top_row};
use super::{Judged, OF, ReportWords};
use crate::Result;
use crate::evaluate::AucScale;
use crate::evaluate::before_after::Bounded;
use crate::evaluate::decision_curve::{DecisionRow, decision_curve};
use crate::evaluate::decisions::{BestCut, CapacityCut, Confusion, Goal, Payoff, ProfitRow, cut_for_capacity};
use crate::evaluate::rows::parameter;
use crate::evaluate::words::{amount, between, count, of_hundred, percent};
use serde::Serialize;

/// How far a capacity reaches.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CapacityReport {
    /// In plain words.
    pub words: ReportWords,
    /// How many can be called.
    pub capacity: f64,
    /// Where that cuts the list; an infinite cut is null in JSON.
    pub cut: CapacityCut,
    /// What the called hold, equal scores at the cut in part.
    pub top: TopRow,
    /// How many events as many customers picked at random would hold.
    pub events_at_random: f64,
}

/// Which cut earns most.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProfitReport {
    /// In plain words.
    pub words: ReportWords,
    /// The cut with the greatest profit on these rows; an infinite cut (call nobody) is null in JSON.
    pub best: BestCut,
    /// What it earns to call all.
    pub profit_of_all: f64,
    /// What it earns to call nobody.
    pub profit_of_none: f64,
    /// The cut that follows from the amounts alone, where scores are probabilities and calling is better for events only.
    pub break_even: Option<BreakEven>,
    /// What it earns to call so many, thinned to at most two hundred rows.
    pub curve: Vec<ProfitRow>,
}

/// The probability from which a call pays, which is not chosen on these rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BreakEven {
    /// The probability.
    pub cut: f64,
    /// Who is called at it.
    pub confusion: Confusion,
    /// What that earns.
    pub profit: f64,
}

/// At which prices it is worth to act on the probabilities.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DecisionReport {
    /// In plain words.
    pub words: ReportWords,
    /// Net benefit by hundredths.
    pub curve: Vec<DecisionRow>,
    /// The ends of the longest range of thresholds in which acting on the probabilities beats calling all and calling
    /// nobody; none where there is none.
    pub useful: Option<(f64, f64)>,
}

pub(super) fn capacity(judged: &Judged<'_>, capacity: f64) -> Result<CapacityReport> {
    if !(capacity > 0.0 && capacity.is_finite()) {
        return Err(parameter(OF, "capacity", "a number of customers in (0, inf)", &capacity));
    }
    let (customers, events) = judged.totals();
    let cut = cut_for_capacity(judged.scores, judged.outcome.row_weights(), capacity)?;
    let top = top_row(judged, (capacity / customers).min(1.0))?;
    let events_at_random = top.customers * events / customers;
    let happened = judged.options.happened;
    let says = format!(
        "Of the first {} on the list {} {happened}, {} of 100 ({}); as many picked at random would hold {}. The list reaches \
         {} of all who {happened}.",
        count(top.customers),
        count(top.events),
        of_hundred(top.rate.rate),
        between(
            judged.confidence(),
            &Bounded { value: top.rate.rate, low: top.rate.low, high: top.rate.high },
            of_hundred
        ),
        count(events_at_random),
        percent(top.capture.value),
    );
    let mut doubts = Vec::new();
    if capacity >= customers {
        doubts.push(format!("All {} customers can be called: no score is needed for that.", count(customers)));
    }
    if cut.spare > 0.0 && cut.tied > cut.spare {
        doubts.push(format!(
            "{} customers share the score at the end of the list, and {} of them can be called: choose among them by something \
             else.",
            count(cut.tied),
            count(cut.spare)
        ));
    }
    let caution = "The list of a day is shorter or longer than this test set: what carries over is the share that is called, \
                   or the cut where scores are probabilities.";
    let words = ReportWords::new(says, doubts, caution);
    Ok(CapacityReport { words, capacity, cut, top, events_at_random })
}

pub(super) fn profit(judged: &Judged<'_>, payoff: Payoff) -> Result<ProfitReport> {
    let best = judged.ranking.best_cut(Goal::Profit(payoff))?;
    let full = judged.ranking.profit_curve(&payoff)?;
    if let Some(row) = full.iter().find(|row| !row.profit.is_finite()) {
        return Err(parameter(OF, "payoff", "amounts whose sum over the customers is a number", &row.profit));
    }
    let last = full.len() - 1;
    let steps = last.min(199);
    let curve: Vec<ProfitRow> = (0..=steps).map(|step| full[step * last / steps.max(1)]).collect();
    let (profit_of_none, profit_of_all) = (full[0].profit, full[last].profit);
    let break_even = break_even(judged, payoff)?;
    let called = best.confusion.called();
    let says = if called == 0.0 {
        format!(
            "Calling nobody earns most on these rows: {}; calling all would earn {}.",
            amount(profit_of_none),
            amount(profit_of_all)
        )
    } else {
        format!(
            "Calling the {} who score at least {} earns most, {}; calling all would earn {}, calling nobody {}.",
            count(called),
            amount(best.cut),
            amount(best.value),
            amount(profit_of_all),
            amount(profit_of_none)
        )
    };
    let mut doubts = Vec::new();
    if called > 0.0 && best.confusion.true_positives < 30.0 {
        doubts.push(format!("It rests on {} events among the called.", count(best.confusion.true_positives)));
    }
    if best.value <= profit_of_all && called > 0.0 {
        doubts.push("It is no better than calling all: at these amounts no score is needed.".into());
    }
    if let Some(even) = &break_even {
        doubts.push(format!(
            "From the amounts alone a call pays from a probability of {}; at that cut, which was not chosen on these rows, the \
             profit is {}.",
            percent(even.cut),
            amount(even.profit)
        ));
    }
    let caution = "The cut was chosen because it looks best on these rows: on new ones it earns less. And it is as good as the \
                   amounts that were put in.";
    let words = ReportWords::new(says, doubts, caution);
    Ok(ProfitReport { words, best, profit_of_all, profit_of_none, break_even, curve })
}

/// A call pays where `p · (TP − FN) + (1 − p) · (FP − TN) > 0` (Elkan 2001).
fn break_even(judged: &Judged<'_>, payoff: Payoff) -> Result<Option<BreakEven>> {
    let gain = payoff.true_positive - payoff.false_negative;
    let loss = payoff.true_negative - payoff.false_positive;
    if !judged.probabilities || gain <= 0.0 || loss <= 0.0 {
        return Ok(None);
    }
    let cut = loss / (gain + loss);
    let confusion = judged.ranking.confusion(cut)?;
    Ok(Some(BreakEven { cut, confusion, profit: confusion.profit(&payoff) }))
}

pub(super) fn decision(judged: &Judged<'_>) -> Result<DecisionReport> {
    let thresholds: Vec<f64> = (1..100).map(|hundredth| f64::from(hundredth) / 100.0).collect();
    let curve = decision_curve(judged.outcome, judged.scores, &thresholds)?;
    let useful = longest_useful(&curve);
    let says = match useful {
        Some((low, high)) => format!(
            "Acting on these probabilities beats calling all and calling nobody where a call is worth it from a chance of {} up \
             to {}.",
            percent(low),
            percent(high)
        ),
        None => "At no price does acting on these probabilities beat both calling all and calling nobody.".into(),
    };
    let mut doubts = Vec::new();
    let area = judged.ranking.roc_auc_interval(judged.confidence(), AucScale::Logit);
    if useful.is_some() && area.is_ok_and(|area| area.low <= 0.5) {
        doubts.push("The score is not shown to rank better than by lot, so this range may be chance.".into());
    }
    let caution = "A threshold is a price: at 20 % four calls for nothing outweigh one hit. Near the ends of the range the gain \
                   is small, and it has no interval.";
    Ok(DecisionReport { words: ReportWords::new(says, doubts, caution), curve, useful })
}

/// Where few are called the curve crosses that of nobody at random, so that single thresholds beyond the range say nothing.
fn longest_useful(curve: &[DecisionRow]) -> Option<(f64, f64)> {
    let better = |row: &DecisionRow| row.net_benefit > row.net_benefit_of_all.max(0.0) + 1e-12;
    let runs = curve.split(|row| !better(row)).max_by_key(|run| run.len())?;
    Some((runs.first()?.threshold, runs.last()?.threshold))
}
