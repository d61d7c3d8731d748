//! What one column looks like by itself and against the outcome: everything that the rules need, computed once.

use super::association::{auc_of_groups, auc_of_values, odds_range};
use crate::feature::Kind;
use crate::learn::split::folds_by_lot;
use crate::{Feature, Outcome};

/// Folds of the rates by which categories are ranked, and the seed that deals the rows out to them.
pub(super) const FOLDS: usize = 5;
const SEED: u64 = 0;

/// Groups of about equal size into which numbers are cut.
const QUANTILES: usize = 20;

/// What every column is held against.
pub(super) struct Target {
    pub(super) positive: Vec<bool>,
    /// The weights, with mean 1; 0 for rows that do not count.
    pub(super) weight: Vec<f64>,
    pub(super) fold: Vec<u32>,
    /// The weight of the positive class and of the other.
    pub(super) events: f64,
    pub(super) others: f64,
}

impl Target {
    pub(super) fn new(outcome: &Outcome<'_>) -> Self {
        let positive: Vec<bool> = outcome.values().iter().map(|&value| value == 1.0).collect();
        let weight = match outcome.row_weights() {
            None => vec![1.0; positive.len()],
            Some(weights) => {
                let counted = weights.iter().filter(|&&weight| weight > 0.0).count() as f64;
                let largest = weights.iter().copied().fold(0.0, f64::max);
                // Divided by the largest first, so that their sum cannot overflow.
                let mean: f64 = weights.iter().map(|weight| weight / largest).sum::<f64>() / counted;
                weights.iter().map(|weight| weight / largest / mean).collect()
            }
        };
        let of = |class: bool| positive.iter().zip(&weight).filter(|row| *row.0 == class).map(|row| row.1).sum();
        let (events, others) = (of(true), of(false));
        Self { fold: folds_by_lot(outcome, FOLDS, SEED), positive, weight, events, others }
    }

    pub(super) fn base_rate(&self) -> f64 {
        self.events / (self.events + self.others)
    }
}

/// A value, or what is known of a column at all, that goes with one class only.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OneClass {
    pub(super) value: String,
    pub(super) rows: usize,
    pub(super) positive: bool,
    /// How many of these rows would belong to the other class if the value said nothing.
    pub(super) expected: f64,
}

/// One column by itself and against the outcome.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    pub(super) name: String,
    pub(super) is_category: bool,
    pub(super) rows: usize,
    pub(super) unknown: usize,
    /// Different values, unknown not counted.
    pub(super) distinct: usize,
    /// The most frequent value, unknown counted as one, and its rows.
    pub(super) most_common: (String, usize),
    pub(super) whole: bool,
    /// Levels that are numbers; none where all of those are whole, since they may be codes.
    pub(super) numeric_levels: usize,
    /// The share of neighbouring rows whose values go the way that most go; of numbers without a repetition.
    pub(super) in_row_order: f64,
    /// By which the column alone ranks the outcome, of the values themselves (numbers, yes-nos) or of the rates of its
    /// levels on rows that were not used to compute them.
    pub(super) auc: f64,
    /// The same of groups of about equal size, which may rise and fall in any course.
    pub(super) grouped_auc: f64,
    /// How often the spread of an AUC that says nothing goes into `auc - 0.5`, `grouped_auc - 0.5`.
    pub(super) certainty: f64,
    pub(super) grouped_certainty: f64,
    /// By how much at least some rows have higher odds than all, and lower.
    pub(super) odds_high: f64,
    pub(super) odds_low: f64,
    /// Known, or unknown, for one class only.
    pub(super) known: Option<OneClass>,
    /// The value that goes with one class only, the most frequent of those.
    pub(super) value: Option<OneClass>,
}

