//! Who asks: from a bearer token to a tenant, a person and the roles that he holds today.

use std::sync::Arc;

use bus::Who;
use event_store::engine::Head;
use event_store::{Fault, Log, Store};
use kernel::id::suffix_of;
use kernel::{Role, TenantId, Via};
use serde::Deserialize;

use crate::membership::{Membership, Status};
use crate::token::{Claims, TokenError, Tokens};

/// The one that asks.
#[derive(Clone)]
pub struct Caller {
    /// His tenant's log: the only way to anything.
    pub log: Log,
    /// He himself.
    pub who: Who,
    /// The log's head when his rights were looked up; only where they were looked up afresh.
    pub head: Option<Head>,
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
    /// Ours.
    #[error(transparent)]
    Fault(#[from] Fault),
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

    /// The caller of a question: his rights are those of the log's head, read afresh.
    ///
    /// # Errors
    /// Why he was not let in.
    pub async fn reader(&self, authorization: Option<&str>) -> Result<Caller, AuthError> {
        let claims = self.claims(authorization)?;
        let log = self.store.log(&claims.tnt);
        let head = log.head().await?.ok_or(AuthError::NotAMember)?;
        let who = match machine(&claims) {
            Some(who) => who,
            None => {
                let id = membership_of(&claims.sub);
                let found = log.document(&id, head.position).await?;
                let found = found.map(|document| (document.version, Arc::clone(&document.body)));
                person(&claims.sub, id, found)?
            }
        };
        Ok(Caller { log, who, head: Some(head) })
    }

    /// The caller of a command: his rights may come from memory, since the append checks that the
    /// membership is still the one that was seen.
    ///
    /// # Errors
    /// Why he was not let in.
    pub async fn commander(&self, authorization: Option<&str>) -> Result<Caller, AuthError> {
        let claims = self.claims(authorization)?;
        let log = self.store.log(&claims.tnt);
        let who = match machine(&claims) {
            Some(who) => who,
            None => self.member(&log, &claims.sub).await?,
        };
        Ok(Caller { log, who, head: None })
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

    fn claims(&self, authorization: Option<&str>) -> Result<Arc<Claims>, AuthError> {
        let header = authorization.ok_or(AuthError::Missing)?;
        let (scheme, token) = header.split_once(' ').ok_or(AuthError::Missing)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(AuthError::Missing);
        }
        Ok(self.tokens.verify(token.trim())?)
    }
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
    })
}
