//! Query parameters: each is known and fits, or the request is refused with all that is wrong.

use event_store::AsOf;
use kernel::domain::KindDecl;
use kernel::schema::Ty;
use kernel::{Instant, Position};
use serde_json::Value;

use super::problem::{Problem, Wrong};
use super::shown::{declared_path, shown_name};
use crate::listing::{Compare, Filter, PAGE_DEFAULT, PAGE_MAX, field_type};

/// Operators of a filter, as they stand in `filter[path][op]`.
pub const OPERATORS: &[&str] =
    &["eq", "ne", "in", "lt", "lte", "gt", "gte", "contains", "startsWith", "isNull"];

/// The parameters of a request, taken one by one.
#[derive(Debug)]
pub struct Params {
    pairs: Vec<(String, String)>,
    errors: Vec<Wrong>,
}

impl Params {
    /// Reads a query string (`application/x-www-form-urlencoded`).
    pub fn read(raw: &str) -> Self {
        let mut params = Self { pairs: Vec::new(), errors: Vec::new() };
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match (decoded(name), decoded(value)) {
                (Some(name), Some(value)) => params.pairs.push((name, value)),
                (_, _) => params.wrong(name, "malformed", "is not UTF-8 in percent-encoding"),
            }
        }
        params
    }

    /// Notes a mistake.
    pub fn wrong(&mut self, name: &str, code: &str, message: impl Into<String>) {
        self.errors.push(Wrong::parameter(name, code, message));
    }

    /// All values of a parameter that may stand several times.
    pub fn all(&mut self, name: &str) -> Vec<String> {
        let (taken, rest) =
            std::mem::take(&mut self.pairs).into_iter().partition(|(n, _)| n == name);
        self.pairs = rest;
        let taken: Vec<(String, String)> = taken;
        taken.into_iter().map(|(_, value)| value).collect()
    }

    /// The value of a parameter.
    pub fn one(&mut self, name: &str) -> Option<String> {
        let mut values = self.all(name);
        if values.len() > 1 {
            self.wrong(name, "named_twice", "stands more than once");
        }
        values.pop()
    }

    /// The value of a parameter, read by `read`; `what` says what it must be.
    pub fn parsed<T>(
        &mut self,
        name: &str,
        what: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.one(name)?;
        let value = read(&text);
        if value.is_none() {
            self.wrong(name, "malformed", format!("must be {what}"));
        }
        value
    }

    /// As of when: a position or an RFC 3339 time.
    pub fn as_of(&mut self) -> AsOf {
        let what = "a position, or an RFC 3339 time such as 2025-03-31T00:00:00Z";
        self.parsed("asOf", what, as_of).unwrap_or(AsOf::Now)
    }

    /// How many.
    pub fn limit(&mut self) -> usize {
        let what = format!("a number from 1 to {PAGE_MAX}");
        let read = |text: &str| number(text).filter(|n| (1..=PAGE_MAX as u64).contains(n));
        let limit = self.parsed("limit", &what, read);
        limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(PAGE_DEFAULT)
    }

    /// A whole number.
    pub fn number(&mut self, name: &str) -> Option<u64> {
        self.parsed(name, "a whole number", number)
    }

    /// Sort keys, `-a,b`.
    pub fn sort(&mut self, kind: &KindDecl) -> Vec<(String, bool)> {
        let text = self.one("sort").unwrap_or_default();
        let mut keys = Vec::new();
        for key in text.split(',').map(str::trim).filter(|key| !key.is_empty()) {
            let (path, descending) = key.strip_prefix('-').map_or((key, false), |key| (key, true));
            match declared(kind, path) {
                Ok(path) => keys.push((path, descending)),
                Err((code, message)) => self.wrong("sort", code, format!("{path} {message}")),
            }
        }
        keys
    }

    /// Every `filter[path]=value` and `filter[path][op]=value`; all must hold.
    pub fn filter(&mut self, kind: &KindDecl) -> Filter {
        let is_filter = |(name, _): &(String, String)| name.starts_with("filter[");
        let (taken, rest): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.pairs).into_iter().partition(is_filter);
        self.pairs = rest;
        let mut seen: Vec<String> = Vec::new();
        let mut all = Vec::new();
        for (name, value) in taken {
            if seen.contains(&name) {
                self.wrong(&name, "named_twice", "stands more than once");
                continue;
            }
            match comparison(kind, &name, &value) {
                Ok((path, compare)) => all.push(Filter::Field(path, compare)),
                Err((code, message)) => self.wrong(&name, code, message),
            }
            seen.push(name);
        }
        Filter::And(all)
    }

    /// Every parameter must have been taken, and none was wrong.
    ///
    /// # Errors
    /// The problem.
    pub fn finish(self) -> Result<(), Problem> {
        let Self { pairs, mut errors } = self;
        let unknown = |(name, _): &(String, String)| {
            Wrong::parameter(name, "unknown_parameter", "is not known here")
        };
        errors.extend(pairs.iter().map(unknown));
        let Some(first) = errors.first() else { return Ok(()) };
        let name = first.parameter.clone().unwrap_or_default();
        let detail = format!("{name} {}", first.message);
        Err(Problem::new("invalid_query", detail).with_errors(errors))
    }
}

