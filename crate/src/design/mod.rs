//! Networks from specs: models without weights, built as PyTorch would export them.
//!
//! [`examples()`] lists what there is; [`build`] makes one, in the same form in which a file is
//! read, so that one path opens both. A [`Spec`] describes a network in a few numbers: [`model`] builds it,
//! [`count`] counts it without building.

mod cells;
mod closed;
mod digits;
mod emit;
pub mod equalise;
mod examples;
mod families;
mod layers;
mod mobile;
mod net;
mod plain;
mod presets;
mod pytorch;
mod rows;
mod sections;
mod space;
mod spec;
mod vit;

pub use cells::{Cell, CellNode, CellOp, cell_network, cell_relus};
pub use closed::{count, parts};
pub use digits::digits_cnn;
pub use emit::model;
pub use examples::{Example, build, examples, narrowed, spec_of};
pub use families::{CIFAR10, vgg16};
pub use families::{Images, hybrid};
pub use layers::{Op, layers};
pub use presets::presets;
pub use pytorch::module;
pub use rows::rows;
pub use sections::sections;
pub use space::{Choice, Space, Vary};
pub use spec::{Block, Head, Pool, Relus, Shortcut, Sizes, Spec, Stage, Stem};

#[cfg(test)]
mod tests;
#[cfg(test)]
pub use tests::closed::random_specs;
