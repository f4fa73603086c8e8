//! Bearer tokens: JWT (RFC 7519) signed with Ed25519 by this installation.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use event_store::store::{clock, new_id};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use kernel::TenantId;
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The audience of our tokens.
pub const AUDIENCE: &str = "annals";
/// The only signature algorithm that is accepted.
const ALGORITHM: Algorithm = Algorithm::EdDSA;
/// Clocks may differ by so many seconds.
const LEEWAY_S: u64 = 30;
/// Longest token that is looked at, in bytes.
const TOKEN_MAX: usize = 4096;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer.
    pub iss: String,
    /// Audience.
    pub aud: String,
    /// The bearer: `usr_…`, or `rea_…` for a machine of this installation.
    pub sub: String,
    /// The tenant.
    pub tnt: TenantId,
    /// Seconds since 1970 after which it is worth nothing.
    pub exp: i64,
    /// Seconds since 1970 when it was issued.
    pub iat: i64,
    /// Its own id.
    pub jti: String,
    /// The auditor engagement under which the bearer reads and writes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eng: Option<String>,
    /// The certification body with whose rights the bearer acts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cbo: Option<String>,
}

/// On whose behalf a token's bearer acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For<'a> {
    /// His own: as a member of the tenant, or as a machine.
    Himself,
    /// As an auditor, under the engagement of this id.
    Engagement(&'a str),
    /// As a person of the certification body of this id.
    Body(&'a str),
}

/// Why a token is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It has expired.
    #[error("it has expired")]
    Expired,
    /// Signature, algorithm, issuer, audience or form are wrong.
    #[error("{0}")]
    Invalid(String),
    /// The keys of this installation cannot be used.
    #[error("the signing key cannot be used: {0}")]
    Key(String),
}

/// Signs and checks tokens.
pub struct Tokens {
    issuer: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    verified: Cache<[u8; 32], Arc<Claims>>,
}

/// A new signing key, PKCS#8.
///
/// # Errors
/// When the operating system gives no randomness.
pub fn generate_key() -> Result<Vec<u8>, TokenError> {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new())
        .map_err(|error| TokenError::Key(error.to_string()))?;
    Ok(pkcs8.as_ref().to_vec())
}

impl Tokens {
    /// Tokens of this issuer under a key (PKCS#8).
    ///
    /// # Errors
    /// When the key cannot be used.
    pub fn new(issuer: &str, pkcs8: &[u8]) -> Result<Self, TokenError> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8)
            .map_err(|error| TokenError::Key(error.to_string()))?;
        let mut validation = Validation::new(ALGORITHM);
        validation.algorithms = vec![ALGORITHM];
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = LEEWAY_S;
        Ok(Self {
            issuer: issuer.to_owned(),
            encoding: EncodingKey::from_ed_der(pkcs8),
            decoding: DecodingKey::from_ed_der(pair.public_key().as_ref()),
            validation,
            verified: Cache::new(10_000),
        })
    }

    /// A token for a bearer in a tenant.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn mint(
        &self,
        tenant: &TenantId,
        bearer: &str,
        valid: Duration,
    ) -> Result<String, TokenError> {
        self.mint_for(For::Himself, tenant, bearer, valid)
    }

    /// The same for a bearer who may act on another's behalf.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn mint_for(
        &self,
        behalf: For<'_>,
        tenant: &TenantId,
        bearer: &str,
        valid: Duration,
    ) -> Result<String, TokenError> {
        let (eng, cbo) = match behalf {
            For::Himself => (None, None),
            For::Engagement(id) => (Some(id.to_owned()), None),
            For::Body(id) => (None, Some(id.to_owned())),
        };
        let now = clock().micros() / 1_000_000;
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: bearer.to_owned(),
            tnt: tenant.clone(),
            exp: now.saturating_add_unsigned(valid.as_secs()),
            iat: now,
            jti: new_id("tok").map_err(|error| TokenError::Key(error.to_string()))?,
            eng,
            cbo,
        };
        jsonwebtoken::encode(&Header::new(ALGORITHM), &claims, &self.encoding)
            .map_err(|error| TokenError::Key(error.to_string()))
    }

    /// Checks a token. One that was checked is not checked again until it expires.
    ///
    /// # Errors
    /// Why it is not accepted.
    pub fn verify(&self, token: &str) -> Result<Arc<Claims>, TokenError> {
        if token.len() > TOKEN_MAX {
            return Err(TokenError::Invalid("it is too long".into()));
        }
        let hash: [u8; 32] = Sha256::digest(token).into();
        let now = clock().micros() / 1_000_000;
        if let Some(known) = self.verified.get(&hash) {
            let alive = now < known.exp.saturating_add_unsigned(LEEWAY_S);
            return if alive { Ok(known) } else { Err(TokenError::Expired) };
        }
        let claims = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|error| match error.kind() {
                jsonwebtoken::errors::ErrorKind::ExpiredSignature => TokenError::Expired,
                _ => TokenError::Invalid(error.to_string()),
            })?
            .claims;
        let claims = Arc::new(claims);
        self.verified.insert(hash, Arc::clone(&claims));
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(issuer: &str) -> Tokens {
        Tokens::new(issuer, &generate_key().unwrap()).unwrap()
    }

    fn minted(tokens: &Tokens, seconds: u64) -> String {
        let tenant = TenantId::from_bits(1);
        tokens.mint(&tenant, "usr_1", Duration::from_secs(seconds)).unwrap()
    }

    #[test]
    fn a_token_says_who_and_where() {
        let tokens = tokens("https://a");
        let claims = tokens.verify(&minted(&tokens, 60)).unwrap();
        assert_eq!((claims.sub.as_str(), &claims.tnt), ("usr_1", &TenantId::from_bits(1)));
    }

    #[test]
    fn another_installations_token_is_not_accepted() {
        let (ours, theirs) = (tokens("https://a"), tokens("https://a"));
        assert!(matches!(ours.verify(&minted(&theirs, 60)), Err(TokenError::Invalid(_))));
    }

    #[test]
    fn other_algorithms_and_flipped_bytes_are_not_accepted() {
        let tokens = tokens("https://a");
        let token = minted(&tokens, 60);
        let (_, rest) = token.split_once('.').unwrap();
        // {"alg":"none"} and {"alg":"HS256"}
        for head in ["eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzI1NiJ9"] {
            assert!(tokens.verify(&format!("{head}.{rest}")).is_err());
        }
        let mut bytes = token.into_bytes();
        let middle = bytes.len() / 2;
        bytes[middle] = if bytes[middle] == b'A' { b'B' } else { b'A' };
        assert!(tokens.verify(std::str::from_utf8(&bytes).unwrap()).is_err());
    }

    #[test]
    fn an_expired_token_is_not_accepted_even_when_it_was_checked_before() {
        let tokens = tokens("https://a");
        let claims = Claims {
            iss: "https://a".into(),
            aud: AUDIENCE.into(),
            sub: "usr_1".into(),
            tnt: TenantId::from_bits(1),
            exp: clock().micros() / 1_000_000 - 3600,
            iat: 0,
            jti: "tok_1".into(),
            eng: None,
            cbo: None,
        };
        let token =
            jsonwebtoken::encode(&Header::new(ALGORITHM), &claims, &tokens.encoding).unwrap();
        assert_eq!(tokens.verify(&token), Err(TokenError::Expired));
        tokens.verified.insert(Sha256::digest(&token).into(), Arc::new(claims));
        assert_eq!(tokens.verify(&token), Err(TokenError::Expired));
    }
}
