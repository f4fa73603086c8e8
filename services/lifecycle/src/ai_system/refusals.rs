//! What an AI system refuses.

use declare::refusals;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The system is retired.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.6")]
    SystemRetired,
    /// The system has no version {system_version}.
    UnknownVersion {
        /// The label.
        system_version: String,
        /// Where in the input.
        at: &'static str,
    },
    /// A retired system is not registered as one that lives.
    OnboardedRetired {
        /// Where in the input.
        at: &'static str,
    },
    /// A version in {stage} cannot run yet.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.5")]
    CannotRunYet {
        /// The stage.
        stage: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// A running system is given another purpose only by an approved change of its purpose.
    #[refusal(rule = "ISO/IEC 42001 8.1")]
    PurposeNeedsChange {
        /// Where in the input.
        at: &'static str,
    },
    /// Where the system comes from is settled once a version has left its inception: the stages
    /// that it goes through depend on it.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.5")]
    OriginSettled {
        /// Where in the input.
        at: &'static str,
    },
    /// A running system leaves the scope only by an approved change of the AIMS.
    #[refusal(rule = "ISO/IEC 42001 6.3")]
    NoAimsChange {
        /// Where in the input.
        at: &'static str,
    },
    /// The change of the AIMS is not approved.
    #[refusal(rule = "ISO/IEC 42001 6.3")]
    AimsChangeNotApproved {
        /// Where in the input.
        at: &'static str,
    },
    /// The system has another version {system_version} already.
    DuplicateVersion {
        /// The label.
        system_version: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The system has {max} versions: register what follows as a system of its own.
    #[refusal(conflict)]
    TooManyVersions {
        /// How many it can have.
        max: usize,
    },
    /// The versions of a system name at most {max} people, data sets, resources, components and
    /// gates together.
    #[refusal(conflict)]
    TooManyReferences {
        /// How many they can name.
        max: usize,
    },
    /// The resource {name} is blocked.
    #[refusal(rule = "ISO/IEC 42001 A.4.2")]
    BlockedResource {
        /// Its name.
        name: String,
        /// Where in the input.
        at: String,
    },
    /// The data set {name} is {status}: no version may use it.
    #[refusal(rule = "ISO/IEC 42001 A.7.2")]
    UnfitDataset {
        /// Its name.
        name: String,
        /// Where it stands.
        status: String,
        /// Where in the input.
        at: String,
    },
    /// The change is not one of this system.
    ChangeOfAnother {
        /// Where in the input.
        at: &'static str,
    },
    /// The change leads to {to_version}.
    #[refusal(rule = "ISO/IEC 42001 8.1")]
    ChangeToAnother {
        /// The version to which it leads.
        to_version: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The change is not approved, or was rolled back.
    #[refusal(rule = "ISO/IEC 42001 8.1")]
    ChangeNotApproved {
        /// Where in the input.
        at: &'static str,
    },
    /// {system_version} is in {stage}: what it is made of is settled. Add a version instead.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.4")]
    AssetsSettled {
        /// The version.
        system_version: String,
        /// Its stage.
        stage: &'static str,
    },
    /// The serious incident {incident} is being investigated: the system is not altered before an
    /// authority was told.
    #[refusal(conflict, rule = "Regulation (EU) 2024/1689 Art. 73(6)")]
    FrozenByIncident {
        /// The incident.
        incident: String,
    },
    /// From {from} no way leads directly to {to}: no stage is skipped.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.5")]
    StageSkipped {
        /// The stage of the version.
        from: &'static str,
        /// The stage asked for.
        to: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// A system enters retirement only by being retired.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.6")]
    OnlyByRetire {
        /// Where in the input.
        at: &'static str,
    },
    /// The gate does not lead this version of this system there.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.5")]
    GateOfAnother {
        /// Where in the input.
        at: &'static str,
    },
    /// The gate is {status}: only a passed gate leads through.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.5")]
    GateNotPassed {
        /// Where it stands.
        status: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// The version has gone through this gate already: each leads through once.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.5")]
    GateUsed {
        /// Where in the input.
        at: &'static str,
    },
    /// The gate was passed from another stage or more than 30 days ago.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.5")]
    GateLapsed {
        /// Where in the input.
        at: &'static str,
    },
    /// The gate would not let through today: {check} blocks.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.5")]
    GateNoLongerHolds {
        /// The check that blocks.
        check: &'static str,
    },
    /// {system_version} runs: it is stopped before it is designed anew.
    #[refusal(conflict, rule = "ISO/IEC 42001 8.1")]
    VersionRuns {
        /// The version.
        system_version: String,
    },
    /// {system_version} has no approved design record.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.3")]
    NoDesignRecord {
        /// The version.
        system_version: String,
    },
    /// The system is classified as a prohibited practice.
    #[refusal(conflict, rule = "Regulation (EU) 2024/1689 Art. 5")]
    ProhibitedPractice,
    /// The version is in {stage}: only one in deployment or operation is deployed.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.5")]
    NotInDeployment {
        /// Its stage.
        stage: &'static str,
    },
    /// {system_version} came into deployment through no gate.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.5")]
    NoDeploymentGate {
        /// The version.
        system_version: String,
    },
    /// {system_version} does not run.
    #[refusal(conflict)]
    VersionNotRunning {
        /// The version.
        system_version: String,
        /// Where in the input.
        at: &'static str,
    },
    /// {running} runs: say that it is replaced, or that the version runs alongside it.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.5")]
    OtherVersionRuns {
        /// The version that runs.
        running: String,
        /// Where in the input.
        at: &'static str,
    },
    /// No other version runs alongside which this one could.
    #[refusal(conflict)]
    NothingAlongside {
        /// Where in the input.
        at: &'static str,
    },
    /// No intended use with user information is published for the system.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.9.4, A.8.2")]
    NoPublishedUse,
    /// No event-log policy is active for the system.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.8")]
    NoLogPolicy,
    /// No approved deployment plan for {system_version} has been carried out.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.6.2.5")]
    NoExecutedPlan {
        /// The version.
        system_version: String,
    },
    /// No version of the system runs.
    #[refusal(conflict)]
    SystemNotRunning,
    /// Operation is restricted by {max} measures: suspend it instead.
    #[refusal(conflict)]
    TooManyMeasures {
        /// How many there can be.
        max: usize,
    },
    /// A system retires only when it is said {what}.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.6")]
    RetirementLacks {
        /// What is missing.
        what: &'static str,
        /// Where in the input.
        at: &'static str,
    },
    /// Logs are kept beyond the day of retirement.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.8")]
    LogsNotKept {
        /// Where in the input.
        at: &'static str,
    },
    /// The incident {incident} is open.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.8.4")]
    OpenIncident {
        /// The incident.
        incident: String,
    },
}
