//! What crosses modules: gradients against finite differences.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod gradients;
mod runs;
mod values;
