//! Who asks: from a bearer token to a tenant, a person and the roles that he holds today.

use std::sync::Arc;

use bus::Who;
use event_store::engine::Head;
use event_store::store::clock;
use event_store::{Document, Fault, Log, Store};
use kernel::id::{platform, suffix_of};
use kernel::{Instant, Position, Role, TenantId, Via};
use serde::Deserialize;

use crate::membership::{Membership, Status};
use crate::outlook::{Closed, Outlook};
use crate::token::{Claims, TokenError, Tokens};

/// The one that asks.
#[derive(Clone)]
pub struct Caller {
    /// His tenant's log: the only way to anything.
    pub log: Log,
    /// He himself.
    pub who: Who,
    /// The log's head when his rights were looked up; only where they were looked up afresh. For
    /// an auditor it ends at the ceiling of his engagement.
    pub head: Option<Head>,
    /// What somebody from outside sees of the records; members see what their roles read.
    pub outlook: Option<Arc<Outlook>>,
}

impl Caller {
    /// The tenant.
    pub fn tenant(&self) -> &TenantId {
        self.log.tenant()
    }

    /// Whether he holds one of the roles.
    pub fn holds_one_of(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.who.roles.contains(role))
    }

    /// An object as he sees it, and as of which position: for auditors what is their own as of now,
    /// also after the ceiling, unless they have `pinned` a point in time.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn document(
        &self,
        id: &str,
        at: Position,
        pinned: bool,
    ) -> Result<Option<(Arc<Document>, Position)>, Fault> {
        match &self.outlook {
            Some(outlook) => outlook.document(&self.log, id, at, pinned).await,
            None => Ok(self.log.document(id, at).await?.map(|found| (found, at))),
        }
    }

    /// The position up to which he is shown what is his own.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn newest(&self) -> Result<Position, Fault> {
        match (&self.outlook, &self.head) {
            (Some(outlook), _) => Ok(outlook.head.position),
            (None, Some(head)) => Ok(head.position),
            (None, None) => {
                Ok(self.log.head().await?.map_or(Position::START, |head| head.position))
            }
        }
    }
}

/// Why nobody was let in.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// There is no `Authorization: Bearer` header.
    #[error("a bearer token is required")]
    Missing,
    /// The token is not accepted.
    #[error("the token is not accepted: {0}")]
    Token(#[from] TokenError),
    /// The token is good, but its bearer is not, or no longer, a member of the tenant.
    #[error("the bearer of the token is no member of the tenant")]
    NotAMember,
    /// The engagement lets nobody in now, or not him.
    #[error("the auditor engagement lets nobody in: {0}")]
    EngagementClosed(Closed),
    /// The bearer does not, or no longer, act for the body.
    #[error("the bearer of the token does not act for the certification body")]
    NotOfTheBody,
    /// This is for members of the organisation alone.
    #[error("this is not open to a certification body's people")]
    MembersOnly,
    /// Ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl AuthError {
    /// Stable code, the same on every surface.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "unauthenticated",
            Self::Token(_) => "invalid_token",
            Self::NotAMember => "not_a_member",
            Self::EngagementClosed(_) => "engagement_closed",
            Self::NotOfTheBody => "not_of_the_body",
            Self::MembersOnly => "engagement_forbids",
            Self::Fault(_) => "fault",
        }
    }
}

/// Lets callers in.
pub struct Identity {
    store: Arc<Store>,
    tokens: Tokens,
}

impl Identity {
    /// Identity over a store, with the keys of this installation.
    pub fn new(store: Arc<Store>, tokens: Tokens) -> Arc<Self> {
        Arc::new(Self { store, tokens })
    }

    /// The keys.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// The store.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// The caller of a question, if he is a member or a machine: his rights are those of the log's
    /// head, read afresh. Whoever answers auditors as well asks for [`Identity::any_reader`].
    ///
    /// # Errors
    /// Why he was not let in.
    pub async fn reader(&self, authorization: Option<&str>) -> Result<Caller, AuthError> {
        let claims = self.claims(authorization)?;
        if is_outsider(&claims) {
            return Err(AuthError::MembersOnly);
        }
        self.member_reads(&claims).await
    }

