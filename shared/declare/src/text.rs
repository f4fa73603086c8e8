//! Reading names and documentation off the syntax tree.

use syn::{Attribute, Data, DeriveInput, Expr, ExprLit, Fields, Lit, Meta, Variant};

/// The doc comment as one text, lines joined by spaces, paragraphs by line breaks.
pub fn doc(attrs: &[Attribute]) -> String {
    let mut out = String::new();
    for attr in attrs.iter().filter(|a| a.path().is_ident("doc")) {
        let Meta::NameValue(pair) = &attr.meta else { continue };
        let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &pair.value else { continue };
        let line = text.value();
        let line = line.trim();
        if line.is_empty() {
            out.push('\n');
        } else {
            if !out.is_empty() && !out.ends_with('\n') {
                out.push(' ');
            }
            out.push_str(line);
        }
    }
    out
}

/// `HeldBack` → `held_back`.
pub fn snake(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// `held_back` → `heldBack`.
pub fn camel(name: &str) -> String {
    let mut out = String::new();
    let mut upper = false;
    for c in name.chars() {
        if c == '_' {
            upper = true;
        } else if upper {
            out.push(c.to_ascii_uppercase());
            upper = false;
        } else {
            out.push(c);
        }
    }
    out
}

/// The variants of an enum.
pub fn variants(input: &mut DeriveInput) -> syn::Result<Vec<&mut Variant>> {
    let span = input.ident.span();
    match &mut input.data {
        Data::Enum(data) => Ok(data.variants.iter_mut().collect()),
        Data::Struct(_) | Data::Union(_) => Err(syn::Error::new(span, "expected an enum")),
    }
}

/// Takes the attribute of this name off the list.
pub fn take(attrs: &mut Vec<Attribute>, name: &str) -> Option<Attribute> {
    let at = attrs.iter().position(|a| a.path().is_ident(name))?;
    Some(attrs.remove(at))
}

/// The one type inside a tuple variant; `None` for a variant without data.
pub fn inner(variant: &Variant) -> syn::Result<Option<&syn::Type>> {
    match &variant.fields {
        Fields::Unit => Ok(None),
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => Ok(Some(&fields.unnamed[0].ty)),
        Fields::Unnamed(_) | Fields::Named(_) => {
            Err(syn::Error::new(variant.ident.span(), "expected `Name` or `Name(Record)`"))
        }
    }
}
