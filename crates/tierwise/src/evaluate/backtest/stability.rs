//! Do the models stay themselves? Coefficients from refit to refit, and the order in which successive models put the same rows.

use super::OF;
use super::figures::Judge;
use super::judged::Scored;
use super::series::mean_and_deviation;
use crate::evaluate::drift::{DriftLevel, DriftSample, DriftSettings, drift};
use crate::evaluate::promotion::{TopOfList, held};
use crate::evaluate::rows::Rows;
use crate::rank_correlation::{kendall_tau, spearman};
use crate::special::normal::normal_width;
use crate::{Columns, Feature, Outcome, Result};
use serde::Serialize;

/// What a model says of one of its terms.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BacktestTerm {
    /// The name of the coefficient or term, the same in every refit.
    pub name: String,
    /// The coefficient or the importance.
    pub value: f64,
    /// Its standard error, where it has one.
    pub standard_error: Option<f64>,
}

/// What the terms of a model are measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TermKind {
    /// Coefficients, which have a sign.
    Coefficient,
    /// Importances, which are never negative.
    Importance,
}

/// One coefficient or importance over the refits.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TermHistory {
    /// Its name.
    pub name: String,
    /// Its value per refit; none where a model does not have it.
    pub values: Vec<Option<f64>>,
    /// Its standard error per refit.
    pub standard_errors: Vec<Option<f64>>,
    /// The mean of its values.
    pub mean: f64,
    /// Their standard deviation; none of a single one.
    pub standard_deviation: Option<f64>,
    /// That over the root of the mean squared standard error: about 1 where refits learn from different rows and nothing
    /// changes, less where they share rows (an expanding window), more where the world moves.
    pub deviation_in_errors: Option<f64>,
    /// How often the sign differs from that of the refit before.
    pub sign_changes: usize,
    /// How often it turns from clearly one side of 0 to clearly the other, however many refits lie between; clearly is beyond its
    /// interval, whose confidence is shared out among all refits and terms (Bonferroni). None without standard errors.
    pub clear_sign_changes: Option<usize>,
}

/// How far a model puts the rows that it is judged on in the order of the model before it. Weights count for the top only.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RankStability {
    /// The refit.
    pub refit: usize,
    /// The refit before.
    pub before: usize,
    /// The rows that both scored.
    pub rows: usize,
    /// Spearman's rank correlation; none where a score is the same for all.
    pub spearman: Option<f64>,
    /// Kendall's tau-b.
    pub kendall_tau: Option<f64>,
    /// The share of the top of the list that is in the top of the other list too; of equal scores at its end each is held in
    /// part. None where there are fewer rows.
    pub top_overlap: Option<f64>,
}

/// How the scores of a window differ from those of the window judged before, both by the model of that one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoreShift {
    /// The population stability index.
    pub population_stability: f64,
    /// How likely chance makes it as large.
    pub p_value: f64,
    /// By the limits of [`DriftSettings`], with its significance shared out among all windows (Bonferroni).
    pub level: DriftLevel,
}

/// Each term over the refits, in the order in which they first occur.
pub(super) fn histories(terms: &[Vec<BacktestTerm>], confidence: f64) -> Vec<TermHistory> {
    let mut names: Vec<&str> = Vec::new();
    for term in terms.iter().flatten() {
        if !names.contains(&term.name.as_str()) {
            names.push(&term.name);
        }
    }
    let looks = (names.len() * terms.len()).max(1) as f64;
    let width = normal_width(1.0 - (1.0 - confidence) / looks);
    let of_name = |name: &str| {
        let found: Vec<Option<&BacktestTerm>> =
            terms.iter().map(|refit| refit.iter().find(|term| term.name == name)).collect();
        let known: Vec<&BacktestTerm> = found.iter().copied().flatten().collect();
        let count = known.len() as f64;
        let (mean, standard_deviation) = mean_and_deviation(&known.iter().map(|term| term.value).collect::<Vec<_>>());
        let errors: Option<Vec<f64>> = known.iter().map(|term| term.standard_error).collect();
        let error =
            errors.as_ref().map(|errors| (errors.iter().map(|error| error * error).sum::<f64>() / count).sqrt());
        let turns =
            |known: &[&BacktestTerm]| known.windows(2).filter(|pair| pair[0].value * pair[1].value < 0.0).count();
        let is_clear = |term: &&BacktestTerm| term.standard_error.is_some_and(|error| term.value.abs() > width * error);
        let clear: Vec<&BacktestTerm> = known.iter().copied().filter(is_clear).collect();
        TermHistory {
            name: name.to_owned(),
            values: found.iter().map(|term| Some(term.as_ref()?.value)).collect(),
            standard_errors: found.iter().map(|term| term.as_ref()?.standard_error).collect(),
            mean,
            standard_deviation,
            deviation_in_errors: standard_deviation.zip(error.filter(|&error| error > 0.0)).map(|(one, two)| one / two),
            sign_changes: turns(&known),
            clear_sign_changes: errors.map(|_| turns(&clear)),
        }
    };
    names.into_iter().map(of_name).collect()
}

