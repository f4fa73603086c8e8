//! Who did something, and when.

use declare::record;
use kernel::{Context, Instant, UserId};

/// Who, and when it was recorded.
#[record]
pub struct Stamp {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Instant,
}

impl Stamp {
    /// Whoever gives the command, now.
    pub(crate) fn of(context: &Context) -> Self {
        Self { by: context.user(), at: context.now }
    }
}
