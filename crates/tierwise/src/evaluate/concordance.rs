//! Does a risk rank those first who have the event first? Concordance of censored durations, by Harrell and by Uno.

use super::censoring::Censoring;
use super::delong::{AucScale, interval};
use super::falling::falling_key;
use super::rows::{Rows, parameter};
use crate::rates::check_confidence;
use crate::{Error, Outcome, Result};

/// How often the higher risk had the event first, among the pairs of which that is known.
///
/// A pair is compared when the one with the shorter duration had the event; one who was lost from sight (censored) at the
/// very time of an event counts as longer. Not compared are two events at the same time, and pairs in which the shorter
/// duration is censored. Equal risks count ½: as in lifelines, scikit-survival and R's `survival`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Concordance {
    /// `(concordant + tied_risk / 2) / (concordant + discordant + tied_risk)`.
    pub value: f64,
    /// Its standard error by the infinitesimal jackknife.
    pub standard_error: f64,
    /// The lower end of the interval, symmetric in log-odds.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
    /// How much the interval is to hold.
    pub confidence: f64,
    /// Pairs in which the higher risk had the event first. With Uno's weights: their sum.
    pub concordant: f64,
    /// Pairs in which the lower risk had the event first.
    pub discordant: f64,
    /// Compared pairs of equal risk.
    pub tied_risk: f64,
    /// Pairs of events at the same time, which are not compared.
    pub tied_time: f64,
}

/// Harrell's concordance index (Harrell, Lee & Mark 1996): see [`Concordance`]. A higher risk means that the event is
/// expected sooner; negate a predicted duration. In `O(n log n)`.
///
/// The positive class of `event` is that it happened; `duration` is until then, or until the customer was last seen. Weights
/// count customers. The standard error is that of R's `concordance`: the root of the sum of squares of what each
/// customer moves (Therneau & Atkinson, *Concordance*).
///
/// The more are censored late, the more the figure speaks of the first part of the time only:
/// [`concordance_ipcw`] does not depend on who was censored.
///
/// ```
/// use tierwise::{Outcome, evaluate::concordance};
/// let left = Outcome::binary("left", &[true, true, false, true]);
/// let found = concordance(&[1.0, 2.0, 2.0, 4.0], &left, &[0.9, 0.4, 0.1, 0.6], 0.95)?;
/// assert_eq!((found.concordant, found.discordant, found.value), (4.0, 1.0, 0.8));
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotEnoughData`] when no pair can be compared; [`Error::InvalidValue`] with the row for a duration that is
/// negative or not finite and for a risk that is NaN; [`Error::EmptyTable`], [`Error::WrongLength`];
/// [`Error::InvalidParameter`] for a confidence outside (0, 1).
pub fn concordance(duration: &[f64], event: &Outcome<'_>, risk: &[f64], confidence: f64) -> Result<Concordance> {
    let rows = rows_of("concordance", duration, event, risk)?;
    of_pairs(&rows, duration, |_| Ok(1.0), confidence, "concordance")
}

/// Uno's concordance index (Uno, Cai, Pencina, D'Agostino & Wei 2011): pairs count by `1 / G(t)²`, where `G(t)` is the
/// chance of not being censored up to the event that comes first, so that the figure does not depend on the censoring.
/// Only pairs whose first event comes before `until` are compared.
///
/// `G` is the estimate of Kaplan and Meier **at** the time of the event, events before censorings at the same time, as in
/// scikit-survival. It assumes that who is censored has nothing to do with the risk. Late pairs have large weights: choose
/// `until` so that enough customers are still seen there. The standard error takes `G` as known.
///
/// ```
/// use tierwise::{Outcome, evaluate::{Censoring, concordance_ipcw}};
/// let (duration, left) = ([1.0, 2.0, 2.0, 4.0, 5.0], [true, true, false, true, false]);
/// let left = Outcome::binary("left", &left);
/// let censoring = Censoring::estimate(&duration, &left)?;
/// let found = concordance_ipcw(&duration, &left, &[0.9, 0.4, 0.1, 0.6, 0.2], &censoring, Some(4.5), 0.95)?;
/// assert!((found.value - 0.8269).abs() < 1e-4);
/// # Ok::<(), tierwise::Error>(())
/// ```
///
/// # Errors
/// Those of [`concordance`]; [`Error::InvalidParameter`] for `until` when an event before it lies where all were
/// censored, or beyond the last duration of the rows from which `censoring` was estimated.
pub fn concordance_ipcw(
    duration: &[f64],
    event: &Outcome<'_>,
    risk: &[f64],
    censoring: &Censoring,
    until: Option<f64>,
    confidence: f64,
) -> Result<Concordance> {
    const OF: &str = "concordance_ipcw";
    let rows = rows_of(OF, duration, event, risk)?;
    if until.is_some_and(f64::is_nan) {
        return Err(parameter(OF, "until", "a duration", &f64::NAN));
    }
    let weight = |row: usize| {
        if until.is_some_and(|until| duration[row] >= until) {
            return Ok(0.0);
        }
        match censoring.at(duration[row]) {
            Some(seen) if seen > 0.0 => Ok(1.0 / (seen * seen)),
            _ => {
                let known = censoring.known_before();
                let must_be = format!("a duration of at most {known}: nobody is known to be seen at row {row}");
                let got = until.map_or_else(|| "none".to_owned(), |until| until.to_string());
                Err(parameter(OF, "until", &must_be, &got))
            }
        }
    };
    of_pairs(&rows, duration, weight, confidence, OF)
}

