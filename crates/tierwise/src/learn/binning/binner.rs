//! The settings of a binning, and the way from rows to bins.

use super::cells::Cells;
use super::counts::{BinCounts, Tally};
use super::layout::{BinLayout, MOST_SPECIAL};
use super::model::{Binning, StoredBinning};
use super::objective::{Objective, ZeroCells};
use super::optimum::Limits;
use super::round_edge::round_edge;
use super::search::Search;
use super::target::{Rows, Target};
use crate::feature::Kind;
use crate::{Columns, Error, Feature, Result, parallel};
use serde::{Deserialize, Serialize};

/// How the rate may go from bin to bin, from low values to high ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// The better of ascending and descending, unless a peak or a valley is worth at least a tenth more. The default.
    /// (The tenth is this library's choice.)
    #[default]
    Auto,
    /// The better of ascending and descending.
    Either,
    /// Never falls.
    Ascending,
    /// Never rises.
    Descending,
    /// Rises, then falls; either part may be missing.
    Peak,
    /// Falls, then rises; either part may be missing.
    Valley,
    /// Any course.
    None,
}

/// What a level scores that was not there to learn from, while no unknown was there either. (Where unknown was seen,
/// unseen levels are unknown and share its bin; where the feature refuses unknown, they are refused.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unseen {
    /// Nothing: 0. The default.
    #[default]
    Neutral,
    /// What the bin with the pooled rare levels scores; nothing where there is none.
    Rare,
}

/// Finds the bins of a feature that say most about an outcome: the highest information value (or, for a number, the
/// most variance explained) of all binnings that keep to the limits, less a penalty per bin.
///
/// The search is exact over all cuts between distinct values where there are at most [`pre_bins`](Self::pre_bins) of
/// those. Where there are more, it is exact over that many cuts, two from each of many stretches of the values: where
/// the rate turns most. It is then repeated around the cuts it chose, more and more closely. Equal values are never parted. Levels of a category
/// are ordered by their rate and then joined like numbers, which is exact without limits on the size of a bin (Fisher
/// 1958). An edge is the roundest number between the two values it parts.
///
/// ```
/// use tierwise::{Feature, Outcome, learn::{Binner, Trend}};
/// let age: Vec<f64> = (0..200).map(|row| f64::from(18 + row * 37 % 60)).collect();
/// let left: Vec<bool> = age.iter().enumerate().map(|(row, age)| (row * 31 % 97) as f64 > 1.2 * age).collect();
/// let binner = Binner::new().trend(Trend::Descending).max_bins(4).min_share(0.1);
/// let binning = binner.bin(&Feature::number("age"), &age, &Outcome::binary("left", &left))?;
/// assert!(binning.edges().len() <= 3);
/// assert!(binning.bins().windows(2).take(binning.edges().len()).all(|pair| pair[0].rate >= pair[1].rate));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Binner {
    trend: Trend,
    max_bins: usize,
    min_share: f64,
    min_events: f64,
    min_non_events: f64,
    min_difference: f64,
    penalty: f64,
    pre_bins: usize,
    special: Vec<f64>,
    rare_share: f64,
    unseen: Unseen,
    zero_cells: ZeroCells,
    confidence: f64,
}

impl Default for Binner {
    fn default() -> Self {
        Self {
            trend: Trend::Auto,
            max_bins: 10,
            min_share: 0.05,
            min_events: 1.0,
            min_non_events: 1.0,
            min_difference: 0.0,
            penalty: 0.0,
            pre_bins: 256,
            special: Vec::new(),
            rare_share: 0.01,
            unseen: Unseen::Neutral,
            zero_cells: ZeroCells::Half,
            confidence: 0.95,
        }
    }
}

