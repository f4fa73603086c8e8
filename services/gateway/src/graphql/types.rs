//! Collects the types of the schema; each is made once, when the first field needs it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_graphql::Value as Shown;
use async_graphql::dynamic::{
    Enum, Field, FieldFuture, FieldValue, InputObject, InputValue, Interface, Object,
    ResolverContext, Scalar, Schema, SchemaError, Type, TypeRef, Union,
};
use kernel::schema::{Field as Declared, RecordDecl, Ty};

use super::extent::{Extent, STAND_IN};
use super::fields::fields_of;
use super::made_for;
use super::model::Model;
use super::objects::NODE;
use super::place::here;
use super::scalars;

/// A field with its name and the types that it needs.
pub struct Named {
    name: String,
    field: Field,
    needs: Vec<String>,
}

/// A field under its name.
pub fn named<F>(name: impl Into<String>, ty: TypeRef, resolve: F) -> Named
where
    F: for<'a> Fn(ResolverContext<'a>) -> FieldFuture<'a> + Send + Sync + 'static,
{
    let (name, needs) = (name.into(), vec![ty.type_name().to_owned()]);
    Named { field: Field::new(name.as_str(), ty, resolve), name, needs }
}

/// A field with a description.
pub fn described(named: Named, doc: &str) -> Named {
    Named { field: named.field.description(doc), ..named }
}

/// A field that takes an argument.
pub fn taking(mut named: Named, argument: Argument) -> Named {
    named.needs.push(argument.needs);
    Named { field: named.field.argument(argument.value), ..named }
}

/// An argument, or a field of an input, and the type that it needs.
pub struct Argument {
    value: InputValue,
    needs: String,
}

impl Argument {
    /// An argument under its name.
    pub fn new(name: impl Into<String>, ty: TypeRef) -> Self {
        let needs = ty.type_name().to_owned();
        Self { value: InputValue::new(name, ty), needs }
    }

    /// With a description.
    pub fn description(self, doc: impl Into<String>) -> Self {
        Self { value: self.value.description(doc), ..self }
    }

    /// With the value that it has when it is left out.
    pub fn default_value(self, value: impl Into<Shown>) -> Self {
        Self { value: self.value.default_value(value), ..self }
    }
}

/// An input object in the making.
pub struct Input {
    object: InputObject,
    needs: Vec<String>,
}

impl Input {
    /// One without fields.
    pub fn new(name: &str) -> Self {
        Self { object: InputObject::new(name), needs: Vec::new() }
    }

    /// With a description.
    pub fn description(self, doc: &str) -> Self {
        Self { object: self.object.description(doc), ..self }
    }

    /// With a field more.
    pub fn field(mut self, field: Argument) -> Self {
        self.needs.push(field.needs);
        Self { object: self.object.field(field.value), ..self }
    }

    /// Of whose fields exactly one is given.
    pub fn oneof(self) -> Self {
        Self { object: self.object.oneof(), ..self }
    }
}

/// A type and those that it needs.
pub struct Made {
    ty: Type,
    needs: Vec<String>,
    is_node: bool,
}

impl Made {
    /// An object of a kind.
    pub fn node(self) -> Self {
        Self { is_node: true, ..self }
    }

    /// A type that needs these too.
    pub fn needing(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.needs.extend(names.into_iter().map(Into::into));
        self
    }
}

impl From<Input> for Made {
    fn from(Input { object, needs }: Input) -> Self {
        Self { ty: object.into(), needs, is_node: false }
    }
}

macro_rules! made_of {
    ($($ty:ty),*) => {
        $(impl From<$ty> for Made {
            fn from(ty: $ty) -> Self {
                Self { ty: ty.into(), needs: Vec::new(), is_node: false }
            }
        })*
    };
}

made_of!(Scalar, Enum, Interface, Union, Object);

/// A schema, and about how large it is.
#[derive(Clone)]
pub struct Built {
    /// The schema.
    pub schema: Schema,
    /// Types, fields and arguments.
    pub size: u64,
}

/// The types made so far.
pub struct Types {
    /// The kinds.
    pub model: Arc<Model>,
    extent: Extent,
    begun: BTreeSet<String>,
    made: BTreeMap<String, Made>,
    twice: Option<String>,
}

impl Types {
    /// No types.
    pub fn new(model: Arc<Model>, extent: Extent) -> Self {
        let (begun, made) = (BTreeSet::new(), BTreeMap::new());
        Self { model, extent, begun, made, twice: None }
    }

    /// Adds a type.
    pub fn add(&mut self, ty: impl Into<Made>) {
        let made = ty.into();
        let name = name_of(&made.ty).to_owned();
        if let Some(before) = self.made.insert(name, made) {
            self.twice = Some(name_of(&before.ty).to_owned());
        }
    }

    /// Whether fields of this name are made.
    pub fn wants(&self, field: &str) -> bool {
        self.extent.has(field)
    }

    /// Takes a name for a type that is made on demand; false when somebody has.
    pub fn begin(&mut self, name: &str) -> bool {
        self.begun.insert(name.to_owned())
    }

