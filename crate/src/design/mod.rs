//! Networks from specs: models without weights, built as PyTorch would export them.
//!
//! [`examples()`] lists what there is; [`build`] makes one, in the same form in which a file is
//! read, so that one path opens both. [`ResNetSpec`] makes residual networks of any size.

#[cfg(feature = "cli")]
mod digits;
mod examples;
mod families;
mod mobile;
mod net;
mod plain;
mod resnet;
mod vit;

#[cfg(feature = "cli")]
pub use digits::digits_cnn;
pub use examples::{Example, build, examples, narrowed};
#[allow(unused_imports)] // the verbs that take a spec name its parts
pub use resnet::{Block, Relus, ResNetSpec, Stage, Stem};

#[cfg(test)]
mod tests;
