//! Whether who is to hold a role has the competence that its profiles demand (7.2).

use declare::record;
use kernel::kinds;
use kernel::values::{Key, Prose, Ref};
use kernel::{Context, Date, Need, UserId};

use super::{AssignmentStatus, Event, Post, Proof, Refusal, RoleAssignment};
use crate::competence_profile::CompetenceProfile;
use crate::name::folded;
use crate::training_record::TrainingRecord;

/// The longest waiver in days.
const WAIVER_DAYS: i64 = 365;

/// For how long a holder may lack a competence.
#[record]
pub struct Waiver {
    /// Last day.
    pub until: Date,
    /// Why.
    pub reason: Prose,
}

/// What a holder's competence was judged by.
#[record]
#[derive(Default)]
pub struct Judged {
    /// The profiles of the role.
    pub profiles: Vec<ProfileSeen>,
    /// The records that show what they demand.
    pub proofs: Vec<Proof>,
}

/// A profile as it stood.
#[record]
pub struct ProfileSeen {
    /// The profile.
    pub profile: Ref<kinds::CompetenceProfile>,
    /// Its revision.
    pub revision: u32,
}

/// The time of the waiver is over.
#[record]
pub struct WaiverEnded {
    /// Its last day.
    pub until: Date,
    /// The competences that the holder still lacks.
    pub lacking: Vec<Key>,
}

impl Post {
    /// The names under which its profiles are kept.
    fn names(&self) -> Vec<&str> {
        let code = self.aims_role.map(kernel::Role::code);
        [self.role.as_str()].into_iter().chain(code).collect()
    }
}

/// What must be known to judge.
pub(super) fn needs(post: &Post, holder: &UserId) -> Vec<Need> {
    let profiles = post.names().into_iter().map(CompetenceProfile::of_role);
    profiles.chain([TrainingRecord::of_person(holder)]).collect()
}

/// What the profiles of the post demand and the holder shows today, and what he lacks.
pub(super) fn judge(post: &Post, holder: &UserId, context: &Context) -> (Judged, Vec<Key>) {
    let (mut judged, mut lacking) = (Judged::default(), Vec::new());
    let names: Vec<_> = post.names().into_iter().map(folded).collect();
    let mut records = context.facts.all::<TrainingRecord>();
    records.retain(|(_, record)| record.training.person.0 == *holder);
    for (id, profile) in context.facts.all::<CompetenceProfile>() {
        if !names.iter().any(|name| profile.counts_for(name)) {
            continue;
        }
        for (key, required) in &profile.required {
            let shows = |record: &TrainingRecord| {
                let dated = !required.regulated || record.valid_until.is_some();
                dated && record.shows(key, required.level, context.today())
            };
            match records.iter().find(|(_, record)| shows(record)) {
                Some((id, _)) => judged.proofs.push(Ref::new(id)),
                None => lacking.push(key.clone()),
            }
        }
        let revision = profile.revision;
        judged.profiles.push(ProfileSeen { profile: Ref::new(id), revision });
    }
    judged.proofs.sort_by(|a, b| a.id().cmp(b.id()));
    judged.proofs.dedup();
    lacking.sort_unstable();
    lacking.dedup();
    (judged, lacking)
}

/// A waiver runs from today for a year at most.
pub(super) fn check_waiver(waiver: Option<&Waiver>, context: &Context) -> Result<(), Refusal> {
    let days = |waiver: &Waiver| context.today().days_until(waiver.until);
    match waiver.filter(|waiver| !(1..=WAIVER_DAYS).contains(&days(waiver))) {
        Some(Waiver { until, .. }) => {
            Err(Refusal::WaiverOutOfRange { until: *until, at: "/waiver/until" })
        }
        None => Ok(()),
    }
}

impl RoleAssignment {
    pub(super) fn waiver_ended(&self, context: &Context) -> Result<Vec<Event>, Refusal> {
        if self.status != AssignmentStatus::Active {
            return Err(Refusal::WrongStatus { status: self.status.text() });
        }
        let (Some(waiver), Some(holder)) = (&self.waiver, &self.holder) else {
            return Ok(Vec::new());
        };
        let until = waiver.until;
        if until >= context.today() {
            return Err(Refusal::WaiverRuns { until });
        }
        let (_, lacking) = judge(&self.post, holder, context);
        Ok(vec![Event::WaiverEnded(WaiverEnded { until, lacking })])
    }
}
