//! Levels of homomorphic ciphertexts over the graph of rows, and where values are refreshed (bootstrapped).
//!
//! | file | what |
//! |---|---|
//! | scheme, step | what operations take; what a plan says of each |
//! | ops | a network's work as operations on ciphertexts |
//! | search | the plan of fewest seconds, or of fewest refreshes |
//! | greedy | the plan where too many values are alive at once to search |
//! | plan | which of them a network gets |

mod greedy;
mod ops;
mod plan;
mod scheme;
mod search;
mod step;
#[cfg(test)]
mod tests;

pub(super) use plan::{Plan, plan};
pub use scheme::Homomorphic;
pub(super) use scheme::Levels;
pub use step::Refreshes;
pub(super) use step::Step;
