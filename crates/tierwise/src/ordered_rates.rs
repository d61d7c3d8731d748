//! Rates that are known as Beta distributions: the probability that they stand in a given order, and their quantiles.

/// Panels on either side of a distribution's peak, and nodes in each.
const PANELS: usize = 40;
const NODES: usize = 16;
/// How far below its peak the logarithm of a density is followed.
const DEPTH: f64 = 45.0;

/// The probability that the first rate is above the second, that above the third, and so on, for independent
/// Beta(a, b) with a and b above 0.
///
/// The ordered integral is done from the lowest rate up, each inner integral as a function of its upper end, on
/// log-odds, where the densities are smooth. Panels follow each density's width, so that counts of any size give the same
/// accuracy (about 1e-12).
pub(crate) fn probability_of_order(betas: &[(f64, f64)]) -> f64 {
    let densities: Vec<Density> = betas.iter().map(|&(a, b)| Density::new(a, b)).collect();
    let mut edges: Vec<f64> = densities.iter().flat_map(Density::edges).collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    let rule = Rule::new();
    let panels = edges.len().saturating_sub(1);
    // The probability that all lower rates stand in order below this log-odds, at every node.
    let mut below = vec![[1.0; NODES]; panels];
    let mut total = 1.0;
    for density in densities.iter().rev() {
        let mut scale = 0.0;
        let mut sum = 0.0;
        for (panel, below) in below.iter_mut().enumerate() {
            let (from, half) = (edges[panel], 0.5 * (edges[panel + 1] - edges[panel]));
            let heights = rule.nodes.map(|node| density.at(from + half * (node + 1.0)));
            scale += half * dot(&heights, &rule.whole);
            let products: [f64; NODES] = std::array::from_fn(|node| heights[node] * below[node]);
            *below = std::array::from_fn(|node| sum + half * dot(&products, &rule.until[node]));
            sum += half * dot(&products, &rule.whole);
        }
        below.iter_mut().flatten().for_each(|value| *value /= scale);
        total = sum / scale;
    }
    total.clamp(0.0, 1.0)
}

/// The log-odds below which a rate known as Beta(a, b), with a and b above 0, lies with probability `tail`.
///
/// Integrated on log-odds, then bisected within one panel, to about 1e-12 for a and b from 1e-3 up. Inverting the
/// incomplete beta function of `statrs` 0.19 instead is wrong in the fifth digit at Beta(1e7, 1e7) and does not end at
/// Beta(0.5, 1e7).
pub(crate) fn quantile_of_log_odds(a: f64, b: f64, tail: f64) -> f64 {
    let density = Density::new(a, b);
    let (edges, nodes, whole) = (density.edges(), nodes(), weights(0.0));
    let mass = |from: f64, to: f64| {
        let half = 0.5 * (to - from);
        half * dot(&nodes.map(|node| density.at(from + half * (node + 1.0))), &whole)
    };
    let masses: Vec<f64> = edges.windows(2).map(|pair| mass(pair[0], pair[1])).collect();
    let mut left = tail * masses.iter().sum::<f64>();
    for (pair, panel) in edges.windows(2).zip(masses) {
        if left > panel {
            left -= panel;
            continue;
        }
        let (mut low, mut high) = (pair[0], pair[1]);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            *(if mass(pair[0], middle) < left { &mut low } else { &mut high }) = middle;
        }
        return 0.5 * (low + high);
    }
    // Only reached by a tail so near 1, or a density so sharp, that rounding is all there is.
    if tail < 0.5 { density.peak } else { edges.last().copied().unwrap_or(density.peak) }
}

/// The density of the log-odds of a Beta, 1 at its peak.
struct Density {
    a: f64,
    b: f64,
    peak: f64,
    at_peak: f64,
}

impl Density {
    fn new(a: f64, b: f64) -> Self {
        let mut density = Self { a, b, peak: libm::log(a / b), at_peak: 0.0 };
        density.at_peak = density.log(density.peak);
        density
    }

    /// `a·t − (a + b)·ln(1 + e^t)`, written so that nothing overflows.
    fn log(&self, t: f64) -> f64 {
        let rest = libm::log1p(libm::exp(-t.abs()));
        if t >= 0.0 { -self.b * t - (self.a + self.b) * rest } else { self.a * t - (self.a + self.b) * rest }
    }

    fn at(&self, t: f64) -> f64 {
        libm::exp(self.drop(t))
    }

    /// The logarithm of the density below its peak. Near the peak of a sharp density it is summed from the change of
    /// each logarithm, because the difference of two huge numbers would be rounding.
    fn drop(&self, t: f64) -> f64 {
        let away = t - self.peak;
        if away.abs() > 0.5 {
            return self.log(t) - self.at_peak;
        }
        // With p = a / (a + b): ln(1 + e^t) − ln(1 + e^peak) = ln(1 + p·(e^away − 1)).
        let share = self.a / (self.a + self.b);
        let grown = libm::expm1(away);
        let turned = libm::log1p(share * grown);
        self.a * (away - turned) - self.b * turned
    }

