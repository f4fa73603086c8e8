//! The checks of a gate (domain model, 5.1), each answered from facts: which objects it looks at,
//! and what they say.
//!
//! A check never answers by what it did not find out: what cannot be told is unknown, and blocks as
//! a failure does. What it says names objects and values, and no person.

use kernel::kinds::Evidence;
use kernel::values::{Key, Line, Ref};
use kernel::{Context, Date, Fact, Need};

use super::StageGate;
use super::evaluation::{Answer, Answered, SeenObject};
use crate::ai_system::{AiSystem, SystemVersion};
use crate::gate_policy::{Check, GatePolicy};
use crate::stage::Stage;

mod data;
mod development;
mod governance;
mod impact;
mod law;
mod release;
mod retirement;
mod risks;
mod suppliers;

/// Most characters of what a check says.
const SAID_MAX: usize = 400;
/// Most findings that a check tells one by one.
const TOLD_MAX: usize = 3;
/// Most objects that an answer names; it says how many there were.
const NAMED_MAX: usize = 20;
/// Most pieces of evidence that an answer names.
const EVIDENCE_MAX: usize = 10;

/// What a gate asks about: a version of a system, on the way into a stage.
pub(super) struct Question<'a> {
    /// The system, by id.
    id: &'a str,
    /// The system as it stands.
    system: AiSystem,
    /// The label of the version.
    label: &'a Key,
    /// The version as it stands.
    version: SystemVersion,
    /// The stage that it is to enter.
    to: Stage,
    /// What is known, and what day it is.
    known: &'a Context,
}

impl<'a> Question<'a> {
    /// What a gate asks, once its system is known.
    pub(super) fn of(gate: &'a StageGate, known: &'a Context) -> Option<Self> {
        let (id, label) = (gate.system.id(), &gate.system_version);
        let system = known.facts.get::<AiSystem>(id)?;
        let version = system.version(label)?.clone();
        Some(Self { id, system, label, version, to: gate.to, known })
    }

    /// The facts that the checks of the policy need, as far as these are known already.
    pub(super) fn needs(&self, policy: &GatePolicy) -> Vec<Need> {
        let asked = policy.asked(self.to).into_iter();
        asked.flat_map(|(check, _)| self.needs_of(check)).collect()
    }

    /// The answer to a check.
    pub(super) fn answer(&self, check: Check) -> Answered {
        let mut needs = self.needs_of(check).into_iter();
        if let Some(need) = needs.find(|need| self.known.facts.is_cut(need)) {
            let mut reply = Reply::default();
            reply.unknown(format!("There are too many objects to look at: {}", in_words(&need)));
            return reply.done(self, String::new());
        }
        match check {
            Check::G1 => law::classified(self),
            Check::G2 => impact::assessed(self),
            Check::G3 => risks::accepted(self),
            Check::G4 => risks::treated(self),
            Check::G5 => data::privacy_assessed(self),
            Check::G6 => development::required(self),
            Check::G7 => development::designed(self),
            Check::G8 => development::verified(self),
            Check::G8Preregistration => development::criteria_first(self),
            Check::G9 => data::approved(self),
            Check::G10 => release::explained(self),
            Check::G11 => release::planned(self),
            Check::G12 => suppliers::approved(self),
            Check::G13 => governance::undisturbed(self),
            Check::G14 => governance::answered_for(self),
            Check::G15 => law::registered(self),
            Check::G16 => governance::uncontradicted(self),
            Check::G17 => retirement::settled(self),
        }
    }

    fn needs_of(&self, check: Check) -> Vec<Need> {
        match check {
            Check::G1 => vec![self.of_system::<facts::RegulatoryClassification>()],
            Check::G2 => impact::needs(self),
            Check::G3 => risks::needs(self),
            Check::G4 => risks::needs_of_treatment(self),
            Check::G5 => data::needs_of_privacy(self),
            Check::G6 => vec![self.of_system::<facts::RequirementSet>()],
            Check::G7 => development::needs_of_design(self),
            Check::G8 | Check::G8Preregistration => {
                vec![self.of_system::<facts::VerificationRecord>()]
            }
            Check::G9 => data::needs(self),
            Check::G10 => release::needs_of_use(self),
            Check::G11 => release::needs(self),
            Check::G12 => suppliers::needs(self),
            Check::G13 => governance::needs_of_work(self),
            Check::G14 => governance::needs_of_roles(self),
            Check::G15 => law::needs_of_registration(self),
            Check::G16 => governance::needs_of_statement(self),
            Check::G17 => retirement::needs(self),
        }
    }

    /// The objects of a kind whose indexed field `system` names the system.
    fn of_system<F: Fact>(&self) -> Need {
        Need::Where(F::KIND, "system", self.id.to_owned())
    }

