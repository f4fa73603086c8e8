//! The kinds of the life cycle.

pub mod documents;
pub mod incidents;
pub mod inputs;
pub mod monitor;
pub mod systems;

use super::{Kind, correct, member, remark, why, with};
