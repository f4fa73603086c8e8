//! Certificates that a supplier shows.

use declare::record;
use kernel::kinds::Evidence;
use kernel::values::{Key, Line, Ref};
use kernel::{Context, Date, UserId};

use super::{Event, Refusal, SupplierAssessment};

/// Most certificates of an assessment.
pub const CERTIFICATES_MAX: usize = 10;

/// A certificate of a supplier. Input of `record_certificate`.
#[record]
pub struct SupplierCertificate {
    /// The standard, `ISO/IEC 42001:2023`.
    #[field(max = 100)]
    pub standard: Line,
    /// Who issued it.
    #[field(max = 100)]
    pub issuer: Line,
    /// Its number.
    #[field(max = 100)]
    pub number: Option<Line>,
    /// Its last day.
    pub valid_until: Option<Date>,
    /// A copy of it.
    pub evidence: Option<Ref<Evidence>>,
}

/// Input of `remove_certificate`.
#[record]
pub struct RemoveCertificate {
    /// Its key.
    pub certificate: Key,
}

/// A certificate was recorded.
#[record]
pub struct CertificateRecorded {
    /// Its key.
    pub key: Key,
    /// What it is.
    pub certificate: SupplierCertificate,
    /// Who recorded it.
    pub by: UserId,
}

/// A certificate was taken back.
#[record]
pub struct CertificateRemoved {
    /// Its key.
    pub key: Key,
    /// Who took it back.
    pub by: UserId,
}

impl SupplierAssessment {
    pub(super) fn certificate_recorded(
        &self,
        certificate: SupplierCertificate,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.may_work("given a certificate", context)?;
        if self.certificates.values().any(|known| *known == certificate) {
            return Ok(Vec::new());
        }
        if let Some(valid_until) = certificate.valid_until.filter(|until| *until < context.today())
        {
            return Err(Refusal::CertificateRanOut { valid_until, at: "/validUntil" });
        }
        if self.certificates.len() >= CERTIFICATES_MAX {
            return Err(Refusal::TooManyCertificates { most: CERTIFICATES_MAX });
        }
        let (key, by) = (context.new_key("certificate"), context.user());
        Ok(vec![Event::CertificateRecorded(CertificateRecorded { key, certificate, by })])
    }

    pub(super) fn certificate_removed(
        &self,
        input: RemoveCertificate,
        context: &Context,
    ) -> Result<Vec<Event>, Refusal> {
        self.may_work("deprived of a certificate", context)?;
        let key = input.certificate;
        if !self.certificates.contains_key(&key) {
            let certificate = key.as_str().to_owned();
            return Err(Refusal::NoSuchCertificate { certificate, at: "/certificate" });
        }
        Ok(vec![Event::CertificateRemoved(CertificateRemoved { key, by: context.user() })])
    }
}
