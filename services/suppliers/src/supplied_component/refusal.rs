//! What is refused of supplied components.

use declare::refusals;
use kernel::correction::CorrectionRefusal;

/// What is refused.
#[refusals]
pub enum Refusal {
    /// The correction is wrong.
    #[refusal(from)]
    Correction(CorrectionRefusal),
    /// The component is {status}: it cannot be {step}.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.3")]
    WrongStatus {
        /// Where it stands.
        status: &'static str,
        /// What was asked.
        step: &'static str,
    },
    /// The supplier {name} is {status}: nothing new is taken from it.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.3")]
    SupplierStopped {
        /// Its name.
        name: String,
        /// Where it stands.
        status: String,
        /// Where in the input.
        at: &'static str,
    },
    /// Whoever proposed or described this version does not accept it.
    #[refusal(rule = "segregation of duties: author is not approver")]
    AcceptorProposed,
    /// No document describes version {version}: it cannot be accepted.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.3")]
    NoDocumentation {
        /// The version.
        version: String,
    },
    /// Say where the document {title:?} is: by its hash, its place or its evidence.
    DocumentNowhere {
        /// Its title.
        title: String,
        /// Where in the input.
        at: String,
    },
    /// A component has at most {most} documents.
    TooManyDocuments {
        /// The most.
        most: usize,
        /// Where in the input.
        at: &'static str,
    },
    /// At most {most} people describe a component before it is accepted.
    #[refusal(conflict)]
    TooManyProposers {
        /// The most.
        most: usize,
    },
    /// A version that is told of was released already.
    ReleasedInFuture {
        /// Where in the input.
        at: &'static str,
    },
    /// No contract with the supplier that holds today says who answers for what: it is not used.
    #[refusal(conflict, rule = "ISO/IEC 42001 A.10.2")]
    NothingAgreed,
    /// Name the versions of the system that use it.
    NoVersion {
        /// Where in the input.
        at: &'static str,
    },
    /// The AI system {name} is retired: nothing is linked to it.
    #[refusal(rule = "ISO/IEC 42001 A.6.2.6")]
    SystemRetired {
        /// Its name.
        name: String,
        /// Where in the input.
        at: &'static str,
    },
    /// The system has no version {version} that goes on.
    NoSuchVersion {
        /// The version.
        version: String,
        /// Where in the input.
        at: String,
    },
    /// A component is linked to at most {most} systems.
    #[refusal(conflict)]
    TooManySystems {
        /// The most.
        most: usize,
    },
    /// Of one system at most {most} versions are linked: unlink those that are over.
    #[refusal(conflict)]
    TooManyVersions {
        /// The most.
        most: usize,
    },
}
