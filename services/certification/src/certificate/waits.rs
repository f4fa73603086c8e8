//! What happens to a certificate as time goes by.

use kernel::domain::Deadline;

use super::cycle::RESTORE_MONTHS;
use super::{Certificate, CertificateStatus, Certified};

impl Certificate {
    /// What happens to it as time goes by, while nobody decides otherwise.
    pub(super) fn waits(&self) -> Vec<Deadline> {
        let Certified { valid_from, valid_to, .. } = self.certified;
        if self.status == CertificateStatus::Expired {
            return vec![Deadline::after(valid_to.plus_months(RESTORE_MONTHS), "lapse")];
        }
        if !self.is_in_force() {
            return Vec::new();
        }
        let begins = (self.status == CertificateStatus::Issued).then_some(valid_from);
        let begins = begins.map(|day| Deadline::on(day, "activate"));
        let audit = self.surveillance_due.first().copied();
        let audit = audit.filter(|due| self.overdue_since != Some(*due));
        let audit = audit.map(|due| Deadline::on(due, "surveillance_fall_due"));
        let again = Some(self.recertification_due);
        let again = again.filter(|due| self.recertification_told != Some(*due));
        let again = again.map(|due| Deadline::on(due, "recertification_fall_due"));
        let suspended = self.status == CertificateStatus::Suspended;
        let held = self.suspension.as_ref().filter(|_| suspended).map(|held| held.until);
        let held = held.filter(|until| self.suspension_ran_out != Some(*until));
        let held = held.map(|until| Deadline::after(until, "end_suspension"));
        let over = [Deadline::after(valid_to, "expire")];
        begins.into_iter().chain(audit).chain(again).chain(held).chain(over).collect()
    }
}
