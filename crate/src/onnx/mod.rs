//! Bytes to messages: opens a model without its weights and says where they are.
//!
//! `source` reads anywhere in a file, `kind` recognises what is not ONNX, `wire` reads protobuf,
//! `walk` goes over the messages (`fields` is its table), `skeleton` joins them and says by
//! `payload` what it left where, `external` finds weights that lie beside the model.

mod external;
mod fields;
mod inline;
mod kind;
mod payload;
#[allow(missing_docs, unreachable_pub, clippy::all)]
mod schema;
mod skeleton;
mod source;
mod splice;
mod walk;
mod wire;

#[cfg(test)]
mod tests;

pub use external::Present;
pub(crate) use external::{ExternalData, Found, external, is_inside, resolve};
pub use inline::inline;
pub(crate) use payload::Payload;
pub(crate) use schema::*;
pub(crate) use skeleton::open;
pub use source::{LocalFile, Progress, ReadAt};
pub(crate) use splice::{Edits, ModelEdits, NewNode, NodeEdit, splice};
pub use splice::{Piece, Spliced, SplicedFile};
