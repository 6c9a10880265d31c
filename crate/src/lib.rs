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
//! | infer | ir, onnx, poly, executor |
//! | open | onnx, ir, design, infer |
//! | executor, pareto, poly | nothing: plain structs |
//! | select | ir, count, poly |
//! | rewrite | onnx, ir, select, poly |
//! | bench | onnx, ir, open, count, cost, infer, poly, select, rewrite |
//! | api | all |
//! | wasm, bin | api only |

pub mod api;
#[cfg(all(feature = "all", feature = "run"))]
mod bench;
mod cost;
mod count;
mod csv;
mod design;
mod error;
#[cfg(any(feature = "execute", all(feature = "lower", feature = "wasm")))]
#[cfg_attr(not(all(feature = "lower", feature = "execute")), allow(dead_code))]
// a package has one side of it
mod executor;
#[cfg(feature = "run")]
mod infer;
mod ir;
// Some bound what a package leaves out.
#[cfg_attr(not(all(feature = "all", feature = "run")), allow(dead_code))]
mod limits;
mod names;
mod onnx;
mod open;
mod pareto;
#[cfg(feature = "all")]
mod poly;
#[cfg(feature = "all")]
#[cfg_attr(not(feature = "run"), allow(dead_code, unused_imports))] // plans are made by running
mod rewrite;
#[cfg(feature = "all")]
#[cfg_attr(not(feature = "run"), allow(dead_code, unused_imports))] // plans are made by running
mod select;
mod share;
#[cfg(feature = "wasm")]
mod wasm;
