//! Exchange: foreign files into commands, all or nothing, and what came of it.

pub mod read;