/// The bins of a feature with the default settings of [`Binner`].
///
/// # Errors
/// Those of [`Binner::bin`].
///
/// ```
/// use tierwise::{Feature, Outcome, learn::bin_feature};
/// let country = Feature::category("country", ["DE", "FR", "US"]);
/// let codes: Vec<f64> = (0..90).map(|row| f64::from(row % 3)).collect();
/// let bought: Vec<bool> = (0..90).map(|row| row % 3 == 1 && row % 2 == 0 || row % 30 == 0).collect();
/// let binning = bin_feature(&country, &codes, &Outcome::binary("bought", &bought))?;
/// assert_eq!(binning.layout().labels(), ["DE or US", "FR", "unknown"]);
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn bin_feature<'a>(feature: &Feature, values: &[f64], target: impl Into<Target<'a>>) -> Result<Binning> {
    Binner::new().bin(feature, values, target)
}

impl Binner {
    /// The default settings.
    pub fn new() -> Self {
        Self::default()
    }

    /// How the rate may go from bin to bin; [`Trend::Auto`] unless set. For a number, not for a category.
    #[must_use]
    pub fn trend(self, trend: Trend) -> Self {
        Self { trend, ..self }
    }

    /// The most bins between edges (or groups of levels), 1 to 100; 10 unless set. Special codes and unknown come on top.
    #[must_use]
    pub fn max_bins(self, max_bins: usize) -> Self {
        Self { max_bins, ..self }
    }

    /// The least share of a bin of the weight of all rows whose value is known and no special code; 0.05 unless set.
    #[must_use]
    pub fn min_share(self, min_share: f64) -> Self {
        Self { min_share, ..self }
    }

    /// The least weight of the positive class in a bin; 1 unless set.
    #[must_use]
    pub fn min_events(self, min_events: f64) -> Self {
        Self { min_events, ..self }
    }

    /// The least weight of the other class in a bin; 1 unless set.
    #[must_use]
    pub fn min_non_events(self, min_non_events: f64) -> Self {
        Self { min_non_events, ..self }
    }

    /// How far the rates (or means) of neighbouring bins must lie apart; 0 unless set.
    #[must_use]
    pub fn min_difference(self, min_difference: f64) -> Self {
        Self { min_difference, ..self }
    }

    /// What a bin costs, in units of information value (or of the share of variance); 0 unless set.
    #[must_use]
    pub fn penalty(self, penalty: f64) -> Self {
        Self { penalty, ..self }
    }

    /// The most cuts to choose among at once, 2 to 512; 256 unless set. Where rates may take any course, the search is
    /// exact over four times as many.
    #[must_use]
    pub fn pre_bins(self, pre_bins: usize) -> Self {
        Self { pre_bins, ..self }
    }

    /// Codes among the numbers that are no numbers, such as -9 for "no record"; each is a bin of its own.
    #[must_use]
    pub fn special(self, special: impl Into<Vec<f64>>) -> Self {
        Self { special: special.into(), ..self }
    }

    /// Levels with a smaller share of the known rows are pooled before levels are joined; 0.01 unless set.
    #[must_use]
    pub fn rare_share(self, rare_share: f64) -> Self {
        Self { rare_share, ..self }
    }

    /// What an unseen level scores; nothing unless set.
    #[must_use]
    pub fn unseen(self, unseen: Unseen) -> Self {
        Self { unseen, ..self }
    }

    /// The rule for bins in which a class does not occur; [`ZeroCells::Half`] unless set.
    #[must_use]
    pub fn zero_cells(self, zero_cells: ZeroCells) -> Self {
        Self { zero_cells, ..self }
    }

    /// The confidence of the intervals; 0.95 unless set.
    #[must_use]
    pub fn confidence(self, confidence: f64) -> Self {
        Self { confidence, ..self }
    }

