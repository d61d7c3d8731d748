//! Which panel's weights to use, and why.

use super::{PanelReport, PanelResult, parameter};
use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What to recommend when panels agree in the main.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenPanelsAgree {
    /// The cheapest panel, or the smallest where no costs are given: the others add little.
    #[default]
    Cheapest,
    /// All respondents as one panel.
    Pooled,
}

/// When a panel is large enough, and when two agree. The limits are inferred: the practice this follows says only that
/// experts and sales people agreed "in the main".
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecommendSettings {
    /// The fewest respondents of a panel that may be recommended.
    pub minimum_respondents: usize,
    /// Panels agree when Spearman's rank correlation of their weights is at least this,
    pub least_spearman: f64,
    /// and they place at most so many of the 100 points differently.
    pub most_distance: f64,
    /// What to recommend then.
    pub when_panels_agree: WhenPanelsAgree,
    /// What asking each panel again would cost, in any unit; for all panels or none.
    pub costs: BTreeMap<String, f64>,
    /// A panel whose W is no less probable than this by chance alone is named as such.
    pub alpha: f64,
}

impl Default for RecommendSettings {
    fn default() -> Self {
        Self {
            minimum_respondents: 10,
            least_spearman: 0.8,
            most_distance: 10.0,
            when_panels_agree: WhenPanelsAgree::Cheapest,
            costs: BTreeMap::new(),
            alpha: 0.05,
        }
    }
}

/// One step on the way to a recommendation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Reason {
    /// A panel is too small to be recommended.
    TooFew {
        /// The panel.
        panel: String,
        /// Its respondents.
        respondents: usize,
        /// The minimum.
        needed: usize,
    },
    /// Only one panel is large enough.
    OnlyOne {
        /// The panel.
        panel: String,
    },
    /// All panels that are large enough agree in the main.
    PanelsAgree {
        /// The lowest rank correlation of two of them.
        spearman: f64,
        /// The largest distance of two of them.
        distance: f64,
    },
    /// Two panels do not agree.
    PanelsDiffer {
        /// One of them.
        first: String,
        /// The other.
        second: String,
        /// Their rank correlation; none where all weights of a panel are equal.
        spearman: Option<f64>,
        /// Their distance.
        distance: f64,
        /// The factor on which they differ most.
        factor: String,
    },
    /// The cheapest of panels that agree.
    Cheapest {
        /// The panel.
        panel: String,
        /// Its cost.
        cost: f64,
    },
    /// The smallest of panels that agree.
    Smallest {
        /// The panel.
        panel: String,
        /// Its respondents.
        respondents: usize,
    },
    /// Panels that agree are taken together.
    Pooled {
        /// The respondents of all.
        respondents: usize,
    },
    /// The panel whose respondents agree best, or one of those that reach the lower end of the best one's interval.
    MostAgreement {
        /// The panels that agree about as well as the best one, best first.
        panels: Vec<String>,
        /// The lower end of the interval of the best one's W.
        w_low: f64,
    },
    /// Of these, the panel whose weights are known best.
    NarrowestIntervals {
        /// The panel.
        panel: String,
        /// The mean width of the intervals of its weights, in points.
        width: f64,
    },
    /// The agreement within the recommended panel is no better than chance would have it.
    NoBetterThanChance {
        /// The panel.
        panel: String,
        /// The p-value of its W.
        p_value: f64,
    },
}

impl Reason {
    /// The reason as a sentence.
    pub fn text(&self) -> String {
        match self {
            Self::TooFew { panel, respondents, needed } => {
                format!("panel `{panel}` has {respondents} respondents where {needed} are needed")
            }
            Self::OnlyOne { panel } => format!("only panel `{panel}` has enough respondents"),
            Self::PanelsAgree { spearman, distance } => format!(
                "the panels agree in the main: rank correlation {spearman:.2} or more, at most {distance:.1} of 100 points placed differently"
            ),
            Self::PanelsDiffer { first, second, spearman, distance, factor } => {
                let correlation = spearman.map_or("undefined".into(), |spearman| format!("{spearman:.2}"));
                format!(
                    "panels `{first}` and `{second}` differ, most of all on `{factor}`: rank correlation {correlation}, {distance:.1} of 100 points placed differently"
                )
            }
            Self::Cheapest { panel, cost } => format!("panel `{panel}` costs least to ask ({cost})"),
            Self::Smallest { panel, respondents } => {
                format!("panel `{panel}` is the smallest ({respondents} respondents), so the cheapest to ask again")
            }
            Self::Pooled { respondents } => format!("all {respondents} respondents are taken together"),
            Self::MostAgreement { panels, w_low } => {
                let names: Vec<String> = panels.iter().map(|panel| format!("`{panel}`")).collect();
                format!("best agreement within: {} (Kendall's W reaches {w_low:.2})", names.join(", "))
            }
            Self::NarrowestIntervals { panel, width } => {
                format!("the weights of panel `{panel}` are known best: intervals {width:.1} points wide on average")
            }
            Self::NoBetterThanChance { panel, p_value } => format!(
                "the respondents of panel `{panel}` agree no better than by chance (p = {p_value:.2}); ask again before using its weights"
            ),
        }
    }
}

