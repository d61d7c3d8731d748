//! Which features stay in a scorecard: the settings, and what is decided before the first fit.

use super::correlation::Unit;
use super::fate::{Dropped, FeatureFate};
use crate::learn::Binning;
use crate::{Error, Feature, Outcome, Result, parallel};
use serde::{Deserialize, Serialize};

/// Which features stay in a scorecard.
///
/// In this order, and each step can be turned off:
///
/// 1. **Information value** below `min_information_value`, or evidence that is the same in every row: dropped. Above
///    `high_information_value` a feature stays, but the report says that it knows suspiciously much.
/// 2. **Correlation** of weights of evidence above `max_correlation`, in either direction: of two such features the one
///    with the higher information value stays (features in `keep` before all others).
/// 3. **Sign**: beside other features the evidence of one may count the wrong way round (a coefficient below 0). The
///    worst of them by `z` is dropped, the rest fitted again, until there is none.
/// 4. **Elimination**, if asked for: the feature with the weakest `z` goes as long as the criterion says so; after each
///    step the signs are checked again. The last feature is not eliminated.
///
/// Features named in `keep` are dropped by none of them. What is decided is decided on weights of evidence, also where
/// the last fit is on indicators, and nothing is random.
///
/// The limits 0.02 and 0.8 are customary (Siddiqi 2006, *Credit Risk Scorecards*, chapter 6, calls a feature with less
/// than 0.02 unpredictive); 1.0 for "suspicious" is this library's choice.
///
/// ```
/// use tierwise::learn::{Elimination, Selection};
/// let strict = Selection::new().min_information_value(0.05).elimination(Elimination::PValue(0.01)).keep(["region"]);
/// let all = Selection::none();
/// assert!(strict != all);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Selection {
    pub(super) min_information_value: f64,
    pub(super) high_information_value: Option<f64>,
    pub(super) max_correlation: f64,
    pub(super) sign_check: bool,
    pub(super) elimination: Elimination,
    pub(super) keep: Vec<String>,
}

/// How features that add little to the others are found after the fit.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Elimination {
    /// Not at all. The default.
    #[default]
    None,
    /// The p-value of the weakest coefficient is above this. The bins have been looked for in the same rows, so p-values
    /// are too small: take a strict limit.
    PValue(f64),
    /// Akaike's criterion, `2 · coefficients − 2 · log-likelihood`, is no worse without the weakest.
    Aic,
}

impl Default for Selection {
    fn default() -> Self {
        Self {
            min_information_value: 0.02,
            high_information_value: Some(1.0),
            max_correlation: 0.8,
            sign_check: true,
            elimination: Elimination::None,
            keep: Vec::new(),
        }
    }
}

impl Selection {
    /// Information value at least 0.02, correlation at most 0.8, signs checked, no elimination.
    pub fn new() -> Self {
        Self::default()
    }

    /// No selection; only features that say nothing at all are left out.
    pub fn none() -> Self {
        Self::new().min_information_value(0.0).high_information_value(None).max_correlation(1.0).sign_check(false)
    }

    /// The least information value, 0 or more; 0.02 unless set, 0 turns the step off.
    #[must_use]
    pub fn min_information_value(self, least: f64) -> Self {
        Self { min_information_value: least, ..self }
    }

    /// The information value above which the report warns; 1 unless set.
    #[must_use]
    pub fn high_information_value(self, high: impl Into<Option<f64>>) -> Self {
        Self { high_information_value: high.into(), ..self }
    }

    /// The highest correlation of two features, above 0 and at most 1; 0.8 unless set, 1 turns the step off.
    #[must_use]
    pub fn max_correlation(self, most: f64) -> Self {
        Self { max_correlation: most, ..self }
    }

    /// Whether features whose evidence counts the wrong way round are dropped; true unless set.
    #[must_use]
    pub fn sign_check(self, check: bool) -> Self {
        Self { sign_check: check, ..self }
    }

    /// How features that add little are found; not at all unless set.
    #[must_use]
    pub fn elimination(self, elimination: Elimination) -> Self {
        Self { elimination, ..self }
    }

    /// Names of features that are never dropped.
    #[must_use]
    pub fn keep<S: Into<String>>(self, names: impl IntoIterator<Item = S>) -> Self {
        Self { keep: names.into_iter().map(Into::into).collect(), ..self }
    }

