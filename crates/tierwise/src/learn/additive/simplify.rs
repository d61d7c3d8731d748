//! A card of few answers: what a person can read, beside what predicts best.

use super::card::TermEvidence;
use crate::scorecard::{Attribute, CardSpec, Characteristic, Condition};
use crate::{Error, Result, Scorecard};

/// The card with at most so many answers about a number, unknown not counted, and with the most important terms only.
///
/// Neighbouring answers are joined so that the points of the customers change least: the partition with the smallest
/// weighted sum of squares, exactly (Fisher 1958, *On grouping for maximum homogeneity*). A term that goes takes nothing
/// along: the mean customer earns nothing there.
pub(super) fn simplified(
    card: &CardSpec,
    evidence: &[TermEvidence],
    answers: usize,
    terms: Option<usize>,
) -> Result<Scorecard> {
    let refuse = |name: &'static str, got: usize| {
        let must_be = "a whole number in [1, inf)".into();
        Err(Error::InvalidParameter { of: "simplified", name, must_be, got: got.to_string() })
    };
    if answers == 0 {
        return refuse("answers", answers);
    }
    if terms == Some(0) {
        return refuse("terms", 0);
    }
    let mut order: Vec<usize> = (0..evidence.len()).collect();
    order.sort_by(|&a, &b| evidence[b].importance.total_cmp(&evidence[a].importance).then(a.cmp(&b)));
    order.truncate(terms.unwrap_or(order.len()));
    let singles = card.characteristics.len();
    let mut spec = card.clone();
    let keep = |index: usize| order.contains(&index);
    let kept = card.characteristics.iter().zip(evidence).enumerate().filter(|(index, _)| keep(*index));
    spec.characteristics = kept.map(|(_, (one, evidence))| joined(one, evidence, answers)).collect();
    let pairs = card.pairs.iter().enumerate().filter(|(index, _)| keep(singles + index));
    spec.pairs = pairs.map(|(_, pair)| pair.clone()).collect();
    let asked = |name: &str| {
        let by_pair = spec.pairs.iter().any(|pair| pair.features.iter().any(|feature| feature == name));
        by_pair || spec.characteristics.iter().any(|one| one.feature == name)
    };
    spec.features = card.features.iter().filter(|feature| asked(feature.name())).cloned().collect();
    Scorecard::new(spec)
}

fn joined(one: &Characteristic, evidence: &TermEvidence, answers: usize) -> Characteristic {
    let range = |attribute: &Attribute| matches!(attribute.when, Condition::Range { .. });
    let count = one.attributes.iter().filter(|attribute| range(attribute)).count();
    if count <= answers {
        return one.clone();
    }
    let points: Vec<f64> = one.attributes[..count].iter().map(|attribute| attribute.points).collect();
    let starts = partition(&points, &evidence.weights[..count], answers);
    let mut joined = Characteristic { attributes: Vec::new(), ..one.clone() };
    for (index, &start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(count);
        let (weight, sum) = (start..end).fold((0.0, 0.0), |(weight, sum), step| {
            (weight + evidence.weights[step], sum + evidence.weights[step] * points[step])
        });
        let from = ends(&one.attributes[start].when).0;
        let below = ends(&one.attributes[end - 1].when).1;
        let points = if weight > 0.0 { sum / weight } else { points[start] };
        joined.attributes.push(Attribute { when: Condition::Range { from, below }, points, reason_code: None });
    }
    joined.attributes.extend(one.attributes[count..].iter().cloned());
    joined
}

fn ends(when: &Condition) -> (Option<f64>, Option<f64>) {
    match when {
        Condition::Range { from, below } => (*from, *below),
        _ => (None, None),
    }
}

/// The first steps of the runs, of at most so many runs, whose points differ least from their means.
fn partition(points: &[f64], weights: &[f64], most: usize) -> Vec<usize> {
    let count = points.len();
    let mut sums = vec![[0.0; 3]; count + 1];
    for (step, (&point, &weight)) in points.iter().zip(weights).enumerate() {
        let before = sums[step];
        sums[step + 1] = [before[0] + weight, before[1] + weight * point, before[2] + weight * point * point];
    }
    let cost = |from: usize, to: usize| {
        let of = |index: usize| sums[to][index] - sums[from][index];
        if of(0) > 0.0 { (of(2) - of(1) * of(1) / of(0)).max(0.0) } else { 0.0 }
    };
    let mut least: Vec<f64> = (0..=count).map(|end| cost(0, end)).collect();
    let mut last_starts = vec![vec![0; count + 1]];
    for _ in 1..most {
        let mut with_one_more = least.clone();
        let mut starts = vec![0; count + 1];
        for end in 1..=count {
            for (start, before) in least.iter().enumerate().take(end).skip(1) {
                let total = before + cost(start, end);
                if total < with_one_more[end] || starts[end] == 0 && total <= with_one_more[end] {
                    (with_one_more[end], starts[end]) = (total, start);
                }
            }
        }
        least = with_one_more;
        last_starts.push(starts);
    }
    let mut runs = Vec::new();
    let mut end = count;
    for starts in last_starts.iter().rev() {
        runs.push(starts[end]);
        end = starts[end];
        if end == 0 {
            break;
        }
    }
    runs.reverse();
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_those_of_trying_all() {
        let points = [0.0, 0.1, 2.0, 2.1, -1.0, 5.0, 5.0, 0.3];
        let weights = [1.0, 2.0, 1.0, 3.0, 2.0, 1.0, 0.0, 4.0];
        let cost = |starts: &[usize]| -> f64 {
            let mut total = 0.0;
            for (index, &start) in starts.iter().enumerate() {
                let run = start..starts.get(index + 1).copied().unwrap_or(points.len());
                let weight: f64 = weights[run.clone()].iter().sum();
                let mean = run.clone().map(|step| weights[step] * points[step]).sum::<f64>() / weight.max(1e-300);
                total += run.map(|step| weights[step] * (points[step] - mean) * (points[step] - mean)).sum::<f64>();
            }
            total
        };
        for most in 1..=4 {
            let found = partition(&points, &weights, most);
            let all = (0..1_usize << 7).filter(|set| set.count_ones() as usize == most - 1).map(|set| {
                let inner = (0..7).filter(|bit| set >> bit & 1 == 1).map(|bit| bit + 1);
                std::iter::once(0).chain(inner).collect::<Vec<_>>()
            });
            let best = all.map(|starts| cost(&starts)).fold(f64::INFINITY, f64::min);
            assert!(found.len() <= most && found[0] == 0 && found.is_sorted());
            assert!((cost(&found) - best).abs() < 1e-12, "{most}: {found:?} costs {}, not {best}", cost(&found));
        }
    }
}