    fn today(&self) -> Date {
        self.known.today()
    }

    fn get<F: Fact>(&self, id: &str) -> Option<F> {
        self.known.facts.get(id)
    }

    /// The known objects of a kind that fit.
    fn all<F: Fact>(&self, fits: impl Fn(&F) -> bool) -> Vec<(String, F)> {
        let known = self.known.facts.all::<F>().into_iter();
        known.filter(|(_, fact)| fits(fact)).collect()
    }

    /// Whether somebody is a member today: by the membership, if it is known.
    fn is_member(&self, user: &kernel::UserId) -> Option<bool> {
        let membership = self.get::<facts::Membership>(&facts::Membership::id_of(user))?;
        Some(membership.status == "active")
    }
}

/// A need as it is told to a reader.
fn in_words(need: &Need) -> String {
    match need {
        Need::Object(id) | Need::Platform(id) => id.clone(),
        Need::All(kind) => format!("all {kind}"),
        Need::Where(kind, field, value) | Need::Holding(kind, field, value) => {
            format!("{kind} by {field} {value}")
        }
        Need::Event(position) => format!("event {position}"),
        Need::EventOf(id, version) => format!("the event of version {version} of {id}"),
    }
}

/// What a check finds, object by object.
#[derive(Default)]
struct Reply {
    failures: Vec<String>,
    gaps: Vec<String>,
    decisive: Vec<String>,
    seen: Vec<String>,
    evidence: Vec<String>,
}

impl Reply {
    /// An object was looked at.
    fn saw(&mut self, id: &str) {
        self.seen.push(id.to_owned());
    }

    /// Objects were looked at.
    fn saw_all<F>(&mut self, found: &[(String, F)]) {
        self.seen.extend(found.iter().map(|(id, _)| id.clone()));
    }

    /// Evidence proves what holds.
    fn proven_by(&mut self, evidence: &[String]) {
        self.evidence.extend_from_slice(evidence);
    }

    /// The check does not hold.
    fn fails(&mut self, said: impl Into<String>) {
        self.failures.push(said.into());
    }

    /// The check does not hold because of an object.
    fn fails_by(&mut self, id: &str, said: impl Into<String>) {
        self.decisive.push(id.to_owned());
        self.failures.push(said.into());
    }

    /// It cannot be told.
    fn unknown(&mut self, said: impl Into<String>) {
        self.gaps.push(said.into());
    }

    /// It cannot be told because of an object.
    fn unknown_by(&mut self, id: &str, said: impl Into<String>) {
        self.decisive.push(id.to_owned());
        self.gaps.push(said.into());
    }

    /// The answer; what holds is said where nothing speaks against it.
    fn done(self, question: &Question, holds: impl Into<String>) -> Answered {
        let Self { failures, gaps, decisive, seen, evidence } = self;
        let result = match (failures.is_empty(), gaps.is_empty()) {
            (false, _) => Answer::Fail,
            (true, false) => Answer::Unknown,
            (true, true) => Answer::Pass,
        };
        let against: Vec<_> = failures.into_iter().chain(gaps).collect();
        let said = if against.is_empty() { holds.into() } else { told(&against) };
        // Objects that decide stand first, so that they are named whatever else was looked at.
        let mut ids: Vec<String> = Vec::new();
        for id in decisive.into_iter().chain(seen) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let facts = &question.known.facts;
        let version =
            |id: String| facts.version(&id).map(|version| (Key::new(id), SeenObject { version }));
        let looked_at: Vec<_> = ids.into_iter().filter_map(version).collect();
        let mut proofs: Vec<Ref<Evidence>> = evidence.into_iter().map(Ref::new).collect();
        proofs.truncate(EVIDENCE_MAX);
        Answered {
            result,
            because: Line::new(shortened(said)),
            evidence: proofs,
            looked_at_count: u32::try_from(looked_at.len()).unwrap_or(u32::MAX),
            looked_at: looked_at.into_iter().take(NAMED_MAX).collect(),
        }
    }
}

/// The first findings in full, and how many more there are.
fn told(findings: &[String]) -> String {
    let first = findings.iter().take(TOLD_MAX).map(String::as_str).collect::<Vec<_>>().join("; ");
    match findings.len().saturating_sub(TOLD_MAX) {
        0 => format!("{first}."),
        more => format!("{first}; and {more} more."),
    }
}

fn shortened(said: String) -> String {
    if said.chars().count() <= SAID_MAX {
        return said;
    }
    said.chars().take(SAID_MAX - 1).chain(['…']).collect()
}

/// Something counted in words: `1 risk`, `2 risks`.
fn counted(count: usize, one: &str, several: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {several}") }
}
