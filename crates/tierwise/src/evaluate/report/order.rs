//! Do those who are looked for score higher, and what does the top of the list hold?

use super::{Judged, ReportWords};
use crate::Result;
use crate::evaluate::before_after::{Bounded, ratio};
use crate::evaluate::bootstrap::{BootstrapInterval, Figure};
use crate::evaluate::delong::{AucScale, RocAuc};
use crate::evaluate::fairness::GroupFigure;
use crate::evaluate::lift::LiftRow;
use crate::evaluate::ranking::KolmogorovSmirnov;
use crate::evaluate::words::{between, count, of_hundred, percent, times, top};
use crate::rates::Rate;
use serde::Serialize;

/// The shares of the customers whose figures are given: tenths, and the shorter lists that are called most often.
const SHARES: [f64; 12] = [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
const TENTH: usize = 2;

/// Whether those who are looked for score higher.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RankingReport {
    /// In plain words.
    pub words: ReportWords,
    /// The area under the ROC curve.
    pub roc_auc: f64,
    /// With DeLong's interval, symmetric in log-odds; or why there is none.
    pub roc_auc_interval: GroupFigure<RocAuc>,
    /// The Gini coefficient.
    pub gini: f64,
    /// The greatest distance between the scores of events and others.
    pub kolmogorov_smirnov: KolmogorovSmirnov,
    /// The area under the precision-recall curve.
    pub average_precision: f64,
    /// Its interval, where rows may be drawn anew.
    pub average_precision_interval: Option<GroupFigure<Bounded>>,
    /// How many different scores there are.
    pub distinct_scores: usize,
    /// The ROC curve, thinned to at most two hundred points.
    pub curve: Vec<RocPoint>,
}

/// A point of the ROC curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RocPoint {
    /// The share of the others that is called.
    pub false_positive_rate: f64,
    /// The share of the events that is called.
    pub true_positive_rate: f64,
}

/// What the top of the list holds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopReport {
    /// In plain words.
    pub words: ReportWords,
    /// The best hundredth, twentieth, and tenths.
    pub table: Vec<TopRow>,
    /// The curve of gain: every hundredth.
    pub curve: Vec<LiftRow>,
}

/// What the best-scoring share of the customers holds, with intervals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopRow {
    /// The share of the customers.
    pub share: f64,
    /// How many they are.
    pub customers: f64,
    /// The lowest score among them; none where it is infinite.
    pub cut: Option<f64>,
    /// How many events are expected among them.
    pub events: f64,
    /// The share of events among them, with the interval of Jeffreys.
    pub rate: Rate,
    /// The share of all events that is among them.
    pub capture: Bounded,
    /// Their rate over that of all.
    pub lift: Bounded,
}

pub(super) fn ranking(judged: &Judged<'_>) -> RankingReport {
    let order = &judged.ranking;
    let (roc_auc, confidence) = (order.roc_auc(), judged.confidence());
    let interval = GroupFigure::of(order.roc_auc_interval(confidence, AucScale::Logit));
    let distinct = order.scores().len();
    let happened = judged.options.happened;
    let sure = interval.known().map_or_else(
        || "how sure that is cannot be said".to_owned(),
        |auc| between(confidence, &Bounded { value: auc.value, low: auc.low, high: auc.high }, of_hundred),
    );
    let says = format!(
        "Of 100 pairs of a customer who {happened} and one of whom that is not true, the first scores higher in {} \
         ({sure}; a coin would get 50).",
        of_hundred(roc_auc)
    );
    let caution = "It says nothing of how high a probability is, nor of where on the list the errors are, and does not see \
                   how rare events are: look at the top of the list too.";
    RankingReport {
        words: ReportWords::new(says, doubts(judged, roc_auc, &interval), caution),
        roc_auc,
        roc_auc_interval: interval,
        gini: order.gini(),
        kolmogorov_smirnov: order.kolmogorov_smirnov(),
        average_precision: order.average_precision(),
        average_precision_interval: drawn(judged, Figure::AveragePrecision),
        distinct_scores: distinct,
        curve: roc_curve(judged),
    }
}

fn doubts(judged: &Judged<'_>, roc_auc: f64, interval: &GroupFigure<RocAuc>) -> Vec<String> {
    let mut doubts = Vec::new();
    match interval {
        GroupFigure::Not(why) => doubts.push(format!("There is no interval: {why}.")),
        GroupFigure::Known(auc) if auc.high < 0.5 => {
            doubts.push(
                "The score points the wrong way: high scores are the unlikely ones. Was the other label meant?".into(),
            );
        }
        GroupFigure::Known(auc) if auc.low <= 0.5 => {
            doubts.push("The interval holds 50: it is open whether the score ranks better than a coin.".into());
        }
        GroupFigure::Known(_) if roc_auc > 0.97 => doubts.push(
            "This is almost too good: does a column know what came afterwards, or was the model learned on these rows?"
                .into(),
        ),
        GroupFigure::Known(_) => {}
    }
    if judged.rarer() < 20.0 {
        doubts.push(format!(
            "With {} customers of the rarer outcome the interval itself is rough.",
            count(judged.rarer())
        ));
    }
    match judged.ranking.scores().len() {
        1 => doubts.push("All scores are equal: there is no order.".into()),
        few @ 2..=9 => doubts.push(format!("There are {few} different scores only: within each the order is open.")),
        _ => {}
    }
    doubts
}

