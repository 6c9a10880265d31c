//! Private inference by two parties and a dealer, run for real: additive shares modulo 2^64 or 2^32, triples, and a wire that
//! counts every byte. What SEMI2K prices, this sends.
//!
//! Not hardened: it follows the protocol against parties that follow it too, and keeps no secret from the machine that it
//! runs on. Knows no models and no costs: a network is a list of layers with sizes.
//!
//! A [`party::Party`] is a state machine. It takes messages and gives messages; whoever holds the wire decides when.
//! [`together::run`] does so in one thread.
//!
//! | module | may import |
//! |---|---|
//! | fault | nothing; free for all |
//! | ring | nothing |
//! | random | ring |
//! | wire, maximum | nothing |
//! | net, adder | ring |
//! | bytes, matrix | net |
//! | material | ring, random, wire, net, adder, matrix, maximum |
//! | port | wire |
//! | protocol | ring, random, wire, net, adder, matrix, material, port |
//! | layers | ring, wire, net, matrix, maximum, protocol |
//! | party | ring, random, wire, net, port, protocol, layers |
//! | together | random, wire, net, material, party |
//! | wasm | all |

pub mod adder;
pub mod bytes;
mod fault;
mod layers;
pub mod material;
mod matrix;
mod maximum;
pub mod net;
pub mod party;
mod port;
mod protocol;
pub mod random;
pub mod ring;
#[cfg(test)]
mod tests;
pub mod together;
#[cfg(feature = "wasm")]
mod wasm;
pub mod wire;

pub use fault::{Fault, Result};
