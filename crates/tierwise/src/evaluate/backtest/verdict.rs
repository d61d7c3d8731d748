//! What it comes to, in a sentence: stable, watch, or act.

use super::figures::BacktestFigure;
use super::series::PooledFigure;
use super::stability::ScoreShift;
use super::{Backtest, BacktestWindow};
use crate::Result;
use crate::evaluate::drift::DriftLevel;
use crate::evaluate::rows::parameter;
use serde::{Deserialize, Serialize};

/// From where on something is to be watched, and from where on something is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BacktestLimit {
    /// To be watched.
    pub watch: f64,
    /// To be acted on.
    pub act: f64,
}

/// The limits of the verdict. All are inferred: set them to what a worse list costs you. Those of the drift of the score are
/// those of [`DriftSettings`](crate::evaluate::DriftSettings).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BacktestLimits {
    /// With fewer judged windows there is no verdict; 3 by default.
    pub least_windows: usize,
    /// The ROC AUC lost from the first window to the last, by the trend, if its interval is below 0; 0.02 and 0.05.
    pub ranking_lost: BacktestLimit,
    /// The growth of the relative error of amounts (WAPE) from the first window to the last, as a share of its mean, if the
    /// interval of the trend is above 0; 0.1 and 0.25.
    pub error_grown: BacktestLimit,
    /// How far calibration-in-the-large is from 0 in the mean of the windows, in log-odds, if its interval does not hold 0; 0.2
    /// and 0.5: of 20 % that were said, 23 % and 29 % happen.
    pub calibration_off: BacktestLimit,
    /// The least Spearman correlation between successive models on the same rows; 0.9 and 0.7.
    pub rank_agreement: BacktestLimit,
    /// A smaller gain or loss in ROC AUC by refitting matters to nobody; 0.005.
    pub refitting_gain: f64,
    /// The same of log-loss and WAPE, as a share of their mean; 0.01.
    pub refitting_error: f64,
}

impl Default for BacktestLimits {
    fn default() -> Self {
        Self {
            least_windows: 3,
            ranking_lost: BacktestLimit { watch: 0.02, act: 0.05 },
            error_grown: BacktestLimit { watch: 0.1, act: 0.25 },
            calibration_off: BacktestLimit { watch: 0.2, act: 0.5 },
            rank_agreement: BacktestLimit { watch: 0.9, act: 0.7 },
            refitting_gain: 0.005,
            refitting_error: 0.01,
        }
    }
}

impl BacktestLimits {
    pub(super) fn check(&self) -> Result<()> {
        const OF: &str = "BacktestLimits";
        let rising = [
            ("ranking_lost", self.ranking_lost),
            ("error_grown", self.error_grown),
            ("calibration_off", self.calibration_off),
        ];
        for (name, limit) in rising {
            if !(limit.watch >= 0.0 && limit.watch <= limit.act && limit.act.is_finite()) {
                let got = format!("{} and {}", limit.watch, limit.act);
                return Err(parameter(OF, name, "a `watch` of at least 0 and an `act` of at least that", &got));
            }
        }
        let BacktestLimit { watch, act } = self.rank_agreement;
        if !(act >= -1.0 && act <= watch && watch <= 1.0) {
            let got = format!("{watch} and {act}");
            return Err(parameter(OF, "rank_agreement", "a `watch` of at most 1 and an `act` in [-1, watch]", &got));
        }
        for (name, least) in [("refitting_gain", self.refitting_gain), ("refitting_error", self.refitting_error)] {
            if !(0.0..1.0).contains(&least) {
                return Err(parameter(OF, name, "a number in [0, 1)", &least));
            }
        }
        if self.least_windows < 2 {
            return Err(parameter(OF, "least_windows", "a whole number of at least 2", &self.least_windows));
        }
        Ok(())
    }
}

/// What is to be done about the model, or about one thing that was looked at. The later the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BacktestLevel {
    /// Nothing.
    Stable,
    /// Look again after the next refit.
    Watch,
    /// Do something.
    Act,
    /// It cannot be said.
    NotEnoughData,
}

