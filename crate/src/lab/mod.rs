//! Small demonstrations of what papers of the field rest on: plain numbers in, plain numbers out.
//!
//! | file | what |
//! |---|---|
//! | gates | the patterns that gates on points in the plane or in space can take, with their Gaussian measure |
//! | convex | networks of gated ReLUs as a convex programme: from the neural tangent kernel to its optimum |
//! | ascent | climbing a function whose gradient is taken through a copy with another slope |
//!
//! | file | may import |
//! |---|---|
//! | gates, ascent | nothing |
//! | convex | gates |

mod ascent;
mod convex;
mod gates;
#[cfg(test)]
mod tests;

pub use ascent::{Ascent, ascent};
pub use convex::{Certificate, Convex, convex};
