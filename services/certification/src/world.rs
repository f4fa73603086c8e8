//! What the tests of several kinds start from: a certification body with its people, a tenant's
//! records, and commands that are given those facts that they ask for, as the bus does it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::collections::BTreeMap;
use std::sync::Arc;

use kernel::context::LogPoint;
use kernel::domain::{Commands, Domain};
use kernel::id::platform;
use kernel::values::{Hash, Line, Prose, Pseudonym, Ref};
use kernel::{Context, Date, Fact, Need, Position, Role, TenantId, UserId};
use serde::Serialize;
use serde_json::{Value, json};

use crate::auditor_engagement::{self as engagement, AccessScope, AuditKind, Terms, Window};
use crate::certification_audit::{self as audit, Conclusion};
use crate::certification_body::{self as body, PersonRole};

/// The certification body.
pub const BODY: &str = "cbo_1";
/// An auditor of the body.
pub const HELEN: &str = "usr_helen";
/// Another auditor of the body.
pub const OTTO: &str = "usr_otto";
/// A decision maker of the body.
pub const MIRIAM: &str = "usr_miriam";

/// Objects that exist, and where the installation's log was read.
#[derive(Clone, Default)]
pub struct World {
    objects: BTreeMap<String, (&'static str, Value)>,
    /// How many commands were carried out: the keys that they make differ.
    given: u128,
}

/// A date.
pub fn date(text: &str) -> Date {
    text.parse().unwrap()
}

/// A person by pseudonym.
pub fn person(user: &str) -> Pseudonym {
    Pseudonym(UserId::new(user))
}

/// A hash.
pub fn hash() -> Hash {
    Hash::new("a".repeat(64))
}

/// Somebody of the tenant, at nine o'clock of a day.
pub fn member(user: &str, role: Role, day: &str) -> Context {
    Context::of(user, &[role], &format!("{day}T09:00:00Z"))
}

/// Priya, who manages the AIMS.
pub fn priya(day: &str) -> Context {
    member("usr_priya", Role::Am, day)
}

/// Ingrid, top management.
pub fn ingrid(day: &str) -> Context {
    member("usr_ingrid", Role::Tm, day)
}

/// A timer.
pub fn timer(day: &str) -> Context {
    member("rea_timer", Role::Sys, day)
}

/// Helen with the body's rights.
pub fn helen(day: &str) -> Context {
    member(HELEN, Role::Cba, day).for_body(BODY)
}

/// Helen under an engagement.
pub fn helen_under(engagement: &str, day: &str) -> Context {
    member(HELEN, Role::Cba, day).under(engagement)
}

/// Miriam, who decides for the body.
pub fn miriam(day: &str) -> Context {
    member(MIRIAM, Role::Cbd, day).for_body(BODY)
}

/// The platform's operator.
pub fn operator(day: &str) -> Context {
    Context { tenant: platform(), ..member("usr_operator", Role::Adm, day) }
}

/// The tenant of the tests as a reference.
pub fn client() -> Ref<kernel::kinds::Tenant> {
    Ref::new(TenantId::from_bits(1).as_str())
}

/// What a window and its audit kind ask for, with Helen, under accreditation.
pub fn terms(kind: AuditKind, from: &str, to: &str) -> Terms {
    Terms {
        body: Ref::new(BODY),
        auditors: vec![person(HELEN)],
        audit_kind: kind,
        accredited: true,
        window: Window { from: date(from), to: date(to) },
        as_of_ceiling: None,
        scope: AccessScope::default(),
        purpose: Prose::new("to see whether the AIMS conforms"),
    }
}

impl World {
    /// A world with the certification body: accredited, with Helen and Otto who audit and Miriam
    /// who decides, all impartial towards the tenant.
    pub fn certified() -> Self {
        let mut world = Self::default();
        let rules = rules();
        let name = Line::new("CertNova");
        let at = || operator("2024-11-01");
        world.does(BODY, body::Command::Register(body::Register { name, rules }), at());
        world.does(BODY, body::Command::RecordAccreditation(accreditation()), at());
        let people = [
            (HELEN, PersonRole::Auditor),
            (OTTO, PersonRole::Auditor),
            (MIRIAM, PersonRole::DecisionMaker),
        ];
        for (user, role) in people {
            world.does(BODY, body::Command::AddPerson(added(user, role)), at());
            let declared = body::DeclareImpartiality {
                user: person(user),
                client: client(),
                declared_on: date("2024-10-30"),
            };
            world.does(BODY, body::Command::DeclareImpartiality(declared), at());
        }
        world
    }

