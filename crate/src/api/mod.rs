//! Verbs: plain structs in, plain structs out. The two faces (wasm, command line) and the tests import this only.
//!
//! What is public is named here, one by one. Lower lines import upper ones, as the table says that
//! `tests/layering` reads:
//!
//! | file | may import |
//! |---|---|
//! | score | nothing; free for all |
//! | calibrate, clean, lab, masks, pairs, pareto, plan, poly, presets, prices, probe | nothing |
//! | explore | prices |
//! | shapes | nothing |
//! | model | nothing |
//! | tied | nothing |
//! | advice, cells, columns, cost, cost_table, design, exits, gated, report, what_if | model |
//! | claims | presets |
//! | diff | cost, model |
//! | equalise | diff |
//! | atlas | diff, model |
//! | gradient | model, tied |
//! | table | columns |
//! | link_calibration | calibrate, pairs |
//! | link_settings | link_calibration, pairs |
//! | share | link_settings, model, report |
//! | run_report | nothing |
//! | run | run_report |
//! | fixed | run |
//! | exit_sweep | exits, model, run |
//! | exit_search | exit_sweep, exits, model |
//! | live | run |
//! | mpc | fixed, live, run |
//! | ascend, replace, train, utilisation | nothing |
//! | adjust | train, utilisation |
//! | train_gap, trained | train |
//! | train_runs | train, trained |
//! | train_stages | train, train_runs, trained |
//! | training | train, train_stages |
//! | coarse, sweep | replace |
//! | criticality | coarse, replace |

#[cfg(test)]
mod activation_tests;
#[cfg(feature = "cli")]
mod adjust;
mod advice;
#[cfg(feature = "cli")]
mod ascend;
mod atlas;
mod calibrate;
mod cells;
mod claims;
mod clean;
mod coarse;
mod columns;
#[cfg(test)]
mod contract;
mod cost;
mod cost_table;
mod criticality;
mod design;
#[cfg(test)]
mod design_tests;
mod diff;
mod equalise;
mod exit_search;
mod exit_sweep;
mod exits;
mod explore;
mod fixed;
mod gated;
mod gradient;
mod lab;
mod link_calibration;
mod link_settings;
mod live;
mod masks;
mod model;
#[cfg(feature = "cli")]
mod mpc;
mod pairs;
mod pareto;
mod plan;
mod poly;
mod presets;
mod prices;
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
mod tied;
mod train;
mod train_gap;
mod train_runs;
mod train_stages;
mod trained;
mod training;
#[cfg(feature = "cli")]
mod utilisation;
mod what_if;

