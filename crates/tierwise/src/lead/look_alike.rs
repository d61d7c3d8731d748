//! Which prospects are like our good customers, and in what?

use crate::feature::{Kind, check_features};
use crate::model::Saved;
use crate::wide::wide;
use crate::{Columns, Error, Explain, Feature, Result, Score, Term, parallel};
use serde::{Deserialize, Serialize};

/// Rows that one task scores: its scratch memory is made once.
const PART: usize = 256;

/// The most values that the reference customers of a model may hold.
const MOST_VALUES: usize = 100_000_000;

/// How a difference of two numbers is measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LikenessScale {
    /// By the range of the reference customers, as Gower did: the largest difference among them counts as no likeness.
    Range,
    /// By the range of the middle 90 % of them, so that one giant does not make all others look alike; what differs by
    /// more than that is not alike at all.
    #[default]
    Robust,
}

/// Learns what good customers look like and ranks prospects by their likeness to them.
///
/// The likeness of two customers is Gower's similarity (Gower 1971, *Biometrics* 27, section 2): the weighted mean, over
/// the features known of both, of `1 - |difference| / range` for a number (at least 0) and of 1 for the same and 0 for
/// another level of a category or yes-no (two times "no" counts as the same). What is unknown of one of the two is left
/// out of the mean and never counts as equal; a pair that shares less than `least_compared` of the weight is
/// not compared.
///
/// The score of a prospect is the mean likeness to its `neighbours` most alike good customers, from 0 to 1, less the
/// same for a group of others, where one is given; NaN when it can be compared with none. Which good customers these
/// are decides their likeness and, where it is equal, an order of the customers that does not depend on their rows.
///
/// ```
/// use tierwise::{Columns, Explain, Feature, Score, lead::{LikenessScale, LookAlike}};
/// let features = [Feature::number("staff"), Feature::yes_no("exports"), Feature::category("trade", ["food", "toys"])];
/// let good = Columns::in_order(&features, vec![&[10.0, 50.0], &[1.0, 1.0], &[0.0, 1.0]])?;
/// let model = LookAlike { neighbours: Some(1), scale: LikenessScale::Range, ..LookAlike::default() }.fit(&good, None)?;
/// // 20 of staff is 10 away from the first: 1 - 10 / 40. It exports too; its trade is not known.
/// assert_eq!(model.score_row(&[20.0, 1.0, f64::NAN]), (0.75 + 1.0) / 2.0);
/// let mut alike = [0.0; 3];
/// model.contributions_row(&[20.0, 1.0, f64::NAN], &mut alike);
/// assert_eq!(alike, [0.375, 0.5, 0.0]);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LookAlike {
    /// How many most alike customers count; without it all do.
    pub neighbours: Option<usize>,
    /// How numbers are measured.
    pub scale: LikenessScale,
    /// The share of the weight that must be known of both customers of a pair, from 0 to 1.
    pub least_compared: f64,
    /// How much a feature counts, by name; the others count 1.
    pub weights: Vec<(String, f64)>,
}

impl Default for LookAlike {
    fn default() -> Self {
        Self { neighbours: Some(10), scale: LikenessScale::Robust, least_compared: 0.5, weights: Vec::new() }
    }
}

impl LookAlike {
    /// Keeps the good customers, and the others to tell them from, where there are some.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a setting outside its range, [`Error::UnknownFeature`] for a weight of none,
    /// [`Error::InvalidFeature`] for a number whose range is beyond what can be computed with, [`Error::EmptyTable`]
    /// without good customers or with an empty group of others, [`Error::WrongLength`] when both are not bound to the same
    /// features.
    pub fn fit(&self, good: &Columns<'_>, others: Option<&Columns<'_>>) -> Result<LookAlikeModel> {
        let features = good.features();
        check_features(features)?;
        let mut weights = vec![1.0; features.len()];
        for (row, (name, weight)) in self.weights.iter().enumerate() {
            weights[crate::feature::position(features, name, "the weights of features")?] = *weight;
            if self.weights[..row].iter().any(|(other, _)| other == name) {
                return Err(parameter("weights", "given once per feature", &format!("`{name}` twice")));
            }
        }
        if let Some(others) = others {
            crate::score::check_bound(features, others)?;
        }
        let scale = |feature| self.scale_of(feature, good, others);
        LookAlikeModel::try_from(LookAlikeSpec {
            features: features.to_vec(),
            weights,
            scales: (0..features.len()).map(scale).collect(),
            neighbours: self.neighbours,
            least_compared: self.least_compared,
            good: customers(good),
            others: others.map(customers),
        })
    }

