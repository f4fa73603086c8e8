//! `#[refusals]`

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Fields, LitStr, Variant};

use crate::text::{doc, inner, snake, take, variants};

#[derive(Default)]
struct Declared {
    rule: Option<String>,
    conflict: bool,
    from: bool,
}

fn declared(variant: &mut Variant) -> syn::Result<Declared> {
    let mut out = Declared::default();
    if let Some(attr) = take(&mut variant.attrs, "refusal") {
        attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("rule") {
                out.rule = Some(meta.value()?.parse::<LitStr>()?.value());
            } else if meta.path.is_ident("conflict") {
                out.conflict = true;
            } else if meta.path.is_ident("from") {
                out.from = true;
            } else {
                return Err(meta.error("rule, conflict or from"));
            }
            Ok(())
        })?;
    }
    Ok(out)
}

#[derive(Default)]
struct Arms {
    decls: Vec<TokenStream>,
    own: Vec<TokenStream>,
    at: Vec<TokenStream>,
    show: Vec<TokenStream>,
    from: Vec<TokenStream>,
}

impl Arms {
    fn taken_over(&mut self, name: &syn::Ident, variant: &Variant) -> syn::Result<()> {
        let ident = &variant.ident;
        let Some(ty) = inner(variant)? else {
            return Err(syn::Error::new(ident.span(), "`from` takes Name(OtherRefusals)"));
        };
        self.decls.push(quote!(out.extend(<#ty as ::kernel::domain::Refusals>::declared());));
        self.own
            .push(quote!(Self::#ident(inner) => ::kernel::domain::Refusals::declaration(inner)));
        self.at.push(quote!(Self::#ident(inner) => ::kernel::domain::Refusals::pointer(inner)));
        self.show.push(quote!(Self::#ident(inner) => ::std::fmt::Display::fmt(inner, f)));
        self.from.push(quote! {
            impl From<#ty> for #name {
                fn from(inner: #ty) -> Self {
                    Self::#ident(inner)
                }
            }
        });
        Ok(())
    }

    fn own(&mut self, variant: &Variant, declared: &Declared) -> syn::Result<()> {
        let ident = &variant.ident;
        let (code, text) = (snake(&ident.to_string()), doc(&variant.attrs));
        if text.is_empty() {
            return Err(syn::Error::new(ident.span(), "the doc comment is the message"));
        }
        let rule = match &declared.rule {
            Some(rule) => quote!(Some(#rule)),
            None => quote!(None),
        };
        let conflict = declared.conflict;
        let decl = quote! {
            ::kernel::domain::RefusalDecl {
                code: #code,
                doc: #text,
                rule: #rule,
                conflict: #conflict,
            }
        };
        self.decls.push(quote!(out.push(#decl);));
        let names: Vec<_> = match &variant.fields {
            Fields::Named(fields) => fields.named.iter().filter_map(|f| f.ident.clone()).collect(),
            Fields::Unit => Vec::new(),
            Fields::Unnamed(_) => {
                return Err(syn::Error::new(ident.span(), "name the fields"));
            }
        };
        self.own.push(quote!(Self::#ident { .. } => #decl));
        let pointer = if names.iter().any(|n| n == "at") {
            quote!(Self::#ident { at, .. } => Some(at.as_ref()))
        } else {
            quote!(Self::#ident { .. } => None)
        };
        self.at.push(pointer);
        let used: Vec<_> = names.iter().filter(|n| text.contains(&format!("{{{n}"))).collect();
        self.show.push(quote!(Self::#ident { #(#used,)* .. } => write!(f, #text)));
        Ok(())
    }
}

pub fn expand(mut input: DeriveInput) -> syn::Result<TokenStream> {
    let name = input.ident.clone();
    let mut arms = Arms::default();
    for variant in variants(&mut input)? {
        let declared = declared(variant)?;
        if declared.from {
            arms.taken_over(&name, variant)?;
        } else {
            arms.own(variant, &declared)?;
        }
    }
    let Arms { decls, own, at, show, from } = arms;
    Ok(quote! {
        #[derive(Clone, Debug, PartialEq)]
        #input

        impl ::std::fmt::Display for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                match self { #(#show),* }
            }
        }

        impl ::std::error::Error for #name {}

        #(#from)*

        impl ::kernel::domain::Refusals for #name {
            fn declared() -> Vec<::kernel::domain::RefusalDecl> {
                let mut out = Vec::new();
                #(#decls)*
                out
            }

            fn declaration(&self) -> ::kernel::domain::RefusalDecl {
                match self { #(#own),* }
            }

            fn pointer(&self) -> Option<&str> {
                match self { #(#at),* }
            }
        }
    })
}
