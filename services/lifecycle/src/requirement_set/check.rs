//! What a version of a requirement set must fulfil, while it is written and before it is baselined.

use std::collections::BTreeMap;

use kernel::Context;
use kernel::approval::{Approve, Phase};
use kernel::kinds::AiSystem;
use kernel::values::{Key, Ref};

use super::{
    AddRequirement, Baselined, ChangeBaseline, Event, Refusal, Requirement, RequirementKind,
    RequirementSet, RequirementWritten,
};

/// Most requirements of one system: with their thresholds in force they fit into a document.
pub(super) const REQUIREMENTS_MAX: usize = 120;

type Items = BTreeMap<Key, Requirement>;

/// A system has one set of requirements: two baselines in force at once would contradict.
pub(super) fn only_set_of(system: &Ref<AiSystem>, context: &Context) -> Result<(), Refusal> {
    let sets = context.facts.all::<facts::RequirementSet>();
    match sets.into_iter().find(|(_, set)| set.system == system.id()) {
        Some((set, _)) => Err(Refusal::SystemHasSet { set, at: "/system" }),
        None => Ok(()),
    }
}

/// Whether requirements can stand in a draft.
pub(super) fn all_written(items: &Items, at: &str) -> Result<(), Refusal> {
    let mut items = items.iter();
    items.try_for_each(|(key, item)| written(key, item, &format!("{at}/{}", key.as_str())))
}

/// Whether a requirement can stand in a draft; `at` points to it in the input.
pub(super) fn written(key: &Key, requirement: &Requirement, at: &str) -> Result<(), Refusal> {
    if requirement.threshold.is_some() && requirement.metric.is_none() {
        let (key, at) = (key.as_str().to_owned(), format!("{at}/metric"));
        return Err(Refusal::ThresholdWithoutMetric { key, at });
    }
    Ok(())
}

fn taken(key: &Key, at: String) -> Refusal {
    Refusal::KeyTaken { key: key.as_str().to_owned(), at }
}

fn unknown(key: &Key, at: String) -> Refusal {
    Refusal::UnknownRequirement { key: key.as_str().to_owned(), at }
}

fn room_for(count: usize) -> Result<(), Refusal> {
    if count > REQUIREMENTS_MAX {
        return Err(Refusal::TooManyRequirements { max: REQUIREMENTS_MAX });
    }
    Ok(())
}

impl RequirementSet {
    pub(super) fn requirement(&self, key: &Key) -> Result<&Requirement, Refusal> {
        self.content.items.get(key).ok_or_else(|| unknown(key, "/key".to_owned()))
    }

    pub(super) fn added(
        &self,
        input: AddRequirement,
        context: &Context,
    ) -> Result<RequirementWritten, Refusal> {
        let key = input.key.unwrap_or_else(|| context.new_key("requirement"));
        if self.content.items.contains_key(&key) {
            return Err(taken(&key, "/key".to_owned()));
        }
        room_for(self.content.items.len() + 1)?;
        written(&key, &input.requirement, "")?;
        Ok(RequirementWritten { key, by: context.user(), requirement: input.requirement })
    }

    /// Whether the next baseline can begin with this change.
    pub(super) fn check_change(&self, change: &ChangeBaseline) -> Result<(), Refusal> {
        self.approval.may_draft()?;
        if self.approval.status == Phase::Draft {
            return Err(Refusal::StillDraft);
        }
        let mut keys: Vec<&Key> = self.content.items.keys().collect();
        for (n, key) in change.remove.iter().enumerate() {
            let Some(place) = keys.iter().position(|known| *known == key) else {
                return Err(unknown(key, format!("/remove/{n}")));
            };
            keys.swap_remove(place);
        }
        if let Some(key) = change.change.keys().find(|key| !keys.contains(key)) {
            return Err(unknown(key, format!("/change/{}", key.as_str())));
        }
        if let Some(key) = change.add.keys().find(|key| keys.contains(key)) {
            return Err(taken(key, format!("/add/{}", key.as_str())));
        }
        room_for(keys.len() + change.add.len())?;
        all_written(&change.change, "/change")?;
        all_written(&change.add, "/add")
    }

    pub(super) fn baselined(
        &self,
        input: &Approve,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let (ended, approved) = self.approval.approve(input, &self.content, context)?;
        self.check_complete(context)?;
        let count = u32::try_from(self.content.items.len()).unwrap_or(u32::MAX);
        let baselined = Baselined { effective: approved.effective, count };
        let ended = ended.map(Event::Superseded);
        Ok(ended.into_iter().chain([Event::Baselined(baselined)]).collect())
    }

    /// Whether the working version can be a baseline.
    pub(super) fn check_complete(&self, context: &Context) -> Result<(), Refusal> {
        let items = &self.content.items;
        if items.is_empty() {
            return Err(Refusal::NoRequirements);
        }
        let unmeasured = items.iter().find(|(_, item)| {
            item.requirement_kind.is_measurable()
                && (item.metric.is_none() || item.threshold.is_none())
        });
        if let Some((key, item)) = unmeasured {
            let (key, kind) = (key.as_str().to_owned(), item.requirement_kind.text());
            return Err(Refusal::NotMeasurable { key, kind });
        }
        let has = |kind| items.values().any(|item| item.requirement_kind == kind);
        let missing = RequirementKind::HIGH_IMPACT.into_iter().filter(|kind| !has(*kind));
        let missing: Vec<_> = missing.map(RequirementKind::text).collect();
        if !missing.is_empty() && self.has_high_impact(context) {
            return Err(Refusal::KindMissing { missing: missing.join(", ") });
        }
        Ok(())
    }

    /// Whether a law counts the system as high-risk, or its impact was assessed as high.
    fn has_high_impact(&self, context: &Context) -> bool {
        let system = self.content.system.id();
        let classes = context.facts.all::<facts::RegulatoryClassification>();
        let assessments = context.facts.all::<facts::ImpactAssessment>();
        let by_law = classes
            .iter()
            .any(|(_, c)| c.system == system && c.was_confirmed() && c.has_effect("high_risk"));
        let is_high = |level: &str| matches!(level, "high" | "critical");
        let by_assessment = assessments.iter().filter(|(_, a)| a.status != "superseded");
        by_law
            || by_assessment
                .filter(|(_, a)| a.system == system)
                .any(|(_, a)| a.level.as_deref().is_some_and(is_high))
    }
}
