//! The kinds of the life cycle, each from its first command to its last, by the people who may.

mod bounds;
mod changes;
mod concerns;
mod datasets;
mod deployment;
mod designs;
mod gates;
mod incidents;
mod logs;
mod monitors;
mod outside;
mod reports;
mod requirements;
mod resources;
mod rules;
mod steps;
mod uses;
mod verification;
mod way;
mod world;

pub use self::steps::one_of_each;
