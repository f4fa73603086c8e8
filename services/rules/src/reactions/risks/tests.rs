//! Rules in small worlds.
