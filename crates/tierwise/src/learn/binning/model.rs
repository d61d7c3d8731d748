//! A feature in bins: the table, its weights of evidence, and the transform of new data.

use super::binner::Trend;
use super::counts::{BinnedOutcome, Tally};
use super::layout::BinLayout;
use super::objective::{ZeroCells, evidence};
use super::target::LARGEST;
use crate::model::Saved;
use crate::rates::{check_confidence, rate};
use crate::scorecard::{Characteristic, Condition};
use crate::sum::{IsSum, Part, Sum};
use crate::{Error, Explain, Feature, Result, Score, Term, Unknown};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// A feature in bins, with what each bin says about the outcome. Made by [`Binner`](super::Binner).
///
/// It is a score: of yes or no its **weight of evidence**, `ln(p / q)` with `p` the bin's share of all rows of the
/// positive class and `q` its share of all others, so that **more points for the positive class, and the weights are
/// added to log-odds** (Good 1950). Tables that write `ln(% good / % bad)` have this sign when the positive class is the
/// good one. Of a number the score is the mean of the bin less the overall mean. A bin without rows scores 0.
///
/// ```
/// use tierwise::{Feature, Outcome, Score, learn::bin_feature};
/// let months: Vec<f64> = (0..40).map(f64::from).collect();
/// let late: Vec<bool> = (0..40).map(|row| row % 7 < row / 10).collect();
/// let binning = bin_feature(&Feature::number("months"), &months, &Outcome::binary("late", &late))?;
/// assert!(binning.information_value() > 0.5);
/// assert!(binning.score_row(&[39.0]) > binning.score_row(&[0.0]));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "StoredBinning", into = "StoredBinning")]
pub struct Binning {
    content: StoredBinning,
    /// One feature; a list because [`Score::features`] gives a list.
    features: Vec<Feature>,
    terms: Vec<Term>,
    /// The score and the gain of each bin.
    points: Vec<f64>,
    gains: Vec<f64>,
    total: Tally,
    sum: Sum,
}

/// The model file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredBinning {
    pub(super) layout: BinLayout,
    pub(super) outcome: BinnedOutcome,
    /// One tally per bin of the layout.
    pub(super) bins: Vec<Tally>,
    /// The course that the rates were made to take, where bins were joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) trend: Option<Trend>,
    #[serde(default)]
    pub(super) zero_cells: ZeroCells,
    pub(super) confidence: f64,
    /// The bin whose score an unknown or unseen value gets while none was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) unseen_in: Option<usize>,
}

/// One row of the table of a [`Binning`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bin {
    /// What it holds, in words.
    pub label: String,
    /// Rows that carry weight.
    pub rows: u64,
    /// The sum of their weights.
    pub weight: f64,
    /// The share of the weight of all rows.
    pub share: f64,
    /// The weight of the positive class; absent for a number.
    pub events: Option<f64>,
    /// The weight of the others; absent for a number.
    pub non_events: Option<f64>,
    /// The share of events, or the mean of a number; NaN where there are no rows.
    pub rate: f64,
    /// The lower end of its interval; NaN where there are too few rows for one.
    pub low: f64,
    /// The upper end of its interval.
    pub high: f64,
    /// The weight of evidence, or the mean less the overall mean.
    pub points: f64,
    /// What it adds to the information value, or to the share of variance explained.
    pub gain: f64,
}

/// More customers than there are; beyond, sums lose whole ones.
const MOST: f64 = 1e15;

impl Binning {
    pub(super) fn new(content: StoredBinning) -> Result<Self> {
        check_tallies(&content)?;
        let total = total_of(&content);
        let (mut points, gains): (Vec<f64>, Vec<f64>) = if content.outcome.is_binary() {
            weights_of_evidence(&content, &total)?.into_iter().unzip()
        } else {
            effects(&content, &total).into_iter().unzip()
        };
        let unknown = content.bins.len() - 1;
        if let (Some(bin), 0) = (content.unseen_in, content.bins[unknown].rows) {
            points[unknown] = points[bin];
        }
        let part = part(&content.layout, &points);
        let feature = content.layout.feature().clone();
        Ok(Self {
            terms: vec![Term { name: feature.name().to_owned(), features: vec![0] }],
            features: vec![feature],
            points,
            gains,
            total,
            sum: Sum::new(0.0, vec![part]),
            content,
        })
    }

    /// Where the bins begin and end.
    pub fn layout(&self) -> &BinLayout {
        &self.content.layout
    }

    /// What the bins are about.
    pub fn outcome(&self) -> &BinnedOutcome {
        &self.content.outcome
    }

    /// The course that the rates take from bin to bin, where it was asked for or found; absent for categories and for
    /// edges that were given.
    pub fn trend(&self) -> Option<Trend> {
        self.content.trend
    }

    /// The lower ends of all bins of a number but the lowest.
    pub fn edges(&self) -> &[f64] {
        self.content.layout.edges()
    }

