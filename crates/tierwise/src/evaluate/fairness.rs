//! Does the score treat groups alike? Figures by group, and how far each is from a reference group.

use super::before_after::{Bounded, RateChange, changed, ratio, wilson};
use super::delong::{AucScale, RocAuc};
use super::ranking::Ranking;
use super::recalibration::{Recalibration, recalibration};
use super::rows::{Rows, parameter};
use crate::rates::{Rate, check_confidence};
use crate::special::normal::normal_width;
use crate::{Error, Outcome, Result};
use serde::{Serialize, Serializer};

/// A figure, or why there is none: a group that is too small is not judged.
#[derive(Debug, Clone, PartialEq)]
pub enum GroupFigure<T> {
    /// The figure.
    Known(T),
    /// What is missing.
    Not(Error),
}

impl<T> GroupFigure<T> {
    /// The figure, if there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(figure) => Some(figure),
            Self::Not(_) => None,
        }
    }

    pub(super) fn of(found: Result<T>) -> Self {
        found.map_or_else(Self::Not, Self::Known)
    }
}

/// As the figure, or as a sentence under `not`.
impl<T: Serialize> Serialize for GroupFigure<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Known(figure) => figure.serialize(serializer),
            Self::Not(error) => serializer.collect_map([("not", error.to_string())]),
        }
    }
}

/// How groups are compared.
#[derive(Debug, Clone, PartialEq)]
pub struct FairnessSettings {
    /// All who score at least this much are selected.
    pub cut: f64,
    /// The position of the group that others are compared with; the largest where it is left out, of equals the first.
    pub reference: Option<usize>,
    /// Fewer customers than this are not judged: in the group for its rates, among its events for recall, among the others for the
    /// false positive rate, and in both for the area under the curve; 10 by default.
    pub least: f64,
    /// How much the intervals hold.
    pub confidence: f64,
    /// Whether scores are probabilities, so that calibration is judged.
    pub probabilities: bool,
}

impl FairnessSettings {
    /// The usual settings for a cut.
    pub fn new(cut: f64) -> Self {
        Self { cut, reference: None, least: 10.0, confidence: 0.95, probabilities: false }
    }
}

/// What the score does in one group. Rates have Wilson's interval.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupFigures {
    /// The name of the group.
    pub group: String,
    /// How many customers it holds.
    pub rows: f64,
    /// The share of events.
    pub base_rate: GroupFigure<Rate>,
    /// The share that is selected.
    pub selection_rate: GroupFigure<Rate>,
    /// The share of its events that is selected: recall, true positive rate.
    pub true_positive_rate: GroupFigure<Rate>,
    /// The share of its others that is selected.
    pub false_positive_rate: GroupFigure<Rate>,
    /// The share of events among the selected.
    pub precision: GroupFigure<Rate>,
    /// The area under the ROC curve with DeLong's interval.
    pub roc_auc: GroupFigure<GroupAuc>,
    /// The mean score, which for probabilities should be the base rate; none in an empty group.
    pub mean_score: Option<f64>,
    /// Calibration slope, intercept and calibration-in-the-large; none unless scores are probabilities.
    pub calibration: Option<GroupFigure<GroupCalibration>>,
    /// How it differs from the reference group; none in that one.
    pub compared: Option<GroupComparison>,
}

/// An area with its standard error and interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GroupAuc {
    /// The area.
    pub value: f64,
    /// Its standard error by DeLong.
    pub standard_error: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// How probabilities would have to be bent in a group: see [`recalibration`](super::recalibration).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GroupCalibration {
    /// 1 is right.
    pub slope: Bounded,
    /// What would have to be added to the stretched log-odds.
    pub intercept: Bounded,
    /// 0 is right; above it happens more often than was said.
    pub in_the_large: Bounded,
}

