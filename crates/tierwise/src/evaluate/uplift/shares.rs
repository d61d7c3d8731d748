//! Uplift at the top of the list and by groups down the list, with intervals.

use super::{Arms, BOTH, CONTROL, CONTROL_OUTCOME, TREATED, TREATED_OUTCOME, UpliftRanking};
use crate::evaluate::before_after::changed;
use crate::evaluate::rows::{ROUNDING, parameter};
use crate::rates::check_confidence;
use crate::special::normal::normal_width;
use crate::{Error, Result};

/// Among whom a share of the list is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Places {
    /// Among all rows in one list: scikit-uplift's strategy `overall`.
    #[default]
    Overall,
    /// In each arm by itself, so that both hold the same share: scikit-uplift's strategy `by_group`.
    ByArm,
}

/// What the treatment did to a part of the list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UpliftRow {
    /// The share of the list down to the end of this part.
    pub share: f64,
    /// The highest prediction in it.
    pub highest: f64,
    /// The lowest prediction in it.
    pub lowest: f64,
    /// The mean prediction in it.
    pub mean_predicted: f64,
    /// How many treated customers it holds.
    pub treated: f64,
    /// How many controls.
    pub control: f64,
    /// The mean outcome of the treated: their rate, where it is yes or no.
    pub treated_mean: f64,
    /// The mean outcome of the controls.
    pub control_mean: f64,
    /// The difference.
    pub uplift: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// The lower end of the interval of the uplift.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl UpliftRanking {
    /// The uplift among the share of the customers with the highest predictions, with its interval: of rates by Newcombe's
    /// score interval (1998, method 10), which holds where an arm has no buyers; of numbers by Welch's standard error and
    /// the normal distribution.
    ///
    /// ```
    /// use tierwise::{Outcome, evaluate::UpliftRanking};
    /// let mail = Outcome::binary("mail", &[true, false, true, false, true, false]);
    /// let ranking = UpliftRanking::new(&[1.0, 0.0, 1.0, 1.0, 0.0, 1.0], &[6.0, 5.0, 4.0, 3.0, 2.0, 1.0], &mail)?;
    /// let top = ranking.uplift_at(0.5, Default::default(), 0.95)?;
    /// assert_eq!((top.treated, top.control, top.uplift), (2.0, 1.0, 1.0));
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] for a share outside (0, 1] or a confidence outside (0, 1); [`Error::NotEnoughData`] when
    /// one of the arms has nobody there (or, of numbers, only one customer, of whom there is no variance).
    pub fn uplift_at(&self, share: f64, places: Places, confidence: f64) -> Result<UpliftRow> {
        check_confidence("uplift_at", confidence)?;
        if !(share > 0.0 && share <= 1.0) {
            return Err(parameter("uplift_at", "share", "a number in (0, 1]", &share));
        }
        let all = self.falling.all();
        let (lowest, sums) = merged(places, |along| self.falling.up_to(along, share * all[along]));
        self.row(share, self.falling.scores[0], lowest, &sums, confidence, &format!("of the top {share}"))
    }

    /// Uplift by equally large groups down the list, the highest predictions first, with intervals as in
    /// [`uplift_at`](Self::uplift_at). A good prediction has uplift that falls from group to group.
    ///
    /// # Errors
    /// As [`uplift_at`](Self::uplift_at), naming the group; [`Error::InvalidParameter`] for 0 groups or more than rows.
    pub fn uplift_table(&self, groups: usize, places: Places, confidence: f64) -> Result<Vec<UpliftRow>> {
        check_confidence("uplift_table", confidence)?;
        if !(1..=self.distinct_rows).contains(&groups) {
            let must_be = format!("a whole number in [1, {}], no more than rows that carry weight", self.distinct_rows);
            return Err(parameter("uplift_table", "groups", &must_be, &groups));
        }
        let (one, two) = match places {
            Places::Overall => (self.falling.parts(BOTH, groups), None),
            Places::ByArm => (self.falling.parts(TREATED, groups), Some(self.falling.parts(CONTROL, groups))),
        };
        let row = |group: usize| {
            let (highest, lowest, sums) = match &two {
                None => one[group],
                Some(two) => {
                    let ((high, low, treated), (other_high, other_low, control)) = (one[group], two[group]);
                    (high.max(other_high), low.min(other_low), of_arms(&treated, &control))
                }
            };
            let share = (group + 1) as f64 / groups as f64;
            self.row(share, highest, lowest, &sums, confidence, &format!("of group {} of {groups}", group + 1))
        };
        (0..groups).map(row).collect()
    }

    /// The mean of the uplift of equally large groups, weighted by their treated customers (scikit-uplift's
    /// `weighted_average_uplift`).
    ///
    /// # Errors
    /// As [`uplift_table`](Self::uplift_table).
    pub fn weighted_average_uplift(&self, groups: usize, places: Places) -> Result<f64> {
        let table = self.uplift_table(groups, places, 0.95)?;
        let treated: f64 = table.iter().map(|row| row.treated).sum();
        Ok(table.iter().map(|row| row.treated * row.uplift).sum::<f64>() / treated)
    }

    fn row(
        &self,
        share: f64,
        highest: f64,
        lowest: f64,
        sums: &[f64; 9],
        confidence: f64,
        place: &str,
    ) -> Result<UpliftRow> {
        let [treated, control, treated_sum, control_sum, both, treated_squares, control_squares, said, also_said] =
            *sums;
        let least = if self.yes_no { 0.0 } else { 1.0 };
        for (weight, arm) in [(treated, "treated"), (control, "control")] {
            if weight <= least {
                let what = format!("the uplift {place}, the {arm} arm; take fewer groups or a larger share");
                return Err(Error::NotEnoughData { what, needed: 1 + least as usize, found: weight as usize });
            }
        }
        let arm = |weight: f64, sum: f64, squares: f64| {
            let mean = sum / weight;
            let away = sum - self.centre * weight;
            let spread = squares - away * away / weight;
            let spread = if spread > ROUNDING * squares { spread } else { 0.0 };
            let variance = if self.yes_no { mean * (1.0 - mean) / weight } else { spread / (weight - 1.0) / weight };
            (mean, variance.max(0.0))
        };
        let (treated_mean, one) = arm(treated, treated_sum, treated_squares);
        let (control_mean, two) = arm(control, control_sum, control_squares);
        let (uplift, standard_error) = (treated_mean - control_mean, (one + two).sqrt());
        let (low, high) = if self.yes_no {
            let change = changed((control_sum, control), (treated_sum, treated), confidence).difference;
            (change.low, change.high)
        } else {
            let width = normal_width(confidence) * standard_error;
            (uplift - width, uplift + width)
        };
        Ok(UpliftRow {
            share,
            highest,
            lowest,
            mean_predicted: (said + also_said) / both,
            treated,
            control,
            treated_mean,
            control_mean,
            uplift,
            standard_error,
            low,
            high,
        })
    }
}

