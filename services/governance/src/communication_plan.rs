//! What is communicated about AI and its management, to whom, when, how and by whom (G-15;
//! ISO/IEC 42001 7.4). `CommunicationPlanned` and `CommunicationSent` of the domain model are
//! stored as `communication_plan.communication_planned` and
//! `communication_plan.communication_sent`.
//!
//! ```text
//!           plan            retire
//!   (none) ──────► Active ──────────► Retired
//!                  │    ▲
//!                  └────┘ change, send
//! ```

use std::collections::BTreeMap;

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds::Evidence;
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Date, Instant, Role, UserId};

/// The newest so many communications are kept in sight; older ones stand in the history.
const KEPT: usize = 24;

/// What is communicated, to whom, when and how.
#[record]
#[derive(Default)]
pub struct CommunicationPlan {
    /// The plan.
    #[field(flatten)]
    pub item: Item,
    /// What was sent; the newest 24.
    pub sent: BTreeMap<Key, Sent>,
    /// How often it was sent in all.
    pub sent_count: u32,
    /// When it was sent last.
    #[field(index)]
    pub last_sent_on: Option<Date>,
    /// Whether it still counts.
    #[field(index)]
    pub status: PlanStatus,
}

/// What is communicated, to whom, when, how and by whom. Input of `plan` and `change`, and what was
/// recorded of them.
#[record]
#[derive(Default)]
pub struct Item {
    /// What.
    #[field(search, correctable)]
    pub what: Line,
    /// To whom: groups, offices, roles.
    #[field(max = 40)]
    pub to: Vec<Line>,
    /// How often.
    #[field(index)]
    pub cadence: Cadence,
    /// On which occasion, or on which day of each period.
    #[field(correctable)]
    pub when: Option<Line>,
    /// By which means.
    #[field(correctable)]
    pub how: Line,
    /// Who sees to it.
    #[field(index)]
    pub owner: UserId,
    /// When it is due next; may lie in the future.
    #[field(index)]
    pub next_due: Option<Date>,
}

/// How often something is communicated.
#[words]
#[derive(Default)]
pub enum Cadence {
    /// When something happens.
    #[default]
    OnOccasion,
    /// Once.
    Once,
    /// Each month.
    Monthly,
    /// Each quarter.
    Quarterly,
    /// Each year.
    Yearly,
}

/// A communication that was sent.
#[record]
pub struct Sent {
    /// When.
    pub on: Date,
    /// To whom.
    pub to: Vec<Line>,
    /// What it said.
    pub summary: Prose,
    /// What shows it.
    pub evidence: Vec<Ref<Evidence>>,
    /// Who sent it.
    pub by: UserId,
    /// When that was recorded.
    pub at: Instant,
}

/// Whether a plan still counts.
#[words]
#[derive(Default)]
pub enum PlanStatus {
    /// It does.
    #[default]
    Active,
    /// It does not any more.
    Retired,
}

/// Input of `send`.
#[record]
pub struct Send {
    /// When it was sent; today when left out.
    pub on: Option<Date>,
    /// To whom; those of the plan when left out.
    #[field(max = 40)]
    pub to: Vec<Line>,
    /// What it said.
    pub summary: Prose,
    /// What shows it.
    #[field(max = 10)]
    pub evidence: Vec<Ref<Evidence>>,
    /// When it is due next; may lie in the future.
    pub next_due: Option<Date>,
}

/// Input of `retire`, and what was recorded of it.
#[record]
pub struct RetirePlan {
    /// Why.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Plans a communication.
    #[command(by(Am, Dpo), emits(CommunicationPlanned), creates)]
    Plan(Item),
    /// Plans it otherwise.
    #[command(by(Am, Dpo), emits(CommunicationPlanned))]
    Change(Item),
    /// Records that it was sent; by its owner too.
    #[command(by(Am, Dpo, Emp), emits(CommunicationSent))]
    Send(Send),
    /// Says that it no longer counts.
    #[command(by(Am, Dpo), emits(Retired))]
    Retire(RetirePlan),
    /// Corrects an earlier event.
    #[command(by(Am, Dpo), emits(Corrected))]
    Correct(Correct),
}

/// A communication was sent.
#[record]
pub struct CommunicationSent {
    /// Its key.
    pub key: Key,
    /// What was sent.
    pub sent: Sent,
    /// When it is due next.
    pub next_due: Option<Date>,
}

