//! Reference data that is the same for every tenant: catalogues of requirements and controls, and
//! regulatory rules with their evaluation.

pub mod catalogue;
pub mod rules;
