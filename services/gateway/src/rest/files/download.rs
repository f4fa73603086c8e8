//! `GET /v1/evidence/{id}/content`: the bytes of evidence, whole or a range of them. They never run
//! in our origin: they are an attachment, in a sandbox, and of the type that they were registered
//! with.

use std::ops::Range;
use std::sync::Arc;

use actix_web::body::SizedStream;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderMap,
    IF_NONE_MATCH, IF_RANGE, RANGE,
};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use bus::AnyKind;
use facts::Evidence;
use files::{FileError, Outgoing};
use futures::{StreamExt, stream};

use super::announced::{UNKNOWN, digest_field, is_media_type};
use super::{evidence, refuse_dead};
use crate::Gateway;
use crate::rest::metrics::Counter;
use crate::rest::problem::Problem;
use crate::rest::query::Params;
use crate::rest::view::{any_reader, header, may_read};

/// Nothing of a file runs, loads or is framed, whatever it is.
const SANDBOX: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// Answers with the bytes of evidence.
///
/// # Errors
/// The problem.
pub async fn download(
    request: &HttpRequest,
    gateway: &Gateway,
    kind: &Arc<dyn AnyKind>,
    id: &str,
) -> Result<HttpResponse, Problem> {
    let caller = any_reader(request, gateway).await?;
    may_read(&caller, kind.decl())?;
    Params::read(request.query_string()).finish()?;
    let at = caller.head.as_ref().map(|head| head.position).unwrap_or_default();
    let found = caller.document(id, at, false).await?;
    let (document, _) = found.ok_or_else(Problem::not_found)?;
    let of = evidence(&document)?;
    refuse_dead(&of)?;
    if of.status == "registered" {
        let detail = "the bytes of this evidence have not been uploaded yet, or not verified";
        return Err(Problem::new("content_absent", detail));
    }
    let tag = format!("\"{}\"", of.sha256);
    let headers = request.headers();
    let range = match wanted(headers, &tag, of.size) {
        Wanted::Whole => None,
        Wanted::Part(range) => Some(range),
        Wanted::Beyond => return Err(beyond(of.size)),
    };
    let is_known = is_known(headers, &tag);
    if is_known || request.method() == Method::HEAD {
        match gateway.files.holds(&caller.log, id, of.size).await? {
            Some(true) => {}
            Some(false) => return Err(FileError::Damaged(format!("{id}: its length")).into()),
            None => return Err(FileError::Missing.into()),
        }
        let nothing = stream::empty::<Result<_, FileError>>().boxed();
        return Ok(if is_known {
            headed(StatusCode::NOT_MODIFIED, &of, &tag).finish()
        } else {
            body(headed(StatusCode::OK, &of, &tag), of.size, nothing)
        });
    }
    let span = range.clone().unwrap_or(0..of.size);
    let bytes = gateway.files.read(&caller.log, id, of.size, span.clone()).await?;
    let bytes = watched(bytes, gateway, id);
    let length = span.end - span.start;
    Ok(match range {
        None => {
            let mut response = headed(StatusCode::OK, &of, &tag);
            response.insert_header(("Content-Digest", digest_field(&of.sha256)));
            body(response, length, bytes)
        }
        Some(Range { start, end }) => {
            let mut response = headed(StatusCode::PARTIAL_CONTENT, &of, &tag);
            let part = format!("bytes {start}-{}/{}", end - 1, of.size);
            response.insert_header((CONTENT_RANGE, part));
            body(response, length, bytes)
        }
    })
}

fn beyond(size: u64) -> Problem {
    let detail = format!("the file has {size} bytes");
    let problem = Problem::new("range_not_satisfiable", detail);
    problem.with_header(CONTENT_RANGE, &format!("bytes */{size}"))
}

fn body(mut response: HttpResponseBuilder, length: u64, bytes: Outgoing) -> HttpResponse {
    response.body(SizedStream::new(length, bytes))
}

/// Counts what goes out, and says in the log where a file turned out to be damaged: the answer can
/// only break off.
fn watched(bytes: Outgoing, gateway: &Gateway, id: &str) -> Outgoing {
    let (surface, id) = (Arc::clone(&gateway.surface), id.to_owned());
    bytes
        .inspect(move |piece| match piece {
            Ok(piece) => {
                let labels = "direction=\"out\"".to_owned();
                surface.metrics().count(Counter::FileBytes, labels, piece.len() as u64);
            }
            Err(error) => tracing::error!(%id, %error, "a download broke off"),
        })
        .boxed()
}

fn headed(status: StatusCode, of: &Evidence, tag: &str) -> HttpResponseBuilder {
    let media_type = if is_media_type(&of.media_type) { &of.media_type } else { UNKNOWN };
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header((CONTENT_DISPOSITION, disposition(&of.filename)))
        .insert_header(("Repr-Digest", digest_field(&of.sha256)))
        .insert_header(("Accept-Ranges", "bytes"))
        .insert_header(("Content-Security-Policy", SANDBOX));
    response
}

