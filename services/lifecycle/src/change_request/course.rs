//! What becomes of an approved change: implemented, verified, closed or taken back.

use declare::{record, refusals};
use kernel::approval::Phase;
use kernel::values::Prose;
use kernel::{Context, Instant, UserId};

use super::{ChangeRequest, Event, Progress, Refusal};

/// Input of `implement`, `verify` and `close`.
#[record]
#[derive(Default)]
pub struct Note {
    /// What there is to say of it.
    pub note: Option<Prose>,
}

/// A step of an approved change.
#[record]
pub struct ChangeStep {
    /// Who took it.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// What there is to say of it.
    pub note: Option<Prose>,
}

/// Input of `roll_back`.
#[record]
pub struct RollBack {
    /// Why.
    pub reason: Prose,
}

/// A change was taken back.
#[record]
pub struct RolledBack {
    /// Who took it back.
    pub by: UserId,
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: Prose,
}

/// Why a change does not go on.
#[refusals]
pub enum CourseRefusal {
    /// The change is not approved: it cannot be implemented.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.1")]
    NotApproved,
    /// {what} is dated before {before}.
    #[refusal(rule = "ISO/IEC 42001 8.1")]
    DatedBefore {
        /// The step.
        what: &'static str,
        /// What it follows.
        before: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// The change leads to version {version}, which the system does not have: add it first.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.1")]
    VersionMissing {
        /// The version's label.
        version: String,
    },
    /// Whoever implemented the change does not verify it.
    #[refusal(rule = "segregation of duties: implementer is not verifier")]
    VerifierIsImplementer,
    /// Version {version} has not passed verification and validation: the change needs that.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.4")]
    NotRevalidated {
        /// The version's label.
        version: String,
    },
    /// The change is {progress}: that cannot follow.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.1")]
    OutOfTurn {
        /// What became of it.
        progress: &'static str,
    },
    /// The change happened without a request: it is reviewed, not approved and implemented.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.1")]
    WasNotPlanned,
}

impl Progress {
    /// What became of a change, in words.
    pub(super) fn text(progress: Option<Progress>) -> &'static str {
        match progress {
            None => "not implemented",
            Some(Progress::Implemented) => "implemented",
            Some(Progress::Verified) => "verified",
            Some(Progress::Closed) => "closed",
            Some(Progress::RolledBack) => "rolled back",
            Some(Progress::Detected) => "detected",
            Some(Progress::Reviewed) => "reviewed",
        }
    }
}

impl ChangeRequest {
    pub(super) fn must_be_planned(&self) -> Result<(), CourseRefusal> {
        if self.planned { Ok(()) } else { Err(CourseRefusal::WasNotPlanned) }
    }

    /// Whether nothing of it is in the system yet.
    pub(super) fn must_not_have_begun(&self) -> Result<(), CourseRefusal> {
        if self.progress.is_none() { Ok(()) } else { Err(self.out_of_turn()) }
    }

    fn out_of_turn(&self) -> CourseRefusal {
        CourseRefusal::OutOfTurn { progress: Progress::text(self.progress) }
    }

    /// A step that does not lie before the one that it follows.
    fn step(
        input: Note,
        (what, before): (&'static str, &'static str),
        followed: Option<Instant>,
        context: &Context,
    ) -> Result<ChangeStep, CourseRefusal> {
        let at = context.effective.unwrap_or(context.now);
        if followed.is_some_and(|time| at < time) {
            return Err(CourseRefusal::DatedBefore { what, before, at: "/effectiveAt" });
        }
        Ok(ChangeStep { by: context.user(), at, note: input.note })
    }

