//! What is asked of a cost: the terms of the protocol, and what becomes of the network's activations.
//!
//! The two are apart because they answer different questions. What a ReLU costs, or a row that was typed in, depends on
//! the terms alone; a plan belongs to one network. [`SETTINGS`] has one row for each setting, and everything that reads
//! or writes one follows from it: JSON, links, the command line, the page's menu.
//!
//! | file | what |
//! |---|---|
//! | terms | protocols, link, threads, machines, widths |
//! | activations | which activations stay, and what the others become |
//! | value | one value of a setting, and which are allowed |
//! | table | a row for each setting |
//! | json | settings as an object |

mod activations;
#[cfg(test)]
mod contract;
mod json;
mod table;
mod terms;
mod value;

pub use activations::{Activations, Replacement};
pub use activations::{Keep, Stay};
pub(super) use table::check;
pub use table::{Draft, Of, SETTINGS, Setting, SettingView};
pub use terms::{Adder, FaultMode, Knob, Line, Machine, Norms, Ot, Terms, Window};
pub use value::Kind;

/// Everything that an estimate depends on besides the network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ask {
    /// Of the protocol and the parties.
    pub terms: Terms,
    /// Of the network.
    pub activations: Activations,
}

impl From<Terms> for Ask {
    /// The network as it is.
    fn from(terms: Terms) -> Self {
        Self { terms, activations: Activations::Keep }
    }
}
