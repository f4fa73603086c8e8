//! A tenant's own set of regulatory rules, or its own edition of a packaged one (ISO/IEC 42001 4.1,
//! 6.1.1, A.8.5).
//!
//! ```text
//!           load, load_packaged             retire
//!   (none) ─────────────────────► Active ──────────► Retired
//!                                  │  ▲
//!                                  └──┘ revise, adopt_early, end_early_adoption
//! ```
//!
//! While a set is active it replaces the packaged one of its name; once it is retired that one
//! counts again.

use std::collections::BTreeMap;

use declare::{commands, events, record, refusals, words};
use kernel::correction::{Correct, Corrected, CorrectionRefusal, corrected};
use kernel::domain::{About, Domain};
use kernel::values::{Key, Line, Prose};
use kernel::{Context, Fact, Need, Role, UserId};
use reference::rules::{ContentRefusal, RuleSetContent, packaged, packaged_names};

pub use self::adoption::{
    AdoptEarly, Adoption, EarlyAdoptionEnded, EndEarlyAdoption, RuleAdoptedEarly,
};

mod adoption;
#[cfg(test)]
mod tests;

/// How many earlier editions are remembered.
const REVISIONS_KEPT: usize = 30;

/// A set of regulatory rules that the tenant keeps itself.
#[record]
#[derive(Default)]
pub struct RuleSet {
    /// The rules.
    #[field(flatten)]
    pub content: RuleSetContent,
    /// Whether it counts.
    #[field(index)]
    pub status: RuleSetStatus,
    /// Who loaded the edition that counts.
    pub loaded_by: UserId,
    /// The editions that were loaded, the newest last; the last thirty are kept.
    pub revisions: Vec<Line>,
    /// Rules that the tenant applies before they apply by law, by code.
    pub adopted_early: BTreeMap<Key, Adoption>,
    /// Why it does not count any more.
    pub retirement: Option<Prose>,
}

impl Fact for RuleSet {
    const KIND: &'static str = "rule_set";
}

/// Whether a set counts.
#[words]
#[derive(Default)]
pub enum RuleSetStatus {
    /// Its rules are evaluated.
    #[default]
    Active,
    /// They are not any more.
    Retired,
}

/// Input of `load_packaged`.
#[record]
pub struct LoadPackaged {
    /// Name of the packaged set, such as `eu_ai_act`.
    pub name: Key,
}

/// Input of `retire`.
#[record]
pub struct Retire {
    /// Why.
    pub reason: Prose,
}

/// What may be asked.
#[commands]
pub enum Command {
    /// Loads a set of the tenant's own.
    #[command(by(Dpo, Am), emits(Loaded), creates)]
    Load(RuleSetContent),
    /// Takes a packaged set over as it is, so that its rules can be adopted early or changed.
    #[command(by(Dpo, Am), emits(Loaded), creates)]
    LoadPackaged(LoadPackaged),
    /// Replaces the whole content by a new edition of the same name.
    #[command(by(Dpo, Am), emits(Revised))]
    Revise(RuleSetContent),
    /// Applies a rule before it applies by law.
    #[command(by(Dpo, Tm), emits(RuleAdoptedEarly))]
    AdoptEarly(AdoptEarly),
    /// Leaves a rule to the law again.
    #[command(by(Dpo, Tm), emits(EarlyAdoptionEnded))]
    EndEarlyAdoption(EndEarlyAdoption),
    /// Says that the set does not count any more.
    #[command(by(Dpo, Am), emits(Retired))]
    Retire(Retire),
    /// Corrects an earlier event.
    #[command(by(Dpo, Am), emits(Corrected))]
    Correct(Correct),
}

/// An edition of a set was loaded.
#[record]
pub struct Loaded {
    /// Who loaded it.
    pub by: UserId,
    /// What it says.
    pub content: RuleSetContent,
}

/// A set does not count any more.
#[record]
pub struct Retired {
    /// Who decided it.
    pub by: UserId,
    /// Why.
    pub reason: Prose,
}

