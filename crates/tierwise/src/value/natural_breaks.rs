//! Where a number breaks by itself: classes whose members lie as close together as can be.

use super::cuts::Sorted;
use crate::{Error, Result};

/// The classes of a number between which it breaks by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct NaturalBreaks {
    /// The lowest value of each class but the lowest, rising.
    pub breaks: Vec<f64>,
    /// How many values each class holds, the lowest class first.
    pub counts: Vec<usize>,
    /// The mean of each class, the lowest first.
    pub means: Vec<f64>,
    /// One minus the squares within the classes as a share of all: 1 when all members of a class are equal (Jenks'
    /// goodness of variance fit).
    pub goodness_of_fit: f64,
    /// Values left out because they are unknown (NaN).
    pub unknown: usize,
}

/// Parts a number into classes with the least sum of squared distances from the means of their classes.
///
/// Cartographers call the result Jenks' natural breaks, statisticians the optimum of *k*-means in one dimension; they are
/// one and the same. Iterated *k*-means depends on where it starts; this is the optimum itself, by dynamic programming
/// over the distinct values (Fisher 1958; Wang and Song 2011), in `classes · n · log n` steps (and four bytes per class and value) since the best break moves
/// up when the values do. Equal values share a class. Of several optima, as
/// far as rounding can tell, the one with the lowest breaks is taken. Squares
/// are summed with twice the digits of a float, so that classes of small numbers are found beside large ones.
///
/// # Errors
/// [`Error::EmptyTable`]; [`Error::NotFinite`] with the row; [`Error::InvalidParameter`] for no class;
/// [`Error::NotEnoughData`] when there are fewer different values than classes.
///
/// ```
/// let found = tierwise::value::natural_breaks(&[1.0, 2.0, 2.0, 11.0, 12.0, 40.0], 3)?;
/// assert_eq!(found.breaks, [11.0, 40.0]);
/// assert_eq!(found.counts, [3, 2, 1]);
/// # Ok::<(), tierwise::Error>(())
/// ```
pub fn natural_breaks(values: &[f64], classes: usize) -> Result<NaturalBreaks> {
    breaks_of("values", &Sorted::new("values", values)?, classes)
}

/// The same of values that are sorted already.
pub(super) fn breaks_of(name: &str, sorted: &Sorted, classes: usize) -> Result<NaturalBreaks> {
    if classes == 0 {
        return Err(Error::InvalidParameter {
            of: "natural_breaks",
            name: "classes",
            must_be: "a whole number of at least 1".into(),
            got: "0".into(),
        });
    }
    let groups: Vec<(f64, usize)> =
        sorted.values.chunk_by(|a, b| a.0 == b.0).map(|equal| (equal[0].0, equal.len())).collect();
    if groups.len() < classes {
        return Err(Error::NotEnoughData {
            what: format!("natural breaks of `{name}` (different known values)"),
            needed: classes,
            found: groups.len(),
        });
    }
    let squares = Squares::new(&groups);
    let starts = best_starts(&squares, groups.len(), classes);
    let ends = starts.iter().skip(1).copied().chain([groups.len()]);
    let parts: Vec<&[(f64, usize)]> = starts.iter().zip(ends).map(|(&start, end)| &groups[start..end]).collect();
    let within: f64 = parts.iter().zip(&starts).map(|(part, &start)| squares.within(start, start + part.len())).sum();
    let all = squares.within(0, groups.len());
    Ok(NaturalBreaks {
        breaks: starts.iter().skip(1).map(|&start| groups[start].0).collect(),
        counts: parts.iter().map(|part| part.iter().map(|&(_, count)| count).sum()).collect(),
        means: parts.iter().map(|part| mean(part)).collect(),
        goodness_of_fit: if all > 0.0 { 1.0 - within / all } else { 1.0 },
        unknown: sorted.unknown,
    })
}

/// The mean of values with their counts, by shares, so that no sum overflows.
fn mean(part: &[(f64, usize)]) -> f64 {
    let all = part.iter().map(|&(_, count)| count).sum::<usize>() as f64;
    part.iter().map(|&(value, count)| value * (count as f64 / all)).sum()
}

/// Where each class of the best parting starts, among the distinct values.
fn best_starts(squares: &Squares, values: usize, classes: usize) -> Vec<usize> {
    // cost[end]: the least squares of the first `end` values in so many classes.
    let mut cost: Vec<f64> = (0..=values).map(|end| squares.within(0, end)).collect();
    let mut last_starts = Vec::with_capacity(classes);
    for class in 1..classes {
        let mut layer =
            Layer { squares, before: &cost, class, cost: vec![0.0; values + 1], start: vec![0; values + 1] };
        layer.fill(class + 1, values, class, values - 1);
        let Layer { cost: next, start, .. } = layer;
        cost = next;
        last_starts.push(start);
    }
    let mut starts = vec![0; classes];
    let mut end = values;
    for (class, start) in last_starts.iter().enumerate().rev() {
        starts[class + 1] = start[end] as usize;
        end = starts[class + 1];
    }
    starts
}

