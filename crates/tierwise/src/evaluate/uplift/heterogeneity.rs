//! Does the uplift differ along the list at all?

use super::{Places, UpliftRanking};
use crate::evaluate::rows::parameter;
use crate::{Error, Result};
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// The test of no heterogeneity: whether groups down the list differ in uplift by more than chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UpliftHeterogeneity {
    /// Cochran's Q.
    pub statistic: f64,
    /// The number of groups less 1.
    pub degrees_of_freedom: usize,
    /// The chance of a Q at least as large if all groups had the same uplift.
    pub p_value: f64,
    /// That uplift: the mean over the groups, each weighted by one over its variance.
    pub mean_uplift: f64,
    /// The uplift of the first group less that of the last.
    pub first_less_last: f64,
    /// Its standard error.
    pub standard_error: f64,
}

impl UpliftRanking {
    /// Tests whether the uplift is equal in all groups by predicted uplift: Cochran's Q (Cochran 1954, *The combination of
    /// estimates from different experiments*), the squared distances of the groups' uplift from their mean, in units
    /// of their variance, which is chi-square with one degree less than groups when nothing differs. Groups by predicted
    /// effect are those of Chernozhukov, Demirer, Duflo & Fernández-Val (2018, *Generic machine learning inference on
    /// heterogeneous treatment effects*, sorted group average treatment effects).
    ///
    /// The prediction must not have been learned from these rows. A Q that is not significant does not say that all
    /// customers react alike, only that this prediction does not tell who does.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for fewer than 2 groups; [`Error::NotEnoughData`] naming a group in which all of each arm
    /// had the same outcome, so that its variance is not known; those of
    /// [`uplift_table`](Self::uplift_table).
    pub fn heterogeneity(&self, groups: usize, places: Places) -> Result<UpliftHeterogeneity> {
        if groups < 2 {
            return Err(parameter("heterogeneity", "groups", "a whole number of at least 2", &groups));
        }
        let table = self.uplift_table(groups, places, 0.95)?;
        if let Some(group) = table.iter().position(|row| row.standard_error == 0.0) {
            let what = format!(
                "a test of heterogeneity, different outcomes within an arm of group {} of {groups}; take fewer groups",
                group + 1
            );
            return Err(Error::NotEnoughData { what, needed: 2, found: 1 });
        }
        let precision = |variance: f64| 1.0 / (variance * variance);
        let weight: f64 = table.iter().map(|row| precision(row.standard_error)).sum();
        let mean = table.iter().map(|row| precision(row.standard_error) * row.uplift).sum::<f64>() / weight;
        let statistic = table.iter().map(|row| ((row.uplift - mean) / row.standard_error).powi(2)).sum();
        let chi_square = ChiSquared::new((groups - 1) as f64).map_err(|error| Error::InvalidParameter {
            of: "heterogeneity",
            name: "groups",
            must_be: error.to_string(),
            got: groups.to_string(),
        })?;
        let (first, last) = (&table[0], &table[groups - 1]);
        Ok(UpliftHeterogeneity {
            statistic,
            degrees_of_freedom: groups - 1,
            p_value: chi_square.sf(statistic),
            mean_uplift: mean,
            first_less_last: first.uplift - last.uplift,
            standard_error: first.standard_error.hypot(last.standard_error),
        })
    }
}
