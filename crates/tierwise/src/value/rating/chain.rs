//! Migration between tiers as a Markov chain: where customers are after some periods, and in the long run.

use super::chain_classes::Classes;
use super::powers;
use crate::evaluate::tier_migration;
use crate::rates::{Rate, check_confidence, shares_of_row};
use crate::{Error, Result};
use serde::Serialize;

/// More states than any rating has; it bounds the work.
const MOST_STATES: usize = 500;

/// More periods than any forecast can bear.
const MOST_PERIODS: u32 = 100_000;

/// Moves between tiers in one period, read as a Markov chain: where a customer goes next depends on the tier of today
/// alone, and the rates stay what they were. Neither holds exactly in any business; that is what to check first.
///
/// ```
/// use tierwise::value::TierChain;
/// let chain = TierChain::from_counts(&["A", "B"], &[vec![9.0, 1.0], vec![2.0, 8.0]], None, 0.95)?;
/// assert_eq!(chain.probabilities()[0], [0.9, 0.1]);
/// let after = chain.after(&[0.0, 100.0], 1)?;
/// assert_eq!(after, [20.0, 80.0]);
/// let steady = chain.steady_state()?;
/// assert!((steady[0] - 2.0 / 3.0).abs() < 1e-15);
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TierChain {
    states: Vec<String>,
    /// The position of the state of those who are no customers, if there is one.
    outside: Option<usize>,
    counts: Vec<Vec<f64>>,
    rates: Vec<Vec<Rate>>,
    probabilities: Vec<Vec<f64>>,
}

/// Where those end who leave the states that cannot last; made by [`TierChain::absorption`].
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Absorption {
    /// The sets of states that nobody leaves, each in the order of the states.
    pub closed: Vec<Vec<String>>,
    /// The other states: whoever is there leaves them for good, sooner or later.
    pub transient: Vec<String>,
    /// Per transient state and closed set, the share that ends there.
    pub shares: Vec<Vec<f64>>,
    /// Per transient state, the mean number of periods until then.
    pub periods: Vec<f64>,
}

impl TierChain {
    /// The chain of the same customers at two dates: one element per customer, positions in `tiers` (best first), `None` for
    /// whoever had no tier.
    ///
    /// With `outside`, having no tier is a state of that name, the last one: customers lost go there, new ones come from there.
    /// Where nobody was outside at the first date, nobody comes back. Without it, rows without a tier at either date do not
    /// count.
    ///
    /// ```
    /// use tierwise::value::TierChain;
    /// let (then, now) = ([Some(0), Some(0), Some(1), Some(1), None], [Some(0), Some(1), Some(1), None, Some(1)]);
    /// let chain = TierChain::between(&["A", "B"], &then, &now, Some("lost"), 0.95)?;
    /// assert_eq!(chain.counts(), [[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [0.0, 1.0, 0.0]]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`tier_migration`]; [`Error::NotEnoughData`] that names a tier in which nobody was at the first date.
    pub fn between(
        tiers: &[impl AsRef<str>],
        before: &[Option<u32>],
        after: &[Option<u32>],
        outside: Option<&str>,
        confidence: f64,
    ) -> Result<Self> {
        let mut states: Vec<&str> = tiers.iter().map(AsRef::as_ref).collect();
        check_confidence("TierChain", confidence)?;
        check_states(&states)?;
        let Some(name) = outside else {
            let moved = tier_migration(&states, before, after, None, confidence)?;
            return Self::new(moved.tiers, None, moved.counts, confidence);
        };
        if states.contains(&name) {
            let must_be = "a name that no tier has: it is that of having none".into();
            return Err(Error::InvalidParameter {
                of: "TierChain",
                name: "outside",
                must_be,
                got: format!("`{name}`"),
            });
        }
        let place = states.len() as u32;
        states.push(name);
        let with_outside = |tiers: &[Option<u32>]| -> Result<Vec<Option<u32>>> {
            match tiers.iter().position(|tier| *tier == Some(place)) {
                Some(row) => {
                    let must_be = format!("tiers are positions below {place}");
                    Err(Error::invalid_value("the tier", row, f64::from(place), &must_be))
                }
                None => Ok(tiers.iter().map(|tier| tier.or(Some(place))).collect()),
            }
        };
        let moved = tier_migration(&states, &with_outside(before)?, &with_outside(after)?, None, confidence)?;
        Self::new(moved.tiers, Some(place as usize), moved.counts, confidence)
    }