    /// The same with an organisation that is ready for stage 2.
    pub fn ready() -> Self {
        let mut world = Self::certified();
        world.put("iad_1", "internal_audit", json!({"status": "reported"}));
        world.put("mrv_1", "management_review", json!({"status": "held"}));
        let in_force =
            |version: u32| json!({"version": version, "approvedAt": "2025-01-13T09:00:00Z"});
        world.put("scp_1", "scope", json!({"effective": in_force(1)}));
        world.put("soa_1", "soa", json!({"catalogue": "iso42001-2023", "effective": in_force(2)}));
        world.put("doc_1", "document", json!({"title": "AI policy", "effective": in_force(1)}));
        world.put("doc_2", "document", json!({"title": "A draft", "effective": null}));
        let control = json!({
            "soa": "soa_1", "catalogue": "iso42001-2023", "control": "A.2.2",
            "decision": "applicable", "status": "implemented", "evidence": ["evd_1"],
        });
        world.put("soc_1", "soa_control", control);
        world
    }

    /// Puts an object of a kind into the world, in place of what had its id.
    pub fn put(&mut self, id: &str, kind: &'static str, body: Value) {
        self.objects.insert(id.to_owned(), (kind, body));
    }

    /// Takes an object out of the world.
    pub fn remove(&mut self, id: &str) {
        self.objects.remove(id).unwrap();
    }

    /// An object's state.
    pub fn state<A: Domain + Fact + Serialize>(&self, id: &str) -> A {
        let found = self.objects.get(id).filter(|(kind, _)| *kind == A::KIND);
        found.map_or_else(A::default, |(_, body)| A::deserialize(body.clone()).unwrap())
    }

    /// Decides with the facts that the command asks for, and no others.
    pub fn decides<A: Domain + Fact + Serialize>(
        &self,
        id: &str,
        command: A::Command,
        mut context: Context,
    ) -> Result<Vec<A::Event>, A::Error> {
        id.clone_into(&mut context.id);
        let state: A = self.state(id);
        loop {
            let needs = state.needs(&command, &context).into_iter();
            let fresh: Vec<_> = needs.filter(|n| !context.facts.answered.contains(n)).collect();
            if fresh.is_empty() {
                break;
            }
            for need in fresh {
                if matches!(need, Need::Platform(_)) {
                    let log = Line::new("log_platform");
                    context.facts.platform = Some(LogPoint { log, position: Position(9) });
                }
                for (id, (kind, body)) in self.objects.iter().filter(|o| fits(&need, o)) {
                    context.facts.add(id.clone(), *kind, Arc::new(body.clone()));
                }
                context.facts.answered.push(need);
            }
        }
        let decided = state.decide(command, &context);
        assert_eq!(context.facts.unreadable(), None);
        decided
    }

    /// Carries a command out; the events.
    #[track_caller]
    pub fn does<C: Of>(&mut self, id: &str, command: C, context: Context) -> Vec<EventOf<C>> {
        self.given += 1;
        let context = Context { seed: self.given << 8, ..context };
        let decided = self.decides::<C::State>(id, command, context);
        let events = decided.unwrap_or_else(|refusal| panic!("{refusal}"));
        let mut state: C::State = self.state(id);
        events.iter().cloned().for_each(|event| state.evolve(event));
        self.put(id, C::State::KIND, serde_json::to_value(&state).unwrap());
        events
    }

    /// A command that is refused; the refusal.
    #[track_caller]
    pub fn refuses<C: Of>(&self, id: &str, command: C, context: Context) -> ErrorOf<C> {
        self.decides::<C::State>(id, command, context).unwrap_err()
    }

    /// An engagement for an audit, asked for by Priya and granted by Ingrid.
    pub fn engaged(&mut self, id: &str, terms: Terms, day: &str) {
        let request = engagement::Request { terms, redactions: Vec::new() };
        self.does(id, engagement::Command::Request(request), priya(day));
        self.does(id, engagement::Command::Grant, ingrid(day));
    }

    /// An audit by Helen under an engagement, on its first day, with a conclusion.
    pub fn audited(&mut self, id: &str, engagement: &str, conclusion: Conclusion) {
        let state: engagement::AuditorEngagement = self.state(engagement);
        let day = state.terms.window.from.to_string();
        self.does(id, audit::Command::Plan(plan(&state.terms, engagement)), helen(&day));
        self.does(id, audit::Command::Start, helen(&day));
        self.does(id, audit::Command::Conclude(conclude(conclusion)), helen(&day));
    }

