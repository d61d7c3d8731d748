//! How often the empirical distribution of `n` rows lies at least so far from the true one.

use std::f64::consts::PI;

/// The chance of a distance of at least `d`, two-sided, for the harmonic size of two samples.
///
/// Exact for one sample of `n` rows (rounded): Durbin's matrix as Marsaglia, Tsang & Wang (2003, *Journal of Statistical
/// Software* 8(18)) compute it, twice the one-sided chance of Birnbaum & Tingey (1951) in the tail, and the expansion of
/// Pelz & Good (1976) for many rows; which of them where as Simard & L'Ecuyer (2011) advise.
pub(super) fn p_value(d: f64, harmonic_size: f64) -> f64 {
    const FEW: f64 = 140.0;
    let n = round_half_even(harmonic_size);
    if d <= 0.0 || n < 1.0 {
        return 1.0;
    }
    if d >= 1.0 {
        return 0.0;
    }
    let spread = n * d * d;
    let far = if n <= FEW { 4.0 } else { 2.2 };
    let chance = if spread >= 370.0 {
        0.0
    } else if d >= 0.5 || spread >= far {
        2.0 * one_sided(n, d)
    } else if n <= FEW || n <= 1e5 && n * d.powf(1.5) <= 1.4 {
        1.0 - durbin(n, d)
    } else {
        1.0 - pelz_good(n, d)
    };
    chance.clamp(0.0, 1.0)
}

fn round_half_even(value: f64) -> f64 {
    let floor = value.floor();
    let up = value - floor > 0.5 || value - floor == 0.5 && floor % 2.0 == 1.0;
    if up { floor + 1.0 } else { floor }
}

/// The one-sided chance; for very many rows by Stephens' correction of the limit, to some 1e-4 of itself (2e-3 at 1e-10).
fn one_sided(n: f64, d: f64) -> f64 {
    const MANY: f64 = 20_000.0;
    if n > MANY {
        let z = d * n.sqrt() + 1.0 / (6.0 * n.sqrt());
        return libm::exp(-2.0 * z * z);
    }
    // ln of n over j, from one j to the next.
    let mut log_choose = 0.0;
    let mut sum = 0.0;
    let last = (n * (1.0 - d)).floor() as usize;
    for j in 0..=last {
        let j = j as f64;
        let (share, rest) = (d + j / n, 1.0 - d - j / n);
        if rest > 0.0 {
            sum += libm::exp(log_choose + (j - 1.0) * libm::log(share) + (n - j) * libm::log(rest));
        }
        log_choose += libm::log((n - j) / (j + 1.0));
    }
    d * sum
}

/// The chance of a distance below `d`.
fn durbin(n: f64, d: f64) -> f64 {
    let scaled = n * d;
    if scaled <= 0.5 {
        return 0.0;
    }
    let k = scaled.ceil();
    let h = k - scaled;
    let size = 2 * k as usize - 1;
    let matrix = durbin_matrix(size, h);
    let (power, exponent) = to_the_power(&matrix, n as u64, size);
    let middle = (k as usize - 1) * size + k as usize - 1;
    // n! / nⁿ, factor by factor, with the power of two kept apart.
    let (mut chance, mut twos) = (power[middle], exponent);
    for i in 1..=n as u64 {
        chance *= i as f64 / n;
        if chance < 1e-140 {
            chance *= TWO_TO_512;
            twos -= 512;
        }
    }
    libm::scalbn(chance, twos)
}

const TWO_TO_512: f64 = 1.340_780_792_994_259_7e154;

fn durbin_matrix(size: usize, h: f64) -> Vec<f64> {
    let mut matrix = vec![0.0; size * size];
    for row in 0..size {
        for column in 0..=(row + 1).min(size - 1) {
            matrix[row * size + column] = 1.0;
        }
    }
    for i in 0..size {
        let power = i as i32 + 1;
        matrix[i * size] -= h.powi(power);
        matrix[(size - 1) * size + i] -= h.powi((size - i) as i32);
    }
    let corner = 2.0 * h - 1.0;
    if corner > 0.0 {
        matrix[(size - 1) * size] += corner.powi(size as i32);
    }
    for row in 0..size {
        for column in 0..=row {
            for factor in 1..=(row + 1 - column) {
                matrix[row * size + column] /= factor as f64;
            }
        }
    }
    matrix
}

/// A matrix to a whole power, as a matrix times a power of two.
fn to_the_power(matrix: &[f64], mut n: u64, size: usize) -> (Vec<f64>, i32) {
    let mut result: Vec<f64> = (0..size * size).map(|at| f64::from(u8::from(at % (size + 1) == 0))).collect();
    let mut twos = 0;
    let (mut base, mut base_twos) = (matrix.to_vec(), 0);
    while n > 0 {
        if n % 2 == 1 {
            result = product(&result, &base, size);
            twos += base_twos;
            scale(&mut result, &mut twos, size);
        }
        base = product(&base, &base, size);
        base_twos *= 2;
        scale(&mut base, &mut base_twos, size);
        n /= 2;
    }
    (result, twos)
}

