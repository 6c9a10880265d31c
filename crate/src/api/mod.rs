//! Verbs: plain structs in, plain structs out. The two faces (wasm, command line) and the tests import this only.

#[cfg(all(test, feature = "all", feature = "cpu"))]
mod activation_tests;
#[cfg(feature = "all")]
mod calibrate;
mod columns;
mod cost;
mod cost_table;
#[cfg(feature = "cpu")]
mod fixed;
#[cfg(feature = "all")]
mod link_calibration;
mod link_settings;
#[cfg(all(feature = "all", feature = "run"))]
mod masks;
mod model;
mod pareto;
#[cfg(feature = "all")]
mod plan;
#[cfg(feature = "all")]
mod poly;
#[cfg(feature = "run")]
mod probe;
#[cfg(all(feature = "all", feature = "run"))]
mod replace;
mod report;
#[cfg(feature = "run")]
mod run;
#[cfg(feature = "run")]
mod run_report;
mod score;
mod shapes;
mod share;
#[cfg(all(feature = "all", feature = "run"))]
mod sweep;
mod table;
#[cfg(feature = "all")]
mod what_if;

#[cfg(all(feature = "all", feature = "run"))]
pub use crate::bench::{
    Arrays, Bins, BudgetUnit, ClassChange, Compared, CostChange, CostLine, Curve, DegreeError, Figures,
    Growth, LayerView, LayerWish, Operations, OwnFile, Planned, ReplaceLayer, ReplaceSettings, SideBySide,
};
pub use crate::count::{Activation, Conv, Kind, Row, Work};
pub use crate::design::{Example, examples};
pub use crate::error::{Code, Error, Place, Result};
#[cfg(all(feature = "lower", feature = "wasm", not(feature = "execute")))]
pub use crate::executor::remote::opens_gpu;
#[cfg(all(feature = "execute", feature = "wasm"))]
pub use crate::executor::{Executor, Gpu, run::Loaded, wire};
#[cfg(feature = "cpu")]
pub use crate::infer::ring::{Settings as FixedSettings, Truncation};
#[cfg(feature = "run")]
pub use crate::infer::{
    accuracy::{Accuracy, Guess, wilson},
    session::{About, ready},
    tensor::{Data, Tensor},
};
pub use crate::limits::MAX_FILES;
pub use crate::onnx::{LocalFile, Present, Progress, ReadAt};
#[cfg(feature = "all")]
pub use crate::onnx::{Piece, Spliced, SplicedFile};
#[cfg(feature = "run")]
pub use crate::open::{EngineKind, Given, RunOptions};
pub use crate::open::{NamedFile, Settings, model_among};
pub use crate::pareto::{Mark, best_at_budget, fewest_at_accuracy, front};
#[cfg(feature = "all")]
pub use crate::rewrite::{PLAN_SCHEMA, Plan, PlanLayer, PlanMask};
#[cfg(feature = "all")]
pub use calibrate::{
    CALIBRATED, CalibrateSettings, Calibrated, CalibrationReport, Coefficient, FitView, Measurement,
    OwnProfile, PROFILE_SCHEMA, Point, Provenance, Quantity, Rest, Skipped, When, calibrate, calibration,
    open_profile,
};
pub use cost::*;
pub use cost_table::{COST_FIELDS, CostTable, cost_table_of};
#[cfg(feature = "cpu")]
pub use fixed::*;
pub use link_settings::{ProfileChange, Sent};
#[cfg(all(feature = "all", feature = "run"))]
pub use masks::plan_npz;
pub use model::{Model, Scored};
pub use pareto::{
    Axis, OwnPlaced, OwnPoint, ParetoReport, ParetoSettings, Placed, Published, ReluPrice, pareto_report,
    published, relu_price,
};
#[cfg(feature = "all")]
pub use poly::*;
#[cfg(feature = "run")]
pub use probe::Probe;
#[cfg(all(feature = "all", feature = "run"))]
pub use replace::{BenchInfo, BenchLayer, MeasuredPlan, ReplaceReport, Workbench};
#[cfg(feature = "run")]
pub use run::*;
#[cfg(feature = "run")]
pub use run_report::*;
pub use score::*;
pub use shapes::{Shapes, TypeView, ValueShape, shapes};
pub use share::{LinkDocument, LinkState, LinkView, Opened, open_link};
#[cfg(all(feature = "all", feature = "run"))]
pub use sweep::{SWEEP_COLUMNS, SweepPoint};
pub use table::{csv, shape_text};
#[cfg(feature = "all")]
pub use what_if::*;
