//! What an intended use must fulfil before it is in force.

use kernel::kinds::AiSystem;
use kernel::values::{Hash, Line, Ref};
use kernel::{Context, Decimal, Need};

use super::{Content, IntendedUse, Refusal};

const PER_CENT: Decimal = Decimal::whole(100);

/// A system has one intended use, in successive versions.
pub(super) fn only_use_of(system: &Ref<AiSystem>, context: &Context) -> Result<(), Refusal> {
    let uses = context.facts.all::<facts::IntendedUse>();
    match uses.into_iter().find(|(_, other)| other.system == system.id()) {
        Some((intended_use, _)) => Err(Refusal::SystemHasUse { intended_use, at: "/system" }),
        None => Ok(()),
    }
}

/// Whether the content can stand in a draft.
pub(super) fn written(content: &Content) -> Result<(), Refusal> {
    let is_share = |share: Decimal| (Decimal::default()..=PER_CENT).contains(&share);
    let mut overseers = content.oversight.iter();
    match overseers.find(|(_, overseer)| !is_share(overseer.review_share)) {
        Some((key, overseer)) => {
            let at = format!("/oversight/{}/reviewShare", key.as_str());
            Err(Refusal::NoShare { share: overseer.review_share, at })
        }
        None => Ok(()),
    }
}

/// A use as it is compared: case and blanks do not count.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl IntendedUse {
    /// What approval depends on: the impact assessments of the system, the evidence of its
    /// overseers' competence, and its monitors.
    pub(super) fn needs_of_approval(&self) -> Vec<Need> {
        let system = self.system.id().to_owned();
        let overseers = self.content.oversight.values();
        let competence = overseers.flat_map(|overseer| &overseer.competence);
        let competence = competence.map(|evidence| Need::Object(evidence.id().to_owned()));
        let monitors = self.content.monitors_of_use.iter();
        let monitors = monitors.map(|monitor| Need::Object(monitor.id().to_owned()));
        let assessments = Need::Where("impact_assessment", "system", system);
        [assessments].into_iter().chain(competence).chain(monitors).collect()
    }

    /// Whether the working version can be in force; the hash of its instructions.
    pub(super) fn complete(&self, context: &Context) -> Result<Hash, Refusal> {
        let hash = self.content.instructions_hash.clone().ok_or(Refusal::NoInstructions)?;
        self.check_assessed(context)?;
        self.check_oversight(context)?;
        self.check_monitors(context)?;
        Ok(hash)
    }

    /// Each use was assessed in an impact assessment that is approved and up to date.
    fn check_assessed(&self, context: &Context) -> Result<(), Refusal> {
        if self.content.intended_uses.is_empty() {
            return Err(Refusal::NoUse);
        }
        let assessments = context.facts.all::<facts::ImpactAssessment>();
        let current: Vec<_> = assessments
            .into_iter()
            .map(|(_, assessment)| assessment)
            .filter(|a| a.system == self.system.id() && a.is_current())
            .collect();
        if current.is_empty() {
            return Err(Refusal::NotAssessed);
        }
        let assessed: Vec<_> = current.iter().flat_map(|a| &a.intended_uses).collect();
        let covered =
            |line: &&Line| assessed.iter().any(|known| plain(known) == plain(line.as_str()));
        match self.content.intended_uses.iter().find(|line| !covered(line)) {
            Some(wider) => Err(Refusal::WiderThanAssessed { intended: wider.to_string() }),
            None => Ok(()),
        }
    }

    /// Everybody who watches over the system is shown to be competent, and one can stop it.
    fn check_oversight(&self, context: &Context) -> Result<(), Refusal> {
        let proves = |id: &str| {
            context.facts.get::<facts::Evidence>(id).is_some_and(|evidence| evidence.is_good())
        };
        for overseer in self.content.oversight.values() {
            let competence = &overseer.competence;
            if competence.is_empty() || !competence.iter().all(|evidence| proves(evidence.id())) {
                return Err(Refusal::OverseerNotCompetent { who: overseer.who.to_string() });
            }
        }
        if self.content.oversight.values().any(|overseer| overseer.stop_ability) {
            return Ok(());
        }
        Err(Refusal::NobodyCanStop)
    }

    fn check_monitors(&self, context: &Context) -> Result<(), Refusal> {
        let watches = |monitor: &str| {
            let monitor = context.facts.get::<facts::Monitor>(monitor);
            monitor.is_none_or(|monitor| monitor.system == self.system.id())
        };
        let mut monitors = self.content.monitors_of_use.iter();
        match monitors.find(|monitor| !watches(monitor.id())) {
            Some(monitor) => {
                Err(Refusal::MonitorOfAnotherSystem { monitor: monitor.id().to_owned() })
            }
            None => Ok(()),
        }
    }
}
