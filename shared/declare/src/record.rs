//! `#[record]`

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Field, Ident, LitInt, Type};

use crate::text::{camel, doc, take};

#[derive(Default)]
struct Flags {
    index: bool,
    search: bool,
    correctable: bool,
    flatten: bool,
    max: Option<LitInt>,
}

fn flags(field: &mut Field) -> syn::Result<Flags> {
    let mut flags = Flags::default();
    if let Some(attr) = take(&mut field.attrs, "field") {
        attr.parse_nested_meta(|meta| {
            if meta.path.is_ident("index") {
                flags.index = true;
            } else if meta.path.is_ident("search") {
                flags.search = true;
            } else if meta.path.is_ident("correctable") {
                flags.correctable = true;
            } else if meta.path.is_ident("flatten") {
                flags.flatten = true;
            } else if meta.path.is_ident("max") {
                flags.max = Some(meta.value()?.parse()?);
            } else {
                return Err(meta.error("index, search, correctable, flatten or max"));
            }
            Ok(())
        })?;
    }
    Ok(flags)
}

/// How serde treats the absence of a field of this type.
fn absence(ty: &Type) -> Option<TokenStream> {
    let Type::Path(path) = ty else { return None };
    let name = path.path.segments.last()?.ident.to_string();
    match name.as_str() {
        "Option" => Some(quote!(default, skip_serializing_if = "Option::is_none")),
        "Vec" => Some(quote!(default, skip_serializing_if = "Vec::is_empty")),
        "BTreeMap" => {
            Some(quote!(default, skip_serializing_if = "std::collections::BTreeMap::is_empty"))
        }
        "bool" => Some(quote!(default)),
        _ => None,
    }
}

/// What the fields of a record contribute to its implementation.
#[derive(Default)]
struct Parts {
    /// Adds the field to the declaration.
    pushes: Vec<TokenStream>,
    /// Sets an own field.
    sets: Vec<TokenStream>,
    /// Sets a field of a record that was taken over.
    inner_sets: Vec<TokenStream>,
}

impl Parts {
    fn take(&mut self, field: &mut Field, record: &Ident) -> syn::Result<()> {
        let Flags { index, search, correctable, flatten, max } = flags(field)?;
        let ty = field.ty.clone();
        let Some(ident) = field.ident.clone() else {
            return Err(syn::Error::new(record.span(), "expected named fields"));
        };
        if flatten {
            field.attrs.push(syn::parse_quote!(#[serde(flatten)]));
            self.pushes.push(quote! {
                fields.extend(<#ty as ::kernel::schema::Record>::record().fields.iter().cloned());
            });
            self.inner_sets.push(quote! {
                if <#ty as ::kernel::schema::Record>::record().field(name).is_some() {
                    return ::kernel::schema::Record::set(&mut self.#ident, name, value);
                }
            });
            return Ok(());
        }
        if let Some(rule) = absence(&ty) {
            field.attrs.push(syn::parse_quote!(#[serde(#rule)]));
        }
        let (json, text) = (camel(ident.to_string().trim_start_matches("r#")), doc(&field.attrs));
        let max = max.map(|max| quote!(.shortened(#max)));
        self.sets.push(quote!(#json => self.#ident = ::serde_json::from_value(value)?));
        self.pushes.push(quote! {
            fields.push(::kernel::schema::Field {
                name: #json,
                doc: #text,
                ty: <#ty as ::kernel::schema::Described>::ty()#max,
                required: <#ty as ::kernel::schema::Described>::REQUIRED,
                index: #index,
                search: #search,
                correctable: #correctable,
            });
        });
        Ok(())
    }
}

pub fn expand(mut input: DeriveInput) -> syn::Result<TokenStream> {
    let name = input.ident.clone();
    let text = doc(&input.attrs);
    let Data::Struct(data) = &mut input.data else {
        return Err(syn::Error::new(name.span(), "expected a struct"));
    };
    let mut parts = Parts::default();
    for field in &mut data.fields {
        parts.take(field, &name)?;
    }
    let (Parts { pushes, sets, inner_sets }, title) = (parts, name.to_string());
    Ok(quote! {
        #[derive(Clone, Debug, PartialEq, ::serde::Serialize, ::serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        #input

        impl ::kernel::schema::Record for #name {
            fn record() -> ::std::sync::Arc<::kernel::schema::RecordDecl> {
                static DECL: ::std::sync::OnceLock<
                    ::std::sync::Arc<::kernel::schema::RecordDecl>,
                > = ::std::sync::OnceLock::new();
                let made = || {
                    let mut fields = Vec::new();
                    #(#pushes)*
                    ::std::sync::Arc::new(::kernel::schema::RecordDecl {
                        name: #title,
                        doc: #text,
                        fields,
                    })
                };
                ::std::sync::Arc::clone(DECL.get_or_init(made))
            }

            #[allow(unused_variables, clippy::match_single_binding, reason = "no fields")]
            fn set(
                &mut self,
                name: &str,
                value: ::serde_json::Value,
            ) -> Result<(), ::serde_json::Error> {
                match name {
                    #(#sets,)*
                    _ => { #(#inner_sets)* }
                }
                Ok(())
            }
        }

        impl ::kernel::schema::Described for #name {
            fn ty() -> ::kernel::schema::Ty {
                ::kernel::schema::Ty::Record(<Self as ::kernel::schema::Record>::record())
            }
        }
    })
}
