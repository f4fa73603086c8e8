//! Readiness for certification: all metrics as functions of (tenant, point in the log), alone and
//! as series over time.
//!
//! `keeper` reads a tenant's `register` from the store and keeps it at hand; `world` is what is
//! true as of a point; `metrics` count; `answer` says it.

pub mod answer;
pub mod keeper;
pub mod metrics;
pub mod register;
pub mod rows;
pub mod rules;
pub mod steps;
mod table;
pub mod tally;
pub mod value;
pub mod word;
pub mod world;
