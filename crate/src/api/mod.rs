//! Verbs: plain structs in, plain structs out. The two faces (wasm, command line) and the tests import this only.

#[cfg(test)]
mod activation_tests;
mod calibrate;
mod columns;
mod cost;
mod cost_table;
mod fixed;
mod link_calibration;
mod link_settings;
mod masks;
mod model;
mod pareto;
mod plan;
mod poly;
mod probe;
mod replace;
mod report;
mod run;
mod run_report;
mod score;
mod shapes;
mod share;
mod sweep;
mod table;
mod what_if;

pub use crate::bench::{
    Arrays, Bins, BudgetUnit, ClassChange, Compared, CostChange, CostLine, Curve, DegreeError, Figures,
    Growth, LayerView, LayerWish, Operations, OwnFile, Planned, ReplaceLayer, ReplaceSettings, SideBySide,
};
pub use crate::count::{Activation, Conv, Kind, Row, Work};
pub use crate::design::{Example, examples};
pub use crate::engines::cpu;
#[cfg(all(feature = "wasm", not(feature = "cpu")))]
pub use crate::engines::cpu::remote::opens_cpu;
pub use crate::error::{Code, Error, Place, Result};
#[cfg(all(feature = "wasm", not(feature = "execute")))]
pub use crate::executor::remote::opens_gpu;
#[cfg(all(feature = "execute", feature = "wasm"))]
pub use crate::executor::{Executor, Gpu, run::Loaded, wire};
pub use crate::infer::ring::{Settings as FixedSettings, Truncation};
pub use crate::infer::{
    accuracy::{Accuracy, Guess, wilson},
    session::{About, ready},
    tensor::{Data, Tensor},
};
pub use crate::limits::MAX_FILES;
pub use crate::onnx::{LocalFile, Present, Progress, ReadAt};
pub use crate::onnx::{Piece, Spliced, SplicedFile};
pub use crate::open::{EngineKind, Given, RunOptions};
pub use crate::open::{NamedFile, Settings, model_among};
pub use crate::pareto::{Mark, best_at_budget, fewest_at_accuracy, front};
pub use crate::rewrite::{PLAN_SCHEMA, Plan, PlanLayer, PlanMask};
pub use calibrate::{
    CALIBRATED, CalibrateSettings, Calibrated, CalibrationReport, Coefficient, FitView, Measurement,
    OwnProfile, PROFILE_SCHEMA, Point, Provenance, Quantity, Rest, Skipped, When, calibrate, calibration,
    open_profile,
};
pub use cost::*;
pub use cost_table::{COST_FIELDS, CostTable, cost_table_of};
pub use fixed::*;
pub use link_settings::{ProfileChange, Sent};
pub use masks::plan_npz;
pub use model::{Model, Scored};
pub use pareto::{
    Axis, OwnPlaced, OwnPoint, ParetoReport, ParetoSettings, Placed, Published, ReluPrice, pareto_report,
    published, relu_price,
};
pub use poly::*;
pub use probe::Probe;
pub use replace::{BenchInfo, BenchLayer, MeasuredPlan, ReplaceReport, Workbench};
pub use run::*;
pub use run_report::*;
pub use score::*;
pub use shapes::{Shapes, TypeView, ValueShape, shapes};
pub use share::{LinkDocument, LinkState, LinkView, Opened, open_link};
pub use sweep::{SWEEP_COLUMNS, SweepPoint};
pub use table::{csv, shape_text};
pub use what_if::*;
