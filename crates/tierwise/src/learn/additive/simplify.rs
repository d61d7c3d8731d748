//! A card of few answers: what a person can read, beside what predicts best.

use super::card::TermEvidence;
use crate::scorecard::{Attribute, CardSpec, Characteristic, Condition, PairCharacteristic};
use crate::{Error, Result, Scorecard};

/// The card with at most so many answers about a number, unknown not counted, and with the most important terms only. In
/// a pair the same holds for its rows and for its columns.
///
/// Neighbouring answers are joined so that the points of the customers change least: the partition with the smallest
/// weighted sum of squares, exactly (Fisher 1958, *On grouping for maximum homogeneity*); of a pair first its rows, then
/// its columns. What the mean customer earned in a term that goes is added to the constant.
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
    let gone = order.split_off(terms.unwrap_or(order.len()).min(order.len()));
    let (singles, pairs) = evidence.split_at(card.characteristics.len());
    let mut spec = CardSpec { characteristics: Vec::new(), pairs: Vec::new(), ..card.clone() };
    spec.initial += gone.iter().map(|&term| mean_points(card, evidence, term)).sum::<f64>();
    for (index, (one, evidence)) in card.characteristics.iter().zip(singles).enumerate() {
        if order.contains(&index) {
            spec.characteristics.push(joined(one, evidence, answers));
        }
    }
    for (index, (pair, evidence)) in card.pairs.iter().zip(pairs).enumerate() {
        if order.contains(&(singles.len() + index)) {
            spec.pairs.push(joined_pair(pair, evidence, answers));
        }
    }
    let asked = |name: &str| {
        let by_pair = spec.pairs.iter().any(|pair| pair.features.iter().any(|feature| feature == name));
        by_pair || spec.characteristics.iter().any(|one| one.feature == name)
    };
    spec.features = card.features.iter().filter(|feature| asked(feature.name())).cloned().collect();
    Scorecard::new(spec)
}

/// What the mean customer earns in a term: nothing, but where unknown earns nothing.
fn mean_points(card: &CardSpec, evidence: &[TermEvidence], term: usize) -> f64 {
    let points: Vec<f64> = match card.characteristics.get(term) {
        Some(one) => one.attributes.iter().map(|attribute| attribute.points).collect(),
        None => card.pairs[term - card.characteristics.len()].points.concat(),
    };
    let TermEvidence { weights, unlisted, .. } = &evidence[term];
    let sum: f64 = weights.iter().zip(&points).map(|(weight, points)| weight * points).sum();
    let all = weights.iter().sum::<f64>() + unlisted;
    if all > 0.0 { sum / all } else { 0.0 }
}

fn joined(one: &Characteristic, evidence: &TermEvidence, answers: usize) -> Characteristic {
    let list = Answers {
        conditions: one.attributes.iter().map(|attribute| attribute.when.clone()).collect(),
        points: one.attributes.iter().map(|attribute| vec![attribute.points]).collect(),
        weights: evidence.weights.iter().map(|&weight| vec![weight]).collect(),
    };
    let Answers { conditions, points, .. } = list.joined(answers);
    let attributes = conditions.into_iter().zip(points.concat());
    let attributes = attributes.map(|(when, points)| Attribute { when, points, reason_code: None }).collect();
    Characteristic { attributes, ..one.clone() }
}

fn joined_pair(pair: &PairCharacteristic, evidence: &TermEvidence, answers: usize) -> PairCharacteristic {
    let weights = evidence.weights.chunks(pair.columns.len()).map(<[f64]>::to_vec).collect();
    let rows = Answers { conditions: pair.rows.clone(), points: pair.points.clone(), weights }.joined(answers);
    let (points, weights) = (turned(&rows.points), turned(&rows.weights));
    let columns = Answers { conditions: pair.columns.clone(), points, weights }.joined(answers);
    let points = turned(&columns.points);
    PairCharacteristic { rows: rows.conditions, columns: columns.conditions, points, ..pair.clone() }
}

/// Rows for columns.
fn turned(table: &[Vec<f64>]) -> Vec<Vec<f64>> {
    (0..table.first().map_or(0, Vec::len)).map(|column| table.iter().map(|row| row[column]).collect()).collect()
}

