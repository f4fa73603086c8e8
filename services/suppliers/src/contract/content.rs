//! What a contract says: parties, term, clauses by topic, and who answers for which activity.

use std::collections::BTreeMap;

use declare::{record, words};
use kernel::Date;
use kernel::values::{Hash, Key, Line};

use super::Refusal;

/// Most bytes of what a contract says: with an amendment its document stays within 64 KiB.
pub const CONTENT_MAX: usize = 26 << 10;

/// What a contract says. Input of `redraft`.
#[record]
#[derive(Default)]
pub struct Content {
    /// Its title.
    #[field(search, correctable)]
    pub title: Line,
    /// SHA-256 of the document.
    pub document_hash: Hash,
    /// Who the parties are: organisations, no persons.
    #[field(max = 10)]
    pub parties: Vec<Line>,
    /// First day on which it holds.
    pub valid_from: Date,
    /// Last day on which it holds; without it, it has no end.
    #[field(index)]
    pub valid_until: Option<Date>,
    /// How many days before its end notice must be given.
    pub notice_days: Option<u32>,
    /// Its clauses; at most one for each topic.
    #[field(max = 8)]
    pub clauses: BTreeMap<Key, Clause>,
    /// The stages of the life cycle in which what it is about is used.
    pub stages: Vec<Stage>,
    /// Who answers for which activity.
    #[field(max = 60)]
    pub allocation: BTreeMap<Key, Duty>,
    /// How the roles under the EU AI Act are split.
    #[field(max = 12)]
    pub eu_role_split: BTreeMap<Key, RoleShare>,
}

/// What a clause is about.
#[words]
pub enum ClauseTopic {
    /// What may be done with data.
    DataUse,
    /// How long logs are kept; in months.
    Logs,
    /// Within how many hours the other party tells of an incident.
    IncidentNoticeHours,
    /// The right to audit.
    AuditRight,
    /// How many days before a change the other party tells of it.
    ChangeNoticeDays,
    /// Intellectual property.
    Ip,
    /// Who else works on it.
    Sub,
    /// What happens at the end.
    Exit,
}

impl ClauseTopic {
    fn text(self) -> &'static str {
        match self {
            ClauseTopic::DataUse => "data use",
            ClauseTopic::Logs => "logs",
            ClauseTopic::IncidentNoticeHours => "notice of incidents",
            ClauseTopic::AuditRight => "the right to audit",
            ClauseTopic::ChangeNoticeDays => "notice of changes",
            ClauseTopic::Ip => "intellectual property",
            ClauseTopic::Sub => "subcontractors",
            ClauseTopic::Exit => "the end",
        }
    }

    /// Whether it says nothing without a number.
    const fn needs_amount(self) -> bool {
        match self {
            ClauseTopic::IncidentNoticeHours | ClauseTopic::ChangeNoticeDays => true,
            ClauseTopic::DataUse
            | ClauseTopic::Logs
            | ClauseTopic::AuditRight
            | ClauseTopic::Ip
            | ClauseTopic::Sub
            | ClauseTopic::Exit => false,
        }
    }
}

/// A clause.
#[record]
pub struct Clause {
    /// What it is about.
    pub topic: ClauseTopic,
    /// Where it stands in the document, `§ 7.2`.
    pub text_ref: Line,
    /// Its number: hours of incident notice, days of change notice, months of logs.
    pub amount: Option<u32>,
    /// What it says, in short.
    pub gist: Option<Line>,
}

/// A stage of the life cycle (ISO/IEC 22989).
#[words]
pub enum Stage {
    /// The idea and the decision to begin.
    Inception,
    /// Design and development.
    DesignAndDevelopment,
    /// Verification and validation.
    VerificationAndValidation,
    /// Deployment.
    Deployment,
    /// Operation and monitoring.
    OperationAndMonitoring,
    /// Evaluation anew.
    ReEvaluation,
    /// Retirement.
    Retirement,
}

impl Stage {
    /// The stage of a word.
    pub(super) fn of(word: &str) -> Option<Self> {
        let all = [
            Stage::Inception,
            Stage::DesignAndDevelopment,
            Stage::VerificationAndValidation,
            Stage::Deployment,
            Stage::OperationAndMonitoring,
            Stage::ReEvaluation,
            Stage::Retirement,
        ];
        all.into_iter().find(|stage| stage.word() == word)
    }

    /// Its word in the documents of systems.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Stage::Inception => "inception",
            Stage::DesignAndDevelopment => "design_and_development",
            Stage::VerificationAndValidation => "verification_and_validation",
            Stage::Deployment => "deployment",
            Stage::OperationAndMonitoring => "operation_and_monitoring",
            Stage::ReEvaluation => "re_evaluation",
            Stage::Retirement => "retirement",
        }
    }
}

/// Who answers for something.
#[words]
pub enum Who {
    /// The organisation itself.
    Us,
    /// The supplier.
    Supplier,
    /// The customer.
    Customer,
    /// More than one of them, as the detail says.
    Shared,
}

/// An activity and who answers for it.
#[record]
pub struct Duty {
    /// What is done.
    pub activity: Line,
    /// In which stage.
    pub stage: Stage,
    /// Who answers for it; nobody yet when left out.
    pub who: Option<Who>,
    /// How.
    pub detail: Option<Line>,
}

/// A role under the EU AI Act (Art. 3).
#[words]
pub enum EuRole {
    /// Provider, 3(3).
    Provider,
    /// Deployer, 3(4).
    Deployer,
    /// Importer, 3(6).
    Importer,
    /// Distributor, 3(7).
    Distributor,
    /// Authorised representative, 3(5).
    AuthorisedRep,
    /// Product manufacturer.
    ProductManufacturer,
}

/// Who plays a role.
#[record]
pub struct RoleShare {
    /// The role.
    pub role: EuRole,
    /// Who plays it.
    pub who: Who,
    /// For what.
    pub detail: Option<Line>,
}

impl Content {
    /// The number of the clause on a topic.
    pub(super) fn amount(&self, topic: ClauseTopic) -> Option<u32> {
        self.clauses.values().find(|clause| clause.topic == topic).and_then(|clause| clause.amount)
    }

    /// Whether it hangs together, whoever is to sign it.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        if self.parties.len() < 2 {
            return Err(Refusal::TooFewParties { at: "/parties" });
        }
        if self.valid_until.is_some_and(|until| until < self.valid_from) {
            return Err(Refusal::TermReversed { at: "/validUntil" });
        }
        for (key, clause) in &self.clauses {
            let topic = clause.topic.text();
            let at = |field: &str| format!("/clauses/{}/{field}", key.as_str());
            let before = self.clauses.range(..key.clone());
            if before.into_iter().any(|(_, other)| other.topic == clause.topic) {
                return Err(Refusal::TopicTwice { topic, at: at("topic") });
            }
            if clause.topic.needs_amount() && clause.amount.is_none() {
                return Err(Refusal::ClauseWithoutAmount { topic, at: at("amount") });
            }
        }
        let bytes = serde_json::to_vec(self).map_or(0, |text| text.len());
        if bytes > CONTENT_MAX {
            return Err(Refusal::TooLarge { bytes, most: CONTENT_MAX });
        }
        Ok(())
    }
}