fn number(text: &str) -> Option<u64> {
    let fine = !text.is_empty() && text.len() <= 19 && text.bytes().all(|b| b.is_ascii_digit());
    fine.then(|| text.parse().ok()).flatten()
}

/// A position, or a time.
pub fn as_of(text: &str) -> Option<AsOf> {
    match number(text) {
        Some(position) => Some(AsOf::Position(Position(position))),
        None => text.parse::<Instant>().ok().map(AsOf::Time),
    }
}

fn comparison(
    kind: &KindDecl,
    name: &str,
    text: &str,
) -> Result<(String, Compare), (&'static str, String)> {
    let form = || ("malformed", "must have the form filter[field] or filter[field][op]".to_owned());
    let inner = name.strip_prefix("filter[").and_then(|rest| rest.strip_suffix(']'));
    let inner = inner.ok_or_else(form)?;
    let (path, op) = inner.split_once("][").unwrap_or((inner, "eq"));
    if path.is_empty() || path.contains(['[', ']']) || op.contains(['[', ']']) {
        return Err(form());
    }
    let path = declared(kind, path)?;
    let ty = field_type(kind, &path)
        .ok_or_else(|| ("unknown_field", format!("{} has no field {path:?}", kind.row.name)))?;
    let one = |text: &str| value(&ty, text);
    let compare = match op {
        "eq" => Compare::Eq(one(text)?),
        "ne" => Compare::Ne(one(text)?),
        "in" => Compare::In(text.split(',').map(one).collect::<Result<_, _>>()?),
        "lt" => Compare::Lt(one(text)?),
        "lte" => Compare::Lte(one(text)?),
        "gt" => Compare::Gt(one(text)?),
        "gte" => Compare::Gte(one(text)?),
        "contains" => Compare::Contains(text.to_owned()),
        "startsWith" => Compare::StartsWith(text.to_owned()),
        "isNull" => Compare::IsNull(flag(text)?),
        other => {
            let message =
                format!("there is no operator {other:?}; there are {}", OPERATORS.join(", "));
            return Err(("unknown_operator", message));
        }
    };
    Ok((path, compare))
}

/// The declared path of a field by the name under which it is shown.
fn declared(kind: &KindDecl, shown: &str) -> Result<String, (&'static str, String)> {
    let hint = || {
        let other = shown_name(kind, shown);
        ("unknown_field", format!("is not what lists are asked by; the kind's own is {other}"))
    };
    declared_path(kind, shown).ok_or_else(hint)
}

/// A text as a value of the type; whether it fits is checked with the rest of the question.
fn value(ty: &Ty, text: &str) -> Result<Value, (&'static str, String)> {
    match ty {
        Ty::Bool => flag(text).map(Value::from),
        Ty::Int(..) => {
            let number = text.parse::<i64>();
            number
                .map(Value::from)
                .map_err(|_| ("wrong_value", "must be a whole number".to_owned()))
        }
        _ => Ok(Value::from(text)),
    }
}

