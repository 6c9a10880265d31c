//! Pareto fronts, and the published points to stand beside.
//!
//! Works on plain numbers: whoever draws a chart says what a point costs. Never converts one
//! system's latency to another's.

mod csv;
mod front;
mod many;
mod points;

pub use front::{Distance, Mark, best_at_budget, distance, fewest_at_accuracy, front};
pub use many::{Archive, Entry};
pub use points::{Conflict, MethodFront, Point, Status, conflicts, fronts, published};