    /// The score of each bin, in the order of the layout: weight of evidence, or mean less overall mean.
    pub fn points(&self) -> &[f64] {
        &self.points
    }

    /// The information value, `Σ (p − q) · ln(p / q)` over all bins, special codes and unknown included: the divergence
    /// of Jeffreys between the two classes (Kullback 1959). For a number it is the share of the variance explained.
    pub fn information_value(&self) -> f64 {
        self.gains.iter().sum()
    }

    /// All rows together.
    pub fn total(&self) -> &Tally {
        &self.total
    }

    /// The table, in the order of the layout. Intervals of rates are those of [`rate`]; those of means
    /// are Student's. Weights count as customers.
    pub fn bins(&self) -> Vec<Bin> {
        let labels = self.content.layout.labels();
        let rows = self.content.bins.iter().zip(labels).zip(self.points.iter().zip(&self.gains));
        rows.map(|((tally, label), (&points, &gain))| self.bin(tally, label, points, gain)).collect()
    }

    fn bin(&self, tally: &Tally, label: String, points: f64, gain: f64) -> Bin {
        let binary = self.content.outcome.is_binary();
        let [rate, low, high] = match (tally.weight > 0.0, binary) {
            (false, _) => [f64::NAN; 3],
            (true, true) => rate_interval(tally, self.content.confidence),
            (true, false) => mean_interval(tally, self.content.confidence),
        };
        Bin {
            label,
            rows: tally.rows,
            weight: tally.weight,
            share: tally.weight / self.total.weight,
            events: binary.then_some(tally.outcome),
            non_events: binary.then_some(tally.weight - tally.outcome),
            rate,
            low,
            high,
            points,
            gain,
        }
    }

    /// The position of the bin of a value, in the order of the layout.
    pub fn code(&self, value: f64) -> usize {
        self.seen(self.content.layout.code(value) as u32) as usize
    }

    /// The positions of the bins of a column.
    pub fn codes(&self, values: &[f64]) -> Vec<u32> {
        let mut codes = self.content.layout.codes(values);
        if self.unseen_in().is_some() {
            for code in &mut codes {
                *code = self.seen(*code);
            }
        }
        codes
    }

    fn seen(&self, code: u32) -> u32 {
        match self.unseen_in() {
            Some(bin) if code as usize + 1 == self.content.bins.len() => bin as u32,
            _ => code,
        }
    }

    /// The bin that stands for what is unknown or unseen, where no such row was there to learn from.
    fn unseen_in(&self) -> Option<usize> {
        let unknown = self.content.bins.last()?;
        self.content.unseen_in.filter(|_| unknown.rows == 0)
    }

    /// The question of a card about this feature: `factor` times the score of each bin as points, special codes first.
    ///
    /// ```
    /// use tierwise::{Feature, Outcome, Score, Scorecard, learn::bin_feature, scorecard::CardSpec};
    /// let met: Vec<f64> = (0..40).map(|row| f64::from(row % 2)).collect();
    /// let won: Vec<bool> = (0..40).map(|row| row % 2 == 1 && row % 3 > 0 || row == 2).collect();
    /// let binning = bin_feature(&Feature::yes_no("met"), &met, &Outcome::binary("won", &won))?;
    /// let card = Scorecard::new(CardSpec {
    ///     name: "one question".into(),
    ///     features: binning.features().to_vec(),
    ///     characteristics: vec![binning.characteristic(20.0)],
    ///     ..CardSpec::default()
    /// })?;
    /// assert_eq!(card.score_row(&[1.0]), 20.0 * binning.score_row(&[1.0]));
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn characteristic(&self, factor: f64) -> Characteristic {
        self.question(|bin| factor * self.points[bin])
    }

    /// The question of a card about this feature, with the points given for each bin.
    pub(in crate::learn) fn question(&self, points: impl Fn(usize) -> f64) -> Characteristic {
        let (layout, feature) = (&self.content.layout, &self.features[0]);
        let unknown = layout.bins() - 1;
        let refuses = feature.unknown() == Unknown::Error;
        let of_bins = (layout.ordinary()..unknown).chain(0..layout.ordinary());
        let start = Characteristic::new(feature.name(), feature.name());
        let mut question = of_bins.fold(start, |question, bin| question.when(layout.condition(bin), points(bin)));
        let grouped: usize = layout.level_groups().iter().map(Vec::len).sum();
        if grouped < feature.levels().len() {
            question = question.when(Condition::Otherwise, points(unknown));
        }
        if refuses { question } else { question.when(Condition::Unknown, points(unknown)) }
    }

    /// What each bin holds, in the order of the layout.
    pub(in crate::learn) fn tallies(&self) -> &[Tally] {
        &self.content.bins
    }

    /// The bin whose points a bin takes: its own, but for unknown where unseen levels count as rare ones.
    pub(in crate::learn) fn stands_for(&self, bin: usize) -> usize {
        self.seen(bin as u32) as usize
    }
}

/// Bins are equal when their files are: all else follows from that.
impl PartialEq for Binning {
    fn eq(&self, other: &Self) -> bool {
        self.content == other.content
    }
}

