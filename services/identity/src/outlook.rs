//! What somebody from outside the organisation sees of its records (G-19, P26). An auditor sees,
//! as of the ceiling of his engagement, the services and systems in its scope but what is withheld;
//! and, as of now, what is his own: his findings, notes and samples, the audits under the engagement
//! and the nonconformities that answer his findings. Whoever acts for a certification body sees its
//! own engagements, audits and certificates, their findings and what answers those.
//!
//! Invariant: whatever is shown to an outsider came through here. Guarded by the stories of
//! engagements, which try every way of reading.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use event_store::engine::{EventRow, Head, ListQuery, Order, Slot};
use event_store::{AsOf, Document, Fault, Log};
use facts::AuditorEngagement;
use kernel::id::{is_well_formed, prefix_of};
use kernel::kinds::{kind, kind_of_prefix};
use kernel::{Date, Instant, Position};
use serde_json::Value;
use tokio::sync::OnceCell;

/// Services of which auditors can be shown anything.
const SHOWN: [&str; 6] =
    ["governance", "risk", "lifecycle", "suppliers", "certification", "exchange"];
/// Kinds of which objects can be an auditor's own.
const OWN: [&str; 7] = [
    "auditor_engagement",
    "auditor_query",
    "sample",
    "audit_note",
    "certification_audit",
    "audit_finding",
    "nonconformity",
];
/// Kinds that are shown to whoever acts for a certification body.
const OF_BODY: [&str; 5] =
    ["auditor_engagement", "certification_audit", "certificate", "audit_finding", "nonconformity"];
/// How many references lead from an object to the system that it is about, at most.
const STEPS_MAX: usize = 3;
/// Most audits, and most findings, that are looked through for one's own.
const OWN_MAX: usize = 5_000;

/// Why an engagement lets nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// There is no such engagement.
    Unknown,
    /// It was not granted, is over or was revoked.
    NotGranted,
    /// Today lies outside of its window.
    OutsideOfWindow,
    /// He is none of its auditors.
    NotAnAuditor,
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Closed::Unknown | Closed::NotAnAuditor => "it does not name the bearer",
            Closed::NotGranted => "it is not granted, or no longer",
            Closed::OutsideOfWindow => "today lies outside of its window",
        })
    }
}

impl Closed {
    /// Why it does not let a person in at a time; `None` when it does.
    pub fn to(engagement: &AuditorEngagement, user: &str, now: Instant) -> Option<Self> {
        if !engagement.auditors.iter().any(|auditor| auditor.as_str() == user) {
            return Some(Closed::NotAnAuditor);
        }
        if !matches!(engagement.status.as_str(), "granted" | "active") {
            return Some(Closed::NotGranted);
        }
        (!engagement.is_open_on(now.date())).then_some(Closed::OutsideOfWindow)
    }
}

/// On what behalf somebody from outside looks.
enum Behalf {
    /// Under an engagement.
    Engagement { id: String, user: String, terms: Box<AuditorEngagement> },
    /// For a certification body.
    Body { id: String },
}

/// What is an outsider's own beside what says so itself.
#[derive(Debug, Default)]
struct Own {
    audits: HashSet<String>,
    findings: HashSet<String>,
    answers: HashSet<String>,
}

impl Own {
    /// Whether a nonconformity answers one of the findings; either may name the other.
    fn is_answered_by(&self, found: &Document) -> bool {
        let finding = found.body["finding"].as_str();
        self.answers.contains(&found.id)
            || finding.is_some_and(|finding| self.findings.contains(finding))
    }
}

/// What somebody from outside sees.
pub struct Outlook {
    behalf: Behalf,
    /// The log as of the ceiling.
    pub ceiling: Head,
    /// The log now.
    pub head: Head,
    /// The time.
    pub now: Instant,
    own: OnceCell<Own>,
}

