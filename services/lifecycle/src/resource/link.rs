//! Which systems need a resource, and in which stages of their life cycle (A.4.2).

use declare::{record, refusals, words};
use kernel::Context;
use kernel::kinds::AiSystem;
use kernel::values::{Key, Ref};

use super::{Event, Refusal, Resource, ResourceStatus};

/// Most systems that a resource is linked to.
pub(super) const SYSTEMS_MAX: usize = 100;

/// A stage of the life cycle (ISO/IEC 22989).
#[words]
pub enum Stage {
    /// The idea and the decision to begin.
    Inception,
    /// Design and development.
    DesignAndDevelopment,
    /// Verification and validation.
    VerificationAndValidation,
    /// Deployment.
    Deployment,
    /// Operation and monitoring.
    OperationAndMonitoring,
    /// Evaluation anew.
    ReEvaluation,
    /// Retirement.
    Retirement,
}

/// In which stages a system needs the resource.
#[record]
pub struct Use {
    /// The system.
    pub system: Ref<AiSystem>,
    /// The stages, in their order.
    pub stages: Vec<Stage>,
}

/// Input of `unlink`, and what was recorded of it.
#[record]
pub struct Unlink {
    /// The system.
    pub system: Ref<AiSystem>,
}

/// Why a link is refused.
#[refusals]
pub enum LinkRefusal {
    /// The resource is blocked: no system may begin to use it.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.4.2")]
    ToBlocked,
    /// A link names at least one stage of the life cycle.
    #[refusal(rule = "ISO/IEC 42001 A.4.2")]
    NoStage {
        /// Where in the input.
        at: &'static str,
    },
    /// The AI system {name} is retired: it needs no resource.
    #[refusal(rule = "ISO/IEC 42001 A.4.2")]
    SystemRetired {
        /// The system's name.
        name: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The resource is linked to {most} systems: it takes no more.
    #[refusal(conflict)]
    TooManySystems {
        /// The limit.
        most: usize,
    },
}

/// Links stand by the system's id.
pub(super) fn key_of(system: &Ref<AiSystem>) -> Key {
    Key::new(system.id())
}

impl Resource {
    /// Stages come on top of those that are linked already.
    pub(super) fn linked(&self, mut input: Use, context: &Context) -> Result<Vec<Event>, Refusal> {
        match self.status {
            ResourceStatus::Blocked => return Err(LinkRefusal::ToBlocked.into()),
            ResourceStatus::Retired => return Err(Refusal::IsRetired),
            ResourceStatus::Registered | ResourceStatus::Approved | ResourceStatus::Restricted => {}
        }
        if input.stages.is_empty() {
            return Err(LinkRefusal::NoStage { at: "/stages" }.into());
        }
        let before = self.used_by.get(&key_of(&input.system));
        input.stages.extend(before.iter().flat_map(|known| &known.stages));
        input.stages.sort_unstable();
        input.stages.dedup();
        if before == Some(&input) {
            return Ok(Vec::new());
        }
        if before.is_none() && self.used_by.len() >= SYSTEMS_MAX {
            return Err(LinkRefusal::TooManySystems { most: SYSTEMS_MAX }.into());
        }
        let system = context.facts.get::<facts::AiSystem>(input.system.id());
        if let Some(retired) = system.filter(facts::AiSystem::is_retired) {
            return Err(LinkRefusal::SystemRetired { name: retired.name, at: "/system" }.into());
        }
        Ok(vec![Event::Linked(input)])
    }
}
