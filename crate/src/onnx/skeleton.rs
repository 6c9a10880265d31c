//! A model without its weights: every message, and where each large payload lies.
//!
//! [`open`] walks the file once and reads only what is not a weight: 200 KB of a 2.2 GB file.
//! What it promises of the result: the graph is there, IR version 3 or later, at least one
//! operator set; nothing more (names, types and shapes are the importer's matter).

use crate::error::{Code, Error, Result};

use super::kind;
use super::payload::Payload;
use super::schema::ModelProto;
use super::source::{Progress, ReadAt, Window};
use super::walk::Walk;
use prost::Message;

/// What [`open`] returns.
#[derive(Clone, Debug)]
pub(crate) struct Skeleton {
    /// The messages without large payloads, doc strings, and metadata below the model.
    pub(crate) model: ModelProto,
    /// Where the payloads are; `TensorProto.payload` and `AttributeProto.payload` index it.
    pub(crate) payloads: Vec<Payload>,
    /// Size of the model file.
    pub(crate) file_bytes: u64,
    /// Bytes that were really read of it.
    pub(crate) bytes_read: u64,
    /// Strings that were not UTF-8; each bad byte stands as U+FFFD and its two hex digits, so
    /// that different names stay different.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests hold it"))]
    pub(crate) lossy_strings: u64,
}

/// Opens a model without reading its weights. `name` is the file's name as the person knows it.
///
/// Errors carry code, file, byte offset and hint: `EmptyFile`, `NotOnnx`, `Truncated`,
/// `Malformed`, `LimitExceeded`, `UnsupportedVersion`, `Cancelled`, `Io`.
pub(crate) fn open(name: &str, source: &dyn ReadAt, progress: &mut Progress<'_>) -> Result<Skeleton> {
    let skeleton = read(name, source, progress).map_err(|e| e.file(name))?;
    // The last word: everything was seen; there is nothing left to stop.
    let _ = progress(skeleton.file_bytes, skeleton.file_bytes);
    Ok(skeleton)
}

fn read(name: &str, source: &dyn ReadAt, progress: &mut Progress<'_>) -> Result<Skeleton> {
    let mut window = Window::new(source, progress);
    kind::reject(name, window.peek()?, source.len())?;
    let mut walk = Walk::new(window);
    if let Err(e) = walk.model() {
        // Nothing of a model was seen before the fault: it never was one.
        let never = e.code == Code::Malformed && walk.model_fields == 0;
        return Err(if never { kind::unknown(name, e) } else { e });
    }
    let model = ModelProto::decode(walk.out.as_slice()).map_err(|e| {
        Error::new(Code::Malformed, format!("the messages do not decode: {e}"))
            .at(0)
            .hint("Download or export the model again.")
    })?;
    check(name, &model, source.len())?;
    Ok(Skeleton {
        model,
        payloads: walk.payloads,
        file_bytes: source.len(),
        bytes_read: walk.reader.window.bytes_read,
        lossy_strings: walk.lossy_strings,
    })
}

/// What every ONNX model has.
fn check(name: &str, model: &ModelProto, file_bytes: u64) -> Result<()> {
    let Some(graph) = &model.graph else {
        return Err(kind::unknown(name, Error::new(Code::NotOnnx, "it holds no graph").at(file_bytes)));
    };
    let version = match model.ir_version {
        Some(v) if v >= OLDEST_IR => None,
        Some(v) => Some(format!("IR version {v}; the oldest that is read is {OLDEST_IR} (ONNX 1.0)")),
        None => Some("the model does not say its IR version".into()),
    };
    if let Some(message) = version {
        return Err(Error::new(Code::UnsupportedVersion, message)
            .at(0)
            .hint("Convert it with onnx.version_converter, or export it again with a current exporter."));
    }
    if model.opset_import.is_empty() {
        let message = format!("the model names no operator set ({} nodes were read)", graph.node.len());
        return Err(Error::new(Code::UnsupportedVersion, message).at(file_bytes).hint(
            "The file may be cut short: download or export it again. Otherwise set opset_import to the version \
             that it was exported with.",
        ));
    }
    Ok(())
}

/// The first IR version with operator sets.
const OLDEST_IR: i64 = 3;