/// A group against the reference group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupComparison {
    /// The name of the reference group.
    pub reference: String,
    /// Its selection rate over that of the reference: with the interval of Katz et al. (1978).
    pub selection_ratio: GroupFigure<Bounded>,
    /// Whether that ratio is below four fifths, which is the rule of thumb for adverse impact (US Uniform Guidelines on Employee
    /// Selection Procedures, 29 CFR 1607.4 D). None where there is no ratio.
    pub below_four_fifths: Option<bool>,
    /// Its true positive rate less that of the reference, with Newcombe's interval: equal opportunity (Hardt, Price & Srebro 2016)
    /// asks for 0.
    pub opportunity_difference: GroupFigure<Bounded>,
    /// Its false positive rate less that of the reference; equalised odds ask for 0 in both.
    pub false_positive_difference: GroupFigure<Bounded>,
    /// Its area under the curve less that of the reference, by DeLong's errors of two independent samples.
    pub roc_auc_difference: GroupFigure<Bounded>,
}

/// The figures of a score by group, and how each group differs from a reference.
///
/// `groups` has one position in `names` per row. The measures contradict each other where base rates differ: a calibrated score
/// cannot have equal true and false positive rates then (Kleinberg, Mullainathan & Raghavan 2017; Chouldechova 2017). Which of
/// them has to hold is not for this function to say.
///
/// ```
/// use tierwise::{Outcome, evaluate::{FairnessSettings, by_group}};
/// let score: Vec<f64> = (0..400).map(|row| f64::from(row % 100) / 100.0).collect();
/// let bought: Vec<bool> = (0..400).map(|row| (row * 7) % 100 < row % 100).collect();
/// let region: Vec<u32> = (0..400).map(|row| u32::from(row >= 300)).collect();
/// let found = by_group(&Outcome::binary("bought", &bought), &score, &region, &["north", "south"], &FairnessSettings::new(0.5))?;
/// let compared = found[1].compared.as_ref().unwrap();
/// assert_eq!((compared.reference.as_str(), compared.below_four_fifths), ("north", Some(false)));
/// assert_eq!(compared.selection_ratio.known().unwrap().value, 1.0);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::InvalidParameter`] for a cut that is NaN, a reference that is no group, a confidence outside (0, 1), and an outcome with
/// offsets; [`Error::WrongLength`]; [`Error::InvalidValue`] with the row for a score that is NaN (for probabilities: outside
/// [0, 1]) and a position outside `names`; [`Error::EmptyTable`].
pub fn by_group(
    outcome: &Outcome<'_>,
    scores: &[f64],
    groups: &[u32],
    names: &[impl AsRef<str>],
    settings: &FairnessSettings,
) -> Result<Vec<GroupFigures>> {
    check(settings, names.len())?;
    let rows = if settings.probabilities {
        Rows::probable("by_group", outcome, scores)?
    } else {
        Rows::ranked("by_group", outcome, scores)?
    };
    check_groups(groups, rows.len(), names.len())?;
    let mut members = vec![Vec::new(); names.len()];
    for row in (0..rows.len()).filter(|&row| rows.weight(row) > 0.0) {
        members[groups[row] as usize].push(row);
    }
    let parts: Vec<Part> = members.iter().map(|own| Part::new(&rows, own, settings)).collect::<Result<_>>()?;
    let reference = settings.reference.unwrap_or_else(|| {
        (0..parts.len()).fold(0, |best, group| if parts[group].rows > parts[best].rows { group } else { best })
    });
    let figures = |(group, part): (usize, &Part)| {
        let name = names[group].as_ref().to_owned();
        let against = (group != reference)
            .then(|| GroupComparison::new(names[reference].as_ref(), part, &parts[reference], settings));
        part.figures(name, against, settings)
    };
    Ok(parts.iter().enumerate().map(figures).collect())
}

fn check(settings: &FairnessSettings, names: usize) -> Result<()> {
    check_confidence("by_group", settings.confidence)?;
    if settings.cut.is_nan() {
        return Err(parameter("by_group", "cut", "a number", &settings.cut));
    }
    if !(settings.least >= 2.0 && settings.least.is_finite()) {
        return Err(parameter("by_group", "least", "a number of at least 2", &settings.least));
    }
    match settings.reference {
        Some(group) if group >= names => {
            Err(parameter("by_group", "reference", &format!("a position below {names}"), &group))
        }
        _ => Ok(()),
    }
}