    /// The difference at which two numbers are no longer alike; 0 for what is no number.
    fn scale_of(&self, feature: usize, good: &Columns<'_>, others: Option<&Columns<'_>>) -> f64 {
        if good.features()[feature].kind() != Kind::Number {
            return 0.0;
        }
        let of = |columns: &Columns<'_>| columns.column(feature).to_vec();
        let mut known: Vec<f64> = of(good).into_iter().chain(others.map(of).unwrap_or_default()).collect();
        known.retain(|value| !value.is_nan());
        known.sort_by(f64::total_cmp);
        let (Some(low), Some(high)) = (known.first(), known.last()) else { return 0.0 };
        let range = high - low;
        if self.scale == LikenessScale::Range {
            return range;
        }
        // The 5 % and 95 % quantiles, each the nearest value outside.
        let cut = (known.len() - 1) / 20;
        let robust = known[known.len() - 1 - cut] - known[cut];
        if robust > 0.0 { robust } else { range }
    }
}

/// The rows of a table, sorted by their values: equal models from equal customers in any order.
fn customers(columns: &Columns<'_>) -> Vec<Vec<Option<f64>>> {
    let width = columns.features().len();
    // One zero and one NaN, so that they sort alike.
    let plain = |value: f64| if value.is_nan() { f64::NAN } else { value + 0.0 };
    let mut rows: Vec<Vec<f64>> = (0..columns.rows())
        .map(|row| (0..width).map(|feature| plain(columns.column(feature)[row])).collect())
        .collect();
    rows.sort_by(|a, b| a.iter().zip(b).fold(std::cmp::Ordering::Equal, |order, (a, b)| order.then(a.total_cmp(b))));
    let known = |value: f64| (!value.is_nan()).then_some(value);
    rows.into_iter().map(|row| row.into_iter().map(known).collect()).collect()
}

/// The content of the model file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LookAlikeSpec {
    features: Vec<Feature>,
    weights: Vec<f64>,
    /// The difference at which two numbers are no longer alike; 0 where only equal ones are, and for what is no number.
    scales: Vec<f64>,
    neighbours: Option<usize>,
    least_compared: f64,
    /// One row per customer, null for unknown.
    good: Vec<Vec<Option<f64>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    others: Option<Vec<Vec<Option<f64>>>>,
}

/// A ranking of prospects by their likeness to good customers; made by [`LookAlike::fit`].
///
/// The score is the sum of one contribution per feature: what the feature adds to the mean likeness. The model file
/// holds the facts of the good customers (without names): treat it as customer data.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "LookAlikeSpec", into = "LookAlikeSpec")]
pub struct LookAlikeModel {
    spec: LookAlikeSpec,
    terms: Vec<Term>,
    good: Reference,
    others: Option<Reference>,
}

impl TryFrom<LookAlikeSpec> for LookAlikeModel {
    type Error = Error;

    fn try_from(spec: LookAlikeSpec) -> Result<Self> {
        spec.check()?;
        let term = |(index, feature): (usize, &Feature)| Term { name: feature.name().into(), features: vec![index] };
        let terms = spec.features.iter().enumerate().map(term).collect();
        let good = Reference::new(&spec, &spec.good, "the table of good customers")?;
        let others = spec.others.as_ref().map(|rows| Reference::new(&spec, rows, "the table of other customers"));
        Ok(Self { terms, good, others: others.transpose()?, spec })
    }
}

impl From<LookAlikeModel> for LookAlikeSpec {
    fn from(model: LookAlikeModel) -> Self {
        model.spec
    }
}

