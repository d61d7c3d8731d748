//! The single checks: a figure, what it says, and in which direction.

use super::policy::{DynamicsPolicy, OF, StandardPolicy, TopOfList};
use super::{CheckState, Contest, Promotion, PromotionCheck, PromotionGrades, PromotionVerdict};
use crate::evaluate::before_after::{Bounded, changed};
use crate::evaluate::drift::{DriftLevel, DriftSample, DriftSettings, drift as table_drift};
use crate::evaluate::probability_loss::row_log_loss;
use crate::evaluate::rows::{Rows, parameter, reaches};
use crate::evaluate::{compare_roc_auc, recalibration};
use crate::ordered_rates::probability_of_order;
use crate::special::normal::normal_width;
use crate::{Columns, Feature, Result};

/// Probabilities nearer to 0 or 1 are moved there: one certainty that turned out wrong would make the loss infinite.
const CLIP: f64 = 1e-12;

impl PromotionCheck {
    fn new(name: &'static str, value: f64, state: CheckState, sentence: String) -> Self {
        Self { name, value: Some(value), low: None, high: None, state, sentence }
    }

    fn bounded(name: &'static str, found: Bounded, state: CheckState, sentence: String) -> Self {
        Self { low: Some(found.low), high: Some(found.high), ..Self::new(name, found.value, state, sentence) }
    }
}

/// Whether there are enough of either outcome, else the verdict that there are not.
pub(super) fn rows(contest: &Contest<'_>, least: f64) -> std::result::Result<PromotionCheck, Promotion> {
    let (all, rarer) = contest.sizes();
    if reaches(rarer, least) {
        let sentence = format!("there are {rarer} customers of the rarer outcome, and {least} are asked for.");
        return Ok(PromotionCheck::new("rows", rarer, CheckState::Passed, sentence));
    }
    let needed = (rarer > 0.0).then(|| whole_above(all * least / rarer));
    let advice = needed.map_or_else(String::new, |needed| format!("; about {needed} customers in all would do"));
    let sentence = format!("of the rarer outcome there are {rarer} customers, and {least} are asked for{advice}.");
    let reason = format!("Not enough data: {sentence}");
    let checks = vec![PromotionCheck::new("rows", rarer, CheckState::NotEnough, sentence)];
    Err(Promotion { verdict: PromotionVerdict::NotEnoughData, reason, rows_needed: needed, checks })
}

pub(super) fn ranking(contest: &Contest<'_>, policy: &StandardPolicy) -> Result<PromotionCheck> {
    let evidence = contest.evidence;
    let found = compare_roc_auc(evidence.outcome, evidence.challenger, evidence.champion, policy.confidence)?;
    let difference = Bounded { value: found.difference, low: found.low, high: found.high };
    let margin = policy.not_worse_by;
    let (state, says) = if found.low > policy.better_by {
        (CheckState::Passed, "the challenger ranks better".to_owned())
    } else if found.low > -margin {
        (CheckState::Passed, format!("the challenger ranks not shown better, but not worse by {margin} either"))
    } else if found.high < 0.0 {
        (CheckState::Failed, "the challenger ranks worse".to_owned())
    } else {
        (CheckState::NotEnough, "it is open whether the challenger ranks better or worse".to_owned())
    };
    let sentence = format!(
        "{says}: its ROC AUC is {:.4} against {:.4}, a difference of {}.",
        found.first,
        found.second,
        told(&difference)
    );
    Ok(PromotionCheck::bounded("ranking", difference, state, sentence))
}

pub(super) fn log_loss(contest: &Contest<'_>, confidence: f64) -> PromotionCheck {
    let rows = &contest.champion;
    let loss = |of: &Rows<'_>, row: usize| row_log_loss(of.happened[row], of.scores[row], CLIP);
    let difference = mean(rows, confidence, |row| loss(&contest.challenger, row) - loss(rows, row));
    let (state, says) = if difference.low > 0.0 {
        (CheckState::Failed, "the challenger's probabilities are worse")
    } else if difference.high < 0.0 {
        (CheckState::Passed, "the challenger's probabilities are better")
    } else {
        (CheckState::Passed, "the challenger's probabilities are not shown to be worse")
    };
    let sentence = format!("{says}: its log-loss less the champion's is {}.", told(&difference));
    PromotionCheck::bounded("log_loss", difference, state, sentence)
}

pub(super) fn calibration_slope(contest: &Contest<'_>, policy: &StandardPolicy) -> PromotionCheck {
    let within: Vec<f64> = contest.challenger.scores.iter().map(|said| said.clamp(CLIP, 1.0 - CLIP)).collect();
    let name = "calibration_slope";
    let slope = match recalibration(contest.evidence.outcome, &within, policy.confidence) {
        Ok(found) => Bounded { value: found.slope.value, low: found.slope.low, high: found.slope.high },
        Err(error) => {
            let sentence = format!("the calibration slope of the challenger is not known: {error}.");
            let state = CheckState::NotEnough;
            return PromotionCheck { name, value: None, low: None, high: None, state, sentence };
        }
    };
    let (low, high) = (policy.slope_low, policy.slope_high);
    let (state, says) = if (low..=high).contains(&slope.value) {
        (CheckState::Passed, "the challenger's probabilities are spread as they should be")
    } else if slope.high < low {
        (CheckState::Failed, "the challenger's probabilities are too extreme")
    } else if slope.low > high {
        (CheckState::Failed, "the challenger's probabilities are too timid")
    } else {
        (CheckState::NotEnough, "it is open whether the challenger's probabilities are spread as they should be")
    };
    let sentence = format!("{says}: the calibration slope is {}, and {low} to {high} is asked for.", told(&slope));
    PromotionCheck::bounded(name, slope, state, sentence)
}

