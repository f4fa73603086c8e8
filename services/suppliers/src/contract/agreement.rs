//! What is looked at before a contract or its amendment is signed.

use std::collections::BTreeSet;

use kernel::approval::content_hash;
use kernel::kinds;
use kernel::values::{Key, Line, Ref};
use kernel::{Context, Fact, Need, UserId};
use reference::rules::{Case, Rules};
use serde::Deserialize;

use super::{
    AgreeAllocation, AllocationAgreed, ClauseTopic, Content, Contract, ContractStatus, Event,
    Refusal, Stage,
};

/// A supplier tells of an incident so many hours before we must report it.
const HOURS_BEFORE: u64 = 24;

/// The regulatory rule with the shortest clock, and its hours.
pub(super) type Clock = Option<(Line, u64)>;

/// Where the organisation is established or acts.
#[derive(Deserialize)]
struct Organisation {
    #[serde(default)]
    jurisdictions: Vec<Line>,
}

impl Fact for Organisation {
    const KIND: &'static str = "organisation";
}

/// Nothing is agreed with a supplier with whom it is over.
pub(super) fn must_serve(
    supplier: &Ref<kinds::Supplier>,
    at: &'static str,
    context: &Context,
) -> Result<(), Refusal> {
    let known = context.facts.get::<facts::Supplier>(supplier.id());
    let over = |s: &facts::Supplier| matches!(s.status.as_str(), "rejected" | "terminated");
    match known.filter(over) {
        Some(known) => Err(Refusal::SupplierGone { name: known.name, status: known.status, at }),
        None => Ok(()),
    }
}

impl Contract {
    pub(super) fn needs_of_agreement(&self, known: &Context) -> Vec<Need> {
        let Some(supplier) = &self.supplier else { return Vec::new() };
        let id = supplier.id().to_owned();
        let components = known.facts.all::<facts::SuppliedComponent>();
        let systems: BTreeSet<_> = components
            .into_iter()
            .flat_map(|(_, component)| component.used_by.into_values())
            .map(|one| one.system)
            .collect();
        let mut needs = vec![
            Need::Object(id.clone()),
            Need::Where("supplied_component", "supplier", id),
            Need::All("organisation"),
            Need::All("regulatory_classification"),
            Rules::need(),
        ];
        needs.extend(systems.into_iter().map(Need::Object));
        needs
    }

    /// Whether it can be signed as it is written; the clock that its notice was held against.
    pub(super) fn check_agreement(
        &self,
        content: &Content,
        authors: &[UserId],
        context: &Context,
    ) -> Result<Clock, Refusal> {
        if authors.contains(&context.user()) {
            return Err(Refusal::SignerIsAuthor);
        }
        if content.valid_until.is_some_and(|until| until < context.today()) {
            return Err(Refusal::TermOver);
        }
        self.check_allocation(content, context)?;
        let Some(supplier) = &self.supplier else { return Ok(None) };
        must_serve(supplier, "", context)?;
        check_notice(content, context)
    }

    /// In every stage in which what it is about is used, somebody answers for each activity.
    fn check_allocation(&self, content: &Content, context: &Context) -> Result<(), Refusal> {
        let mut used: BTreeSet<&'static str> =
            content.stages.iter().map(|stage| stage.word()).collect();
        used.extend(self.stages_in_use(context));
        if used.is_empty() {
            return Err(Refusal::NoStage);
        }
        for stage in used {
            let mut duties =
                content.allocation.values().filter(|duty| duty.stage.word() == stage).peekable();
            if duties.peek().is_none() {
                return Err(Refusal::StageWithoutDuty { stage });
            }
            if let Some(duty) = duties.find(|duty| duty.who.is_none()) {
                let activity = duty.activity.to_string();
                return Err(Refusal::NobodyAnswers { activity, stage });
            }
        }
        Ok(())
    }

    /// The stages of the versions of systems that use a component of the supplier now.
    fn stages_in_use(&self, context: &Context) -> BTreeSet<&'static str> {
        let mut stages = BTreeSet::new();
        let Some(supplier) = &self.supplier else { return stages };
        let components = context.facts.all::<facts::SuppliedComponent>().into_iter();
        let own =
            components.filter(|(_, c)| c.supplier == supplier.id() && c.status != "withdrawn");
        for link in own.flat_map(|(_, component)| component.used_by.into_values()) {
            let Some(system) = context.facts.get::<facts::AiSystem>(&link.system) else { continue };
            let versions = link.system_versions.iter().filter_map(|v| system.versions.get(v));
            let living = versions.filter(|v| !matches!(v.status.as_str(), "stopped" | "retired"));
            stages.extend(living.filter_map(|v| Stage::of(&v.stage)).map(Stage::word));
        }
        stages
    }

    pub(super) fn agreed(
        &self,
        input: &AgreeAllocation,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        match self.status {
            ContractStatus::Draft => {}
            ContractStatus::Agreed => return Ok(Vec::new()),
            ContractStatus::Amended | ContractStatus::Expired | ContractStatus::Terminated => {
                return Err(self.wrong("agreed"));
            }
        }
        if input.document_hash.as_ref().is_some_and(|seen| *seen != self.content.document_hash) {
            return Err(Refusal::DocumentChanged { at: "/documentHash" });
        }
        let clock = self.check_agreement(&self.content, &self.authors, context)?;
        let (clock_rule, clock_hours) = clock.unzip();
        Ok(vec![Event::ResponsibilityAllocationAgreed(AllocationAgreed {
            by: context.user(),
            at: context.now,
            content_hash: content_hash(&self.content),
            clock_rule,
            clock_hours,
        })])
    }
}

/// The supplier tells of incidents a day before the first clock of ours can end.
fn check_notice(content: &Content, context: &Context) -> Result<Clock, Refusal> {
    let rules = Rules::known(&context.facts);
    let organisations = context.facts.all::<Organisation>().into_iter();
    let countries: Vec<_> = organisations.flat_map(|(_, o)| o.jurisdictions).collect();
    let classified = context.facts.all::<facts::RegulatoryClassification>().into_iter();
    let systems: Vec<_> = classified
        .filter(|(_, found)| found.was_confirmed())
        .map(|(_, found)| case(found))
        .collect();
    let Some((rule, clock)) = rules.shortest_clock(&systems, &countries, context.today()) else {
        return Ok(None);
    };
    let most = clock.saturating_sub(HOURS_BEFORE);
    let article = || format!("{} {}", rule.code.as_str(), rule.article);
    match content.amount(ClauseTopic::IncidentNoticeHours).map(u64::from) {
        None => Err(Refusal::NoIncidentNotice { rule: article(), clock, most }),
        Some(hours) if hours > most => {
            Err(Refusal::NoticeTooLong { hours, rule: article(), clock, most })
        }
        Some(_) => Ok(Some((Line::new(rule.code.as_str()), clock))),
    }
}

/// A system as the rules look at it.
fn case(found: facts::RegulatoryClassification) -> Case {
    Case {
        exempt: found.is_exempt(),
        public_body: found.public_body,
        point: found.point.map(Line::new),
        roles: vec![Key::new(found.role)],
        classes: [(Key::new(found.regime), Key::new(found.class))].into(),
        ..Case::default()
    }
}
