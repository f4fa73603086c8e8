//! `#[events]`

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Ident, LitInt, LitStr, Path, Variant, parse::Parser};

use crate::text::{doc, inner, snake, take, variants};

/// What `#[event(…)]` says of a variant.
struct Marks {
    version: u16,
    upcast: Option<Path>,
    refuses: bool,
}

fn marks(variant: &mut Variant) -> syn::Result<Marks> {
    let (mut version, mut upcast, mut refuses) = (1, None, false);
    if let Some(attr) = take(&mut variant.attrs, "event") {
        attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("version") {
                version = meta.value()?.parse::<LitInt>()?.base10_parse()?;
            } else if meta.path.is_ident("upcast") {
                upcast = Some(meta.value()?.parse()?);
            } else if meta.path.is_ident("refuses") {
                refuses = true;
            } else {
                return Err(meta.error("version, upcast or refuses"));
            }
            Ok(())
        })?;
    }
    if (version > 1) != upcast.is_some() {
        return Err(syn::Error::new(variant.ident.span(), "a version above 1 needs an upcast"));
    }
    Ok(Marks { version, upcast, refuses })
}

fn kind_of(args: TokenStream) -> syn::Result<String> {
    let mut kind = None;
    let parser = syn::meta::parser(|meta| {
        if meta.path.is_ident("kind") {
            kind = Some(meta.value()?.parse::<LitStr>()?.value());
            Ok(())
        } else {
            Err(meta.error("kind = \"…\""))
        }
    });
    parser.parse2(args)?;
    kind.ok_or_else(|| syn::Error::new(proc_macro2::Span::call_site(), "kind = \"…\" is missing"))
}

fn domain_event(name: &Ident) -> TokenStream {
    quote! {
        impl ::cqrs_es::DomainEvent for #name {
            fn event_type(&self) -> String {
                ::kernel::domain::Events::name(self).to_owned()
            }

            fn event_version(&self) -> String {
                ::kernel::domain::Events::version(self).to_string()
            }
        }
    }
}

pub fn expand(args: TokenStream, mut input: DeriveInput) -> syn::Result<TokenStream> {
    let (kind, name) = (kind_of(args)?, input.ident.clone());
    let (mut decls, mut names, mut versions) = (Vec::new(), Vec::new(), Vec::new());
    let (mut datas, mut reads) = (Vec::new(), Vec::new());
    for variant in variants(&mut input)? {
        let Marks { version: number, upcast, refuses } = marks(variant)?;
        let (ident, text) = (variant.ident.clone(), doc(&variant.attrs));
        let stored = format!("{kind}.{}", snake(&ident.to_string()));
        let Some(ty) = inner(variant)? else {
            return Err(syn::Error::new(ident.span(), "an event carries a record"));
        };
        let raised = upcast.map(|path| quote!(let data = #path(version, data);));
        decls.push(quote! {
            ::kernel::domain::EventDecl {
                name: #stored,
                version: #number,
                doc: #text,
                data: <#ty as ::kernel::schema::Record>::record(),
                refuses: #refuses,
            }
        });
        names.push(quote!(Self::#ident(_) => #stored));
        versions.push(quote!(Self::#ident(_) => #number));
        datas.push(quote!(Self::#ident(data) => ::serde_json::to_value(data)));
        reads.push(quote!(#stored => {
            #raised
            Some(Self::#ident(::serde_json::from_value(data)?))
        }));
    }
    let domain_event = domain_event(&name);
    Ok(quote! {
        #[derive(Clone, Debug, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        #input

        #domain_event

        impl ::kernel::domain::Events for #name {
            fn declared() -> Vec<::kernel::domain::EventDecl> {
                vec![#(#decls),*]
            }

            fn name(&self) -> &'static str {
                match self { #(#names),* }
            }

            fn version(&self) -> u16 {
                match self { #(#versions),* }
            }

            fn data(&self) -> Result<::serde_json::Value, ::serde_json::Error> {
                match self { #(#datas),* }
            }

            fn read(
                name: &str,
                version: u16,
                data: ::serde_json::Value,
            ) -> Result<Option<Self>, ::serde_json::Error> {
                Ok(match name {
                    #(#reads)*
                    _ => None,
                })
            }
        }
    })
}