pub use crate::bench::{
    Arrays, Bins, BudgetUnit, ClassChange, Compared, CostChange, CostLine, Curve, DegreeError, Figures,
    Growth, LayerView, LayerWish, Operations, OwnFile, Planned, ReplaceLayer, ReplaceSettings, SideBySide,
};
pub use crate::cost::Gated;
pub use crate::cost::calibrate::{
    CALIBRATED, CalibrationReport, Coefficient, FitView, Measurement, OwnProfile, PROFILE_SCHEMA, Point,
    Provenance, Quantity, Rest, Skipped, When,
};
pub use crate::cost::{
    Activations, Adder, Ask, ByKind, ByStatus, ConstantView, Draft, Estimate, FaultMode, Line, Machine,
    Norms, NotSupported, Of, Ot, Phase, Replacement, Report, RowCost, SETTINGS, Setting, SettingView,
    SettingsView, Share, Status, StatusShare, Terms, Unpriced, Window, cost_of,
};
pub use crate::cost::{
    Adversary, Advised, Cause, CauseShare, Change, Delta, Detail, Difference, Effect, Faults, Finding,
    FindingOf, Homomorphic, Keep, Money, MoneyPart, Need, PhaseName, Refreshes, Stay, Trust, TrustModel,
    Trusted,
};
pub use crate::cost::{ExitCost, ExitHead, ExitPhase, Exits};
pub use crate::count::{Activation, Conv, Granularity, Kind, Row, Work};
pub use crate::design::{
    Block, Example, Head, Pool, Relus, Shortcut, Sizes, Spec, Stage as SpecStage, Stem, examples,
};
#[cfg(feature = "web")]
pub use crate::engines::{cpu::remote::opens_cpu, gpu::remote::opens_gpu};
pub use crate::error::{Code, Error, Place, Result};
pub use crate::lab::{Ascent, Certificate, Convex};
pub use crate::limits::MAX_FILES;
pub use crate::onnx::{LocalFile, Present, Progress, ReadAt};
pub use crate::onnx::{Piece, Spliced, SplicedFile};
pub use crate::open::{EngineKind, Given, RunOptions};
pub use crate::open::{NamedFile, Settings, model_among};
pub use crate::pareto::{Mark, best_at_budget, fewest_at_accuracy, front};
pub use crate::poly::{Fit, Histogram, Measured, Method, SignStage, Steps, Target};
pub use crate::rewrite::{PLAN_SCHEMA, Plan, PlanLayer, PlanMask};
pub use crate::run::ring::{Settings as FixedSettings, Truncation};
pub use crate::run::{
    accuracy::{Accuracy, Guess, wilson},
    session::{About, ready},
    tensor::{Data, Tensor},
};
#[cfg(feature = "cli")]
pub use adjust::{AdjustOfSeed, AdjustReport, AdjustRound, AdjustSettings, AdjustWatch, train_adjust};
pub use advice::{Advice, LeftOut};
#[cfg(feature = "cli")]
pub use ascend::{AscendClass, AscendReport, AscendSettings, ascend};
pub use atlas::{ATLAS_LINKS, Atlas, AtlasEntry, AtlasNetwork, PairCounts, atlas, atlas_csv};
pub use calibrate::{CalibrateSettings, Calibrated, calibrate, calibration, open_profile};
pub use cells::{CellMade, CellView, CellsSettings, CellsStart, cell_made, cells_start};
#[cfg(feature = "cli")]
pub use cells::{CellScore, CellsReport, cells};
pub use claims::{Claim, claims};
pub use clean::{CleanReport, clean};
pub use coarse::{CoarseSettings, Thin};
pub use cost::{compare_of, cost_card_of, cost_csv, links, protocols, settings};
pub use cost_table::{COST_FIELDS, CostTable, cost_table_of};
pub use criticality::{Criticality, StageCriticality};
pub use design::{design_onnx, design_pytorch, design_structure};
pub use diff::{Diff, DiffCost, DiffSide, DiffStage, StageCost, StageFigures, WholeCost, diff};
pub use equalise::{EqualiseReport, EqualiseSettings, RankBy, Solution, equalise, equalised_spec};
pub use exit_search::{ExitCandidate, ExitFound, ExitPolicy, ExitSearch, ExitSearchSettings, ExitUnit};
pub use exit_sweep::{ExitPoint, ExitSweep, Left, Seen};
pub use exits::{ExitPlace, ExitsReport};
pub use explore::{
    Constraint, ExploreReport, ExploreSettings, Explorer, FrontPoint, Objective, Sample, Sense, explore_csv,
    explored_spec, merge,
};
pub use fixed::{Agreement, FixedLayer, FixedReport, Outside};
pub use gated::GatedReport;
pub use gradient::{Gradient, OpenSet, PriceStep, TiedSet};
pub use lab::{AscentReport, NtkReport, ascent, ntk};
pub use link_settings::{ProfileChange, Sent};
pub use live::{Live, LiveLayer, LiveView};
pub use masks::plan_npz;
pub use model::{Model, Scored};
#[cfg(feature = "cli")]
pub use mpc::{MpcKind, MpcLayer, MpcReport, MpcRing, MpcSettings};
pub use pareto::{
    Axis, OwnPlaced, OwnPoint, ParetoReport, ParetoSettings, Placed, Published, ReluPrice, pareto_report,
    published, relu_price,
};
pub use poly::{PolyReport, PolySettings, polynomial};
pub use presets::{PresetView, preset, presets};
pub use probe::Probe;
pub use reluctant_train::cells::CellNode;
pub use replace::{BenchInfo, BenchLayer, MeasuredPlan, ReplaceReport, Workbench};
pub use run::{Outcome, RunRequest, RunSession, StatsScope, arrays, labels, npy_from, npz_from};
pub use run_report::{
    ActivationPort, ActivationReport, HistogramReport, LayerSeconds, RunInfo, RunPort, RunReport,
    StatsReport, SummaryReport, ValueReport,
};
pub use score::{
    Card, Coverage, Extent, Layer, LayerActivation, LayerStatus, ModelInfo, Origin, Port, Score, Stage,
    Symbol, Tally, Totals, UnknownNode, View, Weights,
};
pub use shapes::{Shapes, TypeView, ValueShape, shapes};
pub use share::{LinkDocument, LinkState, LinkView, Opened, open_link};
pub use sweep::{SWEEP_COLUMNS, SweepPoint};
pub use table::{csv, shape_text};
#[cfg(feature = "cli")]
pub use train::Picture;
pub use train::{
    ChosenOn, Torchvision, TrainData, TrainMethod, TrainNet, TrainProgress, TrainSettings, pytorch_folder,
};
pub use train_gap::{Gap, GapBudget, GapOfSeed, Instead, MaskFront, Selector, SelectorKept, train_gap};
pub use train_runs::{TrainWatch, Untrained, train, train_on};
pub use train_stages::{StageTrained, StagesRanked, StagesTrained, rank_stages, train_stages};
pub use trained::{Paired, TrainResult, Trained, TrainedBase, TrainedFile};
pub use training::{
    FolderAsk, GivenImages, HeldView, Taught, TrainedNumbers, TrainedPlan, TrainingAsk, TrainingNet,
    TrainingStart, TrainingView, training_arrays, training_file, training_folder, training_plan,
    training_start,
};
#[cfg(feature = "cli")]
pub use utilisation::{
    UtilisationOf, UtilisationReport, UtilisationSettings, UtilisationSite, utilisation,
    utilisation_of_example,
};
pub use what_if::{Effects, WhatIf, what_if_of};