fn rows_of<'a>(of: &'static str, duration: &[f64], event: &'a Outcome<'_>, risk: &'a [f64]) -> Result<Rows<'a>> {
    let rows = Rows::ranked_as("the risk", of, event, risk)?;
    check_durations(duration, rows.len())?;
    Ok(rows)
}

pub(super) fn check_durations(duration: &[f64], rows: usize) -> Result<()> {
    if duration.len() != rows {
        return Err(Error::WrongLength { what: "the duration".into(), expected: rows, found: duration.len() });
    }
    match duration.iter().position(|duration| !(0.0..f64::INFINITY).contains(duration)) {
        Some(row) => {
            Err(Error::invalid_value("the duration", row, duration[row], "it must be a finite number from 0 upwards"))
        }
        None => Ok(()),
    }
}

/// `weight` is what the pairs count in which the event of a row comes first.
fn of_pairs(
    rows: &Rows<'_>,
    duration: &[f64],
    weight: impl Fn(usize) -> Result<f64>,
    confidence: f64,
    of: &'static str,
) -> Result<Concordance> {
    check_confidence(of, confidence)?;
    let pairs = Pairs::new(rows, duration, weight)?;
    let [concordant, discordant, tied_risk, events] = pairs.counts();
    let compared = concordant + discordant + tied_risk;
    if compared.is_nan() || compared <= 0.0 {
        let what = format!("{of}, pairs of which is known who had the event first");
        return Err(Error::NotEnoughData { what, needed: 1, found: 0 });
    }
    let value = (concordant + tied_risk / 2.0) / compared;
    let moved = |place: usize| (pairs.agreed(place) - value * pairs.compared(place)) / compared;
    let variance: f64 = (0..pairs.order.len()).map(|place| pairs.weight(place) * moved(place) * moved(place)).sum();
    let standard_error = variance.sqrt();
    let (low, high) = interval(value, standard_error, events, confidence, AucScale::Logit);
    let tied_time = pairs.tied_time();
    Ok(Concordance { value, standard_error, low, high, confidence, concordant, discordant, tied_risk, tied_time })
}

/// The rows that carry weight by falling duration, and how each stands to those after and before it.
struct Pairs<'a> {
    rows: &'a Rows<'a>,
    order: Vec<(u64, usize)>,
    /// Among later rows: those of lower, equal and higher risk, all times the weight of the event; 0 for the censored.
    as_first: Vec<[f64; 3]>,
    /// Among earlier events: those of higher, equal and lower risk, with the weights of the events.
    as_second: Vec<[f64; 3]>,
    /// The weight of the events that are compared with anybody.
    events: f64,
}

impl<'a> Pairs<'a> {
    fn new(rows: &'a Rows<'a>, duration: &'a [f64], weight: impl Fn(usize) -> Result<f64>) -> Result<Self> {
        let order = rows.with_scores(duration).by_falling_score();
        let ranks = ranks(rows, &order);
        let weights: Result<Vec<f64>> =
            order.iter().map(|&(_, row)| if rows.happened[row] == 1.0 { weight(row) } else { Ok(0.0) }).collect();
        let weights = weights?;
        let mut pairs = Self {
            rows,
            as_first: vec![[0.0; 3]; order.len()],
            as_second: vec![[0.0; 3]; order.len()],
            order,
            events: 0.0,
        };
        pairs.look_later(&ranks, &weights);
        pairs.look_earlier(&ranks, &weights);
        Ok(pairs)
    }

    /// From the longest duration on: of one time first the censored come to the later ones, then its events look, then
    /// they come to the later ones themselves.
    fn look_later(&mut self, ranks: &[usize], weights: &[f64]) {
        let mut later = Counts::new(ranks.len());
        for (start, end) in self.times() {
            self.add(&mut later, start..end, false, Self::weight, ranks);
            for place in start..end {
                if self.happened(place) && weights[place] > 0.0 {
                    let [lower, equal, higher] = later.around(ranks[place]);
                    self.as_first[place] = [lower, equal, higher].map(|sum| sum * weights[place]);
                    if lower + equal + higher > 0.0 {
                        self.events += self.weight(place);
                    }
                }
            }
            self.add(&mut later, start..end, true, Self::weight, ranks);
        }
    }