    /// The bins of one column: one value and one outcome per row. Where not even all rows together keep to the limits,
    /// they are one bin.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`]; [`Error::EmptyTable`], [`Error::WrongLength`], what
    /// [`Feature::check`](crate::Feature::check) refuses, [`Error::OneClass`], and [`Error::NoVariation`] for a number
    /// that is the same in every row.
    pub fn bin<'a>(&self, feature: &Feature, values: &[f64], target: impl Into<Target<'a>>) -> Result<Binning> {
        self.check(Some(feature))?;
        let target = target.into();
        let rows = target.rows(feature, values)?;
        check_rows(feature, values, target, &rows)?;
        let objective = self.objective(&rows);
        let (layout, trend, unseen_in) = match feature.kind() {
            Kind::Category(levels) => {
                let (groups, unseen_in) = self.join_levels(levels, values, &rows, objective);
                (BinLayout::groups(feature.clone(), groups)?, None, unseen_in)
            }
            Kind::Number | Kind::YesNo => {
                let cells = Cells::of_numbers(values, &self.special, &rows);
                let (cuts, trend) = self.search(&cells, objective, self.trend);
                let edges = cuts.into_iter().map(|cut| round_edge(cells.values[cut - 1], cells.values[cut])).collect();
                (BinLayout::numbers(feature.clone(), edges, self.special.clone())?, trend, None)
            }
        };
        self.model(&BinCounts::of_checked(layout, values, target, &rows), trend, unseen_in)
    }

    /// The bins of every column of a table, one after the other or, with the feature `parallel`, side by side; the
    /// result is the same. The trend applies to numbers only, the special codes to all numbers.
    ///
    /// # Errors
    /// Those of [`Binner::bin`], for the first column that has one.
    pub fn bin_columns<'a>(&self, data: &Columns<'_>, target: impl Into<Target<'a>>) -> Result<Vec<Binning>> {
        let target = target.into();
        let bin = |index: usize| {
            let feature = &data.features()[index];
            let own = match feature.kind() {
                Kind::Number => self.clone(),
                Kind::YesNo => self.clone().special([]),
                Kind::Category(_) => self.clone().trend(Trend::Auto).special([]),
            };
            own.bin(feature, data.column(index), target)
        };
        parallel::map((0..data.features().len()).collect(), bin).into_iter().collect()
    }

    /// The bins that were counted, as they are.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] and [`Error::OneClass`].
    pub fn keep(&self, counts: &BinCounts) -> Result<Binning> {
        self.check(None)?;
        self.model(counts, None, None)
    }

    /// The best bins that neighbouring bins of the counts can be joined to: exact over the counted edges where there are
    /// at most [`pre_bins`](Self::pre_bins) of them. Groups of levels are ordered by their rate first. Special codes are
    /// those of the layout, levels are not pooled.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] and [`Error::OneClass`].
    pub fn join(&self, counts: &BinCounts) -> Result<Binning> {
        self.check(Some(counts.layout().feature()))?;
        let layout = counts.layout();
        let whole = self.model(counts, None, None)?;
        let total = *whole.total();
        let binary = counts.outcome().is_binary();
        let sums = |tally: &Tally| {
            if binary {
                [tally.outcome, tally.weight - tally.outcome]
            } else {
                [tally.weight * (tally.outcome - total.outcome), tally.weight]
            }
        };
        let objective = if binary {
            let others = counts.tallies().iter().map(|tally| sums(tally)[1]).sum();
            Objective::Information { events: total.outcome, others, zero_cells: self.zero_cells }
        } else {
            Objective::Variance { squares: total.squares }
        };
        let ordinary = counts.tallies().iter().take(layout.ordinary()).enumerate();
        let mut filled: Vec<(usize, [f64; 2])> =
            ordinary.filter(|(_, tally)| tally.weight > 0.0).map(|(bin, tally)| (bin, sums(tally))).collect();
        let grouped = matches!(layout.feature().kind(), Kind::Category(_));
        if grouped {
            filled.sort_by(|a, b| by_rate(&objective, a.1, b.1));
        }
        let cells = Cells::in_order(filled.iter().map(|(_, sums)| *sums));
        let (cuts, trend) = self.search(&cells, objective, if grouped { Trend::None } else { self.trend });
        let starts: Vec<usize> = cuts.iter().map(|&cut| filled[cut].0).collect();
        let feature = layout.feature().clone();
        let (joined, trend) = if grouped {
            let order: Vec<usize> = filled.iter().map(|(bin, _)| *bin).collect();
            let groups = runs(&order, &cuts).map(|run| run.iter().flat_map(|&bin| layout.level_groups()[bin].clone()));
            (BinLayout::groups(feature, groups.map(Iterator::collect).collect())?, None)
        } else {
            // The lower end of the first bin of a run; empty bins before it go to the run below.
            let edges = starts.iter().map(|&bin| layout.edges()[bin - 1]).collect();
            (BinLayout::numbers(feature, edges, layout.special().to_vec())?, trend)
        };
        self.model(&counts.joined(joined), trend, None)
    }

    fn model(&self, counts: &BinCounts, trend: Option<Trend>, unseen_in: Option<usize>) -> Result<Binning> {
        Binning::new(StoredBinning {
            layout: counts.layout().clone(),
            outcome: counts.outcome().clone(),
            bins: counts.tallies().to_vec(),
            trend,
            zero_cells: self.zero_cells,
            confidence: self.confidence,
            unseen_in,
        })
    }

    fn objective(&self, rows: &Rows<'_>) -> Objective {
        let all = 0..rows.outcome.len();
        if let Some(mean) = rows.mean {
            let square = |row: usize| rows.weight(row) * (rows.outcome[row] - mean) * (rows.outcome[row] - mean);
            return Objective::Variance { squares: all.map(square).sum() };
        }
        let [events, others] = all.fold([0.0, 0.0], |[events, others], row| {
            let [event, other] = rows.contribution(row);
            [events + event, others + other]
        });
        Objective::Information { events, others, zero_cells: self.zero_cells }
    }

    fn search(&self, cells: &Cells, objective: Objective, trend: Trend) -> (Vec<usize>, Option<Trend>) {
        let all = cells.len();
        let limits = Limits {
            min_weight: self.min_share * objective.weight(cells.first[all], cells.second[all]),
            min_counts: [self.min_events, self.min_non_events],
            max_bins: self.max_bins,
            penalty: self.penalty,
            min_difference: self.min_difference,
        };
        let search = Search { cells, objective, limits, trend, pre_bins: self.pre_bins };
        match if all > 1 { search.run() } else { None } {
            Some(found) => (found.cuts, Some(found.trend)),
            None => (Vec::new(), None),
        }
    }

    /// Groups of the levels that occur, by ascending rate, and the group of the rare ones where unseen levels join it.
    fn join_levels(
        &self,
        levels: &[String],
        values: &[f64],
        rows: &Rows<'_>,
        objective: Objective,
    ) -> (Vec<Vec<String>>, Option<usize>) {
        let mut sums = vec![[0.0, 0.0]; levels.len()];
        for (row, value) in values.iter().enumerate() {
            if !value.is_nan() {
                let [first, second] = rows.contribution(row);
                let place = &mut sums[*value as usize];
                *place = [place[0] + first, place[1] + second];
            }
        }
        let weight = |[first, second]: [f64; 2]| objective.weight(first, second);
        let least = self.rare_share * sums.iter().map(|&sums| weight(sums)).sum::<f64>();
        let seen = (0..levels.len()).filter(|&level| weight(sums[level]) > 0.0);
        let (rare, common): (Vec<usize>, Vec<usize>) = seen.partition(|&level| weight(sums[level]) < least);
        let pooled = rare.iter().fold([0.0, 0.0], |sum, &level| [sum[0] + sums[level][0], sum[1] + sums[level][1]]);
        let mut pools: Vec<(Vec<usize>, [f64; 2])> =
            common.into_iter().map(|level| (vec![level], sums[level])).collect();
        let first_rare = rare.first().copied();
        if !rare.is_empty() {
            pools.push((rare, pooled));
        }
        pools.sort_by(|a, b| by_rate(&objective, a.1, b.1).then(a.0.cmp(&b.0)));
        let cells = Cells::in_order(pools.iter().map(|(_, sums)| *sums));
        let (cuts, _) = self.search(&cells, objective, Trend::None);
        let mut groups: Vec<Vec<usize>> =
            runs(&pools, &cuts).map(|run| run.iter().flat_map(|(levels, _)| levels.clone()).collect()).collect();
        for group in &mut groups {
            group.sort_unstable();
        }
        groups.retain(|group| !group.is_empty());
        let with_rare = first_rare.and_then(|rare| groups.iter().position(|group| group.contains(&rare)));
        let named = |group: Vec<usize>| group.into_iter().map(|level| levels[level].clone()).collect();
        (groups.into_iter().map(named).collect(), with_rare.filter(|_| self.unseen == Unseen::Rare))
    }

    fn check(&self, feature: Option<&Feature>) -> Result<()> {
        let refuse = |name: &'static str, must_be: &str, got: String| {
            Err(Error::InvalidParameter { of: "Binner", name, must_be: must_be.into(), got })
        };
        if !(1..=100).contains(&self.max_bins) {
            return refuse("max_bins", "a whole number in [1, 100]", self.max_bins.to_string());
        }
        if !(2..=512).contains(&self.pre_bins) {
            return refuse("pre_bins", "a whole number in [2, 512]", self.pre_bins.to_string());
        }
        for (name, share) in [("min_share", self.min_share), ("rare_share", self.rare_share)] {
            if !(0.0..1.0).contains(&share) {
                return refuse(name, "a number in [0, 1)", share.to_string());
            }
        }
        for (name, least) in [
            ("min_events", self.min_events),
            ("min_non_events", self.min_non_events),
            ("min_difference", self.min_difference),
            ("penalty", self.penalty),
        ] {
            if !(least >= 0.0 && least.is_finite()) {
                return refuse(name, "a number in [0, inf)", least.to_string());
            }
        }
        if self.special.len() > MOST_SPECIAL {
            return refuse("special", &format!("at most {MOST_SPECIAL} codes"), self.special.len().to_string());
        }
        let grouped = feature.is_some_and(|feature| matches!(feature.kind(), Kind::Category(_)));
        if grouped && !matches!(self.trend, Trend::Auto | Trend::None) {
            return refuse(
                "trend",
                "auto or none for a category: its levels have no order",
                format!("{:?}", self.trend),
            );
        }
        if grouped && !self.special.is_empty() {
            return refuse("special", "empty for a category: a level is a bin anyway", format!("{:?}", self.special));
        }
        crate::rates::check_confidence("Binner", self.confidence)
    }
}