fn check_groups(groups: &[u32], rows: usize, names: usize) -> Result<()> {
    if groups.len() != rows {
        return Err(Error::WrongLength { what: "the groups".into(), expected: rows, found: groups.len() });
    }
    match groups.iter().position(|&group| group as usize >= names) {
        None => Ok(()),
        Some(row) => {
            let must_be = format!("groups are positions below {names}");
            Err(Error::invalid_value("the group", row, f64::from(groups[row]), &must_be))
        }
    }
}

/// What was counted in one group; pairs are so many of so many.
struct Part {
    rows: f64,
    events: (f64, f64),
    selected: (f64, f64),
    true_positives: (f64, f64),
    false_positives: (f64, f64),
    precise: (f64, f64),
    score_sum: f64,
    roc_auc: GroupFigure<RocAuc>,
    calibration: Option<GroupFigure<Recalibration>>,
}

impl Part {
    fn new(rows: &Rows<'_>, own: &[usize], settings: &FairnessSettings) -> Result<Self> {
        let sum = |of: &dyn Fn(usize) -> f64| own.iter().map(|&row| rows.weight(row) * of(row)).sum::<f64>();
        let called = |row: usize| f64::from(u8::from(rows.scores[row] >= settings.cut));
        let (total, events) = (sum(&|_| 1.0), sum(&|row| rows.happened[row]));
        let (selected, hit) = (sum(&called), sum(&|row| called(row) * rows.happened[row]));
        let others = (total - events).max(0.0);
        let judged = (!own.is_empty()).then(|| Subset::new(rows, own)).transpose()?;
        let fewest = events.min(others);
        let roc_auc = match &judged {
            Some(subset) if fewest >= settings.least => GroupFigure::of(subset.roc_auc(settings.confidence)),
            _ => GroupFigure::Not(too_few(
                "the area under the ROC curve, customers of the rarer outcome",
                settings.least,
                fewest,
            )),
        };
        let calibration = settings.probabilities.then(|| match &judged {
            Some(subset) if fewest >= settings.least => {
                GroupFigure::of(recalibration(&subset.outcome, &subset.scores, settings.confidence))
            }
            _ => GroupFigure::Not(too_few("calibration, customers of the rarer outcome", settings.least, fewest)),
        });
        Ok(Self {
            rows: total,
            events: (events, total),
            selected: (selected, total),
            true_positives: (hit, events),
            false_positives: ((selected - hit).max(0.0), others),
            precise: (hit, selected),
            score_sum: sum(&|row| rows.scores[row]),
            roc_auc,
            calibration,
        })
    }

    fn figures(&self, group: String, compared: Option<GroupComparison>, settings: &FairnessSettings) -> GroupFigures {
        let rate = |what: &str, counts: (f64, f64)| {
            GroupFigure::of(
                enough(what, counts, settings).map(|(events, trials)| wilson(events, trials, settings.confidence)),
            )
        };
        let bounded = |one: super::recalibration::Estimate| Bounded { value: one.value, low: one.low, high: one.high };
        GroupFigures {
            group,
            rows: self.rows,
            base_rate: rate(RATE, self.events),
            selection_rate: rate(RATE, self.selected),
            true_positive_rate: rate(TRUE_POSITIVES, self.true_positives),
            false_positive_rate: rate(FALSE_POSITIVES, self.false_positives),
            precision: rate("precision, selected customers of the group", self.precise),
            roc_auc: self.roc_auc.map(|auc| GroupAuc {
                value: auc.value,
                standard_error: auc.standard_error,
                low: auc.low,
                high: auc.high,
            }),
            mean_score: (self.rows > 0.0).then(|| self.score_sum / self.rows),
            calibration: self.calibration.as_ref().map(|found| {
                found.map(|found| GroupCalibration {
                    slope: bounded(found.slope),
                    intercept: bounded(found.intercept),
                    in_the_large: bounded(found.in_the_large),
                })
            }),
            compared,
        }
    }
}

