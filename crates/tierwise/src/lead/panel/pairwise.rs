//! Weights from pairwise comparisons: the analytic hierarchy process (Saaty 1980, *The Analytic Hierarchy Process*).

use super::{check_factors, parameter};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// The consistency index of random matrices of 1 to 15 factors: Saaty's own values (Saaty 1980). Alonso & Lamata (2006,
/// *International Journal of Uncertainty* 14) found slightly smaller ones for few factors (0.5245 instead of 0.58 for three).
const RANDOM_INDEX: [f64; 15] =
    [0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59];

/// A consistency ratio above which Saaty asks to revise the judgements.
const LARGEST_RATIO: f64 = 0.1;

/// The strongest judgement that is read. Saaty's scale ends at 9.
const LARGEST_JUDGEMENT: f64 = 1000.0;

/// How weights are found from a matrix of comparisons.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairwiseMethod {
    /// The principal right eigenvector (Saaty 1980).
    #[default]
    Eigenvector,
    /// The geometric mean of each row (Crawford & Williams 1985, *Journal of Mathematical Psychology* 29).
    GeometricMean,
}

/// How comparisons are read.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PairwiseSettings {
    /// How weights are found.
    pub method: PairwiseMethod,
    /// How far the product of a judgement and its reverse may be from 1: 0.33 is often written for 1/3. Of the two the
    /// one that is at least 1 is taken at its word.
    pub tolerance: f64,
}

impl Default for PairwiseSettings {
    fn default() -> Self {
        Self { method: PairwiseMethod::Eigenvector, tolerance: 0.02 }
    }
}

/// One judgement of one respondent: the first factor counts `value` times as much as the second.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// Who says so; empty where there is only one.
    pub respondent: String,
    /// One factor.
    pub first: String,
    /// The other.
    pub second: String,
    /// How many times as important the first is: 1, 3, 5, 7, 9 or their reciprocals on Saaty's scale.
    pub value: f64,
}

/// The weights from one matrix of comparisons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairwiseWeights {
    /// The weights in the order of the factors; they sum to 100.
    pub weights: Vec<f64>,
    /// The principal eigenvalue; for the geometric mean, the mean of `(A w)_i / w_i`. As large as the number of factors
    /// when the judgements do not contradict each other, larger when they do.
    pub largest_eigenvalue: f64,
    /// `(largest eigenvalue - n) / (n - 1)`.
    pub consistency_index: f64,
    /// The index by that of random judgements; 0 for two factors.
    pub consistency_ratio: f64,
    /// Whether the ratio is at most 0.1.
    pub consistent: bool,
    /// The judgement that goes least with the others; none when none stands out.
    pub most_inconsistent: Option<Inconsistency>,
}

/// A judgement that does not go with the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inconsistency {
    /// The factor that was judged to be more important, or as important.
    pub first: String,
    /// The other.
    pub second: String,
    /// How many times as important the first was said to be.
    pub judged: f64,
    /// How many times it is by the weights.
    pub suggested: f64,
    /// The nearest value on Saaty's scale of 1 to 9 and reciprocals.
    pub on_scale: f64,
    /// The consistency ratio with that value instead.
    pub ratio_after: f64,
}

/// What all respondents say together, and each for himself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PairwiseResult {
    /// The factors.
    pub factors: Vec<String>,
    /// The weights from the geometric means of the judgements of all respondents (the aggregation of individual
    /// judgements; Aczél & Saaty 1983, *Journal of Mathematical Psychology* 27).
    pub group: PairwiseWeights,
    /// The names of the respondents.
    pub respondents: Vec<String>,
    /// The weights of each.
    pub individual: Vec<PairwiseWeights>,
}

