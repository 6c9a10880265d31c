//! The resolved graph: typed operations over values with symbolic shapes.
//!
//! `import` turns messages into a [`graph::Graph`]; `infer` gives every value a type or a reason why
//! not. Never reads weights: only tensors small enough for shape arithmetic.

pub mod activations;
pub mod attrs;
pub mod bind;
pub mod channels;
pub mod composites;
pub mod depend;
pub mod dim;
pub mod dtype;
pub mod graph;
pub mod hash;
pub mod import;
pub mod infer;
pub mod kind;
pub mod settle;
pub mod small_map;
pub mod stages;
pub mod types;
pub mod whole;
pub mod windows;
