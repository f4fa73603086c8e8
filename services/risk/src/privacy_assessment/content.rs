//! What a privacy assessment says of the processing (GDPR Art. 35(7)).

use std::collections::BTreeMap;

use declare::{record, words};
use kernel::Context;
use kernel::values::{Key, Line, Prose};

use super::Refusal;
use crate::impact_assessment::Level;

/// What the processing is, but for transfers and measures.
#[record]
#[derive(Default)]
pub struct Processing {
    /// What the data are processed for.
    #[field(max = 20)]
    pub purposes: Vec<Line>,
    /// What makes that lawful (Art. 6(1)).
    #[field(max = 6)]
    pub lawful_bases: Vec<LawfulBasis>,
    /// Which data.
    #[field(max = 30)]
    pub data_categories: Vec<Line>,
    /// Whether special categories are among them (Art. 9(1)).
    pub special_categories: bool,
    /// What allows the processing of special categories (Art. 9(2)).
    pub special_categories_basis: Option<SpecialBasis>,
    /// Whose data: groups of people.
    #[field(max = 20)]
    pub subjects: Vec<Line>,
    /// Whether people are subject to decisions that no person makes (Art. 22).
    pub automated_decision: bool,
    /// How little data is used, and why no less.
    #[field(correctable)]
    pub minimisation: Option<Prose>,
    /// For how long the data are kept, and why no shorter.
    #[field(correctable)]
    pub retention: Option<Prose>,
    /// The risk to the people that remains with the measures in place.
    pub residual: Option<Level>,
    /// Whether the supervisory authority was consulted (Art. 36).
    pub authority_consulted: bool,
}

/// What makes processing lawful (GDPR Art. 6(1)).
#[words]
pub enum LawfulBasis {
    /// (a) Consent.
    Consent,
    /// (b) A contract with the person.
    Contract,
    /// (c) A legal obligation.
    LegalObligation,
    /// (d) Vital interests.
    VitalInterests,
    /// (e) A task in the public interest.
    PublicTask,
    /// (f) Legitimate interests.
    LegitimateInterests,
}

/// What allows the processing of special categories (GDPR Art. 9(2)).
#[words]
pub enum SpecialBasis {
    /// (a) Explicit consent.
    ExplicitConsent,
    /// (b) Employment and social law.
    EmploymentLaw,
    /// (c) Vital interests.
    VitalInterests,
    /// (d) A body with a political, philosophical, religious or trade-union aim.
    NotForProfitBody,
    /// (e) Data that the person has made public.
    MadePublic,
    /// (f) Legal claims.
    LegalClaims,
    /// (g) Substantial public interest.
    SubstantialPublicInterest,
    /// (h) Health or social care.
    HealthCare,
    /// (i) Public health.
    PublicHealth,
    /// (j) Archiving, research or statistics.
    Research,
}

/// A transfer to another country (GDPR Chapter V).
#[record]
pub struct Transfer {
    /// The country or organisation.
    pub to: Line,
    /// What protects the data there.
    pub safeguard: Safeguard,
}

/// What protects data that are transferred.
#[words]
pub enum Safeguard {
    /// An adequacy decision (Art. 45).
    Adequacy,
    /// Standard contractual clauses (Art. 46(2)).
    StandardClauses,
    /// Binding corporate rules (Art. 47).
    CorporateRules,
    /// Another appropriate safeguard (Art. 46).
    Other,
    /// A derogation for this situation (Art. 49).
    Derogation,
}

/// Something that protects the people.
#[record]
pub struct Measure {
    /// Which kind of measure.
    pub measure_kind: MeasureKind,
    /// What is done.
    pub text: Prose,
}

/// Which kind of measure.
#[words]
pub enum MeasureKind {
    /// A person reviews the decision (Art. 22(3)).
    HumanReview,
    /// Less data.
    Minimisation,
    /// Security.
    Security,
    /// People are told.
    Transparency,
    /// Another kind.
    Other,
}

/// What a version says. Input of `redraft`: transfers and measures without their keys.
#[record]
#[derive(Default)]
pub struct Draft {
    /// What the processing is.
    #[field(flatten)]
    pub processing: Processing,
    /// Transfers to other countries.
    #[field(max = 30)]
    pub transfers: Vec<Transfer>,
    /// What protects the people.
    #[field(max = 40)]
    pub measures: Vec<Measure>,
}

/// What a version says.
#[record]
#[derive(Default)]
pub struct Content {
    /// What the processing is.
    #[field(flatten)]
    pub processing: Processing,
    /// Transfers to other countries.
    pub transfers: BTreeMap<Key, Transfer>,
    /// What protects the people.
    pub measures: BTreeMap<Key, Measure>,
}

impl Draft {
    /// The same with a key for each transfer and measure.
    pub(super) fn content(self, context: &Context) -> Content {
        let (transfers, measures) = (self.transfers.into_iter(), self.measures.into_iter());
        Content {
            processing: self.processing,
            transfers: transfers.map(|t| (context.new_key("transfer"), t)).collect(),
            measures: measures.map(|m| (context.new_key("measure"), m)).collect(),
        }
    }
}

impl Content {
    /// Whether it says what the law asks for.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let processing = &self.processing;
        for (what, is_there) in [
            ("what the data are processed for", !processing.purposes.is_empty()),
            ("which data are processed", !processing.data_categories.is_empty()),
            ("whose data are processed", !processing.subjects.is_empty()),
            ("how little data is used", processing.minimisation.is_some()),
            ("for how long the data are kept", processing.retention.is_some()),
            ("which risk remains", processing.residual.is_some()),
        ] {
            if !is_there {
                return Err(Refusal::NotDescribed { what });
            }
        }
        if processing.lawful_bases.is_empty() {
            return Err(Refusal::NoLawfulBasis);
        }
        if processing.special_categories && processing.special_categories_basis.is_none() {
            return Err(Refusal::SpecialCategoriesWithoutBasis);
        }
        let mut kinds = self.measures.values().map(|measure| measure.measure_kind);
        if processing.automated_decision && !kinds.any(|kind| kind == MeasureKind::HumanReview) {
            return Err(Refusal::AutomatedWithoutHumanReview);
        }
        let grave = matches!(processing.residual, Some(Level::High | Level::Critical));
        if grave && !processing.authority_consulted {
            return Err(Refusal::AuthorityNotConsulted);
        }
        Ok(())
    }
}
