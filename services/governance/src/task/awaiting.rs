//! The event that a task waits for: which one it is, and whether it has happened.

use declare::record;
use kernel::values::{Anything, Line, Prose, Ref};
use kernel::{Context, Need, Position};

use super::{Refusal, Task, TaskKind};

/// The event that must have happened for a task to be done.
#[record]
pub struct DoneWhen {
    /// Its type, such as `soa.contradiction_resolved`.
    pub event: Line,
    /// The object that decides; any when left out.
    pub object: Option<Ref<Anything>>,
    /// The object that it is about: the object that decides refers to it in a field of its own,
    /// such as the system of a classification, or is it.
    pub about: Option<Ref<Anything>>,
    /// Texts that its data must hold: the key of a decision, the id of a person or object.
    #[field(max = 4)]
    pub naming: Vec<Line>,
}

impl DoneWhen {
    /// What it waits for, as an index of open tasks has it.
    pub(super) fn awaited(&self) -> Line {
        let object = self.object.as_ref().or(self.about.as_ref());
        let object = object.map(|object| object.id());
        Line::new(facts::Task::awaited(self.event.as_str(), object))
    }

    /// Whether an event is the one that is waited for.
    fn is(&self, event: &facts::Event, context: &Context) -> bool {
        let of_object = self.object.as_ref().is_none_or(|object| object.id() == event.object);
        let about = self.about.as_ref().is_none_or(|about| {
            let document = context.facts.document(&event.object);
            about.id() == event.object
                || document.is_some_and(|document| facts::refers_to(document, about.id()))
        });
        let names = self.naming.iter().all(|text| event.names(text.as_str()));
        self.event.as_str() == event.name && of_object && about && names
    }
}

impl Task {
    /// The event, and then its object where it matters what that refers to.
    pub(super) fn needs_of_event(&self, event: Option<Position>, known: &Context) -> Vec<Need> {
        let Some(position) = event else { return Vec::new() };
        let mut needs = vec![Need::Event(position)];
        if self.work.done_when.as_ref().is_some_and(|done| done.about.is_some())
            && let Some(found) = known.facts.get::<facts::Event>(&position.to_string())
        {
            needs.push(Need::Object(found.object));
        }
        needs
    }

    /// The named event is the one that the task waits for, and happened after what brought the task
    /// about. A task to decide ends also by a decision that brings no event about: the note says
    /// it.
    pub(super) fn must_have_happened(
        &self,
        position: Option<Position>,
        note: Option<&Prose>,
        context: &Context,
    ) -> Result<(), Refusal> {
        let at = "/event";
        let awaited = self.work.done_when.as_ref();
        let position = match (position, awaited) {
            (Some(position), _) => position,
            (None, Some(_)) if self.work.task_kind == TaskKind::Decide && note.is_some() => {
                return Ok(());
            }
            (None, Some(awaited)) => {
                return Err(Refusal::NotDoneYet { event: awaited.event.to_string(), at });
            }
            (None, None) => return Ok(()),
        };
        let found = context.facts.get::<facts::Event>(&position.to_string());
        let found = found.ok_or(Refusal::NoSuchEvent { position, at })?;
        let follows = match self.opened_by_event {
            Some(cause) => position > cause,
            None => found.recorded_at >= self.opened_at,
        };
        if !follows || awaited.is_some_and(|awaited| !awaited.is(&found, context)) {
            return Err(Refusal::OtherEvent { position, found: found.name, at });
        }
        Ok(())
    }
}