/// The lowest score and the sums of a part of the list, or of a part of each arm.
fn merged(places: Places, of: impl Fn(usize) -> (f64, [f64; 9])) -> (f64, [f64; 9]) {
    match places {
        Places::Overall => of(BOTH),
        Places::ByArm => {
            let ((one, treated), (two, control)) = (of(TREATED), of(CONTROL));
            (one.min(two), of_arms(&treated, &control))
        }
    }
}

/// What belongs to the treated from one, what belongs to the controls from the other.
fn of_arms(treated: &[f64; 9], control: &[f64; 9]) -> [f64; 9] {
    const OF_TREATED: [usize; 4] = [TREATED, TREATED_OUTCOME, 5, 7];
    let mut sums =
        std::array::from_fn(|number| if OF_TREATED.contains(&number) { treated[number] } else { control[number] });
    sums[BOTH] = sums[TREATED] + sums[CONTROL];
    sums
}

/// The uplift among the first `share` of the customers; NaN where an arm has none.
pub(super) fn uplift_of(steps: &[Arms], share: f64, places: Places) -> f64 {
    use crate::evaluate::falling_sums::sums_up_to;
    let Some(all) = steps.last() else { return f64::NAN };
    let up_to = |along: usize| sums_up_to(steps, along, share * all[along]).1;
    let (treated, control) = match places {
        Places::Overall => (up_to(BOTH), up_to(BOTH)),
        Places::ByArm => (up_to(TREATED), up_to(CONTROL)),
    };
    treated[TREATED_OUTCOME] / treated[TREATED] - control[CONTROL_OUTCOME] / control[CONTROL]
}