/// A recommendation with its reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    /// The panel; none where all are to be taken together.
    pub panel: Option<String>,
    /// What it says.
    pub result: PanelResult,
    /// Why, step by step.
    pub reasons: Vec<Reason>,
}

/// Recommends a panel. The rule is inferred; in order:
///
/// 1. Panels with fewer than the minimum of respondents are out.
/// 2. If every two of the others agree (rank correlation and distance within their limits), the cheapest is
///    recommended, or the smallest without costs, or all together. One panel alone is recommended as it is.
/// 3. If not, the panel with the highest lower end of the interval of Kendall's W leads. Of the panels whose interval
///    reaches that lower end, the one with the narrowest intervals of weights is recommended.
///
/// Equal panels: the first by name.
///
/// # Errors
/// [`Error::NotEnoughData`] when no panel has enough respondents; [`Error::InvalidParameter`] for a setting outside its
/// range, and for a report without intervals when panels differ; [`Error::UnknownName`] for a cost of no panel.
pub fn recommend(report: &PanelReport, settings: &RecommendSettings) -> Result<Recommendation> {
    settings.check(report)?;
    let needed = settings.minimum_respondents;
    let (large, small): (Vec<_>, Vec<_>) = report.panels.iter().partition(|panel| panel.respondents >= needed);
    let mut reasons: Vec<Reason> = small
        .iter()
        .map(|one| Reason::TooFew { panel: one.panel.clone(), respondents: one.respondents, needed })
        .collect();
    let largest = small.iter().map(|panel| panel.respondents).max().unwrap_or(0);
    let result = match (large.as_slice(), &report.pooled) {
        ([], _) => {
            let what = "a recommendation (respondents of the largest panel)".into();
            return Err(Error::NotEnoughData { what, needed, found: largest });
        }
        ([only], _) => {
            reasons.push(Reason::OnlyOne { panel: only.panel.clone() });
            (*only).clone()
        }
        (panels, pooled) => {
            let agreed = settings.agreement(report, panels);
            let agree = matches!(agreed, Reason::PanelsAgree { .. });
            reasons.push(agreed);
            // Panels that are too small were found wanting: they are not let in through the pool.
            match pooled {
                Some(pooled) if agree && settings.when_panels_agree == WhenPanelsAgree::Pooled && small.is_empty() => {
                    reasons.push(Reason::Pooled { respondents: pooled.respondents });
                    settings.warn(pooled, &mut reasons);
                    return Ok(Recommendation { panel: None, result: pooled.clone(), reasons });
                }
                _ if agree => settings.cheapest(panels, &mut reasons),
                _ => best_agreed(panels, &mut reasons)?,
            }
        }
    };
    settings.warn(&result, &mut reasons);
    Ok(Recommendation { panel: Some(result.panel.clone()), result, reasons })
}

