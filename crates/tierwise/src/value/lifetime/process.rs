//! What every model of purchases says, whatever its story is.

use super::distinct::Distinct;
use super::histories::{History, HistoryColumns};
use crate::special::jet::Jet;

/// Logarithms of the four parameters.
pub(super) type Logs = [f64; 4];

/// The likelihood of a model with four parameters above 0.
pub(super) trait Likelihood: Sync {
    /// What is the same for all histories at given parameters.
    type Shared: Sync;

    /// Histories that one thread takes at a time.
    const PART: usize;

    fn shared(logs: &Logs, longest: f64) -> Self::Shared;

    /// The weighted sum of the log-likelihoods of histories in ascending order, without the constant that no parameter
    /// changes.
    fn sum(shared: &Self::Shared, histories: &[History], weights: &[f64]) -> Jet<4>;

    /// Parameters to start from, times in units of the mean age.
    fn starts(distinct: &Distinct) -> Vec<Logs>;
}

/// The log-likelihood of all customers. Parts of fixed size are added in order, so that the number of threads does not
/// reach the result.
pub(super) fn log_likelihood<L: Likelihood>(distinct: &Distinct, logs: &Logs) -> Jet<4> {
    let longest = distinct.histories.iter().fold(0.0, |most: f64, one| most.max(one.age));
    let shared = L::shared(logs, longest);
    if distinct.histories.len() <= L::PART {
        return L::sum(&shared, &distinct.histories, &distinct.weights);
    }
    let parts: Vec<_> = distinct.histories.chunks(L::PART).zip(distinct.weights.chunks(L::PART)).collect();
    let sums = crate::parallel::map(parts, |(histories, weights)| L::sum(&shared, histories, weights));
    sums.into_iter().fold(Jet::ZERO, |sum, part| sum + part)
}

/// Histories of equal counts together, with their weights.
pub(super) fn equal_counts<'a>(
    histories: &'a [History],
    mut weights: &'a [f64],
) -> impl Iterator<Item = (&'a [History], &'a [f64])> {
    histories.chunk_by(|one, next| one.repeats == next.repeats).map(move |equal| {
        let (of_equal, rest) = weights.split_at(equal.len());
        weights = rest;
        (equal, of_equal)
    })
}

/// What a model with given parameters expects of a customer.
pub(super) trait Process: Sync {
    /// The probability that the customer has not left for good `ahead` periods from today.
    fn probability_alive(&self, history: &History, ahead: f64) -> f64;

    /// The mean number of purchases in the next `periods`.
    fn expected_purchases(&self, history: &History, periods: f64) -> f64;

    /// The same until each of several times, with the same bits; overridden where they have work in common.
    fn expected_purchases_until(&self, history: &History, times: &[f64]) -> Vec<f64> {
        times.iter().map(|&periods| self.expected_purchases(history, periods)).collect()
    }

    /// The mean number of purchases in the next `periods` of many customers whose times are in units of which a period
    /// has so many, with the same bits; overridden where many at once are faster.
    fn expected_purchases_of(&self, histories: HistoryColumns<'_>, unit: f64, periods: f64, expected: &mut [f64]) {
        for (row, expected) in expected.iter_mut().enumerate() {
            *expected = self.expected_purchases(&histories.history(row).in_unit(unit), periods);
        }
    }

    /// The mean number of purchases of a new customer in the first `periods`, the first purchase not counted.
    fn expected_of_new(&self, periods: f64) -> f64;

    /// The probability that a new customer makes `count` purchases between `from` and `from + width` periods after the
    /// first one.
    fn probability_of_count(&self, count: u32, from: f64, width: f64) -> f64;

    /// The probability that the customer has not left by the last moment that is known, and the process of one who has not, who
    /// is as a new customer with what is known of him for parameters.
    fn if_here(&self, history: &History) -> (f64, Box<dyn Process>);

    /// The mean number of purchases that are more than `after` periods away, each discounted from then to when it happens.
    fn discounted_purchases(&self, history: &History, rate: f64, after: f64) -> f64;
}

#[cfg(test)]
mod tests {
    use super::super::beta_geometric::BetaGeometric;
    use super::super::beta_geometric_likelihood::BetaGeometricLikelihood;
    use super::super::bg_bb::BgBbLikelihood;
    use super::super::pareto_nbd::{ParetoNbd, ParetoNbdLikelihood};
    use super::*;

    fn of_one<L: Likelihood>(parameters: &[f64; 4], [repeats, last, age]: [f64; 3]) -> Jet<4> {
        let histories = vec![History { repeats, last, age }];
        log_likelihood::<L>(&Distinct { histories, weights: vec![1.0] }, &parameters.map(libm::log))
    }

    /// Values at 160-bit precision; hundreds of purchases do not overflow.
    #[test]
    fn log_likelihoods_of_single_customers() {
        let pareto = [0.553, 10.578, 0.606, 11.669];
        let bg = [0.243, 4.414, 0.793, 2.426];
        for (found, expected) in [
            (
                of_one::<ParetoNbdLikelihood>(&[0.553, 10.580, 0.606, 11.656], [2.0, 30.43, 38.86]),
                -9.554_763_578_303_971,
            ),
            (of_one::<ParetoNbdLikelihood>(&pareto, [132.0, 200.0, 200.0]), -196.358_883_587_462_6),
            (of_one::<ParetoNbdLikelihood>(&pareto, [133.0, 200.0, 200.0]), -196.821_757_152_820_4),
            (of_one::<BetaGeometricLikelihood<0>>(&bg, [132.0, 200.0, 200.0]), -195.525_168_799_277_5),
            (of_one::<BetaGeometricLikelihood<0>>(&bg, [133.0, 200.0, 200.0]), -195.966_600_786_339_9),
        ] {
            assert!((found.value / expected - 1.0).abs() < 1e-13, "{} {expected}", found.value);
        }
    }

