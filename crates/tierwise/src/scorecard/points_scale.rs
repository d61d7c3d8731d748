//! Points for people: log-odds on a scale on which so many points double the odds.

use super::{CardSpec, PairCharacteristic, PerUnit, Scorecard};
use crate::{Bands, Error, Result};
use serde::{Deserialize, Serialize};

/// A scale of points: `points` at `odds` to 1, and `points_to_double` more for twice the odds.
///
/// Score = offset + factor · log-odds, with factor = points to double / ln 2 and offset = points − factor · ln(odds)
/// (Siddiqi 2006, *Credit Risk Scorecards*, chapter 6). Odds are those of the positive class, of winning say, and high is
/// good for it. Packages for credit risk state the odds of the bad class and subtract; 600 points at 1/19 there is 600 at
/// 19 here, with the good class as the positive one.
///
/// ```
/// use tierwise::scorecard::PointsScale;
/// let scale = PointsScale::new(600.0, 19.0, 50.0)?;
/// assert!((scale.factor() - 72.13).abs() < 0.005 && (scale.offset() - 387.60).abs() < 0.005);
/// assert!((scale.points((2.0 * 19.0_f64).ln()) - 650.0).abs() < 1e-9);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PointsScale {
    points: f64,
    odds: f64,
    points_to_double: f64,
}

/// A card of log-odds in points, rounded and not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScaledCard {
    /// The card with rounded points.
    pub rounded: Scorecard,
    /// The card with the points as they are.
    pub unrounded: Scorecard,
    /// No customer's rounded score differs from the unrounded one by more than this.
    pub largest_drift: f64,
}

impl Default for PointsScale {
    /// 600 points at odds of 1 to 19 (a win probability of 5 %), 50 points to double them.
    fn default() -> Self {
        Self { points: 600.0, odds: 1.0 / 19.0, points_to_double: 50.0 }
    }
}

