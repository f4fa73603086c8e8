//! The course of a classification: confirmation, changes of role, and how revisions follow each
//! other.

use kernel::kinds::AiSystem;
use kernel::values::{Key, Line, Ref};
use kernel::{Context, Date};
use reference::rules::{Effect, Rules};

use super::proposal::check_role;
use super::{
    ClassificationStatus, Confirmed, Event, Findings, ForbiddenUse, Former, Pending, Proposed,
    RecordRoleChange, Refusal, RegulatoryClassification, RegulatoryRoleChanged, RoleChange,
    Superseded,
};

/// How many superseded revisions are listed; the history has them all.
const SUPERSEDED_KEPT: usize = 20;

/// The day on which a decision is true in the world.
pub(super) fn day(context: &Context) -> Date {
    context.effective.unwrap_or(context.now).date()
}

/// Checks that the system is not classified within the regime yet.
pub(super) fn check_first(
    system: &Ref<AiSystem>,
    regime: &Key,
    context: &Context,
) -> Result<(), Refusal> {
    let known = context.facts.all::<RegulatoryClassification>();
    let mut same = known.into_iter().filter(|(_, c)| c.system == *system && c.regime == *regime);
    match same.next() {
        None => Ok(()),
        Some((id, _)) => {
            let regime = regime.as_str().to_owned();
            Err(Refusal::AlreadyClassified { regime, id })
        }
    }
}

impl RegulatoryClassification {
    /// The number of the revision that a proposal gets: until the first confirmation it stays the
    /// first.
    pub(super) fn next_revision(&self) -> u32 {
        if self.confirmed_at.is_none() { self.revision.max(1) } else { self.revision + 1 }
    }

    pub(super) fn confirmed(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        let (revision, proposal, authors) = match (&self.pending, self.confirmed_at) {
            (Some(next), _) => (next.revision, &next.proposal, &next.authors),
            (None, None) => (self.revision, &self.proposal, &self.authors),
            (None, Some(_)) => return Ok(Vec::new()),
        };
        let by = context.user();
        if authors.contains(&by) {
            return Err(Refusal::ConfirmerIsAuthor);
        }
        let (rules, on) = (Rules::known(&context.facts), day(context));
        let findings = Findings::of(proposal, &self.regime, &rules, on)
            .map_err(|misfit| Refusal::ProposalOutdated { why: misfit.to_string() })?;
        let forbidden = findings.effects.contains(&Effect::Forbidden);
        let found = forbidden.then(|| self.forbidden_use(context)).flatten();
        let ended = self
            .confirmed_at
            .is_some()
            .then_some(Superseded { revision: self.revision, by_revision: revision });
        let confirmed = Confirmed {
            revision,
            class: proposal.class.clone(),
            role: proposal.role.clone(),
            by,
            at: context.effective.unwrap_or(context.now),
            findings,
        };
        let ended = ended.map(Event::Superseded).into_iter();
        let found = found.map(Event::ForbiddenUseFound);
        Ok(ended.chain([Event::Confirmed(confirmed)]).chain(found).collect())
    }

    /// The system as it stands beyond inception. Confirming that it is forbidden is a finding, so
    /// it is recorded; moving it on is what the system itself refuses.
    fn forbidden_use(&self, context: &Context) -> Option<ForbiddenUse> {
        let system = context.facts.get::<facts::AiSystem>(self.system.id())?;
        let early = matches!(system.stage.as_str(), "" | "inception");
        (!early && !system.is_retired()).then(|| ForbiddenUse {
            stage: Line::new(system.stage),
            operation_status: Line::new(system.operation_status),
            found_on: day(context),
        })
    }

    pub(super) fn role_changed(
        &self,
        input: RecordRoleChange,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        check_role(&input.role, self.regime.as_str(), &Rules::known(&context.facts))?;
        if input.role == self.proposal.role {
            return Ok(Vec::new());
        }
        let RecordRoleChange { role, because, reason } = input;
        let change = RoleChange {
            from: self.proposal.role.clone(),
            to: role,
            because,
            reason,
            by: context.user(),
            on: day(context),
        };
        let revision = self.next_revision();
        Ok(vec![Event::RegulatoryRoleChanged(RegulatoryRoleChanged { revision, change })])
    }

    pub(super) fn evolve_proposed(&mut self, event: Proposed) {
        let Proposed { system, regime, revision, by, proposal } = event;
        if self.confirmed_at.is_some() {
            self.pending = Some(Pending { revision, authors: vec![by], proposal });
            return;
        }
        self.system = system;
        self.regime = regime;
        self.revision = revision;
        self.authors = vec![by];
        self.proposal = proposal;
    }

    /// The role holds at once; the class is looked at again under it.
    pub(super) fn evolve_role_changed(&mut self, event: RegulatoryRoleChanged) {
        let RegulatoryRoleChanged { revision, change } = event;
        self.status = ClassificationStatus::Proposed;
        self.proposal.role = change.to.clone();
        let authors = if self.confirmed_at.is_some() {
            let proposal = self.proposal.clone();
            let fresh = Pending { revision, authors: Vec::new(), proposal };
            let next = self.pending.get_or_insert(fresh);
            next.proposal.role = change.to.clone();
            &mut next.authors
        } else {
            &mut self.authors
        };
        if !authors.contains(&change.by) {
            authors.push(change.by.clone());
        }
        self.role_change = Some(change);
    }

    pub(super) fn evolve_superseded(&mut self, event: &Superseded) {
        let role = self.confirmed_role.clone().unwrap_or_else(|| self.proposal.role.clone());
        let former = Former {
            class: self.proposal.class.clone(),
            role,
            effects: self.findings.effects.clone(),
            confirmed_by: self.confirmed_by.clone(),
            confirmed_at: self.confirmed_at,
            by_revision: event.by_revision,
        };
        let key = Key::new(format!("revision-{:06}", event.revision));
        self.superseded.insert(key, former);
        while self.superseded.len() > SUPERSEDED_KEPT {
            self.superseded.pop_first();
        }
    }

    pub(super) fn evolve_confirmed(&mut self, event: Confirmed) {
        if let Some(next) = self.pending.take() {
            self.proposal = next.proposal;
            self.authors = next.authors;
        }
        self.status = ClassificationStatus::Confirmed;
        self.revision = event.revision;
        self.findings = event.findings;
        self.confirmed_by = Some(event.by);
        self.confirmed_at = Some(event.at);
        self.confirmed_role = Some(event.role);
        self.forbidden_use = None;
    }
}
