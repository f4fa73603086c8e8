//! `#[commands]`

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Ident, Token, Variant, parenthesized, punctuated::Punctuated};

use crate::text::{doc, inner, snake, take, variants};

#[derive(Default)]
struct Declared {
    by: Vec<Ident>,
    emits: Vec<Ident>,
    creates: bool,
    if_match: bool,
}

fn declared(variant: &mut Variant) -> syn::Result<Declared> {
    let mut out = Declared::default();
    let Some(attr) = take(&mut variant.attrs, "command") else {
        return Err(syn::Error::new(variant.ident.span(), "lacks #[command(by(…), emits(…))]"));
    };
    attr.parse_nested_meta(|meta| {
        if meta.path.is_ident("creates") {
            out.creates = true;
        } else if meta.path.is_ident("if_match") {
            out.if_match = true;
        } else if meta.path.is_ident("by") || meta.path.is_ident("emits") {
            let names;
            parenthesized!(names in meta.input);
            let names = Punctuated::<Ident, Token![,]>::parse_terminated(&names)?;
            let list = if meta.path.is_ident("by") { &mut out.by } else { &mut out.emits };
            list.extend(names);
        } else {
            return Err(meta.error("by(…), emits(…), creates or if_match"));
        }
        Ok(())
    })?;
    Ok(out)
}

pub fn expand(mut input: DeriveInput) -> syn::Result<TokenStream> {
    let name = input.ident.clone();
    let (mut decls, mut parses, mut verbs) = (Vec::new(), Vec::new(), Vec::new());
    for variant in variants(&mut input)? {
        let Declared { by, emits, creates, if_match } = declared(variant)?;
        let (ident, text) = (variant.ident.clone(), doc(&variant.attrs));
        let verb = snake(&ident.to_string());
        let emits = emits.iter().map(|event| snake(&event.to_string()));
        let (fields, parse, pattern) = match inner(variant)? {
            Some(ty) => (
                quote!(<#ty as ::kernel::schema::Record>::record()),
                quote!(Self::#ident(::serde_json::from_value(input)?)),
                quote!(Self::#ident(_)),
            ),
            None => (
                quote!(::kernel::schema::RecordDecl::empty()),
                quote!(Self::#ident),
                quote!(Self::#ident),
            ),
        };
        decls.push(quote! {
            ::kernel::domain::CommandDecl {
                verb: #verb,
                doc: #text,
                by: &[#(::kernel::Role::#by),*],
                emits: &[#(#emits),*],
                creates: #creates,
                if_match: #if_match,
                input: #fields,
            }
        });
        parses.push(quote!(#verb => Some(#parse)));
        verbs.push(quote!(#pattern => #verb));
    }
    Ok(quote! {
        #[derive(Clone, Debug, PartialEq)]
        #input

        impl ::kernel::domain::Commands for #name {
            fn declared() -> Vec<::kernel::domain::CommandDecl> {
                vec![#(#decls),*]
            }

            fn verb(&self) -> &'static str {
                match self { #(#verbs),* }
            }

            fn parse(
                verb: &str,
                input: ::serde_json::Value,
            ) -> Result<Option<Self>, ::serde_json::Error> {
                Ok(match verb {
                    #(#parses,)*
                    _ => None,
                })
            }
        }
    })
}
