//! Figures of concentration with their standard errors, and what draws are made from.

use crate::special::normal::{normal_above, normal_quantile};

/// A figure and its standard error by linearisation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    pub(super) value: f64,
    pub(super) standard_error: f64,
}

impl Estimate {
    /// Whether nothing but rounding is left of the standard error.
    pub(super) fn is_certain(self) -> bool {
        self.standard_error <= 1e-12
    }
}

/// The figures of amounts that count several times each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Figures {
    /// How often all amounts count together.
    size: f64,
    /// The share of the money from the top.
    pub(super) top_share: Estimate,
    /// The coefficient of Gini.
    pub(super) gini: Estimate,
    /// The logarithm of the mean square over the square of the mean: of the index times the customers.
    pub(super) ln_mean_square: Estimate,
}

impl Figures {
    /// The amounts fall. Not a number where the total is not above 0.
    pub(super) fn of(amounts: &[f64], count: impl Fn(usize) -> f64, top: f64) -> Self {
        let (mut size, mut total) = (0.0, 0.0);
        for (row, amount) in amounts.iter().enumerate() {
            size += count(row);
            total += amount * count(row);
        }
        let mean = if total > 0.0 { total / size } else { f64::NAN };
        let (mut above, mut from_top, mut ranked, mut squares, mut edge) = (0.0, 0.0, 0.0, 0.0, f64::NAN);
        for (row, amount) in amounts.iter().enumerate() {
            let count = count(row);
            let taken = f64::clamp(top * size - above, 0.0, count);
            if taken > 0.0 {
                edge = *amount;
            }
            from_top += amount * taken;
            ranked += amount * count * (size - 2.0 * above - count);
            squares += amount * amount * count;
            above += count;
        }
        let (top_share, gini) = (from_top / (mean * size), ranked / (mean * size * size));
        let square = squares / size;
        // What one customer more, of this amount, would move each figure by: together they sum to 0.
        let (mut above, mut money_above, mut spread) = (0.0, 0.0, [0.0; 3]);
        for (row, amount) in amounts.iter().enumerate() {
            let count = count(row);
            let half = amount * count / 2.0;
            let (rank, money_below) = ((size - above - count / 2.0) / size, mean - (money_above + half) / size);
            let moves = [
                ((amount - edge).max(0.0) + top * edge - top_share * amount) / mean,
                ((2.0 * rank - 1.0 - gini) * amount - 2.0 * money_below) / mean + 1.0 - gini,
                amount * amount / square - 2.0 * amount / mean + 1.0,
            ];
            spread.iter_mut().zip(moves).for_each(|(sum, by)| *sum += count * by * by);
            above += count;
            money_above += 2.0 * half;
        }
        let [of_top, of_gini, of_square] = spread.map(|sum| sum.sqrt() / size);
        Self {
            size,
            top_share: Estimate { value: top_share, standard_error: of_top },
            gini: Estimate { value: gini, standard_error: of_gini },
            ln_mean_square: Estimate { value: libm::log(square / (mean * mean)), standard_error: of_square },
        }
    }

    /// The same of a draw from others: its Gini coefficient falls short by `1/n` on average (Deltas 2003).
    pub(super) fn of_a_draw(self) -> Self {
        let correction = self.size / (self.size - 1.0);
        Self { gini: Estimate { value: self.gini.value * correction, ..self.gini }, ..self }
    }

    fn all(&self) -> [Estimate; 3] {
        [self.top_share, self.gini, self.ln_mean_square]
    }

    /// Whether no figure could be another one.
    pub(super) fn is_certain(&self) -> bool {
        self.all().into_iter().all(Estimate::is_certain)
    }

    /// Whether every figure is defined, and has a standard error if it has one there.
    pub(super) fn tells_as_much_as(&self, other: &Self) -> bool {
        self.size > 1.0
            && self.all().into_iter().zip(other.all()).all(|(own, other)| {
                own.value.is_finite() && own.standard_error.is_finite() && (other.is_certain() || !own.is_certain())
            })
    }
}