impl LookAlikeSpec {
    fn check(&self) -> Result<()> {
        check_features(&self.features)?;
        if self.features.is_empty() {
            return Err(Error::EmptyTable { what: "the list of features".into() });
        }
        for (what, found) in [("the list of weights", self.weights.len()), ("the list of scales", self.scales.len())] {
            if found != self.features.len() {
                return Err(Error::WrongLength { what: what.into(), expected: self.features.len(), found });
            }
        }
        if self.neighbours == Some(0) {
            return Err(parameter("neighbours", "a whole number of at least 1, or none for all", "0"));
        }
        if !(0.0..=1.0).contains(&self.least_compared) {
            return Err(parameter("least_compared", "a number in [0, 1]", &self.least_compared.to_string()));
        }
        for (feature, weight) in self.features.iter().zip(&self.weights) {
            if !(0.0..=1e9).contains(weight) {
                let got = format!("{weight} for `{}`", feature.name());
                return Err(parameter("weights", "numbers in [0, 1e9]", &got));
            }
        }
        let total: f64 = self.weights.iter().sum();
        if total < 1e-9 {
            return Err(parameter("weights", "such that they sum to at least 1e-9", &total.to_string()));
        }
        for (feature, scale) in self.features.iter().zip(&self.scales) {
            if !(*scale >= 0.0 && scale.is_finite()) {
                return Err(Error::InvalidFeature {
                    feature: feature.name().into(),
                    reason: format!("its values spread over {scale}; the spread must be finite. Check its unit"),
                });
            }
        }
        Ok(())
    }
}

/// The customers that prospects are compared with, column by column.
#[derive(Debug, Clone)]
struct Reference {
    rows: usize,
    columns: Vec<ReferenceColumn>,
}

#[derive(Debug, Clone)]
struct ReferenceColumn {
    /// 0 where unknown.
    values: Vec<f64>,
    /// The weight of the feature, 0 where the value is unknown; empty where all are known.
    weights: Vec<f64>,
}

impl Reference {
    fn new(spec: &LookAlikeSpec, rows: &[Vec<Option<f64>>], what: &str) -> Result<Self> {
        let width = spec.features.len();
        if rows.is_empty() {
            return Err(Error::EmptyTable { what: what.into() });
        }
        if rows.len().saturating_mul(width) > MOST_VALUES {
            let got = format!("{} customers with {width} features", rows.len());
            let must_be = format!("of at most {MOST_VALUES} values; draw a sample");
            return Err(parameter("good_customers", &must_be, &got));
        }
        if let Some(row) = rows.iter().position(|row| row.len() != width) {
            let what = format!("{what}, row {row},");
            return Err(Error::WrongLength { what, expected: width, found: rows[row].len() });
        }
        let column = |index: usize| {
            let feature = &spec.features[index];
            let values: Vec<f64> = rows.iter().map(|row| row[index].unwrap_or(f64::NAN)).collect();
            for (row, &value) in values.iter().enumerate() {
                feature.check(value, Some(row))?;
            }
            let weight = |value: &f64| if value.is_nan() { 0.0 } else { spec.weights[index] };
            let all_known = values.iter().all(|value| !value.is_nan());
            let weights = if all_known { Vec::new() } else { values.iter().map(weight).collect() };
            let values = values.into_iter().map(|value| if value.is_nan() { 0.0 } else { value }).collect();
            Ok(ReferenceColumn { values, weights })
        };
        Ok(Self { rows: rows.len(), columns: (0..width).map(column).collect::<Result<_>>()? })
    }
}

/// What one row needs on the way; kept from row to row.
struct Scratch {
    /// Weighted likeness of the row to each customer; then the likeness.
    likeness: Vec<f64>,
    /// The weight known of both.
    known: Vec<f64>,
    /// The customers that can be compared with, and then those that count.
    chosen: Vec<usize>,
    contributions: Vec<f64>,
}

impl Scratch {
    fn new(model: &LookAlikeModel) -> Self {
        let rows = model.good.rows.max(model.others.as_ref().map_or(0, |others| others.rows));
        Self {
            likeness: vec![0.0; rows],
            known: vec![0.0; rows],
            chosen: Vec::with_capacity(rows),
            contributions: vec![0.0; model.terms.len()],
        }
    }
}

