//! An obligation to report to an interested party (G-15; ISO/IEC 42001 7.4, A.8.5): what sets it
//! off, what is told, by when, and where that is written.
//!
//! ```text
//!           register             retire
//!   (none) ──────────► Active ───────────► Retired
//!                      │    ▲
//!                      └────┘ revise
//! ```

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::kinds;
use kernel::values::{Key, Line, Prose, Ref};
use kernel::{Context, Need, Role, UserId};
use reference::rules::{Deadline, Rules};

use crate::interested_party::{InterestedParty, PartyStatus};

/// To whom what is reported, by when and because of what.
#[record]
#[derive(Default)]
pub struct ReportingObligation {
    /// The obligation.
    #[field(flatten)]
    pub duty: Duty,
    /// The set of rules in which its rule was read, `eu_ai_act@2026-07-24`.
    pub rule_set: Option<Line>,
    /// Where the rule stands.
    pub article: Option<Line>,
    /// Whether it still counts.
    #[field(index)]
    pub status: ObligationStatus,
}

/// To whom what is reported, by when and because of what. Input of `register` and `revise`.
#[record]
#[derive(Default)]
pub struct Duty {
    /// Its name.
    #[field(search, correctable)]
    pub title: Line,
    /// Who gets the report.
    #[field(index)]
    pub to_party: Ref<kinds::InterestedParty>,
    /// What sets it off.
    #[field(correctable)]
    pub trigger: Line,
    /// What is told.
    #[field(correctable)]
    pub content: Prose,
    /// The regulatory rule that demands it, by code.
    pub rule: Option<Key>,
    /// The contract that demands it.
    pub contract: Option<Ref<kinds::Contract>>,
    /// By when it is due after what sets it off; the rule's own when left out.
    pub deadline: Option<Deadline>,
    /// Who sees to it.
    #[field(index)]
    pub owner: Option<UserId>,
}

/// Whether an obligation still counts.
#[words]
#[derive(Default)]
pub enum ObligationStatus {
    /// It does.
    #[default]
    Active,
    /// It does not any more.
    Retired,
}

/// Input of `retire`, and what was recorded of it.
#[record]
pub struct RetireObligation {
    /// Why.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Registers an obligation.
    #[command(by(Am, Dpo), emits(Registered), creates)]
    Register(Duty),
    /// Says anew what it is.
    #[command(by(Am, Dpo), emits(Revised))]
    Revise(Duty),
    /// Says that it no longer counts.
    #[command(by(Am, Dpo), emits(Retired))]
    Retire(RetireObligation),
    /// Corrects an earlier event.
    #[command(by(Am, Dpo), emits(Corrected))]
    Correct(Correct),
}

/// What an obligation is was recorded.
#[record]
pub struct Recorded {
    /// What it is, with its deadline.
    pub duty: Duty,
    /// The set in which its rule was read.
    pub rule_set: Option<Line>,
    /// Where the rule stands.
    pub article: Option<Line>,
    /// Who recorded it.
    pub by: UserId,
}

