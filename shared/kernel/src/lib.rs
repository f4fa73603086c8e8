//! The words that every room uses; no input, output, clock or randomness.

extern crate self as kernel;

pub mod actor;
pub mod approval;
pub mod canonical;
pub mod context;
pub mod correction;
pub mod decimal;
pub mod domain;
pub mod door;
pub mod id;
pub mod json_schema;
pub mod kinds;
pub mod position;
pub mod refused;
pub mod schema;
pub mod time;
pub mod values;

pub use actor::{Actor, Role, Via};
pub use context::{Context, Fact, Facts, Need};
pub use decimal::Decimal;
pub use id::{TenantId, UserId};
pub use position::Position;
pub use refused::Refused;
pub use time::{Date, Instant};
