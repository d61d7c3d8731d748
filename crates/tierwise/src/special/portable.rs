//! `exp` and `ln` in plain arithmetic, without branches and tables, for loops over many customers: the compiler computes
//! them in lanes, and each lane gets the bits of a single call, on every machine. Polynomials and splits are those of
//! `FreeBSD`'s msun, which `libm` follows too; arguments must be finite, those of `ln` above 0 and not subnormal.

#![allow(clippy::excessive_precision, reason = "coefficients stand as they are published")]

const LN_2_HIGH: f64 = 6.931_471_803_691_238_164_90e-1; // its last 32 bits are zero
const LN_2_LOW: f64 = 1.908_214_929_270_587_700_02e-10;

/// e to some power: `scale` · (1 + `rest`), which keeps its digits when 1 is taken away.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Power {
    scale: f64,
    rest: f64,
}

impl Power {
    /// e<sup>x</sup>; below −708 and above 709 that of the bound.
    #[inline(always)]
    pub(crate) fn of(x: f64) -> Self {
        const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 · 2^52: adding it rounds to an integer in the low bits
        let x = if x < -708.0 { -708.0 } else { x };
        let x = if x > 709.0 { 709.0 } else { x };
        let shifted = x * std::f64::consts::LOG2_E + ROUND;
        let power = shifted - ROUND;
        let (high, low) = (x - power * LN_2_HIGH, power * LN_2_LOW);
        let t = high - low;
        let square = t * t;
        let series = -1.653_390_220_546_525_153_90e-6 + square * 4.138_136_797_057_238_460_39e-8;
        let series = -2.777_777_777_701_559_338_42e-3 + square * (6.613_756_321_437_934_361_17e-5 + square * series);
        let c = t - square * (1.666_666_666_666_660_190_37e-1 + square * series);
        Self { scale: f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52), rest: t * c / (2.0 - c) - low + high }
    }

    #[inline(always)]
    pub(crate) fn value(self) -> f64 {
        (1.0 + self.rest) * self.scale
    }

    #[inline(always)]
    pub(crate) fn minus_one(self) -> f64 {
        (self.scale - 1.0) + self.scale * self.rest
    }
}

/// e<sup>x</sup>; below −708 and above 709 that of the bound.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    Power::of(x).value()
}

/// ln x.
#[inline(always)]
pub(crate) fn ln(x: f64) -> f64 {
    const ROOT_HALF: u64 = 0x3fe6_a09e_0000_0000;
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    const TWO_TO_52: u64 = 0x4330_0000_0000_0000;
    // x is 2 to some power times a number between √½ and √2.
    let moved = x.to_bits().wrapping_add(ONE - ROOT_HALF);
    let power = f64::from_bits(moved >> 52 | TWO_TO_52) - (4_503_599_627_370_496.0 + 1023.0);
    let f = f64::from_bits((moved & 0x000f_ffff_ffff_ffff) + ROOT_HALF) - 1.0;
    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even =
        w * (3.999_999_999_940_941_908e-1 + w * (2.222_219_843_214_978_396e-1 + w * 1.531_383_769_920_937_332e-1));
    let odd = 1.818_357_216_161_805_012e-1 + w * 1.479_819_860_511_658_591e-1;
    let odd = z * (6.666_666_666_666_735_130e-1 + w * (2.857_142_874_366_239_149e-1 + w * odd));
    s * (half_square + (odd + even)) + power * LN_2_LOW - half_square + f + power * LN_2_HIGH
}

/// ln(1 + x) for x of 0 or more.
#[inline(always)]
pub(crate) fn ln_1p(x: f64) -> f64 {
    let sum = 1.0 + x;
    // What rounding took from the sum.
    ln(sum) + (x - (sum - 1.0)) / sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_to_exact() {
        for step in -7000..7000 {
            let x = f64::from(step) * 0.1 + 0.003;
            assert!((exp(x) / libm::exp(x) - 1.0).abs() < 3e-16, "exp({x})");
            let less = x * 1e-2;
            assert!((Power::of(less).minus_one() / libm::expm1(less) - 1.0).abs() < 1e-15, "exp({less}) - 1");
            let power = libm::exp(x);
            assert_eq!(ln(power), libm::log(power));
            let small = libm::exp(less);
            assert!((ln_1p(small) / libm::log1p(small) - 1.0).abs() < 4e-16, "ln(1 + {small})");
        }
        for tiny in [1e-3, 1e-9, 1e-17, 1e-300, 0.0] {
            assert_eq!(ln_1p(tiny), libm::log1p(tiny));
            assert!((Power::of(-tiny).minus_one() - libm::expm1(-tiny)).abs() <= 3e-16 * tiny);
        }
        assert_eq!((exp(0.0), ln(1.0)), (1.0, 0.0));
        assert!(exp(-1e9) < 1e-300 && exp(1e9) > 1e300 && exp(f64::NAN).is_nan());
    }
}
