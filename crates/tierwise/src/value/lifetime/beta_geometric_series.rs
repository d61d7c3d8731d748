//! Purchases to be expected under BG/NBD and MBG/NBD, for one customer or for many at once.
//!
//! Customers who bought equally often share the coefficients of a power series, so that each costs a polynomial. What is
//! worked out in lanes has the bits of one by one.

use super::beta_geometric::BetaGeometric;
use super::histories::HistoryColumns;
use super::process::Process;
use crate::special::portable::{Power, exp, ln, ln_1p};

/// The coefficients of Σ (a)_(k−1) (d)_k / ((c + 1)_(k−1) k!) z^k for k ≥ 1, and how many of them count up to some z.
#[derive(Debug)]
pub(super) struct Series {
    a: f64,
    c: f64,
    d: f64,
    coefficients: Vec<f64>,
    /// Per class of z; 0 where nobody asked yet.
    terms: [usize; CLASSES],
}

/// z runs below 0.9, in classes of a twentieth.
const CLASSES: usize = 18;

const CLASSES_PER_UNIT: f64 = 20.0;

/// Terms that are this much smaller than the sum do not change it.
const NEGLIGIBLE: f64 = 1e-17;

const MOST_TERMS: usize = 2000;

/// The class of z; none where the series is too long.
pub(super) fn class(z: f64) -> Option<usize> {
    let class = (z * CLASSES_PER_UNIT) as usize;
    (class < CLASSES).then_some(class)
}

impl Series {
    pub(super) fn new(a: f64, c: f64, d: f64) -> Self {
        Self { a, c, d, coefficients: Vec::new(), terms: [0; CLASSES] }
    }

    /// Those that count for z of a class, an even number of them.
    pub(super) fn up_to(&mut self, class: usize) -> &[f64] {
        if self.terms[class] == 0 {
            let z = (class + 1) as f64 / CLASSES_PER_UNIT;
            let (mut sum, mut power, mut terms) = (0.0_f64, 1.0, 0);
            while terms < MOST_TERMS {
                power *= z;
                let term: f64 = self.coefficient(terms) * power;
                sum += term;
                terms += 1;
                if term.abs() <= NEGLIGIBLE * sum.abs() {
                    break;
                }
            }
            self.terms[class] = terms.next_multiple_of(2);
            self.coefficient(terms);
        }
        &self.coefficients[..self.terms[class]]
    }

    fn coefficient(&mut self, index: usize) -> f64 {
        for k in self.coefficients.len()..=index {
            let next = match self.coefficients.last() {
                None => self.d,
                Some(last) => {
                    let k = k as f64;
                    last * ((self.a - 1.0 + k) * (self.d + k) / ((k + 1.0) * (self.c + k)))
                }
            };
            self.coefficients.push(next);
        }
        self.coefficients[index]
    }
}

/// E[(1 − (1 + p t / rate)^−shape) / p], the purchases in the next `periods` t of customers who are there.
///
/// With c = a + b − 1 and z = t / (rate + t) that is
/// c / (a − 1) · [1 − (1 − z)^(a − 1) ₂F₁(a − 1, a + b − 1 − shape; c; z)]: equation 10 of the paper after Euler's
/// transformation, whose series needs no large powers. Written so that a = 1 and c = 0 are no exceptions.
#[inline(always)]
pub(super) fn purchases<const L: usize>(
    coefficients: &[f64],
    a: f64,
    c: f64,
    rates: &[f64; L],
    periods: f64,
) -> [f64; L] {
    let excess = a - 1.0;
    let mut z = [0.0; L];
    for lane in 0..L {
        z[lane] = periods / (rates[lane] + periods);
    }
    let mut purchases = polynomial(coefficients, &z);
    for lane in 0..L {
        let longer = ln_1p(periods / rates[lane]);
        // (1 − z)^(a − 1), and what it lacks to 1, over a − 1: a logarithm at a = 1.
        let power = Power::of(-excess * longer);
        let slope = if excess == 0.0 { longer } else { power.minus_one() / -excess };
        let expected = c * slope - power.value() * purchases[lane];
        purchases[lane] = if expected > 0.0 { expected } else { 0.0 };
    }
    purchases
}

/// Σ coefficient · z^k for k from 1 on; odd and even powers apart, so that neither waits for the other.
#[inline(always)]
fn polynomial<const L: usize>(coefficients: &[f64], z: &[f64; L]) -> [f64; L] {
    let (mut odd, mut even, mut square) = ([0.0; L], [0.0; L], [0.0; L]);
    for lane in 0..L {
        square[lane] = z[lane] * z[lane];
    }
    for two in coefficients.as_chunks::<2>().0.iter().rev() {
        for lane in 0..L {
            odd[lane] = odd[lane] * square[lane] + two[0];
            even[lane] = even[lane] * square[lane] + two[1];
        }
    }
    for lane in 0..L {
        odd[lane] = z[lane] * (odd[lane] + z[lane] * even[lane]);
    }
    odd
}