/// One more class: for each end, where it starts best.
struct Layer<'a> {
    squares: &'a Squares,
    before: &'a [f64],
    class: usize,
    cost: Vec<f64>,
    start: Vec<u32>,
}

impl Layer<'_> {
    /// Fills the ends `from..=to`, whose best starts lie within `low..=high`: the middle one first, which halves the
    /// search for the others.
    fn fill(&mut self, from: usize, to: usize, low: usize, high: usize) {
        if from > to {
            return;
        }
        let end = usize::midpoint(from, to);
        let (mut best, mut least) = (low.max(self.class), f64::INFINITY);
        for start in low.max(self.class)..=high.min(end - 1) {
            let cost = self.before[start] + self.squares.within(start, end);
            if cost < least {
                (best, least) = (start, cost);
            }
        }
        (self.cost[end], self.start[end]) = (least, best as u32);
        self.fill(from, end - 1, low, best);
        self.fill(end + 1, to, best, high);
    }
}

/// Sums over the first values, from which the squares of any run follow.
struct Squares {
    count: Vec<f64>,
    sum: Vec<Double>,
    square: Vec<Double>,
}

impl Squares {
    fn new(groups: &[(f64, usize)]) -> Self {
        // Only distances between values matter: they are taken from the middle value, in a unit that is a power of two,
        // so that nothing is rounded and no square overflows.
        let largest = groups.iter().map(|&(value, _)| value.abs()).fold(0.0, f64::max);
        let (_, exponent) = libm::frexp(largest);
        let scaled = |value: f64| libm::ldexp(value, -exponent);
        let middle = scaled(groups[groups.len() / 2].0);
        let mut sums = Self { count: vec![0.0], sum: vec![Double::default()], square: vec![Double::default()] };
        let (mut count, mut sum, mut square) = (0.0, Double::default(), Double::default());
        for &(value, times) in groups {
            let (value, times) = (scaled(value) - middle, times as f64);
            let weighted = Double::product(times, value);
            count += times;
            sum = sum.plus(weighted);
            square = square.plus(weighted.times(value));
            sums.count.push(count);
            sums.sum.push(sum);
            sums.square.push(square);
        }
        sums
    }

    /// The squared distances from their mean of the values `start..end`.
    fn within(&self, start: usize, end: usize) -> f64 {
        if end <= start + 1 {
            return 0.0;
        }
        let count = self.count[end] - self.count[start];
        let sum = self.sum[end].minus(self.sum[start]);
        let square = self.square[end].minus(self.square[start]);
        square.minus(sum.squared_over(count)).high.max(0.0)
    }
}

/// A number of twice as many digits: the unevaluated sum of two (Dekker 1971).
#[derive(Debug, Clone, Copy, Default)]
struct Double {
    high: f64,
    low: f64,
}

impl Double {
    /// The sum of two numbers and what rounding took from it (Knuth).
    fn sum(a: f64, b: f64) -> Self {
        let high = a + b;
        let other = high - a;
        Self { high, low: (a - (high - other)) + (b - other) }
    }

    /// The product of two numbers and what rounding took from it (Veltkamp, Dekker).
    fn product(a: f64, b: f64) -> Self {
        let halves = |number: f64| {
            const SPLIT: f64 = 134_217_729.0; // 2^27 + 1
            let wide = SPLIT * number;
            let upper = wide - (wide - number);
            (upper, number - upper)
        };
        let high = a * b;
        let ((a, a_rest), (b, b_rest)) = (halves(a), halves(b));
        Self { high, low: ((a * b - high) + a * b_rest + a_rest * b) + a_rest * b_rest }
    }

    fn plus(self, other: Self) -> Self {
        let sum = Self::sum(self.high, other.high);
        Self::sum(sum.high, sum.low + self.low + other.low)
    }

    fn minus(self, other: Self) -> Self {
        self.plus(Self { high: -other.high, low: -other.low })
    }

    fn times(self, factor: f64) -> Self {
        let product = Self::product(self.high, factor);
        Self::sum(product.high, product.low + self.low * factor)
    }

    /// `self² / divisor`.
    fn squared_over(self, divisor: f64) -> Self {
        let square = Self::product(self.high, self.high);
        let square = Self::sum(square.high, square.low + 2.0 * self.high * self.low);
        let quotient = square.high / divisor;
        let rest = square.minus(Self::product(quotient, divisor));
        Self::sum(quotient, rest.high / divisor)
    }
}
