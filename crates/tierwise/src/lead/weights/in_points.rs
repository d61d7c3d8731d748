//! Points for people: a fitted card on a scale on which so many points double the odds.

use super::fitted_card::FittedCard;
use crate::scorecard::{CardSpec, PointsScale, ScaledCard};
use crate::{Bands, Result};

impl FittedCard {
    /// The fitted card as a card of points on a scale, each answer's points rounded to a multiple of `rounding`.
    ///
    /// The points of an answer are its log-odds, measured from 0 of the expert's points, times the factor; what all leads
    /// share stands in `initial`. Points per unit are rounded finely enough that a whole line drifts by no more than half
    /// of `rounding`. With `grades` the card grades, and the prerequisites of the expert card come along; without, both
    /// are left out, and features that only prerequisites ask about.
    ///
    /// # Errors
    /// Those of [`PointsScale::to_card`].
    pub fn to_card(&self, scale: PointsScale, rounding: f64, grades: Option<Bands>) -> Result<ScaledCard> {
        let mut spec = self.log_odds_spec();
        let words = scale.words(self.positive());
        spec.notes.push(format!("points learned from {} outcomes: {words}", self.report().rows));
        scale.to_card(&spec, rounding, grades)
    }

    /// The expert card with log-odds in the place of the expert's points.
    fn log_odds_spec(&self) -> CardSpec {
        let mut spec = self.card().spec().clone();
        spec.initial = self.intercept();
        // What reason codes are measured from is worth something else in each question.
        let baseline = spec.baseline.take();
        for (at, one) in spec.characteristics.iter_mut().enumerate() {
            let log_odds = |points: f64| self.log_odds_of(at, points);
            one.neutral = log_odds(one.neutral);
            one.baseline = one.baseline.or(baseline).map(log_odds);
            one.attributes.iter_mut().for_each(|attribute| attribute.points = log_odds(attribute.points));
            if let Some(per_unit) = &mut one.per_unit {
                per_unit.points = log_odds(per_unit.points);
            }
        }
        spec
    }
}