impl Profile {
    pub(super) fn new(feature: &Feature, column: &[f64], target: &Target) -> Self {
        let grouping = Grouping::new(feature, column);
        let runs = grouping.runs(feature, target);
        let known = column.len() - grouping.unknown;
        let (group_of_row, groups) =
            if grouping.is_number { grouping.quantiles(&quantiles(&runs, known)) } else { grouping.levels() };
        let grouped_auc = auc_of_groups(&group_of_row, groups, target);
        let odds = odds_range(&group_of_row, groups, target);
        let auc = if grouping.is_number { auc_of_values(&runs, target) } else { grouped_auc };
        let spread = ((target.events + target.others + 1.0) / (12.0 * target.events * target.others)).sqrt();
        let of_unknown = ("unknown".to_owned(), grouping.unknown);
        let common = runs.iter().map(|run| (run.rows, run)).max_by(|one, other| one.0.cmp(&other.0));
        let most_common = match common {
            Some((rows, run)) if rows >= of_unknown.1 => (run.label(feature), rows),
            _ => of_unknown,
        };
        Self {
            name: feature.name().to_owned(),
            is_category: matches!(feature.kind(), Kind::Category(_)),
            rows: column.len(),
            unknown: grouping.unknown,
            distinct: runs.len(),
            most_common,
            whole: grouping.is_number && runs.iter().all(|run| run.value == run.value.trunc()),
            numeric_levels: numeric_levels(feature.levels()),
            in_row_order: if grouping.is_number && runs.len() == known { in_row_order(column) } else { 0.0 },
            auc,
            grouped_auc,
            certainty: (auc - 0.5) / spread,
            grouped_certainty: (grouped_auc - 0.5) / spread,
            odds_high: odds.0,
            odds_low: odds.1,
            known: known_for_one_class(&runs, target),
            value: value_of_one_class(feature, &runs, target),
        }
    }

    /// Nothing repeats: texts that are nearly all different, or whole numbers that all are.
    pub(super) fn is_identifier(&self) -> bool {
        const ENOUGH: usize = 50;
        const NEARLY_ALL: f64 = 0.9;
        let known = self.rows - self.unknown;
        let distinct = self.distinct as f64;
        known >= ENOUGH
            && if self.is_category {
                distinct >= NEARLY_ALL * known as f64
            } else {
                self.whole && self.distinct == known
            }
    }

    /// One value in every row, unknown counted as one.
    pub(super) fn is_constant(&self) -> bool {
        self.most_common.1 == self.rows
    }
}

/// The rows that hold one value, by class.
pub(super) struct Run {
    pub(super) value: f64,
    pub(super) rows: usize,
    /// Rows that carry weight, and how many of those are positive.
    counted: usize,
    positives: usize,
    pub(super) events: f64,
    pub(super) others: f64,
}

impl Run {
    fn new(value: f64) -> Self {
        Self { value, rows: 0, counted: 0, positives: 0, events: 0.0, others: 0.0 }
    }

    fn add(&mut self, row: usize, target: &Target) {
        let (weight, positive) = (target.weight[row], target.positive[row]);
        self.rows += 1;
        self.counted += usize::from(weight > 0.0);
        self.positives += usize::from(weight > 0.0 && positive);
        *(if positive { &mut self.events } else { &mut self.others }) += weight;
    }

    fn label(&self, feature: &Feature) -> String {
        match feature.kind() {
            Kind::Number => self.value.to_string(),
            Kind::YesNo => if self.value == 1.0 { "yes" } else { "no" }.into(),
            Kind::Category(_) => feature.level_of(self.value).unwrap_or("unknown").to_owned(),
        }
    }
}

/// The rows of a column by value.
struct Grouping<'a> {
    column: &'a [f64],
    is_number: bool,
    unknown: usize,
    /// The rows of known values, lowest value first; of numbers and yes-nos.
    sorted: Vec<u32>,
    levels: usize,
}

impl<'a> Grouping<'a> {
    fn new(feature: &Feature, column: &'a [f64]) -> Self {
        let is_number = !matches!(feature.kind(), Kind::Category(_));
        let unknown = column.iter().filter(|value| value.is_nan()).count();
        let mut sorted: Vec<u32> = Vec::new();
        if is_number {
            sorted.extend((0..column.len() as u32).filter(|&row| !column[row as usize].is_nan()));
            // Zero of either sign is one value; equal values stay in row order.
            sorted.sort_by(|&one, &other| (column[one as usize] + 0.0).total_cmp(&(column[other as usize] + 0.0)));
        }
        Self { column, is_number, unknown, sorted, levels: feature.levels().len() }
    }

    /// One run per value that occurs, lowest first.
    fn runs(&self, feature: &Feature, target: &Target) -> Vec<Run> {
        if let Kind::Category(levels) = feature.kind() {
            let mut runs: Vec<Run> = (0..levels.len()).map(|code| Run::new(code as f64)).collect();
            let known = self.column.iter().enumerate().filter(|(_, value)| !value.is_nan());
            known.for_each(|(row, &value)| runs[value as usize].add(row, target));
            runs.retain(|run| run.rows > 0);
            return runs;
        }
        let mut runs: Vec<Run> = Vec::new();
        for &row in &self.sorted {
            let value = self.column[row as usize];
            if runs.last().is_none_or(|run| run.value != value) {
                runs.push(Run::new(value));
            }
            if let Some(run) = runs.last_mut() {
                run.add(row as usize, target);
            }
        }
        runs
    }