    /// Edges of panels from where the density vanishes to its peak and on to where it vanishes again, closer towards the
    /// peak, because a density with a long tail turns within a small part of its reach.
    fn edges(&self) -> Vec<f64> {
        let (low, high) = (self.reach(-1.0), self.reach(1.0));
        let share = |at: usize| (at as f64 / PANELS as f64).powi(3);
        let left = (1..=PANELS).rev().map(|at| self.peak + (low - self.peak) * share(at));
        left.chain((0..=PANELS).map(|at| self.peak + (high - self.peak) * share(at))).collect()
    }

    /// Where the density has vanished, in one direction from its peak.
    fn reach(&self, direction: f64) -> f64 {
        let mut far = 1e-12;
        while self.drop(self.peak + direction * far) > -DEPTH && far < 1e12 {
            far *= 2.0;
        }
        let (mut near, mut away) = (0.5 * far, far);
        for _ in 0..30 {
            let middle = 0.5 * (near + away);
            *(if self.drop(self.peak + direction * middle) > -DEPTH { &mut near } else { &mut away }) = middle;
        }
        self.peak + direction * away
    }
}

/// Integration on [-1, 1] through Chebyshev points: the whole, and up to each point (Clenshaw & Curtis 1960).
struct Rule {
    nodes: [f64; NODES],
    whole: [f64; NODES],
    until: [[f64; NODES]; NODES],
}

impl Rule {
    fn new() -> Self {
        Self { nodes: nodes(), whole: weights(0.0), until: std::array::from_fn(|node| weights(angle(node))) }
    }
}

const PI: f64 = std::f64::consts::PI;

fn nodes() -> [f64; NODES] {
    std::array::from_fn(|node| libm::cos(angle(node)))
}

fn angle(node: usize) -> f64 {
    PI * (NODES as f64 - 0.5 - node as f64) / NODES as f64
}

fn chebyshev(order: usize, angle: f64) -> f64 {
    libm::cos(order as f64 * angle)
}

/// What each node counts for in the integral from -1 to the cosine of an angle.
fn weights(angle_of_end: f64) -> [f64; NODES] {
    let integrals: [f64; NODES] = std::array::from_fn(|order| integral(order, angle_of_end));
    std::array::from_fn(|node| {
        let term = |order: usize| {
            let times = if order == 0 { 1.0 } else { 2.0 };
            times / NODES as f64 * chebyshev(order, angle(node)) * integrals[order]
        };
        (0..NODES).map(term).sum()
    })
}

/// The integral of the polynomial of an order from -1 to the cosine of an angle.
fn integral(order: usize, angle: f64) -> f64 {
    let to = |angle: f64| match order {
        0 => chebyshev(1, angle),
        1 => 0.25 * chebyshev(2, angle),
        _ => {
            let (above, below) = ((order + 1) as f64, (order - 1) as f64);
            0.5 * (chebyshev(order + 1, angle) / above - chebyshev(order - 1, angle) / below)
        }
    };
    to(angle) - to(PI)
}

fn dot(a: &[f64; NODES], b: &[f64; NODES]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::probability_of_order;

    #[test]
    fn orders_of_equals_and_complements() {
        for beta in [(0.5, 0.5), (3.0, 8.0), (1e6, 3e7), (0.5, 1e5)] {
            assert!((probability_of_order(&[beta, beta]) - 0.5).abs() < 1e-11);
            assert!((probability_of_order(&[beta; 4]) - 1.0 / 24.0).abs() < 1e-11);
        }
        for (a, b) in [((2.5, 9.5), (4.0, 7.0)), ((0.5, 40.5), (1000.5, 9e7)), ((1e8, 3e8), (1e8 + 1e4, 3e8))] {
            let sum = probability_of_order(&[a, b]) + probability_of_order(&[b, a]);
            assert!((sum - 1.0).abs() < 1e-11, "{a:?} {b:?} {sum}");
        }
        assert_eq!(probability_of_order(&[]), 1.0);
    }

    #[test]
    fn closed_forms() {
        // Beta(1, 1) against Beta(2, 1): ∫ x² dx from below is 1/3.
        assert!((probability_of_order(&[(1.0, 1.0), (2.0, 1.0)]) - 1.0 / 3.0).abs() < 1e-12);
        // Beta(2, 3) above Beta(1, 1) is the mean of the former.
        assert!((probability_of_order(&[(2.0, 3.0), (1.0, 1.0)]) - 0.4).abs() < 1e-12);
        // Large counts, by the normal approximation, which is good to about the third digit there.
        let (a, b): ((f64, f64), (f64, f64)) = ((1.002e7, 1e8 - 1.002e7), (1e7, 9e7));
        let variance = |(a, b): (f64, f64)| a * b / (a + b).powi(3);
        let z = (a.0 / 1e8 - b.0 / 1e8) / (variance(a) + variance(b)).sqrt();
        let tail = 0.5 * libm::erfc(z / std::f64::consts::SQRT_2);
        assert!(((1.0 - probability_of_order(&[a, b])) / tail - 1.0).abs() < 0.01);
    }
}
