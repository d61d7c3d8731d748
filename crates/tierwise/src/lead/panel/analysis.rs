//! The whole account of a survey: weights, agreement, intervals, and how the panels compare.

use super::agreement::{self, Comparison, Concordance, weight_distance_of};
use super::bootstrap::{BootstrapSettings, Draws, draw, interval};
use super::{Aggregation, LeftOut, Panel, PanelSurvey, ratings, round_to_hundred};
use crate::Result;
use crate::rank_correlation::mid_ranks;
use serde::{Deserialize, Serialize};

/// How a survey is analysed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AnalysisSettings {
    /// How answers become weights; without it the default for their form.
    pub aggregation: Option<Aggregation>,
    /// Rounds the weights to so many decimals, see [`round_to_hundred`]; without it they are not rounded. Everything
    /// else is computed from what is not rounded.
    pub decimals: Option<u32>,
    /// How intervals are made.
    pub bootstrap: BootstrapSettings,
}

/// The weight of one factor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FactorWeight {
    /// The factor.
    pub factor: String,
    /// Its weight; all sum to 100 (to 1e-9, or exactly in decimals where rounded).
    pub weight: f64,
    /// Its rank, 1 for the heaviest; tied ones share the mean of their places.
    pub rank: f64,
    /// The lower end of the interval of the weight; none without a bootstrap.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// The best rank of the interval of the rank; none without a bootstrap.
    pub rank_low: Option<f64>,
    /// The worst rank.
    pub rank_high: Option<f64>,
}

/// What one panel says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PanelResult {
    /// The label of the panel.
    pub panel: String,
    /// How many respondents count.
    pub respondents: usize,
    /// How many do not, and why.
    pub left_out: LeftOut,
    /// The weights, in the order of the factors.
    pub weights: Vec<FactorWeight>,
    /// How far its respondents rank the factors alike.
    pub agreement: Concordance,
    /// The lower end of the interval of Kendall's W; none without a bootstrap.
    pub w_low: Option<f64>,
    /// The upper end.
    pub w_high: Option<f64>,
    /// The mean width of the intervals of the weights, in points; none without a bootstrap.
    pub mean_width: Option<f64>,
}

/// What a survey says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PanelReport {
    /// The factors, in the order of the answers.
    pub factors: Vec<String>,
    /// The panels, in the order of their names.
    pub panels: Vec<PanelResult>,
    /// All respondents as one panel, where there are several panels.
    pub pooled: Option<PanelResult>,
    /// Every pair of panels.
    pub comparisons: Vec<Comparison>,
}

/// The most panels: every pair is compared.
const MOST_PANELS: usize = 100;

impl PanelSurvey {
    /// Weights with intervals, agreement within each panel, and how the panels compare.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`](crate::Error::InvalidParameter) for an aggregation that does not go with the form of
    /// the answers, for settings outside their range, and for more than 100 panels.
    pub fn analyse(&self, settings: &AnalysisSettings) -> Result<PanelReport> {
        let aggregation = settings.aggregation.unwrap_or(Aggregation::of(self.form));
        aggregation.check(self.form)?;
        settings.bootstrap.check(self.factors.len())?;
        if self.panels.len() > MOST_PANELS {
            let got = format!("{} panels", self.panels.len());
            let must_be = format!("a column with at most {MOST_PANELS} different labels");
            return Err(super::parameter("PanelSurvey", "panel", &must_be, &got));
        }
        let of = |panel: &Panel, stream| Analysed::new(self, panel, aggregation, settings, stream);
        let panels: Vec<Analysed> =
            self.panels.iter().enumerate().map(|(place, panel)| of(panel, place + 1)).collect::<Result<_>>()?;
        let pooled = if panels.len() > 1 { Some(of(&self.pooled(), 0)?.result) } else { None };
        let mut comparisons = Vec::new();
        for (place, first) in panels.iter().enumerate() {
            for second in &panels[place + 1..] {
                comparisons.push(first.compare(second, &self.factors, settings.bootstrap.confidence));
            }
        }
        let panels = panels.into_iter().map(|one| one.result).collect();
        Ok(PanelReport { factors: self.factors.clone(), panels, pooled, comparisons })
    }
}

/// One panel's result and what it was made of.
struct Analysed {
    result: PanelResult,
    weights: Vec<f64>,
    draws: Option<Draws>,
}

impl Analysed {
    fn new(
        survey: &PanelSurvey,
        panel: &Panel,
        aggregation: Aggregation,
        settings: &AnalysisSettings,
        stream: usize,
    ) -> Result<Self> {
        let weights =
            ratings::weights(&ratings::votes(panel, aggregation), panel.respondents.iter().map(|one| one.weight));
        let confidence = settings.bootstrap.confidence;
        let draws = (settings.bootstrap.replicates > 0).then(|| draw(panel, aggregation, &settings.bootstrap, stream));
        let shown = match settings.decimals {
            Some(decimals) => round_to_hundred(&weights, decimals)?,
            None => weights.clone(),
        };
        let rank_intervals = draws.as_ref().map(|draws| draws.of_ranks(weights.len(), confidence)).unwrap_or_default();
        let ranks = mid_ranks(&weights);
        let of_factor = |(place, factor): (usize, &String)| {
            let interval = draws.as_ref().and_then(|draws| draws.of_weights(place, confidence));
            let ranked = rank_intervals.get(place).copied().flatten();
            FactorWeight {
                factor: factor.clone(),
                weight: shown[place],
                rank: ranks[place],
                low: interval.map(|(low, _)| low),
                high: interval.map(|(_, high)| high),
                rank_low: ranked.map(|(low, _)| low),
                rank_high: ranked.map(|(_, high)| high),
            }
        };
        let table: Vec<FactorWeight> = survey.factors.iter().enumerate().map(of_factor).collect();
        let w = draws.as_ref().and_then(|draws| interval(draws.w.clone(), confidence));
        let width: Option<f64> = table.iter().map(|one| Some(one.high? - one.low?)).sum();
        let result = PanelResult {
            panel: panel.name.clone(),
            respondents: panel.respondents.len(),
            left_out: panel.left_out,
            agreement: agreement::of_panel(panel),
            w_low: w.map(|(low, _)| low),
            w_high: w.map(|(_, high)| high),
            mean_width: width.map(|width| width / table.len() as f64),
            weights: table,
        };
        Ok(Self { result, weights, draws })
    }

    fn compare(&self, other: &Self, factors: &[String], confidence: f64) -> Comparison {
        let mut comparison =
            agreement::compare(factors, (&self.result.panel, &self.weights), (&other.result.panel, &other.weights));
        if let (Some(first), Some(second)) = (&self.draws, &other.draws) {
            let pairs = first.weights.iter().zip(&second.weights);
            let distances = interval(pairs.map(|(a, b)| weight_distance_of(a, b)).collect(), confidence);
            comparison.distance_low = distances.map(|(low, _)| low);
            comparison.distance_high = distances.map(|(_, high)| high);
        }
        comparison
    }
}