impl PointsScale {
    /// A scale.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless points are finite and odds and points to double are above 0.
    pub fn new(points: f64, odds: f64, points_to_double: f64) -> Result<Self> {
        let refuse = |name: &'static str, must_be: &str, got: f64| {
            Err(Error::InvalidParameter { of: "PointsScale", name, must_be: must_be.into(), got: got.to_string() })
        };
        if !points.is_finite() {
            return refuse("points", "a finite number", points);
        }
        if !(odds > 0.0 && odds.is_finite()) {
            return refuse("odds", "a number in (0, inf)", odds);
        }
        if !(points_to_double > 0.0 && points_to_double.is_finite()) {
            return refuse("points_to_double", "a number in (0, inf)", points_to_double);
        }
        Ok(Self { points, odds, points_to_double })
    }

    /// Points per unit of log-odds.
    pub fn factor(&self) -> f64 {
        self.points_to_double / std::f64::consts::LN_2
    }

    /// The points at log-odds of 0, that is at a probability of one half.
    pub fn offset(&self) -> f64 {
        self.points - self.factor() * libm::log(self.odds)
    }

    /// The points of log-odds.
    pub fn points(&self, log_odds: f64) -> f64 {
        self.offset() + self.factor() * log_odds
    }

    /// The log-odds of points.
    pub fn log_odds(&self, points: f64) -> f64 {
        (points - self.offset()) / self.factor()
    }

    /// Grades cut where the probability of the positive class reaches each of `rates`, best grade first; one rate fewer than names.
    ///
    /// ```
    /// use tierwise::scorecard::PointsScale;
    /// let grades = PointsScale::default().grades(&["A", "B", "C"], &[0.5, 0.05])?;
    /// assert_eq!(grades.find(600.0), Some(1)); // a probability of 5 %
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidBands`] for rates outside (0, 1), rates that do not fall, and another number of them.
    pub fn grades(&self, names: &[impl AsRef<str>], rates: &[f64]) -> Result<Bands> {
        let what = "the grades";
        if let Some(rate) = rates.iter().find(|rate| !(**rate > 0.0 && **rate < 1.0)) {
            let reason = format!("a win rate must lie between 0 and 1, found {rate}");
            return Err(Error::InvalidBands { what: what.into(), reason });
        }
        // Rounding must not put a lead at exactly the wished rate below it.
        let cuts: Vec<f64> = rates.iter().map(|&rate| self.cut(rate)).collect();
        Bands::falling(what, names, &cuts)
    }

    /// The points at a probability, to nine digits after the point.
    fn cut(&self, rate: f64) -> f64 {
        const DIGITS: f64 = 1e9;
        let points = self.points(libm::log(rate) - libm::log1p(-rate));
        if points.abs() < 1e6 { (points * DIGITS).round() / DIGITS } else { points }
    }

    /// A card whose points are log-odds, on this scale: each answer's points rounded to a multiple of `rounding`.
    ///
    /// What all customers share stands in `initial`. Points per unit are rounded finely enough that a whole line drifts by
    /// no more than half of `rounding`. With `grades`, which are bands of the points, the prerequisites of the card come
    /// along; without, both are left out, and features that only prerequisites ask about. Rounding answer by answer makes
    /// sums drift, so both cards come back.
    ///
    /// ```
    /// use tierwise::scorecard::{CardSpec, Characteristic, PointsScale};
    /// use tierwise::{Feature, Score};
    /// let log_odds = CardSpec {
    ///     features: vec![Feature::yes_no("met")],
    ///     initial: -2.0,
    ///     characteristics: vec![Characteristic::yes("met", 1.25)],
    ///     ..CardSpec::default()
    /// };
    /// let card = PointsScale::new(500.0, 1.0, 20.0)?.to_card(&log_odds, 1.0, None)?;
    /// assert_eq!((card.rounded.score_row(&[0.0]), card.rounded.score_row(&[1.0])), (442.0, 442.0 + 36.0));
    /// assert!(card.largest_drift < 0.5);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless `rounding` is above 0; [`Error::InvalidBands`] and [`Error::InvalidScorecard`]
    /// when the grades do not cover the scores or do not go with the prerequisites.
    pub fn to_card(&self, log_odds: &CardSpec, rounding: f64, grades: Option<Bands>) -> Result<ScaledCard> {
        if !(rounding > 0.0 && rounding.is_finite()) {
            let must_be = "a number in (0, inf)".into();
            return Err(Error::InvalidParameter {
                of: "to_card",
                name: "rounding",
                must_be,
                got: rounding.to_string(),
            });
        }
        let unrounded = self.on_scale(log_odds, grades.clone(), |points| points, |points, _| points);
        let to = |step: f64| move |points: f64| (points / step).round() * step + 0.0;
        let line = |points: f64, up_to: f64| {
            let finer = libm::pow(10.0, libm::ceil(libm::log10(up_to.max(1.0))));
            to(rounding / finer)(points)
        };
        let rounded = Scorecard::new(self.on_scale(log_odds, grades, to(rounding), line))?;
        let unrounded = Scorecard::new(unrounded)?;
        let largest_drift = largest_drift(&rounded, &unrounded);
        Ok(ScaledCard { rounded, unrounded, largest_drift })
    }

    /// The scale in words, for the notes of a card.
    pub(crate) fn words(&self, positive: &str) -> String {
        let Self { points, odds, points_to_double } = self;
        format!("{points} at odds of {odds} to 1 for `{positive}`, {points_to_double} to double the odds")
    }

    fn on_scale(
        &self,
        log_odds: &CardSpec,
        grades: Option<Bands>,
        round: impl Fn(f64) -> f64,
        round_line: impl Fn(f64, f64) -> f64,
    ) -> CardSpec {
        let in_points = |log_odds: f64| round(self.factor() * log_odds);
        let mut spec = log_odds.clone();
        spec.initial = round(self.points(spec.initial));
        spec.baseline = spec.baseline.map(in_points);
        for one in &mut spec.characteristics {
            one.neutral = in_points(one.neutral);
            one.baseline = one.baseline.map(in_points);
            one.attributes.iter_mut().for_each(|attribute| attribute.points = in_points(attribute.points));
            if let Some(PerUnit { points, up_to }) = &mut one.per_unit {
                *points = round_line(self.factor() * *points, *up_to);
            }
        }
        for pair in &mut spec.pairs {
            pair.neutral = in_points(pair.neutral);
            pair.baseline = pair.baseline.map(in_points);
            pair.points.iter_mut().flatten().for_each(|points| *points = in_points(*points));
        }
        if grades.is_none() {
            spec.prerequisites.clear();
            spec.correction_table.clear();
            let asked = |name: &str| {
                let by_pair = |one: &PairCharacteristic| one.features.iter().any(|feature| feature == name);
                spec.characteristics.iter().any(|one| one.feature == name) || spec.pairs.iter().any(by_pair)
            };
            spec.features.retain(|feature| asked(feature.name()));
        }
        spec.grades = grades;
        spec
    }
}

/// The sum over the characteristics and pairs of the largest differences, in either direction.
fn largest_drift(rounded: &Scorecard, unrounded: &Scorecard) -> f64 {
    let initial = rounded.spec().initial - unrounded.spec().initial;
    let (mut up, mut down) = (initial, initial);
    for (rounded, unrounded) in rounded.compiled().iter().zip(unrounded.compiled()) {
        let unknown = [f64::NAN];
        let answers = unrounded.representatives.iter().chain(&unknown);
        let drifts = answers.map(|&answer| rounded.part.points(answer) - unrounded.part.points(answer));
        let drifts: Vec<f64> = drifts.filter(|drift| !drift.is_nan()).collect();
        up += drifts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        down += drifts.iter().copied().fold(f64::INFINITY, f64::min);
    }
    for (rounded, unrounded) in rounded.spec().pairs.iter().zip(&unrounded.spec().pairs) {
        let cells = rounded.points.iter().flatten().zip(unrounded.points.iter().flatten());
        let neutral = rounded.neutral - unrounded.neutral;
        let drifts: Vec<f64> = cells.map(|(rounded, unrounded)| rounded - unrounded).chain([neutral]).collect();
        up += drifts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        down += drifts.iter().copied().fold(f64::INFINITY, f64::min);
    }
    up.abs().max(down.abs())
}
