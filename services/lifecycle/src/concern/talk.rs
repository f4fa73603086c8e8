//! What reporter and handler say to each other. An outsider proves by his receipt that he is the
//! reporter; nobody learns who he is.

use declare::{record, words};
use kernel::values::{Hash, Key, Prose};
use kernel::{Context, Instant, Role, UserId};

use super::{Concern, ConcernStatus, Event, Refusal};

/// Most messages of one side.
const MESSAGES_MAX: usize = 50;
/// Room for answers beyond that.
const REPLIES_MAX: usize = MESSAGES_MAX + 10;

/// Who says something.
#[words]
pub enum Speaker {
    /// Who reported the concern.
    Reporter,
    /// Who looks into it.
    Handler,
}

/// Input of `add_message`.
#[record]
pub struct AddMessage {
    /// What is said.
    pub text: Prose,
    /// SHA-256 of an outsider's receipt code.
    pub receipt_hash: Option<Hash>,
}

/// What one side said after the report.
#[record]
pub struct Message {
    /// Who.
    pub from: Speaker,
    /// When.
    pub at: Instant,
    /// What.
    pub text: Prose,
}

/// One side said more.
#[record]
pub struct MessageAdded {
    /// Its key.
    pub key: Key,
    /// What was said.
    pub message: Message,
}

/// Input of `flag_retaliation`.
#[record]
pub struct FlagRetaliation {
    /// What happened to the reporter.
    pub text: Prose,
    /// SHA-256 of an outsider's receipt code.
    pub receipt_hash: Option<Hash>,
}

/// Retaliation was reported.
#[record]
pub struct RetaliationFlagged {
    /// Who says so.
    pub from: Speaker,
    /// When.
    pub at: Instant,
    /// What happened.
    pub text: Prose,
}

/// Input of `reply`.
#[record]
pub struct Reply {
    /// The answer.
    pub text: Prose,
}

/// The reporter was answered; he reads it among the messages.
#[record]
pub struct Replied {
    /// Key of the message.
    pub key: Key,
    /// The answer.
    pub text: Prose,
    /// The handler.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// Whether that was later than promised.
    pub late: bool,
}

impl Concern {
    /// The side on which the actor stands.
    fn speaker(&self, receipt: Option<&Hash>, context: &Context) -> Result<Speaker, Refusal> {
        if context.actor.role == Role::Ext {
            let given = self.reported.receipt_hash.as_ref();
            let matches = receipt.is_some() && receipt == given;
            let wrong = Refusal::WrongReceipt { at: "/receiptHash" };
            return if matches { Ok(Speaker::Reporter) } else { Err(wrong) };
        }
        if receipt.is_some() {
            return Err(Refusal::ReceiptOfMember { at: "/receiptHash" });
        }
        if self.reported.reporter.as_ref() == Some(&context.user()) {
            return Ok(Speaker::Reporter);
        }
        self.must_handle(context)?;
        Ok(Speaker::Handler)
    }

    fn may_say_more(&self, from: Speaker, most: usize) -> Result<(), Refusal> {
        let said = self.messages.values().filter(|message| message.from == from).count();
        if said < most { Ok(()) } else { Err(Refusal::TooManyMessages { most }) }
    }

    pub(super) fn message_added(
        &self,
        input: AddMessage,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let from = self.speaker(input.receipt_hash.as_ref(), context)?;
        if self.status == ConcernStatus::Closed {
            let status = self.status.text();
            return Err(Refusal::WrongStatus { status, step: "added to: report a new one" });
        }
        self.may_say_more(from, MESSAGES_MAX)?;
        let message = Message { from, at: context.now, text: input.text };
        let key = context.new_key("message");
        Ok(vec![Event::MessageAdded(MessageAdded { key, message })])
    }

    /// At any time, also after the end: retaliation often comes late.
    pub(super) fn retaliation_flagged(
        &self,
        input: FlagRetaliation,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        let from = self.speaker(input.receipt_hash.as_ref(), context)?;
        let (at, text) = (context.now, input.text);
        Ok(vec![Event::RetaliationFlagged(RetaliationFlagged { from, at, text })])
    }

    pub(super) fn replied(&self, input: Reply, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be_impartial(context)?;
        self.must_be(
            &[
                ConcernStatus::Acknowledged,
                ConcernStatus::UnderReview,
                ConcernStatus::Escalated,
                ConcernStatus::Resolved,
            ],
            "answered",
        )?;
        self.may_say_more(Speaker::Handler, REPLIES_MAX)?;
        let (key, by, at) = (context.new_key("message"), context.user(), context.now);
        let late = at > self.reported.answer_due;
        Ok(vec![Event::Replied(Replied { key, text: input.text, by, at, late })])
    }

    pub(super) fn answer(&mut self, event: Replied) {
        let Replied { key, text, at, .. } = event.clone();
        self.messages.insert(key, Message { from: Speaker::Handler, at, text });
        self.reply = Some(event);
    }
}
