//! May the new score replace the old one? Champion against challenger on the same customers.

mod checks;
mod policy;

pub(super) use checks::held;
pub use policy::{DynamicsPolicy, PromotionPolicy, StandardPolicy, TopOfList};

use super::decisions::Goal;
use super::ranking::Ranking;
use super::rows::{Rows, parameter};
use crate::{Error, Outcome, Result};
use policy::OF;
use serde::Serialize;

/// What a challenger is judged by: the outcome and both scores of the same rows, which are new to both models.
#[derive(Debug, Clone, Copy)]
pub struct PromotionEvidence<'a> {
    /// What happened.
    pub outcome: &'a Outcome<'a>,
    /// What the active score said.
    pub champion: &'a [f64],
    /// What the new score says.
    pub challenger: &'a [f64],
    /// Whether both are probabilities, so that calibration is judged.
    pub probabilities: bool,
    /// The challenger's grades.
    pub grades: Option<PromotionGrades<'a>>,
    /// The challenger's scores of the customers it was learned from, to see whether the judged ones are others.
    pub reference: Option<&'a [f64]>,
    /// How many customers each of those stands for; one each where it is none.
    pub reference_weights: Option<&'a [f64]>,
    /// How old the champion is, in months.
    pub age_months: Option<f64>,
}

impl<'a> PromotionEvidence<'a> {
    /// The outcome and two scores of any scale.
    pub fn new(outcome: &'a Outcome<'a>, champion: &'a [f64], challenger: &'a [f64]) -> Self {
        Self {
            outcome,
            champion,
            challenger,
            probabilities: false,
            grades: None,
            reference: None,
            reference_weights: None,
            age_months: None,
        }
    }
}

/// The grade of each row.
#[derive(Debug, Clone, Copy)]
pub struct PromotionGrades<'a> {
    /// All grades, the best first.
    pub names: &'a [String],
    /// The position of each row's grade; none for rows without one.
    pub codes: &'a [Option<u32>],
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PromotionVerdict {
    /// The challenger takes over.
    Promote,
    /// The champion stays.
    Keep,
    /// The rows cannot say.
    NotEnoughData,
}

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// Nothing against the challenger.
    Passed,
    /// Against the challenger, beyond noise.
    Failed,
    /// The rows cannot say.
    NotEnough,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PromotionCheck {
    /// `rows`, `ranking`, `log_loss`, `calibration_slope`, `top_of_list`, `grades`, `drift`, `accuracy` or `age`.
    pub name: &'static str,
    /// The figure; none where it is not defined.
    pub value: Option<f64>,
    /// The lower end of its interval; none where it has none.
    pub low: Option<f64>,
    /// The upper end.
    pub high: Option<f64>,
    /// How it came out.
    pub state: CheckState,
    /// What that says.
    pub sentence: String,
}

/// Whether the challenger takes over, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Promotion {
    /// What is to be done.
    pub verdict: PromotionVerdict,
    /// Why, in one sentence.
    pub reason: String,
    /// How many customers would be enough, where these are not and it can be said.
    pub rows_needed: Option<f64>,
    /// Every check that was made.
    pub checks: Vec<PromotionCheck>,
}