    pub(super) fn check(&self, features: &[Feature]) -> Result<()> {
        let refuse = |name: &'static str, must_be: &str, got: f64| {
            Err(Error::InvalidParameter { of: "Selection", name, must_be: must_be.into(), got: got.to_string() })
        };
        if !(self.min_information_value >= 0.0 && self.min_information_value.is_finite()) {
            return refuse("min_information_value", "a number in [0, inf)", self.min_information_value);
        }
        if let Some(high) = self.high_information_value.filter(|high| !(*high > 0.0 && high.is_finite())) {
            return refuse("high_information_value", "a number in (0, inf), or none", high);
        }
        if !(self.max_correlation > 0.0 && self.max_correlation <= 1.0) {
            return refuse("max_correlation", "a number in (0, 1]", self.max_correlation);
        }
        match self.elimination {
            Elimination::PValue(limit) if !(limit > 0.0 && limit < 1.0) => {
                return refuse("elimination", "a p-value in (0, 1)", limit);
            }
            _ => {}
        }
        for name in &self.keep {
            crate::feature::position(features, name, "`keep` of `Selection`")?;
        }
        Ok(())
    }

    pub(super) fn keeps(&self, name: &str) -> bool {
        self.keep.iter().any(|kept| kept == name)
    }

    /// Steps 1 and 2: the fate of each feature, given its bins and its column of evidence.
    pub(super) fn before_the_fit(
        &self,
        binnings: &[Binning],
        columns: &[Vec<f64>],
        outcome: &Outcome<'_>,
    ) -> Vec<FeatureFate> {
        let units = parallel::map(columns.iter().collect(), |column: &Vec<f64>| Unit::new(column, outcome));
        let mut fates: Vec<FeatureFate> = binnings.iter().map(fate_of).collect();
        for (fate, unit) in fates.iter_mut().zip(&units) {
            let little = unit.is_none() || fate.information_value < self.min_information_value;
            if little && !self.keeps(&fate.feature) {
                fate.dropped = Some(Dropped::LittleInformation { limit: self.min_information_value });
            }
        }
        if self.max_correlation < 1.0 {
            self.drop_correlated(&mut fates, &units);
        }
        fates
    }

    fn drop_correlated(&self, fates: &mut [FeatureFate], units: &[Option<Unit>]) {
        let mut order: Vec<usize> = (0..fates.len()).filter(|&at| fates[at].dropped.is_none()).collect();
        order.sort_by(|&a, &b| {
            let kept = |at: usize| self.keeps(&fates[at].feature);
            kept(b).cmp(&kept(a)).then(fates[b].information_value.total_cmp(&fates[a].information_value))
        });
        let mut staying: Vec<usize> = Vec::new();
        for at in order {
            let Some(unit) = &units[at] else { continue };
            if !self.keeps(&fates[at].feature) {
                let with = |&other: &usize| units[other].as_ref().map_or(0.0, |other| unit.correlation(other));
                let found = parallel::map(staying.iter().collect(), with);
                let strongest =
                    found.iter().zip(&staying).find(|(correlation, _)| correlation.abs() > self.max_correlation);
                if let Some((&correlation, &other)) = strongest {
                    let (with, limit) = (fates[other].feature.clone(), self.max_correlation);
                    fates[at].dropped = Some(Dropped::Correlated { with, correlation, limit });
                    continue;
                }
            }
            staying.push(at);
        }
    }

    /// What the report says about features that know more than is usual.
    pub(super) fn findings(&self, fates: &[FeatureFate]) -> Vec<String> {
        let Some(high) = self.high_information_value else { return Vec::new() };
        let suspicious = fates.iter().filter(|fate| fate.information_value > high);
        let say = |fate: &FeatureFate| {
            format!(
                "`{}` has an information value of {:.2}, above {high}; make sure that it was known before the outcome",
                fate.feature, fate.information_value
            )
        };
        suspicious.map(say).collect()
    }
}

fn fate_of(binning: &Binning) -> FeatureFate {
    FeatureFate {
        feature: binning.layout().feature().name().to_owned(),
        information_value: binning.information_value(),
        bins: binning.tallies().iter().filter(|tally| tally.rows > 0).count(),
        dropped: None,
    }
}
