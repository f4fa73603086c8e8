//! What an intended use must fulfil before it is in force.

use std::collections::{BTreeMap, BTreeSet};

use kernel::approval::Phase;
use kernel::kinds::AiSystem;
use kernel::values::{Hash, Key, Line, Ref};
use kernel::{Context, Decimal, Need};

use super::{CompetenceShown, Content, IntendedUse, Overseer, Progress, Refusal};

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
    /// What users have been told, by what is published and what is in force.
    pub(super) fn told(&self) -> Progress {
        match (&self.published, self.published_at) {
            (None, _) => Progress::NotPublished,
            (Some(_), Some(_)) => Progress::Published,
            (Some(_), None) => Progress::Outdated,
        }
    }

    /// The version in force is not taken back while the system runs.
    pub(super) fn check_not_in_use(&self, context: &Context) -> Result<(), Refusal> {
        let system = context.facts.get::<facts::AiSystem>(self.system.id());
        let runs = system.is_some_and(|system| system.is_running());
        if runs && self.approval.status == Phase::Approved {
            return Err(Refusal::SystemRuns);
        }
        Ok(())
    }

    /// What approval depends on: the impact assessments of the system, what its overseers must be
    /// able to do and have learnt, and its monitors.
    pub(super) fn needs_of_approval(&self) -> Vec<Need> {
        let system = self.system.id().to_owned();
        let overseers = self.content.oversight.values();
        let competence = overseers.flat_map(|overseer| {
            let person = overseer.who.to_string();
            let profile = Need::Object(overseer.competence.id().to_owned());
            [profile, Need::Where("training_record", "person", person)]
        });
        let monitors = self.content.monitors_of_use.iter();
        let monitors = monitors.map(|monitor| Need::Object(monitor.id().to_owned()));
        let assessments = Need::Where("impact_assessment", "system", system);
        [assessments].into_iter().chain(competence).chain(monitors).collect()
    }

    /// Whether the working version can be in force: the hash of its instructions, and what shows
    /// the competence of who watches over the system.
    pub(super) fn complete(
        &self,
        context: &Context,
    ) -> Result<(Hash, BTreeMap<Key, CompetenceShown>), Refusal> {
        let hash = self.content.instructions_hash.clone().ok_or(Refusal::NoInstructions)?;
        self.check_assessed(context)?;
        let competence = self.check_oversight(context)?;
        self.check_monitors(context)?;
        Ok((hash, competence))
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
    fn check_oversight(
        &self,
        context: &Context,
    ) -> Result<BTreeMap<Key, CompetenceShown>, Refusal> {
        let overseers = self.content.oversight.iter();
        let mut shown = BTreeMap::new();
        for (key, overseer) in overseers {
            shown.insert(key.clone(), competence_of(overseer, context)?);
        }
        if self.content.oversight.values().any(|overseer| overseer.stop_ability) {
            return Ok(shown);
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

/// What shows today that a person can do what his profile demands.
fn competence_of(overseer: &Overseer, context: &Context) -> Result<CompetenceShown, Refusal> {
    let (who, day) = (overseer.who.to_string(), context.today());
    let profile = context.facts.get::<facts::CompetenceProfile>(overseer.competence.id());
    let Some(profile) = profile.filter(facts::CompetenceProfile::is_in_force) else {
        let profile = overseer.competence.id().to_owned();
        return Err(Refusal::ProfileRetired { who, profile });
    };
    let all = context.facts.all::<facts::TrainingRecord>();
    let his: Vec<_> = all.iter().filter(|(_, record)| record.person == overseer.who).collect();
    let records: Vec<_> = his.iter().map(|(_, record)| record).collect();
    if let Some((competence, demanded)) = profile.lacking(&records, day) {
        let (competence, level) = (competence.to_owned(), demanded.level.to_string());
        return Err(Refusal::OverseerNotCompetent { who, competence, level });
    }
    // Of each competence the record that lasts longest; all last as long as the first to end.
    let (mut used, mut valid_until) = (BTreeSet::new(), None);
    for (key, demanded) in &profile.required {
        let lasts =
            |record: &facts::TrainingRecord| (record.valid_until.is_none(), record.valid_until);
        let showing = his.iter().filter(|(_, record)| record.shows(key, demanded, day));
        if let Some((id, record)) = showing.max_by_key(|(_, record)| lasts(record)) {
            valid_until = [valid_until, record.valid_until].into_iter().flatten().min();
            used.insert(id.clone());
        }
    }
    let records = used.into_iter().map(Ref::new).collect();
    Ok(CompetenceShown { revision: profile.revision, records, valid_until })
}
