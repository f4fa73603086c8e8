//! What every engine must do, told once and run on both.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

#[path = "support/mod.rs"]
mod support;
#[path = "support/world.rs"]
mod world;

#[path = "engines/cases.rs"]
mod cases;
#[path = "engines/lists.rs"]
mod lists;
#[path = "engines/store.rs"]
mod store;
#[path = "engines/tenants.rs"]
mod tenants;
