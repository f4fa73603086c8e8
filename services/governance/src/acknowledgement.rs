//! One person's acknowledgement of one version of a document (G-04; ISO/IEC 42001 5.2, 7.3). A kind
//! of its own, since acknowledgements grow with people. `DocumentAcknowledged` of the domain model
//! is stored as `acknowledgement.document_acknowledged`.
//!
//! ```text
//!           acknowledge
//!   (none) ────────────► Acknowledged
//! ```

use declare::{commands, events, record, refusals};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds;
use kernel::values::{Prose, Ref, Version};
use kernel::{Context, Fact, Instant, Need, Role, UserId};

use crate::document::Document;

/// That a person has taken note of a version of a document.
#[record]
#[derive(Default)]
pub struct Acknowledgement {
    /// The document.
    #[field(index)]
    pub document: Ref<kinds::Document>,
    /// Its version as printed on it.
    #[field(index)]
    pub edition: Version,
    /// Who.
    #[field(index)]
    pub user: UserId,
    /// When.
    #[field(index)]
    pub at: Instant,
    /// What he remarked.
    #[field(correctable)]
    pub remark: Option<Prose>,
}

/// Input of `acknowledge`.
#[record]
pub struct Acknowledge {
    /// The document.
    pub document: Ref<kinds::Document>,
    /// Its version in force, as printed on it.
    pub edition: Version,
    /// A remark.
    pub remark: Option<Prose>,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Takes note of the version in force of a published document.
    #[command(by(Emp), emits(DocumentAcknowledged), creates)]
    Acknowledge(Acknowledge),
    /// Corrects an earlier event.
    #[command(by(Am), emits(Corrected))]
    Correct(Correct),
}

/// What can have happened.
#[events(kind = "acknowledgement")]
pub enum Event {
    /// A person took note of a version of a document.
    DocumentAcknowledged(Acknowledgement),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// Version {edition} of this document is not in force or not published.
    #[refusal(rule = "ISO/IEC 42001 7.5.3")]
    NotInForce {
        /// The version that was named.
        edition: String,
        /// Where in the input.
        at: &'static str,
    },
    /// You have acknowledged version {edition} already.
    #[refusal(conflict)]
    Acknowledged {
        /// The version.
        edition: String,
    },
}

kernel::aggregate!(Acknowledgement, "acknowledgement", Command, Event, Refusal);

impl Fact for Acknowledgement {
    const KIND: &'static str = "acknowledgement";
}

impl Domain for Acknowledgement {
    const ABOUT: About = About {
        kind: "acknowledgement",
        doc: "One person's acknowledgement of one version of a document.",
        clauses: &["5.2", "7.3"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, known: &Context) -> Vec<Need> {
        match command {
            Command::Acknowledge(input) => vec![
                Need::Object(input.document.id().to_owned()),
                Need::Where("acknowledgement", "user", known.user().to_string()),
            ],
            Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        Ok(match command {
            Command::Acknowledge(input) => {
                let Acknowledge { document, edition, remark } = input;
                check(&document, &edition, context)?;
                let (user, at) = (context.user(), context.now);
                let taken = Acknowledgement { document, edition, user, at, remark };
                vec![Event::DocumentAcknowledged(taken)]
            }
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::DocumentAcknowledged(e) => *self = e,
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

fn check(
    document: &Ref<kinds::Document>,
    edition: &Version,
    context: &Context,
) -> Result<(), Refusal> {
    let known = context.facts.get::<Document>(document.id());
    if !known.is_some_and(|known| known.can_be_acknowledged(edition)) {
        return Err(Refusal::NotInForce { edition: edition.to_string(), at: "/edition" });
    }
    let user = context.user();
    let of_this =
        |a: &Acknowledgement| a.user == user && a.document == *document && a.edition == *edition;
    if context.facts.all::<Acknowledgement>().iter().any(|(_, a)| of_this(a)) {
        return Err(Refusal::Acknowledged { edition: edition.to_string() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const DOC: &str = "doc_1";

    fn knowing(published: bool) -> Context {
        let mut document = Document::default();
        document.in_force = Some(crate::document::InForce {
            edition: Version::new("1.0"),
            text_hash: kernel::values::Hash::new("00"),
            effective_from: kernel::Date::default(),
            next_review_due: kernel::Date::default(),
            published_at: published.then(Instant::default),
        });
        Context::of("usr_sara", &[Role::Emp], "2024-08-06T09:00:00Z").knowing(
            DOC,
            "document",
            json!(document),
        )
    }

    fn acknowledge(edition: &str, context: &Context) -> Result<Vec<Event>, Refusal> {
        let (document, edition) = (Ref::new(DOC), Version::new(edition));
        let input = Acknowledge { document, edition, remark: None };
        Acknowledgement::default().decide(Command::Acknowledge(input), context)
    }

    #[test]
    fn a_person_acknowledges_the_published_version() {
        let events = acknowledge("1.0", &knowing(true)).unwrap();
        let [Event::DocumentAcknowledged(a)] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!(a.user, UserId::new("usr_sara"));
    }

    #[test]
    fn an_unpublished_document_and_another_version_cannot_be_acknowledged() {
        for (edition, context) in [("1.0", knowing(false)), ("1.1", knowing(true))] {
            let refused = acknowledge(edition, &context).unwrap_err();
            assert!(matches!(refused, Refusal::NotInForce { .. }));
        }
    }

    #[test]
    fn nobody_acknowledges_the_same_version_twice() {
        let context = knowing(true);
        let events = acknowledge("1.0", &context).unwrap();
        let mut taken = Acknowledgement::default();
        events.into_iter().for_each(|event| taken.evolve(event));
        let context = context.knowing("ack_1", "acknowledgement", json!(taken));
        let refused = acknowledge("1.0", &context).unwrap_err();
        assert_eq!(refused, Refusal::Acknowledged { edition: "1.0".into() });
    }
}