    /// The chain of counted moves: `counts[from][to]`, 0 or more. Shares of each row will do for all but
    /// the intervals, which are then those of one customer per row. `outside` names the state of those who have no tier,
    /// which [`TierChain::mean_place`] leaves out.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for no states, more than 500, names that repeat, and a confidence outside (0, 1);
    /// [`Error::WrongLength`]; [`Error::InvalidValue`] with the row for a count that is negative or not finite;
    /// [`Error::NotEnoughData`] that names a tier from which nobody moved or stayed; [`Error::UnknownName`] for `outside`.
    pub fn from_counts(
        states: &[impl AsRef<str>],
        counts: &[Vec<f64>],
        outside: Option<&str>,
        confidence: f64,
    ) -> Result<Self> {
        let states: Vec<String> = states.iter().map(|state| state.as_ref().to_owned()).collect();
        let find = |name: &str| {
            states.iter().position(|state| state == name).ok_or_else(|| Error::UnknownName {
                what: "the state `outside`".into(),
                row: None,
                name: name.into(),
                known: states.clone(),
            })
        };
        let outside = outside.map(find).transpose()?;
        Self::new(states, outside, counts.to_vec(), confidence)
    }

    fn new(states: Vec<String>, outside: Option<usize>, counts: Vec<Vec<f64>>, confidence: f64) -> Result<Self> {
        check_confidence("TierChain", confidence)?;
        check_states(&states)?;
        check_counts(&states, outside, &counts)?;
        let row_rates = |(from, row): (usize, &Vec<f64>)| -> Result<Vec<Rate>> {
            if row.iter().sum::<f64>() == 0.0 {
                return Ok((0..row.len()).map(|to| unseen(from == to)).collect());
            }
            shares_of_row(row, confidence)
        };
        let rates: Vec<Vec<Rate>> = counts.iter().enumerate().map(row_rates).collect::<Result<_>>()?;
        let probabilities = rates.iter().map(|row| row.iter().map(|rate| rate.rate).collect()).collect();
        Ok(Self { states, outside, counts, rates, probabilities })
    }

    /// The names of the states: the tiers, best first, and last the state of those without one, if it was asked for.
    pub fn states(&self) -> &[String] {
        &self.states
    }

    /// The counted moves, from the state of the row to that of the column.
    pub fn counts(&self) -> &[Vec<f64>] {
        &self.counts
    }

    /// The moves as shares of the row, with Jeffreys intervals.
    pub fn rates(&self) -> &[Vec<Rate>] {
        &self.rates
    }

    /// The shares of the rows.
    pub fn probabilities(&self) -> &[Vec<f64>] {
        &self.probabilities
    }

    /// How many are in each state after so many periods, on average, from how many are there now (or from shares).
    ///
    /// Step by step, or by powers of the moves where that is less work; the two differ by rounding alone.
    ///
    /// # Errors
    /// [`Error::WrongLength`]; [`Error::InvalidValue`] with the position for a number that is negative or not finite;
    /// [`Error::InvalidParameter`] for more than 100,000 periods.
    pub fn after(&self, start: &[f64], periods: u32) -> Result<Vec<f64>> {
        check_start(start, self.states.len())?;
        check_periods(periods)?;
        Ok(powers::after(start, &self.probabilities, periods))
    }

    /// The distribution after so many periods of one customer from each state: one row per state.
    ///
    /// By repeated squaring: the work grows with the cube of the states and the logarithm of the periods.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for more than 100,000 periods.
    pub fn outlook(&self, periods: u32) -> Result<Vec<Vec<f64>>> {
        check_periods(periods)?;
        Ok(powers::power(&self.probabilities, periods))
    }

    /// The expected tier of a distribution: the mean place, 1 for the best tier, of those who have a tier; `None` where nobody
    /// has. It takes the tiers for equally far apart.
    ///
    /// # Errors
    /// [`Error::WrongLength`]; [`Error::InvalidValue`] with the position for a number that is negative or not finite.
    pub fn mean_place(&self, distribution: &[f64]) -> Result<Option<f64>> {
        check_start(distribution, self.states.len())?;
        let tiers = || distribution.iter().enumerate().filter(|(state, _)| Some(*state) != self.outside);
        let total: f64 = tiers().map(|(_, share)| share).sum();
        let places: f64 = tiers().map(|(state, share)| (state + 1) as f64 * share).sum();
        Ok((total > 0.0).then(|| places / total))
    }

