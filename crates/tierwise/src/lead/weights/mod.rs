//! Weights from outcomes: the expert's card, fitted to deals that were won and lost.

mod deals;
mod fitted_card;
mod in_points;
mod solve;
mod strength;
mod stretches;

pub use crate::scorecard::{PointsScale, ScaledCard};
pub use fitted_card::{AnswerValue, CardWeight, FittedCard, PathPoint, ProbabilityInterval, ProbabilityIntervals};

use crate::{Columns, Error, Fit, FitReport, Fitted, Outcome, Progress, Result, Scorecard};
use deals::Deals;
use fitted_card::{FittedCardFile, Learned, Multiplier};
use serde::{Deserialize, Serialize};
use solve::{Problem, Solution};
use std::ops::ControlFlow;
use stretches::Stretch;

/// Fits the points of an expert card to deals that were won or lost.
///
/// The log-odds of winning become `intercept + Σ multiplier · points`, with one multiplier per characteristic (or per
/// step between two answers, see [`Per`]). A **scale** `s`, common to all, says how much the expert's points are worth
/// in log-odds; each multiplier is pulled towards it:
///
/// `minimise  −log-likelihood  +  ½ · k · r(1−r) · Σ varⱼ (mⱼ − s)²  +  prior(s · d)`,
///
/// with `r` the share won, `varⱼ` the variance of the points of characteristic `j` and `d` the standard deviation of the
/// card's score among the deals. A deal at the base rate tells as much about a multiplier as one unit of `k`, so
/// the **strength** `k` counts deals: the expert's proportions weigh as much as `k` deals would. With `k` infinite the
/// card keeps its proportions and only intercept and scale are learned; with `k` 0 the data alone decide.
///
/// # Strength
/// Unless stated, it is chosen by stratified cross-validation on the log-loss, from a grid of 0.001 to 100 deals
/// per deal in the data, and the expert card alone. The rule [`Rule::OneStandardError`] takes the strongest whose loss is
/// not above the best by more than one standard error of the difference (after Breiman et al. 1984, *Classification and
/// Regression Trees*, section 3.4.3, there with the standard error of the loss; the difference between two strengths
/// on the same deals varies far less). Folds are drawn from `seed`; the order of the rows plays no part.
///
/// # Separation and rare outcomes
/// The prior on the scale is log-F(1, 1) on the log odds ratio of one standard deviation of the card's score, worth
/// one deal (Greenland & Mansournia 2015, *Statistics in Medicine* 34, section 3): everything stays finite even where the
/// card separates won from lost. The intercept is not penalised, so the mean probability is the share won.
///
/// # Signs
/// The scale is 0 or more. Multipliers are 0 or more where [`NonNegative`] says so (all of them unless set), solved
/// exactly by an active set method; those held at 0 are reported.
///
/// ```
/// use tierwise::lead::{CardFit, CardSpec, Characteristic, Scorecard};
/// use tierwise::{Columns, Feature, Fit, Outcome};
/// let card = Scorecard::new(CardSpec {
///     name: "inbound leads".into(),
///     features: vec![Feature::yes_no("asked"), Feature::yes_no("met")],
///     characteristics: vec![Characteristic::yes("asked", 40.0), Characteristic::yes("met", 20.0)],
///     ..CardSpec::default()
/// })?;
/// let asked = [1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0];
/// let met = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0];
/// let won = [true, true, true, false, false, false, true, false, true, false, false, false];
/// let deals = Columns::new(card.features(), &[("asked", &asked), ("met", &met)])?;
///
/// let fitted = CardFit::new(card.clone()).fit(&deals, &Outcome::binary("won", &won))?.model;
/// let weights = fitted.weights(0.95)?;
/// assert_eq!((weights[0].characteristic.as_str(), weights[0].expert_weight.round()), ("asked", 67.0));
/// assert!(weights.iter().all(|one| one.multiplier >= 0.0));
/// let lead = fitted.interval_row(&[1.0, 1.0], 0.9)?;
/// assert!(lead.low < lead.probability && lead.probability < lead.high);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CardFit {
    card: Scorecard,
    settings: CardFitSettings,
}

