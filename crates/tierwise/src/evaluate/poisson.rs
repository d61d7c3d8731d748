//! How often each row is drawn in a replicate: independent Poisson counts whose mean is the row's weight.

use super::rows::Rows;
use crate::{Error, Result};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::RngCore;
use statrs::function::gamma::ln_gamma;

/// Counts of more customers would overflow when pairs are counted.
const MOST: f64 = 2e9;

/// A count of 12 or more has the chance 8e-10.
const LARGEST_UNIT: usize = 12;

/// The counts of a table, in the order of `order`.
#[derive(Debug)]
pub(super) enum Poisson {
    /// Every row has weight 1: the counts whose chance of not being exceeded, as a share of 2³², is at most the number
    /// drawn. Compared without branches, many rows at once.
    Units([u32; LARGEST_UNIT]),
    /// The mean of each row's count, and the chance of the likeliest count.
    Means(Vec<(f64, f64)>),
}

impl Poisson {
    pub(super) fn new(rows: &Rows<'_>, order: &[(u64, usize)]) -> Result<Self> {
        if !rows.is_weighted() {
            return Ok(Self::Units(unit_limits()));
        }
        let weights = order.iter().map(|&(_, row)| (rows.weight(row), row));
        let total: f64 = weights.clone().map(|(weight, _)| weight).sum();
        if let (true, Some((weight, row))) = (total > MOST, weights.max_by(|one, two| one.0.total_cmp(&two.0))) {
            let must_be = format!("the weights of a bootstrap must sum to at most {MOST:e}; divide all by one number");
            return Err(Error::invalid_value("the weight", row, weight, &must_be));
        }
        Ok(Self::Means(order.iter().map(|&(_, row)| with_mode(rows.weight(row))).collect()))
    }

    /// Counts with these means, each above 0.
    pub(super) fn of_means(means: &[f64]) -> Self {
        Self::Means(means.iter().map(|&mean| with_mode(mean)).collect())
    }

    /// Draws one replicate.
    pub(super) fn draw(&self, random: &mut ChaCha8Rng, counts: &mut [u32]) {
        match self {
            Self::Units(limits) => draw_units(limits, random, counts),
            Self::Means(means) => {
                for (count, &(mean, chance)) in counts.iter_mut().zip(means) {
                    *count = draw_one(mean, chance, uniform(random));
                }
            }
        }
    }
}

fn unit_limits() -> [u32; LARGEST_UNIT] {
    let mut chance = libm::exp(-1.0);
    let mut up_to = 0.0;
    std::array::from_fn(|count| {
        up_to += chance;
        chance /= (count + 1) as f64;
        (up_to * 2.0_f64.powi(32)) as u32
    })
}

fn draw_units(limits: &[u32; LARGEST_UNIT], random: &mut ChaCha8Rng, counts: &mut [u32]) {
    let mut bytes = [0_u8; 4096];
    for counts in counts.chunks_mut(bytes.len() / 4) {
        random.fill_bytes(&mut bytes);
        crate::wide::wide(
            #[inline(always)]
            || {
                for (count, four) in counts.iter_mut().zip(bytes.as_chunks::<4>().0) {
                    let drawn = u32::from_le_bytes(*four);
                    *count = limits.iter().map(|&limit| u32::from(drawn >= limit)).sum();
                }
            },
        );
    }
}

fn uniform(random: &mut ChaCha8Rng) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

fn with_mode(mean: f64) -> (f64, f64) {
    let mode = mean.floor();
    (mean, libm::exp(mode * libm::log(mean) - mean - ln_gamma(mode + 1.0)))
}

/// Inversion that starts at the likeliest count and goes out on both sides: about `√mean` steps.
fn draw_one(mean: f64, chance_of_mode: f64, uniform: f64) -> u32 {
    let (mut below, mut above) = (mean.floor(), mean.floor());
    let mode = below;
    let (mut chance_below, mut chance_above) = (chance_of_mode, chance_of_mode);
    let mut left = uniform - chance_of_mode;
    while left >= 0.0 && (chance_below > 0.0 || chance_above > 0.0) {
        above += 1.0;
        chance_above *= mean / above;
        left -= chance_above;
        if left < 0.0 {
            return above as u32;
        }
        if below == 0.0 {
            chance_below = 0.0;
            continue;
        }
        chance_below *= below / mean;
        below -= 1.0;
        left -= chance_below;
        if left < 0.0 {
            return below as u32;
        }
    }
    mode as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    fn mean_and_variance(counts: &[u32]) -> (f64, f64) {
        let size = counts.len() as f64;
        let mean = counts.iter().map(|&count| f64::from(count)).sum::<f64>() / size;
        (mean, counts.iter().map(|&count| (f64::from(count) - mean).powi(2)).sum::<f64>() / size)
    }

    #[test]
    fn counts_have_the_mean_and_the_variance_of_a_poisson_number() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut counts = vec![0; 200_000];
        Poisson::Units(unit_limits()).draw(&mut random, &mut counts);
        let (mean, variance) = mean_and_variance(&counts);
        assert!((mean - 1.0).abs() < 0.01 && (variance - 1.0).abs() < 0.02, "{mean} {variance}");
        let none = counts.iter().filter(|&&count| count == 0).count() as f64 / 200_000.0;
        assert!((none - (-1.0_f64).exp()).abs() < 0.005);
        for expected in [0.01, 0.5, 1.0, 3.7, 40.0, 12_345.6] {
            Poisson::Means(vec![with_mode(expected); 200_000]).draw(&mut random, &mut counts);
            let (mean, variance) = mean_and_variance(&counts);
            assert!((mean / expected - 1.0).abs() < 0.1 / expected.min(1.0).sqrt(), "{mean} {expected}");
            assert!((mean - expected).abs() < 6.0 * (expected / 2e5).sqrt(), "{mean} {expected}");
            assert!((variance / expected - 1.0).abs() < 0.1, "{variance} {expected}");
        }
    }
}
