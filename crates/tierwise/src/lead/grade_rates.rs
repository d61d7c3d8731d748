//! Does A really convert better than B, and with what certainty?

use crate::ordered_rates::probability_of_order;
use crate::rates::{Rate, check_confidence, shrunken_rates};
use crate::{Error, Outcome, Result, Summary};
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, Normal};

/// More grades than this are refused: the work grows with the square.
const MOST_GRADES: usize = 100;

/// Won and closed deals per grade: what is needed of the data, and what adds up over its parts.
///
/// ```
/// use tierwise::{Outcome, Summary, lead::GradeCounts};
/// let mut counts = GradeCounts::new(&["A", "B"])?;
/// counts.observe("A", true)?;
/// let won = Outcome::labels("result", &["won", "lost", "lost"], "won")?;
/// counts.merge(&GradeCounts::from_codes(&["A", "B"], &[Some(0), Some(1), None], &won)?)?;
/// assert_eq!((counts.won(), counts.closed(), counts.ungraded()), (&[2, 0][..], &[2, 1][..], 1));
/// # Ok::<(), tierwise::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "GradeCountsFile", into = "GradeCountsFile")]
pub struct GradeCounts {
    grades: Vec<String>,
    won: Vec<u64>,
    closed: Vec<u64>,
    ungraded: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GradeCountsFile {
    grades: Vec<String>,
    won: Vec<u64>,
    closed: Vec<u64>,
    ungraded: u64,
}

/// How often each grade wins, and whether a better grade wins more often.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GradeRates {
    /// One per grade, best first.
    pub rates: Vec<GradeRate>,
    /// One per two neighbouring grades.
    pub pairs: Vec<GradePair>,
    /// The probability that every grade wins more often than the next.
    pub order_probability: f64,
    /// Whether the whole order holds: by its probability, or contradicted where a pair is.
    pub order_holds: Verdict,
    /// The Cochran–Armitage statistic, positive where better grades win more often; NaN when all or none were won.
    pub trend_z: f64,
    /// Its one-sided p-value.
    pub trend_p_value: f64,
    /// The mean of the distribution from which the grades' rates seem drawn.
    pub prior_mean: f64,
    /// How many deals that distribution counts for.
    pub prior_strength: f64,
    /// Deals without a grade, which are left out.
    pub ungraded: u64,
}

/// One grade.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GradeRate {
    /// The grade.
    pub grade: String,
    /// Deals won.
    pub won: u64,
    /// Deals won or lost.
    pub closed: u64,
    /// Won of closed; NaN where none were closed.
    pub observed: f64,
    /// The win probability, drawn towards the mean of all grades by as much as the data suggest.
    pub rate: f64,
    /// The lower end of its interval.
    pub low: f64,
    /// The upper end of its interval.
    pub high: f64,
    /// The rates nearest to those observed that do not rise from a better grade to a worse one.
    pub isotonic: f64,
}

/// Two neighbouring grades.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GradePair {
    /// The better grade.
    pub better: String,
    /// The next one.
    pub worse: String,
    /// The probability that the better grade's rate is the higher one.
    pub probability: f64,
    /// The one-sided p-value of Fisher's exact test against equal rates.
    pub p_value: f64,
    /// What that says.
    pub verdict: Verdict,
}

/// What the data say about an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Its probability is at least the certainty asked for.
    Holds,
    /// Neither.
    NotShown,
    /// The probability of the opposite order of a pair is at least the certainty asked for.
    Contradicted,
}

impl GradeCounts {
    /// No deals yet, for grades listed from best to worst.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for no grade, a grade listed twice, and more than 100.
    pub fn new(grades: &[impl AsRef<str>]) -> Result<Self> {
        let grades: Vec<String> = grades.iter().map(|grade| grade.as_ref().to_owned()).collect();
        let zeros = vec![0; grades.len()];
        Self::try_from(GradeCountsFile { grades, won: zeros.clone(), closed: zeros, ungraded: 0 })
    }

