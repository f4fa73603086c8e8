//! What an aggregate declares and how it decides.
//!
//! An aggregate is one file: its state, commands, events and refusals (plain types with the
//! attributes of the `declare` crate), then `decide` and `evolve`. [`crate::aggregate!`] makes it a
//! `cqrs_es::Aggregate`.

use std::sync::Arc;

use cqrs_es::Aggregate;
use serde_json::Value;

use crate::kinds::KindRow;
use crate::schema::{Record, RecordDecl};
use crate::{Context, Need, Role};

/// What a kind says of itself beside its types.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Name in the table of kinds.
    pub kind: &'static str,
    /// What it is, in a sentence or two.
    pub doc: &'static str,
    /// The clauses and controls that its events evidence.
    pub clauses: &'static [&'static str],
    /// Whether a tenant has at most one.
    pub singleton: bool,
    /// Who may read it. Closed unless named.
    pub readers: &'static [Role],
    /// Objects of other kinds that belong to it.
    pub relations: &'static [Relation],
    /// Number of the document's shape, from 1.
    pub shape: u16,
}

/// Objects of another kind that refer to this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relation {
    /// Field under which they are shown.
    pub name: &'static str,
    /// What they are.
    pub doc: &'static str,
    /// Their kind.
    pub kind: &'static str,
    /// Their indexed field that names this object.
    pub by: &'static str,
    /// A field of this object (dots lead into records) that holds the position as of which they
    /// are shown; without it they are shown as of the question.
    pub pinned: Option<&'static str>,
}

/// One command.
#[derive(Clone, Debug)]
pub struct CommandDecl {
    /// Verb in `snake_case`; kebab-case in REST paths.
    pub verb: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// The roles that may give it.
    pub by: &'static [Role],
    /// The events that it can yield (last part of the stored name).
    pub emits: &'static [&'static str],
    /// Whether it makes the object.
    pub creates: bool,
    /// Whether the caller must name the version that he saw.
    pub if_match: bool,
    /// Its input.
    pub input: Arc<RecordDecl>,
}

/// One event.
#[derive(Clone, Debug)]
pub struct EventDecl {
    /// Stored name.
    pub name: &'static str,
    /// Schema version of its data.
    pub version: u16,
    /// What happened.
    pub doc: &'static str,
    /// Its data.
    pub data: Arc<RecordDecl>,
    /// Whether it records a refusal: its data has a field `refusal` ([`crate::Refused`]).
    pub refuses: bool,
}

/// One reason to refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalDecl {
    /// Code within its kind, `approver_is_author`.
    pub code: &'static str,
    /// The message.
    pub doc: &'static str,
    /// Clause, article or principle that demands it.
    pub rule: Option<&'static str>,
    /// Whether the state of the object forbids it, rather than the input.
    pub conflict: bool,
}

/// The commands of a kind; made by `#[commands]`.
pub trait Commands: Sized + Send + Sync {
    /// The declarations in order.
    fn declared() -> Vec<CommandDecl>;
    /// The verb of this command.
    fn verb(&self) -> &'static str;
    /// Reads a command's input; `None` for an unknown verb.
    ///
    /// # Errors
    /// When the input does not have the declared form.
    fn parse(verb: &str, input: Value) -> Result<Option<Self>, serde_json::Error>;
}

/// The events of a kind; made by `#[events]`.
pub trait Events: Sized + Send + Sync {
    /// The declarations in order.
    fn declared() -> Vec<EventDecl>;
    /// Stored name.
    fn name(&self) -> &'static str;
    /// Schema version of its data.
    fn version(&self) -> u16;
    /// Its data.
    ///
    /// # Errors
    /// When it cannot be JSON.
    fn data(&self) -> Result<Value, serde_json::Error>;
    /// Reads stored data of any version; `None` for an unknown name.
    ///
    /// # Errors
    /// When the data does not have the form of its version.
    fn read(name: &str, version: u16, data: Value) -> Result<Option<Self>, serde_json::Error>;
}

/// What a kind refuses; made by `#[refusals]`.
pub trait Refusals: std::error::Error + Send + Sync + 'static {
    /// The declarations in order.
    fn declared() -> Vec<RefusalDecl>;
    /// The declaration of this one.
    fn declaration(&self) -> RefusalDecl;
    /// JSON pointer to what is wrong in the command's input.
    fn pointer(&self) -> Option<&str>;
}

