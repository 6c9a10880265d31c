//! Between our models and the training engine (`crate/train`), which knows none.
//!
//! | file | what |
//! |---|---|
//! | source | a network to train: its messages with all weights, from a spec or a file |
//! | lower | messages and graph to the engine's network |
//! | masked | masks and polynomials that a plan left in a file |
//! | export | a trained network back into the file |
//! | plan | masks and polynomials from a plan file, and as one |
//! | pytorch | a run as a folder for PyTorch |
//! | data | images with labels, from arrays and built in |
//! | pictures | images of a folder, for the command line |
//! | gap | every mask of a small network, and how far selectors are from the best |
//!
//! Assumes networks of an image: convolutions, normalisations, ReLUs, pools, sums, dense layers. Anything else is
//! refused by name.

pub mod data;
pub mod export;
pub mod gap;
mod lower;
#[cfg(feature = "cli")]
mod masked;
#[cfg(feature = "cli")]
pub mod pictures;
mod plan;
pub mod pytorch;
pub mod source;
#[cfg(test)]
mod tests;
