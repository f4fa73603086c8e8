//! Identifiers: a prefix that names the kind and a UUIDv7 in lower-case Crockford base32.

use std::fmt;

use serde::{Deserialize, Serialize};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const ENCODED: usize = 26;

/// Longest identifier that any surface accepts, in bytes.
pub const MAX_ID: usize = 64;

/// The log of the installation itself: tenants, operators and certification bodies.
pub const PLATFORM: &str = "tnt_00000000000000000000000000";

/// The id of the installation's own log.
pub fn platform() -> TenantId {
    TenantId::new(PLATFORM)
}

/// Writes `prefix_` and the 26 base32 characters of a 128-bit value.
pub fn encode(prefix: &str, bits: u128) -> String {
    let mut out = String::with_capacity(prefix.len() + 1 + ENCODED);
    out.push_str(prefix);
    out.push('_');
    for place in (0..ENCODED).rev() {
        let digit = (bits >> (5 * place)) & 31;
        out.push(char::from(ALPHABET[digit as usize]));
    }
    out
}

/// A UUIDv7 (RFC 9562): 48 bits of milliseconds, version, variant and 74 bits of the caller's
/// randomness. Domain code never draws it: it is handed in.
pub fn uuid_v7(millis: u64, random: u128) -> u128 {
    let time = u128::from(millis & 0xffff_ffff_ffff) << 80;
    let high = ((random >> 64) & 0x0fff) << 64;
    let low = random & 0x3fff_ffff_ffff_ffff;
    time | (7 << 76) | high | (0b10 << 62) | low
}

/// Whether the text has the form of one of our identifiers: `prefix_` and 26 base32 characters.
pub fn is_well_formed(text: &str) -> bool {
    text.len() <= MAX_ID
        && text.rsplit_once('_').is_some_and(|(prefix, tail)| {
            !prefix.is_empty()
                && prefix.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
                && tail.len() == ENCODED
                && tail.bytes().all(|b| ALPHABET.contains(&b))
        })
}

/// Whether the text has the form of an identifier with this prefix.
pub fn is_of(prefix: &str, text: &str) -> bool {
    prefix_of(text) == prefix && is_well_formed(text)
}

/// The part before the last underscore, `risk` in `risk_01kb…`.
pub fn prefix_of(id: &str) -> &str {
    id.rsplit_once('_').map_or("", |(prefix, _)| prefix)
}

/// The part after the last underscore, shared by identifiers that belong together
/// (`usr_X` is the user, `mbr_X` his membership).
pub fn suffix_of(id: &str) -> &str {
    id.rsplit_once('_').map_or("", |(_, suffix)| suffix)
}

macro_rules! newtype {
    ($(#[$meta:meta])* $name:ident, $prefix:literal) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The prefix of every identifier of this type.
            pub const PREFIX: &str = $prefix;

            /// Takes a text that is known to be such an identifier.
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The identifier of these 128 bits.
            pub fn from_bits(bits: u128) -> Self {
                Self(encode($prefix, bits))
            }

            /// Reads outside input; `None` when it is not an identifier with this prefix.
            pub fn parse(text: &str) -> Option<Self> {
                (is_well_formed(text) && prefix_of(text) == $prefix).then(|| Self(text.to_owned()))
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

newtype!(
    /// A tenant: one organisation with one log.
    TenantId,
    "tnt"
);
newtype!(
    /// A person; a random pseudonym that says nothing about him.
    UserId,
    "usr"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_prefix_and_26_characters_that_sort_by_time() {
        let early = encode("risk", uuid_v7(1_000, 5));
        let late = encode("risk", uuid_v7(2_000, 1));
        assert!(is_well_formed(&early), "{early}");
        assert!(early < late);
        assert_eq!(prefix_of(&early), "risk");
    }

    #[test]
    fn foreign_texts_are_no_ids() {
        for text in ["", "risk", "risk_", "risk_01", "Risk_00000000000000000000000000", "_0"] {
            assert!(!is_well_formed(text), "{text}");
        }
        assert!(UserId::parse(&encode("tnt", 1)).is_none());
    }

    #[test]
    fn version_and_variant_bits_are_set() {
        let bits = uuid_v7(u64::MAX, u128::MAX);
        assert_eq!((bits >> 76) & 0xf, 7);
        assert_eq!((bits >> 62) & 0b11, 0b10);
    }
}
