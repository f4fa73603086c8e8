//! Sealing of personal data: AES-256-GCM-SIV under keys that can be destroyed.
//!
//! ```text
//! master key (operator) ─wraps─► tenant key ─wraps─► subject key ─HKDF(nonce)─► data key of one
//! value ```
//!
//! The subject of a value is the object whose stream holds it. A sealed value is
//! `nonce || ciphertext || tag`, found by its SHA-256; the log holds that hash and a commitment to
//! the data key (history, sections 1 and 5).

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::Fault;

/// Name of the sealing scheme as it stands in payloads.
pub const ALG: &str = "A256GCM-SIV";

/// A 256-bit key.
#[derive(Clone)]
pub struct SecretKey([u8; 32]);

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// One sealed value of a payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SealedAt {
    /// JSON pointer into `data`.
    pub path: String,
    /// Whose key sealed it.
    pub subject: String,
    /// SHA-256 of the sealed bytes.
    pub blob: String,
    /// Commitment to the data key: SHA-256("annals/kc/v1\0" || data key).
    pub kc: String,
    /// Scheme.
    pub alg: &'static str,
}

/// 16 or 32 random bytes and the like.
///
/// # Errors
/// When the operating system gives none.
pub fn random<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Fault::Key(error.to_string()))?;
    Ok(bytes)
}

impl SecretKey {
    /// A new random key.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn generate() -> Result<Self, Fault> {
        random().map(Self)
    }

    /// A key from its bytes.
    ///
    /// # Errors
    /// When there are not 32 of them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Fault> {
        let bytes = bytes.try_into().map_err(|_| Fault::Key("a key has 32 bytes".into()))?;
        Ok(Self(bytes))
    }

    /// The bytes, to be stored where only the operator reads.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Another key under this one, for storage; `context` binds it to its place.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn wrap(&self, inner: &SecretKey, context: &str) -> Result<Vec<u8>, Fault> {
        encrypt(&self.0, &random()?, context, &inner.0)
    }

    /// The key that was wrapped.
    ///
    /// # Errors
    /// When it was wrapped by another key or for another place.
    pub fn unwrap_key(&self, wrapped: &[u8], context: &str) -> Result<SecretKey, Fault> {
        Self::from_bytes(&decrypt(&self.0, context, wrapped)?)
    }

    fn data_key(&self, nonce: &[u8; NONCE_LEN]) -> Result<[u8; 32], Fault> {
        let mut key = [0; 32];
        hkdf::Salt::new(hkdf::HKDF_SHA256, nonce)
            .extract(&self.0)
            .expand(&[b"annals/field/v1"], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut key))
            .map_err(|_| Fault::Key("no data key could be derived".into()))?;
        Ok(key)
    }

    /// Seals a text of a subject in a tenant: the bytes, and the commitment to their key.
    ///
    /// # Errors
    /// When the operating system gives no randomness.
    pub fn seal(&self, text: &str, context: &str) -> Result<(Vec<u8>, String), Fault> {
        let nonce = random()?;
        let key = self.data_key(&nonce)?;
        let commitment = Sha256::new().chain_update(b"annals/kc/v1\0").chain_update(key).finalize();
        Ok((encrypt(&key, &nonce, context, text.as_bytes())?, hex::encode(commitment)))
    }

    /// Opens a sealed text.
    ///
    /// # Errors
    /// When the bytes are not what was sealed for this place under this key.
    pub fn open(&self, sealed: &[u8], context: &str) -> Result<String, Fault> {
        let nonce = sealed
            .first_chunk::<NONCE_LEN>()
            .ok_or_else(|| Fault::Corrupt("a sealed value is too short".into()))?;
        let text = decrypt(&self.data_key(nonce)?, context, sealed)?;
        String::from_utf8(text).map_err(|_| Fault::Corrupt("a sealed value is no text".into()))
    }
}

/// The hash by which sealed bytes are found.
pub fn blob_hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn aead(key: &[u8; 32]) -> Result<LessSafeKey, Fault> {
    let unbound = UnboundKey::new(&AES_256_GCM_SIV, key);
    Ok(LessSafeKey::new(unbound.map_err(|_| Fault::Key("unusable key".into()))?))
}

fn encrypt(
    key: &[u8; 32],
    nonce: &[u8; NONCE_LEN],
    context: &str,
    plain: &[u8],
) -> Result<Vec<u8>, Fault> {
    let mut body = plain.to_vec();
    aead(key)?
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(context.as_bytes()),
            &mut body,
        )
        .map_err(|_| Fault::Key("sealing failed".into()))?;
    Ok([nonce.as_slice(), &body].concat())
}

fn decrypt(key: &[u8; 32], context: &str, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
    let tampered = || Fault::Corrupt("a sealed value does not open".into());
    let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or_else(tampered)?;
    let mut body = body.to_vec();
    let plain = aead(key)?
        .open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(context.as_bytes()),
            &mut body,
        )
        .map_err(|_| tampered())?;
    Ok(plain.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_opens_only_in_its_place_and_unchanged() {
        let key = SecretKey::generate().unwrap();
        let (sealed, commitment) = key.seal("Ingrid", "tnt_1/mbr_1").unwrap();
        assert_eq!(key.open(&sealed, "tnt_1/mbr_1").unwrap(), "Ingrid");
        assert_eq!(commitment.len(), 64);
        assert!(key.open(&sealed, "tnt_1/mbr_2").is_err());
        for place in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[place] ^= 1;
            assert!(key.open(&flipped, "tnt_1/mbr_1").is_err(), "byte {place}");
        }
    }

    #[test]
    fn a_key_unwraps_only_under_its_key_and_for_its_place() {
        let (outer, inner) = (SecretKey::generate().unwrap(), SecretKey::generate().unwrap());
        let wrapped = outer.wrap(&inner, "tnt_1").unwrap();
        assert_eq!(outer.unwrap_key(&wrapped, "tnt_1").unwrap().bytes(), inner.bytes());
        assert!(outer.unwrap_key(&wrapped, "tnt_2").is_err());
        assert!(inner.unwrap_key(&wrapped, "tnt_1").is_err());
    }
}
