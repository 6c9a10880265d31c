//! Recognises files that are not ONNX models, and says what to do with each.
//!
//! Looks at the first bytes (magic numbers, text, the first fields of other protobuf formats);
//! the name's ending only chooses between hints.

use crate::error::{Code, Error, Result};

const EXPORT_TORCH: &str =
    "Export it in Python: torch.onnx.export(model.eval(), example_input, \"model.onnx\").";
const EXPORT_TF: &str = "Convert it: pip install tf2onnx, then python -m tf2onnx.convert --saved-model FOLDER --output model.onnx \
     (--graphdef FILE for a frozen graph, --tflite FILE for TFLite).";
const EXPORT_KERAS: &str =
    "Convert it in Python: model.export(\"model.onnx\", format=\"onnx\") (Keras 3), or with tf2onnx.";
const NOT_A_MODEL: &str = "Choose the .onnx file itself.";

/// An error when the first bytes (`head`, at least 4 KB where the file has them) are another format's.
pub(super) fn reject(name: &str, head: &[u8], file_bytes: u64) -> Result<()> {
    if file_bytes == 0 {
        return Err(Error::new(Code::EmptyFile, "the file is empty")
            .at(0)
            .hint("The download or the export did not finish: try it again."));
    }
    match by_magic(name, head, file_bytes).or_else(|| by_text(head)).or_else(|| by_fields(head)) {
        Some((what, hint)) => Err(not_onnx(format!("this is not an ONNX model but {what}"), hint)),
        None => Ok(()),
    }
}

/// Wraps the fault of a file in which nothing of a model was found.
pub(super) fn unknown(name: &str, fault: Error) -> Error {
    let hint = match ending(name).as_str() {
        "pb" => EXPORT_TF,
        "pt" | "pth" | "ckpt" | "bin" => EXPORT_TORCH,
        "mlmodel" => "This looks like a Core ML model: export the original network to ONNX instead.",
        "caffemodel" => "This looks like a Caffe model: export the original network to ONNX instead.",
        "pdmodel" | "pdiparams" => "This looks like a PaddlePaddle model: convert it with paddle2onnx.",
        _ => "If it should be one, download or export it again; onnx.checker.check_model says more.",
    };
    let mut error = not_onnx(format!("not an ONNX model ({})", fault.message), hint);
    error.place = fault.place;
    error
}

fn not_onnx(message: String, hint: &str) -> Error {
    Error::new(Code::NotOnnx, message).at(0).hint(hint)
}

fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default()
}

