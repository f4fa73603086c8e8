//! A channel through which concerns reach the organisation (L-12; ISO/IEC 42001 A.3.3, A.8.3).
//!
//! ```text
//!           publish               withdraw
//!   (none) ─────────► Published ────────────► Withdrawn
//!                       ▲   │ change
//!                       └───┘
//! ```

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::values::{Key, Line, Prose};
use kernel::{Context, Instant, Need, Role, UserId};

use crate::concern::handler;

/// Days in which receipt is acknowledged at the latest: what a channel promises unless it says
/// less (Directive (EU) 2019/1937 Art. 9(1)(b)).
const ACK_DAYS: u32 = 7;
/// Days in which an answer is given at the latest (Art. 9(1)(f): three months).
const ANSWER_DAYS: u32 = 90;

/// A channel through which members or outsiders report concerns.
#[record]
#[derive(Default)]
pub struct ReportingChannel {
    /// What it offers.
    #[field(flatten)]
    pub channel: Channel,
    /// Whether it is open.
    #[field(index)]
    pub status: ChannelStatus,
    /// When it was published.
    #[field(index)]
    pub published_at: Instant,
    /// Who published it.
    pub published_by: UserId,
    /// Why it was withdrawn.
    pub withdrawal: Option<Prose>,
}

/// What a channel offers, and to whom.
#[record]
#[derive(Default)]
pub struct Channel {
    /// Its name.
    #[field(index, search, correctable)]
    pub title: Line,
    /// Who reports through it.
    #[field(index)]
    pub audience: Audience,
    /// Languages in which it can be used, by lower-case tag (`en`, `pt-br`).
    #[field(max = 50)]
    pub languages: Vec<Key>,
    /// Who receives its concerns: the first of them whom the concern does not name.
    #[field(max = 20)]
    pub handlers: Vec<UserId>,
    /// Where outsiders find it.
    pub public_url: Option<Line>,
    /// Whether a reporter may stay unnamed.
    pub accepts_anonymous: bool,
    /// Days until a concern is acknowledged at the latest.
    pub ack_days: u32,
    /// Days until it is answered at the latest.
    pub answer_days: u32,
}

/// Who reports through a channel.
#[words]
#[derive(Default)]
pub enum Audience {
    /// Members of the organisation (A.3.3).
    #[default]
    Internal,
    /// Outsiders: users, affected persons, customers (A.8.3).
    External,
}

/// Whether a channel is open.
#[words]
#[derive(Default)]
pub enum ChannelStatus {
    /// Concerns can be reported through it.
    #[default]
    Published,
    /// It takes no more concerns.
    Withdrawn,
}

/// Input of `publish`.
#[record]
pub struct Publish {
    /// Who reports through it.
    pub audience: Audience,
    /// What it offers.
    #[field(flatten)]
    pub offer: Offer,
}

/// Input of `change`: the whole offer. Whom a channel is for does not change.
#[record]
pub struct Offer {
    /// Its name.
    pub title: Line,
    /// Languages in which it can be used, by lower-case tag (`en`, `pt-br`).
    #[field(max = 50)]
    pub languages: Vec<Key>,
    /// Who receives its concerns: the first of them whom the concern does not name.
    #[field(max = 20)]
    pub handlers: Vec<UserId>,
    /// Where outsiders find it: an https address.
    pub public_url: Option<Line>,
    /// Whether a reporter may stay unnamed.
    pub accepts_anonymous: bool,
    /// Days until a concern is acknowledged: 7 or fewer, 7 when left out.
    pub ack_days: Option<u32>,
    /// Days until it is answered: 90 or fewer, 90 when left out.
    pub answer_days: Option<u32>,
}

/// Input of `withdraw`, and what was recorded of it.
#[record]
pub struct Withdraw {
    /// Why.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Publishes a channel.
    #[command(
        by(Am, Im),
        emits(ExternalReportingChannelPublished, InternalReportingChannelPublished),
        creates
    )]
    Publish(Publish),
    /// Changes what the channel offers from now on.
    #[command(by(Am, Im), emits(Changed))]
    Change(Offer),
    /// Takes the channel out of use; concerns that came through it go on.
    #[command(by(Am, Im), emits(Withdrawn))]
    Withdraw(Withdraw),
    /// Corrects an earlier event.
    #[command(by(Am, Im), emits(Corrected))]
    Correct(Correct),
}