/// Says whether a challenger may replace the champion, by a policy.
///
/// | check | figure | interval |
/// |---|---|---|
/// | `rows` | customers of the rarer outcome | none |
/// | `ranking` | ROC AUC, challenger less champion | paired, DeLong et al. (1988): [`compare_roc_auc`](super::compare_roc_auc) |
/// | `log_loss` | log-loss, challenger less champion, probabilities within 1e-12 of 0 and 1 moved there | paired, normal |
/// | `calibration_slope` | of the challenger: [`recalibration`](super::recalibration) | Wald |
/// | `top_of_list` | precision in the top of the list, challenger less champion | Newcombe's (1998) for the customers that only one of the two lists holds, the lists taken as given (inferred) |
/// | `grades` | the least chance that a grade converts more often than the next | none; Jeffreys' prior |
/// | `drift` | population stability index of the challenger's score, reference to judged rows: [`drift`](super::drift) | none |
/// | `accuracy` | accuracy over the champion's, each at its cut of greatest F1 | paired, delta method |
/// | `age` | months | none |
///
/// The standard policy makes the first seven (calibration, grades and drift where they are given), Dynamics' `rows` and the last
/// two. Where the rows are too few no other check is made. Weights count customers.
///
/// ```
/// use tierwise::{Outcome, evaluate::{PromotionEvidence, PromotionPolicy, PromotionVerdict, promotion}};
/// let bought: Vec<bool> = (0..2000).map(|row| (row * 7) % 100 < row % 100).collect();
/// let new: Vec<f64> = (0..2000).map(|row| f64::from(row % 100)).collect();
/// let old: Vec<f64> = (0..2000).map(|row| f64::from((row % 100) / 10 + (row * 31) % 17)).collect();
/// let outcome = Outcome::binary("bought", &bought);
/// let found = promotion(&PromotionEvidence::new(&outcome, &old, &new), &PromotionPolicy::default())?;
/// assert_eq!(found.verdict, PromotionVerdict::Promote);
/// let itself = promotion(&PromotionEvidence::new(&outcome, &new, &new), &PromotionPolicy::default())?;
/// assert_eq!(itself.verdict, PromotionVerdict::Keep);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] for a policy outside its range, an age that is negative, a capacity above the number of customers,
/// fewer than two grades, and an outcome with offsets; [`Error::WrongLength`]; [`Error::EmptyTable`]; [`Error::InvalidValue`] with
/// the row for a score that is NaN, a probability outside [0, 1], a position that is no grade, and weights.
pub fn promotion(evidence: &PromotionEvidence<'_>, policy: &PromotionPolicy) -> Result<Promotion> {
    match policy {
        PromotionPolicy::Standard(policy) => {
            policy.check()?;
            by_standard(&Contest::new(evidence)?, policy)
        }
        PromotionPolicy::Dynamics(policy) => {
            policy.check()?;
            by_dynamics(&Contest::new(evidence)?, policy)
        }
    }
}

/// Sound evidence.
struct Contest<'a> {
    evidence: &'a PromotionEvidence<'a>,
    champion: Rows<'a>,
    challenger: Rows<'a>,
}

impl<'a> Contest<'a> {
    fn new(evidence: &'a PromotionEvidence<'a>) -> Result<Self> {
        let ranked = |what: &str, scores| Rows::ranked_as(what, OF, evidence.outcome, scores);
        let champion = ranked("the champion's score", evidence.champion)?;
        let challenger = ranked("the challenger's score", evidence.challenger)?;
        if evidence.probabilities {
            check_probabilities("the champion's probability", evidence.champion)?;
            check_probabilities("the challenger's probability", evidence.challenger)?;
        }
        if let Some(grades) = &evidence.grades {
            check_grades(grades, champion.len())?;
        }
        match evidence.reference {
            Some(reference) => {
                check_finite("the reference score", reference)?;
                check_finite("the challenger's score", evidence.challenger)?;
            }
            None if evidence.reference_weights.is_some() => {
                let must_be = "left out where there is no `reference`";
                return Err(parameter(OF, "reference_weights", must_be, &"weights of nothing"));
            }
            None => {}
        }
        match evidence.age_months {
            Some(age) if !(age >= 0.0 && age.is_finite()) => {
                Err(parameter(OF, "age_months", "a number in [0, inf)", &age))
            }
            _ => Ok(Self { evidence, champion, challenger }),
        }
    }

    /// The number of customers, and that of the rarer outcome.
    fn sizes(&self) -> (f64, f64) {
        let [_, _, all, events] = self.champion.counts();
        (all, events.min(all - events))
    }
}

fn check_probabilities(what: &str, scores: &[f64]) -> Result<()> {
    match scores.iter().position(|score| !(0.0..=1.0).contains(score)) {
        None => Ok(()),
        Some(row) => {
            let must_be = "it must be a number in [0, 1]; leave out `probabilities` for other scores";
            Err(Error::invalid_value(what, row, scores[row], must_be))
        }
    }
}

/// The drift of a score is looked at as that of any column: in bins, and by how far it moved.
fn check_finite(what: &str, scores: &[f64]) -> Result<()> {
    match scores.iter().position(|score| !score.is_finite()) {
        None => Ok(()),
        Some(row) => {
            Err(Error::invalid_value(what, row, scores[row], "a finite number; drift is not defined of others"))
        }
    }
}