impl From<DriftLevel> for BacktestLevel {
    fn from(level: DriftLevel) -> Self {
        match level {
            DriftLevel::Stable => Self::Stable,
            DriftLevel::Watch => Self::Watch,
            DriftLevel::Act => Self::Act,
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BacktestCheck {
    /// `skill`, `trend`, `calibration`, `coefficients`, `ranks` or `score_shift`.
    pub name: &'static str,
    /// Its figure: what was lost, how far off, how many, how like, how shifted.
    pub value: Option<f64>,
    /// The lower end of its interval, where it has one.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// What it says.
    pub level: BacktestLevel,
    /// The same in words.
    pub sentence: String,
}

/// Whether a model that is refitted does better than the first one, kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refitting {
    /// It does.
    Pays,
    /// It does worse.
    Costs,
    /// There is a difference, but a small one.
    Little,
    /// No difference is shown.
    NotShown,
    /// There is nothing to compare.
    NotKnown,
}

/// Looks at what was found.
pub(super) fn checks(found: &Backtest, limits: &BacktestLimits) -> Vec<BacktestCheck> {
    let judged: Vec<&BacktestWindow> = found.windows.iter().filter(|window| !window.figures.is_empty()).collect();
    let span = judged.first().zip(judged.last()).map_or(0.0, |(first, last)| (last.at - first.at) / 30.0);
    let checks = [
        skill(found),
        trend(found, span, limits),
        calibration(found, limits),
        coefficients(found),
        ranks(found, limits),
        score_shift(&judged),
    ];
    checks.into_iter().flatten().collect()
}

/// The verdict and its reason.
pub(super) fn verdict(found: &Backtest, limits: &BacktestLimits) -> (BacktestLevel, String) {
    let judged = found.windows.iter().filter(|window| !window.figures.is_empty()).count();
    if judged < limits.least_windows {
        let least = limits.least_windows;
        let reason = format!("Not enough data: {judged} windows could be judged, and {least} are asked for.");
        return (BacktestLevel::NotEnoughData, reason);
    }
    let known = found.checks.iter().filter(|check| check.level != BacktestLevel::NotEnoughData);
    let level = known.clone().map(|check| check.level).max().unwrap_or(BacktestLevel::Stable);
    let mean = found.pooled.first().map_or_else(String::new, |pooled| {
        format!(" Over {} windows its {} is {}.", pooled.windows, words(pooled.figure), told(pooled))
    });
    if level == BacktestLevel::Stable {
        return (level, format!("Stable: nothing that was looked at is beyond its limit.{mean}"));
    }
    let word = if level == BacktestLevel::Act { "Act" } else { "Watch" };
    let beyond = known.filter(|check| check.level == level);
    let why: Vec<&str> = beyond.map(|check| check.sentence.trim_end_matches('.')).collect();
    (level, format!("{word}: {}.{mean}", why.join("; ")))
}

/// Whether refitting pays, and how that is known: by ranking, or by log-loss where it does not show there.
pub(super) fn refitting(
    against_first: &[PooledFigure],
    pooled: &[PooledFigure],
    limits: &BacktestLimits,
) -> (Refitting, String) {
    let of = |figures: &[PooledFigure], figure| figures.iter().find(|one| one.figure == figure).copied();
    let gain = |figure| {
        let apart = of(against_first, figure)?;
        let (better, least) = match figure {
            BacktestFigure::RocAuc => (1.0, limits.refitting_gain),
            _ => (-1.0, limits.refitting_error * of(pooled, figure)?.value),
        };
        Some(Gain { apart, better, least })
    };
    let compared = [BacktestFigure::RocAuc, BacktestFigure::LogLoss, BacktestFigure::WeightedAbsolutePercentageError];
    let compared: Vec<Gain> = compared.into_iter().filter_map(gain).collect();
    let found = |is: fn(&Gain) -> bool| compared.iter().find(|one| is(one));
    let (state, says, shown) = if let Some(gain) = found(|one| one.is_shown(1.0) && one.is_large()) {
        (Refitting::Pays, "Refitting pays", gain)
    } else if let Some(gain) = found(|one| one.is_shown(-1.0) && one.is_large()) {
        (Refitting::Costs, "Refitting costs", gain)
    } else if let Some(gain) = found(|one| one.is_shown(1.0) || one.is_shown(-1.0)) {
        (Refitting::Little, "Refitting makes little difference", gain)
    } else if let Some(gain) = compared.first() {
        (Refitting::NotShown, "Refitting is not shown to make a difference", gain)
    } else {
        let why = "Whether refitting pays is not known: no window was judged with a later model than the first.";
        return (Refitting::NotKnown, why.into());
    };
    let sentence = format!(
        "{says}: {} of the refitted model less that of the first model, kept, is {} over {} windows.",
        words(shown.apart.figure),
        told(&shown.apart),
        shown.apart.windows
    );
    (state, sentence)
}

/// What refitting brings, which way is better, and how much of it matters.
struct Gain {
    apart: PooledFigure,
    better: f64,
    least: f64,
}

impl Gain {
    /// Whether the interval lies on one side: 1 for better, −1 for worse.
    fn is_shown(&self, side: f64) -> bool {
        let ends = self.apart.low.zip(self.apart.high);
        ends.is_some_and(|(low, high)| (side * self.better * low).min(side * self.better * high) > 0.0)
    }

    fn is_large(&self) -> bool {
        self.apart.value.abs() >= self.least
    }
}

/// Whether the model beats what costs nothing: a list by lot, or the forecast 0 for everybody.
fn skill(found: &Backtest) -> Option<BacktestCheck> {
    let of = |figure| found.pooled.iter().find(|pooled| pooled.figure == figure);
    let error = || of(BacktestFigure::WeightedAbsolutePercentageError).map(|pooled| (pooled, -1.0, 1.0));
    let (pooled, better, nothing) = of(BacktestFigure::RocAuc).map(|pooled| (pooled, 1.0, 0.5)).or_else(error)?;
    let what = if better > 0.0 { "a list by lot" } else { "saying 0 of everybody" };
    let (level, says) = match pooled.low.zip(pooled.high) {
        None => (BacktestLevel::NotEnoughData, format!("over too few windows to compare it with {what}")),
        Some((low, high)) => {
            let (least, most) = if better > 0.0 { (low, high) } else { (-high, -low) };
            let nothing = better * nothing;
            if most <= nothing {
                (BacktestLevel::Act, format!("no better than {what}"))
            } else if least <= nothing {
                (BacktestLevel::Watch, format!("not shown to be better than {what}"))
            } else {
                (BacktestLevel::Stable, format!("better than {what}"))
            }
        }
    };
    let sentence = format!("its {} is {}: {says}.", words(pooled.figure), told(pooled));
    let (value, low, high) = (Some(pooled.value), pooled.low, pooled.high);
    Some(BacktestCheck { name: "skill", value, low, high, level, sentence })
}

fn trend(found: &Backtest, span: f64, limits: &BacktestLimits) -> Option<BacktestCheck> {
    let of = |figure| found.trend.iter().find(|trend| trend.figure == figure);
    let ranking = of(BacktestFigure::RocAuc).map(|trend| (trend, -1.0, 1.0, limits.ranking_lost));
    let error = || {
        let figure = BacktestFigure::WeightedAbsolutePercentageError;
        let mean = found.pooled.iter().find(|pooled| pooled.figure == figure)?.value;
        Some((of(figure)?, 1.0, mean, limits.error_grown))
    };
    let (trend, worse, unit, limit) = ranking.or_else(error)?;
    let change = |slope: f64| slope * span / unit;
    let value = change(trend.per_30_days);
    let ends = trend.low.zip(trend.high).map(|(low, high)| (change(low), change(high)));
    let says = format!(
        "from the first window to the last the {} changes by {value:.4}{} by its trend",
        words(trend.figure),
        if unit == 1.0 { "" } else { " of its mean" }
    );
    let (level, sentence) = match ends {
        None => (BacktestLevel::NotEnoughData, format!("{says}, over too few windows to tell it from chance.")),
        Some((low, high)) => {
            let beyond_noise = if worse > 0.0 { low > 0.0 } else { high < 0.0 };
            let level = if beyond_noise { level(worse * value, limit) } else { BacktestLevel::Stable };
            let noise = if low <= 0.0 && high >= 0.0 { ", which may be chance" } else { "" };
            (level, format!("{says} ({low:.4} to {high:.4}){noise}."))
        }
    };
    let (low, high) = (ends.map(|ends| ends.0), ends.map(|ends| ends.1));
    Some(BacktestCheck { name: "trend", value: Some(value), low, high, level, sentence })
}

fn calibration(found: &Backtest, limits: &BacktestLimits) -> Option<BacktestCheck> {
    let pooled = found.pooled.iter().find(|pooled| pooled.figure == BacktestFigure::CalibrationInTheLarge)?;
    let (level, says) = match pooled.low.zip(pooled.high) {
        None => (BacktestLevel::NotEnoughData, "over too few windows to tell it from chance"),
        Some((low, high)) if low <= 0.0 && high >= 0.0 => (BacktestLevel::Stable, "no more than chance"),
        Some((low, _)) => {
            let how_often =
                if low > 0.0 { "it happens more often than was said" } else { "it happens less often than was said" };
            (level(pooled.value.abs(), limits.calibration_off), how_often)
        }
    };
    let sentence = format!("calibration-in-the-large is {} in log-odds: {says}.", told(pooled));
    let (value, low, high) = (Some(pooled.value), pooled.low, pooled.high);
    Some(BacktestCheck { name: "calibration", value, low, high, level, sentence })
}

fn coefficients(found: &Backtest) -> Option<BacktestCheck> {
    const NAMED: usize = 5;
    // The sign of an intercept says on which side of a half the base rate lies, no more.
    let told = found.terms.iter().filter(|term| term.name != "intercept" && term.standard_deviation.is_some());
    let known = told.filter(|term| term.clear_sign_changes.is_some());
    if known.clone().count() == 0 {
        return None;
    }
    let turned: Vec<String> =
        known.filter(|term| term.clear_sign_changes > Some(0)).map(|term| format!("`{}`", term.name)).collect();
    let (level, sentence) = if turned.is_empty() {
        (BacktestLevel::Stable, "no coefficient turns its sign beyond chance.".into())
    } else {
        let more =
            turned.len().checked_sub(NAMED + 1).map_or_else(String::new, |more| format!(" and {} more", more + 1));
        let named = turned.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        (BacktestLevel::Watch, format!("beyond chance the sign turns of {named}{more}."))
    };
    let value = Some(turned.len() as f64);
    Some(BacktestCheck { name: "coefficients", value, low: None, high: None, level, sentence })
}

fn ranks(found: &Backtest, limits: &BacktestLimits) -> Option<BacktestCheck> {
    let known = found.ranks.iter().filter_map(|ranks| Some((ranks.spearman?, ranks)));
    let (least, ranks) = known.min_by(|one, two| one.0.total_cmp(&two.0))?;
    let BacktestLimit { watch, act } = limits.rank_agreement;
    let level = level(-least, BacktestLimit { watch: -watch, act: -act });
    let overlap = ranks.top_overlap.map_or_else(String::new, |overlap| {
        format!(", where {:.0} % of the top of the list stay there", 100.0 * overlap)
    });
    let sentence = format!(
        "successive models rank the same rows alike with a Spearman correlation of at least {least:.3} (refit {} of \
         {}{overlap}).",
        ranks.refit + 1,
        found.refits.len()
    );
    Some(BacktestCheck { name: "ranks", value: Some(least), low: None, high: None, level, sentence })
}

fn score_shift(judged: &[&BacktestWindow]) -> Option<BacktestCheck> {
    let shifts = (1..).zip(judged).filter_map(|(place, window)| Some((window.score_shift.as_ref()?, place)));
    let worst = |one: &(&ScoreShift, i32), two: &(&ScoreShift, i32)| {
        one.0.level.cmp(&two.0.level).then(one.0.population_stability.total_cmp(&two.0.population_stability))
    };
    let (shift, place) = shifts.max_by(worst)?;
    let sentence = format!(
        "from window to window the score shifts by a population stability index of {:.3} at most (judged window {place} of \
         {}).",
        shift.population_stability,
        judged.len()
    );
    let (value, level) = (Some(shift.population_stability), shift.level.into());
    Some(BacktestCheck { name: "score_shift", value, low: None, high: None, level, sentence })
}

fn level(value: f64, limit: BacktestLimit) -> BacktestLevel {
    if value >= limit.act {
        BacktestLevel::Act
    } else if value >= limit.watch {
        BacktestLevel::Watch
    } else {
        BacktestLevel::Stable
    }
}

fn words(figure: BacktestFigure) -> &'static str {
    match figure {
        BacktestFigure::RocAuc => "ROC AUC",
        BacktestFigure::LogLoss => "log-loss",
        BacktestFigure::MeanAbsoluteError => "mean absolute error",
        BacktestFigure::WeightedAbsolutePercentageError => "relative error (WAPE)",
        figure => figure.as_str(),
    }
}

fn told(pooled: &PooledFigure) -> String {
    match pooled.low.zip(pooled.high) {
        Some((low, high)) => format!("{:.4} ({low:.4} to {high:.4})", pooled.value),
        None => format!("{:.4}", pooled.value),
    }
}