    /// From the shortest duration on: of one time first its events look at the earlier ones, then they come to them, then
    /// the censored look.
    fn look_earlier(&mut self, ranks: &[usize], weights: &[f64]) {
        let mut earlier = Counts::new(ranks.len());
        for &(start, end) in self.times().iter().rev() {
            for happened in [true, false] {
                for place in (start..end).filter(|&place| self.happened(place) == happened).collect::<Vec<_>>() {
                    let [lower, equal, higher] = earlier.around(ranks[place]);
                    self.as_second[place] = [higher, equal, lower];
                }
                if happened {
                    self.add(
                        &mut earlier,
                        start..end,
                        true,
                        |pairs, place| pairs.weight(place) * weights[place],
                        ranks,
                    );
                }
            }
        }
    }

    fn add(
        &self,
        counts: &mut Counts,
        places: std::ops::Range<usize>,
        happened: bool,
        weight: impl Fn(&Self, usize) -> f64,
        ranks: &[usize],
    ) {
        for place in places.filter(|&place| self.happened(place) == happened) {
            counts.add(ranks[place], weight(self, place));
        }
    }

    /// Where the rows of each time begin and end.
    fn times(&self) -> Vec<(usize, usize)> {
        let mut end = 0;
        let times = self.order.chunk_by(|one, two| one.0 == two.0).map(|rows| {
            let start = end;
            end += rows.len();
            (start, end)
        });
        times.collect()
    }

    fn happened(&self, place: usize) -> bool {
        self.rows.happened[self.order[place].1] == 1.0
    }

    fn weight(&self, place: usize) -> f64 {
        self.rows.weight(self.order[place].1)
    }

    /// Concordant, discordant and tied pairs, and the weight of the events that are compared.
    fn counts(&self) -> [f64; 4] {
        let mut sums = [0.0; 3];
        for (place, [lower, equal, higher]) in self.as_first.iter().enumerate() {
            let weight = self.weight(place);
            super::rows::add(&mut sums, &[weight * lower, weight * higher, weight * equal]);
        }
        [sums[0], sums[1], sums[2], self.events]
    }

    /// The pairs of a row that are in order, ties by half.
    fn agreed(&self, place: usize) -> f64 {
        let (first, second) = (self.as_first[place], self.as_second[place]);
        first[0] + first[1] / 2.0 + second[0] + second[1] / 2.0
    }

    /// All pairs of a row that are compared.
    fn compared(&self, place: usize) -> f64 {
        self.as_first[place].iter().chain(&self.as_second[place]).sum()
    }

    fn tied_time(&self) -> f64 {
        let at_one_time = |&(start, end): &(usize, usize)| {
            let events = (start..end).filter(|&place| self.happened(place));
            let weight: f64 = events.map(|place| self.weight(place)).sum();
            (weight * (weight - 1.0) / 2.0).max(0.0)
        };
        self.times().iter().map(at_one_time).sum()
    }
}

/// The place of each row's risk among the distinct risks, from the lowest, by the places of `order`.
fn ranks(rows: &Rows<'_>, order: &[(u64, usize)]) -> Vec<usize> {
    let mut keys: Vec<u64> = order.iter().map(|&(_, row)| !falling_key(rows.scores[row])).collect();
    let by_row = keys.clone();
    crate::parallel::sort(&mut keys);
    keys.dedup();
    by_row.iter().map(|key| keys.partition_point(|known| known < key)).collect()
}

/// Sums by rank, of which those below and above a rank are known in `O(log n)` (Fenwick 1994, a binary indexed tree). Both
/// are added up: as a difference, a sum of nobody would be what rounding leaves.
struct Counts {
    below: Vec<f64>,
    above: Vec<f64>,
    by_rank: Vec<f64>,
}

impl Counts {
    fn new(ranks: usize) -> Self {
        let tree = vec![0.0; ranks + 1];
        Self { below: tree.clone(), above: tree, by_rank: vec![0.0; ranks] }
    }

    fn add(&mut self, rank: usize, weight: f64) {
        self.by_rank[rank] += weight;
        add_at(&mut self.below, rank, weight);
        add_at(&mut self.above, self.by_rank.len() - 1 - rank, weight);
    }

    /// The sums of lower, equal and higher ranks.
    fn around(&self, rank: usize) -> [f64; 3] {
        let higher = sum_before(&self.above, self.by_rank.len() - 1 - rank);
        [sum_before(&self.below, rank), self.by_rank[rank], higher]
    }
}

fn add_at(tree: &mut [f64], place: usize, weight: f64) {
    let mut node = place + 1;
    while node < tree.len() {
        tree[node] += weight;
        node += node & node.wrapping_neg();
    }
}

fn sum_before(tree: &[f64], place: usize) -> f64 {
    let (mut sum, mut node) = (0.0, place);
    while node > 0 {
        sum += tree[node];
        node -= node & node.wrapping_neg();
    }
    sum
}
