//! Attributes that turn an aggregate's types into its declaration. What each expands to stands in
//! its own documentation; nothing else is generated.

mod commands;
mod events;
mod record;
mod refusals;
mod text;
mod words;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

fn finish(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(|error| error.to_compile_error()).into()
}

/// A group of named fields: the state of an aggregate, the input of a command, the data of an
/// event.
///
/// Expands to the struct with `Clone, Debug, PartialEq, Serialize, Deserialize` derived, fields in
/// camelCase (empty options, lists and maps left out), and `impl kernel::schema::Record` that lists
/// its fields with name, documentation, type and flags, and sets one by its name. Flags of a field:
/// `#[field(index)]` sorts and filters by column · `#[field(search)]` joins the full-text column ·
/// `#[field(correctable)]` may be set by `correct` · `#[field(flatten)]` takes over another
/// record's fields · `#[field(max = 40)]` shortens a text or list.
#[proc_macro_attribute]
pub fn record(_: TokenStream, item: TokenStream) -> TokenStream {
    finish(record::expand(parse_macro_input!(item as DeriveInput)))
}

/// A closed list of words, `snake_case` in JSON and `SCREAMING_SNAKE_CASE` in GraphQL.
///
/// Expands to the enum with `Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize,
/// Deserialize` derived and `impl kernel::schema::Described` with each word's documentation.
#[proc_macro_attribute]
pub fn words(_: TokenStream, item: TokenStream) -> TokenStream {
    finish(words::expand(parse_macro_input!(item as DeriveInput)))
}

/// The commands of an aggregate, each declared once.
///
/// `#[command(by(Am, Tm), emits(Drafted), creates, if_match)]` on a variant names the roles that
/// may give it, the events it can yield, whether it makes the object and whether the caller must
/// name the version that he saw. Expands to the enum and `impl kernel::domain::Commands`: the
/// declarations (verb, documentation, roles, events, input fields) and `parse(verb, input)`.
#[proc_macro_attribute]
pub fn commands(_: TokenStream, item: TokenStream) -> TokenStream {
    finish(commands::expand(parse_macro_input!(item as DeriveInput)))
}

/// The events of an aggregate: `#[events(kind = "scope")]`.
///
/// `#[event(version = 2, upcast = path)]` on a variant raises its schema version; `path` turns the
/// data of any older version into the newest. Expands to the enum (`Clone, Debug, PartialEq,
/// Serialize, Deserialize`), `impl cqrs_es::DomainEvent` and `impl kernel::domain::Events`: the
/// declarations, `data()` and `read(name, version, data)`.
#[proc_macro_attribute]
pub fn events(args: TokenStream, item: TokenStream) -> TokenStream {
    finish(events::expand(args.into(), parse_macro_input!(item as DeriveInput)))
}

/// What an aggregate refuses. The documentation of a variant is its message; `{field}` in it shows
/// a field of the variant, and a field named `at` is a JSON pointer into the command's input.
///
/// `#[refusal(rule = "ISO/IEC 42001 4.3")]` names the source, `conflict` says that the object's
/// state forbids it (409, not 422), `from` takes over another list of refusals. Expands to the enum
/// (`Clone, Debug, PartialEq`), `Display`, `Error` and `impl kernel::domain::Refusals`.
#[proc_macro_attribute]
pub fn refusals(_: TokenStream, item: TokenStream) -> TokenStream {
    finish(refusals::expand(parse_macro_input!(item as DeriveInput)))
}
