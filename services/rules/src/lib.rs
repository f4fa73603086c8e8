//! What holds between services, and what time brings about.

pub mod deadlines;