/// Customers whom both lists hold say nothing about which list is better; of the others each list has as many.
pub(super) fn top_of_list(contest: &Contest<'_>, policy: &StandardPolicy) -> Result<PromotionCheck> {
    let rows = &contest.champion;
    let long = length(policy.top, contest.sizes().0)?;
    let (old, new) = (held(rows, long), held(&contest.challenger, long));
    let [only_new, events_new, only_old, events_old, events_before, events] = rows.sums(|row| {
        let (gained, lost, event) =
            ((new[row] - old[row]).max(0.0), (old[row] - new[row]).max(0.0), rows.happened[row]);
        [gained, gained * event, lost, lost * event, old[row] * event, event]
    });
    let apart = f64::midpoint(only_new, only_old) / long;
    let difference = if apart > 1e-12 {
        let of = |hit: f64, all: f64| (hit.min(all), all);
        let found = changed(of(events_old, only_old), of(events_new, only_new), policy.confidence).difference;
        Bounded { value: apart * found.value, low: apart * found.low, high: apart * found.high }
    } else {
        Bounded { value: 0.0, low: 0.0, high: 0.0 }
    };
    let (state, says) = if difference.high < 0.0 {
        (CheckState::Failed, "the top of the challenger's list is worse")
    } else if difference.value >= 0.0 {
        (CheckState::Passed, "the top of the challenger's list is no worse")
    } else {
        (CheckState::NotEnough, "the top of the challenger's list looks worse, but not beyond noise")
    };
    let (before, base) = (events_before / long, events / contest.sizes().0);
    let after = before + difference.value;
    let sentence = format!(
        "{says}: of its first {long:.0} customers {after:.4} are events (lift {:.2}) against {before:.4} (lift {:.2}), a \
         difference of {}.",
        after / base,
        before / base,
        told(&difference)
    );
    Ok(PromotionCheck::bounded("top_of_list", difference, state, sentence))
}

/// Grades that nobody has are skipped. Among several pairs one is wrong by chance more easily: Bonferroni's correction.
pub(super) fn grades(contest: &Contest<'_>, grades: &PromotionGrades<'_>, confidence: f64) -> PromotionCheck {
    let rows = &contest.challenger;
    let mut counts = vec![(0.0, 0.0); grades.names.len()];
    let mut ungraded = 0.0;
    for row in 0..rows.len() {
        match grades.codes[row] {
            Some(code) => {
                let (events, all) = &mut counts[code as usize];
                *events += rows.weight(row) * rows.happened[row];
                *all += rows.weight(row);
            }
            None => ungraded += rows.weight(row),
        }
    }
    let held: Vec<(&String, (f64, f64))> = grades.names.iter().zip(counts).filter(|(_, (_, all))| *all > 0.0).collect();
    let beta = |(events, all): (f64, f64)| (events + 0.5, (all - events).max(0.0) + 0.5);
    let chance = |pair: &[(&String, (f64, f64))]| probability_of_order(&[beta(pair[0].1), beta(pair[1].1)]);
    let least = held.windows(2).map(|pair| (chance(pair), pair)).min_by(|one, two| one.0.total_cmp(&two.0));
    let Some((least, worst)) = least else {
        let sentence = "fewer than two grades are held by anybody, so their order cannot be judged.".into();
        let state = CheckState::NotEnough;
        return PromotionCheck { name: "grades", value: None, low: None, high: None, state, sentence };
    };
    let pairs = held.len() as f64 - 1.0;
    let rises = held.windows(2).any(|pair| pair[1].1.0 * pair[0].1.1 > pair[0].1.0 * pair[1].1.1);
    let (state, says) = if least <= (1.0 - confidence) / pairs {
        (CheckState::Failed, "the challenger's grades stand in a wrong order")
    } else if rises {
        (CheckState::NotEnough, "a worse grade of the challenger has the higher rate, but not beyond noise")
    } else {
        (CheckState::Passed, "no worse grade of the challenger has a higher rate than a better one")
    };
    let rate = |at: usize| worst[at].1.0 / worst[at].1.1;
    let left_out = if ungraded > 0.0 { format!("; {ungraded} customers have no grade") } else { String::new() };
    let sentence = format!(
        "{says}: nearest to that come `{}` with {:.4} and `{}` with {:.4}{left_out}.",
        worst[0].0,
        rate(0),
        worst[1].0,
        rate(1)
    );
    PromotionCheck::new("grades", least, state, sentence)
}

