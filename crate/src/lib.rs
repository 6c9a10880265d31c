//! The core of Reluctant: what a network costs in private inference.
//!
//! A model is opened without its weights (`onnx`), resolved into a graph whose values have
//! shapes (`ir`), counted (`count`), and priced (`cost`). `api` joins them into verbs; the wasm
//! face and the command line call nothing else.
//!
//! | module | may import |
//! |---|---|
//! | csv, error, limits, names | nothing; free for all |
//! | onnx | nothing |
//! | ir | onnx (in `ir/import` only) |
//! | count | ir |
//! | cost, share | count's plain rows |
//! | design | ir, onnx |
//! | run | ir, onnx, poly, engines |
//! | open | onnx, ir, design, run |
//! | engines, pareto, poly | nothing: plain structs |
//! | select | ir, count, poly |
//! | rewrite | onnx, ir, select, poly |
//! | bench | onnx, ir, open, count, cost, run, poly, select, rewrite |
//! | api | all |
//! | wasm, bin | api only |

pub mod api;
mod bench;
mod cost;
mod count;
mod csv;
mod design;
mod engines;
mod error;
mod ir;
mod limits;
mod names;
mod onnx;
mod open;
mod pareto;
mod poly;
mod rewrite;
mod run;
mod select;
mod share;
#[cfg(feature = "wasm")]
mod wasm;