/// How a [`CardFit`] fits; see its methods of the same names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CardFitSettings {
    /// How much the expert's proportions weigh.
    pub strength: Strength,
    /// What has a multiplier of its own.
    pub per: Per,
    /// Which multipliers must not be negative.
    pub non_negative: NonNegative,
    /// How the strength is chosen from the cross-validated losses.
    pub rule: Rule,
    /// The number of folds, at least 2.
    pub folds: usize,
    /// What the folds are drawn from.
    pub seed: u64,
    /// How many observations the prior on the scale is worth, 0 or more.
    pub scale_prior: f64,
}

/// How much the expert's proportions weigh against the deals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// As much as predicts best, by cross-validation.
    CrossValidated,
    /// As much as so many deals, 0 or more; 0 is maximum likelihood.
    Deals(f64),
    /// Entirely: only intercept and scale are learned.
    ExpertOnly,
}

/// What has a multiplier of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Each characteristic: the proportions between its answers stay the expert's.
    Characteristic,
    /// Each step from one answer's points to the next higher ones: every answer gets a value of its own, but answers to
    /// which the expert gave equal points stay equal, and with [`NonNegative`] their order stays the expert's.
    Answer,
}

/// Which multipliers must not be negative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NonNegative {
    /// All: what the expert counts for a lead never counts against it.
    All,
    /// Those of these characteristics.
    Named(Vec<String>),
    /// None.
    None,
}

/// How the strength is chosen from the cross-validated losses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The one with the least loss.
    Best,
    /// The strongest whose loss is within one standard error of the difference from the least.
    OneStandardError,
}

impl Default for CardFitSettings {
    fn default() -> Self {
        Self {
            strength: Strength::CrossValidated,
            per: Per::Characteristic,
            non_negative: NonNegative::All,
            rule: Rule::OneStandardError,
            folds: 5,
            seed: 0,
            scale_prior: 1.0,
        }
    }
}

impl CardFit {
    /// A fit of this card: strength by cross-validation in 5 folds, one multiplier per characteristic, none negative.
    pub fn new(card: Scorecard) -> Self {
        Self { card, settings: CardFitSettings::default() }
    }

    /// The same with all settings at once.
    #[must_use]
    pub fn with(mut self, settings: CardFitSettings) -> Self {
        self.settings = settings;
        self
    }

    /// How much the expert's proportions weigh; chosen by cross-validation unless set.
    #[must_use]
    pub fn strength(mut self, strength: Strength) -> Self {
        self.settings.strength = strength;
        self
    }

    /// What has a multiplier of its own; each characteristic unless set.
    #[must_use]
    pub fn per(mut self, per: Per) -> Self {
        self.settings.per = per;
        self
    }

    /// Which multipliers must not be negative; all unless set.
    #[must_use]
    pub fn non_negative(mut self, non_negative: NonNegative) -> Self {
        self.settings.non_negative = non_negative;
        self
    }

