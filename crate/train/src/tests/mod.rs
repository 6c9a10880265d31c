//! What crosses modules: gradients against finite differences and PyTorch, whole runs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod adjust;
mod enumerate;
mod gradients;
mod nested;
mod nets;
mod resume;
mod runs;
mod torch;
mod values;