const RATE: &str = "a rate, customers of the group";
const TRUE_POSITIVES: &str = "the true positive rate, events of the group";
const FALSE_POSITIVES: &str = "the false positive rate, others of the group";

impl GroupComparison {
    fn new(name: &str, group: &Part, reference: &Part, settings: &FairnessSettings) -> Self {
        let confidence = settings.confidence;
        let both = |what: &str, one: (f64, f64), two: (f64, f64)| {
            Ok::<_, Error>((enough(what, one, settings)?, enough(what, two, settings)?))
        };
        let difference = |what: &str, one: (f64, f64), two: (f64, f64)| {
            let change = |(one, two)| changed(two, one, confidence);
            GroupFigure::of(both(what, one, two).map(change).map(|change: RateChange| change.difference))
        };
        let selection_ratio = GroupFigure::of(both(RATE, group.selected, reference.selected).and_then(|(one, two)| {
            let none = || too_few("a ratio of selection rates, selected customers in either group", 1.0, 0.0);
            ratio(one, two, confidence).ok_or_else(none)
        }));
        let nobody =
            group.selected.0 == 0.0 && reference.selected.0 > 0.0 && group.rows.min(reference.rows) >= settings.least;
        let below = selection_ratio.known().map(|ratio| ratio.value < FOUR_FIFTHS);
        Self {
            reference: name.to_owned(),
            // Where nobody of a group is selected there is no interval, but no doubt either.
            below_four_fifths: if nobody { Some(true) } else { below },
            selection_ratio,
            opportunity_difference: difference(TRUE_POSITIVES, group.true_positives, reference.true_positives),
            false_positive_difference: difference(FALSE_POSITIVES, group.false_positives, reference.false_positives),
            roc_auc_difference: auc_difference(&group.roc_auc, &reference.roc_auc, confidence),
        }
    }
}

const FOUR_FIFTHS: f64 = 0.8;

fn auc_difference(
    group: &GroupFigure<RocAuc>,
    reference: &GroupFigure<RocAuc>,
    confidence: f64,
) -> GroupFigure<Bounded> {
    match (group, reference) {
        (GroupFigure::Known(one), GroupFigure::Known(two)) => {
            let value = one.value - two.value;
            let width = normal_width(confidence) * one.standard_error.hypot(two.standard_error);
            GroupFigure::Known(Bounded { value, low: value - width, high: value + width })
        }
        (GroupFigure::Not(error), _) | (_, GroupFigure::Not(error)) => GroupFigure::Not(error.clone()),
    }
}

fn enough(what: &str, counts: (f64, f64), settings: &FairnessSettings) -> Result<(f64, f64)> {
    if counts.1 >= settings.least { Ok(counts) } else { Err(too_few(what, settings.least, counts.1)) }
}

fn too_few(what: &str, needed: f64, found: f64) -> Error {
    Error::NotEnoughData { what: what.to_owned(), needed: needed.ceil() as usize, found: found as usize }
}

impl<T> GroupFigure<T> {
    fn map<U>(&self, of: impl FnOnce(&T) -> U) -> GroupFigure<U> {
        match self {
            Self::Known(figure) => GroupFigure::Known(of(figure)),
            Self::Not(error) => GroupFigure::Not(error.clone()),
        }
    }
}

/// The rows of one group as an outcome and scores of their own.
struct Subset {
    outcome: Outcome<'static>,
    scores: Vec<f64>,
}

impl Subset {
    fn new(rows: &Rows<'_>, own: &[usize]) -> Result<Self> {
        let happened: Vec<bool> = own.iter().map(|&row| rows.happened[row] == 1.0).collect();
        let weights: Vec<f64> = own.iter().map(|&row| rows.weight(row)).collect();
        let outcome = Outcome::binary("outcome", &happened).weights(weights)?;
        Ok(Self { outcome, scores: own.iter().map(|&row| rows.scores[row]).collect() })
    }

    fn roc_auc(&self, confidence: f64) -> Result<RocAuc> {
        Ranking::new(&self.outcome, &self.scores)?.roc_auc_interval(confidence, AucScale::Logit)
    }
}
