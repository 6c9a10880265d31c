//! Counts per node as typed vectors.

mod row;

pub use row::{Activation, Conv, Kind, Row, Work};
