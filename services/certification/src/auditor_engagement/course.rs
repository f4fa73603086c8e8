//! The way of an engagement: asked for, granted, begun, lengthened, over or revoked.

use std::collections::BTreeMap;

use declare::record;
use facts::Membership;
use kernel::values::{Key, Line, Prose, Pseudonym};
use kernel::{Context, Date, Instant, Need, UserId};

use super::access::keyed;
use super::{
    AuditorEngagement, Copied, EngagementStatus, Event, Named, Redact, Refusal, Requested, Terms,
};
use crate::certification_body::{CertificationBody, Person, PersonRole};

/// Most days of a window, and of each extension.
pub const DAYS_MAX: i64 = 30;
/// How often an engagement can be extended.
const EXTENSIONS_MAX: usize = 24;

/// When auditors may read, in whole days of UTC.
#[record]
#[derive(Default)]
pub struct Window {
    /// The first day.
    #[field(index)]
    pub from: Date,
    /// The last day.
    #[field(index)]
    pub to: Date,
}

impl Window {
    /// How many days it has.
    fn days(&self) -> i64 {
        self.from.days_until(self.to) + 1
    }
}

/// Input of `request`.
#[record]
pub struct Request {
    /// What is asked for.
    #[field(flatten)]
    pub terms: Terms,
    /// What is not to be shown, and why.
    #[field(max = 100)]
    pub redactions: Vec<Redact>,
}

/// An engagement was granted.
#[record]
pub struct Granted {
    /// Who granted it.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// What the installation's log said of the body then.
    pub copied: Copied,
}

/// Input of `extend`.
#[record]
pub struct Extend {
    /// The new last day; as it was when left out.
    pub to: Option<Date>,
    /// The new ceiling, later than the old one; as it was when left out.
    pub as_of_ceiling: Option<Instant>,
    /// Why.
    pub reason: Prose,
}

/// An extension.
#[record]
pub struct Extension {
    /// The last day from then on.
    pub to: Date,
    /// The ceiling from then on.
    pub as_of_ceiling: Option<Instant>,
    /// Who extended it.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: Prose,
}

/// An engagement was extended.
#[record]
pub struct Extended {
    /// Key of the extension.
    pub key: Key,
    /// The extension.
    pub extension: Extension,
}

/// A window has begun.
#[record]
pub struct Activated {
    /// Its first day.
    pub from: Date,
}

/// A window is over.
#[record]
pub struct Expired {
    /// Its last day.
    pub to: Date,
}

/// Input of `revoke`.
#[record]
pub struct Revoke {
    /// Why.
    pub reason: Prose,
}

/// An engagement was revoked.
#[record]
pub struct Revoked {
    /// Who revoked it.
    pub by: UserId,
    /// Why.
    pub reason: Prose,
}

impl EngagementStatus {
    /// As it stands in documents.
    pub fn text(self) -> &'static str {
        match self {
            EngagementStatus::Requested => "requested",
            EngagementStatus::Granted => "granted",
            EngagementStatus::Active => "active",
            EngagementStatus::Expired => "expired",
            EngagementStatus::Revoked => "revoked",
        }
    }
}

impl AuditorEngagement {
    /// What must be known of the body and its auditors.
    pub(super) fn needed(terms: &Terms) -> Vec<Need> {
        let memberships = terms.auditors.iter().map(|auditor| Membership::id_of(&auditor.0));
        let body = Need::Platform(terms.body.id().to_owned());
        memberships.map(Need::Object).chain([body]).collect()
    }

    pub(super) fn requested(
        &self,
        input: Request,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let Request { terms, redactions } = input;
        check_window(&terms, context)?;
        let copied = copied(&terms, context)?;
        let redactions = keyed(redactions, context)?;
        let by = context.user();
        Ok(vec![Event::Requested(Requested { terms, copied, redactions, by })])
    }

    pub(super) fn granted(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be(&[EngagementStatus::Requested], "granted")?;
        if context.user() == self.requested_by {
            return Err(Refusal::GranterAskedForIt);
        }
        if self.terms.window.to < context.today() {
            return Err(Refusal::WindowOver { to: self.terms.window.to });
        }
        let copied = copied(&self.terms, context)?;
        let (by, at) = (context.user(), context.now);
        Ok(vec![Event::Granted(Granted { by, at, copied })])
    }

    pub(super) fn extended(&self, input: Extend, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be(&[EngagementStatus::Granted, EngagementStatus::Active], "extended")?;
        let Window { to: last, .. } = self.terms.window;
        if last < context.today() {
            return Err(Refusal::WindowOver { to: last });
        }
        let to = input.to.unwrap_or(last);
        if to < last {
            return Err(Refusal::NotLater { what: "window", at: "/to" });
        }
        if last.days_until(to) > DAYS_MAX {
            return Err(Refusal::WindowTooLong { max: DAYS_MAX, at: "/to" });
        }
        let ceiling = self.terms.as_of_ceiling;
        let as_of_ceiling = match (ceiling, input.as_of_ceiling) {
            (Some(old), Some(new)) if new < old => {
                return Err(Refusal::NotLater { what: "ceiling", at: "/asOfCeiling" });
            }
            (None, Some(_)) => {
                return Err(Refusal::NotLater { what: "ceiling", at: "/asOfCeiling" });
            }
            (old, new) => new.or(old),
        };
        if as_of_ceiling.is_some_and(|ceiling| ceiling.date() > to) {
            return Err(Refusal::CeilingAfterWindow { to, at: "/asOfCeiling" });
        }
        if to == last && as_of_ceiling == ceiling {
            return Ok(Vec::new());
        }
        if self.extensions.len() >= EXTENSIONS_MAX {
            return Err(Refusal::TooManyExtensions { max: EXTENSIONS_MAX });
        }
        let (key, reason) = (context.new_key("extension"), input.reason);
        let (by, at) = (context.user(), context.now);
        let extension = Extension { to, as_of_ceiling, by, at, reason };
        Ok(vec![Event::Extended(Extended { key, extension })])
    }

