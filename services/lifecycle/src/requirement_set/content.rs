//! What a version of a requirement set holds, and the inputs that write it.

use std::collections::BTreeMap;

use declare::record;
use kernel::kinds::AiSystem;
use kernel::values::{Key, Prose, Ref};

use super::Requirement;

/// What a version requires. Input of `draft`. No correction changes it: who corrects is no author
/// of the version, and could then approve what he wrote.
#[record]
#[derive(Default)]
pub struct Content {
    /// The AI system.
    #[field(index)]
    pub system: Ref<AiSystem>,
    /// Its requirements by key.
    #[field(max = 120)]
    pub items: BTreeMap<Key, Requirement>,
}

/// Input of `add_requirement`.
#[record]
pub struct AddRequirement {
    /// A key of your own choice, such as `fairness.dir`; made when left out.
    pub key: Option<Key>,
    /// What is required.
    #[field(flatten)]
    pub requirement: Requirement,
}

/// Input of `change_requirement`.
#[record]
pub struct ChangeRequirement {
    /// Key of the requirement.
    pub key: Key,
    /// What is required from now on.
    #[field(flatten)]
    pub requirement: Requirement,
}

/// Input of `remove_requirement`.
#[record]
pub struct RemoveRequirement {
    /// Key of the requirement.
    pub key: Key,
}

/// Input of `change_baseline`: removals come first, then changes, then additions.
#[record]
pub struct ChangeBaseline {
    /// Why the baseline no longer does.
    pub reason: Prose,
    /// Keys of requirements that fall away.
    pub remove: Vec<Key>,
    /// Requirements that are worded anew, by key.
    pub change: BTreeMap<Key, Requirement>,
    /// Further requirements by key.
    pub add: BTreeMap<Key, Requirement>,
}
