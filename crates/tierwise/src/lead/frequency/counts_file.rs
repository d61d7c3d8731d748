//! Counts as a file: what was counted so far, so that a service can stop and go on.

use super::counts::{Cells, MOST_LEADS, Pair};
use super::spec::Role;
use super::{FrequencyCounts, FrequencySpec};
use crate::model::Saved;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// What the file holds. Pairs are lost and won leads.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CountsFile {
    spec: FrequencySpec,
    /// Leads without a team, then those of each team.
    leads: Vec<Pair>,
    /// Per feature in the order of a record, except the team: for those without a team and then for each team, one pair
    /// per value; a tag has one pair.
    counts: Vec<Vec<Vec<Pair>>>,
}

impl Saved for FrequencyCounts {
    const KIND: &'static str = "frequency_counts";
}

impl From<FrequencyCounts> for CountsFile {
    fn from(counts: FrequencyCounts) -> Self {
        let by_team = |cells: &Cells| (0..counts.leads.len()).map(|slot| cells.of_slot(slot).to_vec()).collect();
        let counted = counts.cells.iter().zip(&counts.roles).filter(|&(_, &role)| role != Role::Team);
        let tables = counted.map(|(cells, _)| by_team(cells)).collect();
        Self { counts: tables, leads: counts.leads, spec: counts.spec }
    }
}

impl TryFrom<CountsFile> for FrequencyCounts {
    type Error = Error;

    fn try_from(file: CountsFile) -> Result<Self> {
        let invalid = |path: String, reason: String| Err(Error::ModelField { path, reason });
        let slots = file.spec.team.as_ref().map_or(0, |team| team.levels().len()) + 1;
        // Before anything is made room for: a short file may name many teams and many values.
        if file.leads.len() != slots {
            return invalid("leads".into(), format!("expected {slots} pairs, one without a team and one per team"));
        }
        let mut counts = Self::new(file.spec)?;
        let total =
            |pairs: &[Pair], class: usize| pairs.iter().fold(0_u64, |sum, pair| sum.saturating_add(pair[class]));
        if (0..2).any(|class| total(&file.leads, class) > MOST_LEADS) {
            return invalid("leads".into(), "there are more than 2^53 leads".into());
        }
        counts.leads = file.leads;
        let counted = counts.cells.iter_mut().zip(&counts.roles).filter(|&(_, &role)| role != Role::Team);
        let counted: Vec<&mut Cells> = counted.map(|(cells, _)| cells).collect();
        if counted.len() != file.counts.len() {
            return invalid("counts".into(), format!("expected {} tables, one per feature", counted.len()));
        }
        for (index, (cells, table)) in counted.into_iter().zip(&file.counts).enumerate() {
            if table.len() != slots || table.iter().any(|pairs| pairs.len() != cells.width) {
                let reason = format!("expected {slots} lists of {} pairs", cells.width);
                return invalid(format!("counts[{index}]"), reason);
            }
            for (slot, pairs) in table.iter().enumerate() {
                if (0..2).any(|class| total(pairs, class) > counts.leads[slot][class]) {
                    let reason = "more leads are counted by value than there are".into();
                    return invalid(format!("counts[{index}][{slot}]"), reason);
                }
            }
            cells.counts = table.concat();
        }
        Ok(counts)
    }
}
