//! What others rely on of a recorded event.

use kernel::Instant;

view!("event",
/// An event of the log by its position.
Event {
    /// Stored name, `evidence.linked`.
    name: String,
    /// The object that decided, by id.
    object: String,
    /// When it was recorded.
    recorded_at: Instant,
});