fn by_rate(objective: &Objective, one: [f64; 2], other: [f64; 2]) -> std::cmp::Ordering {
    objective.rate(one[0], one[1]).total_cmp(&objective.rate(other[0], other[1]))
}

/// The stretches between cuts.
fn runs<'a, T>(items: &'a [T], cuts: &'a [usize]) -> impl Iterator<Item = &'a [T]> {
    let starts = std::iter::once(0).chain(cuts.iter().copied());
    let ends = cuts.iter().copied().chain([items.len()]);
    starts.zip(ends).map(|(start, end)| &items[start..end])
}

fn check_rows(feature: &Feature, values: &[f64], target: Target<'_>, rows: &Rows<'_>) -> Result<()> {
    crate::feature::check_features(std::slice::from_ref(feature))?;
    let columns = Columns::in_order(std::slice::from_ref(feature), vec![values])?;
    match target {
        Target::Binary(outcome) => outcome.check(&columns),
        Target::Number(outcome) => {
            let mut counted = (0..values.len()).filter(|&row| rows.weight(row) > 0.0).map(|row| rows.outcome[row]);
            let first = counted.next();
            if counted.any(|value| Some(value) != first) {
                return Ok(());
            }
            let reason = "as an outcome, because it is the same in every row; choose one that varies".into();
            Err(Error::NoVariation { columns: vec![outcome.name().to_owned()], reason })
        }
    }
}