/// Weights from a long list of judgements, in any order: one for each pair of factors and respondent.
///
/// ```
/// use tierwise::lead::panel::{Judgement, PairwiseSettings, pairwise_weights};
/// let factors = ["price", "size", "need"].map(String::from);
/// let says = |first: &str, second: &str, value| Judgement {
///     respondent: "ann".into(), first: first.into(), second: second.into(), value
/// };
/// let judgements = [says("price", "size", 2.0), says("need", "price", 2.0), says("need", "size", 4.0)];
/// let result = pairwise_weights(&factors, &judgements, &PairwiseSettings::default())?;
/// assert!((result.group.weights[2] - 400.0 / 7.0).abs() < 1e-9 && result.group.consistent);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::UnknownName`] for a factor that is not listed; [`Error::InvalidValue`] for a factor compared with itself, a
/// pair judged twice by one respondent (the reverse may be given too, if it is the reciprocal), and a value outside
/// [0.001, 1000]; [`Error::NotEnoughData`] for a respondent who did not judge every pair; those of
/// [`pairwise_from_matrices`].
pub fn pairwise_weights(
    factors: &[String],
    judgements: &[Judgement],
    settings: &PairwiseSettings,
) -> Result<PairwiseResult> {
    check_factors("pairwise_weights", factors)?;
    check_count(factors.len())?;
    let n = factors.len();
    let mut respondents: Vec<String> = judgements.iter().map(|one| one.respondent.clone()).collect();
    respondents.sort_unstable();
    respondents.dedup();
    let mut matrices = vec![vec![f64::NAN; n * n]; respondents.len()];
    for (row, judgement) in judgements.iter().enumerate() {
        let of = |name: &String| {
            factors.iter().position(|factor| factor == name).ok_or_else(|| Error::UnknownName {
                what: "a compared factor".into(),
                row: Some(row),
                name: name.clone(),
                known: factors.to_vec(),
            })
        };
        let (first, second) = (of(&judgement.first)?, of(&judgement.second)?);
        let respondent = respondents.binary_search(&judgement.respondent).unwrap_or_default();
        let place = &mut matrices[respondent][first * n + second];
        let pair = format!("`{}` against `{}`", judgement.first, judgement.second);
        let wrong = if first == second {
            Some("compare two different factors")
        } else if !place.is_nan() {
            Some("judge a pair once; it is judged twice")
        } else if !(1.0 / LARGEST_JUDGEMENT..=LARGEST_JUDGEMENT).contains(&judgement.value) {
            Some("judgements must be numbers in [0.001, 1000]")
        } else {
            None
        };
        if let Some(must_be) = wrong {
            return Err(Error::InvalidValue {
                what: format!("the judgement of {pair}"),
                row,
                key: Some(judgement.respondent.clone()).filter(|name| !name.is_empty()),
                found: judgement.value.to_string(),
                must_be: must_be.into(),
            });
        }
        *place = judgement.value;
    }
    pairwise_from_matrices(factors, &respondents, &matrices, settings)
}

/// Weights from one matrix per respondent, row by row: `matrix[i * n + j]` says how many times as important factor `i`
/// is as factor `j`. One of the two of a pair may be NaN, so that an upper triangle is enough; the diagonal is 1 or NaN.
///
/// A consistency ratio above 0.1 is a finding and no error: see [`PairwiseWeights::most_inconsistent`].
///
/// # Errors
/// [`Error::InvalidParameter`] for fewer than 2 or more than 15 factors or a tolerance outside [0, 1);
/// [`Error::WrongLength`]; [`Error::EmptyTable`] for no respondent; [`Error::NotEnoughData`] for a pair nobody judged;
/// [`Error::InvalidValue`] for a value outside [0.001, 1000], a diagonal other than 1, and a reverse that is not the
/// reciprocal.
pub fn pairwise_from_matrices(
    factors: &[String],
    respondents: &[String],
    matrices: &[Vec<f64>],
    settings: &PairwiseSettings,
) -> Result<PairwiseResult> {
    check_factors("pairwise_weights", factors)?;
    check_count(factors.len())?;
    if !(0.0..1.0).contains(&settings.tolerance) {
        let got = settings.tolerance.to_string();
        return Err(parameter("pairwise_weights", "tolerance", "a number in [0, 1)", &got));
    }
    if matrices.is_empty() {
        return Err(Error::EmptyTable { what: "the list of comparisons".into() });
    }
    if matrices.len() != respondents.len() {
        let what = "the list of matrices".into();
        return Err(Error::WrongLength { what, expected: respondents.len(), found: matrices.len() });
    }
    let read = |(matrix, name): (&Vec<f64>, &String)| Matrix::read(factors, name, matrix, settings.tolerance);
    let matrices: Vec<Matrix<'_>> = matrices.iter().zip(respondents).map(read).collect::<Result<_>>()?;
    let individual = matrices.iter().map(|matrix| matrix.solve(settings.method)).collect::<Result<_>>()?;
    let group = Matrix::mean(factors, &matrices).solve(settings.method)?;
    Ok(PairwiseResult { factors: factors.to_vec(), group, respondents: respondents.to_vec(), individual })
}

