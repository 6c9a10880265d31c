//! Opening a model: a file or an example's spec becomes messages and a graph, settings give its values
//! shapes, and files become a session that runs. Everything that needs a model opens it here.
//!
//! | file | what |
//! |---|---|
//! | settings | what a person may set: shapes and symbols |
//! | model | messages and graph; binding and shaping |
//! | session | weights and engine; arrays as inputs |

mod model;
mod session;
mod settings;

pub use model::kept;
pub use model::{NamedFile, Opened, model_among, shaped};
pub use session::{EngineKind, Given, RunOptions, given, is_label, session, set_values};
pub use settings::Settings;