/// The likeness of two known values.
#[inline(always)]
fn alike(is_number: bool, inverse: f64, a: f64, b: f64) -> f64 {
    let difference = (a - b).abs();
    if !is_number || inverse == 0.0 {
        return f64::from(u8::from(difference == 0.0));
    }
    let likeness = 1.0 - difference * inverse;
    // Written so that what is not a number counts as nothing.
    if likeness > 0.0 { likeness } else { 0.0 }
}

impl LookAlikeModel {
    /// How many good customers prospects are compared with.
    pub fn good_customers(&self) -> usize {
        self.good.rows
    }

    /// How many others, where there are some.
    pub fn other_customers(&self) -> Option<usize> {
        self.others.as_ref().map(|others| others.rows)
    }

    /// What a difference of a number is multiplied with; 0 where only equal ones are alike. A scale so small that its
    /// inverse is infinite tells nothing apart but equal from unequal.
    fn inverse_scale(&self, feature: usize) -> f64 {
        let inverse = 1.0 / self.spec.scales[feature];
        if inverse.is_finite() { inverse } else { 0.0 }
    }

    /// Adds up what a row has in common with each customer, feature by feature.
    fn compare(&self, row: &[f64], reference: &Reference, scratch: &mut Scratch) {
        let (likeness, known) = (&mut scratch.likeness[..reference.rows], &mut scratch.known[..reference.rows]);
        likeness.fill(0.0);
        known.fill(0.0);
        for (index, (&value, column)) in row.iter().zip(&reference.columns).enumerate() {
            if value.is_nan() {
                continue;
            }
            let weight = self.spec.weights[index];
            let is_number = self.spec.features[index].kind() == Kind::Number;
            let inverse = self.inverse_scale(index);
            wide(
                #[inline(always)]
                || {
                    let sums = likeness.iter_mut().zip(known.iter_mut()).zip(&column.values);
                    let equal = !is_number || inverse == 0.0;
                    match (column.weights.as_slice(), equal) {
                        ([], false) => {
                            for ((sum, known), &other) in sums {
                                *sum += weight * alike(true, inverse, value, other);
                                *known += weight;
                            }
                        }
                        ([], true) => {
                            for ((sum, known), &other) in sums {
                                *sum += weight * alike(false, 0.0, value, other);
                                *known += weight;
                            }
                        }
                        (weights, false) => {
                            for (((sum, known), &other), &weight) in sums.zip(weights) {
                                *sum += weight * alike(true, inverse, value, other);
                                *known += weight;
                            }
                        }
                        (weights, true) => {
                            for (((sum, known), &other), &weight) in sums.zip(weights) {
                                *sum += weight * alike(false, 0.0, value, other);
                                *known += weight;
                            }
                        }
                    }
                },
            );
        }
        likeness.iter_mut().zip(known.iter()).for_each(|(sum, known)| *sum /= known);
    }

    /// Chooses the customers that count.
    fn choose(&self, reference: &Reference, scratch: &mut Scratch) {
        let Scratch { likeness, known, chosen, .. } = scratch;
        let least = self.spec.least_compared * self.spec.weights.iter().sum::<f64>();
        // A sum of the same weights in another order may miss the last digit.
        let least = least * (1.0 - 1e-12);
        chosen.clear();
        chosen.extend((0..reference.rows).filter(|&one| known[one] > 0.0 && known[one] >= least));
        if let Some(neighbours) = self.spec.neighbours.filter(|&neighbours| neighbours < chosen.len()) {
            let nearer = |a: &usize, b: &usize| likeness[*b].total_cmp(&likeness[*a]).then(a.cmp(b));
            chosen.select_nth_unstable_by(neighbours - 1, nearer);
            chosen.truncate(neighbours);
            chosen.sort_unstable();
        }
    }

