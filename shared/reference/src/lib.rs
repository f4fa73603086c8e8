//! Reference data that is the same for every tenant: catalogues of requirements and controls, how
//! they correspond, and regulatory rules with their evaluation.

pub mod catalogue;
pub mod mapping;
pub mod rules;
