//! How a concern arrives: through an open channel, to a handler whom it does not name.

use declare::{record, words};
use kernel::values::{Hash, Prose, Ref};
use kernel::{Context, Instant, Need, Role, UserId, kinds};

use super::{Refusal, handler};

/// Whether a concern came from inside or outside.
#[words]
#[derive(Default)]
pub enum Origin {
    /// From a member (A.3.3).
    #[default]
    Internal,
    /// From an outsider (A.8.3).
    External,
}

/// Input of `report`.
#[record]
pub struct Report {
    /// The channel.
    pub channel: Ref<kinds::ReportingChannel>,
    /// The AI system that it is about, if one.
    pub system: Option<Ref<kinds::AiSystem>>,
    /// The concern.
    pub text: Prose,
    /// Whether the reporter stays unnamed.
    pub anonymous: bool,
    /// How the reporter can be reached.
    pub contact: Option<Prose>,
    /// Members whom it names: none of them handles it.
    #[field(max = 20)]
    pub about: Vec<UserId>,
    /// SHA-256 of the receipt code that an outsider was given.
    pub receipt_hash: Option<Hash>,
}

/// What was reported, how, and by when it must be answered.
#[record]
#[derive(Default)]
pub struct Reported {
    /// The channel.
    pub channel: Ref<kinds::ReportingChannel>,
    /// From inside or outside.
    pub origin: Origin,
    /// Whether the reporter stays unnamed.
    pub anonymous: bool,
    /// The member who reported it; nobody for outsiders.
    pub reporter: Option<UserId>,
    /// How the reporter can be reached.
    pub contact: Option<Prose>,
    /// SHA-256 of the receipt code that an outsider was given; by it he finds his concern again.
    #[field(index)]
    pub receipt_hash: Option<Hash>,
    /// The AI system that it is about.
    #[field(index)]
    pub system: Option<Ref<kinds::AiSystem>>,
    /// The concern.
    pub text: Prose,
    /// Members whom it names.
    pub about: Vec<UserId>,
    /// When it arrived.
    #[field(index)]
    pub received_at: Instant,
    /// When receipt must be acknowledged at the latest.
    #[field(index)]
    pub ack_due: Instant,
    /// When the reporter must be answered at the latest.
    #[field(index)]
    pub answer_due: Instant,
    /// Who looks into it, and alone opens its texts.
    pub handler: Option<UserId>,
    /// Whether everybody who could have handled it has a conflict of interest or cannot act, so
    /// that a handler must be assigned.
    pub conflict: bool,
}

impl Reported {
    /// Whether an answer can reach the reporter: by contact, by receipt, or because he is known.
    pub fn can_be_answered(&self) -> bool {
        self.contact.is_some() || self.receipt_hash.is_some() || self.reporter.is_some()
    }
}

impl Report {
    /// The channel, and then the memberships of those who receive its concerns.
    pub(super) fn needs(&self, known: &Context) -> Vec<Need> {
        let channel = known.facts.get::<facts::ReportingChannel>(self.channel.id());
        let mut needs = vec![Need::Object(self.channel.id().to_owned())];
        needs.extend(channel.iter().flat_map(|found| handler::memberships(&found.handlers)));
        needs
    }

    pub(super) fn received(self, context: &Context) -> Result<Reported, Refusal> {
        let is_outsider = context.actor.role == Role::Ext;
        let channel = self.open_channel(is_outsider, context)?;
        let reporter = (!is_outsider).then(|| context.user());
        let mut free = channel.handlers.iter().filter(|user| {
            !self.about.contains(user)
                && reporter.as_ref() != Some(user)
                && handler::may_handle(user, context)
        });
        let handler = free.next().cloned();
        let mut about = self.about;
        about.sort_unstable();
        about.dedup();
        Ok(Reported {
            channel: self.channel,
            origin: if is_outsider { Origin::External } else { Origin::Internal },
            anonymous: self.anonymous,
            reporter,
            contact: self.contact,
            receipt_hash: self.receipt_hash,
            system: self.system,
            text: self.text,
            about,
            received_at: context.now,
            ack_due: context.now.plus_days(channel.ack_days.into()),
            answer_due: context.now.plus_days(channel.answer_days.into()),
            conflict: handler.is_none(),
            handler,
        })
    }

    /// The channel, if this reporter may use it in this way.
    fn open_channel(
        &self,
        is_outsider: bool,
        context: &Context,
    ) -> Result<facts::ReportingChannel, Refusal> {
        if !is_outsider && self.receipt_hash.is_some() {
            return Err(Refusal::ReceiptOfMember { at: "/receiptHash" });
        }
        if !is_outsider && self.anonymous {
            return Err(Refusal::SessionRevealsReporter { at: "/anonymous" });
        }
        let id = self.channel.id();
        let found = context.facts.get::<facts::ReportingChannel>(id);
        let Some(channel) = found.filter(facts::ReportingChannel::is_open) else {
            return Err(Refusal::NoOpenChannel { channel: id.to_owned(), at: "/channel" });
        };
        if is_outsider && channel.audience != "external" {
            return Err(Refusal::ChannelIsInternal { channel: id.to_owned(), at: "/channel" });
        }
        if self.anonymous && !channel.accepts_anonymous {
            let channel = id.to_owned();
            return Err(Refusal::ChannelNamesReporters { channel, at: "/anonymous" });
        }
        Ok(channel)
    }
}
