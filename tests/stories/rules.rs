//! What holds between services, by itself (domain model, 5.2), and what an operator sees of it.

mod parked;
