//! A model in the arithmetic of secret-sharing protocols: whole numbers of a ring stand for
//! fractions, products are truncated, and what leaves the ring wraps around.
//!
//! `arithmetic` has the ring: encoding, truncation, sums that know when they wrapped. `layers` are
//! the operators in it; `walk` runs a graph, next to the same graph in floating point. What a
//! protocol would compute by other means (Sigmoid, Softmax) is computed in floating point and
//! encoded again, and the report says so.

mod arithmetic;
mod layers;
mod matrix;
#[cfg(test)]
mod tests;
mod walk;

pub use arithmetic::{Settings, Truncation};
pub use matrix::{broadcast, places};
pub use walk::{Floats, Walk};
