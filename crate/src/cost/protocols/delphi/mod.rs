//! DELPHI: homomorphic linear layers before the input is known, garbled circuits afterwards.
//!
//! The mc2-project/delphi code (41-bit prime, circuits of 42 bits and ReLU6, BFV with N = 8192) and
//! the logs of the ASPLOS'23 artifact (kvgarimella/cryptonite). Server-Garbler: the server garbles,
//! the client stores the circuits. Client-Garbler: the other way round; the client's labels then
//! come by OT online.
//!
//! Version 2: bytes are sent once, in the time of the link or in the logged one of one host, whichever is longer; products
//! have seconds; vectors that are there at once lie in a ciphertext side by side; the input and the result are counted
//! whichever layers have a price.

pub(in crate::cost) mod constants;
pub(in crate::cost) mod price;
#[cfg(test)]
mod tests;

use crate::cost::ask::{Knob, Machine};
use crate::cost::constant::Status;
use crate::cost::profile::Profile;
use crate::cost::trust::{
    ARCHITECTURE, Adversary, BOTH_FOLLOW, CLIENT_AND_SERVER, Need, OUTCOME, Trust, TrustModel,
};
use constants::{ALL, HE_OVERHEAD_2, HE_OVERHEAD_MANY};
use price::{price_client_garbler, price_server_garbler};

const WORK: &[(&str, Status)] = &[
    ("convolution, input of at most 8,192 pixels", Status::Validated),
    ("convolution, larger, grouped or transposed", Status::NotSupported),
    ("fully connected", Status::Estimate),
    ("ReLU, ReLU6", Status::Measured),
    ("x^2, products", Status::Estimate),
    ("max-pool", Status::Estimate),
    ("average pool", Status::Measured),
    ("attention, softmax, norms, other functions", Status::NotSupported),
];

const LEAVES_OUT: &str = "Keys (33 MB) and base OTs are set-up, apart. Offline messages go without waiting: no offline rounds. Links start from times logged on one host.";

/// Server-Garbler.
pub(in crate::cost) static SERVER_GARBLER: Profile = Profile {
    id: "delphi:server-garbler",
    family: "delphi",
    variant: "server-garbler",
    version: 2,
    title: "DELPHI, server garbles",
    parties: 2,
    leaves_out: LEAVES_OUT,
    has_compute: true,
    has_ring: false,
    has_storage: true,
    has_setup: true,
    work: WORK,
    layer_overhead: Some([&HE_OVERHEAD_2, &HE_OVERHEAD_MANY]),
    levels: None,
    constants: || ALL.to_vec(),
    price: price_server_garbler,
    knobs: &[Knob::HeThreads, Knob::GcThreads, Knob::Inferences],
    machines: &[Machine::Epyc, Machine::Atom],
    parameter: None,
    trust: &TRUST,
    cores: Some(1),
    uncounted: None,
    opened: None,
};

/// Client-Garbler.
pub(in crate::cost) static CLIENT_GARBLER: Profile = Profile {
    id: "delphi:client-garbler",
    family: "delphi",
    variant: "client-garbler",
    version: 2,
    title: "DELPHI, client garbles",
    parties: 2,
    leaves_out: LEAVES_OUT,
    has_compute: true,
    has_ring: false,
    has_storage: true,
    has_setup: true,
    work: WORK,
    layer_overhead: Some([&HE_OVERHEAD_2, &HE_OVERHEAD_MANY]),
    levels: None,
    constants: || ALL.to_vec(),
    price: price_client_garbler,
    knobs: &[Knob::HeThreads, Knob::GcThreads, Knob::Inferences],
    machines: &[Machine::Epyc, Machine::Atom],
    parameter: None,
    trust: &TRUST,
    cores: Some(1),
    uncounted: None,
    opened: None,
};

pub(in crate::cost) static TRUST: Trust = Trust {
    model: TrustModel::TwoParties,
    parties: CLIENT_AND_SERVER,
    adversary: Adversary::SemiHonest,
    corrupt: 1,
    trusted: &[BOTH_FOLLOW],
    leaks: &[ARCHITECTURE, OUTCOME],
    needs: &[
        "a phase before the input for each inference: ciphertexts and circuits, each used once",
        "room for the circuits until then: at the client where the server garbles, at the server where the client does",
        "the client's keys of BFV, sent once",
    ],
    requires: &[Need::Preprocessing, Need::Keys],
};