    fn processes() -> [Box<dyn Process>; 5] {
        [
            Box::new(BetaGeometric::new(&[0.243, 4.414, 0.793, 2.426], false)),
            Box::new(BetaGeometric::new(&[0.243, 4.414, 0.793, 2.426], true)),
            Box::new(BetaGeometric::new(&[0.25, 4.5, 80.0, 2.5], true)),
            Box::new(ParetoNbd::new(&[0.55, 10.6, 0.6, 11.7])),
            Box::new(ParetoNbd::new(&[0.55, 10.6, 1.0, 2.7])),
        ]
    }

    /// Many customers at once get the bits of one by one.
    #[test]
    fn lanes_equal_rows() {
        let history = |row: u32| {
            let repeats = f64::from(row % 9 * (row % 4)) + if row.is_multiple_of(97) { 250.0 } else { 0.0 };
            let age = 20.0 + f64::from(row % 37);
            let last = age * if row.is_multiple_of(5) { 1.0 } else { 0.8 };
            History { repeats, last: if repeats > 0.0 { last } else { 0.0 }, age }
        };
        let rows: Vec<History> = (0..1001).map(history).collect();
        let column = |of: fn(&History) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
        let (repeats, last, age) = (column(|one| one.repeats), column(|one| one.last), column(|one| one.age));
        for process in processes() {
            for (periods, unit) in [(0.5, 1.0), (39.0, 1.0), (200.0, 7.0), (1000.0, 1.0)] {
                let mut together = vec![0.0; rows.len()];
                let histories = HistoryColumns { repeats: &repeats, last: &last, age: &age };
                process.expected_purchases_of(histories, unit, periods, &mut together);
                let of = |history: &History| process.expected_purchases(&history.in_unit(unit), periods);
                assert_eq!(together, rows.iter().map(of).collect::<Vec<f64>>(), "{periods}");
            }
        }
    }

    /// Work in common does not reach the bits.
    #[test]
    fn purchases_until_several_times_are_those_until_each() {
        let times = [0.0, 0.5, 7.0, 7.5, 52.0, 400.0, 1e5];
        for process in processes() {
            for [repeats, last, age] in [[0.0, 0.0, 39.0], [2.0, 30.0, 38.0], [7.0, 25.0, 25.0], [300.0, 310.0, 400.0]]
            {
                let history = History { repeats, last, age };
                let each = times.map(|time| process.expected_purchases(&history, time));
                assert_eq!(process.expected_purchases_until(&history, &times), each);
                assert_eq!(each[0], 0.0);
                assert!(each[1] > 0.0 && each.windows(2).all(|two| two[1] >= two[0] * (1.0 - 1e-12)), "{each:?}");
            }
        }
    }

    /// Exact derivatives agree with differences, for every model and every kind of history.
    #[test]
    fn derivatives_are_differences() {
        let histories =
            [[0.0, 0.0, 39.0], [1.0, 3.0, 39.0], [2.0, 30.0, 38.0], [7.0, 25.0, 25.0], [300.0, 310.0, 400.0]];
        for parameters in [[0.55, 10.6, 0.61, 11.7], [0.55, 3.6, 0.61, 41.7], [2.5, 0.6, 3.1, 1.7]] {
            for history in histories {
                check(&|logs| of_one::<BetaGeometricLikelihood<0>>(&logs.map(libm::exp), history), &parameters);
                check(&|logs| of_one::<BetaGeometricLikelihood<1>>(&logs.map(libm::exp), history), &parameters);
                check(&|logs| of_one::<ParetoNbdLikelihood>(&logs.map(libm::exp), history), &parameters);
                check(&|logs| of_one::<BgBbLikelihood>(&logs.map(libm::exp), history), &parameters);
            }
        }
    }

    fn check(of: &dyn Fn(&Logs) -> Jet<4>, parameters: &[f64; 4]) {
        const STEP: f64 = 1e-5;
        let logs = parameters.map(libm::log);
        let exact = of(&logs);
        for i in 0..4 {
            let moved = |by: f64| of(&std::array::from_fn(|k| logs[k] + if k == i { by } else { 0.0 }));
            let (up, down) = (moved(STEP), moved(-STEP));
            let slope = (up.value - down.value) / (2.0 * STEP);
            let close = |found: f64, expected: f64| (found - expected).abs() < 1e-6 * (1.0 + expected.abs());
            assert!(close(exact.gradient[i], slope), "{parameters:?} {i}: {} {slope}", exact.gradient[i]);
            for j in 0..4 {
                let bend = (up.gradient[j] - down.gradient[j]) / (2.0 * STEP);
                assert!(close(exact.hessian[i][j], bend), "{parameters:?} {i} {j}: {} {bend}", exact.hessian[i][j]);
            }
        }
    }
}
