//! Tests of calibration: Hosmer and Lemeshow's by groups, Spiegelhalter's without.

use super::rows::{Rows, parameter, two_sided};
use crate::{Error, Outcome, Result};
use serde::Serialize;
use statrs::distribution::{ChiSquared, ContinuousCDF};

/// A group of the test of Hosmer and Lemeshow.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HosmerLemeshowGroup {
    /// How many customers it holds.
    pub weight: f64,
    /// How many events there were.
    pub events: f64,
    /// How many events the probabilities let expect.
    pub expected: f64,
}

/// The test of Hosmer and Lemeshow.
#[derive(Debug, Clone, PartialEq)]
pub struct HosmerLemeshow {
    /// The statistic; infinite where something happened that was said to be impossible.
    pub statistic: f64,
    /// Its degrees of freedom.
    pub degrees_of_freedom: f64,
    /// The chance of at least this much if the probabilities were right.
    pub p_value: f64,
    /// The groups, from low to high probabilities.
    pub groups: Vec<HosmerLemeshowGroup>,
}

/// Spiegelhalter's test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spiegelhalter {
    /// Standard normal if the probabilities are right; above 0 the Brier score is worse than they let expect.
    pub z: f64,
    /// Two-sided.
    pub p_value: f64,
}

/// The test of Hosmer & Lemeshow (1980): rows in groups of equal size by probability, events against expected events.
///
/// Sizes differ by one customer at most, the first groups being the larger ones; equal probabilities at a border are shared out
/// in proportion, so that the order of the rows does not matter. Degrees of freedom are `groups − 2` on the rows that a model
/// was fitted on (`same_rows_as_fit`), and `groups` on others. With many rows it rejects every model, with few none; and it
/// depends on the number of groups. Look at the [table](super::calibration_table) rather.
///
/// ```
/// use tierwise::{Outcome, evaluate::hosmer_lemeshow};
/// let said: Vec<f64> = (0..100).map(|row| f64::from(row) / 100.0 + 0.005).collect();
/// let left: Vec<bool> = (0..100).map(|row| (row * 37) % 100 < row).collect();
/// let test = hosmer_lemeshow(&Outcome::binary("left", &left), &said, 10, false)?;
/// assert_eq!((test.groups.len(), test.degrees_of_freedom), (10, 10.0));
/// assert!(test.p_value > 0.05);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] unless there are 3 to 1000 groups; [`Error::NotEnoughData`] for fewer customers than groups;
/// and those of [`log_loss`](super::log_loss) that concern the data.
pub fn hosmer_lemeshow(
    outcome: &Outcome<'_>,
    probabilities: &[f64],
    groups: usize,
    same_rows_as_fit: bool,
) -> Result<HosmerLemeshow> {
    if !(3..=1000).contains(&groups) {
        return Err(parameter("hosmer_lemeshow", "groups", "a whole number in [3, 1000]", &groups));
    }
    let rows = Rows::probable("hosmer_lemeshow", outcome, probabilities)?;
    let total = rows.counts()[2];
    if total < groups as f64 {
        let what = "the test of Hosmer and Lemeshow, customers".into();
        return Err(Error::NotEnoughData { what, needed: groups, found: total as usize });
    }
    let groups = grouped(&rows, &borders(total, groups));
    let statistic = groups.iter().map(part).sum::<f64>();
    let degrees_of_freedom = groups.len() as f64 - if same_rows_as_fit { 2.0 } else { 0.0 };
    let p_value = ChiSquared::new(degrees_of_freedom).map_or(f64::NAN, |distribution| distribution.sf(statistic));
    Ok(HosmerLemeshow { statistic, degrees_of_freedom, p_value, groups })
}

fn part(group: &HosmerLemeshowGroup) -> f64 {
    let apart = group.events - group.expected;
    if apart == 0.0 {
        return 0.0;
    }
    apart * apart / (group.expected * (1.0 - group.expected / group.weight))
}

/// Where the groups end, counted in customers.
fn borders(total: f64, groups: usize) -> Vec<f64> {
    let whole = (total / groups as f64).floor();
    let left = total - whole * groups as f64;
    let end = |group: usize| {
        let group = group as f64;
        if total.fract() == 0.0 { whole * group + left.min(group) } else { total * group / groups as f64 }
    };
    (1..=groups).map(end).collect()
}

fn grouped(rows: &Rows<'_>, borders: &[f64]) -> Vec<HosmerLemeshowGroup> {
    let mut order = rows.by_falling_score();
    order.reverse();
    let mut groups = vec![HosmerLemeshowGroup::default(); borders.len()];
    let (mut at, mut counted) = (0, 0.0);
    for equals in order.chunk_by(|one, two| one.0 == two.0) {
        let probability = rows.scores[equals[0].1];
        let weight: f64 = equals.iter().map(|&(_, row)| rows.weight(row)).sum();
        let events: f64 = equals.iter().map(|&(_, row)| rows.weight(row) * rows.happened[row]).sum();
        let mut left = weight;
        while left > 0.0 {
            let last = at + 1 == borders.len();
            let taken = if last { left } else { left.min(borders[at] - counted) };
            let group = &mut groups[at];
            group.weight += taken;
            // A share of 1 is 1 to the last bit, as a probability of 1 is.
            group.events += taken * (events / weight);
            group.expected += probability * taken;
            left -= taken;
            counted += taken;
            if !last && counted >= borders[at] {
                at += 1;
            }
        }
    }
    groups
}

/// Spiegelhalter's test (1986, *Statistics in Medicine* 5): is the Brier score what the probabilities let expect?
///
/// It needs no groups, but sees only how the errors of a row go with how extreme its probability is: a model whose
/// probabilities are all too low by a little passes where they lie around one half.
///
/// ```
/// use tierwise::{Outcome, evaluate::spiegelhalter};
/// let left = Outcome::binary("left", &[false, true, true, false, true]);
/// assert!(spiegelhalter(&left, &[0.001, 0.002, 0.99, 0.003, 0.99])?.p_value < 0.001); // one sure thing was not
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::NoVariation`] when all probabilities are 0, ½ or 1, which leaves nothing to test; and those of
/// [`log_loss`](super::log_loss) that concern the data.
pub fn spiegelhalter(outcome: &Outcome<'_>, probabilities: &[f64]) -> Result<Spiegelhalter> {
    let rows = Rows::probable("spiegelhalter", outcome, probabilities)?;
    let [sum, variance] = rows.sums(|row| {
        let probability = rows.scores[row];
        let tilt = 1.0 - 2.0 * probability;
        [(rows.happened[row] - probability) * tilt, tilt * tilt * probability * (1.0 - probability)]
    });
    if variance == 0.0 {
        let reason =
            "its probabilities are all 0, 0.5 or 1, which leaves Spiegelhalter's test nothing to look at".into();
        return Err(Error::NoVariation { columns: vec!["probability".into()], reason });
    }
    let z = sum / variance.sqrt();
    Ok(Spiegelhalter { z, p_value: two_sided(z) })
}