/// Amounts that fall, and how often each is drawn on average: the amounts at hand, with the upper half of those above 0
/// replaced by a lognormal tail. Of many amounts in the middle, neighbours are drawn as one, so that a draw takes the same
/// time however many customers there are.
pub(super) fn smoothed(falling: &[f64], tail: Option<&Tail>) -> (Vec<f64>, Vec<f64>) {
    /// Amounts that are drawn singly at the lower end, groups above them, and points of the tail.
    const POINTS: usize = 1000;
    // Without a tail the largest amounts are left as they are.
    let upper = tail.map_or(falling.len().min(POINTS), |tail| tail.replaces);
    let (top, body) = falling.split_at(upper);
    let (middle, lowest) = body.split_at(body.len().saturating_sub(POINTS));
    let mut points: Vec<(f64, f64)> = match tail {
        Some(tail) => tail.points(falling.len(), 2 * POINTS),
        None => top.iter().map(|&amount| (amount, 1.0)).collect(),
    };
    let grouped = middle.chunks(middle.len().div_ceil(POINTS).max(1));
    points.extend(grouped.map(|group| (group.iter().sum::<f64>() / group.len() as f64, group.len() as f64)));
    points.extend(lowest.iter().map(|&amount| (amount, 1.0)));
    points.sort_by(|one, other| other.0.total_cmp(&one.0));
    points.into_iter().unzip()
}

/// `exp(level + slope · z)` over the normal scores `z` from `from` on.
pub(super) struct Tail {
    /// How many of the largest amounts it stands for.
    replaces: usize,
    from: f64,
    level: f64,
    slope: f64,
}

impl Tail {
    /// Through the upper half of the amounts above 0 by least squares; none where that is less than three.
    pub(super) fn through(falling: &[f64]) -> Option<Self> {
        let replaces = falling.partition_point(|&amount| amount > 0.0).div_ceil(2);
        if replaces < 3 {
            return None;
        }
        let all = falling.len() as f64;
        let score = |row: usize| -normal_quantile((row as f64 + 0.5) / all);
        let points: Vec<(f64, f64)> =
            falling[..replaces].iter().enumerate().map(|(row, &amount)| (score(row), libm::log(amount))).collect();
        let size = replaces as f64;
        let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / size;
        let (mean_score, mean_log) = (mean(|point| point.0), mean(|point| point.1));
        let product = |(score, log): &(f64, f64)| (score - mean_score) * (log - mean_log);
        let square = |(score, _): &(f64, f64)| (score - mean_score) * (score - mean_score);
        let slope = points.iter().map(product).sum::<f64>() / points.iter().map(square).sum::<f64>();
        Some(Self { replaces, from: -normal_quantile(size / all), level: mean_log - slope * mean_score, slope })
    }

    /// How many of so many customers lie, on average, among those who carry half of the sum of squares: those above the
    /// score `2 · slope`, for the squares of lognormal amounts are lognormal in money too (Aitchison and Brown 1957).
    pub(super) fn carriers_of_squares(&self, customers: usize) -> f64 {
        customers as f64 * normal_above(2.0 * self.slope)
    }

    /// Amounts along the curve, evenly spaced in `z`, and how many of `customers` each stands for.
    fn points(&self, customers: usize, points: usize) -> Vec<(f64, f64)> {
        // As far as squares of the amounts weigh, and not so far that they overflow: the largest amount at hand is 1.
        const HIGHEST: f64 = 50.0;
        let far = self.from.max(0.0) + 6.0 + 2.0 * self.slope;
        let to = far.min((HIGHEST - self.level) / self.slope).min(30.0);
        let step = (to - self.from) / points as f64;
        let at = |point: f64| self.from + step * point;
        let weight = |point: f64| normal_above(at(point)) - normal_above(at(point + 1.0));
        (0..points)
            .map(|point| point as f64)
            .map(|point| (libm::exp(self.level + self.slope * at(point + 0.5)), weight(point) * customers as f64))
            .filter(|&(_, weight)| weight > 0.0)
            .collect()
    }
}