fn check_count(factors: usize) -> Result<()> {
    if factors <= RANDOM_INDEX.len() {
        return Ok(());
    }
    let must_be = format!("at most {} names: no random index is known beyond", RANDOM_INDEX.len());
    Err(parameter("pairwise_weights", "factors", &must_be, &factors.to_string()))
}

/// A matrix of positive numbers with `a_ij a_ji = 1`, row by row.
#[derive(Clone)]
struct Matrix<'a> {
    factors: &'a [String],
    values: Vec<f64>,
}

impl<'a> Matrix<'a> {
    fn read(factors: &'a [String], respondent: &str, given: &[f64], tolerance: f64) -> Result<Self> {
        let n = factors.len();
        let key = Some(respondent.to_owned()).filter(|name| !name.is_empty());
        if given.len() != n * n {
            let what = format!("the matrix of comparisons of `{respondent}`");
            return Err(Error::WrongLength { what, expected: n * n, found: given.len() });
        }
        let invalid = |i: usize, j: usize, must_be: String| Error::InvalidValue {
            what: format!("the judgement of `{}` against `{}`", factors[i], factors[j]),
            row: i,
            key: key.clone(),
            found: given[i * n + j].to_string(),
            must_be,
        };
        let mut values = vec![1.0; n * n];
        let mut missing = 0;
        for i in 0..n {
            for j in i..n {
                let (there, back) = (given[i * n + j], given[j * n + i]);
                for (i, j, value) in [(i, j, there), (j, i, back)] {
                    if !value.is_nan() && !(1.0 / LARGEST_JUDGEMENT..=LARGEST_JUDGEMENT).contains(&value) {
                        return Err(invalid(i, j, "judgements must be numbers in [0.001, 1000]".into()));
                    }
                }
                if i == j {
                    if !there.is_nan() && there != 1.0 {
                        return Err(invalid(i, j, "a factor is as important as itself: 1".into()));
                    }
                    continue;
                }
                let both = !there.is_nan() && !back.is_nan();
                if both && (there * back - 1.0).abs() > tolerance {
                    return Err(invalid(j, i, format!("the reverse is {there}, so it must be {}", 1.0 / there)));
                }
                missing += usize::from(there.is_nan() && back.is_nan());
                // Judgements are made in whole numbers; what is below 1 was divided, and perhaps rounded.
                let stated = back.is_nan() || there >= 1.0;
                let value = if stated { there } else { 1.0 / back };
                values[i * n + j] = value;
                values[j * n + i] = 1.0 / value;
            }
        }
        if missing > 0 {
            let of = key.map_or(String::new(), |name| format!(" of `{name}`"));
            let needed = n * (n - 1) / 2;
            let what = format!("the comparisons{of} (pairs of factors)");
            return Err(Error::NotEnoughData { what, needed, found: needed - missing });
        }
        Ok(Self { factors, values })
    }

    /// The geometric mean of the judgements of several.
    fn mean(factors: &'a [String], matrices: &[Self]) -> Self {
        if let [only] = matrices {
            return only.clone();
        }
        let n = factors.len();
        let mut values = vec![1.0; n * n];
        for i in 0..n {
            for j in i + 1..n {
                // Sorted, so that the order of the respondents does not reach the sum.
                let mut logs: Vec<f64> = matrices.iter().map(|one| libm::log(one.values[i * n + j])).collect();
                logs.sort_by(f64::total_cmp);
                let mean = libm::exp(logs.iter().sum::<f64>() / logs.len() as f64);
                values[i * n + j] = mean;
                values[j * n + i] = 1.0 / mean;
            }
        }
        Self { factors, values }
    }

    fn solve(&self, method: PairwiseMethod) -> Result<PairwiseWeights> {
        let (weights, largest_eigenvalue) = self.weigh(method)?;
        let (consistency_index, consistency_ratio) = self.consistency(largest_eigenvalue);
        let most_inconsistent = self.most_inconsistent(&weights, method)?;
        Ok(PairwiseWeights {
            weights: weights.iter().map(|weight| 100.0 * weight).collect(),
            largest_eigenvalue,
            consistency_index,
            consistency_ratio,
            consistent: consistency_ratio <= LARGEST_RATIO,
            most_inconsistent,
        })
    }