    /// Counts deals whose grades are given as positions in the list; `None` for deals without a grade.
    ///
    /// # Errors
    /// Those of [`GradeCounts::new`]; [`Error::WrongLength`]; [`Error::InvalidValue`] for a position outside the
    /// list; [`Error::InvalidParameter`] for an outcome with weights, since deals are counted.
    pub fn from_codes(grades: &[impl AsRef<str>], codes: &[Option<usize>], outcome: &Outcome<'_>) -> Result<Self> {
        let mut counts = Self::new(grades)?;
        let won = outcome.values();
        if won.len() != codes.len() {
            return Err(Error::WrongLength { what: "the grades".into(), expected: won.len(), found: codes.len() });
        }
        if outcome.row_weights().is_some() {
            let must_be = "left out: deals are counted".into();
            return Err(Error::InvalidParameter { of: "GradeCounts", name: "weights", must_be, got: "some".into() });
        }
        for (row, (code, &won)) in codes.iter().zip(won).enumerate() {
            match code {
                None => counts.ungraded += 1,
                Some(code) if *code < counts.grades.len() => counts.add(*code, won == 1.0),
                Some(code) => {
                    let must_be = format!("there are {} grades", counts.grades.len());
                    let found = code.to_string();
                    return Err(Error::InvalidValue { what: "the grade".into(), row, key: None, found, must_be });
                }
            }
        }
        Ok(counts)
    }

    /// Counts one closed deal.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a grade that is not in the list.
    pub fn observe(&mut self, grade: &str, won: bool) -> Result<()> {
        let unknown = || Error::UnknownName {
            what: "the grade".into(),
            row: None,
            name: grade.to_owned(),
            known: self.grades.clone(),
        };
        let code = self.grades.iter().position(|known| known == grade).ok_or_else(unknown)?;
        self.add(code, won);
        Ok(())
    }

    /// The grades, best first.
    pub fn grades(&self) -> &[String] {
        &self.grades
    }

    /// Deals won per grade.
    pub fn won(&self) -> &[u64] {
        &self.won
    }

    /// Deals won or lost per grade.
    pub fn closed(&self) -> &[u64] {
        &self.closed
    }

    /// Deals without a grade.
    pub fn ungraded(&self) -> u64 {
        self.ungraded
    }

    fn add(&mut self, code: usize, won: bool) {
        self.won[code] += u64::from(won);
        self.closed[code] += 1;
    }
}

impl TryFrom<GradeCountsFile> for GradeCounts {
    type Error = Error;

    fn try_from(file: GradeCountsFile) -> Result<Self> {
        let GradeCountsFile { grades, won, closed, ungraded } = file;
        let refuse = |must_be: String, got: String| {
            Err(Error::InvalidParameter { of: "GradeCounts", name: "grades", must_be, got })
        };
        if grades.is_empty() || grades.len() > MOST_GRADES {
            return refuse(format!("a list of 1 to {MOST_GRADES} grades, best first"), grades.len().to_string());
        }
        if let Some(twice) = grades.iter().enumerate().find(|(at, grade)| grades[..*at].contains(grade)) {
            return refuse("a list without repetitions".into(), format!("`{}` twice", twice.1));
        }
        let sized = won.len() == grades.len() && closed.len() == grades.len();
        // Far more than there can be, and exact as floats.
        let sound = |(won, closed): (&u64, &u64)| won <= closed && *closed < 1 << 50;
        if !(sized && won.iter().zip(&closed).all(sound) && ungraded < 1 << 50) {
            return refuse("counted with no more won than closed".into(), format!("{won:?} of {closed:?}"));
        }
        Ok(Self { grades, won, closed, ungraded })
    }
}

impl From<GradeCounts> for GradeCountsFile {
    fn from(counts: GradeCounts) -> Self {
        let GradeCounts { grades, won, closed, ungraded } = counts;
        Self { grades, won, closed, ungraded }
    }
}

impl Summary for GradeCounts {
    fn merge(&mut self, other: &Self) -> Result<()> {
        if self.grades != other.grades {
            return Err(Error::CannotMerge { reason: "they count different grades".into() });
        }
        let add = |to: &mut Vec<u64>, from: &[u64]| to.iter_mut().zip(from).for_each(|(sum, part)| *sum += part);
        add(&mut self.won, &other.won);
        add(&mut self.closed, &other.closed);
        self.ungraded += other.ungraded;
        Ok(())
    }
}

