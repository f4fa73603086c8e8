//! `#[words]`

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::text::{doc, snake, variants};

pub fn expand(mut input: DeriveInput) -> syn::Result<TokenStream> {
    let (name, text) = (input.ident.clone(), doc(&input.attrs));
    let mut words = Vec::new();
    for variant in variants(&mut input)? {
        let (word, text) = (snake(&variant.ident.to_string()), doc(&variant.attrs));
        words.push(quote!((#word, #text)));
    }
    let title = name.to_string();
    Ok(quote! {
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord,
            ::serde::Serialize, ::serde::Deserialize
        )]
        #[serde(rename_all = "snake_case")]
        #input

        impl ::kernel::schema::Described for #name {
            fn ty() -> ::kernel::schema::Ty {
                const WORDS: &[(&str, &str)] = &[#(#words),*];
                ::kernel::schema::Ty::Words(::kernel::schema::WordsDecl {
                    name: #title,
                    doc: #text,
                    words: WORDS,
                })
            }
        }
    })
}
