//! Certification: a body that stands outside the organisation, its auditors in the house, what they
//! see and what they do not, and the certificate.

mod audits;
mod bodies;
mod certificates;
mod doors;
mod engagements;
pub mod house;
mod marks;
mod reading;
mod records;
mod scope;