impl Outlook {
    /// What an auditor sees under an engagement.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn under(
        id: &str,
        user: &str,
        terms: AuditorEngagement,
        log: &Log,
        head: Head,
        now: Instant,
    ) -> Result<Self, Fault> {
        let ceiling = match terms.as_of_ceiling {
            Some(at) if at < head.at => {
                let resolved = log.resolve_at(AsOf::Time(at), &head).await;
                let position = match resolved {
                    Ok(resolved) => resolved.position,
                    Err(error) => return Err(Fault::Corrupt(format!("ceiling of {id}: {error}"))),
                };
                Head { position, at, ..head.clone() }
            }
            Some(_) | None => head.clone(),
        };
        let (id, user, terms) = (id.to_owned(), user.to_owned(), Box::new(terms));
        let behalf = Behalf::Engagement { id, user, terms };
        Ok(Self { behalf, ceiling, head, now, own: OnceCell::new() })
    }

    /// What is seen for a certification body.
    pub(crate) fn for_body(id: &str, head: Head, now: Instant) -> Self {
        let behalf = Behalf::Body { id: id.to_owned() };
        Self { behalf, ceiling: head.clone(), head, now, own: OnceCell::new() }
    }

    /// The engagement under which is looked, by id, with the auditor.
    pub fn engagement(&self) -> Option<(&str, &str)> {
        match &self.behalf {
            Behalf::Engagement { id, user, .. } => Some((id, user)),
            Behalf::Body { .. } => None,
        }
    }

    /// The last day of the engagement's window.
    pub fn last_day(&self) -> Option<Date> {
        match &self.behalf {
            Behalf::Engagement { terms, .. } => Some(terms.window.to),
            Behalf::Body { .. } => None,
        }
    }

    /// Whether a point in time lies beyond the ceiling.
    pub fn is_beyond(&self, point: AsOf) -> bool {
        let Behalf::Engagement { terms, .. } = &self.behalf else { return false };
        let Some(ceiling) = terms.as_of_ceiling else { return false };
        match point {
            AsOf::Now => false,
            AsOf::Position(position) => position > self.ceiling.position,
            AsOf::Time(time) => time > ceiling,
        }
    }

    /// Whether objects of a kind can be seen at all.
    pub fn reads(&self, name: &str) -> bool {
        match &self.behalf {
            Behalf::Engagement { .. } if OWN.contains(&name) => true,
            Behalf::Engagement { terms, .. } => {
                let by_kind = |redaction: &facts::EngagementRedaction| {
                    redaction.object_kind.as_deref() == Some(name)
                };
                is_in_scope(terms, name) && !terms.redactions.values().any(by_kind)
            }
            Behalf::Body { .. } => OF_BODY.contains(&name),
        }
    }

    /// Whether nothing of a kind that stands before the ceiling is withheld.
    pub fn sees_all_of(&self, name: &str) -> bool {
        let Behalf::Engagement { terms, .. } = &self.behalf else { return false };
        let Some(row) = kind(name) else { return false };
        let covers = |redaction: &facts::EngagementRedaction| {
            let object = redaction.object.as_deref();
            object.is_some_and(|object| prefix_of(object) == row.prefix)
                || redaction.object_kind.as_deref() == Some(name)
        };
        let all = is_in_scope(terms, name) && terms.scope.systems.is_empty();
        all && !terms.redactions.values().any(covers)
    }

    /// Whether objects of a kind can be his own, so that they are shown as of now.
    pub fn may_own(&self, name: &str) -> bool {
        match &self.behalf {
            Behalf::Engagement { .. } => OWN.contains(&name),
            Behalf::Body { .. } => false,
        }
    }

    /// Whether a text of a kind's objects is nobody's business outside, whatever the scope.
    pub fn veils(&self, name: &str, field: &str) -> bool {
        (name, field) == ("membership", "email")
    }

    /// An object as it is seen, and as of which position.
    pub(crate) async fn document(
        &self,
        log: &Log,
        id: &str,
        at: Position,
        pinned: bool,
    ) -> Result<Option<(Arc<Document>, Position)>, Fault> {
        let may_own = kind_of_prefix(prefix_of(id)).is_some_and(|row| self.may_own(row.name));
        if may_own && !pinned {
            let newest = self.head.position;
            if let Some(found) = log.document(id, newest).await?
                && self.owns(log, &found).await?
            {
                return Ok(Some((found, newest)));
            }
        }
        let at = at.min(self.ceiling.position);
        let Some(found) = log.document(id, at).await? else { return Ok(None) };
        Ok(self.shows(log, &found, at).await?.then_some((found, at)))
    }

    /// Whether a document, as of a position up to the ceiling, is shown.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn shows(&self, log: &Log, found: &Document, at: Position) -> Result<bool, Fault> {
        if self.owns(log, found).await? {
            return Ok(true);
        }
        let Behalf::Engagement { terms, .. } = &self.behalf else { return Ok(false) };
        let closed = found.kind == "auditor_query" || terms.withholds(&found.kind, &found.id);
        if closed || !is_in_scope(terms, &found.kind) {
            return Ok(false);
        }
        if terms.scope.systems.is_empty() {
            return Ok(true);
        }
        let about = systems_of(log, found, at).await?;
        Ok(about.is_empty() || about.iter().any(|system| terms.scope.systems.contains(system)))
    }

    /// Whether an event is shown.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn shows_event(&self, log: &Log, row: &EventRow) -> Result<bool, Fault> {
        if !self.reads(&row.kind) {
            return Ok(false);
        }
        if row.position <= self.ceiling.position {
            let at = self.ceiling.position;
            let Some(found) = log.document(&row.stream, at).await? else { return Ok(false) };
            return self.shows(log, &found, at).await;
        }
        let Some(found) = log.document(&row.stream, self.head.position).await? else {
            return Ok(false);
        };
        self.owns(log, &found).await
    }

    /// Whether an object is an outsider's own.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn owns(&self, log: &Log, found: &Document) -> Result<bool, Fault> {
        let (kind, of) = (found.kind.as_str(), |field: &str| found.body[field].as_str());
        Ok(match &self.behalf {
            Behalf::Engagement { id, user, .. } => match kind {
                "auditor_engagement" => found.id == *id,
                "sample" | "audit_note" | "certification_audit" => {
                    of("engagement") == Some(id.as_str())
                }
                "auditor_query" => {
                    of("engagement") == Some(id.as_str()) && of("auditor") == Some(user.as_str())
                }
                "audit_finding" => self.own(log).await?.audits.contains(of("audit").unwrap_or("")),
                "nonconformity" => self.own(log).await?.is_answered_by(found),
                _ => false,
            },
            Behalf::Body { id } => match kind {
                "auditor_engagement" | "certification_audit" | "certificate" => {
                    of("body") == Some(id.as_str())
                }
                "audit_finding" => self.own(log).await?.audits.contains(of("audit").unwrap_or("")),
                "nonconformity" => self.own(log).await?.is_answered_by(found),
                _ => false,
            },
        })
    }

    /// The outsider's own audits, their findings and what answers those; looked up once.
    async fn own(&self, log: &Log) -> Result<&Own, Fault> {
        self.own.get_or_try_init(|| self.look_up(log)).await
    }

    async fn look_up(&self, log: &Log) -> Result<Own, Fault> {
        let (field, id) = match &self.behalf {
            Behalf::Engagement { id, .. } => ("engagement", id),
            Behalf::Body { id } => ("body", id),
        };
        let mut own = Own::default();
        for audit in all(log, "certification_audit", self.head.position).await?.iter() {
            if audit.body[field] == **id {
                own.audits.insert(audit.id.clone());
            }
        }
        for finding in all(log, "audit_finding", self.head.position).await?.iter() {
            if finding.body["audit"].as_str().is_some_and(|audit| own.audits.contains(audit)) {
                own.findings.insert(finding.id.clone());
                own.answers.extend(finding.body["linkedNc"].as_str().map(str::to_owned));
            }
        }
        Ok(own)
    }
}

