//! What a protocol is to the rest: its names, how well it is known, its formulas.
//!
//! Why Rust tables and not JSON: the compiler checks every name that a formula uses, the page
//! needs no parser (nothing is read at start), and a row reads like a row of a table anyway.

use serde::Serialize;

use super::ask::{Knob, Machine, Ot, Terms};
use super::constant::{Constant, ConstantView, Status};
use super::job::Job;
use super::levels::Levels;
use super::term::{Context, Priced, Term};
use super::trust::Trust;

/// The number in the id of a family's profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Parameter {
    /// What it counts.
    pub name: &'static str,
    /// Of this profile.
    pub value: u32,
    /// The largest; the smallest is 0.
    pub most: usize,
}

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
    /// What is sent once (keys, base OTs) is known, or a bound of it.
    pub has_setup: bool,
    /// How well each kind of work is known, at 64 bits.
    pub work: &'static [(&'static str, Status)],
    /// The settings that it heeds, link and activations apart.
    pub knobs: &'static [Knob],
    /// The machines that it has times of, where it has several.
    pub machines: &'static [Machine],
    /// The number in an id such as `circa:12`.
    pub parameter: Option<Parameter>,
    /// Whom it trusts with what.
    pub trust: &'static Trust,
    /// Cores that were busy for a second of compute, where threads can be set on one; None where it has no times, or
    /// not a processor's.
    pub cores: Option<u32>,
    /// Traffic of each inference that no figure holds, in words.
    pub uncounted: Option<&'static str>,
    /// Ring elements on the wire when one value is opened to all; None where nobody counted it.
    pub(super) opened: Option<u64>,
    /// Overhead of whole homomorphic layers side by side, on two threads and on more.
    pub(super) layer_overhead: Option<[&'static Constant; 2]>,
    /// What operations take of a ciphertext's levels, where it has them.
    pub(super) levels: Option<&'static Levels>,
    pub(super) constants: fn() -> Vec<&'static Constant>,
    pub(super) price: fn(Job<'_>, Context<'_>, &mut Vec<Term>) -> Priced,
}

/// A profile as `reluctant protocols` and the page list it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Protocol"))]
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
    /// The same where there is little room: what follows explains it.
    pub short: &'static str,
    /// Name of the family.
    pub family_title: &'static str,
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
    pub parameter: Option<Parameter>,
    /// Why outputs of convolutions that a plan drops save nothing under it; None where they do.
    pub keeps_outputs: Option<&'static str>,
    /// Whom it trusts with what.
    pub trust: &'static Trust,
    /// Status per kind of work.
    pub work: Vec<(&'static str, Status)>,
    /// Every constant.
    pub constants: Vec<ConstantView>,
}

impl Profile {
    /// Compute times are known under these terms. SPU was timed on rings of 64 bits and over Ferret.
    pub(super) fn is_timed(&self, terms: &Terms) -> bool {
        let ring = !self.has_ring || terms.ring_bits == 64;
        let ot = !self.knobs.contains(&Knob::Ot) || terms.ot == Ot::Ferret;
        self.has_compute && ring && ot
    }

    /// Why the outputs of convolutions that a plan drops save nothing here; None where they do.
    pub fn keeps_outputs(&self) -> Option<&'static str> {
        match self.family {
            "cheetah" | "ckks" => Some("a ciphertext holds all places of a map, wanted or not"),
            "delphi" | "circa" => {
                Some("linear layers are done beforehand on ciphertexts that hold all places of a map")
            }
            "crypten" => Some("it opens the whole input of a convolution, however few outputs are wanted"),
            _ => None,
        }
    }

    /// The title up to its colon.
    fn short(&self) -> &'static str {
        self.title.split_once(':').map_or(self.title, |(short, _)| short)
    }

    /// What the titles of the family begin with.
    fn family_title(&self) -> &'static str {
        match self.family {
            "aby3" => "ABY3",
            "cheetah" => "Cheetah",
            "circa" => "Circa",
            "ckks" => "CKKS",
            "crypten" => "CrypTen",
            "delphi" => "DELPHI",
            "fss" => "Function secret sharing",
            "quad" => "Quad",
            "sci-ot" => "CrypTFlow2",
            "semi2k" => "SEMI2K",
            "trio" => "Trio",
            other => other,
        }
    }

    /// The profile with its constants in a column of the ring.
    pub fn view(&self, column: usize) -> ProfileView {
        ProfileView {
            id: self.id,
            family: self.family,
            variant: self.variant,
            version: self.version,
            title: self.title,
            short: self.short(),
            family_title: self.family_title(),
            parties: self.parties,
            leaves_out: self.leaves_out,
            has_compute: self.has_compute,
            has_ring: self.has_ring,
            knobs: self.knobs,
            machines: self.machines,
            parameter: self.parameter,
            keeps_outputs: self.keeps_outputs(),
            trust: self.trust,
            work: self.work.to_vec(),
            constants: (self.constants)().into_iter().map(|c| c.view(column)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cost::profiles;

    #[test]
    fn every_family_has_a_title_that_its_profiles_begin_with() {
        for profile in profiles() {
            let (family, short) = (profile.family_title(), profile.short());
            assert!(profile.title.starts_with(family), "{}: {family}", profile.title);
            assert!(profile.title.starts_with(short) && !short.contains(':'), "{short}");
        }
    }
}
