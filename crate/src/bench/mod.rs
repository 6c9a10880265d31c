//! The bench on which plans are made: a model, its data, and a plan under trial (README.md has the words).
//!
//! Flows -> fits -> evidence -> choice -> draft -> changed: each stage is a value and a function that takes
//! what it needs. [`Bench`] holds files, samples and what they told before; asked before or fresh, it answers
//! alike. A trial splices a [`Draft`]; names, hash and masks as text are for plan files.
//!
//! Statistics of what flows into each activation come from a run of the model on data; without
//! data a standard normal law stands in, and a note says so. Replacements are fitted a layer at a
//! time, each on what arrives there once the layers before it are replaced, unless that is turned off.
//!
//! | file | what |
//! |---|---|
//! | wish, question | what is asked; the same held against the model |
//! | network, samples | the model's files and graph; what a person gave |
//! | meter, run | progress; runs of the model and of changed ones |
//! | flow, fit | what arrives at activations; polynomials for it |
//! | evidence, budget, choice | what policies ask for; what stays may cost; what stays |
//! | draft | what becomes of each activation, and the changed model |
//! | made, plan | figures of a draft; its file |
//! | compare, cost, measure, view | what a draft does to outputs, to costs, layer by layer, to one activation |
//! | numbers | whether a changed model gives NaN or infinity |
//! | cache, bench | what was told before; the bench |
//!
//! Lower lines import upper ones, as the table says that `tests/layering` reads:
//!
//! | file | may import |
//! |---|---|
//! | wish, meter, samples | nothing; free for all |
//! | compare, cost | nothing |
//! | network | nothing |
//! | run | network |
//! | flow | run |
//! | fit | flow |
//! | question | fit, network |
//! | draft | fit, network |
//! | budget | cost, fit |
//! | evidence | compare, draft, fit, run |
//! | choice | compare, draft, fit, flow, question, run |
//! | plan | draft, fit, network, question |
//! | made | draft, network, plan, question |
//! | measure | compare, run |
//! | numbers | run |
//! | view | fit, flow, network, question |
//! | cache | fit, flow, made, network |
//! | bench | all |

#[allow(clippy::module_inception, reason = "the folder's name is the thing's")]
mod bench;
mod budget;
mod cache;
mod choice;
mod compare;
mod cost;
mod draft;
mod evidence;
mod fit;
mod flow;
mod made;
mod measure;
mod meter;
mod network;
mod numbers;
mod plan;
mod question;
mod run;
mod samples;
mod view;
mod wish;

pub use bench::Bench;
pub use compare::{ClassChange, Compared};
pub use cost::{CostChange, CostLine};
pub use draft::Draft;
pub use made::{Figures, Made, Planned, ReplaceLayer};
pub use measure::{Growth, SideBySide};
pub use meter::Meter;
pub use network::{Network, OwnFile};
pub use plan::{drops_outputs, held, names_others};
pub use question::Question;
pub use samples::Arrays;
pub use view::{Bins, Curve, DegreeError, LayerView, Operations, view};
pub use wish::{BudgetUnit, LayerWish, ReplaceSettings};