/// A list of answers and what customers earn under each: one number, or, in a pair, one for each answer about the other
/// feature.
struct Answers {
    conditions: Vec<Condition>,
    points: Vec<Vec<f64>>,
    weights: Vec<Vec<f64>>,
}

impl Answers {
    /// With neighbouring ranges joined until there are at most so many.
    fn joined(self, most: usize) -> Self {
        let count = self.conditions.iter().filter(|when| matches!(when, Condition::Range { .. })).count();
        if count <= most {
            return self;
        }
        let starts = partition(&self.points[..count], &self.weights[..count], most);
        let mut joined = Self { conditions: Vec::new(), points: Vec::new(), weights: Vec::new() };
        for (index, &start) in starts.iter().enumerate() {
            let end = starts.get(index + 1).copied().unwrap_or(count);
            let (from, below) = (ends(&self.conditions[start]).0, ends(&self.conditions[end - 1]).1);
            joined.conditions.push(Condition::Range { from, below });
            let weights: Vec<f64> =
                (0..self.points[start].len()).map(|side| sum(&self.weights[start..end], side)).collect();
            let mean = |side: usize| {
                let earned = self.points[start..end].iter().zip(&self.weights[start..end]);
                let earned: f64 = earned.map(|(points, weights)| points[side] * weights[side]).sum();
                if weights[side] > 0.0 { earned / weights[side] } else { self.points[start][side] }
            };
            joined.points.push((0..weights.len()).map(mean).collect());
            joined.weights.push(weights);
        }
        joined.conditions.extend_from_slice(&self.conditions[count..]);
        joined.points.extend_from_slice(&self.points[count..]);
        joined.weights.extend_from_slice(&self.weights[count..]);
        joined
    }
}

fn sum(weights: &[Vec<f64>], side: usize) -> f64 {
    weights.iter().map(|weights| weights[side]).sum()
}

fn ends(when: &Condition) -> (Option<f64>, Option<f64>) {
    match when {
        Condition::Range { from, below } => (*from, *below),
        _ => (None, None),
    }
}

/// The first steps of the runs, of at most so many runs, whose points differ least from their means.
fn partition(points: &[Vec<f64>], weights: &[Vec<f64>], most: usize) -> Vec<usize> {
    let count = points.len();
    let sides = points.first().map_or(0, Vec::len);
    let mut sums = vec![vec![[0.0; 3]; sides]];
    for (points, weights) in points.iter().zip(weights) {
        let before = &sums[sums.len() - 1];
        let with = |side: usize| {
            let ([point, weight], before) = ([points[side], weights[side]], before[side]);
            [before[0] + weight, before[1] + weight * point, before[2] + weight * point * point]
        };
        sums.push((0..sides).map(with).collect());
    }
    let cost = |from: usize, to: usize| -> f64 {
        let of_side = |side: usize| {
            let of = |index: usize| sums[to][side][index] - sums[from][side][index];
            if of(0) > 0.0 { (of(2) - of(1) * of(1) / of(0)).max(0.0) } else { 0.0 }
        };
        (0..sides).map(of_side).sum()
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
        let points = [[0.0, 3.0], [0.1, 3.0], [2.0, 1.0], [2.1, 0.0], [-1.0, 0.0], [5.0, 0.0], [5.0, 7.0], [0.3, 7.0]];
        let weights = [[1.0, 1.0], [2.0, 0.5], [1.0, 3.0], [3.0, 0.0], [2.0, 1.0], [1.0, 1.0], [0.0, 2.0], [4.0, 1.0]];
        let cost = |starts: &[usize]| -> f64 {
            let mut total = 0.0;
            for (index, &start) in starts.iter().enumerate() {
                let run = start..starts.get(index + 1).copied().unwrap_or(points.len());
                for side in 0..2 {
                    let weight: f64 = run.clone().map(|step| weights[step][side]).sum();
                    let earned: f64 = run.clone().map(|step| weights[step][side] * points[step][side]).sum();
                    let far = |step: usize| points[step][side] - earned / weight.max(1e-300);
                    total += run.clone().map(|step| weights[step][side] * far(step) * far(step)).sum::<f64>();
                }
            }
            total
        };
        let (points, weights) = (points.map(|row| row.to_vec()), weights.map(|row| row.to_vec()));
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
