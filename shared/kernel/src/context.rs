//! What a decision is given beside the object's state and the command: who, when and which facts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use declare::record;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::values::{Key, Line};
use crate::{Actor, Date, Instant, Position, Role, TenantId, UserId, id};

/// A typed view of another object's document: the fields that the reader relies on.
pub trait Fact: DeserializeOwned {
    /// The kind whose documents it reads.
    const KIND: &'static str;
}

/// Which facts a command needs before it can be decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// One object, if it exists.
    Object(String),
    /// All objects of a kind.
    All(&'static str),
    /// The objects of a kind whose indexed field has this text.
    Where(&'static str, &'static str, String),
    /// The event at a position of the tenant's log, as an object of the kind `event` whose id is
    /// the position. It never changes, so nothing guards it.
    Event(Position),
    /// One object of the installation's own log, if it exists, read at that log's head and not
    /// guarded: the decision copies what it used, with the point where it was read.
    Platform(String),
}

/// A point of another log: where a fact was read that is copied from there.
#[record]
#[derive(Default)]
pub struct LogPoint {
    /// The log's opaque id.
    pub log: Line,
    /// The position.
    pub position: Position,
}

/// One object as it stood at the position of the facts.
#[derive(Clone, Debug)]
pub struct FactDocument {
    /// Its kind.
    pub kind: String,
    /// Its document.
    pub body: Arc<Value>,
}

/// Facts of other objects, all read at one position. The append is refused and the command decided
/// again when one of them has changed since.
#[derive(Debug, Default)]
pub struct Facts {
    /// Where they were read.
    pub position: Position,
    /// The needs that were answered.
    pub answered: Vec<Need>,
    /// Ids of the objects that were found by a value of theirs.
    pub matched: Vec<String>,
    /// Where objects of the installation's log were read.
    pub platform: Option<LogPoint>,
    objects: BTreeMap<String, FactDocument>,
    unreadable: OnceLock<String>,
}

impl Facts {
    /// No facts, as of a position.
    pub fn at(position: Position) -> Self {
        Self { position, ..Self::default() }
    }

    /// Adds an object.
    pub fn add(&mut self, id: impl Into<String>, kind: impl Into<String>, body: Arc<Value>) {
        self.objects.insert(id.into(), FactDocument { kind: kind.into(), body });
    }

    /// Whether there is an object of this id, of whatever kind.
    pub fn exists(&self, id: &str) -> bool {
        self.objects.contains_key(id)
    }

    /// The object of this id as the view shows it.
    pub fn get<F: Fact>(&self, id: &str) -> Option<F> {
        let found = self.objects.get(id).filter(|o| o.kind == F::KIND)?;
        self.read(id, found)
    }

    /// All known objects of the view's kind, by id.
    pub fn all<F: Fact>(&self) -> Vec<(String, F)> {
        let of_kind = self.objects.iter().filter(|(_, o)| o.kind == F::KIND);
        of_kind.filter_map(|(id, o)| Some((id.clone(), self.read(id, o)?))).collect()
    }

    /// The documents of a kind as they are stored, in the order of their ids.
    pub fn documents<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let of_kind = self.objects.iter().filter(move |(_, o)| o.kind == kind);
        of_kind.map(|(id, o)| (id.as_str(), &*o.body))
    }

    /// The first document that a view could not read. The bus refuses to go on then: a fact that
    /// cannot be read must not count as absent.
    pub fn unreadable(&self) -> Option<&str> {
        self.unreadable.get().map(String::as_str)
    }

    fn read<F: Fact>(&self, id: &str, object: &FactDocument) -> Option<F> {
        match F::deserialize(&*object.body) {
            Ok(view) => Some(view),
            Err(error) => {
                self.unreadable.get_or_init(|| format!("{id}: {error}"));
                None
            }
        }
    }
}

/// What a decision is given. Pure data: the same context, state and command give the same events.
#[derive(Debug)]
pub struct Context {
    /// Whose log.
    pub tenant: TenantId,
    /// The object that decides.
    pub id: String,
    /// The version of its stream before the command; 0 when it does not exist yet.
    pub version: u64,
    /// The time at which it is decided.
    pub now: Instant,
    /// When it was true in the world, where the caller says so.
    pub effective: Option<Instant>,
    /// Who gives the command.
    pub actor: Actor,
    /// All roles that he holds.
    pub roles: Vec<Role>,
    /// The certification body for which he acts with that body's own rights, by id.
    pub body: Option<String>,
    /// What other objects say.
    pub facts: Facts,
    /// Randomness for ids of parts, drawn at the edge.
    pub seed: u128,
    /// How many ids were made.
    pub made: AtomicU64,
}

impl Context {
    /// The person who gives the command, by pseudonym (also for machines: `rea_P12`).
    pub fn user(&self) -> UserId {
        UserId::new(self.actor.id.clone())
    }

    /// Today in UTC.
    pub fn today(&self) -> Date {
        self.now.date()
    }

    /// Whether the actor holds the role.
    pub fn holds(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// A new identifier with this prefix, for a part or another object.
    pub fn new_id(&self, prefix: &str) -> String {
        let number = u128::from(self.made.fetch_add(1, Ordering::Relaxed));
        id::encode(prefix, id::uuid_v7(self.now.millis(), self.seed.wrapping_add(number)))
    }

    /// A new key for a part of this object.
    pub fn new_key(&self, prefix: &str) -> Key {
        Key::new(self.new_id(prefix))
    }

    /// A context for given/when/then tests: this person, in these roles, at this time.
    pub fn of(user: &str, roles: &[Role], now: &str) -> Self {
        Self {
            tenant: TenantId::from_bits(1),
            id: String::new(),
            version: 0,
            now: now.parse().unwrap_or_default(),
            effective: None,
            actor: Actor {
                id: user.to_owned(),
                role: roles.first().copied().unwrap_or(Role::Emp),
                via: crate::Via::User,
                engagement: None,
            },
            roles: roles.to_vec(),
            body: None,
            facts: Facts::default(),
            seed: 7,
            made: AtomicU64::new(0),
        }
    }

    /// The same context of somebody who acts for a certification body.
    #[must_use]
    pub fn for_body(self, body: &str) -> Self {
        Self { body: Some(body.to_owned()), ..self }
    }

    /// The same context of somebody who acts under an auditor engagement.
    #[must_use]
    pub fn under(mut self, engagement: &str) -> Self {
        self.actor.engagement = Some(engagement.to_owned());
        self
    }

    /// The same context with a fact more; a fact that does not serialise is left out.
    pub fn knowing(mut self, id: &str, kind: &str, body: Value) -> Self {
        self.facts.add(id, kind, Arc::new(body));
        self
    }
}
