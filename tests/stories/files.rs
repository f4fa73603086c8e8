//! The bytes of evidence (G-14; ISO/IEC 42001 7.5.3): how they come in and go out, what is refused,
//! and what is left when something breaks.

mod after_a_crash;
mod apart;
mod coming_in;
mod going_out;
mod memory;
mod room;
mod s3;
mod shredding;