/// The probability that customers who have had `chances` to leave are still there, `odds` being a / (b + chances − 1).
#[inline(always)]
pub(super) fn alive<const L: usize>(odds: f64, shape: f64, since_last: &[f64; L], since_first: &[f64; L]) -> [f64; L] {
    let mut alive = [0.0; L];
    for lane in 0..L {
        let longer = ln(since_first[lane] / since_last[lane]);
        alive[lane] = 1.0 / (1.0 + odds * exp(shape * longer));
    }
    alive
}

/// Customers who are worked on at once.
const LANES: usize = 16;

/// Customers with more purchases are too few to share a series.
const MOST_SHARED: f64 = 200.0;

/// What the model expects of many customers, whose times are in units of which a period has so many.
pub(super) fn expected_of(
    model: &BetaGeometric,
    histories: HistoryColumns<'_>,
    unit: f64,
    periods: f64,
    expected: &mut [f64],
) {
    let most = histories.repeats.iter().fold(0.0, |most: f64, &one| most.max(one)).min(MOST_SHARED);
    let alone = (most as u32 + 1) * CLASSES as u32;
    let mut starts = vec![0_u32; alone as usize + 2];
    let mut groups = vec![0; histories.repeats.len()];
    crate::wide::wide(
        #[inline(always)]
        || {
            for ((group, &repeats), &age) in groups.iter_mut().zip(histories.repeats).zip(histories.age) {
                let class = (model.share(age / unit, periods) * CLASSES_PER_UNIT) as u32;
                let shared = class < CLASSES as u32 && repeats <= most;
                *group = if shared { repeats as u32 * CLASSES as u32 + class } else { alone };
            }
        },
    );
    for &group in &groups {
        starts[group as usize + 1] += 1;
    }
    for group in 1..starts.len() {
        starts[group] += starts[group - 1];
    }
    let mut rows = vec![0_u32; groups.len()];
    let mut places = starts.clone();
    for (row, group) in (0_u32..).zip(groups) {
        let place = &mut places[group as usize];
        rows[*place as usize] = row;
        *place += 1;
    }
    let rows_of = |group: u32| &rows[starts[group as usize] as usize..starts[group as usize + 1] as usize];
    for repeats in 0..=most as u32 {
        let mut series: Option<Series> = None;
        for class in 0..CLASSES {
            let rows = rows_of(repeats * CLASSES as u32 + class as u32);
            if rows.is_empty() {
                continue;
            }
            let series = series.get_or_insert_with(|| model.series(f64::from(repeats)));
            let coefficients = series.up_to(class);
            crate::wide::wide(
                #[inline(always)]
                || expected_of_equal(model, coefficients, f64::from(repeats), histories, rows, unit, periods, expected),
            );
        }
    }
    for &row in rows_of(alone) {
        let history = histories.history(row as usize).in_unit(unit);
        expected[row as usize] = model.expected_purchases(&history, periods);
    }
}

/// What it expects of customers who bought equally often.
#[inline(always)]
#[allow(clippy::too_many_arguments)] // one loop, cut out so that it is compiled for each instruction set
fn expected_of_equal(
    model: &BetaGeometric,
    coefficients: &[f64],
    repeats: f64,
    histories: HistoryColumns<'_>,
    rows: &[u32],
    unit: f64,
    periods: f64,
    expected: &mut [f64],
) {
    for rows in rows.chunks(LANES) {
        // Lanes without a customer repeat the last one.
        let (mut since_last, mut since_first) = ([0.0; LANES], [0.0; LANES]);
        for lane in 0..LANES {
            let row = rows[lane.min(rows.len() - 1)] as usize;
            since_last[lane] = histories.last[row];
            since_first[lane] = histories.age[row];
        }
        for lane in 0..LANES {
            since_last[lane] = model.alpha + since_last[lane] / unit;
            since_first[lane] = model.alpha + since_first[lane] / unit;
        }
        let mut purchases = purchases(coefficients, model.a, model.c(repeats), &since_first, periods);
        if let Some(odds) = model.odds_to_have_left(repeats) {
            let alive = alive(odds, model.r + repeats, &since_last, &since_first);
            for lane in 0..LANES {
                purchases[lane] *= alive[lane];
            }
        }
        for (&row, purchases) in rows.iter().zip(purchases) {
            expected[row as usize] = purchases;
        }
    }
}