    pub(super) fn implemented(
        &self,
        input: Note,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_planned()?;
        match self.progress {
            None => {}
            Some(Progress::Implemented) => return Ok(Vec::new()),
            Some(
                Progress::Verified
                | Progress::Closed
                | Progress::RolledBack
                | Progress::Detected
                | Progress::Reviewed,
            ) => return Err(self.out_of_turn().into()),
        }
        let effective = self.approval.effective.as_ref();
        let in_force = effective.filter(|_| self.approval.status == Phase::Approved);
        let approved_at = in_force.ok_or(CourseRefusal::NotApproved)?.approved_at;
        self.check_substantial(self.content.class, context)?;
        self.check_assessed_again(context)?;
        self.check_version_exists(context)?;
        let names = ("The implementation", "the approval");
        let step = Self::step(input, names, Some(approved_at), context)?;
        Ok(vec![Event::ChangeImplemented(step)])
    }

    fn check_version_exists(&self, context: &Context) -> Result<(), CourseRefusal> {
        let Some(version) = &self.content.to_version else { return Ok(()) };
        let system = context.facts.get::<facts::AiSystem>(self.content.system.id());
        if system.is_some_and(|system| system.versions.contains_key(version.as_str())) {
            return Ok(());
        }
        Err(CourseRefusal::VersionMissing { version: version.as_str().to_owned() })
    }

    pub(super) fn verified(&self, input: Note, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be_planned()?;
        match self.progress {
            Some(Progress::Implemented) => {}
            Some(Progress::Verified) => return Ok(Vec::new()),
            None
            | Some(
                Progress::Closed | Progress::RolledBack | Progress::Detected | Progress::Reviewed,
            ) => return Err(self.out_of_turn().into()),
        }
        let implemented = self.implemented.as_ref();
        if implemented.is_some_and(|step| step.by == context.user()) {
            return Err(CourseRefusal::VerifierIsImplementer.into());
        }
        self.check_revalidated(context)?;
        let names = ("The verification", "the implementation");
        let step = Self::step(input, names, implemented.map(|step| step.at), context)?;
        Ok(vec![Event::ChangeVerified(step)])
    }

    fn check_revalidated(&self, context: &Context) -> Result<(), CourseRefusal> {
        let Some(version) = self.content.to_version.as_ref().map(kernel::values::Key::as_str)
        else {
            return Ok(());
        };
        let system = self.content.system.id();
        let records = context.facts.all::<facts::VerificationRecord>().into_iter();
        let mut of_version =
            records.filter(|(_, r)| r.system == system && r.system_version == version);
        let passed = of_version.any(|(_, r)| {
            r.outcome.as_deref() == Some("pass")
                && !matches!(r.status.as_str(), "superseded" | "invalidated")
        });
        if passed || !self.content.impact.revalidation_needed {
            return Ok(());
        }
        Err(CourseRefusal::NotRevalidated { version: version.to_owned() })
    }

    pub(super) fn closed(&self, input: Note, context: &Context) -> Result<Vec<Event>, Refusal> {
        self.must_be_planned()?;
        match self.progress {
            Some(Progress::Verified) => {}
            Some(Progress::Closed) => return Ok(Vec::new()),
            None
            | Some(
                Progress::Implemented
                | Progress::RolledBack
                | Progress::Detected
                | Progress::Reviewed,
            ) => return Err(self.out_of_turn().into()),
        }
        let verified = self.verified.as_ref().map(|step| step.at);
        let step = Self::step(input, ("The closing", "the verification"), verified, context)?;
        Ok(vec![Event::ChangeClosed(step)])
    }

    pub(super) fn rolled_back(
        &self,
        input: RollBack,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.must_be_planned()?;
        match self.progress {
            Some(Progress::Implemented | Progress::Verified) => {}
            Some(Progress::RolledBack) => return Ok(Vec::new()),
            None | Some(Progress::Closed | Progress::Detected | Progress::Reviewed) => {
                return Err(self.out_of_turn().into());
            }
        }
        let names = ("The way back", "the implementation");
        let implemented = self.implemented.as_ref().map(|step| step.at);
        let step = Self::step(Note::default(), names, implemented, context)?;
        let rolled_back = RolledBack { by: step.by, at: step.at, reason: input.reason };
        Ok(vec![Event::ChangeRolledBack(rolled_back)])
    }
}
