//! Which activations stay, under a budget.
//!
//! A network is a list of [`Site`]s (activation layers), a budget is a whole number of cost units
//! (ReLUs, bytes, nanoseconds), and what is known of the sites comes in as plain arrays
//! ([`Evidence`]). A [`Policy`] orders the units of a [`Granularity`]; [`select`] keeps them in that
//! order while the budget lasts, or, where whole layers or stages are chosen, solves the choice
//! exactly. Never exceeds a budget; the same input and seed give the same answer everywhere.
//!
//! | file | what |
//! |---|---|
//! | activations | the activations of a graph that can be replaced |
//! | site | sites, granularity, masks |
//! | policy | what is kept first |
//! | choose | budget, order, masks |
//! | fill | the best first, while the budget lasts |
//! | knapsack | exact choice among options; the front of the relaxed problem |
//! | descent | block coordinate descent: remove what hurts least, by evaluation |
//! | drops | linear outputs that an activation alone needs |
//! | nested | one random map for all layers |
//! | published | ratios per layer that SENet published |
//! | random | seeded numbers |

mod activations;
mod choose;
mod descent;
mod drops;
mod fill;
mod knapsack;
mod nested;
mod policy;
mod published;
mod random;
mod site;
#[cfg(test)]
mod tests;

pub use activations::{Activation, Dropped, activations};
pub use choose::{Selection, select};
pub use descent::{Descent, descend};
pub use drops::drops;
#[cfg(test)]
use knapsack::{Choice, relaxed_front, solve};
pub use policy::{Evidence, Policy, Problem, criticality_order};
pub use published::senet_ratios;
pub use site::{Mask, Site};

pub use crate::count::Granularity;