/// How often each grade wins, with intervals at `confidence`, and whether better grades win more often.
///
/// * **Rates** are shrunk towards each other by a Beta prior estimated from all grades: [`shrunken_rates`].
/// * **Probabilities** of an order rest on each grade's own deals and Jeffreys' prior, Beta(won + ½, lost + ½); they are
///   integrals, not simulated. A pair *holds* at a probability of at least `certainty`, is *contradicted* at one of at
///   most `1 − certainty`, and is *not shown* in between. The whole order holds at its own probability of at least
///   `certainty`, and is contradicted when a pair is.
/// * **P-values** are one-sided: per pair Fisher's exact test (Agresti 2013, *Categorical Data Analysis*, 3rd ed., section
///   3.5; conservative), over all grades the Cochran–Armitage trend with equally spaced grades (section 5.3.5).
/// * **Isotonic** rates pool neighbours that stand the wrong way round (Barlow et al. 1972).
///
/// ```
/// use tierwise::lead::{GradeCounts, Verdict, grade_rates};
/// let mut counts = GradeCounts::new(&["A", "B", "C"])?;
/// for (grade, won, lost) in [("A", 30, 20), ("B", 20, 60), ("C", 21, 69)] {
///     (0..won).try_for_each(|_| counts.observe(grade, true))?;
///     (0..lost).try_for_each(|_| counts.observe(grade, false))?;
/// }
/// let rates = grade_rates(&counts, 0.95, 0.95)?;
/// assert_eq!(rates.pairs[0].verdict, Verdict::Holds); // A converts better than B
/// assert_eq!(rates.pairs[1].verdict, Verdict::NotShown); // B and C are alike
/// assert_eq!(rates.order_holds, Verdict::NotShown);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] for a confidence outside (0, 1) and a certainty outside (0.5, 1);
/// [`Error::EmptyTable`] when no deal was counted.
pub fn grade_rates(counts: &GradeCounts, confidence: f64, certainty: f64) -> Result<GradeRates> {
    check_confidence("grade_rates", confidence)?;
    if !(certainty > 0.5 && certainty < 1.0) {
        let must_be = "a number in (0.5, 1)".into();
        let got = certainty.to_string();
        return Err(Error::InvalidParameter { of: "grade_rates", name: "certainty", must_be, got });
    }
    if counts.closed.iter().all(|&closed| closed == 0) {
        return Err(Error::EmptyTable { what: "the list of closed deals with a grade".into() });
    }
    let floats = |counts: &[u64]| counts.iter().map(|&count| count as f64).collect::<Vec<f64>>();
    let (won, closed) = (floats(&counts.won), floats(&counts.closed));
    let shrunken = shrunken_rates(&won, &closed, confidence)?;
    let isotonic = isotonic(&won, &closed);
    let rate = |(at, Rate { rate, low, high, .. }): (usize, &Rate)| GradeRate {
        grade: counts.grades[at].clone(),
        won: counts.won[at],
        closed: counts.closed[at],
        observed: if closed[at] > 0.0 { won[at] / closed[at] } else { f64::NAN },
        rate: *rate,
        low: *low,
        high: *high,
        isotonic: isotonic[at],
    };
    let jeffreys: Vec<(f64, f64)> =
        won.iter().zip(&closed).map(|(won, closed)| (won + 0.5, closed - won + 0.5)).collect();
    let pairs: Vec<GradePair> = (1..won.len()).map(|at| pair(counts, &jeffreys, at, certainty)).collect();
    let order_probability = probability_of_order(&jeffreys);
    let contradicted = pairs.iter().any(|pair| pair.verdict == Verdict::Contradicted);
    let order_holds = match contradicted {
        true => Verdict::Contradicted,
        false if order_probability >= certainty => Verdict::Holds,
        false => Verdict::NotShown,
    };
    let trend_z = trend(&won, &closed);
    let trend_p_value = if trend_z.is_nan() { f64::NAN } else { Normal::standard().cdf(-trend_z) };
    Ok(GradeRates {
        rates: shrunken.rates.iter().enumerate().map(rate).collect(),
        pairs,
        order_probability,
        order_holds,
        trend_z,
        trend_p_value,
        prior_mean: shrunken.mean,
        prior_strength: shrunken.strength,
        ungraded: counts.ungraded,
    })
}

