//! What is known of customers beside their histories, and what it does to their parameters.
//!
//! Fader and Hardie (2007), *Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models*.

use super::distinct::Distinct;
use super::histories::Histories;
use super::maximum_likelihood::Local;
use super::process::{Likelihood, Logs};
use super::purchase_process::PurchaseProcess;
use crate::special::jet::Jet;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// One covariate of a model: ln of each parameter that it moves, per unit of the covariate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Covariate {
    /// The name of its column.
    pub name: String,
    /// One γ per parameter that covariates move, in the order of [`PurchaseProcess::moved_by_covariates`].
    pub coefficients: Vec<f64>,
}

/// A coefficient with its standard error.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CovariateEffect {
    /// The name of the covariate.
    pub covariate: String,
    /// The parameter that it moves.
    pub parameter: &'static str,
    /// γ.
    pub estimate: f64,
    /// By the inverse Hessian of the log-likelihood; NaN where it is unknown.
    pub standard_error: f64,
    /// Lower end of the 95 % interval.
    pub lower: f64,
    /// Its upper end.
    pub upper: f64,
}

impl PurchaseProcess {
    /// The parameters that covariates move: α falls with e<sup>−γ·z</sup>, so that a positive coefficient means more
    /// purchases; so does β of Pareto/NBD, where it means to leave sooner; a and b of BG/NBD and MBG/NBD rise with
    /// e<sup>γ·z</sup>. None for BG/BB.
    pub fn moved_by_covariates(self) -> &'static [&'static str] {
        match self {
            Self::BgNbd | Self::MbgNbd => &["alpha", "a", "b"],
            Self::ParetoNbd => &["alpha", "beta"],
            Self::BgBb => &[],
        }
    }

    /// The position and the direction of each of them.
    fn effects(self) -> &'static [(usize, f64)] {
        match self {
            Self::BgNbd | Self::MbgNbd => &[(1, -1.0), (2, 1.0), (3, 1.0)],
            Self::ParetoNbd => &[(1, -1.0), (3, -1.0)],
            Self::BgBb => &[],
        }
    }
}

/// How the logarithms of a customer's parameters follow from those of the model: four base values, then for each covariate its
/// coefficients.
#[derive(Debug, Clone, Copy)]
pub(super) struct Design {
    process: PurchaseProcess,
    covariates: usize,
}

impl Design {
    pub(super) fn new(process: PurchaseProcess, covariates: usize) -> Self {
        Self { process, covariates }
    }

    pub(super) fn without_covariates(self) -> Self {
        Self { covariates: 0, ..self }
    }

    pub(super) fn size(self) -> usize {
        4 + self.covariates * self.process.effects().len()
    }

    /// For a customer with covariates `z`: the parameter that each unknown moves, and how far per unit of the unknown.
    fn slots(self, z: &[f64]) -> Vec<(usize, f64)> {
        let base = (0..4).map(|parameter| (parameter, 1.0));
        let effects = self.process.effects();
        let moved = z.iter().flat_map(|value| effects.iter().map(move |(parameter, sign)| (*parameter, sign * value)));
        base.chain(moved).collect()
    }

    /// The logarithms of his parameters.
    pub(super) fn logs(self, unknowns: &[f64], z: &[f64]) -> Logs {
        let mut logs = [0.0; 4];
        for ((parameter, factor), unknown) in self.slots(z).into_iter().zip(unknowns) {
            logs[parameter] += factor * unknown;
        }
        logs
    }

    /// Their covariance.
    pub(super) fn covariance(self, of_unknowns: &[Vec<f64>], z: &[f64]) -> [[f64; 4]; 4] {
        let slots = self.slots(z);
        let mut covariance = [[0.0; 4]; 4];
        for (&(i, of_i), row) in slots.iter().zip(of_unknowns) {
            for (&(j, of_j), entry) in slots.iter().zip(row) {
                covariance[i][j] += of_i * of_j * entry;
            }
        }
        covariance
    }

    /// Adds a log-likelihood by the logarithms of the parameters of customers with covariates `z`, as one by the unknowns.
    fn add(self, sum: &mut Local, jet: &Jet<4>, z: &[f64]) {
        let slots = self.slots(z);
        sum.value += jet.value;
        for (row, &(i, of_i)) in slots.iter().enumerate() {
            sum.gradient[row] += of_i * jet.gradient[i];
            for (column, &(j, of_j)) in slots.iter().enumerate() {
                sum.hessian[row * slots.len() + column] += of_i * of_j * jet.hessian[i][j];
            }
        }
    }
}

/// Customers with the same covariates.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// One value per covariate.
    pub(super) z: Vec<f64>,
    pub(super) customers: Distinct,
}