    /// The group of each row of a number, from the group of each of its values, and how many groups there are; unknown
    /// is the last one.
    fn quantiles(&self, group_of_run: &[u32]) -> (Vec<u32>, usize) {
        let unknown = group_of_run.last().map_or(0, |last| last + 1);
        let mut group_of_row = vec![unknown; self.column.len()];
        let (mut run, mut last) = (0, None);
        for &row in &self.sorted {
            let value = self.column[row as usize];
            run += usize::from(last.is_some_and(|last| last != value));
            last = Some(value);
            group_of_row[row as usize] = group_of_run[run];
        }
        (group_of_row, unknown as usize + 1)
    }

    /// The level of each row of a category, and how many there are; unknown is the last one.
    fn levels(&self) -> (Vec<u32>, usize) {
        let level = |value: &f64| if value.is_nan() { self.levels as u32 } else { *value as u32 };
        (self.column.iter().map(level).collect(), self.levels + 1)
    }
}

/// The group of each value, so that groups hold about the same number of rows and no value is in two. A value with as
/// many rows as a group is a group of its own.
fn quantiles(runs: &[Run], known: usize) -> Vec<u32> {
    let mut groups = Vec::with_capacity(runs.len());
    let (mut group, mut before, mut filled, mut closed) = (0, 0, 0, false);
    for run in runs {
        let fills_one = run.rows * QUANTILES >= known;
        // A group is closed where the rows up to here reach its end.
        if before > 0 && (closed || fills_one || before * QUANTILES >= (filled + 1) * known) {
            group += 1;
            filled = before * QUANTILES / known;
        }
        groups.push(group);
        before += run.rows;
        closed = fills_one;
    }
    groups
}

fn numeric_levels(levels: &[String]) -> usize {
    let numbers =
        || levels.iter().filter_map(|level| level.trim().parse().ok()).filter(|number: &f64| number.is_finite());
    if numbers().all(|number| number == number.trunc()) { 0 } else { numbers().count() }
}

/// The share of neighbours that go up, or that go down, whichever is larger.
fn in_row_order(column: &[f64]) -> f64 {
    let known: Vec<f64> = column.iter().copied().filter(|value| !value.is_nan()).collect();
    let pairs = known.len().saturating_sub(1);
    let up = known.windows(2).filter(|pair| pair[1] > pair[0]).count();
    up.max(pairs - up) as f64 / pairs.max(1) as f64
}

/// Rows below which nothing is said about one value.
pub(super) const FEW_ROWS: usize = 30;

fn known_for_one_class(runs: &[Run], target: &Target) -> Option<OneClass> {
    let counted = target.weight.iter().filter(|&&weight| weight > 0.0).count();
    let positive = target.positive.iter().zip(&target.weight).filter(|row| *row.0 && *row.1 > 0.0).count();
    let known = runs.iter().fold((0, 0), |sum, run| (sum.0 + run.counted, sum.1 + run.positives));
    let unknown = (counted - known.0, positive - known.1);
    let of = |value: &str, (rows, positives): (usize, usize)| one_class(value.into(), rows, positives, target, 10.0);
    if known.0 == 0 || unknown.0 == 0 {
        return None;
    }
    of("known", known).or_else(|| of("unknown", unknown))
}

/// Of a number a single value must be more telling, because there are so many of them.
fn value_of_one_class(feature: &Feature, runs: &[Run], target: &Target) -> Option<OneClass> {
    let least = if feature.kind() == Kind::Number && runs.len() > 2 { 30.0 } else { 10.0 };
    let found = runs.iter().filter_map(|run| one_class(run.label(feature), run.counted, run.positives, target, least));
    found.max_by(|one, other| one.expected.total_cmp(&other.expected))
}

fn one_class(value: String, rows: usize, positives: usize, target: &Target, least: f64) -> Option<OneClass> {
    if rows < FEW_ROWS || (positives > 0 && positives < rows) {
        return None;
    }
    let positive = positives > 0;
    let share_of_others = if positive { 1.0 - target.base_rate() } else { target.base_rate() };
    let expected = rows as f64 * share_of_others;
    (expected >= least).then_some(OneClass { value, rows, positive, expected })
}
