//! Trains small networks, and which of their ReLUs stay.
//!
//! Layers with their gradients on `ndarray`'s arrays, optimisers, and the methods that reduce ReLUs. Knows no models of ours,
//! no files, no costs. Everything that goes on is a value that can be written as bytes and read again: a run that is
//! paused, or killed and restored, ends bit for bit as one that was not.
//!
//! | module | may import |
//! |---|---|
//! | random, real, wide | nothing; free for all |
//! | layers, cells, dapa, mcnemar | nothing |
//! | site | layers, dapa |
//! | net | layers, site |
//! | pass | layers, net |
//! | data | layers, net |
//! | shapes | data, net |
//! | evaluate | layers, net, pass, data |
//! | masks | layers, net, dapa, site |
//! | nested | net |
//! | resize | net |
//! | optimise | pass |
//! | fit | layers, net, pass, site, data, evaluate, optimise |
//! | run | layers, dapa, net, data, evaluate, masks, fit |
//! | methods | layers, dapa, masks, optimise, fit, run |
//! | enumerate | data, layers, net, pass, site |
//! | journal | data, methods, net, run |
//! | sets | data, net, shapes |
//! | check | layers, net, site |
//! | look | data, net, layers |
//! | climb | layers, net, pass |
//! | utilise | layers, net, pass, data |
//! | adjust | data, evaluate, fit, layers, methods, nested, net, resize, run, utilise |
//! | wasm | all |

pub mod adjust;
pub mod cells;
mod check;
pub mod climb;
pub mod dapa;
pub mod data;
pub mod enumerate;
mod evaluate;
pub mod fit;
pub mod journal;
pub mod layers;
pub mod look;
mod masks;
pub mod mcnemar;
pub mod methods;
mod nested;
pub mod net;
pub mod optimise;
pub mod pass;
pub mod random;
pub mod real;
pub mod resize;
pub mod run;
pub mod sets;
pub mod shapes;
pub mod site;
#[cfg(test)]
mod tests;
pub mod utilise;
#[cfg(feature = "wasm")]
mod wasm;
mod wide;

pub use masks::{Begin, Held};
