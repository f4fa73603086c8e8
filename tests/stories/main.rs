//! Whole-system stories over HTTP, each on both engines.

mod access;
mod bad_input;
mod cqrs;
mod generated;
mod halden;
mod past;
mod scope;
mod writing;
