//! The score beside something else: group by group, against the customers it was learned from, against the one in use.

use super::{Judged, ReportGroups, ReportWords};
use crate::evaluate::delong::{RocAucComparison, compare_roc_auc};
use crate::evaluate::drift::{ColumnDrift, DriftLevel, DriftSample, DriftSettings, drift as table_drift};
use crate::evaluate::fairness::{FairnessSettings, GroupFigures, by_group};
use crate::evaluate::promotion::{Promotion, PromotionEvidence, PromotionPolicy, StandardPolicy, TopOfList, promotion};
use crate::evaluate::words::listed;
use crate::{Columns, Error, Feature, Result};
use serde::Serialize;
use std::fmt::Write;

/// The figures by group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupsReport {
    /// In plain words.
    pub words: ReportWords,
    /// What tells the groups apart.
    pub name: String,
    /// Who is selected: all who score at least this much; none where nobody can be selected without others of an equal score.
    pub cut: Option<f64>,
    /// Why that is the cut.
    pub cut_by: &'static str,
    /// The groups.
    pub groups: Vec<GroupFigures>,
}

/// Whether these are other customers than those of the reference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ScoreDriftReport {
    /// In plain words.
    pub words: ReportWords,
    /// The drift of the score.
    pub drift: ColumnDrift,
}

/// Whether the score may replace the one in use.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChampionReport {
    /// In plain words.
    pub words: ReportWords,
    /// The judged score first, the one in use second.
    pub roc_auc: RocAucComparison,
    /// The verdict with its checks.
    pub promotion: Promotion,
}

pub(super) fn groups(judged: &Judged<'_>, groups: &ReportGroups<'_>) -> Result<GroupsReport> {
    let (cut, cut_by) = selection(judged)?;
    let settings = FairnessSettings {
        confidence: judged.confidence(),
        probabilities: judged.probabilities,
        ..FairnessSettings::new(cut)
    };
    let found = by_group(judged.outcome, judged.scores, groups.codes, groups.names, &settings)?;
    let caution = "Do not read one figure alone: where base rates differ, a calibrated score cannot have equal true and false \
                   positive rates. Who looks at twenty groups finds one that is off by chance. Outcomes may be unfair \
                   themselves: who was never called could not buy.";
    let words = ReportWords::new(group_finding(groups.name, &found), group_doubts(&found), caution);
    let cut = cut.is_finite().then_some(cut);
    Ok(GroupsReport { words, name: groups.name.to_owned(), cut, cut_by, groups: found })
}

/// Who is selected: by capacity, else by money, else the top tenth.
fn selection(judged: &Judged<'_>) -> Result<(f64, &'static str)> {
    use crate::evaluate::decisions::{Goal, cut_for_capacity};
    if let Some(capacity) = judged.options.capacity {
        let found = cut_for_capacity(judged.scores, judged.outcome.row_weights(), capacity)?;
        return Ok((found.cut, "all whom the capacity reaches"));
    }
    if let Some(payoff) = judged.options.payoff {
        return Ok((judged.ranking.best_cut(Goal::Profit(payoff))?.cut, "the cut that earns most on these rows"));
    }
    Ok((judged.ranking.lift_table(&[0.1])?[0].cut, "the top tenth, with all who score as much as its last"))
}

fn group_finding(name: &str, found: &[GroupFigures]) -> String {
    let short: Vec<&str> = found
        .iter()
        .filter(|one| {
            one.compared.as_ref().is_some_and(|compared| {
                compared.below_four_fifths == Some(true)
                    && compared.selection_ratio.known().is_none_or(|ratio| ratio.high < 1.0)
            })
        })
        .map(|one| one.group.as_str())
        .collect();
    let reference = found.iter().find_map(|one| one.compared.as_ref()).map_or("", |one| one.reference.as_str());
    let others = found.len().saturating_sub(1);
    let mut says = if others == 0 {
        format!("By {name} there is one group only, and nothing to compare.")
    } else if short.is_empty() {
        format!("By {name}, no group is shown to be selected less than four fifths as often as `{reference}`.")
    } else {
        format!(
            "By {name}, {} of {others} other groups are selected less than four fifths as often as `{reference}`: {}.",
            short.len(),
            listed(&short)
        )
    };
    let known = || found.iter().filter_map(|one| one.roc_auc.known().map(|auc| (auc.value, one.group.as_str())));
    let best = known().max_by(|one, two| one.0.total_cmp(&two.0));
    let worst = known().min_by(|one, two| one.0.total_cmp(&two.0));
    if let (Some((high, best)), Some((low, worst))) = (best, worst)
        && best != worst
    {
        let _ = write!(
            says,
            " Its ROC AUC is highest in `{best}` ({high:.2}) and lowest in `{worst}` ({low:.2}), which may be chance: look at their \
             intervals."
        );
    }
    says
}

