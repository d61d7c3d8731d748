//! What the adapters share: checking that features suit a model that was fitted on bare columns of numbers.

use tierwise::feature::{Kind, check_features};
use tierwise::{Error, Feature, Result, Unknown};

/// Checks features against a fitted model's columns and returns the centers: as given, or 0 where there are none.
pub(crate) fn check_columns(features: &[Feature], centers: Option<&[f64]>, columns: usize) -> Result<Vec<f64>> {
    check_features(features)?;
    check_length("the list of features", features.len(), columns)?;
    if let Some(centers) = centers {
        check_length("the list of centers", centers.len(), columns)?;
    }
    for feature in features {
        let refuse =
            |reason: &str| Err(Error::InvalidFeature { feature: feature.name().to_owned(), reason: reason.to_owned() });
        if matches!(feature.kind(), Kind::Category(_)) {
            return refuse("a linfa model reads columns of numbers; use one yes-no per level, as it was fitted with");
        }
        match feature.unknown() {
            Unknown::Error => {}
            Unknown::Neutral if centers.is_some() => {}
            Unknown::Neutral => {
                return refuse(
                    "a linfa model cannot say what unknown means; make the rule `error`, or pass the centers at which a feature earns nothing",
                );
            }
            Unknown::Own => {
                return refuse("a linfa model has no points for unknown; make the rule `error` or `neutral`");
            }
        }
    }
    let centers = centers.map_or_else(|| vec![0.0; columns], <[f64]>::to_vec);
    check_finite("the center", &centers)?;
    Ok(centers)
}

pub(crate) fn check_length(what: &str, found: usize, expected: usize) -> Result<()> {
    if found == expected { Ok(()) } else { Err(Error::WrongLength { what: what.to_owned(), expected, found }) }
}

/// A fit that ran away leaves infinite or NaN coefficients; they are no model.
pub(crate) fn check_finite(what: &str, values: &[f64]) -> Result<()> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(row) => Err(Error::InvalidValue {
            what: what.to_owned(),
            row,
            key: None,
            found: values[row].to_string(),
            must_be: "it must be finite; fit again on scaled columns or with a larger `alpha`".into(),
        }),
    }
}

/// The position of the class that was named.
pub(crate) fn position_of(positive: &str, classes: &[String]) -> Result<usize> {
    classes.iter().position(|class| class == positive).ok_or_else(|| Error::InvalidOutcome {
        positive: positive.to_owned(),
        labels: classes.iter().take(10).cloned().collect(),
        reason: "the fitted model does not know it; name one of its classes".into(),
    })
}
