//! A plan file is carried out: `reluctant replace --apply`.

use crate::error::Result;
use crate::onnx::{Progress, Spliced};
use crate::open::{NamedFile, Opened, Settings, shaped};
use crate::rewrite::Plan;
use crate::select::activations;

impl Plan {
    /// The changed model.
    ///
    /// # Errors
    /// `InvalidSetting` where the plan is for another model; as reading and writing.
    pub fn apply(
        &self,
        file: &NamedFile<'_>,
        settings: &Settings,
        progress: &mut Progress<'_>,
    ) -> Result<Spliced> {
        let Opened { proto, graph, .. } = Opened::file(file, progress)?;
        let (graph, _) = shaped(graph, settings)?;
        self.splice(file.bytes, &proto, &graph, &activations(&graph), progress)
    }
}