/// A channel was published.
#[record]
pub struct Published {
    /// What it offers.
    pub channel: Channel,
    /// Who published it.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

/// What a channel offers changed.
#[record]
pub struct Changed {
    /// What it offers from now on.
    pub channel: Channel,
    /// Who changed it.
    pub by: UserId,
}

/// What can have happened.
#[events(kind = "reporting_channel")]
pub enum Event {
    /// A channel for outsiders was published.
    ExternalReportingChannelPublished(Published),
    /// A channel for members was published.
    InternalReportingChannelPublished(Published),
    /// The channel offers something else.
    Changed(Changed),
    /// The channel takes no more concerns.
    Withdrawn(Withdraw),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// A channel needs somebody who receives its concerns.
    #[refusal(rule = "ISO/IEC 42001 A.3.3")]
    NoHandler {
        /// Where in the input.
        at: &'static str,
    },
    /// {user} cannot receive concerns: an active member with the role AM, TM, DPO or IM can.
    #[refusal(rule = "ISO/IEC 42001 A.3.3")]
    HandlerCannotAct {
        /// Who.
        user: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The address must begin with https://.
    NoWebAddress {
        /// Where in the input.
        at: &'static str,
    },
    /// A reporter hears of receipt within 1 to {most} days.
    #[refusal(rule = "Directive (EU) 2019/1937 Art. 9(1)(b)")]
    AcknowledgedTooLate {
        /// Most days.
        most: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// A reporter is answered within {least} to {most} days: not before receipt is acknowledged.
    #[refusal(rule = "Directive (EU) 2019/1937 Art. 9(1)(f)")]
    AnsweredTooLate {
        /// Fewest days.
        least: u32,
        /// Most days.
        most: u32,
        /// Where in the input.
        at: &'static str,
    },
    /// The channel is withdrawn: publish another one.
    #[refusal(conflict)]
    ChannelWithdrawn,
}

kernel::aggregate!(ReportingChannel, "reporting_channel", Command, Event, Refusal);

impl Domain for ReportingChannel {
    const ABOUT: About = About {
        kind: "reporting_channel",
        doc: "A channel through which members or outsiders report concerns.",
        clauses: &["A.3.3", "A.8.3"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Publish(Publish { offer, .. }) | Command::Change(offer) => {
                handler::memberships(&offer.handlers)
            }
            Command::Withdraw(_) | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        let by = context.user();
        Ok(match command {
            Command::Publish(Publish { audience, offer }) => {
                let channel = offer.checked(audience, context)?;
                let published = Published { channel, by, at: context.now };
                vec![match audience {
                    Audience::External => Event::ExternalReportingChannelPublished(published),
                    Audience::Internal => Event::InternalReportingChannelPublished(published),
                }]
            }
            Command::Change(offer) => {
                if self.status == ChannelStatus::Withdrawn {
                    return Err(Refusal::ChannelWithdrawn);
                }
                let channel = offer.checked(self.channel.audience, context)?;
                let same = channel == self.channel;
                if same { Vec::new() } else { vec![Event::Changed(Changed { channel, by })] }
            }
            Command::Withdraw(input) => match self.status {
                ChannelStatus::Published => vec![Event::Withdrawn(input)],
                ChannelStatus::Withdrawn => Vec::new(),
            },
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::ExternalReportingChannelPublished(e)
            | Event::InternalReportingChannelPublished(e) => {
                self.channel = e.channel;
                self.published_by = e.by;
                self.published_at = e.at;
            }
            Event::Changed(e) => self.channel = e.channel,
            Event::Withdrawn(e) => {
                self.status = ChannelStatus::Withdrawn;
                self.withdrawal = Some(e.reason);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl Offer {
    fn checked(self, audience: Audience, context: &Context) -> Result<Channel, Refusal> {
        let mut handlers = Vec::new();
        for user in self.handlers {
            if !handler::may_handle(&user, context) {
                return Err(Refusal::HandlerCannotAct { user: user.to_string(), at: "/handlers" });
            }
            if !handlers.contains(&user) {
                handlers.push(user);
            }
        }
        if handlers.is_empty() {
            return Err(Refusal::NoHandler { at: "/handlers" });
        }
        if self.public_url.as_ref().is_some_and(|url| !url.as_str().starts_with("https://")) {
            return Err(Refusal::NoWebAddress { at: "/publicUrl" });
        }
        let ack_days = self.ack_days.unwrap_or(ACK_DAYS);
        if !(1..=ACK_DAYS).contains(&ack_days) {
            return Err(Refusal::AcknowledgedTooLate { most: ACK_DAYS, at: "/ackDays" });
        }
        let answer_days = self.answer_days.unwrap_or(ANSWER_DAYS);
        if !(ack_days..=ANSWER_DAYS).contains(&answer_days) {
            let (least, most) = (ack_days, ANSWER_DAYS);
            return Err(Refusal::AnsweredTooLate { least, most, at: "/answerDays" });
        }
        Ok(Channel {
            title: self.title,
            audience,
            languages: self.languages,
            handlers,
            public_url: self.public_url,
            accepts_anonymous: self.accepts_anonymous,
            ack_days,
            answer_days,
        })
    }
}

#[cfg(test)]
mod tests {
    use cqrs_es::test::TestFramework;
    use serde_json::json;

    use super::*;

    const PUBLISHED_ON: &str = "2025-02-10T09:00:00Z";

    fn jonas() -> Context {
        let member = |roles: &[&str], status: &str| json!({"roles": roles, "status": status});
        Context::of("usr_jonas", &[Role::Im], PUBLISHED_ON)
            .knowing("mbr_priya", "membership", member(&["AM"], "active"))
            .knowing("mbr_jonas", "membership", member(&["IM"], "active"))
            .knowing("mbr_sara", "membership", member(&["DEV"], "active"))
            .knowing("mbr_gone", "membership", member(&["AM"], "revoked"))
    }

    fn with() -> TestFramework<ReportingChannel> {
        TestFramework::with(jonas())
    }

    fn offer() -> Offer {
        Offer {
            title: Line::new("Public web form"),
            languages: vec![Key::new("en"), Key::new("nl")],
            handlers: vec![UserId::new("usr_priya"), UserId::new("usr_jonas")],
            public_url: Some(Line::new("https://halden.example/concerns")),
            accepts_anonymous: true,
            ack_days: None,
            answer_days: None,
        }
    }

    fn channel() -> Channel {
        let offer = offer();
        Channel {
            title: offer.title,
            audience: Audience::External,
            languages: offer.languages,
            handlers: offer.handlers,
            public_url: offer.public_url,
            accepts_anonymous: true,
            ack_days: 7,
            answer_days: 90,
        }
    }

    fn published() -> Published {
        let at = PUBLISHED_ON.parse().unwrap();
        Published { channel: channel(), by: UserId::new("usr_jonas"), at }
    }

    fn given() -> Vec<Event> {
        vec![Event::ExternalReportingChannelPublished(published())]
    }

    fn withdrawal() -> Withdraw {
        Withdraw { reason: Prose::new("the form has moved") }
    }

    #[test]
    fn the_incident_manager_publishes_the_public_web_form() {
        with()
            .given_no_previous_events()
            .when(Command::Publish(Publish { audience: Audience::External, offer: offer() }))
            .then_expect_events(given());
    }

    #[test]
    fn a_channel_for_members_is_published_under_its_own_event() {
        let channel = Channel { audience: Audience::Internal, ..channel() };
        with()
            .given_no_previous_events()
            .when(Command::Publish(Publish { audience: Audience::Internal, offer: offer() }))
            .then_expect_events(vec![Event::InternalReportingChannelPublished(Published {
                channel,
                ..published()
            })]);
    }

    #[test]
    fn concerns_are_received_by_members_who_may_act_on_them() {
        for (user, at) in [("usr_sara", "/handlers"), ("usr_gone", "/handlers"), ("usr_x", "")] {
            let handlers = vec![UserId::new("usr_priya"), UserId::new(user)];
            let refused = with()
                .given(given())
                .when(Command::Change(Offer { handlers, ..offer() }))
                .inspect_result()
                .unwrap_err();
            let expected = Refusal::HandlerCannotAct { user: user.into(), at: "/handlers" };
            assert_eq!(refused, expected, "{at}");
        }
        with()
            .given(given())
            .when(Command::Change(Offer { handlers: vec![], ..offer() }))
            .then_expect_error(Refusal::NoHandler { at: "/handlers" });
    }

    #[test]
    fn a_handler_named_twice_counts_once() {
        let handlers = ["usr_priya", "usr_jonas", "usr_priya"].map(UserId::new).to_vec();
        with()
            .given(given())
            .when(Command::Change(Offer { handlers, ..offer() }))
            .then_expect_events(vec![]);
    }

    #[test]
    fn a_channel_promises_no_more_than_7_days_to_receipt_and_90_to_an_answer() {
        let late_receipt = Refusal::AcknowledgedTooLate { most: 7, at: "/ackDays" };
        let late_answer = |least| Refusal::AnsweredTooLate { least, most: 90, at: "/answerDays" };
        for (ack, answer, refused) in [
            (Some(0), None, Some(late_receipt.clone())),
            (Some(8), None, Some(late_receipt)),
            (None, Some(91), Some(late_answer(7))),
            (Some(5), Some(4), Some(late_answer(5))),
            (Some(1), Some(1), None),
            (Some(7), Some(90), None),
        ] {
            let offer = Offer { ack_days: ack, answer_days: answer, ..offer() };
            let publish = Command::Publish(Publish { audience: Audience::External, offer });
            let result = ReportingChannel::default().decide(publish, &jonas());
            assert_eq!(result.err(), refused, "{ack:?} {answer:?}");
        }
    }

    #[test]
    fn the_public_address_is_a_secure_one() {
        let public_url = Some(Line::new("http://halden.example"));
        with()
            .given(given())
            .when(Command::Change(Offer { public_url, ..offer() }))
            .then_expect_error(Refusal::NoWebAddress { at: "/publicUrl" });
    }

    #[test]
    fn a_change_replaces_the_offer_and_repeating_it_changes_nothing() {
        let changed = Offer { ack_days: Some(3), ..offer() };
        let event = Event::Changed(Changed {
            channel: Channel { ack_days: 3, ..channel() },
            by: UserId::new("usr_jonas"),
        });
        with()
            .given(given())
            .when(Command::Change(changed.clone()))
            .then_expect_events(vec![event.clone()]);
        let given = [given(), vec![event]].concat();
        with().given(given).when(Command::Change(changed)).then_expect_events(vec![]);
    }

    #[test]
    fn a_withdrawn_channel_stays_withdrawn() {
        with()
            .given(given())
            .when(Command::Withdraw(withdrawal()))
            .then_expect_events(vec![Event::Withdrawn(withdrawal())]);
        let given = [given(), vec![Event::Withdrawn(withdrawal())]].concat();
        with()
            .given(given.clone())
            .when(Command::Withdraw(withdrawal()))
            .then_expect_events(vec![]);
        with()
            .given(given)
            .when(Command::Change(offer()))
            .then_expect_error(Refusal::ChannelWithdrawn);
    }

    #[test]
    fn a_correction_renames_the_channel_and_leaves_its_handlers_alone() {
        let mut context = jonas();
        context.version = 1;
        let correct = |field: &str, value: serde_json::Value| {
            let set = serde_json::Map::from_iter([(field.to_owned(), value)]);
            let set = kernel::values::Fields(set);
            Command::Correct(Correct { corrects: 1, reason: Prose::new("typo"), set })
        };
        let mut state = ReportingChannel::default();
        given().into_iter().for_each(|event| state.evolve(event));
        for event in state.decide(correct("title", json!("Web form")), &context).unwrap() {
            state.evolve(event);
        }
        assert_eq!(state.channel.title, Line::new("Web form"));
        let refused = state.decide(correct("handlers", json!(["usr_x"])), &context).unwrap_err();
        let field = "handlers".to_owned();
        let at = "/set/handlers".to_owned();
        assert_eq!(refused, Refusal::Correction(CorrectionRefusal::NotCorrectable { field, at }));
    }
}