    /// Whether somebody has taken the name.
    pub fn has_begun(&self, name: &str) -> bool {
        self.begun.contains(name)
    }

    /// The schema: all types, or those that can be reached from the roots and those that the
    /// document names.
    ///
    /// # Errors
    /// When two types have one name, or they do not fit together; of a part, also when the document
    /// names a type that is not reached or does not exist.
    pub fn finish(mut self) -> Result<Built, SchemaError> {
        let chosen = match self.extent.clone() {
            Extent::Whole => std::mem::take(&mut self.made),
            Extent::Part(names) => {
                self.reached(["Query", "Mutation"].into_iter().chain(names.types()))
            }
        };
        if let Some(name) = self.twice {
            return Err(SchemaError(format!("two types are named {name}")));
        }
        let mut builder = Schema::build("Query", Some("Mutation"), None).disable_suggestions();
        if let Extent::Part(names) = &self.extent {
            // Of such a name the whole knows, or says that there is none.
            if let Some(name) = names.types().find(|name| !is_known(&chosen, name)) {
                return Err(SchemaError(format!("the part does not reach {name}")));
            }
            builder = builder.disable_introspection();
        }
        let has_nodes = chosen.contains_key(NODE);
        let size = chosen.values().map(|made| 1 + made.needs.len() as u64).sum();
        for made in chosen.into_values() {
            builder = builder.register(match made.ty {
                Type::Object(object) if made.is_node && has_nodes => object.implement(NODE).into(),
                ty => ty,
            });
        }
        Ok(Built { schema: builder.finish()?, size })
    }

    /// The types that can be reached from these.
    fn reached<'a>(&mut self, roots: impl Iterator<Item = &'a str>) -> BTreeMap<String, Made> {
        let mut open: Vec<String> = roots.map(str::to_owned).collect();
        let mut chosen = BTreeMap::new();
        while let Some(name) = open.pop() {
            if is_known(&chosen, &name) {
                continue;
            }
            if !self.made.contains_key(&name) {
                made_for(self, &name);
            }
            if let Some(made) = self.made.remove(&name) {
                open.extend(made.needs.iter().cloned());
                chosen.insert(name, made);
            }
        }
        chosen
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
            let mut fields = FieldSet::of(self);
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
            let mut object = Input::new(&name).description(decl.doc);
            if keyed && decl.field("key").is_none() {
                let key = Argument::new("key", TypeRef::named_nn(TypeRef::STRING));
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
    pub fn input_value(&mut self, field: &Declared) -> Argument {
        let ty = self.input_type(&field.ty);
        let ty = if field.required { TypeRef::NonNull(Box::new(ty)) } else { ty };
        Argument::new(field.name, ty).description(field.doc)
    }

    fn input_type(&mut self, ty: &Ty) -> TypeRef {
        if let Some(name) = scalars::leaf_type(&self.model, ty) {
            let leaf = TypeRef::named(name);
            self.ensure_leaf(ty);
            return leaf;
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

/// Whether a type is among these, or every schema has it.
fn is_known(chosen: &BTreeMap<String, Made>, name: &str) -> bool {
    let built_in = [TypeRef::INT, TypeRef::FLOAT, TypeRef::STRING, TypeRef::BOOLEAN, TypeRef::ID];
    chosen.contains_key(name) || built_in.contains(&name)
}

fn key_field() -> Named {
    let field = named("key", TypeRef::named_nn(TypeRef::STRING), |ctx| {
        let key = here(&ctx).and_then(|place| place.key());
        FieldFuture::Value(key.map(FieldValue::value))
    });
    described(field, "Its key, stable within the object.")
}

/// The fields of an object that are wanted; of two with one name the first counts.
pub struct FieldSet {
    extent: Extent,
    fields: Vec<Named>,
    names: BTreeSet<String>,
}

impl FieldSet {
    /// No fields.
    pub fn of(types: &Types) -> Self {
        Self { extent: types.extent.clone(), fields: Vec::new(), names: BTreeSet::new() }
    }

    /// Adds a field.
    pub fn add(&mut self, field: Named) {
        if self.extent.has(&field.name) && self.names.insert(field.name.clone()) {
            self.fields.push(field);
        }
    }

    /// Adds fields.
    pub fn add_all(&mut self, fields: impl IntoIterator<Item = Named>) {
        fields.into_iter().for_each(|field| self.add(field));
    }

    /// Whether a field of this name is made and is not there yet: any other need not be made up.
    pub fn wants(&self, name: &str) -> bool {
        self.extent.has(name) && !self.names.contains(name)
    }

    /// The object of these fields.
    pub fn object(mut self, name: &str, doc: &str) -> Made {
        if self.fields.is_empty() {
            let ty = TypeRef::named(TypeRef::BOOLEAN);
            self.fields.push(named(STAND_IN, ty, |_| FieldFuture::Value(None)));
        }
        let (mut object, mut needs) = (Object::new(name).description(doc), Vec::new());
        for named in self.fields {
            needs.extend(named.needs);
            object = object.field(named.field);
        }
        Made::from(object).needing(needs)
    }
}