pub(super) fn drift(contest: &Contest<'_>, reference: &[f64]) -> Result<PromotionCheck> {
    let features = [Feature::number("score")];
    let then = Columns::in_order(&features, vec![reference])?;
    let then = match contest.evidence.reference_weights {
        Some(weights) => DriftSample::new(&then).weights(weights),
        None => DriftSample::new(&then),
    };
    let now = Columns::in_order(&features, vec![contest.challenger.scores])?;
    let now = match contest.evidence.outcome.row_weights() {
        Some(weights) => DriftSample::new(&now).weights(weights),
        None => DriftSample::new(&now),
    };
    let settings = DriftSettings::default();
    let found = table_drift(then, now, &settings)?.columns.remove(0);
    let blind = found.noise.is_none_or(|noise| noise >= settings.act);
    let (state, says) = match found.level {
        DriftLevel::Act => {
            (CheckState::Failed, "the judged customers are not like those the challenger was learned from")
        }
        _ if blind => (CheckState::NotEnough, "a drift of the challenger's score could not be told from chance here"),
        DriftLevel::Watch => (CheckState::Passed, "the challenger's score has drifted and is to be watched"),
        DriftLevel::Stable => (CheckState::Passed, "the challenger's score is stable"),
    };
    let index = found.population_stability;
    let sentence = format!("{says}: the population stability index is {index:.4}.");
    Ok(PromotionCheck::new("drift", index, state, sentence))
}

/// `cuts` are the champion's and the challenger's.
pub(super) fn accuracy(contest: &Contest<'_>, cuts: [f64; 2], policy: &DynamicsPolicy) -> PromotionCheck {
    let rows = &contest.champion;
    let right =
        |of: &Rows<'_>, cut: f64, row: usize| f64::from(u8::from((of.scores[row] >= cut) == (of.happened[row] == 1.0)));
    let [old, new] = [(rows, cuts[0]), (&contest.challenger, cuts[1])]
        .map(|(of, cut)| mean(rows, policy.confidence, |row| right(of, cut, row)).value);
    let value = new / old;
    let apart = mean(rows, policy.confidence, |row| {
        (right(&contest.challenger, cuts[1], row) - value * right(rows, cuts[0], row)) / old
    });
    let ratio = Bounded { value, low: value + apart.low, high: value + apart.high };
    let (state, says) = if reaches(value, policy.ratio) {
        (CheckState::Passed, "the challenger is accurate enough")
    } else {
        (CheckState::Failed, "the challenger is not accurate enough")
    };
    let sentence = format!(
        "{says}: {new:.4} of its calls are right against {old:.4}, a ratio of {}, and {} is asked for.",
        told(&ratio),
        policy.ratio
    );
    PromotionCheck::bounded("accuracy", ratio, state, sentence)
}

/// The champion's age passes where it speaks for the challenger.
pub(super) fn age(months: f64, oldest: f64) -> PromotionCheck {
    let (state, says) = if months > oldest {
        (CheckState::Passed, "too old to stay")
    } else {
        (CheckState::Failed, "not too old to stay")
    };
    let sentence = format!("the champion is {months} months old, which is {says}; the limit is {oldest}.");
    PromotionCheck::new("age", months, state, sentence)
}

pub(super) fn whole_above(number: f64) -> f64 {
    // What is above a whole number by rounding only is that number.
    (number * (1.0 - 1e-12)).ceil()
}

/// The mean of what each row has, with a normal interval.
fn mean(rows: &Rows<'_>, confidence: f64, of: impl Fn(usize) -> f64 + Sync + Send) -> Bounded {
    let [sum, weight] = rows.sums(|row| [of(row), 1.0]);
    let value = sum / weight;
    let [squares] = rows.sums(|row| [(of(row) - value) * (of(row) - value)]);
    let width = normal_width(confidence) * (squares / (weight - 1.0) / weight).sqrt();
    Bounded { value, low: value - width, high: value + width }
}

fn length(top: TopOfList, all: f64) -> Result<f64> {
    match top {
        TopOfList::Share(share) => Ok(share * all),
        TopOfList::Capacity(long) if long <= all => Ok(long),
        TopOfList::Capacity(long) => {
            Err(parameter(OF, "capacity", &format!("at most {all}, the number of customers"), &long))
        }
    }
}

/// How much of each row is among the first `long` customers; equal scores at the end share what is left.
pub(in crate::evaluate) fn held(rows: &Rows<'_>, long: f64) -> Vec<f64> {
    let mut held = vec![0.0; rows.len()];
    let mut left = long;
    for equals in rows.by_falling_score().chunk_by(|one, two| one.0 == two.0) {
        let weight: f64 = equals.iter().map(|&(_, row)| rows.weight(row)).sum();
        let share = (left / weight).min(1.0);
        for &(_, row) in equals {
            held[row] = share;
        }
        left -= share * weight;
        if left <= 0.0 {
            break;
        }
    }
    held
}

fn told(found: &Bounded) -> String {
    format!("{:.4} ({:.4} to {:.4})", found.value, found.low, found.high)
}