impl TryFrom<StoredBinning> for Binning {
    type Error = Error;

    fn try_from(stored: StoredBinning) -> Result<Self> {
        Self::new(stored)
    }
}

impl From<Binning> for StoredBinning {
    fn from(binning: Binning) -> Self {
        binning.content
    }
}

impl IsSum for Binning {
    fn as_sum(&self) -> (&[Feature], &[Term], &Sum) {
        (&self.features, &self.terms, &self.sum)
    }
}

impl Saved for Binning {
    const KIND: &'static str = "binning";

    fn as_score(&self) -> Option<&dyn Score> {
        Some(self)
    }

    fn as_explain(&self) -> Option<&dyn Explain> {
        Some(self)
    }
}

fn check_tallies(content: &StoredBinning) -> Result<()> {
    let (bins, needed) = (&content.bins, content.layout.bins());
    check_confidence("Binning", content.confidence)?;
    if bins.len() != needed {
        let what = "the list `bins` (one per bin of the layout, unknown last)".into();
        return Err(Error::WrongLength { what, expected: needed, found: bins.len() });
    }
    let binary = content.outcome.is_binary();
    for (row, tally) in bins.iter().enumerate() {
        let sound = (0.0..=MOST).contains(&tally.weight)
            && tally.rows as f64 <= MOST
            && (tally.rows == 0) == (tally.weight == 0.0)
            && if binary {
                (0.0..=tally.weight).contains(&tally.outcome) && tally.squares == 0.0
            } else {
                tally.outcome.abs() <= LARGEST && (0.0..=f64::MAX.sqrt()).contains(&tally.squares.sqrt())
            };
        if !sound {
            return Err(Error::InvalidValue {
                what: "the list `bins`".into(),
                row,
                key: None,
                found: format!("{tally:?}"),
                must_be: format!(
                    "a weight lies in [0, {MOST:e}] and is 0 only without rows, events in [0, weight], a mean within {LARGEST:e}"
                ),
            });
        }
    }
    match content.unseen_in {
        Some(bin) if bin >= content.layout.ordinary() => Err(Error::InvalidParameter {
            of: "Binning",
            name: "unseen_in",
            must_be: format!("the position of a group, below {}", content.layout.ordinary()),
            got: bin.to_string(),
        }),
        _ => Ok(()),
    }
}

fn total_of(content: &StoredBinning) -> Tally {
    let binary = content.outcome.is_binary();
    let mut total = Tally::default();
    content.bins.iter().for_each(|tally| total.add(tally, binary));
    total
}

fn weights_of_evidence(content: &StoredBinning, total: &Tally) -> Result<Vec<(f64, f64)>> {
    let others = |tally: &Tally| tally.weight - tally.outcome;
    // Summed one by one: a difference of sums would lose what a few cases weigh against very many.
    let totals = [total.outcome, content.bins.iter().map(others).sum()];
    if !(totals[0] > 0.0 && totals[1] > 0.0) {
        let found = if totals[0] > 0.0 { "the positive class" } else { "not the positive class" };
        return Err(Error::OneClass { rows: total.rows as usize, found: found.into() });
    }
    let of_bin = |tally: &Tally| {
        let found = evidence([tally.outcome, others(tally)], totals, content.zero_cells);
        (found.weight, found.information)
    };
    Ok(content.bins.iter().map(of_bin).collect())
}

fn effects(content: &StoredBinning, total: &Tally) -> Vec<(f64, f64)> {
    let of_bin = |tally: &Tally| {
        let effect = if tally.weight > 0.0 { tally.outcome - total.outcome } else { 0.0 };
        let explained = tally.weight * effect * effect;
        (effect, if total.squares > 0.0 { explained / total.squares } else { 0.0 })
    };
    content.bins.iter().map(of_bin).collect()
}

fn part(layout: &BinLayout, points: &[f64]) -> Part {
    let mut part = layout.part(points);
    if layout.feature().unknown() == Unknown::Error {
        part.unknown = f64::NAN;
    }
    part
}

fn rate_interval(tally: &Tally, confidence: f64) -> [f64; 3] {
    // Trials, events and confidence were checked when the binning was made; a rate without interval is what is left.
    match rate(tally.outcome, tally.weight, confidence) {
        Ok(rate) => [rate.rate, rate.low, rate.high],
        Err(_) => [tally.outcome / tally.weight, f64::NAN, f64::NAN],
    }
}

fn mean_interval(tally: &Tally, confidence: f64) -> [f64; 3] {
    let mean = tally.outcome;
    let freedom = tally.weight - 1.0;
    let student = if freedom > 0.0 { StudentsT::new(0.0, 1.0, freedom).ok() } else { None };
    let Some(student) = student else { return [mean, f64::NAN, f64::NAN] };
    let half = student.inverse_cdf(f64::midpoint(1.0, confidence)) * (tally.squares / freedom / tally.weight).sqrt();
    [mean, mean - half, mean + half]
}