    /// The caller of a question, whoever he is. What an auditor asks is bounded by his
    /// [`Caller::outlook`]. The clock counts where that of the log is simulated.
    ///
    /// # Errors
    /// Why he was not let in.
    pub async fn any_reader(
        &self,
        authorization: Option<&str>,
        clock: Option<Instant>,
    ) -> Result<Caller, AuthError> {
        let claims = self.claims(authorization)?;
        match self.outsider(&claims, clock).await? {
            Some(outsider) => Ok(outsider),
            None => self.member_reads(&claims).await,
        }
    }

    async fn member_reads(&self, claims: &Claims) -> Result<Caller, AuthError> {
        let log = self.store.log(&claims.tnt);
        let head = log.head().await?.ok_or(AuthError::NotAMember)?;
        let who = match machine(claims) {
            Some(who) => who,
            None => {
                let id = membership_of(&claims.sub);
                let found = log.document(&id, head.position).await?;
                let found = found.map(|document| (document.version, Arc::clone(&document.body)));
                person(&claims.sub, id, found)?
            }
        };
        Ok(Caller { log, who, head: Some(head), outlook: None })
    }

    /// The caller of a command, if he is a member or a machine: his rights may come from memory,
    /// since the append checks that the membership is still the one that was seen.
    ///
    /// # Errors
    /// Why he was not let in.
    pub async fn commander(&self, authorization: Option<&str>) -> Result<Caller, AuthError> {
        let claims = self.claims(authorization)?;
        if is_outsider(&claims) {
            return Err(AuthError::MembersOnly);
        }
        self.member_commands(&claims).await
    }

    /// The caller of a command, whoever he is. What an auditor may command is bounded by
    /// [`Who::only`].
    ///
    /// # Errors
    /// Why he was not let in.
    pub async fn any_commander(
        &self,
        authorization: Option<&str>,
        clock: Option<Instant>,
    ) -> Result<Caller, AuthError> {
        let claims = self.claims(authorization)?;
        match self.outsider(&claims, clock).await? {
            Some(outsider) => Ok(outsider),
            None => self.member_commands(&claims).await,
        }
    }

    async fn member_commands(&self, claims: &Claims) -> Result<Caller, AuthError> {
        let log = self.store.log(&claims.tnt);
        let who = match machine(claims) {
            Some(who) => who,
            None => self.member(&log, &claims.sub).await?,
        };
        Ok(Caller { log, who, head: None, outlook: None })
    }

    /// A member of a tenant with the roles that he holds, as far as memory knows.
    ///
    /// # Errors
    /// When the person is no member.
    pub async fn member(&self, log: &Log, user: &str) -> Result<Who, AuthError> {
        let id = membership_of(user);
        let found = log.newest(&id).await?;
        let found = found.map(|document| (document.version, Arc::clone(&document.body)));
        person(user, id, found)
    }

    /// Somebody who acts under an engagement or for a certification body; `None` for anybody else.
    /// Everything is read afresh: a revocation counts for the very next request.
    async fn outsider(
        &self,
        claims: &Claims,
        clock: Option<Instant>,
    ) -> Result<Option<Caller>, AuthError> {
        let log = self.store.log(&claims.tnt);
        match (&claims.eng, &claims.cbo) {
            (None, None) => Ok(None),
            (Some(engagement), None) => {
                self.auditor(log, &claims.sub, engagement, clock).await.map(Some)
            }
            (None, Some(body)) => self.of_body(log, &claims.sub, body, clock).await.map(Some),
            (Some(_), Some(_)) => Err(AuthError::NotOfTheBody),
        }
    }

    /// An auditor under an engagement that is open.
    ///
    /// # Errors
    /// Why he was not let in.
    pub async fn auditor(
        &self,
        log: Log,
        user: &str,
        engagement: &str,
        clock: Option<Instant>,
    ) -> Result<Caller, AuthError> {
        let head = log.head().await?.ok_or(AuthError::EngagementClosed(Closed::Unknown))?;
        let now = now(&head, clock);
        let found = log.document(engagement, head.position).await?;
        let found = found.filter(|found| found.kind == "auditor_engagement");
        let found = found.ok_or(AuthError::EngagementClosed(Closed::Unknown))?;
        let view = facts::AuditorEngagement::deserialize(&*found.body)
            .map_err(|error| Fault::Corrupt(format!("{engagement}: {error}")))?;
        if let Some(closed) = Closed::to(&view, user, now) {
            return Err(AuthError::EngagementClosed(closed));
        }
        if self.role_in(&view.body, user).await? != Some(Role::Cba) {
            return Err(AuthError::NotOfTheBody);
        }
        let who = Who {
            id: user.to_owned(),
            roles: vec![Role::Cba],
            via: Via::User,
            engagement: Some(engagement.to_owned()),
            membership: Some((engagement.to_owned(), found.version)),
            body: None,
            only: Some(&["audit_finding", "sample", "audit_note"]),
        };
        let outlook = Outlook::under(engagement, user, view, &log, head, now).await?;
        Ok(Caller {
            head: Some(outlook.ceiling.clone()),
            log,
            who,
            outlook: Some(Arc::new(outlook)),
        })
    }

