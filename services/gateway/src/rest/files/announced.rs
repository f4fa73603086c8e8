//! What the headers say of a body before it comes: its length, its digest, its media type.

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::rest::command::text_header;
use crate::rest::problem::Problem;

/// Fields that name a digest: RFC 9530, and RFC 3230 before it.
const DIGESTS: [&str; 3] = ["Content-Digest", "Repr-Digest", "Digest"];
/// A file of which nobody says what it is.
pub const UNKNOWN: &str = "application/octet-stream";

/// What is said of a body.
pub struct Announced {
    /// Its length, unless it comes in chunks.
    pub length: Option<u64>,
    /// Its SHA-256 in hex, where a header names it.
    pub sha256: Option<String>,
}

impl Announced {
    /// Reads the headers of a file of at most `max` bytes.
    ///
    /// # Errors
    /// When the file is too long, encoded, or a header is malformed.
    pub fn read(headers: &HeaderMap, max: u64) -> Result<Self, Problem> {
        if headers.contains_key(CONTENT_ENCODING) {
            let detail = "a file is sent as it is, not encoded";
            return Err(Problem::new("unsupported_media_type", detail));
        }
        let length = headers.get(CONTENT_LENGTH).and_then(|text| text.to_str().ok());
        let length = length.and_then(|text| text.parse().ok());
        if length.is_some_and(|length: u64| length > max) {
            return Err(too_large(max));
        }
        let mut sha256 = None;
        for name in DIGESTS {
            let Some(text) = text_header(headers, name)? else { continue };
            let wrong = || Problem::header(name, "must name a sha-256 in base64");
            let digest = digest(text).ok_or_else(wrong)?;
            if sha256.as_ref().is_some_and(|known| *known != digest) {
                return Err(Problem::header(name, "differs from what another header names"));
            }
            sha256 = Some(digest);
        }
        Ok(Self { length, sha256 })
    }

    /// Whether bytes with this hash are what was announced.
    ///
    /// # Errors
    /// The problem when they are not.
    pub fn agrees(&self, found: &str) -> Result<(), Problem> {
        match &self.sha256 {
            Some(sha256) if sha256 != found => {
                let detail = format!("the bytes that arrived have SHA-256 {found}, not {sha256}");
                Err(Problem::new("digest_mismatch", detail))
            }
            _ => Ok(()),
        }
    }
}

/// A file has too many bytes.
pub fn too_large(max: u64) -> Problem {
    Problem::new("too_large", format!("a file has at most {max} bytes here"))
}

/// The SHA-256 of a digest field, in hex: `sha-256=:…:`, or without the colons in RFC 3230.
fn digest(text: &str) -> Option<String> {
    let members = text.split(',').map(str::trim).filter_map(|member| member.split_once('='));
    let mut found = members.filter(|(name, _)| name.eq_ignore_ascii_case("sha-256"));
    let (_, value) = found.next_back()?;
    let inner = value.strip_prefix(':').and_then(|value| value.strip_suffix(':'));
    let bytes = STANDARD.decode(inner.unwrap_or(value)).ok()?;
    (bytes.len() == 32).then(|| hex::encode(bytes))
}

/// The value of a digest field for a SHA-256 in hex.
pub fn digest_field(sha256: &str) -> String {
    format!("sha-256=:{}:", STANDARD.encode(hex::decode(sha256).unwrap_or_default()))
}

/// The media type under which a file comes, without parameters.
///
/// # Errors
/// When it is none, or says that something is wrapped around the file.
pub fn media_type(headers: &HeaderMap) -> Result<String, Problem> {
    let Some(text) = text_header(headers, "Content-Type")? else {
        return Ok(UNKNOWN.to_owned());
    };
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !is_media_type(&essence) {
        return Err(Problem::header(
            "Content-Type",
            "must be a media type such as application/pdf",
        ));
    }
    if essence == "application/x-www-form-urlencoded" || essence.starts_with("multipart/") {
        let detail = "the body is the file itself, no form: name the file's own Content-Type";
        return Err(Problem::new("unsupported_media_type", detail));
    }
    Ok(essence)
}

/// Whether a text is a type and a subtype (RFC 9110, 8.3.1), and not too long to be kept.
pub fn is_media_type(text: &str) -> bool {
    let is_token = |part: &str| {
        let may = |b: u8| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b);
        !part.is_empty() && part.bytes().all(may)
    };
    let parts = text.split_once('/');
    text.len() <= 100 && parts.is_some_and(|(ty, sub)| is_token(ty) && is_token(sub))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    const EMPTY: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    const EMPTY_HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn sha256(pairs: &[(&'static str, &str)]) -> Result<Option<String>, String> {
        let read = Announced::read(&headers(pairs), 100);
        read.map(|announced| announced.sha256).map_err(|problem| problem.code)
    }

    #[test]
    fn a_digest_is_read_from_each_of_its_fields() {
        let (field, old) = (format!("sha-256=:{EMPTY}:"), format!("SHA-256={EMPTY}"));
        let both = format!("sha-512=:AAAA:, {field}");
        for (name, value) in [
            ("content-digest", &field),
            ("content-digest", &both),
            ("repr-digest", &field),
            ("digest", &old),
        ] {
            assert_eq!(sha256(&[(name, value)]), Ok(Some(EMPTY_HEX.to_owned())), "{value}");
        }
        assert_eq!(digest_field(EMPTY_HEX), field);
        assert_eq!(sha256(&[]), Ok(None));
        for bad in ["sha-256=:AAAA:", "sha-512=:AAAA:", "sha-256", "", "sha-256=:x:"] {
            assert_eq!(sha256(&[("content-digest", bad)]), Err("invalid_header".into()), "{bad}");
        }
        let other = format!("sha-256=:{}:", STANDARD.encode([7; 32]));
        let two = [("content-digest", field.as_str()), ("repr-digest", other.as_str())];
        assert_eq!(sha256(&two), Err("invalid_header".into()));
    }

    #[test]
    fn what_is_too_long_or_encoded_is_refused_before_it_comes() {
        assert_eq!(sha256(&[("content-length", "100")]), Ok(None));
        assert_eq!(sha256(&[("content-length", "101")]), Err("too_large".into()));
        let gzip = [("content-encoding", "gzip")];
        assert_eq!(sha256(&gzip), Err("unsupported_media_type".into()));
    }

    #[test]
    fn a_media_type_is_one_and_no_form() {
        let read = |text: &str| {
            media_type(&headers(&[("content-type", text)])).map_err(|problem| problem.code)
        };
        assert_eq!(read("Application/PDF; x=y"), Ok("application/pdf".into()));
        assert_eq!(read("text/html"), Ok("text/html".into()));
        for bad in ["pdf", "a/b/c", "a/", "/b", "a b/c", &format!("a/{}", "b".repeat(99))] {
            assert_eq!(read(bad), Err("invalid_header".into()), "{bad}");
        }
        for form in ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"] {
            assert_eq!(read(form), Err("unsupported_media_type".into()), "{form}");
        }
        assert_eq!(media_type(&HeaderMap::new()).map_err(|p| p.code), Ok(UNKNOWN.into()));
    }
}