/// The interval of a figure by drawing rows, where that was asked for.
pub(super) fn drawn(judged: &Judged<'_>, figure: Figure) -> Option<GroupFigure<Bounded>> {
    let bootstrap = judged.options.bootstrap.clone()?.confidence(judged.confidence());
    Some(GroupFigure::of(bootstrap.interval(judged.outcome, judged.scores, figure).map(|found| ends_of(&found))))
}

pub(super) fn ends_of(found: &BootstrapInterval) -> Bounded {
    Bounded { value: found.value, low: found.low, high: found.high }
}

fn roc_curve(judged: &Judged<'_>) -> Vec<RocPoint> {
    const MOST: usize = 200;
    let curve = judged.ranking.roc_curve(true);
    let last = curve.cuts.len() - 1;
    let steps = last.min(MOST - 1);
    let point = |step: usize| {
        let at = step * last / steps;
        RocPoint {
            false_positive_rate: curve.false_positive_rates[at],
            true_positive_rate: curve.true_positive_rates[at],
        }
    };
    (0..=steps).map(point).collect()
}

pub(super) fn top_of_list(judged: &Judged<'_>) -> Result<TopReport> {
    let table: Vec<TopRow> = SHARES.iter().map(|&share| top_row(judged, share)).collect::<Result<_>>()?;
    let hundredths: Vec<f64> = (1..=100).map(|hundredth| f64::from(hundredth) / 100.0).collect();
    let curve = judged.ranking.lift_table(&hundredths)?;
    let tenth = &table[TENTH];
    let happened = judged.options.happened;
    let says = format!(
        "Of 100 customers in {} {} {happened}; that is {} times the average ({}). They are {} of all who {happened}.",
        top(tenth.share),
        of_hundred(tenth.rate.rate),
        times(tenth.lift.value),
        between(judged.confidence(), &tenth.lift, times),
        percent(tenth.capture.value),
    );
    let caution = "Where the list was already worked by this score, the others had no chance. And compare \
                   lifts only among customers of whom as many are events: where every second is one, a lift of 2 is perfect.";
    Ok(TopReport { words: ReportWords::new(says, top_doubts(judged, tenth)?, caution), table, curve })
}

/// What so many of the best-scoring customers hold.
pub(super) fn top_row(judged: &Judged<'_>, share: f64) -> Result<TopRow> {
    let found = judged.ranking.lift_table(&[share])?.remove(0);
    let (customers, events) = judged.totals();
    let rate = judged.rate(found.events, found.weight)?;
    let lift = lift_interval(judged, &found, &rate);
    let of_all = |lift: f64| (lift * found.weight / customers).min(1.0);
    let value = found.events / events;
    let capture = Bounded { value, low: of_all(lift.low).min(value), high: of_all(lift.high).max(value) };
    let cut = found.cut.is_finite().then_some(found.cut);
    Ok(TopRow { share: found.share, customers: found.weight, cut, events: found.events, rate, capture, lift })
}

/// A lift is a function of the ratio of the rate below the top of the list to the rate in it, and falls with it. Where one of
/// them has no event, or nothing else, there is no such ratio, and only one end: then it follows from the interval of the rate.
fn lift_interval(judged: &Judged<'_>, found: &LiftRow, rate: &Rate) -> Bounded {
    let (customers, events) = judged.totals();
    let (rest, share) = ((customers - found.weight).max(0.0), found.weight / customers);
    if rest <= customers * 1e-12 {
        return Bounded { value: found.lift, low: 1.0, high: 1.0 };
    }
    let most = (customers / found.weight).min(customers / events);
    let below = ((events - found.events).max(0.0), rest);
    // Of a side that is all events the ratio has no error, though the true rate may be lower.
    let all_events = rate.events >= found.weight || below.0 >= rest;
    let ratio = ratio(below, (rate.events, found.weight), judged.confidence());
    if let Some(ratio) = ratio.filter(|_| !all_events) {
        let lift = |ratio: f64| 1.0 / (share + (1.0 - share) * ratio);
        let (low, high) = (lift(ratio.high).min(found.lift), lift(ratio.low).max(found.lift).min(most));
        return Bounded { value: found.lift, low, high };
    }
    let lift = |rate: f64| (rate * customers / events).min(most);
    Bounded { value: found.lift, low: lift(rate.low), high: lift(rate.high).max(found.lift) }
}

fn top_doubts(judged: &Judged<'_>, tenth: &TopRow) -> Result<Vec<String>> {
    let mut doubts = Vec::new();
    let (customers, events) = judged.totals();
    if tenth.lift.high < 1.0 {
        doubts.push(
            "The top holds fewer than customers picked at random would: the score points the wrong way, or was turned \
             round."
                .into(),
        );
    } else if tenth.lift.low <= 1.0 {
        doubts.push("The interval holds 1: the top may be no better than customers picked at random.".into());
    }
    if tenth.events == 0.0 || tenth.events >= events {
        let side = if tenth.events == 0.0 { "above" } else { "below" };
        doubts.push(format!(
            "Either none or all of the events are in the top: of the interval only the end {side} means something."
        ));
    }
    if let Some(cut) = tenth.cut {
        let reached = judged.ranking.confusion(cut)?.called();
        if reached > 1.2 * tenth.customers {
            doubts.push(format!(
                "The list has no clear end there: {} customers score as much as the last of the tenth or more, and which of \
                 the equals are called is chance.",
                count(reached)
            ));
        }
    }
    if events > customers / 2.0 {
        let most = customers / events;
        doubts
            .push(format!("Where {} are events anyway, no lift can be above {most:.2}.", percent(events / customers)));
    }
    Ok(doubts)
}
