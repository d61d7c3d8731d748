//! How a term in its own unit becomes a number from 0 to 1.

use crate::value::cuts::{Direction, Sorted, levels};
use crate::value::tiers::equal_shares;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// How a number becomes one from 0 to 1, by limits that are stated and saved: new customers never move those of others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Normalisation {
    /// `(x - from) / (to - from)`, and 0 or 1 beyond.
    MinMax {
        /// What counts as 0.
        from: f64,
        /// What counts as 1; above `from`.
        to: f64,
    },
    /// The share of thresholds at or below the number: steps of equal shares of the customers they were taken from. At
    /// least one, rising.
    Quantiles(Vec<f64>),
    /// `1 / (1 + exp(-(x - middle) / scale))`: smooth, and never quite 0 or 1.
    Logistic {
        /// What counts as ½.
        middle: f64,
        /// One standard deviation, say, makes .73 of ½; above 0.
        scale: f64,
    },
    /// Straight lines between fixed points `(x, share)`, level beyond the outermost; two at least, `x` rising, shares from
    /// 0 to 1.
    Anchors(Vec<(f64, f64)>),
}

impl Normalisation {
    /// From the least to the greatest known value.
    ///
    /// # Errors
    /// [`Error::EmptyTable`], [`Error::NotFinite`] with the row, [`Error::NoVariation`] without two different known values, and
    /// for values too far apart to compute with.
    pub fn min_max_of(name: &str, values: &[f64]) -> Result<Self> {
        let sorted = varied(name, values)?;
        Ok(Self::MinMax { from: sorted.values[0].0, to: sorted.values[sorted.values.len() - 1].0 })
    }

    /// Thresholds that part the known values into so many equal shares, 2 to 1000. Equal values stay together, as in
    /// [`Tiers`](crate::value::Tiers); a threshold that no value is above is left out.
    ///
    /// ```
    /// use tierwise::value::Normalisation;
    /// let made = Normalisation::quantiles_of("orders", &[1.0, 2.0, 3.0, 4.0], 2)?;
    /// assert_eq!(made, Normalisation::Quantiles(vec![3.0]));
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Normalisation::min_max_of`], and [`Error::InvalidParameter`] for the number of shares.
    pub fn quantiles_of(name: &str, values: &[f64], shares: usize) -> Result<Self> {
        if !(2..=1000).contains(&shares) {
            let must_be = "a whole number in [2, 1000]".into();
            return Err(Error::InvalidParameter {
                of: "ValueIndex",
                name: "quantiles",
                must_be,
                got: shares.to_string(),
            });
        }
        let cuts = varied(name, values)?.cuts(&levels(&equal_shares(shares), Direction::LowerIsBetter));
        let mut thresholds: Vec<f64> = cuts.into_iter().flatten().collect();
        thresholds.dedup();
        Ok(Self::Quantiles(thresholds))
    }

    /// The logistic curve of the z-score: mean and standard deviation (with n - 1) of the known values.
    ///
    /// # Errors
    /// Those of [`Normalisation::min_max_of`].
    pub fn logistic_of(name: &str, values: &[f64]) -> Result<Self> {
        let sorted = varied(name, values)?.values;
        let count = sorted.len() as f64;
        // Around a value and in the unit of the spread, so that neither a far origin nor large numbers lose digits.
        let (origin, unit) = (sorted[0].0, sorted[sorted.len() - 1].0 - sorted[0].0);
        let mean = sorted.iter().map(|(value, _)| (value - origin) / unit).sum::<f64>() / count;
        let squares: f64 =
            sorted.iter().map(|(value, _)| ((value - origin) / unit - mean) * ((value - origin) / unit - mean)).sum();
        Ok(Self::Logistic { middle: origin + unit * mean, scale: unit * (squares / (count - 1.0)).sqrt() })
    }

    /// The number from 0 to 1; NaN for NaN.
    pub fn share(&self, value: f64) -> f64 {
        if value.is_nan() {
            return f64::NAN;
        }
        match self {
            &Self::MinMax { from, to } => between(value, (from, 0.0), (to, 1.0)),
            Self::Quantiles(thresholds) => {
                thresholds.partition_point(|&threshold| threshold <= value) as f64 / thresholds.len() as f64
            }
            &Self::Logistic { middle, scale } => 1.0 / (1.0 + libm::exp(-(value - middle) / scale)),
            Self::Anchors(anchors) => {
                let next = anchors.partition_point(|&(x, _)| x <= value);
                match (next.checked_sub(1).map(|place| anchors[place]), anchors.get(next)) {
                    (Some(lower), Some(&upper)) => between(value, lower, upper),
                    (Some((_, share)), None) | (None, Some(&(_, share))) => share,
                    (None, None) => f64::NAN,
                }
            }
        }
    }

    /// The least and the most that it makes of any number.
    pub(super) fn range(&self) -> (f64, f64) {
        match self {
            Self::MinMax { .. } | Self::Quantiles(_) | Self::Logistic { .. } => (0.0, 1.0),
            Self::Anchors(anchors) => anchors
                .iter()
                .fold((1.0, 0.0), |(least, most), &(_, share)| (f64::min(least, share), f64::max(most, share))),
        }
    }

    /// Why it cannot be computed with, if it cannot.
    pub(super) fn check(&self) -> std::result::Result<(), String> {
        let finite = |numbers: &[f64]| numbers.iter().all(|number| number.is_finite());
        let spread = |from: f64, to: f64| from < to && (to - from).is_finite();
        match self {
            &Self::MinMax { from, to } if !(finite(&[from, to]) && spread(from, to)) => {
                Err(format!("min-max needs finite limits, `from` below `to`, got {from} and {to}"))
            }
            Self::Quantiles(thresholds)
                if thresholds.is_empty() || !finite(thresholds) || !thresholds.is_sorted_by(|a, b| a < b) =>
            {
                Err("quantiles need at least one threshold, finite and rising".into())
            }
            &Self::Logistic { middle, scale } if !(finite(&[middle, scale]) && scale > 0.0) => {
                Err(format!("logistic needs a finite `middle` and a `scale` above 0, got {middle} and {scale}"))
            }
            Self::Anchors(anchors)
                if anchors.len() < 2
                    || anchors.iter().any(|&(x, share)| !x.is_finite() || !(0.0..=1.0).contains(&share))
                    || !anchors.windows(2).all(|pair| spread(pair[0].0, pair[1].0)) =>
            {
                Err("anchors need at least two points (x, share), with finite rising x and shares from 0 to 1".into())
            }
            _ => Ok(()),
        }
    }
}

/// The straight line through two points, level beyond them.
fn between(value: f64, lower: (f64, f64), upper: (f64, f64)) -> f64 {
    let way = ((value - lower.0) / (upper.0 - lower.0)).clamp(0.0, 1.0);
    lower.1 + way * (upper.1 - lower.1)
}

fn varied(name: &str, values: &[f64]) -> Result<Sorted> {
    let sorted = Sorted::new(name, values)?;
    let refuse = |reason: &str| Err(Error::NoVariation { columns: vec![name.to_owned()], reason: reason.into() });
    if sorted.check_distinct(name, 2).is_err() {
        return refuse("limits need two different known values; state the limits, or leave the term out");
    }
    let spread = sorted.values[sorted.values.len() - 1].0 - sorted.values[0].0;
    if spread.is_finite() {
        return Ok(sorted);
    }
    refuse("its values lie too far apart to compute with; use a larger unit")
}