/// All customers by their covariates, times divided by `unit`; one group where no covariates are asked for.
pub(super) fn groups(histories: &Histories, names: &[String], unit: f64) -> Result<Vec<Group>> {
    if names.is_empty() {
        return Ok(vec![Group { z: Vec::new(), customers: Distinct::of(histories, 0..histories.len(), unit) }]);
    }
    let columns = histories.covariates_named(names)?;
    let compare = |&one: &usize, &other: &usize| {
        let pairs = columns.iter().map(|column| column[one].total_cmp(&column[other]));
        pairs.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    };
    let mut rows: Vec<usize> = (0..histories.len()).collect();
    rows.sort_by(compare);
    let group = |rows: &[usize]| Group {
        z: columns.iter().map(|column| column[rows[0]]).collect(),
        customers: Distinct::of(histories, rows.iter().copied(), unit),
    };
    let groups = rows.chunk_by(|one, next| compare(one, next).is_eq()).map(group);
    Ok(groups.filter(|group| !group.customers.histories.is_empty()).collect())
}

/// The log-likelihood of all groups by the unknowns. Parts of fixed size are added in order.
pub(super) fn log_likelihood<L: Likelihood>(design: Design, groups: &[Group], unknowns: &[f64]) -> Local {
    const PARTS_AT_ONCE: usize = 32;
    let zero =
        || Local { value: 0.0, gradient: vec![0.0; design.size()], hessian: vec![0.0; design.size() * design.size()] };
    if let [group] = groups {
        let mut sum = zero();
        design.add(
            &mut sum,
            &super::process::log_likelihood::<L>(&group.customers, &design.logs(unknowns, &group.z)),
            &group.z,
        );
        return sum;
    }
    let longest =
        groups.iter().flat_map(|group| &group.customers.histories).fold(0.0, |most: f64, one| most.max(one.age));
    let parts: Vec<_> = groups
        .iter()
        .flat_map(|group| {
            let Distinct { histories, weights } = &group.customers;
            histories
                .chunks(L::PART)
                .zip(weights.chunks(L::PART))
                .map(move |(histories, weights)| (group, histories, weights))
        })
        .collect();
    let sums = crate::parallel::map(parts.chunks(PARTS_AT_ONCE).collect(), |parts| {
        let mut sum = zero();
        for (group, histories, weights) in parts {
            let shared = L::shared(&design.logs(unknowns, &group.z), longest);
            design.add(&mut sum, &L::sum(&shared, histories, weights), &group.z);
        }
        sum
    });
    sums.into_iter().fold(zero(), |mut sum, part| {
        sum.value += part.value;
        for (sum, one) in sum.gradient.iter_mut().zip(part.gradient) {
            *sum += one;
        }
        for (sum, one) in sum.hessian.iter_mut().zip(part.hessian) {
            *sum += one;
        }
        sum
    })
}

/// The scale on which covariates are fitted: mean 0 and a spread of 1, over the customers.
#[derive(Debug)]
pub(super) struct Standard {
    mean: Vec<f64>,
    spread: Vec<f64>,
}

impl Standard {
    /// # Errors
    /// [`Error::NotEnoughData`] for a covariate that is the same for all.
    pub(super) fn of(groups: &[Group], names: &[String]) -> Result<Self> {
        let total: f64 = groups.iter().map(|group| group.customers.total()).sum();
        let mean_of = |of: &dyn Fn(&Group) -> f64| {
            groups.iter().map(|group| group.customers.total() * of(group)).sum::<f64>() / total
        };
        let mut standard = Self { mean: Vec::new(), spread: Vec::new() };
        for (index, name) in names.iter().enumerate() {
            let mean = mean_of(&|group| group.z[index]);
            let spread = mean_of(&|group| (group.z[index] - mean).powi(2)).sqrt();
            if !(spread > 1e-12 * mean.abs() && spread.is_finite()) {
                let what = format!(
                    "a fit with the covariate `{name}` (values that differ; leave it out, or measure it in a unit that is not extreme)"
                );
                return Err(Error::NotEnoughData { what, needed: 2, found: 1 });
            }
            standard.mean.push(mean);
            standard.spread.push(spread);
        }
        Ok(standard)
    }

    pub(super) fn apply(&self, group: &mut Group) {
        for ((value, mean), spread) in group.z.iter_mut().zip(&self.mean).zip(&self.spread) {
            *value = (*value - mean) / spread;
        }
    }

    /// Unknowns in the units of the data on this scale.
    pub(super) fn redo(&self, design: Design, unknowns: &mut [f64]) {
        let slots = design.slots(&self.mean);
        for unknown in 4..unknowns.len() {
            let (parameter, factor) = slots[unknown];
            unknowns[parameter] += factor * unknowns[unknown];
        }
        let effects = design.process.effects().len().max(1);
        for (coefficients, spread) in unknowns[4..].chunks_mut(effects).zip(&self.spread) {
            for one in coefficients {
                *one *= spread;
            }
        }
    }

