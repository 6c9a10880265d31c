//! What counted work costs in private inference: bytes, rounds, seconds, storage.
//!
//! Sees plain rows only ([`crate::count::Row`]), so typed-in numbers price like a model's. A
//! protocol is a data file in `profiles/` (constants with unit, range, source, status) and formulas
//! in `price/` that turn each piece of work into terms `constant x count`. One ledger of terms
//! feeds sums, shares and cards. Assumes sizes are resolved; never guesses: what has no formula is
//! null with a reason, and the total that misses it says so.
//!
//! Bytes and rounds are exact integers (128-bit sums, an error past 64 bits); seconds are f64.
//!
//! | file | what |
//! |---|---|
//! | constant, profiles/ | numbers with provenance, one file per protocol |
//! | price/ | formulas per kind of work |
//! | term, ledger, tally | terms, all terms of a network, their sums |
//! | link, settings | what a person chooses |
//! | calibrate/ | measurements in place of a profile's prices |
//! | path | rounds that rows share |
//! | keep | which activations stay where a share does |
//! | levels | levels of homomorphic ciphertexts, and where they are bootstrapped |
//! | estimate, explain, what_if | what comes out |

#[cfg(feature = "all")]
pub mod calibrate;
mod constant;
mod estimate;
mod explain;
#[cfg(feature = "all")]
mod keep;
mod ledger;
#[cfg(feature = "all")]
mod levels;
mod link;
mod path;
mod price;
mod profiles;
mod settings;
mod tally;
mod term;
#[cfg(test)]
mod tests;
#[cfg(feature = "all")]
mod what_if;

pub use constant::{ConstantView, Status};
pub use estimate::{
    ByKind, ByStatus, COST_SCHEMA, Estimate, NotSupported, Phase, Report, RowCost, Share, StatusShare,
    Unpriced, estimate,
};
pub use explain::{CostCard, explain};
#[cfg(feature = "all")]
pub use keep::{Granularity, Keep, Stay};
#[cfg(feature = "all")]
pub use levels::Homomorphic;
pub use link::{LINKS, Link};
#[cfg(feature = "all")]
pub use profiles::circa::Faults;
pub use profiles::{Profile, ProfileView, profiles};
pub use settings::{ActivationPlan, Machine, Settings, SettingsView};
#[cfg(feature = "all")]
pub use settings::{FaultMode, Ot};

#[cfg(feature = "all")]
pub use what_if::{Change, Difference, Effect, what_if};

use crate::error::{Code, Error, Result};

/// The profile of an id such as `delphi:server-garbler`.
pub fn profile(id: &str) -> Result<&'static Profile> {
    profiles::find(id).ok_or_else(|| {
        let known: Vec<&str> = profiles().iter().map(|profile| profile.id).collect();
        Error::new(Code::InvalidSetting, format!("no protocol is called {id}"))
            .hint(format!("one of {}", known.join(", ")))
    })
}