fn flag(text: &str) -> Result<bool, (&'static str, String)> {
    text.parse().map_err(|_| ("wrong_value", "must be true or false".to_owned()))
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(rest.next()?)? << 4 | hex_digit(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// The query string with another cursor.
pub fn with_cursor(raw: &str, cursor: &str) -> String {
    let others = raw.split('&').filter(|pair| {
        let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
        !pair.is_empty() && decoded(name).as_deref() != Some("cursor")
    });
    let mut pairs: Vec<_> = others.map(str::to_owned).collect();
    // A cursor consists of letters, digits, `-`, `_` and `.`, which stand for themselves.
    pairs.push(format!("cursor={cursor}"));
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn scope() -> KindDecl {
        KindDecl::of::<governance::scope::Scope>().unwrap()
    }

    fn faults(params: Params) -> Vec<(String, String)> {
        let body = params.finish().unwrap_err().body("req_1");
        let errors = body["errors"].as_array().cloned().unwrap_or_default();
        let show = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        errors.iter().map(|e| (show(&e["parameter"]), show(&e["code"]))).collect()
    }

    #[test]
    fn filters_sort_and_paging_are_read() {
        let mut params = Params::read(
            "filter%5Bstatus%5D=approved&filter[effective.version][gte]=2&sort=-status,id&limit=7\
             &asOf=12&filter[sites][in]=Utrecht,Oslo+Nord&search=credit",
        );
        let filter = params.filter(&scope());
        let field = |path: &str, compare| Filter::Field(path.to_owned(), compare);
        let all = vec![
            field("status", Compare::Eq(json!("approved"))),
            field("effective.version", Compare::Gte(json!(2))),
            field("sites", Compare::In(vec![json!("Utrecht"), json!("Oslo Nord")])),
        ];
        assert_eq!(filter, Filter::And(all));
        assert_eq!(params.sort(&scope()), [("status".to_owned(), true), ("id".to_owned(), false)]);
        assert_eq!(params.limit(), 7);
        assert_eq!(params.as_of(), AsOf::Position(Position(12)));
        assert_eq!(params.one("search").as_deref(), Some("credit"));
        params.finish().unwrap();
    }

    #[test]
    fn all_that_is_wrong_is_named_at_once() {
        let mut params = Params::read(
            "limit=0&limit=101&filter[nope]=1&filter[status][like]=a&filter[status=1&x=1&asOf=soon\
             &filter[scopeVersion][lt]=a&filter[version]=1&%ff=1",
        );
        params.filter(&scope());
        params.limit();
        params.as_of();
        let mut found = faults(params);
        found.sort();
        let codes: Vec<_> = found.iter().map(|(name, code)| format!("{name} {code}")).collect();
        let wanted = [
            "%ff malformed",
            "asOf malformed",
            "filter[nope] unknown_field",
            "filter[scopeVersion][lt] wrong_value",
            "filter[status malformed",
            "filter[status][like] unknown_operator",
            "filter[version] unknown_field",
            "limit malformed",
            "limit named_twice",
            "x unknown_parameter",
        ];
        assert_eq!(codes, wanted);
    }

    #[test]
    fn a_point_in_time_is_a_position_or_rfc_3339() {
        assert_eq!(as_of("0"), Some(AsOf::Position(Position(0))));
        assert!(matches!(as_of("2025-03-31T02:00:00+02:00"), Some(AsOf::Time(_))));
        for text in ["", "-1", "1.5", "2025-03-31", "99999999999999999999"] {
            assert_eq!(as_of(text), None, "{text}");
        }
    }

    #[test]
    fn the_next_page_keeps_the_question_and_changes_the_cursor() {
        assert_eq!(with_cursor("a=1&curso%72=x&sort=-b", "c.d"), "a=1&sort=-b&cursor=c.d");
        assert_eq!(with_cursor("", "c"), "cursor=c");
    }
}
