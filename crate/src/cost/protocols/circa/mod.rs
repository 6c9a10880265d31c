//! Circa on DELPHI: a ReLU is a comparison of a share with its low K bits dropped, and a product.
//!
//! The garbled circuit then holds l - K + 1 gates, l = 41 bits of DELPHI's field, where DELPHI's holds a whole ReLU;
//! what turns the sign into a share is fitted to the abstract's gain of storage, 4.7 times at most; the product takes a
//! Beaver triple. Seconds are DELPHI's by gates, labels and bytes. The sign is wrong at times: within a window of 2^K with a
//! probability of (2^K - |x|) / 2^K, outside with |x| / p. All figures are estimates: nobody's log has them.
//!
//! Version 2: the sign's conversion, which version 1 left out (8.1 times less storage than DELPHI, where the abstract has
//! 4.7), seconds as a range, and what version 2 of DELPHI changed.

mod constants;
mod price;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::cost::ask::{FaultMode, Knob};
use crate::cost::constant::Status;
use crate::cost::profile::Parameter;
use crate::cost::profile::Profile;
use crate::cost::protocols::delphi;
use crate::cost::trust::{ARCHITECTURE, OUTCOME, Trust};
use constants::{FIELD_BITS, GATE, LABEL, OFFLINE_BY_SIZE, ONLINE_BY_SIZE, PRIME, ROUNDS, WIRE};
use price::price_circa;

/// How often the sign of a ReLU is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Faults {
    /// Low bits that the comparison leaves out.
    pub bits_dropped: u32,
    /// Bits of the field.
    pub field_bits: u32,
    /// Which side errs inside the window.
    pub mode: FaultMode,
    /// 2^bits_dropped, in units of the last place of the fixed-point numbers: where signs are unsure.
    pub window: f64,
    /// Mean probability over the window; (window - |x|) / window at x.
    pub inside: f64,
    /// Probability per unit of |x| outside: 1 / p.
    pub outside_per_unit: f64,
}

impl Faults {
    pub(in crate::cost) fn of(profile: &Profile, mode: FaultMode) -> Option<Self> {
        let bits_dropped = profile.parameter.filter(|_| profile.family == "circa")?.value;
        Some(Self {
            bits_dropped,
            field_bits: FIELD_BITS,
            mode,
            window: f64::from(bits_dropped).exp2(),
            inside: 0.5,
            outside_per_unit: 1.0 / PRIME,
        })
    }
}

const fn profile(id: &'static str, variant: &'static str, bits: u32) -> Profile {
    Profile {
        id,
        family: "circa",
        variant,
        version: 2,
        title: "Circa on DELPHI: stochastic ReLUs, low bits dropped",
        parties: 2,
        leaves_out: "An estimate throughout, but for DELPHI's linear layers. The circuit's size is fitted to the abstract (storage up to 4.7 times less than DELPHI's); of more than 12 bits dropped no further gain is taken. Seconds are DELPHI's by the size of the circuit. Signs are wrong at times: the probability is given, its effect on accuracy is not. Keys and base OTs are set-up, apart.",
        has_compute: true,
        has_ring: false,
        has_storage: true,
        has_setup: true,
        work: &[
            ("convolution, fully connected: as DELPHI", Status::Validated),
            ("ReLU, max-pool", Status::Estimate),
            ("ReLU6, LeakyReLU, HardSwish", Status::Estimate),
            ("GELU, sigmoid, softmax, norms", Status::NotSupported),
        ],
        layer_overhead: delphi::SERVER_GARBLER.layer_overhead,
        levels: None,
        constants: || {
            [&GATE, &LABEL, &WIRE, &ROUNDS, &OFFLINE_BY_SIZE, &ONLINE_BY_SIZE]
                .into_iter()
                .chain((delphi::SERVER_GARBLER.constants)())
                .collect()
        },
        price: price_circa,
        knobs: &[Knob::HeThreads, Knob::GcThreads, Knob::Faults, Knob::Inferences],
        machines: &[],
        parameter: Some(Parameter { name: "bits dropped", value: bits, most: MOST }),
        trust: &TRUST,
        cores: Some(1),
        uncounted: None,
        opened: None,
    }
}

macro_rules! family {
    ($($bits:literal)*) => {
        /// One profile for each number of dropped bits, from 0.
        pub(in crate::cost) static CIRCA: &[Profile] =
            &[$(profile(concat!("circa:", $bits), stringify!($bits), $bits)),*];
    };
}

family! { 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 }

/// The largest number of dropped bits.
const MOST: usize = 40;

/// The one that lists show.
pub(in crate::cost) static LISTED: &Profile = &CIRCA[12];

static TRUST: Trust = Trust {
    leaks: &[
        ARCHITECTURE,
        OUTCOME,
        "a result that wrong signs changed is that of another network: what it tells was not studied",
    ],
    ..delphi::TRUST
};