fn pair(counts: &GradeCounts, jeffreys: &[(f64, f64)], at: usize, certainty: f64) -> GradePair {
    let probability = probability_of_order(&jeffreys[at - 1..=at]);
    let verdict = match probability {
        probability if probability >= certainty => Verdict::Holds,
        probability if probability <= 1.0 - certainty => Verdict::Contradicted,
        _ => Verdict::NotShown,
    };
    GradePair {
        better: counts.grades[at - 1].clone(),
        worse: counts.grades[at].clone(),
        probability,
        p_value: fisher(counts.won[at - 1], counts.closed[at - 1], counts.won[at], counts.closed[at]),
        verdict,
    }
}

/// The probability of at least `won` in the first grade, were the wins of both spread by chance (hypergeometric).
fn fisher(won: u64, closed: u64, other_won: u64, other_closed: u64) -> f64 {
    const VANISHED: f64 = 1e-300;
    let (first, second) = (closed as f64, other_closed as f64);
    let wins = (won + other_won) as f64;
    // p(x + 1) / p(x)
    let up = |x: f64| (first - x) * (wins - x) / ((x + 1.0) * (second - wins + x + 1.0));
    let (lowest, highest) = ((wins - second).max(0.0), wins.min(first));
    // Relative to the mode no term overflows; those far from it do not matter.
    let mode = (((first + 1.0) * (wins + 1.0)) / (first + second + 2.0)).floor().clamp(lowest, highest);
    let (mut at_least, mut all) = (0.0, 0.0);
    let mut add = |x: f64, term: f64| {
        all += term;
        if x >= won as f64 {
            at_least += term;
        }
    };
    let (mut x, mut term) = (mode, 1.0);
    while x <= highest && term > VANISHED {
        add(x, term);
        term *= up(x);
        x += 1.0;
    }
    (x, term) = (mode, 1.0);
    while x > lowest && term > VANISHED {
        term /= up(x - 1.0);
        x -= 1.0;
        add(x, term);
    }
    (at_least / all).min(1.0)
}

/// The Cochran–Armitage statistic with scores falling by 1 from the best grade to the worst.
fn trend(won: &[f64], closed: &[f64]) -> f64 {
    let (wins, deals) = (won.iter().sum::<f64>(), closed.iter().sum::<f64>());
    let rate = wins / deals;
    let score = |at: usize| (won.len() - at) as f64;
    let mean = (0..won.len()).map(|at| score(at) * closed[at]).sum::<f64>() / deals;
    let above = (0..won.len()).map(|at| (score(at) - mean) * (won[at] - closed[at] * rate)).sum::<f64>();
    let spread = (0..won.len()).map(|at| (score(at) - mean).powi(2) * closed[at]).sum::<f64>();
    let variance = rate * (1.0 - rate) * spread;
    if variance > 0.0 { above / variance.sqrt() } else { f64::NAN }
}

/// Rates that do not rise from best to worst, by pooling neighbours. Grades without deals take the rate above them, or
/// below them at the top.
fn isotonic(won: &[f64], closed: &[f64]) -> Vec<f64> {
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for (&won, &closed) in won.iter().zip(closed) {
        let mut block = (won, closed, 1);
        while let Some(&(won, closed, grades)) = blocks.last() {
            let wrong = closed == 0.0 || block.1 == 0.0 || won / closed < block.0 / block.1;
            if !wrong {
                break;
            }
            block = (won + block.0, closed + block.1, grades + block.2);
            blocks.pop();
        }
        blocks.push(block);
    }
    blocks.iter().flat_map(|&(won, closed, grades)| vec![won / closed; grades]).collect()
}
