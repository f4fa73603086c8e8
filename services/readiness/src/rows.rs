//! Compact views of documents: of each kind the fields that metrics need, and nothing else. They
//! are named as their owners name them; a structure test binds them.

use crate::value::Time;

/// What a row can add to what its document says, from the version before and the time of this one.
pub(crate) trait Settle: Sized {
    /// Adds it.
    fn settle(&mut self, before: Option<&Self>, at: Time) {
        let (_, _) = (before, at);
    }
}

/// Declares rows: records with the named fields of documents, each of which may be missing.
macro_rules! row {
    ($($(#[$meta:meta])* $name:ident { $($field:ident: $ty:ty),* $(,)? })*) => {
        $(
            $(#[$meta])*
            #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
            #[serde(rename_all = "camelCase", default)]
            #[allow(missing_docs, reason = "the owner's field of this name says what it means")]
            pub struct $name {
                $(pub $field: $ty,)*
            }
        )*
    };
}

pub mod assurance;
pub mod governance;
pub mod lifecycle;
pub mod risk;
pub mod suppliers;