    /// Weights that sum to 1, and the largest eigenvalue.
    fn weigh(&self, method: PairwiseMethod) -> Result<(Vec<f64>, f64)> {
        let n = self.factors.len();
        let rows = self.values.chunks(n);
        let logs = rows.map(|row| row.iter().map(|&value| libm::log(value)).sum::<f64>() / n as f64);
        let mut weights = shares(logs.map(libm::exp).collect());
        if method == PairwiseMethod::Eigenvector {
            weights = self.principal(weights)?;
        }
        let ratios = self.times(&weights).into_iter().zip(&weights).map(|(product, weight)| product / weight);
        Ok((weights.clone(), ratios.sum::<f64>() / n as f64))
    }

    fn times(&self, weights: &[f64]) -> Vec<f64> {
        let rows = self.values.chunks(weights.len());
        rows.map(|row| row.iter().zip(weights).map(|(value, weight)| value * weight).sum()).collect()
    }

    /// Power iteration. A positive matrix has one eigenvalue that is larger than all others in size (Perron), and
    /// geometric means start close to its vector.
    fn principal(&self, mut weights: Vec<f64>) -> Result<Vec<f64>> {
        const MOST: usize = 10_000;
        let mut change = f64::INFINITY;
        for _ in 0..MOST {
            let next = shares(self.times(&weights));
            change = next.iter().zip(&weights).map(|(next, weight)| (next / weight - 1.0).abs()).fold(0.0, f64::max);
            weights = next;
            if change < 1e-14 {
                return Ok(weights);
            }
        }
        // The last digits may go on turning; that is as near as numbers come.
        if change < 1e-10 {
            return Ok(weights);
        }
        let reason = "the judgements contradict each other too much; choose the geometric mean".into();
        Err(Error::NotConverged { iterations: MOST, gradient: change, reason })
    }

    fn consistency(&self, largest_eigenvalue: f64) -> (f64, f64) {
        let n = self.factors.len();
        let random = RANDOM_INDEX[n - 1];
        // Rounding may put the eigenvalue of consistent judgements a little below n.
        let index = ((largest_eigenvalue - n as f64) / (n as f64 - 1.0)).max(0.0);
        if random == 0.0 { (0.0, 0.0) } else { (index, index / random) }
    }

    /// The judgement furthest from the ratio of the weights, as a factor.
    fn most_inconsistent(&self, weights: &[f64], method: PairwiseMethod) -> Result<Option<Inconsistency>> {
        let n = weights.len();
        let mut worst = (1e-9, 0, 0);
        for i in 0..n {
            for j in i + 1..n {
                let off = libm::log(self.values[i * n + j] * weights[j] / weights[i]).abs();
                if off > worst.0 {
                    worst = (off, i, j);
                }
            }
        }
        let (_, i, j) = worst;
        if i == j {
            return Ok(None);
        }
        let (i, j) = if self.values[i * n + j] >= 1.0 { (i, j) } else { (j, i) };
        let suggested = weights[i] / weights[j];
        let on_scale = on_scale(suggested);
        let mut after = self.clone();
        after.values[i * n + j] = on_scale;
        after.values[j * n + i] = 1.0 / on_scale;
        let (_, ratio_after) = after.consistency(after.weigh(method)?.1);
        Ok(Some(Inconsistency {
            first: self.factors[i].clone(),
            second: self.factors[j].clone(),
            judged: self.values[i * n + j],
            suggested,
            on_scale,
            ratio_after,
        }))
    }
}

/// The nearest of 1 to 9 and their reciprocals, as a ratio.
fn on_scale(value: f64) -> f64 {
    let steps = (1..=9).map(f64::from);
    let distance = |step: f64| libm::log(step / value).abs();
    steps
        .flat_map(|step| [step, 1.0 / step])
        .fold(1.0, |best, step| if distance(step) < distance(best) { step } else { best })
}

fn shares(weights: Vec<f64>) -> Vec<f64> {
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| weight / sum).collect()
}