    /// The shares of the states in the long run, whatever the start: the distribution that one more period leaves as it is.
    ///
    /// Computed without subtraction, so that small shares are as exact as large ones (Grassmann, Taksar and Heyman 1985,
    /// *Operations Research* 33, 1107-1116).
    ///
    /// # Errors
    /// [`Error::NotErgodic`] when there is none that every start leads to: some states are left for good (it names them, and
    /// those that are never left; see [`TierChain::absorption`]), or customers go round in a fixed cycle.
    pub fn steady_state(&self) -> Result<Vec<f64>> {
        Classes::of(&self.probabilities).check_ergodic(&self.states)?;
        Ok(stationary(self.probabilities.clone()))
    }

    /// Where customers end, and after how many periods, in a chain with states that are left for good. In an ergodic chain
    /// all states form one closed set and none is transient.
    pub fn absorption(&self) -> Absorption {
        Classes::of(&self.probabilities).absorption(&self.states, &self.probabilities)
    }
}

/// A rate that nobody was there to show: whoever is outside is taken to stay there.
fn unseen(stays: bool) -> Rate {
    Rate { events: 0.0, trials: 0.0, rate: f64::from(u8::from(stays)), low: 0.0, high: 1.0 }
}

/// The stationary distribution of an irreducible chain.
fn stationary(mut p: Vec<Vec<f64>>) -> Vec<f64> {
    let size = p.len();
    for last in (1..size).rev() {
        let leaving: f64 = p[last][..last].iter().sum();
        let of_last = p[last].clone();
        for row in &mut p[..last] {
            row[last] /= leaving;
            let through = row[last];
            row[..last].iter_mut().zip(&of_last).for_each(|(place, onward)| *place += through * onward);
        }
    }
    let mut shares = vec![1.0; size];
    for state in 1..size {
        shares[state] = (0..state).map(|from| shares[from] * p[from][state]).sum();
    }
    let total: f64 = shares.iter().sum();
    shares.into_iter().map(|share| share / total).collect()
}

fn check_states(states: &[impl AsRef<str>]) -> Result<()> {
    let states: Vec<&str> = states.iter().map(AsRef::as_ref).collect();
    let distinct: std::collections::BTreeSet<&&str> = states.iter().collect();
    if (1..=MOST_STATES).contains(&states.len()) && distinct.len() == states.len() {
        return Ok(());
    }
    let must_be = format!("a list of 1 to {MOST_STATES} distinct names, the best first");
    let got = if distinct.len() < states.len() { format!("{states:?}") } else { states.len().to_string() };
    Err(Error::InvalidParameter { of: "TierChain", name: "tiers", must_be, got })
}

fn check_counts(states: &[String], outside: Option<usize>, counts: &[Vec<f64>]) -> Result<()> {
    let expected = states.len();
    if counts.len() != expected {
        return Err(Error::WrongLength { what: "the matrix of moves".into(), expected, found: counts.len() });
    }
    for (row, (state, counts)) in states.iter().zip(counts).enumerate() {
        if counts.len() != expected {
            let what = format!("the row of `{state}` in the matrix of moves");
            return Err(Error::WrongLength { what, expected, found: counts.len() });
        }
        if let Some(to) = counts.iter().position(|count| !(0.0..=1e15).contains(count)) {
            let what = format!("the number of moves from `{state}` to `{}` (column {to})", states[to]);
            return Err(Error::invalid_value(&what, row, counts[to], "it must be a number in [0, 1e15]"));
        }
        if counts.iter().sum::<f64>() == 0.0 && Some(row) != outside {
            let what = format!("the moves from `{state}`, customers who were in it (or leave this tier out)");
            return Err(Error::NotEnoughData { what, needed: 1, found: 0 });
        }
    }
    Ok(())
}

fn check_start(start: &[f64], expected: usize) -> Result<()> {
    if start.len() != expected {
        return Err(Error::WrongLength {
            what: "the distribution over the states".into(),
            expected,
            found: start.len(),
        });
    }
    match start.iter().position(|share| !(0.0..=1e300).contains(share)) {
        Some(row) => {
            let must_be = "it must be a number of customers or a share, 0 or more";
            Err(Error::invalid_value("the distribution over the states", row, start[row], must_be))
        }
        None => Ok(()),
    }
}

fn check_periods(periods: u32) -> Result<()> {
    if periods <= MOST_PERIODS {
        return Ok(());
    }
    let must_be = format!("a whole number in [0, {MOST_PERIODS}]; for the long run ask for the steady state");
    Err(Error::InvalidParameter { of: "TierChain", name: "periods", must_be, got: periods.to_string() })
}
