//! What a risk is: its title, what it endangers and where it comes from (ISO/IEC 42001 Annex C).

use declare::{record, words};
use kernel::kinds;
use kernel::values::{Line, Prose, Ref};

/// What a risk is.
#[record]
#[derive(Default)]
pub struct Identification {
    /// Its title.
    #[field(search, correctable)]
    pub title: Line,
    /// What may happen, why, and to whom.
    #[field(correctable)]
    pub description: Prose,
    /// The AI systems that it concerns.
    #[field(max = 100)]
    pub systems: Vec<Ref<kinds::AiSystem>>,
    /// What else is at stake: data, models, services.
    #[field(max = 10, correctable)]
    pub assets: Vec<Line>,
    /// Where it comes from (Annex C.3).
    #[field(correctable)]
    pub sources: Vec<RiskSource>,
    /// Sources of the organisation's own list.
    #[field(max = 5, correctable)]
    pub other_sources: Vec<Line>,
    /// Which objectives it endangers (Annex C.2).
    #[field(correctable)]
    pub themes: Vec<ObjectiveTheme>,
    /// Objectives of the organisation's own list.
    #[field(max = 5, correctable)]
    pub other_themes: Vec<Line>,
    /// The stage of the life cycle in which it arises.
    #[field(correctable)]
    pub stage: Option<Stage>,
    /// The library that it was taken from.
    pub origin: Option<Origin>,
    /// What the library suggests to do about it.
    #[field(max = 250)]
    pub suggested_actions: Vec<Prose>,
    /// What it is linked to.
    #[field(flatten)]
    pub links: Links,
}

/// What a risk is linked to.
#[record]
#[derive(Default)]
pub struct Links {
    /// Impact assessments that found it or rest on it.
    #[field(max = 50)]
    pub impact_assessments: Vec<Ref<kinds::ImpactAssessment>>,
    /// Incidents in which it came true.
    #[field(max = 50)]
    pub incidents: Vec<Ref<kinds::Incident>>,
    /// Suppliers through whom it arises.
    #[field(max = 50)]
    pub suppliers: Vec<Ref<kinds::Supplier>>,
}

/// Where AI risks come from (ISO/IEC 42001 Annex C.3).
#[words]
pub enum RiskSource {
    /// C.3.1 Complexity of environment.
    ComplexityOfEnvironment,
    /// C.3.2 Lack of transparency and explainability.
    LackOfTransparency,
    /// C.3.3 Level of automation.
    LevelOfAutomation,
    /// C.3.4 Risk sources related to machine learning.
    MachineLearning,
    /// C.3.5 System hardware issues.
    SystemHardware,
    /// C.3.6 System life cycle issues.
    SystemLifeCycle,
    /// C.3.7 Technology readiness.
    TechnologyReadiness,
}

/// What organisations want of AI (ISO/IEC 42001 Annex C.2).
#[words]
pub enum ObjectiveTheme {
    /// C.2.1 Accountability.
    Accountability,
    /// C.2.2 AI expertise.
    AiExpertise,
    /// C.2.3 Availability and quality of training and test data.
    DataQuality,
    /// C.2.4 Environmental impact.
    EnvironmentalImpact,
    /// C.2.5 Fairness.
    Fairness,
    /// C.2.6 Maintainability.
    Maintainability,
    /// C.2.7 Privacy.
    Privacy,
    /// C.2.8 Robustness.
    Robustness,
    /// C.2.9 Safety.
    Safety,
    /// C.2.10 Security.
    Security,
    /// C.2.11 Transparency and explainability.
    Transparency,
}

/// A stage of the life cycle (ISO/IEC 22989).
#[words]
pub enum Stage {
    /// Inception.
    Inception,
    /// Design and development.
    DesignAndDevelopment,
    /// Verification and validation.
    VerificationAndValidation,
    /// Deployment.
    Deployment,
    /// Operation and monitoring.
    OperationAndMonitoring,
    /// Re-evaluation.
    ReEvaluation,
    /// Retirement.
    Retirement,
}

/// Where a risk of a library stands there, and under which licence.
#[record]
pub struct Origin {
    /// The library.
    pub library: Line,
    /// The entry's id in the library.
    #[field(index)]
    pub entry: Line,
    /// Who publishes the library.
    pub source: Line,
    /// The group in which it stands there.
    pub group: Option<Line>,
    /// Its licence.
    pub licence: Line,
    /// Where it can be read.
    pub url: Option<Line>,
}