    /// Adds `sign` times what each feature contributes to the mean likeness; NaN where there is nobody to compare with.
    fn contribute(&self, row: &[f64], reference: &Reference, sign: f64, scratch: &mut Scratch) {
        self.compare(row, reference, scratch);
        self.choose(reference, scratch);
        let Scratch { known, chosen, contributions, .. } = scratch;
        let count = chosen.len() as f64;
        for (index, (contribution, column)) in contributions.iter_mut().zip(&reference.columns).enumerate() {
            let mut sum = if chosen.is_empty() { f64::NAN } else { 0.0 };
            let value = row[index];
            if !value.is_nan() {
                let is_number = self.spec.features[index].kind() == Kind::Number;
                let inverse = self.inverse_scale(index);
                for &one in chosen.iter() {
                    let weight = column.weights.get(one).copied().unwrap_or(self.spec.weights[index]);
                    sum += weight * alike(is_number, inverse, value, column.values[one]) / known[one];
                }
            }
            *contribution += sign * (sum / count);
        }
    }

    fn explain_into(&self, row: &[f64], scratch: &mut Scratch) {
        scratch.contributions.fill(0.0);
        self.contribute(row, &self.good, 1.0, scratch);
        if let Some(others) = &self.others {
            self.contribute(row, others, -1.0, scratch);
        }
    }

    /// Works on parts of the rows side by side; `take` gets the places of a part, a row in it, and its contributions.
    fn each_row(
        &self,
        columns: &Columns<'_>,
        parts: Vec<Vec<&mut [f64]>>,
        take: impl Fn(&mut [&mut [f64]], usize, &[f64]) + Sync + Send,
    ) {
        let numbered: Vec<(usize, Vec<&mut [f64]>)> = parts.into_iter().enumerate().collect();
        parallel::map(numbered, |(part, mut places)| {
            let mut scratch = Scratch::new(self);
            let mut row = vec![0.0; self.spec.features.len()];
            let start = part * PART;
            for index in start..columns.rows().min(start + PART) {
                columns.row_into(index, &mut row);
                self.explain_into(&row, &mut scratch);
                take(&mut places, index - start, &scratch.contributions);
            }
        });
    }
}

fn sum(contributions: &[f64]) -> f64 {
    contributions.iter().fold(0.0, |sum, contribution| sum + contribution)
}

impl Score for LookAlikeModel {
    fn features(&self) -> &[Feature] {
        &self.spec.features
    }

    fn score_row(&self, row: &[f64]) -> f64 {
        let mut scratch = Scratch::new(self);
        self.explain_into(row, &mut scratch);
        sum(&scratch.contributions)
    }

    fn score_columns(&self, columns: &Columns<'_>, scores: &mut [f64]) {
        assert_eq!(scores.len(), columns.rows(), "one score per row");
        let parts = scores.chunks_mut(PART).map(|part| vec![part]).collect();
        self.each_row(columns, parts, |places, row, contributions| places[0][row] = sum(contributions));
    }
}

impl Explain for LookAlikeModel {
    fn base(&self) -> f64 {
        0.0
    }

    fn terms(&self) -> &[Term] {
        &self.terms
    }

    fn contributions_row(&self, row: &[f64], contributions: &mut [f64]) {
        let mut scratch = Scratch::new(self);
        self.explain_into(row, &mut scratch);
        contributions.copy_from_slice(&scratch.contributions);
    }

    fn contributions_columns(&self, columns: &Columns<'_>, contributions: &mut [&mut [f64]]) {
        assert_eq!(contributions.len(), self.terms.len(), "one column of contributions per term");
        let mut parts: Vec<Vec<&mut [f64]>> = Vec::new();
        parts.resize_with(columns.rows().div_ceil(PART), Vec::new);
        for column in contributions {
            assert_eq!(column.len(), columns.rows(), "one contribution per row");
            column.chunks_mut(PART).zip(&mut parts).for_each(|(places, part)| part.push(places));
        }
        self.each_row(columns, parts, |places, row, contributions| {
            places.iter_mut().zip(contributions).for_each(|(column, contribution)| column[row] = *contribution);
        });
    }
}

impl Saved for LookAlikeModel {
    const KIND: &'static str = "look_alike";

    fn as_score(&self) -> Option<&dyn Score> {
        Some(self)
    }

    fn as_explain(&self) -> Option<&dyn Explain> {
        Some(self)
    }
}

fn parameter(name: &'static str, must_be: &str, got: &str) -> Error {
    Error::InvalidParameter { of: "LookAlike", name, must_be: must_be.into(), got: got.into() }
}