    /// Stage 1 in the last week of January 2025, stage 2 in the last week of February, with a
    /// conclusion; findings must be put before.
    pub fn through_stage_two(&mut self, conclusion: Conclusion) {
        let stage_one = terms(AuditKind::Stage1, "2025-01-27", "2025-02-07");
        self.engaged("eng_1", stage_one, "2025-01-23");
        self.audited("cau_1", "eng_1", Conclusion::Ready);
        let stage_two = terms(AuditKind::Stage2, "2025-02-24", "2025-03-07");
        self.engaged("eng_2", stage_two, "2025-02-21");
        self.audited("cau_2", "eng_2", conclusion);
    }

    /// A finding of an audit.
    pub fn found(&mut self, id: &str, audit: &str, grade: &str, nonconformity: Option<&str>) {
        let finding = json!({
            "audit": audit, "source": "stage2", "grade": grade, "status": "raised",
            "requirement": "A.6.2.4", "linkedNc": nonconformity,
        });
        self.put(id, "audit_finding", finding);
    }

    /// A nonconformity that answers a finding.
    pub fn answered(&mut self, id: &str, finding: &str, status: &str) {
        let answer = json!({"grade": "minor", "status": status, "finding": finding});
        self.put(id, "nonconformity", answer);
    }
}

/// Commands of a kind.
pub trait Of: Commands {
    /// The kind's state.
    type State: Domain<Command = Self> + Fact + Serialize;
}

/// The events of a command's kind.
pub type EventOf<C> = <<C as Of>::State as cqrs_es::Aggregate>::Event;
/// The refusals of a command's kind.
pub type ErrorOf<C> = <<C as Of>::State as cqrs_es::Aggregate>::Error;

impl Of for body::Command {
    type State = body::CertificationBody;
}
impl Of for engagement::Command {
    type State = engagement::AuditorEngagement;
}
impl Of for audit::Command {
    type State = audit::CertificationAudit;
}
impl Of for crate::certificate::Command {
    type State = crate::certificate::Certificate;
}
impl Of for crate::sample::Command {
    type State = crate::sample::Sample;
}
impl Of for crate::auditor_query::Command {
    type State = crate::auditor_query::AuditorQuery;
}
impl Of for crate::audit_note::Command {
    type State = crate::audit_note::AuditNote;
}

fn fits(need: &Need, (id, (kind, body)): &(&String, &(&'static str, Value))) -> bool {
    match need {
        Need::Object(wanted) | Need::Platform(wanted) => *id == wanted,
        Need::Event(_) => false,
        Need::All(wanted) => kind == wanted,
        Need::Where(wanted, field, value) => kind == wanted && body[field] == **value,
    }
}

/// The rules of the body.
pub fn rules() -> body::Rules {
    body::Rules { nc_reply_days: 60, major_fix_days: 90, minor_plan_ok: true }
}

/// The accreditation of the body.
pub fn accreditation() -> body::Accreditation {
    body::Accreditation {
        accreditor: Line::new("RvA"),
        number: Line::new("C 421"),
        scope: ["ISO/IEC 17021-1", "ISO/IEC 42001", "ISO/IEC 42006"].map(Line::new).to_vec(),
        valid_from: date("2024-01-01"),
        valid_until: date("2028-12-31"),
    }
}

/// Somebody who is added to the body.
pub fn added(user: &str, role: PersonRole) -> body::AddPerson {
    let what = Line::new("machine learning");
    let competences = vec![body::Competence { what }];
    body::AddPerson { user: person(user), name: Prose::new(user), role, competences }
}

/// An audit by Helen that takes the whole window of an engagement.
pub fn plan(terms: &Terms, engagement: &str) -> audit::Plan {
    audit::Plan {
        audit_kind: terms.audit_kind,
        engagement: Ref::new(engagement),
        team: vec![person(HELEN)],
        planned_from: terms.window.from,
        planned_to: terms.window.to,
        objective: None,
        criteria: Vec::new(),
    }
}

/// A conclusion.
pub fn conclude(conclusion: Conclusion) -> audit::Conclude {
    audit::Conclude {
        conclusion,
        summary: Some(Prose::new("see the report")),
        areas_of_concern: Vec::new(),
        report_hash: hash(),
    }
}
