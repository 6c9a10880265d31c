//! One folder per protocol: `constants` holds data with provenance, `price` the formulas that use them, `mod` what it is, what it
//! leaves out and how well each kind of work is known, `tests` the runs and logs that it was read from.

pub(super) mod aby3;
mod changes;
mod cheetah;
mod cheetah_spu;
pub(super) mod circa;
mod ckks;
mod crypten;
pub(super) mod delphi;
mod fss;
mod quad;
mod sci_ot;
pub(super) mod semi2k;
pub(super) mod sharing;
mod spu;
mod trio;

use super::profile::Profile;
use crate::error::{Code, Error, Result};

/// Every protocol, in the order of the page; of a family with a number, one.
pub fn profiles() -> &'static [&'static Profile] {
    static ALL: &[&Profile] = &[
        &delphi::SERVER_GARBLER,
        &delphi::CLIENT_GARBLER,
        circa::LISTED,
        &cheetah::PAPER,
        &cheetah::WINDOW16,
        &cheetah_spu::PRIVATE_WEIGHTS,
        &cheetah_spu::SHARED_WEIGHTS,
        &semi2k::PROFILE,
        &aby3::PROFILE,
        &trio::PROFILE,
        &quad::PROFILE,
        &fss::PROFILE,
        &crypten::PROFILE,
        &sci_ot::PROFILE,
        &ckks::CPU,
        &ckks::OPENFHE_RUN,
        &ckks::GPU,
    ];
    ALL
}

/// What changed in a profile after a version; nothing for an id that is none.
pub fn changes_since(id: &str, was: u32) -> Vec<&'static str> {
    find(id).map_or_else(Vec::new, |profile| changes::since(profile.family, was))
}

/// The profile of an id, listed or not.
fn find(id: &str) -> Option<&'static Profile> {
    let listed = profiles().iter().copied().find(|profile| profile.id == id);
    listed.or_else(|| circa::CIRCA.iter().find(|profile| profile.id == id))
}

/// The profile of an id such as `delphi:server-garbler`.
///
/// # Errors
/// `InvalidSetting` for an id that is none.
pub fn profile(id: &str) -> Result<&'static Profile> {
    find(id).ok_or_else(|| {
        let known: Vec<&str> = profiles().iter().map(|profile| profile.id).collect();
        Error::new(Code::InvalidSetting, format!("no protocol is called {id}"))
            .hint(format!("one of {}", known.join(", ")))
    })
}
