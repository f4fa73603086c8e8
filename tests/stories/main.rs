//! Whole-system stories over HTTP, each on both engines.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod access;
mod assurance;
mod bad_input;
mod bounds;
mod catalogues;
mod certification;
mod coverage;
mod cqrs;
mod desk;
mod files;
mod generated;
mod given;
mod halden;
mod halden_refusals;
mod impact_assessment;
mod imports;
mod life;
mod parity;
mod parked;
mod past;
mod privacy_assessment;
mod regulatory_classification;
mod risk;
mod risk_criteria;
mod rule_set;
mod scope;
mod suppliers;
mod support;
mod treatment_plan;
mod writing;
