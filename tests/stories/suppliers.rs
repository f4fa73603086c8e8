//! The third parties: who supplies what on which terms, how that is assessed and put right, and
//! what customers expect.

mod actions;
mod assessments;
mod bounds;
mod components;
mod contracts;
mod expectations;
mod questionnaires;
mod standing;
pub mod world;
