//! How many of many cuts a value reaches, without searching all of them.

use crate::wide::wide;

/// Ascending cuts, and buckets of the number line with the number of cuts before each.
///
/// A value is put into a bucket by arithmetic that never falls when the value rises, whatever is rounded on the way. So
/// a value reaches all cuts of earlier buckets and none of later ones, and is compared with those of its own alone. The
/// result is exact for any cuts; how the buckets lie decides only how many comparisons it takes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cuts {
    /// The cuts, and then so many NaN (which no value reaches) that no comparison runs past the end.
    ascending: Vec<f64>,
    count: usize,
    buckets: Buckets,
    /// The number of cuts before each bucket.
    before: Vec<u32>,
    /// How often the cuts of the fullest bucket are halved until one place is left.
    halvings: u32,
}

/// Buckets that widen with the distance from a center: evenly wide near it, in proportion to the distance far from it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Buckets {
    center: f64,
    /// Up to about this distance from the center buckets are evenly wide.
    even: f64,
    /// How many bits of a distance do not matter.
    shift: u32,
    /// The places of the first and the last bucket.
    first: i64,
    last: i64,
}

/// Buckets per cut: enough that few cuts share one where they do not stand evenly.
const BUCKETS_PER_CUT: usize = 4;
const MOST_BUCKETS: usize = 4096;

impl Cuts {
    /// Cuts in any order, none of them NaN.
    pub(super) fn new(mut cuts: Vec<f64>) -> Self {
        cuts.sort_by(f64::total_cmp);
        cuts.dedup(); // of 0 and -0, which compare alike, too
        let count = cuts.len();
        let (buckets, fullest) = Buckets::among(&cuts);
        let mut before = vec![0_u32; buckets.count()];
        for &cut in &cuts {
            before[buckets.find(cut)] += 1;
        }
        let mut sum = 0;
        for before in &mut before {
            sum += std::mem::replace(before, sum);
        }
        let halvings = usize::BITS - fullest.leading_zeros();
        cuts.resize(count + (1 << halvings), f64::NAN);
        Self { ascending: cuts, count, buckets, before, halvings }
    }

    /// The distinct cuts, ascending.
    pub(super) fn all(&self) -> &[f64] {
        &self.ascending[..self.count]
    }

    /// The number of cuts that each value reaches; `unknown` for NaN.
    pub(super) fn find(&self, values: &[f64], positions: &mut [u32], unknown: u32) {
        wide(
            #[inline(always)]
            || {
                for (position, &value) in positions.iter_mut().zip(values) {
                    *position = self.buckets.find(value) as u32;
                }
                match self.halvings {
                    0 | 1 => self.halve::<1>(values, positions, unknown),
                    2 => self.halve::<2>(values, positions, unknown),
                    3 => self.halve::<3>(values, positions, unknown),
                    4 => self.halve::<4>(values, positions, unknown),
                    _ => self.halve_often(values, positions, unknown),
                }
            },
        );
    }

    /// From buckets to numbers of cuts, with a number of steps that is known when this is compiled.
    #[inline(always)]
    fn halve<const HALVINGS: u32>(&self, values: &[f64], positions: &mut [u32], unknown: u32) {
        for (position, &value) in positions.iter_mut().zip(values) {
            let mut reached = self.before[*position as usize];
            for halving in (0..HALVINGS).rev() {
                reached = self.step(reached, halving, value);
            }
            *position = if value.is_nan() { unknown } else { reached };
        }
    }

    #[inline(always)]
    fn halve_often(&self, values: &[f64], positions: &mut [u32], unknown: u32) {
        for (position, &value) in positions.iter_mut().zip(values) {
            let mut reached = self.before[*position as usize];
            for halving in (0..self.halvings).rev() {
                reached = self.step(reached, halving, value);
            }
            *position = if value.is_nan() { unknown } else { reached };
        }
    }

    /// Goes on by half of the cuts in question when the value reaches the last of that half. As arithmetic: whether it
    /// does cannot be foretold.
    #[inline(always)]
    fn step(&self, reached: u32, halving: u32, value: f64) -> u32 {
        let half = (1 << halving) - 1;
        reached + (u32::from(self.ascending[reached as usize + half] <= value) << halving)
    }
}

impl Buckets {
    /// The buckets of which the fullest holds the fewest of these cuts, and how many that are.
    fn among(cuts: &[f64]) -> (Self, usize) {
        let finite: Vec<f64> = cuts.iter().copied().filter(|cut| cut.is_finite()).collect();
        let (Some(&low), Some(&high)) = (finite.first(), finite.last()) else {
            return (Self { center: 0.0, even: 0.0, shift: 0, first: 0, last: 0 }, cuts.len());
        };
        let spread = high / 2.0 - low / 2.0; // cannot overflow
        let mut best: Option<(Self, usize)> = None;
        // Even buckets first; then ever finer ones at the low end, in the middle and at the high end.
        for scale in [4.0, 0.25, 1.0 / 32.0, 1.0 / 256.0, 1.0 / 4096.0, 1.0 / 65536.0] {
            for center in [low, finite[finite.len() / 2], high] {
                let buckets = Self::around(center, scale * spread, low, high, BUCKETS_PER_CUT * finite.len());
                let fullest = cuts.chunk_by(|&a, &b| buckets.find(a) == buckets.find(b)).map(<[f64]>::len).max();
                let fullest = fullest.unwrap_or(0);
                if best.is_none_or(|(_, least)| fullest < least) {
                    best = Some((buckets, fullest));
                }
            }
        }
        best.unwrap_or((Self::around(low, spread, low, high, 1), cuts.len()))
    }

    /// The finest buckets that are no more than so many.
    fn around(center: f64, even: f64, low: f64, high: f64, most: usize) -> Self {
        let most = most.next_power_of_two().min(MOST_BUCKETS) as i64;
        let mut buckets = Self { center, even, shift: 0, first: 0, last: 0 };
        while buckets.place(high) - buckets.place(low) >= most {
            buckets.shift += 1;
        }
        buckets.first = buckets.place(low);
        buckets.last = buckets.place(high);
        buckets
    }

    fn count(&self) -> usize {
        (self.last - self.first) as usize + 1
    }

    /// The bucket of a value; that of NaN means nothing.
    #[inline(always)]
    fn find(&self, value: f64) -> usize {
        (self.place(value).max(self.first).min(self.last) - self.first) as usize
    }

    /// The bits of a number that is not negative ascend as the number does, and so does what is left of them.
    #[inline(always)]
    fn place(&self, value: f64) -> i64 {
        let away = value - self.center;
        let bits = (away.abs() + self.even).to_bits() as i64 - self.even.to_bits() as i64;
        let place = bits >> self.shift;
        if away < 0.0 { -place } else { place }
    }
}
