//! Bytes to messages: opens a model without its weights and says where they are.
//!
//! `source` reads anywhere in a file, `kind` recognises what is not ONNX, `wire` reads protobuf,
//! `walk` goes over the messages (`fields` is its table), `skeleton` joins them, `external` finds
//! weights that lie beside the model.

mod external;
mod fields;
#[cfg(feature = "run")]
mod inline;
mod kind;
#[allow(missing_docs, unreachable_pub, clippy::all)]
mod schema;
mod skeleton;
mod source;
#[cfg(feature = "all")]
mod splice;
mod walk;
mod wire;

#[cfg(test)]
mod tests;

pub use external::Present;
pub(crate) use external::{ExternalData, Found, external, resolve};
#[cfg(feature = "run")]
pub use inline::inline;
pub(crate) use schema::*;
pub(crate) use skeleton::{Payload, open};
pub use source::{LocalFile, Progress, ReadAt};
#[cfg(feature = "all")]
pub(crate) use splice::{Edits, ModelEdits, NewNode, NodeEdit, splice};
#[cfg(feature = "all")]
pub use splice::{Piece, Spliced, SplicedFile};