    /// How the strength is chosen; by the rule of one standard error unless set.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.settings.rule = rule;
        self
    }

    /// The number of folds, 2 to 100; 5 unless set. With fewer deals of the rarer outcome there are as many folds as those.
    #[must_use]
    pub fn folds(mut self, folds: usize) -> Self {
        self.settings.folds = folds;
        self
    }

    /// What the folds are drawn from; 0 unless set.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// How many observations the log-F prior on the scale is worth; 1 unless set, 0 for none.
    #[must_use]
    pub fn scale_prior(mut self, observations: f64) -> Self {
        self.settings.scale_prior = observations;
        self
    }

    fn check(&self) -> Result<()> {
        let refuse = |name: &'static str, must_be: &str, got: String| {
            Err(Error::InvalidParameter { of: "CardFit", name, must_be: must_be.into(), got })
        };
        let CardFitSettings { strength, folds, scale_prior, non_negative, .. } = &self.settings;
        match strength {
            Strength::Deals(deals) if !(*deals >= 0.0 && deals.is_finite()) => {
                return refuse("strength", "a number of deals in [0, inf)", deals.to_string());
            }
            _ => {}
        }
        if !(2..=100).contains(folds) {
            return refuse("folds", "a whole number in [2, 100]", folds.to_string());
        }
        if !(*scale_prior >= 0.0 && scale_prior.is_finite()) {
            return refuse("scale_prior", "a number in [0, inf)", scale_prior.to_string());
        }
        let NonNegative::Named(names) = non_negative else { return Ok(()) };
        let known = || self.card.spec().characteristics.iter().map(|one| &one.name);
        match names.iter().find(|name| !known().any(|known| known == *name)) {
            None => Ok(()),
            Some(name) => Err(Error::UnknownName {
                what: "a characteristic of `non_negative`".into(),
                row: None,
                name: name.clone(),
                known: known().cloned().collect(),
            }),
        }
    }

    fn bounded(&self, stretches: &[Stretch], deals: &Deals) -> Vec<bool> {
        let name = |stretch: usize| &self.card.spec().characteristics[stretches[stretch].characteristic].name;
        let bounded = |&stretch: &usize| match &self.settings.non_negative {
            NonNegative::All => true,
            NonNegative::None => false,
            NonNegative::Named(names) => names.contains(name(stretch)),
        };
        deals.varying.iter().map(bounded).collect()
    }
}

impl Fit for CardFit {
    type Model = FittedCard;

    fn fit_with(
        &self,
        data: &Columns<'_>,
        outcome: &Outcome<'_>,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Fitted<FittedCard>> {
        const TOLERANCE: f64 = 1e-9;
        self.check()?;
        crate::score::check_bound(self.card.features(), data)?;
        outcome.check(data)?;
        if outcome.row_offsets().is_some() {
            let must_be = "left out: the log-odds of a card are those of its points".into();
            return Err(Error::InvalidParameter { of: "CardFit", name: "offsets", must_be, got: "some".into() });
        }
        let stretches = stretches::stretches(&self.card, self.settings.per)?;
        let deals = deals::lay_out(&self.card, &stretches, data, outcome, self.settings.folds, self.settings.seed)?;
        let non_negative = self.bounded(&stretches, &deals);
        let problem = Problem { deals: &deals, non_negative: &non_negative, scale_prior: self.settings.scale_prior };
        let (strength, path) = match self.settings.strength {
            Strength::ExpertOnly => (f64::INFINITY, Vec::new()),
            Strength::Deals(deals) => (deals, Vec::new()),
            Strength::CrossValidated => {
                let (path, chosen) = strength::choose(&problem, self.settings.rule, progress)?;
                (path[chosen].strength.unwrap_or(f64::INFINITY), path)
            }
        };
        let pull = strength::pull(strength, &deals);
        let solution = problem.solve(pull, &(0..0), None, TOLERANCE, progress)?;
        let learned = learned(&stretches, &deals, &solution)?;
        let report = report(&self.card, &stretches, outcome, &deals, &solution, &learned);
        let file = FittedCardFile {
            card: self.card.clone(),
            outcome: outcome.name().to_owned(),
            positive: outcome.positive().to_owned(),
            per: self.settings.per,
            strength: Some(strength).filter(|strength| strength.is_finite()),
            folds: if path.is_empty() { 0 } else { deals.folds.len() },
            path,
            learned,
            report: report.clone(),
        };
        Ok(Fitted { model: FittedCard::try_from(file)?, report })
    }
}

