//! Verbs: plain structs in, plain structs out. The two faces (wasm, command line) and the tests import this only.

mod score;
mod shapes;

pub use crate::error::{Code, Error, Place, Result};
pub use crate::onnx::{LocalFile, Progress, ReadAt};
pub use score::*;
pub use shapes::{Shapes, TypeView, ValueShape, shapes};
