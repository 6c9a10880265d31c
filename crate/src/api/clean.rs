//! `clean`: an export without what trained it. `reluctant.clean/1`; field names are a contract: add, never rename.

use serde::Serialize;

use crate::error::Result;
use crate::onnx::{Progress, Spliced};
use crate::open::{NamedFile, Opened, Settings, shaped};
use crate::rewrite;

/// What went, and what was left.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CleanReport {
    /// Always `reluctant.clean/1`.
    pub schema: &'static str,
    /// Name of the file.
    pub model: String,
    /// Results of sums S - T + T, which are S.
    pub sums: Vec<String>,
    /// Nodes of the main graph before.
    pub nodes_before: usize,
    /// Nodes of it that stay.
    pub nodes_after: usize,
    /// Stored tensors that went.
    pub tensors: usize,
    /// Size of the changed file.
    pub bytes: u64,
}

/// Takes out of a file what nobody reads and the sums that cancel.
///
/// # Errors
/// As opening; `InvalidSetting` for a setting that does not fit; `NotSupported` where the changed file would be refused.
pub fn clean(
    file: &NamedFile<'_>,
    settings: &Settings,
    progress: &mut Progress<'_>,
) -> Result<(Spliced, CleanReport)> {
    let Opened { proto, graph, name, .. } = Opened::file(file, progress)?;
    let (graph, _) = shaped(graph, settings)?;
    let (spliced, cleaned) = rewrite::clean(file.bytes, &proto, &graph, progress)?;
    let report = CleanReport {
        schema: "reluctant.clean/1",
        model: name,
        sums: cleaned.sums,
        nodes_before: cleaned.before,
        nodes_after: cleaned.after,
        tensors: cleaned.tensors,
        bytes: spliced.bytes,
    };
    Ok((spliced, report))
}
