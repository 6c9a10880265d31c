//! One file per protocol. A file holds data only: constants with provenance, what the protocol
//! leaves out, how well each kind of work is known. The formulas that use them are in `price/`.
//!
//! Why Rust tables and not JSON: the compiler checks every name that a formula uses, the page
//! needs no parser (nothing is read at start), and a row reads like a row of a table anyway.

pub(super) mod aby3;
#[cfg(feature = "all")]
pub(super) mod cheetah;
#[cfg(feature = "all")]
pub(super) mod cheetah_spu;
#[cfg(feature = "all")]
pub(super) mod circa;
#[cfg(feature = "all")]
pub(super) mod ckks;
#[cfg(feature = "all")]
pub(super) mod crypten;
pub(super) mod delphi;
#[cfg(feature = "all")]
pub(super) mod sci_ot;
pub(super) mod semi2k;
mod sharing;

use serde::Serialize;

use super::constant::{Constant, ConstantView, Status};
#[cfg(feature = "all")]
use super::levels::Levels;
use super::settings::{Knob, Machine, Settings};
use super::term::{Context, Job, Priced, Term};
use crate::error::Result;
pub(super) use sharing::{Linear, Sharing, Step};

/// A protocol that can be priced.
pub struct Profile {
    /// Id on the command line and in links: `delphi:server-garbler`.
    pub id: &'static str,
    /// Family: `delphi`.
    pub family: &'static str,
    /// Variant in the family; empty where there is one only.
    pub variant: &'static str,
    /// Version of constants and formulas; every export carries it.
    pub version: u32,
    /// Name for people.
    pub title: &'static str,
    /// Parties that compute.
    pub parties: u32,
    /// What every figure of this profile leaves out.
    pub leaves_out: &'static str,
    /// It has compute times; else seconds are null and only link time is known.
    pub has_compute: bool,
    /// The ring width can be chosen.
    pub has_ring: bool,
    /// What the client keeps between the phases is known.
    pub has_storage: bool,
    /// How well each kind of work is known, at 64 bits.
    pub work: &'static [(&'static str, Status)],
    /// The settings that it heeds, link and activations apart.
    pub knobs: &'static [Knob],
    /// The machines that it has times of, where it has several.
    pub machines: &'static [Machine],
    /// The number in an id such as `circa:12`; 0 where there is none.
    pub(super) parameter: u32,
    /// Overhead of whole homomorphic layers side by side, on two threads and on more.
    pub(super) layer_overhead: Option<[&'static Constant; 2]>,
    /// What operations take of a ciphertext's levels, where it has them.
    #[cfg(feature = "all")]
    pub(super) levels: Option<&'static Levels>,
    pub(super) constants: fn() -> Vec<&'static Constant>,
    pub(super) price: fn(Job<'_>, Context<'_>, &mut Vec<Term>) -> Priced,
}

/// A profile as `reluctant protocols` and the page list it.
#[derive(Clone, Debug, Serialize)]
pub struct ProfileView {
    /// Id.
    pub id: &'static str,
    /// Family.
    pub family: &'static str,
    /// Variant.
    pub variant: &'static str,
    /// Version.
    pub version: u32,
    /// Name for people.
    pub title: &'static str,
    /// Parties.
    pub parties: u32,
    /// What figures leave out.
    pub leaves_out: &'static str,
    /// It has compute times.
    pub has_compute: bool,
    /// The ring width can be chosen.
    pub has_ring: bool,
    /// The settings that it heeds, link and activations apart.
    pub knobs: &'static [Knob],
    /// The machines that can be chosen.
    pub machines: &'static [Machine],
    /// The number in its id, where any other gives a profile too.
    #[cfg(feature = "all")]
    pub parameter: Option<circa::Parameter>,
    /// Status per kind of work.
    pub work: Vec<(&'static str, Status)>,
    /// Every constant.
    pub constants: Vec<ConstantView>,
}

impl Profile {
    /// The profile with its constants at the chosen ring.
    pub fn view(&self, settings: &Settings) -> Result<ProfileView> {
        let column = settings.column()?;
        Ok(ProfileView {
            id: self.id,
            family: self.family,
            variant: self.variant,
            version: self.version,
            title: self.title,
            parties: self.parties,
            leaves_out: self.leaves_out,
            has_compute: self.has_compute,
            has_ring: self.has_ring,
            knobs: self.knobs,
            machines: self.machines,
            #[cfg(feature = "all")]
            parameter: circa::Parameter::of(self),
            work: self.work.to_vec(),
            constants: (self.constants)().into_iter().map(|c| c.view(column)).collect(),
        })
    }
}

/// Every protocol, in the order of the page; of a family with a number, one.
pub fn profiles() -> &'static [&'static Profile] {
    static ALL: &[&Profile] = &[
        &delphi::SERVER_GARBLER,
        &delphi::CLIENT_GARBLER,
        #[cfg(feature = "all")]
        circa::LISTED,
        #[cfg(feature = "all")]
        &cheetah::PAPER,
        #[cfg(feature = "all")]
        &cheetah::WINDOW16,
        #[cfg(feature = "all")]
        &cheetah_spu::PRIVATE_WEIGHTS,
        #[cfg(feature = "all")]
        &cheetah_spu::SHARED_WEIGHTS,
        &semi2k::PROFILE,
        &aby3::PROFILE,
        #[cfg(feature = "all")]
        &crypten::PROFILE,
        #[cfg(feature = "all")]
        &sci_ot::PROFILE,
        #[cfg(feature = "all")]
        &ckks::CPU,
        #[cfg(feature = "all")]
        &ckks::OPENFHE_RUN,
        #[cfg(feature = "all")]
        &ckks::GPU,
    ];
    ALL
}

/// The profile of an id, listed or not.
pub(super) fn find(id: &str) -> Option<&'static Profile> {
    let listed = profiles().iter().copied().find(|profile| profile.id == id);
    #[cfg(feature = "all")]
    let listed = listed.or_else(|| circa::CIRCA.iter().find(|profile| profile.id == id));
    listed
}
