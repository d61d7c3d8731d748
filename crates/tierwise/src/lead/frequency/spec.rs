//! Which facts of a lead are counted, and as what.

use crate::feature::{Kind, check_features};
use crate::{Error, Feature, Result, Unknown};
use serde::{Deserialize, Serialize};

/// Which facts of a lead are counted. Records list them in this order: team, stage, fields, tags.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrequencySpec {
    /// The name of the positive class, such as `won`.
    pub positive: String,
    /// Categories and yes-nos. Each known value is counted; an unknown one is not.
    #[serde(default)]
    pub fields: Vec<Feature>,
    /// A category whose levels are the stages in their order. A won lead counts in every stage, a lost one in its own
    /// and all before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Feature>,
    /// The stage of leads that are won, for [`FrequencyModel::percent`](super::FrequencyModel::percent).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub won_stage: Option<String>,
    /// Names of yes-nos that count only where they are yes.
    #[serde(default)]
    pub tags: Vec<String>,
    /// A tag has no say until so many leads, won and lost together, carried it.
    #[serde(default = "default_support")]
    pub tag_support: u64,
    /// A category: the sales team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Feature>,
}

fn default_support() -> u64 {
    50
}

impl Default for FrequencySpec {
    /// Nothing is counted yet; the positive class is `won` and a tag needs 50 leads.
    fn default() -> Self {
        Self {
            positive: "won".into(),
            fields: Vec::new(),
            stage: None,
            won_stage: None,
            tags: Vec::new(),
            tag_support: default_support(),
            team: None,
        }
    }
}

/// What a fact is counted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    Team,
    Stage,
    Field,
    Tag,
}

impl FrequencySpec {
    /// The features of a record, each with its role, after checking them.
    pub(super) fn features(&self) -> Result<(Vec<Feature>, Vec<Role>)> {
        let invalid =
            |name: &str, reason: &str| Err(Error::InvalidFeature { feature: name.into(), reason: reason.into() });
        let mut features = Vec::new();
        let mut roles = Vec::new();
        for (feature, role) in [(&self.team, Role::Team), (&self.stage, Role::Stage)] {
            let Some(feature) = feature else { continue };
            if !matches!(feature.kind(), Kind::Category(_)) {
                return invalid(feature.name(), "teams and stages are levels; make it a category");
            }
            if role == Role::Stage && feature.levels().is_empty() {
                return invalid(
                    feature.name(),
                    "stages have an order that data do not tell; list them, first one first",
                );
            }
            features.push(feature.clone());
            roles.push(role);
        }
        for field in &self.fields {
            if field.kind() == Kind::Number {
                return invalid(field.name(), "numbers are not counted; cut it into levels and make it a category");
            }
            features.push(field.clone());
            roles.push(Role::Field);
        }
        features.extend(self.tags.iter().map(Feature::yes_no));
        roles.resize(features.len(), Role::Tag);
        for feature in &features {
            if feature.unknown() == Unknown::Own {
                return invalid(feature.name(), "unknown adds nothing here; make its rule `neutral` or `error`");
            }
        }
        // A field may start without levels and grow; all else holds as for any model.
        let stand_in = |one: &Feature| match one.kind() {
            Kind::Category([]) => Feature::category(one.name(), ["-"]),
            _ => one.clone(),
        };
        check_features(&features.iter().map(stand_in).collect::<Vec<_>>())?;
        self.check_won_stage()?;
        Ok((features, roles))
    }

    fn check_won_stage(&self) -> Result<()> {
        let Some(won) = &self.won_stage else { return Ok(()) };
        let stages = self.stage.as_ref().map(|stage| stage.levels().to_vec()).unwrap_or_default();
        if stages.contains(won) {
            return Ok(());
        }
        Err(Error::UnknownName { what: "the won stage".into(), row: None, name: won.clone(), known: stages })
    }
}