/// An attachment under its name (RFC 6266), which leads nowhere and misleads nobody: no separators
/// of paths, no control characters, none that turn the direction of reading.
pub fn disposition(filename: &str) -> String {
    let is_bad = |c: char| {
        c.is_control()
            || matches!(c, '/' | '\\' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
            || matches!(c, '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let name: String = filename.chars().map(|c| if is_bad(c) { '_' } else { c }).collect();
    let name = name.trim().trim_start_matches('.');
    let name = if name.is_empty() { "file" } else { name };
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii() && !matches!(c, '"' | '%' | ';') { c } else { '_' })
        .collect();
    let mut coded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            coded.push(char::from(byte));
        } else {
            coded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{coded}")
}

/// Whether the caller has these bytes already.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let Some(known) = header(headers, IF_NONE_MATCH) else { return false };
    let same = |known: &str| known.strip_prefix("W/").unwrap_or(known) == tag;
    known.trim() == "*" || known.split(',').any(|known| same(known.trim()))
}

/// What is asked of a file.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Whole,
    Part(Range<u64>),
    Beyond,
}

/// One range of bytes (RFC 9110, 14); what is malformed, of another unit or more than one range is
/// answered with the whole.
fn wanted(headers: &HeaderMap, tag: &str, size: u64) -> Wanted {
    if header(headers, IF_RANGE).is_some_and(|known| known.trim() != tag) {
        return Wanted::Whole;
    }
    let range = header(headers, RANGE).and_then(|text| text.trim().split_once('='));
    let Some((unit, range)) = range else { return Wanted::Whole };
    let Some((from, to)) = range.trim().split_once('-') else { return Wanted::Whole };
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // More digits than a number has stand for a place beyond any end.
        is_number.then(|| text.parse().unwrap_or(u64::MAX))
    };
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return Wanted::Whole;
    }
    match (from.is_empty(), number(from), to.is_empty(), number(to)) {
        (false, Some(from), _, Some(to)) if from > to => Wanted::Whole,
        (false, Some(from), _, Some(_)) | (false, Some(from), true, None) if from >= size => {
            Wanted::Beyond
        }
        (false, Some(from), _, Some(to)) => Wanted::Part(from..to.saturating_add(1).min(size)),
        (false, Some(from), true, None) => Wanted::Part(from..size),
        (true, _, _, Some(0)) => Wanted::Beyond,
        (true, _, _, Some(_)) if size == 0 => Wanted::Beyond,
        (true, _, _, Some(last)) => Wanted::Part(size.saturating_sub(last)..size),
        (_, _, _, _) => Wanted::Whole,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn ranges_are_those_of_the_standard() {
        let ask = |range: &str, size| {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, HeaderValue::from_str(range).unwrap());
            wanted(&headers, "\"x\"", size)
        };
        let part = |from, to| Wanted::Part(from..to);
        for (range, found) in [
            ("bytes=0-0", part(0, 1)),
            ("bytes=2-5", part(2, 6)),
            ("bytes=2-500", part(2, 10)),
            ("bytes=9-", part(9, 10)),
            ("bytes=-3", part(7, 10)),
            ("bytes=-30", part(0, 10)),
            ("Bytes=1-2", part(1, 3)),
            ("bytes=10-", Wanted::Beyond),
            ("bytes=10-12", Wanted::Beyond),
            ("bytes=-0", Wanted::Beyond),
            ("bytes=99999999999999999999-", Wanted::Beyond),
            ("bytes=5-2", Wanted::Whole),
            ("bytes=a-2", Wanted::Whole),
            ("bytes=0-1,3-4", Wanted::Whole),
            ("bytes=-", Wanted::Whole),
            ("bytes", Wanted::Whole),
            ("lines=0-1", Wanted::Whole),
            ("bytes=+1-2", Wanted::Whole),
            ("bytes=1-18446744073709551615", part(1, 10)),
        ] {
            assert_eq!(ask(range, 10), found, "{range}");
        }
        assert_eq!(ask("bytes=-5", 0), Wanted::Beyond);
        assert_eq!(ask("bytes=0-", 0), Wanted::Beyond);
    }

    #[test]
    fn a_range_of_other_bytes_is_answered_with_the_whole() {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_static("bytes=1-2"));
        headers.insert(IF_RANGE, HeaderValue::from_static("\"old\""));
        assert_eq!(wanted(&headers, "\"new\"", 10), Wanted::Whole);
        headers.insert(IF_RANGE, HeaderValue::from_static("\"new\""));
        assert_eq!(wanted(&headers, "\"new\"", 10), Wanted::Part(1..3));
        let name = HeaderName::from_static("if-none-match");
        headers.insert(name, HeaderValue::from_static("\"old\", W/\"new\""));
        assert!(is_known(&headers, "\"new\"") && !is_known(&headers, "\"newer\""));
    }

    #[test]
    fn a_name_leads_nowhere_and_misleads_nobody() {
        for (filename, plain, coded) in [
            ("policy 1.pdf", "policy 1.pdf", "policy%201.pdf"),
            ("Prüfung.pdf", "Pr_fung.pdf", "Pr%C3%BCfung.pdf"),
            ("../../etc/passwd", "_.._etc_passwd", "_.._etc_passwd"),
            ("a\"; filename=x.exe", "a__ filename=x.exe", "a%22%3B%20filename%3Dx.exe"),
            ("a\r\nSet-Cookie: x", "a__Set-Cookie: x", "a__Set-Cookie%3A%20x"),
            ("cod\u{202e}fdp.exe", "cod_fdp.exe", "cod_fdp.exe"),
            ("...", "file", "file"),
        ] {
            let wanted = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{coded}");
            assert_eq!(disposition(filename), wanted);
        }
    }
}