    pub(super) fn activated(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status == EngagementStatus::Active {
            return Ok(Vec::new());
        }
        self.must_be(&[EngagementStatus::Granted], "begun")?;
        let Window { from, to } = self.terms.window;
        if context.today() < from {
            return Err(Refusal::WindowNotBegun { from });
        }
        if to < context.today() {
            return Err(Refusal::WindowOver { to });
        }
        Ok(vec![Event::Activated(Activated { from })])
    }

    pub(super) fn expired(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status == EngagementStatus::Expired {
            return Ok(Vec::new());
        }
        let open =
            [EngagementStatus::Requested, EngagementStatus::Granted, EngagementStatus::Active];
        self.must_be(&open, "ended")?;
        let to = self.terms.window.to;
        if context.today() <= to {
            return Err(Refusal::WindowOpen { to });
        }
        Ok(vec![Event::Expired(Expired { to })])
    }

    pub(super) fn revoked(&self, input: Revoke, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status == EngagementStatus::Revoked {
            return Ok(Vec::new());
        }
        let open =
            [EngagementStatus::Requested, EngagementStatus::Granted, EngagementStatus::Active];
        self.must_be(&open, "revoked")?;
        // Whoever holds no role of the organisation must act for the engagement's own body.
        let is_auditor = context.actor.role == kernel::Role::Cba;
        if is_auditor && context.body.as_deref() != Some(self.terms.body.id()) {
            return Err(Refusal::NotYourBody);
        }
        let (by, reason) = (context.user(), input.reason);
        Ok(vec![Event::Revoked(Revoked { by, reason })])
    }

    pub(super) fn must_be(
        &self,
        allowed: &[EngagementStatus],
        done: &'static str,
    ) -> Result<(), Refusal> {
        if allowed.contains(&self.status) {
            return Ok(());
        }
        Err(Refusal::NotNow { status: self.status.text(), done })
    }
}

fn check_window(terms: &Terms, context: &Context) -> Result<(), Refusal> {
    let window = &terms.window;
    if window.to < window.from {
        return Err(Refusal::WindowEndsFirst { at: "/window/to" });
    }
    if window.to < context.today() {
        return Err(Refusal::WindowInThePast { to: window.to, at: "/window/to" });
    }
    if window.days() > DAYS_MAX {
        return Err(Refusal::WindowTooLong { max: DAYS_MAX, at: "/window/to" });
    }
    if terms.as_of_ceiling.is_some_and(|ceiling| ceiling.date() > window.to) {
        return Err(Refusal::CeilingAfterWindow { to: window.to, at: "/asOfCeiling" });
    }
    Ok(())
}

/// What the installation's log says of the body, if its auditors may be let in.
fn copied(terms: &Terms, context: &Context) -> Result<Copied, Refusal> {
    let body = context.facts.get::<CertificationBody>(terms.body.id());
    let body = body.ok_or(Refusal::UnknownBody { at: "/body" })?;
    if terms.auditors.is_empty() {
        return Err(Refusal::NoAuditor { at: "/auditors" });
    }
    if terms.accredited && !body.is_accredited_on(context.today()) {
        return Err(Refusal::NotAccredited { body: body.name.to_string(), at: "/accredited" });
    }
    let mut people = BTreeMap::new();
    for auditor in &terms.auditors {
        let person = may_audit(&body, auditor, context)?;
        people.insert(Key::new(auditor.as_str()), Named { name: person.name.clone() });
    }
    let held = body.accreditation.filter(|_| terms.accredited);
    Ok(Copied {
        body_name: body.name,
        accreditation: held.map(|held| Line::new(format!("{} {}", held.accreditor, held.number))),
        rules: body.rules,
        people,
        seen: context.facts.platform.clone().unwrap_or_default(),
    })
}

/// An auditor of a body, if nothing stands in the way of his auditing this organisation.
fn may_audit<'a>(
    body: &'a CertificationBody,
    auditor: &Pseudonym,
    context: &Context,
) -> Result<&'a Person, Refusal> {
    let (user, at) = (auditor.as_str().to_owned(), "/auditors");
    let person = body.person(auditor).filter(|person| person.acts_as(PersonRole::Auditor));
    let person = person.ok_or_else(|| Refusal::NotAnAuditor { user: user.clone(), at })?;
    let membership = Membership::id_of(&auditor.0);
    if context.facts.get::<Membership>(&membership).is_some_and(|member| member.status == "active")
    {
        return Err(Refusal::AuditorIsMember { user, at });
    }
    let (client, today) = (&context.tenant, context.today());
    if let Some(until) = person.advised_until(client, today) {
        return Err(Refusal::AuditorAdvised { user, until, at });
    }
    if !person.is_impartial(client, today) {
        return Err(Refusal::NotImpartial { user, at });
    }
    Ok(person)
}