/// An aggregate: state that decides on commands and evolves by events.
pub trait Domain:
    Record + Aggregate<Services = Context, Command: Commands, Event: Events, Error: Refusals>
{
    /// What it says of itself.
    const ABOUT: About;

    /// The field of the state that names the members (one or several) who alone may open the
    /// texts of an object, whatever their roles. Everybody who may read the kind may, unless named.
    const CONFIDED: Option<&'static str> = None;

    /// The indexed fields of the state that name members who may read an object although they hold
    /// none of the readers' roles: it is their own. Nobody else may, unless fields are named.
    const OWN: &'static [&'static str] = &[];

    /// The facts that deciding this command needs, given those that are known already. Asked again
    /// until it names nothing new.
    fn needs(&self, command: &Self::Command, known: &Context) -> Vec<Need> {
        let (_, _) = (command, known);
        Vec::new()
    }

    /// The id of the object that a command makes, where the caller's input determines it.
    fn given_id(command: &Self::Command) -> Option<String> {
        let _ = command;
        None
    }

    /// Decides: the events that follow from the command, none when it holds already.
    ///
    /// # Errors
    /// The rule that forbids it.
    fn decide(
        &self,
        command: Self::Command,
        context: &Context,
    ) -> Result<Vec<Self::Event>, Self::Error>;

    /// Evolves; never fails and never decides.
    fn evolve(&mut self, event: Self::Event);

    /// Reads a document of an older shape.
    fn upcast(shape: u16, document: Value) -> Value {
        let _ = shape;
        document
    }
}

/// The whole declaration of a kind, as the surfaces read it.
#[derive(Clone, Debug)]
pub struct KindDecl {
    /// Its row in the table of kinds.
    pub row: &'static KindRow,
    /// What it says of itself.
    pub about: About,
    /// The field that names who alone may open an object's texts.
    pub confided: Option<&'static str>,
    /// The fields that name whose an object is.
    pub own: &'static [&'static str],
    /// Its state.
    pub state: Arc<RecordDecl>,
    /// Its commands.
    pub commands: Vec<CommandDecl>,
    /// Its events.
    pub events: Vec<EventDecl>,
    /// Its refusals.
    pub refusals: Vec<RefusalDecl>,
}

impl KindDecl {
    /// The declaration of an aggregate; `None` when its kind is missing in the table.
    pub fn of<A: Domain>() -> Option<Self> {
        Some(Self {
            row: crate::kinds::kind(A::ABOUT.kind)?,
            about: A::ABOUT,
            confided: A::CONFIDED,
            own: A::OWN,
            state: A::record(),
            commands: A::Command::declared(),
            events: A::Event::declared(),
            refusals: A::Error::declared(),
        })
    }

    /// The command of this verb.
    pub fn command(&self, verb: &str) -> Option<&CommandDecl> {
        self.commands.iter().find(|command| command.verb == verb)
    }
}

/// Makes a type with [`Domain`] a `cqrs_es::Aggregate`: `handle` asks `decide` and writes each
/// event to the sink, `apply` is `evolve`.
#[macro_export]
macro_rules! aggregate {
    ($state:ty, $kind:literal, $command:ty, $event:ty, $refusal:ty) => {
        impl ::cqrs_es::Aggregate for $state {
            const TYPE: &'static str = $kind;
            type Command = $command;
            type Event = $event;
            type Error = $refusal;
            type Services = $crate::Context;

            async fn handle(
                &mut self,
                command: $command,
                context: &$crate::Context,
                sink: &::cqrs_es::event_sink::EventSink<Self>,
            ) -> Result<(), $refusal> {
                for event in $crate::domain::Domain::decide(self, command, context)? {
                    sink.write(event, self).await;
                }
                Ok(())
            }

            fn apply(&mut self, event: $event) {
                $crate::domain::Domain::evolve(self, event);
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use declare::{events, record};
    use serde_json::{Value, json};

    use super::Events;
    use crate::values::Line;

    /// What was analysed; version 1 knew one consequence.
    #[record]
    struct Analysed {
        /// For the organisation.
        consequence_org: Line,
        /// For individuals.
        consequence_individual: Option<Line>,
    }

    /// Events of a kind whose first event has changed its shape.
    #[events(kind = "sample")]
    enum Event {
        /// It was analysed.
        #[event(version = 2, upcast = analysed)]
        Analysed(Analysed),
    }

    fn analysed(version: u16, mut data: Value) -> Value {
        if version == 1 {
            data["consequenceOrg"] = data["consequence"].take();
        }
        data
    }

    #[test]
    fn an_event_of_an_older_version_is_read_as_the_newest() {
        let old = Event::read("sample.analysed", 1, json!({ "consequence": "grave" }));
        let new = Event::read("sample.analysed", 2, json!({ "consequenceOrg": "grave" }));
        assert_eq!(old.unwrap(), new.unwrap());
        assert_eq!(Event::read("sample.unknown", 1, json!({})).unwrap(), None);
        assert!(Event::read("sample.analysed", 2, json!({ "consequence": "grave" })).is_err());
    }
}
