//! What evidence can be linked to: a clause, a control or an object of the tenant.

use declare::record;
use kernel::values::{Anything, Key, Number, Ref};
use kernel::{Context, Need};

use super::Refusal;
use crate::soa_control::SoaControl;
use reference::catalogue::{ISO_42001, catalogue};

/// What evidence is linked to: exactly one of the three. Input of `link`.
#[record]
pub struct Target {
    /// A clause of the standard.
    pub clause: Option<Number>,
    /// A control of the standard or one of the organisation's own.
    pub control: Option<Number>,
    /// An object of the tenant.
    pub object: Option<Ref<Anything>>,
}

impl Target {
    /// What must be known to check it.
    pub(super) fn needs(&self) -> Vec<Need> {
        let own = |n: &Number| Need::Where("soa_control", "control", n.to_string());
        let object = |o: &Ref<Anything>| Need::Object(o.id().to_owned());
        self.control.iter().map(own).chain(self.object.iter().map(object)).collect()
    }

    /// The key of the link; refuses what does not exist in this tenant or the catalogue.
    pub(super) fn check(&self, context: &Context) -> Result<Key, Refusal> {
        let standard = catalogue(ISO_42001);
        let (target, exists) = match (&self.clause, &self.control, &self.object) {
            (Some(number), None, None) => {
                let number = number.as_str();
                (number, standard.is_some_and(|c| c.clause(number).is_some()))
            }
            (None, Some(number), None) => {
                let number = number.as_str();
                let rows = context.facts.all::<SoaControl>();
                let own = rows.iter().any(|(_, row)| row.control.as_str() == number);
                (number, own || standard.is_some_and(|c| c.control(number).is_some()))
            }
            (None, None, Some(object)) => (object.id(), context.facts.exists(object.id())),
            (_, _, _) => return Err(Refusal::NotOneTarget),
        };
        if !exists {
            return Err(Refusal::UnknownTarget { target: target.to_owned() });
        }
        Ok(Key::new(target.to_ascii_lowercase()))
    }
}