/// Each learned refit beside the one before it, where that was learned too.
pub(super) fn ranks(judge: &Judge<'_>, judged: &[Vec<usize>], models: &[Option<Scored>]) -> Result<Vec<RankStability>> {
    let pairs =
        (1..models.len()).filter_map(|refit| Some((refit, models[refit - 1].as_ref()?, models[refit].as_ref()?)));
    let agreement = |(refit, before, now): (usize, &Scored, &Scored)| {
        let rows = &judged[refit];
        let (old, new) = (before.of(rows), now.of(rows));
        Ok(RankStability {
            refit,
            before: refit - 1,
            rows: rows.len(),
            spearman: spearman(&old, &new),
            kendall_tau: kendall_tau(&old, &new),
            top_overlap: top_overlap(judge, rows, &old, &new)?,
        })
    };
    pairs.filter(|&(refit, ..)| judged[refit].len() > 1).map(agreement).collect()
}

fn top_overlap(judge: &Judge<'_>, rows: &[usize], old: &[f64], new: &[f64]) -> Result<Option<f64>> {
    let weights = judge.weights(rows);
    let nobody = vec![false; rows.len()];
    let outcome = match &weights {
        Some(weights) => Outcome::binary("outcome", &nobody).weights(weights)?,
        None => Outcome::binary("outcome", &nobody),
    };
    let ranked = Rows::ranked(OF, &outcome, old)?;
    let [_, _, all, _] = ranked.counts();
    let long = match judge.top {
        TopOfList::Share(share) => share * all,
        TopOfList::Capacity(long) if long > all => return Ok(None),
        TopOfList::Capacity(long) => long,
    };
    let (one, two) = (held(&ranked, long), held(&ranked.with_scores(new), long));
    Ok(Some((ranked.sums(|row| [one[row].min(two[row])])[0] / long).min(1.0)))
}

/// The scores of a window beside those of the window before, of so many comparisons in all.
pub(super) fn shift(
    judge: &Judge<'_>,
    before: (&[usize], &[f64]),
    now: (&[usize], &[f64]),
    comparisons: usize,
) -> Result<ScoreShift> {
    let features = [Feature::number("score")];
    let (then, later) = (Columns::in_order(&features, vec![before.1])?, Columns::in_order(&features, vec![now.1])?);
    let (then_weights, later_weights) = (judge.weights(before.0), judge.weights(now.0));
    let settings = DriftSettings::default();
    let settings = DriftSettings { significance: settings.significance / comparisons as f64, ..settings };
    let (then, later) = (sample(&then, then_weights.as_deref()), sample(&later, later_weights.as_deref()));
    let found = drift(then, later, &settings)?.columns.remove(0);
    Ok(ScoreShift { population_stability: found.population_stability, p_value: found.p_value, level: found.level })
}

fn sample<'a>(columns: &'a Columns<'a>, weights: Option<&'a [f64]>) -> DriftSample<'a> {
    let sample = DriftSample::new(columns);
    weights.map_or(sample, |weights| sample.weights(weights))
}