/// What can have happened.
#[events(kind = "communication_plan")]
#[allow(clippy::large_enum_variant, reason = "events are held one or two at a time")]
pub enum Event {
    /// A communication was planned, or planned otherwise.
    CommunicationPlanned(Item),
    /// It was sent.
    CommunicationSent(CommunicationSent),
    /// It no longer counts.
    Retired(RetirePlan),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// A communication has somebody whom it reaches: name a group.
    #[refusal(rule = "ISO/IEC 42001 7.4")]
    ToNobody {
        /// Where in the input.
        at: &'static str,
    },
    /// What is communicated on occasion says on which.
    #[refusal(rule = "ISO/IEC 42001 7.4")]
    NoOccasion {
        /// Where in the input.
        at: &'static str,
    },
    /// The plan is retired.
    #[refusal(conflict)]
    IsRetired,
    /// Its owner, the AIMS manager or the data protection officer records what was sent.
    #[refusal(rule = "ISO/IEC 42001 7.4")]
    NotOwner,
    /// {day} lies in the future.
    InTheFuture {
        /// The day.
        day: Date,
        /// Where in the input.
        at: &'static str,
    },
}

kernel::aggregate!(CommunicationPlan, "communication_plan", Command, Event, Refusal);

impl Domain for CommunicationPlan {
    const ABOUT: About = About {
        kind: "communication_plan",
        doc: "What is communicated about AI and its management, to whom, when and how. The newest \
              24 communications are kept in sight; older ones stand in the history.",
        clauses: &["7.4", "A.8.5"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        Ok(match command {
            Command::Plan(item) => vec![Event::CommunicationPlanned(item.checked()?)],
            Command::Change(item) => {
                self.must_count()?;
                let item = item.checked()?;
                let same = item == self.item;
                if same { Vec::new() } else { vec![Event::CommunicationPlanned(item)] }
            }
            Command::Send(input) => vec![self.sent(input, context)?],
            Command::Retire(input) => match self.status {
                PlanStatus::Retired => Vec::new(),
                PlanStatus::Active => vec![Event::Retired(input)],
            },
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::CommunicationPlanned(item) => self.item = item,
            Event::CommunicationSent(e) => {
                self.last_sent_on = self.last_sent_on.max(Some(e.sent.on));
                self.item.next_due = e.next_due;
                self.sent_count += 1;
                self.sent.insert(e.key, e.sent);
                while self.sent.len() > KEPT {
                    self.sent.pop_first();
                }
            }
            Event::Retired(_) => self.status = PlanStatus::Retired,
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl Item {
    fn checked(self) -> Result<Self, Refusal> {
        if self.to.is_empty() {
            return Err(Refusal::ToNobody { at: "/to" });
        }
        if self.cadence == Cadence::OnOccasion && self.when.is_none() {
            return Err(Refusal::NoOccasion { at: "/when" });
        }
        Ok(self)
    }
}

impl CommunicationPlan {
    fn must_count(&self) -> Result<(), Refusal> {
        match self.status {
            PlanStatus::Active => Ok(()),
            PlanStatus::Retired => Err(Refusal::IsRetired),
        }
    }

    fn sent(&self, input: Send, context: &Context) -> Result<Event, Refusal> {
        self.must_count()?;
        let by = context.user();
        if by != self.item.owner && !context.holds(Role::Am) && !context.holds(Role::Dpo) {
            return Err(Refusal::NotOwner);
        }
        let Send { on, to, summary, evidence, next_due } = input;
        let on = on.unwrap_or_else(|| context.today());
        if on > context.today() {
            return Err(Refusal::InTheFuture { day: on, at: "/on" });
        }
        let to = if to.is_empty() { self.item.to.clone() } else { to };
        let sent = Sent { on, to, summary, evidence, by, at: context.now };
        let key = context.new_key("sent");
        Ok(Event::CommunicationSent(CommunicationSent { key, sent, next_due }))
    }
}

#[cfg(test)]
mod tests {
    use cqrs_es::test::TestFramework;

    use super::*;

    fn by(user: &str, role: Role) -> TestFramework<CommunicationPlan> {
        TestFramework::with(Context::of(user, &[role], "2025-03-03T09:00:00Z"))
    }

    fn item() -> Item {
        Item {
            what: Line::new("How CreditLens decides"),
            to: vec![Line::new("Loan applicants")],
            cadence: Cadence::Yearly,
            when: None,
            how: Line::new("Web page"),
            owner: UserId::new("usr_lena"),
            next_due: None,
        }
    }

    fn planned() -> Vec<Event> {
        vec![Event::CommunicationPlanned(item())]
    }

    fn send(on: &str) -> Send {
        Send {
            on: on.parse().ok(),
            to: vec![],
            summary: Prose::new("The page was renewed."),
            evidence: vec![],
            next_due: "2026-03-01".parse().ok(),
        }
    }

    fn sent(user: &str, role: Role, on: &str) -> Result<Vec<Event>, Refusal> {
        by(user, role).given(planned()).when(Command::Send(send(on))).inspect_result()
    }

    #[test]
    fn the_owner_records_what_was_sent_to_those_of_the_plan() {
        let events = sent("usr_lena", Role::Emp, "2025-03-01").unwrap();
        let mut plan = CommunicationPlan::default();
        planned().into_iter().chain(events).for_each(|event| plan.evolve(event));
        assert_eq!(plan.sent_count, 1);
        assert_eq!(plan.last_sent_on, "2025-03-01".parse().ok());
        assert_eq!(plan.item.next_due, "2026-03-01".parse().ok());
        let sent = plan.sent.values().next().unwrap();
        assert_eq!((&sent.to, &sent.by), (&item().to, &UserId::new("usr_lena")));
    }

    #[test]
    fn others_record_nothing_and_nobody_what_is_to_come() {
        assert_eq!(sent("usr_olga", Role::Emp, "2025-03-01"), Err(Refusal::NotOwner));
        assert!(sent("usr_aoife", Role::Dpo, "2025-03-01").is_ok());
        let day = "2025-03-04".parse().unwrap();
        let future = Refusal::InTheFuture { day, at: "/on" };
        assert_eq!(sent("usr_lena", Role::Emp, "2025-03-04"), Err(future));
    }

    #[test]
    fn a_plan_says_whom_it_reaches_and_on_which_occasion() {
        by("usr_priya", Role::Am)
            .given_no_previous_events()
            .when(Command::Plan(Item { to: vec![], ..item() }))
            .then_expect_error(Refusal::ToNobody { at: "/to" });
        by("usr_priya", Role::Am)
            .given(planned())
            .when(Command::Change(Item { cadence: Cadence::OnOccasion, ..item() }))
            .then_expect_error(Refusal::NoOccasion { at: "/when" });
    }

    #[test]
    fn the_same_plan_again_is_no_event_and_another_is() {
        by("usr_priya", Role::Am)
            .given(planned())
            .when(Command::Change(item()))
            .then_expect_events(vec![]);
        let other = Item { how: Line::new("Letter"), ..item() };
        by("usr_priya", Role::Am)
            .given(planned())
            .when(Command::Change(other.clone()))
            .then_expect_events(vec![Event::CommunicationPlanned(other)]);
    }

    #[test]
    fn a_retired_plan_is_neither_changed_nor_sent() {
        let retire = || RetirePlan { reason: Prose::new("product ended") };
        let mut given = planned();
        given.push(Event::Retired(retire()));
        for command in [Command::Change(item()), Command::Send(send("2025-03-01"))] {
            by("usr_priya", Role::Am)
                .given(given.clone())
                .when(command)
                .then_expect_error(Refusal::IsRetired);
        }
        by("usr_priya", Role::Am)
            .given(given)
            .when(Command::Retire(retire()))
            .then_expect_events(vec![]);
    }

    #[test]
    fn the_newest_communications_stay_in_sight() {
        let mut plan = CommunicationPlan::default();
        planned().into_iter().for_each(|event| plan.evolve(event));
        for n in 0..30 {
            let mut context = Context::of("usr_lena", &[Role::Emp], "2025-03-03T09:00:00Z");
            context.seed = n;
            context.now = context.now.plus_days(n as i64);
            for event in plan.decide(Command::Send(send("2025-03-01")), &context).unwrap() {
                plan.evolve(event);
            }
        }
        assert_eq!((plan.sent.len(), plan.sent_count), (KEPT, 30));
        assert_eq!(plan.sent.values().last().unwrap().at.to_string()[..10], *"2025-04-01");
    }
}
