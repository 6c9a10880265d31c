//! Between our models and the training engine (`crate/train`), which knows none.
//!
//! | file | what |
//! |---|---|
//! | source | a network to train: its messages with all weights, from a spec or a file |
//! | lower | messages and graph to the engine's network |
//! | masked | masks and polynomials that a plan left in a file |
//! | export | a trained network back into the file |
//! | pytorch | a run as a folder for PyTorch |
//! | data | images with labels, from arrays and built in |
//!
//! Assumes networks of an image: convolutions, normalisations, ReLUs, pools, sums, dense layers. Anything else is
//! refused by name.

pub mod data;
pub mod export;
mod lower;
#[cfg(feature = "cli")]
mod masked;
pub mod pytorch;
pub mod source;
#[cfg(test)]
mod tests;