fn check_grades(grades: &PromotionGrades<'_>, rows: usize) -> Result<()> {
    let names = grades.names.len();
    if names < 2 {
        return Err(parameter(OF, "grades", "a list of at least two grades, the best first", &names));
    }
    if grades.codes.len() != rows {
        return Err(Error::WrongLength { what: "the grades".into(), expected: rows, found: grades.codes.len() });
    }
    let outside = |code: &Option<u32>| code.is_some_and(|code| code as usize >= names);
    match grades.codes.iter().position(outside) {
        None => Ok(()),
        Some(row) => {
            let found = grades.codes[row].map_or(f64::NAN, f64::from);
            Err(Error::invalid_value("the grade", row, found, &format!("grades are positions below {names}")))
        }
    }
}

fn by_standard(contest: &Contest<'_>, policy: &StandardPolicy) -> Result<Promotion> {
    let rows = match checks::rows(contest, policy.least) {
        Ok(rows) => rows,
        Err(few) => return Ok(few),
    };
    let ranking = checks::ranking(contest, policy)?;
    let width = ranking.high.zip(ranking.low).map_or(0.0, |(high, low)| high - low);
    let better = ranking.low.is_some_and(|low| low > policy.better_by);
    let not_worse = ranking.state == CheckState::Passed;
    let mut made = vec![rows, ranking];
    let mut better_calibrated = false;
    if contest.evidence.probabilities {
        let loss = checks::log_loss(contest, policy.confidence);
        better_calibrated = loss.high.is_some_and(|high| high < 0.0);
        made.extend([loss, checks::calibration_slope(contest, policy)]);
    }
    made.push(checks::top_of_list(contest, policy)?);
    made.extend(contest.evidence.grades.map(|grades| checks::grades(contest, &grades, policy.confidence)));
    made.extend(contest.evidence.reference.map(|scores| checks::drift(contest, scores)).transpose()?);
    let failed = made.iter().find(|check| check.state == CheckState::Failed);
    let mut rows_needed = None;
    let (verdict, reason) = if let Some(failed) = failed {
        (PromotionVerdict::Keep, format!("Keep the champion: {}", failed.sentence))
    } else if better {
        (PromotionVerdict::Promote, format!("Promote the challenger: {}", made[1].sentence))
    } else if not_worse && better_calibrated {
        let loss = &made[2].sentence;
        (PromotionVerdict::Promote, format!("Promote the challenger: it ranks no worse, and {loss}"))
    } else if !not_worse && width > policy.widest {
        let needed = checks::whole_above(contest.sizes().0 * (width / policy.widest) * (width / policy.widest));
        rows_needed = Some(needed);
        let reason = format!(
            "Not enough data: the interval of the difference in ROC AUC is {width:.3} wide, and {} at most is asked for; \
             about {needed} customers would do.",
            policy.widest
        );
        (PromotionVerdict::NotEnoughData, reason)
    } else {
        (PromotionVerdict::Keep, format!("Keep the champion: {}", made[1].sentence))
    };
    Ok(Promotion { verdict, reason, rows_needed, checks: made })
}

fn by_dynamics(contest: &Contest<'_>, policy: &DynamicsPolicy) -> Result<Promotion> {
    let rows = match checks::rows(contest, policy.least) {
        Ok(rows) => rows,
        Err(few) => return Ok(few),
    };
    let cut = |scores| Ok::<_, Error>(Ranking::new(contest.evidence.outcome, scores)?.best_cut(Goal::F1)?.cut);
    let cuts = [cut(contest.evidence.champion)?, cut(contest.evidence.challenger)?];
    let accuracy = checks::accuracy(contest, cuts, policy);
    let age = contest.evidence.age_months.map(|age| checks::age(age, policy.oldest_months));
    let made: Vec<PromotionCheck> = [rows, accuracy].into_iter().chain(age).collect();
    let (verdict, reason) = match made[1..].iter().find(|check| check.state == CheckState::Passed) {
        Some(passed) => (PromotionVerdict::Promote, format!("Promote the challenger: {}", passed.sentence)),
        None => (PromotionVerdict::Keep, format!("Keep the champion: {}", made[1].sentence)),
    };
    Ok(Promotion { verdict, reason, rows_needed: None, checks: made })
}
