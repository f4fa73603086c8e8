//! The composition: all services in one process, and the command line.

pub mod app;
pub mod bench;
pub mod cli;
pub mod demo;
pub mod import;
pub mod keys;
pub mod settings;
pub mod spec;
pub mod upkeep;
