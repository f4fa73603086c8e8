//! Collects the types of the schema; each is made once, when the first field needs it.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_graphql::dynamic::{
    Field, FieldFuture, FieldValue, InputObject, InputValue, Object, ResolverContext, Schema,
    SchemaError, Type, TypeRef,
};
use kernel::schema::{Field as Declared, RecordDecl, Ty};

use super::fields::fields_of;
use super::model::Model;
use super::place::here;
use super::scalars;

/// A field and its name.
pub type Named = (String, Field);

/// A field under its name.
pub fn named<F>(name: impl Into<String>, ty: TypeRef, resolve: F) -> Named
where
    F: for<'a> Fn(ResolverContext<'a>) -> FieldFuture<'a> + Send + Sync + 'static,
{
    let name = name.into();
    (name.clone(), Field::new(name, ty, resolve))
}

/// A field with a description.
pub fn described((name, field): Named, doc: &str) -> Named {
    (name, field.description(doc))
}

/// A field that takes an argument.
pub fn taking((name, field): Named, argument: InputValue) -> Named {
    (name, field.argument(argument))
}

/// The types made so far.
pub struct Types {
    /// The kinds.
    pub model: Arc<Model>,
    begun: BTreeSet<String>,
    types: Vec<Type>,
}

impl Types {
    /// No types.
    pub fn new(model: Arc<Model>) -> Self {
        Self { model, begun: BTreeSet::new(), types: Vec::new() }
    }

    /// Adds a type.
    pub fn add(&mut self, ty: impl Into<Type>) {
        self.types.push(ty.into());
    }

    /// Takes a name for a type that is made on demand; false when somebody has.
    pub fn begin(&mut self, name: &str) -> bool {
        self.begun.insert(name.to_owned())
    }

    /// The schema.
    ///
    /// # Errors
    /// When two types have one name, or they do not fit together.
    pub fn finish(self) -> Result<Schema, SchemaError> {
        let mut names = BTreeSet::new();
        let mut builder = Schema::build("Query", Some("Mutation"), None).disable_suggestions();
        for ty in self.types {
            let name = name_of(&ty);
            if names.contains(&name) {
                return Err(SchemaError(format!("two types are named {name}")));
            }
            names.insert(name);
            builder = builder.register(ty);
        }
        builder.finish()
    }

    /// Makes the enumeration behind a type, if there is one.
    pub fn ensure_leaf(&mut self, ty: &Ty) {
        if let Ty::Words(decl) = ty {
            let name = self.model.words(decl).to_owned();
            if self.begin(&name) {
                self.add(scalars::words(&name, decl));
            }
        }
    }

    /// The object type of a record; of a map's member, with its key.
    pub fn record(&mut self, decl: &Arc<RecordDecl>, keyed: bool) -> String {
        let mut name = self.model.record(decl).to_owned();
        if keyed {
            name.push_str("Entry");
        }
        if self.begin(&name) {
            let mut fields = FieldSet::default();
            if keyed {
                fields.add(key_field());
            }
            for field in &decl.fields {
                fields.add_all(fields_of(self, field, field.name));
            }
            self.add(fields.object(&name, decl.doc));
        }
        name
    }

    /// The input type of a record; of a map's member, with its key.
    pub fn input(&mut self, decl: &Arc<RecordDecl>, keyed: bool) -> String {
        let entry = if keyed { "Entry" } else { "" };
        let name = format!("{}{entry}Input", self.model.record(decl));
        if self.begin(&name) {
            let mut object = InputObject::new(&name).description(decl.doc);
            if keyed && decl.field("key").is_none() {
                let key = InputValue::new("key", TypeRef::named_nn(TypeRef::STRING));
                object = object.field(key.description("Its key, stable within the object."));
            }
            for field in &decl.fields {
                object = object.field(self.input_value(field));
            }
            self.add(object);
        }
        name
    }

    /// A declared field as callers give it.
    pub fn input_value(&mut self, field: &Declared) -> InputValue {
        let ty = self.input_type(&field.ty);
        let ty = if field.required { TypeRef::NonNull(Box::new(ty)) } else { ty };
        InputValue::new(field.name, ty).description(field.doc)
    }

    fn input_type(&mut self, ty: &Ty) -> TypeRef {
        if let Some((name, _)) = scalars::leaf(&self.model, ty) {
            self.ensure_leaf(ty);
            return TypeRef::named(name);
        }
        match ty {
            Ty::Prose(_) => TypeRef::named(TypeRef::STRING),
            Ty::Record(decl) => TypeRef::named(self.input(decl, false)),
            Ty::Map(decl, _) => TypeRef::named_nn_list(self.input(decl, true)),
            Ty::List(of, _) => {
                TypeRef::List(Box::new(TypeRef::NonNull(Box::new(self.input_type(of)))))
            }
            _ => TypeRef::named(TypeRef::ID),
        }
    }
}

fn name_of(ty: &Type) -> String {
    match ty {
        Type::Scalar(ty) => ty.type_name(),
        Type::Object(ty) => ty.type_name(),
        Type::InputObject(ty) => ty.type_name(),
        Type::Enum(ty) => ty.type_name(),
        Type::Interface(ty) => ty.type_name(),
        Type::Union(ty) => ty.type_name(),
        Type::Subscription(ty) => ty.type_name(),
        Type::Upload => "Upload",
    }
    .to_owned()
}

fn key_field() -> Named {
    let field = named("key", TypeRef::named_nn(TypeRef::STRING), |ctx| {
        let key = here(&ctx).and_then(|place| place.key());
        FieldFuture::Value(key.map(FieldValue::value))
    });
    described(field, "Its key, stable within the object.")
}

/// The fields of an object; of two with one name the first counts.
#[derive(Default)]
pub struct FieldSet {
    fields: Vec<Field>,
    names: BTreeSet<String>,
}

impl FieldSet {
    /// Adds a field.
    pub fn add(&mut self, (name, field): Named) {
        if self.names.insert(name) {
            self.fields.push(field);
        }
    }

    /// Adds fields.
    pub fn add_all(&mut self, fields: impl IntoIterator<Item = Named>) {
        fields.into_iter().for_each(|field| self.add(field));
    }

    /// Whether a field of this name is there.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// The object of these fields.
    pub fn object(self, name: &str, doc: &str) -> Object {
        let object = Object::new(name).description(doc);
        self.fields.into_iter().fold(object, Object::field)
    }
}
