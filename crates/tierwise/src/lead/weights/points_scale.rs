//! Points for people: log-odds on a scale on which so many points double the odds.

use super::fitted_card::FittedCard;
use crate::scorecard::{CardSpec, PerUnit, Scorecard};
use crate::{Bands, Error, Result};
use serde::{Deserialize, Serialize};

/// A scale of points: `points` at `odds` to 1, and `points_to_double` more for twice the odds.
///
/// Score = offset + factor · log-odds, with factor = points to double / ln 2 and offset = points − factor · ln(odds)
/// (Siddiqi 2006, *Credit Risk Scorecards*, chapter 6). Odds are those of winning, and high is good. Packages for credit
/// risk state the odds of the bad class and subtract; 600 points at 1/19 there is 600 at 19 here.
///
/// ```
/// use tierwise::lead::PointsScale;
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

/// A fitted card in points, rounded and not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScaledCard {
    /// The card with rounded points.
    pub rounded: Scorecard,
    /// The card with the points as they are.
    pub unrounded: Scorecard,
    /// No lead's rounded score differs from the unrounded one by more than this.
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

    /// Grades cut where the probability of winning reaches each of `rates`, best grade first; one rate fewer than names.
    ///
    /// ```
    /// use tierwise::lead::PointsScale;
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
        let points = self.points(crate::learn::log_odds(rate));
        if points.abs() < 1e6 { (points * DIGITS).round() / DIGITS } else { points }
    }
}

impl FittedCard {
    /// The fitted card as a card of points on a scale, each answer's points rounded to a multiple of `rounding`.
    ///
    /// The points of an answer are its log-odds, measured from 0 of the expert's points, times the factor; what all leads
    /// share stands in `initial`. Points per unit are rounded finely enough that a whole line drifts by no more than half
    /// of `rounding`. With `grades` the card grades, and the prerequisites of the expert card come along; without, both
    /// are left out, and features that only prerequisites ask about.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] unless `rounding` is above 0; [`Error::InvalidBands`] and [`Error::InvalidScorecard`]
    /// when the grades do not cover the scores or do not go with the prerequisites.
    pub fn to_card(&self, scale: PointsScale, rounding: f64, grades: Option<Bands>) -> Result<ScaledCard> {
        if !(rounding > 0.0 && rounding.is_finite()) {
            let must_be = "a number in (0, inf)".into();
            return Err(Error::InvalidParameter {
                of: "to_card",
                name: "rounding",
                must_be,
                got: rounding.to_string(),
            });
        }
        let unrounded = Scorecard::new(self.spec_in(scale, grades.clone(), |points| points, |points, _| points))?;
        let to = |step: f64| move |points: f64| (points / step).round() * step + 0.0;
        let line = |points: f64, up_to: f64| {
            let finer = libm::pow(10.0, libm::ceil(libm::log10(up_to.max(1.0))));
            to(rounding / finer)(points)
        };
        let rounded = Scorecard::new(self.spec_in(scale, grades, to(rounding), line))?;
        let largest_drift = largest_drift(&rounded, &unrounded);
        Ok(ScaledCard { rounded, unrounded, largest_drift })
    }

    fn spec_in(
        &self,
        scale: PointsScale,
        grades: Option<Bands>,
        round: impl Fn(f64) -> f64,
        round_line: impl Fn(f64, f64) -> f64,
    ) -> CardSpec {
        let mut spec = self.card().spec().clone();
        let in_points =
            |characteristic: usize, points: f64| round(scale.factor() * self.log_odds_of(characteristic, points));
        spec.initial = round(scale.points(self.intercept()));
        for (at, one) in spec.characteristics.iter_mut().enumerate() {
            one.neutral = in_points(at, one.neutral);
            one.attributes.iter_mut().for_each(|attribute| attribute.points = in_points(at, attribute.points));
            if let Some(PerUnit { points, up_to }) = &mut one.per_unit {
                *points = round_line(scale.factor() * self.log_odds_of(at, *points), *up_to);
            }
        }
        spec.notes.push(format!(
            "points learned from {} outcomes: {} at odds of {} to 1 for `{}`, {} to double the odds",
            self.report().rows,
            scale.points,
            scale.odds,
            self.positive(),
            scale.points_to_double
        ));
        if grades.is_none() {
            spec.prerequisites.clear();
            spec.correction_table.clear();
            let asked = |name: &str| spec.characteristics.iter().any(|one| one.feature == name);
            spec.features.retain(|feature| asked(feature.name()));
        }
        spec.grades = grades;
        spec
    }
}

/// The sum over the characteristics of the largest differences, in either direction.
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
    up.abs().max(down.abs())
}