impl RecommendSettings {
    fn check(&self, report: &PanelReport) -> Result<()> {
        let of = "recommend";
        if self.minimum_respondents < 2 {
            let got = self.minimum_respondents.to_string();
            return Err(parameter(of, "minimum_respondents", "a whole number of at least 2", &got));
        }
        for (name, value, low, high) in [
            ("least_spearman", self.least_spearman, -1.0, 1.0),
            ("most_distance", self.most_distance, 0.0, 100.0),
            ("alpha", self.alpha, 0.0, 1.0),
        ] {
            if !(low..=high).contains(&value) {
                return Err(parameter(of, name, &format!("a number in [{low}, {high}]"), &value.to_string()));
            }
        }
        if self.costs.is_empty() {
            return Ok(());
        }
        let known: Vec<String> = report.panels.iter().map(|panel| panel.panel.clone()).collect();
        if let Some(name) = self.costs.keys().find(|name| !known.contains(name)) {
            let what = "a panel in `costs`".into();
            return Err(Error::UnknownName { what, row: None, name: name.clone(), known });
        }
        if let Some(panel) = known.iter().find(|panel| !self.costs.contains_key(*panel)) {
            return Err(parameter(of, "costs", "given for every panel or for none", &format!("none for `{panel}`")));
        }
        match self.costs.iter().find(|(_, cost)| !(cost.is_finite() && **cost >= 0.0)) {
            None => Ok(()),
            Some((panel, cost)) => {
                Err(parameter(of, "costs", "finite and not negative", &format!("{cost} for `{panel}`")))
            }
        }
    }

    /// Whether all of these panels agree; if not, which two differ most.
    fn agreement(&self, report: &PanelReport, panels: &[&PanelResult]) -> Reason {
        let is_in = |name: &str| panels.iter().any(|panel| panel.panel == name);
        let pairs: Vec<_> =
            report.comparisons.iter().filter(|pair| is_in(&pair.first) && is_in(&pair.second)).collect();
        let agree = |spearman: Option<f64>, distance: f64| {
            spearman.is_some_and(|spearman| spearman >= self.least_spearman) && distance <= self.most_distance
        };
        let differing = pairs.iter().filter(|pair| !agree(pair.spearman, pair.distance));
        match differing.max_by(|a, b| a.distance.total_cmp(&b.distance)) {
            Some(pair) => Reason::PanelsDiffer {
                first: pair.first.clone(),
                second: pair.second.clone(),
                spearman: pair.spearman,
                distance: pair.distance,
                factor: pair.differences.first().map(|one| one.factor.clone()).unwrap_or_default(),
            },
            None => Reason::PanelsAgree {
                spearman: pairs.iter().filter_map(|pair| pair.spearman).fold(1.0, f64::min),
                distance: pairs.iter().map(|pair| pair.distance).fold(0.0, f64::max),
            },
        }
    }

    fn cheapest(&self, panels: &[&PanelResult], reasons: &mut Vec<Reason>) -> PanelResult {
        let cost = |panel: &PanelResult| self.costs.get(&panel.panel).copied().unwrap_or(panel.respondents as f64);
        let first = panels.iter().skip(1).fold(panels[0], |best, one| if cost(one) < cost(best) { one } else { best });
        let panel = first.panel.clone();
        reasons.push(if self.costs.is_empty() {
            Reason::Smallest { panel, respondents: first.respondents }
        } else {
            Reason::Cheapest { panel, cost: cost(first) }
        });
        first.clone()
    }

    fn warn(&self, panel: &PanelResult, reasons: &mut Vec<Reason>) {
        let p_value = panel.agreement.exact_p_value.unwrap_or(panel.agreement.p_value);
        if p_value >= self.alpha {
            reasons.push(Reason::NoBetterThanChance { panel: panel.panel.clone(), p_value });
        }
    }
}

/// The third step of the rule.
fn best_agreed(panels: &[&PanelResult], reasons: &mut Vec<Reason>) -> Result<PanelResult> {
    let mut known = Vec::with_capacity(panels.len());
    for panel in panels {
        let (Some(low), Some(high), Some(width)) = (panel.w_low, panel.w_high, panel.mean_width) else {
            return Err(parameter(
                "recommend",
                "replicates",
                "above 0: panels that differ are judged by their intervals",
                "0",
            ));
        };
        known.push((*panel, low, high, width));
    }
    known.sort_by(|a, b| b.1.total_cmp(&a.1));
    let w_low = known[0].1;
    known.retain(|one| one.2 >= w_low);
    let panels = known.iter().map(|one| one.0.panel.clone()).collect();
    reasons.push(Reason::MostAgreement { panels, w_low });
    let best = known.iter().skip(1).fold(known[0], |best, &one| if one.3 < best.3 { one } else { best });
    if known.len() > 1 {
        reasons.push(Reason::NarrowestIntervals { panel: best.0.panel.clone(), width: best.3 });
    }
    Ok(best.0.clone())
}
