//! Which lead of the pool is worth another try first.

use super::{Decision, Pool, PoolRules};
use crate::{Error, Result};
use serde::Serialize;

/// The ranking of a pool. Sequences have one element per lead, in the order of the pool.
///
/// `corrected[i] == (score[i] + for_releases[i]) + for_contact[i]`, exactly.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PoolRank {
    /// The score as passed; NaN for unknown.
    pub score: Vec<f64>,
    /// What earlier releases take away: 0 or less.
    pub for_releases: Vec<f64>,
    /// What the days since the last contact take away: 0 or less, and 0 where the last contact is unknown.
    pub for_contact: Vec<f64>,
    /// The sum of the three.
    pub corrected: Vec<f64>,
    /// The place among the leads that may be picked up, 1 for the first; of equal sums the one with the lower key comes
    /// first, and unknown ones come last. `None` for leads that may not be picked up.
    pub rank: Vec<Option<u32>>,
    /// The reps who may not pick it up yet.
    pub cooling_off: Vec<Vec<String>>,
}

impl PoolRules {
    /// Ranks the leads that may be picked up by a score of the caller's, such as a card's or a win probability, corrected
    /// for releases and for the days since the last contact (inferred: the sources leave open whether they count; by
    /// default they do not).
    ///
    /// # Errors
    /// [`Error::WrongLength`] when there is not one score per lead, [`Error::NotFinite`] for an infinite one.
    ///
    /// ```
    /// use tierwise::lead::{Pool, PoolLead, PoolRules, PoolSpec, Release};
    /// let rules = PoolRules::new(PoolSpec { points_per_release: 10.0, ..PoolSpec::default() })?;
    /// let leads = ["l1", "l2"].map(|key| PoolLead { key: key.into(), ..PoolLead::default() });
    /// let releases = [Release { lead: "l1".into(), rep: "ann".into(), on: 90 }];
    /// let ranked = rules.rank(&Pool::new(&leads, &releases, 100)?, &[75.0, 70.0])?;
    /// assert_eq!(ranked.corrected, [65.0, 70.0]);
    /// assert_eq!(ranked.rank, [Some(2), Some(1)]);
    /// # Ok::<(), tierwise::Error>(())
    /// ```
    pub fn rank(&self, pool: &Pool<'_>, scores: &[f64]) -> Result<PoolRank> {
        if scores.len() != pool.leads.len() {
            let what = "the scores".to_owned();
            return Err(Error::WrongLength { what, expected: pool.leads.len(), found: scores.len() });
        }
        if let Some(row) = scores.iter().position(|score| score.is_infinite()) {
            return Err(Error::NotFinite { column: "score".into(), row: Some(row), found: scores[row] });
        }
        let spec = self.spec();
        // Subtracted from 0, so that no correction is 0 and not -0.
        let for_releases: Vec<f64> =
            pool.releases.iter().map(|releases| 0.0 - spec.points_per_release * releases.len() as f64).collect();
        let days = |last: i32| pool.as_of.abs_diff(last).min(spec.most_days_since_contact);
        let for_contact: Vec<f64> = pool
            .leads
            .iter()
            .map(|lead| {
                lead.last_contact_on.map_or(0.0, |on| 0.0 - spec.points_per_day_since_contact * f64::from(days(on)))
            })
            .collect();
        let corrected: Vec<f64> =
            (0..scores.len()).map(|row| (scores[row] + for_releases[row]) + for_contact[row]).collect();
        Ok(PoolRank {
            rank: self.places(pool, &corrected),
            score: scores.to_vec(),
            for_releases,
            for_contact,
            corrected,
            cooling_off: self.cooling_off(pool),
        })
    }

    fn places(&self, pool: &Pool<'_>, corrected: &[f64]) -> Vec<Option<u32>> {
        let decided = self.decide(pool);
        let mut order: Vec<usize> =
            (0..corrected.len()).filter(|&row| decided[row].decision == Decision::Claimable).collect();
        let sortable = |row: usize| if corrected[row].is_nan() { f64::NEG_INFINITY } else { corrected[row] + 0.0 };
        order.sort_by(|&a, &b| {
            sortable(b).total_cmp(&sortable(a)).then_with(|| pool.leads[a].key.cmp(&pool.leads[b].key))
        });
        let mut ranks = vec![None; corrected.len()];
        for (row, place) in order.into_iter().zip(1..) {
            ranks[row] = Some(place);
        }
        ranks
    }
}