/// What can have happened.
#[events(kind = "rule_set")]
pub enum Event {
    /// A set was loaded.
    Loaded(Loaded),
    /// A new edition replaced its content.
    Revised(Loaded),
    /// A rule is applied before it applies by law.
    RuleAdoptedEarly(RuleAdoptedEarly),
    /// A rule is left to the law again.
    EarlyAdoptionEnded(EarlyAdoptionEnded),
    /// The set does not count any more.
    Retired(Retired),
    /// An earlier event was corrected.
    Corrected(Corrected),
}

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The rules cannot be evaluated.
    #[refusal(from)]
    Content(ContentRefusal),
    /// There is an active set {name} already: revise that, or retire it first.
    #[refusal(conflict)]
    NameTaken {
        /// The name.
        name: String,
        /// Where in the input.
        at: &'static str,
    },
    /// No set {name} comes with the product; there are {known}.
    NotPackaged {
        /// The name.
        name: String,
        /// The names that there are.
        known: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The set is retired.
    #[refusal(conflict)]
    SetRetired,
    /// The set is named {name}: another name needs a set of its own.
    OtherName {
        /// The name.
        name: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The edition {revision} was loaded before: a new content has a new one.
    #[refusal(rule = "ISO/IEC 42001 7.5.2")]
    RevisionNotNew {
        /// The edition.
        revision: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {rule} is adopted early and missing in the new edition: end its adoption first.
    #[refusal(conflict)]
    AdoptedRuleMissing {
        /// Code of the rule.
        rule: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The set has no rule with the code {rule}.
    UnknownRule {
        /// The code.
        rule: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {rule} defines a class: a class counts from its publication on and is not adopted.
    ClassNotAdopted {
        /// Code of the rule.
        rule: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {rule} applies by law since {since}.
    #[refusal(conflict)]
    AppliesByLaw {
        /// Code of the rule.
        rule: String,
        /// First day.
        since: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {rule} ended on {until}: there is nothing to adopt.
    RuleEnded {
        /// Code of the rule.
        rule: String,
        /// Its last day.
        until: String,
        /// Where in the input.
        at: &'static str,
    },
    /// At most {most} rules can be adopted early at a time.
    #[refusal(conflict)]
    TooManyAdopted {
        /// How many.
        most: usize,
    },
}

kernel::aggregate!(RuleSet, "rule_set", Command, Event, Refusal);

impl Domain for RuleSet {
    const ABOUT: About = About {
        kind: "rule_set",
        doc: "A set of regulatory rules that the tenant keeps itself, as data.",
        clauses: &["4.1", "6.1.1", "A.8.5"],
        singleton: false,
        readers: Role::MEMBERS,
        relations: &[],
        shape: 1,
    };

    fn needs(&self, command: &Command, _: &Context) -> Vec<Need> {
        let of_name = |name: &Key| vec![Need::Where("rule_set", "name", name.as_str().to_owned())];
        match command {
            Command::Load(input) => of_name(&input.name),
            Command::LoadPackaged(input) => of_name(&input.name),
            Command::Revise(_)
            | Command::AdoptEarly(_)
            | Command::EndEarlyAdoption(_)
            | Command::Retire(_)
            | Command::Correct(_) => Vec::new(),
        }
    }

    fn decide(&self, command: Command, context: &Context) -> Result<Vec<Event>, Refusal> {
        Ok(match command {
            Command::Load(content) => vec![Event::Loaded(loaded(content, context)?)],
            Command::LoadPackaged(input) => {
                let known = || packaged_names().join(", ");
                let name = input.name.as_str();
                let Some(content) = packaged(name) else {
                    let (name, known) = (name.to_owned(), known());
                    return Err(Refusal::NotPackaged { name, known, at: "/name" });
                };
                vec![Event::Loaded(loaded(content.clone(), context)?)]
            }
            Command::Revise(content) => self.revised(content, context)?,
            Command::AdoptEarly(input) => self.adopted(input, context)?,
            Command::EndEarlyAdoption(input) => self.adoption_ended(input, context)?,
            Command::Retire(input) => match self.status {
                RuleSetStatus::Retired => Vec::new(),
                RuleSetStatus::Active => {
                    let (by, reason) = (context.user(), input.reason);
                    vec![Event::Retired(Retired { by, reason })]
                }
            },
            Command::Correct(input) => vec![Event::Corrected(input.decide::<Self>(context)?)],
        })
    }

    fn evolve(&mut self, event: Event) {
        match event {
            Event::Loaded(e) | Event::Revised(e) => {
                self.revisions.push(e.content.revision.clone());
                if self.revisions.len() > REVISIONS_KEPT {
                    self.revisions.remove(0);
                }
                self.content = e.content;
                self.loaded_by = e.by;
            }
            Event::RuleAdoptedEarly(e) => {
                self.adopted_early.insert(e.rule, e.adoption);
            }
            Event::EarlyAdoptionEnded(e) => {
                self.adopted_early.remove(&e.rule);
            }
            Event::Retired(e) => {
                self.status = RuleSetStatus::Retired;
                self.retirement = Some(e.reason);
            }
            Event::Corrected(e) => *self = corrected(self, e).unwrap_or_else(|| self.clone()),
        }
    }
}

fn loaded(content: RuleSetContent, context: &Context) -> Result<Loaded, Refusal> {
    content.check()?;
    let sets = context.facts.all::<RuleSet>();
    let taken =
        |set: &RuleSet| set.status == RuleSetStatus::Active && set.content.name == content.name;
    if sets.iter().any(|(_, set)| taken(set)) {
        let name = content.name.as_str().to_owned();
        return Err(Refusal::NameTaken { name, at: "/name" });
    }
    Ok(Loaded { by: context.user(), content })
}

impl RuleSet {
    fn must_be_active(&self) -> Result<(), Refusal> {
        match self.status {
            RuleSetStatus::Active => Ok(()),
            RuleSetStatus::Retired => Err(Refusal::SetRetired),
        }
    }

    fn revised(&self, content: RuleSetContent, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be_active()?;
        if content == self.content {
            return Ok(Vec::new());
        }
        if content.name != self.content.name {
            let name = self.content.name.as_str().to_owned();
            return Err(Refusal::OtherName { name, at: "/name" });
        }
        if self.revisions.contains(&content.revision) {
            let revision = content.revision.to_string();
            return Err(Refusal::RevisionNotNew { revision, at: "/revision" });
        }
        content.check()?;
        let kept = |code: &Key| content.rules.values().any(|rule| rule.code == *code);
        if let Some(missing) = self.adopted_early.keys().find(|code| !kept(code)) {
            let rule = missing.as_str().to_owned();
            return Err(Refusal::AdoptedRuleMissing { rule, at: "/rules" });
        }
        Ok(vec![Event::Revised(Loaded { by: context.user(), content })])
    }
}