/// Whether a kind's service is among those that an engagement opens. Of identity members are shown,
/// so that who decided has a name; neither tenants nor keys.
fn is_in_scope(terms: &AuditorEngagement, name: &str) -> bool {
    let Some(row) = kind(name).filter(|row| !row.is_of_platform()) else { return false };
    let services = &terms.scope.services;
    let is_shown = SHOWN.contains(&row.service) || name == "membership";
    is_shown && (services.is_empty() || services.iter().any(|service| service == row.service))
}

/// All objects of a kind as of a position.
async fn all(log: &Log, kind: &str, at: Position) -> Result<Arc<Vec<Arc<Document>>>, Fault> {
    let query = ListQuery {
        kind: kind.to_owned(),
        conditions: Vec::new(),
        search: None,
        order: vec![Order { slot: Slot::Id, descending: false, nullable: false }],
        after: None,
        limit: OWN_MAX,
        at,
    };
    log.list(query).await
}

/// The AI systems that an object is about: those that it names, or that what it names is about.
async fn systems_of(log: &Log, found: &Document, at: Position) -> Result<HashSet<String>, Fault> {
    let mut systems = HashSet::new();
    let (mut next, mut seen) = (vec![found.id.clone()], HashSet::from([found.id.clone()]));
    let mut first = Some(Arc::clone(&found.body));
    for _ in 0..=STEPS_MAX {
        let mut further = Vec::new();
        for id in std::mem::take(&mut next) {
            if prefix_of(&id) == "sys" {
                systems.insert(id);
                continue;
            }
            let body = match first.take() {
                Some(body) => Some(body),
                None => log.document(&id, at).await?.map(|found| Arc::clone(&found.body)),
            };
            // What governs the organisation names many things that it is not about.
            let lists = kind_of_prefix(prefix_of(&id)).is_some_and(|k| k.service != "governance");
            let named = body.as_deref().map(|body| references(body, lists)).unwrap_or_default();
            let (direct, others): (Vec<_>, Vec<_>) =
                named.into_iter().partition(|id| prefix_of(id) == "sys");
            // What an object says itself of its systems counts, not what others say.
            if direct.is_empty() { further.extend(others) } else { systems.extend(direct) }
        }
        next = further.into_iter().filter(|id| seen.insert(id.clone())).collect();
    }
    Ok(systems)
}

/// The ids that the fields of an object name: alone, or with `lists` in a list as well. Systems
/// count in lists always.
fn references(body: &Value, lists: bool) -> Vec<String> {
    let mut ids = Vec::new();
    for value in body.as_object().into_iter().flat_map(|fields| fields.values()) {
        let (named, is_list) = match value {
            Value::String(_) => (std::slice::from_ref(value), false),
            Value::Array(items) => (items.as_slice(), true),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => continue,
        };
        for id in named.iter().filter_map(Value::as_str).filter(|text| is_well_formed(text)) {
            let row = kind_of_prefix(prefix_of(id)).filter(|row| !row.is_of_platform());
            if row.is_some_and(|row| !is_list || lists || row.name == "ai_system") {
                ids.push(id.to_owned());
            }
        }
    }
    ids
}
