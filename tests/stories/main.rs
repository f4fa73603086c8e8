//! Whole-system stories over HTTP, each on both engines.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod access;
mod bad_input;
mod coverage;
mod cqrs;
mod generated;
mod halden;
mod life;
mod past;
mod scope;
mod writing;
