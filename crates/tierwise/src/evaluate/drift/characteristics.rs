//! Which characteristic moved the score, and by how many points.

use super::column::{ColumnDrift, Side, compare};
use super::settings::{DriftSample, DriftSettings};
use super::table::{TableDrift, check_features};
use crate::{Error, Explain, Feature, Result, explain};
use serde::Serialize;

/// What one characteristic of a card, or one term of a model, adds to the shift of the mean score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CharacteristicShift {
    /// The name of the term.
    pub name: String,
    /// Its mean points in the reference.
    pub reference: f64,
    /// Its mean points in the current sample.
    pub current: f64,
    /// By how much it moved the mean score: for each number of points, the change of its share times the points, summed.
    pub shift: f64,
    /// What changed in the distribution of its points.
    pub drift: ColumnDrift,
}

/// Which characteristics moved a score.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CharacteristicStability {
    /// The mean score of the reference.
    pub reference: f64,
    /// The mean score of the current sample.
    pub current: f64,
    /// By how much the mean score moved: the sum of the shifts of all characteristics, to rounding.
    pub shift: f64,
    /// One per term, in the order of the model.
    pub characteristics: Vec<CharacteristicShift>,
}

/// Takes the shift of a score apart: what each characteristic adds to it, and how stable it is (characteristic stability
/// analysis; Siddiqi 2006, *Credit Risk Scorecards*, chapter 8).
///
/// Works for every model that is a sum: cards, logistic and additive models. The cells of a characteristic are the points that
/// it gives, so that changes which do not move the score do not count; look at [`drift`](super::drift) of the columns for those.
///
/// ```
/// use tierwise::{Columns, evaluate::{DriftSettings, characteristic_stability}, lead};
/// let card = lead::supplier_prospects();
/// let unknown = vec![f64::NAN; 4];
/// let mut then = vec![unknown.as_slice(); card.features().len()];
/// let now = then.clone();
/// let visits = vec![4.0, 12.0, 4.0, 0.0];
/// let place = card.features().iter().position(|feature| feature.name() == "visits_last_year").unwrap();
/// then[place] = &visits;
/// let (then, now) = (Columns::in_order(card.features(), then)?, Columns::in_order(card.features(), now)?);
/// let found = characteristic_stability(&card, &then, &now, &DriftSettings::default())?;
/// let sum: f64 = found.characteristics.iter().map(|one| one.shift).sum();
/// assert!((found.shift - sum).abs() < 1e-12 && found.shift != 0.0);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`drift`](super::drift); [`Error::WrongLength`] where the tables are not bound to the features of the model;
/// [`Error::InvalidValue`] with the row where a contribution is not finite.
pub fn characteristic_stability<'a>(
    model: &dyn Explain,
    reference: impl Into<DriftSample<'a>>,
    current: impl Into<DriftSample<'a>>,
    settings: &DriftSettings,
) -> Result<CharacteristicStability> {
    settings.check("characteristic_stability")?;
    let (reference, current) = (reference.into().checked("reference")?, current.into().checked("current")?);
    check_features(&reference, &current)?;
    let (then, now) = (explain(model, reference.columns)?, explain(model, current.columns)?);
    let characteristic = |(term, (then, now)): (&crate::Term, (&Vec<f64>, &Vec<f64>))| {
        let feature = Feature::number(&*term.name);
        let side = |points: &[f64], sample: &DriftSample<'_>| {
            check_points(&term.name, points)?;
            Ok::<_, Error>((mean(points, sample.weights), Side::new(&feature, points, sample.weights)))
        };
        let ((mean_then, then), (mean_now, now)) = (side(then, &reference)?, side(now, &current)?);
        Ok(CharacteristicShift {
            name: term.name.clone(),
            reference: mean_then,
            current: mean_now,
            shift: mean_now - mean_then,
            drift: compare(&feature, &then, &now, settings),
        })
    };
    let mut characteristics: Vec<CharacteristicShift> =
        model.terms().iter().zip(then.iter().zip(&now)).map(characteristic).collect::<Result<_>>()?;
    let adjusted = TableDrift::new(characteristics.iter().map(|one| one.drift.clone()).collect(), settings);
    characteristics.iter_mut().zip(adjusted.columns).for_each(|(one, drift)| one.drift = drift);
    let sum = |of: fn(&CharacteristicShift) -> f64| characteristics.iter().map(of).sum::<f64>();
    Ok(CharacteristicStability {
        reference: model.base() + sum(|one| one.reference),
        current: model.base() + sum(|one| one.current),
        shift: sum(|one| one.shift),
        characteristics,
    })
}

fn check_points(term: &str, points: &[f64]) -> Result<()> {
    match points.iter().position(|points| !points.is_finite()) {
        None => Ok(()),
        Some(row) => {
            let what = format!("the contribution of `{term}`");
            Err(Error::invalid_value(&what, row, points[row], "it must be finite; look at the record of that row"))
        }
    }
}

fn mean(points: &[f64], weights: Option<&[f64]>) -> f64 {
    match weights {
        None => points.iter().sum::<f64>() / points.len() as f64,
        Some(weights) => {
            let sum: f64 = points.iter().zip(weights).map(|(points, weight)| points * weight).sum();
            sum / weights.iter().sum::<f64>()
        }
    }
}