type Verdict = Option<(String, &'static str)>;

fn by_magic(name: &str, head: &[u8], file_bytes: u64) -> Verdict {
    let starts = |magic: &[u8]| head.starts_with(magic);
    let tag_at_4 = |magic: &[u8]| head.get(4..8) == Some(magic);
    let found: (&str, &'static str) = match () {
        () if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") => return Some(zip(name, head)),
        () if starts(b"\x80\x02") || starts(b"\x80\x03") || starts(b"\x80\x04") || starts(b"\x80\x05") => {
            ("a Python pickle (an old PyTorch checkpoint?)", EXPORT_TORCH)
        }
        () if starts(b"\x89HDF\r\n\x1a\n") => ("an HDF5 file (Keras weights?)", EXPORT_KERAS),
        () if tag_at_4(b"TFL3") => ("a TensorFlow Lite model", EXPORT_TF),
        () if tag_at_4(b"ORTM") => {
            ("a model in ONNX Runtime's own format (.ort)", "Take the .onnx file that it was made from.")
        }
        () if tag_at_4(b"ET12") => ("an ExecuTorch program", EXPORT_TORCH),
        () if starts(b"GGUF") => {
            ("a GGUF file (llama.cpp)", "Export the original network to ONNX, for example with Optimum.")
        }
        () if is_safetensors(head, file_bytes) => {
            ("a safetensors file: weights without a network", EXPORT_TORCH)
        }
        () if starts(b"\x93NUMPY") => ("a NumPy array", NOT_A_MODEL),
        () if starts(b"\x1f\x8b") || starts(b"\xfd7zXZ") || starts(b"\x28\xb5\x2f\xfd") || starts(b"BZh") => {
            ("a compressed file", "Unpack it and choose the .onnx file inside.")
        }
        () if starts(b"7z\xbc\xaf\x27\x1c") || starts(b"Rar!") || head.get(257..262) == Some(b"ustar") => {
            ("an archive", "Unpack it and choose the .onnx file inside.")
        }
        () if starts(b"\x89PNG") || starts(b"\xff\xd8\xff") || starts(b"GIF8") || starts(b"%PDF") => {
            ("a picture or a document", NOT_A_MODEL)
        }
        () if starts(b"\x7fELF") || starts(b"MZ\x90") => ("a program", NOT_A_MODEL),
        () if starts(b"ptrt") || starts(b"ftrt") => {
            ("a TensorRT engine", "Take the .onnx file that it was built from.")
        }
        () => return None,
    };
    Some((found.0.to_owned(), found.1))
}

/// A zip by its first entry: PyTorch, Keras, NumPy, or only packed.
fn zip(name: &str, head: &[u8]) -> (String, &'static str) {
    let has = |needle: &[u8]| head.windows(needle.len()).any(|w| w == needle);
    let (what, hint) = match ending(name).as_str() {
        "pt" | "pth" | "ckpt" | "bin" | "pt2" => ("a PyTorch checkpoint", EXPORT_TORCH),
        "keras" => ("a Keras model", EXPORT_KERAS),
        "npz" => ("NumPy arrays (.npz)", NOT_A_MODEL),
        _ if has(b"data.pkl") || has(b"/byteorder") => ("a PyTorch checkpoint", EXPORT_TORCH),
        _ if has(b".npy") => ("NumPy arrays (.npz)", NOT_A_MODEL),
        _ if has(b"model.weights.h5") => ("a Keras model", EXPORT_KERAS),
        _ => ("a zip archive", "Unpack it and choose the .onnx file inside."),
    };
    (what.to_owned(), hint)
}

/// Eight bytes of header length, then a JSON object of that length.
fn is_safetensors(head: &[u8], file_bytes: u64) -> bool {
    let Some((length, rest)) = head.split_first_chunk::<8>() else { return false };
    let length = u64::from_le_bytes(*length);
    rest.first() == Some(&b'{') && length.checked_add(8).is_some_and(|end| end <= file_bytes)
}

fn by_text(head: &[u8]) -> Verdict {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Some(("text (UTF-16)".to_owned(), NOT_A_MODEL));
    }
    // Tags and small lengths are control characters, so a model's first bytes never pass as text.
    let control = |b: &u8| *b == 0x7f || (*b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c));
    let cut = String::from_utf8_lossy(head.get(..512.min(head.len())).unwrap_or_default());
    let text = cut.trim_start();
    if head.iter().take(512).any(control) || cut.trim_end_matches('\u{fffd}').contains('\u{fffd}') {
        return None;
    }
    let starts = |s: &str| text.get(..s.len()).is_some_and(|t| t.eq_ignore_ascii_case(s));
    let (what, hint) = match () {
        () if starts("version https://git-lfs") => {
            ("a Git LFS pointer", "Run `git lfs pull`, or download the file from the repository's page.")
        }
        () if starts("<!doctype") || starts("<html") => {
            ("a web page", "The link led to a page about the model: use its download button.")
        }
        () if starts("<?xml") || starts("<net") => {
            ("XML (an OpenVINO model?)", "Take the .onnx file that it was converted from.")
        }
        () if starts("{") || starts("[") => ("JSON text", NOT_A_MODEL),
        () if text.contains("ir_version:") || text.contains("opset_import") => (
            "text that describes one",
            "Write it as binary: onnx.save(onnx.load(\"model.txt\", format=\"textproto\"), \"model.onnx\").",
        ),
        () if text.contains("layer {") || text.contains("node {") => {
            ("a network description as text (Caffe or TensorFlow?)", EXPORT_TF)
        }
        () => ("text", NOT_A_MODEL),
    };
    Some((what.to_owned(), hint))
}

/// Other protobuf formats, by their first fields. A model starts with `08`, its IR version.
fn by_fields(head: &[u8]) -> Verdict {
    match head {
        // GraphDef: field 1 is a NodeDef, whose first fields are its name and its op.
        [0x0a, rest @ ..] => {
            let node = after_varint(rest)?;
            let name = node.strip_prefix(b"\x0a")?;
            let (&length, after) = name.split_first()?;
            let op = after.get(usize::from(length)..)?;
            op.starts_with(b"\x12").then(|| ("a TensorFlow graph (GraphDef)".to_owned(), EXPORT_TF))
        }
        // SavedModel: schema version 1, then a MetaGraphDef that opens with its MetaInfoDef.
        [0x08, 0x01, 0x12, rest @ ..] => {
            let graph = after_varint(rest)?;
            let info = after_varint(graph.strip_prefix(b"\x0a")?)?;
            matches!(info.first(), Some(0x0a | 0x12 | 0x22 | 0x2a))
                .then(|| ("a TensorFlow SavedModel".to_owned(), EXPORT_TF))
        }
        // TensorProto: dims if any, then the data type as a number, where a model has its producer.
        [0x08 | 0x10, ..] => {
            let mut rest = head;
            while let Some(dim) = rest.strip_prefix(b"\x08") {
                rest = after_varint(dim)?;
            }
            rest.starts_with(b"\x10")
                .then(|| ("one ONNX tensor".to_owned(), "Choose the model.onnx beside its test data."))
        }
        _ => None,
    }
}

fn after_varint(bytes: &[u8]) -> Option<&[u8]> {
    let last = bytes.iter().take(10).position(|b| *b < 0x80)?;
    bytes.get(last + 1..)
}