fn group_doubts(found: &[GroupFigures]) -> Vec<String> {
    let mut doubts = Vec::new();
    let open = |one: &&GroupFigures| one.compared.as_ref().is_some_and(|compared| compared.below_four_fifths.is_none());
    let open: Vec<&str> = found.iter().filter(open).map(|one| one.group.as_str()).collect();
    if !open.is_empty() {
        doubts.push(format!(
            "Too few customers to say how often it selects in {}, against the reference.",
            listed(&open)
        ));
    }
    let small: Vec<&str> =
        found.iter().filter(|one| one.roc_auc.known().is_none()).map(|one| one.group.as_str()).collect();
    if !small.is_empty() {
        doubts.push(format!("Too few customers to say how well it ranks in {}.", listed(&small)));
    }
    let off = |high: bool| -> Vec<&str> {
        let apart = |one: &&GroupFigures| {
            one.calibration
                .as_ref()
                .and_then(|found| found.known())
                .is_some_and(|found| if high { found.in_the_large.low > 0.0 } else { found.in_the_large.high < 0.0 })
        };
        found.iter().filter(apart).map(|one| one.group.as_str()).collect()
    };
    for (groups, says) in [(off(true), "more often"), (off(false), "less often")] {
        if !groups.is_empty() {
            doubts.push(format!("It comes {says} than was said in {}.", listed(&groups)));
        }
    }
    doubts
}

pub(super) fn drift(judged: &Judged<'_>, reference: &[f64]) -> Result<ScoreDriftReport> {
    if let Some(row) = reference.iter().position(|score| score.is_nan()) {
        return Err(Error::invalid_value("the reference score", row, f64::NAN, "every row needs a score"));
    }
    let features = [Feature::number("score")];
    let then = Columns::in_order(&features, vec![reference])?;
    let now = Columns::in_order(&features, vec![judged.scores])?;
    let current = DriftSample::new(&now);
    let current = judged.outcome.row_weights().map_or(current, |weights| current.weights(weights));
    let found = table_drift(DriftSample::new(&then), current, &DriftSettings::default())?.columns.remove(0);
    let finding = match found.level {
        DriftLevel::Stable => "are where those of the reference were, or not far from it",
        DriftLevel::Watch => "have moved: watch them",
        DriftLevel::Act => "are not those the reference had: find out why before you rely on this page",
    };
    let says = format!(
        "The scores of these customers {finding} (population stability index {:.2}; from 0.1 watch, from 0.25 act).",
        found.population_stability
    );
    let mut doubts = Vec::new();
    if found.noise.is_none_or(|noise| noise > DriftSettings::default().watch) {
        doubts.push("The samples are too small for a shift that matters to be told from chance.".into());
    }
    let caution = "A score may stand still while its columns move against each other: look at the columns too.";
    Ok(ScoreDriftReport { words: ReportWords::new(says, doubts, caution), drift: found })
}

pub(super) fn champion(judged: &Judged<'_>, champion: &[f64]) -> Result<ChampionReport> {
    let confidence = judged.confidence();
    let compared = compare_roc_auc(judged.outcome, judged.scores, champion, confidence)?;
    let evidence = PromotionEvidence {
        probabilities: judged.probabilities && champion.iter().all(|score| (0.0..=1.0).contains(score)),
        reference: judged.options.reference,
        ..PromotionEvidence::new(judged.outcome, champion, judged.scores)
    };
    let (customers, _) = judged.totals();
    let capacity = judged.options.capacity.filter(|capacity| *capacity <= customers);
    let policy = StandardPolicy {
        confidence,
        top: capacity.map_or(TopOfList::Share(0.1), TopOfList::Capacity),
        ..StandardPolicy::default()
    };
    let found = promotion(&evidence, &PromotionPolicy::Standard(policy))?;
    let caution = "Where only customers whom the score in use chose were called, the others had no chance, and it \
                   judges its own selection. Who tries twenty scores on the same rows promotes one by luck.";
    Ok(ChampionReport {
        words: ReportWords::new(found.reason.clone(), Vec::new(), caution),
        roc_auc: compared,
        promotion: found,
    })
}
