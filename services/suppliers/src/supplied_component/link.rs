//! Which versions of which systems use a component.

use declare::record;
use kernel::kinds::{AiSystem, Contract};
use kernel::values::{Key, Ref};
use kernel::{Context, UserId};

use super::{ComponentStatus, Event, Refusal, SuppliedComponent};

/// Most systems that a component is linked to.
pub const SYSTEMS_MAX: usize = 60;
/// Most versions of one system that are linked.
pub const VERSIONS_MAX: usize = 20;

/// Which versions of a system use the component.
#[record]
pub struct ComponentLink {
    /// The system.
    pub system: Ref<AiSystem>,
    /// The labels of its versions.
    pub system_versions: Vec<Key>,
    /// The contract under which that was agreed.
    pub contract: Ref<Contract>,
}

/// Input of `link`.
#[record]
pub struct Link {
    /// The system.
    pub system: Ref<AiSystem>,
    /// The labels of its versions that use the component, beside those that do already.
    #[field(max = 20)]
    pub system_versions: Vec<Key>,
}

/// Versions of a system use it.
#[record]
pub struct Linked {
    /// The system with all of its versions that use it.
    pub link: ComponentLink,
    /// Who said so.
    pub by: UserId,
}

/// Input of `unlink`.
#[record]
pub struct Unlink {
    /// The system.
    pub system: Ref<AiSystem>,
    /// The versions that use it no more; all of them when left out.
    #[field(max = 20)]
    pub system_versions: Vec<Key>,
}

/// A system, or versions of it, use it no more.
#[record]
pub struct Unlinked {
    /// The system.
    pub system: Ref<AiSystem>,
    /// The versions that use it no more.
    pub system_versions: Vec<Key>,
    /// Who said so.
    pub by: UserId,
}

/// The key under which a system is linked.
pub(super) fn key_of(system: &Ref<AiSystem>) -> Key {
    Key::new(system.id())
}

impl SuppliedComponent {
    pub(super) fn linked(&self, input: Link, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status != ComponentStatus::Accepted {
            return Err(self.wrong("linked to a system"));
        }
        super::must_supply(&self.supplier, "", context)?;
        let contracts = context.facts.all::<facts::Contract>().into_iter();
        let mut agreed = contracts.filter(|(_, contract)| {
            contract.supplier.as_deref() == Some(self.supplier.id())
                && contract.is_agreed_on(context.today())
        });
        let Some((contract, _)) = agreed.next() else { return Err(Refusal::NothingAgreed) };
        let Link { system, system_versions } = input;
        check_versions(&system, &system_versions, context)?;
        let before = self.used_by.get(&key_of(&system));
        let mut all = before.map(|link| link.system_versions.clone()).unwrap_or_default();
        for version in system_versions {
            if !all.contains(&version) {
                all.push(version);
            }
        }
        if before.is_some_and(|link| link.system_versions == all) {
            return Ok(Vec::new());
        }
        if before.is_none() && self.used_by.len() >= SYSTEMS_MAX {
            return Err(Refusal::TooManySystems { most: SYSTEMS_MAX });
        }
        if all.len() > VERSIONS_MAX {
            return Err(Refusal::TooManyVersions { most: VERSIONS_MAX });
        }
        let contract = Ref::new(contract);
        let link = ComponentLink { system, system_versions: all, contract };
        Ok(vec![Event::Linked(Linked { link, by: context.user() })])
    }

    pub(super) fn unlinked(&self, input: Unlink, context: &Context) -> Vec<Event> {
        let Unlink { system, system_versions } = input;
        let Some(link) = self.used_by.get(&key_of(&system)) else { return Vec::new() };
        let all = system_versions.is_empty();
        let mut gone = link.system_versions.clone();
        gone.retain(|version| all || system_versions.contains(version));
        if gone.is_empty() {
            return Vec::new();
        }
        let by = context.user();
        vec![Event::Unlinked(Unlinked { system, system_versions: gone, by })]
    }

    pub(super) fn unlink(&mut self, event: Unlinked) {
        let key = key_of(&event.system);
        if let Some(link) = self.used_by.get_mut(&key) {
            link.system_versions.retain(|version| !event.system_versions.contains(version));
            if link.system_versions.is_empty() {
                self.used_by.remove(&key);
            }
        }
    }
}

/// The system has these versions, and its life and theirs go on.
fn check_versions(
    system: &Ref<AiSystem>,
    versions: &[Key],
    context: &Context,
) -> Result<(), Refusal> {
    if versions.is_empty() {
        return Err(Refusal::NoVersion { at: "/systemVersions" });
    }
    let Some(known) = context.facts.get::<facts::AiSystem>(system.id()) else { return Ok(()) };
    if known.is_retired() {
        return Err(Refusal::SystemRetired { name: known.name, at: "/system" });
    }
    for (n, version) in versions.iter().enumerate() {
        let at = format!("/systemVersions/{n}");
        let version = version.as_str().to_owned();
        match known.versions.get(&version) {
            None => return Err(Refusal::NoSuchVersion { version, at }),
            Some(found) if found.status == "retired" => {
                return Err(Refusal::NoSuchVersion { version, at });
            }
            Some(_) => {}
        }
    }
    Ok(())
}