/// What can have happened.
#[events(kind = "reporting_obligation")]
#[allow(clippy::large_enum_variant, reason = "events are held one or two at a time")]
pub enum Event {
    /// An obligation was registered.
    Registered(Recorded),
    /// It is another than before.
    Revised(Recorded),
    /// It no longer counts.
    Retired(RetireObligation),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// Somebody sees to an obligation: name the owner.
    #[refusal(rule = "ISO/IEC 42001 A.8.5")]
    WithoutOwner {
        /// Where in the input.
        at: &'static str,
    },
    /// The contract is not agreed, or has ended: nothing is owed under it.
    ContractNotAgreed {
        /// Where in the input.
        at: &'static str,
    },
    /// An obligation comes from one source: name a regulatory rule or a contract, not both.
    #[refusal(rule = "ISO/IEC 42001 A.8.5")]
    NotOneSource {
        /// Where in the input.
        at: &'static str,
    },
    /// No rule {rule} is in force today, neither packaged nor among the organisation's own.
    UnknownRule {
        /// Its code.
        rule: String,
        /// Where in the input.
        at: &'static str,
    },
    /// Nothing says by when it is due: give a deadline.
    #[refusal(rule = "ISO/IEC 42001 A.8.5")]
    NoDeadline {
        /// Where in the input.
        at: &'static str,
    },
    /// The deadline ends later than that of the rule {rule}.
    LaterThanRule {
        /// Its code.
        rule: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The interested party is retired: nobody gets the report.
    PartyRetired {
        /// Where in the input.
        at: &'static str,
    },
    /// The obligation is retired.
    #[refusal(conflict)]
    IsRetired,
}

kernel::aggregate!(ReportingObligation, "reporting_obligation", Command, Event, Refusal);

impl Domain for ReportingObligation {
    const ABOUT: About = About {
        kind: "reporting_obligation",
        doc: "An obligation to report to an interested party: what, by when, because of what.",
        clauses: &["7.4", "A.8.5"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        match command {
            Command::Register(duty) | Command::Revise(duty) => {
                let rules = duty.rule.iter().map(|_| Rules::need());
                let contract = duty.contract.iter().map(|one| Need::Object(one.id().to_owned()));
                let party = Need::Object(duty.to_party.id().to_owned());
                rules.chain(contract).chain([party]).collect()
            }
            Command::Retire(_) | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        Ok(match command {
            Command::Register(duty) => vec![Event::Registered(duty.recorded(context)?)],
            Command::Revise(duty) => match self.status {
                ObligationStatus::Retired => return Err(Refusal::IsRetired),
                ObligationStatus::Active => vec![Event::Revised(duty.recorded(context)?)],
            },
            Command::Retire(input) => match self.status {
                ObligationStatus::Retired => Vec::new(),
                ObligationStatus::Active => vec![Event::Retired(input)],
            },
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Registered(e) | Event::Revised(e) => {
                (self.duty, self.rule_set, self.article) = (e.duty, e.rule_set, e.article);
            }
            Event::Retired(_) => self.status = ObligationStatus::Retired,
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

impl Duty {
    fn recorded(mut self, context: &Context) -> Result<Recorded, Refusal> {
        if self.owner.is_none() {
            return Err(Refusal::WithoutOwner { at: "/owner" });
        }
        let party = context.facts.get::<InterestedParty>(self.to_party.id());
        if party.is_none_or(|party| party.status == PartyStatus::Retired) {
            return Err(Refusal::PartyRetired { at: "/toParty" });
        }
        let by = context.user();
        let (rule_set, article) = match (&self.rule, &self.contract) {
            (Some(rule), None) => {
                let rules = Rules::known(&context.facts);
                let found = rules.rule(rule.as_str(), context.today());
                let Some((found, set)) = found else {
                    let rule = rule.as_str().to_owned();
                    return Err(Refusal::UnknownRule { rule, at: "/rule" });
                };
                let (own, demanded) = (self.deadline, found.deadline);
                let at = context.now;
                if own.zip(demanded).is_some_and(|(own, by_law)| own.due(at) > by_law.due(at)) {
                    let rule = rule.as_str().to_owned();
                    return Err(Refusal::LaterThanRule { rule, at: "/deadline" });
                }
                self.deadline = own.or(demanded);
                (Some(Line::new(set)), Some(found.article.clone()))
            }
            (None, Some(contract)) => {
                let known = context.facts.get::<facts::Contract>(contract.id());
                if !known.is_some_and(|known| known.is_agreed()) {
                    return Err(Refusal::ContractNotAgreed { at: "/contract" });
                }
                (None, None)
            }
            (Some(_), Some(_)) | (None, None) => {
                return Err(Refusal::NotOneSource { at: "/rule" });
            }
        };
        if self.deadline.is_none_or(|deadline| deadline.amount == 0) {
            return Err(Refusal::NoDeadline { at: "/deadline" });
        }
        Ok(Recorded { duty: self, rule_set, article, by })
    }
}

#[cfg(test)]
mod tests {
    use cqrs_es::test::TestFramework;
    use reference::rules::Unit;
    use serde_json::json;

    use super::*;

    fn aoife(party: &str) -> TestFramework<ReportingObligation> {
        let context = Context::of("usr_aoife", &[Role::Dpo], "2025-03-03T09:00:00Z");
        let body = json!({ "name": "Data protection authority", "kind": "regulator",
            "status": party });
        let context = context.knowing("pty_1", "interested_party", body);
        TestFramework::with(context.knowing("ctr_1", "contract", json!({ "status": "agreed" })))
    }

    fn duty() -> Duty {
        Duty {
            title: Line::new("Breaches of personal data"),
            to_party: Ref::new("pty_1"),
            trigger: Line::new("A breach of personal data"),
            content: Prose::new("Nature, persons, consequences, measures."),
            rule: Some(Key::new("eu_gdpr.33_1")),
            contract: None,
            deadline: None,
            owner: Some(UserId::new("usr_aoife")),
        }
    }

    fn of_contract(deadline: Option<Deadline>) -> Duty {
        Duty { rule: None, contract: Some(Ref::new("ctr_1")), deadline, ..duty() }
    }

    fn hours(amount: u32) -> Option<Deadline> {
        Some(Deadline { amount, unit: Unit::Hours })
    }

    fn registered(duty: Duty) -> Result<Recorded, Refusal> {
        let events = aoife("active")
            .given_no_previous_events()
            .when(Command::Register(duty))
            .inspect_result()?;
        let [Event::Registered(recorded)] = events.as_slice() else { panic!("{events:?}") };
        Ok(recorded.clone())
    }

    #[test]
    fn a_rule_says_by_when_and_where_it_stands() {
        let recorded = registered(duty()).unwrap();
        assert_eq!(recorded.duty.deadline, hours(72));
        assert!(recorded.rule_set.unwrap().as_str().starts_with("eu_gdpr@"));
        assert_eq!(recorded.article, Some(Line::new("Art. 33(1)")));
        let earlier = registered(Duty { deadline: hours(24), ..duty() }).unwrap();
        assert_eq!(earlier.duty.deadline, hours(24));
    }

    #[test]
    fn an_obligation_has_an_owner_and_one_source() {
        let nobody = registered(Duty { owner: None, ..duty() });
        assert_eq!(nobody, Err(Refusal::WithoutOwner { at: "/owner" }));
        let none = Err(Refusal::NotOneSource { at: "/rule" });
        assert_eq!(registered(Duty { rule: None, ..duty() }), none);
        assert_eq!(registered(Duty { contract: Some(Ref::new("ctr_1")), ..duty() }), none);
        assert!(registered(of_contract(hours(24))).is_ok());
    }

    #[test]
    fn a_rule_must_exist_and_is_not_outrun() {
        let unknown = registered(Duty { rule: Some(Key::new("eu_gdpr.999")), ..duty() });
        let refused = Refusal::UnknownRule { rule: "eu_gdpr.999".into(), at: "/rule" };
        assert_eq!(unknown, Err(refused));
        let later = registered(Duty { deadline: hours(73), ..duty() });
        let refused = Refusal::LaterThanRule { rule: "eu_gdpr.33_1".into(), at: "/deadline" };
        assert_eq!(later, Err(refused));
    }

    #[test]
    fn a_contract_says_by_when() {
        let none = Err(Refusal::NoDeadline { at: "/deadline" });
        assert_eq!(registered(of_contract(None)), none);
        assert_eq!(registered(of_contract(hours(0))), none);
    }

    #[test]
    fn a_contract_binds_while_it_is_agreed() {
        let under = |status: &str| {
            let context = Context::of("usr_aoife", &[Role::Dpo], "2025-03-03T09:00:00Z")
                .knowing(
                    "pty_1",
                    "interested_party",
                    json!({ "name": "x", "kind": "regulator", "status": "active" }),
                )
                .knowing("ctr_1", "contract", json!({ "status": status }));
            TestFramework::<ReportingObligation>::with(context)
                .given_no_previous_events()
                .when(Command::Register(of_contract(hours(24))))
                .inspect_result()
        };
        for status in ["agreed", "amended"] {
            assert!(under(status).is_ok(), "{status}");
        }
        for status in ["draft", "expired", "terminated"] {
            let refused = Err(Refusal::ContractNotAgreed { at: "/contract" });
            assert_eq!(under(status).map(|_| ()), refused, "{status}");
        }
    }

    #[test]
    fn nothing_is_reported_to_a_retired_party() {
        aoife("retired")
            .given_no_previous_events()
            .when(Command::Register(duty()))
            .then_expect_error(Refusal::PartyRetired { at: "/toParty" });
    }

    #[test]
    fn a_retired_obligation_is_not_revised() {
        let retire = || RetireObligation { reason: Prose::new("the contract ended") };
        let given = vec![Event::Registered(registered(duty()).unwrap()), Event::Retired(retire())];
        aoife("active")
            .given(given.clone())
            .when(Command::Revise(duty()))
            .then_expect_error(Refusal::IsRetired);
        aoife("active").given(given).when(Command::Retire(retire())).then_expect_events(vec![]);
    }
}