fn scale(matrix: &mut [f64], twos: &mut i32, size: usize) {
    if matrix[(size / 2) * size + size / 2] > 1e140 {
        for value in matrix.iter_mut() {
            *value /= TWO_TO_512;
        }
        *twos += 512;
    }
}

fn product(a: &[f64], b: &[f64], size: usize) -> Vec<f64> {
    let mut product = vec![0.0; size * size];
    for row in 0..size {
        for inner in 0..size {
            let factor = a[row * size + inner];
            for column in 0..size {
                product[row * size + column] += factor * b[inner * size + column];
            }
        }
    }
    product
}

/// The chance of a distance below `d`: four terms in powers of 1/√n, each a sum over theta functions.
fn pelz_good(n: f64, d: f64) -> f64 {
    let z = d * n.sqrt();
    let (z2, pi2) = (z * z, PI * PI);
    let (z4, z6, pi4, pi6) = (z2 * z2, z2 * z2 * z2, pi2 * pi2, pi2 * pi2 * pi2);
    let terms = (16.0 * z / PI).ceil() as u32;
    let mut odd = [0.0; 4];
    let mut whole = [0.0; 2];
    for k in (1..=terms).rev().map(f64::from) {
        let m2 = (2.0 * k - 1.0) * (2.0 * k - 1.0);
        let (m4, m6) = (m2 * m2, m2 * m2 * m2);
        let weight = libm::exp(-pi2 * m2 / (8.0 * z2));
        let parts = [
            1.0,
            pi2 / 4.0 * m2 - z2,
            6.0 * z6 + 2.0 * z4 + (2.0 * z4 - 5.0 * z2) * pi2 / 4.0 * m2 + pi4 * (1.0 - 2.0 * z2) / 16.0 * m4,
            -30.0 * z6 - 90.0 * z4 * z4
                + pi2 * (135.0 * z4 - 96.0 * z6) / 4.0 * m2
                + pi4 * (212.0 * z4 - 60.0 * z2) / 16.0 * m4
                + pi6 * (5.0 - 30.0 * z2) / 64.0 * m6,
        ];
        odd.iter_mut().zip(parts).for_each(|(sum, part)| *sum += weight * part);
        let k2 = k * k;
        let weight = libm::exp(-pi2 * k2 / (2.0 * z2));
        whole[0] += weight * k2;
        whole[1] += weight * k2 * (3.0 * z2 - pi2 * k2);
    }
    let root = (2.0 * PI).sqrt();
    let first = root * odd[0] / z;
    let second = root * odd[1] / (6.0 * z4);
    let third = root * (odd[2] / (72.0 * z6 * z) - pi2 * whole[0] / (36.0 * z2 * z));
    let fourth = root * (odd[3] / (6480.0 * z6 * z4) + pi2 * whole[1] / (216.0 * z6));
    first + second / n.sqrt() + third / n + fourth / (n * n.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `scipy.stats.kstwo.sf(d, n)` of scipy 1.17.
    #[test]
    fn chances_are_those_of_scipy() {
        for (n, d, expected) in KSTWO {
            let found = p_value(d, n);
            assert!((found / expected - 1.0).abs() < 1e-10, "{n} {d}: {found} {expected}");
        }
        let many = p_value(0.01, 50_000.0);
        assert!((many / 9.018_048_8e-5 - 1.0).abs() < 1e-3, "{many}");
    }

    #[allow(clippy::unreadable_literal)]
    const KSTWO: [(f64, f64, f64); 23] = [
        (1.0, 0.3, 1.0),
        (2.0, 0.3, 0.98),
        (5.0, 0.1, 1.0),
        (5.0, 0.25, 0.8446),
        (5.0, 0.7, 0.005560000000000004),
        (20.0, 0.1, 0.976255094592155),
        (20.0, 0.2, 0.352720173623415),
        (50.0, 0.15, 0.19026366518248072),
        (140.0, 0.05, 0.8576480297656114),
        (140.0, 0.16, 0.0013440163244194184),
        (140.0, 0.2, 2.1981563302200222e-05),
        (141.0, 0.05, 0.854845693009663),
        (500.0, 0.02, 0.9859871786857471),
        (500.0, 0.05, 0.15866260223815387),
        (500.0, 0.097, 0.00015129697844599803),
        (5000.0, 0.005, 0.9995858441477996),
        (5000.0, 0.012, 0.4639912166690192),
        (5000.0, 0.03, 0.00024159234422666817),
        (20000.0, 0.005, 0.6974088406327613),
        (50000.0, 0.002, 0.9880386605338913),
        (50000.0, 0.006, 0.05442749636006261),
        (200000.0, 0.001, 0.9881500208855729),
        (200000.0, 0.003, 0.0545369786611305),
    ];
}
