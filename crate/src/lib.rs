//! The core of Reluctant: what a network costs in private inference.
//!
//! A model is opened without its weights (`onnx`), resolved into a graph whose values have
//! shapes (`ir`), counted (`count`), and priced (`cost`). `api` joins them into verbs; the wasm
//! face and the command line call nothing else.
//!
//! ```
//! use reluctant::api::{Ask, Model, Settings};
//!
//! // Or `Model::open` with a file; weights stay in it.
//! let model = Model::example("resnet18-cifar100")?;
//! let scored = model.score(&Settings::default())?;
//! assert_eq!(scored.score.totals.relu.elements, 557_056);
//!
//! let ask: Ask = serde_json::from_str(r#"{ "protocols": ["semi2k"], "link": "lan" }"#).expect("settings");
//! let report = scored.cost(&ask)?;
//! assert_eq!(report.estimates[0].protocol, "semi2k");
//! assert!(report.estimates[0].bytes_total > 300_000_000);
//! # Ok::<(), reluctant::api::Error>(())
//! ```
//!
//! | module | may import |
//! |---|---|
//! | csv, error, limits, names | nothing; free for all |
//! | onnx | nothing |
//! | ir | onnx (in `ir/import` only) |
//! | count | ir |
//! | cost, share | count's plain rows |
//! | design | ir, onnx, count's plain rows |
//! | run | ir, onnx, poly |
//! | open | onnx, ir, design, run |
//! | lab, pareto, poly | nothing: plain structs |
//! | select | ir, count, poly |
//! | rewrite | onnx, ir, select, poly |
//! | mpc | ir, run |
//! | train | onnx, ir, open, count, design, run, select, rewrite |
//! | bench | onnx, ir, open, count, cost, run, poly, select, rewrite |
//! | api | all |
//! | wasm, bin | api only |

pub mod api;
mod bench;
mod cost;
mod count;
mod csv;
mod design;
mod error;
mod ir;
mod lab;
mod limits;
mod mpc;
mod names;
mod onnx;
mod open;
mod pareto;
mod poly;
mod rewrite;
mod run;
mod select;
mod share;
mod train;
#[cfg(feature = "web")]
mod wasm;

/// What runs models and knows none of ours: bytes or listings in, arrays out. Each has a face that two implementations
/// share: the library in this process, and the one of another wasm package, reached through JavaScript. What prepares a
/// model for an engine, and reads its faults, is in `run`.
mod engines {
    pub use reluctant_cpu::{self as cpu, clock};
    pub use reluctant_gpu as gpu;
}
