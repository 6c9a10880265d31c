//! What counted work costs in private inference: bytes, rounds, seconds, storage.
//!
//! Sees plain rows only ([`crate::count::Row`]), so typed-in numbers price like a model's. A
//! protocol is a folder in `protocols/`: constants with unit, range, source and status, and formulas
//! that turn each piece of work into terms `constant x count`. One ledger of terms
//! feeds sums, shares and cards. Assumes sizes are resolved; never guesses: what has no formula is
//! null with a reason, and the total that misses it says so.
//!
//! Bytes and rounds are exact integers (128-bit sums, an error past 64 bits); seconds are f64.
//!
//! | file | what |
//! |---|---|
//! | constant, job | numbers with provenance; what is priced |
//! | ask/ | what a person chooses: terms, and what becomes of activations |
//! | link, levels/, keep | the line; levels of ciphertexts and where they are refreshed; which activations stay where a share does |
//! | cause, finding/ | what costs are for; what stands in the way, in data and in a sentence |
//! | norms | batch normalisations that later layers take in |
//! | term, formulas/ | a constant times a count; what prices of several protocols share |
//! | trust, profile, protocols/ | what a protocol assumes, and what it is; one folder each |
//! | calibrate/, tariff | measurements in place of a profile's prices; whose prices |
//! | ledger, tally, path | all terms of a network, their sums, rounds that rows share |
//! | money | what it costs at a person's own prices |
//! | report | what comes out |
//! | estimate, explain, exits, gated, what_if, advice | the questions |
//! | section | pieces of networks, which add up |
//! | opening | under which protocols a network opens |
//!
//! Lower lines import upper ones, as the table says that `tests/layering.rs` reads:
//!
//! | file | may import |
//! |---|---|
//! | constant, job, link, trust | nothing; free for all |
//! | formulas | term |
//! | levels | formulas |
//! | ask | calibrate |
//! | keep | ask, formulas |
//! | norms | nothing |
//! | term | ask, levels |
//! | cause | term |
//! | finding | cause, term |
//! | profile | ask, levels, term |
//! | protocols | ask, formulas, levels, profile, term |
//! | calibrate | ask, profile, protocols, term |
//! | tariff | ask, calibrate, profile, protocols, term |
//! | ledger | ask, cause, formulas, keep, levels, norms, profile, tariff, term |
//! | money | ask |
//! | report | ask, calibrate, finding, levels, money, protocols |
//! | tally | finding, ledger, report, term |
//! | path | tally |
//! | estimate | ask, cause, finding, ledger, money, path, protocols, report, tally, tariff, term |
//! | section | estimate, ledger, path, report, tally, tariff, term |
//! | exits | estimate, formulas, report, tariff |
//! | gated | exits, tariff |
//! | explain | estimate, ledger, report, tariff, term |
//! | what_if | ask, estimate, formulas, keep, report, tariff |
//! | advice | ask, estimate, keep, protocols, report, tariff, what_if |
//! | opening | ask, estimate, tariff |

mod advice;
mod ask;
pub mod calibrate;
mod cause;
mod constant;
mod estimate;
mod exits;
mod explain;
mod finding;
mod formulas;
mod gated;
mod job;
mod keep;
mod ledger;
mod levels;
mod link;
mod money;
mod norms;
mod opening;
mod path;
mod profile;
mod protocols;
mod report;
mod section;
mod tally;
mod tariff;
mod term;
#[cfg(test)]
mod tests;
mod trust;
mod what_if;

pub use advice::{Advised, Adviser, Delta};
pub use ask::{
    Activations, Adder, Ask, Draft, FaultMode, Keep, Line, Machine, Norms, Of, Ot, Replacement, SETTINGS,
    Setting, SettingView, Stay, Terms, Window,
};
pub use cause::Cause;
pub use constant::{ConstantView, Status, column_of};
pub use estimate::{Detail, cost_of, estimate};
pub use exits::{Branch, End, ExitCost, ExitHead, ExitPhase, Exits, behind, exits};
pub use explain::{CostCard, explain};
pub use finding::{CauseShare, Finding, Of as FindingOf, PhaseName};
pub use gated::{Gated, gated};
pub use keep::{Becomes, becomes, linear_of, planned_of};
pub use levels::{Homomorphic, Refreshes};
pub use link::{LINKS, Link};
pub use money::{Money, MoneyPart};
pub use opening::{Opening, opens_under};
pub use profile::{Profile, ProfileView};
pub use protocols::circa::Faults;
pub use protocols::{changes_since, profile, profiles};
pub use report::{
    ByKind, ByStatus, COST_SCHEMA, Estimate, NotSupported, Phase, Report, RowCost, SettingsView, Share,
    StatusShare, Unpriced,
};
pub use section::{Carry, SectionCost, Totals, section};
pub use tariff::{Pricing, Tariff};
pub use trust::{Adversary, Need, Trust, TrustModel, Trusted};
pub use what_if::{Change, Difference, Effect, what_if};