    /// Somebody who acts for a certification body.
    ///
    /// # Errors
    /// Why he was not let in.
    pub async fn of_body(
        &self,
        log: Log,
        user: &str,
        body: &str,
        clock: Option<Instant>,
    ) -> Result<Caller, AuthError> {
        let head = log.head().await?.ok_or(AuthError::NotOfTheBody)?;
        let role = self.role_in(body, user).await?.ok_or(AuthError::NotOfTheBody)?;
        let who = Who {
            id: user.to_owned(),
            roles: vec![role],
            via: Via::User,
            engagement: None,
            membership: None,
            body: Some(body.to_owned()),
            only: Some(&[
                "certification_audit",
                "certificate",
                "auditor_engagement",
                "audit_finding",
            ]),
        };
        let now = now(&head, clock);
        let outlook = Outlook::for_body(body, head.clone(), now);
        Ok(Caller { head: Some(head), log, who, outlook: Some(Arc::new(outlook)) })
    }

    /// What a person does for a certification body today.
    async fn role_in(&self, body: &str, user: &str) -> Result<Option<Role>, Fault> {
        let platform = self.store.log(&platform());
        let Some(head) = platform.head().await? else { return Ok(None) };
        let found = platform.document(body, head.position).await?;
        let found = found.filter(|found| found.kind == "certification_body");
        let Some(found) = found else { return Ok(None) };
        let view = facts::CertificationBody::deserialize(&*found.body)
            .map_err(|error| Fault::Corrupt(format!("{body}: {error}")))?;
        Ok(match view.role_of(user) {
            Some("auditor") => Some(Role::Cba),
            Some("decision_maker") => Some(Role::Cbd),
            Some(_) | None => None,
        })
    }

    fn claims(&self, authorization: Option<&str>) -> Result<Arc<Claims>, AuthError> {
        let header = authorization.ok_or(AuthError::Missing)?;
        let (scheme, token) = header.split_once(' ').ok_or(AuthError::Missing)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(AuthError::Missing);
        }
        Ok(self.tokens.verify(token.trim())?)
    }
}

/// Whether the bearer acts on behalf of others than the organisation.
fn is_outsider(claims: &Claims) -> bool {
    claims.eng.is_some() || claims.cbo.is_some()
}

/// The time by which a window is open: the wall's, or where the log's clock is simulated the
/// caller's, which is never set back.
fn now(head: &Head, asked: Option<Instant>) -> Instant {
    if head.simulated { asked.map_or(head.at, |asked| asked.max(head.at)) } else { clock() }
}

fn membership_of(user: &str) -> String {
    format!("mbr_{}", suffix_of(user))
}

/// A token for a machine of this installation names its roles itself.
fn machine(claims: &Claims) -> Option<Who> {
    (claims.sub.starts_with("rea_")).then(|| Who {
        id: claims.sub.clone(),
        roles: vec![Role::Sys],
        via: Via::Reaction,
        engagement: None,
        membership: None,
        body: None,
        only: None,
    })
}

fn person(
    user: &str,
    id: String,
    found: Option<(u64, Arc<serde_json::Value>)>,
) -> Result<Who, AuthError> {
    let (version, body) = found.ok_or(AuthError::NotAMember)?;
    let membership = Membership::deserialize(&*body)
        .map_err(|error| Fault::Corrupt(format!("membership {id}: {error}")))?;
    if membership.status != Status::Active {
        return Err(AuthError::NotAMember);
    }
    let mut roles = membership.roles;
    roles.push(Role::Emp);
    Ok(Who {
        id: user.to_owned(),
        roles,
        via: Via::User,
        engagement: None,
        membership: Some((id, version)),
        body: None,
        only: None,
    })
}
