//! Values that fields are made of; each parses itself at the edge, so that a wrong one cannot be
//! held.

use std::fmt;
use std::marker::PhantomData;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::UserId;
use crate::schema::{Described, LINE_MAX, PROSE_MAX, Ty};

macro_rules! text {
    ($(#[$meta:meta])* $name:ident, $ty:expr) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes a text that was checked at the door.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Described for $name {
            fn ty() -> Ty {
                $ty
            }
        }
    };
}

text!(
    /// One line of text that names no person: titles, names of things, units, sites.
    Line,
    Ty::Line(LINE_MAX)
);
text!(
    /// SHA-256 as 64 lower-case hex digits.
    Hash,
    Ty::Hash
);
text!(
    /// A semantic version of two or three numbers.
    Version,
    Ty::Version
);
text!(
    /// The number of a clause or control.
    Number,
    Ty::Number
);

impl Version {
    /// Its numbers, the third 0 when it is left out; used to compare versions.
    pub fn numbers(&self) -> [u32; 3] {
        let mut out = [0; 3];
        for (slot, part) in out.iter_mut().zip(self.0.split('.')) {
            *slot = part.parse().unwrap_or(u32::MAX);
        }
        out
    }
}

/// Free text that may name people. In a command it is plain; at rest it is sealed: events,
/// patches, documents and history hold only the hash of a ciphertext that can be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prose {
    /// As the caller gave it; only inside a command and until the event is sealed.
    Plain(String),
    /// The hash of its ciphertext.
    Sealed(String),
}

impl Prose {
    /// Plain text.
    pub fn new(text: impl Into<String>) -> Self {
        Prose::Plain(text.into())
    }

    /// Whether it says nothing. A sealed text always says something: the door refuses blank ones.
    pub fn is_blank(&self) -> bool {
        matches!(self, Prose::Plain(text) if text.trim().is_empty())
    }
}

impl Default for Prose {
    fn default() -> Self {
        Prose::Plain(String::new())
    }
}

/// Key of the object that stands in JSON for a text that waits to be sealed.
pub const PLAIN: &str = "plain";
/// Key of the object that stands in JSON for a sealed text.
pub const SEALED: &str = "sealed";

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum ProseJson {
    Text(String),
    Plain { plain: String },
    Sealed { sealed: String },
}

impl Serialize for Prose {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.clone() {
            Prose::Plain(plain) => ProseJson::Plain { plain },
            Prose::Sealed(sealed) => ProseJson::Sealed { sealed },
        }
        .serialize(to)
    }
}

impl<'de> Deserialize<'de> for Prose {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(match ProseJson::deserialize(from)? {
            ProseJson::Text(text) | ProseJson::Plain { plain: text } => Prose::Plain(text),
            ProseJson::Sealed { sealed } => Prose::Sealed(sealed),
        })
    }
}

impl Described for Prose {
    fn ty() -> Ty {
        Ty::Prose(PROSE_MAX)
    }
}

/// A kind as a type, so that references are typed. Made by the table in `kinds.rs`.
pub trait KindTag {
    /// Name of the kind.
    const NAME: &'static str;
    /// Prefix of its identifiers.
    const PREFIX: &'static str;
}

/// A reference to an object of one kind.
pub struct Ref<K> {
    id: String,
    kind: PhantomData<fn() -> K>,
}

impl<K> Ref<K> {
    /// The object's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A reference to the object of this id.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), kind: PhantomData }
    }
}

impl<K> Clone for Ref<K> {
    fn clone(&self) -> Self {
        Self::new(self.id.clone())
    }
}

impl<K> fmt::Debug for Ref<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)
    }
}

impl<K> Default for Ref<K> {
    fn default() -> Self {
        Self::new("")
    }
}

impl<K> PartialEq for Ref<K> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl<K> Eq for Ref<K> {}

impl<K> Serialize for Ref<K> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.id)
    }
}

impl<'de, K: KindTag> Deserialize<'de> for Ref<K> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let id = String::deserialize(from)?;
        if crate::id::prefix_of(&id) == K::PREFIX || K::PREFIX.is_empty() {
            Ok(Self::new(id))
        } else {
            Err(D::Error::custom(format!("{id:?} is no id of {}", K::NAME)))
        }
    }
}

impl<K: KindTag> Described for Ref<K> {
    fn ty() -> Ty {
        Ty::Ref(K::NAME)
    }
}

/// Any object of the tenant.
pub struct Anything;

impl KindTag for Anything {
    const NAME: &'static str = "";
    const PREFIX: &'static str = "";
}

/// The pseudonym of a person who need not be a member.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pseudonym(pub UserId);

impl Pseudonym {
    /// The pseudonym as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Described for Pseudonym {
    fn ty() -> Ty {
        Ty::Pseudonym
    }
}

/// A key that is stable within its object: an index into a map of records.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(String);

impl Key {
    /// Takes a key.
    pub fn new(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Described for Key {
    fn ty() -> Ty {
        Ty::Key
    }
}

/// New values by field name, as a correction gives them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fields(pub serde_json::Map<String, serde_json::Value>);

impl Described for Fields {
    fn ty() -> Ty {
        Ty::Fields
    }
}