/// The solution in the units of the card: log-odds per point.
fn learned(stretches: &[Stretch], deals: &Deals, solution: &Solution) -> Result<Learned> {
    let ratios: Vec<f64> = deals.varying.iter().map(|&stretch| deals.spreads[stretch] / deals.score_spread).collect();
    let singular = || Error::Collinear { columns: deals.names.clone() };
    let covariance = solution.covariance(&ratios).ok_or_else(singular)?;
    let width = deals.varying.len() + 2;
    let scale = solution.scale / deals.score_spread;
    // Per stretch its place among the unknowns, and what that is divided by to be per point.
    let mut places = vec![(1, deals.score_spread); stretches.len()];
    let mut multipliers: Vec<Multiplier> =
        deals.means.iter().map(|&mean| Multiplier { mean, value: scale, state: State::Unlearned }).collect();
    for (column, &stretch) in deals.varying.iter().enumerate() {
        places[stretch] = (column + 2, deals.spreads[stretch]);
        let state = if solution.held[column] { State::AtBound } else { State::Free };
        // Adding 0 makes a negative zero plain.
        let value = if solution.held[column] { 0.0 } else { solution.slopes[column] / deals.spreads[stretch] + 0.0 };
        multipliers[stretch] = Multiplier { value, state, ..multipliers[stretch] };
    }
    let all: Vec<(usize, f64)> = [(0, 1.0)].into_iter().chain(places).collect();
    // The same sum for both halves, so that the table is symmetric to the last bit.
    let of = |a: usize, b: usize| covariance[a.max(b) * width + a.min(b)];
    let entry = |a: &(usize, f64), b: &(usize, f64)| of(a.0, b.0) / (a.1 * b.1);
    Ok(Learned {
        base: solution.base,
        scale,
        scale_standard_error: covariance[width + 1].max(0.0).sqrt() / deals.score_spread,
        multipliers,
        covariance: all.iter().map(|a| all.iter().map(|b| entry(a, b)).collect()).collect(),
    })
}

/// Whether a multiplier was learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// It was learned.
    Free,
    /// It would be negative, and is held at 0.
    AtBound,
    /// The deals say nothing about it, because they all got the same points; it is the scale.
    Unlearned,
}

fn report(
    card: &Scorecard,
    stretches: &[Stretch],
    outcome: &Outcome<'_>,
    deals: &Deals,
    solution: &Solution,
    learned: &Learned,
) -> FitReport {
    let share = |share: f64| share * libm::log(share);
    FitReport {
        rows: outcome.values().len(),
        positives: outcome.values().iter().filter(|&&value| value == 1.0).count(),
        total_weight: deals.total_weight,
        converged: true,
        iterations: solution.iterations,
        objective: solution.objective,
        log_likelihood: solution.log_likelihood,
        null_log_likelihood: deals.total_weight * (share(deals.rate) + share(1.0 - deals.rate)),
        gradient: solution.gradient,
        findings: findings(card, stretches, learned),
    }
}

fn findings(card: &Scorecard, stretches: &[Stretch], learned: &Learned) -> Vec<String> {
    let mut findings = Vec::new();
    if learned.scale == 0.0 {
        findings.push(
            "the scale of the expert card came out as 0: its score does not tell won from lost among these deals"
                .into(),
        );
    }
    let named = |state: State| {
        let pairs = stretches.iter().zip(&learned.multipliers).filter(|(_, multiplier)| multiplier.state == state);
        let mut names: Vec<String> = pairs
            .map(|(stretch, _)| format!("`{}`", card.spec().characteristics[stretch.characteristic].name))
            .collect();
        names.dedup();
        names.join(", ")
    };
    let (unlearned, at_bound) = (named(State::Unlearned), named(State::AtBound));
    if !unlearned.is_empty() {
        findings.push(format!(
            "all deals got the same points for (some answers to) {unlearned}; the expert's proportions were kept there"
        ));
    }
    if !at_bound.is_empty() {
        findings
            .push(format!("held at 0 because the deals say the opposite of the card: (some answers to) {at_bound}"));
    }
    findings
}
