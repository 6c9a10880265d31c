//! What a plan says of each piece of work.

use serde::Serialize;

/// What one piece of work meets.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::cost) struct Step {
    /// Level that it runs at: of what it reads, refreshed where it had to be, or dropped to.
    pub level: u32,
    /// Level of what it makes.
    pub leaves: u32,
    /// Elements of what it makes.
    pub makes: u128,
    /// Elements of each value that is refreshed for it.
    pub refreshes: Vec<u128>,
}

/// Steps of each row's work, in order.
pub(in crate::cost) type Steps = Vec<Vec<Step>>;

/// How often values are refreshed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Refreshes {
    /// In the plan: the one that takes the fewest seconds.
    pub planned: u64,
    /// The fewest that any plan gets by with; it may take longer.
    pub fewest: u64,
    /// The plan is the fastest there is. Else more values are alive at once than are searched over, and each is refreshed
    /// only when the next operation lacks levels.
    pub exact: bool,
}