    /// Unknowns and their covariance in the units of the data.
    pub(super) fn undo(&self, design: Design, unknowns: &mut [f64], covariance: Option<&mut Vec<Vec<f64>>>) {
        // As a map: the base values lose what the means add, coefficients are divided by the spread.
        let zeros: Vec<f64> = self.mean.iter().zip(&self.spread).map(|(mean, spread)| -mean / spread).collect();
        let base = design.slots(&zeros);
        let effects = design.process.effects().len();
        let map = |unknown: usize| -> (f64, Option<(usize, f64)>) {
            match unknown.checked_sub(4) {
                None => (1.0, None),
                Some(place) => (1.0 / self.spread[place / effects], Some(base[unknown])),
            }
        };
        let apply = |vector: &mut [f64]| {
            for unknown in 4..vector.len() {
                let (own, to_base) = map(unknown);
                if let Some((parameter, factor)) = to_base {
                    vector[parameter] += factor * vector[unknown];
                }
                vector[unknown] *= own;
            }
        };
        apply(unknowns);
        let Some(covariance) = covariance else { return };
        for row in covariance.iter_mut() {
            apply(row);
        }
        for column in 0..unknowns.len() {
            let mut of_column: Vec<f64> = covariance.iter().map(|row| row[column]).collect();
            apply(&mut of_column);
            for (row, value) in covariance.iter_mut().zip(of_column) {
                row[column] = value;
            }
        }
        // Rounding makes both triangles differ in their last bits.
        let transposed: Vec<Vec<f64>> =
            (0..unknowns.len()).map(|column| covariance.iter().map(|row| row[column]).collect()).collect();
        for (row, column) in covariance.iter_mut().zip(transposed) {
            for (one, other) in row.iter_mut().zip(column) {
                *one = 0.5 * (*one + other);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::beta_geometric_likelihood::BetaGeometricLikelihood;
    use super::super::histories::History;
    use super::super::pareto_nbd::ParetoNbdLikelihood;
    use super::*;

    /// Three kinds of customers by two covariates.
    fn some_groups() -> Vec<Group> {
        let group = |z: [f64; 2], histories: &[[f64; 3]]| Group {
            z: z.to_vec(),
            customers: Distinct {
                histories: histories.iter().map(|&[repeats, last, age]| History { repeats, last, age }).collect(),
                weights: vec![1.5; histories.len()],
            },
        };
        vec![
            group([0.0, 0.3], &[[0.0, 0.0, 39.0], [2.0, 30.0, 38.0]]),
            group([1.0, -0.7], &[[1.0, 3.0, 39.0], [7.0, 25.0, 25.0]]),
            group([1.0, 2.0], &[[0.0, 0.0, 9.0], [30.0, 31.0, 40.0]]),
        ]
    }

    /// Derivatives by parameters and coefficients agree with differences.
    #[test]
    fn derivatives_are_differences() {
        check::<BetaGeometricLikelihood<0>>(PurchaseProcess::BgNbd);
        check::<BetaGeometricLikelihood<1>>(PurchaseProcess::MbgNbd);
        check::<ParetoNbdLikelihood>(PurchaseProcess::ParetoNbd);
    }

    fn check<L: Likelihood>(process: PurchaseProcess) {
        const STEP: f64 = 1e-5;
        let (design, groups) = (Design::new(process, 2), some_groups());
        let at: Vec<f64> = (0..design.size()).map(|index| [0.4, 1.9, -0.3, 0.8][index % 4] * 0.5).collect();
        let exact = log_likelihood::<L>(design, &groups, &at);
        for i in 0..at.len() {
            let moved = |by: f64| {
                let mut moved = at.clone();
                moved[i] += by;
                log_likelihood::<L>(design, &groups, &moved)
            };
            let (up, down) = (moved(STEP), moved(-STEP));
            let close = |found: f64, expected: f64| (found - expected).abs() < 1e-6 * (1.0 + expected.abs());
            let slope = (up.value - down.value) / (2.0 * STEP);
            assert!(close(exact.gradient[i], slope), "{process:?} {i}: {} {slope}", exact.gradient[i]);
            for j in 0..at.len() {
                let bend = (up.gradient[j] - down.gradient[j]) / (2.0 * STEP);
                let found = exact.hessian[i * at.len() + j];
                assert!(close(found, bend), "{process:?} {i} {j}: {found} {bend}");
            }
        }
    }

    /// What is put on the scale of a fit and taken back is the same, and so is its likelihood.
    #[test]
    fn scales_are_undone() {
        let (design, groups) = (Design::new(PurchaseProcess::BgNbd, 2), some_groups());
        let standard = Standard::of(&groups, &["one".into(), "two".into()]).unwrap();
        let mut scaled = groups.clone();
        for group in &mut scaled {
            standard.apply(group);
        }
        let at: Vec<f64> = (0..design.size()).map(|index| 0.1 * index as f64 - 0.3).collect();
        let mut moved = at.clone();
        standard.redo(design, &mut moved);
        let of = |groups: &[Group], at: &[f64]| log_likelihood::<BetaGeometricLikelihood<0>>(design, groups, at).value;
        assert!((of(&groups, &at) - of(&scaled, &moved)).abs() < 1e-10);
        standard.undo(design, &mut moved, None);
        for (one, two) in at.iter().zip(moved) {
            assert!((one - two).abs() < 1e-14);
        }
    }
}
